/* What kind of point a run ended at, from the exact Hessian there, whatever the units:
 *
 *   0  a parameter at an edge of the domain, which the loss falls towards, is held (kind_edge.c), and so is
 *      one on a bound whose slope leads out: the sign of the slope makes it a minimum along it
 *   1  d is Newton's step. The Hessian is scaled by Bunch's equilibration (J. R. Bunch 1971), and
 *      eigenvalues within 32 n eps of the largest, or within the rounding of its entries, count as
 *      0. A kink or jump within 2 |d| decides nothing. Of rows in single precision an eigenvalue
 *      within 2^-16 of the largest is of no known sign: a minimum where d along the others is short
 *      and centred columns depend on each other, or the loss is as low as it can be
 *   2  an eigenvalue below 0 that is still so at w + d, by more than it changed: saddle or maximum
 *   3  eigenvalues of 0: a minimum where the loss is proved convex, or as low as it can be, or the
 *      same all along a valley (kind_flat.c)
 *   4  two Newton steps more, each q times the last: q near 1 never comes to an end; q between 1/4
 *      and that, again and again, is a zero of higher order: what lies beyond it decides
 *   5  a minimum where d is short: within rounding, a thousandth of the standard errors, or a
 *      millionth of the way come with hardly a fall left
 *
 * Where that tells nothing, profiles may (kind_profile.c). A proved gap that leaves nothing makes it a minimum whatever else is seen.
 *
 * With an L1 penalty the parameters at 0 whose slope is less than its strength stay there, and all
 * this is asked of the others. Beyond 256 parameters see kind_large.c.
 *
 * Costs a gradient and a Hessian at w, and two to ten more of each where w is not at rest to
 * rounding; n^3 for n parameters. */
#include <string.h>

#include "base/dense.h"
#include "judge/kind_internal.h"
#include "objective/lanczos.h"
#include "objective/of_table.h"

enum {
  MOST_PARAMETERS = 256,
  MORE_STEPS = 60,
  FEW_STEPS = 4,
  FEW = 4,
  FOR_EVER = 10,
  MOST_AROUND = 64
};
static const double FLOOR = 32, FAST = 0.25, STANDS = 0.93;
static const double SINGLE_SLOPES = 0x1p-20; /* what single precision leaves of a slope, of its terms */
static const double SHARE_OF_ERROR = 1e-3;
static const double GAP_CLOSED = 1e-8; /* of the fall: a proved gap that leaves nothing */

typedef nd_view look;
typedef nd_judge judge;

const nd_reason_info *nd_reason_about(nadir_reason reason) {
  static const nd_reason_info list[] = {
#define ND_REASON(id, point, is) [NADIR_REASON_##id] = {NADIR_##point, NADIR_IS_##is},
#include "judge/reason.def"
#undef ND_REASON
  };
  _Static_assert(ND_COUNT(list) == NADIR_LAST_REASON + 1, "a row for each reason");
  return &list[reason];
}

void nd_diagnosis_clear(nd_diagnosis *diagnosis) {
  nd_free(diagnosis->directions);
  nd_free(diagnosis->idle);
  *diagnosis = (nd_diagnosis){0};
}

/* ---- set-up ---- */

static double *part(double **memory, size_t count) {
  double *begin = *memory;
  *memory += count;
  return begin;
}

static void lay_out(look *l, size_t n, double **memory) {
  l->g = part(memory, n);
  l->h = part(memory, n * n);
  l->scale = part(memory, n);
  l->values = part(memory, n);
  l->vectors = part(memory, n * n);
  l->y = part(memory, n);
  l->scaled = part(memory, n * n);
  l->step = part(memory, n);
}

static nadir_status judge_new(judge *j, nadir_error *error) {
  size_t n = j->n = j->objective->problem.size;
  j->moves = nd_new(n, sizeof *j->moves, error);
  j->edge = nd_new(2 * n, sizeof *j->edge, error);
  j->memory = nd_new(22 * n + 10 * n * n, sizeof *j->memory, error);
  if (!j->moves || !j->edge || !j->memory) return NADIR_NO_MEMORY;
  j->bound = j->edge + n;
  double *memory = j->memory;
  lay_out(&j->here, n, &memory);
  lay_out(&j->there, n, &memory);
  lay_out(&j->aside, n, &memory);
  j->of_slopes = part(&memory, n);
  j->at = part(&memory, n);
  j->other = part(&memory, n);
  j->beyond = part(&memory, n);
  j->of_hessian = part(&memory, n * n);
  const nd_objective *o = j->objective;
  if (!o->formula) return NADIR_OK;
  return nd_local_new(&j->local, o->formula->graph, o->formula->typed, o->formula->names, n,
                      o->until, error);
}

static void judge_free(judge *j) {
  nd_local_free(j->local);
  nd_free(j->moves);
  nd_free(j->edge);
  nd_free(j->memory);
}

/* ---- Newton's step ---- */

/* D_i is the root of the largest of |H_ii| and (H_ij / D_j)^2, j < i. A row that is 0 so far is
 * set by what comes after it: the later rows follow. */
static void equilibrate(const judge *j, look *l) {
  size_t n = j->n, m = j->m;
  for (size_t a = 0; a < m; a++) {
    const double *row = l->h + j->moves[a] * n;
    double largest = sqrt(fabs(row[j->moves[a]])), rest = 0;
    for (size_t b = 0; b < m; b++) {
      double size = fabs(row[j->moves[b]]);
      if (b < a && l->scale[b] > 0) largest = fmax(largest, size / l->scale[b]);
      rest = fmax(rest, sqrt(size));
    }
    l->scale[a] = largest > 0 ? largest : rest;
  }
}

double nd_unit_of(double scale) {
  return scale > 0 ? scale : 1; /* nothing curves along it: any unit will do */
}

static double rounding_of_entries(const judge *j, const look *l) {
  double largest = 0;
  for (size_t a = 0; a < j->m; a++)
    for (size_t b = 0; b < j->m; b++)
      largest = fmax(largest, j->of_hessian[j->moves[a] * j->n + j->moves[b]] /
                                  nd_unit_of(l->scale[a]) / nd_unit_of(l->scale[b]));
  return largest * (double)j->m;
}

/* The way to the point where the quadratic is level, along the directions that curve by more than `least`; its length
 * in scaled units, and by how much the loss falls there. */
static double step_along(const judge *j, const look *l, double least, double *step, double *length) {
  double decrease = *length = 0;
  memset(step, 0, j->n * sizeof *step);
  for (size_t k = 0; k < j->m; k++) {
    const double *v = l->vectors + k * j->m, value = l->values[k], along = l->y[k];
    if (!(fabs(value) > least)) continue;
    decrease += along * along / fabs(value) / 2;
    *length = hypot(*length, along / value);
    for (size_t a = 0; a < j->m; a++)
      step[j->moves[a]] -= along / value * v[a] / nd_unit_of(l->scale[a]);
  }
  return decrease;
}

/* What is above, below and within the floor, and the step along all that curves. */
static void make_step(const judge *j, look *l) {
  size_t m = j->m;
  double largest = fmax(fabs(l->values[0]), fabs(l->values[m - 1]));
  double relative = fmax(FLOOR * (double)m * ND_RELATIVE_ROUNDING, j->objective->hessian_error);
  l->floor = fmax(relative * largest, l == &j->here ? rounding_of_entries(j, l) : 0);
  l->below = l->zero = l->above = 0;
  for (size_t k = 0; k < m; k++) {
    const double *v = l->vectors + k * m;
    double value = l->values[k], along = 0;
    for (size_t a = 0; a < m; a++)
      along += v[a] * l->g[j->moves[a]] / nd_unit_of(l->scale[a]);
    l->y[k] = along;
    l->below += value < -l->floor;
    l->above += value > l->floor;
  }
  l->zero = m - l->below - l->above;
  l->decrease = step_along(j, l, l->floor, l->step, &l->length);
}

static void add_l1(const judge *j, const double *w, double *gradient) {
  for (size_t a = 0; j->objective->l1 && a < j->m; a++) {
    size_t i = j->moves[a];
    gradient[i] += copysign(j->objective->l1[i], w[i]);
  }
}

static bool is_finite(const judge *j, const look *l) {
  bool finite = isfinite(l->loss);
  for (size_t a = 0; a < j->m && finite; a++) {
    finite = isfinite(l->g[j->moves[a]]);
    for (size_t b = 0; b < j->m && finite; b++)
      finite = isfinite(l->h[j->moves[a] * j->n + j->moves[b]]);
  }
  return finite;
}

nadir_status nd_value_at(const judge *j, const double *w, double *loss, nadir_error *error) {
  const nadir_problem *problem = &j->objective->problem;
  ND_TRY(problem->value(problem->context, w, loss, error));
  *loss += nd_l1_penalty(j->objective, w);
  return NADIR_OK;
}

nadir_status nd_view_from(judge *j, const double *w, const double *scale, look *l,
                          nadir_error *error) {
  const nadir_problem *problem = &j->objective->problem;
  size_t n = j->n, m = j->m;
  ND_TRY(problem->gradient(problem->context, w, &l->loss, l->g, error));
  ND_TRY(problem->hessian(problem->context, w, l->h, error));
  l->loss += nd_l1_penalty(j->objective, w);
  l->finite = is_finite(j, l);
  if (!l->finite || m == 0) return NADIR_OK;
  add_l1(j, w, l->g);
  if (scale)
    memcpy(l->scale, scale, m * sizeof *scale);
  else
    equilibrate(j, l);
  for (size_t a = 0; a < m; a++)
    for (size_t b = 0; b < m; b++)
      l->scaled[a * m + b] =
          l->h[j->moves[a] * n + j->moves[b]] / nd_unit_of(l->scale[a]) / nd_unit_of(l->scale[b]);
  l->finite = nd_all_finite(m * m, l->scaled);
  if (!l->finite) return NADIR_OK;
  ND_TRY(nd_eigen(m, l->scaled, l->values, l->vectors, j->objective->until, error));
  make_step(j, l);
  return NADIR_OK;
}

/* ---- what is short ---- */

double nd_ulps_of(double w) {
  return 4 * fabs(w) * ND_RELATIVE_ROUNDING + 0x1p-1074;
}

double nd_fall_so_far(const judge *j) {
  return fmax(j->run->first_loss / j->objective->loss_factor - j->here.loss, 0);
}

static bool is_within_ulps(const judge *j, const double *w, const double *step) {
  for (size_t i = 0; i < j->n; i++)
    if (!(fabs(step[i]) <= nd_ulps_of(w[i]))) return false;
  return true;
}

static bool is_within_way(const judge *j, const double *step) {
  for (size_t i = 0; i < j->n; i++)
    if (!(fabs(step[i]) <= fmax(ND_SHARE_OF_WAY * j->run->reach[i], nd_ulps_of(j->run->w[i]))))
      return false;
  return true;
}

/* In the table's own coordinates, where the errors are. */
static bool is_within_errors(judge *j, const double *step) {
  const double *errors = j->known->standard_error;
  if (!errors) return false;
  for (size_t i = 0; i < j->n; i++)
    j->other[i] = j->run->w[i] + step[i];
  j->objective->to_table(j->objective, j->other, j->other);
  j->objective->to_table(j->objective, j->run->w, j->at);
  for (size_t i = 0; i < j->n; i++)
    if (!(fabs(j->other[i] - j->at[i]) <= fmax(SHARE_OF_ERROR * errors[i], nd_ulps_of(j->at[i]))))
      return false;
  return true;
}

/* What is left is lost in rounding, or little of what the descent made. */
static bool is_little(const judge *j, const double *step, double decrease) {
  if (decrease <= fmax(j->rounding, j->known->noise) || is_within_ulps(j, j->run->w, step)) return true;
  return is_within_way(j, step) && decrease <= ND_SHARE_OF_FALL * nd_fall_so_far(j);
}

bool nd_is_near(judge *j, const double *step, double decrease) {
  return is_little(j, step, decrease) || is_within_errors(j, step);
}

/* Whether the slopes at the end are 0 as far as rounding lets anyone say. */
static bool is_at_rounding(const judge *j) {
  bool held = j->local != NULL;
  for (size_t a = 0; held && a < j->m; a++)
    held = fabs(j->here.g[j->moves[a]]) <= j->of_slopes[j->moves[a]];
  return held || j->here.decrease <= j->known->noise || is_within_ulps(j, j->run->w, j->here.step);
}

/* ---- 1: kinks and jumps ---- */

/* NADIR_REASON_AT_REST: none. */
static nadir_reason look_at_formula(judge *j) {
  nd_surroundings around = nd_local_look(j->local, j->run->w, j->other);
  if (!around.continuous) return NADIR_REASON_JUMP;
  return around.smooth ? NADIR_REASON_AT_REST : NADIR_REASON_KINK;
}

static nadir_status look_around(judge *j, nadir_reason *reason, nadir_error *error) {
  bool smooth = !j->objective->kinked;
  for (size_t i = 0; i < j->n; i++) /* what a penalty holds at 0 needs a slope there, too */
    j->other[i] = j->edge[i] ? 0 : 2 * fabs(j->here.step[i]) + nd_ulps_of(j->run->w[i]);
  if (!j->local && !smooth && !j->objective->l1)
    ND_TRY(nd_rows_keep_off_kinks(j->objective, j->run->w, j->other, &smooth, error));
  *reason = j->local ? look_at_formula(j) : smooth ? NADIR_REASON_AT_REST : NADIR_REASON_KINK;
  return NADIR_OK;
}

/* ---- curvatures that single precision hides ---- */

/* What rounding leaves of curvatures of rows in single precision; 0 for others. */
static double lost_curvature(const judge *j) {
  const look *l = &j->here;
  return j->objective->single ? ND_SINGLE_ROUNDING * fmax(fabs(l->values[0]), fabs(l->values[j->m - 1])) : 0;
}

/* Whether some curvature is not known to be of either sign, or 0, while none is negative for sure. What is 0 to the
 * last bit for linear heads is of columns that depend on each other. */
static bool is_some_lost(const judge *j) {
  const look *l = &j->here;
  double lost = lost_curvature(j), none = j->objective->linear ? l->floor : -1;
  bool some = false;
  for (size_t k = 0; k < j->m; k++)
    some = some || (fabs(l->values[k]) > none && fabs(l->values[k]) <= lost);
  return lost > 0 && some && l->values[0] >= -lost;
}

/* Columns that are centred and scaled lose to single precision what is smaller than the rounding of them; others
 * also what they differ by. */
static bool has_centred_columns(const judge *j) {
  if (!j->objective->rows || !j->objective->linear) return false;
  const nd_model *model = nd_rows_of(j->objective)->model;
  bool scaled = false;
  for (size_t k = 0; k < model->feature_count; k++)
    scaled = scaled || model->scaling[k].center != 0 || model->scaling[k].width != 1;
  return scaled && model->intercept;
}

/* Whether the slopes along lost curvatures are no larger than what single precision leaves of their terms. */
static bool is_level_where_lost(const judge *j, double lost) {
  const look *l = &j->here;
  bool level = true;
  for (size_t k = 0; k < j->m && l->values[k] <= lost; k++) {
    const double *v = l->vectors + k * j->m;
    double slack = 0;
    for (size_t a = 0; a < j->m; a++)
      slack += fabs(v[a]) / nd_unit_of(l->scale[a]) * SINGLE_SLOPES * nd_slope_terms(j, j->moves[a]);
    level = level && fabs(l->y[k]) <= slack;
  }
  return level;
}

static nadir_status judge_lost(judge *j, nadir_reason *reason, nadir_error *error) {
  double lost = lost_curvature(j), length, decrease = step_along(j, &j->here, lost, j->beyond, &length);
  bool leads;
  if (nd_is_least(j))
    *reason = NADIR_REASON_LEAST;
  else if (!is_little(j, j->beyond, decrease)) /* errors are large where curvature is not known */
    *reason = j->known->convex ? NADIR_REASON_RUN_ON : NADIR_REASON_NOT_AT_REST;
  else if (j->known->convex && is_level_where_lost(j, lost) && has_centred_columns(j))
    *reason = NADIR_REASON_FLAT_CONVEX;
  else {
    ND_TRY(nd_leads_to_least(j, &leads, error));
    *reason = leads ? NADIR_REASON_LEAST_AHEAD : NADIR_REASON_FLAT_TO_ROUNDING;
  }
  return NADIR_OK;
}

/* ---- 2: directions that curve down ---- */

static nadir_status judge_down(judge *j, nadir_reason *reason, nadir_error *error) {
  const look *a = &j->here, *b = &j->there;
  for (size_t i = 0; i < j->n; i++)
    j->at[i] = j->run->w[i] + a->step[i];
  ND_TRY(nd_view_from(j, j->at, a->scale, &j->there, error));
  double low = a->values[0];
  bool lasts = b->finite && low < -2 * fabs(b->values[0] - low) - a->floor &&
               b->values[0] < -b->floor && !j->known->convex;
  bool near = nd_is_near(j, a->step, a->decrease), leads;
  if (lasts)
    *reason = !near              ? NADIR_REASON_NOT_AT_REST
              : a->below == j->m ? NADIR_REASON_ALL_CURVE_DOWN
                                 : NADIR_REASON_CURVES_DOWN;
  else if (j->known->convex)
    *reason = near && nd_is_level(j) ? NADIR_REASON_FLAT_CONVEX : NADIR_REASON_RUN_ON;
  else if (nd_is_least(j))
    *reason = NADIR_REASON_LEAST;
  else {
    ND_TRY(nd_leads_to_least(j, &leads, error));
    *reason = leads  ? NADIR_REASON_LEAST_AHEAD
              : near ? NADIR_REASON_FLAT_TO_ROUNDING
                     : NADIR_REASON_NOT_AT_REST;
  }
  return NADIR_OK;
}

/* ---- 4: do Newton's steps get shorter? ---- */

/* The lowest at so many times the step, or near it: where all parameters but one have come to rest, for
 * valleys are bent and their walls are steep. */
static nadir_status loss_beyond(judge *j, const double *w, const double *step, double times,
                                double *loss, nadir_error *error) {
  double low, left;
  for (size_t i = 0; i < j->n; i++)
    j->other[i] = w[i] + times * step[i];
  ND_TRY(nd_value_at(j, j->other, loss, error));
  for (size_t place = 0; j->m <= FEW && place < j->m; place++) {
    memcpy(j->beyond, j->other, j->n * sizeof *j->other);
    ND_TRY(nd_loss_at_rest(j, place, j->beyond, &low, &left, error));
    *loss = fmin(*loss, low);
  }
  return NADIR_OK;
}

typedef enum beyond { NOTHING_SEEN, RISES, FALLS } beyond;

/* Steps that shrink by q each time lead d/(1-q) away: as far beyond, and as far back, the loss rises
 * again if that is a minimum. Where it does not yet differ by enough to tell, it is looked for twice as
 * far each time, no farther than the way that was come. */
static nadir_status look_beyond(judge *j, const double *w, const double *step, double loss,
                                double q, beyond *seen, nadir_error *error) {
  double there, on, back, times = 2 / (1 - q);
  bool within = true;
  ND_TRY(loss_beyond(j, w, step, times / 2, &there, error));
  double low = fmin(there, loss), differs = fmax(4 * j->rounding, (loss - low) / 4);
  for (*seen = NOTHING_SEEN; *seen == NOTHING_SEEN; times *= 2) {
    ND_TRY(loss_beyond(j, w, step, times, &on, error));
    ND_TRY(loss_beyond(j, w, step, -times, &back, error));
    if (on < low - differs || back < low - differs)
      *seen = FALLS;
    else if (on > low + differs && back > low + differs)
      *seen = RISES;
    for (size_t i = 0; i < j->n; i++)
      within = within && 2 * times * fabs(step[i]) <= j->run->reach[i];
    if (!within) return NADIR_OK;
  }
  return NADIR_OK;
}

/* Whether the loss falls on the way and rises nowhere, four times as far each time: a wall, cosh(x) far from 0,
 * looks like a slope without end until one comes to the bottom, and a minimum in its rounding like one that never
 * rises. */
static nadir_status falls_for_ever(judge *j, const double *w, const double *step, bool *falls,
                                   nadir_error *error) {
  double first = j->there.loss, before = first, loss = first;
  *falls = true;
  for (double times = 1; times < 1e6 && *falls; times *= 4) {
    ND_TRY(loss_beyond(j, w, step, times, &loss, error));
    *falls = loss <= before + j->rounding;
    before = loss;
  }
  *falls = *falls && loss < first - j->rounding;
  return NADIR_OK;
}

typedef struct walk {
  double *w;                    /* where it is now */
  double before, q;             /* length of the step there; by which it shrinks */
  double gained;                /* by the step, as Newton promises */
  bool settles;                 /* it shrinks fast, and so does what is left to be gained */
  size_t steps, slow, standing; /* how many, and the last of them that shrank so little */
} walk;

/* One Newton step; false where there is no next. */
static nadir_status step_on(judge *j, walk *way, const double *step, bool *goes,
                            nadir_error *error) {
  for (size_t i = 0; i < j->n; i++)
    way->w[i] += step[i];
  ND_TRY(nd_view_from(j, way->w, j->here.scale, &j->there, error));
  *goes = j->there.finite && j->there.below == 0;
  if (!*goes) return NADIR_OK;
  double length = is_within_ulps(j, way->w, j->there.step) ? 0 : j->there.length;
  way->q = way->before > 0 ? length / way->before : 0;
  double hidden = fmax(j->rounding, j->known->noise);
  way->settles = way->q <= FAST && j->there.decrease <= fmax(hidden, FAST * way->gained);
  way->gained = j->there.decrease;
  way->before = length;
  way->steps++;
  way->slow = way->q > FAST && way->q <= STANDS ? way->slow + 1 : 0;
  bool stands = way->q > STANDS && j->there.decrease > j->rounding;
  way->standing = stands ? way->standing + 1 : 0;
  return NADIR_OK;
}

/* A curvature that is gone where the step leads was none of the point's own. */
static bool fades(const judge *j) {
  return j->there.values[0] < FAST * j->here.values[0];
}

static nadir_status judge_degenerate(judge *j, const walk *way, nadir_reason *reason,
                                     nadir_error *error) {
  const look *l = &j->there;
  beyond seen;
  ND_TRY(look_beyond(j, way->w, l->step, l->loss, way->q, &seen, error));
  bool near = j->here.decrease <= fmax(ND_SHARE_OF_FALL * nd_fall_so_far(j), j->rounding);
  *reason = seen == FALLS   ? NADIR_REASON_ODD
            : !near         ? NADIR_REASON_RUN_ON
            : seen == RISES ? NADIR_REASON_DEGENERATE
                            : NADIR_REASON_FLAT_TO_ROUNDING;
  return NADIR_OK;
}

/* What is left to be gained is lost in rounding, and the curvature stays what it is all the way there: the
 * lengths of steps are noise, but a minimum is near (L. V. Kantorovich 1948). */
static bool rests_in_noise(const judge *j) {
  bool lost = j->here.decrease <= fmax(j->rounding, j->known->noise);
  return lost && fabs(j->there.values[0] - j->here.values[0]) <= FAST * j->here.values[0];
}

/* Of rows whose loss is convex, steps that shrink lead to the minimum: more of them, each a pass over all rows, would
 * tell nothing new of a point that is still far from it. */
static bool is_told(const judge *j) {
  return j->objective->rows && j->known->convex;
}

/* Follows Newton's steps until they shrink fast, or have long enough done something else. */
static nadir_status judge_up(judge *j, nadir_reason *reason, nadir_error *error) {
  size_t most = j->objective->rows ? FEW_STEPS : MORE_STEPS,
         lasting = most < FOR_EVER ? 2 : FOR_EVER;
  bool goes = true;
  beyond seen = NOTHING_SEEN;
  double first = 0;
  if (is_at_rounding(j)) {
    *reason = NADIR_REASON_AT_ROUNDING;
    return NADIR_OK;
  }
  bool near = nd_is_near(j, j->here.step, j->here.decrease);
  walk way = {.w = j->at, .before = j->here.length, .gained = j->here.decrease};
  memcpy(way.w, j->run->w, j->n * sizeof *way.w);
  *reason = NADIR_REASON_RUN_ON;
  for (const double *step = j->here.step; way.steps < most; step = j->there.step) {
    ND_TRY(step_on(j, &way, step, &goes, error));
    if (!goes) break;
    if (way.steps == 1) first = way.q;
    if (way.steps == 1 && way.q <= FAST && fades(j)) {
      *reason = nd_is_least(j) ? NADIR_REASON_LEAST : NADIR_REASON_FLAT_TO_ROUNDING;
      return NADIR_OK;
    }
    if (way.steps == 1 && rests_in_noise(j)) {
      *reason = NADIR_REASON_AT_REST;
      return NADIR_OK;
    }
    if ((way.settles && (near || way.q == 0 || is_told(j))) || way.standing >= lasting) break;
    if (way.slow >= 2 && j->there.decrease > 4 * j->rounding) {
      ND_TRY(look_beyond(j, way.w, j->there.step, j->there.loss, way.q, &seen, error));
      if (seen == FALLS) break;
    }
    if (way.slow >= 2 && j->there.decrease <= j->rounding) break;
  }
  if (!goes) return NADIR_OK;
  if (way.standing >= lasting) {
    bool falls;
    ND_TRY(falls_for_ever(j, way.w, j->there.step, &falls, error));
    if (falls) *reason = NADIR_REASON_STEPS_GROW;
  } else if (seen == FALLS)
    *reason = NADIR_REASON_ODD;
  else if (way.settles && first <= STANDS && way.steps <= 2) {
    if (near) *reason = NADIR_REASON_AT_REST;
  } else if (way.slow >= 2)
    return judge_degenerate(j, &way, reason, error);
  return NADIR_OK;
}

/* ---- parameters that do not act ---- */

/* Of a fit: a change by its own size, or by all that it went, is lost in the loss's rounding. */
static bool is_idle(const judge *j, size_t i) {
  double way = fmax(fabs(j->run->w[i]), j->run->reach[i]), slope = fabs(j->here.g[i]);
  double curvature = fabs(j->here.h[i * j->n + i]);
  for (size_t k = 0; way == 0 && k < j->n; k++)
    if (j->here.h[i * j->n + k] != 0) return false;
  if (way == 0) return slope == 0;
  return curvature * way * way + slope * way <= j->rounding;
}

static nadir_status find_idle(judge *j, nadir_error *error) {
  bool any = false;
  nd_diagnosis *d = j->diagnosis;
  if (!j->objective->rows || j->known->convex) return NADIR_OK;
  if (!(d->idle = nd_new(j->n, sizeof *d->idle, error))) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < j->n; i++)
    any |= d->idle[i] = is_idle(j, i);
  if (any) return NADIR_OK;
  nd_free(d->idle);
  d->idle = NULL;
  return NADIR_OK;
}

/* ---- the procedure ---- */

/* Parameters at 0 whose slope the penalty outweighs stay, as do those at an edge of the domain and those on a bound
 * that the slope leads out of; leaves: another one at 0 is about to go. */
static nadir_status choose_moving(judge *j, nadir_error *error) {
  const nadir_problem *problem = &j->objective->problem;
  const double *l1 = j->objective->l1, *w = j->run->w;
  ND_TRY(problem->gradient(problem->context, w, &j->here.loss, j->here.g, error));
  nd_find_edges(j);
  for (size_t i = 0; i < j->n; i++) {
    const nd_span *bound = j->objective->bounds ? &j->objective->bounds[i] : NULL;
    double strength = l1 ? l1[i] : 0;
    j->bound[i] = fabs(j->here.g[i]) > j->of_slopes[i] &&
                  nd_bound_holding(w[i], j->here.g[i], strength, bound);
    bool stays = strength > 0 && w[i] == 0;
    if (!stays && !j->edge[i] && !j->bound[i]) j->moves[j->m++] = i;
    if (j->bound[i]) continue;
    j->leaves = j->leaves || (stays && !(fabs(j->here.g[i]) < l1[i]));
  }
  return NADIR_OK;
}

/* Of a formula: the width of its enclosure; and what its residuals, where it has them, leave. */
static nadir_status find_rounding(judge *j, nadir_error *error) {
  const nadir_problem *problem = &j->objective->problem;
  double of_residuals = 0;
  if (!j->local) return NADIR_OK;
  nd_local_rounding(j->local, j->run->w, &j->rounding, j->of_slopes, j->of_hessian);
  if (problem->factor && problem->rounding)
    ND_TRY(problem->rounding(problem->context, j->run->w, 0, &of_residuals, error));
  j->rounding = fmax(j->rounding, of_residuals);
  return NADIR_OK;
}

static nadir_status decide(judge *j, nadir_reason *reason, nadir_error *error) {
  ND_TRY(find_rounding(j, error));
  ND_TRY(choose_moving(j, error));
  ND_TRY(nd_view_from(j, j->run->w, NULL, &j->here, error));
  if (!j->local)
    j->rounding = fmax(j->known->rounding, 8 * ND_RELATIVE_ROUNDING * fabs(j->here.loss));
  *reason = !j->here.finite ? NADIR_REASON_NO_DERIVATIVES
            : j->leaves     ? NADIR_REASON_RUN_ON
                            : NADIR_REASON_SPARSE;
  bool edges = !j->here.finite || nd_edges_hold(j);
  if (!edges) *reason = NADIR_REASON_KINK;
  if (!j->here.finite || j->leaves || !edges) return NADIR_OK;
  if (j->m) ND_TRY(find_idle(j, error));
  nadir_reason around = NADIR_REASON_IDLE;
  if (!j->diagnosis->idle) ND_TRY(look_around(j, &around, error));
  if (around != NADIR_REASON_AT_REST)
    *reason = around;
  else if (j->m == 0)
    return NADIR_OK;
  else if (is_some_lost(j))
    return judge_lost(j, reason, error);
  else if (j->here.below)
    return judge_down(j, reason, error);
  else if (j->here.zero)
    return nd_judge_flat(j, reason, error);
  else
    return judge_up(j, reason, error);
  return NADIR_OK;
}

/* What the level floor of a valley, or a minimum of higher order in a bent one, may look like. */
static bool is_hidden(const judge *j, nadir_reason reason) {
  if (j->leaves) return false;
  return reason == NADIR_REASON_FLAT || reason == NADIR_REASON_FLAT_TO_ROUNDING ||
         reason == NADIR_REASON_RUN_ON || reason == NADIR_REASON_NOT_AT_REST;
}

/* No lower a step along each parameter away, of what is left of the way at a minimum. */
static nadir_status is_low_around(judge *j, bool *low, nadir_error *error) {
  double there;
  *low = j->n <= MOST_AROUND;
  memcpy(j->other, j->run->w, j->n * sizeof *j->other);
  for (size_t k = 0; k < 2 * j->n && *low; k++) {
    double w = j->run->w[k / 2], way = ND_SHARE_OF_WAY * j->run->reach[k / 2];
    j->other[k / 2] = w + (k % 2 ? 1 : -1) * fmax(way, nd_ulps_of(w));
    ND_TRY(nd_value_at(j, j->other, &there, error));
    *low = !(there < j->here.loss - j->rounding);
    j->other[k / 2] = w;
  }
  return NADIR_OK;
}

/* A proved gap leaves nothing: against rounding, or against the fall where no lower point is near. */
static nadir_status is_closed(judge *j, bool *closed, nadir_error *error) {
  double gap = j->known->gap;
  *closed = j->known->strictly && gap <= fmax(j->rounding, GAP_CLOSED * nd_fall_so_far(j));
  return *closed && gap > j->rounding ? is_low_around(j, closed, error) : NADIR_OK;
}

/* What is known of the whole outweighs what is seen from one point. */
static nadir_status decide_with_proofs(judge *j, nadir_reason *reason, nadir_error *error) {
  if (j->known->nowhere) {
    *reason = NADIR_REASON_OUTSIDE;
    return NADIR_OK;
  }
  ND_TRY(decide(j, reason, error));
  if (is_hidden(j, *reason) && !j->known->convex) ND_TRY(nd_judge_valley(j, reason, error));
  if (is_hidden(j, *reason) || *reason == NADIR_REASON_STEPS_GROW)
    ND_TRY(nd_judge_profiles(j, reason, error));
  bool closed = false, at_edge = false, on_bound = false;
  for (size_t i = 0; i < j->n; i++) {
    at_edge |= j->edge[i];
    on_bound |= j->bound[i];
  }
  if (*reason == NADIR_REASON_STEPS_GROW && j->known->exists) *reason = NADIR_REASON_RUN_ON;
  bool minimum = nd_reason_about(*reason)->point == NADIR_MINIMUM;
  if (minimum && at_edge) *reason = NADIR_REASON_EDGE;
  if (minimum && on_bound && !at_edge) *reason = NADIR_REASON_BOUND;
  if (on_bound && *reason == NADIR_REASON_ALL_CURVE_DOWN) *reason = NADIR_REASON_CURVES_DOWN;
  /* what falls without end may come to a bound */
  bool falls = nd_reason_about(*reason)->point == NADIR_FALLS;
  if (falls && j->objective->bounds) *reason = NADIR_REASON_RUN_ON;
  if (!minimum) ND_TRY(is_closed(j, &closed, error));
  if (closed)
    *reason = *reason == NADIR_REASON_KINK ? NADIR_REASON_LEAST_SLOPE : NADIR_REASON_GAP;
  return NADIR_OK;
}

/* ---- what the reason speaks of ---- */

/* Eigenvectors from..to as directions in the table's own coordinates. */
static nadir_status keep_directions(judge *j, size_t from, size_t to, nadir_error *error) {
  size_t n = j->n, m = j->m;
  nd_diagnosis *d = j->diagnosis;
  d->directions = nd_new((to - from) * n, sizeof *d->directions, error);
  if (!d->directions) return NADIR_NO_MEMORY;
  memset(j->other, 0, n * sizeof *j->other);
  j->objective->to_table(j->objective, j->other, j->at);
  for (size_t k = from; k < to; k++) {
    double *v = d->directions + (k - from) * n;
    memset(v, 0, n * sizeof *v);
    for (size_t a = 0; a < m; a++)
      v[j->moves[a]] = j->here.vectors[k * m + a] / nd_unit_of(j->here.scale[a]);
    j->objective->to_table(j->objective, v, v);
    for (size_t i = 0; i < n; i++) {
      v[i] -= j->at[i];
      if (fabs(v[i]) <= 64 * ND_RELATIVE_ROUNDING * fabs(j->at[i]))
        v[i] = 0; /* the shift's rounding */
    }
  }
  d->direction_count = to - from;
  nd_reduce_directions(n, d->direction_count, d->directions);
  return NADIR_OK;
}

static nadir_status find_directions(judge *j, nadir_error *error) {
  const look *l = &j->here;
  if (!l->finite || j->m == 0) return NADIR_OK;
  if (j->diagnosis->reason == NADIR_REASON_CURVES_DOWN) return keep_directions(j, 0, 1, error);
  if (l->zero == 0) {
    bool flat = j->diagnosis->reason == NADIR_REASON_LEAST ||
                j->diagnosis->reason == NADIR_REASON_VALLEY ||
                j->diagnosis->reason == NADIR_REASON_FLAT_CONVEX ||
                j->diagnosis->reason == NADIR_REASON_FLAT_TO_ROUNDING;
    return flat ? keep_directions(j, 0, 1, error) : NADIR_OK;
  }
  return keep_directions(j, l->below, l->below + l->zero, error);
}

static nadir_status find_curvature(judge *j, nadir_error *error) {
  if (!j->here.finite || !nd_all_finite(j->n * j->n, j->here.h)) return NADIR_OK;
  ND_TRY(nd_eigen(j->n, j->here.h, j->here.scaled, NULL, j->objective->until, error));
  j->diagnosis->curvature_min = j->here.scaled[0];
  j->diagnosis->curvature_max = j->here.scaled[j->n - 1];
  return NADIR_OK;
}

static nadir_status judge_small(judge *j, nadir_error *error) {
  ND_TRY(judge_new(j, error));
  ND_TRY(decide_with_proofs(j, &j->diagnosis->reason, error));
  ND_TRY(find_directions(j, error));
  return find_curvature(j, error);
}

nadir_status nd_diagnose(const nd_objective *objective, const nd_run *run,
                         const nd_known_of_run *known, nd_diagnosis *diagnosis,
                         nadir_error *error) {
  static const nd_known_of_run nothing = {.least = -HUGE_VAL};
  double nan = (double)NAN;
  if (!known) known = &nothing;
  *diagnosis = (nd_diagnosis){.reason = NADIR_REASON_COSTS_TOO_MUCH,
                              .curvature_max = nan,
                              .curvature_min = nan,
                              .stable_rate = nan};
  if (run->stop == NADIR_STOP_DOMAIN) diagnosis->reason = NADIR_REASON_LEAVES_DOMAIN;
  if (run->stop == NADIR_STOP_UNBOUNDED) diagnosis->reason = NADIR_REASON_WITHOUT_END;
  if (run->stop == NADIR_STOP_DIVERGED || run->stop == NADIR_STOP_ROSE)
    diagnosis->reason = NADIR_REASON_LOST;
  if (nd_stop_amounts_to(run->stop) == ND_ENDED_DIVERGED) return NADIR_OK;
  if (run->stop == NADIR_STOP_GAP) { /* the duality gap tells what no curvature does */
    diagnosis->reason = NADIR_REASON_LEAST_SLOPE;
    diagnosis->proved = isfinite(run->duality_gap);
    return NADIR_OK;
  }
  if (!nd_hessian_is_affordable(objective, MOST_PARAMETERS))
    return nd_diagnose_large(objective, run, known, diagnosis, error);
  judge j = {.objective = objective, .run = run, .known = known, .diagnosis = diagnosis};
  nadir_status status = judge_small(&j, error);
  diagnosis->proved = known->strictly && nd_reason_about(diagnosis->reason)->point == NADIR_MINIMUM;
  judge_free(&j);
  return status;
}
