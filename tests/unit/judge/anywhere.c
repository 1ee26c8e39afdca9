/* Runs of random formulas by random rules, ended after a few updates wherever they are: whatever the formula, with
 * kinks, jumps, edges and plateaus, no point is called a minimum that has lower points close by. */
#include "../theory/support.h"
#include "judge/judge.h"

enum { RUNS = 1200 };

typedef struct run_of {
  nadir_settings *settings;
  nadir_expr *formula;
  nd_objective *objective;
  nd_run run;
  nd_teller teller;
} run_of;

static void set(run_of *r, const char *name, const char *value) {
  nadir_error error = {0};
  if (nd_settings_set(r->settings, name, value, &error) != NADIR_OK) fail_msg("%s", error.message);
}

static bool begin(run_of *r, const char *formula, nd_random *random) {
  static const char *const updates[] = {"0", "1", "3", "30", "300"};
  static const char *const l1[] = {"0", "0", "0", "0.1"};
  nadir_error error = {0};
  const nadir_optimizer *rule;
  size_t rules = 0;
  *r = (run_of){0};
  while (nd_optimizer_at(rules))
    rules++;
  assert_int_equal(nd_settings_new(&r->settings, &error), NADIR_OK);
  set(r, "updates", updates[nd_random_below(random, ND_COUNT(updates))]);
  set(r, "seconds", "2");
  const char *penalty = l1[nd_random_below(random, ND_COUNT(l1))];
  rule = nd_optimizer_at(nd_random_below(random, rules));
  if (*penalty == '0' && nd_random_below(random, 2) == 0) set(r, "method", rule->name);
  if (penalty[1]) set(r, "l1", penalty);
  if (nd_formula_new(&r->formula, formula, &error) != NADIR_OK) return false;
  return nd_objective_of_formula(&r->objective, r->formula, r->settings, &error) == NADIR_OK;
}

static void end(run_of *r) {
  nd_run_clear(&r->run);
  nd_teller_free(&r->teller);
  nd_objective_free(r->objective);
  nd_formula_free(r->formula);
  nd_settings_free(r->settings);
}

static double value_at(const run_of *r, const double *w) {
  const nadir_problem *problem = &r->objective->problem;
  nadir_error error = {0};
  double loss;
  if (problem->value(problem->context, w, &loss, &error) != NADIR_OK) return (double)NAN;
  return loss + nd_l1_penalty(r->objective, w);
}

/* How much lower it is close by than rounding explains: where values differ by rounding alone, some of them
 * do so for a step of an ulp. */
static double fall_nearby(const run_of *r, nd_random *random) {
  size_t n = r->objective->problem.size;
  double here = value_at(r, r->run.w), noise = 1e-12 * (1 + fabs(here)), most = 0, at[MOST];
  for (double radius = 1e-6; radius < 2e-3; radius *= 10)
    for (int k = 0; k < 40; k++) {
      for (size_t i = 0; i < n; i++)
        at[i] = r->run.w[i] + radius * (0.01 + fabs(r->run.w[i])) * nd_random_normal(random);
      double there = value_at(r, at);
      if (here - there > noise) most = fmax(most, here - there);
    }
  return most;
}

static void no_false_minimum(void **state) {
  (void)state;
  const char *wanted = getenv("NADIR_RANDOM");
  uint64_t many = wanted ? strtoull(wanted, NULL, 10) : RUNS;
  size_t minima = 0, judged = 0;
  for (uint64_t i = 0; i < many; i++) {
    nd_random random = nd_random_stream(31, ND_FOR_TEST, 0, i);
    nadir_error error = {0};
    nd_text formula = {0};
    run_of r;
    double start[MOST];
    size_t count = 1 + (size_t)nd_random_below(&random, 3);
    write_formula(&(writer){&random, &formula, count}, 1 + (int)nd_random_below(&random, 3));
    bool good = begin(&r, nd_text_data(&formula), &random) && r.objective->problem.size <= MOST;
    for (size_t k = 0; good && k < r.objective->problem.size; k++)
      start[k] = nd_random_below(&random, 3) ? nd_random_normal(&random)
                                             : (double)nd_random_below(&random, 3) - 1;
    good = good && r.objective->problem.size > 0 &&
           nd_descend(r.objective, r.settings, start, &r.teller, &r.run, &error) == NADIR_OK;
    nd_diagnosis diagnosis;
    if (good && nd_diagnose(r.objective, &r.run, NULL, &diagnosis, &error) == NADIR_OK) {
      bool minimum = nd_reason_about(diagnosis.reason)->point == NADIR_MINIMUM;
      double fall = minimum ? fall_nearby(&r, &random) : 0;
      judged++;
      minima += minimum;
      /* what is left of the way at a minimum is a millionth of it */
      if (fall > 1e-9 * (1 + fabs(r.run.loss) + fabs(r.run.first_loss)))
        fail_msg("%s by %s (%lu): a false minimum (%d): %g lower close by", nd_text_data(&formula),
                 r.run.method.optimizer->name, (unsigned long)i, (int)diagnosis.reason, fall);
      nd_diagnosis_clear(&diagnosis);
    }
    end(&r);
    nd_text_free(&formula);
  }
  print_message("%zu minima of %zu ends\n", minima, judged);
  assert_true(judged * 2 > many && minima * 20 > judged);
}

/* Points that a penalty holds, or does not: the loss is the formula's and 0.1 |w| of each parameter. */
static void penalties(void **state) {
  (void)state;
  static const struct {
    const char *formula;
    double x, y;
    bool minimum;
    nadir_reason reason;
  } list[] = {
      {"x^2 - 0.05*x", 0, 0, true, NADIR_REASON_SPARSE},
      {"x^2 - 3*x", 0, 0, false, NADIR_REASON_RUN_ON},
      {"-abs(x)", 0, 0, false, NADIR_REASON_KINK}, /* falls by 0.9 |x| */
      {"floor(x)", 0, 0, false, NADIR_REASON_JUMP},
      {"sign(x)", -1, 0, false, NADIR_REASON_SLOPES}, /* the least value, but not of the sum */
      {"(x-1)^2 + x*y", 0.95, 0, false, NADIR_REASON_RUN_ON}, /* y leaves 0 */
      {"(x-1)^2 + y^2", 0.95, 0, true, NADIR_REASON_AT_ROUNDING},
      {"(x-1)^2", 0.9, 0, false, NADIR_REASON_RUN_ON},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    nadir_error error = {0};
    nd_diagnosis d;
    run_of r = {0};
    assert_int_equal(nd_settings_new(&r.settings, &error), NADIR_OK);
    set(&r, "updates", "0");
    set(&r, "l1", "0.1");
    assert_int_equal(nd_formula_new(&r.formula, list[i].formula, &error), NADIR_OK);
    assert_int_equal(nd_objective_of_formula(&r.objective, r.formula, r.settings, &error),
                     NADIR_OK);
    assert_int_equal(nd_descend(r.objective, r.settings, (double[]){list[i].x, list[i].y},
                                &r.teller, &r.run, &error),
                     NADIR_OK);
    assert_int_equal(nd_diagnose(r.objective, &r.run, NULL, &d, &error), NADIR_OK);
    if (d.reason != list[i].reason ||
        (nd_reason_about(d.reason)->point == NADIR_MINIMUM) != list[i].minimum)
      fail_msg("%s: %d, not %d", list[i].formula, (int)d.reason, (int)list[i].reason);
    nd_diagnosis_clear(&d);
    end(&r);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(no_false_minimum),
                                     cmocka_unit_test(penalties)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
