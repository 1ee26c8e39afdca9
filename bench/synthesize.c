/* Synthetic catalogues of any size, seeded:
 *
 *     bench_synthesize raw     ROWS COLUMNS PREFIX    PREFIX.x and PREFIX.y, float32, row by row
 *     bench_synthesize csv     ROWS COLUMNS FILE      c1,...,cD with six decimals
 *     bench_synthesize csv17   ROWS COLUMNS FILE      the same with all digits of a double
 *     bench_synthesize fits    ROWS COLUMNS FILE      a binary table of float32 columns c1 ... cD
 *     bench_synthesize vw      ROWS COLUMNS FILE      Vowpal Wabbit's text
 *     bench_synthesize profile ROWS 2 FILE            a line profile: all x, then all y, in double
 *
 * Features are uniform on [-1, 1). The target of raw and vw is 0 or 1, drawn with the probability
 * 1/(1 + exp(-f)), f linear in the features with weights 1, -1/2, 1/3, ...; the last column of csv
 * and fits is that f with noise. A line profile is 2 exp(-(x - 0.3)^2 / (2 0.5^2)) + 0.2 with
 * noise. Row i is the same whatever the number of rows: it is a function of the seed (here 1) and
 * i.
 *
 * The generator is SplitMix64 (Steele, Lea and Flood 2014). Memory: one block of rows. */
#include <arpa/inet.h>
#include <fitsio.h>
#include <math.h>
#include <string.h>

#include "measure.h"

enum { SEED = 1, BLOCK = 4096 };

typedef struct stream {
  uint64_t state;
} stream;

static uint64_t next(stream *s) {
  uint64_t z = s->state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static double uniform(stream *s) { /* 0 to 1 */
  return (double)(next(s) >> 11) * 0x1p-53;
}

static stream stream_of(size_t row) {
  stream s = {SEED + (uint64_t)row * 0xD1342543DE82EF95u};
  s.state = next(&s);
  return s;
}

/* The features of a row, rounded to float32; returns f. */
static double draw(stream *s, size_t columns, double *x) {
  double f = 0;
  for (size_t j = 0; j < columns; j++) {
    x[j] = (double)(float)(2 * uniform(s) - 1);
    f += x[j] * (j % 2 ? -1.0 : 1.0) / (double)(j + 1);
  }
  return f;
}

static double is_one(stream *s, double f) {
  return uniform(s) < 1 / (1 + exp(-f));
}

static FILE *create(const char *prefix, const char *end) {
  char path[4096];
  snprintf(path, sizeof path, "%s%s", prefix, end);
  FILE *file = fopen(path, "wb");
  if (file == NULL) give_up(path, "cannot be written");
  return file;
}

static void finish(FILE *file) {
  const int failed = ferror(file);
  if (fclose(file) != 0 || failed) give_up("synthesize", "the disk did not take it");
}

static void make_raw(size_t rows, size_t columns, double *x, const char *prefix) {
  FILE *features = create(prefix, ".x"), *targets = create(prefix, ".y");
  for (size_t i = 0; i < rows; i++) {
    stream s = stream_of(i);
    const double f = draw(&s, columns, x);
    const float y = (float)is_one(&s, f);
    for (size_t j = 0; j < columns; j++) {
      const float value = (float)x[j];
      fwrite(&value, sizeof value, 1, features);
    }
    fwrite(&y, sizeof y, 1, targets);
  }
  finish(features), finish(targets);
}

/* A row of a catalogue: the last column depends on the others. */
static void draw_catalogue(size_t row, size_t columns, double *x) {
  stream s = stream_of(row);
  x[columns - 1] = (double)(float)(draw(&s, columns - 1, x) + uniform(&s) - 0.5);
}

/* Six decimals; a tenth of printf's time, which would be that of the whole benchmark. */
static char *print_fixed(char *at, double value) {
  long long millionths = llround(fabs(value) * 1e6);
  char digits[24];
  int count = 0;
  if (signbit(value) && millionths != 0) *at++ = '-';
  for (; count < 7 || millionths != 0; millionths /= 10)
    digits[count++] = (char)('0' + millionths % 10);
  while (count > 6)
    *at++ = digits[--count];
  *at++ = '.';
  while (count > 0)
    *at++ = digits[--count];
  return at;
}

static void make_csv(size_t rows, size_t columns, double *x, const char *path, int all_digits) {
  FILE *file = create(path, "");
  char *line = malloc(columns * 40 + 1);
  if (line == NULL) give_up("synthesize", "out of memory");
  for (size_t j = 0; j < columns; j++)
    fprintf(file, "c%zu%c", j + 1, j + 1 < columns ? ',' : '\n');
  for (size_t i = 0; i < rows; i++) {
    draw_catalogue(i, columns, x);
    char *at = line;
    for (size_t j = 0; j < columns; j++) {
      if (all_digits) /* a double that float32 does not hold */
        at += snprintf(at, 32, "%.17g", x[j] / 3);
      else
        at = print_fixed(at, x[j]);
      *at++ = j + 1 < columns ? ',' : '\n';
    }
    fwrite(line, 1, (size_t)(at - line), file);
  }
  free(line);
  finish(file);
}

static void make_vw(size_t rows, size_t columns, double *x, const char *path) {
  FILE *file = create(path, "");
  for (size_t i = 0; i < rows; i++) {
    stream s = stream_of(i);
    const double f = draw(&s, columns, x);
    fprintf(file, "%d |", is_one(&s, f) > 0 ? 1 : -1);
    for (size_t j = 0; j < columns; j++)
      fprintf(file, " %zu:%.7g", j + 1, x[j]);
    fputc('\n', file);
  }
  finish(file);
}

/* Rows as the file has them: a call for each column would seek in it for each cell. */
static void write_block(fitsfile *file, size_t first, size_t count, size_t columns, double *x,
                        uint32_t *block, int *status) {
  for (size_t i = 0; i < count; i++) {
    draw_catalogue(first + i, columns, x);
    for (size_t j = 0; j < columns; j++) {
      const float value = (float)x[j];
      uint32_t bits;
      memcpy(&bits, &value, sizeof bits);
      block[i * columns + j] = htonl(bits);
    }
  }
  fits_write_tblbytes(file, (LONGLONG)first + 1, 1, (LONGLONG)(count * columns * sizeof *block),
                      (unsigned char *)block, status);
}

static void make_fits(size_t rows, size_t columns, double *x, const char *path) {
  char(*names)[16] = malloc(columns * sizeof *names);
  char **name = malloc(columns * sizeof *name), **form = malloc(columns * sizeof *form),
       one[] = "E";
  uint32_t *block = malloc(columns * BLOCK * sizeof *block);
  if (!names || !name || !form || !block) give_up("synthesize", "out of memory");
  for (size_t j = 0; j < columns; j++) {
    snprintf(names[j], sizeof names[j], "c%zu", j + 1);
    name[j] = names[j], form[j] = one;
  }
  fitsfile *file;
  int status = 0;
  remove(path);
  fits_create_diskfile(&file, path, &status);
  fits_create_tbl(file, BINARY_TBL, (LONGLONG)rows, (int)columns, name, form, NULL, "CATALOGUE",
                  &status);
  for (size_t i = 0; i < rows && status == 0; i += BLOCK)
    write_block(file, i, rows - i < BLOCK ? rows - i : BLOCK, columns, x, block, &status);
  fits_close_file(file, &status);
  if (status != 0) give_up(path, "cannot be written");
  free(block), free(form), free(name), free(names);
}

static void make_profile(size_t rows, const char *path) {
  FILE *file = create(path, "");
  for (int part = 0; part < 2; part++)
    for (size_t i = 0; i < rows; i++) {
      stream s = stream_of(i);
      const double x = 4 * uniform(&s) - 2, t = (x - 0.3) / 0.5,
                   y = 2 * exp(-t * t / 2) + 0.2 + 0.1 * (uniform(&s) - 0.5);
      fwrite(part == 0 ? &x : &y, sizeof x, 1, file);
    }
  finish(file);
}

int main(int argc, char **argv) {
  if (argc != 5) give_up("synthesize", "KIND ROWS COLUMNS FILE");
  const char *kind = argv[1], *path = argv[4];
  const size_t rows = read_count(argv[2]), columns = read_count(argv[3]);
  if (columns < 2 || columns > 999999) give_up(argv[3], "columns: 2 to 999999");
  double *x = malloc((columns + 1) * sizeof *x);
  if (x == NULL) give_up("synthesize", "out of memory");
  if (strcmp(kind, "raw") == 0)
    make_raw(rows, columns, x, path);
  else if (strncmp(kind, "csv", 3) == 0)
    make_csv(rows, columns, x, path, kind[3] != '\0');
  else if (strcmp(kind, "fits") == 0)
    make_fits(rows, columns, x, path);
  else if (strcmp(kind, "vw") == 0)
    make_vw(rows, columns, x, path);
  else if (strcmp(kind, "profile") == 0)
    make_profile(rows, path);
  else
    give_up(kind, "no such kind of catalogue");
  free(x);
  return 0;
}
