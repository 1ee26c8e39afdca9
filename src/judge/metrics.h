/* How well a model does on a table (metrics.c). */
#ifndef ND_METRICS_H
#define ND_METRICS_H

#include "judge/judge.h"

/* As nadir_score, of the rows of a part (NULL: of all); classes: those of the model, NULL for a regression. */
nadir_status nd_score(const nd_model *model, const nadir_classes *classes, const nd_table *table,
                      const nd_part *part, const nadir_settings *settings, nd_teller *teller, nadir_scores **scores,
                      nadir_error *error);
void nd_scores_free(nadir_scores *scores);

#endif
