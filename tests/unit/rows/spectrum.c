/* The periodogram against astropy's (LombScargle 5.2.1, method slow, floating mean) and its false alarms against
 * astropy's Baluev; the recurrence against sums at one frequency; peaks, the sinusoid and its errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "rows/spectrum.h"

enum { ROWS = 24, MOST = 700 };
static const double TWO_PI = 6.283185307179586;

/* The rows that astropy was given. */
static nd_samples uneven(double *room, bool weighted) {
  nd_samples s = {.count = ROWS, .time = room, .value = room + ROWS, .weight = room + 2 * ROWS};
  for (int i = 0; i < ROWS; i++) {
    double t = (i * i * 7 + 3 * i) % 101 * 0.37 + i * 11.0 / 8, e = 0.2 + i * 5 % 4 * 0.1;
    s.time[i] = t;
    s.value[i] = 5 + 2 * cos(TWO_PI * t / 3.7) + (i * 13 % 7 - 3) * 0.25;
    s.weight[i] = weighted ? 1 / (e * e) : 1;
  }
  assert_true(nd_samples_prepare(&s));
  return s;
}

static void power_is_astropys(void **state) {
  static const double frequency[] = {0.01, 0.1, 0.27, 0.5, 1.3, 4.0};
  static const double with_errors[] = {0.10109214371952,  0.0034669116108153, 0.815904537217547,
                                       0.247046245823479, 0.0827718733036129, 0.0585098999679042};
  static const double without[] = {0.0433005778566804, 0.0200591561190554, 0.848342343771428,
                                   0.0966817952373472, 0.0485890327910005, 0.0324418218040483};
  double room[3 * ROWS];
  (void)state;
  for (int weighted = 0; weighted < 2; weighted++) {
    nd_samples s = uneven(room, weighted);
    for (size_t i = 0; i < ND_COUNT(frequency); i++) {
      nd_sinusoid found;
      double expected = (weighted ? with_errors : without)[i];
      assert_float_equal(nd_power_at(&s, frequency[i]), expected, 1e-12);
      assert_int_equal(nd_sinusoid_fit(&s, frequency[i], true, &found, NULL), NADIR_OK);
      assert_float_equal(-expm1(found.log_rest), expected, 1e-12);
    }
  }
}

static void a_spectrum_is_its_frequencies_whatever_the_threads(void **state) {
  double room[3 * ROWS], power[2][MOST], window[2][MOST];
  nd_samples s = uneven(room, true);
  nd_band band = {0.01, 0.013, MOST};
  (void)state;
  for (size_t k = 0; k < 2; k++) {
    nd_pool *pool;
    assert_int_equal(nd_pool_new(&pool, k + 1, NULL), NADIR_OK);
    assert_int_equal(nd_spectrum(&s, &band, pool, power[k], window[k], NULL), NADIR_OK);
    nd_pool_free(pool);
  }
  assert_memory_equal(power[0], power[1], sizeof power[0]);
  assert_memory_equal(window[0], window[1], sizeof window[0]);
  for (size_t i = 0; i < MOST; i++) {
    assert_float_equal(power[0][i], nd_power_at(&s, band.low + (double)i * band.step), 1e-11);
    assert_float_equal(window[0][i], nd_window_at(&s, band.low + (double)i * band.step), 1e-12);
  }
}

/* With the band from 0 to 2, as astropy's is. */
static void false_alarms_are_baluevs(void **state) {
  static const double power[] = {0.3, 0.6, 0.9};
  static const double expected[] = {0.994387599101587, 0.0267835697356383, 3.16641513024753e-08};
  double room[3 * ROWS];
  nd_samples s = uneven(room, true);
  nd_band band = {0, 0.01, 201};
  (void)state;
  for (size_t i = 0; i < ND_COUNT(power); i++)
    assert_float_equal(exp(nd_log_false_alarm(&s, &band, log1p(-power[i]))) / expected[i], 1, 1e-9);
  assert_float_equal(nd_power_of_alarm(&s, &band, 0.1), 0.53948103, 1e-7);
  assert_float_equal(nd_power_of_alarm(&s, &band, 0.001), 0.71494768, 1e-7);
  /* where the probability is not a double any more its logarithm is one, and falls */
  assert_true(nd_log_false_alarm(&s, &band, -200) > nd_log_false_alarm(&s, &band, -210));
  assert_true(isfinite(nd_log_false_alarm(&s, &band, -200)));
  assert_float_equal(nd_log_false_alarm(&s, &band, 0), 0, 0);
}

static void the_highest_peak_is_the_period(void **state) {
  double room[3 * ROWS], power[MOST], window[MOST], place[3];
  nd_samples s = uneven(room, true);
  nd_band band = {1 / s.baseline, 1 / (5 * s.baseline), MOST};
  nd_pool *pool;
  nd_sinusoid found;
  (void)state;
  assert_int_equal(nd_pool_new(&pool, 1, NULL), NADIR_OK);
  assert_int_equal(nd_spectrum(&s, &band, pool, power, window, NULL), NADIR_OK);
  nd_pool_free(pool);
  size_t count = nd_peaks(&s, nd_power_at, &band, power, 3, place);
  assert_int_equal(count, 3);
  assert_int_equal(nd_sinusoid_fit(&s, place[0], false, &found, NULL), NADIR_OK);
  assert_true(fabs(place[0] - 1 / 3.7) < 5 * found.frequency_error);
  assert_true(fabs(found.amplitude - 2) < 5 * found.amplitude_error + 0.1);
  for (size_t k = 0; k < count; k++) {
    double here = nd_power_at(&s, place[k]), aside = 1e-4 / s.baseline;
    assert_true(here >= nd_power_at(&s, place[k] - aside) &&
                here >= nd_power_at(&s, place[k] + aside));
    assert_true(k == 0 || here <= nd_power_at(&s, place[k - 1]));
  }
  assert_float_equal(nd_highest_near(&s, nd_power_at, place[0] + 0.2 / s.baseline), place[0], 1e-7);
}

/* At half of the sampling's frequency the sine is 0 in all rows; at all of it the cosine is the constant. */
static void even_rows_have_no_power_that_is_not_there(void **state) {
  double room[3 * ROWS];
  nd_samples s = {.count = ROWS, .time = room, .value = room + ROWS, .weight = room + 2 * ROWS};
  (void)state;
  for (int i = 0; i < ROWS; i++) {
    s.time[i] = i;
    s.value[i] = i % 2 ? -1 : 1;
    s.weight[i] = 1;
  }
  assert_true(nd_samples_prepare(&s));
  assert_float_equal(nd_power_at(&s, 0.5), 1, 1e-9);
  assert_float_equal(nd_power_at(&s, 1), 0, 1e-9);
  assert_float_equal(nd_window_at(&s, 1), 1, 1e-12);
}

static void what_has_no_period_is_refused(void **state) {
  double room[3 * ROWS] = {0};
  nd_samples s = {.count = ROWS, .time = room, .value = room + ROWS, .weight = room + 2 * ROWS};
  nd_band band;
  nadir_error error;
  (void)state;
  assert_false(nd_samples_prepare(&s)); /* no weight */
  s = uneven(room, false);
  assert_int_equal(nd_band_choose(&s, 1, 0.5, 5, 1e12, &band, &error), NADIR_BAD_SETTING);
  assert_int_equal(nd_band_choose(&s, 1, 1e9, 5, 1e12, &band, &error), NADIR_BAD_SETTING);
  assert_int_equal(nd_band_choose(&s, (double)NAN, (double)NAN, 5, 1e12, &band, &error), NADIR_OK);
  assert_float_equal(band.low, 1 / s.baseline, 0);
  s.count = 4;
  assert_false(nd_samples_prepare(&s));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(power_is_astropys),
      cmocka_unit_test(a_spectrum_is_its_frequencies_whatever_the_threads),
      cmocka_unit_test(false_alarms_are_baluevs),
      cmocka_unit_test(the_highest_peak_is_the_period),
      cmocka_unit_test(even_rows_have_no_power_that_is_not_there),
      cmocka_unit_test(what_has_no_period_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
