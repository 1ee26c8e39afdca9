/* Parts of JSON objects that several of them have. */
#include "tell/tell.h"

json_t *nd_json_said(nd_text *text) {
  json_t *made = text->failed ? NULL : nd_json_text(nd_text_data(text));
  nd_text_free(text);
  return made;
}

json_t *nd_json_warnings(const nadir_warning *warning, size_t count) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) {
    nd_text said = {0};
    nd_tell_warning(&warning[i], &said);
    nd_json_push(&list, nd_json_said(&said));
  }
  return list;
}

json_t *nd_json_witness(const nadir_witness *w, size_t size) {
  if (!w) return json_null();
  json_t *tree = json_object(), *points = json_array(), *values = json_object(),
         *constants = json_object();
  nd_json_push(&points, nd_json_numbers(w->p, size));
  nd_json_push(&points, nd_json_numbers(w->q, size));
  nd_json_put(&values, "p", nd_json_number(w->at_p));
  nd_json_put(&values, "q", nd_json_number(w->at_q));
  nd_json_put(&values, "between", nd_json_number(w->between));
  nd_json_put(&values, "chord", nd_json_number(w->chord));
  for (size_t i = 0; i < w->constant_count; i++)
    nd_json_put(&constants, w->constant_names[i], nd_json_number(w->constants[i]));
  nd_json_put(&tree, "points", points);
  nd_json_put(&tree, "weight", nd_json_number(w->weight));
  nd_json_put(&tree, "values", values);
  nd_json_put(&tree, "constants", constants);
  nd_json_put(&tree, "leaves_domain", json_boolean(w->leaves_domain));
  return tree;
}

void nd_json_put_classes(json_t **object, const nadir_classes *classes) {
  if (!classes) return;
  json_t *list = json_array();
  for (size_t i = 0; i < classes->count; i++)
    nd_json_push(&list, nd_json_text(classes->name[i]));
  nd_json_put(object, "classes", list);
  nd_json_put(object, "class_one", nd_json_text(classes->one));
  nd_text said = {0};
  nd_tell_classes(classes, &said);
  nd_json_put(object, "class_sentence", nd_json_said(&said));
}
