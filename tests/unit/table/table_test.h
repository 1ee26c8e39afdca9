/* What the tests of tables share: a directory of their own, small files, and a table as one line of
 * text that can be compared. */
#ifndef TABLE_TEST_H
#define TABLE_TEST_H

#define _XOPEN_SOURCE 700 /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "table/table.h"

static char test_directory[64];

/* Setup and teardown of a group: its tests run in an empty directory. */
__attribute__((unused)) static int enter(void **state) {
  (void)state;
  snprintf(test_directory, sizeof test_directory, "/tmp/nadir-test.XXXXXX");
  return mkdtemp(test_directory) != NULL && chdir(test_directory) == 0 ? 0 : -1;
}

__attribute__((unused)) static int leave(void **state) {
  (void)state;
  DIR *directory = opendir(test_directory);
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      if (unlink(entry->d_name) != 0) rmdir(entry->d_name);
  closedir(directory);
  return chdir("/") == 0 && rmdir(test_directory) == 0 ? 0 : -1;
}

__attribute__((unused)) static void put_bytes(const char *path, const void *data, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

__attribute__((unused)) static void put(const char *path, const char *text) {
  put_bytes(path, text, strlen(text));
}

__attribute__((unused)) static nd_table *open_one(const char *path,
                                                  const nd_table_options *options) {
  nd_table *table;
  nadir_error error = {0};
  if (nd_table_open(&table, &path, 1, options, &error) != NADIR_OK) fail_msg("%s", error.message);
  return table;
}

/* The message of an open that must fail. */
__attribute__((unused)) static const char *refused(const char *path,
                                                   const nd_table_options *options) {
  static nadir_error error;
  nd_table *table;
  error = (nadir_error){0};
  if (nd_table_open(&table, &path, 1, options, &error) == NADIR_OK) fail_msg("%s was read", path);
  assert_null(table);
  assert_int_not_equal(error.status, NADIR_OK);
  assert_true(error.message[0] != '\0');
  return error.message;
}

/* One column of one chunk as numbers; NULL on failure, with the message in error. */
__attribute__((unused)) static nadir_status read_numbers(const nd_table *table, size_t chunk,
                                                         size_t column, double *numbers,
                                                         size_t *rows, nadir_error *error) {
  nd_scratch *scratch;
  nd_request request = {.kind = ND_AS_NUMBER, .column = column, .numbers = numbers};
  assert_int_equal(nd_scratch_new(&scratch, table, error), NADIR_OK);
  nadir_status status = nd_table_read(table, chunk, &request, 1, scratch, rows, error);
  nd_scratch_free(scratch);
  return status;
}

static const char type_letters[] = {
    [ND_CELL_REAL] = 'R', [ND_CELL_INTEGER] = 'I', [ND_CELL_TRUTH] = 'B', [ND_CELL_TEXT] = 'T'};

__attribute__((unused)) static void describe_rows(const nd_table *table, nd_text *out) {
  size_t columns = nd_table_columns(table), rows;
  nd_request *requests = calloc(columns, sizeof *requests);
  nadir_error error = {0};
  nd_scratch *scratch;
  assert_int_equal(nd_scratch_new(&scratch, table, &error), NADIR_OK);
  for (size_t i = 0; i < columns; i++)
    requests[i] =
        (nd_request){.kind = ND_AS_TEXT, .column = i, .texts = calloc(ND_CHUNK, sizeof(char *))};
  for (size_t c = 0; c < nd_table_chunks(table); c++) {
    if (nd_table_read(table, c, requests, columns, scratch, &rows, &error) != NADIR_OK)
      fail_msg("%s", error.message);
    for (size_t r = 0; r < rows; r++) {
      nd_text_append(out, " |");
      for (size_t i = 0; i < columns; i++)
        nd_text_print(out, " %s", requests[i].texts[r] == NULL ? "-" : requests[i].texts[r]);
    }
  }
  for (size_t i = 0; i < columns; i++)
    free((void *)requests[i].texts);
  free(requests);
  nd_scratch_free(scratch);
}

/* "a:I b:T | 1 x | - y": names and types (and units in brackets), then rows; a missing cell is -. */
__attribute__((unused)) static char *describe(const nd_table *table) {
  nd_text out = {0};
  for (size_t i = 0; i < nd_table_columns(table); i++) {
    const nd_column *column = nd_table_column(table, i);
    nd_text_print(&out, "%s%s:%c", i > 0 ? " " : "", column->name, type_letters[column->type]);
    if (column->unit[0] != '\0') nd_text_print(&out, "[%s]", column->unit);
  }
  describe_rows(table, &out);
  assert_false(out.failed);
  return out.data;
}

#endif
