/* The command that makes a fit again: its files, its formula, the settings that are not the defaults, and the start
 * that was used where nothing but the data, or many starts, gave it. In one line that a shell of POSIX takes. */
#include <string.h>

#include "api/validate_internal.h"
#include "base/date.h"

static const char ARRAYS[] = "arrays"; /* what a table of them is called */
static const char SAFE[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";

/* What a shell would take apart is in single quotes; the end of a line, a blank to a formula, becomes one. */
static void put_quoted(nd_text *out, const char *text) {
  bool quoted = *text == '\0' || text[strspn(text, SAFE)] != '\0';
  nd_text_append(out, quoted ? " '" : " ");
  for (; *text; text++) {
    if (*text == '\'')
      nd_text_append(out, "'\\''");
    else
      nd_text_append_bytes(out, *text == '\n' || *text == '\r' ? " " : text, 1);
  }
  if (quoted) nd_text_append(out, "'");
}

static void put_subject(nd_text *out, const nadir_model *model, const char *formula) {
  for (size_t i = 0; i < model->origin.file_count; i++) {
    const char *file = model->origin.files[i];
    put_quoted(out, strcmp(file, "standard input") == 0 ? "-" : file);
  }
  put_quoted(out, formula);
}

/* A start that nothing but the data, or many starts, gave. */
static bool was_found(nadir_start_from from) {
  return from == NADIR_START_DATA || from == NADIR_START_BEST;
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
    put_quoted(out, own->start);
  }
  nd_settings_free(own);
  nd_free((void *)names);
  return status;
}

/* In the order of the list, so that the command of the command is the same. */
static nadir_status put_settings(nd_text *out, const nadir_settings *settings, const nadir_result *result,
                                 nadir_error *error) {
  nadir_setting setting;
  nd_text value = {0};
  bool is_default, found = was_found(result->start_from);
  nadir_status status = NADIR_OK;
  for (size_t i = 0; status == NADIR_OK && nd_settings_at(settings, i, &setting, &value, &is_default); i++) {
    bool start = strcmp(setting.name, "start") == 0, starts = strcmp(setting.name, "starts") == 0;
    if (found && start) status = put_start(out, result, error);
    if (is_default || (found && (start || starts)) || !nadir_setting_is_of(&setting, "fit")) continue;
    put_option(out, setting.name);
    if (setting.type != NADIR_FLAG) put_quoted(out, nd_text_data(&value));
  }
  out->failed = out->failed || value.failed;
  nd_text_free(&value);
  return status;
}

/* A table of arrays has no command. */
nadir_status nd_note_origin(nadir_result *result, const char *formula,
                            const nadir_settings *settings, nadir_error *error) {
  nd_origin *origin = &result->model->origin;
  char date[ND_DATE_TEXT];
  nd_text out = {0};
  nd_date(date);
  if (!(origin->date = nd_copy_text(date, strlen(date), error))) return NADIR_NO_MEMORY;
  if (origin->file_count == 0 || strcmp(origin->files[0], ARRAYS) == 0) return NADIR_OK;
  bool dashed = *formula == '-';
  for (size_t i = 0; i < origin->file_count; i++)
    dashed = dashed || (*origin->files[i] == '-' && origin->files[i][1] != '\0');
  nd_text_print(&out, "nadir %s", result->command);
  if (!dashed) put_subject(&out, result->model, formula);
  nadir_status status = put_settings(&out, settings, result, error);
  if (dashed) nd_text_append(&out, " --");
  if (dashed) put_subject(&out, result->model, formula);
  return nd_give_text(&out, status, &origin->command, error);
}
