/* Settings from the numbers of a program. A setting has one form, its text, which is checked in one place; so
 * numbers become text: the shortest that reads back as the same double, and the ends of a range rounded
 * outwards, so that what is proved on the range that was read is true of the one that was meant. */
#include <string.h>

#include "settings/settings.h"

/* A name with a sign that separates names is put in backquotes. */
static void put_name(nd_text *out, const char *name) {
  bool quoted = strpbrk(name, ",=: ") != NULL;
  nd_text_print(out, "%s%s%s=", quoted ? "`" : "", name, quoted ? "`" : "");
}

static void put_range(nd_text *out, double low, double high) {
  char text[ND_NUMBER_TEXT];
  nd_text_append(out, nd_format_bound(low, ND_DOWN, 17, text));
  nd_text_append(out, ":");
  nd_text_append(out, nd_format_bound(high, ND_UP, 17, text));
}

static nadir_status check_given(const char *setting, const char *const *names,
                                const double *numbers, size_t count, nadir_error *error) {
  if (count > 0 && numbers == NULL)
    return nd_fail(error, NADIR_BAD_SETTING, "%s: there are no numbers: give an array of %zu",
                   setting, count);
  for (size_t i = 0; names != NULL && i < count; i++)
    if (names[i] == NULL || *names[i] == '\0')
      return nd_fail(error, NADIR_BAD_SETTING, "%s: number %zu has no name: give it one", setting,
                     i + 1);
  return NADIR_OK;
}

nadir_status nd_settings_set_numbers(nadir_settings *settings, const char *name,
                                     const char *const *names, const double *numbers,
                                     const double *up_to, size_t count, nadir_error *error) {
  nd_text out = {0};
  char text[ND_NUMBER_TEXT];
  ND_TRY(check_given(name, names, numbers, count, error));
  for (size_t i = 0; i < count; i++) {
    if (i > 0) nd_text_append(&out, ",");
    if (names != NULL) put_name(&out, names[i]);
    if (up_to != NULL)
      put_range(&out, numbers[i], up_to[i]);
    else
      nd_text_append(&out, nd_format(numbers[i], text));
  }
  nadir_status status = nd_text_status(&out, error);
  if (status == NADIR_OK) status = nd_settings_set(settings, name, nd_text_data(&out), error);
  nd_text_free(&out);
  return status;
}
