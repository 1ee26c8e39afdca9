/* A column whose zero lies far outside of its rows, as that of a Julian date, in a free formula: the
 * parameter that tells what the formula is at that zero - the intercept of a line, the phase of a
 * sinusoid, the height of an exponential - is known only as far as the others can be followed to there.
 *
 * It is found by the derivatives of the formula f by its parameters, J_i, over the rows:
 *   - J_k = constant x J_i for some k: parameter i is what belongs to x = 0;
 *   - the mean of x, weighted by J_i^2, is more than 22 of its standard deviations from 0, so that J_i
 *     and J_k have a correlation above 0.999 which x - middle would not have;
 *   - df/dx is a sum of the J_i: with x - middle for x the formula can be all that it can be now
 *     (infinitesimally; y = a x + b x^2 without a constant cannot). For a column so far off that
 *     rounding cannot tell, nothing is said.
 * What is lost shows in the digits that the standard error leaves of the value.
 *
 * Costs the derivatives at 4096 rows at most, spread over all. */
#include <float.h>

#include "base/dense.h"
#include "judge/judge.h"
#include "objective/of_table.h"

enum { MOST_ROWS = ND_CHUNK, MOST_PARAMETERS = 64, FEW_DIGITS = 4 };
static const double FAR = 22;         /* standard deviations: a correlation of 0.999 */
static const double SAME = 1e-12;     /* of two columns of derivatives, relative */
static const double IN_SPAN = 1e-9;   /* what is left of df/dx, relative ... */
static const double OF_CHANCE = 1e-3; /* ... and against what any formula would leave */
static const double OF_TERMS = 64;    /* roundings */

/* Columns of numbers over the chosen rows: the derivatives by each parameter, then by each column of
 * the table; and the columns themselves. */
typedef struct slopes {
  size_t size, columns, rows;
  double *memory, **by, **x;
} slopes;

static void slopes_free(slopes *s) {
  nd_free(s->memory);
  nd_free(s->by);
}

static nadir_status slopes_new(slopes *s, size_t size, size_t columns, nadir_error *error) {
  size_t count = size + 2 * columns;
  *s = (slopes){.size = size,
                .columns = columns,
                .memory = nd_new(count * MOST_ROWS, sizeof(double), error),
                .by = nd_new(count, sizeof(double *), error)};
  if (!s->memory || !s->by) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    s->by[i] = s->memory + i * MOST_ROWS;
  s->x = s->by + size + columns;
  return NADIR_OK;
}

/* ---- the rows ---- */

static nadir_status choose_rows(nd_data *data, slopes *s, nadir_error *error) {
  uint64_t step = (data->counts.used + MOST_ROWS - 1) / MOST_ROWS, at = 0;
  const nd_packed *packed;
  for (size_t b = 0; b < data->blocks; b++) {
    if (data->block_rows[b] == 0) continue;
    ND_TRY(nd_go_on(nd_pool_until(data->pool), error));
    ND_TRY(nd_data_raw(data, b, 0, &packed, error));
    for (size_t r = 0; r < packed->rows && s->rows < MOST_ROWS; r++, at++) {
      if (at % step != 0) continue;
      for (size_t c = 0; c < s->columns; c++)
        s->x[c][s->rows] = nd_packed_number(packed, data->tail_column[c], r);
      s->rows++;
    }
  }
  return NADIR_OK;
}

static nadir_status evaluate(const nd_model *model, slopes *s, const nd_node *derivatives,
                             const nd_leaf *leaves, const double *shared, nadir_error *error) {
  nd_program *program = NULL;
  nd_workspace *workspace = NULL;
  size_t all = s->size + s->columns;
  nadir_status status =
      nd_program_new(&program, model->graph, derivatives, all, leaves, all, error);
  if (status == NADIR_OK) status = nd_workspace_new(&workspace, program, error);
  if (status == NADIR_OK)
    nd_program_run(program, workspace, (const double *const *)s->x, shared, s->rows, s->by);
  nd_workspace_free(workspace);
  nd_program_free(program);
  return status;
}

static nadir_status find_slopes(const nd_model *model, nd_data *data, slopes *s,
                                nadir_error *error) {
  size_t all = s->size + s->columns;
  nd_leaf *leaves = nd_new(all, sizeof *leaves, error);
  nd_node *nodes = nd_new(2 * all, sizeof *nodes, error);
  double *shared = nd_new(s->size, sizeof *shared, error);
  nadir_status status = leaves && nodes && shared ? choose_rows(data, s, error) : NADIR_NO_MEMORY;
  for (size_t i = 0; i < all && status == NADIR_OK; i++) {
    bool column = i >= s->size;
    nodes[i] = column ? data->tail[i - s->size] : model->free[i];
    leaves[i] = (nd_leaf){.name = nodes[i], .per_row = column};
    if (!column) shared[i] = model->value[model->free_index[i]];
  }
  if (status == NADIR_OK)
    status = nd_derive(model->graph, model->output, nodes, all, nodes + all, error);
  if (status == NADIR_OK) status = evaluate(model, s, nodes + all, leaves, shared, error);
  nd_free(leaves);
  nd_free(nodes);
  nd_free(shared);
  return status;
}

/* ---- what they tell ---- */

static bool is_finite(const slopes *s) {
  for (size_t i = 0; i < s->size + s->columns; i++)
    if (!nd_all_finite(s->rows, s->by[i])) return false;
  return true;
}

/* Whether J_k is a constant times x J_i. */
static bool goes_with(const slopes *s, const double *x, size_t i, size_t k) {
  const double *a = s->by[i], *b = s->by[k];
  double size = 0, product = 0, whole = 0, left = 0;
  for (size_t r = 0; r < s->rows; r++) {
    size += x[r] * a[r] * (x[r] * a[r]);
    product += x[r] * a[r] * b[r];
    whole += b[r] * b[r];
  }
  if (!(size > 0) || !(whole > 0) || !isfinite(size) || !isfinite(whole)) return false;
  for (size_t r = 0; r < s->rows; r++) {
    double rest = b[r] - product / size * (x[r] * a[r]);
    left += rest * rest;
  }
  return left <= SAME * SAME * whole;
}

/* The distance of the rows from x = 0 in their own standard deviations, weighted by the squares of a. */
static double distance(size_t rows, const double *x, const double *a) {
  double weight = 0, mean = 0, square = 0;
  for (size_t r = 0; r < rows; r++) {
    weight += a[r] * a[r];
    mean += a[r] * a[r] * (x[r] - x[0]);
  }
  mean /= weight;
  for (size_t r = 0; r < rows; r++)
    square += a[r] * a[r] * (x[r] - x[0] - mean) * (x[r] - x[0] - mean);
  return fabs(x[0] + mean) / sqrt(square / weight);
}

/* Whether df/dx is a sum of the J_i: what they leave of it is within `most` of it, or what rounding
 * leaves of the terms of that sum. */
static nadir_status is_in_span(const slopes *s, size_t column, double most, bool *in_span,
                               nadir_error *error) {
  size_t n = s->size + 1, rank;
  double *r = nd_new(n * n + s->rows * n + 2 * n, sizeof *r, error);
  if (!r) return NADIR_NO_MEMORY;
  double *q = r + n * n, *share = q + n, *rows = share + n, largest = 0;
  for (size_t i = 0; i < s->rows * n; i++)
    rows[i] = s->by[i % n < s->size ? i % n : s->size + column][i / n];
  nd_qr_fold(n, r, s->rows, rows);
  for (size_t i = 0; i < s->size; i++)
    q[i] = r[i * n + s->size];
  nadir_status status = nd_qr_solve(s->size, n, r, q, share, &rank, NULL, error);
  for (size_t i = 0; i < s->size && status == NADIR_OK; i++)
    largest = fmax(largest, fabs(share[i]) * nd_qr_column_norm(n, r, i));
  double left = fabs(r[n * n - 1]), whole = nd_qr_column_norm(n, r, s->size);
  *in_span = left < most * whole || left < OF_TERMS * DBL_EPSILON * largest;
  nd_free(r);
  return status;
}

/* How many digits its error leaves of a value. */
static int digits_of(double value, double error) {
  double many = log10(fabs(value) / error);
  return many >= 0 ? 1 + (int)fmin(many, 16) : 0;
}

/* A round number near the middle of the rows. */
static double middle_of(size_t rows, const double *x) {
  double low = x[0], high = x[0];
  for (size_t r = 0; r < rows; r++) {
    low = fmin(low, x[r]);
    high = fmax(high, x[r]);
  }
  double step = pow(10, floor(log10(high - low)));
  return nd_round_digits(round((low + (high - low) / 2) / step) * step, 15);
}

/* Parameter i is lost at the zero of this column. */
static bool is_lost(const nd_model *model, const slopes *s, const double *x, size_t i,
                    double *farthest, int *digits) {
  size_t at = model->free_index[i];
  double far = distance(s->rows, x, s->by[i]), value = model->value[at];
  if (!(far > FAR) || !isfinite(far)) return false;
  bool goes = false;
  for (size_t k = 0; k < s->size && !goes; k++)
    goes = k != i && goes_with(s, x, i, k);
  if (!goes) return false;
  bool known = model->standard_error[at] > 0;
  if (!known && !model->parameters[at].undetermined) return false;
  *digits = known ? digits_of(value, model->standard_error[at]) : 0;
  *farthest = fmax(*farthest, far);
  return *digits < FEW_DIGITS;
}

static nadir_status look_at_column(const nd_model *model, const nd_data *data, const slopes *s,
                                   size_t column, nd_offset *offset, nadir_error *error) {
  double farthest = 0;
  bool in_span;
  size_t lost = 0;
  for (size_t i = 0; i < s->size; i++) {
    int *digits = &offset->digits[model->free_index[i]];
    if (is_lost(model, s, s->x[column], i, &farthest, digits))
      lost++;
    else
      *digits = -1;
  }
  if (lost == 0) return NADIR_OK;
  double most = fmin(IN_SPAN, OF_CHANCE / (farthest * farthest));
  ND_TRY(is_in_span(s, column, most, &in_span, error));
  if (!in_span) return NADIR_OK;
  offset->middle = middle_of(s->rows, s->x[column]);
  offset->count = lost;
  nd_text name = {0};
  nadir_status status = nd_print(model->graph, data->tail[column], ND_PLAIN, &name, error);
  if (status == NADIR_OK) status = nd_text_status(&name, error);
  if (status == NADIR_OK) {
    offset->column = nd_copy_text(nd_text_data(&name), name.length, error);
    if (!offset->column) status = NADIR_NO_MEMORY;
  }
  nd_text_free(&name);
  return status;
}

nadir_status nd_find_offset(const nd_objective *objective, nd_offset *offset, nadir_error *error) {
  const nd_table_objective *self = nd_rows_of(objective);
  const nd_model *model = self->model;
  nd_data *data = self->data;
  slopes s = {0};
  *offset = (nd_offset){0};
  bool free = model->head_count == 0 && model->free_count == model->size;
  if (!free || model->size > MOST_PARAMETERS || data->tail_count == 0) return NADIR_OK;
  offset->digits = nd_new(model->size, sizeof *offset->digits, error);
  if (!offset->digits) return NADIR_NO_MEMORY;
  nadir_status status = slopes_new(&s, model->size, data->tail_count, error);
  if (status == NADIR_OK) status = find_slopes(model, data, &s, error);
  bool whole = status == NADIR_OK && s.rows > 0 && is_finite(&s);
  for (size_t c = 0; whole && c < s.columns && offset->count == 0 && status == NADIR_OK; c++)
    status = look_at_column(model, data, &s, c, offset, error);
  slopes_free(&s);
  return status;
}

void nd_offset_clear(nd_offset *offset) {
  nd_free(offset->digits);
  nd_free(offset->column);
  *offset = (nd_offset){0};
}
