/* Every allocation of the engine made to fail in turn (a build with NADIR_FAULTS): an error that
 * says so, no leak. */
#include "support.h"

#include "base/fault_internal.h"

static nadir_status build(const nd_rows_spec *spec, nadir_error *error) {
  nd_rows *rows = NULL;
  nd_rows_workspace *work = NULL;
  nd_block_store *store = NULL;
  nd_block *block = NULL, *stored = NULL;
  nadir_status status = nd_rows_new(&rows, spec, error);
  if (status == NADIR_OK) status = nd_rows_workspace_new(&work, rows, error);
  if (status == NADIR_OK) status = nd_block_new(&block, rows, 10, NULL, error);
  if (status == NADIR_OK) status = nd_block_store_new(&store, error);
  if (status == NADIR_OK) status = nd_block_new(&stored, rows, 10, store, error);
  nd_block_free(block), nd_block_free(stored), nd_block_store_free(store);
  nd_rows_workspace_free(work), nd_rows_free(rows);
  return status;
}

static nadir_status build_program(const nd_rows_spec *spec, nadir_error *error) {
  nd_leaf leaves[COLUMNS + MOST_HEADS + MOST_FREE];
  size_t n = 0;
  for (size_t c = 0; c < spec->column_count; c++)
    leaves[n++] = (nd_leaf){spec->columns[c], true};
  for (size_t k = 0; k < spec->head_count; k++)
    leaves[n++] = (nd_leaf){spec->heads[k].eta, true};
  for (size_t p = 0; p < spec->free_count; p++)
    leaves[n++] = (nd_leaf){spec->free[p], false};
  nd_program *program = NULL;
  nd_workspace *work = NULL;
  nadir_status status = nd_program_new(&program, spec->graph, &spec->loss, 1, leaves, n, error);
  if (status == NADIR_OK) status = nd_workspace_new(&work, program, error);
  nd_workspace_free(work), nd_program_free(program);
  return status;
}

static void fail_each(nadir_status (*make)(const nd_rows_spec *, nadir_error *)) {
  EACH_SHAPE(s) {
    model m = model_new(s, true, true);
    const nd_rows_spec spec = spec_of(&m, s, true, true);
    nadir_status status = NADIR_NO_MEMORY;
    for (size_t n = 1; status != NADIR_OK; n++) {
      char what[32];
      nadir_error error = {0};
      snprintf(what, sizeof what, "memory:%zu", n);
      assert_true(nd_fault_set(what));
      status = make(&spec, &error);
      assert_true(nd_fault_set(NULL));
      assert_true(status == NADIR_OK || (status == NADIR_NO_MEMORY && error.message[0]));
    }
    model_free(&m);
  }
}

static void rows(void **state) {
  (void)state;
  fail_each(build);
}

static void programs(void **state) {
  (void)state;
  fail_each(build_program);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(rows), cmocka_unit_test(programs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
