# Each command has a help; every list of the library is in it whole.
run --version | sed 's/[0-9.]* (.*)/VERSION (LEVEL)/'
run --help
commands=$(nadir --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p')
for command in $commands; do
  nadir "$command" --help >"$command.txt"
  expect "$command --help" [ $? = 0 ]
  nadir "$command" -h | cmp - "$command.txt"
  head -n 1 "$command.txt"
  expect "$command: no line is wide" [ "$(sed '/^Examples/,/^$/d' "$command.txt" | awk 'length > 80' | wc -l)" = 0 ]
done
cat ./*.txt >all.txt
missing=
for rule in "$SOURCE"/src/optim/rules/*.c; do
  name=$(basename "$rule" .c | tr _ -)
  grep -q "^  $name " fit.txt || missing="$missing $name"
done
expect "every update rule is in the help:$missing" [ -z "$missing" ]
missing=
# those of settings.def that belong to a command that is there, and those of the rules
alternatives=$(echo $commands | sed 's/ /\\|/g')
known=$(tr '\n' ' ' <"$SOURCE/src/settings/settings.def" | sed 's/ND_SETTING/\n&/g' |
  grep "\", *\"\([a-z]* \)*\($alternatives\)\( [a-z]*\)*\", *\"" | sed 's/^[^"]*"\([^"]*\)".*/\1/')
for name in $known $(nadir fit -P | sed -n 's/^\([a-z-]*\.[a-z0-9-]*\) = .*/\1/p'); do
  grep -q -- "--$name\( \|$\)" all.txt || missing="$missing $name"
done
expect "every setting is in the help:$missing" [ -z "$missing" ]
expect "there are settings" [ "$(echo "$known" | wc -l)" -gt 40 ]
missing=
for name in $(sed -n 's/^ND_LOSS("\([^"]*\)".*/\1/p' "$SOURCE/src/settings/loss.def"); do
  grep -q "^  $name" fit.txt || missing="$missing $name"
done
expect "every loss is in the help:$missing" [ -z "$missing" ]
missing=
for name in $(sed -n 's/^ND_OP([A-Z0-9_]*, "\([a-z0-9_]*\)".*/\1/p' "$SOURCE/src/expr/ops.def"); do
  grep -q "^  $name[( ]\|^  a $name b\|^  $name a" minimize.txt || missing="$missing $name"
done
expect "every function is in the help:$missing" [ -z "$missing" ]
