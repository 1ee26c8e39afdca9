/* A square matrix of numbers, as of covariances: read whole, from
 *
 *   an image of a FITS file, its first of two axes, or else its first table, as many columns (or elements of them)
 *   as rows (FITS 4.0, sections 4.4.1 and 7);
 *   text, numbers between blanks, line ends, commas or semicolons: all of a matrix row after row, or first its number
 *   of rows, as supernova samples come (Pantheon+: A. Riess and others 2022). What follows # is a comment, and a first
 *   line without a number is a header.
 *
 * Costs the matrix, and of text up to twice that. */
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "table/fits_internal.h"
#include "table/matrix.h"

typedef struct matrix {
  const char *path;
  uint64_t memory;
  double *numbers;
  size_t count, capacity, size;
} matrix;

static nadir_status too_large(const matrix *m, nadir_error *error) {
  return nd_fail(error, NADIR_NO_MEMORY,
                 "%s: the matrix does not fit into %llu bytes: set memory to more", m->path,
                 (unsigned long long)m->memory);
}

static nadir_status not_square(const matrix *m, uint64_t rows, uint64_t columns,
                               nadir_error *error) {
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: %llu rows of %llu numbers are not a square matrix: give as many as rows",
                 m->path, (unsigned long long)rows, (unsigned long long)columns);
}

/* Room for size x size numbers. */
static nadir_status make_room(matrix *m, uint64_t size, nadir_error *error) {
  size_t bytes;
  if (size > m->memory || !nd_multiply((size_t)size, (size_t)size, &m->count) ||
      !nd_multiply(m->count, sizeof(double), &bytes) || bytes > m->memory)
    return too_large(m, error);
  m->size = (size_t)size;
  m->numbers = nd_new(m->count, sizeof *m->numbers, error);
  return m->numbers ? NADIR_OK : NADIR_NO_MEMORY;
}

/* ---- text ---- */

static bool separates(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ';';
}

static nadir_status add(matrix *m, double value, nadir_error *error) {
  if (m->count >= m->memory / sizeof value) return too_large(m, error);
  ND_TRY(nd_grow(&m->numbers, &m->capacity, m->count + 1, sizeof value, error));
  m->numbers[m->count++] = value;
  return NADIR_OK;
}

static const char *end_of_line(const char *at, const char *end) {
  const char *stop = memchr(at, '\n', (size_t)(end - at));
  return stop ? stop : end;
}

static const char *end_of_word(const char *at, const char *end) {
  while (at < end && !separates(*at) && *at != '#')
    at++;
  return at;
}

static nadir_status no_number(const matrix *m, size_t line, const char *at, const char *stop,
                              nadir_error *error) {
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s:%zu: '%.*s' is not a number: give a matrix of numbers alone", m->path, line,
                 (int)(stop - at < 40 ? stop - at : 40), at);
}

static nadir_status read_words(matrix *m, const char *at, const char *end, nadir_error *error) {
  bool headed = false;
  for (size_t line = 1; at < end;) {
    double value;
    const char *stop = end_of_word(at, end), *after = nd_read_number(at, stop, &value);
    if (*at == '#') {
      at = end_of_line(at, end);
    } else if (separates(*at)) {
      line += *at++ == '\n';
    } else if (after == stop && isfinite(value)) {
      ND_TRY(add(m, value, error));
      at = stop;
    } else if (m->count == 0 && !headed) {
      headed = true;
      at = end_of_line(at, end);
    } else {
      return no_number(m, line, at, stop, error);
    }
  }
  return NADIR_OK;
}

/* n x n numbers, or n and then these: n^2 is never one more than another square. */
static nadir_status find_shape(matrix *m, nadir_error *error) {
  size_t size = (size_t)floor(sqrt((double)m->count) + 0.5);
  m->size = size;
  if (size > 0 && size * size == m->count) return NADIR_OK;
  m->size = m->count > 1 ? (size_t)floor(sqrt((double)(m->count - 1)) + 0.5) : 0;
  if (m->size > 0 && m->size * m->size == m->count - 1 && m->numbers[0] == (double)m->size) {
    memmove(m->numbers, m->numbers + 1, (m->count - 1) * sizeof *m->numbers);
    return NADIR_OK;
  }
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: %zu numbers are not a square matrix: give n rows of n numbers, or n and then "
                 "these",
                 m->path, m->count);
}

static nadir_status read_text(matrix *m, nadir_error *error) {
  char *text;
  size_t size;
  const size_t most = m->memory < SIZE_MAX / 2 ? (size_t)m->memory : SIZE_MAX / 2;
  ND_TRY(nd_file_slurp(m->path, most, &text, &size, error));
  nadir_status status = read_words(m, text, text + size, error);
  nd_free(text);
  return status == NADIR_OK ? find_shape(m, error) : status;
}

/* ---- images ---- */

typedef struct image {
  int64_t bitpix, axes, width, height;
  double scale, zero;
} image;

static nadir_status image_card(void *context, const char card[ND_FITS_CARD], nadir_error *error) {
  image *it = context;
  (void)error; /* what the walk has found to be right */
  if (nd_fits_is(card, "BITPIX")) (void)nd_fits_integer(card, &it->bitpix);
  if (nd_fits_is(card, "NAXIS")) (void)nd_fits_integer(card, &it->axes);
  if (nd_fits_is(card, "NAXIS1")) (void)nd_fits_integer(card, &it->width);
  if (nd_fits_is(card, "NAXIS2")) (void)nd_fits_integer(card, &it->height);
  if (nd_fits_is(card, "BSCALE")) (void)nd_fits_real(card, &it->scale);
  if (nd_fits_is(card, "BZERO")) (void)nd_fits_real(card, &it->zero);
  return NADIR_OK;
}

/* The number whose first byte, of the highest value, is at `from`. */
static double cell_of(const image *it, const unsigned char *from) {
  const size_t bytes = (size_t)(it->bitpix < 0 ? -it->bitpix : it->bitpix) / 8;
  uint64_t bits = 0;
  for (size_t i = 0; i < bytes; i++)
    bits = bits << 8 | from[i];
  double wide;
  float narrow;
  const uint32_t half = (uint32_t)bits;
  memcpy(&wide, &bits, sizeof wide);
  memcpy(&narrow, &half, sizeof narrow);
  switch (it->bitpix) {
  case -64:
    return wide;
  case -32:
    return (double)narrow;
  case 64:
    return (double)(int64_t)bits;
  case 32:
    return (double)(int32_t)half;
  case 16:
    return (double)(int16_t)half;
  default:
    return (double)bits;
  }
}

static nadir_status read_cells(matrix *m, const nd_fits *fits, uint64_t data, const image *it,
                               nadir_error *error) {
  const size_t bytes = (size_t)(it->bitpix < 0 ? -it->bitpix : it->bitpix) / 8;
  unsigned char *line = nd_new(m->size, bytes, error);
  nadir_status status = line ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; i < m->size && status == NADIR_OK; i++) {
    size_t got;
    status =
        nd_file_read_at(fits->file, data + i * m->size * bytes, line, m->size * bytes, &got, error);
    for (size_t j = 0; j < m->size && status == NADIR_OK; j++)
      m->numbers[i * m->size + j] = it->zero + it->scale * cell_of(it, line + j * bytes);
  }
  nd_free(line);
  return status;
}

static nadir_status read_image(matrix *m, const nd_fits *fits, size_t number, nadir_error *error) {
  const nd_fits_hdu *hdu = &fits->hdus[number];
  image it = {.scale = 1};
  uint64_t end;
  ND_TRY(nd_fits_cards(fits, number, hdu->header, &end, image_card, &it, error));
  if (it.axes != 2 || it.width != it.height || it.width == 0)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: the image of HDU %zu is not square: give a matrix of as many rows as "
                   "columns",
                   m->path, number);
  if (hdu->available < hdu->size)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: the file ends within the image of HDU %zu: fetch it again", m->path,
                   number);
  ND_TRY(make_room(m, (uint64_t)it.width, error));
  return read_cells(m, fits, end, &it, error);
}

/* The first image with data; fits->count where there is none. */
static nadir_status find_image(const matrix *m, nd_fits *fits, size_t *number, nadir_error *error) {
  ND_TRY(nd_file_open(&fits->file, m->path, error));
  ND_TRY(nd_fits_walk(fits, error));
  for (*number = 0; *number < fits->count; ++*number)
    if (fits->hdus[*number].kind == ND_FITS_IMAGE && fits->hdus[*number].has_data) break;
  return NADIR_OK;
}

/* ---- tables ---- */

static size_t count_cells(const nd_table *table) {
  size_t cells = 0;
  for (size_t c = 0; c < nd_table_columns(table); c++)
    cells += nd_table_column(table, c)->elements;
  return cells;
}

/* A chunk's rows of each element of each column. */
static nadir_status read_chunk(matrix *m, const nd_table *table, size_t chunk, nd_request *requests,
                               double *room, nd_scratch *scratch, nadir_error *error) {
  size_t rows, count = 0, height = nd_table_room(table);
  for (size_t c = 0; c < nd_table_columns(table); c++)
    for (size_t e = 0; e < nd_table_column(table, c)->elements; e++, count++)
      requests[count] = (nd_request){
          .kind = ND_AS_NUMBER, .column = c, .element = e, .numbers = room + count * height};
  ND_TRY(nd_table_read(table, chunk, requests, count, scratch, &rows, error));
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < m->size; j++)
      m->numbers[(chunk * ND_CHUNK + i) * m->size + j] = room[j * height + i];
  return NADIR_OK;
}

static nadir_status read_chunks(matrix *m, const nd_table *table, nadir_error *error) {
  nd_scratch *scratch;
  ND_TRY(nd_scratch_new(&scratch, table, error));
  nd_request *requests = nd_new(m->size, sizeof *requests, error);
  size_t cells;
  double *room = nd_multiply(m->size, nd_table_room(table), &cells)
                     ? nd_new(cells, sizeof *room, error)
                     : NULL;
  nadir_status status = requests && room ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t c = 0; c < nd_table_chunks(table) && status == NADIR_OK; c++)
    status = read_chunk(m, table, c, requests, room, scratch, error);
  nd_free(room);
  nd_free(requests);
  nd_scratch_free(scratch);
  return status;
}

static nadir_status read_table(matrix *m, nadir_error *error) {
  nd_table *table;
  const nd_table_options options = {.spool = m->memory};
  ND_TRY(nd_table_open(&table, &m->path, 1, &options, error));
  uint64_t rows = nd_table_rows(table);
  size_t cells = count_cells(table);
  nadir_status status =
      rows == cells ? make_room(m, rows, error) : not_square(m, rows, cells, error);
  if (status == NADIR_OK) status = read_chunks(m, table, error);
  nd_table_close(table);
  return status;
}

/* ---- both ---- */

static nadir_status read_fits(matrix *m, nadir_error *error) {
  nd_fits fits = {.path = m->path};
  size_t number = 0;
  nadir_status status = find_image(m, &fits, &number, error);
  bool found = status == NADIR_OK && number < fits.count;
  if (found) status = read_image(m, &fits, number, error);
  nd_file_close(fits.file);
  nd_free(fits.hdus);
  return status == NADIR_OK && !found ? read_table(m, error) : status;
}

static nadir_status begins_as_fits(const char *path, bool *is, nadir_error *error) {
  nd_file *file;
  char head[10];
  size_t got = 0;
  ND_TRY(nd_file_open(&file, path, error));
  nadir_status status = nd_file_read(file, head, sizeof head, &got, error);
  nd_file_close(file);
  *is = nd_fits_begins(head, got);
  return status;
}

nadir_status nd_matrix_read(const char *path, uint64_t memory, size_t *size, double **numbers,
                            nadir_error *error) {
  matrix m = {.path = path, .memory = memory};
  bool fits;
  *numbers = NULL;
  ND_TRY(begins_as_fits(path, &fits, error));
  nadir_status status = fits ? read_fits(&m, error) : read_text(&m, error);
  if (status == NADIR_OK && !nd_all_finite(m.size * m.size, m.numbers))
    status = nd_fail(error, NADIR_BAD_DATA,
                     "%s: an element of the matrix is missing or not finite: give a number for "
                     "each",
                     path);
  *size = m.size;
  *numbers = m.numbers;
  if (status == NADIR_OK) return NADIR_OK;
  nd_free(m.numbers);
  *numbers = NULL;
  return status;
}
