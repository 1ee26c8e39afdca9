/* Names that promise what is not written: all outputs are plain, and who reads x.fits.gz unpacks it first. */
#include <string.h>

#include "base/base.h"

/* "" where the name ends in none of them. */
static const char *packed_ending(const char *path) {
  static const char *const endings[] = {".gz", ".fz",  ".bz2", ".xz",   ".zst", ".z",
                                        ".lz", ".lz4", ".zip", ".lzma", ".br",  ".7z"};
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  const char *dot = strrchr(name, '.');
  for (size_t i = 0; dot && dot > name && i < ND_COUNT(endings); i++)
    if (nd_same_name(dot, endings[i])) return dot;
  return "";
}

nadir_status nd_output_check(const char *path, nadir_error *error) {
  const char *ending = packed_ending(path);
  if (!*ending) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_PATH,
                 "%s: nadir writes plain files, and a name in %s is that of a packed one: write %.*s and pack it",
                 path, ending, (int)(ending - path), path);
}
