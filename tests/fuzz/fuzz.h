/* What the fuzz targets share: bytes taken as numbers and text, files in a directory of their own, and the
 * end of work after a moment. A target is one file NAME.c, whose head says what it attacks and what would
 * be a fault; corpus/NAME has its seeds. Any byte string is an input: none is refused for its form. */
#ifndef ND_FUZZ_H
#define ND_FUZZ_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_SECONDS "0.2" /* the most that a search, a run or a proof may take */

/* To abort is how a target says that a promise is broken. */
static inline void require(bool holds, const char *promise) {
  if (holds) return;
  fprintf(stderr, "broken promise: %s\n", promise);
  abort();
}

/* What is left of an input. */
typedef struct fuzz_feed {
  const uint8_t *data;
  size_t size;
} fuzz_feed;

static inline unsigned fuzz_byte(fuzz_feed *feed) {
  if (feed->size == 0) return 0;
  feed->size--;
  return *feed->data++;
}

/* All bytes up to the first `end`, which is passed over, or to the end of the input; as text. */
static inline char *fuzz_text(fuzz_feed *feed, int end) {
  const uint8_t *found = feed->size > 0 ? memchr(feed->data, end, feed->size) : NULL;
  size_t length = found ? (size_t)(found - feed->data) : feed->size;
  char *text = nd_copy_text((const char *)feed->data, length, NULL);
  require(text != NULL, "there is memory for an input");
  feed->data += length + (found != NULL);
  feed->size -= length + (found != NULL);
  return text;
}

/* Random numbers that an input decides, so that it fails again where it failed. */
static inline nd_random fuzz_random(const uint8_t *data, size_t size) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ data[i]) * UINT64_C(0x100000001b3);
  return nd_random_stream(hash, ND_FOR_DRAW, 0, 0);
}

/* A place on the line: round numbers and halves often, near 0 mostly, far away at times. */
static inline double fuzz_number(nd_random *random) {
  static const double marks[] = {0, 1, -1, 0.5, 2, -2, 3, 1e-3, 10, -10, 1e3};
  double u = nd_random_uniform(random), x = nd_random_normal(random);
  if (u < 0.2) return marks[nd_random_below(random, ND_COUNT(marks))];
  if (u < 0.7) return x;
  if (u < 0.9) return 10 * x;
  return exp(6 * x) * (u < 0.95 ? 1 : -1);
}

/* A directory that is the target's alone: made once, entered, and left to the system's cleaning of
 * TMPDIR; every file in it is written over by the next input. */
static inline void fuzz_enter(void) {
  static bool entered;
  char path[4096];
  const char *where = getenv("TMPDIR");
  if (entered) return;
  snprintf(path, sizeof path, "%s/nadir-fuzz-XXXXXX", where && *where ? where : "/tmp");
  require(mkdtemp(path) != NULL && chdir(path) == 0, "there is a directory for files");
  entered = true;
}

static inline void fuzz_write(const char *path, const void *data, size_t size) {
  FILE *file = fopen(path, "wb");
  require(file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0,
          "an input can be written");
}

static inline char *fuzz_slurp(const char *path, size_t *size) {
  char *text = NULL;
  require(nd_file_slurp(path, (size_t)1 << 28, &text, size, NULL) == NADIR_OK,
          "an output can be read");
  return text;
}

static inline void require_same_files(const char *a, const char *b, const char *promise) {
  size_t size_a, size_b;
  char *in_a = fuzz_slurp(a, &size_a), *in_b = fuzz_slurp(b, &size_b);
  require(size_a == size_b && memcmp(in_a, in_b, size_a) == 0, promise);
  nd_free(in_a);
  nd_free(in_b);
}

/* A temporary file with these bytes, for the readers that take one. */
static inline nd_file *fuzz_file(const void *data, size_t size) {
  nd_file *file;
  require(nd_file_temporary(&file, NULL) == NADIR_OK &&
              nd_file_write_at(file, 0, data, size, NULL) == NADIR_OK,
          "an input can be written");
  return file;
}

/* What failed has said why, in words that a terminal may show. */
static inline void require_sentence(const nadir_error *error) {
  require(error->message[0] != '\0', "an error has a sentence");
  for (const char *c = error->message; *c; c++)
    require((unsigned char)*c >= ' ' && *c != 127, "a sentence has no control characters");
}

#endif
