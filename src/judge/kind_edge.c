/* Minima at an edge of the domain, as of sqrt(x) at 0: a slope that pushes outwards where there is no
 * further out.
 *
 * Parameter i is held where the formula has no value a little beyond w, and the enclosure of its slope
 * over all that is left of the domain on the way there, and as far back, has one sign, that of a fall
 * towards the edge. A little is a few units of the last digit, or as much as leaves hardly a fall. A loss
 * that has no bound there (log(x)) is none of these. Edges that lie aslant, as of sqrt(x - y), are not
 * looked for. Costs three enclosures a parameter. */
#include <string.h>

#include "judge/kind_internal.h"

/* Whether the loss falls towards an edge within `way` along parameter i, and by how much at most; the
 * box next to it is in j->other. */
static bool ends_within(nd_judge *j, size_t i, double way, double *fall) {
  double least;
  j->other[i] = way;
  int sign = nd_local_slope_sign(j->local, j->run->w, j->other, i, &least);
  j->other[i] = 0;
  if (sign == 0) return false;
  memcpy(j->at, j->run->w, j->n * sizeof *j->at);
  j->at[i] -= sign * way;
  *fall = j->here.loss - least;
  return nd_local_is_nowhere(j->local, j->at);
}

/* Steps towards an edge are halved until they no longer move: some units of the last digit off it. */
static double digits_to_edge(const nd_judge *j, size_t i) {
  return 4 * nd_ulps_of(j->run->w[i]);
}

static double way_to_edge(const nd_judge *j, size_t i) {
  return fmax(ND_SHARE_OF_WAY * j->run->reach[i], digits_to_edge(j, i));
}

static bool is_held(nd_judge *j, size_t i) {
  double fall, enough = fmax(j->rounding, ND_SHARE_OF_FALL * nd_fall_so_far(j));
  if (ends_within(j, i, digits_to_edge(j, i), &fall)) return isfinite(fall);
  return ends_within(j, i, way_to_edge(j, i), &fall) && fall <= enough;
}

void nd_find_edges(nd_judge *j) {
  memset(j->other, 0, j->n * sizeof *j->other);
  /* a penalty is not part of the formula that is enclosed */
  bool possible =
      j->local && !j->objective->l1 && nd_local_may_be(j->local, j->run->w, j->here.loss);
  for (size_t i = 0; possible && i < j->n; i++)
    j->edge[i] = is_held(j, i);
}

bool nd_edges_hold(nd_judge *j) {
  double least;
  for (size_t i = 0; i < j->n; i++)
    j->other[i] =
        j->edge[i] ? way_to_edge(j, i) : 2 * fabs(j->here.step[i]) + nd_ulps_of(j->run->w[i]);
  for (size_t i = 0; i < j->n; i++)
    if (j->edge[i] && nd_local_slope_sign(j->local, j->run->w, j->other, i, &least) == 0)
      return false;
  return true;
}
