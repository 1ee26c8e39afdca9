/* Questions to theory: from a formula and the settings assume, box and data. */
#include <ctype.h>
#include <string.h>

#include "api/question_internal.h"

/* May be called twice: by nd_ask where it fails, and by its caller. */
void nd_asked_free(nd_asked *asked) {
  nd_graph_heed(asked->question.graph, NULL);
  nd_free(asked->parameters);
  nd_free(asked->facts);
  asked->parameters = NULL;
  asked->facts = NULL;
}

/* The next name of a list with commas: its length, 0 at the end; *at is where it begins. */
static size_t next_name(const char **at) {
  while (**at == ',' || isspace((unsigned char)**at))
    ++*at;
  size_t length = strcspn(*at, ",");
  while (length && isspace((unsigned char)(*at)[length - 1]))
    length--;
  return length;
}

static bool is_name(const char *word, size_t length, const char *name) {
  return strlen(name) == length && strncmp(word, name, length) == 0;
}

/* The names of --data are constants. */
static bool is_listed(const char *list, const char *name) {
  size_t length;
  for (const char *at = list; (length = next_name(&at)); at += length)
    if (is_name(at, length, name)) return true;
  return false;
}

/* A constant that the formula does not have is a typing error, which would leave a parameter. */
static nadir_status check_listed(const nadir_expr *expr, const char *list, nadir_error *error) {
  size_t length;
  for (const char *at = list; (length = next_name(&at)); at += length) {
    size_t i = 0;
    while (i < expr->size && !is_name(at, length, nadir_expr_parameter(expr, i)))
      i++;
    if (i == expr->size)
      return nd_fail(error, NADIR_BAD_SETTING,
                     "data: the formula has no '%.*s': name what is in it",
                     (int)(length < 200 ? length : 200), at);
  }
  return NADIR_OK;
}

static nadir_status split_names(nd_asked *asked, const nadir_expr *expr,
                                const nadir_settings *settings, nadir_error *error) {
  asked->parameters = nd_new(expr->size, sizeof *asked->parameters, error);
  if (!asked->parameters) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < expr->size; i++)
    if (!is_listed(settings->data, nadir_expr_parameter(expr, i)))
      asked->parameters[asked->question.parameter_count++] = expr->names[i];
  asked->question.parameters = asked->parameters;
  return NADIR_OK;
}

static nadir_status add_fact(nd_asked *asked, nd_fact fact, nadir_error *error) {
  ND_TRY(
      nd_grow(&asked->facts, &asked->capacity, asked->question.fact_count + 1, sizeof fact, error));
  asked->facts[asked->question.fact_count++] = fact;
  asked->question.facts = asked->facts;
  return NADIR_OK;
}

/* A fact about a name that the formula does not have is a typing error. */
static nadir_status check_name(const nadir_expr *expr, const char *setting, nd_node name,
                               nadir_error *error) {
  for (size_t i = 0; i < expr->size; i++)
    if (expr->names[i] == name) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING, "%s: the formula has no '%s': name what is in it",
                 setting, nd_node_text(expr->graph, name));
}

static nadir_status add_facts(nd_asked *asked, const nadir_expr *expr, const char *setting,
                              const nd_fact *facts, size_t count, nadir_error *error) {
  for (size_t i = 0; i < count; i++) {
    ND_TRY(check_name(expr, setting, facts[i].name, error));
    ND_TRY(add_fact(asked, facts[i], error));
  }
  return NADIR_OK;
}

static nadir_status read_assumptions(nd_asked *asked, const nadir_expr *expr, const char *text,
                                     nadir_error *error) {
  nd_fact *facts;
  size_t count;
  ND_TRY(nd_conditions_read(expr->graph, text, &facts, &count, error));
  nadir_status status = add_facts(asked, expr, "assume", facts, count, error);
  nd_free(facts);
  return status;
}

static nadir_status read_box(nd_asked *asked, const nadir_expr *expr, const char *text,
                             nadir_error *error) {
  nd_fact *facts;
  size_t count;
  if (!*text) return NADIR_OK;
  ND_TRY(nd_box_read(expr->graph, text, &facts, &count, error));
  nadir_status status = add_facts(asked, expr, "box", facts, count, error);
  nd_free(facts);
  return status;
}

nadir_status nd_ask(nd_asked *asked, const nadir_expr *expr, const nadir_settings *settings,
                    const nadir_listener *listener, nadir_error *error) {
  double seconds = nd_number_or(settings->seconds, 5);
  *asked = (nd_asked){
      .question = {.graph = expr->graph,
                   .root = expr->typed,
                   .seconds = seconds,
                   .until = &asked->until},
      .teller = nd_teller_for(listener),
      .until = {.deadline = HUGE_VAL, .asked = nd_asks_to_end, .context = &asked->teller}};
  nd_graph_heed(expr->graph, &asked->until);
  nadir_status status = nd_listener_check(listener, error);
  if (status == NADIR_OK) status = check_listed(expr, settings->data, error);
  if (status == NADIR_OK) status = split_names(asked, expr, settings, error);
  if (status == NADIR_OK) status = read_assumptions(asked, expr, settings->assume, error);
  if (status == NADIR_OK) status = read_box(asked, expr, settings->box, error);
  if (status != NADIR_OK) nd_asked_free(asked);
  return status;
}

nadir_status nd_name_question(const nadir_expr *expr, const nd_question *question, char **formula,
                              char ***names, nadir_error *error) {
  size_t size = question->parameter_count;
  *formula = nd_copy_text(expr->text, strlen(expr->text), error);
  *names = nd_new(size, sizeof **names, error);
  if (!*formula || !*names) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < size; i++) {
    const char *name = nd_node_text(expr->graph, question->parameters[i]);
    (*names)[i] = nd_copy_text(name, strlen(name), error);
    if (!(*names)[i]) return NADIR_NO_MEMORY;
  }
  return NADIR_OK;
}
