/* Where a descent begins: --start in descent coordinates. Parameters that it does not give begin at
 * descent's zero, which for a scaled intercept is not the table's; random draws normal numbers. */
#include "model/model.h"

static void start_at(const nd_model *model, double *w) {
  for (size_t i = 0; i < model->size; i++) {
    double start = model->parameters[i].start;
    w[i] = isnan(start) ? 0 : start;
  }
  nd_model_to_descent(model, w, w);
  for (size_t i = 0; i < model->size; i++)
    if (isnan(model->parameters[i].start)) w[i] = 0;
}

void nd_random_start(const nadir_settings *settings, double *w, size_t size) {
  nd_random random = nd_random_stream(settings->seed, ND_FOR_START, 0, 0);
  for (size_t i = 0; i < size; i++)
    w[i] = nd_random_normal(&random);
}

void nd_model_start(const nd_model *model, const nadir_settings *settings, double *descent_w) {
  if (!nd_start_is_random(settings)) {
    start_at(model, descent_w);
    return;
  }
  nd_random_start(settings, descent_w, model->size);
}
