/* Weights of classes that are given by name (--class-weight a=2,b=0.5): those not named weigh 1. */
#include <string.h>

#include "model/model.h"

static nadir_status fail_unknown(const nd_model *model, const char *name, nadir_error *error) {
  const char *const *classes = (const char *const *)model->classes;
  ptrdiff_t near = nd_nearest(name, classes, model->class_count);
  if (near >= 0)
    return nd_fail(error, NADIR_BAD_SETTING, "class-weight: %s has no class '%s': " ND_DID_YOU_MEAN,
                   model->target_name, name, classes[near]);
  return nd_fail(error, NADIR_BAD_SETTING, "class-weight: %s has no class '%s': its first is '%s'",
                 model->target_name, name, classes[0]);
}

static nadir_status weigh(nd_model *model, const nd_assignment *typed, nadir_error *error) {
  for (size_t k = 0; k < model->class_count; k++) {
    if (strcmp(model->classes[k], typed->name) != 0) continue;
    if (model->class_weight[k] > 0)
      return nd_fail(error, NADIR_BAD_SETTING, "class-weight: %s is given twice: give it one weight",
                     typed->name);
    model->class_weight[k] = typed->value;
    return NADIR_OK;
  }
  return fail_unknown(model, typed->name, error);
}

nadir_status nd_model_weigh_classes(nd_model *model, const char *weights, nadir_error *error) {
  nd_assignment *list;
  size_t count;
  ND_TRY(nd_assignments_read("class-weight", weights, true, &list, &count, error));
  nadir_status status = NADIR_OK;
  for (size_t i = 0; i < count && status == NADIR_OK; i++)
    status = weigh(model, &list[i], error);
  for (size_t k = 0; k < model->class_count; k++)
    if (model->class_weight[k] == 0) model->class_weight[k] = 1;
  nd_assignments_free(list, count);
  return status;
}
