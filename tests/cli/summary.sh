# The parameters of a fit as a table, and its checks.
awk 'BEGIN { print "t,y,err"; for (i = 0; i < 40; i++) printf "%g,%g,0.2\n", i * 0.25, 3 * exp(-i * 0.25 / 2.5) + 0.5 + 0.2 * sin(7 * i) + (i == 30 ? 4 : 0) }' >decay.csv
for form in tex md csv; do
  echo "= $form"
  nadir fit decay.csv 'y ~ A*exp(-t/tau) + c_0' --start A=2,tau=2,c_0=0 --sigma err --unit y=mJy,t=s --intervals 0.683 --summary "$form" | sed 's/\([0-9]\.[0-9][0-9][0-9]\)[0-9]*/\1/g'
done
nadir fit hubble1929.csv 'velocity ~ linear(distance)' --unit distance=Mpc,velocity=km/s --summary tex
echo '= checks'
checks() { nadir fit "$@" -v 2>/dev/null | sed -n '/^checks/,/^$/p'; }
checks decay.csv 'y ~ A*exp(-t/tau) + c_0' --start A=2,tau=2,c_0=0 --sigma err
checks hubble1929.csv 'velocity ~ linear(distance)'
checks hubble1929.csv 'velocity ~ a*distance + b + c*2'
checks hubble1929.csv 'velocity ~ a*distance + b' --bounds b=0:
checks hubble1929.csv 'distance > 1.05 ~ linear(distance)'
nadir fit decay.csv 'y ~ linear(t)' --json | sed -n '/"checks"/,/^  \]/p' | head -n 14
run fit decay.csv 'y ~ linear(t)' --summary html
run fit decay.csv 'y ~ linear(t)' --summary csv --json
