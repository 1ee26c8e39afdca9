/* How fast one core reads memory: the limit that a pass over rows in memory cannot beat.
 *
 * A gigabyte is summed by a loop of as many independent sums as keep the loads coming. */
#include "measure.h"

enum { WORDS = 1 << 27, LANES = 64 };

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
  double *values = malloc(WORDS * sizeof *values), seconds[MEASURED], total = 0;
  if (values == NULL) give_up("bandwidth", "out of memory");
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
