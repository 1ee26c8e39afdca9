/* How fast one core reads memory, or NADIR_BENCH_THREADS of them do together: the limit that a pass over rows in memory
 * cannot beat.
 *
 * A gigabyte is summed by a loop of as many independent sums as keep the loads coming, in pages of
 * 2 MB where the system grants them, as nadir and numpy keep their rows: look-ups of the addresses
 * of small pages would take a third of the time. */
#define _GNU_SOURCE /* madvise */
#include <pthread.h>
#include <sys/mman.h>

#include "measure.h"

enum { WORDS = 1 << 27, LANES = 64, LARGE_PAGE = 1 << 21 };

/* What a thread sums. */
typedef struct part {
  const double *values;
  size_t count;
  double total;
} part;

static void *pass(void *context) {
  part *p = context;
  double sums[LANES] = {0};
  for (size_t i = 0; i < p->count; i += LANES)
    for (size_t j = 0; j < LANES; j++)
      sums[j] += p->values[i + j];
  p->total = 0;
  for (size_t j = 0; j < LANES; j++)
    p->total += sums[j];
  return NULL;
}

static double pass_all(const double *values, size_t threads) {
  part parts[64];
  pthread_t others[64];
  const size_t each = WORDS / threads / LANES * LANES;
  double total = 0;
  for (size_t t = 0; t < threads; t++)
    parts[t] = (part){values + t * each, t + 1 < threads ? each : WORDS - t * each, 0};
  for (size_t t = 1; t < threads; t++)
    if (pthread_create(&others[t], NULL, pass, &parts[t]) != 0) give_up("bandwidth", "no thread can be started");
  pass(&parts[0]);
  for (size_t t = 1; t < threads; t++)
    pthread_join(others[t], NULL);
  for (size_t t = 0; t < threads; t++)
    total += parts[t].total;
  return total;
}

int main(void) {
  const size_t threads = bench_threads();
  char peer[32];
  double *values = aligned_alloc(LARGE_PAGE, WORDS * sizeof *values), seconds[MEASURED], total = 0;
  if (values == NULL) give_up("bandwidth", "out of memory");
#ifdef MADV_HUGEPAGE
  madvise(values, WORDS * sizeof *values, MADV_HUGEPAGE);
#endif
  for (size_t i = 0; i < WORDS; i++)
    values[i] = (double)(i % 7);
  pass_all(values, threads);
  for (size_t run = 0; run < MEASURED; run++) {
    const double start = clock_now();
    total += pass_all(values, threads);
    seconds[run] = clock_now() - start;
  }
  snprintf(peer, sizeof peer, threads > 1 ? "memory, %zu threads" : "memory", threads);
  report("bandwidth", peer, "read", median(seconds, MEASURED) / (WORDS * sizeof *values),
         total / MEASURED);
  free(values);
  return 0;
}
