/* expr: text -> graph -> graph of the gradient.
 *
 * A graph is an append-only, hash-consed store of immutable nodes: the same operation on the same
 * arguments is the same node, and arguments always have smaller numbers than the node that uses
 * them, so a loop over node numbers is a topological order. It is scalar: vectors [a, b, c] expand
 * at parse into n-ary operators. A node is a real number or a truth value (1 or 0); a quoted string
 * is text and may only be compared. Facts about nodes (position in the source, sign, curvature,
 * what a name is bound to) live in arrays by node number, never in the nodes.
 *
 * Leaves: NUMBER (an exact decimal, with its nearest double), NAME, TEXT. What a name stands for is
 * decided by the code that uses the graph; binding is substitution.
 * Heads: LINEAR, POLY, SOFTMAX (arguments as nodes; SOFTMAX's first is the number of classes),
 * with RANGE (`c1..c100`) and STAR (`*`) as possible arguments of LINEAR and SOFTMAX. They are in
 * the typed graph only: fit replaces them before anything is derived or compiled.
 * INTEGRAL has four arguments: the integrand, the BOUND leaf that it is integrated over, and the limits. Which BOUND
 * that is follows from how deep integrals are nested under it, not from the name that was typed, so that integrals
 * which differ in that name alone are one node, and a substitution never captures (integral.c). */
#ifndef ND_EXPR_H
#define ND_EXPR_H

#include "base/base.h"

typedef uint32_t nd_node;
typedef struct nd_graph nd_graph;
#define ND_NO_NODE UINT32_MAX

/* ops.def has one row an operator:
 * ND_OP(ID, name, least, most, usage, help, latex, derivative, smooth, sign, monotone, curvature, domain,
 *       cost, scalar, vector)
 * - name: as called, or the symbol of an operator;
 * - least, most: number of arguments (ND_MANY: no limit);
 * - derivative: formulas by argument separated by ';', in a, b, c (the arguments), f (the value);
 *   for n-ary operators one formula in x (the argument) and f, or the two partial derivatives of the
 *   two-argument form whose chain they are;
 * - smooth: yes, once, kink (continuous; a kink somewhere) or jump, and where;
 * - sign, monotone (by argument), curvature, domain: what proofs need, as ops.def's head says;
 * - cost: light or heavy, which the engine plans by;
 * - scalar: a C expression in double a, b, c; n-ary operators give their two-argument form;
 * - vector: the same in vector type V with the names of engine/vector.h.
 * A second list there, ND_SPELLING, has the functions that the parser spells with these. */
#define ND_MANY SIZE_MAX
typedef enum nd_op {
  ND_NUMBER,
  ND_NAME,
  ND_TEXT_LITERAL,
  ND_BOUND,
  ND_INTEGRAL,
  ND_LINEAR,
  ND_POLY,
  ND_SOFTMAX,
  ND_RANGE,
  ND_STAR,
#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  ND_##id,
#include "expr/ops.def"
#undef ND_OP
  ND_OPS /* how many */
} nd_op;
typedef enum nd_type { ND_IS_REAL, ND_IS_TRUTH, ND_IS_TEXT } nd_type;
typedef enum nd_smoothness { ND_SMOOTH, ND_ONCE, ND_KINK, ND_JUMP } nd_smoothness;
/* Where a kink or jump is: where the argument is 0, where both are equal, where a truth jumps. */
typedef enum nd_edge {
  ND_EDGE_SOMEWHERE, ND_EDGE_AT_0, ND_EDGE_IF_EQUAL, ND_EDGE_OF_TRUTH
} nd_edge;
/* The words of ops.def's columns. */
typedef enum nd_sign_of_value {
  ND_SIGN_any,
  ND_SIGN_positive,
  ND_SIGN_not_negative,
  ND_SIGN_truth,
  ND_SIGN_same,
  ND_SIGN_by_rule
} nd_sign_of_value;
typedef enum nd_curves {
  ND_CURVES_affine,
  ND_CURVES_convex,
  ND_CURVES_concave,
  ND_CURVES_convex_concave,
  ND_CURVES_concave_convex,
  ND_CURVES_unknown_convex,
  ND_CURVES_convex_in_a,
  ND_CURVES_neither,
  ND_CURVES_by_rule
} nd_curves;
typedef enum nd_where {
#define ND_DOMAIN(domain, condition) ND_WHERE_##domain,
#include "expr/ops.def"
} nd_where;

typedef struct nd_op_info {
  const char *name, *usage, *help, *latex, *derivative, *monotone;
  size_t least, most;
  nd_smoothness smooth;
  nd_edge edge;
  nd_sign_of_value sign;
  nd_curves curvature;
  nd_where domain;
} nd_op_info;
const nd_op_info *nd_op_about(nd_op op); /* NULL for leaves and heads */
nd_op nd_head_named(const char *name, size_t length); /* LINEAR, POLY or SOFTMAX; else ND_OPS */
const char *nd_head_name(nd_op head);
bool nd_op_is_head(nd_op op);            /* or an argument that heads alone have */

/* One value of an operator from the values of its arguments, by the row's scalar expression. */
double nd_op_value(nd_op op, const double *arguments, size_t count);
/* The first argument is the order of a derivative, a whole number. */
bool nd_op_has_order(nd_op op);
double nd_polygamma(int order, double x); /* order 0: digamma (special.c) */
#define ND_SCALAR(function, ...) double function(__VA_ARGS__);
#include "expr/ops.def"

/* Everything that can be called or written, for help: the operators, then the functions that are
 * spelled with them (ND_SPELLING rows of ops.def: sum, mean, dot ...), then the heads. NULL past
 * the end. */
const nadir_operator *nd_function_at(size_t i);

/* The physical constants (constants.def); NULL past the end. */
const nadir_constant *nd_constant_at(size_t i);

nadir_status nd_graph_new(nd_graph **graph, nadir_error *error);
void nd_graph_free(nd_graph *graph);
size_t nd_graph_size(const nd_graph *graph); /* all node numbers are below */
/* Making nodes, and so deriving and simplifying, ends with NADIR_ENDED once this is over. It is borrowed; gives
 * back the one before, to be put back. */
const nd_until *nd_graph_heed(nd_graph *graph, const nd_until *until);
/* Zeroed memory that lives as long as the graph, for what is known about it (facts). */
void *nd_graph_take(nd_graph *graph, size_t size, nadir_error *error);

/* ---- text -> graph (lex.c, parse.c) ---- */
/* The text is copied into the graph, so later errors can still point into it. Its size, its
 * depth and its nodes are bounded (limits.def). nd_parse takes one expression; nd_parse_fit takes TARGET ~ MODEL. */
nadir_status nd_parse(nd_graph *graph, const char *text, nd_node *root, nadir_error *error);
/* As nd_parse; `what` ("sigma"; a constant) begins the sentences of errors in place of "formula".
 */
nadir_status nd_parse_as(nd_graph *graph, const char *what, const char *text, nd_node *root,
                         nadir_error *error);
/* The number of the text that was parsed last. */
uint32_t nd_graph_text(const nd_graph *graph);
nadir_status nd_parse_fit(nd_graph *graph, const char *text, nd_node *target, nd_node *model,
                          nadir_error *error);
/* An error that points, with a caret, at the first place where this node was typed; without a place
 * when it was not. For binding errors (an unknown column, a parameter in a head). */
nadir_status nd_fail_at_node(const nd_graph *graph, nd_node node, nadir_error *error,
                             nadir_status status, const char *format, ...) ND_PRINTF(5, 6);
/* The same at the first place in the text of this number (0: in whichever): a name that is in the formula and in
 * a setting is one node, and the caret belongs under the text that the sentence is about. */
nadir_status nd_fail_in_text(const nd_graph *graph, uint32_t text, nd_node node, nadir_error *error,
                             const char *format, ...) ND_PRINTF(5, 6);
/* The text as typed for a node (w[TEXT] of linear), if it was typed: into the graph's copy. */
bool nd_node_source(const nd_graph *graph, nd_node node, const char **begin, size_t *length);

/* ---- making nodes (graph.c) ---- */
nadir_status nd_make(nd_graph *graph, nd_op op, const nd_node *arguments, size_t count,
                     nd_node *node, nadir_error *error);
nadir_status nd_make_number(nd_graph *graph, double value, nd_node *node, nadir_error *error);
nadir_status nd_make_name(nd_graph *graph, const char *name, nd_node *node, nadir_error *error);
/* A name unlike any other of the graph, whatever was typed. */
nadir_status nd_make_fresh_name(nd_graph *graph, const char *stem, nd_node *node,
                                nadir_error *error);

/* ---- reading nodes (graph.c) ---- */
nd_op nd_node_op(const nd_graph *graph, nd_node node);
nd_type nd_node_type(const nd_graph *graph, nd_node node);
/* The BOUND leaves that it depends on and that no integral in it binds, a bit each. Not 0: it has a value only within
 * an integral. */
uint32_t nd_node_bound(const nd_graph *graph, nd_node node);
size_t nd_node_arity(const nd_graph *graph, nd_node node);
nd_node nd_node_argument(const nd_graph *graph, nd_node node, size_t i);
const char *nd_node_text(const nd_graph *graph, nd_node node); /* a NAME, TEXT, or NUMBER as typed */
double nd_node_number(const nd_graph *graph, nd_node node);
const nadir_constant *nd_node_constant(const nd_graph *graph, nd_node node); /* NULL: not typed as one */
/* The NAME leaves under `roots` in order of first appearance in the text. *names is the caller's,
 * by nd_free. */
nadir_status nd_names(const nd_graph *graph, const nd_node *roots, size_t roots_count,
                      nd_node **names, size_t *count, nadir_error *error);
/* needs[n] for all n < size: whether node n depends on any of the given leaves. Caller frees. */
nadir_status nd_depends(const nd_graph *graph, const nd_node *leaves, size_t count, bool **needs,
                        nadir_error *error);
/* Whether any of the roots depends on any of the leaves. */
nadir_status nd_any_depends(const nd_graph *graph, const nd_node *roots, size_t roots_count, const nd_node *leaves,
                            size_t count, bool *depends, nadir_error *error);
/* Whether an operator between root and one of the leaves has kinks or jumps. */
nadir_status nd_has_kinks(const nd_graph *graph, nd_node root, const nd_node *leaves, size_t count,
                          bool *kinks, nadir_error *error);

/* ---- graph -> graph ---- */
/* Each node in from[] (any kind, typically leaves or heads) replaced by to[], throughout. */
nadir_status nd_substitute(nd_graph *graph, nd_node root, const nd_node *from, const nd_node *to,
                           size_t count, nd_node *result, nadir_error *error);
/* Equal where the typed formula is defined: folds numbers exactly, drops 0 and 1, collects like
 * terms and powers, keeps stable forms (simplify.c). */
nadir_status nd_simplify(nd_graph *graph, nd_node root, nd_node *result, nadir_error *error);
/* The partial derivatives of root by NAME leaves, by one reverse sweep, simplified. Subgradient at
 * a kink: abs 0 at 0, max and min the first argument that attains it, pos and huber 0 and the inner
 * side, norms 0 at the origin (derive.c). */
nadir_status nd_derive(nd_graph *graph, nd_node root, const nd_node *by, size_t count,
                       nd_node *derivatives, nadir_error *error);

/* A root simplified, with its partial derivatives by some NAME leaves. The graph keeps it: the first to ask
 * has it derived, and all others borrow it for as long as the graph lives (derivatives.c). */
typedef struct nd_derivatives nd_derivatives;
struct nd_derivatives {
  nd_node typed, root; /* as asked for; simplified */
  const nd_node *by;
  size_t count;
  const nd_node *gradient; /* count of them */
  const nd_node
      *hessian; /* count x count, row i derived from gradient i, so not symmetric node by node */
  nd_derivatives *next; /* of the same graph */
};
/* order 0 sets the root, 1 the gradient too, 2 the Hessian too; what was not yet asked for is NULL. */
nadir_status nd_derivatives_of(nd_graph *graph, nd_node root, const nd_node *by, size_t count,
                               int order, const nd_derivatives **derivatives, nadir_error *error);

/* ---- sums of squares (squares.c) ---- */
/* Whether root, as typed, is scale (r_1^2 + ... + r_count^2): the residuals, the caller's by
 * nd_free. count 0 where it is not. */
nadir_status nd_squares(nd_graph *graph, nd_node root, nd_node **residuals, size_t *count,
                        double *scale, nadir_error *error);
/* About what rounding may change r_1^2 + ... + r_count^2 by: the sum of 2 |r| e + e^2, with e twice
 * the rounding unit times the size of the terms that r is the sum of. */
nadir_status nd_squares_rounding(nd_graph *graph, const nd_node *residuals, size_t count,
                                 nd_node *rounding, nadir_error *error);

/* ---- integrals (integral.c, lower.c) ---- */
bool nd_has_integrals(const nd_graph *graph, const nd_node *roots, size_t count);
/* In order, the nodes of the integrand that depend on what it is over, but not on what one in it is over. */
nadir_status nd_integrand(const nd_graph *graph, nd_node integral, nd_node **list, size_t *count,
                          nadir_error *error);
/* roots[] and leaves[] in a graph of their own, the caller's, in which every integral is the sum that it is computed
 * by; leaves (nodes of any kind) are names there. `single`: it will be computed in float32. */
nadir_status nd_lower(const nd_graph *graph, nd_node *roots, size_t root_count, nd_node *leaves,
                      size_t leaf_count, bool single, nd_graph **lowered, nadir_error *error);

/* ---- graph -> numbers (evaluate.c) ---- */
/* The scalar reference evaluator. values has a slot for every node below nd_graph_size; the caller
 * sets those of NAME leaves, the call sets those of every node under the roots. */
nadir_status nd_evaluate(const nd_graph *graph, const nd_node *roots, size_t count, double *values,
                         nadir_error *error);

/* ---- graph -> text (print.c) ---- */
typedef enum nd_notation { ND_PLAIN, ND_LATEX } nd_notation;
/* PLAIN reads back as the same graph; names that are not identifiers come in backquotes. */
nadir_status nd_print(const nd_graph *graph, nd_node node, nd_notation notation, nd_text *out,
                      nadir_error *error);

#endif
