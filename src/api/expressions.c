/* Formulas as nadir.h shows them. */
#include "api/api_internal.h"
#include "base/unit.h"

nadir_status nadir_expr_new(nadir_expr **expr, const char *formula, nadir_error *error) {
  ND_TO_NEAREST;
  return nd_formula_new(expr, formula, error);
}

void nadir_expr_free(nadir_expr *expr) {
  nd_formula_free(expr);
}

size_t nadir_expr_size(const nadir_expr *expr) {
  return expr->size;
}

const char *nadir_expr_parameter(const nadir_expr *expr, size_t i) {
  return nd_formula_parameter(expr, i);
}

nadir_status nadir_expr_evaluate(const nadir_expr *expr, const double *w, double *value,
                                 double *gradient, nadir_error *error) {
  ND_TO_NEAREST;
  return nd_formula_evaluate(expr, w, value, gradient, error);
}

nadir_status nadir_expr_hessian(nadir_expr *expr, const double *w, double *hessian,
                                nadir_error *error) {
  ND_TO_NEAREST;
  return nd_formula_hessian(expr, w, hessian, error);
}

nadir_status nadir_expr_print(const nadir_expr *expr, size_t i, int latex, char **text,
                              nadir_error *error) {
  ND_TO_NEAREST;
  nd_text out = {0};
  nd_node node = i < expr->size ? expr->partials[i] : expr->root;
  nadir_status status = nd_print(expr->graph, node, latex ? ND_LATEX : ND_PLAIN, &out, error);
  return nd_give_text(&out, status, text, error);
}

const nadir_operator *nadir_operator_at(size_t i) {
  return nd_function_at(i);
}

const nadir_constant *nadir_constant_at(size_t i) {
  return nd_constant_at(i);
}

const nadir_unit *nadir_unit_at(size_t i) {
  return nd_unit_at(i);
}
