/* Programs against the scalar evaluator on random graphs, for every number of rows up to beyond a
 * tile. */
#include "support.h"

enum { LEAVES = 5, SHARED = 2, OUTPUTS = 4, NODES = 120, ROWS = 600 };

/* Operators that keep values of order one, so that differences of ulp stay differences of ulp. */
static const nd_op tame[] = {ND_ADD,     ND_SUB,       ND_MUL,  ND_NEG,   ND_TANH, ND_SIN,
                             ND_SIGMOID, ND_SOFTPLUS,  ND_ATAN, ND_NORM2, ND_ABS,  ND_MIN,
                             ND_MAX,     ND_LOGSUMEXP, ND_IF,   ND_LESS,  ND_POS,  ND_ENTROPY,
                             ND_SQRT,    ND_EXP,       ND_POW};

typedef struct random_graph {
  nd_graph *graph;
  nd_node leaves[LEAVES], nodes[NODES], outputs[OUTPUTS];
  size_t count;
} random_graph;

static nd_node pick(const random_graph *g, nd_random *random) {
  return g->nodes[nd_random_below(random, g->count)];
}

static nd_node make(random_graph *g, nd_op op, const nd_node *in, size_t count) {
  nadir_error error;
  nd_node node;
  must(nd_make(g->graph, op, in, count, &node, &error), &error);
  return node;
}

static nd_node number(random_graph *g, double value) {
  nadir_error error;
  nd_node node;
  must(nd_make_number(g->graph, value, &node, &error), &error);
  return node;
}

/* Roots, exponentials and powers of what is in range only. */
static nd_node make_tame(random_graph *g, nd_op op, nd_random *random) {
  nd_node in[5];
  for (size_t i = 0; i < ND_COUNT(in); i++)
    in[i] = pick(g, random);
  static const double powers[] = {2, 3, 4, -1, -2, 0.5, 1.5};
  const size_t most = nd_op_about(op)->most;
  size_t count = most == ND_MANY ? 2 + nd_random_below(random, 4) : most;
  if (op == ND_ENTROPY || op == ND_SQRT || op == ND_POW || op == ND_EXP)
    in[0] = make(g, ND_SIGMOID, in, 1);
  if (op == ND_POW) in[1] = number(g, powers[nd_random_below(random, ND_COUNT(powers))]);
  if (op == ND_IF) in[0] = make(g, ND_LESS, (nd_node[]){in[3], in[4]}, 2);
  const nd_node node = make(g, op, in, count);
  return op == ND_MUL || op == ND_ADD || op == ND_POW ? make(g, ND_TANH, &node, 1) : node;
}

static random_graph random_graph_new(uint64_t seed) {
  nadir_error error;
  random_graph g = {0};
  nd_random random = nd_random_stream(seed, ND_FOR_TEST, 2, 0);
  must(nd_graph_new(&g.graph, &error), &error);
  for (size_t l = 0; l < LEAVES; l++) {
    const char name[2] = {(char)('a' + l), 0};
    must(nd_make_name(g.graph, name, &g.leaves[l], &error), &error);
    g.nodes[g.count++] = g.leaves[l];
  }
  g.nodes[g.count++] = number(&g, 0.7);
  while (g.count < NODES)
    g.nodes[g.count] = make_tame(&g, tame[nd_random_below(&random, ND_COUNT(tame))], &random),
    g.count++;
  for (size_t o = 0; o < OUTPUTS - 2; o++)
    g.outputs[o] = g.nodes[NODES - 1 - o];
  g.outputs[OUTPUTS - 2] = g.leaves[0]; /* a leaf of rows, and one of all */
  g.outputs[OUTPUTS - 1] = g.leaves[LEAVES - 1];
  return g;
}

/* Leaves but the last SHARED are rows; the arrays begin at no boundary. */
static void check(const random_graph *g, size_t count, size_t offset, uint64_t seed) {
  static double in[LEAVES][ROWS + 8], out[OUTPUTS][ROWS + 8];
  nadir_error error;
  nd_program *program;
  nd_workspace *workspace;
  nd_leaf leaves[LEAVES];
  double shared[LEAVES], *values = calloc(nd_graph_size(g->graph), sizeof *values);
  const double *rows[LEAVES];
  double *outs[OUTPUTS];
  nd_random random = nd_random_stream(seed, ND_FOR_TEST, 3, 0);
  for (size_t l = 0; l < LEAVES; l++) {
    leaves[l] = (nd_leaf){g->leaves[l], l < LEAVES - SHARED};
    rows[l] = in[l] + offset;
    for (size_t i = 0; i < count; i++)
      in[l][offset + i] = nd_random_normal(&random);
  }
  for (size_t i = 0; i < SHARED; i++)
    shared[i] = nd_random_normal(&random);
  for (size_t o = 0; o < OUTPUTS; o++)
    outs[o] = out[o] + offset, outs[o][count] = 4711;
  must(nd_program_new(&program, g->graph, g->outputs, OUTPUTS, leaves, LEAVES, &error), &error);
  must(nd_workspace_new(&workspace, program, &error), &error);
  nd_program_run(program, workspace, rows, shared + LEAVES - SHARED, count, outs);
  for (size_t i = 0; i < count; i++) {
    for (size_t l = 0; l < LEAVES; l++)
      values[g->leaves[l]] = leaves[l].per_row ? rows[l][i] : shared[l];
    must(nd_evaluate(g->graph, g->outputs, OUTPUTS, values, &error), &error);
    for (size_t o = 0; o < OUTPUTS; o++) {
      const double wanted = values[g->outputs[o]];
      close_to(outs[o][i], wanted, 1e-9 * (1 + fabs(wanted)), "output", o);
    }
  }
  for (size_t o = 0; o < OUTPUTS; o++)
    assert_true(outs[o][count] == 4711); /* nothing beyond */
  nd_workspace_free(workspace), nd_program_free(program), free(values);
}

static void random_graphs(void **state) {
  (void)state;
  EACH_LEVEL(level) for (uint64_t seed = 0; seed < 40; seed++) {
    random_graph g = random_graph_new(seed);
    check(&g, 64, 0, seed);
    check(&g, 13, 3, seed);
    nd_graph_free(g.graph);
  }
}

static void every_count(void **state) {
  (void)state;
  EACH_LEVEL(level) {
    random_graph g = random_graph_new(99);
    for (size_t count = 0; count <= ROWS; count += count < 40 || count > 500 ? 1 : 17)
      check(&g, count, count % 8, count);
    nd_graph_free(g.graph);
  }
}

/* All names shared: one value for every row asked for. */
static void constants(void **state) {
  (void)state;
  nadir_error error;
  nd_graph *graph;
  nd_node root, name;
  must(nd_graph_new(&graph, &error), &error);
  must(nd_parse(graph, "exp(a)*2 + pi", &root, &error), &error);
  must(nd_make_name(graph, "a", &name, &error), &error);
  const nd_leaf leaf = {name, false};
  nd_program *program;
  nd_workspace *workspace;
  must(nd_program_new(&program, graph, &root, 1, &leaf, 1, &error), &error);
  must(nd_workspace_new(&workspace, program, &error), &error);
  double value = 0.5, out[3], *outs[] = {out};
  nd_program_run(program, workspace, NULL, &value, 3, outs);
  for (size_t i = 0; i < 3; i++)
    close_to(out[i], 2 * exp(0.5) + acos(-1.0), 1e-14, "row", i);
  nd_workspace_free(workspace), nd_program_free(program);
  assert_int_equal(nd_program_new(&program, graph, &root, 1, NULL, 0, &error), NADIR_BAD_FORMULA);
  assert_null(program);
  nd_graph_free(graph);
}

enum { IN_TILE = ND_TILE_BYTES / sizeof(double) };

static nd_code_work run_code(const nd_code *code, double (*rows)[IN_TILE], const double *shared,
                             const double *weights, size_t count) {
  nadir_error error;
  nd_code_work work;
  must(nd_code_work_new(&work, code, &error), &error);
  for (size_t l = 0; l < LEAVES - SHARED; l++)
    work.operands[l].at = rows[l];
  if (code->sums > 0) work.operands[code->weights] = (nd_operand){weights, code->kernels->lanes};
  nd_code_share(code, &work, shared);
  nd_code_run(code, &work, count);
  return work;
}

/* What is summed on the way has the bits of the sum over what comes out row by row: outputs of steps, leaves, and
 * outputs that are there more than once. */
static void sums_on_the_way(void **state) {
  (void)state;
  static const size_t counts[] = {1, 7, 8, 60, 61, 64, 65, 100, IN_TILE};
  static double rows[LEAVES][IN_TILE], weights[IN_TILE], products[IN_TILE];
  EACH_LEVEL(level) for (uint64_t seed = 0; seed < 12; seed++) {
    random_graph g = random_graph_new(seed);
    const nd_kernels *kernels = nd_kernels_now(false);
    nd_node outputs[3 * OUTPUTS];
    bool summed[3 * OUTPUTS];
    nd_leaf leaves[LEAVES];
    nd_code *plain, *summing;
    nadir_error error;
    nd_random random = nd_random_stream(seed, ND_FOR_TEST, 4, 0);
    for (size_t o = 0; o < ND_COUNT(outputs); o++)
      outputs[o] = g.outputs[o % OUTPUTS], summed[o] = o % 5 != 4;
    for (size_t l = 0; l < LEAVES; l++)
      leaves[l] = (nd_leaf){g.leaves[l], l < LEAVES - SHARED};
    for (size_t i = 0; i < IN_TILE; i++) {
      weights[i] = nd_random_uniform(&random);
      for (size_t l = 0; l < LEAVES; l++)
        rows[l][i] = nd_random_normal(&random);
    }
    must(nd_code_new(&plain, kernels, g.graph, outputs, NULL, ND_COUNT(outputs), leaves, LEAVES,
                     &error),
         &error);
    must(nd_code_new(&summing, kernels, g.graph, outputs, summed, ND_COUNT(outputs), leaves, LEAVES,
                     &error),
         &error);
    for (size_t c = 0; c < ND_COUNT(counts); c++) {
      const double shared[SHARED] = {0.3, -0.8};
      nd_code_work all = run_code(plain, rows, shared, weights, counts[c]),
                   work = run_code(summing, rows, shared, weights, counts[c]);
      for (size_t o = 0; o < ND_COUNT(outputs); o++) {
        const nd_operand weight = {weights, kernels->lanes};
        const double wanted = kernels->weigh(products, nd_code_output(plain, &all, o), &weight,
                                             counts[c]),
                     got = summed[o] ? nd_code_sum(summing, &work, o)
                                     : kernels->weigh(products, nd_code_output(summing, &work, o),
                                                      &weight, counts[c]);
        assert_true(isfinite(wanted));
        assert_memory_equal(&wanted, &got, sizeof got);
      }
      nd_code_work_clear(&all), nd_code_work_clear(&work);
    }
    nd_code_free(plain), nd_code_free(summing), nd_graph_free(g.graph);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_graphs), cmocka_unit_test(every_count),
                                     cmocka_unit_test(constants),
                                     cmocka_unit_test(sums_on_the_way)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
