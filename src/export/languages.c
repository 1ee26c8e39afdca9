/* The languages that a model is exported to as a program: the columns of operators.def, the rows of helpers.def, and how
 * numbers, statements, comments and the loops of integrals are written in each. */
#include <string.h>

#include "base/limits.h"
#include "export/export_internal.h"

/* A template by operator; leaves and heads have none. */
static const char *const in_c[ND_OPS] = {
#define ND_WRITTEN(id, c, fortran, javascript, python) [ND_##id] = c,
#include "export/operators.def"
};
static const char *const in_fortran[ND_OPS] = {
#define ND_WRITTEN(id, c, fortran, javascript, python) [ND_##id] = fortran,
#include "export/operators.def"
};
static const char *const in_javascript[ND_OPS] = {
#define ND_WRITTEN(id, c, fortran, javascript, python) [ND_##id] = javascript,
#include "export/operators.def"
};
static const char *const in_python[ND_OPS] = {
#define ND_WRITTEN(id, c, fortran, javascript, python) [ND_##id] = python,
#include "export/operators.def"
};

/* A row for each operator: what is missing is an undeclared name here. */
enum {
#define ND_WRITTEN(id, c, fortran, javascript, python) WRITTEN_##id,
#include "export/operators.def"
};
enum {
#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  NEEDED_##id = WRITTEN_##id,
#include "expr/ops.def"
};

_Static_assert(ND_LIMIT_POLYGAMMA == 100, "polygamma in helpers.def ends at this order");

static const nd_helper helpers[] = {
#define ND_HELPER(language, name, place, code) {ND_IN_##language, name, code, ND_HELPER_##place},
#include "export/helpers.def"
};

const nd_helper *nd_helper_at(size_t i) {
  return i < ND_COUNT(helpers) ? &helpers[i] : NULL;
}

static const nd_language languages[ND_LANGUAGES] = {
    [ND_IN_C] =
        {.name = "c",
         .indent = 2,
         .first = "/*\n",
         .every = " * ",
         .last = " */\n",
         .real = "",
         .before = "const double ",
         .after = ";",
         .index = "[%zu]",
         .truth = "($? ? 1.0 : 0.0)",
         .not_zero = "!= 0",
         .loop_begin =
             "double even$n = 0, odd$n = 0, size$n = 0, ends$n = 0;\n"
             "for (int i$n = 0; i$n < $k; i$n++) {\n"
             "  const double at$n = (i$n - $h) / $r, far$n = exp(-3.141592653589793 * sinh(fabs(at$n)));\n"
             "  const double step$n = $w * (far$n / (1 + far$n));\n"
             "  const double $x = at$n > 0 ? $b - step$n : $a + step$n;\n",
         .loop_end =
             "  const double term$n = 3.141592653589793 / $r * cosh(at$n) * far$n / ((1 + far$n) * (1 + far$n)) * ($f);\n"
             "  if (i$n % 2 == 0) even$n += term$n, size$n += fabs(term$n);\n"
             "  if (i$n % 2 != 0) odd$n += term$n;\n"
             "  if (i$n == 0 || i$n == $l) ends$n += fabs(term$n);\n"
             "}\n"
             "const double $v = fabs(even$n - odd$n) <= $t * size$n && ends$n <= $e * size$n ? $w * (even$n + odd$n) : NAN;\n",
         .reserved = " auto break case char const continue default do double else enum extern float for goto if "
                     "inline int long register restrict return short signed sizeof static struct switch typedef "
                     "union unsigned void volatile while asm typeof bool true false nullptr constexpr class new "
                     "delete this template namespace and or not xor NAN NULL INFINITY HUGE_VAL p gradient "
                     "probability main y0 y1 yn j0 j1 jn gamma errno signgam linux unix ",
         .operators = in_c},
    [ND_IN_FORTRAN] =
        {.name = "fortran",
         .indent = 4,
         .folds_case = true,
         .declares = true,
         .widest = 100,
         .first = "",
         .every = "! ",
         .last = "",
         .real = "_dp",
         .before = "",
         .after = "",
         .index = "(%zu)",
         .from = 1,
         .truth = "merge(1.0_dp, 0.0_dp, $?)",
         .not_zero = "/= 0",
         .loop_begin =
             "even$n = 0\n"
             "odd$n = 0\n"
             "size$n = 0\n"
             "ends$n = 0\n"
             "do i$n = 0, $l\n"
             "  at$n = (i$n - $h)/$r\n"
             "  far$n = exp(-3.141592653589793_dp*sinh(abs(at$n)))\n"
             "  step$n = $w*(far$n/(1 + far$n))\n"
             "  $x = merge($b - step$n, $a + step$n, at$n > 0)\n",
         .loop_end =
             "  term$n = 3.141592653589793_dp/$r*cosh(at$n)*far$n/((1 + far$n)*(1 + far$n))*($f)\n"
             "  if (mod(i$n, 2) == 0) even$n = even$n + term$n\n"
             "  if (mod(i$n, 2) == 0) size$n = size$n + abs(term$n)\n"
             "  if (mod(i$n, 2) /= 0) odd$n = odd$n + term$n\n"
             "  if (i$n == 0 .or. i$n == $l) ends$n = ends$n + abs(term$n)\n"
             "end do\n"
             "$v = $w*(even$n + odd$n)\n"
             "if (.not. (abs(even$n - odd$n) <= $t*size$n .and. ends$n <= $e*size$n)) $v = sqrt(-1 - abs(size$n))\n",
         .reserved = " if then else do end and or not function subroutine module contains real integer dp p q value "
                     "gradient probability present result c_double iso_c_binding size shape sum product min max "
                     "kind pure program print write read call return stop use ",
         .operators = in_fortran},
    [ND_IN_JAVASCRIPT] =
        {.name = "javascript",
         .indent = 2,
         .first = "/*\n",
         .every = " * ",
         .last = " */\n",
         .real = "",
         .before = "const ",
         .after = ";",
         .index = "[%zu]",
         .truth = "($? ? 1 : 0)",
         .not_zero = "!== 0",
         .loop_begin =
             "let even$n = 0, odd$n = 0, size$n = 0, ends$n = 0;\n"
             "for (let i$n = 0; i$n < $k; i$n++) {\n"
             "  const at$n = (i$n - $h) / $r, far$n = Math.exp(-Math.PI * Math.sinh(Math.abs(at$n)));\n"
             "  const step$n = $w * (far$n / (1 + far$n));\n"
             "  const $x = at$n > 0 ? $b - step$n : $a + step$n;\n",
         .loop_end =
             "  const term$n = Math.PI / $r * Math.cosh(at$n) * far$n / ((1 + far$n) * (1 + far$n)) * ($f);\n"
             "  if (i$n % 2 === 0) { even$n += term$n; size$n += Math.abs(term$n); }\n"
             "  if (i$n % 2 !== 0) odd$n += term$n;\n"
             "  if (i$n === 0 || i$n === $l) ends$n += Math.abs(term$n);\n"
             "}\n"
             "const $v = Math.abs(even$n - odd$n) <= $t * size$n && ends$n <= $e * size$n ? $w * (even$n + odd$n) : NaN;\n",
         .reserved = " abstract arguments await boolean break byte case catch char class const continue debugger "
                     "default delete do double else enum eval export extends false final finally float for function "
                     "goto if implements import in instanceof int interface let long native new null package private "
                     "protected public return short static super switch synchronized this throw throws transient true "
                     "try typeof undefined var void volatile while with yield async of NaN Infinity Math module p "
                     "gradient probability FITTED ERRORS COVARIANCE Object Array Number require exports ",
         .operators = in_javascript},
    [ND_IN_PYTHON] =
        {.name = "python",
         .indent = 4,
         .checks_division = true,
         .first = "",
         .every = "# ",
         .last = "",
         .real = "",
         .before = "",
         .after = "",
         .index = "[%zu]",
         .truth = "(1.0 if $? else 0.0)",
         .not_zero = "!= 0",
         .loop_begin =
             "even$n = odd$n = size$n = ends$n = 0.0\n"
             "for i$n in range($k):\n"
             "  at$n = (i$n - $h) / $r\n"
             "  far$n = math.exp(-math.pi * math.sinh(abs(at$n)))\n"
             "  step$n = $w * (far$n / (1 + far$n))\n"
             "  $x = $b - step$n if at$n > 0 else $a + step$n\n",
         .loop_end =
             "  term$n = math.pi / $r * math.cosh(at$n) * far$n / ((1 + far$n) * (1 + far$n)) * ($f)\n"
             "  if i$n % 2 == 0:\n"
             "    even$n += term$n\n"
             "    size$n += abs(term$n)\n"
             "  else:\n"
             "    odd$n += term$n\n"
             "  if i$n == 0 or i$n == $l:\n"
             "    ends$n += abs(term$n)\n"
             "$v = math.nan\n"
             "if abs(even$n - odd$n) <= $t * size$n and ends$n <= $e * size$n:\n"
             "  $v = $w * (even$n + odd$n)\n",
         .reserved = " False None True and as assert async await break class continue def del elif else except "
                     "finally for from global if import in is lambda match nonlocal not or pass raise return try "
                     "type while with yield math p gradient probability FITTED ERRORS COVARIANCE float range abs "
                     "print self ",
         .operators = in_python},
};

const nd_language *nd_language_at(size_t i) {
  return i < ND_LANGUAGES ? &languages[i] : NULL;
}

/* ---- words ---- */

static bool is_inside(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static char folded(char c, bool folds) {
  return folds && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The end of the word where it is at the front of a text, else NULL. */
static const char *after_word(const char *text, const char *word, bool folds) {
  while (*word && folded(*text, folds) == folded(*word, folds))
    text++, word++;
  return *word || is_inside(*text) ? NULL : text;
}

/* $a and $(a) are places in a template, not words. */
static bool is_place(const char *text, const char *at) {
  if (at > text && at[-1] == '(') at--;
  return at > text && at[-1] == '$';
}

static bool has_word(const char *text, const char *word, bool folds) {
  for (const char *at = text; *at; at++)
    if ((at == text || !is_inside(at[-1])) && !is_place(text, at) && after_word(at, word, folds))
      return true;
  return false;
}

bool nd_calls(const char *text, const char *name) {
  for (const char *at = text; (at = strstr(at, name)); at++) {
    const char *end = at + strlen(name);
    if ((at == text || !is_inside(at[-1])) && (*end == '(' || *end == ',')) return true;
  }
  return false;
}

bool nd_language_says(const nd_language *language, const char *word) {
  bool folds = language->folds_case;
  if (has_word(language->reserved, word, folds)) return true;
  for (size_t i = 0; i < ND_OPS; i++)
    if (language->operators[i] && has_word(language->operators[i], word, folds)) return true;
  for (size_t i = 0; i < ND_COUNT(helpers); i++)
    if (&languages[helpers[i].language] == language && strcmp(helpers[i].name, word) == 0) return true;
  return false;
}
