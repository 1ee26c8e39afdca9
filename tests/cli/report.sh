# A run as one page: what must be in it, that nothing from outside is markup, and its failures.
run fit hubble1929.csv 'velocity ~ linear(distance)' --unit distance=Mpc,velocity=km/s --report line.html -q
says() { for what in "$@"; do expect "the page says $what" grep -qF "$what" "$page"; done; }
page=line.html
says '<title>velocity ~ linear(distance)</title>' '<td>w[distance]</td><td class="n">454</td>' \
  'strictly convex: the minimum is the only one' '<td>km/s/Mpc</td>' 'of hubble1929.csv' '<th>unit</th><td>distance=Mpc,velocity=km/s</td>'
expect "four pictures" [ "$(grep -c '<svg' line.html)" = 4 ]
expect "one end of the page" [ "$(tail -n 1 line.html)" = '</html>' ]
run minimize 'x^4 - x^2 + y^2' --start x=1,y=1 --report well.html -q
page=well.html
says 'not convex: from p' 'Contours of the loss' 'neither convex nor concave'
# names are text, whatever they look like, and the page loads nothing
printf '`<script>alert(1)</script>`,y"&\n' | tr -d '`' >odd.csv
printf '1,2\n2,4\n3,6.5\n' >>odd.csv
run fit odd.csv '$2 ~ linear($1)' --report odd.html -q
expect "no markup from names" [ "$(grep -c '<script' odd.html)" = 0 ]
page=odd.html
says 'w[&lt;script&gt;alert(1)&lt;/script&gt;]'
expect "nothing is loaded" [ "$(grep -c -e 'src=' -e 'href="http' -e '@import' odd.html)" = 0 ]
run fit hubble1929.csv 'velocity ~ linear(distance)' --report no/such/place.html -q
run fit hubble1929.csv 'velocity ~ linear(distance)' --report hubble1929.csv -q
PATH=/nonexistent "$nadir" minimize 'x^2' --start x=1 --report none.html -q
echo "= $?"
expect "nothing is left of it" [ -z "$(find . -name 'none*')" ]
run minimize 'x^2' --start x=1 --report -
