/* Jensen's inequality for a sum over rows: S(w) = sum of f(w, row), as the loss of a fit is.
 *
 * f is enclosed in every row at p, q and the point between, each taken exactly, and the enclosures
 * are added; when the sum between lies above the chord whatever the rounding, S is not convex.
 * Precision is that of a double and some guard bits: a chord that is bent by less than a part in
 * 10^12 is not settled. Costs three enclosures of f a row, about 0.2 us for each node of f. */
#include "theory/enclose_internal.h"
#include "theory/theory_internal.h"

enum { PRECISION = 64 };

struct nd_row_chord {
  nd_encloser *encloser;
  size_t parameters, columns;
  nd_enclosure *at[ND_PLACES]; /* by parameter */
  nd_jensen sum;
};

static nadir_status take_points(nd_row_chord *c, const double *p, const double *q,
                                nadir_error *error) {
  for (nd_place k = ND_AT_P; k < ND_PLACES; k++) {
    c->at[k] = nd_new(c->parameters, sizeof *c->at[k], error);
    if (c->at[k] == NULL) return NADIR_NO_MEMORY;
    for (size_t i = 0; i < c->parameters; i++) {
      nd_enclosure_init(&c->at[k][i]);
      nd_jensen_coordinate(&c->sum, k, p[i], q[i], &c->at[k][i]);
    }
  }
  return NADIR_OK;
}

static nadir_status set_up(nd_row_chord *c, const nd_row_question *question, const double *p,
                           const double *q, nadir_error *error) {
  size_t count = question->parameter_count + question->column_count;
  nd_node *leaves = nd_new(count, sizeof *leaves, error);
  if (leaves == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    leaves[i] = i < question->parameter_count ? question->parameters[i]
                                              : question->columns[i - question->parameter_count];
  nadir_status status = nd_encloser_new(&c->encloser, question->graph, &question->root, 1, leaves,
                                        count, NULL, error);
  nd_free(leaves);
  return status == NADIR_OK ? take_points(c, p, q, error) : status;
}

nadir_status nd_row_chord_new(nd_row_chord **chord, const nd_row_question *question,
                              const double *p, const double *q, double weight, nadir_error *error) {
  *chord = NULL;
  nd_row_chord *c = nd_new(1, sizeof *c, error);
  if (c == NULL) return NADIR_NO_MEMORY;
  c->parameters = question->parameter_count;
  c->columns = question->column_count;
  nd_jensen_init(&c->sum, weight);
  for (size_t k = 0; k < ND_PLACES; k++)
    nd_enclosure_set_double(&c->sum.value[k], 0);
  nadir_status status = set_up(c, question, p, q, error);
  if (status == NADIR_OK)
    *chord = c;
  else
    nd_row_chord_free(c);
  return status;
}

void nd_row_chord_free(nd_row_chord *c) {
  if (c == NULL) return;
  for (size_t k = 0; k < ND_PLACES; k++) {
    for (size_t i = 0; c->at[k] != NULL && i < c->parameters; i++)
      nd_enclosure_clear(&c->at[k][i]);
    nd_free(c->at[k]);
  }
  nd_jensen_clear(&c->sum);
  nd_encloser_free(c->encloser);
  nd_free(c);
  nd_give_back();
}

size_t nd_row_chord_cost(const nd_row_chord *c) {
  return ND_PLACES * nd_encloser_size(c->encloser);
}

void nd_row_chord_add(nd_row_chord *c, const double *columns) {
  for (size_t i = 0; i < c->columns; i++)
    nd_enclosure_set_double(nd_encloser_leaf(c->encloser, c->parameters + i), columns[i]);
  for (size_t k = 0; k < ND_PLACES; k++) {
    nd_enclosure *sum = &c->sum.value[k];
    if (!sum->defined) return;
    for (size_t i = 0; i < c->parameters; i++)
      nd_enclosure_set(nd_encloser_leaf(c->encloser, i), &c->at[k][i]);
    nd_encloser_run(c->encloser, PRECISION);
    const nd_enclosure *value = nd_encloser_root(c->encloser, 0);
    sum->defined = value->defined;
    if (sum->defined) nd_enclosure_add(sum, sum, value, PRECISION);
  }
}

bool nd_row_chord_is_broken(nd_row_chord *c, double values[4]) {
  bool broken = nd_jensen_is_broken(&c->sum, 1, PRECISION);
  nd_jensen_middles(&c->sum, values);
  return broken;
}
