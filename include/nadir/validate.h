/* How well a model does on rows that it was not fitted to: scores, folds, the path of a penalty, and pictures of them.
 * nadir.h includes this. */
#ifndef NADIR_VALIDATE_H
#define NADIR_VALIDATE_H

#include "../nadir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- scores ---- */

/* Of a regression the first four: root of the mean square, mean absolute residual, 1 - RSS/TSS. Of classes the
 * loss and what they and their probabilities allow: the share of rows named right; the mean of the classes' recalls
 * and of their f1; of -log(probability of the true class); the area under the ROC curve, of more than two classes
 * the mean over those that have one; the mean square of
 * probability minus truth (Brier 1950: of two classes that of the second, else summed over the classes); the mean
 * distance of probability and share in the bins of the calibration, weighted by their rows. */
typedef enum nadir_measure {
  NADIR_LOSS, NADIR_RMSE, NADIR_MAE, NADIR_R2, NADIR_ACCURACY, NADIR_BALANCED_ACCURACY, NADIR_MACRO_F1,
  NADIR_LOG_LOSS, NADIR_BRIER, NADIR_CALIBRATION_ERROR, NADIR_AUC, NADIR_LAST_MEASURE = NADIR_AUC
} nadir_measure;
NADIR_API const char *nadir_measure_name(nadir_measure measure); /* "log_loss" */
typedef struct nadir_metric {
  nadir_measure measure;
  double value;
} nadir_metric;


/* The rows whose probability lies above from (in the first bin, or at it) and not above to, the mean of these
 * probabilities, and the share of these rows for which it came true. Of two classes the probability is that of the second
 * one; of more, of the class that is named (Guo et al. 2017). NaN without rows. */
typedef struct nadir_calibration_bin {
  double from, to;
  uint64_t rows;
  double probability, share;
} nadir_calibration_bin;

/* The shares of the rows of all other classes and of those of a class whose probability of it (without
 * probabilities: f) is at least threshold. */
typedef struct nadir_roc_point {
  double false_positive, true_positive;
  double threshold; /* infinite at the first point, which is (0, 0) */
} nadir_roc_point;

/* Of one class: its rows, and those named so. NaN where a number divides by 0: precision by predicted, recall by
 * rows, f1 = 2 right / (rows + predicted) by both, auc by the rows and those of all other classes. Of two classes the
 * second one has the curve; of more each one, up to 64 and the limit roc-cells, beyond which there is none. Points less than
 * 0.01 from the last, along both axes together, are left out; auc is the area under all of them. */
typedef struct nadir_class_score {
  uint64_t rows, predicted;
  double precision, recall, f1, auc;
  size_t roc_points;
  nadir_roc_point *roc_point;
} nadir_class_score;

typedef struct nadir_scores {
  uint64_t rows, dropped;
  size_t metrics;
  nadir_metric *metric;
  const nadir_classes *classes;   /* NULL for a regression */
  uint64_t *confusion;            /* classes x classes, true class by row */
  nadir_class_score *class_score; /* by class */
  size_t bins;                    /* 0 where the model gives no probabilities */
  nadir_calibration_bin *bin;
} nadir_scores;
NADIR_API nadir_status nadir_score(const nadir_model *model, nadir_table *table,
                                   const nadir_settings *settings, const nadir_listener *listener,
                                   nadir_scores **scores, nadir_error *error);
NADIR_API nadir_status nadir_scores_json(const nadir_scores *scores, char **text,
                                         nadir_error *error);
NADIR_API void nadir_scores_free(nadir_scores *scores);

/* Pictures of both, as the functions of nadir.h that draw. Settings used: title. Scores that have no such curve are
 * NADIR_BAD_DATA. */
NADIR_API nadir_status nadir_plot_roc(const nadir_scores *scores, const nadir_settings *settings,
                                      const char *path, nadir_error *error);
NADIR_API nadir_status nadir_plot_calibration(const nadir_scores *scores, const nadir_settings *settings,
                                              const char *path, nadir_error *error);

/* ---- folds ---- */

/* One fold of a cross-validation: its rows, scored by a fit of the rows of all others. */
typedef struct nadir_fold {
  uint64_t rows, rows_used; /* scored; used by its fit */
  const nadir_error *error; /* of the fit or the scores, which failed; else NULL */
  nadir_ended ended;        /* how the fit ended, these three as of nadir_result */
  nadir_stop stop;
  int exit_status;
  nadir_scores *scores; /* NULL where there is an error */
} nadir_fold;

/* Over the folds that have the number: their mean and standard deviation (divided by folds - 1; NaN of one). */
typedef struct nadir_fold_metric {
  nadir_measure measure;
  size_t folds;
  double mean, deviation;
} nadir_fold_metric;

typedef struct nadir_folds {
  size_t count;
  nadir_fold *fold;
  size_t metrics;
  nadir_fold_metric *metric;
  size_t failed; /* folds whose exit status is not 0 */
} nadir_folds;

/* ---- the path of a penalty ---- */

/* The fit of all rows with one strength of the penalty. */
typedef struct nadir_path_value {
  double penalty, loss; /* loss is that of the data, without the penalty */
  size_t used;          /* penalised parameters that are not 0 */
  const double *w, *scaled; /* by parameter: in the table's units, in descent coordinates */
  nadir_stop stop;
  double error, standard_error; /* the loss of rows that were not fitted, by folds; NaN without them */
} nadir_path_value;

/* From the largest penalty down. least: the value with the least error; chosen: the largest penalty whose error is at
 * most one standard error above it (Breiman et al. 1984), with which the result was fitted. Both SIZE_MAX without folds. */
typedef struct nadir_path {
  int l1; /* the penalty is l1, else l2 */
  size_t count, least, chosen;
  nadir_path_value *value;
} nadir_path;
/* The weights in descent coordinates against the penalty, over the error with its bars (without folds: the loss).
 * Settings used: title. A result without a path is NADIR_BAD_DATA. */
NADIR_API nadir_status nadir_plot_path(const nadir_result *result, const nadir_settings *settings,
                                       const char *path, nadir_error *error);

#ifdef __cplusplus
}
#endif
#endif
