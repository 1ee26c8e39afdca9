/* Which classes a target has and which of them counts as 1, as facts of a model (model/target.c); words
 * for them are tell's. */
#include "api/api_internal.h"

void nd_set_classes(nadir_model *of) {
  const nd_model *model = of->model;
  bool two = model->target_kind == ND_TARGET_TRUTH;
  if (model->target_kind == ND_TARGET_REAL) return;
  of->classes = (nadir_classes){.count = model->class_count,
                                .name = (const char *const *)model->classes,
                                .one = two ? model->classes[1] : NULL,
                                .other = model->loss.link == ND_LINK_MARGIN ? -1 : 0,
                                .target = model->target_name,
                                .truth = two && model->pair == ND_PAIR_TRUTH};
}

const nadir_classes *nadir_model_classes(const nadir_model *model) {
  return model->classes.count ? &model->classes : NULL;
}
