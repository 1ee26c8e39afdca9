/* Scores of a model on a table, over the rows that have a target and all that the model needs:
 *
 *   loss           the weighted mean of the model's loss, in the table's units, without penalty
 *   rmse, mae, r2  of a number: root of the mean square, mean absolute residual, 1 - RSS/TSS
 *   of classes     class_scores.c
 *
 * Rows of a class that the model never saw count as dropped, with a warning that names the classes.
 * Costs one pass, another one where there are such rows; memory for the ranks of classes alone. */
#include <stdlib.h>
#include <string.h>

#include "base/dense.h"
#include "judge/class_scores_internal.h"
#include "judge/metrics.h"
#include "rows/blocks.h"

/* Scores with what they point to. */
typedef struct scores_box {
  nadir_scores scores; /* first: the caller's pointer is the box's */
  nadir_classes classes;
  nd_arena *arena;
} scores_box;

enum { MOST_STRANGERS = 8 }; /* classes named in the warning */

/* Classes that the model does not know, and their rows. */
typedef struct strangers {
  char *name[MOST_STRANGERS];
  uint64_t count[MOST_STRANGERS], all;
  size_t names;
} strangers;

/* Of a chunk, then of all. */
typedef struct score_sums {
  uint64_t rows, dropped, strangers;
  double loss, weight, absolute, square;
  nd_moments target;
  nd_class_sums classes;
  uint64_t confusion[]; /* rows of class i that are said to be of class j, row by row */
} score_sums;

/* What a thread reads with. */
typedef struct worker {
  nd_model_reader *reader;
  nd_request text; /* of the target, where it is one: else texts is NULL */
  nd_scratch *scratch;
  double *answers; /* to one row */
} worker;

typedef struct tally {
  const nd_model *model;
  const nd_table *table;
  nd_teller *teller;
  nd_pool *pool;
  nd_until until;
  worker *workers;
  size_t worker_count;
  nd_class_tally classes;
  strangers strangers;
} tally;

/* ---- what threads read with ---- */

static nadir_status take_text(worker *w, const tally *t, nadir_error *error) {
  const char *column = nd_model_text_target(t->model);
  ptrdiff_t hint;
  if (column == NULL) return NADIR_OK;
  w->text.kind = ND_AS_TEXT;
  if (!nd_table_find(t->table, column, &w->text.column, &w->text.element, &hint)) return NADIR_OK;
  w->text.texts = nd_new(nd_table_room(t->table), sizeof *w->text.texts, error);
  return w->text.texts == NULL ? NADIR_NO_MEMORY : nd_scratch_new(&w->scratch, t->table, error);
}

static nadir_status worker_new(worker *w, const tally *t, const nd_part *part,
                               const nadir_settings *settings, nadir_error *error) {
  ND_TRY(nd_model_reader_new(&w->reader, t->model, t->table, settings, true, error));
  ND_TRY(nd_model_reader_limit(w->reader, part, error));
  w->answers = nd_new(nd_model_answers(t->model), sizeof *w->answers, error);
  return w->answers ? take_text(w, t, error) : NADIR_NO_MEMORY;
}

static nadir_status make_workers(tally *t, const nd_part *part, const nadir_settings *settings,
                                 nadir_error *error) {
  bool many = nd_table_chunks(t->table) > 1;
  t->until = (nd_until){.deadline = HUGE_VAL,
                        .asked = nd_asks_to_end,
                        .context = t->teller,
                        .ranks = nd_table_ranks(t->table)};
  ND_TRY(nd_pool_new(&t->pool, many ? (size_t)settings->threads : 1, error));
  nd_pool_heed(t->pool, &t->until);
  nd_pool_share(t->pool, t->until.ranks);
  t->workers = nd_new(nd_pool_threads(t->pool), sizeof *t->workers, error);
  if (!t->workers) return NADIR_NO_MEMORY;
  while (t->worker_count < nd_pool_threads(t->pool))
    ND_TRY(worker_new(&t->workers[t->worker_count++], t, part, settings, error));
  return NADIR_OK;
}

static void tally_clear(tally *t) {
  for (size_t i = 0; i < t->worker_count; i++) {
    nd_model_reader_free(t->workers[i].reader);
    nd_scratch_free(t->workers[i].scratch);
    nd_free((void *)t->workers[i].text.texts);
    nd_free(t->workers[i].answers);
  }
  nd_free(t->workers);
  nd_pool_free(t->pool);
  for (size_t i = 0; i < t->strangers.names; i++)
    nd_free(t->strangers.name[i]);
  nd_class_tally_clear(&t->classes);
}

/* ---- classes that the model does not know ---- */

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

static bool is_stranger(const tally *t, const worker *w, const nd_model_rows *rows, size_t r) {
  if (rows->kept[r] != 1 || w->text.texts == NULL || w->text.texts[r] == NULL) return false;
  if (t->model->target_kind == ND_TARGET_CLASS) return isnan(rows->target[r]);
  return !(rows->target[r] > 0) && !is_same_text(w->text.texts[r], t->model->classes[0]);
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

/* They are named in the table's order, which a pass of one thread has: each rank makes it for itself. */
static nadir_status name_strangers(tally *t, nadir_error *error) {
  worker *w = &t->workers[0];
  nd_model_rows rows;
  size_t read;
  for (size_t c = 0; c < nd_table_chunks(t->table); c++) {
    ND_TRY(nd_go_on_apart(&t->until, error));
    ND_TRY(nd_model_fetch(w->reader, c, &rows, error));
    ND_TRY(nd_table_read(t->table, c, &w->text, 1, w->scratch, &read, error));
    for (size_t r = 0; r < rows.rows; r++)
      if (is_stranger(t, w, &rows, r))
        ND_TRY(count_stranger(&t->strangers, w->text.texts[r], error));
  }
  return NADIR_OK;
}

static nadir_status warn_of_strangers(tally *t, const score_sums *sums, nadir_error *error) {
  const strangers *s = &t->strangers;
  if (sums->strangers == 0) return NADIR_OK;
  ND_TRY(nd_ranks_agree(t->until.ranks, name_strangers(t, error), error));
  return nd_warn(t->teller,
                 &(nadir_warning){.kind = NADIR_WARN_UNKNOWN_CLASSES,
                                  .names = s->names,
                                  .name = (const char *const *)s->name,
                                  .of_name = s->count,
                                  .count = s->all},
                 error);
}

/* ---- rows ---- */

static void add_row(tally *t, worker *w, const nd_model_rows *rows, size_t r, size_t chunk,
                    score_sums *sums) {
  double weight = rows->weight ? rows->weight[r] : 1;
  sums->rows++;
  sums->loss += weight * rows->loss[r];
  sums->weight += weight;
  if (t->model->target_kind != ND_TARGET_REAL) {
    sums->confusion[nd_class_tally_add(&t->classes, &sums->classes, w->answers, rows, r, chunk)]++;
    return;
  }
  double residual = rows->target[r] - nd_loss_answer(&t->model->loss, rows->output[r]);
  nd_moments_add(&sums->target, rows->target[r], 1);
  sums->absolute += fabs(residual);
  sums->square += residual * residual;
}

static nadir_status add_chunk(void *context, size_t chunk, size_t worker_number, void *out,
                              nadir_error *error) {
  tally *t = context;
  worker *w = &t->workers[worker_number];
  score_sums *sums = out;
  nd_model_rows rows;
  size_t read;
  if (worker_number == 0)
    t->teller->last.rows_seen = (uint64_t)chunk * ND_CHUNK; /* the caller's thread */
  ND_TRY(nd_model_read(w->reader, chunk, &rows, error));
  if (w->text.texts != NULL)
    ND_TRY(nd_table_read(t->table, chunk, &w->text, 1, w->scratch, &read, error));
  for (size_t r = 0; r < rows.rows; r++) {
    if (rows.kept[r] == 3) continue;
    bool stranger = is_stranger(t, w, &rows, r);
    bool known = rows.kept[r] == 1 && !stranger && !isnan(rows.target[r]);
    sums->dropped += !known;
    sums->strangers += stranger;
    if (known) add_row(t, w, &rows, r, chunk, sums);
  }
  return NADIR_OK;
}

static void merge(const nd_reduction *reduction, void *into, void *more) {
  const tally *t = reduction->context;
  score_sums *a = into;
  const score_sums *b = more;
  a->rows += b->rows;
  a->dropped += b->dropped;
  a->strangers += b->strangers;
  a->loss += b->loss;
  a->weight += b->weight;
  a->absolute += b->absolute;
  a->square += b->square;
  nd_moments_merge(&a->target, &b->target);
  nd_class_sums_merge(&a->classes, &b->classes);
  for (size_t i = 0; i < t->model->class_count * t->model->class_count; i++)
    a->confusion[i] += b->confusion[i];
}

/* ---- the end ---- */

static nadir_status put_metrics(tally *t, nadir_scores *scores, const score_sums *sums,
                                nadir_error *error) {
  double rows = (double)sums->rows;
  scores->rows = sums->rows;
  scores->dropped = sums->dropped;
  nd_put_metric(scores, NADIR_LOSS, sums->loss / sums->weight);
  if (t->model->target_kind != ND_TARGET_REAL) {
    memcpy(scores->confusion, sums->confusion,
           t->model->class_count * t->model->class_count * sizeof *sums->confusion);
    return nd_class_tally_end(&t->classes, &sums->classes, t->until.ranks, error);
  }
  nd_put_metric(scores, NADIR_RMSE, sqrt(sums->square / rows));
  nd_put_metric(scores, NADIR_MAE, sums->absolute / rows);
  double spread = ldexp(sums->target.m2, 2 * sums->target.exponent);
  nd_put_metric(scores, NADIR_R2, spread > 0 ? 1 - sums->square / spread : (double)NAN);
  return NADIR_OK;
}

static nadir_status take_memory(tally *t, nadir_scores *scores, nadir_error *error) {
  scores->metric = nd_new(NADIR_LAST_MEASURE + 1, sizeof *scores->metric, error);
  if (!scores->metric) return NADIR_NO_MEMORY;
  if (t->model->target_kind == ND_TARGET_REAL) return NADIR_OK;
  return nd_class_tally_new(&t->classes, t->model, t->table, scores, error);
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

static nadir_status score_table(tally *t, nadir_scores *scores, score_sums *sums, size_t bytes,
                                nadir_error *error) {
  const nd_reduction reduction = {.blocks = nd_table_chunks(t->table),
                                  .bytes = bytes,
                                  .block = add_chunk,
                                  .combine = merge,
                                  .context = t};
  ND_TRY(nd_model_reader_warn(t->workers[0].reader, t->teller, error));
  ND_TRY(nd_reduce(&reduction, t->pool, sums, error));
  ND_TRY(warn_of_strangers(t, sums, error));
  if (sums->rows > 0) return put_metrics(t, scores, sums, error);
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: no row is left to score: check where, and the columns for missing values",
                 nd_table_file(t->table, 0));
}

static nadir_status score(tally *t, nadir_scores *scores, nadir_error *error) {
  size_t classes = t->model->class_count;
  size_t bytes = sizeof(score_sums) + classes * classes * sizeof(uint64_t);
  score_sums *sums = nd_new(1, bytes, error);
  nadir_status status = sums ? score_table(t, scores, sums, bytes, error) : NADIR_NO_MEMORY;
  nd_free(sums);
  return status;
}

nadir_status nd_score(const nd_model *model, const nadir_classes *classes, const nd_table *table,
                      const nd_part *part, const nadir_settings *settings, nd_teller *teller,
                      nadir_scores **scores, nadir_error *error) {
  scores_box *box = nd_new(1, sizeof *box, error);
  *scores = box ? &box->scores : NULL;
  if (!box) return NADIR_NO_MEMORY;
  tally t = {.model = model, .table = table, .teller = teller};
  nadir_status status = take_classes(box, classes, error);
  if (status == NADIR_OK) status = take_memory(&t, *scores, error);
  if (status == NADIR_OK) status = make_workers(&t, part, settings, error);
  if (status == NADIR_OK) status = score(&t, *scores, error);
  tally_clear(&t);
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
