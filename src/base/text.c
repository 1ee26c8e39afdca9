/* A growing string whose first failure sticks, names without regard to case, and the nearest name
 * for a misspelt one. Printing goes through vsnprintf, so numbers with a fraction must come as text
 * from nd_format: %g would follow the locale. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"

static bool make_room(nd_text *text, size_t more) {
  size_t wanted;
  if (!nd_add(text->length, more, &wanted) || !nd_add(wanted, 1, &wanted) ||
      nd_grow(&text->data, &text->capacity, wanted, 1, NULL) != NADIR_OK)
    text->failed = true;
  return !text->failed;
}

void nd_text_append_bytes(nd_text *text, const char *more, size_t length) {
  if (text->failed || length == 0 || !make_room(text, length)) return;
  memcpy(text->data + text->length, more, length);
  text->length += length;
  text->data[text->length] = '\0';
}

void nd_text_append(nd_text *text, const char *more) {
  nd_text_append_bytes(text, more, strlen(more));
}

void nd_text_print(nd_text *text, const char *format, ...) {
  if (text->failed) return;
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length < 0) text->failed = true;
  if (length > 0 && make_room(text, (size_t)length)) {
    vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
    text->length += (size_t)length;
  }
  va_end(again);
}

void nd_text_clear(nd_text *text) {
  text->length = 0;
  text->failed = false;
  if (text->data) text->data[0] = '\0';
}

void nd_text_free(nd_text *text) {
  nd_free(text->data);
  *text = (nd_text){0};
}

const char *nd_text_data(const nd_text *text) {
  return text->data ? text->data : "";
}

nadir_status nd_text_status(const nd_text *text, nadir_error *error) {
  if (!text->failed) return NADIR_OK;
  return nd_fail(error, NADIR_NO_MEMORY,
                 "memory: a text of more than %zu bytes does not fit: "
                 "use a smaller problem or a larger machine",
                 text->length);
}

nadir_status nd_give_text(nd_text *out, nadir_status status, char **text, nadir_error *error) {
  *text = NULL;
  if (status == NADIR_OK) status = nd_text_status(out, error);
  if (status == NADIR_OK && !out->data) {
    *text = nd_copy_text("", 0, error);
    return *text ? NADIR_OK : NADIR_NO_MEMORY;
  }
  if (status == NADIR_OK) {
    *text = out->data;
    *out = (nd_text){0};
  }
  nd_text_free(out);
  return status;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool nd_same_name(const char *a, const char *b) {
  while (*a && lower(*a) == lower(*b))
    a++, b++;
  return lower(*a) == lower(*b);
}

/* Distances are counted in halves of an edit: a letter in the other case costs 1, a name in it no
 * more. */
enum { CASE = 1, EDIT = 2, LONGEST = 127 };

static unsigned replacing(char a, char b) {
  if (a == b) return 0;
  return lower(a) == lower(b) ? CASE : EDIT;
}

static unsigned least(unsigned a, unsigned b) {
  return a < b ? a : b;
}

/* Edit distance with neighbours changing places (Damerau 1964; optimal string alignment), in O(n m)
 * steps and three rows of memory. */
static unsigned distance(const char *a, size_t n, const char *b, size_t m) {
  unsigned rows[3][LONGEST + 1];
  for (size_t j = 0; j <= m; j++)
    rows[0][j] = (unsigned)j * EDIT;
  for (size_t i = 1; i <= n; i++) {
    unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *two_before = rows[(i + 1) % 3];
    now[0] = (unsigned)i * EDIT;
    for (size_t j = 1; j <= m; j++) {
      unsigned best = least(before[j], now[j - 1]) + EDIT;
      best = least(best, before[j - 1] + replacing(a[i - 1], b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        best = least(best, two_before[j - 2] + EDIT);
      now[j] = best;
    }
  }
  return rows[n % 3][m];
}

/* One edit in three letters and one change of case; of one or two letters only the case may differ.
 */
static unsigned tolerance(size_t length) {
  return length < 3 ? CASE : EDIT * (unsigned)(length / 3) + CASE;
}

ptrdiff_t nd_nearest(const char *name, const char *const *names, size_t count) {
  size_t length = strlen(name);
  if (length > LONGEST) return -1;
  unsigned best = tolerance(length) + 1;
  ptrdiff_t nearest = -1;
  for (size_t i = 0; i < count; i++) {
    size_t other = strlen(names[i]);
    if (other > LONGEST) continue;
    bool same = nd_same_name(name, names[i]);
    unsigned now = same ? CASE : distance(name, length, names[i], other);
    if (now >= best) continue;
    best = now;
    nearest = (ptrdiff_t)i;
  }
  return nearest;
}
