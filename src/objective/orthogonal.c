/* Rows with errors in their columns too (--sigma-x): the least sum, over the parameters and over a shift d of each
 * such cell, of ((y - f(x + d))/s)^2 + (d/t)^2, s the error of the target and t that of the cell: orthogonal distances
 * in units of the errors (P. T. Boggs, R. H. Byrd, J. E. Rogers, R. B. Schnabel 1989, ODRPACK, weights 1/s^2, 1/t^2).
 *
 * Each row's shifts are found anew for every set of parameters, from none at all, by Newton's method in e = d/t, damped
 * where it does not go down; where a row has several minima it is the one that this leads to. The objective is then a
 * function of the parameters alone, whose derivatives follow from those of the row at its minimum: with F = t f_x / s
 * and v^2 = 1 + F F', the row is the square of r v, r = (y - f)/s, and its derivative -f_w/(s v), since e = r F there.
 * J'J of these rows is what ODRPACK's covariance is the inverse of, without its factor of the scatter. The Hessian is that
 * of the row less H_we H_ee^-1 H_ew.
 *
 * ln L is that of y and x given the true x of each row, at its highest over those (the profile likelihood of the functional
 * model: W. A. Fuller 1987, Measurement Error Models): -2 ln L = chi2 + sum ln(2 pi s^2) + sum ln(2 pi t^2), of a cell with
 * t = 0, which has no law, nothing. The errors being known, no spread is estimated, which is what such true values spoil
 * (J. Neyman, E. L. Scott 1948); they are as many in every model of the same rows, so that they are not counted in k and
 * differences of AIC and BIC are those of chi2 and k.
 *
 * Costs some looks at the rows for each set of parameters, and the rows in memory. */
#include <float.h>
#include <string.h>

#include "base/dense.h"
#include "objective/joint.h"
#include "rows/shifts.h"

typedef struct orthogonal {
  nd_joint joint;
  const nd_table_objective *self;
  nd_gathered rows;
  size_t columns;          /* with errors: k */
  size_t at[ND_MOST_SHIFTED]; /* their place in a packed row */
  nd_row_program *inner, *slopes, *curvatures;
  nd_shifts shifts;
  double *own; /* by row: the rounding of y - f, and then of the square */
  nd_numbers *place; /* the columns of a piece, with those that moved */
} orthogonal;

/* ---- the shifts ---- */

static void move_rows(orthogonal *it, size_t first, const nd_packed *piece) {
  nd_numbers cells[ND_MOST_SHIFTED];
  for (size_t a = 0; a < it->columns; a++)
    cells[a] = piece->column[it->at[a]];
  nd_shifts_move(&it->shifts, first, piece->rows, cells);
}

/* The piece with its moved cells. */
static nd_packed moved_piece(orthogonal *it, size_t first, const nd_packed *piece) {
  nd_packed moved = *piece;
  memcpy(it->place, piece->column, it->self->data->width * sizeof *it->place);
  for (size_t a = 0; a < it->columns; a++)
    it->place[it->at[a]] = (nd_numbers){NADIR_FLOAT64, it->shifts.moved + a * it->joint.rows + first};
  moved.column = it->place;
  return moved;
}

/* One trial of all rows of a piece that do not rest yet. */
static nadir_status try_rows(orthogonal *it, size_t first, const nd_packed *piece, size_t *left,
                             nadir_error *error) {
  size_t target = nd_packed_target(it->self->data);
  move_rows(it, first, piece);
  const nd_packed moved = moved_piece(it, first, piece);
  double *const *out = nd_row_program_run(it->inner, &moved);
  *left = 0;
  for (size_t i = 0; i < piece->rows; i++) {
    if (it->shifts.done[first + i]) continue;
    ND_TRY(nd_shifts_judge(&it->shifts, nd_packed_number(piece, target, i), out, first, i, error));
    *left += !it->shifts.done[first + i];
  }
  return NADIR_OK;
}

/* The cells of a piece where its rows rest. */
static nadir_status rest_rows(orthogonal *it, size_t first, const nd_packed *piece,
                              nadir_error *error) {
  size_t left = 1;
  nd_shifts_start(&it->shifts, first, piece->rows);
  for (int step = 0; step < ND_SHIFT_STEPS && left > 0; step++)
    ND_TRY(try_rows(it, first, piece, &left, error));
  nd_shifts_settle(&it->shifts, first, piece->rows);
  move_rows(it, first, piece);
  return NADIR_OK;
}

/* ---- squares ---- */

/* out: f, its k slopes by x and, where `p` is not 0, its p slopes by the parameters. */
static void take_squares(orthogonal *it, const nd_packed *piece, double *const *out, size_t first,
                         double *residual, double *jacobian) {
  const nd_model *model = it->self->model;
  size_t n = it->joint.rows, k = it->columns, target = nd_packed_target(it->self->data);
  for (size_t i = 0; i < piece->rows; i++) {
    double y = nd_packed_number(piece, target, i), s = it->shifts.sigma[first + i], v = 1;
    for (size_t a = 0; a < k; a++)
      v = hypot(v, out[1 + a][i] * it->shifts.width[a * n + first + i] / s);
    double r = (y - out[0][i]) / s;
    residual[first + i] = r * v;
    it->own[first + i] = 2 * fabs(r) / s * 2 * DBL_EPSILON * (fabs(y) + fabs(out[0][i]));
    for (size_t j = 0; j < model->free_count && jacobian; j++)
      jacobian[model->free_index[j] * n + first + i] = -out[1 + k + j][i] / (s * v);
  }
}

static nadir_status squares(nd_joint *joint, const double *w, double *residual, double *jacobian,
                            nadir_error *error) {
  orthogonal *it = (orthogonal *)joint;
  nd_row_program *program = jacobian ? it->slopes : it->inner;
  size_t first = 0;
  nd_row_program_at(it->inner, w);
  nd_row_program_at(program, w);
  for (size_t b = 0; b < it->rows.pieces; first += it->rows.piece[b++].rows) {
    const nd_packed *piece = &it->rows.piece[b];
    ND_TRY(nd_go_on(it->self->face.until, error));
    ND_TRY(rest_rows(it, first, piece, error));
    const nd_packed moved = moved_piece(it, first, piece);
    take_squares(it, piece, nd_row_program_run(program, &moved), first, residual, jacobian);
  }
  return NADIR_OK;
}

static double rounding(const nd_joint *joint) {
  const orthogonal *it = (const orthogonal *)joint;
  double sum = 0;
  for (size_t i = 0; i < joint->rows; i++)
    sum += it->own[i];
  return sum;
}

/* ---- the Hessian ---- */

/* Of half a row's square. out: f, f_x, f_xx, f_w, f_ww, and f_xw by x and then w. */
static nadir_status add_row(const orthogonal *it, const nd_bent_row *bent, double *const *out,
                            size_t first, size_t i, double *mixed, double *hessian,
                            nadir_error *error) {
  const nd_model *model = it->self->model;
  size_t n = it->joint.rows, k = it->columns, p = model->free_count;
  double s = it->shifts.sigma[first + i];
  double *const *slope = out + 1 + k + k * (k + 1) / 2, *const *bend = slope + p,
                *const *cross = bend + p * (p + 1) / 2;
  for (size_t j = 0; j < p; j++) { /* H_we, and H_ee^-1 of it behind */
    for (size_t a = 0; a < k; a++)
      mixed[j * k + a] = (slope[j][i] * bent->f[a] -
                          bent->r * cross[a * p + j][i] * it->shifts.width[a * n + first + i]) /
                         s;
    memcpy(mixed + (p + j) * k, mixed + j * k, k * sizeof *mixed);
    ND_TRY(nd_shifts_solve(k, bent, mixed + (p + j) * k, error));
  }
  for (size_t j = 0; j < p; j++)
    for (size_t l = 0; l <= j; l++) {
      double own = slope[j][i] / s * (slope[l][i] / s) - bent->r * (*bend++)[i] / s;
      for (size_t a = 0; a < k; a++)
        own -= mixed[j * k + a] * mixed[(p + l) * k + a];
      hessian[model->free_index[j] * p + model->free_index[l]] += own;
    }
  return NADIR_OK;
}

static nadir_status add_piece(orthogonal *it, size_t first, const nd_packed *piece, double *mixed,
                              double *hessian, nadir_error *error) {
  size_t target = nd_packed_target(it->self->data);
  ND_TRY(rest_rows(it, first, piece, error));
  const nd_packed moved = moved_piece(it, first, piece);
  double *const *out = nd_row_program_run(it->curvatures, &moved);
  for (size_t i = 0; i < piece->rows; i++) {
    nd_bent_row bent;
    nd_shifts_bend(&it->shifts, nd_packed_number(piece, target, i), out, first, i, &bent);
    ND_TRY(add_row(it, &bent, out, first, i, mixed, hessian, error));
  }
  return NADIR_OK;
}

static nadir_status hessian(nd_joint *joint, const double *w, double *into, nadir_error *error) {
  orthogonal *it = (orthogonal *)joint;
  size_t p = it->self->model->size, first = 0;
  double *mixed = nd_new(2 * p * it->columns, sizeof *mixed, error);
  nadir_status status = mixed ? NADIR_OK : NADIR_NO_MEMORY;
  memset(into, 0, p * p * sizeof *into);
  nd_row_program_at(it->inner, w);
  nd_row_program_at(it->curvatures, w);
  for (size_t b = 0; b < it->rows.pieces && status == NADIR_OK; first += it->rows.piece[b++].rows) {
    status = nd_go_on(it->self->face.until, error);
    if (status == NADIR_OK) status = add_piece(it, first, &it->rows.piece[b], mixed, into, error);
  }
  nd_free(mixed);
  nd_mirror(p, into);
  return status;
}

/* ---- making it ---- */

static nadir_status check(const nd_table_objective *self, nd_node *columns, nadir_error *error) {
  const nd_model *model = self->model;
  bool kinked;
  if (model->sigma == ND_NO_NODE)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "sigma-x: sigma is not given: give the errors of the target too");
  if (model->column_error_count > ND_MOST_SHIFTED)
    return nd_fail(error, NADIR_BAD_SETTING, "sigma-x: %zu columns are more than %d: name fewer",
                   model->column_error_count, ND_MOST_SHIFTED);
  ND_TRY(nd_has_kinks(model->graph, model->output, columns, model->column_error_count, &kinked,
                      error));
  if (kinked || self->face.kinked)
    return nd_fail(
        error, NADIR_BAD_SETTING,
        "sigma-x: the model has kinks or jumps, as of abs or if: write one without them");
  return NADIR_OK;
}

static nadir_status find_places(orthogonal *it, nadir_error *error) {
  const nd_model *model = it->self->model;
  const nd_data *data = it->self->data;
  nd_node columns[ND_MOST_SHIFTED];
  it->columns = model->column_error_count;
  for (size_t a = 0; a < it->columns && a < ND_MOST_SHIFTED; a++) {
    columns[a] = model->column_errors[a].column;
    for (size_t t = 0; t < data->tail_count; t++)
      if (data->tail[t] == columns[a]) it->at[a] = data->tail_column[t];
  }
  return check(it->self, columns, error);
}

static nadir_status make_room(orthogonal *it, nadir_error *error) {
  size_t n = it->joint.rows = it->rows.rows;
  ND_TRY(nd_shifts_new(&it->shifts, n, it->columns, error));
  it->own = nd_new(n, sizeof *it->own, error);
  it->place = nd_new(it->self->data->width, sizeof *it->place, error);
  return it->own && it->place ? NADIR_OK : NADIR_NO_MEMORY;
}

/* nodes: f, f_x, f_xx, f_w, f_ww, f_xw. */
static nadir_status derive(const orthogonal *it, nd_node *nodes, bool curved, nadir_error *error) {
  const nd_model *model = it->self->model;
  size_t k = it->columns, p = model->free_count;
  nd_node columns[ND_MOST_SHIFTED], *next = nodes;
  for (size_t a = 0; a < k; a++)
    columns[a] = model->column_errors[a].column;
  *next++ = model->output;
  ND_TRY(nd_derive(model->graph, model->output, columns, k, next, error));
  nd_node *by_x = next;
  next += k;
  for (size_t a = 0; a < k; next += ++a)
    ND_TRY(nd_derive(model->graph, by_x[a], columns, a + 1, next, error));
  ND_TRY(nd_model_slopes(model, next, error));
  if (!curved) return NADIR_OK;
  ND_TRY(nd_model_curvatures(model, next, next + p, error));
  next += p + p * (p + 1) / 2;
  for (size_t a = 0; a < k; a++, next += p)
    ND_TRY(nd_derive(model->graph, by_x[a], model->free, p, next, error));
  return NADIR_OK;
}

static nadir_status compile(orthogonal *it, nd_node *nodes, size_t inner, size_t all, bool curved,
                            const double *origin, nadir_error *error) {
  size_t k = it->columns, p = it->self->model->free_count;
  ND_TRY(derive(it, nodes, curved, error));
  ND_TRY(nd_row_program_new(&it->inner, it->self, nodes, inner, origin, error));
  if (curved) ND_TRY(nd_row_program_new(&it->curvatures, it->self, nodes, all, origin, error));
  memmove(nodes + 1 + k, nodes + inner, p * sizeof *nodes); /* f, f_x, f_w */
  return nd_row_program_new(&it->slopes, it->self, nodes, 1 + k + p, origin, error);
}

static nadir_status make_programs(orthogonal *it, nadir_error *error) {
  size_t k = it->columns, p = it->self->model->free_count;
  size_t inner = 1 + k + k * (k + 1) / 2, all = inner + p + p * (p + 1) / 2 + k * p;
  nd_node *nodes = nd_new(all, sizeof *nodes, error);
  double *origin = nd_new(p, sizeof *origin, error);
  nadir_status status = nodes && origin ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK)
    status = compile(it, nodes, inner, all, it->self->data->hessian, origin, error);
  nd_free(origin);
  nd_free(nodes);
  return status;
}

/* ---- the errors of the cells ---- */

static nadir_status check_width(const orthogonal *it, size_t row, size_t a, nadir_error *error) {
  double t = it->shifts.width[a * it->joint.rows + row];
  const nd_model *model = it->self->model;
  uint64_t place = it->rows.place[row];
  if (t >= 0 && isfinite(t)) return NADIR_OK;
  size_t column = nd_model_column_of(model, model->column_errors[a].column);
  return nd_fail_row(
      it->self->data->table, it->self->data->part, (size_t)(place / ND_CHUNK), (size_t)(place % ND_CHUNK), error,
      model->columns[column].column,
      "sigma-x is negative or not finite here: leave such rows out with the setting where");
}

static nadir_status take_widths(orthogonal *it, nd_row_program *program, nadir_error *error) {
  size_t n = it->joint.rows, first = 0, weight = nd_packed_weight(it->self->data);
  for (size_t b = 0; b < it->rows.pieces; first += it->rows.piece[b++].rows) {
    const nd_packed *piece = &it->rows.piece[b];
    double *const *out = nd_row_program_run(program, piece);
    for (size_t i = 0; i < piece->rows; i++) {
      it->shifts.sigma[first + i] = 1 / sqrt(nd_packed_number(piece, weight, i));
      for (size_t a = 0; a < it->columns; a++) {
        it->shifts.width[a * n + first + i] = out[a][i];
        ND_TRY(check_width(it, first + i, a, error));
      }
    }
  }
  return NADIR_OK;
}

/* That of x beyond the rows', which joint has from their number. */
static double log_determinant(const orthogonal *it) {
  static const double LOG_2_PI = 1.8378770664093454836;
  double sum = 0;
  for (size_t row = 0; row < it->joint.rows; row++)
    sum += 2 * log(it->shifts.sigma[row]);
  for (size_t cell = 0; cell < it->joint.rows * it->columns; cell++)
    if (it->shifts.width[cell] > 0) sum += 2 * log(it->shifts.width[cell]) + LOG_2_PI;
  return sum;
}

static nadir_status find_widths(orthogonal *it, nadir_error *error) {
  const nd_model *model = it->self->model;
  nd_row_program *program;
  nd_node nodes[ND_MOST_SHIFTED];
  for (size_t a = 0; a < it->columns; a++)
    nodes[a] = model->column_errors[a].sigma;
  double *origin = nd_new(model->size, sizeof *origin, error);
  if (!origin) return NADIR_NO_MEMORY;
  nadir_status status = nd_row_program_new(&program, it->self, nodes, it->columns, origin, error);
  if (status == NADIR_OK) status = take_widths(it, program, error);
  nd_row_program_free(program);
  nd_free(origin);
  return status;
}

static void free_self(nd_joint *joint) {
  orthogonal *it = (orthogonal *)joint;
  nd_row_program_free(it->inner);
  nd_row_program_free(it->slopes);
  nd_row_program_free(it->curvatures);
  nd_gathered_free(&it->rows);
  nd_shifts_free(&it->shifts);
  nd_free(it->own);
  nd_free(it->place);
  nd_free(it);
}

nadir_status nd_orthogonal_new(nd_joint **joint, const nd_table_objective *self,
                               nadir_error *error) {
  orthogonal *it = nd_new(1, sizeof *it, error);
  if (!it) return NADIR_NO_MEMORY;
  *it = (orthogonal){.self = self,
                     .joint = {.squares = squares,
                               .hessian = self->data->hessian ? hessian : NULL,
                               .rounding = rounding,
                               .free = free_self}};
  nadir_status status = find_places(it, error);
  if (status == NADIR_OK) status = nd_gather(&it->rows, self, error);
  if (status == NADIR_OK) status = make_room(it, error);
  if (status == NADIR_OK) status = make_programs(it, error);
  if (status == NADIR_OK) status = find_widths(it, error);
  if (status == NADIR_OK) it->joint.log_determinant = log_determinant(it);
  *joint = &it->joint;
  if (status == NADIR_OK) return NADIR_OK;
  free_self(*joint);
  *joint = NULL;
  return status;
}
