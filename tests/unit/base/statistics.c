/* Moments against closed forms, also where naive sums lose every digit; selected ranks against a
 * sort. */
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

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

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

static double select_rank(nd_selector *selector, uint64_t rank) {
  do {
    for (int i = 0; i < VALUES; i++)
      nd_selector_add(selector, values[i]);
    nd_selector_add(selector, NAN);
  } while (nd_selector_next_pass(selector, rank));
  return nd_selector_value(selector);
}

/* The same by two partial selectors, each fed a part of the values. */
static double select_in_parts(nd_selector *whole, nd_selector *part, uint64_t rank) {
  bool more = true;
  while (more) {
    for (int i = 0; i < VALUES; i++)
      nd_selector_add(i % 3 ? whole : part, values[i]);
    nd_selector_merge(whole, part);
    more = nd_selector_next_pass(whole, rank);
    nd_selector_follow(part, whole);
  }
  return nd_selector_value(whole);
}

static void selected_ranks_are_sorted_ranks(void **state) {
  (void)state;
  const uint64_t ranks[] = {0, 1, 2, VALUES / 4, VALUES / 2, VALUES - 3, VALUES - 1};
  static double sorted[VALUES];
  fill();
  memcpy(sorted, values, sizeof sorted);
  qsort(sorted, VALUES, sizeof *sorted, by_size);
  for (size_t i = 0; i < ND_COUNT(ranks); i++) {
    nd_selector *selector, *whole, *part;
    assert_int_equal(nd_selector_new(&selector, NULL), NADIR_OK);
    assert_int_equal(nd_selector_new(&whole, NULL), NADIR_OK);
    assert_int_equal(nd_selector_new(&part, NULL), NADIR_OK);
    assert_true(select_rank(selector, ranks[i]) == sorted[ranks[i]]);
    assert_true(select_in_parts(whole, part, ranks[i]) == sorted[ranks[i]]);
    assert_int_equal(nd_selector_count(selector), VALUES);
    assert_int_equal(nd_selector_count(whole), VALUES);
    nd_selector_free(selector);
    nd_selector_free(whole);
    nd_selector_free(part);
  }
}

static void nothing_has_no_rank(void **state) {
  (void)state;
  nd_selector *selector;
  assert_int_equal(nd_selector_new(&selector, NULL), NADIR_OK);
  nd_selector_add(selector, NAN);
  assert_false(nd_selector_next_pass(selector, 0));
  assert_true(isnan(nd_selector_value(selector)));
  nd_selector_free(selector);
  nd_selector_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(moments_have_their_closed_form),
                                     cmocka_unit_test(offset_data_keep_their_digits),
                                     cmocka_unit_test(values_of_any_size_have_a_width),
                                     cmocka_unit_test(weights_count_as_rows),
                                     cmocka_unit_test(selected_ranks_are_sorted_ranks),
                                     cmocka_unit_test(nothing_has_no_rank)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
