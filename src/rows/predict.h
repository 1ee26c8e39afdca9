/* Predictions of a model over a table, written with it (predict.c). */
#ifndef ND_PREDICT_H
#define ND_PREDICT_H

#include "rows/rows.h"

/* As nadir_predict; notes: lines about where the predictions come from. */
nadir_status nd_predict(const nd_model *model, const nd_table *table, const nadir_settings *settings,
                        const char *notes, nd_teller *teller, const char *path, nadir_error *error);

#endif
