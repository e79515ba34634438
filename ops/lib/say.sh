# Words for the person at the terminal. Sourced by the scripts in ops/; everything but answers goes to stderr.

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'; else bold='' red='' plain=''; fi

say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*" >&2; }

warn() { printf '%s==> %s%s\n' "$red" "$*" "$plain" >&2; }

fail() {
    printf '%sError:%s %s\n' "$red" "$plain" "$*" >&2
    exit 1
}

need_root() {
    [[ $(id -u) == 0 ]] || fail "ops/$1 needs root: run 'sudo ops/$1'"
}

# Runs a command with its output in a log; shows the log's end when it fails, and dots while it runs.
quietly() {
    local log=$1 what=$2 started=$SECONDS
    shift 2
    say "$what"
    "$@" >"$log" 2>&1 &
    local pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.5
        if [[ -t 2 ]]; then printf '\r    %ss ' $((SECONDS - started)) >&2; fi
    done
    if [[ -t 2 ]]; then printf '\r          \r' >&2; fi
    wait "$pid" && return 0
    tail -n 40 "$log" >&2
    fail "$what: failed after $((SECONDS - started)) s; the whole log is in $log"
}
