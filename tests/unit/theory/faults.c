/* Every allocation, and every piece of memory cut from one, is refused in turn on the way to an answer: a verdict by the
 * rules and by the Hessian, a gap, a series, a model, bounds on curvature. Each ends with a sentence, and
 * nothing is left of it. Built with NADIR_FAULTS alone. */
#include "../walk.h"

#include <math.h>
#include <string.h>

#include "theory/theory_internal.h"

enum { MOST_NAMES = 4 };

typedef struct asked {
  const char *formula, *names, *facts;
  bool by_hessian;
} asked;

typedef struct world {
  nd_graph *graph;
  nd_node names[MOST_NAMES];
  nd_fact *facts;
  nd_question question;
} world;

static nadir_status make(world *w, const asked *a, nadir_error *error) {
  size_t facts;
  char name[2] = "";
  *w = (world){0};
  ND_TRY(nd_graph_new(&w->graph, error));
  w->question =
      (nd_question){.graph = w->graph, .parameters = w->names, .seconds = 60, .proofs_only = true};
  ND_TRY(nd_parse(w->graph, a->formula, &w->question.root, error));
  for (const char *at = a->names; *at; at++) {
    *name = *at;
    ND_TRY(nd_make_name(w->graph, name, &w->names[w->question.parameter_count++], error));
  }
  if (!*a->facts) return NADIR_OK;
  ND_TRY(nd_box_read(w->graph, a->facts, &w->facts, &facts, error));
  w->question.facts = w->facts;
  w->question.fact_count = facts;
  return NADIR_OK;
}

static void drop(world *w) {
  nd_free(w->facts);
  nd_graph_free(w->graph);
}

/* ---- verdicts ---- */

static nadir_status prove(world *w, const asked *a, nd_verdict *verdict, nadir_error *error) {
  if (!a->by_hessian) return nd_convexity(&w->question, verdict, error);
  nd_budget budget = nd_budget_of(&w->question);
  return nd_prove_by_hessian(&w->question, &budget, verdict, error);
}

static nadir_status verdict_of(void *context, nadir_error *error) {
  const asked *a = context;
  world w;
  nd_verdict verdict = {.modulus = (double)NAN, .size = strlen(a->names)};
  nadir_status status = make(&w, a, error);
  if (status == NADIR_OK) status = prove(&w, a, &verdict, error);
  nd_verdict_clear(&verdict);
  drop(&w);
  return status;
}

static void verdicts(void **state) {
  (void)state;
  static asked list[] = {
      {"3*x^2 + exp(2*x - y) - log(x)", "xy", "x=1:2", false},
      {"log(1 + exp(x)) + 1/(1 + exp(-x))", "x", "", false},
      {"x*log(x/y) + x^2/y", "xy", "x=1:2,y=1:2", false},
      {"integral(exp(x*t), t, 0, 1)", "x", "x=1:2", false},
      {"norm2([x, y])^2 + max(x, 1 - x)", "xy", "", false},
      {"x^0.3*y^0.7*k^(1/2)", "xy", "x=1:2,y=1:2,k=1:2", false},
      {"x^4 - 4*x^3 + 6*x^2", "x", "", true},
      {"exp(log(x))*sqrt(1 + x^2)/cbrt(x)", "x", "x=1:1.1", true},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++)
    assert_true(walk_memory(verdict_of, &list[i]) > 20);
}

/* ---- bounds ---- */

static nadir_status gap_of(void *context, nadir_error *error) {
  const asked *a = context;
  static const double at[] = {0.125, 0}, reach[] = {1, 0};
  world w;
  nd_gap gap;
  nd_verdict verdict = {.modulus = (double)NAN, .size = strlen(a->names)};
  nadir_status status = make(&w, a, error);
  if (status == NADIR_OK) status = nd_convexity(&w.question, &verdict, error);
  if (status == NADIR_OK) status = nd_gap_at(&w.question, &verdict, at, reach, NULL, &gap, error);
  nd_verdict_clear(&verdict);
  drop(&w);
  return status;
}

static nadir_status curvature_of(void *context, nadir_error *error) {
  world w;
  nd_curvature_bounds bounds;
  nadir_status status = make(&w, context, error);
  if (status == NADIR_OK) status = nd_curvature_on_box(&w.question, &bounds, error);
  drop(&w);
  return status;
}

static nadir_status series_of(void *context, nadir_error *error) {
  world w;
  nd_taylor_one series = {0};
  nadir_status status = make(&w, context, error);
  if (status == NADIR_OK) status = nd_taylor_series(&w.question, "pi/4", 2, 0.125, &series, error);
  nd_taylor_one_clear(&series);
  drop(&w);
  return status;
}

static nadir_status model_of(void *context, nadir_error *error) {
  static const char *const at[] = {"1/2", "2"};
  world w;
  nd_taylor_many model = {0};
  nadir_status status = make(&w, context, error);
  if (status == NADIR_OK) status = nd_taylor_model(&w.question, at, 0.5, 0.1, &model, error);
  nd_taylor_many_clear(&model);
  drop(&w);
  return status;
}

static nadir_status local_of(void *context, nadir_error *error) {
  static const double at[] = {0.5, 2}, reach[] = {0.1, 0.1};
  world w;
  nd_local *local = NULL;
  nadir_status status = make(&w, context, error);
  if (status == NADIR_OK)
    status = nd_local_new(&local, w.graph, w.question.root, w.names, 2, NULL, error);
  if (status == NADIR_OK) assert_true(nd_local_look(local, at, reach).continuous);
  nd_local_free(local);
  drop(&w);
  return status;
}

static void bounds(void **state) {
  (void)state;
  static asked gap = {"x^2 + y^2", "xy", "", false};
  static asked curved = {"x*y", "xy", "x=0:1,y=0:1", false};
  static asked one = {"sin(x)*sqrt(x)", "x", "", false};
  static asked many = {"exp(x) + x*y", "xy", "", false};
  assert_true(walk_memory(gap_of, &gap) > 20);
  assert_true(walk_memory(curvature_of, &curved) > 20);
  assert_true(walk_memory(series_of, &one) > 20);
  assert_true(walk_memory(model_of, &many) > 20);
  assert_true(walk_memory(local_of, &many) > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(verdicts), cmocka_unit_test(bounds)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
