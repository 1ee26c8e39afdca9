/* Eigenvalues of a symmetric matrix. Small ones by Jacobi's rotations (1846; Rutishauser 1966): of a graded
 * positive definite matrix the small eigenvalues come out with their own digits (Demmel and Veselić 1992).
 * Then Householder's reduction to a tridiagonal matrix and implicit QL with Wilkinson's shift (Dubrulle,
 * Martin, Wilkinson 1968), right to rounding of the largest. O(n^3) time; the loops over large matrices take
 * what is near in memory together, which changes no bit.
 *
 * The matrix is divided by a power of two first, so its size has no influence, and each vector has one sign.
 * Same input, same bits: no BLAS, and of libm sqrt, frexp and ldexp. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "base/dense_internal.h"

enum { JACOBI = 24, MOST_SWEEPS = 40, MOST_SHIFTS = 60 };

/* A symmetric matrix on its way to a diagonal one; vectors (NULL where not
 * wanted), one a row, are turned along. */
typedef struct symmetric {
  size_t n;
  double *a, *vectors;
  const nd_until *until;
} symmetric;

static void make_identity(size_t n, double *a) {
  memset(a, 0, n * n * sizeof *a);
  for (size_t i = 0; i < n; i++)
    a[i * n + i] = 1;
}

/* (x, y) <- (c x - s y, s x + c y) */
static void rotate(size_t count, double c, double s, double *x, double *y) {
  for (size_t i = 0; i < count; i++) {
    double kept = x[i];
    x[i] = c * kept - s * y[i];
    y[i] = s * kept + c * y[i];
  }
}

/* ---- Jacobi
 * ----------------------------------------------------------------------------------
 */

/* The rotation that makes a_pq zero, by the smaller of the two angles. */
static void annihilate(symmetric *m, size_t p, size_t q) {
  size_t n = m->n;
  double *row_p = m->a + p * n, *row_q = m->a + q * n;
  double apq = row_p[q], app = row_p[p], aqq = row_q[q];
  double cotangent = (aqq - app) / (2 * apq);
  double t = copysign(1 / (fabs(cotangent) + sqrt(cotangent * cotangent + 1)), cotangent);
  double c = 1 / sqrt(t * t + 1), s = t * c;
  rotate(n, c, s, row_p, row_q);
  row_p[p] = app - t * apq;
  row_q[q] = aqq + t * apq;
  row_p[q] = row_q[p] = 0;
  for (size_t k = 0; k < n; k++) {
    m->a[k * n + p] = row_p[k];
    m->a[k * n + q] = row_q[k];
  }
  if (m->vectors) rotate(n, c, s, m->vectors + p * n, m->vectors + q * n);
}

/* Relative to its own row and column, not to the whole. */
static bool matters(const symmetric *m, size_t p, size_t q) {
  double apq = fabs(m->a[p * m->n + q]);
  double app = fabs(m->a[p * m->n + p]), aqq = fabs(m->a[q * m->n + q]);
  return apq > DBL_EPSILON * sqrt(app) * sqrt(aqq);
}

static bool sweep(symmetric *m) {
  bool any = false;
  for (size_t p = 0; p < m->n; p++)
    for (size_t q = p + 1; q < m->n; q++)
      if (matters(m, p, q)) {
        annihilate(m, p, q);
        any = true;
      }
  return any;
}

/* Convergence is quadratic and certain (Forsythe and Henrici 1960): the limit
 * is for entries that rounding keeps alive far below the rest. */
static void diagonalize(symmetric *m, double *values) {
  if (m->vectors) make_identity(m->n, m->vectors);
  for (int turn = 0; turn < MOST_SWEEPS && sweep(m); turn++) {
  }
  for (size_t i = 0; i < m->n; i++)
    values[i] = m->a[i * m->n + i];
}

/* ---- reduction to a tridiagonal matrix ---- */

enum { BLOCK = 16, ROWS_ASKED = 256 };

/* v <- row k from column k+1 on, as the vector of a reflection of rows and
 * columns beyond k. */
static nd_reflection reflection_of_row(symmetric *m, size_t k) {
  double *v = m->a + k * m->n + k + 1;
  size_t rest = m->n - k - 2;
  double size = nd_sum_of_sizes(rest, v + 1);
  if (size == 0) return (nd_reflection){.beta = v[0]}; /* tau 0: nothing to do */
  nd_reflection h = nd_reflect(v[0], rest, v + 1, size);
  v[0] = h.head;
  return h;
}

/* p <- w = p - (tau/2) (p'v) v */
static void finish_product(const symmetric *m, size_t k, double tau, double *p) {
  size_t count = m->n - k - 1;
  const double *v = m->a + k * m->n + k + 1;
  nd_subtract_multiple(count, tau / 2 * nd_sum_of_products(count, p, v), v, p);
}

/* Row i, beyond k, of A <- A - v w' - w v', from column `from` on. */
static void update_row(symmetric *m, size_t k, size_t i, size_t from, const double *w) {
  const double *v = m->a + k * m->n;
  double *row = m->a + i * m->n;
  double vi = v[i], wi = w[i - k - 1];
  for (size_t j = from; j < m->n; j++)
    row[j] -= vi * w[j - k - 1] + wi * v[j];
}

/* The reflection of row k is applied to the rows beyond it, with p = tau A v from the step before; with it,
 * while each row is at hand, goes the product for the reflection of row k+1, which is told: half of the ways
 * to memory that two passes would take (Martin, Reinsch and Wilkinson 1968 for the formulas). */
static nadir_status reduce_rest(symmetric *m, size_t k, double tau, double *p, double *next_p,
                                nd_reflection *next, nadir_error *error) {
  size_t n = m->n;
  if (tau != 0) {
    finish_product(m, k, tau, p);
    update_row(m, k, k + 1, k + 1, p);
  }
  *next = k + 2 < n ? reflection_of_row(m, k + 1) : (nd_reflection){0};
  const double *v = m->a + (k + 1) * n;
  for (size_t i = k + 2; i < n; i++) {
    double *row = m->a + i * n;
    if (i % ROWS_ASKED == 0) ND_TRY(nd_go_on(m->until, error));
    if (tau != 0) update_row(m, k, i, k + 2, p);
    if (next->tau != 0)
      next_p[i - k - 2] = next->tau * nd_sum_of_products(n - k - 2, row + k + 2, v + k + 2);
  }
  return NADIR_OK;
}

/* The first reflection and its product, which have no step before them. */
static nd_reflection begin(symmetric *m, double *p) {
  size_t n = m->n;
  nd_reflection h = reflection_of_row(m, 0);
  for (size_t i = 1; h.tau != 0 && i < n; i++)
    p[i - 1] = h.tau * nd_sum_of_products(n - 1, m->a + i * n + 1, m->a + 1);
  return h;
}

/* vectors <- the product of all reflections, turned. As many as fit into the nearer caches go over each row
 * together. */
static nadir_status collect(symmetric *m, const double *tau, nadir_error *error) {
  size_t n = m->n;
  make_identity(n, m->vectors);
  for (size_t end = n - 1; end > 0;) {
    size_t begin = end > BLOCK ? end - BLOCK : 0;
    for (size_t i = begin + 1; i < n; i++) {
      if (i % ROWS_ASKED == 0) ND_TRY(nd_go_on(m->until, error));
      for (size_t k = i < end ? i : end; k-- > begin;) {
        const double *v = m->a + k * n + k + 1;
        double *row = m->vectors + i * n + k + 1;
        if (tau[k] != 0)
          nd_subtract_multiple(n - k - 1, tau[k] * nd_sum_of_products(n - k - 1, row, v), v, row);
      }
    }
    end = begin;
  }
  return NADIR_OK;
}

/* diagonal d, and e[i] between i and i+1. work: 3 n numbers. */
static nadir_status reduce(symmetric *m, double *d, double *e, double *work, nadir_error *error) {
  size_t n = m->n;
  double *tau = work, *p = work + n, *next_p = work + 2 * n;
  nd_reflection h = begin(m, p);
  for (size_t k = 0; k + 1 < n; k++) {
    nd_reflection next;
    e[k] = h.beta;
    tau[k] = h.tau;
    ND_TRY(reduce_rest(m, k, h.tau, p, next_p, &next, error));
    double *kept = p;
    p = next_p, next_p = kept;
    h = next;
  }
  for (size_t k = 0; k < n; k++)
    d[k] = m->a[k * n + k];
  return m->vectors ? collect(m, tau, error) : NADIR_OK;
}

/* ---- QL ---- */

/* Rotations of neighbouring rows of the vectors that are still to be made: some sweeps together, so that they
 * go over a band of columns while it is in a near cache. */
enum { SWEEPS = 32, BAND = 32 };
typedef struct spins {
  size_t sweeps;
  size_t first[SWEEPS], last[SWEEPS]; /* rows; turned from last - 1 down to first */
  double *c, *s;                      /* SWEEPS x n, at the upper row */
} spins;

static void turn_band(symmetric *m, const spins *turns, size_t from, size_t count) {
  for (size_t k = 0; k < turns->sweeps; k++) {
    const double *c = turns->c + k * m->n, *s = turns->s + k * m->n;
    double *band = m->vectors + from;
    for (size_t i = turns->last[k]; i-- > turns->first[k];)
      rotate(count, c[i], s[i], band + i * m->n, band + (i + 1) * m->n);
  }
}

static void turn(symmetric *m, spins *turns) {
  for (size_t from = 0; from < m->n; from += BAND)
    turn_band(m, turns, from, m->n - from < BAND ? m->n - from : BAND);
  turns->sweeps = 0;
}

/* The first i >= from where e[i] is negligible next to its neighbours on the
 * diagonal. */
static size_t split(size_t n, size_t from, const double *d, const double *e) {
  size_t i = from;
  while (i + 1 < n && fabs(e[i]) > DBL_EPSILON * (fabs(d[i]) + fabs(d[i + 1])))
    i++;
  return i;
}

/* sqrt(x^2 + y^2): all here is at most about n, and what underflows is nothing
 * beside it. */
static double length_of(double x, double y) {
  return sqrt(x * x + y * y);
}

/* One implicit QL step on rows first .. last, the bulge chased upwards; c and s get its rotations. The row
 * that the last of them begins with. */
static size_t ql_step(size_t first, size_t last, double *d, double *e, double *cs, double *ss) {
  double half = (d[first + 1] - d[first]) / (2 * e[first]);
  double shift = d[first] - e[first] / (half + copysign(length_of(half, 1), half));
  double g = d[last] - shift, s = 1, c = 1, moved = 0;
  for (size_t i = last; i-- > first;) {
    double f = s * e[i], b = c * e[i], length = length_of(f, g);
    if (i + 1 < last) e[i + 1] = length;
    if (length == 0) { /* the matrix falls apart here */
      d[i + 1] -= moved;
      return i + 1;
    }
    s = f / length;
    c = g / length;
    g = d[i + 1] - moved;
    double turned = (d[i] - g) * s + 2 * c * b;
    moved = s * turned;
    d[i + 1] = g + moved;
    g = c * turned - b;
    cs[i] = c, ss[i] = s;
  }
  d[first] -= moved;
  e[first] = g;
  return first;
}

static nadir_status find_values(symmetric *m, spins *turns, double *d, double *e,
                                nadir_error *error) {
  size_t left = MOST_SHIFTS * m->n;
  for (size_t first = 0; first < m->n; first++)
    for (size_t last; (last = split(m->n, first, d, e)) > first; left--) {
      if (left == 0)
        return nd_fail(error, NADIR_BAD_DATA,
                       "matrix: its eigenvalues do not converge: scale the parameters to similar "
                       "sizes");
      size_t at = turns->sweeps * m->n;
      turns->last[turns->sweeps] = last;
      turns->first[turns->sweeps] = ql_step(first, last, d, e, turns->c + at, turns->s + at);
      if (m->vectors && ++turns->sweeps == SWEEPS) {
        turn(m, turns);
        ND_TRY(nd_go_on(m->until, error));
      }
    }
  if (m->vectors) turn(m, turns);
  return NADIR_OK;
}

static nadir_status reduce_and_solve(symmetric *m, double *values, nadir_error *error) {
  size_t n = m->n, sweeps = m->vectors ? SWEEPS : 1;
  double *work = nd_new((4 + 2 * sweeps) * n, sizeof *work, error);
  if (!work) return NADIR_NO_MEMORY;
  spins turns = {.c = work + 4 * n, .s = work + (4 + sweeps) * n};
  nadir_status status = reduce(m, values, work, work + n, error);
  if (status == NADIR_OK) status = find_values(m, &turns, values, work, error);
  nd_free(work);
  return status;
}

/* ---- order and size
 * -------------------------------------------------------------------------- */

static void swap(size_t count, double *a, double *b) {
  for (size_t i = 0; i < count; i++) {
    double kept = a[i];
    a[i] = b[i];
    b[i] = kept;
  }
}

static void sort(size_t n, double *values, double *vectors) {
  for (size_t i = 0; i < n; i++) {
    size_t least = i;
    for (size_t j = i + 1; j < n; j++)
      if (values[j] < values[least]) least = j;
    if (least == i) continue;
    swap(1, values + i, values + least);
    if (vectors) swap(n, vectors + i * n, vectors + least * n);
  }
}

/* The exponent of the largest element. */
static int exponent_of(size_t count, const double *a) {
  double largest = 0;
  int exponent;
  for (size_t i = 0; i < count; i++)
    if (fabs(a[i]) > largest) largest = fabs(a[i]);
  frexp(largest, &exponent);
  return exponent;
}

static nadir_status solve(size_t n, double *a, double *values, double *vectors,
                          const nd_until *until, nadir_error *error) {
  symmetric m = {.n = n, .a = a, .vectors = vectors, .until = until};
  if (n > JACOBI) return reduce_and_solve(&m, values, error);
  diagonalize(&m, values);
  return NADIR_OK;
}

static nadir_status solve_scaled(size_t n, int exponent, double *a, double *values, double *vectors,
                                 const nd_until *until, nadir_error *error) {
  for (size_t i = 0; i < n * n; i++)
    a[i] = ldexp(a[i], -exponent);
  ND_TRY(solve(n, a, values, vectors, until, error));
  sort(n, values, vectors);
  for (size_t i = 0; i < n; i++) {
    values[i] = ldexp(values[i], exponent);
    if (vectors) nd_fix_sign(n, vectors + i * n);
  }
  return NADIR_OK;
}

nadir_status nd_eigen(size_t n, const double *a, double *values, double *vectors,
                      const nd_until *until, nadir_error *error) {
  ND_TRY(nd_check_matrix(n, error));
  if (n == 0) return NADIR_OK;
  if (!nd_all_finite(n * n, a))
    return nd_fail(error, NADIR_BAD_DATA,
                   "matrix: an element is not finite: it has no eigenvalues");
  double *copy = nd_new(n * n, sizeof *copy, error);
  if (!copy) return NADIR_NO_MEMORY;
  memcpy(copy, a, n * n * sizeof *copy);
  nadir_status status =
      solve_scaled(n, exponent_of(n * n, a), copy, values, vectors, until, error);
  nd_free(copy);
  return status;
}
