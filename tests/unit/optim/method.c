/* A rule set up for a run: state, fused stretches, rates of each parameter's own, the proximal
 * step, and what is refused; and the largest stable rates against what a quadratic does. */
#include "problems.h"

#include "base/fault_internal.h"

/* ---- state ---- */

/* 20 updates, or 8, then 12 by another method that was given the state. */
static void resume_keeps_bits(const nadir_optimizer *rule, const small_problem *problem) {
  nadir_problem whole = whole_problem(problem);
  double w[MOST] = {0}, gradient[MOST], halfway[MOST], state[512] = {0}, again[512];
  double rate = nd_auto_rate(rule, NULL, problem->curvature);
  nd_method *one = method_of(rule, problem->size), *other = method_of(rule, problem->size);
  assert_true(nd_method_state_size(one) <= ND_COUNT(state));
  for (int t = 0; t < 20; t++) {
    if (t == 8) {
      nd_method_state_get(one, state);
      memcpy(halfway, w, sizeof w);
    }
    double loss = problem->at(w, gradient, NULL);
    advance(one, rate, loss, gradient, &whole, w);
  }
  nd_method_state_set(other, state);
  assert_int_equal(nd_method_updates(other), 8);
  for (int t = 8; t < 20; t++) {
    double loss = problem->at(halfway, gradient, NULL);
    advance(other, rate, loss, gradient, &whole, halfway);
  }
  if (memcmp(w, halfway, problem->size * sizeof *w) != 0) fail_msg("%s", rule->name);
  nd_method_state_get(one, state);
  nd_method_state_get(other, again);
  if (memcmp(state, again, nd_method_state_size(one) * sizeof *state) != 0) fail_msg("%s", rule->name);
  assert_int_equal(nd_method_updates(one), nd_method_updates(other));
  nd_method_free(one);
  nd_method_free(other);
}

static void every_rule_resumes_to_the_same_bits(void **state) {
  (void)state;
  const nadir_optimizer *rule;
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++)
    for (size_t p = 0; p < ND_COUNT(small_problems) && !(rule->traits & NADIR_SQUARES); p++)
      resume_keeps_bits(rule, &small_problems[p]);
}

static void a_stretch_made_elsewhere_is_skipped(void **state) {
  (void)state;
  nd_method *method = method_of(rule_named("gd"), 2);
  const double step[2] = {0.25, -0.5};
  assert_true(nd_method_is_plain(method));
  nd_method_skip(method, 41, step, (double[]){0.125, 0.125});
  assert_int_equal(nd_method_updates(method), 41);
  assert_true(nd_method_step(method)[0] == 0.25 && nd_method_step(method)[1] == -0.5);
  assert_true(nd_method_effective(method)[0] == 0.125 && nd_method_effective(method)[1] == 0.125);
  double w[2] = {1, 1}, g[2] = {1, 2};
  advance(method, 0.5, NAN, g, NULL, w);
  assert_int_equal(nd_method_updates(method), 42);
  assert_true(w[0] == 0.5 && w[1] == 0);
  nd_method_free(method);
}

static void only_plain_descent_is_plain(void **state) {
  (void)state;
  const nadir_optimizer *rule;
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++) {
    if (rule->traits & NADIR_SQUARES) continue;
    nd_method *method = method_of(rule, 1);
    assert_int_equal(nd_method_is_plain(method), strcmp(rule->name, "gd") == 0);
    nd_method_free(method);
  }
  const double one = 1;
  nd_method_options scaled = {.optimizer = rule_named("gd"), .rate_scale = &one};
  nd_method_options lasso = {.optimizer = rule_named("gd"), .l1 = &one};
  const nd_method_options *both[] = {&scaled, &lasso};
  for (int k = 0; k < 2; k++) {
    nd_method *method;
    assert_int_equal(nd_method_new(&method, 1, both[k], NULL), NADIR_OK);
    assert_false(nd_method_is_plain(method));
    nd_method_free(method);
  }
}

static void each_parameter_has_its_own_rate(void **state) {
  (void)state;
  const double scale[2] = {0.1, 1}, g[2] = {2, 3};
  nd_method_options options = {.optimizer = rule_named("gd"), .rate_scale = scale};
  nd_method *method;
  assert_int_equal(nd_method_new(&method, 2, &options, NULL), NADIR_OK);
  double w[2] = {0, 0};
  advance(method, 0.5, NAN, g, NULL, w);
  assert_true(w[0] == -0.5 * 0.1 * 2 && w[1] == -1.5);
  assert_true(nd_method_effective(method)[0] == 0.05 && nd_method_effective(method)[1] == 0.5);
  nd_method_free(method);
}

static void no_parameters_is_no_crash(void **state) {
  (void)state;
  const nadir_optimizer *rule;
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++) {
    if (rule->traits & NADIR_SQUARES) continue;
    nd_method *method = method_of(rule, 0);
    nadir_problem whole = whole_problem(&small_problems[0]);
    whole.size = 0;
    double none = 0;
    advance(method, 1, 1, &none, &whole, &none);
    nd_method_free(method);
  }
  nd_method_free(NULL);
}

static void what_is_not_finite_stays_seen(void **state) {
  (void)state;
  const nadir_optimizer *rule;
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++) {
    if (rule->traits & NADIR_SQUARES) continue;
    if (rule->advance) continue;
    nd_method *method = method_of(rule, 1);
    double w = 1, g = NAN;
    advance(method, 0.1, NAN, &g, NULL, &w);
    if (!isnan(w)) fail_msg("%s hides a gradient that is NaN", rule->name);
    nd_method_free(method);
  }
}

static void too_large_is_out_of_memory(void **state) {
  (void)state;
  nd_method *method = (nd_method *)1;
  nadir_error error = {0};
  nd_method_options options = {.optimizer = rule_named("adam")};
  assert_int_equal(nd_method_new(&method, SIZE_MAX / 16, &options, &error), NADIR_NO_MEMORY);
  assert_null(method);
  assert_true(error.message[0] != 0);
}

static void a_rule_must_do_something(void **state) {
  (void)state;
  const nadir_optimizer idle = {.bytes = sizeof(nadir_optimizer), .name = "idle"};
  nd_method_options options = {.optimizer = &idle};
  nd_method *method;
  nadir_error error = {0};
  assert_int_equal(nd_method_new(&method, 1, &options, &error), NADIR_BAD_SETTING);
  assert_non_null(strstr(error.message, "idle"));
}

/* A rule of the caller's own, with a setting, a vector and a scalar of state. */
static void count_and_step(const nadir_step *now, double *step, double *effective) {
  now->scalars[0] += now->values[0];
  for (size_t i = 0; i < now->size; i++) {
    now->vectors[0][i] += now->gradient[i];
    step[i] = now->rate[i] * now->vectors[0][i];
    effective[i] = now->rate[i];
  }
}

static void a_rule_of_the_callers(void **state) {
  (void)state;
  const nadir_rule_setting setting = {"weight", 2, 0, 9, "of the count"};
  const nadir_optimizer own = {.bytes = sizeof(nadir_optimizer), .name = "own",
                               .settings = &setting,
                               .setting_count = 1,
                               .vectors = 1,
                               .scalars = 1,
                               .step = count_and_step};
  nd_method *method = method_of(&own, 2);
  double w[2] = {0, 0}, g[2] = {1, -1}, saved[16];
  assert_true(nd_method_state_size(method) <= ND_COUNT(saved));
  advance(method, 0.5, NAN, g, NULL, w);
  advance(method, 0.5, NAN, g, NULL, w);
  assert_true(w[0] == -1.5 && w[1] == 1.5);
  nd_method_state_get(method, saved);
  assert_true(saved[0] == 2 && saved[1] == -2 && saved[2] == 4 && saved[3] == 2);
  nd_method_free(method);
}

#ifdef NADIR_FAULTS
static nadir_status set_up_and_advance(const nadir_optimizer *rule, nadir_error *error) {
  const small_problem *problem = &small_problems[2];
  nadir_problem whole = whole_problem(problem);
  nd_method_options options = {.optimizer = rule};
  nd_method *method;
  nadir_status status = nd_method_new(&method, problem->size, &options, error);
  if (status != NADIR_OK) {
    assert_null(method);
    return status;
  }
  double w[MOST] = {0}, gradient[MOST];
  double loss = problem->at(w, gradient, NULL);
  status = nd_method_advance(method, 0.1, loss, gradient, &whole, w, error);
  if (status != NADIR_OK) assert_true(w[0] == 0 && w[1] == 0);
  nd_method_free(method);
  return status;
}

/* The n-th allocation fails, for every n of a set-up and an update. */
static void every_allocation_may_fail(void **state) {
  (void)state;
  const nadir_optimizer *rule;
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++) {
    if (rule->traits & NADIR_SQUARES) continue;
    nadir_status status = NADIR_NO_MEMORY;
    for (int n = 1; status != NADIR_OK; n++) {
      char what[32];
      nadir_error error = {0};
      snprintf(what, sizeof what, "memory:%d", n);
      assert_true(nd_fault_set(what) && n < 50);
      status = set_up_and_advance(rule, &error);
      assert_true(status == NADIR_OK || (status == NADIR_NO_MEMORY && error.message[0]));
      assert_true(n > 3 || status == NADIR_NO_MEMORY);
    }
  }
  nd_fault_set(NULL);
}
#endif

/* ---- the proximal step ---- */

/* L = 1/2 sum (w_i - z_i)^2 + sum l1_i |w_i|: the minimum is z_i shrunk by l1_i (orthogonal
 * design). */
static void lasso_reaches_its_closed_form(void **state) {
  (void)state;
  const double z[4] = {2, -0.3, 0.4, -1.5}, l1[4] = {0.5, 0.5, 0.25, 0};
  const double expected[4] = {1.5, 0, 0.15, -1.5};
  const nadir_optimizer *rule;
  size_t tried = 0;
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++) {
    if (rule->traits & NADIR_SQUARES) continue;
    if (!(rule->traits & NADIR_PROXIMAL)) continue;
    nd_method_options options = {.optimizer = rule, .l1 = l1};
    nd_method *method;
    assert_int_equal(nd_method_new(&method, 4, &options, NULL), NADIR_OK);
    nd_schedule schedule;
    assert_int_equal(nd_schedule_init(&schedule, rule->schedule, NAN, NAN, NAN, NAN, NULL),
                     NADIR_OK);
    double w[4] = {0}, g[4], rate = nd_auto_rate(rule, NULL, 2);
    for (uint64_t t = 0; t < 10000; t++) {
      double loss = 0;
      for (int k = 0; k < 4; k++)
        g[k] = w[k] - z[k], loss += 0.5 * g[k] * g[k] + l1[k] * fabs(w[k]);
      nd_schedule_observe(&schedule, loss);
      advance(method, rate * nd_schedule_multiplier(&schedule, t, t), loss, g, NULL, w);
    }
    for (int k = 0; k < 4; k++)
      if (!(fabs(w[k] - expected[k]) <= 5e-6)) fail_msg("%s: w[%d] = %.10g", rule->name, k, w[k]);
    assert_true(w[1] == 0); /* exactly */
    nd_method_free(method);
    tried++;
  }
  assert_true(tried >= 3);
}

static void l1_is_refused_where_it_has_no_meaning(void **state) {
  (void)state;
  const double l1[2] = {0, 0.5}, none[2] = {0, 0};
  const nadir_optimizer *rule;
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++) {
    if (rule->traits & NADIR_SQUARES) continue;
    bool able = (rule->traits & (NADIR_PROXIMAL | NADIR_COMPOSITE)) != 0;
    nd_method_options options = {.optimizer = rule, .l1 = l1};
    nd_method *method;
    nadir_error error = {0};
    nadir_status status = nd_method_new(&method, 2, &options, &error);
    assert_int_equal(status, able ? NADIR_OK : NADIR_BAD_SETTING);
    if (!able) {
      assert_null(method);
      assert_non_null(strstr(error.message, rule->name));
      assert_non_null(strstr(error.message, "adagrad, gd, newton, rmsprop"));
    }
    nd_method_free(method);
    options.l1 = none;
    assert_int_equal(nd_method_new(&method, 2, &options, &error), NADIR_OK);
    nd_method_free(method);
  }
}

/* ---- rates ---- */

/* The distance from the minimum of 1/2 M w^2 after many updates at `share` of the stable rate, over
 * that at the start. */
static double growth(const nadir_optimizer *rule, double beta, double curvature, double share) {
  nd_method_options options = {.optimizer = rule, .values = &beta};
  nd_method *method;
  assert_int_equal(nd_method_new(&method, 1, &options, NULL), NADIR_OK);
  double w = 1, rate = share * rule->stable_rate(&beta, curvature);
  for (int t = 0; t < 10000; t++) {
    double g = curvature * w;
    advance(method, rate, NAN, &g, NULL, &w);
    if (fabs(w) > 1e50) break;
  }
  nd_method_free(method);
  return fabs(w);
}

static void stable_rate_divides_rest_from_divergence(void **state) {
  (void)state;
  const double betas[] = {0, 0.5, 0.9}, curvatures[] = {1e-3, 1, 250};
  const nadir_optimizer *rule;
  size_t known = 0;
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++) {
    if (rule->traits & NADIR_SQUARES) continue;
    if (!rule->stable_rate) continue;
    known++;
    for (size_t b = 0; b < ND_COUNT(betas); b++)
      for (size_t c = 0; c < ND_COUNT(curvatures); c++) {
        assert_true(growth(rule, betas[b], curvatures[c], 0.99) < 1e-6);
        assert_true(growth(rule, betas[b], curvatures[c], 1.01) > 1e6);
      }
  }
  assert_int_equal(known, 3);
}

static void auto_rate_comes_from_curvature(void **state) {
  (void)state;
  const char *names[] = {"gd", "momentum", "nesterov", "bb", "backtracking"};
  for (size_t k = 0; k < ND_COUNT(names); k++) {
    const nadir_optimizer *rule = rule_named(names[k]);
    assert_true(nd_auto_rate(rule, NULL, 4) == 0.25);
    assert_true(nd_auto_rate(rule, NULL, 0) == 1);
    assert_true(nd_auto_rate(rule, NULL, -1) == 1);
    assert_true(nd_auto_rate(rule, NULL, NAN) == 1);
    assert_true(nd_auto_rate(rule, NULL, INFINITY) == 1);
  }
  assert_true(nd_auto_rate(rule_named("adam"), NULL, 4) == 0.001);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_rule_resumes_to_the_same_bits),
      cmocka_unit_test(a_stretch_made_elsewhere_is_skipped),
      cmocka_unit_test(only_plain_descent_is_plain),
      cmocka_unit_test(each_parameter_has_its_own_rate),
      cmocka_unit_test(no_parameters_is_no_crash),
      cmocka_unit_test(what_is_not_finite_stays_seen),
      cmocka_unit_test(too_large_is_out_of_memory),
      cmocka_unit_test(a_rule_must_do_something),
      cmocka_unit_test(a_rule_of_the_callers),
#ifdef NADIR_FAULTS
      cmocka_unit_test(every_allocation_may_fail),
#endif
      cmocka_unit_test(lasso_reaches_its_closed_form),
      cmocka_unit_test(l1_is_refused_where_it_has_no_meaning),
      cmocka_unit_test(stable_rate_divides_rest_from_divergence),
      cmocka_unit_test(auto_rate_comes_from_curvature),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
