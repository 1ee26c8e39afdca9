/* Quartiles found by counting: numbers, read as integers after a change of sign bits, sort as numbers do. The first pass
 * counts their first 16 bits. Each of the six values next to the quartiles is then known to be among those that begin
 * alike; later passes look at these only, and count their next 16 bits or, where they are few, collect them.
 * A value is found when all its bits are, or when all that begin alike are one. */
#include "base/quartiles.h"

#include <math.h>
#include <string.h>

enum { DIGIT = 16, BUCKETS = 1 << DIGIT, RANKS = 2 * ND_QUARTILES, BLOCK = 256, PAGE = 512 /* buckets of one */ };

/* Values that begin alike, looked at in this pass. */
typedef struct group {
  uint64_t prefix, size, least, most; /* least and most key of them */
  uint64_t *bucket;                   /* by their next 16 bits, how many; or, where they are few, their keys */
  size_t taken;                       /* of the keys */
} group;

/* One of the six values: how many of its group are below it. */
typedef struct place {
  uint64_t rank, key;
  size_t group; /* RANKS: the key is known */
} place;

struct nd_quartiles {
  nadir_number_type type;
  int bits, known; /* of a key; of each prefix */
  uint64_t count;
  place of[RANKS];
  group groups[RANKS];
  size_t group_count;
  unsigned char first[BUCKETS]; /* by the first 16 bits: 1 + the first group that begins so, or 0 */
  bool counted[BUCKETS / PAGE]; /* where the first pass counted: other pages of memory are never there */
};

/* ---- keys ---- */

/* Integers in the order of the numbers; both zeros are one. */
static inline uint64_t key_of_double(double value) {
  uint64_t bits;
  value += 0.0;
  memcpy(&bits, &value, sizeof bits);
  return bits ^ ((uint64_t)((int64_t)bits >> 63) | UINT64_C(1) << 63);
}

static inline uint32_t key_of_float(float value) {
  uint32_t bits;
  value += 0.0F;
  memcpy(&bits, &value, sizeof bits);
  return bits ^ ((uint32_t)((int32_t)bits >> 31) | UINT32_C(1) << 31);
}

static void keys_of(nadir_number_type type, const void *values, size_t count, uint64_t *keys) {
  if (type == NADIR_FLOAT32)
    for (size_t i = 0; i < count; i++)
      keys[i] = key_of_float(((const float *)values)[i]);
  else
    for (size_t i = 0; i < count; i++)
      keys[i] = key_of_double(((const double *)values)[i]);
}

static double value_of(nadir_number_type type, uint64_t key) {
  double value;
  if (type == NADIR_FLOAT32) {
    uint32_t bits = (uint32_t)key >> 31 ? (uint32_t)key & ~(UINT32_C(1) << 31) : ~(uint32_t)key;
    float single;
    memcpy(&single, &bits, sizeof single);
    return (double)single;
  }
  key = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
  memcpy(&value, &key, sizeof value);
  return value;
}

/* ---- memory ---- */

static bool is_collected(const group *of) {
  return of->size <= BUCKETS;
}

static size_t room_of(const group *of) {
  return is_collected(of) ? (size_t)of->size : BUCKETS;
}

static nadir_status group_new(group *made, uint64_t prefix, uint64_t size, nadir_error *error) {
  *made = (group){.prefix = prefix, .size = size, .least = UINT64_MAX};
  made->bucket = nd_new(room_of(made), sizeof *made->bucket, error);
  return made->bucket == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

nadir_status nd_quartiles_new(nd_quartiles **quartiles, nadir_number_type type, nadir_error *error) {
  *quartiles = NULL;
  nd_quartiles *made = nd_new(1, sizeof *made, error);
  if (made == NULL) return NADIR_NO_MEMORY;
  made->type = type;
  made->bits = 8 * (int)nd_number_size(type);
  if (group_new(&made->groups[made->group_count++], 0, UINT64_MAX, error) != NADIR_OK) {
    nd_quartiles_free(made);
    return NADIR_NO_MEMORY;
  }
  *quartiles = made;
  return NADIR_OK;
}

static void free_groups(group *groups, size_t count) {
  for (size_t g = 0; g < count; g++)
    nd_free(groups[g].bucket);
}

static nadir_status least_of_ranks(nd_ranks *ranks, size_t *number, nadir_error *error) {
  size_t count = nd_rank_count(ranks);
  if (count == 1) return NADIR_OK;
  size_t *each = nd_new(count, sizeof *each, error);
  if (each == NULL) return NADIR_NO_MEMORY;
  each[nd_rank(ranks)] = *number;
  nadir_status status = nd_ranks_fill(ranks, each, count, sizeof *each, error);
  for (size_t r = 0; r < count && status == NADIR_OK; r++)
    if (each[r] < *number) *number = each[r];
  nd_free(each);
  return status;
}

nadir_status nd_quartiles_at_once(uint64_t memory, size_t more, size_t columns, nd_ranks *ranks, size_t *at_once,
                                  nadir_error *error) {
  enum { LEAST = 16, MOSTLY = 2 << 20 /* bytes of one, from the second pass on */ };
  uint64_t fit = memory / 4 / (MOSTLY + more);
  if (fit < LEAST) fit = LEAST;
  *at_once = fit < columns ? (size_t)fit : columns;
  return least_of_ranks(ranks, at_once, error);
}

void nd_quartiles_free(nd_quartiles *quartiles) {
  if (quartiles == NULL) return;
  free_groups(quartiles->groups, quartiles->group_count);
  nd_free(quartiles);
}

/* ---- a pass ---- */

static void count_first(nd_quartiles *q, const uint64_t *keys, size_t count) {
  uint64_t *bucket = q->groups[0].bucket;
  const int shift = q->bits - DIGIT;
  for (size_t i = 0; i < count; i++) {
    bucket[keys[i] >> shift]++;
    q->counted[(keys[i] >> shift) / PAGE] = true;
  }
  q->count += count;
}

static void add_to(nd_quartiles *q, group *to, uint64_t key) {
  if (key < to->least) to->least = key;
  if (key > to->most) to->most = key;
  if (!is_collected(to))
    to->bucket[key >> (q->bits - q->known - DIGIT) & (BUCKETS - 1)]++;
  else if (to->taken < room_of(to)) /* more came only if the values are not those of the first pass */
    to->bucket[to->taken++] = key;
}

static void count_further(nd_quartiles *q, const uint64_t *keys, size_t count) {
  const int shift = q->bits - DIGIT, rest = q->bits - q->known;
  for (size_t i = 0; i < count; i++)
    for (size_t g = q->first[keys[i] >> shift]; g > 0 && g <= q->group_count; g++)
      if (keys[i] >> rest == q->groups[g - 1].prefix) {
        add_to(q, &q->groups[g - 1], keys[i]);
        break;
      }
}

void nd_quartiles_add(nd_quartiles *q, const void *values, size_t count) {
  uint64_t keys[BLOCK];
  if (q->group_count == 0) return;
  for (size_t at = 0; at < count; at += BLOCK) {
    const size_t some = count - at < BLOCK ? count - at : BLOCK;
    keys_of(q->type, (const char *)values + at * nd_number_size(q->type), some, keys);
    (q->known == 0 ? count_first : count_further)(q, keys, some);
  }
}

/* ---- between passes ---- */

static double position_of(uint64_t count, size_t which) {
  return (double)(which + 1) / 4 * (double)(count - 1);
}

static uint64_t rank_of(uint64_t count, size_t k) {
  uint64_t rank = (uint64_t)floor(position_of(count, k / 2)) + k % 2;
  return rank < count ? rank : count - 1;
}

/* The key of this rank among some, found byte after byte. */
static uint64_t select_key(const uint64_t *keys, size_t count, uint64_t rank) {
  uint64_t key = 0, known = 0;
  for (int shift = 56; shift >= 0; shift -= 8) {
    uint64_t of[256] = {0}, byte = 0;
    for (size_t i = 0; i < count; i++)
      of[keys[i] >> shift & 255] += (keys[i] & known) == key;
    for (; byte < 255 && rank >= of[byte]; byte++)
      rank -= of[byte];
    key |= byte << shift;
    known |= UINT64_C(255) << shift;
  }
  return key;
}

/* From the group of a place; false where more bits must be counted: then its prefix and size. */
static bool find_key(const nd_quartiles *q, place *at, uint64_t *prefix, uint64_t *size) {
  const group *in = &q->groups[at->group];
  at->key = in->least;
  if (q->known > 0 && in->least == in->most) return true;
  if (is_collected(in)) {
    at->key = select_key(in->bucket, in->taken, at->rank);
    return true;
  }
  uint64_t digit = 0;
  while (digit < BUCKETS - 1) {
    if (q->known == 0 && digit + PAGE < BUCKETS && !q->counted[digit / PAGE]) {
      digit += PAGE;
      continue;
    }
    if (at->rank < in->bucket[digit]) break;
    at->rank -= in->bucket[digit++];
  }
  *prefix = at->key = in->prefix << DIGIT | digit;
  *size = in->bucket[digit];
  return q->known + DIGIT == q->bits;
}

/* The group of a prefix: one that there is, or a new one. */
static nadir_status join_group(place *at, group *groups, size_t *count, uint64_t prefix, uint64_t size,
                               nadir_error *error) {
  for (at->group = 0; at->group < *count; at->group++)
    if (groups[at->group].prefix == prefix) return NADIR_OK;
  return group_new(&groups[(*count)++], prefix, size, error);
}

static nadir_status find_all(nd_quartiles *q, group *next, size_t *next_count, nadir_error *error) {
  uint64_t prefix, size;
  for (size_t k = 0; k < RANKS; k++) {
    place *at = &q->of[k];
    if (at->group == RANKS) continue;
    if (find_key(q, at, &prefix, &size)) {
      at->group = RANKS;
      continue;
    }
    ND_TRY(join_group(at, next, next_count, prefix, size, error));
  }
  return NADIR_OK;
}

static void use_groups(nd_quartiles *q, const group *next, size_t count) {
  free_groups(q->groups, q->group_count);
  memcpy(q->groups, next, count * sizeof *next);
  q->group_count = count;
  q->known += DIGIT;
  memset(q->first, 0, sizeof q->first);
  for (size_t g = count; g > 0; g--)
    q->first[next[g - 1].prefix >> (q->known - DIGIT)] = (unsigned char)g;
}

/* What a rank tells of a group. */
typedef struct told {
  uint64_t least, most, taken;
} told;

/* Keys are collected one rank after the other. */
static void make_room(group *to, const told *of, size_t rank, size_t count) {
  const uint64_t room = room_of(to);
  uint64_t before = 0, all = 0;
  for (size_t r = 0; r < count; r++) {
    before += r < rank ? of[r].taken : 0;
    all += of[r].taken;
    if (of[r].least < to->least) to->least = of[r].least;
    if (of[r].most > to->most) to->most = of[r].most;
  }
  if (!is_collected(to)) return;
  if (all > room)
    before = to->taken = all = 0; /* only if the values are not those of the first pass */
  memmove(to->bucket + before, to->bucket, to->taken * sizeof *to->bucket);
  memset(to->bucket, 0, before * sizeof *to->bucket);
  memset(to->bucket + before + to->taken, 0, (room - before - to->taken) * sizeof *to->bucket);
  to->taken = all;
}

static nadir_status share_group(group *to, nd_ranks *ranks, nadir_error *error) {
  size_t rank = nd_rank(ranks), count = nd_rank_count(ranks);
  told *of = nd_new(count, sizeof *of, error);
  if (of == NULL) return NADIR_NO_MEMORY;
  of[rank] = (told){to->least, to->most, to->taken};
  nadir_status status = nd_ranks_fill(ranks, of, count, sizeof *of, error);
  if (status == NADIR_OK) make_room(to, of, rank, count);
  nd_free(of);
  return status == NADIR_OK ? nd_ranks_sum(ranks, to->bucket, room_of(to), error) : status;
}

/* What all ranks have added. */
static nadir_status share_pass(nd_quartiles *q, nd_ranks *ranks, nadir_error *error) {
  if (nd_rank_count(ranks) == 1) return NADIR_OK;
  if (q->known == 0) ND_TRY(nd_ranks_sum(ranks, &q->count, 1, error));
  memset(q->counted, 1, sizeof q->counted);
  for (size_t g = 0; g < q->group_count; g++)
    ND_TRY(share_group(&q->groups[g], ranks, error));
  return NADIR_OK;
}

nadir_status nd_quartiles_next(nd_quartiles *q, nd_ranks *ranks, bool *more, nadir_error *error) {
  group next[RANKS];
  size_t count = 0;
  *more = false;
  ND_TRY(share_pass(q, ranks, error));
  if (q->count == 0 || q->group_count == 0) return NADIR_OK;
  for (size_t k = 0; k < RANKS && q->known == 0; k++)
    q->of[k] = (place){.rank = rank_of(q->count, k)};
  nadir_status status = find_all(q, next, &count, error);
  if (status != NADIR_OK) {
    free_groups(next, count);
    return status;
  }
  use_groups(q, next, count);
  *more = count > 0;
  return NADIR_OK;
}

/* ---- answers ---- */

static double between(double low, double high, double position) {
  double above = position - floor(position);
  return above == 0 || low == high ? low : low + above * (high - low);
}

double nd_quartiles_value(const nd_quartiles *q, size_t which) {
  if (q->count == 0) return (double)NAN;
  return between(value_of(q->type, q->of[2 * which].key), value_of(q->type, q->of[2 * which + 1].key),
                 position_of(q->count, which));
}

double nd_quartile_of(const double *sorted, size_t count, size_t which) {
  if (count == 0) return (double)NAN;
  return between(sorted[rank_of(count, 2 * which)], sorted[rank_of(count, 2 * which + 1)], position_of(count, which));
}
