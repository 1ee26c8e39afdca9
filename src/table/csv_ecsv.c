/* The units of an ECSV table (Astropy's Enhanced CSV, APE 6, T. Aldcroft 2016): comments before the
 * rows begin with "# %ECSV" and hold, in YAML, a list of columns under "datatype:", each
 * "- {name: a, unit: m / s, ...}" on one line or more, or as lines "name: a". Name and unit are
 * read of each and nothing else; the i-th unit is given to the i-th column where their names agree.
 * What is not understood is passed over: no header makes a table fail. Types are found from the
 * rows, as of any table.
 *
 * Costs one look at the head of the file. */
#include <string.h>

#include "table/csv_internal.h"

/* ---- scalars ---- */

static const char *skip_blank(const char *at) {
  return at + strspn(at, " \t\r\n");
}

static void cut(nd_text *text, size_t length) {
  if (text->length > length) text->data[text->length = length] = '\0';
}

/* Past a quoted scalar; its text is appended to out, or none where it does not close. */
static const char *read_quoted(const char *at, nd_text *out) {
  char quote = *at++;
  size_t before = out->length;
  for (; *at != '\0'; at++) {
    bool doubled = quote == '\'' && at[0] == quote && at[1] == quote;
    bool escaped = quote == '"' && at[0] == '\\' && at[1] != '\0';
    if (!doubled && !escaped && *at == quote) return at + 1;
    at += doubled || escaped;
    nd_text_append_bytes(out, strchr("\r\n", *at) != NULL ? " " : at, 1);
  }
  cut(out, before);
  return at;
}

/* Past a mapping or list with all that is in it. */
static const char *skip_nested(const char *at, nd_text *scratch) {
  size_t depth = 0;
  do {
    depth += *at == '{' || *at == '[';
    depth -= *at == '}' || *at == ']';
    at = *at == '\'' || *at == '"' ? read_quoted(at, scratch) : at + 1;
  } while (depth > 0 && *at != '\0');
  return at;
}

/* Past a scalar without quotes, which ends at one of `ends`; a key also at its colon. Line ends
 * within it are blanks. */
static const char *read_plain(const char *at, const char *ends, bool key, nd_text *out) {
  const char *begin = at;
  size_t length;
  while (*at != '\0' && strchr(ends, *at) == NULL && !(key && *at == ':'))
    at++;
  length = (size_t)(at - begin);
  while (length > 0 && strchr(" \t\r\n", begin[length - 1]) != NULL)
    length--;
  for (size_t i = 0; i < length; i++) {
    bool blank = strchr(" \t\r\n", begin[i]) != NULL;
    if (!blank)
      nd_text_append_bytes(out, begin + i, 1);
    else if (strchr(" \t\r\n", begin[i + 1]) == NULL)
      nd_text_append(out, " ");
  }
  return at;
}

/* ---- mappings ---- */

static const char *find_in_flow(const char *at, const char *wanted, bool tagged, nd_text *out);

/* Past a value. That of a tag, as !astropy.units.Unit {unit: m}, is its unit. */
static const char *read_value(const char *at, const char *ends, bool tagged, nd_text *out) {
  at = skip_blank(at);
  if (*at == '\'' || *at == '"') return read_quoted(at, out);
  bool tag = *at == '!';
  if (tag) at += strcspn(at, " \t\r\n");
  at += strspn(at, strchr(ends, '\n') != NULL ? " \t" : " \t\r\n");
  if (*at == '{' && tag && !tagged) {
    find_in_flow(at, "unit", true, out);
    tag = false;
  }
  if (*at == '{' || *at == '[') {
    nd_text scratch = {0};
    at = skip_nested(at, &scratch);
    out->failed |= scratch.failed;
    nd_text_free(&scratch);
    return at;
  }
  size_t before = out->length;
  at = read_plain(at, ends, false, out);
  const char *value = nd_text_data(out) + before;
  if (strcmp(value, "~") == 0 || strcmp(value, "null") == 0) cut(out, before);
  return at;
}

/* The value of a key in {key: value, ...}. */
static const char *find_in_flow(const char *at, const char *wanted, bool tagged, nd_text *out) {
  at = skip_blank(at + 1);
  while (*at != '\0' && *at != '}') {
    nd_text key = {0}, other = {0};
    at = *at == '\'' || *at == '"' ? read_quoted(at, &key) : read_plain(at, ",}", true, &key);
    bool found = strcmp(nd_text_data(&key), wanted) == 0;
    at = skip_blank(at);
    if (*at == ':') at = read_value(at + 1, ",}", tagged, found ? out : &other);
    out->failed |= key.failed || other.failed;
    nd_text_free(&key);
    nd_text_free(&other);
    if (found) return at;
    at = skip_blank(at);
    while (*at == ',')
      at = skip_blank(at + 1);
  }
  return at;
}

/* The value of a key in lines "key: value" as far in as the first. */
static void find_in_block(const char *at, const char *wanted, nd_text *out) {
  size_t length = strlen(wanted), indent = SIZE_MAX;
  for (; *at != '\0'; at = nd_csv_line_after(at)) {
    size_t in = strspn(at, " ");
    if (strchr("\r\n", at[in]) != NULL) continue;
    if (indent == SIZE_MAX) indent = in;
    if (in != indent || strncmp(at + in, wanted, length) != 0 || at[in + length] != ':') continue;
    const char *value = at + in + length + 1;
    value += strspn(value, " \t");
    if (strchr("\r\n", *value) == NULL) read_value(value, "\r\n", false, out);
    return;
  }
}

static void find(const char *item, const char *wanted, nd_text *out) {
  const char *at = skip_blank(item);
  if (*at == '{')
    find_in_flow(at, wanted, false, out);
  else
    find_in_block(item, wanted, out);
}

/* ---- the list of columns ---- */

/* The YAML of a comment line, after "# "; NULL where the line is none. */
static const char *yaml_of(const char *line) {
  if (*line != '#') return NULL;
  return line + 1 + (line[1] == ' ');
}

static bool begins_list(const char *yaml) {
  static const char word[] = "datatype:";
  if (strncmp(yaml, word, strlen(word)) != 0) return false;
  yaml += strlen(word);
  yaml += strspn(yaml, " \t\r");
  return *yaml == '\n';
}

/* One item, its lines joined, the dash made a blank; *line moves on to the next. */
static void read_item(const char **line, nd_text *item) {
  const char *yaml = yaml_of(*line);
  size_t dash = strspn(yaml, " ");
  do {
    const char *next = nd_csv_line_after(*line);
    size_t length = (size_t)(next - yaml);
    if (item->length == 0) {
      for (size_t i = 0; i <= dash; i++)
        nd_text_append(item, " ");
      nd_text_append_bytes(item, yaml + dash + 1, length - dash - 1);
    } else {
      nd_text_append_bytes(item, yaml, length);
    }
    *line = next;
    yaml = yaml_of(next);
  } while (yaml != NULL && strspn(yaml, " ") > dash);
}

static nadir_status give_unit(nd_column *column, const char *item, nd_arena *arena,
                              nadir_error *error) {
  nd_text name = {0}, unit = {0};
  char *copy = NULL;
  find(item, "name", &name);
  find(item, "unit", &unit);
  nadir_status status = nd_text_status(&name, error);
  if (status == NADIR_OK) status = nd_text_status(&unit, error);
  if (status == NADIR_OK && unit.length > 0 && strcmp(nd_text_data(&name), column->name) == 0) {
    copy = nd_arena_text(arena, nd_text_data(&unit), unit.length, error);
    if (copy == NULL) status = NADIR_NO_MEMORY;
  }
  if (copy != NULL) column->unit = copy;
  nd_text_free(&name);
  nd_text_free(&unit);
  return status;
}

nadir_status nd_csv_ecsv_units(const char *head, nd_column *columns, size_t count, nd_arena *arena,
                               nadir_error *error) {
  const char *line = head, *yaml;
  if (strncmp(line, "\xef\xbb\xbf", 3) == 0) line += 3;
  if (strncmp(line, "# %ECSV ", 8) != 0) return NADIR_OK;
  while ((yaml = yaml_of(line)) != NULL && !begins_list(yaml))
    line = nd_csv_line_after(line);
  if (yaml == NULL) return NADIR_OK;
  line = nd_csv_line_after(line);
  for (size_t i = 0; i < count; i++) {
    nd_text item = {0};
    yaml = yaml_of(line);
    if (yaml == NULL || yaml[strspn(yaml, " ")] != '-') break;
    read_item(&line, &item);
    nadir_status status = nd_text_status(&item, error);
    if (status == NADIR_OK) status = give_unit(&columns[i], nd_text_data(&item), arena, error);
    nd_text_free(&item);
    ND_TRY(status);
  }
  return NADIR_OK;
}
