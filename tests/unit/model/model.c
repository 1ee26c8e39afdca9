/* Models: which names are what, parameters, units, targets, and errors that a person can act on. */
#include "../fitting.h"

static const char text[] = "dist,flux,Mag,type,flag,c1,c2,c3,y\n"
                           "1,2,3,STAR,true,1,2,3,1\n"
                           "2,3,5,QSO,false,4,5,7,4\n"
                           "3,5,8,GALAXY,true,7,8,9,9\n"
                           "4,1,9,QSO,true,7,8,1,16\n";

static void names_are(const fitting *fit, const char *const *names) {
  size_t count = 0;
  while (names[count] != NULL)
    count++;
  assert_int_equal(fit->model->size, count);
  for (size_t i = 0; i < count; i++)
    assert_string_equal(fit->model->parameters[i].name, names[i]);
}

static void check_names(const char *formula, const char *const *pairs, const char *const *names) {
  fitting fit;
  fit_text(&fit, text, formula, pairs);
  names_are(&fit, names);
  fit_free(&fit);
}

#define NAMES(...) ((const char *[]){__VA_ARGS__, NULL})

static void test_names(void **state) {
  (void)state;
  check_names("y ~ linear(dist, flux)", NULL, NAMES("b", "w[dist]", "w[flux]"));
  check_names("y ~ linear(log(dist), flux^2)", NULL, NAMES("b", "w[log(dist)]", "w[flux^2]"));
  check_names("y ~ linear(dist)*exp(k) + linear(flux)", NULL,
              NAMES("b", "w[dist]", "k", "b2", "w2[flux]"));
  check_names("y ~ a + linear(dist) + c*flux", NULL, NAMES("a", "b", "w[dist]", "c"));
  check_names("y ~ zeta*dist + alpha", NULL, NAMES("zeta", "alpha"));
  check_names("y ~ poly(dist, 3)", NULL, NAMES("b", "w[dist]", "w[dist^2]", "w[dist^3]"));
  check_names("y ~ poly(dist - 1, 2)", NULL, NAMES("b", "w[dist - 1]", "w[(dist - 1)^2]"));
  check_names("y ~ linear(c1..c3)", NULL, NAMES("b", "w[c1]", "w[c2]", "w[c3]"));
  check_names("y ~ linear(dist)", (const char *[]){"no-intercept", "true", NULL}, NAMES("w[dist]"));
  check_names("y ~ linear($1, $2)", NULL, NAMES("b", "w[dist]", "w[flux]"));
  check_names("y ~ linear(*)",
              (const char *[]){"where", "Mag > 0", "weight", "c1", "loss", "abs(y-f)/c2", NULL},
              NAMES("b", "w[dist]", "w[flux]", "w[flag]", "w[c3]"));
  check_names(
      "y ~ linear(c1..c2) + linear(*)", NULL,
      NAMES("b", "w[c1]", "w[c2]", "b2", "w2[dist]", "w2[flux]", "w2[Mag]", "w2[flag]", "w2[c3]"));
  check_names(
      "type ~ softmax(3; dist)", NULL,
      NAMES("b[GALAXY]", "w[GALAXY,dist]", "b[QSO]", "w[QSO,dist]", "b[STAR]", "w[STAR,dist]"));
  check_names("y ~ linear(type == \"QSO\")", NULL, NAMES("b", "w[type == \"QSO\"]"));
}

static void expect(const char *formula, const char *const *pairs, const char *part) {
  fitting fit;
  open_text(&fit, text, pairs);
  nadir_status status = try_fit(&fit, formula);
  if (status == NADIR_OK || nadir_exit_status(status) != 2 ||
      strstr(fit.error.message, part) == NULL)
    fail_msg("%s: %d: %s", formula, (int)status, fit.error.message);
  fit_free(&fit);
}

static void expect_place(const char *formula, size_t column, const char *part) {
  fitting fit;
  open_text(&fit, text, NULL);
  nadir_status status = try_fit(&fit, formula);
  if (status != NADIR_BAD_FORMULA || fit.error.column != column ||
      strstr(fit.error.message, part) == NULL)
    fail_msg("%s: %d, column %zu: %s", formula, (int)status, fit.error.column, fit.error.message);
  fit_free(&fit);
}

static void test_errors(void **state) {
  (void)state;
  expect_place("yy ~ linear(dist)", 1, "no column 'yy'");
  expect_place("y ~ linear(disst)", 12, "did you mean 'dist'");
  expect_place("y ~ linear(a)", 12, "no column 'a'");
  expect_place("y ~ linear(flux[2])", 12, "is one number");
  expect_place("y ~ a*mag", 7, "'Mag' is: write that");
  expect_place("y ~ a*fluxx", 7, "'flux' is: write that");
  expect_place("y ~ a*exp(type)", 11, "is text");
  expect_place("y ~ linear(type)", 12, "is text");
  expect_place("y ~ linear(dist == \"QSO\")", 12, "holds numbers");
  expect_place("y ~ linear(linear(dist))", 12, "cannot be used here");
  expect_place("y ~ poly(dist, 0)", 16, "degree");
  expect_place("y ~ poly(dist, flux)", 16, "degree");
  expect_place("y ~ linear(c3..c1)", 12, "backwards");
  expect_place("y ~ flux + 2", 5, "nothing is left to fit");
  expect_place("type ~ linear(dist)", 1, "softmax(3; ...)");
  expect_place("type ~ softmax(2; dist)", 16, "3 classes");
  expect_place("y + 1 ~ softmax(2; dist)", 1, "softmax needs classes");
  expect_place("y ~ 1 + softmax(4; dist)", 9, "whole model");
  expect("y ~ b*dist + linear(flux)", NULL, "two parameters");
  expect("y ~ linear(dist)", (const char *[]){"weight", "flx", NULL}, "did you mean 'flux'");
  expect("y ~ linear(dist)", (const char *[]){"sigma", "s", NULL}, "sigma");
  expect("y ~ linear(dist)", (const char *[]){"where", "flx > 1", NULL}, "did you mean 'flux'");
  expect("y ~ linear(dist)", (const char *[]){"sigma", "flux", "weight", "Mag", NULL},
         "give one of the two");
  expect("y ~ linear(dist)", (const char *[]){"loss", "abs(y - f)/flx", NULL},
         "did you mean 'flux'");
  expect("y ~ linear(dist)", (const char *[]){"loss", "softmax", NULL}, "softmax(k; ...)");
  expect("type ~ softmax(3; dist)", (const char *[]){"loss", "squared", NULL}, "does not go");
  expect("y ~ linear(dist)", (const char *[]){"start", "w[disst]=1", NULL},
         "did you mean 'w[dist]'");
  expect("y ~ linear(dist)", (const char *[]){"no-penalty", "w[dust]", NULL},
         "did you mean 'w[dist]'");
  expect("y ~ linear(dist)", (const char *[]){"unit", "dust=Mpc", NULL}, "did you mean 'dist'");
}

/* --start makes a parameter of a name that nearly is a column. */
static void test_start(void **state) {
  (void)state;
  fitting fit;
  double w[3];
  fit_text(&fit, text, "y ~ mag*dist + k", (const char *[]){"start", "mag=2", NULL});
  names_are(&fit, NAMES("mag", "k"));
  nd_model_start(fit.model, fit.settings, w);
  assert_true(w[0] == 2 && w[1] == 0);
  fit_free(&fit);
  /* in the table's coordinates; what is not said is 0 in descent's */
  fit_text(&fit, text, "y ~ linear(dist)", (const char *[]){"start", "w[dist]=3", NULL});
  double table[2];
  nd_model_start(fit.model, fit.settings, w);
  assert_true(w[0] == 0);
  nd_model_to_table(fit.model, w, table);
  assert_close(table[1], 3, 1e-15);
  fit_free(&fit);
  fit_text(&fit, text, "y ~ linear(dist)", (const char *[]){"start", "b=-1,w[dist]=3", NULL});
  nd_model_start(fit.model, fit.settings, w);
  nd_model_to_table(fit.model, w, table);
  assert_close(table[0], -1, 1e-14);
  assert_close(table[1], 3, 1e-15);
  fit_free(&fit);
}

static void test_targets(void **state) {
  (void)state;
  fitting fit;
  fit_text(&fit, text, "type == \"QSO\" ~ linear(dist)", NULL);
  assert_string_equal(fit.model->loss.info.name, "logistic");
  assert_int_equal(fit.model->target_kind, ND_TARGET_TRUTH);
  fit_free(&fit);
  fit_text(&fit, text, "type != \"QSO\" and dist < 9 ~ linear(flux)", NULL);
  assert_string_equal(fit.model->loss.info.name, "logistic");
  double w[2] = {0, 0};
  assert_close(loss_at(&fit, w), log(2), 1e-15);
  fit_free(&fit);
  fit_text(&fit, text, "flag ~ linear(dist)", NULL);
  assert_string_equal(fit.model->loss.info.name, "logistic");
  fit_free(&fit);
  fit_text(&fit, text, "y ~ linear(dist)", NULL);
  assert_string_equal(fit.model->loss.info.name, "squared");
  fit_free(&fit);
  fit_text(&fit, text, "type ~ linear(dist)", (const char *[]){"where", "type != \"STAR\"", NULL});
  assert_string_equal(fit.model->loss.info.name, "logistic");
  assert_int_equal(fit.model->class_count, 2);
  assert_string_equal(fit.model->classes[0], "GALAXY");
  assert_string_equal(fit.model->classes[1], "QSO");
  fit_free(&fit);
  fit_text(&fit, text, "type ~ softmax(3; dist, flux)", NULL);
  assert_string_equal(fit.model->loss.info.name, "softmax");
  assert_int_equal(fit.model->head_count, 3);
  fit_free(&fit);
  fit_text(&fit, text, "c1 ~ softmax(3; dist, flux)", NULL);
  assert_string_equal(fit.model->classes[2], "7");
  fit_free(&fit);
}

static void check_units(const char *formula, const char *loss, const char *b, const char *w) {
  fitting fit;
  fit_text(&fit, text, formula,
           (const char *[]){"unit", "dist=Mpc,y=km/s,flux=erg/s", "loss", loss, NULL});
  assert_string_equal(fit.model->parameters[0].unit, b);
  assert_string_equal(fit.model->parameters[fit.model->size - 1].unit, w);
  fit_free(&fit);
}

static void test_units(void **state) {
  (void)state;
  check_units("y ~ linear(dist)", "squared", "km/s", "km/s/Mpc");
  check_units("y ~ linear(flux)", "huber(1)", "km/s", "km/s/(erg/s)");
  check_units("y ~ poly(dist, 2)", "squared", "km/s", "km/s/Mpc^2");
  check_units("y ~ linear(dist + 1)", "squared", "km/s", "");
  check_units("y ~ linear(Mag)", "squared", "km/s", "");
  check_units("y > 5 ~ linear(dist)", "logistic", "", "1/Mpc");
  check_units("y ~ linear(dist)", "abs(y - f)", "", "");
  check_units("log(y) ~ linear(dist)", "squared", "", "");
  check_units("y ~ a*dist + c", "squared", "km s-1 Mpc-1", "km/s");
}

static void check_rebuilt(const char *formula, const char *const *pairs) {
  fitting fit;
  fit_text(&fit, text, formula, pairs);
  const char *columns[16];
  for (size_t i = 0; i < fit.model->column_count; i++)
    columns[i] = fit.model->columns[i].column;
  nd_model *again;
  must(nd_model_rebuild(&again, fit.model->formula, fit.settings, columns, fit.model->column_count,
                        (const char *const *)fit.model->classes, fit.model->class_count,
                        &fit.error),
       &fit.error);
  assert_int_equal(again->size, fit.model->size);
  for (size_t i = 0; i < again->size; i++)
    assert_string_equal(again->parameters[i].name, fit.model->parameters[i].name);
  assert_int_equal(again->target_kind, fit.model->target_kind);
  assert_int_equal(again->class_count, fit.model->class_count);
  assert_string_equal(again->loss.info.name, fit.model->loss.info.name);
  nd_model_rows one, two;
  nd_model_reader *first, *second;
  for (size_t i = 0; i < again->size; i++)
    again->value[i] = fit.model->value[i] = 0.1 * (double)(i + 1);
  must(nd_model_reader_new(&first, fit.model, fit.table, fit.settings, true, &fit.error),
       &fit.error);
  must(nd_model_reader_new(&second, again, fit.table, fit.settings, true, &fit.error), &fit.error);
  must(nd_model_read(first, 0, &one, &fit.error), &fit.error);
  must(nd_model_read(second, 0, &two, &fit.error), &fit.error);
  assert_int_equal(two.rows, 4);
  assert_memory_equal(one.output, two.output, 4 * sizeof(double));
  assert_memory_equal(one.target, two.target, 4 * sizeof(double));
  nd_model_reader_free(first);
  nd_model_reader_free(second);
  nd_model_free(again);
  fit_free(&fit);
}

static void test_rebuild(void **state) {
  (void)state;
  check_rebuilt("y ~ linear(dist, flux)", NULL);
  check_rebuilt("y ~ linear(*)", (const char *[]){"weight", "c1", NULL});
  check_rebuilt("y ~ linear(c2) + linear(c1..c3)", NULL);
  check_rebuilt("y ~ a*exp(-dist/tau) + c*(type == \"QSO\")",
                (const char *[]){"start", "tau=1", NULL});
  check_rebuilt("type ~ softmax(3; dist, $2)", NULL);
  check_rebuilt("type == \"QSO\" ~ linear(dist)", NULL);
  check_rebuilt("type ~ linear(dist)", (const char *[]){"where", "type != \"STAR\"", NULL});
  check_rebuilt("flag ~ linear(dist)", NULL);
  check_rebuilt("y == 4 ~ linear(dist)", (const char *[]){"loss", "hinge", NULL});
}

static void test_reading(void **state) {
  (void)state;
  fitting fit;
  nd_model_reader *reader;
  nd_model_rows rows;
  fit_text(&fit, text, "y ~ a*dist^2 + linear(flux)",
           (const char *[]){"where", "dist != 3", "sigma", "Mag", NULL});
  double values[] = {2, 10, -1}; /* a, b, w[flux] */
  memcpy(fit.model->value, values, sizeof values);
  must(nd_model_reader_new(&reader, fit.model, fit.table, fit.settings, true, &fit.error),
       &fit.error);
  must(nd_model_read(reader, 0, &rows, &fit.error), &fit.error);
  assert_int_equal(rows.rows, 4);
  const double truth[] = {2 + 8, 8 + 7, 18 + 5, 32 + 9}, eta[] = {8, 7, 5, 9};
  for (size_t i = 0; i < 4; i++) {
    assert_true(rows.output[i] == truth[i] && rows.eta[0][i] == eta[i]);
    assert_int_equal(rows.kept[i], i != 2);
    assert_true(rows.target[i] == (double)((i + 1) * (i + 1)));
    assert_close(rows.weight[i], 1 / (rows.sigma[i] * rows.sigma[i]), 1e-15);
  }
  nd_model_reader_free(reader);
  /* without target, neither target nor sigma is read */
  must(nd_model_reader_new(&reader, fit.model, fit.table, fit.settings, false, &fit.error),
       &fit.error);
  must(nd_model_read(reader, 0, &rows, &fit.error), &fit.error);
  assert_null(rows.target);
  assert_null(rows.sigma);
  assert_true(rows.output[3] == truth[3]);
  nd_model_reader_free(reader);
  fit_free(&fit);
}

/* A table that lacks a column is refused by name. */
static void test_other_table(void **state) {
  (void)state;
  fitting fit, other;
  nd_model_reader *reader;
  fit_text(&fit, text, "y ~ linear(dist, flux)", NULL);
  open_text(&other, "dist,fluxx\n1,2\n", NULL);
  assert_int_equal(
      nd_model_reader_new(&reader, fit.model, other.table, other.settings, false, &other.error),
      NADIR_BAD_DATA);
  assert_null(reader);
  assert_non_null(strstr(other.error.message, "no column 'flux'"));
  assert_non_null(strstr(other.error.message, "did you mean 'fluxx'"));
  fit_free(&other);
  fit_free(&fit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),   cmocka_unit_test(test_errors),
      cmocka_unit_test(test_start),   cmocka_unit_test(test_targets),
      cmocka_unit_test(test_units),   cmocka_unit_test(test_rebuild),
      cmocka_unit_test(test_reading), cmocka_unit_test(test_other_table)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
