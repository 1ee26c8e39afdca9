/* Facts as typed: "y in {-1, 1}", "x >= 0", "0 < x <= 2", "x in [0, 5)" and boxes "x=-2:2,y=0:5".
 * Numbers stay text, for they are exact decimals; the texts are names in the graph's arena. Costs
 * one pass over the text. Forbidden: a number that is silently rounded. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "theory/rules_internal.h"

typedef struct reader {
  nd_graph *graph;
  const char *text, *at;
  nadir_error *error;
  const char *right; /* how it may be written */
  int infinite;      /* the sign of the last number, where that was an infinity */
} reader;

static const char FACTS[] = "\"x >= 0\", \"0 < x <= 2\", \"x in [0, 5)\" or \"y in {-1, 1}\"",
                  BOX[] = "\"x=-2:2\", or \"x=-2:2,y=0:5\" for two";

static void skip_blanks(reader *in) {
  while (*in->at == ' ' || *in->at == '\t')
    in->at++;
}

static bool take(reader *in, const char *word) {
  skip_blanks(in);
  if (strncmp(in->at, word, strlen(word)) != 0) return false;
  in->at += strlen(word);
  return true;
}

static nadir_status wrong(const reader *in, const char *what) {
  return nd_fail_at(in->error, NADIR_BAD_FORMULA, in->text, (size_t)(in->at - in->text),
                    "'%s': %s: write %s", in->text, what, in->right);
}

/* A copy that lives as long as the graph. */
static nadir_status keep(reader *in, const char *begin, size_t length, const char **kept) {
  char *copy = nd_graph_take(in->graph, length + 1, in->error);
  if (copy == NULL) return NADIR_NO_MEMORY;
  memcpy(copy, begin, length);
  *kept = copy;
  return NADIR_OK;
}

static bool is_name_character(char c, bool first) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0 ||
         (!first && ((c >= '0' && c <= '9') || c == '[' || c == ']'));
}

/* A decimal; *number is NULL for an infinity. */
static nadir_status read_number(reader *in, const char **number, bool *is_number) {
  double near;
  fmpq_t value;
  skip_blanks(in);
  const char *begin = in->at, *end = begin;
  *number = NULL;
  *is_number = false;
  if (*end == '+' || *end == '-') end++;
  if (strncmp(end, "inf", 3) == 0 && (end[3] == ']' || !is_name_character(end[3], false))) {
    in->at = end + 3;
    in->infinite = *begin == '-' ? -1 : 1;
    *is_number = true;
    return NADIR_OK;
  }
  while ((*end >= '0' && *end <= '9') || *end == '.')
    end++;
  if (end == begin || (end == begin + 1 && !(*begin >= '0' && *begin <= '9'))) return NADIR_OK;
  if (*end == 'e' || *end == 'E') {
    const char *exponent = end + 1;
    if (*exponent == '+' || *exponent == '-') exponent++;
    if (*exponent >= '0' && *exponent <= '9') end = exponent;
    while (*end >= '0' && *end <= '9')
      end++;
  }
  ND_TRY(keep(in, begin + (*begin == '+'), (size_t)(end - begin) - (*begin == '+'), number));
  fmpq_init(value);
  nd_read_number(*number, *number + strlen(*number), &near);
  *is_number = nd_read_decimal(*number, value) && isfinite(near);
  fmpq_clear(value);
  if (!*is_number) return wrong(in, "this number is too large, or none");
  in->at = end;
  return NADIR_OK;
}

static nadir_status read_name(reader *in, nd_node *name) {
  skip_blanks(in);
  const char *begin = in->at, *end = begin;
  bool quoted = *begin == '`';
  if (quoted) {
    end = strchr(++begin, '`');
    if (end == NULL) return wrong(in, "a backquote is not closed");
  } else {
    while (is_name_character(*end, end == begin))
      end++;
  }
  if (end == begin) return wrong(in, "expected a name");
  const char *kept;
  ND_TRY(keep(in, begin, (size_t)(end - begin), &kept));
  in->at = end + quoted;
  return nd_make_name(in->graph, kept, name, in->error);
}

/* <, <=, >, >=, = or == ; `down` for > and >= */
static bool read_relation(reader *in, bool *down, bool *open, bool *equal) {
  *equal = *down = *open = false;
  if (take(in, "<=") || take(in, ">=")) {
    *down = in->at[-2] == '>';
    return true;
  }
  if (take(in, "<") || take(in, ">")) {
    *down = in->at[-1] == '>';
    *open = true;
    return true;
  }
  *equal = take(in, "==") || take(in, "=");
  return *equal;
}

static nadir_status set_low(const reader *in, nd_range *range, const char *number, bool open) {
  if (number == NULL && in->infinite > 0) return wrong(in, "no number is in this range");
  range->low = number;
  range->low_open = open || number == NULL;
  return NADIR_OK;
}

static nadir_status set_high(const reader *in, nd_range *range, const char *number, bool open) {
  if (number == NULL && in->infinite < 0) return wrong(in, "no number is in this range");
  range->high = number;
  range->high_open = open || number == NULL;
  return NADIR_OK;
}

/* After the name: a relation and a number. */
static nadir_status read_bound(reader *in, nd_range *range) {
  bool down, open, equal, is_number;
  const char *number;
  if (!read_relation(in, &down, &open, &equal)) return wrong(in, "expected a relation");
  ND_TRY(read_number(in, &number, &is_number));
  if (!is_number) return wrong(in, "expected a number");
  if (equal && number == NULL) return wrong(in, "infinity is not a value");
  if (down || equal) ND_TRY(set_low(in, range, number, open));
  return down ? NADIR_OK : set_high(in, range, number, open);
}

static nadir_status too_many(const reader *in) {
  char what[64];
  snprintf(what, sizeof what, "at most %d values may be listed", ND_LIMIT_VALUES);
  return wrong(in, what);
}

static nadir_status read_list(reader *in, nd_range *range) {
  const char *numbers[ND_LIMIT_VALUES];
  size_t count = 0;
  bool is_number;
  do {
    if (count == ND_COUNT(numbers)) return too_many(in);
    ND_TRY(read_number(in, &numbers[count], &is_number));
    if (!is_number || numbers[count] == NULL) return wrong(in, "expected a number");
    count++;
  } while (take(in, ","));
  if (!take(in, "}")) return wrong(in, "expected }");
  const char **values = nd_graph_take(in->graph, count * sizeof *values, in->error);
  if (values == NULL) return NADIR_NO_MEMORY;
  memcpy((void *)values, (const void *)numbers, count * sizeof *values);
  range->values = values;
  range->count = count;
  return NADIR_OK;
}

static nadir_status read_interval(reader *in, nd_range *range, bool open) {
  const char *number;
  bool is_number;
  ND_TRY(read_number(in, &number, &is_number));
  if (!is_number) return wrong(in, "expected a number");
  ND_TRY(set_low(in, range, number, open));
  if (!take(in, ",")) return wrong(in, "expected a comma");
  ND_TRY(read_number(in, &number, &is_number));
  if (!is_number) return wrong(in, "expected a number");
  bool closes_open = take(in, ")");
  if (!closes_open && !take(in, "]")) return wrong(in, "expected ] or )");
  return set_high(in, range, number, closes_open);
}

/* 0 < x <= 2: the number comes before the name. */
static nadir_status read_left_bound(reader *in, const char *number, nd_range *range) {
  bool down, open, equal;
  if (!read_relation(in, &down, &open, &equal)) return wrong(in, "expected a relation");
  if (equal && number == NULL) return wrong(in, "infinity is not a value");
  if (!down || equal) ND_TRY(set_low(in, range, number, open));
  return down || equal ? set_high(in, range, number, open) : NADIR_OK;
}

static int compare_numbers(const char *a, const char *b) {
  fmpq_t p, q;
  fmpq_init(p);
  fmpq_init(q);
  nd_read_decimal(a, p);
  nd_read_decimal(b, q);
  int order = fmpq_cmp(p, q);
  fmpq_clear(p);
  fmpq_clear(q);
  return order;
}

static nadir_status check_range(const reader *in, const nd_range *range) {
  if (range->low == NULL || range->high == NULL) return NADIR_OK;
  int order = compare_numbers(range->low, range->high);
  if (order > 0 || (order == 0 && (range->low_open || range->high_open)))
    return wrong(in, "no number is in this range");
  return NADIR_OK;
}

static bool take_in(reader *in) {
  skip_blanks(in);
  if (strncmp(in->at, "in", 2) != 0 || is_name_character(in->at[2], false)) return false;
  in->at += 2;
  return true;
}

static nadir_status read_set(reader *in, nd_range *range) {
  if (take(in, "{")) return read_list(in, range);
  if (take(in, "[")) return read_interval(in, range, false);
  if (take(in, "(")) return read_interval(in, range, true);
  return wrong(in, "expected {, [ or (");
}

static nadir_status read_fact(reader *in, nd_fact *fact) {
  const char *number;
  bool is_number;
  fact->range = (nd_range){.low_open = true, .high_open = true};
  ND_TRY(read_number(in, &number, &is_number));
  if (is_number) ND_TRY(read_left_bound(in, number, &fact->range));
  /* the number comes first, so its relation is read the other way round */
  ND_TRY(read_name(in, &fact->name));
  if (!is_number && take_in(in))
    ND_TRY(read_set(in, &fact->range));
  else if (skip_blanks(in), !is_number || *in->at != '\0')
    ND_TRY(read_bound(in, &fact->range));
  skip_blanks(in);
  if (*in->at != '\0') return wrong(in, "unexpected text at the end");
  return check_range(in, &fact->range);
}

nadir_status nd_fact_read(nd_graph *graph, const char *text, nd_fact *fact, nadir_error *error) {
  reader in = {.graph = graph, .text = text, .at = text, .error = error, .right = FACTS};
  nadir_status status = read_fact(&in, fact);
  nd_give_back();
  return status;
}

static nadir_status read_side(reader *in, nd_fact *fact) {
  const char *number;
  bool is_number;
  fact->range = (nd_range){.low_open = true, .high_open = true};
  ND_TRY(read_name(in, &fact->name));
  if (!take(in, "=")) return wrong(in, "expected =");
  ND_TRY(read_number(in, &number, &is_number));
  if (!is_number) return wrong(in, "expected a number");
  ND_TRY(set_low(in, &fact->range, number, false));
  if (!take(in, ":")) return wrong(in, "expected a colon");
  ND_TRY(read_number(in, &number, &is_number));
  if (!is_number) return wrong(in, "expected a number");
  ND_TRY(set_high(in, &fact->range, number, false));
  return check_range(in, &fact->range);
}

nadir_status nd_box_read(nd_graph *graph, const char *text, nd_fact **facts, size_t *count,
                         nadir_error *error) {
  reader in = {.graph = graph, .text = text, .at = text, .error = error, .right = BOX};
  size_t capacity = 0;
  nadir_status status;
  *facts = NULL;
  *count = 0;
  do {
    status = nd_grow(facts, &capacity, *count + 1, sizeof **facts, error);
    if (status == NADIR_OK) status = read_side(&in, &(*facts)[(*count)++]);
  } while (status == NADIR_OK && take(&in, ","));
  skip_blanks(&in);
  if (status == NADIR_OK && *in.at != '\0') status = wrong(&in, "unexpected text at the end");
  if (status != NADIR_OK) {
    nd_free(*facts);
    *facts = NULL;
    *count = 0;
  }
  nd_give_back();
  return status;
}

/* ---- ranges of doubles ---- */

static nadir_status write_end(nd_graph *graph, double end, nd_toward outward, const char **text,
                              nadir_error *error) {
  *text = NULL;
  if (isinf(end)) return NADIR_OK;
  char *made = nd_graph_take(graph, ND_NUMBER_TEXT, error);
  if (made == NULL) return NADIR_NO_MEMORY;
  *text = nd_format_bound(end, outward, 17, made);
  return NADIR_OK;
}

nadir_status nd_range_of_doubles(nd_graph *graph, double low, double high, nd_range *range,
                                 nadir_error *error) {
  *range = (nd_range){.low_open = isinf(low), .high_open = isinf(high)};
  ND_TRY(write_end(graph, low, ND_DOWN, &range->low, error));
  return write_end(graph, high, ND_UP, &range->high, error);
}

/* ---- ranges as intervals ---- */

static void bound_of(const char *text, bool upwards, double *end) {
  fmpq_t value;
  if (text == NULL) return;
  fmpq_init(value);
  nd_read_decimal(text, value); /* as it was when the range was made */
  *end = nd_rational_end(value, upwards);
  fmpq_clear(value);
}

nadir_status nd_interval_of_range(const nd_range *range, nd_interval *interval,
                                  nadir_error *error) {
  (void)error;
  *interval = nd_everything();
  if (range->count > 0) {
    interval->low_open = interval->high_open = false;
    bool zero = false;
    for (size_t i = 0; i < range->count; i++) {
      double low = -INFINITY, high = INFINITY;
      bound_of(range->values[i], false, &low);
      bound_of(range->values[i], true, &high);
      zero = zero || (low <= 0 && high >= 0);
      if (i == 0 || low < interval->low) interval->low = low;
      if (i == 0 || high > interval->high) interval->high = high;
    }
    interval->never_zero = !zero;
    return NADIR_OK;
  }
  bound_of(range->low, false, &interval->low);
  bound_of(range->high, true, &interval->high);
  interval->low_open = isinf(interval->low) || range->low_open;
  interval->high_open = isinf(interval->high) || range->high_open;
  return NADIR_OK;
}
