/* What a run came to, in words: each topic of results that are made for it, the plan and the events of a run, classes
 * and expansions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nadir/step.h"
#include "optim/optim.h"
#include "tell/tell.h"

static char a_name[] = "a", b_name[] = "b", c_name[] = "c", d_name[] = "d", e_name[] = "e",
            f_name[] = "f", g_name[] = "g";
static nadir_parameter parameters[] = {{.name = a_name, .value = -2},
                                       {.name = b_name, .value = 3},
                                       {.name = c_name},
                                       {.name = d_name},
                                       {.name = e_name},
                                       {.name = f_name},
                                       {.name = g_name}};

static void says(const nadir_result *result, nadir_topic topic, const char *expected) {
  char *text;
  assert_int_equal(nadir_result_text(result, topic, &text, NULL), NADIR_OK);
  assert_string_equal(text, expected);
  nadir_text_free(text);
}

static void stops(void **state) {
  (void)state;
  nadir_result r = {.stop = NADIR_STOP_LOSS,
                    .tol_loss = 1e-9,
                    .patience = 10,
                    .stable_rate = NAN,
                    .parameter = parameters};
  says(&r, NADIR_ON_STOP, "the loss falls no further: less than 1e-9 of it in 10 observations");
  r = (nadir_result){.stop = NADIR_STOP_DIVERGED, .stop_update = 3, .stable_rate = NAN};
  says(&r, NADIR_ON_STOP,
       "diverged at update 3: the loss grew beyond all bounds; choose a smaller rate; the "
       "parameters are the best before it");
  r.stable_rate = 0.25;
  says(&r, NADIR_ON_STOP,
       "diverged at update 3: the loss grew beyond all bounds; the largest stable rate near the "
       "minimum is about 0.25; "
       "the parameters are the best before it");
  r = (nadir_result){.stop = NADIR_STOP_ROSE, .updates = 1, .stable_rate = 0.5};
  says(&r, NADIR_ON_STOP,
       "diverged: the loss rose at each of 1 update; the largest stable rate near the minimum is "
       "about 0.5; the "
       "parameters are the best before it");
}

static void directions(void **state) {
  (void)state;
  double direction[] = {-1, 0, 0.5, 2, -0.25, 1, 3};
  nadir_result r = {.reason = NADIR_REASON_FLAT,
                    .size = 7,
                    .parameter = parameters,
                    .directions = 1,
                    .direction = direction};
  char *text;
  assert_int_equal(nadir_result_text(&r, NADIR_ON_POINT, &text, NULL), NADIR_OK);
  assert_memory_equal(text, "the loss is flat along -a + 0.5 c + 2 d - 0.25 e + f + 3 g", 57);
  nadir_text_free(text);
  double seven[] = {1, 1, 1, 1, 1, 1, 1}, none[7] = {0};
  r.direction = seven;
  assert_int_equal(nadir_result_text(&r, NADIR_ON_POINT, &text, NULL), NADIR_OK);
  assert_non_null(strstr(text, "along a + b + c + d + e + f + ..."));
  nadir_text_free(text);
  r.direction = none;
  assert_int_equal(nadir_result_text(&r, NADIR_ON_POINT, &text, NULL), NADIR_OK);
  assert_non_null(strstr(text, "along some direction"));
  nadir_text_free(text);
  r.direction = NULL;
  assert_int_equal(nadir_result_text(&r, NADIR_ON_POINT, &text, NULL), NADIR_OK);
  assert_non_null(strstr(text, "along some direction"));
  nadir_text_free(text);
}

static void expect_cause(const nadir_result *r, nadir_cause cause, const char *expected) {
  nd_text out = {0};
  nd_tell_cause(r, cause, &out);
  assert_string_equal(nd_text_data(&out), expected);
  nd_text_free(&out);
}

static void causes(void **state) {
  (void)state;
  int one[] = {0, 1, 0}, two[] = {1, 1, 0}, three[] = {1, 1, 1};
  nadir_result r = {.size = 3, .parameter = parameters, .idle = one};
  expect_cause(&r, NADIR_CAUSE_IDLE,
               "b does not affect the loss here: start where the model meets the data");
  r.idle = two;
  expect_cause(&r, NADIR_CAUSE_IDLE,
               "a and b do not affect the loss here: start where the model meets the data");
  r.idle = three;
  expect_cause(&r, NADIR_CAUSE_IDLE,
               "a, b and c do not affect the loss here: start where the model meets the data");
  r.wrong_parameter = 1;
  r.gradient_given = 2.5;
  r.gradient_by_values = -1;
  expect_cause(
      &r, NADIR_CAUSE_GRADIENT,
      "by b the function gives the gradient 2.5, where its values say -1: check its derivative");
}

static void slopes(void **state) {
  (void)state;
  nadir_result r = {.size = 2,
                    .parameter = parameters,
                    .line_target = "v",
                    .line_feature = "d",
                    .line_unit = "",
                    .target_unit = ""};
  says(&r, NADIR_ON_SLOPE, "v grows by 3 for each unit of d");
  r.size = 1;
  r.line_unit = "Mpc";
  r.target_unit = "km/s";
  says(&r, NADIR_ON_SLOPE, "v falls by 2 km/s for each Mpc of d");
  nadir_parameter lost = {.name = a_name, .value = NAN};
  r.parameter = &lost;
  says(&r, NADIR_ON_SLOPE, "");
  r.line_target = NULL;
  says(&r, NADIR_ON_SLOPE, "");
}

static void names(void **state) {
  (void)state;
  for (int i = 1; i <= NADIR_LAST_STOP; i++)
    assert_true(strlen(nadir_stop_name((nadir_stop)i)) > 0);
  assert_string_equal(nadir_measure_name(NADIR_R2), "r2");
  assert_null(nadir_measure_name((nadir_measure)99));
}

/* ---- events ---- */

static void event(const nadir_event *event, const char *expected) {
  char *text;
  assert_int_equal(nadir_event_text(event, &text, NULL), NADIR_OK);
  assert_string_equal(text, expected);
  nadir_text_free(text);
}

static void events(void **state) {
  (void)state;
  const char *const columns[] = {"x", "y"}, *const names[] = {"a", "b"};
  const nadir_warning warning = {.kind = NADIR_WARN_NO_CHECKSUM, .path = "m.json"};
  nadir_plan plan = {.size = 2, .parameter = names, .columns = 2, .column = columns};
  char *said, expected[512];
  assert_int_equal(nadir_warning_text(&warning, &said, NULL), NADIR_OK);
  snprintf(expected, sizeof expected, "%s\n", said);
  nadir_text_free(said);
  event(&(nadir_event){.kind = NADIR_WARNING, .warning = &warning}, expected);
  event(&(nadir_event){.kind = NADIR_NAMES, .plan = &plan}, "columns: x, y; parameters: a, b\n");
  plan.columns = 0;
  event(&(nadir_event){.kind = NADIR_NAMES, .plan = &plan}, "parameters: a, b\n");
  event(
      &(nadir_event){.kind = NADIR_STARTS, .reach = 10},
      "starts: in the box from -10 to 10 for each parameter: set box to choose a different one\n");
  event(
      &(nadir_event){
          .kind = NADIR_LOWERED, .rate = 0.125, .update = 7, .schedule_why = NADIR_SCHEDULE_GIVEN},
      "rate: lowered to 0.125 at update 7, since the loss rose\n");
  event(
      &(nadir_event){
          .kind = NADIR_LOWERED, .rate = 0.125, .update = 7, .schedule_why = NADIR_SCHEDULE_KINK},
      "rate: lowered to 0.125 at update 7, since the loss has a kink; the schedule is now "
      "plateau\n");
  event(&(nadir_event){.kind = NADIR_UPDATE}, "");
  event(&(nadir_event){.kind = NADIR_PROGRESS}, "");
}

static void plans(void **state) {
  (void)state;
  nadir_plan plan = {.method = nd_optimizer_at(0),
                     .schedule = "constant",
                     .rate = 0.5,
                     .curvature = NAN,
                     .scaled = 1};
  double values[16] = {0.5};
  plan.method_values = values;
  nadir_event planned = {.kind = NADIR_PLANNED, .plan = &plan};
  for (int why = 0; why <= NADIR_METHOD_PROXIMAL; why++) {
    char *text;
    plan.method_why = (nadir_method_why)why;
    assert_int_equal(nadir_event_text(&planned, &text, NULL), NADIR_OK);
    assert_memory_equal(
        text, "coordinates: scaled, the size of each parameter is sqrt(L0/|H|)\nmethod: ", 72);
    assert_non_null(strstr(text, nd_method_why_words(plan.method_why)));
    assert_non_null(strstr(text, "\nschedule: constant, "));
    nadir_text_free(text);
  }
}

static void classes(void **state) {
  (void)state;
  static const char *const many[] = {"a", "b", "c", "d", "e", "f", "g",
                                     "h", "i", "j", "k", "l", "m"};
  char *text;
  nadir_classes c = {.count = 13, .name = many, .target = "k"};
  assert_int_equal(nadir_classes_text(&c, &text, NULL), NADIR_OK);
  assert_string_equal(
      text,
      "13, in this order: a, b, c, d, e, f, g, h, i, j, k, l, ...; only differences between their "
      "parameters count");
  nadir_text_free(text);
  c = (nadir_classes){.count = 2, .name = many, .one = "b", .other = -1, .target = "k"};
  assert_int_equal(nadir_classes_text(&c, &text, NULL), NADIR_OK);
  assert_string_equal(text, "b counts as 1, a as -1");
  nadir_text_free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(stops),  cmocka_unit_test(directions),
                                     cmocka_unit_test(causes), cmocka_unit_test(slopes),
                                     cmocka_unit_test(names),  cmocka_unit_test(events),
                                     cmocka_unit_test(plans),  cmocka_unit_test(classes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
