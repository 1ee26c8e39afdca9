/* Exact algebra of quadratic forms: semidefiniteness by LDL^T over the rationals, and a proved
 * lower bound on the least eigenvalue: the greatest double that passes the same test of Q - t I, by
 * bisection from a guess in doubles, in a few tests as a rule. Costs n^3 operations on rationals whose length grows with n. Forbidden: a pivot judged in floating
 * point. */
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "theory/rules_internal.h"

/* Row k's pivot is nonnegative, and where it is zero so is what is left of its row. */
static bool pivot_is_sound(const fmpq_mat_t a, slong k, bool *definite) {
  int sign = fmpq_sgn(fmpq_mat_entry(a, k, k));
  if (sign > 0) return true;
  *definite = false;
  for (slong j = k; j < fmpq_mat_ncols(a); j++)
    if (!fmpq_is_zero(fmpq_mat_entry(a, k, j))) return false;
  return true;
}

static void eliminate(fmpq_mat_t a, slong k) {
  slong n = fmpq_mat_nrows(a);
  fmpq_t ratio;
  fmpq_init(ratio);
  for (slong i = k + 1; i < n; i++) {
    if (fmpq_is_zero(fmpq_mat_entry(a, k, i))) continue;
    fmpq_div(ratio, fmpq_mat_entry(a, k, i), fmpq_mat_entry(a, k, k));
    for (slong j = i; j < n; j++)
      fmpq_submul(fmpq_mat_entry(a, i, j), ratio, fmpq_mat_entry(a, k, j));
  }
  fmpq_clear(ratio);
}

bool nd_is_semidefinite(const fmpq_mat_t matrix, bool *definite) {
  slong n = fmpq_mat_nrows(matrix);
  bool sound = true;
  fmpq_mat_t a;
  fmpq_mat_init(a, n, n);
  fmpq_mat_set(a, matrix);
  *definite = true;
  for (slong k = 0; k < n && sound; k++) {
    sound = pivot_is_sound(a, k, definite);
    if (sound && fmpq_sgn(fmpq_mat_entry(a, k, k)) > 0) eliminate(a, k);
  }
  fmpq_mat_clear(a);
  *definite = *definite && sound;
  return sound;
}

static bool exceeds(const fmpq_mat_t matrix, double least) {
  slong n = fmpq_mat_nrows(matrix);
  bool definite, holds;
  fmpq_mat_t shifted;
  fmpq_t shift;
  fmpq_init(shift);
  fmpq_mat_init(shifted, n, n);
  fmpq_mat_set(shifted, matrix);
  nd_rational_of_double(least, shift);
  for (slong i = 0; i < n; i++)
    fmpq_sub(fmpq_mat_entry(shifted, i, i), fmpq_mat_entry(shifted, i, i), shift);
  holds = nd_is_semidefinite(shifted, &definite);
  fmpq_mat_clear(shifted);
  fmpq_clear(shift);
  return holds;
}

/* The double that lies `steps` above a positive one (below: fewer than 0). */
static double stepped(double x, int64_t steps) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits = bits + steps > 0 ? bits + steps : 0;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* The greatest double that no eigenvalue is under, between one that is proved and one that is not. */
static double bisect(const fmpq_mat_t matrix, double guess, int64_t proved, int64_t not_proved) {
  while (not_proved - proved > 1) {
    int64_t middle = proved + (not_proved - proved) / 2;
    if (isfinite(stepped(guess, middle)) && exceeds(matrix, stepped(guess, middle)))
      proved = middle;
    else
      not_proved = middle;
  }
  return stepped(guess, proved);
}

/* The same, sought from a guess in steps of 1, 8, 64 ... doubles; 0 where there is none. */
static double greatest_below(const fmpq_mat_t matrix, double guess) {
  int64_t step = 1, last = 0;
  bool upward = exceeds(matrix, guess);
  for (; step < (int64_t)1 << 60; last = step, step *= 8) {
    double tried = stepped(guess, upward ? step : -step);
    if (!isfinite(tried) || exceeds(matrix, tried) != upward) break;
  }
  return upward ? bisect(matrix, guess, last, step) : bisect(matrix, guess, -step, -last);
}

nadir_status nd_least_eigenvalue(const fmpq_mat_t matrix, double *least, nadir_error *error) {
  size_t n = (size_t)fmpq_mat_nrows(matrix);
  bool definite;
  *least = 0;
  if (!nd_is_semidefinite(matrix, &definite) || !definite) return NADIR_OK;
  double *a = nd_new(n * n + n, sizeof *a, error);
  if (a == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      a[i * n + j] = nd_rational_end(fmpq_mat_entry(matrix, (slong)i, (slong)j), false);
  nadir_status status = nd_eigen(n, a, a + n * n, NULL, NULL, error);
  double guess = a[n * n];
  nd_free(a);
  if (status == NADIR_OK && guess > 0 && isfinite(guess)) *least = greatest_below(matrix, guess);
  return status;
}
