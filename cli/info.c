/* nadir info TABLE...: a line for each column. */
#include <math.h>

#include "cli.h"

/* Six digits, or as many more, to ten, as it takes to tell values apart that lie close together far
 * from 0 (Julian dates). */
static int digits_of(const nadir_column_summary *column) {
  double range = column->max - column->min, most = fmax(fabs(column->min), fabs(column->max));
  double more = range > 0 ? log10(most / range) : 0;
  return more > 4 ? 10 : more > 0 ? 6 + (int)more : 6;
}

static void add_column(cli_grid *grid, const nadir_column_summary *column) {
  const double values[] = {column->mean,   column->sigma, column->min, column->q1,
                           column->median, column->q3,    column->max};
  char digits[NUMBER_TEXT];
  grid_add(grid, "%s", column->name);
  grid_add(grid, "%s", nadir_cells_name(column->cells));
  grid_add(grid, "%s", column->unit);
  grid_add(grid, "%llu", (unsigned long long)column->count);
  grid_add(grid, "%llu", (unsigned long long)column->missing);
  for (size_t i = 0; i < COUNT(values); i++)
    grid_add(grid, "%s", number(values[i], digits_of(column), digits));
}

/* In the units of the setting memory: 3.4 GB, which it takes as 3.4G. */
static const char *bytes(uint64_t count, char *text) {
  static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB", "PB", "EB"};
  double value = (double)count;
  size_t unit = 0;
  for (; value >= 999.5; unit++)
    value /= 1024;
  snprintf(text, NUMBER_TEXT, "%.*g %s", value < 99.5 ? 2 : 3, value, units[unit]);
  return text;
}

static void say_need(const nadir_summary *summary) {
  char need[NUMBER_TEXT], memory[NUMBER_TEXT];
  if (summary->numbers == 0) return;
  bytes(summary->fit_bytes, need), bytes(summary->memory, memory);
  if (summary->fit_bytes <= summary->memory)
    say("a fit of all %zu numbers of a row keeps %s in memory\n", summary->numbers, need);
  else
    say("a fit of all %zu numbers of a row would keep %s in memory, more than the setting memory (%s): it "
        "reads the table again at each pass\n",
        summary->numbers, need, memory);
}

static void say_summary(const nadir_summary *summary) {
  static const char *const heads[] = {"name",  "type", "unit", "count",  "missing", "mean",
                                      "sigma", "min",  "q1",   "median", "q3",      "max"};
  cli_grid grid = {.columns = COUNT(heads), .align = "lllrrrrrrrrr", .widest = report_width(), .keys = 1};
  for (size_t i = 0; i < COUNT(heads); i++)
    grid_add(&grid, "%s", heads[i]);
  for (size_t i = 0; i < summary->columns; i++)
    add_column(&grid, &summary->column[i]);
  say("%llu row%s, %zu column%s\n", (unsigned long long)summary->rows,
      summary->rows == 1 ? "" : "s", summary->columns, summary->columns == 1 ? "" : "s");
  say_need(summary);
  say("\n");
  grid_say(&grid, "");
  grid_free(&grid);
}

static int print(const cli_arguments *arguments, const nadir_summary *summary) {
  nadir_error error = {0};
  char *text = NULL;
  if (!arguments->json) {
    if (!arguments->quiet) say_summary(summary);
    return 0;
  }
  nadir_status made = nadir_summary_json(summary, &text, &error);
  return say_made(made, text, &error);
}

int run_info(cli_arguments *arguments) {
  nadir_error error = {0};
  nadir_table *table = NULL;
  nadir_summary *summary = NULL;
  cli_watch watch;
  if (arguments->words == 0)
    return complain(EXIT_WRONG, "info: the table is missing: nadir info TABLE");
  int status = open_table(&table, arguments, 0, arguments->words);
  if (status != 0) return status;
  watch_start(&watch, arguments);
  nadir_status made =
      nadir_table_summarize(table, arguments->settings, &watch.listener, &summary, &error);
  status = made == NADIR_OK ? print(arguments, summary) : fail(&error);
  watch_end(&watch);
  nadir_summary_free(summary);
  nadir_table_free(table);
  return status;
}
