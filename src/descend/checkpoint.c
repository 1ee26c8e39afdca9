/* Checkpoints: the state of a descent in a file, from which it goes on to the same bits. A file is
 *
 *   a line of JSON: format "nadir checkpoint", format_version 2, nadir (the version that wrote it), cpu, command,
 *     formula, table (its digest) or null, settings (those that decide a number and are not the
 *     defaults), parameters, update, numbers
 *   that many words of 8 bytes, the lowest byte first: doubles, and whole numbers
 *   a line: the CRC-32 of all before it, in hexadecimal
 *
 * and appears whole or not at all. The order of the words is that of the one walk over the state, which writes them
 * and reads them. The first of them say what set-up finds of the run: its size, the start, loss and gradient there,
 * the schedule. Set-up is made again when a run goes on, and must find the same bits: so the rows, or a function of
 * the caller's, are the same, whatever their names say. Nothing else of a file is believed: any words lead to a run.
 *
 * A state is kept where nothing is half done: after an observation, before it is decided whether the run goes on,
 * so that other limits decide anew; after a rate was lowered; between two stretches of an epoch. Costs a write of the
 * state and of the trace, every so many seconds and at the end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/ranks.h"
#include "descend/descend_internal.h"

enum { FORMAT_VERSION = 2, WORD = sizeof(uint64_t), SUM_TEXT = 8 };
static const char FORMAT[] = "nadir checkpoint";
static const char BEGINNING[] = "{\"format\":\"nadir checkpoint\",";

struct nd_checkpoint {
  char *path;
  json_t *head;
  uint64_t *words;
  size_t count;
};

/* ---- what decides a number ---- */

bool nd_is_free_to_differ(const char *setting) {
  static const char *const list[] = {
      "threads",          "memory",  "spool",   "no-certify",   "seconds", "accept",  "intervals", "checkpoint",
      "checkpoint-every", "resume",  "x-axis",  "log-x",   "log-y",   "title",     "x",
      "x-label",          "y-label", "x-range", "y-range", "reverse", "period"};
  for (size_t i = 0; i < ND_COUNT(list); i++)
    if (strcmp(list[i], setting) == 0) return true;
  return false;
}

/* Of a limit on updates or epochs only whether there is one: where it decides more, set-up finds another schedule,
 * or another tail to average. */
static const char *deciding_value(const char *setting, const nd_text *value) {
  bool limit = strcmp(setting, "updates") == 0 || strcmp(setting, "epochs") == 0;
  return limit && !nd_is_auto(nd_text_data(value)) ? "a limit" : nd_text_data(value);
}

static bool decides(const nadir_setting *about, const char *command) {
  return nd_setting_is_of(about, command) && !nd_is_free_to_differ(about->name);
}

static json_t *settings_json(const nd_run_of *of) {
  json_t *object = json_object();
  nadir_setting about;
  nd_text value = {0};
  bool is_default;
  for (size_t i = 0; nd_settings_at(of->settings, i, &about, &value, &is_default); i++)
    if (value.failed)
      nd_json_put(&object, about.name, NULL);
    else if (!is_default && decides(&about, of->command))
      nd_json_put(&object, about.name, nd_json_text(deciding_value(about.name, &value)));
  nd_text_free(&value);
  return object;
}

static json_t *table_json(const nd_run_of *of) {
  char text[ND_DIGEST_TEXT];
  if (!of->table) return json_null();
  nd_table_digest(of->table, text);
  return json_string(text);
}

/* ---- the walk ---- */

/* Words on their way to a file, or out of one. */
typedef struct tape {
  uint64_t *word;
  size_t count, at, capacity;
  bool writes, failed; /* out of memory, or of words */
} tape;

static void put_word(tape *t, uint64_t *value) {
  if (t->writes)
    t->failed = t->failed || nd_grow(&t->word, &t->capacity, t->at + 1, WORD, NULL) != NADIR_OK;
  else
    t->failed = t->failed || t->at >= t->count;
  if (t->failed) return;
  if (t->writes)
    t->word[t->at++] = *value;
  else
    *value = t->word[t->at++];
}

static void put_number(tape *t, double *value) {
  uint64_t word;
  memcpy(&word, value, sizeof word);
  put_word(t, &word);
  memcpy(value, &word, sizeof word);
}

static void put_numbers(tape *t, double *values, size_t count) {
  for (size_t i = 0; i < count && !t->failed; i++)
    put_number(t, &values[i]);
}

static void put_truth(tape *t, bool *value) {
  uint64_t word = *value;
  put_word(t, &word);
  *value = word != 0;
}

/* A whole number below `end`. */
static void put_small(tape *t, int *value, int end) {
  uint64_t word = (uint64_t)*value;
  put_word(t, &word);
  t->failed = t->failed || word >= (uint64_t)end;
  if (!t->failed) *value = (int)word;
}

static void put_schedule(tape *t, nd_schedule *schedule) {
  int kind = (int)schedule->kind;
  put_small(t, &kind, ND_SCHEDULE_PLATEAU + 1);
  schedule->kind = (nd_schedule_kind)kind;
  put_number(t, &schedule->every);
  put_number(t, &schedule->factor);
  put_number(t, &schedule->length);
  put_number(t, &schedule->floor);
  put_number(t, &schedule->level);
  put_number(t, &schedule->best);
  put_word(t, &schedule->bad);
}

static void put_rate(tape *t, nd_rate *rate) {
  put_number(t, &rate->base);
  put_number(t, &rate->curvature);
  put_truth(t, &rate->kinked);
  put_number(t, &rate->highest);
  put_number(t, &rate->last);
  put_schedule(t, &rate->schedule);
}

static void put_stop(tape *t, nd_stop_rules *stop) {
  put_number(t, &stop->tol_gradient);
  put_number(t, &stop->first_loss);
  put_number(t, &stop->reference_loss);
  put_word(t, &stop->waited);
  put_truth(t, &stop->begun);
}

static void put_run(tape *t, nd_run *run, size_t n) {
  put_word(t, &run->updates);
  put_word(t, &run->rows_seen);
  put_word(t, &run->rows_sampled);
  for (size_t k = 0; k < ND_COUNT(run->plan.sample); k++)
    put_word(t, &run->plan.sample[k].updates);
  put_word(t, &run->epochs);
  put_word(t, &run->rises);
  put_word(t, &run->poor_steps);
  put_number(t, &run->best_loss);
  put_number(t, &run->duality_gap);
  put_numbers(t, run->best, n);
  put_numbers(t, run->reach, n);
}

static void put_point(tape *t, nd_descent_state *s) {
  put_numbers(t, s->w, s->size);
  put_numbers(t, s->gradient, s->size);
  put_number(t, &s->loss);
  put_number(t, &s->gradient_norm);
  put_number(t, &s->batch_loss);
  put_number(t, &s->best_gradient);
  put_number(t, &s->rate_now);
  put_number(t, &s->step_norm);
  put_number(t, &s->predicted);
  put_number(t, &s->actual);
}

static void put_counts(tape *t, nd_descent_state *s) {
  put_numbers(t, s->best_validation_w, s->size);
  put_number(t, &s->best_validation);
  put_number(t, &s->last_validation);
  put_small(t, &s->halvings, 1 << 16);
  put_small(t, &s->tightened, 1 << 16);
  put_word(t, &s->idle);
  put_number(t, &s->flattest);
  put_word(t, &s->worse);
  put_word(t, &s->still);
  put_numbers(t, s->average, s->size);
  put_word(t, &s->averaged);
}

/* Of parts each has a method, of which the first is the run's. */
static nadir_status put_method(tape *t, nd_method *method, nd_parts *parts, nadir_error *error) {
  size_t remembered;
  double *memory = nd_parts_memory(parts, &remembered);
  size_t count = nd_method_state_size(method);
  double *state = nd_new(count, sizeof *state, error);
  if (!state) return NADIR_NO_MEMORY;
  if (t->writes) nd_method_state_get(method, state);
  put_numbers(t, state, count);
  if (!t->writes && !t->failed) nd_method_state_set(method, state);
  nd_free(state);
  put_numbers(t, memory, remembered);
  if (!t->writes && !t->failed) nd_parts_recall(parts);
  return NADIR_OK;
}

/* Thinning ends because updates are counted up: no file may break that. */
static bool is_in_order(const nadir_trace *trace) {
  double last = -1;
  for (size_t r = 0; r < trace->rows; r++) {
    double update = trace->values[r * trace->columns];
    if (!(update > last && update < 0x1p53 && update == floor(update))) return false;
    last = update;
  }
  return true;
}

static nadir_status put_trace(tape *t, nadir_trace *trace, nadir_error *error) {
  uint64_t rows = trace->rows;
  put_word(t, &rows);
  put_word(t, &trace->stride);
  put_truth(t, &trace->last_stays);
  t->failed = t->failed || rows > ND_LIMIT_TRACE_ROWS;
  if (t->failed) return NADIR_OK;
  trace->rows = 0;
  ND_TRY(nd_grow(&trace->values, &trace->capacity, (size_t)rows * trace->columns, sizeof(double),
                 error));
  put_numbers(t, trace->values, (size_t)rows * trace->columns);
  trace->rows = (size_t)rows;
  t->failed = t->failed || !is_in_order(trace);
  return NADIR_OK;
}

/* All that changes while a run goes on. */
static nadir_status walk(tape *t, nd_descent_state *s, double *used, nadir_error *error) {
  put_number(t, used);
  put_truth(t, &s->decides);
  put_word(t, &s->position);
  put_truth(t, &s->eta_ahead.known);
  put_number(t, &s->eta_ahead.eta);
  put_run(t, s->run, s->size);
  put_point(t, s);
  put_counts(t, s);
  put_stop(t, &s->stop);
  put_rate(t, &s->rate);
  ND_TRY(put_method(t, s->method, s->parts, error));
  return put_trace(t, s->run->trace, error);
}

/* ---- what set-up finds ---- */

static uint64_t bits(double value) {
  uint64_t word;
  memcpy(&word, &value, sizeof word);
  return word;
}

/* A word of the run that must be the same. */
static bool is_same_word(tape *t, uint64_t value) {
  uint64_t word = value;
  put_word(t, &word);
  return t->failed || word == value;
}

static nadir_status other_run(const char *path, const char *what, nadir_error *error) {
  return nd_fail(error, NADIR_BAD_SETTING, "resume: %s: %s", path, what);
}

static bool is_same_plan(tape *t, const nd_descent_state *s) {
  const nd_schedule *plan = &s->planned;
  double numbers[] = {(double)plan->kind, plan->every, plan->factor, plan->length, plan->floor};
  bool same = is_same_word(t, s->settings->average > 0 ? s->average_from : 0);
  for (size_t i = 0; i < ND_COUNT(numbers); i++)
    same = is_same_word(t, bits(numbers[i])) && same;
  return same;
}

static bool is_same_shape(tape *t, const nd_descent_state *s) {
  bool same = is_same_word(t, s->size) && is_same_word(t, s->objective->rows);
  same = same && is_same_word(t, s->batch) && is_same_word(t, s->run->trace->columns);
  return same && is_same_word(t, nd_method_state_size(s->method));
}

/* The start is told apart: a descent that goes on takes it from the file before it is set up. */
static nadir_status walk_set_up(tape *t, const nd_descent_state *s, const char *path,
                                nadir_error *error) {
  if (!is_same_shape(t, s))
    return other_run(
        path,
        "its run has another number of rows, parameters or state than this one: give the same "
        "table, formula and settings",
        error);
  bool same =
      is_same_word(t, bits(s->run->first_loss)) && is_same_word(t, bits(s->run->first_gradient));
  if (!same)
    return other_run(
        path,
        "loss and gradient at the start are not those of its run: give the same rows, or the same "
        "function",
        error);
  if (!is_same_plan(t, s))
    return other_run(
        path,
        "its limit on updates or epochs decided the schedule of the rate or the average: give the "
        "limit that its run had",
        error);
  return NADIR_OK;
}

/* ---- writing ---- */

static json_t *head_of(const nd_descent_state *s, size_t words) {
  const nd_run_of *of = &s->keeping->of;
  json_t *head = json_object();
  nd_json_put(&head, "format", json_string(FORMAT));
  nd_json_put(&head, "format_version", json_integer(FORMAT_VERSION));
  nd_json_put(&head, "nadir", json_string(NADIR_VERSION));
  nd_json_put(&head, "cpu", json_string(of->cpu));
  nd_json_put(&head, "command", json_string(of->command));
  nd_json_put(&head, "formula", nd_json_text(of->formula));
  nd_json_put(&head, "table", table_json(of));
  nd_json_put(&head, "settings", settings_json(of));
  nd_json_put(&head, "parameters", nd_json_texts(s->objective->names, s->size));
  nd_json_put(&head, "update", nd_json_count(s->run->updates));
  nd_json_put(&head, "numbers", nd_json_count(words));
  return head;
}

static nadir_status put_head(const nd_descent_state *s, size_t words, nd_text *out,
                             nadir_error *error) {
  json_t *head = head_of(s, words);
  bool made = head && nd_json_dump(head, JSON_COMPACT, out);
  json_decref(head);
  nd_text_append(out, "\n");
  return made ? nd_text_status(out, error)
              : nd_fail(error, NADIR_NO_MEMORY,
                        "checkpoint: there is not enough memory for its head");
}

static uint32_t sum_of(const nd_text *head, const void *words, size_t bytes) {
  uLong sum = crc32_z(0, (const Bytef *)nd_text_data(head), head->length);
  return (uint32_t)crc32_z(sum, words, bytes);
}

static nadir_status write_file(const char *path, const nd_text *head, const tape *t,
                               nadir_error *error) {
  nd_output *output;
  size_t bytes = t->at * WORD;
  ND_TRY(nd_output_open(&output, path, error));
  nadir_status status = nd_output_write(output, head->data, head->length, error);
  if (status == NADIR_OK) status = nd_output_write(output, t->word, bytes, error);
  if (status == NADIR_OK)
    status = nd_output_print(output, error, "%08lx\n", (unsigned long)sum_of(head, t->word, bytes));
  if (status == NADIR_OK) status = nd_output_commit(output, error);
  nd_output_close(output);
  return status;
}

static nadir_status write_tape(const nd_descent_state *s, const char *path, const tape *t,
                               nadir_error *error) {
  nd_text head = {0};
  if (t->failed)
    return nd_fail(error, NADIR_NO_MEMORY, "checkpoint: there is not enough memory for it");
  nadir_status status = put_head(s, t->at, &head, error);
  if (status == NADIR_OK && head.length + t->at * WORD + SUM_TEXT + 1 > ND_LIMIT_CHECKPOINT_FILE)
    status = nd_fail(error, NADIR_BAD_SETTING,
                     "checkpoint: the state of this run takes more than the %d bytes that a file "
                     "may have: choose a "
                     "different method, or leave it out",
                     ND_LIMIT_CHECKPOINT_FILE);
  if (status == NADIR_OK) status = write_file(path, &head, t, error);
  nd_text_free(&head);
  return status;
}

/* The state as it was before it was decided whether to go on: what decides is not in the file, and decides again. */
static void undo_decision(nd_descent_state *s) {
  s->stop = s->before.stop;
  s->rate = s->before.rate;
  s->tightened = s->before.tightened;
  s->idle = s->before.idle;
  s->still = s->before.still;
}

static nadir_status write_state(const nd_descent_state *state, nadir_error *error) {
  nd_descent_state s = *state;
  tape t = {.writes = true};
  double used = nd_clock() - s.began;
  if (s.decides) undo_decision(&s);
  put_numbers(&t, (double *)(uintptr_t)s.keeping->start, s.size);
  nadir_status status = walk_set_up(&t, &s, "", error);
  if (status == NADIR_OK) status = walk(&t, &s, &used, error);
  if (status == NADIR_OK) status = write_tape(&s, s.settings->checkpoint, &t, error);
  nd_free(t.word);
  return status;
}

static bool is_kept(const nd_descent_state *state) {
  return state->keeping && *state->settings->checkpoint && !state->kept_last;
}

nadir_status nd_keep(nd_descent_state *state, bool decides, uint64_t position, nadir_error *error) {
  if (!is_kept(state)) return NADIR_OK;
  nd_ranks *ranks = state->objective->until ? state->objective->until->ranks : NULL;
  bool due = state->run->stop != NADIR_GO_ON || nd_clock() >= state->keep_at;
  ND_TRY(nd_ranks_share(ranks, &due, sizeof due, error)); /* by rank 0's clock */
  if (!due) return NADIR_OK;
  state->decides = decides;
  state->position = position;
  ND_TRY(nd_parts_remember(state->parts, error));
  ND_TRY(nd_ranks_agree(ranks, nd_rank(ranks) == 0 ? write_state(state, error) : NADIR_OK, error));
  state->keep_at = nd_clock() + state->settings->checkpoint_every;
  return NADIR_OK;
}

nadir_status nd_keep_last(nd_descent_state *state, bool decides, uint64_t position,
                          nadir_error *error) {
  state->keep_at = -HUGE_VAL;
  nadir_status status = nd_keep(state, decides, position, error);
  state->kept_last = true;
  return status;
}

/* ---- reading ---- */

static nadir_status wrong(const char *path, const char *what, nadir_error *error) {
  return nd_fail(error, NADIR_BAD_DATA, "%s: %s", path, what);
}

static nadir_status damaged(const char *path, nadir_error *error) {
  return wrong(path, "the checkpoint is damaged: go on from an earlier one, or begin anew", error);
}

static bool is_checkpoint(const char *text, size_t size) {
  size_t length = sizeof BEGINNING - 1;
  return size >= length && memcmp(text, BEGINNING, length) == 0;
}

/* The sum of all before its own line. */
static bool has_its_sum(const char *text, size_t size) {
  char sum[SUM_TEXT + 2];
  if (size < sizeof sum - 1) return false;
  size_t end = size - (sizeof sum - 1);
  snprintf(sum, sizeof sum, "%08lx\n", (unsigned long)crc32_z(0, (const Bytef *)text, end));
  return memcmp(text + end, sum, sizeof sum - 1) == 0;
}

static nadir_status check_version(const nd_checkpoint *checkpoint, nadir_error *error) {
  json_int_t format = json_integer_value(json_object_get(checkpoint->head, "format_version"));
  const char *version = json_string_value(json_object_get(checkpoint->head, "nadir"));
  if (format != FORMAT_VERSION)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: a checkpoint of format %lld: this version of nadir goes on from format %d",
                   checkpoint->path, (long long)format, FORMAT_VERSION);
  if (!version || strcmp(version, NADIR_VERSION) != 0)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: a checkpoint of nadir %s, and this is %s: go on with that version",
                   checkpoint->path, version ? version : "of no version", NADIR_VERSION);
  return NADIR_OK;
}

/* Head, words and sum are as long as the head says. */
static nadir_status take_apart(nd_checkpoint *checkpoint, const char *text, size_t size,
                               nadir_error *error) {
  json_error_t where;
  const char *end = memchr(text, '\n', size);
  size_t head = end ? (size_t)(end - text) + 1 : size, rest = size - head;
  checkpoint->head = end ? nd_json_read(text, head, &where) : NULL;
  if (!checkpoint->head || rest < SUM_TEXT + 1) return damaged(checkpoint->path, error);
  ND_TRY(check_version(checkpoint, error));
  checkpoint->count = (rest - SUM_TEXT - 1) / WORD;
  const json_t *numbers = json_object_get(checkpoint->head, "numbers");
  if (checkpoint->count * WORD != rest - SUM_TEXT - 1 || !json_is_integer(numbers) ||
      (uint64_t)json_integer_value(numbers) != checkpoint->count)
    return damaged(checkpoint->path, error);
  checkpoint->words = nd_new(checkpoint->count, WORD, error);
  if (!checkpoint->words) return NADIR_NO_MEMORY;
  memcpy(checkpoint->words, text + head, checkpoint->count * WORD);
  return NADIR_OK;
}

static nadir_status read_text(nd_checkpoint *checkpoint, const char *text, size_t size,
                              nadir_error *error) {
  if (!is_checkpoint(text, size))
    return wrong(checkpoint->path, "not a nadir checkpoint: give a file of the setting checkpoint",
                 error);
  if (!has_its_sum(text, size)) return damaged(checkpoint->path, error);
  return take_apart(checkpoint, text, size, error);
}

nadir_status nd_checkpoint_read(nd_checkpoint **checkpoint, const char *path, nadir_error *error) {
  char *text;
  size_t size;
  *checkpoint = NULL;
  ND_TRY(nd_file_slurp(path, ND_LIMIT_CHECKPOINT_FILE, &text, &size, error));
  nd_checkpoint *made = nd_new(1, sizeof *made, error);
  if (made) made->path = nd_copy_text(path, strlen(path), error);
  nadir_status status = made && made->path ? read_text(made, text, size, error) : NADIR_NO_MEMORY;
  nd_free(text);
  if (status == NADIR_OK)
    *checkpoint = made;
  else
    nd_checkpoint_free(made);
  return status;
}

void nd_checkpoint_free(nd_checkpoint *checkpoint) {
  if (!checkpoint) return;
  json_decref(checkpoint->head);
  nd_free(checkpoint->words);
  nd_free(checkpoint->path);
  nd_free(checkpoint);
}

/* ---- the same run ---- */

static nadir_status compares(const json_t *here, nadir_error *error) {
  if (here) return NADIR_OK;
  return nd_fail(error, NADIR_NO_MEMORY, "resume: there is not enough memory to compare the runs");
}

static const char *head_text(const nd_checkpoint *checkpoint, const char *key) {
  const char *text = json_string_value(json_object_get(checkpoint->head, key));
  return text ? text : "";
}

static nadir_status check_text(const nd_checkpoint *checkpoint, const char *key, json_t *here,
                               nadir_error *error) {
  enum { SHOWN = 200 };
  const char *there = head_text(checkpoint, key), *now = json_string_value(here);
  nadir_status status = compares(here, error);
  if (here && strcmp(there, now ? now : "") != 0)
    status =
        nd_fail(error, NADIR_BAD_SETTING,
                "resume: %s: the %s of its run is '%.*s', that of this one '%.*s': give the same",
                checkpoint->path, key, SHOWN, there, SHOWN, now ? now : "");
  json_decref(here);
  return status;
}

static nadir_status check_table(const nd_checkpoint *checkpoint, const nd_run_of *of,
                                nadir_error *error) {
  json_t *here = table_json(of);
  ND_TRY(compares(here, error));
  bool same = json_equal(json_object_get(checkpoint->head, "table"), here);
  json_decref(here);
  if (same) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "resume: %s: it is of another table%s%s: give the one of its run, unchanged",
                 checkpoint->path, of->table ? " than " : "",
                 of->table ? nd_table_file(of->table, 0) : "");
}

/* The levels above baseline give the same bits. */
static bool is_baseline(const char *cpu) {
  return strcmp(cpu, "baseline") == 0;
}

static nadir_status check_cpu(const nd_checkpoint *checkpoint, const nd_run_of *of,
                              nadir_error *error) {
  const char *there = head_text(checkpoint, "cpu");
  if (is_baseline(there) == is_baseline(of->cpu)) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "resume: %s: its run used the processor level '%.20s', this one '%s', whose last "
                 "digits differ: go on "
                 "where NADIR_CPU and the processor give that level",
                 checkpoint->path, there, of->cpu);
}

static nadir_status other_setting(const nd_checkpoint *checkpoint, const char *name,
                                  const char *there, const char *here, nadir_error *error) {
  enum { SHOWN = 200 };
  return nd_fail(error, NADIR_BAD_SETTING,
                 "resume: %s: in its run %s is '%.*s', in this one '%.*s': give the same",
                 checkpoint->path, name, SHOWN, there, SHOWN, here);
}

static nadir_status check_settings(const nd_checkpoint *checkpoint, const nd_run_of *of,
                                   nadir_error *error) {
  json_t *here = settings_json(of), *there = json_object_get(checkpoint->head, "settings");
  nadir_setting about;
  nd_text value = {0};
  bool is_default;
  nadir_status status = compares(here, error);
  for (size_t i = 0;
       status == NADIR_OK && nd_settings_at(of->settings, i, &about, &value, &is_default); i++) {
    const char *a = json_string_value(json_object_get(there, about.name)),
               *b = json_string_value(json_object_get(here, about.name));
    if ((a || b) && (!a || !b || strcmp(a, b) != 0))
      status = other_setting(checkpoint, about.name, a ? a : about.initial, b ? b : about.initial,
                             error);
  }
  nd_text_free(&value);
  json_decref(here);
  return status;
}

nadir_status nd_checkpoint_check(const nd_checkpoint *checkpoint, const nd_run_of *of,
                                 nadir_error *error) {
  ND_TRY(check_text(checkpoint, "command", json_string(of->command), error));
  ND_TRY(check_text(checkpoint, "formula", nd_json_text(of->formula), error));
  ND_TRY(check_settings(checkpoint, of, error));
  ND_TRY(check_cpu(checkpoint, of, error));
  return check_table(checkpoint, of, error);
}

/* ---- going on ---- */

/* The start comes first, so that it is there before the run is set up. */
nadir_status nd_checkpoint_start(const nd_checkpoint *checkpoint, size_t size, double *start,
                                 nadir_error *error) {
  const json_t *names = json_object_get(checkpoint->head, "parameters");
  if (json_array_size(names) != size || checkpoint->count < size)
    return damaged(checkpoint->path, error);
  memcpy(start, checkpoint->words, size * WORD);
  return NADIR_OK;
}

static nadir_status check_limits(const nd_descent_state *s, const char *path, nadir_error *error) {
  const nd_run *run = s->run;
  uint64_t epochs = s->batch ? run->epochs : run->updates;
  if (run->updates <= s->stop.max_updates && epochs <= s->stop.max_epochs) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "resume: %s: its run has made %llu updates in %llu epochs, beyond the limit: give "
                 "a higher one",
                 path, (unsigned long long)run->updates, (unsigned long long)epochs);
}

nadir_status nd_go_on_from(nd_descent_state *state, const nd_checkpoint *checkpoint,
                           nadir_error *error) {
  tape t = {.word = checkpoint->words, .count = checkpoint->count, .at = state->size};
  double used = 0;
  ND_TRY(walk_set_up(&t, state, checkpoint->path, error));
  ND_TRY(walk(&t, state, &used, error));
  if (t.failed || t.at != t.count || !(used >= 0 && isfinite(used)))
    return damaged(checkpoint->path, error);
  ND_TRY(check_limits(state, checkpoint->path, error));
  state->began -= used;
  state->stop.max_seconds += used;
  state->resumed = true;
  return NADIR_OK;
}

/* ---- the settings ---- */

/* A table must not be lost by mistake. */
static nadir_status check_path(const char *path, nadir_error *error) {
  char beginning[sizeof BEGINNING];
  size_t got;
  nd_file *file;
  ND_TRY(nd_output_check(path, error));
  if (strcmp(path, "-") == 0)
    return wrong("checkpoint", "it cannot go to standard output: give the name of a file", error);
  if (nd_file_open(&file, path, NULL) != NADIR_OK) return NADIR_OK; /* the first write tells */
  nadir_status status = nd_file_read(file, beginning, sizeof beginning - 1, &got, error);
  nd_file_close(file);
  if (status != NADIR_OK || got == 0 || is_checkpoint(beginning, got)) return status;
  return nd_fail(
      error, NADIR_BAD_SETTING,
      "checkpoint: %s is not a checkpoint, and would be written over: choose a different name",
      path);
}

nadir_status nd_keeping_begin(nd_keeping *keeping, const nd_run_of *of, nd_until *until,
                              nadir_error *error) {
  const nadir_settings *settings = of->settings;
  *keeping = (nd_keeping){.of = *of, .until = until};
  if (*settings->checkpoint) ND_TRY(check_path(settings->checkpoint, error));
  if (!*settings->resume) return NADIR_OK;
  ND_TRY(nd_checkpoint_read(&keeping->from, settings->resume, error));
  return nd_checkpoint_check(keeping->from, of, error);
}

void nd_keeping_end(nd_keeping *keeping) {
  nd_checkpoint_free(keeping->from);
  keeping->from = NULL;
}
