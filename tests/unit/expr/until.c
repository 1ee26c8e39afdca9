/* A graph asks until when it may go on: the more is made, the more often; and what is cut short is
 * not kept as if it were whole. */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expr/expr.h"

enum { FEW = 200, MANY = 800 };

static bool patience(void *context) {
  int *left = context;
  return --*left < 0;
}

typedef struct formula {
  nd_graph *graph;
  nd_node root, x;
  nd_until until;
  int left;
} formula;

/* (x+1)*(x+2)*..., whose derivative has as many products as there are factors. */
static void begin(formula *f, size_t factors, int looks) {
  nadir_error error = {0};
  nd_text text = {0};
  for (size_t i = 1; i <= factors; i++)
    nd_text_print(&text, "%s(x+%zu)", i > 1 ? "*" : "", i);
  assert_int_equal(nd_graph_new(&f->graph, &error), NADIR_OK);
  assert_int_equal(nd_parse(f->graph, nd_text_data(&text), &f->root, &error), NADIR_OK);
  assert_int_equal(nd_make_name(f->graph, "x", &f->x, &error), NADIR_OK);
  nd_text_free(&text);
  f->left = looks;
  f->until = (nd_until){.deadline = HUGE_VAL, .asked = patience, .context = &f->left};
  assert_null(nd_graph_heed(f->graph, &f->until));
}

static nadir_status derive(formula *f, const nd_derivatives **found) {
  nadir_error error = {0};
  return nd_derivatives_of(f->graph, f->root, &f->x, 1, 2, found, &error);
}

static int looks_for(size_t factors) {
  formula f;
  const nd_derivatives *found;
  begin(&f, factors, INT_MAX);
  assert_int_equal(derive(&f, &found), NADIR_OK);
  nd_graph_free(f.graph);
  return INT_MAX - f.left;
}

static void more_is_asked_where_more_is_made(void **state) {
  (void)state;
  int few = looks_for(FEW), many = looks_for(MANY);
  if (few < 2 || many < 2 * few) fail_msg("%d looks, and %d where there is more", few, many);
}

static void an_end_is_heard_anywhere(void **state) {
  (void)state;
  int all = looks_for(FEW);
  for (int looks = 0; looks < all; looks += 1 + looks / 2) {
    formula f;
    const nd_derivatives *found;
    begin(&f, FEW, looks);
    assert_int_equal(derive(&f, &found), NADIR_ENDED);
    /* with time again it is derived as ever */
    assert_ptr_equal(nd_graph_heed(f.graph, NULL), &f.until);
    assert_int_equal(derive(&f, &found), NADIR_OK);
    assert_non_null(found->hessian);
    nd_graph_free(f.graph);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(more_is_asked_where_more_is_made),
                                     cmocka_unit_test(an_end_is_heard_anywhere)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
