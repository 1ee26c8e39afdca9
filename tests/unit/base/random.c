/* Philox against the published known answers and against Random123 itself; what is drawn from it
 * against its distribution; permutations against the definition of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#include <Random123/philox.h>
#pragma GCC diagnostic pop

#include "base/base.h"
#include "base/permutation.h"

/* Random123 1.14, tests/kat_vectors, philox4x32 10. */
static void gives_the_known_answers(void **state) {
  (void)state;
  static const struct {
    uint32_t counter[4], key[2], answer[4];
  } known[] = {{{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
               {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                {0xffffffff, 0xffffffff},
                {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
               {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                {0xa4093822, 0x299f31d0},
                {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (size_t i = 0; i < ND_COUNT(known); i++) {
    nd_random random = {0};
    memcpy(random.counter, known[i].counter, sizeof random.counter);
    memcpy(random.key, known[i].key, sizeof random.key);
    for (int k = 0; k < 4; k++)
      assert_int_equal(nd_random_u32(&random), known[i].answer[k]);
  }
}

static void agrees_with_random123(void **state) {
  (void)state;
  nd_random stream = nd_random_stream(11, ND_FOR_TEST, 5, 7);
  for (int i = 0; i < 1000; i++) {
    philox4x32_ctr_t counter = {{0}};
    philox4x32_key_t key = {{stream.key[0], stream.key[1]}};
    for (int k = 0; k < 4; k++)
      counter.v[k] = stream.counter[k];
    philox4x32_ctr_t answer = philox4x32(counter, key);
    for (int k = 0; k < 4; k++)
      assert_int_equal(nd_random_u32(&stream), answer.v[k]);
  }
}

static void streams_differ_in_every_part_of_their_name(void **state) {
  (void)state;
  nd_random streams[] = {nd_random_stream(1, ND_FOR_START, 0, 0),
                         nd_random_stream(2, ND_FOR_START, 0, 0),
                         nd_random_stream(1, ND_FOR_DRAW, 0, 0),
                         nd_random_stream(1, ND_FOR_START, 1, 0),
                         nd_random_stream(1, ND_FOR_START, 0, 1),
                         nd_random_stream(1, ND_FOR_START, UINT64_C(1) << 40, 0),
                         nd_random_stream(1, ND_FOR_START, 0, UINT64_C(1) << 40),
                         nd_random_stream(UINT64_C(1) << 40, ND_FOR_START, 0, 0)};
  uint32_t first[ND_COUNT(streams)];
  for (size_t i = 0; i < ND_COUNT(streams); i++)
    first[i] = nd_random_u32(&streams[i]);
  for (size_t i = 0; i < ND_COUNT(streams); i++)
    for (size_t j = 0; j < i; j++)
      assert_int_not_equal(first[i], first[j]);
}

/* Chi-square of 7 cells: above 30 with probability 4e-5, and the draws are fixed by the seed. */
static void below_is_even(void **state) {
  (void)state;
  const uint64_t bounds[] = {7, UINT64_C(7) << 40};
  for (size_t b = 0; b < ND_COUNT(bounds); b++) {
    nd_random random = nd_random_stream(3, ND_FOR_TEST, 0, 0);
    double seen[7] = {0}, chi = 0;
    for (int i = 0; i < 70000; i++) {
      uint64_t drawn = nd_random_below(&random, bounds[b]);
      assert_true(drawn < bounds[b]);
      seen[drawn / (bounds[b] / 7)]++;
    }
    for (int i = 0; i < 7; i++)
      chi += (seen[i] - 10000) * (seen[i] - 10000) / 10000;
    assert_true(chi < 30);
  }
  nd_random random = nd_random_stream(4, ND_FOR_TEST, 0, 0);
  for (int i = 0; i < 100; i++)
    assert_int_equal(nd_random_below(&random, 1), 0);
}

/* Means of n = 1e6 within 5 standard errors. */
static void uniform_and_normal_have_their_moments(void **state) {
  (void)state;
  nd_random random = nd_random_stream(5, ND_FOR_TEST, 0, 0);
  double mean = 0, square = 0, normal = 0, normal_square = 0;
  const int n = 1000000;
  for (int i = 0; i < n; i++) {
    double u = nd_random_uniform(&random), z = nd_random_normal(&random);
    assert_true(u >= 0 && u < 1);
    mean += u / n;
    square += u * u / n;
    normal += z / n;
    normal_square += z * z / n;
  }
  assert_true(fabs(mean - 0.5) < 5 * sqrt(1 / 12.0 / n));
  assert_true(fabs(square - 1 / 3.0) < 5 * sqrt((1 / 5.0 - 1 / 9.0) / n));
  assert_true(fabs(normal) < 5 / sqrt(n));
  assert_true(fabs(normal_square - 1) < 5 * sqrt(2.0 / n));
}

/* All 24 orders of four things about equally often: chi-square of 24 cells below 60. */
static void shuffles_evenly(void **state) {
  (void)state;
  nd_random random = nd_random_stream(6, ND_FOR_TEST, 0, 0);
  double seen[256] = {0}, chi = 0;
  int orders = 0;
  for (int i = 0; i < 24000; i++) {
    uint32_t items[4] = {0, 1, 2, 3};
    nd_random_permute(&random, items, 4);
    seen[items[0] << 6 | items[1] << 4 | items[2] << 2 | items[3]]++;
  }
  for (int i = 0; i < 256; i++) {
    if (seen[i] == 0) continue;
    orders++;
    chi += (seen[i] - 1000) * (seen[i] - 1000) / 1000;
  }
  assert_int_equal(orders, 24);
  assert_true(chi < 60);
}

/* Fisher and Yates, a number at a time. */
static void permute_by_one(nd_random *random, uint32_t *items, size_t count) {
  for (size_t left = count; left > 1; left--) {
    size_t other = (size_t)nd_random_below(random, left);
    uint32_t held = items[left - 1];
    items[left - 1] = items[other];
    items[other] = held;
  }
}

/* Numbers that are computed side by side are those of the stream, and it goes on behind them; of three million items
 * some hundred draws are made again. */
static void shuffles_as_by_one(void **state) {
  (void)state;
  static const size_t counts[] = {0, 1, 2, 64, 65, 66, 128, 129, 1000, 4096, 3000000};
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
    for (unsigned begun = 0; begun < 2; begun++) {
      nd_random one = nd_random_stream(5, ND_FOR_SHUFFLE, 7, c);
      one.counter[0] = 0xFFFFFFF5u;
      if (begun) nd_random_u32(&one);
      nd_random many = one;
      uint32_t *a = calloc(counts[c] + 1, sizeof *a), *b = calloc(counts[c] + 1, sizeof *b);
      for (size_t i = 0; i < counts[c]; i++)
        a[i] = b[i] = (uint32_t)i;
      permute_by_one(&one, a, counts[c]);
      nd_random_permute(&many, b, counts[c]);
      assert_memory_equal(a, b, counts[c] * sizeof *a + 1);
      for (int i = 0; i < 9; i++)
        assert_int_equal(nd_random_u32(&one), nd_random_u32(&many));
      free(a);
      free(b);
    }
}

static void permuted_is_a_permutation(void **state) {
  (void)state;
  for (uint64_t count = 1; count < 5000; count = count < 40 ? count + 1 : count * 3 / 2) {
    unsigned char *seen = calloc(count, 1);
    const nd_permutation all = nd_permutation_of(9, 3, count);
    for (uint64_t i = 0; i < count; i++) {
      uint64_t to = nd_permuted(&all, i);
      assert_true(to < count && !seen[to]);
      seen[to] = 1;
    }
    free(seen);
  }
  uint64_t large = UINT64_C(10000000000);
  const nd_permutation of_many = nd_permutation_of(1, 2, large);
  for (uint64_t i = 0; i < 1000; i++)
    assert_true(nd_permuted(&of_many, i * 9999991) < large);
}

/* The number of places that stay and the correlation of place and image are those of chance. */
static void permuted_looks_random(void **state) {
  (void)state;
  enum { COUNT = 100000 };
  for (uint64_t epoch = 0; epoch < 4; epoch++) {
    int fixed = 0, followers = 0;
    double covariance = 0;
    const nd_permutation all = nd_permutation_of(7, (uint64_t)epoch, COUNT);
    for (uint64_t i = 0; i < COUNT; i++) {
      uint64_t to = nd_permuted(&all, i);
      fixed += to == i;
      followers += nd_permuted(&all, (i + 1) % COUNT) == to + 1;
      covariance += ((double)i / COUNT - .5) * ((double)to / COUNT - .5);
    }
    assert_true(fixed < 10 && followers < 10); /* Poisson of mean 1 */
    assert_true(fabs(covariance) * 12 / sqrt(COUNT) < 5);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(gives_the_known_answers),
                                     cmocka_unit_test(agrees_with_random123),
                                     cmocka_unit_test(streams_differ_in_every_part_of_their_name),
                                     cmocka_unit_test(below_is_even),
                                     cmocka_unit_test(uniform_and_normal_have_their_moments),
                                     cmocka_unit_test(shuffles_evenly),
                                     cmocka_unit_test(shuffles_as_by_one),
                                     cmocka_unit_test(permuted_is_a_permutation),
                                     cmocka_unit_test(permuted_looks_random)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
