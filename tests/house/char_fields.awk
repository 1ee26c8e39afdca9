# The char and nd_text members of the structs of C files, one per line: FOLDER/STRUCT.MEMBER, TAB, FILE.
# An anonymous struct goes by the name of what is declared by it. Members that a macro makes have the name that
# the macro gives them. Bytes (unsigned char) and functions do not count.
#     awk -f char_fields.awk FILE ...

function without_comments(text,    out, at, end) {
  out = ""
  while (match(text, /\/\*|\/\/|"/)) {
    out = out substr(text, 1, RSTART - 1)
    at = substr(text, RSTART, 2)
    text = substr(text, RSTART)
    if (at == "/*") {
      end = index(text, "*/")
      text = end ? substr(text, end + 2) : ""
    } else if (at == "//") {
      end = index(text, "\n")
      text = end ? substr(text, end) : ""
    } else {
      text = match(text, /^"([^"\\]|\\.)*"/) ? substr(text, RLENGTH + 1) : substr(text, 2)
    }
    out = out " "
  }
  return out text
}

# Lines of the preprocessor go; what a macro makes stays.
function without_preprocessor(text,    lines, count, i, out) {
  gsub(/\\\n/, " ", text)
  count = split(text, lines, "\n")
  out = ""
  for (i = 1; i <= count; i++) {
    if (sub(/^[ \t]*#[ \t]*define[ \t]+[A-Za-z_0-9]+(\([^)]*\))?/, "", lines[i]) || lines[i] !~ /^[ \t]*#/)
      out = out " " lines[i]
  }
  return out
}

# Where the brace closes that text begins within.
function closing(text,    depth, i, c) {
  depth = 1
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (c == "{") depth++
    if (c == "}" && --depth == 0) return i
  }
  return length(text) + 1
}

function without_inner(body,    out, end) {
  out = ""
  while (match(body, /\{/)) {
    out = out substr(body, 1, RSTART - 1)
    body = substr(body, RSTART + 1)
    end = closing(body)
    body = substr(body, end + 1)
    sub(/^[^;]*/, "", body) # the inner struct's own name
  }
  return out body
}

function members(owner, body,    statements, count, i, one, names, n, k) {
  count = split(without_inner(body), statements, ";")
  for (i = 1; i <= count; i++) {
    one = " " statements[i] " "
    while (gsub(/\([^()]*\)/, " ", one)) {}
    gsub(/\[[^]]*\]/, " ", one)
    if (one !~ /[^A-Za-z0-9_](char|nd_text|nd_field_[A-Za-z#]*)[^A-Za-z0-9_]/ || one ~ /unsigned char/) continue
    n = split(one, names, ",")
    for (k = 1; k <= n; k++) {
      gsub(/[*]/, " ", names[k])
      sub(/[ \t]+$/, "", names[k])
      sub(/.*[ \t]/, "", names[k])
      if (names[k] !~ /^(char|const|nd_text|)$/) print folder "/" owner "." names[k] "\t" file
    }
  }
}

function structs(text,    tag, end, body, name) {
  while (match(text, /[^A-Za-z0-9_](struct|union)[ ]*[A-Za-z0-9_]*[ ]*\{/)) {
    tag = substr(text, RSTART + 1, RLENGTH - 2)
    text = substr(text, RSTART + RLENGTH)
    end = closing(text)
    body = substr(text, 1, end - 1)
    sub(/^(struct|union)[ ]*/, "", tag)
    sub(/[ ]*$/, "", tag)
    name = substr(text, end + 1, 200)
    sub(/^[ *]*/, "", name)
    sub(/[^A-Za-z0-9_].*/, "", name)
    members(tag != "" ? tag : name != "" ? name : "anonymous", body)
  }
}

function look() {
  if (file == "") return
  text = without_preprocessor(without_comments(text))
  gsub(/[ \t\n]+/, " ", text)
  structs(" " text)
}

FNR == 1 {
  look()
  file = FILENAME
  split(file, path, "/")
  folder = path[1] == "src" ? path[2] : path[1]
  text = ""
}
{ text = text $0 "\n" }
END { look() }
