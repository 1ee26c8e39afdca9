/* --starts N: descents from N quasi-random points of a box (J. H. Halton 1960), and the distinct
 * minima that they end in, with how often each was reached. Two ends are one minimum when each
 * parameter is the same to a thousandth of its side of the box, or of its value beyond that. They may
 * take half of --seconds: the descent from the best of them is made again, for its trace. */
#include <string.h>

#include "base/ranks.h"
#include "judge/starts.h"
#include "objective/of_table.h"
#include "optim/halton.h"

static const double SAME = 1e-3, DEFAULT_REACH = 10, DECADE = 10;
enum { HALTON_PARAMETERS = 20 };

/* ---- the box ---- */

/* Where starts are drawn from, in the table's coordinates. */
typedef struct start_box {
  size_t size;
  nd_span *side;  /* by parameter */
  bool *wide;     /* it has none: its place is drawn from the data, and side is what bounds it */
  nd_span *data;  /* ranges of columns */
  size_t columns;
  nd_span magnitude; /* of what can be made of them */
} start_box;

static void box_clear(start_box *box) {
  nd_free(box->side);
  nd_free(box->wide);
  nd_free(box->data);
}

/* A finite number, or NULL for none. */
static nadir_status read_end(const char *text, double *end, const char *name, nadir_error *error) {
  if (text && nd_read_number(text, text + strlen(text), end)) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING, "box: '%s' needs two finite ends, as in %s=-2:2", name,
                 name);
}

static nadir_status set_side(start_box *box, const nd_objective *objective, const char *name,
                             const nd_range *range, nadir_error *error) {
  size_t i;
  double low, high;
  ND_TRY(nd_find_parameter("box", name, (const char *const *)objective->names, box->size, &i,
                           error));
  ND_TRY(read_end(range->low, &low, name, error));
  ND_TRY(read_end(range->high, &high, name, error));
  box->side[i] = (nd_span){fmax(low, box->side[i].low), fmin(high, box->side[i].high)};
  box->wide[i] = false;
  if (box->side[i].low <= box->side[i].high) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING, "box: that of %s is outside of its bounds: give one within them", name);
}

static nadir_status read_box(start_box *box, const nd_objective *objective, const char *text,
                             nadir_error *error) {
  nd_graph *graph;
  nd_fact *facts = NULL;
  size_t count = 0;
  if (!*text) return NADIR_OK;
  ND_TRY(nd_graph_new(&graph, error));
  nadir_status status = nd_box_read(graph, text, &facts, &count, error);
  for (size_t f = 0; status == NADIR_OK && f < count; f++)
    status = set_side(box, objective, nd_node_text(graph, facts[f].name), &facts[f].range, error);
  nd_free(facts);
  nd_graph_free(graph);
  return status;
}

/* Ranges, greatest values and their inverses: slopes, widths and rates are among the quotients. */
static nadir_status look_at_data(start_box *box, const nd_objective *objective,
                                 nadir_error *error) {
  double most = 1, least = 1;
  ND_TRY(nd_spans_of_rows(objective, &box->data, &box->columns, error));
  for (size_t i = 0; i < box->columns; i++) {
    double width = box->data[i].high - box->data[i].low;
    double size = fmax(fabs(box->data[i].low), fabs(box->data[i].high));
    if (width > 0) most = fmax(most, fmax(width, 1 / width));
    if (size > 0) most = fmax(most, fmax(size, 1 / size));
    if (width > 0) least = fmin(least, fmin(width, 1 / width));
  }
  box->magnitude = (nd_span){least / DECADE, most * DECADE};
  return NADIR_OK;
}

/* Of a formula, whose numbers have no unit. */
static nd_span default_side(nd_span bound) {
  if (isfinite(bound.low) && isfinite(bound.high)) return bound;
  return (nd_span){isfinite(bound.low)    ? bound.low
                   : isfinite(bound.high) ? fmin(-DEFAULT_REACH, bound.high - DEFAULT_REACH)
                                          : -DEFAULT_REACH,
                   isfinite(bound.high)  ? bound.high
                   : isfinite(bound.low) ? fmax(DEFAULT_REACH, bound.low + DEFAULT_REACH)
                                         : DEFAULT_REACH};
}

static nadir_status make_box(start_box *box, nd_fitting *f, nadir_error *error) {
  const nd_objective *objective = f->objective;
  size_t n = box->size = objective->problem.size;
  bool any = false;
  box->side = nd_new(n, sizeof *box->side, error);
  box->wide = nd_new(n, sizeof *box->wide, error);
  if (!box->side || !box->wide) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < n; i++) {
    box->side[i] = objective->bounds ? objective->bounds[n + i] : (nd_span){-HUGE_VAL, HUGE_VAL};
    box->wide[i] = true;
  }
  ND_TRY(read_box(box, objective, f->settings->box, error));
  for (size_t i = 0; i < n; i++) {
    bool open = !isfinite(box->side[i].low) || !isfinite(box->side[i].high);
    any |= box->wide[i] && open;
    if (box->wide[i] && !(f->model && open)) {
      box->side[i] = default_side(box->side[i]);
      box->wide[i] = false;
    }
  }
  if (any)
    nd_tell_event(&f->teller, &(nadir_event){.kind = NADIR_STARTS,
                                             .reach = f->model ? (double)NAN : DEFAULT_REACH});
  return any && f->model ? look_at_data(box, objective, error) : NADIR_OK;
}

/* ---- a start ---- */

/* A place in the range of a column, or a number of any magnitude and sign, one as often as the other. */
static double draw_wide(const start_box *box, size_t k, double u, nd_random *random) {
  double which = nd_random_uniform(random), side = nd_random_uniform(random);
  nd_span bound = box->side[k];
  double value;
  if (box->columns > 0 && which < 0.5) {
    size_t column = (size_t)(2 * which * (double)box->columns);
    nd_span range = box->data[column < box->columns ? column : box->columns - 1];
    value = range.low + u * (range.high - range.low);
  } else
    value = (side < 0.5 ? -1 : 1) * box->magnitude.low *
            pow(box->magnitude.high / box->magnitude.low, u);
  if (value < bound.low) value = bound.low + fabs(value);
  if (value > bound.high) value = bound.high - fabs(value);
  nd_project(1, &bound, &value);
  return value;
}

/* Halton's points lie on lines in many dimensions: beyond 20, plain random numbers. */
static void quasi_random(const start_box *box, uint64_t i, uint64_t seed, double *point) {
  nd_random random = nd_random_stream(seed, ND_FOR_START, i, 2);
  nd_random choices = nd_random_stream(seed, ND_FOR_START, i, 3);
  uint64_t prime = 1;
  for (size_t k = 0; k < box->size; k++) {
    double u = nd_random_uniform(&random);
    nd_span side = box->side[k];
    if (k < HALTON_PARAMETERS) u = nd_radical_inverse(i + 1, prime = nd_next_prime(prime));
    point[k] =
        box->wide[k] ? draw_wide(box, k, u, &choices) : side.low + u * (side.high - side.low);
  }
}

/* ---- the minima ---- */

static bool is_same(const double *a, const double *b, const start_box *box) {
  for (size_t i = 0; i < box->size; i++) {
    double side = box->wide[i] ? 0 : box->side[i].high - box->side[i].low;
    if (!(fabs(a[i] - b[i]) <= SAME * fmax(side, fmax(fabs(a[i]), fabs(b[i]))))) return false;
  }
  return true;
}

static nadir_status add_end(nd_minima *minima, const start_box *box, const nd_minimum *end,
                            nadir_error *error) {
  size_t size = minima->size, at = 0;
  while (at < minima->count && !is_same(end->w, minima->list[at].w, box))
    at++;
  if (at == minima->count) {
    ND_TRY(nd_grow(&minima->list, &minima->capacity, at + 1, sizeof *minima->list, error));
    double *memory = nd_new(2 * size, sizeof *memory, error);
    if (!memory) return NADIR_NO_MEMORY;
    minima->list[minima->count++] =
        (nd_minimum){.w = memory, .start = memory + size, .loss = HUGE_VAL};
  }
  nd_minimum *to = &minima->list[at];
  to->reached++;
  if (!(end->loss < to->loss)) return NADIR_OK;
  to->loss = end->loss;
  to->chi2 = end->chi2;
  to->point = end->point;
  memcpy(to->w, end->w, size * sizeof *to->w);
  memcpy(to->start, end->start, size * sizeof *to->start);
  return NADIR_OK;
}

static void sort_by_loss(nd_minima *minima) {
  for (size_t i = 1; i < minima->count; i++)
    for (size_t k = i; k > 0 && minima->list[k].loss < minima->list[k - 1].loss; k--) {
      nd_minimum swapped = minima->list[k];
      minima->list[k] = minima->list[k - 1];
      minima->list[k - 1] = swapped;
    }
}

static double chi2_of(const nd_fitting *f, const nd_run *run) {
  if (!f->model || !f->model->row_errors) return (double)NAN;
  return run->data_loss / nd_rows_of(f->objective)->scale;
}

/* What a descent ended in; room is for its parameters. */
static nadir_status keep_end(const nd_fitting *f, const start_box *box, const nd_run *run,
                             double *room, nd_minima *minima, nadir_error *error) {
  nd_diagnosis diagnosis = {0};
  const nd_known_of_run nothing = {.least = -HUGE_VAL};
  nadir_status status = nd_diagnose(f->objective, run, &nothing, &diagnosis, error);
  nd_objective_report(f->objective, run->w, room);
  const nd_minimum end = {.w = room,
                          .start = run->start,
                          .loss = run->loss,
                          .chi2 = chi2_of(f, run),
                          .point = nd_reason_about(diagnosis.reason)->point};
  if (status == NADIR_OK) status = add_end(minima, box, &end, error);
  nd_diagnosis_clear(&diagnosis);
  return status;
}

/* One descent; a start where the formula is not defined, and a run that is lost, is counted and
 * passed over. */
static nadir_status descend_once(nd_fitting *f, const start_box *box, const double *start,
                                 double *room, nd_minima *minima, nadir_error *error) {
  nd_run run;
  nd_teller quiet = nd_teller_for(f->teller.listener);
  nadir_status status = nd_descend(f->objective, f->settings, start, &quiet, &run, error);
  if (quiet.stop && !f->teller.stop) {
    f->teller.stop = true;
    f->teller.heard = quiet.heard;
  }
  nd_teller_free(&quiet);
  if (status == NADIR_BAD_FORMULA) {
    minima->lost++;
    return NADIR_OK;
  }
  ND_TRY(status);
  bool lost = nd_stop_amounts_to(run.stop) == ND_ENDED_DIVERGED;
  minima->lost += lost;
  if (!lost) status = keep_end(f, box, &run, room, minima, error);
  nd_run_clear(&run);
  return status;
}

static nadir_status descend_from_box(nd_fitting *f, const start_box *box, double *start,
                                     nd_minima *minima, nadir_error *error) {
  nd_objective *objective = f->objective;
  double deadline = objective->deadline, now = nd_clock();
  nadir_status status = NADIR_OK;
  if (isfinite(deadline)) objective->deadline = now + (deadline - now) / 2;
  for (uint64_t i = 0; status == NADIR_OK && i < f->settings->starts && !minima->cut; i++) {
    quasi_random(box, i, f->settings->seed, start);
    if (f->model) nd_model_to_descent(f->model, start, start);
    status = descend_once(f, box, start, start + box->size, minima, error);
    minima->cut = f->teller.stop || nd_clock() >= objective->deadline;
    if (status == NADIR_OK) status = nd_ranks_share(f->until.ranks, &minima->cut, sizeof minima->cut, error);
  }
  objective->deadline = deadline;
  return status;
}

nadir_status nd_find_minima(nd_fitting *f, nd_minima *minima, nadir_error *error) {
  size_t size = f->objective->problem.size;
  *minima = (nd_minima){.size = size};
  start_box box = {0};
  double *start = nd_new(2 * size, sizeof *start, error);
  nadir_status status = start ? make_box(&box, f, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK) status = descend_from_box(f, &box, start, minima, error);
  nd_free(start);
  box_clear(&box);
  sort_by_loss(minima);
  if (status == NADIR_OK && minima->count == 0) status = nd_go_on(f->objective->until, error);
  if (status == NADIR_OK && minima->count == 0)
    status = nd_fail(
        error, NADIR_BAD_SETTING,
        "starts: no descent came to rest in the box: choose a different box, or a smaller rate");
  if (status != NADIR_OK) nd_minima_clear(minima);
  return status;
}

void nd_minima_clear(nd_minima *minima) {
  for (size_t i = 0; i < minima->count; i++)
    nd_free(minima->list[i].w);
  nd_free(minima->list);
  *minima = (nd_minima){0};
}
