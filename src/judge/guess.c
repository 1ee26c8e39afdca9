/* A start from the data, for a formula of the user's own. 0 is the middle of nowhere for a line at 6563 or a period
 * of 4 days: its derivatives vanish there, or the descent ends in the nearest of many minima.
 *
 * Parameters that enter linearly, given the others, are solved for by least squares (variable projection: G. H. Golub,
 * V. Pereyra 1973), so that only the others are searched: amplitudes, offsets and slopes cost nothing. The others are
 * drawn, quasi-randomly (J. H. Halton 1960), from what the columns of the formula suggest: places within their ranges;
 * widths, a part of a range; rates and wave numbers, turns over a range up to what the rows can tell; powers and
 * angles of some units. Each draw is judged by the squares that are left on some of the rows; the best are polished by
 * a short descent on all of them, and the start is the draw, in few digits, whose descent came lowest.
 *
 * What multiplies or divides a column within sin, cos or tan is a frequency or a period. Its minima are as narrow as a
 * turn over the whole range, so that it is scanned, in steps of a fifth of that, up to five times the frequency that
 * evenly spaced rows could tell, or a turn in the middle distance of two rows (J. T. VanderPlas 2018); with the linear parameters solved for, that is the generalised
 * periodogram of Zechmeister and Kürster (2009). The three highest peaks of the target's own (guess_peaks.c)
 * are descended from too, whatever else is better at first sight, and reported with what they led to.
 *
 * Costs MOST_DRAWS evaluations on ND_GUESS_ROWS rows at most, each with a triangle, and ND_GUESS_KEPT short descents. The same
 * seed gives the same start, whatever the threads. */
#include <stdlib.h>
#include <string.h>

#include "base/dense.h"
#include "descend/descend.h"
#include "judge/guess_internal.h"
#include "objective/joint.h"
#include "optim/halton.h"
#include "rows/spectrum.h"

enum {
  HEIGHTS = 8, /* of matrices are multiples of this */
  DRAWS = 500, /* for each parameter that is drawn, */
  MOST_DRAWS = 5000,
  MOST_DRAWN = 12,    /* beyond, the space is too wide to be drawn from */
  PER_TURN = 5,       /* steps of a scan for each turn more over the range, */
  BEYOND_EVEN = 5,    /* and how far it goes beyond evenly spaced rows */
  PHASES = 4,
  ROUNDS = 2,         /* of scans where there are several periods */
  MOST_SCAN = 20000,
  PEAK_DRAWS = 64, /* of what is drawn besides a peak's frequency */
  QUICKER = 16,
  POLISH_UPDATES = 30,
  START_DIGITS = 4,
  MOST_DIGITS = 17,
  MOST_POLISH = 4 << 20 /* rows seen by polishing, about */
};
static const double LEAST_SPREAD = 0.01; /* of the squares of the residuals, where sigma explains all */
static const double LOWER = 1e-9; /* by which part a peak's loss is lower than that of another start */
static const double LARGEST = 1e100; /* of a derivative: its square is a double */
static const double SAME = 0.05; /* two draws that leave squares so near to each other are one */

/* ---- which parameters are linear ---- */

/* Whether f is affine in p, and in those of `chosen` together with it. */
static nadir_status is_linear_with(nd_guess *s, nd_node partial, size_t p, bool *linear,
                                   nadir_error *error) {
  const nd_model *model = s->model;
  bool bent;
  nd_node *leaves = nd_new(s->linear + 1, sizeof *leaves, error);
  if (!leaves) return NADIR_NO_MEMORY;
  for (size_t k = 0; k < s->linear; k++)
    leaves[k] = model->free[s->linear_at[k]];
  leaves[s->linear] = model->free[p];
  nadir_status status = nd_any_depends(model->graph, &partial, 1, leaves, s->linear + 1, &bent, error);
  nd_free(leaves);
  *linear = !bent;
  return status;
}

static bool has_bounds(const nd_model_parameter *parameter) {
  return isfinite(parameter->low) || isfinite(parameter->high);
}

/* Those without bounds, which the solution would not know. */
static nadir_status split_parameters(nd_guess *s, const nd_node *partials, nadir_error *error) {
  const nd_model *model = s->model;
  for (size_t p = 0; p < model->free_count; p++) {
    bool linear = false;
    if (model->free_index[p] == model->scatter) continue; /* the residuals give it */
    if (!has_bounds(&model->parameters[model->free_index[p]]))
      ND_TRY(is_linear_with(s, partials[p], p, &linear, error));
    if (!linear) {
      s->drawn_at[s->drawn++] = p;
      continue;
    }
    s->nodes[s->linear] = partials[p];
    s->linear_at[s->linear++] = p;
  }
  return NADIR_OK;
}

static nadir_status find_parts(nd_guess *s, nadir_error *error) {
  const nd_model *model = s->model;
  size_t n = model->free_count;
  nd_node *partials = nd_new(3 * n, sizeof *partials, error);
  if (!partials) return NADIR_NO_MEMORY;
  nd_node *leaves = partials + n, *zeros = leaves + n;
  nadir_status status = nd_derive(model->graph, model->output, model->free, n, partials, error);
  if (status == NADIR_OK) status = split_parameters(s, partials, error);
  for (size_t k = 0; k < s->linear && status == NADIR_OK; k++) {
    leaves[k] = model->free[s->linear_at[k]];
    status = nd_make_number(model->graph, 0, &zeros[k], error);
  }
  nd_node rest;
  if (status == NADIR_OK)
    status = nd_substitute(model->graph, model->output, leaves, zeros, s->linear, &rest, error);
  /* a factor of 0 leaves nothing of its term, whatever that is */
  if (status == NADIR_OK) status = nd_simplify(model->graph, rest, &s->nodes[s->linear], error);
  nd_free(partials);
  return status;
}

/* ---- which are frequencies or periods ---- */

static bool is_round(nd_op op) {
  return op == ND_SIN || op == ND_COS || op == ND_TAN;
}

/* Whether the argument of a circular function changes with p by more in some rows than in others. */
static nadir_status turns_with(const nd_guess *s, nd_node argument, nd_node leaf, bool *turns,
                               nadir_error *error) {
  const nd_model *model = s->model;
  nd_node slope;
  nd_node *names = nd_new(model->column_count, sizeof *names, error);
  if (!names) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < model->column_count; i++)
    names[i] = model->columns[i].name;
  nadir_status status = nd_derive(model->graph, argument, &leaf, 1, &slope, error);
  if (status == NADIR_OK)
    status = nd_any_depends(model->graph, &slope, 1, names, model->column_count, turns, error);
  nd_free(names);
  return status;
}

/* Of all nodes, [k nodes + n]: whether n depends on drawn parameter k. */
static nadir_status find_needs(const nd_guess *s, size_t nodes, bool *needs, nadir_error *error) {
  const nd_model *model = s->model;
  for (size_t k = 0; k < s->drawn; k++) {
    bool *of_one;
    ND_TRY(nd_depends(model->graph, &model->free[s->drawn_at[k]], 1, &of_one, error));
    memcpy(needs + k * nodes, of_one, nodes * sizeof *needs);
    nd_free(of_one);
  }
  return NADIR_OK;
}

static nadir_status find_turning(nd_guess *s, size_t k, size_t nodes, const bool *needs, nadir_error *error) {
  const nd_model *model = s->model;
  for (size_t n = 0; n <= model->output; n++) {
    bool turns;
    if (!is_round(nd_node_op(model->graph, (nd_node)n)) || !needs[k * nodes + n]) continue;
    nd_node argument = nd_node_argument(model->graph, (nd_node)n, 0);
    ND_TRY(turns_with(s, argument, model->free[s->drawn_at[k]], &turns, error));
    s->turns[k] |= turns;
    if (!s->turns[k] || s->any_turning) continue;
    s->turning = argument;
    s->turning_with = s->drawn_at[k];
    s->any_turning = true;
  }
  return NADIR_OK;
}

/* Which drawn parameters share an angle: that of j is drawn anew while k is scanned. */
static void find_phases(nd_guess *s, size_t nodes, const bool *needs) {
  size_t drawn = s->drawn;
  for (size_t n = 0; n <= s->model->output; n++)
    for (size_t k = 0; is_round(nd_node_op(s->model->graph, (nd_node)n)) && k < drawn; k++)
      for (size_t j = 0; j < drawn; j++)
        s->phase[k * drawn + j] |= needs[k * nodes + n] && needs[j * nodes + n];
}

static nadir_status find_turns(nd_guess *s, size_t nodes, const bool *needs, nadir_error *error) {
  s->turns = nd_new(s->drawn, sizeof *s->turns, error);
  s->phase = nd_new(s->drawn * s->drawn, sizeof *s->phase, error);
  if (!s->turns || !s->phase) return NADIR_NO_MEMORY;
  for (size_t k = 0; k < s->drawn; k++)
    ND_TRY(find_turning(s, k, nodes, needs, error));
  find_phases(s, nodes, needs);
  return NADIR_OK;
}

static nadir_status find_turns_and_terms(nd_guess *s, nadir_error *error) {
  size_t nodes = nd_graph_size(s->model->graph);
  bool *needs = nd_new(s->drawn * nodes, sizeof *needs, error);
  nadir_status status = needs ? find_needs(s, nodes, needs, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK) status = find_turns(s, nodes, needs, error);
  if (status == NADIR_OK) status = nd_guess_find_terms(s, nodes, needs, error);
  nd_free(needs);
  return status;
}

/* ---- some of the rows ---- */

/* Every k-th row, so that the sample is as wide as the table. */
static nadir_status take_rows(nd_guess *s, nadir_error *error) {
  nd_data *data = s->rows->data;
  uint64_t step = data->counts.used / ND_GUESS_ROWS + 1, seen = 0;
  for (size_t b = 0; b < data->blocks; b++) {
    const nd_packed *packed;
    if (data->block_rows[b] == 0) continue;
    ND_TRY(nd_go_on(s->rows->face.until, error));
    ND_TRY(nd_data_raw(data, b, 0, &packed, error));
    for (size_t r = 0; r < packed->rows; r++) {
      if (seen++ % step != 0 || s->sample.rows == ND_GUESS_ROWS) continue;
      for (size_t c = 0; c < data->width; c++)
        s->numbers[c * ND_GUESS_ROWS + s->sample.rows] = nd_packed_number(packed, c, r);
      s->sample.rows++;
    }
  }
  for (size_t c = 0; c < data->width; c++)
    s->sample.column[c] = (nd_numbers){NADIR_FLOAT64, s->numbers + c * ND_GUESS_ROWS};
  for (size_t r = 0; r < s->sample.rows; r++)
    s->root[r] = sqrt(nd_packed_number(&s->sample, nd_packed_weight(data), r));
  return NADIR_OK;
}

/* Of the columns of the formula, the target's aside. */
static void find_ranges(nd_guess *s) {
  const nd_data *data = s->rows->data;
  for (size_t t = 0; t < data->tail_count; t++) {
    size_t column = data->tail_column[t];
    nd_span range = {HUGE_VAL, -HUGE_VAL};
    if (column == nd_packed_target(data)) continue;
    for (size_t r = 0; r < s->sample.rows; r++) {
      range.low = fmin(range.low, nd_packed_number(&s->sample, column, r));
      range.high = fmax(range.high, nd_packed_number(&s->sample, column, r));
    }
    if (!(range.low < range.high) || !isfinite(range.high - range.low)) continue;
    if (s->columns == 0) s->first_column = column;
    s->range[s->columns++] = range;
  }
}

/* ---- a draw ---- */

static double spread(double u, double low, double high) {
  return low * pow(high / low, u);
}

typedef enum kind { PLACE, WIDTH, RATE, TURNS, POWER, KINDS } kind;

double nd_guess_number(const nd_guess *s, double u, nd_random *random) {
  kind what = (kind)nd_random_below(random, KINDS);
  double sign = nd_random_uniform(random) < 0.5 ? -1 : 1;
  size_t column = s->columns ? (size_t)nd_random_below(random, s->columns) : 0;
  nd_span range = s->columns ? s->range[column] : (nd_span){-1, 1};
  double width = range.high - range.low, rows = (double)s->sample.rows;
  switch (what) {
  case PLACE:
    return range.low + u * width;
  case WIDTH:
    return spread(u, 0.5 / rows, 1) * width;
  case RATE:
    return sign * spread(u, 0.1, 100) / width;
  case TURNS: /* up to half a turn a row */
    return 3.141592653589793 * u * rows / width;
  case POWER:
  case KINDS:
    break;
  }
  return 4 * (2 * u - 1);
}

double nd_guess_within(double value, const nd_model_parameter *parameter) {
  double low = parameter->low, high = parameter->high;
  if (value < low) value = isfinite(high) ? high - fmod(low - value, high - low) : low + (low - value);
  if (value > high) value = isfinite(low) ? low + fmod(value - high, high - low) : high - (value - high);
  return fmin(fmax(value, low), high);
}

/* Of a point, those that share the angle of k. */
static void draw_phases(nd_guess *s, uint64_t i, size_t k, const double *point) {
  nd_random random = nd_random_stream(s->fitting->settings->seed, ND_FOR_START, i, 4);
  memcpy(s->w, point, s->model->size * sizeof *s->w);
  for (size_t j = 0; j < s->drawn; j++) {
    size_t at = s->model->free_index[s->drawn_at[j]];
    if (!s->phase[k * s->drawn + j]) continue;
    s->w[at] = nd_guess_within(nd_guess_number(s, nd_random_uniform(&random), &random), &s->model->parameters[at]);
  }
}

/* All of them; or, of one of the best so far, one: the second of two lines is found when the first is there. */
static void draw_point(nd_guess *s, uint64_t i, bool anew) {
  nd_random random = nd_random_stream(s->fitting->settings->seed, ND_FOR_START, i, 4);
  uint64_t prime = 1;
  size_t chosen = (size_t)nd_random_below(&random, s->drawn);
  if (!anew) memcpy(s->w, s->best[i % s->kept].w, s->model->size * sizeof *s->w);
  for (size_t k = 0; k < s->drawn; k++) {
    size_t at = s->model->free_index[s->drawn_at[k]];
    double u = nd_radical_inverse(i + 1, prime = nd_next_prime(prime));
    double value = nd_guess_number(s, u, &random);
    if (anew || k == chosen) s->w[at] = nd_guess_within(value, &s->model->parameters[at]);
  }
}

/* ---- what it leaves ---- */

static size_t height_of(const nd_guess *s) {
  return (s->sample.rows + HEIGHTS - 1) / HEIGHTS * HEIGHTS;
}

/* In whole vectors: there is room for what follows the sample, and nobody looks at it. */
static double *const *run_program(const nd_guess *s) {
  nd_packed whole = s->sample;
  whole.rows = height_of(s);
  return nd_row_program_run(s->program, &whole);
}

/* [J r] of the sample by columns, weighted, with rows of zeros up to `height`. */
static void fill_matrix(const nd_guess *s, double *const *value, size_t height) {
  const size_t rows = s->sample.rows, n = s->linear + 1;
  const double *target = s->numbers + nd_packed_target(s->rows->data) * ND_GUESS_ROWS;
  const double *restrict root = s->root;
  memset(s->matrix, 0, n * height * sizeof *s->matrix);
  for (size_t k = 0; k < n; k++) {
    double *restrict to = s->matrix + k * height;
    const double *restrict from = value[k];
    if (k < s->linear && s->hidden[k]) continue;
    for (size_t r = 0; r < rows; r++)
      to[r] = root[r] * (k < s->linear ? from[r] : target[r] - from[r]);
  }
}

nadir_status nd_guess_look(nd_guess *s, double most, double *left, nadir_error *error) {
  size_t n = s->linear + 1, rank, height = height_of(s);
  double *q = s->solution + s->linear;
  *left = HUGE_VAL;
  nd_row_program_at(s->program, s->w);
  fill_matrix(s, run_program(s), height);
  memset(s->triangle, 0, n * n * sizeof *s->triangle);
  s->fold(n, s->triangle, height, s->matrix);
  double rest = s->triangle[n * n - 1], sum = rest * rest;
  if (!isfinite(rest) || sum > most) return NADIR_OK; /* what is not a number has spread to it */
  for (size_t i = 0; i < n * n; i++)
    if (fabs(s->triangle[i]) > LARGEST) return NADIR_OK;
  for (size_t k = 0; k < s->linear; k++)
    q[k] = s->triangle[k * n + s->linear];
  ND_TRY(nd_qr_solve(s->linear, n, s->triangle, q, s->solution, &rank, NULL, error));
  for (size_t i = 0; i < s->linear; i++) {
    double part = q[i];
    for (size_t k = i; k < s->linear; k++)
      part -= s->triangle[i * n + k] * s->solution[k];
    sum += part * part;
  }
  if (!isfinite(sum)) return NADIR_OK;
  for (size_t k = 0; k < s->linear; k++)
    s->w[s->model->free_index[s->linear_at[k]]] = s->solution[k];
  *left = nd_guess_cancels(s) ? sum + s->without : sum;
  return NADIR_OK;
}

/* What is left by the last of those kept, and is too much for another. */
static double most_kept(const nd_guess *s) {
  return s->kept == ND_GUESS_KEPT ? s->best[ND_GUESS_KEPT - 1].left : HUGE_VAL;
}

/* Lowest first; of those that leave the same, the first that was drawn. */
void nd_guess_keep(nd_guess *s, double left) {
  size_t at = 0, size = s->model->size;
  if (!isfinite(left)) return;
  while (at < s->kept && !(left < s->best[at].left))
    at++;
  if (at == ND_GUESS_KEPT) return;
  double *room = s->kept < ND_GUESS_KEPT ? s->best[s->kept].w : s->best[ND_GUESS_KEPT - 1].w;
  if (s->kept < ND_GUESS_KEPT) s->kept++;
  memmove(&s->best[at + 1], &s->best[at], (s->kept - 1 - at) * sizeof *s->best);
  memcpy(room, s->w, size * sizeof *room);
  s->best[at] = (nd_guess_draw){room, left};
}

static nadir_status draw_all(nd_guess *s, nadir_error *error) {
  uint64_t most = s->drawn > 0 ? DRAWS * s->drawn : 1;
  uint64_t draws = most < MOST_DRAWS ? most : MOST_DRAWS;
  if (s->quick && draws > QUICKER) draws /= QUICKER;
  for (uint64_t i = 0; i < draws; i++) {
    double left;
    if (i % 64 == 0) ND_TRY(nd_go_on(s->rows->face.until, error));
    if (s->drawn > 0) draw_point(s, i, 2 * i < draws || s->kept == 0 || s->drawn == 1);
    ND_TRY(nd_guess_look(s, most_kept(s), &left, error));
    nd_guess_keep(s, left);
  }
  return NADIR_OK;
}

/* The middle one of the distances between neighbours along the first column; infinite where there are none. */
static nadir_status middle_distance(const nd_guess *s, double *distance, nadir_error *error) {
  size_t n = s->sample.rows;
  double *x = nd_new(n, sizeof *x, error);
  if (!x) return NADIR_NO_MEMORY;
  for (size_t r = 0; r < n; r++)
    x[r] = nd_packed_number(&s->sample, s->first_column, r);
  nadir_status status = nd_middle_distance(x, n, distance, error);
  nd_free(x);
  return status;
}

/* Frequencies of the rows, `distance` apart along the first column, each as a number of turns, as an angle and as a
 * period. With a base, all else but the phase stays as it is there. */
static nadir_status scan(nd_guess *s, size_t k, double distance, const double *base, nadir_error *error) {
  size_t at = s->model->free_index[s->drawn_at[k]];
  const nd_model_parameter *parameter = &s->model->parameters[at];
  double width = s->range[0].high - s->range[0].low;
  double rows = (double)s->rows->data->counts.used;
  double most = fmax(BEYOND_EVEN * rows / 2, width / distance) * PER_TURN;
  uint64_t steps = most < MOST_SCAN ? (uint64_t)most : MOST_SCAN;
  uint64_t forms = 3 * (s->drawn > 1 ? PHASES : 1); /* a phase among the drawn ones decides as much */
  for (uint64_t i = 0; i < forms * steps; i++) {
    double left, frequency = (double)(i / forms + 1) / PER_TURN / width;
    double value = i % 3 == 0 ? frequency : i % 3 == 1 ? 6.283185307179586 * frequency : 1 / frequency;
    if (i % 64 == 0) ND_TRY(nd_go_on(s->rows->face.until, error));
    if (value < parameter->low || value > parameter->high) continue;
    if (base)
      draw_phases(s, i, k, base);
    else
      draw_point(s, i, true);
    s->w[at] = value;
    ND_TRY(nd_guess_look(s, most_kept(s), &left, error));
    nd_guess_keep(s, left);
  }
  return NADIR_OK;
}

/* One after the other: the second period of two is looked for where the first is as found, and then the first again. */
static nadir_status scan_all(nd_guess *s, nadir_error *error) {
  size_t periods = 0, size = s->model->size;
  for (size_t k = 0; k < s->drawn; k++)
    periods += s->turns[k];
  if (periods == 0 || s->columns == 0) return NADIR_OK;
  double *base = nd_new(size, sizeof *base, error);
  if (!base) return NADIR_NO_MEMORY;
  double distance;
  nadir_status status = middle_distance(s, &distance, error);
  for (size_t round = 0; round < (periods > 1 ? ROUNDS : 1); round++)
    for (size_t k = 0; k < s->drawn && status == NADIR_OK; k++) {
      if (!s->turns[k]) continue;
      bool known = s->kept > 0 && periods > 1;
      if (known) memcpy(base, s->best[0].w, size * sizeof *base);
      status = scan(s, k, distance, known ? base : NULL, error);
    }
  nd_free(base);
  return status;
}

/* ---- the scatter ---- */

typedef struct spread_sums {
  double rows, squares, variances; /* of residuals, and of sigma */
} spread_sums;

static nadir_status sum_spread(nd_fitting *f, spread_sums *sums, nadir_error *error) {
  nd_model_rows rows;
  for (size_t c = 0; c < f->data->blocks; c++) {
    ND_TRY(nd_go_on(&f->until, error));
    ND_TRY(nd_model_read(f->data->workers[0].reader, c, &rows, error));
    for (size_t r = 0; r < rows.rows; r++) {
      double residual = rows.target[r] - rows.output[r];
      if (rows.kept[r] != 1 || !isfinite(residual)) continue;
      sums->rows++;
      sums->squares += residual * residual;
      sums->variances += rows.sigma ? rows.sigma[r] * rows.sigma[r] : 0;
    }
  }
  return NADIR_OK;
}

nadir_status nd_start_scatter(nd_fitting *f, double *start, nadir_error *error) {
  if (!f->model || f->model->scatter == SIZE_MAX || start[f->model->scatter] > 0) return NADIR_OK;
  spread_sums sums = {0};
  nd_model_set(f->model, start);
  ND_TRY(sum_spread(f, &sums, error));
  double more = fmax(sums.squares - sums.variances, LEAST_SPREAD * sums.squares) / sums.rows;
  start[f->model->scatter] = more > 0 && isfinite(more) ? nd_round_digits(sqrt(more), START_DIGITS) : 1;
  return NADIR_OK;
}

/* Of orthogonal distances, or with a scatter, even a line is not linear: it starts from that of least squares. */
static bool is_bent(const nd_guess *s) {
  return (s->rows->joint && !s->rows->joint->affine) || s->model->scatter != SIZE_MAX;
}

/* Each peak with the best of some draws of what else is drawn. */
static nadir_status try_peaks(nd_guess *s, nadir_error *error) {
  for (size_t k = 0; k < s->peaks.count; k++) {
    const nadir_fit_peak *peak = &s->peaks.peak[k];
    const nd_model_parameter *parameter = &s->model->parameters[peak->parameter];
    s->of_peak[k].left = HUGE_VAL;
    if (peak->value < parameter->low || peak->value > parameter->high) continue;
    for (uint64_t i = 0; i < (s->drawn > 1 ? PEAK_DRAWS : 1); i++) {
      double left;
      draw_point(s, i, true);
      s->w[peak->parameter] = peak->value;
      ND_TRY(nd_guess_look(s, s->of_peak[k].left, &left, error));
      if (!(left < s->of_peak[k].left)) continue;
      s->of_peak[k].left = left;
      memcpy(s->of_peak[k].w, s->w, s->model->size * sizeof *s->w);
    }
  }
  return NADIR_OK;
}

static nadir_status look_for_peaks(nd_guess *s, nadir_error *error) {
  s->peaks.count = 0;
  if (s->quick || !s->any_turning || is_bent(s)) return NADIR_OK;
  ND_TRY(nd_find_start_peaks(s->rows, s->turning, s->turning_with, s->w, &s->peaks, error));
  return try_peaks(s, error);
}

/* ---- the best of them ---- */

typedef struct contest {
  nadir_settings *settings; /* of a short descent */
  double *from;             /* where the last one began, in descent coordinates */
  double *start, lowest;    /* the best so far began there, and came so low */
} contest;

static nadir_status short_descent(nd_guess *s, const contest *c, double *loss, nadir_error *error) {
  nd_run run;
  nd_teller quiet = nd_teller_for(NULL);
  nadir_status status = nd_descend(s->fitting->objective, c->settings, c->from, &quiet, &run, error);
  nd_teller_free(&quiet);
  *loss = HUGE_VAL;
  if (status == NADIR_BAD_FORMULA) return NADIR_OK;
  ND_TRY(status);
  *loss = run.best_loss;
  nd_run_clear(&run);
  return NADIR_OK;
}

static bool is_frequency(const nd_guess *s, size_t parameter) {
  for (size_t k = 0; k < s->drawn; k++)
    if (s->turns[k] && s->model->free_index[s->drawn_at[k]] == parameter) return true;
  return false;
}

/* Few digits, so that it can be typed again; but a place among dates of 2450000 keeps those of their range, and a
 * frequency, which turns as often since day 0, all. */
static void round_start(const nd_guess *s, double *w) {
  double width = HUGE_VAL;
  for (size_t c = 0; c < s->columns; c++)
    width = fmin(width, s->range[c].high - s->range[c].low);
  for (size_t i = 0; i < s->model->size; i++) {
    double more = fmax(0, ceil(log10(fabs(w[i]) / width)));
    int digits = START_DIGITS + (int)fmin(isfinite(more) ? more : 0, MOST_DIGITS - START_DIGITS);
    if (!is_frequency(s, i))
      w[i] = nd_guess_within(nd_round_digits(w[i], digits), &s->model->parameters[i]);
  }
}

/* Neighbours in the order of what they leave lie in the same valley as often as not: one of them will do. */
static bool is_another(const nd_guess *s, size_t k) {
  return k == 0 || s->best[k].left > (1 + SAME) * s->best[k - 1].left || k < 4;
}

/* A draw, in few digits, and how low a short descent from it comes; HUGE_VAL where the formula has no value there. */
static nadir_status try_draw(nd_guess *s, const contest *c, double *w, double *loss, nadir_error *error) {
  round_start(s, w);
  nd_model_to_descent(s->model, w, c->from);
  ND_TRY(nd_start_scatter(s->fitting, c->from, error));
  return short_descent(s, c, loss, error);
}

static void take_lead(const nd_guess *s, contest *c, double loss) {
  c->lowest = loss;
  memcpy(c->start, c->from, s->model->size * sizeof *c->start);
}

static nadir_status contend(nd_guess *s, contest *c, double *w, nadir_error *error) {
  double loss;
  ND_TRY(try_draw(s, c, w, &loss, error));
  if (loss < c->lowest) take_lead(s, c, loss);
  return NADIR_OK;
}

static nadir_status polish(nd_guess *s, contest *c, nadir_error *error) {
  double rows = (double)s->rows->data->counts.used;
  size_t most = (size_t)fmax(1, MOST_POLISH / (POLISH_UPDATES * rows));
  if (s->quick && most > 2) most = 2;
  for (size_t k = 0; k < s->kept && k < most; k++)
    if (is_another(s, k)) ND_TRY(contend(s, c, s->best[k].w, error));
  return NADIR_OK;
}

static nadir_status polish_terms(nd_guess *s, contest *c, nadir_error *error) {
  for (size_t k = 0; k < ND_GUESS_PURSUITS; k++)
    if (isfinite(s->of_terms[k].left)) ND_TRY(contend(s, c, s->of_terms[k].w, error));
  return NADIR_OK;
}

static nadir_status polish_peaks(nd_guess *s, contest *c, nadir_error *error) {
  bool has_chi2 = s->model->row_errors && c->settings->l1 == 0 && c->settings->l2 == 0;
  for (size_t k = 0; k < s->peaks.count; k++) {
    nadir_fit_peak *peak = &s->peaks.peak[k];
    double loss;
    if (!isfinite(s->of_peak[k].left)) continue;
    ND_TRY(try_draw(s, c, s->of_peak[k].w, &loss, error));
    if (!isfinite(loss)) continue;
    peak->loss = loss;
    if (has_chi2) peak->chi2 = loss / s->rows->scale;
    if (loss < c->lowest - LOWER * fabs(c->lowest) || !isfinite(c->lowest)) take_lead(s, c, loss);
  }
  return NADIR_OK;
}

static nadir_status choose(nd_guess *s, double *start, bool *found, nadir_error *error) {
  char updates[ND_NUMBER_TEXT];
  contest c = {.start = start, .lowest = HUGE_VAL};
  ND_TRY(nd_settings_copy(&c.settings, s->fitting->settings, error));
  c.from = nd_new(s->model->size, sizeof *c.from, error);
  nadir_status status = c.from ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK)
    status = nd_settings_set(c.settings, "updates", nd_format(POLISH_UPDATES, updates), error);
  if (status == NADIR_OK) status = polish(s, &c, error);
  if (status == NADIR_OK) status = polish_terms(s, &c, error);
  if (status == NADIR_OK) status = polish_peaks(s, &c, error);
  *found = c.lowest < HUGE_VAL;
  nd_free(c.from);
  nd_settings_free(c.settings);
  return status;
}

/* ---- all of it ---- */

static nadir_status take_memory(nd_guess *s, nadir_error *error) {
  const nd_model *model = s->model;
  const nd_data *data = s->rows->data;
  size_t n = model->free_count, wide = n + 1;
  s->linear_at = nd_new(n, sizeof *s->linear_at, error);
  s->drawn_at = nd_new(n, sizeof *s->drawn_at, error);
  s->nodes = nd_new(wide, sizeof *s->nodes, error);
  s->triangle = nd_new(wide * wide, sizeof *s->triangle, error);
  s->matrix = nd_new(wide * ND_GUESS_ROWS, sizeof *s->matrix, error);
  s->solution = nd_new(2 * wide, sizeof *s->solution, error);
  s->w = nd_new(model->size, sizeof *s->w, error);
  s->draws = nd_new((ND_GUESS_KEPT + ND_START_PEAKS + ND_GUESS_PURSUITS) * model->size, sizeof *s->draws, error);
  s->numbers = nd_new(data->width * ND_GUESS_ROWS, sizeof *s->numbers, error);
  s->root = nd_new(ND_GUESS_ROWS, sizeof *s->root, error);
  s->sample.column = nd_new(data->width, sizeof *s->sample.column, error);
  s->range = nd_new(data->tail_count, sizeof *s->range, error);
  s->order = nd_new(ND_GUESS_ROWS, sizeof *s->order, error);
  bool made = s->linear_at && s->drawn_at && s->nodes && s->triangle && s->matrix && s->solution &&
              s->w && s->draws && s->numbers && s->root && s->sample.column && s->range && s->order;
  for (size_t k = 0; made && k < ND_GUESS_KEPT; k++)
    s->best[k].w = s->draws + k * model->size;
  for (size_t k = 0; made && k < ND_START_PEAKS; k++)
    s->of_peak[k].w = s->draws + (ND_GUESS_KEPT + k) * model->size;
  for (size_t k = 0; made && k < ND_GUESS_PURSUITS; k++)
    s->of_terms[k].w = s->draws + (ND_GUESS_KEPT + ND_START_PEAKS + k) * model->size;
  return made ? NADIR_OK : NADIR_NO_MEMORY;
}

void nd_guess_free(nd_guess *s) {
  if (!s) return;
  nd_row_program_free(s->program);
  void *owned[] = {s->linear_at,     s->drawn_at, s->nodes,    s->triangle, s->matrix,
                   s->sample.column, s->numbers,  s->root,     s->solution, s->w,        s->range, s->draws, s->turns,
                   s->phase,         s->order,    s->term_of, s->factor_of, s->hidden};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_free(s);
}

/* ---- what the formula decides ---- */

static nadir_status is_wanted(const nd_fitting *f, bool *wanted, nadir_error *error) {
  const nd_model *model = f->model;
  nd_method_choice method;
  *wanted = false;
  if (!model || *f->settings->start || *f->settings->warm_start || f->settings->starts > 0)
    return NADIR_OK;
  if (model->head_count > 0 || model->loss.link != ND_LINK_CENTER || model->target == ND_NO_NODE)
    return NADIR_OK;
  ND_TRY(nd_choose_method(f->objective, f->settings, &method, error));
  *wanted = method.optimizer->traits & NADIR_FINISHES;
  return NADIR_OK;
}

static nadir_status look_at_formula(nd_guess *s, nadir_error *error) {
  ND_TRY(take_memory(s, error));
  ND_TRY(find_parts(s, error));
  s->wanted = (s->drawn > 0 || is_bent(s)) && s->drawn <= MOST_DRAWN;
  if (!s->wanted) return NADIR_OK;
  ND_TRY(nd_row_program_new(&s->program, s->rows, s->nodes, s->linear + 1, s->w, error));
  return find_turns_and_terms(s, error);
}

nadir_status nd_guess_new(nd_guess **guess, nd_fitting *f, nadir_error *error) {
  nd_guess *s = *guess = nd_new(1, sizeof *s, error);
  if (!s) return NADIR_NO_MEMORY;
  *s = (nd_guess){
      .fitting = f, .rows = nd_rows_of(f->objective), .model = f->model, .fold = nd_fold_now()};
  nadir_status status = is_wanted(f, &s->wanted, error);
  if (status == NADIR_OK && s->wanted) status = look_at_formula(s, error);
  if (status == NADIR_OK) return NADIR_OK;
  nd_guess_free(s);
  *guess = NULL;
  return status;
}

/* ---- what the rows decide ---- */

static nadir_status look_at_rows(nd_guess *s, nadir_error *error) {
  s->kept = s->columns = s->sample.rows = 0;
  s->without = HUGE_VAL;
  memset(s->w, 0, s->model->size * sizeof *s->w);
  ND_TRY(take_rows(s, error));
  find_ranges(s);
  return NADIR_OK;
}

static nadir_status find(nd_guess *s, bool quick, double *start, bool *found, nadir_error *error) {
  *found = false;
  if (!s->wanted) return NADIR_OK;
  s->quick = quick;
  ND_TRY(look_at_rows(s, error));
  ND_TRY(scan_all(s, error));
  ND_TRY(nd_guess_by_terms(s, error));
  ND_TRY(draw_all(s, error));
  ND_TRY(look_for_peaks(s, error));
  return choose(s, start, found, error);
}

nadir_status nd_guess_find(nd_guess *s, double *start, bool *found, nadir_error *error) {
  return find(s, false, start, found, error);
}

nadir_status nd_guess_find_quickly(nd_guess *s, double *start, bool *found, nadir_error *error) {
  return find(s, true, start, found, error);
}

/* ---- where fits of rows of the same kind ended ---- */

bool nd_guess_takes_lore(const nd_guess *s) {
  for (size_t k = 0; k < s->drawn && s->wanted; k++)
    if (s->turns[k]) return false;
  return s->wanted;
}

nadir_status nd_guess_by_lore(nd_guess *s, const nd_lore *lore, double *start, bool *found, nadir_error *error) {
  size_t size = s->model->size;
  double least = HUGE_VAL, *best = s->best[0].w;
  ND_TRY(look_at_rows(s, error));
  for (size_t k = 0; k < lore->count; k++) {
    double left;
    memcpy(s->w, lore->w + k * size, size * sizeof *s->w);
    ND_TRY(nd_guess_look(s, least, &left, error));
    if (!(left < least)) continue;
    least = left;
    memcpy(best, s->w, size * sizeof *best);
  }
  *found = least < HUGE_VAL;
  if (*found) nd_model_to_descent(s->model, best, start);
  return NADIR_OK;
}

/* ---- what a fit leaves ---- */

static int by_place(const void *a, const void *b) {
  const nd_residual_at *x = a, *y = b;
  return (x->place > y->place) - (x->place < y->place);
}

/* The weighted residuals of the sample at s->w, along the first column. */
static void list_residuals(nd_guess *s) {
  const nd_data *data = s->rows->data;
  double *const *value = run_program(s);
  bool sorted = true;
  for (size_t r = 0; r < s->sample.rows; r++) {
    double f = value[s->linear][r], y = nd_packed_number(&s->sample, nd_packed_target(data), r);
    for (size_t k = 0; k < s->linear; k++)
      f += value[k][r] * s->w[s->model->free_index[s->linear_at[k]]];
    s->order[r].value = s->root[r] * (y - f);
    s->order[r].place = s->columns ? nd_packed_number(&s->sample, s->first_column, r) : 0;
    sorted = sorted && (r == 0 || s->order[r - 1].place <= s->order[r].place);
  }
  if (!sorted) qsort(s->order, s->sample.rows, sizeof *s->order, by_place);
}

nadir_status nd_guess_left(nd_guess *s, const double *w, double *pattern, double *left, nadir_error *error) {
  double squares = 0, steps = 0, n = (double)s->sample.rows, freedom = n - (double)s->model->size;
  memcpy(s->w, w, s->model->size * sizeof *s->w);
  nd_row_program_at(s->program, s->w);
  list_residuals(s);
  for (size_t r = 0; r < s->sample.rows; r++) {
    double step = r ? s->order[r].value - s->order[r - 1].value : 0;
    squares += s->order[r].value * s->order[r].value;
    steps += step * step;
  }
  *pattern = squares > 0 ? (2 - steps / squares) * sqrt(n) / 2 : 0;
  *left = s->model->sigma != ND_NO_NODE && freedom > 0 ? squares / freedom : 0;
  return nd_go_on(s->rows->face.until, error);
}

nadir_status nd_guess_start(nd_fitting *f, double *start, bool *found, nd_start_peaks *peaks, nadir_error *error) {
  nd_guess *guess;
  ND_TRY(nd_guess_new(&guess, f, error));
  nadir_status status = nd_guess_find(guess, start, found, error);
  *peaks = guess->peaks;
  nd_guess_free(guess);
  return status;
}
