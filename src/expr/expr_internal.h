/* What the files of this folder share: the store behind nd_graph, exact numbers, and parsing with
 * names bound to nodes (the derivative formulas of ops.def). */
#ifndef ND_EXPR_INTERNAL_H
#define ND_EXPR_INTERNAL_H

#include "base/limits.h"
#include "expr/expr.h"
#include "expr/integral.h"

enum {
  ND_EXPONENT_LIMIT = 5000, /* of a decimal exponent of a number */
  ND_MOST_BOUND = 2         /* integrals within one another */
};

/* Where a node was first typed: a piece of one of the graph's texts. text is 0 where it was not. */
typedef struct nd_place {
  uint32_t text, begin, length;
} nd_place;

/* Where a node was typed again, in another text. */
typedef struct nd_again {
  nd_node node;
  nd_place place;
} nd_again;

typedef struct nd_node_data {
  nd_op op;
  nd_type type;
  size_t first, arity; /* arguments in the pool */
  const char *text;    /* of NAME, TEXT_LITERAL, NUMBER (canonical decimal) */
  double number;
  const nadir_constant *constant; /* of a NUMBER that is typed as one alone; else NULL */
  uint32_t bound;  /* as nd_node_bound */
  uint32_t height; /* the bits of the BOUND leaves that integrals in it bind are up to this one */
  nd_place place;
} nd_node_data;

struct nd_graph {
  nd_arena *arena;
  nd_node_data *nodes;
  nd_node *pool;      /* the arguments of all nodes */
  uint32_t *table;    /* open addressing: node number + 1, 0 where empty */
  const char **texts; /* parsed texts; number 0 is unused */
  nd_again *again;
  nd_derivatives *derivatives; /* all that was asked for */
  const nd_until *until;       /* of making nodes; NULL: no limit */
  const char *stems[ND_MOST_BOUND]; /* the name that was first typed for each BOUND leaf */
  size_t unasked;              /* arguments of what was made since it was asked */
  size_t node_count, node_capacity, pool_count, pool_capacity, table_size, text_count,
      text_capacity, again_count, again_capacity;
};

/* A new node of a leaf with text (NAME, TEXT_LITERAL, STAR has ""). */
nadir_status nd_make_text(nd_graph *graph, nd_op op, const char *text, size_t length, nd_node *node,
                          nadir_error *error);
/* A NUMBER from decimal text [-]digits[.digits][e[+-]digits], or the negative of it; fails where it
 * is beyond double. */
nadir_status nd_make_decimal(nd_graph *graph, bool negative, const char *text, size_t length,
                             nd_node *node, nadir_error *error);
nadir_status nd_make2(nd_graph *graph, nd_op op, nd_node a, nd_node b, nd_node *node,
                      nadir_error *error);
bool nd_find2(const nd_graph *graph, nd_op op, nd_node a, nd_node b,
              nd_node *node); /* makes none */
/* reached[n] for all n < size: whether n is under the roots. Caller frees. */
nadir_status nd_reach(const nd_graph *graph, const nd_node *roots, size_t count, bool **reached,
                      nadir_error *error);
/* Simplifies several roots with one memory of what was done. */
nadir_status nd_simplify_all(nd_graph *graph, const nd_node *roots, size_t count, nd_node *results,
                             nadir_error *error);

/* nd_derive of a root that is simplified. */
nadir_status nd_derive_simplified(nd_graph *graph, nd_node root, const nd_node *by, size_t count,
                                  nd_node *derivatives, nadir_error *error);

/* Parses text whose only names are those given, each standing for a node; leaves no places. */
nadir_status nd_parse_bound(nd_graph *graph, const char *text, size_t length,
                            const char *const *names, const nd_node *nodes, size_t count,
                            nd_node *root, nadir_error *error);

/* ---- exact rational numbers (exact.c): n/d in lowest terms, d > 0; false where it does not fit
 * ---- */
typedef struct nd_exact {
  int64_t n, d;
} nd_exact;
bool nd_exact_of(const nd_graph *graph, nd_node node,
                 nd_exact *value); /* false for no NUMBER too */
bool nd_exact_add(nd_exact a, nd_exact b, nd_exact *sum);
bool nd_exact_multiply(nd_exact a, nd_exact b, nd_exact *product);
bool nd_exact_divide(nd_exact a, nd_exact b, nd_exact *quotient); /* false for b = 0 */
bool nd_exact_power(nd_exact a, int64_t exponent, nd_exact *power);
bool nd_exact_compare(nd_exact a, nd_exact b, int *order); /* -1, 0, 1 */
int64_t nd_exact_floor(nd_exact a);
/* The decimal text of a number whose decimal ends; false where it does not. */
bool nd_exact_decimal(nd_exact a, char *buffer, size_t size);
/* Canonical decimal text of a number as typed, or of its negative, into a buffer of length + 32
 * bytes; false where the exponent is beyond ND_EXPONENT_LIMIT. */
bool nd_canonical_decimal(bool negative, const char *text, size_t length, char *buffer);

/* ---- tokens (lex.c) ---- */
typedef enum nd_token_kind {
  ND_END,
  ND_NUMBER_TOKEN,
  ND_NAME_TOKEN,
  ND_QUOTED_NAME,
  ND_CONSTANT_TOKEN,
  ND_STRING,
  ND_PLUS,
  ND_MINUS,
  ND_TIMES,
  ND_OVER,
  ND_POWER,
  ND_OPEN,
  ND_CLOSE,
  ND_OPEN_VECTOR,
  ND_CLOSE_VECTOR,
  ND_COMMA,
  ND_SEMICOLON,
  ND_DOTS,
  ND_TILDE,
  ND_LT,
  ND_LE,
  ND_GT,
  ND_GE,
  ND_EQ,
  ND_NE,
  ND_AND_TOKEN,
  ND_OR_TOKEN,
  ND_NOT_TOKEN
} nd_token_kind;
typedef struct nd_token {
  nd_token_kind kind;
  size_t begin, end;           /* in the text */
  size_t name_end;             /* of a name: before its [element] */
  size_t element, element_end; /* of a name: the digits of its element; both 0 without */
} nd_token;
/* The token at or after `at`. In the errors that it writes, the formula is `text` and called `what`.
 */
nadir_status nd_next_token(const char *what, const char *text, size_t length, size_t at,
                           nd_token *token, nadir_error *error);
bool nd_is_plain_name(const char *name); /* needs no backquotes when written in a formula */

#endif
