/* What is said of curvatures and clouds that are written here by hand, field by field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "tell/tell.h"

static char formula[] = "y ~ a*x", a_name[] = "a";
static const double nan_ = (double)NAN;

static void tells(const nadir_curvature *c, nadir_format format, const char *part) {
  nadir_error error;
  char *text;
  assert_int_equal(nadir_curvature_text(c, format, &text, &error), NADIR_OK);
  if (!strstr(text, part)) fail_msg("no \"%s\" in:\n%s", part, text);
  nadir_text_free(text);
}

static void tells_not(const nadir_curvature *c, nadir_format format, const char *part) {
  nadir_error error;
  char *text;
  assert_int_equal(nadir_curvature_text(c, format, &text, &error), NADIR_OK);
  if (strstr(text, part)) fail_msg("\"%s\" in:\n%s", part, text);
  nadir_text_free(text);
}

static void of_a_box_all_is_proved(void **state) {
  (void)state;
  nadir_curvature c = {.formula = formula,
                       .way = NADIR_ON_BOX,
                       .largest = {1.5, 2, 1, 2, nan_},
                       .smallest = {-1, 0.25, 1, -1, nan_},
                       .safe = 0.5,
                       .limit = 1,
                       .condition = nan_,
                       .boxes = 3};
  tells(&c, NADIR_PEOPLE,
        "y ~ a*x\ncurvature   largest in [1.5, 2], smallest in [-1, 0.25] (proved, 3 boxes)\n"
        "rate        up to 0.5 each step in the box decreases as promised (1/M)\n"
        "            up to 1 it decreases at all, and gd is stable (2/M)\n");
  tells(&c, NADIR_JSON, "\"condition\": null");
  c.safe = c.limit = nan_;
  tells(&c, NADIR_PEOPLE, "no direction curves upwards anywhere in the box");
  c.largest.high = HUGE_VAL;
  tells(&c, NADIR_PEOPLE, "rate        not known: ");
  tells(&c, NADIR_JSON, "\"rate_safe\": null");
}

static nadir_curvature of_fit(nadir_curvature_way way) {
  return (nadir_curvature){.formula = formula,
                           .way = way,
                           .largest = {4, 5, 0, 6, 0.125},
                           .smallest = {0, 0.5, 1, 0, 0.25},
                           .safe = 0.2,
                           .limit = 0.4,
                           .steps = 7,
                           .condition = 8,
                           .condition_raw = 9,
                           .condition_is = NADIR_AT_LEAST,
                           .recommended = NADIR_RECOMMENDS_FLAT};
}

static void a_bound_says_how_it_is_known(void **state) {
  (void)state;
  nadir_curvature c = of_fit(NADIR_BY_LANCZOS);
  tells(
      &c, NADIR_PEOPLE,
      "            largest at least 4, an eigenvalue within 0.13; below 5 (except for a chance of "
      "1e-9)\n"
      "            largest below 6 (proved, by the trace)\n"
      "            smallest at most 0.5, an eigenvalue within 0.25; not below 0 (proved)\n"
      "condition   at least 9 without feature scaling, at least 8 as descended\n"
      "rate        safe up to 0.2 (1/M), stable for gd up to 0.4 (2/M)\n"
      "recommended backtracking, since the loss is flat along some direction here\n");
  tells(&c, NADIR_JSON, "\"proved\": false");
  tells(&c, NADIR_JSON, "\"condition_way\": \"at least\"");
  tells(&c, NADIR_JSON, "\"updates_needed\": null");
  c.largest.proved_bound = nan_;
  tells_not(&c, NADIR_PEOPLE, "by the trace");
}

static void a_count_of_updates_says_how_well_it_is_known(void **state) {
  (void)state;
  static const nadir_optimizer rule[] = {{.name = "one"},  {.name = "two"},  {.name = "three"},
                                         {.name = "four"}, {.name = "five"}, {.name = "six"}};
  nadir_needed needed[] = {{&rule[0], NADIR_NOT_PREDICTED, 0},   {&rule[1], NADIR_NO_MINIMUM, 0},
                           {&rule[2], NADIR_SIMULATED, 30},      {&rule[3], NADIR_MODELLED, 40},
                           {&rule[4], NADIR_MORE_THAN, 1000000}, {&rule[5], NADIR_MORE_THAN, 999}};
  nadir_along along[] = {{a_name, -2, 4, 0.5, 3}};
  nadir_curvature c = of_fit(NADIR_AT_START);
  c.recommended = NADIR_RECOMMENDS_GD;
  c.tolerance = 1e-6;
  c.methods = ND_COUNT(needed);
  c.needed = needed;
  c.size = 1;
  c.along = along;
  c.adagrad_updates = 100;
  tells_not(&c, NADIR_PEOPLE, "  one ");
  tells(&c, NADIR_PEOPLE,
        "  two              not known\n"
        "  three            30\n"
        "  four             about 40\n"
        "  five             more than a million\n"
        "  six              more than 999\n");
  tells(&c, NADIR_JSON, "\"six\": \"more than 999\"");
  tells(&c, NADIR_JSON, "\"six\": null");
  tells(&c, NADIR_JSON, "\"four\": 40");
  tells(&c, NADIR_PEOPLE,
        "  a                               2            4          0.5            3\n");
  along[0].second = along[0].best_step = nan_;
  tells(&c, NADIR_PEOPLE,
        "  a                               2            -            -            3\n"
        "  second derivatives, one pass over the rows each, are left out\n");
}

static void clouds_have_a_row_each(void **state) {
  (void)state;
  nadir_error error;
  double uphill[] = {0.25, nan_};
  nadir_cloud cloud[] = {{.rate = 0.1, .radius = 2, .predicted = 3, .about_minimum = 4}};
  nadir_batch_noise noise = {.formula = formula,
                             .batch = 16,
                             .epochs = 2,
                             .uphill = uphill,
                             .shuffled = {1, cloud, nan_},
                             .drawn = {1, cloud, 0.5}};
  char *text;
  assert_int_equal(nadir_batch_noise_text(&noise, NADIR_PEOPLE, &text, &error), NADIR_OK);
  assert_non_null(strstr(text, "y ~ a*x, batches of 16, in descent coordinates\n"));
  assert_non_null(strstr(text, "     0  0.25\n"));
  assert_non_null(strstr(text, "           0.1              2              3              4\n"));
  nadir_text_free(text);
  assert_int_equal(nadir_batch_noise_text(&noise, NADIR_JSON, &text, &error), NADIR_OK);
  assert_non_null(strstr(text, "\"batch\": \"16\""));
  assert_non_null(strstr(text, "\"exponent\": null"));
  assert_non_null(strstr(text, "\"exponent_drawn\": 0.5"));
  nadir_text_free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(of_a_box_all_is_proved),
      cmocka_unit_test(a_bound_says_how_it_is_known),
      cmocka_unit_test(a_count_of_updates_says_how_well_it_is_known),
      cmocka_unit_test(clouds_have_a_row_each),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
