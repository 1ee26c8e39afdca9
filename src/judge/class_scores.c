/* Scores of a model of classes, from its rows one by one:
 *
 *   accuracy           the share of rows whose class is named right
 *   precision, recall  of a class: right among those named so, right among its rows; f1 is their harmonic
 *                      mean, 2 right / (rows + named)
 *   balanced_accuracy, macro_f1   the means of recall and of f1 over the classes that have them
 *   log_loss           the mean of -log(probability of the true class)
 *   brier              the mean square of probability minus truth (Brier 1950)
 *   calibration_error  sum over bins of |mean probability - share that came true| by rows (Naeini, Cooper and
 *                      Hauskrecht 2015)
 *   auc                roc.c
 *
 * Those with probabilities are there where the loss gives some. Memory: 16 bytes for each row of a table of two
 * classes; of more as much for each class, up to ND_LIMIT_ROC_CELLS of them. */
#include <string.h>

#include "base/limits.h"
#include "base/ranks.h"
#include "judge/class_scores_internal.h"

enum { MOST_CURVES = 64 };

/* ---- rows ---- */

static bool gives_probability(const nd_model *model) {
  return model->target_kind == ND_TARGET_CLASS || model->loss.link == ND_LINK_LOGIT;
}

void nd_class_sums_merge(nd_class_sums *into, const nd_class_sums *more) {
  into->log_loss += more->log_loss;
  into->brier += more->brier;
  for (size_t i = 0; i < ND_CALIBRATION_BINS; i++) {
    into->said[i] += more->said[i];
    into->came[i] += more->came[i];
    into->rows[i] += more->rows[i];
  }
}

/* Of two classes one curve says it all. */
static size_t count_curves(const nd_table *table, size_t classes) {
  if (classes == 2) return 1;
  bool few = classes <= MOST_CURVES && nd_table_rows(table) <= ND_LIMIT_ROC_CELLS / classes;
  return few ? classes : 0;
}

static nadir_status plan_curves(nd_class_tally *t, size_t classes, nadir_error *error) {
  size_t rows;
  if (!nd_multiply(t->chunks, t->room, &rows)) rows = SIZE_MAX;
  t->ranking = nd_new(t->curves, sizeof *t->ranking, error);
  if (!t->ranking) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < t->curves; i++)
    if (!(t->ranking[i].row = nd_new(rows, sizeof(nd_ranked), error))) return NADIR_NO_MEMORY;
  for (size_t k = classes - t->curves; k < classes; k++)
    if (!(t->scores->class_score[k].roc_point =
              nd_new(ND_ROC_POINTS, sizeof(nadir_roc_point), error)))
      return NADIR_NO_MEMORY;
  return NADIR_OK;
}

nadir_status nd_class_tally_new(nd_class_tally *t, const nd_model *model, const nd_table *table,
                                nadir_scores *scores, nadir_error *error) {
  size_t classes = model->class_count;
  *t = (nd_class_tally){.model = model,
                        .scores = scores,
                        .chunks = nd_table_chunks(table),
                        .room = nd_table_room(table),
                        .curves = count_curves(table, classes)};
  t->count = nd_new(t->chunks, sizeof *t->count, error);
  scores->confusion = nd_new(classes * classes, sizeof *scores->confusion, error);
  scores->class_score = nd_new(classes, sizeof *scores->class_score, error);
  scores->bin = nd_new(ND_CALIBRATION_BINS, sizeof *scores->bin, error);
  bool made = t->count && scores->confusion && scores->class_score && scores->bin;
  return made ? plan_curves(t, classes, error) : NADIR_NO_MEMORY;
}

void nd_class_tally_clear(nd_class_tally *t) {
  for (size_t i = 0; i < t->curves && t->ranking; i++)
    nd_free(t->ranking[i].row);
  nd_free(t->ranking);
  nd_free(t->count);
}

static double softplus(double x) {
  return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static double row_log_loss(const nd_class_tally *t, const nd_model_rows *rows, size_t r,
                           size_t truth) {
  if (t->model->target_kind == ND_TARGET_TRUTH)
    return softplus(truth ? -rows->output[r] : rows->output[r]);
  double most = -HUGE_VAL, sum = 0;
  for (size_t k = 0; k < t->model->class_count; k++)
    most = fmax(most, rows->eta[k][r]);
  for (size_t k = 0; k < t->model->class_count; k++)
    sum += exp(rows->eta[k][r] - most);
  return most + log(sum) - rows->eta[truth][r];
}

/* (i/10, (i+1)/10] is bin i, and 0 in the first. */
static size_t bin_of(double probability) {
  size_t i = 0;
  while (i + 1 < ND_CALIBRATION_BINS && probability > (double)(i + 1) / ND_CALIBRATION_BINS)
    i++;
  return i;
}

static void add_to_bin(nd_class_sums *sums, double probability, bool came) {
  size_t i = bin_of(probability);
  sums->rows[i]++;
  sums->said[i] += probability;
  sums->came[i] += came;
}

/* The answers are the probabilities of all classes, or that of the second of two. */
static void add_probabilities(const nd_class_tally *t, nd_class_sums *sums, const double *p,
                              size_t truth, size_t said) {
  size_t classes = t->model->class_count, answers = nd_model_answers(t->model);
  if (classes == 2) {
    double second = p[answers - 1], off = second - (double)truth;
    sums->brier += off * off;
    add_to_bin(sums, second, truth == 1);
    return;
  }
  for (size_t k = 0; k < classes; k++)
    sums->brier += (p[k] - (k == truth)) * (p[k] - (k == truth));
  add_to_bin(sums, p[said], truth == said);
}

/* Of two classes by f, or the difference of the two, which has more digits than a probability close to 1. */
static void add_ranks(nd_class_tally *t, const double *answers, const nd_model_rows *rows, size_t r,
                      size_t truth, size_t chunk) {
  bool softmax = t->model->target_kind == ND_TARGET_CLASS, two = t->model->class_count == 2;
  size_t at = chunk * t->room + t->count[chunk]++;
  for (size_t k = 0; k < t->curves; k++) {
    double score = !two      ? answers[k]
                   : softmax ? rows->eta[1][r] - rows->eta[0][r]
                             : rows->output[r];
    t->ranking[k].row[at] = (nd_ranked){score, truth == (two ? 1 : k)};
  }
}

size_t nd_class_tally_add(nd_class_tally *t, nd_class_sums *sums, double *answers,
                          const nd_model_rows *rows, size_t r, size_t chunk) {
  size_t classes = t->model->class_count, said = nd_model_best_class(t->model, rows, r);
  size_t truth = nd_model_class(t->model, rows, r);
  if (gives_probability(t->model)) {
    sums->log_loss += row_log_loss(t, rows, r, truth);
    nd_model_answer(t->model, rows, r, answers);
    add_probabilities(t, sums, answers, truth, said);
  }
  add_ranks(t, answers, rows, r, truth, chunk);
  return truth * classes + said;
}

/* ---- the end ---- */

void nd_put_metric(nadir_scores *scores, nadir_measure measure, double value) {
  scores->metric[scores->metrics++] = (nadir_metric){measure, value};
}

/* NaN where `all` is 0. */
static double share(double part, uint64_t all) {
  return all ? part / (double)all : (double)NAN;
}

static void score_class(const nadir_scores *scores, size_t classes, size_t k) {
  nadir_class_score *it = &scores->class_score[k];
  for (size_t j = 0; j < classes; j++) {
    it->rows += scores->confusion[k * classes + j];
    it->predicted += scores->confusion[j * classes + k];
  }
  double right = (double)scores->confusion[k * classes + k];
  it->precision = share(right, it->predicted);
  it->recall = share(right, it->rows);
  it->f1 = share(2 * right, it->rows + it->predicted);
}

static void put_class_means(const nd_class_tally *t) {
  size_t classes = t->model->class_count;
  uint64_t recalls = 0, f1s = 0;
  double right = 0, recall = 0, f1 = 0;
  for (size_t k = 0; k < classes; k++) {
    const nadir_class_score *it = &t->scores->class_score[k];
    right += (double)t->scores->confusion[k * classes + k];
    if (it->rows) recall += it->recall;
    if (it->rows + it->predicted) f1 += it->f1;
    recalls += it->rows > 0;
    f1s += it->rows + it->predicted > 0;
  }
  nd_put_metric(t->scores, NADIR_ACCURACY, share(right, t->scores->rows));
  nd_put_metric(t->scores, NADIR_BALANCED_ACCURACY, share(recall, recalls));
  nd_put_metric(t->scores, NADIR_MACRO_F1, share(f1, f1s));
}

static double fill_bins(const nd_class_tally *t, const nd_class_sums *sums) {
  double off = 0;
  t->scores->bins = ND_CALIBRATION_BINS;
  for (size_t i = 0; i < ND_CALIBRATION_BINS; i++) {
    nadir_calibration_bin *bin = &t->scores->bin[i];
    bin->from = (double)i / ND_CALIBRATION_BINS;
    bin->to = (double)(i + 1) / ND_CALIBRATION_BINS;
    bin->rows = sums->rows[i];
    bin->probability = share(sums->said[i], bin->rows);
    bin->share = share((double)sums->came[i], bin->rows);
    off += fabs(sums->said[i] - (double)sums->came[i]);
  }
  return off / (double)t->scores->rows;
}

/* A threshold of the logit is one of the probability. */
static void give_probabilities(nadir_class_score *score) {
  for (size_t i = 1; i < score->roc_points; i++)
    score->roc_point[i].threshold = 1 / (1 + exp(-score->roc_point[i].threshold));
}

static double draw_curves(nd_class_tally *t) {
  size_t classes = t->model->class_count, areas = 0;
  double sum = 0;
  nadir_class_score *score = t->scores->class_score;
  for (size_t k = 0; k < classes; k++)
    score[k].auc = (double)NAN;
  for (size_t i = 0; i < t->curves; i++) {
    size_t k = classes - t->curves + i;
    nd_roc(&t->ranking[i], &score[k]);
    if (isnan(score[k].auc)) continue;
    sum += score[k].auc;
    areas++;
  }
  if (classes == 2) score[0].auc = score[1].auc;
  if (classes == 2 && gives_probability(t->model)) give_probabilities(&score[1]);
  return share(sum, areas);
}

/* The rows of all chunks one after the other. */
static void close_gaps(const nd_class_tally *t, nd_ranking *ranking) {
  for (size_t c = 0; c < t->chunks; c++) {
    memmove(ranking->row + ranking->count, ranking->row + c * t->room,
            t->count[c] * sizeof *ranking->row);
    ranking->count += t->count[c];
  }
}

static nadir_status gather_curves(nd_class_tally *t, nd_ranks *ranks, nadir_error *error) {
  size_t bytes = t->room * sizeof(nd_ranked);
  ND_TRY(nd_ranks_fill(ranks, t->count, t->chunks, sizeof *t->count, error));
  for (size_t i = 0; i < t->curves; i++) {
    ND_TRY(nd_ranks_fill(ranks, t->ranking[i].row, t->chunks, bytes, error));
    close_gaps(t, &t->ranking[i]);
  }
  return NADIR_OK;
}

nadir_status nd_class_tally_end(nd_class_tally *t, const nd_class_sums *sums, nd_ranks *ranks,
                                nadir_error *error) {
  size_t classes = t->model->class_count;
  ND_TRY(gather_curves(t, ranks, error));
  for (size_t k = 0; k < classes; k++)
    score_class(t->scores, classes, k);
  put_class_means(t);
  if (gives_probability(t->model)) {
    nd_put_metric(t->scores, NADIR_LOG_LOSS, share(sums->log_loss, t->scores->rows));
    nd_put_metric(t->scores, NADIR_BRIER, share(sums->brier, t->scores->rows));
    nd_put_metric(t->scores, NADIR_CALIBRATION_ERROR, fill_bins(t, sums));
  }
  nd_put_metric(t->scores, NADIR_AUC, draw_curves(t));
  return NADIR_OK;
}
