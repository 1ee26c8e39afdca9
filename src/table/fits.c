/* FITS tables: opening a file and choosing the HDU. The reading itself is in fits_rows.c.
 *
 * A user's file name is opened by nd_file_open alone and never reaches CFITSIO, whose names have
 * powers (filters, network, commands, output files). Headers and rows are read here, every size
 * checked against the file before anything is allocated for it or read. CFITSIO serves the tests as
 * the second opinion and no more: it leaves its buffers on damaged files (20 of 3000 damaged
 * compressed tables end it under the address sanitizer), keeps state of the whole process, and
 * takes three times as long for a million rows of ten floats.
 *
 * Opening reads each header once and no data. Afterwards a table costs a fixed memory, however
 * long. */
#include <stdio.h>
#include <string.h>

#include "table/fits_internal.h"

static const char *const kinds[] = {"image",       "random groups",    "table",
                                    "ASCII table", "compressed image", "compressed table",
                                    "unknown kind"};

static bool is_readable(const nd_fits_hdu *hdu) {
  return (hdu->kind == ND_FITS_BINARY || hdu->kind == ND_FITS_ASCII ||
          hdu->kind == ND_FITS_PACKED_TABLE) &&
         hdu->fields > 0;
}

/* ---- the choice of the HDU ------------------------------------------------------------------- */

static const char *kind_name(const nd_fits_hdu *hdu) {
  if (hdu->kind == ND_FITS_IMAGE && !hdu->has_data) return "no data";
  return kinds[hdu->kind];
}

/* "0 (no data), 1 EVENTS (table), 2 GTI (table)", cut where it grows long. */
static void list_hdus(const nd_fits *fits, char *text, size_t size) {
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < fits->count; i++) {
    const nd_fits_hdu *hdu = &fits->hdus[i];
    if (used + 128 > size) {
      snprintf(text + used, size - used, ", ... %zu in all", fits->count);
      return;
    }
    used += (size_t)snprintf(text + used, size - used, "%s%zu%s%s (%s%s)", i > 0 ? ", " : "", i,
                             hdu->name[0] != '\0' ? " " : "", hdu->name, kind_name(hdu),
                             hdu->size > hdu->available ? ", cut short" : "");
  }
}

static nadir_status no_such_hdu(const nd_fits *fits, const char *wanted, nadir_error *error) {
  char list[600];
  if (fits->broken.status != NADIR_OK) {
    if (error != NULL) *error = fits->broken;
    return fits->broken.status;
  }
  list_hdus(fits, list, sizeof list);
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: there is no HDU '%.72s': set hdu to a number or a name; here are %s",
                 fits->path, wanted, list);
}

static nadir_status no_table(const nd_fits *fits, nadir_error *error) {
  char list[600];
  if (fits->broken.status != NADIR_OK) {
    if (error != NULL) *error = fits->broken;
    return fits->broken.status;
  }
  list_hdus(fits, list, sizeof list);
  return nd_fail(
      error, NADIR_BAD_DATA,
      "%s: there is no table with columns in this FITS file: its HDUs are %s; give a file that "
      "has a table",
      fits->path, list);
}

static bool has_table(const nd_fits *fits) {
  for (size_t i = 0; i < fits->count; i++)
    if (is_readable(&fits->hdus[i])) return true;
  return false;
}

static nadir_status not_a_table(const nd_fits *fits, size_t number, nadir_error *error) {
  char list[600];
  const nd_fits_hdu *hdu = &fits->hdus[number];
  const char *what = hdu->kind == ND_FITS_BINARY ? "a table without columns" : kind_name(hdu);
  const char *todo = has_table(fits) ? "set hdu to a table" : "give a file that has a table";
  list_hdus(fits, list, sizeof list);
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: HDU %zu is not a table that can be read (%s): %s; here are %s", fits->path,
                 number, what, todo, list);
}

/* A text of digits alone, of which there are some, is a number; one too large stays larger than any
 * count of HDUs. */
static bool is_number(const char *text, size_t *number) {
  size_t sum = 0;
  for (; *text != '\0'; text++) {
    if (*text < '0' || *text > '9') return false;
    if (!nd_multiply(sum, 10, &sum) || !nd_add(sum, (size_t)(*text - '0'), &sum))
      sum = SIZE_MAX / 16;
  }
  *number = sum;
  return true;
}

/* By EXTNAME, in any case; a table rather than an image of the same name. fits->count when none is.
 */
static size_t find_name(const nd_fits *fits, const char *name) {
  size_t found = fits->count;
  for (size_t i = 0; i < fits->count; i++) {
    if (!nd_same_name(fits->hdus[i].name, name)) continue;
    if (is_readable(&fits->hdus[i])) return i;
    if (found == fits->count) found = i;
  }
  return found;
}

static nadir_status choose(const nd_fits *fits, const char *wanted, size_t *number,
                           nadir_error *error) {
  if (wanted == NULL || wanted[0] == '\0') {
    for (*number = 0; *number < fits->count; ++*number)
      if (is_readable(&fits->hdus[*number])) return NADIR_OK;
    return no_table(fits, error);
  }
  if (!is_number(wanted, number)) *number = find_name(fits, wanted);
  if (*number >= fits->count) return no_such_hdu(fits, wanted, error);
  return is_readable(&fits->hdus[*number]) ? NADIR_OK : not_a_table(fits, *number, error);
}

static nadir_status check_rows(const nd_fits *fits, size_t number, uint64_t row_bytes,
                               uint64_t rows, nadir_error *error) {
  if (row_bytes > 0 || rows == 0) return NADIR_OK;
  return nd_fail(
      error, NADIR_BAD_DATA,
      "%s: HDU %zu promises %llu rows of no bytes (NAXIS1 is 0): the header is damaged; restore "
      "the file or choose another HDU",
      fits->path, number, (unsigned long long)rows);
}

static nadir_status check_size(const nd_fits *fits, size_t number, nadir_error *error) {
  const nd_fits_hdu *hdu = &fits->hdus[number];
  ND_TRY(check_rows(fits, number, hdu->row_bytes, hdu->rows, error));
  if (hdu->kind == ND_FITS_PACKED_TABLE)
    ND_TRY(check_rows(fits, number, hdu->plain_row_bytes, hdu->plain_rows, error));
  if (hdu->size <= hdu->available) return NADIR_OK;
  return nd_fail(
      error, NADIR_BAD_DATA,
      "%s: HDU %zu promises %llu rows of %llu bytes (%llu bytes of data in all) but only %llu "
      "bytes are there: the file is cut short; fetch it again",
      fits->path, number, (unsigned long long)hdu->rows, (unsigned long long)hdu->row_bytes,
      (unsigned long long)hdu->size, (unsigned long long)hdu->available);
}

/* ---- the source ------------------------------------------------------------------------------ */

static nadir_status where(const nd_source *source, uint64_t row, nd_text *out, nadir_error *error) {
  nd_text_print(out, "%s:row %llu", source->path, (unsigned long long)row + 1);
  return nd_text_status(out, error);
}

static void close_source(nd_source *source) {
  nd_fits_source *s = (nd_fits_source *)source;
  nd_arena *arena = source->arena; /* it holds the source itself */
  nd_file_close(s->file);
  nd_arena_free(arena);
}

static const nd_source_class fits_class = {
    .name = "fits",
    .read = nd_fits_read,
    .scratch_new = nd_fits_scratch_new,
    .scratch_free = nd_fits_scratch_free,
    .where = where,
    .close = close_source,
};

/* The unpacked rows take the place of the file. */
static nadir_status replace_packed(nd_fits_source *s, nd_fits *fits, size_t number,
                                   nd_spool *spooled, nadir_error *error) {
  nd_file *plain;
  ND_TRY(nd_fits_unpack(fits, number, s->fields, &plain, spooled, error));
  nd_file_close(fits->file);
  fits->file = plain;
  s->hdu.kind = ND_FITS_BINARY;
  s->hdu.data = 0;
  s->hdu.rows = s->hdu.plain_rows;
  s->hdu.row_bytes = s->hdu.plain_row_bytes;
  return NADIR_OK;
}

static nadir_status make_source(nd_fits_source *s, nd_fits *fits, size_t number, nd_spool *spooled,
                                nadir_error *error) {
  nd_fits_field *fields;
  ND_TRY(check_size(fits, number, error));
  ND_TRY(nd_fits_columns(fits, number, s->source.arena, &fields, &s->source.columns, error));
  s->hdu = fits->hdus[number];
  s->fields = fields;
  if (s->hdu.kind == ND_FITS_PACKED_TABLE) ND_TRY(replace_packed(s, fits, number, spooled, error));
  s->source.column_count = s->hdu.fields;
  s->source.rows = s->hdu.rows;
  return NADIR_OK;
}

static nadir_status keep_nulls(nd_fits_source *s, const nd_table_options *options,
                               nadir_error *error) {
  size_t size = options->null_count * sizeof(double);
  if (size == 0) return NADIR_OK;
  double *nulls = nd_arena_take(s->source.arena, size, error);
  if (nulls == NULL) return NADIR_NO_MEMORY;
  memcpy(nulls, options->nulls, size);
  s->nulls = nulls;
  s->null_count = options->null_count;
  return NADIR_OK;
}

static nadir_status open_source(nd_fits_source *s, nd_fits *fits, const nd_table_options *options,
                                nadir_error *error) {
  size_t number;
  ND_TRY(keep_nulls(s, options, error));
  ND_TRY(nd_fits_walk(fits, error));
  ND_TRY(choose(fits, options->hdu, &number, error));
  return make_source(s, fits, number, options->spooled, error);
}

static nadir_status start_source(nd_fits_source **s, const char *path, nadir_error *error) {
  nd_arena *arena;
  ND_TRY(nd_arena_new(&arena, error));
  *s = nd_arena_take(arena, sizeof **s, error);
  const char *kept = *s == NULL ? NULL : nd_arena_text(arena, path, strlen(path), error);
  if (kept == NULL) {
    nd_arena_free(arena);
    return NADIR_NO_MEMORY;
  }
  (*s)->source = (nd_source){.class = &fits_class, .path = kept, .arena = arena};
  return NADIR_OK;
}

bool nd_fits_begins(const char *head, size_t size) {
  static const char begin[] = "SIMPLE  =";
  return size >= sizeof begin - 1 && memcmp(head, begin, sizeof begin - 1) == 0;
}

nadir_status nd_fits_open(nd_source **source, nd_file *file, const nd_table_options *options,
                          nadir_error *error) {
  nd_fits_source *s;
  *source = NULL;
  nadir_status status = start_source(&s, nd_file_path(file), error);
  if (status != NADIR_OK) {
    nd_file_close(file);
    return status;
  }
  nd_fits fits = {.file = file, .path = s->source.path};
  status = open_source(s, &fits, options, error);
  nd_free(fits.hdus);
  s->file = fits.file;
  if (status == NADIR_OK)
    *source = &s->source;
  else
    close_source(&s->source);
  return status;
}
