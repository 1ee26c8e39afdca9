/* What of the settings is said of a picture of data: a fit, a trace, folded rows. */
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

void nd_look_away(nadir_settings *settings) {
  static char none[] = "";
  settings->x_range.given = settings->y_range.given = false;
  settings->x_label = settings->y_label = none;
  settings->reverse = ND_REVERSE_NONE;
}

bool nd_choose_log(nd_yes_or_no setting, nd_range_or_auto range, bool advised) {
  bool reaches = !range.given || range.low > 0;
  return setting == ND_YES || (setting == ND_YES_OR_NO_AUTO && advised && reaches);
}

static nadir_status check_range(const char *name, nd_range_or_auto range, bool log,
                                nadir_error *error) {
  char low[ND_NUMBER_TEXT];
  if (!log || !range.given || range.low > 0) return NADIR_OK;
  return nd_fail(
      error, NADIR_BAD_SETTING,
      "%s-range: its low end %s has no place on a logarithmic axis: give one above 0, or log-%s no",
      name, nd_format(range.low, low), name);
}

nadir_status nd_look_check(const nadir_settings *settings, bool log_x, bool log_y,
                           nadir_error *error) {
  ND_TRY(check_range("x", settings->x_range, log_x, error));
  return check_range("y", settings->y_range, log_y, error);
}
