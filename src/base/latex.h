/* What LaTeX shows: text, names, numbers and units as a paper has them (latex.c). */
#ifndef ND_LATEX_H
#define ND_LATEX_H

#include "base/base.h"

void nd_latex_text(const char *text, nd_text *out); /* in text mode, and the same in \mathrm */
/* In mathematics: a letter or a Greek name, with its digits or the feature of a weight as an index, else upright. */
void nd_latex_name(const char *name, nd_text *out);
void nd_latex_number(const char *text,
                     nd_text *out); /* of a decimal: 1.5e-17 has its power of ten raised */
void nd_latex_unit(const char *unit, nd_text *out); /* "km s-1", "m^2" with their powers raised */

#endif
