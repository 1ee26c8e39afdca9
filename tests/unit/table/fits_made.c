/* FITS files made by hand: every odd but right thing of headers and types is read, every wrong one is refused in
 * a sentence that names the file and what is wrong. */
#include "fits_made.h"

#include <math.h>
#include <unistd.h>

#include "fits_test.h"

#define PATH "fits_made.fits"

/* A BINTABLE of one row and one column (or an ASCII table), with cards of the caller's behind TFIELDS. */
static void make(const char *kind, uint64_t row_bytes, const char *const *cards, const void *row) {
  made_file f = {0};
  made_primary(&f);
  size_t fields = 0;
  for (size_t i = 0; cards[i] != NULL; i++)
    fields += strncmp(cards[i], "TFORM", 5) == 0;
  made_table(&f, kind, row_bytes, 1, 0, fields);
  for (size_t i = 0; cards[i] != NULL; i++)
    made_card(&f, cards[i]);
  made_end(&f);
  made_data(&f, row, row_bytes);
  made_save(&f, PATH);
}

static void refuse(const char *hdu, const char *says) {
  nadir_error error = {0};
  refuse_table(PATH, hdu, &error);
  if (strstr(error.message, says) == NULL) fail_msg("'%s' is not in: %s", says, error.message);
}

/* ---- columns ---- */

static void odd_cards_of_columns_are_read(void **state) {
  (void)state;
  const unsigned char row[] = {0, 0, 0, 7, 9, 5};
  const char *const cards[] = {
      "TTYPE1  = 'it''s a name that fills the whole of its card, to the last columnn &'",
      "CONTINUE  'and goes on'",
      "TFORM1  = '  1j    '",
      "TNULL1  =                   +8",
      "TTYPE2  =",
      "TFORM2  = '1b'",
      "TTYPE3  = ''",
      "TFORM3  = '1B'",
      "TUNIT3  = 'mag     '           / a comment",
      "TTYPE1000= 'none   '",
      "TTYPE01 = 'none'",
      "CONTINUE  'of nothing'",
      "TTYPE4  = 'beyond'",
      NULL};
  make("BINTABLE", 6, cards, row);
  nd_source *source = open_table(PATH, NULL);
  assert_int_equal(source->column_count, 3);
  assert_string_equal(
      source->columns[0].name,
      "it's a name that fills the whole of its card, to the last columnn and goes on");
  assert_string_equal(source->columns[1].name, "col2");
  assert_string_equal(source->columns[2].name, "col3");
  assert_string_equal(source->columns[2].unit, "mag");
  static const double cells[] = {7, 9, 5};
  for (size_t c = 0; c < 3; c++) {
    double *numbers = numbers_of(source, c, 0);
    assert_true(numbers[0] == cells[c]);
    free(numbers);
  }
  source->class->close(source);
}

/* A string over more cards than are kept is cut there. */
static void endless_names_are_cut(void **state) {
  (void)state;
  made_file f = {0};
  made_primary(&f);
  made_table(&f, "BINTABLE", 1, 1, 0, 1);
  made_card(&f, "TFORM1  = '1B'");
  made_card(&f, "TTYPE1  = '0123456789012345678901234567890123456789012345678901234567890123456&'");
  for (int i = 0; i < 40; i++)
    made_card(&f,
              "CONTINUE  '0123456789012345678901234567890123456789012345678901234567890123456&'");
  made_end(&f);
  made_data(&f, "\1", 1);
  made_save(&f, PATH);
  nd_source *source = open_table(PATH, NULL);
  const char *name = source->columns[0].name;
  assert_int_equal(strlen(name), 1024);
  assert_null(strchr(name, '&'));
  source->class->close(source);
}

static void wrong_columns_are_named(void **state) {
  (void)state;
  static const struct {
    const char *kind;
    uint64_t row_bytes;
    const char *cards[6], *says;
  } cases[] = {
      {"BINTABLE",
       4,
       {"TFORM1  = '18446744073709551616J'"},
       "column 1 of HDU 1: TFORM is not a type"},
      {"BINTABLE", 4, {"TFORM1  = '9999999999999999999J'"}, "TFORM is not a type"},
      {"BINTABLE", 4, {"TFORM1  = '1{'"}, "TFORM is not a type"},
      {"BINTABLE", 4, {"TFORM1  = '1'"}, "TFORM is not a type"},
      {"BINTABLE", 4, {"TFORM1  = '4A99999999999999999999'"}, "TFORM is not a type"},
      {"BINTABLE",
       4,
       {"TFORM1  = '1J'", "TFORM2  = '18446744073709551615B'"},
       "column 2 of HDU 1: its cells reach"},
      {"BINTABLE", 4, {"TFORM1  = '1J'", "TSCAL1  = 'two'"}, "TSCAL is not a number"},
      {"BINTABLE", 4, {"TFORM1  = '1J'", "TSCAL1  ="}, "TSCAL is not a number"},
      {"BINTABLE",
       4,
       {"TFORM1  = '1J'", "TSCAL1  =                1E999"},
       "TSCAL is not a number"},
      {"BINTABLE",
       4,
       {"TFORM1  = '1J'", "TZERO1  =                  NaN"},
       "TZERO is not a number"},
      {"BINTABLE",
       4,
       {"TFORM1  = '1J'", "TZERO1  =                    x"},
       "TZERO is not a number"},
      {"BINTABLE",
       4,
       {"TFORM1  = '1J'", "TNULL1  =                  1.5"},
       "TNULL is not a whole number"},
      {"BINTABLE",
       4,
       {"TFORM1  = '1J'", "TNULL1  X                    7"},
       "TNULL is not a whole number"},
      {"TABLE", 4, {"TFORM1  = 'I4'", "TBCOL1  =                    0"}, "TBCOL is not a place"},
      {"TABLE", 4, {"TFORM1  = 'I4'", "TBCOL1  =                    5"}, "TBCOL is not a place"},
      {"TABLE", 4, {"TFORM1  = 'I4'", "TBCOL1  =                    x"}, "TBCOL is not a place"},
      {"TABLE", 4, {"TFORM1  = 'I4'"}, "TBCOL is missing"},
      {"TABLE", 4, {"TFORM1  = ''", "TBCOL1  =                    1"}, "TFORM is not one of"},
      {"TABLE", 4, {"TFORM1  = 'I'", "TBCOL1  =                    1"}, "TFORM is not one of"},
      {"TABLE", 4, {"TFORM1  = 'I0'", "TBCOL1  =                    1"}, "TFORM is not one of"},
      {"TABLE", 4, {"TFORM1  = 'X4'", "TBCOL1  =                    1"}, "TFORM is not one of"},
      {"TABLE", 4, {"TFORM1  = '{4'", "TBCOL1  =                    1"}, "TFORM is not one of"},
      {"TABLE",
       4,
       {"TFORM1  = 'I99999999999999999999'", "TBCOL1  =                    1"},
       "TFORM is not one of"},
      {"TABLE",
       4,
       {"TFORM1  = 'F4.99999999999999999999'", "TBCOL1  =                    1"},
       "TFORM is not one of"},
      {"TABLE", 4, {"TFORM1  = 'F4.5'", "TBCOL1  =                    1"}, "TFORM is not one of"},
      {"TABLE", 4, {"TFORM1  = 'I5'", "TBCOL1  =                    1"}, "its cells reach past"},
      {"TABLE",
       4,
       {"TFORM1  = 'I18446744073709551615'", "TBCOL1  =                    2"},
       "its cells reach past"},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    make(cases[i].kind, cases[i].row_bytes, cases[i].cards, "    ");
    refuse(NULL, cases[i].says);
  }
}

/* TSCAL and TZERO that leave integers whole, or do not; integers of 64 bits below their range. */
static void scaled_integers_keep_their_type(void **state) {
  (void)state;
  static const struct {
    const char *cards[6];
    nd_cell_type type;
    bool wide, single;
    const char *text;
  } cases[] = {
      {{"TFORM1  = '1I'", "TSCAL1  =                    2", "TZERO1  =                  0.5"},
       ND_CELL_REAL,
       false,
       false,
       "514.5"},
      {{"TFORM1  = '1I'", "TSCAL1  =                    2"}, ND_CELL_INTEGER, false, false, "514"},
      {{"TFORM1  = '1I'", "TZERO1  =           1000000000"},
       ND_CELL_INTEGER,
       false,
       false,
       "1000000257"},
      {{"TFORM1  = '1K'", "TSCAL1  =                    0"}, ND_CELL_INTEGER, false, false, "0"},
      {{"TFORM1  = '1K'", "TZERO1  = -9223372036854775808"},
       ND_CELL_INTEGER,
       true,
       false,
       "-9151031864016699135"},
      {{"TFORM1  = '1K'", "TZERO1  =  9223372036854775808"},
       ND_CELL_INTEGER,
       true,
       false,
       "9295712209692852481"},
      {{"TFORM1  = '1J'", "TZERO1  =                   -1"},
       ND_CELL_INTEGER,
       false,
       false,
       "16843008"},
      {{"TFORM1  = '1J'", "TSCAL1  =           1000000000"},
       ND_CELL_REAL,
       false,
       false,
       "1.6843009e16"},
      {{"TFORM1  = '1J'", "TZERO1  =                 1E19"},
       ND_CELL_REAL,
       false,
       false,
       "1.0000000000016843e19"},
      {{"TFORM1  = '1L'", "TSCAL1  =                    2"}, ND_CELL_TRUTH, false, true, NULL},
      {{"TFORM1  = '1E'", "TNULL1  = 'NaN'"}, ND_CELL_REAL, false, true, "2.3694278e-38"},
      {{"TFORM1  = '3A5'"}, ND_CELL_TEXT, false, false, "\1\1\1"},
      {{"TFORM1  = '4A0'"}, ND_CELL_TEXT, false, false, "\1\1\1\1"},
      {{"TFORM1  = '4A3'"}, ND_CELL_TEXT, false, false, "\1\1\1\1"},
  };
  const unsigned char ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  const uint64_t bytes[] = {2, 2, 2, 8, 8, 8, 4, 4, 4, 1, 4, 3, 4, 4};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    make("BINTABLE", bytes[i], cases[i].cards, ones);
    nd_source *source = open_table(PATH, NULL);
    const nd_column *column = &source->columns[0];
    if (column->type != cases[i].type || column->wide != cases[i].wide ||
        column->single != cases[i].single)
      fail_msg("case %zu", i);
    char **text = texts_of(source, 0, 0);
    if (cases[i].text == NULL)
      assert_null(text[0]);
    else
      assert_string_equal(text[0], cases[i].text);
    free_texts(text, 1);
    source->class->close(source);
  }
  const unsigned char low[8] = {0x80, 0, 0, 0, 0, 0, 0, 1}; /* - 2^63 + 1 */
  make("BINTABLE", 8, cases[4].cards, low);
  nd_source *source = open_table(PATH, NULL);
  char **text = texts_of(source, 0, 0);
  assert_string_equal(text[0], "-1.8446744073709552e19"); /* below 64 bits: as a double */
  free_texts(text, 1);
  source->class->close(source);
}

/* Columns of no elements are listed, and all missing. */
static void columns_without_elements_are_missing(void **state) {
  (void)state;
  const char *const cards[] = {
      "TTYPE1  = 'none'", "TFORM1  = '0E'", "TTYPE2  = 'one'", "TFORM2  = '1B'",
      "TTYPE3  = 'text'", "TFORM3  = '0A'", "ZFORM1  = '1J'",  NULL};
  make("BINTABLE", 1, cards, "\5");
  nd_source *source = open_table(PATH, NULL);
  nadir_error error;
  void *scratch;
  double number = 1, rest = 1, equal = 1;
  float single = 1;
  const char *text = "";
  nd_request requests[] = {{.kind = ND_AS_NUMBER, .numbers = &number},
                           {.kind = ND_AS_REST, .numbers = &rest},
                           {.kind = ND_AS_EQUAL, .numbers = &equal, .equals = ""},
                           {.kind = ND_AS_SINGLE, .singles = &single},
                           {.kind = ND_AS_TEXT, .texts = &text}};
  assert_int_equal(source->class->scratch_new(&scratch, source, &error), NADIR_OK);
  assert_int_equal(source->class->read(source, 0, 1, 0, requests, 5, scratch, &error), NADIR_OK);
  assert_true(isnan(number) && isnan(rest) && isnan(equal) && isnan(single) && text == NULL);
  source->class->scratch_free(scratch);
  source->class->close(source);
}

/* ---- cells ---- */

static void ascii_cells_are_answered_in_every_way(void **state) {
  (void)state;
  static const char row[] = "123456789012345678900001234599     ";
  const char *const cards[] = {"TTYPE1  = 'wide'",
                               "TFORM1  = ' i20'",
                               "TBCOL1  =                    1",
                               "TTYPE2  = 'pointless'",
                               "TFORM2  = 'F8.3'",
                               "TBCOL2  =                   21",
                               "TTYPE3  = 'doubled'",
                               "TFORM3  = 'I2'",
                               "TBCOL3  =                   29",
                               "TSCAL3  =                    2",
                               "TTYPE4  = 'blank'",
                               "TFORM4  = 'I2'",
                               "TBCOL4  =                   31",
                               "TNULL4  = ''",
                               "TTYPE5  = 'zero'",
                               "TFORM5  = 'I3'",
                               "TBCOL5  =                   33",
                               "TTYPE6  = 'long'",
                               "TFORM6  = 'F400.350'",
                               "TBCOL6  =                  101",
                               NULL};
  char long_row[500];
  memset(long_row, ' ', sizeof long_row);
  memcpy(long_row, row, strlen(row));
  memcpy(long_row + 100, "12345", 5);
  make("TABLE", 500, cards, long_row);
  nd_source *source = open_table(PATH, NULL);
  assert_true(source->columns[0].wide && source->columns[0].type == ND_CELL_INTEGER);
  static const char *const texts[] = {"12345678901234567890", "12.345", "198", NULL, "0", "0"};
  static const double numbers[] = {12345678901234567890.0, 12.345, 198, NAN, 0, 0};
  static const double rests[] = {722, 0, 0, NAN, 0, 0};
  for (size_t c = 0; c < 6; c++) {
    nadir_error error;
    double rest, *number = numbers_of(source, c, 0);
    char **text = texts_of(source, c, 0);
    nd_request request = {.kind = ND_AS_REST, .column = c};
    assert_int_equal(read_whole(source, request, &rest, NULL, &error), NADIR_OK);
    assert_true(same_bits(number[0], numbers[c]));
    if (!same_bits(rest, rests[c])) fail_msg("column %zu: rest %g", c, rest);
    if (texts[c] == NULL)
      assert_null(text[0]);
    else
      assert_string_equal(text[0], texts[c]);
    free(number);
    free_texts(text, 1);
  }
  source->class->close(source);
  /* a number that means missing, of a column that is text or number */
  const double nulls[] = {12.345};
  nd_table_options options = {.nulls = nulls, .null_count = 1};
  nadir_error error;
  nd_file *file;
  assert_int_equal(nd_file_open(&file, PATH, &error), NADIR_OK);
  assert_int_equal(nd_fits_open(&source, file, &options, &error), NADIR_OK);
  char **text = texts_of(source, 1, 0);
  assert_null(text[0]);
  free_texts(text, 1);
  source->class->close(source);
  /* a long cell that is no number is shown in part */
  memset(long_row + 100, 'x', 300);
  make("TABLE", 500, cards, long_row);
  source = open_table(PATH, NULL);
  double number;
  nd_request request = {.column = 5};
  assert_int_equal(read_whole(source, request, &number, NULL, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, PATH ":row 1:long: 'xxx"));
  request.kind = ND_AS_EQUAL;
  request.equals = "1";
  assert_int_equal(read_whole(source, request, &number, NULL, &error), NADIR_BAD_DATA);
  source->class->close(source);
}

static void singles_know_what_is_missing(void **state) {
  (void)state;
  const char *const cards[] = {"TTYPE1  = 'e'",
                               "TFORM1  = '1E'",
                               "TTYPE2  = 'i'",
                               "TFORM2  = '1I'",
                               "TTYPE3  = 't'",
                               "TFORM3  = '200A'",
                               NULL};
  unsigned char row[206];
  memset(row, 'a', sizeof row);
  memcpy(row, "\xc2\xc7\xcc\xcd\xff\xf7", 6); /* -99.9 in float32, -9 */
  make("BINTABLE", sizeof row, cards, row);
  const double nulls[] = {-9, -99.9};
  nd_table_options options = {.nulls = nulls, .null_count = 2};
  nadir_error error;
  nd_file *file;
  nd_source *source;
  void *scratch;
  assert_int_equal(nd_file_open(&file, PATH, &error), NADIR_OK);
  assert_int_equal(nd_fits_open(&source, file, &options, &error), NADIR_OK);
  float e = 0, i = 0;
  double same = 5;
  nd_request requests[] = {{.kind = ND_AS_SINGLE, .column = 0, .singles = &e},
                           {.kind = ND_AS_SINGLE, .column = 1, .singles = &i},
                           {.kind = ND_AS_EQUAL, .column = 2, .numbers = &same, .equals = " "}};
  assert_int_equal(source->class->scratch_new(&scratch, source, &error), NADIR_OK);
  assert_int_equal(source->class->read(source, 0, 1, 0, requests, 3, scratch, &error), NADIR_OK);
  assert_true(isnan(e) && isnan(i) && same == 0);
  source->class->scratch_free(scratch);
  char **text = texts_of(source, 2, 0);
  assert_int_equal(strlen(text[0]), 200);
  free_texts(text, 1);
  source->class->close(source);
}

/* Of rows of 40 kB the part that is asked for is read, in whatever order, and nothing where nothing is. */
static void long_rows_are_read_in_part(void **state) {
  (void)state;
  const char *const cards[] = {"TFORM1  = '1B'", "TFORM2  = '40000B'", "TFORM3  = '1B'", NULL};
  unsigned char *row = calloc(1, 40002);
  row[0] = 1, row[40000] = 2, row[40001] = 3;
  make("BINTABLE", 40002, cards, row);
  free(row);
  nd_source *source = open_table(PATH, NULL);
  nadir_error error;
  void *scratch;
  double first, last, middle;
  nd_request requests[] = {{.column = 2, .numbers = &last},
                           {.column = 0, .numbers = &first},
                           {.column = 1, .element = 39999, .numbers = &middle}};
  assert_int_equal(source->class->scratch_new(&scratch, source, &error), NADIR_OK);
  assert_int_equal(source->class->read(source, 0, 1, 0, requests, 3, scratch, &error), NADIR_OK);
  assert_true(first == 1 && middle == 2 && last == 3);
  first = 0;
  assert_int_equal(source->class->read(source, 0, 1, 0, requests + 1, 1, scratch, &error),
                   NADIR_OK);
  assert_true(first == 1);
  assert_int_equal(source->class->read(source, 0, 1, 0, NULL, 0, scratch, &error), NADIR_OK);
  assert_int_equal(truncate(PATH, 3 * 2880), 0);
  assert_int_equal(source->class->read(source, 0, 1, 0, requests, 1, scratch, &error),
                   NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, PATH ":row 1: the file ended while it was read"));
  source->class->scratch_free(scratch);
  source->class->close(source);
}

/* ---- HDUs ---- */

static void make_extension(const char *const *cards, const void *data, size_t size) {
  made_file f = {0};
  made_primary(&f);
  for (size_t i = 0; cards[i] != NULL; i++)
    made_card(&f, cards[i]);
  made_end(&f);
  made_data(&f, data, size);
  made_save(&f, PATH);
}

static void kinds_of_hdu_are_told_apart(void **state) {
  (void)state;
  static const struct {
    const char *cards[16];
    size_t size;
    const char *says;
  } cases[] = {
      {{"XTENSION= 'IUEIMAGE'", "BITPIX  =                  -64", "NAXIS   =                    1",
        "NAXIS1  =                    1"},
       8,
       "1 (image)"},
      {{"XTENSION= 'IMAGE   '", "BITPIX  =                   32", "NAXIS   =                    1",
        "NAXIS1  =                    1"},
       8,
       "1 (image)"},
      {{"XTENSION= 'IMAGE   '", "BITPIX  =                   64", "NAXIS   =                    0"},
       0,
       "1 (no data)"},
      {{"XTENSION= 'FOREIGN '", "BITPIX  =                    8", "NAXIS   =                    0"},
       0,
       "1 (unknown kind)"},
      {{"XTENSION= 'BINTABLE'", "BITPIX  =                    8", "NAXIS   =                    2",
        "NAXIS1  =                    8", "NAXIS2  =                    1",
        "PCOUNT  =                    0", "GCOUNT  =                    1",
        "TFIELDS =                    1", "ZIMAGE  =                    T", "TFORM1  = '1PB'"},
       8,
       "1 (compressed image)"},
      {{"XTENSION= 'BINTABLE'", "BITPIX  =                    8", "NAXIS   =                    2",
        "NAXIS1  =                    0", "NAXIS2  =                    0",
        "PCOUNT  =                    0", "GCOUNT  =                    1",
        "TFIELDS =                    0"},
       0,
       "1 (table)"},
      {{"XTENSION= 'BINTABLE'", "BITPIX  =                    8", "NAXIS   =                    2",
        "NAXIS1  =                    0", "NAXIS2  =                    9",
        "PCOUNT  =                    0", "GCOUNT  =                    1",
        "TFIELDS =                    1", "TFORM1  = '0J'"},
       0,
       "9 rows of no bytes"},
      {{"XTENSION= 'IMAGE   '", "BITPIX  =                    7", "NAXIS   =                    0"},
       0,
       "BITPIX"},
      {{"XTENSION= 'IMAGE   '", "BITPIX  =                    x", "NAXIS   =                    0"},
       0,
       "BITPIX is not a whole number"},
      {{"XTENSION= 'IMAGE   '", "BITPIX  =                    8", "NAXIS   =                    3",
        "NAXIS1  =                    1", "NAXIS2  =  9223372036854775807",
        "NAXIS3  =  9223372036854775807"},
       0,
       "more data than any file"},
      {{"XTENSION= 'IMAGE   '", "BITPIX  =                    8", "NAXIS   =                    2",
        "NAXIS1  =  9223372036854775807", "NAXIS2  =  9223372036854775807"},
       0,
       "more data than any file"},
      {{"XTENSION= 'IMAGE   '", "BITPIX  =                    8", "NAXIS   =                    2",
        "NAXIS1  =  6074000999        ", "NAXIS2  =  3037000500", "PCOUNT  =  9223372036854775807"},
       0,
       "more data than any file"},
      {{"XTENSION= 'IMAGE   '", "BITPIX  =                    8", "NAXIS   =                    1",
        "NAXIS1  =           4000000000", "GCOUNT  =  9223372036854775807"},
       0,
       "more data than any file"},
      {{"XTENSION= 'IMAGE   '", "BITPIX  =                   64", "NAXIS   =                    1",
        "NAXIS1  =  9223372036854775807"},
       0,
       "more data than any file"},
      {{"XTENSION= 'IMAGE   '", "BITPIX  =                    8", "NAXIS   =                    1",
        "NAXIS1  =  9223372036854775808"},
       0,
       "NAXIS1 is not a whole number"},
      {{"XTENSION= 'IMAGE   '", "BITPIX  =                    8", "NAXIS   =                    1",
        "NAXIS1  ="},
       0,
       "NAXIS1 is not a whole number"},
      {{"XTENSION= 'IMAGE   '", "BITPIX  =                    8", "NAXIS   =                    1"},
       0,
       "are not as many as NAXIS"},
      {{"XTENSION= 'BINTABLE'", "BITPIX  =                    8", "NAXIS   =                    2",
        "NAXIS1  =                    1", "NAXIS2  =                    1",
        "PCOUNT  =                    0", "GCOUNT  =                    2",
        "TFIELDS =                    1", "TFORM1  = '1B'"},
       8,
       "GCOUNT is not 1"},
      {{"XTENSION= 'BINTABLE'", "BITPIX  =                    8", "NAXIS   =                    1",
        "NAXIS1  =                    1", "TFIELDS =                    1", "TFORM1  = '1B'"},
       8,
       "NAXIS is not 2"},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    char data[8] = {0};
    make_extension(cases[i].cards, data, cases[i].size);
    refuse(NULL, cases[i].says);
  }
  static const char *const old_name[] = {"XTENSION= 'A3DTABLE'",
                                         "BITPIX  =                    8",
                                         "NAXIS   =                    2",
                                         "NAXIS1  =                    1",
                                         "NAXIS2  =                   +1",
                                         "PCOUNT  =                    0",
                                         "GCOUNT  =                    1",
                                         "TFIELDS =                    1",
                                         "TFORM1  = '1B'",
                                         "NAXIS3  =                    9",
                                         "EXTNAME = 'OLD'",
                                         NULL};
  make_extension(old_name, "\7", 1);
  nd_source *source = open_table(PATH, "old");
  assert_int_equal(source->rows, 1);
  source->class->close(source);
  source = open_table(PATH, ""); /* of no name the first table will do */
  assert_int_equal(source->rows, 1);
  source->class->close(source);
}

static void random_groups_are_passed_over(void **state) {
  (void)state;
  for (int groups = 0; groups < 2; groups++) {
    made_file f = {0};
    made_number(&f, "SIMPLE", "T");
    made_number(&f, "BITPIX", "8");
    made_number(&f, "NAXIS", "2");
    made_number(&f, "NAXIS1", groups ? "0" : "4");
    made_number(&f, "NAXIS2", "3000");
    made_number(&f, "GROUPS", "T");
    made_number(&f, "PCOUNT", groups ? "2" : "0");
    made_number(&f, "GCOUNT", "1");
    made_end(&f);
    char *data = calloc(1, 12000);
    made_data(&f, data, groups ? 3002 : 12000);
    free(data);
    made_table(&f, "BINTABLE", 1, 1, 0, 1);
    made_card(&f, "TFORM1  = '1B'");
    made_end(&f);
    made_data(&f, "\5", 1);
    made_save(&f, PATH);
    refuse("0", groups ? "random groups" : "image");
    nd_source *source = open_table(PATH, NULL);
    assert_int_equal(source->rows, 1);
    source->class->close(source);
  }
}

static void many_hdus_are_listed_in_part(void **state) {
  (void)state;
  made_file f = {0};
  made_primary(&f);
  for (int i = 0; i < 30; i++) {
    made_string(&f, "XTENSION", 0, "IMAGE");
    made_number(&f, "BITPIX", "8");
    made_number(&f, "NAXIS", "0");
    made_string(&f, "EXTNAME", 0, i < 2 ? "TWIN" : "AN EXTENSION OF WHICH THE NAME IS FAIRLY LONG");
    made_end(&f);
  }
  made_save(&f, PATH);
  refuse(NULL, ", ... 31 in all");
  refuse("twin", "HDU 1 is not a table");
  refuse("-1", "there is no HDU '-1'");
  refuse("18446744073709551616", "there is no HDU");
  refuse("1x", "there is no HDU '1x'");
  nd_file *file;
  nd_source *source;
  nd_table_options options = {.hdu = "TWIN"};
  assert_int_equal(nd_file_open(&file, PATH, NULL), NADIR_OK);
  assert_int_equal(nd_fits_open(&source, file, &options, NULL), NADIR_BAD_DATA);
}

/* Behind the first header damage is told where nothing before it will do, to whoever asks for words. */
static void a_broken_second_header_is_told(void **state) {
  (void)state;
  made_file f = {0};
  made_primary(&f);
  made_string(&f, "XTENSION", 0, "IMAGE");
  made_number(&f, "BITPIX", "9");
  made_number(&f, "NAXIS", "0");
  made_end(&f);
  made_save(&f, PATH);
  refuse(NULL, "the header of HDU 1 is damaged: BITPIX");
  refuse("5", "the header of HDU 1 is damaged: BITPIX");
  static const char *const hdus[] = {NULL, "5"};
  for (size_t i = 0; i < 2; i++) {
    nd_file *file;
    nd_source *source;
    nd_table_options options = {.hdu = hdus[i]};
    assert_int_equal(nd_file_open(&file, PATH, NULL), NADIR_OK);
    assert_int_equal(nd_fits_open(&source, file, &options, NULL), NADIR_BAD_DATA);
    assert_null(source);
  }
}

static void headers_have_a_longest_length(void **state) {
  (void)state;
  made_file f = {0};
  made_number(&f, "SIMPLE", "T");
  made_number(&f, "BITPIX", "8");
  made_number(&f, "NAXIS", "0");
  while (f.size < (1 << 24) + 2880)
    made_card(&f, "COMMENT");
  made_end(&f);
  made_save(&f, PATH);
  refuse(NULL, "the header of HDU 0 is longer than 16777216 bytes");
}

/* ---- compressed tables ---- */

static void packed_is(const packed_table *t, const char *says) {
  made_file f = {0};
  made_packed(&f, t);
  made_save(&f, PATH);
  if (says != NULL) refuse(NULL, says);
}

/* One column of four bytes, packed as it should be, and then in every wrong way. */
static void damaged_streams_are_told_with_their_row(void **state) {
  (void)state;
  static const unsigned char four[4] = {1, 2, 3, 4}, rice[] = {7, 0};
  unsigned char gz[64], gz3[64], gz5[64];
  size_t size = made_gzip(four, 4, gz, sizeof gz), size3 = made_gzip(four, 3, gz3, sizeof gz3),
         size5 = made_gzip("12345", 5, gz5, sizeof gz5);
  const char *damaged = "column 1 of compressed HDU 1 is damaged at row 1";
  const struct {
    packed_column column;
    const char *says;
  } cases[] = {
      {{.form = "1B", .packing = "GZIP_1", .data = gz, .size = size}, NULL},
      {{.form = "1B", .packing = "GZIP_2", .data = gz, .size = size}, NULL},
      {{.form = "1B", .packing = NULL, .data = gz, .size = size}, NULL},
      {{.form = "1B", .packing = "NOCOMPRESS", .data = four, .size = 4}, NULL},
      {{.form = "1B", .packing = "GZIP_1", .descriptor_form = "1QB", .data = gz, .size = size},
       NULL},
      {{.form = "1B", .packing = "RICE_1", .data = rice, .size = 2}, NULL}, /* four sevens */
      {{.form = "1B", .packing = "GZIP_1", .data = gz, .size = size, .more = -4}, damaged},
      {{.form = "1B", .packing = "GZIP_1", .data = gz, .size = size, .more = -9}, damaged},
      {{.form = "1B", .packing = "GZIP_1", .data = gz3, .size = size3}, damaged},
      {{.form = "1B", .packing = "GZIP_1", .data = gz5, .size = size5}, damaged},
      {{.form = "1B", .packing = "GZIP_1", .data = four, .size = 4}, damaged},
      {{.form = "1B", .packing = "GZIP_1", .data = gz, .size = size, .more = 1}, damaged},
      {{.form = "1B", .packing = "GZIP_1", .data = gz, .size = size, .shift = 1}, damaged},
      {{.form = "1B", .packing = "GZIP_1", .data = gz, .size = size, .more = -1, .shift = 5},
       damaged},
      {{.form = "1B", .packing = "NOCOMPRESS", .data = four, .size = 3}, damaged},
      {{.form = "1B", .packing = "RICE_1", .data = rice, .size = 1}, damaged},
      {{.form = "1B", .packing = "RICE_1", .data = rice, .size = 2, .more = -2}, damaged},
      {{.form = "1B", .packing = "RICE_1", .data = "\7\x20\0", .size = 3},
       damaged}, /* zeros without an end */
      {{.form = "1B", .packing = "WEIRD", .data = gz, .size = size}, "ZCTYP is not a known kind"},
      {{.form = "1B", .packing = "GZIP_1", .descriptor_form = "1J", .data = gz, .size = size},
       "TFORM is not that of a compressed column"},
      {{.form = "1B", .packing = "GZIP_1", .descriptor_form = "2PB", .data = gz, .size = size},
       "TFORM is not that of a compressed column"},
      {{.form = "1B", .packing = "GZIP_1", .descriptor_form = "?", .data = gz, .size = size},
       "TFORM is not that of a compressed column"},
      {{.form = "1B", .packing = "GZIP_1", .descriptor_form = "-", .data = gz, .size = size},
       "TFORM is not that of a compressed column"},
      {{.form = NULL, .packing = "GZIP_1", .data = gz, .size = size}, "TFORM is not a type"},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    packed_table t = {.rows = 4,
                      .row_bytes = 1,
                      .tile_rows = 4,
                      .tiles = 1,
                      .count = 1,
                      .columns = &cases[i].column};
    packed_is(&t, cases[i].says);
    if (cases[i].says != NULL) continue;
    nd_source *source = open_table(PATH, NULL);
    double *numbers = numbers_of(source, 0, 0);
    bool sevens = cases[i].column.size == 2;
    for (int r = 0; r < 4; r++)
      assert_true(numbers[r] == (sevens ? 7 : r + 1));
    free(numbers);
    source->class->close(source);
  }
  /* Rice codes are for integers of 8, 16 and 32 bits */
  static const char *const forms[] = {"1K", "8X", "1D"};
  for (size_t i = 0; i < 3; i++) {
    packed_column c = {.form = forms[i], .packing = "RICE_1", .data = rice, .size = 2};
    packed_table t = {.rows = 1,
                      .row_bytes = i == 1 ? 1 : 8,
                      .tile_rows = 1,
                      .tiles = 1,
                      .count = 1,
                      .columns = &c};
    packed_is(&t, damaged);
  }
}

static void sizes_of_compressed_tables_are_checked(void **state) {
  (void)state;
  static const unsigned char four[4] = {1, 2, 3, 4};
  packed_column columns[] = {{.form = "1B", .packing = "NOCOMPRESS", .data = four, .size = 4},
                             {.form = "0J", .packing = "GZIP_2", .data = four, .size = 0},
                             {.form = "0PE", .packing = "GZIP_2", .data = four, .size = 0}};
  packed_table good = {
      .rows = 4, .row_bytes = 1, .tile_rows = 4, .tiles = 1, .count = 2, .columns = columns};
  packed_is(&good, NULL);
  nd_source *source = open_table(PATH, NULL);
  assert_int_equal(source->rows, 4);
  source->class->close(source);
  packed_table t = good;
  t.tile_rows = 0;
  packed_is(&t, "ZTILELEN is missing or 0");
  t = good, t.tiles = 2;
  packed_is(&t, "its tiles (NAXIS2) are not as many");
  t = good, t.row_more = 1;
  packed_is(&t, "a row is longer or shorter than its descriptors");
  t = good, t.heap_shift = -1;
  packed_is(&t, "its heap (THEAP) lies outside its data");
  t = good, t.heap_shift = 5;
  packed_is(&t, "its heap (THEAP) lies outside its data");
  t = good, t.heap_shift = 4; /* the heap has no bytes then */
  packed_is(&t, "is damaged at row 1");
  t = good, t.rows = 0, t.tiles = 0;
  packed_is(&t, NULL);
  source = open_table(PATH, NULL);
  assert_int_equal(source->rows, 0);
  source->class->close(source);
  t = good, t.row_bytes = 0, t.columns = columns + 1, t.count = 2;
  packed_is(&t, "HDU 1 promises 4 rows of no bytes");
  t = good, t.rows = t.tile_rows = 2000000;
  packed_is(&t, "it claims to hold more than its bytes can");
  packed_column wide = {
      .form = "9223372036854775807B", .packing = "GZIP_2", .data = four, .size = 4};
  t = good, t.rows = t.tile_rows = 3, t.row_bytes = INT64_MAX, t.count = 1, t.columns = &wide;
  packed_is(&t, "it claims to hold more than its bytes can");
}

/* The heap is long enough for what is claimed, but no memory is: its bytes are a hole in the file. */
static void a_tile_must_fit_in_memory(void **state) {
  (void)state;
  uint64_t half = nd_physical_memory() / 2;
  made_file f = {0};
  made_primary(&f);
  made_table(&f, "BINTABLE", 8, 1, half / 1000, 1);
  made_number(&f, "ZTABLE", "T");
  made_count(&f, "ZNAXIS1", 1);
  made_count(&f, "ZNAXIS2", half);
  made_count(&f, "ZTILELEN", half);
  made_string(&f, "TFORM", 1, "1PB");
  made_string(&f, "ZFORM", 1, "1B");
  made_end(&f);
  uint64_t size = f.size + 8 + half / 1000;
  made_save(&f, PATH);
  assert_int_equal(truncate(PATH, (off_t)size), 0);
  refuse(NULL, "a tile is too large for the memory of this machine");
}

/* ---- several files ---- */

static nadir_status open_tables(nd_table **table, const char *first, const char *second,
                                nadir_error *error) {
  const char *const forms[] = {first, second}, *const paths[] = {PATH, PATH ".2"};
  for (size_t i = 0; i < 2; i++) {
    char card[81];
    const unsigned char row[24] = {0};
    const size_t bytes = strcmp(forms[i], "E") == 0 ? 4 : forms[i][0] == '2' ? 16 : 8;
    snprintf(card, sizeof card, "TFORM1  = '%s'", forms[i]);
    const char *const cards[] = {"TTYPE1  = 'v'", card, NULL};
    make("BINTABLE", bytes, cards, row);
    assert_int_equal(rename(PATH, i == 0 ? PATH ".1" : PATH ".2"), 0);
  }
  assert_int_equal(rename(PATH ".1", PATH), 0);
  nadir_status status = nd_table_open(table, paths, 2, NULL, error);
  unlink(PATH ".2");
  return status;
}

static void files_of_fits_are_joined(void **state) {
  (void)state;
  nadir_error error = {0};
  nd_table *table;
  size_t column, element, rows;
  ptrdiff_t hint;
  nd_scratch *scratch;
  double numbers[16];
  assert_int_equal(open_tables(&table, "E", "D", &error), NADIR_OK);
  assert_false(nd_table_column(table, 0)->single);
  assert_string_equal(nd_table_column(table, 0)->format, "");
  nd_table_close(table);
  assert_int_equal(open_tables(&table, "D", "E", &error), NADIR_OK);
  assert_false(nd_table_column(table, 0)->single);
  nd_table_close(table);
  assert_int_equal(open_tables(&table, "E", "E", &error), NADIR_OK);
  assert_true(nd_table_column(table, 0)->single);
  nd_table_close(table);
  assert_int_equal(open_tables(&table, "D", "2D", &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "column v has 2 elements where " PATH " has 1"));
  assert_int_equal(open_tables(&table, "2D", "2D", &error), NADIR_OK);
  assert_true(nd_table_find(table, "v", &column, &element, &hint) && element == SIZE_MAX);
  assert_true(nd_table_find(table, "v[2]", &column, &element, &hint) && element == 1);
  assert_false(nd_table_find(table, "v[3]", &column, &element, &hint));
  nd_request request = {.kind = ND_AS_NUMBER, .element = SIZE_MAX, .numbers = numbers};
  assert_int_equal(nd_scratch_new(&scratch, table, &error), NADIR_OK);
  assert_int_equal(nd_table_read(table, 0, &request, 1, scratch, &rows, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "column v has 2 elements: name one of them, as in v[1]"));
  nd_scratch_free(scratch);
  nd_table_close(table);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(
        open_tables(&table, i == 0 ? "1PE(3)" : "PE(3)", i == 0 ? "1PE(3)" : "PE(3)", &error),
        NADIR_OK);
    assert_int_equal(nd_cells_of(nd_table_column(table, 0)), NADIR_ARRAYS);
    nd_table_close(table);
  }
}

static int clean(void **state) {
  (void)state;
  unlink(PATH);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(odd_cards_of_columns_are_read),
      cmocka_unit_test(endless_names_are_cut),
      cmocka_unit_test(wrong_columns_are_named),
      cmocka_unit_test(scaled_integers_keep_their_type),
      cmocka_unit_test(columns_without_elements_are_missing),
      cmocka_unit_test(ascii_cells_are_answered_in_every_way),
      cmocka_unit_test(singles_know_what_is_missing),
      cmocka_unit_test(long_rows_are_read_in_part),
      cmocka_unit_test(kinds_of_hdu_are_told_apart),
      cmocka_unit_test(random_groups_are_passed_over),
      cmocka_unit_test(many_hdus_are_listed_in_part),
      cmocka_unit_test(a_broken_second_header_is_told),
      cmocka_unit_test(headers_have_a_longest_length),
      cmocka_unit_test(damaged_streams_are_told_with_their_row),
      cmocka_unit_test(sizes_of_compressed_tables_are_checked),
      cmocka_unit_test(a_tile_must_fit_in_memory),
      cmocka_unit_test(files_of_fits_are_joined),
  };
  return cmocka_run_group_tests(tests, NULL, clean);
}
