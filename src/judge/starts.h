/* Many descents of one formula: where they start, and the distinct minima they end in. */
#ifndef ND_STARTS_H
#define ND_STARTS_H

#include "base/listener.h"
#include "expr/formula.h"
#include "judge/judge.h"

typedef struct nd_minimum {
  double *w, *start; /* of the lowest end, and where its descent began */
  double loss;
  uint64_t reached;
  nadir_point point;
} nd_minimum;
typedef struct nd_minima {
  nd_minimum *list; /* lowest first */
  size_t count, capacity, size;
  uint64_t lost; /* descents that were not defined, diverged or left the domain */
  bool cut;      /* short: not all were made */
} nd_minima;
/* The box of --box, by parameter. */
nadir_status nd_spans_read(const nadir_expr *expr, const nadir_settings *settings,
                           nd_teller *teller, nd_span *box, nadir_error *error);
nadir_status nd_find_minima(nd_objective *objective, const nadir_settings *settings,
                            const nd_span *box, nd_teller *teller, nd_minima *minima,
                            nadir_error *error);
void nd_minima_clear(nd_minima *minima);

#endif
