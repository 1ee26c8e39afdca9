/* What parse.c and call.c share: the state of a parse, and values under way on its stack. */
#ifndef ND_PARSE_INTERNAL_H
#define ND_PARSE_INTERNAL_H

#include "expr/expr_internal.h"

typedef struct nd_value {
  size_t start, count; /* on the stack */
  size_t begin;        /* in the text */
  bool vector;
} nd_value;

typedef struct nd_parser {
  nd_graph *graph;
  const char *what, *text;
  size_t length;
  uint32_t text_number; /* 0: leaves no places */
  bool in_vector;       /* an element of a vector has no place of its own */
  nd_token now;
  size_t last_begin, last_end; /* of the token before */
  size_t depth, nodes_before, bound_calls; /* bound_calls: of integral and series */
  uintptr_t stack_floor; /* asked for where a formula is deep */
  nd_node *stack;
  size_t stack_count, stack_capacity;
  const char *const *names; /* of a bound formula, with their nodes */
  const nd_node *bound;
  size_t bound_count;
  nadir_error *error;
} nd_parser;

enum { ND_MOST_FIXED = 4 };

/* What makes one element of the result from one of each argument. */
typedef nadir_status nd_combine(nd_parser *p, const void *context, const nd_node *arguments,
                                size_t count, size_t begin, nd_node *node);

#define FAIL_AT(p, at, ...) nd_parser_fail(p, at, __VA_ARGS__)

/* ---- parse.c ---- */
nadir_status nd_parser_fail(const nd_parser *p, size_t at, const char *format, ...) ND_PRINTF(3, 4);
nadir_status nd_parser_advance(nd_parser *p);
nadir_status nd_parser_unexpected(nd_parser *p, const char *wanted);
nadir_status nd_parser_expect(nd_parser *p, nd_token_kind kind, const char *wanted);
nadir_status nd_parser_push_scalar(nd_parser *p, size_t begin, nd_node node, nd_value *result);
nadir_status nd_parser_set_place(nd_parser *p, nd_node node, size_t begin);
nadir_status nd_parser_make(nd_parser *p, nd_op op, const nd_node *arguments, size_t count,
                            size_t begin, nd_node *node);
/* Replaces the topmost `count` nodes, from `start` on, by the operator over them. */
nadir_status nd_parser_reduce(nd_parser *p, nd_op op, size_t start, size_t count, size_t begin);
nadir_status nd_parser_elementwise(nd_parser *p, nd_combine *how, const void *context,
                                   const nd_value *arguments, size_t count, nd_value *result);
nadir_status nd_parser_apply(nd_parser *p, nd_op op, const nd_value *arguments, size_t count,
                             nd_value *result);
/* The name of a token into the graph's memory: without backquotes, the element as [3]. */
nadir_status nd_parser_name_text(nd_parser *p, const nd_token *token, char **name, size_t *length);
nadir_status nd_parse_expression(nd_parser *p, nd_value *result);
nadir_status nd_parse_sign(nd_parser *p, nd_value *result);

/* ---- integral.c: calls that bind a name, integral and series ---- */
const char *nd_parser_bound_usage(const nd_parser *p,
                                  const nd_token *name); /* NULL: none of them */
nadir_status nd_parse_bound_call(nd_parser *p, const nd_token *name, nd_value *result);

/* ---- texts.c: calls with a quoted text, hms, dms and jd ---- */
const char *nd_parser_text_usage(const nd_parser *p, const nd_token *name); /* NULL: none of them */
nadir_status nd_parse_text_call(nd_parser *p, const nd_token *name, nd_value *result);

/* ---- call.c ---- */
/* Where the token before this one is the name of a function, how the function is written; else
 * NULL. */
const char *nd_parser_usage_of_last(const nd_parser *p);
nadir_status nd_parse_call(nd_parser *p, const nd_token *name, nd_value *result);
nadir_status nd_parse_head(nd_parser *p, nd_op op, size_t begin, nd_value *result);

#endif
