/* What a shell would take apart or replace is in single quotes, within which nothing but their end means anything. */
#include "base/shell.h"

#include <string.h>

static const char SAFE[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";

void nd_text_append_word(nd_text *text, const char *word) {
  bool safe = *word != '\0' && word[strspn(word, SAFE)] == '\0';
  if (!safe) nd_text_append(text, "'");
  for (; *word; word++)
    if (*word == '\'')
      nd_text_append(text, "'\\''");
    else
      nd_text_append_bytes(text, word, 1);
  if (!safe) nd_text_append(text, "'");
}
