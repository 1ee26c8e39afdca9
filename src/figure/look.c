/* What of the settings is said of a picture of data: a fit, folded rows. */
#include "figure/figure.h"

static nd_limits limits_of(nd_range_or_auto range) {
  return (nd_limits){range.given, range.low, range.high};
}

nd_look nd_look_of(const nadir_settings *settings) {
  nd_reverse reverse = settings->reverse;
  return (nd_look){.x = limits_of(settings->x_range),
                   .y = limits_of(settings->y_range),
                   .reverse_x = reverse == ND_REVERSE_X || reverse == ND_REVERSE_BOTH,
                   .reverse_y = reverse == ND_REVERSE_Y || reverse == ND_REVERSE_BOTH};
}
