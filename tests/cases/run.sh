#!/bin/sh
# Cases: commands with their right answers, each an example of a kind that went wrong once. The answers come
# from closed forms, exact arithmetic, NumPy and SciPy.
#     run.sh NADIR KIND [slow]      runs KIND.sh; with slow (sanitizers) no time counts
# A case begins with `case_ NAME WHY`; then one command, run by one of
#     json ARGUMENTS      nadir with --json
#     says ARGUMENTS      nadir without
#     line SHELL          a line of shell, where nadir is "$NADIR", files may be left in "$TMP"
# in the folder of the inputs; then what must hold:
#     exits STATUS...     the exit status is one of these
#     near NAME VALUE ERROR   the parameter in the JSON object, to a relative error
#     key NAME VALUE...   the value of a key of the JSON object is one of these
#     below NAME LIMIT, atleast NAME LIMIT   a number of the JSON object; null is at least anything
#     text PATTERN        found in what it printed, lines joined, upper and lower case alike
#     never PATTERN       found in no line of it
# `within SECONDS` before the command says how long it may take (20 where not said).
# Prints a line for each thing that does not hold. The exit status is 77 when a case asks to be skipped.
set -u
here=$(realpath "$(dirname "$0")")
NADIR=$(realpath "$1") kind=$2 slow=${3:-}
DATA=$here/../data
COLLECTION=$here/../../../shared/data
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
export NADIR DATA COLLECTION TMP LC_ALL=C
cd "$here/inputs" || exit 1
cases=0 wrong=0 limit=20

case_() {
  name=$1 why=$2
  cases=$((cases + 1)) limit=20
}

within() { limit=$1; }

call() {
  [ -z "$slow" ] || limit=600
  status=0
  timeout "$limit" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null || status=$?
  [ "$status" != 124 ] || bad "no answer in $limit s"
}

json() { call "$NADIR" "$@" --json; }
says() { call "$NADIR" "$@"; }
line() { call sh -c "$1"; }

bad() {
  echo "$name ($why): $*"
  wrong=1
}

exits() {
  for one in "$@"; do [ "$status" != "$one" ] || return 0; done
  bad "the exit status is $status, should be $*: $(head -n 3 "$TMP/err")"
}

# A number or a word at the top of the JSON object.
value_of() { sed -n "s/^  \"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" "$TMP/out"; }

near() {
  got=$(awk -v wanted="\"$1\"" '
    /^      "name": / { sub(/^      "name": /, ""); sub(/,$/, ""); name = $0 }
    /^      "value": / && name == wanted { sub(/,$/, ""); print $2 }' "$TMP/out")
  awk -v got="$got" -v wanted="$2" -v error="$3" 'BEGIN {
    size = wanted < 0 ? -wanted : wanted
    if (size == 0) size = 1
    exit !(got != "" && got != "null" && got - wanted <= error * size && wanted - got <= error * size) }' ||
    bad "$1 is ${got:-not there}, should be $2"
}

key() {
  key=$1 got=$(value_of "$1")
  shift
  for one in "$@"; do [ "$got" != "$one" ] || return 0; done
  bad "$key is '$got', should be $*"
}

below() {
  awk -v got="$(value_of "$1")" -v limit="$2" 'BEGIN { exit !(got != "" && got != "null" && got + 0 <= limit) }' ||
    bad "$1 is $(value_of "$1"), should not exceed $2"
}

atleast() {
  awk -v got="$(value_of "$1")" -v limit="$2" 'BEGIN { exit !(got != "" && (got == "null" || got + 0 >= limit)) }' ||
    bad "$1 is $(value_of "$1"), should be at least $2"
}

text() { cat "$TMP/out" "$TMP/err" | tr '\n' ' ' | grep -Eqi -e "$1" || bad "nothing like $1"; }

never() {
  found=$(cat "$TMP/out" "$TMP/err" | grep -E -m 1 -e "$1") || return 0
  bad "says: $found"
}

. "$here/$kind.sh"
[ "$cases" -gt 0 ] || exit 1
echo "$cases cases of the kind $kind"
exit "$wrong"
