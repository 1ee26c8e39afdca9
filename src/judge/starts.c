/* --starts N: descents from N quasi-random points of a box (J. H. Halton 1960), and the distinct
 * minima that they end in, with how often each was reached. Two ends are one minimum when each
 * parameter is the same to a thousandth of its side of the box, or of its value beyond that. They may
 * take half of --seconds: the descent from the best of them is made again, for its trace. */
#include <string.h>

#include "judge/starts.h"

static const double SAME = 1e-3, DEFAULT_REACH = 10;
enum { HALTON_PARAMETERS = 20 };

/* i in base b, mirrored about the point: the i-th number of the van der Corput sequence. */
static double radical_inverse(uint64_t i, uint64_t base) {
  double fraction = 0, place = 1;
  for (; i; i /= base) {
    place /= (double)base;
    fraction += place * (double)(i % base);
  }
  return fraction;
}

static uint64_t next_prime(uint64_t after) {
  for (uint64_t p = after + 1;; p++) {
    bool prime = true;
    for (uint64_t d = 2; d * d <= p && prime; d++)
      prime = p % d != 0;
    if (prime) return p;
  }
}

/* Halton's points lie on lines in many dimensions: beyond 20, plain random numbers. */
static void quasi_random(uint64_t i, uint64_t seed, const nd_span *box, size_t size,
                         double *point) {
  nd_random random = nd_random_stream(seed, ND_FOR_START, i, 2);
  uint64_t prime = 1;
  for (size_t k = 0; k < size; k++) {
    double u = nd_random_uniform(&random);
    if (k < HALTON_PARAMETERS) u = radical_inverse(i + 1, prime = next_prime(prime));
    point[k] = box[k].low + u * (box[k].high - box[k].low);
  }
}

/* ---- the box ---- */

/* A finite number, or NULL for none. */
static nadir_status read_end(const char *text, double *end, const char *name, nadir_error *error) {
  if (text && nd_read_number(text, text + strlen(text), end)) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING, "box: '%s' needs two finite ends, as in %s=-2:2", name,
                 name);
}

nadir_status nd_spans_read(const nadir_expr *expr, const nadir_settings *settings,
                           nd_teller *teller, nd_span *box, nadir_error *error) {
  nd_fact *facts = NULL;
  size_t count = 0;
  for (size_t i = 0; i < expr->size; i++)
    box[i] = (nd_span){-DEFAULT_REACH, DEFAULT_REACH};
  if (!*settings->box) {
    nd_tell_event(teller, &(nadir_event){.kind = NADIR_STARTS, .reach = DEFAULT_REACH});
    return NADIR_OK;
  }
  ND_TRY(nd_box_read(expr->graph, settings->box, &facts, &count, error));
  nadir_status status = NADIR_OK;
  for (size_t f = 0; status == NADIR_OK && f < count; f++) {
    size_t i = 0;
    const char *name = nd_node_text(expr->graph, facts[f].name);
    while (i < expr->size && expr->names[i] != facts[f].name)
      i++;
    if (i == expr->size)
      status = nd_fail(error, NADIR_BAD_SETTING, "box: the formula has no '%s': name what is in it",
                       name);
    if (status == NADIR_OK) status = read_end(facts[f].range.low, &box[i].low, name, error);
    if (status == NADIR_OK) status = read_end(facts[f].range.high, &box[i].high, name, error);
  }
  nd_free(facts);
  return status;
}

/* ---- the minima ---- */

static bool is_same(const double *a, const double *b, const nd_span *box, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (!(fabs(a[i] - b[i]) <= SAME * fmax(box[i].high - box[i].low, fabs(b[i])))) return false;
  return true;
}

static nadir_status add_end(nd_minima *minima, const nd_span *box, const double *w, double loss,
                            nadir_point point, const double *start, nadir_error *error) {
  size_t size = minima->size, at = 0;
  while (at < minima->count && !is_same(w, minima->list[at].w, box, size))
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
  if (!(loss < to->loss)) return NADIR_OK;
  to->loss = loss;
  to->point = point;
  memcpy(to->w, w, size * sizeof *w);
  memcpy(to->start, start, size * sizeof *start);
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

/* One descent; a start where the formula is not defined, and a run that is lost, is counted and
 * passed over. */
static nadir_status descend_once(nd_objective *objective, const nadir_settings *settings,
                                 const nd_span *box, const double *start, nd_teller *teller,
                                 nd_minima *minima, nadir_error *error) {
  nd_run run;
  nd_diagnosis diagnosis = {0};
  const nd_known_of_run nothing = {.least = -HUGE_VAL};
  nd_teller quiet = nd_teller_for(teller->listener);
  nadir_status status = nd_descend(objective, settings, start, &quiet, &run, error);
  if (quiet.stop && !teller->stop) {
    teller->stop = true;
    teller->heard = quiet.heard;
  }
  nd_teller_free(&quiet);
  if (status == NADIR_BAD_FORMULA) {
    minima->lost++;
    return NADIR_OK;
  }
  ND_TRY(status);
  bool lost = nd_stop_amounts_to(run.stop) == ND_ENDED_DIVERGED;
  minima->lost += lost;
  if (!lost) status = nd_diagnose(objective, &run, &nothing, &diagnosis, error);
  if (!lost && status == NADIR_OK)
    status = add_end(minima, box, run.w, run.loss, nd_reason_about(diagnosis.reason)->point, start,
                     error);
  nd_diagnosis_clear(&diagnosis);
  nd_run_clear(&run);
  return status;
}

nadir_status nd_find_minima(nd_objective *objective, const nadir_settings *settings,
                            const nd_span *box, nd_teller *teller, nd_minima *minima,
                            nadir_error *error) {
  size_t size = objective->problem.size;
  *minima = (nd_minima){.size = size};
  double *start = nd_new(size, sizeof *start, error);
  nadir_status status = start ? NADIR_OK : NADIR_NO_MEMORY;
  double deadline = objective->deadline, now = nd_clock();
  if (isfinite(deadline)) objective->deadline = now + (deadline - now) / 2;
  for (uint64_t i = 0; status == NADIR_OK && i < settings->starts && !minima->cut; i++) {
    quasi_random(i, settings->seed, box, size, start);
    status = descend_once(objective, settings, box, start, teller, minima, error);
    minima->cut = teller->stop || nd_clock() >= objective->deadline;
  }
  objective->deadline = deadline;
  nd_free(start);
  sort_by_loss(minima);
  if (status == NADIR_OK && minima->count == 0) status = nd_go_on(objective->until, error);
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
