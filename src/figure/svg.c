/* gnuplot's SVG made fit for a page: without its declaration, the groups that it opens and closes with nothing in them,
 * the titles that a browser would show as tips ("gnuplot_plot_1a"), attributes and blanks that say nothing, and colours in
 * many letters; neighbours of one style are one group. What is drawn stays as it is; a picture of many panels
 * has a third of the bytes. Cost: one pass over the text. */
#include <stdio.h>
#include <string.h>

#include "figure/figure.h"

enum { DEEPEST = 8 };

typedef struct squeezed {
  nd_text out;
  size_t open[DEEPEST], depth; /* where the groups begin that are open now */
  size_t closed;               /* where the one began with whose end the text ends, if `ends` is the text's length */
  size_t ends;
} squeezed;

static bool starts(const char *text, const char *with) {
  return strncmp(text, with, strlen(with)) == 0;
}

static void cut(nd_text *out, size_t length) {
  out->length = length;
  if (out->data) out->data[length] = '\0';
}

/* Where the text's last tag begins, if that opens `element` and was not closed; else its end. */
static size_t opened_last(const nd_text *text, const char *element) {
  const char *last = text->length ? strrchr(text->data, '<') : NULL;
  size_t name = strlen(element);
  if (!last || !starts(last + 1, element) || text->data[text->length - 1] != '>') return text->length;
  bool whole = last[1 + name] == '>' || last[1 + name] == ' ';
  return whole && text->data[text->length - 2] != '/' ? (size_t)(last - text->data) : text->length;
}

/* A colour as gnuplot writes it, in fewer letters; where it ends, NULL where there is none. */
static const char *put_colour(nd_text *out, const char *at) {
  int red, green, blue, length = 0;
  if (sscanf(at, "rgb(%3d,%3d,%3d)%n", &red, &green, &blue, &length) != 3 || length == 0) return NULL;
  nd_text_print(out, "#%02x%02x%02x", red & 255, green & 255, blue & 255);
  return at + length;
}

/* A tag in one line. The two attributes are SVG's own when nothing is said. */
static void put_words(nd_text *out, const char *tag, size_t length) {
  static const char *const IDLE[] = {" stroke-linecap=\"butt\"", " stroke-linejoin=\"miter\""};
  for (const char *at = tag, *end = tag + length, *after; at < end;) {
    size_t blanks = strspn(at, " \t\n");
    if (*at == 'r' && (after = put_colour(out, at))) {
      at = after;
    } else if (starts(at, IDLE[0]) || starts(at, IDLE[1])) {
      at += strlen(IDLE[starts(at, IDLE[1])]);
    } else if (blanks) {
      nd_text_append(out, " ");
      at += blanks;
    } else {
      nd_text_append_bytes(out, at++, 1);
    }
  }
}

/* The group before goes on where the new one has its style. */
static void open_group(squeezed *s, const char *tag, size_t length) {
  size_t before = s->out.length, follows = s->ends == before ? s->closed : before;
  put_words(&s->out, tag, length);
  const char *added = nd_text_data(&s->out) + before, *other = nd_text_data(&s->out) + follows;
  size_t words = s->out.length - before;
  bool same = follows < before && strncmp(other, added, words) == 0;
  if (same) cut(&s->out, before - strlen("</g>"));
  if (s->depth < DEEPEST) s->open[s->depth] = same ? follows : before;
  s->depth++;
}

static void close_group(squeezed *s) {
  size_t empty = opened_last(&s->out, "g");
  if (s->depth > 0) s->depth--;
  if (empty < s->out.length) {
    cut(&s->out, empty);
    return;
  }
  nd_text_append(&s->out, "</g>");
  s->ends = s->depth < DEEPEST ? s->out.length : 0;
  if (s->depth < DEEPEST) s->closed = s->open[s->depth];
}

static const char *put_tag(squeezed *s, const char *tag) {
  size_t length = strcspn(tag, ">") + 1;
  const char *title_end = starts(tag, "<title>") ? strstr(tag, "</title>") : NULL;
  size_t text = starts(tag, "</text>") ? opened_last(&s->out, "text") : s->out.length;
  if (title_end) return title_end + strlen("</title>");
  if (starts(tag, "<g "))
    open_group(s, tag, length);
  else if (starts(tag, "</g>"))
    close_group(s);
  else if (text < s->out.length)
    cut(&s->out, text);
  else
    put_words(&s->out, tag, length);
  return tag + length;
}

nadir_status nd_embed_svg(nd_text *page, const char *svg, nadir_error *error) {
  const char *at = strstr(svg, "<svg");
  squeezed s = {0};
  if (!at) return nd_fail(error, NADIR_SYSTEM, "report: gnuplot drew no SVG");
  while (*at && !s.out.failed) {
    size_t blanks = strspn(at, " \t\n"), plain = strcspn(at, "<");
    if (!at[blanks]) break;
    if (at[blanks] == '<' && strchr(at, '>')) {
      at = put_tag(&s, at + blanks);
    } else {
      nd_text_append_bytes(&s.out, at, plain + (plain == 0));
      at += plain + (plain == 0);
    }
  }
  nd_text_append(page, nd_text_data(&s.out));
  nd_text_append(page, "\n");
  page->failed = page->failed || s.out.failed;
  nd_text_free(&s.out);
  return NADIR_OK;
}
