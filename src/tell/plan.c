/* What a run is about to do, and why, in words: its method, rate and schedule; and events as lines. */
#include <math.h>

#include "tell/tell.h"

const char *nd_method_why_words(nadir_method_why why) {
  switch (why) {
  case NADIR_METHOD_GIVEN:
    return "as given";
  case NADIR_METHOD_SQUARES:
    return "chosen for a sum of squares";
  case NADIR_METHOD_FEW:
    return "chosen for a smooth loss of few parameters";
  case NADIR_METHOD_MANY:
    return "chosen for a smooth loss of many parameters";
  case NADIR_METHOD_DESCENT:
    return "chosen where a rate, schedule, batch or average is given";
  case NADIR_METHOD_VERTEX:
    return "chosen for a loss with kinks in a linear model: by way of smooth losses to the vertex";
  case NADIR_METHOD_KINKS:
    return "chosen since the loss has kinks";
  case NADIR_METHOD_PROXIMAL:
    return "chosen for an L1 penalty on many parameters";
  }
  return "";
}

static void tell_rate(const nadir_plan *plan, nd_text *out) {
  char rate[ND_NUMBER_TEXT], curvature[ND_NUMBER_TEXT];
  nd_format_digits(plan->rate, 4, rate);
  nd_format_digits(plan->curvature, 4, curvature);
  switch (plan->rate_why) {
  case NADIR_RATE_GIVEN:
    nd_text_print(out, "%s, as given", plan->rate_given);
    break;
  case NADIR_RATE_STEPS:
    nd_text_append(out, "each update finds its own step");
    break;
  case NADIR_RATE_PUBLISHED:
    nd_text_print(out, "%s, the published default of %s", rate, plan->method->name);
    break;
  case NADIR_RATE_NO_CURVATURE:
    nd_text_print(out, "%s, since the curvature at the start is not positive", rate);
    break;
  case NADIR_RATE_CURVATURE:
    nd_text_print(out, "%s, from the largest curvature %s at the start", rate, curvature);
    break;
  case NADIR_RATE_BATCH_CURVATURE:
    nd_text_print(out, "%s, from the largest curvature %s of a batch", rate, curvature);
    break;
  }
  if (plan->sizes_itself) nd_text_append(out, "; then each update finds its own");
}

/* How the rate changed on the way. */
static void tell_changes(double chosen, double highest, double last, nd_text *out) {
  char number[2][ND_NUMBER_TEXT];
  bool raised = highest > chosen, lowered = last < fmax(highest, chosen);
  if (raised) nd_text_print(out, "; doubled up to %s", nd_format_digits(highest, 4, number[0]));
  if (lowered)
    nd_text_print(out, "%s lowered to %s", raised ? ", then" : ";",
                  nd_format_digits(last, 4, number[1]));
  if (raised || lowered)
    nd_text_append(out, lowered ? " as the loss rose" : " as the loss went on falling");
}

void nd_tell_rate(const nadir_result *result, nd_text *out) {
  tell_rate(&result->plan, out);
  tell_changes(result->plan.rate, result->rate_highest, result->rate, out);
}

void nd_tell_schedule(const nadir_plan *plan, nd_text *out) {
  static const char *const why[] = {
      [NADIR_SCHEDULE_GIVEN] = "as given",
      [NADIR_SCHEDULE_RATE_GIVEN] = "the default with a rate that is given",
      [NADIR_SCHEDULE_RESTS] = "the rule comes to rest on its own",
      [NADIR_SCHEDULE_BRINGS_REST] = "lets the rule come to rest",
      [NADIR_SCHEDULE_NO_CURVATURE] =
          "lets the rule come to rest though no curvature sizes its steps",
      [NADIR_SCHEDULE_NOISE] = "lets the noise of the batches die away",
      [NADIR_SCHEDULE_KINK] = "since the loss was found to have a kink"};
  nd_text_print(out, "%s, %s", plan->schedule, why[plan->schedule_why]);
}

void nd_tell_batch(const nadir_plan *plan, nd_text *out) {
  if (plan->batch)
    nd_text_print(out, "%zu", plan->batch);
  else
    nd_text_append(out, "all");
}

/* ---- events ---- */

static void list_names(const char *lead, const char *const *names, size_t count, nd_text *out) {
  nd_text_append(out, lead);
  for (size_t i = 0; i < count; i++)
    nd_text_print(out, "%s %s", i ? "," : "", names[i]);
}

static void tell_names(const nadir_plan *plan, nd_text *out) {
  if (plan->columns) list_names("columns:", plan->column, plan->columns, out);
  list_names(plan->columns ? "; parameters:" : "parameters:", plan->parameter, plan->size, out);
  nd_text_append(out, "\n");
}

static void tell_samples(const nadir_plan *plan, nd_text *out) {
  for (size_t k = 0; k < plan->samples; k++)
    nd_text_print(out, "%s %llu rows", k ? ", then" : "samples: first",
                  (unsigned long long)plan->sample[k].rows);
  if (plan->samples)
    nd_text_append(out, ", each until its gradient is within its error; then all rows\n");
}

static void tell_plan(const nadir_plan *plan, nd_text *out) {
  char number[ND_NUMBER_TEXT];
  if (plan->scaled)
    nd_text_append(out, "coordinates: scaled, the size of each parameter is sqrt(L0/|H|)\n");
  nd_text_print(out, "method: %s, %s\n", plan->method->name, nd_method_why_words(plan->method_why));
  for (size_t i = 0; i < plan->method->setting_count; i++)
    nd_text_print(out, "%s.%s = %s\n", plan->method->name, plan->method->settings[i].name,
                  nd_format(plan->method_values[i], number));
  tell_samples(plan, out);
  nd_text_append(out, "rate: ");
  tell_rate(plan, out);
  nd_text_append(out, "\nschedule: ");
  nd_tell_schedule(plan, out);
  nd_text_append(out, "\n");
}

static void tell_event(const nadir_event *event, nd_text *out) {
  char number[ND_NUMBER_TEXT];
  switch (event->kind) {
  case NADIR_WARNING:
    nd_tell_warning(event->warning, out);
    nd_text_append(out, "\n");
    break;
  case NADIR_NAMES:
    tell_names(event->plan, out);
    break;
  case NADIR_STARTS:
    if (isnan(event->reach)) {
      nd_text_append(out, "starts: over the ranges and magnitudes of the columns: set box to "
                          "choose a different one\n");
      break;
    }
    nd_format(event->reach, number);
    nd_text_print(
        out,
        "starts: in the box from -%s to %s for each parameter: set box to choose a different one\n",
        number, number);
    break;
  case NADIR_PLANNED:
    tell_plan(event->plan, out);
    break;
  case NADIR_LOWERED:
    nd_text_print(out, "rate: lowered to %s at update %llu, since %s\n",
                  nd_format_digits(event->rate, 4, number), (unsigned long long)event->update,
                  event->schedule_why == NADIR_SCHEDULE_KINK
                      ? "the loss has a kink; the schedule is now plateau"
                      : "the loss rose");
    break;
  case NADIR_UPDATE:
  case NADIR_SAMPLED:
  case NADIR_PROGRESS:
    break;
  }
}

nadir_status nadir_event_text(const nadir_event *event, char **text, nadir_error *error) {
  ND_TO_NEAREST;
  nd_text out = {0};
  tell_event(event, &out);
  return nd_give_text(&out, NADIR_OK, text, error);
}
