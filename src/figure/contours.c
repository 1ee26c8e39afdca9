/* Contours of a loss over two parameters, with the paths of descents on them, the minima that --starts found and the
 * box that they were drawn from. A formula is drawn in
 * its own parameters and evaluated over the whole grid as one program; a fit is drawn in descent
 * coordinates, where the descent took place: that is where feature scaling shows.
 *
 * Costs one evaluation a grid point; for a fit each is a pass over the rows, so its grid is coarser
 * the more rows there are. */
#include <stdio.h>
#include <string.h>

#include "figure/figure.h"
#include "objective/fitting.h"

enum { FINE = 181, COARSE = 25 };
static const double MARGIN = 0.25; /* around the paths, of their extent */
static const double AIR = 0.1;     /* around the minima and the box, of theirs */
static const double LIKE = 20;     /* extents within this ratio are drawn to one scale */
static const double NOTHING = 1e-9; /* less than this part of the other extent is rounding */
static const double AWAY = 10;     /* a path is followed as far as the loss is not higher above the start than this times
                                      what the best path fell by */

enum { CORNERS = 5, MORE = 2 }; /* of the box, closed; series beside the paths */

typedef struct contour {
  size_t side, paths, drawn;
  double *x, *y, *z; /* side, side, side^2 */
  nd_series *series; /* of the paths, then of the minima and the box */
  double *minima;    /* x, then y */
  double box[2][CORNERS];
  bool equal;   /* both axes are of one scale */
  size_t *seen; /* by path: its points up to where it has left, which the window is made for */
  char *labels[2];
} contour;

static void contour_free(contour *c) {
  nd_free(c->x);
  nd_free(c->y);
  nd_free(c->z);
  for (size_t i = 0; c->series && i < c->paths; i++) {
    nd_free((void *)(uintptr_t)c->series[i].x);
    nd_free((void *)(uintptr_t)c->series[i].y);
  }
  nd_free(c->series);
  nd_free(c->minima);
  nd_free(c->seen);
}

static nadir_status contour_new(contour *c, size_t side, size_t paths, nadir_error *error) {
  *c = (contour){.side = side,
                 .paths = paths,
                 .drawn = paths,
                 .x = nd_new(side, sizeof(double), error),
                 .y = nd_new(side, sizeof(double), error),
                 .z = nd_new(side * side, sizeof(double), error),
                 .series = nd_new(paths + MORE, sizeof(nd_series), error),
                 .seen = nd_new(paths, sizeof(size_t), error)};
  return c->x && c->y && c->z && c->series && c->seen ? NADIR_OK : NADIR_NO_MEMORY;
}

static nadir_status need_two(size_t size, nadir_error *error) {
  if (size == 2) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "contour: the loss has %zu parameter%s: contours are drawn for two", size,
                 size == 1 ? "" : "s");
}

/* The path of a trace: its two parameters, through `map` where they are drawn in other coordinates.
 */
static nadir_status make_path(nd_series *series, const nadir_trace *trace, const char *label,
                              const nd_model *model, nadir_error *error) {
  double *x = nd_new(trace->rows, sizeof *x, error), *y = nd_new(trace->rows, sizeof *y, error);
  *series = (nd_series){.label = label, .mark = ND_PATH, .count = trace->rows, .x = x, .y = y};
  if (!x || !y) return NADIR_NO_MEMORY;
  if (trace->columns < NADIR_TRACE_PARAMETERS + 2)
    return nd_fail(error, NADIR_BAD_DATA,
                   "contour: a trace has no parameters in it: give one of this function");
  for (size_t r = 0; r < trace->rows; r++) {
    const double *w = trace->values + r * trace->columns + NADIR_TRACE_PARAMETERS;
    double mapped[2] = {w[0], w[1]};
    if (model) nd_model_to_descent(model, w, mapped);
    x[r] = mapped[0];
    y[r] = mapped[1];
  }
  return NADIR_OK;
}

static double loss_at(const nadir_trace *trace, size_t row) {
  return trace->values[row * trace->columns + NADIR_TRACE_LOSS];
}

/* Diverging paths are drawn as far as the window goes, which others are made for. */
static void find_seen(contour *c, const nadir_result *const *results) {
  double lowest = HUGE_VAL;
  for (size_t i = 0; i < c->paths; i++)
    for (size_t r = 0; r < results[i]->trace->rows; r++)
      lowest = fmin(lowest, loss_at(results[i]->trace, r));
  for (size_t i = 0; i < c->paths; i++) {
    const nadir_trace *trace = results[i]->trace;
    double first = trace->rows ? loss_at(trace, 0) : 0, most = first + AWAY * (first - lowest);
    size_t *seen = &c->seen[i];
    for (*seen = 0; *seen < trace->rows; ++*seen)
      if (*seen > 1 && !(loss_at(trace, *seen) <= most)) break;
  }
}

static nadir_status make_paths(contour *c, const nadir_result *const *results,
                               const char *const *labels, const nd_model *model,
                               nadir_error *error) {
  for (size_t i = 0; i < c->paths; i++)
    ND_TRY(make_path(&c->series[i], results[i]->trace, labels ? labels[i] : NULL, model, error));
  find_seen(c, results);
  return NADIR_OK;
}

/* ---- the minima, and the box ---- */

static nadir_status mark_minima(contour *c, const nadir_result *const *results,
                                const nd_model *model, nadir_error *error) {
  size_t total = 0, at = 0;
  for (size_t i = 0; i < c->paths; i++)
    total += results[i]->minima;
  if (total == 0) return NADIR_OK;
  c->minima = nd_new(2 * total, sizeof *c->minima, error);
  if (!c->minima) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < c->paths; i++)
    for (size_t m = 0; m < results[i]->minima; m++, at++) {
      const double *w = results[i]->minimum[m].w;
      double mapped[2] = {w[0], w[1]};
      if (model) nd_model_to_descent(model, w, mapped);
      c->minima[at] = mapped[0];
      c->minima[total + at] = mapped[1];
    }
  c->series[c->drawn++] = (nd_series){.label = "minima",
                                      .mark = ND_CROSSES,
                                      .count = total,
                                      .x = c->minima,
                                      .y = c->minima + total};
  return NADIR_OK;
}

static bool read_end(const char *text, double *end) {
  return text && nd_read_number(text, text + strlen(text), end);
}

/* The ends of both parameters' sides; *whole where both are there. */
static nadir_status read_box(const char *text, const char *const names[2], double side[2][2],
                             bool *whole, nadir_error *error) {
  nd_graph *graph;
  nd_fact *facts = NULL;
  size_t count = 0;
  bool found[2] = {false, false};
  ND_TRY(nd_graph_new(&graph, error));
  nadir_status status = nd_box_read(graph, text, &facts, &count, error);
  for (size_t f = 0; status == NADIR_OK && f < count; f++)
    for (size_t k = 0; k < 2; k++)
      if (strcmp(nd_node_text(graph, facts[f].name), names[k]) == 0)
        found[k] =
            read_end(facts[f].range.low, &side[k][0]) && read_end(facts[f].range.high, &side[k][1]);
  *whole = found[0] && found[1];
  nd_free(facts);
  nd_graph_free(graph);
  return status;
}

static nadir_status mark_box(contour *c, const nadir_settings *settings, const char *const names[2],
                             const nd_model *model, nadir_error *error) {
  static const size_t corner[CORNERS][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
  double side[2][2];
  bool whole = false;
  if (*settings->box) ND_TRY(read_box(settings->box, names, side, &whole, error));
  if (!whole) return NADIR_OK;
  for (size_t k = 0; k < CORNERS; k++) {
    const double w[2] = {side[0][corner[k][0]], side[1][corner[k][1]]};
    double mapped[2] = {w[0], w[1]};
    if (model) nd_model_to_descent(model, w, mapped);
    c->box[0][k] = mapped[0];
    c->box[1][k] = mapped[1];
  }
  c->series[c->drawn++] = (nd_series){.label = "box",
                                      .mark = ND_LINE,
                                      .count = CORNERS,
                                      .x = c->box[0],
                                      .y = c->box[1],
                                      .quiet = true};
  return NADIR_OK;
}

/* Opens a window for the minima and the box; returns their extent, 0 where there are none. */
static double include_marks(const contour *c, bool along_y, double *low, double *high) {
  double least = HUGE_VAL, most = -HUGE_VAL;
  for (size_t i = c->paths; i < c->drawn; i++) {
    const double *at = along_y ? c->series[i].y : c->series[i].x;
    for (size_t r = 0; r < c->series[i].count; r++) {
      least = fmin(least, at[r]);
      most = fmax(most, at[r]);
    }
  }
  double extent = most >= least ? most - least : 0, air = AIR * extent;
  *low = fmin(*low, least - air);
  *high = fmax(*high, most + air);
  return extent;
}

/* The extent of the paths and marks along one axis, widened on both sides; mirrored about the end of the path
 * so that the minimum is not at the rim. Returns the extent. */
static double span(const contour *c, bool along_y, double *values) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (size_t i = 0; i < c->paths; i++) {
    const double *at = along_y ? c->series[i].y : c->series[i].x;
    size_t count = c->seen[i];
    for (size_t r = 0; r < count; r++) {
      if (!isfinite(at[r])) continue;
      low = fmin(low, fmin(at[r], 2 * at[count - 1] - at[r]));
      high = fmax(high, fmax(at[r], 2 * at[count - 1] - at[r]));
    }
  }
  if (!(high >= low)) low = -1, high = 1;
  double extent = high - low, margin = extent > 0 ? MARGIN * extent : fmax(1, fabs(low));
  low -= margin;
  high += margin;
  extent = fmax(extent, include_marks(c, along_y, &low, &high));
  for (size_t i = 0; i < c->side; i++)
    values[i] = low + (high - low) * (double)i / (double)(c->side - 1);
  return extent;
}

static void set_around(const contour *c, double *axis, double width) {
  size_t last = c->side - 1;
  double middle = 0.5 * (axis[0] + axis[last]);
  for (size_t i = 0; i <= last; i++)
    axis[i] = middle + width * ((double)i / (double)last - 0.5);
}

/* Parameters that are alike get the wider extent on both axes, so that a badly scaled bowl looks as
 * long as it is and the path leaves the contours at right angles; so does an axis along which the paths
 * move by rounding alone. Others, as those of a free model
 * with units of their own, fill each its axis. */
static void spans(contour *c, bool alike) {
  double extent[2] = {span(c, false, c->x), span(c, true, c->y)}, *axes[2] = {c->x, c->y};
  size_t last = c->side - 1, most = extent[1] > extent[0], least = !most;
  double wide = axes[most][last] - axes[most][0], middle = 0.5 * (axes[least][0] + axes[least][last]);
  bool rounding = extent[least] <= NOTHING * extent[most] && wide > NOTHING * fabs(middle);
  double narrow = axes[least][last] - axes[least][0];
  if (!alike || (!rounding && fmin(narrow, wide) < fmax(narrow, wide) / LIKE)) return;
  double width = rounding ? wide : fmax(narrow, wide);
  c->equal = true;
  set_around(c, c->x, width);
  set_around(c, c->y, width);
}

static nadir_status draw(contour *c, const nadir_settings *settings, nd_canvas canvas,
                         nadir_error *error) {
  nd_grid grid = {
      .columns = c->side, .rows = c->side, .x = c->x, .y = c->y, .z = c->z, .label = "loss"};
  nd_panel panel = {.x_label = c->labels[0],
                    .y_label = c->labels[1],
                    .height = 1,
                    .equal = c->equal,
                    .series = c->series,
                    .series_count = c->drawn,
                    .grid = &grid};
  nd_chart chart = {
      .title = nd_title_of(settings, NULL), .panels = &panel, .panel_count = 1};
  return nd_chart_draw(&chart, canvas, error);
}

/* ---- formulas ---- */

static nadir_status evaluate_grid(contour *c, const nadir_expr *expr, nadir_error *error) {
  nd_leaf leaves[2] = {{expr->names[0], true}, {expr->names[1], true}};
  nd_program *program = NULL;
  nd_workspace *workspace = NULL;
  double *y_row = nd_new(c->side, sizeof *y_row, error);
  nadir_status status =
      y_row ? nd_program_new(&program, expr->graph, &expr->root, 1, leaves, 2, error)
            : NADIR_NO_MEMORY;
  if (status == NADIR_OK) status = nd_workspace_new(&workspace, program, error);
  for (size_t j = 0; status == NADIR_OK && j < c->side; j++) {
    for (size_t i = 0; i < c->side; i++)
      y_row[i] = c->y[j];
    const double *rows[2] = {c->x, y_row};
    double *out = c->z + j * c->side;
    nd_program_run(program, workspace, rows, NULL, c->side, &out);
  }
  nd_workspace_free(workspace);
  nd_program_free(program);
  nd_free(y_row);
  return status;
}

nadir_status nd_draw_contour(const nadir_expr *expr, const nadir_result *const *results,
                             const char *const *labels, size_t count,
                             const nadir_settings *settings, nd_canvas canvas, nadir_error *error) {
  contour c;
  ND_TRY(need_two(expr->size, error));
  nadir_status status = contour_new(&c, FINE, count, error);
  if (status == NADIR_OK) status = make_paths(&c, results, labels, NULL, error);
  const char *names[2] = {nd_formula_parameter(expr, 0), nd_formula_parameter(expr, 1)};
  if (status == NADIR_OK) status = mark_minima(&c, results, NULL, error);
  if (status == NADIR_OK) status = mark_box(&c, settings, names, NULL, error);
  if (status == NADIR_OK) {
    spans(&c, true);
    c.labels[0] = (char *)(uintptr_t)names[0];
    c.labels[1] = (char *)(uintptr_t)names[1];
    status = evaluate_grid(&c, expr, error);
  }
  if (status == NADIR_OK) status = draw(&c, settings, canvas, error);
  contour_free(&c);
  return status;
}

/* ---- fits ---- */

static nadir_status evaluate_objective(contour *c, nd_objective *objective, nadir_error *error) {
  for (size_t j = 0; j < c->side; j++)
    for (size_t i = 0; i < c->side; i++) {
      double w[2] = {c->x[i], c->y[j]}, *z = &c->z[j * c->side + i];
      ND_TRY(objective->problem.value(objective->problem.context, w, z, error));
      *z *= objective->loss_factor;
    }
  return NADIR_OK;
}

static nadir_status draw_objective(nd_objective *objective, const nd_model *model, size_t side,
                                   const nadir_result *const *results, const char *const *labels,
                                   size_t count, const nadir_settings *settings, nd_canvas canvas,
                                   nadir_error *error) {
  contour c;
  nd_text names[2] = {{0}, {0}};
  nadir_status status = contour_new(&c, side, count, error);
  if (status == NADIR_OK) status = make_paths(&c, results, labels, model, error);
  const char *plain[2] = {model->parameters[0].name, model->parameters[1].name};
  if (status == NADIR_OK) status = mark_minima(&c, results, model, error);
  if (status == NADIR_OK) status = mark_box(&c, settings, plain, model, error);
  bool scaled = model->scale_method != ND_SCALE_NONE && model->is_linear;
  for (size_t i = 0; i < 2; i++) {
    nd_text_print(&names[i], "%s%s", plain[i], scaled ? " (scaled)" : "");
    if (status == NADIR_OK) status = nd_text_status(&names[i], error);
    c.labels[i] = names[i].data;
  }
  if (status == NADIR_OK) {
    spans(&c, model->is_linear);
    status = evaluate_objective(&c, objective, error);
  }
  if (status == NADIR_OK) status = draw(&c, settings, canvas, error);
  contour_free(&c);
  nd_text_free(&names[0]);
  nd_text_free(&names[1]);
  return status;
}

nadir_status nd_draw_fit_contour(const nadir_model *fitted, const nadir_table *table,
                                 const nadir_result *const *results, const char *const *labels,
                                 size_t count, const nadir_settings *settings, nd_canvas canvas,
                                 nadir_error *error) {
  nd_fitting f = {0};
  ND_TRY(need_two(fitted->model->size, error));
  nadir_status status =
      nd_fitting_new(&f, table->table, NULL, fitted->model->formula, fitted->settings, NULL, error);
  if (status == NADIR_OK) {
    size_t side = nd_data_count(f.data)->used <= 100000 ? FINE / 2 : COARSE;
    status =
        draw_objective(f.objective, f.model, side, results, labels, count, settings, canvas, error);
  }
  nd_fitting_free(&f);
  return status;
}
