/* The last digits: after a run has ended where nothing that matters is left to be gained, Newton's steps
 * with the exact Hessian, each of which doubles the digits that are right. Over rows and with many parameters, where a
 * Hessian costs as much as a dozen gradients, the second step is by the Hessian of the first, from which it is not far.
 *
 * H is equilibrated (J. R. Bunch 1971) and factored by Cholesky. Where it is so ill-conditioned that
 * rounding in H would be felt, and the loss is a sum of squares, the steps are Gauss and Newton's by
 * the triangle of the Jacobian, until they no longer shrink. A step is kept when the loss is no
 * higher beyond its rounding and the step is shorter than the last. Costs a gradient a step, and a
 * Hessian a step or for both; two steps, or ten of the second kind. */
#include <float.h>
#include <string.h>

#include "base/dense.h"
#include "descend/descend_internal.h"

enum { MOST_PARAMETERS = 512, FEW_PARAMETERS = 16, NEWTON_STEPS = 2, GAUSS_STEPS = 10 };
/* The square of the least pivot of a matrix of unit diagonal, over rounding, below which its inverse
 * has no digits to spare. */
static const double ILL = 1e-6;

typedef struct polish {
  nd_descent_state *state;
  const nadir_problem *problem; /* of the face, where there are bounds */
  size_t n;
  double *gradient, *hessian, *scale, *step, *moved, *after;
  double last; /* length of the last step, scaled */
} polish;

static void look_from(polish *p) {
  p->problem = nd_problem_here(p->state, p->gradient);
}

/* ---- Newton's step ---- */

static void equilibrate(polish *p) {
  size_t n = p->n;
  nd_equilibrate(n, p->hessian, p->scale);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      p->hessian[i * n + j] = p->hessian[i * n + j] / p->scale[i] / p->scale[j];
}

/* Whether it has digits to spare. */
static nadir_status take_hessian(polish *p, bool *good, nadir_error *error) {
  const nadir_problem *problem = p->problem;
  size_t n = p->n;
  double *eigen = p->moved;
  *good = false;
  ND_TRY(problem->hessian(problem->context, p->state->w, p->hessian, error));
  if (!nd_all_finite(n * n, p->hessian)) return NADIR_OK;
  equilibrate(p);
  for (size_t i = 0; i < n; i++)
    if (!(p->scale[i] > 0)) return NADIR_OK;
  ND_TRY(nd_eigen(n, p->hessian, eigen, NULL, p->state->objective->until, error));
  *good = eigen[0] > ILL * eigen[n - 1];
  return NADIR_OK;
}

/* anew: with the Hessian of where it is, else with that of the step before. */
static nadir_status newton_step(polish *p, bool anew, bool *good, nadir_error *error) {
  *good = true;
  if (anew) ND_TRY(take_hessian(p, good, error));
  if (!*good) return NADIR_OK;
  for (size_t i = 0; i < p->n; i++)
    p->step[i] = p->gradient[i] / p->scale[i];
  return nd_solve_definite(p->n, p->hessian, p->step, good, p->state->objective->until, error);
}

/* ---- Gauss and Newton's step ---- */

static nadir_status gauss_step(polish *p, double *triangle, bool *good, nadir_error *error) {
  const nadir_problem *problem = p->problem;
  size_t n = p->n, width = n + 1, rank;
  double *q = p->after;
  *good = false;
  ND_TRY(problem->factor(problem->context, p->state->w, triangle, error));
  if (!nd_all_finite(width * width, triangle)) return NADIR_OK;
  for (size_t j = 0; j < n; j++) {
    double norm = nd_qr_column_norm(width, triangle, j);
    if (!(norm > 0)) return NADIR_OK;
    p->scale[j] = norm;
    for (size_t i = 0; i <= j; i++)
      triangle[i * width + j] /= norm;
  }
  for (size_t i = 0; i < n; i++)
    q[i] = triangle[i * width + n];
  ND_TRY(nd_qr_solve(n, width, triangle, q, p->step, &rank, NULL, error));
  *good = rank == n;
  return NADIR_OK;
}

/* ---- a step tried ---- */

static nadir_status take(polish *p, bool *kept, nadir_error *error) {
  nd_descent_state *state = p->state;
  const nadir_problem *problem = p->problem;
  double length = nd_norm(p->n, p->step), loss, rounding = 0;
  *kept = false;
  if (!isfinite(length) || !(length < 0.7 * p->last) || length == 0) return NADIR_OK;
  for (size_t i = 0; i < p->n; i++)
    p->moved[i] = state->w[i] - p->step[i] / p->scale[i];
  if (state->face) nd_face_project(state->face, p->moved);
  if (problem->rounding)
    ND_TRY(problem->rounding(problem->context, state->w, state->loss, &rounding, error));
  ND_TRY(nd_look(state, p->moved, &loss, p->after, error));
  if (!(loss <= state->loss + rounding) || !nd_all_finite(p->n, p->after)) return NADIR_OK;
  memcpy(state->w, p->moved, p->n * sizeof *p->moved);
  memcpy(state->gradient, p->after, p->n * sizeof *p->after);
  look_from(p);
  state->loss = loss;
  p->last = length;
  *kept = true;
  state->run->polished++;
  return NADIR_OK;
}

/* On bounds the face may change, and with it what the Hessian is of. */
static bool takes_one_hessian(const polish *p) {
  return p->state->objective->rows && p->n > FEW_PARAMETERS && !p->state->face;
}

static nadir_status by_newton(polish *p, bool *possible, nadir_error *error) {
  bool kept = true, once = takes_one_hessian(p);
  *possible = false;
  for (int k = 0; k < NEWTON_STEPS && kept; k++) {
    bool good;
    ND_TRY(newton_step(p, k == 0 || !once, &good, error));
    if (!good) return NADIR_OK;
    *possible = true;
    ND_TRY(take(p, &kept, error));
  }
  return NADIR_OK;
}

static nadir_status by_gauss(polish *p, nadir_error *error) {
  double *triangle = nd_new((p->n + 1) * (p->n + 1), sizeof *triangle, error);
  nadir_status status = triangle ? NADIR_OK : NADIR_NO_MEMORY;
  bool kept = true, good = true;
  for (int k = 0; k < GAUSS_STEPS && kept && good && status == NADIR_OK; k++) {
    status = gauss_step(p, triangle, &good, error);
    if (status == NADIR_OK && good) status = take(p, &kept, error);
  }
  nd_free(triangle);
  return status;
}

static nadir_status to_the_last_digit(polish *p, nadir_error *error) {
  const nadir_problem *problem = &p->state->objective->problem;
  bool possible = false;
  if (problem->hessian) ND_TRY(by_newton(p, &possible, error));
  return !possible && problem->factor ? by_gauss(p, error) : NADIR_OK;
}

static nadir_status set_up(polish *p, nd_descent_state *state, nadir_error *error) {
  size_t n = state->size;
  double *room = nd_new(n * n + 5 * n, sizeof *room, error);
  *p = (polish){.state = state, .n = n, .hessian = room, .last = HUGE_VAL};
  if (!room) return NADIR_NO_MEMORY;
  p->gradient = room + n * n;
  p->scale = p->gradient + n;
  p->step = p->scale + n;
  p->moved = p->step + n;
  p->after = p->moved + n;
  look_from(p);
  return NADIR_OK;
}


nadir_status nd_newton_left(nd_descent_state *state, double *left, nadir_error *error) {
  bool good = false;
  *left = (double)NAN;
  if (!state->objective->problem.hessian || state->size > MOST_PARAMETERS) return NADIR_OK;
  polish p;
  nadir_status status = set_up(&p, state, error);
  if (status == NADIR_OK) status = newton_step(&p, true, &good, error);
  if (status == NADIR_OK && good) {
    *left = 0;
    for (size_t i = 0; i < p.n; i++)
      *left += p.gradient[i] / p.scale[i] * p.step[i] / 2;
  }
  nd_free(p.hessian);
  return status;
}

/* Kinks that no row is on do not count: what a step across one would lose is seen in the loss. */
static nadir_status is_curved(const nd_descent_state *state, bool *curved, nadir_error *error) {
  *curved = !state->objective->kinked;
  if (*curved) return NADIR_OK;
  double *nothing = nd_new(state->size, sizeof *nothing, error);
  if (!nothing) return NADIR_NO_MEMORY;
  nadir_status status = nd_rows_keep_off_kinks(state->objective, state->w, nothing, curved, error);
  nd_free(nothing);
  return status;
}

nadir_status nd_polish(nd_descent_state *state, nadir_error *error) {
  size_t n = state->size;
  const nadir_problem *problem = &state->objective->problem;
  bool rested = state->run->stop == NADIR_STOP_DECREASE || state->run->stop == NADIR_STOP_STEP;
  if (!rested || !(state->run->method.optimizer->traits & NADIR_FINISHES) || state->objective->l1 ||
      n > MOST_PARAMETERS || !(problem->hessian || problem->factor))
    return NADIR_OK;
  bool curved;
  ND_TRY(is_curved(state, &curved, error));
  if (!curved) return NADIR_OK;
  polish p;
  nadir_status status = set_up(&p, state, error);
  if (status == NADIR_OK) status = to_the_last_digit(&p, error);
  if (status == NADIR_OK && state->run->polished > 0) {
    state->gradient_norm = nd_gradient_norm(state->objective, state->w, state->gradient);
    status = nd_record(state, error);
  }
  nd_free(p.hessian);
  return status;
}
