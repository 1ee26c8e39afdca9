/* The shifts of rows with errors in their columns; see shifts.h. Cost: some evaluations of the model a row. */
#include <float.h>
#include <math.h>

#include "base/dense.h"
#include "rows/shifts.h"

static const double ROUNDING = 8 * DBL_EPSILON;
static const double RESTS =
    1e-9; /* the last step in units of the errors: Newton's next is its square */

void nd_shifts_free(nd_shifts *it) {
  void *owned[] = {it->sigma, it->width, it->moved, it->e,   it->trial,
                   it->best,  it->step,  it->size,  it->done};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  *it = (nd_shifts){0};
}

nadir_status nd_shifts_new(nd_shifts *it, size_t rows, size_t columns, nadir_error *error) {
  double **by_row[] = {&it->sigma, &it->best, &it->size};
  double **by_cell[] = {&it->width, &it->moved, &it->e, &it->trial, &it->step};
  it->rows = rows;
  it->columns = columns;
  for (size_t i = 0; i < ND_COUNT(by_row); i++)
    if (!(*by_row[i] = nd_new(rows, sizeof(double), error))) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < ND_COUNT(by_cell); i++)
    if (!(*by_cell[i] = nd_new(rows * columns, sizeof(double), error))) return NADIR_NO_MEMORY;
  it->done = nd_new(rows, sizeof *it->done, error);
  return it->done ? NADIR_OK : NADIR_NO_MEMORY;
}

/* ---- one row ---- */

void nd_shifts_bend(const nd_shifts *it, double y, double *const *out, size_t first, size_t i,
                    nd_bent_row *row) {
  size_t n = it->rows, k = it->columns, next = 1 + k;
  double s = it->sigma[first + i];
  row->r = (y - out[0][i]) / s;
  for (size_t a = 0; a < k; a++)
    row->f[a] = out[1 + a][i] * it->width[a * n + first + i] / s;
  for (size_t a = 0; a < k; a++)
    for (size_t b = 0; b <= a; b++) {
      double bend =
          out[next++][i] * it->width[a * n + first + i] * it->width[b * n + first + i] / s;
      row->h[a * k + b] = row->h[b * k + a] = row->f[a] * row->f[b] - row->r * bend + (a == b);
    }
}

nadir_status nd_shifts_solve(size_t k, const nd_bent_row *row, double *x, nadir_error *error) {
  double plain[ND_MOST_SHIFTED * ND_MOST_SHIFTED];
  bool definite;
  if (k == 1) {
    x[0] /= row->h[0] > 0 ? row->h[0] : row->f[0] * row->f[0] + 1;
    return NADIR_OK;
  }
  ND_TRY(nd_solve_definite(k, row->h, x, &definite, NULL, error));
  if (definite) return NADIR_OK;
  for (size_t i = 0; i < k * k; i++)
    plain[i] = row->f[i / k] * row->f[i % k] + (i / k == i % k);
  return nd_solve_definite(k, plain, x, &definite, NULL, error);
}

/* ---- the shifts ---- */

static double square_of(const nd_shifts *it, const double *e, size_t row, double r) {
  double sum = r * r;
  for (size_t a = 0; a < it->columns; a++)
    sum += e[a * it->rows + row] * e[a * it->rows + row];
  return sum;
}

/* Newton's step at the row's e, which is its trial from now on. */
static nadir_status plan_step(nd_shifts *it, const nd_bent_row *bent, size_t row,
                              nadir_error *error) {
  size_t n = it->rows, k = it->columns;
  double p[ND_MOST_SHIFTED], longest = 0;
  for (size_t a = 0; a < k; a++)
    p[a] = bent->r * bent->f[a] - it->e[a * n + row];
  ND_TRY(nd_shifts_solve(k, bent, p, error));
  for (size_t a = 0; a < k; a++) {
    it->step[a * n + row] = p[a];
    longest = fmax(longest, fabs(p[a]) / (1 + fabs(it->e[a * n + row])));
  }
  it->size[row] = 1;
  it->done[row] = !(longest > RESTS);
  return NADIR_OK;
}

/* Takes the trial where it goes down, else tries a shorter step. */
static nadir_status judge_trial(nd_shifts *it, const nd_bent_row *bent, size_t row,
                                nadir_error *error) {
  size_t n = it->rows;
  double square = square_of(it, it->trial, row, bent->r), most = it->best[row];
  if (!(square <= most + ROUNDING * most)) {
    it->size[row] /= 4;
    it->done[row] =
        it->size[row] < DBL_EPSILON || isinf(most); /* or not defined at the cells as they are */
    return NADIR_OK;
  }
  it->best[row] = square;
  for (size_t a = 0; a < it->columns; a++)
    it->e[a * n + row] = it->trial[a * n + row];
  return plan_step(it, bent, row, error);
}

/* ---- all rows of a piece ---- */

void nd_shifts_start(nd_shifts *it, size_t first, size_t count) {
  for (size_t row = first; row < first + count; row++) {
    for (size_t a = 0; a < it->columns; a++)
      it->e[a * it->rows + row] = it->step[a * it->rows + row] = 0;
    it->size[row] = 1;
    it->best[row] = HUGE_VAL;
    it->done[row] = false;
  }
}

void nd_shifts_move(nd_shifts *it, size_t first, size_t count, const nd_numbers *cells) {
  size_t n = it->rows;
  for (size_t a = 0; a < it->columns; a++)
    for (size_t row = first; row < first + count; row++) {
      double e = it->e[a * n + row] + it->size[row] * it->step[a * n + row];
      it->trial[a * n + row] = e;
      it->moved[a * n + row] = nd_number(cells[a], row - first) + it->width[a * n + row] * e;
    }
}

nadir_status nd_shifts_judge(nd_shifts *it, double y, double *const *out, size_t first, size_t i,
                             nadir_error *error) {
  nd_bent_row bent;
  nd_shifts_bend(it, y, out, first, i, &bent);
  return judge_trial(it, &bent, first + i, error);
}

void nd_shifts_settle(nd_shifts *it, size_t first, size_t count) {
  for (size_t row = first; row < first + count; row++)
    if (!it->done[row] || it->size[row] < DBL_EPSILON) it->size[row] = 0;
}
