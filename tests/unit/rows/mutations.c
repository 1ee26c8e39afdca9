/* Formulas and settings damaged at random: each is read right or refused with a sentence; nothing
 * crashes, hangs or leaks (the sanitizers look). The mutations are the same in every run. */
#include "../fitting.h"

enum { MUTATIONS = 1500, LONGEST = 128 };

static const char text[] = "dist,flux,type,y\n1,2,STAR,1\n2,3,QSO,4\n3,5,STAR,9\n4,1,QSO,16\n";

typedef struct original {
  const char *formula, *setting, *value;
} original;

static const original seeds[] = {
    {"y ~ linear(dist, flux^2)", "where", "type != \"QSO\" or dist > 1"},
    {"y ~ linear(*)", "weight", "dist/flux"},
    {"y ~ linear(dist..flux) + c*exp(-dist)", "sigma", "sqrt(flux)"},
    {"type ~ softmax(2; dist, log(flux))", "no-penalty", "w[STAR,dist], b[QSO]"},
    {"type == \"QSO\" ~ poly(dist, 3)", "loss", "hinge"},
    {"y ~ a*dist^k + `flux`*$2", "loss", "huber(1.5)"},
    {"y ~ linear($1)", "loss", "abs((y - f)/`dist`)^1.5"},
    {"y ~ linear(dist)", "start", "b=1,w[dist]=-2e1"},
    {"y ~ if(dist > 2, a, b)*flux", "unit", "dist=Mpc,y=km/s"}};

/* A few characters replaced, dropped or doubled. */
static void mutate(nd_random *random, const char *from, char *to) {
  static const char signs[] = "()[]*+-/^,;~=<>!&|\"'`$#. 0123456789eabyfdistlux\\\t\001\200";
  size_t n = strlen(from);
  assert_true(n + 8 < LONGEST);
  memcpy(to, from, n + 1);
  for (size_t k = 1 + nd_random_below(random, 3); k > 0 && n > 0; k--) {
    size_t at = nd_random_below(random, n);
    switch (nd_random_below(random, 3)) {
    case 0:
      to[at] = signs[nd_random_below(random, sizeof signs - 1)];
      break;
    case 1:
      memmove(to + at, to + at + 1, n - at);
      n--;
      break;
    default:
      memmove(to + at + 1, to + at, n - at + 1);
      n++;
    }
  }
}

static void try_one(const original *seed, nd_random *random, size_t *good) {
  char formula[LONGEST], value[LONGEST];
  fitting fit;
  open_text(&fit, text, (const char *[]){"threads", "1", NULL});
  bool both = nd_random_below(random, 2) == 0;
  mutate(random, seed->formula, formula);
  mutate(random, seed->value, value);
  nadir_status status =
      nd_settings_set(fit.settings, seed->setting, both ? value : seed->value, &fit.error);
  if (status == NADIR_OK) status = try_fit(&fit, formula);
  if (status == NADIR_OK) {
    double w[64] = {0}, gradient[64];
    assert_true(fit.model->size <= 64);
    gradient_at(&fit, w, gradient);
    ++*good;
  } else if (nadir_exit_status(status) != 2 || fit.error.message[0] == '\0')
    fail_msg("%s: %d: %s", formula, (int)status, fit.error.message);
  fit_free(&fit);
}

static void test_mutations(void **state) {
  (void)state;
  nd_random random = nd_random_stream(11, ND_FOR_TEST, 0, 0);
  size_t good = 0;
  for (size_t i = 0; i < MUTATIONS; i++)
    try_one(&seeds[i % ND_COUNT(seeds)], &random, &good);
  /* some mutations leave a right formula, most do not */
  assert_true(good > MUTATIONS / 50 && good < MUTATIONS / 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_mutations)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
