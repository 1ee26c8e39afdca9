/* Fuzzes the FITS reader: any bytes must be read or refused, by every HDU, column and kind of
 * request. A fault: a crash, memory that leaks or is not ours. Good seeds are small FITS files, one of
 * them compressed by fpack. */
#include "fuzz.h"
#include "table/reader_internal.h"

static void read_all(const nd_source *source, void *scratch) {
  static double numbers[ND_CHUNK];
  static const char *texts[ND_CHUNK];
  static float singles[ND_CHUNK];
  size_t n = source->rows < ND_CHUNK ? (size_t)source->rows : ND_CHUNK;
  for (size_t c = 0; c < source->column_count; c++)
    for (nd_request_kind kind = ND_AS_NUMBER; kind <= ND_AS_TEXT; kind++) {
      if (kind == ND_AS_SINGLE && !source->columns[c].single) continue;
      nd_request request = {.kind = kind,
                            .column = c,
                            .element = source->columns[c].elements - 1,
                            .equals = "QSO",
                            .numbers = numbers,
                            .texts = texts,
                            .singles = singles};
      source->class->read(source, 0, n, 0, &request, 1, scratch, NULL);
      source->class->read(source, source->rows - n, n, 0, &request, 1, scratch, NULL);
    }
}

static bool open_hdu(const uint8_t *data, size_t size, const char *hdu) {
  nd_file *file = fuzz_file(data, size);
  nd_source *source;
  void *scratch;
  nd_table_options options = {.hdu = hdu};
  if (nd_fits_open(&source, file, &options, NULL) != NADIR_OK) return false;
  if (source->class->scratch_new(&scratch, source, NULL) != NADIR_OK) abort();
  read_all(source, scratch);
  source->class->scratch_free(scratch);
  source->class->close(source);
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  open_hdu(data, size, NULL);
  for (int i = 0; i < 4; i++) {
    char number[8];
    snprintf(number, sizeof number, "%d", i);
    open_hdu(data, size, number);
  }
  return 0;
}
