/* What is behind the handles of nadir.h. */
#ifndef ND_API_INTERNAL_H
#define ND_API_INTERNAL_H

#include "expr/formula.h"
#include "judge/advice.h"
#include "judge/judge.h"
#include "model/saved.h"
#include "objective/fitting.h"

/* classes.c: at the end of a fit and of the reading of a model file. */
void nd_set_classes(nadir_model *model);

/* contents.c: what a caller reads of a model, at those two ends too. */
nadir_status nd_list_contents(nadir_model *model, nadir_error *error);

/* result.c: a result with everything that it points to. */
typedef struct nd_result_box {
  nadir_result result; /* first: the caller's pointer is the box's */
  nd_arena *arena;     /* texts and arrays */
  nd_warnings warned;
  nd_origin origin; /* of a run without a model; a model has its own */
} nd_result_box;
nadir_status nd_result_new(nd_result_box **box, size_t size, size_t held, nadir_error *error);

/* again.c: the date of a run, and the command that makes it again. */
/* Into its origin, whose files are known. result: whose start is the run's where it was found;
 * NULL: each of its fits finds its own. */
nadir_status nd_note_origin(nd_origin *origin, const char *command, const char *formula,
                            const nadir_settings *settings, const nadir_result *result,
                            nadir_error *error);
/* Into a result, and into the origin of its model where it has one. */
nadir_status nd_note_run(nadir_result *result, const nadir_settings *settings, nadir_error *error);

nadir_status nd_table_options_read(const nadir_settings *settings, nd_table_options *options,
                                   double **nulls, nadir_error *error);

#endif
