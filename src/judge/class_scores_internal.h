/* What the scores of a model of classes are summed in (class_scores.c, roc.c). */
#ifndef ND_CLASS_SCORES_INTERNAL_H
#define ND_CLASS_SCORES_INTERNAL_H

#include "judge/judge.h"

enum { ND_CALIBRATION_BINS = 10 };

typedef struct nd_ranked {
  double score; /* of the class: the larger, the more likely */
  bool second;  /* the row is of it */
} nd_ranked;

/* The rows, as one class sees them. */
typedef struct nd_ranking {
  nd_ranked *row;
  size_t count;
} nd_ranking;

/* What is summed of rows: of a chunk, then of all. */
typedef struct nd_class_sums {
  double log_loss, brier;
  double said[ND_CALIBRATION_BINS];   /* probabilities, by bin */
  uint64_t came[ND_CALIBRATION_BINS]; /* how often it came true */
  uint64_t rows[ND_CALIBRATION_BINS];
} nd_class_sums;
void nd_class_sums_merge(nd_class_sums *into, const nd_class_sums *more);

/* What is kept of the rows: of each curve each chunk's, in a room of their own, so that any thread or rank may have
 * it. */
typedef struct nd_class_tally {
  const nd_model *model;
  nadir_scores *scores;
  size_t chunks, room;
  nd_ranking *ranking; /* of the classes that have a curve, the last ones: room for all chunks */
  size_t curves;
  uint32_t *count; /* of each chunk's rows */
} nd_class_tally;

/* The arrays that it takes for the scores are theirs, also where it fails. */
nadir_status nd_class_tally_new(nd_class_tally *tally, const nd_model *model, const nd_table *table,
                                nadir_scores *scores, nadir_error *error);
/* A row that has a class that the model knows; answers: room for those of the model. Called by several threads, of a
 * chunk by one. Gives its place in the confusion matrix. */
size_t nd_class_tally_add(nd_class_tally *tally, nd_class_sums *sums, double *answers,
                          const nd_model_rows *rows, size_t row, size_t chunk);
/* The metrics, the classes' own numbers, bins and curve, by the sums of all rows, of which there is one at least, and the
 * confusion matrix of the scores. */
nadir_status nd_class_tally_end(nd_class_tally *tally, const nd_class_sums *sums, nd_ranks *ranks,
                                nadir_error *error);
void nd_class_tally_clear(nd_class_tally *tally);

void nd_put_metric(nadir_scores *scores, nadir_measure measure, double value);

/* The area under the ROC curve of rows in any order, which it sorts, and the curve, of ND_ROC_POINTS at most; without
 * points and NaN where the class or all others have no rows. */
enum { ND_ROC_STEPS = 100, ND_ROC_POINTS = 2 * ND_ROC_STEPS + 2 };
void nd_roc(const nd_ranking *ranking, nadir_class_score *score);

#endif
