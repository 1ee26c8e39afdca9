/* What LaTeX shows: text, names, numbers and units as a paper has them. */
#include "base/latex.h"

#include <ctype.h>
#include <string.h>

/* What could drive a terminal or end a paragraph is \xNN here too. */
static void append_bytes(const char *text, size_t length, nd_text *out) {
  char shown[NADIR_SHOWN_TEXT];
  for (size_t step; length > 0 && (step = nd_show_character(text, length, shown)) > 0;
       text += step, length -= step)
    for (const char *c = shown; *c; c++) {
      if (strchr("#$%&_{}", *c))
        nd_text_print(out, "\\%c", *c);
      else if (*c == '\\' || *c == '^' || *c == '~')
        nd_text_print(out, "\\char`\\%c{}", *c);
      else
        nd_text_append_bytes(out, c, 1);
    }
}

void nd_latex_text(const char *text, nd_text *out) {
  append_bytes(text, strlen(text), out);
}

static const char *const greek[] = {
    "alpha", "beta",    "gamma",  "delta", "epsilon", "zeta",  "eta",   "theta",
    "iota",  "kappa",   "lambda", "mu",    "nu",      "xi",    "rho",   "sigma",
    "tau",   "upsilon", "phi",    "chi",   "psi",     "omega", "Gamma", "Delta",
    "Theta", "Lambda",  "Xi",     "Sigma", "Phi",     "Psi",   "Omega"};

static void latex_word(nd_text *out, const char *name, size_t length) {
  for (size_t i = 0; i < ND_COUNT(greek); i++) {
    if (strlen(greek[i]) == length && memcmp(greek[i], name, length) == 0) {
      nd_text_print(out, "\\%s", greek[i]);
      return;
    }
  }
  nd_text_append_bytes(out, name, length);
}

/* w[TEXT], a weight: its feature as an index. */
static bool latex_weight(nd_text *out, const char *name) {
  size_t length = strlen(name), stem = strcspn(name, "[");
  if (stem == 0 || stem > 2 || stem == length || name[length - 1] != ']') return false;
  nd_text_append_bytes(out, name, stem);
  nd_text_append(out, "_{\\mathrm{");
  append_bytes(name + stem + 1, length - stem - 2, out);
  nd_text_append(out, "}}");
  return true;
}

/* One letter or a Greek name, with digits as an index, is mathematics; else upright text. */
void nd_latex_name(const char *name, nd_text *out) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  size_t word = strspn(name, letters), digits = strspn(name + word, "0123456789");
  bool known = word == 1;
  if (latex_weight(out, name)) return;
  for (size_t i = 0; i < ND_COUNT(greek); i++)
    known = known || (strlen(greek[i]) == word && memcmp(greek[i], name, word) == 0);
  if (!known || name[word + digits] != '\0') {
    nd_text_append(out, "\\mathrm{");
    nd_latex_text(name, out);
    nd_text_append(out, "}");
    return;
  }
  latex_word(out, name, word);
  if (digits > 0) nd_text_print(out, "_{%s}", name + word);
}

void nd_latex_number(const char *text, nd_text *out) {
  const char *exponent = strchr(text, 'e');
  nd_text_append_bytes(out, text, exponent ? (size_t)(exponent - text) : strlen(text));
  if (exponent) nd_text_print(out, " \\cdot 10^{%s}", exponent + (exponent[1] == '+' ? 2 : 1));
}

/* "km s-1", "km/s", "m^2" with their powers raised. */
void nd_latex_unit(const char *unit, nd_text *out) {
  nd_text_append(out, "\\mathrm{");
  for (const char *c = unit; *c;) {
    bool raised = c > unit && isalpha((unsigned char)c[-1]) &&
                  (isdigit((unsigned char)*c) || (*c == '-' && isdigit((unsigned char)c[1])));
    size_t sign = strncmp(c, "**", 2) == 0 ? 2 : *c == '^' ? 1 : 0, digits;
    if (sign > 0 || raised) {
      c += sign;
      digits = (size_t)(*c == '-') + strspn(c + (*c == '-'), "0123456789");
      if (digits > 0) nd_text_print(out, "^{%.*s}", (int)digits, c);
      c += digits;
      continue;
    }
    char one[8] = {*c};
    size_t length = 1;
    while ((c[length] & 0xc0) == 0x80 && length < 4) /* the rest of a character of UTF-8 */
      one[length] = c[length], length++;
    if (*c == ' ' || *c == '.')
      nd_text_append(out, "\\,");
    else
      nd_latex_text(one, out);
    c += length;
  }
  nd_text_append(out, "}");
}
