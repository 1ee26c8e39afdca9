/* The question of convexity, asked in order: rules, Hessian, refutation.
 *
 * Names with a single value are substituted first. The rules answer on the typed root and on forms
 * equal to it, the domain being proved convex before anything is claimed on it; the Hessian is
 * asked only on a convex domain; the refuter looks for what is left. Time is looked at between and
 * within these. A verdict is "proved", "refuted" or "not known", never a guess. */
#include <math.h>
#include <string.h>

#include "theory/rules_internal.h"

static const double SECONDS_FOR_DOMAIN = 0.25; /* to tell it when all time is used */

void nd_give_back(void) {
  flint_cleanup();
}

bool nd_out_of_time(const nd_budget *budget) {
  return nd_is_over(&budget->until);
}

nd_until nd_question_until(const nd_question *question) {
  nd_until until = nd_until_for(question->until, fmax(question->seconds, 0));
  return question->work > 0 ? nd_until_work(&until, question->work) : until;
}

nd_budget nd_budget_of(const nd_question *question) {
  return (nd_budget){.until = nd_question_until(question)};
}

/* ---- the proof as a tree ---- */

enum { MOST_STEPS = 300, MOST_DEPTH = 60 };

typedef struct printer {
  nd_rules *rules;
  nd_verdict *verdict;
  bool *printed[3]; /* by claim and node */
  size_t size;
} printer;

/* The function that a rule speaks of: "exp is convex". */
static const char *function_of(const nd_graph *graph, nd_node node, nadir_rule rule) {
  const nd_op_info *about = nd_op_about(nd_node_op(graph, node));
  bool speaks = rule == NADIR_RULE_CONVEX_FUNCTION || rule == NADIR_RULE_CONCAVE_FUNCTION;
  return speaks && about != NULL ? about->name : NULL;
}

static nadir_status print_proof(printer *p, nd_node node, nadir_claim claim, unsigned depth) {
  nd_rules *r = p->rules;
  const nd_known *known = nd_known_of(r, node);
  nd_reason reason = known->reason[claim == NADIR_IS_CONCAVE];
  bool leaf = claim == NADIR_IS_AFFINE && depth > 0;
  if (depth > 0 && (nd_node_arity(r->graph, node) == 0 || depth > MOST_DEPTH)) return NADIR_OK;
  if (p->verdict->steps >= MOST_STEPS) return NADIR_OK;
  bool again = node < p->size && p->printed[claim][node] && !leaf;
  bool same = nd_is_same(reason.rule) && depth == 0;
  nadir_rule rule = again                               ? NADIR_RULE_ABOVE
                    : claim == NADIR_IS_AFFINE && !same ? NADIR_RULE_AFFINE
                                                        : reason.rule;
  nadir_proof_step step = {
      .depth = depth, .claim = claim, .rule = rule, .function = function_of(r->graph, node, rule)};
  if (node < p->size) p->printed[claim][node] = true;
  ND_TRY(nd_proof_add(p->verdict, r->graph, step, node, r->error));
  if (again || leaf) return NADIR_OK;
  for (size_t i = 0; i < reason.count; i++) {
    nd_child child = r->children[reason.first + i];
    if (child.node != node) ND_TRY(print_proof(p, child.node, child.claim, depth + 1));
  }
  return NADIR_OK;
}

static nadir_status write_proof(nd_rules *r, nd_verdict *verdict, nd_node root, nadir_claim claim) {
  printer p = {.rules = r, .verdict = verdict, .size = nd_graph_size(r->graph)};
  nadir_status status = NADIR_OK;
  for (size_t i = 0; i < 3; i++) {
    p.printed[i] = nd_new(p.size, sizeof *p.printed[i], r->error);
    if (p.printed[i] == NULL) status = NADIR_NO_MEMORY;
  }
  if (status == NADIR_OK) status = print_proof(&p, root, claim, 0);
  for (size_t i = 0; i < 3; i++)
    nd_free(p.printed[i]);
  return status;
}

/* ---- rules ---- */

/* From the leaves up, so that nothing recurses over a long sum. */
static nadir_status know_all(nd_rules *r, nd_node root) {
  bool *reached = nd_new((size_t)root + 1, sizeof *reached, r->error);
  if (reached == NULL) return NADIR_NO_MEMORY;
  reached[root] = true;
  for (size_t n = (size_t)root + 1; n-- > 0;)
    for (size_t i = 0; reached[n] && i < nd_node_arity(r->graph, (nd_node)n); i++)
      reached[nd_node_argument(r->graph, (nd_node)n, i)] = true;
  nadir_status status = NADIR_OK;
  for (size_t n = 0; n <= root && status == NADIR_OK; n++)
    if (reached[n]) status = nd_know(r, (nd_node)n);
  nd_free(reached);
  return status;
}

/* The formula simplified, where the typed one gave nothing: equal wherever that is defined. */
static nadir_status try_simplified(nd_rules *r, nd_node root) {
  const nd_question *q = r->question;
  const nd_derivatives *d;
  ND_TRY(nd_derivatives_of(r->graph, root, q->parameters, q->parameter_count, 0, &d, r->error));
  nd_node simple = d->root;
  if (simple == root) return NADIR_OK;
  ND_TRY(know_all(r, simple));
  for (nadir_claim claim = NADIR_IS_CONVEX; claim <= NADIR_IS_CONCAVE; claim++)
    if (nd_holds(r, simple, claim))
      ND_TRY(nd_conclude(r, root, claim, NADIR_RULE_SIMPLIFIED, &(nd_child){simple, claim}, 1));
  return NADIR_OK;
}

static nadir_status answer_by_rules(nd_rules *r, nd_verdict *verdict, nd_node root) {
  ND_TRY(know_all(r, root));
  bool strict = false,
       any = nd_holds(r, root, NADIR_IS_CONVEX) || nd_holds(r, root, NADIR_IS_CONCAVE);
  if (!any) ND_TRY(try_simplified(r, root));
  bool convex = nd_holds(r, root, NADIR_IS_CONVEX), concave = nd_holds(r, root, NADIR_IS_CONCAVE);
  if (!convex && !concave) return NADIR_OK;
  verdict->by = NADIR_BY_RULES;
  if (convex) verdict->convex = NADIR_PROVED;
  if (concave) verdict->concave = NADIR_PROVED;
  nadir_claim claim = convex ? (concave ? NADIR_IS_AFFINE : NADIR_IS_CONVEX) : NADIR_IS_CONCAVE;
  if (claim == NADIR_IS_AFFINE)
    verdict->affine = NADIR_PROVED;
  else
    ND_TRY(nd_find_strength(r, root, claim, &strict, &verdict->modulus));
  verdict->strict = strict;
  return write_proof(r, verdict, root, claim);
}

nadir_status nd_prove_by_rules(const nd_question *question, const nd_budget *budget,
                               nd_verdict *verdict, nadir_error *error) {
  nd_rules rules;
  nd_conditions conditions = {0};
  nadir_status status = nd_rules_begin(&rules, question, budget, error);
  if (status == NADIR_OK) status = nd_conditions_find(&rules, &conditions);
  if (status == NADIR_OK && conditions.convex)
    status = answer_by_rules(&rules, verdict, question->root);
  nd_conditions_clear(&conditions);
  nd_rules_end(&rules);
  return status;
}

/* ---- what has a single value is substituted ---- */

typedef struct reduced {
  nd_question question;
  nd_node *parameters;
  size_t *place; /* by parameter of the reduced question: its number in the asked one */
  double *value; /* by parameter asked: its single value, else NaN */
} reduced;

static const char *single_value(const nd_question *question, nd_node name) {
  for (size_t i = 0; i < question->fact_count; i++) {
    const nd_range *range = &question->facts[i].range;
    if (question->facts[i].name != name) continue;
    if (range->count == 1) return range->values[0];
    if (range->count > 0 || range->low == NULL || range->high == NULL) continue;
    if (range->low_open || range->high_open) continue;
    fmpq_t low, high;
    fmpq_init(low);
    fmpq_init(high);
    bool same = nd_read_decimal(range->low, low) && nd_read_decimal(range->high, high) &&
                fmpq_equal(low, high);
    fmpq_clear(low);
    fmpq_clear(high);
    if (same) return range->low;
  }
  return NULL;
}

static void free_reduced(reduced *to) {
  nd_free(to->parameters);
  nd_free(to->place);
  nd_free(to->value);
}

static bool is_among(const nd_node *list, size_t count, nd_node node, size_t *at) {
  for (*at = 0; *at < count; (*at)++)
    if (list[*at] == node) return true;
  return false;
}

static nadir_status substitute_name(const nd_question *question, nd_node name, const char *text,
                                    nd_node *root, nadir_error *error) {
  nd_node number;
  bool negative = *text == '-';
  ND_TRY(nd_parse(question->graph, text + negative, &number, error));
  if (negative) ND_TRY(nd_make(question->graph, ND_NEG, &number, 1, &number, error));
  return nd_substitute(question->graph, *root, &name, &number, 1, root, error);
}

static nadir_status reduce(const nd_question *question, reduced *to, nadir_error *error) {
  nd_node *names = NULL;
  size_t count, at;
  *to = (reduced){.question = *question};
  to->parameters = nd_new(question->parameter_count + 1, sizeof *to->parameters, error);
  to->place = nd_new(question->parameter_count + 1, sizeof *to->place, error);
  to->value = nd_new(question->parameter_count + 1, sizeof *to->value, error);
  if (to->parameters == NULL || to->place == NULL || to->value == NULL) return NADIR_NO_MEMORY;
  to->question.parameter_count = 0;
  for (size_t i = 0; i < question->parameter_count; i++) {
    const char *text = single_value(question, question->parameters[i]);
    to->value[i] = NAN;
    if (text != NULL) {
      nd_read_number(text, text + strlen(text), &to->value[i]);
    } else {
      to->place[to->question.parameter_count] = i;
      to->parameters[to->question.parameter_count++] = question->parameters[i];
    }
  }
  to->question.parameters = to->parameters;
  ND_TRY(nd_names(question->graph, &question->root, 1, &names, &count, error));
  nadir_status status = NADIR_OK;
  for (size_t i = 0; i < count && status == NADIR_OK; i++) {
    const char *text = single_value(question, names[i]);
    if (text == NULL) continue;
    if (is_among(question->parameters, question->parameter_count, names[i], &at) &&
        to->question.parameter_count == 0)
      continue; /* a box of one point: left as it is */
    status = substitute_name(question, names[i], text, &to->question.root, error);
  }
  nd_free(names);
  return status;
}

/* A witness of the reduced question, with the single values put back. */
static nadir_status widen_points(const reduced *from, size_t parameters, double **points,
                                 nadir_error *error) {
  double *wide = nd_new(parameters + 1, sizeof *wide, error);
  if (wide == NULL) return NADIR_NO_MEMORY;
  memcpy(wide, from->value, parameters * sizeof *wide);
  for (size_t i = 0; i < from->question.parameter_count; i++)
    wide[from->place[i]] = (*points)[i];
  nd_free(*points);
  *points = wide;
  return NADIR_OK;
}

static nadir_status widen(const reduced *from, size_t parameters, nd_witness *witness,
                          nadir_error *error) {
  if (witness == NULL || from->question.parameter_count == parameters) return NADIR_OK;
  ND_TRY(widen_points(from, parameters, &witness->p, error));
  return widen_points(from, parameters, &witness->q, error);
}

/* ---- what a refutation also tells ---- */

static bool is_product_of_convex(const nd_rules *r, nd_node root) {
  nd_op op = nd_node_op(r->graph, root);
  if (op != ND_MUL) return false;
  for (size_t i = 0; i < nd_node_arity(r->graph, root); i++) {
    const nd_known *known = &r->known[nd_node_argument(r->graph, root, i)];
    if (!known->convex || known->constant) return false;
  }
  return true;
}

static nadir_status add_product(const nd_question *question, nd_verdict *verdict,
                                nadir_error *error) {
  nadir_proof_step step = {.claim = NADIR_IS_NOT_CONVEX, .rule = NADIR_RULE_PRODUCT_OF_CONVEX};
  ND_TRY(nd_proof_add(verdict, question->graph, step, question->root, error));
  step = (nadir_proof_step){.depth = 1, .claim = NADIR_IS_CONVEX, .rule = NADIR_RULE_FACTOR};
  for (size_t i = 0; i < nd_node_arity(question->graph, question->root); i++)
    ND_TRY(nd_proof_add(verdict, question->graph, step,
                        nd_node_argument(question->graph, question->root, i), error));
  return NADIR_OK;
}

/* The lecture's warning, where it is the case at hand: x * x^2. */
static nadir_status name_product(const nd_question *question, const nd_budget *budget,
                                 nd_verdict *verdict, nadir_error *error) {
  nd_rules rules;
  nd_conditions conditions = {0};
  nadir_status status = nd_rules_begin(&rules, question, budget, error);
  if (status == NADIR_OK) status = nd_conditions_find(&rules, &conditions);
  if (status == NADIR_OK && conditions.convex) status = know_all(&rules, question->root);
  if (status == NADIR_OK && conditions.convex && is_product_of_convex(&rules, question->root)) {
    status = add_product(question, verdict, error);
  }
  nd_conditions_clear(&conditions);
  nd_rules_end(&rules);
  return status;
}

static bool is_everywhere(const nd_question *question, const nd_domain *domain) {
  bool all = domain->is_box && !domain->empty;
  for (size_t i = 0; i < question->parameter_count; i++)
    all = all && isinf(domain->box[i].low) && isinf(domain->box[i].high);
  return all;
}

static nadir_cut cut_of(nd_over over) {
  switch (over) {
  case ND_OVER_TIME:
    return NADIR_CUT_BY_TIME;
  case ND_OVER_ASKED:
    return NADIR_CUT_BY_LISTENER;
  case ND_GOES_ON:
    break;
  }
  return NADIR_NOT_CUT;
}

/* ---- the question ---- */

static nadir_status answer(const nd_question *question, nd_budget *budget, nd_verdict *verdict,
                           nd_domain *domain, nadir_error *error) {
  ND_TRY(nd_domain_find(question, budget, domain, error));
  if (domain->empty) return NADIR_OK;
  if (domain->convex) {
    ND_TRY(nd_prove_by_rules(question, budget, verdict, error));
    bool answered = verdict->convex != NADIR_NOT_KNOWN || verdict->concave != NADIR_NOT_KNOWN;
    if (!answered && !nd_out_of_time(budget))
      ND_TRY(nd_prove_by_hessian(question, budget, verdict, error));
  }
  if (verdict->affine == NADIR_PROVED || question->proofs_only) return NADIR_OK;
  if (question->parameter_count > 0 && !nd_out_of_time(budget))
    ND_TRY(nd_refute(question, budget, verdict, error));
  if (verdict->convex == NADIR_REFUTED || verdict->concave == NADIR_REFUTED)
    verdict->affine = NADIR_REFUTED;
  if (verdict->convex == NADIR_REFUTED) ND_TRY(name_product(question, budget, verdict, error));
  return NADIR_OK;
}

/* What was found until the time was up counts. */
static nadir_status answer_in_time(const nd_question *question, nd_budget *budget, nd_verdict *verdict,
                                   nd_domain *domain, nadir_error *error) {
  const nd_until *before = nd_graph_heed(question->graph, &budget->until);
  nadir_status status = answer(question, budget, verdict, domain, error);
  nd_graph_heed(question->graph, before);
  return status == NADIR_ENDED ? NADIR_OK : status;
}

static nadir_status answer_reduced(const nd_question *question, reduced *to, nd_verdict *verdict,
                                   nadir_error *error) {
  nd_domain domain = {0}, asked = {0};
  nd_budget budget = nd_budget_of(question);
  ND_TRY(reduce(question, to, error));
  nadir_status status = answer_in_time(&to->question, &budget, verdict, &domain, error);
  if (status == NADIR_OK) status = widen(to, question->parameter_count, verdict->not_convex, error);
  if (status == NADIR_OK)
    status = widen(to, question->parameter_count, verdict->not_concave, error);
  /* the domain told is that of the question as asked, also when its time is over */
  nd_budget more = {.until = question->work > 0 ? nd_until_work(question->until, SECONDS_FOR_DOMAIN)
                                                : nd_until_for(question->until, SECONDS_FOR_DOMAIN)};
  if (status == NADIR_OK) status = nd_domain_find(question, &more, &asked, error);
  verdict->cut = cut_of(nd_is_over(&budget.until));
  verdict->boxes = budget.boxes;
  verdict->domain = asked.told; /* handed over */
  asked.told = (nadir_domain){0};
  verdict->domain.everywhere = status == NADIR_OK && is_everywhere(question, &asked);
  verdict->domain.empty = domain.empty || (status == NADIR_OK && asked.empty);
  nd_domain_clear(&domain);
  nd_domain_clear(&asked);
  return status;
}

nadir_status nd_convexity(const nd_question *question, nd_verdict *verdict, nadir_error *error) {
  reduced to = {0};
  *verdict = (nd_verdict){.modulus = NAN, .size = question->parameter_count};
  nadir_status status = answer_reduced(question, &to, verdict, error);
  free_reduced(&to);
  if (status != NADIR_OK) nd_verdict_clear(verdict);
  nd_give_back();
  return status;
}

static void free_texts(char **texts, size_t count) {
  for (size_t i = 0; i < count && texts != NULL; i++)
    nd_free(texts[i]);
  nd_free(texts);
}

static void free_witness(nd_witness *witness) {
  if (witness == NULL) return;
  nd_free(witness->p);
  nd_free(witness->q);
  nd_free(witness->constants);
  free_texts(witness->constant_names, witness->constant_count);
  nd_free(witness);
}

void nd_verdict_clear(nd_verdict *verdict) {
  for (size_t i = 0; i < verdict->steps; i++) {
    nd_free(verdict->step[i].formula);
    nd_free(verdict->step[i].latex);
  }
  nd_free(verdict->step);
  free_witness(verdict->not_convex);
  free_witness(verdict->not_concave);
  nd_told_clear(&verdict->domain);
  nd_free(verdict->formula);
  free_texts(verdict->parameter, verdict->size);
  *verdict = (nd_verdict){.modulus = NAN};
}
