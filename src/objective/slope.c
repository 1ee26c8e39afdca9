/* The gradient of a fit at the parameters as they are printed, with a bound on all of its rounding,
 * in one pass over the rows.
 *
 * Parameters in the table's own units are doubles that were rounded from those that were descended
 * on. With columns far from 0 (a Julian date) that rounding moves the fit more than the descent left
 * to do, so a bound must be taken at the rounded ones. Their image in scaled coordinates is exact as
 * a real number, and so is the gradient there: the mean of l'(f) u, u = (x - center)/width. Each f
 * is summed in pairs of doubles (T. Dekker 1971, by fused multiplication; S. Rump 2005 for its
 * bound), for the terms of b + w x cancel; then l', u and the products round by some units each, and
 * sums over rows are taken in pairs again, in eight lanes. The columns are as the program reads and evaluates them.
 * Of rows that are kept as floats the bound is taken from what is kept (slope_rows.c).
 *
 * Costs a pass over the rows and 30 operations for each value. Forbidden: a term whose rounding is
 * not in the bound. */
#include <string.h>

#include "base/dense.h"
#include "engine/pairs.h"
#include "objective/slope.h"

static const double UNIT = 0x1p-53, PAIR = 0x1p-100; /* PAIR: of a sum of two pairs, generously */

/* ---- pairs of doubles ---- */

static nd_pair sum_of(double a, double b) {
  double high = a + b, back = high - a;
  return (nd_pair){high, (a - (high - back)) + (b - back)};
}

nd_pair nd_pair_add(nd_pair a, nd_pair b) {
  nd_pair sum = sum_of(a.high, b.high);
  return sum_of(sum.high, sum.low + (a.low + b.low));
}

static nd_pair product_of(double a, double b) {
  double high = a * b;
  return (nd_pair){high, fma(a, b, -high)};
}

/* ---- rows ---- */

/* Of f, a sum in pairs of terms of this size in all. */
static double rounding_of_f(const nd_model *model, double size) {
  return PAIR * (double)(model->heads[0].features + 2) * size + 0x1p-1000;
}

nd_pair nd_predict_less(const nd_model *model, const double *w, const nd_packed *packed, size_t r,
                        double less, double *rounding) {
  const nd_head *head = &model->heads[0];
  double intercept = head->intercept == SIZE_MAX ? 0 : w[head->intercept];
  double size = fabs(less) + fabs(intercept);
  nd_pair f = sum_of(intercept, -less);
  for (size_t j = 0; j < head->features; j++) {
    nd_pair term =
        product_of(w[head->first_weight + j], nd_packed_number(packed, head->first_feature + j, r));
    f = nd_pair_add(f, term);
    size += fabs(term.high);
  }
  *rounding = rounding_of_f(model, size);
  return f;
}

/* Some rows of a chunk; those behind `count` are zeros, up to whole lanes. */
typedef struct row_tile {
  const nd_slope_pass *pass;
  const nd_pairs *pairs;
  const nd_packed *packed;
  size_t first, count, padded;
  nd_pair_rows f;
  double target[ND_PAIR_ROWS], slope[ND_PAIR_ROWS], error[ND_PAIR_ROWS], norm[ND_PAIR_ROWS];
  double room[ND_PAIR_ROWS];
} row_tile;

static const double *column_of(row_tile *tile, size_t column, double *room) {
  nd_numbers x = nd_numbers_after(tile->packed->column[column], tile->first);
  const double *values = nd_doubles(x, tile->count, room);
  if (tile->count == tile->padded) return values;
  if (values != room) memcpy(room, values, tile->count * sizeof *room);
  memset(room + tile->count, 0, (tile->padded - tile->count) * sizeof *room);
  return room;
}

/* f of each row less what it is compared with, as nd_predict_less. */
static void predict_rows(row_tile *tile) {
  const nd_slope_pass *pass = tile->pass;
  const nd_head *head = &pass->model->heads[0];
  double intercept = head->intercept == SIZE_MAX ? 0 : pass->w[head->intercept];
  const double *y = column_of(tile, nd_packed_target(pass->data), tile->target);
  if (y != tile->target) memcpy(tile->target, y, tile->count * sizeof *y);
  for (size_t i = 0; i < tile->padded; i++) {
    double less = pass->curve == ND_CURVE_SQUARE ? tile->target[i] : 0;
    nd_pair f = sum_of(intercept, -less);
    tile->f.high[i] = f.high, tile->f.low[i] = f.low;
    tile->f.size[i] = fabs(less) + fabs(intercept);
  }
  for (size_t j = 0; j < head->features; j++)
    tile->pairs->add_products(pass->w[head->first_weight + j],
                              column_of(tile, head->first_feature + j, tile->room), tile->padded,
                              &tile->f);
}

/* l'(f) of the scaled loss at row i, and a bound on its rounding. */
static double derivative(const row_tile *tile, size_t i, double *rounding) {
  const nd_slope_pass *pass = tile->pass;
  double width = pass->model->target_scaling.width, slope = 0, f = tile->f.high[i];
  double error = rounding_of_f(pass->model, tile->f.size[i]) + UNIT * fabs(f);
  *rounding = 0;
  switch (pass->curve) {
  case ND_CURVE_SQUARE:
    slope = 2 * (f / width);
    *rounding = 2 * error / width + 2 * UNIT * fabs(slope);
    break;
  case ND_CURVE_LOGISTIC: /* |l''| <= 1/4 */
    slope = 1 / (1 + exp(-f)) - tile->target[i];
    *rounding = error / 4 + 8 * UNIT;
    break;
  case ND_CURVE_UNBOUNDED:
  case ND_CURVE_EXPONENTIAL:
    slope = exp(f);
    *rounding = slope * (expm1(error) + 4 * UNIT);
    slope -= tile->target[i];
    *rounding += UNIT * fabs(slope);
    break;
  }
  return slope;
}

static void find_slopes(row_tile *tile, nd_slope_sums *sums) {
  const nd_slope_pass *pass = tile->pass;
  bool weighted = pass->data->weighted;
  const double *weight =
      weighted ? column_of(tile, nd_packed_weight(pass->data), tile->room) : NULL;
  for (size_t i = 0; i < tile->padded; i++) {
    double error, own = weighted ? weight[i] : 1, slope = own * derivative(tile, i, &error);
    bool is_row = i < tile->count;
    tile->slope[i] = is_row ? slope : 0;
    tile->error[i] = is_row ? own * error + UNIT * fabs(slope) : 0;
    tile->norm[i] = 0;
    if (is_row && weighted) sums->weight = nd_pair_add(sums->weight, (nd_pair){own, 0});
  }
  if (!weighted) sums->weight = nd_pair_add(sums->weight, (nd_pair){(double)tile->count, 0});
}

static void add_lanes(const nd_pair_lanes *lanes, nd_slope_sum *sum) {
  for (size_t l = 0; l < ND_PAIR_LANES; l++) {
    sum->total = nd_pair_add(sum->total, (nd_pair){lanes->high[l], lanes->low[l]});
    sum->size += lanes->size[l];
    sum->rounding += lanes->rounding[l];
  }
}

static void sum_column(row_tile *tile, nd_scaling by, const double *x, nd_slope_sum *sum) {
  nd_pair_lanes lanes = {{0}, {0}, {0}, {0}};
  tile->pairs->sum_products(by.center, by.width, x, tile->slope, tile->error, tile->padded,
                            tile->norm, &lanes);
  add_lanes(&lanes, sum);
}

/* A column of ones. */
static const double *ones_of(row_tile *tile) {
  for (size_t i = 0; i < tile->padded; i++)
    tile->room[i] = 1;
  return tile->room;
}

static void add_tile(row_tile *tile, nd_slope_sums *sums) {
  const nd_model *model = tile->pass->model;
  const nd_head *head = &model->heads[0];
  predict_rows(tile);
  find_slopes(tile, sums);
  if (head->intercept != SIZE_MAX)
    sum_column(tile, (nd_scaling){0, 1}, ones_of(tile), &sums->by_parameter[head->intercept]);
  for (size_t j = 0; j < head->features; j++)
    sum_column(tile, model->scaling[head->first_feature + j],
               column_of(tile, head->first_feature + j, tile->room),
               &sums->by_parameter[head->first_weight + j]);
  for (size_t i = 0; i < tile->count; i++)
    sums->longest = fmax(sums->longest, tile->norm[i]);
  sums->rows += (double)tile->count;
}

/* ---- all rows ---- */

static nadir_status add_block(void *context, size_t b, size_t worker, void *out,
                              nadir_error *error) {
  nd_slope_pass *pass = context;
  row_tile tile = {.pass = pass, .pairs = nd_pairs_now()};
  if (pass->data->block_rows[b] == 0) return NADIR_OK;
  ND_TRY(nd_data_raw(pass->data, b, worker, &tile.packed, error));
  for (tile.first = 0; tile.first < tile.packed->rows; tile.first += ND_PAIR_ROWS) {
    size_t left = tile.packed->rows - tile.first;
    tile.count = left < ND_PAIR_ROWS ? left : ND_PAIR_ROWS;
    tile.padded = (tile.count + ND_PAIR_LANES - 1) / ND_PAIR_LANES * ND_PAIR_LANES;
    add_tile(&tile, out);
  }
  return NADIR_OK;
}

static void combine(const nd_reduction *reduction, void *into, void *more) {
  const nd_slope_pass *pass = reduction->context;
  nd_slope_sums *a = into;
  const nd_slope_sums *b = more;
  a->weight = nd_pair_add(a->weight, b->weight);
  a->longest = fmax(a->longest, b->longest);
  a->rows += b->rows;
  for (size_t i = 0; i < pass->model->size; i++) {
    nd_slope_sum *sum = &a->by_parameter[i];
    sum->total = nd_pair_add(sum->total, b->by_parameter[i].total);
    sum->size += b->by_parameter[i].size;
    sum->rounding += b->by_parameter[i].rounding;
  }
}

/* The mean, the penalty, and of L1 the subgradient of least norm; then no less than its size. */
static double component(const nd_slope_pass *pass, const nd_slope_sums *sums, size_t i) {
  const nd_slope_sum *sum = &sums->by_parameter[i];
  double weight = sums->weight.high, w = pass->image[i];
  double ridge = pass->ridge ? pass->ridge[i] * w : 0, l1 = pass->l1 ? pass->l1[i] : 0;
  double mean = sum->total.high / weight + ridge;
  double rounding = (sum->rounding + PAIR * sums->rows * sum->size) / weight +
                    8 * UNIT * (sum->size / weight + fabs(ridge) + l1);
  double slope = nd_slope_left(w, mean, l1, NULL);
  bool leads_out = pass->held && pass->held[i] * slope <= -rounding;
  return leads_out && pass->held[i] != 0 ? 0 : fabs(slope) + rounding;
}

void nd_image_in_descent(const nd_model *model, const double *w, double *image) {
  const nd_head *head = &model->heads[0];
  double width = model->target_scaling.width;
  nd_pair b = {0, 0};
  if (head->intercept != SIZE_MAX) b = sum_of(w[head->intercept], -model->target_scaling.center);
  for (size_t j = 0; j < head->features; j++) {
    const nd_scaling *scaling = &model->scaling[head->first_feature + j];
    double weight = w[head->first_weight + j];
    b = nd_pair_add(b, product_of(weight, scaling->center));
    image[head->first_weight + j] = weight * scaling->width / width;
  }
  if (head->intercept != SIZE_MAX) image[head->intercept] = b.high / width;
}

/* What the intercept of the image may be off by: a sum in pairs, of which the high part is divided. */
static double error_of_intercept(const nd_slope_pass *pass) {
  const nd_model *model = pass->model;
  const nd_head *head = &model->heads[0];
  double size = 0, width = model->target_scaling.width;
  if (head->intercept == SIZE_MAX) return 0;
  size = fabs(pass->w[head->intercept]) + fabs(model->target_scaling.center);
  for (size_t j = 0; j < head->features; j++)
    size += fabs(pass->w[head->first_weight + j] * model->scaling[head->first_feature + j].center);
  return 4 * UNIT * fabs(pass->image[head->intercept]) +
         2 * PAIR * (double)(head->features + 2) * (size / width) + 0x1p-1000;
}

nadir_status nd_slope_at(nd_slope_pass *pass, nd_slope *slope, nadir_error *error) {
  size_t n = pass->model->size, bytes = sizeof(nd_slope_sums) + n * sizeof(nd_slope_sum);
  nd_slope_sums *sums = nd_new(1, bytes, error);
  double *parts = nd_new(2 * n, sizeof *parts, error);
  nadir_status status = sums && parts ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK) {
    pass->image = parts + n;
    nd_image_in_descent(pass->model, pass->w, pass->image);
    pass->image_error = error_of_intercept(pass);
    nd_reduction reduction = {.blocks = pass->data->blocks,
                              .bytes = bytes,
                              .block = nd_slope_is_of_rows(pass) ? nd_slope_of_rows : add_block,
                              .combine = combine,
                              .context = pass};
    status = nd_reduce(&reduction, pass->pool, sums, error);
  }
  if (status == NADIR_OK) {
    for (size_t i = 0; i < n; i++)
      parts[i] = component(pass, sums, i);
    slope->norm = nd_norm(n, parts) * (1 + 1e-12);
    slope->longest_row = sqrt(sums->longest) * (1 + 1e-12);
    for (size_t i = 0; i < n; i++)
      parts[i] = fabs(pass->image[i] - pass->descended[i]) + 8 * UNIT * fabs(pass->image[i]);
    slope->moved = nd_norm(n, parts) * (1 + 1e-12);
  }
  nd_free(sums);
  nd_free(parts);
  return status;
}
