/* Disciplined convex programming (Grant, Boyd and Ye 2006) on the typed graph: the sign, the
 * constancy and the curvature of each node follow from those of its arguments, by the operator's
 * row in ops.def. What the typed form does not give is tried in equal forms (collect.c).
 *
 * Everything is claimed on a convex set on which the node is defined, for every value of the
 * constants that the facts allow: nd_know is right only as far as the conditions given by nd_narrow
 * are. Costs are linear in the graph for the typed form. Forbidden: sampling, rounding inwards. */
#include "theory/rules_internal.h"

#include <math.h>
#include <string.h>

#include "theory/functions_internal.h"

/* ---- what is known, by node ---- */

nd_known *nd_known_of(nd_rules *r, nd_node node) {
  return &r->known[node];
}

bool nd_is_parameter(const nd_rules *r, nd_node node) {
  for (size_t i = 0; i < r->question->parameter_count; i++)
    if (r->question->parameters[i] == node) return true;
  return false;
}

bool nd_holds(nd_rules *r, nd_node node, nadir_claim claim) {
  const nd_known *known = &r->known[node];
  if (claim == NADIR_IS_CONVEX) return known->convex;
  if (claim == NADIR_IS_CONCAVE) return known->concave;
  return known->convex && known->concave;
}

static nadir_status push_children(nd_rules *r, const nd_child *children, size_t count) {
  ND_TRY(nd_grow(&r->children, &r->child_capacity, r->child_count + count, sizeof *r->children,
                 r->error));
  if (count > 0) memcpy(&r->children[r->child_count], children, count * sizeof *children);
  r->child_count += count;
  return NADIR_OK;
}

bool nd_is_same(nadir_rule rule) {
  return rule == NADIR_RULE_SIMPLIFIED || rule == NADIR_RULE_COLLECTED;
}

nadir_status nd_conclude(nd_rules *r, nd_node node, nadir_claim claim, nadir_rule rule,
                         const nd_child *children, size_t count) {
  nd_reason reason = {rule, r->child_count, count};
  nd_known *known = &r->known[node];
  bool convex = claim != NADIR_IS_CONCAVE && !known->convex;
  bool concave = claim != NADIR_IS_CONVEX && !known->concave;
  if (!convex && !concave) return NADIR_OK;
  ND_TRY(push_children(r, children, count));
  if (convex) {
    known->convex = true;
    known->reason[0] = reason;
  }
  if (concave) {
    known->concave = true;
    known->reason[1] = reason;
  }
  return NADIR_OK;
}

nadir_status nd_narrow(nd_rules *r, nd_node node, nd_interval condition) {
  ND_TRY(nd_grow(&r->condition, &r->condition_capacity, (size_t)node + 1, sizeof *r->condition,
                 r->error));
  ND_TRY(nd_grow(&r->has_condition, &r->has_capacity, (size_t)node + 1, sizeof *r->has_condition,
                 r->error));
  r->condition[node] = r->has_condition[node] ? nd_meet(r->condition[node], condition) : condition;
  r->has_condition[node] = true;
  return NADIR_OK;
}

/* ---- ranges ---- */

static nd_node argument(const nd_rules *r, nd_node node, size_t i) {
  return nd_node_argument(r->graph, node, i);
}

static nd_interval range_of(const nd_rules *r, nd_node node) {
  return r->known[node].range;
}

static nd_interval range_of_number(const nd_rules *r, nd_node node) {
  double value = nd_node_number(r->graph, node);
  nd_interval range = {nextafter(value, -INFINITY), nextafter(value, INFINITY), true, true, false};
  fmpq_t exact;
  fmpq_init(exact);
  if (nd_read_decimal(nd_node_text(r->graph, node), exact)) {
    range = nd_between(nd_rational_end(exact, false), nd_rational_end(exact, true));
    range.never_zero = !fmpq_is_zero(exact);
  }
  fmpq_clear(exact);
  return range;
}

static nadir_status range_of_power(nd_rules *r, nd_node node, nd_interval *range) {
  nd_interval base = range_of(r, argument(r, node, 0));
  nd_interval power = range_of(r, argument(r, node, 1));
  fmpq_t value;
  nd_ratio exponent;
  bool rational;
  fmpq_init(value);
  nadir_status status = nd_number_of_node(r, argument(r, node, 1), value, &rational);
  rational = rational && status == NADIR_OK && nd_ratio_of(value, &exponent);
  fmpq_clear(value);
  ND_TRY(status);
  *range = nd_everything();
  if (rational) {
    *range = nd_power_range(base, exponent);
  } else if (nd_is_nonnegative(base)) {
    range->low = 0;
    range->low_open = nd_is_positive(base);
    if (base.low >= 1 && nd_is_nonnegative(power)) range->low = 1, range->low_open = false;
    if (base.high <= 1 && nd_is_nonnegative(power)) range->high = 1, range->high_open = false;
  }
  return NADIR_OK;
}

/* A product's sign follows from its factors; of equal ones also where they have either sign. */
static nadir_status range_of_product(nd_rules *r, nd_node node, nd_interval *range) {
  size_t arity = nd_node_arity(r->graph, node);
  bool repeats = false;
  *range = range_of(r, argument(r, node, 0));
  for (size_t i = 1; i < arity; i++) {
    *range = nd_times(*range, range_of(r, argument(r, node, i)));
    for (size_t j = 0; j < i && i < 16; j++)
      repeats = repeats || argument(r, node, i) == argument(r, node, j);
  }
  if (!repeats) return NADIR_OK;
  nd_poly poly;
  ND_TRY(nd_polynomial(r, node, ND_SUMS_KEPT, &poly));
  if (poly.count != 1) return NADIR_OK;
  nd_term term = r->terms[poly.first];
  nd_interval collected = nd_between(nd_rational_end(nd_coefficient(r, &term), false),
                                     nd_rational_end(nd_coefficient(r, &term), true));
  for (size_t i = 0; i < term.count; i++) {
    nd_factor factor = r->factors[term.first + i];
    ND_TRY(nd_know(r, factor.base));
    collected = nd_times(collected, nd_power_range(range_of(r, factor.base), factor.exponent));
  }
  *range = nd_meet(*range, collected);
  return NADIR_OK;
}

static nd_interval range_of_extreme(const nd_rules *r, nd_node node) {
  nd_interval range = range_of(r, argument(r, node, 0));
  bool least = nd_node_op(r->graph, node) == ND_MIN;
  for (size_t i = 1; i < nd_node_arity(r->graph, node); i++) {
    nd_interval next = range_of(r, argument(r, node, i)), hull = nd_hull(range, next);
    bool takes_low = least || next.low > range.low || (next.low == range.low && next.low_open);
    bool takes_high =
        !least || next.high < range.high || (next.high == range.high && next.high_open);
    if (!least && takes_low) hull.low = next.low, hull.low_open = next.low_open;
    if (!least && !takes_low) hull.low = range.low, hull.low_open = range.low_open;
    if (least && takes_high) hull.high = next.high, hull.high_open = next.high_open;
    if (least && !takes_high) hull.high = range.high, hull.high_open = range.high_open;
    range = hull;
  }
  return range;
}

static nd_interval range_of_norm(const nd_rules *r, nd_node node) {
  nd_interval norm = nd_everything();
  norm.low = 0;
  norm.low_open = false;
  for (size_t i = 0; i < nd_node_arity(r->graph, node); i++) {
    nd_interval size = nd_magnitude(range_of(r, argument(r, node, i)));
    if (size.low > norm.low) norm.low = size.low, norm.low_open = size.low_open;
    norm.never_zero = norm.never_zero || nd_is_positive(size);
  }
  return norm;
}

static nd_interval range_of_logsumexp(const nd_rules *r, nd_node node) {
  nd_interval range = nd_everything();
  for (size_t i = 0; i < nd_node_arity(r->graph, node); i++) {
    double low = range_of(r, argument(r, node, i)).low;
    if (low > range.low) range.low = low; /* the sum passes each of its terms */
  }
  return range;
}

/* A quadratic in the parameters that is a sum of squares is never negative (or positive). */
static nadir_status range_of_quadratic(nd_rules *r, nd_node node, nd_interval *range) {
  nd_node variables[ND_MOST_VARIABLES];
  size_t count;
  fmpq_mat_t matrix;
  nd_poly poly;
  bool definite;
  if (nd_is_nonnegative(*range) || nd_is_nonpositive(*range)) return NADIR_OK;
  ND_TRY(nd_polynomial(r, node, ND_EXPANDED, &poly));
  if (poly.count < 2 ||
      !nd_read_quadratic(r, &r->terms[poly.first], poly.count, variables, &count, matrix))
    return NADIR_OK;
  bool plus = nd_is_semidefinite(matrix, &definite);
  fmpq_mat_neg(matrix, matrix);
  bool minus = !plus && nd_is_semidefinite(matrix, &definite);
  fmpq_mat_clear(matrix);
  if (plus) *range = nd_meet(*range, (nd_interval){0, INFINITY, definite, true, definite});
  if (minus) *range = nd_meet(*range, (nd_interval){-INFINITY, 0, true, definite, definite});
  return NADIR_OK;
}

static nadir_status natural_range(nd_rules *r, nd_node node, nd_interval *range) {
  nd_op op = nd_node_op(r->graph, node);
  size_t arity = nd_node_arity(r->graph, node);
  const nd_op_info *about = nd_op_about(op);
  *range = nd_everything();
  if (op == ND_NUMBER) {
    *range = range_of_number(r, node);
  } else if (op == ND_PI) {
    *range = nd_between(3.141592653589793, 3.1415926535897936);
  } else if (op == ND_ADD || op == ND_SUB) {
    *range = range_of(r, argument(r, node, 0));
    for (size_t i = 1; i < arity; i++) {
      nd_interval next = range_of(r, argument(r, node, i));
      *range = nd_plus(*range, op == ND_SUB ? nd_minus(next) : next);
    }
    return range_of_quadratic(r, node, range);
  } else if (op == ND_NEG) {
    *range = nd_minus(range_of(r, argument(r, node, 0)));
  } else if (op == ND_MUL) {
    return range_of_product(r, node, range);
  } else if (op == ND_DIV) {
    *range =
        nd_times(range_of(r, argument(r, node, 0)), nd_inverse(range_of(r, argument(r, node, 1))));
  } else if (op == ND_POW) {
    return range_of_power(r, node, range);
  } else if (op == ND_MIN || op == ND_MAX) {
    *range = range_of_extreme(r, node);
  } else if (op == ND_NORM2) {
    *range = range_of_norm(r, node);
  } else if (op == ND_LOGSUMEXP) {
    *range = range_of_logsumexp(r, node);
  } else if (op == ND_IF) {
    nd_interval c = range_of(r, argument(r, node, 0));
    nd_interval a = range_of(r, argument(r, node, 1)), b = range_of(r, argument(r, node, 2));
    *range = nd_is_nonzero(c) ? a : c.low == 0 && c.high == 0 ? b : nd_hull(a, b);
  } else if (nd_node_type(r->graph, node) == ND_IS_TRUTH && op != ND_NAME) {
    *range = nd_between(0, 1);
  } else if (about != NULL && arity > 0 && arity <= 2) {
    nd_interval arguments[2];
    for (size_t i = 0; i < arity; i++)
      arguments[i] = range_of(r, argument(r, node, i));
    *range = nd_function_range(op, arguments, arity);
  }
  return NADIR_OK;
}

/* ---- curvature of one operator ---- */

typedef struct shape {
  int curvature; /* 1 convex, -1 concave, 2 affine, 0 neither */
  bool joint;    /* in all arguments; else in the first alone, the others being constant */
} shape;

/* The curvature of an operator where a <= 0, and where a >= 0. */
static const struct {
  int below, above;
} sides[] = {[ND_CURVES_affine] = {2, 2},          [ND_CURVES_convex] = {1, 1},
             [ND_CURVES_concave] = {-1, -1},       [ND_CURVES_convex_concave] = {1, -1},
             [ND_CURVES_concave_convex] = {-1, 1}, [ND_CURVES_unknown_convex] = {0, 1},
             [ND_CURVES_convex_in_a] = {1, 1},     [ND_CURVES_neither] = {0, 0},
             [ND_CURVES_by_rule] = {0, 0}};

/* What the operator's own function says of it on its arguments' ranges; one that has it takes one or two. */
static nd_bend bend_of(const nd_rules *r, nd_node node) {
  const nd_op_theory *theory = nd_theory_of(nd_node_op(r->graph, node));
  nd_interval arguments[2];
  size_t arity = nd_node_arity(r->graph, node);
  if (theory->bend == NULL) return (nd_bend){0};
  for (size_t i = 0; i < arity; i++)
    arguments[i] = range_of(r, argument(r, node, i));
  return theory->bend(arguments);
}

static shape shape_of(const nd_rules *r, nd_node node, const nd_op_info *about) {
  nd_interval a = range_of(r, argument(r, node, 0));
  int below = sides[about->curvature].below, above = sides[about->curvature].above;
  shape found = {bend_of(r, node).curvature, true};
  if (found.curvature != 0) return found;
  found.joint = about->curvature != ND_CURVES_convex_in_a;
  if (below == above || nd_is_nonnegative(a)) found.curvature = above;
  if (below != above && nd_is_nonpositive(a)) found.curvature = below;
  return found;
}

/* 1 nondecreasing, -1 nonincreasing, 0 neither, in argument i. */
static int slope_of(const nd_rules *r, nd_node node, const nd_op_info *about, size_t i) {
  const char *entry = about->monotone;
  nd_interval a = range_of(r, argument(r, node, i));
  bool last = i + 1 == nd_node_arity(r->graph, node);
  for (size_t skip = 0; skip < i && strchr(entry, ';') != NULL; skip++)
    entry = strchr(entry, ';') + 1;
  while (*entry == ' ')
    entry++;
  if (*entry == 'a') /* abs */
    return nd_is_nonnegative(a) ? 1 : nd_is_nonpositive(a) ? -1 : 0;
  if (*entry == '?' && last) return bend_of(r, node).slope;
  return *entry == '+' ? 1 : *entry == '-' ? -1 : 0;
}

/* ---- which rule it is ---- */

static const nadir_rule unary_rules[2][2] = {
    {NADIR_RULE_CONVEX_OF_AFFINE, NADIR_RULE_CONCAVE_OF_AFFINE},
    {NADIR_RULE_CONVEX_MONOTONE, NADIR_RULE_CONCAVE_MONOTONE}};

static nadir_rule atom_rule(const nd_rules *r, nd_node node, nadir_claim claim, bool all_names) {
  nadir_rule own = nd_theory_of(nd_node_op(r->graph, node))->own_rule;
  if (own != NADIR_RULE_FORM || !all_names) return own;
  return claim == NADIR_IS_CONCAVE ? NADIR_RULE_CONCAVE_FUNCTION : NADIR_RULE_CONVEX_FUNCTION;
}

/* ---- the rules of composition ---- */

/* Does the operator's claim (1 convex, -1 concave) carry over to the node, and what of each
 * argument is used for it? */
static bool composes(nd_rules *r, nd_node node, const nd_op_info *about, shape h, int wanted,
                     nd_child *children, size_t *count) {
  *count = 0;
  if (h.curvature != wanted && h.curvature != 2) return false;
  for (size_t i = 0; i < nd_node_arity(r->graph, node); i++) {
    nd_node a = argument(r, node, i);
    if (r->known[a].constant) continue;
    if (!h.joint && i > 0) return false;
    nadir_claim claim = NADIR_IS_AFFINE;
    if (!nd_holds(r, a, NADIR_IS_AFFINE)) {
      int slope = slope_of(r, node, about, i) * wanted;
      claim = slope > 0 ? NADIR_IS_CONVEX : NADIR_IS_CONCAVE;
      if (slope == 0 || !nd_holds(r, a, claim)) return false;
    }
    children[(*count)++] = (nd_child){a, claim};
  }
  return true;
}

static nadir_rule composition_rule(nd_rules *r, nd_node node, nadir_claim claim,
                                   const nd_child *children, size_t count) {
  bool names = true, affine = true;
  for (size_t i = 0; i < count; i++) {
    names = names && nd_is_parameter(r, children[i].node);
    affine = affine && children[i].claim == NADIR_IS_AFFINE;
  }
  nadir_rule rule = atom_rule(r, node, claim, names);
  return rule != NADIR_RULE_FORM ? rule : unary_rules[!affine][claim == NADIR_IS_CONCAVE];
}

static nadir_status compose(nd_rules *r, nd_node node, nd_child *children) {
  const nd_op_info *about = nd_op_about(nd_node_op(r->graph, node));
  shape h = shape_of(r, node, about);
  size_t count;
  if (composes(r, node, about, h, 1, children, &count))
    ND_TRY(nd_conclude(r, node, NADIR_IS_CONVEX,
                       composition_rule(r, node, NADIR_IS_CONVEX, children, count), children,
                       count));
  if (composes(r, node, about, h, -1, children, &count))
    ND_TRY(nd_conclude(r, node, NADIR_IS_CONCAVE,
                       composition_rule(r, node, NADIR_IS_CONCAVE, children, count), children,
                       count));
  return NADIR_OK;
}

/* ---- sums ---- */

static nadir_status know_sum(nd_rules *r, nd_node node, nadir_claim claim, nd_child *children) {
  size_t arity = nd_node_arity(r->graph, node), count = 0;
  nd_op op = nd_node_op(r->graph, node);
  for (size_t i = 0; i < arity; i++) {
    nd_node a = argument(r, node, i);
    bool minus = op == ND_NEG || (op == ND_SUB && i == 1);
    nadir_claim wanted = claim;
    if (minus) wanted = claim == NADIR_IS_CONVEX ? NADIR_IS_CONCAVE : NADIR_IS_CONVEX;
    if (r->known[a].constant) continue;
    if (nd_holds(r, a, NADIR_IS_AFFINE))
      wanted = NADIR_IS_AFFINE;
    else if (!nd_holds(r, a, wanted))
      return NADIR_OK;
    children[count++] = (nd_child){a, wanted};
  }
  bool convex = claim == NADIR_IS_CONVEX;
  nadir_rule rule = convex ? NADIR_RULE_SUM_OF_CONVEX : NADIR_RULE_SUM_OF_CONCAVE;
  if (op == ND_SUB && children[count - 1].claim != NADIR_IS_AFFINE &&
      children[count - 1].node == argument(r, node, 1))
    rule = convex ? NADIR_RULE_CONVEX_DIFFERENCE : NADIR_RULE_CONCAVE_DIFFERENCE;
  if (op == ND_NEG) rule = convex ? NADIR_RULE_NEGATIVE_OF_CONCAVE : NADIR_RULE_NEGATIVE_OF_CONVEX;
  return nd_conclude(r, node, claim, rule, children, count);
}

/* ---- multiples ---- */

/* scale * u, u the only argument that is not constant. */
static nadir_status know_multiple(nd_rules *r, nd_node node, nd_node u, nd_interval scale) {
  bool plus = nd_is_nonnegative(scale), minus = nd_is_nonpositive(scale);
  bool convex = nd_holds(r, u, NADIR_IS_CONVEX), concave = nd_holds(r, u, NADIR_IS_CONCAVE);
  nd_child as_convex = {u, NADIR_IS_CONVEX}, as_concave = {u, NADIR_IS_CONCAVE};
  if (convex && concave)
    return nd_conclude(r, node, NADIR_IS_AFFINE, NADIR_RULE_MULTIPLE_OF_AFFINE,
                       &(nd_child){u, NADIR_IS_AFFINE}, 1);
  if (convex && plus)
    ND_TRY(nd_conclude(r, node, NADIR_IS_CONVEX, NADIR_RULE_MULTIPLE_OF_CONVEX, &as_convex, 1));
  if (concave && plus)
    ND_TRY(nd_conclude(r, node, NADIR_IS_CONCAVE, NADIR_RULE_MULTIPLE_OF_CONCAVE, &as_concave, 1));
  if (concave && minus)
    ND_TRY(nd_conclude(r, node, NADIR_IS_CONVEX, NADIR_RULE_NEGATIVE_MULTIPLE_OF_CONCAVE,
                       &as_concave, 1));
  if (convex && minus)
    ND_TRY(nd_conclude(r, node, NADIR_IS_CONCAVE, NADIR_RULE_NEGATIVE_MULTIPLE_OF_CONVEX,
                       &as_convex, 1));
  return NADIR_OK;
}

static nadir_status know_product(nd_rules *r, nd_node node) {
  nd_interval scale = nd_between(1, 1);
  nd_node u = ND_NO_NODE;
  bool quotient = nd_node_op(r->graph, node) == ND_DIV;
  for (size_t i = 0; i < nd_node_arity(r->graph, node); i++) {
    nd_node a = argument(r, node, i);
    if (r->known[a].constant) {
      nd_interval range = range_of(r, a);
      scale = nd_times(scale, quotient && i == 1 ? nd_inverse(range) : range);
    } else if (u == ND_NO_NODE && !(quotient && i == 1)) {
      u = a;
    } else {
      return NADIR_OK;
    }
  }
  return u == ND_NO_NODE ? NADIR_OK : know_multiple(r, node, u, scale);
}

/* ---- powers ---- */

void nd_power_shape(nd_interval a, nd_ratio p, int *curvature, int *slope) {
  bool plus = nd_is_nonnegative(a), minus = nd_is_nonpositive(a) && !plus;
  bool whole = p.d == 1, even = whole && p.n % 2 == 0, above_one = p.n >= p.d;
  *curvature = *slope = 0;
  if (!whole) plus = true; /* it is defined there alone */
  if (!whole) minus = false;
  if (even && p.n > 0) *curvature = 1;
  if (plus) {
    *curvature = p.n < 0 || above_one ? 1 : -1;
    *slope = p.n < 0 ? -1 : 1;
  } else if (minus) {
    /* u^p = (-1)^p (-u)^p */
    *curvature = p.n < 0 || above_one ? 1 : -1;
    *slope = p.n < 0 ? 1 : -1;
    if (!even) {
      *curvature = -*curvature;
      *slope = -*slope;
    }
  }
}

/* rule NADIR_RULE_FORM: that of a composition. */
static nadir_status know_shaped(nd_rules *r, nd_node node, nd_node u, int curvature, int slope,
                                nadir_rule rule) {
  bool convex = curvature > 0;
  nadir_claim claim = convex ? NADIR_IS_CONVEX : NADIR_IS_CONCAVE;
  nadir_claim needed = NADIR_IS_AFFINE;
  if (curvature == 0) return NADIR_OK;
  if (!nd_holds(r, u, NADIR_IS_AFFINE)) {
    if (slope == 0) return NADIR_OK;
    needed = (slope > 0) == convex ? NADIR_IS_CONVEX : NADIR_IS_CONCAVE;
    if (!nd_holds(r, u, needed)) return NADIR_OK;
  }
  if (rule == NADIR_RULE_FORM) rule = unary_rules[needed != NADIR_IS_AFFINE][!convex];
  return nd_conclude(r, node, claim, rule, &(nd_child){u, needed}, 1);
}

/* a^b, b the parameters' and a constant */
static nadir_status know_exponential(nd_rules *r, nd_node node, nd_interval base) {
  int slope = base.low >= 1 ? 1 : base.high <= 1 ? -1 : 0;
  if (!nd_is_positive(base)) return NADIR_OK;
  return know_shaped(r, node, argument(r, node, 1), 1, slope, NADIR_RULE_FORM);
}

/* u^c with a constant c that is not a known number: by the range of c, for u >= 0. */
static nadir_status know_power_of_range(nd_rules *r, nd_node node, nd_interval c) {
  nd_node u = argument(r, node, 0);
  if (!nd_is_nonnegative(range_of(r, u))) return NADIR_OK;
  if (c.low >= 1) return know_shaped(r, node, u, 1, 1, NADIR_RULE_FORM);
  if (c.low >= 0 && c.high <= 1) return know_shaped(r, node, u, -1, 1, NADIR_RULE_FORM);
  if (c.high <= 0 && nd_is_positive(range_of(r, u)))
    return know_shaped(r, node, u, 1, -1, NADIR_RULE_FORM);
  return NADIR_OK;
}

static bool is_norm_of_affine(nd_rules *r, nd_node u) {
  const nd_op_theory *theory = nd_theory_of(nd_node_op(r->graph, u));
  for (size_t i = 0; i < nd_node_arity(r->graph, u); i++)
    if (!nd_holds(r, argument(r, u, i), NADIR_IS_AFFINE)) return false;
  return theory != NULL && (theory->traits & ND_NORM);
}

static nadir_rule power_rule(nd_rules *r, nd_node u, nd_ratio exponent) {
  bool affine = nd_holds(r, u, NADIR_IS_AFFINE), square = exponent.n == 2 && exponent.d == 1;
  if (square && is_norm_of_affine(r, u)) return NADIR_RULE_SQUARED_NORM;
  if (square && affine) return NADIR_RULE_SQUARE_OF_AFFINE;
  if (affine && exponent.d == 1 && exponent.n > 0 && exponent.n % 2 == 0)
    return NADIR_RULE_EVEN_POWER;
  return NADIR_RULE_FORM;
}

static nadir_status know_power(nd_rules *r, nd_node node) {
  nd_node u = argument(r, node, 0), b = argument(r, node, 1);
  nd_ratio exponent;
  bool rational;
  int curvature, slope;
  if (r->known[u].constant) return know_exponential(r, node, range_of(r, u));
  if (!r->known[b].constant) return NADIR_OK;
  fmpq_t value;
  fmpq_init(value);
  nadir_status status = nd_number_of_node(r, b, value, &rational);
  rational = status == NADIR_OK && rational && nd_ratio_of(value, &exponent);
  fmpq_clear(value);
  ND_TRY(status);
  if (!rational) return know_power_of_range(r, node, range_of(r, b));
  if (exponent.n == 0 || (exponent.n == 1 && exponent.d == 1)) return NADIR_OK;
  nd_power_shape(range_of(r, u), exponent, &curvature, &slope);
  return know_shaped(r, node, u, curvature, slope, power_rule(r, u, exponent));
}

/* ---- conditions ---- */

static nadir_status know_if(nd_rules *r, nd_node node) {
  nd_node c = argument(r, node, 0), a = argument(r, node, 1), b = argument(r, node, 2);
  nd_interval truth = range_of(r, c);
  if (!r->known[c].constant) return NADIR_OK;
  bool always = nd_is_nonzero(truth), never = truth.low == 0 && truth.high == 0;
  for (nadir_claim claim = NADIR_IS_CONVEX; claim <= NADIR_IS_CONCAVE; claim++) {
    nd_child children[2];
    size_t count = 0;
    if (!never && !r->known[a].constant) children[count++] = (nd_child){a, claim};
    if (!always && !r->known[b].constant) children[count++] = (nd_child){b, claim};
    bool holds = true;
    for (size_t i = 0; i < count; i++)
      holds = holds && nd_holds(r, children[i].node, claim);
    if (holds)
      ND_TRY(nd_conclude(r, node, claim,
                         claim == NADIR_IS_CONVEX ? NADIR_RULE_CONVEX_BRANCHES
                                                  : NADIR_RULE_CONCAVE_BRANCHES,
                         children, count));
  }
  return NADIR_OK;
}

/* ---- the walk ---- */

static nadir_status know_typed(nd_rules *r, nd_node node, nd_child *children) {
  nd_op op = nd_node_op(r->graph, node);
  if (op == ND_ADD || op == ND_SUB || op == ND_NEG) {
    ND_TRY(know_sum(r, node, NADIR_IS_CONVEX, children));
    return know_sum(r, node, NADIR_IS_CONCAVE, children);
  }
  if (op == ND_MUL || op == ND_DIV) return know_product(r, node);
  if (op == ND_POW) return know_power(r, node);
  if (op == ND_IF) return know_if(r, node);
  if (op == ND_INTEGRAL) return NADIR_OK; /* the Hessian may tell */
  return compose(r, node, children);
}

static nadir_status know_leaf(nd_rules *r, nd_node node) {
  nd_op op = nd_node_op(r->graph, node);
  nd_known *known = &r->known[node];
  bool parameter = op == ND_NAME && nd_is_parameter(r, node);
  known->constant = !parameter && !nd_op_is_head(op);
  if (parameter) return nd_conclude(r, node, NADIR_IS_AFFINE, NADIR_RULE_PARAMETER, NULL, 0);
  return NADIR_OK;
}

static nadir_status know_curved(nd_rules *r, nd_node node) {
  size_t arity = nd_node_arity(r->graph, node);
  nd_child *children = nd_new(arity + 1, sizeof *children, r->error);
  if (children == NULL) return NADIR_NO_MEMORY;
  nadir_status status = know_typed(r, node, children);
  nd_free(children);
  ND_TRY(status);
  if (r->known[node].convex || r->known[node].concave) return NADIR_OK;
  ND_TRY(nd_know_product(r, node));
  if (r->known[node].convex || r->known[node].concave) return NADIR_OK;
  ND_TRY(nd_know_collected(r, node));
  if (r->known[node].convex || r->known[node].concave) return NADIR_OK;
  return nd_know_perspective(r, node);
}

static nadir_status make_room(nd_rules *r) {
  return nd_grow(&r->known, &r->known_capacity, nd_graph_size(r->graph), sizeof *r->known,
                 r->error);
}

nadir_status nd_know(nd_rules *r, nd_node node) {
  ND_TRY(make_room(r));
  nd_known *known = &r->known[node];
  if (known->done || known->busy) return NADIR_OK;
  known->range = nd_everything();
  known->busy = true;
  size_t arity = nd_node_arity(r->graph, node);
  bool constant = arity > 0 && !nd_op_is_head(nd_node_op(r->graph, node));
  bool deep = r->depth > 1500;
  r->depth++;
  for (size_t i = 0; i < arity && !deep; i++) {
    ND_TRY(nd_know(r, argument(r, node, i)));
    constant = constant && r->known[argument(r, node, i)].constant;
  }
  ND_TRY(make_room(r));
  if (deep) {
    r->depth--;
    r->known[node].done = true;
    return NADIR_OK;
  }
  nd_interval range;
  ND_TRY(natural_range(r, node, &range));
  ND_TRY(make_room(r));
  if (node < r->has_capacity && r->has_condition[node]) range = nd_meet(range, r->condition[node]);
  r->known[node].range = range;
  r->known[node].constant = constant;
  if (arity == 0) ND_TRY(know_leaf(r, node));
  if (r->known[node].constant)
    ND_TRY(nd_conclude(r, node, NADIR_IS_AFFINE, NADIR_RULE_CONSTANT, NULL, 0));
  else if (arity > 0 && !nd_op_is_head(nd_node_op(r->graph, node)) && !nd_out_of_time(r->budget))
    ND_TRY(know_curved(r, node));
  r->depth--;
  r->known[node].done = true;
  r->known[node].busy = false;
  return NADIR_OK;
}

nadir_status nd_rules_begin(nd_rules *r, const nd_question *question, const nd_budget *budget,
                            nadir_error *error) {
  *r = (nd_rules){.question = question, .budget = budget, .graph = question->graph, .error = error};
  for (size_t i = 0; i < question->fact_count; i++) {
    nd_interval range;
    ND_TRY(nd_interval_of_range(&question->facts[i].range, &range, error));
    ND_TRY(nd_narrow(r, question->facts[i].name, range));
  }
  return NADIR_OK;
}

void nd_rules_forget(nd_rules *r) {
  for (size_t i = 0; i < r->known_capacity; i++)
    r->known[i] = (nd_known){0};
  r->child_count = 0;
  for (size_t form = 0; form < 2; form++)
    if (r->has_poly[form] != NULL)
      memset(r->has_poly[form], 0, r->has_poly_capacity[form] * sizeof *r->has_poly[form]);
  r->term_count = r->factor_count = r->rational_count = 0;
}

void nd_rules_end(nd_rules *r) {
  nd_free(r->known);
  nd_free(r->condition);
  nd_free(r->has_condition);
  nd_free(r->children);
  nd_forms_end(r);
}
