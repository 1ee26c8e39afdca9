/* Whether the rows of a free formula keep off its kinks and jumps near a point: abs(u), max(u, v) and
 * comparisons are smooth where no row's u, or u - v, can vanish. A fit of sqrt(abs(u)) whose u is a
 * hundred in every row has a curvature like any other.
 *
 * For each such g the derivatives by the parameters say how far it can move within |w_i - at_i| <=
 * reach_i, to first order, which is all for reaches as short as the last steps of a run; twice that is
 * asked for. Costs one pass over the rows and as many derivatives as parameters for each g; floor, mod
 * and the like are not looked into, nor formulas with heads. */
#include <string.h>

#include "fit/data_internal.h"

enum { MOST_SWITCHES = 16, MOST_PARAMETERS = 64 };
static const uint64_t MOST_ROWS = 2000000;

/* The g, then the derivatives of each. */
typedef struct switches {
  size_t count, size; /* of them; of the parameters */
  bool all;           /* no others are there */
  nd_node *nodes;
} switches;

/* g of one node, ND_NO_NODE where it has none of its own. */
static nadir_status switch_of(nd_graph *graph, nd_node node, nd_node *g, bool *known,
                              nadir_error *error) {
  const nd_op op = nd_node_op(graph, node);
  const nd_op_info *about = nd_op_about(op);
  *g = ND_NO_NODE;
  *known = true;
  if (about == NULL || about->smooth == ND_SMOOTH) return NADIR_OK;
  if (op == ND_AND || op == ND_OR || op == ND_NOT || op == ND_IF) return NADIR_OK; /* of others */
  nd_node sides[2] = {nd_node_argument(graph, node, 0), ND_NO_NODE};
  if (op == ND_ABS || op == ND_POS || op == ND_SIGN) {
    *g = sides[0];
    return NADIR_OK;
  }
  bool two = op == ND_MIN || op == ND_MAX || op == ND_LESS || op == ND_LESSEQ || op == ND_EQUAL;
  *known = two && nd_node_arity(graph, node) == 2;
  if (!*known) return NADIR_OK;
  sides[1] = nd_node_argument(graph, node, 1);
  return nd_make(graph, ND_SUB, sides, 2, g, error);
}

/* Walks down from the loss of a row. Kinks of the loss itself, between target and model, are not for
 * this question: between them it has no curvature, and some rows are on them at the minimum. */
static nadir_status find_switches(const nd_model *model, switches *s, nadir_error *error) {
  size_t nodes = nd_graph_size(model->graph);
  bool *needs = NULL, *target = NULL, *reached = nd_new(nodes, sizeof *reached, error);
  nadir_status status = reached == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  if (status == NADIR_OK)
    status = nd_depends(model->graph, model->free, model->free_count, &needs, error);
  if (status == NADIR_OK) status = nd_depends(model->graph, &model->target_leaf, 1, &target, error);
  if (status == NADIR_OK) reached[model->loss_node] = true;
  for (size_t n = nodes; status == NADIR_OK && s->all && n-- > 0;) {
    bool known;
    nd_node g, node = (nd_node)n;
    if (!reached[n] || !needs[n]) continue;
    for (size_t i = 0; i < nd_node_arity(model->graph, node); i++)
      reached[nd_node_argument(model->graph, node, i)] = true;
    status = switch_of(model->graph, node, &g, &known, error);
    s->all = known && (g == ND_NO_NODE || (s->count < MOST_SWITCHES && !target[node]));
    if (s->all && g != ND_NO_NODE) s->nodes[s->count++] = g;
  }
  nd_free(needs);
  nd_free(target);
  nd_free(reached);
  for (size_t k = 0; k < s->count && s->all && status == NADIR_OK; k++)
    status = nd_derive(model->graph, s->nodes[k], model->free, s->size,
                       s->nodes + s->count + k * s->size, error);
  return status;
}

/* ---- the rows ---- */

typedef struct pass {
  const nd_table_objective *self;
  const switches *s;
  nd_program *program;
  nd_workspace *workspace;
  const double **columns;
  double *shared, *values, **out;
} pass;

static bool keeps_off(const pass *p, const double *reach, size_t rows) {
  size_t n = p->s->size;
  for (size_t r = 0; r < rows; r++)
    for (size_t k = 0; k < p->s->count; k++) {
      double moves = 0;
      for (size_t i = 0; i < n; i++)
        moves += fabs(p->out[p->s->count + k * n + i][r]) * reach[p->self->model->free_index[i]];
      if (!(fabs(p->out[k][r]) > 2 * moves)) return false;
    }
  return true;
}

static nadir_status look_at_rows(pass *p, const double *reach, bool *smooth, nadir_error *error) {
  nd_data *data = p->self->data;
  const nd_packed *packed;
  *smooth = true;
  for (size_t b = 0; b < data->blocks && *smooth; b++) {
    if (data->block_rows[b] == 0) continue;
    ND_TRY(nd_data_raw(data, b, 0, &packed, error));
    for (size_t c = 0; c < data->tail_count; c++)
      p->columns[c] = nd_packed_column(packed, data->tail_column[c]);
    p->columns[data->tail_count] = nd_packed_column(packed, nd_packed_target(data));
    nd_program_run(p->program, p->workspace, p->columns, p->shared, packed->rows, p->out);
    *smooth = keeps_off(p, reach, packed->rows);
  }
  return NADIR_OK;
}

static nadir_status compile(pass *p, const double *w, nadir_error *error) {
  const nd_model *model = p->self->model;
  const nd_data *data = p->self->data;
  size_t columns = data->tail_count + 1, all = p->s->size + columns,
         outputs = p->s->count * (1 + p->s->size);
  nd_leaf *leaves = nd_new(all, sizeof *leaves, error);
  p->columns = nd_new(columns, sizeof *p->columns, error);
  p->shared = nd_new(p->s->size, sizeof *p->shared, error);
  p->values = nd_new(outputs * ND_CHUNK, sizeof *p->values, error);
  p->out = nd_new(outputs, sizeof *p->out, error);
  nadir_status status =
      leaves && p->columns && p->shared && p->values && p->out ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; i < all && status == NADIR_OK; i++) {
    size_t c = i - p->s->size;
    bool shared = i < p->s->size;
    nd_node column = !shared && c < data->tail_count ? data->tail[c] : model->target_leaf;
    leaves[i] = (nd_leaf){.name = shared ? model->free[i] : column, .per_row = !shared};
    if (shared) p->shared[i] = w[model->free_index[i]];
  }
  for (size_t i = 0; i < outputs && status == NADIR_OK; i++)
    p->out[i] = p->values + i * ND_CHUNK;
  if (status == NADIR_OK)
    status = nd_program_new(&p->program, model->graph, p->s->nodes, outputs, leaves, all, error);
  if (status == NADIR_OK) status = nd_workspace_new(&p->workspace, p->program, error);
  nd_free(leaves);
  return status;
}

static void pass_free(pass *p) {
  nd_workspace_free(p->workspace);
  nd_program_free(p->program);
  nd_free((void *)p->columns);
  nd_free(p->shared);
  nd_free(p->values);
  nd_free(p->out);
}

nadir_status nd_rows_keep_off_kinks(const nd_objective *objective, const double *w,
                                    const double *reach, bool *smooth, nadir_error *error) {
  const nd_table_objective *self = objective->self;
  *smooth = false;
  if (objective->rows == 0 || objective->rows > MOST_ROWS) return NADIR_OK;
  const nd_model *model = self->model;
  switches s = {.size = model->free_count, .all = true};
  bool looks = model->head_count == 0 && model->target != ND_NO_NODE && s.size == model->size &&
               s.size <= MOST_PARAMETERS;
  if (!looks) return NADIR_OK;
  s.nodes = nd_new(MOST_SWITCHES * (1 + s.size), sizeof *s.nodes, error);
  nadir_status status = s.nodes ? find_switches(model, &s, error) : NADIR_NO_MEMORY;
  pass p = {.self = self, .s = &s};
  if (status == NADIR_OK && s.all) {
    status = compile(&p, w, error);
    if (status == NADIR_OK) status = look_at_rows(&p, reach, smooth, error);
  }
  pass_free(&p);
  nd_free(s.nodes);
  return status;
}
