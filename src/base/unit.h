/* Units of measurement: text -> factors -> dimension and size (unit.def; the grammar of the FITS standard 4.0,
 * section 4.3, and how tables depart from it). A text that cannot be read, or may mean several things, is no unit:
 * nothing here is an error. */
#ifndef ND_UNIT_H
#define ND_UNIT_H

#include "base/base.h"

/* A small fraction in lowest terms, d > 0. */
typedef struct nd_fraction {
  int n, d;
} nd_fraction;
/* false, and nothing set, where it is not small: an exponent beyond hundreds means nothing. */
bool nd_fraction_add(nd_fraction a, nd_fraction b, nd_fraction *sum);
bool nd_fraction_multiply(nd_fraction a, nd_fraction b, nd_fraction *product);
bool nd_fraction_of(double value, nd_fraction *ratio); /* a fraction with a denominator up to 6 */

typedef enum nd_base_unit {
#define ND_BASE(id, symbol, scale, prefixed, help) ND_BASE_##id,
#include "base/unit.def"
  ND_BASE_UNITS
} nd_base_unit;
#define ND_PHYSICAL_UNITS ND_BASE_RADIAN /* those before it are dimensions of SI */

/* One such unit is `scale` SI units of these powers. */
typedef struct nd_dimension {
  nd_fraction power[ND_BASE_UNITS];
  double scale;
  bool doubtful; /* the symbol stands for something else too */
} nd_dimension;

/* km, or a number: a piece of the text. */
typedef struct nd_unit_factor {
  const char *symbol;
  size_t length;
  nd_fraction power;
} nd_unit_factor;

enum { ND_UNIT_FACTORS = 24 }; /* at most */
/* The product that the text is, each factor being a row of unit.def or a number; 10**(-16) is the factor "10" to the
 * -16. The symbols point into the text, or to "10". */
bool nd_unit_read(const char *text, nd_unit_factor factors[ND_UNIT_FACTORS], size_t *count);
/* Of the symbol of a factor. */
bool nd_unit_dimension(const char *symbol, size_t length, nd_dimension *dimension);
/* Whether symbol[0 .. length-1] is a row, with a prefix or without. */
bool nd_unit_is_symbol(const char *symbol, size_t length);
/* to = to * of^power; false where that is beyond what is kept. */
bool nd_dimension_multiply(nd_dimension *to, const nd_dimension *of, nd_fraction power);
/* The i-th row, for help; NULL past the end. */
const nadir_unit *nd_unit_at(size_t i);

#endif
