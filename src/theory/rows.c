/* Jensen's inequality for a sum over rows: S(w) = sum of f(w, row), as the loss of a fit is.
 *
 * f is enclosed in every row at p, q and the point between, each taken exactly, and the enclosures
 * are added; when the sum between lies above the chord whatever the rounding, S is not convex.
 * Precision is that of a double and some guard bits: a chord that is bent by less than a part in
 * 10^12 is not settled. Costs three enclosures of f a row, about 0.2 us for each node of f. */
#include "theory/enclose_internal.h"
#include "theory/theory.h"

enum { PRECISION = 64, PLACES = 3 };
enum { AT_P, AT_Q, BETWEEN };

struct nd_row_chord {
  nd_encloser *encloser;
  size_t parameters, columns;
  nd_enclosure *at[PLACES]; /* by parameter: p, q, t p + (1-t) q */
  nd_enclosure sum[PLACES];
  nd_enclosure weight, rest; /* t, 1-t */
  bool defined;
};

static void set_between(nd_row_chord *c) {
  nd_enclosure part;
  nd_enclosure_init(&part);
  for (size_t i = 0; i < c->parameters; i++) {
    nd_enclosure *x = &c->at[BETWEEN][i];
    nd_enclosure_mul(x, &c->weight, &c->at[AT_P][i], ARF_PREC_EXACT);
    nd_enclosure_mul(&part, &c->rest, &c->at[AT_Q][i], ARF_PREC_EXACT);
    nd_enclosure_add(x, x, &part, ARF_PREC_EXACT);
  }
  nd_enclosure_clear(&part);
}

static nadir_status take_points(nd_row_chord *c, nadir_error *error) {
  for (size_t k = 0; k < PLACES; k++) {
    c->at[k] = nd_new(c->parameters, sizeof *c->at[k], error);
    if (c->at[k] == NULL) return NADIR_NO_MEMORY;
    for (size_t i = 0; i < c->parameters; i++)
      nd_enclosure_init(&c->at[k][i]);
  }
  return NADIR_OK;
}

static nadir_status set_up(nd_row_chord *c, const nd_row_question *question, const double *p,
                           const double *q, double weight, nadir_error *error) {
  size_t count = question->parameter_count + question->column_count;
  nd_node *leaves = nd_new(count, sizeof *leaves, error);
  if (leaves == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    leaves[i] = i < question->parameter_count ? question->parameters[i]
                                              : question->columns[i - question->parameter_count];
  nadir_status status =
      nd_encloser_new(&c->encloser, question->graph, &question->root, 1, leaves, count, error);
  nd_free(leaves);
  if (status == NADIR_OK) status = take_points(c, error);
  if (status != NADIR_OK) return status;
  for (size_t i = 0; i < c->parameters; i++) {
    nd_enclosure_set_double(&c->at[AT_P][i], p[i]);
    nd_enclosure_set_double(&c->at[AT_Q][i], q[i]);
  }
  nd_enclosure_set_double(&c->weight, weight);
  nd_enclosure_set_double(&c->rest, 1 - weight);
  set_between(c);
  return NADIR_OK;
}

nadir_status nd_row_chord_new(nd_row_chord **chord, const nd_row_question *question,
                              const double *p, const double *q, double weight, nadir_error *error) {
  *chord = NULL;
  nd_row_chord *c = nd_new(1, sizeof *c, error);
  if (c == NULL) return NADIR_NO_MEMORY;
  c->parameters = question->parameter_count;
  c->columns = question->column_count;
  c->defined = true;
  nd_enclosure_init(&c->weight);
  nd_enclosure_init(&c->rest);
  for (size_t k = 0; k < PLACES; k++) {
    nd_enclosure_init(&c->sum[k]);
    nd_enclosure_set_double(&c->sum[k], 0);
  }
  nadir_status status = set_up(c, question, p, q, weight, error);
  if (status == NADIR_OK)
    *chord = c;
  else
    nd_row_chord_free(c);
  return status;
}

void nd_row_chord_free(nd_row_chord *c) {
  if (c == NULL) return;
  for (size_t k = 0; k < PLACES; k++) {
    for (size_t i = 0; c->at[k] != NULL && i < c->parameters; i++)
      nd_enclosure_clear(&c->at[k][i]);
    nd_free(c->at[k]);
    nd_enclosure_clear(&c->sum[k]);
  }
  nd_enclosure_clear(&c->weight);
  nd_enclosure_clear(&c->rest);
  nd_encloser_free(c->encloser);
  nd_free(c);
}

size_t nd_row_chord_cost(const nd_row_chord *c) {
  return PLACES * nd_encloser_size(c->encloser);
}

void nd_row_chord_add(nd_row_chord *c, const double *columns) {
  for (size_t i = 0; i < c->columns; i++)
    nd_enclosure_set_double(nd_encloser_leaf(c->encloser, c->parameters + i), columns[i]);
  for (size_t k = 0; k < PLACES && c->defined; k++) {
    for (size_t i = 0; i < c->parameters; i++)
      nd_enclosure_set(nd_encloser_leaf(c->encloser, i), &c->at[k][i]);
    nd_encloser_run(c->encloser, PRECISION);
    const nd_enclosure *value = nd_encloser_root(c->encloser, 0);
    c->defined = value->defined;
    if (c->defined) nd_enclosure_add(&c->sum[k], &c->sum[k], value, PRECISION);
  }
}

static double middle(const nd_enclosure *x) {
  double low = nd_enclosure_low(x);
  return low + (nd_enclosure_high(x) - low) / 2;
}

bool nd_row_chord_is_broken(const nd_row_chord *c, double values[4]) {
  nd_enclosure line, part;
  nd_enclosure_init(&line);
  nd_enclosure_init(&part);
  nd_enclosure_mul(&line, &c->weight, &c->sum[AT_P], PRECISION);
  nd_enclosure_mul(&part, &c->rest, &c->sum[AT_Q], PRECISION);
  nd_enclosure_add(&line, &line, &part, PRECISION);
  bool broken = c->defined && arf_cmp(c->sum[BETWEEN].low, line.high) > 0;
  for (size_t k = 0; k < PLACES; k++)
    values[k] = middle(&c->sum[k]);
  values[PLACES] = middle(&line);
  nd_enclosure_clear(&line);
  nd_enclosure_clear(&part);
  return broken;
}
