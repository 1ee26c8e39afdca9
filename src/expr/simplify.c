/* Graph -> graph, equal wherever the formula as typed is defined (x/x becomes 1).
 *
 * Sums become lists of coefficient times term, products lists of base to a power, both in the order
 * of first appearance; like ones are collected. Numbers are folded only exactly (exact.c). Other
 * operators have a few rules: exact points as exp(0), inverse pairs as log(exp(x)), constant
 * conditions. A sum is never multiplied out, and stable forms stay: a denominator that is not a plain
 * name is not squared (b/h/h stays, since h^2 may overflow where the quotient does not).
 *
 * Costs time and nodes linear in the graph: a sum inside a sum, or a product inside a product, that
 * nothing else uses is taken up by the outermost one; results already simplified are opened up to
 * OPEN_LIMIT steps only. */
#include "expr/expr_internal.h"

#include <string.h>

enum { OPEN_LIMIT = 12 };

/* A term: coefficient * node. A factor: node ^ exponent. */
typedef struct part {
  nd_node node;
  nd_exact number;
} part;

/* What waits to be taken apart; typed nodes are read through the memory of results. */
typedef struct item {
  nd_node node;
  nd_exact number;
  bool typed;
} item;

typedef struct parts {
  part *list;
  size_t count, capacity;
  uint32_t *slots; /* by node: index in list + 1 */
  size_t slot_capacity;
} parts;

typedef struct simplifier {
  nd_graph *graph;
  nd_node *results; /* by typed node */
  bool *absorbed;   /* taken up by the sum or product that uses it */
  parts terms, factors;
  nd_exact coefficient; /* of the product being taken apart */
  item *items;
  size_t item_count, item_capacity;
  nd_node *scratch;
  size_t scratch_capacity;
  nd_node zero, one;
  nadir_error *error;
} simplifier;

static const nd_exact exact_one = {1, 1};

static bool is_unit(nd_exact number) {
  return number.d == 1 && (number.n == 1 || number.n == -1);
}

static nd_exact negative(nd_exact number) {
  return (nd_exact){-number.n, number.d};
}

static nd_op op_of(const simplifier *s, nd_node node) {
  return nd_node_op(s->graph, node);
}

static nd_node argument(const simplifier *s, nd_node node, size_t i) {
  return nd_node_argument(s->graph, node, i);
}

/* ---- lists of terms and factors ---- */

static nadir_status push_item(simplifier *s, nd_node node, nd_exact number, bool typed) {
  ND_TRY(nd_grow(&s->items, &s->item_capacity, s->item_count + 1, sizeof *s->items, s->error));
  s->items[s->item_count++] = (item){node, number, typed};
  return NADIR_OK;
}

/* All arguments but the first have their number's sign changed where `flip` says so. */
static nadir_status push_arguments(simplifier *s, nd_node node, nd_exact number, bool flip,
                                   bool typed) {
  for (size_t i = nd_node_arity(s->graph, node); i-- > 0;)
    ND_TRY(push_item(s, argument(s, node, i), flip && i > 0 ? negative(number) : number, typed));
  return NADIR_OK;
}

/* Adds to the part of the same node, if there is one and `merges` allows it. */
static nadir_status add_part(simplifier *s, parts *to, nd_node node, nd_exact number,
                             bool (*merges)(const simplifier *, const part *, nd_exact)) {
  ND_TRY(nd_grow(&to->slots, &to->slot_capacity, (size_t)node + 1, sizeof *to->slots, s->error));
  uint32_t slot = to->slots[node];
  if (slot != 0) {
    part *same = &to->list[slot - 1];
    if (merges(s, same, number) && nd_exact_add(same->number, number, &same->number))
      return NADIR_OK;
  }
  ND_TRY(nd_grow(&to->list, &to->capacity, to->count + 1, sizeof *to->list, s->error));
  to->list[to->count++] = (part){node, number};
  if (slot == 0) to->slots[node] = (uint32_t)to->count;
  return NADIR_OK;
}

static void clear_parts(parts *list) {
  for (size_t i = 0; i < list->count; i++)
    list->slots[list->list[i].node] = 0;
  list->count = 0;
}

static nadir_status make_exact(simplifier *s, nd_exact number, nd_node *node) {
  char text[64];
  nd_node parts_of[2];
  if (nd_exact_decimal(number, text, sizeof text))
    return nd_make_decimal(s->graph, false, text, strlen(text), node, s->error);
  ND_TRY(make_exact(s, (nd_exact){number.n, 1}, &parts_of[0]));
  ND_TRY(make_exact(s, (nd_exact){number.d, 1}, &parts_of[1]));
  return nd_make(s->graph, ND_DIV, parts_of, 2, node, s->error);
}

/* -node, with the sign where it reads best: in the number or the first factor, or by turning a
 * difference round. Looks into `depth` levels of products and quotients. */
static nadir_status negate_within(simplifier *s, nd_node node, int depth, nd_node *result) {
  nd_op op = op_of(s, node);
  if (op == ND_NUMBER) {
    const char *text = nd_node_text(s->graph, node);
    return nd_make_decimal(s->graph, true, text, strlen(text), result, s->error);
  }
  if (op == ND_NEG) {
    *result = argument(s, node, 0);
    return NADIR_OK;
  }
  if (op == ND_SUB)
    return nd_make2(s->graph, ND_SUB, argument(s, node, 1), argument(s, node, 0), result, s->error);
  if ((op != ND_MUL && op != ND_DIV) || depth == 0)
    return nd_make(s->graph, ND_NEG, &node, 1, result, s->error);
  size_t arity = nd_node_arity(s->graph, node);
  nd_node *factors = nd_new(arity, sizeof *factors, s->error);
  if (factors == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < arity; i++)
    factors[i] = argument(s, node, i);
  nadir_status status = negate_within(s, factors[0], depth - 1, &factors[0]);
  if (status == NADIR_OK) status = nd_make(s->graph, op, factors, arity, result, s->error);
  nd_free(factors);
  return status;
}

static nadir_status negate(simplifier *s, nd_node node, nd_node *result) {
  return negate_within(s, node, 3, result);
}

/* 1 + exp(u) */
static bool is_one_plus_exp(const simplifier *s, nd_node node, nd_node *u) {
  if (op_of(s, node) != ND_ADD || nd_node_arity(s->graph, node) != 2) return false;
  bool first = argument(s, node, 0) == s->one;
  if (!first && argument(s, node, 1) != s->one) return false;
  node = argument(s, node, first ? 1 : 0);
  if (op_of(s, node) != ND_EXP) return false;
  *u = argument(s, node, 0);
  return true;
}

static nadir_status make_sigmoid_of_negative(simplifier *s, nd_node u, nd_node *result) {
  ND_TRY(negate(s, u, &u));
  return nd_make(s->graph, ND_SIGMOID, &u, 1, result, s->error);
}

/* ---- products ---- */

/* Powers of one base are collected, but a norm in a denominator is not squared. */
static bool factors_merge(const simplifier *s, const part *same, nd_exact exponent) {
  return same->number.n > 0 || exponent.n > 0 || op_of(s, same->node) != ND_NORM2;
}

static nadir_status add_number_factor(simplifier *s, nd_node number, nd_exact exponent) {
  nd_exact value, power;
  if (exponent.d == 1 && nd_exact_of(s->graph, number, &value) &&
      nd_exact_power(value, exponent.n, &power) &&
      nd_exact_multiply(s->coefficient, power, &s->coefficient))
    return NADIR_OK;
  return add_part(s, &s->factors, number, exponent, factors_merge);
}

/* One step from base^exponent to a simpler base; false when there is none. */
static bool open_base(simplifier *s, nd_node *base, nd_exact *exponent) {
  nd_exact inner, half = {1, 2};
  nd_op op = op_of(s, *base);
  bool whole = exponent->d == 1, even = whole && exponent->n % 2 == 0;
  if (op == ND_POW && whole && nd_exact_of(s->graph, argument(s, *base, 1), &inner) &&
      nd_exact_multiply(*exponent, inner, exponent)) {
    *base = argument(s, *base, 0);
    return true;
  }
  if (op == ND_SQRT && even && nd_exact_multiply(*exponent, half, exponent)) {
    *base = argument(s, *base, 0);
    return true;
  }
  if (op == ND_NEG && whole) {
    *base = argument(s, *base, 0);
    if (!even) s->coefficient = negative(s->coefficient);
    return true;
  }
  return false;
}

/* b - a where a - b is a factor already: the two are one base. */
static bool turns_round(const simplifier *s, nd_node base, nd_exact exponent, nd_node *turned) {
  if (op_of(s, base) != ND_SUB || exponent.d != 1) return false;
  if (!nd_find2(s->graph, ND_SUB, argument(s, base, 1), argument(s, base, 0), turned)) return false;
  return *turned < s->factors.slot_capacity && s->factors.slots[*turned] != 0;
}

static nadir_status add_factor(simplifier *s, nd_node base, nd_exact exponent) {
  nd_node u;
  while (open_base(s, &base, &exponent))
    continue;
  if (turns_round(s, base, exponent, &u)) {
    base = u;
    if (exponent.n % 2 != 0) s->coefficient = negative(s->coefficient);
  }
  if (exponent.n < 0 && is_one_plus_exp(s, base, &u)) {
    ND_TRY(make_sigmoid_of_negative(s, u, &base));
    exponent = negative(exponent);
  }
  if (op_of(s, base) == ND_NUMBER) return add_number_factor(s, base, exponent);
  return add_part(s, &s->factors, base, exponent, factors_merge);
}

/* Takes the product at `node` apart into coefficient and factors. `budget` limits the steps into
 * what is already simplified. */
static nadir_status take_factors(simplifier *s, nd_node node, nd_exact exponent, bool typed) {
  size_t bottom = s->item_count, budget = OPEN_LIMIT;
  bool first = true;
  ND_TRY(push_item(s, node, exponent, typed));
  while (s->item_count > bottom) {
    item now = s->items[--s->item_count];
    if (now.typed && !first && !s->absorbed[now.node]) {
      now = (item){s->results[now.node], now.number, false};
      budget = OPEN_LIMIT;
    }
    nd_op op = op_of(s, now.node);
    bool opens =
        is_unit(now.number) && (op == ND_MUL || op == ND_DIV || op == ND_NEG) &&
        (now.typed || first || (budget > 0 && nd_node_arity(s->graph, now.node) <= OPEN_LIMIT));
    if (opens && !now.typed && budget > 0) budget--;
    first = false;
    if (!opens) {
      ND_TRY(add_factor(s, now.node, now.number));
      continue;
    }
    if (op == ND_NEG) s->coefficient = negative(s->coefficient);
    ND_TRY(push_arguments(s, now.node, now.number, op == ND_DIV, now.typed));
  }
  return NADIR_OK;
}

static nadir_status build_power(simplifier *s, part factor, nd_node *node) {
  nd_node exponent;
  *node = factor.node;
  if (factor.number.n < 0) factor.number = negative(factor.number);
  if (op_of(s, factor.node) == ND_SQRT && factor.number.d == 1 && factor.number.n % 2 == 0) {
    factor = (part){argument(s, factor.node, 0), {factor.number.n / 2, 1}};
    *node = factor.node;
  }
  if (factor.number.n == 1 && factor.number.d == 1) return NADIR_OK;
  ND_TRY(make_exact(s, factor.number, &exponent));
  return nd_make2(s->graph, ND_POW, factor.node, exponent, node, s->error);
}

static nadir_status room(simplifier *s, size_t count) {
  return nd_grow(&s->scratch, &s->scratch_capacity, count, sizeof *s->scratch, s->error);
}

static nadir_status build_run(simplifier *s, nd_op op, size_t count, nd_node *node) {
  if (count == 1) {
    *node = s->scratch[0];
    return NADIR_OK;
  }
  return nd_make(s->graph, op, s->scratch, count, node, s->error);
}

/* The coefficient as a number above the fraction line, and one below where its decimal does not
 * end. */
static nadir_status split_coefficient(simplifier *s, nd_node *above, nd_node *below) {
  char text[64];
  *below = s->one;
  if (nd_exact_decimal(s->coefficient, text, sizeof text))
    return make_exact(s, s->coefficient, above);
  ND_TRY(make_exact(s, (nd_exact){s->coefficient.n, 1}, above));
  return make_exact(s, (nd_exact){s->coefficient.d, 1}, below);
}

static nadir_status build_numerator(simplifier *s, nd_node number, nd_node *result) {
  size_t count = 0;
  bool minus = s->coefficient.n < 0, unit = is_unit(s->coefficient);
  ND_TRY(room(s, s->factors.count + 1));
  if (number != s->one && !(minus && unit)) s->scratch[count++] = number;
  for (size_t i = 0; i < s->factors.count; i++) {
    if (s->factors.list[i].number.n <= 0) continue;
    ND_TRY(build_power(s, s->factors.list[i], &s->scratch[count]));
    count++;
  }
  if (count == 0) s->scratch[count++] = s->one;
  if (minus && unit) ND_TRY(negate(s, s->scratch[0], &s->scratch[0]));
  return build_run(s, ND_MUL, count, result);
}

/* Divides by each denominator once, then again by those that occur more than once. */
static nadir_status divide(simplifier *s, nd_node number, nd_node *result) {
  size_t count = 0;
  nd_node below;
  ND_TRY(room(s, s->factors.count + 1));
  if (number != s->one) s->scratch[count++] = number;
  for (size_t i = 0; i < s->factors.count; i++) {
    const part *factor = &s->factors.list[i];
    if (factor->number.n >= 0 || s->factors.slots[factor->node] != i + 1) continue;
    ND_TRY(build_power(s, *factor, &s->scratch[count]));
    count++;
  }
  if (count > 0) {
    ND_TRY(build_run(s, ND_MUL, count, &below));
    ND_TRY(nd_make2(s->graph, ND_DIV, *result, below, result, s->error));
  }
  for (size_t i = 0; i < s->factors.count; i++) {
    const part *factor = &s->factors.list[i];
    if (factor->number.n >= 0 || s->factors.slots[factor->node] == i + 1) continue;
    ND_TRY(build_power(s, *factor, &below));
    ND_TRY(nd_make2(s->graph, ND_DIV, *result, below, result, s->error));
  }
  return NADIR_OK;
}

/* Coefficient and factors, joined again; leaves the list empty. */
static nadir_status build_product(simplifier *s, nd_node *result) {
  nd_node above, below;
  nadir_status status = NADIR_OK;
  if (s->coefficient.n == 0) {
    *result = s->zero;
  } else {
    status = split_coefficient(s, &above, &below);
    if (status == NADIR_OK) status = build_numerator(s, above, result);
    if (status == NADIR_OK) status = divide(s, below, result);
  }
  clear_parts(&s->factors);
  return status;
}

static nadir_status simplify_product(simplifier *s, nd_node node, nd_node *result) {
  s->coefficient = exact_one;
  ND_TRY(take_factors(s, node, exact_one, true));
  return build_product(s, result);
}

/* ---- sums ---- */

static bool terms_merge(const simplifier *s, const part *same, nd_exact coefficient) {
  (void)s;
  (void)same;
  (void)coefficient;
  return true;
}

static nadir_status add_term(simplifier *s, nd_node term, nd_exact sign) {
  nd_exact value, product;
  nd_op op = op_of(s, term);
  if (op == ND_NUMBER && nd_exact_of(s->graph, term, &value) &&
      nd_exact_multiply(value, sign, &product))
    return add_part(s, &s->terms, s->one, product, terms_merge);
  if (op == ND_MUL || op == ND_DIV) {
    s->coefficient = exact_one;
    ND_TRY(take_factors(s, term, exact_one, false));
    value = s->coefficient;
    bool splits = !(value.n == 1 && value.d == 1) && nd_exact_multiply(value, sign, &product);
    if (splits) {
      s->coefficient = exact_one;
      sign = product;
      ND_TRY(build_product(s, &term));
    } else {
      clear_parts(&s->factors);
    }
  }
  return add_part(s, &s->terms, term, sign, terms_merge);
}

static nadir_status take_terms(simplifier *s, nd_node node) {
  size_t bottom = s->item_count, budget = OPEN_LIMIT;
  bool first = true;
  ND_TRY(push_item(s, node, exact_one, true));
  while (s->item_count > bottom) {
    item now = s->items[--s->item_count];
    if (now.typed && !first && !s->absorbed[now.node]) {
      now = (item){s->results[now.node], now.number, false};
      budget = OPEN_LIMIT;
    }
    nd_op op = op_of(s, now.node);
    bool opens = (op == ND_ADD || op == ND_SUB || op == ND_NEG) &&
                 (now.typed || (budget > 0 && nd_node_arity(s->graph, now.node) <= OPEN_LIMIT));
    if (opens && !now.typed) budget--;
    first = false;
    if (!opens) {
      ND_TRY(add_term(s, now.node, now.number));
      continue;
    }
    nd_exact sign = op == ND_NEG ? negative(now.number) : now.number;
    ND_TRY(push_arguments(s, now.node, sign, op == ND_SUB, now.typed));
  }
  return NADIR_OK;
}

/* coefficient * term */
static nadir_status build_term(simplifier *s, part term, nd_node *result) {
  *result = term.node;
  if (term.number.n == 1 && term.number.d == 1) return NADIR_OK;
  s->coefficient = term.number;
  if (term.node != s->one) ND_TRY(take_factors(s, term.node, exact_one, false));
  return build_product(s, result);
}

/* A term that begins with a minus of its own, as (b - a)*c may after its sign was taken out, is
 * left: it reads right. The first positive term leads, so that b - a is not written -a + b. */
static void lead_with_positive(parts *terms) {
  if (terms->count == 0 || terms->list[0].number.n >= 0) return;
  for (size_t i = 1; i < terms->count; i++) {
    if (terms->list[i].number.n <= 0) continue;
    part lead = terms->list[i];
    memmove(&terms->list[1], &terms->list[0], i * sizeof lead);
    terms->list[0] = lead;
    return;
  }
}

/* Terms with a plus are gathered in runs; each minus is a difference of its own, as it is read. */
static nadir_status build_sum_of(simplifier *s, const part *list, size_t count, nd_node *result) {
  nd_node *run = nd_new(count + 1, sizeof *run, s->error), term;
  size_t length = 0;
  nadir_status status = run == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  for (size_t i = 0; i < count && status == NADIR_OK; i++) {
    if (list[i].number.n == 0) continue;
    part signless = list[i];
    bool minus = signless.number.n < 0 && length > 0;
    if (minus) signless.number = negative(signless.number);
    status = build_term(s, signless, &term);
    if (status != NADIR_OK) break;
    if (!minus) {
      run[length++] = term;
    } else {
      if (length > 1) status = nd_make(s->graph, ND_ADD, run, length, &run[0], s->error);
      if (status == NADIR_OK) status = nd_make2(s->graph, ND_SUB, run[0], term, &run[0], s->error);
      length = 1;
    }
  }
  if (status == NADIR_OK && length == 0) run[length++] = s->zero;
  if (status == NADIR_OK && length > 1)
    status = nd_make(s->graph, ND_ADD, run, length, &run[0], s->error);
  if (status == NADIR_OK) *result = run[0];
  nd_free(run);
  return status;
}

static nadir_status simplify_sum(simplifier *s, nd_node node, nd_node *result) {
  ND_TRY(take_terms(s, node));
  part *list = s->terms.list;
  size_t count = s->terms.count;
  for (size_t i = 0; i < count; i++)
    s->terms.slots[list[i].node] = 0;
  s->terms.count = 0;
  parts view = {.list = list, .count = count};
  lead_with_positive(&view);
  ND_TRY(build_sum_of(s, list, count, result));
  /* 1 - sigmoid(u) cancels, sigmoid(-u) does not */
  if (op_of(s, *result) != ND_SUB || argument(s, *result, 0) != s->one ||
      op_of(s, argument(s, *result, 1)) != ND_SIGMOID)
    return NADIR_OK;
  return make_sigmoid_of_negative(s, argument(s, argument(s, *result, 1), 0), result);
}

/* ---- powers ---- */

static nadir_status simplify_power(simplifier *s, nd_node a, nd_node b, nd_node *result) {
  nd_exact exponent;
  if (a == s->one) {
    *result = s->one;
    return NADIR_OK;
  }
  if (!nd_exact_of(s->graph, b, &exponent))
    return nd_make2(s->graph, ND_POW, a, b, result, s->error);
  s->coefficient = exact_one;
  if (exponent.n != 0) ND_TRY(take_factors(s, a, exponent, false));
  return build_product(s, result);
}

/* ---- the other operators: each rule says whether it applied ---- */

typedef struct point {
  nd_op op;
  const char *at, *value;
} point;

static const point points[] = {
    {ND_SQRT, "0", "0"},     {ND_SQRT, "1", "1"},   {ND_CBRT, "0", "0"},    {ND_CBRT, "1", "1"},
    {ND_EXP, "0", "1"},      {ND_EXPM1, "0", "0"},  {ND_LOG, "1", "0"},     {ND_LOG2, "1", "0"},
    {ND_LOG10, "1", "0"},    {ND_LOG1P, "0", "0"},  {ND_SIN, "0", "0"},     {ND_COS, "0", "1"},
    {ND_TAN, "0", "0"},      {ND_ASIN, "0", "0"},   {ND_ACOS, "1", "0"},    {ND_ATAN, "0", "0"},
    {ND_SINH, "0", "0"},     {ND_COSH, "0", "1"},   {ND_TANH, "0", "0"},    {ND_ASINH, "0", "0"},
    {ND_ACOSH, "1", "0"},    {ND_ATANH, "0", "0"},  {ND_ERF, "0", "0"},     {ND_ERFC, "0", "1"},
    {ND_LGAMMA, "1", "0"},   {ND_LGAMMA, "2", "0"}, {ND_ENTROPY, "0", "0"}, {ND_ENTROPY, "1", "0"},
    {ND_SIGMOID, "0", "0.5"}};

static bool find_point(const simplifier *s, nd_op op, nd_node a, const char **value) {
  if (op_of(s, a) != ND_NUMBER) return false;
  for (size_t i = 0; i < ND_COUNT(points); i++) {
    if (points[i].op != op || strcmp(points[i].at, nd_node_text(s->graph, a)) != 0) continue;
    *value = points[i].value;
    return true;
  }
  return false;
}

/* outer(inner(x)) is x wherever inner(x) is defined */
static const nd_op inverses[][2] = {{ND_EXP, ND_LOG},     {ND_LOG, ND_EXP},    {ND_EXPM1, ND_LOG1P},
                                    {ND_LOG1P, ND_EXPM1}, {ND_SIN, ND_ASIN},   {ND_COS, ND_ACOS},
                                    {ND_TAN, ND_ATAN},    {ND_SINH, ND_ASINH}, {ND_ASINH, ND_SINH},
                                    {ND_TANH, ND_ATANH},  {ND_ATANH, ND_TANH}, {ND_COSH, ND_ACOSH}};

static bool undoes(nd_op outer, nd_op inner) {
  for (size_t i = 0; i < ND_COUNT(inverses); i++)
    if (inverses[i][0] == outer && inverses[i][1] == inner) return true;
  return false;
}

static bool never_negative(const simplifier *s, nd_node node) {
  const nd_op_info *info = nd_op_about(op_of(s, node));
  return info != NULL && (info->sign == ND_SIGN_positive || info->sign == ND_SIGN_not_negative ||
                          info->sign == ND_SIGN_truth);
}

static bool is_square(const simplifier *s, nd_node node) {
  nd_exact exponent;
  return op_of(s, node) == ND_POW && nd_exact_of(s->graph, argument(s, node, 1), &exponent) &&
         exponent.n == 2 && exponent.d == 1;
}

/* log(exp(a) + exp(b) + 1 ...): 1 is exp(0). */
static bool is_sum_of_exps(const simplifier *s, nd_node a) {
  if (op_of(s, a) != ND_ADD) return false;
  for (size_t i = 0; i < nd_node_arity(s->graph, a); i++) {
    nd_node term = argument(s, a, i);
    if (term != s->one && op_of(s, term) != ND_EXP) return false;
  }
  return true;
}

static nadir_status make_logsumexp(simplifier *s, nd_node a, nd_node *result) {
  size_t count = nd_node_arity(s->graph, a);
  ND_TRY(room(s, count));
  for (size_t i = 0; i < count; i++) {
    nd_node term = argument(s, a, i);
    s->scratch[i] = term == s->one ? s->zero : argument(s, term, 0);
  }
  return nd_make(s->graph, ND_LOGSUMEXP, s->scratch, count, result, s->error);
}

/* Logarithms with a stable form: log(1 + exp(u)) and log1p(exp(u)) are softplus(u), log(sigmoid(u))
 * is -softplus(-u), log(exp(a) + exp(b)) is logsumexp(a, b). *done is false for others. */
static nadir_status simplify_logarithm(simplifier *s, nd_op op, nd_node a, nd_node *result,
                                       bool *done) {
  nd_node u = ND_NO_NODE;
  *done = true;
  if (op == ND_LOG && op_of(s, a) == ND_SIGMOID) {
    ND_TRY(negate(s, argument(s, a, 0), &u));
    ND_TRY(nd_make(s->graph, ND_SOFTPLUS, &u, 1, &u, s->error));
    return nd_make(s->graph, ND_NEG, &u, 1, result, s->error);
  }
  if (op == ND_LOG1P && op_of(s, a) == ND_EXP) u = argument(s, a, 0);
  if (u != ND_NO_NODE || (op == ND_LOG && is_one_plus_exp(s, a, &u)))
    return nd_make(s->graph, ND_SOFTPLUS, &u, 1, result, s->error);
  *done = op == ND_LOG && is_sum_of_exps(s, a);
  return *done ? make_logsumexp(s, a, result) : NADIR_OK;
}

static nadir_status simplify_unary(simplifier *s, nd_op op, nd_node a, nd_node *result) {
  const char *value;
  nd_op inner = op_of(s, a);
  if (find_point(s, op, a, &value))
    return nd_make_decimal(s->graph, false, value, strlen(value), result, s->error);
  if (undoes(op, inner) || (op == ND_ABS && never_negative(s, a))) {
    *result = op == ND_ABS ? a : argument(s, a, 0);
    return NADIR_OK;
  }
  if (op == ND_SQRT && is_square(s, a)) {
    a = argument(s, a, 0);
    return simplify_unary(s, ND_ABS, a, result);
  }
  if (op == ND_LOG || op == ND_LOG1P) {
    bool done;
    ND_TRY(simplify_logarithm(s, op, a, result, &done));
    if (done) return NADIR_OK;
  }
  if (inner == ND_NEG && (op == ND_ABS || op == ND_COS || op == ND_COSH)) a = argument(s, a, 0);
  return nd_make(s->graph, op, &a, 1, result, s->error);
}

/* Operators of exact numbers whose value is exact: true when `value` is it. */
static bool fold_exact(nd_op op, const nd_exact *a, size_t count, nd_exact *value) {
  int order;
  nd_exact zero = {0, 1};
  *value = a[0];
  if (op == ND_ABS || op == ND_SIGN || op == ND_POS) {
    int64_t sign = a->n > 0 ? 1 : a->n < 0 ? -1 : 0;
    if (op == ND_SIGN) *value = (nd_exact){sign, 1};
    if (op == ND_ABS && sign < 0) *value = negative(*a);
    if (op == ND_POS && sign < 0) *value = zero;
    return true;
  }
  if (op == ND_FLOOR) {
    *value = (nd_exact){nd_exact_floor(*a), 1};
    return true;
  }
  if (op == ND_LESS || op == ND_LESSEQ || op == ND_EQUAL) {
    if (!nd_exact_compare(a[0], a[1], &order)) return false;
    bool holds = op == ND_LESS ? order < 0 : op == ND_LESSEQ ? order <= 0 : order == 0;
    *value = holds ? exact_one : zero;
    return true;
  }
  if (op != ND_MIN && op != ND_MAX) return false;
  for (size_t i = 1; i < count; i++) {
    if (!nd_exact_compare(a[i], *value, &order)) return false;
    if (op == ND_MIN ? order < 0 : order > 0) *value = a[i];
  }
  return true;
}

enum { FOLD_MOST = 16 };

static bool fold_numbers(const simplifier *s, nd_op op, const nd_node *arguments, size_t count,
                         nd_exact *value) {
  nd_exact numbers[FOLD_MOST];
  if (count == 0 || count > FOLD_MOST) return false;
  for (size_t i = 0; i < count; i++)
    if (!nd_exact_of(s->graph, arguments[i], &numbers[i])) return false;
  return fold_exact(op, numbers, count, value);
}

/* A truth value that is known: 0 or 1; -1 where it is not. */
static int known_truth(const simplifier *s, nd_node node) {
  if (op_of(s, node) != ND_NUMBER) return -1;
  return node != s->zero;
}

static bool simplify_truth(simplifier *s, nd_op op, const nd_node *a, nd_node *result) {
  int first = known_truth(s, a[0]), second = op == ND_NOT ? -1 : known_truth(s, a[1]);
  if (op == ND_NOT) {
    if (first < 0 && op_of(s, a[0]) != ND_NOT) return false;
    *result = first < 0 ? argument(s, a[0], 0) : first == 1 ? s->zero : s->one;
    return true;
  }
  int neutral = op == ND_AND; /* the value that leaves the other as it is */
  if (first >= 0)
    *result = first == neutral ? a[1] : a[0];
  else if (second >= 0)
    *result = second == neutral ? a[0] : a[1];
  else if (a[0] == a[1])
    *result = a[0];
  else
    return false;
  return true;
}

static nadir_status simplify_if(simplifier *s, nd_node *a, nd_node *result) {
  int known = known_truth(s, a[0]);
  if (known >= 0 || a[1] == a[2]) {
    *result = known == 0 ? a[2] : a[1];
    return NADIR_OK;
  }
  if (op_of(s, a[0]) == ND_NOT)
    return nd_make(s->graph, ND_IF, (nd_node[]){argument(s, a[0], 0), a[2], a[1]}, 3, result,
                   s->error);
  return nd_make(s->graph, ND_IF, a, 3, result, s->error);
}

static nadir_status simplify_norm(simplifier *s, nd_node *a, size_t count, nd_node *result) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (a[i] != s->zero) a[kept++] = a[i];
  if (kept == 0) *result = s->zero;
  if (kept == 0) return NADIR_OK;
  if (kept == 1) return simplify_unary(s, ND_ABS, a[0], result);
  return nd_make(s->graph, ND_NORM2, a, kept, result, s->error);
}

static nadir_status simplify_other(simplifier *s, nd_op op, nd_node *a, size_t count,
                                   nd_node *result) {
  nd_exact value;
  if (op == ND_INTEGRAL && (a[0] == s->zero || a[2] == a[3])) {
    *result = s->zero;
    return NADIR_OK;
  }
  if (nd_op_about(op) == NULL) return nd_make(s->graph, op, a, count, result, s->error);
  if (fold_numbers(s, op, a, count, &value)) return make_exact(s, value, result);
  if (op == ND_AND || op == ND_OR || op == ND_NOT) {
    if (simplify_truth(s, op, a, result)) return NADIR_OK;
    nd_op inner = op_of(s, a[0]);
    if (op == ND_NOT && (inner == ND_LESS || inner == ND_LESSEQ))
      return nd_make2(s->graph, inner == ND_LESS ? ND_LESSEQ : ND_LESS, argument(s, a[0], 1),
                      argument(s, a[0], 0), result, s->error);
  } else if (count == 1) {
    return simplify_unary(s, op, a[0], result);
  } else if (op == ND_IF) {
    return simplify_if(s, a, result);
  } else if (op == ND_NORM2) {
    return simplify_norm(s, a, count, result);
  } else if (count == 2 && a[0] == a[1]) {
    if (op == ND_MIN || op == ND_MAX) *result = a[0];
    if (op == ND_LESS) *result = s->zero;
    if (op == ND_LESSEQ || op == ND_EQUAL) *result = s->one;
    if (op == ND_MIN || op == ND_MAX || op == ND_LESS || op == ND_LESSEQ || op == ND_EQUAL)
      return NADIR_OK;
  }
  return nd_make(s->graph, op, a, count, result, s->error);
}

/* ---- the walk ---- */

static nadir_status simplify_node(simplifier *s, nd_node node, nd_node *arguments) {
  nd_op op = op_of(s, node);
  size_t arity = nd_node_arity(s->graph, node);
  nd_node *result = &s->results[node];
  if (op == ND_ADD || op == ND_SUB || op == ND_NEG) return simplify_sum(s, node, result);
  if (op == ND_MUL || op == ND_DIV) return simplify_product(s, node, result);
  *result = node;
  if (arity == 0) return NADIR_OK;
  for (size_t i = 0; i < arity; i++)
    arguments[i] = s->results[argument(s, node, i)];
  if (op == ND_POW) return simplify_power(s, arguments[0], arguments[1], result);
  return simplify_other(s, op, arguments, arity, result);
}

/* 1 for sums, 2 for products, 0 for the rest */
static int family(nd_op op) {
  if (op == ND_ADD || op == ND_SUB || op == ND_NEG) return 1;
  return op == ND_MUL || op == ND_DIV ? 2 : 0;
}

/* Marks what one node of its own family alone uses; gives the widest node's arity. */
static nadir_status mark_absorbed(simplifier *s, const bool *reached, size_t size,
                                  const nd_node *roots, size_t count, size_t *most) {
  uint32_t *uses = nd_new(size, sizeof *uses, s->error);
  if (uses == NULL) return NADIR_NO_MEMORY;
  *most = 1;
  for (size_t i = 0; i < count; i++)
    uses[roots[i]] += 2;
  for (size_t n = size; n-- > 0;) {
    size_t arity = nd_node_arity(s->graph, (nd_node)n);
    if (!reached[n]) continue;
    if (arity > *most) *most = arity;
    for (size_t i = 0; i < arity; i++) {
      nd_node used = argument(s, (nd_node)n, i);
      int kin = family(op_of(s, used));
      uses[used]++;
      s->absorbed[used] = uses[used] == 1 && kin != 0 && kin == family(op_of(s, (nd_node)n));
    }
  }
  nd_free(uses);
  return NADIR_OK;
}

static nadir_status simplify_reached(simplifier *s, const bool *reached, size_t size,
                                     const nd_node *roots, size_t count, nd_node *results) {
  size_t most;
  ND_TRY(nd_make_decimal(s->graph, false, "0", 1, &s->zero, s->error));
  ND_TRY(nd_make_decimal(s->graph, false, "1", 1, &s->one, s->error));
  ND_TRY(mark_absorbed(s, reached, size, roots, count, &most));
  nd_node *arguments = nd_new(most, sizeof *arguments, s->error);
  nadir_status status = arguments == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  for (size_t n = 0; n < size && status == NADIR_OK; n++)
    if (reached[n] && !s->absorbed[n]) status = simplify_node(s, (nd_node)n, arguments);
  nd_free(arguments);
  for (size_t i = 0; i < count && status == NADIR_OK; i++)
    results[i] = s->results[roots[i]];
  return status;
}

nadir_status nd_simplify_all(nd_graph *graph, const nd_node *roots, size_t count, nd_node *results,
                             nadir_error *error) {
  size_t size = nd_graph_size(graph);
  bool *reached = NULL;
  simplifier s = {.graph = graph, .error = error};
  s.results = nd_new(size, sizeof *s.results, error);
  s.absorbed = nd_new(size, sizeof *s.absorbed, error);
  nadir_status status = s.results == NULL || s.absorbed == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  if (status == NADIR_OK) status = nd_reach(graph, roots, count, &reached, error);
  if (status == NADIR_OK) status = simplify_reached(&s, reached, size, roots, count, results);
  nd_free(reached);
  nd_free(s.results);
  nd_free(s.absorbed);
  nd_free(s.terms.list);
  nd_free(s.terms.slots);
  nd_free(s.factors.list);
  nd_free(s.factors.slots);
  nd_free(s.items);
  nd_free(s.scratch);
  return status;
}

nadir_status nd_simplify(nd_graph *graph, nd_node root, nd_node *result, nadir_error *error) {
  return nd_simplify_all(graph, &root, 1, result, error);
}
