/* The files of other people's that the tests of tables read: those in tests/data or, where a folder is the
 * program's argument, the larger collection in that, which may be absent. */
#ifndef DATA_TEST_H
#define DATA_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static const char *data_folder = ND_SOURCE_DIR "/tests/data";
static bool larger_collection;

static inline void choose_data(int argc, char **argv) {
  larger_collection = argc > 1;
  if (larger_collection) data_folder = argv[1];
}

/* Before a test that reads the folder: skips it where the larger collection is not there. */
static inline void need_data(void) {
  if (access(data_folder, R_OK) == 0) return;
  print_message("skipped: the larger collection of tables is not here\n");
  skip();
}

/* The path of a file or folder of the data, good until the second next call. */
static inline const char *in_data(const char *name) {
  static char paths[2][1024];
  static int turn;
  turn = 1 - turn;
  snprintf(paths[turn], sizeof paths[turn], "%s/%s", data_folder, name);
  return paths[turn];
}

#endif
