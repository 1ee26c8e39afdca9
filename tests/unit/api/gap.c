/* The gap of fits: the loss at the parameters that a result holds, less the least loss, is never above the
 * bound, however far from 0 a column lies. In exact rationals the least loss is that of the normal
 * equations or, where the loss has kinks, of the best line through two of the points; for logistic and
 * Poisson losses it is that of Newton's method in 400 bits. */
#include <arb.h>
#include <flint/fmpq_mat.h>

#include <stdbool.h>

#include "support.h"

enum { ROWS = 30, TABLES = 24 };

static uint64_t draws = 12345;

static double uniform(void) { /* Knuth's MMIX generator */
  draws = draws * 6364136223846793005u + 1442695040888963407u;
  return (double)(draws >> 11) * 0x1p-53;
}

static double noise(void) {
  double sum = -6;
  for (int i = 0; i < 12; i++)
    sum += uniform();
  return sum;
}

static void set_double(fmpq_t rational, double value) {
  int exponent;
  double whole = ldexp(frexp(value, &exponent), 53);
  fmpq_set_si(rational, (slong)whole, 1);
  if (exponent >= 53)
    fmpq_mul_2exp(rational, rational, (flint_bitcnt_t)(exponent - 53));
  else
    fmpq_div_2exp(rational, rational, (flint_bitcnt_t)(53 - exponent));
}

/* The mean of (y - b - w x)^2. */
static void loss_at(const fmpq_mat_t x, const fmpq_mat_t y, const fmpq_mat_t w, fmpq_t loss) {
  fmpq_mat_t residual;
  fmpq_mat_init(residual, ROWS, 1);
  fmpq_mat_mul(residual, x, w);
  fmpq_mat_sub(residual, y, residual);
  fmpq_zero(loss);
  for (slong i = 0; i < ROWS; i++)
    fmpq_addmul(loss, fmpq_mat_entry(residual, i, 0), fmpq_mat_entry(residual, i, 0));
  fmpq_div_fmpz(loss, loss, (fmpz[]){ROWS});
  fmpq_mat_clear(residual);
}

static void least_squares(const fmpq_mat_t x, const fmpq_mat_t y, fmpq_mat_t w) {
  fmpq_mat_t turned, square, right;
  slong n = fmpq_mat_ncols(x);
  fmpq_mat_init(turned, n, ROWS);
  fmpq_mat_init(square, n, n);
  fmpq_mat_init(right, n, 1);
  fmpq_mat_transpose(turned, x);
  fmpq_mat_mul(square, turned, x);
  fmpq_mat_mul(right, turned, y);
  assert_true(fmpq_mat_solve(w, square, right));
  fmpq_mat_clear(turned);
  fmpq_mat_clear(square);
  fmpq_mat_clear(right);
}

/* loss(w as printed) - least loss <= gap */
static bool covers(const nadir_result *result, const double *columns[3]) {
  fmpq_mat_t x, y, printed, best;
  fmpq_t loss, least, gap;
  fmpq_mat_init(x, ROWS, 3), fmpq_mat_init(y, ROWS, 1);
  fmpq_mat_init(printed, 3, 1), fmpq_mat_init(best, 3, 1);
  fmpq_init(loss), fmpq_init(least), fmpq_init(gap);
  for (slong i = 0; i < ROWS; i++) {
    fmpq_one(fmpq_mat_entry(x, i, 0));
    set_double(fmpq_mat_entry(x, i, 1), columns[0][i]);
    set_double(fmpq_mat_entry(x, i, 2), columns[1][i]);
    set_double(fmpq_mat_entry(y, i, 0), columns[2][i]);
  }
  set_double(fmpq_mat_entry(printed, 0, 0), parameter(result, "b"));
  set_double(fmpq_mat_entry(printed, 1, 0), parameter(result, "w[u]"));
  set_double(fmpq_mat_entry(printed, 2, 0), parameter(result, "w[v]"));
  least_squares(x, y, best);
  loss_at(x, y, printed, loss);
  loss_at(x, y, best, least);
  fmpq_sub(loss, loss, least);
  set_double(gap, result->optimum_gap);
  bool covered = fmpq_cmp(gap, loss) >= 0;
  fmpq_mat_clear(x), fmpq_mat_clear(y), fmpq_mat_clear(printed), fmpq_mat_clear(best);
  fmpq_clear(loss), fmpq_clear(least), fmpq_clear(gap);
  return covered;
}

static void no_gap_is_below_the_truth_in(const char *precision) {
  static const char *const updates[] = {"3", "20", "1000"};
  double u[ROWS], v[ROWS], y[ROWS];
  const double *columns[3] = {u, v, y};
  test_column arrays[3] = {{"u", "", u}, {"v", "", v}, {"y", "", y}};
  for (int k = 0; k < TABLES; k++) {
    double offset = pow(10, 9. * k / TABLES), unit = pow(10, floor(uniform() * 20 - 10));
    for (size_t i = 0; i < ROWS; i++) {
      u[i] = unit * (offset + noise());
      v[i] = noise();
      y[i] = 3 + 2 * (u[i] / unit - offset) - v[i] + noise();
    }
    nadir_settings *settings =
        settings_of((const char *[]){"updates", updates[k % 3], "method", "gd", "precision", precision, NULL});
    nadir_table *table;
    nadir_result *result;
    table = table_of(arrays, 3, ROWS);
    ok(nadir_fit(table, "y ~ linear(u, v)", settings, NULL, &result, &error));
    if (!(result->optimum_gap >= 0) || !covers(result, columns))
      fail_msg("offset %g, unit %g, %s updates in %s: %g is below the truth (%s)", offset, unit,
               updates[k % 3], precision, result->optimum_gap, said(result, NADIR_ON_GAP));
    nadir_result_free(result);
    nadir_table_free(table);
    nadir_settings_free(settings);
  }
}

static void no_gap_of_a_fit_is_below_the_truth(void **state) {
  (void)state;
  no_gap_is_below_the_truth_in("double");
  no_gap_is_below_the_truth_in("single"); /* bounded from the floats that blocks keep */
}

/* ---- losses with kinks ---- */

enum { POINTS = 12 };

typedef struct points {
  double x[POINTS], y[POINTS], weight[POINTS];
  fmpq_t high, low; /* slopes of the loss of a residual */
  bool hinge;
} points;

/* The sum of weight l(r) at b + w x, r = y - f or 1 - (2 y - 1) f. */
static void kinked_loss(const points *p, const fmpq_t b, const fmpq_t w, fmpq_t sum) {
  fmpq_t r, part;
  fmpq_init(r), fmpq_init(part);
  fmpq_zero(sum);
  for (int i = 0; i < POINTS; i++) {
    set_double(r, p->x[i]);
    fmpq_mul(r, r, w);
    fmpq_add(r, r, b);
    set_double(part, p->hinge ? 1 : p->y[i]);
    if (p->hinge && p->y[i] == 0) fmpq_neg(r, r);
    fmpq_sub(r, part, r);
    fmpq_mul(r, r, fmpq_sgn(r) > 0 ? p->high : p->low);
    set_double(part, p->weight[i]);
    fmpq_addmul(sum, part, r);
  }
  fmpq_clear(r), fmpq_clear(part);
}

/* The line with no residual at i and j; false where there is none. */
static bool line_through(const points *p, int i, int j, fmpq_t b, fmpq_t w) {
  fmpq_t x[2], y[2];
  for (int k = 0; k < 2; k++) {
    int at = k ? j : i;
    fmpq_init(x[k]), fmpq_init(y[k]);
    set_double(x[k], p->x[at]);
    set_double(y[k], p->hinge ? 2 * p->y[at] - 1 : p->y[at]);
  }
  fmpq_sub(w, y[1], y[0]);
  fmpq_sub(b, x[1], x[0]);
  bool is_line = !fmpq_is_zero(b);
  if (is_line) fmpq_div(w, w, b);
  fmpq_mul(b, w, x[0]);
  fmpq_sub(b, y[0], b);
  for (int k = 0; k < 2; k++)
    fmpq_clear(x[k]), fmpq_clear(y[k]);
  return is_line;
}

static bool covers_kinks(const nadir_result *result, const points *p) {
  fmpq_t b, w, loss, least, part;
  fmpq_init(b), fmpq_init(w), fmpq_init(loss), fmpq_init(least), fmpq_init(part);
  set_double(b, parameter(result, "b"));
  set_double(w, parameter(result, "w[x]"));
  kinked_loss(p, b, w, loss);
  fmpq_set(least, loss);
  for (int i = 0; i < POINTS; i++)
    for (int j = 0; j < i; j++) {
      if (!line_through(p, i, j, b, w)) continue;
      kinked_loss(p, b, w, part);
      if (fmpq_cmp(part, least) < 0) fmpq_set(least, part);
    }
  fmpq_sub(loss, loss, least);
  fmpq_zero(w);
  for (int i = 0; i < POINTS; i++) {
    set_double(part, p->weight[i]);
    fmpq_add(w, w, part);
  }
  fmpq_div(loss, loss, w);
  set_double(part, result->optimum_gap);
  bool covered = fmpq_cmp(part, loss) >= 0;
  fmpq_clear(b), fmpq_clear(w), fmpq_clear(loss), fmpq_clear(least), fmpq_clear(part);
  return covered;
}

static void draw_points(points *p, int k) {
  double offset = k % 3 == 0 ? 0 : pow(10, 6 * uniform()),
         unit = pow(10, floor(uniform() * 12 - 6));
  for (int i = 0; i < POINTS; i++) {
    double x = noise();
    p->x[i] = unit * (offset + x);
    p->y[i] = 2 * x + noise();
    if (p->hinge) p->y[i] = p->y[i] + 3 * noise() > 0;
    p->weight[i] = k % 2 ? 1 : 0.1 + uniform();
  }
  if (p->hinge) p->y[0] = 0, p->y[1] = 1;
}

static void nor_where_it_has_kinks(void **state) {
  (void)state;
  static const struct {
    const char *name;
    long high, low, over;
    bool hinge;
  } losses[] = {{"absolute", 1, -1, 1, false},
                {"quantile(0.25)", 1, -3, 4, false},
                {"quantile(0.75)", 3, -1, 4, false},
                {"hinge", 1, 0, 1, true}};
  for (int k = 0; k < 60; k++) {
    points p = {.hinge = losses[k % 4].hinge};
    fmpq_init(p.high), fmpq_init(p.low);
    fmpq_set_si(p.high, losses[k % 4].high, (ulong)losses[k % 4].over);
    fmpq_set_si(p.low, losses[k % 4].low, (ulong)losses[k % 4].over);
    draw_points(&p, k);
    test_column arrays[3] = {{"x", "", p.x}, {"y", "", p.y}, {"v", "", p.weight}};
    nadir_settings *settings =
        settings_of((const char *[]){"loss", losses[k % 4].name, "weight", "v", NULL});
    nadir_table *table;
    nadir_result *result;
    table = table_of(arrays, 3, POINTS);
    ok(nadir_fit(table, "y ~ linear(x)", settings, NULL, &result, &error));
    if (result->ended == NADIR_DONE && !(result->optimum_gap >= 0))
      fail_msg("%d, %s: no gap (%s)", k, losses[k % 4].name, said(result, NADIR_ON_GAP));
    if (result->optimum_gap >= 0 && !covers_kinks(result, &p))
      fail_msg("%d, %s: %g is below the truth", k, losses[k % 4].name, result->optimum_gap);
    nadir_result_free(result);
    nadir_table_free(table);
    nadir_settings_free(settings);
    fmpq_clear(p.high), fmpq_clear(p.low);
  }
}

/* ---- likelihoods ---- */

enum { BITS = 400 };

typedef struct likelihood {
  double x[ROWS], y[ROWS];
  bool poisson;
} likelihood;

/* The sum over rows of l, l', l' x, l'', l'' x, l'' x^2 at b + w x. */
static void add_likelihood(const likelihood *l, const arb_t b, const arb_t w, arb_t sums[6]) {
  arb_t f, x, y, e, first, second;
  arb_init(f), arb_init(x), arb_init(y), arb_init(e), arb_init(first), arb_init(second);
  for (int k = 0; k < 6; k++)
    arb_zero(sums[k]);
  for (int i = 0; i < ROWS; i++) {
    arb_set_d(x, l->x[i]);
    arb_set_d(y, l->y[i]);
    arb_mul(f, w, x, BITS);
    arb_add(f, f, b, BITS);
    arb_exp(e, f, BITS);
    arb_submul(sums[0], y, f, BITS);
    if (l->poisson) {
      arb_add(sums[0], sums[0], e, BITS);
      arb_set(first, e);
      arb_set(second, e);
    } else {
      arb_log1p(first, e, BITS);
      arb_add(sums[0], sums[0], first, BITS);
      arb_add_ui(second, e, 1, BITS);
      arb_div(first, e, second, BITS);
      arb_div(second, first, second, BITS);
    }
    arb_sub(first, first, y, BITS);
    arb_add(sums[1], sums[1], first, BITS);
    arb_addmul(sums[2], first, x, BITS);
    for (int k = 3; k < 6; k++) {
      arb_add(sums[k], sums[k], second, BITS);
      arb_mul(second, second, x, BITS);
    }
  }
  arb_clear(f), arb_clear(x), arb_clear(y), arb_clear(e), arb_clear(first), arb_clear(second);
}

static void newton(arb_t b, arb_t w, arb_t sums[6]) {
  arb_t determinant, part;
  arb_init(determinant), arb_init(part);
  arb_mul(determinant, sums[3], sums[5], BITS);
  arb_submul(determinant, sums[4], sums[4], BITS);
  arb_mul(part, sums[5], sums[1], BITS);
  arb_submul(part, sums[4], sums[2], BITS);
  arb_div(part, part, determinant, BITS);
  arb_sub(b, b, part, BITS);
  arb_mul(part, sums[3], sums[2], BITS);
  arb_submul(part, sums[4], sums[1], BITS);
  arb_div(part, part, determinant, BITS);
  arb_sub(w, w, part, BITS);
  arb_get_mid_arb(b, b);
  arb_get_mid_arb(w, w);
  arb_clear(determinant), arb_clear(part);
}

/* The loss at any point is no less than the least one, so Newton's last is enough. */
static bool covers_likelihood(const nadir_result *result, const likelihood *l) {
  arb_t b, w, sums[6], loss, gap;
  arb_init(b), arb_init(w), arb_init(loss), arb_init(gap);
  for (int k = 0; k < 6; k++)
    arb_init(sums[k]);
  arb_set_d(b, parameter(result, "b"));
  arb_set_d(w, parameter(result, "w[x]"));
  add_likelihood(l, b, w, sums);
  arb_set(loss, sums[0]);
  for (int k = 0; k < 9; k++) {
    newton(b, w, sums);
    add_likelihood(l, b, w, sums);
  }
  arb_sub(loss, loss, sums[0], BITS);
  arb_div_ui(loss, loss, ROWS, BITS);
  arb_set_d(gap, result->optimum_gap);
  bool covered = arb_ge(gap, loss);
  arb_clear(b), arb_clear(w), arb_clear(loss), arb_clear(gap);
  for (int k = 0; k < 6; k++)
    arb_clear(sums[k]);
  return covered;
}

static void nor_of_a_likelihood_in(const char *precision) {
  size_t bounded = 0;
  for (int k = 0; k < 40; k++) {
    likelihood l = {.poisson = k % 2};
    double offset = pow(10, 5. * k / 40), unit = pow(10, floor(uniform() * 12 - 6));
    for (int i = 0; i < ROWS; i++) {
      double x = noise();
      l.x[i] = unit * (offset + x);
      l.y[i] = l.poisson ? floor(exp(0.5 * x) + 2 * uniform()) : x + 2 * noise() > 0;
    }
    test_column arrays[2] = {{"x", "", l.x}, {"y", "", l.y}};
    nadir_settings *settings =
        settings_of((const char *[]){"loss", l.poisson ? "poisson" : "logistic", "precision", precision, NULL});
    nadir_table *table;
    nadir_result *result;
    table = table_of(arrays, 2, ROWS);
    ok(nadir_fit(table, "y ~ linear(x)", settings, NULL, &result, &error));
    bounded += result->optimum_gap >= 0;
    if (result->optimum_gap >= 0 && !covers_likelihood(result, &l))
      fail_msg("%d: offset %g, in %s: %g is below the truth", k, offset, precision, result->optimum_gap);
    nadir_result_free(result);
    nadir_table_free(table);
    nadir_settings_free(settings);
  }
  assert_true(bounded >= 36);
}

static void nor_of_a_likelihood(void **state) {
  (void)state;
  nor_of_a_likelihood_in("double");
  nor_of_a_likelihood_in("single");
}

/* The sentence lists the losses that have a bound, as the rows of the list say. */
static void losses_with_a_bound_are_listed(void **state) {
  (void)state;
  static const double x[] = {1, 2, 3, 4}, y[] = {1, 3, 2, 5};
  test_column arrays[2] = {{"x", "", x}, {"y", "", y}};
  nadir_table *table = table_of(arrays, 2, 4);
  nadir_settings *settings = settings_of((const char *[]){"loss", "exp(f) - y*f", NULL});
  nadir_result *result;
  ok(nadir_fit(table, "y ~ linear(x)", settings, NULL, &result, &error));
  assert_int_equal(result->no_gap, NADIR_NO_GAP_MODEL);
  assert_int_equal(result->bounded_losses, 6);
  assert_string_equal(result->bounded_loss[0], nadir_loss_at(0)->name);
  assert_non_null(strstr(said(result, NADIR_ON_GAP), "a loss that is squared, absolute, quantile, "));
  nadir_result_free(result);
  nadir_settings_free(settings);
  nadir_table_free(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(losses_with_a_bound_are_listed),
                                     cmocka_unit_test(no_gap_of_a_fit_is_below_the_truth),
                                     cmocka_unit_test(nor_where_it_has_kinks),
                                     cmocka_unit_test(nor_of_a_likelihood)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
