/* The files of other people's that the tests of tables read: those in tests/data or, where a folder is the
 * program's argument, the larger collection in that, which may be absent. */
#ifndef DATA_TEST_H
#define DATA_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *data_folder = ND_SOURCE_DIR "/tests/data";
static bool larger_collection;

/* First in main: where the larger collection is not there, the program is skipped (unit/run.sh). */
static inline void choose_data(int argc, char **argv) {
  larger_collection = argc > 1;
  if (larger_collection) data_folder = argv[1];
  if (access(data_folder, R_OK) == 0) return;
  puts("skipped: the larger collection of tables is not here");
  exit(77);
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
