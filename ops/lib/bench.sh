# Benchmarks: what they are run with, and where. Sourced by ops/bench; needs say.sh, packages.sh, build.sh and $root.

measures='launch cycles many path start api survive'
programs=$root/ops/target/bench

bench_needs() { lacking wrk wrk ip iproute2 unshare util-linux; }

# The client that measures and the server that is measured, static, and the server as an artifact.
build_programs() {
    local c=$root/ops/src/bench/c flags=(-static -O2 -s -D_GNU_SOURCE -Wall -Wextra -Werror)
    mkdir -p "$programs"
    musl-gcc "${flags[@]}" -o "$programs/server" "$c/server.c"
    musl-gcc "${flags[@]}" -pthread -o "$programs/client" "$c"/{client,api,service,launches,lanes}.c
    tar -C "$programs" -cf "$programs/site.tar" ./server
}

# measure_one MEASURE NUMBER LIMIT: in namespaces of its own. Its figures are then in ops/target/bench/MEASURE.figures.
measure_one() {
    rm -f "$programs/$1.figures"
    unshare --net --mount --propagation private -- "$root/ops/bench" inside "$@" &
    local unshared=$! code=0
    # Whoever ends this script ends the measure, which needs a while to take everything away.
    trap 'kill "$unshared" 2>/dev/null || true' INT TERM
    while kill -0 "$unshared" 2>/dev/null; do
        code=0
        wait "$unshared" || code=$?
    done
    trap - INT TERM
    return "$code"
}

measure_all() {
    local measure failed=()
    for measure in $measures; do
        say "Measuring: $measure"
        measure_one "$measure" 0 "$1" || { if (($? > 128)); then exit 130; fi; failed+=("$measure"); }
    done
    : >"$programs/all.figures"
    for measure in $measures; do
        if [[ -e $programs/$measure.figures ]]; then cat "$programs/$measure.figures" >>"$programs/all.figures"; fi
    done
    say "All figures"
    (bench_java table "$programs/all.figures")
    if ((${#failed[@]})); then fail "these measures did not come to their end: ${failed[*]}"; fi
}

# Takes the place of the shell that calls it.
bench_java() {
    local class_path='' jar
    while read -r jar; do class_path+=:$dist/lib/$jar; done <"$dist/conf/hostel.classpath"
    exec "$(cat "$dist/conf/java")" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx128m -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 \
        -cp "${class_path#:}" io.hostel.bench.Bench "$@"
}

# measure_inside MEASURE NUMBER LIMIT, in namespaces that end with this process.
measure_inside() {
    local measure=$1 number=$2 limit=$3
    if [[ $(readlink /proc/self/ns/net) == "$(readlink /proc/1/ns/net)" ]]; then fail "this is no namespace to throw away"; fi
    work=$(mktemp -d /var/tmp/hostel-bench.XXXXXX) runner=''
    settings=("-Dhostel.state-dir=$work/state" "-Dhostel.run-dir=$work/run" "-Dhostel.log-dir=$work/log" -Dhostel.api.port=17071
        -Dhostel.ingress.port=17081 -Dhostel.network.bridge=hsbench0 -Dhostel.network.cidr=10.126.0.0/16
        "-Dhostel.network.dns=[]" -Dhostel.layers.pool-size=4GiB)
    trap 'tidy $?' EXIT
    trap 'exit 130' INT TERM
    ip link set lo up
    mkdir "$work/run"
    mount -t tmpfs -o mode=755 hostel-bench "$work/run"
    bench_java "$measure" "$dist" "$programs" "$work" "$number" "$limit" "${settings[@]}" &
    runner=$!
    local code=0
    wait "$runner" || code=$?
    runner=''
    if [[ -e $work/figures ]]; then cp "$work/figures" "$programs/$measure.figures"; fi
    return "$code"
}

# Ends a process and waits until it has ended.
end() {
    local i
    kill "$1" 2>/dev/null || return 0
    for ((i = 0; i < 200; i++)); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.05
    done
    kill -KILL "$1" 2>/dev/null || true
}

# Takes away the host with all that it made; keeps its log where the measure failed.
tidy() {
    local code=$1 pid
    trap - EXIT
    trap '' INT TERM
    if [[ -n $runner ]]; then end "$runner"; fi
    if [[ -e $work/pids ]]; then
        # A number may be somebody else's by now: ours are in this network namespace.
        while read -r pid; do
            if [[ $(readlink "/proc/$pid/ns/net") == "$(readlink /proc/self/ns/net)" ]]; then
                kill -CONT "$pid" 2>/dev/null || true
                end "$pid"
            fi
        done <"$work/pids"
    fi
    "$dist/bin/hostd" --reap "${settings[@]}" >>"$work/host.log" 2>&1 || warn "--reap failed; see $work/host.log"
    umount -l "$work/run" || true
    if ((code == 0 || code == 130)); then
        rm -rf --one-file-system "$work"
    else
        find "$work" -mindepth 1 -maxdepth 1 ! -name host.log -exec rm -rf --one-file-system {} +
        warn "the host's log is $work/host.log"
    fi
    exit "$code"
}
