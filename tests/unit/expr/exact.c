/* Exact numbers: arithmetic in 64 bits that answers false where it would leave them, and the decimal of a literal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "expr/expr_internal.h"

#define LARGE INT64_MAX
static const nd_exact zero = {0, 1}, one = {1, 1}, minus_one = {-1, 1}, half = {1, 2},
                      third = {1, 3};

static void expect(bool fits, nd_exact value, int64_t n, int64_t d) {
  assert_true(fits);
  assert_int_equal(value.n, n);
  assert_int_equal(value.d, d);
}

static void sums_and_products(void **state) {
  (void)state;
  nd_exact v;
  expect(nd_exact_add(half, third, &v), v, 5, 6);
  expect(nd_exact_add(half, (nd_exact){-1, 2}, &v), v, 0, 1);
  expect(nd_exact_multiply((nd_exact){4, 3}, (nd_exact){9, 2}, &v), v, 6, 1);
  expect(nd_exact_multiply(zero, third, &v), v, 0, 1);
  expect(nd_exact_divide(half, (nd_exact){-3, 4}, &v), v, -2, 3);
  expect(nd_exact_multiply((nd_exact){LARGE, 3}, (nd_exact){3, LARGE}, &v), v, 1, 1);
  assert_false(nd_exact_divide(one, zero, &v));
  assert_false(nd_exact_divide((nd_exact){LARGE, 1}, (nd_exact){1, 2}, &v));
  assert_false(nd_exact_add((nd_exact){LARGE, 2}, third, &v)); /* the left part */
  assert_false(nd_exact_add(third, (nd_exact){LARGE, 2}, &v)); /* the right part */
  assert_false(nd_exact_add((nd_exact){LARGE, 1}, one, &v));   /* their sum */
  assert_false(nd_exact_add((nd_exact){1, LARGE}, (nd_exact){1, LARGE - 1}, &v)); /* the divisor */
  assert_false(nd_exact_multiply((nd_exact){LARGE, 1}, (nd_exact){2, 1}, &v));
  assert_false(nd_exact_multiply((nd_exact){1, LARGE}, half, &v));
  /* the one number of 64 bits without a negative */
  assert_false(nd_exact_multiply((nd_exact){-(INT64_C(1) << 62), 1}, (nd_exact){2, 1}, &v));
}

static void powers(void **state) {
  (void)state;
  nd_exact v;
  expect(nd_exact_power((nd_exact){-2, 3}, 3, &v), v, -8, 27);
  expect(nd_exact_power((nd_exact){-2, 3}, -3, &v), v, -27, 8);
  expect(nd_exact_power(third, 0, &v), v, 1, 1);
  expect(nd_exact_power((nd_exact){2, 1}, 62, &v), v, INT64_C(1) << 62, 1);
  expect(nd_exact_power(one, 1000, &v), v, 1, 1);
  expect(nd_exact_power(minus_one, 1001, &v), v, -1, 1);
  expect(nd_exact_power(zero, 1000, &v), v, 0, 1);
  assert_false(nd_exact_power((nd_exact){2, 1}, 63, &v));
  assert_false(nd_exact_power((nd_exact){3, 1}, 64, &v));
  assert_false(nd_exact_power((nd_exact){2, 1}, 65, &v));
  assert_false(nd_exact_power(half, 65, &v));
  assert_false(nd_exact_power(one, -65, &v));
  assert_false(nd_exact_power(zero, -1, &v));
}

static void orders(void **state) {
  (void)state;
  int order;
  assert_true(nd_exact_compare(half, third, &order) && order == 1);
  assert_true(nd_exact_compare(third, half, &order) && order == -1);
  assert_true(nd_exact_compare(third, third, &order) && order == 0);
  assert_false(nd_exact_compare((nd_exact){LARGE, 1}, minus_one, &order));
  assert_int_equal(nd_exact_floor((nd_exact){7, 2}), 3);
  assert_int_equal(nd_exact_floor((nd_exact){-7, 2}), -4);
  assert_int_equal(nd_exact_floor((nd_exact){-4, 1}), -4);
}

static void decimals(void **state) {
  (void)state;
  static const struct {
    nd_exact value;
    const char *text; /* NULL where it does not end, or not within 64 bits */
  } cases[] = {{{1, 8}, "125e-3"}, {{-3, 25}, "-12e-2"}, {{7, 10}, "7e-1"},
               {{5, 1}, "5e-0"},   {{1, 3}, NULL},       {{1, 6}, NULL},
               {{LARGE, 2}, NULL}, {{LARGE, 5}, NULL},   {{1, INT64_C(1) << 40}, NULL}};
  char text[64];
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    assert_true(nd_exact_decimal(cases[i].value, text, sizeof text) == (cases[i].text != NULL));
    if (cases[i].text != NULL) assert_string_equal(text, cases[i].text);
  }
  assert_false(nd_exact_decimal((nd_exact){12345, 1}, text, 6));
  assert_true(nd_exact_decimal((nd_exact){123, 1}, text, 7));
}

/* What is typed, and the one text that the graph keeps for it; NULL where no double is that size. */
static void literals(void **state) {
  (void)state;
  static const char *const cases[][2] = {{"0", "0"},
                                         {"000.000e99999", "0"},
                                         {"1.50", "1.5"},
                                         {"0.00001", "0.00001"},
                                         {"0.000001", "0.000001"},
                                         {"0.0000001", "1e-7"},
                                         {"1e+5", "100000"},
                                         {"1E-2", "0.01"},
                                         {"123456789012345678901", "123456789012345678901"},
                                         {"1234567890123456789012", "1.234567890123456789012e21"},
                                         {"12e20", "1.2e21"},
                                         {"12e19", "120000000000000000000"},
                                         {".5e1", "5"},
                                         {"5.", "5"},
                                         {"1e308", "1e308"},
                                         {"1e309", NULL},
                                         {"1e5001", NULL},
                                         {"1e99999999999", NULL},
                                         {"1e-5002", NULL},
                                         {"1e-400", "1e-400"}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    nd_graph *graph;
    nadir_error error = {0};
    nd_node node;
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    nadir_status status =
        nd_make_decimal(graph, false, cases[i][0], strlen(cases[i][0]), &node, &error);
    assert_int_equal(status, cases[i][1] == NULL ? NADIR_BAD_FORMULA : NADIR_OK);
    if (cases[i][1] != NULL) assert_string_equal(nd_node_text(graph, node), cases[i][1]);
    nd_graph_free(graph);
  }
}

/* "" where the text holds no exact number of 64 bits */
static void read_back(void **state) {
  (void)state;
  static const struct {
    const char *text;
    bool fits;
    nd_exact value;
  } cases[] = {{"0.75", true, {3, 4}},
               {"1e18", true, {INT64_C(1000000000000000000), 1}},
               {"1e-7", true, {1, 10000000}},
               {"9223372036854775807", true, {LARGE, 1}},
               {"9223372036854775808", false, {0, 0}},
               {"92233720368547758070", false, {0, 0}},
               {"1e30", false, {0, 0}},
               {"1e-30", false, {0, 0}},
               {"0.1234567890123456789", false, {0, 0}}};
  nd_graph *graph;
  nadir_error error = {0};
  nd_node node;
  nd_exact v;
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    for (int negative = 0; negative < 2; negative++) {
      assert_int_equal(
          nd_make_decimal(graph, negative, cases[i].text, strlen(cases[i].text), &node, &error),
          NADIR_OK);
      assert_true(nd_exact_of(graph, node, &v) == cases[i].fits);
      if (cases[i].fits)
        expect(true, v, negative ? -cases[i].value.n : cases[i].value.n, cases[i].value.d);
    }
  }
  assert_int_equal(nd_make_name(graph, "x", &node, &error), NADIR_OK);
  assert_false(nd_exact_of(graph, node, &v));
  nd_graph_free(graph);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_and_products), cmocka_unit_test(powers),   cmocka_unit_test(orders),
      cmocka_unit_test(decimals),          cmocka_unit_test(literals), cmocka_unit_test(read_back)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
