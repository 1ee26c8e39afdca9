# Columns of a table.
run info hubble1929.csv
run info hubble1929.csv --where 'distance > 1' --memory 0.5K --json
printf 'mag,flag\n20.5,1\n-99,0\n21.5,1\n-99,1\n' >odd.csv
run info odd.csv
run info odd.csv --null -99
printf 'a b;\033[31mred\n1;2\n' >names.csv
run info names.csv
# quartiles of 0 .. n-1 by sorting one chunk and by passes over several; groups of columns
for n in 4000 5000; do
  awk -v n=$n 'BEGIN { print "v,odd"; for (i = 0; i < n; i++) print i * 1237 % n "," (i % 2 ? i : "") }' >many.csv
  nadir info many.csv --where 'v >= 0' --memory 100K
done
awk 'BEGIN { for (r = 0; r < 6; r++) for (c = 0; c < 600; c++) printf "%s%s", r ? r * c % 7 : "c" c, c < 599 ? "," : "\n" }' >wide.csv
nadir info wide.csv | sed -n '1p; /^c0 /p; /^c255 /p; /^c256 /p; /^c599 /p'
# units from the header of ECSV; of names and units none drives the terminal
printf '# %%ECSV 1.0\n# ---\n# datatype:\n# - {name: d, unit: Mpc}\n# - {name: v, unit: km / s}\n# - {name: k, unit: "\033[31mK"}\nd v k\n1 70 1\n2 150 2\n3 200 5\n' >units.ecsv
run info units.ecsv
nadir fit units.ecsv 'v ~ linear(d)' -q --plot-fit units.gp
grep -o "label '[dv] \[[^']*'" units.gp
nadir fit units.ecsv 'v ~ linear(d)' | sed -n '/^parameter/,/^$/p'
nadir fit units.ecsv 'v ~ linear(k)' | sed -n '/^w/p'
