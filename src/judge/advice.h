/* Advice on the rate of a descent before it is made, and the cloud in which a stochastic one ends. What
 * of it the caller gets is in the structs of nadir.h. */
#ifndef ND_ADVICE_H
#define ND_ADVICE_H

#include "objective/objective.h"

/* ==== the stochastic side (clouds.c) =========================================================== */

/* minimum: where the full gradient vanishes. All in descent coordinates. */
nadir_status nd_noise_measure(nd_objective *objective, const nadir_settings *settings, size_t batch,
                              const double *start, const double *minimum, const double *rates,
                              size_t count, nadir_batch_noise *noise, nadir_error *error);
void nd_noise_clear(nadir_batch_noise *noise);

/* noise_runs.c: the same about the minimum that Newton's method finds from `start`, at the rates of
 * --rates, or at a third, a ninth ... of the automatic rate. Settings: --batch is a number. */
nadir_status nd_noise_of_fit(nd_objective *objective, const nadir_settings *settings,
                             const double *start, nadir_batch_noise *noise, nadir_error *error);

/* ==== advice on the rate (advise.c, advise_large.c) ============================================ */

typedef struct nd_advice {
  size_t size;
  size_t steps;              /* of Lanczos; 0: all is from the Hessian itself */
  double *gradient, *second; /* at the point asked about; second: the Hessian's diagonal, or NULL */
  double *hessian;           /* NULL by Lanczos */
  double curvature_max, curvature_min; /* eigenvalues; by Lanczos the largest is this or more, the
                                          smallest this or less ... */
  double largest_error, least_error;   /* ... and there is an eigenvalue as near as this */
  double largest_bound, least_bound;   /* above the largest, below the smallest */
  bool largest_proved, least_proved;   /* else wrong with a chance of 1e-9 */
  double trace_bound;                  /* proved above the largest, by the trace; NaN: not had */
  double condition_raw, condition_scaled; /* this or more, by Lanczos; NaN: not had */
  size_t modes;                           /* along eigenvectors; by Lanczos a few that descend ... */
  nadir_mode *mode;                       /* ... as all do, where convex_here */
  bool convex_here;                       /* no direction curves downwards: what follows exists */
  nadir_needed *needed;                   /* by rule, in the order of nd_optimizer_at */
  double *best_step, *root_sum_square;    /* by parameter: |g|/|L''| (NULL without second), and
                                             Adagrad's sum after so many updates */
  int adagrad_updates;
} nd_advice;
/* From the Hessian up to 1,000 parameters where a pass for it is affordable, else by products. */
nadir_status nd_advise(nd_objective *objective, const double *at, double tolerance,
                       nd_advice *advice, nadir_error *error);
void nd_advice_clear(nd_advice *advice);

/* ==== safe rates (rates.c) ===================================================================== */

/* Of a formula on the box of the question; of a fit at a point, in descent coordinates. All but the
 * formula is set, and is cleared by nd_rates_clear, after a failure too. */
nadir_status nd_rates_on_box(const nd_question *question, nadir_curvature *curvature,
                             nadir_error *error);
nadir_status nd_rates_of_fit(nd_model *model, nd_objective *objective, const double *at,
                             nadir_curvature *curvature, nadir_error *error);
void nd_rates_clear(nadir_curvature *curvature);
/* The updates that gradient descent needs at this rate, until the gradient is the curvature's tolerance of that at the
 * start; HUGE_VAL where it does not come to rest. Of a curvature with modes. */
double nd_updates_at(const nadir_curvature *curvature, double rate);

#endif
