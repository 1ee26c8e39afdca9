/* What the engine's tests share: levels of processor, synthetic rows, and a model described in a
 * few lines. */
#ifndef ND_ENGINE_TEST_SUPPORT_H
#define ND_ENGINE_TEST_SUPPORT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/kernels_internal.h"
#include "engine/stochastic_internal.h"

static const char *const test_levels[] = {"avx512", "avx2", "baseline"};

/* False where this processor lacks the level. */
static inline bool use_level(const char *level) {
  setenv("NADIR_CPU", level, 1);
  return strcmp(nd_engine_level(), level) == 0;
}

static inline void must(nadir_status status, const nadir_error *error) {
  if (status != NADIR_OK) fail_msg("%s", error->message);
}

enum { MOST_HEADS = 3, MOST_FREE = 2, COLUMNS = 3, TEST_ROWS = 1100 };

typedef struct shape_head {
  const char *name;
  size_t first, features;
  bool intercept;
} shape_head;

/* A loss over heads, free parameters and the columns y (0, 1, 2), z (normal) and e (0.5 .. 1.5). */
typedef struct shape {
  const char *loss;
  size_t features;
  shape_head heads[MOST_HEADS];
  const char *free[MOST_FREE];
} shape;

typedef struct model {
  const shape *shape;
  nd_graph *graph;
  nd_node loss, eta[MOST_HEADS], free[MOST_FREE], columns[COLUMNS];
  nd_head heads[MOST_HEADS];
  size_t head_count, free_count, free_index[MOST_FREE], size;
  nd_rows *rows;
  nd_rows_workspace *work;
} model;

static inline nd_node name_of(model *m, const char *name) {
  nadir_error error;
  nd_node node;
  must(nd_make_name(m->graph, name, &node, &error), &error);
  return node;
}

static inline void model_heads(model *m, const shape *s) {
  for (; m->head_count < MOST_HEADS && s->heads[m->head_count].name; m->head_count++) {
    const shape_head *from = &s->heads[m->head_count];
    nd_head *head = &m->heads[m->head_count];
    m->eta[m->head_count] = name_of(m, from->name);
    *head = (nd_head){m->eta[m->head_count], from->first, from->features, 0, SIZE_MAX};
    if (from->intercept) head->intercept = m->size++;
    head->first_weight = m->size;
    m->size += from->features;
  }
  for (; m->free_count < MOST_FREE && s->free[m->free_count]; m->free_count++) {
    m->free[m->free_count] = name_of(m, s->free[m->free_count]);
    m->free_index[m->free_count] = m->size++;
  }
}

static inline nd_rows_spec spec_of(const model *m, const shape *s, bool single, bool hessian) {
  return (nd_rows_spec){.graph = m->graph,
                        .loss = m->loss,
                        .size = m->size,
                        .heads = m->heads,
                        .head_count = m->head_count,
                        .free = m->free,
                        .free_index = m->free_index,
                        .free_count = m->free_count,
                        .columns = m->columns,
                        .column_count = COLUMNS,
                        .features = s->features,
                        .single = single,
                        .hessian = hessian,
                        .by_batches = true};
}

static inline model model_new(const shape *s, bool single, bool hessian) {
  nadir_error error;
  model m = {.shape = s};
  must(nd_graph_new(&m.graph, &error), &error);
  must(nd_parse(m.graph, s->loss, &m.loss, &error), &error);
  model_heads(&m, s);
  static const char *const names[COLUMNS] = {"y", "z", "e"};
  for (size_t c = 0; c < COLUMNS; c++)
    m.columns[c] = name_of(&m, names[c]);
  const nd_rows_spec spec = spec_of(&m, s, single, hessian);
  must(nd_rows_new(&m.rows, &spec, &error), &error);
  must(nd_rows_workspace_new(&m.work, m.rows, &error), &error);
  return m;
}

static inline void model_free(model *m) {
  nd_rows_workspace_free(m->work);
  nd_rows_free(m->rows);
  nd_graph_free(m->graph);
}

/* Rows of features, columns and weights, by column. */
typedef struct data {
  size_t features;
  double *x, *columns, *weights;
  const double **x_at, *column_at[COLUMNS];
} data;

static inline data data_new(size_t features, uint64_t seed) {
  nd_random random = nd_random_stream(seed, ND_FOR_TEST, 0, 0);
  data d = {.features = features};
  d.x = malloc((features + 1) * TEST_ROWS * sizeof *d.x);
  d.columns = malloc(COLUMNS * TEST_ROWS * sizeof *d.columns);
  d.weights = malloc(TEST_ROWS * sizeof *d.weights);
  d.x_at = malloc((features + 1) * sizeof *d.x_at);
  assert_true(d.x && d.columns && d.weights && d.x_at);
  for (size_t j = 0; j < features; j++)
    d.x_at[j] = d.x + j * TEST_ROWS;
  for (size_t c = 0; c < COLUMNS; c++)
    d.column_at[c] = d.columns + c * TEST_ROWS;
  for (size_t i = 0; i < features * TEST_ROWS; i++)
    d.x[i] = (float)nd_random_normal(&random);
  for (size_t i = 0; i < TEST_ROWS; i++) {
    d.columns[i] = floor(3 * nd_random_uniform(&random));
    d.columns[TEST_ROWS + i] = (float)nd_random_normal(&random);
    d.columns[2 * TEST_ROWS + i] = (float)(0.5 + nd_random_uniform(&random));
    d.weights[i] = (float)(0.25 + nd_random_uniform(&random));
  }
  return d;
}

static inline void data_free(data *d) {
  free(d->x), free(d->columns), free(d->weights), free(d->x_at);
}

/* A block of rows [from, from + count), in the memory of a store where there is one. */
static inline nd_block *block_in(nd_block_store *store, const model *m, const data *d, size_t from,
                                 size_t count, bool weighted) {
  nadir_error error;
  nd_block *block;
  must(nd_block_new(&block, m->rows, count, store, &error), &error);
  nd_scaled *x = malloc((d->features + 1) * sizeof *x), columns[COLUMNS];
  const nd_scaled weights = {{NADIR_FLOAT64, d->weights + from}, {0, 1}};
  for (size_t j = 0; j < d->features; j++)
    x[j] = (nd_scaled){{NADIR_FLOAT64, d->x_at[j] + from}, {0, 1}};
  for (size_t c = 0; c < COLUMNS; c++)
    columns[c] = (nd_scaled){{NADIR_FLOAT64, d->column_at[c] + from}, {0, 1}};
  nd_block_load(m->rows, m->work, block, count, x, columns, weighted ? &weights : NULL);
  free(x);
  assert_int_equal(nd_block_rows(block), count);
  return block;
}

static inline nd_block *block_of(const model *m, const data *d, size_t from, size_t count,
                                 bool weighted) {
  return block_in(NULL, m, d, from, count, weighted);
}

static inline double *random_w(size_t size, double scale, uint64_t seed) {
  nd_random random = nd_random_stream(seed, ND_FOR_TEST, 1, 0);
  double *w = malloc((size + 1) * sizeof *w);
  assert_non_null(w);
  for (size_t i = 0; i < size; i++)
    w[i] = scale * nd_random_normal(&random);
  return w;
}

/* The loss of one row, unweighted, by the scalar evaluator. */
static inline double row_loss(const model *m, const data *d, size_t row, const double *w,
                              double *values) {
  nadir_error error;
  for (size_t k = 0; k < m->head_count; k++) {
    const nd_head *head = &m->heads[k];
    double eta = head->intercept == SIZE_MAX ? 0 : w[head->intercept];
    for (size_t j = 0; j < head->features; j++)
      eta += w[head->first_weight + j] * d->x_at[head->first_feature + j][row];
    values[head->eta] = eta;
  }
  for (size_t p = 0; p < m->free_count; p++)
    values[m->free[p]] = w[m->free_index[p]];
  for (size_t c = 0; c < COLUMNS; c++)
    values[m->columns[c]] = d->column_at[c][row];
  must(nd_evaluate(m->graph, &m->loss, 1, values, &error), &error);
  return values[m->loss];
}

/* The weighted sum over rows [from, from + count), and the sum of sizes for bounds. */
static inline double sum_loss(const model *m, const data *d, size_t from, size_t count,
                              bool weighted, const double *w) {
  double *values = calloc(nd_graph_size(m->graph), sizeof *values), sum = 0;
  assert_non_null(values);
  for (size_t i = from; i < from + count; i++)
    sum += (weighted ? d->weights[i] : 1) * row_loss(m, d, i, w, values);
  free(values);
  return sum;
}

static inline void close_to(double got, double wanted, double bound, const char *what, size_t i) {
  if (!(fabs(got - wanted) <= bound))
    fail_msg("%s %zu: %.17g, not %.17g within %g", what, i, got, wanted, bound);
}

/* Losses with every kind of structure; features and sizes on both sides of the layouts' border. */
static const shape shapes[] = {
    {"softplus(f) - (y > 0)*f", 10, {{"f", 0, 10, true}}, {0}},
    {"softplus(f) - (y > 0)*f", 37, {{"f", 0, 37, false}}, {0}},
    {"(z - f)^2", 1, {{"f", 0, 1, true}}, {0}},
    {"(z - f)^2/e^2", 100, {{"f", 0, 100, true}}, {0}},
    {"logsumexp(f, g, h) - if(y == 0, f, if(y == 1, g, h))",
     5,
     {{"f", 0, 5, true}, {"g", 0, 5, true}, {"h", 0, 5, true}},
     {0}},
    {"(z - f*exp(-g/4))^2", 40, {{"f", 0, 3, true}, {"g", 3, 37, false}}, {0}},
    {"(z - a - f*tanh(c*g))^2 + 0.1*c^2*e", 9, {{"f", 0, 4, false}, {"g", 2, 7, true}}, {"a", "c"}},
    {"(z - a*exp(-(e - c)^2))^2", 0, {{0}}, {"a", "c"}},
    {"exp(f/2) - y*f + e", 3, {{"f", 1, 2, true}}, {0}},
    /* Outputs that are one value: of two heads; of the loss, a head and a parameter. That are a column; a number. */
    {"exp((f + g)/4 - 1)", 5, {{"f", 0, 3, true}, {"g", 2, 3, false}}, {0}},
    {"exp(f + a - 2)", 35, {{"f", 0, 2, true}}, {"a"}},
    {"y*f + g", 3, {{"f", 0, 2, true}, {"g", 1, 2, true}}, {0}},
};

#define EACH_LEVEL(level)                                                                          \
  for (size_t level = 0; level < ND_COUNT(test_levels); level++)                                   \
    if (use_level(test_levels[level]))
#define EACH_SHAPE(s) for (const shape *s = shapes; s < shapes + ND_COUNT(shapes); s++)

#endif
