/* checkpoint: a run kept in a file while it goes on, and a run that goes on from one (checkpoint.c). */
#ifndef ND_CHECKPOINT_H
#define ND_CHECKPOINT_H

#include "descend/descend.h"

/* What a run is of. All is borrowed. */
typedef struct nd_run_of {
  const char *command, *formula, *cpu; /* cpu: the level of processor */
  const nadir_settings *settings;
  const nd_table *table; /* NULL: it is not of a table */
} nd_run_of;

/* A checkpoint that was read. */
typedef struct nd_checkpoint nd_checkpoint;
/* Whether the file is a whole checkpoint, and one of this version. */
nadir_status nd_checkpoint_read(nd_checkpoint **checkpoint, const char *path, nadir_error *error);
/* Whether it is of the same run, as far as is known before rows are read: an error names the first difference. */
nadir_status nd_checkpoint_check(const nd_checkpoint *checkpoint, const nd_run_of *of,
                                 nadir_error *error);
void nd_checkpoint_free(nd_checkpoint *checkpoint);
/* Whether the setting may differ: it decides nothing but how a run is made, how long, or how it is shown. */
bool nd_is_free_to_differ(const char *setting);

/* How a descent is kept. */
typedef struct nd_keeping {
  nd_run_of of;
  nd_checkpoint *from; /* NULL: it begins at its start */
  nd_until *
      until; /* that passes over rows heed: no update is cut short while the run is kept; NULL: none */
  const double *start; /* set by nd_descend_kept */
} nd_keeping;
/* From the settings checkpoint and resume, of what the run is of. */
nadir_status nd_keeping_begin(nd_keeping *keeping, const nd_run_of *of, nd_until *until,
                              nadir_error *error);
void nd_keeping_end(nd_keeping *keeping);
/* As nd_descend. Where it goes on from a checkpoint the start is that of the checkpoint. */
nadir_status nd_descend_kept(nd_objective *objective, const nadir_settings *settings,
                             const double *start, nd_teller *teller, const nd_keeping *keeping,
                             nd_run *run, nadir_error *error);

#endif
