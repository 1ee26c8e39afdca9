/* A unit's text, read by descent with a bound on its depth. km/s, km s-1, km s**(-1), 10**(-16) erg/s/cm^2/Angstrom,
 * sqrt(J), (erg/s)2 and m(2) are units. After a division only another one may follow, since m/s kg is read in two ways;
 * of log(Hz) nothing is known. Symbols are found by walking the list. */
#include "base/unit.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/divisor.h"

enum { LARGEST = 999, LARGEST_DENOMINATOR = 60, DEEPEST = 8, LONGEST = 200 };

/* ---- small fractions ---- */

static bool reduced(int n, int d, nd_fraction *ratio) {
  int divisor = (int)nd_greatest_divisor((uint64_t)(n < 0 ? -n : n), (uint64_t)d);
  nd_fraction made = {n / divisor, d / divisor};
  if (made.n > LARGEST || made.n < -LARGEST || made.d > LARGEST_DENOMINATOR) return false;
  *ratio = made;
  return true;
}

bool nd_fraction_add(nd_fraction a, nd_fraction b, nd_fraction *sum) {
  return reduced(a.n * b.d + b.n * a.d, a.d * b.d, sum);
}

bool nd_fraction_multiply(nd_fraction a, nd_fraction b, nd_fraction *product) {
  return reduced(a.n * b.n, a.d * b.d, product);
}

bool nd_fraction_of(double value, nd_fraction *ratio) {
  if (!(fabs(value) <= LARGEST)) return false;
  for (int d = 1; d <= 6; d++) {
    double n = nearbyint(value * d);
    if (fabs(value * d - n) <= 1e-12 * fabs(n)) return reduced((int)n, d, ratio);
  }
  return false;
}

/* ---- the list ---- */

static const nadir_unit rows[] = {
#define ND_BASE(id, symbol, scale, prefixed, help) {symbol, "1", "", help, prefixed},
#include "base/unit.def"
#define ND_UNIT(symbol, scale, unit, prefixed, help) {symbol, scale, unit, help, prefixed},
#include "base/unit.def"
#define ND_ALSO(spelling, symbol) {spelling, "1", symbol, "", false},
#include "base/unit.def"
};

static const double base_scale[] = {
#define ND_BASE(id, symbol, scale, prefixed, help) scale,
#include "base/unit.def"
};

static const char *const doubtful[] = {
#define ND_DOUBTFUL(symbol) symbol,
#include "base/unit.def"
};

static const struct {
  const char *symbol;
  double scale;
} prefixes[] = {
#define ND_PREFIX(symbol, scale) {symbol, scale},
#include "base/unit.def"
};

const nadir_unit *nd_unit_at(size_t i) {
  return i < ND_COUNT(rows) ? &rows[i] : NULL;
}

static bool is_text(const char *text, const char *symbol, size_t length) {
  return strlen(text) == length && memcmp(text, symbol, length) == 0;
}

static const nadir_unit *find_row(const char *symbol, size_t length) {
  for (size_t i = 0; i < ND_COUNT(rows); i++)
    if (is_text(rows[i].name, symbol, length)) return &rows[i];
  return NULL;
}

static bool takes_prefix(const nadir_unit *row) {
  const nadir_unit *of = *row->help ? row : find_row(row->unit, strlen(row->unit));
  return of->prefixed;
}

static const nadir_unit *find_prefixed(const char *symbol, size_t length, double *scale) {
  for (size_t i = 0; i < ND_COUNT(prefixes); i++) {
    size_t n = strlen(prefixes[i].symbol);
    if (n >= length || memcmp(prefixes[i].symbol, symbol, n) != 0) continue;
    const nadir_unit *row = find_row(symbol + n, length - n);
    if (!row || !takes_prefix(row)) continue;
    *scale = prefixes[i].scale;
    return row;
  }
  return NULL;
}

/* DEG and Mag; short symbols differ by case alone. */
static const nadir_unit *find_without_case(const char *symbol, size_t length) {
  for (size_t i = 0; i < ND_COUNT(rows) && length >= 3; i++)
    if (strlen(rows[i].name) == length && strncasecmp(rows[i].name, symbol, length) == 0)
      return &rows[i];
  return NULL;
}

static const nadir_unit *find(const char *symbol, size_t length, double *prefix) {
  *prefix = 1;
  const nadir_unit *row = find_row(symbol, length);
  if (!row) row = find_prefixed(symbol, length, prefix);
  return row ? row : find_without_case(symbol, length);
}

bool nd_unit_is_symbol(const char *symbol, size_t length) {
  double prefix;
  return find(symbol, length, &prefix) != NULL;
}

/* ---- dimensions ---- */

static nd_dimension pure(double scale) {
  nd_dimension d = {.scale = scale};
  for (size_t i = 0; i < ND_BASE_UNITS; i++)
    d.power[i].d = 1;
  return d;
}

bool nd_dimension_multiply(nd_dimension *to, const nd_dimension *of, nd_fraction power) {
  nd_dimension product = {.scale = to->scale * pow(of->scale, (double)power.n / power.d),
                          .doubtful = to->doubtful || of->doubtful};
  if (!(product.scale > 0) || isinf(product.scale)) return false;
  for (size_t i = 0; i < ND_BASE_UNITS; i++) {
    nd_fraction more;
    if (!nd_fraction_multiply(of->power[i], power, &more) ||
        !nd_fraction_add(to->power[i], more, &product.power[i]))
      return false;
  }
  *to = product;
  return true;
}

static double number_of(const char *text, size_t length) {
  double value = (double)NAN;
  nd_read_number(text, text + length, &value);
  return value;
}

/* Of a row, without its prefix: a base, or what its own unit says. */
static bool dimension_of(const nadir_unit *row, nd_dimension *d) {
  size_t base = (size_t)(row - rows), count;
  if (base < ND_BASE_UNITS) {
    *d = pure(base_scale[base]);
    d->power[base].n = 1;
    return true;
  }
  nd_unit_factor factors[ND_UNIT_FACTORS];
  *d = pure(number_of(row->scale, strlen(row->scale)));
  if (*row->unit && !nd_unit_read(row->unit, factors, &count)) return false;
  if (!*row->unit) count = 0;
  for (size_t i = 0; i < count; i++) {
    nd_dimension of;
    if (!nd_unit_dimension(factors[i].symbol, factors[i].length, &of) ||
        !nd_dimension_multiply(d, &of, factors[i].power))
      return false;
  }
  d->doubtful = false;
  return true;
}

bool nd_unit_dimension(const char *symbol, size_t length, nd_dimension *d) {
  if (length > 0 && symbol[0] >= '0' && symbol[0] <= '9') {
    *d = pure(number_of(symbol, length));
    return d->scale > 0 && !isinf(d->scale);
  }
  double prefix;
  const nadir_unit *row = find(symbol, length, &prefix);
  if (!row || !dimension_of(row, d)) return false;
  d->scale *= prefix;
  for (size_t i = 0; i < ND_COUNT(doubtful); i++)
    d->doubtful = d->doubtful || is_text(doubtful[i], symbol, length);
  return true;
}

/* ---- text ---- */

typedef struct reader {
  const char *at;
  nd_unit_factor *factors;
  size_t count;
  int depth;
} reader;

static bool read_product(reader *r, nd_fraction power);

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '%' ||
         (unsigned char)c >= 0x80;
}

static void skip_blanks(reader *r) {
  while (*r->at == ' ')
    r->at++;
}

static bool take(reader *r, const char *text) {
  size_t length = strlen(text);
  if (strncmp(r->at, text, length) != 0) return false;
  r->at += length;
  return true;
}

static bool read_digits(reader *r, int *value) {
  if (!is_digit(*r->at)) return false;
  for (*value = 0; is_digit(*r->at); r->at++)
    if ((*value = 10 * *value + (*r->at - '0')) > LARGEST) return false;
  return true;
}

/* -2; in brackets 3/2 and 1.5 too. */
static bool read_exponent(reader *r, bool bracketed, nd_fraction *exponent) {
  int sign = take(r, "-") ? -1 : 1, n, d = 1;
  if (sign > 0) (void)take(r, "+");
  const char *begin = r->at;
  if (!read_digits(r, &n)) return false;
  if (bracketed && *r->at == '.') {
    double value;
    r->at = nd_read_number(begin, begin + strlen(begin), &value);
    return r->at && nd_fraction_of(sign * value, exponent);
  }
  if (bracketed && take(r, "/") && (!read_digits(r, &d) || d == 0)) return false;
  return reduced(sign * n, d, exponent);
}

/* What stands after a symbol, a number or a bracket; 1 where nothing does. */
static bool read_power(reader *r, bool bracket_alone, nd_fraction *power) {
  *power = (nd_fraction){1, 1};
  bool raised = take(r, "**") || take(r, "^");
  char closing = raised || bracket_alone ? (take(r, "(")             ? ')'
                                            : raised && take(r, "{") ? '}'
                                                                     : '\0')
                                         : '\0';
  if (closing != '\0') {
    skip_blanks(r);
    if (!read_exponent(r, true, power)) return false;
    skip_blanks(r);
    return take(r, (char[]){closing, '\0'});
  }
  bool direct = is_digit(*r->at) || ((*r->at == '-' || *r->at == '+') && is_digit(r->at[1]));
  return raised || direct ? read_exponent(r, false, power) : true;
}

static bool add(reader *r, const char *symbol, size_t length, nd_fraction own, nd_fraction power) {
  if (!nd_fraction_multiply(own, power, &own) || r->count == ND_UNIT_FACTORS) return false;
  if (own.n != 0) r->factors[r->count++] = (nd_unit_factor){symbol, length, own};
  return true;
}

static bool read_number(reader *r, nd_fraction power) {
  const char *begin = r->at;
  double value;
  r->at = nd_read_number(begin, begin + strlen(begin), &value);
  nd_fraction own;
  if (!r->at || !(value > 0) || isinf(value)) return false;
  size_t length = (size_t)(r->at - begin);
  if (!read_power(r, false, &own)) return false;
  if (value == 1) return true;
  int tens = (int)lround(log10(value));
  if (fabs(value / pow(10, tens) - 1) > 1e-12) return add(r, begin, length, own, power);
  return nd_fraction_multiply(own, (nd_fraction){tens, 1}, &own) && add(r, "10", 2, own, power);
}

static bool read_bracket(reader *r, nd_fraction power) {
  const char *inside = r->at;
  nd_fraction own;
  int depth = 1; /* the power behind the bracket comes before what is in it */
  for (; depth > 0; r->at++) {
    if (*r->at == '\0') return false;
    depth += (*r->at == '(') - (*r->at == ')');
  }
  if (!read_power(r, false, &own) || !nd_fraction_multiply(own, power, &power)) return false;
  const char *after = r->at;
  r->at = inside;
  if (++r->depth > DEEPEST || !read_product(r, power) || *r->at != ')') return false;
  r->depth--;
  r->at = after;
  return true;
}

static bool read_word(reader *r, nd_fraction power) {
  const char *begin = r->at;
  nd_fraction own;
  while (is_letter(*r->at))
    r->at++;
  size_t length = (size_t)(r->at - begin);
  if (length == 4 && memcmp(begin, "sqrt", 4) == 0 && *r->at == '(') {
    r->at++;
    return nd_fraction_multiply(power, (nd_fraction){1, 2}, &power) && read_bracket(r, power);
  }
  if (length == 1 && *begin == 'e' && *r->at == '-' && !is_digit(r->at[1])) {
    r->at++;
    length++;
  }
  return nd_unit_is_symbol(begin, length) && read_power(r, true, &own) &&
         add(r, begin, length, own, power);
}

static bool read_item(reader *r, nd_fraction power) {
  if (take(r, "(")) return read_bracket(r, power);
  if (is_digit(*r->at) || *r->at == '.') return read_number(r, power);
  return is_letter(*r->at) && read_word(r, power);
}

/* What is between two items: a multiplication, unless it is '/'. m2.5 is neither m^2.5 nor 5 m2. */
static bool read_operator(reader *r, bool *divides) {
  const char *before = r->at;
  skip_blanks(r);
  if (*r->at == '.' && is_digit(r->at[1])) return false;
  *divides = take(r, "/");
  if (!*divides && !take(r, "*")) (void)take(r, ".");
  skip_blanks(r);
  return r->at != before;
}

static bool read_product(reader *r, nd_fraction power) {
  skip_blanks(r);
  bool divides = take(r, "/"), divided = divides;
  skip_blanks(r);
  for (;;) {
    nd_fraction own = {divides ? -power.n : power.n, power.d};
    if (!read_item(r, own)) return false;
    const char *end = r->at;
    skip_blanks(r);
    if (*r->at == '\0' || *r->at == ')') return true;
    r->at = end;
    if (!read_operator(r, &divides) || (divided && !divides)) return false;
    divided = divided || divides;
  }
}

bool nd_unit_read(const char *text, nd_unit_factor factors[ND_UNIT_FACTORS], size_t *count) {
  reader r = {.at = text, .factors = factors};
  bool read = strnlen(text, LONGEST + 1) <= LONGEST && read_product(&r, (nd_fraction){1, 1}) &&
              *r.at == '\0';
  *count = read ? r.count : 0;
  return read;
}
