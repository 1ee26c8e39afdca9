/* What is said of a verdict that is written here by hand, field by field: the sentence, the domain,
 * the tree of steps, and that every answer, claim and rule has words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "tell/tell.h"

static char x_name[] = "x", y_name[] = "y", *names[] = {x_name, y_name};

static nadir_convexity verdict_of(size_t size) {
  return (nadir_convexity){.formula = x_name,
                           .size = size,
                           .parameter = names,
                           .modulus = (double)NAN,
                           .domain.convex = 1};
}

static void says(const nadir_convexity *v, const char *sentence) {
  nd_text out = {0};
  nd_tell_verdict(v, &out);
  assert_string_equal(nd_text_data(&out), sentence);
  nd_text_free(&out);
}

static void the_sentence_follows_from_the_fields(void **state) {
  (void)state;
  nadir_convexity v = verdict_of(2);
  says(&v, "not known on all x and y");
  v.cut = NADIR_CUT_BY_TIME;
  says(&v, "not known on all x and y: the time was up");
  v.cut = NADIR_CUT_BY_LISTENER;
  says(&v, "not known on all x and y: it was interrupted");
  v.cut = NADIR_NOT_CUT;
  v.domain.convex = 0;
  says(&v, "not known on all x and y: the domain is not proved convex");
  v.convex = NADIR_PROVED;
  v.by = NADIR_BY_RULES;
  says(&v, "convex on all x and y, by the rules");
  v.strict = 1;
  says(&v, "strictly convex on all x and y, by the rules");
  v.modulus = 0.1;
  v.by = NADIR_BY_HESSIAN;
  says(&v, "strongly convex (modulus 0.1) on all x and y, by its Hessian");
  v.domain.empty = 1;
  says(&v, "nothing to prove: the formula has no value anywhere");
}

static void a_domain_is_its_conditions(void **state) {
  (void)state;
  char one[] = "1", tenth[] = "0.1", sum[] = "x + y";
  nadir_decimal values[] = {{1, one}, {0.1, tenth}};
  nadir_condition list[] = {
      {.kind = NADIR_IN_INTERVAL,
       .formula = sum,
       .low = {0.1, tenth},
       .high = {1, one},
       .low_open = 1},
      {.kind = NADIR_IN_LIST, .formula = y_name, .values = 2, .value = values},
      {.kind = NADIR_NOT_ZERO, .formula = x_name},
      {.kind = NADIR_DEFINED, .formula = x_name}};
  nadir_convexity v = verdict_of(2);
  v.domain.conditions = ND_COUNT(list);
  v.domain.condition = list;
  nd_text out = {0};
  nd_tell_domain(&v, &out);
  assert_string_equal(nd_text_data(&out),
                      "0.1 < x + y <= 1 and y in {1, 0.1} and x != 0 and x defined");
  nd_text_free(&out);
}

static void a_step_names_its_function_and_its_boxes(void **state) {
  (void)state;
  char exp_x[] = "exp(x)";
  nadir_proof_step steps[] = {
      {.formula = exp_x,
       .latex = exp_x,
       .rule = NADIR_RULE_CONVEX_FUNCTION,
       .function = "exp",
       .parent = NADIR_NO_STEP},
      {.depth = 1, .formula = x_name, .latex = x_name, .rule = NADIR_RULE_HESSIAN, .boxes = 2}};
  nadir_convexity v = verdict_of(1);
  nadir_error error;
  char *text;
  v.steps = 2;
  v.step = steps;
  assert_int_equal(nadir_convexity_text(&v, NADIR_PEOPLE, &text, &error), NADIR_OK);
  assert_non_null(strstr(text, "  exp(x)  convex           exp is convex\n"
                               "    x     convex           its Hessian is positive semidefinite on "
                               "the whole domain (2 boxes, exact algebra and ball arithmetic)\n"));
  nadir_text_free(text);
  assert_int_equal(nadir_convexity_text(&v, NADIR_JSON, &text, &error), NADIR_OK);
  assert_non_null(strstr(text, "\"rule\": \"exp is convex\""));
  nadir_text_free(text);
}

/* Two rules with the same words would be one. */
static void every_rule_has_words_of_its_own(void **state) {
  (void)state;
  for (unsigned i = 0; i <= NADIR_RULE_FACTOR; i++) {
    assert_true(*nadir_rule_meaning((nadir_rule)i) != '\0');
    for (unsigned j = 0; j < i; j++)
      assert_string_not_equal(nadir_rule_meaning((nadir_rule)i), nadir_rule_meaning((nadir_rule)j));
  }
  assert_string_equal(nadir_claim_name(NADIR_IS_SECOND_DERIVATIVE), "second derivative");
  assert_string_equal(nadir_answer_name(NADIR_NOT_KNOWN), "not known");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_sentence_follows_from_the_fields),
      cmocka_unit_test(a_domain_is_its_conditions),
      cmocka_unit_test(a_step_names_its_function_and_its_boxes),
      cmocka_unit_test(every_rule_has_words_of_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
