/* What the files of this folder share. */
#ifndef ND_EXPORT_INTERNAL_H
#define ND_EXPORT_INTERNAL_H

#include "export/export.h"

/* ---- what is written (subject.c) ---- */

/* A graph of its own: NAME leaves for the columns that the answers need and for the parameters, nothing else. */
typedef struct nd_subject {
  const nadir_model *of;
  const nd_model *model;
  nd_graph *graph;
  nd_node *column;   /* leaves, by ... */
  size_t *column_of; /* ... and the column of the model that each is */
  size_t columns;
  nd_node *parameter; /* leaves, model->size of them */
  nd_node *answer;    /* simplified: a number, or the probability of each class */
  size_t answers;
  nd_node *gradient; /* answers x size */
  nd_node *typed;    /* the answers as the formula has them, with the heads written out */
} nd_subject;
nadir_status nd_subject_new(nd_subject **subject, const nadir_model *model, nadir_error *error);
void nd_subject_free(nd_subject *subject);
/* "class == "QSO"" of a truth that is taken from a column of text. */
void nd_name_column(const nd_model_column *column, nd_text *out);

/* ---- languages (languages.c) ---- */

typedef enum nd_language_id {
  ND_IN_C,
  ND_IN_FORTRAN,
  ND_IN_JAVASCRIPT,
  ND_IN_PYTHON,
  ND_LANGUAGES
} nd_language_id;
typedef enum nd_helper_place { ND_HELPER_FUNCTION, ND_HELPER_INTERFACE } nd_helper_place;
typedef struct nd_helper {
  nd_language_id language;
  const char *name, *code;
  nd_helper_place place;
} nd_helper;
const nd_helper *nd_helper_at(size_t i); /* NULL past the end; those that others call come first */

typedef struct nd_language {
  const char *name;
  bool folds_case;                  /* M and m are one name */
  bool checks_division;             /* a quotient by 0 has to be made by a helper */
  bool declares;                    /* locals are declared before the first statement */
  size_t indent;                    /* of the statements of a function */
  size_t widest;                    /* a longer line is broken; 0: none is */
  const char *first, *every, *last; /* of a comment: lines before, begin of each, lines after */
  const char *real;                 /* what follows a number */
  const char *before, *after;       /* of the statement that gives a local its value */
  const char *index;                /* p[i] of this i */
  size_t from;                      /* the index of the first of an array */
  const char *truth, *not_zero; /* 1 or 0 by the condition $?; what makes a condition of a number */
  const char *loop_begin, *loop_end; /* of an integral, as body.c says */
  const char *reserved;              /* words that are not names, between blanks */
  const char *const *operators;      /* a template by nd_op; NULL of leaves, heads and integrals */
} nd_language;
const nd_language *nd_language_at(size_t i); /* NULL past the end */
/* Whether a word is somewhere in what the language may write. */
bool nd_language_says(const nd_language *language, const char *word);
/* Whether a text calls the function. */
bool nd_calls(const char *text, const char *name);

/* ---- names (identifiers.c) ---- */

typedef struct nd_identifiers {
  const nd_language *language;
  nd_arena *arena;
  const char **items;
  size_t count, capacity;
} nd_identifiers;
bool nd_is_identifier(const char *text);
/* A word for the name that nothing else has. */
nadir_status nd_identify(nd_identifiers *names, const char *name, const char **identifier,
                         nadir_error *error);
bool nd_is_taken(const nd_identifiers *names, const char *word);

/* ---- statements (body.c) ---- */

typedef struct nd_body {
  const nd_language *language;
  const nd_subject *subject;
  nd_identifiers *names;
  const char **word;  /* by node: the name of a leaf; NULL for others */
  const char *result; /* an array, one element for each root; NULL: the one root is returned */
  const char *return_text;
  bool *used; /* by node: whether the roots need it */
  nd_text lines;
  nd_text locals; /* declared, where the language declares them */
} nd_body;
nadir_status nd_body_write(nd_body *body, const nd_node *roots, size_t count, nadir_error *error);
void nd_body_clear(nd_body *body);
/* A line, which is broken where the language has it so. */
void nd_line_in(const nd_language *language, size_t indent, const char *text, nd_text *out);

/* ---- texts that are not programs (programs.c) ---- */

/* A number that reads back as the same double. */
void nd_number_in(const nd_language *language, double value, nd_text *out);
nadir_status nd_program_write(const nd_subject *subject, nd_language_id language,
                              const char *function, nd_text *out, nadir_error *error);
/* What could drive a terminal or end a line is written as \xNN. */
void nd_append_shown(nd_text *out, const char *text);
/* "454 +- 75 km/s" */
void nd_value_with_error(const nd_model *model, size_t parameter, const char *sign, nd_text *out);

nadir_status nd_paper_write(const nd_subject *subject, nd_text *out, nadir_error *error);

#endif
