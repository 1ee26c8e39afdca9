/* The kind of a point with directions that do not curve, so far as rounding lets anyone see.
 *
 * It is a minimum where the loss is convex and level; where it is as low as it can be; and in a valley
 * whose floor stays level: a sixteenth and a quarter of the way come along the direction, both ways, and
 * down again by Newton's steps across it, the loss is the same to rounding, and still does not curve (a b
 * of a model a b x + c). The end must be near the floor: the curvature along it is then 0 to rounding. Where the loss comes near its least value too slowly for that, as x^2 y^2 does,
 * Newton's steps shrink by the same share each time, and the loss where they lead tells.
 *
 * Costs nothing for convex losses; else at most MOST_STEPS Hessians for each of four points a direction,
 * of MOST_FLAT directions. */
#include <string.h>

#include "judge/kind_internal.h"

enum { MOST_FLAT = 3, MOST_STEPS = 8, STEPS_TO_LEAST = 4 };
static const double FAST = 0.25,
                    STANDS = 0.93;    /* shares that Newton's steps shrink by: see kind.c */
static const double STEADY = 0.02;    /* a change of that share which is none */
static const double NEARER = 0x1p-20; /* to the least value, where the steps lead */
static const double NEARLY = 1e-6;    /* flat, against the largest curvature */
static const double TELLS = 1e-3; /* rounding against the loss or its fall: above it any value may be the least */

/* ---- how level, how low ---- */

/* A slope that is 0 in doubles and is not 0: it has underflowed, as that of exp(x) far out. */
static bool has_underflowed(const nd_judge *j) {
  double low;
  memset(j->other, 0, j->n * sizeof *j->other);
  for (size_t a = 0; j->local && a < j->m; a++) {
    size_t i = j->moves[a];
    bool nothing = j->here.g[i] == 0 && j->here.scale[a] == 0;
    if (nothing && nd_local_slope_sign(j->local, j->run->w, j->other, i, &low) != 0) return true;
  }
  return false;
}

double nd_slope_terms(const nd_judge *j, size_t i) {
  double terms = fabs(j->here.g[i]);
  for (size_t b = 0; b < j->m; b++)
    terms += fabs(j->here.h[i * j->n + j->moves[b]] * j->run->w[j->moves[b]]);
  return terms;
}

/* Against its terms; or a curvature of the floor would end it within the tolerance. */
bool nd_is_level(const nd_judge *j) {
  const nd_view *l = &j->here;
  double small = 2 * l->floor * fmax(ND_SHARE_OF_FALL * nd_fall_so_far(j), j->rounding);
  size_t m = j->m;
  if (j->known->convex && has_underflowed(j)) return false; /* else it is a plateau */
  for (size_t k = 0; k < m; k++) {
    const double *v = l->vectors + k * m;
    double slack = 4 * sqrt(2 * j->known->noise);
    for (size_t a = 0; a < m; a++) {
      size_t i = j->moves[a];
      double terms = nd_slope_terms(j, i);
      slack += fabs(v[a]) / nd_unit_of(l->scale[a]) *
               (j->of_slopes[i] + (j->local ? 4 : 64 * (double)m) * ND_RELATIVE_ROUNDING * terms);
    }
    bool level = fabs(l->y[k]) <= slack || l->y[k] * l->y[k] <= small;
    if (fabs(l->values[k]) <= l->floor && !level) return false;
  }
  return true;
}

static double least_of(const nd_judge *j) {
  bool known = j->known->least > -HUGE_VAL || !j->local;
  return known ? j->known->least : nd_local_least(j->local);
}

static bool has_flat_parameter(const nd_judge *j) {
  for (size_t a = 0; a < j->m; a++)
    if (j->here.scale[a] == 0) return true;
  return false;
}

/* Of the loss without a penalty, so that there must be none here.
 *
 * A tail that comes near its bound and never there is told apart from that by the enclosure of the loss,
 * which does not underflow, and by parameters that nothing curves along. */
bool nd_is_least(const nd_judge *j) {
  double least = least_of(j);
  bool tells = j->rounding <= TELLS * fmax(fabs(j->here.loss), nd_fall_so_far(j));
  if (nd_l1_penalty(j->objective, j->run->w) > 0) return false;
  if (j->local && nd_local_is(j->local, j->run->w, least)) return true;
  if (has_flat_parameter(j) || !tells) return false;
  if (j->local && !nd_local_may_be(j->local, j->run->w, least)) return false;
  return j->here.loss - least <= fmax(4 * j->rounding, j->known->noise);
}

/* ---- a least value ahead ---- */

/* One step on; q: what the next is to it. False where there is none. */
static nadir_status step_on(nd_judge *j, const double *step, double *length, double *q, bool *goes,
                            nadir_error *error) {
  for (size_t i = 0; i < j->n; i++)
    j->at[i] += step[i];
  ND_TRY(nd_view_from(j, j->at, j->here.scale, &j->there, error));
  *goes = j->there.finite;
  *q = *goes && *length > 0 ? j->there.length / *length : 0;
  *length = j->there.length;
  return NADIR_OK;
}

static nadir_status loss_ahead(nd_judge *j, double q, double *loss, nadir_error *error) {
  for (size_t i = 0; i < j->n; i++)
    j->other[i] = j->at[i] + j->there.step[i] / (1 - q);
  return nd_value_at(j, j->other, loss, error);
}

nadir_status nd_leads_to_least(nd_judge *j, bool *leads, nadir_error *error) {
  double least = least_of(j), length = j->here.length, before = 0, q = 0, ahead;
  double above = j->here.loss - least;
  const double *step = j->here.step;
  bool goes = !has_flat_parameter(j) && above > 0 &&
              above <= fmax(ND_SHARE_OF_FALL * nd_fall_so_far(j), j->rounding);
  *leads = false;
  memcpy(j->at, j->run->w, j->n * sizeof *j->at);
  for (int k = 0; k < STEPS_TO_LEAST && goes; k++, step = j->there.step) {
    before = q;
    ND_TRY(step_on(j, step, &length, &q, &goes, error));
    goes = goes && q > FAST && q <= STANDS && (k == 0 || fabs(q - before) <= STEADY * q);
  }
  if (!goes) return NADIR_OK;
  ND_TRY(loss_ahead(j, q, &ahead, error));
  *leads = ahead - least <= NEARER * (j->there.loss - least);
  return NADIR_OK;
}

/* ---- a valley ---- */

/* Eigenvalues that may be those of a floor: more is known where the walls have been climbed down. */
static size_t count_flat(const nd_judge *j) {
  const nd_view *l = &j->here;
  size_t flat = 0;
  for (size_t k = 0; k < j->m; k++)
    flat += l->values[k] <= NEARLY * l->values[j->m - 1];
  return l->values[0] < -NEARLY * l->values[j->m - 1] ? 0 : flat;
}

/* Newton's step across the valley alone, along the directions of most curvature; gives its length. */
static double step_across(nd_judge *j, const nd_view *from, size_t flat) {
  double length = 0;
  for (size_t k = flat; k < j->m; k++) {
    const double *v = from->vectors + k * j->m;
    double by = from->values[k] > from->floor ? -from->y[k] / from->values[k] : 0;
    length = hypot(length, by);
    for (size_t a = 0; a < j->m; a++)
      j->at[j->moves[a]] += by * v[a] / from->scale[a];
  }
  return length;
}

/* Down to the floor from j->at, which is then seen from. */
static nadir_status climb_down(nd_judge *j, size_t flat, nadir_error *error) {
  double left = HUGE_VAL, length;
  for (int k = 0; k < MOST_STEPS; k++, left = length) {
    ND_TRY(nd_view_from(j, j->at, j->here.scale, &j->there, error));
    if (!j->there.finite) return NADIR_OK;
    memcpy(j->other, j->at, j->n * sizeof *j->at);
    length = step_across(j, &j->there, flat);
    if (length > 0 && (k < 3 || length < left / 2)) continue;
    memcpy(j->at, j->other, j->n * sizeof *j->at); /* the rest is noise: that was seen */
    return NADIR_OK;
  }
  return nd_view_from(j, j->at, j->here.scale, &j->there, error);
}

/* As flat as far as the entries' rounding, which is known at the end, lets anyone see. */
static bool is_floor(const nd_judge *j, size_t flat) {
  const nd_view *there = &j->there;
  double noise = fmax(j->rounding, 8 * ND_RELATIVE_ROUNDING * fabs(j->here.loss));
  double nothing = fmax(there->floor, j->here.floor);
  if (!there->finite || there->values[0] < -nothing || there->values[flat - 1] > nothing)
    return false;
  return fabs(there->loss - j->here.loss) <= fmax(4 * noise, j->known->noise);
}

/* The end's own floor, `base`, which must be near it; then it is what is seen from here. */
static nadir_status find_floor(nd_judge *j, size_t flat, double *base, bool *found,
                               nadir_error *error) {
  memcpy(j->at, j->run->w, j->n * sizeof *j->at);
  ND_TRY(climb_down(j, flat, error));
  *found = is_floor(j, flat) && j->there.values[flat] > j->here.floor;
  for (size_t i = 0; i < j->n; i++) {
    base[i] = j->at[i];
    double moved = fabs(base[i] - j->run->w[i]), way = ND_SHARE_OF_WAY * j->run->reach[i];
    *found = *found && moved <= fmax(way, nd_ulps_of(base[i]));
  }
  if (*found) ND_TRY(nd_view_from(j, base, j->here.scale, &j->here, error));
  return NADIR_OK;
}

/* What takes a parameter as far along the direction as it came. */
static double way_along(const nd_judge *j, const double *direction) {
  double way = HUGE_VAL;
  for (size_t a = 0; a < j->m; a++) {
    size_t i = j->moves[a];
    double came = fmax(fabs(j->run->w[i]), j->run->reach[i]);
    if (direction[a] != 0) way = fmin(way, came * j->here.scale[a] / fabs(direction[a]));
  }
  return way;
}

static nadir_status stays_level(nd_judge *j, size_t flat, const double *base, bool *level,
                                nadir_error *error) {
  static const double shares[] = {1. / 16, -1. / 16, 1. / 4, -1. / 4};
  for (size_t k = 0; k < flat; k++)
    for (size_t s = 0; s < ND_COUNT(shares) && *level; s++) {
      const double *direction = j->here.vectors + k * j->m;
      double way = shares[s] * way_along(j, direction);
      memcpy(j->at, base, j->n * sizeof *j->at);
      for (size_t a = 0; a < j->m; a++)
        j->at[j->moves[a]] += way * direction[a] / j->here.scale[a];
      ND_TRY(climb_down(j, flat, error));
      *level = is_floor(j, flat);
    }
  return NADIR_OK;
}

nadir_status nd_judge_valley(nd_judge *j, nadir_reason *reason, nadir_error *error) {
  size_t flat = count_flat(j);
  bool valley = false;
  if (flat == 0 || flat > MOST_FLAT || flat == j->m || has_flat_parameter(j)) return NADIR_OK;
  double *base = nd_new(j->n, sizeof *base, error);
  nadir_status status = base ? find_floor(j, flat, base, &valley, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK && valley) status = stays_level(j, flat, base, &valley, error);
  nd_free(base);
  if (status == NADIR_OK && valley) *reason = NADIR_REASON_VALLEY;
  return status;
}

/* ---- the verdict ---- */

nadir_status nd_judge_flat(nd_judge *j, nadir_reason *reason, nadir_error *error) {
  const nd_view *l = &j->here;
  bool level = nd_is_level(j), nothing = l->above == 0 && l->below == 0, leads;
  *reason = nothing && j->known->affine ? NADIR_REASON_SLOPED_PLANE : NADIR_REASON_SLOPES;
  if (level && j->known->convex) {
    bool rests = nothing || nd_is_near(j, l->step, l->decrease);
    *reason = rests ? NADIR_REASON_FLAT_CONVEX : NADIR_REASON_RUN_ON;
    return NADIR_OK;
  }
  if (nd_is_least(j)) {
    *reason = NADIR_REASON_LEAST;
    return NADIR_OK;
  }
  ND_TRY(nd_leads_to_least(j, &leads, error));
  if (leads) {
    *reason = NADIR_REASON_LEAST_AHEAD;
    return NADIR_OK;
  }
  if (level) *reason = nothing ? NADIR_REASON_ALL_FLAT : NADIR_REASON_FLAT;
  return NADIR_OK;
}
