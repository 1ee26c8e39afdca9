/* rows: a table's rows -> those used, scaled, packed into blocks -> sums in a fixed tree. What a model asks
 * of a table is read chunk by chunk, in memory where it fits, else again at each pass. */
#ifndef ND_ROWS_H
#define ND_ROWS_H

#include "base/listener.h"
#include "base/pages.h"
#include "model/model.h"

/* ==== numbers that stand for missing values (sentinel.c) ====================================== */

/* The least or greatest value, how often it occurs, and the one before it; zeroed before use. */
typedef struct nd_end {
  double value, next;
  uint64_t times;
} nd_end;
typedef struct nd_ends {
  nd_end low, high;
  bool fractions; /* a value is not whole */
} nd_ends;
void nd_ends_add(nd_ends *ends, double value); /* no NaN */
/* The same of many, of which these are the least and the greatest. */
void nd_ends_add_all(nd_ends *ends, nd_numbers x, size_t count, double least, double most);
void nd_ends_merge(nd_ends *ends, const nd_ends *more);

/* A warning for each comparison with a text that no row of the table has, with the nearest that
 * one has (unmet.c). */
nadir_status nd_warn_unmet(const nd_table *table, const nd_model_column *columns, size_t count,
                           nd_teller *teller, nadir_error *error);
/* That of a filter, and for its names that fit several columns. */
nadir_status nd_warn_unmet_filter(const nd_table *table, const nd_filter *filter, nd_teller *teller,
                                  nadir_error *error);
/* A warning for each name that fits several columns of the table, with those (same_names.c). */
nadir_status nd_warn_of_twins(const nd_table *table, const nd_model_column *columns, size_t count,
                              nd_teller *teller, nadir_error *error);
/* The same for one column, by either kind of such a warning; nothing where it is not the first so named. */
nadir_status nd_warn_of_same_names(const nd_table *table, size_t column, nadir_warning_kind kind,
                                   nd_teller *teller, nadir_error *error);
/* A warning where an end of a column looks like a number that means missing, by its first `rows`, 0: by
 * all. Then the same for columns of a model, by their first chunks. */
nadir_status nd_warn_of_ends(const nd_ends *ends, const char *column, uint64_t rows,
                             nd_teller *teller, nadir_error *error);
nadir_status nd_warn_of_sentinels(const nd_table *table, nd_filter *filter,
                                  const nd_model_column *columns, size_t count, nd_teller *teller,
                                  nadir_error *error);

/* ==== folds (folds.c) ========================================================================= */

/* The rows that a model uses of a table, dealt to folds: by their numbers and the seed, the rows of each class
 * evenly, or by the groups of a column. */
typedef struct nd_folds nd_folds;
/* The rows that a model takes of a table, kept in memory group by group: a group has the rows with one text or
 * number in a column (groups.c). */
typedef struct nd_groups nd_groups;
/* Some of the rows of a table: those of a fold, or of a group. */
typedef struct nd_part {
  const nd_folds *folds; /* NULL: of a group */
  size_t fold;
  bool others; /* the rows of all other folds, not those of this one */
  bool holds;  /* then those of this one are validation rows of nd_data */
  const nd_groups *groups;
  size_t group;
} nd_part;
/* The groups of a part, NULL where it is of a fold or there is none. */
static inline const nd_groups *nd_groups_in(const nd_part *part) {
  return part == NULL ? NULL : part->groups;
}

/* ==== rows ==================================================================================== */

/* Reading rows for a model: the requested columns of a chunk, as double arrays by model column;
 * used for prediction, scores, pictures and by data.c. needs_target false: target, weight and sigma
 * are neither asked for nor filled. */
typedef struct nd_model_reader nd_model_reader;
nadir_status nd_model_reader_new(nd_model_reader **reader, const nd_model *model,
                                 const nd_table *table, const nadir_settings *settings,
                                 bool needs_target, nadir_error *error);
void nd_model_reader_free(nd_model_reader *reader);
/* From now on a row with a value missing, or a sigma or weight that is none, is left out (kept: 2), never an error. */
void nd_model_reader_forgive(nd_model_reader *reader);
/* nd_warn_unmet_filter of its --where. */
nadir_status nd_model_reader_warn(const nd_model_reader *reader, nd_teller *teller,
                                  nadir_error *error);
/* The column of a target that is a bare column of text, of two classes or more; NULL for others. */
const char *nd_model_text_target(const nd_model *model);
typedef struct nd_model_rows {
  size_t rows;          /* of the chunk, all of them */
  const double *target; /* y; class number for CLASS (NaN: a class the model does not know) */
  const double *weight, *sigma; /* NULL without */
  const unsigned char *kept; /* 0: left out by --where (1: used); 2: left out for a missing value; 3: used, but not
                                of the part that is read */
  const char *const *group;  /* texts of the column of nd_model_reader_group; else NULL */
  const double *loss;       /* of each row, at model->value, in the table's units, without weight */
  const double *output;     /* f in the table's units at model->value (first head for softmax) */
  const double *const *eta; /* by head, at model->value */
  const double *const *features; /* unscaled, by feature */
} nd_model_rows;
/* The class of a row that is kept and whose target the model knows. */
size_t nd_model_class(const nd_model *model, const nd_model_rows *rows, size_t row);
/* Evaluates features, target, etas, f of chunk c. A reader is for one thread. */
nadir_status nd_model_read(nd_model_reader *reader, size_t chunk, nd_model_rows *rows,
                           nadir_error *error);

/* answers.c: what the model says of a row that was read, 1 number, or as many as classes (softmax);
 * NaN where the row is not kept. The class is one where no answer is NaN. */
size_t nd_model_answers(const nd_model *model);
void nd_model_answer(const nd_model *model, const nd_model_rows *rows, size_t row, double *answers);
size_t nd_model_best_class(const nd_model *model, const nd_model_rows *rows, size_t row);

/* nd_model_read without the predictions, which nd_model_evaluate adds to rows just fetched. */
nadir_status nd_model_fetch(nd_model_reader *reader, size_t chunk, nd_model_rows *rows,
                            nadir_error *error);
void nd_model_evaluate(nd_model_reader *reader, nd_model_rows *rows);
/* The same of rows that are known without the table: their targets, and the etas of a model that is its one head. All are
 * kept, and have no weight; the targets are those of the caller. */
void nd_model_evaluate_known(nd_model_reader *reader, size_t count, const double *target, const double *eta,
                             nd_model_rows *rows);
/* From now on these model columns are read as floats where the table has no more in them and nothing
 * is filled in. Then nd_model_fetch gives features, target and weight only where they are computed;
 * nd_model_evaluate gives all. */
void nd_model_reader_narrow(nd_model_reader *reader, const size_t *columns, size_t count);
/* The values of a model's column in the rows just fetched; at NULL where it was not needed. */
nd_numbers nd_model_reader_column(const nd_model_reader *reader, size_t column);
/* Room of at most so many bytes for the numbers that the reader reads, to be kept from one pass for the next (table.h):
 * NULL where they are more. Then its use, by readers which it outlives; NULL: no more. */
nadir_status nd_model_reader_room(const nd_model_reader *reader, uint64_t most, nd_kept **kept, nadir_error *error);
void nd_model_reader_keep(nd_model_reader *reader, nd_kept *kept);
/* Whether missing values of a column are replaced by its mean; off, they stay NaN. */
bool nd_model_reader_fills(const nd_model_reader *reader, size_t column);
void nd_model_reader_fill(nd_model_reader *reader, bool fill);
/* From now on this column is read too, as text. `setting` names it in what is said where the table has none. */
nadir_status nd_model_reader_group(nd_model_reader *reader, const char *column, const char *setting,
                                   nadir_error *error);
/* From now on rows that are not of the part's fold are kept by 3, and chunks are those of the part's group, whichever
 * it is by then. NULL: all rows. */
nadir_status nd_model_reader_limit(nd_model_reader *reader, const nd_part *part, nadir_error *error);
/* "FILE:row N:name: sentence" for row `row` of a chunk of the table or, where there are groups in it, of the part. */
nadir_status nd_fail_row(const nd_table *table, const nd_part *part, size_t chunk, size_t row,
                         nadir_error *error, const char *name, const char *sentence);
/* The columns of a chunk and what --where leaves of it (kept is 1 or 0), with nothing filled in, computed or
 * checked; the class texts are NULL without any. */
nadir_status nd_model_read_raw(nd_model_reader *reader, size_t chunk, nd_model_rows *rows,
                               const char *const **classes, nadir_error *error);

/* Costs a pass over the table; memory of 4 bytes for each chunk, and of the groups. */
nadir_status nd_folds_new(nd_folds **folds, const nd_model *model, const nd_table *table,
                          const nadir_settings *settings, nd_teller *teller, nadir_error *error);
void nd_folds_free(nd_folds *folds);
size_t nd_folds_count(const nd_folds *folds);
/* The used rows of a fold, and the column of the groups, NULL without. */
uint64_t nd_folds_rows(const nd_folds *folds, size_t fold);
const char *nd_folds_by(const nd_folds *folds);
void nd_folds_of(const nd_folds *folds, const nd_model *model, size_t chunk, const nd_model_rows *rows,
                 uint16_t *fold);

/* ---- groups (groups.c) ---- */

/* Reads the table once; the groups are in the order of their first rows, the rows of each in their own. Memory: 8
 * bytes for each column of a used row, and 8 more; one that the setting memory does not allow is refused. */
nadir_status nd_groups_new(nd_groups **groups, const nd_model *model, const nd_table *table, nd_pool *pool,
                           const nadir_settings *settings, nd_teller *teller, nadir_error *error);
void nd_groups_free(nd_groups *groups);
size_t nd_groups_count(const nd_groups *groups);
const char *nd_groups_name(const nd_groups *groups, size_t group);
uint64_t nd_groups_rows(const nd_groups *groups, size_t group);
uint64_t nd_groups_most_rows(const nd_groups *groups); /* of one group */
/* Of all rows of the table: left out by --where; without a group, which --missing drop leaves out. */
uint64_t nd_groups_dropped(const nd_groups *groups);
/* The row of the table that a row of a group's chunk is. */
uint64_t nd_groups_row(const nd_groups *groups, size_t group, size_t chunk, size_t row);
/* Chunk c of a group into the columns of a reader, by model column (NULL: not needed); how many rows it has. */
size_t nd_groups_read(const nd_groups *groups, size_t group, size_t chunk, double *const *columns,
                      const char **classes);

/* ==== data (data.c, scale.c) ================================================================== */

/* The used rows of a table, scaled and packed: in memory where they fit, else read again at each
 * pass. */
typedef struct nd_data nd_data;
typedef struct nd_data_counts {
  uint64_t read, used, dropped_where, dropped_missing, validation;
  double weight; /* W over the used rows */
  bool single, in_memory;
} nd_data_counts;
/* Of the rows of a part, which it borrows; NULL: of all. Sets model->scaling and ->class_weight. */
nadir_status nd_data_new(nd_data **data, nd_model *model, const nd_table *table, const nd_part *part,
                         const nadir_settings *settings, nd_pool *pool, nd_teller *teller,
                         nadir_error *error);
/* After the part went on to another group, which may be of any number of rows; of a part with groups nd_data_new reads
 * none. */
nadir_status nd_data_renew(nd_data *data, const nadir_settings *settings, nd_teller *teller, nadir_error *error);
void nd_data_free(nd_data *data);
const nd_data_counts *nd_data_count(const nd_data *data);

/* The order in which rows are seen: positions of an epoch -> picks. */
typedef struct nd_sampler nd_sampler;
nadir_status nd_sampler_new(nd_sampler **sampler, const uint32_t *block_rows, size_t blocks,
                            nd_row_order order, uint64_t seed, nadir_error *error);
void nd_sampler_free(nd_sampler *sampler);
/* The next picks of this epoch, at most `count`; *got 0 at its end. */
nadir_status nd_sampler_next(nd_sampler *sampler, uint64_t epoch, nd_pick *picks, size_t count,
                             size_t *got, nadir_error *error);
/* How many picks of this epoch were given out; and it goes on as if they had been. */
uint64_t nd_sampler_position(const nd_sampler *sampler, uint64_t epoch);
void nd_sampler_seek(nd_sampler *sampler, uint64_t epoch, uint64_t position);

#endif
