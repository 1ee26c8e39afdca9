#!/bin/sh
# The words of docs/style.md that are never used, looked for in the texts of messages and help (what is in
# quotes in src/ and cli/), in the public headers and in the pages, but for code in these.
# Texts of the library (src/ and include/) name settings, never options such as --rate; those of src/ no command.
#     style.sh SOURCE          the exit status is 1 where one is used
set -u
cd "$1" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# FILE:LINE: text, of the quoted parts of a C line; of a page without its code
find src cli -name '*.c' -o -name '*.h' -o -name '*.def' | sort | xargs awk '
  /^[ \t]*#[ \t]*include/ { next }
  {
    text = ""
    rest = $0
    while (match(rest, /"([^"\\]|\\.)*"/)) {
      text = text substr(rest, RSTART + 1, RLENGTH - 2) " "
      rest = substr(rest, RSTART + RLENGTH)
    }
    if (text != "") print FILENAME ":" FNR ": " text
  }' >"$work/texts"
awk '{ print FILENAME ":" FNR ": " $0 }' include/nadir.h include/nadir/*.h >>"$work/texts"
ls ./*.md docs/*.md bench/*.md tests/data/*.md | grep -v 'docs/\(style\|glossary\)\.md' | xargs awk '
  FNR == 1 { code = 0 }
  /^```/ { code = !code; next }
  code || /^    / { next }
  { gsub(/`[^`]*`/, "CODE"); print FILENAME ":" FNR ": " $0 }' >>"$work/texts"

# The rows of a table of the page: pattern, what is allowed.
rows() { # heading
  awk -v heading="## $1" '
    /^## / { on = $0 == heading }
    on && /^\| `/ {
      gsub(/\\\|/, "\001")
      split($0, cell, "|")
      for (i = 2; i <= 4; i++) { gsub(/^ *`?|`? *$/, "", cell[i]); gsub(/\001/, "|", cell[i]) }
      print cell[2] "\t" (cell[4] == "" ? "\002" : cell[4]) "\t" cell[3]
    }' docs/style.md
}

uses() { # pattern, allowed
  sed -E "s/$2//g" "$work/texts" | grep -E -e "^[^ ]* .*($1)"
}

used=0
rows 'Never, and checked' >"$work/checked"
[ -s "$work/checked" ] || { echo "style: the list of docs/style.md is not found" && exit 1; }
tab=$(printf '\t')
while IFS=$tab read -r pattern allowed instead; do
  uses "$pattern" "$allowed" >"$work/found" || continue
  sed "s/\$/  (instead: $(printf '%s' "$instead" | sed 's/[\/&]/\\&/g'))/" "$work/found"
  used=1
done <"$work/checked"
if grep -E '^(src/[^ ]*|include/[^ ]*):[0-9]*: .*--[a-z]' "$work/texts" | sed 's/$/  (instead: the name of the setting)/' |
  grep .; then
  used=1
fi
commands=$(sed -n 's/^COMMAND(\([a-z]*\),.*/\1/p' cli/commands.def | paste -sd '|')
if grep -E "^src/[^ ]*: .*nadir ($commands)([^a-z]|\$)" "$work/texts" |
  sed 's/$/  (instead: what to do, by whatever program)/' | grep .; then
  used=1
fi
exit "$used"
