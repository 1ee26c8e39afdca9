/* Scores of classes drawn: the ROC curve over its diagonal, where a model would be that knows nothing; and the
 * calibration: the share that came true against the probability, over the diagonal, where both are the same, and the rows
 * of each bin under it. The error of a share of n rows is the standard deviation of what it may be after them, every
 * share being as likely before (Laplace 1774): with m = (n share + 1)/(n + 2), sqrt(m (1 - m)/(n + 3)). So
 * that of 0 and 1 is not 0. */
#include <math.h>

#include "figure/figure.h"

enum { MOST_BINS = 64 };

static const double diagonal[2] = {0, 1};

static nd_series diagonal_series(void) {
  return (nd_series){.mark = ND_LINE, .count = 2, .x = diagonal, .y = diagonal, .quiet = true};
}

static const char *title_of(const nadir_settings *settings, const char *otherwise) {
  return *settings->title ? settings->title : otherwise;
}

/* ---- ROC ---- */

static double area_of(const nadir_scores *scores) {
  size_t i = 0;
  while (scores->metric[i].measure != NADIR_AUC)
    i++;
  return scores->metric[i].value;
}

static nadir_status draw_curve(const nadir_scores *scores, const double *x, const double *y,
                               const nadir_settings *settings, nd_canvas canvas, nadir_error *error) {
  const nadir_classes *classes = scores->classes;
  char area[ND_NUMBER_TEXT];
  nd_text x_label = {0}, y_label = {0}, label = {0};
  nd_text_print(&label, "area %s", nd_format_digits(area_of(scores), 4, area));
  nd_text_print(&x_label, "share of %s named %s", classes->name[0], classes->name[1]);
  nd_text_print(&y_label, "share of %s named %s", classes->name[1], classes->name[1]);
  nd_series series[2] = {
      diagonal_series(),
      {.label = nd_text_data(&label), .mark = ND_LINE, .count = scores->roc_points, .x = x, .y = y}};
  nd_panel panel = {.x_label = nd_text_data(&x_label),
                    .y_label = nd_text_data(&y_label),
                    .height = 1,
                    .series = series,
                    .series_count = ND_COUNT(series)};
  nd_chart chart = {.title = title_of(settings, "ROC curve"), .panels = &panel, .panel_count = 1};
  nadir_status status = nd_text_status(&x_label, error);
  if (status == NADIR_OK) status = nd_text_status(&y_label, error);
  if (status == NADIR_OK) status = nd_text_status(&label, error);
  if (status == NADIR_OK) status = nd_chart_draw(&chart, canvas, error);
  nd_text_free(&x_label);
  nd_text_free(&y_label);
  nd_text_free(&label);
  return status;
}

nadir_status nd_draw_roc(const nadir_scores *scores, const nadir_settings *settings, nd_canvas canvas,
                         nadir_error *error) {
  size_t count = scores->roc_points;
  if (count == 0)
    return nd_fail(error, NADIR_BAD_DATA,
                   "ROC curve: it is drawn for two classes that both have rows: choose a model of two classes, as of "
                   "class == \"QSO\", and a table that has both");
  double *x = nd_new(2 * count, sizeof *x, error);
  if (!x) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    x[i] = scores->roc_point[i].false_positive;
    x[count + i] = scores->roc_point[i].true_positive;
  }
  nadir_status status = draw_curve(scores, x, x + count, settings, canvas, error);
  nd_free(x);
  return status;
}

/* ---- calibration ---- */

static double error_of(const nadir_calibration_bin *bin) {
  double n = (double)bin->rows, m = (n * bin->share + 1) / (n + 2);
  return sqrt(m * (1 - m) / (n + 3));
}

typedef struct bins {
  size_t count; /* those with rows */
  double probability[MOST_BINS], share[MOST_BINS], error[MOST_BINS], rows[MOST_BINS];
} bins;

static bins collect_bins(const nadir_scores *scores) {
  bins b = {0};
  for (size_t i = 0; i < scores->bins && i < MOST_BINS; i++) {
    const nadir_calibration_bin *bin = &scores->bin[i];
    if (bin->rows == 0) continue;
    b.probability[b.count] = bin->probability;
    b.share[b.count] = bin->share;
    b.error[b.count] = error_of(bin);
    b.rows[b.count++] = (double)bin->rows;
  }
  return b;
}

static nadir_status draw_bins(const nadir_scores *scores, const char *x_label, const char *y_label,
                              const nadir_settings *settings, nd_canvas canvas, nadir_error *error) {
  bins b = collect_bins(scores);
  nd_series upper[2] = {diagonal_series(),
                        {.mark = ND_ERROR_BARS, .count = b.count, .x = b.probability, .y = b.share, .error = b.error}};
  nd_series lower = {.mark = ND_POINTS, .count = b.count, .x = b.probability, .y = b.rows};
  nd_panel panels[2] = {{.y_label = y_label, .height = 3, .series = upper, .series_count = ND_COUNT(upper)},
                        {.x_label = x_label,
                         .y_label = "rows",
                         .log_y = nd_wants_log(b.rows, b.count),
                         .height = 1,
                         .series = &lower,
                         .series_count = 1}};
  nd_chart chart = {.title = title_of(settings, "calibration"), .panels = panels, .panel_count = ND_COUNT(panels)};
  return nd_chart_draw(&chart, canvas, error);
}

nadir_status nd_draw_calibration(const nadir_scores *scores, const nadir_settings *settings, nd_canvas canvas,
                                 nadir_error *error) {
  if (scores->bins == 0)
    return nd_fail(error, NADIR_BAD_DATA,
                   "calibration: this model gives no probabilities: fit one of classes with the loss logistic or "
                   "softmax");
  if (scores->classes->count > 2)
    return draw_bins(scores, "probability of the class that is named", "share named right", settings, canvas, error);
  nd_text x_label = {0}, y_label = {0};
  nd_text_print(&x_label, "probability of %s", scores->classes->name[1]);
  nd_text_print(&y_label, "share that is %s", scores->classes->name[1]);
  nadir_status status = nd_text_status(&x_label, error);
  if (status == NADIR_OK) status = nd_text_status(&y_label, error);
  if (status == NADIR_OK)
    status = draw_bins(scores, nd_text_data(&x_label), nd_text_data(&y_label), settings, canvas, error);
  nd_text_free(&x_label);
  nd_text_free(&y_label);
  return status;
}
