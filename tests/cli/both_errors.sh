# Errors in both coordinates. K. Pearson's data with D. York's weights: slope -0.48053341, intercept 5.47991022.
cat >york.csv <<'END'
x,y,wx,wy
0,5.9,1000,1
0.9,5.4,1000,1.8
1.8,4.4,500,4
2.6,4.6,800,8
3.3,3.5,200,20
4.4,3.7,80,20
5.2,2.8,60,70
6.1,2.8,20,70
6.5,2.4,1.8,100
7.4,1.5,1,500
END
steady fit york.csv 'y ~ a + b*x' --sigma '1/sqrt(wy)' --sigma-x 'x=1/sqrt(wx)' --intervals 0.683
# the same bits with more threads, and of the model file's values
for threads in 1 3; do
  nadir fit york.csv 'y ~ a + b*x' --sigma '1/sqrt(wy)' --sigma-x 'x=1/sqrt(wx)' --threads $threads --json |
    grep -v '^      "p_value"' | fields chi2 row_errors p_value aic
done
nadir fit york.csv 'y ~ a + b*x' --sigma '1/sqrt(wy)' --sigma-x 'x=1/sqrt(wx)' -q -o line.json
grep -o '"sigma-x": *"[^"]*"' line.json
cut -d , -f 1,2 york.csv >bare.csv
nadir predict line.json bare.csv -q | head -n 2
run fit york.csv 'y ~ a + b*x' --sigma-x x=0.1
run fit york.csv 'y ~ a + b*x' --sigma 0.1 --sigma-x z=0.1
run fit york.csv 'y ~ a + b*x' --sigma 0.1 --sigma-x wx=0.1
run fit york.csv 'y ~ a + b*x' --sigma 0.1 --sigma-x x=x-1
run fit york.csv 'y ~ linear(x)' --sigma 0.1 --sigma-x x=0.1
