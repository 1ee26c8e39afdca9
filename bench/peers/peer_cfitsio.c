/* CFITSIO: peer_cfitsio FILE
 *
 * Reads every column of the first table by fits_read_col, as its manual recommends: as many rows at
 * a time as fits_get_rowsize says its buffers hold, column after column, into arrays of the
 * columns' own type. */
#include <fitsio.h>

#include "../measure.h"

static float *read_all(const char *path, size_t *cells, int *status) {
  fitsfile *file;
  long rows = 0, at_once = 1;
  int columns = 0, any;
  fits_open_table(&file, path, READONLY, status);
  fits_get_num_rows(file, &rows, status);
  fits_get_num_cols(file, &columns, status);
  fits_get_rowsize(file, &at_once, status);
  *cells = (size_t)rows * (size_t)columns;
  float *values = malloc(*cells * sizeof *values);
  if (values == NULL || *status != 0) give_up(path, "cannot be read");
  for (long i = 0; i < rows; i += at_once)
    for (int j = 0; j < columns; j++)
      fits_read_col(file, TFLOAT, j + 1, i + 1, 1, rows - i < at_once ? rows - i : at_once, NULL,
                    values + (size_t)j * (size_t)rows + (size_t)i, &any, status);
  fits_close_file(file, status);
  return values;
}

int main(int argc, char **argv) {
  if (argc != 2) give_up("peer_cfitsio", "FILE");
  double seconds[3], sum = 0;
  float version;
  char text[32];
  size_t cells = 0;
  for (size_t run = 0; run < 3; run++) {
    int status = 0;
    const double start = clock_now();
    float *values = read_all(argv[1], &cells, &status);
    seconds[run] = clock_now() - start;
    if (status != 0) give_up(argv[1], "cannot be read");
    sum = 0;
    for (size_t i = cells - cells / 10; i < cells; i++)
      sum += values[i];
    free(values);
  }
  fits_get_version(&version);
  snprintf(text, sizeof text, "%.3g", (double)version);
  report("fits", "cfitsio", text, median(seconds, 3), sum / (double)(cells / 10));
  return 0;
}
