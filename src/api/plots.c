/* Pictures as nadir.h shows them. */
#include "api/question_internal.h"
#include "figure/figure.h"

nadir_status nadir_picture_check(const char *path, nadir_error *error) {
  return nd_picture_check(path, error);
}

nadir_status nadir_plot_traces(const nadir_trace *const *traces, const char *const *labels,
                               size_t count, const nadir_settings *settings, const char *path,
                               nadir_error *error) {
  ND_TO_NEAREST;
  return nd_draw_traces(traces, labels, count, settings, (nd_canvas){.path = path}, error);
}

nadir_status nadir_plot_contour(const nadir_expr *expr, const nadir_result *const *results,
                                const char *const *labels, size_t count,
                                const nadir_settings *settings, const char *path,
                                nadir_error *error) {
  ND_TO_NEAREST;
  nd_left left;
  nadir_status status = nd_left_of(&left, expr, settings, error);
  if (status == NADIR_OK)
    status = nd_draw_contour(left.expr, results, labels, count, settings, (nd_canvas){.path = path},
                             error);
  nd_left_clear(&left);
  return status;
}

nadir_status nadir_plot_fit_contour(const nadir_model *model, nadir_table *table,
                                    const nadir_result *const *results, const char *const *labels,
                                    size_t count, const nadir_settings *settings, const char *path,
                                    nadir_error *error) {
  ND_TO_NEAREST;
  return nd_draw_fit_contour(model, table, results, labels, count, settings,
                             (nd_canvas){.path = path}, error);
}

nadir_status nadir_plot_taylor(const nadir_expr *expr, const nadir_settings *settings,
                               const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  nadir_expansion *expansion;
  ND_TRY(nadir_taylor(expr, settings, NULL, &expansion, error));
  nadir_status status =
      nd_draw_expansion(expansion, expr, settings, (nd_canvas){.path = path}, error);
  nadir_expansion_free(expansion);
  return status;
}

nadir_status nadir_plot_fit(const nadir_model *model, nadir_table *table,
                            const nadir_settings *settings, const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  return nd_draw_fit(model, table, settings, (nd_canvas){.path = path}, error);
}

nadir_status nadir_plot_roc(const nadir_scores *scores, const nadir_settings *settings, const char *path,
                            nadir_error *error) {
  ND_TO_NEAREST;
  return nd_draw_roc(scores, settings, (nd_canvas){.path = path}, error);
}

nadir_status nadir_plot_calibration(const nadir_scores *scores, const nadir_settings *settings, const char *path,
                                    nadir_error *error) {
  ND_TO_NEAREST;
  return nd_draw_calibration(scores, settings, (nd_canvas){.path = path}, error);
}

nadir_status nadir_plot_path(const nadir_result *result, const nadir_settings *settings, const char *path,
                             nadir_error *error) {
  ND_TO_NEAREST;
  return nd_draw_path(result, settings, (nd_canvas){.path = path}, error);
}

nadir_status nadir_plot_corner(const nadir_result *result, const nadir_settings *settings, const char *path,
                               nadir_error *error) {
  ND_TO_NEAREST;
  return nd_draw_corner(result, settings, (nd_canvas){.path = path}, error);
}

nadir_status nadir_plot_noise(const nadir_batch_noise *noise, const nadir_settings *settings, const char *path,
                              nadir_error *error) {
  ND_TO_NEAREST;
  return nd_draw_noise(noise, settings, (nd_canvas){.path = path}, error);
}

static nadir_status plot_rate(const nadir_curvature *curvature, const nadir_expr *expr,
                              const nadir_settings *settings, const char *path,
                              nadir_error *error) {
  nd_asked asked;
  ND_TRY(nd_ask(&asked, expr, settings, NULL, error));
  nadir_status status =
      nd_draw_rate(curvature, expr, &asked.question, settings, (nd_canvas){.path = path}, error);
  nd_asked_free(&asked);
  return status;
}

nadir_status nadir_plot_rate(const nadir_curvature *curvature, const nadir_expr *expr,
                             const nadir_settings *settings, const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  nd_left left;
  if (!expr) return nd_draw_rate(curvature, NULL, NULL, settings, (nd_canvas){.path = path}, error);
  nadir_status status = nd_left_of(&left, expr, settings, error);
  if (status == NADIR_OK) status = plot_rate(curvature, left.expr, settings, path, error);
  nd_left_clear(&left);
  return status;
}

nadir_status nadir_report(const nadir_result *result, const nadir_expr *expr, nadir_table *table,
                          const nadir_settings *settings, const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  nd_left left = {0};
  nadir_status status = expr ? nd_left_of(&left, expr, settings, error) : NADIR_OK;
  if (status == NADIR_OK)
    status = nd_write_page(result, left.expr, table, settings, path, error);
  nd_left_clear(&left);
  return status;
}

nadir_status nadir_chart(const nadir_trace *trace, const nadir_settings *settings, int columns,
                         int lines, int utf8, char **text, nadir_error *error) {
  ND_TO_NEAREST;
  nd_text out = {0};
  size_t wide = (size_t)(columns > 0 ? columns : 0), high = (size_t)(lines > 0 ? lines : 0);
  nadir_status status = nd_draw_characters(trace, settings, wide, high, utf8 != 0, &out, error);
  return nd_give_text(&out, status, text, error);
}
