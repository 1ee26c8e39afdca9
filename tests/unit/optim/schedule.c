/* Schedules against their formulas at hand-worked points. */
#include "problems.h"

static nd_schedule make(const char *name, double every, double factor, double length,
                        double floor_at) {
  nd_schedule schedule;
  nadir_error error = {0};
  if (nd_schedule_init(&schedule, name, every, factor, length, floor_at, &error) != NADIR_OK)
    fail_msg("%s", error.message);
  return schedule;
}

static void near(double got, double expected) {
  if (!(fabs(got - expected) <= 4e-16 * (1 + fabs(expected))))
    fail_msg("%.17g, not %.17g", got, expected);
}

static void at(nd_schedule schedule, uint64_t update, uint64_t epoch, double expected) {
  near(nd_schedule_multiplier(&schedule, update, epoch), expected);
}

static void every_schedule_starts_by_its_defaults(void **state) {
  (void)state;
  const char *names[] = {"constant", "inverse-sqrt", "inverse-time", "step",   "exponential",
                         "cosine",   "warm-up",      "one-cycle",    "plateau"};
  for (size_t i = 0; i < ND_COUNT(names); i++) {
    const nadir_schedule *info = nd_schedule_at(i);
    assert_string_equal(info->name, names[i]);
    assert_true(info->formula[0] && info->help[0]);
    nd_schedule schedule = make(info->name, NAN, NAN, NAN, NAN);
    for (uint64_t t = 0; t < 5000; t += 7) {
      double multiplier = nd_schedule_multiplier(&schedule, t, t / 10);
      assert_true(multiplier >= 0 && multiplier <= 1);
    }
    double far = nd_schedule_multiplier(&schedule, UINT64_MAX, UINT64_MAX);
    assert_true(far >= 0 && far <= 1);
  }
  assert_null(nd_schedule_at(ND_COUNT(names)));
}

static void formulas(void **state) {
  (void)state;
  at(make("constant", NAN, NAN, NAN, NAN), 1000, 10, 1);
  at(make("inverse-sqrt", NAN, NAN, NAN, NAN), 0, 0, 1);
  at(make("inverse-sqrt", NAN, NAN, NAN, NAN), 3, 0, 0.5);
  at(make("inverse-sqrt", NAN, NAN, NAN, NAN), 99, 50, 0.1);
  at(make("inverse-time", NAN, 0.5, NAN, NAN), 6, 0, 0.25);
  at(make("inverse-time", NAN, NAN, NAN, NAN), 100, 0, 0.5);
  at(make("step", 3, 0.1, NAN, NAN), 1000, 2, 1);
  at(make("step", 3, 0.1, NAN, NAN), 1000, 3, 0.1);
  at(make("step", NAN, NAN, NAN, NAN), 0, 25, 0.25);
  at(make("exponential", NAN, 0.5, NAN, NAN), 1000, 4, 0.0625);
  at(make("cosine", NAN, NAN, 100, NAN), 0, 0, 1);
  at(make("cosine", NAN, NAN, 100, 0.2), 50, 0, 0.6);
  at(make("cosine", NAN, NAN, 100, 0.2), 100, 0, 0.2);
  at(make("cosine", NAN, NAN, 100, 0.2), 5000, 0, 0.2);
  at(make("cosine", NAN, NAN, 90, 0), 30, 0, 0.75);
  at(make("warm-up", NAN, NAN, 4, NAN), 0, 0, 0.25);
  at(make("warm-up", NAN, NAN, 4, NAN), 3, 0, 1);
  at(make("warm-up", NAN, NAN, 4, NAN), 4000, 0, 1);
  at(make("one-cycle", NAN, NAN, 100, 0.01), 0, 0, 0.04);
  at(make("one-cycle", NAN, NAN, 100, 0.01), 15, 0, 0.52);
  at(make("one-cycle", NAN, NAN, 100, 0.01), 30, 0, 1);
  at(make("one-cycle", NAN, NAN, 100, 0.01), 65, 0, 0.505);
  at(make("one-cycle", NAN, NAN, 100, 0.01), 100, 0, 0.01);
}

static void plateau_drops_after_its_patience(void **state) {
  (void)state;
  nd_schedule s = make("plateau", 3, 0.5, NAN, 0.2);
  const double losses[] = {5,    4,   4,       4.5, 4,    /* three without a new low */
                           3.9,  3.8, 3.9,     3.9, 3.95, /* and again: 0.25 */
                           3.95, NAN, INFINITY /* and to the floor */};
  const double levels[] = {1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2};
  for (size_t i = 0; i < ND_COUNT(losses); i++) {
    nd_schedule_observe(&s, losses[i]);
    at(s, i, i, levels[i]);
  }
}

/* After a drop a higher loss than an old low counts as progress, if it falls. */
static void plateau_forgets_a_low_met_in_passing(void **state) {
  (void)state;
  nd_schedule s = make("plateau", 2, 0.5, NAN, 0);
  const double losses[] = {1, 50, 40};
  for (size_t i = 0; i < ND_COUNT(losses); i++)
    nd_schedule_observe(&s, losses[i]);
  at(s, 0, 0, 0.5);
  for (double loss = 39; loss > 2; loss -= 1)
    nd_schedule_observe(&s, loss);
  at(s, 0, 0, 0.5);
}

static void patience_goes_by_updates(void **state) {
  (void)state;
  nd_schedule s = make("plateau", NAN, NAN, NAN, NAN);
  near(nd_plateau_patience(1), s.every);
  near(nd_plateau_patience(0), s.every);
  near(nd_plateau_patience(3), 17);
  near(nd_plateau_patience(1000000), 5);
}

static void only_plateau_observes(void **state) {
  (void)state;
  const nadir_schedule *info;
  for (size_t i = 0; (info = nd_schedule_at(i)); i++) {
    nd_schedule s = make(info->name, NAN, NAN, NAN, NAN);
    double before = nd_schedule_multiplier(&s, 5, 5);
    for (int k = 0; k < 1000; k++)
      nd_schedule_observe(&s, 1);
    assert_int_equal(nd_schedule_multiplier(&s, 5, 5) == before,
                     strcmp(info->name, "plateau") != 0);
  }
}

static void refuse(const char *name, double every, double factor, double length, double floor_at,
                   const char *word) {
  nd_schedule schedule;
  nadir_error error = {0};
  assert_int_equal(nd_schedule_init(&schedule, name, every, factor, length, floor_at, &error),
                   NADIR_BAD_SETTING);
  if (!strstr(error.message, word)) fail_msg("%s", error.message);
}

static void wrong_numbers_are_named(void **state) {
  (void)state;
  refuse("platau", NAN, NAN, NAN, NAN, "plateau");
  refuse("", NAN, NAN, NAN, NAN, "schedule");
  refuse("step", 0, NAN, NAN, NAN, "every");
  refuse("step", NAN, 1.5, NAN, NAN, "factor");
  refuse("exponential", NAN, -1, NAN, NAN, "factor");
  refuse("inverse-time", NAN, -0.1, NAN, NAN, "factor");
  refuse("cosine", NAN, NAN, 0, NAN, "length");
  refuse("one-cycle", NAN, NAN, INFINITY, NAN, "length");
  refuse("plateau", NAN, NAN, NAN, 2, "floor");
  make("constant", -1, -1, -1, -1); /* numbers that a schedule does not use are not looked at */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_schedule_starts_by_its_defaults),
      cmocka_unit_test(formulas),
      cmocka_unit_test(plateau_drops_after_its_patience),
      cmocka_unit_test(plateau_forgets_a_low_met_in_passing),
      cmocka_unit_test(patience_goes_by_updates),
      cmocka_unit_test(only_plateau_observes),
      cmocka_unit_test(wrong_numbers_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
