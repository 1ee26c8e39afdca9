/* What an encloser holds, for enclose.c, which runs its steps, and enclose_integral.c, which runs those of an integrand on
 * pieces of the way. */
#ifndef ND_ENCLOSER_INTERNAL_H
#define ND_ENCLOSER_INTERNAL_H

#include <arb_poly.h>

#include "theory/enclose_internal.h"

typedef struct nd_encloser_step {
  nd_op op;
  size_t first, arity; /* arguments in the pool: slots */
  nd_node node;
  bool leaf, constant; /* set by the caller; the same on every box */
  bool inner;          /* has a value within an integral alone */
  size_t *integrand;   /* of an integral: the slots of what depends on what it is over */
  size_t integrand_count;
  arb_poly_struct *series; /* room for one of each */
} nd_encloser_step;

struct nd_encloser {
  const nd_graph *graph;
  const nd_until *until;
  nd_encloser_step *steps;
  nd_enclosure *values; /* by slot */
  const nd_enclosure **pool;
  size_t count, root_count, leaf_count;
  size_t *roots, *leaves; /* slots */
  slong precision;        /* of the constants' values; 0 before the first run */
};

void nd_encloser_run_step(nd_encloser *e, size_t slot, slong precision);
void nd_enclose_integral(nd_encloser *e, size_t slot, slong precision);

#endif
