/* What stands behind the handles of nadir.h. */
#ifndef ND_API_INTERNAL_H
#define ND_API_INTERNAL_H

#include "base/listener.h"
#include "judge/judge.h"
#include "judge/advice.h"
#include "plot/plot.h"

struct nadir_expr {
  nd_graph *graph;
  char *text;
  nd_node typed, root; /* as typed; simplified */
  nd_node *names;      /* NAME leaves, the parameters */
  nd_node *partials;   /* derivatives of root by them */
  size_t size;
  double *values; /* of all nodes, for evaluation */
  size_t values_size;
};

struct nadir_table {
  nd_table *table;
};

/* What a model was fitted to. */
typedef struct nd_origin {
  char **files;
  size_t file_count;
  uint64_t hash, rows_read, rows_used;
} nd_origin;

struct nadir_model {
  nd_model *model;
  nadir_settings *settings; /* those of the fit */
  nd_origin origin;
  double loss;
  nadir_classes classes; /* count 0: the target is a number */
  char *class_sentence;
};

/* classes.c: sets the last two from the first; the end of a fit and of the reading of a model file. */
nadir_status nd_tell_classes(nadir_model *model, nadir_error *error);

/* fitting.c: a table, a formula and settings made into an objective. Free also after a failure. */
typedef struct nd_fitting {
  const nadir_settings *settings;
  double deadline; /* of nd_clock(), where --seconds are over */
  nd_until until;  /* and a little later what still goes on is cut short */
  nd_teller teller;
  nd_pool *pool;
  nd_model *model;
  nd_data *data;
  nd_objective *objective;
  const char **column, **parameter; /* names, the model's own: as told by NADIR_NAMES */
  size_t columns;
} nd_fitting;
nadir_status nd_fitting_new(nd_fitting *fitting, const nd_table *table, const char *formula,
                            const nadir_settings *settings, const nadir_listener *listener,
                            nadir_error *error);
void nd_fitting_free(nd_fitting *fitting);
/* The first of it, where there is no table: from now on the seconds count. The fitting must stay where
 * it is. */
void nd_fitting_begin(nd_fitting *fitting, const nadir_settings *settings,
                      const nadir_listener *listener);
/* The objective, once it is made, is bound to the time. */
void nd_fitting_bind(nd_fitting *fitting);
/* The most for what is still to be done, in seconds from now. */
void nd_fitting_allow(nd_fitting *fitting, double seconds);

/* result.c: a result with everything that it points to. */
typedef struct nd_result_box {
  nadir_result result; /* first: the caller's pointer is the box's */
  nd_arena *arena;     /* texts and arrays */
} nd_result_box;
nadir_status nd_result_new(nd_result_box **box, size_t size, nadir_error *error);
/* A copy in the box's arena. */
nadir_status nd_result_text(nd_result_box *box, const char **slot, const char *text,
                            nadir_error *error);

nadir_status nd_table_options_read(const nadir_settings *settings, nd_table_options *options,
                                   double **nulls, nadir_error *error);

/* A FITS column of arrays of any length (TFORM P, Q): listed, but not read. */
bool nd_is_variable_length(const nd_column *column);

/* Pictures (picture_*.c), as nadir_plot_..., onto any canvas. */
nadir_status nd_draw_traces(const nadir_trace *const *traces, const char *const *labels,
                            size_t count, const nadir_settings *settings, nd_canvas canvas,
                            nadir_error *error);
nadir_status nd_draw_contour(const nadir_expr *expr, const nadir_trace *const *traces,
                             const char *const *labels, size_t count,
                             const nadir_settings *settings, nd_canvas canvas, nadir_error *error);
nadir_status nd_draw_fit_contour(const nadir_model *model, const nadir_table *table,
                                 const nadir_trace *const *traces, const char *const *labels,
                                 size_t count, const nadir_settings *settings, nd_canvas canvas,
                                 nadir_error *error);
nadir_status nd_draw_fit(const nadir_model *model, const nadir_table *table,
                         const nadir_settings *settings, nd_canvas canvas, nadir_error *error);

#endif
