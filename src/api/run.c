/* Runs: a formula, a callback or a table becomes an objective, is descended, judged, and put into a result.
 * The three differ in how the objective is made; all else is shared.
 */
#include <string.h>

#include "api/question_internal.h"
#include "api/run_internal.h"

static void job_free(nd_job *j) {
  nd_run_clear(&j->run);
  nd_ending_clear(&j->ending);
  nd_minima_clear(&j->minima);
  nd_keeping_end(&j->keeping);
  nd_fitting_free(&j->fitting);
  nd_free(j->start);
  nd_left_clear(&j->left);
  if (j->box) nadir_result_free(&j->box->result);
}

/* ---- the part that all runs share ---- */

/* --starts: the answer is the descent from the best of them, made again for its trace. */
static nadir_status look_for_minima(nd_job *j, nadir_error *error) {
  return j->fitting.settings->starts ? nd_find_minima(&j->fitting, &j->minima, error) : NADIR_OK;
}

static void start_at_best(nd_job *j) {
  const nd_minimum *best = &j->minima.list[0];
  memcpy(j->start, j->minima.cut ? best->w : best->start, j->minima.size * sizeof *j->start);
  if (j->minima.cut && j->fitting.model) nd_model_to_descent(j->fitting.model, j->start, j->start);
  j->start_from = NADIR_START_BEST;
}

/* From the best of several starts, from the data, or from what the settings give. */
static nadir_status choose_start(nd_job *j, nadir_error *error) {
  bool found;
  j->start = nd_new(j->fitting.objective->problem.size, sizeof(double), error);
  if (!j->start) return NADIR_NO_MEMORY;
  if (j->minima.count) {
    start_at_best(j);
    return NADIR_OK;
  }
  ND_TRY(nd_guess_start(&j->fitting, j->start, &found, &j->peaks, error));
  j->start_from = found                                        ? NADIR_START_DATA
                  : nd_start_is_random(j->fitting.settings)    ? NADIR_START_RANDOM
                  : *j->fitting.settings->warm_start           ? NADIR_START_MODEL
                  : *j->fitting.settings->start                ? NADIR_START_GIVEN
                                                               : NADIR_START_ZERO;
  if (!found) ND_TRY(nd_fitting_start(&j->fitting, j->start, error));
  return nd_start_scatter(&j->fitting, j->start, error);
}

/* A caller's gradient that is wrong is reported before the descent follows it. */
static nadir_status check_gradient(nd_job *j, nadir_error *error) {
  nd_objective *objective = j->fitting.objective;
  nd_wrong_gradient wrong = {0};
  if (!objective->look_for_contradiction) return NADIR_OK;
  nadir_status status = objective->look_for_contradiction(objective, j->start, true, &wrong, error);
  if (status == NADIR_ENDED) return NADIR_OK; /* the descent says so */
  if (status != NADIR_OK || !wrong.found) return status;
  const char *name = objective->names[wrong.parameter];
  return nd_warn(&j->fitting.teller,
                 &(nadir_warning){.kind = NADIR_WARN_GRADIENT,
                                  .names = 1,
                                  .count = 1,
                                  .name = &name,
                                  .number = wrong.given,
                                  .second = wrong.by_values},
                 error);
}

nadir_status nd_check_keeping(const nadir_settings *settings, nadir_error *error) {
  const char *many = settings->folds                   ? "folds"
                     : settings->path != ND_PATH_NONE  ? "path"
                     : settings->starts                ? "starts"
                                                       : NULL;
  if (!many || !(*settings->checkpoint || *settings->resume)) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING, "%s: it is of one descent, and %s makes many: leave out one of them",
                 *settings->checkpoint ? "checkpoint" : "resume", many);
}

nadir_status nd_check_certifying(const nadir_settings *settings, nadir_error *error) {
  const char *asked = !nd_is_none(settings->intervals)          ? "intervals"
                      : settings->errors.kind != ND_ERRORS_AUTO ? "errors"
                                                                : NULL;
  if (!settings->no_certify || !asked) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING, "%s: no-certify leaves them out: leave out one of the two", asked);
}

/* Before rows are read. */
static nadir_status keep_or_go_on(nd_job *j, const nadir_settings *settings, const nd_table *table,
                                  nadir_error *error) {
  const nd_run_of of = {j->command, j->formula, nadir_cpu(), settings, table};
  ND_TRY(nd_check_keeping(settings, error));
  return nd_keeping_begin(&j->keeping, &of, &j->fitting.until, error);
}

static nadir_status run(nd_job *j, nadir_error *error) {
  ND_TRY(look_for_minima(j, error));
  ND_TRY(choose_start(j, error));
  ND_TRY(check_gradient(j, error));
  ND_TRY(nd_descend_kept(j->fitting.objective, j->fitting.settings, j->start, &j->fitting.teller,
                         &j->keeping, &j->run, error));
  j->ending = (nd_ending){.fitting = &j->fitting, .run = &j->run};
  ND_TRY(nd_judge(&j->ending, error));
  ND_TRY(nd_fill_result(j, error));
  return nd_warn_of_ending(&j->ending, error);
}

/* Hand the box over to the caller, with warnings and trace. */
static nadir_result *give(nd_job *j) {
  nadir_result *result = &j->box->result;
  j->box->warned = nd_take_warnings(&j->fitting.teller);
  result->warning = j->box->warned.warning;
  result->warnings = j->box->warned.count;
  result->trace = j->run.trace;
  j->run.trace = NULL;
  j->box = NULL;
  return result;
}

/* ---- formulas and callbacks ---- */

static nadir_status minimize(nd_job *j, nadir_error *error) {
  ND_TRY(keep_or_go_on(j, j->fitting.settings, NULL, error));
  ND_TRY(nd_left_of(&j->left, j->expr, j->fitting.settings, error));
  j->expr = j->left.expr;
  nd_fitting_heed(&j->fitting, j->expr->graph);
  ND_TRY(nd_objective_of_formula(&j->fitting.objective, j->expr, j->fitting.settings, error));
  ND_TRY(nd_fitting_bind(&j->fitting, error));
  return run(j, error);
}

static nadir_status minimize_function(nd_job *j, const nadir_function *function,
                                      nadir_error *error) {
  ND_TRY(keep_or_go_on(j, j->fitting.settings, NULL, error));
  ND_TRY(nd_objective_of_function(&j->fitting.objective, function, j->fitting.settings, error));
  ND_TRY(nd_fitting_bind(&j->fitting, error));
  return run(j, error);
}

nadir_status nadir_minimize(const nadir_expr *expr, const nadir_settings *settings,
                            const nadir_listener *listener, nadir_result **result,
                            nadir_error *error) {
  ND_TO_NEAREST;
  nd_job j = {.command = "minimize", .formula = expr->text, .expr = expr};
  *result = NULL;
  ND_TRY(nd_fitting_begin(&j.fitting, settings, listener, error));
  if (expr->size == 0)
    return nd_fail(error, NADIR_BAD_FORMULA,
                   "formula: it has no parameter: write one with a name in it, as in '(x-1)^2'");
  nadir_status status = minimize(&j, error);
  if (status == NADIR_OK) status = nd_note_run(&j.box->result, settings, error);
  if (status == NADIR_OK) *result = give(&j);
  job_free(&j);
  return status;
}

nadir_status nadir_minimize_function(const nadir_function *function, const nadir_settings *settings,
                                     const nadir_listener *listener, nadir_result **result,
                                     nadir_error *error) {
  ND_TO_NEAREST;
  nd_job j = {.command = "minimize", .formula = ""};
  *result = NULL;
  ND_TRY(nd_fitting_begin(&j.fitting, settings, listener, error));
  nadir_status status = minimize_function(&j, function, error);
  if (status == NADIR_OK) status = nd_note_run(&j.box->result, settings, error);
  if (status == NADIR_OK) *result = give(&j);
  job_free(&j);
  return status;
}

/* ---- fits ---- */

/* The model passes from the job to the result. */
static nadir_status give_model(nd_job *j, const nd_table *table, nadir_error *error) {
  nadir_model *model = j->box->result.model = nd_new(1, sizeof *model, error);
  if (!model) return NADIR_NO_MEMORY;
  ND_TRY(nd_settings_copy(&model->settings, j->fitting.settings, error));
  ND_TRY(nd_origin_set(&model->origin, table, error));
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

static nadir_status warn_of_folds(nd_job *j, const nadir_folds *folds, nadir_error *error) {
  if (!folds || !folds->failed) return NADIR_OK;
  return nd_warn(&j->fitting.teller,
                 &(nadir_warning){.kind = NADIR_WARN_FOLDS, .count = folds->failed, .of = folds->count}, error);
}

static nadir_status fit(nd_job *j, const nd_table *table, const nd_part *part, const nadir_settings *settings,
                        const nadir_listener *listener, nadir_error *error) {
  ND_TRY(keep_or_go_on(j, settings, table, error));
  ND_TRY(nd_fitting_new(&j->fitting, table, part, j->formula, settings, listener, error));
  return run(j, error);
}

nadir_status nd_fit_part(const nadir_table *table, const nd_part *part, const char *formula,
                         const nadir_settings *settings, const nadir_listener *listener,
                         const nd_besides *besides, nadir_result **result, nadir_error *error) {
  nd_job j = {.command = "fit", .formula = formula};
  *result = NULL;
  nadir_status status = fit(&j, table->table, part, settings, listener, error);
  nd_objective_free(j.fitting.objective); /* it borrows the model, which passes on */
  j.fitting.objective = NULL;
  if (status == NADIR_OK) status = give_model(&j, table->table, error);
  if (status == NADIR_OK && besides) status = warn_of_folds(&j, besides->folds, error);
  if (status == NADIR_OK) {
    *result = give(&j);
    if (besides) {
      (*result)->folds = besides->folds;
      (*result)->path = besides->path;
    }
  }
  job_free(&j);
  return status;
}
