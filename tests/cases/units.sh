# Tolerances, scales and verdicts that depend on the units of data or parameters.

case_ u01 'mean of values near 1e-15, free formula'
json fit s02_one_value_1e-15.csv 'y ~ m'
near m 1.5e-15 1e-09
key status done
key point minimum

case_ u02 'line of values 1e-12'
json fit s07_1e-12.csv 'y ~ a + c*x'
near a 1.09e-12 1e-08
near c 1.94e-12 1e-08
key point minimum

case_ u04 'Gaussian line, flux 1e-15, errors given'
json fit s01_flux1e-15.csv 'flux ~ a*exp(-(x-mu)^2/(2*s^2)) + c' --start a=1e-15,mu=5,s=1 --sigma err
near a 3.001710934e-15 1e-06
near mu 5.2042494943 1e-07
near s 0.7986294813 1e-06
near c 3.910053e-16 1e-05
key point minimum
exits 0

case_ u06 'linear without scaling, values 1e-15'
json fit s03.csv 'y ~ linear(x)' --scale none
near b 1.37e-15 1e-08
near 'w[x]' 1.7e-16 1e-07

case_ u08 'a formula whose minimum is at 1e-9'
json minimize '(x-1e-9)^2'
near x 1e-09 1e-06
key point minimum

case_ u10 'robust loss on a scale of 1e-16: never worse than the start'
json minimize 'log(1+(x/1e-16)^2)' --start x=1e-15
below loss 4.62

case_ u11 'linear, y of 1e-170: squares underflow'
json fit s12_1e-170.csv 'y ~ linear(x)'
near b 1.09e-170 1e-08

case_ u13 'a straight line over Julian dates, typed as a formula'
json fit jd.csv 'y ~ a + b*x'
near a -4687.124030023536 1e-06
near b 0.001910449798146544 1e-06
key point minimum
key status done
exits 0

case_ u14 'a straight line over years'
json fit years.csv 'y ~ a + b*x'
near a -126.23080891636566 1e-06
near b 0.06495529313698249 1e-06
key point minimum
exits 0

case_ u15 'HD 164922'\''s trend in raw Julian dates, errors given'
json fit "$DATA/astro/rv_164922_fixed.txt" 'mnvel ~ a + b*time' --sigma errvel
near b -0.00060388 0.0001
key point minimum
exits 0

case_ u19 'two curvatures 1e10 apart'
json minimize '1e10*(x-1)^2+(y-5)^2' --start x=0,y=0
near x 1 1e-06
near y 5 1e-06
key point minimum
exits 0

case_ u21 'exact minimum of a small function is a minimum'
json minimize '1e-10*(x-3)^2'
near x 3 1e-09
key point minimum
exits 0

case_ u23 'an emission line in erg/s/cm2/A near 5007 A'
json fit tinyflux.csv 'flux ~ a*exp(-(x-mu)^2/(2*s^2)) + c' --start a=2e-17,mu=5006,s=3,c=0
near a 2.994648649953736e-17 1e-05
near mu 5006.801557851103 1e-07
near s 2.1087919892356863 1e-05
key point minimum
exits 0
