/* What settings.c, which keeps the values, and grammars.c, which reads and shows them, share. */
#ifndef ND_SETTINGS_INTERNAL_H
#define ND_SETTINGS_INTERNAL_H

#include "settings/settings.h"

typedef enum nd_grammar {
#define ND_VALUE(grammar, c_type, type, function) ND_GRAMMAR_##grammar,
#define ND_PROSE(grammar, function) ND_GRAMMAR_##grammar,
#define ND_CHOICES(grammar, c_type, words) ND_GRAMMAR_##grammar,
#include "settings/grammars.def"
#undef ND_VALUE
#undef ND_PROSE
#undef ND_CHOICES
} nd_grammar;

/* A setting of these settings: its row, and where its value lies. */
typedef struct nd_slot {
  nadir_setting about;
  nd_grammar grammar;
  double low, high;
  void *value;
  bool *is_set;
} nd_slot;

nadir_setting_type nd_grammar_type(nd_grammar grammar);
size_t nd_grammar_size(nd_grammar grammar);       /* of the value */
bool nd_grammar_is_prose(nd_grammar grammar);     /* the value is a text that the settings own */
const char *nd_grammar_words(nd_grammar grammar); /* "mean|sum"; NULL where it is not a choice */
/* A value out of a text without blanks around it; on failure the slot is as it was. */
nadir_status nd_value_read(const nadir_settings *settings, const nd_slot *slot, const char *text,
                           nadir_error *error);
void nd_value_show(const nd_slot *slot, nd_text *out);
nadir_status nd_value_copy(const nd_slot *to, const nd_slot *from, nadir_error *error);

#endif
