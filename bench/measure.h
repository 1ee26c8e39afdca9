/* What the programs of the benchmark share: a clock, a median, a file as memory, the line they
 * print.
 *
 * The clock is the processor time of the whole process, user and system. Everything here runs on
 * one thread over data in memory or in the page cache, where on an idle machine it is
 * the time that passes; on a busy one it stays what the program itself used. A peer that helps
 * itself to more threads is charged for them.
 *
 * A program prints one line a measurement, fields separated by tabs, and bench/run gathers them:
 *
 *     mark  peer  version  seconds  check
 *
 * check is the loss that was reached, or a sum of what was read: equal checks mean equal work. */
#ifndef NADIR_BENCH_MEASURE_H
#define NADIR_BENCH_MEASURE_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MEASURED = 5 }; /* repetitions of which a program gives the median */

static inline size_t bench_threads(void) {
  const char *text = getenv("NADIR_BENCH_THREADS");
  const long count = text == NULL ? 1 : strtol(text, NULL, 10);
  return count < 1 ? 1 : count > 64 ? 64 : (size_t)count;
}

static inline double clock_now(void) {
  struct timespec t;
  clock_gettime(bench_threads() > 1 ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static inline double median(double *values, size_t count) {
  qsort(values, count, sizeof *values, by_size);
  return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static inline void give_up(const char *what, const char *why) {
  fprintf(stderr, "bench: %s: %s\n", what, why);
  exit(3);
}

/* A file made by bench_synthesize, all of it touched, so that no measurement pays for the disk. */
static inline const void *map_file(const char *path, size_t bytes) {
  const int file = open(path, O_RDONLY);
  struct stat about;
  if (file < 0 || fstat(file, &about) != 0 || (size_t)about.st_size < bytes)
    give_up(path, "not there, or too short");
  void *data = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, file, 0);
  if (data == MAP_FAILED) give_up(path, "cannot be mapped");
  close(file);
  unsigned char sum = 0;
  for (size_t i = 0; i < bytes; i += 4096)
    sum ^= ((const volatile unsigned char *)data)[i];
  (void)sum;
  return data;
}

static inline size_t read_count(const char *text) {
  char *end;
  const unsigned long long count = strtoull(text, &end, 10);
  if (end == text || *end != '\0' || count == 0) give_up(text, "not a whole number above 0");
  return (size_t)count;
}

static inline void report(const char *mark, const char *peer, const char *version, double seconds,
                          double check) {
  printf("%s\t%s\t%s\t%.9g\t%.9g\n", mark, peer, version, seconds, check);
  fflush(stdout);
}

#endif
