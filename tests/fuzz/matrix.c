/* Fuzzes the reader of matrices: any bytes must be read, as a matrix of finite numbers within the memory that is
 * allowed, or refused. A fault: a crash, memory that leaks or is not ours. */
#include "table/matrix.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  enum { MEMORY = 1 << 16 };
  double *matrix, sum = 0;
  size_t n;
  fuzz_enter();
  fuzz_write("matrix", data, size);
  if (nd_matrix_read("matrix", MEMORY, &n, &matrix, NULL) != NADIR_OK) return 0;
  require(n > 0 && n * n * sizeof *matrix <= MEMORY, "the matrix fits into the memory");
  for (size_t i = 0; i < n * n; i++)
    sum += isfinite(matrix[i]) ? 0 : 1;
  require(sum == 0, "all numbers are finite");
  nd_free(matrix);
  return 0;
}
