/* program: nodes over rows in double, from the caller's own arrays and back into them.
 *
 * Whole vectors of rows are read where they are; the rows left over pass through a line of each
 * argument. Costs, beyond the steps of the code, one copy of the results. */
#include <string.h>

#include "code_internal.h"

struct nd_program {
  nd_code *code;
};

struct nd_workspace {
  nd_code_work work;
  double *edge; /* a line for each row leaf */
};

enum { LINE = ND_LINE_BYTES / sizeof(double), TILE = ND_TILE_BYTES / sizeof(double) };

nadir_status nd_program_new(nd_program **result, const nd_graph *graph, const nd_node *outputs,
                            size_t output_count, const nd_leaf *leaves, size_t leaf_count,
                            nadir_error *error) {
  *result = NULL;
  ND_TRY(nd_engine_check(error));
  nd_program *program = nd_new(1, sizeof *program, error);
  if (!program) return NADIR_NO_MEMORY;
  const nadir_status status = nd_code_new(&program->code, nd_kernels_now(false), graph, outputs,
                                          NULL, output_count, leaves, leaf_count, error);
  if (status == NADIR_OK)
    *result = program;
  else
    nd_program_free(program);
  return status;
}

void nd_program_free(nd_program *program) {
  if (!program) return;
  nd_code_free(program->code);
  nd_free(program);
}

nadir_status nd_workspace_new(nd_workspace **result, const nd_program *program,
                              nadir_error *error) {
  *result = NULL;
  nd_workspace *workspace = nd_new(1, sizeof *workspace, error);
  if (!workspace) return NADIR_NO_MEMORY;
  nadir_status status = nd_code_work_new(&workspace->work, program->code, error);
  if (status == NADIR_OK) {
    workspace->edge = nd_new(program->code->row_leaves, ND_LINE_BYTES, error);
    if (!workspace->edge) status = NADIR_NO_MEMORY;
  }
  if (status == NADIR_OK)
    *result = workspace;
  else
    nd_workspace_free(workspace);
  return status;
}

void nd_workspace_free(nd_workspace *workspace) {
  if (!workspace) return;
  nd_code_work_clear(&workspace->work);
  nd_free(workspace->edge);
  nd_free(workspace);
}

static void copy_out(const nd_code *code, const nd_code_work *work, size_t at, size_t count,
                     double *const *out) {
  for (size_t o = 0; o < code->output_count; o++) {
    const nd_operand *from = nd_code_output(code, work, o);
    const double *value = from->at;
    if (from->step)
      memcpy(out[o] + at, value, count * sizeof *value);
    else
      for (size_t i = 0; i < count; i++)
        out[o][at + i] = *value;
  }
}

/* Fewer rows than a vector: each argument's in a line of its own, the last repeated. */
static void run_edge(const nd_code *code, nd_workspace *workspace, const double *const *rows,
                     size_t at, size_t count, double *const *out) {
  for (size_t l = 0; l < code->row_leaves; l++) {
    double *line = workspace->edge + l * LINE;
    for (size_t i = 0; i < LINE; i++)
      line[i] = rows[l][at + (i < count ? i : count - 1)];
    workspace->work.operands[l].at = line;
  }
  nd_code_run(code, &workspace->work, count);
  copy_out(code, &workspace->work, at, count, out);
}

void nd_program_run(const nd_program *program, nd_workspace *workspace, const double *const *rows,
                    const double *shared, size_t count, double *const *out) {
  const nd_code *code = program->code;
  const size_t lanes = code->kernels->lanes, whole = count - count % lanes;
  nd_code_share(code, &workspace->work, shared);
  for (size_t at = 0; at < whole; at += TILE) {
    const size_t some = whole - at < TILE ? whole - at : TILE;
    for (size_t l = 0; l < code->row_leaves; l++)
      workspace->work.operands[l].at = rows[l] + at;
    nd_code_run(code, &workspace->work, some);
    copy_out(code, &workspace->work, at, some, out);
  }
  if (whole < count) run_edge(code, workspace, rows, whole, count - whole, out);
}
