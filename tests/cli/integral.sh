# Integrals and series in formulas: a model that is typed as in a textbook, derivatives, proofs, and what is refused.
steady minimize '(integral(exp(-p*t^2), t, 0, 1) - 1/2)^2' --start p=1
run minimize 'integral(exp(-p*x)*q, x, q, integral(x*p, x, 0, q))' --start p=1,q=1 --show-gradient
run minimize 'integral(1/sqrt(a*(1 + x)^3 + 1 - a), x, 0, 1) + series(a^k/k, k, 1, 4)' --show-gradient --latex
run convex 'integral(exp(x*p), x, 0, 1)' --box p=-1:1
run convex 'integral(log(x + p), x, 0, 1)'
run minimize 'integral(abs(x - a), x, 0, 1)' --start a=0.3
run minimize 'integral(x, 2, 0, 1)'
run minimize 'integral(x, x, 0)'
run minimize 'integral x'
run minimize 'series(a*k, k, 1, a)'
run minimize 'integrals(x, x, 0, 1)'
nadir minimize "$(awk 'BEGIN { for (i = 0; i < 1001; i++) printf "%sseries(k*a, k, 1, 2)", i ? " + " : "" }')" 2>&1 | head -n 1
nadir minimize 'series(series(series(a*i*j*k, i, 1, 1000), j, 1, 1000), k, 1, 1000)' 2>&1 | head -n 1
# A flat universe: distances with a matter density of 0.3, found again; columns named in the integrand and as a limit.
cat >sky.csv <<END
z,mu
0.01,33.016705066344
0.05,36.575977079944
0.1,38.156591259823
0.2,39.797667481598
0.4,41.525850416912
0.7,42.988282484701
1.0,43.941624340975
1.5,45.03043866825
END
model='mu ~ 5*log10((1 + z)*integral(1/sqrt(Om*(1 + x)^3 + 1 - Om), x, 0, z)) + M'
nadir fit sky.csv "$model" --start Om=0.5,M=40 --json -o m.json >fit.json
fields point status <fit.json
expect "a matter density of 0.3" [ "$(sed -n '/"name": "Om"/{n;p;}' fit.json | grep -c -e '0\.3000000000' -e '0\.29999999999')" = 1 ]
nadir predict m.json sky.csv | sed -n '1p;3p' | cut -d , -f 1-3 | cut -c 1-40
run taylor 'integral(1/x, x, 1, b)' --at b=2
