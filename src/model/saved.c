/* Model files: JSON that says what was fitted, how, and to what. Reading one checks every member,
 * and executes nothing: the formula is parsed by the same parser as a typed one. A file holds
 *
 *   format "nadir model", format_version 3, nadir (the version that wrote it)
 *   formula, settings (those that give the formula its meaning), columns [{name, unit, equals,
 *   rest, mean}], classes, class_weights (of --class-weight alone), parameters [{name, unit, value, standard_error}], covariance or null,
 *   scaler {method, features [{name, center, width}], target {name, center, width},
 *   basis {center, width, part, values}}, loss, fitted {files, rows_read, rows_used, hash, command, date},
 *   checksum
 *
 * The checksum is of what the file says, not of how it is laid out (saved_checksum.c). Format 2 is the same without
 * command and date, format 1 without a checksum as well. A member that is not among these is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/index.h"
#include "base/json.h"
#include "base/limits.h"
#include "model/saved_checksum.h"
#include "model/saved.h"

enum { FORMAT_VERSION = 3, UNSEALED_VERSION = 1 };

/* The settings without which the formula and the choice of rows would mean something else. */
static const char *const kept_settings[] = {
    "loss", "weight", "sigma",   "l1",           "l2",   "no-penalty", "reduce", "scale", "where",
    "null", "method", "missing", "no-intercept", "unit", "seed",       "rate",   "batch"};
/* And those that are written only where they say something. */
static const char *const said_settings[] = {"fix", "tie", "bounds", "class-weight", "data-covariance", "sigma-x", "scatter"};

/* ---- writing ---- */

/* adam.beta1 ... of the rule that made the run. */
static void put_rule_settings(const nadir_settings *settings, json_t **object) {
  const nadir_optimizer *rule;
  const double *values;
  if (nd_settings_method(settings, &rule, &values, NULL) != NADIR_OK) return;
  for (size_t i = 0; i < rule->setting_count; i++) {
    char name[ND_COUNT(((nadir_setting *)0)->name)], number[ND_NUMBER_TEXT];
    snprintf(name, sizeof name, "%s.%s", rule->name, rule->settings[i].name);
    nd_json_put(object, name, nd_json_text(nd_format(values[i], number)));
  }
}

static json_t *settings_json(const nadir_settings *settings) {
  json_t *object = json_object();
  nd_text value = {0};
  for (size_t i = 0; i < ND_COUNT(kept_settings); i++) {
    nd_text_clear(&value);
    bool shown = nd_settings_show(settings, kept_settings[i], &value); /* else out of memory */
    nd_json_put(&object, kept_settings[i], shown ? nd_json_text(nd_text_data(&value)) : NULL);
  }
  for (size_t i = 0; i < ND_COUNT(said_settings); i++) {
    nd_text_clear(&value);
    bool shown = nd_settings_show(settings, said_settings[i], &value);
    if (!shown || (value.length > 0 && !nd_is_none(nd_text_data(&value))))
      nd_json_put(&object, said_settings[i], shown ? nd_json_text(nd_text_data(&value)) : NULL);
  }
  nd_text_free(&value);
  put_rule_settings(settings, &object);
  return object;
}

static json_t *texts_json(char *const *texts, size_t count) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++)
    nd_json_push(&list, nd_json_text(texts[i]));
  return list;
}

static json_t *columns_json(const nd_model *model) {
  json_t *list = json_array();
  for (size_t i = 0; i < model->column_count; i++) {
    json_t *one = json_object();
    nd_json_put(&one, "name", nd_json_text(model->columns[i].column));
    nd_json_put(&one, "unit", nd_json_text(model->columns[i].unit));
    nd_json_put(&one, "equals", nd_json_text(model->columns[i].equals));
    if (model->columns[i].rest) nd_json_put(&one, "rest", json_true());
    nd_json_put(&one, "mean", nd_json_number(model->columns[i].mean));
    nd_json_push(&list, one);
  }
  return list;
}

static json_t *parameters_json(const nd_model *model) {
  json_t *list = json_array();
  for (size_t i = 0; i < model->size; i++) {
    json_t *one = json_object();
    nd_json_put(&one, "name", nd_json_text(model->parameters[i].name));
    nd_json_put(&one, "unit", nd_json_text(model->parameters[i].unit));
    nd_json_put(&one, "value", nd_json_number(model->value[i]));
    nd_json_put(&one, "standard_error", nd_json_number(model->standard_error[i]));
    nd_json_push(&list, one);
  }
  return list;
}

static json_t *scaling_json(const char *name, const nd_scaling *scaling) {
  json_t *one = json_object();
  nd_json_put(&one, "name", nd_json_text(name));
  nd_json_put(&one, "center", nd_json_number(scaling->center));
  nd_json_put(&one, "width", nd_json_number(scaling->width));
  return one;
}

/* What predictions need as well as the parameters: powers lose the digits that this basis keeps. */
static json_t *basis_json(const nd_model *model) {
  const nd_basis *basis = &model->basis;
  json_t *one = json_object(), *part = json_array(), *values = json_array();
  for (size_t i = 0; i < (basis->degree + 1) * (basis->degree + 1); i++)
    nd_json_push(&part, nd_json_number(basis->part[i]));
  for (size_t i = 0; i < model->size; i++)
    nd_json_push(&values, nd_json_number(model->basis_value[i]));
  nd_json_put(&one, "center", nd_json_number(basis->center));
  nd_json_put(&one, "width", nd_json_number(basis->width));
  nd_json_put(&one, "part", part);
  nd_json_put(&one, "values", values);
  return one;
}

static json_t *scaler_json(const nd_model *model, const char *scale) {
  json_t *scaler = json_object(), *features = json_array();
  for (size_t i = 0; i < model->feature_count; i++)
    nd_json_push(&features, scaling_json(model->feature_names[i], &model->scaling[i]));
  nd_json_put(&scaler, "method", nd_json_text(scale));
  nd_json_put(&scaler, "features", features);
  nd_json_put(&scaler, "target", scaling_json(model->target_name, &model->target_scaling));
  if (model->basis.degree > 0) nd_json_put(&scaler, "basis", basis_json(model));
  return scaler;
}

static json_t *covariance_json(const nd_model *model) {
  if (!model->covariance) return json_null();
  json_t *list = json_array();
  for (size_t i = 0; i < model->size * model->size; i++)
    nd_json_push(&list, nd_json_number(model->covariance[i]));
  return list;
}

static json_t *origin_json(const nd_origin *origin) {
  json_t *fitted = json_object();
  nd_json_put(&fitted, "files", texts_json(origin->files, origin->file_count));
  nd_json_put(&fitted, "rows_read", nd_json_count(origin->rows_read));
  nd_json_put(&fitted, "rows_used", nd_json_count(origin->rows_used));
  nd_json_put(&fitted, "hash", nd_json_text(origin->digest));
  nd_json_put(&fitted, "command", nd_json_text(origin->command));
  nd_json_put(&fitted, "date", nd_json_text(origin->date));
  return fitted;
}

static json_t *model_json(const nadir_model *wrapped) {
  const nd_model *model = wrapped->model;
  json_t *tree = json_object(), *settings = settings_json(wrapped->settings);
  const char *scale = json_string_value(json_object_get(settings, "scale")); /* NULL: no memory */
  json_t *scaler = scale ? scaler_json(model, scale) : NULL; /* before the settings may be given up */
  nd_json_put(&tree, "format", json_string("nadir model"));
  nd_json_put(&tree, "format_version", json_integer(FORMAT_VERSION));
  nd_json_put(&tree, "nadir", json_string(NADIR_VERSION));
  nd_json_put(&tree, "formula", nd_json_text(model->formula));
  nd_json_put(&tree, "settings", settings);
  nd_json_put(&tree, "columns", columns_json(model));
  nd_json_put(&tree, "classes", texts_json(model->classes, model->class_count));
  if (model->class_weight)
    nd_json_put(&tree, "class_weights", nd_json_numbers(model->class_weight, model->class_count));
  nd_json_put(&tree, "parameters", parameters_json(model));
  nd_json_put(&tree, "covariance", covariance_json(model));
  nd_json_put(&tree, "scaler", scaler);
  nd_json_put(&tree, "loss", nd_json_number(wrapped->loss));
  nd_json_put(&tree, "fitted", origin_json(&wrapped->origin));
  return nd_checksum_put(tree);
}

nadir_status nd_saved_write(const nadir_model *model, const char *path, nadir_error *error) {
  char *text;
  nd_output *output = NULL;
  ND_TRY(nd_json_write(model_json(model), &text, error));
  nadir_status status = nd_output_open(&output, path, error);
  if (status == NADIR_OK) status = nd_output_write(output, text, strlen(text), error);
  if (status == NADIR_OK) status = nd_output_write(output, "\n", 1, error);
  if (status == NADIR_OK) status = nd_output_commit(output, error);
  nd_output_close(output);
  nd_free(text);
  return status;
}

/* ---- reading ---- */

/* Where a complaint is: the file, and the member now looked at. */
typedef struct place {
  const char *path, *member;
  nadir_error *error;
} place;

static nadir_status wrong(const place *at, const char *what) {
  return nd_fail(at->error, NADIR_BAD_DATA, "%s: \"%s\" %s: give the saved model of a fit",
                 at->path, at->member, what);
}

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The object has no members but those of `known`. A value that is not an object has none: who reads them says so. */
static nadir_status check_keys(const place *at, const json_t *object, const char *const *known) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)object, key, value) {
    size_t i = 0;
    while (known[i] && strcmp(known[i], key) != 0)
      i++;
    if (!known[i]) return wrong(&(place){at->path, key, at->error}, "is not a member of a model");
  }
  return NADIR_OK;
}

static nadir_status text_of(const place *at, const json_t *object, const char *key,
                            const char **text) {
  *text = json_string_value(json_object_get(object, key));
  if (*text) return NADIR_OK;
  return wrong(&(place){at->path, key, at->error}, "is not a text");
}

/* A finite number; where `may_miss`, null too (NaN). */
static nadir_status number_of(const place *at, const json_t *object, const char *key, bool may_miss,
                              double *number) {
  const json_t *value = json_object_get(object, key);
  *number = json_is_number(value) ? json_number_value(value) : (double)NAN;
  if (isfinite(*number) || (may_miss && json_is_null(value))) return NADIR_OK;
  return wrong(&(place){at->path, key, at->error}, "is not a finite number");
}

static nadir_status count_of(const place *at, const json_t *object, const char *key,
                             uint64_t *count) {
  const json_t *value = json_object_get(object, key);
  *count = (uint64_t)json_integer_value(value);
  if (json_is_integer(value) && json_integer_value(value) >= 0) return NADIR_OK;
  return wrong(&(place){at->path, key, at->error}, "is not a count");
}

static nadir_status list_of(const place *at, const json_t *object, const char *key,
                            const json_t **list, size_t *count) {
  *list = json_object_get(object, key);
  *count = json_array_size(*list);
  if (json_is_array(*list) && *count <= ND_LIMIT_MODEL_LIST) return NADIR_OK;
  return wrong(&(place){at->path, key, at->error}, "is not a list");
}

static nadir_status check_seal(const place *at, const json_t *tree) {
  bool same;
  ND_TRY(nd_checksum_check(tree, &same, at->error));
  if (same) return NADIR_OK;
  return nd_fail(at->error, NADIR_BAD_DATA,
                 "%s: its checksum is not that of its content: the file is damaged or was edited: fit again, or "
                 "fetch it again",
                 at->path);
}

static nadir_status read_head(const place *at, const json_t *tree, bool *sealed) {
  const char *format = json_string_value(json_object_get(tree, "format"));
  if (!format || strcmp(format, "nadir model") != 0)
    return nd_fail(at->error, NADIR_BAD_DATA,
                   "%s: not a nadir model file: give the saved model of a fit", at->path);
  json_int_t version = json_integer_value(json_object_get(tree, "format_version"));
  if (version < UNSEALED_VERSION || version > FORMAT_VERSION)
    return nd_fail(
        at->error, NADIR_BAD_DATA,
        "%s: its format_version is %lld, and this nadir reads up to %d: use the nadir that wrote it",
        at->path, (long long)version, FORMAT_VERSION);
  *sealed = version != UNSEALED_VERSION;
  ND_TRY(check_keys(at, tree,
                    KEYS("format", "format_version", "nadir", "formula", "settings", "columns", "classes",
                         "class_weights", "parameters", "covariance", "scaler", "loss", "fitted", *sealed ? "checksum" : NULL)));
  return *sealed ? check_seal(at, tree) : NADIR_OK;
}

static bool is_kept(const char *name) {
  for (size_t i = 0; i < ND_COUNT(kept_settings); i++)
    if (strcmp(kept_settings[i], name) == 0) return true;
  for (size_t i = 0; i < ND_COUNT(said_settings); i++)
    if (strcmp(said_settings[i], name) == 0) return true;
  return false;
}

static nadir_status read_settings(const place *at, const json_t *tree, nadir_settings **settings) {
  json_t *object = json_object_get(tree, "settings"), *value;
  const char *key;
  nadir_error inner = {0};
  if (!json_is_object(object))
    return wrong(&(place){at->path, "settings", at->error}, "is not an object");
  ND_TRY(nd_settings_new(settings, at->error));
  json_object_foreach(object, key, value) {
    bool of_rule = strchr(key, '.') != NULL;
    if (!of_rule && !is_kept(key))
      return wrong(&(place){at->path, key, at->error}, "is not a setting of a model");
    const char *text = json_string_value(value);
    if (!text) return wrong(&(place){at->path, key, at->error}, "is not a text");
    /* How the run was made is recorded, not needed: an unknown rule of a caller's must not
     * stop the reading. */
    bool needed = strcmp(key, "method") != 0 && !of_rule;
    nadir_status status = nd_settings_set(*settings, key, text, &inner);
    if (status == NADIR_NO_MEMORY || (status != NADIR_OK && needed))
      return nd_fail(at->error, status == NADIR_NO_MEMORY ? status : NADIR_BAD_DATA, "%s: %s",
                     at->path, inner.message);
  }
  return NADIR_OK;
}

/* The texts of a list: pointers into the tree. key NULL: the items themselves. */
static nadir_status read_texts(const place *at, const json_t *list, const char *key,
                               const char **texts) {
  size_t i;
  json_t *item;
  json_array_foreach((json_t *)(uintptr_t)list, i, item) {
    if (key) {
      ND_TRY(text_of(at, item, key, &texts[i]));
    } else if (!(texts[i] = json_string_value(item)))
      return wrong(at, "holds something that is not a text");
  }
  return NADIR_OK;
}

static nadir_status rebuild(const place *at, const json_t *tree, nadir_model *model) {
  const json_t *columns, *classes;
  const char *formula;
  size_t column_count, class_count;
  nadir_error inner = {0};
  ND_TRY(text_of(at, tree, "formula", &formula));
  ND_TRY(list_of(at, tree, "columns", &columns, &column_count));
  ND_TRY(list_of(at, tree, "classes", &classes, &class_count));
  const char **texts = nd_new(column_count + class_count, sizeof *texts, at->error);
  if (!texts) return NADIR_NO_MEMORY;
  nadir_status status =
      read_texts(&(place){at->path, "columns", at->error}, columns, "name", texts);
  if (status == NADIR_OK)
    status =
        read_texts(&(place){at->path, "classes", at->error}, classes, NULL, texts + column_count);
  if (status == NADIR_OK) {
    status = nd_model_rebuild(&model->model, formula, model->settings, texts, column_count,
                              texts + column_count, class_count, &inner);
    if (status != NADIR_OK)
      nd_fail(at->error, status, "%s: %s%s%s", at->path, inner.message, *inner.excerpt ? "\n" : "",
              inner.excerpt);
    if (status == NADIR_BAD_FORMULA || status == NADIR_BAD_SETTING) status = NADIR_BAD_DATA;
  }
  nd_free(texts);
  return status;
}

static bool is_same(const nd_model_column *column, const json_t *item) {
  const char *equals = json_string_value(json_object_get(item, "equals"));
  return !column->equals == !equals && (!equals || strcmp(column->equals, equals) == 0) &&
         column->rest == json_is_true(json_object_get(item, "rest"));
}

/* The unit of one of the fit's columns, whose name rebuild has looked at, and its mean for --missing mean. The
 * model's columns of one name follow one another from the one that by_name has. */
static nadir_status read_column(const place *at, const json_t *item, nd_model *model,
                                const nd_index *by_name) {
  const char *name = json_string_value(json_object_get(item, "name")),
             *unit = json_string_value(json_object_get(item, "unit"));
  double mean;
  ND_TRY(check_keys(at, item, KEYS("name", "unit", "equals", "rest", "mean")));
  ND_TRY(number_of(at, item, "mean", true, &mean));
  size_t c = nd_index_find(by_name, name, strlen(name));
  for (; c < model->column_count && strcmp(model->columns[c].column, name) == 0; c++) {
    if (!is_same(&model->columns[c], item)) continue;
    model->columns[c].mean = mean;
    if (unit) ND_TRY(nd_model_set_unit(model, c, unit, at->error));
  }
  return NADIR_OK;
}

static nadir_status read_columns(const place *at, const json_t *tree, nd_model *model) {
  const json_t *list = json_object_get(tree, "columns");
  nd_index by_name = {0};
  place here = {at->path, "columns", at->error};
  nadir_status status = NADIR_OK;
  for (size_t c = 0; c < model->column_count && status == NADIR_OK; c++)
    status = nd_index_add(&by_name, model->columns[c].column, c, at->error);
  for (size_t i = 0; i < json_array_size(list) && status == NADIR_OK; i++)
    status = read_column(&here, json_array_get(list, i), model, &by_name);
  nd_index_clear(&by_name);
  return status;
}

static nadir_status read_parameter(const place *at, const json_t *item, nd_model *model, size_t i) {
  const char *name;
  ND_TRY(check_keys(at, item, KEYS("name", "unit", "value", "standard_error")));
  ND_TRY(text_of(at, item, "name", &name));
  if (strcmp(name, model->parameters[i].name) != 0)
    return wrong(at, "are not those of the formula");
  ND_TRY(number_of(at, item, "value", false, &model->value[i]));
  ND_TRY(number_of(at, item, "standard_error", true, &model->standard_error[i]));
  const char *unit = json_string_value(json_object_get(item, "unit"));
  char *copy = nd_copy_text(unit ? unit : "", unit ? strlen(unit) : 0, at->error);
  if (!copy) return NADIR_NO_MEMORY;
  nd_free(model->parameters[i].unit);
  model->parameters[i].unit = copy;
  return NADIR_OK;
}

static nadir_status read_parameters(const place *at, const json_t *tree, nd_model *model) {
  const json_t *list;
  size_t count;
  place here = {at->path, "parameters", at->error};
  ND_TRY(list_of(at, tree, "parameters", &list, &count));
  if (count != model->size) return wrong(&here, "are not as many as the formula has");
  for (size_t i = 0; i < count; i++)
    ND_TRY(read_parameter(&here, json_array_get(list, i), model, i));
  return NADIR_OK;
}

static nadir_status read_scaling(const place *at, const json_t *item, nd_scaling *scaling) {
  ND_TRY(check_keys(at, item, KEYS("name", "center", "width")));
  ND_TRY(number_of(at, item, "center", false, &scaling->center));
  ND_TRY(number_of(at, item, "width", false, &scaling->width));
  return scaling->width > 0 ? NADIR_OK : wrong(at, "has a width that is not above 0");
}

static nadir_status read_numbers(const place *at, const json_t *item, const char *key, size_t count,
                                 double *numbers) {
  const json_t *list;
  size_t found;
  ND_TRY(list_of(at, item, key, &list, &found));
  if (found != count) return wrong(at, "does not have as many numbers as the formula needs");
  for (size_t i = 0; i < count; i++) {
    if (!json_is_number(json_array_get(list, i)))
      return wrong(at, "holds something that is not a number");
    numbers[i] = json_number_value(json_array_get(list, i));
  }
  return NADIR_OK;
}

/* A file of a model without one has none. */
static nadir_status read_basis(const place *at, const json_t *scaler, nd_model *model) {
  const json_t *item = json_object_get(scaler, "basis");
  place here = {at->path, "basis", at->error};
  nd_basis basis = {.degree = model->feature_count};
  size_t cells = (basis.degree + 1) * (basis.degree + 1);
  if (!item) return NADIR_OK;
  ND_TRY(check_keys(&here, item, KEYS("center", "width", "part", "values")));
  if (nd_node_op(model->graph, model->typed_model) != ND_POLY || model->size != basis.degree + 1)
    return wrong(&here, "belongs to poly only");
  ND_TRY(number_of(&here, item, "center", false, &basis.center));
  ND_TRY(number_of(&here, item, "width", false, &basis.width));
  if (!(basis.width > 0)) return wrong(&here, "has a width that is not above 0");
  nd_free(model->basis.part);
  basis.part = nd_new(cells, sizeof *basis.part, at->error);
  model->basis = (nd_basis){.part = basis.part};
  if (!basis.part) return NADIR_NO_MEMORY;
  ND_TRY(read_numbers(&here, item, "part", cells, basis.part));
  ND_TRY(read_numbers(&here, item, "values", model->size, model->basis_value));
  model->basis = basis;
  return NADIR_OK;
}

static nadir_status read_scaler(const place *at, const json_t *tree, nd_model *model) {
  const json_t *scaler = json_object_get(tree, "scaler"), *features;
  size_t count;
  place here = {at->path, "scaler", at->error};
  if (!json_is_object(scaler)) return wrong(&here, "is not an object");
  ND_TRY(check_keys(&here, scaler, KEYS("method", "features", "target", "basis")));
  ND_TRY(list_of(at, scaler, "features", &features, &count));
  if (count != model->feature_count)
    return wrong(&here, "does not have as many features as the formula");
  for (size_t i = 0; i < count; i++)
    ND_TRY(read_scaling(&here, json_array_get(features, i), &model->scaling[i]));
  ND_TRY(read_scaling(&here, json_object_get(scaler, "target"), &model->target_scaling));
  return read_basis(&here, scaler, model);
}

static nadir_status read_covariance(const place *at, const json_t *tree, nd_model *model) {
  const json_t *list = json_object_get(tree, "covariance");
  size_t cells = model->size * model->size;
  place here = {at->path, "covariance", at->error};
  if (json_is_null(list)) return NADIR_OK;
  if (json_array_size(list) != cells) return wrong(&here, "is not a square over the parameters");
  if (!(model->covariance = nd_new(cells, sizeof(double), at->error))) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < cells; i++) {
    const json_t *cell = json_array_get(list, i);
    if (!json_is_number(cell)) return wrong(&here, "holds something that is not a number");
    model->covariance[i] = json_number_value(cell);
  }
  return NADIR_OK;
}

/* A file of a model without them has none. */
static nadir_status read_class_weights(const place *at, const json_t *tree, nd_model *model) {
  place here = {at->path, "class_weights", at->error};
  if (!json_object_get(tree, "class_weights")) return NADIR_OK;
  if (!(model->class_weight = nd_new(model->class_count, sizeof *model->class_weight, at->error)))
    return NADIR_NO_MEMORY;
  ND_TRY(read_numbers(&here, tree, "class_weights", model->class_count, model->class_weight));
  for (size_t k = 0; k < model->class_count; k++)
    if (!(model->class_weight[k] > 0)) return wrong(&here, "holds a weight that is not above 0");
  return NADIR_OK;
}

/* Null, or missing in a file of an older format, is NULL. */
static nadir_status copy_said(const place *at, const json_t *object, const char *key, char **copy) {
  const char *text = json_string_value(json_object_get(object, key));
  if (!text) return NADIR_OK;
  *copy = nd_copy_text(text, strlen(text), at->error);
  return *copy ? NADIR_OK : NADIR_NO_MEMORY;
}

static nadir_status read_digest(const place *at, const json_t *fitted, nd_origin *origin) {
  const char *digest;
  ND_TRY(text_of(at, fitted, "hash", &digest));
  size_t length = strlen(digest);
  if (length >= ND_DIGEST_TEXT || digest[strspn(digest, "0123456789abcdef")])
    return wrong(&(place){at->path, "hash", at->error}, "is not of 32 hexadecimal digits");
  memcpy(origin->digest, digest, length + 1);
  return NADIR_OK;
}

static nadir_status read_origin(const place *at, const json_t *tree, nd_origin *origin) {
  const json_t *fitted = json_object_get(tree, "fitted"), *files;
  size_t count;
  if (!json_is_object(fitted))
    return wrong(&(place){at->path, "fitted", at->error}, "is not an object");
  ND_TRY(check_keys(at, fitted, KEYS("files", "rows_read", "rows_used", "hash", "command", "date")));
  ND_TRY(list_of(at, fitted, "files", &files, &count));
  ND_TRY(count_of(at, fitted, "rows_read", &origin->rows_read));
  ND_TRY(count_of(at, fitted, "rows_used", &origin->rows_used));
  ND_TRY(read_digest(at, fitted, origin));
  ND_TRY(copy_said(at, fitted, "command", &origin->command));
  ND_TRY(copy_said(at, fitted, "date", &origin->date));
  if (!(origin->files = nd_new(count, sizeof *origin->files, at->error))) return NADIR_NO_MEMORY;
  for (; origin->file_count < count; origin->file_count++) {
    const char *name = json_string_value(json_array_get(files, origin->file_count));
    if (!name)
      return wrong(&(place){at->path, "files", at->error}, "holds something that is not a text");
    if (!(origin->files[origin->file_count] = nd_copy_text(name, strlen(name), at->error)))
      return NADIR_NO_MEMORY;
  }
  return NADIR_OK;
}

static nadir_status read_tree(const place *at, const json_t *tree, nadir_model *model) {
  bool sealed = false;
  ND_TRY(read_head(at, tree, &sealed));
  if (!sealed && !(model->unsealed = nd_copy_text(at->path, strlen(at->path), at->error)))
    return NADIR_NO_MEMORY;
  ND_TRY(read_settings(at, tree, &model->settings));
  ND_TRY(rebuild(at, tree, model));
  ND_TRY(read_columns(at, tree, model->model));
  ND_TRY(read_class_weights(at, tree, model->model));
  ND_TRY(read_parameters(at, tree, model->model));
  ND_TRY(read_scaler(at, tree, model->model));
  ND_TRY(read_covariance(at, tree, model->model));
  ND_TRY(number_of(at, tree, "loss", true, &model->loss));
  return read_origin(at, tree, &model->origin);
}

static nadir_status parse(const char *path, json_t **tree, nadir_error *error) {
  char *text;
  size_t size;
  json_error_t where;
  ND_TRY(nd_file_slurp(path, ND_LIMIT_MODEL_FILE, &text, &size, error));
  *tree = nd_json_read(text, size, &where);
  nd_free(text);
  if (*tree) return NADIR_OK;
  return nd_fail(
      error, NADIR_BAD_DATA,
      "%s:%d:%d: not a nadir model file, which is JSON (%s): give the saved model of a fit", path,
      where.line, where.column, where.text);
}

nadir_status nd_saved_read(nadir_model **model, const char *path, nadir_error *error) {
  json_t *tree;
  *model = NULL;
  ND_TRY(parse(path, &tree, error));
  nadir_model *made = nd_new(1, sizeof *made, error);
  nadir_status status =
      made ? read_tree(&(place){path, "model", error}, tree, made) : NADIR_NO_MEMORY;
  json_decref(tree);
  if (status == NADIR_OK)
    *model = made;
  else
    nd_saved_free(made);
  return status;
}

nadir_status nd_warn_unsealed(const nadir_model *model, nd_teller *teller, nadir_error *error) {
  const nadir_warning warning = {.kind = NADIR_WARN_NO_CHECKSUM, .path = model->unsealed};
  return model->unsealed ? nd_warn(teller, &warning, error) : NADIR_OK;
}

nadir_status nd_origin_set(nd_origin *origin, const nd_table *table, nadir_error *error) {
  size_t count = nd_table_files(table);
  nd_table_digest(table, origin->digest);
  origin->files = nd_new(count, sizeof *origin->files, error);
  if (!origin->files) return NADIR_NO_MEMORY;
  for (origin->file_count = 0; origin->file_count < count; origin->file_count++) {
    const char *name = nd_table_file(table, origin->file_count);
    if (!(origin->files[origin->file_count] = nd_copy_text(name, strlen(name), error)))
      return NADIR_NO_MEMORY;
  }
  return NADIR_OK;
}

void nd_origin_clear(nd_origin *origin) {
  for (size_t i = 0; i < origin->file_count; i++)
    nd_free(origin->files[i]);
  nd_free(origin->files);
  nd_free(origin->command);
  nd_free(origin->date);
}

void nd_saved_free(nadir_model *model) {
  if (!model) return;
  nd_model_free(model->model);
  nd_settings_free(model->settings);
  nd_origin_clear(&model->origin);
  nd_free(model->unsealed);
  nd_free(model->parameter);
  nd_free(model->column);
  nd_free(model);
}
