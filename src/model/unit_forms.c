/* Forms are merged as sorted lists, in time that goes with their terms; beyond WORK of them the system is given up,
 * as with exponents that nd_fraction does not hold. */
#include <string.h>

#include "model/unit_forms_internal.h"

enum { WORK = 1 << 20 };

static const char tens[] = "10";

void nd_units_end(nd_unit_system *system) {
  nd_index_clear(&system->numbers);
  nd_free(system->symbols);
  nd_arena_free(system->arena);
}

/* ---- symbols ---- */

static nadir_status new_symbol(nd_unit_system *system, nd_unit_symbol made, size_t *number,
                               nadir_error *error) {
  ND_TRY(nd_grow(&system->symbols, &system->capacity, system->count + 1, sizeof made, error));
  *number = system->count;
  system->symbols[system->count++] = made;
  return NADIR_OK;
}

static nadir_status symbol_of(nd_unit_system *system, const char *text, size_t length,
                              size_t *number, nadir_error *error) {
  *number = nd_index_find(&system->numbers, text, length);
  if (*number != SIZE_MAX) return NADIR_OK;
  nd_unit_symbol made = {.text = nd_arena_text(system->arena, text, length, error)};
  if (!made.text) return NADIR_NO_MEMORY;
  made.known = nd_unit_dimension(text, length, &made.dimension) && !made.dimension.doubtful;
  ND_TRY(new_symbol(system, made, number, error));
  return nd_index_add(&system->numbers, made.text, *number, error);
}

nadir_status nd_units_begin(nd_unit_system *system, nadir_error *error) {
  size_t first;
  *system = (nd_unit_system){0};
  ND_TRY(nd_arena_new(&system->arena, error));
  return symbol_of(system, tens, strlen(tens), &first,
                   error); /* so that it comes first in what is spelled */
}

static nadir_status form_of(nd_unit_system *system, size_t symbol, nd_fraction power,
                            nd_unit_form *form, nadir_error *error) {
  nd_unit_term *term = nd_arena_take(system->arena, sizeof *term, error);
  if (!term) return NADIR_NO_MEMORY;
  *term = (nd_unit_term){symbol, power};
  *form = (nd_unit_form){.terms = term, .count = 1};
  return NADIR_OK;
}

nadir_status nd_units_read(nd_unit_system *system, const char *text, nd_unit_form *form,
                           nadir_error *error) {
  nd_unit_factor factors[ND_UNIT_FACTORS];
  size_t count, symbol;
  *form = (nd_unit_form){0};
  if (!nd_unit_read(text, factors, &count)) {
    factors[0] = (nd_unit_factor){text, strlen(text), {1, 1}};
    count = 1;
  }
  for (size_t i = 0; i < count; i++) {
    nd_unit_form factor;
    ND_TRY(symbol_of(system, factors[i].symbol, factors[i].length, &symbol, error));
    ND_TRY(form_of(system, symbol, factors[i].power, &factor, error));
    factor.doubtful = !system->symbols[symbol].known;
    ND_TRY(nd_units_multiply(system, *form, factor, (nd_fraction){1, 1}, form, error));
  }
  return NADIR_OK;
}

nadir_status nd_units_unknown(nd_unit_system *system, nd_unit_form *form, nadir_error *error) {
  size_t symbol;
  ND_TRY(new_symbol(system, (nd_unit_symbol){.text = "", .unknown = true}, &symbol, error));
  return form_of(system, symbol, (nd_fraction){1, 1}, form, error);
}

nadir_status nd_units_tens(nd_unit_system *system, int power, nd_unit_form *form,
                           nadir_error *error) {
  size_t symbol;
  ND_TRY(symbol_of(system, tens, strlen(tens), &symbol, error));
  ND_TRY(form_of(system, symbol, (nd_fraction){-power, 1}, form, error));
  form->doubtful = true;
  return NADIR_OK;
}

/* ---- forms ---- */

nadir_status nd_units_multiply(nd_unit_system *system, nd_unit_form a, nd_unit_form b,
                               nd_fraction power, nd_unit_form *product, nadir_error *error) {
  *product = (nd_unit_form){0};
  system->work += a.count + b.count + 1;
  system->given_up = system->given_up || system->work > WORK;
  if (system->given_up) return NADIR_OK;
  nd_unit_term *terms =
      nd_arena_take(system->arena, (a.count + b.count + 1) * sizeof *terms, error);
  if (!terms) return NADIR_NO_MEMORY;
  size_t i = 0, j = 0, count = 0;
  while (i < a.count || j < b.count) {
    nd_fraction sum = {0, 1}, more = {0, 1};
    size_t symbol = j == b.count || (i < a.count && a.terms[i].symbol < b.terms[j].symbol)
                        ? a.terms[i].symbol
                        : b.terms[j].symbol;
    if (i < a.count && a.terms[i].symbol == symbol) sum = a.terms[i++].power;
    bool small = true;
    if (j < b.count && b.terms[j].symbol == symbol)
      small = nd_fraction_multiply(b.terms[j++].power, power, &more) &&
              nd_fraction_add(sum, more, &sum);
    if (!small) system->given_up = true;
    if (sum.n != 0) terms[count++] = (nd_unit_term){symbol, sum};
  }
  *product = (nd_unit_form){terms, count, a.doubtful || b.doubtful};
  return NADIR_OK;
}

bool nd_units_has_unknowns(const nd_unit_system *system, nd_unit_form form) {
  for (size_t i = 0; i < form.count; i++)
    if (system->symbols[form.terms[i].symbol].unknown) return true;
  return false;
}

nadir_status nd_units_reduce(nd_unit_system *system, nd_unit_form *form, nadir_error *error) {
  for (size_t i = form->count; i-- > 0;) {
    nd_unit_term term = form->terms[i];
    if (!system->symbols[term.symbol].solved) continue;
    nd_unit_form solution = system->symbols[term.symbol].solution,
                 own = {&(nd_unit_term){term.symbol, {1, 1}}, 1, false};
    ND_TRY(nd_units_multiply(system, *form, own, (nd_fraction){-term.power.n, term.power.d}, form,
                             error));
    ND_TRY(nd_units_multiply(system, *form, solution, term.power, form, error));
    i = form->count;
  }
  return NADIR_OK;
}

nadir_status nd_units_solve(nd_unit_system *system, nd_unit_form form, nadir_error *error) {
  size_t last = form.count;
  while (last-- > 0)
    if (system->symbols[form.terms[last].symbol].unknown) break;
  nd_fraction power = form.terms[last].power,
              inverse = {power.n > 0 ? -power.d : power.d, power.n > 0 ? power.n : -power.n};
  nd_unit_symbol *symbol = &system->symbols[form.terms[last].symbol];
  nd_unit_form own = {&(nd_unit_term){form.terms[last].symbol, {1, 1}}, 1, false}, solution;
  ND_TRY(nd_units_multiply(system, own, form, inverse, &solution, error));
  symbol->solution = solution;
  symbol->solved = true;
  return NADIR_OK;
}

bool nd_units_dimension(const nd_unit_system *system, nd_unit_form form, nd_dimension *dimension) {
  *dimension = (nd_dimension){.scale = 1};
  for (size_t i = 0; i < ND_BASE_UNITS; i++)
    dimension->power[i].d = 1;
  for (size_t i = 0; i < form.count; i++) {
    const nd_unit_symbol *symbol = &system->symbols[form.terms[i].symbol];
    if (!symbol->known ||
        !nd_dimension_multiply(dimension, &symbol->dimension, form.terms[i].power))
      return false;
  }
  return true;
}

bool nd_units_same(nd_unit_form a, nd_unit_form b) {
  if (a.count != b.count) return false;
  for (size_t i = 0; i < a.count; i++)
    if (a.terms[i].symbol != b.terms[i].symbol || a.terms[i].power.n != b.terms[i].power.n ||
        a.terms[i].power.d != b.terms[i].power.d)
      return false;
  return true;
}

/* ---- spelling ---- */

static void spell(const char *symbol, nd_fraction power, nd_text *text) {
  bool apart = (symbol[0] >= '0' && symbol[0] <= '9') ||
               symbol[strlen(symbol) - 1] == '-'; /* 10**2, e-**2 */
  nd_text_print(text, "%s%s", text->length ? " " : "", symbol);
  if (power.d != 1)
    nd_text_print(text, "**(%d/%d)", power.n, power.d);
  else if (power.n != 1)
    nd_text_print(text, apart ? "**%d" : "%d", power.n);
}

/* One that was not read is taken into a product where it is a word. */
static bool is_word(const nd_unit_symbol *symbol) {
  nd_dimension d;
  if (symbol->known || nd_unit_dimension(symbol->text, strlen(symbol->text), &d)) return true;
  for (const char *p = symbol->text; *p != '\0'; p++)
    if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'))) return false;
  return true;
}

bool nd_units_spell(const nd_unit_system *system, nd_unit_form form, nd_text *text) {
  for (int sign = 1; sign >= -1; sign -= 2) /* km s-1, not s-1 km; 10**-17 erg */
    for (size_t i = 0; i < form.count; i++) {
      const nd_unit_symbol *symbol = &system->symbols[form.terms[i].symbol];
      bool first = form.terms[i].power.n > 0 || form.terms[i].symbol == 0;
      if (symbol->unknown || first != (sign > 0)) continue;
      if (!is_word(symbol)) return false;
      spell(symbol->text, form.terms[i].power, text);
    }
  return true;
}

void nd_units_spell_si(const nd_dimension *dimension, nd_text *text) {
  for (size_t i = 0; i < ND_BASE_UNITS; i++)
    if (dimension->power[i].n != 0)
      spell(i == ND_BASE_GRAM ? "kg" : nd_unit_at(i)->name, dimension->power[i], text);
}
