/* A function of the caller's on its own: its Hessian, and the check of its gradient. */
#include "api/api_internal.h"

/* The objective of a function, without penalties. */
static nadir_status bare_objective(nd_objective **objective, const nadir_function *function,
                                   nadir_error *error) {
  nadir_settings *settings;
  *objective = NULL;
  ND_TRY(nd_settings_new(&settings, error));
  nadir_status status = nd_objective_of_function(objective, function, settings, error);
  nd_settings_free(settings);
  return status;
}

nadir_status nadir_function_hessian(const nadir_function *function, const double *w,
                                    double *hessian, nadir_error *error) {
  ND_TO_NEAREST;
  nd_objective *objective;
  ND_TRY(bare_objective(&objective, function, error));
  nadir_status status = nd_function_hessian(objective, w, hessian, error);
  nd_objective_free(objective);
  return status;
}

nadir_status nadir_function_check(const nadir_function *function, const double *w, double *gradient,
                                  double *differences, double *uncertainty, size_t *wrong,
                                  nadir_error *error) {
  ND_TO_NEAREST;
  nd_objective *objective;
  ND_TRY(bare_objective(&objective, function, error));
  nadir_status status =
      nd_function_check(objective, w, gradient, differences, uncertainty, wrong, error);
  nd_objective_free(objective);
  return status;
}
