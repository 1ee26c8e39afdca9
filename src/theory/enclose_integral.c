/* Integrals on a box, enclosed.
 *
 * The way from the lower limit to the upper one is cut into pieces. On each the integrand is a Taylor polynomial at
 * the middle m with Lagrange's remainder (Moore 1966, chapter 8; the coefficients as series.c has them):
 *
 *   int f = sum_{even j < K} 2 c_j(m) r^(j+1)/(j+1)  +  c_K([m - r, m + r]) 2 r^(K+1)/(K+1),   K even
 *
 * and a piece is halved until the remainder is no larger than what is known of the rest, at most `deepest` times. Where f
 * has no series (a kink, a jump, an integral in it) or the end of the way is an edge of its domain, the piece counts with
 * f's range times its length. Limits that are intervals add f there times how far they reach. Costs two series of K
 * coefficients a piece and node, some 100 us a node in all for a smooth integrand. */
#include "theory/encloser_internal.h"

#include "theory/functions_internal.h"

#include <math.h>

enum { DEEPEST = 9, DEEPEST_NESTED = 5, MOST_PIECES = 400 };

typedef struct walk {
  nd_encloser *e;
  const nd_encloser_step *integral;
  nd_enclosure *over, *f; /* what it is over; the integrand */
  nd_enclosure flags;
  arb_t total;
  size_t pieces;
  int deepest;
  slong length, precision; /* K; of all */
  bool known;
} walk;

/* f on [from, to], and whether it is defined and smooth there. */
static void run_on(const walk *w, const arf_t from, const arf_t to) {
  nd_enclosure_set_ends(w->over, 0, 0);
  arf_set(w->over->low, from);
  arf_set(w->over->high, to);
  for (size_t i = 0; i < w->integral->integrand_count; i++) {
    size_t slot = w->integral->integrand[i];
    if (&w->e->values[slot] != w->over) nd_encloser_run_step(w->e, slot, w->precision);
  }
}

/* ---- series ---- */

/* The place of a value in the integrand's list; SIZE_MAX where it does not depend on what that is over. */
static size_t place_of(const walk *w, const nd_enclosure *value) {
  for (size_t i = 0; i < w->integral->integrand_count; i++)
    if (&w->e->values[w->integral->integrand[i]] == value) return i;
  return SIZE_MAX;
}

static bool is_finite(const arb_poly_t p) {
  for (slong i = 0; i < arb_poly_length(p); i++)
    if (!arb_is_finite(arb_poly_get_coeff_ptr(p, i))) return false;
  return true;
}

enum { MOST_ARGUMENTS = 16 };

static bool step_series(const walk *w, nd_expanding *x, size_t place) {
  const nd_encloser_step *s = &w->e->steps[w->integral->integrand[place]];
  const nd_op_theory *theory = nd_theory_of(s->op);
  arb_poly_struct constants[MOST_ARGUMENTS], *y = &w->integral->series[place];
  const arb_poly_struct *arguments[MOST_ARGUMENTS];
  arb_t ball;
  if (theory == NULL || s->arity > MOST_ARGUMENTS) return false;
  arb_init(ball);
  for (size_t i = 0; i < s->arity; i++) {
    const nd_enclosure *argument = w->e->pool[s->first + i];
    size_t at = place_of(w, argument);
    arb_poly_init(&constants[i]);
    nd_enclosure_get_arb(ball, argument, w->precision);
    if (at == SIZE_MAX) arb_poly_set_arb(&constants[i], ball);
    arguments[i] = at == SIZE_MAX ? &constants[i] : &w->integral->series[at];
  }
  x->op = s->op;
  x->x = arguments;
  x->count = s->arity;
  bool good = nd_series_step(x, y);
  for (size_t i = 0; i < s->arity; i++)
    arb_poly_clear(&constants[i]);
  arb_clear(ball);
  return good && is_finite(y);
}

/* The series of the integrand at a ball, the last of the list. */
static bool series_at(const walk *w, const arb_t centre, slong length) {
  nd_expanding x = {.length = length, .precision = w->precision};
  bool good = true;
  arb_poly_init(x.a);
  arb_poly_init(x.b);
  arb_poly_init(x.one);
  arb_poly_one(x.one);
  for (size_t i = 0; i < w->integral->integrand_count && good; i++) {
    arb_poly_zero(&w->integral->series[i]);
    if (&w->e->values[w->integral->integrand[i]] != w->over) {
      good = step_series(w, &x, i);
      continue;
    }
    arb_poly_set_coeff_arb(&w->integral->series[i], 0, centre);
    arb_poly_set_coeff_si(&w->integral->series[i], 1, 1);
  }
  arb_poly_clear(x.a);
  arb_poly_clear(x.b);
  arb_poly_clear(x.one);
  return good;
}

/* ---- pieces ---- */

typedef struct piece {
  arf_t from, to;
  arb_t middle, radius, all; /* exact; all: the ball of the piece */
  arb_t value, remainder;
} piece;

static void piece_init(piece *p, const arf_t from, const arf_t to) {
  arf_init(p->from), arf_init(p->to);
  arb_init(p->middle), arb_init(p->radius), arb_init(p->all), arb_init(p->value),
      arb_init(p->remainder);
  arf_set(p->from, from);
  arf_set(p->to, to);
  arf_add(arb_midref(p->middle), from, to, ARF_PREC_EXACT, ARF_RND_DOWN);
  arf_mul_2exp_si(arb_midref(p->middle), arb_midref(p->middle), -1);
  arf_sub(arb_midref(p->radius), to, from, ARF_PREC_EXACT, ARF_RND_DOWN);
  arf_mul_2exp_si(arb_midref(p->radius), arb_midref(p->radius), -1);
}

static void piece_clear(piece *p) {
  arf_clear(p->from), arf_clear(p->to);
  arb_clear(p->middle), arb_clear(p->radius), arb_clear(p->all), arb_clear(p->value),
      arb_clear(p->remainder);
}

/* 2 c r^(j+1)/(j+1) */
static void add_power(arb_t sum, const arb_t c, slong j, const arb_t radius, slong precision) {
  arb_t term;
  arb_init(term);
  arb_pow_ui(term, radius, (ulong)j + 1, precision);
  arb_mul_2exp_si(term, term, 1);
  arb_div_si(term, term, j + 1, precision);
  arb_addmul(sum, term, c, precision);
  arb_clear(term);
}

/* Sets value and remainder; false where the integrand has no series on the piece. */
static bool expand(const walk *w, piece *p) {
  size_t last = w->integral->integrand_count - 1;
  arb_t c;
  arb_init(c);
  arb_zero(p->value);
  arb_zero(p->remainder);
  arb_set_interval_arf(p->all, p->from, p->to, w->precision);
  bool good = series_at(w, p->all, w->length + 1);
  if (good) {
    arb_poly_get_coeff_arb(c, &w->integral->series[last], w->length);
    add_power(p->remainder, c, w->length, p->radius, w->precision);
    good = series_at(w, p->middle, w->length);
  }
  for (slong j = 0; good && j < w->length; j += 2) {
    arb_poly_get_coeff_arb(c, &w->integral->series[last], j);
    add_power(p->value, c, j, p->radius, w->precision);
  }
  arb_clear(c);
  return good && arb_is_finite(p->value) && arb_is_finite(p->remainder);
}

/* Whether a smaller piece would not tell more. */
static bool is_sharp(const walk *w, const piece *p) {
  mag_t rest, value, total;
  mag_init(rest), mag_init(value), mag_init(total);
  arb_get_mag(rest, p->remainder);
  arb_get_mag(value, p->value);
  arb_get_mag(total, w->total);
  mag_max(value, value, total);
  mag_mul_2exp_si(value, value, -w->precision);
  bool sharp = mag_cmp(rest, value) <= 0;
  mag_mul_2exp_si(value, arb_radref(p->value), -2);
  sharp = sharp || mag_cmp(rest, value) <= 0;
  mag_clear(rest), mag_clear(value), mag_clear(total);
  return sharp;
}

/* f's range times the length. */
static void add_range(walk *w, const piece *p) {
  arb_t range;
  arb_init(range);
  nd_enclosure_get_arb(range, w->f, w->precision);
  arb_mul(range, range, p->radius, w->precision);
  arb_mul_2exp_si(range, range, 1);
  arb_add(w->total, w->total, range, w->precision);
  w->known = w->known && arb_is_finite(range);
  arb_clear(range);
}

static void keep_flags(walk *w) {
  w->flags.defined = w->flags.defined && w->f->defined && !w->f->nowhere;
  w->flags.continuous = w->flags.continuous && w->f->continuous;
  w->flags.smooth = w->flags.smooth && w->f->smooth;
}

static void add_piece(walk *w, const arf_t from, const arf_t to, int depth) {
  piece p;
  if (!w->known) return;
  if (nd_is_over(w->e->until) || w->pieces++ > MOST_PIECES) {
    w->known = false;
    return;
  }
  piece_init(&p, from, to);
  run_on(w, from, to);
  bool fine = w->f->defined && w->f->smooth, last = depth == w->deepest;
  bool expands = fine && expand(w, &p);
  if (expands && (last || is_sharp(w, &p))) {
    arb_add(w->total, w->total, p.value, w->precision);
    arb_add(w->total, w->total, p.remainder, w->precision);
    keep_flags(w);
  } else if (last) {
    keep_flags(w);
    add_range(w, &p);
  } else {
    add_piece(w, from, arb_midref(p.middle), depth + 1);
    add_piece(w, arb_midref(p.middle), to, depth + 1);
  }
  piece_clear(&p);
}

/* The integrand in the middle of the way: where that has no bounds, as with a parameter that may be anything, no
 * piece has. Where the box leaves it wide, few coefficients tell as much as many. */
static void look_at_middle(walk *w, const arf_t from, const arf_t to) {
  enum { FEW = 8, SHARP_BITS = 20 };
  piece p;
  arb_t range;
  piece_init(&p, from, to);
  arb_init(range);
  run_on(w, arb_midref(p.middle), arb_midref(p.middle));
  nd_enclosure_get_arb(range, w->f, w->precision);
  w->known = w->f->defined && arb_is_finite(range);
  if (arb_rel_accuracy_bits(range) < SHARP_BITS) w->length = FEW;
  arb_clear(range);
  piece_clear(&p);
}

/* ---- limits ---- */

/* The middle of a limit, exactly; f times how far the limit reaches from it is added, times sign. */
static void take_limit(walk *w, const nd_enclosure *limit, int sign, arf_t middle) {
  piece p;
  arb_t reach;
  piece_init(&p, limit->low, limit->high);
  arf_set(middle, arb_midref(p.middle));
  if (!nd_enclosure_is_point(limit)) {
    arb_init(reach);
    run_on(w, limit->low, limit->high);
    keep_flags(w);
    nd_enclosure_get_arb(reach, limit, w->precision);
    arb_sub_arf(reach, reach, middle, w->precision);
    nd_enclosure_get_arb(p.value, w->f, w->precision);
    arb_mul_si(reach, reach, sign, w->precision);
    arb_addmul(w->total, reach, p.value, w->precision);
    arb_clear(reach);
  }
  piece_clear(&p);
}

static bool is_bounded(const nd_enclosure *x) {
  return !x->nowhere && arf_is_finite(x->low) && arf_is_finite(x->high);
}

/* f does not depend on what it is over. */
static void constant_integrand(walk *w, nd_enclosure *x, const nd_enclosure *low,
                               const nd_enclosure *high) {
  nd_enclosure width;
  nd_enclosure_init(&width);
  nd_enclosure_sub(&width, high, low, w->precision);
  nd_enclosure_mul(x, w->f, &width, w->precision);
  nd_enclosure_clear(&width);
  keep_flags(w);
}

static void all_pieces(walk *w, const nd_enclosure *low, const nd_enclosure *high) {
  arf_t from, to;
  arf_init(from), arf_init(to);
  take_limit(w, low, -1, from);
  take_limit(w, high, 1, to);
  look_at_middle(w, from, to);
  if (arf_cmp(from, to) <= 0) {
    add_piece(w, from, to, 0);
  } else {
    arb_neg(w->total, w->total);
    add_piece(w, to, from, 0);
    arb_neg(w->total, w->total);
  }
  arf_clear(from), arf_clear(to);
}

/* An integral in the integrand has no series: halving goes on to the end everywhere. */
static bool has_integral(const walk *w) {
  for (size_t i = 0; i < w->integral->integrand_count; i++)
    if (w->e->steps[w->integral->integrand[i]].op == ND_INTEGRAL) return true;
  return false;
}

static void integrate(walk *w, nd_enclosure *x, const nd_enclosure *low, const nd_enclosure *high) {
  if (w->integral->integrand_count == 0) {
    constant_integrand(w, x, low, high);
    return;
  }
  w->known = true;
  all_pieces(w, low, high);
  if (!w->known || !arb_is_finite(w->total)) {
    nd_enclosure_set_all(x);
    w->flags.defined = false;
    return;
  }
  arb_get_lbound_arf(x->low, w->total, w->precision);
  arb_get_ubound_arf(x->high, w->total, w->precision);
  x->low_open = x->high_open = false;
}

void nd_enclose_integral(nd_encloser *e, size_t slot, slong precision) {
  const nd_encloser_step *s = &e->steps[slot];
  nd_enclosure *x = &e->values[slot];
  const nd_enclosure *const *arguments = e->pool + s->first;
  nd_enclosure_forget(x);
  x->nowhere = arguments[2]->nowhere || arguments[3]->nowhere;
  if (!is_bounded(arguments[2]) || !is_bounded(arguments[3])) return;
  walk w = {.e = e,
            .integral = s,
            .over = &e->values[arguments[1] - e->values],
            .f = &e->values[arguments[0] - e->values],
            .precision = precision,
            .length = (precision / 8 + 5) * 2};
  w.deepest = has_integral(&w) ? DEEPEST_NESTED : DEEPEST;
  nd_enclosure_init(&w.flags);
  arb_init(w.total);
  for (size_t i = 2; i < 4; i++) {
    w.flags.defined = w.flags.defined && arguments[i]->defined;
    w.flags.continuous = w.flags.continuous && arguments[i]->continuous;
    w.flags.smooth = w.flags.smooth && arguments[i]->smooth;
  }
  integrate(&w, x, arguments[2], arguments[3]);
  x->defined = w.flags.defined;
  x->continuous = w.flags.continuous;
  x->smooth = w.flags.smooth;
  arb_clear(w.total);
  nd_enclosure_clear(&w.flags);
}
