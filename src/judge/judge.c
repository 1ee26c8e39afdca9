/* The end of a run, judged: standard errors, what is proved of the objective, the kind of the point, the
 * stable rate, each from those before it. Each may take passes over the rows, so that together they have a
 * time of their own; when it is over, or an end is asked for, what is still to be found is "not known". */
#include "judge/ending.h"

static bool is_at_minimum(const nd_ending *e) {
  return nd_reason_about(e->diagnosis.reason)->point == NADIR_MINIMUM;
}

/* ---- what is left when the time is up ---- */

static bool is_cut(nadir_status *status) {
  bool cut = *status == NADIR_ENDED;
  if (cut) *status = NADIR_OK;
  return cut;
}

static bool is_interrupted(const nd_ending *e) {
  return nd_is_over(&e->fitting->until) == ND_OVER_ASKED;
}

/* No verdict, no gap. */
static void forget_certificate(nd_ending *e) {
  double nan = (double)NAN;
  nd_certificate_clear(&e->certificate);
  e->certificate =
      (nd_certificate){.verdict = {.modulus = nan, .size = e->fitting->objective->problem.size},
                       .cut = true,
                       .modulus = nan,
                       .gap = nan,
                       .no_gap = is_interrupted(e) ? NADIR_NO_GAP_INTERRUPTED : NADIR_NO_GAP_TIME};
}

static void forget_diagnosis(nd_ending *e, nadir_reason reason) {
  double nan = (double)NAN;
  nd_diagnosis_clear(&e->diagnosis);
  e->diagnosis = (nd_diagnosis){
      .reason = reason, .curvature_max = nan, .curvature_min = nan, .stable_rate = nan};
}

/* ---- errors ---- */

static void take_parameters(const nd_ending *e) {
  const nd_fitting *f = e->fitting;
  nd_model_set(f->model, e->run->w);
  nd_objective_report(f->objective, e->run->w, f->model->value);
}

static nadir_status find_errors(nd_ending *e, nadir_error *error) {
  nd_fitting *f = e->fitting;
  take_parameters(e);
  nadir_status status =
      nd_standard_errors(f->settings->errors.kind, f->objective, e->run->w, &e->errors, error);
  if (is_cut(&status)) e->errors.none = NADIR_ERRORS_TIME; /* and the numbers are NaN */
  if (status == NADIR_OK && !e->quick) status = nd_find_offset(f->objective, &e->offset, error);
  (void)is_cut(&status);
  return status;
}

/* An error bar says how far from the minimum the truth may be: elsewhere it says nothing. */
static void withhold_errors(nd_ending *e) {
  nd_model *model = e->fitting->model;
  if (is_at_minimum(e)) return;
  e->errors.by = NADIR_ERRORS_BY_NOTHING;
  if (e->errors.none == NADIR_ERRORS_GIVEN) e->errors.none = NADIR_ERRORS_ELSEWHERE;
  for (size_t i = 0; i < model->size; i++)
    model->standard_error[i] = (double)NAN;
  nd_free(model->covariance);
  model->covariance = NULL;
}

static void say_why_no_errors(nd_ending *e) {
  const nd_model *model = e->fitting->model;
  bool some = false;
  for (size_t i = 0; i < model->size; i++)
    some = some || !isnan(model->standard_error[i]);
  if (e->errors.none == NADIR_ERRORS_GIVEN && !some) e->errors.none = NADIR_ERRORS_UNDETERMINED;
  if (e->errors.none != NADIR_ERRORS_GIVEN) e->errors.by = NADIR_ERRORS_BY_NOTHING;
}

static bool has_errors(const nd_model *model) {
  for (size_t i = 0; i < model->size; i++)
    if (!(model->standard_error[i] > 0)) return false;
  return true;
}

/* ---- intervals ---- */

/* Of an end that is one, be it that of a stochastic descent. */
static nadir_status find_bootstrap(nd_ending *e, const double *levels, size_t count,
                                   nadir_error *error) {
  const nd_fitting *f = e->fitting;
  if (!is_at_minimum(e) && f->settings->batch.rows == 0) {
    e->errors.none = NADIR_ERRORS_ELSEWHERE;
    return NADIR_OK;
  }
  ND_TRY(nd_find_bootstrap(e->fitting, e->run->w, f->settings->errors.refits, levels, count,
                           &e->bootstrap, &e->profiles, &e->profile_count, error));
  bool found = f->model->covariance != NULL;
  e->errors.by = found ? NADIR_ERRORS_BY_BOOTSTRAP : NADIR_ERRORS_BY_NOTHING;
  e->errors.none = found                                               ? NADIR_ERRORS_GIVEN
                   : e->bootstrap.refits < f->settings->errors.refits ? NADIR_ERRORS_TIME
                                                                       : NADIR_ERRORS_REFITS;
  return NADIR_OK;
}

/* What the settings ask for, where the errors are those of a rise of the loss, or of a bootstrap. */
static nadir_status find_intervals(nd_ending *e, const double *levels, size_t count,
                                   nadir_error *error) {
  const nd_errors *errors = &e->errors;
  bool rises = errors->by == NADIR_ERRORS_BY_SQUARES || errors->by == NADIR_ERRORS_BY_HESSIAN;
  if (e->fitting->settings->errors.kind == ND_ERRORS_BOOTSTRAP)
    return find_bootstrap(e, levels, count, error);
  if (count == 0 || !rises) return NADIR_OK;
  return nd_find_profiles(e->fitting->objective, errors, e->run->w, levels, count, &e->profiles,
                          &e->profile_count, error);
}

static nadir_status find_what_has_levels(nd_ending *e, nadir_error *error) {
  const char *text = e->fitting->settings->intervals;
  double *levels = NULL;
  size_t count = 0;
  if (!nd_is_none(text)) ND_TRY(nd_numbers_read(text, &levels, &count, error));
  nadir_status status = find_intervals(e, levels, count, error);
  nd_free(levels);
  return status;
}

/* ---- what is proved ---- */

static nadir_status certify(nd_ending *e, nadir_error *error) {
  const nd_fitting *f = e->fitting;
  nadir_status status = NADIR_OK;
  if (f->model)
    status = nd_certify_fit(f->model, f->objective, f->settings, e->run, &e->certificate, error);
  else if (f->objective->formula)
    status = nd_certify_formula(f->objective, f->settings, e->run, &e->certificate, error);
  else
    e->certificate.modulus = e->certificate.gap = (double)NAN;
  if (is_cut(&status)) forget_certificate(e);
  return status;
}

/* ---- the point ---- */

/* What rounding may change the loss by: by the sizes of target and model or, where the residuals are
 * known, of the terms that they are sums of. */
static nadir_status noise_of(const nd_ending *e, double *noise, nadir_error *error) {
  const nd_objective *objective = e->fitting->objective;
  const nadir_problem *problem = &objective->problem;
  double by_terms = 0;
  if (problem->factor)
    ND_TRY(problem->rounding(problem->context, e->run->w, e->run->loss / objective->loss_factor,
                             &by_terms, error));
  *noise = fmax(e->survey.noise, by_terms);
  return NADIR_OK;
}

static nadir_status learn_of_rows(nd_ending *e, nd_known_of_run *known, nadir_error *error) {
  const nd_fitting *f = e->fitting;
  bool by_terms = e->quick && f->objective->problem.factor; /* its rounding is that of the terms */
  bool enough = by_terms || f->settings->no_certify;
  if (enough)
    nd_survey_by_loss(f->objective, e->run->data_loss, &e->survey);
  else
    ND_TRY(nd_survey_rows(f->objective, e->run->data_loss, &e->survey, error));
  known->rounding = e->survey.rounding;
  known->least = f->model->loss.least;
  /* A flat likelihood has large errors, against which any slope looks small. */
  bool bounded = e->errors.by == NADIR_ERRORS_BY_SQUARES && has_errors(f->model);
  known->standard_error = bounded ? f->model->standard_error : NULL;
  ND_TRY(noise_of(e, &known->noise, error));
  e->rounding = bounded
                    ? sqrt(known->noise / nd_unit_of_rise(f->objective, &e->errors, e->run->loss))
                    : (double)NAN;
  return NADIR_OK;
}

/* Decides the kind of the point, with all that is proved, and what follows from it. */
static nadir_status diagnose(nd_ending *e, nadir_error *error) {
  nd_objective *objective = e->fitting->objective;
  const nd_certificate *c = &e->certificate;
  bool convex = e->quick ? e->convex : c->verdict.convex == NADIR_PROVED;
  nd_known_of_run known = {.convex = convex,
                           .affine = c->verdict.affine == NADIR_PROVED,
                           .exists = c->exists,
                           .strictly = convex && isfinite(c->gap),
                           .nowhere = c->nowhere,
                           .gap = c->gap / objective->loss_factor,
                           .least = -HUGE_VAL};
  if (e->fitting->model) ND_TRY(learn_of_rows(e, &known, error));
  ND_TRY(nd_diagnose(objective, e->run, &known, &e->diagnosis, error));
  if (e->run->scales)
    ND_TRY(nd_curvature_in(e->run->scales, objective, e->run->w, &e->diagnosis.curvature_max,
                           &e->diagnosis.curvature_min, error));
  return nd_go_on(&e->fitting->until, error);
}

static nadir_status find_stable_rate(nd_ending *e, nadir_error *error) {
  const nd_fitting *f = e->fitting;
  double *rate = &e->diagnosis.stable_rate;
  nadir_status status = nd_stable_rate(f->objective, f->settings, e->run, e->run->method.values,
                                       is_at_minimum(e), e->diagnosis.curvature_max, rate, error);
  if (status == NADIR_OK) status = nd_go_on(&f->until, error);
  if (is_cut(&status)) *rate = (double)NAN;
  return status;
}

static nadir_status look_for_contradiction(nd_ending *e, nadir_error *error) {
  nd_objective *objective = e->fitting->objective;
  if (!objective->look_for_contradiction || e->run->stop == NADIR_STOP_SIGNAL) return NADIR_OK;
  nadir_status status =
      objective->look_for_contradiction(objective, e->run->w, false, &e->wrong, error);
  if (is_cut(&status)) e->wrong.found = false;
  return status;
}

/* Where the values of a callback contradict its gradient, no more is known. */
static nadir_status judge_point(nd_ending *e, nadir_error *error) {
  ND_TRY(look_for_contradiction(e, error));
  if (e->wrong.found) {
    forget_diagnosis(e, NADIR_REASON_GRADIENT);
    return NADIR_OK;
  }
  nadir_status status = diagnose(e, error);
  if (is_cut(&status))
    forget_diagnosis(e, is_interrupted(e) ? NADIR_REASON_INTERRUPTED : NADIR_REASON_OUT_OF_TIME);
  ND_TRY(status);
  return find_stable_rate(e, error);
}

/* ---- warnings ---- */

/* Ill-conditioned and out of time: say how much longer it would take. A constant rate of 1/M
 * shrinks the error by 1 - 1/condition an update, so a digit costs 2.3 condition updates. */
static nadir_status warn_of_condition(const nd_ending *e, nadir_error *error) {
  double condition = e->errors.condition_scaled;
  const nadir_settings *settings = e->fitting->settings;
  const nadir_optimizer *optimizer = e->run->method.optimizer;
  bool short_of_it = e->run->stop == NADIR_STOP_UPDATES && !settings->updates.is_number;
  if (!short_of_it || !(condition > 1e3) || !isfinite(condition) || !optimizer->stable_rate)
    return NADIR_OK;
  bool scaled = settings->scale != ND_SCALE_NONE;
  return nd_warn(
      &e->fitting->teller,
      &(nadir_warning){.kind = scaled ? NADIR_WARN_CONDITION_SCALED : NADIR_WARN_CONDITION,
                       .method = optimizer->name,
                       .number = condition,
                       .second = 2.3 * condition},
      error);
}

/* Self-sizing rules take the length of a step from the slope, which is not a guide across a kink. */
static nadir_status warn_of_kinks(const nd_ending *e, nadir_error *error) {
  const nadir_optimizer *optimizer = e->run->method.optimizer;
  nadir_reason reason = e->diagnosis.reason;
  bool jams = e->fitting->objective->kinked && (optimizer->traits & NADIR_SELF_SIZING);
  bool blamed = reason == NADIR_REASON_KINK || reason == NADIR_REASON_LOST;
  if (!jams || !blamed || e->run->stop == NADIR_STOP_SIGNAL) return NADIR_OK;
  return nd_warn(&e->fitting->teller,
                 &(nadir_warning){.kind = NADIR_WARN_KINKS, .method = optimizer->name}, error);
}

/* The directions among the parameters that are not determined; NULL, without an error, where there are none. */
static nadir_status directions_among(const nd_model *model, size_t names, double **directions,
                                     nadir_error *error) {
  size_t count = model->undetermined_count, cells = 0;
  *directions = NULL;
  if (!count) return NADIR_OK;
  *directions = nd_new(count * names, sizeof **directions, error);
  if (!*directions) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count * model->size; i++)
    if (model->parameters[i % model->size].undetermined)
      (*directions)[cells++] = model->undetermined[i];
  return NADIR_OK;
}

static nadir_status tell_undetermined(const nd_ending *e, const char **name, nadir_error *error) {
  const nd_model *model = e->fitting->model;
  nadir_warning w = {
      .kind = NADIR_WARN_UNDETERMINED, .name = name, .directions = model->undetermined_count};
  double *directions;
  for (size_t i = 0; i < model->size; i++)
    if (model->parameters[i].undetermined) name[w.names++] = model->parameters[i].name;
  w.count = w.names;
  if (!w.names) return NADIR_OK;
  ND_TRY(directions_among(model, w.names, &directions, error));
  w.direction = directions;
  nadir_status status = nd_warn(&e->fitting->teller, &w, error);
  nd_free(directions);
  return status;
}

/* Once: the cause, where there is one, says more. */
static nadir_status warn_of_undetermined(const nd_ending *e, nadir_error *error) {
  bool diverged = nd_stop_amounts_to(e->run->stop) == ND_ENDED_DIVERGED;
  if (!e->fitting->model || diverged || nd_is_cause(e, NADIR_CAUSE_COLLINEAR) ||
      nd_is_cause(e, NADIR_CAUSE_OFFSET))
    return NADIR_OK;
  const char **name = nd_new(e->fitting->model->size, sizeof *name, error);
  if (!name) return NADIR_NO_MEMORY;
  nadir_status status = tell_undetermined(e, name, error);
  nd_free((void *)name);
  return status;
}

nadir_status nd_warn_of_ending(const nd_ending *e, nadir_error *error) {
  ND_TRY(warn_of_kinks(e, error));
  return warn_of_undetermined(e, error);
}

/* ---- all of it ---- */

/* What says whether errors of the form +- mislead. */
static nadir_status find_bend(nd_ending *e, nadir_error *error) {
  nadir_status status =
      nd_find_bend(e->fitting->objective, &e->errors, e->run->w, &e->curvature, error);
  (void)is_cut(&status);
  return status;
}

static nadir_status diagnose_quickly(nd_ending *e, nadir_error *error) {
  nadir_status status = diagnose(e, error);
  if (is_cut(&status))
    forget_diagnosis(e, is_interrupted(e) ? NADIR_REASON_INTERRUPTED : NADIR_REASON_OUT_OF_TIME);
  return status;
}

static void take_scattered_chi2(nd_ending *e) {
  if (e->fitting->model->scatter != SIZE_MAX)
    e->errors.chi2 = nd_scattered_chi2(nd_rows_of(e->fitting->objective), e->survey.sums);
}

static nadir_status judge_quickly(nd_ending *e, nadir_error *error) {
  ND_TRY(find_errors(e, error));
  forget_certificate(e);
  nadir_status status = diagnose_quickly(e, error);
  withhold_errors(e);
  say_why_no_errors(e);
  take_scattered_chi2(e);
  return status;
}

/* --no-certify: what the exit status needs, for which a duality gap that the run brought along is used. */
static nadir_status judge_kind(nd_ending *e, nadir_error *error) {
  const nd_fitting *f = e->fitting;
  take_parameters(e);
  nd_no_standard_errors(f->model, NADIR_ERRORS_NOT_LOOKED_AT, &e->errors);
  if (!e->quick) {
    nadir_status status = nd_rows_are_convex(f->objective, &e->convex, error);
    (void)is_cut(&status);
    ND_TRY(status);
  }
  e->quick = true;
  forget_certificate(e);
  e->certificate.gap = e->run->duality_gap;
  e->certificate.exists = isfinite(e->run->duality_gap);
  ND_TRY(diagnose_quickly(e, error));
  forget_certificate(e);
  e->certificate.no_gap = NADIR_NO_GAP_NOT_LOOKED_AT;
  nd_find_goodness(nd_rows_of(f->objective), &e->errors, NULL, is_at_minimum(e), &e->goodness);
  return NADIR_OK;
}

static nadir_status judge_fit(nd_ending *e, nadir_error *error) {
  e->curvature = e->rounding = (double)NAN;
  if (e->fitting->settings->no_certify) return judge_kind(e, error);
  if (e->quick) return judge_quickly(e, error);
  ND_TRY(find_errors(e, error));
  ND_TRY(warn_of_condition(e, error));
  ND_TRY(certify(e, error));
  ND_TRY(judge_point(e, error));
  withhold_errors(e);
  say_why_no_errors(e);
  take_scattered_chi2(e);
  nd_find_goodness(nd_rows_of(e->fitting->objective), &e->errors, e->survey.sums, is_at_minimum(e),
                   &e->goodness);
  return find_bend(e, error);
}

/* Intervals are asked for: they take the time that they need, until the run's own is up. */
static nadir_status find_what_is_asked(nd_ending *e, const nd_until *until, nadir_error *error) {
  e->fitting->until = *until;
  nadir_status status = find_what_has_levels(e, error);
  (void)is_cut(&status); /* there are fewer then */
  return status;
}

nadir_status nd_judge(nd_ending *e, nadir_error *error) {
  const nd_until until = e->fitting->until;
  nd_fitting_allow(e->fitting, fmax(3, 10 * e->run->seconds));
  if (e->fitting->model) {
    ND_TRY(judge_fit(e, error));
    return find_what_is_asked(e, &until, error);
  }
  e->errors.none = NADIR_ERRORS_OF_FORMULA;
  ND_TRY(certify(e, error));
  return judge_point(e, error);
}

void nd_ending_clear(nd_ending *e) {
  nd_diagnosis_clear(&e->diagnosis);
  nd_certificate_clear(&e->certificate);
  nd_offset_clear(&e->offset);
  nd_survey_clear(&e->survey);
  nd_free(e->profiles);
}
