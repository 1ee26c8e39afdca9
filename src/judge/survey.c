/* A pass over the rows of a fit at its end, for what the sums do not tell: how far rounding of
 * target and model moves the loss, and whether the target leaves anything to be found - one class
 * alone, counts that are all 0, classes that the model separates. goodness.c has its sums from it too.
 *
 * A residual, y - f, is known to e = 2 eps (|y| + |f|), so its square to 2 |r| e + e^2 and its size to
 * e; of squares and Huber's loss the mean of e^2 is also what Newton's decrease keeps at the very
 * minimum. Losses that are none of a residual are taken to round by units of their own size. Costs
 * one pass over the table, so none is made where the rows are many. */
#include <string.h>

#include "judge/goodness.h"
#include "objective/of_table.h"

static const uint64_t MOST_ROWS = 2000000;

typedef struct sums {
  double weight, loss, rounding, noise;
  double lowest, highest, margin;
} sums;

/* What e, the rounding of a residual r, may change its loss by; NaN for a loss of other things. */
static double rounding_of(const nd_loss *loss, double r, double e) {
  if (loss->power == 2) return 2 * fabs(r) * e + e * e;
  return loss->power == 1 ? e : (double)NAN;
}

static void add_row(const nd_model *model, const nd_model_rows *rows, size_t r, double eps,
                    sums *s) {
  double w = rows->weight ? rows->weight[r] : 1, y = rows->target[r], f = rows->output[r];
  double e = 2 * eps * (fabs(y) + fabs(f));
  double rounding = rounding_of(&model->loss, y - f, e), own = eps * fabs(rows->loss[r]);
  s->weight += w;
  s->loss += w * fabs(rows->loss[r]);
  s->rounding += w * (isnan(rounding) ? 4 * own : rounding);
  s->noise += w * (model->loss.power == 2 ? e * e : 16 * eps * own);
  s->lowest = fmin(s->lowest, y);
  s->highest = fmax(s->highest, y);
  s->margin = fmin(s->margin, (y > 0.5 ? 1 : -1) * f);
}

/* Some blocks at once, one for each thread. */
typedef struct reading {
  const nd_table_objective *self;
  nd_model_rows *rows;
  size_t first; /* block of the rows */
} reading;

static nadir_status read_block(void *context, size_t i, size_t worker, nadir_error *error) {
  const reading *now = context;
  (void)worker; /* rows last until their reader is asked again: a reader for each block */
  return nd_model_read(now->self->data->workers[i].reader, now->first + i, &now->rows[i], error);
}

/* Blocks are read by all threads and added up in their order. */
static nadir_status add_rows(reading *now, double eps, sums *s, nd_row_sums *goodness, nadir_error *error) {
  const nd_table_objective *self = now->self;
  bool of_numbers = self->model->target_kind != ND_TARGET_CLASS;
  size_t blocks = self->data->blocks, threads = nd_pool_threads(self->pool);
  for (; now->first < blocks; now->first += threads) {
    size_t count = blocks - now->first < threads ? blocks - now->first : threads;
    ND_TRY(nd_pool_run(self->pool, count, read_block, now, error));
    for (size_t i = 0; i < count; i++) {
      const nd_model_rows *rows = &now->rows[i];
      for (size_t r = 0; r < rows->rows && of_numbers; r++)
        if (rows->kept[r] == 1) add_row(self->model, rows, r, eps, s);
      ND_TRY(nd_row_sums_add(goodness, self->data->workers[i].reader, now->first + i, rows, error));
    }
  }
  return NADIR_OK;
}

static void conclude(const nd_table_objective *self, const sums *s, nd_survey *survey) {
  const nd_model *model = self->model;
  double share = (self->face.sum ? 1 : 1 / s->weight) / self->face.loss_factor;
  bool truth = model->target_kind == ND_TARGET_TRUTH;
  survey->rounding = s->rounding * share;
  survey->noise = s->noise * share;
  survey->one_class = truth && s->lowest == s->highest;
  survey->separated = truth && !survey->one_class && s->margin > 0;
  survey->all_zero = model->loss.takes == ND_TAKES_COUNTS && s->lowest == 0 && s->highest == 0;
}

nadir_status nd_survey_rows(const nd_objective *objective, nd_survey *survey, nadir_error *error) {
  const nd_table_objective *self = nd_rows_of(objective);
  *survey = (nd_survey){0};
  if (objective->rows > MOST_ROWS || self->joint) return NADIR_OK; /* a joint loss is not one of rows */
  reading now = {.self = self, .rows = nd_new(nd_pool_threads(self->pool), sizeof *now.rows, error)};
  if (!now.rows) return NADIR_NO_MEMORY;
  sums s = {.lowest = HUGE_VAL, .highest = -HUGE_VAL, .margin = HUGE_VAL};
  nadir_status status = nd_row_sums_new(&survey->sums, self, error);
  if (status == NADIR_OK)
    status = add_rows(&now, objective->single ? 0x1p-23 : 0x1p-52, &s, survey->sums, error);
  status = nd_ranks_agree(nd_pool_ranks(self->pool), status, error); /* each has its own time, and threads */
  if (status == NADIR_OK && s.weight > 0) conclude(self, &s, survey);
  nd_free(now.rows);
  return status;
}

void nd_survey_clear(nd_survey *survey) {
  nd_row_sums_free(survey->sums);
  *survey = (nd_survey){0};
}
