#!/bin/sh
# No page refers to what is not there: every link to a file of the repository, and every path in backquotes,
# leads to one. NAME, FOLDER and the like stand for any name.
#   links.sh SOURCE
set -u
cd "$1" || exit 1
wrong=0
not_so() {
  echo "links: $*"
  wrong=1
}
there() { # a path, in which a word of capitals stands for anything
  # shellcheck disable=SC2046
  ls -d $(printf '%s' "$1" | sed 's/[A-Z][A-Z]\{1,\}\([^A-Za-z]\|$\)/*\1/g') >/dev/null 2>&1
}
for page in *.md docs/*.md bench/*.md tests/data/*.md; do
  for link in $(grep -o '](\([^)]*\))' "$page" | sed 's/^](\([^)#]*\).*/\1/'); do
    case $link in http://* | https://* | mailto:*) continue ;; esac
    [ -e "$(dirname "$page")/$link" ] || not_so "$page: [..]($link) is not there"
  done
  for path in $(grep -o '`\(src\|cli\|docs\|tests\|examples\|include\|cmake\|bench\)/[A-Za-z0-9_./*-]*`' "$page" | tr -d '`'); do
    there "$path" || not_so "$page: \`$path\` is not there"
  done
  for other in $(grep -o '[A-Za-z0-9_/-]*[A-Za-z0-9_-]\.md' "$page" | sort -u); do
    [ -e "$other" ] || [ -e "$(dirname "$page")/$other" ] || not_so "$page: $other is not there"
  done
done
exit "$wrong"
