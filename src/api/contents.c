/* What a caller reads of a model, fitted or loaded: formula, parameters, columns, settings. */
#include <string.h>

#include "api/api_internal.h"

static nadir_parameter parameter_of(const nd_model *model, size_t i) {
  return (nadir_parameter){.name = model->parameters[i].name,
                           .unit = model->parameters[i].unit,
                           .value = model->value[i],
                           .standard_error = model->standard_error[i],
                           .scaled = (double)NAN,
                           .determined = !model->parameters[i].undetermined,
                           .digits = -1,
                           .statistic = (double)NAN,
                           .p_value = (double)NAN};
}

/* What is taken of one column in parts, or compared with several texts, follows one another. */
static bool is_listed(const nadir_model *model, const char *column) {
  return model->columns > 0 && strcmp(model->column[model->columns - 1], column) == 0;
}

nadir_status nd_list_contents(nadir_model *model, nadir_error *error) {
  const nd_model *from = model->model;
  model->parameter = nd_new(from->size, sizeof *model->parameter, error);
  model->column = nd_new(from->column_count, sizeof *model->column, error);
  if (!model->parameter || !model->column) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < from->size; i++)
    model->parameter[i] = parameter_of(from, i);
  for (size_t i = 0; i < from->column_count; i++)
    if (!is_listed(model, from->columns[i].column))
      model->column[model->columns++] = from->columns[i].column;
  return NADIR_OK;
}

const char *nadir_model_formula(const nadir_model *model) {
  return model->model->formula;
}

const nadir_parameter *nadir_model_parameters(const nadir_model *model, size_t *count) {
  *count = model->model->size;
  return model->parameter;
}

const double *nadir_model_covariance(const nadir_model *model) {
  return model->model->covariance;
}

double nadir_model_loss(const nadir_model *model) {
  return model->loss;
}

const char *nadir_model_column(const nadir_model *model, size_t i) {
  return i < model->columns ? model->column[i] : NULL;
}

const nadir_settings *nadir_model_settings(const nadir_model *model) {
  return model->settings;
}

const char *nadir_model_command(const nadir_model *model) {
  return model->origin.command;
}

const char *nadir_model_date(const nadir_model *model) {
  return model->origin.date;
}
