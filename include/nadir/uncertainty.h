/* How far the parameters of a fit may be off, and how well it fits: part of nadir.h, which includes it.
 * A number that does not exist is NaN. */
#ifndef NADIR_UNCERTAINTY_H
#define NADIR_UNCERTAINTY_H

#include "../nadir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What standard errors are made of. */
typedef enum nadir_errors_by {
  NADIR_ERRORS_BY_NOTHING,
  NADIR_ERRORS_BY_SQUARES,  /* (J'WJ)^-1 of least squares, Gauss and Newton's */
  NADIR_ERRORS_BY_HESSIAN,  /* the inverse Hessian of the log-likelihood */
  NADIR_ERRORS_BY_SANDWICH, /* H^-1 (sum g g') H^-1 (Huber 1967, White 1980) */
  NADIR_ERRORS_BY_BOOTSTRAP, /* the spread of fits to rows drawn again (Efron 1979) */
  NADIR_LAST_ERRORS_BY = NADIR_ERRORS_BY_BOOTSTRAP
} nadir_errors_by;
NADIR_API const char *
nadir_errors_by_name(nadir_errors_by by); /* "least squares"; NULL for nothing */

/* What the errors of the rows are from, where squared loss has them. */
typedef enum nadir_row_errors {
  NADIR_ROW_ERRORS_NONE,
  NADIR_ROW_ERRORS_SIGMA,
  NADIR_ROW_ERRORS_COVARIANCE, /* data-covariance, with sigma in addition where that is given too */
  NADIR_ROW_ERRORS_BOTH,       /* sigma, and sigma-x for columns of the model */
  NADIR_LAST_ROW_ERRORS = NADIR_ROW_ERRORS_BOTH
} nadir_row_errors;
NADIR_API const char *nadir_row_errors_name(nadir_row_errors of); /* "sigma"; NULL for none */

/* From low to high, in the table's units; NaN, and why, where the loss does not rise enough on that side. */
typedef enum nadir_interval_end {
  NADIR_END_FOUND,
  NADIR_END_OPEN,  /* as far as was looked it does not rise enough: it may never */
  NADIR_END_LOWER, /* the loss falls below that of the end: this is not the lowest minimum */
  NADIR_END_LOST,  /* the others could not be fitted there again, or not in time */
  NADIR_LAST_INTERVAL_END = NADIR_END_LOST
} nadir_interval_end;
NADIR_API const char *
nadir_interval_end_name(nadir_interval_end end); /* "open"; NULL where it was found */
typedef struct nadir_interval {
  size_t parameter;
  double level; /* 0.95 */
  double low, high;
  nadir_interval_end low_is, high_is;
} nadir_interval;

/* Of nadir_result, whose it is with all that it points to. */
typedef struct nadir_uncertainty {
  nadir_errors_by by;
  nadir_row_errors row_errors;
  uint64_t refits, refits_failed; /* of a bootstrap; those that failed came to no end of their own */
  int scaled; /* the errors are by the scatter of the residuals, not by sigma or a likelihood */
  /* The statistic of a parameter is its value in units of its error; its p_value is the probability of one so far from
   * 0, on either side, if the parameter were 0: by Student's law with the result's degrees_of_freedom where the errors
   * are scaled, else by the normal law. NaN for all while one is on a bound, and where bounds leave out 0 or the error is 0.
   * tested: a parameter of 0 means no effect (linear, poly, softmax, or a likelihood), so that text for people has both. */
  int tested;
  /* The errors are those of the differences from the parameters of this class, which have none (softmax), and these
   * differences, by parameter; NULL of other fits. */
  const char *reference;
  const double *less_reference;
  const double *covariance,
      *correlation; /* size x size, of the errors; NULL where some parameter has none */
  double
      difference; /* the most that an error by the Hessian differs from that given, as a part of it */
  double
      curvature; /* of the model in its parameters (Bates and Watts 1980, root mean square, times the root of
                        F at 95 %): from 0.3 on errors of the form +- mislead */
  double rounding; /* the most that it moves a parameter by, as a part of its error */
  /* Of squared loss with sigma: chi2 per degree of freedom, and the probability of a chi2 so large. */
  double reduced_chi2, p_value;
  double log_likelihood, aic, bic; /* of normal residuals for squared loss; with all constants */
  double r2;                       /* without weights, for a model with an intercept */
  double pseudo_r2;  /* 1 - ln L / ln L of a constant (McFadden 1974), of a likelihood */
  double dispersion; /* of a likelihood: Pearson's chi2 per degree of freedom, about 1 */
  /* Probabilities that residuals with no pattern have so few or many runs of one sign, in the order of a column
   * (NULL: of the rows), and that normal ones are so skewed or heavy in the tails. */
  const char *order;
  double runs_p, normal_p;
  /* The residual that is farthest from 0, in units of its error, and the probability that one of so many normal ones
   * is as far. */
  double farthest, farthest_p;
  size_t intervals; /* as the setting asks for them, by parameter */
  const nadir_interval *interval;
} nadir_uncertainty;

/* "t" or "z": the law of the parameters' statistics. */
NADIR_API const char *nadir_statistic_name(const nadir_uncertainty *uncertainty);
/* A probability for people, in two digits; one too small for them is "<1e-300", never 0. Returns text. */
NADIR_API const char *nadir_probability_text(double p, char text[NADIR_NUMBER_TEXT]);

/* The covariance as a corner: for each two parameters the ellipses that hold both with 68.3 and 95 % probability (chi2
 * higher by 2.30 and 5.99), for each one its normal law. Settings: title. A result without standard errors of two to eight
 * parameters is NADIR_BAD_DATA. */
NADIR_API nadir_status nadir_plot_corner(const nadir_result *result, const nadir_settings *settings, const char *path,
                                         nadir_error *error);

/* ---- checks of a fit: what a referee would look at ---- */

typedef enum nadir_check {
  NADIR_CHECK_END,         /* the run ended at a minimum */
  NADIR_CHECK_CHI2,        /* the scatter is what sigma, or the likelihood, says */
  NADIR_CHECK_FAR,         /* no residual is too far off */
  NADIR_CHECK_RUNS,        /* the signs of the residuals have no pattern */
  NADIR_CHECK_NORMAL,      /* the residuals are normal */
  NADIR_CHECK_COLLINEAR,   /* no two parameters go together */
  NADIR_CHECK_FLAT,        /* the rows determine each parameter */
  NADIR_CHECK_BOUND,       /* no parameter is on a bound */
  NADIR_CHECK_SEPARATED,   /* no combination of columns separates the classes */
  NADIR_CHECK_CURVATURE,   /* the model is as good as straight within its errors */
  NADIR_CHECK_ROUNDING,    /* rounding leaves each parameter its digits */
  NADIR_LAST_CHECK = NADIR_CHECK_ROUNDING
} nadir_check;
typedef enum nadir_check_status {
  NADIR_CHECK_NOT_MADE, /* it does not apply, or what it needs is not known */
  NADIR_CHECK_PASS,
  NADIR_CHECK_LOOK
} nadir_check_status;
NADIR_API nadir_check_status nadir_result_check(const nadir_result *result, nadir_check check);
NADIR_API const char *nadir_check_name(nadir_check check); /* "chi2" */
/* What was found, and what to do where that is LOOK ("" else). */
NADIR_API nadir_status nadir_check_text(const nadir_result *result, nadir_check check, char **why,
                                        char **cure, nadir_error *error);

/* The parameters of a fit with errors, units and intervals, and how well it fits, as a table for a paper or a page:
 * form "tex", "md" (Markdown) or "csv", whose numbers have all digits. */
NADIR_API nadir_status nadir_result_summary(const nadir_result *result, const char *form, char **text,
                                            nadir_error *error);

#ifdef __cplusplus
}
#endif

#endif
