# --seconds hold within enclosures, certificates and diagnoses too: each of these took 12 to 90 s.
quick() {
  begun=$(date +%s)
  nadir "$@" >out.txt 2>err.txt
  echo "= $?"
  cat err.txt
  took=$(($(date +%s) - begun))
  [ "$took" -le 20 ] || echo "it took $took s"
}
quick convex 'trigamma(x*1e6)' --seconds 0.2
quick convex 'trigamma(x*1e6)*polygamma(7,x-0.5)*lgamma(x*1e4)' --seconds 0.2
quick minimize 'log(polygamma(5,z*1000000007))' --start z=0.3 --updates 2
grep '^stopped' out.txt
# the descents from many starts, and the one from the best of them, share the time
quick minimize '(x-1)^2 + sin(5*y) + y^2/100' --starts 100000 --seconds 1 | sed 's/= [01]/ended/'
quick minimize 'x^2' --start x=1 --rate 1e-12 --tol-gradient 0 --updates 1000000000000 --seconds 0.5
grep -e '^stopped' -e '^point' out.txt
# no bound on a box is none, not a kink
quick rate 'polygamma(9, x*1e6)*exp(sin(1/x))' --box x=0.1:5 --seconds 0
cat out.txt
