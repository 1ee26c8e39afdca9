/* What kind of text a table is, found from its first lines: the delimiter that splits them most
 * evenly, the header, the type of each column. The rules, in the order in which they apply:
 *
 *   delimiter  of comma, tab, semicolon, bar, blanks: the first that gives the most of the first
 *              100 rows one and the same number of cells, two or more
 *   header     the first row where none of its cells is a number, or each that is not is above
 *              a number; else the # lines before the rows (csv_names.c); else c1, c2, ...
 *   types      from the first 4096 rows: integer, real, truth (true, false), else text, with the
 *              first cell that is not a number as the reason; a column that is empty there is real
 *
 * An RDB line of types (10N, S), a line of units and a ruler (----) under the header are stepped
 * over, the units kept. Commas within numbers, as in 0,5 1,25, delimit nothing. Layouts that are
 * not delimited (CDS, IPAC, DAOphot) are refused by name. Costs a few reads at the front. */
#include "base/limits.h"
#include "table/csv_internal.h"

#include <math.h>
#include <string.h>

enum { HEAD = 1 << 20, DELIMITER_ROWS = 100, DELIMITER_BYTES = 4 << 20 };

typedef struct sniff {
  nd_csv *csv;
  nd_csv_cursor cursor;
  nd_csv_record record;
  bool found;
  nd_csv_names names;
} sniff;

static nadir_status next(sniff *s, nadir_error *error) {
  return nd_csv_next(&s->cursor, &s->record, &s->found, error);
}

static void rewind_to(sniff *s, uint64_t offset, uint64_t line) {
  nd_csv_cursor_seek(&s->cursor, &s->csv->text, offset, line, s->csv->text.end);
}

static nadir_status refuse(const sniff *s, const char *sentence, nadir_error *error) {
  return nd_fail(error, NADIR_BAD_DATA, "%s: %s", s->csv->source.path, sentence);
}

/* ---- the head of the file */

static nadir_status read_head(sniff *s, nadir_error *error) {
  uint64_t size = s->csv->text.end;
  if (size == 0) return refuse(s, "the file is empty: give a table with a header and rows", error);
  size_t wanted = size < HEAD ? (size_t)size : HEAD;
  s->names.head = nd_new(wanted + 1, 1, error);
  if (s->names.head == NULL) return NADIR_NO_MEMORY;
  return nd_file_read_at(s->csv->file, 0, s->names.head, wanted, &s->names.head_size, error);
}

/* The first line that is not blank. */
static const char *first_line(const char *text) {
  return text + strspn(text, " \t\r\n");
}

static bool has_line(const char *text, const char *start) {
  for (const char *at = text; (at = strstr(at, start)) != NULL; at++)
    if (at == text || at[-1] == '\n') return true;
  return false;
}

/* IPAC: keywords behind backslashes, then two lines or more between bars, then rows without. */
static bool is_ipac(const char *text) {
  const char *line = first_line(text);
  while (*line == '\\')
    line = nd_csv_line_after(line);
  size_t bars = 0;
  for (; *line == '|'; line = nd_csv_line_after(line))
    bars++;
  return (bars >= 2 && line[strspn(line, " \t\r\n")] != '\0') ||
         (bars >= 1 && *first_line(text) == '\\');
}

static nadir_status refuse_foreign(sniff *s, nadir_error *error) {
  const char *head = s->names.head;
  if (s->names.head_size >= 2 &&
      (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0))
    return refuse(s, "the text is UTF-16: convert it by iconv -f UTF-16 -t UTF-8", error);
  if (strchr(head, '\n') == NULL && strchr(head, '\r') != NULL &&
      strchr(head, '\r') != head + s->names.head_size - 1)
    return refuse(s, "its lines end in carriage returns alone: convert it by tr '\\r' '\\n'",
                  error);
  if (has_line(head, "Byte-by-byte Description"))
    return refuse(s, "a CDS table, in columns of fixed width: convert it to CSV or FITS", error);
  if (has_line(head, "#N ") && has_line(head, "#U ") && has_line(head, "#F "))
    return refuse(s, "a DAOphot table, with rows over several lines: convert it to CSV or FITS",
                  error);
  if (is_ipac(head))
    return refuse(s, "an IPAC table, in columns of fixed width: convert it to CSV or FITS", error);
  return NADIR_OK;
}

/* ---- the delimiter */

static nadir_status check_delimiter(char delimiter, nadir_error *error) {
  if (strchr("\"\n\r#.+-_", delimiter) == NULL && (unsigned char)delimiter < 0x80 &&
      !(delimiter >= '0' && delimiter <= '9') &&
      !((delimiter | 0x20) >= 'a' && (delimiter | 0x20) <= 'z'))
    return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "delimiter: '%c' can be part of a number or a name: use a comma, tab, semicolon, "
                 "bar or blank",
                 delimiter);
}

/* The share of the first rows that have the most frequent number of cells, two or more. */
static nadir_status evenness(sniff *s, char delimiter, double *share, nadir_error *error) {
  size_t counts[DELIMITER_ROWS], rows = 0, most = 0;
  s->csv->text.delimiter = delimiter;
  rewind_to(s, s->csv->text.start, 1);
  while (rows < DELIMITER_ROWS) {
    ND_TRY(next(s, error));
    if (!s->found || s->record.offset > DELIMITER_BYTES) break;
    counts[rows++] = nd_csv_count(&s->record, delimiter);
  }
  for (size_t i = 0; i < rows; i++) {
    size_t same = 0;
    for (size_t j = 0; j < rows; j++)
      same += counts[j] == counts[i];
    if (counts[i] >= 2 && same > most) most = same;
  }
  *share = rows == 0 ? 0 : (double)most / (double)rows;
  return NADIR_OK;
}

static bool is_number_with_comma(nd_csv_cell cell) {
  return memchr(cell.begin, ',', (size_t)(cell.end - cell.begin)) != NULL && nd_csv_numeric(cell);
}

/* Whether every row but the first, and at least one, is of numbers between these delimiters, some
 * of them with a comma. */
static nadir_status has_number_commas(sniff *s, char delimiter, bool *has, nadir_error *error) {
  size_t rows = 0, good = 0, commas = 0;
  s->csv->text.delimiter = delimiter;
  rewind_to(s, s->csv->text.start, 1);
  for (; rows < DELIMITER_ROWS; rows++) {
    ND_TRY(next(s, error));
    if (!s->found || s->record.offset > DELIMITER_BYTES) break;
    good += nd_csv_count(&s->record, delimiter) > 1 &&
            nd_csv_all(&s->record, delimiter, nd_csv_numeric);
    commas += nd_csv_how_many(&s->record, delimiter, is_number_with_comma);
  }
  *has = good > 0 && good + 1 >= rows && commas >= good;
  return NADIR_OK;
}

/* Commas within numbers do not separate cells: 0,5 1,25 is two cells. */
static nadir_status mistrust_comma(sniff *s, char *delimiter, nadir_error *error) {
  for (size_t i = 1; *delimiter == ',' && i < ND_COUNT(nd_csv_delimiters); i++) {
    bool has = false;
    nadir_status status = has_number_commas(s, nd_csv_delimiters[i], &has, error);
    if (status != NADIR_OK && status != NADIR_BAD_DATA) return status;
    if (has) *delimiter = nd_csv_delimiters[i];
  }
  return NADIR_OK;
}

static nadir_status find_delimiter(sniff *s, const nd_table_options *options, nadir_error *error) {
  char best = options->delimiter;
  double most = 0, share;
  size_t failed = 0;
  if (best != 0) {
    s->csv->text.delimiter = best;
    return check_delimiter(best, error);
  }
  best = ',';
  for (size_t i = 0; i < ND_COUNT(nd_csv_delimiters); i++) {
    nadir_status status = evenness(s, nd_csv_delimiters[i], &share, error);
    if (status != NADIR_OK && (status != NADIR_BAD_DATA || ++failed == ND_COUNT(nd_csv_delimiters)))
      return status;
    if (status == NADIR_OK && share > most) {
      most = share;
      best = nd_csv_delimiters[i];
    }
  }
  ND_TRY(mistrust_comma(s, &best, error));
  s->csv->text.delimiter = best;
  return NADIR_OK;
}

/* ---- rows that say what the others are */

/* RDB: a width, then N, S or M. */
static bool is_rdb_type(nd_csv_cell cell) {
  const char *p = cell.begin;
  while (p < cell.end && *p >= '0' && *p <= '9')
    p++;
  return p + 1 == cell.end && (*p == 'N' || *p == 'S' || *p == 'M');
}

/* ---, ===, :--: or, by another delimiter, ---+---. */
static bool is_ruler(nd_csv_cell cell) {
  const char *p = cell.begin;
  size_t dashes = 0;
  for (; p < cell.end && strchr("-=:+", *p) != NULL; p++)
    dashes += *p == '-' || *p == '=';
  return p == cell.end && dashes > 0;
}

static bool is_long_ruler(nd_csv_cell cell) {
  return is_ruler(cell) && cell.end - cell.begin >= 3;
}

/* A bar is at both ends of each line, and separates no cells there. */
static bool is_outside(nd_csv_cell cell) {
  return cell.begin == cell.end;
}

/* Between commas and semicolons -- is a missing cell, and only --- a ruler. */
static bool stands_on_ruler(const sniff *s) {
  char delimiter = s->csv->text.delimiter;
  bool loose = strchr(" \t|", delimiter) != NULL;
  size_t cells = nd_csv_count(&s->record, delimiter);
  size_t rulers = nd_csv_how_many(&s->record, delimiter, loose ? is_ruler : is_long_ruler);
  size_t outside = nd_csv_how_many(&s->record, delimiter, is_outside);
  return rulers > 0 && rulers + (delimiter == '|' ? outside : 0) == cells;
}

static bool stands_on_types(const sniff *s) {
  char delimiter = s->csv->text.delimiter;
  return delimiter == '\t' && nd_csv_all(&s->record, delimiter, is_rdb_type);
}

static bool is_blank_cell(nd_csv_cell cell) {
  return nd_csv_missing(cell) || is_ruler(cell);
}

/* A row of units and of cells that are empty or dashes, with one unit at least. */
static bool reads_as_units(const sniff *s) {
  char delimiter = s->csv->text.delimiter;
  size_t cells = nd_csv_count(&s->record, delimiter);
  size_t given = nd_csv_how_many(&s->record, delimiter, nd_csv_is_unit);
  return given > 0 && given + nd_csv_how_many(&s->record, delimiter, is_blank_cell) == cells;
}

/* ---- the shape: header, number of cells, where the rows begin */

/* Every row between two bars: its first and last cells are not columns. */
static bool is_barred(const nd_csv_record *record, char delimiter) {
  nd_csv_cell line = nd_csv_trim((nd_csv_cell){.begin = record->begin, .end = record->end});
  return delimiter == '|' && line.end - line.begin >= 3 && *line.begin == '|' &&
         line.end[-1] == '|';
}

static nadir_status take_names(nd_csv_names *names, nadir_error *error) {
  const char ***lists[] = {&names->name, &names->unit, &names->blank, &names->type};
  for (size_t i = 0; i < ND_COUNT(lists); i++) {
    *lists[i] = nd_arena_take(names->arena, names->columns * sizeof **lists[i], error);
    if (*lists[i] == NULL) return NADIR_NO_MEMORY;
  }
  return NADIR_OK;
}

static nadir_status set_shape(sniff *s, nadir_error *error) {
  nd_csv *csv = s->csv;
  bool barred = is_barred(&s->record, csv->text.delimiter);
  csv->fields = nd_csv_count(&s->record, csv->text.delimiter);
  csv->lead = barred;
  s->names.columns = csv->fields - 2 * (size_t)barred;
  if (s->names.columns > ND_LIMIT_CSV_COLUMNS)
    return nd_fail(
        error, NADIR_BAD_DATA,
        "%s:row %llu: %zu columns, more than %d: set delimiter if the table has fewer",
        csv->source.path, (unsigned long long)s->record.line, s->names.columns, ND_LIMIT_CSV_COLUMNS);
  return take_names(&s->names, error);
}

/* There is a delimiter in the record, so that it is not all blank. */
static bool ends_in_delimiter(const nd_csv_record *record, char delimiter) {
  const char *end = record->end;
  while (nd_csv_blank(end[-1], delimiter))
    end--;
  return end[-1] == delimiter;
}

/* A delimiter behind the last cell of the header alone, or of the rows alone, parts nothing. */
static void fit_header(sniff *s) {
  char delimiter = s->csv->text.delimiter;
  size_t cells = s->found ? nd_csv_count(&s->record, delimiter) : s->csv->fields;
  while (s->csv->fields > cells && s->names.columns > 1 &&
         s->names.name[s->names.columns - 1][0] == '\0') {
    s->csv->fields--;
    s->names.columns--;
  }
  if (cells == s->csv->fields + 1 && s->csv->lead == 0 && delimiter != ' ' &&
      ends_in_delimiter(&s->record, delimiter))
    s->csv->fields++;
}

/* Whether every word of the first row is above a number of the second: then the first is a
 * header with numbers among its names, as in "id,500,600". */
static bool words_over_numbers(const nd_csv_record *first, const nd_csv_record *second,
                               char delimiter) {
  const char *a = nd_csv_first(first, delimiter), *b = nd_csv_first(second, delimiter);
  nd_csv_cell name, cell;
  size_t words = 0;
  while (nd_csv_cell_next(&a, first->end, delimiter, &name)) {
    if (!nd_csv_cell_next(&b, second->end, delimiter, &cell)) return false;
    if (nd_csv_numeral(nd_csv_trim(name)) || nd_csv_missing(nd_csv_trim(name))) continue;
    if (!nd_csv_numeral(nd_csv_trim(cell))) return false;
    words++;
  }
  return words > 0;
}

static nadir_status has_described_columns(sniff *s, bool *described, nadir_error *error) {
  const nd_csv_names *names = &s->names;
  size_t size = names->head_size;
  if (s->record.offset < size) size = (size_t)s->record.offset;
  return nd_csv_described_columns(&s->names, names->head + size, described, error);
}

/* The first record is in s->record, and again when this returns. */
static nadir_status is_header(sniff *s, bool *header, nadir_error *error) {
  char delimiter = s->csv->text.delimiter;
  size_t length = (size_t)(s->record.end - s->record.begin);
  *header = nd_csv_how_many(&s->record, delimiter, nd_csv_numeric) == 0 &&
            !nd_csv_all(&s->record, delimiter, nd_csv_missing);
  bool described = false;
  if (!*header) ND_TRY(has_described_columns(s, &described, error));
  if (*header || described) return NADIR_OK;
  nd_csv_record first = s->record;
  char *copy = nd_copy_text(first.begin, length, error);
  if (copy == NULL) return NADIR_NO_MEMORY;
  first.begin = copy;
  first.end = copy + length;
  nadir_status status = next(s, error);
  if (status == NADIR_OK && s->found) *header = words_over_numbers(&first, &s->record, delimiter);
  nd_free(copy);
  rewind_to(s, first.offset, first.line);
  return status == NADIR_OK ? next(s, error) : status;
}

static void rows_begin_here(sniff *s) {
  s->csv->text.start = s->found ? s->record.offset : s->csv->text.end;
  s->csv->line = s->found ? s->record.line : 1;
}

/* Before the byte that follows the last line with a character in it. */
static nadir_status end_of_text(const sniff *s, uint64_t *end, nadir_error *error) {
  char bytes[256];
  for (*end = s->csv->text.end; *end > s->csv->text.start;) {
    size_t wanted = *end < sizeof bytes ? (size_t)*end : sizeof bytes, got;
    ND_TRY(nd_file_read_at(s->csv->file, *end - wanted, bytes, wanted, &got, error));
    while (got > 0 && strchr(" \t\r\n", bytes[got - 1]) != NULL)
      got--;
    *end -= wanted - got;
    if (got > 0) break;
  }
  return NADIR_OK;
}

/* Of one column, a blank line is a row that is missing: between the rows, and from `begin` on, but
 * not at the end of the file. */
static nadir_status let_blank_lines_be_rows(sniff *s, uint64_t begin, uint64_t line,
                                            nadir_error *error) {
  nd_csv *csv = s->csv;
  if (csv->fields != 1 || !s->found) return NADIR_OK;
  csv->text.start = begin;
  csv->line = line;
  csv->text.blank_rows = true;
  return end_of_text(s, &csv->text.end, error);
}

/* The record below the current one, which is current again when this returns: a ruler? numbers? */
static nadir_status look_below(sniff *s, bool *ruler, bool *numbers, nadir_error *error) {
  uint64_t offset = s->record.offset, line = s->record.line;
  ND_TRY(next(s, error));
  *ruler = s->found && stands_on_ruler(s);
  *numbers = s->found && nd_csv_how_many(&s->record, s->csv->text.delimiter, nd_csv_numeric) > 0;
  rewind_to(s, offset, line);
  return next(s, error);
}

/* Past what is between the names and the rows: units, types, a ruler. A ruler says for sure
 * that the line above it is none of the rows. */
static nadir_status pass_notes(sniff *s, nadir_error *error) {
  char delimiter = s->csv->text.delimiter;
  bool ruler = false, numbers = false;
  if (!s->found) return NADIR_OK;
  bool plain = !stands_on_ruler(s) && !stands_on_types(s) &&
               nd_csv_how_many(&s->record, delimiter, nd_csv_numeric) == 0;
  if (plain) ND_TRY(look_below(s, &ruler, &numbers, error));
  if (plain && (ruler || (numbers && reads_as_units(s)))) {
    ND_TRY(nd_csv_take_units(&s->names, &s->record, delimiter, s->csv->lead, error));
    ND_TRY(next(s, error));
  }
  while (s->found && (stands_on_ruler(s) || stands_on_types(s)))
    ND_TRY(next(s, error));
  return NADIR_OK;
}

/* One name for several columns, above a row of words: the title of a table, whose names are below. */
static bool is_title(const sniff *s) {
  char delimiter = s->csv->text.delimiter;
  size_t named = 0;
  for (size_t i = 0; i < s->names.columns; i++)
    named += s->names.name[i][0] != '\0';
  return named == 1 && s->names.columns > 1 && s->found &&
         nd_csv_count(&s->record, delimiter) == s->csv->fields &&
         nd_csv_how_many(&s->record, delimiter, nd_csv_numeric) == 0 && !stands_on_ruler(s) &&
         !stands_on_types(s);
}

/* Past the header and its notes; begin and line: of what follows the last of them. */
static nadir_status pass_header(sniff *s, uint64_t *begin, uint64_t *line, nadir_error *error) {
  uint64_t header = s->record.line;
  nd_csv_place(&s->cursor, begin, line);
  ND_TRY(next(s, error));
  if (is_title(s))
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s:row %llu: one of its %zu cells holds text and no row of numbers follows: if it "
                   "is a title, delete the lines above the names of the columns; else name them all",
                   s->csv->source.path, (unsigned long long)header, s->names.columns);
  uint64_t below = s->record.line;
  ND_TRY(pass_notes(s, error));
  if (s->found && s->record.line != below) {
    *begin = s->record.offset;
    *line = s->record.line;
  }
  return NADIR_OK;
}

/* The first record is in s->record. */
static nadir_status find_header(sniff *s, const nd_table_options *options, nadir_error *error) {
  char delimiter = s->csv->text.delimiter;
  ND_TRY(set_shape(s, error));
  bool header = false;
  uint64_t begin = s->record.offset, line = s->record.line;
  if (!options->no_header && !options->names) ND_TRY(is_header(s, &header, error));
  if (options->names) {
    ND_TRY(nd_csv_names_given(&s->names, options->names, error));
  } else if (header) {
    ND_TRY(nd_csv_names_from_row(&s->names, &s->record, delimiter, s->csv->lead, error));
    ND_TRY(pass_header(s, &begin, &line, error));
    fit_header(s);
  } else if (!options->no_header) {
    ND_TRY(nd_csv_names_from_comments(&s->names, s->record.offset, error));
  }
  rows_begin_here(s);
  ND_TRY(let_blank_lines_be_rows(s, begin, line, error));
  return nd_csv_names_complete(&s->names, error);
}

/* ---- what a comment says of a column */

static nadir_status take_blanks(sniff *s, nadir_error *error) {
  nd_csv *csv = s->csv;
  size_t columns = s->names.columns, given = 0;
  for (size_t i = 0; i < columns; i++)
    given += s->names.blank[i] != NULL;
  if (given == 0) return NADIR_OK;
  nd_csv_blank_value *blanks = nd_arena_take(csv->source.arena, columns * sizeof *blanks, error);
  if (blanks == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < columns; i++) {
    const char *text = s->names.blank[i];
    blanks[i] = (nd_csv_blank_value){text, (double)NAN};
    if (text != NULL && nd_read_number(text, text + strlen(text), &blanks[i].number) == NULL)
      blanks[i].number = (double)NAN;
  }
  csv->blanks = blanks;
  return NADIR_OK;
}

/* ---- types */

enum { STRAY_LENGTH = 60 }; /* bytes shown of a cell that is not a number */

typedef struct tally {
  size_t seen, integers, wholes, numbers, truths;
  bool wide;                      /* a whole number is beyond what doubles hold */
  size_t noted[NADIR_LAST_NOTATION + 1]; /* cells in each notation */
  const char *stray;              /* the first cell that is not a number, and its line */
  uint64_t line;
} tally;

static nadir_status keep_stray(const sniff *s, tally *t, nd_csv_cell cell, nadir_error *error) {
  size_t length = (size_t)(cell.end - cell.begin), shown = length;
  if (length > STRAY_LENGTH) shown = STRAY_LENGTH;
  char *text = nd_arena_take(s->csv->source.arena, shown + sizeof "...", error);
  if (text == NULL) return NADIR_NO_MEMORY;
  memcpy(text, cell.begin, shown);
  if (shown < length) memcpy(text + shown, "...", 3);
  t->stray = text;
  t->line = s->record.line;
  return NADIR_OK;
}

static void count_whole(tally *t, nd_csv_cell cell) {
  nd_wide value;
  if (!nd_read_whole(cell.begin, cell.end, &value)) return;
  t->wholes += value >= INT64_MIN && value <= UINT64_MAX;
  t->wide |= value > INT64_C(0x20000000000000) || value < -INT64_C(0x20000000000000);
}

static nadir_status count_cell(const sniff *s, tally *t, size_t column, nd_csv_cell cell,
                               nadir_error *error) {
  double value;
  if (nd_csv_missing(cell) || nd_csv_blank_in(s->csv, column, cell)) return NADIR_OK;
  t->seen++;
  bool integer = nd_csv_integer(cell);
  t->integers += integer;
  if (integer || nd_csv_number(cell, &value)) {
    t->numbers++;
    count_whole(t, cell);
  } else {
    t->truths += nd_csv_truth(cell, &value);
    t->noted[nd_csv_notation_of(cell)]++;
    if (t->stray == NULL) return keep_stray(s, t, cell, error);
  }
  return NADIR_OK;
}

static nd_cell_type type_of(const tally *t) {
  if (t->seen == 0) return ND_CELL_REAL;
  if (t->integers == t->seen || (t->wide && t->wholes == t->seen)) return ND_CELL_INTEGER;
  if (t->numbers == t->seen) return ND_CELL_REAL;
  return t->truths == t->seen ? ND_CELL_TRUTH : ND_CELL_TEXT;
}

/* By Gnuastro's str5 a column of digits is text, by its f32 one of whole numbers is real. */
static nd_cell_type type_said(nd_cell_type found, const char *type) {
  if (type == NULL) return found;
  if (strncmp(type, "str", 3) == 0) return ND_CELL_TEXT;
  return type[0] == 'f' && found == ND_CELL_INTEGER ? ND_CELL_REAL : found;
}

/* Also integers that are small so far: later rows may have larger ones. */
static bool is_wide(const tally *t) {
  nd_cell_type type = type_of(t);
  return type == ND_CELL_INTEGER || (type == ND_CELL_REAL && t->wide);
}

static nadir_status count_row(sniff *s, tally *tallies, nadir_error *error) {
  const nd_csv *csv = s->csv;
  const char *at = nd_csv_first(&s->record, csv->text.delimiter);
  nd_csv_cell cell;
  size_t field = 0;
  for (; nd_csv_cell_next(&at, s->record.end, csv->text.delimiter, &cell); field++) {
    if (cell.spoiled) return nd_csv_spoiled(&csv->text, &s->record, error);
    cell = nd_csv_trim(cell);
    if (field >= csv->lead && field - csv->lead < s->names.columns) {
      ND_TRY(count_cell(s, &tallies[field - csv->lead], field - csv->lead, cell, error));
    } else if (cell.begin < cell.end) { /* text where there is no column */
      return nd_csv_ragged(csv, &s->record, error);
    }
  }
  return field == csv->fields ? NADIR_OK : nd_csv_ragged(csv, &s->record, error);
}

static nadir_status count_sample(sniff *s, tally *tallies, nadir_error *error) {
  rewind_to(s, s->csv->text.start, s->csv->line);
  for (size_t row = 0; row < ND_CSV_SAMPLE_ROWS; row++) {
    ND_TRY(next(s, error));
    if (!s->found) break;
    ND_TRY(count_row(s, tallies, error));
  }
  return NADIR_OK;
}

/* One cell among two numbers or more, or a tenth of all. */
static bool is_nearly_numbers(const tally *t) {
  size_t strays = t->seen - t->numbers;
  return t->numbers >= 2 && (strays == 1 || strays <= t->seen / 10);
}

/* The notation of nearly all cells that are not numbers. 1,234 among 1,25 is a decimal comma too. */
static nadir_notation notation_of(const tally *t) {
  size_t strays = t->seen - t->numbers;
  size_t commas = t->noted[NADIR_DECIMAL_COMMA] + t->noted[NADIR_THOUSANDS];
  if (t->noted[NADIR_DECIMAL_COMMA] > 0 && commas >= strays - strays / 10)
    return NADIR_DECIMAL_COMMA;
  for (int n = NADIR_NO_NOTATION + 1; n <= NADIR_LAST_NOTATION; n++)
    if (t->noted[n] >= strays - strays / 10) return (nadir_notation)n;
  return NADIR_NO_NOTATION;
}

static nadir_status explain_text(const sniff *s, const tally *t, nd_column *column,
                                 nadir_error *error) {
  if (column->type != ND_CELL_TEXT || t->stray == NULL) return NADIR_OK;
  nadir_cell *cell = nd_arena_take(s->csv->source.arena, sizeof *cell, error);
  if (cell == NULL) return NADIR_NO_MEMORY;
  *cell = (nadir_cell){.path = s->csv->source.path,
                       .row = t->line,
                       .column = column->name,
                       .text = t->stray,
                       .notation = notation_of(t),
                       .between_commas = s->csv->text.delimiter == ','};
  column->stray = cell;
  column->nearly_numbers = is_nearly_numbers(t) || cell->notation != NADIR_NO_NOTATION;
  return NADIR_OK;
}

static nadir_status make_columns(sniff *s, const tally *tallies, nadir_error *error) {
  nd_source *source = &s->csv->source;
  source->columns = nd_arena_take(source->arena, s->names.columns * sizeof *source->columns, error);
  bool *unseen = nd_arena_take(source->arena, s->names.columns * sizeof *unseen, error);
  if (source->columns == NULL || unseen == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < s->names.columns; i++) {
    unseen[i] = tallies[i].seen == 0;
    source->columns[i] = (nd_column){.name = s->names.name[i],
                                     .unit = s->names.unit[i] == NULL ? "" : s->names.unit[i],
                                     .type = type_said(type_of(&tallies[i]), s->names.type[i]),
                                     .wide = is_wide(&tallies[i]),
                                     .elements = 1,
                                     .format = ""};
    ND_TRY(explain_text(s, &tallies[i], &source->columns[i], error));
  }
  source->unseen = unseen;
  return NADIR_OK;
}

static nadir_status find_types(sniff *s, nadir_error *error) {
  s->csv->source.column_count = s->names.columns;
  ND_TRY(take_blanks(s, error));
  tally *tallies = nd_new(s->names.columns, sizeof *tallies, error);
  if (tallies == NULL) return NADIR_NO_MEMORY;
  nadir_status status = count_sample(s, tallies, error);
  if (status == NADIR_OK) status = make_columns(s, tallies, error);
  nd_free(tallies);
  return status == NADIR_OK ? nd_csv_ecsv_units(s->names.head, s->csv->source.columns,
                                                s->names.columns, s->csv->source.arena, error)
                            : status;
}

/* ---- all of it */

static nadir_status run(sniff *s, const nd_table_options *options, nadir_error *error) {
  ND_TRY(read_head(s, error));
  ND_TRY(refuse_foreign(s, error));
  if (s->names.head_size >= 3 && memcmp(s->names.head, "\xef\xbb\xbf", 3) == 0)
    s->csv->text.start = 3;
  ND_TRY(find_delimiter(s, options, error));
  rewind_to(s, s->csv->text.start, 1);
  ND_TRY(next(s, error));
  if (!s->found)
    return refuse(s,
                  "there is no line that is not blank or a # comment: give a table with a header "
                  "and rows",
                  error);
  if (stands_on_ruler(s))
    return refuse(
        s, "the first line is a ruler: delete the rulers of this table, or save it as CSV", error);
  ND_TRY(find_header(s, options, error));
  return find_types(s, error);
}

nadir_status nd_csv_sniff(nd_csv *csv, const nd_table_options *options, nadir_error *error) {
  sniff s = {.csv = csv, .names = {.text = &csv->text, .arena = csv->source.arena}};
  nadir_status status = nd_csv_cursor_new(&s.cursor, error);
  if (status == NADIR_OK) status = run(&s, options, error);
  nd_csv_cursor_free(&s.cursor);
  nd_free(s.names.head);
  return status;
}
