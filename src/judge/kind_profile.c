/* Profiles: the loss along one parameter where all others have come to rest. In a bent valley with steep
 * walls Newton's steps tell little of the floor, u^6 + (v - u^2)^2 say; its profile along u is u^6.
 *
 * Where the others come to rest at a minimum of their own, of positive curvature, for each value of the
 * one, no point close by is lower than the profile; so the end is a minimum, degenerate, if along some
 * parameter, both ways, at distances from a ten-millionth to a quarter of the way that was come, no point
 * of the profile lies lower by more than the tolerance, and the farthest lie higher.
 *
 * Costs some hundred Hessians a parameter, and is for formulas of few. */
#include <string.h>

#include "judge/kind_internal.h"

enum { MOST_PARAMETERS = 8, MOST_STEPS = 6 };
static const double NEAREST = 0x1p-24, FARTHEST = 0.25, FARTHER = 4; /* of the way come */
static const double SHORT = 0x1p-30;

/* A step that is nothing against the way that was come: a small gain alone may be that of a tail. */
static bool is_short(const nd_judge *j, const double *at, const double *step) {
  for (size_t i = 0; i < j->n; i++)
    if (!(fabs(step[i]) <= fmax(SHORT * j->run->reach[i], nd_ulps_of(at[i])))) return false;
  return true;
}

static nadir_status come_to_rest(nd_judge *j, double *at, double *left, nadir_error *error) {
  nd_view *view = &j->aside;
  bool rests = j->m == 0;
  *left = rests ? 0 : HUGE_VAL;
  for (int k = 0; k < MOST_STEPS && !rests; k++) {
    ND_TRY(nd_view_from(j, at, NULL, view, error));
    if (!view->finite || view->below + view->zero > 0) return NADIR_OK;
    rests = is_short(j, at, view->step);
    if (rests) *left = view->decrease;
    for (size_t i = 0; i < j->n; i++) /* the last one too: after it all that is left is rounding */
      at[i] += view->step[i];
  }
  return NADIR_OK;
}

nadir_status nd_loss_at_rest(nd_judge *j, size_t place, double *at, double *loss, double *left,
                             nadir_error *error) {
  size_t held = j->moves[place];
  j->moves[place] = j->moves[--j->m];
  nadir_status status = come_to_rest(j, at, left, error);
  j->moves[j->m++] = j->moves[place];
  j->moves[place] = held;
  ND_TRY(status);
  return nd_value_at(j, at, loss, error);
}

/* rises: up to the farthest point of this side no point is lower, and that one is higher. */
static nadir_status look_along(nd_judge *j, size_t place, double way, double tolerance, bool *rises,
                               nadir_error *error) {
  double loss = 0, left;
  *rises = true;
  for (double share = NEAREST; share <= FARTHEST && *rises; share *= FARTHER) {
    memcpy(j->at, j->run->w, j->n * sizeof *j->at);
    j->at[j->moves[place]] += share * way;
    ND_TRY(nd_loss_at_rest(j, place, j->at, &loss, &left, error));
    *rises = left <= tolerance && loss >= j->here.loss - tolerance;
  }
  *rises = *rises && loss > j->here.loss + tolerance;
  return NADIR_OK;
}

/* Whether the loss has no pole or jump, between the points that are looked at, along this parameter. */
static bool is_unbroken(nd_judge *j, size_t i, double way) {
  memset(j->other, 0, j->n * sizeof *j->other);
  j->other[i] = FARTHEST * way;
  nd_surroundings around = nd_local_look(j->local, j->run->w, j->other);
  return around.defined && around.continuous;
}

nadir_status nd_judge_profiles(nd_judge *j, nadir_reason *reason, nadir_error *error) {
  double tolerance = fmax(4 * j->rounding, ND_SHARE_OF_FALL * nd_fall_so_far(j));
  bool possible = j->local && j->m <= MOST_PARAMETERS, rises = false;
  for (size_t place = 0; possible && place < j->m && !rises; place++) {
    double way = j->run->reach[j->moves[place]];
    rises = way > 0 && is_unbroken(j, j->moves[place], way);
    if (rises) ND_TRY(look_along(j, place, way, tolerance, &rises, error));
    if (rises) ND_TRY(look_along(j, place, -way, tolerance, &rises, error));
  }
  if (rises) *reason = NADIR_REASON_PROFILE;
  return NADIR_OK;
}
