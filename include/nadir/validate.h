/* How well a model does on rows that it was not fitted to: scores, and pictures of them. nadir.h includes this. */
#ifndef NADIR_VALIDATE_H
#define NADIR_VALIDATE_H

#include "../nadir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- scores ---- */

/* Of a regression the first four: root of the mean square, mean absolute residual, 1 - RSS/TSS. Of classes the
 * loss and what they and their probabilities allow: the share of rows named right; the mean of the classes' recalls
 * and of their f1; of -log(probability of the true class); the area under the ROC curve; the mean square of
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

/* Of one class: its rows, and those named so. NaN where a number divides by 0: precision by predicted, recall by
 * rows, f1 = 2 right / (rows + predicted) by both. */
typedef struct nadir_class_score {
  uint64_t rows, predicted;
  double precision, recall, f1;
} nadir_class_score;

/* The rows whose probability lies above from (in the first bin, or at it) and not above to, the mean of these
 * probabilities, and the share of these rows for which it came true. Of two classes the probability is that of the second
 * one; of more, of the class that is named (Guo et al. 2017). NaN without rows. */
typedef struct nadir_calibration_bin {
  double from, to;
  uint64_t rows;
  double probability, share;
} nadir_calibration_bin;

/* The rows of the first and of the second class, as shares, whose probability of the second one (without
 * probabilities: f) is at least threshold. */
typedef struct nadir_roc_point {
  double false_positive, true_positive;
  double threshold; /* infinite at the first point, which is (0, 0) */
} nadir_roc_point;

typedef struct nadir_scores {
  uint64_t rows, dropped;
  size_t metrics;
  nadir_metric *metric;
  const nadir_classes *classes;   /* NULL for a regression */
  uint64_t *confusion;            /* classes x classes, true class by row */
  nadir_class_score *class_score; /* by class */
  size_t bins;                    /* 0 where the model gives no probabilities */
  nadir_calibration_bin *bin;
  size_t roc_points; /* 0: there are not two classes with rows. Points less than 0.01 from the last, along both axes
                        together, are left out; the area is that under all of them */
  nadir_roc_point *roc_point;
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

#ifdef __cplusplus
}
#endif
#endif
