/* Each stopping rule alone, at its threshold and next to it. */
#include "problems.h"

static const nd_stop_rules never = {
    .max_updates = ND_NO_LIMIT, .max_epochs = ND_NO_LIMIT, .max_seconds = INFINITY};

static nadir_stop see(nd_stop_rules *rules, uint64_t update, double loss, double gradient_norm) {
  nd_observation now = {.update = update,
                        .epoch = update / 10,
                        .seconds = (double)update,
                        .loss = loss,
                        .gradient_norm = gradient_norm};
  return nd_stop_test(rules, &now);
}

static void nothing_asked_goes_on(void **state) {
  (void)state;
  nd_stop_rules rules = never;
  for (uint64_t t = 0; t < 1000; t++)
    assert_int_equal(see(&rules, t, 1, 0), NADIR_GO_ON);
}

static void divergence(void **state) {
  (void)state;
  const double bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t k = 0; k < ND_COUNT(bad); k++) {
    nd_stop_rules rules = never, first = never, gradient = never;
    assert_int_equal(see(&first, 0, bad[k], 1), NADIR_STOP_DIVERGED);
    assert_int_equal(see(&rules, 0, 1, 1), NADIR_GO_ON);
    assert_int_equal(see(&rules, 1, bad[k], 1), NADIR_STOP_DIVERGED);
    if (bad[k] < 0) continue;
    assert_int_equal(see(&gradient, 0, 1, bad[k]), NADIR_STOP_DIVERGED);
  }
  nd_stop_rules rules = never;
  assert_int_equal(see(&rules, 0, -9, 1), NADIR_GO_ON);
  assert_int_equal(see(&rules, 1, 1e9, 1), NADIR_GO_ON); /* 1e8 (1 + 9), not above it */
  assert_int_equal(see(&rules, 2, 1.0001e9, 1), NADIR_STOP_DIVERGED);
}

static void unboundedness(void **state) {
  (void)state;
  nd_stop_rules rules = never;
  assert_int_equal(see(&rules, 0, 1, 1), NADIR_GO_ON);
  assert_int_equal(see(&rules, 1, -2e15, 1), NADIR_GO_ON);
  assert_int_equal(see(&rules, 2, -2.001e15, 1), NADIR_STOP_UNBOUNDED);
}

static void gradient(void **state) {
  (void)state;
  nd_stop_rules rules = never;
  rules.tol_gradient = 1e-6;
  assert_int_equal(see(&rules, 0, 1, 1.1e-6), NADIR_GO_ON);
  assert_int_equal(see(&rules, 1, 1, -1), NADIR_GO_ON); /* not known */
  assert_int_equal(see(&rules, 2, 1, 1e-6), NADIR_STOP_GRADIENT);
  nd_stop_rules at_once = never;
  at_once.tol_gradient = 1e-6;
  assert_int_equal(see(&at_once, 0, 1, 0), NADIR_STOP_GRADIENT);
}

static void loss_that_stands_still(void **state) {
  (void)state;
  nd_stop_rules rules = never;
  rules.tol_loss = 0.01;
  rules.patience = 3;
  assert_int_equal(see(&rules, 0, 100, 1), NADIR_GO_ON);
  assert_int_equal(see(&rules, 1, 99.5, 1), NADIR_GO_ON);
  assert_int_equal(see(&rules, 2, 98.9, 1), NADIR_GO_ON); /* 1.1 % in two observations: begin again */
  assert_int_equal(see(&rules, 3, 98.5, 1), NADIR_GO_ON);
  assert_int_equal(see(&rules, 4, 99.5, 1), NADIR_GO_ON);
  assert_int_equal(see(&rules, 5, 98.0, 1), NADIR_STOP_LOSS);
}

/* A descent of 0.5 % an observation is a fall of 1 % over 3, so it goes on. */
static void slow_but_steady_goes_on(void **state) {
  (void)state;
  nd_stop_rules rules = never;
  rules.tol_loss = 0.01;
  rules.patience = 3;
  double loss = 1;
  for (uint64_t t = 0; t < 500; t++, loss *= 0.995)
    assert_int_equal(see(&rules, t, loss, 1), NADIR_GO_ON);
  nd_stop_rules without = never; /* patience 0: never */
  without.tol_loss = 0.01;
  for (uint64_t t = 0; t < 100; t++)
    assert_int_equal(see(&without, t, 1, 1), NADIR_GO_ON);
}

/* A loss of exactly zero can fall no further. */
static void zero_loss_stops(void **state) {
  (void)state;
  nd_stop_rules rules = never;
  rules.tol_loss = 1e-9;
  rules.patience = 2;
  assert_int_equal(see(&rules, 0, 0, 0), NADIR_GO_ON);
  assert_int_equal(see(&rules, 1, 0, 0), NADIR_GO_ON);
  assert_int_equal(see(&rules, 2, 0, 0), NADIR_STOP_LOSS);
}

static void limits(void **state) {
  (void)state;
  nd_stop_rules updates = never, epochs = never, seconds = never;
  updates.max_updates = 5;
  epochs.max_epochs = 2;
  seconds.max_seconds = 7;
  for (uint64_t t = 0; t < 30; t++) {
    assert_int_equal(see(&updates, t, 1, 1), t < 5 ? NADIR_GO_ON : NADIR_STOP_UPDATES);
    assert_int_equal(see(&epochs, t, 1, 1), t < 20 ? NADIR_GO_ON : NADIR_STOP_EPOCHS);
    assert_int_equal(see(&seconds, t, 1, 1), t < 7 ? NADIR_GO_ON : NADIR_STOP_SECONDS);
  }
}

/* What matters more is said first. */
static void order(void **state) {
  (void)state;
  nd_stop_rules rules = never;
  rules.max_updates = 1;
  rules.tol_gradient = 1;
  assert_int_equal(see(&rules, 5, NAN, 0), NADIR_STOP_DIVERGED);
  nd_stop_rules done = rules;
  done.begun = false;
  assert_int_equal(see(&done, 5, 1, 0.5), NADIR_STOP_GRADIENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_asked_goes_on),
      cmocka_unit_test(divergence),
      cmocka_unit_test(unboundedness),
      cmocka_unit_test(gradient),
      cmocka_unit_test(loss_that_stands_still),
      cmocka_unit_test(slow_but_steady_goes_on),
      cmocka_unit_test(zero_loss_stops),
      cmocka_unit_test(limits),
      cmocka_unit_test(order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
