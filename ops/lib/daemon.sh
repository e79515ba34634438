# The host as a background process: where its things are, and whether it is the process we started. Sourced; needs say.sh,
# packages.sh and build.sh.

# Reads the settings that the scripts themselves need from the host's own arguments. What a file says only the host can tell.
read_settings() {
    state_dir=/var/lib/hostel run_dir=/run/hostel log_dir=/var/log/hostel
    local argument file='' said
    for argument in "$@"; do
        case $argument in
            -Dhostel.state-dir=*) state_dir=${argument#*=} ;;
            -Dhostel.run-dir=*) run_dir=${argument#*=} ;;
            -Dhostel.log-dir=*) log_dir=${argument#*=} ;;
            --config | --config=*) file=1 ;;
        esac
    done
    if [[ -n $file ]]; then
        ensure_packages build_needs
        ensure_built
        said=$("$dist/bin/hostd" --directories "$@") || exit
        { read -r state_dir && read -r run_dir && read -r log_dir; } <<<"$said"
    fi
    pid_file=$run_dir.pid
    host_log=$log_dir/hostd.log
}

# Field 22 of /proc/PID/stat (proc(5)): when it started. With the number it names one process of this boot.
start_time() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    stat=${stat##*) }
    set -- $stat
    echo "${20}"
}

# Prints the host's pid where the pid file names a process that is still the one it was written for.
running_pid() {
    local pid started
    [[ -r $pid_file ]] || return 1
    read -r pid started <"$pid_file" || return 1
    [[ $pid =~ ^[0-9]+$ && $(start_time "$pid") == "$started" ]] || return 1
    tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qx 'io\.hostel\.host\.Main' || return 1
    echo "$pid"
}

# Ends the host with this pid; the sandboxes go on.
stop_host() {
    local pid=$1 i
    say "Stopping the host (pid $pid)"
    kill -TERM "$pid"
    for ((i = 0; i < 300; i++)); do
        if ! running_pid >/dev/null; then break; fi
        sleep 0.1
    done
    if running_pid >/dev/null; then fail "the host (pid $pid) has not ended within 30 s of SIGTERM; its log is $host_log"; fi
    rm -f "$pid_file" "$run_dir.ready"
}

# Starts the host in the background with these arguments, unless it runs.
start_host() {
    local pid code i
    if pid=$(running_pid); then
        say "The host runs already (pid $pid)"
        return
    fi
    mkdir -p "$log_dir" "$(dirname "$run_dir")"
    if [[ $(stat -c %s "$host_log" 2>/dev/null || echo 0) -gt 10485760 ]]; then mv "$host_log" "$host_log.1"; fi
    say "Starting the host"
    : >"$run_dir.ready"
    # setsid: an interrupt at this terminal is not the host's.
    setsid "$dist/bin/hostd" "$@" >"$run_dir.ready" 2>>"$host_log" </dev/null &
    pid=$!
    for ((i = 0; i < 600; i++)); do
        if grep -q '^hostel ready ' "$run_dir.ready"; then break; fi
        if ! kill -0 "$pid" 2>/dev/null; then
            code=0
            wait "$pid" || code=$?
            tail -n 20 "$host_log" >&2
            fail "the host ended with exit code $code; its log is $host_log"
        fi
        sleep 0.1
    done
    grep -q '^hostel ready ' "$run_dir.ready" || fail "the host is not ready after 60 s; its log is $host_log"
    echo "$pid $(start_time "$pid")" >"$pid_file"
    disown -a
}

# Prints the line that the host said when it served; see start_host.
ready_line() { grep '^hostel ready ' "$run_dir.ready" | tail -n 1; }
