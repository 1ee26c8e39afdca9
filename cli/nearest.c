/* The entry nearest to a misspelt word: the least number of insertions, deletions, changes and
 * swaps of neighbours (Damerau 1964; the restricted distance), if that is at most a third of the
 * word's letters and one. Cost: the product of the lengths for each entry. */
#include <string.h>

#include "cli.h"

enum { LONGEST = 64 };

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

static size_t distance(const char *a, const char *b) {
  size_t rows[LONGEST + 1][LONGEST + 1], m = strlen(a), n = strlen(b);
  if (m > LONGEST || n > LONGEST) return LONGEST;
  for (size_t i = 0; i <= m; i++)
    for (size_t j = 0; j <= n; j++) {
      size_t *here = &rows[i][j];
      if (i == 0 || j == 0) {
        *here = i + j;
        continue;
      }
      *here = least(rows[i - 1][j], rows[i][j - 1]) + 1;
      *here = least(*here, rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        *here = least(*here, rows[i - 2][j - 2] + 1);
    }
  return rows[m][n];
}

int nearest(const char *word, const char *const *entries, size_t count) {
  size_t best = strlen(word) / 3 + 2;
  int found = -1;
  for (size_t i = 0; i < count; i++) {
    size_t far = distance(word, entries[i]);
    if (far >= best) continue;
    best = far;
    found = (int)i;
  }
  return found;
}
