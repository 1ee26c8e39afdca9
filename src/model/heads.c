/* Heads: linear, poly and softmax become eta leaves over a matrix of features, and parameters.
 *
 * A head's arguments hold columns only, so features are evaluated once a load. Its parameters are
 * b and w[TEXT] with TEXT the argument as typed; the second linear or poly has b2 and w2[TEXT], the
 * classes of softmax b[CLASS] and w[CLASS,TEXT]. */
#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "model/model_internal.h"

nadir_status nd_add_parameter(nd_builder *builder, nd_model_parameter parameter,
                              nadir_error *error) {
  nd_model *model = builder->model;
  nd_index *names = &builder->parameter_names;
  nadir_status status = parameter.name == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  if (status == NADIR_OK)
    status = nd_grow(&model->parameters, &builder->parameter_capacity, model->size + 1,
                     sizeof *model->parameters, error);
  if (status == NADIR_OK &&
      nd_index_find(names, parameter.name, strlen(parameter.name)) != SIZE_MAX)
    status = nd_fail(error, NADIR_BAD_FORMULA,
                     "%s: two parameters of the model are called '%s': give one of them another "
                     "name (linear and poly have b and w[...])",
                     model->formula, parameter.name);
  if (status == NADIR_OK) status = nd_index_add(names, parameter.name, model->size, error);
  if (status != NADIR_OK) {
    nd_free(parameter.name);
    return status;
  }
  parameter.start = (double)NAN;
  parameter.low = -HUGE_VAL;
  parameter.high = HUGE_VAL;
  model->parameters[model->size++] = parameter;
  return NADIR_OK;
}

/* ---- features ---- */

static nadir_status add_feature(nd_builder *builder, nd_node node, const char *text, size_t length,
                                nadir_error *error) {
  nd_model *model = builder->model;
  size_t wanted = model->feature_count + 1;
  ND_TRY(nd_grow(&model->features, &builder->feature_capacity, wanted, sizeof *model->features,
                 error));
  ND_TRY(nd_grow(&model->feature_names, &builder->name_capacity, wanted,
                 sizeof *model->feature_names, error));
  char *name = nd_copy_text(text, length, error);
  if (name == NULL) return NADIR_NO_MEMORY;
  model->features[model->feature_count] = node;
  model->feature_names[model->feature_count++] = name;
  return NADIR_OK;
}

static nd_binder feature_binder(nd_builder *builder) {
  return (nd_binder){.graph = builder->model->graph,
                     .schema = &builder->schema,
                     .columns = &builder->columns,
                     .what = "linear, poly and softmax take columns only"};
}

/* The argument as it was typed, or as it prints. */
static nadir_status feature_text(const nd_builder *builder, nd_node argument, nd_text *text,
                                 nadir_error *error) {
  const nd_graph *graph = builder->model->graph;
  const char *begin;
  size_t length;
  if (nd_node_op(graph, argument) == ND_NAME)
    nd_text_append(text, nd_node_text(graph, argument));
  else if (nd_node_source(graph, argument, &begin, &length))
    nd_text_append_bytes(text, begin, length);
  else
    ND_TRY(nd_print(graph, argument, ND_PLAIN, text, error));
  return nd_text_status(text, error);
}

static nadir_status add_expression(nd_builder *builder, nd_node argument, nadir_error *error) {
  nd_binder binder = feature_binder(builder);
  nd_node bound;
  nd_text text = {0};
  ND_TRY(nd_bind(&binder, argument, &bound, error));
  nadir_status status = feature_text(builder, argument, &text, error);
  if (status == NADIR_OK)
    status = add_feature(builder, bound, nd_text_data(&text), text.length, error);
  nd_text_free(&text);
  return status;
}

/* Column `i` of the table, all elements of a vector column. */
static nadir_status add_column(nd_builder *builder, const nd_found *found, nadir_error *error) {
  nd_binder binder = feature_binder(builder);
  for (size_t e = 0; e < found->elements; e++) {
    nd_node leaf;
    ND_TRY(nd_bind_column(&binder, found, e, &leaf, error));
    const char *name = nd_node_text(builder->model->graph, leaf);
    ND_TRY(add_feature(builder, leaf, name, strlen(name), error));
  }
  return NADIR_OK;
}

/* ---- c1..c100 and * ---- */

static nadir_status find_end(nd_builder *builder, nd_node name, size_t *column,
                             nadir_error *error) {
  nd_binder binder = feature_binder(builder);
  const char *near, *text = nd_node_text(builder->model->graph, name);
  nd_found found;
  if (nd_node_op(builder->model->graph, name) != ND_NAME ||
      !nd_schema_find(&builder->schema, text, &found, &near))
    return nd_fail_unknown(&binder, name, text == NULL ? "" : text, NULL, error);
  *column = found.column;
  return NADIR_OK;
}

static nadir_status find_range(nd_builder *builder, nd_node range, size_t *first, size_t *last,
                               nadir_error *error) {
  const nd_graph *graph = builder->model->graph;
  ND_TRY(find_end(builder, nd_node_argument(graph, range, 0), first, error));
  ND_TRY(find_end(builder, nd_node_argument(graph, range, 1), last, error));
  if (*first <= *last) return NADIR_OK;
  return nd_fail_at_node(graph, range, error, NADIR_BAD_FORMULA,
                         "linear: the range runs backwards in the table: write its columns in the "
                         "table's order");
}

static nadir_status add_range(nd_builder *builder, nd_node range, nadir_error *error) {
  size_t first, last;
  ND_TRY(find_range(builder, range, &first, &last, error));
  for (size_t i = first; i <= last; i++) {
    nd_found found = nd_schema_column(&builder->schema, i);
    if (found.type == ND_CELL_TEXT)
      return nd_fail_text(builder->model->graph, 0, range, "linear, in this range", &found, error);
    ND_TRY(add_column(builder, &found, error));
  }
  return NADIR_OK;
}

static void mark_name(const nd_builder *builder, const char *name, bool *used) {
  const size_t *next = builder->schema.next; /* of a list, else NULL */
  nd_found found;
  const char *near;
  if (!nd_schema_find(&builder->schema, name, &found, &near)) return;
  used[found.column] = true;
  for (size_t i = next ? next[found.column] : 0; i != 0; i = next[i])
    used[i] = true;
}

/* Marks the columns that any of the builder's roots names, ranges with all between their ends. */
static nadir_status mark_used(nd_builder *builder, bool *used, nadir_error *error) {
  const nd_graph *graph = builder->model->graph;
  nd_node *names;
  size_t count;
  ND_TRY(nd_names(graph, builder->used, builder->used_count, &names, &count, error));
  for (size_t i = 0; i < count; i++)
    mark_name(builder, nd_node_text(graph, names[i]), used);
  nd_free(names);
  for (size_t i = 0; i < nd_filter_columns(builder->filter); i++)
    mark_name(builder, nd_filter_column(builder->filter, i)->column, used);
  for (size_t n = 0; n < builder->typed_size; n++) {
    size_t first, last;
    if (nd_node_op(graph, (nd_node)n) != ND_RANGE) continue;
    ND_TRY(find_range(builder, (nd_node)n, &first, &last, error));
    for (size_t i = first; i <= last; i++)
      used[i] = true;
  }
  return NADIR_OK;
}

static nadir_status add_unused(nd_builder *builder, const bool *used, nadir_error *error) {
  for (size_t i = 0; i < nd_schema_columns(&builder->schema); i++) {
    nd_found found = nd_schema_column(&builder->schema, i);
    if (used[i]) continue;
    if (found.type != ND_CELL_TEXT)
      ND_TRY(add_column(builder, &found, error));
    else if (found.nearly_numbers)
      ND_TRY(nd_warn(
          builder->teller,
          &(nadir_warning){.kind = NADIR_WARN_LEFT_OUT, .column = found.name, .cell = found.stray},
          error));
  }
  return NADIR_OK;
}

static nadir_status add_star(nd_builder *builder, nd_node star, nadir_error *error) {
  size_t before = builder->model->feature_count;
  bool *used = nd_new(nd_schema_columns(&builder->schema), sizeof *used, error);
  nadir_status status = used == NULL ? NADIR_NO_MEMORY : mark_used(builder, used, error);
  if (status == NADIR_OK) status = add_unused(builder, used, error);
  nd_free(used);
  if (status == NADIR_OK && builder->model->feature_count == before)
    status = nd_fail_at_node(builder->model->graph, star, error, NADIR_BAD_FORMULA,
                             "linear(*): no column of numbers is left that the formula does not "
                             "use elsewhere: name the columns");
  return status;
}

static nadir_status add_argument(nd_builder *builder, nd_node argument, nadir_error *error) {
  const nd_graph *graph = builder->model->graph;
  nd_found found;
  const char *near;
  nd_op op = nd_node_op(graph, argument);
  if (op == ND_STAR) return add_star(builder, argument, error);
  if (op == ND_RANGE) return add_range(builder, argument, error);
  if (op == ND_NAME &&
      nd_schema_find(&builder->schema, nd_node_text(graph, argument), &found, &near) &&
      found.bare && found.type != ND_CELL_TEXT)
    return add_column(builder, &found, error);
  return add_expression(builder, argument, error);
}

/* ---- powers ---- */

static nadir_status add_power(nd_builder *builder, nd_node bound, const nd_text *base, bool plain,
                              size_t power, nadir_error *error) {
  nd_graph *graph = builder->model->graph;
  nd_node exponent, node = bound;
  nd_text text = {0};
  if (power > 1) {
    ND_TRY(nd_make_number(graph, (double)power, &exponent, error));
    ND_TRY(nd_make(graph, ND_POW, (nd_node[]){bound, exponent}, 2, &node, error));
  }
  nd_text_print(&text, plain || power == 1 ? "%s" : "(%s)", nd_text_data(base));
  if (power > 1) nd_text_print(&text, "^%zu", power);
  nadir_status status = nd_text_status(&text, error);
  if (status == NADIR_OK)
    status = add_feature(builder, node, nd_text_data(&text), text.length, error);
  nd_text_free(&text);
  return status;
}

static nadir_status add_powers(nd_builder *builder, nd_node poly, nadir_error *error) {
  const nd_graph *graph = builder->model->graph;
  nd_node argument = nd_node_argument(graph, poly, 0), degree = nd_node_argument(graph, poly, 1);
  double most = nd_node_op(graph, degree) == ND_NUMBER ? nd_node_number(graph, degree) : 0;
  if (!(most >= 1 && most <= ND_LIMIT_POWERS && most == floor(most)))
    return nd_fail_at_node(graph, degree, error, NADIR_BAD_FORMULA,
                           "poly: its degree is a whole number from 1 to %d: write poly(x, 3)",
                           ND_LIMIT_POWERS);
  nd_binder binder = feature_binder(builder);
  nd_node bound;
  nd_text base = {0};
  ND_TRY(nd_bind(&binder, argument, &bound, error));
  nd_op op = nd_node_op(builder->model->graph, argument);
  const nd_op_info *info = nd_op_about(op);
  bool plain = op == ND_NAME || (info != NULL && isalpha((unsigned char)info->name[0]));
  nadir_status status = feature_text(builder, argument, &base, error);
  for (size_t k = 1; k <= (size_t)most && status == NADIR_OK; k++)
    status = add_power(builder, bound, &base, plain, k, error);
  nd_text_free(&base);
  return status;
}

/* ---- heads ---- */

/* w[x]: what begins with "w[", the text of the feature. */
static nadir_status weight_name(const char *prefix, const char *text, nd_text *name,
                                nadir_error *error) {
  nd_text_print(name, "%s%s]", prefix, text);
  return nd_text_status(name, error);
}

static nadir_status add_weight(nd_builder *builder, const char *prefix, const char *text,
                               size_t head, size_t feature, nadir_error *error) {
  nd_text name = {0};
  nadir_status status = weight_name(prefix, text, &name, error);
  if (status == NADIR_OK)
    status = nd_add_parameter(
        builder,
        (nd_model_parameter){.name = nd_copy_text(nd_text_data(&name), name.length, error),
                             .kind = ND_WEIGHT,
                             .head = head,
                             .feature = feature,
                             .penalised = true},
        error);
  nd_text_free(&name);
  return status;
}

/* ---- what is fixed of a head stands beside it: w[x] = 2 is 2 x ---- */

static nadir_status add_offset(nd_builder *builder, nd_node value, nd_node feature, nd_node *offset,
                               nadir_error *error) {
  nd_graph *graph = builder->model->graph;
  nd_node term = value;
  if (feature != ND_NO_NODE)
    ND_TRY(nd_make(graph, ND_MUL, (nd_node[]){value, feature}, 2, &term, error));
  builder->has_offset = true;
  if (*offset == ND_NO_NODE) {
    *offset = term;
    return NADIR_OK;
  }
  return nd_make(graph, ND_ADD, (nd_node[]){*offset, term}, 2, offset, error);
}

/* The value of a fixed parameter; ND_NO_NODE where it is free. */
static nadir_status fixed_value(nd_builder *builder, const char *name, nd_node *value,
                                nadir_error *error) {
  size_t i = nd_find_held(builder, name);
  *value = i == SIZE_MAX ? ND_NO_NODE : builder->held.items[i].value;
  if (i == SIZE_MAX || !builder->held.items[i].tied) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "tie: %s is a parameter of linear or poly, which cannot be tied: write the model "
                 "out, as a*x + b*y, and tie those",
                 name);
}

static nadir_status fixed_weight(nd_builder *builder, const char *prefix, const char *text,
                                 nd_node *value, nadir_error *error) {
  nd_text name = {0};
  nadir_status status = weight_name(prefix, text, &name, error);
  if (status == NADIR_OK) status = fixed_value(builder, nd_text_data(&name), value, error);
  nd_text_free(&name);
  return status;
}

/* Takes the features whose weights are fixed out of the matrix. */
static nadir_status take_fixed(nd_builder *builder, size_t first, const char *prefix,
                               nd_node *offset, nadir_error *error) {
  nd_model *model = builder->model;
  size_t kept = first, count = model->feature_count;
  for (size_t j = first; j < count; j++) {
    nd_node value;
    ND_TRY(fixed_weight(builder, prefix, model->feature_names[j], &value, error));
    if (value != ND_NO_NODE)
      ND_TRY(add_offset(builder, value, model->features[j], offset, error));
    nd_node feature = model->features[j];
    char *name = model->feature_names[j];
    model->features[j] = model->features[kept];
    model->feature_names[j] = model->feature_names[kept];
    model->features[kept] = feature;
    model->feature_names[kept] = name;
    kept += value == ND_NO_NODE;
  }
  for (size_t j = kept; j < count; j++)
    nd_free(model->feature_names[j]);
  model->feature_count = kept;
  return NADIR_OK;
}

/* An eta over features first .. end of the matrix, with its parameters. */
static nadir_status add_head(nd_builder *builder, size_t first, const char *intercept,
                             const char *prefix, nd_node *eta, nadir_error *error) {
  nd_model *model = builder->model;
  size_t index = model->head_count;
  char leaf[32] = "\001eta";
  nd_text number = {0};
  nd_text_print(&number, "\001eta%zu", index + 1);
  nadir_status status = nd_text_status(&number, error);
  if (status == NADIR_OK) memcpy(leaf, number.data, number.length + 1);
  nd_text_free(&number);
  ND_TRY(status);
  ND_TRY(nd_make_name(model->graph, leaf, eta, error));
  ND_TRY(nd_grow(&model->heads, &builder->head_capacity, index + 1, sizeof *model->heads, error));
  ND_TRY(nd_grow(&model->etas, &builder->eta_capacity, index + 1, sizeof *model->etas, error));
  nd_head head = {.eta = *eta,
                  .first_feature = first,
                  .features = model->feature_count - first,
                  .intercept = SIZE_MAX};
  if (intercept) {
    head.intercept = model->size;
    ND_TRY(nd_add_parameter(
        builder,
        (nd_model_parameter){.name = nd_copy_text(intercept, strlen(intercept), error),
                             .kind = ND_INTERCEPT,
                             .head = index},
        error));
  }
  head.first_weight = model->size;
  for (size_t j = first; j < model->feature_count; j++)
    ND_TRY(add_weight(builder, prefix, model->feature_names[j], index, j, error));
  model->heads[index] = head;
  model->etas[index] = *eta;
  model->head_count = index + 1;
  return NADIR_OK;
}

/* A head of whose features none is left is its intercept. */
static nadir_status add_constant(nd_builder *builder, const char *name, nd_node *node,
                                 nadir_error *error) {
  ND_TRY(nd_make_name(builder->model->graph, name, node, error));
  return nd_add_free(builder, *node, false, error);
}

static nadir_status add_what_is_left(nd_builder *builder, size_t first, const char *intercept,
                                     const char *prefix, nd_node *eta, nadir_error *error) {
  nd_model *model = builder->model;
  nd_node offset = ND_NO_NODE, value = ND_NO_NODE;
  ND_TRY(take_fixed(builder, first, prefix, &offset, error));
  if (intercept) ND_TRY(fixed_value(builder, intercept, &value, error));
  if (value != ND_NO_NODE) {
    ND_TRY(add_offset(builder, value, ND_NO_NODE, &offset, error));
    intercept = NULL;
  }
  bool features = model->feature_count > first;
  if (features || offset == ND_NO_NODE)
    ND_TRY(add_head(builder, first, intercept, prefix, eta, error));
  else if (intercept)
    ND_TRY(add_constant(builder, intercept, eta, error));
  else {
    *eta = offset;
    return NADIR_OK;
  }
  if (offset == ND_NO_NODE) return NADIR_OK;
  return nd_make(model->graph, ND_ADD, (nd_node[]){*eta, offset}, 2, eta, error);
}

/* The texts are freed. */
static nadir_status add_named_head(nd_builder *builder, size_t first, nd_text *intercept,
                                   nd_text *prefix, nd_node *eta, nadir_error *error) {
  nadir_status status = nd_text_status(intercept, error);
  if (status == NADIR_OK) status = nd_text_status(prefix, error);
  if (status == NADIR_OK)
    status = add_what_is_left(builder, first, builder->model->intercept ? intercept->data : NULL,
                              prefix->data, eta, error);
  nd_text_free(intercept);
  nd_text_free(prefix);
  return status;
}

static nadir_status add_linear(nd_builder *builder, size_t first, nd_node *eta,
                               nadir_error *error) {
  nd_text intercept = {0}, prefix = {0};
  size_t number = ++builder->linear_count;
  nd_text_append(&intercept, "b");
  nd_text_append(&prefix, "w");
  if (number > 1) nd_text_print(&intercept, "%zu", number);
  if (number > 1) nd_text_print(&prefix, "%zu", number);
  nd_text_append(&prefix, "[");
  return add_named_head(builder, first, &intercept, &prefix, eta, error);
}

static nadir_status add_class(nd_builder *builder, size_t first, const char *name, nd_node *eta,
                              nadir_error *error) {
  nd_text intercept = {0}, prefix = {0};
  nd_text_print(&intercept, "b[%s]", name);
  nd_text_print(&prefix, "w[%s,", name);
  return add_named_head(builder, first, &intercept, &prefix, eta, error);
}

static nadir_status check_classes(nd_builder *builder, nd_node head, bool counted,
                                  nadir_error *error) {
  const nd_graph *graph = builder->model->graph;
  size_t count = builder->model->class_count;
  if (head != builder->model->typed_model)
    return nd_fail_at_node(
        graph, head, error, NADIR_BAD_FORMULA,
        "softmax: it is a whole model of its own: write CLASS ~ softmax(k; ...)");
  if (!counted) return NADIR_OK;
  nd_node typed = nd_node_argument(graph, head, 0);
  if (nd_node_number(graph, typed) == (double)count) return NADIR_OK;
  return nd_fail_at_node(graph, typed, error, NADIR_BAD_FORMULA,
                         "softmax: the target has %zu classes in the rows used: write "
                         "softmax(%zu; ...)",
                         count, count);
}

static nadir_status build_softmax(nd_builder *builder, nd_node head, nd_node *eta,
                                  nadir_error *error) {
  nd_model *model = builder->model;
  size_t first = model->feature_count, arity = nd_node_arity(model->graph, head);
  bool counted =
      arity > 0 && nd_node_op(model->graph, nd_node_argument(model->graph, head, 0)) == ND_NUMBER;
  ND_TRY(check_classes(builder, head, counted, error));
  for (size_t i = counted ? 1 : 0; i < arity; i++)
    ND_TRY(add_argument(builder, nd_node_argument(model->graph, head, i), error));
  nd_node more;
  for (size_t k = 0; k < model->class_count; k++)
    ND_TRY(add_class(builder, first, model->classes[k], k == 0 ? eta : &more, error));
  return NADIR_OK;
}

nadir_status nd_build_head(nd_builder *builder, nd_node head, nd_node *eta, nadir_error *error) {
  nd_model *model = builder->model;
  size_t first = model->feature_count;
  switch ((int)nd_node_op(model->graph, head)) {
  case ND_SOFTMAX:
    return build_softmax(builder, head, eta, error);
  case ND_POLY:
    ND_TRY(add_powers(builder, head, error));
    break;
  default:
    for (size_t i = 0; i < nd_node_arity(model->graph, head); i++)
      ND_TRY(add_argument(builder, nd_node_argument(model->graph, head, i), error));
  }
  return add_linear(builder, first, eta, error);
}
