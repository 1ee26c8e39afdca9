/* The names of what the cells of a column hold, for messages, people and JSON. */
#include "base/base.h"

const char *nadir_cells_name(nadir_cells cells) {
  static const char *const names[] = {[NADIR_REALS] = "real",
                                      [NADIR_INTEGERS] = "integer",
                                      [NADIR_TRUTHS] = "truth",
                                      [NADIR_TEXTS] = "text",
                                      [NADIR_ARRAYS] = "arrays"};
  return (size_t)cells < ND_COUNT(names) ? names[cells] : NULL;
}
