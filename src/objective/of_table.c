/* The objective of a table: L = (1/W) sum w_i l_i + (l2/2) sum w^2, or the sum without 1/W.
 *
 * The engine gives sums over a block; reduce.c adds blocks. A batch B of the N rows estimates the
 * gradient by N/(W |B|) sum_B w_i grad l_i plus the whole of the penalty's; with --reduce sum by
 * sum_B w_i grad l_i + (|B|/N) of it. Where rows are read again at each pass, a batch loads the
 * blocks that it needs and keeps the last few, so orders that jump over the whole table are
 * refused. */
#include <string.h>

#include "base/dense.h"
#include "objective/joint.h"

enum { PIECE = 4096, KEPT_BLOCKS = 16, KEPT_HESSIAN = 512 /* parameters */ };

static void free_self(nd_objective *face);

static nd_table_objective *self_of(const nd_objective *face) {
  return (nd_table_objective *)(uintptr_t)face; /* the face is its first member, never const */
}

nd_table_objective *nd_rows_of(const nd_objective *objective) {
  return objective->free == free_self ? self_of(objective) : NULL;
}

/* ---- penalty ---- */

static double add_penalty(const nd_table_objective *self, double share, const double *w,
                          double *gradient) {
  double sum = 0;
  for (size_t i = 0; i < self->model->size && self->ridge != NULL; i++) {
    sum += self->ridge[i] * w[i] * w[i];
    if (gradient != NULL) gradient[i] += share * self->ridge[i] * w[i];
  }
  return share * sum / 2;
}

static double data_loss(const nd_objective *face, const double *w, double loss) {
  return loss - add_penalty(self_of(face), 1, w, NULL);
}

/* ---- sums over all blocks ---- */

typedef struct pass {
  nd_table_objective *self;
  const double *w, *v;
  bool held;
} pass;

/* The rows of the b-th block that is summed. */
static nadir_status block_at(const pass *now, size_t b, size_t worker, nd_block **block,
                             nadir_error *error) {
  const nd_table_objective *self = now->self;
  return nd_data_block(self->data, self->chunk ? self->chunk[b] : b, worker, now->held, block, error);
}

static nadir_status loss_of_block(void *context, size_t b, size_t worker, void *out,
                                  nadir_error *error) {
  const pass *now = context;
  nd_data *data = now->self->data;
  nd_block *block;
  ND_TRY(block_at(now, b, worker, &block, error));
  if (block != NULL)
    nd_rows_gradient(data->rows, data->workers[worker].workspace, block, now->w, out, NULL);
  return NADIR_OK;
}

static nadir_status gradient_of_block(void *context, size_t b, size_t worker, void *out,
                                      nadir_error *error) {
  const pass *now = context;
  nd_data *data = now->self->data;
  size_t size = now->self->model->size;
  double *sums = out;
  nd_block *block;
  ND_TRY(block_at(now, b, worker, &block, error));
  if (block == NULL) return NADIR_OK;
  nd_rows_gradient(data->rows, data->workers[worker].workspace, block, now->w, sums, sums + 1);
  if (now->self->chunk) sums[size + 1] = nd_dot(size, sums + 1, sums + 1);
  return NADIR_OK;
}

/* The Hessian, or its product with v where there is one. */
static nadir_status curvature_of_block(void *context, size_t b, size_t worker, void *out,
                                       nadir_error *error) {
  const pass *now = context;
  nd_data *data = now->self->data;
  nd_rows_workspace *work = data->workers[worker].workspace;
  nd_block *block;
  ND_TRY(block_at(now, b, worker, &block, error));
  if (block == NULL) return NADIR_OK;
  if (now->v != NULL)
    nd_rows_hessian_vector(data->rows, work, block, now->w, now->v, out);
  else
    nd_rows_hessian(data->rows, work, block, now->w, out);
  return NADIR_OK;
}

static nadir_status sum_blocks(pass *now, size_t width,
                               nadir_status (*block)(void *, size_t, size_t, void *, nadir_error *),
                               double *total, nadir_error *error) {
  const nd_table_objective *self = now->self;
  nd_reduction reduction = {.blocks = self->chunk ? self->chunks : self->data->blocks,
                            .bytes = width * sizeof(double),
                            .block = block,
                            .combine = nd_combine_sums,
                            .context = now};
  return nd_reduce(&reduction, self->pool, total, error);
}

/* ---- the whole objective ---- */

static nadir_status value(void *context, const double *w, double *loss, nadir_error *error) {
  nd_table_objective *self = context;
  pass now = {.self = self, .w = w};
  ND_TRY(sum_blocks(&now, 1, loss_of_block, loss, error));
  *loss = self->scale * *loss + add_penalty(self, 1, w, NULL);
  return NADIR_OK;
}

/* The slopes along which all classes of softmax go together are 0, and rounding leaves something of them, which is
 * large against their curvature, 0 as well: Newton's steps would lead far away. Less their mean, what is left of
 * them is small against the slopes themselves. */
static void level_classes(const nd_model *model, double *gradient) {
  if (model->loss.link != ND_LINK_CLASSES) return;
  size_t first = model->heads[0].intercept, classes = model->head_count;
  size_t features = model->heads[0].features + (first != SIZE_MAX);
  for (size_t j = 0; j < features; j++) {
    double sum = 0;
    for (size_t k = 0; k < classes; k++)
      sum += gradient[k * features + j];
    for (size_t k = 0; k < classes; k++)
      gradient[k * features + j] -= sum / (double)classes;
  }
}

/* The root of the variance of a sum over chunks, from how much the chunks differ. */
static double noise_of(const nd_table_objective *self, const double *sums) {
  size_t size = self->model->size;
  double m = (double)self->chunks, apart = sums[size + 1] - nd_dot(size, sums + 1, sums + 1) / m;
  return self->scale * sqrt(fmax(apart, 0) * m / (m - 1));
}

/* Of a sample the sum of squares of the chunks' gradients comes last. */
static nadir_status new_gradient(nd_table_objective *self, const double *w, double *sums,
                                 nadir_error *error) {
  size_t size = self->model->size;
  pass now = {.self = self, .w = w};
  ND_TRY(sum_blocks(&now, size + 1 + (self->chunk != NULL), gradient_of_block, sums, error));
  if (self->chunk) self->noise = noise_of(self, sums);
  for (size_t i = 0; i < size; i++)
    sums[i + 1] *= self->scale;
  level_classes(self->model, sums + 1);
  sums[0] = self->scale * sums[0] + add_penalty(self, 1, w, sums + 1);
  return NADIR_OK;
}

/* The end of a run is looked at again when it is judged: the last gradient is kept, as the last Hessian is. */
static nadir_status gradient(void *context, const double *w, double *loss, double *into,
                             nadir_error *error) {
  nd_table_objective *self = context;
  size_t size = self->model->size, point = size * sizeof *w;
  double *sums = self->sloped + size;
  if (!self->slope_is_known || memcmp(self->sloped, w, point) != 0) {
    self->slope_is_known = false; /* until it is whole */
    ND_TRY(new_gradient(self, w, sums, error));
    memcpy(self->sloped, w, point);
    self->slope_is_known = true;
  }
  *loss = sums[0];
  memcpy(into, sums + 1, point);
  return NADIR_OK;
}

/* The same of a Hessian, on both sides: its curvature along them is 0. */
static void level_hessian(const nd_model *model, double *hessian) {
  size_t n = model->size;
  if (model->loss.link != ND_LINK_CLASSES) return;
  for (int side = 0; side < 2; side++) {
    for (size_t i = 0; i < n; i++)
      level_classes(model, hessian + i * n);
    nd_transpose(n, hessian);
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++)
      hessian[j * n + i] = hessian[i * n + j] = (hessian[j * n + i] + hessian[i * n + j]) / 2;
}

static nadir_status new_hessian(nd_table_objective *self, const double *w, double *into,
                                nadir_error *error) {
  size_t size = self->model->size;
  pass now = {.self = self, .w = w};
  ND_TRY(sum_blocks(&now, size * size, curvature_of_block, into, error));
  for (size_t i = 0; i < size * size; i++)
    into[i] *= self->scale;
  level_hessian(self->model, into);
  for (size_t i = 0; i < size && self->ridge != NULL; i++)
    into[i * size + i] += self->ridge[i];
  return NADIR_OK;
}

/* Of a sum of squares of what is linear in the parameters, wherever these are. */
static bool is_the_same_everywhere(const nd_model *model) {
  return model->is_linear && model->loss.curve == ND_CURVE_SQUARE;
}

/* The end of a run is looked at several times (is it near, what kind of point, with which errors,
 * how far from the minimum), each time with the same Hessian: the last one is kept. */
static nadir_status hessian(void *context, const double *w, double *into, nadir_error *error) {
  nd_table_objective *self = context;
  size_t size = self->model->size, point = size * sizeof *w;
  if (size > KEPT_HESSIAN) return new_hessian(self, w, into, error);
  bool same = self->curved != NULL && (is_the_same_everywhere(self->model) || memcmp(self->curved, w, point) == 0);
  if (!same) {
    double *curved = self->curved ? self->curved : nd_new(size + size * size, sizeof *w, error);
    if (curved == NULL) return NADIR_NO_MEMORY;
    self->curved = NULL; /* until it is whole */
    nadir_status status = new_hessian(self, w, curved + size, error);
    if (status != NADIR_OK) {
      nd_free(curved);
      return status;
    }
    memcpy(curved, w, point);
    self->curved = curved;
  }
  memcpy(into, self->curved + size, size * point);
  return NADIR_OK;
}

static nadir_status hessian_vector(void *context, const double *w, const double *v, double *product,
                                   nadir_error *error) {
  nd_table_objective *self = context;
  pass now = {.self = self, .w = w, .v = v};
  ND_TRY(sum_blocks(&now, self->model->size, curvature_of_block, product, error));
  for (size_t i = 0; i < self->model->size; i++) {
    product[i] *= self->scale;
    if (self->ridge != NULL) product[i] += self->ridge[i] * v[i];
  }
  return NADIR_OK;
}

/* ---- the triangle of a sum of squares ---- */

/* A partial result: the triangle of [J r], (size + 1)^2 numbers, then the rounding. */
static nadir_status factor_of_block(void *context, size_t b, size_t worker, void *out,
                                    nadir_error *error) {
  const pass *now = context;
  nd_data *data = now->self->data;
  size_t width = now->self->model->size + 1;
  double *triangle = out;
  nd_block *block;
  ND_TRY(block_at(now, b, worker, &block, error));
  if (block != NULL)
    nd_rows_factor(data->rows, data->workers[worker].workspace, block, now->w, triangle,
                   triangle + width * width);
  return NADIR_OK;
}

static void combine_factors(const nd_reduction *reduction, void *into, void *more) {
  const pass *now = reduction->context;
  size_t width = now->self->model->size + 1, last = width * width;
  double *a = into, *b = more;
  a[last] += b[last];
  nd_qr_fold(width, a, width, b);
}

static nadir_status fold_ridge(const nd_table_objective *self, const double *w, double *triangle,
                               nadir_error *error) {
  size_t size = self->model->size, width = size + 1;
  if (self->ridge == NULL) return NADIR_OK;
  double *rows = nd_new(size * width, sizeof *rows, error);
  if (rows == NULL) return NADIR_NO_MEMORY;
  nd_ridge_rows(size, self->ridge, self->face.problem.squares, w, rows);
  nd_qr_fold(width, triangle, size, rows);
  nd_free(rows);
  return NADIR_OK;
}

/* What rounding does in single precision, against double. */
static const double COARSER = 0x1p29;

static nadir_status factor(void *context, const double *w, double *triangle, nadir_error *error) {
  nd_table_objective *self = context;
  size_t size = self->model->size, width = size + 1, count = width * width + 1;
  pass now = {.self = self, .w = w};
  nd_reduction reduction = {.blocks = self->data->blocks,
                            .bytes = count * sizeof(double),
                            .block = factor_of_block,
                            .combine = combine_factors,
                            .context = &now};
  double *whole = nd_new(count, sizeof *whole, error);
  if (whole == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_reduce(&reduction, self->pool, whole, error);
  if (status == NADIR_OK) status = fold_ridge(self, w, whole, error);
  memcpy(triangle, whole, width * width * sizeof *triangle);
  memcpy(self->rounded, w, size * sizeof *w);
  self->rounding =
      self->face.problem.squares * whole[width * width] * (self->data->counts.single ? COARSER : 1);
  nd_free(whole);
  return status;
}

/* Of other losses, each of which is a sum of positive terms: some units of the last place. */
static nadir_status rounding(void *context, const double *w, double loss, double *into,
                             nadir_error *error) {
  (void)error;
  const nd_table_objective *self = context;
  size_t bytes = self->model->size * sizeof *w;
  bool known = self->rounded != NULL && memcmp(self->rounded, w, bytes) == 0;
  *into = known ? self->rounding : 4 * (self->data->counts.single ? 0x1p-23 : 0x1p-52) * fabs(loss);
  return NADIR_OK;
}

static nadir_status validation(nd_objective *face, const double *w, double *loss,
                               nadir_error *error) {
  nd_table_objective *self = self_of(face);
  pass now = {.self = self, .w = w, .held = true};
  ND_TRY(sum_blocks(&now, 1, loss_of_block, loss, error));
  *loss /= self->data->validation_weight;
  return NADIR_OK;
}

/* ---- blocks for a batch where not all rows are in memory ---- */

typedef struct wanted_blocks {
  nd_table_objective *self;
  const nd_pick *picks;
  size_t count;
  size_t *missing, missing_count;
} wanted_blocks;

static size_t mark_wanted(nd_table_objective *self, const nd_pick *picks, size_t count) {
  size_t missing = 0;
  self->call++;
  for (size_t i = 0; i < count; i++) {
    uint32_t b = picks[i].block;
    if (self->wanted[b] == self->call) continue;
    self->wanted[b] = self->call;
    missing += self->window[b] == NULL;
  }
  return missing;
}

/* Blocks not wanted now are given back when more than a few are held, besides those that stay in memory. */
static void drop_unwanted(nd_table_objective *self, size_t missing) {
  size_t held = missing;
  for (size_t b = 0; b < self->data->blocks; b++)
    held += self->window[b] != NULL && !nd_data_keeps(self->data, b);
  for (size_t b = 0; b < self->data->blocks && held > KEPT_BLOCKS; b++) {
    bool stays = self->wanted[b] == self->call || nd_data_keeps(self->data, b);
    if (self->window[b] == NULL || stays) continue;
    nd_block_free(self->window[b]);
    self->window[b] = NULL;
    held--;
  }
}

static nadir_status load_missing(void *context, size_t i, size_t worker, nadir_error *error) {
  const wanted_blocks *now = context;
  size_t b = now->missing[i];
  return nd_data_load(now->self->data, b, worker, &now->self->window[b], error);
}

static nadir_status load_wanted(nd_table_objective *self, const nd_pick *picks, size_t count,
                                nadir_error *error) {
  size_t missing = mark_wanted(self, picks, count);
  if (missing == 0) return NADIR_OK;
  drop_unwanted(self, missing);
  wanted_blocks now = {.self = self, .missing = nd_new(missing, sizeof(size_t), error)};
  if (now.missing == NULL) return NADIR_NO_MEMORY;
  for (size_t b = 0; b < self->data->blocks; b++)
    if (self->wanted[b] == self->call && self->window[b] == NULL)
      now.missing[now.missing_count++] = b;
  nadir_status status = nd_pool_run(self->pool, now.missing_count, load_missing, &now, error);
  nd_free(now.missing);
  return status;
}

static nadir_status blocks_of(nd_table_objective *self, const nd_pick *picks, size_t count,
                              nd_block *const **blocks, nadir_error *error) {
  *blocks = self->window == NULL ? self->data->block : self->window;
  return self->window == NULL ? NADIR_OK : load_wanted(self, picks, count, error);
}

/* ---- batches ---- */

typedef struct batch_pass {
  nd_table_objective *self;
  nd_block *const *blocks;
  const nd_pick *picks;
  size_t count;
  const double *w;
} batch_pass;

static nadir_status batch_piece(void *context, size_t piece, size_t worker, void *out,
                                nadir_error *error) {
  (void)error;
  const batch_pass *now = context;
  nd_data *data = now->self->data;
  size_t first = piece * PIECE, left = now->count - first;
  double *sums = out;
  nd_rows_batch(data->rows, data->workers[worker].workspace, now->blocks, now->picks + first,
                left < PIECE ? left : PIECE, now->w, sums, sums + 1);
  return NADIR_OK;
}

/* A large batch goes in pieces of fixed size, so threads change nothing. */
static nadir_status sum_batch(batch_pass *now, double *sums, nadir_error *error) {
  nd_reduction reduction = {.blocks = (now->count + PIECE - 1) / PIECE,
                            .bytes = (now->self->model->size + 1) * sizeof(double),
                            .block = batch_piece,
                            .combine = nd_combine_sums,
                            .context = now};
  if (reduction.blocks <= 1) return batch_piece(now, 0, 0, sums, error);
  return (now->self->apart ? nd_reduce_apart : nd_reduce)(&reduction, now->self->pool, sums, error);
}

static nadir_status batch(nd_objective *face, const nd_pick *picks, size_t count, const double *w,
                          double *loss, double *into, nadir_error *error) {
  nd_table_objective *self = self_of(face);
  size_t size = self->model->size;
  batch_pass now = {.self = self, .picks = picks, .count = count, .w = w};
  ND_TRY(blocks_of(self, picks, count, &now.blocks, error));
  double *sums = nd_new(size + 1, sizeof *sums, error);
  if (sums == NULL) return NADIR_NO_MEMORY;
  nadir_status status = sum_batch(&now, sums, error);
  double rows = (double)self->data->counts.used, part = (double)count / rows;
  double scale = face->sum ? 1 : self->scale / part, share = face->sum ? part : 1;
  if (status == NADIR_OK) {
    for (size_t i = 0; i < size; i++)
      into[i] = scale * sums[i + 1];
    *loss = scale * sums[0] + add_penalty(self, share, w, into);
  }
  nd_free(sums);
  return status;
}

static nadir_status descend(nd_objective *face, const nd_stretch *stretch, double *w,
                            size_t *updates, double *loss, double *into, double *step,
                            nadir_error *error) {
  nd_table_objective *self = self_of(face);
  nd_data *data = self->data;
  nd_block *const *blocks;
  ND_TRY(blocks_of(self, stretch->picks, stretch->count + stretch->followed, &blocks, error));
  double rows = (double)data->counts.used;
  nd_descent descent = {.batch = stretch->batch,
                        .rates = stretch->rates,
                        .share = stretch->share,
                        .scale = rows / data->counts.weight,
                        .sum = face->sum,
                        .rows_total = rows,
                        .ridge = self->ridge,
                        .average = stretch->average,
                        .rule = stretch->rule,
                        .effective = stretch->effective,
                        .followed = stretch->followed,
                        .ahead = stretch->ahead};
  nd_rows_descend(data->rows, data->workers[0].workspace, blocks, stretch->picks, stretch->count,
                  &descent, w, updates, loss, into, step);
  return NADIR_OK;
}

/* ---- samples ---- */

static double noise(const nd_objective *face) {
  return self_of(face)->noise;
}

static void free_sample(nd_objective *face) {
  nd_table_objective *self = self_of(face);
  nd_free(self->curved);
  nd_free(self->sloped);
  nd_free(self);
}

/* Linear models of the losses in the list, which are all convex in f, have one minimum; and one step solves a sum of
 * squares, however many rows it is of. */
static bool leads_to_the_whole(const nd_table_objective *self) {
  const nd_model *model = self->model;
  return model->is_linear && model->loss.is_listed && !self->data->residuals && !self->joint &&
         !self->face.kinked;
}

static nadir_status sample_new(nd_objective *face, const size_t *chunk, size_t chunks,
                               nd_objective **sample, nadir_error *error) {
  const nd_table_objective *whole = self_of(face);
  *sample = NULL;
  nd_table_objective *self = nd_new(1, sizeof *self, error);
  if (self == NULL) return NADIR_NO_MEMORY;
  *self = *whole;
  self->curved = NULL;
  self->slope_is_known = false;
  self->sloped = nd_new(2 * self->model->size + 2, sizeof *self->sloped, error);
  if (self->sloped == NULL) {
    nd_free(self);
    return NADIR_NO_MEMORY;
  }
  self->chunk = chunk;
  self->chunks = chunks;
  self->face.rows = 0;
  for (size_t i = 0; i < chunks; i++)
    self->face.rows += whole->data->block_rows[chunk[i]];
  self->scale *= (double)whole->face.rows / (double)self->face.rows;
  self->face.problem.context = self;
  self->face.bounds = NULL; /* freed with the whole */
  self->face.noise = noise;
  self->face.free = free_sample;
  *sample = &self->face;
  return NADIR_OK;
}

/* ---- making and freeing ---- */

static void to_table(const nd_objective *face, const double *w, double *table_w) {
  nd_model_to_table(self_of(face)->model, w, table_w);
}

static void free_self(nd_objective *face) {
  nd_table_objective *self = self_of(face);
  if (self->joint != NULL) self->joint->free(self->joint);
  for (size_t b = 0; b < self->data->blocks && self->window != NULL; b++)
    if (!nd_data_keeps(self->data, b)) nd_block_free(self->window[b]);
  nd_free(self->window);
  nd_free(self->wanted);
  nd_free(self->ridge);
  nd_free(self->curved);
  nd_free(self->sloped);
  nd_free(self->rounded);
  nd_free(self->l1);
  nd_free(self->affine);
  nd_free(self->names);
  nd_free(self);
}

nadir_status nd_objective_go_on(void *context, nadir_error *error) {
  const nd_objective *objective = context;
  return nd_go_on(objective->until, error);
}

void nd_objective_free(nd_objective *objective) {
  if (objective == NULL) return;
  nd_free((void *)(uintptr_t)objective->bounds);
  objective->free(objective);
}

static nadir_status penalty_new(double strength, const nd_model_parameter *parameters, size_t size,
                                double **penalty, nadir_error *error) {
  *penalty = NULL;
  if (!(strength > 0)) return NADIR_OK;
  *penalty = nd_new(size, sizeof **penalty, error);
  if (*penalty == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < size; i++)
    (*penalty)[i] = parameters[i].penalised ? strength : 0;
  return NADIR_OK;
}

/* full and draw jump over all of the table: without memory for it each update would read it. */
static nadir_status check_order(const nd_data *data, const nadir_settings *settings,
                                nadir_error *error) {
  bool jumps = settings->shuffle == ND_SHUFFLE_FULL || settings->shuffle == ND_SHUFFLE_DRAW;
  if (data->counts.in_memory || settings->batch.rows == 0 || !jumps) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "shuffle: %s needs the rows in memory, and they do not fit: set shuffle to block, "
                 "or memory to more",
                 settings->shuffle == ND_SHUFFLE_FULL ? "full" : "draw");
}

static nadir_status check_bootstrap(const nd_data *data, const nadir_settings *settings,
                                    nadir_error *error) {
  bool kept = data->counts.in_memory || nd_groups_in(data->part); /* a group's rows are */
  if (settings->errors.kind != ND_ERRORS_BOOTSTRAP || kept) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "errors: bootstrap needs the rows in memory, and they do not fit: set memory to more");
}

static nadir_status take_memory(nd_table_objective *self, const nadir_settings *settings,
                                nadir_error *error) {
  const nd_model *model = self->model;
  self->names = nd_new(model->size, sizeof *self->names, error);
  if (self->names == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < model->size; i++)
    self->names[i] = model->parameters[i].name;
  ND_TRY(penalty_new(settings->l2, model->parameters, model->size, &self->ridge, error));
  ND_TRY(penalty_new(settings->l1, model->parameters, model->size, &self->l1, error));
  self->rounded = nd_new(model->size + 1, sizeof *self->rounded, error);
  self->sloped = nd_new(2 * model->size + 1, sizeof *self->sloped, error);
  if (self->rounded == NULL || self->sloped == NULL) return NADIR_NO_MEMORY;
  if (nd_data_keeps_all(self->data)) return NADIR_OK;
  self->window = nd_new(self->data->blocks, sizeof *self->window, error);
  self->wanted = nd_new(self->data->blocks, sizeof *self->wanted, error);
  if (self->window == NULL || self->wanted == NULL) return NADIR_NO_MEMORY;
  for (size_t b = 0; b < self->data->blocks; b++)
    if (nd_data_keeps(self->data, b)) self->window[b] = self->data->block[b];
  return NADIR_OK;
}

/* The derivatives of a formula by its parameters and then its value at 0, where it is affine in them:
 * smooth.c needs them where the loss has kinks. NULL for others. */
static nadir_status find_affine(nd_table_objective *self, nadir_error *error) {
  const nd_model *model = self->model;
  size_t n = model->free_count;
  bool asked = self->face.kinked && model->head_count == 0 && n == model->size && n > 0 &&
               model->target != ND_NO_NODE;
  if (!asked) return NADIR_OK;
  nd_node *nodes = nd_new(2 * n + 1, sizeof *nodes, error), *zeros = nodes ? nodes + n + 1 : NULL;
  bool bent = false;
  nadir_status status = nodes ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; i < n && status == NADIR_OK; i++)
    status = nd_make_number(model->graph, 0, &zeros[i], error);
  if (status == NADIR_OK)
    status = nd_derive(model->graph, model->output, model->free, n, nodes, error);
  if (status == NADIR_OK)
    status = nd_substitute(model->graph, model->output, model->free, zeros, n, &nodes[n], error);
  if (status == NADIR_OK) status = nd_any_depends(model->graph, nodes, n, model->free, n, &bent, error);
  if (status == NADIR_OK && !bent)
    self->affine = nodes;
  else
    nd_free(nodes);
  return status;
}

static nadir_status find_kinks(nd_table_objective *self, nadir_error *error) {
  const nd_model *model = self->model;
  bool in_heads, in_free;
  ND_TRY(nd_has_kinks(model->graph, model->loss_node, model->etas, model->head_count, &in_heads,
                      error));
  ND_TRY(nd_has_kinks(model->graph, model->loss_node, model->free, model->free_count, &in_free,
                      error));
  self->face.kinked = in_heads || in_free;
  self->face.integrates = nd_has_integrals(model->graph, &model->loss_node, 1);
  return find_affine(self, error);
}

/* A thousandth of a standard error squared, as a rise of the loss: of chi2 it is 1e-6, of a sum of
 * squares 1e-6 of its share for each degree of freedom, of a summed log-likelihood 5e-7. */
static double negligible(const nd_objective *face, double loss) {
  const nd_table_objective *self = self_of(face);
  const nd_model *model = self->model;
  double freedom = (double)self->data->positive - (double)model->size;
  if (freedom <= 0) return (double)NAN;
  if (model->row_errors) return 1e-6 * self->scale / face->loss_factor;
  if (self->data->residuals) return 1e-6 * loss / freedom;
  return model->loss.errors == ND_HAS_LIKELIHOOD ? 5e-7 * self->scale : (double)NAN;
}

static void fill_face(nd_table_objective *self) {
  const nd_data *data = self->data;
  nd_objective *face = &self->face;
  face->problem = (nadir_problem){.size = self->model->size,
                                  .context = self,
                                  .value = value,
                                  .gradient = gradient,
                                  .hessian = data->hessian ? hessian : NULL,
                                  .hessian_vector = data->hessian ? hessian_vector : NULL,
                                  .factor = data->residuals ? factor : NULL,
                                  .squares = self->scale * data->squares,
                                  .rounding = rounding,
                                  .go_on = nd_objective_go_on,
                                  .scaled = data->scaled && self->model->scale_method == ND_SCALE_STANDARD};
  face->rows = data->counts.used;
  face->block_rows = data->block_rows;
  face->blocks = data->blocks;
  face->loss_factor = nd_model_loss_factor(self->model);
  face->batch = batch;
  face->descend = descend;
  face->fuses = nd_rows_fuses(data->rows);
  face->validation = data->validation_weight > 0 ? validation : NULL;
  face->to_table = to_table;
  face->negligible = negligible;
  face->linear = self->model->is_linear;
  face->data_loss = data_loss;
}

/* What the rows decide. */
static void take_rows(nd_table_objective *self) {
  self->scale = self->face.sum ? 1 : 1 / self->data->counts.weight;
  fill_face(self);
  self->rounded[0] = (double)NAN; /* no point yet */
  nd_free(self->curved);
  self->curved = NULL;
  self->slope_is_known = false;
}

void nd_objective_renew(nd_objective *objective) {
  take_rows(self_of(objective));
}

nadir_status nd_objective_rejoin(nd_objective *objective, const nadir_settings *settings, nadir_error *error) {
  nd_table_objective *self = self_of(objective);
  if (self->joint) self->joint->free(self->joint);
  self->joint = NULL;
  return nd_join(self, settings, error);
}

nadir_status nd_objective_of_table(nd_objective **objective, nd_model *model, nd_data *data,
                                   const nadir_settings *settings, nd_pool *pool,
                                   nadir_error *error) {
  *objective = NULL;
  ND_TRY(check_order(data, settings, error));
  ND_TRY(check_bootstrap(data, settings, error));
  nd_table_objective *self = nd_new(1, sizeof *self, error);
  if (self == NULL) return NADIR_NO_MEMORY;
  self->face.free = free_self;
  self->model = model;
  self->data = data;
  self->pool = pool;
  self->face.sum = settings->reduce == ND_REDUCE_SUM;
  self->apart = settings->parts > 1;
  nadir_status status = take_memory(self, settings, error);
  if (status == NADIR_OK) take_rows(self);
  if (status == NADIR_OK) status = find_kinks(self, error);
  if (status == NADIR_OK) status = nd_join(self, settings, error);
  self->face.sample = leads_to_the_whole(self) ? sample_new : NULL;
  self->face.l1 = self->l1;
  self->face.names = self->names;
  if (status == NADIR_OK)
    *objective = &self->face;
  else
    free_self(&self->face);
  return status;
}
