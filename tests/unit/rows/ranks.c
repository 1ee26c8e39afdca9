/* Ranks without MPI: threads stand for processes, and messages go by lists in memory. Sums over blocks have the bits
 * of one process whatever the number of ranks and of blocks, quartiles are exact, and the error of the lowest block that
 * fails is everybody's. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/quartiles.h"
#include "base/ranks.h"
#include "rows/blocks.h"

enum { MOST = 9, WIDTH = 3 };

typedef struct letter {
  struct letter *next;
  size_t bytes;
  char data[];
} letter;

struct nadir_ranks {
  size_t rank, count;
};

static letter *box[MOST][MOST]; /* from, to */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t posted = PTHREAD_COND_INITIALIZER;
static size_t letters;

size_t __real_nd_rank_count(const nd_ranks *ranks);
size_t __real_nd_rank(const nd_ranks *ranks);
void __real_nd_rank_send(nd_ranks *ranks, size_t to, const void *data, size_t bytes);
nadir_status __real_nd_rank_receive(nd_ranks *ranks, size_t from, void *data, size_t bytes,
                                    nadir_error *error);

size_t __wrap_nd_rank_count(const nd_ranks *ranks) {
  return ranks ? ranks->count : 1;
}

size_t __wrap_nd_rank(const nd_ranks *ranks) {
  return ranks ? ranks->rank : 0;
}

void __wrap_nd_rank_send(nd_ranks *ranks, size_t to, const void *data, size_t bytes) {
  letter *fresh = calloc(1, sizeof *fresh + bytes), **at = &box[ranks->rank][to];
  fresh->bytes = bytes;
  memcpy(fresh->data, data, bytes);
  pthread_mutex_lock(&lock);
  while (*at)
    at = &(*at)->next;
  *at = fresh;
  letters++;
  pthread_cond_broadcast(&posted);
  pthread_mutex_unlock(&lock);
}

nadir_status __wrap_nd_rank_receive(nd_ranks *ranks, size_t from, void *data, size_t bytes,
                                    nadir_error *error) {
  (void)error;
  letter **at = &box[from][ranks->rank];
  pthread_mutex_lock(&lock);
  while (!*at)
    pthread_cond_wait(&posted, &lock);
  letter *first = *at;
  *at = first->next;
  pthread_mutex_unlock(&lock);
  if (first->bytes != bytes) abort(); /* cmocka knows the first thread alone */
  memcpy(data, first->data, bytes);
  free(first);
  return NADIR_OK;
}

/* ---- a sum ---- */

typedef struct task {
  nd_ranks ranks;
  size_t blocks,
      bad;       /* bad: the lowest block that fails, as does each fifth after it; SIZE_MAX: none */
  uint32_t seen; /* blocks that this rank computed */
  double total[WIDTH];
  nadir_status status;
  nadir_error error;
} task;

static nadir_status block(void *context, size_t b, size_t worker, void *out, nadir_error *error) {
  (void)worker;
  task *now = context;
  double *sums = out;
  now->seen++;
  if (b >= now->bad && (b - now->bad) % 5 == 0)
    return nd_fail(error, NADIR_BAD_DATA, "block %zu", b);
  nd_random random = nd_random_stream(7, ND_FOR_TEST, 0, b);
  for (size_t i = 0; i < WIDTH; i++)
    sums[i] = (nd_random_uniform(&random) - 0.5) * (i ? 1e8 : 1);
  return NADIR_OK;
}

static void *reduce(void *context) {
  task *now = context;
  nd_pool *pool;
  if (nd_pool_new(&pool, 1, NULL) != NADIR_OK) abort();
  if (now->ranks.count > 1) nd_pool_share(pool, &now->ranks);
  nd_reduction reduction = {.blocks = now->blocks,
                            .bytes = sizeof now->total,
                            .block = block,
                            .combine = nd_combine_sums,
                            .context = now};
  now->status = nd_reduce(&reduction, pool, now->total, &now->error);
  nd_pool_free(pool);
  return NULL;
}

static void by_ranks(task *tasks, size_t count, size_t blocks, size_t bad, void *work(void *)) {
  pthread_t thread[MOST];
  for (size_t r = 0; r < count; r++) {
    tasks[r] = (task){.ranks = {r, count}, .blocks = blocks, .bad = bad};
    assert_int_equal(pthread_create(&thread[r], NULL, work, &tasks[r]), 0);
  }
  for (size_t r = 0; r < count; r++)
    pthread_join(thread[r], NULL);
}

static const size_t numbers[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 100, 255, 256, 1000, 2049};

static void sums_have_the_bits_of_one(void **state) {
  (void)state;
  for (size_t n = 0; n < ND_COUNT(numbers); n++) {
    task one[1], all[MOST];
    by_ranks(one, 1, numbers[n], SIZE_MAX, reduce);
    for (size_t count = 2; count <= MOST; count++) {
      size_t seen = 0;
      by_ranks(all, count, numbers[n], SIZE_MAX, reduce);
      for (size_t r = 0; r < count; r++) {
        assert_int_equal(all[r].status, NADIR_OK);
        assert_memory_equal(all[r].total, one->total, sizeof one->total);
        seen += all[r].seen;
      }
      assert_int_equal(seen, numbers[n]); /* each block once */
    }
  }
}

static void the_lowest_failure_is_everybodys(void **state) {
  (void)state;
  for (size_t bad = 0; bad < 100; bad += 7)
    for (size_t count = 1; count <= MOST; count += 2) {
      task all[MOST];
      char expected[32];
      snprintf(expected, sizeof expected, "block %zu", bad);
      by_ranks(all, count, 100, bad, reduce);
      for (size_t r = 0; r < count; r++) {
        assert_int_equal(all[r].status, NADIR_BAD_DATA);
        assert_string_equal(all[r].error.message, expected);
      }
    }
}

/* Up and down the tree once: a rank sends its total of at most log2(blocks) nodes, and one message down. */
static void messages_are_few(void **state) {
  (void)state;
  task all[MOST];
  letters = 0;
  by_ranks(all, 8, 1024, SIZE_MAX, reduce);
  assert_int_equal(letters, 7 + 7); /* shares that are nodes themselves */
  letters = 0;
  by_ranks(all, 7, 1000, SIZE_MAX, reduce);
  assert_true(letters <= 6 * 10 + 6);
}

static void *map(void *context) {
  task *now = context;
  nd_pool *pool;
  double results[1000][WIDTH], expected[WIDTH];
  if (nd_pool_new(&pool, 1, NULL) != NADIR_OK) abort();
  if (now->ranks.count > 1) nd_pool_share(pool, &now->ranks);
  nd_reduction reduction = {
      .blocks = now->blocks, .bytes = sizeof expected, .block = block, .context = now};
  now->status = nd_map(&reduction, pool, results, &now->error);
  uint32_t computed = now->seen;
  now->seen = 0;
  for (size_t b = 0; b < now->blocks && now->status == NADIR_OK; b++) {
    task alone = {.bad = SIZE_MAX};
    (void)block(&alone, b, 0, expected, NULL);
    now->seen += memcmp(results[b], expected, sizeof expected) == 0;
  }
  now->total[0] = computed;
  nd_pool_free(pool);
  return NULL;
}

static void results_of_blocks_are_everybodys(void **state) {
  (void)state;
  for (size_t count = 1; count <= MOST; count++)
    for (size_t n = 1; n <= 1000; n = n * 3 + 1) {
      task all[MOST];
      double computed = 0;
      by_ranks(all, count, n, SIZE_MAX, map);
      for (size_t r = 0; r < count; r++) {
        assert_int_equal(all[r].status, NADIR_OK);
        assert_int_equal(all[r].seen, n);
        computed += all[r].total[0];
      }
      assert_true(computed == (double)n); /* each block once */
    }
  task all[MOST];
  by_ranks(all, 4, 100, 37, map);
  for (size_t r = 0; r < 4; r++)
    assert_string_equal(all[r].error.message, "block 37");
}

/* ---- quartiles and ends ---- */

enum { VALUES = 200000 };

static double value_of(size_t i) {
  nd_random random = nd_random_stream(3, ND_FOR_TEST, 1, i);
  double value = nd_random_uniform(&random);
  return i % 3 ? floor(8 * value) : (value - 0.5) * 1e6; /* few, and many that differ */
}

static void *quartiles(void *context) {
  task *now = context;
  nd_quartiles *of;
  size_t first = nd_rank_first(&now->ranks, now->ranks.rank, VALUES),
         end = nd_rank_first(&now->ranks, now->ranks.rank + 1, VALUES);
  if (nd_quartiles_new(&of, NADIR_FLOAT64, NULL) != NADIR_OK) abort();
  for (bool more = true; more;) {
    for (size_t i = first; i < end; i++) {
      double value = value_of(i);
      nd_quartiles_add(of, &value, 1);
    }
    if (nd_quartiles_next(of, &now->ranks, &more, NULL) != NADIR_OK) abort();
  }
  for (size_t q = 0; q < ND_QUARTILES; q++)
    now->total[q] = nd_quartiles_value(of, q);
  nd_quartiles_free(of);
  return NULL;
}

static void quartiles_are_those_of_all_values(void **state) {
  (void)state;
  double *sorted = malloc(VALUES * sizeof *sorted);
  for (size_t i = 0; i < VALUES; i++)
    sorted[i] = value_of(i);
  nd_sort(VALUES, sorted);
  for (size_t count = 1; count <= 4; count++) {
    task all[MOST];
    by_ranks(all, count, 1, SIZE_MAX, quartiles);
    for (size_t r = 0; r < count; r++)
      for (size_t q = 0; q < ND_QUARTILES; q++)
        assert_true(all[r].total[q] == nd_quartile_of(sorted, VALUES, q));
  }
  free(sorted);
}

/* The last rank has 1 GB, the first most. */
static void *at_once(void *context) {
  task *now = context;
  uint64_t memory = 1000000000 * (uint64_t)(now->ranks.count - now->ranks.rank);
  size_t few, all, least;
  if (nd_quartiles_at_once(memory, 403, 500, &now->ranks, &few, NULL) != NADIR_OK) abort();
  if (nd_quartiles_at_once(memory, 0, 100, &now->ranks, &all, NULL) != NADIR_OK) abort();
  if (nd_quartiles_at_once(1000, 0, 100, &now->ranks, &least, NULL) != NADIR_OK) abort();
  now->seen = few == 119 && all == 100 && least == 16;
  return NULL;
}

static void all_ranks_take_as_many_columns_as_the_one_with_the_least_memory(void **state) {
  (void)state;
  for (size_t count = 1; count <= MOST; count++) {
    task all[MOST];
    by_ranks(all, count, 1, SIZE_MAX, at_once);
    for (size_t r = 0; r < count; r++)
      assert_true(all[r].seen);
  }
}

static void ends_are_those_of_all_values(void **state) {
  (void)state;
  for (size_t n = 0; n < 40; n++)
    for (size_t cut = 0; cut <= n; cut++) {
      nd_ends all = {0}, left = {0}, right = {0};
      for (size_t i = 0; i < n; i++) {
        double value = floor(value_of(i + 40 * n) / (n % 2 ? 1e5 : 1));
        nd_ends_add(&all, value);
        nd_ends_add(i < cut ? &left : &right, value);
      }
      nd_ends_merge(&left, &right);
      const nd_end *a[] = {&all.low, &all.high}, *b[] = {&left.low, &left.high};
      for (size_t e = 0; e < 2 && n > 0; e++) {
        assert_true(a[e]->value == b[e]->value && a[e]->times == b[e]->times);
        assert_true(a[e]->next == b[e]->next || (isnan(a[e]->next) && isnan(b[e]->next)));
      }
      assert_int_equal(all.fractions, left.fractions);
    }
}

/* ---- shares, arrays, agreement ---- */

static void shares_are_even_and_whole(void **state) {
  (void)state;
  for (size_t count = 1; count <= 1000; count = count * 3 + 1)
    for (size_t n = 1; n < 200000; n = n * 5 + 2) {
      nd_ranks ranks = {0, count};
      assert_int_equal(nd_rank_first(&ranks, 0, n), 0);
      assert_int_equal(nd_rank_first(&ranks, count, n), n);
      for (size_t r = 0; r < count; r++) {
        size_t first = nd_rank_first(&ranks, r, n), end = nd_rank_first(&ranks, r + 1, n),
               even = n / count;
        assert_true(first <= end && end - first <= even + even / 16 + 1);
        if (first < end) assert_int_equal(nd_rank_owner(&ranks, n, first), r);
        if (first < end) assert_int_equal(nd_rank_owner(&ranks, n, end - 1), r);
      }
    }
}

static void *fill(void *context) {
  task *now = context;
  uint32_t array[1000] = {0};
  size_t first = nd_rank_first(&now->ranks, now->ranks.rank, now->blocks);
  for (size_t i = first; i < nd_rank_first(&now->ranks, now->ranks.rank + 1, now->blocks); i++)
    array[i] = (uint32_t)(i * i);
  now->status = nd_ranks_fill(&now->ranks, array, now->blocks, sizeof *array, &now->error);
  for (size_t i = 0; i < now->blocks; i++)
    now->seen += array[i] == (uint32_t)(i * i);
  return NULL;
}

static void arrays_are_filled(void **state) {
  (void)state;
  for (size_t count = 1; count <= MOST; count++)
    for (size_t n = 1; n <= 1000; n = n * 3 + 1) {
      task all[MOST];
      by_ranks(all, count, n, SIZE_MAX, fill);
      for (size_t r = 0; r < count; r++)
        assert_int_equal(all[r].seen, n);
    }
}

static void *agree(void *context) {
  task *now = context;
  bool fails = now->ranks.rank >= now->bad;
  nadir_status status =
      fails ? nd_fail(&now->error, NADIR_SYSTEM, "rank %zu", now->ranks.rank) : NADIR_OK;
  now->status = nd_ranks_agree(&now->ranks, status, &now->error);
  return NULL;
}

static void the_lowest_rank_is_believed(void **state) {
  (void)state;
  task all[MOST];
  by_ranks(all, MOST, 1, 4, agree);
  for (size_t r = 0; r < MOST; r++) {
    assert_int_equal(all[r].status, NADIR_SYSTEM);
    assert_string_equal(all[r].error.message, "rank 4");
  }
  by_ranks(all, MOST, 1, MOST, agree);
  for (size_t r = 0; r < MOST; r++)
    assert_int_equal(all[r].status, NADIR_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_have_the_bits_of_one),
      cmocka_unit_test(the_lowest_failure_is_everybodys),
      cmocka_unit_test(messages_are_few),
      cmocka_unit_test(results_of_blocks_are_everybodys),
      cmocka_unit_test(quartiles_are_those_of_all_values),
      cmocka_unit_test(all_ranks_take_as_many_columns_as_the_one_with_the_least_memory),
      cmocka_unit_test(ends_are_those_of_all_values),
      cmocka_unit_test(shares_are_even_and_whole),
      cmocka_unit_test(arrays_are_filled),
      cmocka_unit_test(the_lowest_rank_is_believed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
