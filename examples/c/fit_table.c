/* Fits tables twice: Hubble's law from a file, and Kepler's third law from arrays of the program.
 *
 *     cc fit_table.c $(pkg-config --cflags --libs nadir) -o fit_table
 *     ./fit_table examples/data/hubble1929.csv hubble.json */
#include <nadir.h>
#include <stdio.h>

/* b and w[distance], as the formula's linear(distance) names them, with their standard errors. */
static void print_parameters(const nadir_result *result) {
  for (size_t i = 0; i < result->size; i++) {
    const nadir_parameter *p = &result->parameter[i];
    printf("%s = %.2f +- %.2f %s\n", p->name, p->value, p->standard_error, p->unit);
  }
}

/* Velocity of recession against distance: the slope is the Hubble constant. The file may be CSV or
 * FITS, gzipped or not; a FITS file brings its units, and a CSV file is given them. */
static nadir_status hubble(const char *path, const char *model_path, nadir_error *error) {
  nadir_settings *settings = NULL;
  nadir_table *table = NULL;
  nadir_result *result = NULL;
  nadir_status status = nadir_settings_new(&settings, error);
  if (status == NADIR_OK)
    status = nadir_settings_set(settings, "unit", "distance=Mpc,velocity=km/s", error);
  if (status == NADIR_OK) status = nadir_table_open(&table, &path, 1, settings, error);
  if (status == NADIR_OK)
    status = nadir_fit(table, "velocity ~ linear(distance)", settings, NULL, &result, error);
  if (status == NADIR_OK) {
    printf("Hubble's law, %llu nebulae\n", (unsigned long long)result->rows_used);
    print_parameters(result);
    if (model_path) status = nadir_model_save(result->model, model_path, error);
  }
  nadir_result_free(result); /* the model goes with it */
  nadir_table_free(table);
  nadir_settings_free(settings);
  return status;
}

typedef struct planet {
  double axis, period;
} planet;

/* The planets from Mercury to Neptune, mean elements of J2000 (Explanatory Supplement to the
 * Astronomical Almanac 1992): the square of the period goes as the cube of the distance.
 * The table borrows the numbers where they are, one struct apart: they must outlive it. */
static nadir_status kepler(nadir_error *error) {
  static const planet planets[] = {{0.38709893, 0.2408467},  {0.72333199, 0.61519726},
                                   {1.00000011, 1.0000174},  {1.52366231, 1.8808476},
                                   {5.20336301, 11.862615},  {9.53707032, 29.447498},
                                   {19.19126393, 84.016846}, {30.06896348, 164.79132}};
  nadir_settings *settings = NULL;
  nadir_table *table = NULL;
  nadir_result *result = NULL;
  nadir_status status = nadir_settings_new(&settings, error);
  if (status == NADIR_OK) status = nadir_table_new(&table, 8, error);
  if (status == NADIR_OK)
    status = nadir_table_add(table, "axis", "au", NADIR_FLOAT64, &planets[0].axis, sizeof(planet), error);
  if (status == NADIR_OK)
    status = nadir_table_add(table, "period", "yr", NADIR_FLOAT64, &planets[0].period, sizeof(planet), error);
  if (status == NADIR_OK)
    status =
        nadir_fit(table, "log10(period) ~ linear(log10(axis))", settings, NULL, &result, error);
  if (status == NADIR_OK) {
    printf("Kepler's third law, %llu planets\n", (unsigned long long)result->rows_used);
    const nadir_parameter *power = &result->parameter[1];
    printf("period goes as axis^%.5f +- %.5f\n", power->value, power->standard_error);
  }
  nadir_result_free(result);
  nadir_table_free(table);
  nadir_settings_free(settings);
  return status;
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: fit_table hubble1929.csv [MODEL.json]\n");
    return 2;
  }
  nadir_error error;
  nadir_status status = hubble(argv[1], argc == 3 ? argv[2] : NULL, &error);
  if (status == NADIR_OK) status = kepler(&error);
  if (status != NADIR_OK) fprintf(stderr, "fit_table: %s\n", error.message);
  return nadir_exit_status(status);
}
