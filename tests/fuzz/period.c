/* Fuzzes the search for periods. An input is the formula, a line; the settings, a line each, as
 * NAME=VALUE, up to an empty one; the table. Faults: a crash; an error without a sentence; a
 * power, or a probability, below 0 or above 1; peaks that are not in the order of their powers, or
 * in no band; an alias of what is not above it; other powers by two threads; a saved table with
 * other rows than there are frequencies. */
#include "small_fit.h"

static nadir_status search(const nadir_settings *settings, const char *formula,
                           nadir_periodogram **found) {
  static const char *const paths[] = {"table"};
  double until = nd_clock() + atof(FUZZ_SECONDS);
  nadir_listener listener = {.bytes = sizeof listener, .notify = fuzz_asks, .context = &until};
  nadir_table *table;
  nadir_error error = {0};
  *found = NULL;
  nadir_status status = nadir_table_open(&table, paths, 1, settings, &error);
  if (status == NADIR_OK) {
    status = nadir_period(table, formula, settings, &listener, found, &error);
    nadir_table_free(table);
  }
  if (status != NADIR_OK) require_sentence(&error);
  require(nadir_exit_status(status) < 3, "nothing is the system's fault");
  return status;
}

static bool is_part(double x) {
  return x >= 0 && x <= 1;
}

static void look_at_peak(const nadir_periodogram *found, size_t i) {
  const nadir_peak *peak = &found->peak[i];
  double step = found->frequency_step;
  require(is_part(peak->power) && is_part(peak->false_alarm),
          "a power and a probability are parts");
  require(i == 0 || peak->power <= found->peak[i - 1].power, "the highest peak comes first");
  require(peak->frequency >= found->frequency_low - step &&
              peak->frequency <= found->frequency_high + step,
          "a peak is in the band");
  require(peak->alias_of == SIZE_MAX || peak->alias_of < i, "an alias is of a higher peak");
  require(fabs(peak->period * peak->frequency - 1) < 1e-12, "a period is 1/frequency");
  require(!(peak->amplitude < 0) && !(peak->amplitude_error < 0) && !(peak->period_error < 0),
          "amplitudes and errors are not negative");
  for (size_t k = 0; k < peak->aliases; k++)
    require(is_part(peak->alias[k].power) && peak->alias[k].period > 0,
            "an alias has a period and a power");
}

static void look_at(const nadir_periodogram *found) {
  require(found->frequencies > 0 && found->frequency_step > 0 && found->frequency_low > 0,
          "there is a band");
  for (size_t i = 0; i < found->frequencies; i++)
    require(is_part(found->power[i]) && is_part(found->window[i]), "all powers are parts");
  for (size_t i = 0; i < NADIR_LEVELS; i++)
    require(is_part(found->level[i]), "the levels are powers");
  for (size_t i = 0; i < found->repetitions; i++)
    require(found->repetition[i].period > 0 && is_part(found->repetition[i].power),
            "a repetition has a period");
  for (size_t i = 0; i < found->peaks; i++)
    look_at_peak(found, i);
}

static void tell(const nadir_periodogram *found, const nadir_settings *settings) {
  nadir_error error = {0};
  char *text;
  for (nadir_format format = NADIR_PEOPLE; format <= NADIR_JSON; format++) {
    require(nadir_periodogram_text(found, format, &text, &error) == NADIR_OK,
            "what was found can be said");
    require_plain_text(text);
  }
  if (found->frequencies > 10000) return;
  require(nadir_periodogram_save(found, "power.csv", &error) == NADIR_OK, "it can be saved");
  require_table("power.csv", found->frequencies);
  if (nadir_plot_periodogram(found, settings, "power.gp", &error) != NADIR_OK)
    require_sentence(&error);
  if (nadir_plot_folded(found, settings, "folded.gp", &error) != NADIR_OK) require_sentence(&error);
}

static void search_again(nadir_settings *settings, const char *formula,
                         const nadir_periodogram *found) {
  nadir_periodogram *again;
  if ((double)found->rows * (double)found->frequencies > 1e6) return;
  fuzz_set(settings, "threads", "2");
  if (search(settings, formula, &again) != NADIR_OK) return; /* its time was up */
  require(again->frequencies == found->frequencies && again->peaks == found->peaks &&
              memcmp(again->power, found->power, found->frequencies * sizeof *found->power) == 0,
          "threads change no bit");
  nadir_periodogram_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_feed feed = {data, size};
  nadir_settings *settings = fuzz_settings();
  nadir_periodogram *found;
  fuzz_enter();
  char *formula = fuzz_text(&feed, '\n');
  fuzz_set_lines(settings, &feed, "period");
  fuzz_set(settings, "threads", "1");
  fuzz_write("table", feed.data, feed.size);
  if (search(settings, formula, &found) == NADIR_OK) {
    look_at(found);
    tell(found, settings);
    search_again(settings, formula, found);
  }
  nadir_periodogram_free(found);
  nadir_settings_free(settings);
  nd_free(formula);
  return 0;
}
