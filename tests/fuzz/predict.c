/* Fuzzes predictions: models of four kinds over any table. The first byte chooses the model and the format of
 * the output. Faults: a crash; an error without a sentence; an output that cannot be read back, or has
 * another number of rows than the table; an output that is there though the prediction failed. Good seeds are
 * small tables with a byte in front. */
#include "small_fit.h"

static const char *const models[] = {"line.json", "power.json", "classes.json", "poly.json"};

static void fit_all(void) {
  static bool fitted;
  if (fitted) return;
  fuzz_fit("y ~ linear(x, z)", models[0]);
  fuzz_fit("y ~ a*x^b", models[1]);
  fuzz_fit("kind ~ softmax(3, x, z)", models[2]);
  fuzz_fit("y ~ poly(x, 3)", models[3]);
  fitted = true;
}

static void predict(const nadir_model *model, nadir_settings *settings, const char *output) {
  static const char *const paths[] = {"table"};
  nadir_table *table;
  nadir_error error = {0};
  if (nadir_table_open(&table, paths, 1, settings, &error) != NADIR_OK) {
    require_sentence(&error);
    return;
  }
  nadir_status status = nadir_predict(model, table, settings, NULL, output, &error);
  if (status == NADIR_OK) {
    require_table(output, nadir_table_rows(table));
  } else {
    require_sentence(&error);
    require(access(output, F_OK) != 0, "what fails writes nothing");
  }
  nadir_table_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_feed feed = {data, size};
  nadir_model *model;
  nadir_error error = {0};
  fuzz_enter();
  fit_all();
  unsigned choice = fuzz_byte(&feed);
  const char *output = choice & 4 ? "out.fits" : "out.csv";
  nadir_settings *settings = fuzz_settings();
  if (choice & 8) fuzz_set(settings, "missing", "drop");
  fuzz_write("table", feed.data, feed.size);
  remove(output);
  require(nadir_model_load(&model, models[choice & 3], &error) == NADIR_OK, "a model loads");
  predict(model, settings, output);
  nadir_model_free(model);
  nadir_settings_free(settings);
  return 0;
}
