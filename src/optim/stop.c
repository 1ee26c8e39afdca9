/* Stopping rules, asked once an observation, in the order in which the answers matter to a person:
 * that the run is lost, that it is done, that it has reached a limit.
 *
 *   diverged: a loss or gradient that is not finite, or a loss above 1e8 (1 + |first loss|)
 *   unbounded: a loss below -1e15 (1 + |first loss|), as of x or -x^2
 *   loss: the loss is measured against that at the last fall by more than tol_loss of it, so that a
 *     slow but steady descent is not stopped by the short interval between observations */
#include "optim/optim.h"

#include <math.h>

static nadir_stop lost(const nd_stop_rules *rules, const nd_observation *now) {
  double scale = 1 + fabs(rules->first_loss);
  if (!isfinite(now->loss) || !isfinite(now->gradient_norm)) return NADIR_STOP_DIVERGED;
  if (now->loss > 1e8 * scale) return NADIR_STOP_DIVERGED;
  if (now->loss < -1e15 * scale) return NADIR_STOP_UNBOUNDED;
  return NADIR_GO_ON;
}

/* True when `patience` observations have passed without a fall that matters. */
static bool stalled(nd_stop_rules *rules, double loss) {
  if (!(rules->tol_loss > 0) || rules->patience == 0) return false;
  double reference = rules->reference_loss;
  if (reference - loss > rules->tol_loss * fabs(reference)) {
    rules->reference_loss = loss;
    rules->waited = 0;
    return false;
  }
  return ++rules->waited >= rules->patience;
}

static nadir_stop limit(const nd_stop_rules *rules, const nd_observation *now) {
  if (now->update >= rules->max_updates) return NADIR_STOP_UPDATES;
  if (now->epoch >= rules->max_epochs) return NADIR_STOP_EPOCHS;
  if (now->seconds >= rules->max_seconds) return NADIR_STOP_SECONDS;
  return NADIR_GO_ON;
}

nadir_stop nd_stop_test(nd_stop_rules *rules, const nd_observation *now) {
  bool first = !rules->begun;
  if (first) {
    rules->first_loss = rules->reference_loss = now->loss;
    rules->waited = 0;
    rules->begun = true;
  }
  nadir_stop stop = lost(rules, now);
  if (stop != NADIR_GO_ON) return stop;
  if (rules->tol_gradient > 0 && now->gradient_norm >= 0 &&
      now->gradient_norm <= rules->tol_gradient)
    return NADIR_STOP_GRADIENT;
  if (!first && stalled(rules, now->loss)) return NADIR_STOP_LOSS;
  return limit(rules, now);
}

nd_ended nd_stop_amounts_to(nadir_stop stop) {
  static const nd_ended list[] = {
#define ND_STOP(id, ended) [NADIR_STOP_##id] = ND_ENDED_##ended,
#include "optim/stop.def"
#undef ND_STOP
  };
  _Static_assert(ND_COUNT(list) == NADIR_LAST_STOP + 1, "a row for each stop");
  return list[stop];
}
