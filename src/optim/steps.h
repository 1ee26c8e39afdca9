/* steps: what the rules do to one parameter in an update, written once: for a number (rules/), and for a
 * vector of numbers (the engine's loop over single rows). The sources of the formulas are in rules/.
 *
 * Whoever includes this defines before
 *
 *   ND_NUMBERS                    double, or a vector of them
 *   ND_NUMBERS_SQRT(a)
 *   ND_NUMBERS_WHERE(a, is, b, yes, no)   number by number: yes where the comparison `a is b` holds
 *   ND_STEP_OF(rule)              the name of the function of a rule
 *
 * A function returns what is subtracted from w, and in *effective the rate of this parameter. s0, s1, s2 are
 * the rule's vectors at it. */
#include "optim/rule.h"

#define ND_STEP_FUNCTION(rule)                                                                     \
  static inline ND_NUMBERS ND_STEP_OF(rule)(const nd_terms *c, ND_NUMBERS g, ND_NUMBERS w,         \
                                            ND_NUMBERS rate, ND_NUMBERS *s0, ND_NUMBERS *s1,       \
                                            ND_NUMBERS *s2, ND_NUMBERS *effective)
#define ND_UNUSED(a, b, c) (void)(a), (void)(b), (void)(c)

ND_STEP_FUNCTION(gd) {
  ND_UNUSED(s0, s1, s2), ND_UNUSED(c, w, 0);
  *effective = rate;
  return rate * g;
}

ND_STEP_FUNCTION(momentum) {
  ND_UNUSED(w, s1, s2);
  *s0 = c->keep1 * *s0 + g;
  *effective = rate;
  return rate * *s0;
}

ND_STEP_FUNCTION(nesterov) {
  ND_UNUSED(w, s1, s2);
  *s0 = c->keep1 * *s0 + g;
  *effective = rate;
  return rate * (g + c->keep1 * *s0);
}

/* 0/0 is 0: a parameter that never had a gradient does not move. */
ND_STEP_FUNCTION(adagrad) {
  ND_UNUSED(s1, s2, w), ND_UNUSED(c, 0, 0);
  *s0 += g * g;
  *effective = ND_NUMBERS_WHERE(*s0, ==, 0, 0 * rate, rate / ND_NUMBERS_SQRT(*s0));
  return *effective * g;
}

ND_STEP_FUNCTION(rmsprop) {
  ND_UNUSED(w, s1, s2);
  *s0 = c->keep1 * *s0 + c->take1 * g * g;
  *effective = rate / (ND_NUMBERS_SQRT(*s0) + c->epsilon);
  return *effective * g;
}

ND_STEP_FUNCTION(adadelta) {
  ND_UNUSED(w, s2, 0);
  *s0 = c->keep1 * *s0 + c->take1 * g * g;
  const ND_NUMBERS ratio = ND_NUMBERS_SQRT((*s1 + c->epsilon) / (*s0 + c->epsilon)), d = ratio * g;
  *s1 = c->keep1 * *s1 + c->take1 * d * d;
  *effective = rate * ratio;
  return *effective * g;
}

/* Means over the corrections by which they began at 0. */
#define ND_CORRECTED1(m) (c->corrected ? (m) : (m) / c->correction1)
#define ND_CORRECTED2(v) (c->corrected ? (v) : (v) / c->correction2)

ND_STEP_FUNCTION(adam) {
  ND_UNUSED(w, s2, 0);
  *s0 = c->keep1 * *s0 + c->take1 * g;
  *s1 = c->keep2 * *s1 + c->take2 * g * g;
  *effective = rate / (ND_NUMBERS_SQRT(ND_CORRECTED2(*s1)) + c->epsilon);
  return *effective * ND_CORRECTED1(*s0);
}

ND_STEP_FUNCTION(adamw) {
  return ND_STEP_OF(adam)(c, g, w, rate, s0, s1, s2, effective) + rate * c->decay * w;
}

ND_STEP_FUNCTION(adabelief) {
  ND_UNUSED(w, s2, 0);
  *s0 = c->keep1 * *s0 + c->take1 * g;
  const ND_NUMBERS deviation = g - *s0;
  *s1 = c->keep2 * *s1 + c->take2 * deviation * deviation + c->epsilon;
  *effective = rate / (ND_NUMBERS_SQRT(ND_CORRECTED2(*s1)) + c->epsilon);
  return *effective * ND_CORRECTED1(*s0);
}

ND_STEP_FUNCTION(amsgrad) {
  ND_UNUSED(w, 0, 0);
  *s0 = c->keep1 * *s0 + c->take1 * g;
  *s1 = c->keep2 * *s1 + c->take2 * g * g;
  *s2 = ND_NUMBERS_WHERE(*s1, >, *s2, *s1, *s2);
  *effective = rate / (ND_NUMBERS_SQRT(*s2) + c->epsilon);
  return *effective * *s0;
}

ND_STEP_FUNCTION(nadam) {
  ND_UNUSED(w, s2, 0);
  *s0 = c->keep1 * *s0 + c->take1 * g;
  *s1 = c->keep2 * *s1 + c->take2 * g * g;
  *effective = rate / (ND_NUMBERS_SQRT(ND_CORRECTED2(*s1)) + c->epsilon);
  return *effective * (c->of_mean * *s0 + c->of_gradient * g);
}

ND_STEP_FUNCTION(radam) {
  ND_UNUSED(w, s2, 0);
  *s0 = c->keep1 * *s0 + c->take1 * g;
  *s1 = c->keep2 * *s1 + c->take2 * g * g;
  *effective = rate;
  if (c->rectified > 0)
    *effective = rate * c->rectified / (ND_NUMBERS_SQRT(ND_CORRECTED2(*s1)) + c->epsilon);
  return *effective * ND_CORRECTED1(*s0);
}

ND_STEP_FUNCTION(lion) {
  ND_UNUSED(s1, s2, 0);
  const ND_NUMBERS d = c->keep1 * *s0 + c->take1 * g, one = (ND_NUMBERS){0} + 1;
  const ND_NUMBERS sign = ND_NUMBERS_WHERE(d, >, 0, one, ND_NUMBERS_WHERE(d, <, 0, -one, d));
  *s0 = c->keep2 * *s0 + c->take2 * g;
  *effective = ND_NUMBERS_WHERE(d, ==, 0, 0 * rate, rate / (sign * d));
  return rate * (sign + c->decay * w);
}

#undef ND_CORRECTED1
#undef ND_CORRECTED2
#undef ND_UNUSED
#undef ND_STEP_FUNCTION
