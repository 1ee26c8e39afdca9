/* The cards of a header that is written: 80 characters each, in blocks of 2880 (FITS 4.0, section 4). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "table/fits_internal.h"

void nd_fits_add_card(nd_text *header, const char *card) {
  char full[ND_FITS_CARD + 1];
  snprintf(full, sizeof full, "%-80.80s", card);
  nd_text_append(header, full);
}

void nd_fits_add_value(nd_text *header, const char *keyword, const char *value,
                       const char *comment) {
  char card[160];
  snprintf(card, sizeof card, "%-8s= %20s / %s", keyword, value, comment);
  nd_fits_add_card(header, card);
}

void nd_fits_add_integer(nd_text *header, const char *keyword, nd_wide value, const char *comment) {
  char text[24];
  if (value > INT64_MAX)
    snprintf(text, sizeof text, "%" PRIu64, (uint64_t)value);
  else
    snprintf(text, sizeof text, "%" PRId64, (int64_t)value);
  nd_fits_add_value(header, keyword, text, comment);
}

/* Headers hold printable ASCII: each other character becomes one underscore. */
static size_t quoted(const char **text, char *out, size_t room) {
  size_t used = 0;
  while (**text != '\0' && used + 2 <= room) {
    unsigned char c = (unsigned char)*(*text)++;
    if (c >= 0x80 && c < 0xC0) continue; /* inside a character of UTF-8 */
    out[used++] = c >= ' ' && c <= '~' ? (char)c : '_';
    if (c == '\'') out[used++] = '\'';
  }
  out[used] = '\0';
  return used;
}

/* A string value, carried on by CONTINUE cards where it is longer than one. */
void nd_fits_add_string(nd_text *header, const char *keyword, const char *value) {
  char card[ND_FITS_CARD + 1], part[ND_FITS_CARD];
  const char *prefix = "= ";
  do {
    quoted(&value, part, 67);
    snprintf(card, sizeof card, "%-8s%s'%-8.67s%s'", keyword, prefix, part,
             *value != '\0' ? "&" : "");
    nd_fits_add_card(header, card);
    keyword = "CONTINUE";
    prefix = "  ";
  } while (*value != '\0');
}

const char *nd_fits_numbered(char keyword[16], const char *stem, size_t i) {
  snprintf(keyword, 16, "%s%u", stem, (unsigned)i + 1);
  return keyword;
}

/* A line as HISTORY, in as many cards as it takes (4.4.2.4): printable ASCII, what is not that as \\xNN. */
void nd_fits_add_history(nd_text *header, const char *line, size_t length) {
  char card[ND_FITS_CARD + 1] = "HISTORY ", shown[NADIR_SHOWN_TEXT];
  size_t used = 8;
  for (size_t i = 0, step; i < length; i += step) {
    step = (unsigned char)line[i] < 0x80 ? nd_show_character(line + i, length - i, shown) : 1;
    if ((unsigned char)line[i] >= 0x80)
      snprintf(shown, sizeof shown, "\\x%02x", (unsigned char)line[i]);
    if (used + strlen(shown) > ND_FITS_CARD) {
      nd_fits_add_card(header, card);
      used = 8;
    }
    used += (size_t)snprintf(card + used, sizeof card - used, "%s", shown);
  }
  nd_fits_add_card(header, card);
}

void nd_fits_end_header(nd_text *header) {
  nd_fits_add_card(header, "END");
  while (header->length % ND_FITS_BLOCK != 0 && !header->failed)
    nd_fits_add_card(header, "");
}

void nd_fits_add_primary(nd_text *header, const char *creator) {
  nd_fits_add_value(header, "SIMPLE", "T", "a FITS file");
  nd_fits_add_integer(header, "BITPIX", 8, "bits of a data value");
  nd_fits_add_integer(header, "NAXIS", 0, "no data in the primary HDU");
  nd_fits_add_value(header, "EXTEND", "T", "the table is in the extension");
  if (creator != NULL) nd_fits_add_string(header, "CREATOR", creator);
  nd_fits_end_header(header);
}

void nd_fits_add_table(nd_text *header, uint64_t row_bytes, uint64_t rows, size_t columns) {
  nd_fits_add_card(header, "XTENSION= 'BINTABLE'           / binary table");
  nd_fits_add_integer(header, "BITPIX", 8, "bytes");
  nd_fits_add_integer(header, "NAXIS", 2, "rows of bytes");
  nd_fits_add_integer(header, "NAXIS1", (nd_wide)row_bytes, "bytes of a row");
  nd_fits_add_integer(header, "NAXIS2", (nd_wide)rows, "rows");
  nd_fits_add_integer(header, "PCOUNT", 0, "no heap");
  nd_fits_add_integer(header, "GCOUNT", 1, "one table");
  nd_fits_add_integer(header, "TFIELDS", (nd_wide)columns, "columns");
}
