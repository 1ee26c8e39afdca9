/* objective: value, gradient, Hessian of a function, whatever it is made of: the rows of a table, a formula,
 * a callback of the caller's. What descends sees nothing else. */
#ifndef ND_OBJECTIVE_H
#define ND_OBJECTIVE_H

#include "expr/formula.h"
#include "rows/rows.h"

/* A stretch of descent over rows in batches. */
typedef struct nd_stretch {
  const nd_pick *picks;
  size_t count, batch;
  const double *rates; /* one per update */
  const double *share; /* by parameter, multiplies each rate; NULL: all 1 */
  double *average;     /* w is added to it after every update; or NULL */
  const nd_rule *rule; /* NULL: plain descent; else batches are of one row */
  double *effective;   /* set to the rate of each parameter in the last update */
  bool followed;       /* as of nd_descent */
  nd_eta_ahead *ahead; /* the same; NULL: nothing is known before, or asked for after */
} nd_stretch;

/* The size of each parameter and of the loss, for coordinates u = w / parameter, loss / loss. */
typedef struct nd_scales {
  double *parameter, loss;
} nd_scales;

/* A component of a caller's gradient that its values contradict. */
typedef struct nd_wrong_gradient {
  bool found;
  size_t parameter;
  double given, by_values;
} nd_wrong_gradient;

/* What descend sees. All in descent coordinates; losses too (with the factor to the table's units). It is
 * the first member of what it is the face of, which its own file alone knows. */
typedef struct nd_objective nd_objective;
struct nd_objective {
  nadir_problem problem;      /* with the l2 penalty, without l1 */
  uint64_t rows;              /* N; 0: there are no rows, one update is one epoch */
  const uint32_t *block_rows; /* used rows of each block, for the sampler */
  size_t blocks;
  double loss_factor;
  const double *l1; /* size numbers, or NULL */
  const nd_span *bounds; /* of each parameter, or NULL; freed with the objective. After them as they were typed */
  double
      deadline; /* of a descent, by nd_clock(): where --seconds are over. 0: they begin with it */
  const nd_until *until; /* a little later: of passes over rows and what is asked of them; borrowed,
                            may be NULL */
  char *const *names;    /* of the parameters */
  bool integrates;       /* the formula has integrals, whose rule may not converge */
  bool kinked;           /* the loss has kinks (or jumps) in the parameters, not counting l1's */
  bool linear;           /* rows see the parameters through linear heads alone */
  bool sum;              /* --reduce sum */
  bool untraced;         /* nobody asks for the traces of its descents */
  const nd_scales *scales; /* of the coordinates of this objective (scaled.c), or NULL */
  const nadir_expr *formula; /* that it was made of, borrowed; NULL for others */
  double hessian_error; /* of the Hessian's entries, against its largest; 0: rounding alone */
  bool single;          /* rows in float32: gradients are known to about 1e-6 of their terms */
  bool fuses; /* rows are descended one by one by any rule that steps parameter by parameter */
  /* The estimate from some rows, and a stretch of descent over them; NULL without rows. */
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
  /* The estimate from some of the blocks, their numbers going up, as an objective of its own, which borrows both; no
   * function where a minimum of few rows does not lead to that of all. */
  nadir_status (*sample)(nd_objective *objective, const size_t *chunk, size_t chunks,
                         nd_objective **sample, nadir_error *error);
  /* Of a sample alone: how far the last gradient of its problem may be from that of all rows, as a norm. */
  double (*noise)(const nd_objective *objective);
  /* Of a caller's function, else NULL. briefly: by two values, and by more only where these contradict it. */
  nadir_status (*look_for_contradiction)(nd_objective *objective, const double *w, bool briefly,
                                         nd_wrong_gradient *wrong, nadir_error *error);
  void (*free)(nd_objective *objective);
};
/* The sums of blocks are added in the binary tree over block numbers aligned at powers of two
 * (reduce.c), so any number of threads gives the same bits. */
nadir_status nd_objective_of_table(nd_objective **objective, nd_model *model, nd_data *data,
                                   const nadir_settings *settings, nd_pool *pool,
                                   nadir_error *error);
/* After nd_data_renew. */
void nd_objective_renew(nd_objective *objective);
/* The same, where rows are joined (joint.h): they are gathered anew. */
nadir_status nd_objective_rejoin(nd_objective *objective, const nadir_settings *settings, nadir_error *error);
nadir_status nd_objective_of_formula(nd_objective **objective, const nadir_expr *formula,
                                     const nadir_settings *settings, nadir_error *error);
nadir_status nd_objective_of_function(nd_objective **objective, const nadir_function *function,
                                      const nadir_settings *settings, nadir_error *error);
/* Of an objective of a function, however many its parameters are. */
nadir_status nd_function_hessian(nd_objective *objective, const double *w, double *hessian,
                                 nadir_error *error);
/* The gradient at w of an objective of a function, and what its values say of it: nadir_function_check. */
nadir_status nd_function_check(nd_objective *objective, const double *w, double *gradient,
                               double *differences, double *uncertainty, size_t *wrong,
                               nadir_error *error);
/* --bounds, in descent coordinates; a name that is not a parameter is an error (bounded.c). */
nadir_status nd_objective_bound(nd_objective *objective, const nadir_settings *settings,
                                const nd_model *model, nadir_error *error);
/* The parameters in the table's coordinates, those on a bound exactly there. */
void nd_objective_report(const nd_objective *objective, const double *w, double *table_w);
/* By parameter, -1: on its lower bound, 1: on its upper one, 0: on neither. */
int nd_objective_at_bound(const nd_objective *objective, const double *w, size_t i);
void nd_objective_free(nd_objective *objective);
/* go_on of every problem: its context begins with the objective. */
nadir_status nd_objective_go_on(void *context, nadir_error *error);

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

/* l1 |w|; 0 without one. */
double nd_l1_penalty(const nd_objective *objective, const double *w);
/* The penalty l2/2 w_i^2 as squares (sqrt(l2 / (2 squares)) w_i)^2: size rows of [J r], each of size
 * + 1 numbers (penalty.c). */
void nd_ridge_rows(size_t size, const double *ridge, double squares, const double *w, double *rows);

/* The largest and smallest signed eigenvalue of the Hessian at w: exact for small d with a Hessian,
 * Lanczos on Hessian-vector products, or differences of gradients for a callback. NaN where it
 * cannot be had. */
nadir_status nd_curvature(const nd_objective *objective, const double *w, double *largest,
                          double *smallest, nadir_error *error);
/* Whether the Hessian can be had for at most so many parameters, and a bounded number of products
 * over the rows. */
bool nd_hessian_is_affordable(const nd_objective *objective, size_t most_parameters);
/* The largest |(H^-1 g)_i| / (1 + |w_i|), where H is positive definite and small enough (16
 * parameters) available; NaN otherwise. */
nadir_status nd_newton_reach(const nadir_problem *problem, const double *w, const double *gradient,
                             const nd_until *until, double *reach, nadir_error *error);
/* Whether the kinks and jumps of a free formula are out of reach of every row where no parameter moves
 * from w by more than reach[i]; false also where it is not known, or there are no rows (row_kinks.c). */
nadir_status nd_rows_keep_off_kinks(const nd_objective *objective, const double *w,
                                    const double *reach, bool *smooth, nadir_error *error);

#endif
