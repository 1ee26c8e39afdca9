/* Products of powers of symbols: what the parts of a formula are measured in. A symbol is a unit as it is spelled, or
 * the unknown unit of a parameter. That two parts are measured alike is a linear equation of exponents, in which an
 * unknown is solved for: one at a time, so that what is solved holds unknowns alone that are not. */
#ifndef ND_UNIT_FORMS_INTERNAL_H
#define ND_UNIT_FORMS_INTERNAL_H

#include "base/index.h"
#include "base/unit.h"

typedef struct nd_unit_term {
  size_t symbol;
  nd_fraction power; /* not 0 */
} nd_unit_term;

/* In the order of the symbols; of none: a pure number. */
typedef struct nd_unit_form {
  const nd_unit_term *terms;
  size_t count;
  bool
      doubtful; /* it rests on a number that may have a unit of its own, or a unit that is not known */
} nd_unit_form;

typedef struct nd_unit_symbol {
  const char *text;
  nd_dimension dimension;
  bool known;   /* its dimension is */
  bool unknown; /* it is that of a parameter */
  bool solved;  /* and is `solution` */
  nd_unit_form solution;
} nd_unit_symbol;

typedef struct nd_unit_system {
  nd_arena *arena;
  nd_unit_symbol *symbols;
  size_t count, capacity;
  nd_index numbers; /* of the units, by their texts */
  size_t work;
  bool given_up; /* too much work, or exponents that are not small: nothing of it is to be used */
} nd_unit_system;

nadir_status nd_units_begin(nd_unit_system *system, nadir_error *error);
void nd_units_end(nd_unit_system *system);
/* Of a text: its factors, or where it cannot be read one symbol that nothing is known of. */
nadir_status nd_units_read(nd_unit_system *system, const char *text, nd_unit_form *form,
                           nadir_error *error);
/* A new unknown. */
nadir_status nd_units_unknown(nd_unit_system *system, nd_unit_form *form, nadir_error *error);
/* 10^-power: of a number that may be there to make, say, m of km. */
nadir_status nd_units_tens(nd_unit_system *system, int power, nd_unit_form *form,
                           nadir_error *error);
/* product = a * b^power */
nadir_status nd_units_multiply(nd_unit_system *system, nd_unit_form a, nd_unit_form b,
                               nd_fraction power, nd_unit_form *product, nadir_error *error);
/* The same form with what was solved put in. */
nadir_status nd_units_reduce(nd_unit_system *system, nd_unit_form *form, nadir_error *error);
bool nd_units_has_unknowns(const nd_unit_system *system, nd_unit_form form);
/* A form with unknowns is a pure number from now on: its last unknown is solved for. */
nadir_status nd_units_solve(nd_unit_system *system, nd_unit_form form, nadir_error *error);
/* false where it is not known, as of a form with unknowns. */
bool nd_units_dimension(const nd_unit_system *system, nd_unit_form form, nd_dimension *dimension);
bool nd_units_same(nd_unit_form a, nd_unit_form b);
/* "km s-1 Mpc-1"; false where that cannot be spelled. Unknowns are left out. */
bool nd_units_spell(const nd_unit_system *system, nd_unit_form form, nd_text *text);
/* "kg m2 s-2" */
void nd_units_spell_si(const nd_dimension *dimension, nd_text *text);

#endif
