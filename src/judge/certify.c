/* How far the end of a descent can be trusted: is the objective convex, so that a minimum is the
 * global one, and how far above the minimum can the loss still be?
 *
 * Convexity of a fit: the loss of one row is proved convex in the heads' etas and the free
 * parameters, whatever the row's columns hold, or within the ranges that they were read to have;
 * etas are affine in the parameters, weights are not negative, and penalties are convex, so the
 * mean is convex (sum of convex functions, composition with an affine function). Squares of rows that a
 * covariance puts together are convex where each residual is affine as well. Where that is not
 * proved, chord.c looks for a chord that shows the whole objective not to be convex.
 *
 * The gap: where L is convex and H >= m on the ball of radius r around w, and |g| < m r, loss -
 * minimum <= |g|^2 / (2 m).
 * - Squared loss, linear model: the Hessian is constant, so m is its least eigenvalue, r infinite.
 * - Logistic and Poisson loss, linear model: |l'''| <= l'' makes H >= exp(-R d) H(w) at distance d,
 *   R the largest row's norm (self-concordance; F. Bach 2010): r = 1/R, m = lambda_min(H(w)) / e.
 * - Absolute, quantile and hinge loss, linear model: the duality gap of the run (kink_gap.c).
 * - A formula: its proved modulus, or its Hessian enclosed on a box around w (theory/gap.c).
 * A fit's gradient is taken at the table's own parameters, the doubles that the JSON object and the
 * model file hold, and its rounding is bounded and added (slope.c); results are rounded up. */
#include <stdio.h>
#include <string.h>

#include "base/dense.h"
#include "judge/judge.h"
#include "objective/joint.h"
#include "objective/slope.h"

enum { MOST_PARAMETERS = 200 };
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

/* A proved lower bound on the smallest eigenvalue of the objective's Hessian at w. */
static nadir_status least_eigenvalue(const nd_objective *objective, const double *w, double *least,
                                     nadir_error *error) {
  size_t n = objective->problem.size;
  double largest, *hessian = nd_new(2 * n * n, sizeof *hessian, error);
  if (!hessian) return NADIR_NO_MEMORY;
  double *errors = hessian + n * n;
  nadir_status status = objective->problem.hessian(objective->problem.context, w, hessian, error);
  /* |H_ij| <= (H_ii + H_jj)/2 for what is summed with one sign, and so is its rounding */
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      errors[i * n + j] =
          sum_rounding(objective) * 0.5 * (fabs(hessian[i * n + i]) + fabs(hessian[j * n + j]));
  *least = -HUGE_VAL;
  if (status == NADIR_OK && nd_all_finite(n * n, hessian))
    status = nd_eigenvalue_bounds(n, hessian, errors, least, &largest, error);
  nd_free(hessian);
  return status;
}

/* factor (gradient^2 / 2 modulus), in an order that neither overflows nor vanishes on the way. */
static void set_gap(nd_certificate *c, double gradient, double modulus, double factor) {
  double gap = up(up(up(up(gradient / modulus) * gradient) / 2) * up(factor));
  if (isfinite(gap))
    c->gap = gap;
  else
    c->no_gap = NADIR_NO_GAP_TOO_LARGE;
}

/* ---- fits ---- */

static nadir_status ask_row_loss(const nd_model *model, const nd_fact *facts, size_t fact_count,
                                 const nd_until *until, nd_verdict *verdict, nadir_error *error) {
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
                          .seconds = HUGE_VAL,
                          .work = PROOF_SECONDS,
                          .until = until,
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
    status = ask_row_loss(model, facts, count, objective->until, &c->verdict, error);
    c->by_ranges = c->verdict.convex == NADIR_PROVED;
  }
  nd_free(facts);
  return status;
}

static nadir_status prove_row_loss(const nd_model *model, const nd_objective *objective,
                                   nd_certificate *c, nadir_error *error) {
  ND_TRY(ask_row_loss(model, NULL, 0, objective->until, &c->verdict, error));
  if (c->verdict.convex != NADIR_PROVED) ND_TRY(ask_with_ranges(model, objective, c, error));
  /* a mean is not strict because its rows are */
  c->verdict.concave = c->verdict.affine = NADIR_NOT_KNOWN;
  c->verdict.strict = false;
  c->verdict.modulus = (double)NAN;
  return NADIR_OK;
}

nadir_status nd_rows_are_convex(const nd_objective *objective, bool *convex, nadir_error *error) {
  const nd_model *model = nd_rows_of(objective)->model;
  nd_verdict verdict = {0};
  nadir_status status = ask_row_loss(model, NULL, 0, objective->until, &verdict, error);
  *convex = status == NADIR_OK && verdict.convex == NADIR_PROVED;
  nd_verdict_clear(&verdict);
  return status;
}

static void forget_row_loss(const nd_objective *objective, nd_verdict *verdict) {
  nd_verdict_clear(verdict);
  *verdict = (nd_verdict){.modulus = (double)NAN, .size = objective->problem.size};
}

/* A row's loss that is not convex says nothing of the mean: a witness is of the whole objective. */
static nadir_status refute(const nd_objective *objective, const nd_run *run, nd_verdict *verdict,
                           nadir_error *error) {
  forget_row_loss(objective, verdict);
  ND_TRY(nd_refute_fit(objective, run, &verdict->not_convex, error));
  if (!verdict->not_convex) return NADIR_OK;
  verdict->convex = verdict->affine = NADIR_REFUTED;
  verdict->by = NADIR_BY_REFUTATION;
  return NADIR_OK;
}

static bool all_penalised(const nd_model *model) {
  for (size_t i = 0; i < model->size; i++)
    if (!model->parameters[i].penalised) return false;
  return true;
}

/* Which parameters are on a bound; NULL where there are none, or no memory. */
static nadir_status find_held(const nd_objective *objective, const nd_run *run, int **held,
                              nadir_error *error) {
  size_t n = objective->problem.size;
  *held = NULL;
  if (!objective->bounds) return NADIR_OK;
  *held = nd_new(n, sizeof **held, error);
  if (!*held) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < n; i++)
    (*held)[i] = nd_objective_at_bound(objective, run->w, i);
  return NADIR_OK;
}

static nadir_status slope_at_end(const nd_objective *objective, const nd_run *run,
                                 nd_curve curve, nd_slope *slope, nadir_error *error) {
  const nd_table_objective *self = nd_rows_of(objective);
  int *held;
  ND_TRY(find_held(objective, run, &held, error));
  double *w = nd_new(self->model->size, sizeof *w, error);
  if (!w) {
    nd_free(held);
    return NADIR_NO_MEMORY;
  }
  nd_objective_report(objective, run->w, w);
  nd_slope_pass pass = {.model = self->model,
                        .data = self->data,
                        .pool = self->pool,
                        .curve = curve,
                        .w = w,
                        .descended = run->w,
                        .ridge = self->ridge,
                        .l1 = self->l1,
                        .held = held};
  nadir_status status = nd_slope_at(&pass, slope, error);
  nd_free(held);
  nd_free(w);
  return status;
}

static nadir_status squared_gap(const nd_objective *objective, const nd_run *run, double least,
                                nd_certificate *c, nadir_error *error) {
  nd_slope slope;
  ND_TRY(slope_at_end(objective, run, ND_CURVE_SQUARE, &slope, error));
  c->modulus = c->verdict.modulus = least;
  c->verdict.strict = c->exists = true;
  set_gap(c, slope.norm, least, objective->loss_factor);
  return NADIR_OK;
}

/* Logistic and Poisson: a row's l'' changes by at most a factor e over a distance 1/R. The Hessian
 * is that where the descent ended, as far from the image of the printed parameters as they were
 * moved by rounding. */
static nadir_status concordant_gap(const nd_objective *objective, const nd_run *run,
                                   nd_curve curve, double least, nd_certificate *c,
                                   nadir_error *error) {
  nd_slope slope;
  ND_TRY(slope_at_end(objective, run, curve, &slope, error));
  double modulus = least * exp(-1 - slope.longest_row * slope.moved) * (1 - 1e-12);
  c->exists = up(slope.norm) < modulus / slope.longest_row;
  if (c->exists)
    set_gap(c, slope.norm, modulus, objective->loss_factor);
  else
    c->no_gap = NADIR_NO_GAP_STEEP;
  return NADIR_OK;
}

static nadir_status fit_gap(const nd_model *model, const nd_objective *objective, const nd_run *run,
                            nd_certificate *c, nadir_error *error) {
  nd_curve curve = model->loss.curve;
  double least;
  if (isfinite(run->duality_gap)) {
    c->gap = run->duality_gap;
    c->exists = true; /* as a vertex's, or as that of a quadratic program */
    return NADIR_OK;
  }
  if (model->is_linear && objective->kinked) {
    c->no_gap = NADIR_NO_GAP_KINKED_FIT;
    return NADIR_OK;
  }
  if (!model->is_linear || model->head_count != 1 || objective->sum ||
      curve == ND_CURVE_UNBOUNDED) {
    c->no_gap = NADIR_NO_GAP_MODEL;
    return NADIR_OK;
  }
  if (model->basis.degree > 0) {
    c->no_gap = NADIR_NO_GAP_POWERS;
    return NADIR_OK;
  }
  if (!nd_hessian_is_affordable(objective, MOST_PARAMETERS)) {
    c->no_gap = NADIR_NO_GAP_COST;
    return NADIR_OK;
  }
  ND_TRY(least_eigenvalue(objective, run->w, &least, error));
  if (!(least > 0)) {
    c->no_gap = NADIR_NO_GAP_FLAT;
    return NADIR_OK;
  }
  return curve == ND_CURVE_SQUARE ? squared_gap(objective, run, least, c, error)
                                  : concordant_gap(objective, run, curve, least, c, error);
}

nadir_status nd_certify_fit(const nd_model *model, const nd_objective *objective,
                            const nadir_settings *settings, const nd_run *run, nd_certificate *c,
                            nadir_error *error) {
  double nan = (double)NAN;
  *c = (nd_certificate){.modulus = nan, .gap = nan};
  const nd_joint *joint = nd_rows_of(objective)->joint;
  ND_TRY(prove_row_loss(model, objective, c, error));
  if (joint && !joint->affine) forget_row_loss(objective, &c->verdict);
  if (c->verdict.convex != NADIR_PROVED) {
    c->no_gap = NADIR_NO_GAP_NOT_CONVEX;
    /* a witness would be of single rows, or of scatters below 0 */
    bool apart = joint || model->scatter != SIZE_MAX;
    return apart ? NADIR_OK : refute(objective, run, &c->verdict, error);
  }
  if (settings->l2 > 0 && all_penalised(model)) {
    c->modulus = c->verdict.modulus = settings->l2;
    c->verdict.strict = true;
    c->exists = c->verdict.domain.everywhere;
  }
  return fit_gap(model, objective, run, c, error);
}

/* ---- formulas ---- */

static nadir_status formula_gap(const nd_objective *objective, const nd_question *question,
                                const nd_run *run, nd_certificate *c, nadir_error *error) {
  nd_gap gap;
  int *held;
  ND_TRY(find_held(objective, run, &held, error));
  nadir_status status =
      nd_gap_at(question, &c->verdict, run->w, run->reach, held, &gap, error);
  nd_free(held);
  ND_TRY(status);
  c->modulus = c->verdict.modulus;
  c->exists = gap.exists;
  if (gap.none == NADIR_GAP_FOUND) c->gap = gap.bound;
  c->no_gap = gap.none;
  return NADIR_OK;
}

nadir_status nd_certify_formula(const nd_objective *objective, const nadir_settings *settings,
                                const nd_run *run, nd_certificate *c, nadir_error *error) {
  double nan = (double)NAN;
  const nadir_expr *formula = objective->formula;
  *c = (nd_certificate){.modulus = nan, .gap = nan};
  nd_question question = {.graph = formula->graph,
                          .root = formula->typed,
                          .parameters = formula->names,
                          .parameter_count = formula->size,
                          .seconds = HUGE_VAL,
                          .work = PROOF_SECONDS,
                          .until = objective->until};
  ND_TRY(nd_convexity(&question, &c->verdict, error));
  ND_TRY(nd_is_nowhere(&question, run->w, &c->nowhere, error));
  if (c->verdict.convex != NADIR_PROVED)
    c->no_gap = NADIR_NO_GAP_NOT_CONVEX;
  else if (objective->l1 || settings->l2 > 0)
    c->no_gap = NADIR_NO_GAP_PENALTY;
  else
    return formula_gap(objective, &question, run, c, error);
  return NADIR_OK;
}

void nd_certificate_clear(nd_certificate *c) {
  nd_verdict_clear(&c->verdict);
  *c = (nd_certificate){0};
}
