/* What the columns of a FITS table are: TTYPE, TFORM, TUNIT, TNULL, TSCAL, TZERO, TBCOL of each
 * (FITS 4.0, sections 7.2 and 7.3), with long strings continued on CONTINUE cards.
 *
 * The widths by TFORM must add up to NAXIS1 to the byte, or the header is refused: rows read with
 * wrong offsets are numbers that look right. A column whose cells are not plain numbers (complex,
 * variable length) is listed as text, so that nothing takes it for a number; fits_rows.c says why
 * when asked. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "table/fits_internal.h"

enum { MAX_NAME = 1024 }; /* longer continued strings are cut */

/* The strings of a column as the header has them. */
typedef struct raw_column {
  const char *name, *unit, *form;
  const char *packed_form, *packing; /* of a compressed table, whose TFORM is in ZFORM */
  bool placed;                       /* TBCOL was seen */
} raw_column;

typedef struct reading {
  const nd_fits *fits;
  const nd_fits_hdu *hdu;
  size_t number;
  uint64_t row_bytes; /* of the plain rows */
  bool packed;
  nd_arena *arena;
  nd_fits_field *fields;
  raw_column *raw;
  const char **continued; /* the string that a CONTINUE card would add to */
} reading;

static nadir_status bad_column(const reading *r, size_t i, nadir_error *error, const char *what) {
  return nd_fail(
      error, NADIR_BAD_DATA,
      "%s: column %zu of HDU %zu: %s: the header is damaged; restore the file or choose another "
      "HDU",
      r->fits->path, i + 1, r->number, what);
}

/* ---- cards ----------------------------------------------------------------------------------- */

static nadir_status keep_string(reading *r, const char *card, const char **place,
                                nadir_error *error) {
  char text[ND_FITS_TEXT];
  if (!nd_fits_string(card, text)) return NADIR_OK;
  size_t old = *place == NULL ? 0 : strlen(*place), more = strlen(text);
  if (old > 0) old--; /* the & that asks for more */
  if (old + more > MAX_NAME) more = MAX_NAME - old;
  char *joined = nd_arena_take(r->arena, old + more + 1, error);
  if (joined == NULL) return NADIR_NO_MEMORY;
  if (old > 0) memcpy(joined, *place, old);
  memcpy(joined + old, text, more);
  *place = joined;
  r->continued = more > 0 && joined[old + more - 1] == '&' ? place : NULL;
  return NADIR_OK;
}

static nadir_status fresh_string(reading *r, const char *card, const char **place,
                                 nadir_error *error) {
  *place = NULL;
  return keep_string(r, card, place, error);
}

static void null_card(nd_fits_field *field, const char *card, bool ascii) {
  field->has_null =
      ascii ? nd_fits_string(card, field->null_text) : nd_fits_integer(card, &field->null);
  field->bad_null = !ascii && !field->has_null;
}

static nadir_status column_number(reading *r, size_t i, const char *card, nadir_error *error) {
  nd_fits_field *field = &r->fields[i];
  int64_t begin;
  if (nd_fits_index(card, "TNULL") > 0) null_card(field, card, r->hdu->kind == ND_FITS_ASCII);
  if (nd_fits_index(card, "TSCAL") > 0 &&
      (!nd_fits_real(card, &field->scale) || !isfinite(field->scale)))
    return bad_column(r, i, error, "TSCAL is not a number");
  if (nd_fits_index(card, "TZERO") > 0 &&
      (!nd_fits_real(card, &field->zero) || !isfinite(field->zero)))
    return bad_column(r, i, error, "TZERO is not a number");
  if (nd_fits_index(card, "TBCOL") > 0) {
    if (!nd_fits_integer(card, &begin) || begin < 1 || (uint64_t)begin > r->row_bytes)
      return bad_column(r, i, error, "TBCOL is not a place in a row");
    r->raw[i].placed = true;
    field->offset = (size_t)begin - 1;
  }
  return NADIR_OK;
}

static size_t index_of(const char *card) {
  static const char *const stems[] = {"TTYPE", "TFORM", "TUNIT", "TNULL", "TSCAL",
                                      "TZERO", "TBCOL", "ZFORM", "ZCTYP"};
  for (size_t s = 0; s < ND_COUNT(stems); s++) {
    size_t n = nd_fits_index(card, stems[s]);
    if (n > 0) return n;
  }
  return 0;
}

static nadir_status packed_column(reading *r, raw_column *raw, const char *card,
                                  nadir_error *error) {
  if (!r->packed) return NADIR_OK;
  return fresh_string(r, card, nd_fits_index(card, "ZFORM") > 0 ? &raw->form : &raw->packing,
                      error);
}

static nadir_status column_card(void *context, const char card[ND_FITS_CARD], nadir_error *error) {
  reading *r = context;
  if (nd_fits_is(card, "CONTINUE") && r->continued != NULL)
    return keep_string(r, card, r->continued, error);
  r->continued = NULL;
  size_t n = card[0] == 'T' || card[0] == 'Z' ? index_of(card) : 0;
  if (n == 0 || n > r->hdu->fields) return NADIR_OK;
  raw_column *raw = &r->raw[n - 1];
  if (nd_fits_index(card, "TTYPE") > 0) return fresh_string(r, card, &raw->name, error);
  if (nd_fits_index(card, "TFORM") > 0)
    return fresh_string(r, card, r->packed ? &raw->packed_form : &raw->form, error);
  if (card[0] == 'Z') return packed_column(r, raw, card, error);
  if (nd_fits_index(card, "TUNIT") > 0) return fresh_string(r, card, &raw->unit, error);
  return column_number(r, n - 1, card, error);
}

/* ---- TFORM ----------------------------------------------------------------------------------- */

/* A decimal number at *text, or `otherwise` where there is none; false when it is too large. */
static bool count_at(const char **text, size_t otherwise, size_t *value) {
  const char *at = *text;
  size_t sum = 0;
  for (; *at >= '0' && *at <= '9'; at++)
    if (!nd_multiply(sum, 10, &sum) || !nd_add(sum, (size_t)(*at - '0'), &sum)) return false;
  *value = at == *text ? otherwise : sum;
  *text = at;
  return true;
}

static size_t element_width(char code) {
  switch (code) {
  case 'L':
  case 'B':
    return 1;
  case 'I':
    return 2;
  case 'J':
  case 'E':
    return 4;
  case 'K':
  case 'D':
  case 'C':
  case 'P':
    return 8;
  case 'M':
  case 'Q':
    return 16;
  default:
    return 0;
  }
}

/* rA: one string; rAw: r / w strings of w characters. */
static bool text_form(const char *rest, nd_fits_field *field) {
  size_t characters = field->repeat, width;
  if (!count_at(&rest, characters, &width)) return false;
  if (width == 0 || width > characters || characters % width != 0) width = characters;
  field->width = width;
  field->repeat = characters == 0 ? 0 : characters / width;
  field->bytes = characters;
  return true;
}

bool nd_fits_tform(const char *tform, nd_fits_field *field) {
  while (*tform == ' ')
    tform++;
  if (!count_at(&tform, 1, &field->repeat)) return false;
  char code = *tform >= 'a' && *tform <= 'z' ? (char)(*tform - 'a' + 'A') : *tform;
  field->code = code == 'Q' ? 'P' : code;
  if (code == 'A') return text_form(tform + 1, field);
  if (code == 'X') {
    field->bytes = field->repeat / 8 + (field->repeat % 8 != 0);
    return true;
  }
  field->width = element_width(code);
  return field->width > 0 && nd_multiply(field->repeat, field->width, &field->bytes);
}

/* Aw, Iw, Fw.d, Ew.d, Dw.d of an ASCII table. */
static bool ascii_tform(const char *form, nd_fits_field *field) {
  size_t decimals = 0;
  while (*form == ' ')
    form++;
  char code = *form >= 'a' && *form <= 'z' ? (char)(*form - 'a' + 'A') : *form;
  if (code == '\0' || strchr("AIFED", code) == NULL) return false;
  field->code = code == 'A' ? 'A' : 'N';
  field->repeat = 1;
  form++;
  if (!count_at(&form, 0, &field->width) || field->width == 0) return false;
  if (*form == '.') {
    form++;
    if (!count_at(&form, 0, &decimals) || decimals > field->width) return false;
  }
  field->decimals = decimals;
  field->bytes = field->width;
  return true;
}

/* ---- fields ---------------------------------------------------------------------------------- */

static void set_scaling(nd_fits_field *field) {
  bool scalable = strchr("BIJKEDN", field->code) != NULL;
  if (!scalable) {
    field->scale = 1;
    field->zero = 0;
  }
  field->scaled = field->scale != 1 || field->zero != 0;
  field->whole = field->scale == 1 && field->zero == floor(field->zero) &&
                 fabs(field->zero) <= 9223372036854775808.0;
}

static nadir_status ascii_fields(const reading *r, nadir_error *error) {
  for (size_t i = 0; i < r->hdu->fields; i++) {
    nd_fits_field *field = &r->fields[i];
    size_t end;
    if (r->raw[i].form == NULL || !ascii_tform(r->raw[i].form, field))
      return bad_column(r, i, error, "TFORM is not one of Aw Iw Fw.d Ew.d Dw.d");
    if (!r->raw[i].placed) return bad_column(r, i, error, "TBCOL is missing");
    if (!nd_add(field->offset, field->bytes, &end) || end > r->row_bytes)
      return bad_column(r, i, error, "its cells reach past the end of a row (NAXIS1)");
    set_scaling(field);
  }
  return NADIR_OK;
}

static nadir_status binary_fields(const reading *r, nadir_error *error) {
  size_t offset = 0;
  for (size_t i = 0; i < r->hdu->fields; i++) {
    nd_fits_field *field = &r->fields[i];
    if (r->raw[i].form == NULL || !nd_fits_tform(r->raw[i].form, field))
      return bad_column(r, i, error, "TFORM is not a type of FITS (such as 1J, 1E, 5D, 20A)");
    if (field->bad_null && strchr("BIJK", field->code) != NULL) /* of others it means nothing */
      return bad_column(r, i, error, "TNULL is not a whole number");
    field->offset = offset;
    if (!nd_add(offset, field->bytes, &offset) || offset > r->row_bytes)
      return bad_column(r, i, error, "its cells reach past the end of a row (NAXIS1)");
    set_scaling(field);
  }
  if (offset == r->row_bytes) return NADIR_OK;
  return nd_fail(
      error, NADIR_BAD_DATA,
      "%s: the columns of HDU %zu take %zu bytes by TFORM but a row has %llu by NAXIS1: the "
      "header is damaged; restore the file",
      r->fits->path, r->number, offset, (unsigned long long)r->row_bytes);
}

static char packing_of(const char *name) {
  if (name == NULL || strcmp(name, "GZIP_2") == 0) return '2';
  if (strcmp(name, "GZIP_1") == 0) return '1';
  if (strcmp(name, "RICE_1") == 0) return 'R';
  return strcmp(name, "NOCOMPRESS") == 0 ? 'N' : '\0';
}

/* A row of a compressed table is a descriptor of bytes in the heap for each column. */
static nadir_status packed_fields(const reading *r, nadir_error *error) {
  size_t offset = 0;
  for (size_t i = 0; i < r->hdu->fields; i++) {
    nd_fits_field *field = &r->fields[i], packed = {0};
    field->packing = packing_of(r->raw[i].packing);
    if (field->packing == '\0')
      return bad_column(r, i, error, "ZCTYP is not a known kind of compression");
    if (r->raw[i].packed_form == NULL || !nd_fits_tform(r->raw[i].packed_form, &packed) ||
        packed.code != 'P' || packed.repeat != 1)
      return bad_column(r, i, error, "TFORM is not that of a compressed column (1PB or 1QB)");
    field->packed_offset = offset;
    field->packed_width = packed.width;
    offset += packed.width; /* at most 999 of 16 bytes */
  }
  if (offset == r->hdu->row_bytes) return NADIR_OK;
  return bad_column(r, r->hdu->fields - 1, error,
                    "a row is longer or shorter than its descriptors");
}

/* ---- columns --------------------------------------------------------------------------------- */

/* The largest magnitude that a raw integer of this type has. */
static double raw_limit(char code) {
  switch (code) {
  case 'B':
    return 255;
  case 'I':
    return 32768;
  case 'J':
    return 2147483648.0;
  default:
    return 9223372036854775808.0;
  }
}

static nd_cell_type integer_type(const nd_fits_field *field) {
  if (field->whole) return ND_CELL_INTEGER;
  bool whole = field->scale == floor(field->scale) && field->zero == floor(field->zero);
  double limit = fabs(field->scale) * raw_limit(field->code) + fabs(field->zero);
  return whole && limit <= 9007199254740992.0 ? ND_CELL_INTEGER : ND_CELL_REAL;
}

static nd_cell_type type_of(const nd_fits_field *field, const char *form) {
  switch (field->code) {
  case 'L':
  case 'X':
    return ND_CELL_TRUTH;
  case 'B':
  case 'I':
  case 'J':
  case 'K':
    return integer_type(field);
  case 'E':
  case 'D':
    return ND_CELL_REAL;
  case 'N':
    return field->whole && (form[strspn(form, " ")] | 0x20) == 'i' ? ND_CELL_INTEGER : ND_CELL_REAL;
  default:
    return ND_CELL_TEXT; /* A, and C M P, which are not numbers */
  }
}

/* Integers of 64 bits, and of ASCII tables such as have room for as many digits. */
static bool is_wide(const nd_fits_field *field, nd_cell_type type) {
  return type == ND_CELL_INTEGER &&
         ((field->code == 'K' && field->whole) || (field->code == 'N' && field->width > 15));
}

/* Exact in float32 by type: 24 bits of whole numbers, or a float as it is. */
static bool is_single(const nd_fits_field *field) {
  switch (field->code) {
  case 'L':
  case 'X':
    return true;
  case 'E':
    return !field->scaled;
  case 'B':
  case 'I':
    return field->whole && fabs(field->zero) + raw_limit(field->code) <= 16777216.0;
  default:
    return false;
  }
}

static nadir_status set_column(const reading *r, size_t i, nd_column *column, nadir_error *error) {
  const raw_column *raw = &r->raw[i];
  const nd_fits_field *field = &r->fields[i];
  column->name = raw->name;
  if (raw->name == NULL || raw->name[0] == '\0') {
    char *name = nd_arena_take(r->arena, 32, error);
    if (name == NULL) return NADIR_NO_MEMORY;
    snprintf(name, 32, "col%zu", i + 1);
    column->name = name;
  }
  column->unit = raw->unit == NULL ? "" : raw->unit;
  column->format = raw->form;
  column->type = type_of(field, raw->form);
  column->single = is_single(field);
  column->wide = is_wide(field, column->type);
  column->elements = field->repeat > 0 ? field->repeat : 1;
  return NADIR_OK;
}

static nadir_status take_room(reading *r, nd_column **columns, nadir_error *error) {
  size_t count = r->hdu->fields;
  r->fields = nd_arena_take(r->arena, count * sizeof *r->fields, error);
  r->raw = nd_arena_take(r->arena, count * sizeof *r->raw, error);
  *columns = nd_arena_take(r->arena, count * sizeof **columns, error);
  if (r->fields == NULL || r->raw == NULL || *columns == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    r->fields[i].scale = 1;
  return NADIR_OK;
}

nadir_status nd_fits_columns(const nd_fits *fits, size_t number, nd_arena *arena,
                             nd_fits_field **fields, nd_column **columns, nadir_error *error) {
  reading r = {.fits = fits, .hdu = &fits->hdus[number], .number = number, .arena = arena};
  r.packed = r.hdu->kind == ND_FITS_PACKED_TABLE;
  r.row_bytes = r.packed ? r.hdu->plain_row_bytes : r.hdu->row_bytes;
  uint64_t end;
  ND_TRY(take_room(&r, columns, error));
  ND_TRY(nd_fits_cards(fits, number, r.hdu->header, &end, column_card, &r, error));
  ND_TRY(r.hdu->kind == ND_FITS_ASCII ? ascii_fields(&r, error) : binary_fields(&r, error));
  if (r.packed) ND_TRY(packed_fields(&r, error));
  for (size_t i = 0; i < r.hdu->fields; i++)
    ND_TRY(set_column(&r, i, &(*columns)[i], error));
  *fields = r.fields;
  return NADIR_OK;
}
