/* Fuzzes traces: a file is loaded, drawn in characters and as a script for gnuplot, saved and loaded
 * again. Faults: a crash; an error without a sentence; a chart with a control character or a line that is
 * too wide; a trace that changes in the saving. The first two bytes choose the chart's size and letters.
 * Good seeds are traces with two blanks in front. */
#include "small_fit.h"

static void require_same(const nadir_trace *a, const nadir_trace *b) {
  size_t rows = nadir_trace_rows(a), columns = nadir_trace_columns(a);
  require(rows == nadir_trace_rows(b) && columns == nadir_trace_columns(b),
          "a trace that is saved keeps its size");
  for (size_t c = 0; c < columns; c++) {
    require(strcmp(nadir_trace_name(a, c), nadir_trace_name(b, c)) == 0, "and its names");
    for (size_t r = 0; r < rows; r++) {
      double x = nadir_trace_value(a, r, c), y = nadir_trace_value(b, r, c);
      require(x == y || (isnan(x) && isnan(y)), "and its values");
    }
  }
}

static void chart(const nadir_trace *trace, const nadir_settings *settings, unsigned width,
                  unsigned letters) {
  nadir_error error = {0};
  char *text;
  if (nadir_chart(trace, settings, (int)width, 4 + (int)letters / 8, letters % 2, &text, &error) !=
      NADIR_OK) {
    require_sentence(&error);
    return;
  }
  for (const char *c = text; *c; c++)
    require((unsigned char)*c >= ' ' || *c == '\n', "a chart has no control characters");
  nadir_text_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_feed feed = {data, size};
  nadir_trace *trace, *again;
  nadir_error error = {0};
  fuzz_enter();
  unsigned width = fuzz_byte(&feed), letters = fuzz_byte(&feed);
  fuzz_write("trace.csv", feed.data, feed.size);
  if (nadir_trace_load(&trace, "trace.csv", &error) != NADIR_OK) {
    require_sentence(&error);
    return 0;
  }
  nadir_settings *settings = fuzz_settings();
  chart(trace, settings, width, letters);
  const nadir_trace *const traces[] = {trace};
  static const char *const labels[] = {"a 'b' \"c\" $d `e`\n#f"};
  if (nadir_plot_traces(traces, labels, 1, settings, "trace.gp", &error) != NADIR_OK)
    require_sentence(&error);
  require(nadir_trace_save(trace, "again.csv", &error) == NADIR_OK, "a trace can be saved");
  require(nadir_trace_load(&again, "again.csv", &error) == NADIR_OK, "what was saved loads");
  require_same(trace, again);
  nadir_trace_free(again);
  nadir_settings_free(settings);
  nadir_trace_free(trace);
  return 0;
}
