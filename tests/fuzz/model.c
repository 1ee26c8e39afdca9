/* Fuzzes model files. The first byte chooses: the rest is a model file itself; or it says where one byte of
 * a good model file is changed, and to what. Faults: a crash; a model that loads, and saved and loaded again
 * is another; a changed byte that loads as another model with nobody being told (a file without a checksum
 * is told of). Good seeds are model files with a blank in front, and an exclamation mark with three bytes. */
#include "model/saved.h"
#include "small_fit.h"

static void save_again(const nadir_model *model) {
  nadir_model *again;
  nadir_error error = {0};
  require(nadir_model_save(model, "one.json", &error) == NADIR_OK, "what loads can be saved");
  require(nadir_model_load(&again, "one.json", &error) == NADIR_OK, "what was saved loads");
  require(!again->unsealed, "what was saved has a checksum");
  require(nadir_model_save(again, "two.json", &error) == NADIR_OK, "it can be saved again");
  require_same_files("one.json", "two.json", "a model saved and loaded is the same");
  nadir_model_free(again);
}

static void load(const void *data, size_t size, bool damaged) {
  nadir_model *model;
  nadir_error error = {0};
  fuzz_write("model.json", data, size);
  if (nadir_model_load(&model, "model.json", &error) != NADIR_OK) {
    require_sentence(&error);
    return;
  }
  save_again(model);
  if (damaged && !model->unsealed)
    require_same_files("one.json", "good.json", "a changed byte does not load as another model");
  nadir_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char *good;
  static size_t good_size;
  fuzz_feed feed = {data, size};
  fuzz_enter();
  if (!good) {
    fuzz_fit("y ~ a*x^b + c*z", "good.json");
    good = fuzz_slurp("good.json", &good_size);
  }
  if (fuzz_byte(&feed) % 2 == 0) {
    load(feed.data, feed.size, false);
    return 0;
  }
  size_t place = (fuzz_byte(&feed) << 8 | fuzz_byte(&feed)) % good_size;
  char kept = good[place];
  good[place] = (char)fuzz_byte(&feed);
  load(good, good_size, true);
  good[place] = kept;
  return 0;
}
