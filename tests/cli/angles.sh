# Columns of angles and dates, read as numbers: hms, dms, jd.
cat >sky.csv <<'EOT'
name,ra,dec,date,mag
a,12:34:56.7,-05:23:28,2026-11-29T12:00:00,10.5
b,00h00m01.5s,+10:00:00,2026-11-30,11.5
c,23:59:59, -00:30:00 ,2026-12-01T00:00:00Z,12.25
d,06 30 00,45d00m00s,2026-12-02 06:00,13
e,,,,13.5
EOT
# the same numbers as of a quoted text
for where in 'hms(ra) == hms("12:34:56.7")' 'dms(dec) == dms("-0:30:00")' 'jd(date) == jd("2026-11-30")' 'jd(date) > 2461375.9'; do
  nadir fit sky.csv 'mag ~ a' --where "$where" | sed -n 's/^rows  *//p'
done
nadir fit sky.csv 'mag ~ a + b*(jd(date) - 2461374)' --missing drop | sed -n '/^rows/p; /^columns/p; /^parameter/,/^$/p'
nadir fit sky.csv 'dms(dec) ~ linear(mag)' --missing drop | sed -n '/^parameter/,/^$/p; /^residuals/p'
nadir fit sky.csv 'mag ~ linear(hms(ra), dms(dec))' --missing drop -q -o sky.json
nadir predict sky.json sky.csv -o - --missing drop | cut -d , -f 1 | tr '\n' ' '
echo
awk 'BEGIN { print "t,v"; for (i = 1; i <= 5000; i++) printf "%02d:%02d:%02d.5,%d\n", i / 3600, i / 60 % 60, i % 60, i }' >long.csv
nadir fit long.csv 'v ~ a + b*hms(t)*240' -N 2 | awk '/^rows/; /^[ab] / { printf "%s %.9f\n", $1, $2 }'
# a column that is named so is that column
printf 'x,`hms(x)`\n1,2\n' | sed 's/`//g' >named.csv
nadir fit named.csv 'x ~ a*`hms(x)`' | sed -n '/^a /p'
run fit sky.csv 'mag ~ a + b*jd(mag)'
run fit sky.csv 'mag ~ a + b*jd(datf)'
run fit sky.csv 'mag ~ a + b*jd(name)'
run fit sky.csv 'mag ~ a + b*hms(ra)'
run fit sky.csv 'mag ~ a + b*hms(3)'
run minimize 'hms(x)^2'
