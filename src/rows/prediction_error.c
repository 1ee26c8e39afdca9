/* The standard error of a prediction: sqrt(g' C g), C the covariance of the parameters and g the gradient of what the
 * model answers (the delta method: C. F. Gauss 1823). It is that of the model's curve, not of a new observation
 * around it.
 *
 * The derivatives of f by each head and each free parameter are nodes of the model's graph, evaluated a chunk at a
 * time; those by the weights of a head follow by the chain rule. Cost: p^2 a row, some rows next to each other so that no
 * sum waits for itself. */
#include <math.h>
#include <string.h>

#include "rows/prediction_error.h"

/* A sum that is less than so much of its terms has fewer than three digits. */
static const double MOST_CANCELLED = 1e-12;
enum { ROWS = 8 };

struct nd_prediction_error {
  const nd_model *model;
  const nd_model_reader *reader;
  nd_program *program;
  nd_workspace *workspace;
  const double **inputs; /* etas, then those columns that are read */
  double *shared;        /* free parameters */
  double **slopes;       /* of f, by head and then by free parameter */
  double *room, *errors;
  double (*gradient)[ROWS]; /* by parameter, of some rows */
};

static bool answers_a_number(const nd_model *model) {
  return model->covariance && model->target_kind != ND_TARGET_CLASS &&
         model->loss.link != ND_LINK_MARGIN;
}

void nd_prediction_error_free(nd_prediction_error *it) {
  if (!it) return;
  nd_workspace_free(it->workspace);
  nd_program_free(it->program);
  nd_free((void *)it->inputs);
  nd_free(it->shared);
  nd_free(it->slopes);
  nd_free(it->room);
  nd_free(it->gradient);
  nd_free(it->errors);
  nd_free(it);
}

static size_t slope_count(const nd_model *model) {
  return model->head_count + model->free_count;
}

static nadir_status take_memory(nd_prediction_error *it, size_t room, nadir_error *error) {
  const nd_model *model = it->model;
  size_t slopes = slope_count(model), cells;
  if (!nd_multiply(slopes, room, &cells)) cells = SIZE_MAX;
  it->inputs = nd_new(model->head_count + model->column_count, sizeof *it->inputs, error);
  it->shared = nd_new(model->free_count, sizeof *it->shared, error);
  it->slopes = nd_new(slopes, sizeof *it->slopes, error);
  it->room = nd_new(cells, sizeof *it->room, error);
  it->gradient = nd_new(model->size, sizeof *it->gradient, error);
  it->errors = nd_new(room, sizeof *it->errors, error);
  if (!it->inputs || !it->shared || !it->slopes || !it->room || !it->gradient || !it->errors)
    return NADIR_NO_MEMORY;
  for (size_t i = 0; i < slopes; i++)
    it->slopes[i] = it->room + i * room;
  for (size_t i = 0; i < model->free_count; i++)
    it->shared[i] = model->value[model->free_index[i]];
  return NADIR_OK;
}

/* leaves: room for all of them; by: for those that are differentiated by; slopes: for the derivatives. */
static nadir_status compile(nd_prediction_error *it, nd_leaf *leaves, nd_node *by, nd_node *slopes,
                            nadir_error *error) {
  const nd_model *model = it->model;
  size_t heads = model->head_count, free = model->free_count, count = heads;
  for (size_t k = 0; k < heads; k++)
    leaves[k] = (nd_leaf){by[k] = model->etas[k], true};
  for (size_t c = 0; c < model->column_count; c++)
    if (nd_model_reader_column(it->reader, c).at)
      leaves[count++] = (nd_leaf){model->columns[c].name, true};
  for (size_t i = 0; i < free; i++)
    leaves[count + i] = (nd_leaf){by[heads + i] = model->free[i], false};
  ND_TRY(nd_derive(model->graph, model->output, by, heads + free, slopes, error));
  ND_TRY(nd_program_new(&it->program, model->graph, slopes, heads + free, leaves, count + free,
                        error));
  return nd_workspace_new(&it->workspace, it->program, error);
}

static nadir_status set_up(nd_prediction_error *it, size_t room, nadir_error *error) {
  const nd_model *model = it->model;
  size_t slopes = slope_count(model);
  ND_TRY(take_memory(it, room, error));
  nd_leaf *leaves = nd_new(slopes + model->column_count, sizeof *leaves, error);
  nd_node *nodes = nd_new(2 * slopes, sizeof *nodes, error);
  nadir_status status =
      leaves && nodes ? compile(it, leaves, nodes, nodes + slopes, error) : NADIR_NO_MEMORY;
  nd_free(leaves);
  nd_free(nodes);
  return status;
}

nadir_status nd_prediction_error_new(nd_prediction_error **made, const nd_model *model,
                                     const nd_model_reader *reader, size_t room,
                                     nadir_error *error) {
  *made = NULL;
  if (!answers_a_number(model)) return NADIR_OK;
  nd_prediction_error *it = nd_new(1, sizeof *it, error);
  if (!it) return NADIR_NO_MEMORY;
  it->model = model;
  it->reader = reader;
  nadir_status status = set_up(it, room, error);
  if (status == NADIR_OK)
    *made = it;
  else
    nd_prediction_error_free(it);
  return status;
}

/* Of the answer by f: 1, or of a probability or an expectation. */
static double slope_of_answer(const nd_loss *loss, double f) {
  double answer = nd_loss_answer(loss, f);
  if (loss->link == ND_LINK_LOG) return answer;
  return loss->link == ND_LINK_LOGIT ? answer * (1 - answer) : 1;
}

/* Of f by all parameters, in the table's coordinates: row r of some. */
static void find_gradient(const nd_prediction_error *it, const nd_model_rows *rows, size_t row, size_t r) {
  const nd_model *model = it->model;
  for (size_t k = 0; k < model->head_count; k++) {
    const nd_head *head = &model->heads[k];
    double slope = it->slopes[k][row];
    for (size_t j = 0; j < head->features; j++)
      it->gradient[head->first_weight + j][r] = slope * rows->features[head->first_feature + j][row];
    if (head->intercept != SIZE_MAX) it->gradient[head->intercept][r] = slope;
  }
  for (size_t i = 0; i < model->free_count; i++)
    it->gradient[model->free_index[i]][r] = it->slopes[model->head_count + i][row];
}

/* g' C g of some rows, and the sum of the sizes of its terms. */
static void add_terms(const nd_prediction_error *it, double *sums, double *sizes) {
  size_t n = it->model->size;
  const double *c = it->model->covariance;
  double sum[ROWS] = {0}, size[ROWS] = {0};
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < n; k++) {
      const double *restrict left = it->gradient[i], *restrict right = it->gradient[k], by = c[i * n + k];
      for (size_t r = 0; r < ROWS; r++) {
        double term = left[r] * by * right[r];
        sum[r] += term;
        size[r] += fabs(term);
      }
    }
  memcpy(sums, sum, sizeof sum);
  memcpy(sizes, size, sizeof size);
}

static void find_errors(const nd_prediction_error *it, const nd_model_rows *rows, size_t first) {
  size_t left = rows->rows - first, count = left < ROWS ? left : ROWS;
  double sum[ROWS], size[ROWS];
  for (size_t r = 0; r < count; r++)
    find_gradient(it, rows, first + r, r);
  add_terms(it, sum, size);
  for (size_t r = 0; r < count; r++) {
    bool known = rows->kept[first + r] == 1 && !(sum[r] < MOST_CANCELLED * size[r]);
    double slope = known ? slope_of_answer(&it->model->loss, rows->output[first + r]) : 0;
    it->errors[first + r] = known ? sqrt(sum[r]) * fabs(slope) : (double)NAN;
  }
}

const double *nd_prediction_error_run(nd_prediction_error *it, const nd_model_rows *rows) {
  const nd_model *model = it->model;
  size_t count = 0;
  for (size_t k = 0; k < model->head_count; k++)
    it->inputs[count++] = rows->eta[k];
  for (size_t c = 0; c < model->column_count; c++) {
    const double *column = nd_model_reader_column(it->reader, c).at;
    if (column) it->inputs[count++] = column;
  }
  nd_program_run(it->program, it->workspace, it->inputs, it->shared, rows->rows, it->slopes);
  for (size_t first = 0; first < rows->rows; first += ROWS)
    find_errors(it, rows, first);
  return it->errors;
}
