/* Every allocation, and every piece of memory cut from one, is refused in turn while a model is bound to a table: heads,
 * stars and ranges, classes, losses that are typed, units, filters, starts. Built with NADIR_FAULTS alone. */
#include "../fitting.h"
#include "../walk.h"

static const char text[] = "dist,flux,Mag,type,flag,c1,c2,c3,y,id\n"
                           "1,2,3,STAR,true,1,2,3,1,9007199254740993\n"
                           "2,3,5,QSO,false,4,5,7,4,2\n"
                           "3,5,8,GALAXY,true,7,8,1,9,3\n"
                           "4,1,9,QSO,true,7,8,1,16,9007199254740992\n";

typedef struct bound {
  fitting *fit;
  const char *formula;
} bound;

static nadir_status bind(void *context, nadir_error *error) {
  const bound *b = context;
  nd_teller teller = {0};
  nd_model *model = NULL;
  nadir_status status =
      nd_model_new(&model, b->fit->table, b->formula, b->fit->settings, &teller, error);
  assert_true((model != NULL) == (status == NADIR_OK));
  if (status == NADIR_OK) {
    double *w = nd_new(model->size, sizeof *w, error);
    if (w == NULL) status = NADIR_NO_MEMORY;
    if (w != NULL) nd_model_start(model, b->fit->settings, w);
    nd_free(w);
  }
  nd_model_free(model);
  nd_teller_free(&teller);
  return status;
}

static void walk_model(const char *formula, const char *const *pairs) {
  fitting fit;
  open_text(&fit, text, pairs);
  bound b = {&fit, formula};
  assert_true(walk_memory(bind, &b) > 40);
  fit_free(&fit);
}
#define PAIRS(...) ((const char *[]){__VA_ARGS__, NULL})

static void binding(void **state) {
  (void)state;
  walk_model("y ~ linear(dist, log(flux), c1..c3, *)",
             PAIRS("where", "Mag > 2 and type != \"X\"", "weight", "c1"));
  walk_model("type ~ softmax(3; dist, flux^2)", NULL);
  walk_model("flag ~ linear(dist, flux)", PAIRS("loss", "logistic", "scale", "none"));
  walk_model("y ~ poly(dist, 3)", PAIRS("unit", "y=km/s,dist=Mpc"));
  walk_model("y ~ a*exp(-dist/h) + c/(1 + flux^k)", PAIRS("unit", "y=km/s,dist=Mpc,flux=Jy"));
  walk_model("y ~ a*(dist + flux)", PAIRS("unit", "dist=Mpc,flux=erg cm-2"));
  walk_model("log(y) ~ a*dist^b + exp(-flux/c)",
             PAIRS("start", "a=1,b=2,c=3", "sigma", "c1 + 2", "l2", "0.1"));
  walk_model("y ~ a*dist + b", PAIRS("loss", "abs(y - f)/c1 + 0.1*(y - f)^2", "no-penalty", "b"));
  walk_model("y ~ linear(type == \"QSO\", id == 9007199254740993)", PAIRS("missing", "mean"));
  walk_model("type == \"QSO\" ~ linear(dist)", NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(binding)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
