# Every bound is in one list, and what goes beyond it is told the bound.
run limits
nadir limits --json | head -n 12
run limits 3
nested() { # how often, what is before, what is after
  awk -v n="$1" -v before="$2" -v after="$3" \
    'BEGIN { for (i = 0; i < n; i++) printf "%s", before; printf "x"; for (i = 0; i < n; i++) printf "%s", after }'
}
said() { nadir "$@" 2>&1 | head -n 1 | sed -e 's/{.*}/{...}/' -e 's/(((.*)))/(((...)))/' | cut -c 1-150; }
for n in 200 201; do
  echo "$n calls, brackets, signs:"
  said minimize "$(nested $n 'sin(' ')')" --updates 0 --json | cut -c 1-1
  said convex "$(nested $n '(' ')')"
  said convex "$(nested $n '- ' '')"
done
awk 'BEGIN { printf "x"; for (i = 0; i < 600000; i++) printf "+x"; print "" }' >long.conf
said minimize 'x^2' --starts 1000000000 --box x=-1:1
said fit hubble1929.csv 'velocity ~ linear(distance)' --threads 5000
said fit hubble1929.csv 'velocity ~ linear(distance)' --batch 1e10
said fit hubble1929.csv 'velocity ~ linear(distance)' --patience 1e10
said fit hubble1929.csv 'velocity ~ linear(distance)' --seed 18446744073709551616
said fit hubble1929.csv 'velocity ~ linear(distance)' --l2 1e309
said fit hubble1929.csv 'velocity ~ linear(distance)' --memory 1e30
said fit hubble1929.csv 'velocity ~ poly(distance, 101)'
said taylor 'sin(x)' --order 1001
said minimize 'x^2' --config long.conf
said compare 'x^2' --rate 1,2,3,4,5,6,7,8,9,10,11 --start x=1 --seed 1,2,3,4,5,6,7,8,9,10
said rate "$(awk 'BEGIN { printf "x0^2"; for (i = 1; i < 33; i++) printf " + x%d^2", i }')" --box "$(awk 'BEGIN { printf "x0=0:1"; for (i = 1; i < 33; i++) printf ",x%d=0:1", i }')"
said convex 'a*x^2' --data a --assume "a in {$(awk 'BEGIN { printf "0"; for (i = 1; i < 257; i++) printf ",%d", i }')}"
# a header without an end is told apart from one that is cut short
card() { printf '%-80s' "$1"; }
{
  card 'SIMPLE  =                    T'
  card 'BITPIX  =                    8'
  card 'NAXIS   =                    0'
  awk 'BEGIN { for (i = 0; i < 210000; i++) printf "%-80s", "COMMENT x" }'
} >endless.fits
said info endless.fits
head -c 28800 endless.fits >cut.fits
said info cut.fits
# a level of processor that does not exist is refused
NADIR_CPU=v3 nadir minimize 'x^2' 2>&1 | sed 's/(.*)/(LEVELS)/'
NADIR_CPU=v3 nadir --version 2>&1 | sed 's/(.*)/(LEVELS)/'
NADIR_CPU= nadir minimize 'x^2' --updates 0 -q
echo "= $?"
NADIR_CPU=baseline nadir --version | sed "s/, MPI//"
