# From the lines of bench_spend of all rounds (name, processor seconds, peak bytes, user, system, wall) to medians.
{
  if (!($1 in of_user)) names[++count] = $1
  peak[$1] = peak[$1] " " $3
  of_user[$1] = of_user[$1] " " $4
  of_system[$1] = of_system[$1] " " $5
  of_wall[$1] = of_wall[$1] " " $6
}
END {
  printf "\nwhole commands, seconds:\n%-52s %8s %8s %8s %8s\n", "", "user", "system", "wall", "peak MB"
  for (i = 1; i <= count; i++)
    printf "%-52s %8.2f %8.2f %8.2f %8.0f\n", names[i], median_of_all(of_user[names[i]]), median_of_all(of_system[names[i]]),
      median_of_all(of_wall[names[i]]), median_of_all(peak[names[i]]) / 1e6
}
