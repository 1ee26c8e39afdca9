/* theory: what can be proved of a graph. Every answer is rigorous, or "not known": a wrong verdict
 * is the worst bug that this project can have.
 *
 *     question -> rules       disciplined convex programming, on the typed graph and on forms equal
 *                             to it                                        rules.c, forms.c
 *              -> Hessian     its enclosure in ball arithmetic, exact algebra for polynomials
 *                                                                          hessian.c, enclose.c
 *              -> refutation  two points and a weight where Jensen's inequality fails   refute.c
 *     a point  -> its gap     how far above the minimum the value there can be           gap.c
 *
 * Rounding never decides: decimals are exact rationals, functions are enclosed by Arb (F. Johansson
 * 2017, Arb: efficient arbitrary-precision midpoint-radius interval arithmetic). flint.h and arb.h
 * are included in this folder alone. FLINT aborts on a failed allocation (the one exception to the
 * rule that nothing aborts): precision and numbers of boxes are capped.
 *
 * Words are those of definitions: the domain is that of the formula as typed; proved means for
 * every value of the constants that the facts allow. */
#ifndef ND_THEORY_H
#define ND_THEORY_H

#include "engine/engine.h"
#include "expr/expr.h"

/* ---- questions ---- */

/* A set of real numbers: an interval with open or closed ends (infinite ones are open), or a list
 * of values. Bounds are exact decimals as typed ("0.1" is a tenth), so they are text; NULL is
 * unbounded. */
typedef struct nd_range {
  const char *low, *high;
  bool low_open, high_open;
  const char *const *values; /* instead of an interval, when count > 0 */
  size_t count;
} nd_range;

/* What is known of a name: of a constant, its range ("y in {-1, 1}", "x >= 0"); of a parameter,
 * that the question is asked on that part of space. */
typedef struct nd_fact {
  nd_node name;
  nd_range range;
} nd_fact;
/* Reads "y in {-1,1}", "x >= 0", "0 < x <= 2", "x in [0, 5)" into fact->name (a NAME leaf of the
 * graph) and range (texts in the graph's arena). For --assume, and --box as "x=-2:2,y=0:5". */
nadir_status nd_fact_read(nd_graph *graph, const char *text, nd_fact *fact, nadir_error *error);
nadir_status nd_box_read(nd_graph *graph, const char *text, nd_fact **facts, size_t *count,
                         nadir_error *error);

/* All numbers between two doubles, ends included: the texts are decimals rounded outward, so that
 * none is left out, and live as long as the graph. Infinite ends are not ends. */
nadir_status nd_range_of_doubles(nd_graph *graph, double low, double high, nd_range *range,
                                 nadir_error *error);

typedef struct nd_question {
  nd_graph *graph;
  nd_node root;              /* as typed; nodes are added to the graph while answering */
  const nd_node *parameters; /* NAME leaves; all other names are constants */
  size_t parameter_count;
  const nd_fact *facts;
  size_t fact_count;
  double seconds;   /* the most to spend; then "not known" */
  double work;      /* the same of the processor's time, for answers that a busy machine does not change; 0: no limit */
  const nd_until *until; /* and no longer than this; borrowed */
  bool proofs_only; /* a refutation is of no use to who asks: none is looked for */
} nd_question;

/* ---- verdicts ---- */

/* f(t p + (1-t) q) > t f(p) + (1-t) f(q), verified in ball arithmetic; with values of the
 * constants; numbers short enough to be checked with a calculator. For concave the reverse; for a
 * domain that is not convex: the point between is outside of it. */
typedef nadir_witness nd_witness;

/* What is known of a formula's convexity, as nadir.h tells it. Of the whole, theory leaves formula and
 * the parameters' names to who asks; they are freed with it. */
typedef nadir_convexity nd_verdict;

/* Rules first, then Hessian, then refutation. */
nadir_status nd_convexity(const nd_question *question, nd_verdict *verdict, nadir_error *error);
void nd_verdict_clear(nd_verdict *verdict);

/* ---- how far from the minimum (gap.c) ---- */

typedef struct nd_gap {
  double bound; /* on f(w) - inf f, rounded up; only where none is NADIR_GAP_FOUND */
  nadir_no_gap none; /* why there is no bound: no gradient, flat around, too large for a double, no time */
  bool exists; /* a minimum does, proved */
} nd_gap;
/* Of a formula that the verdict proves convex, at the very doubles w. reach: how far each parameter was
 * moved to come there, the measure of what is near; NULL: not known, and no bound at kinks. held: by parameter,
 * -1: w is on its lower bound, 1: on its upper one; inf f is then over what is within; NULL: no bounds. */
nadir_status nd_gap_at(const nd_question *question, const nd_verdict *verdict, const double *w,
                       const double *reach, const int *held, nd_gap *gap, nadir_error *error);

/* ---- a sum over rows (row_chord.c) ---- */

/* S(w) = the sum over rows of root, whose names are parameters, or columns of a row. */
typedef struct nd_row_question {
  nd_graph *graph;
  nd_node root;
  const nd_node *parameters, *columns; /* NAME leaves */
  size_t parameter_count, column_count;
} nd_row_question;

/* Whether S(t p + (1-t) q) > t S(p) + (1-t) S(q), for certain; t a power of two, rows added one by
 * one. */
typedef struct nd_row_chord nd_row_chord;
nadir_status nd_row_chord_new(nd_row_chord **chord, const nd_row_question *question,
                              const double *p, const double *q, double weight, nadir_error *error);
void nd_row_chord_free(nd_row_chord *chord);
size_t nd_row_chord_cost(const nd_row_chord *chord); /* nodes to be enclosed for each row */
void nd_row_chord_add(nd_row_chord *chord, const double *columns);
/* values: S at p, q, between, and the chord there, to rounding. */
bool nd_row_chord_is_broken(nd_row_chord *chord, double values[4]);

/* ---- a formula around a point (local.c) ---- */

typedef struct nd_local nd_local;
/* root, simplified, and its derivatives, made ready for questions. Once `until`
 * (borrowed) is over the answers are those that claim least. */
nadir_status nd_local_new(nd_local **local, nd_graph *graph, nd_node root,
                          const nd_node *parameters, size_t size, const nd_until *until,
                          nadir_error *error);
void nd_local_free(nd_local *local);
/* How far rounding in double can move the value, the gradient and the Hessian (0 above 16
 * parameters) at the very point w; infinite where one is not defined. */
void nd_local_rounding(const nd_local *local, const double *w, double *value, double *gradient,
                       double *hessian);
/* Whether it is defined everywhere on the box w +- reach, continuous where it is, and smooth (C1 and piecewise C2),
 * and whether each slope is 0 or takes both signs there. */
typedef struct nd_surroundings {
  bool defined, continuous, smooth, slopes_hold_0;
} nd_surroundings;
nd_surroundings nd_local_look(const nd_local *local, const double *w, const double *reach);
/* Whether the value at w may be this one, for all that a double's digits tell; whether it is, proved;
 * whether there is none, proved. */
bool nd_local_may_be(const nd_local *local, const double *w, double value);
double nd_local_distance(const nd_local *local, const double *w,
                         double value); /* from its enclosure */
bool nd_local_is(const nd_local *local, const double *w, double value);
bool nd_local_is_nowhere(const nd_local *local, const double *w);
/* The sign that slope i has wherever it is defined on the box w +- reach, the formula being continuous
 * there; 0: not one, or not proved. least: a lower bound on the values there. */
int nd_local_slope_sign(const nd_local *local, const double *w, const double *reach, size_t i,
                        double *least);
/* Whether a formula has no value at w, proved. */
nadir_status nd_is_nowhere(const nd_question *question, const double *w, bool *nowhere,
                           nadir_error *error);
/* A proved lower bound on all values; negative infinity without one. */
double nd_local_least(const nd_local *local);

/* ---- Taylor (taylor.c) ---- */

/* One variable, any order: coefficients h^(k)(x0)/k! by Taylor-mode arithmetic, with enclosures;
 * `at` is a formula without names
 * ("pi/4"). remainder: a proved bound on |h - polynomial| within radius (NaN radius: none). */
typedef struct nd_taylor_one {
  size_t order;
  double at;
  double *coefficient, *error; /* order + 1 of them: midpoint, and a bound on its error */
  double radius, remainder;
} nd_taylor_one;
nadir_status nd_taylor_series(const nd_question *question, const char *at, size_t order,
                              double radius, nd_taylor_one *series, nadir_error *error);
void nd_taylor_one_clear(nd_taylor_one *series);

/* Several variables: the plane and the quadratic at a point, and how far they can be trusted. Of the
 * expansion it sets all but the formula, the names and the series, and frees what it has set where it fails. */
typedef nadir_expansion nd_taylor_many;
nadir_status nd_taylor_model(const nd_question *question, const char *const *at, double radius,
                             double within, nd_taylor_many *model, nadir_error *error);
void nd_taylor_many_clear(nd_taylor_many *model);

/* ---- curvature on a box (curvature.c) ---- */

/* Proved enclosures [low, high] of the largest and of the smallest eigenvalue of the Hessian over
 * the box that the facts on the parameters give (each parameter must be bounded on both sides).
 * boxes: how many parts were looked at. */
typedef struct nd_curvature_bounds {
  double largest[2], smallest[2];
  uint64_t boxes;
} nd_curvature_bounds;
nadir_status nd_curvature_on_box(const nd_question *question, nd_curvature_bounds *bounds,
                                 nadir_error *error);

/* A proved lower bound on the smallest eigenvalue of a symmetric matrix whose entries are known to
 * `error` each (verified Cholesky: Rump 2006), negative infinity where none is found; and an upper
 * bound on the largest. */
nadir_status nd_eigenvalue_bounds(size_t n, const double *matrix, const double *error_of_entries,
                                  double *least, double *largest, nadir_error *error);

#endif
