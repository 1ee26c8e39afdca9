/* A formula with its settings, its objective, and what becomes of a descent of it. */
#ifndef ND_JUDGE_TEST_WORLD_H
#define ND_JUDGE_TEST_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "judge/judge.h"

typedef struct world {
  nadir_settings *settings;
  nadir_expr *formula;
  nd_objective *objective;
  nd_run run;
  nd_diagnosis diagnosis;
  nd_teller teller;
} world;

static nadir_error error;

static inline void set(world *w, const char *name, const char *value) {
  assert_int_equal(nd_settings_set(w->settings, name, value, &error), NADIR_OK);
}

/* pairs: names and values of settings, ended by NULL. */
static inline world make_with(const char *formula, const char *const *pairs) {
  world w = {0};
  assert_int_equal(nd_settings_new(&w.settings, &error), NADIR_OK);
  for (size_t i = 0; pairs[i]; i += 2)
    set(&w, pairs[i], pairs[i + 1]);
  if (nd_formula_new(&w.formula, formula, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  assert_int_equal(nd_objective_of_formula(&w.objective, w.formula, w.settings, &error), NADIR_OK);
  return w;
}

static inline void drop(world *w) {
  nd_diagnosis_clear(&w->diagnosis);
  nd_run_clear(&w->run);
  nd_teller_free(&w->teller);
  nd_objective_free(w->objective);
  nd_formula_free(w->formula);
  nd_settings_free(w->settings);
}

#endif
