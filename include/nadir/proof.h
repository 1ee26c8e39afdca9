/* What can be proved of a formula: whether it is convex, where it is defined, and the proof itself, step by
 * step, or a witness against it. nadir.h includes this. */
#ifndef NADIR_PROOF_H
#define NADIR_PROOF_H

#include "../nadir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Two points between which a function f lies above its chord, which is therefore not convex (or
 * below it, therefore not concave). Enclosures verify it, so that rounding cannot fake it. */
typedef struct nadir_witness {
  double *p, *q;     /* by parameter; of a fit: in the table's units */
  double weight;     /* t of the point between, t p + (1-t) q */
  double *constants; /* by name in constant_names: what the other names of the formula are here */
  char **constant_names;
  size_t constant_count;
  double at_p, at_q, between, chord; /* f(p), f(q), f(t p + (1-t) q), t f(p) + (1-t) f(q) */
  int leaves_domain;                 /* or: the point between is outside of f's domain */
} nadir_witness;

/* Whether a search ended before all had been tried. */
typedef enum nadir_cut { NADIR_NOT_CUT, NADIR_CUT_BY_TIME, NADIR_CUT_BY_LISTENER } nadir_cut;

/* The rules that a step of a proof may follow; nadir_rule_meaning has their words. */
typedef enum nadir_rule {
  NADIR_RULE_FORM, NADIR_RULE_PARAMETER, NADIR_RULE_CONSTANT, NADIR_RULE_AFFINE,
  NADIR_RULE_ABOVE, NADIR_RULE_SIMPLIFIED, NADIR_RULE_COLLECTED, NADIR_RULE_CONVEX_FUNCTION,
  NADIR_RULE_CONCAVE_FUNCTION, NADIR_RULE_CONVEX_OF_AFFINE, NADIR_RULE_CONCAVE_OF_AFFINE,
  NADIR_RULE_CONVEX_MONOTONE, NADIR_RULE_CONCAVE_MONOTONE, NADIR_RULE_MAX, NADIR_RULE_MIN,
  NADIR_RULE_POSITIVE_PART, NADIR_RULE_NORM, NADIR_RULE_ABSOLUTE, NADIR_RULE_SQUARED_NORM,
  NADIR_RULE_SQUARE_OF_AFFINE, NADIR_RULE_ROOT_OF_SQUARES, NADIR_RULE_LOGSUMEXP,
  NADIR_RULE_QUAD_OVER_LIN, NADIR_RULE_HUBER, NADIR_RULE_SUM_OF_CONVEX,
  NADIR_RULE_SUM_OF_CONCAVE, NADIR_RULE_CONVEX_DIFFERENCE, NADIR_RULE_CONCAVE_DIFFERENCE,
  NADIR_RULE_CONVEX_WITH_ENTROPY, NADIR_RULE_CONCAVE_WITH_ENTROPY,
  NADIR_RULE_NEGATIVE_OF_CONCAVE, NADIR_RULE_NEGATIVE_OF_CONVEX, NADIR_RULE_MULTIPLE_OF_AFFINE,
  NADIR_RULE_MULTIPLE_OF_CONVEX, NADIR_RULE_MULTIPLE_OF_CONCAVE,
  NADIR_RULE_NEGATIVE_MULTIPLE_OF_CONCAVE, NADIR_RULE_NEGATIVE_MULTIPLE_OF_CONVEX,
  NADIR_RULE_EVEN_POWER, NADIR_RULE_POWER_OF_AFFINE, NADIR_RULE_MONOTONE_POWER,
  NADIR_RULE_CONVEX_BRANCHES, NADIR_RULE_CONCAVE_BRANCHES, NADIR_RULE_LOG_CONVEX,
  NADIR_RULE_NEGATIVE_POWERS, NADIR_RULE_GEOMETRIC_MEAN, NADIR_RULE_NORM_OVER_CONCAVE,
  NADIR_RULE_POWER_OVER_CONCAVE, NADIR_RULE_EXPONENTIALS, NADIR_RULE_ENTROPY,
  NADIR_RULE_RELATIVE_ENTROPY, NADIR_RULE_SEMIDEFINITE, NADIR_RULE_NEGATIVE_SEMIDEFINITE,
  NADIR_RULE_PERSPECTIVE_OF_CONVEX, NADIR_RULE_PERSPECTIVE_OF_CONCAVE,
  NADIR_RULE_NEGATIVE_PERSPECTIVE_OF_CONVEX, NADIR_RULE_NEGATIVE_PERSPECTIVE_OF_CONCAVE,
  NADIR_RULE_HESSIAN, NADIR_RULE_NEGATIVE_HESSIAN, NADIR_RULE_DERIVATIVE,
  NADIR_RULE_PRODUCT_OF_CONVEX, NADIR_RULE_FACTOR, NADIR_LAST_RULE = NADIR_RULE_FACTOR
} nadir_rule;
/* What a step of a proof says of its formula. */
typedef enum nadir_claim {
  NADIR_IS_CONVEX,
  NADIR_IS_CONCAVE,
  NADIR_IS_AFFINE,
  NADIR_IS_NOT_CONVEX, /* as the witness shows */
  NADIR_IS_SECOND_DERIVATIVE
} nadir_claim;
NADIR_API const char *nadir_answer_name(nadir_answer answer); /* "not known" */
NADIR_API const char *nadir_claim_name(nadir_claim claim);    /* "second derivative" */
NADIR_API const char *nadir_rule_meaning(nadir_rule rule);    /* "sum of convex functions" */

/* A proof is a tree: the steps that one rests on come after it, one deeper. */
#define NADIR_NO_STEP ((size_t)-1)
typedef struct nadir_proof_step {
  size_t parent;  /* the step that rests on this one; NADIR_NO_STEP at the top */
  unsigned depth; /* 0 at the top */
  char *formula, *latex;
  nadir_claim claim;
  nadir_rule rule;
  const char *function; /* what "is convex": "exp"; NULL where a rule speaks of none */
  uint64_t boxes;       /* into which the domain was cut for a Hessian */
} nadir_proof_step;

/* A number as it was typed or is exactly, and the double nearest to it; NULL and infinite where an
 * interval has no end. */
typedef struct nadir_decimal {
  double value;
  char *text;
} nadir_decimal;

typedef enum nadir_condition_kind {
  NADIR_IN_INTERVAL, /* from low to high */
  NADIR_IN_LIST,
  NADIR_NOT_ZERO,
  NADIR_DEFINED /* it has a value, as lgamma(x) has where x is not a pole */
} nadir_condition_kind;
typedef struct nadir_condition {
  nadir_condition_kind kind;
  char *formula; /* what must be so: "x", "x + y" */
  nadir_decimal low, high;
  int low_open, high_open;
  size_t values;
  nadir_decimal *value;
} nadir_condition;

/* Where the formula as typed has values: where all conditions hold; without any, everywhere. */
typedef struct nadir_domain {
  int convex, everywhere, empty; /* proved */
  size_t conditions;
  nadir_condition *condition;
} nadir_domain;

/* Convexity of a formula in its parameters. */
typedef struct nadir_convexity {
  char *formula; /* as typed */
  size_t size;
  char **parameter;
  nadir_answer convex, concave, affine;
  int strict;        /* strictly convex, or concave; proved */
  double modulus;    /* of strong convexity, a proved lower bound; NaN without one */
  nadir_proof_by by; /* what gave the first answer */
  nadir_domain domain;
  size_t steps;
  nadir_proof_step *step;                  /* of what was proved */
  nadir_witness *not_convex, *not_concave; /* NULL without one */
  nadir_cut cut;
  uint64_t boxes; /* looked at by the search for a Hessian's proof */
} nadir_convexity;

/* Settings: data, assume, box, seconds. */
NADIR_API nadir_status nadir_convex(const nadir_expr *expr, const nadir_settings *settings,
                                    const nadir_listener *listener, nadir_convexity **convexity,
                                    nadir_error *error);
NADIR_API void nadir_convexity_free(nadir_convexity *convexity);
NADIR_API nadir_status nadir_convexity_text(const nadir_convexity *convexity, nadir_format format,
                                            char **text, nadir_error *error);

#ifdef __cplusplus
}
#endif
#endif
