/* Moments against closed forms, also where naive sums lose every digit, and against one value at a time; quartiles
 * against a sort. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dense.h"
#include "base/quartiles.h"
#include "base/base.h"

/* 0 .. n-1 has mean (n-1)/2 and variance (n^2-1)/12. */
static void moments_have_their_closed_form(void **state) {
  (void)state;
  const int n = 100001;
  nd_moments moments = {0};
  for (int i = 0; i < n; i++)
    nd_moments_add(&moments, (i * 7919L) % n, 1);
  assert_int_equal(moments.count, n);
  assert_true(moments.min == 0 && moments.max == n - 1);
  assert_true(fabs(moments.mean / 50000 - 1) < 1e-13);
  assert_true(fabs(nd_moments_sigma(&moments) / sqrt(((double)n * n - 1) / 12) - 1) < 1e-13);
}

/* NIST StRD NumAcc4: 10000000.2, then 10000000.1 and 10000000.3 in turn, 1001 values; the certified
 * mean is 10000000.2 and the standard deviation (by n-1) 0.1. Condition number 1e8 leaves 8 digits.
 */
static void offset_data_keep_their_digits(void **state) {
  (void)state;
  nd_moments moments = {0}, parts[3] = {{0}};
  for (int i = 0; i < 1001; i++) {
    double value = i == 0 ? 10000000.2 : i % 2 ? 10000000.1 : 10000000.3;
    nd_moments_add(&moments, value, 1);
    nd_moments_add(&parts[i % 3], value, 1);
  }
  nd_moments_merge(&parts[0], &parts[1]);
  nd_moments_merge(&parts[0], &parts[2]);
  assert_true(fabs(moments.mean - 10000000.2) < 1e-8);
  assert_true(fabs(sqrt(moments.m2 / 1000) - 0.1) < 1e-8);
  assert_true(fabs(parts[0].mean - 10000000.2) < 1e-8);
  assert_true(fabs(sqrt(parts[0].m2 / 1000) - 0.1) < 1e-8);
  assert_int_equal(parts[0].count, 1001);
}

/* Values whose squares are not doubles, and small ones with large ones in any order. */
static void values_of_any_size_have_a_width(void **state) {
  (void)state;
  nd_moments plain = {0};
  for (int i = 0; i < 1000; i++)
    nd_moments_add(&plain, i % 17, 1 + i % 3);
  for (int shift = -1000; shift <= 1000; shift += 125) {
    nd_moments moments = {0}, parts[2] = {{0}};
    for (int i = 0; i < 1000; i++) {
      nd_moments_add(&moments, ldexp(i % 17, shift), 1 + i % 3);
      nd_moments_add(&parts[i % 2], ldexp(i % 17, shift), 1 + i % 3);
    }
    assert_true(nd_moments_sigma(&moments) == ldexp(nd_moments_sigma(&plain), shift));
    nd_moments_merge(&parts[0], &parts[1]);
    assert_true(fabs(nd_moments_sigma(&parts[0]) / nd_moments_sigma(&moments) - 1) < 1e-14);
  }
  const double sizes[2][2] = {{1e-280, 1e280}, {1e280, 1e-280}};
  for (int k = 0; k < 2; k++) {
    nd_moments mixed = {0};
    nd_moments_add(&mixed, sizes[k][0], 1);
    nd_moments_add(&mixed, sizes[k][1], 1);
    assert_true(fabs(nd_moments_sigma(&mixed) / 5e279 - 1) < 1e-15);
  }
}

/* A weight of k counts as k rows. */
static void weights_count_as_rows(void **state) {
  (void)state;
  nd_moments weighted = {0}, repeated = {0}, nothing = {0};
  const double values[] = {3, -1, 4, 1.5}, weights[] = {2, 1, 5, 0};
  for (int i = 0; i < 4; i++) {
    nd_moments_add(&weighted, values[i], weights[i]);
    for (int k = 0; k < weights[i]; k++)
      nd_moments_add(&repeated, values[i], 1);
  }
  assert_true(fabs(weighted.mean - repeated.mean) < 4 * DBL_EPSILON);
  assert_true(fabs(weighted.m2 - repeated.m2) < 40 * DBL_EPSILON);
  assert_true(weighted.weight == 8 && weighted.count == 4);
  assert_true(isnan(nd_moments_sigma(&nothing)));
  nd_moments_merge(&nothing, &weighted);
  assert_memory_equal(&nothing, &weighted, sizeof nothing);
  nd_moments empty = {0};
  nd_moments_merge(&nothing, &empty);
  assert_memory_equal(&nothing, &weighted, sizeof nothing);
}

enum { VALUES = 20000 };

static double values[VALUES];

/* Numbers of all sizes and signs, many twice, infinities, subnormals, zeros of both signs. */
static void fill(void) {
  nd_random random = nd_random_stream(8, ND_FOR_TEST, 0, 0);
  for (int i = 0; i < VALUES; i++) {
    double size = pow(10, nd_random_uniform(&random) * 600 - 300);
    values[i] = (nd_random_uniform(&random) - 0.5) * (i % 3 ? 1 : size);
    if (i % 5 == 0) values[i] = floor(10 * values[i]);
  }
  const double special[] = {0, -0.0, INFINITY, -INFINITY, DBL_MAX, -DBL_MAX, 4.9e-324, -4.9e-324};
  memcpy(values, special, sizeof special);
}

static double select_quartile(nadir_number_type type, const void *from, size_t count, size_t which, size_t *passes) {
  nd_quartiles *quartiles;
  assert_int_equal(nd_quartiles_new(&quartiles, type, NULL), NADIR_OK);
  bool more = true;
  for (*passes = 0; more; ++*passes) {
    size_t first = count / 3; /* in two parts, of any length */
    nd_quartiles_add(quartiles, from, first);
    nd_quartiles_add(quartiles, (const char *)from + first * nd_number_size(type), count - first);
    assert_int_equal(nd_quartiles_next(quartiles, NULL, &more, NULL), NADIR_OK);
  }
  double value = nd_quartiles_value(quartiles, which);
  nd_quartiles_free(quartiles);
  return value;
}

static void quartiles_are_those_of_sorted_values(void **state) {
  (void)state;
  static double sorted[VALUES];
  static float singles[VALUES];
  size_t passes;
  fill();
  for (size_t count = 1; count <= VALUES; count = count < 12 ? count + 1 : count * 3 + count % 7) {
    for (size_t i = 0; i < count; i++)
      singles[i] = (float)values[i];
    for (size_t single = 0; single < 2; single++) {
      for (size_t i = 0; i < count; i++)
        sorted[i] = single ? (double)singles[i] : values[i];
      nd_sort(count, sorted);
      for (size_t q = 0; q < ND_QUARTILES; q++) {
        double found = single ? select_quartile(NADIR_FLOAT32, singles, count, q, &passes)
                              : select_quartile(NADIR_FLOAT64, values, count, q, &passes);
        double truth = nd_quartile_of(sorted, count, q);
        assert_true(found == truth || (isnan(found) && isnan(truth))); /* between infinities */
        assert_in_range(passes, 1, 2);
      }
    }
  }
}

/* Many more values than are collected, which begin alike: all bits are counted. */
static void many_close_values_have_quartiles(void **state) {
  (void)state;
  enum { MANY = 400000 };
  double *close = malloc(MANY * sizeof *close);
  size_t passes;
  for (size_t i = 0; i < MANY; i++)
    close[i] = 1 + (double)(i * 7 % MANY % 3) * DBL_EPSILON;
  assert_true(select_quartile(NADIR_FLOAT64, close, MANY, 0, &passes) == 1);
  assert_true(select_quartile(NADIR_FLOAT64, close, MANY, 2, &passes) == 1 + 2 * DBL_EPSILON);
  assert_int_equal(passes, 4);
  for (size_t i = 0; i < MANY; i++)
    close[i] = i % 2 ? 1 : 0;
  assert_true(select_quartile(NADIR_FLOAT64, close, MANY, 1, &passes) == 0.5);
  assert_int_equal(passes, 2);
  free(close);
}

static void nothing_has_no_quartile(void **state) {
  (void)state;
  size_t passes;
  assert_true(isnan(select_quartile(NADIR_FLOAT64, values, 0, 1, &passes)));
  assert_true(isnan(nd_quartile_of(values, 0, 1)));
  nd_quartiles_free(NULL);
}

/* Next to those of one value at a time; of any size, weight and offset. */
static void many_moments_are_those_of_each(void **state) {
  (void)state;
  const double centers[] = {0, 1e9, -1e-200, 1e200}, widths[] = {1, 1e-3, 1e-200, 1e200, 0};
  static double x[5000], w[5000];
  for (size_t c = 0; c < 4; c++)
    for (size_t k = 0; k < 5; k++)
      for (size_t count = 1; count <= 5000; count = count * 5 + 1) {
        nd_random random = nd_random_stream(9, ND_FOR_TEST, c, k);
        for (size_t i = 0; i < count; i++) {
          x[i] = centers[c] + widths[k] * (nd_random_uniform(&random) - 0.5);
          w[i] = 0.5 + nd_random_uniform(&random);
        }
        for (size_t weighted = 0; weighted < 2; weighted++) {
          nd_moments each = {0}, all = {0};
          nd_numbers weights = {NADIR_FLOAT64, w};
          for (size_t i = 0; i < count; i++)
            nd_moments_add(&each, x[i], weighted ? w[i] : 1);
          nd_moments_add_all(&all, (nd_numbers){NADIR_FLOAT64, x}, weighted ? &weights : NULL, count, NULL);
          assert_int_equal(all.count, each.count);
          assert_true(all.min == each.min && all.max == each.max);
          assert_true(fabs(all.weight - each.weight) <= 1e-12 * each.weight);
          assert_true(fabs(all.mean - each.mean) <= 1e-13 * (fabs(each.mean) + nd_moments_sigma(&each)));
          assert_true(fabs(nd_moments_sigma(&all) - nd_moments_sigma(&each)) <= 1e-9 * nd_moments_sigma(&each) + 1e-15 * fabs(each.mean));
        }
      }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(moments_have_their_closed_form),
                                     cmocka_unit_test(offset_data_keep_their_digits),
                                     cmocka_unit_test(values_of_any_size_have_a_width),
                                     cmocka_unit_test(weights_count_as_rows),
                                     cmocka_unit_test(many_moments_are_those_of_each),
                                     cmocka_unit_test(quartiles_are_those_of_sorted_values),
                                     cmocka_unit_test(many_close_values_have_quartiles),
                                     cmocka_unit_test(nothing_has_no_quartile)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
