/* The standard errors of predictions (prediction_error.c). */
#ifndef ND_PREDICTION_ERROR_H
#define ND_PREDICTION_ERROR_H

#include "rows/rows.h"

/* *made stays NULL where the model has no covariance, or does not answer with one number. */
typedef struct nd_prediction_error nd_prediction_error;
nadir_status nd_prediction_error_new(nd_prediction_error **made, const nd_model *model,
                                     const nd_model_reader *reader, size_t room,
                                     nadir_error *error);
void nd_prediction_error_free(nd_prediction_error *it);
/* Of each row just read, at most as many as the room; NaN where a row is not kept. Good until the next call. */
const double *nd_prediction_error_run(nd_prediction_error *it, const nd_model_rows *rows);

#endif
