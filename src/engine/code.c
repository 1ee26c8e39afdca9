/* code: from a graph to steps (see code_internal.h).
 *
 * Node numbers are a topological order, so one sweep downwards finds what is needed and one upwards
 * emits it. A slot of a tile is given back after the last step that reads it, so the workspace is
 * as small as the liveness of the values allows and stays in the first-level cache. n-ary operators
 * are chains of their two-argument kernel. What runs are the instructions that instructions.c makes of the steps. Costs
 * time linear in the size of the graph. */
#include <string.h>

#include "code_internal.h"

typedef enum kind { UNUSED, ROW_LEAF, SHARED_LEAF, CONSTANT, UNIFORM, ROW } kind;

typedef struct compiler {
  const nd_kernels *kernels;
  const nd_graph *graph;
  size_t size; /* of the graph */
  nd_code *code;
  unsigned char *kind;         /* by node */
  uint32_t *place;             /* by node: operand of a row value, number of a uniform */
  uint32_t *spread;            /* by node: operand of a spread uniform, or 0 */
  uint32_t *last;              /* by node: the last node that reads it; UINT32_MAX: an output */
  nd_node *softplus, *sigmoid; /* by node: the one of it, or 0 */
  uint32_t *free_slots;        /* operands not in use */
  size_t free_count;
} compiler;

/* ---- what is needed, and how often it changes ---- */

static void mark_leaves(compiler *c, const nd_leaf *leaves, size_t count) {
  uint32_t rows = 0, shared = 0;
  for (size_t i = 0; i < count; i++) {
    const nd_node leaf = leaves[i].name;
    c->kind[leaf] = leaves[i].per_row ? ROW_LEAF : SHARED_LEAF;
    c->place[leaf] = leaves[i].per_row ? rows++ : shared++;
  }
  c->code->row_leaves = rows;
  c->code->shared_count = shared;
}

static bool is_leaf(const compiler *c, nd_node node) {
  return c->kind[node] == ROW_LEAF || c->kind[node] == SHARED_LEAF;
}

/* needed[]: downwards from the outputs, stopping at leaves; last[] on the way. */
static void mark_needed(compiler *c, bool *needed, const nd_node *outputs, size_t count) {
  for (size_t i = 0; i < count; i++) {
    needed[outputs[i]] = true;
    c->last[outputs[i]] = UINT32_MAX;
  }
  for (size_t n = c->size; n-- > 0;) {
    if (!needed[n] || is_leaf(c, (nd_node)n)) continue;
    for (size_t i = 0; i < nd_node_arity(c->graph, (nd_node)n); i++) {
      const nd_node argument = nd_node_argument(c->graph, (nd_node)n, i);
      needed[argument] = true;
      if (c->last[argument] < n) c->last[argument] = (uint32_t)n;
    }
  }
}

static nadir_status classify(compiler *c, nd_node node, nadir_error *error) {
  const nd_op op = nd_node_op(c->graph, node);
  if (op == ND_NAME)
    return nd_fail_at_node(c->graph, node, error, NADIR_BAD_FORMULA,
                           "%s: this name has no value here: give it one, or leave it out",
                           nd_node_text(c->graph, node));
  if (op != ND_NUMBER && !nd_op_about(op))
    return nd_fail_at_node(c->graph, node, error, NADIR_BAD_FORMULA,
                           "this is not one number per row: only numbers can be computed here");
  unsigned char result = CONSTANT;
  const size_t arity = nd_node_arity(c->graph, node);
  for (size_t i = 0; i < arity; i++) {
    const unsigned char k = c->kind[nd_node_argument(c->graph, node, i)];
    if (k == ROW || k == ROW_LEAF) result = ROW;
    if ((k == UNIFORM || k == SHARED_LEAF) && result != ROW) result = UNIFORM;
  }
  c->kind[node] = result;
  if (arity > c->code->widest) c->code->widest = arity;
  return NADIR_OK;
}

/* ---- uniform values ---- */

static void add_uniform(compiler *c, nd_node node) {
  nd_code *code = c->code;
  nd_uniform *uniform = &code->uniforms[code->uniform_count];
  uniform->op = nd_node_op(c->graph, node);
  uniform->first = (uint32_t)code->argument_count;
  uniform->count = (uint32_t)nd_node_arity(c->graph, node);
  if (uniform->op == ND_NUMBER) uniform->number = nd_node_number(c->graph, node);
  for (size_t i = 0; i < uniform->count; i++)
    code->arguments[code->argument_count++] = c->place[nd_node_argument(c->graph, node, i)];
  c->place[node] = (uint32_t)code->uniform_count++;
}

static void add_uniforms(compiler *c, unsigned char which) {
  for (size_t n = 0; n < c->size; n++)
    if (c->kind[n] == which) add_uniform(c, (nd_node)n);
}

/* ---- steps ---- */

static uint32_t take_slot(compiler *c) {
  if (c->free_count > 0) return c->free_slots[--c->free_count];
  return (uint32_t)(c->code->row_leaves + c->code->slots++);
}

static bool is_spread_kind(unsigned char k) {
  return k == SHARED_LEAF || k == CONSTANT || k == UNIFORM;
}

/* Spread operands are numbered from 0 here and moved behind the slots in the end (move_spreads). */
#define SPREAD_BIT 0x80000000u

static uint32_t operand_of(compiler *c, nd_node node) {
  if (!is_spread_kind(c->kind[node])) return c->place[node];
  if (!c->spread[node]) {
    c->code->spreads[c->code->spread_count] = (nd_spread){c->place[node], 0};
    c->spread[node] = SPREAD_BIT | (uint32_t)c->code->spread_count++;
  }
  return c->spread[node];
}

static void give_back(compiler *c, nd_node node, nd_node reader) {
  if (c->kind[node] == ROW && c->last[node] == reader) {
    c->free_slots[c->free_count++] = c->place[node];
    c->last[node] = UINT32_MAX; /* once, though it may be an argument twice */
  }
}

static void give_back_arguments(compiler *c, nd_node node) {
  for (size_t i = 0; i < nd_node_arity(c->graph, node); i++)
    give_back(c, nd_node_argument(c->graph, node, i), node);
}

/* Powers by these numbers have kernels of their own. */
static const nd_kernel *power_kernel(const compiler *c, nd_node node) {
  const nd_node by = nd_node_argument(c->graph, node, 1);
  if (nd_node_op(c->graph, by) != ND_NUMBER) return NULL;
  const double power = nd_node_number(c->graph, by);
  if (power == 2) return &c->kernels->square;
  if (power == 3) return &c->kernels->cube;
  if (power == 4) return &c->kernels->fourth;
  if (power == -1) return &c->kernels->inverse;
  return power == -2 ? &c->kernels->inverse_square : NULL;
}

static void emit(compiler *c, nd_step step) {
  c->code->steps[c->code->step_count++] = step;
}

static nd_step step_of(const compiler *c, nd_op op, uint32_t out, uint32_t a, uint32_t b,
                       uint32_t third, uint32_t arity) {
  const bool square = op == ND_MUL && a == b;
  return (nd_step){.kernel = square ? &c->kernels->square : &c->kernels->ops[op],
                   .reversed = arity == 2 ? &c->kernels->reversed[op] : NULL,
                   .op = op,
                   .arity = square ? 1 : arity,
                   .out = out,
                   .a = a,
                   .b = b,
                   .c = third};
}

/* The arguments of an n-ary node that are one for all rows, taken together: one uniform value. */
static uint32_t gather_uniforms(compiler *c, nd_node node, size_t count) {
  nd_code *code = c->code;
  nd_uniform *together = &code->uniforms[code->uniform_count];
  *together =
      (nd_uniform){nd_node_op(c->graph, node), 0, (uint32_t)code->argument_count, (uint32_t)count};
  for (size_t i = 0; i < nd_node_arity(c->graph, node); i++) {
    const nd_node argument = nd_node_argument(c->graph, node, i);
    if (is_spread_kind(c->kind[argument]))
      code->arguments[code->argument_count++] = c->place[argument];
  }
  code->spreads[code->spread_count] = (nd_spread){(uint32_t)code->uniform_count++, 0};
  return SPREAD_BIT | (uint32_t)code->spread_count++;
}

static size_t count_uniforms(const compiler *c, nd_node node) {
  size_t count = 0;
  for (size_t i = 0; i < nd_node_arity(c->graph, node); i++)
    count += is_spread_kind(c->kind[nd_node_argument(c->graph, node, i)]);
  return count;
}

/* Arguments in turn, those of rows first; n-ary operators may take theirs in any order. */
static void emit_chain(compiler *c, nd_node node) {
  const uint32_t out = take_slot(c); /* not that of an argument still to be read */
  const size_t uniforms = count_uniforms(c, node);
  const nd_op op = nd_node_op(c->graph, node);
  bool begun = false;
  uint32_t so_far = 0;
  for (size_t i = 0; i < nd_node_arity(c->graph, node); i++) {
    const nd_node argument = nd_node_argument(c->graph, node, i);
    if (uniforms > 1 && is_spread_kind(c->kind[argument])) continue;
    const uint32_t next = operand_of(c, argument);
    if (begun) emit(c, step_of(c, op, out, so_far, next, so_far, 2));
    so_far = begun ? out : next;
    begun = true;
  }
  if (uniforms > 1) {
    const uint32_t rest = gather_uniforms(c, node, uniforms);
    emit(c, step_of(c, op, out, so_far, rest, so_far, 2));
  }
  c->place[node] = out;
  give_back_arguments(c, node);
}

/* softplus(u) and sigmoid(u), a loss and its derivative, are one step where both are needed. */
static void find_pairs(compiler *c) {
  for (size_t n = 0; n < c->size; n++) {
    if (c->kind[n] != ROW) continue;
    const nd_op op = nd_node_op(c->graph, (nd_node)n);
    if (op == ND_SOFTPLUS) c->softplus[nd_node_argument(c->graph, (nd_node)n, 0)] = (nd_node)n;
    if (op == ND_SIGMOID) c->sigmoid[nd_node_argument(c->graph, (nd_node)n, 0)] = (nd_node)n;
  }
}

/* false: the node is not one of a pair. The first of the two emits both. */
static bool emit_pair(compiler *c, nd_node node) {
  const nd_op op = nd_node_op(c->graph, node);
  if (op != ND_SOFTPLUS && op != ND_SIGMOID) return false;
  const nd_node u = nd_node_argument(c->graph, node, 0), softplus = c->softplus[u],
                sigmoid = c->sigmoid[u];
  if (softplus == 0 || sigmoid == 0 || (node != softplus && node != sigmoid)) return false;
  if (node < softplus || node < sigmoid) {
    const uint32_t in = operand_of(c, u);
    c->place[softplus] = take_slot(c);
    c->place[sigmoid] = take_slot(c);
    emit(c, (nd_step){.kernel = &c->kernels->softplus_sigmoid,
                      .op = ND_OPS,
                      .arity = 1,
                      .out = c->place[softplus],
                      .a = in,
                      .b = c->place[sigmoid],
                      .c = in,
                      .pair = true});
  }
  give_back_arguments(c, node);
  return true;
}

static void emit_node(compiler *c, nd_node node) {
  if (emit_pair(c, node)) return;
  const nd_op op = nd_node_op(c->graph, node);
  const size_t arity = nd_node_arity(c->graph, node);
  const nd_kernel *power = op == ND_POW ? power_kernel(c, node) : NULL;
  if (arity > 2 && nd_op_about(op)->most == ND_MANY) {
    emit_chain(c, node);
    return;
  }
  const uint32_t first = operand_of(c, nd_node_argument(c->graph, node, 0));
  uint32_t in[3] = {first, first, first};
  for (size_t i = 1; i < arity && !power; i++)
    in[i] = operand_of(c, nd_node_argument(c->graph, node, i));
  give_back_arguments(c, node);
  c->place[node] = take_slot(c);
  if (!power) {
    emit(c, step_of(c, op, c->place[node], in[0], in[1], in[2], (uint32_t)arity));
    return;
  }
  nd_step step = step_of(c, ND_MUL, c->place[node], first, first, first, 1);
  if (power != &c->kernels->square) step.kernel = power, step.op = ND_OPS;
  emit(c, step);
}

/* How many steps and arguments there can be. */
static bool count_work(const compiler *c, size_t *steps, size_t *arguments) {
  *steps = *arguments = 0;
  for (size_t n = 0; n < c->size; n++)
    if (c->kind[n] >= CONSTANT) {
      const size_t arity = nd_node_arity(c->graph, (nd_node)n);
      if (!nd_add(*steps, arity + 1, steps) || !nd_add(*arguments, arity, arguments)) return false;
    }
  return true;
}

static nadir_status make_room(compiler *c, size_t output_count, nadir_error *error) {
  nd_code *code = c->code;
  size_t steps, arguments;
  if (!count_work(c, &steps, &arguments) || c->size + output_count >= SPREAD_BIT)
    return nd_fail(error, NADIR_NO_MEMORY, "formula: too large to compile: make it shorter");
  code->steps = nd_new(steps, sizeof *code->steps, error);
  code->arguments = nd_new(arguments, sizeof *code->arguments, error);
  code->uniforms = nd_new(c->size, sizeof *code->uniforms, error);
  code->spreads = nd_new(c->size, sizeof *code->spreads, error);
  code->outputs = nd_new(output_count, sizeof *code->outputs, error);
  code->reads = nd_new(code->row_leaves, sizeof *code->reads, error);
  code->summed = nd_new(output_count, sizeof *code->summed, error);
  c->free_slots = nd_new(c->size, sizeof *c->free_slots, error);
  return code->steps && code->arguments && code->uniforms && code->spreads && code->outputs &&
                 code->reads && code->summed && c->free_slots
             ? NADIR_OK
             : NADIR_NO_MEMORY;
}

static void move(const compiler *c, uint32_t *operand) {
  if (*operand & SPREAD_BIT)
    *operand = (*operand & ~SPREAD_BIT) + (uint32_t)(c->code->row_leaves + c->code->slots);
}

/* The lines of spread values come after the slots, whose number is known only now. */
static void move_spreads(compiler *c) {
  nd_code *code = c->code;
  for (size_t i = 0; i < code->step_count; i++) {
    move(c, &code->steps[i].out), move(c, &code->steps[i].a);
    move(c, &code->steps[i].b), move(c, &code->steps[i].c);
  }
  for (size_t i = 0; i < code->output_count; i++)
    move(c, &code->outputs[i]);
  for (size_t i = 0; i < code->spread_count; i++) {
    code->spreads[i].operand = (uint32_t)(code->row_leaves + code->slots + i);
  }
  code->operands = code->row_leaves + code->slots + code->spread_count;
}

static void place_sums(nd_code *code, const bool *summed) {
  if (!summed) return;
  for (size_t o = 0; o < code->output_count; o++)
    code->summed[o] = summed[o];
  code->sums = code->output_count;
  code->weights = (uint32_t)code->operands;
  code->operands += 1 + code->sums;
}

static void note_reads(nd_code *code) {
  for (size_t i = 0; i < code->step_count; i++) {
    const nd_step *step = &code->steps[i];
    const uint32_t in[] = {step->a, step->b, step->c};
    for (size_t k = 0; k < ND_COUNT(in); k++)
      if (in[k] < code->row_leaves) code->reads[in[k]] = true;
  }
  for (size_t i = 0; i < code->output_count; i++)
    if (code->outputs[i] < code->row_leaves) code->reads[code->outputs[i]] = true;
}

static nadir_status compile(compiler *c, const nd_node *outputs, const bool *summed,
                            size_t output_count, const nd_leaf *leaves, size_t leaf_count,
                            bool *needed, nadir_error *error) {
  nd_code *code = c->code;
  mark_leaves(c, leaves, leaf_count);
  mark_needed(c, needed, outputs, output_count);
  for (size_t n = 0; n < c->size; n++)
    if (needed[n] && !is_leaf(c, (nd_node)n)) ND_TRY(classify(c, (nd_node)n, error));
  ND_TRY(make_room(c, output_count, error));
  code->uniform_count = code->shared_count;
  for (size_t i = 0; i < code->shared_count; i++)
    code->uniforms[i].op = ND_NAME;
  add_uniforms(c, CONSTANT);
  code->constant_end = code->uniform_count;
  add_uniforms(c, UNIFORM);
  find_pairs(c);
  for (size_t n = 0; n < c->size; n++)
    if (c->kind[n] == ROW) emit_node(c, (nd_node)n);
  code->output_count = output_count;
  for (size_t i = 0; i < output_count; i++)
    code->outputs[i] = operand_of(c, outputs[i]);
  move_spreads(c);
  place_sums(code, summed);
  note_reads(code);
  return nd_code_write(code, error);
}

static nadir_status code_of(nd_code **result, const nd_kernels *kernels, const nd_graph *graph,
                            const nd_node *outputs, const bool *summed, size_t output_count,
                            const nd_leaf *leaves, size_t leaf_count, nadir_error *error) {
  *result = NULL;
  compiler c = {.kernels = kernels, .graph = graph, .size = nd_graph_size(graph)};
  c.code = nd_new(1, sizeof *c.code, error);
  c.kind = nd_new(c.size, sizeof *c.kind, error);
  c.place = nd_new(c.size, sizeof *c.place, error);
  c.spread = nd_new(c.size, sizeof *c.spread, error);
  c.last = nd_new(c.size, sizeof *c.last, error);
  c.softplus = nd_new(c.size, sizeof *c.softplus, error);
  c.sigmoid = nd_new(c.size, sizeof *c.sigmoid, error);
  bool *needed = nd_new(c.size, sizeof *needed, error);
  nadir_status status = NADIR_NO_MEMORY;
  if (c.code && c.kind && c.place && c.spread && c.last && c.softplus && c.sigmoid && needed) {
    c.code->kernels = kernels;
    status = compile(&c, outputs, summed, output_count, leaves, leaf_count, needed, error);
  }
  nd_free(c.kind), nd_free(c.place), nd_free(c.spread), nd_free(c.last);
  nd_free(c.softplus), nd_free(c.sigmoid), nd_free(c.free_slots), nd_free(needed);
  if (status == NADIR_OK)
    *result = c.code;
  else
    nd_code_free(c.code);
  return status;
}

/* The code of a graph that has no integrals any more. */
static nadir_status code_of_lowered(nd_code **result, const nd_kernels *kernels,
                                    const nd_graph *graph, nd_node *outputs, const bool *summed,
                                    size_t output_count, nd_leaf *leaves, nd_node *names,
                                    size_t leaf_count, nadir_error *error) {
  nd_graph *lowered;
  for (size_t i = 0; i < leaf_count; i++)
    names[i] = leaves[i].name;
  ND_TRY(nd_lower(graph, outputs, output_count, names, leaf_count, kernels->size == sizeof(float),
                  &lowered, error));
  for (size_t i = 0; i < leaf_count; i++)
    leaves[i].name = names[i];
  const nadir_status status =
      code_of(result, kernels, lowered, outputs, summed, output_count, leaves, leaf_count, error);
  nd_graph_free(lowered);
  return status;
}

nadir_status nd_code_new(nd_code **result, const nd_kernels *kernels, const nd_graph *graph,
                         const nd_node *outputs, const bool *summed, size_t output_count,
                         const nd_leaf *leaves, size_t leaf_count, nadir_error *error) {
  if (!nd_has_integrals(graph, outputs, output_count))
    return code_of(result, kernels, graph, outputs, summed, output_count, leaves, leaf_count,
                   error);
  *result = NULL;
  nd_node *roots = nd_new(output_count, sizeof *roots, error);
  nd_node *names = nd_new(leaf_count, sizeof *names, error);
  nd_leaf *list = nd_new(leaf_count, sizeof *list, error);
  nadir_status status = roots && names && list ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK) {
    memcpy(roots, outputs, output_count * sizeof *roots);
    if (leaf_count > 0) memcpy(list, leaves, leaf_count * sizeof *list);
    status = code_of_lowered(result, kernels, graph, roots, summed, output_count, list, names,
                             leaf_count, error);
  }
  nd_free(roots), nd_free(names), nd_free(list);
  return status;
}

void nd_code_free(nd_code *code) {
  if (!code) return;
  nd_free(code->pass);
  nd_free(code->steps), nd_free(code->instructions), nd_free(code->arguments);
  nd_free(code->uniforms), nd_free(code->spreads), nd_free(code->outputs);
  nd_free(code->summed), nd_free(code->reads), nd_free(code);
}

/* ---- running ---- */

static void evaluate(const nd_code *code, nd_code_work *work, size_t from, size_t to) {
  for (size_t i = from; i < to; i++) {
    const nd_uniform *uniform = &code->uniforms[i];
    if (uniform->op == ND_NUMBER) {
      work->values[i] = uniform->number;
      continue;
    }
    for (size_t k = 0; k < uniform->count; k++)
      work->arguments[k] = work->values[code->arguments[uniform->first + k]];
    work->values[i] = nd_op_value(uniform->op, work->arguments, uniform->count);
  }
}

static void spread(const nd_code *code, nd_code_work *work, bool constants) {
  for (size_t i = 0; i < code->spread_count; i++) {
    const size_t from = code->spreads[i].uniform;
    if ((from >= code->shared_count && from < code->constant_end) == constants)
      code->kernels->fill((void *)work->operands[code->spreads[i].operand].at, work->values[from]);
  }
}

nadir_status nd_code_work_new(nd_code_work *work, const nd_code *code, nadir_error *error) {
  *work = (nd_code_work){0};
  size_t bytes, lines;
  if (!nd_multiply(code->slots, ND_TILE_BYTES, &bytes) ||
      !nd_multiply(code->spread_count + code->sums, ND_LINE_BYTES, &lines) ||
      !nd_add(bytes, lines, &bytes))
    return nd_fail(error, NADIR_NO_MEMORY, "formula: too large to compile: make it shorter");
  work->operands = nd_new(code->operands, sizeof *work->operands, error);
  work->values = nd_new(code->uniform_count, sizeof *work->values, error);
  work->arguments = nd_new(code->widest, sizeof *work->arguments, error);
  work->memory = nd_new(bytes, 1, error);
  if (!work->operands || !work->values || !work->arguments || !work->memory) {
    nd_code_work_clear(work);
    return NADIR_NO_MEMORY;
  }
  nd_operand *operand = work->operands;
  unsigned char *at = work->memory;
  for (size_t i = 0; i < code->row_leaves; i++)
    *operand++ = (nd_operand){NULL, code->kernels->lanes};
  for (size_t i = 0; i < code->slots; i++, at += ND_TILE_BYTES)
    *operand++ = (nd_operand){at, code->kernels->lanes};
  for (size_t i = 0; i < code->spread_count; i++, at += ND_LINE_BYTES)
    *operand++ = (nd_operand){at, 0};
  work->sums = at;
  if (code->sums > 0) operand++; /* the weights */
  for (size_t i = 0; i < code->sums; i++, at += ND_LINE_BYTES)
    *operand++ = (nd_operand){at, 0};
  evaluate(code, work, code->shared_count, code->constant_end);
  spread(code, work, true);
  return NADIR_OK;
}

void nd_code_work_clear(nd_code_work *work) {
  nd_free(work->operands), nd_free(work->values), nd_free(work->arguments), nd_free(work->memory);
  *work = (nd_code_work){0};
}

static void evaluate_shared(const nd_code *code, nd_code_work *work, const double *shared) {
  if (code->shared_count > 0) memcpy(work->values, shared, code->shared_count * sizeof *shared);
  evaluate(code, work, code->constant_end, code->uniform_count);
}

void nd_code_share(const nd_code *code, nd_code_work *work, const double *shared) {
  if (code->uniform_count == code->constant_end && code->shared_count == 0) return;
  evaluate_shared(code, work, shared);
  spread(code, work, false);
}

void nd_code_share_number(const nd_code *code, nd_code_work *work, const double *shared,
                          void *numbers) {
  evaluate_shared(code, work, shared);
  for (size_t i = 0; i < code->spread_count; i++) {
    const nd_spread *to = &code->spreads[i];
    nd_set_number(numbers, to->operand, work->values[to->uniform], code->kernels->size);
  }
}

bool nd_code_is_scalar(const nd_code *code) {
#define ND_IS_light true
#define ND_IS_heavy false
  static const bool light[ND_OPS + 1] = {
#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  [ND_##id] = ND_IS_##cost,
#include "expr/ops.def"
  };
  for (size_t k = 0; k < code->step_count; k++) {
    const nd_op op = code->steps[k].op;
    if (!light[op] && op != ND_EXP && op != ND_SIGMOID && op != ND_LOGSUMEXP) return false;
  }
  return true;
}

void nd_code_run(const nd_code *code, nd_code_work *work, size_t rows) {
  memset(work->sums, 0, code->sums * ND_LINE_BYTES);
  code->kernels->run(code->instructions, code->instructions + code->instruction_count,
                     work->operands, rows);
}

void nd_code_pass(const nd_code *code, nd_code_work *work, size_t rows) {
  memset(work->sums, 0, code->sums * ND_LINE_BYTES);
  code->kernels->run(code->pass, code->pass + code->pass_count, work->operands, rows);
}
