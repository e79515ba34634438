# Two tenants with one web service each. Sourced; needs say.sh, $root, $state_dir, HOSTEL_URL and the operator's HOSTEL_TOKEN.

demo=(alice/guestbook bob/clock)

hostel() { "$root/ops/hostel" "$@"; }

# Tenants' tokens are shown once by the host; the demo keeps its own where only root reads them.
deploy_demo() {
    local app tenant
    (umask 077 && mkdir -p "$state_dir/demo")
    for app in "${demo[@]}"; do
        tenant=${app%/*}
        if ! hostel tenant show "$tenant" >/dev/null 2>&1; then
            say "Creating the demo's tenant $tenant"
            (umask 077 && hostel tenant create "$tenant" -q >"$state_dir/demo/$tenant.token")
        elif [[ ! -s $state_dir/demo/$tenant.token ]]; then
            (umask 077 && hostel token create "$tenant" --label demo -q >"$state_dir/demo/$tenant.token")
        fi
        if hostel app "$app" >/dev/null 2>&1; then
            say "$app is deployed already"
        else
            HOSTEL_TOKEN=$(cat "$state_dir/demo/$tenant.token") hostel deploy "$app" "$root/ops/demo/${app#*/}"
        fi
    done
}

demo_urls() {
    local app
    for app in "${demo[@]}"; do
        printf '  %-15s %s\n' "$app" "$(hostel app "$app" --url-only)"
    done
}
