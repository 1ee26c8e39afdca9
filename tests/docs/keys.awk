# The paths of the keys of JSON as nadir prints it, one key a line, two blanks a level: convexity.modulus, and
# parameters[].name for each element of a list; " null" follows where the value is. Keys below one whose path
# matches `free` are names that the input gave: they are printed as *.
{
  match($0, /^ */)
  depth = RLENGTH / 2
}
/^ *[{[]$/ { level[depth] = "[]" }
/^ *"([^"\\]|\\.)*": / {
  name = $0
  sub(/^ *"/, "", name)
  sub(/": .*$/, "", name)
  path = ""
  for (i = 1; i < depth; i++) path = path (level[i] == "[]" || path == "" ? "" : ".") level[i]
  if (free != "" && path ~ free) name = "*"
  level[depth] = name
  print path (path == "" ? "" : ".") name ($0 ~ /: null,?$/ ? " null" : "")
}
