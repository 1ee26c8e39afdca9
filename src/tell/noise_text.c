/* What is said of the noise of a fit's batches: the share that points uphill, by epoch, and the clouds
 * that constant rates end in, measured and predicted, for shuffled epochs and for independent draws.
 * For people, and as the JSON object of `nadir noise`. */
#include <math.h>

#include "tell/tell.h"

/* ---- for people ---- */

static const char *or_word(double value, const char *word, char number[ND_NUMBER_TEXT]) {
  return isnan(value) ? word : nd_format_digits(value, 5, number);
}

static void put_clouds(nd_text *out, const char *title, const nadir_clouds *clouds,
                       const char *expected) {
  char number[4][ND_NUMBER_TEXT];
  nd_text_print(out, "\n%s\n  %12s %14s %14s %14s\n", title, "rate", "radius", "predicted",
                "about minimum");
  for (size_t i = 0; i < clouds->count; i++) {
    const nadir_cloud *c = &clouds->cloud[i];
    nd_text_print(out, "  %12s %14s %14s %14s\n", nd_format_digits(c->rate, 5, number[0]),
                  or_word(c->radius, "diverged", number[1]), or_word(c->predicted, "-", number[2]),
                  or_word(c->about_minimum, "-", number[3]));
  }
  if (isnan(clouds->exponent)) return;
  nd_text_print(out, "  the radius goes as the rate to the power %s (%s)\n",
                nd_format_digits(clouds->exponent, 3, number[0]), expected);
}

static void put_people(nd_text *out, const nadir_batch_noise *n) {
  char number[ND_NUMBER_TEXT];
  nd_text_print(out, "%s, batches of %llu, in descent coordinates\n\n", n->formula,
                (unsigned long long)n->batch);
  nd_text_append(out, "share of batches whose gradient points uphill, by epoch:\n");
  for (size_t i = 0; i < n->epochs; i++)
    nd_text_print(out, "  %4zu  %s\n", i, nd_format_digits(n->uphill[i], 4, number));
  put_clouds(out, "clouds, shuffled epochs", &n->shuffled, "1 at small rates: proportional");
  put_clouds(out, "clouds, independent draws", &n->drawn, "1/2 at small rates: the root");
}

/* ---- JSON ---- */

static json_t *clouds_json(const nadir_clouds *clouds) {
  json_t *list = json_array();
  for (size_t i = 0; i < clouds->count; i++) {
    const nadir_cloud *c = &clouds->cloud[i];
    json_t *one = json_object();
    nd_json_put(&one, "rate", nd_json_number(c->rate));
    nd_json_put(&one, "radius", nd_json_number(c->radius));
    nd_json_put(&one, "predicted", nd_json_number(c->predicted));
    nd_json_put(&one, "about_minimum", nd_json_number(c->about_minimum));
    nd_json_push(&list, one);
  }
  return list;
}

static json_t *uphill_json(const nadir_batch_noise *n) {
  json_t *list = json_array();
  for (size_t i = 0; i < n->epochs; i++) {
    json_t *one = json_object();
    nd_json_put(&one, "epoch", nd_json_count(i));
    nd_json_put(&one, "share", nd_json_number(n->uphill[i]));
    nd_json_push(&list, one);
  }
  return list;
}

/* The batch is a text there, as the setting is. */
static json_t *batch_json(uint64_t batch) {
  nd_text text = {0};
  nd_text_print(&text, "%llu", (unsigned long long)batch);
  return nd_json_said(&text);
}

static json_t *noise_json(const nadir_batch_noise *n) {
  json_t *tree = json_object();
  nd_json_put(&tree, "formula", nd_json_text(n->formula));
  nd_json_put(&tree, "batch", batch_json(n->batch));
  nd_json_put(&tree, "wrong_way", uphill_json(n));
  nd_json_put(&tree, "clouds", clouds_json(&n->shuffled));
  nd_json_put(&tree, "exponent", nd_json_number(n->shuffled.exponent));
  nd_json_put(&tree, "clouds_drawn", clouds_json(&n->drawn));
  nd_json_put(&tree, "exponent_drawn", nd_json_number(n->drawn.exponent));
  return tree;
}

nadir_status nadir_batch_noise_text(const nadir_batch_noise *noise, nadir_format format,
                                    char **text, nadir_error *error) {
  ND_TO_NEAREST;
  if (format == NADIR_JSON) return nd_json_write(noise_json(noise), text, error);
  nd_text out = {0};
  put_people(&out, noise);
  return nd_give_text(&out, NADIR_OK, text, error);
}
