/* --accept: the ends of a run that are to be no failure, by the names of the kinds of points (a dash
 * for a blank), and `limit`, the default limit. A minimum never is one, and a run that diverged
 * always. */
#include <string.h>

#include "settings/settings.h"

static const char *const point_names[ND_POINT_KINDS] = {
#define NAME(id, name) name,
    NADIR_POINTS(NAME)
#undef NAME
};

static bool is_word(const char *word, size_t length, const char *name) {
  if (strlen(name) != length) return false;
  for (size_t i = 0; i < length; i++)
    if (word[i] != (name[i] == ' ' ? '-' : name[i])) return false;
  return true;
}

static bool accept_word(const char *word, size_t length, nd_accepted *accepted) {
  if (is_word(word, length, "limit")) {
    accepted->limit = true;
    return true;
  }
  for (size_t i = 0; i < ND_POINT_KINDS; i++)
    if (i != NADIR_MINIMUM && is_word(word, length, point_names[i])) {
      accepted->point[i] = true;
      return true;
    }
  return false;
}

nadir_status nd_accept_read(const char *text, nd_accepted *accepted, nadir_error *error) {
  *accepted = (nd_accepted){0};
  while (*text) {
    size_t length = strcspn(text, ",");
    if (!accept_word(text, length, accepted))
      return nd_fail(error, NADIR_BAD_SETTING,
                     "invalid value '%.*s' for accept: expected words among limit, saddle, "
                     "maximum, plateau, falls, not-known, separated by commas",
                     (int)(length < 60 ? length : 60), text);
    text += length;
    if (*text == ',') text++;
  }
  return NADIR_OK;
}
