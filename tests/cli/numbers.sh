# Numbers as printed: an error has two digits and its value ends where they end, whatever their size;
# no exponent is without digits; a run that stopped short gives every digit of its values.
values() { sed -n '/^parameter/,/^$/p' | awk 'NF'; }
# one line in units of 10^k: the same digits at every k
for k in -20 -9 -3 0 4 8 20; do
  printf 'x,y\n1,5.1e%s\n2,9.8e%s\n3,15.3e%s\n4,19.6e%s\n5,25.4e%s\n' $k $k $k $k $k >scaled.csv
  echo "in units of 1e$k"
  nadir fit scaled.csv 'y ~ linear(x)' --method newton | values
done
# what a perfect line leaves of errors
printf 'x,y\n1,0.1\n2,0.2\n3,0.3\n4,0.4\n' >perfect.csv
nadir fit perfect.csv 'y ~ linear(x)' >perfect.txt
expect "no bare exponent" sh -c '! grep -E "[0-9.]e( |$)" perfect.txt'
# short of the minimum, by a limit and by divergence
nadir minimize '(x - 1/3)^2 + y^2/7' --start x=1,y=1 --method gd --rate 0.1 --updates 3 | values
nadir minimize 'x^2 + y^2/7' --start x=1,y=1 --method gd --rate 1.01 2>stderr.txt | values
# every digit by -v
nadir minimize '(x - 1/3)^2' --method newton -v 2>stderr.txt | values
