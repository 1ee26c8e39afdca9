/* The command line: arguments and options in any order, `--` ending the options.
 *
 * An option is --NAME for each setting of the library that the command knows, and each row of
 * options.def. Short are only the exact -o, -q ... of that list: any other argument that begins
 * with one minus is not an option but a word, so that '-exp(-x^2)' and '-o^2' are formulas. getopt_long
 * takes the long ones, one at a time, in order; an option's value is never looked at as an
 * option. */
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { FIRST_ROW = 1000 }; /* what getopt_long gives for row 0 */

typedef struct own_option {
  const char *name, *value, *commands, *help;
  char letter;
  size_t offset;
} own_option;

static const own_option own_options[] = {
#define FLAG(field, name, letter, commands, help)                                                  \
  {name, NULL, commands, help, letter, offsetof(cli_arguments, field)},
#define VALUE(field, name, letter, value, commands, help)                                          \
  {name, value, commands, help, letter, offsetof(cli_arguments, field)},
#define LETTER(letter, setting)
#define INPUT VALUE
#define OUTPUT VALUE
#include "options.def"
#undef FLAG
#undef VALUE
#undef INPUT
#undef OUTPUT
#undef LETTER
};

static const struct {
  char letter;
  const char *setting;
} letters[] = {
#define FLAG(field, name, letter, commands, help)
#define VALUE(field, name, letter, value, commands, help)
#define LETTER(letter, setting) {letter, setting},
#define INPUT VALUE
#define OUTPUT VALUE
#include "options.def"
#undef FLAG
#undef VALUE
#undef INPUT
#undef OUTPUT
#undef LETTER
};

/* ---- the list ---- */

/* Its list of commands is written as that of a setting is; an empty one means all. */
static bool is_own_of(const own_option *own, const char *command) {
  return !*own->commands ||
         nadir_setting_is_of(&(nadir_setting){.commands = own->commands}, command);
}

static char letter_of(const char *setting) {
  for (size_t i = 0; i < COUNT(letters); i++)
    if (strcmp(letters[i].setting, setting) == 0) return letters[i].letter;
  return 0;
}

static const char *placeholder(const nadir_setting *setting) {
  switch (setting->type) {
  case NADIR_FLAG:
    return NULL;
  case NADIR_INTEGER:
    return "N";
  case NADIR_REAL:
  case NADIR_NUMBER_OR_WORD:
    return "X";
  case NADIR_TEXT:
  case NADIR_CHOICE:
    break;
  }
  return setting->type == NADIR_CHOICE ? "WORD" : "TEXT";
}

static void take_own(const own_option *own, option_row *row) {
  *row = (option_row){.unit = "",
                      .help = own->help,
                      .value = own->value,
                      .letter = own->letter,
                      .offset = own->offset};
  snprintf(row->name, sizeof row->name, "%s", own->name);
}

static void take_setting(const nadir_setting *setting, option_row *row) {
  *row = (option_row){.unit = setting->unit,
                      .help = setting->help,
                      .value = placeholder(setting),
                      .letter = letter_of(setting->name),
                      .is_setting = true,
                      .rule = setting->rule};
  memcpy(row->name, setting->name, sizeof row->name);
  memcpy(row->initial, setting->initial, sizeof row->initial);
  memcpy(row->range, setting->range, sizeof row->range);
}

/* command NULL: the options of every command. */
bool option_at(const char *command, size_t i, option_row *row) {
  for (size_t j = 0; j < COUNT(own_options); j++) {
    const own_option *own = &own_options[j];
    if (command && !is_own_of(own, command)) continue;
    if (i-- > 0) continue;
    take_own(own, row);
    return true;
  }
  nadir_setting setting;
  for (size_t j = 0; nadir_setting_at(j, &setting); j++) {
    if (command && !nadir_setting_is_of(&setting, command)) continue;
    if (i-- > 0) continue;
    take_setting(&setting, row);
    return true;
  }
  return false;
}

/* ---- mistakes ---- */

typedef struct parser {
  cli_arguments *arguments;
  const char *command;
  option_row *rows;
  size_t count;
  struct option *longs;
} parser;

static bool belongs_elsewhere(const char *name) {
  option_row row;
  for (size_t i = 0; option_at(NULL, i, &row); i++)
    if (strcmp(row.name, name) == 0) return true;
  return false;
}

static int place_of(const char *name, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(names[i], name) == 0) return (int)i;
  return -1;
}

static int unknown_option(const parser *p, const char *text) {
  char *name = copy_text(text + 2, strcspn(text + 2, "="));
  const char **names = checked(calloc(p->count + 1, sizeof *names));
  size_t length = strlen(name), begin = 0;
  const char *candidates[2] = {0};
  for (size_t i = 0; i < p->count; i++) {
    names[i] = p->rows[i].name;
    if (length && strncmp(names[i], name, length) == 0 && begin++ < 2)
      candidates[begin - 1] = names[i];
  }
  const char *meant = nadir_setting_meant(name);
  int near = meant ? place_of(meant, names, p->count) : nearest(name, names, p->count), status;
  if (begin > 1)
    status = complain(EXIT_WRONG, "%s: --%s could be --%s or --%s: write it in full", p->command,
                      name, candidates[0], candidates[1]);
  else if (belongs_elsewhere(name))
    status = complain(EXIT_WRONG, "%s: this command has no option --%s: see 'nadir %s --help'",
                      p->command, name, p->command);
  else if (near >= 0)
    status = complain(EXIT_WRONG, "%s: there is no option --%s: did you mean --%s?", p->command,
                      name, names[near]);
  else
    status = complain(EXIT_WRONG, "%s: there is no option --%s: see 'nadir %s --help'", p->command,
                      name, p->command);
  free(names);
  free(name);
  return status;
}

static const option_row *row_of(const parser *p, int code) {
  for (size_t i = 0; i < p->count; i++)
    if (code == FIRST_ROW + (int)i || (code && code == p->rows[i].letter)) return &p->rows[i];
  return NULL;
}

static int mistaken_option(const parser *p, int code, int wrong, const char *text) {
  const option_row *row = row_of(p, wrong);
  if (row && code == ':')
    return complain(EXIT_WRONG, "%s: --%s needs a value: write --%s %s", p->command, row->name,
                    row->name, row->value);
  if (row)
    return complain(EXIT_WRONG, "%s: --%s takes no value: leave out what follows the '='",
                    p->command, row->name);
  return unknown_option(p, text);
}

/* ---- reading ---- */

static void add_word(cli_arguments *to, char *word) {
  to->word = checked(realloc(to->word, (to->words + 1) * sizeof *to->word));
  to->word[to->words++] = word;
}

static void take_option(cli_arguments *to, const option_row *row, const char *value) {
  if (row->is_setting) {
    to->given = checked(realloc(to->given, (to->given_count + 1) * sizeof *to->given));
    to->given[to->given_count].name = copy_text(row->name, strlen(row->name));
    to->given[to->given_count++].value = value ? value : "true";
    return;
  }
  char *field = (char *)to + row->offset;
  if (row->value)
    memcpy(field, &value, sizeof value);
  else
    *(bool *)field = true;
}

/* -x, exactly, where x is a short form. */
static bool is_letter(const parser *p, const char *text) {
  return text[0] == '-' && text[1] && !text[2] && row_of(p, text[1]) != NULL && text[1] != '-';
}

static bool is_option(const parser *p, const char *text) {
  return strncmp(text, "--", 2) == 0 || is_letter(p, text);
}

/* -o where the command has no -o. */
static bool is_foreign_letter(const char *text) {
  option_row row;
  if (text[0] != '-' || !text[1] || text[2]) return false;
  for (size_t i = 0; option_at(NULL, i, &row); i++)
    if (row.letter == text[1]) return true;
  return false;
}

static void letters_for_getopt(const parser *p, char *text) {
  *text++ = '-'; /* words come in order */
  *text++ = ':'; /* a missing value is told apart */
  for (size_t i = 0; i < p->count; i++)
    if (p->rows[i].letter) {
      *text++ = p->rows[i].letter;
      if (p->rows[i].value) *text++ = ':';
    }
  *text = '\0';
}

static int read_words(parser *p, int argc, char **argv) {
  char shorts[64];
  letters_for_getopt(p, shorts);
  opterr = 0;
  optind = 1;
  while (optind < argc) {
    char *text = argv[optind];
    if (!is_option(p, text)) {
      if (is_foreign_letter(text))
        return complain(EXIT_WRONG, "%s: this command has no option %s: see 'nadir %s --help'",
                        p->command, text, p->command);
      add_word(p->arguments, text);
      optind++;
      continue;
    }
    int code = getopt_long(argc, argv, shorts, p->longs, NULL);
    if (code == -1) break;
    if (code == '?' || code == ':') return mistaken_option(p, code, optopt, text);
    take_option(p->arguments, row_of(p, code), optarg);
  }
  while (optind < argc)
    add_word(p->arguments, argv[optind++]);
  return 0;
}

static void make_list(parser *p) {
  option_row row;
  while (option_at(p->command, p->count, &row)) {
    if (p->count % 32 == 0) p->rows = checked(realloc(p->rows, (p->count + 32) * sizeof *p->rows));
    p->rows[p->count++] = row;
  }
  p->longs = checked(calloc(p->count + 1, sizeof *p->longs));
  for (size_t i = 0; i < p->count; i++) {
    const option_row *at = &p->rows[i];
    int takes = at->value ? required_argument : at->is_setting ? optional_argument : no_argument;
    p->longs[i] = (struct option){at->name, takes, NULL, FIRST_ROW + (int)i};
  }
}

/* Conditions add up: --assume 'y > 0' --assume 'x > 0'. Of any other option the last one holds. */
static nadir_status set_given(cli_arguments *to, size_t i, nadir_error *error) {
  const cli_given *given = &to->given[i];
  bool more = false;
  for (size_t j = 0; j < i; j++)
    more |= strcmp(given->name, "assume") == 0 && strcmp(to->given[j].name, given->name) == 0;
  if (!more) return nadir_settings_set(to->settings, given->name, given->value, error);
  const char *before = nadir_settings_get(to->settings, given->name);
  char *both = print_text("%s; %s", before, given->value);
  nadir_status status = nadir_settings_set(to->settings, given->name, both, error);
  free(both);
  return status;
}

/* The file first, so that the command line overrides it. */
static int apply_settings(cli_arguments *to) {
  nadir_error error = {0};
  if (nadir_settings_new(&to->settings, &error) != NADIR_OK) return fail(&error);
  if (to->config &&
      nadir_settings_read(to->settings, to->command->name, to->config, &error) != NADIR_OK)
    return fail(&error);
  if (strcmp(to->command->name, "compare") == 0 && !to->print_settings) return 0; /* see sweep */
  for (size_t i = 0; i < to->given_count; i++)
    if (set_given(to, i, &error) != NADIR_OK) return fail(&error);
  return 0;
}

/* A formula typed on several lines is one formula: outside of quotes, where a name may hold anything, the ends of lines are
 * blanks. */
static void put_on_a_line(char *formula) {
  char quote = '\0';
  for (char *at = formula; *at != '\0'; at++) {
    if (quote == '\0' && strchr("\t\n\r", *at)) *at = ' ';
    if (quote != '\0' ? *at == quote : strchr("`\"'", *at) != NULL) quote = quote ? '\0' : *at;
  }
}

int arguments_read(cli_arguments *to, const cli_command *command, int argc, char **argv) {
  parser p = {.arguments = to, .command = command->name};
  *to = (cli_arguments){.command = command, .argc = argc, .argv = argv};
  make_list(&p);
  int status = read_words(&p, argc, argv);
  free(p.longs);
  free(p.rows);
  if (status == 0 && command->formulas && to->words > 0) put_on_a_line(to->word[to->words - 1]);
  if (status == 0 && !to->help && !to->version) status = apply_settings(to);
  return status;
}

void arguments_free(cli_arguments *arguments) {
  for (size_t i = 0; i < arguments->given_count; i++)
    free((char *)(uintptr_t)arguments->given[i].name);
  free(arguments->given);
  free(arguments->word);
  nadir_settings_free(arguments->settings);
}
