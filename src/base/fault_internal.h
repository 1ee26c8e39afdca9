/* Calls to the system that fail on purpose, so that tests can walk every way in which memory, disk
 * or files may give out. Built with NADIR_FAULTS the environment variable NADIR_FAIL names the
 * call:
 *
 *     NADIR_FAIL=memory:17      the 17th allocation fails, once
 *     NADIR_FAIL=write:2:on     the 2nd write fails, and every write after it
 *     NADIR_FAIL=piece:17       the 17th piece of memory is refused, be it cut from what is there already (of an
 *                               arena, of a list that has room) or not
 *     NADIR_FAIL=any:5          the 5th of all counted calls, of whatever kind but thread, close and piece
 *     NADIR_FAIL=any:5,read:9   two of them
 *
 * Without NADIR_FAULTS nd_fault is the constant false and costs nothing. */
#ifndef ND_FAULT_INTERNAL_H
#define ND_FAULT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

typedef enum nd_fault_kind {
  ND_FAULT_MEMORY,
  ND_FAULT_OPEN,
  ND_FAULT_READ,
  ND_FAULT_WRITE,
  ND_FAULT_FSYNC,
  ND_FAULT_RENAME,
  ND_FAULT_MMAP,
  ND_FAULT_CLOSE,  /* of which the work does not end where the file was read */
  ND_FAULT_THREAD, /* of which the work does not end */
  ND_FAULT_PIECE, /* which is not a call to the system */
  ND_FAULT_ANY,   /* counts the calls of all kinds but the last three; never passed to nd_fault */
  ND_FAULT_KINDS
} nd_fault_kind;

#ifdef NADIR_FAULTS
/* Counts the call; true if it must fail, with errno set as the system would. */
bool nd_fault(nd_fault_kind kind);
/* Takes the place of NADIR_FAIL within the process and sets all counts to zero; NULL or "" fails
 * nothing. False, and nothing changed, if the text is not of the form above. */
bool nd_fault_set(const char *what);
/* How many calls of the kind were counted since. */
uint64_t nd_fault_count(nd_fault_kind kind);
#else
static inline bool nd_fault(nd_fault_kind kind) {
  (void)kind;
  return false;
}
#endif

#endif
