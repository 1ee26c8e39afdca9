/* Levenberg-Marquardt: for a sum of squares L = |r|^2, p minimises the linearised residuals
 *
 *   |r + J p|^2   with   |D p| <= Delta
 *
 * and w <- w + p where L falls by at least a share of what that promised; Delta grows where the
 * promise was kept and shrinks where it was not.
 *
 * K. Levenberg 1944, D. W. Marquardt 1963; J. J. Moré 1978, "The Levenberg-Marquardt algorithm:
 * implementation and theory". J is known by the triangle R of its QR decomposition alone, never by
 * J'J, which loses half of the digits. D_i is the largest norm that column i of J has had so far, so
 * that units of parameters decide nothing; it is unset while the column is 0, and the parameter
 * waits. The first Delta is a tenth of |D w| over the others: it doubles soon where that is timid, while
 * more (100 times |D w| in MINPACK) leaves the valley of a good start more often. Where |D w| is 0, it
 * is the step to the lowest point along the gradient.
 * Choices: below the rounding of L a step counts as good. Where a step would make a column of J die
 * (fall below `dead` of its D: a line that has left the data), the radius is cut to a tenth of it
 * first, ten times at most. A rate below 1 shortens the step (of several the smallest counts).
 * Costs the triangle, 2 n^2 operations a row, and a look at the loss for each trial. */
#include "base/dense.h"
#include "optim/search_internal.h"

#include <math.h>
#include <string.h>

enum { SUFFICIENT, DEAD };
static const nadir_rule_setting settings[] = {
    [SUFFICIENT] = {"sufficient", 1e-4, 0, 0.24,
                    "share of the promised decrease that a step must reach"},
    [DEAD] = {"dead", 1e-10, 0, 1e-2,
              "a column of the Jacobian this far below its largest is dead"},
};

enum { MOST_TRIALS = 100, MOST_RETREATS = 10 };
static const double FIRST_SHARE = 0.1;
/* State vectors: D; then the triangle at w, (n + 1)^2 numbers. */
enum { D, TRIANGLE };
enum { KNOWN, RADIUS, RETREATS, SCALARS };

static size_t vectors_for(size_t size, const double *values) {
  (void)values;
  return TRIANGLE + size + 3; /* n (n + 3) >= (n + 1)^2 */
}

typedef struct trial {
  const nadir_step *now;
  const nadir_problem *problem;
  nadir_update *update;
  double *r, *q, *u; /* R D^-1, -Q'r, the scaled step */
  double *full;      /* the shortest of the full steps, scaled */
  double *set;       /* by parameter: 1, or 0 while its column of J has always been 0 */
  double *next;      /* the triangle at the point tried */
  double loss, noise, promised, length, damping;
} trial;

static double sum_of_squares(size_t n, const double *triangle) {
  double sum = 0;
  for (size_t i = 0; i <= n; i++)
    sum += triangle[i * (n + 1) + n] * triangle[i * (n + 1) + n];
  return sum;
}

/* 2 squares J'r = 2 squares R'q */
static void gradient_of(size_t n, const double *triangle, double squares, double *gradient) {
  for (size_t j = 0; j < n; j++) {
    double sum = 0;
    for (size_t i = 0; i <= j; i++)
      sum += triangle[i * (n + 1) + j] * triangle[i * (n + 1) + n];
    gradient[j] = 2 * squares * sum;
  }
}

/* r = R D^-1 and q = -Q'r from the triangle; D grown first. */
static void scale_model(trial *t) {
  const nadir_step *now = t->now;
  size_t n = now->size;
  double *d = now->vectors[D];
  const double *triangle = now->vectors[TRIANGLE];
  for (size_t j = 0; j < n; j++) {
    d[j] = fmax(d[j], nd_qr_column_norm(n + 1, triangle, j));
    for (size_t i = 0; i < n; i++)
      t->r[i * n + j] = i <= j && d[j] > 0 ? triangle[i * (n + 1) + j] / d[j] : 0;
    t->set[j] = d[j] > 0 ? 1 : 0;
    t->q[j] = -triangle[j * (n + 1) + n];
  }
}

/* |R u|^2 - 2 q'R u, less its sign: what a scaled step promises. */
static double promise(const trial *t, const double *u) {
  size_t n = t->now->size;
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    double along = 0;
    for (size_t j = i; j < n; j++)
      along += t->r[i * n + j] * u[j];
    sum += along * (2 * t->q[i] - along);
  }
  return t->problem->squares * sum;
}

static double first_radius(trial *t) {
  const nadir_step *now = t->now;
  size_t n = now->size;
  const double *d = now->vectors[D];
  for (size_t i = 0; i < n; i++)
    t->u[i] = d[i] * now->w[i];
  double size = nd_norm(n, t->u), slope, curvature = 0;
  if (size > 0) return FIRST_SHARE * size;
  for (size_t j = 0; j < n; j++) {
    t->u[j] = 0;
    for (size_t i = 0; i <= j; i++)
      t->u[j] += t->r[i * n + j] * t->q[i];
  }
  slope = nd_norm(n, t->u);
  for (size_t i = 0; i < n; i++) {
    double along = 0;
    for (size_t j = i; j < n; j++)
      along += t->r[i * n + j] * t->u[j];
    curvature = hypot(curvature, along);
  }
  return curvature > 0 ? slope * (slope / curvature) * (slope / curvature) : slope;
}

/* ---- a trial ---- */

static nadir_status propose(trial *t, double rate, nadir_error *error) {
  const nadir_step *now = t->now;
  size_t n = now->size;
  const double *d = now->vectors[D];
  memcpy(t->u, t->full, n * sizeof *t->u);
  ND_TRY(nd_solve_damped(n, n, t->r, t->q, t->set, now->scalars[RADIUS], t->u, &t->damping, error));
  t->length = nd_norm(n, t->u);
  for (size_t i = 0; i < n; i++) {
    t->u[i] *= rate;
    t->update->step[i] = d[i] > 0 ? -t->u[i] / d[i] : 0;
  }
  t->promised = promise(t, t->u);
  return NADIR_OK;
}

/* Whether the step is taken; the radius for the next. */
static bool judge(trial *t, double loss) {
  const nadir_step *now = t->now;
  double *radius = &now->scalars[RADIUS];
  if (!isfinite(loss)) {
    *radius = 0.25 * t->length;
    return false;
  }
  if (t->promised <= t->noise && loss - t->loss <= t->noise) return true;
  double ratio = (t->loss - loss) / t->promised;
  if (ratio < 0.25)
    *radius = ratio <= 0 ? 0.25 * t->length : 0.5 * t->length;
  else if (ratio > 0.75 || t->damping == 0)
    *radius = fmax(*radius, nd_growth(ratio) * t->length);
  return ratio > now->values[SUFFICIENT] && loss <= t->loss;
}

static bool kills_a_column(const trial *t) {
  const nadir_step *now = t->now;
  for (size_t j = 0; j < now->size; j++) {
    double d = now->vectors[D][j], dead = now->values[DEAD] * d;
    if (nd_qr_column_norm(now->size + 1, now->vectors[TRIANGLE], j) > dead &&
        nd_qr_column_norm(now->size + 1, t->next, j) <= dead)
      return true;
  }
  return false;
}

/* Looks at the accepted point by its triangle; not taken where that is not finite, or where a column
 * of the Jacobian would die. */
static nadir_status settle(trial *t, const double *point, bool *taken, nadir_error *error) {
  const nadir_step *now = t->now;
  size_t n = now->size, count = (n + 1) * (n + 1);
  ND_TRY(t->problem->factor(t->problem->context, point, t->next, error));
  *taken = nd_all_finite(count, t->next);
  if (*taken && now->scalars[RETREATS] < MOST_RETREATS && kills_a_column(t)) {
    now->scalars[RETREATS]++;
    *taken = false;
  }
  if (!*taken) {
    now->scalars[RADIUS] = 0.1 * t->length;
    t->update->evaluations++;
    return NADIR_OK;
  }
  memcpy(now->vectors[TRIANGLE], t->next, count * sizeof *t->next);
  t->update->loss = t->problem->squares * sum_of_squares(n, t->next);
  gradient_of(n, t->next, t->problem->squares, t->update->gradient);
  return NADIR_OK;
}

static nadir_status search(trial *t, double rate, nadir_error *error) {
  const nadir_step *now = t->now;
  double *point = t->update->effective;
  for (int k = 0; k < MOST_TRIALS && now->scalars[RADIUS] > 0; k++) {
    double loss;
    bool taken = false;
    ND_TRY(propose(t, rate, error));
    if (!nd_move(now, 1, t->update->step, point)) break;
    ND_TRY(t->problem->value(t->problem->context, point, &loss, error));
    t->update->evaluations++;
    if (judge(t, loss)) ND_TRY(settle(t, point, &taken, error));
    if (taken) return NADIR_OK;
  }
  memset(t->update->step, 0, now->size * sizeof *t->update->step);
  return NADIR_OK;
}

/* ---- an update ---- */

/* What the linearised residuals can still gain: by the shortest of the full steps. */
static nadir_status find_left(trial *t, nadir_error *error) {
  size_t n = t->now->size, rank;
  ND_TRY(nd_qr_solve(n, n, t->r, t->q, t->full, &rank, NULL, error));
  t->update->left = fmax(0, promise(t, t->full));
  return NADIR_OK;
}

static nadir_status advance_from(trial *t, nadir_error *error) {
  const nadir_step *now = t->now;
  double rate = fmin(1, now->rate[0]);
  for (size_t i = 1; i < now->size; i++)
    rate = fmin(rate, now->rate[i]);
  scale_model(t);
  ND_TRY(nd_rounding_at(now, t->loss, t->problem, &t->noise, error));
  ND_TRY(find_left(t, error));
  if (now->scalars[KNOWN] == 0) now->scalars[RADIUS] = first_radius(t);
  now->scalars[KNOWN] = 1;
  ND_TRY(search(t, rate, error));
  nd_search_finish(now, 1, t->update);
  return NADIR_OK;
}

static nadir_status advance(const nadir_step *now, double loss, const nadir_problem *problem,
                            nadir_update *update, nadir_error *error) {
  size_t n = now->size, triangle = (n + 1) * (n + 1), count = n * n + 4 * n + triangle;
  if (!problem->factor)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "method lm: the loss is not a sum of squares: use newton or lbfgs");
  if (n == 0) return NADIR_OK;
  if (now->scalars[KNOWN] == 0)
    ND_TRY(problem->factor(problem->context, now->w, now->vectors[TRIANGLE], error));
  memset(update->step, 0, n * sizeof *update->step);
  if (!isfinite(loss) || !nd_all_finite(triangle, now->vectors[TRIANGLE])) return NADIR_OK;
  double *room = nd_new(count, sizeof *room, error);
  if (!room) return NADIR_NO_MEMORY;
  trial t = {.now = now,
             .problem = problem,
             .update = update,
             .r = room,
             .q = room + n * n,
             .u = room + n * n + n,
             .set = room + n * n + 2 * n,
             .full = room + n * n + 3 * n,
             .next = room + n * n + 4 * n,
             .loss = loss};
  nadir_status status = advance_from(&t, error);
  nd_free(room);
  return status;
}

const nadir_optimizer nd_optimizer_lm = {
    .name = "lm",
    .summary = "for sums of squares: the step that is best for linearised residuals, in a trust "
               "region (Levenberg-Marquardt)",
    .source = "J. J. Moré 1978, The Levenberg-Marquardt algorithm: implementation and theory",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors_for = vectors_for,
    .scalars = SCALARS,
    .traits = NADIR_FULL_BATCH | NADIR_SELF_SIZING | NADIR_FINISHES | NADIR_SQUARES,
    .rate = 1,
    .schedule = "constant",
    .advance = advance,
};
