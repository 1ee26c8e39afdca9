/* The frame around the statements: a comment that says what is what, the fitted values with their errors and covariance,
 * the helpers that are called, the prediction and its gradient. */
#include <stdio.h>
#include <string.h>

#include "export/export_internal.h"

enum { MOST_COVARIANCE = 64, COMMENT = 92 };

typedef struct program {
  const nd_subject *s;
  const nd_language *language;
  const char *function;
  nd_identifiers names;
  const char **word; /* by node */
  nd_body predict, derive;
  nd_text *out;
} program;

/* ---- numbers and names ---- */

void nd_number_in(const nd_language *language, double value, nd_text *out) {
  char text[ND_NUMBER_TEXT];
  nd_format(value, text);
  bool whole = strpbrk(text, ".e") == NULL;
  nd_text_print(out, "%s%s%s", text, whole ? ".0" : "", language->real);
}

void nd_append_shown(nd_text *out, const char *text) {
  char shown[NADIR_SHOWN_TEXT];
  for (size_t length; (length = nd_show_character(text, strlen(text), shown)) > 0; text += length)
    nd_text_append(out, shown);
}

void nd_value_with_error(const nd_model *model, size_t parameter, const char *sign, nd_text *out) {
  char value[ND_NUMBER_TEXT], error[ND_NUMBER_TEXT];
  nd_format_with_error(model->value[parameter], model->standard_error[parameter], value, error);
  nd_text_append(out, value);
  if (*error) nd_text_print(out, "%s%s", sign, error);
}

/* ---- comments ---- */

/* Shown, without what begins or ends a comment: a blank comes between the star and the slash. */
static void append_harmless(nd_text *out, const char *text) {
  nd_text shown = {0};
  nd_append_shown(&shown, text);
  for (const char *c = nd_text_data(&shown); *c; c++) {
    nd_text_append_bytes(out, c, 1);
    if ((c[0] == '*' && c[1] == '/') || (c[0] == '/' && c[1] == '*')) nd_text_append(out, " ");
  }
  out->failed = out->failed || shown.failed;
  nd_text_free(&shown);
}

/* A sentence, in as many lines as it takes. */
static void comment(program *p, const char *text) {
  do {
    size_t length = strlen(text), cut = length;
    if (length > COMMENT) {
      for (cut = COMMENT; cut > 0 && text[cut] != ' ';)
        cut--;
      if (cut == 0) cut = strcspn(text, " ");
    }
    nd_text_append(p->out, p->language->every);
    nd_text_append_bytes(p->out, text, cut);
    nd_text_append(p->out, "\n");
    text += cut + (text[cut] == ' ');
  } while (*text);
}

static void comment_text(program *p, nd_text *text) {
  comment(p, nd_text_data(text));
  p->out->failed = p->out->failed || text->failed;
  nd_text_free(text);
}

static void comment_column(program *p, size_t i) {
  const nd_model_column *column = &p->s->model->columns[p->s->column_of[i]];
  nd_text line = {0}, name = {0};
  nd_name_column(column, &name);
  nd_text_print(&line, "  %s: %s ", p->word[p->s->column[i]],
                column->equals ? "1 where" : "column");
  append_harmless(&line, nd_text_data(&name));
  if (column->equals) nd_text_append(&line, ", else 0");
  if (!column->equals && *column->unit) {
    nd_text_append(&line, " [");
    append_harmless(&line, column->unit);
    nd_text_append(&line, "]");
  }
  line.failed = line.failed || name.failed;
  nd_text_free(&name);
  comment_text(p, &line);
}

static void comment_classes(program *p) {
  const nd_model *model = p->s->model;
  for (size_t k = 0; p->s->answers > 1 && k < p->s->answers; k++) {
    char index[32];
    nd_text line = {0};
    snprintf(index, sizeof index, p->language->index, k + p->language->from);
    nd_text_print(&line, "  probability%s: ", index);
    append_harmless(&line, model->classes[k]);
    comment_text(p, &line);
  }
}

static void say_answer(program *p) {
  const nd_model *model = p->s->model;
  nd_text line = {0};
  if (model->target_kind == ND_TARGET_CLASS)
    nd_text_print(&line, "%s gives the probability of each class", p->function);
  else if (model->target_kind == ND_TARGET_TRUTH && model->loss.link == ND_LINK_LOGIT) {
    nd_text_print(&line, "%s gives the probability of ", p->function);
    append_harmless(&line, model->classes[1]);
  } else {
    nd_text_print(&line, "%s gives ", p->function);
    append_harmless(&line, model->target_name);
    if (*model->target_unit) {
      nd_text_append(&line, " [");
      append_harmless(&line, model->target_unit);
      nd_text_append(&line, "]");
    }
  }
  nd_text_print(&line, ", %s_gradient its derivatives by the parameters%s.", p->function,
                p->s->answers > 1 ? ", class by class" : "");
  comment_text(p, &line);
}

static void write_head(program *p) {
  nd_text line = {0};
  nd_text_append(p->out, p->language->first);
  nd_text_print(&line, "A model that nadir %s fitted: ", NADIR_VERSION);
  append_harmless(&line, p->s->model->formula);
  comment_text(p, &line);
  say_answer(p);
  comment_classes(p);
  if (p->s->columns > 0) comment(p, "Of a row:");
  for (size_t i = 0; i < p->s->columns; i++)
    comment_column(p, i);
  if (p->s->model->basis.degree > 0)
    comment(p, "It has powers of the column itself: far from 0 they lose digits that predictions of nadir keep.");
  comment(
      p,
      "p: the parameters in the order of the fitted values, which they are where p is left out.");
  nd_text_append(p->out, p->language->last);
}

/* ---- constants ---- */

typedef double element_of(const program *p, size_t i);

static double value_of(const program *p, size_t i) {
  return p->s->model->value[i];
}

static double error_of(const program *p, size_t i) {
  return p->s->model->standard_error[i];
}

static void name_parameter(program *p, size_t i, nd_text *line) {
  const nd_model *model = p->s->model;
  append_harmless(line, model->parameters[i].name);
  nd_text_append(line, " = ");
  nd_value_with_error(model, i, " +- ", line);
  if (*model->parameters[i].unit) {
    nd_text_append(line, " ");
    append_harmless(line, model->parameters[i].unit);
  }
}

/* How lists are written: what is between elements, and a comment behind one. */
typedef struct list_form {
  const char *begin, *end, *row_begin, *row_end, *between, *last;
  const char *comment_begin, *comment_end;
} list_form;

static const list_form list_forms[ND_LANGUAGES] = {
    [ND_IN_C] = {"{\n", "};\n", "{", "}", ",", "", " /* ", " */"},
    [ND_IN_FORTRAN] = {"[ &\n", "  ]\n", "", "", ", &", " &", " ! ", ""},
    [ND_IN_JAVASCRIPT] = {"[\n", "];\n", "[", "]", ",", "", " /* ", " */"},
    [ND_IN_PYTHON] = {"[\n", "]\n", "[", "]", ",", ",", "  # ", ""},
};

static void write_list(program *p, nd_language_id id, const char *declaration, element_of *element,
                       bool named) {
  const list_form *form = &list_forms[id];
  size_t size = p->s->model->size;
  nd_text_print(p->out, "%s%s", declaration, form->begin);
  for (size_t i = 0; i < size; i++) {
    nd_text_print(p->out, "%*s", (int)p->language->indent, "");
    nd_number_in(p->language, element(p, i), p->out);
    nd_text_append(p->out, i + 1 < size ? form->between : form->last);
    if (named) {
      nd_text_append(p->out, form->comment_begin);
      name_parameter(p, i, p->out);
      nd_text_append(p->out, form->comment_end);
    }
    nd_text_append(p->out, "\n");
  }
  nd_text_append(p->out, form->end);
}

static void write_square(program *p, nd_language_id id, const char *declaration) {
  const list_form *form = &list_forms[id];
  const double *covariance = p->s->model->covariance;
  size_t size = p->s->model->size;
  nd_text_print(p->out, "%s%s", declaration, form->begin);
  for (size_t i = 0; i < size; i++) {
    nd_text_print(p->out, "%*s%s", (int)p->language->indent, "", form->row_begin);
    for (size_t j = 0; j < size; j++) {
      if (j > 0) nd_text_append(p->out, id == ND_IN_FORTRAN ? ", &\n    " : ", ");
      nd_number_in(p->language, covariance[i * size + j], p->out);
    }
    nd_text_print(p->out, "%s%s\n", form->row_end, i + 1 < size ? form->between : form->last);
  }
  nd_text_append(p->out, id == ND_IN_FORTRAN ? "  ], [" : form->end);
  if (id == ND_IN_FORTRAN) nd_text_print(p->out, "%zu, %zu])\n", size, size);
}

static bool has_errors(const program *p) {
  for (size_t i = 0; i < p->s->model->size; i++)
    if (!isfinite(p->s->model->standard_error[i])) return false;
  return true;
}

static bool has_covariance(const program *p) {
  return has_errors(p) && p->s->model->covariance && p->s->model->size <= MOST_COVARIANCE;
}

/* ---- the frame ---- */

/* Templates: $F the function, $N how many parameters, $O how many answers, $G how many derivatives, $A the columns
 * declared as arguments, $a the columns alone, each with a comma behind it, $E $V the names of errors and covariance
 * where there are any, $C the name that a line is about. */
typedef struct frame {
  const char *begin, *fitted, *errors, *covariance, *interfaces, *interfaces_end, *functions;
  const char *predict, *predict_classes, *derive; /* the beginnings of the functions */
  const char *column, *column_unused;             /* a line for each column */
  const char *locals;                             /* a line for each local, $C, and ... */
  const char *counter, *start;                    /* ... for each integer; what comes behind them */
  const char *end, *end_classes, *end_derive, *last;
} frame;

static const frame frames[ND_LANGUAGES] = {
    [ND_IN_C] = {.begin = "\n#include <math.h>\n#include <stddef.h>\n",
                 .fitted = "\nconst double $F_fitted[$N] = ",
                 .errors = "\n/* standard errors */\nconst double $F_errors[$N] = ",
                 .covariance = "\nconst double $F_covariance[$N][$N] = ",
                 .predict = "double $F($Aconst double *p) {\n",
                 .predict_classes = "void $F($Aconst double *p, double *probability) {\n",
                 .derive = "void $F_gradient($Aconst double *p, double *gradient) {\n",
                 .column_unused = "  (void)$C;\n",
                 .start = "  if (!p) p = $F_fitted;\n",
                 .end = "}\n",
                 .end_classes = "}\n",
                 .end_derive = "}\n"},
    [ND_IN_FORTRAN] =
        {.begin = "\nmodule $F_model\n"
                  "  use, intrinsic :: iso_c_binding, only: c_double\n"
                  "  implicit none\n"
                  "  private\n"
                  "  integer, parameter :: dp = c_double\n"
                  "  public :: $F, $F_gradient\n",
         .fitted = "  real(dp), parameter, public :: $F_fitted($N) = ",
         .errors = "  ! standard errors\n  real(dp), parameter, public :: $F_errors($N) = ",
         .covariance = "  real(dp), parameter, public :: $F_covariance($N, $N) = reshape(",
         .interfaces = "  interface\n",
         .interfaces_end = "  end interface\n",
         .functions = "contains\n",
         .predict = "  pure function $F($ap) result(value)\n    real(dp) :: value, q($N)\n"
                    "    real(dp), intent(in), optional :: p($N)\n",
         .predict_classes =
             "  pure function $F($ap) result(probability)\n    real(dp) :: probability($O), q($N)\n"
             "    real(dp), intent(in), optional :: p($N)\n",
         .derive = "  pure function $F_gradient($ap) result(gradient)\n    real(dp) :: "
                   "gradient($G), q($N)\n"
                   "    real(dp), intent(in), optional :: p($N)\n",
         .column = "    real(dp), intent(in) :: $C\n",
         .locals = "    real(dp) :: $C\n",
         .counter = "    integer :: $C\n",
         .start = "    q = $F_fitted\n    if (present(p)) q = p\n",
         .end = "  end function\n",
         .end_classes = "  end function\n",
         .end_derive = "  end function\n",
         .last = "end module\n"},
    [ND_IN_JAVASCRIPT] = {.begin = "\n\"use strict\";\n",
                          .fitted = "\nconst FITTED = ",
                          .errors = "\n/* standard errors */\nconst ERRORS = ",
                          .covariance = "\nconst COVARIANCE = ",
                          .predict = "function $F($ap = FITTED) {\n",
                          .predict_classes =
                              "function $F($ap = FITTED) {\n  const probability = [];\n",
                          .derive =
                              "function $F_gradient($ap = FITTED) {\n  const gradient = [];\n",
                          .end = "}\n",
                          .end_classes = "  return probability;\n}\n",
                          .end_derive = "  return gradient;\n}\n",
                          .last = "\nif (typeof module !== \"undefined\") module.exports = {$F, "
                                  "$F_gradient, FITTED$E$V};\n"},
    [ND_IN_PYTHON] = {.begin = "\nimport math\n",
                      .fitted = "\nFITTED = ",
                      .errors = "\n# standard errors\nERRORS = ",
                      .covariance = "\nCOVARIANCE = ",
                      .predict = "\ndef $F($ap=FITTED):\n",
                      .predict_classes = "\ndef $F($ap=FITTED):\n    probability = [0.0] * $O\n",
                      .derive = "\ndef $F_gradient($ap=FITTED):\n    gradient = [0.0] * $G\n",
                      .end_classes = "    return probability\n",
                      .end_derive = "    return gradient\n"},
};

static void append_columns(const program *p, const char *type, nd_text *out) {
  for (size_t i = 0; i < p->s->columns; i++)
    nd_text_print(out, "%s%s, ", type, p->word[p->s->column[i]]);
}

static void append_slot(const program *p, char slot, const char *column, nd_text *out) {
  size_t size = p->s->model->size, answers = p->s->answers;
  if (slot == 'F') nd_text_append(out, p->function);
  if (slot == 'C') nd_text_append(out, column);
  if (slot == 'A') append_columns(p, "double ", out);
  if (slot == 'a') append_columns(p, "", out);
  if (slot == 'E' && has_errors(p)) nd_text_append(out, ", ERRORS");
  if (slot == 'V' && has_covariance(p)) nd_text_append(out, ", COVARIANCE");
  if (slot == 'N') nd_text_print(out, "%zu", size);
  if (slot == 'O') nd_text_print(out, "%zu", answers);
  if (slot == 'G') nd_text_print(out, "%zu", answers * size);
}

static void fill(const program *p, const char *template, const char *column, nd_text *out) {
  for (; template && *template; template ++) {
    if (*template != '$')
      nd_text_append_bytes(out, template, 1);
    else
      append_slot(p, *++template, column, out);
  }
}

/* A template by lines, which are broken where they are too long. */
static void put(program *p, const char *template, const char *column) {
  nd_text lines = {0};
  fill(p, template, column, &lines);
  for (const char *line = nd_text_data(&lines); *line;) {
    size_t length = strcspn(line, "\n"), blanks = strspn(line, " ");
    nd_text one = {0};
    nd_text_append_bytes(&one, line + blanks, length - blanks);
    nd_line_in(p->language, blanks, nd_text_data(&one), p->out);
    p->out->failed = p->out->failed || one.failed;
    nd_text_free(&one);
    line += length + (line[length] == '\n');
  }
  p->out->failed = p->out->failed || lines.failed;
  nd_text_free(&lines);
}

/* As it is: the beginning of a line that something follows. */
static const char *begin_list(program *p, const char *template, nd_text *text) {
  nd_text_clear(text);
  fill(p, template, "", text);
  p->out->failed = p->out->failed || text->failed;
  return nd_text_data(text);
}

static void write_constants(program *p, nd_language_id id) {
  const frame *f = &frames[id];
  nd_text text = {0};
  write_list(p, id, begin_list(p, f->fitted, &text), value_of, true);
  if (has_errors(p)) write_list(p, id, begin_list(p, f->errors, &text), error_of, false);
  if (has_covariance(p)) write_square(p, id, begin_list(p, f->covariance, &text));
  nd_text_free(&text);
}

/* ---- helpers ---- */

static bool is_called(const program *p, const nd_helper *helper, const bool *called) {
  if (nd_calls(nd_text_data(&p->predict.lines), helper->name) ||
      nd_calls(nd_text_data(&p->derive.lines), helper->name))
    return true;
  for (size_t i = 0; nd_helper_at(i); i++)
    if (called[i] && nd_calls(nd_helper_at(i)->code, helper->name)) return true;
  return false;
}

static void write_helpers(program *p, nd_language_id id, const bool *called,
                          nd_helper_place place) {
  for (size_t i = 0; nd_helper_at(i); i++) {
    const nd_helper *helper = nd_helper_at(i);
    if (!called[i] || helper->place != place) continue;
    if (place == ND_HELPER_FUNCTION) nd_text_append(p->out, id == ND_IN_PYTHON ? "\n\n" : "\n");
    nd_text_append(p->out, helper->code);
  }
}

static nadir_status write_all_helpers(program *p, nd_language_id id, nadir_error *error) {
  const frame *f = &frames[id];
  size_t count = 0;
  bool interfaces = false;
  while (nd_helper_at(count))
    count++;
  bool *called = nd_new(count, sizeof *called, error);
  if (!called) return NADIR_NO_MEMORY;
  for (size_t i = count; i-- > 0;) {
    called[i] = nd_helper_at(i)->language == id && is_called(p, nd_helper_at(i), called);
    interfaces = interfaces || (called[i] && nd_helper_at(i)->place == ND_HELPER_INTERFACE);
  }
  if (interfaces) put(p, f->interfaces, "");
  write_helpers(p, id, called, ND_HELPER_INTERFACE);
  if (interfaces) put(p, f->interfaces_end, "");
  put(p, f->functions, "");
  write_helpers(p, id, called, ND_HELPER_FUNCTION);
  nd_free(called);
  return NADIR_OK;
}

/* ---- functions ---- */

/* A line for each local: those that count begin with a star. */
static void declare_locals(program *p, const nd_body *body, const frame *f) {
  for (const char *local = nd_text_data(&body->locals); *local;) {
    size_t length = strcspn(local, "\n");
    char name[64];
    bool counts = *local == '*';
    snprintf(name, sizeof name, "%.*s", (int)(length - counts), local + counts);
    put(p, counts ? f->counter : f->locals, name);
    local += length + 1;
  }
}

static void write_function(program *p, nd_language_id id, const nd_body *body, const char *begin,
                           const char *end) {
  const frame *f = &frames[id];
  nd_text_append(p->out, "\n");
  put(p, begin, "");
  for (size_t i = 0; i < p->s->columns; i++) {
    nd_node column = p->s->column[i];
    put(p, f->column, p->word[column]);
    if (!body->used[column]) put(p, f->column_unused, p->word[column]);
  }
  declare_locals(p, body, f);
  put(p, f->start, "");
  nd_text_append(p->out, nd_text_data(&body->lines));
  put(p, end, "");
}

/* ---- names ---- */

static nadir_status name_leaves(program *p, nadir_error *error) {
  const nd_subject *s = p->s;
  for (size_t i = 0; i < s->columns; i++) {
    const nd_model_column *column = &s->model->columns[s->column_of[i]];
    nd_text name = {0};
    nd_text_append(&name, column->column);
    if (column->equals) nd_text_print(&name, "_is_%s", column->equals);
    nadir_status status = nd_text_status(&name, error);
    if (status == NADIR_OK)
      status = nd_identify(&p->names, nd_text_data(&name), &p->word[s->column[i]], error);
    nd_text_free(&name);
    ND_TRY(status);
  }
  for (size_t i = 0; i < s->model->size; i++)
    ND_TRY(nd_identify(&p->names, s->model->parameters[i].name, &p->word[s->parameter[i]], error));
  return NADIR_OK;
}

/* The names of the program itself come first: all others give way. */
static nadir_status name_program(program *p, nadir_error *error) {
  static const char *const ends[] = {"",        "_gradient",   "_fitted",
                                     "_errors", "_covariance", "_model"};
  for (size_t i = 0; i < ND_COUNT(ends); i++) {
    char name[64];
    const char *word;
    snprintf(name, sizeof name, "%s%s", p->function, ends[i]);
    ND_TRY(nd_identify(&p->names, name, &word, error));
    if (i == 0 && strcmp(word, name) != 0)
      return nd_fail(error, NADIR_BAD_SETTING,
                     "export: '%s' means something else in %s: give the function a different name",
                     p->function, p->language->name);
  }
  return NADIR_OK;
}

static nadir_status write_bodies(program *p, nadir_error *error) {
  const nd_subject *s = p->s;
  nd_body body = {.language = p->language, .subject = s, .names = &p->names, .word = p->word};
  p->predict = p->derive = body;
  p->predict.result = s->answers > 1 ? "probability" : NULL;
  p->predict.return_text = p->language->declares ? "value = " : "return ";
  p->derive.result = "gradient";
  ND_TRY(nd_body_write(&p->predict, s->answer, s->answers, error));
  return nd_body_write(&p->derive, s->gradient, s->answers * s->model->size, error);
}

static nadir_status write(program *p, nd_language_id id, nadir_error *error) {
  const frame *f = &frames[id];
  bool classes = p->s->answers > 1;
  ND_TRY(name_program(p, error));
  ND_TRY(name_leaves(p, error));
  ND_TRY(write_bodies(p, error));
  write_head(p);
  put(p, f->begin, "");
  write_constants(p, id);
  ND_TRY(write_all_helpers(p, id, error));
  write_function(p, id, &p->predict, classes ? f->predict_classes : f->predict,
                 classes ? f->end_classes : f->end);
  write_function(p, id, &p->derive, f->derive, f->end_derive);
  put(p, f->last, "");
  return nd_text_status(p->out, error);
}

nadir_status nd_program_write(const nd_subject *subject, nd_language_id id, const char *function,
                              nd_text *out, nadir_error *error) {
  program p = {.s = subject, .language = nd_language_at(id), .function = function, .out = out};
  p.names.language = p.language;
  p.word = nd_new(nd_graph_size(subject->graph), sizeof *p.word, error);
  nadir_status status = p.word ? nd_arena_new(&p.names.arena, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK) status = write(&p, id, error);
  nd_body_clear(&p.predict);
  nd_body_clear(&p.derive);
  nd_arena_free(p.names.arena);
  nd_free((void *)p.names.items);
  nd_free((void *)p.word);
  return status;
}
