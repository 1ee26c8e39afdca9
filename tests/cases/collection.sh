# The default on tables whose licence does not let them be passed on.
[ -d "$COLLECTION/astro" ] || { echo "skipped: the larger collection of tables is not here" && exit 77; }

case_ d02 'Sersic profile of NGC 4472 by the default'
within 5
json fit "$COLLECTION/astro/astrodatR_ell_gal_profile.tab" 'surf_mag ~ mue + 2.5/log(10)*(2*n-1/3)*((radius/re)^(1/n)-1)' --where 'galaxy=="NGC.4472"' --start mue=22,n=4,re=100
near n 5.9520985 0.0001
key point minimum
exits 0

case_ d05 'the help'\''s own example on SDSS classes'
within 10
json fit "$COLLECTION/astro/sdss_dr14_skyserver_10k.csv" 'class == "QSO" ~ linear(u-g, g-r, r-i)'
key point minimum
exits 0

case_ v30 'softmax has no kink'
says fit "$COLLECTION/astro/sdss_dr14_skyserver_10k.csv" 'class ~ softmax(3; u-g, g-r, r-i, i-z)' --method newton
never kink
