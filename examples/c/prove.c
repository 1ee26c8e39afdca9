/* Proves a formula convex and prints each step, or the two points that show that it is not; then its
 * Taylor coefficients, all without a text to take apart.
 *
 *     cc prove.c $(pkg-config --cflags --libs nadir) -o prove
 *     ./prove 'x^2 + exp(x)' */
#include <nadir.h>
#include <stdio.h>

/* Steps that a step rests on come after it, one deeper. */
static void print_proof(const nadir_convexity *found) {
  for (size_t i = 0; i < found->steps; i++) {
    const nadir_proof_step *step = &found->step[i];
    const char *function = step->function ? step->function : "";
    printf("%*s%s is %s: %s%s%s\n", 2 * (int)step->depth, "", step->formula,
           nadir_claim_name(step->claim), function, *function ? " " : "",
           nadir_rule_meaning(step->rule));
  }
}

static void print_witness(const nadir_witness *w, size_t size) {
  for (size_t i = 0; i < size; i++)
    printf("p[%zu] = %g, q[%zu] = %g\n", i, w->p[i], i, w->q[i]);
  printf("at weight %g: %g, above the chord's %g\n", w->weight, w->between, w->chord);
}

static void print_series(const nadir_expansion *series) {
  for (size_t k = 0; k < series->coefficients; k++)
    printf("h^(%zu)/%zu! = %.10g\n", k, k, series->coefficient[k]);
}

int main(int count, char **arguments) {
  nadir_error error;
  nadir_settings *settings = NULL;
  nadir_expr *expr = NULL;
  nadir_convexity *found = NULL;
  nadir_expansion *series = NULL;
  nadir_status status = nadir_settings_new(&settings, &error);
  if (status == NADIR_OK)
    status = nadir_expr_new(&expr, count > 1 ? arguments[1] : "x^2 + exp(x)", &error);
  if (status == NADIR_OK) status = nadir_convex(expr, settings, NULL, &found, &error);
  if (status == NADIR_OK) status = nadir_settings_set(settings, "order", "4", &error);
  if (status == NADIR_OK) status = nadir_taylor(expr, settings, NULL, &series, &error);
  if (status == NADIR_OK) {
    printf("convex: %s\n", nadir_answer_name(found->convex));
    print_proof(found);
    if (found->not_convex) print_witness(found->not_convex, found->size);
    print_series(series);
  } else {
    fprintf(stderr, "prove: %s\n", error.message);
  }
  nadir_expansion_free(series);
  nadir_convexity_free(found);
  nadir_expr_free(expr);
  nadir_settings_free(settings);
  return nadir_exit_status(status);
}
