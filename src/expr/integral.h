/* The rule that integrals are computed by (integral.c, which says whose it is), for those who write it out. */
#ifndef ND_INTEGRAL_H
#define ND_INTEGRAL_H

#include <stdbool.h>
#include <stddef.h>

/* Where an integrand is computed, counted from 0: `part` of the way from the lower limit, or from the upper one. */
typedef struct nd_abscissa {
  double part, weight;
  bool from_high;
} nd_abscissa;
enum { ND_ABSCISSAE = 207, /* those of odd numbers alone are a rule, and those of even numbers */
       ND_ABSCISSAE_PER_UNIT = 32 };
nd_abscissa nd_abscissa_at(size_t i);
/* The sum over even and odd numbers may differ by that part of the sum of sizes, and the values at the ends be that
 * part of it, or the rule has not converged. */
static inline double nd_rule_tolerance(bool single) {
  return single ? 1e-4 : 2e-7;
}
static inline double nd_end_tolerance(bool single) {
  return single ? 1e-4 : 1e-11;
}

#endif
