/* Thousands of random questions through the whole chain: rules, Hessian, refutation. No proof may
 * be contradicted by a sample on the domain, and every witness must hold when other code evaluates
 * it in long double, with a measured bound on its rounding (see support.h).
 *
 * Each question has a fixed seed and a twentieth of a second at most; as time decides how many are
 * answered, the shares asked for below are far under those seen. Takes some 30 s; under a
 * sanitizer, which is ten times slower, a fifth of the questions are asked. */
#include "support.h"

#if defined __SANITIZE_ADDRESS__
#define SLOW 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOW 1
#endif
#endif
#ifndef SLOW
#define SLOW 0
#endif

enum { SEED = 2027, QUESTIONS = SLOW ? 2000 : 10000, CHORDS = 60 };
static const double most_seconds = 0.05;

typedef struct tally {
  size_t proved, curved, affine, strict, strong, refuted, neither, leaves, witnesses, checked;
} tally;

static void check_witnesses(const asked *a, nd_random *random, tally *seen) {
  const nd_witness *both[] = {a->verdict.not_convex, a->verdict.not_concave};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(both[i] != NULL,
                     (i == 0 ? a->verdict.convex : a->verdict.concave) == NADIR_REFUTED);
    if (both[i] == NULL) continue;
    seen->witnesses++;
    seen->checked += check_witness(a, random, both[i], i == 0 ? 1 : -1);
    seen->leaves += both[i]->leaves_domain;
  }
}

static void count(const nd_verdict *v, tally *seen) {
  bool proved = v->convex == NADIR_PROVED || v->concave == NADIR_PROVED;
  bool refuted = v->convex == NADIR_REFUTED || v->concave == NADIR_REFUTED;
  seen->proved += proved;
  seen->affine += v->affine == NADIR_PROVED;
  seen->curved += proved && v->affine != NADIR_PROVED;
  seen->strict += v->strict;
  seen->strong += v->modulus > 0;
  seen->refuted += refuted;
  seen->neither += v->convex == NADIR_REFUTED && v->concave == NADIR_REFUTED;
}

static void one_question(uint64_t number, tally *seen) {
  nd_random random = nd_random_stream(SEED, ND_FOR_TEST, number, 0);
  nd_text formula = {0};
  nadir_error error = {0};
  asked a;
  const char *facts = fact_lists[nd_random_below(&random, ND_COUNT(fact_lists))];
  random_question(&a, &random, &formula, 1 + (int)nd_random_below(&random, 3), most_seconds, facts);
  if (nd_convexity(&a.question, &a.verdict, &error) != NADIR_OK)
    fail_msg("%s: %s", a.formula, error.message);
  check_proofs(&a, &random, CHORDS);
  check_witnesses(&a, &random, seen);
  count(&a.verdict, seen);
  done(&a);
  nd_text_free(&formula);
}

static void no_answer_is_wrong(void **state) {
  (void)state;
  tally t = {0};
  for (uint64_t i = 0; i < QUESTIONS; i++)
    one_question(i, &t);
  print_message(
      "of %d: %zu proved (%zu affine, %zu strict, %zu strong), %zu refuted (%zu neither), "
      "%zu of %zu witnesses checked, %zu of them leave the domain\n",
      (int)QUESTIONS, t.proved, t.affine, t.strict, t.strong, t.refuted, t.neither, t.checked,
      t.witnesses, t.leaves);
  /* not a test of nothing */
  assert_true(t.proved > QUESTIONS / 10 && t.refuted > QUESTIONS / 10);
  assert_true(t.curved > QUESTIONS / 20 && t.neither > QUESTIONS / 20);
  assert_true(t.strict > QUESTIONS / 100 && t.strong > QUESTIONS / 200 && t.leaves > 0);
  assert_true(t.checked > t.witnesses - t.witnesses / 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(no_answer_is_wrong)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
