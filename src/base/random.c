/* Counter-based random numbers: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random
 * numbers: as easy as 1, 2, 3"). A stream is the key; a number is the image of its position, so
 * there is no state to share and any stretch can be redone. About 3 ns a number.
 *
 * The seed is the key of a first application that turns (purpose, epoch) into the stream's own key;
 * the chunk is in the upper half of the counter, the position in the lower. Streams of 2^66
 * numbers. Not for secrets. */
#include <math.h>

#include "base/base.h"
#include "base/permutation.h"

/* Of `lanes` counters side by side, their parts lane by lane: vectors, where the compiler sees that nothing overlaps. */
static inline void mix_lanes(size_t lanes, uint32_t *restrict c0, uint32_t *restrict c1, uint32_t *restrict c2,
                             uint32_t *restrict c3, const uint32_t key[2]) {
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
    for (size_t i = 0; i < lanes; i++) {
      uint64_t p0 = (uint64_t)0xD2511F53u * c0[i], p1 = (uint64_t)0xCD9E8D57u * c2[i];
      c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
      c1[i] = (uint32_t)p1;
      c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
      c3[i] = (uint32_t)p0;
    }
}

static void philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  mix_lanes(1, &c0, &c1, &c2, &c3, key);
  out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

static uint32_t low(uint64_t value) {
  return (uint32_t)value;
}

static uint32_t high(uint64_t value) {
  return (uint32_t)(value >> 32);
}

nd_random nd_random_stream(uint64_t seed, nd_purpose purpose, uint64_t epoch, uint64_t chunk) {
  const uint32_t key[2] = {low(seed), high(seed)};
  const uint32_t counter[4] = {low(epoch), high(epoch), (uint32_t)purpose, 0x6E616469u};
  uint32_t mixed[4];
  philox(counter, key, mixed);
  return (nd_random){.key = {mixed[0], mixed[1]}, .counter = {0, 0, low(chunk), high(chunk)}};
}

uint32_t nd_random_u32(nd_random *random) {
  if (random->left == 0) {
    philox(random->counter, random->key, random->block);
    if (++random->counter[0] == 0) random->counter[1]++;
    random->left = 4;
  }
  return random->block[4 - random->left--];
}

static uint64_t random_u64(nd_random *random) {
  uint64_t first = nd_random_u32(random);
  return first | (uint64_t)nd_random_u32(random) << 32;
}

/* Numbers of a stream that were drawn ahead of it; the stream goes on behind them. */
typedef struct drawn_ahead {
  const uint32_t *next, *end;
} drawn_ahead;

static inline uint32_t next_u32(nd_random *random, drawn_ahead *ahead) {
  return ahead->next != ahead->end ? *ahead->next++ : nd_random_u32(random);
}

/* Multiply and take the upper half; the few low halves that would favour a number are drawn again
 * (Lemire 2019, "Fast random integer generation in an interval"). */
static uint32_t below_32(nd_random *random, drawn_ahead *ahead, uint32_t bound) {
  uint64_t product = (uint64_t)next_u32(random, ahead) * bound;
  if ((uint32_t)product < bound) {
    uint32_t least = (0u - bound) % bound;
    while ((uint32_t)product < least)
      product = (uint64_t)next_u32(random, ahead) * bound;
  }
  return (uint32_t)(product >> 32);
}

static unsigned bits_of(uint64_t largest) {
  unsigned bits = 0;
  while (bits < 64 && largest >> bits)
    bits++;
  return bits;
}

static uint64_t mask_of(unsigned bits) {
  return bits == 0 ? 0 : UINT64_MAX >> (64 - bits);
}

uint64_t nd_random_below(nd_random *random, uint64_t bound) {
  if (bound <= UINT32_MAX) return below_32(random, &(drawn_ahead){NULL, NULL}, (uint32_t)bound);
  uint64_t mask = mask_of(bits_of(bound - 1)), drawn;
  do
    drawn = random_u64(random) & mask;
  while (drawn >= bound);
  return drawn;
}

double nd_random_uniform(nd_random *random) {
  return (double)(random_u64(random) >> 11) * 0x1p-53;
}

/* Box and Muller 1958; the second number of the pair is not kept, so a stream needs no more state.
 */
double nd_random_normal(nd_random *random) {
  const double two_pi = 6.283185307179586;
  double radius = sqrt(-2 * log1p(-nd_random_uniform(random)));
  return radius * cos(two_pi * nd_random_uniform(random));
}

static void swap(uint32_t *items, size_t i, size_t j) {
  uint32_t held = items[i];
  items[i] = items[j];
  items[j] = held;
}

enum { LANES = 16, MANY = 4 * LANES };

/* The next MANY numbers of a stream none of whose block is left. */
static void draw_many(nd_random *random, uint32_t number[MANY]) {
  uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
  for (size_t i = 0; i < LANES; i++) {
    c0[i] = random->counter[0], c1[i] = random->counter[1], c2[i] = random->counter[2], c3[i] = random->counter[3];
    if (++random->counter[0] == 0) random->counter[1]++;
  }
  mix_lanes(LANES, c0, c1, c2, c3, random->key);
  for (size_t i = 0; i < LANES; i++)
    number[4 * i] = c0[i], number[4 * i + 1] = c1[i], number[4 * i + 2] = c2[i], number[4 * i + 3] = c3[i];
}

/* As many steps as MANY numbers make. */
static size_t permute_some(nd_random *random, uint32_t *items, size_t left) {
  uint32_t number[MANY];
  draw_many(random, number);
  for (drawn_ahead ahead = {number, number + MANY}; ahead.next != ahead.end; left--)
    swap(items, left - 1, below_32(random, &ahead, (uint32_t)left));
  return left;
}

void nd_random_permute(nd_random *random, uint32_t *items, size_t count) {
  for (size_t left = count; left > 1;) {
    if (random->left == 0 && left > MANY && left <= UINT32_MAX) {
      left = permute_some(random, items, left);
    } else {
      swap(items, left - 1, (size_t)nd_random_below(random, left));
      left--;
    }
  }
}

/* The upper half of a product by the golden ratio's 64 bits (Knuth 1973, section 6.4): every bit of
 * the half and of the key reaches the bits that are kept. */
static uint64_t mix(uint64_t half, uint32_t key) {
  return (half ^ key) * UINT64_C(0x9E3779B97F4A7C15) >> 32;
}

/* Eight rounds that change one half by the other; the halves may differ by a bit, so that the
 * domain is less than twice `count` and walking takes less than two steps in the mean. */
static uint64_t feistel(uint64_t i, unsigned bits, const uint32_t keys[8]) {
  unsigned right_bits = (bits + 1) / 2;
  uint64_t right_mask = mask_of(right_bits), left_mask = mask_of(bits - right_bits);
  uint64_t right = i & right_mask, left = i >> right_bits;
  for (int round = 0; round < 8; round += 2) {
    left ^= mix(right, keys[round]) & left_mask;
    right ^= mix(left, keys[round + 1]) & right_mask;
  }
  return left << right_bits | right;
}

nd_permutation nd_permutation_of(uint64_t seed, uint64_t epoch, uint64_t count) {
  nd_permutation all = {.count = count, .bits = count < 2 ? 0 : bits_of(count - 1)};
  const uint32_t key[2] = {low(seed), high(seed)};
  uint32_t counter[4] = {low(epoch), high(epoch), ND_FOR_SHUFFLE, 0x7065726Du};
  philox(counter, key, all.keys);
  counter[3]++;
  philox(counter, key, all.keys + 4);
  return all;
}

uint64_t nd_permuted(const nd_permutation *all, uint64_t i) {
  if (all->count < 2) return 0;
  do
    i = feistel(i, all->bits, all->keys);
  while (i >= all->count);
  return i;
}
