/* Reads one UTF-8 character at a time and knows how wide a terminal draws it, and which are shown escaped. Independent of locale
 * (wcwidth is not). The ranges of wide characters are those of Unicode's East Asian Width W and F,
 * rounded to whole blocks: a caret may be a column off under a rare symbol, nothing worse. */
#include "utf8_internal.h"

#include <stdio.h>

#include "base/base.h"

static size_t expected_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

size_t nd_utf8_read(const char *text, size_t length, uint32_t *code) {
  static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  static const unsigned char payload[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  if (length == 0) return 0;
  unsigned char lead = (unsigned char)text[0];
  size_t size = expected_length(lead);
  if (size == 0 || size > length) return 0;
  uint32_t value = lead & payload[size];
  for (size_t i = 1; i < size; i++) {
    unsigned char next = (unsigned char)text[i];
    if ((next & 0xC0) != 0x80) return 0;
    value = value << 6 | (next & 0x3F);
  }
  bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest[size] || value > 0x10FFFF || surrogate) return 0;
  *code = value;
  return size;
}

typedef struct range {
  uint32_t first, last;
} range;

static bool is_in(const range *ranges, size_t count, uint32_t code) {
  for (size_t i = 0; i < count; i++)
    if (code >= ranges[i].first && code <= ranges[i].last) return true;
  return false;
}

size_t nd_utf8_width(uint32_t code) {
  static const range combining[] = {{0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},
                                    {0x610, 0x61A},   {0x64B, 0x65F},   {0x1AB0, 0x1AFF},
                                    {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF},
                                    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
  static const range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},  {0x3041, 0xA4CF},
                               {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},  {0xFE30, 0xFE6F},
                               {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F},
                               {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
  if (code < 0x300) return 1;
  if (is_in(combining, ND_COUNT(combining), code)) return 0;
  return is_in(wide, ND_COUNT(wide), code) ? 2 : 1;
}

/* Marks of direction reorder what is read around them (N. Boucher, R. Anderson 2021, "Trojan source"). */
bool nd_utf8_is_hidden(uint32_t code) {
  static const range marks[] = {{0, 0x1F},         {0x7F, 0x9F},     {0x61C, 0x61C},
                                {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};
  return is_in(marks, ND_COUNT(marks), code);
}

size_t nd_show_character(const char *text, size_t length, char shown[NADIR_SHOWN_TEXT]) {
  uint32_t code = 0;
  size_t step = nd_utf8_read(text, length, &code), used = 0;
  bool plain = step > 0 && !nd_utf8_is_hidden(code);
  if (step == 0 && length > 0) step = 1;
  for (size_t i = 0; i < step; i++)
    used += (size_t)snprintf(shown + used, NADIR_SHOWN_TEXT - used, plain ? "%c" : "\\x%02X",
                             (unsigned)(unsigned char)text[i]);
  shown[used] = '\0';
  return step;
}
