/* What the library tells while it runs: warnings and, with -v, notes to standard error; one live
 * line on a terminal, which is wiped before anything else is written; and the way back, a signal
 * that asks the work to end with what it has reached. The second signal ends the program; so does
 * the first while nothing is at work. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static volatile sig_atomic_t interrupted; /* the only way out of a signal handler */

static void on_signal(int number) {
  (void)number;
  interrupted = 1;
}

void watch_wipe(cli_watch *watch) {
  if (!watch->drawn) return;
  fprintf(stderr, "\r%*s\r", terminal_width(STDERR_FILENO) - 1, "");
  fflush(stderr);
  watch->drawn = false;
}

static void draw(cli_watch *watch, const nadir_event *event) {
  char line[512] = "", text[NUMBER_TEXT], label[80] = "";
  size_t at = 0, width = (size_t)terminal_width(STDERR_FILENO) - 1;
#define PUT(...) at += (size_t)snprintf(line + at, sizeof line - at, __VA_ARGS__)
  if (watch->label) show_text(label, sizeof label, watch->label);
  if (watch->label) PUT("%s: ", label);
  if (!isnan(event->rows_per_second)) PUT("epoch %llu, ", (unsigned long long)event->epoch);
  if (isnan(event->loss))
    PUT("%llu %s", (unsigned long long)event->rows_seen, watch->groups ? "groups" : "rows");
  else
    PUT("update %llu, loss %s", (unsigned long long)event->update, number(event->loss, 6, text));
  if (!isnan(event->rows_per_second)) PUT(", %s rows/s", number(event->rows_per_second, 3, text));
  if (event->seconds_left < 1)
    PUT(", under 1 s left");
  else if (!isnan(event->seconds_left))
    PUT(", %s left", seconds_text(event->seconds_left, text));
#undef PUT
  if (width < sizeof line) line[width] = '\0';
  fprintf(stderr, "\r%-*s", (int)width, line); /* over the last one, to its end */
  fflush(stderr);
  watch->drawn = true;
}

/* The text that a listener asked for. Without memory for it the work ends, and what is wrong is said when the call
 * is over: a listener does not exit. */
static bool has_text(cli_watch *watch, nadir_status status) {
  if (status != NADIR_OK) watch->refused = NO_MEMORY_TO_TELL;
  return status == NADIR_OK;
}

static void pass_warning(cli_watch *watch, const nadir_warning *warning) {
  char *text;
  if (watch->quiet || !has_text(watch, nadir_warning_text(warning, &text, NULL))) return;
  warn(watch->label, text);
  nadir_text_free(text);
}

static void pass_note(cli_watch *watch, const nadir_event *event) {
  char *text, *rest = NULL;
  if (!has_text(watch, nadir_event_text(event, &text, NULL))) return;
  watch_wipe(watch);
  for (char *one = strtok_r(text, "\n", &rest); one; one = strtok_r(NULL, "\n", &rest))
    note(one);
  nadir_text_free(text);
}

/* A picture that cannot be drawn ends the work before the run: nothing is written by now. */
static void check_names(cli_watch *watch, const nadir_event *event) {
  if (!watch->contour || event->kind != NADIR_NAMES) return;
  watch->parameters = event->plan->size;
  if (watch->parameters != 2) watch->refused = NO_TWO_PARAMETERS;
}

int watch_refusal(const cli_watch *watch) {
  if (watch->refused == NO_MEMORY_TO_TELL) checked(NULL);
  return watch->refused == NO_TWO_PARAMETERS ? check_contour(watch->parameters) : 0;
}

static int notify(void *context, const nadir_event *event) {
  cli_watch *watch = context;
  switch (event->kind) {
  case NADIR_WARNING:
    watch_wipe(watch);
    pass_warning(watch, event->warning);
    break;
  case NADIR_NAMES:
  case NADIR_STARTS:
  case NADIR_PLANNED:
  case NADIR_LOWERED:
    if (watch->verbose) pass_note(watch, event);
    check_names(watch, event);
    break;
  case NADIR_UPDATE:
  case NADIR_SAMPLED:
    break;
  case NADIR_PROGRESS:
    if (watch->live) draw(watch, event);
    break;
  }
  return interrupted || watch->refused != NOT_REFUSED;
}

/* While nothing is at work there is nothing to keep; files without a name are gone with the program. Of several ranks
 * the launcher says why it ends them. */
static void end_now(int number) {
  static const char words[] = "nadir: ended by a signal, before all was done\n";
  (void)number;
  if (is_alone() && write(STDERR_FILENO, words, sizeof words - 1) < 0) _exit(EXIT_ENDED);
  _exit(EXIT_ENDED);
}

static void pass_over(int number) {
  (void)number;
}

/* A signal that was ignored when nadir began (a job in the background, nohup) stays ignored. `again`: it is not
 * taken for a second request that ends the program. */
static void catch_signal(int number, void (*handler)(int), bool again) {
  struct sigaction before, action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  if (sigaction(number, NULL, &before) != 0 || before.sa_handler == SIG_IGN) return;
  if (!again) action.sa_flags |= (int)SA_RESETHAND;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

/* at_work: they ask the work to end; else they end the program. SIGXCPU comes every second: it is a
 * reminder, not a second request. SIGXFSZ comes with each write that fails, which is told. */
static void catch_signals(bool at_work) {
  static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
  for (size_t i = 0; i < COUNT(ending); i++)
    catch_signal(ending[i], at_work ? on_signal : end_now, false);
  catch_signal(SIGXCPU, at_work ? on_signal : end_now, true);
  catch_signal(SIGXFSZ, at_work ? on_signal : pass_over, true);
}

void catch_signals_at_rest(void) {
  catch_signals(false);
}

void watch_start(cli_watch *watch, const cli_arguments *arguments) {
  const char *term = getenv("TERM");
  bool dumb = !term || strcmp(term, "dumb") == 0;
  memset(watch, 0, sizeof *watch);
  watch->listener = (nadir_listener){.bytes = sizeof(nadir_listener), .notify = notify, .context = watch};
  watch->quiet = arguments->quiet;
  watch->verbose = arguments->verbose;
  watch->contour = arguments->contour != NULL;
  watch->live = is_terminal(STDERR_FILENO) && !dumb && !arguments->quiet && !arguments->json;
  catch_signals(true);
}

void watch_end(cli_watch *watch) {
  watch_wipe(watch);
  catch_signals(false);
}
