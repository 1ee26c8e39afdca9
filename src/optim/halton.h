/* Halton's sequence (J. H. Halton 1960): the i-th number of the van der Corput sequence in each prime base. */
#ifndef ND_HALTON_H
#define ND_HALTON_H

#include <stdbool.h>
#include <stdint.h>

/* i in base b, mirrored about the point. */
static inline double nd_radical_inverse(uint64_t i, uint64_t base) {
  double fraction = 0, place = 1;
  for (; i; i /= base) {
    place /= (double)base;
    fraction += place * (double)(i % base);
  }
  return fraction;
}

static inline uint64_t nd_next_prime(uint64_t after) {
  for (uint64_t p = after + 1;; p++) {
    bool prime = true;
    for (uint64_t d = 2; d * d <= p && prime; d++)
      prime = p % d != 0;
    if (prime) return p;
  }
}

#endif
