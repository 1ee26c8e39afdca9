/* The two descents that the noise of a fit is measured about: Newton's method to the minimum, to all
 * digits, whatever the run's own method; and one epoch of the run's own, for its automatic rate, of
 * which a third, a ninth and a 27th are measured where no rates are given.
 *
 * Costs those descents, and what clouds.c costs. */
#include "judge/advice.h"
#include "judge/judge.h"

/* ---- rates: typed, or a third, a ninth ... of the automatic one ---- */

static nadir_status choose_rates(const nadir_settings *settings, double automatic, double **rates,
                                 size_t *count, nadir_error *error) {
  if (!nd_is_auto(settings->rates)) return nd_numbers_read(settings->rates, rates, count, error);
  *count = 3;
  *rates = nd_new(*count, sizeof **rates, error);
  if (!*rates) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < *count; i++)
    (*rates)[i] = automatic / pow(3, (double)i + 1);
  return NADIR_OK;
}

static nadir_status automatic_rate(nd_objective *objective, const nadir_settings *given,
                                   const double *minimum, double *rate, nadir_error *error) {
  nadir_settings *settings;
  nd_run run = {0};
  nd_teller quiet = {0};
  ND_TRY(nd_settings_copy(&settings, given, error));
  nadir_status status = nd_settings_set(settings, "epochs", "1", error);
  if (status == NADIR_OK) status = nd_descend(objective, settings, minimum, &quiet, &run, error);
  *rate = status == NADIR_OK ? run.rate : 0;
  nd_run_clear(&run);
  nd_teller_free(&quiet);
  nd_settings_free(settings);
  return status;
}

/* ---- the minimum ---- */

static nadir_status find_minimum(nd_objective *objective, const nadir_settings *given,
                                 const double *start, nd_run *run, nadir_error *error) {
  nadir_settings *settings;
  ND_TRY(nd_settings_copy(&settings, given, error));
  nadir_status status = nd_settings_set(settings, "method", nd_optimizer_for(ND_FOR_FEW)->name, error);
  if (status == NADIR_OK) status = nd_settings_set(settings, "batch", "all", error);
  if (status == NADIR_OK) status = nd_settings_set(settings, "rate", "auto", error);
  if (status == NADIR_OK) status = nd_settings_set(settings, "schedule", "auto", error);
  nd_teller quiet = {0};
  if (status == NADIR_OK) status = nd_descend(objective, settings, start, &quiet, run, error);
  nd_teller_free(&quiet);
  nd_settings_free(settings);
  return status;
}

nadir_status nd_noise_of_fit(nd_objective *objective, const nadir_settings *settings,
                             const double *start, nadir_batch_noise *noise, nadir_error *error) {
  double *rates = NULL, automatic = 0;
  size_t count = 0;
  nd_run run = {0};
  nadir_status status = find_minimum(objective, settings, start, &run, error);
  if (status == NADIR_OK && nd_is_auto(settings->rates))
    status = automatic_rate(objective, settings, run.w, &automatic, error);
  if (status == NADIR_OK) status = choose_rates(settings, automatic, &rates, &count, error);
  if (status == NADIR_OK)
    status = nd_noise_measure(objective, settings, settings->batch.rows, start, run.w, rates, count,
                              noise, error);
  nd_free(rates);
  nd_run_clear(&run);
  return status;
}
