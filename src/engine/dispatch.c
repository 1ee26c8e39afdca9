/* dispatch: which kernels this processor runs.
 *
 * The level is the highest that was built and that the processor has; NADIR_CPU names a lower one, and must
 * name one of these: who sets it wants the bits of that level, or its speed, and no other's.
 * The answer is computed anew at each call (no global state) and kept by what was compiled. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "kernels_internal.h"

#if defined(ND_HAVE_avx512)
extern const nd_kernels nd_kernels_avx512_single, nd_kernels_avx512_double;
extern const nd_kernels nd_kernels_avx2_single, nd_kernels_avx2_double;
#endif
extern const nd_kernels nd_kernels_baseline_single, nd_kernels_baseline_double;

typedef struct level {
  const char *name;
  bool (*here)(void);
  const nd_kernels *single, *twice;
} level;

#if defined(ND_HAVE_avx512)
static bool has_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static bool has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
#endif
static bool has_baseline(void) {
  return true;
}

/* Highest first. */
static const level levels[] = {
#if defined(ND_HAVE_avx512)
    {"avx512", has_avx512, &nd_kernels_avx512_single, &nd_kernels_avx512_double},
    {"avx2", has_avx2, &nd_kernels_avx2_single, &nd_kernels_avx2_double},
#endif
    {"baseline", has_baseline, &nd_kernels_baseline_single, &nd_kernels_baseline_double},
};

static const level *find(const char *name) {
  for (size_t i = 0; i < ND_COUNT(levels); i++)
    if (strcmp(levels[i].name, name) == 0) return levels[i].here() ? &levels[i] : NULL;
  return NULL;
}

/* NULL where none is named. */
static const char *named(void) {
  const char *name = getenv("NADIR_CPU");
  return name && *name ? name : NULL;
}

static const level *now(void) {
  const char *wanted = named();
  const level *found = wanted ? find(wanted) : NULL;
  for (size_t i = 0; !found; i++)
    if (levels[i].here()) found = &levels[i];
  return found;
}

const char *nd_engine_level(void) {
  return now()->name;
}

nadir_status nd_engine_check(nadir_error *error) {
  const char *wanted = named();
  char here[64] = "";
  size_t used = 0;
  if (!wanted || find(wanted)) return NADIR_OK;
  for (size_t i = 0; i < ND_COUNT(levels); i++)
    if (levels[i].here())
      used += (size_t)snprintf(here + used, sizeof here - used, "%s%s", used ? ", " : "", levels[i].name);
  return nd_fail(error, NADIR_BAD_SETTING,
                 "NADIR_CPU: '%s' is not a level that this processor has (%s): set it to one of these, or unset it",
                 wanted, here);
}

nd_fold *nd_fold_now(void) {
  return nd_kernels_now(false)->fold;
}

const nd_pairs *nd_pairs_now(void) {
  return nd_kernels_now(false)->pairs;
}

const nd_kernels *nd_kernels_at(const char *name, bool single) {
  const level *found = find(name);
  return !found ? NULL : single ? found->single : found->twice;
}

const nd_kernels *nd_kernels_now(bool single) {
  return single ? now()->single : now()->twice;
}
