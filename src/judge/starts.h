/* Many descents of one objective: where they start, and the distinct minima they end in. */
#ifndef ND_STARTS_H
#define ND_STARTS_H

#include "judge/judge.h"
#include "objective/fitting.h"

typedef struct nd_minimum {
  double *w, *start; /* of the lowest end, in the table's coordinates, and where its descent began */
  double loss, chi2; /* chi2: NaN where the rows have no errors */
  uint64_t reached;
  nadir_point point;
} nd_minimum;
typedef struct nd_minima {
  nd_minimum *list; /* lowest first */
  size_t count, capacity, size;
  uint64_t lost; /* descents that were not defined, diverged or left the domain */
  bool cut;      /* short: not all were made */
} nd_minima;
/* Descends from --starts points of --box. Parameters that have no range there: of a formula, from -10 to 10; of a
 * fit, over the ranges of the columns and the magnitudes that come with them; always within --bounds. */
nadir_status nd_find_minima(nd_fitting *fitting, nd_minima *minima, nadir_error *error);
void nd_minima_clear(nd_minima *minima);

#endif
