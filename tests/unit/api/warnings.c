/* Warnings as facts: kind, columns and numbers, by the listener, by a result and by a summary. */
#include <stdbool.h>

#include "support.h"

enum { MOST = 8 };

/* What a listener can keep of a warning, which does not outlast the call. */
typedef struct heard {
  size_t count;
  nadir_warning_kind kind[MOST];
  uint64_t rows, first_rows;
  char first_class[16];
} heard;

static int hear(void *context, const nadir_event *event) {
  heard *h = context;
  const nadir_warning *w = event->warning;
  if (event->kind != NADIR_WARNING) {
    assert_null(w);
    return 0;
  }
  assert_true(h->count < MOST);
  h->kind[h->count++] = w->kind;
  if (w->kind != NADIR_WARN_UNKNOWN_CLASSES) return 0;
  h->rows = w->count;
  h->first_rows = w->of_name[0];
  snprintf(h->first_class, sizeof h->first_class, "%s", w->name[0]);
  return 0;
}

static char *write_file(const char *name, const char *text) {
  static char path[64];
  FILE *file = fopen(name, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
  snprintf(path, sizeof path, "%s", name);
  return path;
}

static const nadir_warning *find(const nadir_warning *warning, size_t count,
                                 nadir_warning_kind kind) {
  for (size_t i = 0; i < count; i++)
    if (warning[i].kind == kind) return &warning[i];
  fail_msg("no warning of the kind %s", nadir_warning_name(kind));
  return NULL;
}

static void says(const nadir_warning *warning, const char *sentence) {
  char *text;
  ok(nadir_warning_text(warning, &text, &error));
  assert_string_equal(text, sentence);
  nadir_text_free(text);
}

static nadir_result *minimize(const char *formula, const char *const *pairs, heard *h) {
  nadir_settings *settings = settings_of(pairs);
  nadir_listener listener = {.bytes = sizeof(nadir_listener), .notify = hear, .context = h};
  nadir_expr *expr;
  nadir_result *result;
  ok(nadir_expr_new(&expr, formula, &error));
  ok(nadir_minimize(expr, settings, &listener, &result, &error));
  nadir_expr_free(expr);
  nadir_settings_free(settings);
  return result;
}

static void a_rate_that_is_too_large(void **state) {
  (void)state;
  heard h = {0};
  nadir_result *result =
      minimize("x^2", PAIRS("method", "gd", "rate", "1.5", "start", "x=1", "updates", "5"), &h);
  assert_int_equal(h.count, result->warnings);
  assert_int_equal(h.kind[0], NADIR_WARN_UNSTABLE_RATE);
  const nadir_warning *w = find(result->warning, result->warnings, NADIR_WARN_UNSTABLE_RATE);
  assert_true(w->number == 1.5);
  near(w->second, 1, 1e-12);
  assert_null(w->column);
  assert_null(w->result);
  w = find(result->warning, result->warnings, NADIR_WARN_POOR_STEPS);
  assert_true(w->count == w->of && w->of == result->updates);
  nadir_result_free(result);
}

static void a_cause_has_the_facts_of_its_result(void **state) {
  (void)state;
  heard h = {0};
  nadir_result *result = minimize("x^4 - 2*x^2", PAIRS("start", "x=0"), &h);
  const nadir_warning *w = find(result->warning, result->warnings, NADIR_WARN_CAUSE);
  assert_int_equal(w->cause, NADIR_CAUSE_AT_START);
  assert_ptr_equal(w->result, result);
  assert_string_equal(nadir_cause_name(w->cause), "at the start");
  nadir_result_free(result);
}

static void columns_that_are_not_scaled(void **state) {
  (void)state;
  nadir_result *result =
      fit_file(write_file("flat.csv", "a,b,c,y\n7,1,1,1\n7,1,2,3\n7,1,3,4\n7,1,5,9\n"),
               "y ~ linear(a, b, c)", NULL);
  const nadir_warning *w = find(result->warning, result->warnings, NADIR_WARN_CONSTANT);
  assert_true(w->count == 2 && w->names == 2);
  assert_string_equal(w->name[0], "a");
  assert_string_equal(w->name[1], "b");
  says(w, "columns a, b have the same value in every row: they are not scaled");
  nadir_result_free(result);
}

/* Only a + b is determined. */
static void parameters_that_are_not_determined(void **state) {
  (void)state;
  nadir_result *result = fit_file(write_file("line.csv", "x,y\n1,1\n2,2.5\n3,2\n4,4\n"),
                                  "y ~ a + b + c*x", PAIRS("method", "gd", "updates", "10"));
  const nadir_warning *w = find(result->warning, result->warnings, NADIR_WARN_UNDETERMINED);
  assert_true(w->names == 2);
  assert_string_equal(w->name[0], "a");
  assert_string_equal(w->name[1], "b");
  assert_int_equal(w->directions, 1);
  near(w->direction[0], -1, 1e-9);
  assert_true(w->direction[1] == 1);
  says(w, "the rows do not determine a, b: only a + b is determined: leave one of them out, or "
          "write the model with "
          "fewer parameters");
  nadir_result_free(result);
}

/* Three columns of which one is 1 and an intercept: of four parameters three sums are determined. */
static void the_dummy_variable_trap(void **state) {
  (void)state;
  const char *rows = write_file(
      "dummy.csv", "p,q,r,y\n1,0,0,1\n0,1,0,2\n0,0,1,4\n1,0,0,1.5\n0,1,0,2.2\n0,0,1,3\n");
  const char *sums = "only b + w[r], w[p] - w[r], w[q] - w[r] are determined";
  nadir_result *result =
      fit_file(rows, "y ~ linear(p,q,r)", PAIRS("method", "gd", "updates", "2", "rate", "0.01"));
  char text[300];
  snprintf(text, sizeof text,
           "the rows do not determine b, w[p], w[q], w[r]: %s: leave one of them out, or write the "
           "model with fewer "
           "parameters",
           sums);
  says(find(result->warning, result->warnings, NADIR_WARN_UNDETERMINED), text);
  nadir_result_free(result);
  result = fit_file(rows, "y ~ linear(p,q,r)", NULL);
  snprintf(
      text, sizeof text,
      "not all parameters are determined by these rows: %s: write the model with fewer parameters",
      sums);
  const nadir_warning *w = find(result->warning, result->warnings, NADIR_WARN_CAUSE);
  assert_int_equal(w->cause, NADIR_CAUSE_COLLINEAR);
  says(w, text);
  for (size_t i = 0; i < 4; i++)
    assert_true(isnan(result->parameter[i].standard_error) && !result->parameter[i].determined);
  nadir_result_free(result);
  /* of u there are a + b + d, of v a + c - 2 d */
  result = fit_file(write_file("sum.csv", "u,v,y\n1,2,1\n2,1,2\n3,5,4\n4,4,1.5\n7,5,2.2\n"),
                    "y ~ a*(u + v) + b*u + c*v + d*(u - 2*v) + e",
                    PAIRS("method", "gd", "updates", "10"));
  says(find(result->warning, result->warnings, NADIR_WARN_UNDETERMINED),
       "the rows do not determine a, b, c, d: only a + c - 2 d, b - c + 3 d are determined: leave "
       "one of them out, "
       "or write the model with fewer parameters");
  nadir_result_free(result);
}

static void what_a_summary_warns_of(void **state) {
  (void)state;
  nadir_settings *settings = settings_of(NULL);
  nadir_table *table = open_table(
      write_file("odd.csv", "x,v,x\n-99,1,1\n2,\"0,5\",2\n3,\"1,5\",3\n-99,4,4\n"), settings);
  nadir_summary *summary;
  ok(nadir_table_summarize(table, settings, NULL, &summary, &error));
  nadir_table_free(table);

  const nadir_warning *w = find(summary->warning, summary->warnings, NADIR_WARN_NEARLY_NUMBERS);
  assert_string_equal(w->column, "v");
  assert_string_equal(w->cell->path, "odd.csv");
  assert_string_equal(w->cell->text, "0,5");
  assert_true(w->cell->row == 3 && w->cell->between_commas);
  assert_int_equal(w->cell->notation, NADIR_DECIMAL_COMMA);

  w = find(summary->warning, summary->warnings, NADIR_WARN_SAME_NAMES);
  assert_true(w->count == 2 && w->names == 2 && w->of_name[1] == 3);
  assert_string_equal(w->name[1], "x_2");

  w = find(summary->warning, summary->warnings, NADIR_WARN_MINIMUM_REPEATED);
  assert_true(w->number == -99 && w->count == 2 && w->of == 0);
  says(w, "column x: its minimum, -99, occurs 2 times: if it means missing, set null to -99");
  nadir_summary_free(summary);
  nadir_settings_free(settings);
}

static void texts_that_no_row_has(void **state) {
  (void)state;
  nadir_settings *settings = settings_of(PAIRS("where", "c == \"STARR\""));
  nadir_table *table = open_table(write_file("text.csv", "c,v\nSTAR,1\nQSO,2\n"), settings);
  nadir_summary *summary;
  ok(nadir_table_summarize(table, settings, NULL, &summary, &error));
  const nadir_warning *w = find(summary->warning, summary->warnings, NADIR_WARN_NO_SUCH_TEXT);
  assert_string_equal(w->column, "c");
  assert_string_equal(w->text, "STARR");
  assert_string_equal(w->nearest, "STAR");
  nadir_summary_free(summary);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

/* And the classes of the scores outlast the model's. */
static void classes_that_the_model_does_not_know(void **state) {
  (void)state;
  nadir_settings *settings = settings_of(PAIRS("loss", "logistic", "l2", "0.1"));
  nadir_table *seen = open_table(write_file("seen.csv", "c,v\nA,1\nB,2\nA,1.5\nB,1.2\n"), settings);
  nadir_table *more =
      open_table(write_file("more.csv", "c,v\nA,1\nZ,2\nZ,3\nB,4\nY,2\n"), settings);
  heard h = {0};
  nadir_listener listener = {.bytes = sizeof(nadir_listener), .notify = hear, .context = &h};
  nadir_result *result;
  nadir_scores *scores;
  char *text;
  ok(nadir_fit(seen, "c ~ linear(v)", settings, NULL, &result, &error));
  ok(nadir_score(result->model, more, settings, &listener, &scores, &error));
  nadir_result_free(result);
  assert_int_equal(h.count, 1);
  assert_true(h.rows == 3 && h.first_rows == 2);
  assert_string_equal(h.first_class, "Z");
  assert_true(scores->classes->count == 2 && !scores->classes->truth &&
              scores->classes->other == 0);
  assert_string_equal(scores->classes->target, "c");
  assert_ptr_equal(scores->classes->one, scores->classes->name[1]);
  ok(nadir_classes_text(scores->classes, &text, &error));
  assert_string_equal(text, "B counts as 1, A as 0");
  nadir_text_free(text);
  nadir_scores_free(scores);
  nadir_table_free(seen);
  nadir_table_free(more);
  nadir_settings_free(settings);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_rate_that_is_too_large),
      cmocka_unit_test(a_cause_has_the_facts_of_its_result),
      cmocka_unit_test(columns_that_are_not_scaled),
      cmocka_unit_test(parameters_that_are_not_determined),
      cmocka_unit_test(the_dummy_variable_trap),
      cmocka_unit_test(what_a_summary_warns_of),
      cmocka_unit_test(texts_that_no_row_has),
      cmocka_unit_test(classes_that_the_model_does_not_know),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
