/* Traces as nadir.h shows them. */
#include "api/api_internal.h"

size_t nadir_trace_rows(const nadir_trace *trace) {
  return trace->rows;
}

size_t nadir_trace_columns(const nadir_trace *trace) {
  return trace->columns;
}

const char *nadir_trace_name(const nadir_trace *trace, size_t column) {
  return column < trace->columns ? trace->names[column] : NULL;
}

double nadir_trace_value(const nadir_trace *trace, size_t row, size_t column) {
  bool there = row < trace->rows && column < trace->columns;
  return there ? trace->values[row * trace->columns + column] : (double)NAN;
}

nadir_status nadir_trace_save(const nadir_trace *trace, const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  return nd_trace_save(trace, path, error);
}

nadir_status nadir_trace_load(nadir_trace **trace, const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  return nd_trace_load(trace, path, error);
}

void nadir_trace_free(nadir_trace *trace) {
  nd_trace_free(trace);
}
