/* A chart onto a canvas, a file or text: the format is chosen by the end of the file's name, the
 * script is written by script.c and drawn by gnuplot.c. Either the whole file appears or none. */
#include <math.h>
#include <string.h>

#include "plot/plot_internal.h"

static const char *const endings[] = {
#define ND_PICTURE(id, ending, ...) ending,
#include "plot/pictures.def"
#undef ND_PICTURE
};

static nadir_status fail_kind(const char *path, nadir_error *error) {
  nd_text list = {0};
  for (size_t i = 0; i < ND_COUNT(endings); i++)
    if (i != ND_SCRIPT) nd_text_print(&list, "%s, ", endings[i]);
  nadir_status status = nd_text_status(&list, error);
  if (status == NADIR_OK)
    status = nd_fail(error, NADIR_BAD_SETTING,
                     "%s: the name does not say which kind of picture: end it in %sor %s for the "
                     "gnuplot script",
                     path, nd_text_data(&list), endings[ND_SCRIPT]);
  nd_text_free(&list);
  return status;
}

static nadir_status kind_of(const char *path, nd_picture *kind, nadir_error *error) {
  const char *name = strrchr(path, '/');
  name = name ? name + 1 : path;
  const char *end = strrchr(name, '.');
  for (size_t i = 0; end && i < ND_COUNT(endings); i++) {
    if (!nd_same_name(end, endings[i])) continue;
    *kind = (nd_picture)i;
    return NADIR_OK;
  }
  return fail_kind(path, error);
}

nadir_status nd_picture_check(const char *path, nadir_error *error) {
  nd_picture kind;
  return kind_of(path, &kind, error);
}

static nadir_status save(const nd_text *picture, const char *path, nadir_error *error) {
  nd_output *output;
  ND_TRY(nd_output_open(&output, path, error));
  nadir_status status = nd_output_write(output, nd_text_data(picture), picture->length, error);
  if (status == NADIR_OK) status = nd_output_commit(output, error);
  nd_output_close(output);
  return status;
}

static nadir_status picture_of(const nd_chart *chart, nd_picture kind, const char *path,
                               nd_text *out, nadir_error *error) {
  nd_text script = {0};
  if (kind == ND_SCRIPT) return nd_chart_script(chart, kind, out, error);
  nadir_status status = nd_chart_script(chart, kind, &script, error);
  if (status == NADIR_OK) status = nd_gnuplot_run(&script, kind, path, out, error);
  nd_text_free(&script);
  return status;
}

nadir_status nd_chart_draw(const nd_chart *chart, nd_canvas canvas, nadir_error *error) {
  nd_picture kind = ND_SVG;
  nd_text picture = {0};
  if (!canvas.path) return picture_of(chart, kind, NULL, canvas.svg, error);
  ND_TRY(kind_of(canvas.path, &kind, error));
  nadir_status status = picture_of(chart, kind, canvas.path, &picture, error);
  if (status == NADIR_OK) status = save(&picture, canvas.path, error);
  nd_text_free(&picture);
  return status;
}

/* Values that are not finite say nothing; one that is zero or negative forbids a log axis. */
bool nd_wants_log(const double *values, size_t count) {
  double low = INFINITY, high = 0;
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(values[i])) continue;
    if (values[i] <= 0) return false;
    low = fmin(low, values[i]);
    high = fmax(high, values[i]);
  }
  return high > 100 * low;
}
