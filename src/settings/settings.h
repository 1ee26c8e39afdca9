/* settings: what the user asked for, by name and text. settings.def has a row for each: name, type,
 * default, range, unit, commands, help; grammars.def the forms that a value may have. Every value is checked
 * when it is set, so that what reads it need not. Losses are words of this language too (loss.def). */
#ifndef ND_SETTINGS_H
#define ND_SETTINGS_H

#include <math.h>

#include "base/ranks.h"
#include "expr/expr.h"
#include "optim/optim.h"
#include "theory/theory.h"

/* A number, or the word that stands for what is chosen without one (auto; none). */
typedef struct nd_number_or_word {
  bool is_number;
  double number;
} nd_number_or_word;
typedef struct nd_range_or_auto {
  bool given;
  double low, high;
} nd_range_or_auto;
typedef struct nd_batch {
  bool is_auto;
  size_t rows; /* 0: all */
} nd_batch;
typedef enum nd_errors_kind {
  ND_ERRORS_AUTO,
  ND_ERRORS_HESSIAN,
  ND_ERRORS_SANDWICH,
  ND_ERRORS_NONE,
  ND_ERRORS_BOOTSTRAP
} nd_errors_kind;
typedef struct nd_errors_asked {
  nd_errors_kind kind;
  uint64_t refits; /* of BOOTSTRAP */
} nd_errors_asked;
typedef const nadir_schedule *nd_schedule_or_auto; /* NULL: auto */

/* nd_field_GRAMMAR: the type of a value; and the enum of each choice. */
#define ND_WORD(name, word) name,
#define ND_VALUE(grammar, c_type, type, function) typedef c_type nd_field_##grammar;
#define ND_PROSE(grammar, function) typedef char *nd_field_##grammar; /* owned; never NULL */
#define ND_CHOICES(grammar, c_type, words)                                                         \
  typedef enum c_type { words } c_type;                                                            \
  typedef c_type nd_field_##grammar;
#include "settings/grammars.def"
#undef ND_WORD
#undef ND_VALUE
#undef ND_PROSE
#undef ND_CHOICES

/* The values of one update rule's own settings. */
typedef struct nd_rule_values {
  const nadir_optimizer *optimizer;
  double *values;
  bool *is_set;
} nd_rule_values;

struct nadir_settings {
#define ND_SETTING(field, name, grammar, initial, low, high, unit, range, commands, help)          \
  nd_field_##grammar field;                                                                        \
  bool field##_is_set; /* by the caller: told, but nothing is decided by it */
#include "settings/settings.def"
#undef ND_SETTING
  nd_rule_values *rules; /* built-in ones, then the caller's */
  size_t rule_count, rule_capacity;
  nd_text shown; /* what nd_settings_get gave last */
};

nadir_status nd_settings_new(nadir_settings **settings, nadir_error *error);
nadir_status nd_settings_copy(nadir_settings **copy, const nadir_settings *settings,
                              nadir_error *error);
void nd_settings_free(nadir_settings *settings);
nadir_status nd_settings_set(nadir_settings *settings, const char *name, const char *value,
                             nadir_error *error);
/* The same from numbers (numbers.c): NUMBER,..., NAME=NUMBER,... with names, NAME=LOW:HIGH,... with up_to. */
nadir_status nd_settings_set_numbers(nadir_settings *settings, const char *name,
                                     const char *const *names, const double *numbers,
                                     const double *up_to, size_t count, nadir_error *error);
/* The value in use as text, added to out; false for an unknown name, and where memory runs out. */
bool nd_settings_show(const nadir_settings *settings, const char *name, nd_text *out);
const char *nd_settings_get(nadir_settings *settings, const char *name); /* kept in the settings */
bool nd_settings_is_auto(const nadir_settings *settings, const char *name);
bool nd_setting_is_of(const nadir_setting *about, const char *command); /* NULL: of any */
bool nd_settings_is_set(const nadir_settings *settings, const char *name);
/* The i-th setting, its value as text, and whether that is its default; false past the end. */
bool nd_settings_at(const nadir_settings *settings, size_t i, nadir_setting *about, nd_text *value,
                    bool *is_default);
/* command: only its settings are printed, and others are refused in a file; NULL: all of them. */
nadir_status nd_settings_read(nadir_settings *settings, const char *command, const char *path,
                              nadir_error *error);
nadir_status nd_settings_print(const nadir_settings *settings, const char *command, nd_text *out,
                               nadir_error *error);
bool nd_setting_at(size_t i, nadir_setting *setting);
const char *nd_setting_meant(const char *word); /* "lr" is rate; NULL for others */
nadir_status nd_settings_add_optimizer(nadir_settings *settings, const nadir_optimizer *optimizer,
                                       nadir_error *error);
/* The rule of this name, with its values. */
nadir_status nd_settings_rule(const nadir_settings *settings, const char *name,
                              const nadir_optimizer **optimizer, const double **values,
                              nadir_error *error);
/* The rule named by `method`, gd for auto, with its values. */
nadir_status nd_settings_method(const nadir_settings *settings, const nadir_optimizer **optimizer,
                                const double **values, nadir_error *error);
/* By default half of the machine's, divided among the ranks on it. */
uint64_t nd_memory_bytes(const nadir_settings *settings, const nd_ranks *ranks);
bool nd_is_auto(const char *text); /* the value of a setting that is a text */
bool nd_is_none(const char *text);
bool nd_start_is_random(const nadir_settings *settings); /* --start random */
bool nd_balances_classes(const nadir_settings *settings); /* --class-weight balanced */
double nd_number_or(nd_number_or_word value, double otherwise);
/* "a=1,b=-2e3" or "class A=3" taken apart: names, values. Names with commas or '=' come in
 * backquotes. */
typedef struct nd_assignment {
  char *name;
  double value;
  char *text; /* the value as typed (units) */
} nd_assignment;
const char *nd_find_outside(const char *at, char wanted); /* backquotes and brackets; or the end */
nadir_status nd_assignments_read(const char *setting, const char *text, bool numbers,
                                 nd_assignment **list, size_t *count, nadir_error *error);
void nd_assignments_free(nd_assignment *list, size_t count);
/* "0.1,0.03": *numbers is the caller's. */
nadir_status nd_numbers_read(const char *text, double **numbers, size_t *count, nadir_error *error);
/* --assume: conditions by semicolons, as facts of names of the graph. *facts is the caller's. */
nadir_status nd_conditions_read(nd_graph *graph, const char *text, nd_fact **facts, size_t *count,
                                nadir_error *error);

/* spared[i] is set for each parameter that --no-penalty names; a name that is none is an error, as
 * is one of --start or --rate by nd_find_parameter (parameters.c). */
nadir_status nd_no_penalty(const nadir_settings *settings, const char *const *names, size_t count,
                           bool *spared, nadir_error *error);
nadir_status nd_find_parameter(const char *setting, const char *name, const char *const *names,
                               size_t count, size_t *index, nadir_error *error);

/* --accept (accept.c): which ends are not failures. */
enum { ND_POINT_KINDS = NADIR_LAST_POINT + 1 };
typedef struct nd_accepted {
  bool limit, point[ND_POINT_KINDS];
} nd_accepted;
nadir_status nd_accept_read(const char *text, nd_accepted *accepted, nadir_error *error);

#endif
