/* What is said of an expansion: in one parameter the coefficients, the polynomial and the bound on
 * its remainder; in several the plane, the Hessian and the circle in which the plane can be trusted.
 * For people, as LaTeX, and as the JSON object of `nadir taylor`. */
#include <math.h>
#include <stdio.h>

#include "tell/tell.h"

/* ---- one parameter ---- */

/* "0.7071 + 0.7071 (x - 0.785) - 0.354 (x - 0.785)^2": the polynomial as a formula that reads back.
 */
static void put_polynomial(nd_text *out, const nadir_expansion *x, bool latex) {
  char number[ND_NUMBER_TEXT], at[ND_NUMBER_TEXT], base[128];
  nd_format(fabs(x->at[0]), at);
  if (x->at[0] == 0)
    snprintf(base, sizeof base, "%s", x->parameter[0]);
  else
    snprintf(base, sizeof base, "(%s %c %s)", x->parameter[0], x->at[0] < 0 ? '+' : '-', at);
  bool any = false;
  for (size_t k = 0; k < x->coefficients; k++) {
    double c = x->coefficient[k];
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

static void put_remainder(nd_text *out, const nadir_expansion *x) {
  char number[2][ND_NUMBER_TEXT];
  if (isnan(x->radius)) return;
  nd_text_print(out, "within %s of it ", nd_format(x->radius, number[0]));
  if (isfinite(x->remainder))
    nd_text_print(out, "the polynomial is off by at most %s (proved)\n",
                  nd_format_bound(x->remainder, ND_UP, 4, number[1]));
  else
    nd_text_append(out,
                   "no bound on the remainder is proved: the interval reaches a pole, a kink or "
                   "the end of the domain, or values beyond a double: choose a smaller radius\n");
}

static void put_series(nd_text *out, const nadir_expansion *x) {
  char number[2][ND_NUMBER_TEXT];
  nd_text_print(out, "%s around %s = %s, to order %zu\n\n", x->formula, x->parameter[0],
                nd_format(x->at[0], number[0]), x->coefficients - 1);
  nd_text_append(out, "   k  coefficient h^(k)/k!     known to\n");
  for (size_t k = 0; k < x->coefficients; k++)
    nd_text_print(out, "%4zu  %-22s  %s\n", k, nd_format_digits(x->coefficient[k], 16, number[0]),
                  nd_format_bound(x->coefficient_error[k], ND_UP, 2, number[1]));
  nd_text_append(out, "\n");
  put_polynomial(out, x, false);
  nd_text_append(out, "\n");
  put_remainder(out, x);
}

/* ---- several parameters ---- */

static void put_vector(nd_text *out, const nadir_expansion *x, const double *v) {
  char number[ND_NUMBER_TEXT];
  for (size_t i = 0; i < x->size; i++)
    nd_text_print(out, "%s%s %s", i ? ", " : "", x->parameter[i],
                  nd_format_digits(v[i], 12, number));
  nd_text_append(out, "\n");
}

static void put_plane(nd_text *out, const nadir_expansion *x) {
  char number[2][ND_NUMBER_TEXT];
  nd_text_print(out, "plane       %s", nd_format_digits(x->value, 10, number[0]));
  for (size_t i = 0; i < x->size; i++)
    nd_text_print(out, " %c %s (%s %c %s)", x->gradient[i] < 0 ? '-' : '+',
                  nd_format_digits(fabs(x->gradient[i]), 10, number[0]), x->parameter[i],
                  x->at[i] < 0 ? '+' : '-', nd_format_digits(fabs(x->at[i]), 10, number[1]));
  nd_text_append(out, "\n");
}

static void put_hessian(nd_text *out, const nadir_expansion *x) {
  char number[ND_NUMBER_TEXT];
  for (size_t i = 0; i < x->size; i++) {
    nd_text_append(out, i ? "            " : "Hessian     ");
    for (size_t j = 0; j < x->size; j++)
      nd_text_print(out, "%14s", nd_format_digits(x->hessian[i * x->size + j], 10, number));
    nd_text_append(out, "\n");
  }
}

static const char *why_no_radius(const nadir_expansion *x) {
  if (x->is_affine) return "the formula is affine";
  for (size_t i = 0; i < x->size; i++)
    if (x->gradient[i] != 0) return "none is proved";
  return "its gradient vanishes here";
}

/* ---- the circle ---- */

static void put_minimizer(nd_text *out, const nadir_expansion *x) {
  char number[2][ND_NUMBER_TEXT];
  nd_text_print(out, "\nin the circle of radius %s the plane is lowest at\n            ",
                nd_format(x->radius, number[0]));
  put_vector(out, x, x->minimizer);
  nd_text_print(out, "            that is against the gradient, a rate of %s\n",
                nd_format_digits(x->rate, 8, number[0]));
  nd_text_print(out, "decrease    %s predicted by the plane, ",
                nd_format_digits(x->predicted_decrease, 8, number[0]));
  if (isfinite(x->true_decrease))
    nd_text_print(out, "%s true\n", nd_format_digits(x->true_decrease, 8, number[1]));
  else
    nd_text_append(out, "and the formula has no finite value there\n");
}

static void put_circle(nd_text *out, const nadir_expansion *x) {
  char number[2][ND_NUMBER_TEXT];
  if (!isnan(x->radius) && x->minimizer) put_minimizer(out, x);
  if (isnan(x->valid_radius))
    nd_text_print(out, "the plane has no radius: %s\n", why_no_radius(x));
  else
    nd_text_print(out, "the plane is right to %s of the decrease up to a radius of %s (proved)\n",
                  nd_format(x->within, number[0]),
                  nd_format_bound(x->valid_radius, ND_DOWN, 6, number[1]));
  if (!isnan(x->quadratic_radius))
    nd_text_print(out, "the quadratic is, up to a radius of %s (proved)\n",
                  nd_format_bound(x->quadratic_radius, ND_DOWN, 6, number[0]));
}

/* ---- the whole ---- */

static void put_model(nd_text *out, const nadir_expansion *x) {
  char number[ND_NUMBER_TEXT];
  nd_text_print(out, "%s\nat          ", x->formula);
  put_vector(out, x, x->at);
  nd_text_print(out, "value       %s\ngradient    ", nd_format_digits(x->value, 15, number));
  put_vector(out, x, x->gradient);
  put_hessian(out, x);
  put_plane(out, x);
}

static void put_people(nd_text *out, const nadir_expansion *x) {
  if (x->coefficients)
    put_series(out, x);
  else
    put_model(out, x);
  put_circle(out, x);
}

static void put_latex(nd_text *out, const nadir_expansion *x) {
  char number[2][ND_NUMBER_TEXT];
  if (x->coefficients) {
    put_polynomial(out, x, true);
    nd_text_append(out, "\n");
    return;
  }
  nd_text_print(out, "L(w) \\approx %s", nd_format_digits(x->value, 10, number[0]));
  for (size_t i = 0; i < x->size; i++)
    nd_text_print(out, " %c %s\\,(%s - %s)", x->gradient[i] < 0 ? '-' : '+',
                  nd_format_digits(fabs(x->gradient[i]), 10, number[0]), x->parameter[i],
                  nd_format_digits(x->at[i], 10, number[1]));
  nd_text_append(out, "\n");
}

/* ---- JSON ---- */

static json_t *hessian_json(const nadir_expansion *x) {
  json_t *rows = json_array();
  for (size_t i = 0; i < x->size; i++)
    nd_json_push(&rows, nd_json_numbers(x->hessian + i * x->size, x->size));
  return rows;
}

/* null where there are none */
static json_t *numbers_or_null(const double *values, size_t count) {
  return values ? nd_json_numbers(values, count) : json_null();
}

static json_t *expansion_json(const nadir_expansion *x) {
  json_t *tree = json_object();
  nd_json_put(&tree, "formula", nd_json_text(x->formula));
  nd_json_put(&tree, "parameters", nd_json_texts(x->parameter, x->size));
  nd_json_put(&tree, "at", nd_json_numbers(x->at, x->size));
  nd_json_put(&tree, "value", nd_json_number(x->value));
  nd_json_put(&tree, "gradient", nd_json_numbers(x->gradient, x->size));
  nd_json_put(&tree, "hessian", hessian_json(x));
  nd_json_put(&tree, "coefficients", numbers_or_null(x->coefficient, x->coefficients));
  nd_json_put(&tree, "coefficient_errors", numbers_or_null(x->coefficient_error, x->coefficients));
  nd_json_put(&tree, "remainder", nd_json_number(x->remainder));
  nd_json_put(&tree, "radius", nd_json_number(x->radius));
  nd_json_put(&tree, "minimizer", numbers_or_null(x->minimizer, x->size));
  nd_json_put(&tree, "rate", nd_json_number(x->rate));
  nd_json_put(&tree, "predicted_decrease", nd_json_number(x->predicted_decrease));
  nd_json_put(&tree, "true_decrease", nd_json_number(x->true_decrease));
  nd_json_put(&tree, "within", nd_json_number(x->within));
  nd_json_put(&tree, "valid_radius", nd_json_number(x->valid_radius));
  nd_json_put(&tree, "quadratic_radius", nd_json_number(x->quadratic_radius));
  return tree;
}

nadir_status nadir_expansion_text(const nadir_expansion *expansion, nadir_format format,
                                  char **text, nadir_error *error) {
  ND_TO_NEAREST;
  if (format == NADIR_JSON) return nd_json_write(expansion_json(expansion), text, error);
  nd_text out = {0};
  if (format == NADIR_LATEX)
    put_latex(&out, expansion);
  else
    put_people(&out, expansion);
  return nd_give_text(&out, NADIR_OK, text, error);
}
