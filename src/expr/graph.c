/* The store of nodes: append-only and hash-consed.
 *
 * A node is found or made in constant time; arguments have smaller numbers than their node, so
 * loops over numbers are topological and nothing in this folder recurses over a graph. Nodes never
 * change; the only thing written later is the place where a node was first typed. */
#include "expr/expr_internal.h"

#include <stdio.h>
#include <string.h>

enum { ARGUMENTS_A_LOOK = 1 << 13 }; /* some 100 us */

nadir_status nd_graph_new(nd_graph **graph, nadir_error *error) {
  *graph = NULL;
  nd_graph *made = nd_new(1, sizeof *made, error);
  if (made == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_arena_new(&made->arena, error);
  if (status != NADIR_OK) {
    nd_free(made);
    return status;
  }
  *graph = made;
  return NADIR_OK;
}

void nd_graph_free(nd_graph *graph) {
  if (graph == NULL) return;
  nd_arena_free(graph->arena);
  nd_free(graph->nodes);
  nd_free(graph->pool);
  nd_free(graph->table);
  nd_free((void *)graph->texts);
  nd_free(graph->again);
  nd_free(graph);
}

const nd_until *nd_graph_heed(nd_graph *graph, const nd_until *until) {
  const nd_until *before = graph->until;
  graph->until = until;
  return before;
}

/* Counts what is asked for, be it new or found: a wide node costs as much as many narrow ones. */
static nadir_status ask_the_clock(nd_graph *graph, size_t arguments, nadir_error *error) {
  graph->unasked += 1 + arguments;
  if (graph->unasked < ARGUMENTS_A_LOOK) return NADIR_OK;
  graph->unasked = 0;
  return nd_go_on(graph->until, error);
}

void *nd_graph_take(nd_graph *graph, size_t size, nadir_error *error) {
  return nd_arena_take(graph->arena, size, error);
}

size_t nd_graph_size(const nd_graph *graph) {
  return graph->node_count;
}

nd_op nd_node_op(const nd_graph *graph, nd_node node) {
  return graph->nodes[node].op;
}

nd_type nd_node_type(const nd_graph *graph, nd_node node) {
  return graph->nodes[node].type;
}

size_t nd_node_arity(const nd_graph *graph, nd_node node) {
  return graph->nodes[node].arity;
}

nd_node nd_node_argument(const nd_graph *graph, nd_node node, size_t i) {
  return graph->pool[graph->nodes[node].first + i];
}

const char *nd_node_text(const nd_graph *graph, nd_node node) {
  return graph->nodes[node].text;
}

double nd_node_number(const nd_graph *graph, nd_node node) {
  return graph->nodes[node].number;
}

const nadir_constant *nd_node_constant(const nd_graph *graph, nd_node node) {
  return graph->nodes[node].constant;
}

uint32_t nd_node_bound(const nd_graph *graph, nd_node node) {
  return graph->nodes[node].bound;
}

/* ---- hashing ---- */

static uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

static uint64_t hash_of(nd_op op, const nd_node *arguments, size_t count, const char *text,
                        size_t length) {
  uint64_t hash = mix(0x51ed270b27a8f3c5u, (uint64_t)op);
  for (size_t i = 0; i < count; i++)
    hash = mix(hash, arguments[i]);
  for (size_t i = 0; i < length; i++)
    hash = mix(hash, (unsigned char)text[i]);
  return hash;
}

static uint64_t hash_of_node(const nd_graph *graph, const nd_node_data *data) {
  size_t length = data->text == NULL ? 0 : strlen(data->text);
  return hash_of(data->op, data->arity > 0 ? graph->pool + data->first : NULL, data->arity,
                 data->text, length);
}

static void insert(nd_graph *graph, uint64_t hash, nd_node node) {
  size_t slot = hash & (graph->table_size - 1);
  while (graph->table[slot] != 0)
    slot = (slot + 1) & (graph->table_size - 1);
  graph->table[slot] = node + 1;
}

static nadir_status enlarge_table(nd_graph *graph, nadir_error *error) {
  size_t size = graph->table_size == 0 ? 256 : graph->table_size * 2;
  uint32_t *table = nd_new(size, sizeof *table, error);
  if (table == NULL) return NADIR_NO_MEMORY;
  nd_free(graph->table);
  graph->table = table;
  graph->table_size = size;
  for (size_t i = 0; i < graph->node_count; i++)
    insert(graph, hash_of_node(graph, &graph->nodes[i]), (nd_node)i);
  return NADIR_OK;
}

static bool same(const nd_graph *graph, const nd_node_data *data, nd_op op,
                 const nd_node *arguments, size_t count, const char *text, size_t length) {
  if (data->op != op || data->arity != count) return false;
  if (count > 0 && memcmp(graph->pool + data->first, arguments, count * sizeof *arguments) != 0)
    return false;
  return text == NULL || (strlen(data->text) == length && memcmp(data->text, text, length) == 0);
}

static bool find(const nd_graph *graph, uint64_t hash, nd_op op, const nd_node *arguments,
                 size_t count, const char *text, size_t length, nd_node *node) {
  if (graph->table_size == 0) return false;
  for (size_t slot = hash & (graph->table_size - 1); graph->table[slot] != 0;
       slot = (slot + 1) & (graph->table_size - 1)) {
    nd_node candidate = graph->table[slot] - 1;
    if (!same(graph, &graph->nodes[candidate], op, arguments, count, text, length)) continue;
    *node = candidate; /* may be one of the arguments' slots: written last */
    return true;
  }
  return false;
}

static nadir_status append(nd_graph *graph, uint64_t hash, nd_node_data data,
                           const nd_node *arguments, nd_node *node, nadir_error *error) {
  if (graph->node_count >= ND_LIMIT_DERIVED)
    return nd_fail(error, NADIR_BAD_FORMULA,
                   "formula: it grows beyond %d operations: write it shorter", ND_LIMIT_DERIVED);
  if (graph->table_size < 2 * (graph->node_count + 1)) ND_TRY(enlarge_table(graph, error));
  ND_TRY(nd_grow(&graph->nodes, &graph->node_capacity, graph->node_count + 1, sizeof *graph->nodes,
                 error));
  size_t wanted = graph->pool_count + data.arity;
  ND_TRY(nd_grow(&graph->pool, &graph->pool_capacity, wanted, sizeof *graph->pool, error));
  if (data.arity > 0)
    memcpy(graph->pool + graph->pool_count, arguments, data.arity * sizeof *arguments);
  data.first = graph->pool_count;
  graph->pool_count = wanted;
  *node = (nd_node)graph->node_count;
  graph->nodes[graph->node_count++] = data;
  insert(graph, hash, *node);
  return NADIR_OK;
}

/* ---- leaves ---- */

nadir_status nd_make_text(nd_graph *graph, nd_op op, const char *text, size_t length, nd_node *node,
                          nadir_error *error) {
  uint64_t hash = hash_of(op, NULL, 0, text, length);
  if (find(graph, hash, op, NULL, 0, text, length, node)) return NADIR_OK;
  char *copy = nd_arena_take(graph->arena, length + 1, error);
  if (copy == NULL) return NADIR_NO_MEMORY;
  memcpy(copy, text, length);
  nd_node_data data = {
      .op = op, .text = copy, .type = op == ND_TEXT_LITERAL ? ND_IS_TEXT : ND_IS_REAL};
  if (op == ND_NUMBER) nd_read_number(copy, copy + length, &data.number);
  if (op == ND_BOUND) data.bound = 1u << (copy[0] - '0');
  return append(graph, hash, data, NULL, node, error);
}

nadir_status nd_make_name(nd_graph *graph, const char *name, nd_node *node, nadir_error *error) {
  return nd_make_text(graph, ND_NAME, name, strlen(name), node, error);
}

nadir_status nd_make_fresh_name(nd_graph *graph, const char *stem, nd_node *node,
                                nadir_error *error) {
  for (size_t i = nd_graph_size(graph);; i++) {
    char name[64];
    size_t before = nd_graph_size(graph);
    snprintf(name, sizeof name, "%.32s %zu", stem, i);
    ND_TRY(nd_make_name(graph, name, node, error));
    if (*node >= before) return NADIR_OK; /* else it was there already */
  }
}

nadir_status nd_make_decimal(nd_graph *graph, bool negative, const char *text, size_t length,
                             nd_node *node, nadir_error *error) {
  char short_buffer[128], *buffer = short_buffer;
  if (length + 32 > sizeof short_buffer) buffer = nd_new(length + 32, 1, error);
  if (buffer == NULL) return NADIR_NO_MEMORY;
  double value = 0;
  nadir_status status;
  bool fits = nd_canonical_decimal(negative, text, length, buffer);
  if (fits) nd_read_number(buffer, buffer + strlen(buffer), &value);
  if (!fits || value - value != 0)
    status = nd_fail(
        error, NADIR_BAD_FORMULA,
        "formula: the number %.40s is beyond double precision: use one up to 1.797e308", text);
  else
    status = nd_make_text(graph, ND_NUMBER, buffer, strlen(buffer), node, error);
  if (buffer != short_buffer) nd_free(buffer);
  return status;
}

nadir_status nd_make_number(nd_graph *graph, double value, nd_node *node, nadir_error *error) {
  char text[ND_NUMBER_TEXT];
  if (value - value != 0)
    return nd_fail(error, NADIR_BAD_FORMULA, "formula: a number in it is not finite");
  nd_format(value, text);
  return nd_make_decimal(graph, false, text, strlen(text), node, error);
}

/* ---- operators ---- */

static bool wants_truth(nd_op op, size_t i) {
  const nd_op_info *about = nd_op_about(op);
  return about != NULL && about->edge == ND_EDGE_OF_TRUTH && (op != ND_IF || i == 0);
}

static nd_type type_of(const nd_graph *graph, nd_op op, const nd_node *arguments) {
  const nd_op_info *about = nd_op_about(op);
  if (about != NULL && about->sign == ND_SIGN_truth) return ND_IS_TRUTH;
  if (op == ND_IF && nd_node_type(graph, arguments[1]) == ND_IS_TRUTH &&
      nd_node_type(graph, arguments[2]) == ND_IS_TRUTH)
    return ND_IS_TRUTH;
  return ND_IS_REAL;
}

/* A real number where a truth value is wanted means "not zero". */
static nadir_status as_truth(nd_graph *graph, nd_node *node, nadir_error *error) {
  if (nd_node_type(graph, *node) == ND_IS_TRUTH) return NADIR_OK;
  nd_node zero;
  ND_TRY(nd_make_text(graph, ND_NUMBER, "0", 1, &zero, error));
  ND_TRY(nd_make2(graph, ND_EQUAL, *node, zero, node, error));
  return nd_make(graph, ND_NOT, node, 1, node, error);
}

static nadir_status check(const nd_graph *graph, nd_op op, const nd_node *arguments, size_t count,
                          nadir_error *error) {
  const nd_op_info *info = nd_op_about(op);
  if (info == NULL) return NADIR_OK;
  if (count < info->least || count > info->most)
    return nd_fail(error, NADIR_BAD_FORMULA, "%s: it does not take %zu arguments: write %s",
                   info->name, count, info->usage);
  for (size_t i = 0; i < count && op != ND_EQUAL; i++) {
    if (nd_node_type(graph, arguments[i]) == ND_IS_TEXT)
      return nd_fail(error, NADIR_BAD_FORMULA,
                     "%s: a quoted string is not a number: compare it by == or !=", info->name);
  }
  return NADIR_OK;
}

static void note_bound(const nd_graph *graph, nd_node_data *data, const nd_node *arguments) {
  const nd_node_data *over = data->op == ND_INTEGRAL ? &graph->nodes[arguments[1]] : NULL;
  for (size_t i = 0; i < data->arity; i++) {
    const nd_node_data *argument = &graph->nodes[arguments[i]];
    if (argument->height > data->height) data->height = argument->height;
    if (argument != over) data->bound |= argument->bound & ~(over && i == 0 ? over->bound : 0);
  }
  if (over && data->height < over->bound) data->height = over->bound;
}

nadir_status nd_make(nd_graph *graph, nd_op op, const nd_node *arguments, size_t count,
                     nd_node *node, nadir_error *error) {
  nd_node truths[3];
  ND_TRY(check(graph, op, arguments, count, error));
  ND_TRY(ask_the_clock(graph, count, error));
  if (wants_truth(op, 0)) {
    for (size_t i = 0; i < count; i++) {
      truths[i] = arguments[i];
      if (wants_truth(op, i)) ND_TRY(as_truth(graph, &truths[i], error));
    }
    arguments = truths;
  }
  uint64_t hash = hash_of(op, arguments, count, NULL, 0);
  if (find(graph, hash, op, arguments, count, NULL, 0, node)) return NADIR_OK;
  nd_node_data data = {.op = op, .arity = count, .type = type_of(graph, op, arguments)};
  note_bound(graph, &data, arguments);
  return append(graph, hash, data, arguments, node, error);
}

nadir_status nd_make2(nd_graph *graph, nd_op op, nd_node a, nd_node b, nd_node *node,
                      nadir_error *error) {
  return nd_make(graph, op, (nd_node[]){a, b}, 2, node, error);
}

bool nd_find2(const nd_graph *graph, nd_op op, nd_node a, nd_node b, nd_node *node) {
  nd_node arguments[2] = {a, b};
  return find(graph, hash_of(op, arguments, 2, NULL, 0), op, arguments, 2, NULL, 0, node);
}

/* ---- walks ---- */

nadir_status nd_reach(const nd_graph *graph, const nd_node *roots, size_t count, bool **reached,
                      nadir_error *error) {
  bool *mark = nd_new(graph->node_count, sizeof *mark, error);
  *reached = mark;
  if (mark == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    mark[roots[i]] = true;
  for (size_t n = graph->node_count; n-- > 0;) {
    const nd_node_data *data = &graph->nodes[n];
    for (size_t i = 0; mark[n] && i < data->arity; i++)
      mark[graph->pool[data->first + i]] = true;
  }
  return NADIR_OK;
}

nadir_status nd_names(const nd_graph *graph, const nd_node *roots, size_t roots_count,
                      nd_node **names, size_t *count, nadir_error *error) {
  bool *reached = NULL;
  size_t found = 0;
  *names = NULL;
  *count = 0;
  ND_TRY(nd_reach(graph, roots, roots_count, &reached, error));
  for (size_t n = 0; n < graph->node_count; n++)
    found += reached[n] && graph->nodes[n].op == ND_NAME;
  *names = nd_new(found, sizeof **names, error);
  for (size_t n = 0; *names != NULL && n < graph->node_count; n++)
    if (reached[n] && graph->nodes[n].op == ND_NAME) (*names)[(*count)++] = (nd_node)n;
  nd_free(reached);
  return *names == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

nadir_status nd_depends(const nd_graph *graph, const nd_node *leaves, size_t count, bool **needs,
                        nadir_error *error) {
  bool *mark = nd_new(graph->node_count, sizeof *mark, error);
  *needs = mark;
  if (mark == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    mark[leaves[i]] = true;
  for (size_t n = 0; n < graph->node_count; n++) {
    const nd_node_data *data = &graph->nodes[n];
    for (size_t i = 0; i < data->arity && !mark[n]; i++)
      mark[n] = mark[graph->pool[data->first + i]];
  }
  return NADIR_OK;
}

nadir_status nd_any_depends(const nd_graph *graph, const nd_node *roots, size_t roots_count, const nd_node *leaves,
                            size_t count, bool *depends, nadir_error *error) {
  bool *needs;
  *depends = false;
  ND_TRY(nd_depends(graph, leaves, count, &needs, error));
  for (size_t i = 0; i < roots_count; i++)
    *depends = *depends || needs[roots[i]];
  nd_free(needs);
  return NADIR_OK;
}

nadir_status nd_has_kinks(const nd_graph *graph, nd_node root, const nd_node *leaves, size_t count,
                          bool *kinks, nadir_error *error) {
  bool *needs, *reached = nd_new(graph->node_count, sizeof *reached, error);
  *kinks = false;
  if (reached == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_depends(graph, leaves, count, &needs, error);
  reached[root] = true;
  for (size_t n = (size_t)root + 1; status == NADIR_OK && n-- > 0;) {
    if (!reached[n] || !needs[n]) continue;
    const nd_node_data *data = &graph->nodes[n];
    const nd_op_info *about = nd_op_about(data->op);
    bool fixed = data->op == ND_IF && !needs[graph->pool[data->first]]; /* its condition is */
    if (about != NULL && about->smooth >= ND_KINK && !fixed) *kinks = true;
    for (size_t i = 0; i < data->arity; i++)
      reached[graph->pool[data->first + i]] = true;
  }
  nd_free(needs);
  nd_free(reached);
  return status;
}

/* Rebuilds node n on the replaced arguments; `scratch` has room for the widest node. */
static nadir_status rebuild(nd_graph *graph, nd_node n, nd_node *replaced, nd_node *scratch,
                            nadir_error *error) {
  size_t arity = graph->nodes[n].arity, first = graph->nodes[n].first;
  bool changed = false;
  for (size_t i = 0; i < arity; i++) {
    scratch[i] = replaced[graph->pool[first + i]];
    changed = changed || scratch[i] != graph->pool[first + i];
  }
  replaced[n] = n;
  if (!changed) return NADIR_OK;
  return nd_make(graph, graph->nodes[n].op, scratch, arity, &replaced[n], error);
}

static size_t widest(const nd_graph *graph, size_t size) {
  size_t most = 0;
  for (size_t n = 0; n < size; n++)
    if (graph->nodes[n].arity > most) most = graph->nodes[n].arity;
  return most;
}

static nadir_status substitute(nd_graph *graph, const bool *reached, const bool *fixed, size_t size,
                               nd_node *replaced, nadir_error *error) {
  nd_node *scratch = nd_new(widest(graph, size), sizeof *scratch, error);
  nadir_status status = scratch == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  for (size_t n = 0; n < size && status == NADIR_OK; n++)
    if (reached[n] && !fixed[n]) status = rebuild(graph, (nd_node)n, replaced, scratch, error);
  nd_free(scratch);
  return status;
}

nadir_status nd_substitute(nd_graph *graph, nd_node root, const nd_node *from, const nd_node *to,
                           size_t count, nd_node *result, nadir_error *error) {
  size_t size = graph->node_count;
  bool *reached = NULL, *fixed = nd_new(size, sizeof *fixed, error);
  nd_node *replaced = nd_new(size, sizeof *replaced, error);
  nadir_status status = fixed == NULL || replaced == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  if (status == NADIR_OK) status = nd_reach(graph, &root, 1, &reached, error);
  for (size_t i = 0; i < count && status == NADIR_OK; i++) {
    replaced[from[i]] = to[i];
    fixed[from[i]] = true;
  }
  if (status == NADIR_OK) status = substitute(graph, reached, fixed, size, replaced, error);
  if (status == NADIR_OK) *result = replaced[root];
  nd_free(reached);
  nd_free(fixed);
  nd_free(replaced);
  return status;
}

bool nd_node_source(const nd_graph *graph, nd_node node, const char **begin, size_t *length) {
  nd_place place = graph->nodes[node].place;
  if (place.text == 0) return false;
  *begin = graph->texts[place.text] + place.begin;
  *length = place.length;
  return true;
}
