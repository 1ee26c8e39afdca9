/* The result of a run: made empty, filled by run.c, freed whole. */
#include <string.h>

#include "api/validate_internal.h"

static void clear_numbers(nadir_result *result) {
  double nan = (double)NAN;
  result->rate = result->loss = result->data_loss = result->gradient_norm = nan;
  result->validation_loss = result->curvature_max = result->curvature_min = nan;
  result->first_gradient = result->rate_left = nan;
  result->stable_rate = result->condition_raw = result->condition_scaled = nan;
  result->residual_sigma = result->chi2 = result->modulus = result->optimum_gap = nan;
}

nadir_status nd_result_new(nd_result_box **box, size_t size, size_t held, nadir_error *error) {
  nd_result_box *made = *box = nd_new(1, sizeof *made, error);
  if (!made) return NADIR_NO_MEMORY;
  size_t bytes;
  nadir_status status = nd_arena_new(&made->arena, error);
  if (!nd_multiply(size + held, sizeof(nadir_parameter), &bytes)) bytes = SIZE_MAX;
  if (status == NADIR_OK && !(made->result.parameter = nd_arena_take(made->arena, bytes, error)))
    status = NADIR_NO_MEMORY;
  made->result.size = size;
  made->result.held = held;
  clear_numbers(&made->result);
  if (status != NADIR_OK) {
    nadir_result_free(&made->result);
    *box = NULL;
  }
  return status;
}

void nadir_result_free(nadir_result *result) {
  if (!result) return;
  nd_result_box *box = (nd_result_box *)result;
  nd_trace_free(result->trace);
  nadir_convexity_free(result->convexity);
  nadir_model_free(result->model);
  nd_fold_scores_free((nadir_folds *)(uintptr_t)result->folds);
  nd_traced_path_free((nadir_path *)(uintptr_t)result->path);
  nd_warnings_free(&box->warned);
  nd_origin_clear(&box->origin);
  nd_arena_free(box->arena);
  nd_free(box);
}

const char *nadir_bound_text(double bound, int upper, int digits, char text[NADIR_BOUND_TEXT]) {
  _Static_assert((int)NADIR_BOUND_TEXT == (int)ND_NUMBER_TEXT, "both hold any double");
  return nd_format_bound(bound, upper ? ND_UP : ND_DOWN, digits, text);
}
