/* The noise of batches drawn: the share of them that point uphill by epoch, next to the radii of the clouds that
 * constant rates end in, as measured (points) and as predicted (lines), both axes logarithmic: with shuffled epochs the
 * radius goes with the rate, with independent draws with its root. */
#include <math.h>

#include "figure/figure.h"

enum { CURVES = 4 };

typedef struct radii {
  double *rate[2], *measured[2], *predicted[2]; /* shuffled, drawn */
  double *room;
} radii;

static nadir_status take(radii *r, const nadir_clouds *clouds[2], nadir_error *error) {
  size_t all = clouds[0]->count + clouds[1]->count;
  r->room = nd_new(3 * all, sizeof *r->room, error);
  double *at = r->room;
  if (!at) return NADIR_NO_MEMORY;
  for (size_t k = 0; k < 2; k++) {
    size_t n = clouds[k]->count;
    r->rate[k] = at;
    r->measured[k] = at + n;
    r->predicted[k] = at + 2 * n;
    for (size_t i = 0; i < n; i++) {
      r->rate[k][i] = clouds[k]->cloud[i].rate;
      r->measured[k][i] = clouds[k]->cloud[i].radius;
      r->predicted[k][i] = clouds[k]->cloud[i].predicted;
    }
    at += 3 * n;
  }
  return NADIR_OK;
}

static nadir_status draw(const radii *r, const nadir_batch_noise *noise, const nd_series *uphill,
                         const nadir_settings *settings, nd_canvas canvas, nadir_error *error) {
  const nadir_clouds *clouds[2] = {&noise->shuffled, &noise->drawn};
  static const char *const label[2] = {"shuffled", "drawn"};
  nd_series curves[CURVES];
  for (size_t k = 0; k < 2; k++) {
    nd_series points = {.label = label[k],
                        .mark = ND_POINTS,
                        .count = clouds[k]->count,
                        .x = r->rate[k],
                        .y = r->measured[k]};
    curves[2 * k] = points;
    curves[2 * k + 1] = (nd_series){.label = k ? NULL : "predicted",
                                    .mark = ND_LINE,
                                    .count = points.count,
                                    .x = r->rate[k],
                                    .y = r->predicted[k],
                                    .same = true};
  }
  nd_panel panels[2] = {{.x_label = "epoch",
                         .y_label = "share of batches that point uphill",
                         .height = 1,
                         .series = uphill,
                         .series_count = 1},
                        {.x_label = "rate",
                         .y_label = "radius of the cloud",
                         .log_x = true,
                         .log_y = true,
                         .height = 1,
                         .series = curves,
                         .series_count = CURVES}};
  nd_chart chart = {.title = nd_title_of(settings, noise->formula),
                    .panels = panels,
                    .panel_count = 2,
                    .columns = 2};
  return nd_chart_draw(&chart, canvas, error);
}

nadir_status nd_draw_noise(const nadir_batch_noise *noise, const nadir_settings *settings,
                           nd_canvas canvas, nadir_error *error) {
  radii r = {0};
  const nadir_clouds *clouds[2] = {&noise->shuffled, &noise->drawn};
  double *epoch = nd_new(noise->epochs, sizeof *epoch, error);
  nadir_status status = epoch ? take(&r, clouds, error) : NADIR_NO_MEMORY;
  for (size_t i = 0; epoch && i < noise->epochs; i++)
    epoch[i] = (double)i;
  nd_series uphill = {.mark = ND_LINE, .count = noise->epochs, .x = epoch, .y = noise->uphill};
  if (status == NADIR_OK) status = draw(&r, noise, &uphill, settings, canvas, error);
  nd_free(r.room);
  nd_free(epoch);
  return status;
}
