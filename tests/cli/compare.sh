# Several settings from one start.
table() { sed -e 's/ *under 1 ms / TIME /' -e 's/ *[0-9.]* m*s / TIME /' -e 's/  */ /g'; }
run compare '(x-1)^2' --rate 0.1,0.5,0.9,1.2 --updates 200 2>&1 | table
run compare '(x-1)^2 + (y-2)^2' --rate 'x=0.1,y=0.2,0.3' --method gd,momentum --updates 5 -q
nadir compare '(x-1)^2 + (y-2)^2' --rate 'x=0.1,y=0.2,0.3' --method gd,momentum --updates 5 --json |
  fields method rate_text
nadir compare hubble1929.csv 'velocity ~ linear(distance)' --batch all,8 --epochs 2 --json |
  fields batch updates rows_seen
run compare hubble1929.csv 'velocity ~ linear(distance)' --batch 8 --method gd,newton --epochs 2 -q
nadir compare '(x-1)^2 + y^2' --rate 0.1,0.2 --updates 5 -q --trace t.csv --plot p.gp --contour c.gp
echo "= $?"
ls
grep -c 'rate 0.1' p.gp c.gp
nadir compare 'x^2' --rate 0.1 --rate 0.2 --start x=1 --updates 1 --json | fields rate_text
nadir compare hubble1929.csv 'velocity ~ linear(distance)' --loss 'squared,huber(100),(y-f)^2/velocity^2' --epochs 1 --json 2>/dev/null |
  fields loss_name
