/* Advanced: update rules, methods and readers of your own. nadir.h includes this. */
#ifndef NADIR_EXTEND_H
#define NADIR_EXTEND_H

#include "../nadir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ==== update rules ============================================================================ */

/* What a rule or method sees of the function: vectors of `size` numbers, in descent coordinates. A
 * member that does not exist is NULL. value and gradient are of the whole objective except the L1
 * penalty; a value outside the function's domain is NaN, not an error. */
typedef struct nadir_problem {
  size_t size;
  void *context;
  nadir_status (*value)(void *context, const double *w, double *loss, nadir_error *error);
  nadir_status (*gradient)(void *context, const double *w, double *loss, double *gradient,
                           nadir_error *error);
  nadir_status (*hessian)(void *context, const double *w, double *hessian /* size x size */,
                          nadir_error *error);
  nadir_status (*hessian_vector)(void *context, const double *w, const double *v, double *product,
                                 nadir_error *error);
  /* Where the loss is a sum of squares, squares |r|^2, penalty and all: the upper triangle of the
   * QR decomposition of [J r], J = dr/dw, (size + 1) x (size + 1) by rows, zeros below. The loss is
   * `squares` times the sum of the squares of its last column, the gradient 2 squares J'r. Never
   * formed by way of J'J, which would lose half of the digits. */
  nadir_status (*factor)(void *context, const double *w, double *factor, nadir_error *error);
  double squares;
  /* About what rounding may change `loss`, the one at w, by. */
  nadir_status (*rounding)(void *context, const double *w, double loss, double *rounding,
                           nadir_error *error);
  /* Of the rows of the present batch alone; the same as gradient with batch all. */
  nadir_status (*batch_gradient)(void *context, const double *w, double *gradient,
                                 nadir_error *error);
  void *batch_context;
  /* Asked between pieces of work of some milliseconds: NADIR_ENDED, which is passed on, once the run is
   * to end. May be NULL. The members above ask themselves. */
  nadir_status (*go_on)(void *context, nadir_error *error);
  uint64_t epoch_updates; /* updates that make one pass over the rows */
  double batch_share; /* what gradient is to be multiplied by to be what batch_gradient is expected to be: 1, or of a
                         sum over rows the batch's part of them */
  int scaled; /* not 0: the parameters belong to columns that were brought to one width, so that of many a method may take
                 1 for the scale of each */
} nadir_problem;

/* One update. t counts from 0. rate[i] is the rate of parameter i after the schedule. values are
 * the rule's own settings in the order of its rows. The state vectors (size numbers each) and
 * scalars are zero before the first update and the rule's own after. */
typedef struct nadir_step {
  size_t size;
  uint64_t t;
  const double *w, *gradient, *rate, *values;
  double *const *vectors;
  double *scalars;
  const double *l1; /* of the penalty sum l1_i |w_i|, for NADIR_COMPOSITE; NULL without one */
} nadir_step;

/* A setting of a rule's own: NAME.name. */
typedef struct nadir_rule_setting {
  const char *name;
  double initial, low, high;
  const char *help;
} nadir_rule_setting;

/* What a method answers to one update. */
typedef struct nadir_update {
  double *step;      /* size numbers: what is subtracted from w */
  double *effective; /* size numbers: the rate that multiplied the gradient; 0 where that is 0 */
  double *gradient;  /* size numbers: room for the gradient at the new point ... */
  double loss;       /* ... and its loss; left NaN where the method has not looked there */
  double left;       /* the decrease that its model of the loss promised before this update, as
                        Newton's g'H^-1 g / 2; left NaN by methods that do not know */
  uint64_t evaluations; /* counted up: passes over the rows beyond one per update */
} nadir_update;

enum {
  NADIR_PROXIMAL = 1,    /* soft-thresholding by the effective rate is this rule's proximal step */
  NADIR_FULL_BATCH = 2,  /* needs the exact gradient: batch all only */
  NADIR_SELF_SIZING = 4, /* finds its own step size: rate is only where it starts */
  NADIR_VARIANCE_REDUCED = 8, /* the noise of its batches dies away: a constant rate will do */
  NADIR_COMPOSITE = 32,       /* takes the L1 penalty into its own step */
  NADIR_FINISHES = 16, /* knows what decrease is left, so that a run ends when none matters */
  NADIR_SQUARES = 64,  /* needs the residuals of a sum of squares */
  /* Its steps on a quadratic follow from the eigenvalues of the Hessian and the start's share in each
   * eigenvector, whatever the coordinates. */
  NADIR_SPECTRAL = 128
};

typedef struct nadir_optimizer {
  size_t bytes; /* sizeof(nadir_optimizer) */
  const char *name, *summary, *source; /* source: author, year, title */
  const nadir_rule_setting *settings;
  size_t setting_count;
  size_t vectors, scalars; /* of state */
  /* Or the number of vectors where it depends on the settings or on the size; else NULL. */
  size_t (*vectors_for)(size_t size, const double *values);
  unsigned traits;
  double rate;          /* the published default; 0: taken from the measured curvature */
  const char *schedule; /* with rate auto: one that lets the rule come to rest */
  /* The largest rate at which it is stable on a quadratic of curvature M; NULL where not known. */
  double (*stable_rate)(const double *values, double curvature);
  /* A rule: step[i] is subtracted from w[i]; effective[i] is the rate that multiplied the gradient.
   */
  void (*step)(const nadir_step *now, double *step, double *effective);
  /* Or a method, which looks at the problem: it gives the same answer, from `now->gradient` and
   * `loss` at now->w. It may evaluate trial points; a NaN there shrinks the step. Loss and gradient at the
   * point that it chose, where it has them, are not asked for again. */
  nadir_status (*advance)(const nadir_step *now, double loss, const nadir_problem *problem,
                          nadir_update *update, nadir_error *error);
} nadir_optimizer;

/* The built-in ones in the order of their names; NULL past the end. */
NADIR_API const nadir_optimizer *nadir_optimizer_at(size_t i);
/* The one that is taken for this reason; NULL where it is given. */
NADIR_API const nadir_optimizer *nadir_optimizer_for(nadir_method_why why);
/* Makes `method NAME` of these settings find the caller's own rule, which must outlive them. */
NADIR_API nadir_status nadir_settings_add_optimizer(nadir_settings *settings,
                                                    const nadir_optimizer *optimizer,
                                                    nadir_error *error);

/* ==== readers ================================================================================= */

/* A caller's own source of rows. read fills out[c][0..count-1] for the columns asked for (out[c]
 * NULL: not wanted), rows first .. first+count-1, and may be called from several threads at once. NaN is missing.
 * Where it fails it may fill the error, whose message is then passed on. names and units (units, or each of them,
 * may be NULL) are copied; context must outlive the table, which calls close (may be NULL) once at its end. */
typedef struct nadir_reader {
  size_t bytes; /* sizeof(nadir_reader) */
  void *context;
  size_t columns;
  const char *const *names, *const *units;
  uint64_t rows;
  nadir_status (*read)(void *context, uint64_t first, size_t count, double *const *out,
                       nadir_error *error);
  void (*close)(void *context);
} nadir_reader;
NADIR_API nadir_status nadir_table_from_reader(nadir_table **table, const nadir_reader *reader,
                                               nadir_error *error);

#ifdef __cplusplus
}
#endif
#endif
