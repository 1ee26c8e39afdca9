/* A run as one self-contained HTML page: the answer and what it is worth, the parameters, the
 * pictures as SVG inside the page, the run, and the settings that repeat it. There is no script in
 * it and it loads nothing; every text that came from outside is escaped.
 *
 * Costs the pictures' cost: a pass over the used columns for the fit, passes for the contours. */
#include <stdio.h>
#include <string.h>

#include "figure/figure.h"
#include "tell/tell.h"

enum {
  LONGEST = 4000,
  MOST_PARAMETERS = 1000,
  MOST_MATRIX = 24
};
static const uint64_t MOST_CONTOUR_ROWS = 100000; /* each point of the contours is a pass */

static const char STYLE[] =
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "h1{font:600 1.4rem/1.3 ui-monospace,monospace;overflow-wrap:anywhere}"
    "h2{font-size:1.1rem;margin:2rem 0 .5rem}"
    "table{border-collapse:collapse}"
    "th,td{text-align:left;vertical-align:top;padding:.2rem 1.2rem .2rem 0;"
    "border-bottom:1px solid #8884;overflow-wrap:anywhere}"
    "th{font-weight:600;white-space:nowrap}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".wide{overflow-x:auto;font-size:.85rem}.wide td{white-space:nowrap;padding-right:.8rem}"
    ".answer{font-size:1.2rem}.warning{border-left:.3rem solid #d55e00;padding-left:.7rem}"
    "figure{margin:1rem 0}figure svg{width:100%;height:auto;background:#fff}"
    "figcaption{font-size:.9rem;opacity:.8}"
    "footer{margin-top:3rem;font-size:.85rem;opacity:.7}";

/* ---- pieces of the page ---- */

static void put(nd_text *page, const char *text) {
  nd_text shown = {0};
  nd_label_plain(&shown, text, LONGEST);
  for (const char *c = nd_text_data(&shown); *c; c++) {
    switch (*c) {
    case '<':
      nd_text_append(page, "&lt;");
      break;
    case '>':
      nd_text_append(page, "&gt;");
      break;
    case '&':
      nd_text_append(page, "&amp;");
      break;
    case '"':
      nd_text_append(page, "&quot;");
      break;
    default:
      nd_text_append_bytes(page, c, 1);
    }
  }
  nd_text_free(&shown);
}

static void begin_row(nd_text *page, const char *label) {
  nd_text_append(page, "<tr><th>");
  put(page, label);
  nd_text_append(page, "</th><td>");
}

static void put_row(nd_text *page, const char *label, const char *text) {
  if (!text || !*text) return;
  begin_row(page, label);
  put(page, text);
  nd_text_append(page, "</td></tr>\n");
}

static void put_number(nd_text *page, const char *label, double value) {
  char number[ND_NUMBER_TEXT];
  if (!isnan(value)) put_row(page, label, nd_format_digits(value, 6, number));
}

static void put_with_unit(nd_text *page, const char *label, double value, const char *unit) {
  char number[ND_NUMBER_TEXT];
  if (isnan(value)) return;
  begin_row(page, label);
  nd_text_print(page, "%s%s", nd_format_digits(value, 6, number), *unit ? " " : "");
  put(page, unit);
  nd_text_append(page, "</td></tr>\n");
}

static void put_bound(nd_text *page, const char *label, double value, nd_toward toward) {
  char number[ND_NUMBER_TEXT];
  if (!isnan(value)) put_row(page, label, nd_format_bound(value, toward, 6, number));
}

static void put_count(nd_text *page, const char *label, uint64_t value) {
  begin_row(page, label);
  nd_text_print(page, "%llu</td></tr>\n", (unsigned long long)value);
}

static void begin_table(nd_text *page, const char *title) {
  nd_text_print(page, "<h2>%s</h2>\n<table>\n", title);
}

/* These free the words. */
static void put_words(nd_text *page, nd_text *said) {
  page->failed = page->failed || said->failed;
  put(page, said->failed ? "" : nd_text_data(said));
  nd_text_free(said);
}

static void put_said(nd_text *page, const char *name, nd_text *said) {
  if (said->failed) page->failed = true;
  put_row(page, name, nd_text_data(said));
  nd_text_free(said);
}

static void end_table(nd_text *page) {
  nd_text_append(page, "</table>\n");
}

/* ---- the answer ---- */

static void put_answer(nd_text *page, const nadir_result *result) {
  nd_text_append(page, "<h1>");
  put(page, result->formula);
  nd_text_append(page, "</h1>\n<p class=\"answer\">");
  nd_text said = {0};
  nd_tell_point(result, &said);
  if (said.length == 0) nd_tell_stop(result, &said);
  put(page, nadir_point_name(result->kind));
  nd_text_append(page, ": ");
  put_words(page, &said);
  nd_text_append(page, "</p>\n");
  for (size_t i = 0; i < result->warnings; i++) {
    nd_tell_warning(&result->warning[i], &said);
    nd_text_append(page, "<p class=\"warning\">");
    put_words(page, &said);
    nd_text_append(page, "</p>\n");
  }
}

static void put_point(nd_text *page, const nadir_result *result, const char *label, const double *w,
                      double loss) {
  char number[ND_NUMBER_TEXT];
  begin_row(page, label);
  for (size_t i = 0; i < result->size && i < MOST_PARAMETERS; i++) {
    put(page, result->parameter[i].name);
    nd_text_print(page, " = %s, ", nd_format(w[i], number));
  }
  nd_text_print(page, "where it is %s</td></tr>\n", nd_format_digits(loss, 6, number));
}

/* Two points between which the loss lies above its chord. */
static void put_witness(nd_text *page, const nadir_result *result) {
  const nadir_witness *w = result->witness;
  if (!w || w->leaves_domain) return;
  put_point(page, result, "not convex: from p", w->p, w->at_p);
  put_point(page, result, "to q", w->q, w->at_q);
  put_number(page, "the share of p between them", w->weight);
  put_number(page, "there it is", w->between);
  put_number(page, "above the chord's", w->chord);
}

static void put_worth(nd_text *page, const nadir_result *result) {
  begin_table(page, "What it is worth");
  put_number(page, "loss", result->loss);
  if (result->data_loss != result->loss)
    put_number(page, "loss without the penalty", result->data_loss);
  put_number(page, "loss of the validation rows", result->validation_loss);
  nd_text verdict = {0};
  nd_tell_run_verdict(result, &verdict);
  put_said(page, "convexity", &verdict);
  put_row(page, "decided by", nadir_proof_by_name(result->proved_by));
  put_witness(page, result);
  put_bound(page, "loss minus its minimum, at most", result->optimum_gap, ND_UP);
  nd_text no_gap = {0};
  if (isnan(result->optimum_gap)) nd_tell_no_gap(result, &no_gap);
  put_said(page, "loss minus its minimum", &no_gap);
  put_number(page, "gradient norm", result->gradient_norm);
  put_number(page, "largest curvature", result->curvature_max);
  put_number(page, "smallest curvature", result->curvature_min);
  put_number(page, "largest stable rate", result->stable_rate);
  put_number(page, "condition number", result->condition_raw);
  put_number(page, "condition number, scaled", result->condition_scaled);
  put_number(page, "chi squared", result->chi2);
  put_with_unit(page, "sigma of the residuals", result->residual_sigma, result->target_unit);
  if (result->degrees_of_freedom) put_count(page, "degrees of freedom", result->degrees_of_freedom);
  end_table(page);
}

static void put_cell(nd_text *page, const char *text, bool number) {
  nd_text_print(page, "<td%s>", number ? " class=\"n\"" : "");
  put(page, text);
  nd_text_append(page, "</td>");
}

static void put_number_cell(nd_text *page, double value, int digits) {
  char number[ND_NUMBER_TEXT];
  put_cell(page, isnan(value) ? "" : nd_format_digits(value, digits, number), true);
}

static void put_parameter(nd_text *page, const nadir_result *result, const nadir_parameter *p) {
  const nadir_uncertainty *u = result->uncertainty;
  char value[ND_NUMBER_TEXT], error[ND_NUMBER_TEXT], text[ND_NUMBER_TEXT];
  nd_format_with_error(p->value, p->standard_error, value, error);
  if (!error[0] && result->ended != NADIR_DONE) nd_format(p->value, value);
  nd_text_append(page, "<tr>");
  put_cell(page, p->name, false);
  put_cell(page, value, true);
  if (result->model) put_cell(page, error, true);
  if (u && u->tested) {
    put_number_cell(page, p->statistic, 3);
    put_cell(page, isnan(p->p_value) ? "" : nadir_probability_text(p->p_value, text), true);
  }
  if (result->model) put_cell(page, p->unit, false);
  put_cell(page, nd_format(p->value, text), true);
  nd_text_append(page, "</tr>\n");
}

static void put_parameters(nd_text *page, const nadir_result *result) {
  const nadir_uncertainty *u = result->uncertainty;
  begin_table(page, "Parameters");
  nd_text_append(page, "<tr><th>name</th><th>value</th>");
  if (result->model) nd_text_append(page, "<th>standard error</th>");
  if (u && u->tested) nd_text_print(page, "<th>%s</th><th>p</th>", nadir_statistic_name(u));
  if (result->model) nd_text_append(page, "<th>unit</th>");
  nd_text_append(page, "<th>all digits</th></tr>\n");
  for (size_t i = 0; i < result->size && i < MOST_PARAMETERS; i++)
    put_parameter(page, result, &result->parameter[i]);
  end_table(page);
  const char *none = nd_no_errors_words(result->no_errors);
  if (result->model && none) nd_text_print(page, "<p>No standard errors: %s.</p>\n", none);
  if (result->size > MOST_PARAMETERS)
    nd_text_print(page, "<p>... and %zu more</p>\n", result->size - MOST_PARAMETERS);
}

/* ---- of a fit ---- */

static void put_check(nd_text *page, const nadir_result *result, nadir_check check) {
  bool look = nadir_result_check(result, check) == NADIR_CHECK_LOOK;
  nd_text why = {0}, cure = {0};
  nd_tell_check(result, check, &why, &cure);
  nd_text_append(page, "<tr>");
  put_cell(page, nadir_check_name(check), false);
  put_cell(page, look ? "look here" : "pass", false);
  nd_text_append(page, "<td>");
  put_words(page, &why);
  if (look) nd_text_append(page, ": ");
  put_words(page, &cure);
  nd_text_append(page, "</td></tr>\n");
}

static void put_checks(nd_text *page, const nadir_result *result) {
  if (!result->uncertainty) return;
  begin_table(page, "Checks");
  for (nadir_check check = 0; check <= NADIR_LAST_CHECK; check++)
    if (nadir_result_check(result, check) != NADIR_CHECK_NOT_MADE) put_check(page, result, check);
  end_table(page);
}

static void put_end(nd_text *page, double end, nadir_interval_end is) {
  if (is == NADIR_END_FOUND)
    put_number_cell(page, end, 6);
  else
    put_cell(page, nadir_interval_end_name(is), true);
}

static void put_intervals(nd_text *page, const nadir_result *result) {
  const nadir_uncertainty *u = result->uncertainty;
  if (!u || !u->intervals) return;
  begin_table(page, "Intervals");
  nd_text_append(page, "<tr><th>name</th><th>probability</th><th>low</th><th>high</th></tr>\n");
  for (size_t i = 0; i < u->intervals && i < MOST_PARAMETERS; i++) {
    const nadir_interval *it = &u->interval[i];
    nd_text_append(page, "<tr>");
    put_cell(page, result->parameter[it->parameter].name, false);
    put_number_cell(page, it->level, 6);
    put_end(page, it->low, it->low_is);
    put_end(page, it->high, it->high_is);
    nd_text_append(page, "</tr>\n");
  }
  end_table(page);
}

static void put_matrix(nd_text *page, const nadir_result *result, const char *title, const double *matrix) {
  size_t n = result->size;
  if (!matrix || n > MOST_MATRIX || n < 2) return;
  nd_text_print(page, "<h2>%s</h2>\n<div class=\"wide\"><table>\n<tr><td></td>", title);
  for (size_t i = 0; i < n; i++)
    put_cell(page, result->parameter[i].name, true);
  nd_text_append(page, "</tr>\n");
  for (size_t i = 0; i < n; i++) {
    nd_text_append(page, "<tr>");
    put_cell(page, result->parameter[i].name, false);
    for (size_t k = 0; k < n; k++)
      put_number_cell(page, matrix[i * n + k], 4);
    nd_text_append(page, "</tr>\n");
  }
  nd_text_append(page, "</table></div>\n");
}

static void put_folds(nd_text *page, const nadir_folds *folds) {
  char title[64];
  if (!folds) return;
  snprintf(title, sizeof title, "Scores of %zu folds", folds->count);
  begin_table(page, title);
  nd_text_append(page, "<tr><th>score</th><th>mean</th><th>deviation</th></tr>\n");
  for (size_t m = 0; m < folds->metrics; m++) {
    nd_text_append(page, "<tr>");
    put_cell(page, nadir_measure_name(folds->metric[m].measure), false);
    put_number_cell(page, folds->metric[m].mean, 6);
    put_number_cell(page, folds->metric[m].deviation, 3);
    nd_text_append(page, "</tr>\n");
  }
  end_table(page);
}

static void put_uncertainty(nd_text *page, const nadir_result *result) {
  const nadir_uncertainty *u = result->uncertainty;
  put_checks(page, result);
  put_intervals(page, result);
  if (u) put_matrix(page, result, "Covariance", u->covariance);
  if (u) put_matrix(page, result, "Correlation", u->correlation);
  put_folds(page, result->folds);
}

/* ---- pictures ---- */

static nadir_status put_figure(nd_text *page, nadir_status drawn, const nd_text *svg,
                               const char *caption, nadir_error *error) {
  if (drawn != NADIR_OK) return drawn;
  nd_text_print(page, "<figure>\n");
  ND_TRY(nd_embed_svg(page, nd_text_data(svg), error));
  nd_text_print(page, "<figcaption>%s</figcaption></figure>\n", caption);
  return NADIR_OK;
}

/* A fit's picture takes what is said of the axes. */
static nadir_status put_loss(nd_text *page, const nadir_trace *trace, bool beside_fit,
                             const nadir_settings *settings, nadir_error *error) {
  nd_text svg = {0};
  nadir_settings without = *settings;
  if (beside_fit) {
    nd_look_away(&without);
    settings = &without;
  }
  if (trace->rows < 2) return NADIR_OK;
  nadir_status drawn = nd_draw_traces(&trace, NULL, 1, settings, (nd_canvas){.svg = &svg}, error);
  nadir_status status = put_figure(page, drawn, &svg, "The loss along the run.", error);
  nd_text_free(&svg);
  return status;
}

static nadir_status put_contours(nd_text *page, const nadir_result *result, const nadir_expr *expr,
                                 const nadir_table *table, const nadir_settings *settings,
                                 nadir_error *error) {
  nd_text svg = {0};
  nd_canvas canvas = {.svg = &svg};
  if (result->size != 2 || result->rows_used > MOST_CONTOUR_ROWS) return NADIR_OK;
  nadir_status drawn =
      expr ? nd_draw_contour(expr, &result, NULL, 1, settings, canvas, error)
           : nd_draw_fit_contour(result->model, table, &result, NULL, 1, settings, canvas, error);
  nadir_status status =
      put_figure(page, drawn, &svg, "Contours of the loss, and the path on them.", error);
  nd_text_free(&svg);
  return status;
}

static bool has_curve(const nadir_result *result, const nadir_table *table) {
  return table && result->model->model->target_kind != ND_TARGET_CLASS;
}

static nadir_status put_fit(nd_text *page, const nadir_result *result, const nadir_table *table,
                            const nadir_settings *settings, nadir_error *error) {
  nd_text svg = {0};
  if (!has_curve(result, table)) return NADIR_OK;
  nadir_status drawn = nd_draw_fit(result->model, table, settings, (nd_canvas){.svg = &svg}, error);
  nadir_status status =
      put_figure(page, drawn, &svg, "The data, the fit, and the residuals under it.", error);
  nd_text_free(&svg);
  return status;
}

/* ---- the run ---- */

static void put_run(nd_text *page, const nadir_result *result) {
  begin_table(page, "The run");
  put_row(page, "loss function", result->loss_name);
  nd_text classes = {0}, rate = {0}, schedule = {0}, batch = {0};
  if (result->classes) nd_tell_classes(result->classes, &classes);
  put_said(page, "classes", &classes);
  put_row(page, "method", result->plan.method->name);
  nd_tell_rate(result, &rate);
  nd_tell_schedule(&result->plan, &schedule);
  nd_tell_batch(&result->plan, &batch);
  put_said(page, "rate", &rate);
  put_said(page, "schedule", &schedule);
  if (result->model) put_said(page, "batch", &batch);
  nd_text_free(&batch);
  put_count(page, "seed", result->seed);
  put_count(page, "updates", result->updates);
  if (result->model) {
    put_count(page, "epochs", result->epochs);
    put_count(page, "rows read", result->rows_read);
    put_count(page, "rows used", result->rows_used);
    put_row(page, "precision", result->single_precision ? "single" : "double");
  }
  put_number(page, "seconds", result->seconds);
  nd_text why = {0};
  nd_tell_stop(result, &why);
  put_said(page, "stopped", &why);
  end_table(page);
}

static void put_settings(nd_text *page, const nadir_settings *settings) {
  nadir_setting setting;
  nd_text value = {0};
  bool is_default;
  size_t given = 0;
  begin_table(page, "Settings that were given");
  for (size_t i = 0; nd_settings_at(settings, i, &setting, &value, &is_default); i++) {
    if (is_default) continue;
    put_row(page, setting.name, value.failed ? "" : nd_text_data(&value));
    given++;
  }
  nd_text_free(&value);
  if (given == 0) put_row(page, "none", "every setting has its default");
  end_table(page);
}

/* What makes the run again, and when it was made. */
static void put_origin(nd_text *page, const nadir_result *result) {
  begin_table(page, "To make it again");
  put_row(page, "command", result->command_line);
  put_row(page, "date", result->date);
  if (result->model) put_row(page, "digest of the table", result->model->origin.digest);
  put_row(page, "version", "nadir " NADIR_VERSION);
  end_table(page);
}

static void put_files(nd_text *page, const nadir_model *model) {
  for (size_t i = 0; i < model->origin.file_count; i++) {
    nd_text_append(page, i ? ", " : " of ");
    put(page, model->origin.files[i]);
  }
}

static nadir_status put_path(nd_text *page, const nadir_result *result, const nadir_settings *settings,
                             nadir_error *error) {
  nd_text svg = {0};
  if (!result->path) return NADIR_OK;
  nadir_status drawn = nd_draw_path(result, settings, (nd_canvas){.svg = &svg}, error);
  nadir_status status = put_figure(page, drawn, &svg, "The path of the penalty.", error);
  nd_text_free(&svg);
  return status;
}

static nadir_status put_corner(nd_text *page, const nadir_result *result,
                               const nadir_settings *settings, nadir_error *error) {
  nd_text svg = {0};
  if (!result->uncertainty || !result->uncertainty->covariance || result->size < 2) return NADIR_OK;
  if (!nd_corner_drawn(result->size)) {
    nd_text_print(page, "<p>No picture of the covariance: %zu parameters are too many for one.</p>\n", result->size);
    return NADIR_OK;
  }
  nadir_status drawn = nd_draw_corner(result, settings, (nd_canvas){.svg = &svg}, error);
  nadir_status status = put_figure(
      page, drawn, &svg,
      "The covariance: ellipses that hold two parameters with 68.3 and 95 % probability.", error);
  nd_text_free(&svg);
  return status;
}

static nadir_status put_pictures(nd_text *page, const nadir_result *result, const nadir_expr *expr,
                                 const nadir_table *table, const nadir_settings *settings,
                                 nadir_error *error) {
  ND_TRY(put_fit(page, result, table, settings, error));
  ND_TRY(put_corner(page, result, settings, error));
  ND_TRY(put_path(page, result, settings, error));
  ND_TRY(put_loss(page, result->trace, has_curve(result, table), settings, error));
  return put_contours(page, result, expr, table, settings, error);
}

static nadir_status make_page(nd_text *page, const nadir_result *result, const nadir_expr *expr,
                              const nadir_table *table, const nadir_settings *settings,
                              nadir_error *error) {
  nd_text_append(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
  put(page, result->formula);
  nd_text_print(page, "</title>\n<style>%s</style>\n<main>\n", STYLE);
  put_answer(page, result);
  put_parameters(page, result);
  put_worth(page, result);
  put_uncertainty(page, result);
  ND_TRY(put_pictures(page, result, expr, table, settings, error));
  put_run(page, result);
  put_settings(page, settings);
  put_origin(page, result);
  nd_text_print(page, "<footer>nadir %s, %s", NADIR_VERSION, result->command);
  if (result->model) put_files(page, result->model);
  nd_text_append(page, ", on a processor of level ");
  put(page, result->cpu);
  nd_text_append(page, "</footer>\n</main>\n</html>\n");
  return nd_text_status(page, error);
}

nadir_status nd_write_page(const nadir_result *result, const nadir_expr *expr,
                           const nadir_table *table, const nadir_settings *settings,
                           const char *path, nadir_error *error) {
  nd_text page = {0};
  nd_output *output = NULL;
  nadir_status status = make_page(&page, result, expr, table, settings, error);
  if (status == NADIR_OK) status = nd_output_open(&output, path, error);
  if (status == NADIR_OK) status = nd_output_write(output, nd_text_data(&page), page.length, error);
  if (status == NADIR_OK) status = nd_output_commit(output, error);
  nd_output_close(output);
  nd_text_free(&page);
  return status;
}
