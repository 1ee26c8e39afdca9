/* Standard errors of a fit, and the condition of the problem before and after scaling.
 *
 * Squared loss: with J the derivatives of the model by the parameters and W the weights, the covariance is
 * s^2 (J'WJ)^-1 with s^2 = RSS/(n - p), and (J'WJ)^-1 where --sigma gives the weights (then chi2 and n - p say
 * whether they were right). For linear models J'WJ is half the Hessian; for others Gauss and Newton's, by the
 * triangle of the rows where there is one. A negative log-likelihood: the inverse H^-1 of its Hessian, dispersion 1
 * (Fisher). Other smooth losses: the sandwich H^-1 (sum g g') H^-1, g the gradient of a row (Huber 1967, White
 * 1980). The setting errors asks for the Hessian or the sandwich elsewhere.
 *
 * They are found in descent coordinates, and carried to the table's by the linear map between them. A penalty
 * biases the parameters: then there are none. What rests on a bound is held, and has none. Of softmax they are those
 * of the differences from the first class, whose parameters are held: only differences are determined.
 *
 * The condition number is the greatest eigenvalue of the Hessian times that of its inverse: each is
 * accurate in the table's coordinates too, where the least eigenvalue itself would be lost to
 * rounding. Cost: one Hessian, n^3 for n parameters; none above 512. */
#include <float.h>
#include <string.h>

#include "base/dense.h"
#include "judge/errors_internal.h"

enum { MOST_PARAMETERS = 512 };
static const double most_work = 2e11; /* rows times parameters squared */

/* ---- condition ---- */

/* The greatest eigenvalue of a positive definite matrix. */
static nadir_status greatest(size_t n, const double *a, double *value, const nd_until *until,
                             nadir_error *error) {
  *value = (double)INFINITY;
  if (!nd_all_finite(n * n, a)) return NADIR_OK;
  double *values = nd_new(n, sizeof *values, error);
  if (values == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_eigen(n, a, values, NULL, until, error);
  if (status == NADIR_OK) *value = values[n - 1];
  nd_free(values);
  return status;
}

static nadir_status condition_of(size_t n, const double *h, const double *inverse, double *value,
                                 const nd_until *until, nadir_error *error) {
  double up, down;
  ND_TRY(greatest(n, h, &up, until, error));
  ND_TRY(greatest(n, inverse, &down, until, error));
  *value = up * down;
  return NADIR_OK;
}

/* Uses up work->inverse. */
static nadir_status find_condition(const nd_model *model, nd_errors_work *work, bool definite,
                                   const nd_until *until, nd_errors *errors, nadir_error *error) {
  errors->condition_raw = errors->condition_scaled = (double)INFINITY;
  if (!definite) return NADIR_OK;
  ND_TRY(
      condition_of(work->n, work->hessian, work->inverse, &errors->condition_scaled, until, error));
  nd_carry_hessian(model, work->hessian, work->columns, work->raw);
  nd_carry_covariance(model, work->inverse);
  return condition_of(work->n, work->raw, work->inverse, &errors->condition_raw, until, error);
}

/* ---- standard errors ---- */

static bool is_least_squares(const nd_model *model) {
  return model->loss.curve == ND_CURVE_SQUARE;
}

static void forget(nd_model *model) {
  for (size_t i = 0; i < model->size; i++) {
    model->standard_error[i] = (double)NAN;
    model->parameters[i].undetermined = false;
  }
  nd_free(model->covariance);
  nd_free(model->undetermined);
  model->covariance = model->undetermined = NULL;
  model->undetermined_count = 0;
}

/* The same model over columns and a target divided by their widths, so that squares of its
 * parameters are doubles whatever the units; unit[i]: parameter i of the table's own over its.
 * part->scaling is to be freed. */
static nadir_status divide_by_widths(const nd_model *model, nd_model *part, double *unit,
                                     nadir_error *error) {
  double width = model->target_scaling.width;
  *part = *model;
  part->target_scaling = (nd_scaling){0, 1};
  part->scaling = nd_new(model->feature_count, sizeof *part->scaling, error);
  if (part->scaling == NULL) return NADIR_NO_MEMORY;
  for (size_t j = 0; j < model->feature_count; j++)
    part->scaling[j] = (nd_scaling){model->scaling[j].center / model->scaling[j].width, 1};
  part->basis.center /= model->basis.degree > 0 ? model->basis.width : 1;
  part->basis.width = 1;
  for (size_t i = 0; i < model->size; i++) {
    const nd_model_parameter *it = &model->parameters[i];
    unit[i] = model->is_linear ? width : 1;
    if (!model->is_linear || it->kind != ND_WEIGHT) continue;
    unit[i] /= model->scaling[it->feature].width;
    for (size_t k = 0; k <= it->feature && model->basis.degree > 0; k++)
      unit[i] /= model->basis.width;
  }
  return NADIR_OK;
}

/* variance: that the inverse is to be multiplied by, in descent coordinates. What is held has no error. */
static nadir_status take_errors(nd_model *model, const nd_errors_work *work, double variance,
                                nadir_error *error) {
  size_t n = model->size;
  bool all = true, some = false;
  nd_model part = {0};
  model->covariance = nd_new(n * n, sizeof *model->covariance, error);
  double *unit = nd_new(n, sizeof *unit, error);
  nadir_status status = model->covariance == NULL || unit == NULL
                            ? NADIR_NO_MEMORY
                            : divide_by_widths(model, &part, unit, error);
  if (status == NADIR_OK) {
    for (size_t i = 0; i < n * n; i++)
      model->covariance[i] = work->inverse[i] * variance;
    nd_carry_covariance(&part, model->covariance);
    for (size_t i = 0; i < n; i++) {
      unit[i] *= work->unit[i];
      bool known = !model->parameters[i].undetermined, held = nd_is_held(work->held, i);
      model->standard_error[i] =
          known && !held ? sqrt(model->covariance[i * n + i]) * unit[i] : (double)NAN;
      all &= known;
      some |= known && !held;
    }
    for (size_t i = 0; i < n * n; i++)
      model->covariance[i] *= unit[i / n] * unit[i % n];
  }
  bool whole = status == NADIR_OK && all && some && nd_all_finite(n * n, model->covariance);
  if (!whole) { /* of some there is none, or all are held, or it is beyond a double */
    nd_free(model->covariance);
    model->covariance = NULL;
  }
  nd_free(part.scaling);
  nd_free(unit);
  return status;
}

static void count_freedom(const nd_table_objective *self, nd_errors *errors) {
  uint64_t rows = self->data->positive;
  errors->degrees_of_freedom = rows > errors->rank ? rows - errors->rank : 0;
}

/* Sets what the residuals say; gives the variance of a residual of weight 1 in descent coordinates,
 * NaN where there is none. */
static nadir_status residuals(const nd_table_objective *self, const double *w, nd_errors *errors,
                              double *variance, nadir_error *error) {
  const nd_model *model = self->model;
  double loss;
  ND_TRY(self->face.problem.value(self->face.problem.context, w, &loss, error));
  double sum = self->face.data_loss(&self->face, w, loss) / self->scale;
  double width = model->target_scaling.width;
  count_freedom(self, errors);
  *variance = (double)NAN;
  if (model->row_errors) {
    errors->chi2 = sum * self->face.loss_factor;
    *variance = 1 / (width * width);
  } else if (errors->degrees_of_freedom > 0) {
    *variance = sum / (double)errors->degrees_of_freedom;
    errors->residual_sigma = sqrt(*variance) * width;
  }
  return NADIR_OK;
}

/* How the errors are made: as asked, or by what the loss is; NONE, and why, where there are none. */
static nadir_errors_by choose(const nd_table_objective *self, nd_errors_kind asked,
                              nadir_no_errors *why) {
  nd_loss_errors has = self->model->loss.errors;
  bool unlikely = asked == ND_ERRORS_HESSIAN && has == ND_HAS_SANDWICH;
  bool others = asked == ND_ERRORS_NONE || asked == ND_ERRORS_BOOTSTRAP;
  *why = others                                    ? NADIR_ERRORS_NOT_ASKED
         : self->face.kinked                       ? NADIR_ERRORS_KINKS
         : self->ridge != NULL || self->l1 != NULL ? NADIR_ERRORS_PENALTY
         : self->model->class_weight != NULL       ? NADIR_ERRORS_CLASS_WEIGHT
         : has == ND_HAS_NO_ERRORS || unlikely     ? NADIR_ERRORS_NO_LIKELIHOOD
                                                   : NADIR_ERRORS_GIVEN;
  if (*why != NADIR_ERRORS_GIVEN) return NADIR_ERRORS_BY_NOTHING;
  if (asked == ND_ERRORS_SANDWICH || has == ND_HAS_SANDWICH) return NADIR_ERRORS_BY_SANDWICH;
  return asked == ND_ERRORS_HESSIAN || has == ND_HAS_LIKELIHOOD ? NADIR_ERRORS_BY_HESSIAN
                                                                : NADIR_ERRORS_BY_SQUARES;
}

/* Sums of squares are halved, so that the Hessian of a linear model is J'WJ. */
static double share_of(const nd_model *model) {
  return is_least_squares(model) ? 2 : 1;
}

/* work->inverse <- that of J'WJ or of the Hessian; *done false where it is beyond a double. */
static nadir_status invert(nd_table_objective *self, const double *w, nd_errors_work *work,
                           bool *done, nd_errors *errors, nadir_error *error) {
  nd_model *model = self->model;
  bool squares = errors->by == NADIR_ERRORS_BY_SQUARES;
  *done = false;
  if (squares && !model->is_linear && self->face.problem.factor)
    ND_TRY(nd_invert_by_triangle(self, w, work, done, error));
  if (*done) return NADIR_OK;
  ND_TRY(squares ? nd_half_hessian(self, w, work, error)
                 : nd_observed_hessian(self, w, share_of(model), work, error));
  *done = nd_all_finite(work->n * work->n, work->raw);
  return nd_invert_determined(model, work->raw, work, self->face.until, errors, error);
}

/* work->inverse, H^-1, becomes H^-1 (sum g g') H^-1; in between, over units in which H^-1 has a unit
 * diagonal. */
static nadir_status fill_sandwich(nd_table_objective *self, const double *w, nd_errors_work *work,
                                  nadir_error *error) {
  size_t n = work->n;
  double *bread = work->inverse, *filled = work->columns;
  for (size_t i = 0; i < n; i++)
    work->unit[i] = sqrt(bread[i * n + i]);
  ND_TRY(nd_sum_of_squared_gradients(self, w, share_of(self->model), work, error));
  for (size_t i = 0; i < n * n; i++)
    bread[i] = bread[i] == 0 ? 0 : bread[i] / work->unit[i / n] / work->unit[i % n];
  for (size_t i = 0; i < n * n; i++) {
    filled[i] = 0;
    for (size_t k = 0; k < n; k++)
      filled[i] += bread[i / n * n + k] * work->raw[k * n + i % n];
  }
  for (size_t i = 0; i < n * n; i++) {
    work->raw[i] = 0; /* no longer needed from here on, row by row */
    for (size_t k = 0; k < n; k++)
      work->raw[i] += filled[i / n * n + k] * bread[k * n + i % n];
  }
  for (size_t i = 0; i < n * n; i++)
    bread[i] = work->raw[i] * work->unit[i / n] * work->unit[i % n];
  for (size_t i = 0; i < n; i++)
    work->unit[i] = 1;
  return NADIR_OK;
}

/* The most that an error by the Hessian differs from Gauss and Newton's, as a part of that: what bends the
 * model so much that errors of either kind mislead. NaN where the Hessian is not to be had. */
static nadir_status compare_with_hessian(nd_table_objective *self, const double *w,
                                         nd_errors_work *work, nd_errors *errors,
                                         nadir_error *error) {
  size_t n = work->n;
  bool definite;
  if (errors->rank < n || self->model->is_linear) return NADIR_OK;
  ND_TRY(nd_observed_hessian(self, w, 2, work, error));
  ND_TRY(nd_invert_scaled(n, work->raw, work->columns, &definite, self->face.until, error));
  for (size_t i = 0; i < n && definite; i++) {
    double own = sqrt(work->inverse[i * n + i]) * work->unit[i];
    errors->difference = fmax(errors->difference, fabs(sqrt(work->columns[i * n + i]) / own - 1));
  }
  return NADIR_OK;
}

static nadir_status find_errors(nd_table_objective *self, const double *w, nd_errors_work *work,
                                nd_errors *errors, nadir_error *error) {
  bool done = false, squares = is_least_squares(self->model);
  double variance = 1;
  for (size_t i = 0; i < work->n; i++)
    work->unit[i] = 1;
  if (errors->by != NADIR_ERRORS_BY_NOTHING) ND_TRY(invert(self, w, work, &done, errors, error));
  if (squares) ND_TRY(residuals(self, w, errors, &variance, error));
  if (errors->by == NADIR_ERRORS_BY_NOTHING) return NADIR_OK;
  count_freedom(self, errors);
  if (done && errors->by == NADIR_ERRORS_BY_SQUARES)
    ND_TRY(compare_with_hessian(self, w, work, errors, error));
  if (done && errors->by == NADIR_ERRORS_BY_SANDWICH) ND_TRY(fill_sandwich(self, w, work, error));
  errors->none = !done             ? NADIR_ERRORS_RANGE
                 : isnan(variance) ? NADIR_ERRORS_FREEDOM
                                   : NADIR_ERRORS_GIVEN;
  if (errors->none != NADIR_ERRORS_GIVEN) return NADIR_OK;
  if (errors->by == NADIR_ERRORS_BY_SANDWICH) variance = 1;
  return take_errors(self->model, work, variance, error);
}

/* ---- all of it ---- */

static nadir_status diagnose(nd_table_objective *self, const double *w, nd_errors_work *work,
                             nd_errors *errors, nadir_error *error) {
  nd_model *model = self->model;
  bool definite;
  if (model->is_linear) ND_TRY(nd_loss_hessian(self, w, work->hessian, error));
  ND_TRY(find_errors(self, w, work, errors, error));
  bool curved = model->is_linear && !self->face.kinked; /* else the Hessian does not tell */
  if (!curved || !model->intercept || model->head_count != 1) return NADIR_OK;
  ND_TRY(
      nd_invert_scaled(work->n, work->hessian, work->inverse, &definite, self->face.until, error));
  return find_condition(model, work, definite, self->face.until, errors, error);
}

static bool too_much(const nd_table_objective *self) {
  double size = (double)self->model->size;
  return self->model->size > MOST_PARAMETERS || self->face.problem.hessian == NULL ||
         (double)self->data->counts.used * size * size > most_work;
}

/* Of softmax differences from the first class alone are determined, so that its own parameters are held. */
static bool is_of_first_class(const nd_model *model, size_t i) {
  const nd_model_parameter *it = &model->parameters[i];
  return model->loss.link == ND_LINK_CLASSES && it->kind != ND_FREE && it->head == 0;
}

nadir_status nd_find_unmoved(const nd_objective *objective, const double *w, bool **held,
                             bool *bounded, nadir_error *error) {
  const nd_model *model = nd_rows_of(objective)->model;
  *bounded = false;
  *held = nd_new(model->size, sizeof **held, error);
  if (*held == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < model->size; i++) {
    bool at_bound = nd_objective_at_bound(objective, w, i) != 0;
    (*held)[i] = at_bound || is_of_first_class(model, i);
    *bounded |= at_bound;
  }
  return NADIR_OK;
}

static nadir_status make_room(nd_errors_work *work, nadir_error *error) {
  double **rooms[] = {&work->hessian, &work->inverse, &work->columns, &work->raw, &work->unit};
  for (size_t i = 0; i < ND_COUNT(rooms); i++)
    if (!(*rooms[i] = nd_new(work->n * work->n, sizeof(double), error))) return NADIR_NO_MEMORY;
  return NADIR_OK;
}

static void give_back(nd_errors_work *work) {
  double *rooms[] = {work->hessian, work->inverse, work->columns, work->raw, work->unit};
  for (size_t i = 0; i < ND_COUNT(rooms); i++)
    nd_free(rooms[i]);
}

void nd_no_standard_errors(nd_model *model, nadir_no_errors why, nd_errors *errors) {
  double nothing = (double)NAN;
  *errors = (nd_errors){.by = NADIR_ERRORS_BY_NOTHING,
                        .residual_sigma = nothing,
                        .chi2 = nothing,
                        .condition_raw = nothing,
                        .condition_scaled = nothing,
                        .none = why,
                        .rank = model->size,
                        .difference = nothing};
  forget(model);
}

nadir_status nd_standard_errors(nd_errors_kind asked, const nd_objective *objective,
                                const double *descent_w, nd_errors *errors, nadir_error *error) {
  nd_table_objective *self = nd_rows_of(objective);
  nd_model *model = self->model;
  bool *held;
  nd_no_standard_errors(model, NADIR_ERRORS_GIVEN, errors);
  errors->by = choose(self, asked, &errors->none);
  if (errors->none == NADIR_ERRORS_GIVEN) errors->none = NADIR_ERRORS_COST;
  if (too_much(self)) return NADIR_OK;
  nd_errors_work work = {.n = model->size};
  ND_TRY(nd_find_unmoved(objective, descent_w, &held, &errors->bounded, error));
  work.held = held;
  for (size_t i = 0; i < work.n; i++)
    errors->rank -= nd_is_held(work.held, i);
  nadir_status status = make_room(&work, error);
  if (status == NADIR_OK) status = diagnose(self, descent_w, &work, errors, error);
  give_back(&work);
  nd_free(held);
  return status;
}
