/* How far the parameters of a fit may be off, and how well it fits, as JSON and in words. */
#include <math.h>
#include <string.h>

#include "tell/tell.h"

static const double FAR = 0.05; /* of an error by the Hessian from that by least squares */

const char *nadir_errors_by_name(nadir_errors_by by) {
  static const char *const names[] = {NULL, "least squares", "hessian", "sandwich", "bootstrap"};
  _Static_assert(ND_COUNT(names) == NADIR_LAST_ERRORS_BY + 1, "a name for each");
  return names[by];
}

const char *nadir_row_errors_name(nadir_row_errors of) {
  static const char *const names[] = {NULL, "sigma", "covariance", "sigma and sigma-x"};
  _Static_assert(ND_COUNT(names) == NADIR_LAST_ROW_ERRORS + 1, "a name for each");
  return names[of];
}

const char *nadir_statistic_name(const nadir_uncertainty *uncertainty) {
  return uncertainty->scaled ? "t" : "z";
}

const char *nadir_probability_text(double p, char text[NADIR_NUMBER_TEXT]) {
  return p < 1e-300 ? strcpy(text, "<1e-300") : nd_format_digits(p, 2, text);
}

/* ---- JSON ---- */

static json_t *matrix_json(const double *matrix, size_t n) {
  if (!matrix) return json_null();
  json_t *rows = json_array();
  for (size_t i = 0; i < n; i++)
    nd_json_push(&rows, nd_json_numbers(matrix + i * n, n));
  return rows;
}

static json_t *errors_json(const nadir_uncertainty *u, size_t size) {
  json_t *errors = json_object();
  nd_json_put(&errors, "by", nd_json_text(nadir_errors_by_name(u->by)));
  nd_json_put(&errors, "row_errors", nd_json_text(nadir_row_errors_name(u->row_errors)));
  nd_json_put(&errors, "refits", u->refits ? nd_json_count(u->refits) : json_null());
  nd_json_put(&errors, "refits_failed", u->refits ? nd_json_count(u->refits_failed) : json_null());
  nd_json_put(&errors, "scaled", json_boolean(u->scaled));
  nd_json_put(&errors, "statistic",
              u->by == NADIR_ERRORS_BY_NOTHING ? json_null()
                                               : nd_json_text(nadir_statistic_name(u)));
  nd_json_put(&errors, "reference", nd_json_text(u->reference));
  nd_json_put(&errors, "less_reference",
              u->less_reference ? nd_json_numbers(u->less_reference, size) : json_null());
  nd_json_put(&errors, "difference", nd_json_number(u->difference));
  nd_json_put(&errors, "curvature", nd_json_number(u->curvature));
  nd_json_put(&errors, "rounding", nd_json_number(u->rounding));
  return errors;
}

static json_t *residuals_json(const nadir_uncertainty *u) {
  json_t *residuals = json_object();
  nd_json_put(&residuals, "order", nd_json_text(u->order));
  nd_json_put(&residuals, "runs_p_value", nd_json_number(u->runs_p));
  nd_json_put(&residuals, "normality_p_value", nd_json_number(u->normal_p));
  nd_json_put(&residuals, "farthest", nd_json_number(u->farthest));
  nd_json_put(&residuals, "farthest_p_value", nd_json_number(u->farthest_p));
  return residuals;
}

const char *nadir_interval_end_name(nadir_interval_end end) {
  static const char *const names[] = {NULL, "open", "lower minimum", "lost"};
  _Static_assert(ND_COUNT(names) == NADIR_LAST_INTERVAL_END + 1, "a name for each");
  return names[end];
}

static json_t *intervals_json(const nadir_result *result) {
  const nadir_uncertainty *u = result->uncertainty;
  json_t *list = json_array();
  for (size_t i = 0; i < u->intervals; i++) {
    const nadir_interval *interval = &u->interval[i];
    json_t *one = json_object();
    nd_json_put(&one, "name", nd_json_text(result->parameter[interval->parameter].name));
    nd_json_put(&one, "level", nd_json_number(interval->level));
    nd_json_put(&one, "low", nd_json_number(interval->low));
    nd_json_put(&one, "high", nd_json_number(interval->high));
    nd_json_put(&one, "no_low", nd_json_text(nadir_interval_end_name(interval->low_is)));
    nd_json_put(&one, "no_high", nd_json_text(nadir_interval_end_name(interval->high_is)));
    nd_json_push(&list, one);
  }
  return list;
}

void nd_json_put_uncertainty(json_t **object, const nadir_result *result) {
  const nadir_uncertainty *u = result->uncertainty;
  nd_json_put(object, "errors", errors_json(u, result->size));
  nd_json_put(object, "covariance", matrix_json(u->covariance, result->size));
  nd_json_put(object, "correlation", matrix_json(u->correlation, result->size));
  nd_json_put(object, "intervals", intervals_json(result));
  nd_json_put(object, "reduced_chi2", nd_json_number(u->reduced_chi2));
  nd_json_put(object, "p_value", nd_json_number(u->p_value));
  nd_json_put(object, "log_likelihood", nd_json_number(u->log_likelihood));
  nd_json_put(object, "aic", nd_json_number(u->aic));
  nd_json_put(object, "bic", nd_json_number(u->bic));
  nd_json_put(object, "r2", nd_json_number(u->r2));
  nd_json_put(object, "pseudo_r2", nd_json_number(u->pseudo_r2));
  nd_json_put(object, "dispersion", nd_json_number(u->dispersion));
  nd_json_put(object, "residuals", residuals_json(u));
  nd_json_put(object, "checks", nd_json_checks(result));
}

/* ---- words ---- */

static void say_number(nd_text *out, const char *before, double value, int digits) {
  char number[ND_NUMBER_TEXT];
  nd_text_print(out, "%s%s", before, nd_format_digits(value, digits, number));
}

static bool some_at_bound(const nadir_result *result) {
  bool some = false;
  for (size_t i = 0; i < result->size; i++)
    some = some || result->parameter[i].at_bound;
  return some;
}

static const char *const row_errors_words[] = {NULL, "sigma says", "the covariance says",
                                               "sigma and sigma-x say"};

static void say_probability(nd_text *out, const char *before, double p, const char *after) {
  char number[ND_NUMBER_TEXT];
  nd_text_print(out, "%s%s%s", before, nadir_probability_text(p, number), after);
}

/* How the errors are made. */
void nd_tell_errors_by(const nadir_result *result, nd_text *out) {
  const nadir_uncertainty *u = result->uncertainty;
  if (!u || u->by == NADIR_ERRORS_BY_NOTHING) return;
  switch (u->by) {
  case NADIR_ERRORS_BY_NOTHING:
  case NADIR_ERRORS_BY_SQUARES:
    nd_text_append(out, "by least squares");
    if (!u->scaled) nd_text_print(out, ", as %s", row_errors_words[u->row_errors]);
    break;
  case NADIR_ERRORS_BY_HESSIAN:
    nd_text_append(out, "by the Hessian");
    break;
  case NADIR_ERRORS_BY_SANDWICH:
    nd_text_append(out, "by the sandwich of the Hessian and the rows' gradients");
    break;
  case NADIR_ERRORS_BY_BOOTSTRAP:
    nd_text_print(out, "by the bootstrap: the spread of %llu fits to rows drawn again",
                  (unsigned long long)(u->refits - u->refits_failed));
    if (u->refits_failed)
      nd_text_print(out, "; %llu more came to no end", (unsigned long long)u->refits_failed);
    break;
  }
  if (u->scaled) nd_text_append(out, ", scaled by the scatter of the residuals");
  if (u->reference) nd_text_print(out, "; they are those of the differences from %s", u->reference);
  if (some_at_bound(result)) nd_text_append(out, "; what is on a bound is held there");
  if (u->difference > FAR) {
    say_number(out, "; by the Hessian they differ by up to ", 100 * u->difference, 2);
    nd_text_append(out, " %");
  }
  if (u->curvature > ND_BENT) {
    say_number(out, "; the model bends (curvature ", u->curvature, 2);
    say_number(out, ", above ", ND_BENT, 2);
    nd_text_append(out, ")");
  }
  if (u->curvature > ND_BENT || u->difference > FAR) nd_text_append(out, ": intervals show more");
  if (u->rounding > ND_COARSE) say_number(out, "; rounding moves a parameter by ", u->rounding, 2);
  if (u->rounding > ND_COARSE) nd_text_append(out, " of its error");
}

/* Why some intervals have no end; nothing where all have. */
void nd_tell_intervals(const nadir_result *result, nd_text *out) {
  static const char *const words[] = {NULL, "the loss does not rise enough on that side",
                                      "the loss falls below that of this minimum: start there",
                                      "the other parameters could not be fitted there again"};
  const nadir_uncertainty *u = result->uncertainty;
  bool said[NADIR_LAST_INTERVAL_END + 1] = {true};
  for (size_t i = 0; u && i < 2 * u->intervals; i++) {
    nadir_interval_end is = i % 2 ? u->interval[i / 2].high_is : u->interval[i / 2].low_is;
    if (said[is]) continue;
    nd_text_print(out, "%s%s: %s", out->length ? "; " : "", nadir_interval_end_name(is), words[is]);
    said[is] = true;
  }
}

static void say_measure(nd_text *out, const char *name, double value, int digits) {
  if (isnan(value)) return;
  nd_text_append(out, out->length ? ", " : "");
  say_number(out, name, value, digits);
}

/* The numbers by which models are compared. */
void nd_tell_goodness(const nadir_result *result, nd_text *out) {
  const nadir_uncertainty *u = result->uncertainty;
  if (!u) return;
  say_measure(out, "R2 ", u->r2, 5);
  say_measure(out, "pseudo-R2 ", u->pseudo_r2, 5);
  say_measure(out, "AIC ", u->aic, 7);
  say_measure(out, "BIC ", u->bic, 7);
  if (!(u->dispersion > ND_OVERDISPERSED)) return;
  say_number(out, "; Pearson's chi2 is ", u->dispersion, 3);
  nd_text_append(out, " per degree of freedom, so the errors are too small");
}

/* What is striking of the residuals. */
void nd_tell_residuals(const nadir_result *result, nd_text *out) {
  const nadir_uncertainty *u = result->uncertainty;
  if (!u) return;
  if (u->runs_p < ND_RARE) {
    nd_text_print(out, "their signs come in runs along %s, as if the model missed a trend",
                  u->order ? u->order : "the rows");
    say_probability(out, " (p ", u->runs_p, ")");
  }
  if (!(u->normal_p < ND_RARE)) return;
  nd_text_append(out, out->length ? "; " : "");
  say_probability(out, "they are not normal (p ", u->normal_p, ")");
}
