/* Where the panels of a chart stand, in pixels, with their keys, titles and ticks: stacked with one x axis, or in columns.
 * Cost: one pass over the values for the axes. */
#include <string.h>

#include "plot/script_internal.h"

/* Key entries in rows over the panel, where they cover no data. */
static void plan_key(const nd_panel *panel, nd_panel_plan *plan, double width) {
  size_t longest = 5, entries = 0;
  bool path = false;
  for (size_t i = 0; i < panel->series_count; i++) {
    const nd_series *series = &panel->series[i];
    path = path || series->mark == ND_PATH;
    if (!nd_in_key(series) || entries == KEY_ENTRIES) continue;
    size_t length = nd_label_width(series->label, KEY_TEXT);
    longest = length > longest ? length : longest;
    entries++;
  }
  plan->key_entries = entries + (path ? 2 : 0);
  plan->key_columns = (size_t)(width / (double)(longest * CHARACTER + KEY_ENTRY));
  if (plan->key_columns == 0) plan->key_columns = 1;
  plan->key_rows = (plan->key_entries + plan->key_columns - 1) / plan->key_columns;
}

static double share(const nd_panel *panel) {
  return panel->height > 0 && panel->height < 1e6 ? fmax(panel->height, 0.05) : 1;
}

static double header(const nd_script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  const nd_panel_plan *plan = &s->panels[p];
  return (p > 0 && !s->chart->columns ? BETWEEN : AIR) + (double)(plan->key_rows * KEY_ROW) +
         (nd_given(panel->title) ? PANEL_TITLE : 0);
}

/* Of the chart's title, in lines where it is long. */
double nd_title_height(const nd_script *s) {
  return (double)(nd_label_lines(s->chart->title, TITLE_LINE, TITLE_LINES) * TITLE_ROW) +
         (nd_given(s->chart->title) ? TITLE - TITLE_ROW : 0);
}

/* Panels from top to bottom; keys and titles add to the height of the canvas. */
static void place_panels(nd_script *s) {
  const nd_chart *chart = s->chart;
  double shares = 0, plots = (double)(SIZE_Y - UNDER), fixed = UNDER;
  bool grid = false;
  for (size_t p = 0; p < chart->panel_count; p++) {
    shares += share(&chart->panels[p]);
    fixed += header(s, p);
    grid = grid || chart->panels[p].grid;
  }
  if (grid) plots = SIZE_Y_GRID - UNDER;
  if (chart->panel_count == 1) plots -= s->panels[0].lowered;
  plots += (double)((chart->panel_count - 1) * SIZE_Y_MORE);
  fixed += nd_title_height(s);
  s->height = ceil(plots + fixed);
  double top = s->height - nd_title_height(s);
  for (size_t p = 0; p < chart->panel_count; p++) {
    nd_panel_plan *plan = &s->panels[p];
    plan->top = top - header(s, p);
    plan->bottom = plan->top - plots * share(&chart->panels[p]) / shares;
    top = plan->bottom;
  }
}

/* The highest of a row of panels. */
static double row_header(const nd_script *s, size_t row) {
  const nd_chart *chart = s->chart;
  double head = 0;
  for (size_t p = row * chart->columns; p < chart->panel_count && p < (row + 1) * chart->columns;
       p++)
    head = fmax(head, header(s, p));
  return head;
}

/* Panels in rows of several columns, as high as wide or a little less, each with its own foot. */
static void place_rows(nd_script *s) {
  const nd_chart *chart = s->chart;
  size_t columns = chart->columns, rows = (chart->panel_count + columns - 1) / columns;
  double heads = 0, high = s->high;
  for (size_t row = 0; row < rows; row++)
    heads += row_header(s, row);
  s->height = ceil((double)rows * (high + UNDER) + heads + nd_title_height(s));
  double foot = s->height - nd_title_height(s);
  for (size_t p = 0; p < chart->panel_count; p++) {
    if (p % columns == 0) foot -= row_header(s, p / columns) + high + UNDER;
    s->panels[p].top = foot + UNDER + high;
    s->panels[p].bottom = foot + UNDER + s->panels[p].lowered;
  }
}

/* Of the bar of colours beside a contour, with its labels. */
static double bar_width(const nd_panel_plan *plan) {
  return 3 * AIR + (double)(plan->level_width * CHARACTER) + 2 * AIR;
}

/* As many digits as tell each level from the next. */
static void label_levels(nd_panel_plan *plan) {
  int digits = 2;
  for (size_t k = 1; k < plan->level_count; k++) {
    char *low = plan->level_label[k - 1], *high = plan->level_label[k];
    do {
      nd_format_digits(plan->levels[k - 1], digits, low);
      nd_format_digits(plan->levels[k], digits, high);
    } while (strcmp(low, high) == 0 && digits++ < 15);
  }
  for (size_t k = 0; k < plan->level_count; k++) {
    nd_format_digits(plan->levels[k], digits, plan->level_label[k]);
    size_t width = strlen(plan->level_label[k]);
    plan->level_width = width > plan->level_width ? width : plan->level_width;
  }
}

/* The axes of a panel, as far as the chart's look leaves them to the data. */
static void plan_axes(const nd_script *s, size_t p) {
  const nd_chart *chart = s->chart;
  nd_panel_plan *plan = &s->panels[p];
  plan->x =
      chart->columns ? nd_axis_of_x_alone(&chart->panels[p], true) : nd_axis_of_x(chart, true);
  plan->y = nd_axis_of_y(&chart->panels[p], true);
  nd_axis_limit(&plan->x, &chart->look.x);
  if (p == 0) nd_axis_limit(&plan->y, &chart->look.y);
  bool low = chart->columns > 2 || share(&chart->panels[p]) < 0.6;
  plan->y_ticks = nd_axis_ticks(&plan->y, low ? 3 : chart->columns > 1 ? 5 : 6);
  plan->foot = chart->columns || p + 1 == chart->panel_count;
}

/* The plot of a chart's only panel, or of one among columns, made narrower or lower. */
static void make_equal(nd_script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  nd_panel_plan *plan = &s->panels[p];
  double wide = plan->right - plan->left;
  double high = s->chart->columns ? s->high : (panel->grid ? SIZE_Y_GRID : SIZE_Y) - UNDER;
  double steep = (plan->y.high - plan->y.low) / (plan->x.high - plan->x.low);
  if (!panel->equal || plan->x.log || plan->y.log || !(steep > 0.1 && steep < 10)) return;
  double narrowed = fmax(0, wide - high / steep);
  plan->lowered = fmax(0, high - wide * steep);
  plan->right -= narrowed;
  if (!s->chart->columns) s->width -= narrowed;
}

/* As many as their labels leave apart. */
static nd_ticks fitting_ticks(const nd_panel_plan *plan) {
  size_t wanted = 7;
  nd_ticks ticks = nd_axis_ticks(&plan->x, wanted);
  double room = plan->right - plan->left;
  while (wanted > 1 &&
         nd_ticks_count(&plan->x, &ticks) * (double)((ticks.width + 1) * CHARACTER) > room)
    ticks = nd_axis_ticks(&plan->x, --wanted);
  return ticks;
}

static nadir_status plan_levels(const nd_script *s, size_t p, nadir_error *error) {
  const nd_panel *panel = &s->chart->panels[p];
  nd_panel_plan *plan = &s->panels[p];
  if (panel->grid) ND_TRY(nd_contour_levels(panel->grid, plan->levels, &plan->level_count, error));
  label_levels(plan);
  return NADIR_OK;
}

/* The widest labels of y axes decide where all plots begin; several columns share the width evenly. */
nadir_status nd_plan_panels(nd_script *s, nadir_error *error) {
  if (s->chart->corner) {
    nd_plan_corner(s);
    return NADIR_OK;
  }
  size_t labels = 3, columns = s->chart->columns ? s->chart->columns : 1;
  double bar = 2 * AIR;
  for (size_t p = 0; p < s->chart->panel_count; p++) {
    const nd_panel_plan *plan = &s->panels[p];
    plan_axes(s, p);
    ND_TRY(plan_levels(s, p, error));
    labels = plan->y_ticks.width > labels ? plan->y_ticks.width : labels;
    bar = fmax(bar, (double)(nd_axis_ticks(&plan->x, 7).width * CHARACTER) / 2 +
                        AIR / 2); /* the last label of x */
    if (plan->level_count > 0) bar = fmax(bar, bar_width(plan));
  }
  s->width = SIZE_X;
  double before = LEFT + (double)(labels * CHARACTER);
  double width = columns > 1 ? s->width / (double)columns : s->width;
  if (columns > 1 && width < before + LEAST_WIDE + bar) {
    width = before + LEAST_WIDE + bar;
    s->width = width * (double)columns;
  }
  for (size_t p = 0; p < s->chart->panel_count; p++) {
    s->panels[p].left = width * (double)(p % columns) + before;
    s->panels[p].right = width * (double)(p % columns + 1) - bar;
    if (p == 0) s->high = fmin(s->panels[0].right - s->panels[0].left, SIZE_Y - UNDER);
    make_equal(s, p);
    s->panels[p].x_ticks = fitting_ticks(&s->panels[p]);
    plan_key(&s->chart->panels[p], &s->panels[p], s->panels[p].right - s->panels[p].left);
  }
  if (s->chart->columns)
    place_rows(s);
  else
    place_panels(s);
  return NADIR_OK;
}
