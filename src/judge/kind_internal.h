/* The parts of the judge of points: kind.c has the procedure, kind_flat.c what is said of directions
 * that do not curve, kind_edge.c of edges of the domain. */
#ifndef ND_KIND_INTERNAL_H
#define ND_KIND_INTERNAL_H

#include "judge/judge.h"

/* Gradient, Hessian and Newton's step at a point, over the m parameters that are free to move. */
typedef struct nd_view {
  double loss, *g, *h;                  /* of all n parameters */
  double *scale, *values, *vectors, *y; /* of the m; y: the scaled slope along each eigenvector */
  double *scaled, *step;                /* step: of all n, 0 where a parameter does not move */
  double floor, length, decrease;       /* length: of the step, scaled */
  size_t below, zero, above;
  bool finite;
} nd_view;

typedef struct nd_judge {
  const nd_objective *objective;
  const nd_run *run;
  const nd_known_of_run *known;
  nd_diagnosis *diagnosis;
  nd_local *local; /* of a formula; else NULL */
  size_t n, m;
  size_t *moves; /* the parameters that do, m of them */
  bool *edge;    /* those that are held by an edge of the domain, */
  bool *bound;   /* and by a bound */
  bool leaves;   /* one that is 0 does not stay there, for all that the penalty says */
  double rounding, *of_slopes,
      *of_hessian; /* of the loss, of each slope, of each second derivative */
  double *at, *other, *beyond, *memory;
  nd_view here, there, aside;
} nd_judge;

/* ---- kind.c ---- */

#define ND_SHARE_OF_WAY 1e-6   /* of the way come: what is left of it at a minimum */
#define ND_SHARE_OF_FALL 1e-10 /* and of the fall of the loss */
#define ND_RELATIVE_ROUNDING 0x1p-52

/* The loss with the L1 penalty, as that of a view. */
nadir_status nd_value_at(const nd_judge *judge, const double *w, double *loss, nadir_error *error);
/* The view from w; scale NULL: its own equilibration is found. */
nadir_status nd_view_from(nd_judge *judge, const double *w, const double *scale, nd_view *view,
                          nadir_error *error);
/* Whether a step of this decrease is short enough to be at the minimum. */
bool nd_is_near(nd_judge *judge, const double *step, double decrease);
double nd_fall_so_far(const nd_judge *judge);
double nd_unit_of(double scale);
double nd_ulps_of(double w);

/* ---- kind_flat.c ---- */

/* The sum of the sizes of what a slope is made of: about H times w. */
double nd_slope_terms(const nd_judge *judge, size_t i);
/* Whether the slopes along the directions that do not curve are 0 to rounding. */
bool nd_is_level(const nd_judge *judge);
/* Whether the loss is as low as it can be, to rounding. */
bool nd_is_least(const nd_judge *judge);
/* Whether Newton's steps lead, each shorter than the last by the same share, to where the loss is as
 * low as it can be. */
nadir_status nd_leads_to_least(nd_judge *judge, bool *leads, nadir_error *error);
/* Sets *reason where the end is on the level floor of a valley. */
nadir_status nd_judge_valley(nd_judge *judge, nadir_reason *reason, nadir_error *error);
nadir_status nd_judge_flat(nd_judge *judge, nadir_reason *reason, nadir_error *error);

/* ---- kind_profile.c ---- */

/* The loss where all parameters but that in this place among those that move have come to rest, from
 * `at` on, which becomes that point; left: what Newton's step would still gain, infinite where they do
 * not come to rest. */
nadir_status nd_loss_at_rest(nd_judge *judge, size_t place, double *at, double *loss, double *left,
                             nadir_error *error);
/* Sets *reason where the loss of a formula rises from the end along each parameter, all others being at
 * rest. */
nadir_status nd_judge_profiles(nd_judge *judge, nadir_reason *reason, nadir_error *error);

/* ---- kind_edge.c ---- */

/* Marks the parameters that an edge of the domain holds, which the loss falls towards. */
void nd_find_edges(nd_judge *judge);
/* Whether it falls towards each of them wherever the others may still go. */
bool nd_edges_hold(nd_judge *judge);

/* kind_large.c: where there are more parameters than a Hessian is wanted of, by products. */
nadir_status nd_diagnose_large(const nd_objective *objective, const nd_run *run,
                               const nd_known_of_run *known, nd_diagnosis *diagnosis,
                               nadir_error *error);

/* kind_directions.c: rows of directions that span the same space, each with a 1 where all others
 * have a 0. */
void nd_reduce_directions(size_t size, size_t count, double *rows);

#endif
