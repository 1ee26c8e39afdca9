#define _XOPEN_SOURCE 700 /* mkdtemp, strdup */
/* Files are read whole and at offsets, paths are only paths, and an output appears whole or not at
 * all, whichever call to the system fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "base/fault_internal.h"

/* Each test runs in an empty directory of its own. */
static int enter(void **state) {
  char *directory = strdup("/tmp/nadir-test.XXXXXX");
  *state = directory;
  return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int entries(void) {
  DIR *directory = opendir(".");
  int count = 0;
  while (readdir(directory))
    count++;
  closedir(directory);
  return count - 2;
}

static int leave(void **state) {
  DIR *directory = opendir(".");
  for (struct dirent *entry; (entry = readdir(directory));)
    if (remove(entry->d_name) != 0 && entry->d_name[0] != '.') rmdir(entry->d_name);
  closedir(directory);
  int result = chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
  free(*state);
  return result;
}

static void make(const char *path, const char *content) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(content, file);
  fclose(file);
}

static void holds(const char *path, const char *content) {
  char *text;
  size_t size;
  assert_int_equal(nd_file_slurp(path, 1000000, &text, &size, NULL), NADIR_OK);
  assert_string_equal(text, content);
  assert_int_equal(size, strlen(content));
  nd_free(text);
}

static void files_are_read(void **state) {
  (void)state;
  make("a.csv", "0123456789");
  nd_file *file;
  char buffer[20];
  size_t got;
  assert_int_equal(nd_file_open(&file, "a.csv", NULL), NADIR_OK);
  assert_true(nd_file_seekable(file));
  assert_int_equal(nd_file_size(file), 10);
  assert_string_equal(nd_file_path(file), "a.csv");
  assert_int_equal(nd_file_read(file, buffer, 4, &got, NULL), NADIR_OK);
  assert_int_equal(got, 4);
  assert_int_equal(nd_file_read_at(file, 8, buffer, 20, &got, NULL), NADIR_OK);
  assert_int_equal(got, 2);
  assert_memory_equal(buffer, "89", 2);
  assert_int_equal(nd_file_read(file, buffer, 20, &got, NULL), NADIR_OK);
  assert_int_equal(got, 6);
  assert_memory_equal(buffer, "456789", 6);
  assert_int_equal(nd_file_read_at(file, UINT64_MAX - 3, buffer, 20, &got, NULL), NADIR_OK);
  assert_int_equal(got, 0);
  nd_file_close(file);
  nd_file_close(NULL);
}

static void paths_are_only_paths(void **state) {
  (void)state;
  static const char *const names[] = {"a[1].csv", "!a", "a b;c", "$(a)", "sh:a", "ftp:a"};
  for (size_t i = 0; i < ND_COUNT(names); i++) {
    make(names[i], names[i]);
    holds(names[i], names[i]);
  }
  assert_int_equal(entries(), ND_COUNT(names));
}

static void wrong_paths_are_named(void **state) {
  (void)state;
  nadir_error error;
  nd_file *file;
  nd_output *output;
  assert_int_equal(nd_file_open(&file, "nosuch.csv", &error), NADIR_BAD_PATH);
  assert_null(file);
  assert_int_equal(strncmp(error.message, "nosuch.csv: ", 12), 0);
  assert_int_equal(nd_file_open(&file, ".", &error), NADIR_BAD_PATH);
  assert_int_equal(nd_file_open(&file, "", &error), NADIR_BAD_PATH);
  assert_int_equal(nd_output_open(&output, "nosuch/a", &error), NADIR_BAD_PATH);
  assert_null(output);
  assert_int_equal(nd_output_open(&output, ".", &error), NADIR_BAD_PATH);
  make("small", "0123456789");
  char *text;
  size_t size;
  assert_int_equal(nd_file_slurp("small", 9, &text, &size, &error), NADIR_BAD_DATA);
  assert_null(text);
  assert_int_equal(nd_file_slurp("small", 10, &text, &size, &error), NADIR_OK);
  nd_free(text);
}

static void what_has_no_size_is_still_read(void **state) {
  (void)state;
  nd_file *file;
  char *text;
  size_t size;
  assert_int_equal(nd_file_open(&file, "/proc/self/status", NULL), NADIR_OK);
  assert_false(nd_file_seekable(file));
  nd_file_close(file);
  assert_int_equal(nd_file_slurp("/proc/self/status", 1 << 20, &text, &size, NULL), NADIR_OK);
  assert_true(size > 100);
  nd_free(text);
  make("empty", "");
  holds("empty", "");
}

static void temporary_files_leave_nothing(void **state) {
  (void)state;
  setenv("TMPDIR", ".", 1);
  nd_file *file;
  char buffer[8];
  size_t got;
  assert_int_equal(nd_file_temporary(&file, NULL), NADIR_OK);
  assert_int_equal(entries(), 0);
  assert_int_equal(nd_file_write_at(file, 1000, "abcdef", 6, NULL), NADIR_OK);
  assert_int_equal(nd_file_write_at(file, 0, "x", 1, NULL), NADIR_OK);
  assert_int_equal(nd_file_size(file), 1006);
  assert_int_equal(nd_file_read_at(file, 1002, buffer, 8, &got, NULL), NADIR_OK);
  assert_int_equal(got, 4);
  assert_memory_equal(buffer, "cdef", 4);
  nd_file_close(file);
  setenv("TMPDIR", "./nosuch", 1);
  assert_int_equal(nd_file_temporary(&file, NULL), NADIR_BAD_PATH);
  assert_null(file);
  unsetenv("TMPDIR");
}

/* About 200 kB, by all ways to write. */
static nadir_status write_output(const char *path, nadir_error *error) {
  nd_output *output;
  char large[70001];
  memset(large, 'x', 70000);
  large[70000] = '\0';
  ND_TRY(nd_output_open(&output, path, error));
  nadir_status status = nd_output_write(output, "head\n", 5, error);
  if (status == NADIR_OK) status = nd_output_write(output, large, 70000, error);
  if (status == NADIR_OK) status = nd_output_print(output, error, "%s%s\n", large, large);
  if (status == NADIR_OK) status = nd_output_print(output, error, "%d\n", 42);
  if (status == NADIR_OK) status = nd_output_seek(output, 0, error);
  if (status == NADIR_OK) status = nd_output_write(output, "HEAD", 4, error);
  if (status == NADIR_OK) status = nd_output_commit(output, error);
  nd_output_close(output);
  return status;
}

static void check_written(const char *path) {
  char *text;
  size_t size;
  assert_int_equal(nd_file_slurp(path, 1 << 20, &text, &size, NULL), NADIR_OK);
  assert_int_equal(size, 5 + 210000 + 1 + 3);
  assert_memory_equal(text, "HEAD\nxxx", 8);
  assert_string_equal(text + size - 5, "x\n42\n");
  nd_free(text);
}

static void outputs_are_written(void **state) {
  (void)state;
  assert_int_equal(write_output("out.csv", NULL), NADIR_OK);
  check_written("out.csv");
  assert_int_equal(entries(), 1);
}

static void without_commit_nothing_changes(void **state) {
  (void)state;
  nd_output *output;
  make("out.csv", "old");
  assert_int_equal(nd_output_open(&output, "out.csv", NULL), NADIR_OK);
  assert_int_equal(nd_output_write(output, "new", 3, NULL), NADIR_OK);
  holds("out.csv", "old");
  nd_output_close(output);
  holds("out.csv", "old");
  assert_int_equal(entries(), 1);
  nd_output_close(NULL);
}

/* ---- what others have left ---- */

/* A file aside of out.csv, as it is named where files need a name; the last six letters follow from the
 * first. */
#define OURS "abcdef2q7dcE"
static void leave_behind(bool locked, int *descriptor) {
  const char *name = "out.csv.nadir-" OURS;
  make(name, "half");
  *descriptor = open(name, O_RDWR);
  assert_true(*descriptor >= 0);
  if (locked) assert_int_equal(flock(*descriptor, LOCK_EX | LOCK_NB), 0);
}

static void write_again(void) {
  assert_int_equal(write_output("out.csv", NULL), NADIR_OK);
  check_written("out.csv");
}

static void what_a_killed_run_left_is_removed(void **state) {
  (void)state;
  int descriptor;
  leave_behind(false, &descriptor);
  close(descriptor);
  assert_int_equal(entries(), 1);
  write_again();
  assert_int_equal(entries(), 1);
}

static void what_another_run_writes_is_left_alone(void **state) {
  (void)state;
  int descriptor;
  leave_behind(true, &descriptor);
  write_again();
  assert_int_equal(entries(), 2);
  close(descriptor); /* it ends, and is killed */
  write_again();
  assert_int_equal(entries(), 1);
}

static void other_files_are_left_alone(void **state) {
  static const char *const names[] = {"out.csv.nadir-backup", "out.csv.nadir-backupbackup",
                                      "out.csv.nadir-aaaaaabbbbbb", "out.csv.nadir-",
                                      "out.csv.abcdef", "out.csv.nadir", "other.csv.nadir-" OURS,
                                      "out.csv.nadir-" OURS "x", "xout.csv.nadir-" OURS};
  (void)state;
  for (size_t i = 0; i < ND_COUNT(names); i++)
    make(names[i], "mine");
  assert_int_equal(mkdir("out.csv.nadir-" OURS, 0700), 0);
  write_again();
  for (size_t i = 0; i < ND_COUNT(names); i++)
    holds(names[i], "mine");
  assert_int_equal(rmdir("out.csv.nadir-" OURS), 0);
  assert_int_equal(symlink(names[0], "out.csv.nadir-" OURS), 0);
  write_again();
  holds(names[0], "mine");
  assert_int_equal(entries(), (int)ND_COUNT(names) + 2);
}

static void a_name_that_is_too_long_is_told_at_once(void **state) {
  char name[256];
  nd_output *output;
  nadir_error error;
  (void)state;
  memset(name, 'x', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  assert_int_equal(nd_output_open(&output, name, &error), NADIR_BAD_PATH);
  assert_non_null(strstr(error.message, "too long"));
  assert_int_equal(entries(), 0);
}

static void two_runs_of_one_output_do_not_meet(void **state) {
  nd_output *one, *two;
  (void)state;
  assert_int_equal(nd_output_open(&one, "out.csv", NULL), NADIR_OK);
  assert_int_equal(nd_output_open(&two, "out.csv", NULL), NADIR_OK);
  assert_int_equal(nd_output_write(one, "one", 3, NULL), NADIR_OK);
  assert_int_equal(nd_output_write(two, "two", 3, NULL), NADIR_OK);
  assert_int_equal(nd_output_commit(two, NULL), NADIR_OK);
  holds("out.csv", "two");
  assert_int_equal(nd_output_commit(one, NULL), NADIR_OK);
  holds("out.csv", "one");
  nd_output_close(one);
  nd_output_close(two);
  assert_int_equal(entries(), 1);
}

static void links_and_permissions_stay(void **state) {
  (void)state;
  struct stat about;
  make("target", "old");
  assert_int_equal(chmod("target", 0640), 0);
  assert_int_equal(symlink("target", "link"), 0);
  assert_int_equal(write_output("link", NULL), NADIR_OK);
  assert_int_equal(lstat("link", &about), 0);
  assert_true(S_ISLNK(about.st_mode));
  assert_int_equal(stat("target", &about), 0);
  assert_int_equal(about.st_mode & 0777, 0640);
  check_written("target");
}

static void devices_are_written_in_place(void **state) {
  (void)state;
  struct stat about;
  nd_output *output;
  assert_int_equal(nd_output_open(&output, "/dev/null", NULL), NADIR_OK);
  assert_int_equal(nd_output_write(output, "x", 1, NULL), NADIR_OK);
  assert_int_equal(nd_output_commit(output, NULL), NADIR_OK);
  nd_output_close(output);
  assert_int_equal(stat("/dev/null", &about), 0);
  assert_true(S_ISCHR(about.st_mode));
  if (access("/dev/full", W_OK) != 0) return;
  nadir_error error;
  assert_int_equal(nd_output_open(&output, "/dev/full", NULL), NADIR_OK);
  assert_int_equal(nd_output_write(output, "x", 1, NULL), NADIR_OK);
  assert_int_equal(nd_output_commit(output, &error), NADIR_SYSTEM);
  assert_non_null(strstr(error.message, "no space is left"));
  nd_output_close(output);
}

/* Puts a descriptor in the place of a standard one; gives the old one back through *kept. */
static void redirect(int standard, int descriptor, int *kept) {
  *kept = dup(standard);
  assert_true(*kept >= 0 && dup2(descriptor, standard) == standard);
  close(descriptor);
}

static void restore(int standard, int kept) {
  assert_int_equal(dup2(kept, standard), standard);
  close(kept);
}

static void read_standard_input(bool seekable, const char *content) {
  nd_file *file;
  char buffer[20];
  size_t got;
  assert_int_equal(nd_file_standard_input(&file, NULL), NADIR_OK);
  assert_int_equal(nd_file_seekable(file), seekable);
  assert_int_equal(nd_file_read(file, buffer, sizeof buffer, &got, NULL), NADIR_OK);
  assert_int_equal(got, strlen(content));
  assert_memory_equal(buffer, content, got);
  nd_file_close(file);
}

static void standard_input_is_read_from_where_it_stands(void **state) {
  (void)state;
  int kept, ends[2];
  make("input", "0123456789");
  redirect(STDIN_FILENO, open("input", O_RDONLY), &kept);
  read_standard_input(true, "0123456789");
  assert_int_equal(lseek(STDIN_FILENO, 4, SEEK_SET), 4);
  read_standard_input(false, "456789");
  restore(STDIN_FILENO, kept);
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], "piped", 5), 5);
  close(ends[1]);
  redirect(STDIN_FILENO, ends[0], &kept);
  read_standard_input(false, "piped");
  restore(STDIN_FILENO, kept);
}

static void standard_output_is_written(void **state) {
  (void)state;
  int kept;
  fflush(stdout);
  redirect(STDOUT_FILENO, open("output", O_WRONLY | O_CREAT, 0666), &kept);
  nd_output *output;
  nadir_status opened = nd_output_open(&output, "-", NULL);
  nadir_status printed = nd_output_print(output, NULL, "%d %s", 6, "words");
  nadir_status sought = nd_output_seek(output, 0, NULL);
  nadir_status committed = nd_output_commit(output, NULL);
  nd_output_close(output);
  restore(STDOUT_FILENO, kept);
  assert_true(opened == NADIR_OK && printed == NADIR_OK && committed == NADIR_OK);
  assert_int_equal(sought, NADIR_BAD_PATH);
  holds("output", "6 words");
}

#ifdef NADIR_FAULTS
static void whatever_fails_the_old_file_stands(void **state) {
  (void)state;
  nadir_error error;
  make("out.csv", "old");
  nd_fault_set(NULL);
  assert_int_equal(write_output("twin.csv", &error), NADIR_OK);
  uint64_t calls = nd_fault_count(ND_FAULT_ANY);
  assert_true(calls > 8 && nd_fault_count(ND_FAULT_FSYNC) == 1 &&
              nd_fault_count(ND_FAULT_RENAME) >= 1);
  for (uint64_t n = 1; n <= calls; n++) {
    char wish[32];
    snprintf(wish, sizeof wish, "any:%d:on", (int)n);
    assert_true(nd_fault_set(wish));
    nadir_status status = write_output("out.csv", &error);
    nd_fault_set(NULL);
    assert_int_equal(nadir_exit_status(status), 3);
    assert_int_equal(error.status, status);
    holds("out.csv", "old");
    assert_int_equal(entries(), 2);
  }
  assert_int_equal(write_output("out.csv", &error), NADIR_OK);
  check_written("out.csv");
}

/* What the system could not write back it tells at the close, at the latest. */
static void a_close_that_fails_is_a_lost_write(void **state) {
  (void)state;
  nadir_error error;
  size_t told = 0;
  make("out.csv", "old");
  nd_fault_set(NULL);
  assert_int_equal(write_output("twin.csv", &error), NADIR_OK);
  uint64_t calls = nd_fault_count(ND_FAULT_CLOSE);
  for (uint64_t n = 1; n <= calls; n++) {
    char wish[32];
    snprintf(wish, sizeof wish, "close:%d", (int)n);
    make("out.csv", "old");
    assert_true(nd_fault_set(wish));
    nadir_status status = write_output("out.csv", &error);
    nd_fault_set(NULL);
    assert_int_equal(entries(), 2);
    if (status == NADIR_OK) { /* it closed what was only looked at, or what has its name already */
      check_written("out.csv");
      continue;
    }
    told++;
    assert_string_equal(error.message, "out.csv: cannot be written, input or output error: check the "
                                       "disk or the connection");
    holds("out.csv", "old");
  }
  assert_int_equal(told, 1);
}

static void so_it_is_where_nothing_is_renamed(void **state) {
  (void)state;
  nadir_error error;
  nd_output *output;
  int kept;
  assert_true(nd_fault_set("close:1"));
  assert_int_equal(write_output("/dev/null", &error), NADIR_SYSTEM);
  assert_non_null(strstr(error.message, "/dev/null: cannot be written"));
  fflush(stdout);
  redirect(STDOUT_FILENO, open("output", O_WRONLY | O_CREAT, 0666), &kept);
  nadir_status opened = nd_output_open(&output, "-", NULL);
  assert_true(nd_fault_set("close:1"));
  nadir_status committed = nd_output_commit(output, &error);
  nd_output_close(output);
  restore(STDOUT_FILENO, kept);
  nd_fault_set(NULL);
  assert_int_equal(opened, NADIR_OK);
  assert_int_equal(committed, NADIR_SYSTEM);
  assert_non_null(strstr(error.message, "standard output: cannot be written"));
}

static void after_reading_a_close_may_fail(void **state) {
  (void)state;
  nd_file *file;
  char byte;
  size_t got;
  make("a.csv", "0123456789");
  assert_true(nd_fault_set("close:1:on"));
  holds("a.csv", "0123456789");
  assert_int_equal(nd_file_open(&file, "a.csv", NULL), NADIR_OK);
  assert_int_equal(nd_file_rest(file, NULL), NADIR_OK);
  assert_int_equal(nd_file_read_at(file, 3, &byte, 1, &got, NULL), NADIR_OK);
  assert_int_equal(byte, '3');
  nd_file_close(file);
  assert_true(nd_fault_count(ND_FAULT_CLOSE) >= 3);
  nd_fault_set(NULL);
}

static void failed_reads_are_told(void **state) {
  (void)state;
  make("a.csv", "0123456789");
  char *text;
  size_t size;
  nd_fault_set(NULL);
  holds("a.csv", "0123456789");
  uint64_t calls = nd_fault_count(ND_FAULT_ANY);
  for (uint64_t n = 1; n <= calls; n++) {
    char wish[32];
    nadir_error error;
    snprintf(wish, sizeof wish, "any:%d", (int)n);
    assert_true(nd_fault_set(wish));
    nadir_status status = nd_file_slurp("a.csv", 100, &text, &size, &error);
    assert_int_equal(nadir_exit_status(status), 3);
    assert_null(text);
  }
  nd_fault_set(NULL);
}
#endif

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_DIRECTORY(files_are_read),
      IN_DIRECTORY(paths_are_only_paths),
      IN_DIRECTORY(wrong_paths_are_named),
      IN_DIRECTORY(what_has_no_size_is_still_read),
      IN_DIRECTORY(temporary_files_leave_nothing),
      IN_DIRECTORY(outputs_are_written),
      IN_DIRECTORY(without_commit_nothing_changes),
      IN_DIRECTORY(what_a_killed_run_left_is_removed),
      IN_DIRECTORY(what_another_run_writes_is_left_alone),
      IN_DIRECTORY(other_files_are_left_alone),
      IN_DIRECTORY(a_name_that_is_too_long_is_told_at_once),
      IN_DIRECTORY(two_runs_of_one_output_do_not_meet),
      IN_DIRECTORY(links_and_permissions_stay),
      IN_DIRECTORY(devices_are_written_in_place),
      IN_DIRECTORY(standard_input_is_read_from_where_it_stands),
      IN_DIRECTORY(standard_output_is_written),
#ifdef NADIR_FAULTS
      IN_DIRECTORY(whatever_fails_the_old_file_stands),
      IN_DIRECTORY(a_close_that_fails_is_a_lost_write),
      IN_DIRECTORY(so_it_is_where_nothing_is_renamed),
      IN_DIRECTORY(after_reading_a_close_may_fail),
      IN_DIRECTORY(failed_reads_are_told),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
