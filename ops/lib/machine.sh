# What a test must not change. Sourced.

# The machine's own links, addresses, routes, rules, neighbours, filter, mounts, control groups, loop devices, network namespaces and
# processes, one a line.
machine_state() {
    local -
    set +e +o pipefail # what a machine does not have (no /run/netns, no rule) is no failure
    ip -o link | sed -E 's/^[0-9]+: ([^:]+):.*(mtu [0-9]+).*/link \1 \2/'
    ip -o -4 route | sed 's/^/route /'
    ip -o -4 addr | awk '{ print "address", $2, $4 }'
    ip -4 rule | sed 's/^/rule /'
    ip -6 rule 2>/dev/null | sed 's/^/rule6 /'
    ip neigh show nud permanent | sort | sed 's/^/neighbour /'
    nft list ruleset 2>/dev/null | sed 's/counter packets [0-9]* bytes [0-9]*/counter/; s/^/nft /'
    awk '{ print "mount", $2, $3 }' /proc/self/mounts | sort
    # What the init system makes and takes away by itself is not of interest.
    find /sys/fs/cgroup -type d 2>/dev/null | grep -Ev '/(system|user|machine|init)[^/]*\.(slice|scope)' | sort | sed 's/^/cgroup /'
    for loop in /sys/block/loop*/loop/backing_file; do
        if [[ -r $loop ]]; then echo "loop $(cat "$loop" 2>/dev/null)"; fi
    done
    find /run/netns -mindepth 1 2>/dev/null | sort | sed 's/^/netns /'
    sysctl -n net.ipv4.ip_forward net.ipv4.conf.all.rp_filter 2>/dev/null | sed 's/^/sysctl /'
    local process
    for process in /proc/[0-9]*/exe; do
        if [[ $(readlink "$process" 2>/dev/null) == *hostel* ]]; then echo "process $(tr '\0' ' ' <"${process%exe}cmdline")"; fi
    done
}

# The kernel takes namespaces away a little later than it says: waits until the state is as in the first file, for a while.
machine_settles() {
    local i
    for ((i = 0; i < 40; i++)); do
        machine_state >"$2"
        if cmp -s "$1" "$2"; then return 0; fi
        sleep 0.5
    done
    return 1
}
