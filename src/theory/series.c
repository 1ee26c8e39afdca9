/* Taylor-mode arithmetic: one truncated power series a node, in the order of node numbers (Griewank
 * and Walther 2008, chapter 13), with the series functions of Arb and, where it has none, the
 * integral of the derivative: asinh(u) = asinh(u0) + int u'/sqrt(1 + u^2).
 *
 * Costs a product of polynomials (or a few) a node: order 50 of nested formulas takes milliseconds,
 * with no symbolic growth. At a kink or a jump, or where that is not decided, there is no series.
 */
#include "theory/series_internal.h"

#include "theory/functions_internal.h"

void nd_series_constant(arb_t value, const arb_poly_t p) {
  arb_poly_get_coeff_arb(value, p, 0);
}

/* The sign of the constant term: 0 where it is not decided. */
int nd_series_sign(const arb_poly_t p) {
  arb_t value;
  arb_init(value);
  nd_series_constant(value, p);
  int sign = arb_is_positive(value) ? 1 : arb_is_negative(value) ? -1 : 0;
  arb_clear(value);
  return sign;
}

static int order_at(nd_expanding *w, const arb_poly_t p, const arb_poly_t q) {
  arb_poly_sub(w->a, p, q, w->precision);
  return nd_series_sign(w->a);
}

/* y <- f(x0) + int x' * slope, slope being f' of x as a series. */
void nd_series_integrate(nd_expanding *w, arb_poly_t y, const arb_t value, const arb_poly_t x,
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
static void one_and_square(nd_expanding *w, const arb_poly_t x, int sign) {
  arb_poly_mullow(w->a, x, x, w->length, w->precision);
  if (sign < 0) arb_poly_neg(w->a, w->a);
  arb_poly_add(w->a, w->a, w->one, w->precision);
}

bool nd_series_inverse_hyperbolic(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *x = w->x[0];
  arb_t value;
  arb_init(value);
  nd_series_constant(value, x);
  if (w->op == ND_ATANH) {
    arb_atanh(value, value, w->precision);
    one_and_square(w, x, -1);
    arb_poly_inv_series(w->b, w->a, w->length, w->precision);
  } else {
    if (w->op == ND_ASINH) {
      arb_asinh(value, value, w->precision);
      one_and_square(w, x, 1);
    } else {
      arb_acosh(value, value, w->precision);
      one_and_square(w, x, -1);
      arb_poly_neg(w->a, w->a);
    }
    arb_poly_rsqrt_series(w->b, w->a, w->length, w->precision);
  }
  nd_series_integrate(w, y, value, x, w->b);
  arb_clear(value);
  return true;
}

bool nd_series_softplus(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *x = w->x[0];
  bool right = nd_series_sign(x) > 0;
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

bool nd_series_sigmoid(nd_expanding *w, arb_poly_t y) {
  arb_poly_neg(w->a, w->x[0]);
  arb_poly_exp_series(w->a, w->a, w->length, w->precision);
  arb_poly_add(w->a, w->a, w->one, w->precision);
  arb_poly_inv_series(y, w->a, w->length, w->precision);
  return true;
}

bool nd_series_tanh(nd_expanding *w, arb_poly_t y) {

  arb_poly_sinh_cosh_series(w->a, w->b, w->x[0], w->length, w->precision);
  arb_poly_div_series(y, w->a, w->b, w->length, w->precision);
  return true;
}

static bool logarithm(nd_expanding *w, arb_poly_t y, const arb_poly_t x, ulong base) {
  arb_t scale;
  if (nd_series_sign(x) <= 0) return false;
  arb_poly_log_series(y, x, w->length, w->precision);
  if (base == 0) return true;
  arb_init(scale);
  arb_log_ui(scale, base, w->precision);
  arb_poly_scalar_div(y, y, scale, w->precision);
  arb_clear(scale);
  return true;
}

bool nd_series_cbrt(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *x = w->x[0];
  int sign = nd_series_sign(x);
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

bool nd_series_entropy(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *x = w->x[0];
  if (nd_series_sign(x) <= 0) return false;
  arb_poly_log_series(w->a, x, w->length, w->precision);
  arb_poly_mullow(y, x, w->a, w->length, w->precision);
  return true;
}

/* A function made of pieces, away from where they meet. */
bool nd_series_signed(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *x = w->x[0];
  int sign = nd_series_sign(x);
  if (sign == 0) return false;
  if (w->op == ND_SIGN)
    arb_poly_set_si(y, sign);
  else if (w->op == ND_POS && sign < 0)
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
  nd_series_constant(value, x);
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

bool nd_series_floor(nd_expanding *w, arb_poly_t y) {
  return floor_of(y, w->x[0], w->precision);
}

bool nd_series_sqrt(nd_expanding *w, arb_poly_t y) {
  if (nd_series_sign(w->x[0]) <= 0) return false;
  arb_poly_sqrt_series(y, w->x[0], w->length, w->precision);
  return true;
}

bool nd_series_expm1(nd_expanding *w, arb_poly_t y) {
  arb_poly_exp_series(w->a, w->x[0], w->length, w->precision);
  arb_poly_sub(y, w->a, w->one, w->precision);
  return true;
}

bool nd_series_log(nd_expanding *w, arb_poly_t y) {
  return logarithm(w, y, w->x[0], w->op == ND_LOG2 ? 2 : w->op == ND_LOG10 ? 10 : 0);
}

bool nd_series_log1p(nd_expanding *w, arb_poly_t y) {
  arb_poly_add(w->a, w->x[0], w->one, w->precision);
  return logarithm(w, y, w->a, 0);
}

bool nd_series_acos(nd_expanding *w, arb_poly_t y) {
  arb_t half_pi;
  arb_init(half_pi);
  arb_const_pi(half_pi, w->precision);
  arb_mul_2exp_si(half_pi, half_pi, -1);
  arb_poly_asin_series(w->a, w->x[0], w->length, w->precision);
  arb_poly_set_arb(y, half_pi);
  arb_poly_sub(y, y, w->a, w->precision);
  arb_clear(half_pi);
  return true;
}

/* ---- arithmetic ---- */

bool nd_series_pi(nd_expanding *w, arb_poly_t y) {
  arb_t pi;
  arb_init(pi);
  arb_const_pi(pi, w->precision);
  arb_poly_set_arb(y, pi);
  arb_clear(pi);
  return true;
}

bool nd_series_add(nd_expanding *w, arb_poly_t y) {
  arb_poly_set(y, w->x[0]);
  for (size_t i = 1; i < w->count; i++)
    arb_poly_add(y, y, w->x[i], w->precision);
  return true;
}

bool nd_series_sub(nd_expanding *w, arb_poly_t y) {
  arb_poly_sub(y, w->x[0], w->x[1], w->precision);
  return true;
}

bool nd_series_neg(nd_expanding *w, arb_poly_t y) {
  arb_poly_neg(y, w->x[0]);
  return true;
}

bool nd_series_mul(nd_expanding *w, arb_poly_t y) {
  arb_poly_set(y, w->x[0]);
  for (size_t i = 1; i < w->count; i++)
    arb_poly_mullow(y, y, w->x[i], w->length, w->precision);
  return true;
}

bool nd_series_div(nd_expanding *w, arb_poly_t y) {
  if (nd_series_sign(w->x[1]) == 0) return false;
  arb_poly_div_series(y, w->x[0], w->x[1], w->length, w->precision);
  return true;
}

bool nd_series_pow(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *a = w->x[0], *b = w->x[1];
  arb_t exponent;
  fmpz_t whole;
  bool good = true;
  arb_init(exponent);
  fmpz_init(whole);
  nd_series_constant(exponent, b);
  bool fixed = arb_poly_length(b) <= 1;
  if (fixed && arb_is_exact(exponent) && arb_get_unique_fmpz(whole, exponent) &&
      fmpz_bits(whole) < 31) {
    slong n = fmpz_get_si(whole);
    arb_poly_pow_ui_trunc_binexp(y, a, (ulong)(n < 0 ? -n : n), w->length, w->precision);
    if (n < 0) {
      arb_poly_set(w->a, y);
      arb_poly_inv_series(y, w->a, w->length, w->precision);
    }
  } else if (nd_series_sign(a) <= 0) {
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

bool nd_series_atan2(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *a = w->x[0], *b = w->x[1];
  int side = nd_series_sign(a);
  arb_t turn;
  if (nd_series_sign(b) > 0) {
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

bool nd_series_huber(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *a = w->x[0], *d = w->x[1];
  int side = nd_series_sign(a), beyond;
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
  return beyond != 0 && nd_series_sign(d) > 0;
}

bool nd_series_mod(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *a = w->x[0], *m = w->x[1];
  if (nd_series_sign(m) == 0) return false;
  arb_poly_div_series(w->a, a, m, w->length, w->precision);
  if (!floor_of(w->b, w->a, w->precision)) return false;
  arb_poly_mullow(w->a, w->b, m, w->length, w->precision);
  arb_poly_sub(y, a, w->a, w->precision);
  return true;
}

bool nd_series_quad_over_lin(nd_expanding *w, arb_poly_t y) {
  if (nd_series_sign(w->x[1]) <= 0) return false;
  arb_poly_mullow(w->a, w->x[0], w->x[0], w->length, w->precision);
  arb_poly_div_series(y, w->a, w->x[1], w->length, w->precision);
  return true;
}

/* ---- truth ---- */

bool nd_series_comparison(nd_expanding *w, arb_poly_t y) {
  int order = order_at(w, w->x[0], w->x[1]);
  bool same = arb_poly_is_zero(w->a) != 0;
  if (order == 0 && !same) return false;
  bool holds = w->op == ND_LESS ? order < 0 : w->op == ND_LESSEQ ? order <= 0 : order == 0;
  arb_poly_set_si(y, holds);
  return true;
}

bool nd_series_or(nd_expanding *w, arb_poly_t y) {
  arb_poly_set_si(y, nd_series_sign(w->x[0]) > 0 || nd_series_sign(w->x[1]) > 0);
  return true;
}

bool nd_series_not(nd_expanding *w, arb_poly_t y) {
  arb_poly_sub(y, w->one, w->x[0], w->precision);
  return true;
}

bool nd_series_if(nd_expanding *w, arb_poly_t y) {
  arb_poly_set(y, nd_series_sign(w->x[0]) > 0 ? w->x[1] : w->x[2]);
  return true;
}

/* ---- of any number of arguments ---- */

bool nd_series_extreme(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *const *x = w->x;
  const arb_poly_struct *best = x[0];
  for (size_t i = 1; i < w->count; i++) {
    int order = order_at(w, x[i], best);
    if (order == 0 && !arb_poly_is_zero(w->a)) return false;
    if (w->op == ND_MAX ? order > 0 : order < 0) best = x[i];
  }
  arb_poly_set(y, best);
  return true;
}

bool nd_series_logsumexp(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *const *x = w->x;
  arb_t most, value;
  arb_init(most);
  arb_init(value);
  nd_series_constant(most, x[0]);
  for (size_t i = 1; i < w->count; i++) {
    nd_series_constant(value, x[i]);
    if (arf_cmp(arb_midref(value), arb_midref(most)) > 0) arb_set(most, value);
  }
  mag_zero(arb_radref(most)); /* any exact shift serves */
  arb_poly_zero(y);
  for (size_t i = 0; i < w->count; i++) {
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

bool nd_series_norm2(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *const *x = w->x;
  arb_poly_zero(w->b);
  for (size_t i = 0; i < w->count; i++) {
    arb_poly_mullow(w->a, x[i], x[i], w->length, w->precision);
    arb_poly_add(w->b, w->b, w->a, w->precision);
  }
  if (nd_series_sign(w->b) <= 0) return false;
  arb_poly_sqrt_series(y, w->b, w->length, w->precision);
  return true;
}

/* ---- a graph ---- */

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
  nd_expanding w;
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
  } else {
    good = false;
  }
  arb_clear(value);
  fmpq_clear(exact);
  return good;
}

bool nd_series_step(nd_expanding *w, arb_poly_t y) {
  const nd_op_theory *theory = nd_theory_of(w->op);
  if (theory->series_of_arb == NULL) return theory->series(w, y);
  theory->series_of_arb(y, w->x[0], w->length, w->precision);
  return true;
}

static bool step(run *r, nd_node node) {
  const nd_op_theory *theory = nd_theory_of(nd_node_op(r->graph, node));
  size_t arity = nd_node_arity(r->graph, node);
  arb_poly_struct *y = &r->series[node];
  if (theory == NULL) return arity == 0 && leaf(r, node, y);
  for (size_t i = 0; i < arity; i++)
    r->arguments[i] = &r->series[nd_node_argument(r->graph, node, i)];
  r->w.op = nd_node_op(r->graph, node);
  r->w.x = r->arguments;
  r->w.count = arity;
  return nd_series_step(&r->w, y) && is_finite(y);
}

/* A branch that is not taken needs no series. */
static bool arguments_known(run *r, nd_node node) {
  for (size_t i = 0; i < nd_node_arity(r->graph, node); i++) {
    nd_node argument = nd_node_argument(r->graph, node, i);
    if (r->known[argument]) continue;
    if (nd_node_op(r->graph, node) != ND_IF || i == 0 ||
        !r->known[nd_node_argument(r->graph, node, 0)])
      return false;
    bool first = nd_series_sign(&r->series[nd_node_argument(r->graph, node, 0)]) > 0;
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
