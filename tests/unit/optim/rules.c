/* First iterates of each rule against a recomputation in long double straight from the paper's
 * formulas, and the lecture's two forms of Adagrad and its contrast slide.
 *
 * Bound: each compared number is the result of fewer than 40 double operations an update without
 * cancellation but in AdaBelief's g - m, so a few hundred units of 2^-53 after 8 updates; 1e-13
 * relative is asked. */
#include "problems.h"

enum { UPDATES = 8 };
static const double gradients[UPDATES] = {0.5, -1.25, 2, 0.125, 0, -3, 0.75, 0.0625};

typedef struct memory {
  long double a, b, c, product;
} memory;
/* The amount subtracted from w, by the formula; t from 1. */
typedef long double formula(memory *m, long double g, int t);

static void compare(const char *name, double rate, formula *expected) {
  nd_method *method = method_of(rule_named(name), 1);
  memory m = {.product = 1};
  double w = 1;
  for (int k = 0; k < UPDATES; k++) {
    long double step = (long double)rate * expected(&m, gradients[k], k + 1);
    w = 0; /* the step alone */
    advance(method, rate, NAN, &gradients[k], NULL, &w);
    double bound = 1e-13 * (double)fabsl(step);
    if (!(fabs(-w - (double)step) <= bound))
      fail_msg("%s, update %d: step %.17g instead of %.17Lg", name, k, -w, step);
    assert_true(nd_method_step(method)[0] == w);
  }
  nd_method_free(method);
}

static long double square(long double x) {
  return x * x;
}

static long double by_gd(memory *m, long double g, int t) {
  (void)m, (void)t;
  return g;
}

static long double by_momentum(memory *m, long double g, int t) {
  (void)t;
  return m->a = 0.9L * m->a + g;
}

/* Through the points y of Nesterov's own form: y_{t+1} = w_t - g, w_{t+1} = y_{t+1} + 0.9 (y_{t+1}
 * - y_t). */
static long double by_nesterov(memory *m, long double g, int t) {
  long double w = m->a, y_last = t == 1 ? 0 : m->b, y = w - g;
  m->b = y;
  m->a = y + 0.9L * (y - y_last);
  return w - m->a;
}

static long double by_adagrad(memory *m, long double g, int t) {
  (void)t;
  m->a += g * g;
  return g / sqrtl(m->a);
}

static long double by_rmsprop(memory *m, long double g, int t) {
  (void)t;
  m->a = 0.9L * m->a + 0.1L * g * g;
  return g / (sqrtl(m->a) + 1e-8L);
}

static long double by_adadelta(memory *m, long double g, int t) {
  (void)t;
  m->a = 0.95L * m->a + 0.05L * g * g;
  long double dx = sqrtl(m->b + 1e-6L) / sqrtl(m->a + 1e-6L) * g;
  m->b = 0.95L * m->b + 0.05L * dx * dx;
  return dx;
}

static void adam_means(memory *m, long double g) {
  m->a = 0.9L * m->a + 0.1L * g;
  m->b = 0.999L * m->b + 0.001L * g * g;
}

static long double by_adam(memory *m, long double g, int t) {
  adam_means(m, g);
  return m->a / (1 - powl(0.9L, t)) / (sqrtl(m->b / (1 - powl(0.999L, t))) + 1e-8L);
}

static long double by_amsgrad(memory *m, long double g, int t) {
  (void)t;
  adam_means(m, g);
  m->c = fmaxl(m->c, m->b);
  return m->a / (sqrtl(m->c) + 1e-8L);
}

static long double by_nadam(memory *m, long double g, int t) {
  long double mu = 0.9L * (1 - 0.5L * powl(0.96L, t * 0.004L));
  long double next = 0.9L * (1 - 0.5L * powl(0.96L, (t + 1) * 0.004L));
  m->product *= mu;
  m->a = mu * m->a + (1 - mu) * g;
  m->b = 0.999L * m->b + 0.001L * g * g;
  long double hat = next * m->a / (1 - m->product * next) + (1 - mu) * g / (1 - m->product);
  return hat / (sqrtl(m->b / (1 - powl(0.999L, t))) + 1e-8L);
}

static long double by_radam(memory *m, long double g, int t) {
  adam_means(m, g);
  long double power = powl(0.999L, t), hat = m->a / (1 - powl(0.9L, t));
  long double rho_inf = 2 / 0.001L - 1, rho = rho_inf - 2 * t * power / (1 - power);
  if (rho <= 4) return hat;
  long double r = sqrtl((rho - 4) / (rho_inf - 4) * (rho - 2) / (rho_inf - 2) * rho_inf / rho);
  return r * hat / (sqrtl(m->b / (1 - power)) + 1e-8L);
}

static long double by_adabelief(memory *m, long double g, int t) {
  m->a = 0.9L * m->a + 0.1L * g;
  m->b = 0.999L * m->b + 0.001L * square(g - m->a) + 1e-8L;
  return m->a / (1 - powl(0.9L, t)) / (sqrtl(m->b / (1 - powl(0.999L, t))) + 1e-8L);
}

static long double by_lion(memory *m, long double g, int t) {
  (void)t;
  long double c = 0.9L * m->a + 0.1L * g;
  m->a = 0.99L * m->a + 0.01L * g;
  return (c > 0) - (c < 0);
}

static void first_iterates_are_the_formulas(void **state) {
  (void)state;
  compare("gd", 0.1, by_gd);
  compare("momentum", 0.1, by_momentum);
  compare("nesterov", 1, by_nesterov);
  compare("adagrad", 0.1, by_adagrad);
  compare("rmsprop", 0.001, by_rmsprop);
  compare("adadelta", 1, by_adadelta);
  compare("adam", 0.001, by_adam);
  compare("adamw", 0.001, by_adam);
  compare("amsgrad", 0.1, by_amsgrad);
  compare("nadam", 0.002, by_nadam);
  compare("adabelief", 0.001, by_adabelief);
  compare("lion", 0.001, by_lion);
}

/* rho_t - 4 is the small difference of two numbers near 2000, so what is rounding in them (2000 *
 * 2^-53, from powers of beta2 that are divided by 1 - beta2^t, 0.005: 5e-11) is 1e-10 of the step.
 */
static void radam_is_its_formula(void **state) {
  (void)state;
  nd_method *method = method_of(rule_named("radam"), 1);
  memory m = {0};
  for (int k = 0; k < UPDATES; k++) {
    long double step = 0.001L * by_radam(&m, gradients[k], k + 1);
    double w = 0;
    advance(method, 0.001, NAN, &gradients[k], NULL, &w);
    assert_true(fabs(-w - (double)step) <= 1e-9 * (double)fabsl(step));
  }
  nd_method_free(method);
}

/* Adam's first step is the rate times the sign, whatever the gradient: a published property. */
static void adams_first_step_is_the_rate(void **state) {
  (void)state;
  for (double g = 1e-3; g < 1e9; g *= 1000) {
    nd_method *method = method_of(rule_named("adam"), 1);
    double w = 0;
    advance(method, 0.001, NAN, &g, NULL, &w);
    assert_true(fabs(w + 0.001) <= 1.1e-8); /* epsilon / 1e-3, times the rate */
    nd_method_free(method);
  }
}

static void decay_is_decoupled(void **state) {
  (void)state;
  const char *names[] = {"adamw", "lion"};
  for (size_t k = 0; k < ND_COUNT(names); k++) {
    const nadir_optimizer *rule = rule_named(names[k]);
    double values[4], w = 3, zero = 0;
    for (size_t i = 0; i < rule->setting_count; i++)
      values[i] = rule->settings[i].initial;
    assert_string_equal(rule->settings[rule->setting_count - 1].name, "decay");
    assert_true(values[rule->setting_count - 1] == 0);
    values[rule->setting_count - 1] = 0.5;
    nd_method_options options = {.optimizer = rule, .values = values};
    nd_method *method;
    assert_int_equal(nd_method_new(&method, 1, &options, NULL), NADIR_OK);
    advance(method, 0.25, NAN, &zero, NULL, &w);
    assert_true(w == 3 - 0.25 * 0.5 * 3);
    nd_method_free(method);
  }
}

/* ---- the lecture ---- */

/* w <- w - (eta / sqrt(t+1)) g / sigma_t, sigma_t the root mean square of derivatives 0 ... t,
 * against the rule's eta g / sqrt(sum). The first form has 4 roundings more an update (two roots, a
 * mean and two quotients), 2^-53 of the step each, so after n updates the points agree to 6 n 2^-53
 * of the path's length. */
static void adagrads_two_forms_are_one(void **state) {
  (void)state;
  nd_method *method = method_of(rule_named("adagrad"), 1);
  nd_random random = nd_random_stream(1, ND_FOR_TEST, 0, 0);
  const double eta = 0.3;
  double simplified = 5, decayed = 5, sum = 0, path = 0;
  for (int t = 0; t < 1000; t++) {
    double g = nd_random_normal(&random) * exp(nd_random_normal(&random));
    advance(method, eta, NAN, &g, NULL, &simplified);
    sum += g * g;
    double sigma = sqrt(sum / (t + 1)), eta_t = eta / sqrt(t + 1);
    decayed -= eta_t / sigma * g;
    path += fabs(eta_t / sigma * g);
    /* each w is also rounded, to 2^-53 of its size, here at most 5 + path */
    assert_true(fabs(simplified - decayed) <= ldexp(6 * path + (t + 1) * (5 + path), -53));
  }
  assert_true(path > 5);
  nd_method_free(method);
}

/* The contrast slide: what the last gradient, 0.1 in both rows, is moved by. By hand:
 * row 1: 0.1 / sqrt(3 * 1e-8 + 9e-8 + 4e-8 + 0.01) = 0.1 / sqrt(0.01000016) =
 * 0.999992000095998720... row 2: 0.1 / sqrt(110.25 + 1536.64 + 533.61 + 2540.16 + 519.84 + 0.01) =
 * 0.1 / sqrt(5240.51) = 0.001381380187970268979... */
static void the_contrast_slide(void **state) {
  (void)state;
  static const double rows[2][6] = {{0.0001, 0.0001, 0.0003, 0.0002, 0.0001, 0.1},
                                    {10.5, 39.2, 23.1, 50.4, 22.8, 0.1}};
  static const double expected[2] = {0.99999200009599872, 0.00138138018797026898};
  for (int r = 0; r < 2; r++) {
    nd_method *method = method_of(rule_named("adagrad"), 1);
    double w;
    for (int t = 0; t < 6; t++)
      w = 0, advance(method, 1, NAN, &rows[r][t], NULL, &w);
    if (!(fabs(-w - expected[r]) <= 1e-13 * expected[r])) fail_msg("row %d: %.17g", r, -w);
    assert_true(fabs(nd_method_effective(method)[0] - expected[r] / 0.1) <=
                1e-12 * expected[r] / 0.1);
    nd_method_free(method);
  }
}

static void adagrad_does_not_divide_by_zero(void **state) {
  (void)state;
  nd_method *method = method_of(rule_named("adagrad"), 2);
  double w[2] = {1, 1}, g[2] = {0, 2};
  advance(method, 0.5, NAN, g, NULL, w);
  assert_true(w[0] == 1 && w[1] == 0.5);
  assert_true(nd_method_effective(method)[0] == 0);
  nd_method_free(method);
}

/* Hand-run: Delta 0.1; same sign: 0.12; changed: rests, and 0.06; then the sign of the third counts
 * as none. */
static void rprop_by_hand(void **state) {
  (void)state;
  static const double g[] = {4, 1e-9, -2, -2, -7}, w_at[] = {-0.1, -0.22, -0.22, -0.16, -0.088};
  nd_method *method = method_of(rule_named("rprop"), 1);
  double w = 0;
  for (size_t t = 0; t < ND_COUNT(g); t++) {
    advance(method, 0.1, NAN, &g[t], NULL, &w);
    assert_true(fabs(w - w_at[t]) <= 1e-15);
  }
  nd_method_free(method);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(first_iterates_are_the_formulas), cmocka_unit_test(radam_is_its_formula),
      cmocka_unit_test(adams_first_step_is_the_rate),    cmocka_unit_test(decay_is_decoupled),
      cmocka_unit_test(adagrads_two_forms_are_one),      cmocka_unit_test(the_contrast_slide),
      cmocka_unit_test(adagrad_does_not_divide_by_zero), cmocka_unit_test(rprop_by_hand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
