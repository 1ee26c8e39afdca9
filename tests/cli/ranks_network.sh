# Ranks on three machines that are joined by TCP alone: network namespaces, each with a name and an address of its own.
nadir --version | grep -q MPI || skip "nadir was built without MPI (NADIR_MPI)"
command -v mpirun >/dev/null || skip "there is no mpirun"
command -v ip >/dev/null || skip "there is no ip"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
a=nadir$$a b=nadir$$b c=nadir$$c
remove() { for place in $a $b $c; do ip netns pids $place 2>/dev/null | xargs -r kill -9; ip netns delete $place; done 2>/dev/null; }
trap remove EXIT
join() { # a namespace, its address: by a cable to the switch in the first
  ip -n $a link add "to$1" type veth peer name wire netns "$1" && ip -n $a link set "to$1" master switch up &&
    ip -n "$1" address add "$2/24" dev wire && ip -n "$1" link set wire up
}
{
  ip netns add $a && ip netns add $b && ip netns add $c && for place in $a $b $c; do ip -n $place link set lo up; done &&
    ip -n $a link add switch type bridge && ip -n $a address add 10.99.0.1/24 dev switch && ip -n $a link set switch up &&
    join $b 10.99.0.2 && join $c 10.99.0.3 && unshare --uts true
} 2>why.txt || skip "this system makes no network namespaces: $(head -n 1 why.txt)"
# mpirun's way to another machine
cat >agent.sh <<'END'
#!/bin/sh
place=$1
shift
exec ip netns exec "$place" unshare --uts sh -c "hostname $place; $*"
END
chmod +x agent.sh
network() {
  ip netns exec $a unshare --uts sh -c "hostname $a"'; exec "$@"' - timeout -k 5 60 mpirun -n 3 --host $a:1,$b:1,$c:1 \
    --mca plm_rsh_agent "$PWD/agent.sh" --mca pml ob1 --mca btl tcp,self --mca btl_tcp_if_include 10.99.0.0/24 \
    --mca oob_tcp_if_include 10.99.0.0/24 -x NADIR_RANK_SECONDS "$@"
}
export NADIR_RANK_SECONDS=3
awk 'BEGIN { print "a,b,y"; for (i = 0; i < 30000; i++) print (i * 7919 % 1009) / 137 "," (i * 104729 % 997) / 211 "," (i * 31 % 17) / 40 + i % 1009 / 300 }' >all.csv
network true >why.txt 2>&1 || skip "mpirun does not start programs in network namespaces"
plain() { grep -v -e '"seconds"' -e '"cpu"' -e '"command_line"'; }
nadir fit all.csv 'y ~ linear(a, b)' --json -q | plain >first.txt
network "$nadir" fit "$PWD/all.csv" 'y ~ linear(a, b)' --json -q 2>why.txt | sed "s|$PWD/||" | plain >second.txt
expect "three machines give the bits of one process" cmp -s first.txt second.txt
network "$nadir" fit "$PWD/all.csv" 'y ~ linear(a, b)' --method gd --rate 1e-9 --updates 1000000000 >lost.txt 2>&1 &
tries=0
alive() { for place in $a $b $c; do ip netns pids $place; done | xargs -r ps -o comm= | grep -c '^nadir$'; }
until [ "$(alive)" = 3 ] || [ $tries = 100 ]; do sleep 0.1 && tries=$((tries + 1)); done
sleep 3
ip -n $a link set to$c down
tries=0
until [ "$(alive)" = 0 ] || [ $tries = 150 ]; do sleep 0.1 && tries=$((tries + 1)); done
expect "all ranks end when a cable is cut" [ $tries -lt 150 ]
expect "one cause is told" [ "$(grep -c 'has been silent for 3 s' lost.txt)" = 1 ]
