/* Whether the rows of a free formula keep off its kinks and jumps near a point: abs(u), max(u, v) and
 * comparisons are smooth where no row's u, or u - v, can vanish. A fit of sqrt(abs(u)) whose u is a
 * hundred in every row has a curvature like any other.
 *
 * For each such g the derivatives by the parameters say how far it can move within |w_i - at_i| <=
 * reach_i, to first order, which is all for reaches as short as the last steps of a run; twice that is
 * asked for. Costs one pass over the rows and as many derivatives as parameters for each g; floor, mod
 * and the like are not looked into, nor formulas with heads. */
#include <string.h>

#include "objective/of_table.h"

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
  const nd_op_info *about = nd_op_about(nd_node_op(graph, node));
  *g = ND_NO_NODE;
  *known = true;
  if (about == NULL || about->smooth < ND_KINK) return NADIR_OK;
  if (nd_node_bound(graph, node) != 0) { /* in an integrand: at no one place */
    *known = false;
    return NADIR_OK;
  }
  if (about->edge == ND_EDGE_OF_TRUTH) return NADIR_OK; /* which is of others */
  nd_node sides[2] = {nd_node_argument(graph, node, 0), ND_NO_NODE};
  if (about->edge == ND_EDGE_AT_0) {
    *g = sides[0];
    return NADIR_OK;
  }
  *known = about->edge == ND_EDGE_IF_EQUAL && nd_node_arity(graph, node) == 2;
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

static bool keeps_off(const nd_model *model, const switches *s, double *const *out,
                      const double *reach, size_t rows) {
  for (size_t r = 0; r < rows; r++)
    for (size_t k = 0; k < s->count; k++) {
      double moves = 0;
      for (size_t i = 0; i < s->size; i++)
        moves += fabs(out[s->count + k * s->size + i][r]) * reach[model->free_index[i]];
      if (!(fabs(out[k][r]) > 2 * moves)) return false;
    }
  return true;
}

static nadir_status look_at_rows(const nd_table_objective *self, const switches *s, const double *w,
                                 const double *reach, bool *smooth, nadir_error *error) {
  nd_data *data = self->data;
  nd_row_program *program;
  const nd_packed *packed;
  ND_TRY(nd_row_program_new(&program, self, s->nodes, s->count * (1 + s->size), w, error));
  nadir_status status = NADIR_OK;
  *smooth = true;
  for (size_t b = 0; b < data->blocks && *smooth && status == NADIR_OK; b++) {
    if (data->block_rows[b] == 0) continue;
    status = nd_data_raw(data, b, 0, &packed, error);
    if (status == NADIR_OK)
      *smooth = keeps_off(self->model, s, nd_row_program_run(program, packed), reach, packed->rows);
  }
  nd_row_program_free(program);
  return status;
}

nadir_status nd_rows_keep_off_kinks(const nd_objective *objective, const double *w,
                                    const double *reach, bool *smooth, nadir_error *error) {
  const nd_table_objective *self = nd_rows_of(objective);
  *smooth = false;
  if (objective->rows == 0 || objective->rows > MOST_ROWS) return NADIR_OK;
  const nd_model *model = self->model;
  switches s = {.size = model->free_count, .all = true};
  bool looks = model->head_count == 0 && model->target != ND_NO_NODE && s.size == model->size &&
               s.size <= MOST_PARAMETERS;
  if (!looks) return NADIR_OK;
  s.nodes = nd_new(MOST_SWITCHES * (1 + s.size), sizeof *s.nodes, error);
  nadir_status status = s.nodes ? find_switches(model, &s, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK && s.all) status = look_at_rows(self, &s, w, reach, smooth, error);
  nd_free(s.nodes);
  return status;
}
