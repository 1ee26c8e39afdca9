/* What a run needs while it lasts. */
#ifndef ND_RUN_INTERNAL_H
#define ND_RUN_INTERNAL_H

#include "api/api_internal.h"
#include "descend/checkpoint.h"
#include "judge/ending.h"
#include "judge/guess.h"
#include "judge/starts.h"

/* Everything is freed at its end but what the result took over. */
typedef struct nd_job {
  const char *command, *formula;
  const nadir_expr *expr; /* of formulas: as given, then what is left of it */
  nd_left left;
  nd_fitting fitting;     /* without pool, model and data for formulas and callbacks */
  nd_minima minima;       /* with --starts */
  double *start;
  nd_start_peaks peaks;
  nadir_start_from start_from;
  nd_keeping keeping;
  nd_run run;
  nd_ending ending;
  nd_result_box *box;
} nd_job;

/* What else is known of a fit: it passes to the result of one that is made. */
typedef struct nd_besides {
  nadir_folds *folds;
  nadir_path *path;
} nd_besides;
/* nadir_fit, of the rows of a part (NULL: of all), once; besides may be NULL. */
nadir_status nd_fit_part(const nadir_table *table, const nd_part *part, const char *formula,
                         const nadir_settings *settings, const nadir_listener *listener,
                         const nd_besides *besides, nadir_result **result, nadir_error *error);

/* A checkpoint is of one descent: not with settings that make many. */
nadir_status nd_check_keeping(const nadir_settings *settings, nadir_error *error);
/* What is asked of an answer is not what no-certify leaves out. */
nadir_status nd_check_certifying(const nadir_settings *settings, nadir_error *error);

/* Makes the box, with all but what the result takes over: warnings, trace and model (fill.c). The causes
 * that it finds are warned of. */
nadir_status nd_fill_result(nd_job *job, nadir_error *error);
/* Of a model that was fitted: the value of a held parameter and, where it is tied, the error that the covariance of the
 * free ones carries along, to first order; NaN where there is none (fill.c). */
nadir_status nd_model_held(const nd_model *model, const nd_held *held, double *value, double *standard_error,
                           nadir_error *error);
/* Of a fit (fill_uncertainty.c). */
nadir_status nd_fill_uncertainty(nd_job *job, nadir_error *error);

#endif
