/* The noise of batches drawn: the share of them that point uphill by epoch, next to the radii of the clouds that
 * constant rates end in, as measured (points) and as predicted (lines), both axes logarithmic: with shuffled epochs the
 * radius goes with the rate, with independent draws with its root. Of two parameters there are under these the clouds
 * themselves, seen from the minimum, each with a circle of the radius that is predicted. */
#include <math.h>
#include <stdio.h>

#include "figure/figure.h"

enum { KINDS = 2, CURVES = 4, PANELS = 4, AROUND = 121, RATE_LABEL = 48 };
static const double TURN = 6.283185307179586;

/* A cloud: its points taken apart, and its circle. */
typedef struct drawn_cloud {
  double *x, *y, around[2][AROUND];
  char label[RATE_LABEL];
} drawn_cloud;

typedef struct noise_chart {
  const nadir_batch_noise *noise;
  const nadir_clouds *clouds[KINDS];                        /* shuffled, drawn */
  double *rate[KINDS], *measured[KINDS], *predicted[KINDS]; /* by cloud */
  double *room;                                             /* of these */
  double *epoch;
  drawn_cloud *drawn[KINDS];
  nd_series *series[KINDS]; /* of each cloud its points and its circle, then the minimum */
  nd_series uphill, curves[CURVES];
  nd_text axis[2]; /* what the directions of clouds are called */
} noise_chart;

static const double zero;

static nadir_status take_radii(noise_chart *c, nadir_error *error) {
  size_t all = c->clouds[0]->count + c->clouds[1]->count;
  c->room = nd_new(3 * all, sizeof *c->room, error);
  c->epoch = nd_new(c->noise->epochs, sizeof *c->epoch, error);
  double *at = c->room;
  if (!at || !c->epoch) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < c->noise->epochs; i++)
    c->epoch[i] = (double)i;
  for (size_t k = 0; k < KINDS; k++) {
    size_t n = c->clouds[k]->count;
    c->rate[k] = at;
    c->measured[k] = at + n;
    c->predicted[k] = at + 2 * n;
    for (size_t i = 0; i < n; i++) {
      c->rate[k][i] = c->clouds[k]->cloud[i].rate;
      c->measured[k][i] = c->clouds[k]->cloud[i].radius;
      c->predicted[k][i] = c->clouds[k]->cloud[i].predicted;
    }
    at += 3 * n;
  }
  return NADIR_OK;
}

static nd_panel panel_of_share(noise_chart *c) {
  c->uphill =
      (nd_series){.mark = ND_LINE, .count = c->noise->epochs, .x = c->epoch, .y = c->noise->uphill};
  return (nd_panel){.x_label = "epoch",
                    .y_label = "share of batches that point uphill",
                    .height = 1,
                    .series = &c->uphill,
                    .series_count = 1};
}

static nd_panel panel_of_radii(noise_chart *c) {
  static const char *const label[KINDS] = {"shuffled", "drawn"};
  for (size_t k = 0; k < KINDS; k++) {
    nd_series points = {.label = label[k],
                        .mark = ND_POINTS,
                        .count = c->clouds[k]->count,
                        .x = c->rate[k],
                        .y = c->measured[k]};
    c->curves[2 * k] = points;
    c->curves[2 * k + 1] = (nd_series){.label = k ? NULL : "predicted",
                                       .mark = ND_LINE,
                                       .count = points.count,
                                       .x = c->rate[k],
                                       .y = c->predicted[k],
                                       .same = true};
  }
  return (nd_panel){.x_label = "rate",
                    .y_label = "radius of the cloud",
                    .log_x = true,
                    .log_y = true,
                    .height = 1,
                    .series = c->curves,
                    .series_count = CURVES};
}

/* ---- the clouds ---- */

static nadir_status take_cloud(const nadir_cloud *cloud, drawn_cloud *to, nadir_error *error) {
  char number[ND_NUMBER_TEXT];
  to->x = nd_new(2 * cloud->points, sizeof *to->x, error);
  if (!to->x) return NADIR_NO_MEMORY;
  to->y = to->x + cloud->points;
  for (size_t i = 0; i < cloud->points; i++) {
    to->x[i] = cloud->point[2 * i];
    to->y[i] = cloud->point[2 * i + 1];
  }
  for (size_t i = 0; i < AROUND; i++) {
    double turn = TURN * (double)i / (AROUND - 1);
    to->around[0][i] = cloud->mean[0] + cloud->predicted * cos(turn);
    to->around[1][i] = cloud->mean[1] + cloud->predicted * sin(turn);
  }
  snprintf(to->label, sizeof to->label, "rate %s", nd_format_digits(cloud->rate, 3, number));
  return NADIR_OK;
}

static nadir_status take_clouds(noise_chart *c, size_t k, nadir_error *error) {
  size_t n = c->clouds[k]->count;
  c->drawn[k] = nd_new(n, sizeof *c->drawn[k], error);
  c->series[k] = nd_new(2 * n + 1, sizeof *c->series[k], error);
  if (!c->drawn[k] || !c->series[k]) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < n; i++) {
    const nadir_cloud *cloud = &c->clouds[k]->cloud[i];
    drawn_cloud *drawn = &c->drawn[k][i];
    ND_TRY(take_cloud(cloud, drawn, error));
    c->series[k][2 * i] = (nd_series){.label = drawn->label,
                                      .mark = ND_POINTS,
                                      .count = cloud->points,
                                      .x = drawn->x,
                                      .y = drawn->y};
    c->series[k][2 * i + 1] = (nd_series){.label = i ? NULL : "predicted",
                                          .mark = ND_LINE,
                                          .count = cloud->points ? AROUND : 0,
                                          .x = drawn->around[0],
                                          .y = drawn->around[1],
                                          .same = true};
  }
  c->series[k][2 * n] =
      (nd_series){.label = "minimum", .mark = ND_CROSSES, .count = 1, .x = &zero, .y = &zero};
  return NADIR_OK;
}

static nadir_status name_axes(noise_chart *c, nadir_error *error) {
  for (size_t i = 0; i < 2; i++) {
    nd_text_print(&c->axis[i], "%s, from the minimum", c->noise->parameter[i]);
    ND_TRY(nd_text_status(&c->axis[i], error));
  }
  return NADIR_OK;
}

static nd_panel panel_of_clouds(const noise_chart *c, size_t k) {
  static const char *const title[KINDS] = {"shuffled epochs", "independent draws"};
  return (nd_panel){.title = title[k],
                    .x_label = nd_text_data(&c->axis[0]),
                    .y_label = nd_text_data(&c->axis[1]),
                    .height = 1,
                    .equal = true,
                    .series = c->series[k],
                    .series_count = 2 * c->clouds[k]->count + 1};
}

/* ---- the picture ---- */

static nadir_status draw(noise_chart *c, const nadir_settings *settings, nd_canvas canvas,
                         nadir_error *error) {
  bool clouds = c->noise->parameter[0] != NULL;
  if (clouds) ND_TRY(name_axes(c, error));
  nd_panel panels[PANELS] = {panel_of_share(c), panel_of_radii(c)};
  for (size_t k = 0; clouds && k < KINDS; k++) {
    ND_TRY(take_clouds(c, k, error));
    panels[2 + k] = panel_of_clouds(c, k);
  }
  nd_chart chart = {.title = nd_title_of(settings, c->noise->formula),
                    .panels = panels,
                    .panel_count = clouds ? PANELS : 2,
                    .columns = 2};
  return nd_chart_draw(&chart, canvas, error);
}

static void clear(noise_chart *c) {
  for (size_t k = 0; k < KINDS; k++) {
    for (size_t i = 0; c->drawn[k] && i < c->clouds[k]->count; i++)
      nd_free(c->drawn[k][i].x);
    nd_free(c->drawn[k]);
    nd_free(c->series[k]);
  }
  nd_text_free(&c->axis[0]);
  nd_text_free(&c->axis[1]);
  nd_free(c->epoch);
  nd_free(c->room);
}

nadir_status nd_draw_noise(const nadir_batch_noise *noise, const nadir_settings *settings,
                           nd_canvas canvas, nadir_error *error) {
  noise_chart c = {.noise = noise, .clouds = {&noise->shuffled, &noise->drawn}};
  nadir_status status = take_radii(&c, error);
  if (status == NADIR_OK) status = draw(&c, settings, canvas, error);
  clear(&c);
  return status;
}
