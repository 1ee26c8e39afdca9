# What the scripts use. They print; what they print is compared.
set +e +u

nadir() { "$nadir" "$@"; }

# The command, what it prints, its exit status.
run() {
  echo "\$ nadir $*"
  nadir "$@"
  echo "= $?"
}

# The same without what differs from machine to machine: times and the last digits of rounding.
steady() {
  run "$@" >steady.txt 2>&1
  sed -e 's/, [^,]* m*s$/, TIME/' -e 's/shrunk to [-0-9.e]*/shrunk to SMALL/' \
    -e 's/gradient norm [-0-9.e]*/gradient norm SMALL/' \
    -e 's/at most [0-9.]*e-[1-9][0-9] above/at most SMALL above/' \
    -e 's/at most 0 above/at most SMALL above/' \
    -e 's/^\(value  *\)0;/\1SMALL;/' -e 's/^\(value  *\)[0-9.]*e-[1-9][0-9];/\1SMALL;/' steady.txt
}

# The named fields of a JSON object on standard input, one a line.
fields() {
  pattern=
  for name in "$@"; do
    pattern="$pattern -e s/^.*\"$name\":.\(.*[^,]\),*$/$name=\1/p"
  done
  # shellcheck disable=SC2086
  sed -n $pattern
}

# Says what does not hold.
expect() {
  what=$1
  shift
  if "$@"; then echo "ok: $what"; else echo "NOT: $what"; fi
}

# So many rows with columns of each kind: numbers a, b, c, a target y of theirs, a truth k, a class t.
table_of_kinds() {
  awk -v rows="$1" 'BEGIN {
    print "a,b,c,y,k,t"
    for (i = 0; i < rows; i++) {
      a = (i * 7919 % 1009) / 137 - 3.7; b = (i * 104729 % 997) / 211; c = (i * 1299709 % 991) / 991
      print a "," b "," c "," 2 * a - b + sin(6 * c) + (i * 31 % 17) / 40 "," (a + c > b - 1 + (i % 5) / 3) "," substr("xyz", 1 + i % 3, 1)
    }
  }'
}

# Until a process has begun: it catches SIGTERM, the fifteenth (a sanitizer catches others before).
until_heard() {
  until grep -q '^SigCgt:.*[4-7c-f]...$' "/proc/$1/status" 2>/dev/null || ! kill -0 "$1" 2>/dev/null; do
    sleep 0.05
  done
}

# Until a command that was begun here writes its output: a file here without a name, or one called NAME and more.
until_written() { # PID, NAME
  until ls -l "/proc/$1/fd" 2>/dev/null | grep -q "$PWD/.* (deleted)" || [ "$(find . -name "$2*")" ] ||
    ! kill -0 "$1"; do
    sleep 0.1
  done
}

skip() {
  echo "$*"
  exit 77
}

# Numbers to two decimals.
rounded() { awk -F= '$2 ~ /^-?[0-9.]+$/ { printf "%s=%.2f\n", $1, $2; next } { print }'; }
