/* The corners of delimited text that real tables seldom turn: comments that describe columns wrongly, lines of
 * units and rulers of every kind, heads longer than what is looked at, cells that are found out late. */
#include "table_test.h"

enum { HEAD = 1 << 20 }; /* of a file, that is looked at for comments */

static void check_reads(const char *text, const char *wanted) {
  put("t.csv", text);
  nd_table *table = open_one("t.csv", NULL);
  char *reads = describe(table);
  if (strcmp(reads, wanted) != 0) fail_msg("%s\nand not\n%s\nof\n%s", reads, wanted, text);
  nd_free(reads);
  nd_table_close(table);
}

static void comments_describe_columns(void **state) {
  (void)state;
  static const struct {
    const char *text, *reads;
  } cases[] = {
      /* Gnuastro's: parts that are left out, vectors wider than the table, numbers in disorder */
      {"# Column 1: A [u,]\n# Column 2: B [v]\n1 2\n", "A:I[u] B:I[v] | 1 2"},
      {"# Column 1: A [u, f32()]\n1 2\n", "A:R[u] c2:I | 1 2"},
      {"# Column 1: A [u, f32(0)]\n1 2\n", "A:R[u] c2:I | 1 2"},
      {"# Column 1: A [u, f32(9)]\n1 2\n", "A:R[u] A_2:R[u] | 1 2"},
      {"# Column 1: [u, f32(2)]\n1 2\n", "c1:R[u] c2:R[u] | 1 2"},
      {"# Column 1: A first\n# Column 2: B\tsecond\n# Column 3: C\n1 2 3\n", "A:I B:I C:I | 1 2 3"},
      {"# Column 1: A\n# Column 1: B\n1 2\n", "A:I c2:I | 1 2"},
      {"# Column 1: A\n# Column 3: B\n1 2\n", "A:I c2:I | 1 2"},
      {"# Column 2: B\n1 2\n", "c1:I B:I | 1 2"},
      {"# Column 0: A\n1 2\n", "c1:I c2:I | 1 2"},
      {"# Column 12\n1 2\n", "c1:I c2:I | 1 2"},
      {"# Column 12345678: A\n1 2\n", "c1:I c2:I | 1 2"},
      {"# Column 1 A\n1 2\n", "c1:I c2:I | 1 2"},
      {"# Column 1: ID [, str5]\n# Column 2: X [m, i32]\n007 2\n008 4\n",
       "ID:T X:I[m] | 007 2 | 008 4"},
      {"# Column 1: ID [, f32]\n1.5 2\n", "ID:R c2:I | 1.5 2"},
      {"# Column 1: ID [, i32, none]\nnone 2\n3 4\n", "ID:I c2:I | - 2 | 3 4"},
      {"# Column 1: ID [, i32, -9]\n# Column 2: B [, str3, -]\n-9.0 -\n3 x\n",
       "ID:I B:T | - - | 3 x"},
      /* SExtractor's */
      {"# 1 A  first b]\n# 2 B [c]\n1 2\n", "A:I B:I[c] | 1 2"},
      {"# 1 X [m]\n5\n", "X:I[m] | 5"},
      {"# 1 X\n5\n", "1 X:I | 5"},
      {"# 2 A\n# 3 B\n1 2 3\n", "c1:I c2:I c3:I | 1 2 3"},
      {"# 1 A\n# 1 B\n1 2\n", "c1:I c2:I | 1 2"},
      {"# 1 A\n# 2 B\n# 9 C\n1 2\n", "A:I B:I | 1 2"},
      {"# 1\n# 2\n1 2\n", "c1:I c2:I | 1 2"},
      {"# 1 \n1 2\n", "c1:I c2:I | 1 2"},
      {"##1 A\n##2 B\n1 2\n", "A:I B:I | 1 2"},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++)
    check_reads(cases[i].text, cases[i].reads);
}

static void comments_name_columns(void **state) {
  (void)state;
  static const struct {
    const char *text, *reads;
  } cases[] = {
      /* of two lines that may be prose the last, before one that is not none */
      {"# a for c\n# d in f\n1 2 3\n", "d:I in:I f:I | 1 2 3"},
      {"# x y z\n# d in f\n1 2 3\n", "x:I y:I z:I | 1 2 3"},
      {"# d in f\n# x y z\n1 2 3\n", "x:I y:I z:I | 1 2 3"},
      /* units: where nothing else is there, they are the names */
      {"# [deg] [mag]\n1 2\n", "[deg]:I [mag]:I | 1 2"},
      {"# deg mag\n# s km\n1 2\n", "s:I km:I | 1 2"},
      {"# x y\n# (deg) (mag)\n1 2\n", "x:I[deg] y:I[mag] | 1 2"},
      {"# x y z\n# none km/s []\n1 2 3\n", "x:I y:I z:I | 1 2 3"},
      {"#A:x,B:y\n1,2\n", "x:I y:I | 1 2"},
      {"#A:x,Bz\n1,2\n", "A:x:I Bz:I | 1 2"},
      {"#A:x,B:\n1,2\n", "A:x:I B::I | 1 2"},
      {"#a:x,B:y\n1,2\n", "a:x:I B:y:I | 1 2"},
      {"# x,y\r\n# 12E,10A\r\n1,2\r\n", "x:I y:I | 1 2"},
      {"# x,y\n# 12E,10AB\n1,2\n", "12E:I 10AB:I | 1 2"},
      {"# x\n5\n6\n", "x:I | 5 | 6"},
      {"#\n##\n # \n1,2\n", "c1:I c2:I | 1 2"},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++)
    check_reads(cases[i].text, cases[i].reads);
}

static void notes_below_the_names(void **state) {
  (void)state;
  static const struct {
    const char *text, *reads;
  } cases[] = {
      {"a b\n=== ===\n1 2\n", "a:I b:I | 1 2"},
      {"x y z\nm --- s\n1 2 3\n", "x:I[m] y:I z:I[s] | 1 2 3"},
      {"x,y,z,w\nkm,-,none,--\n---,---,---,---\n1,2,3,4\n", "x:I[km] y:I z:I w:I | 1 2 3 4"},
      {"x,y\nkm,\n1,2\n", "x:I[km] y:I | 1 2"},
      {"| a | b |\n| m | s |\n|---|---|\n| 1 | 2 |\n", "a:I[m] b:I[s] | 1 2"},
      {"|a|b|\n|(m)|[s]|\n|1|2|\n", "a:I[m] b:I[s] | 1 2"},
      {"a\tb\n5M\t3N\n1\t2\n", "a:I b:I | 1 2"},
      {"a\tb\n5M\t3X\n1\t2\n", "a:T b:T | 5M 3X | 1 2"},
      {"a,b\n[m,(s]\n1,2\n", "a:T b:T | [m (s] | 1 2"},
      {"a,b\nm?,s\n1,2\n", "a:T b:T | m? s | 1 2"},
      {"a\n\n[m]\n\n5\n", "a:I[m] | 5"},
      {"x y\n---\n1 2\n", "x:I y:I | 1 2"},
      {"a b\n-- --\n", "a:R b:R"},
      {"a b\nm s\n", "a:T b:T | m s"},
      /* a delimiter at the ends */
      {"a,b, \n1,2\n", "a:I b:I | 1 2"},
      {"a,b\n1,2, \n3,4,\n", "a:I b:I | 1 2 | 3 4"},
      {"a\tb\n1\t2\t\n", "a:I b:I | 1 2"},
      {"a|b\n1|2|\n", "a:I b:I | 1 2"},
      {"|\n", "c1:R c2:R | - -"},
      {"||\n||\n", "c1:R c2:R c3:R | - - - | - - -"},
      {"# #\n", NULL},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    if (cases[i].reads != NULL) {
      check_reads(cases[i].text, cases[i].reads);
      continue;
    }
    put("t.csv", cases[i].text);
    assert_non_null(strstr(refused("t.csv", NULL), "t.csv"));
  }
}

static void other_peoples_layouts_are_told_apart(void **state) {
  (void)state;
  static const struct {
    const char *text, *says; /* NULL: it is read */
  } cases[] = {
      {"\xfe\xff"
       "abc",
       "UTF-16"},
      {"a,b\nx Byte-by-byte Description,1\n", NULL},
      {"#N \n#U \na,b\n1,2\n", NULL},
      {"#N \n#F \na,b\n1,2\n", NULL},
      {"a,b\r", NULL},
      {"|a|b|\n", NULL},
      {"|a|b|\n|c|d|\n", NULL},
      {"|a|b|\n|c|d|\n  \n", NULL},
      {"\\k = 1\n|a|b|\n", "an IPAC table"},
      {"1;2,5\n1;2;3\n", "t.csv:row 2: 1 cell where the table has 2 columns"},
      {"===\n1\n", "the first line is a ruler"},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    put("t.csv", cases[i].text);
    if (cases[i].says != NULL) {
      const char *says = refused("t.csv", NULL);
      if (strstr(says, cases[i].says) == NULL) fail_msg("%s\nfor\n%s", says, cases[i].text);
    } else {
      nd_table_close(open_one("t.csv", NULL));
    }
  }
}

static void what_may_be_in_a_number_delimits_nothing(void **state) {
  (void)state;
  static const char wrong[] = "\"\n\r#.+-_09azAZ\x80\xff";
  static const char right[] = ":/@[`{|;!~\t";
  put("t.csv", "a\n1\n");
  for (const char *c = wrong; *c != '\0'; c++) {
    nd_table_options options = {.delimiter = *c};
    assert_non_null(strstr(refused("t.csv", &options), "delimiter: '"));
  }
  for (const char *c = right; *c != '\0'; c++) {
    nd_table_options options = {.delimiter = *c};
    nd_table_close(open_one("t.csv", &options));
  }
}

/* A file of `size` bytes of comments before the text. */
static void put_behind_comments(const char *first, size_t size, const char *text) {
  char *all = malloc(size + strlen(text) + 1);
  memset(all, 'x', size);
  for (size_t at = 0; at + 80 <= size; at += 80)
    memcpy(all + at, "# ", 2), all[at + 79] = '\n';
  memset(all, ' ', 79);
  memcpy(all, first, strlen(first));
  all[size - 1] = '\n';
  strcpy(all + size, text);
  put("t.csv", all);
  free(all);
}

/* Names are looked for in the first MB of comments alone. */
static void long_heads_are_read_from_the_front(void **state) {
  (void)state;
  static const struct {
    const char *first, *text, *reads;
  } cases[] = {{"# mag err", "1 2\n3 4\n", "mag:I err:I | 1 2 | 3 4"},
               {"# nothing", "# mag err\n1 2\n", "c1:I c2:I | 1 2"},
               {"# nothing", "a b\n1 2\n", "a:I b:I | 1 2"}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    put_behind_comments(cases[i].first, HEAD + 384, cases[i].text);
    nd_table *table = open_one("t.csv", NULL);
    char *reads = describe(table);
    assert_string_equal(reads, cases[i].reads);
    nd_free(reads);
    nd_table_close(table);
  }
}

/* The head ends within a quoted unit of an ECSV header, behind a backslash. */
static void a_head_may_end_anywhere(void **state) {
  (void)state;
  static const char begin[] = "# %ECSV 1.0\n# datatype:\n# - {name: a, unit: \"";
  char *all = malloc(HEAD + 64);
  memset(all, 'u', HEAD);
  memcpy(all, begin, strlen(begin));
  all[HEAD - 1] = '\\';
  strcpy(all + HEAD, "\"m\"}\n# - {name: b}\na b\n1 2\n");
  put("t.csv", all);
  nd_table *table = open_one("t.csv", NULL);
  assert_string_equal(nd_table_column(table, 0)->unit, "");
  char *reads = describe(table);
  assert_string_equal(reads, "a:I b:I | 1 2");
  nd_free(reads);
  nd_table_close(table);
  free(all);
}

/* The delimiter is found from the first 4 MiB, and that of numbers with commas as well. */
static void long_rows_show_their_delimiter(void **state) {
  (void)state;
  enum { CELLS = 20000, ROWS = 120 };
  FILE *file = fopen("t.csv", "w");
  for (int i = 0; i < ROWS; i++) {
    for (int k = 0; k < CELLS; k++)
      fprintf(file, "%s%d,25", k > 0 ? ";" : "", 1000 + k % 9000);
    fputc('\n', file);
  }
  fclose(file);
  nd_table *table = open_one("t.csv", NULL);
  assert_int_equal(nd_table_columns(table), CELLS);
  assert_int_equal(nd_table_rows(table), ROWS);
  assert_int_equal(nd_table_column(table, 7)->stray->notation, NADIR_DECIMAL_COMMA);
  nd_table_close(table);
  unlink("t.csv");
}

static void blank_lines_at_the_end_are_no_rows(void **state) {
  (void)state;
  char text[1000] = "x\n1\n\n2";
  memset(text + 6, '\n', 900);
  check_reads(text, "x:I | 1 | - | 2");
}

/* 4,100 rows that are `usual`, and then one that is not. */
static nd_table *table_with_late(const char *header, const char *usual, const char *late) {
  FILE *file = fopen("late.csv", "w");
  fprintf(file, "%s\n", header);
  for (int i = 0; i < ND_CHUNK + 4; i++)
    fprintf(file, "%s\n", usual);
  fprintf(file, "%s\n", late);
  fclose(file);
  return open_one("late.csv", NULL);
}

static void what_is_wrong_late_is_named(void **state) {
  (void)state;
  static const char long_word[] =
      "0123456789012345678901234567890123456789012345678901234567890123456789x";
  char late[200], says[200];
  snprintf(late, sizeof late, "%s,1", long_word);
  snprintf(says, sizeof says, "late.csv:row 4102:a: \"%.60s...\" is not a number", long_word);
  const struct {
    const char *usual, *late;
    size_t column;
    const char *says;
  } cases[] = {
      {"1,2", late, 0, says},
      {"true,2", "maybe,2", 0, "late.csv:row 4102:a: \"maybe\" is neither true nor false"},
      {"1,2", "1.2.3,2", 0, "late.csv:row 4102:a: \"1.2.3\" is not a number"},
      {"1,2", "\"1.2.3\",2", 0, "late.csv:row 4102:a: \"1.2.3\" is not a number"},
      {"1,2", "1,\"2\"x", 0, "late.csv:row 4102: text follows the quote"},
      {"1,2", "1,\"2\"x", 1, "late.csv:row 4102: text follows the quote"},
      {"1,2", "2011-03-04,2", 0, "late.csv:row 4102:a: \"2011-03-04\" "},
      {"\"1\",2", "\"1,5\",2", 0, "\"1,5\" has a decimal comma"},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    double numbers[ND_CHUNK];
    size_t rows;
    nadir_error error = {0};
    nd_table *table = table_with_late("a,b", cases[i].usual, cases[i].late);
    assert_int_equal(read_numbers(table, 1, cases[i].column, numbers, &rows, &error),
                     NADIR_BAD_DATA);
    if (strstr(error.message, cases[i].says) == NULL) fail_msg("case %zu: %s", i, error.message);
    nd_table_close(table);
  }
}

/* One chunk of `text`, by one request of each kind and column, in one read. */
static void quoted_cells_are_answered_in_every_way(void **state) {
  (void)state;
  const double nulls[] = {-99};
  nd_table_options options = {.nulls = nulls, .null_count = 1};
  double a[ND_CHUNK], rest[ND_CHUNK], b[ND_CHUNK], again[ND_CHUNK], same[ND_CHUNK];
  const char *texts[ND_CHUNK];
  size_t rows;
  nadir_error error = {0};
  nd_scratch *scratch;
  put("t.csv", "# Column 1: a [m, i64, none]\n# Column 2: b [s, f64, -5]\n"
               "\"9007199254740993\";\"2\"\n\"-99\";-5\n\"none\";\"-5.0\"\n\"\";\"7\"\n-99;8\n");
  nd_table *table = open_one("t.csv", &options);
  nd_request requests[] = {
      {.kind = ND_AS_NUMBER, .column = 0, .numbers = a},
      {.kind = ND_AS_REST, .column = 0, .numbers = rest},
      {.kind = ND_AS_TEXT, .column = 0, .texts = texts},
      {.kind = ND_AS_NUMBER, .column = 1, .numbers = b},
      {.kind = ND_AS_NUMBER, .column = 1, .numbers = again},
      {.kind = ND_AS_EQUAL, .column = 1, .numbers = same, .equals = "7"},
  };
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  assert_int_equal(nd_table_read(table, 0, requests, 6, scratch, &rows, &error), NADIR_OK);
  assert_int_equal(rows, 5);
  assert_true(a[0] == 9007199254740992.0 && rest[0] == 1);
  for (size_t i = 1; i < 5; i++)
    assert_true(isnan(a[i]) && isnan(rest[i]) && texts[i] == NULL);
  assert_true(b[0] == 2 && isnan(b[1]) && isnan(b[2]) && b[3] == 7 && b[4] == 8);
  assert_true(same[0] == 0 && isnan(same[1]) && isnan(same[2]) && same[3] == 1);
  for (size_t i = 0; i < 5; i++)
    assert_true(again[i] == b[i] || (isnan(again[i]) && isnan(b[i])));
  assert_int_equal(nd_table_read(table, 0, requests + 3, 1, scratch, &rows, &error), NADIR_OK);
  assert_true(b[0] == 2 && isnan(b[1]) && isnan(b[2]) && b[3] == 7 && b[4] == 8);
  /* two columns, each asked for once */
  nd_request two[] = {requests[0], requests[3]};
  assert_int_equal(nd_table_read(table, 0, two, 2, scratch, &rows, &error), NADIR_OK);
  assert_true(a[0] == 9007199254740992.0 && isnan(a[4]) && b[4] == 8);
  nd_scratch_free(scratch);
  nd_table_close(table);
}

/* By blanks, tabs among them. */
static void tabs_and_blanks_part_numbers(void **state) {
  (void)state;
  double numbers[ND_CHUNK];
  size_t rows;
  put("t.csv", "a b c\n1\t2 3\n\t4 \t5\t6\t\n\"7\"\t8 9\n");
  nd_table *table = open_one("t.csv", NULL);
  for (size_t c = 0; c < 3; c++) {
    assert_int_equal(read_numbers(table, 0, c, numbers, &rows, NULL), NADIR_OK);
    for (size_t r = 0; r < 3; r++)
      assert_true(numbers[r] == (double)(3 * r + c + 1));
  }
  nd_table_close(table);
  put("t.csv", "a\tb\n 1 \t 2\n\"3\" \t4\n");
  table = open_one("t.csv", NULL);
  for (size_t c = 0; c < 2; c++) {
    assert_int_equal(read_numbers(table, 0, c, numbers, &rows, NULL), NADIR_OK);
    assert_true(numbers[0] == (double)(c + 1) && numbers[1] == (double)(c + 3));
  }
  nd_table_close(table);
}

static void a_rest_of_text_is_refused(void **state) {
  (void)state;
  double numbers[ND_CHUNK];
  size_t rows;
  nd_scratch *scratch;
  nadir_error error = {0};
  put("t.csv", "a,b\n1,x\n");
  nd_table *table = open_one("t.csv", NULL);
  nd_request request = {.kind = ND_AS_REST, .column = 1, .numbers = numbers};
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  assert_int_equal(nd_table_read(table, 0, &request, 1, scratch, &rows, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "t.csv:row 2:b: \"x\" is not a number"));
  nd_scratch_free(scratch);
  nd_table_close(table);
}

/* A column is nearly of numbers where one cell of several, or a tenth, is none. */
static void few_strays_are_noted(void **state) {
  (void)state;
  static const struct {
    size_t numbers, strays;
    bool nearly;
  } cases[] = {{2, 1, true}, {1, 1, false}, {18, 2, true}, {17, 2, false}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    nd_text text = {0};
    nd_text_append(&text, "a,b\n");
    for (size_t k = 0; k < cases[i].numbers; k++)
      nd_text_append(&text, "1.5,2\n");
    for (size_t k = 0; k < cases[i].strays; k++)
      nd_text_append(&text, "?,2\n");
    put("t.csv", text.data);
    nd_text_free(&text);
    nd_table *table = open_one("t.csv", NULL);
    const nd_column *column = nd_table_column(table, 0);
    assert_int_equal(column->type, ND_CELL_TEXT);
    assert_string_equal(column->stray->text, "?");
    assert_int_equal(column->nearly_numbers, cases[i].nearly);
    nd_table_close(table);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(comments_describe_columns),
      cmocka_unit_test(comments_name_columns),
      cmocka_unit_test(notes_below_the_names),
      cmocka_unit_test(other_peoples_layouts_are_told_apart),
      cmocka_unit_test(what_may_be_in_a_number_delimits_nothing),
      cmocka_unit_test(long_heads_are_read_from_the_front),
      cmocka_unit_test(a_head_may_end_anywhere),
      cmocka_unit_test(long_rows_show_their_delimiter),
      cmocka_unit_test(blank_lines_at_the_end_are_no_rows),
      cmocka_unit_test(what_is_wrong_late_is_named),
      cmocka_unit_test(quoted_cells_are_answered_in_every_way),
      cmocka_unit_test(tabs_and_blanks_part_numbers),
      cmocka_unit_test(a_rest_of_text_is_refused),
      cmocka_unit_test(few_strays_are_noted),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
