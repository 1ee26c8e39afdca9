/* What a listener hears: the names before anything is computed, the plan before the first update, and
 * each update where it asks for them; and that it ends a run at the update that it says. */
#include <stdbool.h>

#include "support.h"


typedef struct heard {
  size_t names, plans, updates, columns, size;
  uint64_t last, end_at;
  double loss, fell, rate, value[2]; /* value: of the last update */
  nadir_method_why method_why;
  nadir_rate_why rate_why;
  char words[4096];
} heard;

static int hear(void *context, const nadir_event *event) {
  heard *h = context;
  if (event->kind == NADIR_NAMES) {
    h->names++;
    h->columns = event->plan->columns;
    h->size = event->plan->size;
    assert_null(event->plan->method);
  }
  if (event->kind == NADIR_PLANNED) {
    h->plans++;
    assert_int_equal(h->updates, 0);
    h->method_why = event->plan->method_why;
    h->rate_why = event->plan->rate_why;
    char *text;
    assert_int_equal(nadir_event_text(event, &text, NULL), NADIR_OK);
    snprintf(h->words, sizeof h->words, "%s", text);
    nadir_text_free(text);
  }
  if (event->kind == NADIR_UPDATE) {
    assert_true(event->update == h->last + 1);
    assert_true(isfinite(event->loss) && isfinite(event->gradient_norm));
    assert_true(event->plan->size <= sizeof h->value / sizeof *h->value);
    memcpy(h->value, event->value, event->plan->size * sizeof *h->value);
    h->fell += h->updates && event->loss < h->loss;
    h->loss = event->loss;
    h->rate = event->rate;
    h->last = event->update;
    h->updates++;
    return event->update == h->end_at;
  }
  return 0;
}

static nadir_result *minimize(const char *formula, heard *h, bool every, const char *const *pairs) {
  nadir_settings *settings;
  nadir_expr *expr;
  nadir_result *result = NULL;
  nadir_listener listener = {.bytes = sizeof(nadir_listener), .notify = hear, .context = h, .every_update = every};
  assert_int_equal(nadir_settings_new(&settings, &error), NADIR_OK);
  for (; *pairs; pairs += 2)
    assert_int_equal(nadir_settings_set(settings, pairs[0], pairs[1], &error), NADIR_OK);
  assert_int_equal(nadir_expr_new(&expr, formula, &error), NADIR_OK);
  assert_int_equal(nadir_minimize(expr, settings, &listener, &result, &error), NADIR_OK);
  nadir_expr_free(expr);
  nadir_settings_free(settings);
  return result;
}

static const char *const by_gd[] = {"method", "gd", "start", "x=3,y=-2", "updates", "50", NULL};

static void every_update_is_told(void **state) {
  (void)state;
  heard h = {0};
  nadir_result *result = minimize("x^2 + 3*y^2", &h, true, by_gd);
  assert_true(h.updates == result->updates && h.updates > 5);
  assert_true(h.fell > 0);
  assert_true(h.rate == result->rate);
  assert_true(h.value[0] == result->parameter[0].value && h.value[1] == result->parameter[1].value);
  assert_int_equal(h.plans, 1);
  assert_int_equal(h.method_why, NADIR_METHOD_GIVEN);
  assert_int_equal(h.rate_why, NADIR_RATE_CURVATURE);
  assert_non_null(strstr(h.words, "method: gd, as given\n"));
  assert_non_null(strstr(h.words, "schedule: constant, "));
  nadir_result_free(result);
}

static void none_is_told_unasked(void **state) {
  (void)state;
  heard h = {0};
  nadir_result_free(minimize("x^2 + 3*y^2", &h, false, by_gd));
  assert_int_equal(h.updates, 0);
  assert_int_equal(h.plans, 1);
}

static void a_run_ends_at_an_update(void **state) {
  (void)state;
  heard h = {.end_at = 3};
  nadir_result *result = minimize("x^2 + 3*y^2", &h, true, by_gd);
  assert_true(result->updates == 3);
  assert_int_equal(result->ended, NADIR_INTERRUPTED);
  nadir_result_free(result);
}

enum { ROWS = 40 };

static nadir_result *fit(heard *h, bool every, const char *batch, const char *formula) {
  static double x[ROWS], y[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    x[i] = (double)i;
    y[i] = 3 + 0.5 * x[i] + sin(7.0 * x[i]);
  }
  test_column arrays[] = {{"x", "", x}, {"y", "", y}};
  nadir_settings *settings;
  nadir_table *table;
  nadir_result *result = NULL;
  nadir_listener listener = {.bytes = sizeof(nadir_listener), .notify = hear, .context = h, .every_update = every};
  assert_int_equal(nadir_settings_new(&settings, &error), NADIR_OK);
  assert_int_equal(nadir_settings_set(settings, "batch", batch, &error), NADIR_OK);
  assert_int_equal(nadir_settings_set(settings, "epochs", "5", &error), NADIR_OK);
  table = table_of(arrays, 2, ROWS);
  assert_int_equal(nadir_fit(table, formula, settings, &listener, &result, &error), NADIR_OK);
  nadir_table_free(table);
  nadir_settings_free(settings);
  return result;
}

/* Being told changes nothing: the same bits, of one row at a time and of several. */
static void hearing_changes_no_bit(void **state) {
  (void)state;
  static const char *const batches[] = {"1", "7"};
  for (size_t k = 0; k < 2; k++) {
    heard loud = {0}, quiet = {0};
    nadir_result *a = fit(&loud, true, batches[k], "y ~ linear(x)");
    nadir_result *b = fit(&quiet, false, batches[k], "y ~ linear(x)");
    assert_true(loud.updates == a->updates && loud.updates > 20);
    assert_int_equal(quiet.updates, 0);
    assert_true(isfinite(loud.value[0]) && isfinite(loud.value[1]));
    for (size_t i = 0; i < a->size; i++)
      assert_memory_equal(&a->parameter[i].value, &b->parameter[i].value, sizeof(double));
    nadir_result_free(a);
    nadir_result_free(b);
  }
}

static void names_come_first(void **state) {
  (void)state;
  heard h = {0};
  nadir_result *result = fit(&h, false, "all", "y ~ linear(x)");
  assert_int_equal(h.names, 1);
  assert_int_equal(h.columns, 2);
  assert_int_equal(h.size, 2);
  assert_int_equal(result->plan.columns, 2);
  assert_string_equal(result->plan.column[0], "x");
  assert_string_equal(result->plan.parameter[1], "w[x]");
  nadir_result_free(result);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_update_is_told),    cmocka_unit_test(none_is_told_unasked),
      cmocka_unit_test(a_run_ends_at_an_update), cmocka_unit_test(hearing_changes_no_bit),
      cmocka_unit_test(names_come_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
