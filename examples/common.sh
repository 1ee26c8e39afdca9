# For the scripts of these folders: where the command, the pictures and the data are, and comparing numbers.
#
#   NADIR      the command (default: the one that ./quickstart builds)
#   $1         the folder for the pictures (default: ./lecture-pictures, ./astronomy-pictures)
#   DATA       a folder with tables that are not part of nadir
#
# Every number is compared with the one next to it, worked out by hand where it says so: the script ends
# with status 1 when one is not as expected, with 77 when the table that it is about is not here.
set -eu
nadir=${NADIR:-$(dirname "$0")/../../build/nadir}
pictures=${1:-$(basename "$(cd "$(dirname "$0")" && pwd)")-pictures}
mkdir -p "$pictures"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0

# table NAME: the path of a table in `table`, of those in examples/data or in DATA.
table() {
  for table in "$(dirname "$0")/../data/$1" "${DATA:-/dev/null}/$1"; do
    [ -f "$table" ] && return
  done
  echo "skipped: $1 is not here: set DATA to the folder that has it"
  exit 77
}

# parameter FILE.json NAME KEY: value, standard_error ... of a parameter in what fit --json prints.
parameter() {
  awk -v name="\"$2\"" -v key="\"$3\":" '
    /"name":/ { here = index($0, name) > 0 }
    here && index($0, key) { sub(/^[^:]*: */, ""); sub(/,$/, ""); print; exit }' "$1"
}

# cell TRACE.csv COLUMN [UPDATE]: a number of a trace, at an update or (without one) at the last.
cell() {
  awk -F, -v name="$2" -v update="${3:-last}" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i; next }
    update == "last" || $1 == update { value = $column }
    END { print value }' "$1"
}

# member FILE.json KEY [N]: the value of a key in what --json prints: of a list the N-th item, of several of that name the N-th
# one (from 0).
member() {
  awk -v key="\"$2\":" -v n="${3:-0}" '
    function clean(text) { gsub(/^[ \t]+|,?[ \t]*$/, "", text); gsub(/"/, "", text); return text }
    inside && /\]/ { inside = 0; next }
    inside { if (item++ == n) { print clean($0); exit }; next }
    index($0, key) {
      rest = substr($0, index($0, key) + length(key))
      if (rest ~ /^ *\[ *$/) { inside = 1; item = 0; next }
      if (found++ == n) { print clean(rest); exit }
    }' "$1"
}

# expect WHAT VALUE HAND [TOLERANCE [WORDS]]: says the value, and whether it is HAND (an expression for awk)
# to a relative 1e-9, or to a tolerance of its own. WORDS say where HAND comes from: by hand, or else.
expect() {
  awk -v what="$1" -v value="$2" -v tolerance="${4:-1e-9}" -v words="${5:-by hand}" "BEGIN {
    hand = $3
    away = value - hand
    size = hand < 0 ? -hand : hand
    if (size < 1) size = 1
    good = value != \"\" && away <= tolerance * size && -away <= tolerance * size
    printf \"  %-52s %-12.8g %s %-12.8g%s\\n\", what, value, words, hand, good ? \"\" : \"  WRONG\"
    exit !good
  }" || wrong=1
}

# holds WHAT CONDITION: the same for a condition (an expression for awk).
holds() {
  if awk "BEGIN { exit !($2) }"; then echo "  $1"; else echo "  $1  WRONG"; wrong=1; fi
}

finish() {
  exit $wrong
}
