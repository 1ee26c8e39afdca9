/* Whether pictures are whole: of each PNG file the outermost pixels are white, so that nothing is cut off, and what is
 * coloured (curves, points; not the black of texts) is not beyond the frames to the left, to the right or
 * below. Reads the PNG files of 8 bits, without interlacing, that gnuplot writes.
 *     pixels FILE.png... */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MARGIN = 3, MOST = 1 << 25, COLOURED = 60, DARK = 110 };

typedef struct image {
  size_t width, height, channels; /* 1: palette, 3: RGB, 4: with alpha */
  unsigned char palette[768], *pixel;
} image;

static uint32_t number(const unsigned char *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int paeth(int a, int b, int c) {
  int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

static void unfilter(image *im, const unsigned char *raw) {
  size_t n = im->channels, line = im->width * n;
  for (size_t y = 0; y < im->height; y++) {
    unsigned char *row = im->pixel + y * line, *above = y ? row - line : row;
    int kind = *raw++;
    for (size_t i = 0; i < line; i++) {
      int a = i >= n ? row[i - n] : 0, b = y ? above[i] : 0, c = i >= n && y ? above[i - n] : 0;
      int add = kind == 1   ? a
                : kind == 2 ? b
                : kind == 3 ? (a + b) / 2
                : kind == 4 ? paeth(a, b, c)
                            : 0;
      row[i] = (unsigned char)(*raw++ + add);
    }
  }
}

static bool unpack(image *im, const unsigned char *packed, size_t size) {
  uLongf room = (uLongf)(im->height * (im->width * im->channels + 1));
  unsigned char *raw = malloc(room);
  im->pixel = malloc(room);
  bool right = raw && im->pixel && uncompress(raw, &room, packed, size) == Z_OK;
  if (right) unfilter(im, raw);
  free(raw);
  return right;
}

static bool read_image(const char *path, image *im) {
  FILE *file = fopen(path, "rb");
  unsigned char *data = calloc(1, MOST), *packed = malloc(MOST);
  size_t size = file && data ? fread(data, 1, MOST, file) : 0, length = 0;
  if (file) fclose(file);
  for (size_t at = 8; packed && at + 12 <= size; at += 12 + number(data + at)) {
    size_t bytes = number(data + at);
    const unsigned char *body = data + at + 8;
    if (memcmp(data + at + 4, "IHDR", 4) == 0) {
      im->width = number(body);
      im->height = number(body + 4);
      im->channels = body[9] == 3 ? 1 : body[9] == 2 ? 3 : 4;
    }
    if (memcmp(data + at + 4, "PLTE", 4) == 0)
      memcpy(im->palette, body, bytes <= 768 ? bytes : 768);
    if (memcmp(data + at + 4, "IDAT", 4) == 0) {
      memcpy(packed + length, body, bytes);
      length += bytes;
    }
  }
  bool right = im->width && unpack(im, packed, length);
  free(data);
  free(packed);
  return right;
}

static const unsigned char *colour(const image *im, size_t x, size_t y) {
  const unsigned char *at = im->pixel + (y * im->width + x) * im->channels;
  return im->channels == 1 ? im->palette + 3 * *at : at;
}

static bool is_white(const unsigned char *c) {
  return c[0] > 250 && c[1] > 250 && c[2] > 250;
}

static bool is_coloured(const unsigned char *c) {
  int high = c[0] > c[1] ? c[0] : c[1], low = c[0] < c[1] ? c[0] : c[1];
  if (c[2] > high) high = c[2];
  if (c[2] < low) low = c[2];
  return high - low > COLOURED;
}

static bool is_dark(const unsigned char *c) {
  return c[0] < DARK && c[1] < DARK && c[2] < DARK;
}

/* The frames: columns and rows of which a fifteenth at least is one dark line: a panel of eight. */
static bool is_line(const image *im, size_t at, bool column) {
  size_t run = 0, longest = 0, length = column ? im->height : im->width;
  for (size_t i = 0; i < length; i++) {
    run = is_dark(column ? colour(im, at, i) : colour(im, i, at)) ? run + 1 : 0;
    longest = run > longest ? run : longest;
  }
  return longest > length / 15;
}

static size_t outermost(const image *im, bool column, bool last) {
  size_t length = column ? im->width : im->height;
  for (size_t i = 0; i < length; i++) {
    size_t at = last ? length - 1 - i : i;
    if (is_line(im, at, column)) return at;
  }
  return last ? 0 : length;
}

static const char *look(const image *im) {
  size_t left = outermost(im, true, false), right = outermost(im, true, true),
         foot = outermost(im, false, true);
  if (left >= right) return "no frame";
  for (size_t y = 0; y < im->height; y++)
    for (size_t x = 0; x < im->width; x++) {
      const unsigned char *c = colour(im, x, y);
      bool edge = x < MARGIN || y < MARGIN || x + MARGIN >= im->width || y + MARGIN >= im->height;
      if (edge && !is_white(c)) return "ink at the edge of the page";
      if (is_coloured(c) && (x + MARGIN < left || x > right + MARGIN || y > foot + MARGIN))
        return "a curve beyond the frame";
    }
  return "whole";
}

int main(int count, char **paths) {
  for (int i = 1; i < count; i++) {
    image im = {0};
    const char *said = read_image(paths[i], &im) ? look(&im) : "cannot be read";
    printf("%s: %s\n", paths[i], said);
    free(im.pixel);
  }
  return 0;
}
