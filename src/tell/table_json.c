/* The JSON objects of nadir info and nadir score. */
#include <math.h>
#include <string.h>

#include "tell/tell.h"

/* ---- info ---- */

/* Why mean, sigma and the rest are null; NULL where they are numbers. Beyond a double are the sums of
 * numbers near its end. */
static const char *why_null(const nadir_column_summary *column) {
  if (column->cells == NADIR_ARRAYS) return "arrays of any length are not read";
  if (column->cells == NADIR_TEXTS) return "text has none";
  if (column->count == 0) return "no cell has a value";
  return isfinite(column->mean) && isfinite(column->sigma) && isfinite(column->min) &&
                 isfinite(column->max)
             ? NULL
             : "infinite, or beyond a double";
}

static json_t *column_json(const nadir_column_summary *column) {
  json_t *one = json_object();
  nd_json_put(&one, "name", nd_json_text(column->name));
  nd_json_put(&one, "type", nd_json_text(nadir_cells_name(column->cells)));
  nd_json_put(&one, "unit", nd_json_text(column->unit));
  nd_json_put(&one, "count", nd_json_count(column->count));
  nd_json_put(&one, "missing", nd_json_count(column->missing));
  nd_json_put(&one, "mean", nd_json_number(column->mean));
  nd_json_put(&one, "sigma", nd_json_number(column->sigma));
  nd_json_put(&one, "min", nd_json_number(column->min));
  nd_json_put(&one, "q1", nd_json_number(column->q1));
  nd_json_put(&one, "median", nd_json_number(column->median));
  nd_json_put(&one, "q3", nd_json_number(column->q3));
  nd_json_put(&one, "max", nd_json_number(column->max));
  nd_json_put(&one, "why_null", nd_json_text(why_null(column)));
  return one;
}

nadir_status nadir_summary_json(const nadir_summary *summary, char **text, nadir_error *error) {
  ND_TO_NEAREST;
  json_t *tree = json_object(), *columns = json_array();
  for (size_t c = 0; c < summary->columns; c++)
    nd_json_push(&columns, column_json(&summary->column[c]));
  nd_json_put(&tree, "rows", nd_json_count(summary->rows));
  nd_json_put(&tree, "columns", columns);
  nd_json_put(&tree, "numbers", nd_json_count(summary->numbers));
  nd_json_put(&tree, "fit_bytes", nd_json_count(summary->fit_bytes));
  nd_json_put(&tree, "memory", nd_json_count(summary->memory));
  nd_json_put(&tree, "warnings", nd_json_warnings(summary->warning, summary->warnings));
  return nd_json_write(tree, text, error);
}

/* ---- score ---- */

const char *nadir_measure_name(nadir_measure measure) {
  static const char *const names[] = {
      [NADIR_LOSS] = "loss",
      [NADIR_RMSE] = "rmse",
      [NADIR_MAE] = "mae",
      [NADIR_R2] = "r2",
      [NADIR_ACCURACY] = "accuracy",
      [NADIR_BALANCED_ACCURACY] = "balanced_accuracy",
      [NADIR_MACRO_F1] = "macro_f1",
      [NADIR_LOG_LOSS] = "log_loss",
      [NADIR_BRIER] = "brier",
      [NADIR_CALIBRATION_ERROR] = "calibration_error",
      [NADIR_AUC] = "auc"};
  return (size_t)measure < ND_COUNT(names) ? names[measure] : NULL;
}

static json_t *confusion_json(const nadir_scores *scores) {
  json_t *list = json_array();
  size_t classes = scores->classes->count;
  for (size_t i = 0; i < classes; i++) {
    json_t *row = json_array();
    for (size_t j = 0; j < classes; j++)
      nd_json_push(&row, nd_json_count(scores->confusion[i * classes + j]));
    nd_json_push(&list, row);
  }
  return list;
}

static json_t *roc_json(const nadir_class_score *score) {
  json_t *list = json_array();
  for (size_t i = 0; i < score->roc_points; i++) {
    const nadir_roc_point *point = &score->roc_point[i];
    json_t *one = json_object();
    nd_json_put(&one, "false_positive", nd_json_number(point->false_positive));
    nd_json_put(&one, "true_positive", nd_json_number(point->true_positive));
    nd_json_put(&one, "threshold", nd_json_number(point->threshold));
    nd_json_push(&list, one);
  }
  return list;
}

/* A name may be any bytes; a key is UTF-8. */
static void put_of_class(json_t **object, const char *name, json_t *value) {
  json_t *key = nd_json_text(name);
  nd_json_put(object, json_string_value(key), value);
  json_decref(key);
}

/* The areas of each of many classes, and their curves. */
static void put_curves(json_t **tree, const nadir_scores *scores) {
  json_t *area = json_object(), *curve = json_object();
  for (size_t k = 0; k < scores->classes->count; k++) {
    put_of_class(&area, scores->classes->name[k], nd_json_number(scores->class_score[k].auc));
    put_of_class(&curve, scores->classes->name[k], roc_json(&scores->class_score[k]));
  }
  nd_json_put(tree, "auc_by_class", area);
  nd_json_put(tree, "roc_by_class", curve);
}

/* precision, recall and f1, each with a number for each class by its name. */
static void put_class_scores(json_t **tree, const nadir_scores *scores) {
  json_t *precision = json_object(), *recall = json_object(), *f1 = json_object();
  for (size_t k = 0; k < scores->classes->count; k++) {
    const nadir_class_score *it = &scores->class_score[k];
    const char *name = scores->classes->name[k];
    put_of_class(&precision, name, nd_json_number(it->precision));
    put_of_class(&recall, name, nd_json_number(it->recall));
    put_of_class(&f1, name, nd_json_number(it->f1));
  }
  nd_json_put(tree, "precision", precision);
  nd_json_put(tree, "recall", recall);
  nd_json_put(tree, "f1", f1);
}

static json_t *calibration_json(const nadir_scores *scores) {
  json_t *list = json_array();
  for (size_t i = 0; i < scores->bins; i++) {
    const nadir_calibration_bin *bin = &scores->bin[i];
    json_t *one = json_object();
    nd_json_put(&one, "from", nd_json_number(bin->from));
    nd_json_put(&one, "to", nd_json_number(bin->to));
    nd_json_put(&one, "rows", nd_json_count(bin->rows));
    nd_json_put(&one, "probability", nd_json_number(bin->probability));
    nd_json_put(&one, "share", nd_json_number(bin->share));
    nd_json_push(&list, one);
  }
  return list;
}

static void put_classes(json_t **tree, const nadir_scores *scores) {
  nd_json_put_classes(tree, scores->classes);
  nd_json_put(tree, "confusion", confusion_json(scores));
  put_class_scores(tree, scores);
  if (scores->bins) nd_json_put(tree, "calibration", calibration_json(scores));
  if (scores->classes->count == 2)
    nd_json_put(tree, "roc", roc_json(&scores->class_score[1]));
  else
    put_curves(tree, scores);
}

nadir_status nadir_scores_json(const nadir_scores *scores, char **text, nadir_error *error) {
  ND_TO_NEAREST;
  json_t *tree = json_object();
  nd_json_put(&tree, "rows", nd_json_count(scores->rows));
  nd_json_put(&tree, "dropped", nd_json_count(scores->dropped));
  for (size_t i = 0; i < scores->metrics; i++)
    nd_json_put(&tree, nadir_measure_name(scores->metric[i].measure), nd_json_number(scores->metric[i].value));
  if (scores->classes) put_classes(&tree, scores);
  return nd_json_write(tree, text, error);
}
