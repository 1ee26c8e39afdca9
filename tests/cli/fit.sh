# Hubble's law: the slope is 454.16 km/s/Mpc and the intercept -40.78, 423.94 without.
steady fit hubble1929.csv 'velocity ~ linear(distance)' --unit distance=Mpc,velocity=km/s
steady fit hubble1929.csv 'velocity ~ linear(distance)' --no-intercept --where 'distance < 5 and velocity > -200'
for method in gd adagrad adam newton; do
  nadir fit hubble1929.csv 'velocity ~ linear(distance)' --method $method --json |
    fields value status point | rounded
done
nadir fit hubble1929.csv 'velocity ~ linear(distance)' --no-intercept --json |
  fields name value | rounded
# options before the arguments, after --, and standard input
nadir fit --loss 'huber(300)' --method bb --json hubble1929.csv 'velocity ~ linear(distance)' | fields loss_name status stop
nadir fit --no-intercept -q -- hubble1929.csv 'velocity ~ linear(distance)'
echo "= $?"
nadir fit - 'velocity ~ linear(distance)' <hubble1929.csv | sed -n '1,2p;$p'
nadir fit hubble1929.csv hubble1929.csv 'velocity ~ linear(distance)' | head -n 1
# a line whose errors are known by hand: y = 1 + 2x with residuals 1, -1, -1, 1 and sigma 0.5
printf 'x,y,s\n-3,-4,0.5\n-1,-2,0.5\n1,2,0.5\n3,8,0.5\n' >line.csv
steady fit line.csv 'y ~ linear(x)' --sigma s
# a limit that was given ends with 0, the default limit with 1
steady fit hubble1929.csv 'velocity ~ linear(distance)' --rate 0.001 --epochs 3 | tail -n 2
nadir fit hubble1929.csv 'velocity ~ linear(distance)' --rate 1e-7 -q
echo "= $?"
