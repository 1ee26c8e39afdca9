/* What is copied to disk because it cannot be read twice where it is: pipes, and what is packed. All copies
 * of one table together have a bound, for a small packed file may hold very much. */
#ifndef ND_SPOOL_H
#define ND_SPOOL_H

#include "base/base.h"

typedef struct nd_spool {
  uint64_t bound, used; /* bytes */
} nd_spool;

/* bytes 0: a tenth of what is free where temporary files are made. */
void nd_spool_start(nd_spool *spool, uint64_t bytes);
/* A temporary file (nd_file_temporary) called `path`. What is written to it counts; the spool must live until
 * the last of that is written. NULL: without a bound. */
nadir_status nd_file_spool(nd_file **file, const char *path, nd_spool *spool, nadir_error *error);

#endif
