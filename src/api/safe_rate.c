/* `nadir rate`: of a formula on a box, a proved bound on the largest curvature M, so the largest
 * rate with guaranteed decrease (1/M) and the limit of stability (2/M); of a fit, the eigenvalues
 * of the mean loss's Hessian, or what Lanczos says of them, the condition number with and without
 * feature scaling, the updates that each rule is predicted to need, and the lecture's comparison of
 * the best step with Adagrad's stand-in for it. */
#include <stdio.h>
#include <string.h>

#include "api/question_internal.h"
#include "tell/tell.h"

static const double TOLERANCE = 1e-6; /* of the gradient, for the prediction of updates */
enum { MOST_SHOWN = 20 };             /* parameters, where there are thousands */

/* ---- a formula on a box ---- */

typedef struct box_rate {
  nd_curvature_bounds bounds;
  double safe, limit; /* NaN where nothing curves upwards, or no bound is known */
} box_rate;

static void put_box(nd_text *out, const nadir_expr *expr, const box_rate *r) {
  char number[4][ND_NUMBER_TEXT];
  nd_text_print(out,
                "%s\ncurvature   largest in [%s, %s], smallest in [%s, %s] (proved, %llu boxes)\n",
                expr->text, nd_format_bound(r->bounds.largest[0], ND_DOWN, 8, number[0]),
                nd_format_bound(r->bounds.largest[1], ND_UP, 8, number[1]),
                nd_format_bound(r->bounds.smallest[0], ND_DOWN, 8, number[2]),
                nd_format_bound(r->bounds.smallest[1], ND_UP, 8, number[3]),
                (unsigned long long)r->bounds.boxes);
  if (isinf(r->bounds.largest[1])) {
    nd_text_append(out, "rate        not known: no bound on the curvature was found in the time: "
                        "give more --seconds, or a smaller --box\n");
    return;
  }
  if (isnan(r->safe)) {
    nd_text_append(
        out, "rate        no direction curves upwards anywhere in the box: no rate is too large\n");
    return;
  }
  nd_text_print(out,
                "rate        up to %s each step in the box decreases as promised (1/M)\n"
                "            up to %s it decreases at all, and gd is stable (2/M)\n",
                nd_format_bound(r->safe, ND_DOWN, 8, number[0]),
                nd_format_bound(r->limit, ND_DOWN, 8, number[1]));
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
  return curvature > 0 && isfinite(curvature) ? nextafter(numerator / curvature, 0) : (double)NAN;
}

nadir_status nadir_rate(const nadir_expr *expr, const nadir_settings *settings,
                        const nadir_listener *listener, nadir_format format, char **text,
                        nadir_error *error) {
  ND_TO_NEAREST;
  nd_asked asked;
  box_rate r = {0};
  nd_text out = {0};
  *text = NULL;
  ND_TRY(nd_ask(&asked, expr, settings, listener, error));
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
  if (a->convex_here)
    return "gd at rate_safe with a constant schedule, or newton where the condition number is "
           "large";
  return a->curvature_min < -1e-9 * fabs(a->curvature_max)
             ? "backtracking, since the loss is not convex here"
             : "backtracking, since the loss is flat along some direction here";
}

static const char *proof_word(bool proved) {
  return proved ? "proved" : "but for a chance of 1e-9";
}

static void put_needed(nd_text *out, const nd_needed *needed) {
  unsigned long long updates = needed->updates;
  switch (needed->known) {
  case ND_SIMULATED:
    nd_text_print(out, "%llu\n", updates);
    break;
  case ND_MODELLED:
    nd_text_print(out, "about %llu\n", updates);
    break;
  case ND_MORE_THAN:
    if (updates == 1000000)
      nd_text_append(out, "more than a million\n");
    else
      nd_text_print(out, "more than %llu\n", updates);
    break;
  case ND_NO_MINIMUM:
    nd_text_append(out, "not known\n");
    break;
  case ND_NOT_PREDICTED:
    break;
  }
}

static void put_updates(nd_text *out, const nd_advice *a) {
  const nadir_optimizer *rule;
  char number[ND_NUMBER_TEXT];
  nd_text_print(
      out, "\nupdates needed for a gradient %s of that at the start, on the local quadratic:\n",
      nd_format(TOLERANCE, number));
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++) {
    if (a->needed[i].known == ND_NOT_PREDICTED) continue;
    nd_text_print(out, "  %-16s ", rule->name);
    put_needed(out, &a->needed[i]);
  }
  if (a->steps)
    nd_text_append(out, "  the others are not predicted: each update would take a pass over the "
                        "rows\n");
}

/* A number, or a dash where the second derivatives are not had. */
static const char *of_parameter(const double *values, size_t i, char number[ND_NUMBER_TEXT]) {
  return values ? nd_format_digits(values[i], 5, number) : "-";
}

static void put_steps(nd_text *out, const fit_rate *r) {
  char number[4][ND_NUMBER_TEXT];
  const nd_advice *a = &r->advice;
  size_t shown = a->steps && a->size > MOST_SHOWN ? MOST_SHOWN : a->size;
  nd_text_print(out,
                "\nthe best step |first| / second derivative, and Adagrad's stand-in for the "
                "second derivative\n"
                "(the root of its summed squares after %d updates):\n"
                "  %-20s %12s %12s %12s %12s\n",
                a->adagrad_updates, "parameter", "|first|", "second", "best step", "stand-in");
  for (size_t i = 0; i < shown; i++)
    nd_text_print(out, "  %-20s %12s %12s %12s %12s\n", r->names[i],
                  nd_format_digits(fabs(a->gradient[i]), 5, number[0]),
                  of_parameter(a->second, i, number[1]), of_parameter(a->best_step, i, number[2]),
                  nd_format_digits(a->root_sum_square[i], 5, number[3]));
  if (shown < a->size) nd_text_print(out, "  and %zu more: --json gives all\n", a->size - shown);
  if (!a->second)
    nd_text_append(out, "  second derivatives, one pass over the rows each, are left out\n");
}

static void put_exact_curvature(nd_text *out, const nd_advice *a) {
  char number[4][ND_NUMBER_TEXT];
  nd_text_print(out, "curvature   largest %s (proved below %s), smallest %s (proved above %s)\n",
                nd_format_digits(a->curvature_max, 8, number[0]),
                nd_format_bound(a->largest_bound, ND_UP, 8, number[1]),
                nd_format_digits(a->curvature_min, 8, number[2]),
                nd_format_bound(a->least_bound, ND_DOWN, 8, number[3]));
}

static void put_lanczos_curvature(nd_text *out, const nd_advice *a) {
  char number[3][ND_NUMBER_TEXT];
  nd_text_print(out, "curvature   by %zu step%s of Lanczos on products with the Hessian\n",
                a->steps, a->steps == 1 ? "" : "s");
  nd_text_print(out, "            largest at least %s, an eigenvalue within %s; below %s (%s)\n",
                nd_format_bound(a->curvature_max, ND_DOWN, 8, number[0]),
                nd_format_bound(a->largest_error, ND_UP, 2, number[1]),
                nd_format_bound(a->largest_bound, ND_UP, 8, number[2]),
                proof_word(a->largest_proved));
  if (!isnan(a->trace_bound) && !a->largest_proved)
    nd_text_print(out, "            largest below %s (proved, by the trace)\n",
                  nd_format_bound(a->trace_bound, ND_UP, 8, number[0]));
  nd_text_print(
      out, "            smallest at most %s, an eigenvalue within %s; not below %s (%s)\n",
      nd_format_bound(a->curvature_min, ND_UP, 8, number[0]),
      nd_format_bound(a->least_error, ND_UP, 2, number[1]),
      nd_format_bound(a->least_bound, ND_DOWN, 8, number[2]), proof_word(a->least_proved));
}

static void put_condition(nd_text *out, const fit_rate *r) {
  char number[2][ND_NUMBER_TEXT];
  const nd_advice *a = &r->advice;
  if (!isnan(r->errors.condition_scaled))
    nd_text_print(out, "condition   %s without feature scaling, %s as descended\n",
                  nd_format_digits(r->errors.condition_raw, 4, number[0]),
                  nd_format_digits(r->errors.condition_scaled, 4, number[1]));
  else if (!isnan(a->condition_scaled))
    nd_text_print(out,
                  "condition   at least %s without feature scaling, at least %s as descended\n",
                  nd_format_bound(a->condition_raw, ND_DOWN, 4, number[0]),
                  nd_format_bound(a->condition_scaled, ND_DOWN, 4, number[1]));
}

static void put_fit(nd_text *out, const fit_rate *r, const char *formula) {
  char number[2][ND_NUMBER_TEXT];
  const nd_advice *a = &r->advice;
  nd_text_print(out, "%s, in descent coordinates, at the start\n", formula);
  if (a->steps)
    put_lanczos_curvature(out, a);
  else
    put_exact_curvature(out, a);
  put_condition(out, r);
  if (a->largest_bound > 0)
    nd_text_print(out, "rate        safe up to %s (1/M), stable for gd up to %s (2/M)\n",
                  nd_format_bound(over(1, a->largest_bound), ND_DOWN, 8, number[0]),
                  nd_format_bound(over(2, a->largest_bound), ND_DOWN, 8, number[1]));
  nd_text_print(out, "recommended %s\n", recommended(a));
  if (!a->convex_here) return;
  put_updates(out, a);
  put_steps(out, r);
}

static bool is_counted(const nd_needed *needed) {
  return needed->known == ND_SIMULATED || needed->known == ND_MODELLED;
}

static json_t *updates_json(const nd_advice *a) {
  const nadir_optimizer *rule;
  json_t *tree = json_object();
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++)
    nd_json_put(&tree, rule->name,
                is_counted(&a->needed[i]) ? nd_json_count(a->needed[i].updates) : json_null());
  return tree;
}

/* How the number of updates is known, or why it is not. */
static json_t *known_json(const nd_advice *a) {
  static const char *const words[] = {[ND_NOT_PREDICTED] =
                                          "each update would take a pass over the rows",
                                      [ND_NO_MINIMUM] = "rounding hides whether there is a minimum",
                                      [ND_SIMULATED] = "simulated",
                                      [ND_MODELLED] = "about"};
  const nadir_optimizer *rule;
  json_t *tree = json_object();
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++) {
    const nd_needed *needed = &a->needed[i];
    char more[40];
    snprintf(more, sizeof more, "more than %llu", (unsigned long long)needed->updates);
    nd_json_put(&tree, rule->name,
                nd_json_text(needed->known == ND_MORE_THAN ? more : words[needed->known]));
  }
  return tree;
}

static json_t *value_json(const double *values, size_t i) {
  return values ? nd_json_number(values[i]) : json_null();
}

static json_t *steps_json(const fit_rate *r) {
  const nd_advice *a = &r->advice;
  json_t *list = json_array();
  for (size_t i = 0; i < a->size; i++) {
    json_t *one = json_object();
    nd_json_put(&one, "name", nd_json_text(r->names[i]));
    nd_json_put(&one, "first", nd_json_number(a->gradient[i]));
    nd_json_put(&one, "second", value_json(a->second, i));
    nd_json_put(&one, "best_step", value_json(a->best_step, i));
    nd_json_put(&one, "root_sum_square", nd_json_number(a->root_sum_square[i]));
    nd_json_push(&list, one);
  }
  return list;
}

/* How the eigenvalues were found: the bounds of [value, bound] and [bound, value] that are proved,
 * and how near to each value an eigenvalue is. */
static void put_way(json_t **tree, const nd_advice *a) {
  nd_json_put(tree, "way", nd_json_text(a->steps ? "lanczos" : "exact"));
  nd_json_put(tree, "proved", json_boolean(a->largest_proved && a->least_proved));
  if (!a->steps) return;
  json_t *lanczos = json_object(), *proved = json_object(), *near = json_object();
  nd_json_put(&near, "largest", nd_json_number(a->largest_error));
  nd_json_put(&near, "smallest", nd_json_number(a->least_error));
  nd_json_put(&proved, "largest", nd_json_number(a->trace_bound));
  nd_json_put(&proved, "smallest", nd_json_number(a->least_proved ? a->least_bound : (double)NAN));
  nd_json_put(&lanczos, "steps", nd_json_count(a->steps));
  nd_json_put(&lanczos, "eigenvalue_within", near);
  nd_json_put(&lanczos, "proved_bounds", proved);
  nd_json_put(&lanczos, "chance", nd_json_number(1e-9));
  nd_json_put(tree, "lanczos", lanczos);
}

/* Either exact, or this or more by Lanczos: "condition_way" says which. */
static void put_condition_json(json_t **tree, const fit_rate *r) {
  const nd_advice *a = &r->advice;
  bool lanczos = isnan(r->errors.condition_scaled) && !isnan(a->condition_scaled);
  json_t *condition = json_object();
  nd_json_put(&condition, "raw",
              nd_json_number(lanczos ? a->condition_raw : r->errors.condition_raw));
  nd_json_put(&condition, "scaled",
              nd_json_number(lanczos ? a->condition_scaled : r->errors.condition_scaled));
  nd_json_put(tree, "condition", condition);
  nd_json_put(tree, "condition_way", nd_json_text(lanczos ? "at least" : "exact"));
}

static json_t *fit_json(const fit_rate *r, const char *formula) {
  const nd_advice *a = &r->advice;
  json_t *tree = json_object();
  nd_json_put(&tree, "formula", nd_json_text(formula));
  nd_json_put(&tree, "curvature_max",
              nd_json_numbers((double[2]){a->curvature_max, a->largest_bound}, 2));
  nd_json_put(&tree, "curvature_min",
              nd_json_numbers((double[2]){a->least_bound, a->curvature_min}, 2));
  put_way(&tree, a);
  nd_json_put(&tree, "rate_safe", nd_json_number(over(1, a->largest_bound)));
  nd_json_put(&tree, "rate_limit", nd_json_number(over(2, a->largest_bound)));
  put_condition_json(&tree, r);
  nd_json_put(&tree, "tolerance", nd_json_number(TOLERANCE));
  nd_json_put(&tree, "updates_needed", a->convex_here ? updates_json(a) : json_null());
  nd_json_put(&tree, "updates_known", a->convex_here ? known_json(a) : json_null());
  nd_json_put(&tree, "steps", a->convex_here ? steps_json(r) : json_null());
  nd_json_put(&tree, "adagrad_updates",
              a->convex_here ? nd_json_count((uint64_t)a->adagrad_updates) : json_null());
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
  ND_TO_NEAREST;
  nd_fitting f;
  fit_rate r = {0};
  *text = NULL;
  nadir_status status = nd_fitting_new(&f, table->table, formula, settings, listener, error);
  double *start = status == NADIR_OK ? nd_new(f.model->size, sizeof *start, error) : NULL;
  if (status == NADIR_OK && !start) status = NADIR_NO_MEMORY;
  if (status == NADIR_OK) {
    r.names = f.objective->names;
    nd_model_start(f.model, settings, start);
    nd_model_set(f.model, start);
    status = nd_standard_errors(f.model, f.data, f.objective, start, &r.errors, error);
  }
  if (status == NADIR_OK) status = nd_advise(f.objective, start, TOLERANCE, &r.advice, error);
  if (status == NADIR_OK) status = render(&r, formula, format, text, error);
  nd_advice_clear(&r.advice);
  nd_free(start);
  nd_fitting_free(&f);
  return status;
}
