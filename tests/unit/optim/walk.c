/* Walks the list of all rules: what each must say of itself, and that each, left at its defaults
 * (its rate or that of the curvature, its schedule), comes to rest at the minimum of every small
 * convex problem to 5 digits within 10,000 updates. */
#include "problems.h"

static void every_rule_describes_itself(void **state) {
  (void)state;
  const nadir_optimizer *rule, *last = NULL;
  size_t count = 0;
  for (; (rule = nd_optimizer_at(count)); count++) {
    assert_true(rule->name && rule->summary && rule->source && rule->schedule);
    if (last) assert_true(strcmp(last->name, rule->name) < 0);
    assert_true((rule->step != NULL) != (rule->advance != NULL));
    assert_true(rule->rate >= 0);
    nd_schedule schedule;
    assert_int_equal(nd_schedule_init(&schedule, rule->schedule, NAN, NAN, NAN, NAN, NULL),
                     NADIR_OK);
    for (size_t k = 0; k < rule->setting_count; k++) {
      const nadir_rule_setting *setting = &rule->settings[k];
      assert_true(setting->name && setting->help);
      assert_true(setting->low <= setting->initial && setting->initial <= setting->high);
    }
    last = rule;
  }
  assert_true(count >= 18);
  assert_null(nd_optimizer_at(SIZE_MAX));
}

static void every_part_is_played(void **state) {
  (void)state;
  static const char *const parts[] = {
#define ND_ROLE(id, part, rule) [ND_FOR_##id] = part,
#include "optim/roles.def"
#undef ND_ROLE
  };
  for (size_t i = 0; i < ND_COUNT(parts); i++) {
    const nadir_optimizer *rule = nd_optimizer_for((nd_role)i);
    assert_true(rule && rule->name);
    assert_ptr_equal(nd_optimizer_for_part(parts[i], strlen(parts[i])), rule);
  }
  assert_null(nd_optimizer_for_part("fewer", 5));
  assert_null(nd_optimizer_for_part("few", 2));
  static const nd_role finishing[] = {ND_FOR_SQUARES, ND_FOR_FEW, ND_FOR_MANY};
  for (size_t i = 0; i < ND_COUNT(finishing); i++)
    assert_true(nd_optimizer_for(finishing[i])->traits & NADIR_FINISHES);
}

typedef struct rest {
  double error; /* of the worst parameter over the 1,000 last updates, relative */
  uint64_t evaluations;
} rest;

static double worst_error(const small_problem *problem, const double *w) {
  double worst = 0;
  for (size_t i = 0; i < problem->size; i++) {
    double error = fabs(w[i] - problem->minimum[i]) / fabs(problem->minimum[i]);
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

static rest run_by_defaults(const nadir_optimizer *rule, const small_problem *problem) {
  nd_method *method = method_of(rule, problem->size);
  nadir_problem whole = whole_problem(problem);
  nd_schedule schedule;
  assert_int_equal(nd_schedule_init(&schedule, rule->schedule, NAN, NAN, NAN, NAN, NULL), NADIR_OK);
  double rate = nd_auto_rate(rule, NULL, problem->curvature), w[MOST] = {0}, gradient[MOST];
  rest result = {0};
  for (uint64_t t = 0; t < 10000; t++) {
    double loss = problem->at(w, gradient, NULL);
    nd_schedule_observe(&schedule, loss);
    advance(method, rate * nd_schedule_multiplier(&schedule, t, t), loss, gradient, &whole, w);
    double error = worst_error(problem, w);
    if (t >= 9000 && !(error <= result.error)) result.error = error;
  }
  result.evaluations = nd_method_evaluations(method);
  nd_method_free(method);
  return result;
}

static void every_rule_comes_to_rest_at_every_minimum(void **state) {
  (void)state;
  const nadir_optimizer *rule;
  size_t failures = 0;
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++)
    for (size_t p = 0; p < ND_COUNT(small_problems) && !(rule->traits & NADIR_SQUARES); p++) {
      rest result = run_by_defaults(rule, &small_problems[p]);
      if (!(result.error <= 5e-6)) {
        print_error("%s, %s: relative error %g\n", rule->name, small_problems[p].name,
                    result.error);
        failures++;
      }
      /* only a method looks at points of its own, and svrg with batches alone */
      assert_true(result.evaluations == 0 ||
                  (rule->advance && !(rule->traits & NADIR_VARIANCE_REDUCED)));
    }
  assert_int_equal(failures, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_rule_describes_itself),
      cmocka_unit_test(every_part_is_played),
      cmocka_unit_test(every_rule_comes_to_rest_at_every_minimum),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
