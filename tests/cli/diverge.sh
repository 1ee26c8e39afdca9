# A rate that is too large: the run stops on its own, names the update and the largest stable rate,
# keeps the last good parameters, and exits with 1.
steady fit hubble1929.csv 'velocity ~ linear(distance)' --rate 1.5 2>&1
nadir fit hubble1929.csv 'velocity ~ linear(distance)' --rate 1.5 --json 2>/dev/null |
  fields status stop stable_rate | rounded
run minimize '(x-1)^2 + 10*y^2' --rate 0.2 --start y=1 -q
run minimize 'x' -q
run minimize 'sqrt(x)' --start x=1 --rate 5 -q
