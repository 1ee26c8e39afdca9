/* The periods of a table's rows (period.c). */
#ifndef ND_PERIOD_H
#define ND_PERIOD_H

#include "rows/rows.h"
#include "rows/spectrum.h"

/* As nadir_period. */
nadir_status nd_period(const nd_table *table, const char *formula, const nadir_settings *settings,
                       nd_teller *teller, nadir_periodogram **periodogram, nadir_error *error);
void nd_periodogram_free(nadir_periodogram *periodogram);
nadir_status nd_periodogram_save(const nadir_periodogram *periodogram, const char *path,
                                 nadir_error *error);

/* What a peak of samples is, without the aliases: their own list is not looked at. */
nadir_status nd_describe_peak(const nd_samples *samples, const nd_band *band, double frequency,
                              bool has_sigma, nadir_peak *peak, nadir_error *error);

#endif
