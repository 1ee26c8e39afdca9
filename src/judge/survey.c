/* A pass over the rows of a fit at its end, for what the sums do not tell: how far rounding of
 * target and model moves the loss, and whether the target leaves anything to be found - one class
 * alone, counts that are all 0, classes that the model separates. goodness.c has its sums from it too.
 *
 * A residual, y - f, is known to e = 2 eps (|y| + |f|), so its square to 2 |r| e + e^2 and its size to
 * e; of squares and Huber's loss the mean of e^2 is also what Newton's decrease keeps at the very
 * minimum. Losses that are none of a residual are taken to round by units of their own size. Costs
 * one pass over the table, so none is made where the rows are many; or over the blocks, where these keep all that it
 * takes: floats of a linear model, of whose residuals none is looked at by itself. Without a pass the mean loss stands for
 * the losses, which is what they give where all are of one sign, and less than that of residuals. */
#include <string.h>

#include "engine/certain.h"
#include "judge/goodness.h"
#include "objective/slope.h"

static const uint64_t MOST_ROWS = 2000000;
enum { OWN_ROUNDING = 4, OWN_NOISE = 16 }; /* of a loss that is none of a residual, in units of its size */

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
  s->rounding += w * (isnan(rounding) ? OWN_ROUNDING * own : rounding);
  s->noise += w * (model->loss.power == 2 ? e * e : OWN_NOISE * eps * own);
  s->lowest = fmin(s->lowest, y);
  s->highest = fmax(s->highest, y);
  s->margin = fmin(s->margin, (y > 0.5 ? 1 : -1) * f);
}

/* Some blocks at once, one for each thread. */
typedef struct reading {
  const nd_table_objective *self;
  nd_model_rows *rows;
  bool of_blocks;         /* rows are those of blocks, then: */
  double *image;          /* of the parameters */
  double *targets, *etas; /* ND_CHUNK by thread */
  size_t first;           /* block of the rows */
} reading;

/* What a residual is off by where target and features are floats, in units of the scatter, by that of the loss. Features
 * of standard width about 0, as they are next to an intercept, have a mean size of 1 at most. */
static double error_of_floats(const nd_table_objective *self, const double *image, double loss) {
  const nd_head *head = &self->model->heads[0];
  if (!self->face.problem.scaled || head->intercept == SIZE_MAX) return HUGE_VAL;
  double size = 1 + fabs(image[head->intercept]);
  for (size_t j = 0; j < head->features; j++)
    size += fabs(image[head->first_weight + j]);
  return 0x1p-24 * size / sqrt(loss / self->face.loss_factor / self->scale / (double)self->data->positive);
}

/* Of blocks that keep the target. */
static bool blocks_suffice(const nd_table_objective *self, const double *image, double loss) {
  const nd_model *model = self->model;
  const nd_scaling *target = &model->target_scaling;
  bool linear = model->output == model->etas[0] && model->basis.degree == 0;
  if (!linear || self->data->validate > 0) return false;
  if (model->loss.errors == ND_HAS_LIKELIHOOD) return target->center == 0 && target->width == 1;
  return nd_row_sums_bear(self, error_of_floats(self, image, loss));
}

static void predict(const nd_table_objective *self, const nd_block *block, const double *image, double *eta) {
  const nd_head *head = &self->model->heads[0];
  const nd_rows *rows = self->data->rows;
  double b = head->intercept == SIZE_MAX ? 0 : image[head->intercept];
  nd_certain_rows of;
  for (size_t at = 0; at < nd_block_rows(block); at += ND_CERTAIN_ROWS) {
    size_t left = nd_block_rows(block) - at, count = left < ND_CERTAIN_ROWS ? left : ND_CERTAIN_ROWS;
    nd_block_predict(rows, block, head, b, image + head->first_weight, at, count, &of);
    memcpy(eta + at, of.f, count * sizeof *eta);
  }
}

static nadir_status take_block(void *context, size_t i, size_t worker, nadir_error *error) {
  const reading *now = context;
  nd_data *data = now->self->data;
  nd_block *block;
  double *room = now->targets + i * ND_CHUNK, *eta = now->etas + i * ND_CHUNK;
  (void)worker; /* as in read_block */
  ND_TRY(nd_data_block(data, now->first + i, i, false, &block, error));
  now->rows[i] = (nd_model_rows){0};
  if (!block) return NADIR_OK;
  predict(now->self, block, now->image, eta);
  const double *target = nd_doubles(nd_block_kept(data->rows, block, 0), nd_block_rows(block), room);
  const nd_scaling *scaling = &now->self->model->target_scaling;
  for (size_t r = 0; r < nd_block_rows(block); r++) {
    room[r] = scaling->center + scaling->width * target[r];
    eta[r] = scaling->center + scaling->width * eta[r];
  }
  nd_model_evaluate_known(data->workers[i].reader, nd_block_rows(block), room, eta, &now->rows[i]);
  return NADIR_OK;
}

static nadir_status read_block(void *context, size_t i, size_t worker, nadir_error *error) {
  const reading *now = context;
  (void)worker; /* rows last until their reader is asked again: a reader for each block */
  return nd_model_read(now->self->data->workers[i].reader, now->first + i, &now->rows[i], error);
}

static nadir_status begin(reading *now, double loss, nadir_error *error) {
  const nd_model *model = now->self->model;
  size_t threads = nd_pool_threads(now->self->pool);
  now->rows = nd_new(threads, sizeof *now->rows, error);
  if (!now->rows) return NADIR_NO_MEMORY;
  if (!nd_rows_keep(now->self->data->rows)) return NADIR_OK;
  now->image = nd_new(model->size + 2 * threads * ND_CHUNK, sizeof *now->image, error);
  if (!now->image) return NADIR_NO_MEMORY;
  now->targets = now->image + model->size;
  now->etas = now->targets + threads * ND_CHUNK;
  nd_image_in_descent(model, model->value, now->image);
  now->of_blocks = blocks_suffice(now->self, now->image, loss);
  return NADIR_OK;
}

/* Blocks are read by all threads and added up in their order. */
static nadir_status add_rows(reading *now, double eps, sums *s, nd_row_sums *goodness, nadir_error *error) {
  const nd_table_objective *self = now->self;
  bool of_numbers = self->model->target_kind != ND_TARGET_CLASS;
  size_t blocks = self->data->blocks, threads = nd_pool_threads(self->pool);
  for (; now->first < blocks; now->first += threads) {
    size_t count = blocks - now->first < threads ? blocks - now->first : threads;
    ND_TRY(nd_pool_run(self->pool, count, now->of_blocks ? take_block : read_block, now, error));
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

static double digits_of(const nd_objective *objective) {
  return objective->single ? 0x1p-23 : 0x1p-52;
}

/* A rise of the loss that moves no parameter by a thousandth of its standard error is nothing too, and less where
 * rows are many. */
void nd_survey_by_loss(const nd_objective *objective, double loss, nd_survey *survey) {
  double own = digits_of(objective) * fabs(loss / objective->loss_factor);
  double nothing = objective->negligible ? objective->negligible(objective, loss / objective->loss_factor) : 0;
  *survey = (nd_survey){.rounding = nothing > 0 ? fmin(OWN_ROUNDING * own, nothing) : 0,
                        .noise = OWN_NOISE * digits_of(objective) * own};
}

nadir_status nd_survey_rows(const nd_objective *objective, double loss, nd_survey *survey, nadir_error *error) {
  const nd_table_objective *self = nd_rows_of(objective);
  nd_survey_by_loss(objective, loss, survey);
  if (objective->rows > MOST_ROWS || self->joint) return NADIR_OK; /* a joint loss is not one of rows */
  reading now = {.self = self};
  sums s = {.lowest = HUGE_VAL, .highest = -HUGE_VAL, .margin = HUGE_VAL};
  nadir_status status = begin(&now, loss, error);
  if (status == NADIR_OK) status = nd_row_sums_new(&survey->sums, self, error);
  if (status == NADIR_OK)
    status = add_rows(&now, digits_of(objective), &s, survey->sums, error);
  status = nd_ranks_agree(nd_pool_ranks(self->pool), status, error); /* each has its own time, and threads */
  if (status == NADIR_OK && s.weight > 0) conclude(self, &s, survey);
  nd_free(now.rows);
  nd_free(now.image);
  return status;
}

void nd_survey_clear(nd_survey *survey) {
  nd_row_sums_free(survey->sums);
  *survey = (nd_survey){0};
}
