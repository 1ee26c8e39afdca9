/* Losses: the list of loss.def, --loss read, and the loss of one row as a node.
 *
 * The formula of the list is parsed and its y, f and parameter replaced by nodes, so gradient,
 * Hessian and convexity follow from the one formula. A new loss is a new row of loss.def. */
#include <ctype.h>
#include <string.h>

#include "settings/loss.h"

static const nd_loss list[] = {
#define ND_NO_PARAMETER "", 0, 0, false
#define ND_PARAMETER(letter, low, high, scales) letter, low, high, scales
#define ND_LOSS(...) ND_ROW(__VA_ARGS__)
#define ND_ROW(name, letter, low, high, scales, formula, power, target, link, curve, corner,       \
               takes, least, errors, help)                                                         \
  {{name, letter, formula, help},                                                                  \
   low,                                                                                            \
   high,                                                                                           \
   scales,                                                                                         \
   power,                                                                                          \
   least,                                                                                          \
   ND_TARGET_##target,                                                                             \
   ND_LINK_##link,                                                                                 \
   ND_CURVE_##curve,                                                                               \
   ND_CORNER_##corner,                                                                             \
   ND_TAKES_##takes,                                                                               \
   ND_HAS_##errors,                                                                                \
   true,                                                                                           \
   (double)NAN},
#include "settings/loss.def"
#undef ND_ROW
#undef ND_LOSS
#undef ND_PARAMETER
#undef ND_NO_PARAMETER
};

const nadir_loss_info *nd_loss_at(size_t i) {
  return i < ND_COUNT(list) ? &list[i].info : NULL;
}

bool nd_loss_is_bounded(size_t i) {
  return list[i].curve != ND_CURVE_UNBOUNDED || list[i].corner != ND_CORNER_NONE;
}

void nd_loss_name_those_of_classes(nd_text *out) {
  size_t left = 0, said = 0;
  for (size_t i = 0; i < ND_COUNT(list); i++)
    left += list[i].target != ND_TARGET_REAL;
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    if (list[i].target == ND_TARGET_REAL) continue;
    nd_text_print(out, "%s%s", said++ == 0 ? "" : left == 1 ? " or " : ", ", list[i].info.name);
    left--;
  }
}

static const nd_loss *find(const char *name, size_t length) {
  for (size_t i = 0; i < ND_COUNT(list); i++)
    if (strlen(list[i].info.name) == length && memcmp(list[i].info.name, name, length) == 0)
      return &list[i];
  return NULL;
}

/* The first of the list for such a target. */
static const nd_loss *automatic(nd_target_kind kind) {
  size_t i = 0;
  while (list[i].target != kind)
    i++;
  return &list[i];
}

/* ---- reading --loss ---- */

/* The letters and dashes at the front, and what follows in brackets: "huber(1.5)". */
typedef struct spelling {
  const char *name, *argument; /* argument NULL without brackets */
  size_t name_length, argument_length;
  bool plain; /* nothing else in the text: a name of the list, rightly or wrongly written */
} spelling;

static spelling take_apart(const char *text) {
  const char *end = text + strlen(text);
  while (isspace((unsigned char)*text))
    text++;
  while (end > text && isspace((unsigned char)end[-1]))
    end--;
  spelling found = {.name = text};
  const char *at = text;
  while (at < end && (isalnum((unsigned char)*at) || *at == '-' || *at == '_'))
    at++;
  found.name_length = (size_t)(at - text);
  while (at < end && isspace((unsigned char)*at))
    at++;
  if (at < end && *at == '(' && end[-1] == ')') {
    found.argument = at + 1;
    found.argument_length = (size_t)(end - 1 - found.argument);
    at = end;
  }
  found.plain = at == end && found.name_length > 0 && isalpha((unsigned char)*text);
  return found;
}

static bool one_number(const spelling *given, double *value) {
  const char *end = given->argument + given->argument_length, *at = given->argument;
  while (at < end && isspace((unsigned char)*at))
    at++;
  at = nd_read_number(at, end, value);
  while (at != NULL && at < end && isspace((unsigned char)*at))
    at++;
  return at == end;
}

static nadir_status fail_unknown(const char *text, nadir_error *error) {
  const char *names[ND_COUNT(list)];
  for (size_t i = 0; i < ND_COUNT(list); i++)
    names[i] = list[i].info.name;
  ptrdiff_t near = nd_nearest(text, names, ND_COUNT(list));
  if (near >= 0)
    return nd_fail(error, NADIR_BAD_SETTING, "invalid value '%s' for loss: " ND_DID_YOU_MEAN, text,
                   names[near]);
  nd_text all = {0};
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    const char *letter = list[i].info.parameter;
    nd_text_print(&all, letter[0] ? "%s(%s), " : "%s, ", names[i], letter);
  }
  nadir_status status = nd_text_status(&all, error);
  if (status == NADIR_OK)
    status = nd_fail(error, NADIR_BAD_SETTING,
                     "invalid value '%s' for loss: expected %sor an expression of y and f", text,
                     nd_text_data(&all));
  nd_text_free(&all);
  return status;
}

/* "huber needs its d, a number above 0 in the target's units: write huber(1.5)" */
static nadir_status fail_parameter(const nd_loss *row, nadir_error *error) {
  char low[ND_NUMBER_TEXT], high[ND_NUMBER_TEXT], example[ND_NUMBER_TEXT];
  bool bounded = isfinite(row->high);
  nd_format(row->low, low);
  nd_format(row->high, high);
  nd_format(bounded ? row->low + 0.9 * (row->high - row->low) : row->low + 1.5, example);
  return nd_fail(error, NADIR_BAD_SETTING,
                 bounded ? "loss: %s needs its %s, a number between %s and %s%s: write %s(%s)"
                         : "loss: %s needs its %s, a number above %s%.0s%s: write %s(%s)",
                 row->info.name, row->info.parameter, low, high,
                 row->scales ? " in the target's units" : "", row->info.name, example);
}

static nadir_status read_parameter(const nd_loss *row, const spelling *given, double *parameter,
                                   nadir_error *error) {
  const char *name = row->info.name;
  if (row->info.parameter[0] == '\0') {
    if (given->argument == NULL) return NADIR_OK;
    return nd_fail(error, NADIR_BAD_SETTING, "loss: %s takes no number: write %s alone", name,
                   name);
  }
  bool good = given->argument != NULL && one_number(given, parameter) && isfinite(*parameter) &&
              *parameter > row->low && *parameter < row->high;
  return good ? NADIR_OK : fail_parameter(row, error);
}

/* "huber(y - f, 2)" begins like a loss of the list and is an expression: it names y or f. So do "y"
 * and "f" themselves. */
static bool is_expression(const spelling *given) {
  double number;
  bool variable = given->name_length == 1 && (*given->name == 'y' || *given->name == 'f');
  if (!given->plain || (variable && given->argument == NULL)) return true;
  return given->argument != NULL && !one_number(given, &number) &&
         find(given->name, given->name_length) == NULL;
}

nadir_status nd_loss_read(const char *text, nd_target_kind kind, nd_loss *loss,
                          nadir_error *error) {
  spelling given = take_apart(nd_is_auto(text) ? automatic(kind)->info.name : text);
  *loss = (nd_loss){.info = {"expression", "", text, ""},
                    .least = -HUGE_VAL,
                    .errors = ND_HAS_SANDWICH,
                    .parameter = (double)NAN,
                    .target = ND_TARGET_REAL};
  bool in_two_arguments =
      given.argument != NULL && memchr(given.argument, ',', given.argument_length) != NULL;
  if (is_expression(&given) || in_two_arguments) return NADIR_OK;
  const nd_loss *row = find(given.name, given.name_length);
  if (row == NULL) return fail_unknown(text, error);
  *loss = *row;
  return read_parameter(row, &given, &loss->parameter, error);
}

double nd_loss_answer(const nd_loss *loss, double f) {
  if (loss->link == ND_LINK_LOG) return exp(f);
  if (loss->link != ND_LINK_LOGIT) return f;
  return f >= 0 ? 1 / (1 + exp(-f)) : exp(f) / (1 + exp(f));
}
