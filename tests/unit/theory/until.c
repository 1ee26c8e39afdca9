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
  assert_int_equal(nd_gap_at(&a.question, &a.verdict, &w, NULL, &gap, &error), NADIR_OK);
  assert_int_equal(gap.none, NADIR_GAP_FOUND);
  a.question.until = &until;
  assert_int_equal(nd_gap_at(&a.question, &a.verdict, &w, NULL, &gap, &error), NADIR_OK);
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

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_cut_short_is_not_known),
                                     cmocka_unit_test(a_gap_without_time_is_none),
                                     cmocka_unit_test(curvature_without_time_has_no_bounds),
                                     cmocka_unit_test(a_series_without_time_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
