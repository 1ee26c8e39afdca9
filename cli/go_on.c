/* How a run that was ended goes on from its checkpoint: its own command with --resume, quoted for a shell. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const char SAFE[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";

/* What a shell would take apart is in single quotes. */
static char *add_quoted(char *list, const char *word) {
  if (*word && !word[strspn(word, SAFE)]) return add_to_list(list, " ", "%s", word);
  char *quoted = print_text("'");
  for (; *word; word++)
    quoted =
        *word == '\'' ? add_to_list(quoted, "", "'\\''") : add_to_list(quoted, "", "%c", *word);
  list = add_to_list(list, " ", "%s'", quoted);
  free(quoted);
  return list;
}

static char *add_resume(char *list, const char *checkpoint) {
  list = add_to_list(list, " ", "--resume");
  return add_quoted(list, checkpoint);
}

/* Words after -- are no options. */
static char *command_from(const cli_arguments *arguments, const char *checkpoint) {
  char *list = print_text("nadir");
  bool added = false;
  for (int i = 0; i < arguments->argc; i++) {
    const char *word = arguments->argv[i];
    bool ends = strcmp(word, "--") == 0 && !added;
    if (strcmp(word, "--resume") == 0 && !added) {
      i++;
      continue;
    }
    if (ends) list = add_resume(list, checkpoint);
    added |= ends;
    list = add_quoted(list, word);
  }
  return added ? list : add_resume(list, checkpoint);
}

void tell_how_to_go_on(const cli_arguments *arguments, const nadir_result *result) {
  const char *checkpoint = nadir_settings_get(arguments->settings, "checkpoint");
  bool ended = result->ended == NADIR_INTERRUPTED || result->stop == NADIR_STOP_SECONDS;
  if (!*checkpoint || arguments->quiet || !ended) return;
  char *path = copy_text(checkpoint, strlen(checkpoint)), *command = command_from(arguments, path);
  char *text = print_text("%s: it goes on with: %s", path, command);
  note(text);
  free(text);
  free(command);
  free(path);
}
