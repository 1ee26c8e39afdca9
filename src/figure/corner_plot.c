/* The covariance of a fit drawn as a corner: below the diagonal for each two parameters the ellipses that hold both with
 * 68.3 and 95 % probability, on it the normal law of each one. Of two normal numbers chi2, which the ellipse bounds, is
 * above x with probability exp(-x/2): so at 2.30 and 5.99, not at 1 and 4. An ellipse is
 * p + sqrt(x) R (cos, sin), R the Cholesky triangle of the two rows of the covariance. */
#include <math.h>

#include "figure/figure.h"

enum { MOST = 8, AROUND = 97, AROUND_SMALL = 33, FEW = 4, ELLIPSES = 2 };
static const double TURN = 6.283185307179586,
                    REACH = 2.4477; /* standard errors to each side, as the larger ellipse has */
static const double INSIDE[ELLIPSES] = {0.6827, 0.95};

/* The curves of a panel. */
typedef struct curve {
  double x[ELLIPSES][AROUND], y[ELLIPSES][AROUND];
  double center[2];
  nd_series series[ELLIPSES + 1];
} curve;

typedef struct corner {
  const nadir_result *result;
  size_t size, around; /* points of a curve */
  curve *curve;    /* by panel */
  nd_panel *panel; /* size x size */
  nd_text *label;  /* by parameter */
  nd_text *title;  /* the same, with its value */
} corner;

static double covariance(const corner *c, size_t i, size_t j) {
  return c->result->uncertainty->covariance[i * c->size + j];
}

static void draw_law(const corner *c, size_t i, curve *to) {
  double sigma = sqrt(covariance(c, i, i)), center = c->result->parameter[i].value;
  for (size_t k = 0; k < c->around; k++) {
    double z = REACH * (2 * (double)k / (double)(c->around - 1) - 1);
    to->x[0][k] = center + sigma * z;
    to->y[0][k] = exp(-z * z / 2);
  }
  to->series[0] = (nd_series){.mark = ND_LINE, .count = c->around, .x = to->x[0], .y = to->y[0]};
}

static void draw_ellipses(const corner *c, size_t i, size_t j, curve *to) {
  double a = sqrt(covariance(c, j, j)), b = covariance(c, i, j) / a;
  double d = sqrt(fmax(0, covariance(c, i, i) - b * b));
  to->center[0] = c->result->parameter[j].value;
  to->center[1] = c->result->parameter[i].value;
  for (size_t e = 0; e < ELLIPSES; e++) {
    double size = sqrt(-2 * log1p(-INSIDE[e]));
    for (size_t k = 0; k < c->around; k++) {
      double turn = TURN * (double)k / (double)(c->around - 1);
      to->x[e][k] = to->center[0] + size * a * cos(turn);
      to->y[e][k] = to->center[1] + size * (b * cos(turn) + d * sin(turn));
    }
    to->series[e] = (nd_series){.mark = ND_LINE, .count = c->around, .x = to->x[e], .y = to->y[e]};
  }
  to->series[ELLIPSES] = (nd_series){
      .mark = ND_POINTS, .count = 1, .x = &to->center[0], .y = &to->center[1], .quiet = true};
}

static void draw_panel(const corner *c, size_t i, size_t j) {
  size_t at = i * c->size + j;
  curve *to = &c->curve[at];
  if (j > i) return;
  if (i == j)
    draw_law(c, i, to);
  else
    draw_ellipses(c, i, j, to);
  bool foot = i + 1 == c->size;
  c->panel[at] = (nd_panel){.title = i == j ? nd_text_data(&c->title[i]) : NULL,
                            .x_label = foot ? nd_text_data(&c->label[j]) : NULL,
                            .y_label = j == 0 && i > 0 ? nd_text_data(&c->label[i]) : NULL,
                            .height = 1,
                            .series = to->series,
                            .series_count = i == j ? 1 : ELLIPSES + 1};
}

static nadir_status name_parameter(corner *c, size_t i, nadir_error *error) {
  const nadir_parameter *p = &c->result->parameter[i];
  char value[ND_NUMBER_TEXT], sigma[ND_NUMBER_TEXT];
  bool unit = p->unit && *p->unit;
  nd_format_with_error(p->value, p->standard_error, value, sigma);
  nd_text_append(&c->label[i], p->name);
  if (unit) nd_text_print(&c->label[i], " [%s]", p->unit);
  nd_text_print(&c->title[i], "%s = %s", p->name, value);
  if (*sigma) nd_text_print(&c->title[i], " \xc2\xb1 %s", sigma);
  if (unit) nd_text_print(&c->title[i], " %s", p->unit);
  ND_TRY(nd_text_status(&c->label[i], error));
  return nd_text_status(&c->title[i], error);
}

static nadir_status fill(corner *c, nadir_error *error) {
  size_t n = c->size;
  c->curve = nd_new(n * n, sizeof *c->curve, error);
  c->panel = nd_new(n * n, sizeof *c->panel, error);
  c->label = nd_new(n, sizeof *c->label, error);
  c->title = nd_new(n, sizeof *c->title, error);
  if (!c->curve || !c->panel || !c->label || !c->title) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < n; i++)
    ND_TRY(name_parameter(c, i, error));
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      draw_panel(c, i, j);
  return NADIR_OK;
}

static void corner_clear(corner *c) {
  for (size_t i = 0; c->label && i < c->size; i++)
    nd_text_free(&c->label[i]);
  for (size_t i = 0; c->title && i < c->size; i++)
    nd_text_free(&c->title[i]);
  nd_free(c->label);
  nd_free(c->title);
  nd_free(c->panel);
  nd_free(c->curve);
}

bool nd_corner_drawn(size_t parameters) {
  return parameters >= 2 && parameters <= MOST;
}

static nadir_status check(const nadir_result *result, nadir_error *error) {
  if (!result->uncertainty || !result->uncertainty->covariance)
    return nd_fail(
        error, NADIR_BAD_DATA,
        "corner: the parameters have no standard errors: look at what the fit says of them");
  if (nd_corner_drawn(result->size)) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_DATA,
                 "corner: the fit has %zu parameter%s, and two to %d are drawn: fix the others",
                 result->size, result->size == 1 ? "" : "s", MOST);
}

nadir_status nd_draw_corner(const nadir_result *result, const nadir_settings *settings,
                            nd_canvas canvas, nadir_error *error) {
  ND_TRY(check(result, error));
  corner c = {
      .result = result, .size = result->size, .around = result->size > FEW ? AROUND_SMALL : AROUND};
  nadir_status status = fill(&c, error);
  if (status == NADIR_OK) {
    nd_chart chart = {.title =
                          nd_title_of(settings, "two parameters with 68.3 and 95 % probability"),
                      .panels = c.panel,
                      .panel_count = c.size * c.size,
                      .columns = c.size,
                      .corner = true};
    status = nd_chart_draw(&chart, canvas, error);
  }
  corner_clear(&c);
  return status;
}
