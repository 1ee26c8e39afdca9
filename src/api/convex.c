/* `nadir convex`: the verdict for people (with the proof as an indented tree, or a witness that a
 * person can check with a calculator), as LaTeX, and as the JSON object. */
#include <string.h>

#include "api/json_internal.h"
#include "api/question_internal.h"

const char *nd_answer_word(nd_answer answer) {
  switch (answer) {
  case ND_PROVED:
    return "proved";
  case ND_REFUTED:
    return "refuted";
  case ND_NOT_KNOWN:
    break;
  }
  return "not known";
}

/* ---- for people ---- */

static void put_point(nd_text *out, const nadir_expr *expr, const nd_asked *asked,
                      const double *at) {
  char number[ND_NUMBER_TEXT];
  for (size_t i = 0; i < asked->question.parameter_count; i++)
    nd_text_print(out, "%s%s = %s", i ? ", " : "", nd_node_text(expr->graph, asked->parameters[i]),
                  nd_format(at[i], number));
}

static void put_witness(nd_text *out, const nadir_expr *expr, const nd_asked *asked,
                        const nd_witness *w, bool concave) {
  char number[3][ND_NUMBER_TEXT];
  nd_text_print(out, "not %s:\n  p: ", concave ? "concave" : "convex");
  put_point(out, expr, asked, w->p);
  nd_text_print(out, "   f(p) = %s\n  q: ", nd_format_digits(w->at_p, 12, number[0]));
  put_point(out, expr, asked, w->q);
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

static size_t widest_formula(const nd_verdict *v) {
  size_t most = 0;
  for (size_t i = 0; i < v->proof_lines; i++) {
    size_t width = 2 * v->proof[i].depth + strlen(v->proof[i].formula);
    if (width > most) most = width;
  }
  return most < 60 ? most : 60;
}

static void put_proof(nd_text *out, const nd_verdict *v) {
  int width = (int)widest_formula(v);
  for (size_t i = 0; i < v->proof_lines; i++) {
    const nd_proof_line *line = &v->proof[i];
    int indent = 2 * (int)line->depth;
    nd_text_print(out, "  %*s%-*s  %-16s %s\n", indent, "", width > indent ? width - indent : 0,
                  line->formula, line->claim, line->rule);
  }
}

static void put_people(nd_text *out, const nadir_expr *expr, const nd_asked *asked,
                       const nd_verdict *v) {
  char number[ND_NUMBER_TEXT];
  nd_text_print(out, "%s\n", v->summary);
  if (v->domain) nd_text_print(out, "domain: %s\n", v->domain);
  if (v->modulus > 0)
    nd_text_print(out, "modulus of strong convexity: at least %s\n",
                  nd_format_bound(v->modulus, ND_DOWN, 6, number));
  if (v->boxes) nd_text_print(out, "boxes looked at: %llu\n", (unsigned long long)v->boxes);
  if (v->proof_lines) {
    nd_text_append(out, "proof:\n");
    put_proof(out, v);
  }
  if (v->not_convex) put_witness(out, expr, asked, v->not_convex, false);
  if (v->not_concave && v->convex != ND_PROVED) put_witness(out, expr, asked, v->not_concave, true);
}

/* ---- LaTeX ---- */

static void put_latex(nd_text *out, const nd_verdict *v) {
  nd_text_print(out, "%% %s\n", v->summary);
  if (!v->proof_lines) return;
  nd_text_append(out, "\\begin{tabular}{lll}\n");
  for (size_t i = 0; i < v->proof_lines; i++) {
    const nd_proof_line *line = &v->proof[i];
    nd_text_print(out, "\\hspace{%uem}$%s$ & %s & %s \\\\\n", line->depth, line->latex, line->claim,
                  line->rule);
  }
  nd_text_append(out, "\\end{tabular}\n");
}

/* ---- JSON ---- */

static json_t *proof_json(const nd_verdict *v) {
  json_t *list = json_array();
  for (size_t i = 0; i < v->proof_lines; i++) {
    const nd_proof_line *line = &v->proof[i];
    json_t *one = json_object();
    nd_json_put(&one, "depth", json_integer(line->depth));
    nd_json_put(&one, "formula", nd_json_text(line->formula));
    nd_json_put(&one, "claim", nd_json_text(line->claim));
    nd_json_put(&one, "rule", nd_json_text(line->rule));
    nd_json_push(&list, one);
  }
  return list;
}

static json_t *verdict_json(const nadir_expr *expr, const nd_asked *asked, const nd_verdict *v) {
  size_t size = asked->question.parameter_count;
  json_t *tree = json_object(), *parameters = json_array();
  for (size_t i = 0; i < size; i++)
    nd_json_push(&parameters, nd_json_text(nd_node_text(expr->graph, asked->parameters[i])));
  nd_json_put(&tree, "formula", nd_json_text(expr->text));
  nd_json_put(&tree, "parameters", parameters);
  nd_json_put(&tree, "verdict", nd_json_text(v->summary));
  nd_json_put(&tree, "convex", json_string(nd_answer_word(v->convex)));
  nd_json_put(&tree, "concave", json_string(nd_answer_word(v->concave)));
  nd_json_put(&tree, "affine", json_string(nd_answer_word(v->affine)));
  nd_json_put(&tree, "strict", json_boolean(v->strict));
  nd_json_put(&tree, "modulus", nd_json_number(v->modulus));
  nd_json_put(&tree, "by", nd_json_text(v->by));
  nd_json_put(&tree, "domain", nd_json_text(v->domain));
  nd_json_put(&tree, "boxes", nd_json_count(v->boxes));
  nd_json_put(&tree, "proof", proof_json(v));
  nd_json_put(&tree, "witness",
              nd_json_witness(v->not_convex ? v->not_convex : v->not_concave, size));
  nd_json_put(&tree, "not_convex", nd_json_witness(v->not_convex, size));
  nd_json_put(&tree, "not_concave", nd_json_witness(v->not_concave, size));
  return tree;
}

/* ---- the call ---- */

static nadir_status render(const nadir_expr *expr, const nd_asked *asked, const nd_verdict *v,
                           nadir_format format, char **text, nadir_error *error) {
  if (format == NADIR_JSON) return nd_json_write(verdict_json(expr, asked, v), text, error);
  nd_text out = {0};
  if (format == NADIR_LATEX)
    put_latex(&out, v);
  else
    put_people(&out, expr, asked, v);
  return nd_give_text(&out, NADIR_OK, text, error);
}

nadir_status nadir_convex(const nadir_expr *expr, const nadir_settings *settings,
                          const nadir_listener *listener, nadir_format format,
                          nadir_verdict *verdict, char **text, nadir_error *error) {
  ND_TO_NEAREST;
  nd_asked asked;
  nd_verdict v = {0};
  *text = NULL;
  ND_TRY(nd_ask(&asked, expr, settings, listener, error));
  nadir_status status = nd_convexity(&asked.question, &v, error);
  if (status == NADIR_OK) status = render(expr, &asked, &v, format, text, error);
  if (status == NADIR_OK && verdict)
    *verdict = (nadir_verdict){(nadir_answer)v.convex, (nadir_answer)v.concave,
                               (nadir_answer)v.affine, v.strict, v.modulus};
  nd_verdict_clear(&v);
  nd_asked_free(&asked);
  return status;
}
