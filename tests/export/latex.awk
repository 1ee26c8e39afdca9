# Reads LaTeX as far as nadir writes it, and says what TeX would not take or would show otherwise: a command that
# is not of the list; braces, \left and \right, $ and environments that do not end in the order they began; two
# indices or two exponents of one thing; an index, an exponent or an & out of its place; characters of TeX's own in
# a text. The exit status is 1 where there is any.
BEGIN {
  count = split("left right begin end frac sqrt ln log exp sin cos tan arcsin arccos arctan sinh cosh tanh operatorname " \
    "mathrm text partial pm cdot le ge ne land lor lnot Gamma pi max min sum int quad infty lfloor rfloor lvert rvert " \
    "hline mathrm char Re psi alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau " \
    "upsilon phi chi omega Delta Theta Lambda Xi Sigma Phi Psi Omega", word, " ")
  for (i = 1; i <= count; i++) known[word[i]] = 1
}
function complain(what) { print "line " NR ": " what ": " $0; wrong = 1 }
function push(kind, is_text) { depth++; kinds[depth] = kind; texts[depth] = is_text; script[depth] = pending; pending = ""; over[depth] = under[depth] = 0 }
function pop(kind) {
  if (depth == 0 || kinds[depth] != kind) { complain(kind " ends where " (depth ? kinds[depth] : "nothing") " is open"); return }
  kept = script[depth]
  depth--
  if (kept == "") over[depth] = under[depth] = 0 # it is a thing of its own
}
function atom() {
  if (pending != "") { complain("an index or exponent without braces"); pending = "" }
  over[depth] = under[depth] = 0
}
function mark(c) {
  if (texts[depth] || !math()) complain(c " in a text")
  if (c == "^" ? over[depth]++ : under[depth]++) complain("two " c " of one thing")
  pending = c
}
function math(i) {
  for (i = depth; i > 0; i--) if (kinds[i] == "$" || kinds[i] ~ /^align|^cases/) return 1
  return 0
}
function command(name, rest, inside) {
  if (name == "begin" || name == "end") {
    match(rest, /^\{[a-z]*\}/)
    inside = substr(rest, 2, RLENGTH - 2)
    if (inside !~ /^(align|tabular|cases)$/) complain("an environment " inside)
    if (name == "begin") push(inside, 0)
    else pop(inside)
    if (name == "begin" && inside == "tabular") { match(rest, /^\{tabular\}\{[lrc]*\}/) }
    return RLENGTH
  }
  if (!(name in known)) complain("a command \\" name)
  if (name == "left") {
    match(rest, /^(\\[a-z]+|\\[|]|.)/)
    push("left", 0)
    return RLENGTH
  }
  if (name == "right") {
    match(rest, /^(\\[a-z]+|\\[|]|.)/)
    pop("left")
    return RLENGTH
  }
  if (name == "char") { if (rest !~ /^`\\.\{\}/) complain("a \\char of nothing"); return 5 }
  if (name == "text" || name == "operatorname" || name == "mathrm") next_text = name == "text"
  atom()
  return 0
}
{
  line = $0
  while (line != "") {
    c = substr(line, 1, 1)
    line = substr(line, 2)
    if (c == "%") break
    if (c == "\\") {
      if (match(line, /^[a-zA-Z]+/)) {
        name = substr(line, 1, RLENGTH)
        line = substr(line, RLENGTH + 1)
        if (name != "begin" && name != "end") sub(/^ +/, "", line)
        line = substr(line, 1 + command(name, line))
      } else {
        if (line !~ /^[#$%&_{},\\|]/) complain("an escaped " substr(line, 1, 1))
        line = substr(line, 2)
        atom()
      }
    } else if (c == "{") { push("{", next_text || (depth && texts[depth])); next_text = 0 }
    else if (c == "}") pop("{")
    else if (c == "$") { if (depth && kinds[depth] == "$") pop("$"); else { if (math()) complain("a $ within mathematics"); push("$", 0) } }
    else if (c == "^" || c == "_") mark(c)
    else if (c == "&") { if (!depth || kinds[depth] !~ /^(align|tabular|cases)$/) complain("an & out of its place"); atom() }
    else if (c == "#" || c == "~") complain("a bare " c)
    else if (c != " ") atom()
    next_text = c == "\\" ? next_text : 0
  }
}
END {
  if (depth) { print kinds[depth] " never ends"; wrong = 1 }
  exit wrong
}
