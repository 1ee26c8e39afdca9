/* Models as nadir.h shows them: their files, their predictions and scores. */
#include "api/api_internal.h"
#include "export/export.h"
#include "judge/metrics.h"
#include "rows/predict.h"

nadir_status nadir_model_save(const nadir_model *model, const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  return nd_saved_write(model, path, error);
}

nadir_status nadir_model_load(nadir_model **model, const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  ND_TRY(nd_saved_read(model, path, error));
  nd_set_classes(*model);
  nadir_status status = nd_list_contents(*model, error);
  if (status == NADIR_OK) return NADIR_OK;
  nd_saved_free(*model);
  *model = NULL;
  return status;
}

void nadir_model_free(nadir_model *model) {
  nd_saved_free(model);
}

nadir_status nadir_model_defaults(const nadir_model *model, nadir_settings *settings,
                                  nadir_error *error) {
  ND_TO_NEAREST;
  if (nd_is_auto(settings->null))
    ND_TRY(nd_settings_set(settings, "null", model->settings->null, error));
  if (settings->missing == ND_MISSING_AUTO) settings->missing = model->settings->missing;
  return NADIR_OK;
}

static void note_files(const nd_table *table, nd_text *notes) {
  for (size_t i = 0; i < nd_table_files(table); i++)
    nd_text_print(notes, "%s%s", i ? ", " : " of ", nd_table_file(table, i));
}

/* Where predictions come from, by lines. */
static void note_source(const nadir_model *model, const nd_table *table, const nadir_settings *settings,
                        nd_text *notes) {
  const nd_origin *origin = &model->origin;
  nd_text_print(notes, "nadir %s: predictions", NADIR_VERSION);
  note_files(table, notes);
  if (*settings->hdu) nd_text_print(notes, ", hdu %s", settings->hdu);
  nd_text_print(notes, "\nmodel %s\nfitted to %llu rows, digest %s", model->model->formula,
                (unsigned long long)origin->rows_used, origin->digest);
  if (origin->date) nd_text_print(notes, ", on %s", origin->date);
  if (origin->command) nd_text_print(notes, "\nby %s", origin->command);
}

nadir_status nadir_predict(const nadir_model *model, nadir_table *table,
                           const nadir_settings *settings, const nadir_listener *listener,
                           const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  nd_teller teller = nd_teller_for(listener);
  ND_TRY(nd_listener_check(listener, error));
  nadir_status status = nd_warn_unsealed(model, &teller, error);
  nd_text notes = {0};
  note_source(model, table->table, settings, &notes);
  if (status == NADIR_OK) status = nd_text_status(&notes, error);
  if (status == NADIR_OK)
    status = nd_predict(model->model, table->table, settings, nd_text_data(&notes), &teller, path, error);
  nd_text_free(&notes);
  nd_teller_free(&teller);
  return status;
}

nadir_status nadir_score(const nadir_model *model, nadir_table *table,
                         const nadir_settings *settings, const nadir_listener *listener,
                         nadir_scores **scores, nadir_error *error) {
  ND_TO_NEAREST;
  nd_teller teller = nd_teller_for(listener);
  ND_TRY(nd_listener_check(listener, error));
  nadir_status status = nd_warn_unsealed(model, &teller, error);
  if (status == NADIR_OK)
    status = nd_score(model->model, nadir_model_classes(model), table->table, NULL, settings, &teller, scores,
                      error);
  nd_teller_free(&teller);
  return status;
}

void nadir_scores_free(nadir_scores *scores) {
  nd_scores_free(scores);
}

nadir_status nadir_export(const nadir_model *model, const char *language, const char *function,
                          const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  nd_text out = {0};
  nd_output *output = NULL;
  nadir_status status = nd_export(model, language, function, &out, error);
  if (status == NADIR_OK) status = nd_output_open(&output, path, error);
  if (status == NADIR_OK) status = nd_output_write(output, nd_text_data(&out), out.length, error);
  if (status == NADIR_OK) status = nd_output_commit(output, error);
  nd_output_close(output);
  nd_text_free(&out);
  return status;
}
