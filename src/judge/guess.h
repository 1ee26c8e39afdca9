/* Where the descent of a fit begins when nobody says so. */
#ifndef ND_GUESS_H
#define ND_GUESS_H

#include "objective/fitting.h"

/* Of a formula with a frequency: the highest peaks of the target's periodogram, which were tried, and what they led to. */
enum { ND_START_PEAKS = 3 };
typedef struct nd_start_peaks {
  size_t count;
  nadir_fit_peak peak[ND_START_PEAKS];
} nd_start_peaks;

/* A start from the data, in descent coordinates: of a formula that is not affine in its parameters, with a loss that
 * compares it with a number. *found false: there is none to be had, or none is wanted (a start is given, or the
 * method is one of those whose path from 0 is what is looked at). */
nadir_status nd_guess_start(nd_fitting *fitting, double *start, bool *found, nd_start_peaks *peaks, nadir_error *error);
/* The scatter of a fit that has one and whose start does not say it, from the residuals there. */
nadir_status nd_start_scatter(nd_fitting *fitting, double *start, nadir_error *error);

/* The same for rows that are renewed again and again (nd_fitting_renew): what the formula alone decides is found once. */
typedef struct nd_guess nd_guess;
nadir_status nd_guess_new(nd_guess **guess, nd_fitting *fitting, nadir_error *error);
nadir_status nd_guess_find(nd_guess *guess, double *start, bool *found, nadir_error *error);
/* What fits of rows of the same kind have come to, with all the search there is: where to begin, and how much a fit may
 * leave. */
typedef struct nd_lore {
  size_t count;
  double *w; /* count fits, in the table's coordinates */
  double most_pattern, most_left;
} nd_lore;
/* Whether looking there first makes sense: no search is wanted at all, or periods are, which rows do not share. */
bool nd_guess_takes_lore(const nd_guess *guess);
/* The fit among them that leaves least of these rows, with the parameters that are linear solved for. */
nadir_status nd_guess_by_lore(nd_guess *guess, const nd_lore *lore, double *start, bool *found, nadir_error *error);
/* A search that costs a sixteenth. */
nadir_status nd_guess_find_quickly(nd_guess *guess, double *start, bool *found, nadir_error *error);
/* What a fit leaves of these rows, asked after one of the three: how much residuals are like their neighbours along the
 * first column, in standard deviations of what noise does (J. von Neumann 1941); and chi2 for each degree of freedom, 0
 * where the rows have no errors. */
nadir_status nd_guess_left(nd_guess *guess, const double *w, double *pattern, double *left, nadir_error *error);
void nd_guess_free(nd_guess *guess);

#endif
