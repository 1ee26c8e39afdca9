/* Periods in unevenly spaced rows: the generalised Lomb-Scargle periodogram (M. Zechmeister and M. Kürster 2009), its
 * highest peaks and what they are worth. nadir.h includes this. */
#ifndef NADIR_PERIOD_H
#define NADIR_PERIOD_H

#include "../nadir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A time after which the times of the rows nearly repeat: a signal looks the same with its frequency
 * plus or minus 1/period. power: 1 where they repeat exactly. */
typedef struct nadir_repetition {
  double period, power;
} nadir_repetition;

/* Another period that looks like that of a peak, by such a repetition: the highest power near its frequency. */
typedef struct nadir_alias {
  double period, power, repetition;
} nadir_alias;

/* A local minimum of chi2 over all frequencies: value = offset + amplitude cos(2 pi (time - epoch) / period), the epoch
 * being that time of maximum which is nearest to the mean time. Errors as those of a fit: by sigma, else by the
 * scatter; NaN where the rows do not determine them. */
typedef struct nadir_peak {
  double frequency, period, period_error;
  double power; /* by which part chi2 is less than that of a constant */
  double amplitude, amplitude_error, offset, epoch;
  double chi2;           /* NaN without sigma */
  double residual_sigma; /* root of the weighted mean square of the residuals */
  double
      false_alarm; /* the probability that white noise has so high a peak in this band (Baluev 2008) */
  double log10_false_alarm; /* also where false_alarm is too small for a double */
  size_t alias_of;          /* the higher peak whose alias it is; SIZE_MAX: of none */
  double repetition;        /* by this period; NaN without */
  size_t aliases;           /* others of its own */
  const nadir_alias *alias;
} nadir_peak;

enum { NADIR_LEVELS = 3 };
typedef struct nadir_periodogram {
  const char *formula, *time, *value; /* the last two as typed */
  const char *time_unit, *value_unit; /* "" where unknown */
  uint64_t rows, rows_dropped;
  int has_sigma;
  double baseline; /* last time - first */
  /* Frequency i is frequency_low + i frequency_step. */
  double frequency_low, frequency_high, frequency_step;
  size_t frequencies;
  const double *power;
  const double *window; /* of the times alone: that of a signal which is 1 everywhere */
  double level_probability[NADIR_LEVELS],
      level[NADIR_LEVELS]; /* false alarms, and the power that has them */
  size_t repetitions;      /* strongest first */
  const nadir_repetition *repetition;
  size_t peaks; /* highest first; 3 at most */
  const nadir_peak *peak;
  const double *row_time, *row_value, *row_error; /* by row; row_error NULL without sigma */
  size_t warnings;
  const nadir_warning *warning;
} nadir_periodogram;

/* In a fit whose start is found from the data, of a formula that is periodic in a parameter: what the search began with,
 * highest first. */
typedef struct nadir_fit_peak {
  size_t parameter; /* that was set by it, ... */
  double value;     /* ... to this, */
  double loss,
      chi2; /* and what the descent from there reached; NaN where it failed; chi2 NaN without sigma */
  nadir_peak peak; /* of the target alone, without aliases of its own */
} nadir_fit_peak;

/* Formula: VALUE ~ TIME, two expressions of columns. Settings: sigma, weight, where, missing, min-period, max-period,
 * oversampling, threads. */
NADIR_API nadir_status nadir_period(nadir_table *table, const char *formula,
                                    const nadir_settings *settings, const nadir_listener *listener,
                                    nadir_periodogram **periodogram, nadir_error *error);
NADIR_API void nadir_periodogram_free(nadir_periodogram *periodogram);
NADIR_API nadir_status nadir_periodogram_text(const nadir_periodogram *periodogram,
                                              nadir_format format, char **text, nadir_error *error);
/* Columns frequency, period, power, window; FITS or CSV by the name of `path`. */
NADIR_API nadir_status nadir_periodogram_save(const nadir_periodogram *periodogram,
                                              const char *path, nadir_error *error);
/* The power with the levels of false alarm and the peaks, over the window. Settings: against, title, log-x. */
NADIR_API nadir_status nadir_plot_periodogram(const nadir_periodogram *periodogram,
                                              const nadir_settings *settings, const char *path,
                                              nadir_error *error);
/* The rows by their phase, twice over, with the sinusoid, and the residuals under it. Settings: title. */
NADIR_API nadir_status nadir_plot_folded(const nadir_periodogram *periodogram,
                                         const nadir_settings *settings, const char *path,
                                         nadir_error *error);

#ifdef __cplusplus
}
#endif
#endif
