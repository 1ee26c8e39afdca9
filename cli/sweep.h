/* The combinations of settings that `compare` runs. */
#ifndef SWEEP_H
#define SWEEP_H

#include "cli.h"

typedef struct cli_axis {
  const char *name;
  size_t count;
  char **value;
} cli_axis;

typedef struct cli_sweep {
  size_t count, varied, runs; /* axes, those of several values, combinations */
  cli_axis *axis;
} cli_sweep;

int sweep_make(cli_sweep *sweep, const cli_arguments *arguments);
const char *sweep_value(const cli_sweep *sweep, size_t run, size_t axis);
nadir_status sweep_settings(const cli_sweep *sweep, size_t run, nadir_settings *settings,
                            nadir_error *error);
char *sweep_label(const cli_sweep *sweep, size_t run); /* free() it; "" where nothing differs */
void sweep_free(cli_sweep *sweep);

#endif
