# The default method finishes ordinary work.

case_ d01 '51 Peg: amplitude by the default'
within 5
json fit "$DATA/astro/rv_51Peg_ELODIE.dat" 'c2 ~ v0 + K*sin(2*pi*(c1-2450000)/P + phi)' --sigma c3 --start v0=-33250,K=50,P=4.23,phi=0
near K 57.292345 0.0001
key point minimum
exits 0
