/* The gap of fits, in exact rationals: the loss at the parameters that a result holds, less the
 * least loss by the normal equations, is never above the bound, however far from 0 a column lies. */
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

static void no_gap_of_a_fit_is_below_the_truth(void **state) {
  (void)state;
  static const char *const updates[] = {"3", "20", "1000"};
  double u[ROWS], v[ROWS], y[ROWS];
  const double *columns[3] = {u, v, y};
  nadir_array arrays[3] = {{"u", "", u}, {"v", "", v}, {"y", "", y}};
  for (int k = 0; k < TABLES; k++) {
    double offset = pow(10, 9. * k / TABLES), unit = pow(10, floor(uniform() * 20 - 10));
    for (size_t i = 0; i < ROWS; i++) {
      u[i] = unit * (offset + noise());
      v[i] = noise();
      y[i] = 3 + 2 * (u[i] / unit - offset) - v[i] + noise();
    }
    nadir_settings *settings =
        settings_of((const char *[]){"updates", updates[k % 3], "method", "gd", NULL});
    nadir_table *table;
    nadir_result *result;
    ok(nadir_table_from_arrays(&table, arrays, 3, ROWS, &error));
    ok(nadir_fit(table, "y ~ linear(u, v)", settings, NULL, &result, &error));
    if (!(result->optimum_gap >= 0) || !covers(result, columns))
      fail_msg("offset %g, unit %g, %s updates: %g is below the truth (%s)", offset, unit,
               updates[k % 3], result->optimum_gap, result->no_gap);
    nadir_result_free(result);
    nadir_table_free(table);
    nadir_settings_free(settings);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(no_gap_of_a_fit_is_below_the_truth)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
