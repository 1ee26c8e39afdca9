/* The question as a whole: which way answers, what the verdict says in words, single values put
 * back into witnesses, the limit of time, and allocations that fail. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#ifdef NADIR_FAULTS
#include "base/fault_internal.h"
#endif
#include "tell/tell.h"
#include "theory/theory_internal.h"

static nadir_status convexity(nd_graph *graph, const char *formula, const char *const *facts,
                              double seconds, nd_verdict *verdict, nadir_error *error) {
  nd_node root, parameters[2];
  nd_fact list[4];
  size_t count = 0;
  ND_TRY(nd_parse(graph, formula, &root, error));
  ND_TRY(nd_make_name(graph, "x", &parameters[0], error));
  ND_TRY(nd_make_name(graph, "y", &parameters[1], error));
  for (; facts != NULL && facts[count] != NULL; count++)
    ND_TRY(nd_fact_read(graph, facts[count], &list[count], error));
  nd_question question = {.graph = graph,
                          .root = root,
                          .parameters = parameters,
                          .parameter_count = strchr(formula, 'y') != NULL ? 2 : 1,
                          .facts = list,
                          .fact_count = count,
                          .seconds = seconds};
  return nd_convexity(&question, verdict, error);
}

static void expect(const char *formula, const char *const *facts, const char *summary) {
  nd_graph *graph = NULL;
  nd_verdict verdict;
  nadir_error error = {0};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  double begin = nd_clock();
  if (convexity(graph, formula, facts, 5, &verdict, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  assert_true(nd_clock() - begin < 60);
  char name[2][2] = {"x", "y"}, *names[2] = {name[0], name[1]};
  nd_text told = {0};
  verdict.parameter = names;
  nd_tell_verdict(&verdict, &told);
  verdict.parameter = NULL;
  assert_string_equal(nd_text_data(&told), summary);
  nd_text_free(&told);
  nd_verdict_clear(&verdict);
  nd_graph_free(graph);
}

static void words(void **state) {
  (void)state;
  static const char *const positive[] = {"x > 0", NULL}, *const two[] = {"y in {2}", NULL};
  expect("x^2", NULL, "strongly convex (modulus 2) on all x, by the rules");
  expect("exp(x)", NULL, "strictly convex on all x, by the rules");
  expect("abs(x) + y", NULL, "convex on all x and y, by the rules");
  expect("-log(x)", NULL, "strictly convex on x > 0, by the rules");
  expect("1/x", positive, "strictly convex on x > 0, by the rules");
  expect("x - 2*y", NULL, "affine: convex and concave on all x and y, by the rules");
  expect("sin(x) + x^2", NULL, "strongly convex (modulus 1) on all x, by its Hessian");
  expect("x*y", NULL, "neither convex nor concave on all x and y, by a counterexample");
  expect("x^2*y", two, "strongly convex (modulus 4) on y in {2}, by the rules");
}

/* The lecture's warning is named where it is the case. */
static void product_of_convex(void **state) {
  (void)state;
  nd_graph *graph = NULL;
  nd_verdict verdict;
  nadir_error error = {0};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(convexity(graph, "x * x^2", NULL, 5, &verdict, &error), NADIR_OK);
  assert_int_equal(verdict.convex, NADIR_REFUTED);
  assert_int_equal(verdict.affine, NADIR_REFUTED);
  assert_int_equal(verdict.by, NADIR_BY_REFUTATION);
  assert_int_equal(verdict.steps, 3);
  assert_int_equal(verdict.step[0].rule, NADIR_RULE_PRODUCT_OF_CONVEX);
  assert_int_equal(verdict.step[0].parent, NADIR_NO_STEP);
  assert_int_equal(verdict.step[2].parent, 0);
  nd_witness *w = verdict.not_convex;
  assert_non_null(w);
  double p = w->p[0], q = w->q[0], m = w->weight * p + (1 - w->weight) * q;
  assert_true(m * m * m > w->weight * p * p * p + (1 - w->weight) * q * q * q);
  nd_verdict_clear(&verdict);
  nd_graph_free(graph);
}

/* What a witness shows is right to the last digit but one, where its enclosure is open too. */
static void shown_values(void **state) {
  (void)state;
  nd_graph *graph = NULL;
  nd_verdict verdict;
  nadir_error error = {0};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(convexity(graph, "sin(x)/3", NULL, 5, &verdict, &error), NADIR_OK);
  const nd_witness *w = verdict.not_convex;
  assert_non_null(w);
  long double p = sinl(w->p[0]) / 3, q = sinl(w->q[0]) / 3, t = w->weight;
  long double m = sinl(t * w->p[0] + (1 - t) * w->q[0]) / 3;
  assert_true(w->at_p == (double)p && w->at_q == (double)q && w->between == (double)m);
  assert_true(fabsl(w->chord - (t * p + (1 - t) * q)) <= 1e-16L * (fabsl(p) + fabsl(q)));
  nd_verdict_clear(&verdict);
  nd_graph_free(graph);
}

/* A parameter with one value is no direction to curve in; witnesses have it all the same. */
static void single_values(void **state) {
  (void)state;
  static const char *const facts[] = {"x in [3, 3]", NULL};
  nd_graph *graph = NULL;
  nd_verdict verdict;
  nadir_error error = {0};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(convexity(graph, "-x*y^2", facts, 5, &verdict, &error), NADIR_OK);
  assert_int_equal(verdict.concave, NADIR_PROVED);
  assert_int_equal(verdict.convex, NADIR_REFUTED);
  assert_int_equal(verdict.domain.conditions, 1);
  const nadir_condition *three = verdict.domain.condition;
  assert_int_equal(three->kind, NADIR_IN_INTERVAL);
  assert_string_equal(three->formula, "x");
  assert_true(three->low.value == 3 && three->high.value == 3 && !three->low_open);
  assert_true(verdict.not_convex->p[0] == 3 && verdict.not_convex->q[0] == 3);
  assert_true(verdict.not_convex->p[1] != verdict.not_convex->q[1]);
  assert_true(verdict.modulus == 6);
  nd_verdict_clear(&verdict);
  nd_graph_free(graph);
}

static void no_time(void **state) {
  (void)state;
  nd_graph *graph = NULL;
  nd_verdict verdict;
  nadir_error error = {0};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(convexity(graph, "(x + y)^4 + sin(x*y)", NULL, 0, &verdict, &error), NADIR_OK);
  assert_int_equal(verdict.convex, NADIR_NOT_KNOWN);
  assert_int_equal(verdict.by, NADIR_BY_NOTHING);
  assert_int_equal(verdict.cut, NADIR_CUT_BY_TIME);
  nd_verdict_clear(&verdict);
  nd_graph_free(graph);
}

/* A sum of thousands of terms neither overruns the stack nor the time. */
static void long_sums(void **state) {
  (void)state;
  nd_graph *graph = NULL;
  nd_verdict verdict;
  nadir_error error = {0};
  nd_text formula = {0};
  for (int i = 0; i < 5000; i++)
    nd_text_print(&formula, i == 0 ? "(x - %d)^2" : " + (x - %d)^2", i);
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  double begin = nd_clock();
  assert_int_equal(convexity(graph, nd_text_data(&formula), NULL, 5, &verdict, &error), NADIR_OK);
  assert_true(nd_clock() - begin < 60);
  assert_int_equal(verdict.convex, NADIR_PROVED);
  nd_verdict_clear(&verdict);
  nd_graph_free(graph);
  nd_text_free(&formula);
}

#ifdef NADIR_FAULTS
/* Domain and rules, of which each allocation must be missed. */
static nadir_status answer_of(nd_graph *graph, const char *formula, nadir_error *error) {
  nd_node root, x;
  nd_fact facts[2];
  nd_domain domain;
  nd_verdict verdict = {.modulus = NAN};
  nd_budget budget = {.until = {.deadline = nd_clock() + 60}};
  ND_TRY(nd_parse(graph, formula, &root, error));
  ND_TRY(nd_make_name(graph, "x", &x, error));
  ND_TRY(nd_fact_read(graph, "y in {1, 2}", &facts[0], error));
  ND_TRY(nd_fact_read(graph, "k >= 0", &facts[1], error));
  nd_question question = {.graph = graph,
                          .root = root,
                          .parameters = &x,
                          .parameter_count = 1,
                          .facts = facts,
                          .fact_count = 2};
  ND_TRY(nd_domain_find(&question, &budget, &domain, error));
  nd_domain_clear(&domain);
  nadir_status status = nd_prove_by_rules(&question, &budget, &verdict, error);
  nd_verdict_clear(&verdict);
  return status;
}

static nadir_status whole_way(const char *formula, nadir_error *error) {
  nd_graph *graph = NULL;
  ND_TRY(nd_graph_new(&graph, error));
  nadir_status status = answer_of(graph, formula, error);
  nd_graph_free(graph);
  return status;
}

typedef nadir_status way(const char *formula, nadir_error *error);

/* Each allocation in turn fails, and is missed. */
static void miss_each(way *way, const char *formula) {
  nadir_error error = {0};
  assert_true(nd_fault_set(""));
  assert_int_equal(way(formula, &error), NADIR_OK);
  uint64_t calls = nd_fault_count(ND_FAULT_MEMORY);
  assert_true(calls > 50);
  for (uint64_t n = 1; n <= calls; n++) {
    char what[64];
    snprintf(what, sizeof what, "memory:%llu", (unsigned long long)n);
    error = (nadir_error){0};
    assert_true(nd_fault_set(what));
    if (way(formula, &error) != NADIR_NO_MEMORY)
      fail_msg("%s: allocation %llu", formula, (unsigned long long)n);
    assert_true(error.message[0] != '\0');
  }
  assert_true(nd_fault_set(NULL));
}

/* The refuter's search evaluates at many points. */
static nadir_status refutation(const char *formula, nadir_error *error) {
  nd_graph *graph = NULL;
  nd_verdict verdict;
  ND_TRY(nd_graph_new(&graph, error));
  nadir_status status = convexity(graph, formula, NULL, 60, &verdict, error);
  if (status == NADIR_OK) {
    assert_int_equal(verdict.convex, NADIR_REFUTED);
    nd_verdict_clear(&verdict);
  }
  nd_graph_free(graph);
  return status;
}

static void failing_memory(void **state) {
  (void)state;
  miss_each(whole_way, "k*log(1 + exp(-x)) + 1/x + sqrt(1 + x^2) - log(x)");
  miss_each(whole_way, "x*x - exp(x)*exp(2*x) + x/(1 + x)");
  miss_each(refutation, "x*x^2");
  miss_each(refutation, "k*sin(x) + 1/y");
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(words),          cmocka_unit_test(product_of_convex),
      cmocka_unit_test(shown_values),   cmocka_unit_test(single_values),
      cmocka_unit_test(no_time),        cmocka_unit_test(long_sums),
#ifdef NADIR_FAULTS
      cmocka_unit_test(failing_memory),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
