/* Nodes of one graph made in another (copy.c). */
#ifndef ND_COPY_H
#define ND_COPY_H

#include "expr/expr.h"

/* All that is under the roots and that `map`, by node of `from`, has not (ND_NO_NODE), made in the graph `to`, and
 * put into the map. What the caller has put there before takes the place of its node. `from` must outlive `to`. */
nadir_status nd_copy(const nd_graph *from, const nd_node *roots, size_t count, nd_graph *to,
                     nd_node *map, nadir_error *error);

#endif
