/* The Taylor series in one variable, with proved errors and remainder; the plane and the quadratic
 * in several, and how far each can be trusted.
 *
 * Coefficients come from Taylor-mode ball arithmetic at rising precision (series.c). The remainder
 * is Lagrange's: |h - P| <= max |h^(n+1)(z)/(n+1)!| d^(n+1), the coefficient n + 1 at ball-valued
 * centres that cover the interval.
 *
 * The plane's error within d is at most M(d) d^2/2, M(d) a bound on |eigenvalues| of the Hessian on
 * the box around the ball; it is `within` of the predicted decrease |g| d while M(d) d <= 2 within
 * |g|. The quadratic's error is at most D(d) d^2/2, D(d) a bound on |H(x) - H(at)|, judged by the
 * same |g| d. The largest d is found by bisection, and every d that is given passed the test
 * itself. */
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "base/limits.h"
#include "theory/hessian_internal.h"
#include "theory/series_internal.h"

enum { PIECES = 32, MOST = 32, MOST_BITS = 4096, PARTS = 4 };

/* ---- one variable ---- */

/* The value of a formula without names. */
static nadir_status read_point(const nd_question *q, const char *text, slong precision,
                               nd_enclosure *x, nadir_error *error) {
  nd_node root;
  nd_encloser *encloser;
  ND_TRY(nd_parse_as(q->graph, "at", text, &root, error));
  ND_TRY(nd_encloser_new(&encloser, q->graph, &root, 1, NULL, 0, q->until, error));
  nd_encloser_run(encloser, precision);
  nd_enclosure_set(x, nd_encloser_root(encloser, 0));
  nd_encloser_free(encloser);
  if (x->defined && arf_is_finite(x->low) && arf_is_finite(x->high)) return NADIR_OK;
  ND_TRY(nd_go_on(q->until, error));
  return nd_fail(
      error, NADIR_BAD_FORMULA,
      "taylor: the point %s is not a number: set at to a value for each parameter, as in x=pi/4",
      text);
}

static nadir_status refuse(const nd_question *q, nd_node reason, nadir_error *error) {
  if (nd_node_op(q->graph, reason) == ND_BOUND)
    return nd_fail(error, NADIR_BAD_FORMULA,
                   "taylor: an integral has no power series here: only its value, gradient and "
                   "Hessian, where there "
                   "are several parameters");
  return nd_fail_at_node(q->graph, reason, error, NADIR_BAD_FORMULA,
                         "taylor: the formula has a kink, a jump or no value at the point, so no "
                         "series: choose a different point");
}

static nadir_status too_large(const nd_question *q, nadir_error *error) {
  return nd_fail_at_node(q->graph, q->root, error, NADIR_BAD_FORMULA,
                         "taylor: overflow: the value or a derivative at the point is beyond "
                         "1.8e308, the largest double: choose a different point");
}

/* Names other than the parameter must have been given values. */
static nadir_status one_name(const nd_question *q, nadir_error *error) {
  nd_node *names;
  size_t count;
  if (q->parameter_count != 1)
    return nd_fail(error, NADIR_BAD_FORMULA, "taylor: a series needs a formula of one parameter");
  ND_TRY(nd_names(q->graph, &q->root, 1, &names, &count, error));
  nadir_status status = NADIR_OK;
  for (size_t i = 0; i < count && status == NADIR_OK; i++)
    if (names[i] != q->parameters[0])
      status = nd_fail_at_node(q->graph, names[i], error, NADIR_BAD_FORMULA,
                               "taylor: a series needs numbers for all names but one: put a value "
                               "for this one");
  nd_free(names);
  return status;
}

/* Coefficients as doubles with a bound on their error; precise where 2^-60 of each is reached. */
static bool give(nd_taylor_one *s, const arb_poly_t series) {
  bool precise = true;
  arb_t c;
  arf_t difference, middle;
  mag_t radius;
  arb_init(c);
  arf_init(difference);
  arf_init(middle);
  mag_init(radius);
  for (size_t k = 0; k <= s->order; k++) {
    arb_poly_get_coeff_arb(c, series, (slong)k);
    precise = precise && (arb_rel_accuracy_bits(c) > 60 || arb_is_zero(c) ||
                          mag_cmp_2exp_si(arb_radref(c), -200) < 0);
    s->coefficient[k] = arf_get_d(arb_midref(c), ARF_RND_NEAR);
    if (mag_cmp_2exp_si(arb_radref(c), -200) < 0 && arb_contains_zero(c)) s->coefficient[k] = 0;
    arf_set_d(middle, s->coefficient[k]);
    arf_sub(difference, arb_midref(c), middle, 64, ARF_RND_UP);
    arf_get_mag(radius, difference);
    mag_add(radius, radius, arb_radref(c));
    s->error[k] = mag_get_d(radius) * (1 + 1e-15);
  }
  arb_clear(c);
  arf_clear(difference);
  arf_clear(middle);
  mag_clear(radius);
  return precise;
}

static nadir_status coefficients(const nd_question *q, const char *at, nd_taylor_one *s,
                                 nd_enclosure *point, nadir_error *error) {
  arb_t centre;
  arb_poly_t series;
  nd_node reason = ND_NO_NODE;
  nadir_status status = NADIR_OK;
  arb_init(centre);
  arb_poly_init(series);
  for (slong precision = 128; status == NADIR_OK; precision *= 2) {
    status = read_point(q, at, precision + 32, point, error);
    if (status != NADIR_OK) break;
    nd_enclosure_get_arb(centre, point, precision + 32);
    status = nd_series_of(q->graph, q->root, q->parameters[0], centre, s->order + 1, precision,
                          q->until, series, &reason, error);
    if (status != NADIR_OK) break;
    if (reason != ND_NO_NODE && precision >= 512) status = refuse(q, reason, error);
    if (reason == ND_NO_NODE && (give(s, series) || precision >= 4096)) break;
  }
  if (status == NADIR_OK && !nd_all_finite(s->order + 1, s->coefficient))
    status = too_large(q, error);
  s->at = arf_get_d(arb_midref(centre), ARF_RND_NEAR);
  arb_clear(centre);
  arb_poly_clear(series);
  return status;
}

/* The greatest |coefficient n+1| over [low, high], in pieces; false where one has no series. */
static nadir_status highest(const nd_question *q, const nd_enclosure *point, double radius,
                            size_t order, mag_t most, bool *known, nadir_error *error) {
  arb_t centre, c;
  arb_poly_t series;
  arf_t from, to, width, d;
  nd_node reason = ND_NO_NODE;
  nadir_status status = NADIR_OK;
  arb_init(centre);
  arb_init(c);
  arb_poly_init(series);
  arf_init(from);
  arf_init(to);
  arf_init(width);
  arf_init(d);
  *known = true;
  arf_set_d(d, radius);
  arf_sub(from, point->low, d, 256, ARF_RND_FLOOR);
  arf_add(to, point->high, d, 256, ARF_RND_CEIL);
  arf_sub(width, to, from, 256, ARF_RND_CEIL);
  arf_mul_2exp_si(width, width, -5); /* PIECES of them */
  mag_zero(most);
  for (int i = 0; i < PIECES && status == NADIR_OK && *known; i++) {
    mag_t size;
    arf_add(to, from, width, 256, ARF_RND_CEIL);
    arb_set_interval_arf(centre, from, to, 256);
    arf_set(from, to);
    status = nd_series_of(q->graph, q->root, q->parameters[0], centre, order + 2, 256, q->until,
                          series, &reason, error);
    *known = status == NADIR_OK && reason == ND_NO_NODE;
    if (!*known) break;
    arb_poly_get_coeff_arb(c, series, (slong)order + 1);
    mag_init(size);
    arb_get_mag(size, c);
    mag_max(most, most, size);
    mag_clear(size);
  }
  arb_clear(centre);
  arb_clear(c);
  arb_poly_clear(series);
  arf_clear(from);
  arf_clear(to);
  arf_clear(width);
  arf_clear(d);
  return status;
}

static nadir_status remainder_of(const nd_question *q, const nd_enclosure *point, nd_taylor_one *s,
                                 nadir_error *error) {
  mag_t most, power, term, sum;
  bool known;
  mag_init(most);
  mag_init(power);
  mag_init(term);
  mag_init(sum);
  nadir_status status = highest(q, point, s->radius, s->order, most, &known, error);
  s->remainder = (double)INFINITY;
  if (status == NADIR_OK && known) {
    mag_set_d(power, s->radius);
    mag_pow_ui(term, power, s->order + 1);
    mag_mul(sum, most, term);
    for (size_t k = 0; k <= s->order; k++) { /* the coefficients are doubles */
      mag_set_d(most, s->error[k]);
      mag_pow_ui(term, power, k);
      mag_addmul(sum, most, term);
    }
    s->remainder = nextafter(mag_get_d(sum), (double)INFINITY);
  }
  mag_clear(most);
  mag_clear(power);
  mag_clear(term);
  mag_clear(sum);
  return status;
}

nadir_status nd_taylor_series(const nd_question *question, const char *at, size_t order,
                              double radius, nd_taylor_one *series, nadir_error *error) {
  nd_enclosure point;
  *series = (nd_taylor_one){.order = order, .radius = radius, .remainder = (double)NAN};
  if (order > ND_LIMIT_ORDER)
    return nd_fail(error, NADIR_BAD_SETTING, "taylor: the order is at most %d, not %zu", ND_LIMIT_ORDER, order);
  if (radius <= 0 || isinf(radius))
    return nd_fail(error, NADIR_BAD_SETTING, "taylor: the radius must be above 0");
  ND_TRY(one_name(question, error));
  series->coefficient = nd_new(order + 1, sizeof *series->coefficient, error);
  series->error = nd_new(order + 1, sizeof *series->error, error);
  nd_enclosure_init(&point);
  nadir_status status = NADIR_NO_MEMORY;
  if (series->coefficient != NULL && series->error != NULL)
    status = coefficients(question, at, series, &point, error);
  if (status == NADIR_OK && radius > 0) status = remainder_of(question, &point, series, error);
  nd_enclosure_clear(&point);
  if (status != NADIR_OK) nd_taylor_one_clear(series);
  nd_give_back();
  return status;
}

void nd_taylor_one_clear(nd_taylor_one *series) {
  nd_free(series->coefficient);
  nd_free(series->error);
  series->coefficient = series->error = NULL;
}

/* ---- several variables ---- */

typedef struct model {
  const nd_question *question;
  nd_taylor_many *m;
  size_t n;
  nd_encloser *encloser;     /* roots: value, gradient, Hessian */
  nd_enclosure *at, *centre; /* the point; the Hessian there */
  const nd_enclosure **entries;
  nd_enclosure *difference;
  double norm_low; /* of the gradient, rounded down */
  nadir_error *error;
} model;

static bool is_sharp(const nd_enclosure *x, slong bits) {
  arf_t width, most;
  arf_init(width);
  arf_init(most);
  arf_sub(width, x->high, x->low, 64, ARF_RND_UP);
  arf_mul_2exp_si(most, x->high, -bits);
  bool sharp = arf_is_finite(width) && arf_cmpabs(width, most) <= 0;
  arf_clear(width);
  arf_clear(most);
  return sharp;
}

/* Value, gradient and Hessian at the point, with more bits while some are not known to a double's. */
static nadir_status go_to_point(model *m, const char *const *at) {
  bool sharp = false;
  for (slong bits = 128; !sharp && bits <= MOST_BITS; bits *= 2) {
    for (size_t i = 0; i < m->n; i++) {
      ND_TRY(read_point(m->question, at[i], bits + 32, &m->at[i], m->error));
      nd_enclosure_set(nd_encloser_leaf(m->encloser, i), &m->at[i]);
    }
    nd_encloser_run(m->encloser, bits);
    sharp = true;
    for (size_t i = 0; i < 1 + m->n + m->n * m->n && sharp; i++)
      sharp = is_sharp(nd_encloser_root(m->encloser, i), 60);
  }
  return NADIR_OK;
}

/* The formula has one value and one plane on a box around the point, as small as 2^-1000 of it: at
 * the point alone a jump shows nothing. */
static bool is_smooth_around(model *m) {
  arf_t reach;
  arf_init(reach);
  bool smooth = false;
  for (slong bits = 64; !smooth && bits <= 1024; bits *= 4) {
    for (size_t i = 0; i < m->n; i++) {
      nd_enclosure *x = nd_encloser_leaf(m->encloser, i);
      nd_enclosure_set(x, &m->at[i]);
      arf_one(reach);
      if (!arf_is_zero(m->at[i].low)) arf_abs(reach, m->at[i].low);
      arf_mul_2exp_si(reach, reach, -bits);
      arf_sub(x->low, x->low, reach, ARF_PREC_EXACT, ARF_RND_FLOOR);
      arf_add(x->high, x->high, reach, ARF_PREC_EXACT, ARF_RND_CEIL);
    }
    nd_encloser_run(m->encloser, bits + 64);
    const nd_enclosure *f = nd_encloser_root(m->encloser, 0);
    smooth = f->defined && f->smooth;
  }
  arf_clear(reach);
  return smooth;
}

/* No more than the gradient's norm. */
static double norm_below(const model *m) {
  double least[MOST];
  for (size_t i = 0; i < m->n; i++) {
    double low = nd_enclosure_low(nd_encloser_root(m->encloser, 1 + i));
    double high = nd_enclosure_high(nd_encloser_root(m->encloser, 1 + i));
    least[i] = low > 0 ? low : high < 0 ? -high : 0;
  }
  return nd_norm(m->n, least) * (1 - 1e-14);
}

static double double_of(const nd_enclosure *x) {
  return arf_get_d(x->low, ARF_RND_NEAR);
}

/* Part `k` of the box of radius d: side i is the (k / PARTS^i mod PARTS)-th piece. */
static void set_part(model *m, double d, size_t k, size_t pieces) {
  arf_t low, step;
  arf_init(low);
  arf_init(step);
  for (size_t i = 0; i < m->n; i++, k /= pieces) {
    nd_enclosure *x = nd_encloser_leaf(m->encloser, i);
    arf_set_d(step, 2 * d / (double)pieces);
    arf_set_d(low, -d);
    arf_addmul_ui(low, step, (ulong)(k % pieces), 128, ARF_RND_FLOOR);
    nd_enclosure_set(x, &m->at[i]);
    x->low_open = x->high_open = false;
    arf_add(x->low, x->low, low, 128, ARF_RND_FLOOR);
    arf_add(low, low, step, 128, ARF_RND_CEIL);
    arf_mul_2exp_si(step, step, -60); /* more than the rounding of the pieces' ends */
    arf_add(low, low, step, 128, ARF_RND_CEIL);
    arf_add(x->high, x->high, low, 128, ARF_RND_CEIL);
  }
  nd_encloser_run(m->encloser, 96);
  arf_clear(low);
  arf_clear(step);
}

/* A bound on |eigenvalues| of H (or of H - H(at)) on the box of radius d; infinite where it is not
 * smooth or not defined there. */
static nadir_status size_within(model *m, double d, bool from_centre, double *bound) {
  size_t pieces = m->n <= 3 ? PARTS : 1, parts = 1, n = m->n;
  *bound = 0;
  for (size_t i = 0; i < n && pieces > 1; i++)
    parts *= pieces;
  for (size_t k = 0; k < parts; k++) {
    double least, greatest;
    set_part(m, d, k, pieces);
    const nd_enclosure *value = nd_encloser_root(m->encloser, 0);
    bool good = value->defined && value->smooth;
    for (size_t i = 0; i < n * n; i++) {
      m->entries[i] = nd_encloser_root(m->encloser, 1 + n + i);
      if (!from_centre) continue;
      nd_enclosure_set(&m->difference[i], m->entries[i]);
      nd_enclosure_sub(&m->difference[i], m->entries[i], &m->centre[i], 96);
      m->entries[i] = &m->difference[i];
    }
    ND_TRY(nd_enclosed_eigenvalues(n, m->entries, &least, &greatest, m->error));
    *bound = good ? fmax(*bound, fmax(fabs(least), fabs(greatest))) : (double)INFINITY;
    if (!isfinite(*bound)) return NADIR_OK;
  }
  return NADIR_OK;
}

static nadir_status is_valid(model *m, double d, bool quadratic, bool *valid) {
  double bound;
  ND_TRY(size_within(m, d, quadratic, &bound));
  *valid = isfinite(bound) && d * bound * (1 + 1e-14) <= 2 * m->m->within * m->norm_low;
  return NADIR_OK;
}

/* The largest radius that passes, to three digits; NaN where none does or there is no end to it. */
static nadir_status find_radius(model *m, bool quadratic, double *radius) {
  double low = 0, high = 1;
  bool valid;
  *radius = (double)NAN;
  ND_TRY(is_valid(m, high, quadratic, &valid));
  for (int i = 0; i < 60 && valid; i++) {
    low = high;
    high *= 2;
    ND_TRY(is_valid(m, high, quadratic, &valid));
  }
  if (valid) m->m->is_affine = m->m->is_affine || !quadratic;
  if (valid) return NADIR_OK;
  double tried = low;
  for (int i = 0; i < 120 && (high - low > 1e-4 * high); i++) {
    tried = low > 0 ? low / 2 + high / 2 : high / 2;
    ND_TRY(is_valid(m, tried, quadratic, &valid));
    *(valid ? &low : &high) = tried;
  }
  if (low > 0) *radius = low;
  return NADIR_OK;
}

static nadir_status value_there(model *m, const double *x, double *value) {
  for (size_t i = 0; i < m->n; i++)
    nd_enclosure_set_double(nd_encloser_leaf(m->encloser, i), x[i]);
  nd_encloser_run(m->encloser, 128);
  const nd_enclosure *f = nd_encloser_root(m->encloser, 0);
  *value = f->defined ? double_of(f) : (double)NAN;
  return NADIR_OK;
}

static nadir_status look_around(model *m) {
  nd_taylor_many *t = m->m;
  double norm = nd_norm(m->n, t->gradient), there;
  t->valid_radius = t->quadratic_radius = t->rate = (double)NAN;
  t->predicted_decrease = t->true_decrease = (double)NAN;
  for (size_t i = 0; i < m->n; i++)
    t->minimizer[i] = (double)NAN;
  if (!(norm > 0)) return NADIR_OK;
  if (t->radius > 0) {
    t->rate = t->radius / norm;
    for (size_t i = 0; i < m->n; i++)
      t->minimizer[i] = t->at[i] - t->radius * (t->gradient[i] / norm);
    ND_TRY(value_there(m, t->minimizer, &there));
    t->predicted_decrease = t->radius * norm;
    t->true_decrease = t->value - there;
  }
  ND_TRY(find_radius(m, false, &t->valid_radius));
  return find_radius(m, true, &t->quadratic_radius);
}

static bool is_beyond_doubles(const nd_enclosure *x) {
  return arf_is_finite(x->low) && arf_is_finite(x->high) && !isfinite(double_of(x));
}

static nadir_status at_point(model *m, const char *const *at) {
  nd_taylor_many *t = m->m;
  size_t n = m->n;
  ND_TRY(go_to_point(m, at));
  bool smooth = is_smooth_around(m);
  ND_TRY(go_to_point(m, at));
  ND_TRY(nd_go_on(m->question->until, m->error));
  const nd_enclosure *f = nd_encloser_root(m->encloser, 0);
  if (!smooth)
    return nd_fail_at_node(m->question->graph, m->question->root, m->error, NADIR_BAD_FORMULA,
                           "taylor: the formula has a kink, a jump or no value at the point: "
                           "choose a different point");
  t->value = double_of(f);
  for (size_t i = 0; i < n; i++) {
    t->at[i] = double_of(&m->at[i]);
    t->gradient[i] = double_of(nd_encloser_root(m->encloser, 1 + i));
  }
  for (size_t i = 0; i < n * n; i++) {
    nd_enclosure_set(&m->centre[i], nd_encloser_root(m->encloser, 1 + n + i));
    t->hessian[i] = double_of(&m->centre[i]);
  }
  m->norm_low = norm_below(m);
  for (size_t i = 0; i < 1 + n + n * n; i++)
    if (is_beyond_doubles(nd_encloser_root(m->encloser, i)))
      return too_large(m->question, m->error);
  if (!nd_all_finite(n, t->gradient) || !nd_all_finite(n * n, t->hessian))
    return nd_fail_at_node(
        m->question->graph, m->question->root, m->error, NADIR_BAD_FORMULA,
        "taylor: the derivatives do not exist at the point: choose a different point");
  return look_around(m);
}

static nadir_status make_roots(model *m, nd_node *roots) {
  const nd_question *q = m->question;
  const nd_derivatives *d;
  ND_TRY(nd_derivatives_of(q->graph, q->root, q->parameters, m->n, 1, &d, m->error));
  roots[0] = q->root;
  memcpy(roots + 1, d->gradient, m->n * sizeof *roots);
  ND_TRY(nd_hessian_nodes(q, roots + 1 + m->n, m->error));
  return nd_encloser_new(&m->encloser, q->graph, roots, 1 + m->n + m->n * m->n, q->parameters, m->n,
                         q->until, m->error);
}

static nadir_status set_up(model *m, nd_node **roots) {
  size_t n = m->n;
  nd_taylor_many *t = m->m;
  m->at = nd_new(n, sizeof *m->at, m->error);
  m->centre = nd_new(2 * n * n, sizeof *m->centre, m->error);
  m->entries = nd_new(n * n, sizeof *m->entries, m->error);
  *roots = nd_new(1 + n + n * n, sizeof **roots, m->error);
  t->at = nd_new(n, sizeof *t->at, m->error);
  t->gradient = nd_new(n, sizeof *t->gradient, m->error);
  t->hessian = nd_new(n * n, sizeof *t->hessian, m->error);
  t->minimizer = nd_new(n, sizeof *t->minimizer, m->error);
  for (size_t i = 0; m->at != NULL && i < n; i++)
    nd_enclosure_init(&m->at[i]);
  for (size_t i = 0; m->centre != NULL && i < 2 * n * n; i++)
    nd_enclosure_init(&m->centre[i]);
  if (m->at == NULL || m->centre == NULL || m->entries == NULL || *roots == NULL || t->at == NULL ||
      t->gradient == NULL || t->hessian == NULL || t->minimizer == NULL)
    return NADIR_NO_MEMORY;
  m->difference = m->centre + n * n;
  return make_roots(m, *roots);
}

nadir_status nd_taylor_model(const nd_question *question, const char *const *at, double radius,
                             double within, nd_taylor_many *taylor, nadir_error *error) {
  size_t n = question->parameter_count;
  model m = {.question = question, .m = taylor, .n = n, .error = error};
  nd_node *roots = NULL;
  taylor->size = n;
  taylor->radius = radius;
  taylor->within = within;
  if (n == 0 || n > MOST)
    return nd_fail(error, NADIR_BAD_FORMULA, "taylor: the formula must have 1 to %d parameters",
                   MOST);
  if (radius <= 0 || isinf(radius) || !(within > 0) || isinf(within))
    return nd_fail(error, NADIR_BAD_SETTING, "taylor: radius and within must be above 0");
  nadir_status status = set_up(&m, &roots);
  if (status == NADIR_OK) status = at_point(&m, at);
  if (status == NADIR_OK) status = nd_go_on(question->until, error);
  nd_encloser_free(m.encloser);
  for (size_t i = 0; m.at != NULL && i < n; i++)
    nd_enclosure_clear(&m.at[i]);
  for (size_t i = 0; m.centre != NULL && i < 2 * n * n; i++)
    nd_enclosure_clear(&m.centre[i]);
  nd_free(m.at);
  nd_free(m.centre);
  nd_free(m.entries);
  nd_free(roots);
  if (status != NADIR_OK) nd_taylor_many_clear(taylor);
  nd_give_back();
  return status;
}

void nd_taylor_many_clear(nd_taylor_many *taylor) {
  nd_free(taylor->at);
  nd_free(taylor->gradient);
  nd_free(taylor->hessian);
  nd_free(taylor->minimizer);
  taylor->at = taylor->gradient = taylor->hessian = taylor->minimizer = NULL;
}
