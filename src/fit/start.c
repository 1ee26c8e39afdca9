/* Where a descent begins: --start in descent coordinates, and a warning where nothing pulls there.
 *
 * Parameters that --start does not give begin at descent's zero, which for a scaled intercept is
 * not the table's. A free formula at zero is often at a stationary point (a*b*x, a product of two
 * zeros): no rule that follows the gradient leaves it. */
#include <string.h>

#include "fit/fit.h"

static void start_at(const nd_model *model, double *w) {
  for (size_t i = 0; i < model->size; i++) {
    double start = model->parameters[i].start;
    w[i] = isnan(start) ? 0 : start;
  }
  nd_model_to_descent(model, w, w);
  for (size_t i = 0; i < model->size; i++)
    if (isnan(model->parameters[i].start)) w[i] = 0;
}

void nd_model_start(const nd_model *model, const nadir_settings *settings, double *descent_w) {
  if (strcmp(settings->start, "random") != 0) {
    start_at(model, descent_w);
    return;
  }
  nd_random random = nd_random_stream(settings->seed, ND_FOR_START, 0, 0);
  for (size_t i = 0; i < model->size; i++)
    descent_w[i] = nd_random_normal(&random);
}

nadir_status nd_warn_stationary(const nd_objective *objective, const double *w, nd_teller *teller,
                                nadir_error *error) {
  const nadir_problem *problem = &objective->problem;
  double loss, *gradient = nd_new(problem->size, sizeof *gradient, error);
  if (gradient == NULL) return NADIR_NO_MEMORY;
  nadir_status status = problem->gradient(problem->context, w, &loss, gradient, error);
  bool still = status == NADIR_OK;
  for (size_t i = 0; i < problem->size && still; i++)
    still = gradient[i] == 0;
  if (still)
    status = nd_warn(teller, error,
                     "the start is a stationary point: every derivative is 0 there, so nothing "
                     "moves: begin elsewhere by --start NAME=VALUE or --start random");
  nd_free(gradient);
  return status;
}
