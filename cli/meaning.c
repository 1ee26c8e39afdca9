/* What the slope of a line means, in a sentence: "velocity grows by 454.16 km/s for each Mpc of
 * distance." Only for linear(...) of one feature under a loss in the target's own units. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* The TARGET of "TARGET ~ MODEL": a '~' in quotes is part of a name. */
static char *target_of(const char *formula) {
  char quote = 0;
  size_t length = 0;
  for (; formula[length] && (quote || formula[length] != '~'); length++) {
    char c = formula[length];
    if (quote ? c == quote : c == '`' || c == '"' || c == '\'') quote = quote ? 0 : c;
  }
  while (length > 0 && formula[length - 1] == ' ')
    length--;
  size_t skip = strspn(formula, " ");
  return copy_text(formula + (skip < length ? skip : 0), skip < length ? length - skip : length);
}

/* The '/' between the target's unit and the feature's: the last one outside brackets. */
static const char *divide(const char *unit) {
  const char *at = NULL;
  int depth = 0;
  for (const char *c = unit; *c; c++) {
    depth += (*c == '(') - (*c == ')');
    if (*c == '/' && depth == 0) at = c;
  }
  return at;
}

static bool is_line(const nadir_result *result) {
  static const char *const losses[] = {"squared", "absolute", "huber"};
  bool suits = false;
  for (size_t i = 0; i < COUNT(losses); i++)
    suits |= strcmp(result->loss_name, losses[i]) == 0;
  const char *first = result->size ? result->parameter[0].name : "";
  bool shape = result->size == 1 || (result->size == 2 && strcmp(first, "b") == 0);
  return suits && shape && strstr(result->formula, "linear(");
}

void say_meaning(const nadir_result *result) {
  if (!is_line(result)) return;
  const nadir_parameter *slope = &result->parameter[result->size - 1];
  size_t length = strlen(slope->name);
  if (strncmp(slope->name, "w[", 2) != 0 || !isfinite(slope->value) || length < 4) return;
  char digits[NUMBER_TEXT];
  char *target = target_of(result->formula), *feature = copy_text(slope->name + 2, length - 3);
  const char *over = divide(slope->unit);
  char *unit = copy_text(slope->unit, over ? (size_t)(over - slope->unit) : 0);
  say_name(target);
  say(" %s by %s%s", slope->value < 0 ? "falls" : "grows", number(fabs(slope->value), 5, digits),
      over ? " " : "");
  say_name(unit);
  say_text(" for each ");
  say_name(over ? over + 1 : "unit");
  say_text(" of ");
  say_name(feature);
  say_text(".\n");
  free(unit);
  free(feature);
  free(target);
}
