/* A model as what it answers: the heads written out over the table's own columns and parameters (the scaling of the
 * descent is undone in these), then what the loss makes of f, then the gradient by the parameters. The model's graph
 * is read alone, so that several threads may export one model. */
#include <string.h>

#include "export/export_internal.h"
#include "expr/copy.h"

typedef struct maker {
  nd_subject *s;
  nd_node *map; /* by node of the model's graph */
  nadir_error *error;
} maker;

void nd_name_column(const nd_model_column *column, nd_text *out) {
  nd_text_append(out, column->column);
  if (column->equals) nd_text_print(out, " == \"%s\"", column->equals);
}

/* A leaf with this name, or with another where a leaf has it already. */
static nadir_status make_leaf(maker *m, const char *name, nd_node *leaf) {
  size_t before = nd_graph_size(m->s->graph);
  ND_TRY(nd_make_name(m->s->graph, name, leaf, m->error));
  return *leaf >= before ? NADIR_OK : nd_make_fresh_name(m->s->graph, name, leaf, m->error);
}

/* What a double leaves out of an integer is 0: the function takes doubles. */
static nadir_status make_column(maker *m, size_t i, nd_node *leaf) {
  const nd_model_column *column = &m->s->model->columns[i];
  nd_text name = {0};
  if (column->rest) return nd_make_number(m->s->graph, 0, leaf, m->error);
  nd_name_column(column, &name);
  nadir_status status = nd_text_status(&name, m->error);
  if (status == NADIR_OK) status = make_leaf(m, nd_text_data(&name), leaf);
  nd_text_free(&name);
  return status;
}

static nadir_status make_leaves(maker *m) {
  const nd_model *model = m->s->model;
  for (size_t i = 0; i < model->size; i++)
    ND_TRY(make_leaf(m, model->parameters[i].name, &m->s->parameter[i]));
  for (size_t i = 0; i < model->column_count; i++)
    ND_TRY(make_column(m, i, &m->map[model->columns[i].name]));
  for (size_t i = 0; i < model->free_count; i++)
    m->map[model->free[i]] = m->s->parameter[model->free_index[i]];
  return NADIR_OK;
}

/* eta = b + sum w x */
static nadir_status make_head(maker *m, const nd_head *head) {
  const nd_model *model = m->s->model;
  nd_graph *graph = m->s->graph;
  size_t count = 0;
  nd_node *terms = nd_new(head->features + 1, sizeof *terms, m->error);
  nadir_status status = terms ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK && head->intercept != SIZE_MAX)
    terms[count++] = m->s->parameter[head->intercept];
  for (size_t j = 0; j < head->features && status == NADIR_OK; j++) {
    nd_node factors[2] = {m->s->parameter[head->first_weight + j],
                          m->map[model->features[head->first_feature + j]]};
    status = nd_make(graph, ND_MUL, factors, 2, &terms[count++], m->error);
  }
  if (status == NADIR_OK && count == 1) m->map[head->eta] = terms[0];
  if (status == NADIR_OK && count > 1)
    status = nd_make(graph, ND_ADD, terms, count, &m->map[head->eta], m->error);
  nd_free(terms);
  return status;
}

static nadir_status copy(maker *m, const nd_node *roots, size_t count) {
  return nd_copy(m->s->model->graph, roots, count, m->s->graph, m->map, m->error);
}

static nadir_status make_heads(maker *m) {
  const nd_model *model = m->s->model;
  ND_TRY(copy(m, model->features, model->feature_count));
  for (size_t k = 0; k < model->head_count; k++)
    ND_TRY(make_head(m, &model->heads[k]));
  return NADIR_OK;
}

/* The probability of a class: exp(eta - logsumexp(etas)). */
static nadir_status answer_classes(maker *m) {
  nd_subject *s = m->s;
  nd_node all, difference[2], *eta = nd_new(s->answers, sizeof *eta, m->error);
  nadir_status status = eta ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t k = 0; k < s->answers && eta; k++)
    eta[k] = m->map[s->model->etas[k]];
  if (status == NADIR_OK) status = nd_make(s->graph, ND_LOGSUMEXP, eta, s->answers, &all, m->error);
  for (size_t k = 0; k < s->answers && status == NADIR_OK; k++) {
    difference[0] = eta[k], difference[1] = all;
    status = nd_make(s->graph, ND_SUB, difference, 2, &s->typed[k], m->error);
    if (status == NADIR_OK)
      status = nd_make(s->graph, ND_EXP, &s->typed[k], 1, &s->typed[k], m->error);
  }
  nd_free(eta);
  return status;
}

static nadir_status answer_number(maker *m) {
  nd_subject *s = m->s;
  nd_link link = s->model->loss.link;
  ND_TRY(copy(m, &s->model->output, 1));
  s->typed[0] = m->map[s->model->output];
  if (link != ND_LINK_LOG && link != ND_LINK_LOGIT) return NADIR_OK;
  return nd_make(s->graph, link == ND_LINK_LOG ? ND_EXP : ND_SIGMOID, s->typed, 1, s->typed,
                 m->error);
}

static nadir_status derive(maker *m) {
  nd_subject *s = m->s;
  size_t size = s->model->size;
  for (size_t k = 0; k < s->answers; k++) {
    ND_TRY(nd_simplify(s->graph, s->typed[k], &s->answer[k], m->error));
    ND_TRY(nd_derive(s->graph, s->typed[k], s->parameter, size, s->gradient + k * size, m->error));
  }
  return NADIR_OK;
}

/* The columns that the answers need. */
static nadir_status list_columns(maker *m) {
  nd_subject *s = m->s;
  nd_node *names;
  size_t count;
  ND_TRY(nd_names(s->graph, s->typed, s->answers, &names, &count, m->error));
  for (size_t i = 0; i < s->model->column_count; i++)
    for (size_t j = 0; j < count; j++)
      if (m->map[s->model->columns[i].name] == names[j]) {
        s->column[s->columns] = names[j];
        s->column_of[s->columns++] = i;
      }
  nd_free(names);
  return NADIR_OK;
}

static nadir_status take_room(maker *m) {
  nd_subject *s = m->s;
  size_t nodes = nd_graph_size(s->model->graph), columns = s->model->column_count;
  m->map = nd_new(nodes, sizeof *m->map, m->error);
  s->parameter = nd_new(s->model->size, sizeof *s->parameter, m->error);
  s->column = nd_new(columns, sizeof *s->column, m->error);
  s->column_of = nd_new(columns, sizeof *s->column_of, m->error);
  s->answer = nd_new(s->answers, sizeof *s->answer, m->error);
  s->typed = nd_new(s->answers, sizeof *s->typed, m->error);
  s->gradient = nd_new(s->answers * s->model->size, sizeof *s->gradient, m->error);
  if (!m->map || !s->parameter || !s->column || !s->column_of || !s->answer || !s->typed ||
      !s->gradient)
    return NADIR_NO_MEMORY;
  memset(m->map, 0xff, nodes * sizeof *m->map); /* ND_NO_NODE */
  return nd_graph_new(&s->graph, m->error);
}

static nadir_status make(maker *m) {
  bool classes = m->s->model->target_kind == ND_TARGET_CLASS;
  m->s->answers = classes ? m->s->model->class_count : 1;
  ND_TRY(take_room(m));
  ND_TRY(make_leaves(m));
  ND_TRY(make_heads(m));
  ND_TRY(classes ? answer_classes(m) : answer_number(m));
  ND_TRY(derive(m));
  return list_columns(m);
}

nadir_status nd_subject_new(nd_subject **subject, const nadir_model *model, nadir_error *error) {
  *subject = nd_new(1, sizeof **subject, error);
  if (!*subject) return NADIR_NO_MEMORY;
  (*subject)->of = model;
  (*subject)->model = model->model;
  maker m = {.s = *subject, .error = error};
  nadir_status status = make(&m);
  nd_free(m.map);
  if (status == NADIR_OK) return NADIR_OK;
  nd_subject_free(*subject);
  *subject = NULL;
  return status;
}

void nd_subject_free(nd_subject *subject) {
  if (!subject) return;
  nd_graph_free(subject->graph);
  void *owned[] = {subject->column, subject->column_of, subject->parameter,
                   subject->answer, subject->gradient,  subject->typed,
                   subject};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
}
