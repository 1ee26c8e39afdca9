/* The peaks of a periodogram, and how likely noise makes one so high.
 *
 * A peak is found among the local maxima on the grid of frequencies, which is finer than a peak is wide, and then
 * between its neighbours by golden sections (J. Kiefer 1953): maximising the power over the frequency is
 * descending to a local minimum of chi2, the other parameters being solved for.
 *
 * The false alarm is that of R. V. Baluev (2008, MNRAS 385, 1279; equations 6 and of table 1 the line of the power
 * divided by chi2 of a constant), for white noise whose size is found from the rows, over the band that was searched:
 *
 *     FAP(z) = 1 - (1 - (1 - z)^((N - 3)/2)) exp(-tau)
 *     tau = gamma(N - 1) W (1 - z)^((N - 4)/2) sqrt((N - 1) z / 2),  W = (f_max - f_min) sqrt(4 pi var t)
 *     gamma(n) = sqrt(2/n) Gamma(n/2) / Gamma((n - 1)/2)
 *
 * It is a bound from above that is sharp where it is small. Costs some thirty evaluations for each candidate. */
#include <math.h>
#include <string.h>

#include "base/distribution.h"
#include "rows/spectrum.h"

enum { CANDIDATES = 32, GOLDEN_STEPS = 42, LOOKS = 16, BISECTIONS = 60 };
static const double GOLDEN = 0.6180339887498949, PI = 3.141592653589793;
static const double SAME =
    1e-9; /* heights that differ by less are the same: the lower frequency comes first */

/* ---- where they are ---- */

/* The place of the maximum between two places. */
static double climb(const nd_samples *samples, nd_height *of, double low, double high) {
  double a = high - GOLDEN * (high - low), b = low + GOLDEN * (high - low);
  double at_a = of(samples, a), at_b = of(samples, b);
  for (int i = 0; i < GOLDEN_STEPS; i++) {
    if (at_a > at_b) {
      high = b;
      b = a, at_b = at_a;
      at_a = of(samples, a = high - GOLDEN * (high - low));
    } else {
      low = a;
      a = b, at_a = at_b;
      at_b = of(samples, b = low + GOLDEN * (high - low));
    }
  }
  return (low + high) / 2;
}

typedef struct peak {
  double frequency, height;
} peak;

/* Highest first, at most `most`; returns how many there are now. */
static size_t insert(peak *list, size_t count, size_t most, peak fresh) {
  size_t at = count;
  while (at > 0 && fresh.height > list[at - 1].height + SAME)
    at--;
  if (at == most) return count;
  size_t kept = count < most ? count : most - 1;
  memmove(&list[at + 1], &list[at], (kept - at) * sizeof *list);
  list[at] = fresh;
  return kept + 1;
}

static bool is_near(const peak *list, size_t count, double frequency, double distance) {
  for (size_t i = 0; i < count; i++)
    if (fabs(list[i].frequency - frequency) < distance) return true;
  return false;
}

size_t nd_peaks(const nd_samples *samples, nd_height *of, const nd_band *band, const double *values,
                size_t most, double *frequency) {
  peak rough[CANDIDATES], fine[CANDIDATES];
  size_t candidates = 0, ordered = 0, found = 0;
  for (size_t i = 1; i + 1 < band->count; i++)
    if (values[i] > values[i - 1] && values[i] >= values[i + 1])
      candidates = insert(rough, candidates, CANDIDATES,
                          (peak){band->low + (double)i * band->step, values[i]});
  for (size_t k = 0; k < candidates; k++) {
    double place =
        climb(samples, of, rough[k].frequency - band->step, rough[k].frequency + band->step);
    ordered = insert(fine, ordered, CANDIDATES, (peak){place, of(samples, place)});
  }
  for (size_t k = 0; k < ordered && found < most; k++) {
    if (is_near(fine, k, fine[k].frequency, 1 / samples->baseline)) continue;
    frequency[found++] = fine[k].frequency;
  }
  return found;
}

double nd_highest_near(const nd_samples *samples, nd_height *of, double frequency) {
  double step = 1 / (samples->baseline * LOOKS), best = frequency, highest = -1;
  for (int i = -LOOKS / 2; i <= LOOKS / 2; i++) {
    double height = of(samples, frequency + i * step);
    if (height > highest) highest = height, best = frequency + i * step;
  }
  return climb(samples, of, best - step, best + step);
}

/* ---- false alarms ---- */

static double log_sum(double a, double b) {
  double most = fmax(a, b), least = fmin(a, b);
  return most == -HUGE_VAL ? most : most + log1p(exp(least - most));
}

double nd_log_false_alarm(const nd_samples *samples, const nd_band *band, double log_rest) {
  double n = (double)samples->count, power = -expm1(log_rest);
  double width = (double)(band->count - 1) * band->step * sqrt(4 * PI) * samples->width;
  double log_gamma =
      log(2 / (n - 1)) / 2 + nd_log_factorial((n - 1) / 2 - 1) - nd_log_factorial((n - 2) / 2 - 1);
  double single = (n - 3) / 2 * log_rest;
  double tau = log_gamma + log(width) + (n - 4) / 2 * log_rest + log((n - 1) * power / 2) / 2;
  if (fmax(single, tau) < -30)
    return log_sum(single, tau); /* what is left out is smaller by that factor */
  if (single == 0) return 0;
  return log(-expm1(log1p(-exp(single)) - exp(tau)));
}

double nd_power_of_alarm(const nd_samples *samples, const nd_band *band, double probability) {
  double low = -1e3, high = 0, wanted = log(probability); /* of ln(1 - power) */
  for (int i = 0; i < BISECTIONS; i++) {
    double middle = (low + high) / 2;
    if (nd_log_false_alarm(samples, band, middle) < wanted)
      low = middle;
    else
      high = middle;
  }
  return -expm1(low);
}
