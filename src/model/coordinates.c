/* The table's coordinates and those of descent.
 *
 * A feature is (x - center)/width and the target (y - c)/s, so with eta = b + sum w x of the table
 * and the same letters with ' for descent: w = s w'/width, b = c + s b' - sum w center. The powers of
 * a poly are descended on in a basis of their own. Where the model is not one head, both coordinates
 * are the same. */
#include <string.h>

#include "model/basis.h"
#include "model/model_internal.h"

/* A poly is one head of an intercept and its powers, in this order. */
static double *basis_constant(const nd_model *model, double *w) {
  return &w[model->heads[0].intercept];
}

static double *basis_weights(const nd_model *model, double *w) {
  return &w[model->heads[0].first_weight];
}

void nd_model_to_table(const nd_model *model, const double *descent_w, double *table_w) {
  if (table_w != descent_w) memmove(table_w, descent_w, model->size * sizeof *table_w);
  if (!model->is_linear) return;
  if (model->basis.degree > 0) {
    nd_basis_to_powers(&model->basis, model->target_scaling, basis_constant(model, table_w),
                       basis_weights(model, table_w));
    return;
  }
  double center = model->target_scaling.center, width = model->target_scaling.width;
  for (size_t k = 0; k < model->head_count; k++) {
    const nd_head *head = &model->heads[k];
    double moved = 0;
    for (size_t j = 0; j < head->features; j++) {
      const nd_scaling *scaling = &model->scaling[head->first_feature + j];
      double *w = &table_w[head->first_weight + j];
      *w = *w * width / scaling->width;
      moved += *w * scaling->center;
    }
    if (head->intercept != SIZE_MAX)
      table_w[head->intercept] = center + width * table_w[head->intercept] - moved;
  }
}

void nd_model_to_descent(const nd_model *model, const double *table_w, double *descent_w) {
  if (descent_w != table_w) memmove(descent_w, table_w, model->size * sizeof *descent_w);
  if (!model->is_linear) return;
  if (model->basis.degree > 0) {
    nd_basis_from_powers(&model->basis, model->target_scaling, basis_constant(model, descent_w),
                         basis_weights(model, descent_w));
    return;
  }
  double center = model->target_scaling.center, width = model->target_scaling.width;
  for (size_t k = 0; k < model->head_count; k++) {
    const nd_head *head = &model->heads[k];
    double moved = 0;
    for (size_t j = 0; j < head->features; j++) {
      const nd_scaling *scaling = &model->scaling[head->first_feature + j];
      double *w = &descent_w[head->first_weight + j];
      moved += *w * scaling->center;
      *w = *w * scaling->width / width;
    }
    if (head->intercept != SIZE_MAX)
      descent_w[head->intercept] = (descent_w[head->intercept] - center + moved) / width;
  }
}

void nd_model_set(nd_model *model, const double *descent_w) {
  memcpy(model->basis_value, descent_w, model->size * sizeof *descent_w);
  nd_model_to_table(model, descent_w, model->value);
}

/* NaN where it is beyond the range of doubles. */
double nd_model_loss_factor(const nd_model *model) {
  double factor = pow(model->target_scaling.width, model->loss.power);
  return isnormal(factor) ? factor : (double)NAN;
}
