/* Nodes as quotients of polynomials with integer coefficients in generators.
 *
 * exp of a sum is a product of powers: exp(2 x - y) is E(x)^2 / E(y), and sigmoid, tanh, cosh, sinh
 * are quotients in E; exp(log u), exp(logsumexp) and exp(softplus) are taken apart. A root u^(p/q)
 * is R^p with R^q = u; a^(b + 1) is a a^b. Everything else is a generator of its own. Every
 * generator stands for a node, whose enclosure is its range.
 *
 * A call of FLINT cannot be interrupted, so each is kept below 0.2 s, and the clock is asked between
 * two. Products are refused beyond TERM_LIMIT terms, DEGREE_LIMIT and WORK_LIMIT products of words;
 * the multivariate greatest common divisor (Hensel lifting and Zippel's method) is asked only up to
 * CANCEL_LIMIT terms of CANCEL_BITS. */
#include "theory/hessian_internal.h"

#include <string.h>

enum {
  TERM_LIMIT = 1500,
  DEGREE_LIMIT = 80,
  CANCEL_LIMIT = 200,
  CANCEL_BITS = 2000,
  POWER_LIMIT = 40
};
enum { WORK_LIMIT = 20000000 };

typedef enum kind { OPAQUE, EXPONENTIAL, ROOT } kind;

typedef struct generator {
  kind kind;
  nd_node node;       /* what it stands for */
  nd_node key, other; /* the argument of exp, the radicand; the exponent of a^b */
  fmpq_t unit;        /* EXPONENTIAL: it is exp(unit * key) */
  ulong index;        /* ROOT: which root */
  nd_quotient radicand;
} generator;

struct nd_algebra {
  nd_graph *graph;
  const nd_until *until;
  fmpz_mpoly_ctx_t context;
  generator list[ND_GENERATORS];
  size_t count;
  unsigned depth;
  nadir_error *error;
  nadir_status status; /* of making nodes */
};

nadir_status nd_algebra_new(nd_algebra **algebra, nd_graph *graph, const nd_until *until,
                            nadir_error *error) {
  *algebra = nd_new(1, sizeof **algebra, error);
  if (*algebra == NULL) return NADIR_NO_MEMORY;
  (*algebra)->graph = graph;
  (*algebra)->until = until;
  fmpz_mpoly_ctx_init((*algebra)->context, ND_GENERATORS, ORD_LEX);
  return NADIR_OK;
}

void nd_algebra_free(nd_algebra *algebra) {
  if (algebra == NULL) return;
  for (size_t i = 0; i < algebra->count; i++) {
    fmpq_clear(algebra->list[i].unit);
    nd_quotient_clear(&algebra->list[i].radicand, algebra);
  }
  fmpz_mpoly_ctx_clear(algebra->context);
  nd_free(algebra);
}

size_t nd_algebra_generators(const nd_algebra *algebra) {
  return algebra->count;
}

nd_node nd_algebra_generator(const nd_algebra *algebra, size_t i) {
  return algebra->list[i].node;
}

const fmpz_mpoly_ctx_struct *nd_algebra_context(const nd_algebra *algebra) {
  return algebra->context;
}

void nd_quotient_init(nd_quotient *q, nd_algebra *algebra) {
  fmpz_mpoly_init(q->over, algebra->context);
  fmpz_mpoly_init(q->under, algebra->context);
  fmpz_mpoly_one(q->under, algebra->context);
}

void nd_quotient_clear(nd_quotient *q, nd_algebra *algebra) {
  fmpz_mpoly_clear(q->over, algebra->context);
  fmpz_mpoly_clear(q->under, algebra->context);
}

static void set(nd_algebra *a, nd_quotient *q, const nd_quotient *p) {
  fmpz_mpoly_set(q->over, p->over, a->context);
  fmpz_mpoly_set(q->under, p->under, a->context);
}

static bool set_integer(nd_algebra *a, nd_quotient *q, slong value) {
  fmpz_mpoly_set_si(q->over, value, a->context);
  fmpz_mpoly_one(q->under, a->context);
  return true;
}

bool nd_quotient_set_rational(nd_algebra *algebra, nd_quotient *q, const fmpq_t value) {
  fmpz_mpoly_set_fmpz(q->over, fmpq_numref(value), algebra->context);
  fmpz_mpoly_set_fmpz(q->under, fmpq_denref(value), algebra->context);
  return true;
}

bool nd_algebra_is_over(const nd_algebra *algebra) {
  return nd_is_over(algebra->until);
}

/* Of the largest coefficient. */
static slong bits_of(const fmpz_mpoly_t p) {
  slong bits = fmpz_mpoly_max_bits(p);
  return bits < 0 ? -bits : bits;
}

static bool may_multiply(nd_algebra *a, const fmpz_mpoly_t p, const fmpz_mpoly_t q) {
  slong m = fmpz_mpoly_length(p, a->context), n = fmpz_mpoly_length(q, a->context);
  if (m == 0 || n == 0) return true;
  if (m > TERM_LIMIT || n > TERM_LIMIT || m * n > 20 * TERM_LIMIT) return false;
  double words = (1 + (double)(bits_of(p) / FLINT_BITS)) * (1 + (double)(bits_of(q) / FLINT_BITS));
  if ((double)(m * n) * words > WORK_LIMIT) return false;
  if (!fmpz_mpoly_total_degree_fits_si(p, a->context)) return false;
  if (!fmpz_mpoly_total_degree_fits_si(q, a->context)) return false;
  return fmpz_mpoly_total_degree_si(p, a->context) + fmpz_mpoly_total_degree_si(q, a->context) <=
         DEGREE_LIMIT;
}

static bool multiply(nd_algebra *a, fmpz_mpoly_t product, const fmpz_mpoly_t p,
                     const fmpz_mpoly_t q) {
  if (nd_algebra_is_over(a) || !may_multiply(a, p, q)) return false;
  fmpz_mpoly_mul(product, p, q, a->context);
  return fmpz_mpoly_length(product, a->context) <= TERM_LIMIT;
}

/* Divides both by what they have in common, where that is cheap to find. */
static void cancel(nd_algebra *a, nd_quotient *q) {
  fmpz_mpoly_t common;
  if (fmpz_mpoly_is_zero(q->over, a->context)) {
    fmpz_mpoly_one(q->under, a->context);
    return;
  }
  if (fmpz_mpoly_is_one(q->under, a->context)) return;
  if (fmpz_mpoly_length(q->over, a->context) + fmpz_mpoly_length(q->under, a->context) >
      CANCEL_LIMIT)
    return;
  if (bits_of(q->over) > CANCEL_BITS || bits_of(q->under) > CANCEL_BITS) return;
  fmpz_mpoly_init(common, a->context);
  if (fmpz_mpoly_gcd(common, q->over, q->under, a->context) &&
      !fmpz_mpoly_is_one(common, a->context)) {
    fmpz_mpoly_divides(q->over, q->over, common, a->context);
    fmpz_mpoly_divides(q->under, q->under, common, a->context);
  }
  fmpz_mpoly_clear(common, a->context);
}

static bool sum(nd_algebra *a, nd_quotient *q, const nd_quotient *x, const nd_quotient *y,
                bool minus) {
  nd_quotient r;
  fmpz_mpoly_t other;
  nd_quotient_init(&r, a);
  fmpz_mpoly_init(other, a->context);
  bool good;
  if (fmpz_mpoly_equal(x->under, y->under, a->context)) {
    fmpz_mpoly_set(r.over, x->over, a->context);
    fmpz_mpoly_set(other, y->over, a->context);
    fmpz_mpoly_set(r.under, x->under, a->context);
    good = true;
  } else {
    good = multiply(a, r.over, x->over, y->under) && multiply(a, other, y->over, x->under) &&
           multiply(a, r.under, x->under, y->under);
  }
  if (good) {
    if (minus)
      fmpz_mpoly_sub(r.over, r.over, other, a->context);
    else
      fmpz_mpoly_add(r.over, r.over, other, a->context);
    cancel(a, &r);
    set(a, q, &r);
  }
  fmpz_mpoly_clear(other, a->context);
  nd_quotient_clear(&r, a);
  return good;
}

static bool product(nd_algebra *a, nd_quotient *q, const nd_quotient *x, const nd_quotient *y,
                    bool divide) {
  nd_quotient r;
  const fmpz_mpoly_struct *over = divide ? y->under : y->over, *under = divide ? y->over : y->under;
  if (fmpz_mpoly_is_zero(under, a->context)) return false;
  nd_quotient_init(&r, a);
  bool good = multiply(a, r.over, x->over, over) && multiply(a, r.under, x->under, under);
  if (good) {
    cancel(a, &r);
    set(a, q, &r);
  }
  nd_quotient_clear(&r, a);
  return good;
}

bool nd_quotient_combine(nd_algebra *algebra, nd_op op, nd_quotient *q, const nd_quotient *a,
                         const nd_quotient *b) {
  if (op == ND_MUL) return product(algebra, q, a, b, false);
  return sum(algebra, q, a, b, op == ND_SUB);
}

static bool power(nd_algebra *a, nd_quotient *q, slong exponent) {
  nd_quotient r;
  slong n = exponent < 0 ? -exponent : exponent;
  if (n > POWER_LIMIT) return false;
  nd_quotient_init(&r, a);
  bool good = set_integer(a, &r, 1);
  for (slong i = 0; i < n && good; i++)
    good = product(a, &r, &r, q, exponent < 0);
  if (good) set(a, q, &r);
  nd_quotient_clear(&r, a);
  return good;
}

/* ---- generators ---- */

static bool set_generator(nd_algebra *a, nd_quotient *q, size_t i, slong exponent) {
  slong n = exponent < 0 ? -exponent : exponent;
  if (n > POWER_LIMIT) return false;
  set_integer(a, q, 1);
  fmpz_mpoly_struct *side = exponent < 0 ? q->under : q->over;
  fmpz_mpoly_gen(side, (slong)i, a->context);
  return fmpz_mpoly_pow_ui(side, side, (ulong)n, a->context) != 0;
}

static generator *add_generator(nd_algebra *a, kind k, nd_node node, nd_node key, nd_node other) {
  if (a->count == ND_GENERATORS) return NULL;
  generator *g = &a->list[a->count++];
  g->kind = k;
  g->node = node;
  g->key = key;
  g->other = other;
  g->index = 0;
  fmpq_init(g->unit);
  nd_quotient_init(&g->radicand, a);
  return g;
}

static bool opaque(nd_algebra *a, nd_quotient *q, nd_node node) {
  for (size_t i = 0; i < a->count; i++)
    if (a->list[i].kind == OPAQUE && a->list[i].node == node) return set_generator(a, q, i, 1);
  if (add_generator(a, OPAQUE, node, ND_NO_NODE, ND_NO_NODE) == NULL) return false;
  return set_generator(a, q, a->count - 1, 1);
}

/* A node, or false with the algebra's status set. */
static bool make(nd_algebra *a, nd_op op, const nd_node *arguments, size_t count, nd_node *node) {
  if (a->status == NADIR_OK) a->status = nd_make(a->graph, op, arguments, count, node, a->error);
  return a->status == NADIR_OK;
}

static bool make_rational(nd_algebra *a, const fmpq_t value, nd_node *node) {
  nd_node parts[2];
  if (fmpq_is_one(value)) {
    a->status = nd_make_number(a->graph, 1, node, a->error);
    return a->status == NADIR_OK;
  }
  if (fmpz_bits(fmpq_numref(value)) > 50 || fmpz_bits(fmpq_denref(value)) > 50) return false;
  a->status =
      nd_make_number(a->graph, (double)fmpz_get_si(fmpq_numref(value)), &parts[0], a->error);
  if (a->status != NADIR_OK) return false;
  a->status =
      nd_make_number(a->graph, (double)fmpz_get_si(fmpq_denref(value)), &parts[1], a->error);
  if (a->status != NADIR_OK) return false;
  return make(a, ND_DIV, parts, 2, node);
}

static bool of(nd_algebra *a, nd_quotient *q, nd_node node);

/* q <- exp(c * term) as a power of a generator exp(unit * term). */
static bool exponential_power(nd_algebra *a, nd_quotient *q, nd_node term, const fmpq_t c) {
  fmpq_t ratio;
  nd_node parts[2] = {ND_NO_NODE, term}, node;
  bool good = false;
  fmpq_init(ratio);
  for (size_t i = 0; i < a->count && !good; i++) {
    if (a->list[i].kind != EXPONENTIAL || a->list[i].key != term) continue;
    fmpq_div(ratio, c, a->list[i].unit);
    if (!fmpz_is_one(fmpq_denref(ratio)) || !fmpz_fits_si(fmpq_numref(ratio))) continue;
    good = set_generator(a, q, i, fmpz_get_si(fmpq_numref(ratio)));
  }
  if (!good && a->count < ND_GENERATORS) {
    fmpq_abs(ratio, c);
    /* whole multiples of a term share exp(term) */
    if (fmpz_is_one(fmpq_denref(ratio))) fmpq_one(ratio);
    good = make_rational(a, ratio, &parts[0]) &&
           (fmpq_is_one(ratio) ? (node = term, true) : make(a, ND_MUL, parts, 2, &node)) &&
           make(a, ND_EXP, &node, 1, &node);
    if (good) {
      generator *g = add_generator(a, EXPONENTIAL, node, term, ND_NO_NODE);
      fmpq_set(g->unit, ratio);
      fmpq_div(ratio, c, ratio);
      good = fmpz_fits_si(fmpq_numref(ratio)) &&
             set_generator(a, q, a->count - 1, fmpz_get_si(fmpq_numref(ratio)));
    }
  }
  fmpq_clear(ratio);
  return good;
}

static bool exponential(nd_algebra *a, nd_quotient *q, nd_node argument, const fmpq_t c);

/* q <- sum of exp(arguments), plus `more`. */
static bool exponential_sum(nd_algebra *a, nd_quotient *q, nd_node node, slong more) {
  nd_quotient part;
  fmpq_t one;
  fmpq_init(one);
  fmpq_one(one);
  nd_quotient_init(&part, a);
  bool good = set_integer(a, q, more);
  for (size_t i = 0; i < nd_node_arity(a->graph, node) && good; i++)
    good = exponential(a, &part, nd_node_argument(a->graph, node, i), one) &&
           sum(a, q, q, &part, false);
  nd_quotient_clear(&part, a);
  fmpq_clear(one);
  return good;
}

/* exp(c * u) where u undoes an exponential and c is whole. */
static bool undone(nd_algebra *a, nd_quotient *q, nd_node u, const fmpq_t c, bool *good) {
  nd_op op = nd_node_op(a->graph, u);
  if (op != ND_LOG && op != ND_LOGSUMEXP && op != ND_SOFTPLUS && op != ND_LOG1P) return false;
  if (!fmpz_is_one(fmpq_denref(c)) || !fmpz_fits_si(fmpq_numref(c))) return false;
  nd_quotient one;
  if (op == ND_LOG || op == ND_LOG1P) {
    *good = of(a, q, nd_node_argument(a->graph, u, 0));
    if (op == ND_LOG1P && *good) {
      nd_quotient_init(&one, a);
      set_integer(a, &one, 1);
      *good = sum(a, q, q, &one, false);
      nd_quotient_clear(&one, a);
    }
  } else {
    *good = exponential_sum(a, q, u, op == ND_SOFTPLUS ? 1 : 0);
  }
  *good = *good && power(a, q, fmpz_get_si(fmpq_numref(c)));
  return true;
}

/* Multiplies q by exp(c * argument), argument being one of the terms of a sum. */
static bool times_exponential(nd_algebra *a, nd_quotient *q, nd_node argument, const fmpq_t c) {
  nd_quotient part;
  nd_quotient_init(&part, a);
  bool good = exponential(a, &part, argument, c) && product(a, q, q, &part, false);
  nd_quotient_clear(&part, a);
  return good;
}

/* The rational factor of a product or a quotient, and the rest; false where it has none. */
static bool split_factor(nd_algebra *a, nd_node node, fmpq_t factor, nd_node *rest) {
  nd_op op = nd_node_op(a->graph, node);
  size_t arity = nd_node_arity(a->graph, node), kept = 0;
  nd_node others[8];
  if ((op != ND_MUL && op != ND_DIV) || arity > ND_COUNT(others)) return false;
  if (op == ND_DIV) {
    *rest = nd_node_argument(a->graph, node, 0);
    if (!nd_rational_of(a->graph, nd_node_argument(a->graph, node, 1), factor)) return false;
    if (fmpq_is_zero(factor)) return false;
    fmpq_inv(factor, factor);
    return true;
  }
  fmpq_t value;
  fmpq_init(value);
  fmpq_one(factor);
  for (size_t i = 0; i < arity; i++) {
    nd_node argument = nd_node_argument(a->graph, node, i);
    if (nd_rational_of(a->graph, argument, value))
      fmpq_mul(factor, factor, value);
    else
      others[kept++] = argument;
  }
  fmpq_clear(value);
  if (kept == arity || kept == 0) return false;
  if (kept == 1) {
    *rest = others[0];
    return true;
  }
  return make(a, ND_MUL, others, kept, rest);
}

/* q <- exp(c * argument). */
static bool exponential(nd_algebra *a, nd_quotient *q, nd_node argument, const fmpq_t c) {
  nd_op op = nd_node_op(a->graph, argument);
  nd_node rest;
  fmpq_t d;
  bool good;
  if (fmpq_is_zero(c)) return set_integer(a, q, 1);
  if (++a->depth > 60) {
    a->depth--;
    return false;
  }
  fmpq_init(d);
  if (nd_rational_of(a->graph, argument, d) && fmpq_is_zero(d)) {
    good = set_integer(a, q, 1);
  } else if (op == ND_ADD || op == ND_SUB || op == ND_NEG) {
    good = set_integer(a, q, 1);
    for (size_t i = 0; i < nd_node_arity(a->graph, argument) && good; i++) {
      fmpq_set(d, c);
      if (op == ND_NEG || (op == ND_SUB && i == 1)) fmpq_neg(d, d);
      good = times_exponential(a, q, nd_node_argument(a->graph, argument, i), d);
    }
  } else if (split_factor(a, argument, d, &rest)) {
    fmpq_mul(d, d, c);
    good = exponential(a, q, rest, d);
  } else if (!undone(a, q, argument, c, &good)) {
    good = exponential_power(a, q, argument, c);
  }
  fmpq_clear(d);
  a->depth--;
  return good;
}

/* q <- base^(p/n), the real root; p has at most 20 bits. */
static bool root(nd_algebra *a, nd_quotient *q, nd_node base, nd_op op, const fmpq_t exponent) {
  nd_node node, parts[2] = {base, ND_NO_NODE};
  fmpq_t unit;
  if (fmpz_cmp_si(fmpq_denref(exponent), POWER_LIMIT) > 0) return false;
  ulong index = fmpz_get_ui(fmpq_denref(exponent));
  slong p = fmpz_get_si(fmpq_numref(exponent));
  for (size_t i = 0; i < a->count; i++) {
    const generator *g = &a->list[i];
    if (g->kind == ROOT && g->key == base && g->index == index &&
        (g->other == ND_CBRT) == (op == ND_CBRT))
      return set_generator(a, q, i, p);
  }
  nd_quotient radicand;
  nd_quotient_init(&radicand, a);
  bool good = of(a, &radicand, base);
  if (good && op == ND_CBRT) {
    good = make(a, ND_CBRT, &base, 1, &node);
  } else if (good && index == 2) {
    good = make(a, ND_SQRT, &base, 1, &node);
  } else if (good) {
    fmpq_init(unit);
    fmpq_set_si(unit, 1, index);
    good = make_rational(a, unit, &parts[1]) && make(a, ND_POW, parts, 2, &node);
    fmpq_clear(unit);
  }
  generator *g = good ? add_generator(a, ROOT, node, base, (nd_node)op) : NULL;
  good = g != NULL;
  if (good) {
    g->index = index;
    set(a, &g->radicand, &radicand);
    good = set_generator(a, q, a->count - 1, p);
  }
  nd_quotient_clear(&radicand, a);
  return good;
}

/* Splits an exponent into a whole number and the rest: b + 2, b - 1. */
static bool split_whole(nd_algebra *a, nd_node exponent, slong *whole, nd_node *rest) {
  nd_op op = nd_node_op(a->graph, exponent);
  fmpq_t value;
  bool found = false;
  if ((op != ND_ADD && op != ND_SUB) || nd_node_arity(a->graph, exponent) != 2) return false;
  fmpq_init(value);
  for (size_t i = 0; i < 2 && !found; i++) {
    if (op == ND_SUB && i == 0) continue;
    if (!nd_rational_of(a->graph, nd_node_argument(a->graph, exponent, i), value)) continue;
    if (!fmpz_is_one(fmpq_denref(value)) || fmpz_bits(fmpq_numref(value)) > 5) continue;
    *whole = fmpz_get_si(fmpq_numref(value));
    if (op == ND_SUB) *whole = -*whole;
    *rest = nd_node_argument(a->graph, exponent, 1 - i);
    found = true;
  }
  fmpq_clear(value);
  return found;
}

/* a^b for a b that is not a number: a generator times a whole power of a. */
static bool general_power(nd_algebra *a, nd_quotient *q, nd_node node) {
  nd_node base = nd_node_argument(a->graph, node, 0),
          exponent = nd_node_argument(a->graph, node, 1);
  nd_node rest, parts[2];
  slong whole;
  if (!split_whole(a, exponent, &whole, &rest)) return opaque(a, q, node);
  parts[0] = base;
  parts[1] = rest;
  nd_quotient factor;
  nd_quotient_init(&factor, a);
  bool good = make(a, ND_POW, parts, 2, &node) && opaque(a, q, node) && of(a, &factor, base) &&
              power(a, &factor, whole) && product(a, q, q, &factor, false);
  nd_quotient_clear(&factor, a);
  return good;
}

static bool of_power(nd_algebra *a, nd_quotient *q, nd_node node) {
  nd_node base = nd_node_argument(a->graph, node, 0);
  fmpq_t exponent;
  bool good;
  fmpq_init(exponent);
  if (!nd_rational_of(a->graph, nd_node_argument(a->graph, node, 1), exponent))
    good = general_power(a, q, node);
  else if (fmpz_bits(fmpq_numref(exponent)) > 20)
    good = opaque(a, q, node);
  else if (fmpz_is_one(fmpq_denref(exponent)))
    good = of(a, q, base) && power(a, q, fmpz_get_si(fmpq_numref(exponent)));
  else
    good = root(a, q, base, ND_POW, exponent);
  fmpq_clear(exponent);
  return good;
}

/* exp(c x) + more, of the node's argument x. */
static bool exponential_of(nd_algebra *a, nd_quotient *q, nd_node x, slong c, slong more) {
  nd_quotient part;
  fmpq_t factor;
  fmpq_init(factor);
  fmpq_set_si(factor, c, 1);
  nd_quotient_init(&part, a);
  set_integer(a, &part, more);
  bool good = exponential(a, q, x, factor) && (more == 0 || sum(a, q, q, &part, false));
  nd_quotient_clear(&part, a);
  fmpq_clear(factor);
  return good;
}

/* sigmoid, tanh, cosh and sinh in exp. */
static bool of_hyperbolic(nd_algebra *a, nd_quotient *q, nd_op op, nd_node x) {
  nd_quotient other;
  bool good;
  nd_quotient_init(&other, a);
  if (op == ND_SIGMOID) {
    good = exponential_of(a, q, x, -1, 1) && power(a, q, -1);
  } else if (op == ND_TANH) {
    good = exponential_of(a, q, x, 2, -1) && exponential_of(a, &other, x, 2, 1) &&
           product(a, q, q, &other, true);
  } else {
    good = exponential_of(a, q, x, 1, 0) && exponential_of(a, &other, x, -1, 0) &&
           sum(a, q, q, &other, op == ND_SINH) && set_integer(a, &other, 2) &&
           product(a, q, q, &other, true);
  }
  nd_quotient_clear(&other, a);
  return good;
}

/* Sums, products, quotients and differences, argument by argument. */
static bool fold(nd_algebra *a, nd_quotient *q, nd_node node, nd_op op) {
  nd_quotient part;
  nd_quotient_init(&part, a);
  bool good = of(a, q, nd_node_argument(a->graph, node, 0));
  for (size_t i = 1; i < nd_node_arity(a->graph, node) && good; i++) {
    good = of(a, &part, nd_node_argument(a->graph, node, i));
    if (!good) break;
    if (op == ND_ADD || op == ND_SUB)
      good = sum(a, q, q, &part, op == ND_SUB);
    else
      good = product(a, q, q, &part, op == ND_DIV);
  }
  nd_quotient_clear(&part, a);
  return good;
}

static bool norm(nd_algebra *a, nd_quotient *q, nd_node node) {
  nd_node terms[8], exponent[2], squares;
  size_t arity = nd_node_arity(a->graph, node);
  fmpq_t half;
  if (arity > ND_COUNT(terms)) return opaque(a, q, node);
  a->status = nd_make_number(a->graph, 2, &exponent[1], a->error);
  if (a->status != NADIR_OK) return false;
  for (size_t i = 0; i < arity; i++) {
    exponent[0] = nd_node_argument(a->graph, node, i);
    if (!make(a, ND_POW, exponent, 2, &terms[i])) return false;
  }
  if (!make(a, ND_ADD, terms, arity, &squares)) return false;
  fmpq_init(half);
  fmpq_set_si(half, 1, 2);
  bool good = root(a, q, squares, ND_POW, half);
  fmpq_clear(half);
  return good;
}

/* The same as `of` for what is a function of its arguments; anything else stands for itself. */
static bool of_function(nd_algebra *a, nd_quotient *q, nd_node node, nd_op op) {
  nd_node first = nd_node_argument(a->graph, node, 0);
  fmpq_t exponent;
  bool good;
  if (op == ND_EXP || op == ND_EXPM1)
    return exponential_of(a, q, first, 1, op == ND_EXPM1 ? -1 : 0);
  if (op == ND_SIGMOID || op == ND_TANH || op == ND_COSH || op == ND_SINH)
    return of_hyperbolic(a, q, op, first);
  if (op == ND_NORM2) return norm(a, q, node);
  if (op != ND_SQRT && op != ND_CBRT) return opaque(a, q, node);
  fmpq_init(exponent);
  fmpq_set_si(exponent, 1, op == ND_SQRT ? 2 : 3);
  good = root(a, q, first, op, exponent);
  fmpq_clear(exponent);
  return good;
}

static bool of_node(nd_algebra *a, nd_quotient *q, nd_node node) {
  nd_op op = nd_node_op(a->graph, node);
  fmpq_t value;
  fmpq_init(value);
  bool rational = nd_rational_of(a->graph, node, value);
  if (rational) nd_quotient_set_rational(a, q, value);
  fmpq_clear(value);
  if (rational) return true;
  if (op == ND_ADD || op == ND_SUB || op == ND_MUL || op == ND_DIV) return fold(a, q, node, op);
  if (op == ND_NEG) {
    if (!of(a, q, nd_node_argument(a->graph, node, 0))) return false;
    fmpz_mpoly_neg(q->over, q->over, a->context);
    return true;
  }
  if (op == ND_POW) return of_power(a, q, node);
  return nd_node_arity(a->graph, node) == 0 ? opaque(a, q, node) : of_function(a, q, node, op);
}

static bool of(nd_algebra *a, nd_quotient *q, nd_node node) {
  if (++a->depth > 60) {
    a->depth--;
    return false;
  }
  bool good = of_node(a, q, node);
  a->depth--;
  return good;
}

nadir_status nd_algebra_of(nd_algebra *algebra, nd_node node, nd_quotient *q, bool *known,
                           nadir_error *error) {
  algebra->error = error;
  algebra->status = NADIR_OK;
  algebra->depth = 0;
  *known = of(algebra, q, node);
  algebra->error = NULL;
  return algebra->status;
}

/* ---- relations ---- */

/* Writes p as a polynomial in generator i and puts (over/under) for its index-th power; what p is
 * multiplied by to stay whole, a power of `under`, goes to *factor. */
static bool lower_powers(nd_algebra *a, fmpz_mpoly_t p, size_t i, ulong index,
                         const nd_quotient *value, ulong *powers) {
  fmpz_mpoly_univar_t series;
  fmpz_mpoly_t sum_of, term, part;
  bool good = true;
  fmpz_mpoly_univar_init(series, a->context);
  fmpz_mpoly_init(sum_of, a->context);
  fmpz_mpoly_init(term, a->context);
  fmpz_mpoly_init(part, a->context);
  fmpz_mpoly_to_univar(series, p, (slong)i, a->context);
  slong length = fmpz_mpoly_univar_length(series, a->context);
  ulong top =
      length == 0 ? 0 : (ulong)fmpz_mpoly_univar_get_term_exp_si(series, 0, a->context) / index;
  *powers = top;
  for (slong k = 0; k < length && good && top > 0; k++) {
    ulong e = (ulong)fmpz_mpoly_univar_get_term_exp_si(series, k, a->context);
    fmpz_mpoly_univar_get_term_coeff(term, series, k, a->context);
    fmpz_mpoly_gen(part, (slong)i, a->context);
    good = fmpz_mpoly_pow_ui(part, part, e % index, a->context) && multiply(a, term, term, part);
    for (ulong j = 0; j < top && good; j++)
      good = multiply(a, term, term, j < e / index ? value->over : value->under);
    if (good) fmpz_mpoly_add(sum_of, sum_of, term, a->context);
  }
  if (good && top > 0) fmpz_mpoly_set(p, sum_of, a->context);
  fmpz_mpoly_univar_clear(series, a->context);
  fmpz_mpoly_clear(sum_of, a->context);
  fmpz_mpoly_clear(term, a->context);
  fmpz_mpoly_clear(part, a->context);
  return good;
}

static bool lower(nd_algebra *a, nd_quotient *q, size_t i, ulong index, const nd_quotient *value) {
  ulong over, under;
  if (!lower_powers(a, q->over, i, index, value, &over)) return false;
  if (!lower_powers(a, q->under, i, index, value, &under)) return false;
  for (; over < under; over++)
    if (!multiply(a, q->over, q->over, value->under)) return false;
  for (; under < over; under++)
    if (!multiply(a, q->under, q->under, value->under)) return false;
  if (fmpz_mpoly_is_zero(q->under, a->context)) return false;
  cancel(a, q);
  return true;
}

/* Where i is cos(u) and j is sin(u): cos^2 = 1 - sin^2. */
static bool use_circle(nd_algebra *a, nd_quotient *q, size_t i, size_t j) {
  nd_quotient value, square;
  nd_quotient_init(&value, a);
  nd_quotient_init(&square, a);
  set_integer(a, &value, 1);
  bool good = set_generator(a, &square, j, 2) && sum(a, &value, &value, &square, true) &&
              lower(a, q, i, 2, &value);
  nd_quotient_clear(&value, a);
  nd_quotient_clear(&square, a);
  return good;
}

static bool is_pair(const nd_algebra *a, size_t i, size_t j) {
  nd_node p = a->list[i].node, q = a->list[j].node;
  return nd_node_op(a->graph, p) == ND_COS && nd_node_op(a->graph, q) == ND_SIN &&
         nd_node_argument(a->graph, p, 0) == nd_node_argument(a->graph, q, 0);
}

bool nd_algebra_reduce(nd_algebra *algebra, nd_quotient *q) {
  bool good = true;
  for (size_t i = algebra->count; i-- > 0 && good;) {
    const generator *g = &algebra->list[i];
    if (g->kind == ROOT) good = lower(algebra, q, i, g->index, &g->radicand);
    for (size_t j = 0; j < algebra->count && good && g->kind == OPAQUE; j++)
      if (is_pair(algebra, i, j)) good = use_circle(algebra, q, i, j);
  }
  return good;
}
