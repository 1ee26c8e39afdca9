/* A rule that steps parameter by parameter, as the engine's loop over single rows sees it. */
#ifndef ND_RULE_H
#define ND_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum nd_rule_kind {
#define ND_STEP(rule, vectors, form) ND_RULE_##rule,
#include "optim/steps.def"
#undef ND_STEP
  ND_RULES
} nd_rule_kind;

enum { ND_RULE_VECTORS = 3 /* the most that a rule has */ };

/* What is the same for all parameters in an update. */
typedef struct nd_terms {
  double keep1, take1, keep2, take2; /* of the first and second mean: what is kept of the last, and taken in */
  double epsilon, decay;
  double correction1, correction2; /* of those means, which began at 0 ... */
  bool corrected;                  /* ... and are 1 by now */
  double of_mean, of_gradient, rectified;
  bool settled; /* all later updates have the same */
} nd_terms;
/* Of update t, from 0; each update in turn, since scalars may change with it. */
typedef nd_terms nd_terms_function(const double *values, double *scalars, uint64_t t);
#define ND_STEP(rule, vectors, form) nd_terms_function nd_terms_##rule;
#include "optim/steps.def"
#undef ND_STEP

typedef struct nd_rule {
  nd_rule_kind kind;
  nd_terms_function *terms;
  const double *values;
  double *scalars;
  size_t scalar_count;
  double *const *vectors; /* by parameter */
  size_t vector_count;
  uint64_t t; /* of the next update */
} nd_rule;

#endif
