/* What is said of convexity: the verdict in a sentence, the domain, the proof as an indented tree, a
 * witness that a person can check with a calculator; the same as a table of LaTeX and as the JSON
 * object of `nadir convex`. */
#include <math.h>
#include <string.h>

#include "tell/tell.h"

/* ---- names ---- */

const char *nadir_answer_name(nadir_answer answer) {
  switch (answer) {
  case NADIR_PROVED:
    return "proved";
  case NADIR_REFUTED:
    return "refuted";
  case NADIR_NOT_KNOWN:
    break;
  }
  return "not known";
}

const char *nadir_claim_name(nadir_claim claim) {
  switch (claim) {
  case NADIR_IS_CONVEX:
    return "convex";
  case NADIR_IS_CONCAVE:
    return "concave";
  case NADIR_IS_AFFINE:
    return "affine";
  case NADIR_IS_NOT_CONVEX:
    return "not convex";
  case NADIR_IS_SECOND_DERIVATIVE:
    break;
  }
  return "second derivative";
}

const char *nadir_rule_meaning(nadir_rule rule) {
  static const char *const words[] = {
#define ND_RULE_WORDS(id, words) [NADIR_RULE_##id] = words,
#include "tell/proof_rules.def"
#undef ND_RULE_WORDS
  };
  _Static_assert(ND_COUNT(words) == NADIR_LAST_RULE + 1, "words for each rule");
  return words[rule];
}

const char *nadir_proof_by_name(nadir_proof_by by) {
  switch (by) {
  case NADIR_BY_RULES:
    return "rules";
  case NADIR_BY_HESSIAN:
    return "hessian";
  case NADIR_BY_REFUTATION:
    return "refutation";
  case NADIR_BY_NOTHING:
    break;
  }
  return NULL;
}

/* ---- the domain ---- */

static void put_interval(nd_text *out, const nadir_condition *c) {
  const char *low = c->low.text, *high = c->high.text;
  if (low && high && strcmp(low, high) == 0)
    nd_text_print(out, "%s = %s", c->formula, low);
  else if (low && high)
    nd_text_print(out, "%s %s %s %s %s", low, c->low_open ? "<" : "<=", c->formula,
                  c->high_open ? "<" : "<=", high);
  else if (low)
    nd_text_print(out, "%s %s %s", c->formula, c->low_open ? ">" : ">=", low);
  else
    nd_text_print(out, "%s %s %s", c->formula, c->high_open ? "<" : "<=", high);
}

static void put_list(nd_text *out, const nadir_condition *c) {
  nd_text_print(out, "%s in {", c->formula);
  for (size_t i = 0; i < c->values; i++)
    nd_text_print(out, i == 0 ? "%s" : ", %s", c->value[i].text);
  nd_text_append(out, "}");
}

static void put_condition(nd_text *out, const nadir_condition *c) {
  switch (c->kind) {
  case NADIR_IN_INTERVAL:
    put_interval(out, c);
    break;
  case NADIR_IN_LIST:
    put_list(out, c);
    break;
  case NADIR_NOT_ZERO:
    nd_text_print(out, "%s != 0", c->formula);
    break;
  case NADIR_DEFINED:
    nd_text_print(out, "%s defined", c->formula);
    break;
  }
}

/* "all x, y and z" */
static void put_everywhere(nd_text *out, const nadir_convexity *v) {
  nd_text_append(out, v->size == 0 || v->size > 4 ? "all parameters" : "all ");
  for (size_t i = 0; i < v->size && v->size <= 4; i++)
    nd_text_print(out, i == 0 ? "%s" : i + 1 < v->size ? ", %s" : " and %s", v->parameter[i]);
}

void nd_tell_domain(const nadir_convexity *v, nd_text *out) {
  for (size_t i = 0; i < v->domain.conditions; i++) {
    if (i > 0) nd_text_append(out, " and ");
    put_condition(out, &v->domain.condition[i]);
  }
  if (v->domain.conditions == 0) put_everywhere(out, v);
}

/* ---- the verdict ---- */

static const char *kind_of(const nadir_convexity *v) {
  bool strong = v->modulus > 0, leaves = v->not_convex && v->not_convex->leaves_domain;
  if (leaves && v->convex != NADIR_PROVED) return "not convex";
  if (v->affine == NADIR_PROVED) return "affine: convex and concave";
  if (v->convex == NADIR_PROVED)
    return strong ? "strongly convex" : v->strict ? "strictly convex" : "convex";
  if (v->concave == NADIR_PROVED)
    return strong ? "strongly concave" : v->strict ? "strictly concave" : "concave";
  if (v->convex == NADIR_REFUTED && v->concave == NADIR_REFUTED)
    return "neither convex nor concave";
  if (v->convex == NADIR_REFUTED) return "not convex";
  return v->concave == NADIR_REFUTED ? "not concave, and whether convex is not known" : "not known";
}

static const char *proved_by(nadir_proof_by by) {
  switch (by) {
  case NADIR_BY_RULES:
    return ", by the rules";
  case NADIR_BY_HESSIAN:
    return ", by its Hessian";
  case NADIR_BY_REFUTATION:
    return ", by a counterexample";
  case NADIR_BY_NOTHING:
    break;
  }
  return "";
}

/* Why nothing is known. */
static const char *why_not_known(const nadir_convexity *v) {
  switch (v->cut) {
  case NADIR_CUT_BY_TIME:
    return ": the time was up";
  case NADIR_CUT_BY_LISTENER:
    return ": it was interrupted";
  case NADIR_NOT_CUT:
    break;
  }
  return v->domain.convex ? "" : ": the domain is not proved convex";
}

void nd_tell_verdict(const nadir_convexity *v, nd_text *out) {
  char number[ND_NUMBER_TEXT];
  if (v->domain.empty) {
    nd_text_append(out, "nothing to prove: the formula has no value anywhere");
    return;
  }
  nd_text_append(out, kind_of(v));
  if (v->modulus > 0)
    nd_text_print(out, " (modulus %s)", nd_format_bound(v->modulus, ND_DOWN, 6, number));
  nd_text_append(out, " on ");
  nd_tell_domain(v, out);
  nd_text_append(out, proved_by(v->by));
  if (v->not_convex && v->not_convex->leaves_domain)
    nd_text_append(out, ": the domain is not convex");
  else if (v->by == NADIR_BY_NOTHING)
    nd_text_append(out, why_not_known(v));
}

/* ---- steps of a proof ---- */

/* "exp is convex", "sum of convex functions" */
static void put_rule(nd_text *out, const nadir_proof_step *step) {
  if (step->function) nd_text_print(out, "%s ", step->function);
  nd_text_append(out, nadir_rule_meaning(step->rule));
  if (step->boxes)
    nd_text_print(out, " (%llu %s, exact algebra and ball arithmetic)",
                  (unsigned long long)step->boxes, step->boxes == 1 ? "box" : "boxes");
}

static size_t widest_formula(const nadir_convexity *v) {
  size_t most = 0;
  for (size_t i = 0; i < v->steps; i++) {
    size_t width = 2 * v->step[i].depth + strlen(v->step[i].formula);
    if (width > most) most = width;
  }
  return most < 60 ? most : 60;
}

static void put_proof(nd_text *out, const nadir_convexity *v) {
  int width = (int)widest_formula(v);
  for (size_t i = 0; i < v->steps; i++) {
    const nadir_proof_step *step = &v->step[i];
    int indent = 2 * (int)step->depth;
    nd_text_print(out, "  %*s%-*s  %-16s ", indent, "", width > indent ? width - indent : 0,
                  step->formula, nadir_claim_name(step->claim));
    put_rule(out, step);
    nd_text_append(out, "\n");
  }
}

/* ---- a witness ---- */

static void put_point(nd_text *out, const nadir_convexity *v, const double *at) {
  char number[ND_NUMBER_TEXT];
  for (size_t i = 0; i < v->size; i++)
    nd_text_print(out, "%s%s = %s", i ? ", " : "", v->parameter[i], nd_format(at[i], number));
}

static void put_witness(nd_text *out, const nadir_convexity *v, const nadir_witness *w,
                        bool concave) {
  char number[3][ND_NUMBER_TEXT];
  nd_text_print(out, "not %s:\n  p: ", concave ? "concave" : "convex");
  put_point(out, v, w->p);
  nd_text_print(out, "   f(p) = %s\n  q: ", nd_format_digits(w->at_p, 12, number[0]));
  put_point(out, v, w->q);
  nd_text_print(out, "   f(q) = %s\n", nd_format_digits(w->at_q, 12, number[0]));
  for (size_t i = 0; i < w->constant_count; i++)
    nd_text_print(out, "  where %s = %s\n", w->constant_names[i],
                  nd_format(w->constants[i], number[0]));
  nd_format(w->weight, number[0]);
  nd_format(1 - w->weight, number[1]);
  if (w->leaves_domain) {
    nd_text_print(out, "  the point %s p + %s q between them is outside of the domain\n", number[0],
                  number[1]);
    return;
  }
  nd_text_print(out, "  f(%s p + %s q) = %s", number[0], number[1],
                nd_format_digits(w->between, 12, number[2]));
  nd_text_print(out, "  is %s  %s f(p) + %s f(q) = %s\n", concave ? "below" : "above", number[0],
                number[1], nd_format_digits(w->chord, 12, number[2]));
}

/* ---- the whole ---- */

static void put_people(nd_text *out, const nadir_convexity *v) {
  char number[ND_NUMBER_TEXT];
  nd_tell_verdict(v, out);
  nd_text_append(out, "\n");
  if (!v->domain.empty) {
    nd_text_append(out, "domain: ");
    nd_tell_domain(v, out);
    nd_text_append(out, "\n");
  }
  if (v->modulus > 0)
    nd_text_print(out, "modulus of strong convexity: at least %s\n",
                  nd_format_bound(v->modulus, ND_DOWN, 6, number));
  if (v->boxes) nd_text_print(out, "boxes looked at: %llu\n", (unsigned long long)v->boxes);
  if (v->steps) {
    nd_text_append(out, "proof:\n");
    put_proof(out, v);
  }
  if (v->not_convex) put_witness(out, v, v->not_convex, false);
  if (v->not_concave && v->convex != NADIR_PROVED) put_witness(out, v, v->not_concave, true);
}

static void put_latex(nd_text *out, const nadir_convexity *v) {
  nd_text_append(out, "% ");
  nd_tell_verdict(v, out);
  nd_text_append(out, "\n");
  if (!v->steps) return;
  nd_text_append(out, "\\begin{tabular}{lll}\n");
  for (size_t i = 0; i < v->steps; i++) {
    const nadir_proof_step *step = &v->step[i];
    nd_text_print(out, "\\hspace{%uem}$%s$ & %s & ", step->depth, step->latex,
                  nadir_claim_name(step->claim));
    put_rule(out, step);
    nd_text_append(out, " \\\\\n");
  }
  nd_text_append(out, "\\end{tabular}\n");
}

/* ---- JSON ---- */

static json_t *verdict_json(const nadir_convexity *v) {
  nd_text text = {0};
  nd_tell_verdict(v, &text);
  return nd_json_said(&text);
}

static json_t *domain_json(const nadir_convexity *v) {
  nd_text text = {0};
  if (v->domain.empty) return json_null();
  nd_tell_domain(v, &text);
  return nd_json_said(&text);
}

static json_t *rule_json(const nadir_proof_step *step) {
  nd_text text = {0};
  put_rule(&text, step);
  return nd_json_said(&text);
}

static json_t *proof_json(const nadir_convexity *v) {
  json_t *list = json_array();
  for (size_t i = 0; i < v->steps; i++) {
    const nadir_proof_step *step = &v->step[i];
    json_t *one = json_object();
    nd_json_put(&one, "depth", json_integer(step->depth));
    nd_json_put(&one, "formula", nd_json_text(step->formula));
    nd_json_put(&one, "claim", json_string(nadir_claim_name(step->claim)));
    nd_json_put(&one, "rule", rule_json(step));
    nd_json_push(&list, one);
  }
  return list;
}

static json_t *convexity_json(const nadir_convexity *v) {
  json_t *tree = json_object();
  nd_json_put(&tree, "formula", nd_json_text(v->formula));
  nd_json_put(&tree, "parameters", nd_json_texts(v->parameter, v->size));
  nd_json_put(&tree, "verdict", verdict_json(v));
  nd_json_put(&tree, "convex", json_string(nadir_answer_name(v->convex)));
  nd_json_put(&tree, "concave", json_string(nadir_answer_name(v->concave)));
  nd_json_put(&tree, "affine", json_string(nadir_answer_name(v->affine)));
  nd_json_put(&tree, "strict", json_boolean(v->strict));
  nd_json_put(&tree, "modulus", nd_json_number(v->modulus));
  nd_json_put(&tree, "by", nd_json_text(nadir_proof_by_name(v->by)));
  nd_json_put(&tree, "domain", domain_json(v));
  nd_json_put(&tree, "boxes", nd_json_count(v->boxes));
  nd_json_put(&tree, "proof", proof_json(v));
  nd_json_put(&tree, "witness",
              nd_json_witness(v->not_convex ? v->not_convex : v->not_concave, v->size));
  nd_json_put(&tree, "not_convex", nd_json_witness(v->not_convex, v->size));
  nd_json_put(&tree, "not_concave", nd_json_witness(v->not_concave, v->size));
  return tree;
}

nadir_status nadir_convexity_text(const nadir_convexity *convexity, nadir_format format,
                                  char **text, nadir_error *error) {
  ND_TO_NEAREST;
  if (format == NADIR_JSON) return nd_json_write(convexity_json(convexity), text, error);
  nd_text out = {0};
  if (format == NADIR_LATEX)
    put_latex(&out, convexity);
  else
    put_people(&out, convexity);
  return nd_give_text(&out, NADIR_OK, text, error);
}
