/* judge: what a finished run is worth: the kind of point where it ended, errors, what can be proved of it,
 * what may be to blame. */
#ifndef ND_JUDGE_H
#define ND_JUDGE_H

#include "descend/descend.h"

/* ==== the kind of point (kind.c), standard errors (errors.c) ================================== */

/* What a reason makes of the point where a run ended (reason.def). */
typedef struct nd_reason_info {
  nadir_point point;
  nadir_point_is is;
} nd_reason_info;
const nd_reason_info *nd_reason_about(nadir_reason reason);

typedef struct nd_diagnosis {
  nadir_reason reason;
  bool bottom;        /* flat along some directions, at rest in all others: a minimum if convex */
  bool proved;        /* that it is a minimum */
  double *directions; /* in the table's coordinates, one after the other: what reason speaks of */
  size_t direction_count;
  bool *idle; /* parameters that do not act here, or NULL: all do */
  double curvature_max, curvature_min, stable_rate;
} nd_diagnosis;
/* What else is known of the objective: {.least = -HUGE_VAL} is nothing. */
typedef struct nd_known_of_run {
  bool convex, affine, strictly; /* proved; strictly: convex, with a bound on the gap */
  bool nowhere;                  /* the formula as typed has no value at the end, proved */
  double least;                  /* a proved lower bound; of a formula it is looked for */
  bool exists;                   /* a minimum does, proved */
  double gap;                    /* where strictly: the loss is at most so far above its least */
  double rounding;               /* of the loss; at least that of its own digits */
  double noise;                  /* what rounding leaves of Newton's decrease at a minimum */
  const double *standard_error;  /* in the table's coordinates, or NULL */
} nd_known_of_run;
nadir_status nd_diagnose(const nd_objective *objective, const nd_run *run,
                         const nd_known_of_run *known, nd_diagnosis *diagnosis, nadir_error *error);
void nd_diagnosis_clear(nd_diagnosis *diagnosis);

/* What a pass over the rows of a fit at model->value also tells (survey.c); of many rows what their mean loss tells. */
typedef struct nd_survey {
  double rounding, noise; /* as of nd_known_of_run */
  bool one_class, separated, all_zero;
  struct nd_row_sums *sums; /* goodness.h; NULL of many rows */
} nd_survey;
/* loss: without the penalty, in the table's units. Clear also after a failure. */
nadir_status nd_survey_rows(const nd_objective *objective, double loss, nd_survey *survey, nadir_error *error);
/* Without a pass. */
void nd_survey_by_loss(const nd_objective *objective, double loss, nd_survey *survey);
void nd_survey_clear(nd_survey *survey);
/* nd_curvature in the coordinates of a run; scales NULL: plain. */
nadir_status nd_curvature_in(const nd_scales *scales, nd_objective *objective, const double *w,
                             double *largest, double *smallest, nadir_error *error);

/* The largest stable rate near the minimum, NaN where it is not known (stable.c). largest: the
 * largest curvature at the end of the run. */
nadir_status nd_stable_rate(nd_objective *objective, const nadir_settings *settings,
                            const nd_run *run, const double *rule_values, bool at_minimum,
                            double largest, double *stable_rate, nadir_error *error);

/* Standard errors into model->standard_error and ->covariance, where the loss has them. */
typedef struct nd_errors {
  nadir_errors_by by; /* how they are made */
  double residual_sigma, chi2;
  uint64_t degrees_of_freedom;
  double condition_raw, condition_scaled; /* of the Hessian of the loss with intercept */
  nadir_no_errors none;                   /* why there are none */
  size_t rank;       /* of J'WJ; less than the parameters where some are undetermined or held */
  bool bounded;      /* some parameter is on a bound, and held there */
  double difference; /* from those by the Hessian, at most, as a part; NaN where not known */
} nd_errors;
/* What is on a bound and the first class of softmax do not move, and have none. */
nadir_status nd_standard_errors(nd_errors_kind asked, const nd_objective *objective,
                                const double *descent_w, nd_errors *errors, nadir_error *error);

/* There are none, nor a condition. */
void nd_no_standard_errors(nd_model *model, nadir_no_errors why, nd_errors *errors);

/* A column whose zero lies far outside of its rows, so that parameters of a free formula that belong to
 * it have few digits, which they would have with column - middle in its place (offset.c). Asked for
 * after the standard errors. */
typedef struct nd_offset {
  char *column;  /* as a formula has it; NULL: there is none */
  double middle; /* a round number among its values */
  size_t count;  /* of the parameters */
  int *digits;   /* by parameter: those that its error leaves; -1: it is none of them */
} nd_offset;
nadir_status nd_find_offset(const nd_objective *objective, nd_offset *offset, nadir_error *error);
void nd_offset_clear(nd_offset *offset);

/* ==== certainty (certify.c) =================================================================== */

/* What is proved of a whole objective, and so of the point where its descent ended. */
typedef struct nd_certificate {
  nd_verdict verdict; /* for a fit: of the mean loss in all parameters */
  bool exists;        /* a minimum does, proved */
  bool by_ranges;     /* proved with the ranges of the columns as read */
  double modulus;     /* proved, of the objective in descent coordinates; NaN without one */
  double gap; /* proved upper bound on loss - minimum, in the table's units; NaN without one */
  nadir_no_gap no_gap; /* why there is none */
  bool nowhere;     /* the formula as typed has no value at the end */
  bool cut;         /* short: none of it is known */
} nd_certificate;
nadir_status nd_certify_fit(const nd_model *model, const nd_objective *objective,
                            const nadir_settings *settings, const nd_run *run,
                            nd_certificate *certificate, nadir_error *error);
/* Whether the loss of a row is proved convex whatever its columns hold, and so that of any rows. */
nadir_status nd_rows_are_convex(const nd_objective *objective, bool *convex, nadir_error *error);
/* The range, over the rows used, of each column that the loss of a row takes (ranges.c). *facts is
 * the caller's, by nd_free; its texts are the graph's. */
nadir_status nd_facts_of_rows(const nd_objective *objective, nd_fact **facts, size_t *count,
                              nadir_error *error);
/* The same as numbers, without their names; by nd_free. */
nadir_status nd_spans_of_rows(const nd_objective *objective, nd_span **spans, size_t *count,
                              nadir_error *error);
/* Two points, in the table's units, between which the objective of a table lies above its chord, by
 * a pass that encloses every row (chord.c); *witness stays NULL where none is found. The caller
 * frees it with its verdict. */
nadir_status nd_refute_fit(const nd_objective *objective, const nd_run *run, nd_witness **witness,
                           nadir_error *error);
nadir_status nd_certify_formula(const nd_objective *objective, const nadir_settings *settings,
                                const nd_run *run, nd_certificate *certificate, nadir_error *error);
void nd_certificate_clear(nd_certificate *certificate);

#endif
