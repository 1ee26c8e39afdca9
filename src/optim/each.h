/* The step of a rule over all parameters, from what steps.h says of one, for the files of rules/: each writes
 * nd_terms_RULE and then ND_STEP_EACH(RULE, its vectors), which is step_RULE. */
#ifndef ND_EACH_H
#define ND_EACH_H

#include <math.h>

#include "optim/optim.h"

#define ND_NUMBERS double
#define ND_NUMBERS_SQRT(a) sqrt(a)
#define ND_NUMBERS_WHERE(a, is, b, yes, no) ((a)is(b) ? (yes) : (no))
#define ND_STEP_OF(rule) nd_step_number_##rule
#include "optim/steps.h"

#define ND_STEP_EACH(rule, count)                                                                  \
  static void step_##rule(const nadir_step *now, double *step, double *effective) {                \
    const nd_terms terms = nd_terms_##rule(now->values, now->scalars, now->t);                     \
    for (size_t i = 0; i < now->size; i++) {                                                       \
      double none = 0, *s0 = (count) > 0 ? &now->vectors[0][i] : &none,                            \
             *s1 = (count) > 1 ? &now->vectors[1][i] : &none,                                      \
             *s2 = (count) > 2 ? &now->vectors[2][i] : &none;                                      \
      step[i] = nd_step_number_##rule(&terms, now->gradient[i], now->w[i], now->rate[i], s0, s1,   \
                                      s2, &effective[i]);                                          \
    }                                                                                              \
  }

/* The terms of the rules with a first and a second mean that are corrected, at update t. From where a
 * power of beta is below half a unit of the last place of 1, its correction is 1. */
static inline nd_terms nd_terms_of_means(double beta1, double beta2, double epsilon, uint64_t t) {
  const double now = (double)t + 1;
  nd_terms terms = {.keep1 = beta1,
                    .take1 = 1 - beta1,
                    .keep2 = beta2,
                    .take2 = 1 - beta2,
                    .epsilon = epsilon,
                    .correction1 = 1,
                    .correction2 = 1};
  if (now * log2(beta1) >= -54) terms.correction1 = 1 - pow(beta1, now);
  if (now * log2(beta2) >= -54) terms.correction2 = 1 - pow(beta2, now);
  terms.corrected = terms.settled = terms.correction1 == 1 && terms.correction2 == 1;
  return terms;
}

#endif
