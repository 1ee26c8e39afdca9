# Only the name itself is opened (x.fits[1]: also x.fits, to see whether a hint to --hdu is due).
# A file's name is only a name: no process, connection or other file for names that look like more.
command -v strace >/dev/null || skip "there is no strace"
strace -o probe.txt true 2>/dev/null || skip "strace may not trace here"
trace() { # name
  ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=open,openat,creat,connect,socket,execve,fork,vfork,clone,clone3,unlink,rename \
    -o calls.txt "$nadir" info "$1" >said.txt 2>&1
  echo "= $? $1: $(head -n 1 said.txt | cut -c 1-7)"
  # all but the start of the program and what the system's libraries read
  sed -e '1d' -e 's/^[0-9]* *//' calls.txt | grep '(' |
    grep -v '"\(/lib\|/usr\|/etc\|/proc\|/sys\|/dev/null\)' |
    grep -v '"[^"]*lib\(nadir\|asan\|[a-z]*san\)\?[^" ]*\.so' |
    sed 's/openat(AT_FDCWD, \("[^"]*"\).*/  open \1/' | sort -u
}
for name in '!x.fits' 'x.fits[1]' 'x.fits[col a=b]' 'ftp://127.0.0.1/x.fits' 'http://127.0.0.1/x.fits' \
  'sh://touch made' 'file://x.fits' 'mem://x' 'root://x' '-x.fits' '|touch made' 'x.fits; touch made' \
  '$(touch made)' '`touch made`' 'stdin' '@list' 'x.fits+1' 'x.fits.gz(out.fits)'; do
  trace "$name"
done
expect "nothing was made" [ ! -e made ]
printf '`touch made`,$(touch made)\n1,2\n3,5\n4,8\n' >names.csv
nadir fit names.csv '$2 ~ linear($1)' --plot picture.gp --plot-fit fit.gp --title '`touch made`$(touch made)' -q
echo "= $?"
nadir fit names.csv '$2 ~ linear($1)' --plot picture.svg --plot-fit fit.svg --title "'; system 'touch made'; '" -q
echo "= $?"
expect "hostile titles and columns ran nothing" [ ! -e made ]
