/* Units: of columns, from the file or --unit; of the parameters of linear and poly of bare columns.
 *
 * A weight of column `Mpc` for a target in `km/s` is in `km/s/Mpc`; where the model is the
 * logarithm of something (logistic, hinge, poisson, softmax) it is in `1/Mpc`. Units are text and
 * only put together, never computed with; what is not known stays "". */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/model_internal.h"

static nadir_status replace_unit(char **unit, const char *text, nadir_error *error) {
  char *copy = nd_copy_text(text, strlen(text), error);
  if (copy == NULL) return NADIR_NO_MEMORY;
  nd_free(*unit);
  *unit = copy;
  return NADIR_OK;
}

static const char *given_unit(const nd_builder *builder, const char *column) {
  for (size_t i = 0; i < builder->unit_count; i++)
    if (strcmp(builder->units[i].name, column) == 0) return builder->units[i].text;
  return NULL;
}

/* flux[3] has the unit that is given for it, or for flux. */
static const char *unit_of(const nd_builder *builder, const nd_model_column *column) {
  const char *unit = given_unit(builder, column->column), *bracket = strrchr(column->column, '[');
  if (unit != NULL || bracket == NULL) return unit == NULL ? column->unit : unit;
  for (size_t i = 0; i < builder->unit_count; i++) {
    size_t length = (size_t)(bracket - column->column);
    if (strlen(builder->units[i].name) == length &&
        memcmp(builder->units[i].name, column->column, length) == 0)
      return builder->units[i].text;
  }
  return column->unit;
}

nadir_status nd_build_column_units(nd_builder *builder, nadir_error *error) {
  for (size_t i = 0; i < builder->unit_count; i++) {
    nd_found found;
    const char *near, *name = builder->units[i].name;
    if (builder->schema.table == NULL || nd_schema_find(&builder->schema, name, &found, &near))
      continue;
    return nd_fail_no_column(&builder->schema, NADIR_BAD_SETTING, "unit", name, "", near, error);
  }
  for (size_t i = 0; i < builder->columns.count; i++) {
    nd_model_column *column = &builder->columns.items[i];
    const char *unit = unit_of(builder, column);
    if (unit != column->unit) ND_TRY(replace_unit(&column->unit, unit, error));
  }
  return NADIR_OK;
}

static const char *column_unit(const nd_model *model, nd_node leaf) {
  size_t column = nd_model_column_of(model, leaf);
  bool number = column < model->column_count && model->columns[column].equals == NULL;
  return number ? model->columns[column].unit : "";
}

/* The unit of a feature that is a column or a power of one; power 0: neither. */
static const char *feature_unit(const nd_model *model, nd_node feature, double *power) {
  const nd_graph *graph = model->graph;
  *power = 1;
  if (nd_node_op(graph, feature) == ND_POW) {
    nd_node exponent = nd_node_argument(graph, feature, 1);
    *power = nd_node_op(graph, exponent) == ND_NUMBER ? nd_node_number(graph, exponent) : 0;
    feature = nd_node_argument(graph, feature, 0);
  }
  if (nd_node_op(graph, feature) != ND_NAME || *power < 1) *power = 0;
  return *power == 0 ? "" : column_unit(model, feature);
}

static bool is_compound(const char *unit) {
  return strpbrk(unit, "/* .^") != NULL;
}

static nadir_status take_text(nd_text *text, char **unit, nadir_error *error) {
  nadir_status status = nd_text_status(text, error);
  if (status == NADIR_OK) status = replace_unit(unit, nd_text_data(text), error);
  nd_text_free(text);
  return status;
}

/* target / unit^power, and unit^power; "" where either is unknown. */
static nadir_status set_units(nd_model_parameter *parameter, const char *target, const char *unit,
                              double power, nadir_error *error) {
  nd_text quotient = {0}, feature = {0};
  if (target[0] != '\0' && unit[0] != '\0') {
    bool brackets = is_compound(unit);
    nd_text_print(&feature, brackets ? "(%s)" : "%s", unit);
    if (power > 1) nd_text_print(&feature, "^%.0f", power);
    nd_text_print(&quotient, "%s/%s", target, nd_text_data(&feature));
  }
  nadir_status status = take_text(&quotient, &parameter->unit, error);
  nadir_status next = take_text(&feature, &parameter->feature_unit, error);
  return status == NADIR_OK ? next : status;
}

/* The unit of f: the target's, "1" where f is a logarithm or a score, "" where it is not known. */
static const char *model_unit(const nd_model *model) {
  if (!model->loss.is_listed) return "";
  return model->loss.power > 0 ? model->target_unit : "1";
}

nadir_status nd_model_set_unit(nd_model *model, size_t column, const char *unit,
                               nadir_error *error) {
  nd_model_column *to = &model->columns[column];
  ND_TRY(replace_unit(&to->unit, unit, error));
  bool target = to->name == model->target && to->equals == NULL;
  return target ? replace_unit(&model->target_unit, unit, error) : NADIR_OK;
}

nadir_status nd_build_units(nd_model *model, nadir_error *error) {
  bool bare = model->target != ND_NO_NODE && nd_node_op(model->graph, model->target) == ND_NAME;
  ND_TRY(replace_unit(&model->target_unit, bare ? column_unit(model, model->target) : "", error));
  for (size_t i = 0; i < model->size; i++) {
    nd_model_parameter *parameter = &model->parameters[i];
    const char *unit = model->is_linear ? model_unit(model) : "";
    double power = 0;
    if (parameter->kind == ND_WEIGHT && model->is_linear) {
      const char *of = feature_unit(model, model->features[parameter->feature], &power);
      ND_TRY(set_units(parameter, unit, power > 0 ? of : "", power, error));
    } else {
      bool shown = parameter->kind == ND_INTERCEPT && strcmp(unit, "1") != 0;
      ND_TRY(replace_unit(&parameter->unit, shown ? unit : "", error));
    }
  }
  return NADIR_OK;
}
