/* When a file was changed, to the nanosecond, by which it is known whether it may have changed since: the times that
 * git keeps of each file in its index, and compares before it looks into one. */
#ifndef ND_STAMP_H
#define ND_STAMP_H

#include "base/base.h"

/* Times are nanoseconds since 1970, by the clock of the file's system. */
typedef struct nd_stamp {
  uint64_t size;
  int64_t modified, changed; /* its content; that, or its name, owner or permissions */
} nd_stamp;

static inline bool nd_same_stamp(const nd_stamp *a, const nd_stamp *b) {
  return a->size == b->size && a->modified == b->modified && a->changed == b->changed;
}
bool nd_file_is_named(const nd_file *file); /* by its path it can be opened again */
nadir_status nd_file_stamp(const nd_file *file, nd_stamp *stamp, nadir_error *error);
nadir_status nd_output_stamp(const nd_output *output, nd_stamp *stamp, nadir_error *error);

#endif
