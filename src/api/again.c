/* The command that makes a run again: its files, its formula, the settings that are not the
 * defaults, and the start that was used where nothing but the data, or many starts, gave it. In one
 * line that a shell of POSIX takes. */
#include <string.h>

#include "api/api_internal.h"
#include "base/date.h"
#include "base/shell.h"

static const char ARRAYS[] = "arrays"; /* what a table of them is called */

/* The end of a line, a blank to a formula, becomes one. */
static void put_word(nd_text *out, const char *text) {
  nd_text_append(out, " ");
  size_t first = out->length;
  nd_text_append_word(out, text);
  for (size_t i = first; i < out->length; i++)
    if (out->data[i] == '\n' || out->data[i] == '\r') out->data[i] = ' ';
}

/* What is made again. */
typedef struct rerun {
  const nd_origin *origin;
  const char *command, *formula;
  const nadir_settings *settings;
  const nadir_result *result; /* NULL: of a run that has no start of its own */
} rerun;

static void put_subject(nd_text *out, const rerun *r) {
  for (size_t i = 0; i < r->origin->file_count; i++) {
    const char *file = r->origin->files[i];
    put_word(out, strcmp(file, "standard input") == 0 ? "-" : file);
  }
  put_word(out, r->formula);
}

/* A start that nothing but the data, many starts, or another model gave. */
static bool was_found(const nadir_result *result) {
  return result &&
         (result->start_from == NADIR_START_DATA || result->start_from == NADIR_START_BEST ||
          result->start_from == NADIR_START_MODEL);
}

static bool is_of_start(const char *name) {
  return strcmp(name, "start") == 0 || strcmp(name, "starts") == 0 || strcmp(name, "warm-start") == 0;
}

static void put_option(nd_text *out, const char *name) {
  nd_text_print(out, " --%s", name);
}

/* The start as the setting has it, with names in backquotes where they need it. */
static nadir_status put_start(nd_text *out, const nadir_result *result, nadir_error *error) {
  nadir_settings *own = NULL;
  const char **names = nd_new(result->size, sizeof *names, error);
  nadir_status status = names ? nd_settings_new(&own, error) : NADIR_NO_MEMORY;
  for (size_t i = 0; status == NADIR_OK && i < result->size; i++)
    names[i] = result->parameter[i].name;
  if (status == NADIR_OK)
    status = nadir_settings_set_numbers(own, "start", names, result->start, NULL, result->size, error);
  if (status == NADIR_OK) {
    put_option(out, "start");
    put_word(out, own->start);
  }
  nd_settings_free(own);
  nd_free((void *)names);
  return status;
}

/* A run that was broken and went on is made again in one piece. */
static bool is_of_keeping(const char *name) {
  static const char *const list[] = {"checkpoint", "checkpoint-every", "resume"};
  for (size_t i = 0; i < ND_COUNT(list); i++)
    if (strcmp(list[i], name) == 0) return true;
  return false;
}

/* In the order of the list, so that the command of the command is the same. */
static nadir_status put_settings(nd_text *out, const rerun *r, nadir_error *error) {
  nadir_setting setting;
  nd_text value = {0};
  bool is_default, found = was_found(r->result);
  nadir_status status = NADIR_OK;
  for (size_t i = 0;
       status == NADIR_OK && nd_settings_at(r->settings, i, &setting, &value, &is_default); i++) {
    out->failed = out->failed || value.failed;
    if (found && strcmp(setting.name, "start") == 0) status = put_start(out, r->result, error);
    if (is_default || (found && is_of_start(setting.name)) || !nadir_setting_is_of(&setting, r->command) ||
        is_of_keeping(setting.name))
      continue;
    put_option(out, setting.name);
    if (setting.type != NADIR_FLAG) put_word(out, nd_text_data(&value));
  }
  nd_text_free(&value);
  return status;
}

/* Where a word that is no option begins with a dash, all of them come last. */
static bool is_dashed(const rerun *r) {
  bool dashed = *r->formula == '-';
  for (size_t i = 0; i < r->origin->file_count; i++)
    dashed = dashed || (*r->origin->files[i] == '-' && r->origin->files[i][1] != '\0');
  return dashed;
}

/* A callback and a table of arrays have no command. */
static bool has_command(const rerun *r) {
  return *r->formula && !(r->origin->file_count > 0 && strcmp(r->origin->files[0], ARRAYS) == 0);
}

nadir_status nd_note_origin(nd_origin *origin, const char *command, const char *formula,
                            const nadir_settings *settings, const nadir_result *result,
                            nadir_error *error) {
  const rerun r = {origin, command, formula, settings, result};
  char date[ND_DATE_TEXT];
  nd_text out = {0};
  nd_date(date);
  if (!(origin->date = nd_copy_text(date, strlen(date), error))) return NADIR_NO_MEMORY;
  if (!has_command(&r)) return NADIR_OK;
  bool dashed = is_dashed(&r);
  nd_text_print(&out, "nadir %s", command);
  if (!dashed) put_subject(&out, &r);
  nadir_status status = put_settings(&out, &r, error);
  if (dashed) nd_text_append(&out, " --");
  if (dashed) put_subject(&out, &r);
  return nd_give_text(&out, status, &origin->command, error);
}

nadir_status nd_note_run(nadir_result *result, const nadir_settings *settings, nadir_error *error) {
  nd_origin *origin = result->model ? &result->model->origin : &((nd_result_box *)result)->origin;
  ND_TRY(nd_note_origin(origin, result->command, result->formula, settings, result, error));
  result->command_line = origin->command;
  result->date = origin->date;
  return NADIR_OK;
}
