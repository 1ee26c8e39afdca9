/* The JSON object of `fit` and `minimize`; its keys are stable (docs/json.md). A number
 * that does not exist is null.
 */
#include <math.h>

#include "tell/tell.h"

static json_t *rows_json(const nadir_result *result) {
  json_t *rows = json_object();
  nd_json_put(&rows, "read", nd_json_count(result->rows_read));
  nd_json_put(&rows, "used", nd_json_count(result->rows_used));
  nd_json_put(&rows, "dropped",
              nd_json_count(result->rows_dropped_where + result->rows_dropped_missing));
  nd_json_put(&rows, "dropped_where", nd_json_count(result->rows_dropped_where));
  nd_json_put(&rows, "dropped_missing", nd_json_count(result->rows_dropped_missing));
  nd_json_put(&rows, "validation", nd_json_count(result->rows_validation));
  return rows;
}

/* An end that is open is null. */
static void put_bounds(json_t **one, const nadir_parameter *p) {
  json_t *bounds = json_array();
  nd_json_push(&bounds, nd_json_number(p->low));
  nd_json_push(&bounds, nd_json_number(p->high));
  nd_json_put(one, "bounds", bounds);
  nd_json_put(one, "at_bound", nd_json_text(p->at_bound < 0   ? "low"
                                            : p->at_bound > 0 ? "high"
                                                              : NULL));
}

/* Those that rounding leaves. */
static json_t *digits_json(const nadir_parameter *p, const nadir_uncertainty *u) {
  double digits = floor(log10(fabs(p->value) / (u->rounding * p->standard_error)));
  return isfinite(digits) ? nd_json_count((uint64_t)fmin(fmax(digits, 0), 16)) : json_null();
}

static void put_of_fit(json_t **one, const nadir_parameter *p, const nadir_uncertainty *u) {
  nd_json_put(one, "statistic", nd_json_number(p->statistic));
  nd_json_put(one, "p_value", nd_json_number(p->p_value));
  nd_json_put(one, "digits", digits_json(p, u));
}

static json_t *parameters_json(const nadir_result *result) {
  json_t *list = json_array();
  for (size_t i = 0; i < result->size + result->held; i++) {
    const nadir_parameter *p = &result->parameter[i];
    json_t *one = json_object();
    nd_json_put(&one, "name", nd_json_text(p->name));
    nd_json_put(&one, "value", nd_json_number(p->value));
    nd_json_put(&one, "standard_error", nd_json_number(p->standard_error));
    if (!p->determined) nd_json_put(&one, "determined", json_false());
    nd_json_put(&one, "unit", nd_json_text(p->unit));
    nd_json_put(&one, "scaled", nd_json_number(p->scaled));
    if (result->uncertainty) put_of_fit(&one, p, result->uncertainty);
    if (p->fixed) nd_json_put(&one, "fixed", json_true());
    if (p->tie) nd_json_put(&one, "tie", nd_json_text(p->tie));
    if (isfinite(p->low) || isfinite(p->high)) put_bounds(&one, p);
    nd_json_push(&list, one);
  }
  return list;
}

static json_t *convexity_json(const nadir_result *result) {
  nd_text verdict = {0};
  nd_tell_run_verdict(result, &verdict);
  json_t *convexity = json_object();
  nd_json_put(&convexity, "verdict", nd_json_said(&verdict));
  nd_json_put(&convexity, "convex", nd_json_text(nadir_answer_name(result->convex)));
  nd_json_put(&convexity, "concave", nd_json_text(nadir_answer_name(result->concave)));
  nd_json_put(&convexity, "affine", nd_json_text(nadir_answer_name(result->affine)));
  nd_json_put(&convexity, "modulus", nd_json_number(result->modulus));
  nd_json_put(&convexity, "by", nd_json_text(nadir_proof_by_name(result->proved_by)));
  nd_json_put(&convexity, "witness", nd_json_witness(result->witness, result->size));
  return convexity;
}

static json_t *minima_json(const nadir_result *result) {
  json_t *list = json_array();
  for (size_t i = 0; i < result->minima; i++) {
    const nadir_minimum *minimum = &result->minimum[i];
    json_t *one = json_object();
    nd_json_put(&one, "loss", nd_json_number(minimum->loss));
    if (!isnan(minimum->chi2)) nd_json_put(&one, "chi2", nd_json_number(minimum->chi2));
    nd_json_put(&one, "parameters", nd_json_numbers(minimum->w, result->size));
    nd_json_put(&one, "reached", nd_json_count(minimum->reached));
    nd_json_put(&one, "point", nd_json_text(nadir_point_name(minimum->point)));
    nd_json_push(&list, one);
  }
  return list;
}

static json_t *condition_json(const nadir_result *result) {
  json_t *condition = json_object();
  nd_json_put(&condition, "raw", nd_json_number(result->condition_raw));
  nd_json_put(&condition, "scaled", nd_json_number(result->condition_scaled));
  return condition;
}

static json_t *offset_json(const nadir_result *result) {
  if (!result->offset_column) return json_null();
  json_t *offset = json_object(), *list = json_array();
  nd_json_put(&offset, "column", nd_json_text(result->offset_column));
  nd_json_put(&offset, "subtract", nd_json_number(result->offset));
  for (size_t i = 0; i < result->size; i++) {
    const nadir_parameter *p = &result->parameter[i];
    if (p->digits < 0) continue;
    json_t *one = json_object();
    nd_json_put(&one, "name", nd_json_text(p->name));
    nd_json_put(&one, "digits", nd_json_count((uint64_t)p->digits));
    nd_json_push(&list, one);
  }
  nd_json_put(&offset, "parameters", list);
  return offset;
}

static json_t *samples_json(const nadir_plan *plan) {
  json_t *list = json_array();
  for (size_t k = 0; k < plan->samples; k++) {
    json_t *one = json_object();
    nd_json_put(&one, "rows", nd_json_count(plan->sample[k].rows));
    nd_json_put(&one, "updates", nd_json_count(plan->sample[k].updates));
    nd_json_push(&list, one);
  }
  return list;
}

static void put_plan(json_t **tree, const nadir_result *result) {
  const nadir_plan *plan = &result->plan;
  nd_text rate = {0}, schedule = {0}, batch = {0};
  nd_tell_rate(result, &rate);
  nd_tell_schedule(plan, &schedule);
  nd_tell_batch(plan, &batch);
  nd_json_put(tree, "method", nd_json_text(plan->method->name));
  nd_json_put(tree, "method_why", nd_json_text(nd_method_why_words(plan->method_why)));
  nd_json_put(tree, "coordinates", nd_json_text(plan->scaled ? "scaled" : "plain"));
  nd_json_put(tree, "rate", nd_json_number(result->rate));
  nd_json_put(tree, "rate_text", nd_json_said(&rate));
  nd_json_put(tree, "schedule", nd_json_said(&schedule));
  nd_json_put(tree, "batch", nd_json_said(&batch));
  if (plan->samples) nd_json_put(tree, "samples", samples_json(plan));
}

static void put_settings(json_t **tree, const nadir_result *result) {
  nd_json_put(tree, "nadir", json_string(NADIR_VERSION));
  nd_json_put(tree, "cpu", nd_json_text(result->cpu));
  nd_json_put(tree, "command", nd_json_text(result->command));
  nd_json_put(tree, "formula", nd_json_text(result->formula));
  put_plan(tree, result);
  nd_json_put(tree, "seed", nd_json_count(result->seed));
  nd_json_put(tree, "date", nd_json_text(result->date));
  nd_json_put(tree, "command_line", nd_json_text(result->command_line));
}

static void put_run(json_t **tree, const nadir_result *result) {
  nd_text why = {0};
  nd_tell_stop(result, &why);
  nd_json_put(tree, "status", nd_json_text(nadir_ended_name(result->ended)));
  nd_json_put(tree, "stop", nd_json_text(nadir_stop_name(result->stop)));
  nd_json_put(tree, "why", nd_json_said(&why));
  nd_json_put(tree, "updates", nd_json_count(result->updates));
  nd_json_put(tree, "rows_seen", nd_json_count(result->rows_seen));
  nd_json_put(tree, "epochs", nd_json_count(result->epochs));
  nd_json_put(tree, "seconds", nd_json_number(result->seconds));
  nd_json_put(tree, "loss", nd_json_number(result->loss));
  nd_json_put(tree, "data_loss", nd_json_number(result->data_loss));
  nd_json_put(tree, "validation_loss", nd_json_number(result->validation_loss));
  nd_json_put(tree, "gradient_norm", nd_json_number(result->gradient_norm));
}

/* Of a start from the data, of a formula with a frequency. */
static json_t *peaks_json(const nadir_result *result) {
  json_t *list = json_array();
  for (size_t i = 0; i < result->peaks; i++) {
    const nadir_fit_peak *peak = &result->peak[i];
    json_t *one = json_object();
    nd_json_put(&one, "parameter", nd_json_text(result->parameter[peak->parameter].name));
    nd_json_put(&one, "value", nd_json_number(peak->value));
    nd_json_put(&one, "power", nd_json_number(peak->peak.power));
    nd_json_put(&one, "false_alarm", nd_json_number(peak->peak.false_alarm));
    nd_json_put(&one, "log10_false_alarm", nd_json_number(peak->peak.log10_false_alarm));
    nd_json_put(&one, "loss", nd_json_number(peak->loss));
    nd_json_put(&one, "chi2", nd_json_number(peak->chi2));
    nd_json_push(&list, one);
  }
  return list;
}

nadir_status nadir_result_json(const nadir_result *result, char **text, nadir_error *error) {
  ND_TO_NEAREST;
  json_t *tree = json_object();
  put_settings(&tree, result);
  if (result->model) {
    nd_json_put(&tree, "loss_name", nd_json_text(result->loss_name));
    nd_json_put(&tree, "precision", json_string(result->single_precision ? "single" : "double"));
    nd_json_put(&tree, "target_unit", nd_json_text(result->target_unit));
    nd_json_put(&tree, "rows", rows_json(result));
    nd_json_put_classes(&tree, result->classes);
  }
  put_run(&tree, result);
  if (result->start_from == NADIR_START_DATA || result->start_from == NADIR_START_BEST ||
      result->start_from == NADIR_START_MODEL) {
    nd_json_put(&tree, "start_from", nd_json_text(nadir_start_from_name(result->start_from)));
    nd_json_put(&tree, "start", nd_json_numbers(result->start, result->size));
  }
  if (result->peaks) nd_json_put(&tree, "peaks", peaks_json(result));
  nd_json_put(&tree, "parameters", parameters_json(result));
  nd_json_put(&tree, "no_standard_errors", nd_json_text(nadir_no_errors_name(result->no_errors)));
  nd_json_put(&tree, "why_no_standard_errors", nd_json_text(nd_no_errors_words(result->no_errors)));
  nd_json_put(&tree, "convexity", convexity_json(result));
  nd_json_put(&tree, "optimum_gap", nd_json_number(result->optimum_gap));
  if (result->minima) nd_json_put(&tree, "minima", minima_json(result));
  nd_json_put_folds(&tree, result->folds);
  nd_json_put_path(&tree, result->path, result->size);
  nd_json_put(&tree, "point", nd_json_text(nadir_point_name(result->kind)));
  nd_json_put(&tree, "point_is", nd_json_text(nadir_point_is_name(result->is)));
  nd_json_put(&tree, "point_proved", json_boolean(result->point_proved));
  nd_json_put(&tree, "reason", nd_json_text(nadir_reason_name(result->reason)));
  nd_json_put(&tree, "stable_rate", nd_json_number(result->stable_rate));
  nd_json_put(&tree, "condition", condition_json(result));
  nd_json_put(&tree, "residual_sigma", nd_json_number(result->residual_sigma));
  nd_json_put(&tree, "chi2", nd_json_number(result->chi2));
  nd_json_put(&tree, "degrees_of_freedom", nd_json_count(result->degrees_of_freedom));
  if (result->uncertainty) nd_json_put_uncertainty(&tree, result);
  if (result->model) nd_json_put(&tree, "offset", offset_json(result));
  nd_json_put(&tree, "warnings", nd_json_warnings(result->warning, result->warnings));
  return nd_json_write(tree, text, error);
}
