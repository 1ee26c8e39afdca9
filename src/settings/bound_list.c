/* --bounds: NAME=LOW:HIGH, separated by commas; an end that is left out is infinite. */
#include <string.h>

#include "settings/held.h"

/* An end of a range, from begin to end of the text; blank: `open`. */
static bool read_end(const char *begin, const char *end, double open, double *value) {
  while (begin < end && *begin == ' ')
    begin++;
  while (end > begin && end[-1] == ' ')
    end--;
  *value = open;
  return begin == end || (nd_read_number(begin, end, value) == end && !isnan(*value));
}

static nadir_status read_bound(const nd_assignment *typed, nd_bound *bound, nadir_error *error) {
  const char *text = typed->text, *colon = strchr(text, ':');
  bool right = colon != NULL && read_end(text, colon, -HUGE_VAL, &bound->low) &&
               read_end(colon + 1, text + strlen(text), HUGE_VAL, &bound->high);
  if (!right)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "bounds: '%s' of %s is not a range: write LOW:HIGH, LOW: or :HIGH", text,
                   typed->name);
  if (bound->low == bound->high)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "bounds: %s has no room between '%s': fix it at that value instead", typed->name,
                   text);
  if (!(bound->low < bound->high) || bound->low == HUGE_VAL || bound->high == -HUGE_VAL)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "bounds: no number is in the range '%s' of %s: write the lower end first", text,
                   typed->name);
  bound->name = nd_copy_text(typed->name, strlen(typed->name), error);
  return bound->name ? NADIR_OK : NADIR_NO_MEMORY;
}

static nadir_status check_twice(const nd_bound *list, size_t count, nadir_error *error) {
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < i; k++)
      if (strcmp(list[i].name, list[k].name) == 0)
        return nd_fail(error, NADIR_BAD_SETTING, "bounds: %s is given twice: give it one range",
                       list[i].name);
  return NADIR_OK;
}

nadir_status nd_bounds_read(const char *text, nd_bound **list, size_t *count, nadir_error *error) {
  nd_assignment *typed;
  size_t given;
  *list = NULL;
  *count = 0;
  if (!*text) return NADIR_OK;
  ND_TRY(nd_assignments_read("bounds", text, false, &typed, &given, error));
  *list = nd_new(given, sizeof **list, error);
  nadir_status status = *list ? NADIR_OK : NADIR_NO_MEMORY;
  for (; status == NADIR_OK && *count < given; ++*count)
    status = read_bound(&typed[*count], &(*list)[*count], error);
  if (status == NADIR_OK) status = check_twice(*list, *count, error);
  nd_assignments_free(typed, given);
  if (status == NADIR_OK) return NADIR_OK;
  nd_bounds_free(*list, *count);
  *list = NULL;
  *count = 0;
  return status;
}

void nd_bounds_free(nd_bound *list, size_t count) {
  for (size_t i = 0; list && i < count; i++)
    nd_free(list[i].name);
  nd_free(list);
}

nadir_status nd_check_start(const char *name, double start, double low, double high,
                            nadir_error *error) {
  if (!(start < low) && !(start > high)) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "start: that of %s is outside of its bounds: give one that is within", name);
}
