/* nadir limits: every bound on what is taken or kept. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

uint64_t limit_of(const char *name) {
  const nadir_limit *limit;
  for (size_t i = 0; (limit = nadir_limit_at(i)); i++)
    if (strcmp(limit->name, name) == 0) return limit->value;
  return 0;
}

static void say_json(void) {
  const nadir_limit *limit;
  say_text("{\n  \"limits\": [");
  for (size_t i = 0; (limit = nadir_limit_at(i)); i++)
    say("%s\n    {\n      \"name\": \"%s\",\n      \"value\": %llu,\n      \"unit\": \"%s\",\n      \"bounds\": "
        "\"%s\"\n    }",
        i ? "," : "", limit->name, (unsigned long long)limit->value, limit->unit, limit->help);
  say_text("\n  ]\n}\n");
}

int run_limits(cli_arguments *arguments) {
  const nadir_limit *limit;
  if (arguments->words > 0)
    return complain(EXIT_WRONG, "limits: '%s' is one argument too many: nadir limits", arguments->word[0]);
  if (arguments->json) {
    say_json();
    return 0;
  }
  cli_grid grid = {.columns = 4, .align = "lrll", .widest = report_width()};
  for (size_t i = 0; (limit = nadir_limit_at(i)); i++) {
    grid_add(&grid, "%s", limit->name);
    grid_add(&grid, "%llu", (unsigned long long)limit->value);
    grid_add(&grid, "%s", limit->unit);
    grid_add(&grid, "%s", limit->help);
  }
  grid_say(&grid, "");
  grid_free(&grid);
  return 0;
}
