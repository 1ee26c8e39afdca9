/* A keyed pseudo-random order of 0 .. count-1 with no memory: a Feistel network with cycle walking (Black and Rogaway
 * 2002), whose keys are of a seed and an epoch. */
#ifndef ND_PERMUTATION_H
#define ND_PERMUTATION_H

#include <stdint.h>

typedef struct nd_permutation {
  uint64_t count;
  unsigned bits;
  uint32_t keys[8];
} nd_permutation;

nd_permutation nd_permutation_of(uint64_t seed, uint64_t epoch, uint64_t count);
/* The place of position i. */
uint64_t nd_permuted(const nd_permutation *all, uint64_t i);

#endif
