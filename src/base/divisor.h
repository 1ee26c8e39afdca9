/* The greatest common divisor, by which fractions come into lowest terms (Euclid). That of a and 0 is a. */
#ifndef ND_DIVISOR_H
#define ND_DIVISOR_H

#include <stdint.h>

static inline uint64_t nd_greatest_divisor(uint64_t a, uint64_t b) {
  while (b != 0) {
    const uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

#endif
