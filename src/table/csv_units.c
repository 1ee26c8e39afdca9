/* Units in a line of their own, under the names: recognised by what they are made of (base/unit.def), since the same place
 * may hold a row of words. Only so much is known of each as that it is one; the text is kept as it is. */
#include <string.h>

#include "base/unit.h"
#include "table/csv_internal.h"

/* What stands in the place of a unit, and says how a number is written. */
static const char *const notations[] = {"log", "JD", "MJD", "hms", "dms"};

static bool is_one(const char *p, size_t length) {
  for (size_t i = 0; i < ND_COUNT(notations); i++)
    if (strlen(notations[i]) == length && memcmp(notations[i], p, length) == 0) return true;
  return nd_unit_is_symbol(p, length);
}

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%';
}

/* 1e-17 erg/s/cm^2: units between signs and numbers. */
static bool is_made_of_units(const char *p, const char *end) {
  size_t found = 0;
  bool digit = false; /* before p */
  while (p < end) {
    const char *word = p;
    while (p < end && is_letter(*p))
      p++;
    size_t length = (size_t)(p - word);
    bool exponent = length == 1 && (*word | 0x20) == 'e' && digit;
    if (length > 0 && !exponent && !is_one(word, length)) return false;
    found += length > 0 && !exponent;
    if (p < end && strchr("0123456789+-*/^.() :_", *p) == NULL) return false;
    digit = p < end && *p >= '0' && *p <= '9';
    p += p < end;
  }
  return found > 0;
}

static bool is_enclosed(nd_csv_cell cell) {
  char open = cell.begin < cell.end ? *cell.begin : '\0', close = open == '[' ? ']' : ')';
  return cell.end - cell.begin >= 2 && (open == '[' || open == '(') && cell.end[-1] == close;
}

/* Without brackets around. */
static nd_csv_cell open_up(nd_csv_cell cell) {
  if (!is_enclosed(cell)) return cell;
  cell.begin++;
  cell.end--;
  return nd_csv_trim(cell);
}

static bool is_none(nd_csv_cell cell) {
  return cell.begin == cell.end || nd_csv_is_word(cell, "-") || nd_csv_is_word(cell, "--") ||
         nd_csv_is_word(cell, "none") || nd_csv_is_word(cell, "---");
}

bool nd_csv_is_unit(nd_csv_cell cell) {
  return is_enclosed(cell) || is_made_of_units(cell.begin, cell.end);
}

nadir_status nd_csv_take_units(nd_csv_names *n, const nd_csv_record *record, char delimiter,
                               size_t lead, nadir_error *error) {
  const char *at = nd_csv_first(record, delimiter);
  nd_csv_cell cell;
  for (size_t i = 0; i < lead + n->columns; i++) {
    if (!nd_csv_cell_next(&at, record->end, delimiter, &cell)) break;
    cell = open_up(nd_csv_trim(cell));
    if (i < lead || is_none(cell)) continue;
    size_t length = (size_t)(cell.end - cell.begin);
    const char *copy = nd_arena_text(n->arena, cell.begin, length, error);
    if (copy == NULL) return NADIR_NO_MEMORY;
    n->unit[i - lead] = copy;
  }
  return NADIR_OK;
}
