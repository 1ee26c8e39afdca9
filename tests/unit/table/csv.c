/* Delimited text: what is read of each kind, what is refused and in which words, and that rows,
 * lines and cells stay right across chunks and buffers. */
#include "table_test.h"

static const struct {
  const char *text, *reads;
} good[] = {
    /* RFC 4180 and around it */
    {"a,b\n1,2\n", "a:I b:I | 1 2"},
    {"a,b\r\n1,2\r\n3,4", "a:I b:I | 1 2 | 3 4"},
    {"\xef\xbb\xbf"
     "a,b\n1,2\n",
     "a:I b:I | 1 2"},
    {"a,b\n\n1,2\n   \n\n3,4\n\n", "a:I b:I | 1 2 | 3 4"},
    {"a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", "a:T b:T | x, y say \"hi\""},
    {"a,b\n\"two\nlines\",2\nz,3\n", "a:T b:I | two\nlines 2 | z 3"},
    {"a,b\n\"\",\"\"\n1,2\n", "a:I b:I | - - | 1 2"},
    {"a,b\n5\" pipe,1\n7\",2\n", "a:T b:I | 5\" pipe 1 | 7\" 2"},
    {"a,b\n \"x, y\" ,1\n", "a:T b:I | x, y 1"},
    {"a,b\n\"1\",\"2.5\"\n", "a:I b:R | 1 2.5"},
    {"\"a\",\"b\"\"c\"\n1,2\n", "a:I b\"c:I | 1 2"},
    {"a\n1\n2\n", "a:I | 1 | 2"},
    {"a,b", "a:R b:R"},
    {"a,b\n#c\n  # d \"e\n1,2\n# f\n", "a:I b:I | 1 2"},
    /* delimiters */
    {"a\tb\n1\t\n\t2\n", "a:I b:I | 1 - | - 2"},
    {"a;b\n1,5;x\n2,5;y\n", "a:T b:T | 1,5 x | 2,5 y"},
    {"a|b\n1|2\n", "a:I b:I | 1 2"},
    {"| a | b |\n| 1 | x |\n| 2 | y |\n", "a:I b:T | 1  x  | 2  y "},
    {"  a   b\t c \n 1  2 3\n\t4 5\t6  \n", "a:I b:I c:I | 1 2 3 | 4 5 6"},
    {"a b\n\"x y\" 1\n z 2\n", "a:T b:I | x y 1 | z 2"},
    {"a b,c\nx y,1\nz,2\n", "a b:T c:I | x y 1 | z 2"},
    /* missing */
    {"a,b,c,d,e\nNA,NaN,null,--,\nna,nan,NULL,N/A,\\nodata\n1,2,3,4,5\n",
     "a:I b:I c:I d:I e:I | - - - - - | - - - - - | 1 2 3 4 5"},
    {"a,b\n,x\n", "a:R b:T | - x"},
    /* types */
    {"a,b,c,d\n1,1.5,true,x\n-2,1e3,FALSE,2\n", "a:I b:R c:B d:T | 1 1.5 true x | -2 1e3 FALSE 2"},
    {"id\n9223372036854775807\n-9223372036854775808\n",
     "id:I | 9223372036854775807 | -9223372036854775808"},
    {"id\n9223372036854775808\n18446744073709551615\n",
     "id:I | 9223372036854775808 | 18446744073709551615"},
    {"id\n18446744073709551616\n", "id:R | 18446744073709551616"},
    {"id,v\n9007199254740993,1\n9007199254740994.0,2.0\n", /* integers, with a point or without */
     "id:I v:R | 9007199254740993 1 | 9007199254740994.0 2.0"},
    {"id,k\n1237656971301945477,1\n", "id:I k:I | 1237656971301945477 1"},
    {"zip,k\n08123,1\n", "zip:I k:I | 08123 1"},
    {"p,k\n0.5,1\nUnknown*,2\n", "p:T k:I | 0.5 1 | Unknown* 2"},
    {"a,b\n 1, +2 \n\t3 ,-4\n", "a:I b:I | 1 +2 | 3 -4"},
    /* headers */
    {" a , b c\n1,2\n", "a:I b c:I | 1 2"},
    {",a,\n1,2,3\n", "c1:I a:I c3:I | 1 2 3"},
    {"a,b,,\n1,2\n", "a:I b:I | 1 2"},
    {"x,x,x_2,x\n1,2,3,4\n", "x:I x_3:I x_2:I x_4:I | 1 2 3 4"},
    {"1,2\n3,4\n", "c1:I c2:I | 1 2 | 3 4"},
    {"id,500,600\n1,2,3\n", "id:I 500:I 600:I | 1 2 3"},
    {"nan,nan\n1,2\n", "c1:I c2:I | - - | 1 2"},
    {"a,b\n1,2,\n3,4,\n", "a:I b:I | 1 2 | 3 4"},
    {"M31,0.8\nM33,0.9\n", "c1:T c2:R | M31 0.8 | M33 0.9"},
    {"# mag err\n1 2\n3 4\n", "mag:I err:I | 1 2 | 3 4"},
    {"\xef\xbb\xbf# mag err\n1 2\n", "mag:I err:I | 1 2"},
    {"\xef\xbb\xbf# 1 N\n# 2 F\n1 2\n", "N:I F:I | 1 2"},
    {"#F:U;F:G;D:Z\n1,2,3\n", "U:I G:I Z:I | 1 2 3"},
    {"#class,z\r\n# 10A,E\r\nSTAR,0.1\r\n", "class:T z:R | STAR 0.1"},
    {"# D = 3.4 Mpc\n# Rad\tVobs\t\t\n# kpc\tkm/s\n0.1\t2\n", "Rad:R[kpc] Vobs:I[km/s] | 0.1 2"},
    {"# alpha 0.12\n# beta 2.46\n1 2\n", "c1:I c2:I | 1 2"},
    {"# 1 NUMBER  id [pix]\n# 2 FLUX  three of them\n# 5 FLAG\n1 2 3 4 0\n",
     "NUMBER:I[pix] FLUX:I FLUX_2:I FLUX_3:I FLAG:I | 1 2 3 4 0"},
    {"# made by a script\na,b\nx,y\n", "a:T b:T | x y"},
    {"# c\nid\tv\n11S\tN\njean's\t1\n", "id:T v:I | jean's 1"},
    {"a   b\n--- ---\n1   2\n", "a:I b:I | 1 2"},
    {"a  b\n-- -\n1  2\n", "a:I b:I | 1 2"},
    {"a,b\n--,--\n1,2\n", "a:I b:I | - - | 1 2"}, /* missing cells, no ruler */
    {"| a | b |\n|---|:-:|\n| 1 | 2 |\n", "a:I b:I | 1 2"},
    {" a | b\n---+---\n 1 | 2\n", "a:I b:I | 1 2"},
    {"RA\tName\ndeg\t \n---\t---\n1\tM31\n", "RA:I[deg] Name:T | 1 M31"},
    {"x,y\nmag,km/s\n1,2\n", "x:I[mag] y:I[km/s] | 1 2"},
    {"name,age\nBob,unknown\nAl,3\n", "name:T age:T | Bob unknown | Al 3"},
    /* of several # lines the last that is none of prose, units or types */
    {"# made by hand\n# x y z\n1 2 3\n", "x:I y:I z:I | 1 2 3"},
    {"# p q\n# x y\n1 2\n", "x:I y:I | 1 2"},
    {"# a b c\n# A comment line\n1 2 3\n", "a:I b:I c:I | 1 2 3"},
    {"# x y\n# [deg] [mag]\n1 2\n", "x:I[deg] y:I[mag] | 1 2"},
    {"# one of two\n1 2 3\n", "c1:I c2:I c3:I | 1 2 3"},
    {"# 1 X  where [pixel]\n# 2 MAG\n0 1\n", "X:I[pixel] MAG:I | 0 1"},
    {"# Column 1: ID [counter, i32]\n# Column 2: MAG [mag, f32, -99] how bright\n"
     "# Column 3: NAME [, str5, n/a]\n1 20 M31\n2 -99.0 007\n3 19 n/a\n",
     "ID:I[counter] MAG:R[mag] NAME:T | 1 20 M31 | 2 - 007 | 3 19 -"},
    {"# Column 1: F [Jy, f32(2), -1]\n# Column 2: ID\n1 -1 5\n", "F:R[Jy] F_2:R[Jy] ID:I | 1 - 5"},
    /* of one column a blank line is a row, but at the end of the file */
    {"x\n\n1\n \n# c\n3\n\n\n", "x:I | - | 1 | - | 3"},
    {"1\r\n\r\n3\r\n", "c1:I | 1 | - | 3"},
    /* numbers in other notations are no names */
    {"0,5 1,25\n1,5 2,5\n", "c1:T c2:T | 0,5 1,25 | 1,5 2,5"},
    {"2011-03-04;12:30:00\n", "c1:T c2:T | 2011-03-04 12:30:00"},
    {"# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: int64}\n# schema: astropy-2.0\na "
     "b\n1 \"\"\n",
     "a:I b:R | 1 -"},
};

static void each_kind_is_read(void **state) {
  (void)state;
  for (size_t i = 0; i < ND_COUNT(good); i++) {
    put("t.csv", good[i].text);
    nd_table *table = open_one("t.csv", NULL);
    char *reads = describe(table);
    assert_string_equal(reads, good[i].reads);
    nd_free(reads);
    nd_table_close(table);
  }
}

static void options_are_obeyed(void **state) {
  (void)state;
  const double nulls[] = {-99, -9999};
  const struct {
    const char *text, *reads;
    nd_table_options options;
  } cases[] = {
      {"a,b\n1,2\n", "c1:T c2:T | a b | 1 2", {.no_header = true}},
      {"# a b\n1 2\n", "c1:I c2:I | 1 2", {.no_header = true}},
      {"a:b\n1:2\n", "a:I b:I | 1 2", {.delimiter = ':'}},
      {"a b,c\n1 2,3\n", "a b:T c:I | 1 2 3", {.delimiter = ','}},
      {"a b,c\n1 2,3\n", "a:I b,c:T | 1 2,3", {.delimiter = ' '}},
      {"a,b\n-99,x\n-99.0,-9999\n", "a:R b:T | - x | - -", {.nulls = nulls, .null_count = 2}},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    put("t.csv", cases[i].text);
    nd_table *table = open_one("t.csv", &cases[i].options);
    char *reads = describe(table);
    assert_string_equal(reads, cases[i].reads);
    nd_free(reads);
    nd_table_close(table);
  }
  nd_table_options letter = {.delimiter = 'e'};
  assert_non_null(strstr(refused("t.csv", &letter), "delimiter: 'e'"));
}

static void what_is_wrong_is_said(void **state) {
  (void)state;
  const struct {
    const char *text, *says;
  } cases[] = {
      {"", "t.csv: the file is empty"},
      {"\n\n", "t.csv: there is no line that is not blank"},
      {"# only\n# comments\n", "t.csv: there is no line that is not blank"},
      {"a,b\n1,2\n1,2,3\n", "t.csv:row 3: 3 cells where the table has 2 columns"},
      {"a,b,c\n1\n1,2,3\n1,2,3\n", "t.csv:row 2: 1 cell where the table has 3 columns"},
      {"a,b\n1,2,\n1,2,3\n", "t.csv:row 3: 3 cells where the table has 2 columns"},
      {"a,b\n1,\"x\" y\n", "t.csv:row 2: text follows the quote"},
      {"a,b\n1,2\n3,\"x\n4,5\n", "t.csv:row 3: a double quote opens a cell"},
      {"\xff\xfe"
       "abc",
       "UTF-16"},
      {"a,b\r1,2\r3,4\r", "carriage returns"},
      {"\\k = 1\n| a | b |\n|int|int|\n  1   2\n", "an IPAC table"},
      {"Title\nByte-by-byte Description of file: x\n", "a CDS table"},
      {"#N ID \\\n#U ## \\\n#F %d \\\n14 \\\n", "a DAOphot table"},
      {"<?xml version='1.0'?><VOTABLE/>", "this file is XML"},
      {"PK\003\004....", "spreadsheet"},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    put("t.csv", cases[i].text);
    const char *says = refused("t.csv", NULL);
    if (strstr(says, cases[i].says) == NULL) fail_msg("%s\nfor\n%s", says, cases[i].text);
  }
  put_bytes("t.csv", "a,b\n1,2\n3,\0\n", 12);
  assert_non_null(strstr(refused("t.csv", NULL), "t.csv:row 3: a NUL byte"));
}

/* Cells are judged when they are asked for, by the line of the file. */
static void a_cell_that_is_no_number_is_named(void **state) {
  (void)state;
  double numbers[ND_CHUNK];
  size_t rows;
  nadir_error error = {0};
  put("t.csv", "# c\na,b,d\n\"x\ny\",1,\"2,5\"\nz,true,\"3,5\"\n");
  nd_table *table = open_one("t.csv", NULL);
  assert_int_equal(read_numbers(table, 0, 1, numbers, &rows, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "t.csv:row 5:b: \"true\" is not a number"));
  assert_int_equal(read_numbers(table, 0, 0, numbers, &rows, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "t.csv:row 3:a: \"x"));
  assert_int_equal(read_numbers(table, 0, 2, numbers, &rows, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "\"2,5\" has a decimal comma: write points"));
  nd_table_close(table);
}

static void numbers_come_in_every_form(void **state) {
  (void)state;
  const struct {
    const char *text;
    double value;
  } forms[] = {{"1", 1},
               {"+1", 1},
               {"-1.", -1},
               {".5", 0.5},
               {" 2", 2},
               {"2 ", 2},
               {"1e5", 1e5},
               {"1E+05", 1e5},
               {"1d5", 1e5},
               {"1D-2", 0.01},
               {"inf", HUGE_VAL},
               {"-Inf", -HUGE_VAL},
               {"1e400", HUGE_VAL},
               {"1e-400", 0},
               {"0.1", 0.1},
               {"\"7\"", 7},
               {"9007199254740993", 9007199254740992.0},
               {"2.2250738585072011e-308", 2.2250738585072011e-308}};
  nd_text text = {0};
  nd_text_append(&text, "a,b\n");
  for (size_t i = 0; i < ND_COUNT(forms); i++)
    nd_text_print(&text, "%s,%zu\n", forms[i].text, i);
  put("t.csv", text.data);
  nd_text_free(&text);
  double numbers[ND_CHUNK];
  size_t rows;
  nd_table *table = open_one("t.csv", NULL);
  assert_int_equal(read_numbers(table, 0, 0, numbers, &rows, NULL), NADIR_OK);
  assert_int_equal(rows, ND_COUNT(forms));
  for (size_t i = 0; i < rows; i++)
    assert_memory_equal(&numbers[i], &forms[i].value, sizeof(double));
  nd_table_close(table);
}

/* Seeded decimals of every shape, against the C library's strtod (correctly rounded in glibc). */
static void decimals_are_rounded_correctly(void **state) {
  (void)state;
  static char texts[ND_CHUNK][64];
  static double numbers[ND_CHUNK];
  FILE *file = fopen("d.csv", "w");
  fputs("a,b\n", file);
  for (size_t i = 0; i < ND_CHUNK; i++) {
    nd_random random = nd_random_stream(5, ND_FOR_TEST, 2, i);
    size_t most = nd_random_below(&random, 2) == 0 ? 5 : 22;
    size_t whole = nd_random_below(&random, most), part = nd_random_below(&random, most), n = 0;
    if (whole + part == 0) whole = 1;
    if (nd_random_below(&random, 2) != 0) texts[i][n++] = '-';
    for (size_t k = 0; k < whole; k++)
      texts[i][n++] = (char)('0' + nd_random_below(&random, 10));
    if (part > 0 || nd_random_below(&random, 4) == 0) texts[i][n++] = '.';
    for (size_t k = 0; k < part; k++)
      texts[i][n++] = (char)('0' + nd_random_below(&random, 10));
    if (nd_random_below(&random, 4) == 0)
      snprintf(texts[i] + n, 16, "e%d", (int)nd_random_below(&random, 60) - 30);
    bool blank = nd_random_below(&random, 8) == 0;
    fprintf(file, blank ? " %s ,%zu\n" : "%s,%zu\n", texts[i], i);
  }
  fclose(file);
  size_t rows;
  nd_table *table = open_one("d.csv", NULL);
  assert_int_equal(read_numbers(table, 0, 0, numbers, &rows, NULL), NADIR_OK);
  assert_int_equal(rows, ND_CHUNK);
  for (size_t i = 0; i < rows; i++) {
    double truth = strtod(texts[i], NULL);
    if (memcmp(&truth, &numbers[i], sizeof truth) != 0) fail_msg("%s: %a", texts[i], numbers[i]);
  }
  nd_table_close(table);
}

static void requests_of_one_row_do_not_disturb_each_other(void **state) {
  (void)state;
  double ra[ND_CHUNK], star[ND_CHUNK], galaxy[ND_CHUNK], flag[ND_CHUNK], again[ND_CHUNK];
  const char *class[ND_CHUNK];
  size_t rows;
  nd_scratch *scratch;
  put("t.csv", "class,ra,flag,x\nSTAR ,1.5,true,1\n\"GALAXY\",2.5,false,1\nNA,,NA,1\n\"a \"\"b\",4,"
               "true,1\n");
  nd_table *table = open_one("t.csv", NULL);
  nd_request requests[] = {
      {.kind = ND_AS_NUMBER, .column = 2, .numbers = flag},
      {.kind = ND_AS_EQUAL, .column = 0, .numbers = star, .equals = "STAR"},
      {.kind = ND_AS_NUMBER, .column = 1, .numbers = ra},
      {.kind = ND_AS_EQUAL, .column = 0, .numbers = galaxy, .equals = " a \"b"},
      {.kind = ND_AS_TEXT, .column = 0, .texts = class},
      {.kind = ND_AS_NUMBER, .column = 1, .numbers = again},
  };
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  assert_int_equal(nd_table_read(table, 0, requests, ND_COUNT(requests), scratch, &rows, NULL), 0);
  assert_int_equal(rows, 4);
  assert_true(star[0] == 1 && star[1] == 0 && isnan(star[2]) && star[3] == 0);
  assert_true(galaxy[0] == 0 && galaxy[1] == 0 && isnan(galaxy[2]) && galaxy[3] == 1);
  assert_true(ra[0] == 1.5 && ra[1] == 2.5 && isnan(ra[2]) && ra[3] == 4);
  assert_true(flag[0] == 1 && flag[1] == 0 && isnan(flag[2]) && flag[3] == 1);
  assert_memory_equal(ra, again, 4 * sizeof(double));
  assert_string_equal(class[0], "STAR ");
  assert_null(class[2]);
  assert_string_equal(class[3], "a \"b");
  nd_scratch_free(scratch);
  nd_table_close(table);
}

/* Rows of seeded lengths, quotes, newlines and doubled quotes at every place of the 256 KiB buffer
 * and the 4096 rows of a chunk; what was written is what is read, in any order of the chunks. */
enum { MANY = 3 * ND_CHUNK + 17 };

static size_t make_cell(uint64_t row, char *cell) {
  nd_random random = nd_random_stream(7, ND_FOR_TEST, 0, row);
  static const char letters[] = "ab\"\n,# x";
  bool border = row % ND_CHUNK < 2 || row % ND_CHUNK > ND_CHUNK - 3;
  size_t length = border ? 40 : (size_t)nd_random_below(&random, 150);
  cell[0] = 'q';
  for (size_t i = 1; i <= length; i++)
    cell[i] = letters[nd_random_below(&random, sizeof letters - 1)];
  cell[length + 1] = '\0';
  return length + 1;
}

static uint64_t *write_many(const char *path) {
  uint64_t *lines = calloc(MANY, sizeof *lines), line = 2;
  char cell[256];
  FILE *file = fopen(path, "w");
  fputs("text,row\n", file);
  for (uint64_t row = 0; row < MANY; row++) {
    size_t length = make_cell(row, cell);
    if (row % 5 == 0) line += fputs("# a \"comment\n", file) >= 0;
    lines[row] = line++;
    fputc('"', file);
    for (size_t i = 0; i < length; i++) {
      if (cell[i] == '"') fputc('"', file);
      fputc(cell[i], file);
      line += cell[i] == '\n';
    }
    fprintf(file, "\",%llu\n", (unsigned long long)row);
  }
  fclose(file);
  return lines;
}

static void check_chunk(const nd_table *table, size_t chunk, nd_scratch *scratch) {
  static double numbers[ND_CHUNK];
  static const char *texts[ND_CHUNK];
  char cell[256];
  size_t rows;
  nd_request requests[] = {{.kind = ND_AS_TEXT, .column = 0, .texts = texts},
                           {.kind = ND_AS_NUMBER, .column = 1, .numbers = numbers}};
  assert_int_equal(nd_table_read(table, chunk, requests, 2, scratch, &rows, NULL), NADIR_OK);
  assert_int_equal(rows, chunk == 3 ? 17 : ND_CHUNK);
  for (size_t i = 0; i < rows; i++) {
    uint64_t row = chunk * ND_CHUNK + i;
    make_cell(row, cell);
    assert_string_equal(texts[i], cell);
    assert_true(numbers[i] == (double)row);
  }
}

static void chunks_and_buffers_have_no_seams(void **state) {
  (void)state;
  uint64_t *lines = write_many("many.csv");
  nd_table *table = open_one("many.csv", NULL);
  nd_scratch *scratch;
  assert_int_equal(nd_table_rows(table), MANY);
  assert_int_equal(nd_table_chunks(table), 4);
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  const size_t order[] = {2, 0, 3, 1, 0};
  for (size_t i = 0; i < ND_COUNT(order); i++)
    check_chunk(table, order[i], scratch);
  const uint64_t asked[] = {0, 1, 4095, 4096, 4097, 9000, MANY - 1};
  for (size_t i = 0; i < ND_COUNT(asked); i++) {
    char expected[64];
    nd_text where = {0};
    snprintf(expected, sizeof expected, "many.csv:row %llu", (unsigned long long)lines[asked[i]]);
    assert_int_equal(nd_table_where(table, asked[i], &where, NULL), NADIR_OK);
    assert_string_equal(where.data, expected);
    nd_text_free(&where);
  }
  nd_scratch_free(scratch);
  nd_table_close(table);
  free(lines);
}

/* A file of several of the pieces that opening scans at once. Lines within quotes look like rows, one cell is longer
 * than two pieces, and `bad` is put in the place of a row near the end. Gives the lines of rows. */
enum { LONG_ROWS = 120000, LONG_CELL = 5000, BAD_ROW = LONG_ROWS - 100 };

static uint64_t *write_long(const char *path, const char *bad) {
  uint64_t *lines = calloc(LONG_ROWS, sizeof *lines), line = 2;
  FILE *file = fopen(path, "w");
  fputs("text,row\n", file);
  for (uint64_t row = 0; row < LONG_ROWS; row++) {
    nd_random random = nd_random_stream(7, ND_FOR_TEST, 1, row);
    size_t within = row == LONG_CELL ? 2000000 : row % 7 == 0 ? (size_t)nd_random_below(&random, 200) : 0;
    lines[row] = line;
    if (row == BAD_ROW && bad != NULL) {
      fputs(bad, file);
      break;
    }
    fputs("\"q", file);
    for (size_t i = 0; i < within; i++)
      fputs("\nx,12345,\"\"", file);
    fprintf(file, "\",%llu\n", (unsigned long long)row);
    line += within + 1;
  }
  fclose(file);
  return lines;
}

static void check_long(const nd_table *table, const uint64_t *lines) {
  nd_scratch *scratch;
  static double numbers[ND_CHUNK];
  nd_request request = {.kind = ND_AS_NUMBER, .column = 1, .numbers = numbers};
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  assert_int_equal(nd_table_rows(table), LONG_ROWS);
  for (size_t c = 0; c < nd_table_chunks(table); c++) {
    size_t rows;
    nd_text where = {0};
    char expected[64];
    assert_int_equal(nd_table_read(table, c, &request, 1, scratch, &rows, NULL), NADIR_OK);
    for (size_t i = 0; i < rows; i++)
      assert_true(numbers[i] == (double)(c * ND_CHUNK + i));
    size_t row = c * ND_CHUNK + rows / 3;
    snprintf(expected, sizeof expected, "long.csv:row %llu", (unsigned long long)lines[row]);
    assert_int_equal(nd_table_where(table, row, &where, NULL), NADIR_OK);
    assert_string_equal(where.data, expected);
    nd_text_free(&where);
  }
  nd_scratch_free(scratch);
}

static void pieces_have_no_seams(void **state) {
  (void)state;
  const size_t threads[] = {1, 2, 3, 8};
  uint64_t *lines = write_long("long.csv", NULL);
  for (size_t i = 0; i < ND_COUNT(threads); i++) {
    nd_table *table = open_one("long.csv", &(nd_table_options){.threads = threads[i]});
    check_long(table, lines);
    nd_table_close(table);
  }
  free(lines);
  lines = write_long("long.csv", "\"never closed,1\n");
  for (size_t i = 0; i < ND_COUNT(threads); i++) {
    char expected[64];
    snprintf(expected, sizeof expected, "long.csv:row %llu: a double quote", (unsigned long long)lines[BAD_ROW]);
    assert_non_null(strstr(refused("long.csv", &(nd_table_options){.threads = threads[i]}), expected));
  }
  free(lines);
  unlink("long.csv");
}

/* A quote, a line end and CR LF at each of the places around the end of the buffer. */
static void the_edge_of_the_buffer_is_nowhere(void **state) {
  (void)state;
  enum { EDGE = 1 << 18 };
  static const char tail[] = "\",\"y\"\"\r\n\"\"z\"\r\n1,2\r\n";
  const size_t size = sizeof tail - 1;
  char *text = malloc(EDGE + size);
  for (size_t shift = 0; shift < 16; shift++) {
    memset(text, 'x', EDGE);
    memcpy(text, "a,b\n", 4);
    memcpy(text + EDGE - shift, tail, size);
    text[4] = '"';
    put_bytes("edge.csv", text, EDGE - shift + size);
    nd_table *table = open_one("edge.csv", NULL);
    const char *texts[ND_CHUNK];
    size_t rows;
    nd_scratch *scratch;
    nd_request request = {.kind = ND_AS_TEXT, .column = 1, .texts = texts};
    assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
    assert_int_equal(nd_table_read(table, 0, &request, 1, scratch, &rows, NULL), NADIR_OK);
    assert_int_equal(rows, 2);
    assert_string_equal(texts[0], "y\"\r\n\"z");
    assert_string_equal(texts[1], "2");
    nd_scratch_free(scratch);
    nd_table_close(table);
  }
  free(text);
}

static void a_type_is_found_out_later(void **state) {
  (void)state;
  FILE *file = fopen("later.csv", "w");
  fputs("a,b\n", file);
  for (int i = 0; i < 5000; i++)
    fprintf(file, "%d,%s\n", i, i == 4999 ? "bad" : "1.5");
  fclose(file);
  double numbers[ND_CHUNK];
  size_t rows;
  nadir_error error = {0};
  nd_table *table = open_one("later.csv", NULL);
  assert_int_equal(nd_table_column(table, 1)->type, ND_CELL_REAL);
  assert_int_equal(read_numbers(table, 1, 0, numbers, &rows, &error), NADIR_OK);
  assert_int_equal(read_numbers(table, 0, 1, numbers, &rows, &error), NADIR_OK);
  assert_int_equal(read_numbers(table, 1, 1, numbers, &rows, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "later.csv:row 5001:b: \"bad\" is not a number"));
  nd_table_close(table);
}

/* A ragged row behind the sample is found whichever column is read. */
static void a_ragged_row_is_found_later(void **state) {
  (void)state;
  const char *const bad[] = {"1,2\n", "1,2,3,4,5,6,7,8,9,10,11,12\n", "\"1\",2\n"};
  for (size_t k = 0; k < ND_COUNT(bad); k++) {
    FILE *file = fopen("ragged.csv", "w");
    fputs("a,b,c\n", file);
    for (int i = 0; i < 5000; i++)
      fputs(i == 4500 ? bad[k] : "1,2,3\n", file);
    fclose(file);
    nd_table *table = open_one("ragged.csv", NULL);
    for (size_t column = 0; column < 3; column++) {
      double numbers[ND_CHUNK];
      size_t rows;
      nadir_error error = {0};
      assert_int_equal(read_numbers(table, 1, column, numbers, &rows, &error), NADIR_BAD_DATA);
      assert_non_null(strstr(error.message, "ragged.csv:row 4502: "));
    }
    nd_table_close(table);
  }
}

static void a_file_that_changes_is_noticed(void **state) {
  (void)state;
  double numbers[ND_CHUNK];
  size_t rows;
  nadir_error error = {0};
  put("t.csv", "a,b\n1,2\n3,4\n5,6\n");
  nd_table *table = open_one("t.csv", NULL);
  assert_int_equal(truncate("t.csv", 9), 0);
  assert_int_equal(read_numbers(table, 0, 0, numbers, &rows, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "t.csv: the file has become shorter"));
  put("t.csv", "a,b\n1,2\n3,4\n5,6\n7,8\n"); /* grown: the rows that were there are read */
  assert_int_equal(read_numbers(table, 0, 0, numbers, &rows, &error), NADIR_OK);
  assert_int_equal(rows, 3);
  put("t.csv", "a,b\n############\n");
  assert_int_equal(read_numbers(table, 0, 0, numbers, &rows, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "t.csv: the file has changed"));
  nd_table_close(table);
}

static void a_table_has_most_columns(void **state) {
  (void)state;
  enum { SIZE = 2 << 20 };
  char *text = malloc(SIZE);
  memset(text, ',', SIZE);
  put_bytes("wide.csv", text, SIZE);
  assert_non_null(strstr(refused("wide.csv", NULL), "wide.csv:row 1: 2097153 columns, more than"));
  put_bytes("wide.csv", text, 9999);
  nd_table *table = open_one("wide.csv", NULL);
  assert_int_equal(nd_table_columns(table), 10000);
  nd_table_close(table);
  free(text);
}

static void a_row_has_a_longest_length(void **state) {
  (void)state;
  size_t size = (size_t)65 << 20;
  char *text = malloc(size);
  memset(text, 'x', size);
  put_bytes("long.csv", text, size);
  assert_non_null(
      strstr(refused("long.csv", NULL), "long.csv:row 1: the row is longer than 64 MiB"));
  memcpy(text, "a,b\n", 4);
  memcpy(text + (3 << 20), ",1\n", 3);
  put_bytes("long.csv", text, (3 << 20) + 3); /* 3 MiB is no trouble */
  nd_table *table = open_one("long.csv", NULL);
  assert_int_equal(nd_table_rows(table), 1);
  nd_table_close(table);
  free(text);
  unlink("long.csv");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_kind_is_read),
      cmocka_unit_test(options_are_obeyed),
      cmocka_unit_test(what_is_wrong_is_said),
      cmocka_unit_test(a_cell_that_is_no_number_is_named),
      cmocka_unit_test(numbers_come_in_every_form),
      cmocka_unit_test(decimals_are_rounded_correctly),
      cmocka_unit_test(requests_of_one_row_do_not_disturb_each_other),
      cmocka_unit_test(chunks_and_buffers_have_no_seams),
      cmocka_unit_test(pieces_have_no_seams),
      cmocka_unit_test(the_edge_of_the_buffer_is_nowhere),
      cmocka_unit_test(a_type_is_found_out_later),
      cmocka_unit_test(a_ragged_row_is_found_later),
      cmocka_unit_test(a_file_that_changes_is_noticed),
      cmocka_unit_test(a_table_has_most_columns),
      cmocka_unit_test(a_row_has_a_longest_length),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
