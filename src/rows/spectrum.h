/* The generalised Lomb-Scargle periodogram of samples in memory (spectrum.c, peaks.c). */
#ifndef ND_SPECTRUM_H
#define ND_SPECTRUM_H

#include "base/base.h"

/* Values at times, with weights; made ready by nd_samples_prepare. */
typedef struct nd_samples {
  size_t count;
  double *time, *value, *weight; /* then: time - center, (value - mean) / spread, weight / total */
  double center, mean, spread, total;
  double baseline; /* last time - first */
  double width;    /* standard deviation of the times, weighted */
} nd_samples;
/* false where the times or the values are all the same, or too few (5) differ from weight 0. */
bool nd_samples_prepare(nd_samples *samples);
/* The middle one of the distances between neighbours in time; infinite where there are none. */
nadir_status nd_middle_distance(const double *times, size_t count, double *distance,
                                nadir_error *error);

/* Frequencies low + i step. */
typedef struct nd_band {
  double low, step;
  size_t count;
} nd_band;
/* Where an end is NaN: from a turn over all rows; up to a turn in the middle distance of two rows, or five times what
 * evenly spaced rows could tell, or five times the low end; but no further than the most work, rows times frequencies. */
nadir_status nd_band_choose(const nd_samples *samples, double low, double high, double oversampling,
                            double most_work, nd_band *band, nadir_error *error);

/* power[i]: by which part a sinusoid of that frequency with a constant lowers chi2 of a constant; window[i]: the
 * power of the times themselves. Deterministic, whatever the threads. */
nadir_status nd_spectrum(const nd_samples *samples, const nd_band *band, nd_pool *pool,
                         double *power, double *window, nadir_error *error);
double nd_power_at(const nd_samples *samples, double frequency);
double nd_window_at(const nd_samples *samples, double frequency);

/* The sinusoid of one frequency, in the units of the samples as they came. */
typedef struct nd_sinusoid {
  double frequency, frequency_error;
  double offset, amplitude, amplitude_error, epoch;
  double mean_square; /* of the residuals, weighted */
  double log_rest;    /* ln(1 - power) */
} nd_sinusoid;
/* scatter: errors are by the scatter of the residuals; else weights are 1/sigma^2. */
nadir_status nd_sinusoid_fit(const nd_samples *samples, double frequency, bool scatter,
                             nd_sinusoid *found, nadir_error *error);

/* ---- peaks (peaks.c) ---- */

/* The highest local maxima, each found to rounding, highest first, no two of them closer than 1/baseline. of: nd_power_at
 * or nd_window_at, whose values on the band they are. */
typedef double nd_height(const nd_samples *samples, double frequency);
size_t nd_peaks(const nd_samples *samples, nd_height *of, const nd_band *band, const double *values,
                size_t most, double *frequency);
/* The highest place of `of` within half a width of a peak around a frequency. */
double nd_highest_near(const nd_samples *samples, nd_height *of, double frequency);

/* ln of the probability that white noise has a peak with this ln(1 - power), or a higher one, in the band (R. V.
 * Baluev 2008, of the power that is normalised by chi2 of a constant). */
double nd_log_false_alarm(const nd_samples *samples, const nd_band *band, double log_rest);
/* The power that is reached with this probability. */
double nd_power_of_alarm(const nd_samples *samples, const nd_band *band, double probability);

#endif
