/* Settings: every one is set, read, listed and printed by its name, from the rows of settings.def
 * and from the rows that each update rule carries ("adam.beta1"). A value is text on its way in and
 * out, checked and made into a value by its grammar (grammars.c) when it is set, so that the command
 * line, --config files, model files and other languages share one check and one spelling.
 *
 * Forbidden here: knowing what any setting means. And everywhere: deciding anything by whether a
 * setting was typed; a default that is chosen is the value auto. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "settings/loss.h"
#include "settings/settings_internal.h"

typedef struct row {
  const char *name, *initial, *unit, *range, *commands, *help;
  nd_grammar grammar;
  double low, high;
  size_t value_at, is_set_at; /* offsets in nadir_settings */
} row;

static const row rows[] = {
#define ND_SETTING(field, name, grammar, initial, low, high, unit, range, commands, help)          \
  {name,                                                                                           \
   initial,                                                                                        \
   unit,                                                                                           \
   range,                                                                                          \
   commands,                                                                                       \
   help,                                                                                           \
   ND_GRAMMAR_##grammar,                                                                           \
   low,                                                                                            \
   high,                                                                                           \
   offsetof(nadir_settings, field),                                                                \
   offsetof(nadir_settings, field##_is_set)},
#include "settings/settings.def"
#undef ND_SETTING
};

/* What other programs call a setting. */
static const struct {
  const char *word, *name;
} synonyms[] = {
#define ND_SYNONYM(word, name) {word, name},
#include "settings/synonyms.def"
#undef ND_SYNONYM
};

const char *nd_setting_meant(const char *word) {
  for (size_t i = 0; i < ND_COUNT(synonyms); i++)
    if (strcmp(synonyms[i].word, word) == 0) return synonyms[i].name;
  return NULL;
}

/* ---- rows as others see them ---- */

/* Rows are walked so often that printing them would be most of a short run's work. */
static void copy_text(char *to, size_t size, const char *text) {
  size_t length = strnlen(text, size - 1);
  memcpy(to, text, length);
  to[length] = '\0';
}

/* {high} in the words of a range is the upper bound. */
static void say_range(const char *words, double high, nadir_setting *about) {
  static const char bound[] = "{high}";
  char number[ND_NUMBER_TEXT];
  const char *at = strchr(words, '{');
  if (at && strncmp(at, bound, sizeof bound - 1) == 0)
    snprintf(about->range, sizeof about->range, "%.*s%s%s", (int)(at - words), words, nd_format(high, number),
             at + sizeof bound - 1);
  else
    copy_text(about->range, sizeof about->range, words);
}

static void show_row(const row *of, nadir_setting *about) {
  const char *words = nd_grammar_words(of->grammar);
  *about = (nadir_setting){.unit = of->unit,
                           .help = of->help,
                           .commands = of->commands,
                           .type = nd_grammar_type(of->grammar)};
  copy_text(about->name, sizeof about->name, of->name);
  copy_text(about->initial, sizeof about->initial, of->initial);
  say_range(words ? words : of->range, of->high, about);
}

static void show_rule_row(const nadir_optimizer *optimizer, size_t i, nadir_setting *about) {
  const nadir_rule_setting *of = &optimizer->settings[i];
  char low[ND_NUMBER_TEXT], high[ND_NUMBER_TEXT];
  *about = (nadir_setting){.unit = "",
                           .help = of->help,
                           .commands = "fit minimize compare noise",
                           .type = NADIR_REAL,
                           .rule = optimizer};
  snprintf(about->name, sizeof about->name, "%s.%s", optimizer->name, of->name);
  nd_format(of->initial, about->initial);
  snprintf(about->range, sizeof about->range, "%s to %s", nd_format(of->low, low),
           nd_format(of->high, high));
}

bool nd_setting_at(size_t i, nadir_setting *about) {
  if (i < ND_COUNT(rows)) {
    show_row(&rows[i], about);
    return true;
  }
  i -= ND_COUNT(rows);
  const nadir_optimizer *optimizer;
  for (size_t r = 0; (optimizer = nd_optimizer_at(r)); i -= optimizer->setting_count, r++)
    if (i < optimizer->setting_count) {
      show_rule_row(optimizer, i, about);
      return true;
    }
  return false;
}

/* ---- the values of some settings ---- */

static nd_slot slot_of_row(const nadir_settings *settings, const row *of) {
  char *base = (char *)(uintptr_t)settings;
  nd_slot slot = {.grammar = of->grammar,
                  .low = of->low,
                  .high = of->high,
                  .value = base + of->value_at,
                  .is_set = (bool *)(base + of->is_set_at)};
  show_row(of, &slot.about);
  return slot;
}

static nd_slot slot_of_rule(const nd_rule_values *rule, size_t i) {
  const nadir_rule_setting *of = &rule->optimizer->settings[i];
  nd_slot slot = {.grammar = ND_GRAMMAR_REAL,
                  .low = of->low,
                  .high = of->high,
                  .value = &rule->values[i],
                  .is_set = &rule->is_set[i]};
  show_rule_row(rule->optimizer, i, &slot.about);
  return slot;
}

/* All of the list, then those of the rules that these settings know, the caller's among them. */
static bool slot_at(const nadir_settings *settings, size_t i, nd_slot *slot) {
  if (i < ND_COUNT(rows)) {
    *slot = slot_of_row(settings, &rows[i]);
    return true;
  }
  i -= ND_COUNT(rows);
  for (size_t r = 0; r < settings->rule_count; r++) {
    const nd_rule_values *rule = &settings->rules[r];
    if (i < rule->optimizer->setting_count) {
      *slot = slot_of_rule(rule, i);
      return true;
    }
    i -= rule->optimizer->setting_count;
  }
  return false;
}

/* Names are looked at first: a slot is not made for each that is passed over. */
static bool find(const nadir_settings *settings, const char *name, nd_slot *slot) {
  size_t i = 0;
  while (i < ND_COUNT(rows) && strcmp(rows[i].name, name) != 0)
    i++;
  for (; slot_at(settings, i, slot); i++)
    if (strcmp(slot->about.name, name) == 0) return true;
  return false;
}

/* ---- update rules ---- */

static nadir_status add_rule(nadir_settings *settings, const nadir_optimizer *optimizer,
                             nadir_error *error) {
  size_t count = optimizer->setting_count;
  ND_TRY(nd_grow(&settings->rules, &settings->rule_capacity, settings->rule_count + 1,
                 sizeof *settings->rules, error));
  nd_rule_values *rule = &settings->rules[settings->rule_count];
  *rule = (nd_rule_values){.optimizer = optimizer,
                           .values = nd_new(count, sizeof *rule->values, error),
                           .is_set = nd_new(count, sizeof *rule->is_set, error)};
  settings->rule_count++;
  if (!rule->values || !rule->is_set) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    rule->values[i] = optimizer->settings[i].initial;
  return NADIR_OK;
}

nadir_status nd_settings_add_optimizer(nadir_settings *settings, const nadir_optimizer *optimizer,
                                       nadir_error *error) {
  ND_TRY(nd_check_bytes("nadir_optimizer", optimizer->bytes, sizeof *optimizer, error));
  if (!optimizer->name || !*optimizer->name || (!optimizer->step == !optimizer->advance))
    return nd_fail(error, NADIR_BAD_SETTING,
                   "optimizer: it needs a name, and a step or an advance function, not both");
  for (size_t r = 0; r < settings->rule_count; r++)
    if (strcmp(settings->rules[r].optimizer->name, optimizer->name) == 0)
      return nd_fail(error, NADIR_BAD_SETTING,
                     "optimizer %s: there is already one with this name: choose a different name",
                     optimizer->name);
  nadir_status status = add_rule(settings, optimizer, error);
  return status;
}

nadir_status nd_settings_rule(const nadir_settings *settings, const char *name,
                              const nadir_optimizer **optimizer, const double **values,
                              nadir_error *error) {
  for (size_t r = 0; r < settings->rule_count; r++)
    if (strcmp(settings->rules[r].optimizer->name, name) == 0) {
      *optimizer = settings->rules[r].optimizer;
      *values = settings->rules[r].values;
      return NADIR_OK;
    }
  return nd_fail(error, NADIR_BAD_SETTING, "there is no method '%s': name an update rule of the list", name);
}

nadir_status nd_settings_method(const nadir_settings *settings, const nadir_optimizer **optimizer,
                                const double **values, nadir_error *error) {
  const char *name = nd_is_auto(settings->method) ? nd_optimizer_for(ND_FOR_DESCENT)->name : settings->method;
  return nd_settings_rule(settings, name, optimizer, values, error);
}

/* ---- setting ---- */

static nadir_status unknown_setting(const nadir_settings *settings, const char *name,
                                    nadir_error *error) {
  const char *meant = nd_setting_meant(name);
  nd_slot slot;
  size_t count = 0;
  while (slot_at(settings, count, &slot))
    count++;
  char(*names)[sizeof slot.about.name] = nd_new(count, sizeof *names, error);
  const char **list = nd_new(count, sizeof *list, error);
  for (size_t i = 0; names && list && slot_at(settings, i, &slot); i++)
    list[i] = memcpy(names[i], slot.about.name, sizeof names[i]);
  ptrdiff_t near = names && list && !meant ? nd_nearest(name, list, count) : -1;
  if (near >= 0) meant = list[near];
  nadir_status status = nd_fail(error, NADIR_BAD_SETTING,
                                meant ? "%s: there is no such setting: " ND_DID_YOU_MEAN
                                      : "%s: there is no such setting: see the list of settings",
                                name, meant);
  nd_free((void *)list);
  nd_free(names);
  return status;
}

/* Blanks around a value are none of it, and a value is one line, so that a file can hold it. */
static char *tidy_copy(const char *value, nadir_error *error) {
  while (isspace((unsigned char)*value))
    value++;
  size_t length = strlen(value);
  while (length && isspace((unsigned char)value[length - 1]))
    length--;
  char *copy = nd_copy_text(value, length, error);
  for (char *c = copy; c && *c; c++)
    if (*c == '\n' || *c == '\r') *c = ' ';
  return copy;
}

nadir_status nd_settings_set(nadir_settings *settings, const char *name, const char *value,
                             nadir_error *error) {
  nd_slot slot;
  if (!find(settings, name, &slot)) return unknown_setting(settings, name, error);
  char *text = tidy_copy(value, error);
  if (!text) return NADIR_NO_MEMORY;
  nadir_status status = nd_value_read(settings, &slot, text, error);
  if (status == NADIR_OK) *slot.is_set = true;
  nd_free(text);
  return status;
}

/* ---- life ---- */

nadir_status nd_settings_new(nadir_settings **settings, nadir_error *error) {
  nadir_settings *made = *settings = nd_new(1, sizeof *made, error);
  if (!made) return NADIR_NO_MEMORY;
  nadir_status status = NADIR_OK;
  for (size_t i = 0; status == NADIR_OK && nd_optimizer_at(i); i++)
    status = add_rule(made, nd_optimizer_at(i), error);
  for (size_t i = 0; status == NADIR_OK && i < ND_COUNT(rows); i++) {
    nd_slot slot = slot_of_row(made, &rows[i]);
    status = nd_value_read(made, &slot, rows[i].initial, error);
  }
  if (status == NADIR_OK) return NADIR_OK;
  nd_settings_free(made);
  *settings = NULL;
  return status;
}

void nd_settings_free(nadir_settings *settings) {
  if (!settings) return;
  for (size_t i = 0; i < ND_COUNT(rows); i++)
    if (nd_grammar_is_prose(rows[i].grammar))
      nd_free(*(char **)slot_of_row(settings, &rows[i]).value);
  for (size_t r = 0; r < settings->rule_count; r++) {
    nd_free(settings->rules[r].values);
    nd_free(settings->rules[r].is_set);
  }
  nd_free(settings->rules);
  nd_text_free(&settings->shown);
  nd_free(settings);
}

static nadir_status copy_values(nadir_settings *copy, const nadir_settings *settings,
                                nadir_error *error) {
  for (size_t r = copy->rule_count; r < settings->rule_count; r++)
    ND_TRY(add_rule(copy, settings->rules[r].optimizer, error));
  nd_slot to, from;
  for (size_t i = 0; slot_at(settings, i, &from) && slot_at(copy, i, &to); i++) {
    ND_TRY(nd_value_copy(&to, &from, error));
    *to.is_set = *from.is_set;
  }
  return NADIR_OK;
}

nadir_status nd_settings_copy(nadir_settings **copy, const nadir_settings *settings,
                              nadir_error *error) {
  ND_TRY(nd_settings_new(copy, error));
  nadir_status status = copy_values(*copy, settings, error);
  if (status == NADIR_OK) return NADIR_OK;
  nd_settings_free(*copy);
  *copy = NULL;
  return status;
}

/* ---- reading back ---- */

bool nd_settings_show(const nadir_settings *settings, const char *name, nd_text *out) {
  nd_slot slot;
  if (!find(settings, name, &slot)) return false;
  nd_value_show(&slot, out);
  return !out->failed;
}

const char *nd_settings_get(nadir_settings *settings, const char *name) {
  nd_text_clear(&settings->shown);
  return nd_settings_show(settings, name, &settings->shown) ? nd_text_data(&settings->shown) : NULL;
}

bool nd_settings_is_auto(const nadir_settings *settings, const char *name) {
  nd_text value = {0};
  bool is_auto = nd_settings_show(settings, name, &value) && nd_is_auto(nd_text_data(&value));
  nd_text_free(&value);
  return is_auto;
}

bool nd_settings_is_set(const nadir_settings *settings, const char *name) {
  nd_slot slot;
  return find(settings, name, &slot) && *slot.is_set;
}

bool nd_settings_at(const nadir_settings *settings, size_t i, nadir_setting *about, nd_text *value,
                    bool *is_default) {
  nd_slot slot;
  if (!slot_at(settings, i, &slot)) return false;
  *about = slot.about;
  nd_text_clear(value);
  nd_value_show(&slot, value);
  *is_default = strcmp(value->failed ? "" : nd_text_data(value), about->initial) == 0;
  return true;
}

bool nd_setting_is_of(const nadir_setting *about, const char *command) {
  size_t length = command ? strlen(command) : 0;
  for (const char *at = about->commands; command && (at = strstr(at, command)); at += length)
    if ((at == about->commands || at[-1] == ' ') && (at[length] == ' ' || !at[length])) return true;
  return !command;
}

nadir_status nd_settings_print(const nadir_settings *settings, const char *command, nd_text *out,
                               nadir_error *error) {
  nd_slot slot;
  for (size_t i = 0; slot_at(settings, i, &slot); i++) {
    if (!nd_setting_is_of(&slot.about, command)) continue;
    nd_text_print(out, "%s = ", slot.about.name);
    nd_value_show(&slot, out);
    nd_text_append(out, "\n");
  }
  return nd_text_status(out, error);
}

/* ---- files of settings ---- */

static char *trim(char *text) {
  while (isspace((unsigned char)*text))
    text++;
  char *end = text + strlen(text);
  while (end > text && isspace((unsigned char)end[-1]))
    *--end = '\0';
  return text;
}

/* A setting that the command does not use would be without effect: that is an error. */
static nadir_status check_use(const nadir_settings *settings, const char *command, const char *name,
                              nadir_error *error) {
  nd_slot slot;
  if (!find(settings, name, &slot) || nd_setting_is_of(&slot.about, command)) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "%s: nadir %s does not use it: leave it out (it is used by: %s)", name, command,
                 slot.about.commands);
}

static nadir_status set_from_line(nadir_settings *settings, const char *command, char *line,
                                  nadir_error *error) {
  char *equals = strchr(line, '=');
  if (!equals)
    return nd_fail(error, NADIR_BAD_SETTING, "'%s' is not a setting: write name = value", line);
  *equals = '\0';
  char *name = trim(line);
  ND_TRY(check_use(settings, command, name, error));
  return nd_settings_set(settings, name, equals + 1, error);
}

static nadir_status read_line(nadir_settings *settings, const char *command, const char *path,
                              size_t number, char *line, nadir_error *error) {
  nadir_error inner = {0};
  line = trim(line);
  if (*line == '\0' || *line == '#') return NADIR_OK;
  nadir_status status = set_from_line(settings, command, line, &inner);
  if (status == NADIR_OK || !error) return status;
  nd_fail(error, status, "%s:%zu: %s", path, number, inner.message);
  memcpy(error->excerpt, inner.excerpt, sizeof error->excerpt);
  return status;
}

nadir_status nd_settings_read(nadir_settings *settings, const char *command, const char *path,
                              nadir_error *error) {
  char *text;
  size_t size;
  ND_TRY(nd_file_slurp(path, ND_LIMIT_CONFIG_FILE, &text, &size, error));
  nadir_status status = NADIR_OK;
  size_t number = 1;
  for (char *line = text, *next; line && status == NADIR_OK; line = next, number++) {
    next = strchr(line, '\n');
    if (next) *next++ = '\0';
    status = read_line(settings, command, path, number, line, error);
  }
  nd_free(text);
  return status;
}
