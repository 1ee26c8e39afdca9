/* Scores of classes against scikit-learn 1.2.1 (accuracy_score, balanced_accuracy_score, f1_score with macro,
 * log_loss, brier_score_loss, roc_auc_score, precision_recall_fscore_support, roc_curve, calibration_curve) on the
 * probabilities of the same fits; and their pictures. */
#include "support.h"

enum { STARS = 40, KINDS = 60, CHUNK = 64 };

typedef struct world {
  nadir_settings *settings;
  nadir_table *table;
  nadir_result *fit;
  nadir_scores *scores;
} world;

static const char table_path[] = "scores.csv";

/* The row with x = i is a star where 7 i mod 40 < i. */
static void write_stars(void) {
  FILE *file = fopen(table_path, "w");
  fputs("x,class\n", file);
  for (int i = 0; i < STARS; i++)
    fprintf(file, "%d,%s\n", i, i * 7 % STARS < i ? "star" : "galaxy");
  fclose(file);
}

static void write_kinds(void) {
  FILE *file = fopen(table_path, "w");
  fputs("x,z,kind\n", file);
  for (int i = 0; i < KINDS; i++) {
    int x = i * 37 % KINDS, z = i * 17 % KINDS;
    const char *kind = i % 20 == 7 ? "rare" : x + z / 2.0 + i * 11 % 30 > 55 ? "qso" : "star";
    fprintf(file, "%g,%g,%s\n", x / 10.0, z / 10.0, kind);
  }
  fclose(file);
}

static world score(const char *formula, const char *const *pairs) {
  world w = {.settings = settings_of(pairs)};
  w.table = open_table(table_path, w.settings);
  ok(nadir_fit(w.table, formula, w.settings, NULL, &w.fit, &error));
  ok(nadir_score(w.fit->model, w.table, w.settings, NULL, &w.scores, &error));
  return w;
}

static void clear(world *w) {
  nadir_scores_free(w->scores);
  nadir_result_free(w->fit);
  nadir_table_free(w->table);
  nadir_settings_free(w->settings);
  unlink(table_path);
}

static double metric(const nadir_scores *scores, nadir_measure measure) {
  for (size_t i = 0; i < scores->metrics; i++)
    if (scores->metric[i].measure == measure) return scores->metric[i].value;
  fail_msg("no %s", nadir_measure_name(measure));
  return 0;
}

static void expect_class(const nadir_scores *scores, size_t k, uint64_t rows, uint64_t predicted,
                         double precision, double recall, double f1) {
  const nadir_class_score *it = &scores->class_score[k];
  assert_int_equal(it->rows, rows);
  assert_int_equal(it->predicted, predicted);
  if (isnan(precision))
    assert_true(isnan(it->precision));
  else
    near(it->precision, precision, 1e-8);
  near(it->recall, recall, 1e-8);
  near(it->f1, f1, 1e-8);
}

static void two_classes(void **state) {
  (void)state;
  static const double share[] = {0, 1. / 6, 0.5, 0, 2. / 3, 1. / 3, 1, 0.5, 5. / 6, 1};
  static const double said[] = {0.07653527, 0.14828598, 0.25178992, 0.3492002,  0.44507635,
                                0.54521013, 0.64182611, 0.74075393, 0.84670707, 0.91108385};
  write_stars();
  world w = score("class == \"star\" ~ linear(x)", NULL);
  const nadir_scores *s = w.scores;
  near(metric(s, NADIR_ACCURACY), 0.75, 1e-12);
  near(metric(s, NADIR_BALANCED_ACCURACY), 0.7493734335839599, 1e-12);
  near(metric(s, NADIR_MACRO_F1), 0.7493734335839599, 1e-12);
  near(metric(s, NADIR_LOG_LOSS), 0.4957635016784826, 1e-7);
  near(metric(s, NADIR_BRIER), 0.16416285392491306, 1e-7);
  near(metric(s, NADIR_CALIBRATION_ERROR), 0.15545827423167186, 1e-6);
  near(metric(s, NADIR_AUC), 0.8395989974937343, 1e-12);
  expect_class(s, 0, 21, 21, 0.76190476190476, 0.76190476190476, 0.76190476190476);
  expect_class(s, 1, 19, 19, 0.73684210526316, 0.73684210526316, 0.73684210526316);
  assert_int_equal(s->bins, 10);
  for (size_t i = 0; i < s->bins; i++) {
    near(s->bin[i].probability, said[i], 1e-6);
    near(s->bin[i].share, share[i], 1e-12);
  }
  clear(&w);
}

static void the_curve(void **state) {
  (void)state;
  write_stars();
  world w = score("class == \"star\" ~ linear(x)", NULL);
  const nadir_scores *s = w.scores;
  assert_int_equal(s->class_score[1].roc_points, STARS + 1); /* no two rows have the same score */
  double area = 0;
  for (size_t i = 1; i < s->class_score[1].roc_points; i++) {
    const nadir_roc_point *a = &s->class_score[1].roc_point[i - 1],
                          *b = &s->class_score[1].roc_point[i];
    assert_true(b->threshold < a->threshold);
    area += (b->false_positive - a->false_positive) * (a->true_positive + b->true_positive) / 2;
  }
  assert_true(isinf(s->class_score[1].roc_point[0].threshold));
  near(s->class_score[1].roc_point[1].threshold, 0.92174241, 1e-6);
  near(s->class_score[1].roc_point[5].true_positive, 0.26315789, 1e-8);
  near(s->class_score[1].roc_point[STARS].false_positive, 1, 0);
  near(s->class_score[1].roc_point[STARS].true_positive, 1, 0);
  near(area, metric(s, NADIR_AUC), 1e-12);
  clear(&w);
}

/* Of three classes, one of which is never named: its precision is not a number. */
static void three_classes(void **state) {
  (void)state;
  static const double areas[] = {0.921023359288098, 0.7836257309941521, 0.9732142857142857};
  write_kinds();
  world w = score("kind ~ softmax(3; x, z)", (const char *[]){"l2", "0.01", NULL});
  const nadir_scores *s = w.scores;
  near(metric(s, NADIR_ACCURACY), 0.85, 1e-12);
  near(metric(s, NADIR_BALANCED_ACCURACY), 0.5964696223316913, 1e-12);
  near(metric(s, NADIR_MACRO_F1), 0.5817720530835285, 1e-12);
  near(metric(s, NADIR_LOG_LOSS), 0.38653973972872113, 1e-6);
  near(metric(s, NADIR_BRIER), 0.21941475140304303, 1e-6);
  near(metric(s, NADIR_CALIBRATION_ERROR), 0.023717901113407585, 1e-5);
  expect_class(s, 0, 29, 32, 0.8125, 0.89655172413793, 0.85245901639344);
  expect_class(s, 1, 3, 0, (double)NAN, 0, 0);
  expect_class(s, 2, 28, 28, 0.89285714285714, 0.89285714285714, 0.89285714285714);
  for (size_t k = 0; k < 3; k++) { /* roc_auc_score(multi_class="ovr"), by class and macro */
    assert_true(s->class_score[k].roc_points > 3);
    near(s->class_score[k].auc, areas[k], 1e-9);
  }
  near(metric(s, NADIR_AUC), (areas[0] + areas[1] + areas[2]) / 3, 1e-9);
  ok(nadir_plot_roc(s, w.settings, "roc.gp", &error));
  unlink("roc.gp");
  ok(nadir_plot_calibration(s, w.settings, "calibration.gp", &error));
  unlink("calibration.gp");
  clear(&w);
}

/* Ties count half: of scores 1 and 1 the area is 1/2, and the curve one straight line. */
static void ties(void **state) {
  (void)state;
  FILE *file = fopen(table_path, "w");
  fputs("x,c\n1,a\n1,b\n2,a\n2,b\n", file);
  fclose(file);
  world w = score("c ~ linear(x)", NULL);
  near(metric(w.scores, NADIR_AUC), 0.5, 0);
  for (size_t i = 0; i < w.scores->class_score[1].roc_points; i++)
    near(w.scores->class_score[1].roc_point[i].false_positive,
         w.scores->class_score[1].roc_point[i].true_positive, 0);
  clear(&w);
}

/* Where one class alone has rows there is no curve, and a loss without probabilities has no bins. */
static void what_is_not_there(void **state) {
  (void)state;
  write_stars();
  world w = score("class ~ linear(x)", (const char *[]){"loss", "hinge", "l2", "0.1", NULL});
  assert_int_equal(w.scores->bins, 0);
  assert_true(w.scores->class_score[1].roc_points > 2);
  assert_int_equal(nadir_plot_calibration(w.scores, w.settings, "c.gp", &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "this model gives no probabilities"));
  nadir_scores *stars;
  ok(nadir_settings_set(w.settings, "where", "class == \"star\"", &error));
  ok(nadir_score(w.fit->model, w.table, w.settings, NULL, &stars, &error));
  assert_int_equal(stars->class_score[1].roc_points, 0);
  assert_true(isnan(metric(stars, NADIR_AUC)));
  assert_int_equal(nadir_plot_roc(stars, w.settings, "roc.gp", &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "at least two have rows"));
  char *text;
  ok(nadir_scores_json(stars, &text, &error));
  assert_non_null(strstr(text, "\"auc\": null"));
  assert_non_null(strstr(text, "\"roc\": []"));
  assert_null(strstr(text, "\"calibration\""));
  nadir_text_free(text);
  nadir_scores_free(stars);
  clear(&w);
}

/* A curve of many rows is thinned to steps of 0.01, its area is not. */
static void many_rows(void **state) {
  (void)state;
  FILE *file = fopen(table_path, "w");
  fputs("x,c\n", file);
  for (int i = 0; i < 6000; i++)
    fprintf(file, "%d,%c\n", i, i * 31 % 6000 < i ? 'b' : 'a');
  fclose(file);
  world w = score("c ~ linear(x)", NULL);
  assert_in_range(w.scores->class_score[1].roc_points, 150, 202);
  double area = 0;
  for (size_t i = 1; i < w.scores->class_score[1].roc_points; i++) {
    const nadir_roc_point *a = &w.scores->class_score[1].roc_point[i - 1],
                          *b = &w.scores->class_score[1].roc_point[i];
    area += (b->false_positive - a->false_positive) * (a->true_positive + b->true_positive) / 2;
  }
  near(area, metric(w.scores, NADIR_AUC), 1e-4);
  clear(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_classes),       cmocka_unit_test(the_curve),
      cmocka_unit_test(three_classes),     cmocka_unit_test(ties),
      cmocka_unit_test(what_is_not_there), cmocka_unit_test(many_rows)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
