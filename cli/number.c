/* Numbers and times for people. The digits are the library's: what the command prints, its HTML page
 * and its warnings are written by the same code. */
#include <math.h>
#include <string.h>

#include "cli.h"

const char *number(double value, int digits, char out[NUMBER_TEXT]) {
  if (isnan(value)) return strcpy(out, "-");
  if (value == 0) return strcpy(out, "0");
  return nadir_number(value, digits, out);
}

const char *seconds_text(double seconds, char out[NUMBER_TEXT]) {
  if (seconds < 0.001)
    snprintf(out, NUMBER_TEXT, "under 1 ms");
  else if (seconds < 1)
    snprintf(out, NUMBER_TEXT, "%.0f ms", seconds * 1000);
  else if (seconds < 100)
    snprintf(out, NUMBER_TEXT, "%.1f s", seconds);
  else if (seconds < 6000)
    snprintf(out, NUMBER_TEXT, "%.0f min %02.0f s", floor(seconds / 60), floor(fmod(seconds, 60)));
  else
    snprintf(out, NUMBER_TEXT, "%.0f h %02.0f min", floor(seconds / 3600),
             floor(fmod(seconds, 3600) / 60));
  return out;
}
