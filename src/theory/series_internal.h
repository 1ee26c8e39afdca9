/* Truncated power series of nodes in one variable, in ball arithmetic (series.c). */
#ifndef ND_SERIES_INTERNAL_H
#define ND_SERIES_INTERNAL_H

#include <arb_poly.h>

#include "expr/expr.h"

/* series <- the first `length` coefficients of the root at centre + t. With a centre that is a wide
 * ball each coefficient holds those at every point of it. *reason is what is in the way (a node
 * with a kink, a jump or no value there), or ND_NO_NODE. NADIR_ENDED once `until` is over. */
nadir_status nd_series_of(const nd_graph *graph, nd_node root, nd_node variable, const arb_t centre,
                          size_t length, slong precision, const nd_until *until, arb_poly_t series,
                          nd_node *reason, nadir_error *error);

#endif
