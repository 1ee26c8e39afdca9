/* What rules.c, forms.c, domain.c and their kin share: what is known of each node of a question's
 * graph, and polynomials with exact coefficients. */
#ifndef ND_RULES_INTERNAL_H
#define ND_RULES_INTERNAL_H

#include <flint/fmpq_mat.h>

#include "theory/decimal_internal.h"
#include "theory/theory_internal.h"

/* A small rational exponent in lowest terms, d > 0. */
typedef struct nd_ratio {
  int32_t n, d;
} nd_ratio;
bool nd_ratio_add(nd_ratio a, nd_ratio b, nd_ratio *sum);
bool nd_ratio_multiply(nd_ratio a, nd_ratio b, nd_ratio *product);
/* False where it is too large. */
bool nd_ratio_of(const fmpq_t value, nd_ratio *ratio);
int nd_ratio_compare(nd_ratio a, nd_ratio b);

/* ---- intervals (interval.c) ---- */
nd_interval nd_everything(void);
nd_interval nd_between(double low, double high); /* closed where finite */
bool nd_is_nonnegative(nd_interval a);
bool nd_is_nonpositive(nd_interval a);
bool nd_is_positive(nd_interval a);
bool nd_is_negative(nd_interval a);
bool nd_is_nonzero(nd_interval a);
bool nd_is_point(nd_interval a);
nd_interval nd_meet(nd_interval a, nd_interval b);
nd_interval nd_hull(nd_interval a, nd_interval b);
nd_interval nd_plus(nd_interval a, nd_interval b);
nd_interval nd_minus(nd_interval a);
nd_interval nd_times(nd_interval a, nd_interval b);
nd_interval nd_inverse(nd_interval a);
nd_interval nd_magnitude(nd_interval a); /* |a| */
/* The values of an operator of the list, everything where nothing is known. */
nd_interval nd_function_range(nd_op op, const nd_interval *arguments, size_t count);
/* Everywhere on these intervals, proved. */
bool nd_function_is_defined(nd_op op, const nd_interval *arguments, size_t count);
nd_interval nd_power_range(nd_interval a, nd_ratio exponent);

/* ---- what is known of a node ---- */

typedef struct nd_child {
  nd_node node;
  nadir_claim claim;
} nd_child;
/* Why a claim holds: a rule and the nodes that it rests on. */
typedef struct nd_reason {
  nadir_rule rule;
  size_t first, count; /* in children */
} nd_reason;
typedef struct nd_known {
  bool done, busy, constant, convex, concave;
  nd_interval range;
  nd_reason reason[2]; /* by claim, convex and concave */
} nd_known;

/* A term is coefficient * product of factors; factors ascend by base. */
typedef struct nd_factor {
  nd_node base;
  nd_ratio exponent;
} nd_factor;
typedef struct nd_term {
  size_t coefficient; /* in rationals */
  size_t first, count;
} nd_term;
typedef struct nd_poly {
  size_t first, count; /* in terms */
} nd_poly;
/* SUMS_KEPT leaves a sum as it is, so that every node is one term. */
typedef enum nd_form { ND_EXPANDED, ND_SUMS_KEPT } nd_form;

typedef struct nd_rules {
  const nd_question *question;
  const nd_budget *budget;
  nd_graph *graph;
  nadir_error *error;
  nd_known *known; /* by node */
  size_t known_capacity;
  nd_interval *condition; /* by node: what the domain says of its values */
  bool *has_condition;
  size_t condition_capacity, has_capacity;
  nd_child *children;
  size_t child_count, child_capacity;
  /* forms.c */
  fmpq *rationals;
  nd_factor *factors;
  nd_term *terms;
  size_t rational_count, rational_capacity, factor_count, factor_capacity, term_count,
      term_capacity;
  nd_poly *polys[2]; /* by form and node; first is SIZE_MAX - 1 while it is being made */
  bool *has_poly[2];
  size_t poly_capacity[2], has_poly_capacity[2];
  unsigned depth, level; /* level: how many perspectives this is within */
} nd_rules;

/* ---- rules.c ---- */

nadir_status nd_rules_begin(nd_rules *rules, const nd_question *question, const nd_budget *budget,
                            nadir_error *error);
void nd_rules_end(nd_rules *rules);
void nd_rules_forget(nd_rules *rules); /* all that is known, for conditions have changed */
/* Makes everything known of a node, and of what is under it. */
nadir_status nd_know(nd_rules *rules, nd_node node);
/* Of a node that nd_know has seen; not to be kept past the next call. */
nd_known *nd_known_of(nd_rules *rules, nd_node node);
nadir_status nd_narrow(nd_rules *rules, nd_node node, nd_interval condition);
bool nd_is_parameter(const nd_rules *rules, nd_node node);
/* What a power does to u in the range: curvature 1 convex, -1 concave, 0 neither; slope 1
 * nondecreasing, -1 nonincreasing, 0 neither. */
void nd_power_shape(nd_interval range, nd_ratio exponent, int *curvature, int *slope);
/* Records that a claim holds, if it is not known yet. Children are copied. */
nadir_status nd_conclude(nd_rules *rules, nd_node node, nadir_claim claim, nadir_rule rule,
                         const nd_child *children, size_t count);
bool nd_is_same(nadir_rule rule); /* the claim was proved of an equal form */
bool nd_holds(nd_rules *rules, nd_node node, nadir_claim claim);

/* ---- domain.c ---- */

/* A condition of an operator on an argument: `on` lies in `set` (or is not zero, or as the operator
 * says). Under a condition of the parameters it holds for some of the domain only. */
typedef enum nd_condition_kind { ND_IN_SET, ND_NOT_ZERO, ND_SPECIAL } nd_condition_kind;
typedef enum nd_reach {
  ND_UNREACHED,
  ND_ALWAYS,
  ND_FOR_SOME_CONSTANTS,
  ND_FOR_SOME_POINTS
} nd_reach;
typedef struct nd_condition {
  nd_node owner, on;
  nd_interval set;
  nd_condition_kind kind;
  nd_reach reach;
  bool accepted, trivial, is_side; /* trivial: says nothing new; side: the same as a box's side */
} nd_condition;
typedef struct nd_conditions {
  nd_condition *list;
  size_t count, capacity;
  bool convex, lists_values;
  nd_node reason;
} nd_conditions;
/* Finds the formula's conditions, narrows the rules by those whose sets are proved convex, and says
 * whether all are. */
nadir_status nd_conditions_find(nd_rules *rules, nd_conditions *conditions);
void nd_conditions_clear(nd_conditions *conditions);

/* ---- forms.c: polynomials in atoms (names, and what is not a sum, product or power) ---- */

nadir_status nd_polynomial(nd_rules *rules, nd_node node, nd_form form, nd_poly *poly);
fmpq *nd_coefficient(nd_rules *rules, const nd_term *term);
/* The rational that a node without names stands for; false where it is none. */
nadir_status nd_number_of_node(nd_rules *rules, nd_node node, fmpq_t value, bool *is_rational);
/* The node of a term without its coefficient, and of a whole polynomial. */
nadir_status nd_node_of_factors(nd_rules *rules, size_t first, size_t count, nd_node *node);
nadir_status nd_node_of_terms(nd_rules *rules, const nd_term *terms, size_t count, nd_node *node);
nadir_status nd_node_of_rational(nd_rules *rules, const fmpq_t value, nd_node *node);
void nd_forms_end(nd_rules *rules);

/* ---- collect.c: curvature of products of powers and of collected sums ---- */

nadir_status nd_know_product(nd_rules *rules, nd_node node);
nadir_status nd_know_collected(nd_rules *rules, nd_node node);

/* ---- perspective.c: v*f(u/v) ---- */

nadir_status nd_know_perspective(nd_rules *rules, nd_node node);

/* ---- quadratics in a polynomial (collect.c) ---- */

/* The matrix of a polynomial of degree 2 in (1, parameters), row 0 for 1, initialised only where
 * the answer is true; false where it is none or its coefficients are not all numbers. variables, at
 * most ND_MOST_VARIABLES: the parameters that occur. */
enum { ND_MOST_VARIABLES = 60 };
bool nd_read_quadratic(nd_rules *rules, const nd_term *terms, size_t count, nd_node *variables,
                       size_t *variable_count, fmpq_mat_t matrix);

/* ---- strong.c ---- */

/* Strict convexity (of -root where `claim` is concave) and a proved modulus, for what was proved.
 */
nadir_status nd_find_strength(nd_rules *rules, nd_node root, nadir_claim claim, bool *strict,
                              double *modulus);

/* ---- quadratic.c: exact algebra of quadratic forms ---- */

/* Positive semidefinite, by an exact LDL^T; definite where no pivot is zero. */
bool nd_is_semidefinite(const fmpq_mat_t matrix, bool *definite);
/* A proved lower bound on the least eigenvalue of a semidefinite matrix, 0 at worst. */
nadir_status nd_least_eigenvalue(const fmpq_mat_t matrix, double *least, nadir_error *error);

#endif
