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

/* ---- ROC ---- */

/* The curves of the classes that have one, x and y after one another in `numbers`. */
typedef struct curves {
  nd_series *series; /* after the diagonal */
  nd_text *label;
  double *numbers;
  size_t count;
} curves;

static void curves_clear(curves *c) {
  for (size_t i = 0; i < c->count; i++)
    nd_text_free(&c->label[i]);
  nd_free(c->label);
  nd_free(c->series);
  nd_free(c->numbers);
}

static void add_curve(curves *c, const nadir_scores *scores, size_t k, double *numbers) {
  const nadir_class_score *score = &scores->class_score[k];
  char area[ND_NUMBER_TEXT];
  nd_text *label = &c->label[c->count];
  for (size_t i = 0; i < score->roc_points; i++) {
    numbers[i] = score->roc_point[i].false_positive;
    numbers[score->roc_points + i] = score->roc_point[i].true_positive;
  }
  nd_text_print(label, "%s, area %s", scores->classes->name[k],
                nd_format_digits(score->auc, 4, area));
  c->series[++c->count] = (nd_series){.label = nd_text_data(label),
                                      .mark = ND_LINE,
                                      .count = score->roc_points,
                                      .x = numbers,
                                      .y = numbers + score->roc_points};
}

static nadir_status make_curves(curves *c, const nadir_scores *scores, nadir_error *error) {
  size_t classes = scores->classes ? scores->classes->count : 0, points = 0;
  for (size_t k = 0; k < classes; k++)
    points += scores->class_score[k].roc_points;
  if (points == 0)
    return nd_fail(error, NADIR_BAD_DATA,
                   "ROC curve: it is drawn for classes, where at least two have rows: choose such "
                   "a model and table");
  c->series = nd_new(classes + 1, sizeof *c->series, error);
  c->label = nd_new(classes, sizeof *c->label, error);
  c->numbers = nd_new(2 * points, sizeof *c->numbers, error);
  if (!c->series || !c->label || !c->numbers) return NADIR_NO_MEMORY;
  double *numbers = c->numbers;
  c->series[0] = diagonal_series();
  for (size_t k = 0; k < classes; k++) {
    if (scores->class_score[k].roc_points == 0) continue;
    add_curve(c, scores, k, numbers);
    numbers += 2 * scores->class_score[k].roc_points;
    ND_TRY(nd_text_status(&c->label[c->count - 1], error));
  }
  return NADIR_OK;
}

nadir_status nd_draw_roc(const nadir_scores *scores, const nadir_settings *settings,
                         nd_canvas canvas, nadir_error *error) {
  curves c = {0};
  nadir_status status = make_curves(&c, scores, error);
  if (status == NADIR_OK) {
    nd_panel panel = {.x_label = "share of other rows that are named so",
                      .y_label = "share of the class that is named so",
                      .height = 1,
                      .series = c.series,
                      .series_count = c.count + 1};
    nd_chart chart = {.title = nd_title_of(settings, "ROC curve"), .panels = &panel, .panel_count = 1};
    status = nd_chart_draw(&chart, canvas, error);
  }
  curves_clear(&c);
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
                              const nadir_settings *settings, nd_canvas canvas,
                              nadir_error *error) {
  bins b = collect_bins(scores);
  nd_series upper[2] = {diagonal_series(),
                        {.mark = ND_ERROR_BARS,
                         .count = b.count,
                         .x = b.probability,
                         .y = b.share,
                         .error = b.error}};
  nd_series lower = {.mark = ND_POINTS, .count = b.count, .x = b.probability, .y = b.rows};
  nd_panel panels[2] = {
      {.y_label = y_label, .height = 3, .series = upper, .series_count = ND_COUNT(upper)},
      {.x_label = x_label,
       .y_label = "rows",
       .log_y = nd_wants_log(b.rows, b.count),
       .height = 1,
       .series = &lower,
       .series_count = 1}};
  nd_chart chart = {.title = nd_title_of(settings, "calibration"),
                    .panels = panels,
                    .panel_count = ND_COUNT(panels)};
  return nd_chart_draw(&chart, canvas, error);
}

nadir_status nd_draw_calibration(const nadir_scores *scores, const nadir_settings *settings,
                                 nd_canvas canvas, nadir_error *error) {
  if (scores->bins == 0)
    return nd_fail(error, NADIR_BAD_DATA,
                   "calibration: this model gives no probabilities: fit one of classes with the "
                   "loss logistic or "
                   "softmax");
  if (scores->classes->count > 2)
    return draw_bins(scores, "probability of the class that is named", "share named right",
                     settings, canvas, error);
  nd_text x_label = {0}, y_label = {0};
  nd_text_print(&x_label, "probability of %s", scores->classes->name[1]);
  nd_text_print(&y_label, "share that is %s", scores->classes->name[1]);
  nadir_status status = nd_text_status(&x_label, error);
  if (status == NADIR_OK) status = nd_text_status(&y_label, error);
  if (status == NADIR_OK)
    status =
        draw_bins(scores, nd_text_data(&x_label), nd_text_data(&y_label), settings, canvas, error);
  nd_text_free(&x_label);
  nd_text_free(&y_label);
  return status;
}
