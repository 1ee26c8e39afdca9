/* Scores of a model on a table, over the rows that have a target and all that the model needs:
 *
 *   loss           the weighted mean of the model's loss, in the table's units, without penalty
 *   rmse, mae, r2  of a number: root of the mean square, mean absolute residual, 1 - RSS/TSS
 *   accuracy       of classes: the share of rows whose class is named right
 *   log_loss       the mean of -log(probability of the true class), where there are probabilities
 *   auc            of two classes: the chance that a row of the second scores above one of the
 *                  first, ties half (the rank statistic of Mann and Whitney 1947), exactly
 *
 * Rows of a class that the model never saw count as dropped, with a warning that names the classes.
 * Costs one pass; memory 16 bytes a row for auc alone. */
#include <stdlib.h>
#include <string.h>

#include "base/dense.h"
#include "judge/metrics.h"

typedef struct ranked {
  double score;
  bool second;
} ranked;

/* Scores with what they point to. */
typedef struct scores_box {
  nadir_scores scores; /* first: the caller's pointer is the box's */
  nadir_classes classes;
  nd_arena *arena;
} scores_box;

enum { MOST_STRANGERS = 8 }; /* classes named in the warning */

/* Classes that the model does not know, and their rows; texts is NULL where the target is none. */
typedef struct strangers {
  nd_request request;
  nd_scratch *scratch;
  char *name[MOST_STRANGERS];
  uint64_t count[MOST_STRANGERS], all;
  size_t names;
} strangers;

typedef struct tally {
  strangers strangers;
  const nd_model *model;
  nadir_scores *scores;
  double loss, weight, log_loss;
  nd_moments target;
  double absolute, square;
  uint64_t right;
  ranked *ranked;
  size_t ranked_count, ranked_capacity;
} tally;

/* ---- rows ---- */

static double softplus(double x) {
  return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static void add_number(tally *t, double target, double output) {
  double residual = target - output;
  nd_moments_add(&t->target, target, 1);
  t->absolute += fabs(residual);
  t->square += residual * residual;
}

static double row_log_loss(const tally *t, const nd_model_rows *rows, size_t r, size_t truth) {
  if (t->model->target_kind == ND_TARGET_TRUTH)
    return softplus(truth ? -rows->output[r] : rows->output[r]);
  double most = -HUGE_VAL, sum = 0;
  for (size_t k = 0; k < t->model->class_count; k++)
    most = fmax(most, rows->eta[k][r]);
  for (size_t k = 0; k < t->model->class_count; k++)
    sum += exp(rows->eta[k][r] - most);
  return most + log(sum) - rows->eta[truth][r];
}

static nadir_status add_class(tally *t, const nd_model_rows *rows, size_t r, nadir_error *error) {
  bool two = t->model->class_count == 2, softmax = t->model->target_kind == ND_TARGET_CLASS;
  size_t truth = softmax ? (size_t)rows->target[r] : rows->target[r] > 0,
         said = nd_model_best_class(t->model, rows, r);
  t->scores->confusion[truth * t->model->class_count + said]++;
  t->right += truth == said;
  t->log_loss += row_log_loss(t, rows, r, truth);
  if (!two) return NADIR_OK;
  ND_TRY(nd_grow(&t->ranked, &t->ranked_capacity, t->ranked_count + 1, sizeof *t->ranked, error));
  double score = softmax ? rows->eta[1][r] - rows->eta[0][r] : rows->output[r];
  t->ranked[t->ranked_count++] = (ranked){score, truth == 1};
  return NADIR_OK;
}

static nadir_status add_row(tally *t, const nd_model_rows *rows, size_t r, nadir_error *error) {
  double weight = rows->weight ? rows->weight[r] : 1;
  t->scores->rows++;
  t->loss += weight * rows->loss[r];
  t->weight += weight;
  if (t->model->target_kind != ND_TARGET_REAL) return add_class(t, rows, r, error);
  add_number(t, rows->target[r], nd_loss_answer(&t->model->loss, rows->output[r]));
  return NADIR_OK;
}

/* ---- classes that the model does not know ---- */

static void free_strangers(strangers *s) {
  nd_scratch_free(s->scratch);
  nd_free((void *)s->request.texts);
  for (size_t i = 0; i < s->names; i++)
    nd_free(s->name[i]);
}

static nadir_status look_for_strangers(strangers *s, const nd_model *model, const nd_table *table,
                                       nadir_error *error) {
  const char *column = nd_model_text_target(model);
  ptrdiff_t hint;
  if (column == NULL) return NADIR_OK;
  s->request.kind = ND_AS_TEXT;
  if (!nd_table_find(table, column, &s->request.column, &s->request.element, &hint))
    return NADIR_OK;
  s->request.texts = nd_new(nd_table_room(table), sizeof *s->request.texts, error);
  return s->request.texts == NULL ? NADIR_NO_MEMORY : nd_scratch_new(&s->scratch, table, error);
}

/* Blanks around a text do not count, as in comparisons. */
static bool is_same_text(const char *a, const char *b) {
  a += strspn(a, " ");
  b += strspn(b, " ");
  size_t length = strlen(a), other = strlen(b);
  while (length > 0 && a[length - 1] == ' ')
    length--;
  while (other > 0 && b[other - 1] == ' ')
    other--;
  return length == other && memcmp(a, b, length) == 0;
}

static bool is_stranger(const tally *t, const nd_model_rows *rows, size_t r) {
  if (t->strangers.request.texts == NULL || t->strangers.request.texts[r] == NULL) return false;
  if (t->model->target_kind == ND_TARGET_CLASS) return isnan(rows->target[r]);
  return !(rows->target[r] > 0) &&
         !is_same_text(t->strangers.request.texts[r], t->model->classes[0]);
}

static nadir_status count_stranger(strangers *s, const char *name, nadir_error *error) {
  s->all++;
  for (size_t i = 0; i < s->names; i++) {
    if (!is_same_text(s->name[i], name)) continue;
    s->count[i]++;
    return NADIR_OK;
  }
  if (s->names == MOST_STRANGERS) return NADIR_OK;
  s->name[s->names] = nd_copy_text(name, strlen(name), error);
  if (s->name[s->names] == NULL) return NADIR_NO_MEMORY;
  s->count[s->names++] = 1;
  return NADIR_OK;
}

static nadir_status warn_of_strangers(const strangers *s, nd_teller *teller, nadir_error *error) {
  if (s->all == 0) return NADIR_OK;
  return nd_warn(teller,
                 &(nadir_warning){.kind = NADIR_WARN_UNKNOWN_CLASSES,
                                  .names = s->names,
                                  .name = (const char *const *)s->name,
                                  .of_name = s->count,
                                  .count = s->all},
                 error);
}

/* ---- the end ---- */

static int by_score(const void *a, const void *b) {
  double x = ((const ranked *)a)->score, y = ((const ranked *)b)->score;
  return (x > y) - (x < y);
}

static double area_under_curve(tally *t) {
  double ranks = 0, second = 0, first = 0;
  if (t->ranked_count) qsort(t->ranked, t->ranked_count, sizeof *t->ranked, by_score);
  for (size_t i = 0, j; i < t->ranked_count; i = j) {
    for (j = i; j < t->ranked_count && t->ranked[j].score == t->ranked[i].score;)
      j++;
    double rank = 0.5 * (double)(i + 1 + j); /* the mean of ranks i+1 .. j */
    for (size_t k = i; k < j; k++) {
      ranks += t->ranked[k].second ? rank : 0;
      second += t->ranked[k].second;
      first += !t->ranked[k].second;
    }
  }
  return (ranks - second * (second + 1) / 2) / (first * second); /* NaN where a class is absent */
}

static void put(tally *t, nadir_measure measure, double value) {
  t->scores->metric[t->scores->metrics++] = (nadir_metric){measure, value};
}

static void put_metrics(tally *t) {
  double rows = (double)t->scores->rows;
  put(t, NADIR_LOSS, t->loss / t->weight);
  if (t->model->target_kind == ND_TARGET_REAL) {
    put(t, NADIR_RMSE, sqrt(t->square / rows));
    put(t, NADIR_MAE, t->absolute / rows);
    double spread = ldexp(t->target.m2, 2 * t->target.exponent);
    put(t, NADIR_R2, spread > 0 ? 1 - t->square / spread : (double)NAN);
    return;
  }
  put(t, NADIR_ACCURACY, (double)t->right / rows);
  bool probability =
      t->model->target_kind == ND_TARGET_CLASS || t->model->loss.link == ND_LINK_LOGIT;
  if (probability) put(t, NADIR_LOG_LOSS, t->log_loss / rows);
  if (t->model->class_count == 2) put(t, NADIR_AUC, area_under_curve(t));
}

static nadir_status take_memory(tally *t, nadir_error *error) {
  nadir_scores *scores = t->scores;
  size_t classes = t->model->class_count;
  scores->metric = nd_new(8, sizeof *scores->metric, error);
  if (!scores->metric) return NADIR_NO_MEMORY;
  if (t->model->target_kind == ND_TARGET_REAL) return NADIR_OK;
  scores->confusion = nd_new(classes * classes, sizeof *scores->confusion, error);
  return scores->confusion ? NADIR_OK : NADIR_NO_MEMORY;
}

/* The model's, which may not last as long as the scores; NULL: none. */
static nadir_status take_classes(scores_box *box, const nadir_classes *classes,
                                 nadir_error *error) {
  if (!classes) return NADIR_OK;
  ND_TRY(nd_arena_new(&box->arena, error));
  const char **name = nd_arena_take(box->arena, classes->count * sizeof *name, error);
  if (!name) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < classes->count; i++)
    if (!(name[i] =
              nd_arena_text(box->arena, classes->name[i], strlen(classes->name[i]), error)))
      return NADIR_NO_MEMORY;
  box->classes = *classes;
  box->classes.name = name;
  box->classes.one = classes->one ? name[1] : NULL;
  box->classes.target = nd_arena_text(box->arena, classes->target, strlen(classes->target), error);
  box->scores.classes = &box->classes;
  return box->classes.target ? NADIR_OK : NADIR_NO_MEMORY;
}

static nadir_status score_rows(tally *t, const nd_model_rows *rows, nadir_error *error) {
  for (size_t r = 0; r < rows->rows; r++) {
    bool stranger = rows->kept[r] == 1 && is_stranger(t, rows, r);
    bool known = rows->kept[r] == 1 && !stranger && !isnan(rows->target[r]);
    t->scores->dropped += !known;
    if (known) ND_TRY(add_row(t, rows, r, error));
    if (stranger) ND_TRY(count_stranger(&t->strangers, t->strangers.request.texts[r], error));
  }
  return NADIR_OK;
}

static nadir_status score_table(tally *t, nd_model_reader *reader, const nd_table *table,
                                nd_teller *teller, nadir_error *error) {
  strangers *s = &t->strangers;
  nd_model_rows rows;
  size_t read;
  ND_TRY(nd_model_reader_warn(reader, teller, error));
  ND_TRY(look_for_strangers(s, t->model, table, error));
  for (size_t c = 0; c < nd_table_chunks(table); c++) {
    teller->last.rows_seen = (uint64_t)c * ND_CHUNK;
    ND_TRY(nd_heed(teller, error));
    ND_TRY(nd_model_read(reader, c, &rows, error));
    if (s->request.texts != NULL)
      ND_TRY(nd_table_read(table, c, &s->request, 1, s->scratch, &read, error));
    ND_TRY(score_rows(t, &rows, error));
  }
  ND_TRY(warn_of_strangers(s, teller, error));
  if (t->scores->rows == 0)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: no row is left to score: check where, and the columns for missing values",
                   nd_table_file(table, 0));
  put_metrics(t);
  return NADIR_OK;
}

nadir_status nd_score(const nd_model *model, const nadir_classes *classes, const nd_table *table,
                      const nadir_settings *settings, nd_teller *teller, nadir_scores **scores,
                      nadir_error *error) {
  nd_model_reader *reader = NULL;
  scores_box *box = nd_new(1, sizeof *box, error);
  *scores = box ? &box->scores : NULL;
  if (!box) return NADIR_NO_MEMORY;
  tally t = {.model = model, .scores = *scores};
  nadir_status status = take_memory(&t, error);
  if (status == NADIR_OK) status = take_classes(box, classes, error);
  if (status == NADIR_OK)
    status = nd_model_reader_new(&reader, model, table, settings, true, error);
  if (status == NADIR_OK) status = score_table(&t, reader, table, teller, error);
  nd_model_reader_free(reader);
  free_strangers(&t.strangers);
  nd_free(t.ranked);
  if (status != NADIR_OK) {
    nd_scores_free(*scores);
    *scores = NULL;
  }
  return status;
}

void nd_scores_free(nadir_scores *scores) {
  if (!scores) return;
  nd_arena_free(((scores_box *)scores)->arena);
  nd_free(scores->confusion);
  nd_free(scores->metric);
  nd_free(scores);
}
