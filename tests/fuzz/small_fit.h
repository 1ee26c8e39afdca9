/* A model for the targets that need one: fitted in the first call to twelve rows of two numbers and a text. */
#ifndef ND_SMALL_FIT_H
#define ND_SMALL_FIT_H

#include "fuzz.h"

static inline void fuzz_set(nadir_settings *settings, const char *name, const char *value) {
  require(nadir_settings_set(settings, name, value, NULL) == NADIR_OK, "a setting is taken");
}

static inline nadir_settings *fuzz_settings(void) {
  nadir_settings *settings;
  require(nadir_settings_new(&settings, NULL) == NADIR_OK, "there are settings");
  fuzz_set(settings, "threads", "1");
  return settings;
}

/* Lines of NAME=VALUE up to an empty one; what is no setting of the command, or wrong, is passed
 * over. */
static inline void fuzz_set_lines(nadir_settings *settings, fuzz_feed *feed, const char *command) {
  for (bool ends = false; !ends && feed->size > 0;) {
    char *name = fuzz_text(feed, '\n'), *value = strchr(name, '=');
    nadir_setting about;
    nadir_error error = {0};
    ends = *name == '\0';
    if (value) *value++ = '\0';
    for (size_t i = 0; value && nadir_setting_at(i, &about); i++)
      if (strcmp(about.name, name) == 0 && nadir_setting_is_of(&about, command) &&
          nadir_settings_set(settings, name, value, &error) != NADIR_OK)
        require_sentence(&error);
    nd_free(name);
  }
}

/* A listener that asks for the end once the moment of context, a double, is over. */
static inline int fuzz_asks(void *context, const nadir_event *event) {
  (void)event;
  return nd_clock() > *(const double *)context;
}

static inline void require_plain_text(char *text) {
  for (const char *c = text; *c; c++)
    require((unsigned char)*c >= ' ' || *c == '\n', "a text has no control characters");
  nadir_text_free(text);
}

/* The output is a table of so many rows. */
static inline void require_table(const char *path, uint64_t rows) {
  nadir_settings *settings = fuzz_settings();
  nadir_table *table;
  nadir_error error = {0};
  if (nadir_table_open(&table, &path, 1, settings, &error) != NADIR_OK) {
    fprintf(stderr, "%s\n", error.message);
    require(false, "an output can be read");
  }
  require(nadir_table_rows(table) == rows, "an output has the rows that it should have");
  nadir_table_free(table);
  nadir_settings_free(settings);
}

/* Fits the formula and saves the model under this name. */
static inline void fuzz_fit(const char *formula, const char *path) {
  static const char rows[] =
      "x,y,z,kind\n1,2.1,0.5,star\n2,3.9,1.5,qso\n3,6.2,0.1,star\n4,7.8,2.5,galaxy\n5,10.1,1,star\n"
      "6,12.2,3,qso\n7,13.8,0.2,galaxy\n8,16.1,1.1,galaxy\n9,18,0.7,qso\n10,20.2,2.2,star\n"
      "11,21.9,1.9,qso\n12,24.1,0.4,galaxy\n";
  static const char *const paths[] = {"rows.csv"};
  nadir_settings *settings = fuzz_settings();
  nadir_table *table = NULL;
  nadir_result *result = NULL;
  nadir_error error = {0};
  fuzz_set(settings, "updates", "20");
  fuzz_write(paths[0], rows, sizeof rows - 1);
  if (nadir_table_open(&table, paths, 1, settings, &error) != NADIR_OK ||
      nadir_fit(table, formula, settings, NULL, &result, &error) != NADIR_OK ||
      nadir_model_save(result->model, path, &error) != NADIR_OK) {
    fprintf(stderr, "%s\n", error.message);
    require(false, "the fit of the target itself is made");
  }
  nadir_result_free(result);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

#endif
