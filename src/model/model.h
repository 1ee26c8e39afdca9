/* model: TARGET ~ MODEL -> names bound once to columns, parameters or constants; heads, tail, loss of a row.
 *
 * Two coordinate systems: the table's own (start, loss, parameters, trace's parameters) and descent
 * coordinates, in which features and target are scaled (rate, gradient, step, tolerances,
 * curvature). They differ only where a linear, poly or softmax head is the whole model. */
#ifndef ND_MODEL_H
#define ND_MODEL_H

#include "base/listener.h"
#include "engine/engine.h"
#include "settings/held.h"
#include "settings/loss.h"
#include "table/table.h"

typedef enum nd_parameter_kind { ND_WEIGHT, ND_INTERCEPT, ND_FREE } nd_parameter_kind;
typedef struct nd_model_parameter {
  char *name, *unit; /* unit "" where unknown */
  nd_parameter_kind kind;
  char *feature_unit;   /* of ND_WEIGHT; "" where unit is */
  size_t head, feature; /* of ND_WEIGHT (feature: column of the feature matrix) and ND_INTERCEPT */
  bool penalised;
  bool undetermined; /* the rows fit as well with any value of it, if others follow (errors.c) */
  double start;      /* table's coordinates; NaN: not said */
  double low, high;  /* its bounds, so too; infinite where there is none */
} nd_model_parameter;

/* A column of the model that has errors of its own: its leaf, and their size, over columns. */
typedef struct nd_column_error {
  nd_node column, sigma;
} nd_column_error;

/* What two classes are: texts of a column, or the two values of a target of truths or numbers. */
typedef enum nd_class_pair {
  ND_PAIR_OF_TEXTS,
  ND_PAIR_TRUTH, /* "false" and "true" */
  ND_PAIR_0_1,
  ND_PAIR_MINUS_1_1
} nd_class_pair;

/* A value taken from the table: a number, what the double of an integer leaves out of it, or the
 * truth of `column == "text"`. */
typedef struct nd_model_column {
  nd_node name; /* the NAME leaf that stands for it in the graph */
  char *column; /* as the table spells it (with [3] for an element) */
  char *equals; /* NULL for a number */
  bool rest;    /* ND_AS_REST */
  char *unit;
  double mean; /* over the training rows, for --missing mean; NaN: not known */
} nd_model_column;

/* The polynomials P_1 ... P_degree that stand for the powers of a scaled poly in descent
 * coordinates, P_0 = 1 for the intercept (basis.c). */
typedef struct nd_basis {
  size_t degree; /* 0: none, features are scaled one by one */
  double center, width;
  double *part; /* (degree + 1)^2, row after row: P_k = sum of part[k][j] T_j((x - center)/width) */
} nd_basis;

typedef struct nd_model {
  char *formula; /* TARGET ~ MODEL as typed */
  nd_graph *graph;
  nd_node typed_target, typed_model;
  nd_model_column *columns; /* every column used by features, tail, target, weight, where */
  size_t column_count;
  size_t *column_of; /* by leaf below leaf_count: 1 + its column, 0 for none (nd_model_column_of) */
  size_t leaf_count;
  nd_model_parameter *parameters; /* in order of first appearance */
  size_t size;
  nd_head *heads;
  nd_node *etas;
  size_t head_count;
  nd_node *features;    /* nodes over columns */
  char **feature_names; /* TEXT of w[TEXT] */
  size_t feature_count;
  nd_node *free; /* NAME leaves */
  size_t *free_index;
  size_t free_count;
  nd_held_list held; /* fixed and tied parameters, which are not among those above */
  nd_node output;      /* f: over etas, free parameters and columns (softmax: the first eta) */
  nd_node target;      /* y over columns (TRUTH: 1 or 0); ND_NO_NODE for CLASS */
  nd_node target_leaf; /* the NAME leaf that stands for y in `loss` */
  nd_node loss_node;   /* over etas, free, columns, target_leaf: the loss of one row */
  nd_node weight;      /* over columns, 1/sigma^2 for --sigma; ND_NO_NODE without */
  nd_node sigma;       /* or ND_NO_NODE */
  size_t scatter; /* the parameter that is a spread of the target, by --scatter; SIZE_MAX without */
  nd_column_error *column_errors;
  size_t column_error_count;
  nadir_row_errors row_errors; /* where they are known the sum of squared loss is chi2 */
  nd_loss loss;
  char *loss_text; /* --loss as given: what loss.formula of an expression points to */
  nd_target_kind target_kind;
  char **classes; /* names of the classes */
  size_t class_count;
  double *class_weight; /* by class, multiplies the weight of its rows; NULL: none do */
  nd_class_pair pair; /* of two classes: whether they are texts */
  char *class_column; /* of a CLASS target given by text */
  char *target_name, *target_unit;
  bool intercept;
  bool is_linear; /* one head is the whole model (heads share the features for softmax) */
  nd_scale_method scale_method;
  nd_scaling *scaling; /* what the scaler did, by feature; {0, 1} until scaled */
  nd_scaling target_scaling;
  nd_basis basis;
  double *value;          /* fitted parameters, table's coordinates (by fit or by a model file) */
  double *basis_value;    /* where there is a basis, the same in descent coordinates */
  double *standard_error; /* NaN where none */
  double *covariance;     /* size x size, table's coordinates, or NULL */
  double *undetermined;   /* directions that the rows say nothing along, by size, table's coordinates, or NULL */
  size_t undetermined_count;
} nd_model;

/* Names in TARGET, --where, --weight, --sigma and heads must be columns; other names of MODEL are
 * columns if the table has them, else parameters. table NULL: rebuild from a model file, columns as
 * listed in it (see nd_model_rebuild). */
nadir_status nd_model_new(nd_model **model, const nd_table *table, const char *formula,
                          const nadir_settings *settings, nd_teller *teller, nadir_error *error);
/* The same where MODEL is an expression of columns: there is no parameter, and none is allowed. */
nadir_status nd_model_of_columns(nd_model **model, const nd_table *table, const char *formula,
                                 const nadir_settings *settings, nd_teller *teller, nadir_error *error);
/* For a model file: the same model from formula, settings and its list of columns and classes,
 * without a table. */
nadir_status nd_model_rebuild(nd_model **model, const char *formula, const nadir_settings *settings,
                              const char *const *columns, size_t column_count,
                              const char *const *classes, size_t class_count, nadir_error *error);
/* Into class_weight, all 0, from "a=2,b=0.5" (class_weights.c). */
nadir_status nd_model_weigh_classes(nd_model *model, const char *weights, nadir_error *error);
/* The unit of a column, and so of a target that is that column: from a model file. */
nadir_status nd_model_set_unit(nd_model *model, size_t column, const char *unit,
                               nadir_error *error);
void nd_model_free(nd_model *model);
/* The column that a leaf of the model's graph stands for; column_count where it is none. */
size_t nd_model_column_of(const nd_model *model, nd_node leaf);
/* The number of a class, -1 where the model does not know it. */
ptrdiff_t nd_class_number(const nd_model *model, const char *text);
/* --start in descent coordinates: what is not said is 0 there; "random" draws normal numbers. */
void nd_model_start(const nd_model *model, const nadir_settings *settings, double *descent_w);
/* Normal numbers by the seed: --start random. */
void nd_random_start(const nadir_settings *settings, double *w, size_t size);
/* Coordinates: to[size] from from[size]. */
void nd_model_to_descent(const nd_model *model, const double *table_w, double *descent_w);
void nd_model_to_table(const nd_model *model, const double *descent_w, double *table_w);
/* Sets the fitted parameters. */
void nd_model_set(nd_model *model, const double *descent_w);
/* loss in the table's own units = factor * loss in descent coordinates. */
double nd_model_loss_factor(const nd_model *model);

/* --where over a table, on its own: NULL (all rows) for an empty text (filter.c). */
typedef struct nd_filter nd_filter;
nadir_status nd_filter_new(nd_filter **filter, const nd_table *table, const char *where,
                           nadir_error *error);
void nd_filter_free(nd_filter *filter);
size_t nd_filter_columns(const nd_filter *filter);
const nd_model_column *nd_filter_column(const nd_filter *filter, size_t i);
/* kept[i] = 1 where the condition holds; a row with a missing value in it does not. values: by
 * column of the filter; at most nd_table_room rows. */
void nd_filter_run(nd_filter *filter, const double *const *values, size_t rows,
                   unsigned char *kept);
/* Names the column that a formula needs and the table lacks, and what may help; near: NULL, or a name as
 * nd_schema_find gives it. */
nadir_status nd_fail_needed(const nd_table *table, const char *name, const char *near,
                            nadir_error *error);
/* How a column of a model or filter is asked of a table; a table without it is refused by name. */
nadir_status nd_request_column(const nd_table *table, const nd_model_column *column,
                               double *numbers, nd_request *request, nadir_error *error);

/* ---- the loss of a row (loss_node.c) ---- */
/* The loss of one row over y, f and etas; parameter: d or q as it is written in the formula. */
nadir_status nd_loss_build(nd_graph *graph, const nd_loss *loss, double parameter, nd_node y,
                           nd_node f, const nd_node *etas, size_t eta_count, nd_node *node,
                           nadir_error *error);

#endif
