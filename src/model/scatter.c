/* --scatter NAME: a spread of the target that its errors do not explain, as a parameter s. The loss of a row is then
 * minus the logarithm of its normal likelihood, with the variance sigma^2 + s^2 (s^2 without sigma):
 *
 *     ((y - f)^2/(sigma^2 + s^2) + ln(2 pi (sigma^2 + s^2)))/2
 *
 * It is the same for -s, so that s is kept at 0 or above. */
#include <string.h>

#include "model/model_internal.h"

static const char setting[] = "scatter";

static nadir_status refuse(const char *other, const char *cure, nadir_error *error) {
  return nd_fail(error, NADIR_BAD_SETTING, "%s: not with %s: %s", setting, other, cure);
}

static nadir_status check(const nd_builder *builder, nadir_error *error) {
  const nadir_settings *settings = builder->settings;
  static const char one[] = "leave one of the two out";
  if (builder->loss_root != ND_NO_NODE || builder->model->loss.curve != ND_CURVE_SQUARE)
    return refuse("this loss", "it is for squared loss", error);
  if (*settings->weight) return refuse("weight", one, error);
  if (*settings->data_covariance) return refuse("data-covariance", one, error);
  if (*settings->sigma_x) return refuse("sigma-x", one, error);
  return NADIR_OK;
}

/* The parameter's leaf, whose name nothing else has. */
static nadir_status add_parameter(nd_builder *builder, nd_node *leaf, nadir_error *error) {
  nd_model *model = builder->model;
  nd_graph *graph = model->graph;
  const char *text = builder->settings->scatter;
  nd_found found;
  const char *near;
  ND_TRY(nd_parse_as(graph, setting, text, leaf, error));
  if (nd_node_op(graph, *leaf) != ND_NAME)
    return nd_fail(error, NADIR_BAD_SETTING, "%s: '%s' is not a name: give the parameter one",
                   setting, text);
  const char *name = nd_node_text(graph, *leaf);
  bool taken = nd_schema_find(&builder->schema, name, &found, &near);
  for (size_t i = 0; i < model->size; i++)
    taken = taken || strcmp(model->parameters[i].name, name) == 0;
  if (taken)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "%s: the table or the model has a %s already: choose a different name", setting,
                   name);
  model->scatter = model->size;
  ND_TRY(nd_add_free(builder, *leaf, false, error));
  model->parameters[model->scatter].low = 0;
  return NADIR_OK;
}

nadir_status nd_build_scatter(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  nd_node nodes[4] = {model->target_leaf, model->output, ND_NO_NODE, model->sigma};
  bool sigma = model->sigma != ND_NO_NODE;
  ND_TRY(check(builder, error));
  ND_TRY(add_parameter(builder, &nodes[2], error));
  model->is_linear = false; /* heads are a part of it */
  model->loss.info.name = "normal";
  model->loss.power = 0;
  model->loss.least = -HUGE_VAL;
  model->loss.curve = ND_CURVE_UNBOUNDED;
  model->loss.errors = ND_HAS_LIKELIHOOD;
  return nd_make_formula(model->graph,
                         sigma ? "((y - f)^2/(e^2 + s^2) + log(2*pi*(e^2 + s^2)))/2"
                               : "((y - f)^2/s^2 + log(2*pi*s^2))/2",
                         (const char *[]){"y", "f", "s", "e"}, nodes, sigma ? 4 : 3,
                         &model->loss_node, error);
}
