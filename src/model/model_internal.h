/* A model while it is bound to a table: what the files that build it share. */
#ifndef ND_MODEL_INTERNAL_H
#define ND_MODEL_INTERNAL_H

#include "base/index.h"
#include "base/listener.h"
#include "model/schema.h"

/* ---- binding names (bind.c) ---- */
typedef struct nd_column_list {
  nd_model_column *items;
  size_t *order;         /* by item: its place in the table */
  size_t *item_of;       /* by leaf: 1 + its item, 0 for none */
  size_t count, capacity, order_capacity, item_of_capacity;
} nd_column_list;
void nd_column_list_clear(nd_column_list *list); /* frees the items */

/* Names that may be used outside columns: `free_name` is asked for a name that is not a column; NULL:
 * every name must be a column. `what` begins the sentences ("the target", "where"); `text` is the
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
/* Comparisons of integers beyond 2^53, exactly (large_integers.c). */
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
  uint32_t weight_source, sigma_source, loss_source; /* numbers of their texts */
  nd_found class_found;                              /* the column of a bare target */
  bool text_target;                                  /* it is text */
  size_t class_capacity, parameter_capacity, head_capacity, eta_capacity, feature_capacity,
      name_capacity, free_capacity, free_index_capacity;
  nd_index parameter_names;
  nd_held_list held;
  bool *held_found; /* by held: whether the model has it */
  bool has_offset;  /* a part of a head is fixed, and stands beside it */
  nd_bound *bounds;
  size_t bound_count;
  size_t linear_count; /* linear and poly heads so far: a second one adds its number */
  nd_node used[6];     /* typed roots: linear(*) leaves out the columns that they name ... */
  size_t used_count, typed_size; /* ... nodes below typed_size were typed */
  nd_filter *filter;             /* ... and those of --where */
  bool has_softmax;
  bool columns_only; /* a model without parameters */
  const char *const *given_classes; /* of a model file */
  size_t given_class_count;
} nd_builder;
nadir_status nd_add_parameter(nd_builder *builder, nd_model_parameter parameter,
                              nadir_error *error);
/* Which of the held it is; SIZE_MAX: none. It is then marked as found. */
size_t nd_find_held(nd_builder *builder, const char *name);
/* A parameter on its own: a NAME leaf. */
nadir_status nd_add_free(nd_builder *builder, nd_node leaf, bool penalised, nadir_error *error);
nadir_status nd_build_head(nd_builder *builder, nd_node head, nd_node *eta, nadir_error *error);
nadir_status nd_build_target(nd_builder *builder, nadir_error *error);
/* --sigma-x (column_errors.c). */
nadir_status nd_build_column_errors(nd_builder *builder, nadir_error *error);
/* --scatter: the loss of a row with it (scatter.c). */
nadir_status nd_build_scatter(nd_builder *builder, nadir_error *error);
nadir_status nd_build_units(nd_model *model, nadir_error *error);
nadir_status nd_build_column_units(nd_builder *builder, nadir_error *error);
/* The formula's units checked, and those of its parameters on their own (infer_units.c). */
nadir_status nd_infer_units(nd_model *model, nd_teller *teller, nadir_error *error);
/* The head, if the model is one head and nothing else. */
bool nd_is_head(const nd_graph *graph, nd_node node);

#endif
