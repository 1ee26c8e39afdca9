/* How fast one core reads memory: the limit that a pass over rows in memory cannot beat.
 *
 * A gigabyte is summed by a loop of as many independent sums as keep the loads coming, in pages of
 * 2 MB where the system grants them, as nadir and numpy keep their rows: look-ups of the addresses
 * of small pages would take a third of the time. */
#define _GNU_SOURCE /* madvise */
#include <sys/mman.h>

#include "measure.h"

enum { WORDS = 1 << 27, LANES = 64, LARGE_PAGE = 1 << 21 };

static double pass(const double *values) {
  double sums[LANES] = {0}, total = 0;
  for (size_t i = 0; i < WORDS; i += LANES)
    for (size_t j = 0; j < LANES; j++)
      sums[j] += values[i + j];
  for (size_t j = 0; j < LANES; j++)
    total += sums[j];
  return total;
}

int main(void) {
  double *values = aligned_alloc(LARGE_PAGE, WORDS * sizeof *values), seconds[MEASURED], total = 0;
  if (values == NULL) give_up("bandwidth", "out of memory");
#ifdef MADV_HUGEPAGE
  madvise(values, WORDS * sizeof *values, MADV_HUGEPAGE);
#endif
  for (size_t i = 0; i < WORDS; i++)
    values[i] = (double)(i % 7);
  pass(values);
  for (size_t run = 0; run < MEASURED; run++) {
    const double start = clock_now();
    total += pass(values);
    seconds[run] = clock_now() - start;
  }
  report("bandwidth", "memory", "read", median(seconds, MEASURED) / (WORDS * sizeof *values),
         total / MEASURED);
  free(values);
  return 0;
}
