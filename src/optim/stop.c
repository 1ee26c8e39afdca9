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
  if (rules->max_updates && now->update >= rules->max_updates) return ND_STOP_UPDATES;
  if (rules->max_epochs && now->epoch >= rules->max_epochs) return ND_STOP_EPOCHS;
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

const char *nd_stop_name(nd_stop stop) {
  switch (stop) {
  case ND_GO_ON:
    return "";
  case ND_STOP_GRADIENT:
    return "gradient";
  case ND_STOP_LOSS:
    return "loss";
  case ND_STOP_STEP:
    return "step";
  case ND_STOP_UPDATES:
    return "updates";
  case ND_STOP_EPOCHS:
    return "epochs";
  case ND_STOP_SECONDS:
    return "seconds";
  case ND_STOP_VALIDATION:
    return "validation";
  case ND_STOP_DIVERGED:
    return "diverged";
  case ND_STOP_UNBOUNDED:
    return "unbounded";
  case ND_STOP_DOMAIN:
    return "domain";
  case ND_STOP_SIGNAL:
    return "signal";
  }
  return "";
}
