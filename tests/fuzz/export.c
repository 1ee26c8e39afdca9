/* Fuzzes what models are exported to. An input is the formula, a line, of a fit to twelve rows;
 * settings, a line each, as NAME=VALUE, up to an empty one; the name of the function. The columns
 * are x, y, z and kind, or as the setting names has them. Faults: a crash; an error without a
 * sentence; a byte that is not of ASCII outside of comments; brackets that do not match; a name of
 * C that is declared twice in a function; a prediction in C that is another function of its names
 * than the graph it was written from. For this both are evaluated in the integers modulo a prime,
 * where sums, products and quotients are exact and any other operation is a number made of its
 * arguments' (J. T. Schwartz 1980): operators, brackets and locals are read back, what the helpers
 * compute is left to tests/export. */
#include <ctype.h>

#include "export/export_internal.h"
#include "small_fit.h"

/* ---- all languages ---- */

/* Comments become blanks; they end with their line, or as in C. */
static void drop_comments(char *text, const char *begin) {
  bool of_line = strcmp(begin, "/*") != 0;
  for (char *at = text; (at = strstr(at, begin));) {
    char *end = of_line ? strchr(at, '\n') : strstr(at + 2, "*/");
    require(end != NULL, "a comment ends");
    if (!of_line) end += 2;
    for (; at < end; at++)
      if (*at != '\n') *at = ' ';
  }
}

static void check_brackets(const char *text) {
  enum { DEEPEST = 4096 };
  static char open[DEEPEST];
  size_t depth = 0;
  for (const char *c = text; *c; c++) {
    const char *kind = strchr("([{)]}", *c);
    require((*c >= ' ' && *c < 127) || *c == '\n', "a program is of ASCII");
    if (!kind) continue;
    if (kind < strchr("([{)]}", ')')) {
      require(depth < DEEPEST, "brackets are not deeper than formulas");
      open[depth++] = *c;
    } else {
      require(depth > 0 && open[--depth] == "([{"[strchr(")]}", *c) - ")]}"], "brackets match");
    }
  }
  require(depth == 0, "each bracket ends");
}

/* ---- residues ---- */

static const uint64_t PRIME = UINT64_C(0x1fffffffffffffff); /* 2^61 - 1 */

static uint64_t product(uint64_t a, uint64_t b) {
  unsigned __int128 all = (unsigned __int128)a * b;
  uint64_t sum = (uint64_t)(all & PRIME) + (uint64_t)(all >> 61);
  return sum >= PRIME ? sum - PRIME : sum;
}

static uint64_t negative(uint64_t a) {
  return a ? PRIME - a : 0;
}

static uint64_t sum(uint64_t a, uint64_t b) {
  return (a + b) % PRIME;
}

static uint64_t inverse(uint64_t a) { /* a^(p-2); of 0: 0 */
  uint64_t power = 1;
  for (uint64_t left = PRIME - 2; left > 0; left >>= 1, a = product(a, a))
    if (left & 1) power = product(power, a);
  return power;
}

static uint64_t residue_of(const char *text, size_t length) {
  nd_random random = fuzz_random((const uint8_t *)text, length);
  return nd_random_below(&random, PRIME);
}

static uint64_t residue_of_number(double value) {
  double size = fabs(value);
  uint64_t residue = value == 0 ? 0 : residue_of((const char *)&size, sizeof size);
  return value < 0 ? negative(residue) : residue;
}

static uint64_t residue_of_call(const char *name, size_t length, const uint64_t *arguments,
                                size_t count) {
  uint64_t key[8] = {residue_of(name, length), count};
  for (size_t i = 0; i < count && i < 4; i++)
    key[2 + i] = arguments[i];
  return residue_of((const char *)key, sizeof key);
}

/* ---- C, as far as body.c writes it ---- */

typedef struct named {
  char *name;
  uint64_t value;
} named;

typedef struct names {
  named *items;
  size_t count, room;
} names;

static bool is_named(const named *item, const char *name, size_t length) {
  return strlen(item->name) == length && memcmp(item->name, name, length) == 0;
}

typedef struct source {
  const char *at;
  const names *names;
  const uint64_t *slots; /* of $a $b $c in a template */
} source;

static void define(names *n, const char *name, size_t length, uint64_t value) {
  for (size_t i = 0; i < n->count; i++)
    require(!is_named(&n->items[i], name, length), "a name is declared once");
  require(nd_grow(&n->items, &n->room, n->count + 1, sizeof *n->items, NULL) == NADIR_OK,
          "there is memory for names");
  n->items[n->count++] = (named){nd_copy_text(name, length, NULL), value};
}

static void forget(names *n) {
  for (size_t i = 0; i < n->count; i++)
    nd_free(n->items[i].name);
  nd_free(n->items);
}

static bool eat(source *s, const char *token) {
  s->at += strspn(s->at, " \n");
  if (strncmp(s->at, token, strlen(token)) != 0) return false;
  s->at += strlen(token);
  return true;
}

static uint64_t read_value(source *s);

static uint64_t read_name(source *s) {
  const char *name = s->at;
  size_t length = 0;
  while (isalnum((unsigned char)name[length]) || name[length] == '_')
    length++;
  s->at += length;
  if (*s->at == '(') {
    uint64_t arguments[4];
    size_t count = 0;
    do {
      s->at++;
      require(count < ND_COUNT(arguments), "functions have few arguments");
      arguments[count++] = read_value(s);
    } while (*s->at == ',');
    require(eat(s, ")"), "a call ends");
    if (length == 3 && memcmp(name, "pow", 3) == 0 && arguments[1] == residue_of_number(2))
      return product(arguments[0], arguments[0]);
    return residue_of_call(name, length, arguments, count);
  }
  for (size_t i = 0; s->names && i < s->names->count; i++)
    if (is_named(&s->names->items[i], name, length)) return s->names->items[i].value;
  fprintf(stderr, "%.*s\n", (int)length, name);
  require(false, "a name is declared before it is used");
  return 0;
}

static uint64_t read_slot(source *s) {
  bool tight = s->at[1] == '(';
  char which = s->at[tight ? 2 : 1];
  s->at += tight ? 4 : 2;
  return s->slots[which == '?' ? 0 : which - 'a'];
}

static uint64_t read_atom(source *s) {
  uint64_t value;
  s->at += strspn(s->at, " \n");
  if (eat(s, "-")) return negative(read_atom(s));
  if (eat(s, "!")) {
    value = read_atom(s);
    return residue_of_call("!", 1, &value, 1);
  }
  if (*s->at == '$') return read_slot(s);
  if (isdigit((unsigned char)*s->at)) {
    char *end;
    double number = strtod(s->at, &end);
    s->at = end;
    return residue_of_number(number);
  }
  if (!eat(s, "(")) return read_name(s);
  value = read_value(s);
  require(eat(s, ")"), "a bracket ends");
  return value;
}

static uint64_t read_product(source *s) {
  uint64_t value = read_atom(s);
  for (;;)
    if (eat(s, "* "))
      value = product(value, read_atom(s));
    else if (eat(s, "/ "))
      value = product(value, inverse(read_atom(s)));
    else
      return value;
}

static uint64_t read_sum(source *s) {
  uint64_t value = read_product(s);
  for (;;)
    if (eat(s, "+ "))
      value = sum(value, read_product(s));
    else if (eat(s, "- "))
      value = sum(value, negative(read_product(s)));
    else
      return value;
}

/* A comparison, what joins comparisons, and a choice: body.c brackets each, so that they need no
 * order. 1 and 0 of a truth are the truth itself, and so is that it is not 0. */
static uint64_t read_value(source *s) {
  static const char *const signs[] = {"<= ", "< ", "== ", "&& ", "|| "};
  uint64_t sides[3] = {read_sum(s)};
  for (size_t i = 0; i < ND_COUNT(signs); i++) {
    if (!eat(s, signs[i])) continue;
    sides[1] = read_sum(s);
    sides[0] = residue_of_call(signs[i], strlen(signs[i]) - 1, sides, 2);
    break;
  }
  require(!eat(s, "!= ") || read_atom(s) == 0, "a condition is that something is not 0");
  if (!eat(s, "? ")) return sides[0];
  sides[1] = read_value(s);
  require(eat(s, ": "), "a choice has two sides");
  sides[2] = read_value(s);
  if (sides[1] == residue_of_number(1) && sides[2] == 0) return sides[0];
  return residue_of_call("?", 1, sides, 3);
}

static uint64_t read_parameter(source *s, const uint64_t *parameters) {
  char *end;
  unsigned long i = strtoul(s->at, &end, 10);
  s->at = end;
  require(eat(s, "]"), "an index ends");
  return parameters[i];
}

/* The statements of a function up to its end: what it returns, or false where it has a loop. */
static bool read_function(source *s, names *n, const uint64_t *parameters, uint64_t *value) {
  for (;;) {
    if (eat(s, "if (!p)") || eat(s, "(void)")) {
      s->at = strchr(s->at, ';') + 1;
    } else if (eat(s, "const double ")) {
      const char *name = s->at;
      size_t length = strcspn(name, " ");
      s->at += length;
      require(eat(s, "= "), "a local has a value");
      define(n, name, length, eat(s, "p[") ? read_parameter(s, parameters) : read_value(s));
      require(eat(s, ";"), "a statement ends");
    } else {
      if (!eat(s, "return ")) return false;
      *value = read_value(s);
      require(eat(s, ";") && eat(s, "}"), "a function ends with its value");
      return true;
    }
  }
}

/* ---- the graph ---- */

static uint64_t fill_template(const char *template, const uint64_t *arguments) {
  source s = {.at = template, .slots = arguments};
  return read_value(&s);
}

static uint64_t residue_of_operator(nd_op op, const uint64_t *arguments, size_t count) {
  const char *template = nd_language_at(ND_IN_C)->operators[op];
  uint64_t value = arguments[0];
  if (op == ND_SUB) return sum(value, negative(arguments[1]));
  if (op == ND_DIV) return product(value, inverse(arguments[1]));
  if (nd_op_about(op)->most != ND_MANY) return fill_template(template, arguments);
  for (size_t i = 1; i < count; i++) {
    uint64_t pair[] = {value, arguments[i]};
    value = op == ND_ADD   ? sum(pair[0], pair[1])
            : op == ND_MUL ? product(pair[0], pair[1])
                           : fill_template(template, pair);
  }
  return value;
}

/* Of the nodes that the prediction needs; false where it has what body.c writes as a loop. */
static bool graph_residues(const nd_subject *s, uint64_t *residue) {
  for (nd_node node = 0; node <= s->answer[0]; node++) {
    nd_op op = nd_node_op(s->graph, node);
    uint64_t arguments[1024] = {0};
    size_t count = nd_node_arity(s->graph, node);
    if (op == ND_NAME) continue;
    if (op == ND_INTEGRAL || op == ND_TEXT_LITERAL || count > ND_COUNT(arguments)) return false;
    for (size_t i = 0; i < count; i++)
      arguments[i] = residue[nd_node_argument(s->graph, node, i)];
    if (op == ND_NUMBER)
      residue[node] = residue_of_number(nd_node_number(s->graph, node));
    else if (nd_language_at(ND_IN_C)->operators[op])
      residue[node] = residue_of_operator(op, arguments, count);
  }
  return true;
}

static void read_back(const nd_subject *s, const char *program, const char *function) {
  char begin[80];
  names n = {0};
  uint64_t found, *residue = nd_new(nd_graph_size(s->graph), sizeof *residue, NULL);
  uint64_t *parameters = nd_new(s->model->size + 1, sizeof *parameters, NULL);
  require(residue && parameters, "there is memory for residues");
  for (size_t i = 0; i < s->model->size; i++)
    residue[s->parameter[i]] = parameters[i] = residue_of((const char *)&i, sizeof i);
  snprintf(begin, sizeof begin, "\ndouble %s(", function);
  source in = {.at = strstr(program, begin), .names = &n};
  require(in.at != NULL, "there is the function");
  in.at += strlen(begin);
  for (size_t i = 0; i < s->columns; i++) {
    require(eat(&in, "double "), "each column is an argument");
    size_t length = strcspn(in.at, ",");
    residue[s->column[i]] = residue_of(in.at, length);
    define(&n, in.at, length, residue[s->column[i]]);
    in.at += length + 1;
  }
  require(eat(&in, "const double *p) {"), "the parameters are an argument");
  if (graph_residues(s, residue) && read_function(&in, &n, parameters, &found))
    require(found == residue[s->answer[0]], "a program is the function that it was written from");
  forget(&n);
  nd_free(residue);
  nd_free(parameters);
}

/* ---- an input ---- */

static void export_to(const nadir_model *model, const char *language, const char *function) {
  static const char *const comments[][2] = {
      {"c", "/*"}, {"fortran", "!"}, {"javascript", "/*"}, {"python", "#"}};
  nd_text out = {0};
  nadir_error error = {0};
  if (nd_export(model, language, function, &out, &error) == NADIR_OK) {
    char *text = nd_copy_text(nd_text_data(&out), out.length, NULL);
    for (size_t i = 0; i < ND_COUNT(comments); i++) {
      if (strcmp(comments[i][0], language) != 0) continue;
      drop_comments(text, comments[i][1]);
      check_brackets(text);
    }
    nd_subject *subject;
    if (strcmp(language, "c") == 0 && nd_subject_new(&subject, model, &error) == NADIR_OK) {
      if (subject->answers == 1) read_back(subject, text, function);
      nd_subject_free(subject);
    }
    nd_free(text);
  } else {
    require_sentence(&error);
  }
  nd_text_free(&out);
}

static nadir_result *fit(const char *formula, const nadir_settings *settings) {
  static const char rows[] =
      "x,y,z,kind\n1,2.1,0.5,star\n2,3.9,1.5,qso\n3,6.2,0.1,star\n4,7.8,2.5,galaxy\n5,10.1,1,star\n"
      "6,12.2,3,qso\n7,13.8,0.2,galaxy\n8,16.1,1.1,galaxy\n9,18,0.7,qso\n10,20.2,2.2,star\n";
  static const char *const paths[] = {"rows.csv"};
  bool named = nadir_settings_is_set(settings, "names"); /* they take the place of the header */
  const char *from = named ? strchr(rows, '\n') + 1 : rows;
  nadir_table *table;
  nadir_result *result = NULL;
  nadir_error error = {0};
  fuzz_write(paths[0], from, strlen(from));
  nadir_status status = nadir_table_open(&table, paths, 1, settings, &error);
  if (status == NADIR_OK) {
    status = nadir_fit(table, formula, settings, NULL, &result, &error);
    nadir_table_free(table);
  }
  if (status != NADIR_OK) require_sentence(&error);
  return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const languages[] = {"c", "fortran", "javascript", "python", "latex"};
  fuzz_feed feed = {data, size};
  nadir_settings *settings = fuzz_settings();
  fuzz_enter();
  char *formula = fuzz_text(&feed, '\n');
  fuzz_set(settings, "updates", "1");
  fuzz_set_lines(settings, &feed, "fit");
  fuzz_set(settings, "seconds", FUZZ_SECONDS);
  fuzz_set(settings, "threads", "1");
  fuzz_set(settings, "data-covariance", ""); /* it would name a file */
  char *function = fuzz_text(&feed, '\n');
  nadir_result *result = fit(formula, settings);
  for (size_t i = 0; result && i < ND_COUNT(languages); i++)
    export_to(result->model, languages[i], *function ? function : "prediction");
  nadir_result_free(result);
  nadir_settings_free(settings);
  nd_free(function);
  nd_free(formula);
  return 0;
}
