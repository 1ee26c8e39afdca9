# Names, units, cells and formulas that come from files never drive a terminal, nor reorder what is read: no byte of a
# control character or a mark of direction comes out, in tables, reports, warnings, errors, JSON or pictures.
esc=$(printf '\033[31m') bell=$(printf '\007') csi=$(printf '\302\233') override=$(printf '\342\200\256') isolate=$(printf '\342\201\246') mark=$(printf '\330\234')
raw8=$(printf '\2331m')
name="a${esc}b${bell}c${csi}d${override}e${isolate}f${mark}g"
clean() { # what is printed, and files, without those bytes
  what=$1
  shift
  LC_ALL=C
  if cat "$@" | tr -d '\n\t' | LC_ALL=C grep -q "[$(printf '\001-\037\177')]" ||
    cat "$@" | LC_ALL=C grep -q -e "$csi" -e "$override" -e "$isolate" -e "$mark" -e "$raw8"; then
    echo "NOT clean: $what"
  else
    echo "clean: $what"
  fi
}
said() { # name, then a command
  what=$1
  shift
  nadir "$@" >said.txt 2>&1
  echo "= $? $what"
  clean "$what" said.txt
}
{
  printf '# %%ECSV 1.0\n# ---\n# datatype:\n# - {name: "%s", unit: "k%sm", datatype: float64}\n' "$name" "$override"
  printf '# - {name: y, datatype: float64}\n# - {name: c, datatype: string}\n"%s" y c\n' "$name"
  for i in 1 2 3 4 5 6 7 8; do echo "$i $((i * 3 + i % 2)) \"k$((i % 2))$name\""; done
} >names.ecsv
{
  printf '"%s",y,c,d,"n%s"\n' "$name" "$raw8"
  for i in 1 2 3 4 5 6 7 8; do echo "$i,$((i * 3 + i % 2)),k$((i % 2))$name,\"1,5$override\",2"; done
} >names.csv
clean "the table itself" names.csv
said "info" info names.csv
said "info as JSON" info names.csv --json
said "info of ECSV" info names.ecsv
said "fit" fit names.csv 'y ~ linear($1)' -v --report page.html --plot loss.svg --plot-fit fit.svg --trace trace.csv -o model.json
clean "page and pictures" page.html loss.svg fit.svg
clean "model" model.json
said "fit as JSON" fit names.csv 'y ~ linear($1)' --json
said "fit of all columns" fit names.csv 'y ~ linear(*)'
said "fit of classes" fit names.csv 'c ~ linear(y)' --l2 0.1
said "no such column" fit names.csv "y ~ linear(\`$name\`) + nosuch[2]"
said "no such text" fit names.csv "y ~ linear(\$1) * (c == \"$esc\")"
said "not a number" fit names.csv 'y ~ linear(d)'
said "predict" predict model.json names.csv -o out.csv
said "score" score model.json names.csv
said "compare" compare names.csv 'y ~ linear($1)' --method gd,newton --plot both.svg
said "rate" rate names.csv 'y ~ linear($1)'
said "noise" noise names.csv 'y ~ linear($1)' --rates 0.1,0.03 --updates 20
said "plot" plot trace.csv
said "names in a formula" minimize "(\`$name\`-1)^2" --show-gradient
said "and as LaTeX" minimize "(\`$name\`-1)^2" --show-gradient --latex
said "convex" convex "(\`$name\`)^4*y"
said "convex as JSON" convex "(\`$name\`)^4*y" --json
said "taylor" taylor "sin(\`$name\`)" --radius 1
said "error in a formula" minimize "(\`$name\`-1)^2 + $override("
said "file name" info "no$name.csv"
said "option" fit "--o$name"
said "command" "c$name"
said "help asked of a wrong word" fit names.csv 'y ~ linear($1)' --method "$name"
printf 'title = %s\nmethod = %s\n' "$name" "$name" >bad.conf
said "config" fit names.csv 'y ~ linear($1)' --config bad.conf
sed "s/\"formula\": \".*\"/\"formula\": \"$(printf 'y ~ \\u001b\\u202e')(\"/" model.json >bad.json
said "formula in a model" score bad.json names.csv
nadir info names.csv --json | python3 -c 'import json, sys
name = json.load(sys.stdin)["columns"][0]["name"]
print("JSON keeps the name:", ascii(name))' 2>/dev/null
# on a terminal the settings are shown; to a file they go as --config reads them
printf 'title = %s\n' "$name" >good.conf
nadir minimize --config good.conf -P >kept.conf
nadir minimize --config kept.conf -P | cmp - kept.conf && echo "settings are read back"
