/* What the files model_*.c, data.c and scale.c share: a model while it is bound to a table, and the
 * filter of --where. */
#ifndef ND_MODEL_INTERNAL_H
#define ND_MODEL_INTERNAL_H

#include "fit/fit.h"

/* ---- where columns are looked up: a table, or the list in a model file ---- */
typedef struct nd_schema {
  const nd_table *table; /* or NULL: */
  const char *const *listed;
  size_t listed_count;
} nd_schema;
typedef struct nd_found {
  const char *name; /* of the column, without an element */
  const char *unit;
  nd_cell_type type;
  size_t column, element, elements;
  bool bare;         /* a vector column named without an element */
  const char *stray, *cure; /* of a column of text, as nd_column has them */
  bool nearly_numbers;
  bool wide; /* as nd_column has it */
} nd_found;
/* *near: the name of a column that differs by case or one letter, NULL if none. */
bool nd_schema_find(const nd_schema *schema, const char *name, nd_found *found, const char **near);
size_t nd_schema_columns(const nd_schema *schema);
nd_found nd_schema_column(const nd_schema *schema, size_t i);
/* The column name nearest to `name`, or NULL. */
nadir_status nd_schema_nearest(const nd_schema *schema, const char *name, const char **nearest,
                               nadir_error *error);

/* A column whose name has `name` for a part of it and needs backquotes (u of `u-g`), as it stands
 * without them in `text` (NULL: wherever); NULL if none. */
const char *nd_schema_unquoted(const nd_schema *schema, const char *name, const char *text);

/* ---- binding names (model_bind.c) ---- */
typedef struct nd_column_list {
  nd_model_column *items;
  size_t *order; /* by item: where it stands in the table */
  size_t count, capacity, order_capacity;
} nd_column_list;
void nd_column_list_clear(nd_column_list *list); /* frees the items */

/* Names that may stand outside columns: `free_name` is asked for a name that is no column; NULL:
 * every name must be a column. `what` begins the sentences ("the target", "--where"); `text` is the
 * number of the text that is bound, 0: the formula. */
typedef struct nd_binder {
  nd_graph *graph;
  const nd_schema *schema;
  nd_column_list *columns;
  const char *what;
  uint32_t text;
  nadir_status (*free_name)(void *context, nd_node leaf, const char *near, nadir_error *error);
  nadir_status (*head)(void *context, nd_node head, nd_node *eta, nadir_error *error);
  void *context;
} nd_binder;
/* Columns, text comparisons and heads under root replaced by their leaves. */
nadir_status nd_bind(nd_binder *binder, nd_node root, nd_node *bound, nadir_error *error);
/* The leaf of column `found` (element `element` of it), listed. */
nadir_status nd_bind_column(nd_binder *binder, const nd_found *found, size_t element, nd_node *leaf,
                            nadir_error *error);
/* The leaf of `column == equals`: 1 or 0. */
nadir_status nd_bind_equals(nd_binder *binder, const nd_found *found, const char *equals,
                            nd_node *leaf, nadir_error *error);
/* The leaf of what the doubles of that column leave out of its integers. */
nadir_status nd_bind_rest(nd_binder *binder, const nd_found *found, size_t element, nd_node *leaf,
                          nadir_error *error);
/* Comparisons of integers beyond 2^53, exactly (model_exact.c). */
bool nd_compares_exactly(const nd_binder *binder, nd_node comparison);
nadir_status nd_bind_exactly(nd_binder *binder, nd_node comparison, nd_node *to,
                             nadir_error *error);
/* A column of text where a number is wanted: why it is text, and what to do. */
nadir_status nd_fail_text(const nd_graph *graph, uint32_t text, nd_node place, const char *what,
                          const nd_found *found, nadir_error *error);
nadir_status nd_fail_unknown(const nd_binder *binder, nd_node place, const char *name,
                             const char *near, nadir_error *error);
/* `text` with each $3 written as the name of the third column; caller frees. */
nadir_status nd_expand_positions(const nd_schema *schema, const char *text, char **expanded,
                                 nadir_error *error);
/* A formula over placeholders: each of names[] in `text` stands for nodes[]. */
nadir_status nd_make_formula(nd_graph *graph, const char *text, const char *const *names,
                             const nd_node *nodes, size_t count, nd_node *node, nadir_error *error);

/* ---- a model while it is made ---- */
typedef struct nd_builder {
  nd_model *model;
  nd_schema schema;
  const nadir_settings *settings;
  nd_teller *teller;
  nd_column_list columns;
  nd_assignment *starts, *units;
  size_t start_count, unit_count;
  const char *loss_text; /* --loss with its positions written as names: the model's own */
  nd_node loss_root;     /* of an expression, as typed; or ND_NO_NODE */
  uint32_t weight_source, sigma_source, where_source, loss_source; /* numbers of their texts */
  nd_found class_found;                                            /* the column of a bare target */
  bool text_target;                                                /* it is text */
  size_t class_capacity, parameter_capacity, head_capacity, eta_capacity, feature_capacity,
      name_capacity, free_capacity, free_index_capacity;
  size_t linear_count; /* linear and poly heads so far: a second one adds its number */
  nd_node used[6];     /* typed roots: linear(*) leaves out the columns that they name ... */
  size_t used_count, typed_size; /* ... nodes below typed_size were typed */
  nd_filter *filter;             /* ... and those of --where */
  bool has_softmax;
  const char *const *given_classes; /* of a model file */
  size_t given_class_count;
} nd_builder;
nadir_status nd_add_parameter(nd_builder *builder, nd_model_parameter parameter,
                              nadir_error *error);
nadir_status nd_build_head(nd_builder *builder, nd_node head, nd_node *eta, nadir_error *error);
nadir_status nd_build_target(nd_builder *builder, nadir_error *error);
/* The number of a class, -1 where the model does not know it. */
ptrdiff_t nd_class_number(const nd_model *model, const char *text);
nadir_status nd_build_units(nd_builder *builder, nadir_error *error);
nadir_status nd_build_column_units(nd_builder *builder, nadir_error *error);
/* The head, if the model is one head and nothing else. */
bool nd_is_head(const nd_graph *graph, nd_node node);

/* ---- the basis of a poly (basis.c) ---- */
double nd_basis_value(const nd_basis *basis, size_t k, double x); /* P_k(x) */
/* sums[i] = target.center + target.width (constant + sum of weights[k-1] P_k(x[i])). */
void nd_basis_sum(const nd_basis *basis, nd_scaling target, double constant, const double *weights,
                  const double *x, size_t count, double *sums);
/* In place: constant and weights of P_1 ... P_degree, of the scaled target, become those of the
 * powers of x, of the target; and back. */
void nd_basis_to_powers(const nd_basis *basis, nd_scaling target, double *constant,
                        double *weights);
void nd_basis_from_powers(const nd_basis *basis, nd_scaling target, double *constant,
                          double *weights);

/* ---- loss (loss.c) ---- */
/* The loss as set: a row of the list with its parameter, or "expression". kind: of the target. */
nadir_status nd_loss_read(const char *text, nd_target_kind kind, nd_loss *loss, nadir_error *error);
/* The loss of one row over y, f and etas; parameter: d or q as it is to stand in the formula. */
nadir_status nd_loss_build(nd_graph *graph, const nd_loss *loss, double parameter, nd_node y,
                           nd_node f, const nd_node *etas, size_t eta_count, nd_node *node,
                           nadir_error *error);
/* Whether the parameter is in the units of the target. */
bool nd_loss_parameter_scales(const nd_loss *loss);

/* ---- reading (model_read.c) ---- */
/* nd_model_read without the predictions, which nd_model_evaluate adds to rows just fetched. */
nadir_status nd_model_fetch(nd_model_reader *reader, size_t chunk, nd_model_rows *rows,
                            nadir_error *error);
void nd_model_evaluate(nd_model_reader *reader, nd_model_rows *rows);
/* The values of a model's column in the rows just fetched; NULL where it was not needed. */
const double *nd_model_reader_column(const nd_model_reader *reader, size_t column);
/* Whether missing values of a column are replaced by its mean; off, they stay NaN. */
bool nd_model_reader_fills(const nd_model_reader *reader, size_t column);
void nd_model_reader_fill(nd_model_reader *reader, bool fill);
/* "FILE:row N:name: sentence" for row `row` of a chunk. */
nadir_status nd_fail_row(const nd_table *table, size_t chunk, size_t row, nadir_error *error,
                         const char *name, const char *sentence);

#endif
