/* Objectives without rows: a formula of its parameters, and a function of the caller's.
 *
 * A formula's value and gradient are one program, its Hessian (at most 64 parameters) another; with
 * more parameters the Hessian-vector product is the gradient of g . v, with v as leaves. A sum of
 * squares has the derivatives of its residuals as well. A caller's
 * function that fills no gradient gets central differences, and a Hessian by differences of
 * gradients (of values, where there are none). A value outside the domain is NaN, not an error. */
#include <string.h>

#include "base/dense.h"
#include "objective/objective.h"

enum { MOST_SYMBOLIC = 64, MOST_JACOBIAN = 1 << 16 /* derivatives of residuals */ };

typedef struct compiled {
  nd_program *program;
  nd_workspace *workspace;
  double *values, **outputs; /* outputs[i] points at values[i] */
} compiled;

typedef struct point_objective {
  nd_objective face;
  size_t size;
  double *ridge, *l1;
  char **names;
  compiled first, second; /* value and gradient; Hessian by rows, or its product */
  compiled squares;       /* of a sum of squares: rows of [J r], then the rounding of the sum */
  size_t residuals;
  double *arguments; /* w, then v */
  nadir_function function;
  double *moved, *up, *down; /* the caller's function: a point nearby, gradients there */
  bool has_gradient;
} point_objective;

static point_objective *self_of(const nd_objective *face) {
  return (point_objective *)(uintptr_t)face; /* the face is its first member, never const */
}

/* ---- programs of a formula ---- */

static void compiled_clear(compiled *it) {
  nd_workspace_free(it->workspace);
  nd_program_free(it->program);
  nd_free(it->values);
  nd_free(it->outputs);
}

static nadir_status compile(compiled *it, const nd_graph *graph, const nd_node *nodes, size_t count,
                            const nd_leaf *leaves, size_t leaf_count, nadir_error *error) {
  it->values = nd_new(count, sizeof *it->values, error);
  it->outputs = nd_new(count, sizeof *it->outputs, error);
  if (it->values == NULL || it->outputs == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    it->outputs[i] = &it->values[i];
  ND_TRY(nd_program_new(&it->program, graph, nodes, count, leaves, leaf_count, error));
  return nd_workspace_new(&it->workspace, it->program, error);
}

static void run(const compiled *it, const double *arguments) {
  nd_program_run(it->program, it->workspace, NULL, arguments, 1, it->outputs);
}

static nadir_status derivatives_of(const nadir_expr *formula, int order, const nd_derivatives **d,
                                   nadir_error *error) {
  return nd_derivatives_of(formula->graph, formula->typed, formula->names, formula->size, order, d,
                           error);
}

static nadir_status compile_hessian(point_objective *self, const nadir_expr *formula,
                                    const nd_leaf *leaves, nadir_error *error) {
  size_t size = self->size;
  const nd_derivatives *d;
  ND_TRY(derivatives_of(formula, 2, &d, error));
  return compile(&self->second, formula->graph, d->hessian, size * size, leaves, size, error);
}

/* sum_i g_i v_i with v_i leaves of their own. */
static nadir_status along(nd_graph *graph, const nd_node *gradient, size_t size, nd_leaf *leaves,
                          nd_node *terms, nd_node *sum, nadir_error *error) {
  char name[ND_NUMBER_TEXT + 2] = "\001v";
  for (size_t i = 0; i < size; i++) {
    nd_format((double)i, name + 2);
    ND_TRY(nd_make_name(graph, name, &leaves[i].name, error));
    ND_TRY(nd_make(graph, ND_MUL, (nd_node[]){gradient[i], leaves[i].name}, 2, &terms[i], error));
  }
  return nd_make(graph, ND_ADD, terms, size, sum, error);
}

static nadir_status compile_product(point_objective *self, const nadir_expr *formula,
                                    const nd_leaf *leaves, nadir_error *error) {
  nd_graph *graph = formula->graph;
  size_t size = self->size;
  nd_leaf *all = nd_new(2 * size, sizeof *all, error);
  nd_node *nodes = nd_new(size, sizeof *nodes, error), sum;
  nadir_status status = all == NULL || nodes == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  if (status == NADIR_OK) {
    memcpy(all, leaves, size * sizeof *all);
    status = along(graph, formula->partials, size, all + size, nodes, &sum, error);
  }
  if (status == NADIR_OK) status = nd_derive(graph, sum, formula->names, size, nodes, error);
  if (status == NADIR_OK) status = compile(&self->second, graph, nodes, size, all, 2 * size, error);
  nd_free(all);
  nd_free(nodes);
  return status;
}

/* ---- penalty ---- */

static double add_penalty(const point_objective *self, const double *w, double *gradient) {
  double sum = 0;
  for (size_t i = 0; i < self->size && self->ridge != NULL; i++) {
    sum += self->ridge[i] * w[i] * w[i];
    if (gradient != NULL) gradient[i] += self->ridge[i] * w[i];
  }
  return sum / 2;
}

static double data_loss(const nd_objective *face, const double *w, double loss) {
  return loss - add_penalty(self_of(face), w, NULL);
}

/* ---- a formula ---- */

static void set_point(point_objective *self, const double *w) {
  memcpy(self->arguments, w, self->size * sizeof *w);
}

static nadir_status formula_gradient(void *context, const double *w, double *loss, double *gradient,
                                     nadir_error *error) {
  (void)error;
  point_objective *self = context;
  set_point(self, w);
  run(&self->first, self->arguments);
  if (gradient != NULL) memcpy(gradient, self->first.values + 1, self->size * sizeof *gradient);
  *loss = self->first.values[0] + add_penalty(self, w, gradient);
  return NADIR_OK;
}

static nadir_status formula_value(void *context, const double *w, double *loss,
                                  nadir_error *error) {
  return formula_gradient(context, w, loss, NULL, error);
}

static nadir_status formula_hessian(void *context, const double *w, double *hessian,
                                    nadir_error *error) {
  (void)error;
  point_objective *self = context;
  set_point(self, w);
  run(&self->second, self->arguments);
  memcpy(hessian, self->second.values, self->size * self->size * sizeof *hessian);
  for (size_t i = 0; i < self->size && self->ridge != NULL; i++)
    hessian[i * self->size + i] += self->ridge[i];
  return NADIR_OK;
}

static nadir_status formula_product(void *context, const double *w, const double *v,
                                    double *product, nadir_error *error) {
  (void)error;
  point_objective *self = context;
  size_t size = self->size;
  bool whole = self->face.problem.hessian != NULL;
  set_point(self, w);
  memcpy(self->arguments + size, v, size * sizeof *v);
  run(&self->second, self->arguments);
  for (size_t i = 0; i < size; i++) {
    product[i] = whole ? 0 : self->second.values[i];
    for (size_t j = 0; j < size && whole; j++)
      product[i] += self->second.values[i * size + j] * v[j];
    if (self->ridge != NULL) product[i] += self->ridge[i] * v[i];
  }
  return NADIR_OK;
}

/* ---- a sum of squares ---- */

static nadir_status formula_factor(void *context, const double *w, double *triangle,
                                   nadir_error *error) {
  point_objective *self = context;
  size_t width = self->size + 1, cells = self->residuals * width;
  size_t ridge = self->ridge != NULL ? self->size : 0;
  double *rows = nd_new(cells + ridge * width, sizeof *rows, error);
  if (rows == NULL) return NADIR_NO_MEMORY;
  set_point(self, w);
  run(&self->squares, self->arguments);
  memcpy(rows, self->squares.values, cells * sizeof *rows);
  if (ridge > 0)
    nd_ridge_rows(self->size, self->ridge, self->face.problem.squares, w, rows + cells);
  memset(triangle, 0, width * width * sizeof *triangle);
  nd_qr_fold(width, triangle, self->residuals + ridge, rows);
  nd_free(rows);
  return NADIR_OK;
}

/* Of a sum of squares by its terms; of other formulas some units of the last place. */
static nadir_status formula_rounding(void *context, const double *w, double loss, double *rounding,
                                     nadir_error *error) {
  (void)error;
  point_objective *self = context;
  *rounding = 4 * 0x1p-52 * fabs(loss);
  if (self->residuals == 0) return NADIR_OK;
  set_point(self, w);
  run(&self->squares, self->arguments);
  double least = self->squares.values[self->residuals * (self->size + 1)];
  *rounding = self->face.problem.squares * least;
  return NADIR_OK;
}

/* ---- a function of the caller's ---- */

static double call(const point_objective *self, const double *w, double *gradient) {
  return self->function.value(self->function.context, w, gradient);
}

/* The step at which rounding and curvature cost a central difference of values the same. */
static double step_at(double w, double power) {
  volatile double size = fabs(w) > 1 ? fabs(w) : 1, moved = w + size * pow(0x1p-52, power);
  return moved - w;
}

static void differences(point_objective *self, const double *w, double *gradient) {
  memcpy(self->moved, w, self->size * sizeof *w);
  for (size_t i = 0; i < self->size; i++) {
    double step = step_at(w[i], 1.0 / 3);
    self->moved[i] = w[i] + step;
    double up = call(self, self->moved, NULL);
    self->moved[i] = w[i] - step;
    gradient[i] = (up - call(self, self->moved, NULL)) / (2 * step);
    self->moved[i] = w[i];
  }
}

static nadir_status function_value(void *context, const double *w, double *loss,
                                   nadir_error *error) {
  (void)error;
  point_objective *self = context;
  *loss = call(self, w, NULL) + add_penalty(self, w, NULL);
  return NADIR_OK;
}

static nadir_status function_gradient(void *context, const double *w, double *loss,
                                      double *gradient, nadir_error *error) {
  point_objective *self = context;
  ND_TRY(nd_go_on(self->face.until, error));
  *loss = call(self, w, self->has_gradient ? gradient : NULL);
  if (!self->has_gradient) differences(self, w, gradient);
  *loss += add_penalty(self, w, gradient);
  return NADIR_OK;
}

/* Row i by the difference of the gradients on both sides. */
static void row_of_gradients(point_objective *self, const double *w, size_t i, double *row) {
  double step = step_at(w[i], 1.0 / 3);
  self->moved[i] = w[i] + step;
  call(self, self->moved, self->up);
  self->moved[i] = w[i] - step;
  call(self, self->moved, self->down);
  self->moved[i] = w[i];
  for (size_t j = 0; j < self->size; j++)
    row[j] = (self->up[j] - self->down[j]) / (2 * step);
}

static double corner(point_objective *self, const double *w, size_t i, double di, size_t j,
                     double dj) {
  self->moved[i] = w[i] + di;
  self->moved[j] += dj;
  double value = call(self, self->moved, NULL);
  self->moved[i] = w[i];
  self->moved[j] = w[j];
  return value;
}

static void row_of_values(point_objective *self, const double *w, size_t i, double *row) {
  double a = step_at(w[i], 0.25);
  for (size_t j = 0; j < self->size; j++) {
    double b = step_at(w[j], 0.25);
    double same = corner(self, w, i, a, j, b) + corner(self, w, i, -a, j, -b);
    double other = corner(self, w, i, a, j, -b) + corner(self, w, i, -a, j, b);
    row[j] = (same - other) / (4 * a * b);
  }
}

static nadir_status function_hessian(void *context, const double *w, double *hessian,
                                     nadir_error *error) {
  (void)error;
  point_objective *self = context;
  size_t size = self->size;
  memcpy(self->moved, w, size * sizeof *w);
  for (size_t i = 0; i < size; i++)
    (self->has_gradient ? row_of_gradients : row_of_values)(self, w, i, hessian + i * size);
  for (size_t i = 0; i < size; i++)
    for (size_t j = 0; j < i; j++)
      hessian[i * size + j] = hessian[j * size + i] =
          (hessian[i * size + j] + hessian[j * size + i]) / 2;
  for (size_t i = 0; i < size && self->ridge != NULL; i++)
    hessian[i * size + i] += self->ridge[i];
  return NADIR_OK;
}

/* The difference of two gradients along v, or of gradients that are themselves differences. */
static nadir_status function_product(void *context, const double *w, const double *v,
                                     double *product, nadir_error *error) {
  point_objective *self = context;
  size_t size = self->size;
  double norm = nd_norm(size, v), scale = nd_norm(size, w), loss;
  double *at = self->arguments;
  for (size_t i = 0; i < size; i++)
    product[i] = 0;
  if (!(norm > 0)) return NADIR_OK;
  double step = (scale > 1 ? scale : 1) * pow(0x1p-52, self->has_gradient ? 1.0 / 3 : 0.25) / norm;
  for (size_t i = 0; i < size; i++)
    at[i] = w[i] + step * v[i];
  ND_TRY(function_gradient(self, at, &loss, self->up, error));
  for (size_t i = 0; i < size; i++)
    at[i] = w[i] - step * v[i];
  ND_TRY(function_gradient(self, at, &loss, self->down, error));
  for (size_t i = 0; i < size; i++)
    product[i] = (self->up[i] - self->down[i]) / (2 * step);
  return NADIR_OK;
}

/* Whether the callback fills a gradient: it is offered one full of a mark. */
static void look_for_gradient(point_objective *self) {
  uint64_t mark = 0x7ff80000dead5eedu;
  for (size_t i = 0; i < self->size; i++) {
    self->moved[i] = 0;
    memcpy(&self->up[i], &mark, sizeof mark);
  }
  call(self, self->moved, self->up);
  for (size_t i = 0; i < self->size; i++)
    if (memcmp(&self->up[i], &mark, sizeof mark) != 0) self->has_gradient = true;
}

/* ---- making and freeing ---- */

static void free_self(nd_objective *face) {
  point_objective *self = self_of(face);
  for (size_t i = 0; i < self->size && self->names != NULL; i++)
    nd_free(self->names[i]);
  compiled_clear(&self->first);
  compiled_clear(&self->second);
  compiled_clear(&self->squares);
  void *owned[] = {self->names, self->ridge, self->l1,  self->arguments,
                   self->moved, self->up,    self->down};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_free(self);
}

static void to_table(const nd_objective *face, const double *w, double *table_w) {
  const point_objective *self = self_of(face);
  if (w != table_w) memmove(table_w, w, self->size * sizeof *w);
}

/* strength for each parameter that --no-penalty does not name; NULL where there is none. */
static nadir_status penalty_new(const point_objective *self, double strength, const bool *spared,
                                double **penalty, nadir_error *error) {
  if (!(strength > 0)) return NADIR_OK;
  *penalty = nd_new(self->size, sizeof **penalty, error);
  if (*penalty == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < self->size; i++)
    (*penalty)[i] = spared[i] ? 0 : strength;
  return NADIR_OK;
}

static nadir_status set_penalties(point_objective *self, const nadir_settings *settings,
                                  nadir_error *error) {
  bool *spared = nd_new(self->size, sizeof *spared, error);
  if (spared == NULL) return NADIR_NO_MEMORY;
  nadir_status status =
      nd_no_penalty(settings, (const char *const *)self->names, self->size, spared, error);
  if (status == NADIR_OK) status = penalty_new(self, settings->l2, spared, &self->ridge, error);
  if (status == NADIR_OK) status = penalty_new(self, settings->l1, spared, &self->l1, error);
  nd_free(spared);
  return status;
}

static nadir_status set_name(point_objective *self, size_t i, const char *name,
                             nadir_error *error) {
  self->names[i] = nd_copy_text(name, strlen(name), error);
  return self->names[i] == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

static nadir_status self_new(point_objective **self, size_t size, nadir_error *error) {
  *self = nd_new(1, sizeof **self, error);
  if (*self == NULL) return NADIR_NO_MEMORY;
  point_objective *made = *self;
  made->size = size;
  made->face.free = free_self;
  made->face.to_table = to_table;
  made->face.data_loss = data_loss;
  made->face.loss_factor = 1;
  made->names = nd_new(size, sizeof *made->names, error);
  made->arguments = nd_new(2 * size, sizeof *made->arguments, error);
  return made->names == NULL || made->arguments == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

static nadir_status finish(point_objective *self, nadir_status status, nd_objective **objective) {
  if (self == NULL) return status;
  self->face.names = self->names;
  self->face.l1 = self->l1;
  if (status == NADIR_OK)
    *objective = &self->face;
  else
    free_self(&self->face);
  return status;
}

/* Derivatives beyond the gradient are left out where the formula does not have them. */
static nadir_status compile_second(point_objective *self, const nadir_expr *formula,
                                   const nd_leaf *leaves, nadir_error *error) {
  bool whole = self->size <= MOST_SYMBOLIC;
  nadir_status status = (whole ? compile_hessian : compile_product)(self, formula, leaves, error);
  if (status == NADIR_BAD_FORMULA) return NADIR_OK;
  if (status == NADIR_OK) {
    self->face.problem.hessian_vector = formula_product;
    if (whole) self->face.problem.hessian = formula_hessian;
  }
  return status;
}

/* Rows of [J r] from the residuals, and the rounding after them. */
static nadir_status list_squares(nd_graph *graph, const nd_node *residuals, size_t count,
                                 const nd_node *parameters, size_t size, nd_node *nodes,
                                 nadir_error *error) {
  for (size_t k = 0; k < count; k++) {
    nd_node *row = nodes + k * (size + 1);
    ND_TRY(nd_derive(graph, residuals[k], parameters, size, row, error));
    row[size] = residuals[k];
  }
  return nd_squares_rounding(graph, residuals, count, &nodes[count * (size + 1)], error);
}

static nadir_status compile_residuals(point_objective *self, const nadir_expr *formula,
                                      const nd_node *residuals, size_t count, const nd_leaf *leaves,
                                      nadir_error *error) {
  size_t size = self->size, outputs = count * (size + 1) + 1;
  nd_node *nodes = nd_new(outputs, sizeof *nodes, error);
  if (nodes == NULL) return NADIR_NO_MEMORY;
  nadir_status status =
      list_squares(formula->graph, residuals, count, formula->names, size, nodes, error);
  if (status == NADIR_OK)
    status = compile(&self->squares, formula->graph, nodes, outputs, leaves, size, error);
  nd_free(nodes);
  return status;
}

static nadir_status compile_squares(point_objective *self, const nadir_expr *formula,
                                    const nd_leaf *leaves, nadir_error *error) {
  nadir_problem *problem = &self->face.problem;
  nd_node *residuals;
  size_t count;
  ND_TRY(nd_squares(formula->graph, formula->root, &residuals, &count, &problem->squares, error));
  nadir_status status = NADIR_OK;
  if (count > 0 && count <= MOST_JACOBIAN / (self->size + 1)) {
    status = compile_residuals(self, formula, residuals, count, leaves, error);
    self->residuals = count;
    problem->factor = formula_factor;
  }
  nd_free(residuals);
  return status;
}

static nadir_status compile_first(point_objective *self, const nadir_expr *formula,
                                  const nd_leaf *leaves, nadir_error *error) {
  size_t size = self->size;
  nd_node *nodes = nd_new(size + 1, sizeof *nodes, error);
  if (nodes == NULL) return NADIR_NO_MEMORY;
  nodes[0] = formula->root;
  memcpy(nodes + 1, formula->partials, size * sizeof *nodes);
  nadir_status status = compile(&self->first, formula->graph, nodes, size + 1, leaves, size, error);
  nd_free(nodes);
  return status;
}

static nadir_status compile_formula(point_objective *self, const nadir_expr *formula,
                                    nadir_error *error) {
  nd_leaf *leaves = nd_new(self->size, sizeof *leaves, error);
  if (leaves == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < self->size; i++)
    leaves[i].name = formula->names[i];
  nadir_status status = compile_first(self, formula, leaves, error);
  if (status == NADIR_OK) status = compile_second(self, formula, leaves, error);
  if (status == NADIR_OK) status = compile_squares(self, formula, leaves, error);
  nd_free(leaves);
  return status;
}

static nadir_status take_formula(point_objective *self, const nadir_expr *formula,
                                 nadir_error *error) {
  size_t size = self->size;
  for (size_t i = 0; i < size; i++)
    ND_TRY(set_name(self, i, nd_formula_parameter(formula, i), error));
  self->face.formula = formula;
  self->face.problem = (nadir_problem){.size = size,
                                       .context = self,
                                       .value = formula_value,
                                       .gradient = formula_gradient,
                                       .rounding = formula_rounding};
  ND_TRY(compile_formula(self, formula, error));
  return nd_has_kinks(formula->graph, formula->root, formula->names, size, &self->face.kinked,
                      error);
}

nadir_status nd_objective_of_formula(nd_objective **objective, const nadir_expr *formula,
                                     const nadir_settings *settings, nadir_error *error) {
  point_objective *self;
  *objective = NULL;
  nadir_status status = self_new(&self, formula->size, error);
  if (status == NADIR_OK) status = take_formula(self, formula, error);
  if (status == NADIR_OK) status = set_penalties(self, settings, error);
  return finish(self, status, objective);
}

static nadir_status name_arguments(point_objective *self, nadir_error *error) {
  for (size_t i = 0; i < self->size; i++) {
    char name[ND_NUMBER_TEXT + 1] = "w";
    nd_format((double)(i + 1), name + 1);
    ND_TRY(set_name(self, i, self->function.names != NULL ? self->function.names[i] : name, error));
  }
  return NADIR_OK;
}

static nadir_status take_function(point_objective *self, const nadir_function *function,
                                  nadir_error *error) {
  size_t size = self->size;
  self->function = *function;
  self->moved = nd_new(size, sizeof *self->moved, error);
  self->up = nd_new(size, sizeof *self->up, error);
  self->down = nd_new(size, sizeof *self->down, error);
  if (self->moved == NULL || self->up == NULL || self->down == NULL) return NADIR_NO_MEMORY;
  self->face.problem = (nadir_problem){.size = size,
                                       .context = self,
                                       .value = function_value,
                                       .gradient = function_gradient,
                                       .hessian = size <= MOST_SYMBOLIC ? function_hessian : NULL,
                                       .hessian_vector = function_product};
  look_for_gradient(self);
  self->face.hessian_error = self->has_gradient ? 1e-7 : 1e-4;
  return name_arguments(self, error);
}

nadir_status nd_objective_of_function(nd_objective **objective, const nadir_function *function,
                                      const nadir_settings *settings, nadir_error *error) {
  point_objective *self;
  *objective = NULL;
  nadir_status status = self_new(&self, function->size, error);
  if (status == NADIR_OK) status = take_function(self, function, error);
  if (status == NADIR_OK) status = set_penalties(self, settings, error);
  return finish(self, status, objective);
}
