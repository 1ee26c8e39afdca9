/* How far the end of a descent can be trusted: is the objective convex, so that a minimum is the
 * global one, and how far above the minimum can the loss still be?
 *
 * Convexity of a fit: the loss of one row is proved convex in the heads' etas and the free
 * parameters, whatever the row's columns hold, or within the ranges that they were read to have;
 * etas are affine in the parameters, weights are not negative, and penalties are convex, so the
 * mean is convex (sum of convex functions, composition with an affine function). Where that is not
 * proved, refute.c looks for a chord that shows the whole objective not to be convex.
 *
 * The gap: where L is convex and H >= m on the ball of radius r around w, and |g| < m r, loss -
 * minimum <= |g|^2 / (2 m).
 * - Squared loss, linear model: the Hessian is constant, so m is its least eigenvalue, r infinite.
 * - Logistic and Poisson loss, linear model: |l'''| <= l'' makes H >= exp(-R d) H(w) at distance d,
 *   R the largest row's norm (self-concordance; F. Bach 2010): r = 1/R, m = lambda_min(H(w)) / e.
 * - A formula: its proved modulus, or its Hessian enclosed on a box around w.
 * The rounding of the gradient is bounded and added, and results are rounded up. */
#include <stdio.h>
#include <string.h>

#include "fit/data_internal.h"

enum { MOST_PARAMETERS = 200, BOX_PARAMETERS = 8 };
static const double PROOF_SECONDS = 0.5;

/* ---- pieces ---- */

static double up(double x) {
  return nextafter(x, HUGE_VAL);
}

/* Rounding units of a sum over rows: a dot product, a tail, a tree; in the precision that rows are
 * kept in. */
static double sum_rounding(const nd_objective *objective) {
  return objective->single ? 256 * 0x1p-24 : 256 * 0x1p-53;
}

/* A proved lower bound on the smallest eigenvalue of the objective's Hessian at w, whose diagonal
 * is given too. */
static nadir_status least_eigenvalue(const nd_objective *objective, const double *w,
                                     double *diagonal, double *least, nadir_error *error) {
  size_t n = objective->problem.size;
  double largest, *hessian = nd_new(2 * n * n, sizeof *hessian, error);
  if (!hessian) return NADIR_NO_MEMORY;
  double *errors = hessian + n * n;
  nadir_status status = objective->problem.hessian(objective->problem.context, w, hessian, error);
  /* |H_ij| <= (H_ii + H_jj)/2 for what is summed with one sign, and so is its rounding */
  for (size_t i = 0; i < n; i++) {
    diagonal[i] = fabs(hessian[i * n + i]);
    for (size_t j = 0; j < n; j++)
      errors[i * n + j] =
          sum_rounding(objective) * 0.5 * (fabs(hessian[i * n + i]) + fabs(hessian[j * n + j]));
  }
  *least = -HUGE_VAL;
  if (status == NADIR_OK && nd_all_finite(n * n, hessian))
    status = nd_eigenvalue_bounds(n, hessian, errors, least, &largest, error);
  nd_free(hessian);
  return status;
}

static void set_gap(nd_certificate *c, double gradient, double rounding, double modulus,
                    double factor) {
  double g = up(gradient + rounding);
  c->gap = up(up(up(g * g) / (2 * modulus)) * factor);
}

static void no_gap(nd_certificate *c, const char *why) {
  snprintf(c->no_gap, sizeof c->no_gap, "%s", why);
}

/* ---- fits ---- */

static nadir_status ask_row_loss(const nd_model *model, const nd_fact *facts, size_t fact_count,
                                 nd_verdict *verdict, nadir_error *error) {
  size_t count = model->head_count + model->free_count;
  nd_node *parameters = nd_new(count, sizeof *parameters, error);
  if (!parameters) return NADIR_NO_MEMORY;
  if (model->head_count) memcpy(parameters, model->etas, model->head_count * sizeof *parameters);
  if (model->free_count)
    memcpy(parameters + model->head_count, model->free, model->free_count * sizeof *parameters);
  nd_question question = {.graph = model->graph,
                          .root = model->loss_node,
                          .parameters = parameters,
                          .parameter_count = count,
                          .facts = facts,
                          .fact_count = fact_count,
                          .seconds = PROOF_SECONDS,
                          .proofs_only = true};
  nadir_status status = nd_convexity(&question, verdict, error);
  nd_free(parameters);
  return status;
}

/* Again, with what the rows say of the columns: y log f needs y >= 0. */
static nadir_status ask_with_ranges(const nd_model *model, const nd_objective *objective,
                                    nd_certificate *c, nadir_error *error) {
  nd_fact *facts;
  size_t count;
  ND_TRY(nd_facts_of_rows(objective, &facts, &count, error));
  nadir_status status = NADIR_OK;
  if (count) {
    nd_verdict_clear(&c->verdict);
    status = ask_row_loss(model, facts, count, &c->verdict, error);
    c->by_ranges = c->verdict.convex == ND_PROVED;
  }
  nd_free(facts);
  return status;
}

static nadir_status prove_row_loss(const nd_model *model, const nd_objective *objective,
                                   nd_certificate *c, nadir_error *error) {
  ND_TRY(ask_row_loss(model, NULL, 0, &c->verdict, error));
  if (c->verdict.convex != ND_PROVED) ND_TRY(ask_with_ranges(model, objective, c, error));
  /* a mean is not strict because its rows are */
  c->verdict.concave = c->verdict.affine = ND_NOT_KNOWN;
  c->verdict.strict = false;
  c->verdict.modulus = (double)NAN;
  return NADIR_OK;
}

/* A row's loss that is not convex says nothing of the mean: a witness is of the whole objective. */
static nadir_status refute(const nd_objective *objective, const nd_run *run, nd_verdict *verdict,
                           nadir_error *error) {
  nd_verdict_clear(verdict);
  *verdict = (nd_verdict){.modulus = (double)NAN, .parameters = objective->problem.size};
  ND_TRY(nd_refute_fit(objective, run, &verdict->not_convex, error));
  if (!verdict->not_convex) return NADIR_OK;
  verdict->convex = verdict->affine = ND_REFUTED;
  verdict->by = "refutation";
  return NADIR_OK;
}

/* The rows as descended, with the 1 of the intercept: the largest norm, and the sums of what the
 * rounding of a row's gradient l'(f) x is proportional to: |l'| |x| for the products, times |f|,
 * which is at most |w| |x|, for l' itself. */
typedef struct row_sizes {
  double largest, products, squares, weight; /* sums of |l'| |x| and |l'| |x|^2 */
} row_sizes;

static void measure_row(const nd_data *data, const nd_packed *packed, size_t r, const double *w,
                        bool logistic, row_sizes *sizes) {
  const nd_model *model = data->model;
  const nd_head *head = &model->heads[0];
  double sum = model->intercept ? 1 : 0, f = model->intercept ? w[head->intercept] : 0;
  double weight = data->weighted ? nd_packed_column(packed, nd_packed_weight(data))[r] : 1;
  for (size_t j = 0; j < model->feature_count; j++) {
    double x = nd_scaled_feature(model, packed, j, r);
    sum += x * x;
    f += w[head->first_weight + j] * x;
  }
  /* |sigmoid - y| <= 1; |exp(f) - y| */
  double y = nd_packed_column(packed, nd_packed_target(data))[r];
  double slope = logistic ? 1 : exp(f) + fabs(y), norm = sqrt(sum);
  sizes->largest = fmax(sizes->largest, norm);
  sizes->products += weight * slope * norm;
  sizes->squares += weight * slope * sum;
  sizes->weight += weight;
}

static nadir_status measure_rows(const nd_objective *objective, const double *w, bool logistic,
                                 row_sizes *sizes, nadir_error *error) {
  const nd_table_objective *self = objective->self;
  nd_data *data = self->data;
  const nd_packed *packed;
  *sizes = (row_sizes){0};
  for (size_t b = 0; b < data->blocks; b++) {
    if (data->block_rows[b] == 0) continue;
    ND_TRY(nd_data_raw(data, b, 0, &packed, error));
    for (size_t r = 0; r < packed->rows; r++)
      measure_row(data, packed, r, w, logistic, sizes);
  }
  sizes->largest *= 1 + 1e-12;
  return NADIR_OK;
}

static bool all_penalised(const nd_model *model) {
  for (size_t i = 0; i < model->size; i++)
    if (!model->parameters[i].penalised) return false;
  return true;
}

/* Squared loss: g_j is the mean of 2 r_i x_ij. Its sum rounds by units of the terms, whose mean is at
 * most 2 rms(r) rms(x_j); and each r = y - f by units of |y| + |f|, of root mean square at most
 * rms(r) + 2 F, F = sum |w_j| rms(x_j). So a line through all points leaves the gap that its
 * residuals' rounding leaves. */
static double squared_rounding(const nd_objective *objective, const nd_run *run,
                               const double *diagonal) {
  double residual = sqrt(fabs(run->loss / objective->loss_factor)), reach = 0, sum = 0;
  for (size_t j = 0; j < objective->problem.size; j++) {
    reach += fabs(run->w[j]) * sqrt(diagonal[j] / 2);
    sum += diagonal[j] / 2;
  }
  return sum_rounding(objective) * 4 * (residual + reach) * sqrt(sum);
}

static nadir_status squared_gap(const nd_objective *objective, const nd_run *run, double *diagonal,
                                nd_certificate *c, nadir_error *error) {
  double least;
  ND_TRY(least_eigenvalue(objective, run->w, diagonal, &least, error));
  if (!(least > 0)) {
    no_gap(c, "the smallest curvature is not separated from 0");
    return NADIR_OK;
  }
  c->modulus = c->verdict.modulus = least;
  c->verdict.strict = true;
  set_gap(c, run->gradient_norm, squared_rounding(objective, run, diagonal), least,
          objective->loss_factor);
  return NADIR_OK;
}

/* Logistic and Poisson: a row's l'' changes by at most a factor e over a distance 1/R. */
static nadir_status concordant_gap(const nd_model *model, const nd_objective *objective,
                                   const nd_run *run, double *diagonal, nd_certificate *c,
                                   nadir_error *error) {
  double least;
  row_sizes sizes;
  bool logistic = strcmp(model->loss.name, "logistic") == 0;
  ND_TRY(least_eigenvalue(objective, run->w, diagonal, &least, error));
  ND_TRY(measure_rows(objective, run->w, logistic, &sizes, error));
  double modulus = least / exp(1) * (1 - 1e-12);
  double gradient = sizes.products + nd_norm(model->size, run->w) * sizes.squares;
  double rounding = sum_rounding(objective) * (1 + 1e-9) * gradient / sizes.weight;
  if (!(least > 0) || !(up(run->gradient_norm + rounding) < modulus / sizes.largest)) {
    no_gap(c, least > 0 ? "the gradient is still too large for the curvature here"
                        : "the smallest curvature is not separated from 0");
    return NADIR_OK;
  }
  set_gap(c, run->gradient_norm, rounding, modulus, objective->loss_factor);
  return NADIR_OK;
}

static nadir_status fit_gap(const nd_model *model, const nd_objective *objective, const nd_run *run,
                            nd_certificate *c, nadir_error *error) {
  bool squared = strcmp(model->loss.name, "squared") == 0,
       concordant =
           strcmp(model->loss.name, "logistic") == 0 || strcmp(model->loss.name, "poisson") == 0;
  if (!model->is_linear || model->head_count != 1 || !(squared || concordant) || objective->sum) {
    no_gap(c, "there is a bound for linear models with squared, logistic or poisson loss only");
    return NADIR_OK;
  }
  if (!nd_hessian_is_affordable(objective, MOST_PARAMETERS)) {
    no_gap(c, "the Hessian would cost too much");
    return NADIR_OK;
  }
  double *diagonal = nd_new(model->size, sizeof *diagonal, error);
  if (!diagonal) return NADIR_NO_MEMORY;
  nadir_status status = squared ? squared_gap(objective, run, diagonal, c, error)
                                : concordant_gap(model, objective, run, diagonal, c, error);
  nd_free(diagonal);
  return status;
}

nadir_status nd_certify_fit(const nd_model *model, const nd_objective *objective,
                            const nadir_settings *settings, const nd_run *run, nd_certificate *c,
                            nadir_error *error) {
  double nan = (double)NAN;
  *c = (nd_certificate){.modulus = nan, .gap = nan};
  ND_TRY(prove_row_loss(model, objective, c, error));
  if (c->verdict.convex != ND_PROVED) {
    no_gap(c, "the objective is not proved convex");
    return refute(objective, run, &c->verdict, error);
  }
  if (settings->l2 > 0 && all_penalised(model)) {
    c->modulus = c->verdict.modulus = settings->l2;
    c->verdict.strict = true;
  }
  return fit_gap(model, objective, run, c, error);
}

/* ---- formulas ---- */

/* The gradient's norm, by ball arithmetic at the very doubles of w: rounded up. */
static nadir_status proved_gradient(const nd_question *question, const double *w, double *norm,
                                    nadir_error *error) {
  size_t n = question->parameter_count;
  const char **at = nd_new(n, sizeof *at, error);
  char(*text)[ND_NUMBER_TEXT] = nd_new(n, sizeof *text, error);
  nd_taylor_many model = {0};
  nadir_status status = at && text ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; status == NADIR_OK && i < n; i++)
    at[i] = nd_format(w[i], text[i]);
  if (status == NADIR_OK) status = nd_taylor_model(question, at, (double)NAN, 0.1, &model, NULL);
  *norm = status == NADIR_OK ? nd_norm(n, model.gradient) * (1 + 0x1p-40) + 1e-300 : HUGE_VAL;
  nd_taylor_many_clear(&model);
  nd_free(text);
  nd_free((void *)at);
  return status == NADIR_NO_MEMORY ? nd_fail(error, status, "proof: out of memory") : NADIR_OK;
}

/* The Hessian enclosed on the box of half-width r around w: m, or not above 0. */
static nadir_status modulus_on_box(const nd_question *question, const double *w, double r,
                                   double *modulus, nadir_error *error) {
  size_t n = question->parameter_count;
  nd_fact facts[BOX_PARAMETERS];
  char low[BOX_PARAMETERS][ND_NUMBER_TEXT], high[BOX_PARAMETERS][ND_NUMBER_TEXT];
  nd_curvature_bounds bounds = {.smallest = {-HUGE_VAL, 0}};
  nd_question local = *question;
  for (size_t i = 0; i < n; i++)
    facts[i] = (nd_fact){
        .name = question->parameters[i],
        .range = {.low = nd_format(w[i] - r, low[i]), .high = nd_format(w[i] + r, high[i])}};
  local.facts = facts;
  local.fact_count = n;
  nadir_error inner = {
      0}; /* a kink or a hole in the domain is no failure of the run: there is no bound then */
  nadir_status status = nd_curvature_on_box(&local, &bounds, &inner);
  *modulus = status == NADIR_OK ? bounds.smallest[0] : -HUGE_VAL;
  return status == NADIR_NO_MEMORY ? nd_fail(error, status, "proof: out of memory") : NADIR_OK;
}

static nadir_status formula_gap(const nd_question *question, const nd_run *run, nd_certificate *c,
                                nadir_error *error) {
  double g, modulus;
  ND_TRY(proved_gradient(question, run->w, &g, error));
  if (c->verdict.modulus > 0) {
    c->modulus = c->verdict.modulus;
    if (isfinite(g)) set_gap(c, g, 0, c->modulus, 1);
    return NADIR_OK;
  }
  no_gap(c, "the curvature around the end is not separated from 0");
  double scale = 1 + nd_norm(question->parameter_count, run->w);
  for (double r = 0.1 * scale; question->parameter_count <= BOX_PARAMETERS && r > 1e-5 * scale;
       r /= 10) {
    ND_TRY(modulus_on_box(question, run->w, r, &modulus, error));
    if (!(modulus > 0) || !(g < modulus * r)) continue;
    set_gap(c, g, 0, modulus, 1);
    break;
  }
  return NADIR_OK;
}

nadir_status nd_certify_formula(nd_graph *graph, nd_node typed, const nd_node *parameters,
                                size_t size, const nd_objective *objective,
                                const nadir_settings *settings, const nd_run *run,
                                nd_certificate *c, nadir_error *error) {
  double nan = (double)NAN;
  *c = (nd_certificate){.modulus = nan, .gap = nan};
  nd_question question = {.graph = graph,
                          .root = typed,
                          .parameters = parameters,
                          .parameter_count = size,
                          .seconds = PROOF_SECONDS};
  ND_TRY(nd_convexity(&question, &c->verdict, error));
  if (c->verdict.convex != ND_PROVED)
    no_gap(c, "the objective is not proved convex");
  else if (objective->l1 || settings->l2 > 0)
    no_gap(c, "there is no bound for a formula with a penalty");
  else
    return formula_gap(&question, run, c, error);
  return NADIR_OK;
}

void nd_certificate_clear(nd_certificate *c) {
  nd_verdict_clear(&c->verdict);
  *c = (nd_certificate){0};
}
