/* The library in a host program: nothing that it reads or writes follows the locale, no bit follows the
 * rounding mode, and a thread that calls it and ends leaves no memory behind (told by the leak
 * sanitizer). */
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <sys/stat.h>

#include <stdbool.h>

#include "support.h"

/* ---- a locale with a decimal comma ---- */

/* All that is read and written here with numbers in it, one text. */
static char *everything(void) {
  nadir_settings *settings =
      settings_of((const char *[]){"box", "x=-1.5:2.5", "at", "x=0.5", "radius", "0.25", NULL});
  nadir_settings *descent = settings_of((const char *[]){"method", "gd", "rate", "0.125", "start",
                                                         "x=1.5,y=0.75", "updates", "7", NULL});
  static const char script[] = "comma.gp";
  nadir_expr *one, *two;
  nadir_convexity *convexity;
  nadir_expansion *expansion;
  nadir_curvature *curvature;
  nadir_result *result;
  char *text[4], *all = calloc(1, 1 << 20);
  assert_non_null(all);
  ok(nadir_expr_new(&one, "2.33699*x^2/2 + 0.25*x", &error));
  ok(nadir_expr_new(&two, "0.5*(x - 0.25)^2 + 1.75*y^2 + 0.3*x*y", &error));
  ok(nadir_convex(one, settings, NULL, &convexity, &error));
  ok(nadir_convexity_text(convexity, NADIR_JSON, &text[0], &error));
  ok(nadir_taylor(one, settings, NULL, &expansion, &error));
  ok(nadir_expansion_text(expansion, NADIR_PEOPLE, &text[1], &error));
  ok(nadir_rate(one, settings, NULL, &curvature, &error));
  ok(nadir_curvature_text(curvature, NADIR_PEOPLE, &text[2], &error));
  ok(nadir_minimize(two, descent, NULL, &result, &error));
  ok(nadir_plot_contour(two, (const nadir_result *[]){result}, NULL, 1, descent, script, &error));
  unsigned long long bits[2];
  memcpy(&bits[0], &result->modulus, sizeof result->modulus);
  memcpy(&bits[1], &result->optimum_gap, sizeof result->optimum_gap);
  snprintf(all, 1 << 20, "%s%s%s%llx %llx\n", text[0], text[1], text[2], bits[0], bits[1]);
  FILE *file = fopen(script, "r");
  assert_non_null(file);
  size_t length = strlen(all);
  all[length + fread(all + length, 1, (1 << 20) - length - 1, file)] = '\0';
  fclose(file);
  remove(script);
  for (size_t i = 0; i < 3; i++)
    nadir_text_free(text[i]);
  nadir_result_free(result);
  nadir_convexity_free(convexity);
  nadir_expansion_free(expansion);
  nadir_curvature_free(curvature);
  nadir_expr_free(one);
  nadir_expr_free(two);
  nadir_settings_free(settings);
  nadir_settings_free(descent);
  return all;
}

/* localedef warns of categories that are left out, and exits with 1 for that. */
static bool make_comma_locale(void) {
  static const char source[] = "LC_NUMERIC\ndecimal_point \"<U002C>\"\nthousands_sep \"<U002E>\"\n"
                               "grouping 3;3\nEND LC_NUMERIC\n";
  char here[1024], path[1100];
  FILE *file = fopen("comma.locale", "w");
  if (!file) return false;
  fputs(source, file);
  fclose(file);
  int made = system("localedef -c -i comma.locale -f UTF-8 ./comma_XX >comma.log 2>&1");
  (void)made;
  if (!getcwd(here, sizeof here)) return false;
  snprintf(path, sizeof path, "%s", here);
  setenv("LOCPATH", path, 1);
  return setlocale(LC_NUMERIC, "comma_XX") != NULL;
}

static void nothing_follows_the_locale(void **state) {
  (void)state;
  char *plain = everything(), sample[16];
  if (!make_comma_locale()) {
    print_message("skipped: there is no localedef that makes a locale with a decimal comma\n");
    free(plain);
    skip();
  }
  snprintf(sample, sizeof sample, "%.1f", 0.5);
  assert_string_equal(sample, "0,5");
  char *comma = everything();
  setlocale(LC_NUMERIC, "C");
  for (size_t i = 0; plain[i]; i++)
    if (plain[i] != comma[i]) fail_msg("differs: %.200s", comma + (i > 60 ? i - 60 : 0));
  assert_string_equal(plain, comma);
  free(plain);
  free(comma);
}

/* ---- threads of the host ---- */

static void *ask(void *context) {
  nadir_error mine;
  nadir_expr *expr = NULL;
  nadir_settings *settings = NULL;
  nadir_result *result = NULL;
  nadir_convexity *convexity = NULL;
  nadir_expansion *expansion = NULL;
  nadir_curvature *curvature = NULL;
  bool good = nadir_settings_new(&settings, &mine) == NADIR_OK &&
              nadir_expr_new(&expr, "exp(x) + x^2 - log(x + 4)*sqrt(2)", &mine) == NADIR_OK &&
              nadir_settings_set(settings, "box", "x=-1:2", &mine) == NADIR_OK &&
              nadir_convex(expr, settings, NULL, &convexity, &mine) == NADIR_OK &&
              nadir_taylor(expr, settings, NULL, &expansion, &mine) == NADIR_OK;
  nadir_convexity_free(convexity);
  nadir_expansion_free(expansion);
  good = good && nadir_rate(expr, settings, NULL, &curvature, &mine) == NADIR_OK &&
         nadir_minimize(expr, settings, NULL, &result, &mine) == NADIR_OK;
  nadir_curvature_free(curvature);
  nadir_result_free(result);
  nadir_expr_free(expr);
  nadir_settings_free(settings);
  *(bool *)context = good;
  return NULL;
}

static void a_thread_leaves_nothing(void **state) {
  (void)state;
  enum { THREADS = 4 };
  pthread_t threads[THREADS];
  bool good[THREADS] = {false};
  for (size_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, ask, &good[i]), 0);
  for (size_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
  for (size_t i = 0; i < THREADS; i++)
    assert_true(good[i]);
}

/* ---- a rounding mode of the host's own ---- */

static void no_bit_follows_the_rounding_mode(void **state) {
  (void)state;
  static const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  char *nearest = everything();
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    assert_int_equal(fesetround(modes[i]), 0);
    char *other = everything();
    int after = fegetround();
    fesetround(FE_TONEAREST);
    assert_int_equal(after, modes[i]);
    assert_string_equal(other, nearest);
    free(other);
  }
  free(nearest);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_follows_the_locale),
                                     cmocka_unit_test(no_bit_follows_the_rounding_mode),
                                     cmocka_unit_test(a_thread_leaves_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
