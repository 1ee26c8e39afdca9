/* Formulas of columns and free parameters, evaluated over the packed rows of a table: a program with
 * columns by row and parameters shared. For models without heads. Costs what the formulas do. */
#include "objective/of_table.h"

struct nd_row_program {
  const nd_model *model;
  const nd_data *data;
  nd_program *program;
  nd_workspace *workspace;
  const double **columns;
  double *room, *shared, *values, **out; /* room: for columns that are widened */
};

static nd_leaf leaf_of(const nd_model *model, const nd_data *data, size_t i) {
  if (i < model->free_count) return (nd_leaf){.name = model->free[i]};
  size_t c = i - model->free_count;
  return (nd_leaf){.name = c < data->tail_count ? data->tail[c] : model->target_leaf,
                   .per_row = true};
}

static nadir_status compile(nd_row_program *p, const nd_model *model, const nd_node *nodes,
                            size_t count, nadir_error *error) {
  size_t all = model->free_count + p->data->tail_count + 1;
  nd_leaf *leaves = nd_new(all, sizeof *leaves, error);
  nadir_status status = leaves ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; leaves && i < all; i++)
    leaves[i] = leaf_of(model, p->data, i);
  if (status == NADIR_OK)
    status = nd_program_new(&p->program, model->graph, nodes, count, leaves, all, error);
  if (status == NADIR_OK) status = nd_workspace_new(&p->workspace, p->program, error);
  nd_free(leaves);
  return status;
}

/* Of a column: whole vectors may be asked for, and are quicker. */
static size_t room_of(const nd_data *data) {
  enum { VECTOR = 8 };
  return (nd_table_room(data->table) + VECTOR - 1) / VECTOR * VECTOR;
}

nadir_status nd_row_program_new(nd_row_program **program, const nd_table_objective *self,
                                const nd_node *nodes, size_t count, const double *w,
                                nadir_error *error) {
  const nd_model *model = self->model;
  const size_t room = room_of(self->data);
  nd_row_program *p = *program = nd_new(1, sizeof *p, error);
  if (p == NULL) return NADIR_NO_MEMORY;
  p->data = self->data;
  p->model = model;
  p->columns = nd_new(self->data->tail_count + 1, sizeof *p->columns, error);
  p->room = nd_new((self->data->tail_count + 1) * room, sizeof *p->room, error);
  p->shared = nd_new(model->free_count, sizeof *p->shared, error);
  p->values = nd_new(count * room, sizeof *p->values, error);
  p->out = nd_new(count, sizeof *p->out, error);
  bool made = p->columns && p->room && p->shared && p->values && p->out;
  nadir_status status = made ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK) {
    nd_row_program_at(p, w);
    for (size_t i = 0; i < count; i++)
      p->out[i] = p->values + i * room;
    status = compile(p, model, nodes, count, error);
  }
  if (status == NADIR_OK) return NADIR_OK;
  nd_row_program_free(p);
  *program = NULL;
  return status;
}

void nd_row_program_at(nd_row_program *p, const double *w) {
  for (size_t i = 0; i < p->model->free_count; i++)
    p->shared[i] = w[p->model->free_index[i]];
}

void nd_row_program_free(nd_row_program *p) {
  if (p == NULL) return;
  nd_workspace_free(p->workspace);
  nd_program_free(p->program);
  nd_free((void *)p->columns);
  nd_free(p->room);
  nd_free(p->shared);
  nd_free(p->values);
  nd_free(p->out);
  nd_free(p);
}

double *const *nd_row_program_run(nd_row_program *p, const nd_packed *packed) {
  const nd_data *data = p->data;
  for (size_t c = 0; c <= data->tail_count; c++) {
    size_t from = c < data->tail_count ? data->tail_column[c] : nd_packed_target(data);
    p->columns[c] =
        nd_doubles(packed->column[from], packed->rows, p->room + c * room_of(data));
  }
  nd_program_run(p->program, p->workspace, p->columns, p->shared, packed->rows, p->out);
  return p->out;
}
