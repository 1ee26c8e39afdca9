# The Union2.1 supernovae (Suzuki et al. 2012) in a flat universe, by the integral as a textbook has it.
union=$SOURCE/../shared/data/astro/SCPUnion2.1_mu_vs_z.txt
[ -f "$union" ] || skip "the table of the supernovae is not there"
nadir fit "$union" 'mu ~ 5*log10((1 + z)*integral(1/sqrt(Om*(1 + x)^3 + 1 - Om), x, 0, z)) + M' \
  --names name,z,mu,err,p --sigma err --start Om=0.3,M=43 >union.txt
expect "Omega_m is 0.278 +- 0.019" grep -q '^Om  *0\.278  0\.019' union.txt
expect "chi2 is 562.23" grep -q '^chi2  *562\.22[67] for 578' union.txt
expect "at a minimum" grep -q '^point  *minimum, strict' union.txt
