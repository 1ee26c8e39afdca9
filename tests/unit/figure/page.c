/* The page of a run: what it holds of a result, in which order, and that whatever came from outside is text in it.
 * Pictures are left out by the results here, but for one that is skipped where gnuplot is not on the PATH. */
#include "../fitting.h"

#include <unistd.h>

#include "descend/descend.h"
#include "figure/figure.h"
#ifdef NADIR_FAULTS
#include "../walk.h"
#endif

#define PAGE "figure_page_test.html"
static nadir_error error;

static char a_name[] = "a<b>", b_name[] = "&\"b\"", no_unit[] = "", unit[] = "km/s";
static nadir_parameter parameters[] = {{.name = a_name,
                                        .unit = unit,
                                        .value = 1.25,
                                        .standard_error = 0.01,
                                        .scaled = NAN,
                                        .determined = 1,
                                        .digits = -1},
                                       {.name = b_name,
                                        .unit = no_unit,
                                        .value = -3,
                                        .standard_error = NAN,
                                        .scaled = NAN,
                                        .determined = 1,
                                        .digits = -1}};

typedef struct page {
  nadir_result result;
  nadir_trace *trace;
  nadir_settings *settings;
  const nadir_table *table;
} page;

static page a_page(void) {
  page p = {0};
  must(nd_trace_new(&p.trace, NULL, 0, false, &error), &error);
  must(nd_settings_new(&p.settings, &error), &error);
  p.result = (nadir_result){
      .command = "minimize",
      .formula = "(a-1)^2 < b & \"c\"",
      .cpu = "v3",
      .loss_name = NULL,
      .plan = {.method = nd_optimizer_at(0), .rate = 0.5, .curvature = NAN, .schedule = ""},
      .rate = 0.5,
      .rate_highest = 0.5,
      .ended = NADIR_DONE,
      .stop = NADIR_STOP_GRADIENT,
      .updates = 7,
      .loss = 0.5,
      .data_loss = 0.5,
      .validation_loss = NAN,
      .optimum_gap = 1e-9,
      .gradient_norm = 1e-7,
      .curvature_max = NAN,
      .curvature_min = NAN,
      .stable_rate = NAN,
      .condition_raw = NAN,
      .condition_scaled = NAN,
      .residual_sigma = NAN,
      .chi2 = NAN,
      .target_unit = "",
      .size = 1,
      .parameter = parameters,
      .trace = p.trace};
  return p;
}

static void free_page(page *p) {
  nd_trace_free(p->trace);
  nd_settings_free(p->settings);
}

static char *written(page *p) {
  char *text;
  size_t size;
  must(nd_write_page(&p->result, NULL, p->table, p->settings, PAGE, &error), &error);
  must(nd_file_slurp(PAGE, (size_t)1 << 24, &text, &size, &error), &error);
  return text;
}

/* The page has these, one behind the other. */
static void expect_in_order(page *p, const char *const *parts) {
  char *text = written(p);
  const char *at = text;
  for (size_t i = 0; parts[i] != NULL; i++) {
    at = strstr(at, parts[i]);
    if (at == NULL) fail_msg("'%s' is not there, or too early: %s", parts[i], text);
  }
  nd_free(text);
}

static void expect_none(page *p, const char *part) {
  char *text = written(p);
  if (strstr(text, part) != NULL) fail_msg("'%s' is in the page", part);
  nd_free(text);
}
#define PARTS(...) ((const char *[]){__VA_ARGS__, NULL})

static void a_formula(void **state) {
  (void)state;
  page p = a_page();
  expect_in_order(&p, PARTS("<!DOCTYPE html>", "<title>(a-1)^2 &lt; b &amp; &quot;c&quot;</title>",
                            "<h1>(a-1)^2 &lt; b &amp; &quot;c&quot;</h1>", "class=\"answer\"",
                            "<h2>Parameters</h2>", "<td>a&lt;b&gt;</td>", "1.25</td>",
                            "<h2>What it is worth</h2>", "<th>loss</th><td>0.5</td>",
                            "loss minus its minimum, at most", "<h2>The run</h2>",
                            "<th>updates</th><td>7</td>", "<h2>Settings that were given</h2>",
                            "every setting has its default", "<footer>nadir ",
                            "minimize, on a processor of level v3", "</html>"));
  expect_none(&p, "a<b>");
  expect_none(&p, "<script");
  expect_none(&p, "loss without the penalty");
  expect_none(&p, "standard error");
  expect_none(&p, "class=\"warning\"");
  expect_none(&p, "<figure>");
  free_page(&p);
}

static void what_it_is_worth(void **state) {
  (void)state;
  page p = a_page();
  const nadir_warning warnings[] = {{.kind = NADIR_WARN_NO_CHECKSUM, .path = "<model>"},
                                    {.kind = NADIR_WARN_NO_CHECKSUM, .path = "other"}};
  double at_p[] = {-1, 2}, at_q[] = {3, 4};
  nadir_witness witness = {
      .p = at_p, .q = at_q, .weight = 0.25, .at_p = 1, .at_q = 2, .between = 9, .chord = 1.75};
  p.result.warnings = 2;
  p.result.warning = warnings;
  p.result.data_loss = 0.25;
  p.result.validation_loss = 0.75;
  p.result.witness = &witness;
  p.result.convex = NADIR_REFUTED;
  p.result.optimum_gap = NAN;
  p.result.curvature_max = 4;
  p.result.residual_sigma = 1.5;
  p.result.target_unit = "km/s";
  p.result.chi2 = 12;
  p.result.degrees_of_freedom = 10;
  must(nd_settings_set(p.settings, "l2", "0.5", &error), &error);
  expect_in_order(&p, PARTS("<p class=\"warning\">", "&lt;model&gt;", "<p class=\"warning\">",
                            "other", "loss without the penalty</th><td>0.25",
                            "loss of the validation rows</th><td>0.75",
                            "not convex: from p</th><td>a&lt;b&gt; = -1, where it is 1<",
                            "to q</th><td>a&lt;b&gt; = 3", "there it is</th><td>9<",
                            "largest curvature</th><td>4<", "chi squared</th><td>12<",
                            "sigma of the residuals</th><td>1.5 km/s<",
                            "degrees of freedom</th><td>10<", "<th>l2</th><td>0.5<"));
  expect_none(&p, "every setting has its default");
  witness.leaves_domain = 1; /* such a one has no value between */
  expect_none(&p, "not convex: from p");
  free_page(&p);
}

/* Beyond a thousand parameters the page says how many more. */
static void many_parameters(void **state) {
  (void)state;
  enum { MANY = 1003 };
  static nadir_parameter many[MANY];
  static double point[MANY];
  static char name[MANY][8];
  page p = a_page();
  nadir_witness witness = {.p = point, .q = point, .weight = 0.5};
  for (int i = 0; i < MANY; i++) {
    snprintf(name[i], sizeof name[i], "w%d", i);
    many[i] =
        (nadir_parameter){.name = name[i], .unit = no_unit, .value = i, .standard_error = NAN};
  }
  p.result.size = MANY;
  p.result.parameter = many;
  p.result.witness = &witness;
  p.result.ended = NADIR_LIMIT;
  expect_in_order(&p, PARTS("<td>w999</td>", "<p>... and 3 more</p>", "w999 = 0, where it is"));
  expect_none(&p, "<td>w1000</td>");
  free_page(&p);
}

static void a_fit(void **state) {
  (void)state;
  static char first[] = "one<1>.csv", second[] = "two.csv", *files[] = {first, second};
  fitting fit;
  page p = a_page();
  fit_text(&fit, "kind,x\na,1\nb,2\na,3\nb,5\n", "kind ~ softmax(2; x)", NULL);
  const char *const class_names[] = {"a", "b"};
  nadir_classes classes = {.count = 2, .name = class_names, .target = "kind"};
  nadir_model model = {
      .model = fit.model, .settings = fit.settings, .origin = {.files = files, .file_count = 2}};
  nadir_table table = {fit.table};
  p.table = &table;
  p.result.command = "fit";
  p.result.model = &model;
  p.result.classes = &classes;
  p.result.size = 2;
  p.result.rows_used = 100001; /* too many for contours */
  p.result.rows_read = 100002;
  p.result.epochs = 3;
  p.result.loss_name = "softmax";
  expect_in_order(&p, PARTS("<th>standard error</th><th>unit</th>", "<td class=\"n\">0.01", "km/s",
                            "<td>&amp;&quot;b&quot;</td>", "loss function</th><td>softmax",
                            "classes</th>", "epochs</th><td>3<", "rows read</th><td>100002<",
                            "precision</th><td>double<",
                            "fit of one&lt;1&gt;.csv, two.csv, on a processor"));
  p.result.residual_sigma = 2; /* of a target without a unit */
  expect_in_order(&p, PARTS("sigma of the residuals</th><td>2<"));
  p.result.single_precision = 1;
  expect_in_order(&p, PARTS("precision</th><td>single<"));
  free_page(&p);
  fit_free(&fit);
}

static bool draws(page *p, const nadir_expr *expr) {
  nadir_status status = nd_write_page(&p->result, expr, p->table, p->settings, PAGE, &error);
  if (status != NADIR_OK && strstr(error.message, "gnuplot") == NULL) fail_msg("%s", error.message);
  return status == NADIR_OK;
}

static void add_points(nadir_trace *trace) {
  for (int r = 0; r < 3; r++) {
    double row[NADIR_TRACE_PARAMETERS + 6] = {[NADIR_TRACE_UPDATE] = r,
                                              [NADIR_TRACE_LOSS] = 3 - r,
                                              [NADIR_TRACE_PARAMETERS] = r,
                                              [NADIR_TRACE_PARAMETERS + 1] = 2 - r};
    must(nd_trace_add(trace, row, &error), &error);
  }
}

static size_t count_of(const char *part) {
  char *text;
  size_t size, count = 0;
  must(nd_file_slurp(PAGE, (size_t)1 << 26, &text, &size, &error), &error);
  for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
    count++;
  nd_free(text);
  return count;
}

static void a_picture_of(page *p, const nadir_expr *expr, size_t figures) {
  assert_true(draws(p, expr));
  assert_int_equal(count_of("<figure>\n<svg"), figures);
  assert_int_equal(count_of("</svg>"), figures);
  assert_int_equal(count_of("<?xml"), 0);
}

static void pictures(void **state) {
  (void)state;
  char *names[] = {a_name, b_name};
  page p = a_page();
  nadir_expr *expr;
  nd_trace_free(p.trace);
  must(nd_trace_new(&p.trace, names, 2, false, &error), &error);
  add_points(p.trace);
  p.result.trace = p.trace;
  p.result.size = 2;
  must(nd_formula_new(&expr, "a^2 + b^2", &error), &error);
  bool drawn = draws(&p, expr);
  if (drawn) a_picture_of(&p, expr, 2); /* the loss, and contours */
  p.result.size = 1;
  if (drawn) a_picture_of(&p, NULL, 1);
  nd_formula_free(expr);
  fitting fit;
  fit_text(&fit, "y,x\n1,1\n3,2\n4,3\n7,5\n", "y ~ linear(x)", NULL);
  nadir_model model = {.model = fit.model, .settings = fit.settings};
  nadir_table table = {fit.table};
  p.table = &table;
  p.result.model = &model;
  p.result.size = 2;
  p.result.rows_used = 4;
  if (drawn) a_picture_of(&p, NULL, 3); /* the fit too */
  char path[4096];
  snprintf(path, sizeof path, "%s", getenv("PATH"));
  setenv("PATH", "", 1);
  assert_false(draws(&p, NULL));
  p.table = NULL;
  assert_false(draws(&p, NULL));
  p.table = &table;
  setenv("PATH", path, 1);
  free_page(&p);
  fit_free(&fit);
  if (drawn) return;
  print_message("skipped: gnuplot is not on the PATH\n");
  skip();
}

/* What is drawn stays, and what says nothing goes. */
static void a_smaller_picture(void **state) {
  (void)state;
  static const char SVG[] =
      "<?xml version=\"1.0\"?>\n<svg \n width=\"8\">\n<title>Gnuplot</title>\n<g id=\"all\">\n"
      "<g fill=\"none\" stroke-linecap=\"butt\" stroke-linejoin=\"miter\">\n</g>\n"
      "<g fill=\"none\">\n\t<path stroke='rgb(  0, 114, 178)' d='M1,2\n\t\tL3,4 '/>\t<g "
      "at=\"1\">\n\t\t<text></text>\n\t</g>\n</g>\n"
      "<g fill=\"none\">\n<text>a  rgb( 1, 2, 3) b</text></g>\n<g "
      "fill=\"all\">\n<path/></g>\n</g>\n</svg>\n\n";
  static const char LESS[] =
      "<svg width=\"8\"><g id=\"all\"><g fill=\"none\"><path stroke='#0072b2' d='M1,2 L3,4 '/>"
      "<text>a  rgb( 1, 2, 3) b</text></g><g fill=\"all\"><path/></g></g></svg>\n";
  nd_text small = {0};
  must(nd_embed_svg(&small, SVG, &error), &error);
  assert_string_equal(nd_text_data(&small), LESS);
  nd_text_clear(&small);
  must(nd_embed_svg(&small, "<svg>1 < 2</g></g><g", &error),
       &error); /* what gnuplot never writes is kept or left out */
  assert_string_equal(nd_text_data(&small), "<svg>1 < 2</g></g><g\n");
  assert_int_equal(nd_embed_svg(&small, "<html>", &error), NADIR_SYSTEM);
  nd_text_free(&small);
}

/* Of eight parameters a picture, of nine a sentence. */
static void a_corner(void **state) {
  (void)state;
  enum { MANY = 9 };
  static double covariance[MANY * MANY];
  static nadir_parameter many[MANY];
  static char name[MANY][4];
  page p = a_page();
  nadir_uncertainty u = {.covariance = covariance, .correlation = covariance};
  for (int i = 0; i < MANY; i++) {
    snprintf(name[i], sizeof name[i], "w%d", i);
    many[i] = (nadir_parameter){.name = name[i], .unit = no_unit, .value = i, .standard_error = 1};
  }
  for (int i = 0; i < 8; i++)
    covariance[i * 8 + i] = 1;
  p.result.size = MANY;
  p.result.parameter = many;
  p.result.uncertainty = &u;
  expect_in_order(&p,
                  PARTS("<p>No picture of the covariance: 9 parameters are too many for one.</p>"));
  expect_none(&p, "<svg");
  p.result.size = 8;
  bool drawn = draws(&p, NULL);
  if (drawn) a_picture_of(&p, NULL, 1);
  if (drawn)
    expect_in_order(
        &p, PARTS("<text>w0 = 0.0 \xc2\xb1 1.0</text>", "<text>w7 = 7.0 \xc2\xb1 1.0</text>"));
  if (drawn) expect_none(&p, "too many for one");
  free_page(&p);
  if (!drawn) skip();
}

static void nowhere(void **state) {
  (void)state;
  page p = a_page();
  assert_int_not_equal(
      nd_write_page(&p.result, NULL, NULL, p.settings, "no/such/place.html", &error), NADIR_OK);
  assert_memory_equal(error.message, "no/such/place.html: ", 20);
  free_page(&p);
}

#ifdef NADIR_FAULTS
static nadir_status write_it(void *context, nadir_error *said) {
  page *p = context;
  return nd_write_page(&p->result, NULL, NULL, p->settings, PAGE, said);
}

static void failing_calls(void **state) {
  (void)state;
  page p = a_page();
  assert_true(walk(write_it, &p, "memory", ND_FAULT_MEMORY) > 20);
  assert_true(walk(write_it, &p, "write", ND_FAULT_WRITE) >= 1);
  assert_true(walk(write_it, &p, "rename", ND_FAULT_RENAME) >= 1);
  free_page(&p);
}
#endif

static int clean(void **state) {
  (void)state;
  remove(PAGE);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_formula),         cmocka_unit_test(what_it_is_worth),
      cmocka_unit_test(many_parameters),   cmocka_unit_test(a_fit),
      cmocka_unit_test(pictures),          cmocka_unit_test(nowhere),
      cmocka_unit_test(a_smaller_picture), cmocka_unit_test(a_corner),
#ifdef NADIR_FAULTS
      cmocka_unit_test(failing_calls),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, clean);
}
