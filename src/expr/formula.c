/* Formulas: parsed once, simplified, with the partial derivatives as nodes of the same graph. */
#include <string.h>

#include "base/angle.h"
#include "expr/formula.h"

static nadir_status find_parameters(nadir_expr *expr, nadir_error *error) {
  ND_TRY(nd_names(expr->graph, &expr->typed, 1, &expr->names, &expr->size, error));
  const nd_derivatives *found;
  ND_TRY(nd_derivatives_of(expr->graph, expr->typed, expr->names, expr->size, 1, &found, error));
  expr->root = found->root;
  expr->partials = found->gradient;
  expr->values_size = nd_graph_size(expr->graph);
  expr->values = nd_new(expr->values_size, sizeof *expr->values, error);
  return expr->values ? NADIR_OK : NADIR_NO_MEMORY;
}

/* A formula to be minimised has no heads and no text: those belong to tables. */
static nadir_status refuse_foreign(const nadir_expr *expr, nadir_error *error) {
  const char *inner;
  size_t length;
  for (nd_node node = 0; node < nd_graph_size(expr->graph); node++) {
    nd_op op = nd_node_op(expr->graph, node);
    if (nd_op_is_head(op))
      return nd_fail_at_node(
          expr->graph, node, error, NADIR_BAD_FORMULA,
          "linear, poly and softmax need the columns of a table: fit the formula to one");
    if (op == ND_TEXT_LITERAL)
      return nd_fail_at_node(
          expr->graph, node, error, NADIR_BAD_FORMULA,
          "a quoted text is compared with a column of a table: fit the formula to one");
    if (op == ND_NAME && nd_text_function_of(nd_node_text(expr->graph, node), &inner, &length))
      return nd_fail_at_node(expr->graph, node, error, NADIR_BAD_FORMULA,
                             "a column of texts is one of a table: quote the text, or fit the formula to a table");
  }
  if (nd_node_type(expr->graph, expr->typed) == ND_IS_REAL) return NADIR_OK;
  return nd_fail_at_node(expr->graph, expr->typed, error, NADIR_BAD_FORMULA,
                         "the formula is true or false: give one with a number for its value");
}

static nadir_status build(nadir_expr *expr, const char *formula, nd_change_root change,
                          void *context, nadir_error *error) {
  ND_TRY(nd_graph_new(&expr->graph, error));
  if (!(expr->text = nd_copy_text(formula, strlen(formula), error))) return NADIR_NO_MEMORY;
  ND_TRY(nd_parse(expr->graph, formula, &expr->typed, error));
  ND_TRY(refuse_foreign(expr, error));
  if (change) ND_TRY(change(context, expr->graph, &expr->typed, error));
  return find_parameters(expr, error);
}

nadir_status nd_formula_new(nadir_expr **expr, const char *formula, nadir_error *error) {
  return nd_formula_changed(expr, formula, NULL, NULL, error);
}

nadir_status nd_formula_changed(nadir_expr **expr, const char *formula, nd_change_root change,
                                void *context, nadir_error *error) {
  *expr = nd_new(1, sizeof **expr, error);
  if (!*expr) return NADIR_NO_MEMORY;
  nadir_status status = build(*expr, formula, change, context, error);
  if (status != NADIR_OK) {
    nd_formula_free(*expr);
    *expr = NULL;
  }
  return status;
}

void nd_formula_free(nadir_expr *expr) {
  if (!expr) return;
  nd_graph_free(expr->graph);
  nd_free(expr->text);
  nd_free(expr->names);
  nd_free(expr->values);
  nd_free(expr);
}

const char *nd_formula_parameter(const nadir_expr *expr, size_t i) {
  return i < expr->size ? nd_node_text(expr->graph, expr->names[i]) : NULL;
}

nadir_status nd_formula_evaluate(const nadir_expr *expr, const double *w, double *value,
                                 double *gradient, nadir_error *error) {
  for (size_t i = 0; i < expr->size; i++)
    expr->values[expr->names[i]] = w[i];
  ND_TRY(nd_evaluate(expr->graph, &expr->root, 1, expr->values, error));
  *value = expr->values[expr->root];
  if (!gradient) return NADIR_OK;
  ND_TRY(nd_evaluate(expr->graph, expr->partials, expr->size, expr->values, error));
  for (size_t i = 0; i < expr->size; i++)
    gradient[i] = expr->values[expr->partials[i]];
  return NADIR_OK;
}

/* Room for the values of nodes that have been made since. */
static nadir_status make_room(nadir_expr *expr, nadir_error *error) {
  return nd_grow(&expr->values, &expr->values_size, nd_graph_size(expr->graph),
                 sizeof *expr->values, error);
}

nadir_status nd_formula_hessian(nadir_expr *expr, const double *w, double *hessian,
                                nadir_error *error) {
  const nd_derivatives *found;
  size_t cells = expr->size * expr->size;
  ND_TRY(nd_derivatives_of(expr->graph, expr->typed, expr->names, expr->size, 2, &found, error));
  ND_TRY(make_room(expr, error));
  for (size_t i = 0; i < expr->size; i++)
    expr->values[expr->names[i]] = w[i];
  ND_TRY(nd_evaluate(expr->graph, found->hessian, cells, expr->values, error));
  for (size_t i = 0; i < expr->size; i++)
    for (size_t j = 0; j <= i; j++)
      hessian[i * expr->size + j] = hessian[j * expr->size + i] =
          (expr->values[found->hessian[i * expr->size + j]] +
           expr->values[found->hessian[j * expr->size + i]]) /
          2;
  return NADIR_OK;
}
