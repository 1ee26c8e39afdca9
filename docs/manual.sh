#!/bin/sh
# Makes the man pages out of what the command says of itself, so that they cannot go stale:
# nadir.1, and nadir-COMMAND.1 for each command.
#     manual.sh NADIR DIRECTORY
set -eu
nadir=$1 directory=$2
mkdir -p "$directory"
version=$("$nadir" --version | cut -d ' ' -f 2)
commands=$("$nadir" --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p')
[ -n "$commands" ]

# The help of a command: a first line "nadir NAME: summary"; sections that begin with "Title:" at the
# left margin; entries whose lead ends before column 25, where their text is.
page() {
  "$nadir" "$1" --help | awk -v name="$1" -v version="$version" '
    function plain(text) {
      gsub(/\\/, "\\e", text)
      gsub(/-/, "\\-", text)
      gsub(/é/, "\\(\x27e", text)
      if (text ~ /^[.\x27]/) text = "\\&" text
      return text
    }
    function section(title) { print ".SH " toupper(title); part = title }
    function entry(    lead, text) {
      lead = $0
      text = ""
      if (substr($0, 24, 1) == " " || length($0) < 24) { lead = substr($0, 1, 24); text = substr($0, 25) }
      gsub(/^ +| +$/, "", lead)
      print ".TP\n.B " plain(lead)
      if (text != "") print plain(text)
    }
    NR == 1 {
      sub(/^[^:]*: /, "")
      print ".TH NADIR\\-" toupper(name) " 1 \"\" \"nadir " version "\" \"nadir manual\""
      section("Name")
      print "nadir\\-" name " \\- " plain($0)
      next
    }
    /^Usage:/ { section("Synopsis"); next }
    /^[A-Z][a-z ]*( \(.*\))?(, of .*)?:$/ { sub(/( \(|, of |:$).*/, ""); section($0); if (part == "Examples") print ".nf"; next }
    part == "Synopsis" && NF { print ".B " plain(substr($0, 3)); next }
    part == "Synopsis" { section("Description"); next }
    part == "Description" { if (NF) print plain($0); else print ".PP"; next }
    part == "Examples" { if (NF) print plain(substr($0, 3)); else print ".fi"; next }
    !NF { next }
    substr($0, 1, 24) ~ /^ *$/ { sub(/^ +/, ""); print plain($0); next }
    { entry() }
    END {
      print ".SH \"EXIT STATUS\"\n0 done; 1 the run ended without what was asked; 2 the input or the command line is wrong; 3 the system failed."
      print ".SH \"SEE ALSO\"\n.BR nadir (1)"
    }' >"$directory/nadir-$1.1.new"
  mv "$directory/nadir-$1.1.new" "$directory/nadir-$1.1"
}

overview() {
  cat <<ROFF
.TH NADIR 1 "" "nadir $version" "nadir manual"
.SH NAME
nadir \\- the lowest point of a function by gradient descent
.SH SYNOPSIS
.B nadir
.I COMMAND ARGUMENTS
.RI [ OPTIONS ]
.SH DESCRIPTION
nadir finds the lowest point of a function by gradient descent, shows how it got there, and says how far the
answer can be trusted. The function is a formula of its parameters, or the mean loss of a model over the rows
of a table (FITS or CSV).
.PP
Options come before or after the arguments; \\-\\- ends them. An argument that begins with a minus and is not an
option is taken as the formula, where one is expected. Results go to standard output, all else to standard error; the
name \\- is standard input or output. No hidden file is read.
.SH COMMANDS
ROFF
  for command in $commands; do
    summary=$("$nadir" "$command" --help | sed -n '1s/^[^:]*: //p')
    printf '.TP\n.BR nadir\\-%s (1)\n%s\n' "$command" "$summary"
  done
  cat <<ROFF
.SH "EXIT STATUS"
.TP
0
done, also when a limit that was given ended the run
.TP
1
the run ended without what was asked: it diverged, was interrupted by a signal (SIGINT, SIGTERM, SIGHUP, SIGUSR1,
SIGXCPU, SIGXFSZ: what it reached is reported and written; a second one ends the program at once), or reached the default limit
short of the tolerance
.TP
2
the input or the command line is wrong
.TP
3
the system failed: memory, disk, an output that cannot be written
.PP
An error is one sentence on standard error,
.IR "nadir: WHERE: what is wrong: what to do" ,
for a formula with the place marked under it.
.SH ENVIRONMENT
.TP
.B NO_COLOR
when set, nothing is printed in colour
.TP
.B NADIR_CPU
a lower level of processor to use: baseline, avx2; a name that is not a level of this processor is refused
.TP
.B TMPDIR
where standard input and gzipped tables are kept while they are read
.SH "SEE ALSO"
ROFF
  for command in $commands; do printf '.BR nadir\\-%s (1),\n' "$command"; done | sed '$s/,$//'
}

overview >"$directory/nadir.1.new"
mv "$directory/nadir.1.new" "$directory/nadir.1"
for command in $commands; do page "$command"; done
