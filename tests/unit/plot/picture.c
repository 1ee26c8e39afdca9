/* Pictures by the real gnuplot: the formats, a whole picture or none, charts of nothing and of odd
 * numbers, and texts and paths that would be commands if anything took them for such. Skipped where
 * gnuplot is not on the PATH, except for what is said then. */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "plot/plot_internal.h"

enum { PATH_SIZE = 512 };

typedef struct place {
  char folder[128], canary[160], path[4096];
  bool gnuplot;
} place;

static bool on_path(const char *program) {
  const char *path = getenv("PATH");
  char name[4096];
  while (path && *path) {
    size_t length = strcspn(path, ":");
    snprintf(name, sizeof name, "%.*s/%s", (int)length, path, program);
    if (access(name, X_OK) == 0) return true;
    path += length + (path[length] == ':');
  }
  return false;
}

static int set_up(void **state) {
  place *p = calloc(1, sizeof *p);
  const char *tmp = getenv("TMPDIR");
  snprintf(p->folder, sizeof p->folder, "%.100s/nadir-XXXXXX", tmp ? tmp : "/tmp");
  if (!mkdtemp(p->folder)) return 1;
  snprintf(p->canary, sizeof p->canary, "%s/CANARY", p->folder);
  snprintf(p->path, sizeof p->path, "%s", getenv("PATH") ? getenv("PATH") : "");
  p->gnuplot = on_path("gnuplot");
  *state = p;
  return 0;
}

static size_t empty_folder(const char *folder) {
  char name[PATH_SIZE];
  size_t count = 0;
  DIR *dir = opendir(folder);
  for (struct dirent *entry; dir && (entry = readdir(dir));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
    unlink(name);
    count++;
  }
  if (dir) closedir(dir);
  return count;
}

static int tear_down(void **state) {
  place *p = *state;
  setenv("PATH", p->path, 1);
  empty_folder(p->folder);
  rmdir(p->folder);
  free(p);
  return 0;
}

static void need_gnuplot(const place *p) {
  if (p->gnuplot) return;
  print_message("skipped: gnuplot is not on the PATH\n");
  skip();
}

static void make_path(const place *p, const char *name, char path[PATH_SIZE]) {
  snprintf(path, PATH_SIZE, "%s/%s", p->folder, name);
}

static size_t read_start(const char *path, char *data, size_t size) {
  FILE *file = fopen(path, "rb");
  size_t got = file ? fread(data, 1, size - 1, file) : 0;
  data[got] = '\0';
  if (file) fclose(file);
  return got;
}

static const double X[] = {0, 1, 2, 3}, Y[] = {8, 4, 2, 1}, E[] = {1, 1, 0.5, 0.5};
static const nd_series CURVE = {.label = "gd", .mark = ND_LINE, .count = 4, .x = X, .y = Y};
static const nd_panel PANEL = {.x_label = "updates",
                               .y_label = "loss (km\xc2\xb2/s\xc2\xb2)",
                               .series = &CURVE,
                               .series_count = 1};
static const nd_chart CHART = {.title = "run", .panels = &PANEL, .panel_count = 1};

static void save(const nd_chart *chart, const char *path) {
  nadir_error error = {0};
  nadir_status status = nd_chart_draw(chart, (nd_canvas){.path = path}, &error);
  if (status != NADIR_OK) print_error("%s\n", error.message);
  assert_int_equal(status, NADIR_OK);
}

static void formats(void **state) {
  const place *p = *state;
  static const struct {
    const char *name, *magic;
  } FORMATS[] = {{"a.svg", "<?xml"}, {"a.png", "\x89PNG\r\n\x1a\n"}, {"a.PDF", "%PDF-"}};
  char path[PATH_SIZE], data[64];
  need_gnuplot(p);
  for (size_t i = 0; i < ND_COUNT(FORMATS); i++) {
    make_path(p, FORMATS[i].name, path);
    save(&CHART, path);
    assert_true(read_start(path, data, sizeof data) > 8);
    assert_memory_equal(data, FORMATS[i].magic, strlen(FORMATS[i].magic));
  }
  assert_int_equal(empty_folder(p->folder), ND_COUNT(FORMATS)); /* and nothing else */
}

static void other_endings_are_a_sentence(void **state) {
  const place *p = *state;
  static const char *const NAMES[] = {"a.jpg", "a", "svg", "a.svg.", ".gpx", "a.svg/b", "-", ""};
  nadir_error error;
  for (size_t i = 0; i < ND_COUNT(NAMES); i++) {
    assert_int_equal(nd_chart_draw(&CHART, (nd_canvas){.path = NAMES[i]}, &error),
                     NADIR_BAD_SETTING);
    assert_non_null(strstr(error.message, ".svg, .png, .pdf, or .gp"));
  }
  assert_int_equal(empty_folder(p->folder), 0);
}

/* A kept script, run as its head says, draws the same picture. */
static void script_draws_the_picture(void **state) {
  const place *p = *state;
  char script[PATH_SIZE], picture[PATH_SIZE], again[PATH_SIZE], command[2000];
  static char one[100000], two[100000];
  need_gnuplot(p);
  make_path(p, "a.gp", script);
  make_path(p, "a.svg", picture);
  make_path(p, "b.svg", again);
  save(&CHART, script);
  save(&CHART, picture);
  snprintf(command, sizeof command, "gnuplot -d '%s' > '%s'", script, again);
  assert_int_equal(system(command), 0);
  assert_true(read_start(picture, one, sizeof one) > 1000);
  read_start(again, two, sizeof two);
  assert_string_equal(one, two);
  empty_folder(p->folder);
}

/* Every text of a chart is this one. */
static void save_with(const place *p, const char *text) {
  char path[PATH_SIZE], command[2000];
  nd_series series[2] = {CURVE, CURVE};
  double z[16];
  for (size_t i = 0; i < 16; i++)
    z[i] = X[i % 4] + Y[i / 4];
  nd_grid grid = {4, 4, X, X, z, text};
  nd_panel panels[2] = {{.title = text,
                         .x_label = text,
                         .y_label = text,
                         .series = series,
                         .series_count = 2,
                         .grid = &grid},
                        PANEL};
  nd_chart chart = {.title = text, .panels = panels, .panel_count = 2};
  series[0].label = series[1].label = text;
  series[1].mark = ND_PATH;
  panels[1].title = panels[1].x_label = text;
  make_path(p, "hostile.svg", path);
  save(&chart, path);
  make_path(p, "hostile.gp", path);
  save(&chart, path);
  snprintf(command, sizeof command, "gnuplot -d '%s' > /dev/null 2>&1", path);
  assert_int_equal(system(command), 0);
  assert_int_equal(empty_folder(p->folder), 2);
}

static void hostile_texts_run_nothing(void **state) {
  const place *p = *state;
  static const char *const TEXTS[] = {"`touch %s`",
                                      "$(touch %s)",
                                      "'.system('touch %s').'",
                                      "'; system 'touch %s'; '",
                                      "' `touch %s` '",
                                      "'' `touch %s` ''",
                                      "''' `touch %s` '''",
                                      "\" `touch %s` \"",
                                      "\".system(\"touch %s\").\"",
                                      "\\' `touch %s`",
                                      "\\\n`touch %s`",
                                      "x'\nsystem 'touch %s'\n'",
                                      "x\r!touch %s\r",
                                      "EOD\nEOD\n!touch %s\n",
                                      "\nEOD\n`touch %s`",
                                      "{ `touch %s` }",
                                      "} } ' \n `touch %s`",
                                      "# ' `touch %s`",
                                      "\xe2\x80\x98`touch %s`\xe2\x80\x99",
                                      "\xff' `touch %s`",
                                      "\xc0\xa7 `touch %s`",
                                      "|touch %s",
                                      "<touch %s"};
  char text[PATH_SIZE];
  need_gnuplot(p);
  for (size_t i = 0; i < ND_COUNT(TEXTS); i++) {
    const char *hole = strstr(TEXTS[i], "%s");
    snprintf(text, sizeof text, "%.*s%s%s", (int)(hole - TEXTS[i]), TEXTS[i], p->canary, hole + 2);
    save_with(p, text);
    assert_int_not_equal(access(p->canary, F_OK), 0);
  }
}

static void odd_texts_draw(void **state) {
  const place *p = *state;
  static const char *const TEXTS[] = {
      "",    "'",     "''",     "`",        "\"",    "\\",           "{",
      "}",   "#",     "@macro", "$x",       "%s",    "%n",           "{/=99}",
      "<b>", "&amp;", "]]>",    "\x1b[31m", "a_b^2", "\xef\xbf\xbe", "\xf0\x9f\x94\xad"};
  char longest[5000];
  need_gnuplot(p);
  for (size_t i = 0; i < ND_COUNT(TEXTS); i++)
    save_with(p, TEXTS[i]);
  memset(longest, '\'', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  save_with(p, longest);
}

static void odd_paths_are_only_paths(void **state) {
  const place *p = *state;
  static const char *const NAMES[] = {"|touch CANARY.svg",
                                      "a'b.svg",
                                      "`touch CANARY`.svg",
                                      "$(touch CANARY).svg",
                                      "a\nb.svg",
                                      "; touch CANARY;.svg",
                                      "-d.svg",
                                      " .svg",
                                      "\xff.svg"};
  char path[PATH_SIZE], data[8], here[1024];
  need_gnuplot(p);
  assert_non_null(getcwd(here, sizeof here));
  assert_int_equal(chdir(p->folder), 0);
  for (size_t i = 0; i < ND_COUNT(NAMES); i++) {
    make_path(p, NAMES[i], path);
    save(&CHART, path);
    assert_int_equal(read_start(path, data, sizeof data), 7);
    assert_int_equal(empty_folder(p->folder), 1);
    save(&CHART, NAMES[i]);
    assert_int_equal(empty_folder(p->folder), 1);
  }
  assert_int_equal(chdir(here), 0);
}

/* A .gnuplot of the user's, or GNUTERM, changes nothing. */
static void settings_of_gnuplot_are_not_read(void **state) {
  const place *p = *state;
  char path[PATH_SIZE], data[8];
  need_gnuplot(p);
  make_path(p, ".gnuplot", path);
  FILE *file = fopen(path, "w");
  fprintf(file, "system 'touch %s'\n", p->canary);
  fclose(file);
  char *home = getenv("HOME") ? strdup(getenv("HOME")) : NULL;
  setenv("HOME", p->folder, 1);
  setenv("GNUPLOT_LIB", p->folder, 1);
  setenv("GNUTERM", "dumb", 1);
  make_path(p, "a.svg", path);
  save(&CHART, path);
  if (home) setenv("HOME", home, 1);
  free(home);
  unsetenv("GNUPLOT_LIB");
  unsetenv("GNUTERM");
  assert_int_equal(read_start(path, data, sizeof data), 7);
  assert_int_not_equal(access(p->canary, F_OK), 0);
  empty_folder(p->folder);
}

/* ---- charts of nothing and of odd numbers
 * -------------------------------------------------------- */

static void draw_numbers(const place *p, const double *x, const double *y, const double *e,
                         size_t count) {
  static const nd_mark MARKS[] = {ND_LINE, ND_POINTS, ND_ERROR_BARS, ND_PATH};
  char path[PATH_SIZE];
  nd_series series[ND_COUNT(MARKS) + 1];
  for (size_t i = 0; i < ND_COUNT(MARKS); i++)
    series[i] =
        (nd_series){.label = "s", .mark = MARKS[i], .count = count, .x = x, .y = y, .error = e};
  series[ND_COUNT(MARKS)] =
      (nd_series){.mark = ND_LINE, .count = count, .x = y, .y = x, .quiet = true};
  make_path(p, "odd.svg", path);
  for (unsigned logs = 0; logs < 4; logs++) {
    nd_panel panels[2] = {
        {.log_x = logs & 1, .log_y = logs >> 1, .series = series, .series_count = ND_COUNT(series)},
        {.log_y = logs & 1, .height = NAN, .series = series, .series_count = 3}};
    nd_chart chart = {.title = NULL, .panels = panels, .panel_count = 1 + (logs & 1)};
    save(&chart, path);
  }
}

static void odd_numbers_draw(void **state) {
  const place *p = *state;
  static const double CASES[][3] = {{NAN, NAN, NAN},
                                    {INFINITY, -INFINITY, NAN},
                                    {1, 1, 1},
                                    {0, 0, 0},
                                    {-1, -2, -3},
                                    {1e308, -1e308, 1e308},
                                    {1e300, 1e-300, 1},
                                    {-1e300, 1e300, 0},
                                    {5e-324, 1e-310, 0},
                                    {1, 1 + 1e-15, 1 - 1e-15},
                                    {1e15, 1e15 + 1, 1e15 + 2},
                                    {1e-12, 1e-12, 2e-12},
                                    {NAN, 3, NAN},
                                    {1, NAN, 1e9}};
  static const double COUNTS[] = {0, 1, 2};
  need_gnuplot(p);
  draw_numbers(p, NULL, NULL, NULL, 0);
  for (size_t i = 0; i < ND_COUNT(CASES); i++) {
    draw_numbers(p, CASES[i], CASES[(i + 1) % ND_COUNT(CASES)], CASES[i], 3);
    draw_numbers(p, CASES[i], CASES[i], NULL, 3);
    draw_numbers(p, COUNTS, CASES[i], CASES[(i + 5) % ND_COUNT(CASES)], 3);
    draw_numbers(p, COUNTS, CASES[i] + 1, NULL, 1);
  }
  empty_folder(p->folder);
}

static void odd_grids_draw(void **state) {
  const place *p = *state;
  static const double Z[][4] = {{1, 2, 3, 4},
                                {5, 5, 5, 5},
                                {NAN, NAN, NAN, NAN},
                                {NAN, 1, 2, 3},
                                {INFINITY, 1, 2, 0},
                                {-1e300, 1e300, 0, 1},
                                {1e-300, 0, 0, 1},
                                {-7, -7 + 1e-12, -7, -7},
                                {1e9, 1e9 + 1, 1e9, 1e9 + 5}};
  static const double ENDS[][2] = {{0, 1}, {0, 0}, {NAN, 1}, {1e-300, 1e300}};
  char path[PATH_SIZE];
  need_gnuplot(p);
  make_path(p, "grid.svg", path);
  for (size_t i = 0; i < ND_COUNT(Z); i++)
    for (size_t k = 0; k < 2 * ND_COUNT(ENDS); k++) {
      nd_series series = {.label = "path", .mark = ND_PATH, .count = 4, .x = X, .y = Y};
      nd_grid grid = {2, 2, ENDS[k % 4], ENDS[k / 4], Z[i], "loss"};
      nd_panel panel = {.series = &series, .series_count = 1, .grid = &grid, .log_x = k % 3 == 0};
      nd_chart chart = {.title = NULL, .panels = &panel, .panel_count = 1};
      save(&chart, path);
    }
  nd_grid empty = {0};
  nd_panel panel = {.grid = &empty};
  nd_chart chart = {.title = NULL, .panels = &panel, .panel_count = 1};
  save(&chart, path);
  empty_folder(p->folder);
}

static void error_bars_and_many_series(void **state) {
  const place *p = *state;
  enum { MANY = 60 };
  char path[PATH_SIZE];
  nd_series series[MANY];
  need_gnuplot(p);
  for (size_t i = 0; i < MANY; i++)
    series[i] = (nd_series){.label = "a label of some length, as of a trace's path",
                            .mark = i % 2 ? ND_ERROR_BARS : ND_LINE,
                            .count = 4,
                            .x = X,
                            .y = Y,
                            .error = E};
  nd_panel panel = {.log_y = true, .series = series, .series_count = MANY};
  nd_chart chart = {.title = "many", .panels = &panel, .panel_count = 1};
  make_path(p, "many.png", path);
  save(&chart, path);
  empty_folder(p->folder);
}

/* ---- gnuplot missing or failing
 * ------------------------------------------------------------------ */

static void put_program(const place *p, const char *text) {
  char path[PATH_SIZE];
  make_path(p, "gnuplot", path);
  FILE *file = fopen(path, "w");
  fprintf(file, "#!/bin/sh\n%s\n", text);
  fclose(file);
  chmod(path, 0755);
}

/* The picture of before must stay as it was, and nothing else appear. */
static void expect_failure(const place *p, const char *program, const char *part) {
  char path[PATH_SIZE], data[16];
  nadir_error error = {0};
  make_path(p, "old.svg", path);
  FILE *file = fopen(path, "w");
  fputs("old", file);
  fclose(file);
  if (program) put_program(p, program);
  setenv("PATH", p->folder, 1);
  nadir_status status = nd_chart_draw(&CHART, (nd_canvas){.path = path}, &error);
  setenv("PATH", p->path, 1);
  assert_int_equal(status, NADIR_SYSTEM);
  if (!strstr(error.message, part)) print_error("%s\n", error.message);
  assert_non_null(strstr(error.message, part));
  assert_non_null(strstr(error.message, ".gp"));
  read_start(path, data, sizeof data);
  assert_string_equal(data, "old");
  assert_int_equal(empty_folder(p->folder), program ? 2 : 1);
}

static void missing_gnuplot(void **state) {
  expect_failure(*state, NULL, "install gnuplot-nox");
}

static void failing_gnuplot(void **state) {
  expect_failure(*state, "echo first >&2; echo '  it went boom' >&2; exit 1", "(it went boom)");
  expect_failure(*state, "exit 1", "(it gave no reason)");
  expect_failure(*state, "exit 0", "gnuplot failed");
  expect_failure(*state, "echo '<?xml cut short'", "gnuplot failed");
  expect_failure(*state, "kill -9 $$", "gnuplot failed");
}

static void unwritable_folder(void **state) {
  (void)state;
  nadir_error error = {0};
  assert_int_not_equal(
      nd_chart_draw(&CHART, (nd_canvas){.path = "/nonexistent/folder/a.svg"}, &error), NADIR_OK);
  assert_non_null(strstr(error.message, "/nonexistent/folder/a.svg"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(formats),
      cmocka_unit_test(other_endings_are_a_sentence),
      cmocka_unit_test(script_draws_the_picture),
      cmocka_unit_test(hostile_texts_run_nothing),
      cmocka_unit_test(odd_texts_draw),
      cmocka_unit_test(odd_paths_are_only_paths),
      cmocka_unit_test(settings_of_gnuplot_are_not_read),
      cmocka_unit_test(odd_numbers_draw),
      cmocka_unit_test(odd_grids_draw),
      cmocka_unit_test(error_bars_and_many_series),
      cmocka_unit_test(missing_gnuplot),
      cmocka_unit_test(failing_gnuplot),
      cmocka_unit_test(unwritable_folder),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
