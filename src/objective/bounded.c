/* --bounds of an objective, in descent coordinates. In a linear model each weight has its own unit there, so that a
 * range of it stays one; the intercept and the powers of a poly mix with the others, and then have none. */
#include "objective/objective.h"
#include "settings/held.h"

/* Whether the parameter is a multiple of itself in descent coordinates, whatever the others are. */
static bool stands_alone(const nd_model *model, size_t i) {
  if (model == NULL || !model->is_linear) return true;
  if (model->basis.degree > 0) return false;
  if (model->parameters[i].kind != ND_INTERCEPT) return true;
  for (size_t j = 0; j < model->feature_count; j++)
    if (model->scaling[j].center != 0) return false;
  return true;
}

static double to_descent(const nd_model *model, size_t i, double end, double *w) {
  if (model == NULL || isinf(end)) return end;
  for (size_t k = 0; k < model->size; k++)
    w[k] = k == i ? end : 0;
  nd_model_to_descent(model, w, w);
  return w[i];
}

static nadir_status set_bound(nd_span *bounds, const nd_bound *bound, const nd_objective *objective,
                              const nd_model *model, double *room, nadir_error *error) {
  size_t i;
  ND_TRY(nd_find_parameter("bounds", bound->name, (const char *const *)objective->names,
                           objective->problem.size, &i, error));
  if (!stands_alone(model, i))
    return nd_fail(error, NADIR_BAD_SETTING,
                   "bounds: %s is not bounded on its own where features are scaled: set scale to "
                   "none",
                   bound->name);
  bounds[objective->problem.size + i] = (nd_span){bound->low, bound->high};
  bounds[i] = (nd_span){to_descent(model, i, bound->low, room),
                        to_descent(model, i, bound->high, room)};
  return NADIR_OK;
}

/* A scatter is a free parameter, of the same value in both coordinates. */
static void keep_positive(nd_span *bounds, size_t n, size_t i) {
  bounds[i].low = bounds[n + i].low = fmax(0, bounds[i].low);
}

static nadir_status set_bounds(nd_objective *objective, const nd_bound *list, size_t count,
                               const nd_model *model, nadir_error *error) {
  size_t n = objective->problem.size;
  nd_span *bounds = nd_new(2 * n, sizeof *bounds, error);
  double *room = nd_new(n, sizeof *room, error);
  nadir_status status = bounds && room ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; i < 2 * n && status == NADIR_OK; i++)
    bounds[i] = (nd_span){-HUGE_VAL, HUGE_VAL};
  for (size_t k = 0; k < count && status == NADIR_OK; k++)
    status = set_bound(bounds, &list[k], objective, model, room, error);
  nd_free(room);
  if (status == NADIR_OK && model && model->scatter != SIZE_MAX) keep_positive(bounds, n, model->scatter);
  if (status == NADIR_OK)
    objective->bounds = bounds;
  else
    nd_free(bounds);
  return status;
}

nadir_status nd_objective_bound(nd_objective *objective, const nadir_settings *settings,
                                const nd_model *model, nadir_error *error) {
  nd_bound *list;
  size_t count;
  ND_TRY(nd_bounds_read(settings->bounds, &list, &count, error));
  bool scatter = model && model->scatter != SIZE_MAX;
  nadir_status status =
      count || scatter ? set_bounds(objective, list, count, model, error) : NADIR_OK;
  nd_bounds_free(list, count);
  return status;
}

int nd_objective_at_bound(const nd_objective *objective, const double *w, size_t i) {
  const nd_span *bounds = objective->bounds;
  if (!bounds) return 0;
  if (w[i] <= bounds[i].low) return -1;
  return w[i] >= bounds[i].high ? 1 : 0;
}

/* Rounding on the way between coordinates may leave the range by a unit. */
void nd_objective_report(const nd_objective *objective, const double *w, double *table_w) {
  size_t n = objective->problem.size;
  objective->to_table(objective, w, table_w);
  for (size_t i = 0; objective->bounds && i < n; i++) {
    const nd_span *typed = &objective->bounds[n + i];
    int at = nd_objective_at_bound(objective, w, i);
    table_w[i] = at < 0 ? typed->low : at > 0 ? typed->high : table_w[i];
    nd_project(1, typed, &table_w[i]);
  }
}
