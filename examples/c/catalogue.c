/* Writes a synthetic catalogue of any size, for trials and benchmarks, as CSV or FITS by the end of
 * the name ("-" is CSV on standard output). Memory does not grow with the rows; a cell depends on
 * the seed, its row and its column alone.
 *
 *     cc -O2 catalogue.c -lm -o catalogue
 *     ./catalogue ROWS COLUMNS real|truth SEED FILE [SPREAD]
 *
 * Columns x1 ... xd and y. xj is normal with mean 0 and standard deviation SPREAD^((j-1)/(d-1)),
 * SPREAD 1 where it is not given. With zj = xj over that deviation, the truth behind y is
 *
 *     f = 1 + z1 - z2/2 + z3/3 - ... : b = 1, and w[xj] = (-1)^(j+1) / (j SPREAD^((j-1)/(d-1)))
 *     real:  y = f + noise, normal with standard deviation 0.5
 *     truth: y = 1 with probability 1/(1 + exp(-f)), else 0
 *
 * All numbers are exact in float32, so that CSV and FITS hold the same ones. Normal deviates are G.
 * E. P. Box and M. E. Muller's (1958), of bits mixed by the finisher of S. Vigna's splitmix64
 * (2015). */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 10000, FITS_BLOCK = 2880, CARD = 80 };

typedef struct catalogue {
  uint64_t rows, seed;
  unsigned columns;
  int truth, fits;
  double spread;
  FILE *out;
  double *deviation; /* of each column */
  float *row;        /* x1 ... xd, y */
} catalogue;

/* ---- numbers ---- */

static uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/* Uniform in (0, 1), by the place in the catalogue. */
static double uniform(const catalogue *c, uint64_t row, unsigned cell) {
  uint64_t bits = mix(mix(mix(c->seed) ^ row) ^ cell);
  return ((double)(bits >> 11) + 0.5) * 0x1p-53;
}

static double normal(const catalogue *c, uint64_t row, unsigned pair) {
  double radius = sqrt(-2 * log(uniform(c, row, 2 * pair)));
  return radius * cos(6.283185307179586 * uniform(c, row, 2 * pair + 1));
}

static void make_row(catalogue *c, uint64_t row) {
  double f = 1;
  for (unsigned j = 0; j < c->columns; j++) {
    c->row[j] = (float)(normal(c, row, j) * c->deviation[j]);
    double z = (double)c->row[j] / c->deviation[j];
    f += (j % 2 ? -z : z) / (j + 1);
  }
  if (c->truth)
    c->row[c->columns] = uniform(c, row, 2 * c->columns) < 1 / (1 + exp(-f));
  else
    c->row[c->columns] = (float)(f + 0.5 * normal(c, row, c->columns));
}

/* ---- CSV: nine digits bring a float32 back as it was ---- */

static void csv_head(const catalogue *c) {
  for (unsigned j = 1; j <= c->columns; j++)
    fprintf(c->out, "x%u,", j);
  fprintf(c->out, "y\n");
}

static void csv_row(const catalogue *c) {
  for (unsigned j = 0; j <= c->columns; j++)
    fprintf(c->out, "%.9g%c", (double)c->row[j], j == c->columns ? '\n' : ',');
}

/* ---- FITS: a binary table of big-endian float32 behind an empty primary part ---- */

static void card(const catalogue *c, unsigned *cards, const char *text) {
  fprintf(c->out, "%-*.*s", CARD, CARD, text);
  ++*cards;
}

static void whole_card(const catalogue *c, unsigned *cards, const char *name, uint64_t value) {
  char text[CARD + 1];
  snprintf(text, sizeof text, "%-8s= %20llu", name, (unsigned long long)value);
  card(c, cards, text);
}

static void column_cards(const catalogue *c, unsigned *cards, unsigned j) {
  char text[CARD + 1], name[24];
  if (j <= c->columns)
    snprintf(name, sizeof name, "x%u", j);
  else
    snprintf(name, sizeof name, "y");
  snprintf(text, sizeof text, "TTYPE%-3u= '%-8s'", j, name);
  card(c, cards, text);
  snprintf(text, sizeof text, "TFORM%-3u= 'E       '", j);
  card(c, cards, text);
}

static void end_header(const catalogue *c, unsigned cards) {
  card(c, &cards, "END");
  while (cards % (FITS_BLOCK / CARD))
    card(c, &cards, "");
}

static void fits_head(const catalogue *c) {
  unsigned cards = 0;
  card(c, &cards, "SIMPLE  =                    T");
  whole_card(c, &cards, "BITPIX", 8);
  whole_card(c, &cards, "NAXIS", 0);
  card(c, &cards, "EXTEND  =                    T");
  end_header(c, cards);
  cards = 0;
  card(c, &cards, "XTENSION= 'BINTABLE'");
  whole_card(c, &cards, "BITPIX", 8);
  whole_card(c, &cards, "NAXIS", 2);
  whole_card(c, &cards, "NAXIS1", 4 * ((uint64_t)c->columns + 1));
  whole_card(c, &cards, "NAXIS2", c->rows);
  whole_card(c, &cards, "PCOUNT", 0);
  whole_card(c, &cards, "GCOUNT", 1);
  whole_card(c, &cards, "TFIELDS", (uint64_t)c->columns + 1);
  for (unsigned j = 1; j <= c->columns + 1; j++)
    column_cards(c, &cards, j);
  end_header(c, cards);
}

static void fits_row(const catalogue *c) {
  for (unsigned j = 0; j <= c->columns; j++) {
    uint32_t bits;
    memcpy(&bits, &c->row[j], sizeof bits);
    const unsigned char bytes[] = {(unsigned char)(bits >> 24), (unsigned char)(bits >> 16),
                                   (unsigned char)(bits >> 8), (unsigned char)bits};
    fwrite(bytes, 1, sizeof bytes, c->out);
  }
}

static void fits_tail(const catalogue *c) {
  uint64_t size = c->rows * 4 * ((uint64_t)c->columns + 1);
  for (uint64_t at = size % FITS_BLOCK; at && at < FITS_BLOCK; at++)
    fputc(0, c->out);
}

/* ---- all of it ---- */

static int write_catalogue(catalogue *c) {
  for (unsigned j = 0; j < c->columns; j++)
    c->deviation[j] = c->columns > 1 ? pow(c->spread, (double)j / (c->columns - 1)) : 1;
  c->fits ? fits_head(c) : csv_head(c);
  for (uint64_t row = 0; row < c->rows && !ferror(c->out); row++) {
    make_row(c, row);
    c->fits ? fits_row(c) : csv_row(c);
  }
  if (c->fits) fits_tail(c);
  return fflush(c->out) == 0 && !ferror(c->out);
}

static int whole(const char *text, uint64_t least, uint64_t most, uint64_t *value) {
  char *end;
  errno = 0;
  unsigned long long read = strtoull(text, &end, 10);
  *value = read;
  return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && read >= least &&
         read <= most;
}

static int read_words(catalogue *c, int argc, char **argv) {
  uint64_t columns;
  if (argc < 6 || argc > 7 || !whole(argv[1], 0, (uint64_t)1 << 48, &c->rows) ||
      !whole(argv[2], 1, MOST_COLUMNS, &columns) || !whole(argv[4], 0, UINT64_MAX, &c->seed))
    return 0;
  c->columns = (unsigned)columns;
  c->truth = strcmp(argv[3], "truth") == 0;
  if (!c->truth && strcmp(argv[3], "real") != 0) return 0;
  size_t length = strlen(argv[5]);
  c->fits = length > 5 && strcmp(argv[5] + length - 5, ".fits") == 0;
  if (c->fits && columns > 998) return 0; /* FITS counts to 999 */
  c->spread = argc == 7 ? strtod(argv[6], NULL) : 1;
  return c->spread > 0 && c->spread <= 1e30;
}

int main(int argc, char **argv) {
  catalogue c = {0};
  if (!read_words(&c, argc, argv)) {
    fprintf(stderr,
            "usage: catalogue ROWS COLUMNS real|truth SEED FILE.csv|FILE.fits|- [SPREAD]\n");
    return 2;
  }
  c.deviation = calloc(c.columns, sizeof *c.deviation);
  c.row = calloc((size_t)c.columns + 1, sizeof *c.row);
  c.out = strcmp(argv[5], "-") == 0 ? stdout : fopen(argv[5], "wb");
  int good = c.deviation && c.row && c.out && write_catalogue(&c);
  if (c.out && fclose(c.out) != 0) good = 0;
  if (!good) fprintf(stderr, "catalogue: %s: cannot be written: %s\n", argv[5], strerror(errno));
  free(c.deviation);
  free(c.row);
  return good ? 0 : 3;
}
