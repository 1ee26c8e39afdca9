/* What an astronomer looks at first: the data with error bars, the fitted curve, and the residuals
 * under it. With one column under the model the curve is drawn against it; with more, data and
 * residuals are drawn against the fitted value, where a perfect fit is the diagonal, or against a column that was
 * named: the curve then joins the fitted values of the rows in its order, in which the other columns
 * change as they do in the table; where these jump about, they are points. With a period all is drawn by its phase, twice
 * over. On both sides of the curve is
 * its standard error, where the model has a covariance: 68 % by probability. The axis of a
 * positive column that spans decades is logarithmic; that of probabilities is not.
 *
 * The curve is the model read over a small table of evenly spaced values, by the same reader as the
 * data. Of a large table every k-th row is drawn. Costs one pass over the used columns. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figure/figure.h"
#include "rows/prediction_error.h"

enum { MOST_POINTS = 5000, MOST_IN_PAGE = 600, CURVE_POINTS = 400, FINER = 10, TURNS = 2 };
enum { FINE_POINTS = (CURVE_POINTS - 1) * FINER + 1 }; /* fits a chunk */

/* The points of the picture. */
typedef struct points {
  double *x, *target, *fitted, *residual, *error;
  size_t count;
  bool errors;
} points;

typedef struct picture {
  const nd_model *model;
  points data;
  size_t most; /* points that are drawn: of more rows every so many */
  double *curve_x, *curve_y;
  double *curve_low, *curve_high; /* less and more its standard error; NaN where there is none */
  size_t curve_count; /* 0: it swings faster than can be drawn, so its values at the data are */
  const char *column; /* the only one under the model, or the one that was named; NULL: neither */
  bool others;        /* the model has more columns than that */
  double period;      /* NaN: not folded */
  nd_text x_label, y_label, residual_label;
} picture;

static void picture_free(picture *p) {
  nd_free(p->data.x);
  nd_free(p->data.target);
  nd_free(p->data.fitted);
  nd_free(p->data.residual);
  nd_free(p->data.error);
  nd_free(p->curve_x);
  nd_free(p->curve_y);
  nd_free(p->curve_low);
  nd_free(p->curve_high);
  nd_text_free(&p->x_label);
  nd_text_free(&p->y_label);
  nd_text_free(&p->residual_label);
}

/* The only number column that the model's output depends on, or NULL. */
static nadir_status find_only_column(const nd_model *model, const nd_model_column **only,
                                     nadir_error *error) {
  nd_node *names;
  size_t count, found = 0;
  nd_node *roots = nd_new(model->feature_count + 1, sizeof *roots, error);
  *only = NULL;
  if (!roots) return NADIR_NO_MEMORY;
  if (model->feature_count) memcpy(roots, model->features, model->feature_count * sizeof *roots);
  roots[model->feature_count] = model->output;
  nadir_status status =
      nd_names(model->graph, roots, model->feature_count + 1, &names, &count, error);
  nd_free(roots);
  if (status != NADIR_OK) return status;
  for (size_t i = 0; i < count; i++) {
    size_t column = nd_model_column_of(model, names[i]);
    if (column == model->column_count) continue;
    found++;
    *only = &model->columns[column];
  }
  nd_free(names);
  if (found != 1 || (*only)->equals) *only = NULL;
  return NADIR_OK;
}

/* ---- the data ---- */

static nadir_status take_points(points *p, size_t capacity, nadir_error *error) {
  *p = (points){.x = nd_new(capacity, sizeof(double), error),
                .target = nd_new(capacity, sizeof(double), error),
                .fitted = nd_new(capacity, sizeof(double), error),
                .residual = nd_new(capacity, sizeof(double), error),
                .error = nd_new(capacity, sizeof(double), error)};
  return p->x && p->target && p->fitted && p->residual && p->error ? NADIR_OK : NADIR_NO_MEMORY;
}

static void add_rows(picture *p, const nd_model_rows *rows, const double *x, uint64_t first,
                     uint64_t stride) {
  points *to = &p->data;
  for (size_t r = 0; r < rows->rows && to->count < p->most; r++) {
    if (rows->kept[r] != 1 || (first + r) % stride != 0) continue;
    double fitted = nd_loss_answer(&p->model->loss, rows->output[r]), target = rows->target[r];
    to->x[to->count] = x ? x[r] : fitted;
    to->target[to->count] = target;
    to->fitted[to->count] = fitted;
    to->residual[to->count] = target - fitted;
    to->error[to->count] = rows->sigma ? rows->sigma[r] : 0;
    to->errors = rows->sigma != NULL;
    to->count++;
  }
}

/* The drawn column, as well as the model's rows. */
typedef struct side_column {
  nd_scratch *scratch;
  nd_request request;
} side_column;

static nadir_status open_side(side_column *side, const picture *p, const nd_table *table,
                              nadir_error *error) {
  ptrdiff_t hint;
  if (!p->column) return NADIR_OK;
  side->request.kind = ND_AS_NUMBER;
  if (!nd_table_find(table, p->column, &side->request.column, &side->request.element, &hint))
    return nd_fail(error, NADIR_BAD_DATA, "table: it has no column '%s'", p->column);
  side->request.numbers = nd_new(nd_table_room(table), sizeof(double), error);
  if (!side->request.numbers) return NADIR_NO_MEMORY;
  return nd_scratch_new(&side->scratch, table, error);
}

static nadir_status read_points(picture *p, nd_model_reader *reader, side_column *side,
                                const nd_table *table, nadir_error *error) {
  uint64_t stride = nd_table_rows(table) / p->most + 1;
  size_t got;
  nd_model_rows rows;
  ND_TRY(take_points(&p->data, TURNS * p->most, error));
  for (size_t c = 0; c < nd_table_chunks(table); c++) {
    ND_TRY(nd_model_read(reader, c, &rows, error));
    if (p->column) ND_TRY(nd_table_read(table, c, &side->request, 1, side->scratch, &got, error));
    add_rows(p, &rows, side->request.numbers, (uint64_t)c * ND_CHUNK, stride);
  }
  return NADIR_OK;
}

static nadir_status read_data(picture *p, const nd_table *table, const nadir_settings *settings,
                              nadir_error *error) {
  nd_model_reader *reader = NULL;
  side_column side = {0};
  nadir_status status = nd_model_reader_new(&reader, p->model, table, settings, true, error);
  if (status == NADIR_OK) status = open_side(&side, p, table, error);
  if (status == NADIR_OK) status = read_points(p, reader, &side, table, error);
  nd_model_reader_free(reader);
  nd_scratch_free(side.scratch);
  nd_free(side.request.numbers);
  return status;
}

/* ---- the curve ---- */

static void extent(const points *data, double *low, double *high) {
  *low = HUGE_VAL;
  *high = -HUGE_VAL;
  for (size_t i = 0; i < data->count; i++) {
    *low = fmin(*low, data->x[i]);
    *high = fmax(*high, data->x[i]);
  }
}

/* Even spacing, or even ratios where the axis is logarithmic. */
static void space(double *x, double low, double high, bool log_x) {
  for (size_t i = 0; i < FINE_POINTS; i++) {
    double part = (double)i / (FINE_POINTS - 1);
    x[i] = log_x ? low * pow(high / low, part) : low + (high - low) * part;
  }
}

/* The way up and down along every `stride`-th point. */
static double variation(const double *y, size_t stride) {
  double sum = 0;
  for (size_t i = stride; i < FINE_POINTS; i += stride)
    sum += fabs(y[i] - y[i - stride]);
  return sum;
}

static void keep_every(picture *p, size_t stride) {
  p->curve_count = (FINE_POINTS - 1) / stride + 1;
  for (size_t i = 0; i < p->curve_count; i++) {
    p->curve_x[i] = p->curve_x[i * stride];
    p->curve_y[i] = p->curve_y[i * stride];
    p->curve_low[i] = p->curve_low[i * stride];
    p->curve_high[i] = p->curve_high[i * stride];
  }
}

/* As many points as the curve needs. One whose way still grows with the points, as a period of four
 * days over years, would show another period than its own: none of it is drawn. */
static void choose_points(picture *p) {
  double all = variation(p->curve_y, 1);
  if (variation(p->curve_y, 2) < 0.95 * all)
    p->curve_count = 0;
  else
    keep_every(p, variation(p->curve_y, FINER) < 0.99 * all ? 1 : FINER);
}

static nadir_status find_band(picture *p, const nd_model_reader *reader, const nd_model_rows *rows,
                              nadir_error *error) {
  nd_prediction_error *made;
  ND_TRY(nd_prediction_error_new(&made, p->model, reader, FINE_POINTS, error));
  const double *e = made ? nd_prediction_error_run(made, rows) : NULL;
  for (size_t i = 0; i < FINE_POINTS; i++) {
    p->curve_low[i] = e ? p->curve_y[i] - e[i] : (double)NAN;
    p->curve_high[i] = e ? p->curve_y[i] + e[i] : (double)NAN;
  }
  nd_prediction_error_free(made);
  return NADIR_OK;
}

static nadir_status read_curve(picture *p, const nadir_settings *settings, nadir_error *error) {
  nd_table *grid = NULL;
  nd_model_reader *reader = NULL;
  nd_model_rows rows;
  nd_array array = {.name = p->column, .values = p->curve_x};
  nadir_status status = nd_table_from_arrays(&grid, &array, 1, FINE_POINTS, error);
  if (status == NADIR_OK)
    status = nd_model_reader_new(&reader, p->model, grid, settings, false, error);
  if (status == NADIR_OK) status = nd_model_read(reader, 0, &rows, error);
  for (size_t i = 0; status == NADIR_OK && i < FINE_POINTS; i++)
    p->curve_y[i] = nd_loss_answer(&p->model->loss, rows.output[i]);
  if (status == NADIR_OK) status = find_band(p, reader, &rows, error);
  nd_model_reader_free(reader);
  nd_table_close(grid);
  if (status == NADIR_OK) choose_points(p);
  return status;
}

typedef struct place {
  double x, y;
} place;

static int by_x(const void *a, const void *b) {
  double x = ((const place *)a)->x, y = ((const place *)b)->x;
  return (x > y) - (x < y);
}

/* How much of the way up and down is left along every second point. */
static bool is_smooth(const place *list, size_t count) {
  double all = 0, second = 0;
  for (size_t i = 1; i < count; i++) {
    all += fabs(list[i].y - list[i - 1].y);
    if (i % 2 == 0) second += fabs(list[i].y - list[i - 2].y);
  }
  return second >= 0.7 * all;
}

/* The fitted values of the rows in the order of x. */
static nadir_status join_rows(picture *p, nadir_error *error) {
  const points *data = &p->data;
  place *list = nd_new(data->count, sizeof *list, error);
  if (!list) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < data->count; i++)
    list[i] = (place){data->x[i], data->fitted[i]};
  if (data->count) qsort(list, data->count, sizeof *list, by_x);
  bool joined = isnan(p->period) && data->count <= FINE_POINTS && is_smooth(list, data->count);
  p->curve_count = joined ? data->count : 0;
  for (size_t i = 0; i < p->curve_count; i++) {
    p->curve_x[i] = list[i].x;
    p->curve_y[i] = list[i].y;
    p->curve_low[i] = p->curve_high[i] = (double)NAN;
  }
  nd_free(list);
  return NADIR_OK;
}

/* ---- by phase ---- */

static double phase_of(double x, double period) {
  double turns = x / period;
  return turns - floor(turns);
}

static void repeat(double *values, size_t count, double more) {
  for (size_t i = 0; i < count; i++)
    values[count + i] = values[i] + more;
}

static void fold_all(picture *p) {
  points *data = &p->data;
  for (size_t i = 0; i < data->count; i++)
    data->x[i] = phase_of(data->x[i], p->period);
  double *rows[] = {data->target, data->fitted, data->residual, data->error};
  repeat(data->x, data->count, 1);
  for (size_t k = 0; k < ND_COUNT(rows); k++)
    repeat(rows[k], data->count, 0);
  data->count *= TURNS;
  double first = p->curve_count ? p->curve_x[0] : 0;
  for (size_t i = 0; i < p->curve_count; i++)
    p->curve_x[i] = (p->curve_x[i] - first) / p->period;
  double *curves[] = {p->curve_y, p->curve_low, p->curve_high};
  repeat(p->curve_x, p->curve_count, 1);
  for (size_t k = 0; k < ND_COUNT(curves); k++)
    repeat(curves[k], p->curve_count, 0);
  p->curve_count *= TURNS;
}

static nadir_status make_curve(picture *p, bool log_x, const nadir_settings *settings,
                               nadir_error *error) {
  double low, high;
  nadir_settings *plain;
  extent(&p->data, &low, &high);
  double **curve[] = {&p->curve_x, &p->curve_y, &p->curve_low, &p->curve_high};
  for (size_t i = 0; i < ND_COUNT(curve); i++)
    *curve[i] = nd_new(TURNS * FINE_POINTS, sizeof(double), error);
  if (!p->curve_x || !p->curve_y || !p->curve_low || !p->curve_high) return NADIR_NO_MEMORY;
  if (!(high >= low)) return NADIR_OK;
  if (p->others) return join_rows(p, error);
  if (!isnan(p->period)) { /* the turn in the middle */
    low = floor((low + high) / 2 / p->period) * p->period;
    high = low + p->period;
  }
  space(p->curve_x, low, high, log_x);
  if (!p->column) { /* the diagonal */
    memcpy(p->curve_y, p->curve_x, FINE_POINTS * sizeof(double));
    keep_every(p, FINER);
    return NADIR_OK;
  }
  ND_TRY(nd_settings_copy(&plain, settings, error));
  nadir_status status =
      nd_settings_set(plain, "where", "", error); /* it may speak of other columns */
  if (status == NADIR_OK) status = read_curve(p, plain, error);
  nd_settings_free(plain);
  return status;
}

/* ---- the chart ---- */

static const char *unit_of(const nd_model *model, const char *column) {
  for (size_t c = 0; c < model->column_count; c++)
    if (strcmp(model->columns[c].column, column) == 0) return model->columns[c].unit ? model->columns[c].unit : "";
  return "";
}

static void label(nd_text *text, const char *name, const char *unit) {
  nd_text_append(text, name);
  if (unit && *unit) nd_text_print(text, " [%s]", unit);
}

static nadir_status make_labels(picture *p, const nadir_settings *settings, nadir_error *error) {
  const nd_model *model = p->model;
  char number[ND_NUMBER_TEXT];
  const char *unit = p->column ? unit_of(model, p->column) : "";
  if (*settings->x_label)
    nd_text_append(&p->x_label, settings->x_label);
  else if (!isnan(p->period))
    nd_text_print(&p->x_label, "phase, in turns of %s%s%s", nd_format_digits(p->period, 8, number),
                  *unit ? " " : "", unit);
  else if (p->column)
    label(&p->x_label, p->column, unit);
  else
    label(&p->x_label, "fitted value", model->target_unit);
  if (*settings->y_label)
    nd_text_append(&p->y_label, settings->y_label);
  else
    label(&p->y_label, model->target_name, model->target_unit);
  label(&p->residual_label, "residual", model->target_unit);
  ND_TRY(nd_text_status(&p->x_label, error));
  ND_TRY(nd_text_status(&p->y_label, error));
  return nd_text_status(&p->residual_label, error);
}

static bool is_log(nd_yes_or_no setting, nd_range_or_auto range, const double *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!(values[i] > 0)) return false;
  return nd_choose_log(setting, range, nd_wants_log(values, count));
}

/* Truths and their probabilities are read on an even scale. */
static bool is_truth(const picture *p) {
  return p->model->target_kind == ND_TARGET_TRUTH;
}

static bool is_log_x(const picture *p, const nadir_settings *settings) {
  if (is_truth(p) && !p->column && settings->log_x == ND_YES_OR_NO_AUTO) return false;
  return is_log(settings->log_x, settings->x_range, p->data.x, p->data.count);
}

static bool is_log_y(const picture *p, const nadir_settings *settings, bool log_x) {
  return log_x && !is_truth(p) && is_log(settings->log_y, settings->y_range, p->data.target, p->data.count);
}

static nadir_status draw(const picture *p, bool log_x, const nadir_settings *settings,
                         nd_canvas canvas, nadir_error *error) {
  const points *data = &p->data;
  nd_mark mark = data->errors ? ND_ERROR_BARS : ND_POINTS;
  double zero_x[2], zero_y[2] = {0, 0};
  extent(data, &zero_x[0], &zero_x[1]);
  bool empty = data->count == 0;
  size_t band = p->column && !p->others && p->model->covariance ? p->curve_count : 0;
  nd_series upper[4] = {
      {.label = "data",
       .mark = mark,
       .count = data->count,
       .x = data->x,
       .y = data->target,
       .error = data->error},
      {.label = p->column ? "fit" : "perfect fit",
       .mark = ND_LINE,
       .count = p->curve_count,
       .x = p->curve_x,
       .y = p->curve_y},
      {.label = "68 % of the fit",
       .mark = ND_LINE,
       .count = band,
       .x = p->curve_x,
       .y = p->curve_low,
       .quiet = true},
      {.mark = ND_LINE, .count = band, .x = p->curve_x, .y = p->curve_high, .quiet = true}};
  if (p->curve_count == 0)
    upper[1] = (nd_series){.label = "fit, at the data",
                           .mark = ND_POINTS,
                           .count = data->count,
                           .x = data->x,
                           .y = data->fitted};
  nd_series lower[2] = {
      {.mark = ND_LINE, .count = empty ? 0 : 2, .x = zero_x, .y = zero_y, .quiet = true},
      {.mark = mark,
       .count = data->count,
       .x = data->x,
       .y = data->residual,
       .error = data->error}};
  bool log_y = is_log_y(p, settings, log_x);
  ND_TRY(nd_look_check(settings, log_x, log_y, error));
  nd_panel panels[2] = {{.y_label = nd_text_data(&p->y_label),
                         .log_x = log_x,
                         .log_y = log_y,
                         .height = 3,
                         .series = upper,
                         .series_count = band ? 4 : 2},
                        {.x_label = nd_text_data(&p->x_label),
                         .y_label = nd_text_data(&p->residual_label),
                         .log_x = log_x,
                         .height = 1.3,
                         .series = lower,
                         .series_count = 2}};
  nd_chart chart = {.title = nd_title_of(settings, p->model->formula),
                    .panels = panels,
                    .panel_count = 2,
                    .look = nd_look_of(settings)};
  return nd_chart_draw(&chart, canvas, error);
}

static nadir_status make(picture *p, const nd_table *table, const nadir_settings *fit_settings,
                         const nadir_settings *settings, nd_canvas canvas, nadir_error *error) {
  const nd_model_column *only;
  if (p->model->target_kind == ND_TARGET_CLASS)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "plot-fit: the target is a class: there is no curve to draw");
  ND_TRY(find_only_column(p->model, &only, error));
  p->column = only ? only->column : NULL;
  if (*settings->x && !(only && strcmp(settings->x, only->column) == 0)) {
    p->column = settings->x;
    p->others = true;
  }
  p->period = p->column ? nd_number_or(settings->period, (double)NAN) : (double)NAN;
  ND_TRY(read_data(p, table, fit_settings, error));
  bool log_x = isnan(p->period) && is_log_x(p, settings);
  ND_TRY(make_curve(p, log_x, fit_settings, error));
  if (!isnan(p->period)) fold_all(p);
  ND_TRY(make_labels(p, settings, error));
  return draw(p, log_x, settings, canvas, error);
}

nadir_status nd_draw_fit(const nadir_model *model, const nadir_table *table,
                         const nadir_settings *settings, nd_canvas canvas, nadir_error *error) {
  picture p = {.model = model->model, .most = canvas.svg ? MOST_IN_PAGE : MOST_POINTS};
  nadir_status status = make(&p, table->table, model->settings, settings, canvas, error);
  picture_free(&p);
  return status;
}
