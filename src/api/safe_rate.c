/* The curvature of a formula on a box, or of a fit at its start, and the rates that are safe with it:
 * asked of judge, and given to the caller. */
#include <string.h>

#include "api/question_internal.h"

/* Takes the curvature: gives it to the caller, or frees it where there was a failure. */
static nadir_status give(nadir_curvature *found, const char *formula, nadir_status status,
                         nadir_curvature **curvature, nadir_error *error) {
  if (status == NADIR_OK) {
    found->formula = nd_copy_text(formula, strlen(formula), error);
    if (!found->formula) status = NADIR_NO_MEMORY;
  }
  if (status == NADIR_OK)
    *curvature = found;
  else
    nadir_curvature_free(found);
  return status;
}

static nadir_status rates_of(const nadir_expr *expr, const nadir_settings *settings,
                             const nadir_listener *listener, nadir_curvature **curvature,
                             nadir_error *error) {
  nd_asked asked;
  ND_TRY(nd_ask(&asked, expr, settings, listener, error));
  nadir_curvature *found = nd_new(1, sizeof *found, error);
  nadir_status status = found ? nd_rates_on_box(&asked.question, found, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK) status = nd_go_on(&asked.until, error); /* bounds of a part of the work */
  nd_asked_free(&asked);
  return give(found, expr->text, status, curvature, error);
}

nadir_status nadir_rate(const nadir_expr *expr, const nadir_settings *settings,
                        const nadir_listener *listener, nadir_curvature **curvature,
                        nadir_error *error) {
  ND_TO_NEAREST;
  nd_left left;
  *curvature = NULL;
  nadir_status status = nd_left_of(&left, expr, settings, error);
  if (status == NADIR_OK) status = rates_of(left.expr, settings, listener, curvature, error);
  nd_left_clear(&left);
  return status;
}

static nadir_status rates_at_start(nd_fitting *f, nadir_curvature *found, nadir_error *error) {
  double *start = nd_new(f->model->size, sizeof *start, error);
  if (!start) return NADIR_NO_MEMORY;
  nadir_status status = nd_fitting_start(f, start, error);
  if (status == NADIR_OK) status = nd_rates_of_fit(f->model, f->objective, start, found, error);
  nd_free(start);
  return status;
}

nadir_status nadir_rate_fit(nadir_table *table, const char *formula, const nadir_settings *settings,
                            const nadir_listener *listener, nadir_curvature **curvature,
                            nadir_error *error) {
  ND_TO_NEAREST;
  nd_fitting f;
  *curvature = NULL;
  nadir_curvature *found = nd_new(1, sizeof *found, error);
  if (!found) return NADIR_NO_MEMORY;
  nadir_status status = nd_fitting_new(&f, table->table, NULL, formula, settings, listener, error);
  if (status == NADIR_OK) status = rates_at_start(&f, found, error);
  nd_fitting_free(&f);
  return give(found, formula, status, curvature, error);
}

void nadir_curvature_free(nadir_curvature *curvature) {
  if (!curvature) return;
  nd_rates_clear(curvature);
  nd_free(curvature->formula);
  nd_free(curvature);
}
