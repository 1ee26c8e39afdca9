/* A table, a formula and settings made into an objective: what fit, contours, rate and noise begin
 * with. */
#include <string.h>

#include "base/ranks.h"
#include "model/saved.h"
#include "objective/fitting.h"

/* What a limit may be exceeded by is half a second, or a tenth of it: most of that is for looking at
 * what was reached. */
static double overtime(double seconds) {
  return fmax(0.35, 0.07 * seconds);
}

/* The columns that are read; the names are the model's. */
static nadir_status list_columns(nd_fitting *f, nadir_error *error) {
  const nd_model *model = f->model;
  f->column = nd_new(model->column_count + 1, sizeof *f->column, error);
  if (!f->column) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < model->column_count; i++)
    if (!model->columns[i].rest) f->column[f->columns++] = model->columns[i].column;
  if (model->class_column) f->column[f->columns++] = model->class_column;
  return NADIR_OK;
}

static nadir_status tell_names(nd_fitting *f, nadir_error *error) {
  const nd_model *model = f->model;
  ND_TRY(list_columns(f, error));
  const char **parameter = nd_new(model->size, sizeof *parameter, error);
  if (!parameter) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < model->size; i++)
    parameter[i] = model->parameters[i].name;
  nadir_plan plan = {.columns = f->columns,
                     .column = f->column,
                     .size = model->size,
                     .parameter = parameter};
  nd_tell_event(&f->teller, &(nadir_event){.kind = NADIR_NAMES, .plan = &plan});
  nd_free((void *)parameter);
  return nd_heed(&f->teller, error);
}

/* What the rows say of the names, and the names. */
static nadir_status look_at_columns(nd_fitting *f, const nd_table *table, nd_filter *filter,
                                    nadir_error *error) {
  const nd_model *model = f->model;
  const nd_model_column *columns = model->columns;
  size_t count = model->column_count;
  ND_TRY(nd_warn_unmet(table, columns, count, &f->teller, error));
  ND_TRY(nd_warn_of_twins(table, columns, count, &f->teller, error));
  ND_TRY(nd_warn_of_sentinels(table, filter, columns, count, &f->teller, error));
  return tell_names(f, error);
}

static nadir_status make_model(nd_fitting *f, const nd_table *table, const char *formula,
                               nadir_error *error) {
  nd_filter *filter;
  ND_TRY(nd_filter_new(&filter, table, f->settings->where, error));
  nadir_status status = nd_warn_unmet_filter(table, filter, &f->teller, error);
  if (status == NADIR_OK)
    status = nd_model_new(&f->model, table, formula, f->settings, &f->teller, error);
  if (status == NADIR_OK) status = nd_warm_start(f->model, f->settings, &f->teller, error);
  if (status == NADIR_OK) status = look_at_columns(f, table, filter, error);
  nd_filter_free(filter);
  return status;
}

nadir_status nd_fitting_begin(nd_fitting *f, const nadir_settings *settings,
                              const nadir_listener *listener, nadir_error *error) {
  double seconds = nd_number_or(settings->seconds, HUGE_VAL), now = nd_clock();
  *f = (nd_fitting){.settings = settings,
                    .deadline = now + seconds,
                    .teller = nd_teller_for(listener),
                    .until = {.deadline = now + seconds + overtime(seconds),
                              .asked = nd_insists_on_end,
                              .context = &f->teller}};
  return nd_listener_check(listener, error);
}

void nd_fitting_heed(nd_fitting *f, nd_graph *graph) {
  f->graph = graph;
  nd_graph_heed(graph, &f->until);
}

nadir_status nd_fitting_bind(nd_fitting *f, nadir_error *error) {
  f->objective->deadline = f->deadline;
  f->objective->until = &f->until;
  return nd_objective_bound(f->objective, f->settings, f->model, error);
}

void nd_fitting_allow(nd_fitting *f, double seconds) {
  f->until = nd_until_work(&f->until, seconds);
}

nadir_status nd_fitting_new(nd_fitting *f, const nd_table *table, const nd_part *part, const char *formula,
                            const nadir_settings *settings, const nadir_listener *listener,
                            nadir_error *error) {
  ND_TRY(nd_fitting_begin(f, settings, listener, error));
  ND_TRY(nd_pool_new(&f->pool, (size_t)settings->threads, error));
  nd_pool_heed(f->pool, &f->until);
  if (!nd_groups_in(part)) {
    f->until.ranks = nd_table_ranks(table);
    nd_pool_share(f->pool, f->until.ranks);
  }
  ND_TRY(make_model(f, table, formula, error));
  ND_TRY(nd_data_new(&f->data, f->model, table, part, settings, f->pool, &f->teller, error));
  ND_TRY(nd_objective_of_table(&f->objective, f->model, f->data, settings, f->pool, error));
  f->objective->single = nd_data_count(f->data)->single;
  return nd_fitting_bind(f, error);
}

/* Bounds of weights are in descent coordinates, and so follow the scaling. */
nadir_status nd_fitting_renew(nd_fitting *f, nadir_error *error) {
  ND_TRY(nd_data_renew(f->data, f->settings, &f->teller, error));
  nd_objective_renew(f->objective);
  ND_TRY(nd_objective_rejoin(f->objective, f->settings, error));
  if (!f->objective->bounds || !f->model->is_linear) return NADIR_OK;
  nd_free((void *)(uintptr_t)f->objective->bounds);
  f->objective->bounds = NULL;
  return nd_objective_bound(f->objective, f->settings, f->model, error);
}

/* ---- the start ---- */

static nadir_status assign_starts(const nd_assignment *list, size_t count,
                                  const nd_objective *objective, double *start,
                                  nadir_error *error) {
  const char *const *names = (const char *const *)objective->names;
  for (size_t i = 0; i < count; i++) {
    size_t at;
    ND_TRY(nd_find_parameter("start", list[i].name, names, objective->problem.size, &at, error));
    start[at] = list[i].value;
    const nd_span *bound = objective->bounds ? &objective->bounds[at] : NULL;
    if (bound) ND_TRY(nd_check_start(names[at], start[at], bound->low, bound->high, error));
  }
  return NADIR_OK;
}

static nadir_status start_of_names(const nd_fitting *f, double *start, nadir_error *error) {
  nd_assignment *list;
  size_t count;
  ND_TRY(nd_assignments_read("start", f->settings->start, true, &list, &count, error));
  nadir_status status = assign_starts(list, count, f->objective, start, error);
  nd_assignments_free(list, count);
  return status;
}

nadir_status nd_fitting_start(const nd_fitting *f, double *start, nadir_error *error) {
  size_t size = f->objective->problem.size;
  memset(start, 0, size * sizeof *start);
  if (f->model)
    nd_model_start(f->model, f->settings, start);
  else if (nd_start_is_random(f->settings))
    nd_random_start(f->settings, start, size);
  else if (*f->settings->start)
    return start_of_names(f, start, error);
  return NADIR_OK;
}

void nd_fitting_free(nd_fitting *f) {
  if (f->graph) nd_graph_heed(f->graph, NULL);
  nd_objective_free(f->objective); /* it borrows the model and the data */
  nd_data_free(f->data);
  nd_model_free(f->model);
  nd_pool_free(f->pool);
  nd_free((void *)f->column);
  nd_teller_free(&f->teller);
  *f = (nd_fitting){0};
}
