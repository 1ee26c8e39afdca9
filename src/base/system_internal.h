/* How a failed call to the system is reported, shared by file.c, output.c and aside.c. */
#ifndef ND_SYSTEM_INTERNAL_H
#define ND_SYSTEM_INTERNAL_H

#include "base/base.h"
#include "base/stamp.h"

/* A sentence for errno = `number` about `path`: NADIR_BAD_PATH where another path would do, else
 * NADIR_SYSTEM. `doing` is what was tried: "read", "written", "opened". */
nadir_status nd_fail_system(nadir_error *error, const char *path, const char *doing, int number);

/* A descriptor, or -1 with errno set; `flags` of open beside those that always hold. */
int nd_open_to_write(const char *path, int flags);

/* Of the open file called `path`. */
nadir_status nd_take_stamp(int descriptor, const char *path, nd_stamp *stamp, nadir_error *error);

/* Closes; false with errno set where what was written may be lost. The descriptor is gone either way, as
 * Linux has it. */
bool nd_close(int descriptor);

/* The whole of `data` to a descriptor, from its place on; false with errno set. */
bool nd_write_all(int descriptor, const void *data, size_t size);

#endif
