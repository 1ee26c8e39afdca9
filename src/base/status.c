/* The outcomes of a call as nadir.h lists them, each with its exit status and its meaning, and the
 * release of texts that were given to a caller. */
#include "base/base.h"

int nadir_exit_status(nadir_status status) {
  switch (status) {
#define EXIT_STATUS(name, exit_status, meaning)                                                    \
  case name:                                                                                       \
    return exit_status;
    NADIR_STATUSES(EXIT_STATUS)
#undef EXIT_STATUS
  }
  return 3;
}

const char *nadir_status_meaning(nadir_status status) {
  switch (status) {
#define MEANING(name, exit_status, meaning)                                                        \
  case name:                                                                                       \
    return meaning;
    NADIR_STATUSES(MEANING)
#undef MEANING
  }
  return "not a status of nadir";
}

void nadir_text_free(char *text) {
  nd_free(text);
}
