/* Traces: bounded, with first and last row, thinned by the update numbers alone; files round-trip.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "descend/descend.h"

static char *names[] = {"a", "w[u-g, \"r\"]"};

static nadir_trace *filled(size_t updates) {
  nadir_trace *trace;
  double row[NADIR_TRACE_PARAMETERS + 6];
  assert_int_equal(nd_trace_new(&trace, names, 2, false, NULL), NADIR_OK);
  for (size_t u = 0; u <= updates; u++) {
    for (size_t c = 0; c < ND_COUNT(row); c++)
      row[c] = (double)u / 3;
    row[NADIR_TRACE_UPDATE] = (double)u;
    row[NADIR_TRACE_STEP] = (double)NAN;
    assert_int_equal(nd_trace_add(trace, row, NULL), NADIR_OK);
  }
  return trace;
}

static void it_keeps_the_first_thousand_and_the_ends(void **state) {
  (void)state;
  static const size_t lengths[] = {0, 1, 999, 1000, 5000, 10000, 123456, 400001};
  for (size_t i = 0; i < ND_COUNT(lengths); i++) {
    nadir_trace *trace = filled(lengths[i]);
    size_t whole = lengths[i] < 1000 ? lengths[i] : 1000;
    assert_true(trace->rows <= 10000);
    for (size_t u = 0; u <= whole; u++)
      assert_true(trace->values[u * trace->columns] == (double)u);
    assert_true(trace->values[(trace->rows - 1) * trace->columns] == (double)lengths[i]);
    for (size_t r = 1; r < trace->rows; r++)
      assert_true(trace->values[r * trace->columns] > trace->values[(r - 1) * trace->columns]);
    if (lengths[i] > 20000) assert_true(trace->rows > 4000);
    nd_trace_free(trace);
  }
}

static void many_parameters_are_left_out(void **state) {
  (void)state;
  nadir_trace *trace;
  char *many[17];
  for (size_t i = 0; i < ND_COUNT(many); i++)
    many[i] = "x";
  assert_int_equal(nd_trace_new(&trace, many, ND_COUNT(many), false, NULL), NADIR_OK);
  assert_int_equal(trace->columns, NADIR_TRACE_PARAMETERS);
  nd_trace_free(trace);
}

/* The loss of the validation rows is the last column, of the row that was added last; a parameter of that name is not it. */
static void the_validation_loss_is_last(void **state) {
  (void)state;
  static char *same[] = {"validation_loss"};
  nadir_trace *trace;
  double row[NADIR_TRACE_PARAMETERS + 4] = {[NADIR_TRACE_PARAMETERS + 3] = (double)NAN};
  assert_int_equal(nd_trace_new(&trace, same, 1, true, NULL), NADIR_OK);
  assert_int_equal(trace->columns, ND_COUNT(row));
  assert_int_equal(nd_trace_validation(trace), ND_COUNT(row) - 1);
  assert_int_equal(nd_trace_add(trace, row, NULL), NADIR_OK);
  nd_trace_validated(trace, 0.25);
  row[NADIR_TRACE_UPDATE] = 1;
  assert_int_equal(nd_trace_add(trace, row, NULL), NADIR_OK);
  assert_true(trace->values[ND_COUNT(row) - 1] == 0.25 && isnan(trace->values[2 * ND_COUNT(row) - 1]));
  nd_trace_free(trace);
  assert_int_equal(nd_trace_new(&trace, same, 1, false, NULL), NADIR_OK);
  assert_int_equal(nd_trace_validation(trace), trace->columns);
  nd_trace_free(trace);
  assert_int_equal(nd_trace_new(&trace, NULL, 0, false, NULL), NADIR_OK);
  assert_int_equal(nd_trace_validation(trace), trace->columns);
  nd_trace_free(trace);
}

static void files_round_trip(void **state) {
  (void)state;
  char path[] = "/tmp/nadir-trace-XXXXXX";
  close(mkstemp(path));
  nadir_trace *trace = filled(4500), *again;
  nadir_error error;
  assert_int_equal(nd_trace_save(trace, path, &error), NADIR_OK);
  assert_int_equal(nd_trace_load(&again, path, &error), NADIR_OK);
  assert_int_equal(trace->rows, again->rows);
  assert_int_equal(trace->columns, again->columns);
  for (size_t c = 0; c < trace->columns; c++)
    assert_string_equal(trace->names[c], again->names[c]);
  for (size_t i = 0; i < trace->rows * trace->columns; i++)
    assert_true(trace->values[i] == again->values[i] ||
                (isnan(trace->values[i]) && isnan(again->values[i])));
  nd_trace_free(again);
  nd_trace_free(trace);
  unlink(path);
}

static void other_files_are_refused(void **state) {
  (void)state;
  nadir_trace *trace;
  nadir_error error;
  assert_int_equal(nd_trace_load(&trace, ND_SOURCE_DIR "/examples/data/hubble1929.csv", &error),
                   NADIR_BAD_DATA);
  assert_null(trace);
  assert_non_null(strstr(error.message, "not a nadir trace"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(it_keeps_the_first_thousand_and_the_ends),
                                     cmocka_unit_test(many_parameters_are_left_out),
                                     cmocka_unit_test(the_validation_loss_is_last),
                                     cmocka_unit_test(files_round_trip),
                                     cmocka_unit_test(other_files_are_refused)};
  return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
