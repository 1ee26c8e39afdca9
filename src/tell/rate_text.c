/* What is said of the curvature of a loss and of the rates that are safe with it: bounds rounded to
 * their safe side, how they are known, the updates that each method needs, and the steps along each
 * parameter. For people, and as the JSON object of `nadir rate`. */
#include <math.h>
#include <stdio.h>

#include "optim/optim.h"
#include "tell/tell.h"

enum { MOST_SHOWN = 20 }; /* parameters, where there are thousands */

static const char *name_for(nd_role role) {
  return nd_optimizer_for(role)->name;
}

static void tell_recommended(nadir_recommended recommended, nd_text *out) {
  static const char *const sentences[] = {
      [NADIR_RECOMMENDS_GD] = "{rule:descent} at rate_safe with a constant schedule, or {rule:few} "
                              "where the condition number is large",
      [NADIR_RECOMMENDS_NOT_CONVEX] = "{rule:caution}, since the loss is not convex here",
      [NADIR_RECOMMENDS_FLAT] = "{rule:caution}, since the loss is flat along some direction here"};
  nd_tell_sentence(sentences[recommended], NULL, NULL, out);
}

/* ---- a formula on a box, for people ---- */

static void put_box_rates(nd_text *out, const nadir_curvature *c) {
  char number[2][ND_NUMBER_TEXT];
  if (isinf(c->largest.high))
    nd_text_append(out, "rate        not known: no bound on the curvature was found in the time: "
                        "allow more seconds, or choose a smaller box\n");
  else if (isnan(c->safe))
    nd_text_append(
        out, "rate        no direction curves upwards anywhere in the box: no rate is too large\n");
  else
    nd_text_print(out,
                  "rate        up to %s each step in the box decreases as promised (1/M)\n"
                  "            up to %s it decreases at all, and %s is stable (2/M)\n",
                  nd_format_bound(c->safe, ND_DOWN, 8, number[0]),
                  nd_format_bound(c->limit, ND_DOWN, 8, number[1]), name_for(ND_FOR_DESCENT));
}

static void put_box(nd_text *out, const nadir_curvature *c) {
  char number[4][ND_NUMBER_TEXT];
  nd_text_print(
      out, "%s\ncurvature   largest in [%s, %s], smallest in [%s, %s] (proved, %llu boxes)\n",
      c->formula, nd_format_bound(c->largest.low, ND_DOWN, 8, number[0]),
      nd_format_bound(c->largest.high, ND_UP, 8, number[1]),
      nd_format_bound(c->smallest.low, ND_DOWN, 8, number[2]),
      nd_format_bound(c->smallest.high, ND_UP, 8, number[3]), (unsigned long long)c->boxes);
  put_box_rates(out, c);
}

/* ---- a fit, for people: its curvature ---- */

static void put_exact_curvature(nd_text *out, const nadir_curvature *c) {
  char number[4][ND_NUMBER_TEXT];
  nd_text_print(out, "curvature   largest %s (proved below %s), smallest %s (proved above %s)\n",
                nd_format_digits(c->largest.low, 8, number[0]),
                nd_format_bound(c->largest.high, ND_UP, 8, number[1]),
                nd_format_digits(c->smallest.high, 8, number[2]),
                nd_format_bound(c->smallest.low, ND_DOWN, 8, number[3]));
}

static const char *proof_word(const nadir_eigenvalue *value) {
  return value->proved ? "proved" : "except for a chance of 1e-9";
}

static void put_lanczos_curvature(nd_text *out, const nadir_curvature *c) {
  char number[3][ND_NUMBER_TEXT];
  const nadir_eigenvalue *largest = &c->largest, *smallest = &c->smallest;
  nd_text_print(out, "curvature   by %zu step%s of Lanczos on products with the Hessian\n",
                c->steps, c->steps == 1 ? "" : "s");
  nd_text_print(out, "            largest at least %s, an eigenvalue within %s; below %s (%s)\n",
                nd_format_bound(largest->low, ND_DOWN, 8, number[0]),
                nd_format_bound(largest->within, ND_UP, 2, number[1]),
                nd_format_bound(largest->high, ND_UP, 8, number[2]), proof_word(largest));
  if (!isnan(largest->proved_bound) && !largest->proved)
    nd_text_print(out, "            largest below %s (proved, by the trace)\n",
                  nd_format_bound(largest->proved_bound, ND_UP, 8, number[0]));
  nd_text_print(out,
                "            smallest at most %s, an eigenvalue within %s; not below %s (%s)\n",
                nd_format_bound(smallest->high, ND_UP, 8, number[0]),
                nd_format_bound(smallest->within, ND_UP, 2, number[1]),
                nd_format_bound(smallest->low, ND_DOWN, 8, number[2]), proof_word(smallest));
}

static void put_condition(nd_text *out, const nadir_curvature *c) {
  char number[2][ND_NUMBER_TEXT];
  if (isnan(c->condition)) return;
  if (c->condition_is == NADIR_EXACTLY)
    nd_text_print(out, "condition   %s without feature scaling, %s as descended\n",
                  nd_format_digits(c->condition_raw, 4, number[0]),
                  nd_format_digits(c->condition, 4, number[1]));
  else
    nd_text_print(out,
                  "condition   at least %s without feature scaling, at least %s as descended\n",
                  nd_format_bound(c->condition_raw, ND_DOWN, 4, number[0]),
                  nd_format_bound(c->condition, ND_DOWN, 4, number[1]));
}

/* ---- updates needed ---- */

static void put_needed(nd_text *out, const nadir_needed *needed) {
  unsigned long long updates = needed->updates;
  switch (needed->known) {
  case NADIR_SIMULATED:
    nd_text_print(out, "%llu\n", updates);
    break;
  case NADIR_MODELLED:
    nd_text_print(out, "about %llu\n", updates);
    break;
  case NADIR_MORE_THAN:
    if (updates == 1000000)
      nd_text_append(out, "more than a million\n");
    else
      nd_text_print(out, "more than %llu\n", updates);
    break;
  case NADIR_NO_MINIMUM:
    nd_text_append(out, "not known\n");
    break;
  case NADIR_NOT_PREDICTED:
    break;
  }
}

static void put_updates(nd_text *out, const nadir_curvature *c) {
  char number[ND_NUMBER_TEXT];
  nd_text_print(
      out, "\nupdates needed for a gradient %s of that at the start, on the local quadratic:\n",
      nd_format(c->tolerance, number));
  for (size_t i = 0; i < c->methods; i++) {
    if (c->needed[i].known == NADIR_NOT_PREDICTED) continue;
    nd_text_print(out, "  %-16s ", c->needed[i].method->name);
    put_needed(out, &c->needed[i]);
  }
  if (c->way == NADIR_BY_LANCZOS)
    nd_text_append(out, "  the others are not predicted: each update would take a pass over the "
                        "rows\n");
}

/* ---- steps along the parameters ---- */

static bool has_second(const nadir_along *along) {
  return !isnan(along->second);
}

/* A number, or a dash where the second derivatives are not had. */
static const char *of_second(const nadir_along *along, double value, char number[ND_NUMBER_TEXT]) {
  return has_second(along) ? nd_format_digits(value, 5, number) : "-";
}

static void put_along(nd_text *out, const nadir_along *along) {
  char number[4][ND_NUMBER_TEXT];
  nd_text_print(out, "  %-20s %12s %12s %12s %12s\n", along->name,
                nd_format_digits(fabs(along->first), 5, number[0]),
                of_second(along, along->second, number[1]),
                of_second(along, along->best_step, number[2]),
                nd_format_digits(along->stand_in, 5, number[3]));
}

static void put_steps(nd_text *out, const nadir_curvature *c) {
  bool many = c->way == NADIR_BY_LANCZOS && c->size > MOST_SHOWN;
  size_t shown = many ? MOST_SHOWN : c->size;
  nd_text_print(out,
                "\nthe best step |first| / second derivative, and Adagrad's stand-in for the "
                "second derivative\n"
                "(the root of its summed squares after %u updates):\n"
                "  %-20s %12s %12s %12s %12s\n",
                c->adagrad_updates, "parameter", "|first|", "second", "best step", "stand-in");
  for (size_t i = 0; i < shown; i++)
    put_along(out, &c->along[i]);
  if (shown < c->size)
    nd_text_print(out, "  and %zu more, all of them in the JSON object\n", c->size - shown);
  if (c->size && !has_second(&c->along[0]))
    nd_text_append(out, "  second derivatives, one pass over the rows each, are left out\n");
}

static void put_fit(nd_text *out, const nadir_curvature *c) {
  char number[2][ND_NUMBER_TEXT];
  nd_text_print(out, "%s, in descent coordinates, at the start\n", c->formula);
  if (c->way == NADIR_BY_LANCZOS)
    put_lanczos_curvature(out, c);
  else
    put_exact_curvature(out, c);
  put_condition(out, c);
  if (c->largest.high > 0)
    nd_text_print(out, "rate        safe up to %s (1/M), stable for %s up to %s (2/M)\n",
                  nd_format_bound(c->safe, ND_DOWN, 8, number[0]), name_for(ND_FOR_DESCENT),
                  nd_format_bound(c->limit, ND_DOWN, 8, number[1]));
  nd_text_append(out, "recommended ");
  tell_recommended(c->recommended, out);
  nd_text_append(out, "\n");
  if (c->recommended != NADIR_RECOMMENDS_GD) return;
  put_updates(out, c);
  put_steps(out, c);
}

/* ---- JSON ---- */

static json_t *interval_json(const nadir_eigenvalue *value) {
  return nd_json_numbers((double[2]){value->low, value->high}, 2);
}

static json_t *box_json(const nadir_curvature *c) {
  json_t *tree = json_object();
  nd_json_put(&tree, "formula", nd_json_text(c->formula));
  nd_json_put(&tree, "curvature_max", interval_json(&c->largest));
  nd_json_put(&tree, "curvature_min", interval_json(&c->smallest));
  nd_json_put(&tree, "proved", json_true());
  nd_json_put(&tree, "rate_safe", nd_json_number(c->safe));
  nd_json_put(&tree, "rate_limit", nd_json_number(c->limit));
  nd_json_put(&tree, "condition", nd_json_number(c->condition));
  nd_json_put(&tree, "boxes", nd_json_count(c->boxes));
  return tree;
}

static json_t *updates_json(const nadir_curvature *c) {
  json_t *tree = json_object();
  for (size_t i = 0; i < c->methods; i++) {
    const nadir_needed *needed = &c->needed[i];
    bool counted = needed->known == NADIR_SIMULATED || needed->known == NADIR_MODELLED;
    nd_json_put(&tree, needed->method->name,
                counted ? nd_json_count(needed->updates) : json_null());
  }
  return tree;
}

/* How the number of updates is known, or why it is not. */
static json_t *known_json(const nadir_curvature *c) {
  static const char *const words[] = {
      [NADIR_NOT_PREDICTED] = "each update would take a pass over the rows",
      [NADIR_NO_MINIMUM] = "rounding hides whether there is a minimum",
      [NADIR_SIMULATED] = "simulated",
      [NADIR_MODELLED] = "about"};
  json_t *tree = json_object();
  for (size_t i = 0; i < c->methods; i++) {
    const nadir_needed *needed = &c->needed[i];
    char more[40];
    snprintf(more, sizeof more, "more than %llu", (unsigned long long)needed->updates);
    nd_json_put(&tree, needed->method->name,
                nd_json_text(needed->known == NADIR_MORE_THAN ? more : words[needed->known]));
  }
  return tree;
}

static json_t *steps_json(const nadir_curvature *c) {
  json_t *list = json_array();
  for (size_t i = 0; i < c->size; i++) {
    const nadir_along *along = &c->along[i];
    json_t *one = json_object();
    nd_json_put(&one, "name", nd_json_text(along->name));
    nd_json_put(&one, "first", nd_json_number(along->first));
    nd_json_put(&one, "second", nd_json_number(along->second));
    nd_json_put(&one, "best_step", nd_json_number(along->best_step));
    nd_json_put(&one, "root_sum_square", nd_json_number(along->stand_in));
    nd_json_push(&list, one);
  }
  return list;
}

/* How the eigenvalues were found: the bounds that are proved, and how near to what was found an
 * eigenvalue is. */
static void put_way(json_t **tree, const nadir_curvature *c) {
  bool by_lanczos = c->way == NADIR_BY_LANCZOS;
  nd_json_put(tree, "way", nd_json_text(by_lanczos ? "lanczos" : "exact"));
  nd_json_put(tree, "proved", json_boolean(c->largest.proved && c->smallest.proved));
  if (!by_lanczos) return;
  json_t *lanczos = json_object(), *proved = json_object(), *near = json_object();
  nd_json_put(&near, "largest", nd_json_number(c->largest.within));
  nd_json_put(&near, "smallest", nd_json_number(c->smallest.within));
  nd_json_put(&proved, "largest", nd_json_number(c->largest.proved_bound));
  nd_json_put(&proved, "smallest", nd_json_number(c->smallest.proved_bound));
  nd_json_put(&lanczos, "steps", nd_json_count(c->steps));
  nd_json_put(&lanczos, "eigenvalue_within", near);
  nd_json_put(&lanczos, "proved_bounds", proved);
  nd_json_put(&lanczos, "chance", nd_json_number(NADIR_CHANCE));
  nd_json_put(tree, "lanczos", lanczos);
}

static void put_condition_json(json_t **tree, const nadir_curvature *c) {
  json_t *condition = json_object();
  nd_json_put(&condition, "raw", nd_json_number(c->condition_raw));
  nd_json_put(&condition, "scaled", nd_json_number(c->condition));
  nd_json_put(tree, "condition", condition);
  nd_json_put(tree, "condition_way",
              nd_json_text(c->condition_is == NADIR_AT_LEAST ? "at least" : "exact"));
}

static json_t *fit_json(const nadir_curvature *c) {
  bool gd = c->recommended == NADIR_RECOMMENDS_GD;
  json_t *tree = json_object();
  nd_text recommended = {0};
  tell_recommended(c->recommended, &recommended);
  nd_json_put(&tree, "formula", nd_json_text(c->formula));
  nd_json_put(&tree, "curvature_max", interval_json(&c->largest));
  nd_json_put(&tree, "curvature_min", interval_json(&c->smallest));
  put_way(&tree, c);
  nd_json_put(&tree, "rate_safe", nd_json_number(c->safe));
  nd_json_put(&tree, "rate_limit", nd_json_number(c->limit));
  put_condition_json(&tree, c);
  nd_json_put(&tree, "tolerance", nd_json_number(c->tolerance));
  nd_json_put(&tree, "updates_needed", gd ? updates_json(c) : json_null());
  nd_json_put(&tree, "updates_known", gd ? known_json(c) : json_null());
  nd_json_put(&tree, "steps", gd ? steps_json(c) : json_null());
  nd_json_put(&tree, "adagrad_updates", gd ? nd_json_count(c->adagrad_updates) : json_null());
  nd_json_put(&tree, "recommended", nd_json_said(&recommended));
  return tree;
}

/* ---- the whole ---- */

nadir_status nadir_curvature_text(const nadir_curvature *curvature, nadir_format format,
                                  char **text, nadir_error *error) {
  ND_TO_NEAREST;
  bool box = curvature->way == NADIR_ON_BOX;
  if (format == NADIR_JSON)
    return nd_json_write(box ? box_json(curvature) : fit_json(curvature), text, error);
  nd_text out = {0};
  if (box)
    put_box(&out, curvature);
  else
    put_fit(&out, curvature);
  return nd_give_text(&out, NADIR_OK, text, error);
}
