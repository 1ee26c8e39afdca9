/* The noise of a fit's batches: asked of judge, and given to the caller. */
#include <string.h>

#include "api/api_internal.h"

/* In plain coordinates, with one row in a batch where none is given. */
static nadir_status own_settings(nadir_settings **own, const nadir_settings *settings,
                                 nadir_error *error) {
  ND_TRY(nd_settings_copy(own, settings, error));
  nadir_status status = NADIR_OK;
  if ((*own)->batch.is_auto) status = nd_settings_set(*own, "batch", "1", error);
  if (status == NADIR_OK) status = nd_settings_set(*own, "coordinates", "plain", error);
  if (status == NADIR_OK) return NADIR_OK;
  nd_settings_free(*own);
  return status;
}

static nadir_status measure(nd_fitting *f, nadir_batch_noise *noise, nadir_error *error) {
  double *start = nd_new(f->model->size, sizeof *start, error);
  if (!start) return NADIR_NO_MEMORY;
  nadir_status status = nd_fitting_start(f, start, error);
  if (status == NADIR_OK) status = nd_noise_of_fit(f->objective, f->settings, start, noise, error);
  nd_free(start);
  return status;
}

static nadir_status find(nadir_batch_noise *noise, const nadir_table *table, const char *formula,
                         const nadir_settings *settings, const nadir_listener *listener,
                         nadir_error *error) {
  nd_fitting f;
  nadir_status status = nd_fitting_new(&f, table->table, NULL, formula, settings, listener, error);
  if (status == NADIR_OK) status = measure(&f, noise, error);
  nd_fitting_free(&f);
  if (status != NADIR_OK) return status;
  noise->formula = nd_copy_text(formula, strlen(formula), error);
  return noise->formula ? NADIR_OK : NADIR_NO_MEMORY;
}

nadir_status nadir_noise(nadir_table *table, const char *formula, const nadir_settings *settings,
                         const nadir_listener *listener, nadir_batch_noise **noise,
                         nadir_error *error) {
  ND_TO_NEAREST;
  nadir_settings *own;
  *noise = NULL;
  ND_TRY(own_settings(&own, settings, error));
  nadir_batch_noise *found = nd_new(1, sizeof *found, error);
  nadir_status status = found ? find(found, table, formula, own, listener, error) : NADIR_NO_MEMORY;
  nd_settings_free(own);
  if (status == NADIR_OK)
    *noise = found;
  else
    nadir_batch_noise_free(found);
  return status;
}

void nadir_batch_noise_free(nadir_batch_noise *noise) {
  if (!noise) return;
  nd_free(noise->formula);
  nd_noise_clear(noise);
  nd_free(noise);
}
