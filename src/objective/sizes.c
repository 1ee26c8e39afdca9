/* The size of a parameter, from values along it: what a change of it is small against, so that differences over
 * eps^(1/3) of it have neither lost the digits of the values nor the shape of the function. It is |w|, and 1 near
 * 0, unless values there say otherwise: over three steps, one from the next by a factor of 8, the slopes have to
 * agree, and the second differences too (roughly), or else the steps are longer than the function is smooth; and the
 * values have to change by more than their rounding, or else the steps are too short for it.
 *
 * Where no size fits, as at a kink, at the edge of the domain, or where the values are noisy, it remains
 * max(|w|, 1). Cost: 6 values where that fits; where none does, about 150. */
#include <math.h>

#include "objective/differences.h"

enum { STEPS = 3, FACTOR = 8, SHRINKS = 24, GROWTHS = 12 };
static const double BETWEEN = 64;    /* a size and the next that is tried */
static const double LEAST = 0x1p-20; /* against |w|: below it steps are lost in w's rounding */
static const double SEEN = 256;      /* a change against the rounding of values */
static const double SAME_SLOPE = 1e-3, SAME_BEND = 0.1; /* relative */

typedef enum fit { FITS, TOO_SHORT, TOO_LONG } fit;

typedef struct along {
  double (*value)(void *context, double t);
  void *context;
  double middle;
} along;

typedef struct sample {
  double slope, bend, rounding; /* first and second difference; what rounding may do to values */
  double step, change;          /* the largest of the values' changes */
} sample;

static sample sample_at(const along *a, double step) {
  double up = a->value(a->context, step);
  double down = isfinite(up) ? a->value(a->context, -step) : up;
  return (sample){.slope = (up - down) / (2 * step),
                  .bend = (up - 2 * a->middle + down) / (step * step),
                  .rounding = 0x1p-51 * fmax(fabs(a->middle), fmax(fabs(up), fabs(down))),
                  .step = step,
                  .change = fmax(fabs(up - a->middle), fabs(down - a->middle))};
}

static bool agree(const sample *a, const sample *b) {
  double scale = fmax(fabs(b->slope), fabs(b->bend) * b->step);
  return fabs(a->slope - b->slope) <= SAME_SLOPE * scale + 2 * b->rounding / b->step &&
         fabs(a->bend - b->bend) <=
             SAME_BEND * fabs(b->bend) + 8 * b->rounding / (b->step * b->step);
}

static fit try_size(const along *a, double size) {
  sample s[STEPS];
  double step = FACTOR * size * cbrt(0x1p-52);
  for (size_t k = 0; k < STEPS; k++, step /= FACTOR) {
    s[k] = sample_at(a, step);
    if (!isfinite(s[k].slope) || !isfinite(s[k].bend)) return TOO_LONG;
    if (k == 0 && s[k].change <= SEEN * s[k].rounding) return TOO_SHORT;
    if (k > 0 && !agree(&s[k - 1], &s[k])) return TOO_LONG;
  }
  return FITS;
}

/* The first that fits of size, size * factor, size * factor^2 ...; `size` itself where none does. */
static nadir_status search(const along *a, double *size, double factor, double least, int tries,
                           const nd_until *until, nadir_error *error) {
  double now = *size * factor;
  for (int k = 0; k < tries && now >= least; k++, now *= factor) {
    ND_TRY(nd_go_on(until, error));
    if (try_size(a, now) != FITS) continue;
    *size = now;
    break;
  }
  return NADIR_OK;
}

nadir_status nd_find_size(nd_size *found, double (*value)(void *context, double t), void *context,
                          double w, const nd_until *until, nadir_error *error) {
  along a = {value, context, value(context, 0)};
  double near = fabs(w), first = fmax(near, 1), size = first;
  ND_TRY(nd_go_on(until, error));
  fit fits = try_size(&a, size);
  if (fits == TOO_LONG) ND_TRY(search(&a, &size, 1 / BETWEEN, LEAST * near, SHRINKS, until, error));
  if (fits == TOO_SHORT) ND_TRY(search(&a, &size, BETWEEN, 0, GROWTHS, until, error));
  *found = size == first ? (nd_size){1, 1} : (nd_size){size, near > size ? size / near : 1};
  return NADIR_OK;
}

double nd_size_at(const nd_size *size, double w) {
  return fmax(size->absolute, size->relative * fabs(w));
}
