/* Units decide nothing: the same fit with data and parameters in other units. A power of two changes
 * no bit but exponents; a power of ten no word, and no digit but the last ones. Formulas, losses and
 * methods against powers, fixed seeds. */
#include "support.h"

#include <stdbool.h>
#include <stdint.h>

enum { ROWS = 40, MOST = 4 };

/* Formulas of y and x; each parameter is in units of y^of_y x^of_x. */
typedef struct shape {
  const char *formula;
  size_t size;
  struct {
    const char *name;
    double start;
    int of_y, of_x;
  } parameter[MOST];
} shape;

static const shape line = {"y ~ a + b*x", 2, {{"a", 0, 1, 0}, {"b", 0, 1, -1}}};
static const shape peak = {"y ~ a*exp(-((x - m)/s)^2/2) + c",
                           4,
                           {{"a", 2, 1, 0}, {"m", 5.5, 0, 1}, {"s", 0.7, 0, 1}, {"c", 0, 1, 0}}};
static const shape decay = {"y ~ a*exp(-x/b)", 2, {{"a", 1.5, 1, 0}, {"b", 4, 0, 1}}};
static const shape saturation = {"y ~ a*x/(b + x)", 2, {{"a", 2, 1, 0}, {"b", 3, 0, 1}}};
static const shape wave = {
    "y ~ a*sin(w*x) + b*cos(w*x)", 3, {{"a", 1, 1, 0}, {"w", 0.62, 0, -1}, {"b", 0.5, 1, 0}}};
static const shape linear = {"y ~ linear(x)", 2, {{"b", 0, 1, 0}, {"w[x]", 0, 1, -1}}};
static const shape powers = {
    "y ~ poly(x, 2)", 3, {{"b", 0, 1, 0}, {"w[x]", 0, 1, -1}, {"w[x^2]", 0, 1, -2}}};

static double draw(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) * 0x1p-53 - 0.5;
}

/* The data of a formula in its first units, with noise. */
static void make_rows(const shape *s, double *x, double *y) {
  uint64_t seed = 1;
  for (int i = 0; i < ROWS; i++) {
    x[i] = 0.25 + 0.25 * i;
    double noise = 0.1 * draw(&seed), t = (x[i] - 5) / 0.9;
    y[i] = noise + (s == &peak         ? 3 * exp(-t * t / 2) + 0.5
                    : s == &decay      ? 2 * exp(-x[i] / 3)
                    : s == &saturation ? 3 * x[i] / (2 + x[i])
                    : s == &wave       ? 1.3 * sin(0.6 * x[i]) + 0.4 * cos(0.6 * x[i])
                                       : 2 - 0.3 * x[i]);
  }
}

typedef struct units {
  double base; /* 2 or 10 */
  int y, x;    /* powers of it that one unit is written as */
} units;

static double in_units(const units *u, int of_y, int of_x) {
  return pow(u->base, u->y * of_y + u->x * of_x);
}

typedef struct plan {
  const shape *shape;
  const char *loss, *method, *updates, *errors; /* loss: huber's d is in y's unit */
} plan;

static nadir_result *fit(const plan *p, const units *u) {
  double x[ROWS], y[ROWS], sigma[ROWS];
  char start[400] = "", loss[100];
  const shape *s = p->shape;
  make_rows(s, x, y);
  for (int i = 0; i < ROWS; i++) {
    x[i] *= in_units(u, 0, 1);
    y[i] *= in_units(u, 1, 0);
    sigma[i] = (0.05 + 0.001 * i) * in_units(u, 1, 0);
  }
  for (size_t i = 0; i < s->size; i++)
    snprintf(start + strlen(start), sizeof start - strlen(start), "%s%s=%.17g", i ? "," : "",
             s->parameter[i].name,
             s->parameter[i].start * in_units(u, s->parameter[i].of_y, s->parameter[i].of_x));
  snprintf(loss, sizeof loss, "%s", p->loss);
  if (strcmp(p->loss, "huber") == 0)
    snprintf(loss, sizeof loss, "huber(%.17g)", 0.03125 * in_units(u, 1, 0));
  nadir_settings *settings = settings_of(PAIRS("loss", loss, "method", p->method, "start", start,
                                               "updates", p->updates, "threads", "1"));
  if (p->errors) ok(nadir_settings_set(settings, "sigma", p->errors, &error));
  test_column arrays[] = {{"x", NULL, x}, {"y", NULL, y}, {"e", NULL, sigma}};
  nadir_table *table;
  nadir_result *result;
  table = table_of(arrays, 3, ROWS);
  ok(nadir_fit(table, s->formula, settings, NULL, &result, &error));
  nadir_table_free(table);
  nadir_settings_free(settings);
  return result;
}

static size_t wrong;

static void complain(const plan *p, const units *u, const char *what, double is, double should) {
  wrong++;
  print_error("%s, loss %s, %s%s, y in %g^%d, x in %g^%d: %s is %.17g, should be %.17g\n",
              p->shape->formula, p->loss, p->method, p->errors ? ", with errors" : "", u->base,
              u->y, u->base, u->x, what, is, should);
}

static void same_word(const plan *p, const units *u, const char *what, const char *is,
                      const char *should) {
  if (strcmp(is, should) == 0) return;
  wrong++;
  print_error("%s, loss %s, %s%s, y in %g^%d, x in %g^%d: %s is %s, should be %s\n",
              p->shape->formula, p->loss, p->method, p->errors ? ", with errors" : "", u->base,
              u->y, u->base, u->x, what, is, should);
}

static void same_words(const plan *p, const units *u, const nadir_result *is,
                       const nadir_result *should) {
  same_word(p, u, "method", is->plan.method->name, should->plan.method->name);
  same_word(p, u, "stop", nadir_stop_name(is->stop), nadir_stop_name(should->stop));
  same_word(p, u, "status", nadir_ended_name(is->ended), nadir_ended_name(should->ended));
  same_word(p, u, "point", nadir_point_name(is->kind), nadir_point_name(should->kind));
  char last[4096];
  snprintf(last, sizeof last, "%s", said(is, NADIR_ON_END));
  same_word(p, u, "last", last, said(should, NADIR_ON_END));
  same_word(p, u, "convex", nadir_answer_name(is->convex), nadir_answer_name(should->convex));
  if (is->exit_status != should->exit_status)
    complain(p, u, "exit status", is->exit_status, should->exit_status);
  if (is->warnings != should->warnings)
    complain(p, u, "count of warnings", (double)is->warnings, (double)should->warnings);
}

static void compare(const plan *p, const units *u, const nadir_result *should, double digits) {
  nadir_result *is = fit(p, u);
  same_words(p, u, is, should);
  double updates = (double)is->updates, other = (double)should->updates;
  if (fabs(updates - other) > (digits > 0 ? 3 + 0.02 * other : 0))
    complain(p, u, "count of updates", updates, other);
  for (size_t i = 0; i < p->shape->size; i++) {
    double unit = in_units(u, p->shape->parameter[i].of_y, p->shape->parameter[i].of_x);
    double value[2] = {is->parameter[i].value / unit, should->parameter[i].value};
    double errors[2] = {is->parameter[i].standard_error / unit,
                        should->parameter[i].standard_error};
    if (!(fabs(value[0] - value[1]) <= digits * fabs(value[1])))
      complain(p, u, p->shape->parameter[i].name, value[0], value[1]);
    if (isnan(errors[0]) != isnan(errors[1]) ||
        fabs(errors[0] - errors[1]) > 10 * digits * errors[1])
      complain(p, u, "its error", errors[0], errors[1]);
  }
  nadir_result_free(is);
}

static const shape *const shapes[] = {&line, &peak, &decay, &saturation, &wave, &linear, &powers};
static const char *const losses[] = {"squared", "huber", "absolute", "quantile(0.3)"};
enum { FINISHING = 4 };
static const char *const methods[] = {
    "auto", "lm",           "newton",   "lbfgs", "newton-diagonal", "gd",
    "bb",   "backtracking", "momentum", "adam",  "adagrad",         "rprop"};

static bool has_kinks(const plan *p) {
  return strcmp(p->loss, "absolute") == 0 || strcmp(p->loss, "quantile(0.3)") == 0;
}

static bool is_affine(const plan *p) {
  return p->shape == &line || p->shape == &linear || p->shape == &powers;
}

static bool applies(const plan *p) {
  if (strcmp(p->method, "lm") == 0) return strcmp(p->loss, "squared") == 0;
  return !has_kinks(p) || strcmp(p->method, "auto") == 0 || strcmp(p->method, "gd") == 0;
}

static void walk(const units *list, size_t count, double digits) {
  wrong = 0;
  const units none = {.base = 2};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
    for (size_t l = 0; l < sizeof losses / sizeof *losses; l++)
      for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
        plan p = {shapes[s], losses[l], methods[m], "60", l == 0 ? "e" : NULL};
        if (!applies(&p)) continue;
        bool finishes = m < FINISHING && (is_affine(&p) || !has_kinks(&p));
        if (finishes) p.updates = "auto";
        /* where a descent ends at a limit its digits are those of all roundings on the way */
        if (digits > 0 && !finishes) continue;
        nadir_result *should = fit(&p, &none);
        for (size_t u = 0; u < count; u++)
          compare(&p, &list[u], should, digits);
        nadir_result_free(should);
      }
  assert_int_equal(wrong, 0);
}

static void powers_of_two_change_no_bit(void **state) {
  (void)state;
  static const units list[] = {{2, 1, 0}, {2, 0, 1}, {2, -60, 7}, {2, 60, -60}, {2, -33, -60}};
  walk(list, sizeof list / sizeof *list, 0);
}

static void powers_of_ten_change_no_word(void **state) {
  (void)state;
  static const units list[] = {{10, 1, 0},   {10, -17, 3},  {10, 60, -20}, {10, -100, 30},
                               {10, 140, 0}, {10, -140, 0}, {10, 0, 70},   {10, 0, -70}};
  walk(list, sizeof list / sizeof *list, 1e-6);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(powers_of_two_change_no_bit),
                                     cmocka_unit_test(powers_of_ten_change_no_word)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
