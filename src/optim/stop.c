/* Stopping rules, asked once an observation, in the order in which the answers matter to a person:
 * that the run is lost, that it is done, that it has reached a limit.
 *
 *   diverged: a loss or gradient that is not finite, or a loss above 1e8 (1 + |first loss|)
 *   unbounded: a loss below -1e15 (1 + |first loss|), as of x or -x^2
 *   loss: the loss is measured against that at the last fall by more than tol_loss of it, so that a
 *     slow but steady descent is not stopped by the short interval between observations */
#include "optim/optim.h"

#include <math.h>

static nd_stop lost(const nd_stop_rules *rules, const nd_observation *now) {
  double scale = 1 + fabs(rules->first_loss);
  if (!isfinite(now->loss) || !isfinite(now->gradient_norm)) return ND_STOP_DIVERGED;
  if (now->loss > 1e8 * scale) return ND_STOP_DIVERGED;
  if (now->loss < -1e15 * scale) return ND_STOP_UNBOUNDED;
  return ND_GO_ON;
}

/* True when `patience` observations have passed without a fall that counts. */
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

static nd_stop limit(const nd_stop_rules *rules, const nd_observation *now) {
  if (now->update >= rules->max_updates) return ND_STOP_UPDATES;
  if (now->epoch >= rules->max_epochs) return ND_STOP_EPOCHS;
  if (now->seconds >= rules->max_seconds) return ND_STOP_SECONDS;
  return ND_GO_ON;
}

nd_stop nd_stop_test(nd_stop_rules *rules, const nd_observation *now) {
  bool first = !rules->begun;
  if (first) {
    rules->first_loss = rules->reference_loss = now->loss;
    rules->waited = 0;
    rules->begun = true;
  }
  nd_stop stop = lost(rules, now);
  if (stop != ND_GO_ON) return stop;
  if (rules->tol_gradient > 0 && now->gradient_norm >= 0 &&
      now->gradient_norm <= rules->tol_gradient)
    return ND_STOP_GRADIENT;
  if (!first && stalled(rules, now->loss)) return ND_STOP_LOSS;
  return limit(rules, now);
}

const nd_stop_info *nd_stop_about(nd_stop stop) {
  static const nd_stop_info list[] = {
      {"", ND_ENDED_DONE, "", ""},
#define ND_STOP(id, name, ended, last, sentence) {name, ND_ENDED_##ended, last, sentence},
#include "optim/stop.def"
#undef ND_STOP
  };
  return &list[stop];
}
