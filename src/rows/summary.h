/* What the columns of a table hold (summary.c). */
#ifndef ND_SUMMARY_H
#define ND_SUMMARY_H

#include "rows/rows.h"

/* As nadir_table_summarize. */
nadir_status nd_summarize(const nd_table *table, const nadir_settings *settings, nd_teller *teller,
                          nadir_summary **summary, nadir_error *error);
/* What a fit of all numbers takes (need.c). */
void nd_summarize_need(const nd_table *table, const nadir_settings *settings,
                       nadir_summary *summary);
void nd_summary_free(nadir_summary *summary);

#endif
