/* Which classes a target has, and which of them counts as 1, in a sentence. */
#include "tell/tell.h"

static void say_two(const nadir_classes *classes, nd_text *out) {
  if (classes->truth)
    nd_text_print(out, "1 where %s is true, %d where it is false", classes->target, classes->other);
  else
    nd_text_print(out, "%s counts as 1, %s as %d", classes->one, classes->name[0], classes->other);
}

static void say_all(const nadir_classes *classes, nd_text *out) {
  enum { MOST = 12 };
  size_t count = classes->count, shown = count > MOST ? MOST : count;
  nd_text_print(out, "%zu, in this order: ", count);
  for (size_t i = 0; i < shown; i++)
    nd_text_print(out, "%s%s", i ? ", " : "", classes->name[i]);
  nd_text_print(out, "%s; only differences between their parameters count",
                shown < count ? ", ..." : "");
}

void nd_tell_classes(const nadir_classes *classes, nd_text *out) {
  (classes->one ? say_two : say_all)(classes, out);
}

nadir_status nadir_classes_text(const nadir_classes *classes, char **text, nadir_error *error) {
  ND_TO_NEAREST;
  nd_text out = {0};
  nd_tell_classes(classes, &out);
  return nd_give_text(&out, NADIR_OK, text, error);
}
