/* A fit with what is asked about it besides: the path of a penalty, then folds with the strength that it chose, then the
 * fit of all rows. */
#include "api/validate_internal.h"

/* ---- a listener that hears less ---- */

static int pass_on(void *context, const nadir_event *event) {
  const nadir_listener *to = ((const nd_murmur *)context)->to;
  return event->kind == NADIR_PROGRESS ? to->notify(to->context, event) : 0;
}

void nd_murmur_start(nd_murmur *murmur, const nadir_listener *to) {
  bool hears = to && to->notify;
  *murmur = (nd_murmur){.listener = {.bytes = sizeof(nadir_listener),
                                     .notify = hears ? pass_on : NULL,
                                     .context = murmur},
                        .to = to};
}

/* ---- what is asked ---- */

static nadir_status check_folds(const nadir_settings *settings, nadir_error *error) {
  if (settings->folds == 1)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "folds: one fold leaves no rows to fit: set it to 2 or more, or to 0");
  if (*settings->fold_by && settings->folds == 0)
    return nd_fail(error, NADIR_BAD_SETTING, "fold-by: there are no folds: set folds too");
  return NADIR_OK;
}

static nadir_status check_path(const nadir_settings *settings, nadir_error *error) {
  double given = settings->path == ND_PATH_L1 ? settings->l1 : settings->l2;
  const char *name = settings->path == ND_PATH_L1 ? "l1" : "l2";
  if (settings->path == ND_PATH_NONE) return NADIR_OK;
  if (*settings->bounds)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "path: it does not go with bounds, which may keep weights from 0: leave out one");
  if (settings->validate > 0)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "path: it does not go with validate: set folds, which keep rows out in turn");
  if (settings->folds > 0 && given > 0)
    return nd_fail(error, NADIR_BAD_SETTING, "path: with folds it chooses %s: leave out %s", name,
                   name);
  return NADIR_OK;
}

/* With the penalty that the path chose. */
static nadir_status take_choice(nadir_settings **own, const nadir_settings *settings,
                                const nadir_path *path, nadir_error *error) {
  if (!path || path->chosen == SIZE_MAX) return NADIR_OK;
  ND_TRY(nd_settings_copy(own, settings, error));
  *(path->l1 ? &(*own)->l1 : &(*own)->l2) = path->value[path->chosen].penalty;
  return NADIR_OK;
}

static nadir_status look_around(nd_fit_task *task, nadir_settings **own, nd_besides *besides,
                                nadir_error *error) {
  nd_folds *folds = NULL;
  if (task->settings->folds) ND_TRY(nd_task_folds(&folds, task, error));
  nadir_status status = NADIR_OK;
  if (task->settings->path != ND_PATH_NONE)
    status = nd_trace_path(&besides->path, task, folds, error);
  if (status == NADIR_OK) status = take_choice(own, task->settings, besides->path, error);
  if (*own) task->settings = *own;
  if (status == NADIR_OK && folds) status = nd_cross_validate(&besides->folds, task, folds, error);
  nd_folds_free(folds);
  return status;
}

nadir_status nadir_fit(nadir_table *table, const char *formula, const nadir_settings *settings,
                       const nadir_listener *listener, nadir_result **result, nadir_error *error) {
  ND_TO_NEAREST;
  nd_fit_task task = {table, formula, settings, listener};
  nd_besides besides = {0};
  nadir_settings *own = NULL;
  *result = NULL;
  ND_TRY(nd_listener_check(listener, error));
  if (*settings->by)
    return nd_fail(error, NADIR_BAD_SETTING, "by: a fit for each group is made by nadir_fit_groups: leave it out");
  ND_TRY(check_folds(settings, error));
  ND_TRY(check_path(settings, error));
  ND_TRY(nd_check_keeping(settings, error));
  ND_TRY(nd_check_certifying(settings, error));
  nadir_status status = look_around(&task, &own, &besides, error);
  if (status == NADIR_OK)
    status = nd_fit_part(table, NULL, formula, task.settings, listener, &besides, result, error);
  if (status != NADIR_OK) {
    nd_fold_scores_free(besides.folds);
    nd_traced_path_free(besides.path);
  }
  if (status == NADIR_OK) status = nd_note_run(*result, settings, error);
  if (status != NADIR_OK) {
    nadir_result_free(*result);
    *result = NULL;
  }
  nd_settings_free(own);
  return status;
}
