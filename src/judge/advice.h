/* Advice on the rate of a descent before it is made, and the cloud in which a stochastic one ends. */
#ifndef ND_ADVICE_H
#define ND_ADVICE_H

#include "objective/objective.h"

/* ==== the stochastic side (clouds.c) =========================================================== */

typedef struct nd_cloud {
  double rate, radius, predicted,
      about_minimum; /* NaN where it does not rest, or no prediction is made */
} nd_cloud;
typedef struct nd_clouds {
  nd_cloud *cloud; /* by rate */
  size_t count;
  double exponent; /* of radius against rate */
} nd_clouds;
typedef struct nd_noise {
  double *wrong_way; /* by epoch, from 0: the share of batch gradients that point uphill */
  size_t wrong_way_count;
  nd_clouds shuffled, drawn;
} nd_noise;
/* minimum: where the full gradient vanishes. All in descent coordinates. */
nadir_status nd_noise_measure(nd_objective *objective, const nadir_settings *settings, size_t batch,
                              const double *start, const double *minimum, const double *rates,
                              size_t count, nd_noise *noise, nadir_error *error);
void nd_noise_clear(nd_noise *noise);

/* ==== advice on the rate (advise.c, advise_large.c) ============================================ */

/* The updates that a rule needs on the local quadratic, and how well that is known. */
typedef enum nd_known {
  ND_NOT_PREDICTED, /* each update would take a pass over the rows */
  ND_NO_MINIMUM,    /* rounding hides whether the quadratic has a minimum */
  ND_SIMULATED,     /* on the quadratic, or on a subspace which the rule does not leave */
  ND_MODELLED,      /* on a subspace which the rule has left by then: about so many */
  ND_MORE_THAN      /* the simulation was not there after so many */
} nd_known;
typedef struct nd_needed {
  nd_known known;
  uint64_t updates;
} nd_needed;

typedef struct nd_advice {
  size_t size;
  size_t steps;              /* of Lanczos; 0: all is from the Hessian itself */
  double *gradient, *second; /* at the point asked about; second: the Hessian's diagonal, or NULL */
  double *hessian;           /* NULL by Lanczos */
  double curvature_max, curvature_min; /* eigenvalues; by Lanczos the largest is this or more, the
                                          smallest this or less ... */
  double largest_error, least_error;   /* ... and there is an eigenvalue as near as this */
  double largest_bound, least_bound;   /* above the largest, below the smallest */
  bool largest_proved, least_proved;   /* else but for a chance of 1e-9 */
  double trace_bound;                  /* proved above the largest, by the trace; NaN: not had */
  double condition_raw, condition_scaled; /* this or more, by Lanczos; NaN: not had */
  bool convex_here;                       /* no direction curves downwards: what follows exists */
  nd_needed *needed;                      /* by rule, in the order of nd_optimizer_at */
  double *best_step, *root_sum_square;    /* by parameter: |g|/|L''| (NULL without second), and
                                             Adagrad's sum after so many updates */
  int adagrad_updates;
} nd_advice;
/* From the Hessian up to 1,000 parameters where a pass for it is affordable, else by products. */
nadir_status nd_advise(nd_objective *objective, const double *at, double tolerance,
                       nd_advice *advice, nadir_error *error);
void nd_advice_clear(nd_advice *advice);

#endif
