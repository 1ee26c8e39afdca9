/* Names bound once: under a typed root each column, each comparison with a quoted string or of
 * large integers and each head is replaced by the leaf that stands for it. A column comes before
 * the constant of its name (pi). What is not a column goes to the binder's own rule
 * for free names, or is an error that points at the place and names the nearest column.
 *
 * Nodes are visited in the order of their numbers, which is that of first appearance in the text.
 */
#include <string.h>

#include "base/cell.h"
#include "model/model_internal.h"

void nd_column_list_clear(nd_column_list *list) {
  for (size_t i = 0; i < list->count; i++) {
    nd_free(list->items[i].column);
    nd_free(list->items[i].equals);
    nd_free(list->items[i].unit);
  }
  nd_free(list->items);
  nd_free(list->order);
  nd_free(list->item_of);
  *list = (nd_column_list){0};
}

nadir_status nd_make_formula(nd_graph *graph, const char *text, const char *const *names,
                             const nd_node *nodes, size_t count, nd_node *node,
                             nadir_error *error) {
  nd_node root, leaves[8];
  ND_TRY(nd_parse(graph, text, &root, error));
  for (size_t i = 0; i < count; i++)
    ND_TRY(nd_make_name(graph, names[i], &leaves[i], error));
  return nd_substitute(graph, root, leaves, nodes, count, node, error);
}

/* ---- listing columns ---- */

static nadir_status list_column(nd_column_list *list, nd_node leaf, const char *column,
                                const char *equals, const char *unit, size_t order,
                                nadir_error *error) {
  ND_TRY(nd_grow(&list->item_of, &list->item_of_capacity, (size_t)leaf + 1, sizeof *list->item_of,
                 error));
  if (list->item_of[leaf] != 0) return NADIR_OK;
  ND_TRY(nd_grow(&list->items, &list->capacity, list->count + 1, sizeof *list->items, error));
  ND_TRY(nd_grow(&list->order, &list->order_capacity, list->count + 1, sizeof *list->order, error));
  nd_model_column made = {.name = leaf, .mean = (double)NAN};
  made.column = nd_copy_text(column, strlen(column), error);
  made.unit = nd_copy_text(unit, strlen(unit), error);
  made.equals = equals == NULL ? NULL : nd_copy_text(equals, strlen(equals), error);
  list->order[list->count] = order;
  list->items[list->count++] = made;
  list->item_of[leaf] = list->count;
  bool complete =
      made.column != NULL && made.unit != NULL && (equals == NULL || made.equals != NULL);
  return complete ? NADIR_OK : NADIR_NO_MEMORY;
}

static nadir_status element_name(const nd_found *found, size_t element, nd_text *name,
                                 nadir_error *error) {
  nd_text_append(name, found->name);
  if (found->elements != 1) nd_text_print(name, "[%zu]", element + 1);
  return nd_text_status(name, error);
}

nadir_status nd_bind_column(nd_binder *binder, const nd_found *found, size_t element, nd_node *leaf,
                            nadir_error *error) {
  nd_text name = {0};
  nadir_status status = element_name(found, element, &name, error);
  if (status == NADIR_OK) status = nd_make_name(binder->graph, nd_text_data(&name), leaf, error);
  if (status == NADIR_OK)
    status = list_column(binder->columns, *leaf, nd_text_data(&name), NULL, found->unit,
                         found->column * 65536 + element, error);
  nd_text_free(&name);
  return status;
}

nadir_status nd_bind_rest(nd_binder *binder, const nd_found *found, size_t element, nd_node *leaf,
                          nadir_error *error) {
  nd_text column = {0}, name = {0};
  nadir_status status = element_name(found, element, &column, error);
  nd_text_print(&name, "\002%s", nd_text_data(&column));
  if (status == NADIR_OK) status = nd_text_status(&name, error);
  if (status == NADIR_OK) status = nd_make_name(binder->graph, nd_text_data(&name), leaf, error);
  size_t before = binder->columns->count;
  if (status == NADIR_OK)
    status = list_column(binder->columns, *leaf, nd_text_data(&column), NULL, "",
                         found->column * 65536 + element, error);
  if (status == NADIR_OK && binder->columns->count > before)
    binder->columns->items[before].rest = true;
  nd_text_free(&column);
  nd_text_free(&name);
  return status;
}

nadir_status nd_bind_equals(nd_binder *binder, const nd_found *found, const char *equals,
                            nd_node *leaf, nadir_error *error) {
  nd_text name = {0};
  nd_text_print(&name, "\001%s == \"%s\"", found->name, equals);
  nadir_status status = nd_text_status(&name, error);
  if (status == NADIR_OK) status = nd_make_name(binder->graph, nd_text_data(&name), leaf, error);
  if (status == NADIR_OK)
    status =
        list_column(binder->columns, *leaf, found->name, equals, "", found->column * 65536, error);
  nd_text_free(&name);
  return status;
}

/* ---- one name ---- */

/* flux[9] of a column with fewer elements: the column's name is in `base`. */
static bool is_beyond(const nd_binder *binder, const char *name, nd_text *base, nd_found *found) {
  const char *near, *bracket = strrchr(name, '[');
  if (bracket == NULL || bracket == name) return false;
  nd_text_append_bytes(base, name, (size_t)(bracket - name));
  return !base->failed && nd_schema_find(binder->schema, nd_text_data(base), found, &near);
}

static nadir_status fail_beyond(const nd_binder *binder, nd_node place, const char *name,
                                const nd_found *found, nadir_error *error) {
  if (found->elements == 1)
    return nd_fail_in_text(binder->graph, binder->text, place, error,
                           "%s: there is no '%s': column '%s' is one number, not a vector",
                           binder->what, name, found->name);
  return nd_fail_in_text(binder->graph, binder->text, place, error,
                         "%s: there is no '%s': column '%s' has the elements 1 to %zu",
                         binder->what, name, found->name, found->elements);
}

nadir_status nd_fail_unknown(const nd_binder *binder, nd_node place, const char *name,
                             const char *near, nadir_error *error) {
  nd_text base = {0};
  nd_found found;
  bool beyond = is_beyond(binder, name, &base, &found);
  nd_text_free(&base);
  if (beyond) return fail_beyond(binder, place, name, &found, error);
  const char *unquoted = near == NULL ? nd_schema_unquoted(binder->schema, name, NULL) : NULL;
  if (unquoted != NULL)
    return nd_fail_in_text(binder->graph, binder->text, place, error,
                           "%s: the table has no column '%s': if you mean the column '%s', write "
                           "it in backquotes, as `%s`",
                           binder->what, name, unquoted, unquoted);
  nd_text lacks = {0};
  nadir_status status = nd_schema_lacks(binder->schema, name, "", near, &lacks, error);
  if (status == NADIR_OK)
    status = nd_fail_in_text(binder->graph, binder->text, place, error, "%s: %s", binder->what,
                             nd_text_data(&lacks));
  nd_text_free(&lacks);
  return status;
}

nadir_status nd_fail_text(const nd_graph *graph, uint32_t text, nd_node place, const char *what,
                          const nd_found *found, nadir_error *error) {
  nd_text said = {0};
  nadir_status status;
  if (found->stray != NULL) nd_say_cell(found->stray, &said);
  if (found->nearly_numbers)
    status = nd_fail_in_text(graph, text, place, error, "%s: column '%s' is text, since %s: %s",
                             what, found->name, nd_text_data(&said), nd_cell_cure(found->stray));
  else
    status =
        nd_fail_in_text(graph, text, place, error,
                        "%s: column '%s' is text, not a number%s%s%s: compare it with a quoted "
                        "string, as in %s == \"A\"",
                        what, found->name, said.length ? " (" : "", nd_text_data(&said),
                        said.length ? ")" : "", found->name);
  nd_text_free(&said);
  return status;
}

static nadir_status bind_number(nd_binder *binder, nd_node leaf, const nd_found *found, nd_node *to,
                                nadir_error *error) {
  if (found->bare)
    return nd_fail_in_text(binder->graph, binder->text, leaf, error,
                           "%s: column '%s' is a vector of %zu numbers: write one of %s[1] .. "
                           "%s[%zu]",
                           binder->what, found->name, found->elements, found->name, found->name,
                           found->elements);
  if (found->type == ND_CELL_TEXT)
    return nd_fail_text(binder->graph, binder->text, leaf, binder->what, found, error);
  if (found->reads != NULL && strchr(found->name, '(') == NULL)
    return nd_fail_in_text(binder->graph, binder->text, leaf, error,
                           "%s: %s reads texts: column '%s' holds numbers", binder->what, found->reads->name,
                           found->name);
  return nd_bind_column(binder, found, found->element, to, error);
}

/* hms(COLUMN) of a column that is not there. */
static nadir_status fail_inner(const nd_binder *binder, nd_node leaf, const char *inner, size_t length,
                               const char *near, nadir_error *error) {
  char *column = nd_copy_text(inner, length, error);
  if (column == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_fail_unknown(binder, leaf, column, near, error);
  nd_free(column);
  return status;
}

static nadir_status bind_name(nd_binder *binder, nd_node leaf, nd_node *to, nadir_error *error) {
  nd_found found;
  const char *inner;
  size_t length;
  bool pi = nd_node_op(binder->graph, leaf) == ND_PI;
  const char *near, *name = pi ? "pi" : nd_node_text(binder->graph, leaf);
  if (nd_schema_find(binder->schema, name, &found, &near))
    return bind_number(binder, leaf, &found, to, error);
  *to = leaf;
  if (!pi && nd_text_function_of(name, &inner, &length)) return fail_inner(binder, leaf, inner, length, near, error);
  if (binder->free_name != NULL) return binder->free_name(binder->context, leaf, near, error);
  return nd_fail_unknown(binder, leaf, name, near, error);
}

/* `class == "QSO"` becomes `leaf == 1`. */
static nadir_status bind_comparison(nd_binder *binder, nd_node comparison, nd_node *to,
                                    nadir_error *error) {
  nd_graph *graph = binder->graph;
  nd_node name = nd_node_argument(graph, comparison, 0);
  nd_node text = nd_node_argument(graph, comparison, 1);
  if (nd_node_type(graph, name) == ND_IS_TEXT) {
    nd_node swap = name;
    name = text;
    text = swap;
  }
  nd_found found;
  const char *near;
  if (nd_node_op(graph, name) != ND_NAME)
    return nd_fail_in_text(graph, binder->text, comparison, error,
                           "%s: a quoted string can only be compared with a column: write COLUMN "
                           "== \"text\"",
                           binder->what);
  if (!nd_schema_find(binder->schema, nd_node_text(graph, name), &found, &near))
    return nd_fail_unknown(binder, name, nd_node_text(graph, name), near, error);
  if (binder->schema->table != NULL && found.type != ND_CELL_TEXT)
    return nd_fail_in_text(graph, binder->text, comparison, error,
                           "%s: column '%s' holds numbers, not text: compare it without quotes",
                           binder->what, found.name);
  nd_node leaf;
  ND_TRY(nd_bind_equals(binder, &found, nd_node_text(graph, text), &leaf, error));
  return nd_make_formula(graph, "a == 1", (const char *[]){"a"}, &leaf, 1, to, error);
}

/* ---- all names under a root ---- */

static bool compares_text(const nd_graph *graph, nd_node node) {
  if (nd_node_op(graph, node) != ND_EQUAL) return false;
  for (size_t i = 0; i < 2; i++)
    if (nd_node_type(graph, nd_node_argument(graph, node, i)) == ND_IS_TEXT) return true;
  return false;
}

bool nd_is_head(const nd_graph *graph, nd_node node) {
  nd_op op = nd_node_op(graph, node);
  return op == ND_LINEAR || op == ND_POLY || op == ND_SOFTMAX;
}

/* `pi` is a column where the table has one with that name. */
static bool is_column_pi(const nd_binder *binder, nd_node node) {
  nd_found found;
  const char *near;
  return nd_node_op(binder->graph, node) == ND_PI &&
         nd_schema_find(binder->schema, "pi", &found, &near);
}

/* What is replaced as a whole: nothing below it is looked at. */
static bool is_unit(const nd_binder *binder, nd_node node) {
  const nd_graph *graph = binder->graph;
  return nd_node_op(graph, node) == ND_NAME || nd_is_head(graph, node) ||
         compares_text(graph, node) || is_column_pi(binder, node) ||
         nd_compares_exactly(binder, node);
}

static nadir_status bind_unit(nd_binder *binder, nd_node node, nd_node *to, nadir_error *error) {
  const nd_graph *graph = binder->graph;
  if (nd_node_op(graph, node) == ND_NAME || is_column_pi(binder, node))
    return bind_name(binder, node, to, error);
  if (compares_text(graph, node)) return bind_comparison(binder, node, to, error);
  if (!nd_is_head(graph, node)) return nd_bind_exactly(binder, node, to, error);
  if (binder->head != NULL) return binder->head(binder->context, node, to, error);
  return nd_fail_in_text(
      graph, binder->text, node, error,
      "%s: linear, poly and softmax cannot be used here: use them in MODEL, not inside each other",
      binder->what);
}

/* Marks what is reached from root, not going below units; gives the number of units. */
static size_t mark_units(const nd_binder *binder, nd_node root, bool *reached) {
  const nd_graph *graph = binder->graph;
  size_t units = 0;
  reached[root] = true;
  for (size_t n = (size_t)root + 1; n-- > 0;) {
    if (!reached[n]) continue;
    if (is_unit(binder, (nd_node)n)) {
      units++;
      continue;
    }
    for (size_t i = 0; i < nd_node_arity(graph, (nd_node)n); i++)
      reached[nd_node_argument(graph, (nd_node)n, i)] = true;
  }
  return units;
}

static nadir_status bind_marked(nd_binder *binder, nd_node root, const bool *reached, nd_node *from,
                                nd_node *to, nd_node *bound, nadir_error *error) {
  size_t count = 0;
  for (size_t n = 0; n <= root; n++) {
    if (!reached[n] || !is_unit(binder, (nd_node)n)) continue;
    from[count] = (nd_node)n;
    ND_TRY(bind_unit(binder, (nd_node)n, &to[count], error));
    count++;
  }
  return nd_substitute(binder->graph, root, from, to, count, bound, error);
}

nadir_status nd_bind(nd_binder *binder, nd_node root, nd_node *bound, nadir_error *error) {
  bool *reached = nd_new((size_t)root + 1, sizeof *reached, error);
  if (reached == NULL) return NADIR_NO_MEMORY;
  size_t units = mark_units(binder, root, reached);
  nd_node *from = nd_new(units, sizeof *from, error);
  nd_node *to = from == NULL ? NULL : nd_new(units, sizeof *to, error);
  nadir_status status =
      to == NULL ? NADIR_NO_MEMORY : bind_marked(binder, root, reached, from, to, bound, error);
  nd_free(reached);
  nd_free(from);
  nd_free(to);
  return status;
}
