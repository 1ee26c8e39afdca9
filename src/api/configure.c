/* Settings, update rules, losses and limits as nadir.h shows them: the lists and handles of settings, optim
 * and base. */
#include <string.h>

#include "api/api_internal.h"
#include "base/limits.h"
#include "base/shell.h"

nadir_status nadir_settings_new(nadir_settings **settings, nadir_error *error) {
  ND_TO_NEAREST;
  return nd_settings_new(settings, error);
}

nadir_status nadir_settings_copy(nadir_settings **copy, const nadir_settings *settings,
                                 nadir_error *error) {
  ND_TO_NEAREST;
  return nd_settings_copy(copy, settings, error);
}

void nadir_settings_free(nadir_settings *settings) {
  nd_settings_free(settings);
}

nadir_status nadir_settings_set(nadir_settings *settings, const char *name, const char *value,
                                nadir_error *error) {
  ND_TO_NEAREST;
  return nd_settings_set(settings, name, value, error);
}

nadir_status nadir_settings_set_numbers(nadir_settings *settings, const char *name,
                                        const char *const *names, const double *numbers,
                                        const double *up_to, size_t count, nadir_error *error) {
  ND_TO_NEAREST;
  return nd_settings_set_numbers(settings, name, names, numbers, up_to, count, error);
}

const char *nadir_settings_get(nadir_settings *settings, const char *name) {
  return nd_settings_get(settings, name);
}

int nadir_settings_is_auto(const nadir_settings *settings, const char *name) {
  return nd_settings_is_auto(settings, name);
}

int nadir_setting_is_of(const nadir_setting *setting, const char *command) {
  return nd_setting_is_of(setting, command);
}

int nadir_settings_is_set(const nadir_settings *settings, const char *name) {
  return nd_settings_is_set(settings, name);
}

nadir_status nadir_settings_read(nadir_settings *settings, const char *command, const char *path,
                                 nadir_error *error) {
  ND_TO_NEAREST;
  return nd_settings_read(settings, command, path, error);
}

nadir_status nadir_settings_print(const nadir_settings *settings, const char *command, char **text,
                                  nadir_error *error) {
  ND_TO_NEAREST;
  nd_text out = {0};
  return nd_give_text(&out, nd_settings_print(settings, command, &out, error), text, error);
}

int nadir_setting_at(size_t i, nadir_setting *setting) {
  return nd_setting_at(i, setting);
}

const char *nadir_setting_meant(const char *word) {
  return nd_setting_meant(word);
}

const nadir_optimizer *nadir_optimizer_at(size_t i) {
  return nd_optimizer_at(i);
}

const nadir_optimizer *nadir_optimizer_for(nadir_method_why why) {
  return nd_method_for(why);
}

const nadir_schedule *nadir_schedule_at(size_t i) {
  return nd_schedule_at(i);
}

nadir_status nadir_settings_add_optimizer(nadir_settings *settings,
                                          const nadir_optimizer *optimizer, nadir_error *error) {
  ND_TO_NEAREST;
  return nd_settings_add_optimizer(settings, optimizer, error);
}

const nadir_loss_info *nadir_loss_at(size_t i) {
  return nd_loss_at(i);
}

const char *nadir_version(void) {
  return NADIR_VERSION;
}

const char *nadir_cpu(void) {
  return nd_engine_level();
}

nadir_status nadir_cpu_check(nadir_error *error) {
  return nd_engine_check(error);
}

const nadir_limit *nadir_limit_at(size_t i) {
  return nd_limit_at(i);
}

nadir_status nadir_shell_word(const char *word, char **quoted, nadir_error *error) {
  nd_text text = {0};
  nd_text_append_word(&text, word);
  return nd_give_text(&text, NADIR_OK, quoted, error);
}

size_t nadir_shown(const char *text, char shown[NADIR_SHOWN_TEXT]) {
  return nd_show_character(text, strnlen(text, 4), shown);
}

nadir_status nadir_output_check(const char *path, nadir_error *error) {
  return nd_output_check(path, error);
}
