/* The periodogram of a table's rows: VALUE ~ TIME read as a model without parameters, so that sigma, weight, where and
 * missing mean what they mean in a fit; then spectrum.c and peaks.c.
 *
 * Rows that are taken at the same hour, or in the same months, repeat: the window, which is the power of a signal that is 1
 * everywhere, has peaks too. At the sum and the difference of the frequencies of a signal and of such a repetition there
 * is an alias (T. J. Deeming 1975). The repetitions are found from the rows, not taken from any planet. Where the times repeat
 * exactly, as those of even spacing do, the band that nobody gave ends at half of that frequency: beyond it there is
 * nothing new.
 *
 * Costs one pass over the table, and then rows x frequencies up to twice the highest; all rows are kept in memory. */
#include "rows/period.h"

#include <string.h>

enum { PEAKS = 3, REPETITIONS = 5, NAMED_REPETITIONS = 3, MOST_ALIASES = 2 * NAMED_REPETITIONS };
static const double MOST_WORK = 2e10; /* where the band is chosen: some ten seconds */
static const double STRONG = 0.2,
                    EXACT = 0.999; /* powers of the window: it repeats; it is the same again */

/* A periodogram with all that it points to. */
typedef struct periodogram_box {
  nadir_periodogram periodogram; /* first: the caller's pointer is the box's */
  nd_arena *arena;
  nd_warnings warned;
  nd_samples samples;
  double *time, *value, *error, *power, *window;
  size_t room[6];     /* of the arrays by row */
  nd_band band, wide; /* searched; as far as the window is known */
  size_t first;       /* frequency of wide that is the first of band */
} periodogram_box;

void nd_periodogram_free(nadir_periodogram *periodogram) {
  periodogram_box *box = (periodogram_box *)periodogram;
  if (!box) return;
  void *owned[] = {box->samples.time, box->samples.value, box->samples.weight, box->time,
                   box->value,        box->error,         box->power,          box->window};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_warnings_free(&box->warned);
  nd_arena_free(box->arena);
  nd_free(box);
}

static void *take(periodogram_box *box, size_t count, size_t size, nadir_error *error) {
  return nd_arena_take(box->arena, count * size, error);
}

/* ---- what is asked ---- */

static nadir_status check_model(const nd_model *model, nadir_error *error) {
  if (model->target_kind != ND_TARGET_REAL)
    return nd_fail(error, NADIR_BAD_FORMULA,
                   "formula: '%s' is not a number: give values that change with time",
                   model->target_name);
  return NADIR_OK;
}

static const char *unit_of_time(const nd_model *model) {
  size_t column = nd_model_column_of(model, model->output);
  return column < model->column_count && model->columns[column].unit ? model->columns[column].unit
                                                                     : "";
}

static nadir_status keep_texts(periodogram_box *box, const nd_model *model, const char *formula,
                               nadir_error *error) {
  nadir_periodogram *p = &box->periodogram;
  const char *time = nd_find_outside(formula, '~');
  time += *time == '~';
  time += strspn(time, " \t\n");
  size_t length = strlen(time);
  while (length > 0 && strchr(" \t\n", time[length - 1]))
    length--;
  if (!(p->time = nd_arena_text(box->arena, time, length, error))) return NADIR_NO_MEMORY;
  ND_TRY(nd_arena_keep(box->arena, &p->formula, formula, error));
  ND_TRY(nd_arena_keep(box->arena, &p->time_unit, unit_of_time(model), error));
  ND_TRY(nd_arena_keep(box->arena, &p->value, model->target_name, error));
  return nd_arena_keep(box->arena, &p->value_unit, model->target_unit, error);
}

/* ---- rows ---- */

static nadir_status make_room(periodogram_box *box, size_t rows, nadir_error *error) {
  nd_samples *s = &box->samples;
  double **array[] = {&s->time, &s->value, &s->weight, &box->time, &box->value, &box->error};
  for (size_t i = 0; i < ND_COUNT(array); i++)
    ND_TRY(nd_grow(array[i], &box->room[i], rows, sizeof(double), error));
  return NADIR_OK;
}

static void add_row(periodogram_box *box, const nd_model_rows *rows, size_t r) {
  nd_samples *s = &box->samples;
  size_t at = s->count++;
  s->time[at] = box->time[at] = rows->output[r];
  s->value[at] = box->value[at] = rows->target[r];
  s->weight[at] = rows->weight ? rows->weight[r] : 1;
  box->error[at] = rows->sigma ? rows->sigma[r] : (double)NAN;
}

static nadir_status add_rows(periodogram_box *box, const nd_model *model, const nd_table *table,
                             size_t chunk, const nd_model_rows *rows, nadir_error *error) {
  ND_TRY(make_room(box, box->samples.count + rows->rows, error));
  for (size_t r = 0; r < rows->rows; r++) {
    bool used = rows->kept[r] == 1;
    if (used && !(isfinite(rows->output[r]) && isfinite(rows->target[r])))
      return nd_fail_row(table, NULL, chunk, r, error,
                         isfinite(rows->target[r]) ? box->periodogram.time : model->target_name,
                         "it is not finite: leave such rows out with the setting where");
    if (used) add_row(box, rows, r);
    box->periodogram.rows_dropped += !used;
  }
  return NADIR_OK;
}

static nadir_status read_rows(periodogram_box *box, const nd_model *model, nd_model_reader *reader,
                              const nd_table *table, nd_teller *teller, nadir_error *error) {
  nd_model_rows rows;
  ND_TRY(nd_model_reader_warn(reader, teller, error));
  for (size_t c = 0; c < nd_table_chunks(table); c++) {
    teller->last.rows_seen = (uint64_t)c * ND_CHUNK;
    ND_TRY(nd_heed(teller, error));
    ND_TRY(nd_model_read(reader, c, &rows, error));
    ND_TRY(add_rows(box, model, table, c, &rows, error));
  }
  return NADIR_OK;
}

static nadir_status read_table(periodogram_box *box, const nd_table *table, const char *formula,
                               const nadir_settings *settings, nd_teller *teller,
                               nadir_error *error) {
  nd_model *model = NULL;
  nd_model_reader *reader = NULL;
  nadir_status status = nd_model_of_columns(&model, table, formula, settings, teller, error);
  if (status == NADIR_OK) status = check_model(model, error);
  if (status == NADIR_OK) status = keep_texts(box, model, formula, error);
  if (status == NADIR_OK)
    status = nd_model_reader_new(&reader, model, table, settings, true, error);
  if (status == NADIR_OK) status = read_rows(box, model, reader, table, teller, error);
  box->periodogram.has_sigma = status == NADIR_OK && model->sigma != ND_NO_NODE;
  nd_model_reader_free(reader);
  nd_model_free(model);
  return status;
}

/* ---- the spectrum ---- */

static double end_of(nd_number_or_word period) {
  return period.is_number ? 1 / period.number : (double)NAN;
}

/* The window is looked at from the first turn on, and twice as far as the power: two frequencies of the band may
 * differ by so little, and may add up to so much. The power has a part of the same frequencies. */
static size_t widen(periodogram_box *box) {
  const nd_band *band = &box->band;
  double least = fmin(band->low, 1 / box->samples.baseline),
         before = ceil((band->low - least) / band->step - 1e-9);
  double highest = band->low + (double)(band->count - 1) * band->step;
  box->wide = (nd_band){least, band->step, (size_t)((2 * highest - least) / band->step) + 1};
  box->band.low = least + before * band->step;
  if (box->band.count > 1 && box->band.low + (double)(band->count - 1) * band->step > highest)
    box->band.count--;
  return (size_t)before;
}

static nadir_status make_spectrum(periodogram_box *box, const nadir_settings *settings,
                                  nd_pool *pool, nadir_error *error) {
  ND_TRY(nd_band_choose(&box->samples, end_of(settings->max_period), end_of(settings->min_period),
                        settings->oversampling, MOST_WORK, &box->band, error));
  box->first = widen(box);
  box->power = nd_new(box->wide.count, sizeof *box->power, error);
  box->window = nd_new(box->wide.count, sizeof *box->window, error);
  if (!box->power || !box->window) return NADIR_NO_MEMORY;
  return nd_spectrum(&box->samples, &box->wide, pool, box->power, box->window, error);
}

static nadir_status find_repetitions(periodogram_box *box, bool band_given, nadir_error *error) {
  double place[REPETITIONS];
  nadir_periodogram *p = &box->periodogram;
  size_t count = nd_peaks(&box->samples, nd_window_at, &box->wide, box->window, REPETITIONS, place);
  nadir_repetition *list = take(box, REPETITIONS, sizeof *list, error);
  if (!list) return NADIR_NO_MEMORY;
  p->repetition = list;
  for (size_t i = 0; i < count; i++) {
    double power = nd_window_at(&box->samples, place[i]);
    if (power < STRONG) continue;
    list[p->repetitions++] = (nadir_repetition){1 / place[i], power};
    double half = floor((place[i] / 2 - box->band.low) / box->band.step) + 1;
    if (power > EXACT && !band_given && half >= 1 && half < (double)box->band.count)
      box->band.count = (size_t)half;
  }
  return NADIR_OK;
}

/* ---- peaks ---- */

nadir_status nd_describe_peak(const nd_samples *samples, const nd_band *band, double frequency,
                              bool has_sigma, nadir_peak *peak, nadir_error *error) {
  nd_sinusoid s;
  ND_TRY(nd_sinusoid_fit(samples, frequency, !has_sigma, &s, error));
  double alarm = nd_log_false_alarm(samples, band, s.log_rest);
  *peak = (nadir_peak){.frequency = frequency,
                       .period = 1 / frequency,
                       .period_error = s.frequency_error / frequency / frequency,
                       .power = -expm1(s.log_rest),
                       .amplitude = s.amplitude,
                       .amplitude_error = s.amplitude_error,
                       .offset = s.offset,
                       .epoch = s.epoch,
                       .chi2 = has_sigma ? s.mean_square * samples->total : (double)NAN,
                       .residual_sigma = sqrt(s.mean_square),
                       .false_alarm = exp(alarm),
                       .log10_false_alarm = alarm / log(10),
                       .alias_of = SIZE_MAX,
                       .repetition = (double)NAN};
  return NADIR_OK;
}

/* The frequency of an alias: by repetition i / 2, with the frequencies added or subtracted. */
static double alias_frequency(const nadir_periodogram *p, const nadir_peak *peak, size_t i) {
  double by = 1 / p->repetition[i / 2].period;
  return fabs(peak->frequency + (i % 2 ? by : -by));
}

static void find_original(const nadir_periodogram *p, nadir_peak *peaks, size_t k) {
  for (size_t j = 0; j < k; j++)
    for (size_t i = 0; i < 2 * p->repetitions && peaks[k].alias_of == SIZE_MAX; i++) {
      if (fabs(alias_frequency(p, &peaks[j], i) - peaks[k].frequency) > 1 / p->baseline) continue;
      peaks[k].alias_of = j;
      peaks[k].repetition = p->repetition[i / 2].period;
    }
}

static bool is_in_band(const nadir_periodogram *p, double frequency) {
  return frequency >= p->frequency_low && frequency <= p->frequency_high;
}

static nadir_status find_aliases(periodogram_box *box, nadir_peak *peak, nadir_error *error) {
  const nadir_periodogram *p = &box->periodogram;
  nadir_alias *list = take(box, MOST_ALIASES, sizeof *list, error);
  if (!list) return NADIR_NO_MEMORY;
  peak->alias = list;
  for (size_t i = 0; i < MOST_ALIASES && i < 2 * p->repetitions; i++) {
    double frequency = alias_frequency(p, peak, i);
    if (!is_in_band(p, frequency) || fabs(frequency - peak->frequency) < 1 / p->baseline) continue;
    frequency = nd_highest_near(&box->samples, nd_power_at, frequency);
    list[peak->aliases++] = (nadir_alias){1 / frequency, nd_power_at(&box->samples, frequency),
                                          p->repetition[i / 2].period};
  }
  return NADIR_OK;
}

static nadir_status find_peaks(periodogram_box *box, nadir_error *error) {
  double frequency[PEAKS];
  nadir_periodogram *p = &box->periodogram;
  size_t count =
      nd_peaks(&box->samples, nd_power_at, &box->band, box->power + box->first, PEAKS, frequency);
  nadir_peak *peaks = take(box, PEAKS, sizeof *peaks, error);
  if (!peaks) return NADIR_NO_MEMORY;
  p->peak = peaks;
  for (size_t k = 0; k < count; k++) {
    ND_TRY(
        nd_describe_peak(&box->samples, &box->band, frequency[k], p->has_sigma, &peaks[k], error));
    find_original(p, peaks, k);
    ND_TRY(find_aliases(box, &peaks[k], error));
  }
  p->peaks = count;
  return NADIR_OK;
}

static void publish(periodogram_box *box) {
  static const double probability[NADIR_LEVELS] = {0.1, 0.01, 0.001};
  nadir_periodogram *p = &box->periodogram;
  p->rows = box->samples.count;
  p->baseline = box->samples.baseline;
  p->frequency_low = box->band.low;
  p->frequency_step = box->band.step;
  p->frequency_high = box->band.low + (double)(box->band.count - 1) * box->band.step;
  p->frequencies = box->band.count;
  p->power = box->power + box->first;
  p->window = box->window + box->first;
  p->row_time = box->time;
  p->row_value = box->value;
  p->row_error = p->has_sigma ? box->error : NULL;
  for (size_t i = 0; i < NADIR_LEVELS; i++) {
    p->level_probability[i] = probability[i];
    p->level[i] = nd_power_of_alarm(&box->samples, &box->band, probability[i]);
  }
}

static nadir_status search(periodogram_box *box, const nadir_settings *settings, nd_pool *pool,
                           nadir_error *error) {
  if (!nd_samples_prepare(&box->samples))
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: there is no period to find in %zu rows: it takes five at least, with "
                   "different times and values",
                   box->periodogram.formula, box->samples.count);
  ND_TRY(make_spectrum(box, settings, pool, error));
  ND_TRY(find_repetitions(box, settings->min_period.is_number, error));
  publish(box);
  return find_peaks(box, error);
}

static nadir_status make(periodogram_box *box, const nd_table *table, const char *formula,
                         const nadir_settings *settings, nd_teller *teller, nadir_error *error) {
  nd_pool *pool;
  nd_until until = {.deadline = HUGE_VAL, .asked = nd_asks_to_end, .context = teller};
  ND_TRY(nd_arena_new(&box->arena, error));
  ND_TRY(read_table(box, table, formula, settings, teller, error));
  ND_TRY(nd_pool_new(&pool, settings->threads, error));
  nd_pool_heed(pool, &until);
  nadir_status status = search(box, settings, pool, error);
  nd_pool_free(pool);
  box->warned = nd_take_warnings(teller);
  box->periodogram.warnings = box->warned.count;
  box->periodogram.warning = box->warned.warning;
  return status;
}

nadir_status nd_period(const nd_table *table, const char *formula, const nadir_settings *settings,
                       nd_teller *teller, nadir_periodogram **periodogram, nadir_error *error) {
  periodogram_box *box = nd_new(1, sizeof *box, error);
  *periodogram = NULL;
  if (!box) return NADIR_NO_MEMORY;
  nadir_status status = make(box, table, formula, settings, teller, error);
  if (status == NADIR_OK)
    *periodogram = &box->periodogram;
  else
    nd_periodogram_free(&box->periodogram);
  return status;
}

/* ---- as a table ---- */

enum { FREQUENCY, PERIOD, POWER, WINDOW, TABLE_COLUMNS };

static nadir_status write_rows(const nadir_periodogram *p, nd_writer *writer, double *numbers,
                               nadir_error *error) {
  nd_cells cells[TABLE_COLUMNS];
  for (size_t c = 0; c < TABLE_COLUMNS; c++)
    cells[c] = (nd_cells){.numbers = numbers + c * ND_CHUNK};
  for (size_t first = 0; first < p->frequencies; first += ND_CHUNK) {
    size_t rows = p->frequencies - first < ND_CHUNK ? p->frequencies - first : ND_CHUNK;
    for (size_t i = 0; i < rows; i++) {
      double frequency = p->frequency_low + (double)(first + i) * p->frequency_step;
      numbers[FREQUENCY * ND_CHUNK + i] = frequency;
      numbers[PERIOD * ND_CHUNK + i] = 1 / frequency;
      numbers[POWER * ND_CHUNK + i] = p->power[first + i];
      numbers[WINDOW * ND_CHUNK + i] = p->window[first + i];
    }
    ND_TRY(nd_writer_rows(writer, cells, rows, error));
  }
  return nd_writer_commit(writer, error);
}

static nadir_status write_table(const nadir_periodogram *p, const char *path,
                                const char *unit_of_frequency, nadir_error *error) {
  nd_writer *writer;
  const nd_column columns[TABLE_COLUMNS] = {
      {.name = "frequency",
       .unit = unit_of_frequency,
       .type = ND_CELL_REAL,
       .elements = 1,
       .format = ""},
      {.name = "period", .unit = p->time_unit, .type = ND_CELL_REAL, .elements = 1, .format = ""},
      {.name = "power", .unit = "", .type = ND_CELL_REAL, .elements = 1, .format = ""},
      {.name = "window", .unit = "", .type = ND_CELL_REAL, .elements = 1, .format = ""}};
  double *numbers = nd_new(TABLE_COLUMNS * ND_CHUNK, sizeof *numbers, error);
  if (!numbers) return NADIR_NO_MEMORY;
  nadir_status status =
      nd_writer_open(&writer, path, columns, TABLE_COLUMNS, p->frequencies, error);
  if (status == NADIR_OK) status = write_rows(p, writer, numbers, error);
  nd_writer_close(writer);
  nd_free(numbers);
  return status;
}

nadir_status nd_periodogram_save(const nadir_periodogram *p, const char *path, nadir_error *error) {
  nd_text unit = {0};
  if (*p->time_unit) nd_text_print(&unit, "1/%s", p->time_unit);
  nadir_status status = nd_text_status(&unit, error);
  if (status == NADIR_OK) status = write_table(p, path, nd_text_data(&unit), error);
  nd_text_free(&unit);
  return status;
}
