# A table larger than the memory there may be: 2,000,000 rows, 96 MB, of which the file holds the first fifty and the
# system makes up the rest, zeros. What reads it takes no more memory for that.
awk 'BEGIN {
  print "a,b,c,y"
  for (i = 0; i < 50; i++) {
    a = (i * 37 % 50) - 25; b = (i * 11 % 50) - 24; c = (i * 7 % 50) - 23
    print a "," b "," c "," 3 * a - 2 * b + c + (i % 5 - 2) / 4
  }
}' >few.csv
nadir fit few.csv 'y ~ linear(a, b, c)' -o few.json -q
nadir predict few.json few.csv -o large.fits
# 50 rows of 48 bytes fill one block of FITS, behind the header
header=$(($(wc -c <large.fits) - 2880))
LC_ALL=C sed -i 's/\(NAXIS2  = *\)     50 /\12000000 /' large.fits
truncate -s $((header + 2000000 * 48)) large.fits
# the program and its libraries take 110 MB of address space
room=$(nm -D "$nadir" 2>/dev/null | grep -q __asan && echo unlimited || echo 160000)
within() {
  (ulimit -v "$room" && nadir "$@" --threads 1) >said.txt 2>&1 || { head -n 3 said.txt && false; }
}
expect "info" within info large.fits --memory 8M
grep rows said.txt
expect "a fit" within fit large.fits 'y ~ linear(a, b, c)' --memory 8M -o large.json
expect "a score" within score large.json large.fits
expect "predictions" within predict large.json large.fits -o /dev/null
