/* Enclosures: intervals with exact ends (arf) that contain every value which a node takes on a box,
 * computed with functions of Arb (Johansson 2017) and outward rounding.
 *
 * A box is one interval for each leaf; ends may be infinite and may be open. A result says, besides
 * the bounds, whether the node is defined at every point of the box, and whether it is continuous
 * and smooth there. Bounds hold for those points of the box at which the node is defined. */
#ifndef ND_ENCLOSE_INTERNAL_H
#define ND_ENCLOSE_INTERNAL_H

#include <arb.h>

#include "expr/expr.h"
#include "theory/decimal_internal.h"

typedef struct nd_enclosure {
  arf_t low, high;          /* low <= high, never NaN */
  bool low_open, high_open; /* the end itself is taken at no point; true of infinite ends */
  bool defined;             /* at every point of the box */
  bool nowhere;             /* defined at no point of the box: the bounds mean nothing */
  bool continuous;          /* on the set where it is defined */
  bool smooth; /* C1 and piecewise C2 near every point of the box where it is defined */
} nd_enclosure;

void nd_enclosure_init(nd_enclosure *x);
void nd_enclosure_clear(nd_enclosure *x);
void nd_enclosure_set(nd_enclosure *x, const nd_enclosure *y);
void nd_enclosure_set_double(nd_enclosure *x, double value); /* one point */
void nd_enclosure_set_rational(nd_enclosure *x, const fmpq_t value, slong precision);
void nd_enclosure_set_ends(nd_enclosure *x, double low, double high);
void nd_enclosure_set_all(nd_enclosure *x);           /* the ends: any value */
void nd_enclosure_forget(nd_enclosure *x);            /* and nothing is known of it */
double nd_enclosure_low(const nd_enclosure *x);       /* rounded down */
double nd_enclosure_high(const nd_enclosure *x);      /* rounded up */
bool nd_enclosure_positive(const nd_enclosure *x);    /* > 0 at each point where it is defined */
bool nd_enclosure_nonnegative(const nd_enclosure *x); /* >= 0 likewise */
bool nd_enclosure_contains(const nd_enclosure *x, double value);
void nd_enclosure_get_arb(arb_t ball, const nd_enclosure *x, slong precision);
bool nd_enclosure_is_point(const nd_enclosure *x);

/* x <- a + b, a - b, a * b, a / b; flags other than openness are left as they are. Aliases allowed.
 */
void nd_enclosure_add(nd_enclosure *x, const nd_enclosure *a, const nd_enclosure *b,
                      slong precision);
void nd_enclosure_sub(nd_enclosure *x, const nd_enclosure *a, const nd_enclosure *b,
                      slong precision);
void nd_enclosure_mul(nd_enclosure *x, const nd_enclosure *a, const nd_enclosure *b,
                      slong precision);
void nd_enclosure_div(nd_enclosure *x, const nd_enclosure *a, const nd_enclosure *b,
                      slong precision);

/* x <- an enclosure of the operator over its arguments' intervals, with all flags. */
void nd_enclose_op(nd_enclosure *x, nd_op op, const nd_enclosure *const *arguments, size_t count,
                   slong precision);

/* The exact value of a node that is arithmetic of literals: false where it is not. */
bool nd_rational_of(const nd_graph *graph, nd_node node, fmpq_t value);

/* Evaluates some roots over boxes, many times. Once `until` (borrowed) is over nothing is known of
 * the values: they may lie anywhere, or nowhere. */
typedef struct nd_encloser nd_encloser;
nadir_status nd_encloser_new(nd_encloser **encloser, const nd_graph *graph, const nd_node *roots,
                             size_t root_count, const nd_node *leaves, size_t leaf_count,
                             const nd_until *until, nadir_error *error);
void nd_encloser_free(nd_encloser *encloser);
nd_enclosure *nd_encloser_leaf(nd_encloser *encloser, size_t i); /* to be set by the caller */
void nd_encloser_run(nd_encloser *encloser, slong precision);
const nd_enclosure *nd_encloser_root(const nd_encloser *encloser, size_t i);
size_t nd_encloser_size(
    const nd_encloser *encloser); /* nodes evaluated in a run, an integral as what it costs */

/* ---- Jensen's inequality (jensen.c): f at p, q and t p + (1-t) q, t a power of two or one less
 * such a power ---- */

typedef enum nd_place { ND_AT_P, ND_AT_Q, ND_BETWEEN, ND_PLACES } nd_place;
typedef struct nd_jensen {
  double weight;                 /* t */
  nd_enclosure value[ND_PLACES]; /* of f, to be set by the caller */
  nd_enclosure chord;
} nd_jensen;
void nd_jensen_init(nd_jensen *jensen, double weight);
void nd_jensen_clear(nd_jensen *jensen);
/* x <- the coordinate at that place of a chord from p to q, exactly. */
void nd_jensen_coordinate(const nd_jensen *jensen, nd_place place, double p, double q,
                          nd_enclosure *x);
/* Sets the chord between; whether the value between lies above it (sign 1; below: -1) for certain.
 */
bool nd_jensen_is_broken(nd_jensen *jensen, int sign, slong precision);
/* Whether the values are known to a double's digits. */
bool nd_jensen_is_sharp(const nd_jensen *jensen);
/* The middles of the values by place, and of the chord, to be shown. */
void nd_jensen_middles(const nd_jensen *jensen, double values[ND_PLACES + 1]);

#endif
