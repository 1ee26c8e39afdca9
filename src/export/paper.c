/* LaTeX: the formula with its heads written out, its derivatives by the parameters where they are few, and a table of
 * the parameters, each rounded to where its error has two digits. It needs amsmath. */
#include <string.h>

#include "base/latex.h"
#include "export/export_internal.h"

enum { MOST_DERIVATIVES = 8 };

static void append_value(const nd_model *model, size_t i, nd_text *out) {
  char value[ND_NUMBER_TEXT], error[ND_NUMBER_TEXT];
  nd_format_with_error(model->value[i], model->standard_error[i], value, error);
  nd_latex_number(value, out);
  if (!*error) return;
  nd_text_append(out, " \\pm ");
  nd_latex_number(error, out);
}

static nadir_status append_row(const nd_subject *s, size_t i, nd_text *out, nadir_error *error) {
  nd_text_append(out, "  $");
  ND_TRY(nd_print(s->graph, s->parameter[i], ND_LATEX, out, error));
  nd_text_append(out, "$ & $");
  append_value(s->model, i, out);
  nd_text_append(out, "$ & ");
  if (*s->model->parameters[i].unit) {
    nd_text_append(out, "$");
    nd_latex_unit(s->model->parameters[i].unit, out);
    nd_text_append(out, "$");
  }
  nd_text_append(out, " \\\\\n");
  return NADIR_OK;
}

static nadir_status append_table(const nd_subject *s, nd_text *out, nadir_error *error) {
  nd_text_append(
      out, "\n\\begin{tabular}{lrl}\n  \\hline\n  parameter & value & unit \\\\\n  \\hline\n");
  for (size_t i = 0; i < s->model->size; i++)
    ND_TRY(append_row(s, i, out, error));
  nd_text_append(out, "  \\hline\n\\end{tabular}\n");
  return NADIR_OK;
}

static void append_answer(const nd_subject *s, size_t k, nd_text *out) {
  const nd_model *model = s->model;
  bool probability = model->target_kind == ND_TARGET_CLASS ||
                     (model->target_kind == ND_TARGET_TRUTH && model->loss.link == ND_LINK_LOGIT);
  nd_text_append(out, probability ? "P(\\text{" : "\\text{");
  nd_latex_text(probability ? model->classes[s->answers > 1 ? k : 1] : model->target_name, out);
  nd_text_append(out, probability ? "})" : "}");
}

static nadir_status append_equation(const nd_subject *s, nd_text *out, nadir_error *error) {
  nd_text_append(out, "\\begin{align}\n");
  for (size_t k = 0; k < s->answers; k++) {
    nd_text_append(out, "  ");
    append_answer(s, k, out);
    nd_text_append(out, " &= ");
    ND_TRY(nd_print(s->graph, s->typed[k], ND_LATEX, out, error));
    nd_text_append(out, k + 1 < s->answers ? " \\\\\n" : "\n");
  }
  nd_text_append(out, "\\end{align}\n");
  return NADIR_OK;
}

static nadir_status append_derivatives(const nd_subject *s, nd_text *out, nadir_error *error) {
  size_t size = s->model->size;
  if (s->answers > 1 || size > MOST_DERIVATIVES) return NADIR_OK;
  nd_text_append(out, "\n% Its derivatives by the parameters.\n\\begin{align}\n");
  for (size_t i = 0; i < size; i++) {
    nd_text_append(out, "  \\frac{\\partial}{\\partial ");
    ND_TRY(nd_print(s->graph, s->parameter[i], ND_LATEX, out, error));
    nd_text_append(out, "} ");
    append_answer(s, 0, out);
    nd_text_append(out, " &= ");
    ND_TRY(nd_print(s->graph, s->gradient[i], ND_LATEX, out, error));
    nd_text_append(out, i + 1 < size ? " \\\\\n" : "\n");
  }
  nd_text_append(out, "\\end{align}\n");
  return NADIR_OK;
}

nadir_status nd_paper_write(const nd_subject *subject, nd_text *out, nadir_error *error) {
  nd_text_print(out, "%% A model that nadir %s fitted; needs amsmath.\n", NADIR_VERSION);
  ND_TRY(append_equation(subject, out, error));
  ND_TRY(append_derivatives(subject, out, error));
  ND_TRY(append_table(subject, out, error));
  return nd_text_status(out, error);
}
