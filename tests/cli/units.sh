# Units of columns go through formulas to the parameters; where two do not agree it is told, and no more.
parameters() { nadir fit "$@" 2>&1 | sed -n '/warning/p; /^parameter/,/^$/p' | grep .; }
run help units
run fit hubble1929.csv 'velocity ~ H0*distance' --unit distance=Mpc,velocity=km/s -q --summary csv
nadir fit hubble1929.csv 'velocity ~ H0*distance' --unit distance=Mpc,velocity=km/s --json | grep '"unit"'
# the rotation curve of a galaxy, the velocities of a star, the sky
parameters "$SOURCE/examples/data/sparc.csv" 'vobs ~ sqrt(vgas*abs(vgas) + ml*vdisk^2 + vh^2*(1 - rc/rad*atan(rad/rc)))' \
  --where 'galaxy == "NGC3198"' --sigma errv --bounds 'ml=0:5, vh=0:1000, rc=0.01:100' \
  --unit vobs=km/s,errv=km/s,vgas=km/s,vdisk=km/s,rad=kpc
parameters "$SOURCE/examples/data/51peg.dat" 'rv ~ v0 + K*sin(2*pi*(t - 2450000)/P + phase)' --names t,rv,err --sigma err \
  --unit t=d,rv=m/s,err=m/s
parameters "$SOURCE/examples/data/firas.txt" 'I ~ planck(100*const.c*nu, T)*1e20' --names nu,I,residual,kJy,galaxy \
  --sigma 'kJy/1000' --unit nu=cm-1,I=MJy/sr,kJy=kJy/sr
# mismatches: a sum, a function, an angle, a factor, the errors; the run and its exit status are what they were
parameters hubble1929.csv 'velocity ~ a*(velocity + distance)' --unit distance=Mpc,velocity=km/s
parameters hubble1929.csv 'velocity ~ a*exp(-distance)' --unit distance=Mpc,velocity=km/s
parameters hubble1929.csv 'velocity ~ a*sin(distance)' --unit distance=deg
printf 'v,w,e\n1,1000,0.1\n2,2100,0.1\n3,2900,0.1\n' >two.csv
parameters two.csv 'v ~ w + c' --unit v=km/s,w=m/s
parameters two.csv 'v ~ w/1000 + c' --unit v=km/s,w=m/s
parameters two.csv 'v ~ linear(w)' --unit v=km/s,w=m/s,e=mag --sigma e
nadir fit two.csv 'v ~ w + c' --unit v=km/s,w=m/s --json 2>/dev/null | sed -n '/"warnings"/,/\]/p'
# a unit that is none is a text as before, and drives no terminal
parameters two.csv 'v ~ a*w + c' --unit "w=km s,v=$(printf '\033[31mfoo')"
# in the header of predictions
nadir fit two.csv 'v ~ a*w + c' --unit v=km/s,w=m/s -q -o line.json
nadir predict line.json two.csv -o line.fits && nadir info line.fits | sed -n '/^name.*type/,/^$/p' | cut -c 1-32
