/* Just enough UTF-8 to cut text at whole characters and to put a caret under the right one. */
#ifndef ND_UTF8_INTERNAL_H
#define ND_UTF8_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed character at the front of text[0..length), 0 if there is none. The code
 * point goes to *code. */
size_t nd_utf8_read(const char *text, size_t length, uint32_t *code);
/* Whether it could drive a terminal or change how others are read: controls, marks of direction, ends of line. */
bool nd_utf8_is_hidden(uint32_t code);
/* Columns that it takes on a terminal: 0, 1 or 2. */
size_t nd_utf8_width(uint32_t code);

#endif
