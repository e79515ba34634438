# Builds the distribution in ops/target/dist where the sources are newer. Sourced; needs say.sh, packages.sh and $root.

dist=$root/ops/target/dist
stamp=$dist/.built

# True where some source is newer than the distribution.
build_is_stale() {
    [[ -e $stamp ]] || return 0
    [[ -n $(find "$root/pom.xml" "$root/.mvn" "$root"/{config,tenant-api,native,host-core,ops}/pom.xml \
        "$root"/{config,tenant-api,native,host-core,ops}/src "$root/config/reference" "$root/ops/lib" \
        -path '*/src/test' -prune -o -newer "$stamp" -type f -print -quit 2>/dev/null) ]]
}

maven() {
    mvn -B -ntp -f "$root/pom.xml" "$@"
}

# The stamp is from before the build: a source saved while it runs counts as newer. lib/assemble puts it in place.
begin_stamp() {
    mkdir -p "$root/ops/target" && touch "$root/ops/target/building"
}

ensure_built() {
    if ! build_is_stale; then return 0; fi
    local lock=$root/ops/target/build.lock
    # Whoever can open a lock can hold it, so it is the builder's alone. What is built is for every user of the command line.
    (mkdir -p "$root/ops/target" && umask 077 && : >>"$lock") || fail "can't write to $root/ops/target: build once as its owner"
    if [[ -O $lock ]]; then chmod 600 "$lock"; fi
    (
        umask 022
        flock 9
        if ! build_is_stale; then exit 0; fi
        ensure_packages build_needs
        begin_stamp
        quietly "$root/ops/target/build.log" "Building Hostel (a minute or two the first time, the libraries come from Maven Central)" \
            maven package -DskipTests -Dmaven.test.skip=true
    ) 9>>"$lock"
}
