/* rows: compiles the loss of one row, with its derivatives by etas and free parameters, into the
 * codes of its tail.
 *
 * The chain rule by hand is all that the heads need: d l / d w = sum_i (d l / d eta)_i x_i, and
 * twice so for the Hessian. What depends on columns alone is cut out of the tail at its upper edge:
 * those values are computed in double when a block is loaded and stored with it. */
#include <string.h>

#include "stochastic_internal.h"

enum { PANELS_BYTES = 8 * 1024, ROWS_BYTES = 128 * 1024 };

typedef struct maker {
  const nd_rows_spec *spec;
  nd_graph *graph;
  nd_rows *rows;
  size_t count;       /* of etas and free parameters together */
  nd_node *by;        /* them */
  nd_node *first;     /* the loss and its first derivatives */
  nd_node *second;    /* lower triangle */
  nd_node *product;   /* second times direction */
  nd_node *direction; /* leaves: X v of each head, v of each free parameter */
  nd_node *residual;  /* the outputs of that tail */
  size_t residual_outputs;
  nd_node *stored; /* values of columns alone that the tail reads */
  nd_leaf *leaves; /* room for those of any tail */
  bool *summed;    /* the same for its outputs */
} maker;

static size_t triangle(size_t n) {
  return n * (n + 1) / 2;
}

/* ---- derivatives ---- */

static nadir_status derive_twice(maker *m, nadir_error *error) {
  for (size_t i = 0; i < m->count; i++)
    ND_TRY(nd_derive(m->graph, m->first[1 + i], m->by, i + 1, m->second + triangle(i), error));
  return NADIR_OK;
}

static bool is_zero(const nd_graph *graph, nd_node node) {
  return nd_node_op(graph, node) == ND_NUMBER && nd_node_number(graph, node) == 0;
}

/* Names that no formula can spell stand for the direction. */
static nadir_status name_directions(maker *m, nadir_error *error) {
  for (size_t i = 0; i < m->count; i++) {
    nd_text name = {0};
    nd_text_print(&name, "\001direction%zu", i);
    nadir_status status = nd_text_status(&name, error);
    if (status == NADIR_OK)
      status = nd_make_name(m->graph, nd_text_data(&name), &m->direction[i], error);
    nd_text_free(&name);
    ND_TRY(status);
  }
  return NADIR_OK;
}

/* sum_j second[i][j] direction[j] */
static nadir_status multiply_row(maker *m, size_t i, nd_node *result, nadir_error *error) {
  bool any = false;
  ND_TRY(nd_make_number(m->graph, 0, result, error));
  for (size_t j = 0; j < m->count; j++) {
    const nd_node h = m->second[i >= j ? triangle(i) + j : triangle(j) + i];
    if (is_zero(m->graph, h)) continue;
    nd_node term;
    ND_TRY(nd_make(m->graph, ND_MUL, (nd_node[]){h, m->direction[j]}, 2, &term, error));
    if (any) ND_TRY(nd_make(m->graph, ND_ADD, (nd_node[]){*result, term}, 2, &term, error));
    *result = term;
    any = true;
  }
  return NADIR_OK;
}

/* counts[op] of the nodes under root whose operator is not defined everywhere. */
static nadir_status count_partial(const nd_graph *graph, nd_node root, size_t *counts,
                                  nadir_error *error) {
  bool *under = nd_new((size_t)root + 1, sizeof *under, error);
  if (!under) return NADIR_NO_MEMORY;
  under[root] = true;
  for (size_t n = (size_t)root + 1; n-- > 0;) {
    if (!under[n]) continue;
    const nd_op_info *about = nd_op_about(nd_node_op(graph, (nd_node)n));
    if (about && about->domain != ND_WHERE_everywhere) counts[nd_node_op(graph, (nd_node)n)]++;
    for (size_t i = 0; i < nd_node_arity(graph, (nd_node)n); i++)
      under[nd_node_argument(graph, (nd_node)n, i)] = true;
  }
  nd_free(under);
  return NADIR_OK;
}

/* The loss in the form that shares most with its derivatives, which are simplified. As typed where
 * that would drop an operator that is not defined everywhere, as exp(log(x)) to x: a row outside
 * the domain must not get a loss. */
static nadir_status simplify_loss(maker *m, nadir_error *error) {
  size_t typed[ND_OPS] = {0}, simple[ND_OPS] = {0};
  nd_node simplified;
  ND_TRY(nd_simplify(m->graph, m->spec->loss, &simplified, error));
  ND_TRY(count_partial(m->graph, m->spec->loss, typed, error));
  ND_TRY(count_partial(m->graph, simplified, simple, error));
  m->first[0] = simplified;
  for (size_t op = 0; op < ND_OPS; op++)
    if (simple[op] < typed[op]) m->first[0] = m->spec->loss;
  return NADIR_OK;
}

/* Residuals as they were typed, so that what rounding does to them is known. */
static nadir_status derive_residuals(maker *m, nadir_error *error) {
  const nd_rows_spec *spec = m->spec;
  size_t each = 1 + m->count;
  if (spec->residual_count == 0) return NADIR_OK;
  m->residual_outputs = 1 + spec->residual_count * each;
  m->residual = nd_new(m->residual_outputs, sizeof *m->residual, error);
  if (!m->residual) return NADIR_NO_MEMORY;
  m->residual[0] = spec->rounding;
  for (size_t k = 0; k < spec->residual_count; k++) {
    nd_node *at = m->residual + 1 + k * each;
    at[0] = spec->residuals[k];
    ND_TRY(nd_derive(m->graph, at[0], m->by, m->count, at + 1, error));
  }
  return NADIR_OK;
}

static nadir_status derive_all(maker *m, nadir_error *error) {
  ND_TRY(simplify_loss(m, error));
  ND_TRY(nd_derive(m->graph, m->spec->loss, m->by, m->count, m->first + 1, error));
  ND_TRY(derive_residuals(m, error));
  if (!m->spec->hessian) return NADIR_OK;
  ND_TRY(derive_twice(m, error));
  ND_TRY(name_directions(m, error));
  for (size_t i = 0; i < m->count; i++)
    ND_TRY(multiply_row(m, i, &m->product[i], error));
  return NADIR_OK;
}

/* ---- what is stored with a block ---- */

static void mark(bool *needed, const nd_node *nodes, size_t count) {
  for (size_t i = 0; i < count; i++)
    needed[nodes[i]] = true;
}

/* Downwards from all outputs; a node of columns alone is stored and not entered. */
static void cut(maker *m, const bool *of_columns, const bool *of_others, bool *needed) {
  for (size_t n = nd_graph_size(m->graph); n-- > 0;) {
    if (!needed[n]) continue;
    if (of_columns[n] && !of_others[n] && nd_node_bound(m->graph, (nd_node)n) == 0) {
      m->stored[m->rows->stored++] = (nd_node)n;
      continue;
    }
    for (size_t i = 0; i < nd_node_arity(m->graph, (nd_node)n); i++)
      needed[nd_node_argument(m->graph, (nd_node)n, i)] = true;
  }
}

static nadir_status find_others(maker *m, bool **of_others, nadir_error *error) {
  const size_t more = m->spec->hessian ? m->count : 0;
  nd_node *others = nd_new(m->count + more, sizeof *others, error);
  if (!others) return NADIR_NO_MEMORY;
  memcpy(others, m->by, m->count * sizeof *others);
  memcpy(others + m->count, m->direction, more * sizeof *others);
  const nadir_status status = nd_depends(m->graph, others, m->count + more, of_others, error);
  nd_free(others);
  return status;
}

static nadir_status find_stored(maker *m, nadir_error *error) {
  bool *of_columns = NULL, *of_others = NULL;
  bool *needed = nd_new(nd_graph_size(m->graph), sizeof *needed, error);
  m->stored = nd_new(nd_graph_size(m->graph), sizeof *m->stored, error);
  nadir_status status = needed && m->stored ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK)
    status = nd_depends(m->graph, m->spec->columns, m->spec->column_count, &of_columns, error);
  if (status == NADIR_OK) status = find_others(m, &of_others, error);
  if (status == NADIR_OK) {
    mark(needed, m->first, 1 + m->count);
    mark(needed, m->residual, m->residual_outputs);
    mark(needed, m->spec->keep, m->spec->keep ? 1 : 0);
    if (m->spec->hessian) {
      mark(needed, m->second, triangle(m->count));
      mark(needed, m->product, m->count);
    }
    cut(m, of_columns, of_others, needed);
    for (size_t s = 0; s < m->rows->stored; s++)
      if (m->spec->keep && m->stored[s] == *m->spec->keep) m->rows->kept = s;
  }
  nd_free(needed), nd_free(of_columns), nd_free(of_others);
  return status;
}

/* ---- codes ---- */

static nadir_status compile_load(maker *m, nadir_error *error) {
  const nd_rows_spec *spec = m->spec;
  for (size_t i = 0; i < spec->column_count; i++)
    m->leaves[i] = (nd_leaf){spec->columns[i], true};
  return nd_code_new(&m->rows->load, m->rows->exact, m->graph, m->stored, NULL, m->rows->stored,
                     m->leaves, spec->column_count, error);
}

/* What is wanted of a tail's outputs: sums alone, but where rows are multiplied by them. NULL: no sums. */
static const bool *mark_summed(maker *m, nd_tail tail, size_t outputs) {
  if (tail != ND_TAIL_VALUE && tail != ND_TAIL_GRADIENT && tail != ND_TAIL_PRODUCT) return NULL;
  const size_t losses = tail == ND_TAIL_PRODUCT ? 0 : 1;
  for (size_t o = 0; o < outputs; o++)
    m->summed[o] =
        o < losses || o - losses >= m->spec->head_count || m->spec->heads[o - losses].features == 0;
  return m->summed;
}

static nadir_status compile_tail(maker *m, nd_tail tail, const nd_node *outputs, size_t count,
                                 nadir_error *error) {
  const size_t heads = m->spec->head_count;
  size_t n = 0;
  for (size_t i = 0; i < m->rows->stored; i++)
    m->leaves[n++] = (nd_leaf){m->stored[i], true};
  for (size_t i = 0; i < m->count; i++)
    m->leaves[n++] = (nd_leaf){m->by[i], i < heads};
  for (size_t i = 0; tail == ND_TAIL_PRODUCT && i < m->count; i++)
    m->leaves[n++] = (nd_leaf){m->direction[i], i < heads};
  ND_TRY(nd_code_new(&m->rows->tail[tail], m->rows->kernels, m->graph, outputs,
                     mark_summed(m, tail, count), count, m->leaves, n, error));
  nd_code_heads of = {.layout = m->rows->layout, .first_eta = m->rows->stored, .etas = heads};
  if (tail == ND_TAIL_PRODUCT) of.etas += heads;
  if (tail == ND_TAIL_GRADIENT || tail == ND_TAIL_PRODUCT) of.factors = heads;
  if (tail == ND_TAIL_GRADIENT) of.first_factor = 1;
  return nd_code_add_heads(m->rows->tail[tail], &of, error);
}

static nadir_status compile_all(maker *m, nadir_error *error) {
  const size_t n = m->count, seconds = triangle(n);
  m->leaves = nd_new(m->spec->column_count + m->rows->stored + 2 * n, sizeof *m->leaves, error);
  m->summed = nd_new(1 + n, sizeof *m->summed, error);
  if (!m->leaves || !m->summed) return NADIR_NO_MEMORY;
  ND_TRY(compile_load(m, error));
  ND_TRY(compile_tail(m, ND_TAIL_VALUE, m->first, 1, error));
  ND_TRY(compile_tail(m, ND_TAIL_GRADIENT, m->first, 1 + n, error));
  ND_TRY(compile_tail(m, ND_TAIL_SLOPE, m->first + 1, n, error));
  if (m->residual_outputs > 0)
    ND_TRY(compile_tail(m, ND_TAIL_RESIDUAL, m->residual, m->residual_outputs, error));
  if (!m->spec->hessian) return NADIR_OK;
  m->rows->second_count = seconds;
  m->rows->second_is_zero = nd_new(seconds, sizeof(bool), error);
  if (!m->rows->second_is_zero) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < seconds; i++)
    m->rows->second_is_zero[i] = is_zero(m->graph, m->second[i]);
  ND_TRY(compile_tail(m, ND_TAIL_SECOND, m->second, seconds, error));
  return compile_tail(m, ND_TAIL_PRODUCT, m->product, n, error);
}

/* ---- set-up ---- */

/* In whole lines, a group of vectors at every level in panels, so that what is read twice stays in a cache. */
static size_t tile_rows(const nd_rows *rows) {
  const bool panels = rows->layout == rows->kernels->panels;
  const size_t most = panels ? PANELS_BYTES : ROWS_BYTES;
  const size_t size = rows->kernels->size, line = ND_LINE_BYTES / size, least = panels ? ND_GROUP * line : line;
  size_t tile = ND_TILE_BYTES / size;
  while (tile > least && tile * rows->features * size > most)
    tile /= 2;
  return tile;
}

/* All of w are weights of heads, which see the same features. */
static bool can_fuse(const nd_rows_spec *spec) {
  size_t weights = 0;
  if (spec->head_count == 0 || spec->free_count > 0) return false;
  for (size_t k = 0; k < spec->head_count; k++) {
    const nd_head *head = &spec->heads[k], *first = &spec->heads[0];
    if (head->first_feature != first->first_feature || head->features != first->features ||
        (head->intercept == SIZE_MAX) != (first->intercept == SIZE_MAX))
      return false;
    weights += head->features + (head->intercept != SIZE_MAX);
  }
  return weights == spec->size;
}

static nadir_status copy_spec(nd_rows *rows, const nd_rows_spec *spec, nadir_error *error) {
  ND_TRY(nd_engine_check(error));
  rows->kernels = nd_kernels_now(spec->single);
  rows->exact = nd_kernels_now(false);
  rows->layout = spec->features <= ND_PANEL_FEATURES ? rows->kernels->panels : rows->kernels->by_rows;
  rows->size = spec->size, rows->features = spec->features, rows->columns = spec->column_count;
  rows->head_count = spec->head_count, rows->free_count = spec->free_count;
  rows->residuals = spec->residual_count;
  rows->kept = SIZE_MAX;
  rows->tile = tile_rows(rows);
  rows->by_batches = spec->by_batches;
  rows->fuses = spec->by_batches && can_fuse(spec);
  rows->heads = nd_new(spec->head_count, sizeof *rows->heads, error);
  rows->head_at = nd_new(spec->head_count + 1, sizeof *rows->head_at, error);
  rows->free_index = nd_new(spec->free_count, sizeof *rows->free_index, error);
  if (!rows->heads || !rows->head_at || !rows->free_index) return NADIR_NO_MEMORY;
  for (size_t k = 0; k < spec->head_count; k++) {
    rows->heads[k] = spec->heads[k];
    rows->head_at[k + 1] =
        rows->head_at[k] + nd_line_up(spec->heads[k].features, rows->kernels->size);
  }
  for (size_t p = 0; p < spec->free_count; p++)
    rows->free_index[p] = spec->free_index[p];
  return NADIR_OK;
}

static nadir_status make(maker *m, nadir_error *error) {
  const nd_rows_spec *spec = m->spec;
  ND_TRY(copy_spec(m->rows, spec, error));
  const size_t seconds = spec->hessian ? triangle(m->count) : 0;
  m->by = nd_new(m->count, sizeof *m->by, error);
  m->first = nd_new(m->count + 1, sizeof *m->first, error);
  m->second = nd_new(seconds, sizeof *m->second, error);
  m->product = nd_new(m->count, sizeof *m->product, error);
  m->direction = nd_new(m->count, sizeof *m->direction, error);
  if (!m->by || !m->first || !m->second || !m->product || !m->direction) return NADIR_NO_MEMORY;
  for (size_t k = 0; k < spec->head_count; k++)
    m->by[k] = spec->heads[k].eta;
  for (size_t p = 0; p < spec->free_count; p++)
    m->by[spec->head_count + p] = spec->free[p];
  ND_TRY(derive_all(m, error));
  ND_TRY(find_stored(m, error));
  return compile_all(m, error);
}

nadir_status nd_rows_new(nd_rows **result, const nd_rows_spec *spec, nadir_error *error) {
  *result = NULL;
  maker m = {.spec = spec, .graph = spec->graph, .count = spec->head_count + spec->free_count};
  m.rows = nd_new(1, sizeof *m.rows, error);
  const nadir_status status = m.rows ? make(&m, error) : NADIR_NO_MEMORY;
  nd_free(m.by), nd_free(m.first), nd_free(m.second), nd_free(m.product);
  nd_free(m.direction), nd_free(m.residual), nd_free(m.stored), nd_free(m.leaves),
      nd_free(m.summed);
  if (status == NADIR_OK)
    *result = m.rows;
  else
    nd_rows_free(m.rows);
  return status;
}

void nd_rows_free(nd_rows *rows) {
  if (!rows) return;
  nd_code_free(rows->load);
  for (size_t t = 0; t < ND_TAILS; t++)
    nd_code_free(rows->tail[t]);
  nd_free(rows->heads), nd_free(rows->head_at), nd_free(rows->free_index);
  nd_free(rows->second_is_zero), nd_free(rows);
}

/* ---- workspace ---- */

static nadir_status make_works(nd_rows_workspace *work, const nd_rows *rows, nadir_error *error) {
  ND_TRY(nd_code_work_new(&work->load, rows->load, error));
  nd_code_share(rows->load, &work->load, NULL); /* no parameters: what is one for all rows, once */
  for (size_t t = 0; t < ND_TAILS; t++)
    if (rows->tail[t]) ND_TRY(nd_code_work_new(&work->tail[t], rows->tail[t], error));
  return NADIR_OK;
}

static nadir_status make_jacobian(nd_rows_workspace *work, const nd_rows *rows,
                                  nadir_error *error) {
  size_t cells;
  if (!nd_multiply(rows->tile * rows->residuals, rows->size + 1, &cells)) cells = SIZE_MAX;
  work->jacobian = nd_new(cells, sizeof(double), error);
  work->row = nd_new(nd_line_up(rows->features, sizeof(double)), sizeof(double), error);
  work->tile_values = nd_new(2 * rows->tile, sizeof(double), error);
  return work->jacobian && work->row && work->tile_values ? NADIR_OK : NADIR_NO_MEMORY;
}

/* Of the columns in tiles of doubles (and one for weights); then of features as they are packed; then of their centers
 * and widths. */
static nadir_status make_room(nd_rows_workspace *work, const nd_rows *rows, nadir_error *error) {
  const size_t together = rows->features < ND_PACK_FEATURES ? rows->features : ND_PACK_FEATURES;
  size_t columns, features, room = together * ND_PACK_ROWS;
  if (!nd_multiply(rows->columns + 1, ND_TILE_BYTES / sizeof(double), &columns)) columns = SIZE_MAX;
  if (!nd_multiply(rows->features, 2, &features)) features = SIZE_MAX;
  if (columns > room) room = columns;
  if (features > room) room = features;
  work->room = nd_new(room, sizeof(double), error);
  work->packed = nd_new(together, sizeof *work->packed, error);
  return work->room && work->packed ? NADIR_OK : NADIR_NO_MEMORY;
}

/* Of the widest head with itself, or with another as wide. */
static nadir_status make_second(nd_rows_workspace *work, const nd_rows *rows, nadir_error *error) {
  const size_t line = ND_LINE_BYTES / rows->kernels->size;
  size_t widest = 0;
  for (size_t k = 0; k < rows->head_count; k++)
    if (rows->heads[k].features > widest) widest = rows->heads[k].features;
  if (widest > ND_SLAB) widest = ND_SLAB;
  work->second = nd_new(rows->second_count, ND_PRODUCT_LINES * ND_LINE_BYTES, error);
  work->sum_second = nd_new(rows->second_count, sizeof *work->sum_second, error);
  work->products = nd_new((widest + line - 1) / line, 2 * ND_TERMS * ND_LINE_BYTES, error);
  return work->second && work->sum_second && work->products ? NADIR_OK : NADIR_NO_MEMORY;
}

static nadir_status make_buffers(nd_rows_workspace *work, const nd_rows *rows, nadir_error *error) {
  const size_t size = rows->kernels->size, weights = rows->head_at[rows->head_count];
  size_t lanes;
  if (!nd_multiply(weights, rows->layout->lanes, &lanes))
    return nd_fail(error, NADIR_NO_MEMORY, "model: too many features: use fewer");
  work->shared = nd_new(2 * rows->free_count, sizeof(double), error);
  work->w = nd_new(weights, size, error);
  work->v = nd_new(weights, size, error);
  work->eta = nd_new(2 * rows->head_count, ND_TILE_BYTES, error);
  work->r = nd_new(1, ND_TILE_BYTES, error);
  work->one = nd_new(1, ND_LINE_BYTES, error);
  work->sums = nd_new(lanes, sizeof(double), error);
  work->tile_sums = nd_new(lanes, size, error);
  work->features = nd_new(2 * rows->head_count, sizeof *work->features, error);
  work->own_sums = nd_new(rows->head_count + rows->free_count, sizeof(double), error);
  ND_TRY(make_room(work, rows, error));
  if (rows->residuals > 0) ND_TRY(make_jacobian(work, rows, error));
  if (rows->second_count > 0) ND_TRY(make_second(work, rows, error));
  if (!work->shared || !work->w || !work->v || !work->eta || !work->r || !work->one || !work->sums || !work->tile_sums ||
      !work->features || !work->own_sums)
    return NADIR_NO_MEMORY;
  rows->kernels->fill(work->one, 1);
  return NADIR_OK;
}

nadir_status nd_rows_workspace_new(nd_rows_workspace **result, const nd_rows *rows,
                                   nadir_error *error) {
  *result = NULL;
  nd_rows_workspace *work = nd_new(1, sizeof *work, error);
  if (!work) return NADIR_NO_MEMORY;
  nadir_status status = make_works(work, rows, error);
  if (status == NADIR_OK) status = make_buffers(work, rows, error);
  if (status == NADIR_OK) status = nd_near_new(&work->near, rows, error);
  if (status == NADIR_OK) status = nd_stage_new(&work->stage, rows, error);
  if (status == NADIR_OK) status = nd_singles_new(&work->singles, rows, work, error);
  if (status == NADIR_OK)
    *result = work;
  else
    nd_rows_workspace_free(work);
  return status;
}

void nd_rows_workspace_free(nd_rows_workspace *work) {
  if (!work) return;
  nd_code_work_clear(&work->load);
  for (size_t t = 0; t < ND_TAILS; t++)
    nd_code_work_clear(&work->tail[t]);
  nd_near_clear(&work->near);
  nd_stage_clear(&work->stage);
  nd_singles_free(work->singles);
  nd_free(work->room), nd_free((void *)work->packed), nd_free(work->shared), nd_free(work->w),
      nd_free(work->v);
  nd_free(work->eta), nd_free(work->r), nd_free(work->one);
  nd_free(work->second), nd_free(work->sum_second), nd_free(work->products);
  nd_free(work->row), nd_free(work->jacobian), nd_free(work->tile_values);
  nd_free(work->sums), nd_free(work->tile_sums), nd_free(work->features), nd_free(work->own_sums), nd_free(work);
}
