/* The slope of a line from values alone: central differences over steps that shrink by 8, extrapolated once
 * (Richardson 1911), at the step where the change from the step before and the noise together are least, as in
 * Ridders (1982), Accurate computation of F'(x) and F'(x)F''(x), Advances in Engineering Software 4.
 *
 * The noise of the values is what the shortest steps show, where the slope itself is next to nothing, or the
 * least change that is not 0, where they come in quanta. How far the slope may be off is the change and the
 * noise, plus what shorter steps say against it beyond their own noise, plus half of the gap that is left between
 * the slopes on both sides, as at a kink. */
#include <math.h>

#include "objective/differences.h"

enum { STEPS = 16, FACTOR = 8, SHORTEST = 4 };
/* Relative: nearer than this nothing is said; three slopes in a row so near each other are not noise; a slope this
 * certain exists. */
static const double CLOSE = 1e-4, ALIKE = 0.1, KNOWN = 1e-3;

typedef struct sample {
  double step, rise, bend, most; /* of the values: up - down, up - 2 middle + down, the largest */
  double slope, noise;
} sample;

static sample sample_at(double (*value)(void *context, double t), void *context, double middle,
                        double step) {
  double up = value(context, step), down = value(context, -step);
  return (sample){.step = step,
                  .rise = fabs(up - down),
                  .bend = fabs(up - 2 * middle + down),
                  .most = fmax(fabs(middle), fmax(fabs(up), fabs(down))),
                  .slope = (up - down) / (2 * step)};
}

/* The least change between values that is not 0; not a number counts as nothing. Infinite where there is none:
 * the function may be constant, or its values too coarse. */
static double least_change(const sample *s) {
  double least = HUGE_VAL;
  for (size_t k = 0; k < STEPS; k++) {
    if (s[k].rise > 0) least = fmin(least, s[k].rise);
    if (s[k].bend > 0) least = fmin(least, s[k].bend);
  }
  return least;
}

static void find_noise(sample *s, double scale) {
  double noise = least_change(s);
  for (size_t k = STEPS - SHORTEST; k < STEPS; k++)
    noise = fmax(noise, fmax(s[k].rise, s[k].bend));
  for (size_t k = 0; k < STEPS; k++)
    s[k].noise =
        (fmax(noise, 0x1p-51 * s[k].most) + 0x1p-51 * fabs(s[k].slope) * scale) / s[k].step;
}

static double bound_of(const sample *s, size_t k) {
  return fabs(s[k].slope - s[k - 1].slope) / FACTOR + s[k].noise;
}

static size_t best_of(const sample *s) {
  size_t best = 0;
  for (size_t k = 1; k < STEPS; k++)
    if (isfinite(bound_of(s, k)) && (best == 0 || bound_of(s, k) < bound_of(s, best))) best = k;
  return best;
}

/* Whether this slope and those of the two steps before it agree, against their distance from the slope found. Noise
 * does not do that: it makes each differ from the one before by a factor of 8, or all 0. */
static bool agree(const sample *s, size_t k, double slope) {
  double close = ALIKE * fabs(s[k].slope - slope);
  return s[k].rise > 0 && fabs(s[k].slope - s[k - 1].slope) <= close &&
         fabs(s[k - 1].slope - s[k - 2].slope) <= close;
}

/* Steps that are all too long for the function, as far outside of a narrow well, agree with each other too. */
static double against(const sample *s, size_t best, double slope, double bound) {
  double most = 0;
  for (size_t k = best + 1; k < STEPS; k++) {
    double apart = fabs(s[k].slope - slope) - bound;
    most = fmax(most, k > best + 2 && agree(s, k, slope) ? apart : apart - 2 * s[k].noise);
  }
  return most;
}

/* Of a smooth function the gap goes with the step: what is left of it at none, extrapolated. */
static double least_gap(const sample *s) {
  double least = HUGE_VAL;
  for (size_t k = 1; k < STEPS; k++) {
    double here = s[k].bend / s[k].step, before = s[k - 1].bend / s[k - 1].step;
    least = fmin(least, fabs(FACTOR * here - before) / (FACTOR - 1) / 2 + 2 * s[k].noise);
  }
  return least;
}

nd_difference nd_slope_at_zero(double (*value)(void *context, double t), void *context,
                               double scale) {
  sample s[STEPS];
  double middle = value(context, 0), step = scale;
  for (size_t k = 0; k < STEPS; k++)
    s[k] = sample_at(value, context, middle, step /= FACTOR);
  find_noise(s, scale);
  size_t best = best_of(s);
  if (best == 0 || !isfinite(middle)) return (nd_difference){(double)NAN, HUGE_VAL};
  double bound = bound_of(s, best), square = FACTOR * FACTOR;
  double slope = s[best].slope + (s[best].slope - s[best - 1].slope) / (square - 1);
  return (nd_difference){slope, bound + against(s, best, slope, bound) + least_gap(s)};
}

bool nd_contradicts(double given, nd_difference found) {
  if (!isfinite(given)) return found.uncertainty < KNOWN * fabs(found.slope);
  double close = CLOSE * fmax(fabs(given), fabs(found.slope));
  return isfinite(found.uncertainty) && fabs(given - found.slope) > 4 * found.uncertainty + close;
}
