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
} nd_result_box;
nadir_status nd_result_new(nd_result_box **box, size_t size, size_t held, nadir_error *error);

nadir_status nd_table_options_read(const nadir_settings *settings, nd_table_options *options,
                                   double **nulls, nadir_error *error);

#endif
