# The host as a service of systemd. Sourced; needs say.sh, daemon.sh and $root, $dist.

unit=hostel.service
unit_file=/etc/systemd/system/$unit

has_systemd() { [[ -d /run/systemd/system ]]; }

# Whether the host of these settings is installed as the service.
is_service() {
    has_systemd && [[ -e $unit_file ]] || return 1
    local its
    its=$(sed -n 's/^X-Hostel-Run-Dir=//p' "$unit_file")
    [[ ${its:-/run/hostel} == "$run_dir" ]]
}

# A word of a command line as systemd reads it (systemd.service(5), "Command lines").
unit_word() {
    local word=$1
    word=${word//\\/\\\\}
    word=${word//\"/\\\"}
    word=${word//%/%%}
    printf '"%s"' "${word//\$/\$\$}"
}

# Prints the unit for the host with these arguments.
unit_text() {
    local command word text
    command=$(unit_word "$dist/bin/hostd")
    for word in "$@"; do command+=" $(unit_word "$word")"; done
    text=$(<"$root/ops/hostel.service")
    # Quoted: an & would stand for what is replaced.
    text=${text//@root@/"$root"}
    text=${text//@state_dir@/"$state_dir"}
    text=${text//@run_dir@/"$run_dir"}
    printf '%s\n' "${text//@command@/"$command"}"
}

# Puts the unit in place where it is another than before. A host that runs already goes on as the service.
install_service() {
    has_systemd || fail "systemd does not run this machine: leave --systemd out"
    local text
    text=$(unit_text "$@")
    if [[ $(cat "$unit_file" 2>/dev/null) == "$text" ]]; then return; fi
    if [[ -e $unit_file ]] && ! is_service; then fail "$unit_file is there for a host with another run-dir: one can be a service"; fi
    stop_host || true
    say "Installing $unit"
    printf '%s\n' "$text" >"$unit_file.new"
    mv "$unit_file.new" "$unit_file"
    systemctl daemon-reload
    systemctl --quiet enable "$unit"
    # One that runs by the unit of before; where it can't, start_service says so.
    systemctl try-restart "$unit" || true
}

# Whether the service runs, and what runs is of an earlier build than the one that is there now.
service_outdated() {
    local started
    started=$(TZ=UTC systemctl show --property=ExecMainStartTimestamp --value "$unit")
    systemctl --quiet is-active "$unit" && [[ -n $started && -n $(built_since -newermt "$started") ]]
}

# Returns once the host serves.
start_service() {
    if service_outdated; then
        say "The host that runs is of an earlier build"
        # Where it can't, the start says so.
        systemctl try-restart "$unit" || true
    fi
    if ! systemctl start "$unit"; then
        journalctl --quiet --no-pager --unit="$unit" --lines=20 --output=cat >&2
        fail "the host does not start; 'journalctl -u hostel' shows its log"
    fi
}

remove_service() {
    systemctl --quiet disable "$unit"
    rm -f "$unit_file"
    systemctl daemon-reload
}
