/* The ROC curve of a class against all others, and the area under it: the chance that a row of the class scores
 * above one of the others, ties half (the rank statistic of Mann and Whitney 1947), exactly. Costs a sort. */
#include <stdlib.h>

#include "judge/class_scores_internal.h"

static int by_score(const void *a, const void *b) {
  double x = ((const nd_ranked *)a)->score, y = ((const nd_ranked *)b)->score;
  return (x > y) - (x < y);
}

/* Of rows in order, `second` of them of the class. */
static double area(const nd_ranked *ranked, size_t count, double first, double second) {
  double ranks = 0;
  for (size_t i = 0, j; i < count; i = j) {
    for (j = i; j < count && ranked[j].score == ranked[i].score;)
      j++;
    double rank = 0.5 * (double)(i + 1 + j); /* the mean of ranks i+1 .. j */
    for (size_t k = i; k < j; k++)
      ranks += ranked[k].second ? rank : 0;
  }
  return (ranks - second * (second + 1) / 2) / (first * second);
}

/* From the highest score down; a point where the way since the last one, along both axes, is a step or more. */
static void trace_curve(const nd_ranked *ranked, size_t count, double first, double second,
                        nadir_class_score *to) {
  double falses = 0, trues = 0, last = 0;
  to->roc_point[to->roc_points++] = (nadir_roc_point){0, 0, HUGE_VAL};
  for (size_t i = count; i > 0;) {
    double score = ranked[i - 1].score;
    for (; i > 0 && ranked[i - 1].score == score; i--) {
      trues += ranked[i - 1].second;
      falses += !ranked[i - 1].second;
    }
    nadir_roc_point point = {falses / first, trues / second, score};
    double way = point.false_positive + point.true_positive;
    if (i > 0 && way - last < 1.0 / ND_ROC_STEPS) continue;
    last = way;
    to->roc_point[to->roc_points++] = point;
  }
}

void nd_roc(const nd_ranking *ranking, nadir_class_score *score) {
  size_t count = ranking->count;
  double second = 0;
  qsort(ranking->row, count, sizeof *ranking->row, by_score);
  for (size_t i = 0; i < count; i++)
    second += ranking->row[i].second;
  double first = (double)count - second;
  score->auc = (double)NAN;
  if (first == 0 || second == 0) return;
  trace_curve(ranking->row, count, first, second, score);
  score->auc = area(ranking->row, count, first, second);
}
