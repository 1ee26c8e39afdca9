/* From a path to a source of rows: opening, spooling, unpacking, and the choice of the format by
 * content. A path is handed to open(2) as it is and has no other power. What cannot be read
 * twice (pipes, standard input) and what is packed is spooled once to an unlinked temporary file.
 * Other kinds of file that people have are refused by name. Costs a few small reads. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table/reader_internal.h"

enum { PIECE = 1 << 16, MOST_PIECES = 1 << 8, SPOOL = 1 << 18 };

/* ---- the list of formats */

typedef nadir_status open_format(nd_source **source, nd_file *file, const nd_table_options *options,
                                 nadir_error *error);

static const struct {
  bool (*begins)(const char *head, size_t size);
  open_format *open;
} formats[] = {
#define ND_FORMAT(name) {nd_##name##_begins, nd_##name##_open},
#include "table/formats.def"
#undef ND_FORMAT
};

/* What people take for tables and we do not read: how it begins, what it is and what to do. */
#define FOREIGN(X)                                                                                 \
  X(3, "BZh", "is packed by bzip2: unpack it first")                                               \
  X(6,                                                                                             \
    "\xfd"                                                                                         \
    "7zXZ",                                                                                        \
    "is packed by xz: unpack it first")                                                            \
  X(4, "\x28\xb5\x2f\xfd", "is packed by zstd: unpack it first")                                   \
  X(2, "\x1f\x9d", "is packed by compress: unpack it first")                                       \
  X(2, "\x1f\x8b", "is packed twice by gzip: unpack it once first")                                \
  X(4, "PK\x03\x04", "is a zip archive or a spreadsheet: unpack it, or save it as CSV")            \
  X(4, "\xd0\xcf\x11\xe0", "is a spreadsheet: save it as CSV")                                     \
  X(4, "\x89HDF", "is HDF5: convert it to FITS or CSV")                                            \
  X(4, "PAR1", "is Parquet: convert it to FITS or CSV")                                            \
  X(6, "ARROW1", "is Arrow: convert it to FITS or CSV")                                            \
  X(6, "\x93NUMPY", "is a NumPy array: convert it to FITS or CSV")                                 \
  X(15, "SQLite format 3", "is an SQLite database: export a table of it as CSV")                   \
  X(5, "%PDF-", "is a PDF document: give a table as CSV or FITS")                                  \
  X(5, "<?xml", "is XML: convert it (if it is a VOTable, by TOPCAT or astropy) to FITS or CSV")    \
  X(8, "<VOTABLE", "is a VOTable: convert it by TOPCAT or astropy to FITS or CSV")                 \
  X(5, "<!DOC", "is a web page: fetch the table itself")                                           \
  X(5, "<html", "is a web page: fetch the table itself")

/* ---- opening files */

/* /dev/zero and its like would fill the disk. Nobody types as much as a full buffer. */
static bool is_endless(const nd_file *file, size_t got) {
  struct stat about;
  int descriptor = nd_file_descriptor(file);
  return got == SPOOL && fstat(descriptor, &about) == 0 && S_ISCHR(about.st_mode) &&
         !isatty(descriptor);
}

static nadir_status copy_all(nd_file *from, nd_file *to, char *buffer, nadir_error *error) {
  uint64_t offset = 0;
  for (size_t got = SPOOL; got == SPOOL; offset += got) {
    ND_TRY(nd_file_read(from, buffer, SPOOL, &got, error));
    if (is_endless(from, got))
      return nd_fail(error, NADIR_BAD_PATH, "%s: it is a device that never ends: give a file",
                     nd_file_path(from));
    ND_TRY(nd_file_write_at(to, offset, buffer, got, error));
  }
  return NADIR_OK;
}

/* Replaces a file that cannot be sought in by a temporary copy. */
static nadir_status spool(nd_file **file, nd_spool *spooled, nadir_error *error) {
  if (nd_file_seekable(*file)) return NADIR_OK;
  nd_file *copy = NULL;
  char *buffer = nd_new(SPOOL, 1, error);
  nadir_status status =
      buffer == NULL ? NADIR_NO_MEMORY : nd_file_spool(&copy, nd_file_path(*file), spooled, error);
  if (status == NADIR_OK) status = copy_all(*file, copy, buffer, error);
  nd_free(buffer);
  if (status != NADIR_OK) {
    nd_file_close(copy);
    return status;
  }
  nd_file_close(*file);
  *file = copy;
  return NADIR_OK;
}

/* Asked without opening: a hint must not touch another file. */
static bool is_there(const char *path) {
  return access(path, F_OK) == 0;
}

/* x.fits[1], x.fits[NAME] or x.fits#1, where x.fits is a file: give the hint to set hdu to 1. */
static nadir_status hint_hdu(const char *path, nadir_status status, nadir_error *error) {
  size_t length = strlen(path), mark = strcspn(path, "[#");
  bool bracket = path[mark] == '[';
  if (length < mark + 2 || mark == 0 || (bracket && path[length - 1] != ']')) return status;
  size_t size = length - mark - 1 - bracket;
  char *base = nd_copy_text(path, mark, error);
  if (base == NULL) return NADIR_NO_MEMORY;
  if (is_there(base))
    status = nd_fail(error, NADIR_BAD_PATH,
                     "%s: it cannot be opened by that name: give %s, and set hdu to %.*s", path,
                     base, (int)(size > 80 ? 80 : size), path + mark + 1);
  nd_free(base);
  return status;
}

static nadir_status open_file(nd_file **file, const char *path, nd_spool *spooled,
                              nadir_error *error) {
  if (strcmp(path, "-") == 0) {
    ND_TRY(nd_file_standard_input(file, error));
  } else {
    nadir_status status = nd_file_open(file, path, error);
    if (status == NADIR_BAD_PATH) status = hint_hdu(path, status, error);
    if (status != NADIR_OK) return status;
  }
  nadir_status status = spool(file, spooled, error);
  if (status != NADIR_OK) {
    nd_file_close(*file);
    *file = NULL;
  }
  return status;
}

/* ---- the digest */

/* Where piece i begins: one after the other, or of a large file evenly from its beginning to its end. */
static uint64_t piece_at(uint64_t size, uint64_t i) {
  uint64_t last = MOST_PIECES - 1;
  if (size <= (uint64_t)PIECE * MOST_PIECES) return i * PIECE;
  uint64_t room = size - PIECE;
  return room / last * i + room % last * i / last;
}

/* The size, and all of a file of up to 16 MiB; of a larger one as many bytes in 256 pieces. */
static nadir_status digest_file(nd_hash128 *digest, const nd_file *file, nadir_error *error) {
  uint64_t size = nd_file_size(file);
  size_t got;
  char *buffer = nd_new(PIECE, 1, error);
  if (buffer == NULL) return NADIR_NO_MEMORY;
  nadir_status status = NADIR_OK;
  *digest = nd_hash128_add(*digest, &size, sizeof size);
  for (uint64_t i = 0; status == NADIR_OK && i < MOST_PIECES && piece_at(size, i) < size; i++) {
    status = nd_file_read_at(file, piece_at(size, i), buffer, PIECE, &got, error);
    if (status == NADIR_OK) *digest = nd_hash128_add(*digest, buffer, got);
  }
  nd_free(buffer);
  return status;
}

/* ---- opening a source */

static bool begins(const char *head, size_t size, const char *magic, size_t length) {
  return size >= length && memcmp(head, magic, length) == 0;
}

static nadir_status unpack(nd_file **file, nd_spool *spooled, nadir_error *error) {
  bool is_packed;
  nd_file *plain;
  ND_TRY(nd_is_gzip(*file, &is_packed, error));
  if (!is_packed) return NADIR_OK;
  ND_TRY(nd_gunzip(*file, &plain, spooled, error));
  nd_file_close(*file);
  *file = plain;
  return NADIR_OK;
}

static nadir_status refuse_foreign(const nd_file *file, const char *head, size_t got,
                                   nadir_error *error) {
#define REFUSE(size, magic, is)                                                                    \
  if (begins(head, got, magic, size))                                                              \
    return nd_fail(error, NADIR_BAD_DATA, "%s: this file " is, nd_file_path(file));
  FOREIGN(REFUSE)
#undef REFUSE
  return NADIR_OK;
}

/* Text can be anything, so it comes last: after what is none of ours. */
static nadir_status choose(const nd_file *file, open_format **open, nadir_error *error) {
  char head[ND_HEAD];
  size_t got, i = 0;
  ND_TRY(nd_file_read_at(file, 0, head, sizeof head, &got, error));
  while (!formats[i].begins(head, got)) /* text begins as it likes */
    i++;
  if (i == ND_COUNT(formats) - 1) ND_TRY(refuse_foreign(file, head, got, error));
  *open = formats[i].open;
  return NADIR_OK;
}

/* From the file itself, which it takes over. */
static nadir_status open_format_of(nd_source **source, nd_file *file, const nd_table_options *options,
                                   nadir_error *error) {
  open_format *open = NULL;
  nadir_status status = unpack(&file, options->spooled, error);
  if (status == NADIR_OK && options->many) status = nd_file_rest(file, error);
  if (status == NADIR_OK) status = choose(file, &open, error);
  if (status == NADIR_OK) return open(source, file, options, error); /* takes the file over */
  nd_file_close(file);
  return status;
}

nadir_status nd_source_open(nd_source **source, const char *path, nd_hash128 *digest,
                            const nd_table_options *options, nadir_error *error) {
  nd_file *file;
  nd_copy *copy = NULL;
  *source = NULL;
  ND_TRY(open_file(&file, path, options->spooled, error));
  nadir_status status = digest_file(digest, file, error);
  if (status == NADIR_OK) status = nd_copy_new(&copy, file, options, error);
  if (copy != NULL) *source = nd_copy_open(copy);
  if (status != NADIR_OK || *source != NULL)
    nd_file_close(file);
  else
    status = open_format_of(source, file, options, error);
  if (copy != NULL && status == NADIR_OK) nd_copy_replace(copy, source);
  nd_copy_free(copy);
  return status;
}
