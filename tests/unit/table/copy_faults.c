/* Every call to the system while a parsed copy is made and used fails in turn, once and for good: the table reads as it
 * is, or its opening ends in a sentence; what is left in the directory is a whole copy or none. Built with NADIR_FAULTS
 * alone. */
#include "table_test.h"

#include "base/fault_internal.h"

static const char table_text[] = "s,x\nstar,1\n\"two\nlines\",-99\nNA,\nz,3\n";

static uint64_t calls; /* that opening made */

static bool reads_well(const nd_table_options *options, nd_fault_kind kind) {
  const char *const path = "t.csv";
  nd_table *table;
  nadir_error error = {0};
  nadir_status status = nd_table_open(&table, &path, 1, options, &error);
  calls = nd_fault_count(kind);
  assert_true(nd_fault_set(NULL));
  if (status != NADIR_OK) {
    assert_true(error.message[0] != '\0');
    return false;
  }
  char *all = describe(table);
  assert_string_equal(all, "s:T x:I | star 1 | two\nlines -99 | - - | z 3");
  nd_free(all);
  nd_table_close(table);
  return true;
}

static size_t files(void) {
  size_t count = 0;
  DIR *directory = opendir(test_directory);
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
    count += entry->d_name[0] != '.';
  closedir(directory);
  return count;
}

/* With a copy to be made, or one that is there. */
static void walk(nd_fault_kind kind, const char *name, const char *tail, bool is_there) {
  const nd_table_options options = {.cache = true, .threads = 1};
  bool failed = true;
  size_t n = 0;
  while (failed) {
    char what[64];
    unlink("t.csv.nadir.fits");
    if (is_there) assert_true(reads_well(&options, kind));
    snprintf(what, sizeof what, "%s:%zu%s", name, ++n, tail);
    assert_true(nd_fault_set(what));
    failed = !reads_well(&options, kind) || calls >= n;
    assert_true(files() == (access("t.csv.nadir.fits", F_OK) == 0 ? 2 : 1));
    assert_true(reads_well(&options, kind));
    assert_true(n < 1000);
  }
}

static void every_call_may_fail(void **state) {
  const char *const tails[] = {"", ":on"};
  (void)state;
  put("t.csv", table_text);
  for (size_t i = 0; i < 4; i++) {
    walk(ND_FAULT_MEMORY, "memory", tails[i % 2], i > 1);
    walk(ND_FAULT_OPEN, "open", tails[i % 2], i > 1);
    walk(ND_FAULT_READ, "read", tails[i % 2], i > 1);
    walk(ND_FAULT_WRITE, "write", tails[i % 2], i > 1);
    walk(ND_FAULT_FSYNC, "fsync", tails[i % 2], i > 1);
    walk(ND_FAULT_RENAME, "rename", tails[i % 2], i > 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_call_may_fail)};
  return cmocka_run_group_tests(tests, enter, leave);
}
