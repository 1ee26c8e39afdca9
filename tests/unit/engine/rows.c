/* Loss, gradient, Hessian and Hessian-vector product of blocks against the scalar evaluator and
 * central differences, at every level and both precisions. */
#include "base/dense.h"
#include "support.h"

/* A central difference of step h errs by h^2 f'''/6 + eps f / h; rows are a few hundred of order 1
 * to 100. */
static void check_gradient(const shape *s, size_t count, bool weighted) {
  model m = model_new(s, false, false);
  data d = data_new(s->features, 11);
  double *w = random_w(m.size, 0.3, 12), *gradient = calloc(m.size, sizeof *w), loss, low, high;
  nd_block *block = block_of(&m, &d, 0, count, weighted);
  nd_rows_gradient(m.rows, m.work, block, w, &loss, gradient);
  const double wanted = sum_loss(&m, &d, 0, count, weighted, w);
  close_to(loss, wanted, 1e-12 * (1 + fabs(wanted)), s->loss, count);
  for (size_t j = 0; j < m.size; j++) {
    const double kept = w[j], h = 1e-5;
    w[j] = kept + h, nd_rows_gradient(m.rows, m.work, block, w, &high, NULL);
    w[j] = kept - h, nd_rows_gradient(m.rows, m.work, block, w, &low, NULL);
    w[j] = kept;
    close_to(gradient[j], (high - low) / (2 * h), 1e-6 * (1 + (double)count + fabs(loss)), s->loss,
             j);
  }
  nd_block_free(block);
  free(w), free(gradient), data_free(&d), model_free(&m);
}

static void gradients(void **state) {
  (void)state;
  EACH_LEVEL(level) EACH_SHAPE(s) {
    check_gradient(s, 300, false);
    check_gradient(s, 533, true);
  }
}

/* A derivative that is the factor of two heads, at the end of chains of instructions of any length, which end within it too. */
static void long_chains(void **state) {
  (void)state;
  enum { TERMS = 40, TERM = 24 };
  char loss[TERMS * TERM] = "(f + g)";
  EACH_LEVEL(level) for (size_t terms = 1; terms <= TERMS; terms++) {
    size_t length = strlen(strcpy(loss, "(f + g)"));
    for (size_t k = 1; k < terms; k++)
      length += (size_t)snprintf(loss + length, TERM, " + sin(%zu*(f + g))/9", k);
    check_gradient(&(shape){loss, 5, {{"f", 0, 3, true}, {"g", 2, 3, false}}, {0}}, 97, true);
  }
}

/* Every number of rows, from one to beyond a tile: sums of parts are the sums of the whole. */
static void every_count(void **state) {
  (void)state;
  EACH_LEVEL(level) EACH_SHAPE(s) for (int single = 0; single < 2; single++) {
    model m = model_new(s, single, false);
    data d = data_new(s->features, 21);
    double *w = random_w(m.size, 0.3, 22), *gradient = calloc(m.size, sizeof *w), loss;
    double *first = calloc(m.size, sizeof *w), first_loss;
    const size_t step = s->features > 30 ? 7 : 1;
    for (size_t count = 1; count <= m.rows->tile + 3; count += count < 70 ? 1 : step) {
      nd_block *whole = block_of(&m, &d, 0, count, true);
      nd_block *rest = block_of(&m, &d, 0, count - 1, true);
      nd_block *last = block_of(&m, &d, count - 1, 1, true);
      nd_rows_gradient(m.rows, m.work, rest, w, &first_loss, first);
      nd_rows_gradient(m.rows, m.work, last, w, &loss, gradient);
      first_loss += loss;
      for (size_t j = 0; j < m.size; j++)
        first[j] += gradient[j];
      nd_rows_gradient(m.rows, m.work, whole, w, &loss, gradient);
      const double bound = (single ? 2e-5 : 1e-12) * (double)(count + 10) * 10;
      close_to(loss, first_loss, bound, s->loss, count);
      for (size_t j = 0; j < m.size; j++)
        close_to(gradient[j], first[j], bound, s->loss, j);
      nd_block_free(whole), nd_block_free(rest), nd_block_free(last);
    }
    free(w), free(gradient), free(first), data_free(&d), model_free(&m);
  }
}

/* Blocks of a store, through several slabs up to large pages, are what blocks of their own are. */
static void blocks_of_a_store(void **state) {
  (void)state;
  enum { BLOCKS = 300 };
  const shape *s = &shapes[0];
  EACH_LEVEL(level) {
    nadir_error error;
    model m = model_new(s, false, false);
    data d = data_new(s->features, 23);
    double *w = random_w(m.size, 0.3, 24), *wanted = calloc(m.size, sizeof *w),
           *gradient = calloc(m.size, sizeof *w), wanted_loss, loss;
    nd_block_store *store;
    nd_block *blocks[BLOCKS];
    must(nd_block_store_new(&store, &error), &error);
    for (size_t b = 0; b < BLOCKS; b++)
      blocks[b] = block_in(store, &m, &d, b, 1000 - 3 * b, b % 2 != 0);
    for (size_t b = 0; b < BLOCKS; b++) {
      nd_block *own = block_of(&m, &d, b, 1000 - 3 * b, b % 2 != 0);
      nd_rows_gradient(m.rows, m.work, own, w, &wanted_loss, wanted);
      nd_rows_gradient(m.rows, m.work, blocks[b], w, &loss, gradient);
      assert_true(loss == wanted_loss);
      assert_memory_equal(gradient, wanted, m.size * sizeof *w);
      nd_block_free(own), nd_block_free(blocks[b]);
    }
    nd_block_store_free(store), nd_block_store_free(NULL);
    free(w), free(wanted), free(gradient), data_free(&d), model_free(&m);
  }
}

/* A stored value that a tail is said not to read is not read, and one that it reads is. */
static void only_what_is_read(void **state) {
  (void)state;
  enum { ROWS = 301 };
  size_t not_read = 0;
  EACH_SHAPE(s) {
    model m = model_new(s, false, true);
    data d = data_new(s->features, 25);
    double *w = random_w(m.size, 0.3, 26), *wanted = calloc(m.size, sizeof *w),
           *gradient = calloc(m.size, sizeof *w), wanted_loss, loss;
    nd_block *block = block_of(&m, &d, 0, ROWS, false);
    nd_rows_gradient(m.rows, m.work, block, w, &wanted_loss, wanted);
    for (size_t v = 0; v < m.rows->stored; v++) {
      double *values = (double *)block->stored + v * block->padded, kept[ROWS];
      memcpy(kept, values, sizeof kept);
      for (size_t i = 0; i < ROWS; i++)
        values[i] = NAN;
      nd_rows_gradient(m.rows, m.work, block, w, &loss, gradient);
      const bool same = loss == wanted_loss && memcmp(gradient, wanted, m.size * sizeof *w) == 0;
      assert_int_equal(same, !m.rows->tail[ND_TAIL_GRADIENT]->reads[v]);
      not_read += same;
      memcpy(values, kept, sizeof kept);
    }
    nd_block_free(block);
    free(w), free(wanted), free(gradient), data_free(&d), model_free(&m);
  }
  assert_true(not_read > 0);
}

/* float32 rows: each term is good to some 1e-6 of itself, and terms are of order 1 to 100. */
static void single_agrees(void **state) {
  (void)state;
  EACH_LEVEL(level) EACH_SHAPE(s) {
    model one = model_new(s, true, false), two = model_new(s, false, false);
    data d = data_new(s->features, 31);
    double *w = random_w(one.size, 0.2, 32), *g = calloc(one.size, sizeof *w),
           *h = calloc(one.size, sizeof *w), loss, wanted;
    nd_block *single = block_of(&one, &d, 0, 1000, true),
             *twice = block_of(&two, &d, 0, 1000, true);
    nd_rows_gradient(one.rows, one.work, single, w, &loss, g);
    nd_rows_gradient(two.rows, two.work, twice, w, &wanted, h);
    close_to(loss, wanted, 1e-5 * (1000 + fabs(wanted)), s->loss, 0);
    for (size_t j = 0; j < one.size; j++)
      close_to(g[j], h[j], 1e-5 * (1000 + fabs(wanted)), s->loss, j);
    nd_block_free(single), nd_block_free(twice);
    free(w), free(g), free(h), data_free(&d), model_free(&one), model_free(&two);
  }
}

static nd_scaled floats_of(const double *from, float *room, nd_scaling by) {
  for (size_t i = 0; i < TEST_ROWS; i++)
    room[i] = (float)from[i];
  return (nd_scaled){{NADIR_FLOAT32, room}, by};
}

/* What is loaded by `by` at once, or held and scaled when that is known. */
static void load_in_two_steps(const model *m, nd_block *block, size_t count, const nd_scaled *x,
                              const nd_scaled *columns, const nd_scaled *weights) {
  nd_scaling *by = malloc((m->rows->features + 1) * sizeof *by);
  nd_scaled *plain = malloc((m->rows->features + COLUMNS) * sizeof *plain), last[COLUMNS];
  for (size_t j = 0; j < m->rows->features + COLUMNS; j++)
    plain[j] = (nd_scaled){j < m->rows->features ? x[j].x : columns[j - m->rows->features].x, {0, 1}};
  for (size_t j = 0; j < m->rows->features; j++)
    by[j] = x[j].by;
  for (size_t c = 0; c < COLUMNS; c++)
    last[c] = (nd_scaled){{0}, columns[c].by};
  nd_block_hold(m->rows, m->work, block, count, plain, plain + m->rows->features, weights);
  nd_block_scale(m->rows, m->work, block, by, last);
  free(by), free(plain);
}

/* As floats, to be scaled; then the data are scaled themselves. */
static nd_block *block_of_floats(const model *m, data *d, size_t count, bool in_two_steps) {
  const nd_scaling by = {0.25, 3}, plain = {0, 1};
  nadir_error error;
  nd_block *block;
  const size_t all = d->features + COLUMNS + 1;
  float *room = malloc(all * TEST_ROWS * sizeof *room), *at = room;
  nd_scaled *x = malloc(all * sizeof *x), *columns = x + d->features, *weights = columns + COLUMNS;
  for (size_t j = 0; j < d->features; j++, at += TEST_ROWS)
    x[j] = floats_of(d->x_at[j], at, by);
  for (size_t c = 0; c < COLUMNS; c++, at += TEST_ROWS)
    columns[c] = floats_of(d->column_at[c], at, c == 1 ? by : plain);
  *weights = floats_of(d->weights, at, plain);
  must(nd_block_new(&block, m->rows, count, NULL, &error), &error);
  (in_two_steps ? load_in_two_steps(m, block, count, x, columns, weights)
                : nd_block_load(m->rows, m->work, block, count, x, columns, weights));
  free(x), free(room);
  for (size_t i = 0; i < d->features * TEST_ROWS; i++)
    d->x[i] = (d->x[i] - by.center) / by.width;
  for (size_t i = TEST_ROWS; i < 2 * TEST_ROWS; i++)
    d->columns[i] = (d->columns[i] - by.center) / by.width;
  return block;
}

static void floats_are_scaled_to_the_bit(void **state) {
  (void)state;
  const size_t counts[] = {1, 8, 301, 1000, TEST_ROWS};
  size_t held = 0;
  EACH_LEVEL(level) EACH_SHAPE(s) for (size_t k = 0; k < 4 * ND_COUNT(counts); k++) {
    model m = model_new(s, k % 2 != 0, false);
    const bool in_two_steps = k % 4 > 1;
    if (in_two_steps && !nd_rows_hold(m.rows)) {
      model_free(&m);
      continue;
    }
    held += in_two_steps;
    data d = data_new(s->features, 91);
    double *w = random_w(m.size, 0.2, 92), *g = calloc(m.size + 1, sizeof *w),
           *h = calloc(m.size + 1, sizeof *w);
    nd_block *floats = block_of_floats(&m, &d, counts[k / 4], in_two_steps);
    nd_block *doubles = block_of(&m, &d, 0, counts[k / 4], true);
    nd_rows_gradient(m.rows, m.work, floats, w, &g[m.size], g);
    nd_rows_gradient(m.rows, m.work, doubles, w, &h[m.size], h);
    assert_memory_equal(g, h, (m.size + 1) * sizeof *g);
    nd_block_free(floats), nd_block_free(doubles);
    free(w), free(g), free(h), data_free(&d), model_free(&m);
  }
  assert_true(held > 0);
}

/* As vectors of any level go over them, and as the loop of base does. */
static void moments_have_the_same_bits(void **state) {
  (void)state;
  enum { VALUES = 4096 };
  static float singles[VALUES];
  static double doubles[VALUES];
  nd_random random = nd_random_stream(93, ND_FOR_TEST, 0, 0);
  for (size_t i = 0; i < VALUES; i++)
    doubles[i] = singles[i] = (float)(1e3 + nd_random_normal(&random));
  const nd_numbers values[] = {{NADIR_FLOAT32, singles}, {NADIR_FLOAT64, doubles}};
  const size_t counts[] = {1024, 1031, 2047, 4090, VALUES};
  const float strays[] = {1e3f, NAN, INFINITY};
  for (size_t k = 0; k < ND_COUNT(strays); k++) {
    doubles[700] = singles[700] = strays[k];
    EACH_LEVEL(level) for (size_t c = 0; c < 2 * ND_COUNT(counts); c++) {
      nd_moments plain = {0}, fast = {0};
      nd_moments_add_all(&plain, values[c % 2], NULL, counts[c / 2], NULL);
      nd_moments_add_all(&fast, values[c % 2], NULL, counts[c / 2], nd_pairs_now()->spread);
      if (k == 0) assert_memory_equal(&plain, &fast, offsetof(nd_moments, exponent) + sizeof plain.exponent);
      assert_int_equal(isfinite(fast.mean) && isfinite(fast.m2), k == 0);
    }
  }
}

static void check_hessian(const shape *s, bool weighted) {
  model m = model_new(s, false, true);
  data d = data_new(s->features, 41);
  const size_t n = m.size;
  double *w = random_w(n, 0.3, 42), *v = random_w(n, 1, 43), *hessian = calloc(n * n, sizeof *w),
         *low = calloc(n, sizeof *w), *high = calloc(n, sizeof *w), loss;
  nd_block *block = block_of(&m, &d, 0, 301, weighted);
  nd_rows_hessian(m.rows, m.work, block, w, hessian);
  nd_rows_gradient(m.rows, m.work, block, w, &loss, low);
  const double bound = 1e-6 * (301 + fabs(loss));
  for (size_t i = 0; i < n; i++) {
    const double kept = w[i], h = 1e-5;
    w[i] = kept + h, nd_rows_gradient(m.rows, m.work, block, w, &loss, high);
    w[i] = kept - h, nd_rows_gradient(m.rows, m.work, block, w, &loss, low);
    w[i] = kept;
    for (size_t j = 0; j < n; j++) {
      close_to(hessian[i * n + j], (high[j] - low[j]) / (2 * h), bound, s->loss, i * n + j);
      assert_true(hessian[i * n + j] == hessian[j * n + i]);
    }
  }
  nd_rows_hessian_vector(m.rows, m.work, block, w, v, low);
  for (size_t i = 0; i < n; i++) {
    const double wanted = nd_dot(n, hessian + i * n, v);
    close_to(low[i], wanted, 1e-10 * (301 + fabs(wanted)) * (double)n, s->loss, i);
  }
  nd_block_free(block);
  free(w), free(v), free(hessian), free(low), free(high), data_free(&d), model_free(&m);
}

static void hessians(void **state) {
  (void)state;
  EACH_LEVEL(level) EACH_SHAPE(s) {
    check_hessian(s, false);
    check_hessian(s, true);
  }
}

/* float32 rows: a sum of as many terms is off by some 1e-6 of the sum of their sizes. */
static void single_hessians(void **state) {
  (void)state;
  EACH_LEVEL(level) EACH_SHAPE(s) {
    model one = model_new(s, true, true), two = model_new(s, false, true);
    data d = data_new(s->features, 45);
    const size_t n = one.size;
    double *w = random_w(n, 0.2, 46), *g = calloc(n * n, sizeof *w), *h = calloc(n * n, sizeof *w);
    nd_block *single = block_of(&one, &d, 0, TEST_ROWS, true),
             *twice = block_of(&two, &d, 0, TEST_ROWS, true);
    nd_rows_hessian(one.rows, one.work, single, w, g);
    nd_rows_hessian(two.rows, two.work, twice, w, h);
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++) {
        close_to(g[i * n + j], h[i * n + j], 1e-5 * (TEST_ROWS + sqrt(fabs(h[i * n + i] * h[j * n + j]))),
                 s->loss, i * n + j);
        assert_true(g[i * n + j] == g[j * n + i]);
      }
    nd_block_free(single), nd_block_free(twice);
    free(w), free(g), free(h), data_free(&d), model_free(&one), model_free(&two);
  }
}

/* Levels with fused multiply-add keep sums by the same lanes: the same bits. */
static void levels_agree(void **state) {
  (void)state;
  if (!use_level("avx512") || !use_level("avx2")) {
    print_message("skipped: this processor has no AVX-512\n");
    skip();
  }
  EACH_SHAPE(s) for (int single = 0; single < 2; single++) {
    double *gradient[2], *hessian[2], loss[2], *w = NULL;
    for (size_t level = 0; level < 2; level++) {
      use_level(test_levels[level]);
      model m = model_new(s, single, true);
      data d = data_new(s->features, 51);
      free(w), w = random_w(m.size, 0.3, 52);
      gradient[level] = calloc(m.size, sizeof *w);
      hessian[level] = calloc(m.size * m.size, sizeof *w);
      nd_block *block = block_of(&m, &d, 0, 1001, true);
      nd_rows_gradient(m.rows, m.work, block, w, &loss[level], gradient[level]);
      nd_rows_hessian(m.rows, m.work, block, w, hessian[level]);
      if (level == 1) {
        assert_true(loss[0] == loss[1]);
        assert_memory_equal(gradient[0], gradient[1], m.size * sizeof *w);
        assert_memory_equal(hessian[0], hessian[1], m.size * m.size * sizeof *w);
      }
      nd_block_free(block), data_free(&d), model_free(&m);
    }
    free(w), free(gradient[0]), free(gradient[1]), free(hessian[0]), free(hessian[1]);
  }
}

/* Infinities and NaN of a row reach the sums, and no others do: not from padding, not from the next
 * row. */
static void not_finite(void **state) {
  (void)state;
  static const shape log_loss = {"f - log(z)", 35, {{"f", 0, 35, true}}, {0}};
  EACH_LEVEL(level) for (int single = 0; single < 2; single++) {
    model m = model_new(&log_loss, single, false);
    data d = data_new(35, 61);
    double *w = random_w(m.size, 0.1, 62), *gradient = calloc(m.size, sizeof *w), loss;
    for (size_t i = 0; i < TEST_ROWS; i++)
      d.columns[TEST_ROWS + i] = 1 + fabs(d.columns[TEST_ROWS + i]);
    d.columns[TEST_ROWS + 20] = 0;
    d.x[20] = (double)INFINITY; /* feature 0 of row 20 */
    nd_block *before = block_of(&m, &d, 0, 20, false), *with = block_of(&m, &d, 0, 21, false),
             *after = block_of(&m, &d, 21, 20, false);
    nd_rows_gradient(m.rows, m.work, before, w, &loss, gradient);
    assert_true(isfinite(loss) && nd_all_finite(m.size, gradient));
    nd_rows_gradient(m.rows, m.work, after, w, &loss, gradient);
    assert_true(isfinite(loss) && nd_all_finite(m.size, gradient));
    w[m.heads[0].first_weight] = 1;
    nd_rows_gradient(m.rows, m.work, with, w, &loss, gradient);
    assert_true(loss == (double)INFINITY && !isfinite(gradient[m.heads[0].first_weight]));
    assert_true(isfinite(gradient[m.heads[0].first_weight + 1]));
    nd_block_free(before), nd_block_free(with), nd_block_free(after);
    free(w), free(gradient), data_free(&d), model_free(&m);
  }
}

/* A formula's domain is that of the formula as typed: exp(log(x)) is no x below 0. */
static void domain_as_typed(void **state) {
  (void)state;
  static const shape folded = {"exp(log(z - f)) + f", 1, {{"f", 0, 1, false}}, {0}};
  EACH_LEVEL(level) {
    model m = model_new(&folded, false, false);
    data d = data_new(1, 81);
    const double w[] = {0};
    double loss;
    for (size_t i = 0; i < 50; i++) {
      nd_block *row = block_of(&m, &d, i, 1, false);
      nd_rows_gradient(m.rows, m.work, row, w, &loss, NULL);
      assert_int_equal(isnan(loss), d.column_at[1][i] < 0);
      nd_block_free(row);
    }
    data_free(&d), model_free(&m);
  }
}

static void unknown_name(void **state) {
  (void)state;
  nadir_error error = {0};
  nd_graph *graph;
  nd_node loss, f;
  must(nd_graph_new(&graph, &error), &error);
  must(nd_parse(graph, "(f - stranger)^2", &loss, &error), &error);
  must(nd_make_name(graph, "f", &f, &error), &error);
  const nd_head head = {f, 0, 1, 0, SIZE_MAX};
  const nd_rows_spec spec = {
      .graph = graph, .loss = loss, .size = 1, .heads = &head, .head_count = 1, .features = 1};
  nd_rows *rows;
  assert_int_equal(nd_rows_new(&rows, &spec, &error), NADIR_BAD_FORMULA);
  assert_null(rows);
  assert_non_null(strstr(error.message, "stranger"));
  nd_graph_free(graph);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients), cmocka_unit_test(long_chains),         cmocka_unit_test(every_count),
      cmocka_unit_test(only_what_is_read), cmocka_unit_test(blocks_of_a_store),
      cmocka_unit_test(single_agrees),     cmocka_unit_test(hessians),
      cmocka_unit_test(single_hessians),
      cmocka_unit_test(floats_are_scaled_to_the_bit), cmocka_unit_test(moments_have_the_same_bits),
      cmocka_unit_test(levels_agree),      cmocka_unit_test(not_finite),
      cmocka_unit_test(domain_as_typed),   cmocka_unit_test(unknown_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
