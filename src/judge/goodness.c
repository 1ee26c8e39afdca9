/* How well a fit fits.
 *
 * With l the loss of a row and w its weight, -2 ln L is
 *
 *     sum w l + sum ln(2 pi / w)                     squared loss with sigma, w = 1/sigma^2
 *     n (1 + ln(2 pi sum w l / n)) - sum ln w        squared loss without; the scatter is a parameter more
 *     2 sum w l, and 2 sum w ln y! of counts         a negative log-likelihood
 *
 * AIC = -2 ln L + 2 k (Akaike 1974) and BIC = -2 ln L + k ln n (Schwarz 1978), k the parameters that the rows
 * determine. Weights are prior weights as R's. Pearson's chi2 of classes is sum w (1 - p)/p, p the probability of the
 * row's own class, since the terms of the others add up so.
 * Cost: some operations a row in survey.c's pass, and room for the residuals of at most 10,000 rows. */
#include <string.h>

#include "base/dense.h"
#include "base/distribution.h"
#include "judge/goodness.h"
#include "judge/residuals.h"
#include "objective/joint.h"

static const uint64_t MOST_RESIDUALS = 10000;
static const double LOG_2_PI = 1.8378770664093454836;
/* Residuals whose sum is less, in units of the root of their number times their squares, add up to 0: it moves R2 by 1e-10
 * of what it leaves of 1. */
static const double NO_SUM = 1e-5;

struct nd_row_sums {
  const nd_table_objective *self;
  nd_moments target; /* where R2 needs it */
  double rows, weight, target_sum, loss, log_weight, log_factorial, pearson, residual;
  double *of_class; /* weight by class */
  nd_residual *residuals;
  size_t residual_count;
  size_t place; /* the model column that they are in the order of; column_count: none */
};

/* ---- adding up ---- */

/* The one column that the model is of, in whose order a trend shows; column_count where there are several. */
static nadir_status find_place(const nd_model *model, size_t *place, nadir_error *error) {
  nd_node *names;
  size_t count, found = 0;
  *place = model->column_count;
  ND_TRY(nd_names(model->graph, &model->typed_model, 1, &names, &count, error));
  for (size_t i = 0; i < count; i++) {
    size_t column = nd_model_column_of(model, names[i]);
    if (column == model->column_count || column == *place) continue;
    *place = column;
    found++;
  }
  nd_free(names);
  if (found != 1 || model->columns[*place].equals) *place = model->column_count;
  return NADIR_OK;
}

static bool keeps_residuals(const nd_table_objective *self) {
  return self->model->loss.errors == ND_HAS_SQUARES && self->data->positive <= MOST_RESIDUALS;
}

bool nd_row_sums_bear(const nd_table_objective *self, double error) {
  return self->model->loss.errors == ND_HAS_SQUARES && !keeps_residuals(self) && error <= NO_SUM / 2;
}

nadir_status nd_row_sums_new(nd_row_sums **sums, const nd_table_objective *self,
                             nadir_error *error) {
  nd_row_sums *made = *sums = nd_new(1, sizeof *made, error);
  if (!made) return NADIR_NO_MEMORY;
  const nd_model *model = self->model;
  bool wanted = keeps_residuals(self);
  made->self = self;
  made->of_class = nd_new(model->class_count, sizeof *made->of_class, error);
  if (wanted) made->residuals = nd_new(self->data->positive, sizeof *made->residuals, error);
  bool full = made->of_class && (made->residuals || !wanted);
  nadir_status status = full ? find_place(model, &made->place, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK) return NADIR_OK;
  nd_row_sums_free(made);
  *sums = NULL;
  return status;
}

void nd_row_sums_free(nd_row_sums *sums) {
  if (!sums) return;
  nd_free(sums->of_class);
  nd_free(sums->residuals);
  nd_free(sums);
}

/* Of a row's normal likelihood with a scatter. */
static double scattered(const nd_model *model, const nd_model_rows *rows, size_t r) {
  double scatter = model->value[model->scatter], sigma = rows->sigma ? rows->sigma[r] : 0;
  double residual = (rows->target[r] - rows->output[r]) / hypot(sigma, scatter);
  return residual * residual;
}

static double pearson(const nd_loss *loss, double y, double f, double l) {
  double expected = exp(f);
  return loss->link == ND_LINK_LOG ? (y - expected) * (y - expected) / expected : expm1(l);
}

static void add_residual(nd_row_sums *s, nd_numbers places, const nd_model_rows *rows, size_t r,
                         double root) {
  if (!s->residuals || s->residual_count == s->self->data->positive) return;
  s->residuals[s->residual_count] =
      (nd_residual){.value = (rows->target[r] - rows->output[r]) * root,
                    .place = places.at ? nd_number(places, r) : 0,
                    .row = s->residual_count};
  s->residual_count++;
}

static void add_row(nd_row_sums *s, nd_numbers places, const nd_model_rows *rows, size_t r) {
  const nd_model *model = s->self->model;
  double w = rows->weight ? rows->weight[r] : 1, y = rows->target[r], l = rows->loss[r];
  if (!(w > 0)) return;
  s->rows++;
  s->weight += w;
  s->loss += w * l;
  s->log_weight += rows->weight ? log(w) : 0;
  s->target_sum += w * y;
  if (model->target_kind == ND_TARGET_CLASS) s->of_class[(size_t)y] += w;
  if (model->loss.errors == ND_HAS_LIKELIHOOD) {
    s->pearson += model->scatter != SIZE_MAX ? scattered(model, rows, r)
                                             : w * pearson(&model->loss, y, rows->output[r], l);
    if (model->loss.takes == ND_TAKES_COUNTS) s->log_factorial += w * nd_log_factorial(y);
    return;
  }
  if (!rows->weight) nd_moments_add(&s->target, y, 1);
  s->residual += y - rows->output[r];
  add_residual(s, places, rows, r, sqrt(w));
}

nadir_status nd_row_sums_add(nd_row_sums *sums, const nd_model_reader *reader, size_t chunk,
                             const nd_model_rows *rows, nadir_error *error) {
  const nd_model *model = sums->self->model;
  nd_numbers places = {0};
  bool *held = nd_new(rows->rows, sizeof *held, error);
  if (!held) return NADIR_NO_MEMORY;
  nd_data_mark_held(sums->self->data, chunk, rows->rows, held);
  if (sums->place < model->column_count) places = nd_model_reader_column(reader, sums->place);
  for (size_t r = 0; r < rows->rows; r++)
    if (rows->kept[r] == 1 && !held[r]) add_row(sums, places, rows, r);
  nd_free(held);
  return NADIR_OK;
}

/* ---- what they say ---- */

/* ln L of a model that says the same of every row; NaN where it is certain. */
static double constant_likelihood(const nd_model *model, const nd_row_sums *s) {
  double sum = 0, mean = s->target_sum / s->weight;
  switch (model->loss.link) {
  case ND_LINK_LOGIT:
    sum = s->weight * (mean * log(mean) + (1 - mean) * log1p(-mean));
    break;
  case ND_LINK_LOG:
    sum = s->weight * (mean * log(mean) - mean) - s->log_factorial;
    break;
  case ND_LINK_CLASSES:
    for (size_t k = 0; k < model->class_count; k++)
      if (s->of_class[k] > 0) sum += s->of_class[k] * log(s->of_class[k] / s->weight);
    break;
  case ND_LINK_CENTER:
  case ND_LINK_QUANTILE:
  case ND_LINK_MARGIN:
    return (double)NAN;
  }
  return sum < 0 ? sum : (double)NAN;
}

static double log_likelihood(const nd_model *model, const nd_row_sums *s) {
  if (model->loss.errors == ND_HAS_LIKELIHOOD) return -s->loss - s->log_factorial;
  if (model->loss.errors != ND_HAS_SQUARES) return (double)NAN;
  if (model->sigma != ND_NO_NODE) return -(s->loss + s->rows * LOG_2_PI - s->log_weight) / 2;
  double spread = s->loss > 0 ? s->loss / s->rows : (double)NAN;
  return -(s->rows * (1 + LOG_2_PI + log(spread)) - s->log_weight) / 2;
}

static void find_information(double likelihood, double parameters, double rows, nd_goodness *g) {
  g->log_likelihood = likelihood;
  g->aic = 2 * parameters - 2 * likelihood;
  g->bic = parameters * log(rows) - 2 * likelihood;
}

static void inform_of_rows(const nd_model *model, const nd_errors *errors, const nd_row_sums *s,
                           nd_goodness *g) {
  bool scatter = model->loss.errors == ND_HAS_SQUARES && !model->row_errors;
  find_information(log_likelihood(model, s), (double)errors->rank + scatter, s->rows, g);
}

/* Of normal errors with a covariance. */
static void inform_of_joint(const nd_joint *joint, const nd_errors *errors, nd_goodness *g) {
  double n = (double)joint->rows;
  find_information(-(errors->chi2 + n * LOG_2_PI + joint->log_determinant) / 2,
                   (double)errors->rank, n, g);
}

/* 1 - RSS/TSS means a part of the variance where the residuals add up to 0, as an intercept makes them. */
static double find_r2(const nd_model *model, const nd_row_sums *s) {
  bool balanced = (model->intercept || !model->is_linear) && fabs(s->residual) <= NO_SUM * sqrt(s->rows * s->loss);
  double total = ldexp(s->target.m2, 2 * s->target.exponent);
  bool weighted = model->weight != ND_NO_NODE || model->class_weight != NULL;
  if (model->loss.errors != ND_HAS_SQUARES || weighted) return (double)NAN;
  return balanced && total > 0 ? 1 - s->loss / total : (double)NAN;
}

static double find_dispersion(const nd_model *model, const nd_errors *errors,
                              const nd_row_sums *s) {
  double outputs = model->loss.link == ND_LINK_CLASSES ? (double)model->class_count - 1 : 1;
  double freedom = outputs * s->rows - (double)errors->rank;
  bool known = model->loss.link == ND_LINK_LOGIT || model->loss.link == ND_LINK_LOG ||
               model->loss.link == ND_LINK_CLASSES;
  return known && model->loss.errors == ND_HAS_LIKELIHOOD && freedom > 0 ? s->pearson / freedom
                                                                         : (double)NAN;
}

/* scale: of the residuals in units of their errors: 1 with sigma, else their scatter. */
static void test_residuals(const nd_model *model, nd_row_sums *s, double scale, nd_goodness *g) {
  if (!s->residuals || s->residual_count != s->self->data->positive) return;
  g->normal_p = nd_normal_p(s->residuals, s->residual_count);
  g->farthest = nd_farthest(s->residuals, s->residual_count) / scale;
  g->farthest_p = nd_farthest_p(g->farthest, s->residual_count);
  g->runs_p = nd_runs_p(s->residuals, s->residual_count);
  if (s->place < model->column_count) g->order = model->columns[s->place].column;
}

double nd_scattered_chi2(const nd_table_objective *self, const nd_row_sums *sums) {
  return sums && self->model->scatter != SIZE_MAX ? sums->pearson : (double)NAN;
}

void nd_find_goodness(const nd_table_objective *self, const nd_errors *errors, nd_row_sums *sums,
                      bool at_minimum, nd_goodness *g) {
  const nd_model *model = self->model;
  double nan = (double)NAN, freedom = (double)errors->degrees_of_freedom;
  bool likely = self->ridge == NULL && self->l1 == NULL && model->class_weight == NULL;
  *g = (nd_goodness){nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, NULL};
  if (freedom > 0) g->reduced_chi2 = errors->chi2 / freedom;
  if (at_minimum && self->joint) {
    if (freedom > 0 && !errors->bounded) g->p_value = nd_chi2_above(errors->chi2, freedom);
    inform_of_joint(self->joint, errors, g);
  }
  if (!sums || !at_minimum) return;
  g->r2 = find_r2(model, sums);
  test_residuals(model, sums, model->sigma == ND_NO_NODE && freedom > 0 ? sqrt(sums->loss / freedom) : 1, g);
  if (!likely) return; /* the minimum is not that of a likelihood */
  bool free = model->scatter == SIZE_MAX; /* else chi2 is what the scatter makes it */
  if (freedom > 0 && !errors->bounded && free) g->p_value = nd_chi2_above(errors->chi2, freedom);
  inform_of_rows(model, errors, sums, g);
  if (model->loss.errors != ND_HAS_LIKELIHOOD) return;
  g->dispersion = find_dispersion(model, errors, sums);
  g->pseudo_r2 = 1 - g->log_likelihood / constant_likelihood(model, sums);
}
