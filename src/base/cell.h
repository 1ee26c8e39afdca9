/* Words for a cell that is not a number: the errors of tables and models share them with the warnings of
 * tell, so that what is wrong with a cell, and its cure, have one place. */
#ifndef ND_CELL_H
#define ND_CELL_H

#include "base/base.h"

/* "has a decimal comma". */
const char *nd_notation_words(nadir_notation notation);
/* What to do about it; between_commas: commas delimit the cells of the file. */
const char *nd_notation_cure(nadir_notation notation, bool between_commas);
/* FILE:row N:NAME: "TEXT" has a decimal comma */
void nd_say_cell(const nadir_cell *cell, nd_text *out);
const char *nd_cell_cure(const nadir_cell *cell);

#endif
