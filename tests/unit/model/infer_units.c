/* Units carried through formulas: those of parameters, and what is told where two do not agree. */
#include "../fitting.h"

static const char text[] = "t,v,w,x,f,d,m,c,s,z\n"
                           "1,2,3,4,5,1,2,3,1,0.1\n"
                           "2,3,5,7,8,2,3,4,0,0.2\n"
                           "3,5,8,9,9,3,1,5,1,0.3\n"
                           "4,1,9,5,16,4,4,1,0,0.4\n";
/* z has none */
static const char units[] = "t=d,v=km/s,w=m/s,x=Angstrom,f=Jy,d=Mpc,m=mag,c=deg,s=arcsec";

/* "H0: km s-1 Mpc-1; c: km/s" of the parameters that have one; what is told in the end. */
static void found(const char *formula, const char *const *more, const char *wanted) {
  const char *pairs[12] = {"unit", units};
  for (size_t i = 0; more != NULL && more[i] != NULL; i++) {
    pairs[2 + i] = more[i];
    pairs[3 + i] = NULL;
  }
  fitting fit;
  nd_text all = {0};
  open_text(&fit, text, pairs);
  must(nd_model_new(&fit.model, fit.table, formula, fit.settings, &fit.teller, &fit.error),
       &fit.error);
  for (size_t i = 0; i < fit.model->size; i++) {
    const nd_model_parameter *p = &fit.model->parameters[i];
    if (*p->unit) nd_text_print(&all, "%s%s: %s", all.length ? "; " : "", p->name, p->unit);
  }
  for (size_t i = 0; i < fit.teller.warned.count; i++) {
    const nadir_warning *w = &fit.teller.warned.warning[i];
    nd_text_print(&all, "! %d %s [%s]", (int)(w->kind - NADIR_WARN_UNITS_ADDED), w->expression,
                  w->unit);
    if (w->other) nd_text_print(&all, ", %s [%s]", w->other, w->other_unit);
    if (w->function) nd_text_print(&all, " of %s", w->function);
    if (w->number != 0) nd_text_print(&all, " %g", w->number);
  }
  if (strcmp(nd_text_data(&all), wanted) != 0) fail_msg("%s: %s", formula, nd_text_data(&all));
  nd_text_free(&all);
  fit_free(&fit);
}
#define WITH(...) ((const char *[]){__VA_ARGS__, NULL})

static void parameters(void **state) {
  (void)state;
  found("v ~ H0*d", NULL, "H0: km s-1 Mpc-1");
  found("v ~ a*d + c0", NULL, "a: km s-1 Mpc-1; c0: km/s");
  found("f ~ a*exp(-(x - mu)^2/(2*sig^2)) + c0", NULL,
        "a: Jy; mu: Angstrom; sig: Angstrom; c0: Jy");
  found("f ~ a*gauss(x, mu, sig)", NULL, "a: Jy; mu: Angstrom; sig: Angstrom");
  found("f ~ a*lorentz(x, mu, g)", NULL, "a: Jy; mu: Angstrom; g: Angstrom");
  found("f ~ a*voigt(x, mu, sig, g)", NULL,
        "a: Jy Angstrom; mu: Angstrom; sig: Angstrom; g: Angstrom");
  found("w ~ v0 + K*sin(2*pi*(t - 2450000)/P + phase)", NULL, "v0: m/s; K: m/s; P: d");
  found("w ~ K*sin(6.2832*t/P)", NULL, "K: m/s; P: d"); /* a number that is no unit's */
  found("v ~ sqrt(v*abs(v) + ml*v^2 + 1.4*ml*v^2 + vh^2*(1 - rc/d*atan(d/rc)))", NULL,
        "vh: km/s; rc: Mpc");
  found("f ~ planck(x, temp)", WITH("unit", "f=W m-2 Hz-1 sr-1,x=Hz"), "temp: K");
  found("f ~ planck(100*const.c*x, temp)*1e20", WITH("unit", "f=MJy/sr,x=cm-1"), "temp: K");
  found("v ~ sqrt(const.G*mass/d)", WITH("unit", "v=m/s,d=m"), "mass: kg");
  found("m ~ m0 - 2.5*log10(sersic(d, 1, re, n))", NULL, "m0: mag; re: Mpc");
  found("f ~ a*(x/x0)^g", NULL, "a: Jy; x0: Angstrom");
  found("f ~ a*(x/x0)^g", WITH("fix", "x0=2"), "a: Jy"); /* x0 still has a unit */
  found("f ~ a/(1 + b*x)", NULL, "a: Jy; b: Angstrom-1");
  found("f ~ a*log(x/b)", NULL, "a: Jy; b: Angstrom");
  found("f ~ a + b*fold(t, P)", NULL, "a: Jy; b: Jy; P: d");
  found("f ~ a*x^(3/2) + b*sqrt(x) + c0*cbrt(x)", NULL,
        "a: Jy Angstrom**(-3/2); b: Jy Angstrom**(-1/2); c0: Jy Angstrom**(-1/3)");
  found("f ~ if(t < t0, a, b*t)", NULL, "t0: d; a: Jy; b: Jy d-1");
  found("f ~ max(a, b*t) + huber(k*t, q)", NULL,
        "a: Jy; b: Jy d-1; k: Jy**(1/2) d-1; q: Jy**(1/2)");
  found("f ~ a*x*z + b", NULL, "b: Jy"); /* z has no unit, and so a none */
  found("f ~ a*b*x", NULL, "");          /* neither alone is settled */
  found("f > 6 ~ a + b*x", WITH("loss", "logistic"), "b: Angstrom-1");
  found("f ~ a + b*x", WITH("loss", "abs(y - f)"), "");
  found("f ~ a + b*x", WITH("scatter", "jitter"), "a: Jy; b: Jy Angstrom-1; jitter: Jy");
  found("f ~ a + b*x", WITH("unit", "f=widget,x=my gadget"), "a: widget");
  found("f ~ a + b*x", WITH("unit", "f=10**(-17) erg/s/cm2,x=nm"),
        "a: 10**(-17) erg/s/cm2; b: 10**-17 erg s-1 cm-2 nm-1");
}

/* What people write, and mean. */
static void silence(void **state) {
  (void)state;
  found("f ~ a + exp(-z)", NULL, "a: Jy");
  found("m ~ a - 2.5*log10(f)", NULL, "a: mag");
  found("f ~ a*10^(-0.4*m)", NULL, "a: Jy");
  found("f ~ a*exp(-x/12.5)", NULL, "a: Jy");
  found("f ~ a + 12.398/x", NULL, "a: Jy");
  found("f ~ a*x^g", NULL, "");
  found("v ~ a + w/1000", NULL, "a: km/s");
  found("w ~ a + 1000*v", NULL, "a: m/s");
  found("t ~ a + c/360", NULL, "a: d");
  found("f ~ a*sin(radians(c))", NULL, "a: Jy");
  found("f ~ a*(t > 2) + b*(s == 1)", NULL, "a: Jy; b: Jy");
  found("f ~ a*exp(-x)", WITH("unit", "f=Jy,x=A"), "a: Jy"); /* ampere or angstrom */
  found("f ~ a + x", WITH("unit", "f=Jy,x=BJD - 2454833"), "a: Jy");
  found("v ~ const.c*z + a", NULL, "a: km/s"); /* z has no unit */
  found("f ~ a*299792458/x", NULL, "");        /* c, or a number */
}

static void mismatches(void **state) {
  (void)state;
  found("v ~ a + d", NULL, "! 1 v [km/s], a + d [Mpc]");
  found("v ~ a*(d + x)", WITH("unit", "v=km/s,d=Mpc,x=K"), "! 0 d [Mpc], x [K]");
  found("f ~ a*exp(-x)", NULL, "! 3 -x [Angstrom] of exp");
  found("f ~ a*2^x", NULL, "! 3 x [Angstrom] of ^");
  found("f ~ a*sin(c)", NULL, "! 4 c [deg] of sin");
  found("f ~ a*(c - s)", NULL, "! 2 c [deg], s [arcsec] 3600");
  found("v ~ a + w", NULL, "! 2 v [km/s], a + w [m/s] 1000");
  found("f ~ if(t < d, a, b)", NULL, "! 1 t [d], d [Mpc]");
  found("f ~ a*norm2(t, d)", NULL, "! 0 t [d], d [Mpc]");
  found("m ~ a + b*(m - f)", NULL, "! 0 m [mag], f [Jy]");
  found("m ~ a*(m - c)", NULL, "! 0 m [mag], c [deg]");
  found("f ~ a + b*x", WITH("sigma", "m"), "! 1 f [Jy], m [mag]");
  found("v ~ const.c*(d/d)*a + const.c", NULL,
        "! 2 v [km/s], const.c*(d/d)*a + const.c [m s-1] 1000");
  found("f ~ linear(t - d)", NULL, "b: Jy! 0 t [d], d [Mpc]");
  found("f ~ a*exp(-x) + b*sin(c)", NULL, "! 3 -x [Angstrom] of exp"); /* the first alone */
}

/* What is long is gone through; beyond small exponents, and with very much work, nothing is said. */
static void large(void **state) {
  (void)state;
  found("f ~ a*x^900*x^900 + b*(d + x)", NULL, "");
  nd_text formula = {0};
  nd_text_append(&formula, "f ~ a0*x");
  for (int i = 1; i < 400; i++) {
    nd_text_print(&formula, " + (a0");
    for (int k = 1; k < 400; k++)
      nd_text_print(&formula, "*a%d", k);
    nd_text_print(&formula, ")*%d", i + 2);
  }
  assert_false(formula.failed);
  fitting fit;
  open_text(&fit, text, WITH("unit", units));
  must(nd_model_new(&fit.model, fit.table, nd_text_data(&formula), fit.settings, &fit.teller,
                    &fit.error),
       &fit.error);
  assert_int_equal(fit.teller.warned.count, 0);
  assert_string_equal(fit.model->parameters[399].unit, "");
  nd_text_free(&formula);
  fit_free(&fit);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(parameters), cmocka_unit_test(silence),
                                     cmocka_unit_test(mismatches), cmocka_unit_test(large)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
