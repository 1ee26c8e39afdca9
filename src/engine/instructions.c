/* instructions: from steps to instructions (see kernels_internal.h).
 *
 * A step whose argument is the result of the step before takes it out of the accumulators. A result is stored only
 * where something else reads it, so a chain of operations costs neither loads nor stores; an output that is to be
 * summed is added to its sums as soon as it is there. A pass begins with the etas, and multiplies features by factors as soon
 * as these are there. Costs time linear in the number of steps. */
#include "code_internal.h"

enum {
  CHAIN = 32 /* instructions, at most: where calls are not made jumps, each takes of the stack */
};

typedef struct writer {
  const nd_code *code;
  const nd_kernels *kernels;
  const nd_code_heads *heads; /* of a pass, or NULL */
  nd_instruction *list;
  size_t count;
  size_t *reader; /* by operand: the first step after this one that reads it, or NONE */
  bool *again;    /* by operand: whether more than `reader` reads it */
  size_t *last;   /* by operand: the last step that has it as its result, SECOND, or NONE */
  bool *stored;   /* by step: whether its result has to be */
  bool *summed;   /* by operand: it is summed ... */
  bool *factor;   /* ... as a factor, so that it does not stay in the accumulators */
  size_t held;    /* operand in the accumulators, or NONE */
  size_t begun;   /* where the chain began */
} writer;

#define NONE SIZE_MAX
#define SECOND (SIZE_MAX - 1) /* the last step has it as its second result */

/* Whether the accumulators alone serve all reads of an operand by a step. */
static bool takes_held(const nd_step *step, uint32_t operand) {
  if (step->arity == 1) return step->a == operand;
  if (step->arity == 2)
    return step->a == operand ? step->b != operand : step->b == operand && step->reversed != NULL;
  return step->a == operand && step->b != operand && step->c != operand;
}

static void note_read(writer *w, uint32_t operand, size_t step) {
  if (w->reader[operand] == step) return;
  w->again[operand] = w->reader[operand] != NONE;
  w->reader[operand] = step;
}

static void note_result(writer *w, uint32_t operand, size_t last) {
  if (w->last[operand] == NONE) w->last[operand] = last;
  w->reader[operand] = NONE;
}

static bool is_read_elsewhere(const writer *w, size_t i) {
  const nd_code *code = w->code;
  const uint32_t out = code->steps[i].out;
  if (w->reader[out] == NONE) return false;
  return w->factor[out] || w->again[out] || w->reader[out] != i + 1 || !takes_held(&code->steps[i + 1], out);
}

static bool is_factor(const writer *w, size_t output) {
  const nd_code_heads *heads = w->heads;
  return heads && output >= heads->first_factor && output - heads->first_factor < heads->factors &&
         !w->code->summed[output];
}

static bool is_wanted_by_rows(const writer *w, size_t output) {
  return !w->code->summed[output] && !is_factor(w, output);
}

/* What is wanted by rows, or by a second sum, is read after all steps. */
static void note_output(writer *w, size_t output, uint32_t operand) {
  if (is_wanted_by_rows(w, output) || w->summed[operand]) w->reader[operand] = w->code->step_count + 1;
  w->summed[operand] = !is_wanted_by_rows(w, output);
  w->factor[operand] |= is_factor(w, output);
}

/* Upwards: what is read of a result before its place is taken by another. */
static void find_stored(writer *w) {
  const nd_code *code = w->code;
  for (size_t o = 0; o < code->operands; o++)
    w->reader[o] = w->last[o] = NONE;
  for (size_t o = 0; o < code->output_count; o++)
    note_output(w, o, code->outputs[o]);
  for (size_t i = code->step_count; i-- > 0;) {
    const nd_step *step = &code->steps[i];
    w->stored[i] = is_read_elsewhere(w, i);
    note_result(w, step->out, i);
    if (step->pair) note_result(w, step->b, SECOND);
    note_read(w, step->a, i), note_read(w, step->c, i);
    if (!step->pair) note_read(w, step->b, i);
  }
}

/* ---- downwards ---- */

static void put(writer *w, nd_kernel kernel, uint32_t x, uint32_t y) {
  w->list[w->count++] = (nd_instruction){kernel, x, y};
}

static void hold(writer *w, uint32_t operand) {
  if (w->held == operand) return;
  put(w, w->kernels->load, operand, operand);
  w->held = operand;
}

static void put_operation(writer *w, const nd_step *step) {
  if (step->arity == 2 && step->reversed && w->held == step->b && step->a != step->b) {
    put(w, *step->reversed, step->a, step->a);
  } else {
    hold(w, step->a);
    put(w, *step->kernel, step->b, step->c);
  }
  w->held = step->out;
}

static void end_chain(writer *w) {
  put(w, w->kernels->end, 0, 0);
  w->begun = w->count;
  w->held = NONE;
}

static bool is_long(const writer *w) {
  return w->count - w->begun > CHAIN;
}

/* What becomes of an output as soon as it is in the accumulators: whether it is summed, alone or as a factor. */
static bool sum_up(writer *w, size_t output) {
  const nd_code *code = w->code;
  const uint32_t sum = code->weights + 1 + (uint32_t)output;
  if (is_wanted_by_rows(w, output)) return false;
  hold(w, code->outputs[output]);
  if (code->summed[output]) {
    put(w, w->kernels->add, sum, code->weights);
    return true;
  }
  put(w, w->kernels->add_weighed, sum, code->weights);
  put(w, w->heads->layout->collect, 0, code->features + (uint32_t)(output - w->heads->first_factor));
  w->held = NONE;
  return true;
}

/* A result that is no longer in the accumulators, for it was a factor, is stored where it is read. */
static void end_long_chain(writer *w, uint32_t result) {
  if (!is_long(w)) return;
  if (w->held == result) put(w, w->kernels->store, result, result);
  end_chain(w);
}

static void put_step(writer *w, size_t i) {
  const nd_code *code = w->code;
  const nd_step *step = &code->steps[i];
  put_operation(w, step);
  if (w->stored[i]) put(w, w->kernels->store, step->out, step->out);
  end_long_chain(w, step->out);
  for (size_t o = 0; o < code->output_count && w->last[step->out] == i; o++)
    if (code->outputs[o] == step->out && sum_up(w, o)) end_long_chain(w, step->out);
}

/* What is not the one result of a step: a leaf, say. */
static void add_others(writer *w) {
  const nd_code *code = w->code;
  for (size_t o = 0; o < code->output_count; o++)
    if (w->last[code->outputs[o]] >= code->step_count && sum_up(w, o) && is_long(w)) end_chain(w);
}

static void put_etas(writer *w) {
  for (uint32_t k = 0; w->heads && k < w->heads->etas; k++) {
    w->held = (uint32_t)w->heads->first_eta + k;
    put(w, w->heads->layout->eta, (uint32_t)w->held, w->code->features + k);
    if (is_long(w)) end_chain(w);
  }
}

static void write_all(writer *w) {
  find_stored(w);
  w->held = NONE;
  put_etas(w);
  for (size_t i = 0; i < w->code->step_count; i++)
    put_step(w, i);
  add_others(w);
  if (w->count > w->begun) end_chain(w);
}

/* How many there can be: of a step a load, the operation, and twice what ends it; of an output a load, the sum, the sums of
 * features and the end of a chain; of an eta itself and the end of a chain. */
static bool count_instructions(const nd_code *code, size_t etas, size_t *count) {
  size_t steps, outputs;
  return nd_multiply(code->step_count, 5, &steps) && nd_multiply(code->output_count, 5, &outputs) &&
         nd_add(steps, outputs + 2 * etas + 1, count);
}

static nadir_status write_list(const nd_code *code, const nd_code_heads *heads, nd_instruction **list, size_t *count,
                               nadir_error *error) {
  writer w = {.code = code, .kernels = code->kernels, .heads = heads};
  size_t most;
  if (!count_instructions(code, heads ? heads->etas : 0, &most))
    return nd_fail(error, NADIR_NO_MEMORY, "formula: too large to compile: make it shorter");
  w.list = *list = nd_new(most, sizeof *w.list, error);
  w.reader = nd_new(code->operands, sizeof *w.reader, error);
  w.again = nd_new(code->operands, sizeof *w.again, error);
  w.last = nd_new(code->operands, sizeof *w.last, error);
  w.stored = nd_new(code->step_count, sizeof *w.stored, error);
  w.summed = nd_new(code->operands, sizeof *w.summed, error);
  w.factor = nd_new(code->operands, sizeof *w.factor, error);
  const bool enough = w.list && w.reader && w.again && w.last && w.stored && w.summed && w.factor;
  if (enough) write_all(&w);
  *count = w.count;
  nd_free(w.reader), nd_free(w.again), nd_free(w.last), nd_free(w.stored), nd_free(w.summed),
      nd_free(w.factor);
  return enough ? NADIR_OK : NADIR_NO_MEMORY;
}

nadir_status nd_code_write(nd_code *code, nadir_error *error) {
  return write_list(code, NULL, &code->instructions, &code->instruction_count, error);
}

nadir_status nd_code_add_heads(nd_code *code, const nd_code_heads *heads, nadir_error *error) {
  code->features = (uint32_t)code->operands;
  code->operands += heads->etas;
  return write_list(code, heads, &code->pass, &code->pass_count, error);
}
