/* Settings: every one is set, read, listed and printed by its name, from the rows of settings.def
 * and from the rows that each update rule carries ("adam.beta1"). A value is text on its way in and
 * out, and a typed field in between, so that the command line, --config files, model files and
 * other languages share one check and one spelling.
 *
 * Forbidden here: knowing what any setting means, beyond the few that are lists of names kept
 * elsewhere (method, schedule) or have a form of their own (batch, memory). */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "fit/fit.h"

typedef struct field {
  const char *name, *initial, *unit, *range, *commands, *help;
  nadir_setting_type type;
  double low, high;
  size_t value_at, is_set_at; /* offsets in nadir_settings */
} field;

static const field fields[] = {
#define ND_SETTING(field, name, type, initial, low, high, unit, range, commands, help)             \
  {name,                                                                                           \
   initial,                                                                                        \
   unit,                                                                                           \
   range,                                                                                          \
   commands,                                                                                       \
   help,                                                                                           \
   NADIR_##type,                                                                                   \
   low,                                                                                            \
   high,                                                                                           \
   offsetof(nadir_settings, field),                                                                \
   offsetof(nadir_settings, field##_is_set)},
#include "fit/settings.def"
#undef ND_SETTING
};

static const field *find_field(const char *name) {
  for (size_t i = 0; i < ND_COUNT(fields); i++)
    if (strcmp(fields[i].name, name) == 0) return &fields[i];
  return NULL;
}

static void *value_of(const nadir_settings *settings, const field *of) {
  return (char *)(uintptr_t)settings + of->value_at;
}

static bool *is_set_of(const nadir_settings *settings, const field *of) {
  return (bool *)((char *)(uintptr_t)settings + of->is_set_at);
}

static bool holds_text(const field *of) {
  return of->type == NADIR_TEXT || of->type == NADIR_CHOICE;
}

/* ---- update rules' own settings ---- */

/* "adam.beta1": the rule's values and the number of the setting in them. */
static bool find_rule_setting(const nadir_settings *settings, const char *name,
                              const nd_rule_values **rule, size_t *number) {
  for (size_t r = 0; r < settings->rule_count; r++) {
    const nadir_optimizer *optimizer = settings->rules[r].optimizer;
    size_t length = strlen(optimizer->name);
    if (strncmp(name, optimizer->name, length) != 0 || name[length] != '.') continue;
    for (size_t i = 0; i < optimizer->setting_count; i++)
      if (strcmp(optimizer->settings[i].name, name + length + 1) == 0) {
        *rule = &settings->rules[r];
        *number = i;
        return true;
      }
  }
  return false;
}

static nadir_status add_rule(nadir_settings *settings, const nadir_optimizer *optimizer,
                             nadir_error *error) {
  ND_TRY(nd_grow(&settings->rules, &settings->rule_capacity, settings->rule_count + 1,
                 sizeof *settings->rules, error));
  double *values = nd_new(optimizer->setting_count, sizeof *values, error);
  if (!values) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < optimizer->setting_count; i++)
    values[i] = optimizer->settings[i].initial;
  settings->rules[settings->rule_count++] = (nd_rule_values){optimizer, values};
  return NADIR_OK;
}

nadir_status nd_settings_add_optimizer(nadir_settings *settings, const nadir_optimizer *optimizer,
                                       nadir_error *error) {
  if (!optimizer->name || !*optimizer->name || (!optimizer->step == !optimizer->advance))
    return nd_fail(error, NADIR_BAD_SETTING,
                   "optimizer: it needs a name, and a step or an advance function, not both");
  for (size_t r = 0; r < settings->rule_count; r++)
    if (strcmp(settings->rules[r].optimizer->name, optimizer->name) == 0)
      return nd_fail(error, NADIR_BAD_SETTING,
                     "optimizer %s: there is one of this name: choose another", optimizer->name);
  return add_rule(settings, optimizer, error);
}

static nadir_status unknown_method(const nadir_settings *settings, const char *name,
                                   nadir_error *error) {
  const char *names[64];
  size_t count = 0;
  nd_text all = {0};
  for (size_t r = 0; r < settings->rule_count && count < ND_COUNT(names); r++) {
    names[count++] = settings->rules[r].optimizer->name;
    nd_text_print(&all, "%s%s", r ? ", " : "", names[count - 1]);
  }
  ptrdiff_t nearest = nd_nearest(name, names, count);
  nadir_status status =
      nearest >= 0 ? nd_fail(error, NADIR_BAD_SETTING, "method: there is no '%s': " ND_DID_YOU_MEAN,
                             name, names[nearest])
                   : nd_fail(error, NADIR_BAD_SETTING, "method: there is no '%s': take one of %s",
                             name, nd_text_data(&all));
  nd_text_free(&all);
  return status;
}

static const nd_rule_values *find_rule(const nadir_settings *settings, const char *name) {
  for (size_t r = 0; r < settings->rule_count; r++)
    if (strcmp(settings->rules[r].optimizer->name, name) == 0) return &settings->rules[r];
  return NULL;
}

nadir_status nd_settings_method(const nadir_settings *settings, const nadir_optimizer **optimizer,
                                const double **values, nadir_error *error) {
  const nd_rule_values *rule = find_rule(settings, settings->method);
  if (!rule) return unknown_method(settings, settings->method, error);
  *optimizer = rule->optimizer;
  *values = rule->values;
  return NADIR_OK;
}

/* ---- the checks of values ---- */

static bool read_number(const char *text, double *value) {
  const char *end = text + strlen(text);
  return nd_read_number(text, end, value) == end && end != text;
}

static nadir_status bad_value(const char *name, const char *value, const char *range,
                              const char *unit, nadir_error *error) {
  return nd_fail(error, NADIR_BAD_SETTING, "%s: '%s' is no value for it: give %s%s%s%s", name,
                 value, range, *unit ? " (" : "", unit, *unit ? ")" : "");
}

static bool is_choice(const char *value, const char *choices) {
  size_t length = strlen(value);
  for (const char *word = choices; word; word = strchr(word, '|')) {
    if (*word == '|') word++;
    if (strncmp(word, value, length) == 0 && (word[length] == '|' || word[length] == '\0'))
      return length > 0;
  }
  return false;
}

static nadir_status bad_choice(const field *of, const char *value, nadir_error *error) {
  char words[ND_COUNT(((nadir_setting *)0)->range) * 2];
  size_t length = 0;
  for (const char *c = of->range; *c && length + 3 < sizeof words; c++) {
    words[length++] = *c == '|' ? ',' : *c;
    if (*c == '|') words[length++] = ' ';
  }
  words[length] = '\0';
  return nd_fail(error, NADIR_BAD_SETTING, "%s: '%s' is no value for it: take one of %s", of->name,
                 value, words);
}

static nadir_status check_schedule(const char *value, nadir_error *error) {
  const char *names[32] = {"auto"};
  size_t count = 1;
  for (const nd_schedule_info *info; count < ND_COUNT(names) && (info = nd_schedule_at(count - 1));)
    names[count++] = info->name;
  for (size_t i = 0; i < count; i++)
    if (strcmp(names[i], value) == 0) return NADIR_OK;
  ptrdiff_t nearest = nd_nearest(value, names, count);
  if (nearest >= 0)
    return nd_fail(error, NADIR_BAD_SETTING, "schedule: there is no '%s': " ND_DID_YOU_MEAN, value,
                   names[nearest]);
  return nd_fail(error, NADIR_BAD_SETTING, "schedule: there is no '%s': see 'nadir fit --help'",
                 value);
}

nadir_status nd_batch_rows(const nadir_settings *settings, size_t *rows, nadir_error *error) {
  double value;
  *rows = 0;
  if (strcmp(settings->batch, "all") == 0) return NADIR_OK;
  if (!read_number(settings->batch, &value) || !(value >= 1) || value > 1e9 ||
      value != floor(value))
    return bad_value("batch", settings->batch, "all, or a whole number of rows from 1 to 1e9", "",
                     error);
  *rows = (size_t)value;
  return NADIR_OK;
}

nadir_status nd_memory_bytes(const nadir_settings *settings, uint64_t *bytes, nadir_error *error) {
  const char *text = settings->memory, *end = text + strlen(text);
  double value, unit = 1;
  *bytes = nd_physical_memory() / 2;
  if (strcmp(text, "auto") == 0) return NADIR_OK;
  const char *after = nd_read_number(text, end, &value);
  if (after && after + 1 == end) {
    switch (*after) {
    case 'K':
      unit = 0x1p10;
      break;
    case 'M':
      unit = 0x1p20;
      break;
    case 'G':
      unit = 0x1p30;
      break;
    default:
      after = NULL;
    }
  } else if (after != end)
    after = NULL;
  if (!after || !(value >= 0) || value * unit > 0x1p62)
    return bad_value("memory", text, "auto, or a number with K, M or G after it", "bytes", error);
  *bytes = (uint64_t)(value * unit);
  return NADIR_OK;
}

/* What the row alone does not say. */
static nadir_status check_form(const nadir_settings *settings, const field *of,
                               nadir_error *error) {
  size_t rows;
  uint64_t bytes;
  const char *value = *(char **)value_of(settings, of);
  if (strcmp(of->name, "method") == 0)
    return find_rule(settings, value) ? NADIR_OK : unknown_method(settings, value, error);
  if (strcmp(of->name, "schedule") == 0) return check_schedule(value, error);
  if (strcmp(of->name, "batch") == 0) return nd_batch_rows(settings, &rows, error);
  nd_accepted accepted;
  if (strcmp(of->name, "accept") == 0) return nd_accept_read(value, &accepted, error);
  if (strcmp(of->name, "memory") == 0) return nd_memory_bytes(settings, &bytes, error);
  return NADIR_OK;
}

static nadir_status set_text(nadir_settings *settings, const field *of, const char *value,
                             nadir_error *error) {
  char **slot = value_of(settings, of), *old = *slot;
  if (of->type == NADIR_CHOICE && !is_choice(value, of->range)) return bad_choice(of, value, error);
  char *copy = nd_copy_text(value, strlen(value), error);
  if (!copy) return NADIR_NO_MEMORY;
  *slot = copy;
  nadir_status status = check_form(settings, of, error);
  if (status != NADIR_OK) {
    *slot = old;
    nd_free(copy);
    return status;
  }
  nd_free(old);
  return NADIR_OK;
}

static nadir_status set_flag(nadir_settings *settings, const field *of, const char *value,
                             nadir_error *error) {
  bool *slot = value_of(settings, of);
  if (is_choice(value, "true|yes|on|1"))
    *slot = true;
  else if (is_choice(value, "false|no|off|0"))
    *slot = false;
  else
    return bad_value(of->name, value, "true or false", "", error);
  return NADIR_OK;
}

/* Whole numbers are read as text, not through a double, so that a seed keeps all 64 bits. "1e6" is
 * fine. */
static nadir_status set_integer(nadir_settings *settings, const field *of, const char *value,
                                nadir_error *error) {
  uint64_t number = 0;
  const char *c = value;
  for (; isdigit((unsigned char)*c); c++) {
    unsigned digit = (unsigned)(*c - '0');
    if (number > (UINT64_MAX - digit) / 10)
      return bad_value(of->name, value, of->range, of->unit, error);
    number = number * 10 + digit;
  }
  double real = (double)number;
  if (*c || c == value) {
    if (!read_number(value, &real) || !(real >= 0) || real > 1e18 || real != floor(real))
      return bad_value(of->name, value, of->range, of->unit, error);
    number = (uint64_t)real;
  }
  if (real < of->low || real > of->high)
    return bad_value(of->name, value, of->range, of->unit, error);
  *(uint64_t *)value_of(settings, of) = number;
  return NADIR_OK;
}

static nadir_status set_real(nadir_settings *settings, const field *of, const char *value,
                             nadir_error *error) {
  double number = (double)NAN;
  if (*value && (!read_number(value, &number) || !(number >= of->low && number <= of->high)))
    return bad_value(of->name, value, of->range, of->unit, error);
  *(double *)value_of(settings, of) = number;
  return NADIR_OK;
}

static nadir_status set_field(nadir_settings *settings, const field *of, const char *value,
                              nadir_error *error) {
  switch (of->type) {
  case NADIR_FLAG:
    return set_flag(settings, of, value, error);
  case NADIR_INTEGER:
    return set_integer(settings, of, value, error);
  case NADIR_REAL:
    return set_real(settings, of, value, error);
  case NADIR_TEXT:
  case NADIR_CHOICE:
    return set_text(settings, of, value, error);
  }
  return NADIR_OK;
}

static nadir_status unknown_setting(const char *name, nadir_error *error) {
  const char *names[ND_COUNT(fields)];
  for (size_t i = 0; i < ND_COUNT(fields); i++)
    names[i] = fields[i].name;
  ptrdiff_t nearest = nd_nearest(name, names, ND_COUNT(names));
  if (nearest >= 0)
    return nd_fail(error, NADIR_BAD_SETTING, "%s: there is no such setting: " ND_DID_YOU_MEAN, name,
                   names[nearest]);
  return nd_fail(error, NADIR_BAD_SETTING, "%s: there is no such setting: see 'nadir fit --help'",
                 name);
}

nadir_status nd_settings_set(nadir_settings *settings, const char *name, const char *value,
                             nadir_error *error) {
  const field *of = find_field(name);
  if (of) {
    ND_TRY(set_field(settings, of, value, error));
    *is_set_of(settings, of) = true;
    return NADIR_OK;
  }
  const nd_rule_values *rule;
  size_t i;
  if (!find_rule_setting(settings, name, &rule, &i)) return unknown_setting(name, error);
  const nadir_rule_setting *row = &rule->optimizer->settings[i];
  double number;
  if (!read_number(value, &number) || !(number >= row->low && number <= row->high)) {
    char low[ND_NUMBER_TEXT], high[ND_NUMBER_TEXT];
    return nd_fail(error, NADIR_BAD_SETTING,
                   "%s: '%s' is no value for it: give a number from %s to %s", name, value,
                   nd_format(row->low, low), nd_format(row->high, high));
  }
  rule->values[i] = number;
  return NADIR_OK;
}

/* ---- life ---- */

nadir_status nd_settings_new(nadir_settings **settings, nadir_error *error) {
  nadir_settings *made = *settings = nd_new(1, sizeof *made, error);
  if (!made) return NADIR_NO_MEMORY;
  nadir_status status = NADIR_OK;
  for (size_t i = 0; status == NADIR_OK && nd_optimizer_at(i); i++)
    status = add_rule(made, nd_optimizer_at(i), error);
  for (size_t i = 0; status == NADIR_OK && i < ND_COUNT(fields); i++)
    status = set_field(made, &fields[i], fields[i].initial, error);
  if (status != NADIR_OK) {
    nd_settings_free(made);
    *settings = NULL;
  }
  return status;
}

void nd_settings_free(nadir_settings *settings) {
  if (!settings) return;
  for (size_t i = 0; i < ND_COUNT(fields); i++)
    if (holds_text(&fields[i])) nd_free(*(char **)value_of(settings, &fields[i]));
  for (size_t r = 0; r < settings->rule_count; r++)
    nd_free(settings->rules[r].values);
  nd_free(settings->rules);
  nd_text_free(&settings->shown);
  nd_free(settings);
}

static nadir_status copy_rules(nadir_settings *copy, const nadir_settings *settings,
                               nadir_error *error) {
  for (size_t r = copy->rule_count; r < settings->rule_count; r++)
    ND_TRY(add_rule(copy, settings->rules[r].optimizer, error));
  for (size_t r = 0; r < settings->rule_count; r++)
    memcpy(copy->rules[r].values, settings->rules[r].values,
           settings->rules[r].optimizer->setting_count * sizeof(double));
  return NADIR_OK;
}

static nadir_status copy_field(nadir_settings *copy, const nadir_settings *settings,
                               const field *of, nadir_error *error) {
  *is_set_of(copy, of) = *is_set_of(settings, of);
  switch (of->type) {
  case NADIR_FLAG:
    *(bool *)value_of(copy, of) = *(bool *)value_of(settings, of);
    break;
  case NADIR_INTEGER:
    *(uint64_t *)value_of(copy, of) = *(uint64_t *)value_of(settings, of);
    break;
  case NADIR_REAL:
    *(double *)value_of(copy, of) = *(double *)value_of(settings, of);
    break;
  case NADIR_TEXT:
  case NADIR_CHOICE:
    return set_text(copy, of, *(char **)value_of(settings, of), error);
  }
  return NADIR_OK;
}

nadir_status nd_settings_copy(nadir_settings **copy, const nadir_settings *settings,
                              nadir_error *error) {
  ND_TRY(nd_settings_new(copy, error));
  nadir_status status = copy_rules(*copy, settings, error);
  for (size_t i = 0; status == NADIR_OK && i < ND_COUNT(fields); i++)
    status = copy_field(*copy, settings, &fields[i], error);
  if (status != NADIR_OK) {
    nd_settings_free(*copy);
    *copy = NULL;
  }
  return status;
}

/* ---- reading back ---- */

static void show_field(const nadir_settings *settings, const field *of, nd_text *out) {
  char number[ND_NUMBER_TEXT];
  double real;
  switch (of->type) {
  case NADIR_FLAG:
    nd_text_append(out, *(bool *)value_of(settings, of) ? "true" : "false");
    break;
  case NADIR_INTEGER:
    nd_text_print(out, "%llu", (unsigned long long)*(uint64_t *)value_of(settings, of));
    break;
  case NADIR_REAL:
    real = *(double *)value_of(settings, of);
    nd_text_append(out, isnan(real) ? "" : nd_format(real, number));
    break;
  case NADIR_TEXT:
  case NADIR_CHOICE:
    nd_text_append(out, *(char **)value_of(settings, of));
    break;
  }
}

const char *nd_settings_get(nadir_settings *settings, const char *name) {
  const field *of = find_field(name);
  const nd_rule_values *rule;
  size_t i;
  char number[ND_NUMBER_TEXT];
  nd_text_clear(&settings->shown);
  if (of)
    show_field(settings, of, &settings->shown);
  else if (find_rule_setting(settings, name, &rule, &i))
    nd_text_append(&settings->shown, nd_format(rule->values[i], number));
  else
    return NULL;
  return settings->shown.failed ? NULL : nd_text_data(&settings->shown);
}

bool nd_settings_is_set(const nadir_settings *settings, const char *name) {
  const field *of = find_field(name);
  return of && *is_set_of(settings, of);
}

nadir_status nd_settings_print(const nadir_settings *settings, nd_text *out, nadir_error *error) {
  char number[ND_NUMBER_TEXT];
  for (size_t i = 0; i < ND_COUNT(fields); i++) {
    nd_text_print(out, "%s = ", fields[i].name);
    show_field(settings, &fields[i], out);
    nd_text_append(out, "\n");
  }
  for (size_t r = 0; r < settings->rule_count; r++) {
    const nadir_optimizer *optimizer = settings->rules[r].optimizer;
    for (size_t i = 0; i < optimizer->setting_count; i++)
      nd_text_print(out, "%s.%s = %s\n", optimizer->name, optimizer->settings[i].name,
                    nd_format(settings->rules[r].values[i], number));
  }
  return nd_text_status(out, error);
}

static void show_row(const field *of, nadir_setting *setting) {
  *setting = (nadir_setting){
      .unit = of->unit, .help = of->help, .commands = of->commands, .type = of->type};
  strncpy(setting->name, of->name, sizeof setting->name - 1);
  strncpy(setting->initial, of->initial, sizeof setting->initial - 1);
  strncpy(setting->range, of->range, sizeof setting->range - 1);
}

static void show_rule_row(const nadir_optimizer *optimizer, size_t i, nadir_setting *setting) {
  const nadir_rule_setting *row = &optimizer->settings[i];
  char low[ND_NUMBER_TEXT], high[ND_NUMBER_TEXT];
  *setting = (nadir_setting){.unit = "",
                             .help = row->help,
                             .commands = "fit minimize compare rate noise",
                             .type = NADIR_REAL};
  snprintf(setting->name, sizeof setting->name, "%s.%s", optimizer->name, row->name);
  nd_format(row->initial, setting->initial);
  snprintf(setting->range, sizeof setting->range, "%s to %s", nd_format(row->low, low),
           nd_format(row->high, high));
}

bool nd_setting_at(size_t i, nadir_setting *setting) {
  if (i < ND_COUNT(fields)) {
    show_row(&fields[i], setting);
    return true;
  }
  i -= ND_COUNT(fields);
  const nadir_optimizer *optimizer;
  for (size_t r = 0; (optimizer = nd_optimizer_at(r)); i -= optimizer->setting_count, r++)
    if (i < optimizer->setting_count) {
      show_rule_row(optimizer, i, setting);
      return true;
    }
  return false;
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

static nadir_status set_from_line(nadir_settings *settings, const char *path, size_t number,
                                  char *line, nadir_error *error) {
  nadir_error inner = {0};
  line = trim(line);
  if (*line == '\0' || *line == '#') return NADIR_OK;
  char *equals = strchr(line, '=');
  if (!equals)
    return nd_fail(error, NADIR_BAD_SETTING, "%s:%zu: '%s' is no setting: write name = value", path,
                   number, line);
  *equals = '\0';
  nadir_status status = nd_settings_set(settings, trim(line), trim(equals + 1), &inner);
  if (status == NADIR_OK) return NADIR_OK;
  return nd_fail(error, status, "%s:%zu: %s", path, number, inner.message);
}

nadir_status nd_settings_read(nadir_settings *settings, const char *path, nadir_error *error) {
  char *text;
  size_t size;
  ND_TRY(nd_file_slurp(path, 1 << 20, &text, &size, error));
  nadir_status status = NADIR_OK;
  size_t number = 1;
  for (char *line = text, *next; line && status == NADIR_OK; line = next, number++) {
    next = strchr(line, '\n');
    if (next) *next++ = '\0';
    status = set_from_line(settings, path, number, line, error);
  }
  nd_free(text);
  return status;
}
