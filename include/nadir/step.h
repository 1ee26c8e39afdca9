/* How far a step may go: Taylor expansions, rates from the curvature, and the noise of batches. nadir.h
 * includes this. */
#ifndef NADIR_STEP_H
#define NADIR_STEP_H

#include "../nadir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A formula around a point. */
typedef struct nadir_expansion {
  char *formula; /* as typed */
  size_t size;
  char **parameter;
  double *at, value, *gradient, *hessian; /* by parameter; the Hessian size x size */
  /* In one parameter its series, 0 and NULL in several: h^(k)/k! at [k], each with a proved bound on
   * its error. */
  size_t coefficients;
  double *coefficient, *coefficient_error;
  double radius;     /* d, as asked; NaN without */
  double remainder;  /* proved bound on |h - polynomial| within d; NaN where none is */
  double *minimizer; /* of the plane in the circle, at - d gradient/|gradient|; NaN without d */
  double rate;       /* d/|gradient|: what a step of gradient descent takes to go there */
  double predicted_decrease, true_decrease; /* from at to the minimizer, by plane and formula */
  double within; /* how much of the decrease the models below may be wrong by, as asked */
  double valid_radius, quadratic_radius; /* of plane and quadratic, proved; NaN where none is */
  int is_affine;                         /* the plane is right everywhere */
} nadir_expansion;

/* Taylor expansion. Settings: at, order, radius, within. */
NADIR_API nadir_status nadir_taylor(const nadir_expr *expr, const nadir_settings *settings,
                                    const nadir_listener *listener, nadir_expansion **expansion,
                                    nadir_error *error);
NADIR_API void nadir_expansion_free(nadir_expansion *expansion);
NADIR_API nadir_status nadir_expansion_text(const nadir_expansion *expansion, nadir_format format,
                                            char **text, nadir_error *error);

/* ---- rates: how far a step may go ---- */

/* Where the curvature was looked at, and how: the eigenvalues of the Hessian H of the loss. */
typedef enum nadir_curvature_way {
  NADIR_ON_BOX,    /* a formula, on all points of a box: enclosed (Johansson 2017) */
  NADIR_AT_START,  /* a fit, at its start, in descent coordinates: of H itself */
  NADIR_BY_LANCZOS /* the same by products with H, where parameters are many (Lanczos 1950) */
} nadir_curvature_way;
/* How likely a bound that is not proved is wrong, at most (Kuczynski, Wozniakowski 1992). */
#define NADIR_CHANCE 1e-9
/* One eigenvalue, the largest or the smallest, is between low and high. Of the largest, high is the
 * bound and low what was found; of the smallest the other way round. What was found is the eigenvalue
 * except for its rounding at the start, and an inner bound by Lanczos. */
typedef struct nadir_eigenvalue {
  double low, high;
  int proved;          /* the bound is; 0: it holds except for a chance of NADIR_CHANCE */
  double proved_bound; /* the best bound that is proved, which may be further out; NaN: none */
  double within;       /* by Lanczos: how close to what was found some eigenvalue is; else NaN */
} nadir_eigenvalue;

/* How a number compares with the truth. */
typedef enum nadir_side { NADIR_EXACTLY, NADIR_AT_LEAST, NADIR_AT_MOST } nadir_side;

/* How well it is known how many updates a method needs. */
typedef enum nadir_known {
  NADIR_NOT_PREDICTED, /* each update would take a pass over the rows */
  NADIR_NO_MINIMUM,    /* rounding hides whether the quadratic has a minimum */
  NADIR_SIMULATED,     /* on the quadratic, or on a subspace which the method does not leave */
  NADIR_MODELLED,      /* on a subspace which the method has left by then: about so many */
  NADIR_MORE_THAN      /* the simulation was not there after so many */
} nadir_known;
typedef struct nadir_needed {
  const struct nadir_optimizer *method;
  nadir_known known;
  uint64_t updates; /* 0 where known is one of the first two */
} nadir_needed;

typedef enum nadir_recommended {
  NADIR_RECOMMENDS_NOTHING,    /* of a formula */
  NADIR_RECOMMENDS_GD,         /* at the safe rate; newton where the condition number is large */
  NADIR_RECOMMENDS_NOT_CONVEX, /* backtracking, since some direction curves downwards here */
  NADIR_RECOMMENDS_FLAT        /* backtracking, since some direction does not curve here */
} nadir_recommended;

/* The loss along one parameter, at the start. Along a parabola the step to the lowest point is
 * |first| / |second|; Adagrad (Duchi, Hazan, Singer 2011), which sees no second derivative, takes
 * |first| / stand_in, the root of the sum of the squared first derivatives so far. */
typedef struct nadir_along {
  char *name;
  double first, second, best_step; /* NaN where the second derivative would cost too much */
  double stand_in;                 /* after nadir_curvature.adagrad_updates */
} nadir_along;

/* The loss along an eigenvector of H, at the start: on the quadratic a step of gradient descent multiplies the slope by
 * 1 - rate curvature. */
typedef struct nadir_mode {
  double curvature, slope;
} nadir_mode;

/* The curvature of a loss and the rates that go with it. Where M bounds the largest eigenvalue, a step
 * of gradient descent at a rate up to 1/M lowers the loss by rate |gradient|^2 / 2 at least; up to 2/M
 * it lowers it at all (Nesterov 2004, Introductory lectures on convex optimization, section 1.2). */
typedef struct nadir_curvature {
  char *formula; /* as typed */
  nadir_curvature_way way;
  nadir_eigenvalue largest, smallest;
  double safe, limit; /* 1/M, 2/M rounded down; NaN where nothing curves up, or M is infinite */
  uint64_t boxes;     /* NADIR_ON_BOX: into which the box was cut */
  size_t steps;       /* NADIR_BY_LANCZOS: of Lanczos */
  /* The largest eigenvalue over the smallest; NaN where it is not defined or not known. Of a fit: of
   * the loss without its penalty; raw: as it would be without feature scaling. */
  double condition, condition_raw;
  nadir_side condition_is;
  nadir_recommended recommended;
  /* Of a fit, so that its gradient is the sum of these slopes; by Lanczos, where there is a minimum, a few that descend
   * as all do. Else 0 and NULL. */
  size_t modes;
  nadir_mode *mode;
  /* Of a fit with NADIR_RECOMMENDS_GD, else 0 and NULL. The updates are those on the quadratic that
   * the loss is close to the start, until the gradient is `tolerance` of that at the start. */
  double tolerance;
  size_t methods;
  nadir_needed *needed;
  size_t size;
  nadir_along *along; /* by parameter */
  unsigned adagrad_updates;
} nadir_curvature;

/* Of a formula on the box of the settings: proved. Settings: data, assume, box, seconds. */
NADIR_API nadir_status nadir_rate(const nadir_expr *expr, const nadir_settings *settings,
                                  const nadir_listener *listener, nadir_curvature **curvature,
                                  nadir_error *error);
/* Of a fit (TARGET ~ MODEL) at its start. Settings: those of a fit. */
NADIR_API nadir_status nadir_rate_fit(nadir_table *table, const char *formula,
                                      const nadir_settings *settings,
                                      const nadir_listener *listener, nadir_curvature **curvature,
                                      nadir_error *error);
NADIR_API void nadir_curvature_free(nadir_curvature *curvature);
NADIR_API nadir_status nadir_curvature_text(const nadir_curvature *curvature, nadir_format format,
                                            char **text, nadir_error *error);
/* What a step at a rate gives, next to what the bound M promises, with 1/M and 2/M: of a formula (expr, else NULL; with
 * the settings that it was asked with) at points of the box, of a fit at its start and with the updates that gradient
 * descent needs at each rate. Settings: title. A curvature without a safe rate is NADIR_BAD_DATA. */
NADIR_API nadir_status nadir_plot_rate(const nadir_curvature *curvature, const nadir_expr *expr,
                                       const nadir_settings *settings, const char *path,
                                       nadir_error *error);

/* ---- noise: what batches do to a descent ---- */

/* The iterates that a constant rate ends in: they do not come to rest, but fill a cloud. Distances
 * are root mean squares, in descent coordinates. */
typedef struct nadir_cloud {
  double rate;
  double radius;        /* measured, from the mean of the iterates; NaN where they diverge */
  double predicted;     /* from the Hessian and the covariance of the gradients; NaN: none */
  double about_minimum; /* measured, from the minimum; NaN where the iterates diverge */
  /* Of two parameters, unless they diverge: some of the iterates and the mean of all, seen from the minimum. Else 0 and
   * NULL. */
  size_t points;
  double *point; /* [2 i], [2 i + 1] */
  double mean[2];
} nadir_cloud;
typedef struct nadir_clouds {
  size_t count;
  nadir_cloud *cloud; /* by rate */
  double exponent;    /* the radius goes with the rate to this power; NaN below two clouds */
} nadir_clouds;
typedef struct nadir_batch_noise {
  char *formula;
  uint64_t batch; /* rows */
  size_t epochs;
  double *uphill; /* by epoch, from 0: the share of batches whose gradient points uphill, that is
                     less than 90 degrees away from the opposite of the full one */
  nadir_clouds shuffled, drawn; /* each row once per epoch; rows drawn independently */
  char *parameter[2];           /* the directions of the points of clouds; NULL where they have none */
} nadir_batch_noise;

/* Wrong-way gradients and the clouds of stochastic descent. Settings: batch, rates, and a fit's. */
NADIR_API nadir_status nadir_noise(nadir_table *table, const char *formula,
                                   const nadir_settings *settings, const nadir_listener *listener,
                                   nadir_batch_noise **noise, nadir_error *error);
NADIR_API void nadir_batch_noise_free(nadir_batch_noise *noise);
NADIR_API nadir_status nadir_batch_noise_text(const nadir_batch_noise *noise, nadir_format format,
                                              char **text, nadir_error *error);
/* The share of batches that point uphill, by epoch, next to the radii of the clouds, measured and predicted, by rate; of
 * two parameters under these the clouds, with a circle of the radius that is predicted. Settings: title. */
NADIR_API nadir_status nadir_plot_noise(const nadir_batch_noise *noise, const nadir_settings *settings,
                                        const char *path, nadir_error *error);

#ifdef __cplusplus
}
#endif
#endif
