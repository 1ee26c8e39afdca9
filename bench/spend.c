/* Runs a command and tells what it used: spend NAME COMMAND [ARGUMENT...]
 *
 * Prints NAME, processor seconds (user and system), and the peak of resident memory in bytes, by
 * tabs. The command's standard output goes nowhere; its exit status is handed on. */
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

int main(int argc, char **argv) {
  if (argc < 3) give_up("spend", "NAME COMMAND [ARGUMENT...]");
  const pid_t child = fork();
  if (child < 0) give_up("spend", "no process to be had");
  if (child == 0) become(argv + 2);
  int status;
  struct rusage used;
  if (waitpid(child, &status, 0) != child || getrusage(RUSAGE_CHILDREN, &used) != 0)
    give_up("spend", "the process is lost");
  printf("%s\t%.6f\t%.0f\n", argv[1], as_seconds(used.ru_utime) + as_seconds(used.ru_stime),
         1024.0 * (double)used.ru_maxrss);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
