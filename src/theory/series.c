/* Taylor-mode arithmetic: one truncated power series a node, in the order of node numbers (Griewank
 * and Walther 2008, chapter 13), with the series functions of Arb and, where it has none, the
 * integral of the derivative: asinh(u) = asinh(u0) + int u'/sqrt(1 + u^2).
 *
 * Costs a product of polynomials (or a few) a node: order 50 of nested formulas takes milliseconds,
 * with no symbolic growth. At a kink or a jump, or where that is not decided, there is no series.
 */
#include "theory/series_internal.h"

#include <arb_hypgeom.h>
#include <string.h>

#include "theory/enclose_internal.h"

typedef struct work {
  slong length, precision;
  arb_poly_t a, b, one;
} work;

static void constant(arb_t value, const arb_poly_t p) {
  arb_poly_get_coeff_arb(value, p, 0);
}

/* The sign of the constant term: 0 where it is not decided. */
static int sign_at(const arb_poly_t p) {
  arb_t value;
  arb_init(value);
  constant(value, p);
  int sign = arb_is_positive(value) ? 1 : arb_is_negative(value) ? -1 : 0;
  arb_clear(value);
  return sign;
}

static int order_at(work *w, const arb_poly_t p, const arb_poly_t q) {
  arb_poly_sub(w->a, p, q, w->precision);
  return sign_at(w->a);
}

/* y <- f(x0) + int x' * slope, slope being f' of x as a series. */
static void integrate(work *w, arb_poly_t y, const arb_t value, const arb_poly_t x,
                      const arb_poly_t slope) {
  arb_poly_t derivative;
  arb_poly_init(derivative);
  arb_poly_derivative(derivative, x, w->precision);
  arb_poly_mullow(derivative, derivative, slope, w->length, w->precision);
  arb_poly_integral(y, derivative, w->precision);
  arb_poly_truncate(y, w->length);
  arb_poly_set_coeff_arb(y, 0, value);
  arb_poly_clear(derivative);
}

/* w->a <- 1 + sign x^2. */
static void one_and_square(work *w, const arb_poly_t x, int sign) {
  arb_poly_mullow(w->a, x, x, w->length, w->precision);
  if (sign < 0) arb_poly_neg(w->a, w->a);
  arb_poly_add(w->a, w->a, w->one, w->precision);
}

static bool inverse_hyperbolic(work *w, arb_poly_t y, nd_op op, const arb_poly_t x) {
  arb_t value;
  arb_init(value);
  constant(value, x);
  if (op == ND_ATANH) {
    arb_atanh(value, value, w->precision);
    one_and_square(w, x, -1);
    arb_poly_inv_series(w->b, w->a, w->length, w->precision);
  } else {
    if (op == ND_ASINH) {
      arb_asinh(value, value, w->precision);
      one_and_square(w, x, 1);
    } else {
      arb_acosh(value, value, w->precision);
      one_and_square(w, x, -1);
      arb_poly_neg(w->a, w->a);
    }
    arb_poly_rsqrt_series(w->b, w->a, w->length, w->precision);
  }
  integrate(w, y, value, x, w->b);
  arb_clear(value);
  return true;
}

static bool softplus(work *w, arb_poly_t y, const arb_poly_t x) {
  bool right = sign_at(x) > 0;
  if (right)
    arb_poly_neg(w->a, x);
  else
    arb_poly_set(w->a, x);
  arb_poly_exp_series(w->a, w->a, w->length, w->precision);
  arb_poly_add(w->a, w->a, w->one, w->precision);
  arb_poly_log_series(w->b, w->a, w->length, w->precision);
  if (right)
    arb_poly_add(y, w->b, x, w->precision);
  else
    arb_poly_set(y, w->b);
  return true;
}

static bool sigmoid(work *w, arb_poly_t y, const arb_poly_t x) {
  arb_poly_neg(w->a, x);
  arb_poly_exp_series(w->a, w->a, w->length, w->precision);
  arb_poly_add(w->a, w->a, w->one, w->precision);
  arb_poly_inv_series(y, w->a, w->length, w->precision);
  return true;
}

static bool tanh_of(work *w, arb_poly_t y, const arb_poly_t x) {
  arb_poly_sinh_cosh_series(w->a, w->b, x, w->length, w->precision);
  arb_poly_div_series(y, w->a, w->b, w->length, w->precision);
  return true;
}

static bool logarithm(work *w, arb_poly_t y, const arb_poly_t x, ulong base) {
  arb_t scale;
  if (sign_at(x) <= 0) return false;
  arb_poly_log_series(y, x, w->length, w->precision);
  if (base == 0) return true;
  arb_init(scale);
  arb_log_ui(scale, base, w->precision);
  arb_poly_scalar_div(y, y, scale, w->precision);
  arb_clear(scale);
  return true;
}

static bool cube_root(work *w, arb_poly_t y, const arb_poly_t x) {
  int sign = sign_at(x);
  arb_t third;
  if (sign == 0) return false;
  arb_init(third);
  arb_one(third);
  arb_div_ui(third, third, 3, w->precision);
  arb_poly_set(w->a, x);
  if (sign < 0) arb_poly_neg(w->a, w->a);
  arb_poly_pow_arb_series(y, w->a, third, w->length, w->precision);
  if (sign < 0) arb_poly_neg(y, y);
  arb_clear(third);
  return true;
}

/* log|gamma|: its derivative is digamma on both sides of 0. */
static bool log_gamma(work *w, arb_poly_t y, const arb_poly_t x) {
  arb_t value;
  if (sign_at(x) > 0) {
    arb_poly_lgamma_series(y, x, w->length, w->precision);
    return true;
  }
  arb_init(value);
  constant(value, x);
  arb_gamma(value, value, w->precision);
  arb_abs(value, value);
  arb_log(value, value, w->precision);
  arb_poly_digamma_series(w->b, x, w->length, w->precision);
  integrate(w, y, value, x, w->b);
  arb_clear(value);
  return true;
}

/* Derivative n of digamma, expanded at x0 and composed with x - x0. */
static bool poly_gamma(work *w, arb_poly_t y, const arb_poly_t order, const arb_poly_t x) {
  arb_t value;
  fmpz_t n;
  arb_init(value);
  fmpz_init(n);
  constant(value, order);
  bool good = arb_poly_length(order) <= 1 && arb_get_unique_fmpz(n, value) &&
              fmpz_cmp_si(n, 0) >= 0 && fmpz_cmp_si(n, 100) <= 0;
  if (good) {
    slong k = fmpz_get_si(n);
    constant(value, x);
    arb_poly_zero(w->a);
    arb_poly_set_coeff_arb(w->a, 0, value);
    arb_poly_set_coeff_si(w->a, 1, 1);
    arb_poly_digamma_series(w->b, w->a, w->length + k, w->precision);
    for (slong i = 0; i < k; i++)
      arb_poly_derivative(w->b, w->b, w->precision);
    arb_poly_set(w->a, x);
    arb_poly_set_coeff_si(w->a, 0, 0);
    arb_poly_compose_series(y, w->b, w->a, w->length, w->precision);
  }
  arb_clear(value);
  fmpz_clear(n);
  return good;
}

static bool entropy(work *w, arb_poly_t y, const arb_poly_t x) {
  if (sign_at(x) <= 0) return false;
  arb_poly_log_series(w->a, x, w->length, w->precision);
  arb_poly_mullow(y, x, w->a, w->length, w->precision);
  return true;
}

/* A function made of pieces, away from where they meet. */
static bool signed_piece(work *w, arb_poly_t y, nd_op op, const arb_poly_t x) {
  int sign = sign_at(x);
  (void)w;
  if (sign == 0) return false;
  if (op == ND_SIGN)
    arb_poly_set_si(y, sign);
  else if (op == ND_POS && sign < 0)
    arb_poly_zero(y);
  else if (sign < 0)
    arb_poly_neg(y, x);
  else
    arb_poly_set(y, x);
  return true;
}

static bool floor_of(arb_poly_t y, const arb_poly_t x, slong precision) {
  arb_t value, step;
  fmpz_t whole;
  arb_init(value);
  arb_init(step);
  fmpz_init(whole);
  constant(value, x);
  arb_floor(step, value, precision);
  /* strictly between two whole numbers, or constant */
  bool good =
      arb_get_unique_fmpz(whole, step) && (arb_poly_length(x) <= 1 || !arb_contains_int(value));
  if (good) {
    arb_set_fmpz(step, whole);
    arb_poly_set_arb(y, step);
  }
  arb_clear(value);
  arb_clear(step);
  fmpz_clear(whole);
  return good;
}

static bool unary(work *w, arb_poly_t y, nd_op op, const arb_poly_t x) {
  slong n = w->length, prec = w->precision;
  arb_t half_pi;
  /* one row an operator; a new one has no series until it stands here */
  if (op == ND_NEG) return arb_poly_neg(y, x), true;
  if (op == ND_SQRT) return sign_at(x) > 0 && (arb_poly_sqrt_series(y, x, n, prec), true);
  if (op == ND_CBRT) return cube_root(w, y, x);
  if (op == ND_EXP) return arb_poly_exp_series(y, x, n, prec), true;
  if (op == ND_EXPM1) {
    arb_poly_exp_series(w->a, x, n, prec);
    return arb_poly_sub(y, w->a, w->one, prec), true;
  }
  if (op == ND_LOG) return logarithm(w, y, x, 0);
  if (op == ND_LOG2) return logarithm(w, y, x, 2);
  if (op == ND_LOG10) return logarithm(w, y, x, 10);
  if (op == ND_LOG1P) return arb_poly_add(w->a, x, w->one, prec), logarithm(w, y, w->a, 0);
  if (op == ND_SOFTPLUS) return softplus(w, y, x);
  if (op == ND_SIGMOID) return sigmoid(w, y, x);
  if (op == ND_ABS || op == ND_POS || op == ND_SIGN) return signed_piece(w, y, op, x);
  if (op == ND_ENTROPY) return entropy(w, y, x);
  if (op == ND_FLOOR) return floor_of(y, x, prec);
  if (op == ND_SIN) return arb_poly_sin_series(y, x, n, prec), true;
  if (op == ND_COS) return arb_poly_cos_series(y, x, n, prec), true;
  if (op == ND_TAN) return arb_poly_tan_series(y, x, n, prec), true;
  if (op == ND_ASIN) return arb_poly_asin_series(y, x, n, prec), true;
  if (op == ND_ACOS) {
    arb_init(half_pi);
    arb_const_pi(half_pi, prec);
    arb_mul_2exp_si(half_pi, half_pi, -1);
    arb_poly_asin_series(w->a, x, n, prec);
    arb_poly_set_arb(y, half_pi);
    arb_poly_sub(y, y, w->a, prec);
    return arb_clear(half_pi), true;
  }
  if (op == ND_ATAN) return arb_poly_atan_series(y, x, n, prec), true;
  if (op == ND_SINH) return arb_poly_sinh_series(y, x, n, prec), true;
  if (op == ND_COSH) return arb_poly_cosh_series(y, x, n, prec), true;
  if (op == ND_TANH) return tanh_of(w, y, x);
  if (op == ND_ASINH || op == ND_ACOSH || op == ND_ATANH) return inverse_hyperbolic(w, y, op, x);
  if (op == ND_ERF) return arb_hypgeom_erf_series(y, x, n, prec), true;
  if (op == ND_ERFC) return arb_hypgeom_erfc_series(y, x, n, prec), true;
  if (op == ND_LGAMMA) return log_gamma(w, y, x);
  return false;
}

static bool power(work *w, arb_poly_t y, const arb_poly_t a, const arb_poly_t b) {
  arb_t exponent;
  fmpz_t whole;
  bool good = true;
  arb_init(exponent);
  fmpz_init(whole);
  constant(exponent, b);
  bool fixed = arb_poly_length(b) <= 1;
  if (fixed && arb_is_exact(exponent) && arb_get_unique_fmpz(whole, exponent) &&
      fmpz_bits(whole) < 31) {
    slong n = fmpz_get_si(whole);
    arb_poly_pow_ui_trunc_binexp(y, a, (ulong)(n < 0 ? -n : n), w->length, w->precision);
    if (n < 0) {
      arb_poly_set(w->a, y);
      arb_poly_inv_series(y, w->a, w->length, w->precision);
    }
  } else if (sign_at(a) <= 0) {
    good = false;
  } else if (fixed) {
    arb_poly_pow_arb_series(y, a, exponent, w->length, w->precision);
  } else {
    arb_poly_log_series(w->a, a, w->length, w->precision);
    arb_poly_mullow(w->b, w->a, b, w->length, w->precision);
    arb_poly_exp_series(y, w->b, w->length, w->precision);
  }
  arb_clear(exponent);
  fmpz_clear(whole);
  return good;
}

static bool atan2_of(work *w, arb_poly_t y, const arb_poly_t a, const arb_poly_t b) {
  int side = sign_at(a);
  arb_t turn;
  if (sign_at(b) > 0) {
    arb_poly_div_series(w->a, a, b, w->length, w->precision);
    return arb_poly_atan_series(y, w->a, w->length, w->precision), true;
  }
  if (side == 0) return false;
  arb_init(turn);
  arb_const_pi(turn, w->precision);
  arb_mul_2exp_si(turn, turn, -1);
  if (side < 0) arb_neg(turn, turn);
  arb_poly_div_series(w->a, b, a, w->length, w->precision);
  arb_poly_atan_series(w->b, w->a, w->length, w->precision);
  arb_poly_set_arb(w->a, turn);
  arb_poly_sub(y, w->a, w->b, w->precision);
  arb_clear(turn);
  return true;
}

static bool huber(work *w, arb_poly_t y, const arb_poly_t a, const arb_poly_t d) {
  int side = sign_at(a), beyond;
  arb_poly_t size;
  arb_poly_init(size);
  arb_poly_set(size, a);
  if (side < 0) arb_poly_neg(size, size);
  beyond = order_at(w, size, d);
  if (side == 0) { /* around 0 and surely within d on both sides */
    arb_poly_neg(size, a);
    beyond = order_at(w, size, d) < 0 && order_at(w, a, d) < 0 ? -1 : 0;
  }
  if (beyond < 0) {
    arb_poly_mullow(y, a, a, w->length, w->precision);
  } else if (beyond > 0) {
    arb_poly_scalar_mul_2exp_si(w->a, size, 1);
    arb_poly_sub(w->a, w->a, d, w->precision);
    arb_poly_mullow(y, w->a, d, w->length, w->precision);
  }
  arb_poly_clear(size);
  return beyond != 0 && sign_at(d) > 0;
}

static bool modulo(work *w, arb_poly_t y, const arb_poly_t a, const arb_poly_t m) {
  if (sign_at(m) == 0) return false;
  arb_poly_div_series(w->a, a, m, w->length, w->precision);
  if (!floor_of(w->b, w->a, w->precision)) return false;
  arb_poly_mullow(w->a, w->b, m, w->length, w->precision);
  arb_poly_sub(y, a, w->a, w->precision);
  return true;
}

static bool truth(work *w, arb_poly_t y, nd_op op, const arb_poly_t a, const arb_poly_t b) {
  int order = order_at(w, a, b);
  bool same = arb_poly_is_zero(w->a) != 0;
  if (order == 0 && !same) return false;
  arb_poly_set_si(y, op == ND_LESS ? order < 0 : op == ND_LESSEQ ? order <= 0 : order == 0);
  return true;
}

static bool binary(work *w, arb_poly_t y, nd_op op, const arb_poly_t a, const arb_poly_t b) {
  slong n = w->length, prec = w->precision;
  if (op == ND_SUB) return arb_poly_sub(y, a, b, prec), true;
  if (op == ND_DIV) return sign_at(b) != 0 && (arb_poly_div_series(y, a, b, n, prec), true);
  if (op == ND_POW) return power(w, y, a, b);
  if (op == ND_ATAN2) return atan2_of(w, y, a, b);
  if (op == ND_HUBER) return huber(w, y, a, b);
  if (op == ND_MOD) return modulo(w, y, a, b);
  if (op == ND_POLYGAMMA) return poly_gamma(w, y, a, b);
  if (op == ND_LESS || op == ND_LESSEQ || op == ND_EQUAL) return truth(w, y, op, a, b);
  if (op == ND_AND) return arb_poly_mullow(y, a, b, n, prec), true;
  if (op == ND_OR) return arb_poly_set_si(y, sign_at(a) > 0 || sign_at(b) > 0), true;
  if (op == ND_QUAD_OVER_LIN) {
    if (sign_at(b) <= 0) return false;
    arb_poly_mullow(w->a, a, a, n, prec);
    return arb_poly_div_series(y, w->a, b, n, prec), true;
  }
  return false;
}

static bool extreme(work *w, arb_poly_t y, nd_op op, const arb_poly_struct *const *x,
                    size_t count) {
  const arb_poly_struct *best = x[0];
  for (size_t i = 1; i < count; i++) {
    int order = order_at(w, x[i], best);
    if (order == 0 && !arb_poly_is_zero(w->a)) return false;
    if (op == ND_MAX ? order > 0 : order < 0) best = x[i];
  }
  arb_poly_set(y, best);
  return true;
}

static bool log_sum(work *w, arb_poly_t y, const arb_poly_struct *const *x, size_t count) {
  arb_t most, value;
  arb_init(most);
  arb_init(value);
  constant(most, x[0]);
  for (size_t i = 1; i < count; i++) {
    constant(value, x[i]);
    if (arf_cmp(arb_midref(value), arb_midref(most)) > 0) arb_set(most, value);
  }
  mag_zero(arb_radref(most)); /* any exact shift serves */
  arb_poly_zero(y);
  for (size_t i = 0; i < count; i++) {
    arb_poly_set_arb(w->b, most);
    arb_poly_sub(w->a, x[i], w->b, w->precision);
    arb_poly_exp_series(w->b, w->a, w->length, w->precision);
    arb_poly_add(y, y, w->b, w->precision);
  }
  arb_poly_log_series(w->a, y, w->length, w->precision);
  arb_poly_set_arb(w->b, most);
  arb_poly_add(y, w->a, w->b, w->precision);
  arb_clear(most);
  arb_clear(value);
  return true;
}

static bool norm(work *w, arb_poly_t y, const arb_poly_struct *const *x, size_t count) {
  arb_poly_zero(w->b);
  for (size_t i = 0; i < count; i++) {
    arb_poly_mullow(w->a, x[i], x[i], w->length, w->precision);
    arb_poly_add(w->b, w->b, w->a, w->precision);
  }
  if (sign_at(w->b) <= 0) return false;
  arb_poly_sqrt_series(y, w->b, w->length, w->precision);
  return true;
}

static bool many(work *w, arb_poly_t y, nd_op op, const arb_poly_struct *const *x, size_t count) {
  if (op == ND_MIN || op == ND_MAX) return extreme(w, y, op, x, count);
  if (op == ND_LOGSUMEXP) return log_sum(w, y, x, count);
  if (op == ND_NORM2) return norm(w, y, x, count);
  if (op == ND_IF) return arb_poly_set(y, sign_at(x[0]) > 0 ? x[1] : x[2]), true;
  if (op != ND_ADD && op != ND_MUL) return false;
  arb_poly_set(y, x[0]);
  for (size_t i = 1; i < count; i++) {
    if (op == ND_ADD)
      arb_poly_add(y, y, x[i], w->precision);
    else
      arb_poly_mullow(y, y, x[i], w->length, w->precision);
  }
  return true;
}

/* All coefficients are finite. */
static bool is_finite(const arb_poly_t p) {
  for (slong i = 0; i < arb_poly_length(p); i++)
    if (!arb_is_finite(arb_poly_get_coeff_ptr(p, i))) return false;
  return true;
}

typedef struct run {
  const nd_graph *graph;
  nd_node variable;
  arb_srcptr centre;
  bool *reached, *known; /* known: it has a series */
  arb_poly_struct *series;
  const arb_poly_struct **arguments;
  work w;
} run;

static bool leaf(run *r, nd_node node, arb_poly_t y) {
  nd_op op = nd_node_op(r->graph, node);
  arb_t value;
  fmpq_t exact;
  bool good = true;
  arb_init(value);
  fmpq_init(exact);
  if (node == r->variable) {
    arb_poly_set_coeff_arb(y, 0, r->centre);
    if (r->w.length > 1) arb_poly_set_coeff_si(y, 1, 1);
  } else if (op == ND_NUMBER && nd_rational_of(r->graph, node, exact)) {
    arb_set_fmpq(value, exact, r->w.precision);
    arb_poly_set_arb(y, value);
  } else if (op == ND_PI) {
    arb_const_pi(value, r->w.precision);
    arb_poly_set_arb(y, value);
  } else {
    good = false;
  }
  arb_clear(value);
  fmpq_clear(exact);
  return good;
}

static bool step(run *r, nd_node node) {
  nd_op op = nd_node_op(r->graph, node);
  size_t arity = nd_node_arity(r->graph, node);
  arb_poly_struct *y = &r->series[node];
  if (arity == 0) return leaf(r, node, y);
  for (size_t i = 0; i < arity; i++)
    r->arguments[i] = &r->series[nd_node_argument(r->graph, node, i)];
  if (op == ND_NOT) return arb_poly_sub(y, r->w.one, r->arguments[0], r->w.precision), true;
  bool good;
  if (arity == 1)
    good = unary(&r->w, y, op, r->arguments[0]);
  else if (op == ND_ADD || op == ND_MUL || op == ND_MIN || op == ND_MAX || op == ND_LOGSUMEXP ||
           op == ND_NORM2 || op == ND_IF)
    good = many(&r->w, y, op, r->arguments, arity);
  else
    good = binary(&r->w, y, op, r->arguments[0], r->arguments[1]);
  return good && is_finite(y);
}

/* A branch that is not taken needs no series. */
static bool arguments_known(run *r, nd_node node) {
  for (size_t i = 0; i < nd_node_arity(r->graph, node); i++) {
    nd_node argument = nd_node_argument(r->graph, node, i);
    if (r->known[argument]) continue;
    if (nd_node_op(r->graph, node) != ND_IF || i == 0 ||
        !r->known[nd_node_argument(r->graph, node, 0)])
      return false;
    bool first = sign_at(&r->series[nd_node_argument(r->graph, node, 0)]) > 0;
    if (first == (i == 1)) return false;
  }
  return true;
}

static nadir_status run_all(run *r, nd_node root, const nd_until *until, nd_node *reason,
                            nadir_error *error) {
  *reason = ND_NO_NODE;
  for (nd_node n = 0; n <= root; n++) {
    if (!r->reached[n]) continue;
    if (!arguments_known(r, n)) continue;
    ND_TRY(nd_go_on(until, error));
    r->known[n] = step(r, n);
    if (!r->known[n] && *reason == ND_NO_NODE) *reason = n;
  }
  if (r->known[root]) *reason = ND_NO_NODE;
  return NADIR_OK;
}

static void reach_down(run *r, nd_node root) {
  r->reached[root] = true;
  for (size_t n = (size_t)root + 1; n-- > 0;)
    for (size_t i = 0; r->reached[n] && i < nd_node_arity(r->graph, (nd_node)n); i++)
      r->reached[nd_node_argument(r->graph, (nd_node)n, i)] = true;
}

nadir_status nd_series_of(const nd_graph *graph, nd_node root, nd_node variable, const arb_t centre,
                          size_t length, slong precision, const nd_until *until, arb_poly_t series,
                          nd_node *reason, nadir_error *error) {
  size_t size = (size_t)root + 1, most = 1;
  for (size_t n = 0; n < size; n++)
    if (nd_node_arity(graph, (nd_node)n) > most) most = nd_node_arity(graph, (nd_node)n);
  run r = {.graph = graph,
           .variable = variable,
           .centre = centre,
           .reached = nd_new(size, sizeof(bool), error),
           .known = nd_new(size, sizeof(bool), error),
           .series = nd_new(size, sizeof(arb_poly_struct), error),
           .arguments = nd_new(most, sizeof(arb_poly_struct *), error),
           .w = {.length = (slong)length, .precision = precision}};
  nadir_status status = NADIR_NO_MEMORY;
  if (r.reached != NULL && r.known != NULL && r.series != NULL && r.arguments != NULL) {
    arb_poly_init(r.w.a);
    arb_poly_init(r.w.b);
    arb_poly_init(r.w.one);
    arb_poly_one(r.w.one);
    for (size_t n = 0; n < size; n++)
      arb_poly_init(&r.series[n]);
    reach_down(&r, root);
    status = run_all(&r, root, until, reason, error);
    if (status == NADIR_OK && *reason == ND_NO_NODE) arb_poly_set(series, &r.series[root]);
    for (size_t n = 0; n < size; n++)
      arb_poly_clear(&r.series[n]);
    arb_poly_clear(r.w.a);
    arb_poly_clear(r.w.b);
    arb_poly_clear(r.w.one);
  }
  nd_free(r.reached);
  nd_free(r.known);
  nd_free(r.series);
  nd_free(r.arguments);
  return status;
}
