/* kernels: the loops over rows against the memory that they read.
 *
 *   bench_kernels [millions of values [features [full]]]
 *
 * features: 10, 100 or 1000; 0: the line profile; all without. full: passes over all rows alone, no epochs. Synthetic rows are made by Philox.
 * For each case it prints the best of five runs, rows a second, the bytes of the rows, and how much
 * of the machine's reading speed that is (measured here, by one core summing an array); of a Hessian,
 * which is limited by arithmetic, how much of the rate at which one core multiplies and adds in the
 * widest vectors of the level. The formula of a line profile is compared with a plain C loop with
 * libm's exp. One core; run it alone. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

enum { RUNS = 5 };

static void must(nadir_status status, const nadir_error *error) {
  if (status == NADIR_OK) return;
  fprintf(stderr, "bench_kernels: %s\n", error->message);
  exit(3);
}

static void *must_have(void *memory) {
  if (memory) return memory;
  fprintf(stderr, "bench_kernels: out of memory\n");
  exit(3);
}

static double read_speed; /* bytes a second */
static double arithmetic; /* floats multiplied and added a second, twice: two operations each */

static void measure_reading(void) {
  const size_t count = (size_t)64 << 20;
  uint64_t *array = must_have(nd_new(count, sizeof *array, NULL)), sum = 0;
  for (size_t i = 0; i < count; i++)
    array[i] = i;
  double best = 1e9;
  for (int run = 0; run < RUNS; run++) {
    const double start = nd_clock();
    for (size_t i = 0; i < count; i++)
      sum += array[i];
    best = fmin(best, nd_clock() - start);
  }
  read_speed = (double)count * sizeof *array / best;
  printf("level %s; reads %.1f GB/s (%llu)", nd_engine_level(), read_speed / 1e9,
         (unsigned long long)sum % 10);
  nd_free(array);
}

/* As many independent chains as keep two units of four steps each at work. */
static void measure_arithmetic(void) {
#ifdef __AVX512F__
  typedef float lanes __attribute__((vector_size(64)));
#else
  typedef float lanes __attribute__((vector_size(32)));
#endif
  enum { CHAINS = 8, TURNS = 1 << 25 };
  const float by = 0.999f, more = 0.001f;
  lanes sum[CHAINS] = {{0}}, total = {0};
  double best = 1e9;
  for (int run = 0; run < RUNS; run++) {
    const double start = nd_clock();
    for (size_t turn = 0; turn < TURNS; turn++)
      for (size_t chain = 0; chain < CHAINS; chain++)
        sum[chain] = sum[chain] * by + more;
    best = fmin(best, nd_clock() - start);
  }
  for (size_t chain = 0; chain < CHAINS; chain++)
    total += sum[chain];
  arithmetic = 2.0 * TURNS * CHAINS * (sizeof total / sizeof by) / best;
  printf("; computes %.0f Gflop/s of floats (%.0f)\n\n", arithmetic / 1e9, (double)total[0]);
  printf("%-44s %9s %9s %8s %7s\n", "", "seconds", "Mrows/s", "MB", "limit");
}

static void report_share(const char *what, double seconds, double rows, double bytes, double share) {
  printf("%-44s %9.4f %9.1f %8.0f %6.0f%%\n", what, seconds, rows / seconds / 1e6, bytes / 1e6,
         100 * share);
  fflush(stdout);
}

static void report(const char *what, double seconds, double rows, double bytes) {
  report_share(what, seconds, rows, bytes, bytes / read_speed / seconds);
}

/* ---- a model with one head ---- */

typedef struct bench {
  nd_graph *graph;
  nd_rows *rows;
  nd_rows_workspace *work;
  nd_block_store *store;
  nd_block **blocks;
  size_t features, free, size, count, block_count;
  double *w, *gradient, *step;
} bench;

static nd_node name_of(nd_graph *graph, const char *name) {
  nadir_error error;
  nd_node node;
  must(nd_make_name(graph, name, &node, &error), &error);
  return node;
}

/* Columns x and y; features as many as asked, under the head f; other names are free parameters. */
static void compile(bench *b, const char *loss, const char *const *free_names, bool single) {
  nadir_error error;
  must(nd_graph_new(&b->graph, &error), &error);
  nd_node root, free_nodes[8];
  size_t free_index[8];
  must(nd_parse(b->graph, loss, &root, &error), &error);
  const bool has_head = b->features > 0;
  const nd_head head = {name_of(b->graph, "f"), 0, b->features, 1, 0};
  b->size = has_head ? b->features + 1 : 0;
  for (; free_names && free_names[b->free]; b->free++) {
    free_nodes[b->free] = name_of(b->graph, free_names[b->free]);
    free_index[b->free] = b->size++;
  }
  const nd_node columns[] = {name_of(b->graph, "x"), name_of(b->graph, "y")};
  const nd_rows_spec spec = {.graph = b->graph,
                             .loss = root,
                             .size = b->size,
                             .heads = &head,
                             .head_count = has_head,
                             .free = free_nodes,
                             .free_index = free_index,
                             .free_count = b->free,
                             .columns = columns,
                             .column_count = ND_COUNT(columns),
                             .features = b->features,
                             .single = single,
                             .hessian = true,
                             .by_batches = true};
  must(nd_rows_new(&b->rows, &spec, &error), &error);
  must(nd_rows_workspace_new(&b->work, b->rows, &error), &error);
}

static double uniform(nd_random *random) { /* -1 .. 1 */
  return (double)nd_random_u32(random) / 2147483648.0 - 1;
}

static void fill(bench *b, size_t count) {
  nadir_error error;
  nd_scaled *columns = must_have(nd_new(b->features + 2, sizeof *columns, NULL));
  double *values = must_have(nd_new((b->features + 2) * ND_BLOCK_ROWS, sizeof *values, NULL));
  for (size_t j = 0; j < b->features + 2; j++)
    columns[j] = (nd_scaled){{NADIR_FLOAT64, values + j * ND_BLOCK_ROWS}, {0, 1}};
  b->count = count;
  b->block_count = (count + ND_BLOCK_ROWS - 1) / ND_BLOCK_ROWS;
  b->blocks = must_have(nd_new(b->block_count, sizeof *b->blocks, NULL));
  must(nd_block_store_new(&b->store, &error), &error);
  for (size_t k = 0; k < b->block_count; k++) {
    const size_t left = count - k * ND_BLOCK_ROWS,
                 rows = left < ND_BLOCK_ROWS ? left : ND_BLOCK_ROWS;
    nd_random random = nd_random_stream(1, ND_FOR_TEST, 0, k);
    for (size_t i = 0; i < (b->features + 2) * ND_BLOCK_ROWS; i++)
      values[i] = uniform(&random);
    double *y = values + (b->features + 1) * ND_BLOCK_ROWS;
    for (size_t i = 0; i < rows && b->features > 0; i++)
      y[i] = values[i] + y[i] > 0;
    must(nd_block_new(&b->blocks[k], b->rows, rows, b->store, &error), &error);
    nd_block_load(b->rows, b->work, b->blocks[k], rows, columns, columns + b->features, NULL);
  }
  nd_free(values), nd_free(columns);
  b->w = must_have(nd_new(b->size, sizeof *b->w, NULL));
  b->gradient = must_have(nd_new(b->size, sizeof *b->w, NULL));
  b->step = must_have(nd_new(b->size, sizeof *b->w, NULL));
}

static void clear(bench *b) {
  for (size_t k = 0; k < b->block_count; k++)
    nd_block_free(b->blocks[k]);
  nd_block_store_free(b->store);
  nd_free(b->blocks), nd_free(b->w), nd_free(b->gradient), nd_free(b->step);
  nd_rows_workspace_free(b->work), nd_rows_free(b->rows), nd_graph_free(b->graph);
}

static double full_gradient(bench *b) {
  double best = 1e9, loss;
  for (int run = 0; run < RUNS; run++) {
    const double start = nd_clock();
    for (size_t k = 0; k < b->block_count; k++)
      nd_rows_gradient(b->rows, b->work, b->blocks[k], b->w, &loss, b->gradient);
    best = fmin(best, nd_clock() - start);
  }
  return best;
}

/* Of as many blocks as make about MOST operations; *rows: how many rows that is. */
static double hessian(bench *b, double *rows) {
  const double MOST = 2e10, each = (double)(b->size * b->size * ND_BLOCK_ROWS);
  const size_t most = (size_t)(MOST / each) + 1, blocks = most < b->block_count ? most : b->block_count;
  double *sums = must_have(nd_new(b->size * b->size, sizeof *sums, NULL)), best = 1e9;
  *rows = fmin((double)b->count, (double)blocks * ND_BLOCK_ROWS);
  for (int run = 0; run < RUNS; run++) {
    const double start = nd_clock();
    for (size_t k = 0; k < blocks; k++)
      nd_rows_hessian(b->rows, b->work, b->blocks[k], b->w, sums);
    best = fmin(best, nd_clock() - start);
  }
  nd_free(sums);
  return best;
}

/* One pass over all rows, a row an update, shuffled within blocks. */
static double epoch(bench *b, size_t batch) {
  double best = 1e9, loss, rates[ND_BLOCK_ROWS];
  for (size_t i = 0; i < ND_BLOCK_ROWS; i++)
    rates[i] = 0.01;
  nd_pick *picks = must_have(nd_new(ND_BLOCK_ROWS, sizeof *picks, NULL));
  uint32_t order[ND_BLOCK_ROWS];
  for (int run = 0; run < RUNS; run++) {
    double seconds = 0;
    for (size_t k = 0; k < b->block_count; k++) {
      const size_t rows = nd_block_rows(b->blocks[k]);
      nd_random random = nd_random_stream(1, ND_FOR_SHUFFLE, (uint64_t)run, k);
      for (size_t i = 0; i < rows; i++)
        order[i] = (uint32_t)i;
      nd_random_permute(&random, order, rows);
      for (size_t i = 0; i < rows; i++)
        picks[i] = (nd_pick){(uint32_t)k, order[i]};
      const nd_descent descent = {
          .batch = batch, .rates = rates, .scale = 1, .rows_total = (double)b->count};
      size_t updates;
      const double start = nd_clock();
      nd_rows_descend(b->rows, b->work, b->blocks, picks, rows, &descent, b->w, &updates, &loss,
                      b->gradient, b->step);
      seconds += nd_clock() - start;
    }
    best = fmin(best, seconds);
  }
  nd_free(picks);
  return best;
}

static void logistic(size_t features, bool single, size_t values, bool epochs) {
  bench b = {.features = features};
  char what[64];
  const double bytes = (double)(features + 1) * (single ? 4 : 8);
  compile(&b, "softplus((1 - 2*y)*f)", NULL, single);
  fill(&b, values / features);
  const double rows = (double)b.count;
  snprintf(what, sizeof what, "logistic gradient, %zu x %s", features, single ? "float" : "double");
  report(what, full_gradient(&b), rows, rows * bytes);
  snprintf(what, sizeof what, "logistic Hessian, %zu x %s", features, single ? "float" : "double");
  double some;
  const double seconds = hessian(&b, &some), operations = some * (double)(b.size * (b.size + 1));
  report_share(what, seconds, some, some * bytes, operations / seconds / (single ? arithmetic : arithmetic / 2));
  for (size_t batch = 1; batch <= 32 && epochs; batch += 31) {
    snprintf(what, sizeof what, "logistic epoch, batch %zu, %zu x %s", batch, features,
             single ? "float" : "double");
    report(what, epoch(&b, batch), rows, rows * bytes);
  }
  clear(&b);
}

/* ---- a line profile ---- */

static double profile_by_hand(const double *x, const double *y, size_t rows, const double *p,
                              double *gradient) {
  const double a = p[0], mu = p[1], s = p[2], c = p[3];
  double loss = 0, da = 0, dmu = 0, ds = 0, dc = 0;
  for (size_t i = 0; i < rows; i++) {
    const double t = (x[i] - mu) / s, e = exp(-0.5 * t * t), r = a * e + c - y[i],
                 q = 2 * r * a * e * t / s;
    loss += r * r;
    da += 2 * r * e, dmu += q, ds += q * t, dc += 2 * r;
  }
  gradient[0] = da, gradient[1] = dmu, gradient[2] = ds, gradient[3] = dc;
  return loss;
}

static void profile(size_t rows) {
  static const char *const names[] = {"a", "mu", "s", "c", NULL};
  static const double start_at[] = {1.2, 0.1, 0.4, 0.2};
  bench b = {0};
  compile(&b, "(a*exp(-(x-mu)^2/(2*s^2)) + c - y)^2", names, false);
  fill(&b, rows);
  for (size_t i = 0; i < 4; i++)
    b.w[i] = start_at[i];
  report("line profile, 4 derivatives, double", full_gradient(&b), (double)rows, (double)rows * 16);
  report("line profile epoch, batch 1, double", epoch(&b, 1), (double)rows, (double)rows * 16);
  double *x = must_have(nd_new(2 * rows, sizeof *x, NULL)), *y = x + rows, best = 1e9, gradient[4],
         loss = 0;
  nd_random random = nd_random_stream(1, ND_FOR_TEST, 0, 0);
  for (size_t i = 0; i < 2 * rows; i++)
    x[i] = uniform(&random);
  for (int run = 0; run < RUNS; run++) {
    const double start = nd_clock();
    loss += profile_by_hand(x, y, rows, start_at, gradient);
    best = fmin(best, nd_clock() - start);
  }
  report(isfinite(loss) ? "the same by hand, libm's exp" : "", best, (double)rows,
         (double)rows * 16);
  nd_free(x);
  clear(&b);
}

int main(int argc, char **argv) {
  const double millions = argc > 1 ? atof(argv[1]) : 100;
  if (!(millions >= 1 && millions <= 1e5)) {
    fprintf(stderr, "bench_kernels: millions of values: a number from 1 to 100000, please\n");
    return 2;
  }
  const size_t values = (size_t)(millions * 1e6);
  const long only = argc > 2 ? atol(argv[2]) : -1;
  const bool epochs = argc <= 3 || strcmp(argv[3], "full") != 0;
  static const size_t features[] = {10, 100, 1000};
  measure_reading();
  measure_arithmetic();
  for (size_t i = 0; i < ND_COUNT(features); i++) {
    if (only >= 0 && (size_t)only != features[i]) continue;
    logistic(features[i], true, values, epochs);
    logistic(features[i], false, values, epochs);
  }
  if (only <= 0) profile(values / 10);
  return 0;
}
