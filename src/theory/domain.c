/* The domain of the formula as typed, proved convex or not.
 *
 * Each operator's condition (ops.def) is a set of points. They are accepted one after another, each
 * on the domain of those before: {u > 0} is convex where u is concave there, {u <= 1} where u is
 * convex; u != 0 only where its range says so. An accepted condition narrows what is known, so more
 * may follow (1/x after log(x)). A node counts only when all conditions under it are accepted. What
 * is in a branch of an if() binds there alone and narrows nothing; a condition on constants
 * leaves all of space or nothing, both convex. Costs a pass of the rules for each round.
 * Forbidden: an alternative form's conditions in place of the typed ones. */
#include <math.h>
#include <string.h>

#include "theory/enclose_internal.h"
#include "theory/rules_internal.h"

/* ---- which conditions there are ---- */

typedef struct domain_row {
  nd_where domain;
  size_t argument;
  nd_condition_kind kind;
  nd_interval set;
} domain_row;

static const domain_row rows[] = {
    {ND_WHERE_a_above_0, 0, ND_IN_SET, {0, INFINITY, true, true, false}},
    {ND_WHERE_a_from_0, 0, ND_IN_SET, {0, INFINITY, false, true, false}},
    {ND_WHERE_a_above_minus_1, 0, ND_IN_SET, {-1, INFINITY, true, true, false}},
    {ND_WHERE_a_from_1, 0, ND_IN_SET, {1, INFINITY, false, true, false}},
    {ND_WHERE_a_within_1, 0, ND_IN_SET, {-1, 1, false, false, false}},
    {ND_WHERE_a_inside_1, 0, ND_IN_SET, {-1, 1, true, true, false}},
    {ND_WHERE_b_above_0, 1, ND_IN_SET, {0, INFINITY, true, true, false}},
    {ND_WHERE_b_from_0, 1, ND_IN_SET, {0, INFINITY, false, true, false}},
    {ND_WHERE_b_not_0, 1, ND_NOT_ZERO, {-INFINITY, INFINITY, true, true, false}},
    {ND_WHERE_order_a_and_b_no_pole, 1, ND_SPECIAL, {-INFINITY, INFINITY, true, true, false}},
};

static nadir_status add_condition(nd_rules *r, nd_conditions *all, nd_condition condition) {
  ND_TRY(nd_grow(&all->list, &all->capacity, all->count + 1, sizeof *all->list, r->error));
  all->list[all->count++] = condition;
  return NADIR_OK;
}

/* u^p > 0 for odd p, sinh(u) >= 0 and the like say the same of u. */
static nadir_status reduce(nd_rules *r, nd_condition *condition) {
  const nd_interval *set = &condition->set;
  if (condition->kind == ND_IN_SET && !(set->low == 0 && isinf(set->high))) return NADIR_OK;
  for (;;) {
    nd_op op = nd_node_op(r->graph, condition->on);
    const nd_op_info *about = nd_op_about(op);
    bool same = about != NULL && about->sign == ND_SIGN_same;
    if (op == ND_POW) {
      nd_ratio p = {0, 1};
      bool rational;
      fmpq_t value;
      fmpq_init(value);
      nadir_status status =
          nd_number_of_node(r, nd_node_argument(r->graph, condition->on, 1), value, &rational);
      same = rational && nd_ratio_of(value, &p) && p.d == 1 && p.n > 0 &&
             (p.n % 2 != 0 || condition->kind == ND_NOT_ZERO);
      fmpq_clear(value);
      ND_TRY(status);
    }
    if (!same) return NADIR_OK;
    condition->on = nd_node_argument(r->graph, condition->on, 0);
  }
}

static nadir_status condition_of_power(nd_rules *r, nd_condition *condition, bool *none) {
  nd_ratio p = {0, 1};
  bool rational;
  fmpq_t value;
  fmpq_init(value);
  nadir_status status =
      nd_number_of_node(r, nd_node_argument(r->graph, condition->owner, 1), value, &rational);
  bool known = status == NADIR_OK && rational;
  bool fits = known && nd_ratio_of(value, &p);
  fmpq_clear(value);
  ND_TRY(status);
  condition->on = nd_node_argument(r->graph, condition->owner, 0);
  condition->set = nd_everything();
  *none = fits && p.d == 1 && p.n >= 0;
  if (!fits) {
    condition->kind = ND_SPECIAL;
  } else if (p.d == 1) {
    condition->kind = ND_NOT_ZERO;
  } else {
    condition->kind = ND_IN_SET;
    condition->set.low = 0;
    condition->set.low_open = p.n < 0;
  }
  return NADIR_OK;
}

static nadir_status conditions_of(nd_rules *r, nd_conditions *all, nd_node node, nd_reach reach) {
  nd_op op = nd_node_op(r->graph, node);
  const nd_op_info *about = nd_op_about(op);
  nd_condition condition = {.owner = node, .on = node, .kind = ND_SPECIAL, .reach = reach};
  condition.set = nd_everything();
  bool none = false;
  if (nd_node_bound(r->graph, node) != 0) return NADIR_OK; /* its integral's */
  if (about == NULL)
    return nd_op_is_head(op) || op == ND_INTEGRAL ? add_condition(r, all, condition) : NADIR_OK;
  if (about->domain == ND_WHERE_everywhere) return NADIR_OK;
  if (nd_node_arity(r->graph, node) > 0) condition.on = nd_node_argument(r->graph, node, 0);
  for (size_t i = 0; i < ND_COUNT(rows); i++) {
    if (rows[i].domain != about->domain) continue;
    condition.on = nd_node_argument(r->graph, node, rows[i].argument);
    condition.kind = rows[i].kind;
    condition.set = rows[i].set;
  }
  if (about->domain == ND_WHERE_by_rule) ND_TRY(condition_of_power(r, &condition, &none));
  if (none) return NADIR_OK;
  if (condition.kind != ND_SPECIAL) ND_TRY(reduce(r, &condition));
  return add_condition(r, all, condition);
}

/* How each node is reached from the root; users have larger numbers than what they use. */
static nadir_status gather(nd_rules *r, nd_conditions *all) {
  size_t size = (size_t)r->question->root + 1;
  bool *depends = NULL;
  nd_reach *reach = nd_new(size, sizeof *reach, r->error);
  if (reach == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_depends(r->graph, r->question->parameters, r->question->parameter_count,
                                   &depends, r->error);
  reach[r->question->root] = ND_ALWAYS;
  for (size_t n = size; n-- > 0 && status == NADIR_OK;) {
    if (reach[n] == ND_UNREACHED) continue;
    bool is_if = nd_node_op(r->graph, (nd_node)n) == ND_IF;
    for (size_t i = 0; i < nd_node_arity(r->graph, (nd_node)n); i++) {
      nd_node a = nd_node_argument(r->graph, (nd_node)n, i);
      nd_reach way = reach[n];
      if (is_if && i > 0) {
        nd_node c = nd_node_argument(r->graph, (nd_node)n, 0);
        nd_reach branch = depends[c] ? ND_FOR_SOME_POINTS : ND_FOR_SOME_CONSTANTS;
        if (branch > way) way = branch;
      }
      if (reach[a] == ND_UNREACHED || way < reach[a]) reach[a] = way;
    }
  }
  for (size_t n = 0; n < size && status == NADIR_OK; n++)
    if (reach[n] != ND_UNREACHED) status = conditions_of(r, all, (nd_node)n, reach[n]);
  nd_free(depends);
  nd_free(reach);
  return status;
}

/* ---- which are convex ---- */

static bool is_within(nd_interval range, nd_interval set, bool *low, bool *high) {
  *low = isinf(set.low) || range.low > set.low ||
         (range.low == set.low &&
          (!set.low_open || range.low_open || (set.low == 0 && range.never_zero)));
  *high = isinf(set.high) || range.high < set.high ||
          (range.high == set.high && (!set.high_open || range.high_open));
  return *low && *high;
}

/* Whether an integral is defined wherever its names are, by its enclosure there. */
static nadir_status integral_holds(nd_rules *r, nd_node integral, bool *holds) {
  nd_node *names = NULL;
  nd_encloser *encloser = NULL;
  size_t count;
  *holds = false;
  ND_TRY(nd_names(r->graph, &integral, 1, &names, &count, r->error));
  nadir_status status =
      nd_encloser_new(&encloser, r->graph, &integral, 1, names, count, &r->budget->until, r->error);
  for (size_t i = 0; status == NADIR_OK && i < count; i++) {
    status = nd_know(r, names[i]);
    nd_interval range = nd_known_of(r, names[i])->range;
    nd_enclosure_set_ends(nd_encloser_leaf(encloser, i), range.low, range.high);
  }
  if (status == NADIR_OK) {
    nd_encloser_run(encloser, 64);
    *holds = nd_encloser_root(encloser, 0)->defined;
  }
  nd_encloser_free(encloser);
  nd_free(names);
  return status;
}

/* tan, lgamma, atan2, powers with an exponent that is not a number: by their enclosures. */
static bool special_holds(nd_rules *r, const nd_condition *c) {
  nd_interval arguments[2];
  size_t arity = nd_node_arity(r->graph, c->owner);
  if (arity > ND_COUNT(arguments)) return false;
  for (size_t i = 0; i < arity; i++)
    arguments[i] = nd_known_of(r, nd_node_argument(r->graph, c->owner, i))->range;
  return nd_function_is_defined(nd_node_op(r->graph, c->owner), arguments, arity);
}

static nadir_status know_arguments(nd_rules *r, const nd_condition *c) {
  ND_TRY(nd_know(r, c->on));
  for (size_t i = 0; i < nd_node_arity(r->graph, c->owner); i++)
    ND_TRY(nd_know(r, nd_node_argument(r->graph, c->owner, i)));
  return NADIR_OK;
}

static bool all_constant(nd_rules *r, const nd_condition *c) {
  size_t arity = nd_node_arity(r->graph, c->owner);
  for (size_t i = 0; i < arity; i++)
    if (!nd_known_of(r, nd_node_argument(r->graph, c->owner, i))->constant) return false;
  return arity > 0;
}

static bool is_convex_set(nd_rules *r, nd_condition *c) {
  const nd_known *known = nd_known_of(r, c->on);
  bool low = false, high = false;
  bool constants = c->kind == ND_SPECIAL ? all_constant(r, c) : known->constant;
  if (nd_node_op(r->graph, c->owner) == ND_INTEGRAL) return c->trivial || constants;
  if (c->kind == ND_SPECIAL && nd_op_about(nd_node_op(r->graph, c->owner)) == NULL) return false;
  if (c->kind == ND_SPECIAL)
    c->trivial = special_holds(r, c);
  else if (c->kind == ND_NOT_ZERO)
    c->trivial = nd_is_nonzero(known->range);
  else
    c->trivial = is_within(known->range, c->set, &low, &high);
  if (c->trivial) return true;
  if (c->reach == ND_FOR_SOME_POINTS) return false;
  if (constants) return true;
  return c->kind == ND_IN_SET && (low || known->concave) && (high || known->convex);
}

/* Nothing under the node waits: by node, for all nodes of the formula. */
static nadir_status find_clear(nd_rules *r, const nd_conditions *all, bool *clear) {
  size_t size = (size_t)r->question->root + 1;
  memset(clear, 1, size);
  for (size_t i = 0; i < all->count; i++)
    if (!all->list[i].accepted) clear[all->list[i].owner] = false;
  for (size_t n = 0; n < size; n++)
    for (size_t i = 0; i < nd_node_arity(r->graph, (nd_node)n); i++)
      clear[n] = clear[n] && clear[nd_node_argument(r->graph, (nd_node)n, i)];
  return NADIR_OK;
}

static bool arguments_are_clear(nd_rules *r, const nd_condition *c, const bool *clear) {
  for (size_t i = 0; i < nd_node_arity(r->graph, c->owner); i++)
    if (!clear[nd_node_argument(r->graph, c->owner, i)]) return false;
  return true;
}

/* ---- what an accepted condition says ---- */

/* c*x + d > 0 is a side of the box. */
static nadir_status narrow_parameter(nd_rules *r, nd_condition *c) {
  nd_poly poly;
  fmpq_t offset, slope, end;
  nd_node x = ND_NO_NODE;
  bool linear = true;
  ND_TRY(nd_polynomial(r, c->on, ND_EXPANDED, &poly));
  fmpq_init(offset);
  fmpq_init(slope);
  fmpq_init(end);
  for (size_t i = 0; i < poly.count && i < 3; i++) {
    nd_term term = r->terms[poly.first + i];
    if (term.count == 0) {
      fmpq_set(offset, nd_coefficient(r, &term));
      continue;
    }
    nd_factor factor = r->factors[term.first];
    linear = linear && x == ND_NO_NODE && term.count == 1 && factor.exponent.n == 1 &&
             factor.exponent.d == 1 && nd_is_parameter(r, factor.base);
    x = factor.base;
    fmpq_set(slope, nd_coefficient(r, &term));
  }
  nadir_status status = NADIR_OK;
  if (linear && x != ND_NO_NODE && poly.count <= 2) {
    nd_interval range = nd_everything();
    bool exact = true;
    for (int side = 0; side < 2; side++) {
      double bound = side == 0 ? c->set.low : c->set.high;
      bool open = side == 0 ? c->set.low_open : c->set.high_open;
      if (isinf(bound)) continue;
      nd_rational_of_double(bound, end);
      fmpq_sub(end, end, offset);
      fmpq_div(end, end, slope);
      double low = nd_rational_end(end, false), high = nd_rational_end(end, true);
      exact = exact && low == high;
      if ((side == 0) == (fmpq_sgn(slope) > 0)) {
        range.low = low;
        range.low_open = open;
      } else {
        range.high = high;
        range.high_open = open;
      }
    }
    c->is_side = exact && c->kind == ND_IN_SET;
    status = nd_narrow(r, x, range);
  }
  fmpq_clear(offset);
  fmpq_clear(slope);
  fmpq_clear(end);
  return status;
}

static nadir_status narrow_by(nd_rules *r, nd_condition *c) {
  nd_interval set = c->set;
  if (c->trivial || c->reach != ND_ALWAYS || c->kind == ND_SPECIAL) return NADIR_OK;
  if (c->kind == ND_NOT_ZERO) set.never_zero = true;
  ND_TRY(nd_narrow(r, c->on, set));
  c->is_side = nd_is_parameter(r, c->on);
  return c->is_side || c->kind == ND_NOT_ZERO ? NADIR_OK : narrow_parameter(r, c);
}

static nadir_status accept_round(nd_rules *r, nd_conditions *all, bool *clear, bool *more) {
  *more = false;
  ND_TRY(find_clear(r, all, clear));
  for (size_t i = 0; i < all->count; i++) {
    nd_condition *c = &all->list[i];
    if (c->accepted || !arguments_are_clear(r, c, clear)) continue;
    ND_TRY(know_arguments(r, c));
    if (nd_node_op(r->graph, c->owner) == ND_INTEGRAL)
      ND_TRY(integral_holds(r, c->owner, &c->trivial));
    if (!is_convex_set(r, c)) continue;
    c->accepted = *more = true;
    ND_TRY(narrow_by(r, c));
  }
  return NADIR_OK;
}

static bool has_value_list(const nd_rules *r) {
  for (size_t i = 0; i < r->question->fact_count; i++)
    if (r->question->facts[i].range.count > 1 && nd_is_parameter(r, r->question->facts[i].name))
      return true;
  return false;
}

nadir_status nd_conditions_find(nd_rules *r, nd_conditions *all) {
  bool more = true;
  *all = (nd_conditions){.reason = ND_NO_NODE, .lists_values = has_value_list(r)};
  bool *clear = nd_new((size_t)r->question->root + 1, sizeof *clear, r->error);
  if (clear == NULL) return NADIR_NO_MEMORY;
  nadir_status status = gather(r, all);
  while (more && status == NADIR_OK && !nd_out_of_time(r->budget)) {
    status = accept_round(r, all, clear, &more);
    if (more) nd_rules_forget(r);
  }
  nd_free(clear);
  all->convex = !all->lists_values;
  for (size_t i = 0; i < all->count; i++) {
    if (all->list[i].accepted) continue;
    all->convex = false;
    if (all->reason == ND_NO_NODE) all->reason = all->list[i].owner;
  }
  return status;
}

void nd_conditions_clear(nd_conditions *all) {
  nd_free(all->list);
  *all = (nd_conditions){0};
}

/* ---- as told ---- */

static nadir_status set_decimal(nadir_decimal *decimal, const char *text, nadir_error *error) {
  nd_read_number(text, text + strlen(text), &decimal->value);
  decimal->text = nd_copy_text(text, strlen(text), error);
  return decimal->text == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

static void clear_condition(nadir_condition *c) {
  nd_free(c->formula);
  nd_free(c->low.text);
  nd_free(c->high.text);
  for (size_t i = 0; i < c->values && c->value != NULL; i++)
    nd_free(c->value[i].text);
  nd_free(c->value);
  *c = (nadir_condition){0};
}

void nd_told_clear(nadir_domain *told) {
  for (size_t i = 0; i < told->conditions; i++)
    clear_condition(&told->condition[i]);
  nd_free(told->condition);
  *told = (nadir_domain){0};
}

static bool same_text(const char *a, const char *b) {
  return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_condition(const nadir_condition *a, const nadir_condition *b) {
  bool same = a->kind == b->kind && a->values == b->values && a->low_open == b->low_open &&
              a->high_open == b->high_open && same_text(a->formula, b->formula) &&
              same_text(a->low.text, b->low.text) && same_text(a->high.text, b->high.text);
  for (size_t i = 0; same && i < a->values; i++)
    same = same_text(a->value[i].text, b->value[i].text);
  return same;
}

/* Drops the last condition where it says nothing new: the same may come from several operators. */
static void keep_new(nadir_domain *told) {
  nadir_condition *last = &told->condition[told->conditions - 1];
  for (const nadir_condition *c = told->condition; c < last; c++)
    if (same_condition(c, last)) {
      clear_condition(last);
      told->conditions--;
      return;
    }
}

static nadir_condition *next_condition(nadir_domain *told, size_t *capacity, nadir_error *error) {
  if (nd_grow(&told->condition, capacity, told->conditions + 1, sizeof *told->condition, error) !=
      NADIR_OK)
    return NULL;
  nadir_condition *c = &told->condition[told->conditions++];
  *c = (nadir_condition){.low.value = -INFINITY, .high.value = INFINITY};
  return c;
}

static nadir_status set_interval(nadir_condition *c, const char *low, bool low_open,
                                 const char *high, bool high_open, nadir_error *error) {
  c->kind = NADIR_IN_INTERVAL;
  c->low_open = low == NULL || low_open;
  c->high_open = high == NULL || high_open;
  if (low != NULL) ND_TRY(set_decimal(&c->low, low, error));
  return high != NULL ? set_decimal(&c->high, high, error) : NADIR_OK;
}

static nadir_status set_list(nadir_condition *c, const nd_range *range, nadir_error *error) {
  c->kind = NADIR_IN_LIST;
  c->value = nd_new(range->count, sizeof *c->value, error);
  if (c->value == NULL) return NADIR_NO_MEMORY;
  for (c->values = 0; c->values < range->count; c->values++)
    ND_TRY(set_decimal(&c->value[c->values], range->values[c->values], error));
  return NADIR_OK;
}

static nadir_status tell_fact(const nd_rules *r, const nd_fact *fact, nadir_domain *told,
                              size_t *capacity) {
  const nd_range *range = &fact->range;
  if (range->count == 0 && range->low == NULL && range->high == NULL) return NADIR_OK;
  nadir_condition *c = next_condition(told, capacity, r->error);
  if (c == NULL) return NADIR_NO_MEMORY;
  const char *name = nd_node_text(r->graph, fact->name);
  c->formula = nd_copy_text(name, strlen(name), r->error);
  if (c->formula == NULL) return NADIR_NO_MEMORY;
  if (range->count > 0)
    ND_TRY(set_list(c, range, r->error));
  else
    ND_TRY(set_interval(c, range->low, range->low_open, range->high, range->high_open, r->error));
  keep_new(told);
  return NADIR_OK;
}

static nadir_status tell_condition(const nd_rules *r, const nd_condition *from, nadir_domain *told,
                                   size_t *capacity) {
  char low[ND_NUMBER_TEXT], high[ND_NUMBER_TEXT];
  nd_node shown = from->kind == ND_SPECIAL ? from->owner : from->on;
  nadir_condition *c = next_condition(told, capacity, r->error);
  if (c == NULL) return NADIR_NO_MEMORY;
  ND_TRY(nd_print_copy(r->graph, shown, ND_PLAIN, &c->formula, r->error));
  if (from->kind == ND_IN_SET)
    ND_TRY(set_interval(c, isinf(from->set.low) ? NULL : nd_format(from->set.low, low),
                        from->set.low_open,
                        isinf(from->set.high) ? NULL : nd_format(from->set.high, high),
                        from->set.high_open, r->error));
  else
    c->kind = from->kind == ND_SPECIAL ? NADIR_DEFINED : NADIR_NOT_ZERO;
  keep_new(told);
  return NADIR_OK;
}

/* What binds the parameters: facts, and conditions that say something new. */
static nadir_status tell(nd_rules *r, const nd_conditions *all, nadir_domain *told) {
  size_t capacity = 0;
  for (size_t i = 0; i < r->question->fact_count; i++)
    if (nd_is_parameter(r, r->question->facts[i].name))
      ND_TRY(tell_fact(r, &r->question->facts[i], told, &capacity));
  for (size_t i = 0; i < all->count; i++) {
    const nd_condition *c = &all->list[i];
    ND_TRY(nd_know(r, c->on));
    bool on_constants = c->kind != ND_SPECIAL && nd_known_of(r, c->on)->constant;
    if (!(c->accepted && c->trivial) && !on_constants)
      ND_TRY(tell_condition(r, c, told, &capacity));
  }
  return NADIR_OK;
}

/* ---- the answer ---- */

static nadir_status ranges_of_constants(nd_rules *r, nd_domain *domain) {
  nd_node *names = NULL;
  size_t count;
  ND_TRY(nd_names(r->graph, &r->question->root, 1, &names, &count, r->error));
  domain->names = names;
  domain->constants = nd_new(count + 1, sizeof *domain->constants, r->error);
  if (domain->constants == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    nd_node name = names[i];
    if (nd_is_parameter(r, name)) continue;
    ND_TRY(nd_know(r, name));
    names[domain->constant_count] = name;
    domain->constants[domain->constant_count++] = nd_known_of(r, name)->range;
  }
  return NADIR_OK;
}

static nadir_status fill_domain(nd_rules *r, const nd_conditions *all, nd_domain *domain) {
  domain->convex = all->convex;
  domain->told.convex = all->convex;
  domain->reason = all->reason;
  domain->is_box = !all->lists_values;
  for (size_t i = 0; i < all->count; i++) {
    const nd_condition *c = &all->list[i];
    domain->is_box = domain->is_box && c->accepted && (c->trivial || c->is_side);
  }
  domain->box = nd_new(r->question->parameter_count + 1, sizeof *domain->box, r->error);
  if (domain->box == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < r->question->parameter_count; i++) {
    ND_TRY(nd_know(r, r->question->parameters[i]));
    domain->box[i] = nd_known_of(r, r->question->parameters[i])->range;
  }
  ND_TRY(ranges_of_constants(r, domain));
  return tell(r, all, &domain->told);
}

static bool is_void(nd_interval a) {
  return a.low > a.high || (a.low == a.high && (a.low_open || a.high_open));
}

/* What all facts say of a name. */
static nadir_status range_by_facts(const nd_question *question, nd_node name, nd_interval *range,
                                   nadir_error *error) {
  *range = nd_everything();
  for (size_t i = 0; i < question->fact_count; i++) {
    nd_interval more;
    if (question->facts[i].name != name) continue;
    ND_TRY(nd_interval_of_range(&question->facts[i].range, &more, error));
    *range = nd_meet(*range, more);
  }
  return NADIR_OK;
}

/* The formula enclosed over all that the facts allow has no value: asin(2), sqrt(y) on y < 0. */
static nadir_status has_no_value(const nd_question *question, const nd_until *until, bool *none,
                                 nadir_error *error) {
  nd_node *names = NULL;
  nd_encloser *encloser = NULL;
  size_t count;
  *none = false;
  ND_TRY(nd_names(question->graph, &question->root, 1, &names, &count, error));
  nadir_status status =
      nd_encloser_new(&encloser, question->graph, &question->root, 1, names, count, until, error);
  for (size_t i = 0; status == NADIR_OK && i < count && !*none; i++) {
    nd_interval range;
    status = range_by_facts(question, names[i], &range, error);
    if (status != NADIR_OK) break;
    *none = is_void(range);
    if (!*none) nd_enclosure_set_ends(nd_encloser_leaf(encloser, i), range.low, range.high);
  }
  if (status == NADIR_OK && !*none) {
    nd_encloser_run(encloser, 96);
    *none = nd_encloser_root(encloser, 0)->nowhere;
  }
  nd_encloser_free(encloser);
  nd_free(names);
  return status;
}

nadir_status nd_domain_find(const nd_question *question, const nd_budget *budget, nd_domain *domain,
                            nadir_error *error) {
  nd_rules rules;
  nd_conditions conditions = {0};
  *domain = (nd_domain){.reason = ND_NO_NODE};
  nadir_status status = nd_rules_begin(&rules, question, budget, error);
  if (status == NADIR_OK) status = nd_conditions_find(&rules, &conditions);
  if (status == NADIR_OK) status = fill_domain(&rules, &conditions, domain);
  if (status == NADIR_OK) status = has_no_value(question, &budget->until, &domain->empty, error);
  for (size_t i = 0; status == NADIR_OK && i < question->parameter_count; i++)
    domain->empty = domain->empty || is_void(domain->box[i]);
  nd_conditions_clear(&conditions);
  nd_rules_end(&rules);
  if (status != NADIR_OK) nd_domain_clear(domain);
  return status;
}

void nd_domain_clear(nd_domain *domain) {
  nd_free(domain->box);
  nd_free(domain->names);
  nd_free(domain->constants);
  nd_told_clear(&domain->told);
  *domain = (nd_domain){.reason = ND_NO_NODE};
}
