/* --warm-start: a fit begins at the parameters of a saved model, taken by their names in the table's coordinates. So the
 * rows may be new ones, scaled anew, and loss, target and formula others. What --start names begins there. Costs the
 * reading of the model's file. */
#include <string.h>

#include "base/index.h"
#include "model/saved.h"

enum { SHOWN = 8 }; /* names in a warning or an error */

static void list_names(const nd_model *model, nd_text *out) {
  for (size_t i = 0; i < model->size && i < SHOWN; i++)
    nd_text_print(out, "%s%s", i ? ", " : "", model->parameters[i].name);
  if (model->size > SHOWN) nd_text_append(out, ", ...");
}

static nadir_status none_in_common(const nd_model *model, const nd_model *saved, const char *path,
                                   nadir_error *error) {
  nd_text ours = {0}, theirs = {0};
  list_names(model, &ours);
  list_names(saved, &theirs);
  nadir_status status = nd_fail(
      error, NADIR_BAD_SETTING,
      "warm-start: %s: the model's parameters are %s, and those of this fit %s: give a model "
      "that has one of them",
      path, nd_text_data(&theirs), nd_text_data(&ours));
  nd_text_free(&ours);
  nd_text_free(&theirs);
  return status;
}

/* The parameters that the model has not, and nobody says where they begin. */
typedef struct lacking {
  const char *name[SHOWN];
  size_t names;
  uint64_t count;
} lacking;

/* How many have a name in common. */
static size_t take_values(nd_model *model, const nd_model *saved, const nd_index *by_name,
                          lacking *none) {
  size_t common = 0;
  for (size_t i = 0; i < model->size; i++) {
    nd_model_parameter *to = &model->parameters[i];
    size_t from = nd_index_find(by_name, to->name, strlen(to->name));
    common += from != SIZE_MAX;
    if (!isnan(to->start)) continue;
    if (from != SIZE_MAX)
      to->start = saved->value[from];
    else if (none->count++ < SHOWN)
      none->name[none->names++] = to->name;
  }
  return common;
}

static nadir_status start_from(nd_model *model, const nd_model *saved, const char *path,
                               nd_teller *teller, nadir_error *error) {
  nd_index by_name = {0};
  lacking none = {0};
  nadir_status status = NADIR_OK;
  for (size_t i = 0; status == NADIR_OK && i < saved->size; i++)
    status = nd_index_add(&by_name, saved->parameters[i].name, i, error);
  if (status == NADIR_OK && take_values(model, saved, &by_name, &none) == 0)
    status = none_in_common(model, saved, path, error);
  nd_index_clear(&by_name);
  if (status != NADIR_OK || none.count == 0) return status;
  return nd_warn(teller,
                 &(nadir_warning){.kind = NADIR_WARN_COLD,
                                  .path = path,
                                  .names = none.names,
                                  .name = none.name,
                                  .count = none.count},
                 error);
}

nadir_status nd_warm_start(nd_model *model, const nadir_settings *settings, nd_teller *teller,
                           nadir_error *error) {
  nadir_model *saved;
  const char *path = settings->warm_start;
  if (!*path) return NADIR_OK;
  if (nd_start_is_random(settings) || settings->starts)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "warm-start: it does not go with %s: leave out one of them",
                   settings->starts ? "starts" : "start random");
  ND_TRY(nd_saved_read(&saved, path, error));
  nadir_status status = nd_warn_unsealed(saved, teller, error);
  if (status == NADIR_OK) status = start_from(model, saved->model, path, teller, error);
  nd_saved_free(saved);
  return status;
}
