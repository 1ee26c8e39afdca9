/* A table, a formula and settings made into an objective: what fit, contours, rate and noise begin
 * with. */
#include "api/api_internal.h"

nadir_status nd_fitting_new(nd_fitting *f, const nd_table *table, const char *formula,
                            const nadir_settings *settings, const nadir_listener *listener,
                            nadir_error *error) {
  *f = (nd_fitting){.settings = settings, .teller = {.listener = listener}};
  ND_TRY(nd_pool_new(&f->pool, (size_t)settings->threads, error));
  ND_TRY(nd_model_new(&f->model, table, formula, settings, &f->teller, error));
  ND_TRY(nd_data_new(&f->data, f->model, table, settings, f->pool, &f->teller, error));
  ND_TRY(nd_objective_of_table(&f->objective, f->model, f->data, settings, f->pool, error));
  f->objective->single = nd_data_count(f->data)->single;
  return NADIR_OK;
}

void nd_fitting_free(nd_fitting *f) {
  nd_objective_free(f->objective); /* it borrows the model and the data */
  nd_data_free(f->data);
  nd_model_free(f->model);
  nd_pool_free(f->pool);
  nd_teller_free(&f->teller);
  *f = (nd_fitting){0};
}
