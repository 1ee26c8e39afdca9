/* Parameters that are not free: fixed at a number (--fix), tied to others by an expression (--tie), or kept
 * within a range (--bounds). The first two are put into the formula itself, so that its derivatives and what is
 * proved of it are those of the function that is left. */
#ifndef ND_HELD_H
#define ND_HELD_H

#include "expr/formula.h"
#include "settings/settings.h"

typedef struct nd_held {
  nd_node name, value; /* the value is over parameters that are free */
  nd_node typed;       /* the value as typed: it may name others that are held */
  const char *text;    /* its text; the graph's */
  bool tied;
} nd_held;
typedef struct nd_held_list {
  nd_held *items;
  size_t count;
} nd_held_list;

/* --fix and --tie, as nodes of this graph, each value with those of other names put in. To be cleared by
 * the caller, also after a failure. */
nadir_status nd_held_read(const nadir_settings *settings, nd_graph *graph, nd_held_list *held,
                          nadir_error *error);
void nd_held_clear(nd_held_list *held);
/* The values put in for the names under root. */
nadir_status nd_held_put(nd_graph *graph, const nd_held_list *held, nd_node root, nd_node *changed,
                         nadir_error *error);
/* The value of one where the free parameters, size of them, have the values w; and its derivatives by them. */
nadir_status nd_held_value(nd_graph *graph, const nd_held *held, const nd_node *names, size_t size,
                           const double *w, double *value, double *gradient, nadir_error *error);
/* What --fix and --tie leave of a formula; its text stays. To be cleared by the caller, also after a failure: a
 * name that the formula does not have, or nothing that is left. */
typedef struct nd_left {
  const nadir_expr *expr; /* the formula itself where nothing is held, else `made` */
  nadir_expr *made;
  nd_held_list held;
} nd_left;
nadir_status nd_left_of(nd_left *left, const nadir_expr *of, const nadir_settings *settings,
                        nadir_error *error);
void nd_left_clear(nd_left *left);
/* The setting that holds it: "fix" or "tie". */
const char *nd_held_by(const nd_held *held);

/* --bounds: name, low, high, infinite where an end is left out. *list is the caller's, by nd_bounds_free. */
typedef struct nd_bound {
  char *name;
  double low, high;
} nd_bound;
nadir_status nd_bounds_read(const char *text, nd_bound **list, size_t *count, nadir_error *error);
void nd_bounds_free(nd_bound *list, size_t count);
/* A start outside of its bounds is refused; NaN: none is given. */
nadir_status nd_check_start(const char *name, double start, double low, double high,
                            nadir_error *error);

#endif
