/* Batches against gradients of the same rows, and stretches of descent against the loop written
 * out, at every level and both precisions, with an end at the last finite w. */
#include "base/dense.h"
#include "optim/optim.h"
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

/* Picks that are of one block for long, as they come of blocks in random order, with their ends anywhere among updates. */
static void pick_by_blocks(bench *b) {
  for (size_t i = 0; i < PICKS; i++)
    b->picks[i] = (nd_pick){(uint32_t)(i / BLOCK), (uint32_t)((i * 7) % BLOCK)};
}

static void long_runs(void **state) {
  (void)state;
  static const size_t sizes[] = {1, 2, 7, 64, 100, PICKS};
  EACH_LEVEL(level) EACH_SHAPE(s) for (int single = 0; single < 2; single++) {
    bench b;
    bench_new(&b, s, single);
    pick_by_blocks(&b);
    for (size_t i = 0; i < ND_COUNT(sizes); i++)
      check_descent(&b, s, sizes[i], false, true, single ? 3e-5 : 1e-11);
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
    nd_eta_ahead ahead = {0};
    nd_descent descent = {.batch = 1, .rates = rates, .scale = 1, .rows_total = 900, .ahead = &ahead};
    size_t updates;
    nd_rows_descend(b.m.rows, b.m.work, b.blocks, b.picks, PICKS, &descent, w, &updates, &loss, g,
                    step);
    assert_false(ahead.known);
    for (size_t c = 0; c + 1 < ND_COUNT(cuts); c++) {
      descent.rates = rates + cuts[c];
      descent.followed = cuts[c + 1] < PICKS;
      nd_rows_descend(b.m.rows, b.m.work, b.blocks, b.picks + cuts[c], cuts[c + 1] - cuts[c],
                      &descent, v, &updates, &loss, g, step);
    }
    assert_memory_equal(w, v, n * sizeof *w);
    free(w), bench_free(&b);
  }
}

static const nadir_optimizer *named(const char *name) {
  const nadir_optimizer *optimizer;
  for (size_t i = 0; (optimizer = nd_optimizer_at(i)) && strcmp(optimizer->name, name) != 0; i++) {}
  return optimizer;
}

/* The levels above baseline have the same sums, in the same order. */
static void same_bits(void **state) {
  (void)state;
  static const char *const names[] = {"gd", "nesterov", "adagrad"};
  if (!use_level("avx512") || !use_level("avx2")) {
    print_message("skipped: this processor has no AVX-512\n");
    skip();
  }
  EACH_SHAPE(s) for (size_t r = 0; r < ND_COUNT(names); r++) for (int single = 0; single < 2; single++) {
    double *first = NULL, rates[PICKS];
    size_t made = 0;
    for (size_t u = 0; u < PICKS; u++)
      rates[u] = 0.001;
    for (size_t at = 0; at < 2; at++) {
      assert_true(use_level(at ? "avx512" : "avx2"));
      bench b;
      bench_new(&b, s, single);
      const size_t n = b.m.size;
      double *w = calloc(3 * n, sizeof *w), loss;
      nadir_error error;
      nd_method *method;
      nd_rule rule;
      must(nd_method_new(&method, n, &(nd_method_options){.optimizer = named(names[r])}, &error), &error);
      assert_true(nd_method_rule(method, &rule));
      memcpy(w, b.w, n * sizeof *w);
      const nd_descent descent = {.batch = 1,
                                  .rates = rates,
                                  .scale = 1,
                                  .rows_total = 900,
                                  .rule = nd_rows_fuses(b.m.rows) ? &rule : NULL};
      size_t updates;
      nd_rows_descend(b.m.rows, b.m.work, b.blocks, b.picks, PICKS, &descent, w, &updates, &loss, w + n, w + 2 * n);
      if (first) assert_int_equal(updates, made);
      made = updates;
      if (first && memcmp(first, w, n * sizeof *w)) fail_msg("%s, %s, %s: other bits", s->loss, names[r], single ? "single" : "double");
      if (first) free(w), free(first);
      else first = w;
      nd_method_free(method), bench_free(&b);
    }
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
      const nd_descent descent = {.batch = 1, .rates = rates, .scale = 1, .rows_total = 900};
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
    const nd_descent descent = {.batch = batch, .rates = rates, .scale = 1, .rows_total = 900};
    size_t updates;
    nd_rows_descend(b.m.rows, b.m.work, b.blocks, b.picks, PICKS, &descent, w, &updates, &loss, g,
                    step);
    assert_int_equal(updates, first / batch);
    assert_true(nd_all_finite(5, w) && isfinite(loss));
    bench_free(&b);
  }
}

/* Every rule that steps parameter by parameter, as its own file does it from the gradients of the rows. */
static void check_rule(bench *b, const shape *s, const nadir_optimizer *optimizer, bool single) {
  const size_t n = b->m.size;
  double rates[PICKS], *memory = calloc(6 * n + 6, sizeof *memory), loss, total = 0, one;
  double *w = memory, *v = w + n, *g = v + n, *h = g + n, *step = h + n, *effective = step + n;
  const double bound = single ? 2e-4 : 1e-9;
  nadir_error error;
  nd_method *fused, *plain;
  nd_rule rule;
  must(nd_method_new(&fused, n, &(nd_method_options){.optimizer = optimizer}, &error), &error);
  must(nd_method_new(&plain, n, &(nd_method_options){.optimizer = optimizer}, &error), &error);
  assert_true(nd_method_rule(fused, &rule));
  for (size_t u = 0; u < PICKS; u++)
    rates[u] = 0.001 / sqrt(1 + (double)u / 100);
  memcpy(w, b->w, n * sizeof *w), memcpy(v, b->w, n * sizeof *w);
  const nd_descent descent = {.batch = 1,
                              .rates = rates,
                              .scale = 1.25,
                              .rows_total = 900,
                              .rule = &rule,
                              .effective = effective};
  size_t updates;
  nd_rows_descend(b->m.rows, b->m.work, b->blocks, b->picks, PICKS, &descent, w, &updates, &loss, g,
                  step);
  assert_int_equal(updates, PICKS);
  for (size_t u = 0; u < PICKS; u++) {
    nd_rows_batch(b->m.rows, b->m.work, b->blocks, b->picks + u, 1, v, &one, h);
    total += 1.25 * one;
    for (size_t j = 0; j < n; j++)
      h[j] *= 1.25;
    must(nd_method_advance(plain, rates[u], (double)NAN, h, NULL, v, &error), &error);
  }
  close_to(loss, total, bound * (100 + fabs(total)), optimizer->name, 0);
  for (size_t j = 0; j < n; j++) {
    close_to(w[j], v[j], bound, optimizer->name, j);
    close_to(step[j], nd_method_step(plain)[j], bound, optimizer->name, j);
    close_to(effective[j], nd_method_effective(plain)[j],
             1000 * bound * (0.01 + fabs(nd_method_effective(plain)[j])), optimizer->name, j);
  }
  (void)s;
  nd_method_free(fused), nd_method_free(plain), free(memory);
}

static void rules(void **state) {
  (void)state;
  static const shape smooth[] = {{"softplus((1 - 2*(y > 0))*f)", 9, {{"f", 0, 9, true}}, {0}},
                                 {"(f - z)^2", 40, {{"f", 3, 30, false}}, {0}},
                                 {"logsumexp(f, g, h) - f", 20, {{"f", 0, 20, true}, {"g", 0, 20, true}, {"h", 0, 20, true}}, {0}}};
  size_t served = 0;
  const nadir_optimizer *optimizer;
  for (size_t i = 0; (optimizer = nd_optimizer_at(i)); i++) {
    nadir_error error;
    nd_method *method;
    nd_rule rule;
    must(nd_method_new(&method, 2, &(nd_method_options){.optimizer = optimizer}, &error), &error);
    const bool fused = nd_method_rule(method, &rule);
    assert_int_equal(fused, optimizer->step && !(optimizer->traits & NADIR_FULL_BATCH));
    nd_method_free(method);
    if (!fused) continue;
    served++;
    EACH_LEVEL(level) for (size_t k = 0; k < ND_COUNT(smooth); k++) for (int single = 0; single < 2; single++) {
      bench b;
      bench_new(&b, &smooth[k], single);
      assert_true(nd_rows_fuses(b.m.rows));
      check_rule(&b, &smooth[k], optimizer, single);
      bench_free(&b);
    }
  }
  assert_int_equal(served, ND_RULES);
}

/* Rules that are linear in the slope look ahead to the eta of the row that follows, others do not; the gradient there is
 * that of the eta that is computed from w, to rounding. */
static void check_ahead(bench *b, const nadir_optimizer *optimizer, bool single) {
  enum { FIRST = 200 };
  const bool linear = strcmp(optimizer->name, "gd") == 0 || strcmp(optimizer->name, "momentum") == 0 ||
                      strcmp(optimizer->name, "nesterov") == 0;
  const size_t n = b->m.size;
  double rates[PICKS], *memory = calloc(4 * n, sizeof *memory), loss;
  double *w = memory, *by_ahead = w + n, *by_w = by_ahead + n, *step = by_w + n;
  nadir_error error;
  nd_method *method;
  nd_rule rule;
  must(nd_method_new(&method, n, &(nd_method_options){.optimizer = optimizer}, &error), &error);
  assert_true(nd_method_rule(method, &rule));
  for (size_t u = 0; u < PICKS; u++)
    rates[u] = 0.01;
  memcpy(w, b->w, n * sizeof *w);
  nd_eta_ahead ahead = {0}, none = {0};
  nd_descent descent = {
      .batch = 1, .rates = rates, .scale = 1, .rows_total = 900, .rule = &rule, .followed = true, .ahead = &ahead};
  size_t updates;
  nd_rows_descend(b->m.rows, b->m.work, b->blocks, b->picks, FIRST, &descent, w, &updates, &loss, by_w, step);
  assert_int_equal(updates, FIRST);
  assert_int_equal(ahead.known, linear);
  if (linear) {
    rates[0] = 0; /* both from the same w, to which nothing is done */
    descent.followed = false;
    descent.rule = NULL;
    nd_rows_descend(b->m.rows, b->m.work, b->blocks, b->picks + FIRST, 1, &descent, w, &updates, &loss, by_ahead, step);
    descent.ahead = &none;
    nd_rows_descend(b->m.rows, b->m.work, b->blocks, b->picks + FIRST, 1, &descent, w, &updates, &loss, by_w, step);
    for (size_t j = 0; j < n; j++)
      close_to(by_ahead[j], by_w[j], (single ? 0x1p-20 : 0x1p-49) * (1 + fabs(by_w[j])), optimizer->name, j);
  }
  nd_method_free(method), free(memory);
}

static void looks_ahead(void **state) {
  (void)state;
  static const shape smooth[] = {{"softplus((1 - 2*(y > 0))*f)", 9, {{"f", 0, 9, true}}, {0}},
                                 {"softplus((1 - 2*(y > 0))*f)", 40, {{"f", 0, 40, true}}, {0}}};
  const nadir_optimizer *optimizer;
  for (size_t i = 0; (optimizer = nd_optimizer_at(i)); i++) {
    if (!optimizer->step || optimizer->traits & NADIR_FULL_BATCH) continue;
    EACH_LEVEL(level) for (size_t k = 0; k < ND_COUNT(smooth); k++) for (int single = 0; single < 2; single++) {
      bench b;
      bench_new(&b, &smooth[k], single);
      check_ahead(&b, optimizer, single);
      bench_free(&b);
    }
  }
}

/* The exponential of single rows, without a call, is within two units of the last place of libm's. */
static void exponential(void **state) {
  (void)state;
  static const shape s = {"exp(f) - z", 4, {{"f", 0, 0, true}}, {0}};
  static const double ends[2][2] = {{-708.39, 709.78}, {-87.3365, 88.7228}}, rate = 0;
  EACH_LEVEL(level) for (int single = 0; single < 2; single++) {
    bench b;
    bench_new(&b, &s, single);
    assert_int_equal(nd_slope_form_of(b.m.rows), ND_SLOPE_SCALARS);
    const nd_descent descent = {.batch = 1, .rates = &rate, .scale = 1, .rows_total = 1};
    const double low = ends[single][0], high = ends[single][1];
    for (size_t i = 0; i <= 20000; i++) {
      double w = low + (high - low) * (double)i / 20000, gradient, step, loss;
      size_t updates;
      if (single) w = (double)(float)w;
      if (w < low || w > high) continue;
      b.picks[0] = (nd_pick){1, 0}; /* of weight 1 */
      nd_rows_descend(b.m.rows, b.m.work, b.blocks, b.picks, 1, &descent, &w, &updates, &loss, &gradient,
                      &step);
      assert_int_equal(updates, 1);
      close_to(gradient, exp(w), 2 * exp(w) * (single ? 0x1p-23 : 0x1p-52), s.loss, i);
    }
    bench_free(&b);
  }
}

/* The losses that a model may have are all computed without a call of a kernel. */
static void losses(void **state) {
  (void)state;
  static const char *const formulas[] = {
#define ND_NO_PARAMETER ""
#define ND_PARAMETER(letter, low, high, scales) letter
#define ND_LOSS(name, parameter, formula, power, target, link, curve, corner, takes, least, errors, help) formula,
#include "settings/loss.def"
#undef ND_LOSS
  };
  for (size_t i = 0; i + 1 < ND_COUNT(formulas); i++) { /* the last, softmax, is not a formula */
    nadir_error error;
    model m = {0};
    nd_node from[2], to[2];
    must(nd_graph_new(&m.graph, &error), &error);
    must(nd_parse(m.graph, formulas[i], &m.loss, &error), &error);
    from[0] = name_of(&m, "d"), from[1] = name_of(&m, "q");
    must(nd_make_number(m.graph, 0.5, &to[0], &error), &error);
    must(nd_make_number(m.graph, 0.3, &to[1], &error), &error);
    must(nd_substitute(m.graph, m.loss, from, to, 2, &m.loss, &error), &error);
    const shape s = {formulas[i], 9, {{"f", 0, 9, true}}, {0}};
    model_heads(&m, &s);
    static const char *const names[COLUMNS] = {"y", "z", "e"};
    for (size_t c = 0; c < COLUMNS; c++)
      m.columns[c] = name_of(&m, names[c]);
    const nd_rows_spec spec = spec_of(&m, &s, true, false);
    must(nd_rows_new(&m.rows, &spec, &error), &error);
    if (nd_slope_form_of(m.rows) == ND_SLOPE_KERNELS) fail_msg("%s: by kernels", formulas[i]);
    assert_int_equal(nd_slope_form_of(m.rows) == ND_SLOPE_LOGISTIC,
                     strncmp(formulas[i], "softplus", 8) == 0);
    model_free(&m);
  }
  EACH_LEVEL(level) {
    static const shape s = {"logsumexp(f, g, h) - g", 20, {{"f", 0, 20, true}, {"g", 0, 20, true}, {"h", 0, 20, true}}, {0}};
    model m = model_new(&s, true, false);
    assert_int_equal(nd_slope_form_of(m.rows), ND_SLOPE_SCALARS);
    model_free(&m);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(batches),         cmocka_unit_test(stretches),
      cmocka_unit_test(long_runs),
      cmocka_unit_test(cut_stretches),   cmocka_unit_test(ends_finite),
      cmocka_unit_test(loss_not_finite),
      cmocka_unit_test(rules),           cmocka_unit_test(losses),
      cmocka_unit_test(looks_ahead),     cmocka_unit_test(same_bits),
      cmocka_unit_test(exponential),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
