/* Errors, covariances and goodness of fits against statsmodels 0.13 (GLM, OLS, MNLogit; MASS 7.3 where said), by whose
 * names the numbers go. */
#include "support.h"

enum { ROWS = 24 };
static const double distance[ROWS] = {0.032, 0.034, 0.214, 0.263, 0.275, 0.275, 0.45, 0.5,
                                      0.5,   0.63,  0.8,   0.9,   0.9,   0.9,   0.9,  1.0,
                                      1.1,   1.1,   1.4,   1.7,   2.0,   2.0,   2.0,  2.0};
static const double velocity[ROWS] = {170, 290, -130, -70, -185, -220, 200, 290,
                                      270, 200, 300,  -30, 650,  150,  500, 920,
                                      450, 500, 500,  960, 500,  850,  800, 1090};

/* Hubble's nebulae with weights 1, 2, 3 and sigmas 100, 110, ... 160. */
static nadir_result *fit(const char *formula, const char *const *pairs) {
  static double weight[ROWS], sigma[ROWS], kind[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    weight[i] = 1 + (double)(lrint(distance[i] * 10) % 3);
    kind[i] = velocity[i] < 100 ? 0 : velocity[i] < 500 ? 1 : 2;
    sigma[i] = 100 + 10 * (double)(i % 7);
  }
  const test_column columns[] = {{"distance", "Mpc", distance},
                                 {"velocity", "km/s", velocity},
                                 {"weight", NULL, weight},
                                 {"sigma", NULL, sigma},
                                 {"kind", NULL, kind}};
  nadir_result *result;
  ok(fit_columns(columns, 5, ROWS, formula, pairs, &result));
  return result;
}

/* Of two parameters: the covariance's lower triangle. */
static void check(const nadir_result *result, nadir_errors_by by, double aa, double ab, double bb) {
  const nadir_uncertainty *u = result->uncertainty;
  assert_int_equal(u->by, by);
  relative(u->covariance[0], aa, 1e-7);
  relative(u->covariance[2], ab, 1e-7);
  relative(u->covariance[3], bb, 1e-7);
  relative(u->correlation[1], ab / sqrt(aa * bb), 1e-7);
  assert_true(u->correlation[1] == u->correlation[2] && u->correlation[0] == 1);
  relative(result->parameter[0].standard_error, sqrt(aa), 1e-7);
  relative(result->parameter[1].standard_error, sqrt(bb), 1e-7);
}

static void least_squares(void **state) {
  (void)state;
  nadir_result *result = fit("velocity ~ linear(distance)", NULL);
  const nadir_uncertainty *u = result->uncertainty;
  check(result, NADIR_ERRORS_BY_SQUARES, 6962.045016207673, -5158.9493944080305, 5660.622021021017);
  assert_true(u->scaled);
  relative(u->log_likelihood, -163.82610803976974, 1e-12);
  relative(u->aic, 333.652216079539, 1e-12); /* R: the scatter is a parameter too */
  relative(u->bic, 334.00832374023537 + log(24), 1e-12);
  relative(u->r2, 0.6235305209067517, 1e-12);
  relative(u->normal_p, 0.9388885299940247, 1e-9); /* scipy.stats.normaltest */
  relative(u->runs_p, 0.9720480924943327, 1e-9);   /* runstest_1samp, without correction */
  assert_string_equal(u->order, "distance");
  assert_true(isnan(u->p_value) && isnan(u->reduced_chi2) && isnan(u->pseudo_r2));
  nadir_result_free(result);
  /* the same line as a formula, and its observed information, which is no other */
  static const char *const errors[] = {"auto", "hessian"};
  for (size_t k = 0; k < 2; k++) {
    result = fit("velocity ~ b + w*distance", PAIRS("errors", errors[k]));
    check(result, k == 0 ? NADIR_ERRORS_BY_SQUARES : NADIR_ERRORS_BY_HESSIAN, 6962.045016207673,
          -5158.9493944080305, 5660.622021021017);
    relative(result->uncertainty->r2, 0.6235305209067517, 1e-12);
    nadir_result_free(result);
  }
  result = fit("velocity ~ w*distance", NULL);
  assert_true(isnan(result->uncertainty->r2)); /* without an intercept */
  nadir_result_free(result);
}

static void sigma_is_absolute_and_weights_are_not(void **state) {
  (void)state;
  nadir_result *result = fit("velocity ~ linear(distance)", PAIRS("sigma", "sigma"));
  const nadir_uncertainty *u = result->uncertainty;
  check(result, NADIR_ERRORS_BY_SQUARES, 1826.10834992246, -1333.078622182732, 1484.675270752163);
  assert_false(u->scaled);
  relative(u->reduced_chi2, 72.11743175435691 / 22, 1e-12);
  relative(u->p_value, 3.0585502897605897e-07, 1e-10); /* scipy.stats.chi2.sf */
  relative(u->aic, 352.3415355990515, 1e-12);
  relative(u->bic, 354.6976432597474, 1e-12);
  assert_true(isnan(u->r2));
  nadir_result_free(result);
  result = fit("velocity ~ linear(distance)", PAIRS("weight", "1/sigma^2"));
  u = result->uncertainty; /* R's lm with weights: vcov, AIC, BIC */
  check(result, NADIR_ERRORS_BY_SQUARES, 5986.10201370883, -4369.91847992978, 4866.86215981138);
  assert_true(u->scaled && isnan(u->p_value));
  relative(u->aic, 332.629910803717, 1e-12);
  relative(u->bic, 336.164072294761, 1e-12);
  nadir_result_free(result);
}

/* Of two parameters. */
static void tests_are(const nadir_result *result, const char *law, const double statistic[2],
                      const double p[2]) {
  assert_string_equal(nadir_statistic_name(result->uncertainty), law);
  for (size_t i = 0; i < 2; i++) {
    relative(result->parameter[i].statistic, statistic[i], 1e-7);
    relative(result->parameter[i].p_value, p[i], 1e-6);
  }
}

/* tvalues and pvalues of OLS, of WLS with its normal law ("fixed scale"), and of Logit. */
static void each_parameter_against_0(void **state) {
  (void)state;
  static const char *const lines[] = {"velocity ~ linear(distance)", "velocity ~ b + w*distance"};
  for (int k = 0; k < 2; k++) {
    nadir_result *result = fit(lines[k], NULL);
    tests_are(result, "t", (double[]){-0.4887847729374894, 6.0363624946359895},
              (double[]){0.6298312239262016, 4.477491000609172e-06});
    assert_int_equal(result->uncertainty->tested, k == 0);
    nadir_result_free(result);
    result = fit(lines[k], PAIRS("sigma", "sigma"));
    tests_are(result, "z", (double[]){0.13911583680973505, 11.356563961760262},
              (double[]){0.8893586139500724, 6.879763161791681e-30});
    nadir_result_free(result);
  }
  nadir_result *result = fit("velocity > 250 ~ linear(distance)", NULL);
  tests_are(result, "z", (double[]){-1.841528351102412, 2.2962109379171265},
            (double[]){0.0655441698448873, 0.02166382344815579});
  nadir_result_free(result);
  /* what is tied has an error, and so a test; what is fixed has none */
  result =
      fit("velocity ~ b + w*distance + v", PAIRS("tie", "w=2*u", "fix", "v=0", "start", "u=1"));
  for (size_t i = result->size; i < result->size + result->held; i++) {
    const nadir_parameter *it = &result->parameter[i];
    assert_int_equal(isnan(it->p_value), it->fixed);
    if (!it->fixed) relative(it->statistic, 6.0363624946359895, 1e-7);
  }
  nadir_result_free(result);
}

/* No law holds beside a bound that is active, nor for a parameter that cannot be 0. */
static void bounds_leave_no_tests(void **state) {
  (void)state;
  nadir_result *result = fit("velocity ~ b + w*distance", PAIRS("bounds", "w=0:300"));
  assert_true(isfinite(result->parameter[0].standard_error));
  assert_true(isnan(result->parameter[0].p_value) && isnan(result->parameter[0].statistic));
  assert_true(isnan(result->parameter[1].p_value));
  nadir_result_free(result);
  result = fit("velocity ~ b + w*distance", PAIRS("bounds", "w=0:"));
  assert_true(isfinite(result->parameter[0].p_value) && isnan(result->parameter[1].p_value));
  nadir_result_free(result);
  result = fit("velocity ~ linear(distance)", PAIRS("errors", "none"));
  assert_true(isnan(result->parameter[0].p_value) && isnan(result->parameter[0].statistic));
  nadir_result_free(result);
}

static void probabilities_are_never_0(void **state) {
  (void)state;
  char text[NADIR_NUMBER_TEXT];
  assert_string_equal(nadir_probability_text(0, text), "<1e-300");
  assert_string_equal(nadir_probability_text(1.23e-200, text), "1.2e-200");
  assert_string_equal(nadir_probability_text(0.6298, text), "0.63");
}

static void likelihoods(void **state) {
  (void)state;
  static const char *const reduce[] = {"mean", "sum"};
  for (size_t k = 0; k < 2; k++) {
    nadir_result *result = fit("velocity > 250 ~ linear(distance)", PAIRS("reduce", reduce[k]));
    const nadir_uncertainty *u = result->uncertainty;
    check(result, NADIR_ERRORS_BY_HESSIAN, 1.1427368627668661, -1.341924959114965, 2.1023929527409333);
    relative(u->pseudo_r2, 0.3312508649147061, 1e-10);
    relative(u->aic, 25.236152480121984, 1e-12);
    relative(u->bic, 27.592260140817874, 1e-12);
    relative(u->dispersion, 19.898314206074932 / 22, 1e-8);
    assert_int_equal(result->degrees_of_freedom, 22);
    nadir_result_free(result);
    result = fit("floor((velocity + 300)/100) ~ linear(distance)",
                 PAIRS("loss", "poisson", "reduce", reduce[k]));
    u = result->uncertainty;
    check(result, NADIR_ERRORS_BY_HESSIAN, 0.028373278785636762, -0.018071486339849258,
          0.014984566962829083);
    relative(u->pseudo_r2, 0.22060774920843218, 1e-10);
    relative(u->aic, 114.62703580887496, 1e-12);
    relative(u->bic, 116.98314346957085, 1e-12);
    relative(u->dispersion, 24.09077213373405 / 22, 1e-8);
    nadir_result_free(result);
  }
  nadir_result *result = fit("velocity > 250 ~ linear(distance)", PAIRS("weight", "weight"));
  check(result, NADIR_ERRORS_BY_HESSIAN, 0.8304513674062287, -1.143144587025884, 2.0577667637102426);
  relative(result->uncertainty->log_likelihood, -15.864017117037434, 1e-12);
  relative(result->uncertainty->pseudo_r2, 1 - 15.864017117037434 / 27.55399640434863, 1e-10);
  nadir_result_free(result);
}

/* Of the lines of three classes those of the second and third less that of the first. */
static void classes(void **state) {
  (void)state;
  static const double cov[4][4] = {
      {1.0292527883460527, -1.5919060530456097, 0.8667756825522733, -1.3287278629230248},
      {-1.5919060530456104, 3.6305222681007385, -1.5756275480170734, 3.2462184680805932},
      {0.866775682552278, -1.5756275480170825, 23.6828380355244, -25.476238068775967},
      {-1.328727862923025, 3.2462184680805937, -25.47623806877596, 28.946934368634913}};
  static const double value[4] = {-0.20823326801166206, 1.7122450492947021, -7.996037820120462,
                                  10.107357157777672};
  static const double z[4] = {-0.20525279930474394, 0.8986309387681837, -1.6430771920859628,
                              1.8786086779306712};
  static const double p[4] = {0.8373746195833915, 0.36884927350819896, 0.10036696316958663,
                              0.060297945364484684};
  nadir_result *result = fit("kind ~ softmax(3; distance)", PAIRS("tol-gradient", "1e-12"));
  const nadir_uncertainty *u = result->uncertainty;
  assert_int_equal(u->by, NADIR_ERRORS_BY_HESSIAN);
  assert_non_null(u->reference);
  for (size_t i = 0; i < 6; i++) {
    assert_int_equal(isnan(result->parameter[i].standard_error), i < 2);
    if (i < 2) assert_true(u->less_reference[i] == 0 && isnan(u->correlation[7 * i]));
    for (size_t k = 0; k < 6; k++) {
      if (i >= 2 && k >= 2)
        relative(u->covariance[6 * i + k], cov[i - 2][k - 2], 1e-6);
      else
        assert_true(u->covariance[6 * i + k] == 0);
    }
    assert_int_equal(isnan(result->parameter[i].p_value), i < 2);
    if (i < 2) continue;
    relative(u->less_reference[i], value[i - 2], 1e-7);
    relative(result->parameter[i].statistic, z[i - 2], 1e-6);
    relative(result->parameter[i].p_value, p[i - 2], 1e-6);
  }
  relative(u->log_likelihood, -14.219755214917765, 1e-10);
  relative(u->pseudo_r2, 0.44072265697682833, 1e-9);
  relative(u->aic, 36.43951042983553, 1e-10);
  relative(u->bic, 41.15172575122731, 1e-10);
  nadir_result_free(result);
}

/* HC0 of statsmodels; of Huber's loss H^-1 (sum g g') H^-1 in numpy, the same for a formula of it. */
static void sandwiches(void **state) {
  (void)state;
  static const char *const formulas[] = {"velocity ~ linear(distance)", "velocity ~ b + w*distance"};
  for (size_t k = 0; k < 2; k++) {
    nadir_result *result = fit(formulas[k], PAIRS("errors", "sandwich"));
    check(result, NADIR_ERRORS_BY_SANDWICH, 6282.038803970178, -4612.378580130322, 5053.094894381645);
    nadir_result_free(result);
    result = fit(formulas[k], PAIRS("loss", "huber(100)"));
    check(result, NADIR_ERRORS_BY_SANDWICH, 12909.373934274898, -9503.322404237717, 7953.153205235964);
    assert_true(isnan(result->uncertainty->aic));
    nadir_result_free(result);
  }
  nadir_result *result = fit("velocity ~ b + w*distance", PAIRS("loss", "huber(y - f, 100)"));
  check(result, NADIR_ERRORS_BY_SANDWICH, 12909.373934274898, -9503.322404237717, 7953.153205235964);
  nadir_result_free(result);
}

/* No probability of a biased fit, and no errors of what was not asked for or has none. */
static void what_there_is_not(void **state) {
  (void)state;
  nadir_result *result = fit("velocity ~ linear(distance)", PAIRS("l2", "1", "sigma", "sigma"));
  const nadir_uncertainty *u = result->uncertainty;
  assert_int_equal(result->no_errors, NADIR_ERRORS_PENALTY);
  assert_true(isnan(u->p_value) && isnan(u->aic) && isnan(u->bic) && !u->covariance && !u->correlation);
  assert_int_equal(u->by, NADIR_ERRORS_BY_NOTHING);
  assert_true(u->reduced_chi2 > 1);
  nadir_result_free(result);
  result = fit("velocity > 250 ~ linear(distance)", PAIRS("errors", "none"));
  assert_int_equal(result->no_errors, NADIR_ERRORS_NOT_ASKED);
  assert_true(isnan(result->parameter[0].standard_error) && result->uncertainty->aic > 0);
  nadir_result_free(result);
  result = fit("velocity ~ linear(distance)", PAIRS("method", "gd", "rate", "1e-3", "updates", "1"));
  u = result->uncertainty;
  assert_true(isnan(u->aic) && isnan(u->r2) && isnan(u->runs_p) && !u->covariance);
  nadir_result_free(result);
}

static void words(void **state) {
  (void)state;
  nadir_result *result = fit("velocity ~ linear(distance)", NULL);
  assert_string_equal(said(result, NADIR_ON_ERRORS_BY),
                      "by least squares, scaled by the scatter of the residuals");
  assert_string_equal(said(result, NADIR_ON_GOODNESS), "R2 0.62353, AIC 333.6522, BIC 337.1864");
  assert_string_equal(said(result, NADIR_ON_RESIDUALS), "");
  nadir_result_free(result);
  result = fit("velocity ~ a + 1e-9*distance", NULL);
  assert_string_equal(said(result, NADIR_ON_RESIDUALS),
                      "their signs come in runs along distance, as if the model missed a trend (p 0.00018)");
  nadir_result_free(result);
  result = fit("10*floor((velocity + 300)/100) ~ linear(distance)", PAIRS("loss", "poisson"));
  assert_non_null(strstr(said(result, NADIR_ON_GOODNESS),
                         "Pearson's chi2 is 11 per degree of freedom, so the errors are too small"));
  nadir_result_free(result);
}

/* ---- intervals and curvature ---- */

static void between(const nadir_result *result, size_t i, size_t parameter, double level, double low,
                    double high) {
  const nadir_interval *it = &result->uncertainty->interval[i];
  assert_true(i < result->uncertainty->intervals && it->parameter == parameter && it->level == level);
  assert_true(it->low_is == NADIR_END_FOUND && it->high_is == NADIR_END_FOUND);
  relative(it->low, low, 3e-6);
  relative(it->high, high, 3e-6);
}

/* The profile by scipy's brentq and minimize_scalar. */
static void intervals_of_likelihoods(void **state) {
  (void)state;
  nadir_result *result = fit("velocity > 250 ~ linear(distance)", PAIRS("intervals", "0.683,0.95"));
  assert_int_equal(result->uncertainty->intervals, 4);
  between(result, 0, 0, 0.683, -3.1411933923981357, -0.9781872618710759);
  between(result, 1, 0, 0.95, -4.500020948560013, -0.13445009749301592);
  between(result, 2, 1, 0.683, 2.03926315518454, 4.954152734573943);
  between(result, 3, 1, 0.95, 1.061073321362668, 6.862378567063337);
  assert_string_equal(said(result, NADIR_ON_INTERVALS), "");
  nadir_result_free(result);
  result = fit("floor((velocity + 300)/100) ~ linear(distance)",
               PAIRS("loss", "poisson", "intervals", "0.95", "reduce", "sum"));
  between(result, 0, 0, 0.95, 0.7770238036449091, 1.4380785204459876);
  between(result, 1, 1, 0.95, 0.4485728609705948, 0.9291113465734352);
  nadir_result_free(result);
  /* of a line in closed form: R's confint(lm) */
  result = fit("velocity ~ linear(distance)", PAIRS("intervals", "0.95"));
  between(result, 0, 0, 0.95, -213.8252743, 132.2579761);
  between(result, 1, 1, 0.95, 298.1262344, 610.1906474);
  nadir_result_free(result);
  result = fit("velocity ~ linear(distance)", PAIRS("intervals", "0.95", "loss", "huber(100)"));
  assert_int_equal(result->uncertainty->intervals, 0); /* not a likelihood */
  nadir_result_free(result);
}

/* D. M. Bates, D. G. Watts 1988, Puromycin, treated: MASS's rms.curv, the profile by scipy (R's
 * confint has the same to 5 digits). */
static nadir_result *puromycin(const char *formula, const char *const *pairs) {
  static const double conc[12] = {0.02, 0.02, 0.06, 0.06, 0.11, 0.11, 0.22, 0.22, 0.56, 0.56, 1.1, 1.1};
  static const double rate[12] = {76, 47, 97, 107, 123, 139, 159, 152, 191, 201, 207, 200};
  const test_column columns[] = {{"conc", NULL, conc}, {"rate", NULL, rate}};
  nadir_result *result;
  ok(fit_columns(columns, 2, 12, formula, pairs, &result));
  return result;
}

static void a_model_that_bends(void **state) {
  (void)state;
  const char *formula = "rate ~ V*conc/(K + conc)", *start = "V=200,K=0.1";
  nadir_result *result = puromycin(formula, PAIRS("start", start, "intervals", "0.95"));
  const nadir_uncertainty *u = result->uncertainty;
  near(u->curvature, 0.2121, 5e-5);
  relative(u->aic, 95.2709686494, 1e-9);
  relative(u->covariance[0], 48.26296480714013, 1e-6);
  between(result, 0, 0, 0.95, 197.30193290028393, 229.2890550550532);
  between(result, 1, 1, 0.95, 0.04692034203517076, 0.08615691342713867);
  assert_true(u->rounding > 0 && u->rounding < 1e-3);
  assert_non_null(strstr(said(result, NADIR_ON_ERRORS_BY), "by the Hessian they differ by up to 5.2 %: intervals show more"));
  nadir_result_free(result);
  result = puromycin(formula, PAIRS("start", start, "intervals", "0.95", "sigma", "10 + 0*conc"));
  between(result, 0, 0, 0.95, 200.22269106613723, 225.93513807684198);
  between(result, 1, 1, 0.95, 0.04995768738401238, 0.08140558120219243);
  nadir_result_free(result);
  /* the same in other parameters: what a parameter's name and unit are changes nothing of the curves */
  result = puromycin("rate ~ 1e150*v*conc/(1e-150*k + conc)", PAIRS("start", "v=2e-148,k=1e149", "intervals", "0.95"));
  between(result, 0, 0, 0.95, 197.30193290028393e-150, 229.2890550550532e-150);
  between(result, 1, 1, 0.95, 0.04692034203517076e150, 0.08615691342713867e150);
  near(result->uncertainty->curvature, 0.2121, 5e-5);
  nadir_result_free(result);
}

/* On a bound: its own error is unknown, that of b is for the slope 300, in closed form sqrt(RSS/23/24). */
static void a_parameter_on_its_bound(void **state) {
  (void)state;
  nadir_result *result = fit("velocity ~ b + w*distance",
                             PAIRS("bounds", "w=0:300", "intervals", "0.5", "sigma", "sigma"));
  assert_true(isnan(result->uncertainty->p_value) && result->uncertainty->reduced_chi2 > 1);
  nadir_result_free(result);
  result = fit("velocity ~ b + w*distance", PAIRS("bounds", "w=0:300", "intervals", "0.5"));
  assert_true(parameter(result, "w") == 300);
  relative(parameter(result, "b"), 99.7125, 1e-9);
  assert_true(isnan(result->parameter[1].standard_error));
  relative(result->parameter[0].standard_error, 50.74066570562511, 1e-8);
  assert_int_equal(result->degrees_of_freedom, 23);
  assert_int_equal(result->uncertainty->intervals, 1);
  nadir_result_free(result);
  result = fit("velocity ~ b + w*distance", PAIRS("bounds", "w=450:470", "intervals", "0.95"));
  assert_int_equal(result->uncertainty->interval[1].low_is, NADIR_END_OPEN);
  assert_true(isnan(result->uncertainty->interval[1].high));
  assert_non_null(strstr(said(result, NADIR_ON_INTERVALS), "open: the loss does not rise enough"));
  nadir_result_free(result);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(least_squares),
                                     cmocka_unit_test(sigma_is_absolute_and_weights_are_not),
                                     cmocka_unit_test(each_parameter_against_0),
                                     cmocka_unit_test(bounds_leave_no_tests),
                                     cmocka_unit_test(probabilities_are_never_0),
                                     cmocka_unit_test(likelihoods),
                                     cmocka_unit_test(classes),
                                     cmocka_unit_test(sandwiches),
                                     cmocka_unit_test(what_there_is_not),
                                     cmocka_unit_test(words),
                                     cmocka_unit_test(intervals_of_likelihoods),
                                     cmocka_unit_test(a_model_that_bends),
                                     cmocka_unit_test(a_parameter_on_its_bound)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
