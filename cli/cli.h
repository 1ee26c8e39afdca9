/* The command: what its files share. It uses nadir.h and the C library alone.
 *
 *     main.c      standard streams, finding the command, the exit status
 *     options.c   the command line -> arguments (options.def, and every setting of the library)
 *     help.c      help texts, out of the lists
 *     say.c       words to standard output and standard error, with their failures
 *     grid.c      aligned tables of text; number.c: numbers for people
 *     watch.c     the listener: live line, warnings, signals
 *     report.c    what a run is for people; validate.c: folds and paths
 *     groups.c    fits of groups
 *     ranks.c     several machines
 *     outputs.c   files that could not be written; save.c: what a run leaves in files; go_on.c: how it goes on
 *     NAME.c      a command each, listed in commands.def; limits.c: also the limits that others ask for */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "nadir.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PRINTF(format_at, first) __attribute__((format(printf, format_at, first)))

enum { EXIT_ENDED = 1, EXIT_WRONG = 2, EXIT_SYSTEM = 3 };

/* ---- the command line ------------------------------------------------------------------------ */

typedef struct cli_arguments cli_arguments;

typedef struct cli_command {
  const char *name, *usage, *summary, *about, *examples;
  bool formulas, runs, losses; /* the help lists the language; update rules; losses */
  int (*run)(cli_arguments *arguments);
} cli_command;

/* A setting as it was on the command line: `compare` takes several values of one. */
typedef struct cli_given {
  const char *name, *value;
} cli_given;

struct cli_arguments {
  const cli_command *command;
  int argc; /* as they were given, from the name of the command on */
  char **argv;
  size_t words; /* what is not an option, in order */
  char **word;
  size_t given_count;
  cli_given *given;
  nadir_settings *settings;
#define FLAG(field, name, letter, commands, help) bool field;
#define VALUE(field, name, letter, value, commands, help) const char *field;
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

/* Reads argv after the command's name. 0, or the exit status after complaining. */
int arguments_read(cli_arguments *arguments, const cli_command *command, int argc, char **argv);
int check_outputs(const cli_arguments *arguments); /* before the work is done */
/* Of compare, whose runs have a trace each: FILE.csv for run 2 is FILE-3.csv, counted from 0. */
int check_numbered_outputs(const cli_arguments *arguments, size_t runs);
char *numbered_output(const char *path, size_t run);
/* Of a formula; where parameters are fixed or tied the library knows how many are left. */
int check_contour_of(const cli_arguments *arguments, const nadir_expr *expr);
int check_contour(size_t parameters);              /* of a loss whose contours are to be drawn */
void arguments_free(cli_arguments *arguments);

const cli_command *command_at(size_t i); /* NULL past the end */

/* An option of a command, its own or one of the library's settings. */
typedef struct option_row {
  char name[48], initial[32], range[80];
  const char *unit, *help, *value; /* value: the placeholder in the help, NULL for a flag */
  char letter;                     /* 0: none */
  bool is_setting;
  const nadir_optimizer *rule; /* whose setting it is; NULL: of none */
  size_t offset; /* of the field in arguments, where it is not a setting */
} option_row;
/* The i-th option of the command; false past the end. */
bool option_at(const char *command, size_t i, option_row *row);
/* The entry nearest to a misspelt word, -1 when none is near. */
int nearest(const char *word, const char *const *entries, size_t count);

int print_help(const cli_command *command); /* NULL: of nadir itself */
int print_version(void);

#define COMMAND(name, usage, summary, formulas, runs, losses, about, examples)                     \
  int run_##name(cli_arguments *arguments);
#include "commands.def"
#undef COMMAND

/* ---- saying ---------------------------------------------------------------------------------- */

void say(const char *format, ...) PRINTF(1, 2); /* to standard output */
void say_text(const char *text);                /* the same, as it is */
void say_name(const char *name);                /* what could drive a terminal as \xNN */
void say_lines(const char *text);               /* of the library, with names in them */
/* A text of the library's as a line, and frees it; where it made none, why. The exit status. */
int say_made(nadir_status made, char *text, const nadir_error *error);
int complain(int exit_status, const char *format, ...) PRINTF(2, 3); /* "nadir: ..."; returns it */
int fail(const nadir_error *error);              /* the sentence and its excerpt */
void note(const char *text); /* "nadir: note: text" */
void warn(const char *label, const char *text); /* "nadir: warning: label: text"; label may be NULL */
void flush_output(void);            /* before standard error or a file gets its share */
int finish_output(int exit_status); /* 3 when something could not be written */
void catch_broken_pipes(void);      /* finish_output then ends by the signal, in silence */

bool is_terminal(int descriptor);
bool has_colour(int descriptor);    /* a terminal that NO_COLOR and TERM allow colour */
int terminal_width(int descriptor); /* 80 when it is not a terminal */
size_t report_width(void);          /* of standard output, within what people read well */
bool is_utf8(void);

/* As much of the text as fits, as say_name has it. */
void show_text(char *to, size_t size, const char *text);

void *checked(void *memory); /* exits with 3 on NULL */
char *copy_text(const char *text, size_t length);
char *print_text(const char *format, ...) PRINTF(1, 2); /* in memory of its own */
/* One more of a list, after `between` where it is not the first; the list is given back longer. */
char *add_to_list(char *list, const char *between, const char *format, ...) PRINTF(3, 4);

/* Words wrapped to the width, the first line after `lead`, the others indented by `indent`. */
void say_wrapped(const char *lead, size_t indent, size_t width, const char *text);
void say_wrapped_lines(const char *text); /* of the library, as wide as the report */

/* ---- tables and numbers ---------------------------------------------------------------------- */

typedef struct cli_grid {
  size_t columns, cells, capacity;
  char **cell;
  const char *align; /* a letter a column: 'l' or 'r' */
  size_t widest;     /* the last column is wrapped to it, or ... 0: it is as wide as it is */
  size_t keys;       /* ... not 0: the columns come in blocks, each with the first ones, so many */
} cli_grid;

void grid_add(cli_grid *grid, const char *format, ...) PRINTF(2, 3);
void grid_say(const cli_grid *grid, const char *indent);
void grid_free(cli_grid *grid);
size_t display_width(const char *text);

enum { NUMBER_TEXT = NADIR_NUMBER_TEXT };
enum { ALL_DIGITS = 0 }; /* as many as read back as the same double */
/* `digits` significant digits, without trailing zeros; "-" for NaN. */
const char *number(double value, int digits, char out[NUMBER_TEXT]);
uint64_t limit_of(const char *name); /* of `nadir limits` */
const char *seconds_text(double seconds, char out[NUMBER_TEXT]);

/* ---- several machines (ranks.c) -------------------------------------------------------------- */

int join_ranks(void); /* first of all: 0, or the exit status after complaining */
bool is_first_rank(void); /* which alone says and writes; of one process too */
bool is_alone(void); /* no other ranks */
void keep_complaint(const char *text); /* for rank 0, of which the first counts */
bool all_ranks_run(const cli_command *command); /* and not the first alone */
int check_ranks(const cli_arguments *arguments); /* whether all of them can read the table */
void share_table(nadir_table *table, bool shared); /* whether passes over it are made by all */
int leave_ranks(int exit_status); /* last of all: the status to end with */

/* ---- runs ------------------------------------------------------------------------------------ */

typedef struct cli_watch {
  nadir_listener listener;
  bool quiet, verbose, live, drawn;
  bool groups;       /* are fitted: progress counts them, not rows */
  bool contour;      /* is to be drawn: only two parameters will do */
  const char *label; /* of the run, in front of the live line; NULL: none */
  /* Why the listener ended a run, for watch_refusal to say when the call is over. */
  enum { NOT_REFUSED, NO_MEMORY_TO_TELL, NO_TWO_PARAMETERS } refused;
  size_t parameters;
} cli_watch;

void watch_start(cli_watch *watch, const cli_arguments *arguments);
int watch_refusal(const cli_watch *watch); /* says it; the exit status, 0 where there is none */
void watch_wipe(cli_watch *watch); /* the live line, before anything else is written */
void watch_end(cli_watch *watch);
void catch_signals_at_rest(void); /* at the start of the program */

int open_table(nadir_table **table, const cli_arguments *arguments, size_t first, size_t count);
/* What the library says of a topic, of classes: the caller's, by nadir_text_free. */
char *topic_text(const nadir_result *result, nadir_topic topic);
char *classes_text(const nadir_classes *classes);
void report_run(const cli_arguments *arguments, const nadir_result *result);
void report_folds(const nadir_folds *folds); /* nothing for NULL, as the next (validate.c) */
void report_path(const nadir_path *path);
/* A run for people, as JSON, or in silence; its files; its exit status. */
typedef struct cli_subject {
  nadir_expr *expr;   /* of minimize */
  nadir_table *table; /* of fit */
} cli_subject;
int deliver(const cli_arguments *arguments, const nadir_result *result,
            const cli_subject *subject);
/* Of a run that was ended and has a checkpoint (go_on.c). */
void tell_how_to_go_on(const cli_arguments *arguments, const nadir_result *result);
/* With --by (groups.c): what does not go with it; the fits of all groups. */
int check_groups(const cli_arguments *arguments);
int run_groups(const cli_arguments *arguments, nadir_table *table, const char *formula);
/* What the picture of a run's trace is drawn by: without what is said of the axes where a fit is drawn too, which takes
 * that. To be freed. */
nadir_settings *settings_of_trace(const cli_arguments *arguments, const nadir_result *result);
int save_contour(const cli_arguments *arguments, const cli_subject *subject,
                 const nadir_result *const *results, const char *const *labels, size_t count);
/* The first of two exit statuses that is not 0, the graver where both are of the system. */
int worse(int first, int second);

#endif
