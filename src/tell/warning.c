/* Warnings in words: the sentences of warning.def with the facts of nadir_warning in them. A sentence that
 * names very many things is cut, since a person reads it. */
#include <math.h>
#include <string.h>

#include "base/cell.h"
#include "tell/tell.h"

enum { LONGEST = 1020, LONGEST_CLASS = 60 }; /* bytes of a sentence, and of a class in it */

static const struct {
  const char *name, *sentence;
} words[] = {
#define ND_WARNING_WORDS(id, name, sentence) [NADIR_WARN_##id] = {name, sentence},
#include "tell/warning.def"
};
_Static_assert(ND_COUNT(words) == NADIR_LAST_WARNING + 1, "words for each warning");

const char *nadir_warning_name(nadir_warning_kind kind) {
  return words[kind].name;
}

/* ---- what is in braces ---- */

static void say_column(const nadir_warning *w, nd_text *out) {
  nd_text_append(out, w->column);
}

static void say_text(const nadir_warning *w, nd_text *out) {
  nd_text_append(out, w->text);
}

static void say_path(const nadir_warning *w, nd_text *out) {
  nd_text_append(out, w->path);
}

/* "'v' in km/s", cut where it is long, after a whole character of UTF-8. */
static void say_measured(const char *expression, const char *unit, nd_text *out) {
  size_t length = strlen(expression), end = length < LONGEST_CLASS ? length : LONGEST_CLASS;
  while (end > 0 && ((unsigned char)expression[end] & 0xc0) == 0x80)
    end--;
  nd_text_print(out, "'%.*s%s' ", (int)end, expression, end < length ? "..." : "");
  nd_text_print(out, *unit ? "in %s" : "without a unit", unit);
}

static void say_expression(const nadir_warning *w, nd_text *out) {
  say_measured(w->expression, w->unit, out);
}

static void say_other(const nadir_warning *w, nd_text *out) {
  say_measured(w->other, w->other_unit, out);
}

static void say_function(const nadir_warning *w, nd_text *out) {
  bool exponent = strcmp(w->function, "^") == 0;
  nd_text_print(out, exponent ? "exponent" : "%s() of", w->function);
}

static void say_nearest(const nadir_warning *w, nd_text *out) {
  if (w->nearest) nd_text_print(out, ": did you mean \"%s\"?", w->nearest);
}

static void say_method(const nadir_warning *w, nd_text *out) {
  nd_text_append(out, w->method);
}

static void say_cell(const nadir_warning *w, nd_text *out) {
  nd_say_cell(w->cell, out);
}

static void say_cure(const nadir_warning *w, nd_text *out) {
  nd_text_append(out, nd_cell_cure(w->cell));
}

static void say_cause(const nadir_warning *w, nd_text *out) {
  nd_tell_cause(w->result, w->cause, out);
}

static void say_whole(uint64_t count, nd_text *out) {
  nd_text_print(out, "%llu", (unsigned long long)count);
}

static void say_count(const nadir_warning *w, nd_text *out) {
  say_whole(w->count, out);
}

static void say_of(const nadir_warning *w, nd_text *out) {
  say_whole(w->of, out);
}

static void say_looked_at(const nadir_warning *w, nd_text *out) {
  if (w->of) nd_text_print(out, " in the first %llu rows", (unsigned long long)w->of);
}

/* "a, b, c and 4 more". */
static void say_list(const nadir_warning *w, nd_text *out) {
  for (size_t i = 0; i < w->names; i++)
    nd_text_print(out, "%s%s", i ? ", " : "", w->name[i]);
  if (w->count > w->names)
    nd_text_print(out, " and %llu more", (unsigned long long)(w->count - w->names));
}

/* "x is column 1 ($1), x_2 is column 3 ($3)". */
static void say_positions(const nadir_warning *w, nd_text *out) {
  for (size_t i = 0; i < w->names; i++) {
    unsigned long long at = w->of_name[i];
    nd_text_print(out, "%s%s is column %llu ($%llu)", i ? ", " : "", w->name[i], at, at);
  }
  if (w->count > w->names) nd_text_append(out, ", ...");
}

/* "GALAXY (2), COMET (1), others (3)". */
static void say_rows(const nadir_warning *w, nd_text *out) {
  uint64_t others = w->count;
  for (size_t i = 0; i < w->names; i++) {
    nd_text_print(out, "%s%.*s (%llu)", i ? ", " : "", (int)LONGEST_CLASS, w->name[i],
                  (unsigned long long)w->of_name[i]);
    others -= w->of_name[i];
  }
  if (others) nd_text_print(out, ", others (%llu)", (unsigned long long)others);
}

static void say_determined(const nadir_warning *w, nd_text *out) {
  const nd_flat flat = {w->names, w->directions, w->direction, .name = w->name};
  if (w->names == 1)
    nd_text_append(out, "it does not affect the loss");
  else if (w->direction)
    nd_tell_determined(&flat, out);
  else
    nd_text_append(out, "only combinations of them are");
}

static const struct {
  const char *name;
  void (*say)(const nadir_warning *warning, nd_text *out);
} facts[] = {{"column", say_column},   {"text", say_text},
             {"nearest", say_nearest}, {"method", say_method}, {"path", say_path},
             {"cell", say_cell},       {"cure", say_cure},
             {"cause", say_cause},     {"count", say_count},
             {"of", say_of},           {"looked at", say_looked_at},
             {"expression", say_expression}, {"other", say_other},
             {"function", say_function},
             {"list", say_list},       {"positions", say_positions},
             {"rows", say_rows},       {"determined", say_determined}};

/* "number:4", in 4 digits; false where it is not a number. */
static bool say_number(const nadir_warning *w, const char *name, size_t length, nd_text *out) {
  char number[ND_NUMBER_TEXT];
  const char *colon = memchr(name, ':', length);
  size_t end = colon ? (size_t)(colon - name) : length;
  bool first = nd_is_fact("number", name, end);
  if (!first && !nd_is_fact("second", name, end)) return false;
  double value = first ? w->number : w->second;
  nd_text_append(out, colon ? nd_format_digits(value, colon[1] - '0', number)
                            : nd_format(value, number));
  return true;
}

/* "is|are". */
static bool say_one_of_two(const nadir_warning *w, const char *name, size_t length, nd_text *out) {
  const char *bar = memchr(name, '|', length);
  if (!bar) return false;
  size_t one = (size_t)(bar - name);
  if (w->count == 1)
    nd_text_append_bytes(out, name, one);
  else
    nd_text_append_bytes(out, bar + 1, length - one - 1);
  return true;
}

static void say_fact(const void *warning, const char *name, size_t length, nd_text *out) {
  if (say_one_of_two(warning, name, length, out) || say_number(warning, name, length, out)) return;
  for (size_t i = 0; i < ND_COUNT(facts); i++)
    if (nd_is_fact(facts[i].name, name, length)) {
      facts[i].say(warning, out);
      return;
    }
  nd_text_print(out, "{%.*s}", (int)length, name); /* which a test looks for */
}

/* ---- all of it ---- */

/* After a whole character of UTF-8. */
static void cut(nd_text *out, size_t begin) {
  size_t end = begin + LONGEST;
  if (out->failed || out->length <= end) return;
  while (end > begin && ((unsigned char)out->data[end] & 0xc0) == 0x80)
    end--;
  out->data[end] = '\0';
  out->length = end;
  nd_text_append(out, "...");
}

void nd_tell_warning(const nadir_warning *warning, nd_text *out) {
  size_t begin = out->length;
  nd_tell_sentence(words[warning->kind].sentence, say_fact, warning, out);
  cut(out, begin);
}

nadir_status nadir_warning_text(const nadir_warning *warning, char **text, nadir_error *error) {
  ND_TO_NEAREST;
  nd_text out = {0};
  nd_tell_warning(warning, &out);
  return nd_give_text(&out, NADIR_OK, text, error);
}
