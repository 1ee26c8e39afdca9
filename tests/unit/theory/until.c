/* A question whose end is asked for after any number of looks: the answer is that of the whole time,
 * or less; and where it is less it says so. Nothing takes long after that. */
#include "support.h"

static const double WHOLE = 60;

static bool patience(void *context) {
  int *left = context;
  return --*left < 0;
}

/* Whether an answer is no more than the one that is true. */
static bool is_no_more(nadir_answer answer, nadir_answer whole) {
  return answer == NADIR_NOT_KNOWN || answer == whole;
}

static int looks_of(const char *formula, nd_verdict *verdict) {
  asked a;
  nadir_error error = {0};
  int left = INT32_MAX;
  nd_until until = {.deadline = HUGE_VAL, .asked = patience, .context = &left};
  ask_question(&a, formula, "x", "", WHOLE);
  a.question.until = &until;
  if (nd_convexity(&a.question, &a.verdict, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  assert_int_equal(a.verdict.cut, NADIR_NOT_CUT);
  *verdict = a.verdict;
  verdict->not_convex = verdict->not_concave = NULL;
  done(&a);
  return INT32_MAX - left;
}

static void end_after(const char *formula, int looks, const nd_verdict *whole) {
  asked a;
  nadir_error error = {0};
  int left = looks;
  nd_until until = {.deadline = HUGE_VAL, .asked = patience, .context = &left};
  ask_question(&a, formula, "x", "", WHOLE);
  a.question.until = &until;
  double begun = nd_clock();
  if (nd_convexity(&a.question, &a.verdict, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  const nd_verdict *v = &a.verdict;
  bool less = v->convex != whole->convex || v->concave != whole->concave;
  if (nd_clock() - begun > FAR_TOO_LONG) fail_msg("%s took %g s", formula, nd_clock() - begun);
  if (!is_no_more(v->convex, whole->convex) || !is_no_more(v->concave, whole->concave))
    fail_msg("%s: another answer after %d looks", formula, looks);
  if (less && v->cut != NADIR_CUT_BY_LISTENER)
    fail_msg("%s: less is known after %d looks, and not why", formula, looks);
  done(&a);
}

static void what_was_cut_short_is_not_known(void **state) {
  static const char *const formulas[] = {
      "exp(x)",    "x^4 - x^2 + log(1 + x^2)",        "sqrt(x^2+1)", "trigamma(x*1e6)",
      "x*tanh(x)", "log(polygamma(5, x*1000000007))", "asin(2) + x"};
  (void)state;
  for (size_t i = 0; i < ND_COUNT(formulas); i++) {
    nd_verdict whole;
    int looks = looks_of(formulas[i], &whole);
    for (int n = 0; n < looks; n += 1 + n / 2)
      end_after(formulas[i], n, &whole);
  }
}

static void a_gap_without_time_is_none(void **state) {
  asked a;
  nd_gap gap;
  nadir_error error = {0};
  double w = 0.5;
  int left = 0;
  nd_until until = {.deadline = HUGE_VAL, .asked = patience, .context = &left};
  (void)state;
  ask_question(&a, "x^4 + x^2", "x", "", WHOLE);
  assert_int_equal(nd_convexity(&a.question, &a.verdict, &error), NADIR_OK);
  assert_int_equal(nd_gap_at(&a.question, &a.verdict, &w, NULL, NULL, &gap, &error), NADIR_OK);
  assert_int_equal(gap.none, NADIR_GAP_FOUND);
  a.question.until = &until;
  assert_int_equal(nd_gap_at(&a.question, &a.verdict, &w, NULL, NULL, &gap, &error), NADIR_OK);
  assert_int_equal(gap.none, NADIR_NO_GAP_TIME);
  assert_true(isnan(gap.bound));
  done(&a);
}

static void curvature_without_time_has_no_bounds(void **state) {
  asked a;
  nd_curvature_bounds bounds;
  nadir_error error = {0};
  int left = 0;
  nd_until until = {.deadline = HUGE_VAL, .asked = patience, .context = &left};
  (void)state;
  ask_question(&a, "x^4 + sin(x)", "x", "x in [-1, 1]", WHOLE);
  a.question.until = &until;
  assert_int_equal(nd_curvature_on_box(&a.question, &bounds, &error), NADIR_OK);
  assert_true(isinf(bounds.largest[1]) && isinf(bounds.smallest[0]));
  done(&a);
}

static void a_series_without_time_is_refused(void **state) {
  asked a;
  nd_taylor_one series;
  nd_taylor_many model = {0};
  nadir_error error = {0};
  const char *at = "1";
  int left = 3;
  nd_until until = {.deadline = HUGE_VAL, .asked = patience, .context = &left};
  (void)state;
  ask_question(&a, "exp(sin(x))*lgamma(x + 3)", "x", "", WHOLE);
  a.question.until = &until;
  assert_int_equal(nd_taylor_series(&a.question, at, 9, 0.5, &series, &error), NADIR_ENDED);
  left = 3;
  assert_int_equal(nd_taylor_model(&a.question, &at, 0.5, 0.1, &model, &error), NADIR_ENDED);
  assert_non_null(strstr(error.message, "interrupted"));
  done(&a);
}

/* ---- one formula of n parts, and of more ---- */

enum { FEW = 40, MANY = 160, DIGITS = 300 };

static void print_product(nd_text *text, size_t n) {
  for (size_t i = 1; i <= n; i++)
    nd_text_print(text, "%s(exp(x)+%zu)", i > 1 ? "*" : "", i);
}

static void print_sum(nd_text *text, size_t n) {
  for (size_t i = 1; i <= n; i++)
    nd_text_print(text, "%sexp(sin(%zu*x))", i > 1 ? "+" : "", i);
}

/* Quotients, whose common factors are sought: of coefficients of many digits. */
static void print_quotients(nd_text *text, size_t n) {
  for (size_t i = 1; i <= n / 20; i++) {
    nd_text_print(text, "%s(x^3 + %zu.", i > 1 ? "+" : "", i);
    for (size_t digit = 0; digit < DIGITS; digit++)
      nd_text_print(text, "%zu", (i + digit * digit) % 10);
    nd_text_print(text, ")^3/(x^2 + %zu.7)^2", i);
  }
}

static int looks_at(void (*print)(nd_text *text, size_t n), size_t n) {
  nd_text text = {0};
  nd_verdict verdict;
  print(&text, n);
  int looks = looks_of(nd_text_data(&text), &verdict);
  nd_text_free(&text);
  return looks;
}

static void longer_formulas_are_asked_more_often(void **state) {
  void (*const prints[])(nd_text *, size_t) = {print_product, print_sum, print_quotients};
  (void)state;
  for (size_t i = 0; i < ND_COUNT(prints); i++) {
    int few = looks_at(prints[i], FEW), many = looks_at(prints[i], MANY);
    if (many < few + few / 2) fail_msg("kind %zu: %d looks, and %d where it is longer", i, few, many);
  }
}

static void a_long_formula_ends_at_once(void **state) {
  void (*const prints[])(nd_text *, size_t) = {print_product, print_sum, print_quotients};
  nd_verdict nothing = {.convex = NADIR_NOT_KNOWN};
  (void)state;
  for (size_t i = 0; i < ND_COUNT(prints); i++) {
    nd_text text = {0};
    prints[i](&text, 10 * MANY);
    for (int looks = 0; looks < 3000; looks = 4 * looks + 1) {
      asked a;
      nadir_error error = {0};
      int left = looks;
      nd_until until = {.deadline = HUGE_VAL, .asked = patience, .context = &left};
      ask_question(&a, nd_text_data(&text), "x", "", WHOLE);
      a.question.until = &until;
      double begun = nd_clock();
      assert_int_equal(nd_convexity(&a.question, &a.verdict, &error), NADIR_OK);
      if (nd_clock() - begun > FAR_TOO_LONG) fail_msg("kind %zu took %g s", i, nd_clock() - begun);
      if (a.verdict.convex == nothing.convex) assert_int_equal(a.verdict.cut, NADIR_CUT_BY_LISTENER);
      done(&a);
    }
    nd_text_free(&text);
  }
}

/* The Hessian is not derived before it is known that there is time for it. */
static void curvature_of_a_product_ends_at_once(void **state) {
  asked a;
  nd_curvature_bounds bounds;
  nadir_error error = {0};
  nd_text text = {0};
  int left = 0;
  nd_until until = {.deadline = HUGE_VAL, .asked = patience, .context = &left};
  (void)state;
  print_product(&text, 10 * MANY);
  ask_question(&a, nd_text_data(&text), "x", "x in [-1, 1]", WHOLE);
  a.question.until = &until;
  size_t before = nd_graph_size(a.graph);
  assert_int_equal(nd_curvature_on_box(&a.question, &bounds, &error), NADIR_OK);
  assert_true(isinf(bounds.largest[1]) && isinf(bounds.smallest[0]));
  assert_true(nd_graph_size(a.graph) < before + 4 * 10 * MANY);
  nd_text_free(&text);
  done(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_cut_short_is_not_known),
                                     cmocka_unit_test(a_gap_without_time_is_none),
                                     cmocka_unit_test(curvature_without_time_has_no_bounds),
                                     cmocka_unit_test(a_series_without_time_is_refused),
                                     cmocka_unit_test(longer_formulas_are_asked_more_often),
                                     cmocka_unit_test(a_long_formula_ends_at_once),
                                     cmocka_unit_test(curvature_of_a_product_ends_at_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
