/* The JSON object of the fits of groups. */
#include <stdio.h>
#include <string.h>

#include "tell/tell.h"

/* "m_error", "m_low" and "m_high" of each parameter m. */
typedef struct beside_names {
  char **error, **low, **high;
} beside_names;

enum { INDENTED = 128 }; /* bytes that a group takes within the list besides its own */

const char *nadir_group_status(const nadir_group *group) {
  return group->error ? "failed" : nadir_ended_name(group->ended);
}

static void write_parameters(nd_json_writer *w, const nadir_groups *groups, const nadir_group *group,
                             const beside_names *names) {
  for (size_t i = 0; i < groups->size; i++) {
    nd_write_number(w, groups->parameter[i], group->value[i]);
    nd_write_number(w, names->error[i], group->standard_error[i]);
    if (group->low) nd_write_number(w, names->low[i], group->low[i]);
    if (group->high) nd_write_number(w, names->high[i], group->high[i]);
  }
  nd_write_open(w, "at_bound", '[');
  for (size_t i = 0; i < groups->size; i++)
    if (group->at_bound[i]) nd_write_text(w, NULL, groups->parameter[i]);
  nd_write_close(w, ']');
}

static void write_group(nd_json_writer *w, const nadir_groups *groups, const nadir_group *group,
                        const beside_names *names) {
  nd_write_open(w, NULL, '{');
  nd_write_text(w, "group", group->name);
  nd_write_text(w, "status", nadir_group_status(group));
  nd_write_text(w, "failed", group->error ? group->error->message : NULL);
  nd_write_text(w, "stop", group->error ? NULL : nadir_stop_name(group->stop));
  nd_write_text(w, "point", nadir_point_name(group->kind));
  nd_write_text(w, "reason", group->error ? NULL : nadir_reason_name(group->reason));
  nd_write_text(w, "no_standard_errors", nadir_no_errors_name(group->no_errors));
  write_parameters(w, groups, group, names);
  nd_write_number(w, "chi2", group->chi2);
  nd_write_count(w, "degrees_of_freedom", group->degrees_of_freedom);
  nd_write_number(w, "residual_sigma", group->residual_sigma);
  nd_write_number(w, "loss", group->loss);
  nd_write_count(w, "rows", group->rows);
  nd_write_count(w, "rows_used", group->rows_used);
  nd_write_count(w, "updates", group->updates);
  nd_write_close(w, '}');
}

static void write_groups(nd_json_writer *w, const nadir_groups *groups, const beside_names *names) {
  nd_write_open(w, "parameters", '[');
  for (size_t i = 0; i < groups->size; i++)
    nd_write_text(w, NULL, groups->parameter[i]);
  nd_write_close(w, ']');
  nd_write_open(w, "groups", '[');
  for (size_t g = 0; g < groups->count; g++)
    write_group(w, groups, &groups->group[g], names);
  nd_write_close(w, ']');
}

static void write_all(nd_json_writer *w, const nadir_groups *groups, const beside_names *names) {
  nd_write_open(w, NULL, '{');
  nd_write_text(w, "nadir", NADIR_VERSION);
  nd_write_text(w, "command", "fit");
  nd_write_text(w, "formula", groups->formula);
  nd_write_text(w, "by", groups->by);
  nd_write_text(w, "loss_name", groups->loss_name);
  nd_write_text(w, "target_unit", groups->target_unit);
  nd_write_count(w, "seed", groups->seed);
  write_groups(w, groups, names);
  nd_write_count(w, "not_done", groups->failed);
  nd_write_count(w, "rows_dropped", groups->rows_dropped);
  nd_write_number(w, "seconds", groups->seconds);
  nd_write_text(w, "digest", groups->digest);
  nd_write_text(w, "date", groups->date);
  nd_write_text(w, "command_line", groups->command_line);
  nd_write_tree(w, "warnings", nd_json_warnings(groups->warning, groups->warnings));
  nd_write_close(w, '}');
}

static nadir_status name_all(const nadir_groups *groups, const char *ending, nd_arena *arena, char ***names,
                             nadir_error *error) {
  *names = nd_arena_take(arena, groups->size * sizeof **names + 1, error);
  for (size_t i = 0; *names && i < groups->size; i++) {
    const size_t size = strlen(groups->parameter[i]) + strlen(ending) + 1;
    char *name = (*names)[i] = nd_arena_take(arena, size, error);
    if (!name) return NADIR_NO_MEMORY;
    snprintf(name, size, "%s%s", groups->parameter[i], ending);
  }
  return *names ? NADIR_OK : NADIR_NO_MEMORY;
}

static nadir_status name_what_is_beside(const nadir_groups *groups, nd_arena *arena, beside_names *names,
                                        nadir_error *error) {
  ND_TRY(name_all(groups, "_error", arena, &names->error, error));
  ND_TRY(name_all(groups, "_low", arena, &names->low, error));
  return name_all(groups, "_high", arena, &names->high, error);
}

/* A parameter may be named as something else that is told of a group. And how long the text of a group is, about. */
static nadir_status check_keys(const nadir_groups *groups, const beside_names *names, size_t *length,
                               nadir_error *error) {
  nd_json_writer one = {0};
  json_error_t where = {0};
  *length = 0;
  if (groups->count == 0) return NADIR_OK;
  write_group(&one, groups, &groups->group[0], names);
  nadir_status status = nd_text_status(&one.text, error);
  json_t *tree = status == NADIR_OK ? nd_json_read(one.text.data, one.text.length, &where) : NULL;
  if (status == NADIR_OK && !tree)
    status = nd_fail(error, NADIR_BAD_DATA, "by: the object of a group has a name twice (%s): rename the parameter",
                     where.text);
  json_decref(tree);
  *length = one.text.length;
  nd_text_free(&one.text);
  return status;
}

nadir_status nadir_groups_json(const nadir_groups *groups, char **text, nadir_error *error) {
  ND_TO_NEAREST;
  nd_json_writer writer = {0};
  nd_arena *arena;
  *text = NULL;
  ND_TRY(nd_arena_new(&arena, error));
  size_t length = 0;
  beside_names names = {0};
  nadir_status status = name_what_is_beside(groups, arena, &names, error);
  if (status == NADIR_OK) status = check_keys(groups, &names, &length, error);
  if (nd_multiply(length + INDENTED, groups->count, &length)) nd_write_reserve(&writer, length);
  if (status == NADIR_OK) write_all(&writer, groups, &names);
  nd_arena_free(arena);
  return nd_give_text(&writer.text, status, text, error);
}
