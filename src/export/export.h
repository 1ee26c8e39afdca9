/* export: a fitted model as a program of its own, in another language: the prediction from a row's columns and the
 * parameters, whose fitted values are the default; its gradient by the parameters; the values, their standard errors
 * and covariance as constants. Nothing of nadir is needed to run it.
 *
 *     subject.c      model -> a graph of what it answers, and of the gradient, over columns and parameters
 *     identifiers.c  names -> words that the language takes, and no two alike
 *     body.c         graph -> statements: what is used twice gets a local name
 *     languages.c    C, Fortran, JavaScript and Python: the columns of operators.def and helpers.def
 *     programs.c     the frame around the statements
 *     paper.c        LaTeX: the formula, its derivatives, a table of the parameters
 *
 * It costs time in proportion to the graph of the gradient. Text that a user or a file has put into a name is in
 * comments alone, where it cannot end them; no name becomes part of a string. */
#ifndef ND_EXPORT_H
#define ND_EXPORT_H

#include "model/saved.h"

/* As nadir_export. */
nadir_status nd_export(const nadir_model *model, const char *language, const char *function,
                       nd_text *out, nadir_error *error);

#endif
