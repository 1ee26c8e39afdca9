/* Sentences with facts in them: a row of a .def has "the rate {number} is beyond ..." and a callback says
 * what is in braces. So a sentence is whole where it is written, and is looked at as one. */
#include <string.h>

#include "optim/optim.h"
#include "tell/tell.h"

/* "rule:few": the name of the rule that plays this part. */
static bool say_rule(const char *asked, size_t length, nd_text *out) {
  static const char word[] = "rule:";
  size_t before = sizeof word - 1;
  if (length <= before || memcmp(asked, word, before) != 0) return false;
  const nadir_optimizer *rule = nd_optimizer_for_part(asked + before, length - before);
  if (rule) nd_text_append(out, rule->name);
  return rule != NULL;
}

void nd_tell_sentence(const char *sentence, nd_fact_teller *say, const void *facts, nd_text *out) {
  while (*sentence) {
    size_t plain = strcspn(sentence, "{");
    nd_text_append_bytes(out, sentence, plain);
    sentence += plain;
    if (*sentence != '{') continue;
    size_t length = strcspn(++sentence, "}");
    if (!say_rule(sentence, length, out) && say) say(facts, sentence, length, out);
    sentence += length + (sentence[length] == '}');
  }
}

bool nd_is_fact(const char *name, const char *asked, size_t length) {
  return strlen(name) == length && memcmp(name, asked, length) == 0;
}
