# Names for the columns of a file without header: every line is a row.
printf '# a table\n1 2 x\n2 4 y\n3 6 z\n' >t.txt
nadir info t.txt --names a,b,kind | cut -c 1-30
run fit t.txt 'b ~ a*s' --names a,b,kind --where 'kind != "x"' -q -o m.json
nadir predict m.json t.txt --names a,b,kind | cut -d , -f 1-4
printf 'x,y\n1,2\n' >h.csv
nadir info h.csv --names u,v | cut -c 1-30
nadir info h.csv --names ,v | sed -n '/^c1/s/ .*//p'
run info t.txt --names a,b
run info t.txt --names a,a,b
run info h.csv --names 'x y, z '
