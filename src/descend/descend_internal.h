/* The pieces of the one descent loop: choose_rate.c decides the rate and the schedule, loop.c loops,
 * watch.c records, stops and reports. */
#ifndef ND_DESCEND_INTERNAL_H
#define ND_DESCEND_INTERNAL_H

#include "base/listener.h"
#include "descend/checkpoint.h"

/* choose_rate.c: which rate, why, and how it changes. */
typedef struct nd_rate {
  double base;      /* 1 where each parameter has its own */
  double *scale;    /* by parameter, or NULL */
  bool automatic;   /* chosen here: may be lowered when the loss rises */
  double curvature; /* measured where the rate was chosen; NaN where it was not needed */
  bool kinked;      /* no rate is small enough always to gain: steps may climb, plateau lowers it */
  double highest, last; /* used (0: none) */
  nd_schedule schedule;
} nd_rate;
/* batch: rows an update, 0 for all. */
nadir_status nd_rate_choose(nd_rate *rate, nd_objective *objective, const nadir_settings *settings,
                            const double *start, size_t batch, nd_teller *teller, nd_run *run,
                            nadir_error *error);
/* From here on steps may climb, and plateau lowers the rate; not where a schedule was typed. */
nadir_status nd_rate_calm(nd_rate *rate, const nadir_settings *settings, nadir_error *error);
/* An update was made with the base rate as it is now. */
void nd_rate_used(nd_rate *rate);
/* At the end of a run: what was used, where it is not what the run began with. */
void nd_rate_end(const nd_rate *rate, nd_run *run);
void nd_rate_clear(nd_rate *rate);

/* What a decision whether to go on may change. */
typedef struct nd_undecided {
  nd_stop_rules stop;
  nd_rate rate;
  int tightened;
  uint64_t idle, still;
} nd_undecided;

/* The state of a run. What changes in it is what checkpoint.c walks over. */
typedef struct nd_descent_state {
  nd_objective *objective;
  const nadir_settings *settings;
  nd_teller *teller;
  nd_run *run;
  nd_method *method;
  nd_face *face; /* where there are bounds, else NULL */
  nd_rate rate;
  nd_stop_rules stop;
  size_t size, batch; /* batch 0: all rows */
  double began;
  double *w, *gradient, *table_w, *row; /* row: of the trace */
  double loss, gradient_norm;           /* at w, with the L1 penalty; NaN where not known */
  double batch_loss;                    /* of the last batch, before its update */
  double best_gradient;                 /* the gradient's norm at run->best */
  double rate_now;                      /* of the last update */
  /* of the last update, NaN before it: */
  double step_norm, predicted, actual;
  /* validation: */
  double *best_validation_w;
  double best_validation, last_validation; /* NaN before the first */
  int halvings;          /* of a rate that was chosen here */
  int tightened;         /* how often the default tolerance proved too loose */
  uint64_t idle;         /* observations since loss or gradient last fell */
  double flattest;       /* the gradient's norm when it last fell so that it counted */
  uint64_t worse, still; /* observations without gain; updates that moved nothing */
  /* tail average: */
  double *average;
  uint64_t averaged, average_from; /* updates summed; the epoch the tail begins at */
  struct nd_parts *parts;          /* where there are several (parts.c), else NULL */
  bool apart; /* of a part of the rows, next to others: nothing is recorded, told or asked (parts.c) */
  /* checkpoints: */
  const nd_keeping *keeping; /* NULL: it is not kept */
  nd_schedule planned;       /* the schedule that set-up chose */
  nd_undecided before;       /* the last decision */
  double keep_at;            /* when the next one is written, by nd_clock() */
  bool kept_last, resumed;   /* no other is written; it goes on from one, which ... */
  bool decides;              /* ... says that it is to be decided first whether it goes on, */
  uint64_t position;         /* and how many picks of its epoch were gone over */
  nd_eta_ahead eta_ahead;    /* of the first that was not */
} nd_descent_state;

/* loop.c: the epochs of batches over some blocks, in their order. */
typedef struct nd_epoch {
  nd_sampler *sampler;
  nd_pick *picks;
  double *rates, *effective; /* of updates; of parameters in the last of them */
  size_t picks_size;         /* a multiple of the batch */
  size_t known, used;        /* of the picks: how many there are, and were gone over */
  size_t first_block; /* of those that the sampler knows from 0 */
} nd_epoch;
nadir_status nd_epoch_new(nd_epoch *epoch, const nd_descent_state *state, size_t first, size_t blocks,
                          nadir_error *error);
nadir_status nd_epoch_run(nd_descent_state *state, nd_epoch *epoch, nadir_error *error);
void nd_epoch_clear(nd_epoch *epoch);

/* parts.c: the same over parts of the rows, whose parameters are averaged. Free also after a failure. */
typedef struct nd_parts nd_parts;
nadir_status nd_parts_new(nd_parts **parts, const nd_descent_state *state, nadir_error *error);
nadir_status nd_parts_epoch(nd_parts *parts, nd_descent_state *state, bool *diverged, nadir_error *error);
/* Whether the limit on updates ends a part's epoch before its end. */
bool nd_parts_are_cut(const nd_parts *parts, const nd_descent_state *state);
/* What the methods of all parts remember, for a checkpoint; parts NULL: there is but one. The first gathers it
 * on all ranks, the last gives it back to the methods. */
nadir_status nd_parts_remember(nd_parts *parts, nadir_error *error);
double *nd_parts_memory(const nd_parts *parts, size_t *count);
void nd_parts_recall(nd_parts *parts);
void nd_parts_free(nd_parts *parts);

/* samples.c: those of the plan, by its method. */
void nd_plan_samples(const nd_objective *objective, const nadir_settings *settings,
                     nadir_plan *plan);
/* From the start, where nothing else was done yet, to where the samples lead; or, where the run's stop says that it
 * ended before, not at all. */
nadir_status nd_descend_on_samples(nd_descent_state *state, nadir_error *error);
/* The run's updates but those on samples. */
uint64_t nd_updates_on_all(const nd_run *run);

/* watch.c */
/* The norm of the gradient, or with L1 or bounds of the part of it that can still be gained. */
double nd_gradient_norm(const nd_objective *objective, const double *w, const double *gradient);
/* The problem that is left at the state's point, with its gradient: that of its face, where there are bounds. */
const nadir_problem *nd_problem_here(nd_descent_state *state, double *gradient);
/* Loss and gradient at w by a full pass, into the state. */
nadir_status nd_look(nd_descent_state *state, const double *w, double *loss, double *gradient,
                     nadir_error *error);
/* After a full look at w: record, keep the best, tell, and say whether to go on. */
nadir_status nd_observe(nd_descent_state *state, nadir_stop *stop, nadir_error *error);
/* Its second half: whether to go on. */
nadir_status nd_decide(nd_descent_state *state, nadir_stop *stop, nadir_error *error);
/* Whether the run ends by what its method has left to gain, not by a tolerance of the gradient. */
bool nd_knows_what_is_left(const nd_descent_state *state);
/* An event with where the run stands, and the parameters w in the units of the table, in state->table_w. */
nadir_event nd_event_now(nd_descent_state *state, nadir_event_kind kind, const double *w);
/* To a listener that asks for each update: loss in descent coordinates. */
void nd_tell_update(nd_descent_state *state, double loss, double gradient_norm, double step_norm);
/* Whether there are validation rows that are looked at. */
bool nd_validates(const nd_descent_state *state);
/* Between observations: time, signals, progress. */
nadir_status nd_pause(nd_descent_state *state, nadir_stop *stop, nadir_error *error);
nadir_status nd_record(nd_descent_state *state, nadir_error *error);

/* checkpoint.c: writes one where it is time for it, or the run has stopped. decides: after an observation; position: of
 * the sampler in its epoch. */
nadir_status nd_keep(nd_descent_state *state, bool decides, uint64_t position, nadir_error *error);
/* Now, and none after it: what follows is not what a run with a higher limit would do. */
nadir_status nd_keep_last(nd_descent_state *state, bool decides, uint64_t position, nadir_error *error);
/* Where the run of a checkpoint began, and all that it had come to when it was written. */
nadir_status nd_checkpoint_start(const nd_checkpoint *checkpoint, size_t size, double *start, nadir_error *error);
nadir_status nd_go_on_from(nd_descent_state *state, const nd_checkpoint *checkpoint, nadir_error *error);

/* polish.c: the last digits of a run that came to rest, counted in run->polished. */
nadir_status nd_polish(nd_descent_state *state, nadir_error *error);
/* What Newton's step from w would gain, g'H^-1 g / 2; NaN where there is no such step. */
nadir_status nd_newton_left(nd_descent_state *state, double *left, nadir_error *error);

#endif
