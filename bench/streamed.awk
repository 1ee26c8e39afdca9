# From the lines of bench_spend (KIND-ROWS, seconds, bytes) to time per row and memory by rows.
BEGIN {
  printf "\nstreaming, nadir fit --memory 64K, 5 updates:\n"
  printf "%-8s %10s %24s %12s\n", "table", "rows", "time per row, of longest", "peak MB"
}
{
  split($1, name, "-")
  kind[NR] = name[1]
  rows[NR] = name[2]
  each[NR] = $2 / name[2]
  bytes[NR] = $3
  last[name[1]] = each[NR]
}
END {
  for (i = 1; i <= NR; i++)
    printf "%-8s %10d %24.2f %12.1f\n", kind[i], rows[i], each[i] / last[kind[i]], bytes[i] / 1e6
}
