# Every setting can be printed and read again; the command line goes before the file.
nadir fit -P --rate 0.25 --method adam --adam.beta1 0.8 --where 'x > 1' >settings.txt
echo "= $?"
grep '^\(rate\|method\|adam.beta1\|where\) = ' settings.txt
nadir fit -P --config settings.txt | cmp - settings.txt
echo "= $?"
nadir fit -P --config settings.txt --rate 0.5 | grep '^rate = '
printf '# a comment\n\nrate = 0.125\n' >some.txt
nadir minimize 'x^2' --start x=1 --config some.txt --updates 1 --json | fields rate
