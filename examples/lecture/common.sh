# For the scripts of this folder: where the command and the pictures are, and comparing numbers.
#
#   NADIR      the command (default: the one that ./quickstart builds)
#   $1         the folder for the pictures (default: ./lecture-pictures)
#
# Every number is compared with the one next to it, worked out by hand where it says so: the script ends
# with status 1 when one is not as expected.
set -eu
nadir=${NADIR:-$(dirname "$0")/../../build/nadir}
pictures=${1:-lecture-pictures}
mkdir -p "$pictures"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0

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
