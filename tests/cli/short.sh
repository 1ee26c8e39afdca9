# Calls that are interrupted, and transfer less than was asked for, change no byte.
short=${nadir%/*}/tests/cli/libshort_calls.so
[ -f "$short" ] || skip "this build has no short_calls"
badly() { LD_PRELOAD=$short "$nadir" "$@"; }
line='velocity ~ linear(distance)'
gzip -n <hubble1929.csv >table.csv.gz
cp "$SOURCE/tests/data/fits/nomtam_bt12.fits.fz" packed.fits.fz
cp "$SOURCE/tests/data/fits/astropy_ascii.fits" ascii.fits
cp "$SOURCE/tests/data/ascii/astropy_subtypes.ecsv" typed.ecsv
for table in hubble1929.csv table.csv.gz packed.fits.fz ascii.fits typed.ecsv; do
  nadir info $table >good.txt 2>&1
  badly info $table >bad.txt 2>&1
  cmp good.txt bad.txt && echo "ok: info $table"
done
nadir fit hubble1929.csv "$line" -o model.json -q
badly fit hubble1929.csv "$line" -o other.json -q
cmp model.json other.json && echo "ok: fit"
for out in out.csv out.fits; do
  nadir predict model.json table.csv.gz -o good.$out
  badly predict other.json table.csv.gz -o bad.$out
  cmp good.$out bad.$out && echo "ok: predict -o $out"
done
nadir predict model.json - <hubble1929.csv >good.csv
badly predict model.json - <hubble1929.csv >bad.csv
cmp good.csv bad.csv && echo "ok: predict from and to streams"
