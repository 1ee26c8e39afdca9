# A model as a function in another language: what is written, and what is refused.
printf '%s\n' '"*/ system(""x""); /*","a\b%$&#_{}~^",while,y' 1,2,3,3 2,3.5,1,4 3,4,2,5.5 4,5.5,3,7 5,7,1,8 6,7,2,10 >odd.csv
nadir fit odd.csv 'y ~ linear(`*/ system("x"); /*`, `a\b%$&#_{}~^`, while)' --unit 'y=km s-1' -q -o odd.json
digits() { sed 's/\([0-9]\.[0-9][0-9]\)[0-9]*/\1/g'; }
for language in c fortran javascript python latex; do
  echo "\$ export --to $language"
  nadir export odd.json --to "$language" | digits
done
# nothing that was typed is outside of a comment
nadir export odd.json --to c | sed '1,/^ \*\//d; s,/\*.*\*/,,' | grep -c 'system('
nadir export odd.json --to latex | awk -f "$SOURCE/tests/export/latex.awk" && echo "LaTeX takes it"
nadir fit odd.csv 'y ~ linear(while)' -q -o line.json
run export line.json --to cobol
run export line.json --to pyton
run export line.json --to c --function 'a b'
run export line.json --to python --function lambda
run export line.json
run export --to c
run export line.json --to C --function flux -o line.c
head -n 4 line.c
run export line.json --to python -o line.json
