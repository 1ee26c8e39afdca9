#!/bin/sh
# What docs/ says of the lists of the program: each method, default, function and loss that is named
# there must exist and have that value; the version is the same everywhere.
#   docs.sh SOURCE-DIR NADIR
set -eu
docs=$1/docs nadir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0
not_so() {
  echo "docs: $*"
  wrong=1
}

# one version
version=$("$nadir" -V | sed 's/^nadir \([0-9.]*\).*/\1/')
grep -qxF "version: $version" "$1/CITATION.cff" || not_so "CITATION.cff: it is not of version $version"
grep -q "^## $version" "$1/CHANGELOG.md" || not_so "CHANGELOG.md: version $version is not there"

"$nadir" fit -P >"$work/settings"
"$nadir" fit --help | tr -s ' \n' ' ' >"$work/help"

# `rule.setting` value
grep -o '`[a-z-]*\.[a-z0-9]*` [0-9][0-9.e-]*' "$docs/methods.md" | tr -d '`' >"$work/defaults"
[ "$(wc -l <"$work/defaults")" -ge 30 ] || not_so "methods.md: few defaults are left in it"
while read -r name value; do
  grep -qxF "$name = $value" "$work/settings" || not_so "methods.md: $name is not $value"
done <"$work/defaults"

# | `rule` | update | rate |
sed -n 's/^| `\([a-z-]*\)` | .* | \([0-9.]*\) | [^|]*|$/\1 \2/p' "$docs/methods.md" >"$work/rates"
[ "$(wc -l <"$work/rates")" -ge 10 ] || not_so "methods.md: few rates are left in it"
while read -r method rate; do
  used=$("$nadir" minimize '(x - 1)^2' --method "$method" --updates 1 --json |
    sed -n 's/^ *"rate": *\([^,]*\),.*/\1/p')
  awk "BEGIN { exit !(\"$used\" + 0 == $rate) }" || not_so "methods.md: the rate of $method is $used, not $rate"
done <"$work/rates"
sed -n 's/^| `\([a-z-]*\)` |.*/\1/p' "$docs/methods.md" | sort -u >"$work/words"
while read -r word; do
  grep -q -e "$word" "$work/help" || not_so "methods.md: there is no $word"
done <"$work/words"

# every function in the tables of formulas.md
sed -n '/^## Functions/,/^## Derivatives/p' "$docs/formulas.md" | grep '^| [a-z]' | cut -d'|' -f3 |
  grep -o '`[a-z0-9_]*' | tr -d '`' | grep . >"$work/functions"
[ "$(wc -l <"$work/functions")" -ge 40 ] || not_so "formulas.md: few functions are left in it"
while read -r function; do
  grep -qF " $function(" "$work/help" || not_so "formulas.md: there is no function $function"
done <"$work/functions"
sed -n '/^## Losses/,$p' "$docs/formulas.md" | sed -n 's/^| `\([a-z-]*\).*/\1/p' >"$work/losses"
while read -r loss; do
  sed 's/.*Losses (--loss)//' "$work/help" | grep -q " $loss[ (]" || not_so "formulas.md: there is no loss $loss"
done <"$work/losses"
exit "$wrong"
