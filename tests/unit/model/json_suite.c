/* The cases of JSONTestSuite (Seriot 2016, "Parsing JSON is a minefield"; tests/data/json), each as a value in a
 * model's file that is read for its form alone, and each as a whole file. What must be read (y_) is read, what must
 * not (n_) is refused with the file, the line and the column, and what may be either (i_) is as the list here says. */
#include "../fitting.h"

#include <dirent.h>
#include <unistd.h>

#include "model/saved.h"

#define SUITE ND_SOURCE_DIR "/tests/data/json"
#define IN_PLACE_OF "\"0.1.0\"" /* on line 4 of the model's file */

enum { LINE = 4 };

/* Names in tables and formulas are ended by a NUL, and of two members of one name none is right. */
static const char *const refused_on_purpose[] = {
    "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
    "y_object_escaped_null_in_key.json", "y_string_null_escape.json"};

/* All others of these are refused: numbers beyond double precision or 64 bits, what is not UTF-8, half a pair of
 * UTF-16, and marks of byte order. */
static const char *const either_and_read[] = {"i_number_double_huge_neg_exp.json",
                                              "i_number_real_underflow.json",
                                              "i_structure_500_nested_arrays.json"};

static bool is_among(const char *name, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}

static void put(const char *path, const char *const *pieces, const size_t *sizes, size_t count) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  for (size_t i = 0; i < count; i++)
    assert_int_equal(fwrite(pieces[i], 1, sizes[i], file), sizes[i]);
  assert_int_equal(fclose(file), 0);
}

/* PATH:LINE:COLUMN: not ...; the line is that of the case or below. */
static void check_place(const char *name, const char *path, const nadir_error *error,
                        int first_line) {
  int line = 0, column = -1, end = 0;
  const char *at = error->message + strlen(path);
  bool placed = strncmp(error->message, path, strlen(path)) == 0 &&
                sscanf(at, ":%d:%d%n", &line, &column, &end) == 2;
  const char *after = at + end;
  if (!placed || line < first_line || column < 0 ||
      strncmp(after, ": not a nadir model file, which is JSON (", 41) != 0)
    fail_msg("%s: %s", name, error->message);
  for (const char *c = error->message; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 127) fail_msg("%s: a raw control character", name);
}

static nadir_status read_in_model(const char *name, const char *bytes, size_t size) {
  size_t length;
  char *model = slurp(ND_SOURCE_DIR "/tests/data/model/format1.json", &length),
       *at = strstr(model, IN_PLACE_OF);
  const char *path = "json_suite_model.json", *after = at + strlen(IN_PLACE_OF);
  put(path, (const char *[]){model, bytes, after},
      (size_t[]){(size_t)(at - model), size, strlen(after)}, 3);
  nd_free(model);
  nadir_model *read;
  nadir_error error = {0};
  nadir_status status = nd_saved_read(&read, path, &error);
  assert_int_equal(remove(path), 0);
  assert_true((read != NULL) == (status == NADIR_OK));
  nd_saved_free(read);
  if (status == NADIR_OK) return status;
  assert_int_equal(status, NADIR_BAD_DATA);
  check_place(name, path, &error, LINE);
  return status;
}

/* As a whole file nothing of this is a model. True where it is JSON. */
static bool is_json_alone(const char *name, const char *bytes, size_t size) {
  const char *path = "json_suite_alone.json";
  nadir_model *read;
  nadir_error error = {0};
  put(path, &bytes, &size, 1);
  assert_int_equal(nd_saved_read(&read, path, &error), NADIR_BAD_DATA);
  assert_null(read);
  assert_int_equal(remove(path), 0);
  if (strcmp(error.message,
             "json_suite_alone.json: not a nadir model file: give the saved model of a fit") == 0)
    return true;
  check_place(name, path, &error, 1);
  return false;
}

static bool should_be_read(const char *name) {
  if (name[0] == 'y') return !is_among(name, refused_on_purpose, ND_COUNT(refused_on_purpose));
  return is_among(name, either_and_read, ND_COUNT(either_and_read));
}

static void check(const char *name, const char *bytes, size_t size) {
  bool read = read_in_model(name, bytes, size) == NADIR_OK,
       alone = is_json_alone(name, bytes, size);
  if (read != should_be_read(name)) fail_msg("%s: %s", name, read ? "is read" : "is refused");
  if (alone && !read) fail_msg("%s: is JSON alone, and not in a model", name);
  if (name[0] == 'n' && alone) fail_msg("%s: is read alone", name);
}

static void the_suite(void **state) {
  (void)state;
  size_t seen = 0, size;
  DIR *directory = opendir(SUITE);
  assert_non_null(directory);
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    char path[4096];
    if (strchr("yni", entry->d_name[0]) == NULL) continue;
    snprintf(path, sizeof path, "%s/%s", SUITE, entry->d_name);
    char *bytes = slurp(path, &size);
    check(entry->d_name, bytes, size);
    nd_free(bytes);
    seen++;
  }
  closedir(directory);
  assert_int_equal(seen, 316); /* the suite's 318 but for the two below */
}

/* n_structure_100000_opening_arrays and n_structure_open_array_object, which are large. */
static void deep_ones(void **state) {
  (void)state;
  static const char *const units[] = {"[", "[{\"\":"};
  static const size_t times[] = {100000, 50000};
  for (size_t i = 0; i < ND_COUNT(units); i++) {
    size_t length = strlen(units[i]), size = length * times[i];
    char *bytes = malloc(size);
    for (size_t k = 0; k < size; k++)
      bytes[k] = units[i][k % length];
    check("n_structure_deep", bytes, size);
    free(bytes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_suite), cmocka_unit_test(deep_ones)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
