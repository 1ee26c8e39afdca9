#!/bin/sh
# Installs into a folder of its own and builds each C example by the line at its head.
#   pkg_config.sh SOURCE-DIR BUILD-DIR
set -eu
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/usr" >"$work/install.log"
PKG_CONFIG_PATH=$(dirname "$(find "$work/usr" -name nadir.pc)")
LD_LIBRARY_PATH=$(dirname "$(find "$work/usr" -name libnadir.so)")
export PKG_CONFIG_PATH LD_LIBRARY_PATH
cp -r "$source/examples" "$work/examples"
cd "$work/examples/c"
for example in *.c; do
  line=$(sed -n 's/^ \*  *\(cc [^*]*\).*/\1/p' "$example")
  [ -n "$line" ] || { echo "$example: no line at its head says how it is built"; exit 1; }
  echo "$line"
  eval "$line"
done
./minimise_callback
./fit_table ../data/hubble1929.csv "$work/model.json"
./own_rule ../data/hubble1929.csv
./prove "x * x^2"
./facts
"$work/usr/bin/nadir" score "$work/model.json" ../data/hubble1929.csv
