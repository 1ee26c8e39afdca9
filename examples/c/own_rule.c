/* Adds an update rule of your own and fits with it: AdaMax (D. P. Kingma, J. Ba 2015, Adam,
 * section 7.1), which nadir does not have:
 *
 *     m <- beta1 m + (1 - beta1) g,  u <- max(beta2 u, |g|)
 *     w <- w - rate / (1 - beta1^(t+1)) m / u
 *
 *     cc own_rule.c $(pkg-config --cflags --libs nadir) -lm -o own_rule
 *     ./own_rule examples/data/hubble1929.csv */
#include <math.h>
#include <nadir.h>
#include <stdio.h>

/* The rule's own settings: on a command line they would be --adamax.beta1 and --adamax.beta2. */
enum { BETA1, BETA2, VALUES };
static const nadir_rule_setting values[VALUES] = {
    [BETA1] = {"beta1", 0.9, 0, 0.9999999, "decay of the mean of the gradients"},
    [BETA2] = {"beta2", 0.999, 0, 0.9999999, "decay of the largest gradient"},
};

/* A rule sees parameters, gradient, rates and its own state, never rows or formulas. It gives the
 * step, which is subtracted, and the rate that each component of the gradient was multiplied by. */
static void step_adamax(const nadir_step *now, double *step, double *effective) {
  double beta1 = now->values[BETA1], beta2 = now->values[BETA2];
  double *m = now->vectors[0], *u = now->vectors[1];
  double seen = 1 - pow(beta1, (double)now->t + 1);
  for (size_t i = 0; i < now->size; i++) {
    double g = now->gradient[i];
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    u[i] = fmax(beta2 * u[i], fabs(g));
    effective[i] = u[i] > 0 ? now->rate[i] / seen / u[i] : 0;
    step[i] = effective[i] * m[i];
  }
}

static const nadir_optimizer adamax = {
    .bytes = sizeof(nadir_optimizer),
    .name = "adamax",
    .summary = "Adam with the largest recent gradient in place of their mean square",
    .source = "D. P. Kingma, J. Ba 2015, Adam: a method for stochastic optimization, section 7.1",
    .settings = values,
    .setting_count = VALUES,
    .vectors = 2,
    .rate = 0.002,
    .schedule = "plateau", /* at a constant rate it circles the minimum, as Adam does */
    .step = step_adamax,
};

static nadir_status fit(const char *path, nadir_settings *settings, nadir_error *error) {
  nadir_table *table = NULL;
  nadir_result *result = NULL;
  nadir_status status = nadir_settings_add_optimizer(settings, &adamax, error);
  if (status == NADIR_OK) status = nadir_settings_set(settings, "method", "adamax", error);
  if (status == NADIR_OK) status = nadir_settings_set(settings, "adamax.beta2", "0.99", error);
  if (status == NADIR_OK) status = nadir_table_open(&table, &path, 1, settings, error);
  if (status == NADIR_OK)
    status = nadir_fit(table, "velocity ~ linear(distance)", settings, NULL, &result, error);
  if (status == NADIR_OK) {
    printf("method %s at rate %g\n", result->plan.method->name, result->rate);
    printf("H0 = %.2f km/s/Mpc, intercept %.2f km/s\n", result->parameter[1].value,
           result->parameter[0].value);
    fprintf(stderr, "%llu updates: %s\n", (unsigned long long)result->updates,
            nadir_stop_name(result->stop));
  }
  nadir_result_free(result);
  nadir_table_free(table);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: own_rule hubble1929.csv\n");
    return 2;
  }
  nadir_error error;
  nadir_settings *settings = NULL;
  nadir_status status = nadir_settings_new(&settings, &error);
  if (status == NADIR_OK) status = fit(argv[1], settings, &error);
  nadir_settings_free(settings);
  if (status != NADIR_OK) fprintf(stderr, "own_rule: %s\n", error.message);
  return nadir_exit_status(status);
}
