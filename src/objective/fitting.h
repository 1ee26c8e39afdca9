/* A table, a formula and settings made into an objective: what fits, contours, rates and noise begin with. */
#ifndef ND_FITTING_H
#define ND_FITTING_H

#include "base/listener.h"
#include "objective/objective.h"

/* Free also after a failure. */
typedef struct nd_fitting {
  const nadir_settings *settings;
  double deadline; /* of nd_clock(), where --seconds are over */
  nd_until until;  /* and a little later what still goes on is cut short */
  nd_teller teller;
  nd_pool *pool;
  nd_model *model;
  nd_data *data;
  nd_objective *objective;
  nd_graph *graph; /* of the formula, where there is no table; borrowed */
  const char **column; /* those of the table that are read; the names are the model's */
  size_t columns;
} nd_fitting;
/* Of the rows of a part, which it borrows; NULL: of all. */
nadir_status nd_fitting_new(nd_fitting *fitting, const nd_table *table, const nd_part *part, const char *formula,
                            const nadir_settings *settings, const nadir_listener *listener,
                            nadir_error *error);
/* After its part went on to another group. */
nadir_status nd_fitting_renew(nd_fitting *fitting, nadir_error *error);
void nd_fitting_free(nd_fitting *fitting);
/* The first of it, where there is no table: from now on the seconds count. The fitting must stay where
 * it is. */
nadir_status nd_fitting_begin(nd_fitting *fitting, const nadir_settings *settings,
                      const nadir_listener *listener, nadir_error *error);
/* Derivatives of that formula end with the time too, as long as the fitting lives. */
void nd_fitting_heed(nd_fitting *fitting, nd_graph *graph);
/* The objective, once it is made, is bound to the time, and has its bounds. */
nadir_status nd_fitting_bind(nd_fitting *fitting, nadir_error *error);
/* Where its descent begins, size numbers in descent coordinates: --start, else zero. */
nadir_status nd_fitting_start(const nd_fitting *fitting, double *start, nadir_error *error);
/* The most for what is still to be done, in seconds of the processor's time: a loaded machine, or ranks that wait for each other, find no less. */
void nd_fitting_allow(nd_fitting *fitting, double seconds);

#endif
