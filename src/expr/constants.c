/* constants.def as a list: those in SI, then those in cgs. Finding one walks the list. */
#include <string.h>

#include "expr/expr_internal.h"

static const nadir_constant constants[] = {
#define ND_EXACT(name, digits, exponent, unit, cgs_exponent, cgs_unit, help, source)               \
  {"const." #name, digits "e" exponent, "", unit, help, source},
#define ND_MEASURED(name, digits, uncertainty, exponent, unit, cgs_exponent, cgs_unit, help,       \
                    source)                                                                        \
  {"const." #name, digits "e" exponent, uncertainty "e" exponent, unit, help, source},
#include "expr/constants.def"
#define ND_EXACT(name, digits, exponent, unit, cgs_exponent, cgs_unit, help, source)               \
  {"const.cgs." #name, digits "e" cgs_exponent, "", cgs_unit, help, source},
#define ND_MEASURED(name, digits, uncertainty, exponent, unit, cgs_exponent, cgs_unit, help,       \
                    source)                                                                        \
  {"const.cgs." #name,                                                                             \
   digits "e" cgs_exponent,                                                                        \
   uncertainty "e" cgs_exponent,                                                                   \
   cgs_unit,                                                                                       \
   help,                                                                                           \
   source},
#include "expr/constants.def"
};

/* In cgs, where its row has an exponent. */
static bool exists(const nadir_constant *constant) {
  return constant->value[strlen(constant->value) - 1] != 'e';
}

const nadir_constant *nd_constant_at(size_t i) {
  for (size_t k = 0; k < ND_COUNT(constants); k++)
    if (exists(&constants[k]) && i-- == 0) return &constants[k];
  return NULL;
}
