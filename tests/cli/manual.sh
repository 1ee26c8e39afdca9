# The man pages are made from the help, one for each command, and are right roff.
"$SOURCE/docs/manual.sh" "$nadir" man
expect "a page for nadir and each command" [ "$(find man -name '*.1' | wc -l)" = \
  "$(($(nadir --help | grep -c '^  [a-z][a-z]*  ') + 1))" ]
for page in man/*.1; do
  head -n 1 "$page" | sed 's/nadir [0-9.]*/nadir VERSION/'
  if command -v groff >/dev/null; then groff -man -Tutf8 -ww "$page" >page.txt; fi
done
expect "the page has the options" grep -q '^\.B \\-\\-rate TEXT' man/nadir-fit.1
