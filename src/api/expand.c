/* The expansion of a formula at a point: asked of theory, and given to the caller. */
#include <string.h>

#include "api/question_internal.h"

/* ---- the point ---- */

typedef struct point {
  nd_assignment *list;
  size_t count;
  const char **at; /* by parameter: a formula without names */
} point;

static void point_free(point *p) {
  nd_assignments_free(p->list, p->count);
  nd_free((void *)p->at);
}

static nadir_status read_point(point *p, const nadir_expr *expr, const nd_asked *asked,
                               const char *text, nadir_error *error) {
  size_t size = asked->question.parameter_count;
  *p = (point){.at = nd_new(size, sizeof *p->at, error)};
  if (!p->at) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < size; i++)
    p->at[i] = "0";
  if (*text) ND_TRY(nd_assignments_read("at", text, false, &p->list, &p->count, error));
  for (size_t a = 0; a < p->count; a++) {
    size_t i = 0;
    while (i < size &&
           strcmp(nd_node_text(expr->graph, asked->parameters[i]), p->list[a].name) != 0)
      i++;
    if (i == size)
      return nd_fail(error, NADIR_BAD_SETTING,
                     "at: the formula has no parameter '%s': name what is in it", p->list[a].name);
    p->at[i] = p->list[a].text;
  }
  return NADIR_OK;
}

/* ---- the call ---- */

static nadir_status check_parameters(const nadir_expr *expr, const nd_question *question,
                                     nadir_error *error) {
  if (question->parameter_count == 0)
    return nd_fail(error, NADIR_BAD_FORMULA,
                   "formula: it has no parameter: write one with a name in it, as in 'sin(x)'");
  if (question->parameter_count < expr->size)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "data: an expansion needs a value for every name: put it into the formula");
  return NADIR_OK;
}

static nadir_status add_series(nadir_expansion *x, const nd_question *question, const char *at,
                               const nadir_settings *settings, nadir_error *error) {
  nd_taylor_one s;
  double radius = nd_number_or(settings->radius, (double)NAN);
  ND_TRY(nd_taylor_series(question, at, (size_t)settings->order, radius, &s, error));
  x->coefficients = s.order + 1; /* handed over */
  x->coefficient = s.coefficient;
  x->coefficient_error = s.error;
  x->remainder = s.remainder;
  return NADIR_OK;
}

static nadir_status expand(nadir_expansion *x, const nadir_expr *expr, const nd_asked *asked,
                           const nadir_settings *settings, nadir_error *error) {
  const nd_question *question = &asked->question;
  point at = {0};
  ND_TRY(check_parameters(expr, question, error));
  x->size = question->parameter_count;
  x->remainder = (double)NAN;
  nadir_status status = nd_name_question(expr, question, &x->formula, &x->parameter, error);
  if (status == NADIR_OK) status = read_point(&at, expr, asked, settings->at, error);
  if (status == NADIR_OK && x->size == 1)
    status = add_series(x, question, at.at[0], settings, error);
  if (status == NADIR_OK)
    status = nd_taylor_model(question, at.at, nd_number_or(settings->radius, (double)NAN),
                             settings->within, x, error);
  point_free(&at);
  return status;
}

nadir_status nadir_taylor(const nadir_expr *expr, const nadir_settings *settings,
                          const nadir_listener *listener, nadir_expansion **expansion,
                          nadir_error *error) {
  ND_TO_NEAREST;
  nd_asked asked;
  *expansion = NULL;
  ND_TRY(nd_ask(&asked, expr, settings, listener, error));
  nadir_expansion *x = nd_new(1, sizeof *x, error);
  nadir_status status = x ? expand(x, expr, &asked, settings, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK)
    *expansion = x;
  else
    nadir_expansion_free(x);
  nd_asked_free(&asked);
  return status;
}

void nadir_expansion_free(nadir_expansion *x) {
  if (!x) return;
  for (size_t i = 0; i < x->size && x->parameter; i++)
    nd_free(x->parameter[i]);
  nd_free(x->parameter);
  nd_free(x->formula);
  nd_free(x->at);
  nd_free(x->gradient);
  nd_free(x->hessian);
  nd_free(x->coefficient);
  nd_free(x->coefficient_error);
  nd_free(x->minimizer);
  nd_free(x);
}
