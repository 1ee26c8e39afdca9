/* What a run needs while it lasts. */
#ifndef ND_RUN_INTERNAL_H
#define ND_RUN_INTERNAL_H

#include "api/api_internal.h"
#include "judge/ending.h"
#include "judge/guess.h"
#include "judge/starts.h"

/* Everything is freed at its end but what the result took over. */
typedef struct nd_job {
  const char *command, *formula;
  const nadir_expr *expr; /* of formulas: as given, or as what is fixed and tied leaves it, */
  nadir_expr *made;       /* which the job owns */
  nd_held_list held;      /* of that formula */
  nd_fitting fitting;     /* without pool, model and data for formulas and callbacks */
  nd_minima minima;       /* with --starts */
  double *start;
  nadir_start_from start_from;
  nd_run run;
  nd_ending ending;
  nd_result_box *box;
} nd_job;

/* Makes the box, with all but what the result takes over: warnings, trace and model (fill.c). The causes
 * that it finds are warned of. */
nadir_status nd_fill_result(nd_job *job, nadir_error *error);

#endif
