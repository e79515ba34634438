# The host as a background process, and its watcher (hostwatch): where their things are, and whether they are the processes we
# started. Sourced; needs say.sh, packages.sh and build.sh.

# Reads the settings that the scripts themselves need from the host's own arguments. What a file says only the host can tell.
read_settings() {
    state_dir=/var/lib/hostel run_dir=/run/hostel log_dir=/var/log/hostel
    local argument file='' said value=''
    for argument in "$@"; do
        if [[ -n $value ]]; then
            value=''
            continue
        fi
        case $argument in
            -Dhostel.state-dir=*) state_dir=${argument#*=} ;;
            -Dhostel.run-dir=*) run_dir=${argument#*=} ;;
            -Dhostel.log-dir=*) log_dir=${argument#*=} ;;
            -Dhostel.*=*) ;;
            --config) file=1 value=1 ;;
            --config=*) file=1 ;;
            *) fail "$argument is no argument of ops/${0##*/}; see ops/${0##*/} --help" ;;
        esac
    done
    if [[ -n $value ]]; then fail "--config needs a file: --config FILE"; fi
    if [[ -n $file ]]; then
        ensure_packages build_needs
        ensure_built
        said=$("$dist/bin/hostd" --directories "$@") || exit
        { read -r state_dir && read -r run_dir && read -r log_dir; } <<<"$said"
    fi
    pid_file=$run_dir.pid watch_file=$run_dir.watch
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

# named_pid FILE COMMAND: prints the pid in a file where it names a process that is still the one it was written for.
named_pid() {
    local pid started
    # Beside RUN-DIR others may be allowed to write: what is not root's is not the one that was written.
    [[ -r $1 && -O $1 ]] || return 1
    read -r pid started <"$1" || return 1
    [[ $pid =~ ^[0-9]+$ && $(start_time "$pid") == "$started" ]] || return 1
    # Without a pipe: whoever writes to a grep that has seen enough ends by SIGPIPE, and pipefail takes that for a no.
    grep -Ezqx -- "$2" "/proc/$pid/cmdline" 2>/dev/null || return 1
    echo "$pid"
}

# The host's pid; it is a script before it is a Java process.
running_pid() { named_pid "$pid_file" 'io\.hostel\.host\.Main|/.*/bin/(hostd|hostwatch)'; }

# The pid of the watcher, which is there as long as a host runs or is to run.
watching_pid() { named_pid "$watch_file" '/.*/bin/hostwatch'; }

# built_since TEST: prints a file of the build for which this test of find's holds, where there is one.
built_since() { find "$dist"/{bin,lib,native} "$@" -type f -print -quit; }

# Whether what runs is of an earlier build than the one that is there now.
runs_outdated() { [[ -n $(built_since -newer "$watch_file") ]]; }

# await_end SECONDS COMMAND: waits until the command that prints a pid prints none.
await_end() {
    local i
    for ((i = 0; i < $1 * 10; i++)); do
        if ! "$2" >/dev/null; then return 0; fi
        sleep 0.1
    done
    return 1
}

# Ends the host where there is one, and first its watcher, which would start it again; the sandboxes go on. Says nothing where there
# is neither, and returns 1.
stop_host() {
    local watcher='' pid=''
    watcher=$(watching_pid) || true
    pid=$(running_pid) || true
    [[ -n $watcher$pid ]] || return 1
    say "Stopping the host (pid ${pid:-none at the moment})"
    if [[ -n $watcher ]]; then
        kill -TERM "$watcher" 2>/dev/null || true
        await_end 30 watching_pid || fail "the host (pid $pid) has not ended within 30 s of SIGTERM; its log is $host_log"
    fi
    # A watcher that was killed leaves its host.
    if pid=$(running_pid); then
        kill -TERM "$pid" 2>/dev/null || true
        await_end 30 running_pid || fail "the host (pid $pid) has not ended within 30 s of SIGTERM; its log is $host_log"
    fi
    rm -f "$pid_file" "$watch_file" "$run_dir.ready"
}

# await_ready WATCHER: returns once the host serves. To take up what an earlier one left can take a while; it may take as long as
# hostel.service allows.
await_ready() {
    local code i
    for ((i = 1; i <= 9000; i++)); do
        if ready_line >/dev/null; then return; fi
        if ! kill -0 "$1" 2>/dev/null; then
            code=0
            wait "$1" || code=$?
            tail -n 20 "$host_log" >&2
            fail "the host ended with exit code $code; its log is $host_log"
        fi
        if ((i % 300 == 0)); then say "The host is not ready after $((i / 10)) s; its log is $host_log"; fi
        sleep 0.1
    done
    fail "the host is not ready after 15 min; its log is $host_log"
}

# Starts the host in the background with these arguments, and a watcher that starts it again, unless both run.
start_host() {
    local pid watcher
    if pid=$(running_pid) && watching_pid >/dev/null; then
        if ! runs_outdated; then
            say "The host runs already (pid $pid)"
            return
        fi
        say "The host that runs is of an earlier build"
    fi
    # One without a watcher can't be given one: how it ends only its parent hears.
    stop_host || true
    mkdir -p "$log_dir" "$(dirname "$run_dir")"
    if [[ $(stat -c %s "$host_log" 2>/dev/null || echo 0) -gt 10485760 ]]; then mv "$host_log" "$host_log.1"; fi
    say "Starting the host"
    rm -f "$run_dir.ready"
    # setsid: an interrupt at this terminal is not the host's.
    setsid "$dist/bin/hostwatch" "$run_dir" "$@" >/dev/null 2>>"$host_log" </dev/null &
    watcher=$!
    await_ready "$watcher"
    disown -a
}

# Prints the line that the host said when it served; see start_host.
ready_line() { grep -s '^hostel ready ' "$run_dir.ready"; }
