/* tell: words. What nadir says of its results, for people, as LaTeX and as JSON, over the public
 * structs of nadir.h alone: it computes nothing, so that a fact has one place where it is found and
 * one sentence where it is told. The public functions named ..._text, ..._name and ..._meaning are
 * defined here.
 *
 *     proof_text.c  nadir_convexity: a verdict in a sentence, a proof as a tree, a witness
 *     expansion.c   nadir_expansion: coefficients, planes, radii
 *     plan.c        nadir_plan and events: method, rate, schedule
 *     json.c        trees of JSON (jansson), for whoever writes such */
#ifndef ND_TELL_H
#define ND_TELL_H

#include <jansson.h>

#include "base/base.h"

/* ---- verdicts ---- */

/* "rules", "hessian", "refutation"; NULL for nothing. */
const char *nd_proof_by_name(nadir_proof_by by);
/* "strictly convex on x > 0, by the rules". */
void nd_tell_verdict(const nadir_convexity *convexity, nd_text *out);
/* "all x", "x > 0", "x + y > 0 and z >= 0". */
void nd_tell_domain(const nadir_convexity *convexity, nd_text *out);

/* ---- what a run does (plan.c) ---- */

const char *nd_method_why_words(nadir_method_why why);
void nd_tell_rate(const nadir_result *result, nd_text *out); /* and how it changed on the way */
void nd_tell_schedule(const nadir_plan *plan, nd_text *out);
void nd_tell_batch(const nadir_plan *plan, nd_text *out); /* "all", or the number of rows */

/* ---- JSON: numbers that may not exist are null, texts that are not UTF-8 are taken as Latin-1.
 * A tree that could not be built is NULL and stays so, so that one look at the end is enough ---- */

json_t *nd_json_number(double value);                        /* null for NaN and infinity */
json_t *nd_json_numbers(const double *values, size_t count); /* a list */
json_t *nd_json_count(uint64_t value);
json_t *nd_json_text(const char *text);                             /* null for NULL */
json_t *nd_json_texts(char *const *texts, size_t count);            /* a list */
json_t *nd_json_witness(const nadir_witness *witness, size_t size); /* null for NULL */
/* Takes value; a NULL value or object makes the object unusable: *object is freed and set to NULL.
 */
void nd_json_put(json_t **object, const char *key, json_t *value);
void nd_json_push(json_t **array, json_t *value);
/* classes, class_one and class_sentence; nothing for NULL. */
void nd_json_put_classes(json_t **object, const nadir_classes *classes);
/* The text of a tree, which is freed; a NULL tree is out of memory. */
nadir_status nd_json_write(json_t *tree, char **text, nadir_error *error);

#endif
