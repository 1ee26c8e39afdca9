/* Penalties: l1 |w|, and l2/2 |w|^2 as the sum of squares that it is. */
#include <math.h>
#include <string.h>

#include "objective/objective.h"

double nd_l1_penalty(const nd_objective *objective, const double *w) {
  double sum = 0;
  for (size_t i = 0; objective->l1 && i < objective->problem.size; i++)
    sum += objective->l1[i] * fabs(w[i]);
  return sum;
}

void nd_ridge_rows(size_t size, const double *ridge, double squares, const double *w,
                   double *rows) {
  size_t width = size + 1;
  memset(rows, 0, size * width * sizeof *rows);
  for (size_t i = 0; i < size; i++) {
    double root = sqrt(ridge[i] / (2 * squares));
    rows[i * width + i] = root;
    rows[i * width + size] = root * w[i];
  }
}
