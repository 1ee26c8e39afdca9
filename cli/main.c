/* nadir: finds the command, reads its options, runs it, and ends with its status:
 * 0 done, 1 ended without what was asked, 2 wrong input or command line, 3 the system failed.
 *
 * The locale is taken for characters alone: numbers are read and written with a point everywhere. A
 * standard stream that is closed is held by /dev/null, so that no file of ours ever gets its number
 * and the text meant for the stream. */
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const cli_command commands[] = {
#define COMMAND(name, usage, summary, formulas, runs, losses, about, examples)                     \
  {#name, usage, summary, about, examples, formulas, runs, losses, run_##name},
#include "commands.def"
#undef COMMAND
};

const cli_command *command_at(size_t i) {
  return i < COUNT(commands) ? &commands[i] : NULL;
}

/* Opened the wrong way round, so that using it is an error as it was. */
static void hold_closed_streams(void) {
  static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
  for (int stream = 0; stream < 3; stream++)
    if (fcntl(stream, F_GETFD) == -1 && open("/dev/null", modes[stream]) != stream)
      exit(EXIT_SYSTEM);
}

static int unknown_command(const char *name) {
  const char *names[COUNT(commands)];
  for (size_t i = 0; i < COUNT(commands); i++)
    names[i] = commands[i].name;
  int near = nearest(name, names, COUNT(commands));
  if (near >= 0)
    return complain(EXIT_WRONG, "there is no command '%s': did you mean '%s'?", name, names[near]);
  return complain(EXIT_WRONG, "there is no command '%s': see 'nadir --help'", name);
}

static int print_settings(const cli_arguments *arguments) {
  nadir_error error = {0};
  char *text;
  if (nadir_settings_print(arguments->settings, arguments->command->name, &text, &error) !=
      NADIR_OK)
    return fail(&error);
  if (is_terminal(STDOUT_FILENO))
    say_lines(text);
  else
    say_text(text); /* as --config reads it */
  nadir_text_free(text);
  return 0;
}

static int run_command(const cli_command *command, int argc, char **argv) {
  cli_arguments arguments;
  nadir_error error;
  int status = arguments_read(&arguments, command, argc, argv);
  if (status != 0)
    ;
  else if (arguments.help)
    status = print_help(command);
  else if (arguments.version)
    status = print_version();
  else if (arguments.print_settings)
    status = print_settings(&arguments);
  else if (nadir_cpu_check(&error) != NADIR_OK)
    status = fail(&error);
  else if (!is_first_rank())
    status = all_ranks_run(command) ? command->run(&arguments) : 0;
  else if ((status = check_outputs(&arguments)) == 0)
    status = command->run(&arguments);
  arguments_free(&arguments);
  return status;
}

/* What is in the place of the command. */
static int run_option(const char *option) {
  if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) return print_help(NULL);
  if (strcmp(option, "--version") == 0 || strcmp(option, "-V") == 0) return print_version();
  return complain(EXIT_WRONG, "%s: the command comes first: nadir COMMAND %s", option, option);
}

static int run(int argc, char **argv) {
  if (argc < 2)
    return complain(EXIT_WRONG, "there is no command: see 'nadir --help' for what it can do");
  if (argv[1][0] == '-') return run_option(argv[1]);
  for (size_t i = 0; i < COUNT(commands); i++)
    if (strcmp(argv[1], commands[i].name) == 0)
      return run_command(&commands[i], argc - 1, argv + 1);
  return unknown_command(argv[1]);
}

int main(int argc, char **argv) {
  hold_closed_streams();
  catch_broken_pipes();
  setlocale(LC_CTYPE, "");
  int status = join_ranks(); /* until then nobody is known to be silent */
  catch_signals_at_rest();
  if (status == 0) status = run(argc, argv);
  return leave_ranks(finish_output(status));
}
