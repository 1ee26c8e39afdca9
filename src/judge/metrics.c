/* Scores of a model on a table, over the rows that have a target and all that the model needs:
 *
 *   loss           the weighted mean of the model's loss, in the table's units, without penalty
 *   rmse, mae, r2  of a number: root of the mean square, mean absolute residual, 1 - RSS/TSS
 *   of classes     class_scores.c
 *
 * Rows of a class that the model never saw count as dropped, with a warning that names the classes.
 * Costs one pass; memory for the ranks of classes alone. */
#include <stdlib.h>
#include <string.h>

#include "base/dense.h"
#include "judge/class_scores_internal.h"
#include "judge/metrics.h"

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
  double loss, weight;
  nd_moments target;
  double absolute, square;
  nd_class_tally classes;
} tally;

/* ---- rows ---- */

static void add_number(tally *t, double target, double output) {
  double residual = target - output;
  nd_moments_add(&t->target, target, 1);
  t->absolute += fabs(residual);
  t->square += residual * residual;
}

static nadir_status add_row(tally *t, const nd_model_rows *rows, size_t r, nadir_error *error) {
  double weight = rows->weight ? rows->weight[r] : 1;
  t->scores->rows++;
  t->loss += weight * rows->loss[r];
  t->weight += weight;
  if (t->model->target_kind != ND_TARGET_REAL) return nd_class_tally_add(&t->classes, rows, r, error);
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

static void put_metrics(tally *t) {
  nadir_scores *scores = t->scores;
  double rows = (double)scores->rows;
  nd_put_metric(scores, NADIR_LOSS, t->loss / t->weight);
  if (t->model->target_kind != ND_TARGET_REAL) {
    nd_class_tally_end(&t->classes);
    return;
  }
  nd_put_metric(scores, NADIR_RMSE, sqrt(t->square / rows));
  nd_put_metric(scores, NADIR_MAE, t->absolute / rows);
  double spread = ldexp(t->target.m2, 2 * t->target.exponent);
  nd_put_metric(scores, NADIR_R2, spread > 0 ? 1 - t->square / spread : (double)NAN);
}

static nadir_status take_memory(tally *t, nadir_error *error) {
  t->scores->metric = nd_new(NADIR_LAST_MEASURE + 1, sizeof *t->scores->metric, error);
  if (!t->scores->metric) return NADIR_NO_MEMORY;
  if (t->model->target_kind == ND_TARGET_REAL) return NADIR_OK;
  return nd_class_tally_new(&t->classes, t->model, t->scores, error);
}

/* The model's, which may not last as long as the scores; NULL: none. */
static nadir_status take_classes(scores_box *box, const nadir_classes *classes,
                                 nadir_error *error) {
  if (!classes) return NADIR_OK;
  ND_TRY(nd_arena_new(&box->arena, error));
  const char **name = nd_arena_take(box->arena, classes->count * sizeof *name, error);
  if (!name) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < classes->count; i++)
    ND_TRY(nd_arena_keep(box->arena, &name[i], classes->name[i], error));
  box->classes = *classes;
  box->classes.name = name;
  box->classes.one = classes->one ? name[1] : NULL;
  box->scores.classes = &box->classes;
  return nd_arena_keep(box->arena, &box->classes.target, classes->target, error);
}

static nadir_status score_rows(tally *t, const nd_model_rows *rows, nadir_error *error) {
  for (size_t r = 0; r < rows->rows; r++) {
    if (rows->kept[r] == 3) continue;
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
                      const nd_part *part, const nadir_settings *settings, nd_teller *teller, nadir_scores **scores,
                      nadir_error *error) {
  nd_model_reader *reader = NULL;
  scores_box *box = nd_new(1, sizeof *box, error);
  *scores = box ? &box->scores : NULL;
  if (!box) return NADIR_NO_MEMORY;
  tally t = {.model = model, .scores = *scores};
  nadir_status status = take_classes(box, classes, error);
  if (status == NADIR_OK) status = take_memory(&t, error);
  if (status == NADIR_OK)
    status = nd_model_reader_new(&reader, model, table, settings, true, error);
  if (status == NADIR_OK) status = nd_model_reader_limit(reader, part, error);
  if (status == NADIR_OK) status = score_table(&t, reader, table, teller, error);
  nd_model_reader_free(reader);
  free_strangers(&t.strangers);
  nd_class_tally_clear(&t.classes);
  if (status != NADIR_OK) {
    nd_scores_free(*scores);
    *scores = NULL;
  }
  return status;
}

void nd_scores_free(nadir_scores *scores) {
  if (!scores) return;
  for (size_t k = 0; scores->class_score && k < scores->classes->count; k++)
    nd_free(scores->class_score[k].roc_point);
  void *owned[] = {scores->metric, scores->confusion, scores->class_score, scores->bin};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_arena_free(((scores_box *)scores)->arena); /* with the classes */
  nd_free(scores);
}
