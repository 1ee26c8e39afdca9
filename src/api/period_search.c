/* Periods as nadir/period.h shows them. */
#include "api/api_internal.h"
#include "figure/figure.h"
#include "rows/period.h"

nadir_status nadir_period(nadir_table *table, const char *formula, const nadir_settings *settings,
                          const nadir_listener *listener, nadir_periodogram **periodogram,
                          nadir_error *error) {
  ND_TO_NEAREST;
  nd_teller teller = nd_teller_for(listener);
  *periodogram = NULL;
  ND_TRY(nd_listener_check(listener, error));
  nadir_status status = nd_period(table->table, formula, settings, &teller, periodogram, error);
  nd_teller_free(&teller);
  return status;
}

void nadir_periodogram_free(nadir_periodogram *periodogram) {
  nd_periodogram_free(periodogram);
}

nadir_status nadir_periodogram_save(const nadir_periodogram *periodogram, const char *path,
                                    nadir_error *error) {
  ND_TO_NEAREST;
  return nd_periodogram_save(periodogram, path, error);
}

nadir_status nadir_plot_periodogram(const nadir_periodogram *periodogram,
                                    const nadir_settings *settings, const char *path,
                                    nadir_error *error) {
  ND_TO_NEAREST;
  return nd_draw_periodogram(periodogram, settings, (nd_canvas){.path = path}, error);
}

nadir_status nadir_plot_folded(const nadir_periodogram *periodogram, const nadir_settings *settings,
                               const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  return nd_draw_folded(periodogram, settings, (nd_canvas){.path = path}, error);
}
