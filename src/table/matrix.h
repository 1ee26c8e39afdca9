/* A square matrix of numbers from a file (matrix.c). */
#ifndef ND_MATRIX_H
#define ND_MATRIX_H

#include "base/base.h"

/* An image or a table of a FITS file, or text: row after row, or their number first. *matrix, *size x *size
 * numbers row after row, is the caller's, by nd_free. It may take `memory` bytes. */
nadir_status nd_matrix_read(const char *path, uint64_t memory, size_t *size, double **matrix,
                            nadir_error *error);

#endif
