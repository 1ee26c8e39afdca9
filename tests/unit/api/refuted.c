/* Fits whose objective is refuted by two points: the objective there, and between them, is computed again from the
 * rows in long double, penalties and weights and all, and lies above its chord. */
#include <stdbool.h>

#include "support.h"

enum { ROWS = 40 };

static double x[ROWS], y[ROWS], u[ROWS];

static void make_rows(void) {
  for (size_t i = 0; i < ROWS; i++) {
    x[i] = (double)i / 8 - 2;
    y[i] = 0.75 * tanh(1.5 * x[i] - 0.25) + (i % 5 == 0 ? 0.1 : -0.05);
    u[i] = i % 7 == 0 ? 0 : 1 + (double)(i % 3);
  }
}

typedef struct refuted {
  const char *formula;
  const char *l1, *l2, *weight, *where, *reduce, *intercept;
  bool heads; /* the model is tanh(b + w x), else a tanh(c x) */
  bool found;
} refuted;

/* Parameters by their names. */
static long double objective_at(const refuted *r, const nadir_result *result, const double *p) {
  long double a = 1, b = 0, w = 0, sum = 0, weights = 0, penalty = 0;
  long double l1 = strtold(r->l1, NULL), l2 = strtold(r->l2, NULL);
  for (size_t i = 0; i < result->size; i++) {
    const char *name = result->parameter[i].name;
    if (strcmp(name, "a") == 0) a = p[i];
    if (strcmp(name, "b") == 0) b = p[i];
    if (strcmp(name, "c") == 0 || strcmp(name, "w[x]") == 0) w = p[i];
    bool intercept = strcmp(name, "b") == 0;
    if (!intercept) penalty += l1 * fabsl(p[i]) + l2 / 2 * p[i] * p[i];
  }
  for (size_t i = 0; i < ROWS; i++) {
    if (*r->where && x[i] > 1) continue;
    long double weight = *r->weight ? u[i] : 1, rest = y[i] - a * tanhl(b + w * x[i]);
    sum += weight * rest * rest;
    weights += weight;
  }
  return (strcmp(r->reduce, "sum") == 0 ? sum : sum / weights) + penalty;
}

static void check(const refuted *r) {
  nadir_settings *settings =
      settings_of(PAIRS("l1", r->l1, "l2", r->l2, "weight", r->weight, "where", r->where, "reduce",
                        r->reduce, "scale", "none", "no-intercept", r->intercept));
  nadir_table *rows =
      table_of((const test_column[]){{"x", "", x}, {"y", "", y}, {"u", "", u}}, 3, ROWS);
  nadir_result *result;
  ok(nadir_fit(rows, r->formula, settings, NULL, &result, &error));
  const nadir_witness *w = result->witness;
  if (r->found != (w != NULL) || r->found != (result->convex == NADIR_REFUTED))
    fail_msg("%s l1 %s l2 %s: convex %d", r->formula, r->l1, r->l2, (int)result->convex);
  if (w) {
    double middle[4];
    for (size_t i = 0; i < result->size; i++)
      middle[i] = w->weight * w->p[i] + (1 - w->weight) * w->q[i];
    long double p = objective_at(r, result, w->p), q = objective_at(r, result, w->q);
    long double between = objective_at(r, result, middle), t = w->weight;
    if (!(fabsl(w->at_p - p) <= 1e-12L * p))
      fail_msg("%s l1 %s l2 %s %s %s: at (%.17g, %.17g) it is %.17g, not %.17g", r->formula, r->l1,
               r->l2, r->weight, r->where, w->p[0], w->p[1], (double)p, w->at_p);
    near(w->at_q, (double)q, 1e-12 * (double)q);
    near(w->between, (double)between, 1e-12 * (double)between);
    near(w->chord, (double)(t * p + (1 - t) * q), 1e-12 * (double)(p + q));
    if (!(between > t * p + (1 - t) * q)) fail_msg("%s: it does not hold", r->formula);
  }
  nadir_result_free(result);
  nadir_table_free(rows);
  nadir_settings_free(settings);
}

static void chords(void **state) {
  (void)state;
  static const refuted list[] = {
      {"y ~ a*tanh(c*x)", "0", "0", "", "", "mean", "false", false, true},
      {"y ~ a*tanh(c*x)", "0.01", "0", "", "", "mean", "false", false, true},
      {"y ~ a*tanh(c*x)", "0", "0.01", "", "", "mean", "false", false, true},
      {"y ~ a*tanh(c*x)", "0.003", "0.01", "u", "", "mean", "false", false, true},
      {"y ~ a*tanh(c*x)", "0", "0", "u", "x <= 1", "mean", "false", false, true},
      {"y ~ a*tanh(c*x)", "0", "0", "", "", "sum", "false", false, true},
      {"y ~ a*tanh(c*x)", "0", "0.01", "", "", "sum", "false", false, false}, /* is not asked */
      {"y ~ tanh(linear(x))", "0", "0", "", "", "mean", "false", true, true},
      {"y ~ tanh(linear(x))", "0.01", "0.02", "", "", "mean", "false", true, true},
      {"y ~ tanh(linear(x))", "0.01", "0.02", "u", "x <= 1", "mean", "true", true, true},
      {"y ~ a*tanh(c*x) + 0*z", "0", "0", "", "", "mean", "false", false, true},
  };
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    check(&list[i]);
}

int main(void) {
  make_rows();
  const struct CMUnitTest tests[] = {cmocka_unit_test(chords)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
