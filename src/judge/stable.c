/* The largest rate at which a rule is stable near the minimum: 2/M and its kin, M the largest
 * curvature where the descent comes to rest. Of a run that diverged the lowest point says nothing
 * of that: a run from the same start by Newton's method finds the minimum, and nine tenths of the
 * rate must then come to rest from there too, or it is halved, five times at most.
 *
 * Costs nothing where the run ended at a minimum, else up to seven runs of a limited length. */
#include "judge/judge.h"

enum { MOST_HALVINGS = 5 };
static const double AT_REST = 1e-3; /* of the first gradient */
static const double SHARE = 0.9;

nadir_status nd_curvature_in(const nd_scales *scales, nd_objective *objective, const double *w,
                             double *largest, double *smallest, nadir_error *error) {
  size_t n = objective->problem.size;
  nd_objective *scaled;
  if (!scales) return nd_curvature(objective, w, largest, smallest, error);
  ND_TRY(nd_objective_scaled(&scaled, objective, scales, error));
  double *u = nd_new(n, sizeof *u, error);
  nadir_status status = u ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK) {
    nd_scales_down(scales, n, w, u);
    status = nd_curvature(scaled, u, largest, smallest, error);
  }
  nd_free(u);
  nd_objective_free(scaled);
  return status;
}

static nadir_status other_run(nd_objective *objective, const nadir_settings *settings,
                              const nd_run *of, const char *const *pairs, nd_run *run,
                              nadir_error *error) {
  nadir_settings *other = NULL;
  char updates[ND_NUMBER_TEXT];
  nd_teller quiet = {0};
  double most = fmin(fmax(10 * (double)of->updates, 1000), 10000);
  nadir_status status = nd_settings_copy(&other, settings, error);
  if (status == NADIR_OK)
    status = nd_settings_set(other, "updates", nd_format(most, updates), error);
  for (; status == NADIR_OK && *pairs; pairs += 2)
    status = nd_settings_set(other, pairs[0], pairs[1], error);
  if (status == NADIR_OK) status = nd_descend(objective, other, of->start, &quiet, run, error);
  nd_teller_free(&quiet);
  nd_settings_free(other);
  return status;
}

static bool came_to_rest(const nd_run *run) {
  return nd_stop_amounts_to(run->stop) != ND_ENDED_DIVERGED &&
         run->gradient_norm <= AT_REST * run->first_gradient;
}

/* The largest curvature where Newton's method comes to rest; NaN where it does not. */
static nadir_status curvature_at_rest(nd_objective *objective, const nadir_settings *settings,
                                      const nd_run *of, double *largest, nadir_error *error) {
  nd_run run;
  double smallest;
  const char *pairs[] = {"method",   nd_optimizer_for(ND_FOR_FEW)->name,
                         "rate",     "auto",
                         "schedule", "auto",
                         "batch",    "all",
                         "average",  "0",
                         NULL};
  *largest = (double)NAN;
  if (!nd_hessian_is_affordable(objective, 64)) return NADIR_OK;
  ND_TRY(other_run(objective, settings, of, pairs, &run, error));
  nadir_status status = NADIR_OK;
  if (came_to_rest(&run))
    status = nd_curvature_in(of->scales, objective, run.w, largest, &smallest, error);
  nd_run_clear(&run);
  return status;
}

static nadir_status rests_at(nd_objective *objective, const nadir_settings *settings,
                             const nd_run *of, double rate, bool *rests, nadir_error *error) {
  nd_run run;
  char text[ND_NUMBER_TEXT];
  const char *pairs[] = {"rate", nd_format(rate, text), "coordinates",
                         of->scales ? "scaled" : "plain", NULL};
  ND_TRY(other_run(objective, settings, of, pairs, &run, error));
  *rests = came_to_rest(&run);
  nd_run_clear(&run);
  return NADIR_OK;
}

static nadir_status after_divergence(nd_objective *objective, const nadir_settings *settings,
                                     const nd_run *run, const double *rule_values,
                                     double *stable_rate, nadir_error *error) {
  double largest;
  bool rests = false;
  ND_TRY(curvature_at_rest(objective, settings, run, &largest, error));
  if (!(largest > 0)) return NADIR_OK;
  double rate = run->method.optimizer->stable_rate(rule_values, largest);
  for (int k = 0; k <= MOST_HALVINGS; k++, rate /= 2) {
    ND_TRY(rests_at(objective, settings, run, SHARE * rate, &rests, error));
    if (!rests) continue;
    *stable_rate = rate;
    return NADIR_OK;
  }
  return NADIR_OK;
}

nadir_status nd_stable_rate(nd_objective *objective, const nadir_settings *settings,
                            const nd_run *run, const double *rule_values, bool at_minimum,
                            double largest, double *stable_rate, nadir_error *error) {
  *stable_rate = (double)NAN;
  if (!run->method.optimizer->stable_rate) return NADIR_OK;
  if (at_minimum && largest > 0)
    *stable_rate = run->method.optimizer->stable_rate(rule_values, largest);
  bool lost = run->stop == NADIR_STOP_DIVERGED || run->stop == NADIR_STOP_ROSE;
  if (!lost || settings->batch.rows) return NADIR_OK;
  return after_divergence(objective, settings, run, rule_values, stable_rate, error);
}
