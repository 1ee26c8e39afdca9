/* Which method descends, where the user does not say: one that finishes.
 *
 * A sum of squares goes to lm, whose steps come from the Jacobian by QR; where rows are so many that
 * the QR would be felt and the model is linear, newton does as well, since the Gram matrix of scaled
 * columns and the true gradient refine each other. Other losses go to newton while a Hessian is
 * affordable, else to lbfgs. A rate, a schedule, a batch or an average that is given asks for plain
 * descent; kinks in other losses than sums of squares are for it too. Costs nothing. */
#include "descend/descend.h"

enum { MOST_PARAMETERS = 512 };
static const double QR_IS_FELT = 2e5; /* rows times (parameters + 1)^2, of a linear model */
static const double MOST_WORK = 2e10; /* of others */

static bool names_descent(const nadir_settings *settings) {
  return !nd_is_auto(settings->rate) || settings->schedule != NULL || settings->batch.rows > 0 ||
         settings->average > 0;
}

static nadir_method_why reason_for(const nd_objective *objective, const nadir_settings *settings) {
  const nadir_problem *problem = &objective->problem;
  double rows = objective->rows ? (double)objective->rows : 1, n = (double)problem->size + 1;
  bool few = problem->size <= MOST_PARAMETERS, hessian = problem->hessian != NULL;
  double work = rows * n * n, most = objective->linear && hessian ? QR_IS_FELT : MOST_WORK;
  bool squares = problem->factor && few && work <= most && !objective->l1;
  if (names_descent(settings)) return NADIR_METHOD_DESCENT;
  if (objective->kinked && nd_smooth_applies(objective)) return NADIR_METHOD_VERTEX;
  if (squares) return NADIR_METHOD_SQUARES; /* whose kinks are seldom where the sum is least */
  if (objective->kinked) return NADIR_METHOD_KINKS;
  if (objective->l1) return hessian && few ? NADIR_METHOD_FEW : NADIR_METHOD_PROXIMAL;
  return hessian && few && work <= 10 * MOST_WORK ? NADIR_METHOD_FEW : NADIR_METHOD_MANY;
}

const nadir_optimizer *nd_method_for(nadir_method_why reason) {
  switch (reason) {
  case NADIR_METHOD_SQUARES:
    return nd_optimizer_for(ND_FOR_SQUARES);
  case NADIR_METHOD_FEW:
  case NADIR_METHOD_VERTEX:
    return nd_optimizer_for(ND_FOR_FEW);
  case NADIR_METHOD_MANY:
    return nd_optimizer_for(ND_FOR_MANY);
  case NADIR_METHOD_DESCENT:
  case NADIR_METHOD_KINKS:
  case NADIR_METHOD_PROXIMAL:
    return nd_optimizer_for(ND_FOR_DESCENT);
  case NADIR_METHOD_GIVEN:
    break;
  }
  return NULL;
}

nadir_status nd_choose_method(const nd_objective *objective, const nadir_settings *settings,
                              nd_method_choice *choice, nadir_error *error) {
  choice->why = NADIR_METHOD_GIVEN;
  if (nd_is_auto(settings->method)) choice->why = reason_for(objective, settings);
  const nadir_optimizer *chosen = nd_method_for(choice->why);
  const char *name = chosen ? chosen->name : settings->method;
  return nd_settings_rule(settings, name, &choice->optimizer, &choice->values, error);
}
