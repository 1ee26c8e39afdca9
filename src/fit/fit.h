/* fit: from settings, a formula and a table to a descended objective.
 *
 *     settings                  what the user asked for, by name        settings.def, settings.c
 *     formula + table -> model  names bound, heads, tail, loss          model*.c, loss.*
 *     model + table -> data     rows chosen, scaled, packed into blocks data.c, scale.c
 *     data -> objective         value, gradient, Hessian of rows        objective.c, reduce.c
 *     objective -> run          the one descent loop, its trace         sampler.c, descend.c, ...
 *     run -> diagnosis          curvature, the kind of point, errors    kind.c, errors.c
 *     run -> certificate        is it convex, how far is the minimum    certify.c, refute.c
 *
 * Two coordinate systems: the table's own (start, loss, parameters, trace's parameters) and descent
 * coordinates, in which features and target are scaled (rate, gradient, step, tolerances,
 * curvature). They differ only where a linear, poly or softmax head is the whole model. */
#ifndef ND_FIT_H
#define ND_FIT_H

#include <math.h>

#include "engine/engine.h"
#include "expr/expr.h"
#include "optim/optim.h"
#include "table/table.h"
#include "theory/theory.h"

/* ==== settings (settings.c) =================================================================== */

/* A number, or the word that stands for what is chosen without one (auto; none). */
typedef struct nd_number_or_word {
  bool is_number;
  double number;
} nd_number_or_word;
typedef struct nd_batch {
  bool is_auto;
  size_t rows; /* 0: all */
} nd_batch;
typedef const nd_schedule_info *nd_schedule_or_auto; /* NULL: auto */

/* nd_field_GRAMMAR: the type of a value; and the enum of each choice. */
#define ND_WORD(name, word) name,
#define ND_VALUE(grammar, c_type, type, function) typedef c_type nd_field_##grammar;
#define ND_PROSE(grammar, function) typedef char *nd_field_##grammar; /* owned; never NULL */
#define ND_CHOICES(grammar, c_type, words)                                                         \
  typedef enum c_type { words } c_type;                                                            \
  typedef c_type nd_field_##grammar;
#include "fit/grammars.def"
#undef ND_WORD
#undef ND_VALUE
#undef ND_PROSE
#undef ND_CHOICES

/* The values of one update rule's own settings. */
typedef struct nd_rule_values {
  const nadir_optimizer *optimizer;
  double *values;
  bool *is_set;
} nd_rule_values;

struct nadir_settings {
#define ND_SETTING(field, name, grammar, initial, low, high, unit, range, commands, help)          \
  nd_field_##grammar field;                                                                        \
  bool field##_is_set; /* by the caller: told, but nothing is decided by it */
#include "fit/settings.def"
#undef ND_SETTING
  nd_rule_values *rules; /* built-in ones, then the caller's */
  size_t rule_count, rule_capacity;
  nd_text shown; /* what nd_settings_get gave last */
};

nadir_status nd_settings_new(nadir_settings **settings, nadir_error *error);
nadir_status nd_settings_copy(nadir_settings **copy, const nadir_settings *settings,
                              nadir_error *error);
void nd_settings_free(nadir_settings *settings);
nadir_status nd_settings_set(nadir_settings *settings, const char *name, const char *value,
                             nadir_error *error);
const char *nd_settings_get(nadir_settings *settings, const char *name);
bool nd_settings_is_set(const nadir_settings *settings, const char *name);
/* The i-th setting, its value as text, and whether that is its default; false past the end. */
bool nd_settings_at(const nadir_settings *settings, size_t i, nadir_setting *about, nd_text *value,
                    bool *is_default);
/* command: only its settings are printed, and others are refused in a file; NULL: all of them. */
nadir_status nd_settings_read(nadir_settings *settings, const char *command, const char *path,
                              nadir_error *error);
nadir_status nd_settings_print(const nadir_settings *settings, const char *command, nd_text *out,
                               nadir_error *error);
bool nd_setting_at(size_t i, nadir_setting *setting);
const char *nd_setting_meant(const char *word); /* "lr" is rate; NULL for others */
nadir_status nd_settings_add_optimizer(nadir_settings *settings, const nadir_optimizer *optimizer,
                                       nadir_error *error);
/* The rule of this name, with its values. */
nadir_status nd_settings_rule(const nadir_settings *settings, const char *name,
                              const nadir_optimizer **optimizer, const double **values,
                              nadir_error *error);
/* The rule named by `method`, gd for auto, with its values. */
nadir_status nd_settings_method(const nadir_settings *settings, const nadir_optimizer **optimizer,
                                const double **values, nadir_error *error);
uint64_t nd_memory_bytes(const nadir_settings *settings);
bool nd_is_auto(const char *text); /* the value of a setting that is a text */
bool nd_is_none(const char *text);
bool nd_start_is_random(const nadir_settings *settings); /* --start random */
double nd_number_or(nd_number_or_word value, double otherwise);
/* "a=1,b=-2e3" or "class A=3" taken apart: names, values. Names with commas or '=' come in
 * backquotes. */
typedef struct nd_assignment {
  char *name;
  double value;
  char *text; /* the value as typed (units) */
} nd_assignment;
const char *nd_find_outside(const char *at, char wanted); /* backquotes and brackets; or the end */
nadir_status nd_assignments_read(const char *setting, const char *text, bool numbers,
                                 nd_assignment **list, size_t *count, nadir_error *error);
void nd_assignments_free(nd_assignment *list, size_t count);
/* "0.1,0.03": *numbers is the caller's. */
nadir_status nd_numbers_read(const char *text, double **numbers, size_t *count, nadir_error *error);
/* --assume: conditions by semicolons, as facts of names of the graph. *facts is the caller's. */
nadir_status nd_conditions_read(nd_graph *graph, const char *text, nd_fact **facts, size_t *count,
                                nadir_error *error);

/* The penalty l2/2 w_i^2 as squares (sqrt(l2 / (2 squares)) w_i)^2: size rows of [J r], each of size
 * + 1 numbers (penalty.c). */
void nd_ridge_rows(size_t size, const double *ridge, double squares, const double *w, double *rows);
/* spared[i] is set for each parameter that --no-penalty names; a name that is none is an error, as
 * is one of --start or --rate by nd_find_parameter (penalty.c). */
nadir_status nd_no_penalty(const nadir_settings *settings, const char *const *names, size_t count,
                           bool *spared, nadir_error *error);
nadir_status nd_find_parameter(const char *setting, const char *name, const char *const *names,
                               size_t count, size_t *index, nadir_error *error);

/* --accept (accept.c): which ends are no failure. */
enum {
#define ND_COUNT_POINT(id, ...) +1
  ND_POINT_KINDS = NADIR_POINTS(ND_COUNT_POINT)
#undef ND_COUNT_POINT
};
typedef struct nd_accepted {
  bool limit, point[ND_POINT_KINDS];
} nd_accepted;
nadir_status nd_accept_read(const char *text, nd_accepted *accepted, nadir_error *error);

/* ==== numbers that stand for missing values (sentinel.c) ====================================== */

/* The least or greatest value, how often it occurs, and the one before it; zeroed before use. */
typedef struct nd_end {
  double value, next;
  uint64_t times;
} nd_end;
typedef struct nd_ends {
  nd_end low, high;
  bool fractions; /* a value is not whole */
} nd_ends;
void nd_ends_add(nd_ends *ends, double value); /* no NaN */

/* ==== telling (tell.c) ======================================================================== */

/* Warnings and notes on their way out: to the listener at once, and kept for the result; and the way
 * back, the listener's wish to end. */
typedef struct nd_teller {
  const nadir_listener *listener; /* may be NULL */
  char **warning;
  size_t warnings, capacity;
  bool stop;          /* the listener asked for the end ... */
  double heard, told; /* ... at this time of nd_clock(); when progress was last told */
  nadir_event last;   /* that progress */
} nd_teller;
nd_teller nd_teller_for(const nadir_listener *listener);
/* Whether it is time to tell progress again: a tenth of a second after the last. */
bool nd_is_due(const nd_teller *teller, double now);
void nd_tell_progress(nd_teller *teller, const nadir_event *event, double now);
/* For nd_until, context a teller: progress is told again where it is due. The first: whether the
 * listener asked for the end. The second: whether it did so a moment ago, so that a descent has ended
 * where it stands, and what it reached has been looked at. */
bool nd_asks_to_end(void *teller);
bool nd_insists_on_end(void *teller);
/* NADIR_ENDED once the listener asked for the end. */
nadir_status nd_heed(nd_teller *teller, nadir_error *error);
nadir_status nd_warn(nd_teller *teller, nadir_error *error, const char *format, ...)
    ND_PRINTF(3, 4);
void nd_note(nd_teller *teller, const char *format, ...) ND_PRINTF(2, 3);
void nd_teller_free(nd_teller *teller);

/* ==== loss (loss.c, loss.def) ================================================================= */

/* loss.def: ND_LOSS(name, parameter, formula in y, f and the parameter d, power, target, help).
 * power: the loss of (s y, s f) is s^power times that of (y, f) (with d scaled too), or 0 when the
 * loss is not in the target's units; target: REAL, TRUTH or CLASS. The classes of softmax: formula
 * "logsumexp(etas) - eta of the row's class", made by model.c. */
typedef enum nd_target_kind { ND_TARGET_REAL, ND_TARGET_TRUTH, ND_TARGET_CLASS } nd_target_kind;
typedef struct nd_loss {
  const char *name;    /* of the list, or "expression" */
  const char *formula; /* in y and f, and d */
  double parameter;    /* of huber(d), quantile(q); NaN otherwise */
  double power;
  nd_target_kind target;
} nd_loss;
const nadir_loss_info *nd_loss_at(size_t i);
/* What f says of the target: the probability that it is 1 (logistic), the count to be expected
 * (poisson), else f itself. */
double nd_loss_answer(const nd_loss *loss, double f);
/* Whether it takes the classes as -1 and 1 instead of 0 and 1. */
bool nd_loss_is_signed(const nd_loss *loss);
/* Whether its sum over rows is a negative log-likelihood. */
bool nd_loss_is_likelihood(const nd_loss *loss);

/* ==== model (model.c): names bound once ======================================================= */

typedef enum nd_parameter_kind { ND_WEIGHT, ND_INTERCEPT, ND_FREE } nd_parameter_kind;
typedef struct nd_model_parameter {
  char *name, *unit; /* unit "" where unknown */
  nd_parameter_kind kind;
  size_t head, feature; /* of ND_WEIGHT (feature: column of the feature matrix) and ND_INTERCEPT */
  bool penalised;
  bool undetermined; /* the rows fit as well with any value of it, if others follow (errors.c) */
  double start;      /* table's coordinates; NaN: not said */
} nd_model_parameter;

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

/* What the scaler did to one feature (or the target): scaled = (x - center) / width. */
typedef struct nd_scaling {
  double center, width;
} nd_scaling;

enum { ND_MOST_POWERS = 100 }; /* of a poly */

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
  nd_node output;      /* f: over etas, free parameters and columns (softmax: the first eta) */
  nd_node target;      /* y over columns (TRUTH: 1 or 0); ND_NO_NODE for CLASS */
  nd_node target_leaf; /* the NAME leaf that stands for y in `loss` */
  nd_node loss_node;   /* over etas, free, columns, target_leaf: the loss of one row */
  nd_node weight;      /* over columns, 1/sigma^2 for --sigma; ND_NO_NODE without */
  nd_node sigma;       /* or ND_NO_NODE */
  nd_node where;       /* as typed, or ND_NO_NODE; rows are chosen by an nd_filter */
  nd_loss loss;
  char *loss_text; /* --loss as given: what loss.formula of an expression points to */
  nd_target_kind target_kind;
  char **classes; /* names of the classes; a truth target: "false" "true" or as written */
  size_t class_count;
  char *class_column; /* of a CLASS target given by text */
  char *target_name, *target_unit;
  bool intercept;
  bool is_linear; /* one head is the whole model (heads share the features for softmax) */
  nd_scale_method scale_method;
  nd_scaling *scaling; /* by feature; {0, 1} until scaled */
  nd_scaling target_scaling;
  nd_basis basis;
  double *value;          /* fitted parameters, table's coordinates (by fit or by a model file) */
  double *basis_value;    /* where there is a basis, the same in descent coordinates */
  double *standard_error; /* NaN where none */
  double *covariance;     /* size x size, table's coordinates, or NULL */
} nd_model;

/* Names in TARGET, --where, --weight, --sigma and heads must be columns; other names of MODEL are
 * columns if the table has them, else parameters. table NULL: rebuild from a model file, columns as
 * listed in it (see nd_model_rebind). */
nadir_status nd_model_new(nd_model **model, const nd_table *table, const char *formula,
                          const nadir_settings *settings, nd_teller *teller, nadir_error *error);
/* For a model file: the same model from formula, settings and its list of columns and classes,
 * without a table. */
nadir_status nd_model_rebuild(nd_model **model, const char *formula, const nadir_settings *settings,
                              const char *const *columns, size_t column_count,
                              const char *const *classes, size_t class_count, nadir_error *error);
/* The unit of a column, and so of a target that is that column: from a model file. */
nadir_status nd_model_set_unit(nd_model *model, size_t column, const char *unit,
                               nadir_error *error);
void nd_model_free(nd_model *model);
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

/* --where over a table, on its own: NULL (all rows) for an empty text (model_where.c). */
typedef struct nd_filter nd_filter;
nadir_status nd_filter_new(nd_filter **filter, const nd_table *table, const char *where,
                           nadir_error *error);
void nd_filter_free(nd_filter *filter);
/* A warning for each comparison with a text that no row of the table has, with the nearest that
 * one has (model_unmet.c). */
nadir_status nd_warn_unmet(const nd_table *table, const nd_model_column *columns, size_t count,
                           nd_teller *teller, nadir_error *error);
/* That of a filter, and for its names that fit several columns. */
nadir_status nd_warn_unmet_filter(const nd_table *table, const nd_filter *filter, nd_teller *teller,
                                  nadir_error *error);
/* A warning for each name that fits several columns of the table, with those (model_twins.c). */
nadir_status nd_warn_of_twins(const nd_table *table, const nd_model_column *columns, size_t count,
                              nd_teller *teller, nadir_error *error);
/* "u is column 1, u_2 column 4": the columns with the title of this one. */
void nd_list_twins(const nd_table *table, size_t column, nd_text *out);
/* A warning where an end of a column looks like a number that means missing; where: "" or words
 * that follow the count of it. Then the same for columns of a model, by their first chunks. */
nadir_status nd_warn_of_ends(const nd_ends *ends, const char *column, const char *where,
                             nd_teller *teller, nadir_error *error);
nadir_status nd_warn_of_sentinels(const nd_table *table, nd_filter *filter,
                                  const nd_model_column *columns, size_t count, nd_teller *teller,
                                  nadir_error *error);
size_t nd_filter_columns(const nd_filter *filter);
const nd_model_column *nd_filter_column(const nd_filter *filter, size_t i);
/* kept[i] = 1 where the condition holds; a row with a missing value in it does not. values: by
 * column of the filter; at most ND_CHUNK rows. */
void nd_filter_run(nd_filter *filter, const double *const *values, size_t rows,
                   unsigned char *kept);
/* How a column of a model or filter is asked of a table; a table without it is refused by name. */
nadir_status nd_request_column(const nd_table *table, const nd_model_column *column,
                               double *numbers, nd_request *request, nadir_error *error);

/* Reading rows for a model: the requested columns of a chunk, as double arrays by model column;
 * used for prediction, scores, pictures and by data.c. needs_target false: target, weight and sigma
 * are neither asked for nor filled. */
typedef struct nd_model_reader nd_model_reader;
nadir_status nd_model_reader_new(nd_model_reader **reader, const nd_model *model,
                                 const nd_table *table, const nadir_settings *settings,
                                 bool needs_target, nadir_error *error);
void nd_model_reader_free(nd_model_reader *reader);
/* nd_warn_unmet_filter of its --where. */
nadir_status nd_model_reader_warn(const nd_model_reader *reader, nd_teller *teller,
                                  nadir_error *error);
/* The column of a target that is a bare column of text, of two classes or more; NULL for others. */
const char *nd_model_text_target(const nd_model *model);
typedef struct nd_model_rows {
  size_t rows;          /* of the chunk, all of them */
  const double *target; /* y; class number for CLASS (NaN: a class the model does not know) */
  const double *weight, *sigma; /* NULL without */
  const unsigned char *kept; /* 0: left out by --where (1: used); 2: left out for a missing value */
  const double *loss;       /* of each row, at model->value, in the table's units, without weight */
  const double *output;     /* f in the table's units at model->value (first head for softmax) */
  const double *const *eta; /* by head, at model->value */
  const double *const *features; /* unscaled, by feature */
} nd_model_rows;
/* Evaluates features, target, etas, f of chunk c. A reader is for one thread. */
nadir_status nd_model_read(nd_model_reader *reader, size_t chunk, nd_model_rows *rows,
                           nadir_error *error);

/* ==== data (data.c, scale.c) ================================================================== */

/* The used rows of a table, scaled and packed: in memory where they fit, else read again at each
 * pass. */
typedef struct nd_data nd_data;
typedef struct nd_data_counts {
  uint64_t read, used, dropped_where, dropped_missing, validation;
  double weight; /* W over the used rows */
  bool single, in_memory;
} nd_data_counts;
/* Sets model->scaling. */
nadir_status nd_data_new(nd_data **data, nd_model *model, const nd_table *table,
                         const nadir_settings *settings, nd_pool *pool, nd_teller *teller,
                         nadir_error *error);
void nd_data_free(nd_data *data);
const nd_data_counts *nd_data_count(const nd_data *data);

/* ==== objective (objective.c for tables, point.c for formulas and callbacks) ================== */

/* A stretch of plain descent over rows in batches. */
typedef struct nd_stretch {
  const nd_pick *picks;
  size_t count, batch;
  const double *rates; /* one an update */
  const double *share; /* by parameter, multiplies each rate; NULL: all 1 */
  double *average;     /* w is added to it after every update; or NULL */
} nd_stretch;

/* The size of each parameter and of the loss, for coordinates u = w / parameter, loss / loss. */
typedef struct nd_scales {
  double *parameter, loss;
} nd_scales;

/* What descend sees. All in descent coordinates; losses too (factor to the table's units beside).
 */
typedef struct nd_objective nd_objective;
struct nd_objective {
  nadir_problem problem;      /* with the l2 penalty, without l1 */
  uint64_t rows;              /* N; 0: there are no rows, one update is one epoch */
  const uint32_t *block_rows; /* used rows of each block, for the sampler */
  size_t blocks;
  double loss_factor;
  const double *l1;   /* size numbers, or NULL */
  double
      deadline; /* of a descent, by nd_clock(): where --seconds are over. 0: they begin with it */
  const nd_until *until; /* a little later: of passes over rows and what is asked of them; borrowed,
                            may be NULL */
  char *const *names; /* of the parameters */
  bool kinked;        /* the loss has kinks (or jumps) in the parameters, beside l1's */
  bool linear;        /* rows see the parameters through linear heads alone */
  bool sum;           /* --reduce sum */
  const nd_scales *scales; /* of the coordinates of this objective (scaled.c), or NULL */
  /* Of a formula: what it was made of, borrowed. graph NULL for others. */
  nd_graph *graph;
  nd_node root;
  const nd_node *parameters;
  double hessian_error; /* of the Hessian's entries, against its largest; 0: rounding alone */
  bool single;          /* rows in float32: gradients are known to about 1e-6 of their terms */
  /* The estimate from some rows, and a stretch of plain descent over them; NULL without rows. */
  nadir_status (*batch)(nd_objective *objective, const nd_pick *picks, size_t count,
                        const double *w, double *loss, double *gradient, nadir_error *error);
  nadir_status (*descend)(nd_objective *objective, const nd_stretch *stretch, double *w,
                          size_t *updates, double *loss, double *gradient, double *step,
                          nadir_error *error);
  nadir_status (*validation)(nd_objective *objective, const double *w, double *loss,
                             nadir_error *error);
  void (*to_table)(const nd_objective *objective, const double *w, double *table_w);
  /* A change of the loss that moves no parameter by more than a thousandth of its standard error;
   * NaN, or no function, where there are none. */
  double (*negligible)(const nd_objective *objective, double loss);
  double (*data_loss)(const nd_objective *objective, const double *w,
                      double loss); /* less the penalty */
  void (*free)(nd_objective *objective);
  void *self;
};
/* The sums of blocks are added in the binary tree over block numbers aligned at powers of two
 * (reduce.c), so any number of threads gives the same bits. */
nadir_status nd_objective_of_table(nd_objective **objective, nd_model *model, nd_data *data,
                                   const nadir_settings *settings, nd_pool *pool,
                                   nadir_error *error);
nadir_status nd_objective_of_formula(nd_objective **objective, nd_graph *graph, nd_node root,
                                     const nd_node *parameters, size_t size,
                                     const nadir_settings *settings, nadir_error *error);
nadir_status nd_objective_of_function(nd_objective **objective, const nadir_function *function,
                                      const nadir_settings *settings, nadir_error *error);
void nd_objective_free(nd_objective *objective);

/* ---- scaled coordinates (scaled.c) ---- */
/* The scales at w; NULL where there are none: no second derivatives, or nothing to gain there. */
nadir_status nd_scales_measure(nd_scales **scales, const nd_objective *objective, const double *w,
                               nadir_error *error);
void nd_scales_free(nd_scales *scales);
void nd_scales_up(const nd_scales *scales, size_t n, const double *u, double *w);   /* w = s u */
void nd_scales_down(const nd_scales *scales, size_t n, const double *w, double *u); /* u = w / s */
/* `of` in the coordinates of scales, both of which it borrows. For rules of the first order: it has
 * no triangle of residuals, and no graph. */
nadir_status nd_objective_scaled(nd_objective **scaled, nd_objective *of, const nd_scales *scales,
                                 nadir_error *error);

/* ==== descent (sampler.c, rate.c, descend.c, trace.c) ========================================= */

/* A trace: rows of numbers, columns as nadir.h says. At most 10,000 rows are kept: every update up
 * to 1,000, then thinned deterministically (first and last stay). */
struct nadir_trace {
  size_t columns, rows, capacity;
  char **names;
  double *values;  /* by rows */
  uint64_t stride; /* of updates now recorded */
  bool last_stays; /* or gives way to the next row, being off the stride */
};
enum {
  ND_TRACE_UPDATE,
  ND_TRACE_ROWS,
  ND_TRACE_EPOCH,
  ND_TRACE_SECONDS,
  ND_TRACE_LOSS,
  ND_TRACE_GRADIENT,
  ND_TRACE_RATE,
  ND_TRACE_STEP,
  ND_TRACE_PREDICTED,
  ND_TRACE_ACTUAL,
  ND_TRACE_PARAMETERS,
  ND_TRACE_MOST_PARAMETERS = 16 /* more are not recorded */
};
nadir_status nd_trace_new(nadir_trace **trace, char *const *names, size_t size, nadir_error *error);
nadir_status nd_trace_add(nadir_trace *trace, const double *values, nadir_error *error);
nadir_status nd_trace_save(const nadir_trace *trace, const char *path, nadir_error *error);
nadir_status nd_trace_load(nadir_trace **trace, const char *path, nadir_error *error);
void nd_trace_free(nadir_trace *trace);

/* Why a run has its method. */
typedef enum nd_method_reason {
  ND_METHOD_TYPED,
  ND_METHOD_SQUARES, /* lm */
  ND_METHOD_FEW,     /* newton: there is a Hessian at a fair price */
  ND_METHOD_MANY,    /* lbfgs */
  ND_METHOD_DESCENT_NAMED,
  ND_METHOD_KINKS,
  ND_METHOD_VERTEX, /* newton, on a loss whose kinks it can solve */
  ND_METHOD_PROXIMAL
} nd_method_reason;
typedef struct nd_method_choice {
  const nadir_optimizer *optimizer;
  const double *values; /* of its settings */
  nd_method_reason why;
} nd_method_choice;
/* method.c: `method`, or for auto one that finishes. */
nadir_status nd_choose_method(const nd_objective *objective, const nadir_settings *settings,
                              nd_method_choice *choice, nadir_error *error);
const char *nd_method_reason_text(nd_method_reason why);

typedef struct nd_run {
  double *w, *best; /* at the end; at the lowest loss seen on a full pass. Descent coordinates */
  nd_stop stop;
  uint64_t stop_update;                    /* the update at which it diverged */
  double rate;                             /* base rate; NaN: one for each parameter */
  char rate_text[256], schedule_text[128]; /* as used and why */
  nd_method_choice method;
  uint64_t updates, rows_seen, epochs;
  double duality_gap; /* the loss is at most so far above the least, proved; NaN: not known */
  uint64_t polished;  /* Newton steps made after the end, to the last digits */
  double seconds, loss, data_loss, gradient_norm, best_loss, validation_loss;
  double first_loss, first_gradient; /* and its norm */
  double *start, *reach; /* where it began; how far it went from there at most, by parameter */
  uint64_t rises;        /* full-batch updates that the loss rose at */
  uint64_t poor_steps;   /* full-batch steps that gained under a tenth of rate |g|^2 */
  nadir_trace *trace;
  nd_scales *scales; /* of the coordinates of rate, gradient_norm and first_gradient; NULL: plain */
} nd_run;
/* Descends from start (descent coordinates). A diverged run is not an error: stop says it, w holds
 * the last good parameters. */
nadir_status nd_descend(nd_objective *objective, const nadir_settings *settings,
                        const double *start, nd_teller *teller, nd_run *run, nadir_error *error);
void nd_run_clear(nd_run *run);

/* Losses with kinks, absolute, quantile and hinge, of a linear model whose rows are in memory:
 * solved to the vertex by Newton's method on a smoothed loss, in `most` updates (0: as many as it
 * takes), or until it is over (smooth.c). */
typedef struct nd_smooth {
  double *w;          /* the minimum, in descent coordinates */
  double gap;         /* the loss there is so far above the least, rounding aside ... */
  double duality_gap; /* ... and at most so far, proved; NaN for a formula of one's own */
  uint64_t updates;
} nd_smooth;
bool nd_smooth_applies(const nd_objective *objective);
nadir_status nd_smooth_descend(const nd_objective *objective, const double *start, uint64_t most,
                               const nd_until *until, nd_smooth *result, nadir_error *error);
void nd_smooth_clear(nd_smooth *result);

/* The largest and smallest signed eigenvalue of the Hessian at w: exact for small d with a Hessian,
 * Lanczos on Hessian-vector products, or differences of gradients for a callback. NaN where it
 * cannot be had. */
nadir_status nd_curvature(const nd_objective *objective, const double *w, double *largest,
                          double *smallest, nadir_error *error);
/* Whether the Hessian can be had for at most so many parameters, and a bounded number of products
 * over the rows. */
bool nd_hessian_is_affordable(const nd_objective *objective, size_t most_parameters);
/* The largest |(H^-1 g)_i| / (1 + |w_i|), where H is positive definite and small enough (16
 * parameters) to be had; NaN otherwise. */
nadir_status nd_newton_reach(const nd_objective *objective, const double *w, const double *gradient,
                             double *reach, nadir_error *error);

/* The order in which rows are seen: positions of an epoch -> picks. */
typedef struct nd_sampler nd_sampler;
nadir_status nd_sampler_new(nd_sampler **sampler, const uint32_t *block_rows, size_t blocks,
                            nd_row_order order, uint64_t seed, nadir_error *error);
void nd_sampler_free(nd_sampler *sampler);
/* The next picks of this epoch, at most `count`; *got 0 at its end. */
nadir_status nd_sampler_next(nd_sampler *sampler, uint64_t epoch, nd_pick *picks, size_t count,
                             size_t *got, nadir_error *error);

/* ==== the kind of point (kind.c), standard errors (errors.c) ================================== */

/* Why the end of a run is the kind of point that it is: the rows of outcome.def. */
typedef enum nd_reason {
#define ND_REASON(id, name, point, is, sentence) ND_REASON_##id,
#include "fit/outcome.def"
} nd_reason;
typedef struct nd_reason_info {
  const char *name;
  nadir_point point;
  nadir_point_is is;
  const char *sentence;
} nd_reason_info;
const nd_reason_info *nd_reason_about(nd_reason reason);

/* What may be to blame, and how it is told. */
typedef enum nd_cause {
#define ND_ADVICE(id, name, sentence) ND_CAUSE_##id,
#include "fit/outcome.def"
  ND_CAUSES
} nd_cause;

typedef struct nd_diagnosis {
  nd_reason reason;
  bool bottom;        /* flat along some directions, at rest in all others: a minimum if convex */
  bool proved;        /* that it is a minimum */
  double *directions; /* in the table's coordinates, one after the other: what reason speaks of */
  size_t direction_count;
  bool *idle; /* parameters that do not act here, or NULL: all do */
  double curvature_max, curvature_min, stable_rate;
} nd_diagnosis;
/* What is known of the objective beside: {.least = -HUGE_VAL} is nothing. */
typedef struct nd_known_of_run {
  bool convex, affine, strictly; /* proved; strictly: convex, with a bound on the gap */
  bool nowhere;                  /* the formula as typed has no value at the end, proved */
  double least;                  /* a proved lower bound; of a formula it is looked for */
  bool exists;                   /* a minimum does, proved */
  double gap;                    /* where strictly: the loss is at most so far above its least */
  double rounding;               /* of the loss; at least that of its own digits */
  double noise;                  /* what rounding leaves of Newton's decrease at a minimum */
  const double *standard_error;  /* in the table's coordinates, or NULL */
} nd_known_of_run;
nadir_status nd_diagnose(const nd_objective *objective, const nd_run *run,
                         const nd_known_of_run *known, nd_diagnosis *diagnosis, nadir_error *error);
void nd_diagnosis_clear(nd_diagnosis *diagnosis);

/* What a pass over the rows of a fit at model->value tells beside (survey.c); all 0 of many rows. */
typedef struct nd_survey {
  double rounding, noise; /* as of nd_known_of_run */
  bool one_class, separated, all_zero;
} nd_survey;
nadir_status nd_survey_rows(const nd_objective *objective, const nadir_settings *settings,
                            nd_survey *survey, nadir_error *error);

/* nd_curvature in the coordinates of a run; scales NULL: plain. */
nadir_status nd_curvature_in(const nd_scales *scales, nd_objective *objective, const double *w,
                             double *largest, double *smallest, nadir_error *error);
/* Whether the kinks and jumps of a free formula are out of reach of every row where no parameter moves
 * from w by more than reach[i]; false also where it is not known, or there are no rows (row_kinks.c). */
nadir_status nd_rows_keep_off_kinks(const nd_objective *objective, const double *w,
                                    const double *reach, bool *smooth, nadir_error *error);

/* The largest stable rate near the minimum, NaN where it is not known (stable.c). largest: the
 * largest curvature at the end of the run. */
nadir_status nd_stable_rate(nd_objective *objective, const nadir_settings *settings,
                            const nd_run *run, const double *rule_values, bool at_minimum,
                            double largest, double *stable_rate, nadir_error *error);

/* Standard errors into model->standard_error and ->covariance, where definitions.md has them. */
typedef struct nd_errors {
  double residual_sigma, chi2;
  uint64_t degrees_of_freedom;
  double condition_raw, condition_scaled; /* of the Hessian of the loss with intercept */
  nadir_no_errors none; /* why there are none */
  size_t rank;     /* of J'WJ; less than the parameters where some are undetermined */
  double along[2]; /* where two are: the fit is the same along (along[0], along[1]) of them */
} nd_errors;
nadir_status nd_standard_errors(nd_model *model, nd_data *data, const nd_objective *objective,
                                const double *descent_w, nd_errors *errors, nadir_error *error);

/* A column whose zero lies far outside of its rows, so that parameters of a free formula that belong to
 * it have few digits, which they would have with column - middle in its place (offset.c). Asked for
 * after the standard errors. */
typedef struct nd_offset {
  char *column;  /* as a formula has it; NULL: there is none */
  double middle; /* a round number among its values */
  size_t count;  /* of the parameters */
  int *digits;   /* by parameter: those that its error leaves; -1: it is none of them */
} nd_offset;
nadir_status nd_find_offset(const nd_objective *objective, nd_offset *offset, nadir_error *error);
void nd_offset_clear(nd_offset *offset);

/* ==== the stochastic side (noise.c) =========================================================== */

typedef struct nd_cloud {
  double rate, radius, predicted,
      about_minimum; /* NaN where it does not rest, or no prediction is made */
} nd_cloud;
typedef struct nd_clouds {
  nd_cloud *cloud; /* by rate */
  size_t count;
  double exponent; /* of radius against rate */
} nd_clouds;
typedef struct nd_noise {
  double *wrong_way; /* by epoch, from 0: the share of batch gradients that point uphill */
  size_t wrong_way_count;
  nd_clouds shuffled, drawn;
} nd_noise;
/* minimum: where the full gradient vanishes. All in descent coordinates. */
nadir_status nd_noise_measure(nd_objective *objective, const nadir_settings *settings, size_t batch,
                              const double *start, const double *minimum, const double *rates,
                              size_t count, nd_noise *noise, nadir_error *error);
void nd_noise_clear(nd_noise *noise);

/* ==== advice on the rate (advise.c, advise_large.c) ============================================ */

/* The updates that a rule needs on the local quadratic, and how well that is known. */
typedef enum nd_known {
  ND_NOT_PREDICTED, /* each update would take a pass over the rows */
  ND_NO_MINIMUM,    /* rounding hides whether the quadratic has a minimum */
  ND_SIMULATED,     /* on the quadratic, or on a subspace which the rule does not leave */
  ND_MODELLED,      /* on a subspace which the rule has left by then: about so many */
  ND_MORE_THAN      /* the simulation was not there after so many */
} nd_known;
typedef struct nd_needed {
  nd_known known;
  uint64_t updates;
} nd_needed;

typedef struct nd_advice {
  size_t size;
  size_t steps;              /* of Lanczos; 0: all is from the Hessian itself */
  double *gradient, *second; /* at the point asked about; second: the Hessian's diagonal, or NULL */
  double *hessian;           /* NULL by Lanczos */
  double curvature_max, curvature_min; /* eigenvalues; by Lanczos the largest is this or more, the
                                          smallest this or less ... */
  double largest_error, least_error;   /* ... and there is an eigenvalue as near as this */
  double largest_bound, least_bound;   /* above the largest, below the smallest */
  bool largest_proved, least_proved;   /* else but for a chance of 1e-9 */
  double trace_bound;                  /* proved above the largest, by the trace; NaN: not had */
  double condition_raw, condition_scaled; /* this or more, by Lanczos; NaN: not had */
  bool convex_here;                       /* no direction curves downwards: what follows exists */
  nd_needed *needed;                      /* by rule, in the order of nd_optimizer_at */
  double *best_step, *root_sum_square;    /* by parameter: |g|/|L''| (NULL without second), and
                                             Adagrad's sum after so many updates */
  int adagrad_updates;
} nd_advice;
/* From the Hessian up to 1,000 parameters where a pass for it is affordable, else by products. */
nadir_status nd_advise(nd_objective *objective, const double *at, double tolerance,
                       nd_advice *advice, nadir_error *error);
void nd_advice_clear(nd_advice *advice);

/* ==== certainty (certify.c) =================================================================== */

/* What is proved of a whole objective, and so of the point where its descent ended. */
typedef struct nd_certificate {
  nd_verdict verdict; /* for a fit: of the mean loss in all parameters */
  bool exists;        /* a minimum does, proved */
  bool by_ranges;     /* proved with the ranges of the columns as read */
  double modulus;     /* proved, of the objective in descent coordinates; NaN without one */
  double gap; /* proved upper bound on loss - minimum, in the table's units; NaN without one */
  char no_gap[200]; /* why there is none */
  bool nowhere;     /* the formula as typed has no value at the end */
} nd_certificate;
nadir_status nd_certify_fit(const nd_model *model, const nd_objective *objective,
                            const nadir_settings *settings, const nd_run *run,
                            nd_certificate *certificate, nadir_error *error);
/* The range, over the rows used, of each column that the loss of a row takes (facts.c). *facts is
 * the caller's, by nd_free; its texts are the graph's. */
nadir_status nd_facts_of_rows(const nd_objective *objective, nd_fact **facts, size_t *count,
                              nadir_error *error);
/* Two points, in the table's units, between which the objective of a table lies above its chord, by
 * a pass that encloses every row (refute.c); *witness stays NULL where none is found. The caller
 * frees it with its verdict. */
nadir_status nd_refute_fit(const nd_objective *objective, const nd_run *run, nd_witness **witness,
                           nadir_error *error);
nadir_status nd_certify_formula(nd_graph *graph, nd_node typed, const nd_node *parameters,
                                size_t size, const nd_objective *objective,
                                const nadir_settings *settings, const nd_run *run,
                                nd_certificate *certificate, nadir_error *error);
void nd_certificate_clear(nd_certificate *certificate);

#endif
