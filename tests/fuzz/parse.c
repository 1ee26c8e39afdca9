/* Fuzzes the formula language: any text must parse, or fail with a sentence that begins with "formula: " and
 * says where. A fault: a crash; an error without a place; a print that does not read back as the same graph;
 * a print in LaTeX that fails. The first byte chooses between one expression and TARGET ~ MODEL. Good seeds
 * are formulas with a blank in front. */
#include "expr/expr.h"
#include "fuzz.h"

enum { LONGEST_PRINT = 1 << 20 };

static void read_back(nd_graph *graph, nd_node root) {
  nd_text text = {0};
  nd_node again = ND_NO_NODE;
  if (nd_print(graph, root, ND_PLAIN, &text, NULL) == NADIR_OK && text.length < LONGEST_PRINT) {
    nadir_status status = nd_parse(graph, nd_text_data(&text), &again, NULL);
    /* the print of a graph at the limit of depth may have one level of parentheses more */
    require(status == NADIR_BAD_FORMULA || (status == NADIR_OK && again == root),
            "a print reads back as the same graph");
  }
  nd_text_clear(&text);
  require(nd_print(graph, root, ND_LATEX, &text, NULL) == NADIR_OK, "what parses prints as LaTeX");
  nd_text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_feed feed = {data, size};
  nd_graph *graph = NULL;
  nd_node target, root;
  nadir_error error = {0};
  bool fit = fuzz_byte(&feed) % 2 != 0;
  char *text = nd_copy_text((const char *)feed.data, feed.size, NULL);
  if (text == NULL || nd_graph_new(&graph, NULL) != NADIR_OK) abort();
  nadir_status status = fit ? nd_parse_fit(graph, text, &target, &root, &error)
                            : nd_parse(graph, text, &root, &error);
  if (status == NADIR_OK) {
    read_back(graph, root);
  } else {
    require(status == NADIR_BAD_FORMULA, "a formula is what is wrong");
    require(strncmp(error.message, "formula: ", 9) == 0, "an error says that it is in the formula");
    require_sentence(&error);
  }
  nd_graph_free(graph);
  nd_free(text);
  return 0;
}
