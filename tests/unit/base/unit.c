/* Units: spellings against their sizes in SI, written from the definitions, and texts that are no unit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/unit.h"

/* The whole of a text; false where it is no unit. */
static bool read_unit(const char *text, nd_dimension *d) {
  nd_unit_factor factors[ND_UNIT_FACTORS];
  size_t count;
  *d = (nd_dimension){.scale = 1};
  for (size_t i = 0; i < ND_BASE_UNITS; i++)
    d->power[i].d = 1;
  if (!nd_unit_read(text, factors, &count)) return false;
  for (size_t i = 0; i < count; i++) {
    nd_dimension of;
    if (!nd_unit_dimension(factors[i].symbol, factors[i].length, &of)) return false;
    if (!nd_dimension_multiply(d, &of, factors[i].power)) return false;
  }
  return true;
}

/* Powers of m, kg, s, K, mol, cd, A, rad. */
typedef struct spelled {
  const char *text;
  double scale;
  int power[8];
} spelled;

static const double pi = 3.14159265358979323846;

static void has_size(const spelled *s) {
  nd_dimension d;
  if (!read_unit(s->text, &d)) fail_msg("%s is not read", s->text);
  if (!(fabs(d.scale / s->scale - 1) < 1e-12)) fail_msg("%s: %.17g", s->text, d.scale);
  for (size_t i = 0; i < 8; i++)
    if (d.power[i].n != s->power[i] || d.power[i].d != 1) fail_msg("%s: base %zu", s->text, i);
}

static void sizes(void **state) {
  (void)state;
  const double deg = pi / 180, au = 1.495978707e11, pc = 648000 / pi * au, year = 365.25 * 86400;
  const spelled all[] = {
      /* SI */
      {"m", 1, {1}},
      {"kg", 1, {0, 1}},
      {"g", 1e-3, {0, 1}},
      {"s", 1, {0, 0, 1}},
      {"K", 1, {0, 0, 0, 1}},
      {"mol", 1, {0, 0, 0, 0, 1}},
      {"cd", 1, {0, 0, 0, 0, 0, 1}},
      {"mA", 1e-3, {0, 0, 0, 0, 0, 0, 1}},
      {"rad", 1, {0, 0, 0, 0, 0, 0, 0, 1}},
      {"sr", 1, {0, 0, 0, 0, 0, 0, 0, 2}},
      {"Hz", 1, {0, 0, -1}},
      {"GHz", 1e9, {0, 0, -1}},
      {"N", 1, {1, 1, -2}},
      {"hPa", 100, {-1, 1, -2}},
      {"J", 1, {2, 1, -2}},
      {"W", 1, {2, 1, -3}},
      {"C", 1, {0, 0, 1, 0, 0, 0, 1}},
      {"V", 1, {2, 1, -3, 0, 0, 0, -1}},
      {"F", 1, {-2, -1, 4, 0, 0, 0, 2}},
      {"Ohm", 1, {2, 1, -3, 0, 0, 0, -2}},
      {"S", 1, {-2, -1, 3, 0, 0, 0, 2}},
      {"Wb", 1, {2, 1, -2, 0, 0, 0, -1}},
      {"T", 1, {0, 1, -2, 0, 0, 0, -1}},
      {"H", 1, {2, 1, -2, 0, 0, 0, -2}},
      {"lm", 1, {0, 0, 0, 0, 0, 1, 0, 2}},
      {"lx", 1, {-2, 0, 0, 0, 0, 1, 0, 2}},
      {"l", 1e-3, {3}},
      /* prefixes */
      {"dam", 10, {1}},
      {"dm", 0.1, {1}},
      {"cm", 0.01, {1}},
      {"um", 1e-6, {1}},
      {"\xc2\xb5m", 1e-6, {1}},
      {"nm", 1e-9, {1}},
      {"fm", 1e-15, {1}},
      {"km", 1e3, {1}},
      {"Mpc", 1e6 * pc, {1}},
      {"TeV", 1.602176634e-7, {2, 1, -2}},
      {"PHz", 1e15, {0, 0, -1}},
      {"mJy", 1e-29, {0, 1, -2}},
      {"Gyr", 1e9 * year, {0, 0, 1}},
      {"mas", deg / 3.6e6, {0, 0, 0, 0, 0, 0, 0, 1}},
      /* time and angle */
      {"min", 60, {0, 0, 1}},
      {"h", 3600, {0, 0, 1}},
      {"d", 86400, {0, 0, 1}},
      {"days", 86400, {0, 0, 1}},
      {"yr", year, {0, 0, 1}},
      {"a", year, {0, 0, 1}},
      {"deg", deg, {0, 0, 0, 0, 0, 0, 0, 1}},
      {"DEG", deg, {0, 0, 0, 0, 0, 0, 0, 1}},
      {"\xc2\xb0", deg, {0, 0, 0, 0, 0, 0, 0, 1}},
      {"arcmin", deg / 60, {0, 0, 0, 0, 0, 0, 0, 1}},
      {"arcsec", deg / 3600, {0, 0, 0, 0, 0, 0, 0, 1}},
      {"deg2", deg * deg, {0, 0, 0, 0, 0, 0, 0, 2}},
      /* astronomy */
      {"AU", au, {1}},
      {"au", au, {1}},
      {"pc", 3.0856775814913673e16, {1}},
      {"lyr", 9.4607304725808e15, {1}},
      {"Angstrom", 1e-10, {1}},
      {"Ang", 1e-10, {1}},
      {"\xc3\x85", 1e-10, {1}},
      {"micron", 1e-6, {1}},
      {"solLum", 3.828e26, {2, 1, -3}},
      {"Lsun", 3.828e26, {2, 1, -3}},
      {"solMass", 1.3271244e20 / 6.6743e-11, {0, 1}},
      {"Msun", 1.3271244e20 / 6.6743e-11, {0, 1}},
      {"Rsun", 6.957e8, {1}},
      {"jupiterMass", 1.2668653e17 / 6.6743e-11, {0, 1}},
      {"Mearth", 3.986004e14 / 6.6743e-11, {0, 1}},
      {"Jy", 1e-26, {0, 1, -2}},
      {"erg", 1e-7, {2, 1, -2}},
      {"dyn", 1e-5, {1, 1, -2}},
      {"G", 1e-4, {0, 1, -2, 0, 0, 0, -1}},
      {"barn", 1e-28, {2}},
      {"eV", 1.602176634e-19, {2, 1, -2}},
      {"Ry", 6.62607015e-34 * 2.99792458e8 * 1.0973731568157e7, {2, 1, -2}},
      {"u", 1.66053906892e-27, {0, 1}},
      {"nmgy", 3.631e-32, {0, 1, -2}},
      {"D", 1e-21 / 2.99792458e8, {1, 0, 1, 0, 0, 0, 1}},
      {"%", 0.01, {0}},
      /* grammar */
      {"km/s", 1e3, {1, 0, -1}},
      {"km s-1", 1e3, {1, 0, -1}},
      {"km s**-1", 1e3, {1, 0, -1}},
      {"km s**(-1)", 1e3, {1, 0, -1}},
      {"km.s^-1", 1e3, {1, 0, -1}},
      {"km*s^{-1}", 1e3, {1, 0, -1}},
      {"  km / s ", 1e3, {1, 0, -1}},
      {"m(2)", 1, {2}},
      {"km+2", 1e6, {2}},
      {"(km/s)2", 1e6, {2, 0, -2}},
      {"(km/s)**2", 1e6, {2, 0, -2}},
      {"km/(s Mpc)", 1e-3 / pc, {0, 0, -1}},
      {"km/s/Mpc", 1e-3 / pc, {0, 0, -1}},
      {"1/s", 1, {0, 0, -1}},
      {"/s", 1, {0, 0, -1}},
      {"/MeV /s", 1 / 1.602176634e-13, {-2, -1, 1}},
      {"sqrt(m2)", 1, {1}},
      {"m**(4/2)", 1, {2}},
      {"m^(2.0)", 1, {2}},
      {"10**(-16) erg/s/cm**2/Angstrom", 1e-9, {-1, 1, -3}},
      {"1e-17 erg/s/cm^2", 1e-20, {0, 1, -3}},
      {"10-16 erg s-1", 1e-23, {2, 1, -3}},
      {"10^6 Lsun", 3.828e32, {2, 1, -3}},
      {"0.1 nm", 1e-10, {1}},
      {"3.5 kg", 3.5, {0, 1}},
      {"TeV-1 s-1 cm-2", 1e4 / 1.602176634e-7, {-4, -1, 1}},
  };
  for (size_t i = 0; i < ND_COUNT(all); i++)
    has_size(&all[i]);
}

static void what_is_counted(void **state) {
  (void)state;
  const struct {
    const char *text;
    nd_base_unit base;
    int power;
  } all[] = {{"mag", ND_BASE_MAGNITUDE, 1},  {"mmag", ND_BASE_MAGNITUDE, 1},
             {"ct/s", ND_BASE_COUNT, 1},     {"photons", ND_BASE_COUNT, 1},
             {"e-/s", ND_BASE_ELECTRON, 1},  {"e-", ND_BASE_ELECTRON, 1},
             {"pixel**2", ND_BASE_PIXEL, 2}, {"count/pixel", ND_BASE_PIXEL, -1},
             {"dex", ND_BASE_DEX, 1},        {"Jy/beam", ND_BASE_BEAM, -1},
             {"ADU", ND_BASE_ADU, 1},        {"Mbyte", ND_BASE_BIT, 1}};
  for (size_t i = 0; i < ND_COUNT(all); i++) {
    nd_dimension d;
    if (!read_unit(all[i].text, &d)) fail_msg("%s is not read", all[i].text);
    assert_int_equal(d.power[all[i].base].n, all[i].power);
  }
}

/* m**(3/2) */
static void fractions(void **state) {
  (void)state;
  nd_dimension d;
  assert_true(read_unit("m**(3/2) s(-1/2)", &d));
  assert_int_equal(d.power[ND_BASE_METRE].n, 3);
  assert_int_equal(d.power[ND_BASE_METRE].d, 2);
  assert_int_equal(d.power[ND_BASE_SECOND].n, -1);
  assert_int_equal(d.power[ND_BASE_SECOND].d, 2);
}

static void no_units(void **state) {
  (void)state;
  const char *const all[] = {"",
                             " ",
                             "foo",
                             "km s-1 foo",
                             "^2",
                             "2^",
                             "m^",
                             "m**",
                             "m/",
                             "/",
                             "*m",
                             "m**(",
                             "m**(2",
                             "m**(1/0)",
                             "m s-",
                             "m^99999999999999999999",
                             "10**99999999999999",
                             "1e999 m",
                             "0 m",
                             "-1 m",
                             "m/s kg",
                             "erg/s*cm2",
                             "log(Hz)",
                             "mag(AB)",
                             "BJD - 2454833",
                             "(MJy/sr",
                             "MJy/sr)",
                             "()",
                             "((((((((((m))))))))))",
                             "m\001s",
                             "km\tkm",
                             "m2.5",
                             "m s^1.5",
                             "nan",
                             "inf",
                             "m m m m m m m m m m m m m m m m m m m m m m m m m",
                             "mkm",
                             "kmin",
                             "\x80\xff",
                             "sqrt(",
                             "sqrt m",
                             "e-",
                             "e-2"};
  nd_dimension d;
  for (size_t i = 0; i + 2 < ND_COUNT(all); i++)
    if (read_unit(all[i], &d)) fail_msg("%s is read", all[i]);
  assert_true(read_unit(all[ND_COUNT(all) - 2], &d)); /* an electron */
  assert_false(read_unit(all[ND_COUNT(all) - 1], &d));
}

/* What a file may hold: long, deep, and every byte. */
static void hostile(void **state) {
  (void)state;
  enum { SIZE = 1 << 20 };
  static char text[SIZE];
  nd_dimension d;
  for (const char *piece = "(m /1.)^"; *piece; piece++) {
    memset(text, *piece, SIZE - 1);
    assert_false(read_unit(text, &d));
  }
  uint64_t seed = 1;
  static const char alphabet[] = "kms10e-+*/^(){}. %Jyrg2\xc2\xb0";
  for (int i = 0; i < 200000; i++) {
    char words[40];
    for (size_t k = 0; k < sizeof words; k++) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      words[k] = alphabet[(seed >> 33) % sizeof alphabet]; /* its NUL among them */
    }
    words[sizeof words - 1] = '\0';
    if (read_unit(words, &d)) assert_true(d.scale > 0 && !isinf(d.scale));
  }
}

/* Every row is made of others, spelled once, and explained. */
static void the_list(void **state) {
  (void)state;
  const nadir_unit *unit, *other;
  nd_dimension d;
  for (size_t i = 0; (unit = nd_unit_at(i)); i++) {
    if (!read_unit(unit->name, &d)) fail_msg("%s is not read", unit->name);
    assert_true(*unit->help || *unit->unit);
    for (size_t k = 0; k < i && (other = nd_unit_at(k)); k++)
      if (strcmp(unit->name, other->name) == 0) fail_msg("%s is there twice", unit->name);
  }
}

static void doubts(void **state) {
  (void)state;
  nd_dimension d;
  assert_true(nd_unit_dimension("A", 1, &d) && d.doubtful);
  assert_true(nd_unit_dimension("mA", 2, &d) && !d.doubtful);
  assert_true(nd_unit_dimension("V", 1, &d) && !d.doubtful);
  assert_true(nd_unit_is_symbol("km", 2));
  assert_false(nd_unit_is_symbol("km s-1", 6));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sizes),     cmocka_unit_test(what_is_counted),
                                     cmocka_unit_test(fractions), cmocka_unit_test(no_units),
                                     cmocka_unit_test(hostile),   cmocka_unit_test(the_list),
                                     cmocka_unit_test(doubts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
