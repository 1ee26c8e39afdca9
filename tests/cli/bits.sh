# The same bits whatever the number of threads, kept in memory or read again at each pass, from one file or
# several, and at each level of processor that can multiply and add in one step.
table_of_kinds 12288 >all.csv
for part in 1 2 3; do (head -n 1 all.csv && tail -n +2 all.csv | sed -n "$((4096 * part - 4095)),$((4096 * part))p") >part$part.csv; done
answer() { "$nadir" "$@" --seed 3 --json -q 2>/dev/null | grep -v -e '"seconds"' -e '"cpu"' -e '"command_line"'; }
# A name, then the fit's formula and settings.
same() {
  name=$1 && shift
  answer fit all.csv "$@" >first.txt
  expect "$name has an answer" [ "$(wc -l <first.txt)" -gt 40 ]
  for threads in 1 2 3 8; do
    answer fit all.csv "$@" --threads $threads | cmp -s first.txt || echo "$name: other bits with $threads threads"
  done
  answer fit all.csv "$@" --memory 100K | cmp -s first.txt || echo "$name: other bits when streamed"
  answer fit part1.csv part2.csv part3.csv "$@" | cmp -s first.txt || echo "$name: other bits from three files"
  for level in $levels; do
    NADIR_CPU=$level answer fit all.csv "$@" | cmp -s first.txt || echo "$name: other bits with $level"
  done
}
# what this processor has of the levels with fused multiplications
levels=
for level in avx2 avx512; do if NADIR_CPU=$level "$nadir" --version >/dev/null 2>&1; then levels="$levels $level"; fi; done
same line 'y ~ linear(a, b, c)'
same newton 'k ~ linear(a, b, c)' --method newton
same adam 'k ~ linear(a, b, c)' --method adam --batch 32 --epochs 2
same stochastic 'k ~ linear(a, b, c)' --batch 1 --epochs 1 --rate 0.01
same parts 'k ~ linear(a, b, c)' --batch 8 --epochs 2 --rate 0.01 --parts 2
same formula 'y ~ p*sin(q*c) + r*a + s*b' --start q=6
same classes 't ~ softmax(3; a, b)' --method lbfgs
same robust 'y ~ linear(a, b, c)' --loss 'huber(1)'
