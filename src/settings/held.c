/* --fix and --tie: parsed into the graph of the formula that they are of, and put into it. A value may name
 * others that are fixed or tied: values are put into values until none names any, which takes at most as many
 * rounds as there are values; what still does then goes in a circle. */
#include <string.h>

#include "settings/held.h"

const char *nd_held_by(const nd_held *held) {
  return held->tied ? "tie" : "fix";
}

void nd_held_clear(nd_held_list *held) {
  nd_free(held->items);
  *held = (nd_held_list){0};
}

/* ---- reading ---- */

static bool is_held(const nd_held_list *held, nd_node name) {
  for (size_t i = 0; i < held->count; i++)
    if (held->items[i].name == name) return true;
  return false;
}

static nadir_status has_names(const nd_graph *graph, nd_node root, bool *has, nadir_error *error) {
  nd_node *names;
  size_t count;
  ND_TRY(nd_names(graph, &root, 1, &names, &count, error));
  nd_free(names);
  *has = count > 0;
  return NADIR_OK;
}

static nadir_status check_value(const nd_graph *graph, const nd_held *held,
                                const nd_assignment *typed, nadir_error *error) {
  bool names;
  ND_TRY(has_names(graph, held->value, &names, error));
  if (names && !held->tied)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "fix: '%s' of %s is not a number: give one, or tie %s to what it follows",
                   typed->text, typed->name, typed->name);
  if (!names && held->tied)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "tie: '%s' of %s names no other parameter: fix %s at that value instead",
                   typed->text, typed->name, typed->name);
  if (nd_node_type(graph, held->value) == ND_IS_REAL) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING, "%s: '%s' of %s is not a number: give one",
                 nd_held_by(held), typed->text, typed->name);
}

static nadir_status add(nd_held_list *held, size_t *capacity, nd_graph *graph,
                        const nd_assignment *typed, bool tied, nadir_error *error) {
  nd_held one = {.tied = tied};
  char *text = nd_graph_take(graph, strlen(typed->text) + 1, error);
  if (text == NULL) return NADIR_NO_MEMORY;
  one.text = strcpy(text, typed->text);
  ND_TRY(nd_make_name(graph, typed->name, &one.name, error));
  ND_TRY(nd_parse_as(graph, nd_held_by(&one), typed->text, &one.value, error));
  one.typed = one.value;
  ND_TRY(check_value(graph, &one, typed, error));
  if (is_held(held, one.name))
    return nd_fail(error, NADIR_BAD_SETTING, "%s: %s is given twice: give it one value",
                   nd_held_by(&one), typed->name);
  ND_TRY(nd_grow(&held->items, capacity, held->count + 1, sizeof *held->items, error));
  held->items[held->count++] = one;
  return NADIR_OK;
}

static nadir_status add_all(nd_held_list *held, size_t *capacity, nd_graph *graph, const char *text,
                            bool tied, nadir_error *error) {
  nd_assignment *list;
  size_t count;
  if (!*text) return NADIR_OK;
  ND_TRY(nd_assignments_read(tied ? "tie" : "fix", text, false, &list, &count, error));
  nadir_status status = NADIR_OK;
  for (size_t i = 0; i < count && status == NADIR_OK; i++)
    status = add(held, capacity, graph, &list[i], tied, error);
  nd_assignments_free(list, count);
  return status;
}

/* ---- values of values ---- */

nadir_status nd_held_put(nd_graph *graph, const nd_held_list *held, nd_node root, nd_node *changed,
                         nadir_error *error) {
  *changed = root;
  if (held->count == 0) return NADIR_OK;
  nd_node *names = nd_new(2 * held->count, sizeof *names, error);
  if (names == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < held->count; i++) {
    names[i] = held->items[i].name;
    names[held->count + i] = held->items[i].value;
  }
  nadir_status status =
      nd_substitute(graph, root, names, names + held->count, held->count, changed, error);
  nd_free(names);
  return status;
}

static nadir_status names_held(const nd_graph *graph, const nd_held_list *held, nd_node root,
                               bool *found, nadir_error *error) {
  nd_node *names;
  size_t count;
  ND_TRY(nd_names(graph, &root, 1, &names, &count, error));
  *found = false;
  for (size_t i = 0; i < count; i++)
    *found |= is_held(held, names[i]);
  nd_free(names);
  return NADIR_OK;
}

static nadir_status resolve(nd_graph *graph, const nd_held_list *held, nd_held *one,
                            nadir_error *error) {
  bool found = true;
  for (size_t round = 0; round <= held->count && found; round++) {
    ND_TRY(names_held(graph, held, one->value, &found, error));
    if (found) ND_TRY(nd_held_put(graph, held, one->value, &one->value, error));
  }
  if (!found) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "tie: %s follows itself, by way of what it is tied to: tie it to parameters that "
                 "are free",
                 nd_node_text(graph, one->name));
}

nadir_status nd_held_read(const nadir_settings *settings, nd_graph *graph, nd_held_list *held,
                          nadir_error *error) {
  size_t capacity = 0;
  *held = (nd_held_list){0};
  ND_TRY(add_all(held, &capacity, graph, settings->fix, false, error));
  ND_TRY(add_all(held, &capacity, graph, settings->tie, true, error));
  for (size_t i = 0; i < held->count; i++)
    ND_TRY(resolve(graph, held, &held->items[i], error));
  return NADIR_OK;
}

/* ---- a formula on its own ---- */

typedef struct holding {
  const nadir_settings *settings;
  nd_held_list *held;
} holding;

/* Those that the formula has, or that another follows. */
static nadir_status is_named(const nd_graph *graph, const nd_held_list *held, nd_node root,
                             nd_node name, bool *named, nadir_error *error) {
  bool *needs;
  *named = false;
  ND_TRY(nd_depends(graph, &name, 1, &needs, error));
  *named = needs[root];
  for (size_t i = 0; i < held->count; i++)
    *named |= needs[held->items[i].typed];
  nd_free(needs);
  return NADIR_OK;
}

static nadir_status hold(void *context, nd_graph *graph, nd_node *root, nadir_error *error) {
  const holding *now = context;
  ND_TRY(nd_held_read(now->settings, graph, now->held, error));
  for (size_t i = 0; i < now->held->count; i++) {
    const nd_held *held = &now->held->items[i];
    bool named;
    ND_TRY(is_named(graph, now->held, *root, held->name, &named, error));
    if (!named)
      return nd_fail(error, NADIR_BAD_SETTING,
                     "%s: the formula has no '%s': name what is in it", nd_held_by(held),
                     nd_node_text(graph, held->name));
  }
  return nd_held_put(graph, now->held, *root, root, error);
}

nadir_status nd_left_of(nd_left *left, const nadir_expr *of, const nadir_settings *settings,
                        nadir_error *error) {
  *left = (nd_left){.expr = of};
  if (!*settings->fix && !*settings->tie) return NADIR_OK;
  holding now = {settings, &left->held};
  ND_TRY(nd_formula_changed(&left->made, of->text, hold, &now, error));
  left->expr = left->made;
  if (left->made->size > 0) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "fix: every parameter is fixed, so nothing is left to minimise: leave one free");
}

void nd_left_clear(nd_left *left) {
  nd_held_clear(&left->held);
  nd_formula_free(left->made);
  *left = (nd_left){0};
}

/* ---- numbers ---- */

nadir_status nd_held_value(nd_graph *graph, const nd_held *held, const nd_node *names, size_t size,
                           const double *w, double *value, double *gradient, nadir_error *error) {
  nd_node *partials = nd_new(size, sizeof *partials, error);
  if (partials == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_derive(graph, held->value, names, size, partials, error);
  double *values = NULL;
  if (status == NADIR_OK) values = nd_new(nd_graph_size(graph), sizeof *values, error);
  if (status == NADIR_OK && values == NULL) status = NADIR_NO_MEMORY;
  for (size_t i = 0; i < size && status == NADIR_OK; i++)
    values[names[i]] = w[i];
  if (status == NADIR_OK) status = nd_evaluate(graph, &held->value, 1, values, error);
  if (status == NADIR_OK) {
    *value = values[held->value];
    status = nd_evaluate(graph, partials, size, values, error);
  }
  for (size_t i = 0; i < size && status == NADIR_OK; i++)
    gradient[i] = values[partials[i]];
  nd_free(values);
  nd_free(partials);
  return status;
}
