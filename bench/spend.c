/* Runs a command and tells what it used: spend [--primed] NAME COMMAND [ARGUMENT...]
 *
 * Prints NAME, processor seconds (user and system), the peak of resident memory in bytes, then user, system and
 * wall-clock seconds apart, by tabs. The command's standard output goes nowhere; its exit status is handed on.
 * --primed: it runs once before, unmeasured. Where a virtual machine gives freed pages back to its host, the first
 * program to touch that much memory again waits for them, up to 2 s a GB; this way none does. */
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "measure.h"

static double as_seconds(struct timeval t) {
  return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

static void become(char **command) {
  const int nowhere = open("/dev/null", O_WRONLY);
  if (nowhere >= 0) dup2(nowhere, STDOUT_FILENO);
  execvp(command[0], command);
  perror(command[0]);
  _exit(127);
}

/* Seconds by the wall clock. */
static double run(char **command, int *status) {
  struct timespec before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  const pid_t child = fork();
  if (child < 0) give_up("spend", "no process can be started");
  if (child == 0) become(command);
  if (waitpid(child, status, 0) != child) give_up("spend", "the process is lost");
  clock_gettime(CLOCK_MONOTONIC, &after);
  return (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec);
}

static struct rusage used_so_far(void) {
  struct rusage used;
  if (getrusage(RUSAGE_CHILDREN, &used) != 0) give_up("spend", "what the process used is not known");
  return used;
}

int main(int argc, char **argv) {
  const int primed = argc > 1 && strcmp(argv[1], "--primed") == 0;
  char **words = argv + 1 + primed;
  if (argc < 3 + primed) give_up("spend", "[--primed] NAME COMMAND [ARGUMENT...]");
  int status;
  if (primed) run(words + 1, &status);
  const struct rusage before = used_so_far();
  const double wall = run(words + 1, &status);
  const struct rusage after = used_so_far();
  const double user = as_seconds(after.ru_utime) - as_seconds(before.ru_utime),
               system = as_seconds(after.ru_stime) - as_seconds(before.ru_stime);
  printf("%s\t%.6f\t%.0f\t%.6f\t%.6f\t%.6f\n", words[0], user + system, 1024.0 * (double)after.ru_maxrss, user, system,
         wall);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
