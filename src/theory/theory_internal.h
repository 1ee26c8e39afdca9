/* What the files of this folder share: the budget of time, intervals of doubles that are rounded
 * outwards, the domain of a question, lines of proof, and the three ways to a verdict.
 *
 * Every number here is a bound that holds for certain: an interval contains the true values for
 * real arithmetic on the exact decimals as typed. An open end is never attained. */
#ifndef ND_THEORY_INTERNAL_H
#define ND_THEORY_INTERNAL_H

#include "theory/theory.h"

/* ---- time (convexity.c) ---- */

typedef struct nd_budget {
  nd_until until;
  uint64_t boxes; /* looked at so far */
} nd_budget;
nd_until nd_question_until(const nd_question *question);
nd_budget nd_budget_of(const nd_question *question);
bool nd_out_of_time(const nd_budget *budget);

/* FLINT keeps tables and free numbers by thread: whatever is called from outside of this folder gives
 * them back before it returns, or a thread of the host that ends would leave them behind. Numbers in
 * use stay as they are. */
void nd_give_back(void);

/* ---- intervals (interval.c): [low, high], an end being open where it is not attained ---- */

typedef struct nd_interval {
  double low, high;
  bool low_open, high_open;
  bool never_zero; /* 0 is not a value, though it may lie between the ends */
} nd_interval;

/* The interval of a fact's range: decimals rounded outwards (exact where they are doubles). For a
 * list of values, their hull. */
nadir_status nd_interval_of_range(const nd_range *range, nd_interval *interval, nadir_error *error);

/* ---- the domain (domain.c): where the formula as typed is defined, and the facts hold ---- */

/* `box` has an enclosure of each parameter's values on the domain (from the facts and from the
 * formula's own conditions, as x > 0 of log(x)); `constants` those of the other names, in the order
 * of `names`. The domain may be smaller than the box where `is_box` is false. A Hessian over box
 * proves something of the domain only where convex is true. */
typedef struct nd_domain {
  bool convex; /* proved, for every value of the constants */
  bool is_box; /* the domain is the box itself: no other condition */
  bool empty;  /* it is proved to hold no point, for any value of the constants */
  nd_interval *box;
  nd_node *names; /* NAME leaves that are not parameters */
  nd_interval *constants;
  size_t constant_count;
  nadir_domain told; /* the same for who asks: its conditions on parameters */
  nd_node
      reason; /* where not convex: the node whose condition is not proved convex, or ND_NO_NODE */
} nd_domain;
nadir_status nd_domain_find(const nd_question *question, const nd_budget *budget, nd_domain *domain,
                            nadir_error *error);
void nd_domain_clear(nd_domain *domain);
void nd_told_clear(nadir_domain *told);

/* ---- steps of proof (proof.c) ---- */

/* One more step, of which depth, claim, rule, function and boxes are given; parent follows from the
 * depths, and the formula is printed from the node. */
nadir_status nd_proof_add(nd_verdict *verdict, const nd_graph *graph, nadir_proof_step step,
                          nd_node node, nadir_error *error);
/* A node as text, the caller's. */
nadir_status nd_print_copy(const nd_graph *graph, nd_node node, nd_notation notation, char **copy,
                           nadir_error *error);

/* ---- the three ways to a verdict ----
 * Each looks at what is not answered yet in the verdict (convex, concave, affine NADIR_NOT_KNOWN),
 * answers what it can, adds steps of proof or witnesses, and sets by where it answered first (NADIR_BY_NOTHING
 * before). modulus is NaN until it is known. nd_convexity has removed parameters and constants of a
 * single value before, has called them in this order, and writes the domain. nd_prove_by_
 * hessian is called only where the domain was proved convex. */
nadir_status nd_prove_by_rules(const nd_question *question, const nd_budget *budget,
                               nd_verdict *verdict, nadir_error *error);
nadir_status nd_prove_by_hessian(const nd_question *question, nd_budget *budget,
                                 nd_verdict *verdict, nadir_error *error);
nadir_status nd_refute(const nd_question *question, nd_budget *budget, nd_verdict *verdict,
                       nadir_error *error);

#endif
