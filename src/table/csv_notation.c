/* Cells that are numbers to a reader though not to a parser: decimal commas, commas between
 * thousands, dates, sexagesimal angles and times. They are named as what they are, with what helps;
 * guessing at them would be wrong in silence (1,234 is two numbers, and 12:30 is three). */
#include <string.h>

#include "table/csv_internal.h"

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* The forms below are asked about a text that begins with a digit. */

static size_t digits_at(const char *p, const char *end) {
  size_t count = 0;
  while (p + count < end && is_digit(p[count]))
    count++;
  return count;
}

static const char *skip_sign(const char *p, const char *end) {
  return p < end && (*p == '-' || *p == '+') ? p + 1 : p;
}

/* 1,000 or 12,345,678.9 */
static bool is_thousands(const char *p, const char *end) {
  size_t lead = digits_at(p, end), groups = 0;
  if (lead > 3) return false;
  for (p += lead; p < end && *p == ',' && digits_at(p + 1, end) == 3; p += 4)
    groups++;
  if (p < end && *p == '.') p += 1 + digits_at(p + 1, end);
  return groups > 0 && p == end;
}

/* 0,5 or 1,25e3 */
static bool is_decimal_comma(const char *p, const char *end) {
  double part;
  p += digits_at(p, end);
  return p < end && *p == ',' && digits_at(p + 1, end) > 0 &&
         nd_read_number(p + 1, end, &part) == end;
}

/* 2011-03-04 or 2011/3/4, with a time behind or without */
static bool is_date(const char *p, const char *end) {
  if (digits_at(p, end) != 4 || end - p < 8) return false;
  char mark = p[4];
  p += 5;
  size_t month = digits_at(p, end);
  if ((mark != '-' && mark != '/') || month < 1 || month > 2) return false;
  p += month;
  if (*p != mark) return false; /* eight characters are there */
  size_t day = digits_at(++p, end);
  p += day;
  return day >= 1 && day <= 2 && (p == end || *p == 'T' || *p == ' ');
}

/* One of the marks, and blanks, behind a number of degrees, hours, minutes or seconds. */
static const char *skip_mark(const char *p, const char *end) {
  if (p < end && strchr(":hdms'\"", *p) != NULL) p++;
  while (p < end && *p == ' ')
    p++;
  return p;
}

/* 12:30, 12:30:00.5, 12h30m00s, 12 30 00: whole numbers, each but the first of two digits below 60,
 * the last with decimals or without. */
static bool is_sexagesimal(const char *p, const char *end) {
  size_t parts = 0, lead = digits_at(p, end);
  bool colon = false, letter = false;
  if (lead > 3) return false;
  for (const char *after; p < end; p = after, parts++) {
    size_t digits = digits_at(p, end);
    if (digits == 0 || (parts > 0 && (digits != 2 || *p > '5'))) return false;
    p += digits;
    if (p < end && *p == '.') p += 1 + digits_at(p + 1, end);
    after = skip_mark(p, end);
    if (after == p && p < end) return false;
    colon |= p < end && *p == ':';
    letter |= p < end && (*p == 'h' || *p == 'd');
  }
  return parts == 3 || (parts == 2 && (colon || letter));
}

nadir_notation nd_csv_notation_of(nd_csv_cell cell) {
  const char *p = skip_sign(cell.begin, cell.end);
  if (p == cell.end || !is_digit(*p)) return NADIR_NO_NOTATION;
  if (is_thousands(p, cell.end)) return NADIR_THOUSANDS;
  if (is_decimal_comma(p, cell.end)) return NADIR_DECIMAL_COMMA;
  if (is_date(p, cell.end)) return NADIR_DATE;
  return is_sexagesimal(p, cell.end) ? NADIR_SEXAGESIMAL : NADIR_NO_NOTATION;
}

bool nd_csv_numeric(nd_csv_cell cell) {
  return nd_csv_numeral(cell) || nd_csv_notation_of(cell) != NADIR_NO_NOTATION;
}
