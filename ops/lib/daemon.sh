# The host as a background process: where its things are, and whether it is the process we started. Sourced; needs say.sh.

# Reads the settings that the scripts themselves need from the host's own arguments.
read_settings() {
    state_dir=/var/lib/hostel run_dir=/run/hostel log_dir=/var/log/hostel
    local argument
    for argument in "$@"; do
        case $argument in
            -Dhostel.state-dir=*) state_dir=${argument#*=} ;;
            -Dhostel.run-dir=*) run_dir=${argument#*=} ;;
            -Dhostel.log-dir=*) log_dir=${argument#*=} ;;
        esac
    done
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
