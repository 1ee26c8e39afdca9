/* The descent loop on callbacks and formulas whose minima are known in closed form: every rule at
 * its defaults, every way to stop, divergence at 1.01 of the stable rate and rest at 0.99,
 * automatic rates, and the kinds of points. */
#include "world.h"

static void near(double value, double expected, double bound) {
  if (!(fabs(value - expected) <= bound)) fail_msg("%.17g instead of %.17g", value, expected);
}

static world make(const char *formula) {
  return make_with(formula, (const char *const[]){NULL});
}

static nadir_stop descend(world *w, const double *start) {
  const nadir_optimizer *optimizer;
  const double *values;
  nd_run_clear(&w->run);
  nd_diagnosis_clear(&w->diagnosis);
  nadir_status status = nd_descend(w->objective, w->settings, start, &w->teller, &w->run, &error);
  if (status != NADIR_OK) fail_msg("%s", error.message);
  assert_int_equal(nd_settings_method(w->settings, &optimizer, &values, &error), NADIR_OK);
  assert_int_equal(nd_diagnose(w->objective, &w->run, &(nd_known_of_run){.least = -HUGE_VAL},
                               &w->diagnosis, &error),
                   NADIR_OK);
  assert_int_equal(nd_stable_rate(w->objective, w->settings, &w->run, values,
                                  nd_reason_about(w->diagnosis.reason)->point == NADIR_MINIMUM,
                                  w->diagnosis.curvature_max, &w->diagnosis.stable_rate, &error),
                   NADIR_OK);
  return w->run.stop;
}

static const char *point_of(const world *w) {
  static const char *const names[] = {
#define NAME(id, name) name,
      NADIR_POINTS(NAME)
#undef NAME
  };
  return names[nd_reason_about(w->diagnosis.reason)->point];
}

/* Within 1e-5 of the minimum, from rates and schedules chosen by the program alone. */
static void every_rule_finds_a_small_bowl_by_itself(void **state) {
  (void)state;
  const nadir_optimizer *optimizer;
  for (size_t i = 0; (optimizer = nd_optimizer_at(i)); i++) {
    bool squares = optimizer->traits & NADIR_SQUARES; /* the same bowl as a sum of squares */
    world w = make(squares ? "(x-0.75+(y+0.5)/2)^2 + 3.75*(y+0.5)^2 + 1"
                           : "(x-0.75)^2 + 4*(y+0.5)^2 + (x-0.75)*(y+0.5) + 1");
    set(&w, "method", optimizer->name);
    nadir_stop stop = descend(&w, (double[]){0, 0});
    if (stop != NADIR_STOP_GRADIENT && stop != NADIR_STOP_STEP && stop != NADIR_STOP_DECREASE)
      fail_msg("%s ends by %d", optimizer->name, (int)stop);
    near(w.run.w[0], 0.75, 1e-5);
    near(w.run.w[1], -0.5, 1e-5);
    near(w.run.loss, 1, 1e-9);
    assert_string_equal(point_of(&w), "minimum");
    drop(&w);
  }
}

/* Kinks: no curvature at all, or one (0.01) that tells nothing of the steps. The minimum is at
 * x = 1, since the slope 3 of |x - 1| outweighs all others, and y = -0.5. */
static void plain_descent_comes_to_rest_at_kinks(void **state) {
  (void)state;
  static const char *const rules[] = {"gd", "svrg"};
  static const char *const formulas[] = {"3*abs(x-1) + abs(y+x/2) + 2",
                                         "3*abs(x-1) + abs(y+x/2) + 0.005*(x-1)^2 + 2"};
  for (size_t i = 0; i < ND_COUNT(rules); i++)
    for (size_t j = 0; j < ND_COUNT(formulas); j++) {
      world w = make(formulas[j]);
      set(&w, "method", rules[i]);
      nadir_stop stop = descend(&w, (double[]){-7.3, 4.1});
      if (stop != NADIR_STOP_GRADIENT && stop != NADIR_STOP_STEP && stop != NADIR_STOP_IDLE)
        fail_msg("%s ends by %d", rules[i], (int)stop);
      near(w.run.w[0], 1, 1e-5);
      near(w.run.w[1], -0.5, 1e-5);
      drop(&w);
    }
}

/* The loss is 1e6 to its last bit when y is still 4e-5 off; the gradient leads on. */
static void a_loss_at_rounding_is_no_end(void **state) {
  (void)state;
  world w = make("1e6 + 5e3*(x-1)^2 + (y-2)^2/2");
  set(&w, "method", "gd");
  assert_int_equal(descend(&w, (double[]){0, 0}), NADIR_STOP_GRADIENT);
  near(w.run.w[0], 1, 1e-9);
  near(w.run.w[1], 2, 1e-6);
  drop(&w);
}

/* At 2/M exactly gd jumps from one side to the other without end: no fall of the loss, and no end. */
static void circling_is_not_done(void **state) {
  (void)state;
  world w = make("3*x^2 + y^2");
  set(&w, "rate", "0.33333333333333331");
  assert_int_equal(descend(&w, (double[]){1, 0}), NADIR_STOP_UPDATES);
  set(&w, "method", "adam");
  set(&w, "rate", "0.5");
  set(&w, "adam.beta2", "0.1");
  assert_int_equal(descend(&w, (double[]){1, 1}), NADIR_STOP_UPDATES);
  drop(&w);
}

/* 3 x^2 has curvature 6: stable below 1/3. */
static void the_limit_of_stability_is_sharp(void **state) {
  (void)state;
  world w = make("3*x^2");
  set(&w, "rate", "0.33");
  assert_int_equal(descend(&w, (double[]){1}), NADIR_STOP_GRADIENT);
  near(w.diagnosis.stable_rate, 1.0 / 3, 1e-12);
  set(&w, "rate", "0.3367");
  assert_int_equal(descend(&w, (double[]){1}), NADIR_STOP_DIVERGED);
  assert_true(w.run.stop_update > 100);
  near(w.run.w[0], 1, 0); /* the best before it: the start */
  near(w.diagnosis.stable_rate, 1.0 / 3, 1e-12);
  const nadir_warning *warning = w.teller.warned.warning;
  while (warning->kind == NADIR_WARN_POOR_STEPS) /* of the first run: each step nearly as far back */
    warning++;
  assert_int_equal(warning->kind, NADIR_WARN_UNSTABLE_RATE);
  near(warning->number, 0.3367, 0);
  near(warning->second, 1.0 / 3, 1e-12);
  drop(&w);
}

static void each_end_is_named(void **state) {
  (void)state;
  world w = make("x");
  assert_int_equal(descend(&w, (double[]){0}), NADIR_STOP_UNBOUNDED);
  drop(&w);
  w = make("log(x)");
  set(&w, "method", "gd"); /* steps of 1/x, doubled, from 1 to 0 itself */
  assert_int_equal(descend(&w, (double[]){1}), NADIR_STOP_UNBOUNDED);
  drop(&w);
  w = make("x^2");
  set(&w, "rate", "0.001");
  set(&w, "updates", "5");
  assert_int_equal(descend(&w, (double[]){1}), NADIR_STOP_UPDATES);
  assert_int_equal(w.run.updates, 5);
  near(w.run.w[0], 0.998 * 0.998 * 0.998 * 0.998 * 0.998, 1e-15);
  set(&w, "updates", "0"); /* a number is meant: the start is judged */
  assert_int_equal(descend(&w, (double[]){1}), NADIR_STOP_UPDATES);
  assert_int_equal(w.run.updates, 0);
  set(&w, "updates", "auto");
  set(&w, "tol-loss", "0.5");
  assert_int_equal(descend(&w, (double[]){1}), NADIR_STOP_LOSS);
  set(&w, "tol-loss", "0");
  set(&w, "seconds", "0");
  assert_int_equal(descend(&w, (double[]){1}), NADIR_STOP_SECONDS);
  drop(&w);
  w = make("x*log(x)");
  set(&w, "rate", "10");
  assert_int_equal(descend(&w, (double[]){1}), NADIR_STOP_DOMAIN);
  near(w.run.w[0], 1, 0);
  drop(&w);
  w = make("x*log(x)"); /* a rate that was not typed is lowered instead: the minimum is at 1/e */
  set(&w, "method", "gd");
  assert_int_equal(descend(&w, (double[]){1}), NADIR_STOP_GRADIENT);
  near(w.run.w[0], exp(-1), 1e-7);
  drop(&w);
}

static int stop_at_once(void *context, const nadir_event *event) {
  *(uint64_t *)context = event->update;
  return event->kind == NADIR_PROGRESS;
}

static void a_listener_can_end_a_run(void **state) {
  (void)state;
  uint64_t told = 0;
  nadir_listener listener = {.bytes = sizeof(nadir_listener), .notify = stop_at_once, .context = &told};
  world w = make("exp(x)");
  set(&w, "method", "gd");
  set(&w, "updates", "1000000000");
  w.teller = nd_teller_for(&listener);
  assert_int_equal(descend(&w, (double[]){0}), NADIR_STOP_SIGNAL);
  assert_true(told > 0 && w.run.updates >= told);
  drop(&w);
}

static double bowl(void *context, const double *w, double *gradient) {
  (void)context;
  if (gradient) gradient[0] = 2 * (w[0] - 3);
  return (w[0] - 3) * (w[0] - 3);
}

static bool patience(void *context) {
  int *left = context;
  return (*left)-- <= 0;
}

/* An end that is insisted on within an update leaves the best point that was looked at, with its own
 * loss and gradient; before the start was looked at there is nothing to give. */
static void what_was_reached_is_kept(void **state) {
  (void)state;
  nadir_function function = {.bytes = sizeof(nadir_function), .size = 1, .value = bowl};
  nadir_settings *settings;
  bool any = false;
  assert_int_equal(nd_settings_new(&settings, &error), NADIR_OK);
  assert_int_equal(nd_settings_set(settings, "method", "gd", &error), NADIR_OK);
  assert_int_equal(nd_settings_set(settings, "rate", "0.1", &error), NADIR_OK);
  for (int looks = 0; looks < 20; looks++) {
    int left = looks;
    double start = 0, gradient;
    nd_until until = {.deadline = HUGE_VAL, .asked = patience, .context = &left};
    nd_objective *objective;
    nd_teller teller = {0};
    nd_run run;
    assert_int_equal(nd_objective_of_function(&objective, &function, settings, &error), NADIR_OK);
    objective->until = &until;
    nadir_status status = nd_descend(objective, settings, &start, &teller, &run, &error);
    if (looks == 0) assert_int_equal(status, NADIR_ENDED);
    if (status == NADIR_OK) {
      any = true;
      assert_int_equal(run.stop, NADIR_STOP_SIGNAL);
      near(run.loss, bowl(NULL, run.w, &gradient), 0);
      near(run.gradient_norm, fabs(gradient), 0);
      nd_run_clear(&run);
    } else {
      assert_int_equal(status, NADIR_ENDED);
      assert_false(any);
    }
    nd_objective_free(objective);
  }
  assert_true(any);
  nd_settings_free(settings);
}

static void not_defined_at_the_start_is_an_error(void **state) {
  (void)state;
  world w = make("log(x)");
  assert_int_equal(nd_descend(w.objective, w.settings, (double[]){0}, &w.teller, &w.run, &error),
                   NADIR_BAD_FORMULA);
  assert_non_null(strstr(error.message, "x = 0"));
  drop(&w);
}

static void points_are_told_apart(void **state) {
  (void)state;
  static const struct {
    const char *formula, *point;
    double start;
  } cases[] = {{"x^2 + y^2", "minimum", 1},
               {"x^2 - y^2", "saddle", 0},
               {"-x^2 - y^2", "maximum", 0},
               {"x^3 + y^3", "plateau", 0},
               {"(x+y)^2 - exp(-1e4 - x - y)", "not known", 1},
               {"exp(x) + y^2", "falls", 0},
               {"(x*y-1)^2", "minimum", 2.5}, /* 0, the least that a square can be */
               {"abs(x) + abs(y)", "not known", 1}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    world w = make(cases[i].formula);
    set(&w, "updates", "20000");
    descend(&w, (double[]){cases[i].start, cases[i].start});
    if (strcmp(point_of(&w), cases[i].point) != 0)
      fail_msg("%s: %s (%d)", cases[i].formula, point_of(&w),
               (int)w.diagnosis.reason);
    drop(&w);
  }
}

/* Two units short of y = 3, be x a Julian date. */
static void a_large_parameter_hides_no_other(void **state) {
  (void)state;
  world w = make("(x-2450000)^2 + (y-3)^2");
  set(&w, "rate", "1e-6");
  set(&w, "updates", "1");
  descend(&w, (double[]){2450000, 1});
  assert_string_equal(point_of(&w), "not known");
  set(&w, "rate", "0.5");
  descend(&w, (double[]){2450000, 1});
  assert_string_equal(point_of(&w), "minimum");
  drop(&w);
}

/* eta_t = eta/sqrt(t+1) on x^2/2 multiplies x by 1 - eta/sqrt(t+1) each time. */
static void the_schedule_is_the_lectures(void **state) {
  (void)state;
  world w = make("x^2/2");
  set(&w, "rate", "0.5");
  set(&w, "schedule", "inverse-sqrt");
  set(&w, "updates", "4");
  descend(&w, (double[]){1});
  double x = 1;
  for (int t = 0; t < 4; t++)
    x -= 0.5 / sqrt(t + 1) * x;
  near(w.run.w[0], x, 1e-15);
  const nadir_trace *trace = w.run.trace;
  near(trace->values[4 * trace->columns + NADIR_TRACE_RATE], 0.25, 0);
  drop(&w);
}

/* On a parabola the plane predicts rate g^2, and the parabola keeps all but rate^2 g^2 M/2 of it.
 */
static void the_trace_tells_predicted_and_actual(void **state) {
  (void)state;
  world w = make("2*x^2");
  set(&w, "rate", "0.1");
  set(&w, "updates", "1");
  descend(&w, (double[]){1});
  const double *row = w.run.trace->values + w.run.trace->columns;
  near(row[NADIR_TRACE_PREDICTED], 0.1 * 16, 1e-15);
  near(row[NADIR_TRACE_ACTUAL], 2 - 2 * 0.36, 1e-15);
  near(row[NADIR_TRACE_STEP], 0.4, 1e-15);
  near(row[NADIR_TRACE_PARAMETERS], 0.6, 1e-15);
  drop(&w);
}

static void each_parameter_can_have_its_own_rate(void **state) {
  (void)state;
  world w = make("a^2 + b^2");
  set(&w, "rate", "a=0.1,b=0.25");
  set(&w, "updates", "1");
  descend(&w, (double[]){1, 1});
  near(w.run.w[0], 0.8, 1e-15);
  near(w.run.w[1], 0.5, 1e-15);
  set(&w, "rate", "a=0.1");
  nd_run_clear(&w.run);
  assert_int_equal(nd_descend(w.objective, w.settings, (double[]){1, 1}, &w.teller, &w.run, &error),
                   NADIR_BAD_SETTING);
  assert_non_null(strstr(error.message, "'b'"));
  drop(&w);
}

/* min (x-2)^2 + l1 |x|: 2 - l1/2; and 0 for l1 >= 4. The L2 penalty (l2/2) x^2: 2/(1 + l2/2). */
static void penalties_have_their_closed_forms(void **state) {
  (void)state;
  static const struct {
    const char *name, *value;
    double x;
  } cases[] = {{"l1", "1", 1.5}, {"l1", "5", 0}, {"l2", "2", 1}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    const char *penalty[] = {cases[i].name, cases[i].value, NULL};
    world w = make_with("(x-2)^2", penalty);
    assert_int_equal(descend(&w, (double[]){0.5}), NADIR_STOP_DECREASE);
    near(w.run.w[0], cases[i].x, 1e-7);
    drop(&w);
  }
}

/* The largest and the smallest eigenvalue of sum_i i x_i^2 are 2 n and 2: from the Hessian, and by
 * Lanczos. */
static void curvature_is_found_for_few_and_many(void **state) {
  (void)state;
  static const size_t sizes[] = {5, 30};
  for (size_t s = 0; s < ND_COUNT(sizes); s++) {
    nd_text text = {0};
    double start[30] = {0}, largest, smallest;
    for (size_t i = 1; i <= sizes[s]; i++)
      nd_text_print(&text, "%s%zu*x%zu^2", i > 1 ? "+" : "", i, i);
    world w = make(text.data);
    assert_int_equal(nd_curvature(w.objective, start, &largest, &smallest, &error), NADIR_OK);
    near(largest, 2 * (double)sizes[s], 2e-3 * (double)sizes[s]);
    if (sizes[s] == 5) near(smallest, 2, 1e-12);
    nd_text_free(&text);
    drop(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_rule_finds_a_small_bowl_by_itself),
                                     cmocka_unit_test(plain_descent_comes_to_rest_at_kinks),
                                     cmocka_unit_test(a_loss_at_rounding_is_no_end),
                                     cmocka_unit_test(circling_is_not_done),
                                     cmocka_unit_test(the_limit_of_stability_is_sharp),
                                     cmocka_unit_test(each_end_is_named),
                                     cmocka_unit_test(a_listener_can_end_a_run),
                                     cmocka_unit_test(what_was_reached_is_kept),
                                     cmocka_unit_test(not_defined_at_the_start_is_an_error),
                                     cmocka_unit_test(points_are_told_apart),
                                     cmocka_unit_test(a_large_parameter_hides_no_other),
                                     cmocka_unit_test(the_schedule_is_the_lectures),
                                     cmocka_unit_test(the_trace_tells_predicted_and_actual),
                                     cmocka_unit_test(each_parameter_can_have_its_own_rate),
                                     cmocka_unit_test(penalties_have_their_closed_forms),
                                     cmocka_unit_test(curvature_is_found_for_few_and_many)};
  return cmocka_run_group_tests_name("descend", tests, NULL, NULL);
}
