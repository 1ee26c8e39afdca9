/* Names of columns and parameters -> words of a language. What is not a letter of ASCII, a digit or _ becomes _;
 * a word that the language itself may write gets a _ at its end, one that is taken a number. */
#include <stdio.h>
#include <string.h>

#include "export/export_internal.h"

enum { LONGEST = 40 }; /* Fortran takes 63 letters */

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_inside(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

bool nd_is_identifier(const char *text) {
  size_t length = 0;
  while (is_inside(text[length]))
    length++;
  return is_letter(*text) && text[length] == '\0' && length <= LONGEST;
}

/* w[distance] -> w_distance */
static void make_word(const char *name, char word[LONGEST + 1]) {
  size_t length = 0;
  if (!is_letter(*name)) word[length++] = 'x';
  for (; *name && length < LONGEST; name++) {
    bool joins = !is_inside(*name);
    if (joins && length > 0 && word[length - 1] == '_') continue;
    word[length++] = joins ? '_' : *name;
  }
  while (length > 1 && word[length - 1] == '_')
    length--;
  word[length] = '\0';
}

bool nd_is_taken(const nd_identifiers *names, const char *word) {
  bool folds = names->language->folds_case;
  for (size_t i = 0; i < names->count; i++)
    if (folds ? nd_same_name(names->items[i], word) : strcmp(names->items[i], word) == 0)
      return true;
  return false;
}

nadir_status nd_identify(nd_identifiers *names, const char *name, const char **identifier,
                         nadir_error *error) {
  char word[LONGEST + 1], made[LONGEST + 32];
  make_word(name, word);
  bool clashes = nd_language_says(names->language, word);
  snprintf(made, sizeof made, clashes ? "%s_" : "%s", word);
  for (unsigned long i = 2; nd_is_taken(names, made); i++)
    snprintf(made, sizeof made, "%s_%lu", word, i);
  ND_TRY(nd_grow(&names->items, &names->capacity, names->count + 1, sizeof *names->items, error));
  char *copy = nd_arena_text(names->arena, made, strlen(made), error);
  if (!copy) return NADIR_NO_MEMORY;
  *identifier = names->items[names->count++] = copy;
  return NADIR_OK;
}
