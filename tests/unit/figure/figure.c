/* Results drawn, as scripts of gnuplot, which hold all numbers and words: which axis and scale a trace gets, what is
 * refused as a contour, what of a fit is drawn and against what, the sums of an expansion. No gnuplot is needed. */
#include "../fitting.h"

#include <unistd.h>

#include "figure/figure.h"
#ifdef NADIR_FAULTS
#include "../walk.h"
#endif

#define SCRIPT "figure_test.gp"
static const nd_canvas canvas = {.path = SCRIPT};
static nadir_error error;

static nadir_settings *settings_of(const char *const *pairs) {
  nadir_settings *settings;
  must(nd_settings_new(&settings, &error), &error);
  for (size_t i = 0; pairs && pairs[i]; i += 2)
    must(nd_settings_set(settings, pairs[i], pairs[i + 1], &error), &error);
  return settings;
}
#define PAIRS(...) ((const char *[]){__VA_ARGS__, NULL})

/* The script; the caller's, by nd_free. */
static char *script(void) {
  char *text;
  size_t size;
  must(nd_file_slurp(SCRIPT, (size_t)1 << 26, &text, &size, &error), &error);
  return text;
}

static void holds(const char *part) {
  char *text = script();
  if (strstr(text, part) == NULL) fail_msg("no '%s' in the script", part);
  nd_free(text);
}

static void lacks(const char *part) {
  char *text = script();
  if (strstr(text, part) != NULL) fail_msg("'%s' is in the script", part);
  nd_free(text);
}

/* ---- traces ---- */

enum { COLUMNS = NADIR_TRACE_PARAMETERS + 2, ROWS = 4 };
static double cells[ROWS * COLUMNS];
static char a_name[] = "a", b_name[] = "b";
static char *names[COLUMNS] = {[NADIR_TRACE_PARAMETERS] = a_name,
                               [NADIR_TRACE_PARAMETERS + 1] = b_name};

/* Loss 1000, 10, 0.1, 0.001; row r is at update r, 10 r rows, r/2 epochs, r/4 seconds, a = r, b = 3 - r. */
static nadir_trace a_trace(void) {
  for (int r = 0; r < ROWS; r++) {
    double *row = cells + r * COLUMNS;
    row[NADIR_TRACE_UPDATE] = r;
    row[NADIR_TRACE_ROWS] = 10 * r;
    row[NADIR_TRACE_EPOCH] = 0.5 * r;
    row[NADIR_TRACE_SECONDS] = 0.25 * r;
    row[NADIR_TRACE_LOSS] = pow(10, 3 - 2 * r);
    row[NADIR_TRACE_PARAMETERS] = r;
    row[NADIR_TRACE_PARAMETERS + 1] = 3 - r;
  }
  return (nadir_trace){
      .columns = COLUMNS, .rows = ROWS, .capacity = ROWS, .names = names, .values = cells};
}

static void draw_trace(const nadir_trace *trace, const char *const *pairs) {
  nadir_settings *settings = settings_of(pairs);
  must(nd_draw_traces(&trace, NULL, 1, settings, canvas, &error), &error);
  nd_settings_free(settings);
}

static void traces(void **state) {
  (void)state;
  nadir_trace trace = a_trace();
  draw_trace(&trace, NULL);
  holds("'updates'");
  holds("\n3 0.001\n");
  holds("\nset logscale y");
  lacks("\nset logscale x");
  lacks("set title");
  draw_trace(&trace, PAIRS("x-axis", "rows"));
  holds("'rows seen'");
  holds("\n30 0.001\n");
  draw_trace(&trace, PAIRS("x-axis", "epochs"));
  holds("'epochs'");
  holds("\n1.5 0.001\n");
  draw_trace(&trace, PAIRS("x-axis", "seconds", "log-y", "no", "title", "it's $(a) \"run\""));
  holds("'seconds'");
  holds("\n0.75 0.001\n");
  lacks("\nset logscale y");
  lacks("'it's"); /* no quote ends its string */
  holds("$(a) \"run\"");
  trace.values[2 * COLUMNS + NADIR_TRACE_LOSS] = -1; /* has no logarithm */
  draw_trace(&trace, NULL);
  lacks("\nset logscale y");
}

static void traces_together(void **state) {
  (void)state;
  nadir_trace trace = a_trace();
  const nadir_trace *both[] = {&trace, &trace};
  nadir_settings *settings = settings_of(NULL);
  must(nd_draw_traces(both, PAIRS("first", "se_cond"), 2, settings, canvas, &error), &error);
  holds("first");
  holds("se_cond");
  must(nd_draw_traces(both, NULL, 0, settings, canvas, &error), &error);
  assert_int_equal(nd_draw_traces(both, NULL, 2, settings, (nd_canvas){.path = "t.bmp"}, &error),
                   NADIR_BAD_SETTING);
  nd_settings_free(settings);
}

static void characters(void **state) {
  (void)state;
  nadir_trace trace = a_trace();
  nd_text with = {0}, without = {0};
  nadir_settings *settings = settings_of(PAIRS("x-axis", "epochs"));
  must(nd_draw_characters(&trace, settings, 60, 10, false, &with, &error), &error);
  must(nd_draw_characters(&trace, NULL, 60, 10, true, &without, &error), &error);
  assert_non_null(strstr(nd_text_data(&with), "epochs"));
  assert_non_null(strstr(nd_text_data(&without), "updates"));
  for (const char *c = nd_text_data(&with); *c; c++)
    assert_true((unsigned char)*c < 0x80);
  nd_text_free(&with);
  nd_text_free(&without);
  nd_settings_free(settings);
}

/* ---- contours ---- */

static nadir_status contour(const char *formula, const nadir_trace *trace, size_t count) {
  nadir_expr *expr;
  nadir_settings *settings = settings_of(PAIRS("title", "a bowl"));
  must(nd_formula_new(&expr, formula, &error), &error);
  const nadir_result run = {.trace = (nadir_trace *)(uintptr_t)trace}, *one = &run;
  nadir_status status = nd_draw_contour(expr, &one, PAIRS("gd"), count, settings, canvas, &error);
  nd_formula_free(expr);
  nd_settings_free(settings);
  return status;
}

static void contours(void **state) {
  (void)state;
  nadir_trace trace = a_trace();
  must(contour("(a - 3)^2 + 4*b^2", &trace, 1), &error);
  holds("\n3 0\n"); /* the end of the path */
  holds("'a'");
  holds("gd");
  holds("a bowl");
  /* extents that differ by more than 20 get an axis each */
  for (int r = 0; r < ROWS; r++)
    trace.values[r * COLUMNS + NADIR_TRACE_PARAMETERS] *= 1000;
  must(contour("(a - 3)^2 + 4*b^2", &trace, 1), &error);
  /* a path that left the numbers, and one that never moved */
  trace = a_trace();
  trace.values[COLUMNS + NADIR_TRACE_PARAMETERS] = NAN;
  must(contour("(a - 3)^2 + 4*b^2", &trace, 1), &error);
  for (int r = 0; r < ROWS; r++)
    trace.values[r * COLUMNS + NADIR_TRACE_PARAMETERS] = r < 2 ? NAN : INFINITY;
  must(contour("log(a) + b", &trace, 1), &error);
  trace = a_trace();
  trace.rows = 1;
  must(contour("a^2 + b^2", &trace, 1), &error);
  assert_int_equal(contour("a^2", &trace, 1), NADIR_BAD_SETTING);
  assert_string_equal(error.message,
                      "contour: the loss has 1 parameter: contours are drawn for two");
  assert_int_equal(contour("a^2 + b*c", &trace, 1), NADIR_BAD_SETTING);
  assert_string_equal(error.message,
                      "contour: the loss has 3 parameters: contours are drawn for two");
  trace.columns = NADIR_TRACE_PARAMETERS;
  assert_int_equal(contour("a^2 + b^2", &trace, 1), NADIR_BAD_DATA);
  assert_string_equal(error.message,
                      "contour: a trace has no parameters in it: give one of this function");
}

/* ---- rates ---- */

static nadir_status rate(const nadir_curvature *c) {
  nadir_settings *settings = settings_of(NULL);
  nadir_status status = nd_draw_rate(c, NULL, NULL, settings, canvas, &error);
  nd_settings_free(settings);
  return status;
}

/* Slopes of one size along curvatures 1 and 2, with M = 2: a step at r lowers the loss by |g|^2 (r - 1.5 r^2 / 2). */
static void rates(void **state) {
  (void)state;
  static char text[] = "y ~ a*x + b";
  nadir_mode modes[] = {{1, 4}, {2, -4}};
  nadir_curvature c = {.formula = text,
                       .way = NADIR_AT_START,
                       .largest = {2, 2, 1, 2, NAN},
                       .safe = 0.5,
                       .limit = 1,
                       .tolerance = 1e-6,
                       .recommended = NADIR_RECOMMENDS_GD,
                       .modes = 2,
                       .mode = modes};
  must(rate(&c), &error);
  holds("title '1/M = 0.5'");
  holds("title '2/M = 1'");
  holds("\n0.5 0.25\n");   /* promised: r - r^2 */
  holds("\n0.5 0.3125\n"); /* at the start */
  holds("'updates needed'");
  holds("\n0.5 20\n"); /* 0.5^20 is the first below 1e-6 */
  c.recommended = NADIR_RECOMMENDS_FLAT;
  must(rate(&c), &error);
  lacks("'updates needed'");
  c.modes = 0;
  must(rate(&c), &error);
  lacks("at the start");
  c.safe = c.limit = NAN;
  assert_int_equal(rate(&c), NADIR_BAD_DATA);
  assert_string_equal(
      error.message,
      "rate: no direction curves upwards, so that no rate is too large: there is nothing to draw");
  c.largest.high = HUGE_VAL;
  assert_int_equal(rate(&c), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "no bound on the curvature was found"));
}

/* ---- fits ---- */

typedef struct drawn_fit {
  fitting fit;
  nadir_model model;
  nadir_table table;
} drawn_fit;

static void fit_of(drawn_fit *d, const char *text, const char *formula, const char *const *pairs) {
  fit_text(&d->fit, text, formula, pairs);
  d->model = (nadir_model){.model = d->fit.model, .settings = d->fit.settings};
  d->table = (nadir_table){d->fit.table};
}

static nadir_status draw_fit(const char *text, const char *formula, const char *const *pairs,
                             const char *const *drawing) {
  drawn_fit d;
  nadir_settings *settings = settings_of(drawing);
  fit_of(&d, text, formula, pairs);
  nadir_status status = nd_draw_fit(&d.model, &d.table, settings, canvas, &error);
  nd_settings_free(settings);
  fit_free(&d.fit);
  return status;
}

static const char small[] =
    "x,y,z,e,kind,ok\n1,10,3,0.1,a,1\n2,200,5,0.2,b,0\n30,3000,8,0.3,a,1\n400,40000,9,0.4,b,1\n";

static void fits(void **state) {
  (void)state;
  must(draw_fit(small, "y ~ a*x + b", PAIRS("unit", "y=km/s,x=Mpc"), NULL), &error);
  holds("'x [Mpc]'");
  holds("'y [km/s]'");
  holds("'residual [km/s]'");
  holds("'fit'");
  holds("\nset logscale x"); /* over two decades, both */
  holds("\nset logscale y");
  holds("\n400 40000\n");
  holds("a*x + b");
  must(draw_fit(small, "y ~ a*x + b", NULL, PAIRS("log-x", "no", "title", "mine")), &error);
  lacks("\nset logscale x");
  lacks("\nset logscale y");
  holds("mine");
  lacks("a*x + b");
  must(draw_fit(small, "y ~ a*x + b", NULL, PAIRS("log-x", "yes", "log-y", "no")), &error);
  holds("\nset logscale x");
  lacks("\nset logscale y");
  /* of more columns against the fitted value */
  must(draw_fit(small, "y ~ a*x + b*z", NULL, NULL), &error);
  holds("'fitted value'");
  holds("perfect fit");
  must(draw_fit(small, "y ~ linear(kind == 'a')", NULL, NULL), &error);
  holds("'fitted value'");
  must(draw_fit(small, "y ~ a*x + b", PAIRS("sigma", "e", "where", "z < 9"), NULL), &error);
  holds("vectors nohead"); /* the bars */
  holds("\n30 3000 2999.7 3000.3\n");
  lacks("\n400 40000");
}

static void odd_fits(void **state) {
  (void)state;
  assert_int_equal(draw_fit(small, "kind ~ softmax(2; x)", NULL, NULL), NADIR_BAD_SETTING);
  assert_string_equal(error.message, "plot-fit: the target is a class: there is no curve to draw");
  must(draw_fit(small, "ok ~ linear(x)", PAIRS("loss", "logistic"), NULL), &error);
  lacks("\nset logscale y");
  must(draw_fit(small, "ok ~ linear(x, z)", PAIRS("loss", "logistic"), NULL), &error);
  lacks("\nset logscale x");
  /* what swings faster than the points is shown at the data alone */
  must(draw_fit(small, "y ~ a + sin(40000*x)", NULL, PAIRS("log-x", "no")), &error);
  holds("fit, at the data");
}

/* A table of which every k-th row is drawn. */
static void many_rows(void **state) {
  (void)state;
  enum { MANY = 12001 };
  static double x[MANY], y[MANY];
  for (int i = 0; i < MANY; i++)
    x[i] = i, y[i] = 2 * i + 1;
  const nd_array arrays[] = {{.name = "x", .values = x}, {.name = "y", .values = y}};
  drawn_fit d;
  fit_arrays(&d.fit, arrays, 2, MANY, "y ~ a*x + b", NULL);
  d.model = (nadir_model){.model = d.fit.model, .settings = d.fit.settings};
  d.table = (nadir_table){d.fit.table};
  nadir_settings *settings = settings_of(NULL);
  must(nd_draw_fit(&d.model, &d.table, settings, canvas, &error), &error);
  holds("\n12000 24001\n");
  holds("\n3 7\n");
  lacks("\n1 3\n"); /* every third */
  nd_settings_free(settings);
  fit_free(&d.fit);
}

static void fit_contour(const char *formula, const char *const *pairs, const char *x_label) {
  drawn_fit d;
  nadir_trace trace = a_trace();
  const nadir_result run = {.trace = &trace}, *one = &run;
  nadir_settings *settings = settings_of(NULL);
  fit_of(&d, small, formula, pairs);
  must(nd_draw_fit_contour(&d.model, &d.table, &one, NULL, 1, settings, canvas, &error), &error);
  holds(x_label);
  nd_settings_free(settings);
  fit_free(&d.fit);
}

static void fit_contours(void **state) {
  (void)state;
  fit_contour("y ~ linear(x)", NULL, "'b (scaled)'");
  fit_contour("y ~ linear(x)", PAIRS("scale", "none"), "'b'");
  fit_contour("y ~ u*x + v", NULL, "'u'");
  drawn_fit d;
  nadir_trace trace = a_trace();
  const nadir_result run = {.trace = &trace}, *path = &run;
  fit_of(&d, small, "y ~ a*x", NULL);
  assert_int_equal(
      nd_draw_fit_contour(&d.model, &d.table, &path, NULL, 1, d.fit.settings, canvas, &error),
      NADIR_BAD_SETTING);
  assert_string_equal(error.message,
                      "contour: the loss has 1 parameter: contours are drawn for two");
  fit_free(&d.fit);
}

/* ---- expansions ---- */

static nadir_status expansion(const char *formula, const nadir_expansion *e,
                              const char *const *pairs) {
  nadir_expr *expr;
  nadir_settings *settings = settings_of(pairs);
  must(nd_formula_new(&expr, formula, &error), &error);
  nadir_status status = nd_draw_expansion(e, expr, settings, canvas, &error);
  nd_formula_free(expr);
  nd_settings_free(settings);
  return status;
}

static void expansions(void **state) {
  (void)state;
  static char x_name[] = "x", y_name[] = "y", z_name[] = "z";
  char *parameter[] = {x_name, y_name, z_name};
  double at[] = {0, 0, 0}, geometric[] = {1, 1, 1, 1, 1, 1, 1, 1}, minimizer[] = {1, 2};
  nadir_expansion e = {.size = 1,
                       .parameter = parameter,
                       .at = at,
                       .coefficients = 8,
                       .coefficient = geometric,
                       .radius = 1};
  must(expansion("1/(1 - x)", &e, NULL), &error);
  holds("1/(1 - x)");
  holds("to order 7");
  lacks("set title");
  e.radius = NAN; /* not known: shown to 4 on each side */
  e.coefficients = 3;
  must(expansion("exp(x)", &e, PAIRS("title", "sums")), &error);
  holds("to order 2");
  lacks("to order 3");
  holds("\n4 ");
  holds("sums");
  must(expansion("0*x + 1", &e, NULL), &error); /* a constant has no range of its own */
  e = (nadir_expansion){
      .size = 2, .parameter = parameter, .at = at, .radius = 2, .minimizer = minimizer};
  must(expansion("(x - 1)^2 + (y - 2)^2", &e, PAIRS("title", "circle")), &error);
  holds("the circle");
  holds("\n2 0\n");
  e.minimizer = NULL;
  e.radius = NAN;
  must(expansion("(x - 1)^2 + (y - 2)^2", &e, NULL), &error);
  holds("\n1 0\n");
  e.size = 3;
  assert_int_equal(expansion("x + y + z", &e, NULL), NADIR_BAD_SETTING);
  assert_string_equal(error.message,
                      "plot: the formula has 3 parameters: an expansion is drawn for one or two");
}

/* ---- calls that fail ---- */

#ifdef NADIR_FAULTS
static nadir_status draw_traces_of(void *context, nadir_error *said) {
  drawn_fit *d = context;
  nadir_trace trace = a_trace();
  const nadir_trace *one = &trace;
  nd_text out = {0};
  nadir_status status = nd_draw_traces(&one, NULL, 1, d->fit.settings, canvas, said);
  if (status == NADIR_OK) status = nd_draw_characters(&trace, NULL, 40, 8, true, &out, said);
  if (status == NADIR_OK) status = nd_text_status(&out, said);
  nd_text_free(&out);
  return status;
}

static nadir_status draw_expansion_of(void *context, nadir_error *said) {
  drawn_fit *d = context;
  char *parameter[] = {a_name};
  double at[] = {0}, ones[] = {1, 1, 1};
  nadir_expansion e = {.size = 1,
                       .parameter = parameter,
                       .at = at,
                       .coefficients = 3,
                       .coefficient = ones,
                       .radius = 1};
  nadir_expr *expr;
  ND_TRY(nd_formula_new(&expr, "exp(x)", said));
  nadir_status status = nd_draw_expansion(&e, expr, d->fit.settings, canvas, said);
  nd_formula_free(expr);
  return status;
}

static nadir_status draw_fit_of(void *context, nadir_error *said) {
  drawn_fit *d = context;
  return nd_draw_fit(&d->model, &d->table, d->fit.settings, canvas, said);
}

static nadir_expr *bowl;

static nadir_status draw_contour_of(void *context, nadir_error *said) {
  drawn_fit *d = context;
  nadir_trace trace = a_trace();
  const nadir_result run = {.trace = &trace}, *one = &run;
  return nd_draw_contour(bowl, &one, NULL, 1, d->fit.settings, canvas, said);
}

static nadir_status draw_fit_contour_of(void *context, nadir_error *said) {
  drawn_fit *d = context;
  nadir_trace trace = a_trace();
  const nadir_result run = {.trace = &trace}, *one = &run;
  return nd_draw_fit_contour(&d->model, &d->table, &one, NULL, 1, d->fit.settings, canvas, said);
}

static void failing_calls(void **state) {
  (void)state;
  drawn_fit d;
  fit_of(&d, small, "y ~ linear(x)", PAIRS("threads", "1"));
  must(nd_formula_new(&bowl, "a^2 + b^2", &error), &error);
  walked *const works[] = {draw_traces_of, draw_expansion_of, draw_fit_of, draw_contour_of,
                           draw_fit_contour_of};
  const uint64_t most[] = {1000, 1000, 1000, 24, 12}; /* contours take long */
  for (size_t i = 0; i < ND_COUNT(works); i++)
    for (uint64_t n = 1; n <= most[i]; n++) {
      char what[32];
      snprintf(what, sizeof what, "memory:%d", (int)n);
      if (walk_step(works[i], &d, what, ND_FAULT_MEMORY, n)) continue;
      assert_true(n > 12);
      break;
    }
  nd_formula_free(bowl);
  fit_free(&d.fit);
}
#endif

static int clean(void **state) {
  (void)state;
  remove(SCRIPT);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(traces),        cmocka_unit_test(traces_together),
      cmocka_unit_test(characters),    cmocka_unit_test(contours),
      cmocka_unit_test(rates),         cmocka_unit_test(fits),
      cmocka_unit_test(odd_fits),      cmocka_unit_test(many_rows),
      cmocka_unit_test(fit_contours),  cmocka_unit_test(expansions),
#ifdef NADIR_FAULTS
      cmocka_unit_test(failing_calls),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, clean);
}
