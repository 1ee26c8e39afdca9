/* A line search for the strong conditions of Wolfe: a step lambda along w - lambda d with
 *   L(lambda) <= L(0) - c1 lambda g'd   and   |g(lambda)'d| <= c2 g'd
 *
 * P. Wolfe 1969, "Convergence conditions for ascent methods"; an interval that must hold such a
 * step is kept and shrunk by cubics through losses and slopes, as in J. J. More, D. J. Thuente
 * 1994, "Line search algorithms with guaranteed sufficient decrease", and J. Nocedal, S. J. Wright
 * 2006, "Numerical optimization", section 3.5. Where rounding hides the change of the loss, the
 * slopes decide alone (W. W. Hager, H. Zhang 2005); where it hides all that is promised, they are rounding
 * too before long, and few trials are made. A trial that is not finite is a wall.
 * Costs one gradient a trial and none twice. Only quotients of losses, of slopes and of steps are
 * compared, so that units change nothing. */
#include "base/dense.h"
#include "optim/search_internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST_TRIALS = 60, HIDDEN_TRIALS = 4 };
static const double rounding = 1024 * DBL_EPSILON; /* of a loss summed over many rows, relative */
static const double margin = 0.1;         /* of the interval: no trial is nearer to its ends */
static const double least = 2, largest = 10; /* an open interval grows by a factor between these */

/* A trial: the slope is that of the loss against lambda. */
typedef struct trial {
  double at, loss, slope;
} trial;

typedef struct interval {
  trial low, before, high; /* low: the best lambda that is too short; before: the one before it */
  bool closed, wall;       /* high is set, but all that is known of it is that it is too long */
  double width;            /* a trial ago */
} interval;

static double noise_of(const nd_wolfe *search, const trial *a, const trial *b) {
  return fmax(search->noise, rounding * fmax(fabs(a->loss), fabs(b->loss)));
}

static bool low_enough(const nd_wolfe *search, const trial *t) {
  double noise = noise_of(search, t, &(trial){.loss = search->loss});
  if (fabs(t->loss - search->loss) > noise)
    return t->loss <= search->loss - search->sufficient * t->at * search->slope;
  return t->slope <= (1 - 2 * search->sufficient) * search->slope;
}

/* The lowest point of the cubic through both ends; NaN where it has none. */
static double cubic(const trial *a, const trial *b) {
  double width = b->at - a->at;
  double d = a->slope + b->slope - 3 * (b->loss - a->loss) / width;
  double unit = fmax(fabs(d), fmax(fabs(a->slope), fabs(b->slope)));
  double root = sqrt(d / unit * (d / unit) - a->slope / unit * (b->slope / unit)) * unit;
  return b->at - width * ((b->slope + root - d) / (b->slope - a->slope + 2 * root));
}

static double secant(const trial *a, const trial *b) {
  return b->at - b->slope * ((b->at - a->at) / (b->slope - a->slope));
}

/* Losses that differ by rounding alone say nothing of the shape between them. */
static double interpolate(const nd_wolfe *search, const trial *a, const trial *b) {
  double at = fabs(a->loss - b->loss) > noise_of(search, a, b) ? cubic(a, b) : secant(a, b);
  return isfinite(at) ? at : (double)NAN;
}

static double extrapolate(const nd_wolfe *search, const interval *in) {
  double span = in->low.at - in->before.at, at = interpolate(search, &in->before, &in->low);
  if (!(at > in->low.at)) at = INFINITY;
  return fmin(fmax(at, in->low.at + (least - 1) * span), in->low.at + (largest - 1) * span);
}

/* Within the interval, a tenth of it from either end; its middle where the last trial has not taken a
 * third of it away. */
static double shrink(const nd_wolfe *search, interval *in) {
  double low = in->low.at, width = in->high.at - low;
  bool slow = width > 2.0 / 3 * in->width;
  in->width = width;
  if (in->wall) return low > 0 ? low + width / 2 : margin * width;
  double at = slow ? (double)NAN : interpolate(search, &in->low, &in->high);
  if (isnan(at)) return low + width / 2;
  return fmin(fmax(at, low + margin * width), in->high.at - margin * width);
}

/* Puts the trial to one end of the interval. */
static void narrow(interval *in, const trial *t, bool enough) {
  if (enough && t->slope < 0) {
    in->before = in->low;
    in->low = *t;
    return;
  }
  if (!in->closed) in->width = INFINITY;
  in->high = *t;
  in->closed = true;
  in->wall = !isfinite(t->loss) || !isfinite(t->slope);
}

static nadir_status look(const nd_wolfe *search, double lambda, trial *t, nadir_update *update,
                         nadir_error *error) {
  const nadir_problem *problem = search->problem;
  *t = (trial){lambda, (double)NAN, (double)NAN};
  ND_TRY(problem->gradient(problem->context, search->point, &t->loss, update->gradient, error));
  if (nd_all_finite(search->now->size, update->gradient))
    t->slope = -nd_dot(search->now->size, update->gradient, search->direction);
  return NADIR_OK;
}

/* The best of what was seen, where no trial met both conditions. */
static void keep(const nd_wolfe *search, const trial *t, trial *best, const nadir_update *update) {
  if (best->at > 0 && best->loss <= t->loss) return;
  *best = *t;
  memcpy(search->kept, update->gradient, search->now->size * sizeof *search->kept);
}

static double settle(const nd_wolfe *search, const trial *best, nadir_update *update) {
  if (!(best->at > 0)) return 0;
  update->loss = best->loss;
  memcpy(update->gradient, search->kept, search->now->size * sizeof *search->kept);
  return best->at;
}

nadir_status nd_search_wolfe(const nd_wolfe *search, double first, double *lambda,
                             nadir_update *update, nadir_error *error) {
  trial best = {0}, t;
  interval in = {.low = {0, search->loss, -search->slope}, .width = INFINITY};
  *lambda = 0;
  if (!isfinite(search->loss) || !(search->slope > 0) || !isfinite(search->slope)) return NADIR_OK;
  double next = fmin(first, 1e100);
  int most = search->slope * next <= search->noise ? HIDDEN_TRIALS : MOST_TRIALS;
  for (int k = 0; k < most && nd_move(search->now, next, search->direction, search->point); k++) {
    if (k > 0) update->evaluations++;
    ND_TRY(look(search, next, &t, update, error));
    bool finite = isfinite(t.loss) && isfinite(t.slope), enough = finite && low_enough(search, &t);
    if (enough && fabs(t.slope) <= search->flatter * search->slope) {
      *lambda = t.at;
      update->loss = t.loss;
      return NADIR_OK;
    }
    if (enough) keep(search, &t, &best, update);
    narrow(&in, &t, enough);
    next = in.closed ? shrink(search, &in) : extrapolate(search, &in);
    if (!(next > in.low.at) || (in.closed && !(next < in.high.at))) break;
  }
  *lambda = settle(search, &best, update);
  return NADIR_OK;
}
