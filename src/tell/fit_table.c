/* The parameters of a fit, and how well it fits, as a table: for a paper (LaTeX), a page (Markdown) or a program (CSV).
 * For people a value is rounded to where its error has two digits, and an interval to a digit more than its error. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/latex.h"
#include "tell/tell.h"

/* How a form begins and ends a table and its rows, and what is between its cells. */
typedef struct form {
  const char *name, *rule, *row, *between, *end_row, *end;
  bool exact, latex;
} form;

static const form forms[] = {
    {"tex", "  \\hline\n", "  ", " & ", " \\\\\n", "  \\hline\n\\end{tabular}\n", false, true},
    {"md", "", "| ", " | ", " |\n", "", false, false},
    {"csv", "", "", ",", "\n", "", true, false}};

typedef struct table {
  const nadir_result *result;
  const nadir_uncertainty *u;
  const form *form;
  size_t columns, levels; /* of intervals for each parameter */
  bool tests;             /* there are columns of statistics and their probabilities */
  size_t cells;           /* of this row so far */
  nd_text *out;
} table;

static size_t unit_column(const table *t) {
  return t->tests ? 5 : 3;
}

/* ---- cells ---- */

static void begin_cell(table *t) {
  nd_text_append(t->out, t->cells++ ? t->form->between : t->form->row);
}

static void end_row(table *t) {
  while (t->cells < t->columns)
    begin_cell(t);
  nd_text_append(t->out, t->form->end_row);
  t->cells = 0;
}

/* Text that cannot end its cell. */
static void put_text(table *t, const char *text) {
  char shown[NADIR_SHOWN_TEXT];
  bool quoted = t->form->exact && strpbrk(text, ",\"\n");
  begin_cell(t);
  if (quoted) nd_text_append(t->out, "\"");
  for (size_t length; (length = nd_show_character(text, strlen(text), shown)) > 0; text += length) {
    if (t->form->latex)
      nd_latex_text(shown, t->out);
    else
      nd_text_print(t->out, "%s%s",
                    quoted && *shown == '"'            ? "\""
                    : !t->form->exact && *shown == '|' ? "\\"
                                                       : "",
                    shown);
  }
  if (quoted) nd_text_append(t->out, "\"");
}

static void put_decimal(table *t, const char *decimal) {
  if (!t->form->latex) {
    nd_text_append(t->out, decimal);
    return;
  }
  nd_text_append(t->out, "$");
  nd_latex_number(decimal, t->out);
  nd_text_append(t->out, "$");
}

static void put_number(table *t, double value, int digits) {
  char number[ND_NUMBER_TEXT];
  begin_cell(t);
  if (isnan(value)) return;
  put_decimal(t,
              t->form->exact ? nd_format(value, number) : nd_format_digits(value, digits, number));
}

static void put_probability(table *t, double p) {
  char number[ND_NUMBER_TEXT];
  begin_cell(t);
  if (isnan(p)) return;
  put_decimal(t, t->form->exact ? nd_format(p, number) : nadir_probability_text(p, number));
}

static void put_name(table *t, const char *name) {
  if (!t->form->latex) {
    put_text(t, name);
    return;
  }
  begin_cell(t);
  nd_text_append(t->out, "$");
  nd_latex_name(name, t->out);
  nd_text_append(t->out, "$");
}

static void put_unit(table *t, const char *unit) {
  if (!t->form->latex || !*unit) {
    put_text(t, unit);
    return;
  }
  begin_cell(t);
  nd_text_append(t->out, "$");
  nd_latex_unit(unit, t->out);
  nd_text_append(t->out, "$");
}

/* ---- rows ---- */

static void put_value(table *t, const nadir_parameter *p) {
  char value[ND_NUMBER_TEXT], error[ND_NUMBER_TEXT];
  if (t->form->exact) {
    put_number(t, p->value, 0);
    put_number(t, p->standard_error, 0);
    return;
  }
  nd_format_with_error(p->value, p->standard_error, value, error);
  begin_cell(t);
  put_decimal(t, value);
  begin_cell(t);
  if (*error) put_decimal(t, error);
}

static void put_end(table *t, double end, nadir_interval_end is, double error) {
  char value[ND_NUMBER_TEXT], digits[ND_NUMBER_TEXT];
  if (is != NADIR_END_FOUND || t->form->exact) {
    put_number(t, is == NADIR_END_FOUND ? end : (double)NAN, 6);
    return;
  }
  nd_format_with_error(end, error / 10, value, digits);
  begin_cell(t);
  put_decimal(t, value);
}

static void put_parameter(table *t, size_t i) {
  const nadir_parameter *p = &t->result->parameter[i];
  put_name(t, p->name);
  put_value(t, p);
  if (t->tests) {
    put_number(t, p->statistic, 3);
    put_probability(t, p->p_value);
  }
  put_unit(t, p->unit);
  for (size_t k = 0; t->u && k < t->u->intervals; k++) {
    const nadir_interval *interval = &t->u->interval[k];
    if (interval->parameter != i) continue;
    put_end(t, interval->low, interval->low_is, p->standard_error);
    put_end(t, interval->high, interval->high_is, p->standard_error);
  }
  end_row(t);
}

static void put_heading(table *t) {
  bool exact = t->form->exact;
  char level[ND_NUMBER_TEXT], name[ND_NUMBER_TEXT + 8];
  put_text(t, "parameter");
  put_text(t, "value");
  put_text(t, exact ? "standard_error" : "error");
  if (t->tests) {
    put_text(t, exact ? "statistic" : nadir_statistic_name(t->u));
    put_text(t, exact ? "p_value" : "p");
  }
  put_text(t, "unit");
  for (size_t k = 0; k < 2 * t->levels; k++) {
    nd_format(t->u->interval[k / 2].level, level);
    snprintf(name, sizeof name, "%s%s%s", k % 2 ? "high" : "low", exact ? "_" : " ", level);
    put_text(t, name);
  }
  end_row(t);
}

static void put_statistic(table *t, const char *name, double value, int digits) {
  if (isnan(value)) return;
  put_text(t, name);
  put_number(t, value, digits);
  end_row(t);
}

static void put_goodness(table *t) {
  const nadir_result *r = t->result;
  const nadir_uncertainty *u = t->u;
  bool has_chi2 = !isnan(r->chi2), freedom = r->degrees_of_freedom > 0;
  put_statistic(t, "rows", (double)r->rows_used, 15);
  if (freedom) put_statistic(t, "degrees of freedom", (double)r->degrees_of_freedom, 15);
  put_statistic(t, "chi2", r->chi2, 6);
  if (!has_chi2) put_statistic(t, "sigma of the residuals", r->residual_sigma, 5);
  if (!u) return;
  put_statistic(t, "reduced chi2", u->reduced_chi2, 4);
  if (!isnan(u->p_value)) {
    put_text(t, "p value of chi2");
    put_probability(t, u->p_value);
    end_row(t);
  }
  put_statistic(t, "R2", u->r2, 5);
  put_statistic(t, "pseudo-R2", u->pseudo_r2, 5);
  put_statistic(t, "log-likelihood", u->log_likelihood, 7);
  put_statistic(t, "AIC", u->aic, 7);
  put_statistic(t, "BIC", u->bic, 7);
}

static void put_begin(table *t) {
  if (t->form->latex) {
    nd_text_append(t->out, "\\begin{tabular}{lrr");
    nd_text_append(t->out, t->tests ? "rrl" : "l");
    for (size_t k = 0; k < 2 * t->levels; k++)
      nd_text_append(t->out, "r");
    nd_text_append(t->out, "}\n");
  }
  nd_text_append(t->out, t->form->rule);
}

/* Markdown's line under the heading says how columns are aligned. */
static void put_alignment(table *t) {
  if (t->form->exact || t->form->latex) return;
  for (size_t c = 0; c < t->columns; c++) {
    begin_cell(t);
    nd_text_append(t->out, c == 0 || c == unit_column(t) ? "---" : "---:");
  }
  end_row(t);
}

static void put_table(table *t) {
  put_begin(t);
  put_heading(t);
  put_alignment(t);
  nd_text_append(t->out, t->form->rule);
  for (size_t i = 0; i < t->result->size + t->result->held; i++)
    put_parameter(t, i);
  nd_text_append(t->out, t->form->rule);
  put_goodness(t);
  nd_text_append(t->out, t->form->end);
}

static size_t levels_of(const nadir_uncertainty *u) {
  size_t levels = 0;
  for (size_t k = 0; u && k < u->intervals; k++)
    levels += u->interval[k].parameter == u->interval[0].parameter;
  return levels;
}

static bool has_tests(const nadir_result *result) {
  bool some = false;
  for (size_t i = 0; i < result->size + result->held; i++)
    some = some || !isnan(result->parameter[i].p_value);
  return some;
}

nadir_status nadir_result_summary(const nadir_result *result, const char *asked, char **text,
                                  nadir_error *error) {
  ND_TO_NEAREST;
  nd_text out = {0};
  table t = {.result = result, .u = result->uncertainty, .out = &out};
  *text = NULL;
  for (size_t i = 0; i < ND_COUNT(forms); i++)
    if (strcmp(forms[i].name, asked) == 0) t.form = &forms[i];
  if (!t.form)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "summary: there is no form '%s': expected tex, md or csv", asked);
  t.levels = levels_of(t.u);
  t.tests = t.form->exact || has_tests(result);
  t.columns = unit_column(&t) + 1 + 2 * t.levels;
  put_table(&t);
  return nd_give_text(&out, NADIR_OK, text, error);
}
