/* What is determined where a loss is flat along some directions: the sums that no move along them changes, each with
 * few numbers since the directions are reduced (judge/kind_directions.c). */
#include <math.h>

#include "tell/tell.h"

enum { DIGITS = 4 }; /* of a number in a sum */

static const char *name_of(const nd_flat *flat, size_t i) {
  return flat->name ? flat->name[i] : flat->parameter[i].name;
}

static double part_of(const nd_flat *flat, size_t direction, size_t i) {
  return flat->direction[direction * flat->size + i];
}

/* Where a direction has its 1 that no other shares: its last part. */
static size_t pivot_of(const nd_flat *flat, size_t direction) {
  size_t at = 0;
  for (size_t i = 0; i < flat->size; i++)
    if (part_of(flat, direction, i) != 0) at = i;
  return at;
}

static bool is_pivot(const nd_flat *flat, size_t i) {
  for (size_t d = 0; d < flat->directions; d++)
    if (pivot_of(flat, d) == i) return true;
  return false;
}

static bool moves(const nd_flat *flat, size_t i) {
  bool some = false;
  for (size_t d = 0; d < flat->directions; d++)
    some = some || part_of(flat, d, i) != 0;
  return some;
}

static void say_term(double part, const char *name, nd_text *out) {
  char number[ND_NUMBER_TEXT];
  nd_text_append(out, part < 0 ? " - " : " + ");
  if (fabs(part) != 1) nd_text_print(out, "%s ", nd_format_digits(fabs(part), DIGITS, number));
  nd_text_append(out, name);
}

/* a + 2 b where a rises by 2 as b falls by 1. Of the last direction the pivot comes first. */
static void say_sum(const nd_flat *flat, size_t i, nd_text *out) {
  nd_text_append(out, name_of(flat, i));
  for (size_t d = flat->directions; d-- > 0;) {
    double part = nd_round_digits(-part_of(flat, d, i), DIGITS);
    if (part != 0) say_term(part, name_of(flat, pivot_of(flat, d)), out);
  }
}

void nd_tell_determined(const nd_flat *flat, nd_text *out) {
  size_t sums = 0, said = 0;
  for (size_t i = 0; i < flat->size; i++) {
    if (!moves(flat, i) || is_pivot(flat, i)) continue;
    nd_text_append(out, sums++ ? ", " : "only ");
    say_sum(flat, i, out);
  }
  if (sums) nd_text_append(out, sums == 1 ? " is determined" : " are determined");
  for (size_t i = 0; sums == 0 && i < flat->size; i++)
    if (is_pivot(flat, i))
      nd_text_print(out, "%s%s", said++ ? ", " : "nothing determines ", name_of(flat, i));
}
