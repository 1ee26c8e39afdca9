/* Words to standard output and standard error. Results go to standard output, all else to standard
 * error. What could not be written is noticed at the end: a full disk ends in exit status 3, a pipe
 * that nobody reads in silence. Names and texts that come from files never drive a terminal, nor change how
 * the text around them is read (nadir_shown). */
#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"

void *checked(void *memory) {
  if (memory) return memory;
  fputs("nadir: memory: there is not enough: close other programs or use less data at once\n",
        stderr);
  exit(EXIT_SYSTEM);
}

char *copy_text(const char *text, size_t length) {
  char *copy = checked(malloc(length + 1));
  memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}

static char *print_list(const char *format, va_list list) {
  va_list again;
  va_copy(again, list);
  int length = vsnprintf(NULL, 0, format, again);
  va_end(again);
  size_t size = length < 0 ? 1 : (size_t)length + 1;
  char *text = checked(calloc(size, 1));
  if (length >= 0) vsnprintf(text, size, format, list);
  return text;
}

char *print_text(const char *format, ...) {
  va_list list;
  va_start(list, format);
  char *text = print_list(format, list);
  va_end(list);
  return text;
}

char *add_to_list(char *list, const char *between, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *item = print_list(format, arguments);
  va_end(arguments);
  char *longer = print_text("%s%s%s", list, *list ? between : "", item);
  free(item);
  free(list);
  return longer;
}

static void put_plain(FILE *to, const char *text, const char *allowed) {
  char shown[NADIR_SHOWN_TEXT];
  for (size_t step; (step = nadir_shown(text, shown)); text += step)
    fputs(strchr(allowed, *text) ? (char[]){*text, '\0'} : shown, to);
}

void show_text(char *to, size_t size, const char *text) {
  char shown[NADIR_SHOWN_TEXT];
  *to = '\0';
  for (size_t step, used = 0; (step = nadir_shown(text, shown)); text += step) {
    if (used + strlen(shown) >= size) return;
    memcpy(to + used, shown, strlen(shown) + 1);
    used += strlen(shown);
  }
}

/* The first failure of standard output, whenever it shows. */
static int output_error;

static volatile sig_atomic_t pipe_broke; /* the last write failed so */

static void on_broken_pipe(int number) {
  (void)number;
  pipe_broke = 1;
}

/* Not the end at once: the files that were asked for are still written. */
void catch_broken_pipes(void) {
  struct sigaction action = {.sa_handler = on_broken_pipe};
  sigemptyset(&action.sa_mask);
  sigaction(SIGPIPE, &action, NULL);
}

static void note_output_error(int error) {
  if (output_error == 0) output_error = error;
  pipe_broke = 0;
}

void flush_output(void) {
  errno = 0;
  if (fflush(stdout) != 0)
    note_output_error(errno);
  else if (pipe_broke && ferror(stdout)) /* a full buffer was written before */
    note_output_error(EPIPE);
}

void say(const char *format, ...) {
  va_list list;
  va_start(list, format);
  vprintf(format, list);
  va_end(list);
}

void say_text(const char *text) {
  fputs(text, stdout);
}

void say_name(const char *name) {
  put_plain(stdout, name, "");
}

void say_lines(const char *text) {
  put_plain(stdout, text, "\n");
}

int complain(int exit_status, const char *format, ...) {
  va_list list;
  va_start(list, format);
  char *text = print_list(format, list);
  va_end(list);
  flush_output();
  fputs("nadir: ", stderr);
  put_plain(stderr, text, "");
  putc('\n', stderr);
  keep_complaint(text);
  free(text);
  return exit_status;
}

int fail(const nadir_error *error) {
  if (pipe_broke) { /* an output of the library's */
    note_output_error(EPIPE);
    return EXIT_SYSTEM;
  }
  complain(0, "%s", error->message);
  if (error->excerpt[0]) {
    put_plain(stderr, error->excerpt, "\n\t");
    if (error->excerpt[strlen(error->excerpt) - 1] != '\n') putc('\n', stderr);
  }
  return nadir_exit_status(error->status);
}

int say_made(nadir_status made, char *text, const nadir_error *error) {
  if (made != NADIR_OK) return fail(error);
  say("%s\n", text);
  nadir_text_free(text);
  return 0;
}

void note(const char *text) {
  flush_output();
  fputs("nadir: note: ", stderr);
  put_plain(stderr, text, "");
  putc('\n', stderr);
}

void warn(const char *label, const char *text) {
  bool bright = has_colour(STDERR_FILENO);
  flush_output();
  fprintf(stderr, "nadir: %swarning:%s ", bright ? "\033[33m" : "", bright ? "\033[0m" : "");
  if (label) put_plain(stderr, label, ""), fputs(": ", stderr);
  put_plain(stderr, text, "");
  putc('\n', stderr);
}

/* Who reads through head has read enough: the end of every Unix command then, without a word. */
static void die_of_broken_pipe(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigemptyset(&action.sa_mask);
  sigaction(SIGPIPE, &action, NULL);
  raise(SIGPIPE);
}

int finish_output(int exit_status) {
  flush_output();
  if (output_error == EPIPE) die_of_broken_pipe();
  if (output_error == 0 && !ferror(stdout)) return exit_status;
  return complain(EXIT_SYSTEM, "standard output: it cannot be written: %s: send it elsewhere",
                  output_error ? strerror(output_error) : "the system refused it");
}

bool is_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

bool has_colour(int descriptor) {
  const char *off = getenv("NO_COLOR"), *term = getenv("TERM");
  return is_terminal(descriptor) && !(off && *off) && term && *term && strcmp(term, "dumb") != 0;
}

int terminal_width(int descriptor) {
  struct winsize size;
  if (is_terminal(descriptor) && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

size_t report_width(void) {
  enum { NARROWEST = 40, WIDEST = 100 };
  int width = terminal_width(STDOUT_FILENO);
  return (size_t)(width > WIDEST ? WIDEST : width < NARROWEST ? NARROWEST : width);
}

bool is_utf8(void) {
  return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

int worse(int first, int second) {
  return first > second ? first : second;
}

/* ---- wrapping ---- */

static void new_line(size_t indent) {
  putchar('\n');
  for (size_t i = 0; i < indent; i++)
    putchar(' ');
}

/* From the column `at` of a line on. */
static void wrap_words(size_t at, size_t indent, size_t width, const char *text) {
  bool first = true;
  while (*(text += strspn(text, " "))) {
    char *word = copy_text(text, strcspn(text, " "));
    size_t wide = display_width(word);
    if (!first && at + 1 + wide > width) {
      new_line(indent);
      at = indent;
      first = true;
    }
    if (!first) putchar(' ');
    say_name(word);
    at += wide + !first;
    first = false;
    text += strlen(word);
    free(word);
  }
  putchar('\n');
}

void say_wrapped(const char *lead, size_t indent, size_t width, const char *text) {
  size_t at = display_width(lead);
  say_name(lead);
  if (at >= indent && indent > 0) new_line(indent);
  for (; at < indent; at++)
    putchar(' ');
  wrap_words(indent, indent, width, text);
}

/* Where a line of the library is broken: at the last blank within the width. */
static size_t line_break(const char *line, size_t width) {
  size_t at = 0;
  for (size_t i = 0; line[i]; i++) {
    if (line[i] != ' ') continue;
    char *part = copy_text(line, i);
    bool fits = display_width(part) <= width;
    free(part);
    if (!fits && at > 0) break;
    if (line[strspn(line, " ")] && i > strspn(line, " ")) at = i;
  }
  return at;
}

/* Where the rest of a broken line goes on: under its last column, which two blanks are before, else to the right. */
static size_t hanging(const char *line, size_t end) {
  enum { FURTHER = 4 };
  size_t blanks = strspn(line, " "), at = blanks + FURTHER;
  for (size_t i = blanks; i + 2 < end; i++)
    if (line[i] == ' ' && line[i + 1] == ' ' && line[i + 2] != ' ') {
      char *part = copy_text(line, i + 2);
      at = display_width(part);
      free(part);
    }
  return at;
}

static void say_wrapped_line(const char *line, size_t width) {
  size_t cut = display_width(line) > width ? line_break(line, width) : 0;
  if (cut == 0) {
    say_name(line);
    say_text("\n");
    return;
  }
  char *part = copy_text(line, cut);
  size_t hang = hanging(line, cut);
  if (hang + 20 > width) hang = strspn(line, " ") + 4;
  say_name(part);
  free(part);
  new_line(hang);
  wrap_words(hang, hang, width, line + cut);
}

/* Lines as they are, but for those that are too long. */
void say_wrapped_lines(const char *text) {
  for (size_t length; *text; text += length + (text[length] == '\n')) {
    length = strcspn(text, "\n");
    char *line = copy_text(text, length);
    say_wrapped_line(line, report_width());
    free(line);
  }
}
