# A stock Debian machine in qemu, by software emulation: the distribution's own kernel (control groups v2 only), this machine's
# files as its root, read-only below an overlay that is thrown away, an empty ext4 disk at /scratch, no network but lo, and one
# directory of this machine that it can write to, at /out. Sourced; needs say.sh and packages.sh.
#
# What happens: the kernel's package is fetched and unpacked, never installed; a small initramfs (the static busybox, the modules
# that the boot needs, ops/vm/init) mounts this machine's / by virtiofs and starts ops/vm/first on it, by itself or as a unit of
# systemd. All other modules are loaded from the unpacked package. The emulated machine is 8 to 45 times slower than this one.
#
# Kept: kernel and initramfs, in $XDG_CACHE_HOME/hostel-vm (~/.cache/hostel-vm).
# From the environment: HOSTEL_VM_KERNEL, a kernel package (linux-image-cloud-amd64); HOSTEL_VM_MEMORY, in MiB (6144).
# Files of this machine must not be changed while the other runs: it keeps what it has read.

vm_package=${HOSTEL_VM_KERNEL:-linux-image-cloud-amd64}
vm_memory=${HOSTEL_VM_MEMORY:-6144}
vm_cache=${XDG_CACHE_HOME:-$HOME/.cache}/hostel-vm/$vm_package
vm_boot_modules=(virtio_pci virtio_blk virtiofs overlay ext4 crc32c_generic quota_v2)

# Fetches the kernel once. Sets vm_kernel (its directory) and vm_release.
vm_get_kernel() {
    local work package log=$1
    vm_kernel=$vm_cache/kernel
    if [[ ! -d $vm_kernel ]]; then
        [[ $(uname -m) == x86_64 ]] || fail "the virtual machine is an x86-64 one, and this machine is not"
        command -v apt-get >/dev/null || fail "there is no apt-get to fetch the kernel package $vm_package with"
        mkdir -p "$vm_cache"
        work=$(mktemp -d "$vm_cache/fetching.XXXXXX")
        vm_unfinished=$work
        # A metapackage leads to the package of the newest kernel.
        package=$(apt-cache depends "$vm_package" 2>/dev/null | awk '$1 == "Depends:" && $2 ~ /^linux-image-/ { print $2; exit }')
        (chmod 755 "$work" && cd "$work" && quietly "$log" "Fetching the kernel ${package:-$vm_package}" \
            apt-get download "${package:-$vm_package}") ||
            fail "the kernel package $vm_package can't be had: run apt-get update, or name another in HOSTEL_VM_KERNEL"
        dpkg -x "$work"/*.deb "$work/kernel"
        rm "$work"/*.deb
        mv -T "$work/kernel/usr/lib/modules" "$work/kernel/lib/modules" 2>/dev/null || true
        depmod -b "$work/kernel" "$(ls "$work/kernel/lib/modules")"
        mv -T "$work/kernel" "$vm_kernel"
        rmdir "$work"
        vm_unfinished=''
    fi
    vm_release=$(ls "$vm_kernel/lib/modules")
}

# Puts the initramfs together where ops/vm/init or the kernel is newer. Sets vm_initramfs.
vm_make_initramfs() {
    local work module
    vm_initramfs=$vm_cache/initramfs
    if [[ $vm_initramfs -nt $root/ops/vm/init && $vm_initramfs -nt $root/ops/vm/machine.sh ]]; then return; fi
    work=$(mktemp -d "$vm_cache/making.XXXXXX")
    vm_unfinished=$work
    mkdir "$work"/{bin,modules,proc,sys,dev,lower,scratch,new}
    cp "$(command -v busybox)" "$work/bin/busybox"
    ln -s busybox "$work/bin/sh"
    install -m 755 "$root/ops/vm/init" "$work/init"
    for module in "${vm_boot_modules[@]}"; do
        # One that is built in has no file.
        modprobe -S "$vm_release" -d "$vm_kernel" --show-depends "$module" 2>/dev/null || true
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$work/files"
    while read -r module; do
        cp "$module" "$work/modules/"
        echo "${module##*/}" >>"$work/modules/order"
    done <"$work/files"
    rm "$work/files"
    (cd "$work" && find . | cpio --quiet -o -H newc | gzip -1) >"$vm_initramfs.new"
    mv "$vm_initramfs.new" "$vm_initramfs"
    rm -rf "$work"
    vm_unfinished=''
}

# Debian 12 has it in qemu's own package, later releases in one of its own.
vm_file_server() {
    local program
    for program in /usr/libexec/virtiofsd /usr/lib/qemu/virtiofsd; do
        if [[ -x $program ]]; then
            echo "$program"
            return
        fi
    done
}

# vm_share TAG DIRECTORY CACHING: serves a directory of this machine, and adds it to vm_devices.
vm_share() {
    local tag=$1 directory=$2 caching=$3 i
    "$(vm_file_server)" --socket-path="$vm_run/$tag.socket" -o source="$directory" -o sandbox=chroot -o cache="$caching" \
        >"$vm_run/$tag.log" 2>&1 </dev/null &
    for ((i = 0; i < 200; i++)); do
        if [[ -S $vm_run/$tag.socket ]]; then break; fi
        sleep 0.05
    done
    [[ -S $vm_run/$tag.socket ]] || fail "virtiofsd does not start: $(cat "$vm_run/$tag.log")"
    vm_devices+=(-chardev "socket,id=$tag,path=$vm_run/$tag.socket" -device "vhost-user-fs-pci,queue-size=1024,chardev=$tag,tag=$tag")
}

# vm_boot INIT OUT PROGRAM: boots with "bare" or "systemd" as INIT and runs the program in it as root, which finds OUT at /out.
# With systemd the disk holds projects to quotas, so that there the writable layers are directories of it, not a pool in a file.
# The kernel's messages go to OUT/kernel.log. Returns at once, with qemu's number in vm_pid; vm_stop is due whatever becomes of it.
vm_boot() {
    local init=$1 out=$2 program=$3 line disk=noatime features=(-E lazy_itable_init=1,lazy_journal_init=1,nodiscard)
    if [[ $init == systemd ]]; then
        disk+=,prjquota
        features=(-O quota,project -E lazy_itable_init=1,lazy_journal_init=1,nodiscard,quotatype=prjquota)
    fi
    vm_run=$(mktemp -d "${TMPDIR:-/tmp}/hostel-vm.XXXXXX")
    vm_devices=()
    truncate -s 24G "$vm_run/scratch"
    mkfs.ext4 -q -F -m 0 "${features[@]}" "$vm_run/scratch"
    vm_share root / always
    vm_share out "$out" auto
    line="console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nokaslr no_timer_check tsc=reliable random.trust_cpu=on"
    line+=" net.ifnames=0 vm.kernel=$vm_kernel vm.init=$init vm.program=$program vm.disk=$disk"
    # Nothing of this machine's own disks is there, and all controllers are on v2 whatever this machine's systemd would do.
    if [[ $init == systemd ]]; then line+=" systemd.unified_cgroup_hierarchy=1 systemd.show_status=0 fstab=no luks=no"; fi
    # Emulated processors on threads of their own locked up under a JVM with many threads: they take turns on one.
    qemu-system-x86_64 -accel tcg,thread=single,tb-size=1024 -cpu max -smp 2 -m "$vm_memory" \
        -machine pc,memory-backend=memory -object "memory-backend-memfd,id=memory,size=${vm_memory}M,share=on" \
        -nodefaults -display none -no-reboot -monitor none -serial "file:$out/kernel.log" \
        -kernel "$vm_kernel/boot/vmlinuz-$vm_release" -initrd "$vm_initramfs" -append "$line" \
        -drive "if=none,id=scratch,file=$vm_run/scratch,format=raw,cache=unsafe,discard=unmap" -device virtio-blk-pci,drive=scratch \
        "${vm_devices[@]}" </dev/null >"$out/qemu.log" 2>&1 &
    vm_pid=$!
}

# Ends the machine, where it has not ended by itself, or whatever else was under way, and takes away what it stood on.
vm_stop() {
    local process
    for process in $(jobs -p); do kill "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf ${vm_run:+"$vm_run"} ${vm_unfinished:+"$vm_unfinished"}
    vm_run='' vm_unfinished=''
}
