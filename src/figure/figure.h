/* figure: results and rows drawn: traces, contours, a fit, an expansion, and the HTML page of a run. They
 * fill the plain charts of plot; a canvas is a file, or text in memory. */
#ifndef ND_FIGURE_H
#define ND_FIGURE_H

#include "expr/formula.h"
#include "judge/judge.h"
#include "model/saved.h"
#include "plot/plot.h"

/* The setting title, else what the picture is called. */
static inline const char *nd_title_of(const nadir_settings *settings, const char *otherwise) {
  return *settings->title ? settings->title : otherwise;
}

nadir_status nd_draw_traces(const nadir_trace *const *traces, const char *const *labels,
                            size_t count, const nadir_settings *settings, nd_canvas canvas,
                            nadir_error *error);
nadir_status nd_draw_contour(const nadir_expr *expr, const nadir_result *const *results,
                             const char *const *labels, size_t count,
                             const nadir_settings *settings, nd_canvas canvas, nadir_error *error);
nadir_status nd_draw_fit_contour(const nadir_model *model, const nadir_table *table,
                                 const nadir_result *const *results, const char *const *labels,
                                 size_t count, const nadir_settings *settings, nd_canvas canvas,
                                 nadir_error *error);
nadir_status nd_draw_fit(const nadir_model *model, const nadir_table *table,
                         const nadir_settings *settings, nd_canvas canvas, nadir_error *error);
nadir_status nd_draw_expansion(const nadir_expansion *expansion, const nadir_expr *expr,
                               const nadir_settings *settings, nd_canvas canvas, nadir_error *error);
/* As nadir_plot_roc and nadir_plot_calibration. */
nadir_status nd_draw_roc(const nadir_scores *scores, const nadir_settings *settings, nd_canvas canvas,
                         nadir_error *error);
nadir_status nd_draw_calibration(const nadir_scores *scores, const nadir_settings *settings, nd_canvas canvas,
                                 nadir_error *error);
/* As nadir_plot_path. */
nadir_status nd_draw_path(const nadir_result *result, const nadir_settings *settings, nd_canvas canvas,
                          nadir_error *error);
/* As nadir_plot_corner and nadir_plot_noise. */
nadir_status nd_draw_corner(const nadir_result *result, const nadir_settings *settings, nd_canvas canvas,
                            nadir_error *error);
/* Whether such a picture is drawn of so many parameters. */
bool nd_corner_drawn(size_t parameters);
nadir_status nd_draw_noise(const nadir_batch_noise *noise, const nadir_settings *settings, nd_canvas canvas,
                           nadir_error *error);
/* As nadir_plot_rate; expr and question are NULL for a fit. */
nadir_status nd_draw_rate(const nadir_curvature *curvature, const nadir_expr *expr,
                          const nd_question *question, const nadir_settings *settings, nd_canvas canvas,
                          nadir_error *error);
/* What of the settings is said of a picture of data. */
nd_look nd_look_of(const nadir_settings *settings);
/* Takes that out of a copy of the struct. */
void nd_look_away(nadir_settings *settings);
/* Whether an axis is logarithmic: one that was not asked for is not where the range reaches down to 0. */
bool nd_choose_log(nd_yes_or_no setting, nd_range_or_auto range, bool advised);
/* Refuses a range that a logarithmic axis cannot show. */
nadir_status nd_look_check(const nadir_settings *settings, bool log_x, bool log_y, nadir_error *error);
/* As nadir_plot_periodogram and nadir_plot_folded. */
nadir_status nd_draw_periodogram(const nadir_periodogram *periodogram, const nadir_settings *settings,
                                 nd_canvas canvas, nadir_error *error);
nadir_status nd_draw_folded(const nadir_periodogram *periodogram, const nadir_settings *settings,
                            nd_canvas canvas, nadir_error *error);
/* A trace in characters; settings may be NULL. */
nadir_status nd_draw_characters(const nadir_trace *trace, const nadir_settings *settings,
                                size_t columns, size_t lines, bool utf8, nd_text *out,
                                nadir_error *error);
/* Appends gnuplot's SVG, made smaller, to a page. */
nadir_status nd_embed_svg(nd_text *page, const char *svg, nadir_error *error);
/* The page of a run, as nadir_report. */
nadir_status nd_write_page(const nadir_result *result, const nadir_expr *expr,
                           const nadir_table *table, const nadir_settings *settings,
                           const char *path, nadir_error *error);

#endif
