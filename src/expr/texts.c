/* Functions of a text, hms, dms and jd (base/angle.c): of a quoted one they are exact numbers; of a column of text they
 * are a name, hms(COLUMN), which the model binds to the column as it is read so. */
#include <stdio.h>
#include <string.h>

#include "base/angle.h"
#include "expr/parse_internal.h"

static nadir_status make_value(nd_parser *p, const nd_text_function *f, const nd_seconds *s, size_t begin,
                               nd_value *result) {
  char text[80];
  nd_node parts[2], node;
  snprintf(text, sizeof text, "%llu.%s", (unsigned long long)s->whole, s->fraction);
  ND_TRY(nd_make_decimal(p->graph, s->negative, text, strlen(text), &parts[0], p->error));
  ND_TRY(nd_make_decimal(p->graph, false, f->per, strlen(f->per), &parts[1], p->error));
  ND_TRY(nd_parser_make(p, ND_DIV, parts, 2, begin, &node));
  return nd_parser_push_scalar(p, begin, node, result);
}

static const nd_text_function *find(const nd_parser *p, const nd_token *name) {
  return nd_text_function_named(p->text + name->begin, name->end - name->begin);
}

const char *nd_parser_text_usage(const nd_parser *p, const nd_token *name) {
  const nd_text_function *f = find(p, name);
  return f == NULL ? NULL : f->usage;
}

static nadir_status make_column(nd_parser *p, const nd_text_function *f, const nd_token *token, nd_value *result) {
  char *name;
  size_t length;
  nd_text text = {0};
  nd_node node;
  ND_TRY(nd_parser_name_text(p, token, &name, &length));
  nd_text_print(&text, "%s(%.*s)", f->name, (int)length, name);
  nadir_status status = nd_text_status(&text, p->error);
  if (status == NADIR_OK)
    status = nd_make_text(p->graph, ND_NAME, nd_text_data(&text), text.length, &node, p->error);
  nd_text_free(&text);
  ND_TRY(status);
  ND_TRY(nd_parser_set_place(p, node, token->begin));
  return nd_parser_push_scalar(p, token->begin, node, result);
}

static nadir_status make_quoted(nd_parser *p, const nd_text_function *f, const nd_token *token, size_t begin,
                                nd_value *result) {
  nd_seconds s;
  char *text;
  size_t length;
  ND_TRY(nd_parser_name_text(p, token, &text, &length));
  if (!nd_text_function_read(f, text, &s) || strlen(text) != length)
    return FAIL_AT(p, token->begin, "%s cannot read this text: write it as in %s", f->name, f->usage);
  return make_value(p, f, &s, begin, result);
}

nadir_status nd_parse_text_call(nd_parser *p, const nd_token *name, nd_value *result) {
  const nd_text_function *f = find(p, name);
  ND_TRY(nd_parser_advance(p));
  nd_token token = p->now;
  bool quoted = token.kind == ND_STRING;
  if (!quoted && token.kind != ND_NAME_TOKEN && token.kind != ND_QUOTED_NAME)
    return FAIL_AT(p, token.begin, "%s takes a quoted text or a column of texts: write %s", f->name, f->usage);
  ND_TRY(nd_parser_advance(p));
  ND_TRY(nd_parser_expect(p, ND_CLOSE, ")"));
  return quoted ? make_quoted(p, f, &token, name->begin, result) : make_column(p, f, &token, result);
}
