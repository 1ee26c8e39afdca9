/* --no-penalty: a list of parameter names by commas, each marked as spared. A comma inside brackets
 * belongs to the name, as in w[QSO,u-g]; names may be in backquotes. */
#include <string.h>

#include "settings/settings.h"

nadir_status nd_find_parameter(const char *setting, const char *name, const char *const *names,
                               size_t count, size_t *index, nadir_error *error) {
  for (*index = 0; *index < count; ++*index)
    if (strcmp(names[*index], name) == 0) return NADIR_OK;
  ptrdiff_t near = nd_nearest(name, names, count);
  if (near >= 0)
    return nd_fail(error, NADIR_BAD_SETTING, "%s: there is no parameter '%s': " ND_DID_YOU_MEAN,
                   setting, name, names[near]);
  return nd_fail(error, NADIR_BAD_SETTING,
                 "%s: there is no parameter '%s': the first parameter is '%s'", setting, name,
                 count > 0 ? names[0] : "");
}

static nadir_status spare(const char *begin, const char *end, const char *const *names,
                          size_t count, bool *spared, nadir_error *error) {
  size_t index;
  while (begin < end && (*begin == ' ' || *begin == '`'))
    begin++;
  while (end > begin && (end[-1] == ' ' || end[-1] == '`'))
    end--;
  if (begin == end) return NADIR_OK;
  char *name = nd_copy_text(begin, (size_t)(end - begin), error);
  if (name == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_find_parameter("no-penalty", name, names, count, &index, error);
  if (status == NADIR_OK) spared[index] = true;
  nd_free(name);
  return status;
}

nadir_status nd_no_penalty(const nadir_settings *settings, const char *const *names, size_t count,
                           bool *spared, nadir_error *error) {
  for (const char *at = settings->no_penalty; *at != '\0';) {
    const char *end = nd_find_outside(at, ',');
    ND_TRY(spare(at, end, names, count, spared, error));
    at = *end == ',' ? end + 1 : end;
  }
  return NADIR_OK;
}
