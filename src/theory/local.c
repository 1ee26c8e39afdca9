/* A formula around a point: how far rounding can move its value and derivatives there, whether it
 * is smooth close by, and how low it can be anywhere.
 *
 * All are enclosures by Arb in the digits of a double: where an enclosure of the gradient at the
 * very doubles of w holds 0, its value in double says nothing more. Costs one enclosure of the
 * formula and its derivatives a question, some microseconds a node. */
#include <string.h>

#include "theory/enclose_internal.h"
#include "theory/theory_internal.h"

enum { PRECISION = 53, MOST_WITH_HESSIAN = 16 };

struct nd_local {
  nd_encloser *encloser;
  size_t size, roots; /* value, gradient, and the Hessian where it is asked for */
};

static nadir_status derive(nd_graph *graph, nd_node root, const nd_node *parameters, size_t size,
                           nd_node *roots, size_t *count, nadir_error *error) {
  const nd_derivatives *d;
  *count = 1 + size;
  ND_TRY(nd_derivatives_of(graph, root, parameters, size, 1, &d, error));
  roots[0] = d->root;
  memcpy(roots + 1, d->gradient, size * sizeof *roots);
  if (size > MOST_WITH_HESSIAN) return NADIR_OK;
  nadir_status status = nd_derivatives_of(graph, root, parameters, size, 2, &d, error);
  if (status == NADIR_BAD_FORMULA) return NADIR_OK; /* it has no second derivatives */
  ND_TRY(status);
  memcpy(roots + *count, d->hessian, size * size * sizeof *roots);
  *count += size * size;
  return NADIR_OK;
}

nadir_status nd_local_new(nd_local **local, nd_graph *graph, nd_node root,
                          const nd_node *parameters, size_t size, const nd_until *until,
                          nadir_error *error) {
  nd_node *roots = nd_new(1 + size + size * size, sizeof *roots, error);
  nd_local *made = nd_new(1, sizeof *made, error);
  nadir_status status = roots != NULL && made != NULL ? NADIR_OK : NADIR_NO_MEMORY;
  *local = NULL;
  if (status == NADIR_OK)
    status = derive(graph, root, parameters, size, roots, &made->roots, error);
  if (status == NADIR_OK)
    status =
        nd_encloser_new(&made->encloser, graph, roots, made->roots, parameters, size, until, error);
  nd_free(roots);
  if (status != NADIR_OK) {
    nd_free(made);
    return status;
  }
  made->size = size;
  *local = made;
  return NADIR_OK;
}

void nd_local_free(nd_local *local) {
  if (local == NULL) return;
  nd_encloser_free(local->encloser);
  nd_free(local);
}

static double width(const nd_local *local, size_t root) {
  const nd_enclosure *x = nd_encloser_root(local->encloser, root);
  return x->defined ? nd_enclosure_high(x) - nd_enclosure_low(x) : HUGE_VAL;
}

static void run_at(const nd_local *local, const double *w) {
  for (size_t i = 0; i < local->size; i++)
    nd_enclosure_set_double(nd_encloser_leaf(local->encloser, i), w[i]);
  nd_encloser_run(local->encloser, PRECISION);
}

bool nd_local_may_be(const nd_local *local, const double *w, double value) {
  run_at(local, w);
  return nd_enclosure_contains(nd_encloser_root(local->encloser, 0), value);
}

double nd_local_distance(const nd_local *local, const double *w, double value) {
  run_at(local, w);
  const nd_enclosure *x = nd_encloser_root(local->encloser, 0);
  return fmax(fmax(nd_enclosure_low(x) - value, value - nd_enclosure_high(x)), 0);
}

bool nd_local_is(const nd_local *local, const double *w, double value) {
  run_at(local, w);
  const nd_enclosure *x = nd_encloser_root(local->encloser, 0);
  return x->defined && arf_cmp_d(x->low, value) == 0 && arf_cmp_d(x->high, value) == 0;
}

bool nd_local_is_nowhere(const nd_local *local, const double *w) {
  run_at(local, w);
  return nd_encloser_root(local->encloser, 0)->nowhere;
}

nadir_status nd_is_nowhere(const nd_question *question, const double *w, bool *nowhere,
                           nadir_error *error) {
  nd_local local = {.size = question->parameter_count, .roots = 1};
  ND_TRY(nd_encloser_new(&local.encloser, question->graph, &question->root, 1, question->parameters,
                         local.size, question->until, error));
  *nowhere = nd_local_is_nowhere(&local, w);
  nd_encloser_free(local.encloser);
  nd_give_back();
  return NADIR_OK;
}

void nd_local_rounding(const nd_local *local, const double *w, double *value, double *gradient,
                       double *hessian) {
  size_t n = local->size;
  run_at(local, w);
  *value = width(local, 0);
  for (size_t i = 0; i < n; i++)
    gradient[i] = width(local, 1 + i);
  for (size_t i = 0; i < n * n; i++)
    hessian[i] = local->roots > 1 + n ? width(local, 1 + n + i) : 0;
}

static void run_around(const nd_local *local, const double *w, const double *reach) {
  for (size_t i = 0; i < local->size; i++)
    nd_enclosure_set_ends(nd_encloser_leaf(local->encloser, i), w[i] - reach[i], w[i] + reach[i]);
  nd_encloser_run(local->encloser, PRECISION);
}

nd_surroundings nd_local_look(const nd_local *local, const double *w, const double *reach) {
  nd_surroundings around = {.slopes_hold_0 = true};
  run_around(local, w, reach);
  const nd_enclosure *value = nd_encloser_root(local->encloser, 0);
  around.defined = value->defined;
  around.continuous = value->continuous;
  around.smooth = value->smooth;
  for (size_t i = 0; i < local->size; i++)
    around.slopes_hold_0 =
        around.slopes_hold_0 && nd_enclosure_contains(nd_encloser_root(local->encloser, 1 + i), 0);
  return around;
}

static int sign_of(const nd_enclosure *x) {
  if (x->nowhere) return 0;
  if (arf_sgn(x->low) > 0) return 1;
  return arf_sgn(x->high) < 0 ? -1 : 0;
}

int nd_local_slope_sign(const nd_local *local, const double *w, const double *reach, size_t i,
                        double *least) {
  run_around(local, w, reach);
  const nd_enclosure *value = nd_encloser_root(local->encloser, 0);
  *least = nd_enclosure_low(value);
  if (value->nowhere || !value->continuous) return 0;
  return sign_of(nd_encloser_root(local->encloser, 1 + i));
}

double nd_local_least(const nd_local *local) {
  for (size_t i = 0; i < local->size; i++)
    nd_enclosure_set_ends(nd_encloser_leaf(local->encloser, i), -HUGE_VAL, HUGE_VAL);
  nd_encloser_run(local->encloser, PRECISION);
  return nd_enclosure_low(nd_encloser_root(local->encloser, 0));
}
