/* The table's coordinates and those of descent.
 *
 * A feature is (x - center)/width and the target (y - c)/s, so with eta = b + sum w x of the table
 * and the same letters with ' for descent: w = s w'/width, b = c + s b' - sum w center. Where the
 * model is not one head, both coordinates are the same. */
#include <string.h>

#include "fit/model_internal.h"

void nd_model_to_table(const nd_model *model, const double *descent_w, double *table_w) {
  if (table_w != descent_w) memmove(table_w, descent_w, model->size * sizeof *table_w);
  if (!model->is_linear) return;
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

double nd_model_loss_factor(const nd_model *model) {
  return pow(model->target_scaling.width, model->loss.power);
}
