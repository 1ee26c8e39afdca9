/* What is found about a fit besides: folds, the path of a penalty. */
#ifndef ND_VALIDATE_INTERNAL_H
#define ND_VALIDATE_INTERNAL_H

#include "api/run_internal.h"

/* What is to be fitted, again and again. */
typedef struct nd_fit_task {
  const nadir_table *table;
  const char *formula;
  const nadir_settings *settings;
  const nadir_listener *listener; /* of the caller's */
} nd_fit_task;

/* The caller's listener for work that is repeated: it hears how it goes, and may end it. */
typedef struct nd_murmur {
  nadir_listener listener;
  const nadir_listener *to;
} nd_murmur;
void nd_murmur_start(nd_murmur *murmur, const nadir_listener *to);

/* The folds of a task (cross_validate.c): the caller's, by nd_folds_free. */
nadir_status nd_task_folds(nd_folds **folds, const nd_fit_task *task, nadir_error *error);
/* Fits and scores each fold. */
nadir_status nd_cross_validate(nadir_folds **scored, const nd_fit_task *task, const nd_folds *folds,
                               nadir_error *error);
void nd_fold_scores_free(nadir_folds *folds);

/* The path of a task, with errors where folds are not NULL (path_errors.c). */
nadir_status nd_trace_path(nadir_path **path, const nd_fit_task *task, const nd_folds *folds,
                           nadir_error *error);
void nd_traced_path_free(nadir_path *path);

#endif
