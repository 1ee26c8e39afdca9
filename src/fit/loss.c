/* Losses: the list of loss.def, --loss read, and the loss of one row as a node.
 *
 * The formula of the list is parsed and its y, f and parameter replaced by nodes, so gradient,
 * Hessian and convexity follow from the one formula. A new loss is a new row of loss.def. */
#include <ctype.h>
#include <string.h>

#include "fit/model_internal.h"

typedef struct loss_row {
  nadir_loss_info info;
  double power;
  nd_target_kind target;
} loss_row;

static const loss_row list[] = {
#define ND_LOSS(name, parameter, formula, power, target, help)                                     \
  {{name, parameter, formula, help}, power, ND_TARGET_##target},
#include "fit/loss.def"
#undef ND_LOSS
};

const nadir_loss_info *nd_loss_at(size_t i) {
  return i < ND_COUNT(list) ? &list[i].info : NULL;
}

static const loss_row *find(const char *name, size_t length) {
  for (size_t i = 0; i < ND_COUNT(list); i++)
    if (strlen(list[i].info.name) == length && memcmp(list[i].info.name, name, length) == 0)
      return &list[i];
  return NULL;
}

/* ---- reading --loss ---- */

/* The letters and dashes at the front, and what follows in brackets: "huber(1.5)". */
typedef struct spelling {
  const char *name, *argument; /* argument NULL without brackets */
  size_t name_length, argument_length;
  bool plain; /* nothing else in the text: a name of the list, rightly or wrongly written */
} spelling;

static spelling take_apart(const char *text) {
  const char *end = text + strlen(text);
  while (isspace((unsigned char)*text))
    text++;
  while (end > text && isspace((unsigned char)end[-1]))
    end--;
  spelling found = {.name = text};
  const char *at = text;
  while (at < end && (isalnum((unsigned char)*at) || *at == '-' || *at == '_'))
    at++;
  found.name_length = (size_t)(at - text);
  while (at < end && isspace((unsigned char)*at))
    at++;
  if (at < end && *at == '(' && end[-1] == ')') {
    found.argument = at + 1;
    found.argument_length = (size_t)(end - 1 - found.argument);
    at = end;
  }
  found.plain = at == end && found.name_length > 0 && isalpha((unsigned char)*text);
  return found;
}

static bool one_number(const spelling *given, double *value) {
  const char *end = given->argument + given->argument_length, *at = given->argument;
  while (at < end && isspace((unsigned char)*at))
    at++;
  at = nd_read_number(at, end, value);
  while (at != NULL && at < end && isspace((unsigned char)*at))
    at++;
  return at == end;
}

static nadir_status fail_unknown(const char *text, nadir_error *error) {
  const char *names[ND_COUNT(list)];
  for (size_t i = 0; i < ND_COUNT(list); i++)
    names[i] = list[i].info.name;
  ptrdiff_t near = nd_nearest(text, names, ND_COUNT(list));
  if (near >= 0)
    return nd_fail(error, NADIR_BAD_SETTING, "--loss: there is no loss '%s': " ND_DID_YOU_MEAN,
                   text, names[near]);
  return nd_fail(error, NADIR_BAD_SETTING,
                 "--loss: there is no loss '%s': give squared, absolute, huber(d), quantile(q), "
                 "logistic, hinge, squared-hinge, poisson, softmax, or an expression of y and f",
                 text);
}

static nadir_status read_parameter(const loss_row *row, const spelling *given, double *parameter,
                                   nadir_error *error) {
  const char *name = row->info.name, *letter = row->info.parameter;
  *parameter = (double)NAN;
  if (letter[0] == '\0') {
    if (given->argument == NULL) return NADIR_OK;
    return nd_fail(error, NADIR_BAD_SETTING, "--loss: %s takes no number: write %s alone", name,
                   name);
  }
  bool quantile = letter[0] == 'q';
  if (given->argument == NULL || !one_number(given, parameter) || !isfinite(*parameter) ||
      *parameter <= 0 || (quantile && *parameter >= 1))
    return nd_fail(error, NADIR_BAD_SETTING, "--loss: %s needs its %s, a number %s: write %s(%s)",
                   name, letter, quantile ? "between 0 and 1" : "above 0 in the target's units",
                   name, quantile ? "0.9" : "1.5");
  return NADIR_OK;
}

static const char *automatic(nd_target_kind kind) {
  switch (kind) {
  case ND_TARGET_TRUTH:
    return "logistic";
  case ND_TARGET_CLASS:
    return "softmax";
  case ND_TARGET_REAL:
    break;
  }
  return "squared";
}

/* "huber(y - f, 2)" begins like a loss of the list and is an expression: it names y or f. So do "y"
 * and "f" themselves. */
static bool is_expression(const spelling *given) {
  double number;
  bool variable = given->name_length == 1 && (*given->name == 'y' || *given->name == 'f');
  if (!given->plain || (variable && given->argument == NULL)) return true;
  return given->argument != NULL && !one_number(given, &number) &&
         find(given->name, given->name_length) == NULL;
}

nadir_status nd_loss_read(const char *text, nd_target_kind kind, nd_loss *loss,
                          nadir_error *error) {
  spelling given = take_apart(nd_is_auto(text) ? automatic(kind) : text);
  *loss = (nd_loss){.name = "expression", .parameter = (double)NAN, .target = ND_TARGET_REAL};
  bool in_two_arguments =
      given.argument != NULL && memchr(given.argument, ',', given.argument_length) != NULL;
  if (is_expression(&given) || in_two_arguments) {
    loss->formula = text;
    return NADIR_OK;
  }
  const loss_row *row = find(given.name, given.name_length);
  if (row == NULL) return fail_unknown(text, error);
  ND_TRY(read_parameter(row, &given, &loss->parameter, error));
  loss->name = row->info.name;
  loss->formula = row->info.formula;
  loss->power = row->power;
  loss->target = row->target;
  return NADIR_OK;
}

bool nd_loss_parameter_scales(const nd_loss *loss) {
  const loss_row *row = find(loss->name, strlen(loss->name));
  return row != NULL && row->info.parameter[0] == 'd';
}

double nd_loss_answer(const nd_loss *loss, double f) {
  if (strcmp(loss->name, "poisson") == 0) return exp(f);
  if (strcmp(loss->name, "logistic") != 0) return f;
  return f >= 0 ? 1 / (1 + exp(-f)) : exp(f) / (1 + exp(f));
}

bool nd_loss_is_signed(const nd_loss *loss) {
  return strcmp(loss->name, "hinge") == 0 || strcmp(loss->name, "squared-hinge") == 0;
}

bool nd_loss_is_likelihood(const nd_loss *loss) {
  static const char *const likelihoods[] = {"logistic", "poisson", "softmax"};
  for (size_t i = 0; i < ND_COUNT(likelihoods); i++)
    if (strcmp(loss->name, likelihoods[i]) == 0) return true;
  return false;
}

/* ---- the node ---- */

/* logsumexp(etas) - the eta of the row's class. The choice depends on the row alone, so it is made
 * once, when a block is loaded. */
static nadir_status build_softmax(nd_graph *graph, nd_node y, const nd_node *etas, size_t count,
                                  nd_node *node, nadir_error *error) {
  nd_node *terms = nd_new(count, sizeof *terms, error), all, own;
  nadir_status status = terms == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  for (size_t k = 0; k < count && status == NADIR_OK; k++) {
    nd_node number;
    status = nd_make_number(graph, (double)k, &number, error);
    if (status == NADIR_OK)
      status = nd_make_formula(graph, "if(y == k, f, 0)", (const char *[]){"y", "k", "f"},
                               (nd_node[]){y, number, etas[k]}, 3, &terms[k], error);
  }
  if (status == NADIR_OK) status = nd_make(graph, ND_ADD, terms, count, &own, error);
  if (status == NADIR_OK) status = nd_make(graph, ND_LOGSUMEXP, etas, count, &all, error);
  if (status == NADIR_OK) status = nd_make(graph, ND_SUB, (nd_node[]){all, own}, 2, node, error);
  nd_free(terms);
  return status;
}

nadir_status nd_loss_build(nd_graph *graph, const nd_loss *loss, double parameter, nd_node y,
                           nd_node f, const nd_node *etas, size_t eta_count, nd_node *node,
                           nadir_error *error) {
  if (loss->target == ND_TARGET_CLASS) return build_softmax(graph, y, etas, eta_count, node, error);
  const loss_row *row = find(loss->name, strlen(loss->name));
  const char *names[3] = {"y", "f", row == NULL ? "" : row->info.parameter};
  nd_node nodes[3] = {y, f, ND_NO_NODE};
  if (names[2][0] == '\0')
    return nd_make_formula(graph, loss->formula, names, nodes, 2, node, error);
  ND_TRY(nd_make_number(graph, parameter, &nodes[2], error));
  return nd_make_formula(graph, loss->formula, names, nodes, 3, node, error);
}
