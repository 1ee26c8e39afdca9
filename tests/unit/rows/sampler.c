/* Samplers: an epoch of full, block and none shows every row once; draw shows rows as often as
 * chance has it; the same seed gives the same order however the picks are asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rows/rows.h"

enum { BLOCKS = 5, MOST = 300, TOTAL = 100 + 0 + 300 + 1 + 57 };
static const uint32_t block_rows[BLOCKS] = {100, 0, 300, 1, 57};

/* Picks of an epoch, `step` at a time, as numbers block * MOST + row. */
static size_t take_epoch(nd_row_order order, uint64_t seed, uint64_t epoch, size_t step,
                         uint32_t *out) {
  nd_sampler *sampler;
  nd_pick picks[TOTAL];
  size_t got, count = 0;
  assert_int_equal(nd_sampler_new(&sampler, block_rows, BLOCKS, order, seed, NULL), NADIR_OK);
  do {
    assert_int_equal(nd_sampler_next(sampler, epoch, picks, step, &got, NULL), NADIR_OK);
    for (size_t i = 0; i < got; i++) {
      assert_true(picks[i].block < BLOCKS && picks[i].row < block_rows[picks[i].block]);
      out[count++] = picks[i].block * MOST + picks[i].row;
    }
  } while (got);
  nd_sampler_free(sampler);
  return count;
}

static int by_value(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void an_epoch_shows_every_row_once(void **state) {
  (void)state;
  static const nd_row_order kinds[] = {ND_SHUFFLE_NONE, ND_SHUFFLE_BLOCK, ND_SHUFFLE_FULL};
  for (size_t k = 0; k < ND_COUNT(kinds); k++)
    for (uint64_t epoch = 0; epoch < 3; epoch++) {
      uint32_t rows[TOTAL];
      assert_int_equal(take_epoch(kinds[k], 7, epoch, 64, rows), TOTAL);
      qsort(rows, TOTAL, sizeof *rows, by_value);
      for (size_t i = 1; i < TOTAL; i++)
        assert_true(rows[i] > rows[i - 1]);
    }
}

static void the_order_is_the_seeds_alone(void **state) {
  (void)state;
  static const nd_row_order kinds[] = {ND_SHUFFLE_NONE, ND_SHUFFLE_BLOCK, ND_SHUFFLE_FULL,
                                       ND_SHUFFLE_DRAW};
  for (size_t k = 0; k < ND_COUNT(kinds); k++) {
    uint32_t a[TOTAL], b[TOTAL], c[TOTAL], d[TOTAL];
    take_epoch(kinds[k], 1, 2, 1, a);
    take_epoch(kinds[k], 1, 2, TOTAL, b);
    take_epoch(kinds[k], 1, 3, TOTAL, c);
    take_epoch(kinds[k], 2, 2, TOTAL, d);
    assert_memory_equal(a, b, sizeof a);
    bool mixed = kinds[k] != ND_SHUFFLE_NONE;
    assert_true((memcmp(a, c, sizeof a) != 0) == mixed);
    assert_true((memcmp(a, d, sizeof a) != 0) == mixed);
  }
}

/* In 200 epochs of n independent draws each row is expected 200 times, with a variance of at most
 * 200: six sigma. */
static void draws_are_even(void **state) {
  (void)state;
  size_t seen[BLOCKS * MOST] = {0};
  uint32_t rows[TOTAL];
  for (uint64_t epoch = 0; epoch < 200; epoch++) {
    assert_int_equal(take_epoch(ND_SHUFFLE_DRAW, 3, epoch, TOTAL, rows), TOTAL);
    for (size_t i = 0; i < TOTAL; i++)
      seen[rows[i]]++;
  }
  for (size_t b = 0; b < BLOCKS; b++)
    for (uint32_t r = 0; r < block_rows[b]; r++) {
      double off = (double)seen[b * MOST + r] - 200;
      assert_true(fabs(off) < 6 * sqrt(200));
    }
}

/* block: the rows of a block come together. */
static void blocks_stay_together(void **state) {
  (void)state;
  uint32_t rows[TOTAL];
  size_t changes = 0;
  take_epoch(ND_SHUFFLE_BLOCK, 11, 0, 10, rows);
  for (size_t i = 1; i < TOTAL; i++)
    changes += rows[i] / MOST != rows[i - 1] / MOST;
  assert_int_equal(changes, 3); /* four blocks have rows */
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(an_epoch_shows_every_row_once),
                                     cmocka_unit_test(the_order_is_the_seeds_alone),
                                     cmocka_unit_test(draws_are_even),
                                     cmocka_unit_test(blocks_stay_together)};
  return cmocka_run_group_tests_name("sampler", tests, NULL, NULL);
}
