/* Fuzzes the reader of delimited text: any bytes must be read or refused, with every delimiter,
 * with and without a header. The first byte chooses the options, so that one corpus serves them
 * all. A fault: a crash, memory that leaks or is not ours. Good seeds are small CSV files with a
 * blank in front. */
#include "fuzz.h"
#include "table/reader_internal.h"

static void read_all(const nd_source *source, void *scratch) {
  static double numbers[ND_CHUNK];
  static const char *texts[ND_CHUNK];
  static float singles[ND_CHUNK];
  for (uint64_t first = 0; first < source->rows; first += ND_CHUNK) {
    uint64_t left = source->rows - first;
    size_t count = left < ND_CHUNK ? (size_t)left : ND_CHUNK;
    for (size_t c = 0; c < source->column_count; c++)
      for (nd_request_kind kind = ND_AS_NUMBER; kind <= ND_AS_TEXT; kind++) {
        if (kind == ND_AS_SINGLE && !source->columns[c].single) continue;
        nd_request request = {.kind = kind, .column = c, .equals = "QSO", .numbers = numbers, .texts = texts, .singles = singles};
        source->class->read(source, first, count, 0, &request, 1, scratch, NULL);
      }
  }
}

static void locate_last(const nd_source *source) {
  nd_text where = {0};
  if (source->rows > 0) source->class->where(source, source->rows - 1, &where, NULL);
  nd_text_free(&where);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char delimiters[] = {0, 0, 0, ',', '\t', ';', '|', ' '};
  static const double nulls[] = {-99};
  if (size == 0) return 0;
  nd_table_options options = {.delimiter = delimiters[data[0] % 8],
                              .no_header = (data[0] & 8) != 0,
                              .nulls = nulls,
                              .null_count = (data[0] & 16) != 0};
  nd_file *file = fuzz_file(data + 1, size - 1);
  nd_source *source;
  void *scratch;
  if (nd_csv_open(&source, file, &options, NULL) != NADIR_OK) return 0;
  if (source->class->scratch_new(&scratch, source, NULL) != NADIR_OK) abort();
  read_all(source, scratch);
  locate_last(source);
  source->class->scratch_free(scratch);
  source->class->close(source);
  return 0;
}
