/* The objective of a formula in its parameters. Value and gradient are one program, the Hessian (at most 64
 * parameters) another; with more parameters the Hessian-vector product is the gradient of g . v, with v as
 * leaves. A sum of squares has the derivatives of its residuals as well. A value outside the domain is
 * NaN, not an error. */
#include <string.h>

#include "base/dense.h"
#include "objective/plain_internal.h"

enum { MOST_JACOBIAN = 1 << 16 /* derivatives of residuals */ };

typedef struct compiled {
  nd_program *program;
  nd_workspace *workspace;
  double *values, **outputs; /* outputs[i] points at values[i] */
} compiled;

typedef struct formula_objective {
  nd_plain plain;
  compiled first, second; /* value and gradient; Hessian by rows, or its product */
  compiled squares;       /* of a sum of squares: rows of [J r], then the rounding of the sum */
  size_t residuals;
  double *arguments; /* w, then v */
} formula_objective;

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

static nadir_status compile_hessian(formula_objective *self, const nadir_expr *formula,
                                    const nd_leaf *leaves, nadir_error *error) {
  size_t size = self->plain.size;
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

static nadir_status compile_product(formula_objective *self, const nadir_expr *formula,
                                    const nd_leaf *leaves, nadir_error *error) {
  nd_graph *graph = formula->graph;
  size_t size = self->plain.size;
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

/* ---- value and derivatives ---- */

static void set_point(formula_objective *self, const double *w) {
  memcpy(self->arguments, w, self->plain.size * sizeof *w);
}

static nadir_status formula_gradient(void *context, const double *w, double *loss, double *gradient,
                                     nadir_error *error) {
  (void)error;
  formula_objective *self = context;
  set_point(self, w);
  run(&self->first, self->arguments);
  if (gradient != NULL)
    memcpy(gradient, self->first.values + 1, self->plain.size * sizeof *gradient);
  *loss = self->first.values[0] + nd_plain_penalty(&self->plain, w, gradient);
  return NADIR_OK;
}

static nadir_status formula_value(void *context, const double *w, double *loss,
                                  nadir_error *error) {
  return formula_gradient(context, w, loss, NULL, error);
}

static nadir_status formula_hessian(void *context, const double *w, double *hessian,
                                    nadir_error *error) {
  (void)error;
  formula_objective *self = context;
  set_point(self, w);
  run(&self->second, self->arguments);
  memcpy(hessian, self->second.values, self->plain.size * self->plain.size * sizeof *hessian);
  for (size_t i = 0; i < self->plain.size && self->plain.ridge != NULL; i++)
    hessian[i * self->plain.size + i] += self->plain.ridge[i];
  return NADIR_OK;
}

static nadir_status formula_product(void *context, const double *w, const double *v,
                                    double *product, nadir_error *error) {
  (void)error;
  formula_objective *self = context;
  size_t size = self->plain.size;
  bool whole = self->plain.face.problem.hessian != NULL;
  set_point(self, w);
  memcpy(self->arguments + size, v, size * sizeof *v);
  run(&self->second, self->arguments);
  for (size_t i = 0; i < size; i++) {
    product[i] = whole ? 0 : self->second.values[i];
    for (size_t j = 0; j < size && whole; j++)
      product[i] += self->second.values[i * size + j] * v[j];
    if (self->plain.ridge != NULL) product[i] += self->plain.ridge[i] * v[i];
  }
  return NADIR_OK;
}

/* ---- a sum of squares ---- */

static nadir_status formula_factor(void *context, const double *w, double *triangle,
                                   nadir_error *error) {
  formula_objective *self = context;
  size_t width = self->plain.size + 1, cells = self->residuals * width;
  size_t ridge = self->plain.ridge != NULL ? self->plain.size : 0;
  double *rows = nd_new(cells + ridge * width, sizeof *rows, error);
  if (rows == NULL) return NADIR_NO_MEMORY;
  set_point(self, w);
  run(&self->squares, self->arguments);
  memcpy(rows, self->squares.values, cells * sizeof *rows);
  if (ridge > 0)
    nd_ridge_rows(self->plain.size, self->plain.ridge, self->plain.face.problem.squares, w,
                  rows + cells);
  memset(triangle, 0, width * width * sizeof *triangle);
  nd_qr_fold(width, triangle, self->residuals + ridge, rows);
  nd_free(rows);
  return NADIR_OK;
}

/* Of a sum of squares by its terms; of other formulas some units of the last place. */
static nadir_status formula_rounding(void *context, const double *w, double loss, double *rounding,
                                     nadir_error *error) {
  (void)error;
  formula_objective *self = context;
  *rounding = 4 * 0x1p-52 * fabs(loss);
  if (self->residuals == 0) return NADIR_OK;
  set_point(self, w);
  run(&self->squares, self->arguments);
  double least = self->squares.values[self->residuals * (self->plain.size + 1)];
  *rounding = self->plain.face.problem.squares * least;
  return NADIR_OK;
}

/* Derivatives beyond the gradient are left out where the formula does not have them. */
static nadir_status compile_second(formula_objective *self, const nadir_expr *formula,
                                   const nd_leaf *leaves, nadir_error *error) {
  bool whole = self->plain.size <= ND_MOST_SYMBOLIC;
  nadir_status status = (whole ? compile_hessian : compile_product)(self, formula, leaves, error);
  if (status == NADIR_BAD_FORMULA) return NADIR_OK;
  if (status == NADIR_OK) {
    self->plain.face.problem.hessian_vector = formula_product;
    if (whole) self->plain.face.problem.hessian = formula_hessian;
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

static nadir_status compile_residuals(formula_objective *self, const nadir_expr *formula,
                                      const nd_node *residuals, size_t count, const nd_leaf *leaves,
                                      nadir_error *error) {
  size_t size = self->plain.size, outputs = count * (size + 1) + 1;
  nd_node *nodes = nd_new(outputs, sizeof *nodes, error);
  if (nodes == NULL) return NADIR_NO_MEMORY;
  nadir_status status =
      list_squares(formula->graph, residuals, count, formula->names, size, nodes, error);
  if (status == NADIR_OK)
    status = compile(&self->squares, formula->graph, nodes, outputs, leaves, size, error);
  nd_free(nodes);
  return status;
}

static nadir_status compile_squares(formula_objective *self, const nadir_expr *formula,
                                    const nd_leaf *leaves, nadir_error *error) {
  nadir_problem *problem = &self->plain.face.problem;
  nd_node *residuals;
  size_t count;
  ND_TRY(nd_squares(formula->graph, formula->root, &residuals, &count, &problem->squares, error));
  nadir_status status = NADIR_OK;
  if (count > 0 && count <= MOST_JACOBIAN / (self->plain.size + 1)) {
    status = compile_residuals(self, formula, residuals, count, leaves, error);
    self->residuals = count;
    problem->factor = formula_factor;
  }
  nd_free(residuals);
  return status;
}

static nadir_status compile_first(formula_objective *self, const nadir_expr *formula,
                                  const nd_leaf *leaves, nadir_error *error) {
  size_t size = self->plain.size;
  nd_node *nodes = nd_new(size + 1, sizeof *nodes, error);
  if (nodes == NULL) return NADIR_NO_MEMORY;
  nodes[0] = formula->root;
  memcpy(nodes + 1, formula->partials, size * sizeof *nodes);
  nadir_status status = compile(&self->first, formula->graph, nodes, size + 1, leaves, size, error);
  nd_free(nodes);
  return status;
}

static nadir_status compile_formula(formula_objective *self, const nadir_expr *formula,
                                    nadir_error *error) {
  nd_leaf *leaves = nd_new(self->plain.size, sizeof *leaves, error);
  if (leaves == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < self->plain.size; i++)
    leaves[i].name = formula->names[i];
  nadir_status status = compile_first(self, formula, leaves, error);
  if (status == NADIR_OK) status = compile_second(self, formula, leaves, error);
  if (status == NADIR_OK) status = compile_squares(self, formula, leaves, error);
  nd_free(leaves);
  return status;
}

static nadir_status take_formula(formula_objective *self, const nadir_expr *formula,
                                 nadir_error *error) {
  size_t size = self->plain.size;
  for (size_t i = 0; i < size; i++)
    ND_TRY(nd_plain_name(&self->plain, i, nd_formula_parameter(formula, i), error));
  self->plain.face.formula = formula;
  self->plain.face.problem = (nadir_problem){.size = size,
                                             .context = self,
                                             .value = formula_value,
                                             .gradient = formula_gradient,
                                             .rounding = formula_rounding,
                                             .go_on = nd_objective_go_on};
  ND_TRY(compile_formula(self, formula, error));
  self->plain.face.integrates = nd_has_integrals(formula->graph, &formula->root, 1);
  return nd_has_kinks(formula->graph, formula->root, formula->names, size, &self->plain.face.kinked,
                      error);
}

static void free_formula(nd_objective *face) {
  formula_objective *self = (formula_objective *)face;
  compiled_clear(&self->first);
  compiled_clear(&self->second);
  compiled_clear(&self->squares);
  nd_free(self->arguments);
  nd_plain_clear(&self->plain);
  nd_free(self);
}

nadir_status nd_objective_of_formula(nd_objective **objective, const nadir_expr *formula,
                                     const nadir_settings *settings, nadir_error *error) {
  *objective = NULL;
  formula_objective *self = nd_new(1, sizeof *self, error);
  if (self == NULL) return NADIR_NO_MEMORY;
  self->plain.face.free = free_formula;
  nadir_status status = nd_plain_begin(&self->plain, formula->size, error);
  self->arguments = nd_new(2 * formula->size, sizeof *self->arguments, error);
  if (self->arguments == NULL) status = NADIR_NO_MEMORY;
  if (status == NADIR_OK) status = take_formula(self, formula, error);
  return nd_plain_finish(&self->plain, status, settings, objective, error);
}
