/* JSON out of values and into them: what has no number or text is null, what a terminal might obey is escaped, errors
 * have their place, and a tree that could not be built is one error at the end, whichever allocation of Jansson's fails. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/json.h"
#ifdef NADIR_FAULTS
#include "../walk.h"
#endif

static void expect_text(json_t *tree, const char *expected) {
  char *text;
  nadir_error error = {0};
  assert_int_equal(nd_json_write(tree, &text, &error), NADIR_OK);
  assert_string_equal(text, expected);
  nd_free(text);
}

static json_t *one(json_t *value) {
  json_t *list = json_array();
  nd_json_push(&list, value);
  return list;
}

static void numbers(void **state) {
  (void)state;
  const double values[] = {1, 0.1, -2.5e-300, NAN, INFINITY, -INFINITY};
  expect_text(nd_json_numbers(values, 6), "[\n  1.0,\n  0.10000000000000001,\n  "
                                          "-2.5e-300,\n  null,\n  null,\n  null\n]");
  expect_text(one(nd_json_count(UINT64_C(9007199254740993))), "[\n  9007199254740993\n]");
  expect_text(nd_json_numbers(NULL, 0), "[]");
}

static void texts(void **state) {
  (void)state;
  char *both[] = {(char *)"caf\xe9 \xb5", NULL, (char *)"caf\xc3\xa9", (char *)"\"\\\n"};
  expect_text(nd_json_texts(both, 4),
              "[\n  \"caf\xc3\xa9 \xc2\xb5\",\n  null,\n  \"caf\xc3\xa9\",\n  \"\\\"\\\\\\n\"\n]");
}

/* What is written as it is told has the bytes of a tree. */
static void written_without_a_tree(void **state) {
  (void)state;
  enum { DEEP = 20 };
  const double values[] = {1, -1e20, 0.1, -2.5e-300, 1e-5, 123456789012345678, 5e-324, -0.0, NAN, INFINITY};
  const char *const some[] = {"plain", "caf\xe9", "\"\\\n", "\x1b[1m\x7f\xc2\x9b", "", NULL};
  nd_json_writer writer = {0};
  nadir_error error;
  char *text;
  json_t *tree = json_object();
  nd_write_reserve(&writer, 100);
  nd_write_open(&writer, NULL, '{');
  for (size_t i = 0; i < ND_COUNT(some); i++) {
    char key[] = {(char)('a' + i), '"', '\0'};
    nd_json_put(&tree, key, nd_json_text(some[i]));
    nd_write_text(&writer, key, some[i]);
  }
  nd_json_put(&tree, "numbers", nd_json_numbers(values, ND_COUNT(values)));
  nd_write_open(&writer, "numbers", '[');
  for (size_t i = 0; i < ND_COUNT(values); i++)
    nd_write_number(&writer, NULL, values[i]);
  nd_write_close(&writer, ']');
  nd_json_put(&tree, "count", nd_json_count(UINT64_C(9007199254740993)));
  nd_write_count(&writer, "count", UINT64_C(9007199254740993));
  nd_json_put(&tree, "zero", nd_json_count(0));
  nd_write_count(&writer, "zero", 0);
  nd_json_put(&tree, "nothing", json_array());
  nd_write_open(&writer, "nothing", '[');
  nd_write_close(&writer, ']');
  json_t *deep = one(nd_json_text("bottom"));
  for (size_t i = 0; i < DEEP; i++) {
    nd_write_open(&writer, i == 0 ? "deep" : NULL, '[');
    if (i > 0) deep = one(deep);
  }
  nd_write_text(&writer, NULL, "bottom");
  for (size_t i = 0; i < DEEP; i++)
    nd_write_close(&writer, ']');
  nd_json_put(&tree, "deep", deep);
  nd_json_put(&tree, "inner", one(nd_json_numbers(values, 2)));
  nd_write_tree(&writer, "inner", one(nd_json_numbers(values, 2)));
  nd_write_close(&writer, '}');
  assert_int_equal(nd_give_text(&writer.text, NADIR_OK, &text, &error), NADIR_OK);
  expect_text(tree, text);
  nd_free(text);
}

/* C1 controls, DEL, marks of direction: as \uNNNN; other letters stay. */
static void hidden(void **state) {
  (void)state;
  json_t *list = json_array();
  nd_json_push(&list, nd_json_text("\x1b[1m\x7f\xc2\x9b"));
  nd_json_push(&list, nd_json_text("\xe2\x80\xae"
                                   "a\xe2\x81\xa6\xd8\x9c"));
  nd_json_push(&list, nd_json_text("\xce\xbb\xf0\x9f\x98\x80"));
  expect_text(list, "[\n  \"\\u001B[1m\\u007F\\u009B\",\n  \"\\u202Ea\\u2066\\u061C\",\n  "
                    "\"\xce\xbb\xf0\x9f\x98\x80\"\n]");
}

static void unusable_trees(void **state) {
  (void)state;
  json_t *tree = json_object(), *value = json_true();
  nd_json_put(&tree, "a", value);
  nd_json_put(&tree, "b", NULL); /* a value that could not be made */
  assert_null(tree);
  nd_json_put(&tree, "c", json_integer(1)); /* is taken all the same */
  assert_null(tree);
  tree = json_array();
  nd_json_push(&tree, NULL);
  assert_null(tree);
  nd_json_push(&tree, json_integer(1));
  assert_null(tree);
  tree = json_object();
  nd_json_put(&tree, "\xff", json_integer(1)); /* no name in JSON */
  assert_null(tree);
  tree = json_array();
  json_incref(tree);
  json_t *same = tree;
  nd_json_push(&same, tree); /* a list in itself */
  assert_null(same);
  nadir_error error = {0};
  char *text = (char *)"";
  assert_int_equal(nd_json_write(NULL, &text, &error), NADIR_NO_MEMORY);
  assert_null(text);
  assert_string_equal(error.message, "json: out of memory");
}

static void expect_place(const char *text, size_t size, int line, int column, const char *why) {
  json_error_t where;
  assert_null(nd_json_read(text, size, &where));
  assert_int_equal(where.line, line);
  assert_int_equal(where.column, column);
  assert_non_null(strstr(where.text, why));
}

static void reading(void **state) {
  (void)state;
  json_error_t where;
  json_t *tree = nd_json_read("{\"a\": [1, 2.5]}", 15, &where);
  assert_int_equal(json_integer_value(json_array_get(json_object_get(tree, "a"), 0)), 1);
  json_decref(tree);
  expect_place("{\"a\": 1,\n \"a\": 2}", 17, 2, 4, "duplicate object key");
  expect_place("{\"a\":\n[1,]}", 11, 2, 4, "unexpected token near ']'");
  expect_place("[1\0]", 4, 1, 3, "a NUL byte");
  expect_place("[1,\n\n 2\0\0]", 10, 3, 3, "a NUL byte");
  expect_place("\0", 1, 1, 1, "a NUL byte");
  expect_place("", 0, 1, 0, "expected");
  expect_place("[1] x", 5, 1, 5, "end of file expected");
  expect_place("1", 1, 1, 1, "'[' or '{' expected");
}

#ifdef NADIR_FAULTS
static json_t *build(void) {
  const double values[] = {1, NAN};
  char *words[] = {(char *)"caf\xe9", (char *)"caf\xc3\xa9", NULL};
  json_t *tree = json_object();
  nd_json_put(&tree, "numbers", nd_json_numbers(values, 2));
  nd_json_put(&tree, "words", nd_json_texts(words, 3));
  nd_json_put(&tree, "count", nd_json_count(3));
  return tree;
}

static nadir_status write(void *context, nadir_error *error) {
  char *text;
  (void)context;
  nadir_status status = nd_json_write(build(), &text, error);
  assert_true((text != NULL) == (status == NADIR_OK));
  nd_free(text);
  return status;
}

static void our_memory_fails(void **state) {
  (void)state;
  assert_true(walk_memory(write, NULL) > 4);
}

static size_t calls, failing;

static void *may_fail(size_t size) {
  return ++calls == failing ? NULL : malloc(size);
}

static void jansson_s_memory_fails(void **state) {
  (void)state;
  json_set_alloc_funcs(may_fail, free);
  nadir_status status = NADIR_NO_MEMORY;
  for (failing = 1; status != NADIR_OK; failing++) {
    nadir_error error = {0};
    calls = 0;
    status = write(NULL, &error);
    assert_int_equal(status, calls < failing ? NADIR_OK : NADIR_NO_MEMORY);
    if (status != NADIR_OK) assert_string_equal(error.message, "json: out of memory");
  }
  json_set_alloc_funcs(malloc, free);
  assert_true(failing > 20);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers),          cmocka_unit_test(texts),
      cmocka_unit_test(hidden),
      cmocka_unit_test(written_without_a_tree),           cmocka_unit_test(unusable_trees),
      cmocka_unit_test(reading),
#ifdef NADIR_FAULTS
      cmocka_unit_test(our_memory_fails), cmocka_unit_test(jansson_s_memory_fails),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
