#!/bin/sh
# What the builds promise of the program and the library, read in their ELF headers: they are loaded at any place, their
# tables of addresses are read-only before main, no memory is both written and run, returns and jumps can be
# checked by the processor, and arrays are guarded.
#     hardened.sh NADIR LIBRARY STATIC-LIBRARY MACHINE
set -eu
command -v readelf >/dev/null || { echo "skipped: there is no readelf"; exit 77; }
nadir=$1 shared=$2 static=$3 machine=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0
holds() { # what is so, file, pattern
  grep -qE -e "$3" "$2" || { echo "hardened: not so: $1"; wrong=1; }
}
for file in "$nadir" "$shared"; do
  LC_ALL=C readelf -hldnW "$file" >"$work/headers"
  LC_ALL=C readelf --dyn-syms -W "$file" >"$work/symbols"
  holds "$file can be loaded at any place" "$work/headers" 'Type: *DYN'
  holds "$file binds all names at its start" "$work/headers" 'FLAGS_1.*NOW'
  holds "$file has its tables of addresses read-only" "$work/headers" 'GNU_RELRO'
  holds "$file has a stack that is not run" "$work/headers" 'GNU_STACK .* RW '
  holds "$file guards arrays on the stack" "$work/symbols" '__stack_chk_fail'
  holds "$file calls the checked functions of the C library" "$work/symbols" '__[a-z]*printf_chk|__mem[a-z]*_chk'
  if grep -qE 'TEXTREL|RWE' "$work/headers"; then echo "hardened: $file has memory that is written and run" && wrong=1; fi
  if [ "$machine" = x86_64 ]; then
    holds "$file may run with a shadow stack" "$work/headers" 'Properties:.*SHSTK'
  fi
done
LC_ALL=C readelf -dW "$nadir" >"$work/headers"
holds "$nadir is a program, loaded at a place of its own" "$work/headers" 'FLAGS_1.*PIE'
if [ "$machine" = x86_64 ]; then
  # The property IBT is not in the program where the start-up code of the C library does not have it.
  LC_ALL=C readelf -nW "$static" | awk '
    /^File:/ { if (file && !marked) print file; file = $0; marked = 0 }
    /IBT, SHSTK/ { marked = 1 }
    END { if (!marked) print file }' >"$work/unmarked"
  if [ -s "$work/unmarked" ]; then
    echo "hardened: objects whose jumps cannot be checked:" && cat "$work/unmarked" && wrong=1
  fi
fi
exit "$wrong"
