/* Fuzzes settings: a file of them, as for --config, for the command that the first byte names, and pairs of
 * a name and a value, a line each. Faults: a crash; an error without a sentence; settings that, printed
 * and read again, print otherwise. Good seeds are such files with a blank in front. */
#include "small_fit.h"

static void print(const nadir_settings *settings, const char *path) {
  char *text;
  require(nadir_settings_print(settings, NULL, &text, NULL) == NADIR_OK, "settings can be printed");
  fuzz_write(path, text, strlen(text));
  nadir_text_free(text);
}

static void print_and_read(const nadir_settings *settings) {
  nadir_settings *again = fuzz_settings();
  nadir_error error = {0};
  print(settings, "one.txt");
  if (nadir_settings_read(again, NULL, "one.txt", &error) != NADIR_OK) {
    fprintf(stderr, "%s\n", error.message);
    require(false, "what was printed can be read");
  }
  print(again, "two.txt");
  require_same_files("one.txt", "two.txt", "settings printed and read are the same");
  nadir_settings_free(again);
}

static void set_pairs(nadir_settings *settings, fuzz_feed feed) {
  while (feed.size > 0) {
    char *name = fuzz_text(&feed, '='), *value = fuzz_text(&feed, '\n');
    nadir_error error = {0};
    char *end = name + strlen(name);
    while (end > name && end[-1] == ' ')
      *--end = '\0';
    if (nadir_settings_set(settings, name, value, &error) != NADIR_OK) require_sentence(&error);
    nd_free(name);
    nd_free(value);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const commands[] = {NULL,      "fit",  "minimize", "compare", "plot",
                                         "predict", "info", "convex",   "rate",    "noise"};
  fuzz_feed feed = {data, size};
  nadir_error error = {0};
  fuzz_enter();
  const char *command = commands[fuzz_byte(&feed) % ND_COUNT(commands)];
  nadir_settings *settings = fuzz_settings();
  fuzz_write("given.txt", feed.data, feed.size);
  if (nadir_settings_read(settings, command, "given.txt", &error) != NADIR_OK)
    require_sentence(&error);
  print_and_read(settings);
  set_pairs(settings, feed);
  print_and_read(settings);
  nadir_settings_free(settings);
  return 0;
}
