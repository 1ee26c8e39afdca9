/* The help texts, put together from the lists: commands.def, options.def, and what the library says
 * of its settings, update rules, losses and functions. A new row appears here with no edit. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { NAME_COLUMN = 24, WIDEST = 100, NARROWEST = 60 };

static size_t help_width(void) {
  int width = terminal_width(STDOUT_FILENO);
  return (size_t)(width > WIDEST ? WIDEST : width < NARROWEST ? NARROWEST : width) - 1;
}

int print_version(void) {
  nadir_error error;
  if (nadir_cpu_check(&error) != NADIR_OK) return fail(&error);
  say("nadir %s (%s%s)\n", nadir_version(), nadir_cpu(), nadir_has_mpi() ? ", MPI" : "");
  return 0;
}

/* Each line of the text, wrapped. */
static void say_paragraphs(const char *text, const char *lead, size_t indent) {
  while (*text) {
    size_t length = strcspn(text, "\n");
    char *line = copy_text(text, length);
    say_wrapped(lead, indent, help_width(), line);
    free(line);
    text += length + (text[length] == '\n');
  }
}

/* Where a command that is too long for a line is broken: at a blank that is not between quotes, before an option where
 * there is one. */
static size_t break_of(const char *text, size_t length, size_t room) {
  size_t at = 0, option = 0;
  char quote = '\0';
  for (size_t i = 0; i < length && (i <= room || at == 0); i++) {
    if (quote ? text[i] == quote : text[i] == '\'' || text[i] == '"') quote = quote ? '\0' : text[i];
    if (text[i] == ' ' && !quote) at = i;
    if (at == i && i > 0 && text[i + 1] == '-') option = i;
  }
  return option > 0 ? option : at;
}

/* A command as it is typed, in several lines where it is long. */
static void say_command(const char *text, size_t length, size_t indent) {
  for (bool first = true;; first = false) {
    size_t room = help_width() - 2 - indent - (first ? 0 : 2);
    size_t cut = length > room ? break_of(text, length, room) : 0;
    say("%*s%.*s%s\n", (int)(indent + (first ? 0 : 2)), "", (int)(cut ? cut : length), text, cut ? " \\" : "");
    if (!cut) return;
    text += cut + 1;
    length -= cut + 1;
  }
}

static void say_examples(const char *text) {
  while (*text) {
    size_t length = strcspn(text, "\n");
    say_command(text, length, 2);
    text += length + (text[length] == '\n');
  }
}

/* ---- options ---- */

static char *options_lead(const option_row *row) {
  char letter[8] = "    ";
  if (row->letter) snprintf(letter, sizeof letter, "-%c, ", row->letter);
  return print_text("  %s--%s%s%s", letter, row->name, row->value ? " " : "",
                    row->value ? row->value : "");
}

/* "help [range; in unit; default]" */
static char *options_text(const option_row *row) {
  char *facts = print_text("%s", "");
  if (row->range[0]) facts = add_to_list(facts, "", "%s", row->range);
  if (row->unit[0]) facts = add_to_list(facts, "; ", "in %s", row->unit);
  if (row->value && row->initial[0]) facts = add_to_list(facts, "; ", "default %s", row->initial);
  char *text = print_text(*facts ? "%s [%s]" : "%s", row->help, facts);
  free(facts);
  return text;
}

static void say_option(const option_row *row) {
  char *lead = options_lead(row), *text = options_text(row);
  say_wrapped(lead, NAME_COLUMN, help_width(), text);
  free(lead);
  free(text);
}

static void say_options(const cli_command *command, bool settings) {
  option_row row;
  for (size_t i = 0; option_at(command->name, i, &row); i++)
    if (row.is_setting == settings && !row.rule) say_option(&row);
}

/* ---- the library's lists ---- */

static void say_rules(const cli_command *command) {
  const nadir_optimizer *rule;
  option_row row;
  say("\nUpdate rules (--method):\n");
  for (size_t i = 0; (rule = nadir_optimizer_at(i)); i++) {
    char *lead = print_text("  %s", rule->name);
    char *text = print_text("%s. %s%s", rule->summary, rule->source,
                            rule->traits & NADIR_FINISHES ? " [finishes]" : "");
    say_wrapped(lead, NAME_COLUMN, help_width(), text);
    free(lead);
    free(text);
    for (size_t j = 0; option_at(command->name, j, &row); j++)
      if (row.rule == rule) say_option(&row);
  }
}

static void say_losses(void) {
  const nadir_loss_info *loss;
  say("\nLosses (--loss), of target y and model f:\n");
  for (size_t i = 0; (loss = nadir_loss_at(i)); i++) {
    bool parameter = loss->parameter[0] != '\0';
    char *lead = print_text(parameter ? "  %s(%s)" : "  %s", loss->name, loss->parameter);
    char *text = print_text("%s: %s", loss->formula, loss->help);
    say_wrapped(lead, NAME_COLUMN, help_width(), text);
    free(lead);
    free(text);
  }
}

static void say_language(void) {
  const nadir_operator *op;
  say("\nFormulas (constants are pi and those of 'nadir help constants'):\n");
  for (size_t i = 0; (op = nadir_operator_at(i)); i++) {
    char *lead = print_text("  %s", op->usage);
    say_wrapped(lead, NAME_COLUMN, help_width(), op->help);
    free(lead);
  }
}

/* "what: value unit, uncertainty (source)" */
static char *constants_text(const nadir_constant *constant) {
  char uncertainty[32] = "exact";
  if (*constant->uncertainty)
    snprintf(uncertainty, sizeof uncertainty, "+- %.2g", strtod(constant->uncertainty, NULL));
  return print_text("%s: %s%s%s, %s (%s)", constant->help, constant->value,
                    *constant->unit ? " " : "", constant->unit, uncertainty, constant->source);
}

static void say_constants(void) {
  const nadir_constant *constant;
  for (size_t i = 0; (constant = nadir_constant_at(i)); i++) {
    char *lead = print_text("  %s", constant->name), *text = constants_text(constant);
    say_wrapped(lead, NAME_COLUMN, help_width(), text);
    free(lead);
    free(text);
  }
}

static char *add_spellings(char *text, const char *symbol) {
  const nadir_unit *unit;
  for (size_t i = 0; (unit = nadir_unit_at(i)); i++)
    if (!*unit->help && strcmp(unit->unit, symbol) == 0) text = add_to_list(text, ", ", "%s", unit->name);
  return text;
}

/* "what: = scale unit; also spelled so" */
static char *unit_text(const nadir_unit *unit) {
  bool alone = strcmp(unit->scale, "1") == 0;
  char *also = add_spellings(print_text("%s", ""), unit->name);
  char *size = print_text("%s%s%s", alone ? "" : unit->scale, alone || !*unit->unit ? "" : " ", unit->unit);
  char *text = print_text("%s%s%s%s%s%s", unit->help, *size ? ": " : "", size, *also ? "; also " : "", also,
                          unit->prefixed ? "; with prefixes" : "");
  free(also);
  free(size);
  return text;
}

static void say_units(void) {
  const nadir_unit *unit;
  for (size_t i = 0; (unit = nadir_unit_at(i)); i++) {
    if (!*unit->help) continue;
    char *lead = print_text("  %s", unit->name), *text = unit_text(unit);
    say_wrapped(lead, NAME_COLUMN, help_width(), text);
    free(lead);
    free(text);
  }
}

/* ---- the helps ---- */

static int print_command_help(const cli_command *command) {
  say("nadir %s: %s\n\nUsage:\n  nadir %s %s%s[OPTIONS]\n\n", command->name, command->summary,
      command->name, command->usage, *command->usage ? " " : "");
  say_paragraphs(command->about, "", 0);
  say("\nExamples:\n");
  say_examples(command->examples);
  say("\nOptions:\n");
  say_options(command, false);
  option_row row;
  bool any = false;
  for (size_t i = 0; !any && option_at(command->name, i, &row); i++)
    any = row.is_setting;
  if (any) say("\nSettings:\n");
  say_options(command, true);
  if (command->runs) say_rules(command);
  if (command->losses) say_losses();
  if (command->formulas) say_language();
  return 0;
}

static void say_first_example(const cli_command *command) {
  say_command(command->examples, strcspn(command->examples, "\n"), 6);
}

static int print_main_help(void) {
  const cli_command *command;
  say("nadir %s finds the lowest point of a function by gradient descent: of a\n"
      "formula, or of the mean loss of a model over a table (FITS, CSV), and shows\n"
      "how it got there.\n\n"
      "Usage: nadir COMMAND ARGUMENTS [OPTIONS]\n\n",
      nadir_version());
  for (size_t i = 0; (command = command_at(i)); i++) {
    say("  %-9s %s\n", command->name, command->summary);
    say_first_example(command);
  }
  say("\n'nadir COMMAND --help' lists the options of a command, with update rules,\n"
      "losses and the functions of formulas; 'nadir --version' prints the version.\n"
      "Exit status: 0 done; 1 the run ended without what was asked; 2 the input or the\n"
      "command line is wrong; 3 the system failed.\n");
  return 0;
}

int print_help(const cli_command *command) {
  return command ? print_command_help(command) : print_main_help();
}

static const cli_command *find_command(const char *name) {
  const cli_command *command;
  for (size_t i = 0; (command = command_at(i)); i++)
    if (strcmp(command->name, name) == 0) return command;
  return NULL;
}

int run_help(cli_arguments *arguments) {
  const char *about = arguments->words > 0 ? arguments->word[0] : NULL;
  const cli_command *command = about ? find_command(about) : NULL;
  if (arguments->words > 1)
    return complain(EXIT_WRONG, "help: '%s' is one argument too many: nadir help constants",
                    arguments->word[1]);
  if (!about || command) return print_help(command);
  if (strcmp(about, "constants") == 0)
    say_constants();
  else if (strcmp(about, "units") == 0)
    say_units();
  else if (strcmp(about, "formulas") == 0)
    say_language();
  else
    return complain(EXIT_WRONG,
                    "help: there is no help on '%s': expected a command, formulas, constants or units",
                    about);
  return 0;
}
