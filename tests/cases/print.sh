# Numbers printed wrongly.

case_ n01 'no bare exponent'
says fit c09.csv 'y ~ linear(*)'
never '[0-9.]e([[:space:]]|$)'

case_ n04 'an error has two digits'
says fit "$DATA/../../examples/data/hubble1929.csv" 'velocity ~ linear(distance)'
text '454[[:space:]]+75'
