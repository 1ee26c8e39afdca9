/* The JSON object of the fits of groups. */
#include <stdio.h>

#include "tell/tell.h"

const char *nadir_group_status(const nadir_group *group) {
  return group->error ? "failed" : nadir_ended_name(group->ended);
}

static void put_parameter(json_t **one, const char *name, double value, double error) {
  nd_text of_error = {0};
  nd_text_print(&of_error, "%s_error", name);
  nd_json_put(one, name, nd_json_number(value));
  nd_json_put(one, nd_text_data(&of_error), nd_json_number(error));
  nd_text_free(&of_error);
}

static json_t *group_json(const nadir_groups *groups, const nadir_group *group) {
  json_t *one = json_object();
  nd_json_put(&one, "group", nd_json_text(group->name));
  nd_json_put(&one, "status", nd_json_text(nadir_group_status(group)));
  nd_json_put(&one, "failed", nd_json_text(group->error ? group->error->message : NULL));
  nd_json_put(&one, "stop", nd_json_text(group->error ? NULL : nadir_stop_name(group->stop)));
  nd_json_put(&one, "point", nd_json_text(nadir_point_name(group->kind)));
  nd_json_put(&one, "reason", nd_json_text(group->error ? NULL : nadir_reason_name(group->reason)));
  nd_json_put(&one, "no_standard_errors", nd_json_text(nadir_no_errors_name(group->no_errors)));
  for (size_t i = 0; i < groups->size; i++)
    put_parameter(&one, groups->parameter[i], group->value[i], group->standard_error[i]);
  json_t *at_bound = json_array();
  for (size_t i = 0; i < groups->size; i++)
    if (group->at_bound[i]) nd_json_push(&at_bound, nd_json_text(groups->parameter[i]));
  nd_json_put(&one, "at_bound", at_bound);
  nd_json_put(&one, "chi2", nd_json_number(group->chi2));
  nd_json_put(&one, "degrees_of_freedom", nd_json_count(group->degrees_of_freedom));
  nd_json_put(&one, "residual_sigma", nd_json_number(group->residual_sigma));
  nd_json_put(&one, "loss", nd_json_number(group->loss));
  nd_json_put(&one, "rows", nd_json_count(group->rows));
  nd_json_put(&one, "rows_used", nd_json_count(group->rows_used));
  nd_json_put(&one, "updates", nd_json_count(group->updates));
  return one;
}

nadir_status nadir_groups_json(const nadir_groups *groups, char **text, nadir_error *error) {
  ND_TO_NEAREST;
  json_t *tree = json_object(), *list = json_array(), *names = json_array();
  char digest[24];
  for (size_t i = 0; i < groups->size; i++)
    nd_json_push(&names, nd_json_text(groups->parameter[i]));
  for (size_t g = 0; g < groups->count; g++)
    nd_json_push(&list, group_json(groups, &groups->group[g]));
  nd_json_put(&tree, "nadir", json_string(NADIR_VERSION));
  nd_json_put(&tree, "command", json_string("fit"));
  nd_json_put(&tree, "formula", nd_json_text(groups->formula));
  nd_json_put(&tree, "by", nd_json_text(groups->by));
  nd_json_put(&tree, "loss_name", nd_json_text(groups->loss_name));
  nd_json_put(&tree, "target_unit", nd_json_text(groups->target_unit));
  nd_json_put(&tree, "seed", nd_json_count(groups->seed));
  nd_json_put(&tree, "parameters", names);
  nd_json_put(&tree, "groups", list);
  nd_json_put(&tree, "not_done", nd_json_count(groups->failed));
  nd_json_put(&tree, "rows_dropped", nd_json_count(groups->rows_dropped));
  nd_json_put(&tree, "seconds", nd_json_number(groups->seconds));
  snprintf(digest, sizeof digest, "%016llx", (unsigned long long)groups->digest);
  nd_json_put(&tree, "digest", json_string(digest));
  nd_json_put(&tree, "date", nd_json_text(groups->date));
  nd_json_put(&tree, "command_line", nd_json_text(groups->command_line));
  nd_json_put(&tree, "warnings", nd_json_warnings(groups->warning, groups->warnings));
  return nd_json_write(tree, text, error);
}
