/* nadir: the lowest point of a function by gradient descent, how it was reached, and how far it can
 * be trusted. The function is a formula, a C callback, or the mean loss of a model over a table.
 *
 * A life cycle, in the order of this file:
 *
 *     nadir_settings  what to do: every setting by name and text    nadir_settings_new ... _free
 *     nadir_expr      a formula                                     nadir_expr_new ... _free
 *     nadir_table     columns of numbers, read chunk by chunk       nadir_table_open ... _free
 *     nadir_result    a finished run, with its trace and its model  nadir_minimize, nadir_fit
 *     nadir_model     a fitted model: save, load, predict           nadir_model_load ... _free
 *     pictures        of traces, of contours, of a fit              nadir_plot_...
 *
 * At its end it includes the rest: nadir/proof.h (nadir_convex), nadir/uncertainty.h (errors and intervals),
 * nadir/step.h (nadir_taylor, nadir_rate, nadir_noise), nadir/validate.h (nadir_score, folds, paths), nadir/period.h
 * (nadir_period), nadir/ranks.h (several machines) and nadir/extend.h (update rules and readers of your own).
 *
 * Rules that hold everywhere:
 * - A function that can fail returns nadir_status and, where it fails, fills the caller's nadir_error (which may
 * be NULL). The pointer that it would have set is then NULL, and what it would have written to arrays is
 * undefined. Free functions accept NULL; any other pointer may be NULL only where that is said.
 * - Inputs are borrowed for the call and not changed; a table or expr must outlive what was made
 * from it only where that is said. Text that is returned as char * belongs to the caller, who gives it back by
 * nadir_text_free; text that is const char * belongs to what it was asked of, or to the library.
 * - The library never prints, never exits, holds no global state and changes nothing of the process. Nothing depends on the host's locale or on its rounding mode, which is the same afterwards.
 * - Threads: different handles may be used from different threads. One handle, by several threads at once:
 *
 *     nadir_settings                 for runs and other uses as const; set, get and read by one alone
 *     nadir_table                    yes, except for nadir_table_add
 *     nadir_model, nadir_result,     yes
 *     nadir_trace, all that a
 *     function gives
 *     nadir_expr                     no: what is derived from it is kept in it
 *
 *   and nothing while it is freed. Callbacks come on the thread of the call, except a nadir_reader's
 *   read, which comes from several. The library's own threads (setting threads) end with the call.
 * - Memory: all comes from malloc or mmap and may run out, which is NADIR_NO_MEMORY, except that of the numbers of
 *   proofs: it is FLINT's, which ends the process if there is none. These numbers are small: precision and boxes
 *   are bounded. What FLINT keeps for a thread is given back before the call returns.
 * - Indices count from 0. Angles are radians. The objective is L = (1/W) sum_i w_i l_i + penalty.
 * - A name NADIR_LAST_... is that of the last of its kind. The header is C99 and C++98.
 */
#ifndef NADIR_H
#define NADIR_H

#include <stddef.h>
#include <stdint.h>

#define NADIR_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

#define NADIR_VERSION "0.1.0"
/* The same as a number: 10000 major + 100 minor + patch. Before 1.0 a minor version may change what is
 * declared here, and the name of the shared library changes with it. From 1.0 on that name changes with the major
 * version alone. Within one, functions and enums are only added to, and structs that the library makes grow at
 * their end, unless they are a member or an element of others: these keep their size, as do nadir_error and
 * nadir_setting, which a caller has the library fill. Structs that a caller fills begin with their size in bytes,
 * which says which version of them the caller knows; this version takes no size but its own. Make them with an
 * initialiser, so that what you do not name is zero. */
#define NADIR_VERSION_NUMBER 100

/* The version of the library that is linked, and the level of processor its kernels use
 * ("avx512", "avx2", "baseline"; the environment variable NADIR_CPU forces a lower one). */
NADIR_API const char *nadir_version(void);
NADIR_API const char *nadir_cpu(void);

/* ==== errors ================================================================================== */

/* name, exit status of the command, meaning */
#define NADIR_STATUSES(X)                                                                          \
  X(NADIR_OK, 0, "done")                                                                           \
  X(NADIR_BAD_FORMULA, 2, "a formula that cannot be read, or does not fit its table")              \
  X(NADIR_BAD_SETTING, 2, "a setting that does not exist, or a value that it does not take")       \
  X(NADIR_BAD_DATA, 2, "a table or model file whose content is wrong")                             \
  X(NADIR_BAD_PATH, 2, "a file that does not exist, may not be opened, or is not a file")         \
  X(NADIR_NO_MEMORY, 3, "out of memory")                                                           \
  X(NADIR_SYSTEM, 3, "the system failed to read, write or run something")                          \
  X(NADIR_ENDED, 1, "ended on request, or because its time was up, before there was a result")

typedef enum nadir_status {
#define NADIR_STATUS_NAME(name, exit_status, meaning) name,
  NADIR_STATUSES(NADIR_STATUS_NAME) NADIR_LAST_STATUS = NADIR_ENDED
#undef NADIR_STATUS_NAME
} nadir_status;

/* What went wrong, for a person: "WHERE: what is wrong: what to do", without a final stop. For a
 * place in a formula, line and column (from 1) are set and excerpt is two lines: the source and a
 * caret. */
typedef struct nadir_error {
  nadir_status status;
  size_t line, column; /* 0 where they do not apply */
  char message[1024];
  char excerpt[512];
} nadir_error;

NADIR_API int nadir_exit_status(nadir_status status);
NADIR_API const char *nadir_status_meaning(nadir_status status);
NADIR_API void nadir_text_free(char *text);
/* A word as a shell of POSIX takes it: in single quotes where it needs them. *quoted is the caller's. */
NADIR_API nadir_status nadir_shell_word(const char *word, char **quoted, nadir_error *error);
/* Whether NADIR_CPU, where it is set, names a level that this library and this processor have: else its value is a
 * mistake (NADIR_BAD_SETTING), which all that computes with a formula says too. */
NADIR_API nadir_status nadir_cpu_check(nadir_error *error);
/* The first character of `text` as it is shown to people, and how many bytes it takes; 0 at the end of the text. A
 * character that could drive a terminal or change how others are read (a control, a mark of direction, an end of
 * line) and a byte that is not UTF-8 become \xNN, byte by byte; others stay. The library's errors are written so;
 * names, cells and other texts are as the files have them. */
enum { NADIR_SHOWN_TEXT = 20 };
NADIR_API size_t nadir_shown(const char *text, char shown[NADIR_SHOWN_TEXT]);
/* The i-th bound on what is taken or kept ("nesting"), for help and docs; NULL past the end. What goes beyond it is
 * refused, and the error says the bound. */
typedef struct nadir_limit {
  const char *name, *unit, *help;
  uint64_t value;
} nadir_limit;
NADIR_API const nadir_limit *nadir_limit_at(size_t i);
/* A proved bound (modulus, optimum_gap) for people, in `digits` significant digits at most and
 * rounded to its safe side: an upper bound to no less than the double is, a lower one to no more.
 * Returns text. */
enum { NADIR_BOUND_TEXT = 32 };
NADIR_API const char *nadir_bound_text(double bound, int upper, int digits,
                                       char text[NADIR_BOUND_TEXT]);

/* ==== numbers for people ====================================================================== */

/* How a text is written. */
typedef enum nadir_format { NADIR_PEOPLE, NADIR_JSON, NADIR_LATEX } nadir_format;

enum { NADIR_NUMBER_TEXT = 32 };
/* `digits` significant digits without trailing zeros; 0: the shortest decimal that reads back as the
 * same double. Independent of the locale; returns `text`. */
NADIR_API const char *nadir_number(double value, int digits, char text[NADIR_NUMBER_TEXT]);
/* The error with two digits, the value to the place where they end: 454 and 75. Without an error
 * (NaN) six digits and "". */
NADIR_API void nadir_number_with_error(double value, double error,
                                       char value_text[NADIR_NUMBER_TEXT],
                                       char error_text[NADIR_NUMBER_TEXT]);

/* ==== events ================================================================================== */

/* Why a run has its method, its rate and its schedule. */
typedef enum nadir_method_why {
  NADIR_METHOD_GIVEN,
  NADIR_METHOD_SQUARES, /* lm, for a sum of squares */
  NADIR_METHOD_FEW,     /* newton: the Hessian is cheap enough */
  NADIR_METHOD_MANY,    /* lbfgs */
  NADIR_METHOD_DESCENT, /* gd, where a rate, schedule, batch or average is given */
  NADIR_METHOD_KINKS,
  NADIR_METHOD_VERTEX, /* newton, on a loss whose kinks it can solve */
  NADIR_METHOD_PROXIMAL
} nadir_method_why;
typedef enum nadir_rate_why {
  NADIR_RATE_GIVEN,
  NADIR_RATE_STEPS,           /* there is none: each update finds its own step */
  NADIR_RATE_PUBLISHED,       /* the default of who published the rule */
  NADIR_RATE_NO_CURVATURE,    /* a guess, since the curvature at the start is not positive */
  NADIR_RATE_CURVATURE,       /* from the largest curvature at the start, */
  NADIR_RATE_BATCH_CURVATURE  /* or of a batch (Gower et al. 2019) */
} nadir_rate_why;
typedef enum nadir_schedule_why {
  NADIR_SCHEDULE_GIVEN,
  NADIR_SCHEDULE_RATE_GIVEN,   /* constant, the default with a rate that is given */
  NADIR_SCHEDULE_RESTS,        /* constant: the rule comes to rest on its own */
  NADIR_SCHEDULE_BRINGS_REST,  /* it lets the rule come to rest, */
  NADIR_SCHEDULE_NO_CURVATURE, /* though no curvature sizes its steps */
  NADIR_SCHEDULE_NOISE,        /* it lets the noise of batches die away */
  NADIR_SCHEDULE_KINK          /* the loss was found to have a kink */
} nadir_schedule_why;

struct nadir_optimizer;

/* What a run is about to do. Names and arrays last as long as the call, or the result. */
/* Rows that a run descends on before it does on all; chunks are of 4096 rows of the table, less those not used. */
typedef struct nadir_sample { uint64_t chunks, rows, updates; } nadir_sample;

typedef struct nadir_plan {
  size_t columns; /* of the table that are read */
  const char *const *column;
  size_t size;
  const char *const *parameter;
  size_t batch; /* rows per update; 0: all */
  int scaled;   /* steps are taken in w_i / sqrt(L0/|H_ii|) (Settings: coordinates) */
  const struct nadir_optimizer *method; /* NULL: not chosen yet */
  const double *method_values;          /* of its settings */
  nadir_method_why method_why;
  double rate; /* NaN where each parameter has its own */
  nadir_rate_why rate_why;
  const char *rate_given; /* as typed; NULL where it is chosen */
  double curvature;       /* that it was chosen from; else NaN */
  int sizes_itself;       /* after the first update each finds its own rate */
  const char *schedule;
  nadir_schedule_why schedule_why;
  size_t samples; /* one after the other, before all rows; updates are 0 before the run */
  nadir_sample sample[2];
} nadir_plan;

/* What may be to blame where a run did not end as it should. */
typedef enum nadir_cause {
  NADIR_CAUSE_SEPARATED, NADIR_CAUSE_ONE_CLASS, NADIR_CAUSE_ALL_ZERO, NADIR_CAUSE_IDLE,
  NADIR_CAUSE_RATE_AT_ZERO, NADIR_CAUSE_COLLINEAR, NADIR_CAUSE_OFFSET, NADIR_CAUSE_NO_MINIMUM,
  NADIR_CAUSE_ABOVE_START, NADIR_CAUSE_POOR_FIT, NADIR_CAUSE_AT_START,
  NADIR_CAUSE_GRADIENT, NADIR_LAST_CAUSE = NADIR_CAUSE_GRADIENT
} nadir_cause;

/* How a cell of text is written that is not a number. */
typedef enum nadir_notation {
  NADIR_NO_NOTATION, NADIR_DECIMAL_COMMA, NADIR_THOUSANDS, NADIR_DATE, NADIR_SEXAGESIMAL,
  NADIR_LAST_NOTATION = NADIR_SEXAGESIMAL
} nadir_notation;

/* The first cell of a column that is not a number, where the column is therefore text. */
typedef struct nadir_cell {
  const char *path;
  uint64_t row;       /* the line of the file */
  const char *column; /* as the file calls it */
  const char *text;   /* of the cell: 60 bytes at most, then "..." */
  nadir_notation notation; /* of it, and of most of the column's cells that are not numbers */
  int between_commas;      /* the file is one of cells between commas */
} nadir_cell;

typedef enum nadir_warning_kind {
  NADIR_WARN_CAUSE, NADIR_WARN_UNDETERMINED, NADIR_WARN_CONDITION, NADIR_WARN_CONDITION_SCALED,
  NADIR_WARN_KINKS, NADIR_WARN_UNSTABLE_RATE, NADIR_WARN_POOR_STEPS, NADIR_WARN_LOSS_RANGE,
  NADIR_WARN_CONSTANT, NADIR_WARN_EXTREME, NADIR_WARN_SAME_QUARTILES, NADIR_WARN_SAME_NAMES,
  NADIR_WARN_SAME_NAME_USED, NADIR_WARN_NEARLY_NUMBERS, NADIR_WARN_LEFT_OUT,
  NADIR_WARN_MINIMUM_REPEATED, NADIR_WARN_MAXIMUM_REPEATED, NADIR_WARN_ELEMENTS,
  NADIR_WARN_VARIABLE_LENGTH, NADIR_WARN_NO_SUCH_TEXT, NADIR_WARN_UNKNOWN_CLASSES,
  NADIR_WARN_NO_CHECKSUM, NADIR_WARN_FOLDS, NADIR_WARN_UNITS_ADDED, NADIR_WARN_UNITS_COMPARED,
  NADIR_WARN_UNITS_FACTOR, NADIR_WARN_UNITS_ARGUMENT, NADIR_WARN_UNITS_ANGLE, NADIR_WARN_GRADIENT,
  NADIR_WARN_COLD, /* parameters that begin as usual: the model of warm-start has none of these names */
  NADIR_LAST_WARNING = NADIR_WARN_COLD
} nadir_warning_kind;

/* Something the user should know. What a kind does not speak of is 0 or NULL. It lasts as long as the event,
 * or as the result or summary that has it, and so does all that it points to. */
typedef struct nadir_warning {
  nadir_warning_kind kind;
  nadir_cause cause;                 /* CAUSE: what is to blame, as the facts ... */
  const struct nadir_result *result; /* ... of this result say */
  const char *column;                /* that it is about; LOSS_RANGE: the target */
  const nadir_cell *cell;            /* NEARLY_NUMBERS, LEFT_OUT */
  const char *text;                  /* NO_SUCH_TEXT: what a formula compares the column with, */
  const char *nearest;               /* and the nearest that some row has, or NULL */
  const char *path;                  /* NO_CHECKSUM, COLD: of the model's file */
  const char *method;                /* KINKS, CONDITION */
  size_t names;                      /* of columns, parameters or classes, the first of ... */
  const char *const *name;
  const uint64_t *of_name; /* by name, SAME_NAME: which column it is, from 1; UNKNOWN_CLASSES: rows */
  uint64_t count; /* ... so many; else how often, of rows, updates or elements, it is so */
  uint64_t of;    /* all updates, all elements; REPEATED: the rows looked at, 0: all */
  double number;  /* the rate, spread, condition number or repeated number; UNITS_FACTOR: what one of the first unit is
                     in the second; GRADIENT: the derivative by name[0] at the start, as the function gives it */
  double second;  /* UNSTABLE_RATE: the limit of stability; CONDITION: updates per digit; GRADIENT: the same by values */
  /* UNDETERMINED: along which the fit is the same, directions x names, each with a 1 at the last of its names, where the
   * others have 0; NULL: not known. */
  size_t directions;
  const double *direction;
  const char *expression, *unit; /* UNITS: a part of the formula and what it is measured in, "": a pure number; */
  const char *other, *other_unit; /* what it meets; */
  const char *function;           /* or the function, or ^, whose argument it is */
} nadir_warning;

/* "poor steps", for programs; and the sentence for people. */
NADIR_API const char *nadir_warning_name(nadir_warning_kind kind);
NADIR_API nadir_status nadir_warning_text(const nadir_warning *warning, char **text,
                                          nadir_error *error);

typedef enum nadir_event_kind {
  NADIR_WARNING, /* warning */
  NADIR_NAMES,   /* plan: columns and parameters are known, nothing has been computed */
  NADIR_STARTS,  /* starts are drawn from -reach to reach for each parameter, no box being given; NaN: from the ranges
                    and magnitudes of the columns */
  NADIR_PLANNED, /* plan: all of it, before the first update */
  NADIR_LOWERED, /* rate, since the loss rose; with schedule_why NADIR_SCHEDULE_KINK the schedule
                    has become plateau */
  NADIR_UPDATE,  /* an update was made, or samples led here: update to validation_loss, value */
  NADIR_SAMPLED, /* an update on a sample of the rows, before those on all: loss and gradient_norm are the sample's. A run
                    that is ended there is left at its start */
  NADIR_PROGRESS /* update to gradient_norm, rows_per_second and seconds_left; ten a second at most */
} nadir_event_kind;

typedef struct nadir_event {
  nadir_event_kind kind;
  const nadir_warning *warning;
  const nadir_plan *plan;
  nadir_schedule_why schedule_why;
  uint64_t update, rows_seen, epoch;
  double seconds, loss, gradient_norm; /* loss, its gradient: by all rows; of batches NADIR_UPDATE has those of its own
                                          batch, before the update */
  double rate, step_norm, validation_loss, rows_per_second, seconds_left, reach; /* NaN where there is none, or unknown */
  const double *value; /* of the plan's parameters, while the call lasts; NULL in other events */
} nadir_event;

/* One callback for all, on the thread of the call. A result other than 0 asks the work to end where
 * it is, within half a second: a run keeps everything reached so far (stop "signal"), a proof
 * what is proved; what has nothing to give ends with NADIR_ENDED. While no new numbers come, as in a
 * long pass over rows, the last progress is reported again. A listener may be NULL. */
typedef struct nadir_listener {
  size_t bytes; /* sizeof(nadir_listener) */
  int (*notify)(void *context, const nadir_event *event);
  void *context;
  int every_update; /* each update is an event, and the run can be ended there; else none is. Batches lose the speed of
                       many updates at once */
} nadir_listener;

/* An event in words, by lines; "" for updates and progress. */
NADIR_API nadir_status nadir_event_text(const nadir_event *event, char **text, nadir_error *error);

/* ==== settings ================================================================================ */

typedef enum nadir_setting_type {
  NADIR_FLAG,
  NADIR_INTEGER,
  NADIR_REAL,
  NADIR_NUMBER_OR_WORD, /* a number, or the word that is the default: auto, none */
  NADIR_TEXT,
  NADIR_CHOICE /* one of the words of range, which are separated by '|' */
} nadir_setting_type;

/* A row of the list of all settings. Commands is a list of words: "fit minimize compare". */
typedef struct nadir_setting {
  char name[48], initial[32], range[80];
  const char *unit, *help, *commands;
  nadir_setting_type type;
  const struct nadir_optimizer *rule; /* whose own it is; NULL: of no update rule */
} nadir_setting;

typedef struct nadir_settings nadir_settings;

NADIR_API nadir_status nadir_settings_new(nadir_settings **settings, nadir_error *error);
NADIR_API nadir_status nadir_settings_copy(nadir_settings **copy, const nadir_settings *settings,
                                           nadir_error *error);
NADIR_API void nadir_settings_free(nadir_settings *settings);
/* Value is text as on the command line: "0.1", "all", "true". It is checked at once: unknown names,
 * values out of range and formulas that do not parse are errors that say what is allowed and name
 * the nearest setting; the value before is kept. Blanks around it are dropped. */
NADIR_API nadir_status nadir_settings_set(nadir_settings *settings, const char *name,
                                          const char *value, nadir_error *error);
/* The same from `count` numbers. Without names (NULL) they are a list: rate, rates. With names, one for each:
 * start, at, rate. With names and up_to, a range for each, from numbers[i] to up_to[i]: box, whose ends are rounded
 * outwards where their shortest text is not exact. All are copied. A name may not contain a backquote; 0 numbers
 * set the empty text. */
NADIR_API nadir_status nadir_settings_set_numbers(nadir_settings *settings, const char *name,
                                                  const char *const *names, const double *numbers,
                                                  const double *up_to, size_t count, nadir_error *error);
/* The value in use as text; NULL for an unknown name. It lasts until the next call on these settings. */
NADIR_API const char *nadir_settings_get(nadir_settings *settings, const char *name);
/* Whether the value is auto: each run chooses. */
NADIR_API int nadir_settings_is_auto(const nadir_settings *settings, const char *name);
/* Whether it was set by the caller. Nothing is decided by it: what is chosen for each run is the
 * value auto, and a number is always the caller's (a limit that is a number ends a run with exit
 * status 0). */
NADIR_API int nadir_settings_is_set(const nadir_settings *settings, const char *name);
/* A file of "name = value" lines, '#' comments. A setting that the command does not use is an error
 * (command NULL: all are taken). */
NADIR_API nadir_status nadir_settings_read(nadir_settings *settings, const char *command,
                                           const char *path, nadir_error *error);
/* Every setting of the command (NULL: of all) in that form; read again, it makes the same run. */
NADIR_API nadir_status nadir_settings_print(const nadir_settings *settings, const char *command,
                                            char **text, nadir_error *error);
/* Whether a command uses it. */
NADIR_API int nadir_setting_is_of(const nadir_setting *setting, const char *command);
/* The setting that goes by this word in other programs ("lr" is rate); NULL for others. */
NADIR_API const char *nadir_setting_meant(const char *word);
/* The i-th setting of the library, those of each update rule ("adam.beta1") among them. 0 past the
 * end, else 1. */
NADIR_API int nadir_setting_at(size_t i, nadir_setting *setting);

/* The i-th schedule of the rate: what it multiplies the base rate by at update t or epoch e, as a
 * formula; NULL past the end. */
typedef struct nadir_schedule {
  const char *name, *formula, *help;
} nadir_schedule;
NADIR_API const nadir_schedule *nadir_schedule_at(size_t i);

/* ==== formulas ================================================================================ */

/* The i-th function or operator of the language, for help and docs; NULL past the end. */
typedef struct nadir_operator {
  const char *name, *usage, *help;
} nadir_operator;
NADIR_API const nadir_operator *nadir_operator_at(size_t i);

/* The i-th physical constant of the language, const.c or const.cgs.c: its value as exact decimal text, the
 * uncertainty ("": exact) and the unit; NULL past the end. */
typedef struct nadir_constant {
  const char *name, *value, *uncertainty, *unit, *help, *source;
} nadir_constant;
NADIR_API const nadir_constant *nadir_constant_at(size_t i);

/* The i-th unit that columns may have, and is read: `scale` of `unit`, which is "" of those that others are made of, as m.
 * help is "" of another spelling of `unit`; prefixed: it takes k, M and others. NULL past the end. */
typedef struct nadir_unit {
  const char *name, *scale, *unit, *help;
  int prefixed;
} nadir_unit;
NADIR_API const nadir_unit *nadir_unit_at(size_t i);

/* The i-th loss: its name, what its parameter means ("" without one), the formula in y and f. */
typedef struct nadir_loss_info {
  const char *name, *parameter, *formula, *help;
} nadir_loss_info;
NADIR_API const nadir_loss_info *nadir_loss_at(size_t i);

typedef struct nadir_expr nadir_expr;
NADIR_API nadir_status nadir_expr_new(nadir_expr **expr, const char *formula, nadir_error *error);
NADIR_API void nadir_expr_free(nadir_expr *expr);
/* The parameters in the order of first appearance. */
NADIR_API size_t nadir_expr_size(const nadir_expr *expr);
NADIR_API const char *nadir_expr_parameter(const nadir_expr *expr, size_t i);
/* Value, and gradient where not NULL, at w; and the Hessian, size x size. Outside of the formula's domain the value
 * is NaN, which is not an error, and the derivatives mean nothing. At a kink they are those of one side, or between
 * both, or NaN. */
NADIR_API nadir_status nadir_expr_evaluate(const nadir_expr *expr, const double *w, double *value,
                                           double *gradient, nadir_error *error);
NADIR_API nadir_status nadir_expr_hessian(nadir_expr *expr, const double *w, double *hessian,
                                          nadir_error *error);
/* The simplified formula itself (i = SIZE_MAX) or its derivative by parameter i. */
NADIR_API nadir_status nadir_expr_print(const nadir_expr *expr, size_t i, int latex, char **text,
                                        nadir_error *error);

/* ==== tables ================================================================================== */

typedef struct nadir_table nadir_table;

/* Several files make one table when their columns agree; "-" is CSV on standard input. Settings
 * used: delimiter, no-header, names, hdu, null, spool, cache, threads. */
NADIR_API nadir_status nadir_table_open(nadir_table **table, const char *const *paths, size_t count,
                                        const nadir_settings *settings, nadir_error *error);

/* Why a file of text has no parsed copy in spite of the setting cache, of the first such file: a damaged copy, a place
 * that cannot be written to, a cell that cannot be read. The table is read from the text then. NULL: there is none. */
NADIR_API const nadir_error *nadir_table_uncached(const nadir_table *table);

/* A table of arrays: `rows` rows, and no column until nadir_table_add gives it one, before or after a fit. The
 * arrays are borrowed, not copied, and must outlive the table; names and units are copied. Each name is given once.
 * The value of row i is `stride` bytes after that of row i - 1, so that a member of the structs of an array is a
 * column; stride 0: one value follows another; below 0: row 0 is the last in memory. No alignment is needed. NaN
 * is missing. unit may be NULL, and so may values where there are 0 rows. */
typedef enum nadir_number_type { NADIR_FLOAT64, NADIR_FLOAT32 } nadir_number_type;
NADIR_API nadir_status nadir_table_new(nadir_table **table, uint64_t rows, nadir_error *error);
NADIR_API nadir_status nadir_table_add(nadir_table *table, const char *name, const char *unit,
                                       nadir_number_type type, const void *values, ptrdiff_t stride,
                                       nadir_error *error);
NADIR_API void nadir_table_free(nadir_table *table);
NADIR_API uint64_t nadir_table_rows(const nadir_table *table);
/* What the cells of a column hold, or each element of its vectors. NADIR_ARRAYS differ in length from row to row:
 * they are listed but not read. */
typedef enum nadir_cells {
  NADIR_REALS, NADIR_INTEGERS, NADIR_TRUTHS, NADIR_TEXTS, NADIR_ARRAYS
} nadir_cells;
NADIR_API const char *nadir_cells_name(nadir_cells cells); /* "real" */
/* Its columns, from 0; past the end NULL, and NADIR_ARRAYS. The unit is "" where none is given. */
NADIR_API size_t nadir_table_columns(const nadir_table *table);
NADIR_API const char *nadir_table_column(const nadir_table *table, size_t i);
NADIR_API const char *nadir_table_unit(const nadir_table *table, size_t i);
NADIR_API nadir_cells nadir_table_cells(const nadir_table *table, size_t i);
/* Rows first to first + count - 1 of a column, named as in formulas ("mag[3]" is the third element of a vector, which
 * is not read as a whole; "$2" is the second column). As numbers: a truth is 1 or 0, a missing cell NaN; a text is an
 * error; an integer beyond 2^53 is rounded. As texts: what a file of text has, or the shortest that reads back as the
 * same number, or all digits of an integer; NULL where missing. Each text is the caller's, by nadir_text_free; on
 * failure none is to be freed. Each call decodes whole chunks of 4096 rows: read many at once. */
NADIR_API nadir_status nadir_table_numbers(const nadir_table *table, const char *column, uint64_t first,
                                           size_t count, double *numbers, nadir_error *error);
NADIR_API nadir_status nadir_table_texts(const nadir_table *table, const char *column, uint64_t first,
                                         size_t count, char **texts, nadir_error *error);

/* What `nadir info` shows. Numbers that do not exist (of text, of an empty column) are NaN. */
typedef struct nadir_column_summary {
  const char *name, *unit;
  nadir_cells cells;
  uint64_t count, missing;
  double mean, sigma, min, q1, median, q3, max;
  uint64_t at_min, at_max; /* how often the extremes occur */
} nadir_column_summary;
typedef struct nadir_summary {
  uint64_t rows;
  size_t columns;
  nadir_column_summary *column;
  size_t warnings;
  const nadir_warning *warning;
  /* How many numbers a row has, and how many bytes a fit of all of them keeps in memory. Above what the setting
   * memory allows it would read the table again at each pass instead. */
  size_t numbers;
  uint64_t fit_bytes, memory;
} nadir_summary;
NADIR_API nadir_status nadir_table_summarize(nadir_table *table, const nadir_settings *settings,
                                             const nadir_listener *listener,
                                             nadir_summary **summary, nadir_error *error);
NADIR_API nadir_status nadir_summary_json(const nadir_summary *summary, char **text,
                                          nadir_error *error);
NADIR_API void nadir_summary_free(nadir_summary *summary);

/* ==== runs ==================================================================================== */

typedef struct nadir_trace nadir_trace;
typedef struct nadir_model nadir_model;

/* The classes of a target that is not a number: of a text, a truth value, or 0 and 1. */
typedef struct nadir_classes {
  size_t count;
  const char *const *name; /* in their order: of two, the second counts as 1 */
  const char *one;         /* the one that counts as 1; NULL where each has a model of its own (softmax) */
  int other;               /* what the other of two counts as: 0, or -1 (hinge) */
  const char *target;      /* whose classes they are */
  int truth;               /* it is true or false, and true counts as 1 */
} nadir_classes;
/* "star counts as 1, qso as 0". */
NADIR_API nadir_status nadir_classes_text(const nadir_classes *classes, char **text,
                                          nadir_error *error);

/* A function of the caller's, in `size` parameters. value may leave the gradient, or some of its numbers, as they
 * are, and is called with NULL where the value is enough; NaN: w is outside of its domain. hessian (size x size) may
 * be NULL. What is not given is found by differences, with steps of the size of each parameter, as far as the values
 * at the start show it: differences of a function that is noisy beyond its rounding are worth little. Callbacks are
 * called one at a time. */
typedef struct nadir_function {
  size_t bytes; /* sizeof(nadir_function) */
  size_t size;
  const char *const *names; /* or NULL: w1, w2, ... */
  void *context;
  double (*value)(void *context, const double *w, double *gradient);
  void (*hessian)(void *context, const double *w, double *hessian);
} nadir_function;
/* Its Hessian at w, size x size: its own, or by differences (those of values alone: 4 size^2 calls); symmetric. */
NADIR_API nadir_status nadir_function_hessian(const nadir_function *function, const double *w,
                                              double *hessian, nadir_error *error);
/* Its gradient at w, and the same by differences of its values (Ridders 1982), each with how far that may be off
 * (infinite where the values tell nothing); arrays of size numbers. *wrong: the first parameter whose gradient
 * the values contradict; SIZE_MAX: none. A number that value leaves is NaN in gradient; where it leaves all, that is
 * NADIR_BAD_SETTING. About 40 calls per parameter. A run looks at two values at its start, and says so with
 * NADIR_WARN_GRADIENT, and along two lines where it ended: NADIR_CAUSE_GRADIENT. */
NADIR_API nadir_status nadir_function_check(const nadir_function *function, const double *w,
                                            double *gradient, double *differences,
                                            double *uncertainty, size_t *wrong, nadir_error *error);

typedef struct nadir_parameter {
  const char *name, *unit;              /* unit "" where unknown */
  double value, standard_error, scaled; /* NaN where there is none */
  int determined; /* 0: the rows fit as well with another value of it, if others follow */
  int digits;     /* those left of it by nadir_result.offset; -1 where that is not to blame */
  int fixed;      /* at its value, by the setting fix */
  const char *tie;  /* what it follows, by the setting tie; NULL: it is free */
  double low, high; /* its bounds; infinite where it has none */
  int at_bound;     /* -1: it rests on low, 1: on high, 0: on neither */
  double statistic, p_value; /* of a fit, against 0: nadir/uncertainty.h; NaN where there is none */
} nadir_parameter;

/* What a run came to; name in JSON. STUCK: its stopping test was met, but not at a minimum. */
#define NADIR_ENDS(X)                                                                              \
  X(NADIR_DONE, "done")                                                                            \
  X(NADIR_LIMIT, "limit")                                                                          \
  X(NADIR_STUCK, "stuck")                                                                          \
  X(NADIR_DIVERGED, "diverged")                                                                    \
  X(NADIR_INTERRUPTED, "interrupted")

/* The kind of point where it ended, and its name in JSON. FALLS: the loss falls without limit. */
#define NADIR_POINTS(X)                                                                            \
  X(NADIR_MINIMUM, "minimum") X(NADIR_SADDLE, "saddle") X(NADIR_MAXIMUM, "maximum")                \
  X(NADIR_PLATEAU, "plateau") X(NADIR_FALLS, "falls") X(NADIR_POINT_NOT_KNOWN, "not known")

/* What else is known of it: a minimum that is the only one around, one that is flat along some
 * direction, one whose curvature is 0, one at an edge of the domain. */
#define NADIR_POINT_IS(X)                                                                          \
  X(NADIR_IS_NONE, NULL)                                                                           \
  X(NADIR_IS_STRICT, "strict")                                                                     \
  X(NADIR_IS_FLAT, "flat")                                                                         \
  X(NADIR_IS_DEGENERATE, "degenerate")                                                             \
  X(NADIR_IS_ON_BOUND, "on a bound")

/* Why there are no standard errors. */
typedef enum nadir_no_errors {
  NADIR_ERRORS_GIVEN, NADIR_ERRORS_OF_FORMULA, NADIR_ERRORS_ELSEWHERE, NADIR_ERRORS_KINKS,
  NADIR_ERRORS_NO_LIKELIHOOD, NADIR_ERRORS_NOT_ASKED, NADIR_ERRORS_PENALTY, NADIR_ERRORS_FREEDOM,
  NADIR_ERRORS_UNDETERMINED, NADIR_ERRORS_RANGE, NADIR_ERRORS_COST, NADIR_ERRORS_TIME,
  NADIR_ERRORS_CLASS_WEIGHT, NADIR_ERRORS_REFITS, NADIR_ERRORS_NOT_LOOKED_AT,
  NADIR_LAST_NO_ERRORS = NADIR_ERRORS_NOT_LOOKED_AT
} nadir_no_errors;

/* Why a run ended. */
typedef enum nadir_stop {
  NADIR_GO_ON = 0, NADIR_STOP_GRADIENT, NADIR_STOP_LOSS, NADIR_STOP_IDLE, NADIR_STOP_STEP,
  NADIR_STOP_GAP, NADIR_STOP_DECREASE, NADIR_STOP_UPDATES, NADIR_STOP_EPOCHS, NADIR_STOP_SECONDS,
  NADIR_STOP_VALIDATION, NADIR_STOP_DIVERGED, NADIR_STOP_ROSE, NADIR_STOP_UNBOUNDED,
  NADIR_STOP_DOMAIN, NADIR_STOP_SIGNAL, NADIR_LAST_STOP = NADIR_STOP_SIGNAL
} nadir_stop;

/* Why the point is what it is. */
typedef enum nadir_reason {
  NADIR_REASON_AT_REST, NADIR_REASON_AT_ROUNDING, NADIR_REASON_FLAT_CONVEX, NADIR_REASON_LEAST,
  NADIR_REASON_LEAST_AHEAD, NADIR_REASON_PROFILE, NADIR_REASON_VALLEY, NADIR_REASON_DEGENERATE,
  NADIR_REASON_LEAST_SLOPE, NADIR_REASON_SPARSE, NADIR_REASON_EDGE, NADIR_REASON_BOUND,
  NADIR_REASON_GAP,
  NADIR_REASON_CURVES_DOWN, NADIR_REASON_ALL_CURVE_DOWN, NADIR_REASON_ALL_FLAT,
  NADIR_REASON_STEPS_GROW, NADIR_REASON_SLOPED_PLANE, NADIR_REASON_WITHOUT_END,
  NADIR_REASON_RUN_ON, NADIR_REASON_NOT_AT_REST, NADIR_REASON_SLOPES, NADIR_REASON_KINK,
  NADIR_REASON_JUMP, NADIR_REASON_FLAT, NADIR_REASON_FLAT_TO_ROUNDING, NADIR_REASON_ODD,
  NADIR_REASON_NO_DERIVATIVES, NADIR_REASON_LEAVES_DOMAIN, NADIR_REASON_OUTSIDE,
  NADIR_REASON_COSTS_TOO_MUCH, NADIR_REASON_NO_SECOND, NADIR_REASON_IDLE, NADIR_REASON_LOST,
  NADIR_REASON_OUT_OF_TIME, NADIR_REASON_INTERRUPTED, NADIR_REASON_GRADIENT,
  NADIR_LAST_REASON = NADIR_REASON_GRADIENT
} nadir_reason;

/* Why there is no bound on how far the minimum is. */
typedef enum nadir_no_gap {
  NADIR_GAP_FOUND, NADIR_NO_GAP_NOT_CONVEX, NADIR_NO_GAP_PENALTY, NADIR_NO_GAP_KINKED_FIT,
  NADIR_NO_GAP_MODEL, NADIR_NO_GAP_POWERS, NADIR_NO_GAP_COST, NADIR_NO_GAP_FLAT,
  NADIR_NO_GAP_STEEP, NADIR_NO_GAP_NO_GRADIENT, NADIR_NO_GAP_FLAT_AROUND, NADIR_NO_GAP_TOO_LARGE,
  NADIR_NO_GAP_TIME, NADIR_NO_GAP_INTERRUPTED,
  NADIR_NO_GAP_NOT_LOOKED_AT, /* nor for the verdict, which is not known: settings no-certify */
  NADIR_LAST_NO_GAP = NADIR_NO_GAP_NOT_LOOKED_AT
} nadir_no_gap;

#define NADIR_OF_TWO(id, a) id,
typedef enum nadir_ended {
  NADIR_ENDS(NADIR_OF_TWO) NADIR_LAST_END = NADIR_INTERRUPTED
} nadir_ended;
typedef enum nadir_point {
  NADIR_POINTS(NADIR_OF_TWO) NADIR_LAST_POINT = NADIR_POINT_NOT_KNOWN
} nadir_point;
typedef enum nadir_point_is {
  NADIR_POINT_IS(NADIR_OF_TWO) NADIR_LAST_POINT_IS = NADIR_IS_ON_BOUND
} nadir_point_is;
#undef NADIR_OF_TWO

/* What is proved, and by what. */
typedef enum nadir_answer { NADIR_NOT_KNOWN, NADIR_PROVED, NADIR_REFUTED } nadir_answer;
typedef enum nadir_proof_by {
  NADIR_BY_NOTHING,
  NADIR_BY_RULES,     /* disciplined convex programming: Grant, Boyd, Ye 2006 */
  NADIR_BY_HESSIAN,   /* enclosed in ball arithmetic: Johansson 2017 */
  NADIR_BY_REFUTATION /* a chord of the function, the witness */
} nadir_proof_by;

/* Where a descent begins: at 0 (for rows: of descent coordinates), as the setting start says, at random numbers, as
 * the data suggest (a formula of your own, no start, a method that finishes), where the best of `starts` began, or at
 * the parameters of the model that the setting warm-start names. */
typedef enum nadir_start_from {
  NADIR_START_ZERO, NADIR_START_GIVEN, NADIR_START_RANDOM, NADIR_START_DATA, NADIR_START_BEST,
  NADIR_START_MODEL, NADIR_LAST_START_FROM = NADIR_START_MODEL
} nadir_start_from;

/* One of the distinct minima that the setting starts found, lowest first. */
typedef struct nadir_minimum {
  double loss, chi2; /* chi2: NaN where the rows have no errors */
  const double *w;   /* in the table's coordinates */
  uint64_t reached; /* how many descents ended in it */
  nadir_point point;
} nadir_minimum;

/* What a run came to: how it ended and why, where, and what that is worth. All that it points to is its own. */
typedef struct nadir_result {
  const char *command, *formula, *cpu, *loss_name;
  nadir_plan plan; /* scaled: so are rate, gradient_norm, curvature and stable_rate */
  double rate;     /* the last base rate, NaN where each parameter has its own */
  double rate_highest; /* the highest; both are plan.rate where it never changed */
  uint64_t seed;
  uint64_t rows_read, rows_used, rows_dropped_where, rows_dropped_missing, rows_validation;
  nadir_ended ended;
  nadir_stop stop;
  int limit_given;      /* it is a limit that was typed */
  uint64_t stop_update; /* at which it diverged */
  int exit_status;      /* 0 at a minimum, a limit that was typed, or what `accept` names; else 1 */
  uint64_t updates, rows_seen, epochs; /* updates: on samples too */
  double seconds;
  double loss, data_loss,
      gradient_norm;      /* full pass at the parameters below; loss has the penalty */
  double validation_loss; /* NaN without validate */
  double first_gradient;  /* its norm at the start */
  double rate_left;       /* the last rate against the largest; NaN without one */
  double tol_loss;        /* of the stop "loss": that much in so many observations */
  uint64_t patience;
  size_t size; /* of free parameters; after them in the array come those that are held: fixed or tied */
  size_t held;
  nadir_parameter *parameter;
  nadir_no_errors no_errors; /* why no parameter has a standard error */
  /* Of a line, TARGET ~ linear(FEATURE) in the target's units: both, and the unit of FEATURE, "" where a unit is
   * unknown. The slope is the last parameter. NULL for other models. */
  const char *line_target, *line_feature, *line_unit;
  const char *target_unit; /* of the target and its residuals; "" where unknown */
  nadir_point kind;
  nadir_point_is is;
  int point_proved;
  nadir_reason reason;
  size_t directions; /* along which the loss falls or is flat, in the table's units: what reason
                        speaks of ... */
  double *direction; /* ... directions x size */
  int *idle;         /* by parameter: whether it does not act here; NULL: all do */
  size_t causes;
  nadir_cause *cause;
  size_t wrong_parameter; /* with NADIR_CAUSE_GRADIENT: whose gradient was given so, and by the values is so */
  double gradient_given, gradient_by_values;
  nadir_answer convex, concave, affine;
  int strict, exists, by_ranges; /* strictly convex; a minimum exists; with the columns' ranges */
  nadir_proof_by proved_by;
  struct nadir_convexity *convexity; /* of a formula that is not proved convex, all of it; else NULL */
  const struct nadir_witness *witness;         /* with convex NADIR_REFUTED; else NULL */
  double modulus;     /* of strong convexity, proved, in descent coordinates; NaN without one */
  double optimum_gap; /* proved upper bound on loss - minimum; NaN, and no_gap says why */
  nadir_no_gap no_gap;
  size_t bounded_losses; /* NADIR_NO_GAP_MODEL: the losses for which there is a bound ... */
  const char *const *bounded_loss; /* ... by name; else 0 and NULL */
  /* A column of a free formula whose zero lies far outside of its rows, and a round number among its
   * values: written as column - offset, it would cost no parameter its digits. NULL: there is none. */
  const char *offset_column;
  double offset;
  nadir_start_from start_from;
  double *start; /* by parameter, in the table's coordinates */
  size_t minima; /* with the setting starts */
  nadir_minimum *minimum;
  uint64_t starts_lost;
  double curvature_max, curvature_min, stable_rate; /* NaN where not known; descent coordinates */
  double condition_raw, condition_scaled;           /* NaN where not defined */
  double residual_sigma, chi2;                      /* NaN where not defined */
  uint64_t degrees_of_freedom;
  const struct nadir_uncertainty *uncertainty; /* of a fit; NULL for minimize */
  int single_precision;
  size_t warnings;
  const nadir_warning *warning;
  nadir_trace *trace; /* owned by the result */
  nadir_model *model; /* owned by the result; NULL for minimize */
  const nadir_classes *classes; /* of the target, the model's; NULL where it is a number */
  const struct nadir_folds *folds; /* with the setting folds; else NULL. nadir/validate.h, as the next */
  const struct nadir_path *path;   /* with the setting path; else NULL */
  size_t peaks; /* with a start from the data, of a formula with a frequency: nadir/period.h */
  const struct nadir_fit_peak *peak;
  /* As nadir_model_command and nadir_model_date. command_line is NULL of a callback, or of arrays. */
  const char *command_line, *date;
} nadir_result;

NADIR_API nadir_status nadir_minimize(const nadir_expr *expr, const nadir_settings *settings,
                                      const nadir_listener *listener, nadir_result **result,
                                      nadir_error *error);
NADIR_API nadir_status nadir_minimize_function(const nadir_function *function,
                                               const nadir_settings *settings,
                                               const nadir_listener *listener,
                                               nadir_result **result, nadir_error *error);
/* Formula: TARGET ~ MODEL. As the two above, it is kept in a file by the setting checkpoint, and goes on from one by
 * resume: NADIR_BAD_PATH where there is none, NADIR_BAD_DATA where it is damaged or of another version, NADIR_BAD_SETTING
 * where it is of another run. A method of your own is kept by its vectors and scalars. */
NADIR_API nadir_status nadir_fit(nadir_table *table, const char *formula,
                                 const nadir_settings *settings, const nadir_listener *listener,
                                 nadir_result **result, nadir_error *error);
NADIR_API nadir_status nadir_result_json(const nadir_result *result, char **text,
                                         nadir_error *error);
/* What is to be said of a result, each in a line; "" where there is nothing to say. */
typedef enum nadir_topic {
  NADIR_ON_METHOD,   /* why it was chosen */
  NADIR_ON_RATE,     /* "1.3, from the largest curvature 0.77 at the start" */
  NADIR_ON_SCHEDULE, /* and why */
  NADIR_ON_STOP,     /* why it ended */
  NADIR_ON_POINT,    /* why it is the kind of point that it is */
  NADIR_ON_END,      /* the last words: "minimum reached" */
  NADIR_ON_VERDICT,  /* whether the objective is convex */
  NADIR_ON_GAP,      /* why there is none */
  NADIR_ON_ERRORS,   /* why there are no standard errors */
  NADIR_ON_ERRORS_BY, /* how they are made */
  NADIR_ON_GOODNESS, /* by which models are compared: "R2 0.62, AIC 333.3, BIC 336.8" */
  NADIR_ON_RESIDUALS, /* what is striking of them */
  NADIR_ON_INTERVALS, /* why some have no end */
  NADIR_ON_CHECKS,   /* of a fit: "9 pass; look at chi2" */
  NADIR_ON_SLOPE     /* "velocity grows by 454.16 km/s for each Mpc of distance" */
} nadir_topic;
NADIR_API nadir_status nadir_result_text(const nadir_result *result, nadir_topic topic, char **text,
                                         nadir_error *error);
NADIR_API void nadir_result_free(nadir_result *result);
/* Names as in the JSON object; NULL for what has none. */
NADIR_API const char *nadir_ended_name(nadir_ended ended);
NADIR_API const char *nadir_stop_name(nadir_stop stop);
NADIR_API const char *nadir_point_name(nadir_point point);
NADIR_API const char *nadir_point_is_name(nadir_point_is is);
NADIR_API const char *nadir_reason_name(nadir_reason reason);
NADIR_API const char *nadir_cause_name(nadir_cause cause);
NADIR_API const char *nadir_start_from_name(nadir_start_from from);
NADIR_API const char *nadir_no_gap_name(nadir_no_gap why); /* NULL where there is one */
NADIR_API const char *nadir_no_errors_name(nadir_no_errors none);
NADIR_API const char *nadir_proof_by_name(nadir_proof_by by);

/* ==== traces ================================================================================== */

/* Columns in the order of the file: update, rows_seen, epoch, seconds, loss, gradient_norm, rate,
 * step_norm, predicted_decrease, actual_decrease, then NAME, gradient[NAME], rate[NAME] of each parameter; last, with
 * validate, validation_loss, which is NaN where the validation rows were not looked at. */
typedef enum nadir_trace_column {
  NADIR_TRACE_UPDATE, NADIR_TRACE_ROWS, NADIR_TRACE_EPOCH, NADIR_TRACE_SECONDS, NADIR_TRACE_LOSS,
  NADIR_TRACE_GRADIENT, NADIR_TRACE_RATE, NADIR_TRACE_STEP, NADIR_TRACE_PREDICTED, NADIR_TRACE_ACTUAL,
  NADIR_TRACE_PARAMETERS
} nadir_trace_column;
NADIR_API size_t nadir_trace_rows(const nadir_trace *trace);
NADIR_API size_t nadir_trace_columns(const nadir_trace *trace);
NADIR_API const char *nadir_trace_name(const nadir_trace *trace, size_t column);
NADIR_API double nadir_trace_value(const nadir_trace *trace, size_t row, size_t column);
NADIR_API nadir_status nadir_trace_save(const nadir_trace *trace, const char *path,
                                        nadir_error *error);
NADIR_API nadir_status nadir_trace_load(nadir_trace **trace, const char *path, nadir_error *error);
NADIR_API void nadir_trace_free(nadir_trace *trace); /* only of a loaded trace */

/* ==== models ================================================================================== */

/* JSON with a format number and a checksum (docs/json.md). Reading checks every member and executes nothing; what
 * is damaged, or has a member that this version does not know, is NADIR_BAD_DATA. A file of format 1 has no
 * checksum: nadir_evaluate, nadir_predict and nadir_score warn of it (NADIR_WARN_NO_CHECKSUM). */
NADIR_API nadir_status nadir_model_save(const nadir_model *model, const char *path,
                                        nadir_error *error);
NADIR_API nadir_status nadir_model_load(nadir_model **model, const char *path, nadir_error *error);
NADIR_API void nadir_model_free(nadir_model *model); /* only of a loaded model */
/* The classes of its target, which last as long as it; NULL where that is a number. */
NADIR_API const nadir_classes *nadir_model_classes(const nadir_model *model);
/* null and missing as they were in the fit, where these settings do not have them: for the opening
 * and reading of other tables. */
NADIR_API nadir_status nadir_model_defaults(const nadir_model *model, nadir_settings *settings,
                                            nadir_error *error);
/* What was fitted: TARGET ~ MODEL. The parameters, *count of them, as a result has them (except that scaled is
 * NaN and digits -1); the covariance of their errors, count x count, NULL where there is none; the loss at the end
 * of the fit; the columns of formula, weight and sigma, each once (that of where alone is not among them), NULL past
 * the end; the settings, in a loaded model those that its file keeps. All of it is the model's. */
NADIR_API const char *nadir_model_formula(const nadir_model *model);
NADIR_API const nadir_parameter *nadir_model_parameters(const nadir_model *model, size_t *count);
NADIR_API const double *nadir_model_covariance(const nadir_model *model);
NADIR_API double nadir_model_loss(const nadir_model *model);
NADIR_API const char *nadir_model_column(const nadir_model *model, size_t i);
NADIR_API const nadir_settings *nadir_model_settings(const nadir_model *model);
/* The command that makes the same fit, quoted for a shell, with the start that was used; and the date of the fit,
 * "2026-11-29T16:30:00Z", which is that of SOURCE_DATE_EPOCH where the environment has it. NULL for a model of a file
 * that has none. */
NADIR_API const char *nadir_model_command(const nadir_model *model);
NADIR_API const char *nadir_model_date(const nadir_model *model);
/* The numbers that the model says of one row: 1, or as many as classes where each has a model of its
 * own (softmax). */
NADIR_API size_t nadir_model_outputs(const nadir_model *model);
/* The predictions for all rows of a table, in their order, into the caller's array: values[row *
 * outputs + k], count numbers of room, rows x outputs or more. Of a number: in the target's unit. Of
 * two classes: the probability of the second where the loss gives one, else f, whose sign decides. Of
 * more: their probabilities. NaN for a row that lacks a value, or is left out. Settings: where,
 * missing. The table may be one of arrays (nadir_table_new); it needs no target. */
NADIR_API nadir_status nadir_evaluate(const nadir_model *model, nadir_table *table,
                                      const nadir_settings *settings,
                                      const nadir_listener *listener, double *values, size_t count,
                                      nadir_error *error);
/* Writes the table with the prediction added, FITS or CSV by the name of `path` ("-": CSV):
 * column `prediction`, or `class` and `probability` / `probability_CLASS`. */
NADIR_API nadir_status nadir_predict(const nadir_model *model, nadir_table *table,
                                     const nadir_settings *settings, const nadir_listener *listener,
                                     const char *path, nadir_error *error);
/* Writes the model as a function in another language, which needs nothing of nadir ("-": standard output): c, fortran, javascript, python; or
 * latex, the formula and a table of its parameters. FUNCTION(columns, parameters) is the prediction and
 * FUNCTION_gradient its derivatives by the parameters, whose fitted values are the default; their errors and covariance
 * come with it. A name that the language does not take is changed, and a comment says which column each argument is. */
NADIR_API nadir_status nadir_export(const nadir_model *model, const char *language,
                                    const char *function, const char *path, nadir_error *error);

/* ==== pictures ================================================================================ */

/* Whether a file of this name is written as its end says: files are written plain, so that an end of packed ones
 * (.gz .fz .zip ...) is refused. All that writes files says so too. */
NADIR_API nadir_status nadir_output_check(const char *path, nadir_error *error);

/* Whether the end of the name says which kind of picture it is: .svg .png .pdf, or .gp for the gnuplot
 * script itself. The functions below say so too, but only when they draw. */
NADIR_API nadir_status nadir_picture_check(const char *path, nadir_error *error);
/* Format by the end of the name: .svg .png .pdf, or .gp for the gnuplot script itself. Settings
 * used: x-axis, log-x, log-y, x-range, y-range, x-label, y-label, reverse, title. Labels may be NULL (then the traces' names). */
NADIR_API nadir_status nadir_plot_traces(const nadir_trace *const *traces,
                                         const char *const *labels, size_t count,
                                         const nadir_settings *settings, const char *path,
                                         nadir_error *error);
/* Contours of a function of two parameters, or of a fit's loss in its two descent coordinates, with
 * the paths of the runs on them, the minima that `starts` found, and the box that it was given. */
NADIR_API nadir_status nadir_plot_contour(const nadir_expr *expr, const nadir_result *const *results,
                                          const char *const *labels, size_t count,
                                          const nadir_settings *settings, const char *path,
                                          nadir_error *error);
NADIR_API nadir_status nadir_plot_fit_contour(const nadir_model *model, nadir_table *table,
                                              const nadir_result *const *results,
                                              const char *const *labels, size_t count,
                                              const nadir_settings *settings, const char *path,
                                              nadir_error *error);
/* One parameter: partial sums over the function; two: the circle, the plane's direction, the
 * contours. */
NADIR_API nadir_status nadir_plot_taylor(const nadir_expr *expr, const nadir_settings *settings,
                                         const char *path, nadir_error *error);
/* The data with error bars, the fitted curve, and the residuals under it. */
NADIR_API nadir_status nadir_plot_fit(const nadir_model *model, nadir_table *table,
                                      const nadir_settings *settings, const char *path,
                                      nadir_error *error);
/* A run as one HTML page with its pictures inside: the answer and what it is
 * worth, parameters, loss against updates, the fit (of a table), the contours (of two parameters), the
 * covariance (of two to eight), the path of a penalty, the settings that were given. expr is that of a minimize, table that of a fit, the
 * other NULL. The page holds no script and loads nothing. */
NADIR_API nadir_status nadir_report(const nadir_result *result, const nadir_expr *expr,
                                    nadir_table *table, const nadir_settings *settings,
                                    const char *path, nadir_error *error);
/* The same picture of one trace in characters: braille, or ASCII when utf8 is 0. Settings used: x-axis,
 * log-x, log-y, x-range, y-range, x-label, reverse; they may be NULL. */
NADIR_API nadir_status nadir_chart(const nadir_trace *trace, const nadir_settings *settings,
                                   int columns, int lines, int utf8, char **text,
                                   nadir_error *error);

#ifdef __cplusplus
}
#endif

#include "nadir/proof.h"
#include "nadir/uncertainty.h"
#include "nadir/step.h"
#include "nadir/validate.h"
#include "nadir/groups.h"
#include "nadir/period.h"
#include "nadir/ranks.h"
#include "nadir/extend.h"
#endif
