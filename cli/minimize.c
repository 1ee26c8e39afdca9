/* nadir minimize FORMULA; with --show-gradient the partial derivatives alone. */
#include <stdint.h>
#include <stdlib.h>

#include "cli.h"

/* The parameter's name as LaTeX has it: that of the formula which is the parameter. */
static char *latex_name(const char *name) {
  char *quoted = print_text("`%s`", name), *text = NULL;
  nadir_expr *expr = NULL;
  if (nadir_expr_new(&expr, quoted, NULL) == NADIR_OK)
    (void)nadir_expr_print(expr, SIZE_MAX, 1, &text, NULL);
  nadir_expr_free(expr);
  free(quoted);
  char *copy = print_text("%s", text ? text : name);
  nadir_text_free(text);
  return copy;
}

static char *lead_of(const nadir_expr *expr, size_t i, bool latex) {
  if (i == SIZE_MAX) return print_text("L");
  const char *name = nadir_expr_parameter(expr, i);
  if (!latex) return print_text("dL/d%s", name);
  char *pretty = latex_name(name);
  char *lead = print_text("\\frac{\\partial L}{\\partial %s}", pretty);
  free(pretty);
  return lead;
}

static int say_one(const nadir_expr *expr, size_t i, bool latex, size_t width) {
  nadir_error error = {0};
  char *text;
  if (nadir_expr_print(expr, i, latex, &text, &error) != NADIR_OK) return fail(&error);
  char *lead = lead_of(expr, i, latex);
  say_name(lead);
  for (size_t at = display_width(lead); at < width; at++)
    say_text(" ");
  say_text(" = ");
  say_name(text);
  say_text("\n");
  free(lead);
  nadir_text_free(text);
  return 0;
}

static int show_gradient(const nadir_expr *expr, bool latex) {
  size_t width = 0, size = nadir_expr_size(expr);
  for (size_t i = 0; i < size && !latex; i++) {
    char *lead = lead_of(expr, i, false);
    size_t wide = display_width(lead);
    if (wide > width) width = wide;
    free(lead);
  }
  int status = say_one(expr, SIZE_MAX, latex, width);
  for (size_t i = 0; status == 0 && i < size; i++)
    status = say_one(expr, i, latex, width);
  return status;
}

static int descend(const cli_arguments *arguments, nadir_expr *expr) {
  nadir_error error = {0};
  nadir_result *result = NULL;
  cli_subject subject = {.expr = expr};
  cli_watch watch;
  watch_start(&watch, arguments);
  nadir_status made = nadir_minimize(expr, arguments->settings, &watch.listener, &result, &error);
  watch_wipe(&watch);
  int status = made == NADIR_OK ? deliver(arguments, result, &subject) : fail(&error);
  watch_end(&watch);
  nadir_result_free(result);
  return status;
}

int run_minimize(cli_arguments *arguments) {
  nadir_error error = {0};
  nadir_expr *expr = NULL;
  if (arguments->words == 0)
    return complain(EXIT_WRONG, "minimize: the formula is missing: nadir minimize '(x-1)^2'");
  if (arguments->words > 1)
    return complain(EXIT_WRONG,
                    "minimize: '%s' is one argument too many: give one formula, in quotes",
                    arguments->word[1]);
  if (nadir_expr_new(&expr, arguments->word[0], &error) != NADIR_OK) return fail(&error);
  int status = 0;
  if (!arguments->show_gradient) status = check_contour_of(arguments, expr);
  if (status == 0)
    status =
        arguments->show_gradient ? show_gradient(expr, arguments->latex) : descend(arguments, expr);
  nadir_expr_free(expr);
  return status;
}
