/* Jensen's inequality at p, q and the point between, in enclosures: what a search for a witness
 * (refute.c) and a sum over rows (row_chord.c) ask alike.
 *
 * The weight is a power of two, or one less such a power, so that the point between is exact,
 * though it may need more bits than a double has. The inequality is broken only where the whole
 * enclosure of f between lies beyond that of the chord: rounding cannot break it. */
#include "theory/enclose_internal.h"

enum { SHOWN_BITS = 128 }; /* of a middle, before it is rounded to a double */
enum { SHARP_BITS = 60 };  /* of a value that can be shown */

void nd_jensen_init(nd_jensen *j, double weight) {
  j->weight = weight;
  nd_enclosure_init(&j->chord);
  for (size_t k = 0; k < ND_PLACES; k++)
    nd_enclosure_init(&j->value[k]);
}

void nd_jensen_clear(nd_jensen *j) {
  nd_enclosure_clear(&j->chord);
  for (size_t k = 0; k < ND_PLACES; k++)
    nd_enclosure_clear(&j->value[k]);
}

/* x <- t a + (1-t) b */
static void mix(nd_enclosure *x, double t, const nd_enclosure *a, const nd_enclosure *b,
                slong precision) {
  nd_enclosure weight, part;
  nd_enclosure_init(&weight);
  nd_enclosure_init(&part);
  nd_enclosure_set_double(&weight, t);
  nd_enclosure_mul(&part, &weight, a, precision);
  nd_enclosure_set_double(&weight, 1 - t);
  nd_enclosure_mul(x, &weight, b, precision);
  nd_enclosure_add(x, x, &part, precision);
  nd_enclosure_clear(&weight);
  nd_enclosure_clear(&part);
}

void nd_jensen_coordinate(const nd_jensen *j, nd_place place, double p, double q, nd_enclosure *x) {
  nd_enclosure at_p, at_q;
  nd_enclosure_set_double(x, place == ND_AT_P ? p : q);
  if (place != ND_BETWEEN) return;
  nd_enclosure_init(&at_p);
  nd_enclosure_init(&at_q);
  nd_enclosure_set_double(&at_p, p);
  nd_enclosure_set_double(&at_q, q);
  mix(x, j->weight, &at_p, &at_q, ARF_PREC_EXACT);
  nd_enclosure_clear(&at_p);
  nd_enclosure_clear(&at_q);
}

bool nd_jensen_is_broken(nd_jensen *j, int sign, slong precision) {
  const nd_enclosure *between = &j->value[ND_BETWEEN];
  mix(&j->chord, j->weight, &j->value[ND_AT_P], &j->value[ND_AT_Q], precision);
  for (size_t k = 0; k < ND_PLACES; k++)
    if (!j->value[k].defined) return false;
  return sign > 0 ? arf_cmp(between->low, j->chord.high) > 0
                  : arf_cmp(between->high, j->chord.low) < 0;
}

static bool is_sharp(const nd_enclosure *x) {
  arf_t width, most;
  arf_init(width);
  arf_init(most);
  arf_sub(width, x->high, x->low, SHOWN_BITS, ARF_RND_UP);
  arf_mul_2exp_si(most, x->high, -SHARP_BITS);
  bool sharp = arf_is_finite(width) && arf_cmpabs(width, most) <= 0;
  arf_clear(width);
  arf_clear(most);
  return sharp;
}

bool nd_jensen_is_sharp(const nd_jensen *j) {
  for (size_t k = 0; k < ND_PLACES; k++)
    if (!j->value[k].nowhere && !is_sharp(&j->value[k])) return false;
  return is_sharp(&j->chord);
}

static double middle(const nd_enclosure *x) {
  arf_t sum;
  arf_init(sum);
  arf_add(sum, x->low, x->high, SHOWN_BITS, ARF_RND_DOWN);
  arf_mul_2exp_si(sum, sum, -1);
  double value = arf_get_d(sum, ARF_RND_NEAR);
  arf_clear(sum);
  return value;
}

void nd_jensen_middles(const nd_jensen *j, double values[ND_PLACES + 1]) {
  for (size_t k = 0; k < ND_PLACES; k++)
    values[k] = middle(&j->value[k]);
  values[ND_PLACES] = middle(&j->chord);
}
