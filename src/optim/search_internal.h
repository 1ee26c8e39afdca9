/* What the methods share that look at the problem: a backtracking line search and second
 * derivatives. */
#ifndef ND_SEARCH_INTERNAL_H
#define ND_SEARCH_INTERNAL_H

#include <math.h>

#include "optim/optim.h"

/* A search for lambda along w - lambda * direction. */
typedef struct nd_search {
  const nadir_step *now;
  const nadir_problem *problem;
  const double *direction;
  double slope;      /* gradient . direction */
  double loss;       /* at w */
  double reference;  /* what the new loss is compared with: loss, or the largest of the last few */
  double sufficient; /* c: the share of the predicted decrease lambda * slope that must be had */
  double shrink;     /* what a refused lambda is multiplied by */
  double *point;     /* scratch, size numbers: the trial point */
  bool by_loss;      /* where rounding hides the change of the loss, do not ask the slope */
} nd_search;

/* The first of lambda = first, first*shrink, ... that gives a loss <= reference - c lambda slope. 0
 * when none does before the step is lost in rounding: w is as low as this direction can show. Where
 * a loss is not finite lambda shrinks tenfold. Where the change of the loss is within its rounding,
 * the slope there decides instead, by the approximate form of the same test (Hager, Zhang 2005).
 * `update` then has the loss and gradient of the step that is taken. */
nadir_status nd_search_step(const nd_search *search, double first, double *lambda,
                            nadir_update *update, nadir_error *error);

/* The search that must lower the loss itself, along the direction in update->step,
 * which becomes the step found; update->effective is scratch until it is set. */
typedef struct nd_descent_search {
  double first, sufficient, shrink;
} nd_descent_search;
nadir_status nd_search_descent(const nadir_step *now, double loss, const nadir_problem *problem,
                               const nd_descent_search *how, double *lambda, nadir_update *update,
                               nadir_error *error);

/* What the radius of a trust region grows by after a step that kept `ratio` of what was promised: where
 * the model is as good as exact there is no reason to be timid. */
static inline double nd_growth(double ratio) {
  return fabs(ratio - 1) < 0.01 ? 10 : 2;
}

/* A search for lambda along w - lambda * direction that meets the strong conditions of Wolfe, which
 * quasi-Newton methods need (wolfe.c). */
typedef struct nd_wolfe {
  const nadir_step *now;
  const nadir_problem *problem;
  const double *direction;
  double slope;      /* gradient . direction */
  double loss;       /* at w */
  double noise;      /* what rounding may change it by */
  double sufficient; /* c1: the share of the predicted decrease that must be had */
  double flatter;    /* c2: the share of the slope that may be left */
  double *point;     /* scratch, size numbers: the trial point */
  double *kept;      /* scratch, size numbers: the gradient at the best trial so far */
} nd_wolfe;

/* 0 when no lower point is found before the step is lost in rounding. `update` then has the loss and
 * gradient of the step that is taken. */
nadir_status nd_search_wolfe(const nd_wolfe *search, double first, double *lambda,
                             nadir_update *update, nadir_error *error);

/* A step of Newton's method where now->l1 is given: the minimum of the quadratic model with the penalty,
 * then a search from lambda = first along the way there (proximal.c). `method` asks for it. */
nadir_status nd_proximal_newton(const nadir_step *now, double loss, const nadir_problem *problem,
                                const char *method, double first, nadir_update *update,
                                nadir_error *error);

/* point <- w - lambda direction; whether that is another point than w. */
bool nd_move(const nadir_step *now, double lambda, const double *direction, double *point);
/* What rounding may change the loss at w by: as the problem says, or some units of the last place. */
nadir_status nd_rounding_at(const nadir_step *now, double loss, const nadir_problem *problem,
                            double *into, nadir_error *error);

/* Asks the problem, which outlasts it. */
nd_until nd_until_of(const nadir_problem *problem);

/* The Hessian at now->w, size x size, by its rows; from products with unit vectors where there is
 * no other way. */
nadir_status nd_hessian_at(const nadir_step *now, const nadir_problem *problem, double *hessian,
                           const char *method, nadir_error *error);
/* Its diagonal alone. */
nadir_status nd_hessian_diagonal_at(const nadir_step *now, const nadir_problem *problem,
                                    double *diagonal, const char *method, nadir_error *error);

/* More parameters than this have no matrix of second derivatives where products with it can be had. */
enum { ND_MOST_DENSE = 512 };

/* Newton's step by such products (conjugate.c). */
typedef struct nd_conjugate {
  size_t n;
  double radius;       /* 0: there is none yet, and it is set */
  double share;        /* of the slope, and of the decrease, that may be left */
  size_t most;         /* products */
  double *p, *product; /* the step, and H p */
  bool inside;         /* it is shorter than the radius, and leaves no more than that share ... */
  bool gave_up;        /* ... or so many products were not enough for that */
  size_t products;     /* that it took */
} nd_conjugate;
nadir_status nd_conjugate_step(nd_conjugate *conjugate, const nadir_step *now, const nadir_problem *problem,
                               nadir_error *error);

/* A scalar of the state, as a place or an exponent: within its range even where the state came from a file. */
static inline double nd_within(double low, double scalar, double high) {
  return scalar >= low ? fmin(scalar, high) : low;
}

/* step and effective from a direction in `step`: step = lambda * direction, and what
 * multiplied the gradient to give it. */
void nd_search_finish(const nadir_step *now, double lambda, nadir_update *update);

#endif
