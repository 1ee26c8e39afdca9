/* Which classes a target has and which of them counts as 1: the one place that says so. The facts are
 * a model's (model/target.c); they are put into words once, when a model is fitted or loaded.
 *
 * Costs the length of the sentence. */
#include <string.h>

#include "api/api_internal.h"

static void say_bare(const nd_model *model, nd_text *out) {
  bool truth = strcmp(model->classes[1], "true") == 0 && strcmp(model->classes[0], "false") == 0;
  int other = model->loss.link == ND_LINK_MARGIN ? -1 : 0;
  if (truth)
    nd_text_print(out, "1 where %s is true, %d where it is false", model->target_name, other);
  else
    nd_text_print(out, "%s counts as 1, %s as %d", model->classes[1], model->classes[0], other);
}

static void say_all(const nd_model *model, nd_text *out) {
  enum { MOST = 12 };
  size_t count = model->class_count, shown = count > MOST ? MOST : count;
  nd_text_print(out, "%zu, in this order: ", count);
  for (size_t i = 0; i < shown; i++)
    nd_text_print(out, "%s%s", i ? ", " : "", model->classes[i]);
  nd_text_print(out, "%s; only differences between their parameters count",
                shown < count ? ", ..." : "");
}

nadir_status nd_tell_classes(nadir_model *of, nadir_error *error) {
  const nd_model *model = of->model;
  nd_text said = {0};
  if (model->target_kind == ND_TARGET_REAL) return NADIR_OK;
  bool all = model->target_kind == ND_TARGET_CLASS;
  (all ? say_all : say_bare)(model, &said);
  nadir_status status = nd_give_text(&said, NADIR_OK, &of->class_sentence, error);
  of->classes = (nadir_classes){.count = model->class_count,
                                .name = (const char *const *)model->classes,
                                .one = all ? NULL : model->classes[1],
                                .sentence = of->class_sentence};
  return status;
}

const nadir_classes *nadir_model_classes(const nadir_model *model) {
  return model->classes.count ? &model->classes : NULL;
}
