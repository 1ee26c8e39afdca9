/* Directions along which a loss is flat, as few numbers as can say them: the reduced echelon form,
 * by Gauss and Jordan. Row r then has a 1 at its own parameter, its pivot, where
 * all other rows have a 0; so "w[a] - 0.5 w[b]" reads as: when b falls by a half, a rises by one. */
#include "judge/kind_internal.h"

static const double NOTHING = 1e-9; /* of a row's largest part: what rounding leaves */

/* The last parameter that the row moves: the first ones are those that people speak of. */
static size_t last_part(size_t size, const double *row) {
  double largest = 0;
  size_t at = SIZE_MAX;
  for (size_t i = 0; i < size; i++)
    largest = fmax(largest, fabs(row[i]));
  for (size_t i = 0; i < size; i++)
    if (fabs(row[i]) > NOTHING * largest) at = i;
  return at;
}

static void clear_column(size_t size, size_t count, double *rows, size_t r, size_t pivot) {
  double *row = rows + r * size, lead = row[pivot];
  for (size_t i = 0; i < size; i++)
    row[i] /= lead;
  for (size_t k = 0; k < count; k++) {
    double times = k == r ? 0 : rows[k * size + pivot];
    for (size_t i = 0; times != 0 && i < size; i++)
      rows[k * size + i] -= times * row[i];
  }
}

static void drop_rounding(size_t size, double *row) {
  double largest = 0;
  for (size_t i = 0; i < size; i++)
    largest = fmax(largest, fabs(row[i]));
  for (size_t i = 0; i < size; i++)
    if (fabs(row[i]) <= NOTHING * largest) row[i] = 0;
}

void nd_reduce_directions(size_t size, size_t count, double *rows) {
  for (size_t r = 0; r < count; r++) {
    size_t pivot = last_part(size, rows + r * size);
    if (pivot != SIZE_MAX) clear_column(size, count, rows, r, pivot);
  }
  for (size_t r = 0; r < count; r++)
    drop_rounding(size, rows + r * size);
}
