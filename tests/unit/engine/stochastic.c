/* Batches against gradients of the same rows, and stretches of descent against the loop written
 * out, at every level and both precisions, with an end at the last finite w. */
#include "base/dense.h"
#include "support.h"

enum { BLOCKS = 3, BLOCK = 300, PICKS = 700 };

typedef struct bench {
  model m;
  data d;
  nd_block *blocks[BLOCKS];
  nd_pick picks[PICKS];
  double *w;
} bench;

static void bench_new(bench *b, const shape *s, bool single) {
  b->m = model_new(s, single, false);
  b->d = data_new(s->features, 71);
  for (size_t i = 0; i < BLOCKS; i++) /* one of them without weights */
    b->blocks[i] = block_of(&b->m, &b->d, i * BLOCK, BLOCK, i != 1);
  nd_random random = nd_random_stream(72, ND_FOR_TEST, 0, 0);
  for (size_t i = 0; i < PICKS; i++)
    b->picks[i] = (nd_pick){(uint32_t)nd_random_below(&random, BLOCKS),
                            (uint32_t)nd_random_below(&random, BLOCK)};
  b->w = random_w(b->m.size, 0.2, 73);
}

static void bench_free(bench *b) {
  for (size_t i = 0; i < BLOCKS; i++)
    nd_block_free(b->blocks[i]);
  free(b->w), data_free(&b->d), model_free(&b->m);
}

/* The sums over picks, by blocks of one row. */
static double sum_of_rows(bench *b, size_t from, size_t count, const double *w, double *gradient) {
  double *one = calloc(b->m.size, sizeof *one), loss, total = 0;
  memset(gradient, 0, b->m.size * sizeof *gradient);
  for (size_t i = from; i < from + count; i++) {
    const nd_pick p = b->picks[i];
    nd_block *row = block_of(&b->m, &b->d, p.block * BLOCK + p.row, 1, p.block != 1);
    nd_rows_gradient(b->m.rows, b->m.work, row, w, &loss, one);
    total += loss;
    for (size_t j = 0; j < b->m.size; j++)
      gradient[j] += one[j];
    nd_block_free(row);
  }
  free(one);
  return total;
}

static void batches(void **state) {
  (void)state;
  static const size_t counts[] = {0, 1, 2, 17, 64, 65, PICKS};
  EACH_LEVEL(level) EACH_SHAPE(s) for (int single = 0; single < 2; single++) {
    bench b;
    bench_new(&b, s, single);
    double *got = calloc(b.m.size, sizeof *got), *wanted = calloc(b.m.size, sizeof *got), loss;
    for (size_t c = 0; c < ND_COUNT(counts); c++) {
      nd_rows_batch(b.m.rows, b.m.work, b.blocks, b.picks, counts[c], b.w, &loss, got);
      const double total = sum_of_rows(&b, 0, counts[c], b.w, wanted);
      const double bound = (single ? 1e-5 : 1e-12) * (double)counts[c] * 10;
      close_to(loss, total, bound, s->loss, c);
      for (size_t j = 0; j < b.m.size; j++)
        close_to(got[j], wanted[j], bound, s->loss, j);
    }
    free(got), free(wanted), bench_free(&b);
  }
}

/* The update of engine.h, written out over nd_rows_batch. */
static double loop(bench *b, size_t count, const nd_descent *descent, double *w, double *average,
                   double *gradient, double *step) {
  double total = 0, loss;
  for (size_t at = 0, u = 0; at < count; at += descent->batch, u++) {
    const size_t some = count - at < descent->batch ? count - at : descent->batch;
    nd_rows_batch(b->m.rows, b->m.work, b->blocks, b->picks + at, some, w, &loss, gradient);
    const double factor = descent->sum ? 1 : descent->scale / (double)some;
    const double share = descent->sum ? (double)some / descent->rows_total : 1;
    total += factor * loss;
    for (size_t j = 0; j < b->m.size; j++) {
      gradient[j] *= factor;
      if (descent->ridge) gradient[j] += share * descent->ridge[j] * w[j];
      step[j] = -descent->rates[u] * (descent->share ? descent->share[j] : 1) * gradient[j];
      w[j] += step[j];
      average[j] += w[j];
    }
  }
  return total;
}

/* plain: without ridge, average and rates of each parameter. */
static void check_descent(bench *b, const shape *s, size_t batch, bool sum, bool plain,
                          double bound) {
  const size_t n = b->m.size;
  double rates[PICKS], *memory = calloc(10 * n + 9, sizeof *memory);
  double *w = memory, *v = w + n, *average = v + n, *ridge = average + n, *mean = ridge + n,
         *g = mean + n, *h = g + n, *step = h + n, *stride = step + n, *share = stride + n;
  for (size_t u = 0; u < PICKS; u++)
    rates[u] = 0.01 / sqrt(1 + (double)u / 100);
  for (size_t j = 0; j < n; j++)
    ridge[j] = 0.1 * (double)(j % 3), share[j] = 1 / (double)(1 + j % 4);
  memcpy(w, b->w, n * sizeof *w), memcpy(v, b->w, n * sizeof *w);
  const nd_descent descent = {.batch = batch,
                              .rates = rates,
                              .scale = 1.25,
                              .sum = sum,
                              .rows_total = 900,
                              .ridge = plain ? NULL : ridge,
                              .average = plain ? NULL : mean,
                              .share = plain || batch == 7 ? NULL : share};
  size_t updates;
  double loss;
  nd_rows_descend(b->m.rows, b->m.work, b->blocks, b->picks, PICKS, &descent, w, &updates, &loss, g,
                  step);
  const double wanted = loop(b, PICKS, &descent, v, average, h, stride);
  assert_int_equal(updates, (PICKS + batch - 1) / batch);
  close_to(loss, wanted, bound * (100 + fabs(wanted)), s->loss, batch);
  for (size_t j = 0; j < n; j++) {
    close_to(w[j], v[j], bound, s->loss, j);
    close_to(g[j], h[j], 100 * bound, s->loss, j);
    close_to(step[j], stride[j], bound, s->loss, j);
    if (!plain) close_to(mean[j], average[j], PICKS * bound, s->loss, j);
  }
  free(memory);
}

static void stretches(void **state) {
  (void)state;
  static const size_t sizes[] = {1, 2, 7, 64, 100, PICKS, PICKS + 1};
  EACH_LEVEL(level) EACH_SHAPE(s) for (int single = 0; single < 2; single++) {
    bench b;
    bench_new(&b, s, single);
    for (size_t i = 0; i < ND_COUNT(sizes); i++) {
      check_descent(&b, s, sizes[i], false, false, single ? 3e-5 : 1e-11);
      check_descent(&b, s, sizes[i], false, true, single ? 3e-5 : 1e-11);
    }
    check_descent(&b, s, 1, true, false, single ? 3e-5 : 1e-11);
    bench_free(&b);
  }
}

/* A stretch may be cut anywhere: the same bits. */
static void cut_stretches(void **state) {
  (void)state;
  EACH_LEVEL(level) EACH_SHAPE(s) {
    bench b;
    bench_new(&b, s, true);
    const size_t n = b.m.size, cuts[] = {0, 1, 5, 70, 300, 301, PICKS};
    double rates[PICKS], *w = calloc(4 * n + 4, sizeof *w), *v = w + n, *g = v + n, *step = g + n,
                         loss;
    for (size_t u = 0; u < PICKS; u++)
      rates[u] = 0.01;
    memcpy(w, b.w, n * sizeof *w), memcpy(v, b.w, n * sizeof *w);
    nd_descent descent = {1, rates, 1, false, 900, NULL, NULL, NULL};
    size_t updates;
    nd_rows_descend(b.m.rows, b.m.work, b.blocks, b.picks, PICKS, &descent, w, &updates, &loss, g,
                    step);
    for (size_t c = 0; c + 1 < ND_COUNT(cuts); c++) {
      descent.rates = rates + cuts[c];
      nd_rows_descend(b.m.rows, b.m.work, b.blocks, b.picks + cuts[c], cuts[c + 1] - cuts[c],
                      &descent, v, &updates, &loss, g, step);
    }
    assert_memory_equal(w, v, n * sizeof *w);
    free(w), bench_free(&b);
  }
}

/* Where update `bad` would not be finite, those before it are made and it is not, whatever the
 * segments. */
static void ends_finite(void **state) {
  (void)state;
  static const size_t bads[] = {0, 1, 63, 64, 65, 255, 256, 400, PICKS - 1};
  EACH_LEVEL(level) EACH_SHAPE(s) for (int single = 0; single < 2; single++) {
    bench b;
    bench_new(&b, s, single);
    const size_t n = b.m.size;
    double rates[PICKS], *memory = calloc(6 * n + 6, sizeof *memory), *w = memory, *v = w + n,
                         *g = v + n, *h = g + n, *step = h + n, *average = step + n, loss;
    for (size_t i = 0; i < ND_COUNT(bads); i++) {
      for (size_t u = 0; u < PICKS; u++)
        rates[u] = 0.005;
      rates[bads[i]] = (double)INFINITY;
      memcpy(w, b.w, n * sizeof *w), memcpy(v, b.w, n * sizeof *w);
      const nd_descent descent = {1, rates, 1, false, 900, NULL, NULL, NULL};
      size_t updates;
      nd_rows_descend(b.m.rows, b.m.work, b.blocks, b.picks, PICKS, &descent, w, &updates, &loss, g,
                      step);
      assert_int_equal(updates, bads[i]);
      memset(h, 0, n * sizeof *h);
      const double wanted = loop(&b, bads[i], &descent, v, average, h, step);
      close_to(loss, wanted, (single ? 1e-4 : 1e-9) * (10 + fabs(wanted)), s->loss, i);
      for (size_t j = 0; j < n; j++) {
        close_to(w[j], v[j], single ? 1e-4 : 1e-10, s->loss, j);
        close_to(g[j], h[j], single ? 1e-2 : 1e-8, s->loss, j);
      }
    }
    free(memory), bench_free(&b);
  }
}

/* A loss that is not finite ends a stretch too, though its slope is 0. */
static void loss_not_finite(void **state) {
  (void)state;
  static const shape s = {"(f - z)^2 + log(e)", 4, {{"f", 0, 4, true}}, {0}};
  EACH_LEVEL(level) for (size_t batch = 1; batch < 9; batch++) {
    bench b;
    bench_new(&b, &s, true);
    const nd_pick bad = b.picks[333];
    size_t first = 333;
    for (size_t i = 333; i-- > 0;)
      if (b.picks[i].block == bad.block && b.picks[i].row == bad.row) first = i;
    b.d.columns[2 * TEST_ROWS + bad.block * BLOCK + bad.row] = -1;
    nd_block_free(b.blocks[bad.block]);
    b.blocks[bad.block] = block_of(&b.m, &b.d, bad.block * BLOCK, BLOCK, true);
    double rates[PICKS], w[5] = {0}, g[5], step[5], loss;
    for (size_t u = 0; u < PICKS; u++)
      rates[u] = 0.001;
    const nd_descent descent = {batch, rates, 1, false, 900, NULL, NULL, NULL};
    size_t updates;
    nd_rows_descend(b.m.rows, b.m.work, b.blocks, b.picks, PICKS, &descent, w, &updates, &loss, g,
                    step);
    assert_int_equal(updates, first / batch);
    assert_true(nd_all_finite(5, w) && isfinite(loss));
    bench_free(&b);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(batches),         cmocka_unit_test(stretches),
      cmocka_unit_test(cut_stretches),   cmocka_unit_test(ends_finite),
      cmocka_unit_test(loss_not_finite),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
