# A bound or a verdict that is not exactly true as printed, or does not end.

case_ p01 'the gap at the very double'
json minimize '1e34*(x-0.1)^2' --start x=0.1
atleast optimum_gap 0.3

case_ p04 'a modulus is printed rounded down'
says convex 'x^2/3'
never '0\.666667'

case_ p06 'a gap is printed rounded up'
says minimize 'x^2' --start x=1.111 --rate 1e-300 --updates 1
never 'at most 1\.23 '

case_ p09 'a jump at the point is refused in two parameters too'
says taylor 'if(x>0,1e6,0)+x+y' --at x=0,y=0 --radius 1
exits 2

case_ p11 'values at a witness are the values'
says convex 'x^3+mod(6,1/3)'
never '0\.1666'

case_ p12 'a formula without a value has no verdict but that'
says convex 'x^2+asin(2)'
never 'strongly convex'

case_ p15 'overflow is not a missing derivative'
says taylor 'exp(x)' --at x=1000
never 'do not exist'

case_ p17 'an interval that reaches the pole'
says taylor 'log(1+x)' --at x=0 --order 5 --radius 1
never 'inf \(proved\)'
never nan

case_ p18 '--seconds holds'
within 3
says convex 'trigamma(x*1e6)' --seconds 0.2

case_ p20 'a certificate does not hang a run'
within 10
says minimize 'log(polygamma(5,z*1000000007))' --start z=0.3 --updates 2
