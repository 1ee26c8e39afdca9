/* Angles and dates as people write them: what a formula quotes, and the cells of columns of text. */
#ifndef ND_ANGLE_H
#define ND_ANGLE_H

#include "base/base.h"

/* A function of a text, hms, dms or jd. */
typedef struct nd_text_function {
  const char *name, *usage, *example; /* usage: a call of it; example: a text that it reads */
  const char *signs; /* what may come after the three parts of an angle; NULL: it reads dates */
  const char *per;   /* seconds in the unit of its value */
  const char *unit;  /* of that value, as FITS has it */
} nd_text_function;

/* Seconds: whole ones, with a sign of their own, and the digits after the point. */
typedef struct nd_seconds {
  bool negative;
  uint64_t whole;
  char fraction[40];
} nd_seconds;

const nd_text_function *nd_text_function_at(size_t i); /* NULL past the end */
/* That of name[0 .. length-1], or NULL. */
const nd_text_function *nd_text_function_named(const char *name, size_t length);
/* That of "hms(COLUMN)", with the column's name in *inner[0 .. *length-1]; NULL for other names. */
const nd_text_function *nd_text_function_of(const char *name, const char **inner, size_t *length);
bool nd_text_function_read(const nd_text_function *function, const char *text, nd_seconds *seconds);
/* In the function's unit, to the last digit but one. */
double nd_text_function_value(const nd_text_function *function, const nd_seconds *seconds);

#endif
