/* nadir_export: the language by its name, then the subject in it. */
#include <string.h>

#include "export/export_internal.h"

static const char LATEX[] = "latex";

/* ND_LANGUAGES: LaTeX. */
static nadir_status find_language(const char *name, nd_language_id *language, nadir_error *error) {
  const char *names[ND_LANGUAGES + 1];
  for (size_t i = 0; i <= ND_LANGUAGES; i++)
    names[i] = i < ND_LANGUAGES ? nd_language_at(i)->name : LATEX;
  for (size_t i = 0; i <= ND_LANGUAGES; i++)
    if (nd_same_name(names[i], name)) {
      *language = (nd_language_id)i;
      return NADIR_OK;
    }
  ptrdiff_t near = nd_nearest(name, names, ND_LANGUAGES + 1);
  if (near >= 0)
    return nd_fail(error, NADIR_BAD_SETTING, "export: there is no language '%s': " ND_DID_YOU_MEAN,
                   name, names[near]);
  return nd_fail(
      error, NADIR_BAD_SETTING,
      "export: there is no language '%s': expected c, fortran, javascript, python or latex", name);
}

nadir_status nd_export(const nadir_model *model, const char *language, const char *function,
                       nd_text *out, nadir_error *error) {
  nd_language_id id;
  nd_subject *subject;
  ND_TRY(find_language(language, &id, error));
  if (!nd_is_identifier(function))
    return nd_fail(error, NADIR_BAD_SETTING,
                   "export: '%s' cannot be the name of a function: give letters, digits and _, at "
                   "most 40, a letter "
                   "first",
                   function);
  ND_TRY(nd_subject_new(&subject, model, error));
  nadir_status status = id == ND_LANGUAGES ? nd_paper_write(subject, out, error)
                                           : nd_program_write(subject, id, function, out, error);
  nd_subject_free(subject);
  return status;
}
