/* What the files of a search for a start share: guess.c searches, guess_terms.c for one term of a sum after the other,
 * guess_peaks.c knows periodograms. */
#ifndef ND_GUESS_INTERNAL_H
#define ND_GUESS_INTERNAL_H

#include "judge/guess.h"
#include "objective/of_table.h"

enum { ND_GUESS_ROWS = 512, ND_GUESS_KEPT = 12, ND_GUESS_PURSUITS = 3 };

typedef struct nd_guess_draw {
  double *w; /* all parameters, in the table's coordinates */
  double left;
} nd_guess_draw;

typedef struct nd_residual_at {
  double place, value;
} nd_residual_at;

struct nd_guess {
  nd_fitting *fitting;
  nd_table_objective *rows;
  const nd_model *model;
  size_t linear, drawn;      /* how many of the free parameters */
  size_t *linear_at, *drawn_at;
  nd_node *nodes;            /* the derivatives by those that are linear, then f without them */
  nd_row_program *program;
  nd_fold *fold;
  nd_packed sample;
  double *numbers, *root;    /* of the sample; of its weights */
  bool *turns;               /* by drawn parameter: it is a frequency or a period, ... */
  bool *phase;               /* ... [k drawn + j]: and j is in the same angle as k */
  size_t terms, *term_of, *factor_of; /* guess_terms.c: how many; by drawn parameter, and by linear one, which */
  bool *hidden;              /* by linear parameter: it is 0 as yet */
  double without;            /* what is left where there are no terms; HUGE_VAL: not known */
  nd_span *range;            /* of the columns that the formula takes */
  size_t columns, first_column; /* the packed column that the first range is of */
  double *triangle, *matrix, *solution, *w;
  double *draws; /* room for those that are kept */
  nd_guess_draw best[ND_GUESS_KEPT], of_peak[ND_START_PEAKS], of_terms[ND_GUESS_PURSUITS];
  size_t kept;
  nd_node turning; /* the first argument of a circular function that turns, and with which drawn parameter */
  size_t turning_with;
  bool any_turning;
  nd_start_peaks peaks;
  bool wanted, quick; /* quick: a sixteenth of the search */
  nd_residual_at *order; /* room for the sample */
};

/* ---- guess.c ---- */

/* A number of one of the kinds that a column suggests; u, between 0 and 1, says how large. */
double nd_guess_number(const nd_guess *s, double u, nd_random *random);
/* The value, or one within the parameter's bounds. */
double nd_guess_within(double value, const nd_model_parameter *parameter);
/* Solves for the linear parameters into s->w; the squares that are left, HUGE_VAL where the formula has no value or
 * where they are more than `most`. */
nadir_status nd_guess_look(nd_guess *s, double most, double *left, nadir_error *error);
/* s->w among the best, if it is one of them. */
void nd_guess_keep(nd_guess *s, double left);

/* ---- guess_terms.c ---- */

/* Sets terms, term_of, factor_of and hidden. needs[k nodes + n]: whether node n depends on drawn parameter k. */
nadir_status nd_guess_find_terms(nd_guess *s, size_t nodes, const bool *needs, nadir_error *error);
/* Whether two terms of s->w are nearly the same, one upwards and one downwards: that comes low, and leads nowhere, so
 * that it counts as no better than no terms at all. */
bool nd_guess_cancels(const nd_guess *s);
/* of_terms: what comes of looking for them one after the other. */
nadir_status nd_guess_by_terms(nd_guess *s, nadir_error *error);

/* ---- guess_peaks.c ---- */

/* The peaks of the target against what turns with free parameter `p` in the argument of a circular function, w being any
 * point; `value` is that of the parameter. Nothing where the argument is not proportional to the parameter or to one over it,
 * or where the rows are too many. */
nadir_status nd_find_start_peaks(nd_table_objective *rows, nd_node argument, size_t p, double *w,
                            nd_start_peaks *peaks, nadir_error *error);

#endif
