#!/bin/sh
# sweep.sh SWEEP NADIR SOURCE: the files that commands.txt names, then the walk. NADIR_TRIES: calls of each kind
# and line, 0 for all.
set -eu
sweep=$(realpath "$1") nadir=$(realpath "$2") source=$(realpath "$3")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
export SOURCE_DATE_EPOCH=0 # the date in files is that of each run else
head -n 9 "$source/examples/data/hubble1929.csv" >small.csv
gzip -n <small.csv >small.csv.gz
cp "$source/tests/data/fits/nomtam_bt12.fits.fz" packed.fits.fz
cp "$source/tests/data/fits/astropy_ascii.fits" ascii.fits
cp "$source/examples/data/hubble1929.fits" table.fits
cp "$source/tests/data/ascii/astropy_subtypes.ecsv" typed.ecsv
printf 'rate = 0.1\nupdates = 3\n' >settings.txt
{ echo u,g,cls && awk 'BEGIN { for (i = 0; i < 24; i++)
  print i % 5 "." i "," (i * 7) % 11 "," (i % 3 == 0 ? "star" : i % 3 == 1 ? "qso" : "galaxy") }'; } >stars.csv
{ echo x,n && awk 'BEGIN { for (i = 0; i < 12; i++) print i / 4 "," int(i * i / 9) }'; } >counts.csv
"$nadir" fit small.csv 'velocity ~ linear(distance)' -o model.json --trace trace.csv -q
"$nadir" fit stars.csv 'cls ~ softmax(3; u, g)' -o classes.json -q
"$nadir" fit counts.csv 'n ~ linear(x)' --loss poisson -o counts.json -q
"$nadir" fit small.csv 'velocity ~ linear(distance)' --updates 1 --checkpoint kept.checkpoint -q
"$sweep" "$source/tests/sweep/commands.txt" "${NADIR_TRIES:-2}"
