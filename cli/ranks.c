/* The command on several machines, as mpirun starts it: rank 0 says and writes everything. The others take part in
 * silence in what goes over the rows of a table; all other commands are rank 0's alone. What another rank complains
 * of goes to rank 0, which says it. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static nadir_ranks *ranks;
static int standard_error = STDERR_FILENO; /* as it was */
static char complaint[1024];

/* On a thread of the library's, before all ends. */
static void say_lost(void *context, const char *sentence) {
  (void)context;
  dprintf(standard_error, "nadir: %s\n", sentence);
}

static void fall_silent(void) {
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  standard_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (nowhere < 0) return;
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  close(nowhere);
}

bool is_first_rank(void) {
  return nadir_ranks_number(ranks) == 0;
}

bool is_alone(void) {
  return nadir_ranks_count(ranks) == 1;
}

int join_ranks(void) {
  nadir_error error = {0};
  if (nadir_ranks_join(&ranks, say_lost, NULL, &error) != NADIR_OK) return fail(&error);
  if (!is_first_rank()) fall_silent();
  return 0;
}

int leave_ranks(int exit_status) {
  return nadir_ranks_leave(ranks, exit_status, complaint);
}

void keep_complaint(const char *text) {
  if (!complaint[0]) snprintf(complaint, sizeof complaint, "%s", text);
}

bool all_ranks_run(const cli_command *command) {
  static int (*const shared[])(cli_arguments *) = {run_fit, run_info, run_score, run_predict,
                                                   run_noise};
  for (size_t i = 0; i < COUNT(shared); i++)
    if (command->run == shared[i]) return true;
  return false;
}

int check_ranks(const cli_arguments *arguments) {
  size_t count = all_ranks_run(arguments->command) ? nadir_ranks_count(ranks) : 1;
  for (size_t i = 0; i < arguments->words && count > 1; i++)
    if (strcmp(arguments->word[i], "-") == 0)
      return complain(
          EXIT_WRONG,
          "standard input: only one of %zu ranks could read it: give the table as a file", count);
  return 0;
}

void share_table(nadir_table *table, bool shared) {
  nadir_table_share(table, shared ? ranks : NULL);
}
