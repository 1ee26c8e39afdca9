/* Runs: a formula, a callback or a table becomes an objective, is descended, diagnosed, and put
 * into a result. The three differ in how the objective is made; all else is shared.
 */
#include <stdio.h>
#include <string.h>

#include "api/question_internal.h"
#include "judge/ending.h"
#include "judge/starts.h"
#include "tell/tell.h"

/* What a run needs while it lasts; everything is freed at its end but what the result took over. */
typedef struct job {
  const char *command, *formula;
  nd_fitting fitting; /* without pool, model and data for formulas and callbacks */
  nd_run run;
  nd_diagnosis diagnosis;
  nd_result_box *box;
  double *start;
  nd_certificate certificate;
  nd_minima minima; /* with --starts */
  nd_errors errors; /* of fits */
  nd_offset offset;
  nd_survey survey;
  nd_wrong_gradient wrong; /* of callbacks */
} job;

static void job_free(job *j) {
  nd_run_clear(&j->run);
  nd_diagnosis_clear(&j->diagnosis);
  nd_certificate_clear(&j->certificate);
  nd_minima_clear(&j->minima);
  nd_offset_clear(&j->offset);
  nd_fitting_free(&j->fitting);
  nd_free(j->start);
  if (j->box) nadir_result_free(&j->box->result);
}

/* ---- the start ---- */

static nadir_status assign_starts(const nd_assignment *list, size_t count, char *const *names,
                                  size_t size, double *start, nadir_error *error) {
  for (size_t i = 0; i < count; i++) {
    size_t at;
    ND_TRY(nd_find_parameter("start", list[i].name, (const char *const *)names, size, &at, error));
    start[at] = list[i].value;
  }
  return NADIR_OK;
}

/* Replaces those components of start that --start names. */
static nadir_status start_of_names(const nadir_settings *settings, char *const *names, size_t size,
                                   double *start, nadir_error *error) {
  nd_assignment *list;
  size_t count;
  if (!*settings->start) return NADIR_OK;
  ND_TRY(nd_assignments_read("start", settings->start, true, &list, &count, error));
  nadir_status status = assign_starts(list, count, names, size, start, error);
  nd_assignments_free(list, count);
  return status;
}

/* Zero in descent coordinates, or drawn there, or as typed in the table's coordinates. */
static nadir_status choose_start(job *j, nadir_error *error) {
  size_t size = j->fitting.objective->problem.size;
  j->start = nd_new(size, sizeof(double), error);
  if (!j->start) return NADIR_NO_MEMORY;
  if (j->minima.count) {
    const nd_minimum *best = &j->minima.list[0];
    memcpy(j->start, j->minima.cut ? best->w : best->start, size * sizeof *j->start);
    return NADIR_OK;
  }
  if (j->fitting.model) {
    nd_model_start(j->fitting.model, j->fitting.settings, j->start);
    return NADIR_OK;
  }
  if (nd_start_is_random(j->fitting.settings)) {
    nd_random_start(j->fitting.settings, j->start, size);
    return NADIR_OK;
  }
  return start_of_names(j->fitting.settings, j->fitting.objective->names, size, j->start, error);
}

/* ---- the end ---- */

static nadir_status copy_numbers(job *j, double **to, const double *from, size_t count,
                                 nadir_error *error) {
  *to = nd_arena_take(j->box->arena, count * sizeof **to + 1, error);
  if (!*to) return NADIR_NO_MEMORY;
  memcpy(*to, from, count * sizeof **to);
  return NADIR_OK;
}

/* The models of the classes are determined up to one that is added to all of them. */
static size_t flat_by_form(const nd_model *model) {
  bool softmax = model && model->target_kind == ND_TARGET_CLASS && model->class_count > 0;
  return softmax ? model->size / model->class_count : 0;
}

static nd_ending ending_of(const job *j) {
  return (nd_ending){.settings = j->fitting.settings,
                     .run = &j->run,
                     .diagnosis = &j->diagnosis,
                     .survey = j->fitting.model ? &j->survey : NULL,
                     .errors = &j->errors,
                     .offset = j->offset.count ? &j->offset : NULL,
                     .wrong = &j->wrong,
                     .convex = j->certificate.verdict.convex == NADIR_PROVED,
                     .fit = j->fitting.model != NULL,
                     .names = j->fitting.objective->names,
                     .size = j->fitting.objective->problem.size,
                     .flat_by_form = flat_by_form(j->fitting.model)};
}

static nadir_status fill_causes(job *j, const nd_ending *ending, nadir_error *error) {
  nadir_result *result = &j->box->result;
  result->cause = nd_arena_take(j->box->arena, sizeof *result->cause * (NADIR_LAST_CAUSE + 1), error);
  if (!result->cause) return NADIR_NO_MEMORY;
  for (nadir_cause cause = 0; cause <= NADIR_LAST_CAUSE; cause++)
    if (nd_is_cause(ending, cause)) result->cause[result->causes++] = cause;
  return NADIR_OK;
}

static nadir_status fill_directions(job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  const nd_diagnosis *d = &j->diagnosis;
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

static nadir_status fill_end(job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  nd_ending ending = ending_of(j);
  const nd_reason_info *reason = nd_reason_about(j->diagnosis.reason);
  result->ended = nd_ending_is(&ending);
  result->stop = j->run.stop;
  result->limit_given = nd_is_typed_limit(&ending);
  result->stop_update = j->run.stop_update;
  result->wrong_parameter = j->wrong.parameter;
  result->gradient_given = j->wrong.given;
  result->gradient_by_values = j->wrong.by_values;
  result->kind = reason->point;
  result->is = reason->is;
  result->point_proved = j->diagnosis.proved;
  result->reason = j->diagnosis.reason;
  ND_TRY(nd_ending_exit(&ending, &result->exit_status, error));
  ND_TRY(fill_directions(j, error));
  return fill_causes(j, &ending, error);
}

/* ---- filling the result ---- */

static nadir_status copy_names(nd_result_box *box, const char *const **to, const char *const *from,
                               size_t count, nadir_error *error) {
  const char **copy = nd_arena_take(box->arena, count * sizeof *copy + 1, error);
  if (!copy) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    ND_TRY(nd_result_text(box, &copy[i], from[i], error));
  *to = copy;
  return NADIR_OK;
}

/* The run's plan with what it points to; the rules last as long as the library, or as the caller's. */
static nadir_status fill_plan(job *j, nadir_error *error) {
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
  return plan->rate_given ? nd_result_text(j->box, &plan->rate_given, plan->rate_given, error)
                          : NADIR_OK;
}

/* What is needed to say what the slope of a line means. */
static nadir_status fill_line(job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  const nd_model *model = j->fitting.model;
  bool line = model && model->is_linear && model->feature_count == 1 && model->head_count == 1 &&
              nd_node_op(model->graph, model->typed_model) == ND_LINEAR &&
              model->loss.link == ND_LINK_CENTER;
  if (!line) return NADIR_OK;
  const nd_model_parameter *slope = &model->parameters[model->size - 1];
  ND_TRY(nd_result_text(j->box, &result->line_target, model->target_name, error));
  ND_TRY(nd_result_text(j->box, &result->line_feature, model->feature_names[0], error));
  return nd_result_text(j->box, &result->line_unit, slope->feature_unit, error);
}

static nadir_status fill_texts(job *j, nadir_error *error) {
  nd_result_box *box = j->box;
  nadir_result *result = &box->result;
  ND_TRY(nd_result_text(box, &result->command, j->command, error));
  ND_TRY(nd_result_text(box, &result->formula, j->formula, error));
  ND_TRY(fill_plan(j, error));
  ND_TRY(nd_result_text(box, &result->loss_name,
                        j->fitting.model ? j->fitting.model->loss.info.name : "", error));
  ND_TRY(nd_result_text(box, &result->target_unit,
                        j->fitting.model ? j->fitting.model->target_unit : "", error));
  ND_TRY(fill_line(j, error));
  result->cpu = nd_engine_level();
  return fill_end(j, error);
}

static void fill_numbers(job *j) {
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
  result->curvature_max = j->diagnosis.curvature_max;
  result->curvature_min = j->diagnosis.curvature_min;
  result->stable_rate = j->diagnosis.stable_rate;
}

static void fill_fit(job *j) {
  nadir_result *result = &j->box->result;
  const nd_data_counts *counts = nd_data_count(j->fitting.data);
  result->rows_read = counts->read;
  result->rows_used = counts->used;
  result->rows_dropped_where = counts->dropped_where;
  result->rows_dropped_missing = counts->dropped_missing;
  result->rows_validation = counts->validation;
  result->single_precision = counts->single;
  result->residual_sigma = j->errors.residual_sigma;
  result->chi2 = j->errors.chi2;
  result->degrees_of_freedom = j->errors.degrees_of_freedom;
  result->condition_raw = j->errors.condition_raw;
  result->condition_scaled = j->errors.condition_scaled;
}

static nadir_status fill_parameters(job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  double *table_w = j->start; /* no longer needed */
  j->fitting.objective->to_table(j->fitting.objective, j->run.w, table_w);
  for (size_t i = 0; i < result->size; i++) {
    nadir_parameter *parameter = &result->parameter[i];
    const char *unit = j->fitting.model ? j->fitting.model->parameters[i].unit : "";
    ND_TRY(nd_result_text(j->box, &parameter->name, j->fitting.objective->names[i], error));
    ND_TRY(nd_result_text(j->box, &parameter->unit, unit, error));
    parameter->value = table_w[i];
    parameter->standard_error =
        j->fitting.model ? j->fitting.model->standard_error[i] : (double)NAN;
    parameter->determined = !(j->fitting.model && j->fitting.model->parameters[i].undetermined);
    parameter->scaled = j->run.w[i];
    parameter->digits = j->offset.count ? j->offset.digits[i] : -1;
  }
  return NADIR_OK;
}

static void fill_no_errors(job *j) {
  nadir_result *result = &j->box->result;
  bool some = false;
  for (size_t i = 0; i < result->size; i++)
    some = some || !isnan(result->parameter[i].standard_error);
  nadir_no_errors none = !j->fitting.model ? NADIR_ERRORS_OF_FORMULA : j->errors.none;
  if (none == NADIR_ERRORS_GIVEN && !some) none = NADIR_ERRORS_UNDETERMINED;
  result->no_errors = none;
}

static nadir_status fill_offset(job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  if (!j->offset.count) return NADIR_OK;
  result->offset = j->offset.middle;
  return nd_result_text(j->box, &result->offset_column, j->offset.column, error);
}

static void take_warnings(job *j) {
  j->box->warned = nd_take_warnings(&j->fitting.teller);
  j->box->result.warning = j->box->warned.warning;
  j->box->result.warnings = j->box->warned.count;
}

static nadir_status fill_witness(job *j, const nd_witness *from, nadir_error *error) {
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
    ND_TRY(nd_result_text(j->box, &copy, from->constant_names[i], error));
    to->constant_names[i] = (char *)(uintptr_t)copy;
  }
  j->box->result.witness = to;
  return NADIR_OK;
}

static nadir_status fill_certificate(job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  const nd_certificate *c = &j->certificate;
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
  return v->convex == NADIR_REFUTED && v->not_convex ? fill_witness(j, v->not_convex, error)
                                                     : NADIR_OK;
}

/* Of a formula that is not proved convex all that is known of it is kept. */
static nadir_status give_verdict(job *j, nadir_error *error) {
  nd_verdict *from = &j->certificate.verdict;
  if (!from->formula || from->convex == NADIR_PROVED) return NADIR_OK;
  nadir_convexity *to = nd_new(1, sizeof *to, error);
  if (!to) return NADIR_NO_MEMORY;
  *to = *from;
  *from = (nd_verdict){0};
  j->box->result.convexity = to;
  return NADIR_OK;
}

static nadir_status fill_minima(job *j, nadir_error *error) {
  nadir_result *result = &j->box->result;
  const nd_minima *minima = &j->minima;
  result->minimum =
      nd_arena_take(j->box->arena, minima->count * sizeof *result->minimum + 1, error);
  if (!result->minimum) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < minima->count; i++) {
    const nd_minimum *from = &minima->list[i];
    double *w;
    ND_TRY(copy_numbers(j, &w, from->w, minima->size, error));
    result->minimum[i] = (nadir_minimum){from->loss, w, from->reached, from->point};
  }
  result->minima = minima->count;
  result->starts_lost = minima->lost;
  return NADIR_OK;
}

static bool is_at_minimum(const job *j) {
  return nd_reason_about(j->diagnosis.reason)->point == NADIR_MINIMUM;
}

/* ---- what is left when the time is up ---- */

/* For all that is asked of the end of a run: some seconds, or in proportion to the run. */
static double seconds_to_judge(const job *j) {
  return fmax(3, 10 * j->run.seconds);
}

static bool is_cut(nadir_status *status) {
  bool cut = *status == NADIR_ENDED;
  if (cut) *status = NADIR_OK;
  return cut;
}

static nadir_no_gap why_cut(const job *j) {
  return nd_is_over(&j->fitting.until) == ND_OVER_ASKED ? NADIR_NO_GAP_INTERRUPTED : NADIR_NO_GAP_TIME;
}

/* No verdict, no gap. */
static void forget_certificate(job *j) {
  nd_certificate *c = &j->certificate;
  nd_certificate_clear(c);
  c->verdict = (nd_verdict){.modulus = (double)NAN, .size = j->fitting.objective->problem.size};
  c->modulus = c->gap = (double)NAN;
  c->no_gap = why_cut(j);
}

static nadir_status or_no_certificate(job *j, nadir_status status) {
  if (is_cut(&status)) forget_certificate(j);
  return status;
}

static void forget_diagnosis(job *j) {
  bool asked = nd_is_over(&j->fitting.until) == ND_OVER_ASKED;
  double nan = (double)NAN;
  nd_diagnosis_clear(&j->diagnosis);
  j->diagnosis = (nd_diagnosis){.reason = asked ? NADIR_REASON_INTERRUPTED : NADIR_REASON_OUT_OF_TIME,
                                .curvature_max = nan,
                                .curvature_min = nan,
                                .stable_rate = nan};
}

/* ---- the part that all runs share ---- */

/* These take the length of a step from the slope, which is not a guide across a kink. */
static nadir_status warn_of_kinks(job *j, nadir_error *error) {
  bool jams = j->fitting.objective->kinked && (j->run.method.optimizer->traits & NADIR_SELF_SIZING);
  bool blamed = j->diagnosis.reason == NADIR_REASON_KINK || j->diagnosis.reason == NADIR_REASON_LOST;
  if (!jams || !blamed || j->run.stop == NADIR_STOP_SIGNAL) return NADIR_OK;
  return nd_warn(
      &j->fitting.teller,
      &(nadir_warning){.kind = NADIR_WARN_KINKS, .method = j->run.method.optimizer->name}, error);
}

static nadir_status warn_of_causes(job *j, nadir_error *error) {
  const nadir_result *result = &j->box->result;
  for (size_t i = 0; i < result->causes; i++)
    ND_TRY(nd_warn(
        &j->fitting.teller,
        &(nadir_warning){.kind = NADIR_WARN_CAUSE, .cause = result->cause[i], .result = result},
        error));
  return warn_of_kinks(j, error);
}

static bool has_errors(const job *j) {
  const nd_model *model = j->fitting.model;
  for (size_t i = 0; model && i < model->size; i++)
    if (!(model->standard_error[i] > 0)) return false;
  return model != NULL;
}

/* What rounding may change the loss by: by the sizes of target and model or, where the residuals are
 * known, of the terms that they are sums of. */
static nadir_status noise_of(const job *j, double *noise, nadir_error *error) {
  const nadir_problem *problem = &j->fitting.objective->problem;
  double by_terms = 0;
  if (problem->factor)
    ND_TRY(problem->rounding(problem->context, j->run.w,
                             j->run.loss / j->fitting.objective->loss_factor, &by_terms, error));
  *noise = fmax(j->survey.noise, by_terms);
  return NADIR_OK;
}

/* Decides the kind of the point, with all that is proved, and what follows from it. */
static nadir_status judge_point(job *j, nadir_error *error) {
  const nd_verdict *verdict = &j->certificate.verdict;
  nd_known_of_run known = {.convex = verdict->convex == NADIR_PROVED,
                           .affine = verdict->affine == NADIR_PROVED,
                           .exists = j->certificate.exists,
                           .strictly =
                               verdict->convex == NADIR_PROVED && isfinite(j->certificate.gap),
                           .nowhere = j->certificate.nowhere,
                           .gap = j->certificate.gap / j->fitting.objective->loss_factor,
                           .least = -HUGE_VAL};
  if (j->fitting.model) {
    ND_TRY(nd_survey_rows(j->fitting.objective, j->fitting.settings, &j->survey, error));
    known.rounding = j->survey.rounding;
    ND_TRY(noise_of(j, &known.noise, error));
    known.least = j->fitting.model->loss.least;
    known.standard_error = has_errors(j) ? j->fitting.model->standard_error : NULL;
  }
  ND_TRY(nd_diagnose(j->fitting.objective, &j->run, &known, &j->diagnosis, error));
  if (j->run.scales)
    ND_TRY(nd_curvature_in(j->run.scales, j->fitting.objective, j->run.w,
                           &j->diagnosis.curvature_max, &j->diagnosis.curvature_min, error));
  return nd_go_on(&j->fitting.until, error);
}

static nadir_status find_stable_rate(job *j, nadir_error *error) {
  double *rate = &j->diagnosis.stable_rate;
  nadir_status status =
      nd_stable_rate(j->fitting.objective, j->fitting.settings, &j->run, j->run.method.values,
                     is_at_minimum(j), j->diagnosis.curvature_max, rate, error);
  if (status == NADIR_OK) status = nd_go_on(&j->fitting.until, error);
  if (is_cut(&status)) *rate = (double)NAN;
  return status;
}

/* Where the values of a callback contradict its gradient, no more is known. */
static nadir_status look_for_contradiction(job *j, nadir_error *error) {
  nd_objective *objective = j->fitting.objective;
  if (!objective->look_for_contradiction || j->run.stop == NADIR_STOP_SIGNAL) return NADIR_OK;
  nadir_status status = objective->look_for_contradiction(objective, j->run.w, &j->wrong, error);
  if (is_cut(&status)) j->wrong.found = false;
  return status;
}

static nadir_status judge(job *j, nadir_error *error) {
  ND_TRY(look_for_contradiction(j, error));
  if (j->wrong.found) {
    forget_diagnosis(j);
    j->diagnosis.reason = NADIR_REASON_GRADIENT;
    return NADIR_OK;
  }
  nadir_status status = judge_point(j, error);
  if (is_cut(&status)) forget_diagnosis(j);
  ND_TRY(status);
  return find_stable_rate(j, error);
}

static nadir_status descend(job *j, nadir_error *error) {
  ND_TRY(choose_start(j, error));
  ND_TRY(nd_descend(j->fitting.objective, j->fitting.settings, j->start, &j->fitting.teller,
                    &j->run, error));
  nd_fitting_allow(&j->fitting, seconds_to_judge(j));
  return NADIR_OK;
}

static nadir_status fill_result(job *j, nadir_error *error) {
  ND_TRY(nd_result_new(&j->box, j->fitting.objective->problem.size, error));
  ND_TRY(fill_texts(j, error));
  fill_numbers(j);
  if (j->fitting.data) fill_fit(j);
  ND_TRY(fill_parameters(j, error));
  fill_no_errors(j);
  ND_TRY(fill_offset(j, error));
  ND_TRY(fill_certificate(j, error));
  ND_TRY(fill_minima(j, error));
  return warn_of_causes(j, error);
}

/* Hand the box over to the caller with the trace. */
static nadir_result *give(job *j) {
  nadir_result *result = &j->box->result;
  take_warnings(j);
  result->trace = j->run.trace;
  j->run.trace = NULL;
  j->box = NULL;
  return result;
}

/* ---- formulas and callbacks ---- */

/* --starts: the answer is the descent from the best of them, made again for its trace. */
static nadir_status choose_best_start(job *j, const nadir_expr *expr, nadir_error *error) {
  size_t size = expr->size;
  if (!j->fitting.settings->starts) return NADIR_OK;
  nd_span *box = nd_new(size, sizeof *box, error);
  if (!box) return NADIR_NO_MEMORY;
  nadir_status status = nd_spans_read(expr, j->fitting.settings, &j->fitting.teller, box, error);
  if (status == NADIR_OK)
    status = nd_find_minima(j->fitting.objective, j->fitting.settings, box, &j->fitting.teller,
                            &j->minima, error);
  nd_free(box);
  return status;
}

static nadir_status certify_formula(job *j, const nadir_expr *expr, nadir_error *error) {
  nd_certificate *c = &j->certificate;
  nd_question asked = {.parameters = expr->names, .parameter_count = expr->size};
  ND_TRY(nd_certify_formula(j->fitting.objective, j->fitting.settings, &j->run, c, error));
  return nd_name_question(expr, &asked, &c->verdict.formula, &c->verdict.parameter, error);
}

static nadir_status minimize(job *j, const nadir_expr *expr, nadir_error *error) {
  ND_TRY(nd_objective_of_formula(&j->fitting.objective, expr, j->fitting.settings, error));
  nd_fitting_bind(&j->fitting);
  ND_TRY(choose_best_start(j, expr, error));
  ND_TRY(descend(j, error));
  ND_TRY(or_no_certificate(j, certify_formula(j, expr, error)));
  ND_TRY(judge(j, error));
  ND_TRY(fill_result(j, error));
  return give_verdict(j, error);
}

static nadir_status minimize_function(job *j, nadir_error *error) {
  nd_fitting_bind(&j->fitting);
  ND_TRY(descend(j, error));
  j->certificate.modulus = j->certificate.gap = (double)NAN;
  ND_TRY(judge(j, error));
  return fill_result(j, error);
}

nadir_status nadir_minimize(const nadir_expr *expr, const nadir_settings *settings,
                            const nadir_listener *listener, nadir_result **result,
                            nadir_error *error) {
  ND_TO_NEAREST;
  job j = {.command = "minimize", .formula = expr->text};
  *result = NULL;
  ND_TRY(nd_fitting_begin(&j.fitting, settings, listener, error));
  if (expr->size == 0)
    return nd_fail(error, NADIR_BAD_FORMULA,
                   "formula: it has no parameter: write one with a name in it, as in '(x-1)^2'");
  nadir_status status = minimize(&j, expr, error);
  if (status == NADIR_OK) *result = give(&j);
  job_free(&j);
  return status;
}

nadir_status nadir_minimize_function(const nadir_function *function, const nadir_settings *settings,
                                     const nadir_listener *listener, nadir_result **result,
                                     nadir_error *error) {
  ND_TO_NEAREST;
  job j = {.command = "minimize", .formula = ""};
  *result = NULL;
  ND_TRY(nd_fitting_begin(&j.fitting, settings, listener, error));
  nadir_status status = nd_objective_of_function(&j.fitting.objective, function, settings, error);
  if (status == NADIR_OK) status = minimize_function(&j, error);
  if (status == NADIR_OK) *result = give(&j);
  job_free(&j);
  return status;
}

/* ---- fits ---- */

/* "a and b are not determined ...: only a + b is": along a null vector (u, v) it is a - u/v b that
 * stays. */
static nadir_status tell_undetermined(job *j, nadir_error *error) {
  const nd_model *model = j->fitting.model;
  const double *along = j->errors.along;
  const char **name = nd_arena_take(j->box->arena, model->size * sizeof *name, error);
  nadir_warning w = {.kind = NADIR_WARN_UNDETERMINED, .name = name};
  if (!name) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < model->size; i++)
    if (model->parameters[i].undetermined) name[w.names++] = model->parameters[i].name;
  w.count = w.names;
  if (w.names == 2 && along[0] != 0 && along[1] != 0) w.number = -along[0] / along[1];
  return w.names ? nd_warn(&j->fitting.teller, &w, error) : NADIR_OK;
}

/* Once: the cause, where there is one, says more. */
static nadir_status warn_of_undetermined(job *j, nadir_error *error) {
  nd_ending ending = ending_of(j);
  bool diverged = nd_stop_amounts_to(j->run.stop) == ND_ENDED_DIVERGED;
  if (diverged || nd_is_cause(&ending, NADIR_CAUSE_COLLINEAR) || nd_is_cause(&ending, NADIR_CAUSE_OFFSET))
    return NADIR_OK;
  return tell_undetermined(j, error);
}

static nadir_status find_errors(job *j, nadir_error *error) {
  nd_model_set(j->fitting.model, j->run.w);
  nadir_status status = nd_standard_errors(j->fitting.model, j->fitting.data, j->fitting.objective,
                                           j->run.w, &j->errors, error);
  if (is_cut(&status)) j->errors.none = NADIR_ERRORS_TIME; /* and the numbers are NaN */
  if (status == NADIR_OK) status = nd_find_offset(j->fitting.objective, &j->offset, error);
  (void)is_cut(&status);
  return status;
}

/* An error bar says how far from the minimum the truth may be: elsewhere it says nothing. */
static void withhold_errors(job *j) {
  nd_model *model = j->fitting.model;
  if (is_at_minimum(j)) return;
  if (j->errors.none == NADIR_ERRORS_GIVEN) j->errors.none = NADIR_ERRORS_ELSEWHERE;
  for (size_t i = 0; i < model->size; i++)
    model->standard_error[i] = (double)NAN;
  nd_free(model->covariance);
  model->covariance = NULL;
}

/* Ill-conditioned and out of time: say how much longer it would take. A constant rate of 1/M
 * shrinks the error by 1 - 1/condition an update, so a digit costs 2.3 condition updates. */
static nadir_status warn_of_condition(job *j, nadir_error *error) {
  double condition = j->errors.condition_scaled;
  bool short_of_it = j->run.stop == NADIR_STOP_UPDATES && !j->fitting.settings->updates.is_number;
  if (!short_of_it || !(condition > 1e3) || !isfinite(condition) ||
      !j->run.method.optimizer->stable_rate)
    return NADIR_OK;
  bool scaled = j->fitting.settings->scale != ND_SCALE_NONE;
  return nd_warn(
      &j->fitting.teller,
      &(nadir_warning){.kind = scaled ? NADIR_WARN_CONDITION_SCALED : NADIR_WARN_CONDITION,
                       .method = j->run.method.optimizer->name,
                       .number = condition,
                       .second = 2.3 * condition},
      error);
}

static nadir_status copy_files(nd_origin *origin, const nd_table *table, nadir_error *error) {
  size_t count = nd_table_files(table);
  origin->files = nd_new(count, sizeof *origin->files, error);
  if (!origin->files) return NADIR_NO_MEMORY;
  for (origin->file_count = 0; origin->file_count < count; origin->file_count++) {
    const char *name = nd_table_file(table, origin->file_count);
    if (!(origin->files[origin->file_count] = nd_copy_text(name, strlen(name), error)))
      return NADIR_NO_MEMORY;
  }
  return NADIR_OK;
}

/* The model passes from the job to the result. */
static nadir_status give_model(job *j, const nd_table *table, nadir_error *error) {
  nadir_model *model = j->box->result.model = nd_new(1, sizeof *model, error);
  if (!model) return NADIR_NO_MEMORY;
  ND_TRY(nd_settings_copy(&model->settings, j->fitting.settings, error));
  ND_TRY(copy_files(&model->origin, table, error));
  model->origin.hash = nd_table_hash(table);
  model->origin.rows_read = nd_data_count(j->fitting.data)->read;
  model->origin.rows_used = nd_data_count(j->fitting.data)->used;
  model->loss = j->run.loss;
  model->model = j->fitting.model;
  j->fitting.model = NULL;
  nd_set_classes(model);
  ND_TRY(nd_list_contents(model, error));
  j->box->result.classes = nadir_model_classes(model);
  return NADIR_OK;
}

static nadir_status fit(job *j, const nd_table *table, const nadir_settings *settings,
                        const nadir_listener *listener, nadir_error *error) {
  ND_TRY(nd_fitting_new(&j->fitting, table, j->formula, settings, listener, error));
  ND_TRY(descend(j, error));
  ND_TRY(find_errors(j, error));
  ND_TRY(warn_of_condition(j, error));
  ND_TRY(or_no_certificate(j, nd_certify_fit(j->fitting.model, j->fitting.objective, settings,
                                             &j->run, &j->certificate, error)));
  ND_TRY(judge(j, error));
  withhold_errors(j);
  ND_TRY(fill_result(j, error));
  return warn_of_undetermined(j, error);
}

nadir_status nadir_fit(nadir_table *table, const char *formula, const nadir_settings *settings,
                       const nadir_listener *listener, nadir_result **result, nadir_error *error) {
  ND_TO_NEAREST;
  job j = {.command = "fit", .formula = formula};
  *result = NULL;
  nadir_status status = fit(&j, table->table, settings, listener, error);
  nd_objective_free(j.fitting.objective); /* it borrows the model, which passes on */
  j.fitting.objective = NULL;
  if (status == NADIR_OK) status = give_model(&j, table->table, error);
  if (status == NADIR_OK) *result = give(&j);
  job_free(&j);
  return status;
}
