/* What a run came to, copied into its result: texts and arrays into the result's arena, since what they
 * belong to is freed at the end of the run.
 */
#include <string.h>

#include "api/question_internal.h"
#include "api/run_internal.h"

static nadir_status copy_numbers(nd_job *j, double **to, const double *from, size_t count,
                                 nadir_error *error) {
  *to = nd_arena_take(j->box->arena, count * sizeof **to + 1, error);
  if (!*to) return NADIR_NO_MEMORY;
  memcpy(*to, from, count * sizeof **to);
  return NADIR_OK;
}

static nadir_status copy_names(nd_result_box *box, const char *const **to, const char *const *from,
                               size_t count, nadir_error *error) {
  const char **copy = nd_arena_take(box->arena, count * sizeof *copy + 1, error);
  if (!copy) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    ND_TRY(nd_arena_keep(box->arena, &copy[i], from[i], error));
  *to = copy;
  return NADIR_OK;
}

/* ---- the end ---- */

static nadir_status fill_causes(nd_job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  result->cause =
      nd_arena_take(j->box->arena, sizeof *result->cause * (NADIR_LAST_CAUSE + 1), error);
  if (!result->cause) return NADIR_NO_MEMORY;
  for (nadir_cause cause = 0; cause <= NADIR_LAST_CAUSE; cause++)
    if (nd_is_cause(&j->ending, cause)) result->cause[result->causes++] = cause;
  return NADIR_OK;
}

static nadir_status fill_directions(nd_job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  const nd_diagnosis *d = &j->ending.diagnosis;
  if (d->directions) {
    result->directions = d->direction_count;
    ND_TRY(copy_numbers(j, &result->direction, d->directions, d->direction_count * result->size,
                        error));
  }
  if (!d->idle) return NADIR_OK;
  result->idle = nd_arena_take(j->box->arena, result->size * sizeof *result->idle + 1, error);
  if (!result->idle) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < result->size; i++)
    result->idle[i] = d->idle[i];
  return NADIR_OK;
}

static nadir_status fill_end(nd_job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  const nd_ending *ending = &j->ending;
  const nd_reason_info *reason = nd_reason_about(j->ending.diagnosis.reason);
  result->ended = nd_ending_is(ending);
  result->stop = j->run.stop;
  result->limit_given = nd_is_typed_limit(ending);
  result->stop_update = j->run.stop_update;
  result->wrong_parameter = j->ending.wrong.parameter;
  result->gradient_given = j->ending.wrong.given;
  result->gradient_by_values = j->ending.wrong.by_values;
  result->kind = reason->point;
  result->is = reason->is;
  result->point_proved = j->ending.diagnosis.proved;
  result->reason = j->ending.diagnosis.reason;
  ND_TRY(nd_ending_exit(ending, &result->exit_status, error));
  ND_TRY(fill_directions(j, error));
  return fill_causes(j, error);
}

/* ---- what was run ---- */

/* The run's plan with what it points to; the rules last as long as the library, or as the caller's. */
static nadir_status fill_plan(nd_job *j, nadir_error *error) {
  nadir_plan *plan = &j->box->result.plan;
  double *values;
  *plan = j->run.plan;
  plan->columns = j->fitting.columns;
  plan->batch = j->fitting.settings->batch.rows;
  ND_TRY(copy_names(j->box, &plan->column, (const char *const *)j->fitting.column, plan->columns,
                    error));
  ND_TRY(copy_names(j->box, &plan->parameter, (const char *const *)j->fitting.objective->names,
                    plan->size, error));
  ND_TRY(copy_numbers(j, &values, plan->method_values, plan->method->setting_count, error));
  plan->method_values = values;
  return plan->rate_given ? nd_arena_keep(j->box->arena, &plan->rate_given, plan->rate_given, error)
                          : NADIR_OK;
}

/* What is needed to say what the slope of a line means. */
static nadir_status fill_line(nd_job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  const nd_model *model = j->fitting.model;
  bool line = model && model->is_linear && model->feature_count == 1 && model->head_count == 1 &&
              nd_node_op(model->graph, model->typed_model) == ND_LINEAR &&
              model->loss.link == ND_LINK_CENTER;
  if (!line) return NADIR_OK;
  const nd_model_parameter *slope = &model->parameters[model->size - 1];
  ND_TRY(nd_arena_keep(j->box->arena, &result->line_target, model->target_name, error));
  ND_TRY(nd_arena_keep(j->box->arena, &result->line_feature, model->feature_names[0], error));
  return nd_arena_keep(j->box->arena, &result->line_unit, slope->feature_unit, error);
}

static nadir_status fill_texts(nd_job *j, nadir_error *error) {
  nd_result_box *box = j->box;
  nadir_result *result = &box->result;
  ND_TRY(nd_arena_keep(box->arena, &result->command, j->command, error));
  ND_TRY(nd_arena_keep(box->arena, &result->formula, j->formula, error));
  ND_TRY(fill_plan(j, error));
  ND_TRY(nd_arena_keep(box->arena, &result->loss_name,
                        j->fitting.model ? j->fitting.model->loss.info.name : "", error));
  ND_TRY(nd_arena_keep(box->arena, &result->target_unit,
                        j->fitting.model ? j->fitting.model->target_unit : "", error));
  ND_TRY(fill_line(j, error));
  result->cpu = nd_engine_level();
  return fill_end(j, error);
}

/* ---- numbers ---- */

static void fill_numbers(nd_job *j) {
  nadir_result *result = &j->box->result;
  const nd_run *run = &j->run;
  result->seed = j->fitting.settings->seed;
  result->rate = run->rate;
  result->rate_highest = run->rate_highest;
  result->updates = run->updates;
  result->rows_seen = run->rows_seen;
  result->epochs = run->epochs;
  result->seconds = run->seconds;
  result->loss = run->loss;
  result->data_loss = run->data_loss;
  result->gradient_norm = run->gradient_norm;
  result->validation_loss = run->validation_loss;
  result->first_gradient = run->first_gradient;
  result->rate_left = nd_rate_left(run);
  result->tol_loss = j->fitting.settings->tol_loss;
  result->patience = j->fitting.settings->patience;
  result->curvature_max = j->ending.diagnosis.curvature_max;
  result->curvature_min = j->ending.diagnosis.curvature_min;
  result->stable_rate = j->ending.diagnosis.stable_rate;
  result->no_errors = j->ending.errors.none;
}

static void fill_fit(nd_job *j) {
  nadir_result *result = &j->box->result;
  const nd_data_counts *counts = nd_data_count(j->fitting.data);
  result->rows_read = counts->read;
  result->rows_used = counts->used;
  result->rows_dropped_where = counts->dropped_where;
  result->rows_dropped_missing = counts->dropped_missing;
  result->rows_validation = counts->validation;
  result->single_precision = counts->single;
  result->residual_sigma = j->ending.errors.residual_sigma;
  result->chi2 = j->ending.errors.chi2;
  result->degrees_of_freedom = j->ending.errors.degrees_of_freedom;
  result->condition_raw = j->ending.errors.condition_raw;
  result->condition_scaled = j->ending.errors.condition_scaled;
}

static nadir_status fill_parameters(nd_job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  double *table_w = j->start; /* no longer needed */
  const nd_objective *objective = j->fitting.objective;
  const nd_span *bounds = objective->bounds ? objective->bounds + result->size : NULL;
  nd_objective_report(objective, j->run.w, table_w);
  for (size_t i = 0; i < result->size; i++) {
    nadir_parameter *parameter = &result->parameter[i];
    const char *unit = j->fitting.model ? j->fitting.model->parameters[i].unit : "";
    ND_TRY(nd_arena_keep(j->box->arena, &parameter->name, j->fitting.objective->names[i], error));
    ND_TRY(nd_arena_keep(j->box->arena, &parameter->unit, unit, error));
    parameter->value = table_w[i];
    parameter->standard_error =
        j->fitting.model ? j->fitting.model->standard_error[i] : (double)NAN;
    parameter->determined = !(j->fitting.model && j->fitting.model->parameters[i].undetermined);
    parameter->scaled = j->run.w[i];
    parameter->digits = j->ending.offset.count ? j->ending.offset.digits[i] : -1;
    parameter->low = bounds ? bounds[i].low : -HUGE_VAL;
    parameter->high = bounds ? bounds[i].high : HUGE_VAL;
    parameter->at_bound = nd_objective_at_bound(objective, j->run.w, i);
    parameter->statistic = parameter->p_value = (double)NAN;
  }
  return NADIR_OK;
}

/* ---- parameters that are held ---- */

/* g'C g: the error carried along to first order; NaN where it is of a parameter without one. */
static double error_along(const nd_model *model, const double *gradient) {
  double sum = 0;
  if (!model->covariance) return (double)NAN;
  for (size_t i = 0; i < model->free_count; i++)
    if (gradient[i] != 0 && isnan(model->standard_error[model->free_index[i]])) return (double)NAN;
  for (size_t i = 0; i < model->free_count; i++)
    for (size_t k = 0; k < model->free_count; k++)
      sum += gradient[i] * gradient[k] * model->covariance[model->free_index[i] * model->size + model->free_index[k]];
  return sqrt(sum);
}

nadir_status nd_model_held(const nd_model *model, const nd_held *held, double *value, double *standard_error,
                           nadir_error *error) {
  size_t count = model->free_count;
  double *w = nd_new(2 * count, sizeof *w, error);
  if (!w) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    w[i] = model->value[model->free_index[i]];
  nadir_status status = nd_held_value(model->graph, held, model->free, count, w, value, w + count, error);
  *standard_error = status == NADIR_OK && held->tied ? error_along(model, w + count) : (double)NAN;
  nd_free(w);
  return status;
}

static const nd_held_list *held_of(const nd_job *j) {
  return j->fitting.model ? &j->fitting.model->held : j->expr ? &j->left.held : NULL;
}

static nadir_status value_of_held(const nd_job *j, const nd_held *held, nadir_parameter *to, nadir_error *error) {
  const nadir_parameter *all = j->box->result.parameter;
  if (j->fitting.model) return nd_model_held(j->fitting.model, held, &to->value, &to->standard_error, error);
  size_t count = j->expr->size;
  double *w = nd_new(2 * count, sizeof *w, error);
  if (!w) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    w[i] = all[i].value;
  nadir_status status =
      nd_held_value(j->expr->graph, held, j->expr->names, count, w, &to->value, w + count, error);
  nd_free(w);
  return status;
}

static nadir_status fill_one_held(nd_job *j, const nd_graph *graph, const nd_held *held, nadir_parameter *to,
                                  nadir_error *error) {
  *to = (nadir_parameter){.unit = "",
                          .standard_error = (double)NAN,
                          .scaled = (double)NAN,
                          .determined = 1,
                          .digits = -1,
                          .fixed = !held->tied,
                          .low = -HUGE_VAL,
                          .high = HUGE_VAL,
                          .statistic = (double)NAN,
                          .p_value = (double)NAN};
  ND_TRY(nd_arena_keep(j->box->arena, &to->name, nd_node_text(graph, held->name), error));
  if (held->tied) ND_TRY(nd_arena_keep(j->box->arena, &to->tie, held->text, error));
  return value_of_held(j, held, to, error);
}

static nadir_status fill_held(nd_job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  const nd_model *model = j->fitting.model;
  if (!result->held) return NADIR_OK;
  const nd_graph *graph = model ? model->graph : j->expr->graph;
  const nd_held_list *held = held_of(j);
  for (size_t i = 0; i < result->held; i++)
    ND_TRY(fill_one_held(j, graph, &held->items[i], &result->parameter[result->size + i], error));
  return NADIR_OK;
}

static nadir_status fill_offset(nd_job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  if (!j->ending.offset.count) return NADIR_OK;
  result->offset = j->ending.offset.middle;
  return nd_arena_keep(j->box->arena, &result->offset_column, j->ending.offset.column, error);
}

/* ---- what is proved ---- */

static nadir_status fill_witness(nd_job *j, const nd_witness *from, nadir_error *error) {
  size_t size = j->box->result.size, constants = from->constant_count;
  nd_witness *to = nd_arena_take(j->box->arena, sizeof *to, error);
  if (!to) return NADIR_NO_MEMORY;
  *to = *from;
  ND_TRY(copy_numbers(j, &to->p, from->p, size, error));
  ND_TRY(copy_numbers(j, &to->q, from->q, size, error));
  if (constants) ND_TRY(copy_numbers(j, &to->constants, from->constants, constants, error));
  to->constant_names =
      nd_arena_take(j->box->arena, constants * sizeof *to->constant_names + 1, error);
  if (!to->constant_names) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < constants; i++) {
    const char *copy;
    ND_TRY(nd_arena_keep(j->box->arena, &copy, from->constant_names[i], error));
    to->constant_names[i] = (char *)(uintptr_t)copy;
  }
  j->box->result.witness = to;
  return NADIR_OK;
}

static nadir_status name_bounded_losses(nd_job *j, nadir_error *error) {
  size_t count = 0;
  while (nd_loss_at(count))
    count++;
  const char **name = nd_arena_take(j->box->arena, count * sizeof *name, error);
  if (!name) return NADIR_NO_MEMORY;
  j->box->result.bounded_loss = name;
  for (size_t i = 0; i < count; i++)
    if (nd_loss_is_bounded(i)) name[j->box->result.bounded_losses++] = nd_loss_at(i)->name;
  return NADIR_OK;
}

static nadir_status fill_certificate(nd_job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  const nd_certificate *c = &j->ending.certificate;
  const nd_verdict *v = &c->verdict;
  result->convex = v->convex;
  result->concave = v->concave;
  result->affine = v->affine;
  result->strict = v->strict;
  result->exists = c->exists;
  result->by_ranges = c->by_ranges;
  result->modulus = c->modulus;
  result->optimum_gap = c->gap;
  result->no_gap = c->no_gap;
  result->proved_by = v->convex == NADIR_NOT_KNOWN ? NADIR_BY_NOTHING : v->by;
  if (c->no_gap == NADIR_NO_GAP_MODEL) ND_TRY(name_bounded_losses(j, error));
  return v->convex == NADIR_REFUTED && v->not_convex ? fill_witness(j, v->not_convex, error)
                                                     : NADIR_OK;
}

/* Of a formula that is not proved convex all that is known of it is kept. */
static nadir_status give_verdict(nd_job *j, nadir_error *error) {
  nd_certificate *c = &j->ending.certificate;
  const nadir_expr *expr = j->expr;
  if (!expr || c->cut || c->verdict.convex == NADIR_PROVED) return NADIR_OK;
  nd_question asked = {.parameters = expr->names, .parameter_count = expr->size};
  ND_TRY(nd_name_question(expr, &asked, &c->verdict.formula, &c->verdict.parameter, error));
  nadir_convexity *to = nd_new(1, sizeof *to, error);
  if (!to) return NADIR_NO_MEMORY;
  *to = c->verdict;
  c->verdict = (nd_verdict){0};
  j->box->result.convexity = to;
  return NADIR_OK;
}

static nadir_status fill_start(nd_job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  result->start_from = j->start_from;
  ND_TRY(copy_numbers(j, &result->start, j->run.start, result->size, error));
  nd_objective_report(j->fitting.objective, j->run.start, result->start);
  return NADIR_OK;
}

static nadir_status fill_peaks(nd_job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  size_t bytes = j->peaks.count * sizeof *j->peaks.peak;
  nadir_fit_peak *list = nd_arena_take(j->box->arena, bytes + 1, error);
  if (!list) return NADIR_NO_MEMORY;
  memcpy(list, j->peaks.peak, bytes);
  result->peak = list;
  result->peaks = j->peaks.count;
  return NADIR_OK;
}

static nadir_status fill_minima(nd_job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  const nd_minima *minima = &j->minima;
  result->minimum =
      nd_arena_take(j->box->arena, minima->count * sizeof *result->minimum + 1, error);
  if (!result->minimum) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < minima->count; i++) {
    const nd_minimum *from = &minima->list[i];
    double *w;
    ND_TRY(copy_numbers(j, &w, from->w, minima->size, error));
    result->minimum[i] = (nadir_minimum){from->loss, from->chi2, w, from->reached, from->point};
  }
  result->minima = minima->count;
  result->starts_lost = minima->lost;
  return NADIR_OK;
}

/* ---- all of it ---- */

static nadir_status warn_of_causes(nd_job *j, nadir_error *error) {
  const nadir_result *result = &j->box->result;
  for (size_t i = 0; i < result->causes; i++)
    ND_TRY(nd_warn(
        &j->fitting.teller,
        &(nadir_warning){.kind = NADIR_WARN_CAUSE, .cause = result->cause[i], .result = result},
        error));
  return NADIR_OK;
}

nadir_status nd_fill_result(nd_job *j, nadir_error *error) {
  const nd_held_list *held = held_of(j);
  ND_TRY(nd_result_new(&j->box, j->fitting.objective->problem.size, held ? held->count : 0, error));
  ND_TRY(fill_texts(j, error));
  fill_numbers(j);
  if (j->fitting.data) fill_fit(j);
  ND_TRY(fill_parameters(j, error));
  ND_TRY(fill_held(j, error));
  ND_TRY(fill_offset(j, error));
  ND_TRY(fill_start(j, error));
  ND_TRY(fill_peaks(j, error));
  if (j->fitting.data) ND_TRY(nd_fill_uncertainty(j, error));
  ND_TRY(fill_certificate(j, error));
  ND_TRY(fill_minima(j, error));
  ND_TRY(warn_of_causes(j, error));
  return give_verdict(j, error);
}
