/* Minimises a function that is a C callback: Rosenbrock's valley (H. H. Rosenbrock 1960),
 *
 *     L(x, y) = 100 (y - x^2)^2 + (1 - x)^2,   lowest at (1, 1), started at (-1.2, 1).
 *
 *     cc minimise_callback.c $(pkg-config --cflags --libs nadir) -o minimise_callback */
#include <nadir.h>
#include <stdio.h>

/* The context can be anything of yours: here it counts the calls. gradient is NULL when only the
 * value is wanted. */
static double valley(void *context, const double *w, double *gradient) {
  long *calls = context;
  ++*calls;
  double x = w[0], y = w[1], across = y - x * x, along = 1 - x;
  if (gradient) {
    gradient[0] = -400 * x * across - 2 * along;
    gradient[1] = 200 * across;
  }
  return 100 * across * across + along * along;
}

int main(void) {
  static const char *const names[] = {"x", "y"};
  long calls = 0;
  nadir_function function = {.bytes = sizeof function,
                             .size = 2,
                             .names = names,
                             .context = &calls,
                             .value = valley};
  nadir_error error;
  nadir_settings *settings = NULL;
  nadir_result *result = NULL;

  /* A derivative by hand is soon wrong: are these those of the values? */
  const double anywhere[] = {0.3, -0.8};
  double gradient[2], by_differences[2], uncertainty[2];
  size_t wrong;
  if (nadir_function_check(&function, anywhere, gradient, by_differences, uncertainty, &wrong,
                           &error) == NADIR_OK &&
      wrong < 2)
    printf("the derivative by %s is wrong\n", names[wrong]);

  /* Settings go by the names and in the text of the command line. */
  nadir_status status = nadir_settings_new(&settings, &error);
  if (status == NADIR_OK) status = nadir_settings_set(settings, "start", "x=-1.2,y=1", &error);
  if (status == NADIR_OK) status = nadir_settings_set(settings, "method", "bb", &error);
  if (status == NADIR_OK)
    status = nadir_minimize_function(&function, settings, NULL, &result, &error);

  if (status == NADIR_OK) {
    printf("x = %.6f\ny = %.6f\n", result->parameter[0].value, result->parameter[1].value);
    printf("status: %s, stopped by: %s\n", nadir_ended_name(result->ended),
           nadir_stop_name(result->stop));
    /* The trace has a row for every update. */
    printf("loss at the start: %.1f\n", nadir_trace_value(result->trace, 0, NADIR_TRACE_LOSS));
    fprintf(stderr, "%ld calls for %llu updates\n", calls, (unsigned long long)result->updates);
  } else {
    fprintf(stderr, "minimise_callback: %s\n", error.message);
  }
  nadir_result_free(result);
  nadir_settings_free(settings);
  return nadir_exit_status(status);
}
