/* The place of ranks_mpi.c in a library that was built without MPI (NADIR_MPI): a process is alone, and joining
 * gives NULL. So nothing is ever sent. */
#include "base/ranks.h"

nadir_status nadir_ranks_join(nadir_ranks **ranks, nadir_lost *lost, void *context,
                              nadir_error *error) {
  (void)lost, (void)context, (void)error;
  *ranks = NULL;
  return NADIR_OK;
}

int nadir_ranks_leave(nadir_ranks *ranks, int exit_status, const char *why) {
  (void)ranks, (void)why;
  return exit_status;
}

int nadir_has_mpi(void) {
  return 0;
}

size_t nd_rank_count(const nd_ranks *ranks) {
  (void)ranks;
  return 1;
}

size_t nd_rank(const nd_ranks *ranks) {
  (void)ranks;
  return 0;
}

size_t nd_ranks_here(const nd_ranks *ranks) {
  (void)ranks;
  return 1;
}

nd_rank_pace *nd_ranks_pace(nd_ranks *ranks) {
  (void)ranks;
  return NULL;
}

void nd_rank_send(nd_ranks *ranks, size_t to, const void *data, size_t bytes) {
  (void)ranks, (void)to, (void)data, (void)bytes;
}

nadir_status nd_rank_receive(nd_ranks *ranks, size_t from, void *data, size_t bytes,
                             nadir_error *error) {
  (void)ranks, (void)from, (void)data, (void)bytes, (void)error;
  return NADIR_OK;
}
