/* The layout of a corner: the panels of the lower triangle of a square, close together, that share x down a column and y
 * along a row. Numbers and names stand under the last row and before the first column alone. Where a panel is too narrow
 * for two numbers beside each other they are turned upright; a name that is longer than its panel is written aslant under
 * it, or level before it. Cost: one pass over the values for the axes. */
#include <string.h>

#include "plot/script_internal.h"

enum {
  LEAST_SIDE = 104,
  GAP = 10,
  MOST_NUMBERS = 4,
  LINE_HIGH = 16,
  NUMBERS_HIGH = 26,
  NAME_HIGH = 26
};
static const double ASLANT_HIGH = 0.5, ASLANT_WIDE = 0.866; /* of a name's length, at 30 degrees */

static const nd_panel *panel_at(const nd_script *s, size_t i, size_t j) {
  return &s->chart->panels[i * s->chart->columns + j];
}

static nd_panel_plan *plan_at(const nd_script *s, size_t i, size_t j) {
  return &s->panels[i * s->chart->columns + j];
}

/* Lists the multiples of the step whose numbers, `wide` each on an axis of `length` pixels, do not reach far over the
 * axis's ends, where those of the next panel stand. */
static void list_numbers(nd_ticks *ticks, const nd_axis *axis, double wide, double length) {
  ticks->count = 0;
  for (double k = ceil(axis->low / ticks->step);
       k * ticks->step <= axis->high && ticks->count < ND_TICKS; k++) {
    double at = nd_axis_place(axis, k * ticks->step) * length;
    if (at >= (wide - GAP) / 2 && at <= length - (wide - GAP) / 2)
      ticks->place[ticks->count++] = k * ticks->step;
  }
}

/* As few as are wanted, but two at least: one says nothing of the scale. */
static nd_ticks two_numbers(const nd_axis *axis, size_t wanted, double length) {
  nd_ticks ticks;
  do {
    ticks = nd_axis_ticks(axis, wanted++);
    list_numbers(&ticks, axis, LINE_HIGH, length);
  } while (ticks.count < 2);
  return ticks;
}

/* As the panel of one parameter alone has it, so that all panels of a row and of a column show the same range. */
static void plan_axes(const nd_script *s, size_t i, size_t j) {
  nd_panel_plan *plan = plan_at(s, i, j);
  plan->x = nd_axis_of_x_alone(panel_at(s, j, j), true);
  plan->y =
      i == j ? nd_axis_of_y(panel_at(s, i, i), true) : nd_axis_of_x_alone(panel_at(s, i, i), true);
  plan->y_ticks = two_numbers(&plan->y, MOST_NUMBERS - 1, LEAST_SIDE);
  plan->foot = i + 1 == s->chart->columns;
  plan->bare_y = i == j;
}

/* Numbers that stand beside each other; false where there is room for one alone. */
static bool plan_level_numbers(nd_panel_plan *plan, double side) {
  for (size_t wanted = MOST_NUMBERS; wanted > 1; wanted--) {
    plan->x_ticks = nd_axis_ticks(&plan->x, wanted);
    double wide = (double)(plan->x_ticks.width * CHARACTER);
    list_numbers(&plan->x_ticks, &plan->x, wide, side);
    if ((double)plan->x_ticks.count * (wide + CHARACTER) <= side) return plan->x_ticks.count >= 2;
  }
  return false;
}

static void plan_numbers(nd_script *s, double side) {
  size_t n = s->chart->columns;
  for (size_t j = 0; j < n; j++)
    for (size_t i = j; i < n; i++)
      if (!plan_level_numbers(plan_at(s, i, j), side)) s->corner.numbers_upright = true;
  for (size_t j = 0; j < n && s->corner.numbers_upright; j++)
    for (size_t i = j; i < n; i++)
      plan_at(s, i, j)->x_ticks = two_numbers(&plan_at(s, i, j)->x, MOST_NUMBERS, side);
}

/* Of the names before the rows, or under the columns. */
static double longest_name(const nd_script *s, bool rows) {
  size_t n = s->chart->columns, most = 0;
  for (size_t i = 0; i < n; i++) {
    const char *name = rows ? panel_at(s, i, 0)->y_label : panel_at(s, n - 1, i)->x_label;
    size_t width = nd_label_width(name, CORNER_NAME);
    most = width > most ? width : most;
  }
  return (double)(most * CHARACTER);
}

static double widest_numbers(const nd_script *s, bool rows) {
  size_t n = s->chart->columns, most = 3;
  for (size_t i = rows; i < n; i++) {
    const nd_panel_plan *plan = rows ? plan_at(s, i, 0) : plan_at(s, n - 1, i);
    size_t width = rows ? plan->y_ticks.width : plan->x_ticks.width;
    most = width > most ? width : most;
  }
  return (double)(most * CHARACTER);
}

static double side_of(const nd_script *s, double before) {
  double n = (double)s->chart->columns, side = (SIZE_X - before - AIR - (n - 1) * GAP) / n;
  return fmax(LEAST_SIDE, fmin(side, SIZE_Y - UNDER));
}

/* How much is left of the first column. */
static double plan_rows(nd_script *s) {
  double numbers = widest_numbers(s, true), names = longest_name(s, true);
  double before = LEFT + numbers;
  s->corner.names_level = names > side_of(s, before) + PANEL_TITLE;
  return s->corner.names_level ? 2 * AIR + names + numbers : before;
}

static double plan_foot(nd_script *s, double side) {
  double names = longest_name(s, false);
  s->corner.names_aslant = names > side;
  s->corner.numbers_high =
      s->corner.numbers_upright ? widest_numbers(s, false) + AIR : NUMBERS_HIGH;
  return s->corner.numbers_high + NAME_HIGH + (s->corner.names_aslant ? names * ASLANT_HIGH : 0);
}

void nd_plan_corner(nd_script *s) {
  size_t n = s->chart->columns;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++)
      plan_axes(s, i, j);
  double before = plan_rows(s), side = side_of(s, before);
  plan_numbers(s, side);
  double foot = plan_foot(s, side), row = PANEL_TITLE + side + GAP;
  s->width =
      ceil(before + (double)n * (side + GAP) - GAP + fmax(AIR, widest_numbers(s, false) / 2));
  s->height = ceil(nd_title_height(s) + (double)n * row + foot);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      nd_panel_plan *plan = plan_at(s, i, j);
      plan->left = before + (double)j * (side + GAP);
      plan->right = plan->left + side;
      plan->bottom = foot + (double)(n - 1 - i) * row;
      plan->top = plan->bottom + side;
    }
}

/* As much of a name as does not leave the page on the left. */
static size_t room_aslant(const nd_panel_plan *plan) {
  double room = (plan->left + plan->right) / 2 - AIR;
  size_t characters = (size_t)(room / ASLANT_WIDE / CHARACTER);
  return characters < CORNER_NAME ? characters : CORNER_NAME;
}

nd_corner_name nd_corner_x_name(const nd_script *s, const nd_panel_plan *plan) {
  double middle = (plan->left + plan->right) / 2, under = plan->bottom - s->corner.numbers_high;
  if (s->corner.names_aslant)
    return (nd_corner_name){.x = middle + CHARACTER,
                            .y = under,
                            .limit = room_aslant(plan),
                            .how = "right rotate by 30"};
  return (nd_corner_name){
      .x = middle, .y = under - NAME_HIGH / 2, .limit = CORNER_NAME, .how = "center"};
}

nd_corner_name nd_corner_y_name(const nd_script *s, const nd_panel_plan *plan) {
  return (nd_corner_name){.x = AIR,
                          .y = (plan->bottom + plan->top) / 2,
                          .limit = CORNER_NAME,
                          .how = s->corner.names_level ? "left" : "center rotate"};
}
