/* Sums over rows of h x_i x_j, of both layouts, at every level and both precisions, against plain loops in double,
 * within the bound that level/products.c states; and the same bits on all levels that multiply and add in one step. */
#include <float.h>

#include "support.h"

enum { FEATURES = 600, PAIRS = FEATURES * FEATURES };

/* Features [left, left + left_count) with [right, right + right_count); those of one range with itself. */
typedef struct test_case {
  size_t features, rows, left, left_count, right, right_count;
} test_case;

static const test_case cases[] = {
    {1, 1, 0, 1, 0, 1},        {2, 17, 0, 2, 0, 2},        {10, 512, 0, 10, 0, 10},
    {10, 511, 3, 7, 3, 7},     {10, 300, 0, 3, 3, 7},      {32, 512, 0, 32, 0, 32},
    {32, 33, 31, 1, 0, 31},    {33, 65, 0, 33, 0, 33},     {100, 512, 0, 100, 0, 100},
    {100, 129, 5, 41, 5, 41},  {100, 70, 0, 30, 30, 70},   {100, 70, 47, 1, 50, 49},
    {64, 128, 0, 64, 0, 64},   {40, 129, 0, 40, 0, 40},    {41, 129, 0, 41, 0, 41},
    {60, 100, 0, 8, 0, 8},     {300, 300, 0, 300, 0, 300}, {300, 512, 1, 9, 20, 280},
    {600, 66, 0, 600, 0, 600},
};

typedef struct sums {
  double sum[PAIRS], size[PAIRS];
} sums;

/* As the kernels' arguments are: rounded to T. */
static double as(double x, bool single) {
  return single ? (double)(float)x : x;
}

static double uniform(nd_random *random) {
  return 2 * nd_random_uniform(random) - 1;
}

static void plain(const test_case *c, double *const *columns, const double *h, bool single,
                  sums *s) {
  memset(s, 0, sizeof *s);
  for (size_t i = 0; i < c->left_count; i++)
    for (size_t j = 0; j < c->right_count; j++)
      for (size_t row = 0; row < c->rows; row++) {
        const double term = as(h[row], single) * as(columns[c->left + i][row], single) *
                            as(columns[c->right + j][row], single);
        s->sum[i * c->right_count + j] += term, s->size[i * c->right_count + j] += fabs(term);
      }
}

/* What a kernel gives, into the first places of `to`; of a range with itself each pair at one of its two places, and
 * then at the one above the diagonal. */
static void by_kernel(const test_case *c, double *const *columns, const double *h, bool single,
                      double *to) {
  const nd_kernels *kernels = nd_kernels_now(single);
  const nd_layout *layout = c->features <= 32 ? kernels->panels : kernels->by_rows;
  const size_t size = kernels->size, padded = nd_line_up(c->rows, size),
               lines = nd_line_up(c->left_count, size) + nd_line_up(c->right_count, size);
  void *x = malloc((c->features * padded + ND_LINE_BYTES) * size), *factor = calloc(padded, size),
       *room = malloc(lines * size * ND_TERMS);
  assert_true(x && factor && room);
  layout->pack(x, c->features, 0, c->features, (const double *const *)columns, c->rows);
  for (size_t row = 0; row < c->rows; row++)
    nd_set_number(factor, row, h[row], size);
  const bool same = c->left == c->right && c->left_count == c->right_count;
  memset(to, 0, c->left_count * c->right_count * sizeof *to);
  layout->products(&(nd_products){.x = x,
                                  .features = c->features,
                                  .rows = c->rows,
                                  .h = factor,
                                  .left = c->left,
                                  .left_count = c->left_count,
                                  .right = c->right,
                                  .right_count = c->right_count,
                                  .same = same,
                                  .to = to,
                                  .stride = c->right_count,
                                  .room = room});
  for (size_t i = 0; i < c->left_count && same; i++)
    for (size_t j = 0; j < i; j++) {
      double *below = &to[i * c->right_count + j], *above = &to[j * c->right_count + i];
      assert_true(*below == 0 || *above == 0);
      *above += *below;
      *below = (double)NAN;
    }
  free(x), free(factor), free(room);
}

static void check_case(const test_case *c, bool single, sums *s, double *got, double *first) {
  double *columns[FEATURES], h[512];
  nd_random random = nd_random_stream(101, ND_FOR_TEST, c->features, c->rows);
  for (size_t j = 0; j < c->features; j++) {
    columns[j] = malloc(c->rows * sizeof *columns[j]);
    for (size_t row = 0; row < c->rows; row++)
      columns[j][row] = uniform(&random) * (j % 3 == 0 ? 1000 : 1);
  }
  for (size_t row = 0; row < c->rows; row++)
    h[row] = uniform(&random);
  plain(c, columns, h, single, s);
  const double unit = (single ? (double)FLT_EPSILON : DBL_EPSILON) / 2;
  bool fused = false;
  EACH_LEVEL(level) {
    by_kernel(c, columns, h, single, got);
    for (size_t i = 0; i < c->left_count; i++)
      for (size_t j = 0; j < c->right_count; j++) {
        const size_t at = i * c->right_count + j;
        if (isnan(got[at]) && j < i) continue;
        /* those of the plain sum are added in double, and so is what double adds */
        const double own = (double)c->rows * DBL_EPSILON;
        close_to(got[at], s->sum[at], ((ND_TERMS + 2) * unit + own) * s->size[at],
                 test_levels[level], at);
      }
    if (strcmp(test_levels[level], "baseline") == 0) continue;
    if (fused) assert_memory_equal(got, first, c->left_count * c->right_count * sizeof *got);
    memcpy(first, got, c->left_count * c->right_count * sizeof *got);
    fused = true;
  }
  for (size_t j = 0; j < c->features; j++)
    free(columns[j]);
}

static void products(void **state) {
  (void)state;
  sums *s = malloc(sizeof *s);
  double *got = malloc(PAIRS * sizeof *got), *first = malloc(PAIRS * sizeof *first);
  assert_true(s && got && first);
  for (size_t i = 0; i < ND_COUNT(cases); i++)
    for (int single = 0; single < 2; single++)
      check_case(&cases[i], single, s, got, first);
  free(s), free(got), free(first);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(products)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
