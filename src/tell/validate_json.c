/* The parts of the JSON object of a fit about folds and the path of a penalty. */
#include <math.h>

#include "tell/tell.h"

/* ---- folds ---- */

static json_t *fold_json(const nadir_fold *fold, size_t number) {
  json_t *one = json_object();
  nd_json_put(&one, "fold", nd_json_count(number));
  nd_json_put(&one, "rows", nd_json_count(fold->rows));
  nd_json_put(&one, "rows_used", nd_json_count(fold->rows_used));
  nd_json_put(&one, "status", nd_json_text(fold->error ? NULL : nadir_ended_name(fold->ended)));
  nd_json_put(&one, "stop", nd_json_text(fold->error ? NULL : nadir_stop_name(fold->stop)));
  nd_json_put(&one, "failed", nd_json_text(fold->error ? fold->error->message : NULL));
  for (size_t m = 0; fold->scores && m < fold->scores->metrics; m++) {
    const nadir_metric *metric = &fold->scores->metric[m];
    nd_json_put(&one, nadir_measure_name(metric->measure), nd_json_number(metric->value));
  }
  return one;
}

static json_t *means_json(const nadir_folds *folds) {
  json_t *means = json_object();
  for (size_t m = 0; m < folds->metrics; m++) {
    const nadir_fold_metric *metric = &folds->metric[m];
    json_t *one = json_object();
    nd_json_put(&one, "mean", nd_json_number(metric->mean));
    nd_json_put(&one, "deviation", nd_json_number(metric->deviation));
    nd_json_put(&one, "folds", nd_json_count(metric->folds));
    nd_json_put(&means, nadir_measure_name(metric->measure), one);
  }
  return means;
}

void nd_json_put_folds(json_t **object, const nadir_folds *folds) {
  if (!folds) return;
  json_t *list = json_array();
  for (size_t i = 0; i < folds->count; i++)
    nd_json_push(&list, fold_json(&folds->fold[i], i + 1));
  nd_json_put(object, "folds", list);
  nd_json_put(object, "fold_means", means_json(folds));
}

/* ---- the path ---- */

static json_t *value_json(const nadir_path_value *value, size_t size) {
  json_t *one = json_object();
  nd_json_put(&one, "penalty", nd_json_number(value->penalty));
  nd_json_put(&one, "loss", nd_json_number(value->loss));
  nd_json_put(&one, "nonzero", nd_json_count(value->used));
  nd_json_put(&one, "error", nd_json_number(value->error));
  nd_json_put(&one, "standard_error", nd_json_number(value->standard_error));
  nd_json_put(&one, "stop", nd_json_text(nadir_stop_name(value->stop)));
  nd_json_put(&one, "parameters", nd_json_numbers(value->w, size));
  nd_json_put(&one, "scaled", nd_json_numbers(value->scaled, size));
  return one;
}

static json_t *penalty_json(const nadir_path *path, size_t i) {
  return nd_json_number(i < path->count ? path->value[i].penalty : (double)NAN);
}

void nd_json_put_path(json_t **object, const nadir_path *path, size_t size) {
  if (!path) return;
  json_t *list = json_array();
  for (size_t i = 0; i < path->count; i++)
    nd_json_push(&list, value_json(&path->value[i], size));
  nd_json_put(object, "path", list);
  nd_json_put(object, "path_of", json_string(path->l1 ? "l1" : "l2"));
  nd_json_put(object, "path_least", penalty_json(path, path->least));
  nd_json_put(object, "path_chosen", penalty_json(path, path->chosen));
}
