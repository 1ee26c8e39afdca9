/* Which rule is taken where nobody names one, and which rules can be foretold from a spectrum. Elsewhere
 * no rule is known by its name. */
#include "optim/optim.h"

extern const nadir_optimizer nd_optimizer_adagrad, nd_optimizer_backtracking, nd_optimizer_bb,
    nd_optimizer_gd, nd_optimizer_lbfgs, nd_optimizer_lm, nd_optimizer_momentum,
    nd_optimizer_nesterov, nd_optimizer_newton, nd_optimizer_svrg;

const nadir_optimizer *nd_optimizer_for(nd_role role) {
  static const nadir_optimizer *const rules[] = {[ND_FOR_DESCENT] = &nd_optimizer_gd,
                                                 [ND_FOR_SQUARES] = &nd_optimizer_lm,
                                                 [ND_FOR_FEW] = &nd_optimizer_newton,
                                                 [ND_FOR_MANY] = &nd_optimizer_lbfgs,
                                                 [ND_FOR_OWN_RATES] = &nd_optimizer_adagrad};
  return rules[role];
}

bool nd_follows_spectrum(const nadir_optimizer *optimizer) {
  static const nadir_optimizer *const rules[] = {
      &nd_optimizer_gd, &nd_optimizer_momentum,     &nd_optimizer_nesterov, &nd_optimizer_svrg,
      &nd_optimizer_bb, &nd_optimizer_backtracking, &nd_optimizer_newton};
  for (size_t i = 0; i < ND_COUNT(rules); i++)
    if (rules[i] == optimizer) return true;
  return false;
}
