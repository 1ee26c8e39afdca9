/* The clock by which runs are timed: monotonic, so that no change of the date disturbs a limit; and the date, which
 * builds and tests that are to be repeated set by SOURCE_DATE_EPOCH (reproducible-builds.org), in seconds since 1970. */
#include <stdlib.h>
#include <time.h>

#include "base/base.h"
#include "base/date.h"

double nd_clock(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const char *nd_date(char date[ND_DATE_TEXT]) {
  const char *epoch = getenv("SOURCE_DATE_EPOCH");
  char *end = NULL;
  time_t at = epoch ? (time_t)strtoll(epoch, &end, 10) : 0;
  struct tm utc;
  if (!epoch || end == epoch || *end != '\0') at = time(NULL);
  if (!gmtime_r(&at, &utc) || strftime(date, ND_DATE_TEXT, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) *date = '\0';
  return date;
}
