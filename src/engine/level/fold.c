/* fold: rows that lie by columns go into a triangle (base/reflect.h), at this level's width of vectors: the same bits. */
#include "base/reflect.h"
#include "level.h"

void ND_AT_LEVEL(fold)(size_t n, double *r, size_t rows, double *a) {
  nd_fold_tile(n, 0, r, rows, a);
}
