/* Descents from many starts: all the minima of functions that are known to have several, with how often each was
 * reached; starts that are lost, boxes that are none, and a listener that ends them. */
#include <stdbool.h>

#include "support.h"

static int stops;

static int count_events(void *context, const nadir_event *event) {
  int *left = context;
  stops += event->kind == NADIR_STARTS;
  return *left > 0 && event->kind == NADIR_UPDATE && --*left == 0;
}

static nadir_status try_starts(const char *formula, const char *const *pairs, int events,
                               nadir_result **result) {
  nadir_settings *settings = settings_of(pairs);
  nadir_listener listener = {.bytes = sizeof listener,
                             .notify = count_events,
                             .context = &events,
                             .every_update = events > 0};
  nadir_expr *expr;
  *result = NULL;
  ok(nadir_expr_new(&expr, formula, &error));
  nadir_status status = nadir_minimize(expr, settings, &listener, result, &error);
  nadir_expr_free(expr);
  nadir_settings_free(settings);
  return status;
}

static nadir_result *starts(const char *formula, const char *const *pairs) {
  nadir_result *result;
  ok(try_starts(formula, pairs, 0, &result));
  return result;
}

/* D. M. Himmelblau 1972, Applied nonlinear programming: four minima of 0. */
static void himmelblaus_four(void **state) {
  (void)state;
  static const double at[4][2] = {{3, 2},
                                  {-2.805118086952745, 3.131312518250573},
                                  {-3.779310253377747, -3.283185991286170},
                                  {3.584428340330492, -1.848126526964404}};
  nadir_result *r =
      starts("(x^2 + y - 11)^2 + (x + y^2 - 7)^2", PAIRS("starts", "40", "box", "y=-5:5,x=-5:5"));
  bool seen[4] = {false};
  uint64_t reached = 0;
  assert_int_equal(r->parameter[0].name[0], 'x');
  for (size_t i = 0; i < r->minima; i++) {
    reached += r->minimum[i].reached;
    if (r->minimum[i].point != NADIR_MINIMUM) continue;
    for (size_t k = 0; k < 4; k++)
      seen[k] |= hypot(r->minimum[i].w[0] - at[k][0], r->minimum[i].w[1] - at[k][1]) < 1e-6;
    near(r->minimum[i].loss, 0, 1e-12);
  }
  assert_true(seen[0] && seen[1] && seen[2] && seen[3]);
  assert_int_equal(reached + r->starts_lost, 40);
  assert_int_equal(r->kind, NADIR_MINIMUM);
  nadir_result_free(r);
}

/* Beyond 20 parameters the points are plain random ones; one minimum is one however often it is reached. */
static void one_of_many_parameters(void **state) {
  (void)state;
  char formula[1200] = "1";
  for (int i = 0; i < 22; i++) {
    char term[60];
    snprintf(term, sizeof term, " + %d*(x%d - %d)^2", 1 + i % 3, i, i % 5);
    strcat(formula, term);
  }
  stops = 0;
  nadir_result *r = starts(formula, PAIRS("starts", "6"));
  assert_int_equal(stops, 1); /* it says from where the points are drawn */
  assert_int_equal(r->minima, 1);
  assert_int_equal(r->minimum[0].reached, 6);
  near(r->minimum[0].loss, 1, 1e-12);
  for (size_t i = 0; i < r->size; i++)
    near(r->parameter[i].value, (double)(i % 5), 1e-6);
  nadir_result_free(r);
}

static void starts_that_are_lost(void **state) {
  (void)state;
  nadir_result *r = starts("x - log(x)", PAIRS("starts", "20", "box", "x=-2:2"));
  assert_true(r->starts_lost >= 8 && r->starts_lost <= 12); /* half of the box has no logarithm */
  near(parameter(r, "x"), 1, 1e-7);
  nadir_result_free(r);
  /* those with x < 0 fall without limit */
  r = starts("if(x < 0, -x^4, (x-1)^2)", PAIRS("starts", "8", "box", "x=-3:3"));
  near(r->minimum[0].loss, 0, 1e-12);
  nadir_result_free(r);
}

static void boxes_that_are_none(void **state) {
  (void)state;
  static const struct {
    const char *box, *why;
  } list[] = {{"z=0:1", "there is no parameter 'z'"},
              {"x=0:inf", "'x' needs two finite ends"},
              {"x=-inf:0", "'x' needs two finite ends"},
              {"x=0:1,y=0:1", "there is no parameter 'y'"}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    nadir_result *r;
    assert_int_equal(try_starts("x^2", PAIRS("starts", "3", "box", list[i].box), 0, &r),
                     NADIR_BAD_SETTING);
    if (!strstr(error.message, list[i].why)) fail_msg("%s: %s", list[i].box, error.message);
    assert_null(r);
  }
  nadir_result *r;
  assert_int_equal(try_starts("log(x)", PAIRS("starts", "3", "box", "x=-2:-1"), 0, &r),
                   NADIR_BAD_SETTING);
  assert_non_null(strstr(error.message, "no descent came to rest in the box"));
}

/* Ended in the second descent: what was reached is the start of the last. */
static void ended_within(void **state) {
  (void)state;
  nadir_result *r;
  ok(try_starts("(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
                PAIRS("starts", "100000", "box", "x=-5:5,y=-5:5", "method", "gd"), 200, &r));
  assert_int_equal(r->ended, NADIR_INTERRUPTED);
  assert_true(r->minima >= 1 && r->minima < 100);
  assert_true(isfinite(r->loss));
  nadir_result_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(himmelblaus_four),     cmocka_unit_test(one_of_many_parameters),
      cmocka_unit_test(starts_that_are_lost), cmocka_unit_test(boxes_that_are_none),
      cmocka_unit_test(ended_within),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
