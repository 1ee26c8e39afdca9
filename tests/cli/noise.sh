# Wrong-way gradients and the clouds of stochastic descent.
awk 'BEGIN { print "y"; for (y = 1; y <= 10; y++) print y }' >ten.csv
nadir noise ten.csv 'y ~ w' --batch 1 --rates 0.02,0.01 --json >noise.json
echo "= $?"
sed -n 's/^ *"\([a-z_]*\)": .*/\1/p' noise.json | sort | uniq -c | sed 's/^ *//'
# at w = 0 no row points uphill
sed -n '/"epoch": 0,/,/"share"/p' noise.json
nadir noise ten.csv 'y ~ w' --batch 1 --rates 0.02,0.01 >noise.txt
sed -n '/^share/,/^ *0 /p;/^clouds/p' noise.txt
expect 'the same seed, the same answer' [ "$(nadir noise ten.csv 'y ~ w' --rates 0.02,0.01 | cksum)" = "$(cksum <noise.txt)" ]
nadir noise ten.csv 'y ~ w' --batch 1 --rates 0.02,9 --json >diverged.json
sed -n '/"rate": 9/,/}/p' diverged.json
nadir noise ten.csv 'y ~ w' --batch 1 --rates 0.02,9 | sed -n '/^clouds/,/^$/p'
run noise ten.csv 'y ~ w' --batch all
run noise ten.csv 'y ~ w' --batch 10
run noise ten.csv 'y ~ w' --rates 0
run noise ten.csv 'y ~ w' --rates x
run noise ten.csv
run noise
