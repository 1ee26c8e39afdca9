/* Graph -> statements. Nodes are taken in the order of their numbers, so that arguments come first and nothing recurses
 * but integrals within one another. A node becomes a local where it is used more than once or its text is long; else
 * its text goes into that of who uses it. The arithmetic is the graph's own, operation by operation.
 *
 * An integral is a loop over the abscissae of its rule (expr/integral.c) around what depends on the variable; loop_begin
 * and loop_end of the language have: $a $b the limits, $w the width, $x the variable, $f the integrand, $n a number that
 * makes the names of the loop its own, $v the value; of the rule: $k how many abscissae, $l the last, $h the middle one,
 * $r how many per unit, $t and $e the parts that the sums may differ by and the ends be. */
#include <stdio.h>
#include <string.h>

#include "export/export_internal.h"
#include "expr/integral.h"

enum { INLINE = 56, LINE = 84 };

/* How tightly a text binds. */
typedef enum binding { BIND_LOOSE, BIND_SUM, BIND_SIGN, BIND_PRODUCT, BIND_ATOM } binding;

typedef struct piece {
  const char *text;
  const char *condition; /* of a truth value, where a condition is expected; NULL: it is a number */
  binding binds;
  bool named; /* a leaf or a local */
} piece;

typedef struct writer {
  nd_body *body;
  const nd_language *language;
  const nd_graph *graph;
  nd_arena *arena;
  piece *pieces; /* by node */
  size_t *uses;
  bool *is_root; /* its text has a line of its own */
  size_t indent;
  unsigned next; /* number of a local */
  nadir_error *error;
} writer;

/* ---- lines ---- */

/* Where a line that is too long is broken: after the last blank that is not beyond the widest. */
static size_t break_of(const char *text, size_t widest) {
  size_t length = strlen(text), at = widest;
  if (length <= widest) return length;
  while (at > 0 && text[at] != ' ')
    at--;
  if (at == 0) at = strcspn(text, " ");
  return at;
}

void nd_line_in(const nd_language *language, size_t indent, const char *text, nd_text *out) {
  size_t widest = language->widest ? language->widest - indent : SIZE_MAX;
  if (*text == '\0') nd_text_append(out, "\n");
  for (bool first = true; *text; first = false) {
    size_t length = break_of(text, widest);
    nd_text_print(out, "%*s%s", (int)indent, "", first ? "" : "  ");
    nd_text_append_bytes(out, text, length);
    text += length;
    nd_text_append(out, *text ? " &\n" : "\n");
    text += *text == ' ';
  }
}

static nadir_status keep(writer *w, nd_text *text, const char **kept) {
  nadir_status status = nd_text_status(text, w->error);
  if (status == NADIR_OK)
    *kept = nd_arena_text(w->arena, nd_text_data(text), text->length, w->error);
  nd_text_free(text);
  return status == NADIR_OK && !*kept ? NADIR_NO_MEMORY : status;
}

static void let(writer *w, const char *name, const char *text) {
  nd_text line = {0};
  nd_text_print(&line, "%s%s = %s%s", w->language->before, name, text, w->language->after);
  nd_line_in(w->language, w->indent, nd_text_data(&line), &w->body->lines);
  w->body->lines.failed = w->body->lines.failed || line.failed;
  nd_text_free(&line);
}

static void declare(writer *w, const char *name) {
  if (w->language->declares) nd_text_print(&w->body->locals, "%s\n", name);
}

/* The names that number n may be part of: of a local, and of what a loop has. */
static const char *const stems[] = {"t",    "i",    "at",  "far",  "step", "x",
                                    "term", "even", "odd", "size", "ends"};

static bool is_free(const writer *w, unsigned n) {
  char name[24];
  for (size_t i = 0; i < ND_COUNT(stems); i++) {
    snprintf(name, sizeof name, "%s%u", stems[i], n);
    if (nd_is_taken(w->body->names, name) || nd_language_says(w->language, name)) return false;
  }
  return true;
}

static unsigned next_number(writer *w) {
  do
    w->next++;
  while (!is_free(w, w->next));
  return w->next;
}

/* *piece becomes a local of its value. */
static nadir_status name_piece(writer *w, piece *p) {
  char name[24];
  nd_text kept = {0};
  snprintf(name, sizeof name, "t%u", next_number(w));
  let(w, name, p->text);
  declare(w, name);
  *p = (piece){.binds = BIND_ATOM, .named = true};
  nd_text_append(&kept, name);
  return keep(w, &kept, &p->text);
}

/* ---- pieces of text ---- */

static void append(nd_text *out, const piece *p, binding least) {
  bool bare = p->binds >= least;
  nd_text_print(out, bare ? "%s" : "(%s)", p->text);
}

static void append_condition(const writer *w, nd_text *out, const piece *p) {
  if (p->condition)
    nd_text_append(out, p->condition);
  else
    nd_text_print(out, "%s %s", p->text, w->language->not_zero);
}

/* $a $b $c: an argument; $(a): so that it binds as tightly as can be; $?: the first as a condition. */
static void fill(const writer *w, const char *template, const piece *const *arguments,
                 nd_text *out) {
  while (*template) {
    size_t plain = strcspn(template, "$");
    nd_text_append_bytes(out, template, plain);
    template += plain;
    if (*template == '\0') break;
    bool tight = template[1] == '(';
    char which = template[tight ? 2 : 1];
    template += tight ? 4 : 2;
    if (which == '?')
      append_condition(w, out, arguments[0]);
    else
      append(out, arguments[which - 'a'], tight ? BIND_ATOM : BIND_LOOSE);
  }
}

static const piece *argument(const writer *w, nd_node node, size_t i) {
  return &w->pieces[nd_node_argument(w->graph, node, i)];
}

/* a + b + c or a * b * c, the first operations in locals where the line would be long. */
static nadir_status write_run(writer *w, nd_node node, const char *sign, binding binds,
                              piece *out) {
  *out = *argument(w, node, 0);
  for (size_t i = 1; i < nd_node_arity(w->graph, node); i++) {
    nd_text text = {0};
    if (strlen(out->text) > LINE) ND_TRY(name_piece(w, out));
    append(&text, out, binds);
    nd_text_append(&text, sign);
    append(&text, argument(w, node, i), binds + 1 == BIND_SIGN ? BIND_PRODUCT : binds + 1);
    *out = (piece){.binds = binds};
    ND_TRY(keep(w, &text, &out->text));
  }
  return NADIR_OK;
}

/* An operator of two arguments that is called for more: op(op(a, b), c). */
static nadir_status write_chain(writer *w, nd_node node, const char *template, piece *out) {
  *out = *argument(w, node, 0);
  for (size_t i = 1; i < nd_node_arity(w->graph, node); i++) {
    nd_text text = {0};
    piece before = *out;
    if (strlen(before.text) > LINE) ND_TRY(name_piece(w, &before));
    fill(w, template, (const piece *[]){&before, argument(w, node, i)}, &text);
    *out = (piece){.binds = BIND_ATOM};
    ND_TRY(keep(w, &text, &out->text));
  }
  return NADIR_OK;
}

static nadir_status write_pair(writer *w, nd_node node, binding left, const char *sign,
                               binding right, binding binds, piece *out) {
  nd_text text = {0};
  append(&text, argument(w, node, 0), left);
  nd_text_append(&text, sign);
  append(&text, argument(w, node, 1), right);
  *out = (piece){.binds = binds};
  return keep(w, &text, &out->text);
}

static bool is_number(const writer *w, nd_node node) {
  return nd_node_op(w->graph, node) == ND_NUMBER;
}

static nadir_status write_template(writer *w, nd_node node, const char *template, piece *out) {
  const piece *arguments[3] = {0};
  nd_text text = {0};
  for (size_t i = 0; i < nd_node_arity(w->graph, node) && i < 3; i++)
    arguments[i] = argument(w, node, i);
  fill(w, template, arguments, &text);
  *out = (piece){.binds = BIND_ATOM};
  return keep(w, &text, &out->text);
}

/* The template is the condition; the value is 1 where it holds, else 0. */
static nadir_status write_truth(writer *w, nd_node node, const char *template, piece *out) {
  size_t arity = nd_node_arity(w->graph, node);
  piece conditions[2];
  const piece *arguments[2] = {0};
  nd_op op = nd_node_op(w->graph, node);
  bool joins = op == ND_AND || op == ND_OR || op == ND_NOT;
  nd_text text = {0}, value = {0};
  for (size_t i = 0; i < arity; i++) {
    conditions[i] = *argument(w, node, i);
    if (joins && conditions[i].condition) conditions[i].text = conditions[i].condition;
    if (joins && !conditions[i].condition) {
      nd_text said = {0};
      append_condition(w, &said, argument(w, node, i));
      ND_TRY(keep(w, &said, &conditions[i].text));
    }
    if (joins) conditions[i].binds = BIND_LOOSE;
    arguments[i] = &conditions[i];
  }
  fill(w, template, arguments, &text);
  *out = (piece){.binds = BIND_ATOM};
  ND_TRY(keep(w, &text, &out->condition));
  fill(w, w->language->truth, (const piece *[]){out}, &value);
  return keep(w, &value, &out->text);
}

static nadir_status write_operator(writer *w, nd_node node, piece *out) {
  nd_op op = nd_node_op(w->graph, node);
  const char *template = w->language->operators[op];
  if (op == ND_ADD) return write_run(w, node, " + ", BIND_SUM, out);
  if (op == ND_MUL) return write_run(w, node, " * ", BIND_PRODUCT, out);
  if (op == ND_SUB) return write_pair(w, node, BIND_SUM, " - ", BIND_PRODUCT, BIND_SUM, out);
  if (op == ND_DIV &&
      !(w->language->checks_division && !is_number(w, nd_node_argument(w->graph, node, 1))))
    return write_pair(w, node, BIND_PRODUCT, " / ", BIND_ATOM, BIND_PRODUCT, out);
  if (nd_op_about(op)->sign == ND_SIGN_truth) return write_truth(w, node, template, out);
  if (nd_op_about(op)->most == ND_MANY) return write_chain(w, node, template, out);
  ND_TRY(write_template(w, node, template, out));
  if (op == ND_NEG) out->binds = BIND_SIGN;
  return NADIR_OK;
}

/* x * x needs no function; x has a name where it is more than that (count_uses). */
static bool is_square(const nd_graph *graph, nd_node node) {
  return nd_node_op(graph, node) == ND_POW &&
         nd_node_op(graph, nd_node_argument(graph, node, 1)) == ND_NUMBER &&
         nd_node_number(graph, nd_node_argument(graph, node, 1)) == 2;
}

static nadir_status write_square(writer *w, nd_node node, piece *out) {
  nd_text text = {0};
  for (int i = 0; i < 2; i++) {
    if (i > 0) nd_text_append(&text, " * ");
    append(&text, argument(w, node, 0), BIND_ATOM);
  }
  *out = (piece){.binds = BIND_PRODUCT};
  return keep(w, &text, &out->text);
}

static nadir_status write_leaf(writer *w, nd_node node, piece *out) {
  nd_text text = {0};
  if (nd_node_op(w->graph, node) == ND_NAME) {
    *out = (piece){.text = w->body->word[node], .binds = BIND_ATOM, .named = true};
    return NADIR_OK;
  }
  double value = nd_node_number(w->graph, node);
  nd_number_in(w->language, value, &text);
  *out = (piece){.binds = value < 0 ? BIND_SIGN : BIND_ATOM, .named = true};
  return keep(w, &text, &out->text);
}

/* ---- integrals ---- */

/* What a loop indents by: Fortran's functions are within a module, so that theirs is twice that. */
static size_t unit_of(const nd_language *language) {
  return language->declares ? language->indent / 2 : language->indent;
}

typedef struct loop {
  const char *slot[26]; /* by letter */
} loop;

static void fill_loop(writer *w, const char *template, const loop *l) {
  nd_text line = {0};
  for (; *template; template ++) {
    if (*template == '$')
      nd_text_append(&line, l->slot[*++template - 'a']);
    else if (*template != '\n')
      nd_text_append_bytes(&line, template, 1);
    if (*template != '\n') continue;
    size_t blanks = strspn(nd_text_data(&line), " ");
    nd_line_in(w->language, w->indent + blanks / 2 * unit_of(w->language),
               nd_text_data(&line) + blanks, &w->body->lines);
    w->body->lines.failed = w->body->lines.failed || line.failed;
    nd_text_clear(&line);
  }
  nd_text_free(&line);
}

/* What the rule has, in numbers. */
typedef struct rule_texts {
  char count[8], last[8], middle[8], rate[16], tolerance[16], ends[16];
} rule_texts;

static void set_rule(const writer *w, rule_texts *r, loop *l) {
  snprintf(r->count, sizeof r->count, "%d", ND_ABSCISSAE);
  snprintf(r->last, sizeof r->last, "%d", ND_ABSCISSAE - 1);
  snprintf(r->middle, sizeof r->middle, "%d", (ND_ABSCISSAE - 1) / 2);
  snprintf(r->rate, sizeof r->rate, "%d.0%s", ND_ABSCISSAE_PER_UNIT, w->language->real);
  snprintf(r->tolerance, sizeof r->tolerance, "%.0e%s", nd_rule_tolerance(false),
           w->language->real);
  snprintf(r->ends, sizeof r->ends, "%.0e%s", nd_end_tolerance(false), w->language->real);
  l->slot['k' - 'a'] = r->count, l->slot['l' - 'a'] = r->last, l->slot['h' - 'a'] = r->middle;
  l->slot['r' - 'a'] = r->rate, l->slot['t' - 'a'] = r->tolerance, l->slot['e' - 'a'] = r->ends;
}

static nadir_status name_limit(writer *w, nd_node integral, size_t i, const char **text) {
  piece limit = *argument(w, integral, i);
  if (!limit.named) ND_TRY(name_piece(w, &limit));
  *text = limit.text;
  return NADIR_OK;
}

static nadir_status write_node(writer *w, nd_node node);

static nadir_status write_integrand(writer *w, nd_node integral, const char *variable) {
  nd_node *list, bound = nd_node_argument(w->graph, integral, 1);
  size_t count;
  nadir_status status = nd_integrand(w->graph, integral, &list, &count, w->error);
  if (status != NADIR_OK) return status;
  w->pieces[bound] = (piece){.text = variable, .binds = BIND_ATOM, .named = true};
  for (size_t k = 0; k < count && status == NADIR_OK; k++)
    if (list[k] != bound) status = write_node(w, list[k]);
  nd_free(list);
  return status;
}

static nadir_status write_integral(writer *w, nd_node node, piece *out) {
  char n[16], width[64], variable[24], value[24];
  loop l = {0};
  rule_texts rule;
  set_rule(w, &rule, &l);
  snprintf(n, sizeof n, "%u", next_number(w));
  snprintf(variable, sizeof variable, "x%s", n);
  snprintf(value, sizeof value, "t%s", n);
  ND_TRY(name_limit(w, node, 2, &l.slot['a' - 'a']));
  ND_TRY(name_limit(w, node, 3, &l.slot['b' - 'a']));
  snprintf(width, sizeof width, "(%s - %s)", l.slot['b' - 'a'], l.slot['a' - 'a']);
  l.slot['w' - 'a'] = width, l.slot['x' - 'a'] = variable, l.slot['n' - 'a'] = n;
  l.slot['v' - 'a'] = value;
  for (size_t i = 0; i < ND_COUNT(stems); i++) {
    char name[24];
    snprintf(name, sizeof name, "%s%s", stems[i], n);
    if (w->language->declares) nd_text_print(&w->body->locals, "%s%s\n", i == 1 ? "*" : "", name);
  }
  fill_loop(w, w->language->loop_begin, &l);
  w->indent += unit_of(w->language);
  nd_text kept = {0};
  nd_text_append(&kept, variable);
  ND_TRY(keep(w, &kept, &out->text));
  ND_TRY(write_integrand(w, node, out->text));
  w->indent -= unit_of(w->language);
  l.slot['f' - 'a'] = argument(w, node, 0)->text;
  fill_loop(w, w->language->loop_end, &l);
  *out = (piece){.binds = BIND_ATOM, .named = true};
  nd_text_append(&kept, value);
  return keep(w, &kept, &out->text);
}

/* ---- all nodes ---- */

static nadir_status write_node(writer *w, nd_node node) {
  nd_op op = nd_node_op(w->graph, node);
  piece *out = &w->pieces[node];
  if (op == ND_NAME || op == ND_NUMBER) return write_leaf(w, node, out);
  if (op == ND_INTEGRAL) return write_integral(w, node, out);
  ND_TRY(is_square(w->graph, node) ? write_square(w, node, out) : write_operator(w, node, out));
  bool names = w->uses[node] > 1 || (strlen(out->text) > INLINE && !w->is_root[node]);
  return names && nd_node_arity(w->graph, node) > 0 ? name_piece(w, out) : NADIR_OK;
}

static void count_uses(writer *w, const nd_node *roots, size_t count) {
  size_t size = nd_graph_size(w->graph);
  for (size_t i = 0; i < count; i++)
    w->uses[roots[i]]++, w->is_root[roots[i]] = true;
  for (size_t n = size; n-- > 0;)
    for (size_t i = 0; w->uses[n] > 0 && i < nd_node_arity(w->graph, (nd_node)n); i++)
      w->uses[nd_node_argument(w->graph, (nd_node)n, i)] +=
          i == 0 && is_square(w->graph, (nd_node)n) ? 2 : 1;
  for (size_t n = 0; n < size; n++)
    w->body->used[n] = w->uses[n] > 0;
}

/* Parameters as locals: a = p[0]. */
static void name_parameters(writer *w) {
  const nd_subject *s = w->body->subject;
  for (size_t i = 0; i < s->model->size; i++) {
    char element[32];
    if (!w->body->used[s->parameter[i]]) continue;
    snprintf(element, sizeof element, w->language->index, i + w->language->from);
    nd_text text = {0};
    nd_text_print(&text, "%s%s", w->language->declares ? "q" : "p", element);
    let(w, w->body->word[s->parameter[i]], nd_text_data(&text));
    declare(w, w->body->word[s->parameter[i]]);
    w->body->lines.failed = w->body->lines.failed || text.failed;
    nd_text_free(&text);
  }
}

static void write_results(writer *w, const nd_node *roots, size_t count) {
  for (size_t i = 0; i < count; i++) {
    nd_text line = {0};
    char element[32];
    snprintf(element, sizeof element, w->language->index, i + w->language->from);
    if (w->body->result)
      nd_text_print(&line, "%s%s = ", w->body->result, element);
    else
      nd_text_append(&line, w->body->return_text);
    nd_text_print(&line, "%s%s", w->pieces[roots[i]].text, w->language->after);
    nd_line_in(w->language, w->indent, nd_text_data(&line), &w->body->lines);
    w->body->lines.failed = w->body->lines.failed || line.failed;
    nd_text_free(&line);
  }
}

static nadir_status write_all(writer *w, const nd_node *roots, size_t count) {
  count_uses(w, roots, count);
  name_parameters(w);
  for (size_t n = 0; n < nd_graph_size(w->graph); n++)
    if (w->uses[n] > 0 && nd_node_bound(w->graph, (nd_node)n) == 0)
      ND_TRY(write_node(w, (nd_node)n));
  write_results(w, roots, count);
  ND_TRY(nd_text_status(&w->body->locals, w->error));
  return nd_text_status(&w->body->lines, w->error);
}

nadir_status nd_body_write(nd_body *body, const nd_node *roots, size_t count, nadir_error *error) {
  size_t size = nd_graph_size(body->subject->graph);
  writer w = {.body = body,
              .language = body->language,
              .graph = body->subject->graph,
              .indent = body->language->indent,
              .error = error};
  w.pieces = nd_new(size, sizeof *w.pieces, error);
  w.uses = nd_new(size, sizeof *w.uses, error);
  w.is_root = nd_new(size, sizeof *w.is_root, error);
  body->used = nd_new(size, sizeof *body->used, error);
  nadir_status status = NADIR_NO_MEMORY;
  if (w.pieces && w.uses && w.is_root && body->used) status = nd_arena_new(&w.arena, error);
  if (status == NADIR_OK) status = write_all(&w, roots, count);
  nd_arena_free(w.arena);
  nd_free(w.pieces);
  nd_free(w.uses);
  nd_free(w.is_root);
  return status;
}

void nd_body_clear(nd_body *body) {
  nd_text_free(&body->lines);
  nd_text_free(&body->locals);
  nd_free(body->used);
}
