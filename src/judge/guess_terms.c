/* A formula that is a sum of terms, each with a factor and with parameters of its own, as the lines
 * of a spectrum on a continuum: c + a f(x; m, s) + b f(x; n, t). Drawn all at once, the second and
 * the third of three lines are hardly ever in their places together. So the terms are looked for
 * one after the other, those that are not yet found being 0; then each anew among the others; at
 * last all are moved a little. This is matching pursuit (S. G. Mallat, Z. Zhang 1993) with all
 * factors solved for at each draw (Y. C. Pati, R. Rezaiifar, P. S. Krishnaprasad 1993).
 *
 * What is found first keeps its place, so that there are three pursuits of two or more: forwards and backwards,
 * for terms of different form; and with factors of one sign, for lines that overlap, which one wide
 * line less a narrow one imitates. Each is descended from (guess.c).
 *
 * Costs PURSUITS x (ROUNDS x terms + 1) x DRAWS evaluations on a sample of the rows. */
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "judge/guess_internal.h"
#include "optim/halton.h"

enum { DRAWS = 800, ANEW = 2, ROUNDS = 3, QUICKER = 16 };
#define TOGETHER SIZE_MAX /* not one term: all */
static const double LEAST_STEP = 1e-3,
                    MOST_STEP = 0.2; /* of a parameter, in the range of a column */
static const double MOST_SIZES = 10; /* of terms together, in what there is without them */
static const double ALSO = 0.3;      /* how often another parameter moves with one */

/* ---- what the terms are ---- */

/* What guess.c has found: whether a node depends on drawn parameter k. */
typedef struct dependence {
  size_t nodes;
  const bool *needs;
} dependence;

/* Of the derivative by linear parameter l; for l = linear, of what is left without them. */
static bool depends(const nd_guess *s, const dependence *on, size_t l, size_t k) {
  return on->needs[k * on->nodes + s->nodes[l]];
}

/* Drawn parameters that have a factor in common are in one term. */
static void put_together(nd_guess *s, const dependence *on) {
  for (size_t k = 0; k < s->drawn; k++)
    s->term_of[k] = k;
  for (size_t l = 0; l < s->linear; l++) {
    size_t first = SIZE_MAX;
    for (size_t k = 0; k < s->drawn; k++) {
      if (!depends(s, on, l, k)) continue;
      size_t old = s->term_of[k];
      if (first == SIZE_MAX) first = old;
      for (size_t j = 0; j < s->drawn; j++)
        if (s->term_of[j] == old) s->term_of[j] = first;
    }
  }
}

/* term_of counts from 0, in the order of the first parameter of each. */
static size_t number_terms(nd_guess *s) {
  size_t count = 0;
  for (size_t k = 0; k < s->drawn; k++) {
    size_t old = s->term_of[k];
    if (old < count) continue;
    for (size_t j = k; j < s->drawn; j++)
      if (s->term_of[j] == old) s->term_of[j] = count;
    count++;
  }
  return count;
}

static bool has_factors(const nd_guess *s, const dependence *on) {
  for (size_t k = 0; k < s->drawn; k++) {
    bool any = false;
    if (depends(s, on, s->linear, k)) return false;
    for (size_t l = 0; l < s->linear; l++)
      any |= depends(s, on, l, k);
    if (!any) return false;
  }
  return true;
}

static void find_factors(nd_guess *s, const dependence *on) {
  for (size_t l = 0; l < s->linear; l++) {
    s->factor_of[l] = SIZE_MAX;
    for (size_t k = 0; k < s->drawn; k++)
      if (depends(s, on, l, k)) s->factor_of[l] = s->term_of[k];
  }
}

nadir_status nd_guess_find_terms(nd_guess *s, size_t nodes, const bool *needs, nadir_error *error) {
  const dependence on = {nodes, needs};
  s->hidden = nd_new(s->linear, sizeof *s->hidden, error);
  s->term_of = nd_new(s->drawn, sizeof *s->term_of, error);
  s->factor_of = nd_new(s->linear, sizeof *s->factor_of, error);
  if (!s->hidden || !s->term_of || !s->factor_of) return NADIR_NO_MEMORY;
  if (s->any_turning || !has_factors(s, &on)) return NADIR_OK;
  put_together(s, &on);
  s->terms = number_terms(s);
  find_factors(s, &on);
  return NADIR_OK;
}

/* A factor times the size of what it multiplies, over the sample, is what its term is there. */
bool nd_guess_cancels(const nd_guess *s) {
  double sizes = 0;
  if (s->terms < 2) return false;
  for (size_t l = 0; l < s->linear; l++)
    if (s->factor_of[l] != SIZE_MAX && !s->hidden[l])
      sizes += fabs(s->solution[l]) * nd_qr_column_norm(s->linear + 1, s->triangle, l);
  return sizes > MOST_SIZES * sqrt(s->without);
}

/* ---- one after the other ---- */

typedef enum order { FORWARDS, BACKWARDS, ALIKE /* the factors have one sign */ } order;
_Static_assert(ALIKE + 1 == ND_GUESS_PURSUITS, "room for each");

typedef struct pursuit {
  nd_guess *guess;
  order how;
  size_t round, turn, term; /* which term is looked for at this turn of the round */
  double *best, left;       /* of all terms so far */
} pursuit;

static void show_terms(const pursuit *p) {
  nd_guess *s = p->guess;
  for (size_t l = 0; l < s->linear; l++)
    s->hidden[l] = p->round == 0 && s->factor_of[l] != SIZE_MAX &&
                   (p->how == BACKWARDS ? s->factor_of[l] < p->term : s->factor_of[l] > p->term);
}

static void draw_anew(const pursuit *p, uint64_t i, nd_random *random) {
  nd_guess *s = p->guess;
  uint64_t prime = 1;
  for (size_t k = 0; k < s->drawn; k++) {
    size_t at = s->model->free_index[s->drawn_at[k]];
    if (s->term_of[k] != p->term) continue;
    double u = nd_radical_inverse(i + 1, prime = nd_next_prime(prime));
    s->w[at] = nd_guess_within(nd_guess_number(s, u, random), &s->model->parameters[at]);
  }
}

static bool is_in(const pursuit *p, size_t k) {
  return p->term == TOGETHER || p->guess->term_of[k] == p->term;
}

/* One parameter is moved, and perhaps others, by a part of a column's range or by a part of itself. */
static void draw_near(const pursuit *p, nd_random *random) {
  nd_guess *s = p->guess;
  size_t members = 0, number = 0;
  for (size_t k = 0; k < s->drawn; k++)
    members += is_in(p, k);
  size_t chosen = (size_t)nd_random_below(random, members);
  for (size_t k = 0; k < s->drawn; k++) {
    size_t at = s->model->free_index[s->drawn_at[k]];
    if (!is_in(p, k)) continue;
    bool moves = nd_random_uniform(random) < ALSO, itself = nd_random_uniform(random) < 0.5;
    double sign = nd_random_uniform(random) < 0.5 ? -1 : 1;
    double step = LEAST_STEP * pow(MOST_STEP / LEAST_STEP, nd_random_uniform(random));
    if (number++ != chosen && !moves) continue;
    double by = itself || s->columns == 0 ? 4 * step * s->w[at]
                                          : step * (s->range[0].high - s->range[0].low);
    s->w[at] = nd_guess_within(s->w[at] + sign * by, &s->model->parameters[at]);
  }
}

static bool are_alike(const nd_guess *s) {
  bool up = false, down = false;
  for (size_t l = 0; l < s->linear; l++) {
    if (s->factor_of[l] == SIZE_MAX) continue;
    up |= s->solution[l] > 0;
    down |= s->solution[l] < 0;
  }
  return !(up && down);
}

static nadir_status take_if_lower(pursuit *p, nadir_error *error) {
  double left;
  ND_TRY(nd_guess_look(p->guess, p->left, &left, error));
  if (!(left < p->left)) return NADIR_OK;
  if (p->how == ALIKE && !are_alike(p->guess)) return NADIR_OK;
  p->left = left;
  memcpy(p->best, p->guess->w, p->guess->model->size * sizeof *p->best);
  return NADIR_OK;
}

static nadir_status look_for_term(pursuit *p, nadir_error *error) {
  nd_guess *s = p->guess;
  uint64_t draws = s->quick ? DRAWS / QUICKER : DRAWS;
  show_terms(p);
  p->left = HUGE_VAL;
  if (p->round > 0) {
    memcpy(s->w, p->best, s->model->size * sizeof *s->w);
    ND_TRY(take_if_lower(p, error));
  }
  for (uint64_t i = 0; i < draws; i++) {
    nd_random random = nd_random_stream(s->fitting->settings->seed, ND_FOR_START, i, 5);
    if (i % 64 == 0) ND_TRY(nd_go_on(s->rows->face.until, error));
    memcpy(s->w, p->best, s->model->size * sizeof *s->w);
    if (i * ANEW < draws && p->term != TOGETHER)
      draw_anew(p, i, &random);
    else
      draw_near(p, &random);
    ND_TRY(take_if_lower(p, error));
  }
  return NADIR_OK;
}

static nadir_status pursue(pursuit *p, order how, nadir_error *error) {
  nd_guess *s = p->guess;
  p->how = how;
  for (p->round = 0; p->round < ROUNDS; p->round++)
    for (p->turn = 0; p->turn < s->terms; p->turn++) {
      p->term = how == BACKWARDS ? s->terms - 1 - p->turn : p->turn;
      ND_TRY(look_for_term(p, error));
    }
  p->term = TOGETHER;
  ND_TRY(look_for_term(p, error));
  memcpy(s->w, p->best, s->model->size * sizeof *s->w);
  ND_TRY(nd_guess_look(s, HUGE_VAL, &s->of_terms[how].left, error));
  memcpy(s->of_terms[how].w, s->w, s->model->size * sizeof *s->w);
  nd_guess_keep(s, s->of_terms[how].left); /* others are drawn near it */
  return NADIR_OK;
}

nadir_status nd_guess_by_terms(nd_guess *s, nadir_error *error) {
  for (size_t k = 0; k < ND_GUESS_PURSUITS; k++)
    s->of_terms[k].left = HUGE_VAL;
  if (s->terms == 0) return NADIR_OK;
  pursuit p = {.guess = s, .best = nd_new(s->model->size, sizeof *p.best, error)};
  if (!p.best) return NADIR_NO_MEMORY;
  for (size_t l = 0; l < s->linear; l++)
    s->hidden[l] = s->factor_of[l] != SIZE_MAX;
  nadir_status status = nd_guess_look(s, HUGE_VAL, &s->without, error);
  for (order how = FORWARDS; how <= (s->terms > 1 ? ALIKE : FORWARDS) && status == NADIR_OK; how++)
    status = pursue(&p, how, error);
  memset(s->hidden, 0, s->linear * sizeof *s->hidden);
  nd_free(p.best);
  return status;
}
