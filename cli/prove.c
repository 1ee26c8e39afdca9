/* nadir convex, taylor, rate and noise: the library finds, and writes the text, for people, as LaTeX
 * or as JSON. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static nadir_format format_of(const cli_arguments *arguments) {
  return arguments->json ? NADIR_JSON : arguments->latex ? NADIR_LATEX : NADIR_PEOPLE;
}

/* Prints the text, which is freed, or complains. */
static int print(const cli_arguments *arguments, nadir_status made, char *text,
                 const nadir_error *error) {
  if (made != NADIR_OK) return fail(error);
  if (arguments->json || arguments->latex)
    say_lines(text);
  else if (!arguments->quiet)
    say_wrapped_lines(text);
  if (arguments->json) say_text("\n");
  nadir_text_free(text);
  return 0;
}

static int one_formula(const cli_arguments *arguments, const char *example) {
  const char *name = arguments->command->name;
  if (arguments->words == 0)
    return complain(EXIT_WRONG, "%s: the formula is missing: nadir %s %s", name, name, example);
  if (arguments->words > 1)
    return complain(EXIT_WRONG, "%s: '%s' is one argument too many: give one formula, in quotes",
                    name, arguments->word[1]);
  return 0;
}

/* ---- convex ---- */

/* Done when there is an answer; "not known" is an end without what was asked. */
static int answer_status(const nadir_convexity *convexity) {
  bool known = convexity->convex != NADIR_NOT_KNOWN || convexity->concave == NADIR_PROVED;
  return known ? 0 : EXIT_ENDED;
}

int run_convex(cli_arguments *arguments) {
  nadir_error error = {0};
  nadir_expr *expr = NULL;
  nadir_convexity *convexity = NULL;
  cli_watch watch;
  char *text = NULL;
  int status = one_formula(arguments, "'x^2 + abs(x)'");
  if (status) return status;
  watch_start(&watch, arguments);
  nadir_status made = nadir_expr_new(&expr, arguments->word[0], &error);
  if (made == NADIR_OK)
    made = nadir_convex(expr, arguments->settings, &watch.listener, &convexity, &error);
  if (made == NADIR_OK) made = nadir_convexity_text(convexity, format_of(arguments), &text, &error);
  watch_end(&watch);
  status = print(arguments, made, text, &error);
  if (status == 0) status = answer_status(convexity);
  nadir_convexity_free(convexity);
  nadir_expr_free(expr);
  return status;
}

/* ---- taylor ---- */

int run_taylor(cli_arguments *arguments) {
  nadir_error error = {0};
  nadir_expr *expr = NULL;
  nadir_expansion *expansion = NULL;
  cli_watch watch;
  char *text = NULL;
  int status = one_formula(arguments, "'sin(x)' --at x=pi/4 --order 9");
  if (status) return status;
  watch_start(&watch, arguments);
  nadir_status made = nadir_expr_new(&expr, arguments->word[0], &error);
  if (made == NADIR_OK)
    made = nadir_taylor(expr, arguments->settings, &watch.listener, &expansion, &error);
  if (made == NADIR_OK) made = nadir_expansion_text(expansion, format_of(arguments), &text, &error);
  watch_end(&watch);
  status = print(arguments, made, text, &error);
  if (status == 0 && arguments->plot &&
      nadir_plot_taylor(expr, arguments->settings, arguments->plot, &error) != NADIR_OK)
    status = fail(&error);
  nadir_expansion_free(expansion);
  nadir_expr_free(expr);
  return status;
}

/* ---- rate and noise ---- */

static int rate_of_formula(const cli_arguments *arguments) {
  nadir_error error = {0};
  nadir_expr *expr = NULL;
  nadir_curvature *curvature = NULL;
  cli_watch watch;
  char *text = NULL;
  watch_start(&watch, arguments);
  nadir_status made = nadir_expr_new(&expr, arguments->word[0], &error);
  if (made == NADIR_OK)
    made = nadir_rate(expr, arguments->settings, &watch.listener, &curvature, &error);
  if (made == NADIR_OK) made = nadir_curvature_text(curvature, format_of(arguments), &text, &error);
  watch_end(&watch);
  int status = print(arguments, made, text, &error);
  if (status == 0 && arguments->plot &&
      nadir_plot_rate(curvature, expr, arguments->settings, arguments->plot, &error) != NADIR_OK)
    status = fail(&error);
  nadir_curvature_free(curvature);
  nadir_expr_free(expr);
  return status;
}

/* A fit as it is asked about: what is found of it, as text. */
typedef struct fit_question {
  nadir_table *table;
  const char *formula;
  const nadir_settings *settings;
  const nadir_listener *listener;
  nadir_format format;
  nadir_curvature *curvature; /* what was found of it, for a picture: of these two ... */
  nadir_batch_noise *noise;   /* ... one is not NULL */
} fit_question;
typedef nadir_status answer_fit(fit_question *asked, char **text, nadir_error *error);

static nadir_status rate_of_fit(fit_question *asked, char **text, nadir_error *error) {
  nadir_status status = nadir_rate_fit(asked->table, asked->formula, asked->settings,
                                       asked->listener, &asked->curvature, error);
  if (status == NADIR_OK)
    status = nadir_curvature_text(asked->curvature, asked->format, text, error);
  return status;
}

static nadir_status noise_of_fit(fit_question *asked, char **text, nadir_error *error) {
  nadir_status status =
      nadir_noise(asked->table, asked->formula, asked->settings, asked->listener, &asked->noise, error);
  if (status == NADIR_OK) status = nadir_batch_noise_text(asked->noise, asked->format, text, error);
  return status;
}

static nadir_status plot_fit_question(const fit_question *asked, const char *path,
                                      nadir_error *error) {
  return asked->curvature ? nadir_plot_rate(asked->curvature, NULL, asked->settings, path, error)
                          : nadir_plot_noise(asked->noise, asked->settings, path, error);
}

static int report_fit(const cli_arguments *arguments, answer_fit *answer) {
  nadir_error error = {0};
  nadir_table *table = NULL;
  cli_watch watch;
  char *text = NULL;
  int status = open_table(&table, arguments, 0, arguments->words - 1);
  if (status) return status;
  watch_start(&watch, arguments);
  fit_question asked = {table,
                        arguments->word[arguments->words - 1],
                        arguments->settings,
                        &watch.listener,
                        format_of(arguments),
                        NULL,
                        NULL};
  nadir_status made = answer(&asked, &text, &error);
  watch_wipe(&watch);
  status = print(arguments, made, text, &error);
  watch_end(&watch);
  if (status == 0 && arguments->plot && is_first_rank() &&
      plot_fit_question(&asked, arguments->plot, &error) != NADIR_OK)
    status = fail(&error);
  nadir_curvature_free(asked.curvature);
  nadir_batch_noise_free(asked.noise);
  nadir_table_free(table);
  return status;
}

int run_rate(cli_arguments *arguments) {
  if (arguments->words == 0)
    return complain(EXIT_WRONG,
                    "rate: the formula is missing: nadir rate '(1-x)^2 + x^4' --box x=-2:2");
  return arguments->words == 1 ? rate_of_formula(arguments) : report_fit(arguments, rate_of_fit);
}

int run_noise(cli_arguments *arguments) {
  if (arguments->words < 2)
    return complain(EXIT_WRONG,
                    "noise: give a table and a formula: nadir noise TABLE 'TARGET ~ MODEL'");
  return report_fit(arguments, noise_of_fit);
}
