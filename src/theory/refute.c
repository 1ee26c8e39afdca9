/* Two points and a weight at which Jensen's inequality fails.
 *
 * The search is in double: chords between points drawn over the domain, tails included, and short
 * chords along the eigenvectors of negative curvature. A chord that looks bent is first rounded to
 * as few digits as it bears, then verified: f at the three points is enclosed at rising precision,
 * with every point exact, until the enclosures are apart. What is not verified is not said.
 *
 * The weight is 1/2 or 1/4, so that the point between is exact too. Constants get values within
 * their facts. Where f is defined at both ends and surely not between, the domain is not convex,
 * which refutes both. Costs SEARCHES evaluations and some hundred enclosures. */
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "theory/hessian_internal.h"
#include "theory/theory_internal.h"

enum { SEARCHES = 4000, WHOLE = 200, SAMPLES = 240, TRIES = 200, CURVED_LIMIT = 12 };
enum { LEAST_BITS = 64, MOST_BITS = 1024 };

typedef struct chord {
  double *p, *q; /* by dimension: parameters, then constants (the same in both) */
  double weight;
} chord;

typedef struct hunt {
  const nd_question *question;
  nd_budget *budget;
  size_t n, dimensions;
  nd_node *leaves; /* parameters, then constants */
  nd_interval *sides;
  double *values; /* by node */
  nd_encloser *encloser;
  chord now, trial;
  double *between;
  nadir_error *error;
} hunt;

/* ---- facts ---- */

static bool within_range(double x, const nd_range *range) {
  fmpq_t value, bound;
  arf_t end;
  bool good = range->count == 0;
  fmpq_init(value);
  fmpq_init(bound);
  arf_init(end);
  arf_set_d(end, x);
  arf_get_fmpq(value, end);
  for (size_t i = 0; i < range->count && !good; i++)
    good = nd_read_decimal(range->values[i], bound) && fmpq_equal(value, bound);
  if (range->count == 0 && range->low != NULL) {
    int order = nd_read_decimal(range->low, bound) ? fmpq_cmp(value, bound) : -1;
    good = order > 0 || (order == 0 && !range->low_open);
  }
  if (range->count == 0 && range->high != NULL && good) {
    int order = nd_read_decimal(range->high, bound) ? fmpq_cmp(value, bound) : 1;
    good = order < 0 || (order == 0 && !range->high_open);
  }
  fmpq_clear(value);
  fmpq_clear(bound);
  arf_clear(end);
  return good;
}

/* Whether a value, exactly as the double it is, is allowed by every fact on dimension d. */
static bool allowed(const hunt *h, size_t d, double x) {
  if (!isfinite(x)) return false;
  for (size_t i = 0; i < h->question->fact_count; i++)
    if (h->question->facts[i].name == h->leaves[d] &&
        !within_range(x, &h->question->facts[i].range))
      return false;
  return true;
}

static bool point_allowed(const hunt *h, const double *x) {
  for (size_t d = 0; d < h->dimensions; d++)
    if (!allowed(h, d, x[d])) return false;
  return true;
}

/* ---- in double ---- */

/* Where f does not exist, or the formula has a text: NaN. */
static nadir_status value_at(hunt *h, const double *x, double *value) {
  nadir_error text;
  for (size_t d = 0; d < h->dimensions; d++)
    h->values[h->leaves[d]] = x[d];
  nadir_status status = nd_evaluate(h->question->graph, &h->question->root, 1, h->values, &text);
  *value = status == NADIR_OK ? h->values[h->question->root] : (double)NAN;
  if (status == NADIR_NO_MEMORY && h->error != NULL) *h->error = text;
  return status == NADIR_NO_MEMORY ? status : NADIR_OK;
}

static void set_between(hunt *h, const chord *c) {
  for (size_t d = 0; d < h->dimensions; d++)
    h->between[d] = c->p[d] == c->q[d] ? c->p[d] : c->weight * c->p[d] + (1 - c->weight) * c->q[d];
}

/* How clearly the chord is broken: > 0 where f between lies above (sign 1) or below (-1) it, -1
 * where nothing is to be seen. left: f exists at both ends, and not between. */
static nadir_status excess(hunt *h, const chord *c, int sign, double *clarity, bool *left) {
  double at_p, at_q, middle;
  ND_TRY(value_at(h, c->p, &at_p));
  ND_TRY(value_at(h, c->q, &at_q));
  set_between(h, c);
  ND_TRY(value_at(h, h->between, &middle));
  double line = c->weight * at_p + (1 - c->weight) * at_q;
  double size = fabs(at_p) + fabs(at_q) + fabs(middle);
  *clarity = isfinite(line) && isfinite(middle) && size > 0 ? sign * (middle - line) / size : -1;
  *left = isfinite(at_p) && isfinite(at_q) && isnan(middle);
  return NADIR_OK;
}

/* ---- for certain ---- */

static void enclose_chord(hunt *h, const chord *c, nd_jensen *j, slong precision) {
  j->weight = c->weight;
  for (nd_place k = ND_AT_P; k < ND_PLACES; k++) {
    for (size_t d = 0; d < h->dimensions; d++)
      nd_jensen_coordinate(j, k, c->p[d], c->q[d], nd_encloser_leaf(h->encloser, d));
    nd_encloser_run(h->encloser, precision);
    nd_enclosure_set(&j->value[k], nd_encloser_root(h->encloser, 0));
  }
}

/* Whether f exists at p and q and surely not between. */
static bool leaves_domain(const nd_jensen *j) {
  return j->value[ND_AT_P].defined && j->value[ND_AT_Q].defined && j->value[ND_BETWEEN].nowhere;
}

/* Whether the inequality fails for certain (sign 0: the point between is outside of the domain).
 * Once it does, more bits are taken until the values can be shown. */
static bool verify(hunt *h, const chord *c, int sign, nd_jensen *j) {
  bool found = false;
  if (!point_allowed(h, c->p) || !point_allowed(h, c->q)) return false;
  for (slong precision = LEAST_BITS; precision <= MOST_BITS; precision *= 4) {
    if (nd_out_of_time(h->budget)) return false;
    enclose_chord(h, c, j, precision);
    bool broken = nd_jensen_is_broken(j, sign, precision);
    found = found || (sign == 0 ? leaves_domain(j) : broken);
    if (found && nd_jensen_is_sharp(j)) return true;
  }
  return false; /* a witness whose values cannot be told is none */
}

/* ---- short numbers ---- */

static double round_off(double x) {
  return round(x) + 0.0; /* no -0 */
}

static bool round_chord(hunt *h, const chord *from, chord *to, int digits, bool grid) {
  bool apart = false;
  to->weight = from->weight;
  for (size_t d = 0; d < h->dimensions; d++) {
    to->p[d] = grid ? round_off(from->p[d]) : nd_round_digits(from->p[d], digits);
    to->q[d] = grid ? round_off(from->q[d]) : nd_round_digits(from->q[d], digits);
    if (!allowed(h, d, to->p[d])) to->p[d] = from->p[d];
    if (!allowed(h, d, to->q[d])) to->q[d] = from->q[d];
    if (d >= h->n) to->q[d] = to->p[d];
    apart = apart || to->p[d] != to->q[d];
  }
  return apart;
}

/* The roundest form of the chord that is verified, in h->trial; false where none is. */
static bool settle(hunt *h, const chord *found, int sign, nd_jensen *j) {
  if (round_chord(h, found, &h->trial, 0, true) && verify(h, &h->trial, sign, j)) return true;
  for (int digits = 1; digits <= 6; digits++)
    if (round_chord(h, found, &h->trial, digits, false) && verify(h, &h->trial, sign, j))
      return true;
  h->trial.weight = found->weight;
  memcpy(h->trial.p, found->p, h->dimensions * sizeof *found->p);
  memcpy(h->trial.q, found->q, h->dimensions * sizeof *found->q);
  return verify(h, &h->trial, sign, j);
}

/* ---- the search ---- */

static double draw(nd_random *random, const nd_interval *side, double spread) {
  double low = side->low, high = side->high, u = nd_random_uniform(random);
  if (!(low < high)) return low;
  if (isinf(low) && isinf(high)) return spread * nd_random_normal(random);
  if (isinf(high)) return low + exp(spread / 3 * nd_random_normal(random));
  if (isinf(low)) return high - exp(spread / 3 * nd_random_normal(random));
  if (u < 0.1) return low + (high - low) * exp(-10 * nd_random_uniform(random));
  if (u < 0.2) return high - (high - low) * exp(-10 * nd_random_uniform(random));
  return low + (high - low) * nd_random_uniform(random);
}

static double draw_constant(hunt *h, nd_random *random, size_t d) {
  for (size_t i = 0; i < h->question->fact_count; i++) {
    const nd_fact *fact = &h->question->facts[i];
    double value = 0;
    if (fact->name != h->leaves[d] || fact->range.count == 0) continue;
    const char *text = fact->range.values[nd_random_below(random, fact->range.count)];
    nd_read_number(text, text + strlen(text), &value);
    return value;
  }
  double x = draw(random, &h->sides[d], 2);
  return allowed(h, d, nd_round_digits(x, 1)) ? nd_round_digits(x, 1) : x;
}

static void draw_chord(hunt *h, nd_random *random, chord *c) {
  static const double spreads[] = {1, 3, 0.3, 10, 30};
  double spread = spreads[nd_random_below(random, ND_COUNT(spreads))];
  double kind = nd_random_uniform(random);
  c->weight = nd_random_uniform(random) < 0.7 ? 0.5 : nd_random_uniform(random) < 0.5 ? 0.25 : 0.75;
  size_t alone = nd_random_below(random, h->n);
  for (size_t d = 0; d < h->dimensions; d++) {
    if (d >= h->n) {
      c->p[d] = c->q[d] = draw_constant(h, random, d);
      continue;
    }
    c->p[d] = draw(random, &h->sides[d], spread);
    c->q[d] = draw(random, &h->sides[d], spread);
    if (kind < 0.25) c->q[d] = c->p[d] + 0.05 * spread * nd_random_normal(random);
    if (kind > 0.85 && d != alone) c->q[d] = c->p[d];
  }
}

/* Small whole numbers, which a person can check: the first chords to be looked at. */
static void draw_whole_chord(hunt *h, nd_random *random, size_t round, chord *c) {
  double reach = round < 60 ? 2 : 5;
  draw_chord(h, random, c);
  c->weight = 0.5;
  for (size_t d = 0; d < h->n; d++) {
    double p = round_off(reach * (2 * nd_random_uniform(random) - 1));
    double q = round_off(reach * (2 * nd_random_uniform(random) - 1));
    if (allowed(h, d, p)) c->p[d] = p;
    if (allowed(h, d, q)) c->q[d] = q;
  }
}

static nadir_status keep(hunt *h, nd_verdict *verdict, nd_witness **kept, const nd_jensen *j,
                         bool leaves) {
  nd_witness *w = nd_new(1, sizeof *w, h->error);
  size_t constants = h->dimensions - h->n;
  if (w == NULL) return NADIR_NO_MEMORY;
  *kept = w; /* owned by the verdict from here on, so freed with it */
  w->p = nd_new(h->n, sizeof *w->p, h->error);
  w->q = nd_new(h->n, sizeof *w->q, h->error);
  w->constants = nd_new(constants, sizeof *w->constants, h->error);
  w->constant_names = nd_new(constants, sizeof *w->constant_names, h->error);
  if (w->p == NULL || w->q == NULL || w->constants == NULL || w->constant_names == NULL)
    return NADIR_NO_MEMORY;
  memcpy(w->p, h->trial.p, h->n * sizeof *w->p);
  memcpy(w->q, h->trial.q, h->n * sizeof *w->q);
  for (size_t i = 0; i < constants; i++) {
    const char *name = nd_node_text(h->question->graph, h->leaves[h->n + i]);
    w->constants[i] = h->trial.p[h->n + i];
    w->constant_names[i] = nd_copy_text(name, strlen(name), h->error);
    if (w->constant_names[i] == NULL) return NADIR_NO_MEMORY;
    w->constant_count = i + 1;
  }
  w->weight = h->trial.weight;
  w->leaves_domain = leaves;
  double values[ND_PLACES + 1];
  nd_jensen_middles(j, values);
  w->at_p = values[ND_AT_P];
  w->at_q = values[ND_AT_Q];
  w->between = leaves ? (double)NAN : values[ND_BETWEEN];
  w->chord = values[ND_PLACES];
  if (verdict->by == NADIR_BY_NOTHING) verdict->by = NADIR_BY_REFUTATION;
  return NADIR_OK;
}

static bool open_question(const nd_verdict *v, int sign) {
  return sign > 0 ? v->convex == NADIR_NOT_KNOWN && v->not_convex == NULL
                  : v->concave == NADIR_NOT_KNOWN && v->not_concave == NULL;
}

static nadir_status answer(hunt *h, nd_verdict *v, int sign, const nd_jensen *j, bool leaves) {
  if (sign > 0)
    v->convex = NADIR_REFUTED;
  else
    v->concave = NADIR_REFUTED;
  v->affine = NADIR_REFUTED;
  return keep(h, v, sign > 0 ? &v->not_convex : &v->not_concave, j, leaves);
}

/* A domain that is not convex refutes every word about f on it. */
static nadir_status answer_domain(hunt *h, nd_verdict *v, const nd_jensen *j) {
  if (open_question(v, 1)) ND_TRY(answer(h, v, 1, j, true));
  if (open_question(v, -1)) ND_TRY(answer(h, v, -1, j, true));
  return NADIR_OK;
}

/* The best of the drawn chords for one sign, and one that leaves the domain. */
static nadir_status by_chords(hunt *h, nd_verdict *v, int sign, bool domain_convex) {
  nd_random random = nd_random_stream(sign > 0 ? 11 : 12, ND_FOR_TEST, 0, 0);
  nd_jensen j;
  unsigned tried = 0;
  nd_jensen_init(&j, 0.5);
  nadir_status status = NADIR_OK;
  for (size_t k = 0; k < SEARCHES && open_question(v, sign) && status == NADIR_OK; k++) {
    if (nd_out_of_time(h->budget)) break;
    if (k < WHOLE)
      draw_whole_chord(h, &random, k, &h->now);
    else
      draw_chord(h, &random, &h->now);
    double e;
    bool left;
    status = excess(h, &h->now, sign, &e, &left);
    if (status != NADIR_OK || tried == TRIES) break;
    if (e > (k < SEARCHES / 4 ? 1e-3 : 1e-12)) {
      tried++;
      if (settle(h, &h->now, sign, &j)) status = answer(h, v, sign, &j, false);
    } else if (left && !domain_convex) {
      tried++;
      if (settle(h, &h->now, 0, &j)) status = answer_domain(h, v, &j);
    }
  }
  nd_jensen_clear(&j);
  return status;
}

/* ---- along negative curvature ---- */

typedef struct curved {
  nd_node *entries;
  double *matrix, *eigenvalues, *vectors, *at;
} curved;

/* Chords of falling length through a point along an eigenvector of wrong sign. */
static nadir_status along(hunt *h, nd_verdict *v, int sign, const curved *c, size_t row) {
  nd_jensen j;
  nd_jensen_init(&j, 0.5);
  nadir_status status = NADIR_OK;
  double size = 1 + nd_norm(h->n, c->at);
  for (int k = 0; k < 24 && open_question(v, sign) && status == NADIR_OK; k++) {
    double step = size * ldexp(1, -k);
    h->now.weight = 0.5;
    for (size_t d = 0; d < h->dimensions; d++) {
      double move = d < h->n ? step * c->vectors[row * h->n + d] : 0;
      h->now.p[d] = c->at[d] - move;
      h->now.q[d] = c->at[d] + move;
    }
    if (!point_allowed(h, h->now.p) || !point_allowed(h, h->now.q)) continue;
    double e;
    bool left;
    status = excess(h, &h->now, sign, &e, &left);
    if (status != NADIR_OK || e <= 0) continue;
    if (settle(h, &h->now, sign, &j)) status = answer(h, v, sign, &j, false);
  }
  nd_jensen_clear(&j);
  return status;
}

static nadir_status by_curvature_with(hunt *h, nd_verdict *v, curved *c) {
  size_t n = h->n;
  nd_random random = nd_random_stream(13, ND_FOR_TEST, 0, 0);
  unsigned tried = 0;
  for (size_t k = 0; k < SAMPLES && tried < CURVED_LIMIT; k++) {
    if (nd_out_of_time(h->budget) || (!open_question(v, 1) && !open_question(v, -1))) break;
    draw_chord(h, &random, &h->now);
    memcpy(c->at, h->now.p, h->dimensions * sizeof *c->at);
    for (size_t d = 0; d < h->dimensions; d++)
      h->values[h->leaves[d]] = c->at[d];
    ND_TRY(nd_evaluate(h->question->graph, c->entries, n * n, h->values, h->error));
    for (size_t i = 0; i < n * n; i++)
      c->matrix[i] = h->values[c->entries[i]];
    if (!nd_all_finite(n * n, c->matrix)) continue;
    ND_TRY(nd_eigen(n, c->matrix, c->eigenvalues, c->vectors, NULL, h->error));
    double slack = 1e-9 * fmax(fabs(c->eigenvalues[0]), fabs(c->eigenvalues[n - 1]));
    bool low = open_question(v, 1) && c->eigenvalues[0] < -slack;
    bool high = open_question(v, -1) && c->eigenvalues[n - 1] > slack;
    if (low || high) tried++;
    if (low) ND_TRY(along(h, v, 1, c, 0));
    if (high) ND_TRY(along(h, v, -1, c, n - 1));
  }
  return NADIR_OK;
}

static nadir_status by_curvature(hunt *h, nd_verdict *v) {
  size_t n = h->n, size;
  if (n > 12 || !nd_multiply(n, n, &size)) return NADIR_OK;
  curved c = {nd_new(size, sizeof(nd_node), h->error), nd_new(size, sizeof(double), h->error),
              nd_new(n, sizeof(double), h->error), nd_new(size, sizeof(double), h->error),
              nd_new(h->dimensions, sizeof(double), h->error)};
  nadir_status status = NADIR_NO_MEMORY;
  if (c.entries != NULL && c.matrix != NULL && c.eigenvalues != NULL && c.vectors != NULL &&
      c.at != NULL)
    status = nd_hessian_nodes(h->question, c.entries, h->error);
  if (status == NADIR_OK) { /* the graph has grown */
    nd_free(h->values);
    h->values = nd_new(nd_graph_size(h->question->graph), sizeof *h->values, h->error);
    status = h->values == NULL ? NADIR_NO_MEMORY : by_curvature_with(h, v, &c);
  }
  nd_free(c.entries);
  nd_free(c.matrix);
  nd_free(c.eigenvalues);
  nd_free(c.vectors);
  nd_free(c.at);
  return status;
}

/* ---- set-up ---- */

static nadir_status take(hunt *h, const nd_domain *domain) {
  size_t d = h->dimensions;
  h->leaves = nd_new(d, sizeof *h->leaves, h->error);
  h->sides = nd_new(d, sizeof *h->sides, h->error);
  h->values = nd_new(nd_graph_size(h->question->graph), sizeof *h->values, h->error);
  double *numbers = nd_new(5 * d, sizeof *numbers, h->error);
  h->between = numbers;
  if (h->leaves == NULL || h->sides == NULL || h->values == NULL || numbers == NULL)
    return NADIR_NO_MEMORY;
  h->now = (chord){numbers + d, numbers + 2 * d, 0.5};
  h->trial = (chord){numbers + 3 * d, numbers + 4 * d, 0.5};
  for (size_t i = 0; i < d; i++) {
    h->leaves[i] = i < h->n ? h->question->parameters[i] : domain->names[i - h->n];
    h->sides[i] = i < h->n ? domain->box[i] : domain->constants[i - h->n];
  }
  return nd_encloser_new(&h->encloser, h->question->graph, &h->question->root, 1, h->leaves, d,
                         &h->budget->until, h->error);
}

static nadir_status search(hunt *h, nd_verdict *v, bool domain_convex) {
  if (open_question(v, 1)) ND_TRY(by_chords(h, v, 1, domain_convex));
  if (open_question(v, -1)) ND_TRY(by_chords(h, v, -1, domain_convex));
  if (open_question(v, 1) || open_question(v, -1)) return by_curvature(h, v);
  return NADIR_OK;
}

nadir_status nd_refute(const nd_question *question, nd_budget *budget, nd_verdict *verdict,
                       nadir_error *error) {
  nd_domain domain = {0};
  hunt h = {.question = question, .budget = budget, .error = error, .n = question->parameter_count};
  if (h.n == 0) return NADIR_OK;
  ND_TRY(nd_domain_find(question, budget, &domain, error));
  h.dimensions = h.n + domain.constant_count;
  nadir_status status = take(&h, &domain);
  if (status == NADIR_OK) status = search(&h, verdict, domain.convex);
  nd_encloser_free(h.encloser);
  nd_free(h.leaves);
  nd_free(h.sides);
  nd_free(h.values);
  nd_free(h.between);
  nd_domain_clear(&domain);
  return status;
}
