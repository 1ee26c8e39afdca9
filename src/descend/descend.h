/* descend: an objective -> a finished run: the one loop, the rate and the method that it takes, its trace. */
#ifndef ND_DESCEND_H
#define ND_DESCEND_H

#include "base/listener.h"
#include "objective/objective.h"

/* A trace: rows of numbers, columns as nadir.h says. At most 10,000 rows are kept: every update up
 * to 1,000, then thinned deterministically (first and last stay). */
struct nadir_trace {
  size_t columns, rows, capacity;
  char **names;
  double *values;  /* by rows */
  uint64_t stride; /* of updates now recorded */
  bool last_stays; /* or gives way to the next row, being off the stride */
};
/* validated: with a last column validation_loss. */
nadir_status nd_trace_new(nadir_trace **trace, char *const *names, size_t size, bool validated,
                          nadir_error *error);
/* Into that column, of the row that was added last. */
void nd_trace_validated(nadir_trace *trace, double loss);
/* That column; `columns` of a trace without it. */
size_t nd_trace_validation(const nadir_trace *trace);
nadir_status nd_trace_add(nadir_trace *trace, const double *values, nadir_error *error);
nadir_status nd_trace_save(const nadir_trace *trace, const char *path, nadir_error *error);
nadir_status nd_trace_load(nadir_trace **trace, const char *path, nadir_error *error);
void nd_trace_free(nadir_trace *trace);

/* The method of a run, and why. */
typedef struct nd_method_choice {
  const nadir_optimizer *optimizer;
  const double *values; /* of its settings */
  nadir_method_why why;
} nd_method_choice;
/* The rule that is taken for this reason; NULL where it is given (method.c). */
const nadir_optimizer *nd_method_for(nadir_method_why reason);
/* `method`, or for auto one that finishes (method.c). */
nadir_status nd_choose_method(const nd_objective *objective, const nadir_settings *settings,
                              nd_method_choice *choice, nadir_error *error);

typedef struct nd_run {
  double *w, *best; /* at the end; at the lowest loss seen on a full pass. Descent coordinates */
  nadir_stop stop;
  uint64_t stop_update;                    /* the update at which it diverged */
  nadir_plan plan; /* except for its columns; names are the objective's, rate_given the settings' */
  double rate, rate_highest; /* the last base rate and the highest; NaN: one for each parameter */
  nd_method_choice method;
  uint64_t updates, rows_seen, epochs;
  uint64_t rows_sampled; /* of rows_seen; the updates are in the plan */
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
  double duality_gap; /* ... and at most so far, proved; NaN for a formula of the user's own */
  uint64_t updates;
} nd_smooth;
bool nd_smooth_applies(const nd_objective *objective);
nadir_status nd_smooth_descend(const nd_objective *objective, const double *start, uint64_t most,
                               const nd_until *until, nd_smooth *result, nadir_error *error);
void nd_smooth_clear(nd_smooth *result);

#endif
