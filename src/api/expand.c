/* `nadir taylor`: the expansion of a formula at a point, for people, as LaTeX and as the JSON
 * object, and its picture: in one parameter the partial sums over the function; in two the circle,
 * the plane's direction and the true contours. */
#include <stdio.h>
#include <string.h>

#include "api/json_internal.h"
#include "api/question_internal.h"

/* ---- the point ---- */

typedef struct point {
  nd_assignment *list;
  size_t count;
  const char **at; /* by parameter: a formula without names */
} point;

static void point_free(point *p) {
  nd_assignments_free(p->list, p->count);
  nd_free((void *)p->at);
}

static nadir_status read_point(point *p, const nadir_expr *expr, const nd_asked *asked,
                               const char *text, nadir_error *error) {
  size_t size = asked->question.parameter_count;
  *p = (point){.at = nd_new(size, sizeof *p->at, error)};
  if (!p->at) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < size; i++)
    p->at[i] = "0";
  if (*text) ND_TRY(nd_assignments_read("at", text, false, &p->list, &p->count, error));
  for (size_t a = 0; a < p->count; a++) {
    size_t i = 0;
    while (i < size &&
           strcmp(nd_node_text(expr->graph, asked->parameters[i]), p->list[a].name) != 0)
      i++;
    if (i == size)
      return nd_fail(error, NADIR_BAD_SETTING,
                     "at: the formula has no parameter '%s': name what is in it", p->list[a].name);
    p->at[i] = p->list[a].text;
  }
  return NADIR_OK;
}

static const char *name_of(const nadir_expr *expr, const nd_asked *asked, size_t i) {
  return nd_node_text(expr->graph, asked->parameters[i]);
}

/* ---- one parameter, for people ---- */

/* "0.7071 + 0.7071 (x - 0.785) - 0.354 (x - 0.785)^2": the polynomial as a formula that reads back.
 */
static void put_polynomial(nd_text *out, const nd_taylor_one *s, const char *name, bool latex) {
  char number[ND_NUMBER_TEXT], at[ND_NUMBER_TEXT], base[128];
  nd_format(fabs(s->at), at);
  if (s->at == 0)
    snprintf(base, sizeof base, "%s", name);
  else
    snprintf(base, sizeof base, "(%s %c %s)", name, s->at < 0 ? '+' : '-', at);
  bool any = false;
  for (size_t k = 0; k <= s->order; k++) {
    double c = s->coefficient[k];
    if (c == 0) continue;
    nd_text_append(out, any ? (c < 0 ? " - " : " + ") : (c < 0 ? "-" : ""));
    nd_format_digits(fabs(c), 15, number);
    nd_text_append(out, number);
    if (k) nd_text_print(out, "%s%s", latex ? "\\," : "*", base);
    if (k > 1) nd_text_print(out, latex ? "^{%zu}" : "^%zu", k);
    any = true;
  }
  if (!any) nd_text_append(out, "0");
}

static void put_remainder(nd_text *out, const nd_taylor_one *s) {
  char number[2][ND_NUMBER_TEXT];
  if (isnan(s->radius)) return;
  nd_text_print(out, "within %s of it ", nd_format(s->radius, number[0]));
  if (isfinite(s->remainder))
    nd_text_print(out, "the polynomial is off by at most %s (proved)\n",
                  nd_format_bound(s->remainder, ND_UP, 4, number[1]));
  else
    nd_text_append(out,
                   "no bound on the remainder is proved: the interval reaches a pole, a kink or "
                   "the end of the domain, or values beyond a double: take a smaller radius\n");
}

static void put_series(nd_text *out, const nadir_expr *expr, const nd_taylor_one *s,
                       const char *name, bool latex) {
  char number[3][ND_NUMBER_TEXT];
  if (latex) {
    put_polynomial(out, s, name, true);
    nd_text_append(out, "\n");
    return;
  }
  nd_text_print(out, "%s around %s = %s, to order %zu\n\n", expr->text, name,
                nd_format(s->at, number[0]), s->order);
  nd_text_append(out, "   k  coefficient h^(k)/k!     known to\n");
  for (size_t k = 0; k <= s->order; k++)
    nd_text_print(out, "%4zu  %-22s  %s\n", k, nd_format_digits(s->coefficient[k], 16, number[0]),
                  nd_format_bound(s->error[k], ND_UP, 2, number[1]));
  nd_text_append(out, "\n");
  put_polynomial(out, s, name, false);
  nd_text_append(out, "\n");
  put_remainder(out, s);
}

/* ---- several parameters, for people ---- */

static void put_vector(nd_text *out, const nadir_expr *expr, const nd_asked *asked,
                       const double *v) {
  char number[ND_NUMBER_TEXT];
  for (size_t i = 0; i < asked->question.parameter_count; i++)
    nd_text_print(out, "%s%s %s", i ? ", " : "", name_of(expr, asked, i),
                  nd_format_digits(v[i], 12, number));
  nd_text_append(out, "\n");
}

static void put_plane(nd_text *out, const nadir_expr *expr, const nd_asked *asked,
                      const nd_taylor_many *m) {
  char number[2][ND_NUMBER_TEXT];
  nd_text_print(out, "plane       %s", nd_format_digits(m->value, 10, number[0]));
  for (size_t i = 0; i < m->size; i++)
    nd_text_print(out, " %c %s (%s %c %s)", m->gradient[i] < 0 ? '-' : '+',
                  nd_format_digits(fabs(m->gradient[i]), 10, number[0]), name_of(expr, asked, i),
                  m->at[i] < 0 ? '+' : '-', nd_format_digits(fabs(m->at[i]), 10, number[1]));
  nd_text_append(out, "\n");
}

static void put_hessian(nd_text *out, const nd_taylor_many *m) {
  char number[ND_NUMBER_TEXT];
  for (size_t i = 0; i < m->size; i++) {
    nd_text_append(out, i ? "            " : "Hessian     ");
    for (size_t j = 0; j < m->size; j++)
      nd_text_print(out, "%14s", nd_format_digits(m->hessian[i * m->size + j], 10, number));
    nd_text_append(out, "\n");
  }
}

static const char *why_no_radius(const nd_taylor_many *m) {
  if (m->is_affine) return "the formula is affine";
  for (size_t i = 0; i < m->size; i++)
    if (m->gradient[i] != 0) return "none is proved";
  return "its gradient vanishes here";
}

static void put_circle(nd_text *out, const nadir_expr *expr, const nd_asked *asked,
                       const nd_taylor_many *m) {
  char number[2][ND_NUMBER_TEXT];
  if (!isnan(m->radius) && m->minimizer) {
    nd_text_print(out, "\nin the circle of radius %s the plane is lowest at\n            ",
                  nd_format(m->radius, number[0]));
    put_vector(out, expr, asked, m->minimizer);
    nd_text_print(out, "            that is against the gradient, a rate of %s\n",
                  nd_format_digits(m->rate, 8, number[0]));
    nd_text_print(out, "decrease    %s predicted by the plane, ",
                  nd_format_digits(m->predicted_decrease, 8, number[0]));
    if (isfinite(m->true_decrease))
      nd_text_print(out, "%s true\n", nd_format_digits(m->true_decrease, 8, number[1]));
    else
      nd_text_append(out, "and the formula has no finite value there\n");
  }
  if (isnan(m->valid_radius))
    nd_text_print(out, "the plane has no radius: %s\n", why_no_radius(m));
  else
    nd_text_print(out, "the plane is right to %s of the decrease up to a radius of %s (proved)\n",
                  nd_format(m->within, number[0]),
                  nd_format_bound(m->valid_radius, ND_DOWN, 6, number[1]));
  if (!isnan(m->quadratic_radius))
    nd_text_print(out, "the quadratic is, up to a radius of %s (proved)\n",
                  nd_format_bound(m->quadratic_radius, ND_DOWN, 6, number[0]));
}

static void put_model(nd_text *out, const nadir_expr *expr, const nd_asked *asked,
                      const nd_taylor_many *m) {
  char number[ND_NUMBER_TEXT];
  nd_text_print(out, "%s\nat          ", expr->text);
  put_vector(out, expr, asked, m->at);
  nd_text_print(out, "value       %s\ngradient    ", nd_format_digits(m->value, 15, number));
  put_vector(out, expr, asked, m->gradient);
  put_hessian(out, m);
  put_plane(out, expr, asked, m);
  put_circle(out, expr, asked, m);
}

static void put_model_latex(nd_text *out, const nadir_expr *expr, const nd_asked *asked,
                            const nd_taylor_many *m) {
  char number[2][ND_NUMBER_TEXT];
  nd_text_print(out, "L(w) \\approx %s", nd_format_digits(m->value, 10, number[0]));
  for (size_t i = 0; i < m->size; i++)
    nd_text_print(out, " %c %s\\,(%s - %s)", m->gradient[i] < 0 ? '-' : '+',
                  nd_format_digits(fabs(m->gradient[i]), 10, number[0]), name_of(expr, asked, i),
                  nd_format_digits(m->at[i], 10, number[1]));
  nd_text_append(out, "\n");
}

/* ---- JSON ---- */

static json_t *hessian_json(const nd_taylor_many *m) {
  json_t *rows = json_array();
  for (size_t i = 0; i < m->size; i++)
    nd_json_push(&rows, nd_json_numbers(m->hessian + i * m->size, m->size));
  return rows;
}

static json_t *taylor_json(const nadir_expr *expr, const nd_asked *asked, const nd_taylor_one *s,
                           const nd_taylor_many *m) {
  size_t size = asked->question.parameter_count;
  json_t *tree = json_object(), *names = json_array();
  for (size_t i = 0; i < size; i++)
    nd_json_push(&names, nd_json_text(name_of(expr, asked, i)));
  nd_json_put(&tree, "formula", nd_json_text(expr->text));
  nd_json_put(&tree, "parameters", names);
  nd_json_put(&tree, "at", nd_json_numbers(m->at, size));
  nd_json_put(&tree, "value", nd_json_number(m->value));
  nd_json_put(&tree, "gradient", nd_json_numbers(m->gradient, size));
  nd_json_put(&tree, "hessian", hessian_json(m));
  nd_json_put(&tree, "coefficients",
              s ? nd_json_numbers(s->coefficient, s->order + 1) : json_null());
  nd_json_put(&tree, "coefficient_errors",
              s ? nd_json_numbers(s->error, s->order + 1) : json_null());
  nd_json_put(&tree, "remainder", s ? nd_json_number(s->remainder) : json_null());
  nd_json_put(&tree, "radius", nd_json_number(m->radius));
  nd_json_put(&tree, "minimizer", m->minimizer ? nd_json_numbers(m->minimizer, size) : json_null());
  nd_json_put(&tree, "rate", nd_json_number(m->rate));
  nd_json_put(&tree, "predicted_decrease", nd_json_number(m->predicted_decrease));
  nd_json_put(&tree, "true_decrease", nd_json_number(m->true_decrease));
  nd_json_put(&tree, "within", nd_json_number(m->within));
  nd_json_put(&tree, "valid_radius", nd_json_number(m->valid_radius));
  nd_json_put(&tree, "quadratic_radius", nd_json_number(m->quadratic_radius));
  return tree;
}

/* ---- the call ---- */

typedef struct expansion {
  nd_asked asked;
  point point;
  nd_taylor_one series; /* in one parameter */
  nd_taylor_many model;
  bool one;
} expansion;

static void expansion_free(expansion *x) {
  nd_taylor_one_clear(&x->series);
  nd_taylor_many_clear(&x->model);
  point_free(&x->point);
  nd_asked_free(&x->asked);
}

/* In one parameter a formula with a kink elsewhere has no proved radius, but its series exists: the
 * model's answer may be missing. */
static nadir_status expand(expansion *x, const nadir_expr *expr, const nadir_settings *settings,
                           const nadir_listener *listener, nadir_error *error) {
  *x = (expansion){0};
  ND_TRY(nd_ask(&x->asked, expr, settings, listener, error));
  const nd_question *question = &x->asked.question;
  if (question->parameter_count == 0)
    return nd_fail(error, NADIR_BAD_FORMULA,
                   "formula: it has no parameter: write one with a name in it, as in 'sin(x)'");
  if (question->parameter_count < expr->size)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "data: an expansion needs a value for every name: put it into the formula");
  ND_TRY(read_point(&x->point, expr, &x->asked, settings->at, error));
  double radius = nd_number_or(settings->radius, (double)NAN);
  x->one = question->parameter_count == 1;
  if (x->one)
    ND_TRY(nd_taylor_series(question, x->point.at[0], (size_t)settings->order, radius, &x->series,
                            error));
  return nd_taylor_model(question, x->point.at, radius, settings->within, &x->model, error);
}

static nadir_status render(const expansion *x, const nadir_expr *expr, nadir_format format,
                           char **text, nadir_error *error) {
  if (format == NADIR_JSON)
    return nd_json_write(taylor_json(expr, &x->asked, x->one ? &x->series : NULL, &x->model), text,
                         error);
  nd_text out = {0};
  if (x->one)
    put_series(&out, expr, &x->series, name_of(expr, &x->asked, 0), format == NADIR_LATEX);
  if (!x->one && format == NADIR_LATEX) put_model_latex(&out, expr, &x->asked, &x->model);
  if (!x->one && format != NADIR_LATEX) put_model(&out, expr, &x->asked, &x->model);
  if (x->one && format != NADIR_LATEX) put_circle(&out, expr, &x->asked, &x->model);
  return nd_give_text(&out, NADIR_OK, text, error);
}

nadir_status nadir_taylor(const nadir_expr *expr, const nadir_settings *settings,
                          const nadir_listener *listener, nadir_format format, char **text,
                          nadir_error *error) {
  ND_TO_NEAREST;
  expansion x;
  *text = NULL;
  nadir_status status = expand(&x, expr, settings, listener, error);
  if (status == NADIR_OK) status = render(&x, expr, format, text, error);
  expansion_free(&x);
  return status;
}

/* ---- pictures ---- */

enum { POINTS = 400, SIDE = 151, CIRCLE = 181, MOST_SUMS = 6 };

static double partial_sum(const nd_taylor_one *s, size_t order, double x) {
  double sum = 0;
  for (size_t k = order + 1; k-- > 0;)
    sum = sum * (x - s->at) + s->coefficient[k];
  return sum;
}

static nadir_status fill_function(const nadir_expr *expr, const double *x, double *y,
                                  nadir_error *error) {
  for (size_t i = 0; i < POINTS; i++)
    ND_TRY(nadir_expr_evaluate(expr, &x[i], &y[i], NULL, error));
  return NADIR_OK;
}

/* Partial sums leave the picture quickly: they are cut where they are far outside of the function's
 * range. */
static void cut(double *sum, const double *function) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (size_t i = 0; i < POINTS; i++)
    if (isfinite(function[i])) low = fmin(low, function[i]), high = fmax(high, function[i]);
  double margin = high > low ? high - low : 1;
  for (size_t i = 0; i < POINTS; i++)
    if (sum[i] < low - margin || sum[i] > high + margin) sum[i] = (double)NAN;
}

static nadir_status draw_sums(const expansion *e, const nadir_expr *expr,
                              const nadir_settings *settings, const char *path, double *memory,
                              nadir_error *error) {
  const nd_taylor_one *s = &e->series;
  double reach = isnan(s->radius) ? 4 : 1.5 * s->radius, *x = memory, *y = memory + POINTS;
  nd_series series[MOST_SUMS + 2];
  char labels[MOST_SUMS + 2][32];
  size_t count = 0;
  for (size_t i = 0; i < POINTS; i++)
    x[i] = s->at + reach * (2 * (double)i / (POINTS - 1) - 1);
  ND_TRY(fill_function(expr, x, y, error));
  series[count++] =
      (nd_series){.label = expr->text, .mark = ND_LINE, .count = POINTS, .x = x, .y = y};
  for (size_t k = 0; k < MOST_SUMS; k++) {
    size_t order = s->order * (k + 1) / MOST_SUMS;
    if (k && order == s->order * k / MOST_SUMS) continue;
    double *sum = memory + (k + 2) * POINTS;
    for (size_t i = 0; i < POINTS; i++)
      sum[i] = partial_sum(s, order, x[i]);
    cut(sum, y);
    snprintf(labels[count], sizeof labels[count], "to order %zu", order);
    series[count] =
        (nd_series){.label = labels[count], .mark = ND_LINE, .count = POINTS, .x = x, .y = sum};
    count++;
  }
  nd_panel panel = {
      .x_label = name_of(expr, &e->asked, 0), .height = 1, .series = series, .series_count = count};
  nd_chart chart = {
      .title = *settings->title ? settings->title : NULL, .panels = &panel, .panel_count = 1};
  return nd_chart_draw(&chart, (nd_canvas){.path = path}, error);
}

static nadir_status fill_grid(const nadir_expr *expr, const double *x, const double *y, double *z,
                              nadir_error *error) {
  for (size_t j = 0; j < SIDE; j++)
    for (size_t i = 0; i < SIDE; i++)
      ND_TRY(nadir_expr_evaluate(expr, (double[]){x[i], y[j]}, &z[j * SIDE + i], NULL, error));
  return NADIR_OK;
}

static nadir_status draw_circle(const expansion *e, const nadir_expr *expr,
                                const nadir_settings *settings, const char *path, double *memory,
                                nadir_error *error) {
  const nd_taylor_many *m = &e->model;
  double d = isnan(m->radius) ? 1 : m->radius, *x = memory, *y = x + SIDE, *z = y + SIDE,
         *cx = z + SIDE * SIDE, *cy = cx + CIRCLE;
  for (size_t i = 0; i < SIDE; i++) {
    double part = 2 * (double)i / (SIDE - 1) - 1;
    x[i] = m->at[0] + 2.5 * d * part;
    y[i] = m->at[1] + 2.5 * d * part;
  }
  ND_TRY(fill_grid(expr, x, y, z, error));
  for (size_t i = 0; i < CIRCLE; i++) {
    double angle = 2 * acos(-1) * (double)i / (CIRCLE - 1);
    cx[i] = m->at[0] + d * cos(angle);
    cy[i] = m->at[1] + d * sin(angle);
  }
  double arrow_x[2] = {m->at[0], m->at[0]}, arrow_y[2] = {m->at[1], m->at[1]};
  if (m->minimizer) arrow_x[1] = m->minimizer[0], arrow_y[1] = m->minimizer[1];
  nd_series series[2] = {
      {.label = "minus the gradient", .mark = ND_PATH, .count = 2, .x = arrow_x, .y = arrow_y},
      {.label = "the circle", .mark = ND_LINE, .count = CIRCLE, .x = cx, .y = cy}};
  nd_grid grid = {.columns = SIDE, .rows = SIDE, .x = x, .y = y, .z = z, .label = "value"};
  nd_panel panel = {.x_label = name_of(expr, &e->asked, 0),
                    .y_label = name_of(expr, &e->asked, 1),
                    .height = 1,
                    .series = series,
                    .series_count = 2,
                    .grid = &grid};
  nd_chart chart = {
      .title = *settings->title ? settings->title : NULL, .panels = &panel, .panel_count = 1};
  return nd_chart_draw(&chart, (nd_canvas){.path = path}, error);
}

nadir_status nadir_plot_taylor(const nadir_expr *expr, const nadir_settings *settings,
                               const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  expansion x;
  nadir_status status = expand(&x, expr, settings, NULL, error);
  size_t size = x.asked.question.parameter_count;
  if (status == NADIR_OK && size > 2)
    status =
        nd_fail(error, NADIR_BAD_SETTING,
                "plot: the formula has %zu parameters: an expansion is drawn for one or two", size);
  size_t numbers = x.one ? (size_t)(MOST_SUMS + 2) * POINTS : SIDE * (SIDE + 2) + 2 * CIRCLE;
  double *memory = status == NADIR_OK ? nd_new(numbers, sizeof *memory, error) : NULL;
  if (status == NADIR_OK && !memory) status = NADIR_NO_MEMORY;
  if (status == NADIR_OK)
    status = x.one ? draw_sums(&x, expr, settings, path, memory, error)
                   : draw_circle(&x, expr, settings, path, memory, error);
  nd_free(memory);
  expansion_free(&x);
  return status;
}
