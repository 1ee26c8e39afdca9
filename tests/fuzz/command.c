/* Fuzzes whole command lines: the command itself, its main being called as nadir_main, in a directory with the
 * table that the input has. An input is a word a line, an empty line, and the table, t.csv; m.json and r.csv
 * are a model and a trace. --seconds is added where it is a setting. Faults: a crash; an exit status
 * beyond 3. Left out: words that could name a file elsewhere, and pictures that another program draws. */
#include "small_fit.h"

enum { MOST_WORDS = 24 };

int nadir_main(int argc, char **argv);

static bool is_elsewhere(const char *word) {
  return word[0] == '/' || strstr(word, "=/") || strstr(word, "../") ||
         (word[0] == '-' && word[1] != '\0' && word[2] == '/');
}

static bool is_slow(const char *word) {
  static const char *const left_out[] = {".svg",    ".png",    ".pdf", ".html",
                                         "seconds", "threads", "-N"};
  for (size_t i = 0; i < ND_COUNT(left_out); i++)
    if (strstr(word, left_out[i])) return true;
  return false;
}

static bool takes_seconds(const char *command) {
  static const char *const takers[] = {"fit", "minimize", "compare", "convex", "rate"};
  for (size_t i = 0; i < ND_COUNT(takers); i++)
    if (strcmp(command, takers[i]) == 0) return true;
  return false;
}

/* The words of the lines up to an empty one; those that are left out are passed over. */
static int take_words(fuzz_feed *feed, char **words) {
  int count = 1;
  words[0] = nd_copy_text("nadir", 5, NULL);
  while (feed->size > 0 && count < MOST_WORDS) {
    char *word = fuzz_text(feed, '\n');
    bool ends = *word == '\0';
    if (ends || is_elsewhere(word) || is_slow(word))
      nd_free(word);
    else
      words[count++] = word;
    if (ends) break;
  }
  return count;
}

static void prepare(void) {
  static bool prepared;
  static const char trace[] = "update,loss,a\n0,5,1\n1,3,2\n2,1,3\n";
  fuzz_enter();
  if (prepared) return;
  fuzz_fit("y ~ linear(x)", "good.json");
  fuzz_write("good.csv", trace, sizeof trace - 1);
  prepared = true;
}

static void copy(const char *from, const char *to) {
  size_t size;
  char *text = fuzz_slurp(from, &size);
  fuzz_write(to, text, size);
  nd_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_feed feed = {data, size};
  char *words[MOST_WORDS + 3] = {0};
  prepare();
  int count = take_words(&feed, words);
  fuzz_write("t.csv", feed.data, feed.size);
  copy("good.json", "m.json");
  copy("good.csv", "r.csv");
  int given = count;
  static char option[] = "--seconds", value[] = FUZZ_SECONDS;
  if (count > 1 && takes_seconds(words[1])) {
    words[given++] = option;
    words[given++] = value;
  }
  int status = nadir_main(given, words);
  require(status >= 0 && status <= 3, "the exit status is 0 to 3");
  for (int i = 0; i < count; i++)
    nd_free(words[i]);
  return 0;
}
