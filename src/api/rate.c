/* `nadir rate`: of a formula on a box, a proved bound on the largest curvature M, so the largest
 * rate with guaranteed decrease (1/M) and the limit of stability (2/M); of a fit, the eigenvalues
 * of the mean loss's Hessian, the condition number with and without feature scaling, the updates
 * that each rule is predicted to need, and the lecture's comparison of the best step with Adagrad's
 * stand-in for it. */
#include <string.h>

#include "api/json_internal.h"
#include "api/question_internal.h"

static const double TOLERANCE = 1e-6; /* of the gradient, for the prediction of updates */

/* ---- a formula on a box ---- */

typedef struct box_rate {
  nd_curvature_bounds bounds;
  double safe, limit; /* NaN where nothing curves upwards */
} box_rate;

static void put_box(nd_text *out, const nadir_expr *expr, const box_rate *r) {
  char number[4][ND_NUMBER_TEXT];
  nd_text_print(
      out, "%s\ncurvature   largest in [%s, %s], smallest in [%s, %s] (proved, %llu boxes)\n",
      expr->text, nd_format_digits(r->bounds.largest[0], 8, number[0]),
      nd_format_digits(r->bounds.largest[1], 8, number[1]),
      nd_format_digits(r->bounds.smallest[0], 8, number[2]),
      nd_format_digits(r->bounds.smallest[1], 8, number[3]), (unsigned long long)r->bounds.boxes);
  if (isnan(r->safe)) {
    nd_text_append(
        out, "rate        no direction curves upwards anywhere in the box: no rate is too large\n");
    return;
  }
  nd_text_print(out,
                "rate        up to %s each step in the box decreases as promised (1/M)\n"
                "            up to %s it decreases at all, and gd is stable (2/M)\n",
                nd_format_digits(r->safe, 8, number[0]), nd_format_digits(r->limit, 8, number[1]));
}

static json_t *box_json(const nadir_expr *expr, const box_rate *r) {
  json_t *tree = json_object();
  nd_json_put(&tree, "formula", nd_json_text(expr->text));
  nd_json_put(&tree, "curvature_max", nd_json_numbers(r->bounds.largest, 2));
  nd_json_put(&tree, "curvature_min", nd_json_numbers(r->bounds.smallest, 2));
  nd_json_put(&tree, "proved", json_true());
  nd_json_put(&tree, "rate_safe", nd_json_number(r->safe));
  nd_json_put(&tree, "rate_limit", nd_json_number(r->limit));
  double low = r->bounds.smallest[0], high = r->bounds.largest[1];
  nd_json_put(&tree, "condition", nd_json_number(low > 0 ? high / low : (double)NAN));
  nd_json_put(&tree, "boxes", nd_json_count(r->bounds.boxes));
  return tree;
}

/* Rounded down, so that the rate is safe for certain. */
static double over(double numerator, double curvature) {
  return curvature > 0 ? nextafter(numerator / curvature, 0) : (double)NAN;
}

nadir_status nadir_rate(const nadir_expr *expr, const nadir_settings *settings, nadir_format format,
                        char **text, nadir_error *error) {
  nd_asked asked;
  box_rate r = {0};
  nd_text out = {0};
  *text = NULL;
  ND_TRY(nd_ask(&asked, expr, settings, error));
  nadir_status status = nd_curvature_on_box(&asked.question, &r.bounds, error);
  r.safe = over(1, r.bounds.largest[1]);
  r.limit = over(2, r.bounds.largest[1]);
  if (status == NADIR_OK && format == NADIR_JSON)
    status = nd_json_write(box_json(expr, &r), text, error);
  else {
    if (status == NADIR_OK) put_box(&out, expr, &r);
    status = nd_give_text(&out, status, text, error);
  }
  nd_asked_free(&asked);
  return status;
}

/* ---- a fit ---- */

typedef struct fit_rate {
  nd_advice advice;
  nd_errors errors; /* for the condition numbers */
  nd_model *model;
  char *const *names;
} fit_rate;

static const char *recommended(const nd_advice *a) {
  return a->convex_here ? "gd at rate_safe with a constant schedule, or newton where the condition "
                          "number is large"
                        : "backtracking, since the loss is not convex here";
}

static void put_updates(nd_text *out, const nd_advice *a) {
  const nadir_optimizer *rule;
  nd_text_print(
      out, "\nupdates needed for a gradient %g of that at the start, on the local quadratic:\n",
      TOLERANCE);
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++) {
    if (a->updates_needed[i] == UINT64_MAX)
      nd_text_print(out, "  %-16s more than a million\n", rule->name);
    else
      nd_text_print(out, "  %-16s %llu\n", rule->name, (unsigned long long)a->updates_needed[i]);
  }
}

static void put_steps(nd_text *out, const fit_rate *r) {
  char number[4][ND_NUMBER_TEXT];
  const nd_advice *a = &r->advice;
  nd_text_print(out,
                "\nthe best step |first| / second derivative, and Adagrad's stand-in for the "
                "second derivative\n"
                "(the root of its summed squares after %d updates):\n"
                "  %-20s %12s %12s %12s %12s\n",
                a->adagrad_updates, "parameter", "|first|", "second", "best step", "stand-in");
  for (size_t i = 0; i < a->size; i++)
    nd_text_print(out, "  %-20s %12s %12s %12s %12s\n", r->names[i],
                  nd_format_digits(fabs(a->gradient[i]), 5, number[0]),
                  nd_format_digits(a->hessian[i * a->size + i], 5, number[1]),
                  nd_format_digits(a->best_step[i], 5, number[2]),
                  nd_format_digits(a->root_sum_square[i], 5, number[3]));
}

static void put_fit(nd_text *out, const fit_rate *r, const char *formula) {
  char number[4][ND_NUMBER_TEXT];
  const nd_advice *a = &r->advice;
  nd_text_print(out, "%s, in descent coordinates, at the start\n", formula);
  nd_text_print(out, "curvature   largest %s (proved below %s), smallest %s (proved above %s)\n",
                nd_format_digits(a->curvature_max, 8, number[0]),
                nd_format_digits(a->largest_bound, 8, number[1]),
                nd_format_digits(a->curvature_min, 8, number[2]),
                nd_format_digits(a->least_bound, 8, number[3]));
  if (!isnan(r->errors.condition_scaled))
    nd_text_print(out, "condition   %s without feature scaling, %s as descended\n",
                  nd_format_digits(r->errors.condition_raw, 4, number[0]),
                  nd_format_digits(r->errors.condition_scaled, 4, number[1]));
  if (a->largest_bound > 0)
    nd_text_print(out, "rate        safe up to %s (1/M), stable for gd up to %s (2/M)\n",
                  nd_format_digits(over(1, a->largest_bound), 8, number[0]),
                  nd_format_digits(over(2, a->largest_bound), 8, number[1]));
  nd_text_print(out, "recommended %s\n", recommended(a));
  if (!a->convex_here) return;
  put_updates(out, a);
  put_steps(out, r);
}

static json_t *updates_json(const nd_advice *a) {
  const nadir_optimizer *rule;
  json_t *tree = json_object();
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++)
    nd_json_put(&tree, rule->name,
                a->updates_needed[i] == UINT64_MAX ? json_null()
                                                   : nd_json_count(a->updates_needed[i]));
  return tree;
}

static json_t *steps_json(const fit_rate *r) {
  const nd_advice *a = &r->advice;
  json_t *list = json_array();
  for (size_t i = 0; i < a->size; i++) {
    json_t *one = json_object();
    nd_json_put(&one, "name", nd_json_text(r->names[i]));
    nd_json_put(&one, "first", nd_json_number(a->gradient[i]));
    nd_json_put(&one, "second", nd_json_number(a->hessian[i * a->size + i]));
    nd_json_put(&one, "best_step", nd_json_number(a->best_step[i]));
    nd_json_put(&one, "root_sum_square", nd_json_number(a->root_sum_square[i]));
    nd_json_push(&list, one);
  }
  return list;
}

static json_t *fit_json(const fit_rate *r, const char *formula) {
  const nd_advice *a = &r->advice;
  json_t *tree = json_object(), *condition = json_object();
  nd_json_put(&condition, "raw", nd_json_number(r->errors.condition_raw));
  nd_json_put(&condition, "scaled", nd_json_number(r->errors.condition_scaled));
  nd_json_put(&tree, "formula", nd_json_text(formula));
  nd_json_put(&tree, "curvature_max",
              nd_json_numbers((double[2]){a->curvature_max, a->largest_bound}, 2));
  nd_json_put(&tree, "curvature_min",
              nd_json_numbers((double[2]){a->least_bound, a->curvature_min}, 2));
  nd_json_put(&tree, "rate_safe", nd_json_number(over(1, a->largest_bound)));
  nd_json_put(&tree, "rate_limit", nd_json_number(over(2, a->largest_bound)));
  nd_json_put(&tree, "condition", condition);
  nd_json_put(&tree, "tolerance", nd_json_number(TOLERANCE));
  nd_json_put(&tree, "updates_needed", a->convex_here ? updates_json(a) : json_null());
  nd_json_put(&tree, "steps", a->convex_here ? steps_json(r) : json_null());
  nd_json_put(&tree, "recommended", json_string(recommended(a)));
  return tree;
}

static nadir_status render(const fit_rate *r, const char *formula, nadir_format format, char **text,
                           nadir_error *error) {
  nd_text out = {0};
  if (format == NADIR_JSON) return nd_json_write(fit_json(r, formula), text, error);
  put_fit(&out, r, formula);
  return nd_give_text(&out, NADIR_OK, text, error);
}

nadir_status nadir_rate_fit(nadir_table *table, const char *formula, const nadir_settings *settings,
                            const nadir_listener *listener, nadir_format format, char **text,
                            nadir_error *error) {
  nd_fitting f;
  fit_rate r = {0};
  *text = NULL;
  nadir_status status = nd_fitting_new(&f, table->table, formula, settings, listener, error);
  double *start = status == NADIR_OK ? nd_new(f.model->size, sizeof *start, error) : NULL;
  if (status == NADIR_OK && !start) status = NADIR_NO_MEMORY;
  if (status == NADIR_OK) {
    r.names = f.objective->names;
    nd_model_start(f.model, settings, start);
    nd_model_to_table(f.model, start, f.model->value);
    status = nd_standard_errors(f.model, f.data, f.objective, start, &r.errors, error);
  }
  if (status == NADIR_OK) status = nd_advise(f.objective, start, TOLERANCE, &r.advice, error);
  if (status == NADIR_OK) status = render(&r, formula, format, text, error);
  nd_advice_clear(&r.advice);
  nd_free(start);
  nd_fitting_free(&f);
  return status;
}
