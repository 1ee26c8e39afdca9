/* Interval arithmetic with exact ends: sums, products and quotients over the extended reals,
 * rounded outward, that keep track of whether an end is taken.
 *
 * Why not balls alone: a ball has no infinite half-line, and convexity is asked of all of space.
 * The ends of a product or a quotient are those of its vertices (Moore 1966), with 0 times infinity
 * being 0; a vertex counts as taken when both of its ends are, or when one of them is a zero that
 * is. */
#include "theory/enclose_internal.h"

#include <math.h>

void nd_enclosure_init(nd_enclosure *x) {
  arf_init(x->low);
  arf_init(x->high);
  x->low_open = x->high_open = x->nowhere = false;
  x->defined = x->continuous = x->smooth = true;
}

void nd_enclosure_clear(nd_enclosure *x) {
  arf_clear(x->low);
  arf_clear(x->high);
}

void nd_enclosure_set(nd_enclosure *x, const nd_enclosure *y) {
  arf_set(x->low, y->low);
  arf_set(x->high, y->high);
  x->low_open = y->low_open;
  x->high_open = y->high_open;
  x->defined = y->defined;
  x->nowhere = y->nowhere;
  x->continuous = y->continuous;
  x->smooth = y->smooth;
}

static void set_flags(nd_enclosure *x) {
  x->low_open = arf_is_inf(x->low) != 0;
  x->high_open = arf_is_inf(x->high) != 0;
  x->nowhere = false;
  x->defined = x->continuous = x->smooth = true;
}

void nd_enclosure_set_ends(nd_enclosure *x, double low, double high) {
  arf_set_d(x->low, low);
  arf_set_d(x->high, high);
  set_flags(x);
}

void nd_enclosure_set_all(nd_enclosure *x) {
  arf_neg_inf(x->low);
  arf_pos_inf(x->high);
  x->low_open = x->high_open = true;
}

void nd_enclosure_forget(nd_enclosure *x) {
  nd_enclosure_set_all(x);
  x->defined = x->continuous = x->smooth = false;
}

void nd_enclosure_set_double(nd_enclosure *x, double value) {
  nd_enclosure_set_ends(x, value, value);
}

void nd_enclosure_set_rational(nd_enclosure *x, const fmpq_t value, slong precision) {
  arf_set_fmpq(x->low, value, precision, ARF_RND_FLOOR);
  arf_set_fmpq(x->high, value, precision, ARF_RND_CEIL);
  set_flags(x);
}

double nd_enclosure_low(const nd_enclosure *x) {
  return arf_get_d(x->low, ARF_RND_FLOOR);
}

double nd_enclosure_high(const nd_enclosure *x) {
  return arf_get_d(x->high, ARF_RND_CEIL);
}

bool nd_enclosure_positive(const nd_enclosure *x) {
  int sign = arf_sgn(x->low);
  return x->nowhere || sign > 0 || (sign == 0 && x->low_open);
}

bool nd_enclosure_nonnegative(const nd_enclosure *x) {
  return x->nowhere || arf_sgn(x->low) >= 0;
}

bool nd_enclosure_is_point(const nd_enclosure *x) {
  return arf_equal(x->low, x->high) != 0;
}

bool nd_enclosure_contains(const nd_enclosure *x, double value) {
  int low = arf_cmp_d(x->low, value), high = arf_cmp_d(x->high, value);
  if (x->nowhere || low > 0 || high < 0) return false;
  return !(low == 0 && x->low_open) && !(high == 0 && x->high_open);
}

void nd_enclosure_get_arb(arb_t ball, const nd_enclosure *x, slong precision) {
  arb_set_interval_arf(ball, x->low, x->high, precision);
}

void nd_enclosure_add(nd_enclosure *x, const nd_enclosure *a, const nd_enclosure *b,
                      slong precision) {
  bool low_open = a->low_open || b->low_open, high_open = a->high_open || b->high_open;
  arf_add(x->low, a->low, b->low, precision, ARF_RND_FLOOR);
  arf_add(x->high, a->high, b->high, precision, ARF_RND_CEIL);
  x->low_open = low_open;
  x->high_open = high_open;
}

void nd_enclosure_sub(nd_enclosure *x, const nd_enclosure *a, const nd_enclosure *b,
                      slong precision) {
  bool low_open = a->low_open || b->high_open, high_open = a->high_open || b->low_open;
  arf_t low;
  arf_init(low);
  arf_sub(low, a->low, b->high, precision, ARF_RND_FLOOR);
  arf_sub(x->high, a->high, b->low, precision, ARF_RND_CEIL);
  arf_swap(x->low, low);
  x->low_open = low_open;
  x->high_open = high_open;
  arf_clear(low);
}

/* An end in the making: the least (or, of negated values, the greatest) vertex so far. */
typedef struct end {
  arf_t value;
  bool open, begun;
} end;

static void end_init(end *e) {
  arf_init(e->value);
  e->open = true;
  e->begun = false;
}

/* Takes `candidate` where it lies further out in the direction of sign (-1: down). */
static void end_take(end *e, const arf_t candidate, bool open, int sign) {
  int order = e->begun ? arf_cmp(candidate, e->value) * sign : 1;
  if (order == 0) e->open = e->open && open;
  if (order <= 0) return;
  arf_set(e->value, candidate);
  e->open = open;
  e->begun = true;
}

/* a * b with 0 * infinity = 0. */
static void vertex(arf_t product, const arf_t a, const arf_t b, slong precision,
                   arf_rnd_t rounding) {
  if (arf_is_zero(a) || arf_is_zero(b))
    arf_zero(product);
  else
    arf_mul(product, a, b, precision, rounding);
}

static bool vertex_open(const arf_t a, bool a_open, const arf_t b, bool b_open) {
  if ((arf_is_zero(a) && !a_open) || (arf_is_zero(b) && !b_open)) return false;
  return a_open || b_open;
}

void nd_enclosure_mul(nd_enclosure *x, const nd_enclosure *a, const nd_enclosure *b,
                      slong precision) {
  end low, high;
  arf_t product;
  end_init(&low);
  end_init(&high);
  arf_init(product);
  for (int i = 0; i < 4; i++) {
    const arf_struct *p = i & 1 ? a->high : a->low, *q = i & 2 ? b->high : b->low;
    bool open =
        vertex_open(p, i & 1 ? a->high_open : a->low_open, q, i & 2 ? b->high_open : b->low_open);
    vertex(product, p, q, precision, ARF_RND_FLOOR);
    end_take(&low, product, open, -1);
    vertex(product, p, q, precision, ARF_RND_CEIL);
    end_take(&high, product, open, 1);
  }
  arf_swap(x->low, low.value);
  arf_swap(x->high, high.value);
  x->low_open = low.open;
  x->high_open = high.open;
  arf_clear(product);
  arf_clear(low.value);
  arf_clear(high.value);
}

/* a / b for b >= 0, a quotient by zero being infinite. */
static void quotient(arf_t value, bool *open, const arf_t a, bool a_open, const arf_t b,
                     bool b_open, slong precision, arf_rnd_t rounding) {
  *open = a_open || b_open;
  if (arf_is_zero(a)) {
    arf_zero(value);
    *open = a_open;
  } else if (arf_is_zero(b)) {
    if (arf_sgn(a) > 0)
      arf_pos_inf(value);
    else
      arf_neg_inf(value);
    *open = true;
  } else if (arf_is_inf(b)) {
    arf_zero(value);
  } else {
    arf_div(value, a, b, precision, rounding);
  }
}

static void divide_by_positive(nd_enclosure *x, const nd_enclosure *a, const nd_enclosure *b,
                               slong precision) {
  bool far_low = arf_sgn(a->low) >= 0, far_high = arf_sgn(a->high) < 0;
  bool low_open, high_open;
  arf_t low, high;
  arf_init(low);
  arf_init(high);
  quotient(low, &low_open, a->low, a->low_open, far_low ? b->high : b->low,
           far_low ? b->high_open : b->low_open, precision, ARF_RND_FLOOR);
  quotient(high, &high_open, a->high, a->high_open, far_high ? b->high : b->low,
           far_high ? b->high_open : b->low_open, precision, ARF_RND_CEIL);
  arf_swap(x->low, low);
  arf_swap(x->high, high);
  x->low_open = low_open;
  x->high_open = high_open;
  arf_clear(low);
  arf_clear(high);
}

static void negate(nd_enclosure *x) {
  bool open = x->low_open;
  arf_swap(x->low, x->high);
  arf_neg(x->low, x->low);
  arf_neg(x->high, x->high);
  x->low_open = x->high_open;
  x->high_open = open;
}

void nd_enclosure_div(nd_enclosure *x, const nd_enclosure *a, const nd_enclosure *b,
                      slong precision) {
  if (arf_sgn(b->low) < 0 && arf_sgn(b->high) > 0) {
    arf_neg_inf(x->low);
    arf_pos_inf(x->high);
    x->low_open = x->high_open = true;
    return;
  }
  if (arf_sgn(b->low) >= 0) {
    divide_by_positive(x, a, b, precision);
    return;
  }
  nd_enclosure opposite;
  nd_enclosure_init(&opposite);
  nd_enclosure_set(&opposite, b);
  negate(&opposite);
  divide_by_positive(x, a, &opposite, precision);
  negate(x);
  nd_enclosure_clear(&opposite);
}
