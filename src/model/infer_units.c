/* Units carried through a formula: what each node is measured in, what follows for the parameters, and the first place
 * where two units do not agree.
 *
 * Columns and physical constants have units; each name that is no column has an unknown one. What is added or compared
 * is measured alike, arguments of exp and its kin are pure numbers, powers multiply exponents: each is an equation of
 * exponents (unit_forms.c). A mismatch is told once, and then no parameter gets a unit.
 *
 * Formulas are written in bare numbers, so what may be meant is let pass:
 * - a number, or the value of a function as exp, is added to anything: t - 2455000;
 * - in a product 1, 2, 3, 4, 8, 1/2, 1/4 and pi are pure numbers; a power of ten may be there to change a unit, and any
 *   other number may stand for a quantity: 12.398/lambda. What rests on either is never told, and gives a parameter
 *   a unit only where that is a column's, or just what the power of ten makes of it;
 * - log takes anything, x^p too; only where that is open they settle a parameter, as x/x0 does;
 * - angles, magnitudes and counts are pure numbers, but two of them that differ do not add;
 * - of a column without a unit, or with one that is not known, nothing is said. */
#include <math.h>
#include <string.h>

#include "model/model_internal.h"
#include "model/unit_forms_internal.h"

typedef enum knowledge {
  NOTHING_KNOWN,
  PURE, /* a number: its form has powers of ten alone */
  QUANTITY_OR_NUMBER,
  MEASURED,
  PERHAPS_MEASURED /* times a number that may stand for a quantity, without an unknown to take it */
} knowledge;

typedef struct measure {
  knowledge kind;
  nd_unit_form form;
  double value; /* of what has no name in it; else NaN */
} measure;

typedef struct inference {
  const nd_model *model;
  const nd_graph *graph;
  nd_unit_system system;
  measure *nodes;
  size_t node_count; /* a parameter that the formula has lost may be beyond */
  nd_unit_form *of_column; /* by column; of none without a unit */
  nd_unit_form *later;     /* are pure numbers if nothing speaks against it */
  size_t later_count, later_capacity;
  nd_teller *teller;
  bool told;
} inference;

static const nd_fraction once = {1, 1}, inverse = {-1, 1};

static const char *unit_of_column(const inference *in, size_t column) {
  const nd_model_column *c = &in->model->columns[column];
  bool number = c->equals == NULL && !c->rest && c->unit[strspn(c->unit, " ")] != '\0';
  return number ? c->unit : "";
}

/* ---- what is told ---- */

static nadir_status say_node(const inference *in, nd_node node, nd_text *text, nadir_error *error) {
  const char *begin;
  size_t length;
  if (nd_node_op(in->graph, node) != ND_NAME && nd_node_source(in->graph, node, &begin, &length))
    nd_text_append_bytes(text, begin, length);
  else
    ND_TRY(nd_print(in->graph, node, ND_PLAIN, text, error));
  return nd_text_status(text, error);
}

/* A form that is a column's unit, as the column spells it; NULL for none. */
static const char *spelling_of_column(const inference *in, nd_unit_form form) {
  for (size_t c = 0; c < in->model->column_count; c++)
    if (in->of_column[c].count > 0 && nd_units_same(in->of_column[c], form))
      return unit_of_column(in, c);
  return NULL;
}

static bool say_form(const inference *in, nd_unit_form form, nd_text *text) {
  const char *column = spelling_of_column(in, form);
  if (column == NULL) return nd_units_spell(&in->system, form, text);
  nd_text_append(text, column);
  return true;
}

typedef struct side {
  nd_node node;
  nd_unit_form form;
} side;

/* `warning` with what the sides are and are measured in; b may be NULL. */
static nadir_status tell(inference *in, nadir_warning warning, const side *a, const side *b,
                         nadir_error *error) {
  nd_text texts[4] = {{0}, {0}, {0}, {0}};
  const side *sides[2] = {a, b};
  nadir_status status = NADIR_OK;
  bool spelled = true;
  for (size_t i = 0; i < 2 && sides[i] && status == NADIR_OK; i++) {
    status = say_node(in, sides[i]->node, &texts[2 * i], error);
    spelled = spelled && say_form(in, sides[i]->form, &texts[2 * i + 1]);
    if (status == NADIR_OK) status = nd_text_status(&texts[2 * i + 1], error);
  }
  warning.expression = nd_text_data(&texts[0]);
  warning.unit = nd_text_data(&texts[1]);
  warning.other = b ? nd_text_data(&texts[2]) : NULL;
  warning.other_unit = b ? nd_text_data(&texts[3]) : NULL;
  if (status == NADIR_OK && spelled && !in->told && !in->system.given_up) {
    in->told = true;
    status = nd_warn(in->teller, &warning, error);
  }
  for (size_t i = 0; i < ND_COUNT(texts); i++)
    nd_text_free(&texts[i]);
  return status;
}

/* ---- equations ---- */

static bool is_pure(const nd_dimension *d, size_t from, size_t to) {
  for (size_t i = from; i < to; i++)
    if (d->power[i].n != 0) return false;
  return true;
}

static bool has_physics(const nd_dimension *d) {
  return !is_pure(d, 0, ND_PHYSICAL_UNITS);
}

static bool counts(const nd_dimension *d) {
  return !is_pure(d, ND_PHYSICAL_UNITS, ND_BASE_UNITS);
}

static nadir_status wait_with(inference *in, nd_unit_form form, nadir_error *error) {
  ND_TRY(nd_grow(&in->later, &in->later_capacity, in->later_count + 1, sizeof *in->later, error));
  in->later[in->later_count++] = form;
  return NADIR_OK;
}

/* A form with unknowns is a pure number: now, or where it is doubtful when all else is settled. */
static nadir_status settle(inference *in, nd_unit_form form, nadir_error *error) {
  return form.doubtful ? wait_with(in, form, error) : nd_units_solve(&in->system, form, error);
}

/* Two sides without unknowns that are added or compared. */
static nadir_status check(inference *in, nadir_warning_kind kind, const side *a, const side *b,
                          nadir_error *error) {
  nd_dimension of_a, of_b, quotient;
  if (!nd_units_dimension(&in->system, a->form, &of_a) ||
      !nd_units_dimension(&in->system, b->form, &of_b))
    return NADIR_OK;
  quotient = of_a;
  if (!nd_dimension_multiply(&quotient, &of_b, inverse)) return NADIR_OK;
  if (has_physics(&quotient) || (counts(&quotient) && counts(&of_a) && counts(&of_b)))
    return tell(in, (nadir_warning){.kind = kind}, a, b, error);
  if (counts(&quotient) || fabs(quotient.scale - 1) < 1e-3) return NADIR_OK;
  return tell(in, (nadir_warning){.kind = NADIR_WARN_UNITS_FACTOR, .number = quotient.scale}, a, b,
              error);
}

/* The sides are measured alike. */
static nadir_status equate(inference *in, nadir_warning_kind kind, nd_node a, nd_node b,
                           nadir_error *error) {
  side sides[2] = {{a, in->nodes[a].form}, {b, in->nodes[b].form}};
  nd_unit_form quotient;
  ND_TRY(nd_units_reduce(&in->system, &sides[0].form, error));
  ND_TRY(nd_units_reduce(&in->system, &sides[1].form, error));
  ND_TRY(nd_units_multiply(&in->system, sides[0].form, sides[1].form, inverse, &quotient, error));
  if (nd_units_has_unknowns(&in->system, quotient)) return settle(in, quotient, error);
  bool open = nd_units_has_unknowns(&in->system, sides[0].form) || quotient.doubtful;
  return open ? NADIR_OK : check(in, kind, &sides[0], &sides[1], error);
}

/* What a function that takes pure numbers is called with; of angles, radians. */
static nadir_status demand(inference *in, nd_node argument, const char *function, bool angle,
                           nadir_error *error) {
  side of = {argument, in->nodes[argument].form};
  nd_dimension d;
  if (in->nodes[argument].kind != MEASURED) return NADIR_OK;
  ND_TRY(nd_units_reduce(&in->system, &of.form, error));
  if (nd_units_has_unknowns(&in->system, of.form)) return settle(in, of.form, error);
  if (of.form.doubtful || !nd_units_dimension(&in->system, of.form, &d)) return NADIR_OK;
  nadir_warning warning = {.kind = NADIR_WARN_UNITS_ARGUMENT, .function = function};
  if (has_physics(&d)) return tell(in, warning, &of, NULL, error);
  bool is_angle = d.power[ND_BASE_RADIAN].n == 1 && d.power[ND_BASE_RADIAN].d == 1;
  if (!angle || !is_angle || fabs(d.scale - 1) < 1e-3) return NADIR_OK;
  warning.kind = NADIR_WARN_UNITS_ANGLE;
  return tell(in, warning, &of, NULL, error);
}

/* The same of what takes anything. */
static nadir_status prefer_pure(inference *in, nd_node argument, nadir_error *error) {
  const measure *m = &in->nodes[argument];
  return m->kind == MEASURED ? wait_with(in, m->form, error) : NADIR_OK;
}

static nadir_status settle_the_rest(inference *in, nadir_error *error) {
  for (size_t i = 0; i < in->later_count; i++) {
    nd_unit_form form = in->later[i];
    ND_TRY(nd_units_reduce(&in->system, &form, error));
    form.doubtful = true;
    if (nd_units_has_unknowns(&in->system, form)) ND_TRY(nd_units_solve(&in->system, form, error));
  }
  return NADIR_OK;
}

/* ---- leaves ---- */

static bool is_one_of(double value, const double *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (fabs(value) == list[i]) return true;
  return false;
}

static nadir_status measure_number(inference *in, nd_node node, measure *m, nadir_error *error) {
  static const double plain[] = {0, 1, 2, 3, 4, 8, 0.5, 0.25};
  const nadir_constant *constant = nd_node_constant(in->graph, node);
  m->value = nd_node_number(in->graph, node);
  if (constant && *constant->unit) {
    m->kind = MEASURED;
    return nd_units_read(&in->system, constant->unit, &m->form, error);
  }
  m->kind = PURE;
  if (constant || is_one_of(m->value, plain, ND_COUNT(plain))) return NADIR_OK;
  double tens = nearbyint(log10(fabs(m->value)));
  if (fabs(tens) < 300 && fabs(fabs(m->value) / pow(10, tens) - 1) < 1e-12)
    return nd_units_tens(&in->system, (int)tens, &m->form, error);
  m->kind = QUANTITY_OR_NUMBER;
  return NADIR_OK;
}

static bool has_column_pi(const nd_model *model) {
  for (size_t c = 0; c < model->column_count; c++)
    if (strcmp(model->columns[c].column, "pi") == 0) return true;
  return false;
}

static nadir_status measure_name(inference *in, nd_node node, measure *m, nadir_error *error) {
  size_t column = nd_model_column_of(in->model, node);
  m->kind = MEASURED;
  if (column == in->model->column_count) return nd_units_unknown(&in->system, &m->form, error);
  m->form = in->of_column[column];
  if (*unit_of_column(in, column) == '\0') m->kind = NOTHING_KNOWN;
  return NADIR_OK;
}

/* ---- operators ---- */

typedef enum unit_rule {
  RULE_NONE,  /* nothing follows for the value, nor for the arguments */
  RULE_SAME,  /* measured as its argument */
  RULE_WHOLE, /* that too, but rather a pure number */
  RULE_SUM,
  RULE_LIKE,  /* as a sum: what is compared */
  RULE_TRUTH, /* that too, but a pure number comes of it */
  RULE_CHOICE,
  RULE_PRODUCT,
  RULE_QUOTIENT,
  RULE_POWER,
  RULE_SQUARE_ROOT,
  RULE_CUBE_ROOT,
  RULE_SQUARE,   /* of the first of two that are measured alike */
  RULE_FUNCTION, /* pure numbers to a pure number */
  RULE_ANGLE,
  RULE_ANY /* anything to a pure number */
} unit_rule;

/* An operator that is not here has RULE_NONE, so that it is silent. */
static const unit_rule rules[ND_OPS] = {[ND_ADD] = RULE_SUM,
                                        [ND_SUB] = RULE_SUM,
                                        [ND_NORM2] = RULE_SUM,
                                        [ND_NEG] = RULE_SAME,
                                        [ND_ABS] = RULE_SAME,
                                        [ND_POS] = RULE_SAME,
                                        [ND_FLOOR] = RULE_WHOLE,
                                        [ND_MIN] = RULE_LIKE,
                                        [ND_MAX] = RULE_LIKE,
                                        [ND_MOD] = RULE_LIKE,
                                        [ND_IF] = RULE_CHOICE,
                                        [ND_LESS] = RULE_TRUTH,
                                        [ND_LESSEQ] = RULE_TRUTH,
                                        [ND_EQUAL] = RULE_TRUTH,
                                        [ND_ATAN2] = RULE_TRUTH,
                                        [ND_MUL] = RULE_PRODUCT,
                                        [ND_DIV] = RULE_QUOTIENT,
                                        [ND_POW] = RULE_POWER,
                                        [ND_SQRT] = RULE_SQUARE_ROOT,
                                        [ND_CBRT] = RULE_CUBE_ROOT,
                                        [ND_HUBER] = RULE_SQUARE,
                                        [ND_EXP] = RULE_FUNCTION,
                                        [ND_EXPM1] = RULE_FUNCTION,
                                        [ND_LOGSUMEXP] = RULE_FUNCTION,
                                        [ND_SOFTPLUS] = RULE_FUNCTION,
                                        [ND_SIGMOID] = RULE_FUNCTION,
                                        [ND_ASIN] = RULE_FUNCTION,
                                        [ND_ACOS] = RULE_FUNCTION,
                                        [ND_ATAN] = RULE_FUNCTION,
                                        [ND_SINH] = RULE_FUNCTION,
                                        [ND_COSH] = RULE_FUNCTION,
                                        [ND_TANH] = RULE_FUNCTION,
                                        [ND_ASINH] = RULE_FUNCTION,
                                        [ND_ACOSH] = RULE_FUNCTION,
                                        [ND_ATANH] = RULE_FUNCTION,
                                        [ND_ERF] = RULE_FUNCTION,
                                        [ND_ERFC] = RULE_FUNCTION,
                                        [ND_LGAMMA] = RULE_FUNCTION,
                                        [ND_FADDEEVA_RE] = RULE_FUNCTION,
                                        [ND_FADDEEVA_IM] = RULE_FUNCTION,
                                        [ND_SIN] = RULE_ANGLE,
                                        [ND_COS] = RULE_ANGLE,
                                        [ND_TAN] = RULE_ANGLE,
                                        [ND_LOG] = RULE_ANY,
                                        [ND_LOG2] = RULE_ANY,
                                        [ND_LOG10] = RULE_ANY,
                                        [ND_LOG1P] = RULE_ANY,
                                        [ND_SIGN] = RULE_ANY,
                                        [ND_PI] = RULE_ANY,
                                        [ND_AND] = RULE_ANY,
                                        [ND_OR] = RULE_ANY,
                                        [ND_NOT] = RULE_ANY};

static const measure *argument_of(const inference *in, nd_node node, size_t i) {
  return &in->nodes[nd_node_argument(in->graph, node, i)];
}

static bool is_the_number_1(const measure *m) {
  return m->kind == PURE && fabs(m->value) == 1;
}

/* Arguments from `first` on are measured alike, and m with them, as far as that is known of any: 1 + x/x0 settles x0. */
static nadir_status measure_alike(inference *in, nd_node node, size_t first,
                                  nadir_warning_kind kind, measure *m, nadir_error *error) {
  size_t count = nd_node_arity(in->graph, node), to = count;
  bool known = true, one = false;
  for (size_t i = first; i < count; i++) {
    const measure *a = argument_of(in, node, i);
    known = known && a->kind != NOTHING_KNOWN && a->kind != PERHAPS_MEASURED;
    one = one || is_the_number_1(a);
    if (a->kind != MEASURED) continue;
    if (to == count || (argument_of(in, node, to)->form.doubtful && !a->form.doubtful)) to = i;
  }
  m->kind = known ? PURE : NOTHING_KNOWN;
  if (to == count) return NADIR_OK;
  nd_node of = nd_node_argument(in->graph, node, to);
  *m = (measure){MEASURED, in->nodes[of].form, (double)NAN};
  for (size_t i = first; i < count; i++) {
    nd_node other = nd_node_argument(in->graph, node, i);
    if (i != to && in->nodes[other].kind == MEASURED)
      ND_TRY(i < to ? equate(in, kind, other, of, error) : equate(in, kind, of, other, error));
  }
  return one && kind == NADIR_WARN_UNITS_ADDED ? prefer_pure(in, of, error) : NADIR_OK;
}

/* Times the i-th argument to a power. */
static nadir_status multiply(inference *in, const measure *by, nd_fraction power, measure *m,
                             nadir_error *error) {
  bool perhaps = m->kind == PERHAPS_MEASURED || by->kind == PERHAPS_MEASURED;
  bool number = m->kind == QUANTITY_OR_NUMBER || by->kind == QUANTITY_OR_NUMBER;
  bool quantity = perhaps || m->kind == MEASURED || by->kind == MEASURED;
  if (m->kind == NOTHING_KNOWN || by->kind == NOTHING_KNOWN) {
    m->kind = NOTHING_KNOWN;
    return NADIR_OK;
  }
  ND_TRY(nd_units_multiply(&in->system, m->form, by->form, power, &m->form, error));
  m->kind = quantity ? MEASURED : number ? QUANTITY_OR_NUMBER : PURE;
  if (!perhaps && !(quantity && number)) return NADIR_OK;
  m->form.doubtful = true;
  if (!nd_units_has_unknowns(&in->system, m->form)) m->kind = PERHAPS_MEASURED;
  return NADIR_OK;
}

static nadir_status measure_root(inference *in, const measure *a, nd_fraction power, measure *m,
                                 nadir_error *error) {
  *m = (measure){.kind = PURE, .value = (double)NAN};
  return multiply(in, a, power, m, error);
}

static nadir_status measure_power(inference *in, nd_node node, measure *m, nadir_error *error) {
  const measure *a = argument_of(in, node, 0), *b = argument_of(in, node, 1);
  nd_fraction power;
  if (!isnan(b->value) && nd_fraction_of(b->value, &power))
    return measure_root(in, a, power, m, error);
  ND_TRY(demand(in, nd_node_argument(in->graph, node, 1), "^", false, error));
  m->kind = PURE; /* a power of a pure number is one */
  if (a->kind == NOTHING_KNOWN || a->kind == PERHAPS_MEASURED) m->kind = NOTHING_KNOWN;
  if (a->kind != MEASURED || a->form.count == 0) return NADIR_OK;
  if (!nd_units_has_unknowns(&in->system, a->form)) m->kind = NOTHING_KNOWN;
  return prefer_pure(in, nd_node_argument(in->graph, node, 0), error);
}

static nadir_status measure_function(inference *in, nd_node node, unit_rule rule, measure *m,
                                     nadir_error *error) {
  m->kind = PURE;
  for (size_t i = 0; i < nd_node_arity(in->graph, node); i++) {
    nd_node argument = nd_node_argument(in->graph, node, i);
    if (rule == RULE_ANY)
      ND_TRY(prefer_pure(in, argument, error));
    else
      ND_TRY(demand(in, argument, nd_op_about(nd_node_op(in->graph, node))->name,
                    rule == RULE_ANGLE, error));
  }
  return NADIR_OK;
}

static nadir_status measure_product(inference *in, nd_node node, nd_fraction power, measure *m,
                                    nadir_error *error) {
  *m = *argument_of(in, node, 0);
  for (size_t i = 1; i < nd_node_arity(in->graph, node); i++)
    ND_TRY(multiply(in, argument_of(in, node, i), power, m, error));
  m->value = (double)NAN;
  return NADIR_OK;
}

static nadir_status measure_operator(inference *in, nd_node node, measure *m, nadir_error *error) {
  unit_rule rule = rules[nd_node_op(in->graph, node)];
  switch (rule) {
  case RULE_NONE:
    return NADIR_OK;
  case RULE_WHOLE:
    ND_TRY(prefer_pure(in, nd_node_argument(in->graph, node, 0), error));
    return measure_product(in, node, once, m, error);
  case RULE_SAME:
    return measure_product(in, node, once, m, error);
  case RULE_SUM:
    return measure_alike(in, node, 0, NADIR_WARN_UNITS_ADDED, m, error);
  case RULE_LIKE:
    return measure_alike(in, node, 0, NADIR_WARN_UNITS_COMPARED, m, error);
  case RULE_CHOICE:
    return measure_alike(in, node, 1, NADIR_WARN_UNITS_COMPARED, m, error);
  case RULE_TRUTH:
    ND_TRY(measure_alike(in, node, 0, NADIR_WARN_UNITS_COMPARED, m, error));
    *m = (measure){.kind = PURE, .value = (double)NAN};
    return NADIR_OK;
  case RULE_PRODUCT:
    return measure_product(in, node, once, m, error);
  case RULE_QUOTIENT:
    return measure_product(in, node, inverse, m, error);
  case RULE_POWER:
    return measure_power(in, node, m, error);
  case RULE_SQUARE_ROOT:
    return measure_root(in, argument_of(in, node, 0), (nd_fraction){1, 2}, m, error);
  case RULE_CUBE_ROOT:
    return measure_root(in, argument_of(in, node, 0), (nd_fraction){1, 3}, m, error);
  case RULE_SQUARE:
    ND_TRY(measure_alike(in, node, 0, NADIR_WARN_UNITS_COMPARED, m, error));
    return measure_root(in, argument_of(in, node, 0), (nd_fraction){2, 1}, m, error);
  case RULE_FUNCTION:
  case RULE_ANGLE:
  case RULE_ANY:
    return measure_function(in, node, rule, m, error);
  }
  return NADIR_OK;
}

/* The value of an operator whose arguments are numbers. */
static double value_of(const inference *in, nd_node node) {
  enum { MOST = 3 };
  double values[MOST];
  size_t count = nd_node_arity(in->graph, node);
  if (count > MOST || nd_op_about(nd_node_op(in->graph, node)) == NULL) return (double)NAN;
  for (size_t i = 0; i < count; i++)
    if (isnan(values[i] = argument_of(in, node, i)->value)) return (double)NAN;
  return nd_op_value(nd_node_op(in->graph, node), values, count);
}

static nadir_status measure_node(inference *in, nd_node node, nadir_error *error) {
  nd_op op = nd_node_op(in->graph, node);
  measure m = {.value = (double)NAN};
  if (op == ND_NUMBER) {
    ND_TRY(measure_number(in, node, &m, error));
  } else if (op == ND_NAME) {
    ND_TRY(measure_name(in, node, &m, error));
  } else if (!(op == ND_PI && has_column_pi(in->model))) {
    ND_TRY(measure_operator(in, node, &m, error));
    m.value = value_of(in, node);
  }
  in->nodes[node] = m;
  return NADIR_OK;
}

/* ---- the formula ---- */

/* What is under the roots, from the leaves up. */
static nadir_status measure_all(inference *in, const nd_node *roots, size_t count,
                                nadir_error *error) {
  size_t size = 0;
  for (size_t i = 0; i < count; i++)
    if (roots[i] >= size) size = (size_t)roots[i] + 1;
  in->nodes = nd_new(size, sizeof *in->nodes, error);
  in->node_count = size;
  bool *reached = in->nodes ? nd_new(size, sizeof *reached, error) : NULL;
  nadir_status status = reached ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; i < count && reached; i++)
    reached[roots[i]] = true;
  for (size_t n = size; n-- > 0 && reached;)
    for (size_t i = 0; reached[n] && i < nd_node_arity(in->graph, (nd_node)n); i++)
      reached[nd_node_argument(in->graph, (nd_node)n, i)] = true;
  for (size_t n = 0; n < size && status == NADIR_OK && !in->system.given_up; n++)
    if (reached[n]) status = measure_node(in, (nd_node)n, error);
  nd_free(reached);
  return status;
}

static nadir_status read_column(inference *in, size_t column, nadir_error *error) {
  const char *unit = unit_of_column(in, column);
  return *unit ? nd_units_read(&in->system, unit, &in->of_column[column], error) : NADIR_OK;
}

/* The target first: km s-1 Mpc-1. */
static nadir_status read_columns(inference *in, nadir_error *error) {
  const nd_model *model = in->model;
  size_t target =
      model->target == ND_NO_NODE ? model->column_count : nd_model_column_of(model, model->target);
  in->of_column = nd_new(model->column_count, sizeof *in->of_column, error);
  if (!in->of_column) return NADIR_NO_MEMORY;
  if (target < model->column_count) ND_TRY(read_column(in, target, error));
  for (size_t c = 0; c < model->column_count; c++)
    ND_TRY(read_column(in, c, error));
  return NADIR_OK;
}

/* Whether the model is measured as the target is. Else where the loss is a listed one it is a logarithm or a score. */
static bool is_like_target(const nd_model *model) {
  return model->scatter != SIZE_MAX || (model->loss.is_listed && model->loss.power > 0);
}

static nadir_status compare(inference *in, nd_node a, nd_node b, nadir_error *error) {
  bool both = in->nodes[a].kind == MEASURED && in->nodes[b].kind == MEASURED;
  return both ? equate(in, NADIR_WARN_UNITS_COMPARED, a, b, error) : NADIR_OK;
}

static nadir_status walk(inference *in, nadir_error *error) {
  const nd_model *model = in->model;
  bool sigma = model->sigma != ND_NO_NODE;
  nd_node roots[3] = {model->typed_target, model->typed_model, model->sigma};
  ND_TRY(measure_all(in, roots, sigma ? 3 : 2, error));
  if (in->system.given_up) return NADIR_OK;
  if (is_like_target(model))
    ND_TRY(compare(in, roots[0], roots[1], error));
  else if (model->loss.is_listed)
    ND_TRY(prefer_pure(in, roots[1], error));
  if (sigma) ND_TRY(compare(in, roots[0], roots[2], error));
  return settle_the_rest(in, error);
}

/* ---- the parameters ---- */

/* The column whose unit is of this dimension and size. */
static const char *column_alike(const inference *in, const nd_dimension *d) {
  for (size_t c = 0; c < in->model->column_count; c++) {
    nd_dimension of;
    if (in->of_column[c].count == 0 || !nd_units_dimension(&in->system, in->of_column[c], &of) ||
        !nd_dimension_multiply(&of, d, inverse))
      continue;
    if (is_pure(&of, 0, ND_BASE_UNITS) && fabs(of.scale - 1) < 1e-9) return unit_of_column(in, c);
  }
  return NULL;
}

/* A solution that rests on doubtful numbers: a column's unit or its inverse, or what a power of ten makes of it. */
static nadir_status spell_doubtful(inference *in, nd_unit_form form, nd_text *text,
                                   nadir_error *error) {
  nd_dimension d;
  nd_unit_form reciprocal;
  const char *column = spelling_of_column(in, form);
  ND_TRY(nd_units_multiply(&in->system, (nd_unit_form){0}, form, inverse, &reciprocal, error));
  if (column == NULL && spelling_of_column(in, reciprocal) != NULL) {
    (void)nd_units_spell(&in->system, form, text);
    return NADIR_OK;
  }
  if (column == NULL && nd_units_dimension(&in->system, form, &d)) {
    column = column_alike(in, &d);
    if (column == NULL && fabs(d.scale - 1) < 1e-9) nd_units_spell_si(&d, text);
  }
  if (column != NULL) nd_text_append(text, column);
  return NADIR_OK;
}

/* What is not doubtful: a column's unit, that of SI where it is shorter (K for Hz s K), else the product. */
static bool spell_settled(const inference *in, nd_unit_form form, nd_text *text) {
  nd_dimension d;
  size_t powers = 0;
  if (spelling_of_column(in, form) == NULL && nd_units_dimension(&in->system, form, &d) &&
      fabs(d.scale - 1) < 1e-9) {
    for (size_t i = 0; i < ND_BASE_UNITS; i++)
      powers += d.power[i].n != 0;
    if (powers < form.count) {
      nd_units_spell_si(&d, text);
      return true;
    }
  }
  return say_form(in, form, text);
}

static nadir_status spell_parameter(inference *in, nd_node leaf, nd_text *text,
                                    nadir_error *error) {
  if (leaf >= in->node_count) return NADIR_OK;
  nd_unit_form form = in->nodes[leaf].form;
  ND_TRY(nd_units_reduce(&in->system, &form, error));
  if (in->system.given_up || nd_units_has_unknowns(&in->system, form)) return NADIR_OK;
  if (form.doubtful) return spell_doubtful(in, form, text, error);
  if (!spell_settled(in, form, text)) nd_text_clear(text);
  return NADIR_OK;
}

static nadir_status name_parameters(inference *in, nd_model *model, nadir_error *error) {
  for (size_t i = 0; i < model->free_count; i++) {
    nd_model_parameter *parameter = &model->parameters[model->free_index[i]];
    nd_text text = {0};
    nadir_status status = NADIR_OK;
    if (model->free_index[i] == model->scatter)
      nd_text_append(&text, model->target_unit);
    else
      status = spell_parameter(in, model->free[i], &text, error);
    if (status == NADIR_OK) status = nd_text_status(&text, error);
    char *unit = status == NADIR_OK ? nd_copy_text(nd_text_data(&text), text.length, error) : NULL;
    nd_text_free(&text);
    if (unit == NULL) return status == NADIR_OK ? NADIR_NO_MEMORY : status;
    nd_free(parameter->unit);
    parameter->unit = unit;
  }
  return NADIR_OK;
}

static bool has_units(const inference *in) {
  for (size_t c = 0; c < in->model->column_count; c++)
    if (*unit_of_column(in, c)) return true;
  return false;
}

nadir_status nd_infer_units(nd_model *model, nd_teller *teller, nadir_error *error) {
  inference in = {.model = model, .graph = model->graph, .teller = teller};
  if (!has_units(&in)) return NADIR_OK;
  nadir_status status = nd_units_begin(&in.system, error);
  if (status == NADIR_OK) status = read_columns(&in, error);
  if (status == NADIR_OK) status = walk(&in, error);
  if (status == NADIR_OK && !in.told && !in.system.given_up)
    status = name_parameters(&in, model, error);
  nd_units_end(&in.system);
  nd_free(in.nodes);
  nd_free(in.of_column);
  nd_free(in.later);
  return status;
}
