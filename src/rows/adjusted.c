/* Of each row the point of the fitted curve that is nearest in units of the errors: the cells of the columns named by
 * sigma-x, with the shifts that the fit gave them (shifts.h). The model is held at its parameters, so that a row of
 * another table is treated as one of the fit's is. Cost: the target's and the errors' columns read beside the model's,
 * and some evaluations of the model and its derivatives a row. */
#include <math.h>

#include "rows/adjusted.h"
#include "rows/shifts.h"

typedef struct formulas {
  nd_program *program;
  nd_workspace *workspace;
  double *room, **out;
} formulas;

struct nd_adjusted {
  const nd_model *model;
  nd_model_reader *reader;
  size_t room;
  nd_shifts shifts;
  formulas curve, errors;        /* f, f_x and f_xx; the errors of the cells */
  size_t at[ND_MOST_SHIFTED];    /* by column with errors: the model's column */
  const double **cells, **moved; /* the columns that are read, by their leaves; those with shifts */
  size_t *leaf_of;               /* by model column */
  double *shared;
};

static void formulas_clear(formulas *it) {
  nd_workspace_free(it->workspace);
  nd_program_free(it->program);
  nd_free(it->room);
  nd_free(it->out);
}

void nd_adjusted_free(nd_adjusted *it) {
  if (!it) return;
  nd_model_reader_free(it->reader);
  nd_shifts_free(&it->shifts);
  formulas_clear(&it->curve);
  formulas_clear(&it->errors);
  nd_free((void *)it->cells);
  nd_free((void *)it->moved);
  nd_free(it->leaf_of);
  nd_free(it->shared);
  nd_free(it);
}

/* ---- whether there are any ---- */

static nadir_status find_columns(const nd_model *model, const nd_table *table, nd_node root,
                                 bool *all, nadir_error *error) {
  nd_node *names;
  size_t count, column, element;
  ptrdiff_t hint;
  ND_TRY(nd_names(model->graph, &root, 1, &names, &count, error));
  for (size_t i = 0; i < count; i++) {
    size_t c = nd_model_column_of(model, names[i]);
    if (c < model->column_count &&
        !nd_table_find(table, model->columns[c].column, &column, &element, &hint))
      *all = false;
  }
  nd_free(names);
  return NADIR_OK;
}

static nadir_status can_adjust(const nd_model *model, const nd_table *table, bool *can,
                               nadir_error *error) {
  *can = model->column_error_count > 0 && model->sigma != ND_NO_NODE && model->target != ND_NO_NODE;
  if (!*can) return NADIR_OK;
  ND_TRY(find_columns(model, table, model->target, can, error));
  ND_TRY(find_columns(model, table, model->sigma, can, error));
  for (size_t a = 0; a < model->column_error_count; a++)
    ND_TRY(find_columns(model, table, model->column_errors[a].sigma, can, error));
  return NADIR_OK;
}

/* ---- set-up ---- */

static nadir_status compile(nd_adjusted *it, formulas *to, const nd_node *nodes, size_t count,
                            const nd_leaf *leaves, size_t leaf_count, nadir_error *error) {
  to->room = nd_new(count * it->room, sizeof *to->room, error);
  to->out = nd_new(count, sizeof *to->out, error);
  if (!to->room || !to->out) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    to->out[i] = to->room + i * it->room;
  ND_TRY(nd_program_new(&to->program, it->model->graph, nodes, count, leaves, leaf_count, error));
  return nd_workspace_new(&to->workspace, to->program, error);
}

/* f, its slopes by the columns, and its curvatures, each pair once. */
static nadir_status derive(const nd_model *model, nd_node *nodes, nd_node *columns,
                           nadir_error *error) {
  size_t k = model->column_error_count;
  nd_node *next = nodes + 1 + k;
  nodes[0] = model->output;
  ND_TRY(nd_derive(model->graph, model->output, columns, k, nodes + 1, error));
  for (size_t a = 0; a < k; next += ++a)
    ND_TRY(nd_derive(model->graph, nodes[1 + a], columns, a + 1, next, error));
  return NADIR_OK;
}

static nadir_status make_programs(nd_adjusted *it, nd_leaf *leaves, nadir_error *error) {
  const nd_model *model = it->model;
  nd_node nodes[1 + ND_MOST_SHIFTED + ND_MOST_SHIFTED * (ND_MOST_SHIFTED + 1) / 2],
      columns[ND_MOST_SHIFTED], widths[ND_MOST_SHIFTED];
  size_t k = model->column_error_count, count = 0;
  for (size_t c = 0; c < model->column_count; c++) {
    if (!nd_model_reader_column(it->reader, c).at) continue;
    it->leaf_of[c] = count;
    leaves[count++] = (nd_leaf){.name = model->columns[c].name, .per_row = true};
  }
  for (size_t i = 0; i < model->free_count; i++)
    leaves[count + i] = (nd_leaf){.name = model->free[i]};
  for (size_t a = 0; a < k; a++) {
    columns[a] = model->column_errors[a].column;
    widths[a] = model->column_errors[a].sigma;
    it->at[a] = nd_model_column_of(model, columns[a]);
  }
  ND_TRY(derive(model, nodes, columns, error));
  ND_TRY(compile(it, &it->curve, nodes, 1 + k + k * (k + 1) / 2, leaves, count + model->free_count,
                 error));
  return compile(it, &it->errors, widths, k, leaves, count + model->free_count, error);
}

static nadir_status take_memory(nd_adjusted *it, nadir_error *error) {
  const nd_model *model = it->model;
  it->cells = nd_new(model->column_count, sizeof *it->cells, error);
  it->moved = nd_new(model->column_count, sizeof *it->moved, error);
  it->leaf_of = nd_new(model->column_count, sizeof *it->leaf_of, error);
  it->shared = nd_new(model->free_count, sizeof *it->shared, error);
  if (!it->cells || !it->moved || !it->leaf_of || !it->shared) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < model->free_count; i++)
    it->shared[i] = model->value[model->free_index[i]];
  return nd_shifts_new(&it->shifts, it->room, model->column_error_count, error);
}

static nadir_status set_up(nd_adjusted *it, const nd_table *table, const nadir_settings *settings,
                           nadir_error *error) {
  const nd_model *model = it->model;
  ND_TRY(nd_model_reader_new(&it->reader, model, table, settings, true, error));
  nd_model_reader_forgive(it->reader);
  ND_TRY(take_memory(it, error));
  nd_leaf *leaves = nd_new(model->column_count + model->free_count, sizeof *leaves, error);
  nadir_status status = leaves ? make_programs(it, leaves, error) : NADIR_NO_MEMORY;
  nd_free(leaves);
  return status;
}

nadir_status nd_adjusted_new(nd_adjusted **made, const nd_model *model, const nd_table *table,
                             const nadir_settings *settings, nadir_error *error) {
  bool can;
  *made = NULL;
  ND_TRY(can_adjust(model, table, &can, error));
  if (!can) return NADIR_OK;
  nd_adjusted *it = nd_new(1, sizeof *it, error);
  if (!it) return NADIR_NO_MEMORY;
  it->model = model;
  it->room = nd_table_room(table);
  nadir_status status = set_up(it, table, settings, error);
  if (status == NADIR_OK)
    *made = it;
  else
    nd_adjusted_free(it);
  return status;
}

/* ---- a chunk ---- */

static void find_columns_read(nd_adjusted *it) {
  for (size_t c = 0; c < it->model->column_count; c++) {
    const double *column = nd_model_reader_column(it->reader, c).at;
    if (column) it->cells[it->leaf_of[c]] = it->moved[it->leaf_of[c]] = column;
  }
  for (size_t a = 0; a < it->shifts.columns; a++)
    it->moved[it->leaf_of[it->at[a]]] = it->shifts.moved + a * it->room;
}

/* A row without target or errors has no nearest point. */
static void take_errors(nd_adjusted *it, const nd_model_rows *rows) {
  nd_shifts *s = &it->shifts;
  nd_program_run(it->errors.program, it->errors.workspace, it->cells, it->shared, rows->rows,
                 it->errors.out);
  nd_shifts_start(s, 0, rows->rows);
  for (size_t r = 0; r < rows->rows; r++) {
    bool known = rows->kept[r] == 1 && isfinite(rows->target[r]) && rows->sigma[r] > 0 &&
                 isfinite(rows->sigma[r]);
    s->sigma[r] = rows->sigma[r];
    for (size_t a = 0; a < s->columns; a++) {
      double t = it->errors.out[a][r];
      s->width[a * s->rows + r] = t;
      known = known && t >= 0 && isfinite(t);
    }
    s->done[r] = !known;
  }
}

static void forget_unknown(nd_shifts *s, size_t rows, const bool *known) {
  for (size_t r = 0; r < rows; r++)
    for (size_t a = 0; a < s->columns && !known[r]; a++)
      s->moved[a * s->rows + r] = (double)NAN;
}

static nadir_status find_shifts(nd_adjusted *it, const nd_model_rows *rows, const nd_numbers *cells,
                                nadir_error *error) {
  nd_shifts *s = &it->shifts;
  size_t left = 1;
  for (int step = 0; step < ND_SHIFT_STEPS && left > 0; step++) {
    nd_shifts_move(s, 0, rows->rows, cells);
    nd_program_run(it->curve.program, it->curve.workspace, it->moved, it->shared, rows->rows,
                   it->curve.out);
    left = 0;
    for (size_t r = 0; r < rows->rows; r++) {
      if (s->done[r]) continue;
      ND_TRY(nd_shifts_judge(s, rows->target[r], it->curve.out, 0, r, error));
      left += !s->done[r];
    }
  }
  nd_shifts_settle(s, 0, rows->rows);
  nd_shifts_move(s, 0, rows->rows, cells);
  return NADIR_OK;
}

nadir_status nd_adjusted_run(nd_adjusted *it, size_t chunk, const double **cells,
                             nadir_error *error) {
  nd_model_rows rows;
  nd_numbers own[ND_MOST_SHIFTED];
  ND_TRY(nd_model_read(it->reader, chunk, &rows, error));
  bool *known = nd_new(rows.rows, sizeof *known, error);
  if (!known) return NADIR_NO_MEMORY;
  find_columns_read(it);
  take_errors(it, &rows);
  for (size_t r = 0; r < rows.rows; r++)
    known[r] = !it->shifts.done[r];
  for (size_t a = 0; a < it->shifts.columns; a++)
    own[a] = nd_model_reader_column(it->reader, it->at[a]);
  nadir_status status = find_shifts(it, &rows, own, error);
  forget_unknown(&it->shifts, rows.rows, known);
  nd_free(known);
  *cells = it->shifts.moved;
  return status;
}
