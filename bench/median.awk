# Medians, for the tables.
function sort_up(values, count,   i, j, t) {
  for (i = 2; i <= count; i++)
    for (j = i; j > 1 && values[j - 1] + 0 > values[j] + 0; j--) {
      t = values[j]
      values[j] = values[j - 1]
      values[j - 1] = t
    }
}

# Of numbers with blanks between them.
function median_of_all(numbers,   values, count) {
  count = split(numbers, values, " ")
  sort_up(values, count)
  return count % 2 ? values[(count + 1) / 2] + 0 : (values[count / 2] + values[count / 2 + 1]) / 2
}
