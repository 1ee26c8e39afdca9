/* Every allocation of a small fit fails in turn, once: each ends in NADIR_NO_MEMORY (or in a system
 * failure of the reader), nothing leaks (the sanitizers look), and the run after the last one
 * succeeds. Built with NADIR_FAULTS alone. */
#include "../fitting.h"

#include "judge/judge.h"

#include "base/fault_internal.h"

typedef struct fit_kind {
  const char *formula;
  const char *pairs[13];
} fit_kind;

static const char text[] = "x,z,class,y\n1,2,A,3\n2,,B,5\n3,5,A,6\n5,7,B,8\n8,1,A,9\n";

static const fit_kind kinds[] = {
    {"y ~ linear(x, log(x))", {"weight", "x", "l2", "0.1", "missing", "drop", NULL}},
    {"y ~ linear(*)",
     {"scale", "robust", "missing", "mean", "memory", "0", "where", "class != \"C\"", "unit", "x=m",
      NULL}},
    {"y ~ poly(x - 1, 3)", {"scale", "minmax", "precision", "single", NULL}},
    {"class ~ softmax(2; x)", {"l1", "0.1", "start", "b[A]=1", NULL}},
    {"class ~ linear(x)", {"loss", "hinge", NULL}},
    {"y ~ a*exp(-x/tau) + linear(x)",
     {"start", "tau=1", "no-penalty", "a", "sigma", "x", "validate", "0.3", NULL}},
    {"y - 3 > 2 ~ linear(x)", {"loss", "(y - f)^2/x", NULL}}};

static nadir_status use(fitting *fit) {
  nadir_error *error = &fit->error;
  const nadir_problem *p = &fit->objective->problem;
  double w[16] = {0}, gradient[16], loss, hessian[256];
  nd_errors errors;
  nd_model_reader *reader;
  nd_model_rows rows;
  nd_model_start(fit->model, fit->settings, w);
  ND_TRY(p->gradient(p->context, w, &loss, gradient, error));
  ND_TRY(p->hessian(p->context, w, hessian, error));
  const nd_pick picks[2] = {{0, 0}, {0, 1}};
  ND_TRY(fit->objective->batch(fit->objective, picks, 2, w, &loss, gradient, error));
  ND_TRY(nd_standard_errors(ND_ERRORS_AUTO, fit->objective, w, &errors, error));
  ND_TRY(nd_model_reader_new(&reader, fit->model, fit->table, fit->settings, true, error));
  nadir_status status = nd_model_read(reader, 0, &rows, error);
  nd_model_reader_free(reader);
  return status;
}

/* Fails allocation n of everything after the table is open; false where there is no n-th. */
static bool run_with_failure(const fit_kind *kind, unsigned n) {
  fitting fit;
  char what[32];
  open_text(&fit, text, kind->pairs);
  nd_settings_set(fit.settings, "threads", "1", NULL);
  snprintf(what, sizeof what, "memory:%u", n);
  assert_true(nd_fault_set(what));
  nadir_status status = try_fit(&fit, kind->formula);
  if (status == NADIR_OK) status = use(&fit);
  bool reached = nd_fault_count(ND_FAULT_MEMORY) >= n;
  assert_true(nd_fault_set(NULL));
  if (reached && status != NADIR_NO_MEMORY)
    fail_msg("%s: allocation %u: %d %s", kind->formula, n, (int)status, fit.error.message);
  if (!reached && status != NADIR_OK) fail_msg("%s: %s", kind->formula, fit.error.message);
  fit_free(&fit);
  return reached;
}

static void test_memory(void **state) {
  (void)state;
  for (size_t k = 0; k < ND_COUNT(kinds); k++) {
    unsigned n = 1;
    while (run_with_failure(&kinds[k], n))
      n++;
    assert_true(n > 50);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
