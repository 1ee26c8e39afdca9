/* Fuzzes checkpoints: a fit of twelve rows goes on from a file. The first byte chooses the method; the second, whether the
 * rest is a file itself, or places of a good one, two bytes each, and what is put there; and whether the sum at its end
 * is made right, as one who wants to deceive would. Faults: a crash; a run without end; an error without a sentence; a
 * file that is not the good one and whose sum is wrong, and that is taken. Good seeds are a letter for the method, then 'a'
 * (a file), 'b' (sealed), 'c' (places) or 'd' (places, sealed). */
#include <zlib.h>

#include "small_fit.h"

enum { SUM = 9 };
static const char *const methods[][4] = {
    {"method", "gd", "batch", "all"},        {"method", "adam", "batch", "all"},
    {"method", "adam", "batch", "3"},        {"method", "gd", "batch", "1"},
    {"method", "newton", "bounds", "a=0:1"}, {"method", "lm", "start", "a=1,b=1"},
    {"method", "lbfgs", "batch", "all"},     {"method", "svrg", "batch", "4"},
    {"method", "bb", "batch", "all"},        {"method", "newton", "l1", "0.1"}};
enum { METHODS = ND_COUNT(methods) };

/* A fit that is kept in, or goes on from, this file. */
static nadir_status fit(unsigned method, const char *which, const char *path, nadir_error *error) {
  static const char *const rows[] = {"rows.csv"};
  double moment = nd_clock() + 1;
  const nadir_listener listener = {
      .bytes = sizeof listener, .notify = fuzz_asks, .context = &moment};
  nadir_settings *settings = fuzz_settings();
  nadir_table *table;
  nadir_result *result;
  for (size_t i = 0; i < 4; i += 2)
    fuzz_set(settings, methods[method][i], methods[method][i + 1]);
  fuzz_set(settings, "schedule", "constant");
  fuzz_set(settings, "updates", strcmp(which, "resume") == 0 ? "9" : "4");
  fuzz_set(settings, "errors", "none");
  fuzz_set(settings, which, path);
  require(nadir_table_open(&table, rows, 1, settings, error) == NADIR_OK, "the rows are there");
  nadir_status status = nadir_fit(table, "y ~ a*x + b + c*z", settings, &listener, &result, error);
  nadir_result_free(result);
  nadir_table_free(table);
  nadir_settings_free(settings);
  return status;
}

static void seal(char *text, size_t size) {
  char sum[SUM + 1];
  if (size < SUM) return;
  snprintf(sum, sizeof sum, "%08lx\n", crc32_z(0, (const Bytef *)text, size - SUM));
  memcpy(text + size - SUM, sum, SUM);
}

static char *good_of(unsigned method, size_t *size) {
  static char *good[METHODS];
  static size_t sizes[METHODS];
  nadir_error error = {0};
  if (!good[method]) {
    fuzz_fit("y ~ a*x + b + c*z", "good.json"); /* which leaves the rows */
    if (fit(method, "checkpoint", "good.ck", &error) != NADIR_OK) {
      fprintf(stderr, "%s\n", error.message);
      require(false, "the fit of the target itself is kept");
    }
    good[method] = fuzz_slurp("good.ck", &sizes[method]);
  }
  *size = sizes[method];
  return nd_copy_text(good[method], *size, NULL);
}

/* Bytes of the good file are changed. */
static void change(char *text, size_t size, fuzz_feed *feed) {
  while (feed->size >= 3) {
    size_t place = (fuzz_byte(feed) << 8 | fuzz_byte(feed)) % size;
    text[place] = (char)fuzz_byte(feed);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_feed feed = {data, size};
  nadir_error error = {0};
  size_t good_size, length;
  fuzz_enter();
  unsigned method = fuzz_byte(&feed) % METHODS, mode = (fuzz_byte(&feed) - 'a') % 4;
  char *good = good_of(method, &good_size);
  bool whole = mode < 2, sealed = mode % 2 == 1;
  char *text = nd_copy_text(whole ? (const char *)feed.data : good,
                            length = whole ? feed.size : good_size, NULL);
  require(good && text, "there is memory for an input");
  if (!whole) change(text, length, &feed);
  if (sealed) seal(text, length);
  fuzz_write("bad.ck", text, length);
  bool same = length == good_size && memcmp(text, good, length) == 0;
  nadir_status status = fit(method, "resume", "bad.ck", &error);
  if (status != NADIR_OK) require_sentence(&error);
  require(status != NADIR_OK || same || sealed || whole, "a file that was changed is refused");
  nd_free(text);
  nd_free(good);
  return 0;
}
