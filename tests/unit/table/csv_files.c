/* Real files: the corner cases of RFC 4180 with their expected cells, the astronomers' tables, and
 * the text layouts of astropy's tests. */
#include "data_test.h"
#include "table_test.h"

/* ---- the expected cells: JSON whose strings, in order, are keys and cells */

enum { SEPARATOR = 0x1f };

static const char *next_string(const char *at, nd_text *out) {
  nd_text_clear(out);
  at = strchr(at, '"');
  if (at == NULL) return NULL;
  for (at++; *at != '"'; at++) {
    char c = *at;
    if (c == '\\') {
      c = *++at;
      assert_true(c != 'u');
      if (c == 'n') c = '\n';
      if (c == 'r') c = '\r';
    }
    nd_text_append_bytes(out, &c, 1);
  }
  return at + 1;
}

/* Without CR: the copies of these files may have lost theirs (csv.c tests that they are kept). */
static void add_cell(nd_text *out, const char *cell) {
  for (; *cell != '\0'; cell++)
    if (*cell != '\r') nd_text_append_bytes(out, cell, 1);
  nd_text_print(out, "%c", SEPARATOR);
}

/* Header and cells, one after the other: [["a"], ["1"]] or [{"a": "1"}]. */
static char *expected(const char *json, size_t columns) {
  nd_text names = {0}, cells = {0}, string = {0};
  bool objects = json[strcspn(json, "{\"")] == '{';
  size_t keys = 0;
  const char *at = json;
  while ((at = next_string(at, &string)) != NULL) {
    if (objects) {
      if (keys++ < columns) add_cell(&names, nd_text_data(&string));
      at = next_string(at, &string);
      assert_non_null(at);
    }
    add_cell(&cells, nd_text_data(&string));
  }
  nd_text_append(&names, nd_text_data(&cells));
  nd_text_free(&cells);
  nd_text_free(&string);
  return names.data;
}

static char *actual(const nd_table *table) {
  size_t columns = nd_table_columns(table), rows = 0;
  const char *texts[16][64];
  nd_request requests[16];
  nd_scratch *scratch;
  nd_text out = {0};
  assert_true(columns <= 16 && nd_table_rows(table) <= 64);
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  for (size_t i = 0; i < columns; i++) {
    add_cell(&out, nd_table_column(table, i)->name);
    requests[i] = (nd_request){.kind = ND_AS_TEXT, .column = i, .texts = texts[i]};
  }
  if (nd_table_chunks(table) > 0)
    assert_int_equal(nd_table_read(table, 0, requests, columns, scratch, &rows, NULL), NADIR_OK);
  for (size_t r = 0; r < rows; r++)
    for (size_t i = 0; i < columns; i++)
      add_cell(&out, texts[i][r] == NULL ? "" : texts[i][r]); /* an empty cell is a missing one */
  nd_scratch_free(scratch);
  return out.data;
}

static void check_cells(const char *csv, const char *json) {
  nd_table *table = open_one(csv, NULL);
  char *wanted = expected(json, nd_table_columns(table));
  if (wanted == NULL) {
    assert_int_equal(nd_table_rows(table), 0);
  } else {
    char *got = actual(table);
    assert_string_equal(got, wanted);
    nd_free(got);
  }
  nd_free(wanted);
  nd_table_close(table);
}

static bool ends_in(const char *text, const char *end) {
  return strlen(text) > strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

/* Blank lines are no rows to us, so the file of two empty lines is refused. */
static void the_cells_of_rfc_4180(void **state) {
  (void)state;
  DIR *directory = opendir(in_data("csv"));
  assert_non_null(directory);
  size_t checked = 0;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    char csv[1024], json_path[1024], *json;
    size_t size;
    if (!ends_in(entry->d_name, ".csv") || strstr(entry->d_name, "all-empty") != NULL) continue;
    snprintf(csv, sizeof csv, "%s/%s", in_data("csv"), entry->d_name);
    snprintf(json_path, sizeof json_path, "%.*s.json", (int)strlen(csv) - 4, csv);
    if (access(json_path, R_OK) == 0) {
      assert_int_equal(nd_file_slurp(json_path, 1 << 20, &json, &size, NULL), NADIR_OK);
      check_cells(csv, json);
      nd_free(json);
      checked++;
    }
  }
  closedir(directory);
  assert_true(checked >= 10);
}

/* ---- every file: what it must give */

typedef struct outcome {
  const char *path;
  uint64_t rows; /* with columns, or `says` */
  size_t columns;
  const char *first, *last; /* names */
  const char *says;
} outcome;

static const outcome outcomes[] = {
    {"csv/bad-empty.csv", .says = "no line that is not blank"},
    {"csv/bad-too-many-cells.csv", .says = ":row 2: 4 cells where the table has 3"},
    {"csv/bad-text-after-quote.csv", .says = ":row 2: text follows the quote"},
    {"csv/sineemore_all-empty.csv", .says = "no line that is not blank"},
    {"csv/sineemore_bad-header-more-fields.csv", .says = ":row 2: 4 cells where the table has 3"},
    {"csv/sineemore_bad-header-wrong-header.csv", 0, 3, "qux", "quuz", NULL},
    {"csv/sineemore_bad-quotes-with-unescaped-quote.csv", .says = ":row 2: text follows the quote"},
    {"astro/SCPUnion2.1_mu_vs_z.txt", 580, 5, "c1", "c5", NULL},
    {"astro/astrodatR_GlobClus_prop.tab", 147, 20, "Name", "CSBt", NULL},
    {"astro/astrodatR_HIP.tab", 2719, 9, "RA", "B.V", NULL},
    {"astro/astrodatR_LMC_dist.tab", 25, 3, "Method", "S.D.", NULL},
    {"astro/astrodatR_SDSS_ptsrc_test.tab", 12884, 4, "u_g", "i_z", NULL},
    {"astro/astrodatR_SDSS_ptsrc_train.tab", 9000, 5, "u_g", "Class", NULL},
    {"astro/astrodatR_Sun_spot_num.tab", 3185, 4, "YEAR", "DEV", NULL},
    {"astro/astrodatR_ell_gal_profile.tab", 150, 3, "galaxy", "surf_mag", NULL},
    {"astro/cobe_firas_monopole_spec_v1.txt", 43, 5, "c1", "c5", NULL},
    {"astro/exoplanets_seaborn.csv", 1035, 6, "method", "year", NULL},
    {"astro/htru2_pulsar_stars.csv", 17898, 9, "Mean of the integrated profile", "target_class",
     NULL},
    {"astro/hubble1929.csv", 24, 3, "galaxy", "velocity", NULL},
    {"astro/lsst_dc2_training_9816.csv", 10225, 14, "id", "redshift", NULL},
    /* its # line has 19 names, its rows 18 cells */
    {"astro/pantheon_binned_lcparam_DS17f.txt", 40, 18, "c1", "c18", NULL},
    {"astro/photoz_boss_dr10_train.csv", 6000, 11, "MAG_U", "Z", NULL},
    {"astro/rv_164922_fixed.txt", 401, 5, "time", "svalue", NULL},
    {"astro/rv_51Peg_ELODIE.dat", 153, 3, "c1", "c3", NULL},
    {"astro/rv_hip5364.vels", 118, 3, "c1", "c3", NULL},
    {"astro/s82_rrlyr_table3.dat", 483, 16, "id", "grminErr", NULL},
    {"astro/sdss_dr14_skyserver_10k.csv", 10000, 18, "objid", "fiberid", NULL},
    {"astro/sdss_stargal_galaxy_train.txt", 2000, 18, "class", "type", NULL},
    {"astro/sdss_stargal_star_train.txt", 2000, 18, "class", "type", NULL},
    {"astro/solar_system_planets_nasa.csv", 9, 21, "planet", NULL, NULL},
    {"astro/sparc", .says = "directory"},
    {"astro/sparc/DDO064_rotmod.dat", 14, 8, "Rad", "SBbul", NULL},
    {"astro/star_types_240.csv", 240, 7, "Temperature", "SpectralClass", NULL},
    {"ascii/astropy_Planck18.ecsv", 1, 7, "name", "Ob0", NULL},
    {"ascii/astropy_apostrophe.rdb", 2, 3, "agasc_id", "n_obs", NULL},
    {"ascii/astropy_bad.txt", .says = ":row 5: 5 cells where the table has 4"},
    {"ascii/astropy_bars_at_ends.txt", 3, 6, "obsid", "rad", NULL},
    {"ascii/astropy_cds.dat", .says = "a CDS table"},
    {"ascii/astropy_cdsFunctional.dat", .says = "a CDS table"},
    {"ascii/astropy_commented_header.dat", 2, 3, "a", "c", NULL},
    {"ascii/astropy_daophot.dat", .says = "a DAOphot table"},
    {"ascii/astropy_fill_values.txt", 2, 3, "a", "c", NULL},
    {"ascii/astropy_fixed_width_2_line.txt", .says = ":row 4: 5 cells where the table has 4"},
    {"ascii/astropy_fk4_no_e_fk4.csv", 200, 7, "obstime", "dec_fk4", NULL},
    {"ascii/astropy_ipac.dat", .says = "an IPAC table"},
    {"ascii/astropy_no_data_ipac.dat", .says = "an IPAC table"},
    {"ascii/astropy_no_data_with_header.dat", 0, 3, "a", "c", NULL},
    {"ascii/astropy_sextractor.dat", 3, 6, "NUMBER", "FLAG", NULL},
    {"ascii/astropy_short.rdb", 7, 3, "agasc_id", "n_obs", NULL},
    {"ascii/astropy_simple.txt", .says = ":row 3: 4 cells where the table has 5"},
    {"ascii/astropy_simple3.txt", 2, 6, "obsid", "rad", NULL},
    {"ascii/astropy_simple_csv.csv", 2, 3, "a", "c", NULL},
    {"ascii/astropy_simple_csv_missing.csv", .says = ":row 2: 1 cell where the table has 3"},
    {"ascii/astropy_space_delim_blank_lines.txt", 3, 6, "obsid", "oaa", NULL},
    {"ascii/astropy_subtypes.ecsv", 16, 27, "i_index", "m_double", NULL},
    {"ascii/astropy_test4.dat", 9, 5, "zabs1.nh", "statval", NULL},
    {"ascii/astropy_whitespace.dat", 2, 3, "quoted colname with tab\tinside", "col3", NULL},
    {"ascii/gammapy_2HWC.ecsv", 40, 18, "source_name", "spec1_radius", NULL},
    {"ascii/sherpa_data.txt", 75, 4, "c1", "c4", NULL},
    {"ascii/sherpa_double.dat", 1000, 2, "X", "TAB", NULL},
    {"ascii/sherpa_gro.txt", 61, 4, "c1", "c4", NULL},
};

/* Every column that is no text as numbers, every chunk. */
static void read_all(const nd_table *table) {
  double numbers[ND_CHUNK];
  for (size_t i = 0; i < nd_table_columns(table); i++) {
    if (nd_table_column(table, i)->type == ND_CELL_TEXT) continue;
    for (size_t c = 0; c < nd_table_chunks(table); c++) {
      size_t rows;
      nadir_error error = {0};
      if (read_numbers(table, c, i, numbers, &rows, &error) != NADIR_OK)
        fail_msg("%s", error.message);
    }
  }
}

static void check_outcome(const outcome *o, const char *path) {
  if (o->says != NULL) {
    const char *says = refused(path, NULL);
    assert_memory_equal(says, path, strlen(path));
    if (strstr(says, o->says) == NULL) fail_msg("%s", says);
    return;
  }
  nd_table *table = open_one(path, NULL);
  if (nd_table_rows(table) != o->rows || nd_table_columns(table) != o->columns)
    fail_msg("%s: %llu rows, %zu columns", path, (unsigned long long)nd_table_rows(table),
             nd_table_columns(table));
  assert_string_equal(nd_table_column(table, 0)->name, o->first);
  if (o->last != NULL) assert_string_equal(nd_table_column(table, o->columns - 1)->name, o->last);
  read_all(table);
  nd_table_close(table);
}

static void every_file_reads_right_or_says_why_not(void **state) {
  (void)state;
  size_t found = 0;
  for (size_t i = 0; i < ND_COUNT(outcomes); i++) {
    const char *path = in_data(outcomes[i].path);
    if (access(path, R_OK) != 0) continue;
    check_outcome(&outcomes[i], path);
    found++;
  }
  assert_true(found >= 30);
}

/* ---- numbers known from elsewhere */

static double mean_of(const char *path, const char *name, uint64_t *count) {
  double numbers[ND_CHUNK], sum = 0;
  size_t column, element, rows;
  ptrdiff_t hint;
  nd_table *table = open_one(path, NULL);
  assert_true(nd_table_find(table, name, &column, &element, &hint));
  *count = 0;
  for (size_t c = 0; c < nd_table_chunks(table); c++) {
    assert_int_equal(read_numbers(table, c, column, numbers, &rows, NULL), NADIR_OK);
    for (size_t i = 0; i < rows; i++) {
      if (isnan(numbers[i])) continue;
      sum += numbers[i];
      ++*count;
    }
  }
  nd_table_close(table);
  return sum / (double)*count;
}

/* Hubble 1929, table 1: the distances sum to 21.873 Mpc, the velocities to 8955 km/s. */
static void sums_of_a_published_table(void **state) {
  (void)state;
  uint64_t count;
  const char *hubble = ND_SOURCE_DIR "/examples/data/hubble1929.csv";
  assert_float_equal(mean_of(hubble, "distance", &count), 21.873 / 24, 1e-12);
  assert_float_equal(mean_of(hubble, "velocity", &count), 8955.0 / 24, 1e-10);
  assert_int_equal(count, 24);
}

/* HTRU2 has 1639 pulsars among 17898 candidates (Lyon et al. 2016). */
static void pulsars_are_counted(void **state) {
  (void)state;
  uint64_t count;
  if (!larger_collection) return;
  double share = mean_of(in_data("astro/htru2_pulsar_stars.csv"), "target_class", &count);
  assert_int_equal(count, 17898);
  assert_float_equal(share * 17898, 1639, 1e-6);
}

/* Identifiers of SDSS, beyond what a double holds. */
static void identifiers_stay_exact(void **state) {
  (void)state;
  const char *texts[ND_CHUNK];
  double same[ND_CHUNK];
  size_t rows;
  nd_scratch *scratch;
  put("ids.txt", "class z objid\nSTAR 0.1 1237648704040403114\nSTAR 0.2 1237648704040403115\n");
  nd_table *table = open_one("ids.txt", NULL);
  assert_int_equal(nd_table_column(table, 2)->type, ND_CELL_INTEGER);
  nd_request requests[] = {
      {.kind = ND_AS_TEXT, .column = 2, .texts = texts},
      {.kind = ND_AS_EQUAL, .column = 2, .numbers = same, .equals = "1237648704040403114"}};
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  assert_int_equal(nd_table_read(table, 0, requests, 2, scratch, &rows, NULL), NADIR_OK);
  assert_string_equal(texts[0], "1237648704040403114");
  assert_true(same[0] == 1 && same[1] == 0);
  nd_scratch_free(scratch);
  nd_table_close(table);
}

int main(int argc, char **argv) {
  choose_data(argc, argv);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_cells_of_rfc_4180),
      cmocka_unit_test(every_file_reads_right_or_says_why_not),
      cmocka_unit_test(sums_of_a_published_table),
      cmocka_unit_test(pulsars_are_counted),
      cmocka_unit_test(identifiers_stay_exact),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
