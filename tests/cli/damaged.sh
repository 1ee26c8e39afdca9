# Damaged text tables against a second opinion, Python's csv: each is read right, or refused with its place. 60 tables;
# 1,000 where NADIR_LONG is set. NADIR_SEED chooses others.
python=
for candidate in /usr/bin/python3 python3; do
  [ -n "$python" ] || ! "$candidate" -c 'import csv, struct' 2>/dev/null || python=$candidate
done
[ -n "$python" ] || skip "there is no python3"
count=60
[ -z "${NADIR_LONG:-}" ] || count=1000
printf 'y\n1\n2\n4\n' >y.csv
nadir fit y.csv 'y ~ a' --start a=1 --errors none -q -o constant.json
set -- "$SOURCE"/tests/data/csv/*.csv "$SOURCE"/tests/data/ascii/* "$SOURCE"/tests/data/astro/* "$SOURCE"/examples/data/*.csv
for more in "$SOURCE"/../shared/data/astro/*.* "$SOURCE"/../shared/data/ascii/* "$SOURCE"/../shared/data/csv/*.csv; do
  [ ! -f "$more" ] || set -- "$@" "$more"
done
"$python" "$TESTS/damaged.py" "$nadir" constant.json $count "${NADIR_SEED:-1}" "$@" 2>counts.txt
expect "most were read or refused by their row" \
  [ "$(awk '/as by csv|with the row/ { n += $1 } END { print n + 0 }' counts.txt)" -ge $((count * 3 / 4)) ]
expect "none is read wrongly, or without a word" \
  [ "$(grep -c -e different -e failed -e 'without a place' counts.txt)" = 0 ]
[ -z "${NADIR_COUNTS:-}" ] || cp counts.txt "$NADIR_COUNTS"
