# A false or useless word about where and why a run ended.

case_ v01 'a degenerate point that is no minimum'
says minimize 'x^3 + y^2' --start x=1,y=1
exits 1
never 'minimum reached'
never 'point +minimum'

case_ v02 'a degenerate point that is no minimum'
says minimize 'x^3' --start x=1
exits 1
never 'minimum reached'
never 'point +minimum'

case_ v05 'a jump at the point'
says minimize 'floor(x) + x^2' --start x=2.5
never 'minimum reached'

case_ v08 'a jump at the point'
says minimize 'if(x>0,x^2,x^2+5)' --start x=-1
never 'all curvatures are positive and the gradient vanishes'

case_ v09 'a kink that no axis shows'
says minimize 'x^2+y^2-3*abs(x*y)' --start x=1,y=0
never 'minimum reached'

case_ v11 'a tail without a minimum'
says minimize 'exp(-2000*x)'
exits 1
never 'minimum reached'
never 'minimum is the only one'

case_ v14 'no minimum exists'
says minimize 'exp(x)'
exits 1
never 'minimum is the only one'

case_ v15 'a maximum, a saddle, a plateau is not what was asked'
says minimize '-x^2' --start x=0
exits 1

case_ v16 'a maximum, a saddle, a plateau is not what was asked'
says minimize 'w1^2-w2^2' --start w1=1,w2=0
exits 1

case_ v19 'after divergence 0.9 of the rate named holds'
line 'r=$("$NADIR" minimize "exp(x)-x" --start x=-3 --method momentum --rate 10 --json | sed -n "s/^  \"stable_rate\": \(.*\),$/\1/p"); [ "$r" = null ] || awk -v r="$r" "BEGIN { exit !(r != \"\" && r < 10) }"'
exits 0

case_ v20 'separable classes are named'
within 5
says fit l01_separable.csv 'y ~ linear(x)' --loss logistic
exits 1
text separat

case_ v22 'one class only'
within 5
says fit l05_single1.csv 'y ~ linear(x)' --loss logistic
exits 1 2
text 'one class|1 class|single class|only (one )?class'

case_ v24 'collinear columns: what is not determined, in the table'\''s units'
says fit k01_collinear.csv 'y ~ linear(a,b2)'
never '0\.71 w\[a\] - 0\.71 w\[b2\]'
never 'no warnings'

case_ v25 'which class is 1'
says fit l08_text2.csv 'c ~ linear(x)'
text star

case_ v27 'a limit and a minimum are not both the end'
says minimize '(x-1)^4' --start x=0 --method gd
never 'minimum reached.*limit|limit.*minimum reached'

case_ v28 'bb over a curvature that falls by 1e17'
json minimize 'cosh(x) + (y-1)^2' --start x=40,y=0 --method bb
near x 0 0.0001
near y 1 0.0001

case_ v32 'a constant column alone: b = 3 is the answer'
says fit k12_const_only.csv 'y ~ linear(x)'
never 'never began'
