/* Fuzzes the formula language: any text must parse or fail with a sentence, and what parses must
 * simplify, derive and print, and read back from its print as the same graph. The first byte
 * chooses between one expression and TARGET ~ MODEL. For libFuzzer: clang
 * -fsanitize=fuzzer,address,undefined. */
#include <stdlib.h>
#include <string.h>

#include "expr/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* abort is how a fuzz target says that a promise is broken */
static void require(bool holds) {
  if (!holds) abort();
}

static void read_back(nd_graph *graph, nd_node root) {
  nd_text text = {0};
  nd_node again = ND_NO_NODE;
  if (nd_print(graph, root, ND_PLAIN, &text, NULL) == NADIR_OK && text.length < 1 << 20) {
    nadir_status status = nd_parse(graph, nd_text_data(&text), &again, NULL);
    /* the print of a graph at the limit of depth may have one level of parentheses more */
    require(status == NADIR_BAD_FORMULA || (status == NADIR_OK && again == root));
  }
  nd_text_free(&text);
}

static void derive_all(nd_graph *graph, nd_node root) {
  nd_node *names = NULL, *derivatives = NULL;
  size_t count = 0;
  nd_text text = {0};
  require(nd_names(graph, &root, 1, &names, &count, NULL) == NADIR_OK);
  derivatives = calloc(count + 1, sizeof *derivatives);
  if (derivatives != NULL && nd_derive(graph, root, names, count, derivatives, NULL) == NADIR_OK) {
    for (size_t i = 0; i < count && i < 4; i++)
      nd_print(graph, derivatives[i], ND_LATEX, &text, NULL);
    double *values = calloc(nd_graph_size(graph), sizeof *values);
    if (values != NULL) nd_evaluate(graph, derivatives, count, values, NULL);
    free(values);
  }
  nd_text_free(&text);
  free(derivatives);
  nd_free(names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  nd_graph *graph = NULL;
  nd_node target, root;
  nadir_error error;
  if (size == 0) return 0;
  char *text = nd_copy_text((const char *)data + 1, size - 1, NULL);
  if (text == NULL || nd_graph_new(&graph, NULL) != NADIR_OK) return 0;
  nadir_status status = data[0] % 2 == 0 ? nd_parse(graph, text, &root, &error)
                                         : nd_parse_fit(graph, text, &target, &root, &error);
  if (status == NADIR_OK) {
    read_back(graph, root);
    derive_all(graph, root);
  } else {
    require(status == NADIR_BAD_FORMULA && strncmp(error.message, "formula: ", 9) == 0);
  }
  nd_graph_free(graph);
  nd_free(text);
  return 0;
}
