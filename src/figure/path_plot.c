/* The path of a penalty drawn: the weights in descent coordinates, which are of one scale, over the error on rows that
 * were not fitted, with one standard error up and down (without folds: the loss of all rows), both against the
 * penalty on a logarithmic axis; upright lines where the error is least and at the choice. */
#include <math.h>

#include "figure/figure.h"

enum { MOST_LABELS = 12 }; /* curves with a name in the key; all are drawn */

typedef struct curves {
  nd_series *series; /* of the weights */
  double *numbers;   /* penalty, error, its bar, then the weights, count each */
  size_t count, size, drawn;
} curves;

static void curves_clear(curves *c) {
  nd_free(c->series);
  nd_free(c->numbers);
}

static bool is_penalised(const nd_model *model, size_t i) {
  return model->parameters[i].penalised;
}

/* The weights that are largest at the end of the path are named. */
static bool is_named(const nadir_path *path, const nd_model *model, size_t i) {
  const double *last = path->value[path->count - 1].scaled;
  size_t larger = 0;
  for (size_t j = 0; j < model->size; j++)
    larger += is_penalised(model, j) &&
              (fabs(last[j]) > fabs(last[i]) || (fabs(last[j]) == fabs(last[i]) && j < i));
  return larger < MOST_LABELS;
}

static nadir_status fill(curves *c, const nadir_path *path, const nd_model *model,
                         nadir_error *error) {
  size_t cells;
  *c = (curves){.count = path->count, .size = model->size};
  if (!nd_multiply(c->count, c->size + 3, &cells)) cells = SIZE_MAX;
  c->numbers = nd_new(cells, sizeof *c->numbers, error);
  c->series = nd_new(c->size, sizeof *c->series, error);
  if (!c->numbers || !c->series) return NADIR_NO_MEMORY;
  double *penalty = c->numbers, *risk = penalty + c->count, *bar = risk + c->count,
         *weight = bar + c->count;
  for (size_t i = 0; i < c->count; i++) {
    const nadir_path_value *value = &path->value[i];
    bool folds = path->chosen != SIZE_MAX;
    penalty[i] = value->penalty;
    risk[i] = folds ? value->error : value->loss;
    bar[i] = folds ? value->standard_error : 0;
    for (size_t j = 0; j < c->size; j++)
      weight[j * c->count + i] = value->scaled[j];
  }
  for (size_t j = 0; j < c->size; j++)
    if (is_penalised(model, j))
      c->series[c->drawn++] =
          (nd_series){.label = is_named(path, model, j) ? model->parameters[j].name : NULL,
                      .mark = ND_LINE,
                      .count = c->count,
                      .x = penalty,
                      .y = weight + j * c->count};
  return NADIR_OK;
}

static void find_extent(const curves *c, double *low, double *high) {
  const double *risk = c->numbers + c->count, *bar = risk + c->count;
  *low = HUGE_VAL;
  *high = -HUGE_VAL;
  for (size_t i = 0; i < c->count; i++) {
    *low = fmin(*low, risk[i] - bar[i]);
    *high = fmax(*high, risk[i] + bar[i]);
  }
}

static nadir_status draw(const curves *c, const nadir_path *path, const nadir_settings *settings,
                         nd_canvas canvas, nadir_error *error) {
  const double *penalty = c->numbers, *risk = penalty + c->count, *bar = risk + c->count;
  bool folds = path->chosen != SIZE_MAX;
  double least_x[2], chosen_x[2], ends[2];
  find_extent(c, &ends[0], &ends[1]);
  nd_series lower[3] = {{.mark = folds ? ND_ERROR_BARS : ND_LINE,
                         .count = c->count,
                         .x = penalty,
                         .y = risk,
                         .error = bar}};
  size_t lines = 1;
  if (folds) {
    least_x[0] = least_x[1] = penalty[path->least];
    chosen_x[0] = chosen_x[1] = penalty[path->chosen];
    lower[lines++] =
        (nd_series){.label = "least error", .mark = ND_LINE, .count = 2, .x = least_x, .y = ends};
    lower[lines++] =
        (nd_series){.label = "chosen", .mark = ND_LINE, .count = 2, .x = chosen_x, .y = ends};
  }
  nd_panel panels[2] = {{.y_label = "scaled weight",
                         .log_x = true,
                         .height = 2,
                         .series = c->series,
                         .series_count = c->drawn},
                        {.x_label = path->l1 ? "l1" : "l2",
                         .y_label = folds ? "error" : "loss",
                         .log_x = true,
                         .height = 1.3,
                         .series = lower,
                         .series_count = lines}};
  nd_chart chart = {.title = nd_title_of(settings, path->l1 ? "path of l1" : "path of l2"),
                    .panels = panels,
                    .panel_count = ND_COUNT(panels)};
  return nd_chart_draw(&chart, canvas, error);
}

nadir_status nd_draw_path(const nadir_result *result, const nadir_settings *settings,
                          nd_canvas canvas, nadir_error *error) {
  curves c;
  if (!result->path)
    return nd_fail(error, NADIR_BAD_DATA, "path: this fit has none: set path to l1 or l2");
  nadir_status status = fill(&c, result->path, result->model->model, error);
  if (status == NADIR_OK) status = draw(&c, result->path, settings, canvas, error);
  curves_clear(&c);
  return status;
}
