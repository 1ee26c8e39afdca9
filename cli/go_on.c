/* How a run that was ended goes on from its checkpoint: its own command with --resume, quoted for a shell. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static char *add_word(char *list, const char *word) {
  char *quoted = NULL;
  (void)nadir_shell_word(word, &quoted, NULL);
  list = add_to_list(list, " ", "%s", (char *)checked(quoted));
  nadir_text_free(quoted);
  return list;
}

static char *add_resume(char *list, const char *checkpoint) {
  list = add_to_list(list, " ", "--resume");
  return add_word(list, checkpoint);
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
    list = add_word(list, word);
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
