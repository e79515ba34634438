# What the machine lacks, installed by apt. Sourced; needs say.sh.

# Prints the home of a JDK 17 or newer (one with a compiler), or nothing.
find_jdk() {
    local home version
    for home in "${JAVA_HOME:-}" "$(readlink -f "$(command -v javac 2>/dev/null)" 2>/dev/null | sed 's|/bin/javac$||')" /usr/lib/jvm/*; do
        [[ -n $home && -x $home/bin/javac && -x $home/bin/java ]] || continue
        version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release" 2>/dev/null || true)
        if [[ ${version:-0} -ge 17 ]]; then
            printf '%s\n' "$home"
            return
        fi
    done
}

jdk_package() {
    if apt-cache show openjdk-17-jdk-headless >/dev/null 2>&1; then echo openjdk-17-jdk-headless; else echo default-jdk-headless; fi
}

# Prints the package for each need that is not met: arguments are pairs of a file's or program's name and its package.
lacking() {
    while (($#)); do
        if [[ $1 == /* ]]; then
            compgen -G "$1" >/dev/null || echo "$2"
        else
            PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null || echo "$2"
        fi
        shift 2
    done
}

# What building and running the host takes.
build_needs() {
    lacking mvn maven musl-gcc musl-tools gcc gcc /usr/include/linux/seccomp.h linux-libc-dev \
        mkfs.btrfs btrfs-progs '/usr/lib/*/libseccomp.so.2' libseccomp2 python3 python3 flock util-linux ps procps
    if [[ -z $(find_jdk) ]]; then jdk_package; fi
}

# What only the tests take: programs that play tenants, and programs that look at the machine.
test_needs() {
    lacking nginx nginx-light redis-server redis-server node nodejs curl curl wrk wrk /bin/busybox busybox-static \
        ip iproute2 nft nftables iptables-legacy iptables tcpdump tcpdump setpriv util-linux strace strace
}

# What the virtual machine of ops/test --vm takes; virtiofsd is a package of its own since Debian 13.
vm_needs() {
    lacking qemu-system-x86_64 qemu-system-x86 /bin/busybox busybox-static depmod kmod cpio cpio mkfs.ext4 e2fsprogs mkfs.xfs xfsprogs
    if [[ -z $(vm_file_server) ]] && apt-cache show virtiofsd >/dev/null 2>&1; then echo virtiofsd; fi
}

# Installs packages without letting their services start, now or at the next boot. A service that was there stays as it is.
install_packages() {
    [[ $# -gt 0 ]] || return 0
    [[ $(id -u) == 0 ]] || fail "these packages are missing: $*; install them, or run this as root"
    command -v apt-get >/dev/null || fail "these are missing and there is no apt-get to install them: $*"
    local package held='' policy=/usr/sbin/policy-rc.d log
    log=$(mktemp "${TMPDIR:-/tmp}/hostel-apt.XXXXXX")
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        held=1
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    if ! apt-cache show "$@" >/dev/null 2>&1; then quietly "$log" "Reading the package lists" apt-get -q update; fi
    quietly "$log" "Installing $*" apt-get -q -y --no-install-recommends install "$@"
    if [[ -n $held ]]; then
        rm -f "$policy"
        trap - EXIT
    fi
    if [[ -d /run/systemd/system ]]; then
        for package in "$@"; do
            case $package in
                nginx-light) systemctl disable --now nginx >>"$log" 2>&1 || true ;;
                redis-server) systemctl disable --now redis-server >>"$log" 2>&1 || true ;;
            esac
        done
    fi
    rm -f "$log"
}

# Installs what the functions named print, and says so only where there is something to do.
ensure_packages() {
    local needs wanted=()
    for needs in "$@"; do
        mapfile -t -O "${#wanted[@]}" wanted < <("$needs")
    done
    if ((${#wanted[@]})); then
        # A fresh machine has no package lists, and jdk_package looks into them.
        if ! apt-cache show maven >/dev/null 2>&1 && [[ $(id -u) == 0 ]]; then
            say "Reading the package lists"
            apt-get -qq update >&2 || fail "apt-get update failed: is the machine online?"
            wanted=()
            for needs in "$@"; do mapfile -t -O "${#wanted[@]}" wanted < <("$needs"); done
        fi
        mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | sort -u)
        install_packages "${wanted[@]}"
    fi
    JAVA_HOME=$(find_jdk)
    [[ -n $JAVA_HOME ]] || fail "no JDK 17 or newer found below /usr/lib/jvm; set JAVA_HOME"
    export JAVA_HOME PATH="$JAVA_HOME/bin:$PATH:/usr/sbin:/sbin"
}
