/* Fuzzes the parsed copy of a table of text: whatever lies in its place, the table reads as without it. The first byte
 * chooses: odd, the rest is put in place of the copy as it is; even, the rest is pairs of two bytes for a place and one to
 * add there, in a copy that was made, whose seal is then made right again, so that what reads it meets contents that are
 * wrong. A fault: a crash, memory that is not ours, an error where the text has none, and, without the new seal, other
 * cells. Any bytes are good seeds. */
#include "fuzz.h"
#include "table/copy_internal.h"

#define TABLE "t.csv"
#define COPY TABLE ".nadir.fits"

static nd_table *open_table(bool cache) {
  const char *path = TABLE;
  const nd_table_options options = {.cache = cache, .threads = 1};
  nd_table *table;
  require(nd_table_open(&table, &path, 1, &options, NULL) == NADIR_OK, "the table opens");
  return table;
}

/* Every cell, as a sum of its bytes; false where one cannot be read. */
static bool read_all(const nd_table *table, nd_hash128 *hash) {
  static double numbers[ND_CHUNK];
  static const char *texts[ND_CHUNK];
  nd_scratch *scratch;
  size_t rows;
  bool good = true;
  *hash = (nd_hash128){0};
  require(nd_scratch_new(&scratch, table, NULL) == NADIR_OK, "there is memory");
  for (size_t c = 0; c < nd_table_chunks(table) && good; c++)
    for (size_t i = 0; i < nd_table_columns(table) && good; i++) {
      const bool text = nd_table_column(table, i)->type == ND_CELL_TEXT;
      const nd_request request = {.kind = text ? ND_AS_TEXT : ND_AS_NUMBER,
                                  .column = i,
                                  .numbers = numbers,
                                  .texts = texts};
      good = nd_table_read(table, c, &request, 1, scratch, &rows, NULL) == NADIR_OK;
      for (size_t r = 0; r < rows && good; r++)
        *hash =
            text ? nd_hash128_add(*hash, texts[r] ? texts[r] : "", texts[r] ? strlen(texts[r]) : 0)
                 : nd_hash128_add(*hash, &numbers[r], sizeof numbers[r]);
    }
  nd_scratch_free(scratch);
  return good;
}

static void make_table(void) {
  nd_text text = {0};
  nd_text_append(&text, "x,kind,note\n");
  for (int i = 0; i < 5000; i++)
    nd_text_print(&text, "%d.%d,%s,\" %d \"\n", i, i % 10, i % 2 ? "star" : "qso", i);
  fuzz_write(TABLE, text.data, text.length);
  nd_text_free(&text);
}

/* As its maker would have sealed it. */
static void seal(char *copy, size_t size) {
  nd_copy_seal s;
  memcpy(&s, copy + size - sizeof s, sizeof s);
  const uint64_t rows_end = s.rows_at + s.rows * s.row_bytes;
  if (s.rows_at > size || rows_end < s.rows_at || rows_end > size - sizeof s.self) return;
  for (uint64_t c = 0, first = 0; first < s.rows && c < s.chunks; c++, first += ND_CHUNK) {
    const uint64_t rows = s.rows - first < ND_CHUNK ? s.rows - first : ND_CHUNK,
                   at = s.rows_at + first * s.row_bytes;
    const uint64_t to = s.tail_at + c * sizeof(nd_copy_chunk) + offsetof(nd_copy_chunk, hash);
    if (at > size || rows * s.row_bytes > size - at || to > size - sizeof s.self) return;
    const nd_hash128 hash =
        nd_hash128_add((nd_hash128){0}, copy + at, (size_t)(rows * s.row_bytes));
    memcpy(copy + to, &hash, sizeof hash);
  }
  nd_hash128 self = nd_hash128_add((nd_hash128){0}, copy, (size_t)s.rows_at);
  self = nd_hash128_add(self, copy + rows_end, (size_t)(size - sizeof self - rows_end));
  memcpy(copy + size - sizeof self, &self, sizeof self);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char *made;
  static size_t made_size;
  static nd_hash128 plain;
  fuzz_feed feed = {data, size};
  nd_hash128 read;
  fuzz_enter();
  if (made == NULL) {
    make_table();
    nd_table *table = open_table(false);
    require(read_all(table, &plain), "the text is read");
    nd_table_close(table);
    nd_table_close(open_table(true));
    made = fuzz_slurp(COPY, &made_size);
  }
  const bool whole = fuzz_byte(&feed) % 2 == 0;
  char *copy = nd_copy_text(made, made_size, NULL);
  require(copy != NULL, "there is memory");
  while (whole && feed.size > 2) {
    const size_t place = fuzz_byte(&feed) << 8 | fuzz_byte(&feed);
    /* headers and seal have more to say than rows: half of the places count from the end */
    copy[place % 2 ? place / 2 % made_size : made_size - 1 - place / 2 % made_size] +=
        (char)fuzz_byte(&feed);
  }
  if (whole) seal(copy, made_size);
  fuzz_write(COPY, whole ? copy : (const char *)feed.data, whole ? made_size : feed.size);
  nd_table *table = open_table(true);
  const bool good = read_all(table, &read);
  require(whole || (good && nd_hash128_same(read, plain)),
          "a table reads the same with damage in place of its copy");
  nd_table_close(table);
  nd_free(copy);
  return 0;
}
