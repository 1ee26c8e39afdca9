# A catalogue read as something that it is not, in silence.

case_ t01 '64-bit ids compare as integers'
line '"$NADIR" fit c14_ids_int64.csv '\''y ~ linear(x)'\'' -q -o "$TMP/m.json"; "$NADIR" predict "$TMP/m.json" c14_ids_int64.csv --where '\''source_id == 4295806720000000002'\'' | tail -n +2 | wc -l'
text '^1[[:space:]]'

case_ t02 'ids are written back as they were, or told'
line '"$NADIR" fit c14_ids_int64.csv '\''y ~ linear(x)'\'' -q -o "$TMP/m.json"; "$NADIR" predict "$TMP/m.json" c16_ids_point.csv'
never '4\.29580672e\+?18'

case_ t03 'the second column is the second also where names are equal'
says fit f06_dupnames.fits '`u-g` ~ linear($2)'
exits 0 2
text '0\.2\b|ambiguous|two columns|same name'

case_ t04 'decimal commas are not split'
says info c02e.txt
text comma

case_ t05 'decimal commas beside semicolons are named'
says fit c02a.csv 'y ~ linear(x)'
text 'decimal comma'

case_ t08 'a column called pi is data'
json fit n01_names.csv 'z ~ a + pi*x'
near a -0.5 1e-06

case_ t09 'a ruler of dashes is no row'
says info m33_twoline.txt
never '4 rows'

case_ t11 'SExtractor'\''s names and units'
says info m35_sextractor.cat
text 'MAG_AUTO[[:space:]]+[^[:space:]]+[[:space:]]+mag'

case_ t12 'Gnuastro'\''s text table'
says info gnuastro.txt
text 'MAG[[:space:]]+real[[:space:]]+mag[[:space:]]+3[[:space:]]+1'
