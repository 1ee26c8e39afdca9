/* Facts and boxes as typed, decimals, and the ends of intervals: what is read is exactly what is written, and
 * what is not is refused with its place. */
#include "base/limits.h"
#include "support.h"
#include "theory/rules_internal.h"

/* ---- facts ---- */

static void write_range(nd_text *out, const nd_range *range) {
  if (range->count > 0) {
    for (size_t i = 0; i < range->count; i++)
      nd_text_print(out, "%s%s", i ? "," : "{", range->values[i]);
    nd_text_append(out, "}");
    return;
  }
  nd_text_print(out, "%c%s,%s%c", range->low_open ? '(' : '[', range->low ? range->low : "-inf",
                range->high ? range->high : "inf", range->high_open ? ')' : ']');
}

static void facts_are_read(void **state) {
  (void)state;
  static const struct {
    const char *text, *read;
  } list[] = {
      {"x >= 0", "x[0,inf)"},
      {"x>0", "x(0,inf)"},
      {"x <= -1.5e3", "x(-inf,-1.5e3]"},
      {"x < +2E+2", "x(-inf,2E+2)"},
      {"x == 3", "x[3,3]"},
      {"x = .5", "x[.5,.5]"},
      {"\t x \t= 7.\t", "x[7.,7.]"},
      {"0 < x <= 2", "x(0,2]"},
      {"2 > x >= 0", "x[0,2)"},
      {"2 >= x", "x(-inf,2]"},
      {"5 = x", "x[5,5]"},
      {"5 == x == 5", "x[5,5]"},
      {"-inf < x < inf", "x(-inf,inf)"},
      {"inf > x", "x(-inf,inf)"},
      {"x < +inf", "x(-inf,inf)"},
      {"x in [0, 5)", "x[0,5)"},
      {"x in (0, 5]", "x(0,5]"},
      {"x in (-inf, inf)", "x(-inf,inf)"},
      {"x in [-inf, inf]", "x(-inf,inf)"},
      {"x in {-1, 1}", "x{-1,1}"},
      {"x in{7}", "x{7}"},
      {"_Z9[2] in {1e-3,\t2}", "_Z9[2]{1e-3,2}"},
      {"\xce\xb1 > 1", "\xce\xb1(1,inf)"},
      {"`my name` >= 1", "my name[1,inf)"},
      {"inx > 1", "inx(1,inf)"},
      {"infinity > 1", "infinity(1,inf)"},
      {"x in [1, 1]", "x[1,1]"},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    nadir_error error = {0};
    nd_graph *graph;
    nd_fact fact;
    nd_text read = {0};
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    if (nd_fact_read(graph, list[i].text, &fact, &error) != NADIR_OK)
      fail_msg("%s: %s", list[i].text, error.message);
    nd_text_append(&read, nd_node_text(graph, fact.name));
    write_range(&read, &fact.range);
    assert_string_equal(nd_text_data(&read), list[i].read);
    nd_text_free(&read);
    nd_graph_free(graph);
  }
}

static void facts_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *text, *why;
    size_t place;
  } list[] = {
      {"", "expected a name", 0},
      {"x", "expected a relation", 1},
      {"x !", "expected a relation", 2},
      {"x >", "expected a number", 3},
      {"x > y", "expected a number", 4},
      {"x > -", "expected a number", 4},
      {"x > +", "expected a number", 4},
      {"x > infty", "expected a number", 4},
      {"x == inf", "infinity is not a value", 8},
      {"inf = x", "infinity is not a value", 5},
      {"x > inf", "no number is in this range", 7},
      {"x < -inf", "no number is in this range", 8},
      {"inf < x", "no number is in this range", 5},
      {"-inf >= x", "no number is in this range", 7},
      {"x in [inf, 2]", "no number is in this range", 9},
      {"x in [2, -inf)", "no number is in this range", 14},
      {"x > 1e", "unexpected text at the end", 5},
      {"x > 1e+", "unexpected text at the end", 5},
      {"x > 1e:", "unexpected text at the end", 5},
      {"x > 1e400", "too large, or none", 4},
      {"x > 1e9999", "too large, or none", 4},
      {"x > 1.2.3", "too large, or none", 4},
      {"x > ..", "too large, or none", 4},
      {"x > .", "expected a number", 4},
      {"3 x", "expected a relation", 2},
      {"3 < ", "expected a name", 4},
      {"3 < x !", "expected a relation", 6},
      {"3 < x < y", "expected a number", 8},
      {"`x > 1", "a backquote is not closed", 0},
      {"`` > 1", "expected a name", 0},
      {"x in", "expected {, [ or (", 4},
      {"x in 3", "expected {, [ or (", 5},
      {"x in {}", "expected a number", 6},
      {"x in {1, inf}", "expected a number", 12},
      {"x in {1, y}", "expected a number", 9},
      {"x in {1 2}", "expected }", 8},
      {"x in [a, 2]", "expected a number", 6},
      {"x in [1 2]", "expected a comma", 8},
      {"x in [1, b]", "expected a number", 9},
      {"x in [1, 2", "expected ] or )", 10},
      {"x in [1, 2] z", "unexpected text at the end", 12},
      {"x in [2, 1]", "no number is in this range", 11},
      {"x in (1, 1]", "no number is in this range", 11},
      {"x in [1, 1)", "no number is in this range", 11},
      {"2 < x < 1", "no number is in this range", 9},
      {"0 in {0}", "expected a relation", 2},
      {"~x > 1", "expected a name", 0},
      {"{x} > 1", "expected a name", 0},
      {"@x > 1", "expected a name", 0},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    nadir_error error = {0};
    nd_graph *graph;
    nd_fact fact;
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    assert_int_equal(nd_fact_read(graph, list[i].text, &fact, &error), NADIR_BAD_FORMULA);
    if (!strstr(error.message, list[i].why) || error.column != list[i].place + 1)
      fail_msg("'%s': at %zu: %s", list[i].text, error.column - 1, error.message);
    nd_graph_free(graph);
  }
}

static void values_have_a_limit(void **state) {
  (void)state;
  for (int more = 0; more < 2; more++) {
    nadir_error error = {0};
    nd_text text = {0};
    nd_graph *graph;
    nd_fact fact;
    nd_text_append(&text, "x in {0");
    for (int i = 1; i < ND_LIMIT_VALUES + more; i++)
      nd_text_print(&text, ",%d", i);
    nd_text_append(&text, "}");
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    nadir_status status = nd_fact_read(graph, nd_text_data(&text), &fact, &error);
    assert_int_equal(status, more ? NADIR_BAD_FORMULA : NADIR_OK);
    if (!more) assert_int_equal(fact.range.count, ND_LIMIT_VALUES);
    nd_text_free(&text);
    nd_graph_free(graph);
  }
}

static void boxes(void **state) {
  (void)state;
  static const struct {
    const char *text, *read, *why;
  } list[] = {
      {"x=-2:2", "x[-2,2]", NULL},
      {"x = -2 : 2 , y=0:inf", "x[-2,2]y[0,inf)", NULL},
      {"x=-inf:0", "x(-inf,0]", NULL},
      {"x", NULL, "expected ="},
      {"x=a:2", NULL, "expected a number"},
      {"x=1", NULL, "expected a colon"},
      {"x=1:", NULL, "expected a number"},
      {"x=1:2,", NULL, "expected a name"},
      {"x=1:2 z", NULL, "unexpected text at the end"},
      {"x=2:1", NULL, "no number is in this range"},
      {"x=inf:1", NULL, "no number is in this range"},
      {"x=1:-inf", NULL, "no number is in this range"},
      {"x=1:1e999", NULL, "too large, or none"},
      {"x=1e999:1", NULL, "too large, or none"},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    nadir_error error = {0};
    nd_graph *graph;
    nd_fact *facts;
    size_t count;
    nd_text read = {0};
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    nadir_status status = nd_box_read(graph, list[i].text, &facts, &count, &error);
    assert_int_equal(status, list[i].read ? NADIR_OK : NADIR_BAD_FORMULA);
    if (list[i].why && !strstr(error.message, list[i].why))
      fail_msg("%s: %s", list[i].text, error.message);
    for (size_t k = 0; k < count; k++) {
      nd_text_append(&read, nd_node_text(graph, facts[k].name));
      write_range(&read, &facts[k].range);
    }
    if (list[i].read) assert_string_equal(nd_text_data(&read), list[i].read);
    if (!list[i].read) assert_null(facts);
    nd_text_free(&read);
    nd_free(facts);
    nd_graph_free(graph);
  }
}

/* ---- decimals ---- */

static void decimals(void **state) {
  (void)state;
  static const struct {
    const char *text;
    slong n;
    ulong d;
    bool good;
  } list[] = {
      {"12", 12, 1, true},     {"-0.25", -1, 4, true},   {"+1.5", 3, 2, true},
      {"5e2", 500, 1, true},   {"5E-1", 1, 2, true},     {".5", 1, 2, true},
      {"1.", 1, 1, true},      {"", 0, 0, false},        {"-", 0, 0, false},
      {"1.2.3", 0, 0, false},  {"1e", 0, 0, false},      {"1x", 0, 0, false},
      {"1e6001", 0, 0, false}, {"1e-6001", 0, 0, false}, {"0e6000", 0, 1, true},
  };
  fmpq_t value, wanted;
  fmpq_init(value);
  fmpq_init(wanted);
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    bool good = nd_read_decimal(list[i].text, value);
    if (good != list[i].good) fail_msg("%s", list[i].text);
    if (!good) continue;
    fmpq_set_si(wanted, list[i].n, list[i].d);
    if (!fmpq_equal(value, wanted)) fail_msg("%s", list[i].text);
  }
  char long_one[6100];
  memset(long_one, '1', sizeof long_one);
  long_one[6000] = '\0';
  assert_true(nd_read_decimal(long_one, value));
  long_one[6000] = '1';
  long_one[6001] = '\0';
  assert_false(nd_read_decimal(long_one, value));
  fmpq_clear(value);
  fmpq_clear(wanted);
}

/* Each end is on its side, and as close as doubles are where they are. */
static void ends_of_rationals(void **state) {
  (void)state;
  static const struct {
    const char *text;
    double low, high;
  } list[] = {
      {"0", 0, 0},
      {"0.5", 0.5, 0.5},
      {"0.1", 0.09999999999999999, 0.1}, /* the double 0.1 is above a tenth */
      {"-0.1", -0.1, -0.09999999999999999},
      {"1e400", 1e300, INFINITY},
      {"-1e400", -INFINITY, -1e300},
      {"1e-400", 0, 1e-300},
      {"-1e-400", -1e-300, 0},
  };
  fmpq_t value;
  fmpq_init(value);
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    assert_true(nd_read_decimal(list[i].text, value));
    double low = nd_rational_end(value, false), high = nd_rational_end(value, true);
    if (low != list[i].low || high != list[i].high)
      fail_msg("%s: %.17g, %.17g", list[i].text, low, high);
  }
  fmpq_clear(value);
}

/* ---- intervals ---- */

static void same(nd_interval a, double low, double high, bool low_open, bool high_open) {
  if (a.low != low || a.high != high || a.low_open != low_open || a.high_open != high_open)
    fail_msg("%c%.17g, %.17g%c instead of %.17g, %.17g", a.low_open ? '(' : '[', a.low, a.high,
             a.high_open ? ')' : ']', low, high);
}

static void interval_arithmetic(void **state) {
  (void)state;
  const double most = DBL_MAX, inf = INFINITY;
  nd_interval all = nd_everything(), large = nd_between(1e308, most),
              small = nd_between(-most, -1e308);
  nd_interval tiny = nd_between(1e-200, 1e-200);
  same(nd_plus(all, all), -inf, inf, true, true);
  same(nd_plus(nd_between(1, inf), nd_between(-inf, 2)), -inf, inf, true, true);
  same(nd_plus(large, large), most, inf, false, true); /* 2e308 is above all doubles */
  same(nd_plus(small, small), -inf, -most, true, false);
  same(nd_times(large, large), most, inf, false, true);
  same(nd_times(large, small), -inf, -most, true, false);
  nd_interval product = nd_times(tiny, tiny);
  assert_true(product.low >= 0 && product.low < 1e-320 && product.high > 0 &&
              product.high < 1e-320);
  nd_interval minus = nd_times(tiny, nd_minus(tiny));
  assert_true(minus.high <= 0 && minus.low < 0);
  /* 1/x: exact where the double is, infinite where x comes to 0, on its side */
  same(nd_inverse(nd_between(2, 4)), 0.25, 0.5, false, false);
  same(nd_inverse(nd_between(-4, -2)), -0.5, -0.25, false, false);
  nd_interval positive = {0, 2, true, false, false}, beyond = {0, inf, true, true, false};
  same(nd_inverse(positive), 0.5, inf, false, true);
  assert_true(nd_is_positive(nd_inverse(beyond)));
  nd_interval third = nd_inverse(nd_between(3, 3));
  assert_true(fma(third.low, 3, -1) < 0 && fma(third.high, 3, -1) > 0);
  assert_true(third.high - third.low <= 0x1p-53);
  nd_interval denormal = nd_inverse(nd_between(5e-324, 1e-323));
  assert_true(denormal.low == most || denormal.low > 1e307);
  assert_true(denormal.high == inf);
  nd_interval negative = nd_inverse(nd_between(-1e-323, -5e-324));
  assert_true(negative.low == -inf && negative.high <= -1e307);
  /* signs */
  nd_interval never = {-1, 0, false, false, true};
  assert_true(nd_is_negative(never) && nd_is_nonpositive(never) && nd_is_nonzero(never));
  assert_false(nd_is_negative(nd_between(-1, 0)));
  assert_true(nd_is_negative((nd_interval){-1, 0, false, true, false}));
  same(nd_hull(nd_between(0, 1), nd_between(3, 4)), 0, 4, false, false);
  same(nd_meet((nd_interval){0, 2, false, false, false}, (nd_interval){0, 2, true, true, false}), 0,
       2, true, true);
}

static void interval_powers(void **state) {
  (void)state;
  const double inf = INFINITY;
  same(nd_power_range(nd_between(-2, 3), (nd_ratio){0, 1}), 1, 1, false, false);
  same(nd_power_range(nd_between(-2, 3), (nd_ratio){2, 1}), 0, 9, false, false);
  same(nd_power_range(nd_between(-2, 3), (nd_ratio){3, 1}), -8, 27, false, false);
  same(nd_power_range(nd_between(-2, -1), (nd_ratio){3, 1}), -8, -1, false, false);
  same(nd_power_range(nd_between(1, inf), (nd_ratio){-1, 1}), 0, 1, true, false);
  same(nd_power_range(nd_between(-2, 3), (nd_ratio){-1, 1}), -inf, inf, true, true);
  assert_true(nd_power_range(nd_between(-2, 3), (nd_ratio){-1, 1}).never_zero);
  same(nd_power_range(nd_between(-4, 4), (nd_ratio){1, 2}), 0, 2, false, false);
  same(nd_power_range(nd_everything(), (nd_ratio){2, 1}), 0, inf, false, true);
  same(nd_power_range(nd_between(0, inf), (nd_ratio){-1, 2}), 0, inf, true, true);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(facts_are_read),
      cmocka_unit_test(facts_are_refused),
      cmocka_unit_test(values_have_a_limit),
      cmocka_unit_test(boxes),
      cmocka_unit_test(decimals),
      cmocka_unit_test(ends_of_rationals),
      cmocka_unit_test(interval_arithmetic),
      cmocka_unit_test(interval_powers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
