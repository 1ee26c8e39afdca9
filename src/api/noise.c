/* `nadir noise`: the share of batches that point uphill, and the clouds that constant rates end in,
 * measured and predicted, for shuffled epochs and for independent draws. */
#include <string.h>

#include "api/question_internal.h"
#include "tell/tell.h"

/* ---- rates: typed, or a third, a ninth ... of the automatic one ---- */

static nadir_status choose_rates(const nd_fitting *f, double automatic, double **rates,
                                 size_t *count, nadir_error *error) {
  if (!nd_is_auto(f->settings->rates))
    return nd_numbers_read(f->settings->rates, rates, count, error);
  *count = 3;
  *rates = nd_new(*count, sizeof **rates, error);
  if (!*rates) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < *count; i++)
    (*rates)[i] = automatic / pow(3, (double)i + 1);
  return NADIR_OK;
}

/* ---- for people ---- */

static void put_clouds(nd_text *out, const char *title, const nd_clouds *clouds,
                       const char *expected) {
  char number[4][ND_NUMBER_TEXT];
  nd_text_print(out, "\n%s\n  %12s %14s %14s %14s\n", title, "rate", "radius", "predicted",
                "about minimum");
  for (size_t i = 0; i < clouds->count; i++) {
    const nd_cloud *c = &clouds->cloud[i];
    nd_text_print(out, "  %12s %14s %14s %14s\n", nd_format_digits(c->rate, 5, number[0]),
                  nd_format_digits(c->radius, 5, number[1]),
                  nd_format_digits(c->predicted, 5, number[2]),
                  nd_format_digits(c->about_minimum, 5, number[3]));
  }
  nd_text_print(out, "  the radius goes with the rate to the power %s (%s)\n",
                nd_format_digits(clouds->exponent, 3, number[0]), expected);
}

static void put_people(nd_text *out, const nd_noise *n, const char *formula, const char *batch) {
  char number[ND_NUMBER_TEXT];
  nd_text_print(out, "%s, batches of %s, in descent coordinates\n\n", formula, batch);
  nd_text_append(out, "share of batches whose gradient points uphill, by epoch:\n");
  for (size_t i = 0; i < n->wrong_way_count; i++)
    nd_text_print(out, "  %4zu  %s\n", i, nd_format_digits(n->wrong_way[i], 4, number));
  put_clouds(out, "clouds, shuffled epochs", &n->shuffled, "1 at small rates: proportional");
  put_clouds(out, "clouds, independent draws", &n->drawn, "1/2 at small rates: the root");
}

/* ---- JSON ---- */

static json_t *clouds_json(const nd_clouds *clouds) {
  json_t *list = json_array();
  for (size_t i = 0; i < clouds->count; i++) {
    const nd_cloud *c = &clouds->cloud[i];
    json_t *one = json_object();
    nd_json_put(&one, "rate", nd_json_number(c->rate));
    nd_json_put(&one, "radius", nd_json_number(c->radius));
    nd_json_put(&one, "predicted", nd_json_number(c->predicted));
    nd_json_put(&one, "about_minimum", nd_json_number(c->about_minimum));
    nd_json_push(&list, one);
  }
  return list;
}

static json_t *noise_json(const nd_noise *n, const char *formula, const char *batch) {
  json_t *tree = json_object(), *wrong = json_array();
  for (size_t i = 0; i < n->wrong_way_count; i++) {
    json_t *one = json_object();
    nd_json_put(&one, "epoch", nd_json_count(i));
    nd_json_put(&one, "share", nd_json_number(n->wrong_way[i]));
    nd_json_push(&wrong, one);
  }
  nd_json_put(&tree, "formula", nd_json_text(formula));
  nd_json_put(&tree, "batch", nd_json_text(batch));
  nd_json_put(&tree, "wrong_way", wrong);
  nd_json_put(&tree, "clouds", clouds_json(&n->shuffled));
  nd_json_put(&tree, "exponent", nd_json_number(n->shuffled.exponent));
  nd_json_put(&tree, "clouds_drawn", clouds_json(&n->drawn));
  nd_json_put(&tree, "exponent_drawn", nd_json_number(n->drawn.exponent));
  return tree;
}

/* ---- the call ---- */

/* The minimum, to all digits: Newton's method where it works, whatever the run's own method. */
static nadir_status find_minimum(nd_fitting *f, const double *start, nd_run *run,
                                 nadir_error *error) {
  nadir_settings *settings;
  ND_TRY(nd_settings_copy(&settings, f->settings, error));
  nadir_status status = nd_settings_set(settings, "method", "newton", error);
  if (status == NADIR_OK) status = nd_settings_set(settings, "batch", "all", error);
  if (status == NADIR_OK) status = nd_settings_set(settings, "rate", "auto", error);
  if (status == NADIR_OK) status = nd_settings_set(settings, "schedule", "auto", error);
  nd_teller quiet = {0};
  if (status == NADIR_OK) status = nd_descend(f->objective, settings, start, &quiet, run, error);
  nd_teller_free(&quiet);
  nd_settings_free(settings);
  return status;
}

static nadir_status automatic_rate(nd_fitting *f, const double *minimum, double *rate,
                                   nadir_error *error) {
  nadir_settings *settings;
  nd_run run = {0};
  nd_teller quiet = {0};
  ND_TRY(nd_settings_copy(&settings, f->settings, error));
  nadir_status status = nd_settings_set(settings, "epochs", "1", error);
  if (status == NADIR_OK) status = nd_descend(f->objective, settings, minimum, &quiet, &run, error);
  *rate = status == NADIR_OK ? run.rate : 0;
  nd_run_clear(&run);
  nd_teller_free(&quiet);
  nd_settings_free(settings);
  return status;
}

static nadir_status measure(nd_fitting *f, double *start, nd_noise *noise, nadir_error *error) {
  double *rates = NULL, automatic = 0;
  size_t count = 0, batch = f->settings->batch.rows;
  nd_run run = {0};
  nd_model_start(f->model, f->settings, start);
  nadir_status status = find_minimum(f, start, &run, error);
  if (status == NADIR_OK && nd_is_auto(f->settings->rates))
    status = automatic_rate(f, run.w, &automatic, error);
  if (status == NADIR_OK) status = choose_rates(f, automatic, &rates, &count, error);
  if (status == NADIR_OK)
    status = nd_noise_measure(f->objective, f->settings, batch, start, run.w, rates, count, noise,
                              error);
  nd_free(rates);
  nd_run_clear(&run);
  return status;
}

static nadir_status render(const nd_noise *n, const char *formula, const char *batch,
                           nadir_format format, char **text, nadir_error *error) {
  nd_text out = {0};
  if (format == NADIR_JSON) return nd_json_write(noise_json(n, formula, batch), text, error);
  put_people(&out, n, formula, batch);
  return nd_give_text(&out, NADIR_OK, text, error);
}

nadir_status nadir_noise(nadir_table *table, const char *formula, const nadir_settings *settings,
                         const nadir_listener *listener, nadir_format format, char **text,
                         nadir_error *error) {
  ND_TO_NEAREST;
  nd_fitting f = {0};
  nd_noise noise = {0};
  nadir_settings *own;
  *text = NULL;
  ND_TRY(nd_settings_copy(&own, settings, error));
  nadir_status status = NADIR_OK;
  if (own->batch.is_auto) status = nd_settings_set(own, "batch", "1", error);
  if (status == NADIR_OK) status = nd_settings_set(own, "coordinates", "plain", error);
  if (status == NADIR_OK) status = nd_fitting_new(&f, table->table, formula, own, listener, error);
  double *start = status == NADIR_OK ? nd_new(f.model->size, sizeof *start, error) : NULL;
  if (status == NADIR_OK && !start) status = NADIR_NO_MEMORY;
  if (status == NADIR_OK) status = measure(&f, start, &noise, error);
  if (status == NADIR_OK)
    status = render(&noise, formula, nd_settings_get(own, "batch"), format, text, error);
  nd_noise_clear(&noise);
  nd_free(start);
  nd_fitting_free(&f);
  nd_settings_free(own);
  return status;
}
