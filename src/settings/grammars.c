/* The grammars of grammars.def: a text is checked when it is set, and becomes a value that the rest
 * of the library need not look at again.
 *
 * A formula is parsed in a graph of its own, thrown away after: 0.1 ms. What only the table or the
 * formula can tell (whether a name is one of theirs) is checked where they meet. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "settings/held.h"
#include "settings/loss.h"
#include "settings/settings_internal.h"

/* ---- mistakes ---- */

static nadir_status bad_value(const nd_slot *slot, const char *text, nadir_error *error) {
  const nadir_setting *row = &slot->about;
  return nd_fail(error, NADIR_BAD_SETTING, "invalid value '%s' for %s: expected %s%s%s%s", text,
                 row->name, row->range, *row->unit ? " (" : "", row->unit, *row->unit ? ")" : "");
}

/* The sentence of a parser, with the name of the setting before it and its caret kept. */
static nadir_status name_failure(const nd_slot *slot, nadir_status status, const nadir_error *inner,
                                 nadir_error *error) {
  if (status == NADIR_OK || !error) return status;
  nadir_error told = *inner;
  if (status != NADIR_NO_MEMORY) status = NADIR_BAD_SETTING;
  nd_fail(error, status, "%s: %s", slot->about.name, told.message);
  error->line = told.line;
  error->column = told.column;
  memcpy(error->excerpt, told.excerpt, sizeof error->excerpt);
  return status;
}

/* ---- numbers ---- */

static bool read_number(const char *text, double *value) {
  const char *end = text + strlen(text);
  return nd_read_number(text, end, value) == end && end != text;
}

static bool is_word(const char *text, const char *word) {
  return strcmp(text, word) == 0;
}

static bool is_within(const nd_slot *slot, double number) {
  return number >= slot->low && number <= slot->high;
}

static nadir_status read_flag(const nadir_settings *settings, const nd_slot *slot, const char *text,
                              nadir_error *error) {
  static const char *const words[] = {"false", "no", "off", "0", "true", "yes", "on", "1"};
  (void)settings;
  for (size_t i = 0; i < ND_COUNT(words); i++)
    if (is_word(text, words[i])) {
      *(bool *)slot->value = i >= ND_COUNT(words) / 2;
      return NADIR_OK;
    }
  return nd_fail(error, NADIR_BAD_SETTING, "invalid value '%s' for %s: expected true or false",
                 text, slot->about.name);
}

static void show_flag(const nd_slot *slot, nd_text *out) {
  nd_text_append(out, *(bool *)slot->value ? "true" : "false");
}

/* Digits alone are not read through a double, so that a seed keeps all 64 bits. */
static bool read_digits(const char *text, uint64_t *number) {
  *number = 0;
  for (; isdigit((unsigned char)*text); text++) {
    unsigned digit = (unsigned)(*text - '0');
    if (*number > (UINT64_MAX - digit) / 10) return false;
    *number = *number * 10 + digit;
  }
  return true;
}

/* "1e6" is fine. */
static nadir_status read_integer(const nadir_settings *settings, const nd_slot *slot,
                                 const char *text, nadir_error *error) {
  bool digits = *text && text[strspn(text, "0123456789")] == '\0';
  uint64_t number;
  double real;
  (void)settings;
  if (digits) {
    if (!read_digits(text, &number)) return bad_value(slot, text, error);
    real = (double)number;
  } else {
    if (!read_number(text, &real) || !(real >= 0 && real <= 1e18) || real != floor(real))
      return bad_value(slot, text, error);
    number = (uint64_t)real;
  }
  if (!is_within(slot, real)) return bad_value(slot, text, error);
  *(uint64_t *)slot->value = number;
  return NADIR_OK;
}

static void show_integer(const nd_slot *slot, nd_text *out) {
  nd_text_print(out, "%llu", (unsigned long long)*(uint64_t *)slot->value);
}

static void show_number(double value, nd_text *out) {
  char number[ND_NUMBER_TEXT];
  nd_text_append(out, nd_format(value, number));
}

static nadir_status read_real(const nadir_settings *settings, const nd_slot *slot, const char *text,
                              nadir_error *error) {
  double number;
  (void)settings;
  if (!read_number(text, &number) || !is_within(slot, number)) return bad_value(slot, text, error);
  *(double *)slot->value = number;
  return NADIR_OK;
}

static void show_real(const nd_slot *slot, nd_text *out) {
  show_number(*(double *)slot->value, out);
}

static nadir_status read_real_or_word(const nadir_settings *settings, const nd_slot *slot,
                                      const char *text, nadir_error *error) {
  nd_number_or_word *value = slot->value;
  double number;
  (void)settings;
  if (is_word(text, slot->about.initial)) {
    *value = (nd_number_or_word){0};
    return NADIR_OK;
  }
  if (!read_number(text, &number) || !is_within(slot, number)) return bad_value(slot, text, error);
  *value = (nd_number_or_word){true, number};
  return NADIR_OK;
}

static void show_real_or_word(const nd_slot *slot, nd_text *out) {
  const nd_number_or_word *value = slot->value;
  if (value->is_number)
    show_number(value->number, out);
  else
    nd_text_append(out, slot->about.initial);
}

static nadir_status read_whole_or_word(const nadir_settings *settings, const nd_slot *slot,
                                       const char *text, nadir_error *error) {
  double number;
  if (read_number(text, &number) && number != floor(number)) return bad_value(slot, text, error);
  return read_real_or_word(settings, slot, text, error);
}

static void show_whole_or_word(const nd_slot *slot, nd_text *out) {
  show_real_or_word(slot, out);
}

double nd_number_or(nd_number_or_word value, double otherwise) {
  return value.is_number ? value.number : otherwise;
}

/* ---- values of a form of their own ---- */

static nadir_status read_batch(const nadir_settings *settings, const nd_slot *slot,
                               const char *text, nadir_error *error) {
  double number = 0;
  (void)settings;
  bool is_auto = is_word(text, "auto"), number_given = !is_auto && !is_word(text, "all");
  if (number_given &&
      (!read_number(text, &number) || !is_within(slot, number) || number != floor(number)))
    return bad_value(slot, text, error);
  *(nd_batch *)slot->value = (nd_batch){is_auto, (size_t)number};
  return NADIR_OK;
}

static void show_batch(const nd_slot *slot, nd_text *out) {
  const nd_batch *batch = slot->value;
  if (batch->is_auto || batch->rows == 0)
    nd_text_append(out, batch->is_auto ? "auto" : "all");
  else
    nd_text_print(out, "%zu", batch->rows);
}

static const char *const errors_words[] = {"auto", "hessian", "sandwich", "none", "bootstrap"};

/* bootstrap(N), or one of the other words. */
static nadir_status read_errors(const nadir_settings *settings, const nd_slot *slot,
                                const char *text, nadir_error *error) {
  nd_errors_asked *value = slot->value;
  size_t word = strlen(errors_words[ND_ERRORS_BOOTSTRAP]), length = strlen(text);
  const char *end = text + length - (length > 0);
  double refits;
  (void)settings;
  for (size_t i = 0; i < ND_ERRORS_BOOTSTRAP; i++)
    if (is_word(text, errors_words[i])) {
      *value = (nd_errors_asked){.kind = (nd_errors_kind)i};
      return NADIR_OK;
    }
  bool bracketed = length > word + 2 && strncmp(text, errors_words[ND_ERRORS_BOOTSTRAP], word) == 0 &&
                   text[word] == '(' && *end == ')';
  if (!bracketed || nd_read_number(text + word + 1, end, &refits) != end || !is_within(slot, refits) ||
      refits != floor(refits))
    return bad_value(slot, text, error);
  *value = (nd_errors_asked){ND_ERRORS_BOOTSTRAP, (uint64_t)refits};
  return NADIR_OK;
}

static void show_errors(const nd_slot *slot, nd_text *out) {
  const nd_errors_asked *value = slot->value;
  nd_text_append(out, errors_words[value->kind]);
  if (value->kind == ND_ERRORS_BOOTSTRAP)
    nd_text_print(out, "(%llu)", (unsigned long long)value->refits);
}

/* "64M" */
static nadir_status read_memory(const nadir_settings *settings, const nd_slot *slot,
                                const char *text, nadir_error *error) {
  static const char letters[] = "KMG";
  const char *end = text + strlen(text), *letter;
  double value = 0, unit = 1;
  (void)settings;
  if (is_word(text, "auto")) {
    *(nd_number_or_word *)slot->value = (nd_number_or_word){0};
    return NADIR_OK;
  }
  const char *after = nd_read_number(text, end, &value);
  if (after && after + 1 == end && (letter = strchr(letters, *after)) != NULL) {
    unit = ldexp(1, 10 * (int)(letter - letters + 1));
    after = end;
  }
  if (after != end || !is_within(slot, value * unit)) return bad_value(slot, text, error);
  *(nd_number_or_word *)slot->value = (nd_number_or_word){true, value * unit};
  return NADIR_OK;
}

static void show_memory(const nd_slot *slot, nd_text *out) {
  show_real_or_word(slot, out);
}

uint64_t nd_memory_bytes(const nadir_settings *settings, const nd_ranks *ranks) {
  nd_number_or_word memory = settings->memory;
  return memory.is_number ? (uint64_t)memory.number
                          : nd_physical_memory() / 2 / nd_ranks_here(ranks);
}

static nadir_status read_range(const nadir_settings *settings, const nd_slot *slot, const char *text,
                               nadir_error *error) {
  nd_range_or_auto range = {.given = true};
  const char *end = text + strlen(text), *colon = strchr(text, ':');
  (void)settings;
  if (is_word(text, "auto")) {
    *(nd_range_or_auto *)slot->value = (nd_range_or_auto){0};
    return NADIR_OK;
  }
  if (!colon || nd_read_number(text, colon, &range.low) != colon ||
      nd_read_number(colon + 1, end, &range.high) != end || !(range.low < range.high) ||
      !isfinite(range.high - range.low))
    return bad_value(slot, text, error);
  *(nd_range_or_auto *)slot->value = range;
  return NADIR_OK;
}

static void show_range(const nd_slot *slot, nd_text *out) {
  const nd_range_or_auto *range = slot->value;
  if (!range->given) {
    nd_text_append(out, "auto");
    return;
  }
  show_number(range->low, out);
  nd_text_append(out, ":");
  show_number(range->high, out);
}

static const struct {
  const char *name;
  char delimiter;
} delimiters[] = {{"auto", 0},        {"comma", ','}, {"tab", '\t'},
                  {"semicolon", ';'}, {"bar", '|'},   {"blank", ' '}};

static nadir_status read_delimiter(const nadir_settings *settings, const nd_slot *slot,
                                   const char *text, nadir_error *error) {
  char *delimiter = slot->value;
  (void)settings;
  for (size_t i = 0; i < ND_COUNT(delimiters); i++)
    if (is_word(text, delimiters[i].name) ||
        (text[0] && text[0] == delimiters[i].delimiter && !text[1])) {
      *delimiter = delimiters[i].delimiter;
      return NADIR_OK;
    }
  if (!text[0] || text[1] || strchr("\"\n\r.+-", text[0]) || isdigit((unsigned char)text[0]))
    return bad_value(slot, text, error);
  *delimiter = text[0];
  return NADIR_OK;
}

static void show_delimiter(const nd_slot *slot, nd_text *out) {
  const char *delimiter = slot->value;
  for (size_t i = 0; i < ND_COUNT(delimiters); i++)
    if (delimiters[i].delimiter == *delimiter) {
      nd_text_append(out, delimiters[i].name);
      return;
    }
  nd_text_append_bytes(out, delimiter, 1);
}

/* ---- names of lists kept elsewhere ---- */

static nadir_status unknown_name(const nd_slot *slot, const char *text, const char *const *names,
                                 size_t count, nadir_error *error) {
  nd_text all = {0};
  ptrdiff_t nearest = nd_nearest(text, names, count);
  for (size_t i = 0; i < count; i++)
    nd_text_print(&all, "%s%s", i ? ", " : "", names[i]);
  nadir_status status =
      nearest >= 0
          ? nd_fail(error, NADIR_BAD_SETTING, "invalid value '%s' for %s: " ND_DID_YOU_MEAN, text,
                    slot->about.name, names[nearest])
          : nd_fail(error, NADIR_BAD_SETTING, "invalid value '%s' for %s: expected one of %s", text,
                    slot->about.name, all.failed ? "those" : nd_text_data(&all));
  nd_text_free(&all);
  return status;
}

enum { MOST_NAMES = 64 };

static nadir_status read_schedule(const nadir_settings *settings, const nd_slot *slot,
                                  const char *text, nadir_error *error) {
  const char *names[MOST_NAMES] = {"auto"};
  nd_schedule_or_auto *schedule = slot->value;
  const nadir_schedule *info;
  size_t count = 1;
  (void)settings;
  for (; count < MOST_NAMES && (info = nd_schedule_at(count - 1)); count++)
    names[count] = info->name;
  for (size_t i = 0; i < count; i++)
    if (is_word(text, names[i])) {
      *schedule = i ? nd_schedule_at(i - 1) : NULL;
      return NADIR_OK;
    }
  return unknown_name(slot, text, names, count, error);
}

static void show_schedule(const nd_slot *slot, nd_text *out) {
  const nd_schedule_or_auto *schedule = slot->value;
  nd_text_append(out, *schedule ? (*schedule)->name : "auto");
}

static nadir_status check_method(const nadir_settings *settings, const nd_slot *slot,
                                 const char *text, nadir_error *error) {
  const char *names[MOST_NAMES] = {"auto"};
  size_t count = 1;
  if (nd_is_auto(text)) return NADIR_OK;
  for (size_t r = 0; r < settings->rule_count && count < MOST_NAMES; r++) {
    names[count] = settings->rules[r].optimizer->name;
    if (is_word(text, names[count++])) return NADIR_OK;
  }
  return unknown_name(slot, text, names, count, error);
}

/* ---- texts ---- */

static nadir_status check_text(const nadir_settings *settings, const nd_slot *slot,
                               const char *text, nadir_error *error) {
  (void)settings, (void)slot, (void)text, (void)error;
  return NADIR_OK;
}

static nadir_status parse_alone(const char *name, const char *text, nadir_error *error) {
  nd_graph *graph;
  nd_node root;
  ND_TRY(nd_graph_new(&graph, error));
  nadir_status status = nd_parse_as(graph, name, text, &root, error);
  nd_graph_free(graph);
  if (status == NADIR_OK || status == NADIR_NO_MEMORY) return status;
  if (error) error->status = NADIR_BAD_SETTING;
  return NADIR_BAD_SETTING;
}

static nadir_status check_expression(const nadir_settings *settings, const nd_slot *slot,
                                     const char *text, nadir_error *error) {
  (void)settings;
  return *text ? parse_alone(slot->about.name, text, error) : NADIR_OK;
}

static nadir_status check_loss(const nadir_settings *settings, const nd_slot *slot,
                               const char *text, nadir_error *error) {
  nd_loss loss;
  ND_TRY(nd_loss_read(text, ND_TARGET_REAL, &loss, error));
  return !loss.is_listed ? check_expression(settings, slot, text, error) : NADIR_OK;
}

static nadir_status check_assignments(const nd_slot *slot, const char *text, double above,
                                      nadir_error *error) {
  nd_assignment *list;
  size_t count;
  ND_TRY(nd_assignments_read(slot->about.name, text, true, &list, &count, error));
  nadir_status status = NADIR_OK;
  for (size_t i = 0; status == NADIR_OK && i < count; i++)
    if (!(list[i].value > above))
      status = nd_fail(error, NADIR_BAD_SETTING,
                       "%s: invalid value '%s' for '%s': expected a number above 0",
                       slot->about.name, list[i].text, list[i].name);
  nd_assignments_free(list, count);
  return status;
}

static nadir_status check_rate(const nadir_settings *settings, const nd_slot *slot,
                               const char *text, nadir_error *error) {
  double number;
  (void)settings;
  if (is_word(text, "auto")) return NADIR_OK;
  if (strchr(text, '=')) return check_assignments(slot, text, 0, error);
  if (read_number(text, &number) && number > 0 && isfinite(number)) return NADIR_OK;
  return bad_value(slot, text, error);
}

bool nd_is_auto(const char *text) {
  return is_word(text, "auto");
}

bool nd_is_none(const char *text) {
  return is_word(text, "none");
}

bool nd_start_is_random(const nadir_settings *settings) {
  return is_word(settings->start, "random");
}

static nadir_status check_start(const nadir_settings *settings, const nd_slot *slot,
                                const char *text, nadir_error *error) {
  (void)settings;
  if (!*text || is_word(text, "random")) return NADIR_OK;
  return check_assignments(slot, text, -HUGE_VAL, error);
}

bool nd_balances_classes(const nadir_settings *settings) {
  return is_word(settings->class_weight, "balanced");
}

static nadir_status check_class_weight(const nadir_settings *settings, const nd_slot *slot,
                                       const char *text, nadir_error *error) {
  (void)settings;
  if (is_word(text, "none") || is_word(text, "balanced")) return NADIR_OK;
  return strchr(text, '=') ? check_assignments(slot, text, 0, error) : bad_value(slot, text, error);
}

static nadir_status check_units(const nadir_settings *settings, const nd_slot *slot,
                                const char *text, nadir_error *error) {
  nd_assignment *list;
  size_t count;
  (void)settings;
  if (!*text) return NADIR_OK;
  ND_TRY(nd_assignments_read(slot->about.name, text, false, &list, &count, error));
  nd_assignments_free(list, count);
  return NADIR_OK;
}

static nadir_status check_point(const nadir_settings *settings, const nd_slot *slot,
                                const char *text, nadir_error *error) {
  nd_assignment *list;
  size_t count;
  (void)settings;
  if (!*text) return NADIR_OK;
  ND_TRY(nd_assignments_read(slot->about.name, text, false, &list, &count, error));
  nadir_status status = NADIR_OK;
  for (size_t i = 0; status == NADIR_OK && i < count; i++)
    status = parse_alone(slot->about.name, list[i].text, error);
  nd_assignments_free(list, count);
  return status;
}

/* Whose names they are is known where a formula or a table is. */
static nadir_status check_names(const nadir_settings *settings, const nd_slot *slot,
                                const char *text, nadir_error *error) {
  (void)settings;
  bool any = text[strspn(text, ", ")] != '\0';
  return any || !*text ? NADIR_OK : bad_value(slot, text, error);
}

/* ---- lists of numbers ---- */

nadir_status nd_numbers_read(const char *text, double **numbers, size_t *count,
                             nadir_error *error) {
  const char *end = text + strlen(text), *at = text;
  size_t capacity = 0;
  *numbers = NULL;
  *count = 0;
  nadir_status status = NADIR_OK;
  do {
    status = nd_grow(numbers, &capacity, *count + 1, sizeof **numbers, error);
    if (status != NADIR_OK) break;
    while (*at == ' ')
      at++;
    at = nd_read_number(at, end, &(*numbers)[(*count)++]);
    while (at && *at == ' ')
      at++;
    if (!at || (at < end && *at != ',')) status = NADIR_BAD_SETTING;
  } while (status == NADIR_OK && at++ < end);
  if (status == NADIR_OK) return NADIR_OK;
  nd_free(*numbers);
  *numbers = NULL;
  *count = 0;
  return status == NADIR_NO_MEMORY
             ? status
             : nd_fail(error, status,
                       "'%s' is not a list of numbers: separate them by commas, as in 1,0.5,-2",
                       text);
}

static nadir_status check_numbers(const nd_slot *slot, const char *text, double above, double below,
                                  nadir_error *error) {
  double *numbers;
  size_t count;
  nadir_error inner = {0};
  nadir_status status = nd_numbers_read(text, &numbers, &count, &inner);
  if (status != NADIR_OK) return name_failure(slot, status, &inner, error);
  for (size_t i = 0; status == NADIR_OK && i < count; i++)
    if (!(numbers[i] > above && numbers[i] < below)) status = bad_value(slot, text, error);
  nd_free(numbers);
  return status;
}

static nadir_status check_rates(const nadir_settings *settings, const nd_slot *slot,
                                const char *text, nadir_error *error) {
  (void)settings;
  return is_word(text, "auto") ? NADIR_OK : check_numbers(slot, text, 0, HUGE_VAL, error);
}

static nadir_status check_levels(const nadir_settings *settings, const nd_slot *slot,
                                 const char *text, nadir_error *error) {
  (void)settings;
  return is_word(text, "none") ? NADIR_OK : check_numbers(slot, text, 0, 1, error);
}

static nadir_status check_sentinels(const nadir_settings *settings, const nd_slot *slot,
                                    const char *text, nadir_error *error) {
  (void)settings;
  if (is_word(text, "auto") || is_word(text, "none")) return NADIR_OK;
  return check_numbers(slot, text, -HUGE_VAL, HUGE_VAL, error);
}

/* ---- what is known of names ---- */

static nadir_status check_box(const nadir_settings *settings, const nd_slot *slot, const char *text,
                              nadir_error *error) {
  nd_graph *graph;
  nd_fact *facts = NULL;
  size_t count;
  nadir_error inner = {0};
  (void)settings;
  if (!*text) return NADIR_OK;
  ND_TRY(nd_graph_new(&graph, error));
  nadir_status status = nd_box_read(graph, text, &facts, &count, &inner);
  nd_free(facts);
  nd_graph_free(graph);
  return name_failure(slot, status, &inner, error);
}

static nadir_status check_bounds(const nadir_settings *settings, const nd_slot *slot,
                                 const char *text, nadir_error *error) {
  nd_bound *list;
  size_t count;
  (void)settings, (void)slot;
  ND_TRY(nd_bounds_read(text, &list, &count, error));
  nd_bounds_free(list, count);
  return NADIR_OK;
}

nadir_status nd_conditions_read(nd_graph *graph, const char *text, nd_fact **facts, size_t *count,
                                nadir_error *error) {
  size_t capacity = 0;
  nadir_status status = NADIR_OK;
  *facts = NULL;
  *count = 0;
  char *copy = nd_copy_text(text, strlen(text), error);
  if (!copy) return NADIR_NO_MEMORY;
  for (char *at = copy, *next; at && status == NADIR_OK; at = next) {
    next = strchr(at, ';');
    if (next) *next++ = '\0';
    if (at[strspn(at, " \t")] == '\0') continue;
    status = nd_grow(facts, &capacity, *count + 1, sizeof **facts, error);
    if (status == NADIR_OK) status = nd_fact_read(graph, at, &(*facts)[*count], error);
    ++*count;
  }
  nd_free(copy);
  if (status == NADIR_OK) return NADIR_OK;
  nd_free(*facts);
  *facts = NULL;
  return status;
}

static nadir_status check_conditions(const nadir_settings *settings, const nd_slot *slot,
                                     const char *text, nadir_error *error) {
  nd_graph *graph;
  nd_fact *facts;
  size_t count;
  nadir_error inner = {0};
  (void)settings;
  ND_TRY(nd_graph_new(&graph, error));
  nadir_status status = nd_conditions_read(graph, text, &facts, &count, &inner);
  nd_free(facts);
  nd_graph_free(graph);
  return name_failure(slot, status, &inner, error);
}

static nadir_status check_ends(const nadir_settings *settings, const nd_slot *slot,
                               const char *text, nadir_error *error) {
  nd_accepted accepted;
  (void)settings, (void)slot;
  return nd_accept_read(text, &accepted, error);
}

/* ---- the list ---- */

#define ND_WORD(name, word) word,
#define ND_VALUE(grammar, c_type, type, function)
#define ND_PROSE(grammar, function)
#define ND_CHOICES(grammar, c_type, words) static const char *const words_of_##grammar[] = {words};
#include "settings/grammars.def"
#undef ND_WORD
#undef ND_CHOICES
#undef ND_VALUE
#undef ND_PROSE

typedef nadir_status reading(const nadir_settings *settings, const nd_slot *slot, const char *text,
                             nadir_error *error);

static const struct {
  nadir_setting_type type;
  size_t size;
  reading *read; /* or check, of prose */
  void (*show)(const nd_slot *slot, nd_text *out);
  const char *joined; /* "|mean|sum" */
  const char *const *words;
  size_t word_count;
} grammars[] = {
#define ND_WORD(name, word) "|" word
#define ND_VALUE(grammar, c_type, type, function)                                                  \
  {type, sizeof(c_type), read_##function, show_##function, NULL, NULL, 0},
#define ND_PROSE(grammar, function)                                                                \
  {NADIR_TEXT, sizeof(char *), check_##function, NULL, NULL, NULL, 0},
#define ND_CHOICES(grammar, c_type, words)                                                         \
  {NADIR_CHOICE,                                                                                   \
   sizeof(c_type),                                                                                 \
   NULL,                                                                                           \
   NULL,                                                                                           \
   words,                                                                                          \
   words_of_##grammar,                                                                             \
   ND_COUNT(words_of_##grammar)},
#include "settings/grammars.def"
#undef ND_WORD
#undef ND_VALUE
#undef ND_PROSE
#undef ND_CHOICES
};

nadir_setting_type nd_grammar_type(nd_grammar grammar) {
  return grammars[grammar].type;
}

size_t nd_grammar_size(nd_grammar grammar) {
  return grammars[grammar].size;
}

bool nd_grammar_is_prose(nd_grammar grammar) {
  return !grammars[grammar].show && !grammars[grammar].words;
}

const char *nd_grammar_words(nd_grammar grammar) {
  return grammars[grammar].joined ? grammars[grammar].joined + 1 : NULL;
}

static nadir_status read_choice(const nd_slot *slot, const char *text, nadir_error *error) {
  const char *const *words = grammars[slot->grammar].words;
  size_t count = grammars[slot->grammar].word_count;
  for (unsigned i = 0; i < count; i++)
    if (is_word(text, words[i])) {
      *(unsigned *)slot->value = i;
      return NADIR_OK;
    }
  nd_text all = {0};
  for (size_t i = 0; i < count; i++)
    nd_text_print(&all, "%s%s", i ? ", " : "", words[i]);
  nadir_status status =
      nd_fail(error, NADIR_BAD_SETTING, "invalid value '%s' for %s: expected one of %s", text,
              slot->about.name, all.failed ? slot->about.range : nd_text_data(&all));
  nd_text_free(&all);
  return status;
}

static nadir_status replace_text(const nd_slot *slot, const char *text, nadir_error *error) {
  char *copy = nd_copy_text(text, strlen(text), error);
  if (!copy) return NADIR_NO_MEMORY;
  nd_free(*(char **)slot->value);
  *(char **)slot->value = copy;
  return NADIR_OK;
}

nadir_status nd_value_read(const nadir_settings *settings, const nd_slot *slot, const char *text,
                           nadir_error *error) {
  if (grammars[slot->grammar].words) return read_choice(slot, text, error);
  ND_TRY(grammars[slot->grammar].read(settings, slot, text, error));
  return nd_grammar_is_prose(slot->grammar) ? replace_text(slot, text, error) : NADIR_OK;
}

void nd_value_show(const nd_slot *slot, nd_text *out) {
  if (nd_grammar_is_prose(slot->grammar))
    nd_text_append(out, *(char **)slot->value);
  else if (grammars[slot->grammar].words)
    nd_text_append(out, grammars[slot->grammar].words[*(unsigned *)slot->value]);
  else
    grammars[slot->grammar].show(slot, out);
}

nadir_status nd_value_copy(const nd_slot *to, const nd_slot *from, nadir_error *error) {
  if (nd_grammar_is_prose(to->grammar)) return replace_text(to, *(char **)from->value, error);
  memcpy(to->value, from->value, nd_grammar_size(to->grammar));
  return NADIR_OK;
}
