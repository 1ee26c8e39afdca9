/* Is the objective of a fit not convex? Two points between which the mean loss lies above its chord
 * show it (Jensen's inequality), and that may be so though, or unless, each row's loss is convex.
 *
 * The search is in double: the loss is looked at in equal steps along lines through the end of the
 * descent - each parameter's axis, then directions at random - and every three points of a line
 * that are equally far apart are a chord, so 17 passes over the rows try 64 of them. The chord that
 * is bent most is rounded to as few digits as it bears, in the table's own units, and only then
 * proved: theory/row_chord.c encloses the loss of every row, so that rounding cannot fake it.
 *
 * The objective is that over the features, targets and weights as the descent read them. Costs at
 * most MOST_WORK products of row and parameter, and MOST_ENCLOSURES enclosures; a table that is
 * larger is left open. */
#include <string.h>

#include "judge/judge.h"
#include "objective/of_table.h"

enum { SIDE = 8, POINTS = 2 * SIDE + 1, MOST_PASSES = 600, MOST_AXES = 8, MOST_SIZE = 256 };
enum { ROWS_AT_ONCE = 64 }; /* between two looks at the clock */
static const double MOST_WORK = 1e8, MOST_ENCLOSURES = 4e6;
static const double CLEAR = 0.02; /* of the losses' size: a chord that need not be bettered */
static const double LEAST = 1e-9, TINY = 1e-9;

typedef struct hunt {
  const nd_table_objective *self;
  const nd_run *run;
  size_t size, passes; /* passes: how many are left */
  double *direction, *at, *p, *q, *table_p, *table_q;
  double *reach; /* how far it is looked along each parameter, and that in the table's units */
  double *table_reach;
  double bent; /* how much, of the losses' size, the chord from p to q is; 0 without one */
} hunt;

/* ---- the search ---- */

static nadir_status loss_at(hunt *h, const double *w, double *loss, nadir_error *error) {
  const nd_objective *face = &h->self->face;
  ND_TRY(face->problem.value(face->problem.context, w, loss, error));
  *loss += nd_l1_penalty(face, w);
  return NADIR_OK;
}

static double bend(double p, double between, double q) {
  double size = fabs(p) + fabs(between) + fabs(q);
  return isfinite(size) && size > 0 ? (between - (p + q) / 2) / size : 0;
}

static void set_point(const hunt *h, double along, double *w) {
  for (size_t i = 0; i < h->size; i++)
    w[i] = h->run->w[i] + along * h->direction[i];
}

/* The loss in steps along a line through the end, and the chord on it that is bent most. */
static nadir_status scan(hunt *h, double step, nadir_error *error) {
  double loss[POINTS];
  if (h->passes < POINTS || h->bent >= CLEAR) return NADIR_OK;
  h->passes -= POINTS;
  for (int k = 0; k < POINTS; k++) {
    set_point(h, (k - SIDE) * step, h->at);
    ND_TRY(loss_at(h, h->at, &loss[k], error));
  }
  for (int apart = 1; apart <= SIDE; apart++)
    for (int k = apart; k + apart < POINTS; k++) {
      double bent = bend(loss[k - apart], loss[k], loss[k + apart]);
      if (bent <= h->bent) continue;
      h->bent = bent;
      set_point(h, (k - apart - SIDE) * step, h->p);
      set_point(h, (k + apart - SIDE) * step, h->q);
    }
  return NADIR_OK;
}

/* As far as the parameter is from 0 and has come from its start, else 1. */
static void find_reach(hunt *h) {
  for (size_t i = 0; i < h->size; i++) {
    double far = fabs(h->run->w[i]) + h->run->reach[i];
    h->reach[i] = far > 0 && isfinite(far) ? far : 1;
    h->at[i] = h->run->w[i] + h->reach[i];
  }
  nd_model_to_table(h->self->model, h->at, h->table_reach);
  nd_model_to_table(h->self->model, h->run->w, h->table_p);
  for (size_t i = 0; i < h->size; i++)
    h->table_reach[i] = fabs(h->table_reach[i]) + fabs(h->table_p[i]);
}

static nadir_status search(hunt *h, nadir_error *error) {
  static const double scales[] = {0.25, 1, 0.0625, 4};
  nd_random random = nd_random_stream(0, ND_FOR_START, 0, 2);
  for (size_t s = 0; s < ND_COUNT(scales); s++)
    for (size_t i = 0; i < h->size && i < MOST_AXES; i++) {
      memset(h->direction, 0, h->size * sizeof *h->direction);
      h->direction[i] = h->reach[i];
      ND_TRY(scan(h, scales[s], error));
    }
  for (size_t turn = 0; h->passes >= POINTS && h->bent < CLEAR; turn++) {
    for (size_t i = 0; i < h->size; i++)
      h->direction[i] = h->reach[i] * nd_random_normal(&random);
    ND_TRY(scan(h, scales[turn % ND_COUNT(scales)], error));
  }
  return NADIR_OK;
}

/* ---- the proof ---- */

typedef struct row_formula {
  nd_row_question question;
  nd_node *parameters, *columns;
  double *row; /* the values of the columns: those of nd_packed, then the features' widths */
} row_formula;

static nadir_status make_two(nd_graph *graph, nd_op op, nd_node a, nd_node b, nd_node *node,
                             nadir_error *error) {
  return nd_make(graph, op, (nd_node[]){a, b}, 2, node, error);
}

static nadir_status name_all(const hunt *h, row_formula *f, nadir_error *error) {
  const nd_model *model = h->self->model;
  const nd_data *data = h->self->data;
  size_t features = model->feature_count;
  for (size_t i = 0; i < h->size; i++)
    ND_TRY(nd_make_fresh_name(model->graph, "parameter", &f->parameters[i], error));
  for (size_t i = 0; i < model->free_count; i++)
    f->parameters[model->free_index[i]] = model->free[i];
  for (size_t j = 0; j < features; j++) {
    ND_TRY(nd_make_fresh_name(model->graph, "feature", &f->columns[j], error));
    ND_TRY(nd_make_fresh_name(model->graph, "width", &f->columns[data->width + j], error));
    f->row[data->width + j] = model->scaling[j].width;
  }
  f->columns[nd_packed_target(data)] = model->target_leaf;
  ND_TRY(nd_make_fresh_name(model->graph, "weight", &f->columns[nd_packed_weight(data)], error));
  for (size_t i = 0; i < data->tail_count; i++)
    f->columns[data->tail_column[i]] = data->tail[i];
  return NADIR_OK;
}

/* eta = b + sum w x */
static nadir_status make_eta(const nd_model *model, const nd_head *head, const row_formula *f,
                             nd_node *eta, nadir_error *error) {
  nd_node product;
  if (head->intercept == SIZE_MAX)
    ND_TRY(nd_make_number(model->graph, 0, eta, error));
  else
    *eta = f->parameters[head->intercept];
  for (size_t j = 0; j < head->features; j++) {
    ND_TRY(make_two(model->graph, ND_MUL, f->parameters[head->first_weight + j],
                    f->columns[head->first_feature + j], &product, error));
    ND_TRY(make_two(model->graph, ND_ADD, *eta, product, eta, error));
  }
  return NADIR_OK;
}

/* l2/2 v^2 + l1 |v| of one parameter, v being the one that is descended on. */
static nadir_status add_penalty(const hunt *h, const row_formula *f, size_t i, nd_node *root,
                                nadir_error *error) {
  const nd_table_objective *self = h->self;
  nd_graph *graph = self->model->graph;
  nd_node v = f->parameters[i], term, strength;
  if (self->model->parameters[i].kind == ND_WEIGHT) {
    size_t width = self->data->width + self->model->parameters[i].feature;
    ND_TRY(make_two(graph, ND_MUL, v, f->columns[width], &v, error));
  }
  if (self->ridge && self->ridge[i] > 0) {
    ND_TRY(make_two(graph, ND_MUL, v, v, &term, error));
    ND_TRY(nd_make_number(graph, self->ridge[i] / 2, &strength, error));
    ND_TRY(make_two(graph, ND_MUL, strength, term, &term, error));
    ND_TRY(make_two(graph, ND_ADD, *root, term, root, error));
  }
  if (self->l1 && self->l1[i] > 0) {
    ND_TRY(nd_make(graph, ND_ABS, &v, 1, &term, error));
    ND_TRY(nd_make_number(graph, self->l1[i], &strength, error));
    ND_TRY(make_two(graph, ND_MUL, strength, term, &term, error));
    ND_TRY(make_two(graph, ND_ADD, *root, term, root, error));
  }
  return NADIR_OK;
}

/* weight * (loss of the row + penalty), over the model's parameters in the table's units. */
static nadir_status make_root(const hunt *h, row_formula *f, nd_node *etas, nadir_error *error) {
  const nd_model *model = h->self->model;
  nd_node *root = &f->question.root;
  for (size_t k = 0; k < model->head_count; k++)
    ND_TRY(make_eta(model, &model->heads[k], f, &etas[k], error));
  ND_TRY(nd_substitute(model->graph, model->loss_node, model->etas, etas, model->head_count, root,
                       error));
  for (size_t i = 0; i < h->size; i++)
    ND_TRY(add_penalty(h, f, i, root, error));
  if (!h->self->data->weighted) return NADIR_OK;
  return make_two(model->graph, ND_MUL, f->columns[nd_packed_weight(h->self->data)], *root, root,
                  error);
}

static nadir_status formula_new(const hunt *h, row_formula *f, nadir_error *error) {
  const nd_model *model = h->self->model;
  size_t columns = h->self->data->width + model->feature_count;
  *f = (row_formula){.parameters = nd_new(h->size, sizeof(nd_node), error),
                     .columns = nd_new(columns, sizeof(nd_node), error),
                     .row = nd_new(columns, sizeof(double), error)};
  nd_node *etas = nd_new(model->head_count, sizeof *etas, error);
  nadir_status status = f->parameters && f->columns && f->row && etas ? NADIR_OK : NADIR_NO_MEMORY;
  f->question = (nd_row_question){.graph = model->graph,
                                  .parameters = f->parameters,
                                  .columns = f->columns,
                                  .parameter_count = h->size,
                                  .column_count = columns};
  if (status == NADIR_OK) status = name_all(h, f, error);
  if (status == NADIR_OK) status = make_root(h, f, etas, error);
  nd_free(etas);
  return status;
}

static void formula_clear(row_formula *f) {
  nd_free(f->parameters);
  nd_free(f->columns);
  nd_free(f->row);
}

static nadir_status add_rows(const hunt *h, row_formula *f, nd_row_chord *chord,
                             nadir_error *error) {
  nd_data *data = h->self->data;
  const nd_packed *packed;
  for (size_t b = 0; b < data->blocks; b++) {
    if (data->block_rows[b] == 0) continue;
    ND_TRY(nd_data_raw(data, b, 0, &packed, error));
    for (size_t r = 0; r < packed->rows; r++) {
      if (r % ROWS_AT_ONCE == 0) ND_TRY(nd_go_on(h->self->face.until, error));
      for (size_t c = 0; c < data->width; c++)
        f->row[c] = nd_packed_number(packed, c, r);
      nd_row_chord_add(chord, f->row);
    }
  }
  return NADIR_OK;
}

/* Whether the chord between the table's points is broken for certain, with the losses there. */
static nadir_status verify(hunt *h, row_formula *f, double values[4], bool *broken,
                           nadir_error *error) {
  nd_row_chord *chord;
  *broken = false;
  ND_TRY(nd_row_chord_new(&chord, &f->question, h->table_p, h->table_q, 0.5, error));
  double work = (double)h->self->face.rows * (double)nd_row_chord_cost(chord);
  nadir_status status = NADIR_OK;
  if (work <= MOST_ENCLOSURES) {
    status = add_rows(h, f, chord, error);
    *broken = status == NADIR_OK && nd_row_chord_is_broken(chord, values);
  }
  nd_row_chord_free(chord);
  return status;
}

/* ---- short numbers ---- */

/* p and q in the table's units to so many digits; how much their chord is bent. */
static nadir_status shorten(hunt *h, int digits, double *bent, nadir_error *error) {
  const nd_model *model = h->self->model;
  double loss[3];
  nd_model_to_table(model, h->p, h->table_p);
  nd_model_to_table(model, h->q, h->table_q);
  for (size_t i = 0; i < h->size; i++) {
    h->table_p[i] = nd_round_digits(h->table_p[i], digits);
    h->table_q[i] = nd_round_digits(h->table_q[i], digits);
    bool tiny = fmax(fabs(h->table_p[i]), fabs(h->table_q[i])) < TINY * h->table_reach[i];
    if (tiny && digits < 17) h->table_p[i] = h->table_q[i] = 0;
  }
  for (int k = 0; k < 3; k++) {
    for (size_t i = 0; i < h->size; i++)
      h->at[i] = h->table_p[i] + k / 2. * (h->table_q[i] - h->table_p[i]);
    nd_model_to_descent(model, h->at, h->at);
    ND_TRY(loss_at(h, h->at, &loss[k], error));
  }
  *bent = bend(loss[0], loss[1], loss[2]);
  return NADIR_OK;
}

static nadir_status keep(const hunt *h, const double values[4], nd_witness **witness,
                         nadir_error *error) {
  nd_witness *w = *witness = nd_new(1, sizeof *w, error);
  if (!w) return NADIR_NO_MEMORY;
  double scale = h->self->scale;
  w->p = nd_new(h->size, sizeof *w->p, error);
  w->q = nd_new(h->size, sizeof *w->q, error);
  w->weight = 0.5;
  w->at_p = scale * values[0];
  w->at_q = scale * values[1];
  w->between = scale * values[2];
  w->chord = scale * values[3];
  if (!w->p || !w->q) return NADIR_NO_MEMORY;
  memcpy(w->p, h->table_p, h->size * sizeof *w->p);
  memcpy(w->q, h->table_q, h->size * sizeof *w->q);
  return NADIR_OK;
}

static nadir_status settle(hunt *h, nd_witness **witness, nadir_error *error) {
  static const int digits[] = {1, 2, 3, 4, 6, 17};
  double bent, values[4];
  bool broken = false;
  row_formula formula;
  nadir_status status = formula_new(h, &formula, error);
  for (size_t k = 0; status == NADIR_OK && !broken && k < ND_COUNT(digits); k++) {
    status = shorten(h, digits[k], &bent, error);
    if (status != NADIR_OK || bent < 0.25 * h->bent) continue;
    status = verify(h, &formula, values, &broken, error);
    if (status == NADIR_OK && broken) status = keep(h, values, witness, error);
  }
  formula_clear(&formula);
  return status;
}

/* ---- the question ---- */

/* Scaled targets belong to losses that are convex; an intercept and the powers of a poly have no
 * scaled value of their own. */
static bool can_be_asked(const nd_table_objective *self) {
  const nd_model *model = self->model;
  bool penalised = self->ridge || self->l1;
  if (model->target_scaling.width != 1 || model->target_scaling.center != 0) return false;
  if (penalised && model->basis.degree > 0) return false;
  if (model->size > MOST_SIZE || (penalised && self->face.sum)) return false;
  for (size_t i = 0; penalised && i < model->size; i++)
    if (model->parameters[i].kind == ND_INTERCEPT && model->parameters[i].penalised) return false;
  return true;
}

nadir_status nd_refute_fit(const nd_objective *objective, const nd_run *run, nd_witness **witness,
                           nadir_error *error) {
  const nd_table_objective *self = nd_rows_of(objective);
  size_t n = objective->problem.size;
  double pass = (double)objective->rows * (double)n;
  if (!can_be_asked(self)) return NADIR_OK;
  hunt h = {.self = self,
            .run = run,
            .size = n,
            .passes = (size_t)fmin(MOST_PASSES, MOST_WORK / pass),
            .direction = nd_new(8 * n, sizeof(double), error)};
  if (!h.direction) return NADIR_NO_MEMORY;
  h.at = h.direction + n;
  h.p = h.at + n;
  h.q = h.p + n;
  h.table_p = h.q + n;
  h.table_q = h.table_p + n;
  h.reach = h.table_q + n;
  h.table_reach = h.reach + n;
  find_reach(&h);
  nadir_status status = search(&h, error);
  if (status == NADIR_OK && h.bent > LEAST) status = settle(&h, witness, error);
  nd_free(h.direction);
  return status;
}
