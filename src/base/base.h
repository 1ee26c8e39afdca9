/* base: what every other folder builds on - errors, memory, files, clock, until when, threads, random numbers,
 * text, small dense algebra and statistics. It knows nothing of formulas, tables or descent.
 *
 * Conventions of the whole library:
 * - a function that can fail returns nadir_status and takes a nadir_error * as its last argument;
 *   the sentence is written where the failure is found, and passed up unchanged;
 * - an object is made by nd_X_new or nd_X_open into a pointer that is set to NULL on failure, and
 * is given back by nd_X_free or nd_X_close, which accept NULL;
 * - inputs are borrowed and const;
 * - every allocation, open, read, write, fsync, rename, close and mmap passes through this folder, where a
 *   test can make the n-th of them fail (fault.c). */
#ifndef ND_BASE_H
#define ND_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nadir.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ND_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ND_PRINTF(format_at, first) __attribute__((format(printf, format_at, first)))

/* Run a call that returns nadir_status; on failure leave the function with it. */
#define ND_TRY(call)                                                                               \
  do {                                                                                             \
    nadir_status nd_try_status = (call);                                                           \
    if (nd_try_status != NADIR_OK) return nd_try_status;                                           \
  } while (0)

/* ---- errors (error.c) ------------------------------------------------------------------------ */

/* Write the sentence "WHERE: what is wrong: what to do" (no "nadir: ", no full stop, no newline)
 * and give back `status`. error may be NULL. Text too long is cut at a whole UTF-8 character.
 * Control characters that came in with names or cells are written as \xNN, so that no input can
 * drive a terminal. */
nadir_status nd_fail(nadir_error *error, nadir_status status, const char *format, ...)
    ND_PRINTF(3, 4);

/* The same for a place in a formula: sets line and column, and puts the source line with a caret
 * under byte `offset` of `source` into error->excerpt (a window of it where the line is long). */
/* Whether a struct that a caller fills has the size that this library knows. */
nadir_status nd_check_bytes(const char *name, size_t given, size_t known, nadir_error *error);
nadir_status nd_fail_at(nadir_error *error, nadir_status status, const char *source, size_t offset,
                        const char *format, ...) ND_PRINTF(5, 6);

/* ---- memory (memory.c) ----------------------------------------------------------------------- */

/* count * size zeroed bytes, aligned to 64; NULL and an error on overflow or exhaustion. A product
 * of zero gives a valid pointer. */
void *nd_new(size_t count, size_t size, nadir_error *error);
/* Make room for at least `wanted` elements of `size` bytes in *array (any pointer's address), which
 * has room for *capacity; grows by half at least, keeps the contents, zeroes the rest. */
nadir_status nd_grow(void *array_address, size_t *capacity, size_t wanted, size_t size,
                     nadir_error *error);
/* At least *bytes bytes for what is read over and over as a whole; *bytes becomes what there is. Zeroed.
 * From 2 MB on the system is asked for pages of that size, so that fewer addresses are looked up. */
void *nd_new_large(size_t *bytes, nadir_error *error);
char *nd_copy_text(const char *text, size_t length, nadir_error *error); /* NUL-terminated copy */
void nd_free(void *memory);
bool nd_multiply(size_t a, size_t b, size_t *product); /* false on overflow */
bool nd_add(size_t a, size_t b, size_t *sum);          /* false on overflow */
uint64_t nd_physical_memory(void);                     /* bytes of memory in this machine */

/* A bump allocator for many small things that are freed together (arena.c). */
typedef struct nd_arena nd_arena;
nadir_status nd_arena_new(nd_arena **arena, nadir_error *error);
void *nd_arena_take(nd_arena *arena, size_t size, nadir_error *error); /* zeroed, aligned to 16 */
char *nd_arena_text(nd_arena *arena, const char *text, size_t length, nadir_error *error); /* a copy */
/* The same of a whole text; `kept` stays as it is where there is no memory. */
nadir_status nd_arena_keep(nd_arena *arena, const char **kept, const char *text, nadir_error *error);
void nd_arena_free(nd_arena *arena);

/* ---- files (file.c) -------------------------------------------------------------------------- */

/* A path is only ever a path: no prefix, suffix or bracket in it has a meaning. Directories are
 * refused. Interrupted system calls are taken up again. */
typedef struct nd_file nd_file;
nadir_status nd_file_open(nd_file **file, const char *path, nadir_error *error);
nadir_status nd_file_standard_input(nd_file **file, nadir_error *error);
/* An unlinked temporary file in TMPDIR (or /tmp), for what cannot be read twice. */
nadir_status nd_file_temporary(nd_file **file, nadir_error *error);
void nd_file_close(nd_file *file);
const char *nd_file_path(const nd_file *file); /* as given; "standard input" for that */
/* Sets it: a temporary file is called by the path that its content came from. */
nadir_status nd_file_set_path(nd_file *file, const char *path, nadir_error *error);
/* From now on a regular file is opened for each nd_file_read_at alone; temporary ones stay open. */
nadir_status nd_file_rest(nd_file *file, nadir_error *error);
int nd_file_descriptor(const nd_file *file);
bool nd_file_seekable(const nd_file *file);
uint64_t nd_file_size(const nd_file *file); /* 0 where it is not seekable */
/* In order; *got < size only at the end. */
nadir_status nd_file_read(nd_file *file, void *buffer, size_t size, size_t *got, nadir_error *error);
/* At an offset; may be called from several threads at once. */
nadir_status nd_file_read_at(const nd_file *file, uint64_t offset, void *buffer, size_t size,
                             size_t *got, nadir_error *error);
nadir_status nd_file_write_at(nd_file *file, uint64_t offset, const void *data, size_t size,
                              nadir_error *error);
/* The whole of a small file (NUL added after it); more than `limit` bytes is an error. */
nadir_status nd_file_slurp(const char *path, size_t limit, char **text, size_t *size,
                           nadir_error *error);

/* An output appears under its name whole or not at all: written aside, then flushed, fsynced and
 * renamed by commit. "-" is standard output. Close without commit leaves no trace. */
typedef struct nd_output nd_output;
nadir_status nd_output_open(nd_output **output, const char *path, nadir_error *error);
nadir_status nd_output_write(nd_output *output, const void *data, size_t size, nadir_error *error);
nadir_status nd_output_print(nd_output *output, nadir_error *error, const char *format, ...)
    ND_PRINTF(3, 4);
nadir_status nd_output_seek(nd_output *output, uint64_t offset,
                            nadir_error *error); /* not on "-" */
nadir_status nd_output_check(const char *path, nadir_error *error); /* as nadir_output_check */
nadir_status nd_output_commit(nd_output *output, nadir_error *error);
void nd_output_close(nd_output *output);

/* ---- rounding (rounding.c) ------------------------------------------------------------------- */

/* At the head of each function that a host calls: numbers are rounded to nearest in it, whatever the
 * host's mode is, which comes back at its end. Threads that it starts begin with its mode. */
#define ND_TO_NEAREST                                                                              \
  const int nd_mode __attribute__((cleanup(nd_restore_rounding), unused)) = nd_round_to_nearest()
int nd_round_to_nearest(void); /* the mode before */
void nd_restore_rounding(const int *mode);

/* ---- clock (clock.c) ------------------------------------------------------------------------- */

double nd_clock(void); /* seconds, monotonic, from an unstated origin */

/* ---- until when (until.c) -------------------------------------------------------------------- */

/* How long work may go on. NULL, where a pointer to one is taken, means no limit. */
typedef struct nd_until {
  double deadline;              /* of nd_clock(); HUGE_VAL: none */
  double work, work_from;       /* of the processor's time of this thread, 0: none; not before nd_clock() says so */
  bool (*asked)(void *context); /* whether someone asks for the end; NULL: nobody does */
  void *context;
  struct nadir_ranks *ranks; /* rank 0 is asked for all of them; NULL: a process is alone (ranks.h) */
} nd_until;
typedef enum nd_over { ND_GOES_ON, ND_OVER_TIME, ND_OVER_ASKED } nd_over;
nd_over nd_is_over(const nd_until *until);
nadir_status nd_go_on(const nd_until *until, nadir_error *error); /* NADIR_ENDED once it is over */
/* The same, or so many seconds from now, or so many of the processor's: the sooner. And half of what is left. */
nd_until nd_until_for(const nd_until *until, double seconds);
nd_until nd_until_work(const nd_until *until, double seconds);
nd_until nd_until_half(const nd_until *until);

/* ---- random numbers (random.c) --------------------------------------------------------------- */

/* Counter-based (Philox 4x32-10; Salmon et al. 2011): a stream is known by its key alone, so the
 * numbers do not depend on who draws them or when. */
typedef enum nd_purpose {
  ND_FOR_START,
  ND_FOR_SHUFFLE,
  ND_FOR_DRAW,
  ND_FOR_VALIDATION,
  ND_FOR_TEST,
  ND_FOR_FOLDS,
  ND_FOR_BOOTSTRAP
} nd_purpose;
typedef struct nd_random {
  uint32_t key[2], counter[4], block[4];
  unsigned left; /* numbers of block not yet given out */
} nd_random;
nd_random nd_random_stream(uint64_t seed, nd_purpose purpose, uint64_t epoch, uint64_t chunk);
uint32_t nd_random_u32(nd_random *random);
uint64_t nd_random_below(nd_random *random, uint64_t bound); /* 0 .. bound-1, unbiased; bound > 0 */
double nd_random_uniform(nd_random *random);                 /* [0, 1), 53 bits */
double nd_random_normal(nd_random *random);
void nd_random_permute(nd_random *random, uint32_t *items, size_t count); /* Fisher-Yates */

/* ---- threads (threads.c) --------------------------------------------------------------------- */

/* Runs task(context, i, worker, error) for i = 0 .. count-1 on `threads` workers (worker numbers
 * 0 .. threads-1), the caller being one of them. A pool may have fewer threads than were asked for, where the
 * system starts no more. The error of the lowest i that failed is given
 * back; after a failure no higher i is begun. */
typedef struct nd_pool nd_pool;
typedef nadir_status nd_task(void *context, size_t i, size_t worker, nadir_error *error);
nadir_status nd_pool_new(nd_pool **pool, size_t threads, nadir_error *error); /* 0: all processors */
void nd_pool_free(nd_pool *pool);
size_t nd_pool_threads(const nd_pool *pool);
/* Runs end with NADIR_ENDED once this is over; borrowed; asked between tasks, by the caller's thread. */
void nd_pool_heed(nd_pool *pool, const nd_until *until);
const nd_until *nd_pool_until(const nd_pool *pool); /* for loops outside of its runs */
nadir_status nd_pool_run(nd_pool *pool, size_t count, nd_task *task, void *context, nadir_error *error);

/* ---- text (text.c, number.cpp) --------------------------------------------------------------- */

/* A growing, always NUL-terminated string; {0} is empty. The first failure sticks, so a chain of
 * appends needs one look at the end. */
typedef struct nd_text {
  char *data; /* NULL while empty: use nd_text_data */
  size_t length, capacity;
  bool failed;
} nd_text;
void nd_text_append(nd_text *text, const char *more);
void nd_text_append_bytes(nd_text *text, const char *more, size_t length);
void nd_text_print(nd_text *text, const char *format, ...) ND_PRINTF(2, 3);
void nd_text_clear(nd_text *text);
void nd_text_free(nd_text *text);
const char *nd_text_data(const nd_text *text); /* "" while empty */
nadir_status nd_text_status(const nd_text *text,
                            nadir_error *error); /* NADIR_NO_MEMORY if failed */
/* It becomes the caller's *text, unless `status` says that it is not whole; `out` is freed. */
nadir_status nd_give_text(nd_text *out, nadir_status status, char **text, nadir_error *error);

enum { ND_NUMBER_TEXT = 32 };
/* The shortest decimal that reads back as the same double ("0.1", "1e-300", "nan", "inf"). */
const char *nd_format(double value, char buffer[ND_NUMBER_TEXT]);
/* `digits` significant digits, for people. */
const char *nd_format_digits(double value, int digits, char buffer[ND_NUMBER_TEXT]);
/* Digits down to the `places`-th after the point, as for a program: "0.25000". Below 1e15. */
const char *nd_format_fixed(double value, int places, char buffer[ND_NUMBER_TEXT]);
/* A proved bound in `digits` significant digits at most, rounded to its safe side as an exact real
 * number: a lower bound (ND_DOWN) prints as no more than the double is, an upper bound (ND_UP) as no
 * less. */
typedef enum nd_toward { ND_DOWN, ND_UP } nd_toward;
const char *nd_format_bound(double bound, nd_toward toward, int digits,
                            char buffer[ND_NUMBER_TEXT]);
/* The double nearest to the value in `digits` significant digits. */
double nd_round_digits(double value, int digits);
/* Value and error: the error rounded to two digits, the value ends where they end. Without an error
 * (NaN) six digits and "". */
void nd_format_with_error(double value, double error, char value_text[ND_NUMBER_TEXT],
                          char error_text[ND_NUMBER_TEXT]);
/* A number at the front of [text, end), independent of locale: optional sign, decimal, exponent by
 * e, E, d or D; nan and inf in any case. Gives the end of what was read, NULL if nothing was.
 * Overflow reads as infinity, underflow as zero. (fast_float; Lemire 2021) */
const char *nd_read_number(const char *text, const char *end, double *value);
/* As nadir_shown, of at most `length` bytes. */
size_t nd_show_character(const char *text, size_t length, char shown[NADIR_SHOWN_TEXT]);
bool nd_same_name(const char *a, const char *b); /* without regard to ASCII case */
/* The name nearest to `name` by edit distance (case counts half), or -1 if none is near enough. */
ptrdiff_t nd_nearest(const char *name, const char *const *names, size_t count);
/* How every error names what was likely meant. */
#define ND_DID_YOU_MEAN "did you mean '%s'?"

#ifdef __cplusplus
}
#endif
#endif
