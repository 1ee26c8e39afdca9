/* A program of somebody else's: links to the library, and fails where it is not the one that nadir.h is of. */
#include <nadir.h>
#include <string.h>

int main(void) {
  return strcmp(nadir_version(), NADIR_VERSION) == 0 && nadir_exit_status(NADIR_BAD_DATA) == 2 ? 0 : 1;
}
