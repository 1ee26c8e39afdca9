/* Units from the header of ECSV: in both forms of YAML, and from headers that are odd or broken,
 * which give none and never make the table fail. */
#include "data_test.h"
#include "table_test.h"

static const struct {
  const char *header, *units; /* of the columns a and b, by a bar */
} cases[] = {
    {"# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, unit: m / s, datatype: int64}\n"
     "# - {name: b, datatype: float64, description: 'with, {unit: K}', unit: kg}\n",
     "m / s|kg"},
    {"\xef\xbb\xbf# %ECSV 0.9\r\n# ---\r\n# datatype:\r\n# - {name: a, unit: km / (Mpc s)}\r\n"
     "# - {name: b}\r\n",
     "km / (Mpc s)|"},
    /* over several lines, folded */
    {"# %ECSV 1.0\n# datatype:\n# - {name: a, description: Right Ascension\n#     (J2000), unit: "
     "erg /\n#     s}\n# - {name: b, unit: deg}\n# meta: !!omap\n# - {name: b, unit: K}\n",
     "erg / s|deg"},
    /* a block, after a dash or under it */
    {"# %ECSV 1.0\n# ---\n# delimiter: ' '\n# datatype:\n# -\n#   name: a\n#   unit: Angstrom\n"
     "#   meta:\n#     unit: K\n# - name: b\n#   meta: {unit: K}\n#   unit: \"m\"\n# schema: x\n",
     "Angstrom|m"},
    /* quoted, tagged, absent */
    {"# %ECSV 1.0\n# datatype:\n# - {'name': \"a\", unit: 'it''s'}\n"
     "# - {name: b, unit: \"a\\\"\n#   b\"}\n",
     "it's|a\"   b"},
    {"# %ECSV 1.0\n# datatype:\n# - {name: a, unit: !astropy.units.Unit {unit: m / s}, x: 1}\n"
     "# - {unit: !u {x: 1}, name: b}\n",
     "m / s|"},
    {"# %ECSV 1.0\n# datatype:\n# - {name: a, unit: null}\n# - {name: b, unit: ~}\n", "|"},
    {"# %ECSV 1.0\n# datatype:\n# - {name: a, unit: ''}\n# - {name: b, unit: }\n", "|"},
    /* the names do not agree, the list ends early, there is none */
    {"# %ECSV 1.0\n# datatype:\n# - {name: c, unit: m}\n# - {name: b, unit: s}\n", "|s"},
    {"# %ECSV 1.0\n# datatype:\n# - {name: a, unit: m}\n", "m|"},
    {"# %ECSV 1.0\n# meta: {name: a, unit: m}\n", "|"},
    {"# %ECSV 1.0\n", "|"},
    {"# datatype:\n# - {name: a, unit: m}\n", "|"},
    /* broken */
    {"# %ECSV 1.0\n# datatype:\n# - {name: a, unit: m\n# - {name: b, unit: s}\n", "m|s"},
    {"# %ECSV 1.0\n# datatype:\n# - {name: a, unit: 'm}\n# - {name: b, unit: [s}\n", "|"},
    {"# %ECSV 1.0\n# datatype:\n# - {{{{: , ,, name a: unit m}}\n# - ]\n", "|"},
    {"# %ECSV 1.0\n# datatype:\n# -\n#\n# - {name: b, unit: s}\n", "|"},
    {"# %ECSV 1.0\n# datatype:\n# - {}\n# - {name: b, unit: ! }\n", "|"},
};

static void units_are_read(void **state) {
  (void)state;
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    char text[2048], units[256];
    snprintf(text, sizeof text, "%sa b\n1 2\n", cases[i].header);
    put("t.csv", text);
    nd_table *table = open_one("t.csv", NULL);
    assert_int_equal(nd_table_columns(table), 2);
    snprintf(units, sizeof units, "%s|%s", nd_table_column(table, 0)->unit,
             nd_table_column(table, 1)->unit);
    if (strcmp(units, cases[i].units) != 0) fail_msg("case %zu: %s", i, units);
    nd_table_close(table);
  }
}

static void tags_within_tags_end(void **state) {
  (void)state;
  enum { LEVELS = 20000 };
  static const char level[] = "{unit: !u ";
  size_t length = strlen(level);
  char *text = malloc(64 + LEVELS * length + 64);
  size_t at = (size_t)sprintf(text, "# %%ECSV 1.0\n# datatype:\n# - {name: a, unit: !u ");
  for (size_t i = 0; i < LEVELS; i++, at += length)
    memcpy(text + at, level, length);
  strcpy(text + at, "\na b\n1 2\n");
  put("t.csv", text);
  nd_table *table = open_one("t.csv", NULL);
  assert_string_equal(nd_table_column(table, 0)->unit, "");
  nd_table_close(table);
  free(text);
}

/* The files that Astropy and Gammapy ship. */
static void real_tables_have_their_units(void **state) {
  (void)state;
  static const struct {
    const char *file, *column, *unit;
  } known[] = {{"ascii/astropy_Planck18.ecsv", "H0", "km / (Mpc s)"},
               {"ascii/astropy_Planck18.ecsv", "Om0", ""},
               {"ascii/gammapy_2HWC.ecsv", "ra", "deg"},
               {"ascii/gammapy_2HWC.ecsv", "spec1_dnde_err", "1 / (cm2 s TeV)"},
               {"ascii/gammapy_2HWC.ecsv", "spec1_radius", "deg"}};
  for (size_t i = 0; i < ND_COUNT(known); i++) {
    size_t column, element;
    ptrdiff_t hint;
    if (access(in_data(known[i].file), R_OK) != 0) continue;
    nd_table *table = open_one(in_data(known[i].file), NULL);
    assert_true(nd_table_find(table, known[i].column, &column, &element, &hint));
    assert_string_equal(nd_table_column(table, column)->unit, known[i].unit);
    nd_table_close(table);
  }
}

int main(int argc, char **argv) {
  choose_data(argc, argv);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(units_are_read),
      cmocka_unit_test(tags_within_tags_end),
      cmocka_unit_test(real_tables_have_their_units),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
