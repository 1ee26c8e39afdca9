/* The combinations of settings that `compare` runs: an axis for each setting on the command line,
 * with its values; the last axis changes fastest. A value of several parts is split at the commas
 * outside brackets and quotes, where a comma cannot be part of the value itself; a=0.1,b=1 is one
 * value of rate. Giving an option again adds values. */
#include <stdlib.h>
#include <string.h>

#include "sweep.h"


/* Settings of one number or word, and those texts whose values have no commas of their own. */
static bool may_be_split(const char *name) {
  static const char *const texts[] = {"method", "rate", "schedule", "batch", "loss"};
  nadir_setting setting;
  for (size_t i = 0; i < COUNT(texts); i++)
    if (strcmp(name, texts[i]) == 0) return true;
  for (size_t i = 0; nadir_setting_at(i, &setting); i++)
    if (strcmp(setting.name, name) == 0) return setting.type != NADIR_TEXT;
  return false;
}

static size_t part_length(const char *text) {
  size_t length = 0;
  int depth = 0;
  char quote = 0;
  for (; text[length] && (quote || depth > 0 || text[length] != ','); length++) {
    char c = text[length];
    if (quote ? c == quote : c == '`' || c == '"' || c == '\'')
      quote = quote ? 0 : c;
    else if (!quote)
      depth += (c == '(' || c == '[') - (c == ')' || c == ']');
  }
  return length;
}

static cli_axis *find_axis(cli_sweep *sweep, const char *name) {
  for (size_t i = 0; i < sweep->count; i++)
    if (strcmp(sweep->axis[i].name, name) == 0) return &sweep->axis[i];
  sweep->axis = checked(realloc(sweep->axis, (sweep->count + 1) * sizeof *sweep->axis));
  sweep->axis[sweep->count] = (cli_axis){.name = name};
  return &sweep->axis[sweep->count++];
}

static void add_value(cli_axis *axis, const char *text, size_t length) {
  axis->value = checked(realloc(axis->value, (axis->count + 1) * sizeof *axis->value));
  axis->value[axis->count++] = copy_text(text, length);
}

/* "0.1,a=1,b=2": an assignment goes on with the assignments after it. */
static size_t value_length(const char *text, bool assignments) {
  size_t length = part_length(text);
  while (assignments && memchr(text, '=', length) && text[length] == ',') {
    size_t more = part_length(text + length + 1);
    if (!memchr(text + length + 1, '=', more)) break;
    length += 1 + more;
  }
  return length;
}

static void add_values(cli_axis *axis, const char *text) {
  if (!may_be_split(axis->name)) {
    add_value(axis, text, strlen(text));
    return;
  }
  for (;;) {
    size_t length = value_length(text, strcmp(axis->name, "rate") == 0);
    add_value(axis, text, length);
    if (!text[length]) return;
    text += length + 1;
  }
}

int sweep_make(cli_sweep *sweep, const cli_arguments *arguments) {
  const size_t most = (size_t)limit_of("compare-runs");
  *sweep = (cli_sweep){.runs = 1};
  for (size_t i = 0; i < arguments->given_count; i++)
    add_values(find_axis(sweep, arguments->given[i].name), arguments->given[i].value);
  for (size_t i = 0; i < sweep->count; i++) {
    sweep->runs *= sweep->axis[i].count;
    sweep->varied += sweep->axis[i].count > 1;
    if (sweep->runs > most)
      return complain(EXIT_WRONG, "compare: these are more than %zu runs: give fewer values", most);
  }
  return 0;
}

const char *sweep_value(const cli_sweep *sweep, size_t run, size_t axis) {
  size_t stride = 1;
  for (size_t i = axis + 1; i < sweep->count; i++)
    stride *= sweep->axis[i].count;
  return sweep->axis[axis].value[run / stride % sweep->axis[axis].count];
}

nadir_status sweep_settings(const cli_sweep *sweep, size_t run, nadir_settings *settings,
                            nadir_error *error) {
  for (size_t i = 0; i < sweep->count; i++) {
    nadir_status status =
        nadir_settings_set(settings, sweep->axis[i].name, sweep_value(sweep, run, i), error);
    if (status != NADIR_OK) return status;
  }
  return NADIR_OK;
}

/* "rate 0.1, method adam", of what differs between runs. */
char *sweep_label(const cli_sweep *sweep, size_t run) {
  char *label = print_text("%s", "");
  for (size_t i = 0; i < sweep->count; i++) {
    if (sweep->axis[i].count < 2) continue;
    label = add_to_list(label, ", ", "%s %s", sweep->axis[i].name, sweep_value(sweep, run, i));
  }
  return label;
}

void sweep_free(cli_sweep *sweep) {
  for (size_t i = 0; i < sweep->count; i++) {
    for (size_t j = 0; j < sweep->axis[i].count; j++)
      free(sweep->axis[i].value[j]);
    free(sweep->axis[i].value);
  }
  free(sweep->axis);
}
