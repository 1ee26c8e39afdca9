/* What a model answers to a row that was read: the number that the loss makes of f, the probability of
 * the second of two classes, or the probabilities of all (softmax), each taken from the largest, so
 * that none overflows. */
#include "rows/rows.h"

size_t nd_model_answers(const nd_model *model) {
  return model->target_kind == ND_TARGET_CLASS ? model->class_count : 1;
}

static void answer_class(const nd_model *model, const nd_model_rows *rows, size_t row,
                         double *answers) {
  double most = -HUGE_VAL, sum = 0;
  for (size_t k = 0; k < model->class_count; k++)
    if (rows->eta[k][row] > most) most = rows->eta[k][row];
  for (size_t k = 0; k < model->class_count; k++)
    sum += exp(rows->eta[k][row] - most);
  for (size_t k = 0; k < model->class_count; k++)
    answers[k] = exp(rows->eta[k][row] - most) / sum;
}

void nd_model_answer(const nd_model *model, const nd_model_rows *rows, size_t row,
                     double *answers) {
  if (rows->kept[row] != 1)
    for (size_t k = 0; k < nd_model_answers(model); k++)
      answers[k] = (double)NAN;
  else if (model->target_kind == ND_TARGET_CLASS)
    answer_class(model, rows, row, answers);
  else
    answers[0] = nd_loss_answer(&model->loss, rows->output[row]);
}

size_t nd_model_class(const nd_model *model, const nd_model_rows *rows, size_t row) {
  return model->target_kind == ND_TARGET_CLASS ? (size_t)rows->target[row] : rows->target[row] > 0;
}

size_t nd_model_best_class(const nd_model *model, const nd_model_rows *rows, size_t row) {
  size_t best = 0;
  if (model->target_kind == ND_TARGET_TRUTH) return rows->output[row] > 0;
  for (size_t k = 1; k < model->class_count; k++)
    if (rows->eta[k][row] > rows->eta[best][row]) best = k;
  return best;
}
