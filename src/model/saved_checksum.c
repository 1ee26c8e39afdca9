/* The checksum of a model's file: the CRC-32 of gzip and PNG (zlib's), in hexadecimal, of all members but itself,
 * written without blanks, names in the order of their bytes, numbers with 17 digits. So it does not depend on how the
 * file is laid out; what changes a value, a name or the structure by up to 32 bits in a row is always found, other
 * damage but for one in 4e9. It is no protection against who wants to deceive: such a one writes a checksum too.
 * Costs one copy of the text. */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "model/saved_checksum.h"

enum { DIGITS = 17, CHECKSUM_TEXT = 9 };

/* All members but the checksum; NULL without memory. (json_copy leaves out what it has no memory for, and says nothing.) */
static json_t *others_of(const json_t *tree) {
  json_t *others = json_object();
  if (json_object_update(others, (json_t *)(uintptr_t)tree) == 0) {
    json_object_del(others, "checksum");
    return others;
  }
  json_decref(others);
  return NULL;
}

/* false without memory. */
static bool checksum_of(const json_t *tree, char text[CHECKSUM_TEXT]) {
  json_t *others = others_of(tree);
  nd_text canonical = {0};
  bool made = others && nd_json_dump(others, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(DIGITS), &canonical);
  json_decref(others);
  uLong sum = crc32_z(crc32_z(0, NULL, 0), (const Bytef *)nd_text_data(&canonical), canonical.length);
  nd_text_free(&canonical);
  snprintf(text, CHECKSUM_TEXT, "%08lx", sum & 0xffffffffUL);
  return made;
}

json_t *nd_checksum_put(json_t *tree) {
  char text[CHECKSUM_TEXT];
  bool made = tree && checksum_of(tree, text);
  nd_json_put(&tree, "checksum", made ? json_string(text) : NULL);
  return tree;
}

nadir_status nd_checksum_check(const json_t *tree, bool *same, nadir_error *error) {
  char text[CHECKSUM_TEXT];
  const char *given = json_string_value(json_object_get(tree, "checksum"));
  *same = false;
  if (!checksum_of(tree, text))
    return nd_fail(error, NADIR_NO_MEMORY, "model: there is not enough memory for its checksum");
  *same = given && strcmp(given, text) == 0;
  return NADIR_OK;
}
