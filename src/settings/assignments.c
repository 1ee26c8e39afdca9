/* Lists of the form "a=1,b=-2e3" (--start, --rate) and "distance=Mpc" (--unit), taken apart. A name
 * may contain brackets (w[u-g]); one with a comma or '=' comes in backquotes. The whole text must
 * be used up. */
#include <ctype.h>
#include <string.h>

#include "settings/settings.h"

static const char *skip_blanks(const char *at) {
  while (isspace((unsigned char)*at))
    at++;
  return at;
}

/* The first `wanted` outside backquotes and brackets, or the end of the text. */
const char *nd_find_outside(const char *at, char wanted) {
  int depth = 0;
  bool quoted = false;
  for (; *at; at++) {
    if (*at == '`') quoted = !quoted;
    if (quoted) continue;
    if (*at == '[' || *at == '(') depth++;
    if (*at == ']' || *at == ')') depth--;
    if (*at == wanted && depth <= 0) break;
  }
  return at;
}

static char *copy_trimmed(const char *begin, const char *end, nadir_error *error) {
  while (begin < end && isspace((unsigned char)*begin))
    begin++;
  while (end > begin && isspace((unsigned char)end[-1]))
    end--;
  if (end - begin >= 2 && *begin == '`' && end[-1] == '`') begin++, end--;
  return nd_copy_text(begin, (size_t)(end - begin), error);
}

static nadir_status read_one(const char *setting, const char *begin, const char *end, bool numbers,
                             nd_assignment *one, nadir_error *error) {
  const char *equals = nd_find_outside(begin, '=');
  if (equals >= end || skip_blanks(begin) == equals)
    return nd_fail(
        error, NADIR_BAD_SETTING,
        "%s: '%.*s' is not of the form NAME=VALUE: write NAME=VALUE, several separated by commas",
        setting, (int)(end - begin), begin);
  one->name = copy_trimmed(begin, equals, error);
  one->text = one->name ? copy_trimmed(equals + 1, end, error) : NULL;
  if (!one->text) return NADIR_NO_MEMORY;
  one->value = (double)NAN;
  if (!numbers) return NADIR_OK;
  const char *stop = one->text + strlen(one->text);
  if (nd_read_number(one->text, stop, &one->value) != stop || !isfinite(one->value))
    return nd_fail(error, NADIR_BAD_SETTING,
                   "%s: the value '%s' of %s is not a finite number: give one that is", setting,
                   one->text, one->name);
  return NADIR_OK;
}

nadir_status nd_assignments_read(const char *setting, const char *text, bool numbers,
                                 nd_assignment **list, size_t *count, nadir_error *error) {
  size_t capacity = 0;
  nadir_status status = NADIR_OK;
  *list = NULL;
  *count = 0;
  for (const char *at = text; status == NADIR_OK; at++) {
    const char *end = nd_find_outside(at, ',');
    status = nd_grow(list, &capacity, *count + 1, sizeof **list, error);
    if (status != NADIR_OK) break;
    status = read_one(setting, at, end, numbers, &(*list)[*count], error);
    ++*count;
    at = end;
    if (!*at) break;
  }
  if (status != NADIR_OK) {
    nd_assignments_free(*list, *count);
    *list = NULL;
    *count = 0;
  }
  return status;
}

void nd_assignments_free(nd_assignment *list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    nd_free(list[i].name);
    nd_free(list[i].text);
  }
  nd_free(list);
}
