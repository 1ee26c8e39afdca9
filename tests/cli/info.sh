# Columns of a table.
run info hubble1929.csv
run info hubble1929.csv --where 'distance > 1' --json
printf 'mag,flag\n20.5,1\n-99,0\n21.5,1\n-99,1\n' >odd.csv
run info odd.csv
run info odd.csv --null -99
printf 'a b;\033[31mred\n1;2\n' >names.csv
run info names.csv
