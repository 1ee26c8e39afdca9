# From the lines of measure.h to the table of marks. Each mark is ours against the fastest of its
# rivals: medians of the rounds, our time over theirs, and the most that the mark allows. Under it
# are all peers, as multiples of our time. The limit is the time in which one core reads the bytes
# once, as measured in the same run, over our time.

function median_of(name, peer) {
  return median_of_all(times[name, peer])
}

# Whether peer is one of rivals, words with commas around each; "" stands for every peer not ours.
function is_rival(peer, rivals) {
  if (peer ~ /^nadir/) return 0
  return rivals == "" || index(rivals, "," peer ",") > 0
}

function mark(name, ours, rivals, most, bytes, words,   i, peer, time, best, mine, ratio, limit) {
  if (!((name, ours) in times)) return
  mine = median_of(name, ours)
  best = ""
  for (i = 1; i <= pairs; i++) {
    if (mark_of[i] != name || !is_rival(peer_of[i], rivals)) continue
    time = median_of(name, peer_of[i])
    if (best == "" || time < fastest) {
      best = peer_of[i]
      fastest = time
    }
  }
  time = name ~ /2 threads/ ? byte_time_of_two : byte_time
  limit = bytes > 0 && time > 0 ? sprintf("%3.0f%%", 100 * bytes * time / mine) : "   -"
  if (best == "")
    printf "%-36s %8s  %5.2f  %s  no peer\n", words, "-", most, limit
  else {
    ratio = mine / fastest
    printf "%-36s %8.2f  %5.2f  %s  %s (against %s)\n", words, ratio, most, limit,
      ratio <= most ? "met" : "MISSED", best
  }
  for (i = 1; i <= pairs; i++)
    if (mark_of[i] == name)
      printf "    %-40s %8.2f  check %.6g\n", peer_of[i] " " version[name, peer_of[i]],
        median_of(name, peer_of[i]) / mine, check[name, peer_of[i]]
}

{
  if (!(($1, $2) in times)) {
    mark_of[++pairs] = $1
    peer_of[pairs] = $2
  }
  times[$1, $2] = times[$1, $2] " " $4
  version[$1, $2] = $3
  check[$1, $2] = $5
}

END {
  byte_time = median_of("bandwidth", "memory")
  printf "memory is read at %.1f GB/s\n", 1e-9 / byte_time
  if (("bandwidth", "memory, 2 threads") in times) {
    byte_time_of_two = median_of("bandwidth", "memory, 2 threads")
    printf "by two threads at %.1f GB/s\n", 1e-9 / byte_time_of_two
  }
  printf "\n"
  printf "%-36s %8s  %5s  %s\n", "mark", "ratio", "most", "limit"
  mark("gradient-10", "nadir", "", 1 / 3, rows * 44, "logistic gradient, 10 columns")
  mark("gradient-100", "nadir", "", 1, rows / 10 * 404, "logistic gradient, 100 columns")
  mark("gradient-1000", "nadir", "", 1, rows / 100 * 4004, "logistic gradient, 1000 columns")
  for (columns = 10; columns <= 1000; columns *= 10)
    mark("gradient-" columns ", 2 threads", "nadir", "", 1, rows * 10 / columns * 4 * (columns + 1), "the same by two threads, " columns " columns")
  mark("epoch-10", "nadir", ",ensmallen,armadillo,", 1, rows * 44, "stochastic epoch, 10 columns")
  mark("epoch-100", "nadir", ",ensmallen,armadillo,", 1, rows / 10 * 404,
    "stochastic epoch, 100 columns")
  for (columns = 10; columns <= 100; columns *= 10) {
    bytes = rows * 10 / columns * (4 * columns + 4)
    for (k = split("momentum adagrad adam", rule, " "); k > 0; k--)
      mark("epoch-" columns "-1-" rule[k], "nadir", "", 1, bytes, "the same by " rule[k] ", " columns " columns")
    mark("epoch-" columns "-256-gd", "nadir", "", 1, bytes, "batches of 256, " columns " columns")
    mark("epoch-" columns "-1-gd-full", "nadir", "", 1, bytes, "one order of all rows, " columns " columns")
  }
  for (columns = 10; columns <= 1000; columns *= 10)
    mark("answer-" columns, "nadir", "", 1 / 3, 0, "to 0.1 % of the least, " columns " columns")
  mark("profile", "nadir", ",by hand,", 3, rows * 16, "line profile, 4 derivatives, double")
  mark("csv-short", "nadir, whole fit", "", 1, 0, "CSV, six decimals")
  mark("csv-long", "nadir, whole fit", "", 1, 0, "CSV, all digits")
  mark("fits", "nadir, one pass", "", 1, 0, "FITS, ten float32 columns")
}
