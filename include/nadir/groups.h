/* A fit for each group of rows: one of thousands of spectra, light curves or rotation curves in one table. nadir.h includes
 * this. */
#ifndef NADIR_GROUPS_H
#define NADIR_GROUPS_H

#include "../nadir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fit of one group, its members as those of nadir_result. Nothing is proved of it: the point is judged by the exact
 * second derivatives there. */
typedef struct nadir_group {
  const char *name;         /* the text or number that its rows have in the column */
  uint64_t rows, rows_used; /* those that where leaves; those without a missing value */
  const nadir_error *error; /* why there is no fit, and all numbers are NaN; else NULL */
  nadir_ended ended;
  nadir_stop stop;
  nadir_point kind;
  nadir_reason reason;
  nadir_no_errors no_errors;
  int exit_status;
  uint64_t updates, degrees_of_freedom;
  double loss, chi2, residual_sigma;     /* chi2: NaN without the setting sigma */
  const double *value, *standard_error;  /* by parameter */
  const int *at_bound;                   /* by parameter: -1, 0 or 1 */
  const double *low, *high; /* by parameter: the ends of its interval, NaN where it is open and of held parameters;
                               NULL without intervals */
} nadir_group;

typedef struct nadir_groups {
  const char *by, *formula, *target_unit, *loss_name;
  size_t size; /* parameters: after the free ones come those held, fixed or tied */
  const char *const *parameter, *const *unit; /* unit: "" where it is not known */
  size_t count; /* groups, in the order of their first rows */
  const nadir_group *group;
  size_t failed;         /* groups whose exit status is not 0 */
  uint64_t rows_dropped; /* left out by where, or without a group */
  uint64_t seed;
  double seconds;
  size_t warnings;
  const nadir_warning *warning;
  const char *command_line, *date; /* as those of nadir_result */
  const char *digest;              /* of the table: 32 hexadecimal digits */
} nadir_groups;

/* Fits the rows of each value of the column that the setting by names, in parallel, each from a start of its own: that of
 * the setting start, else from its data. A group that cannot be fitted does not keep the others from it. When the time of
 * the setting seconds is over, or the listener asks for the end, groups that were not begun have an error that says so.
 * The result does not depend on the number of threads. Errors: NADIR_BAD_SETTING where the rows used do not fit into
 * the setting memory, for intervals of more than one probability, or for what does not go with groups: folds, path,
 * validate, data-covariance, warm-start and checkpoints. The result is the
 * caller's, by nadir_groups_free. */
NADIR_API nadir_status nadir_fit_groups(nadir_table *table, const char *formula, const nadir_settings *settings,
                                        const nadir_listener *listener, nadir_groups **groups, nadir_error *error);
/* As docs/json.md has it, by nadir_text_free. NADIR_BAD_DATA where a parameter is named as another key of a group. */
NADIR_API nadir_status nadir_groups_json(const nadir_groups *groups, char **text, nadir_error *error);
/* "done", "limit" ... as nadir_ended_name has it, or "failed". */
NADIR_API const char *nadir_group_status(const nadir_group *group);
/* A table with a row for each group, FITS or CSV by the name of `path` ("-": CSV): the column of the groups, status,
 * then each parameter, its standard error and, with intervals, their ends (NAME, NAME_error, NAME_low, NAME_high), chi2, loss and rows. The header of
 * FITS has the formula, the digest, the date and the command line. Two columns of one name are NADIR_BAD_DATA. */
NADIR_API nadir_status nadir_groups_save(const nadir_groups *groups, const char *path, nadir_error *error);
NADIR_API void nadir_groups_free(nadir_groups *groups);

#ifdef __cplusplus
}
#endif
#endif
