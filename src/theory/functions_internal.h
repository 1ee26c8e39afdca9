/* What theory knows of each operator: functions.def as a table, and what the functions that its rows
 * name are given. A function of the list may have a file of its own (gamma.c). */
#ifndef ND_FUNCTIONS_INTERNAL_H
#define ND_FUNCTIONS_INTERNAL_H

#include <arb_poly.h>

#include "theory/enclose_internal.h"
#include "theory/theory_internal.h"

/* ---- values on intervals (enclose_op.c) ---- */

/* f(x), an exact x of the domain. */
typedef void nd_value_rule(arb_t value, const arb_t x, slong precision);
nd_value_rule nd_value_cbrt, nd_value_log2, nd_value_log10, nd_value_softplus, nd_value_sigmoid;

/* A function that is monotone on an interval. */
typedef struct nd_piece {
  nd_value_rule *value;
  int direction;   /* 1 increasing, -1 decreasing */
  double from, to; /* the interval; open where its ends are excluded (infinite ones are) */
  bool open;
  double least, most; /* the values there, rounded outwards ... */
  bool never;         /* ... whose ends are never taken */
} nd_piece;

/* An operator and the intervals of its arguments. */
typedef struct nd_enclosing {
  nd_op op;
  const nd_enclosure *const *a;
  size_t count;
  slong precision;
} nd_enclosing;
/* x comes with the flags of the arguments; ends are to be set, and flags cleared where the operator
 * itself is not defined, continuous or smooth somewhere. */
typedef void nd_enclose_rule(nd_enclosure *x, const nd_enclosing *o);

/* For rules: the ends of a function that falls to the left of `place` and rises to the right of it,
 * where its value is `least`. */
void nd_enclose_valley(nd_enclosure *x, nd_value_rule *f, const nd_enclosure *a, double place,
                       double least, slong precision);

/* ---- curvature and slope on intervals (functions.c) ---- */

/* 1 convex, -1 concave, 0 neither; 1 nondecreasing, -1 nonincreasing, 0 neither; in the last of the
 * arguments. */
typedef struct nd_bend {
  int curvature, slope;
} nd_bend;
typedef nd_bend nd_bend_rule(const nd_interval *arguments);
/* A lower bound of |f''| on an interval; 0 where none is known. */
typedef double nd_curved_rule(nd_interval a);

/* ---- power series (series.c) ---- */

/* An operator and the series of its arguments; a and b are room for those that need it. */
typedef struct nd_expanding {
  nd_op op;
  const arb_poly_struct *const *x;
  size_t count;
  slong length, precision;
  arb_poly_t a, b, one;
} nd_expanding;
/* y <- the operator's series; false where it has none or that is not decided. */
typedef bool nd_series_rule(nd_expanding *w, arb_poly_t y);
typedef void nd_arb_series(arb_poly_t y, const arb_poly_t x, slong length, slong precision);

/* y <- the series of an operator that has one; false where it is not decided. */
bool nd_series_step(nd_expanding *w, arb_poly_t y);
/* For rules: the constant term, its sign (0 where that is not decided), and y <- value + int x' *
 * slope, slope being f' of x as a series. */
void nd_series_constant(arb_t value, const arb_poly_t p);
int nd_series_sign(const arb_poly_t p);
void nd_series_integrate(nd_expanding *w, arb_poly_t y, const arb_t value, const arb_poly_t x,
                         const arb_poly_t slope);

/* ---- the table ---- */

/* See functions.def. */
enum { ND_PLAIN_FUNCTION = 0, ND_ZERO_AT_0 = 1, ND_STRICT = 2, ND_NORM = 4 };

typedef struct nd_op_theory {
  unsigned traits;
  nd_enclose_rule *enclose;
  nd_piece piece;     /* value NULL: none */
  nd_bend_rule *bend; /* NULL: as ops.def says */
  nd_curved_rule *curved; /* NULL: not known */
  nadir_rule own_rule;    /* of proofs; NADIR_RULE_FORM: none */
  nd_series_rule *series;
  nd_arb_series *series_of_arb; /* in place of series */
} nd_op_theory;
/* NULL for what is not an operator of ops.def. */
const nd_op_theory *nd_theory_of(nd_op op);

/* What the rows name is declared by them. */
#define ND_FUNCTION(id, traits, enclose, piece, bend, series)                                      \
  nd_enclose_rule enclose;                                                                         \
  bend series
#define ND_PIECE(value, direction, from, to, open, least, most, never)
#define ND_BEND(rule) nd_bend_rule rule;
#define ND_CURVED(rule) nd_curved_rule rule;
#define ND_BY(rule)
#define ND_SERIES(rule) nd_series_rule rule;
#define ND_ARB(series)
#include "theory/functions.def"

#endif
