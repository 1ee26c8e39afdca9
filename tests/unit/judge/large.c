/* The kind of point of formulas of more parameters than a symbolic Hessian is made of, at points that are
 * given: sums whose eigenvalues are known in closed form. No minimum is seen where there is none, however
 * slightly the loss curves down, and however little of it the gradient shows. */
#include <math.h>
#include <stdlib.h>

#include "world.h"

enum { MOST = 700 };

typedef struct large {
  world w;
  size_t n;
  double at[MOST], reach[MOST], loss, gradient[MOST];
} large;

/* Terms for x0, x1 ...: with %zu for i and %.17g for number(i). */
static char *sum_of(const char *before, const char *term, size_t n, double (*number)(size_t i)) {
  nd_text text = {0};
  nd_text_append(&text, before);
  for (size_t i = 0; i < n; i++) {
    nd_text_append(&text, i || *before ? " + " : "");
    for (const char *c = term; *c; c++) {
      if (*c == '#')
        nd_text_print(&text, "x%zu", i);
      else if (*c == '>')
        nd_text_print(&text, "x%zu", i + 1);
      else if (*c == '@')
        nd_text_print(&text, "%.17g", number(i));
      else
        nd_text_print(&text, "%c", *c);
    }
  }
  char *copy = strdup(nd_text_data(&text));
  nd_text_free(&text);
  return copy;
}

/* A point that a run is said to have ended at. */
static large begin(char *formula, const char *const *settings) {
  large l = {.w = make_with(formula, settings)};
  free(formula);
  l.n = l.w.objective->problem.size;
  assert_true(l.n <= MOST);
  assert_null(l.w.objective->problem.hessian);
  for (size_t i = 0; i < l.n; i++)
    l.reach[i] = 1;
  return l;
}

static nadir_reason judge(large *l, nd_known_of_run known) {
  nd_run run = {.w = l->at,
                .reach = l->reach,
                .first_loss = 1e3,
                .stop = NADIR_STOP_DECREASE,
                .method.optimizer = nd_method_for(NADIR_METHOD_MANY),
                .duality_gap = (double)NAN};
  nd_diagnosis_clear(&l->w.diagnosis);
  assert_int_equal(nd_diagnose(l->w.objective, &run, &known, &l->w.diagnosis, &error), NADIR_OK);
  return l->w.diagnosis.reason;
}

static const nd_known_of_run nothing = {.least = -HUGE_VAL},
                             convex = {.convex = true, .least = -HUGE_VAL};

static double one_to_three(size_t i) {
  return (double)(1 + i % 3);
}

/* Curvatures 2, 4 and 6. */
static void sums_of_squares(void **state) {
  (void)state;
  large l = begin(sum_of("", "@*(#-1)^2", 300, one_to_three), (const char *const[]){NULL});
  for (size_t i = 0; i < l.n; i++)
    l.at[i] = 1;
  assert_int_equal(judge(&l, nothing), NADIR_REASON_AT_REST);
  assert_false(l.w.diagnosis.proved);
  assert_true(fabs(l.w.diagnosis.curvature_max - 6) < 1e-9);
  assert_true(fabs(l.w.diagnosis.curvature_min - 2) < 1e-9);
  assert_int_equal(judge(&l, convex), NADIR_REASON_AT_REST);
  /* a way of 1e-8 is left, of 1 that was come, and a decrease of 600e-16, of 1e3 */
  for (size_t i = 0; i < l.n; i++)
    l.at[i] = 1 + 1e-8;
  assert_int_equal(judge(&l, nothing), NADIR_REASON_AT_REST);
  l.at[7] = 1 + 1e-5; /* not a millionth of the way */
  assert_int_equal(judge(&l, nothing), NADIR_REASON_RUN_ON);
  for (size_t i = 0; i < l.n; i++)
    l.reach[i] = 100;
  assert_int_equal(judge(&l, nothing), NADIR_REASON_AT_REST);
  l.reach[8] = 0; /* one that was right from the beginning */
  l.at[8] = 1;
  assert_int_equal(judge(&l, nothing), NADIR_REASON_AT_REST);
  for (size_t i = 0; i < l.n; i++)
    l.at[i] = 1 + 9e-5; /* the decrease is 4.9e-6, more than 1e-10 of the fall */
  assert_int_equal(judge(&l, nothing), NADIR_REASON_RUN_ON);
  drop(&l.w);
}

static double over_six_decades(size_t i) {
  return pow(10, -3 + 6 * (double)i / 99);
}
static double over_seven_hundred(size_t i) {
  return pow(10, -3 + 6 * (double)i / 699);
}

/* x0 = 0 is a maximum of -0.001 x0^2 + x0^4, and the gradient is 0 there. */
static void slight_saddles(void **state) {
  (void)state;
  large l = begin(sum_of("-0.002*x0^2 + x0^4", "@*#^2", 100, over_six_decades),
                  (const char *const[]){NULL});
  assert_int_equal(judge(&l, nothing), NADIR_REASON_NOT_AT_REST);
  assert_true(fabs(l.w.diagnosis.curvature_min - -0.002) < 1e-9);
  assert_true(fabs(l.w.diagnosis.curvature_max - 2000) < 1e-6);
  l.at[0] = 1e-3; /* the gradient shows it */
  assert_int_equal(judge(&l, nothing), NADIR_REASON_NOT_AT_REST);
  drop(&l.w);
  /* more parameters than steps: what has not settled is not a minimum */
  l = begin(sum_of("-0.002*x0^2 + x0^4", "@*#^2", 700, over_seven_hundred),
            (const char *const[]){NULL});
  nadir_reason reason = judge(&l, nothing);
  assert_true(reason == NADIR_REASON_NOT_AT_REST || reason == NADIR_REASON_COSTS_TOO_MUCH);
  drop(&l.w);
  l = begin(sum_of("", "@*#^2", 700, over_seven_hundred), (const char *const[]){NULL});
  reason = judge(&l, nothing);
  assert_true(reason == NADIR_REASON_AT_REST || reason == NADIR_REASON_COSTS_TOO_MUCH);
  assert_int_equal(judge(&l, convex), NADIR_REASON_AT_REST);
  drop(&l.w);
}

/* exp(-x0) falls for ever, by less than the others hide. */
static void hidden_tail(void **state) {
  (void)state;
  large l = begin(sum_of("exp(-x0) - x0^2", "#^2", 100, one_to_three), (const char *const[]){NULL});
  l.at[0] = 20;
  for (size_t i = 1; i < l.n; i++)
    l.at[i] = 5e-7;
  l.reach[0] = 20;
  assert_int_equal(judge(&l, nothing), NADIR_REASON_RUN_ON);
  drop(&l.w);
}

/* The path's Laplacian: 4 sin^2(k pi / 2n) / ..., one of them 0 along (1, 1, ... 1). */
static void flat_floors(void **state) {
  (void)state;
  large l = begin(sum_of("", "(#->)^2", 99, one_to_three), (const char *const[]){NULL});
  assert_int_equal(l.n, 100);
  for (size_t i = 0; i < l.n; i++)
    l.at[i] = 3;
  assert_int_equal(judge(&l, convex), NADIR_REASON_FLAT_CONVEX);
  assert_int_equal(judge(&l, nothing), NADIR_REASON_FLAT);
  double largest = 8 * pow(sin(99 * 3.14159265358979323846 / 200), 2);
  assert_true(fabs(l.w.diagnosis.curvature_max - largest) < 1e-9);
  assert_true(fabs(l.w.diagnosis.curvature_min) < 1e-9);
  drop(&l.w);
}

static void nothing_to_be_said(void **state) {
  (void)state;
  static const struct {
    const char *term;
    double at;
    const char *l1;
    nadir_reason reason;
  } list[] = {
      {"abs(#-1) + #^2", 0.5, "0", NADIR_REASON_KINK},
      {"#^2", 0, "0.1", NADIR_REASON_KINK},
      {"sqrt(#)", 0, "0", NADIR_REASON_NO_DERIVATIVES},
      {"#*log(#)", -1, "0", NADIR_REASON_NO_DERIVATIVES},
      {"#^1.5", 0, "0", NADIR_REASON_FLAT}, /* an infinite curvature */
      {"-#^2 + #^4", 0, "0", NADIR_REASON_NOT_AT_REST},
      {"#^4", 0, "0", NADIR_REASON_FLAT},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    large l = begin(sum_of("", list[i].term, 70, one_to_three),
                    (const char *const[]){"l1", list[i].l1, NULL});
    for (size_t k = 0; k < l.n; k++)
      l.at[k] = list[i].at;
    nadir_reason reason = judge(&l, nothing);
    if (reason != list[i].reason)
      fail_msg("%s: %d, not %d", list[i].term, (int)reason, (int)list[i].reason);
    drop(&l.w);
  }
}

/* Curvature that is known to be upwards, but is rounded below 0, is not taken for a saddle. */
static void convex_by_proof(void **state) {
  (void)state;
  large l = begin(sum_of("", "-#^2", 70, one_to_three), (const char *const[]){NULL});
  l.at[3] = 1;
  assert_int_equal(judge(&l, convex), NADIR_REASON_RUN_ON);
  drop(&l.w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_of_squares),    cmocka_unit_test(slight_saddles),
      cmocka_unit_test(hidden_tail),        cmocka_unit_test(flat_floors),
      cmocka_unit_test(nothing_to_be_said), cmocka_unit_test(convex_by_proof),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
