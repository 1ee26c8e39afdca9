/* The gradient of a fit at the parameters as they are printed, with a bound on all of its rounding,
 * in one pass over the rows.
 *
 * Parameters in the table's own units are doubles that were rounded from those that were descended
 * on. With columns far from 0 (a Julian date) that rounding moves the fit more than the descent left
 * to do, so a bound must be taken at the rounded ones. Their image in scaled coordinates is exact as
 * a real number, and so is the gradient there: the mean of l'(f) u, u = (x - center)/width. Each f
 * is summed in pairs of doubles (T. Dekker 1971, by fused multiplication; S. Rump 2005 for its
 * bound), for the terms of b + w x cancel; then l', u and the products round by some units each, and
 * sums over rows are taken in pairs again. The columns are as the program reads and evaluates them.
 *
 * Costs a pass over the rows and 30 operations for each value. Forbidden: a term whose rounding is
 * not in the bound. */
#include <string.h>

#include "base/dense.h"
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

/* ---- a row ---- */

typedef struct row_values {
  const nd_data *data;
  const nd_packed *packed;
  size_t r;
} row_values;

static double value_of(const row_values *row, size_t column) {
  return nd_packed_number(row->packed, column, row->r);
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
  *rounding = PAIR * (double)(head->features + 2) * size + 0x1p-1000;
  return f;
}

/* l'(f) of the scaled loss, and a bound on its rounding. */
static double derivative(const nd_slope_pass *pass, const row_values *row, double *rounding) {
  *rounding = 0;
  double error, width = pass->model->target_scaling.width, slope = 0;
  double less = pass->curve == ND_CURVE_SQUARE ? value_of(row, nd_packed_target(row->data)) : 0;
  double f = nd_predict_less(pass->model, pass->w, row->packed, row->r, less, &error).high;
  error += UNIT * fabs(f);
  switch (pass->curve) {
  case ND_CURVE_SQUARE:
    slope = 2 * (f / width);
    *rounding = 2 * error / width + 2 * UNIT * fabs(slope);
    break;
  case ND_CURVE_LOGISTIC: /* |l''| <= 1/4 */
    slope = 1 / (1 + exp(-f)) - value_of(row, nd_packed_target(row->data));
    *rounding = error / 4 + 8 * UNIT;
    break;
  case ND_CURVE_UNBOUNDED:
  case ND_CURVE_EXPONENTIAL:
    slope = exp(f);
    *rounding = slope * (expm1(error) + 4 * UNIT);
    slope -= value_of(row, nd_packed_target(row->data));
    *rounding += UNIT * fabs(slope);
    break;
  }
  return slope;
}

static void add_term(nd_slope_sum *sum, double term, double rounding) {
  sum->total = nd_pair_add(sum->total, (nd_pair){term, 0});
  sum->size += fabs(term);
  sum->rounding += rounding;
}

static void add_row(const nd_slope_pass *pass, const row_values *row, nd_slope_sums *sums) {
  const nd_model *model = pass->model;
  const nd_head *head = &model->heads[0];
  bool weighted = row->data->weighted, has_intercept = head->intercept != SIZE_MAX;
  double error, weight = weighted ? value_of(row, nd_packed_weight(row->data)) : 1;
  double slope = weight * derivative(pass, row, &error), norm = has_intercept ? 1 : 0;
  error = weight * error + UNIT * fabs(slope);
  if (has_intercept) add_term(&sums->by_parameter[head->intercept], slope, error);
  for (size_t j = 0; j < head->features; j++) {
    const nd_scaling *scaling = &model->scaling[head->first_feature + j];
    double u = (value_of(row, head->first_feature + j) - scaling->center) / scaling->width;
    add_term(&sums->by_parameter[head->first_weight + j], slope * u,
             error * fabs(u) + 4 * UNIT * fabs(slope * u));
    norm += u * u;
  }
  sums->weight = nd_pair_add(sums->weight, (nd_pair){weight, 0});
  sums->longest = fmax(sums->longest, norm);
  sums->rows += 1;
}

/* ---- all rows ---- */

static nadir_status add_block(void *context, size_t b, size_t worker, void *out,
                              nadir_error *error) {
  nd_slope_pass *pass = context;
  row_values row = {.data = pass->data};
  if (pass->data->block_rows[b] == 0) return NADIR_OK;
  ND_TRY(nd_data_raw(pass->data, b, worker, &row.packed, error));
  for (row.r = 0; row.r < row.packed->rows; row.r++)
    add_row(pass, &row, out);
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

nadir_status nd_slope_at(nd_slope_pass *pass, nd_slope *slope, nadir_error *error) {
  size_t n = pass->model->size, bytes = sizeof(nd_slope_sums) + n * sizeof(nd_slope_sum);
  nd_slope_sums *sums = nd_new(1, bytes, error);
  double *parts = nd_new(2 * n, sizeof *parts, error);
  nadir_status status = sums && parts ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK) {
    pass->image = parts + n;
    nd_image_in_descent(pass->model, pass->w, pass->image);
    nd_reduction reduction = {.blocks = pass->data->blocks,
                              .bytes = bytes,
                              .block = add_block,
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
