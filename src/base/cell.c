/* Words for cells: what those of a column hold, what one is that is not a number, and what helps. */
#include "base/cell.h"

const char *nd_notation_words(nadir_notation notation) {
  switch (notation) {
  case NADIR_DECIMAL_COMMA:
    return "has a decimal comma";
  case NADIR_THOUSANDS:
    return "has a comma between thousands, or a decimal comma";
  case NADIR_DATE:
    return "is a date";
  case NADIR_SEXAGESIMAL:
    return "is a sexagesimal angle or time";
  case NADIR_NO_NOTATION:
    break;
  }
  return "is not a number";
}

const char *nd_notation_cure(nadir_notation notation, bool between_commas) {
  switch (notation) {
  case NADIR_DECIMAL_COMMA:
    return between_commas ? "write points, as sed -E 's/\"([0-9]+),([0-9]+)\"/\\1.\\2/g' does"
                          : "write points, as tr , . < FILE does";
  case NADIR_THOUSANDS:
    return between_commas
               ? "take the commas out, as sed -E ':a; s/(\"[0-9]+),([0-9]{3})/\\1\\2/; ta' does, "
                 "or write decimal points"
               : "take the commas out, as tr -d , < FILE does, or write decimal points";
  case NADIR_DATE:
    return "give Julian dates or years, as isoToMjd of TOPCAT or astropy.time.Time make them";
  case NADIR_SEXAGESIMAL:
    return "give degrees or hours, as hmsToDegrees and dmsToDegrees of TOPCAT or "
           "astropy.coordinates.Angle make them";
  case NADIR_NO_NOTATION:
    break;
  }
  return "fix that cell, or leave it empty";
}

void nd_say_cell(const nadir_cell *cell, nd_text *out) {
  nd_text_print(out, "%s:row %llu:%s: \"%s\" %s", cell->path, (unsigned long long)cell->row,
                cell->column, cell->text, nd_notation_words(cell->notation));
}

const char *nd_cell_cure(const nadir_cell *cell) {
  return nd_notation_cure(cell->notation, cell->between_commas != 0);
}

const char *nadir_cells_name(nadir_cells cells) {
  static const char *const names[] = {[NADIR_REALS] = "real",
                                      [NADIR_INTEGERS] = "integer",
                                      [NADIR_TRUTHS] = "truth",
                                      [NADIR_TEXTS] = "text",
                                      [NADIR_ARRAYS] = "arrays"};
  return (size_t)cells < ND_COUNT(names) ? names[cells] : NULL;
}
