package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher.Launched;
import io.hostel.sys.Stat;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one inside, root there, cannot do; by processes of the launch and by those of an exec alike. */
class ConfinementIT {
    private SandboxLab lab;

    @BeforeEach
    void open() throws Exception {
        lab = new SandboxLab();
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
    }

    @Test
    void capabilitiesAreReducedAlsoInTheBoundingSetAndTheFilterIsOn() throws Exception {
        String wanted = "CapInh:\t0000000000000000\nCapPrm:\t00000000000405fb\nCapEff:\t00000000000405fb\n"
                + "CapBnd:\t00000000000405fb\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n";
        String question = "grep -E '^(Cap|NoNew|Seccomp)' /proc/self/status";
        assertThat(lab.output("sh", "-c", question)).isEqualTo(wanted);
        assertThat(lab.exec(lab.sleeper(), question)).isEqualTo(wanted);
    }

    @Test
    void theUidRangeIsTheSandboxsOwn() throws Exception {
        String question = "tr -s ' ' < /proc/self/uid_map; tr -s ' ' < /proc/self/gid_map; cat /proc/self/cgroup";
        String answer = lab.exec(lab.sleeper(), question);

        assertThat(answer).startsWith(" 0 1000000 65536\n 0 1000000 65536\n");
        assertThat(answer.lines().skip(2)).isNotEmpty().allMatch(line -> line.endsWith(":/"));
        assertThat(lab.output("sh", "-c", question)).isEqualTo(answer);
    }

    @Test
    void signalsComeWithTheirDefaultsAndNothingIsOpenThatWasNotGiven() throws Exception {
        String question = "grep -E '^Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd | tr '\\n' ' '";
        String wanted = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n0 1 2 3 "; // 3 is ls's own
        assertThat(lab.output("sh", "-c", question).strip()).isEqualTo(wanted.strip());
        assertThat(lab.exec(lab.sleeper(), question).strip()).isEqualTo(wanted.strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mount -t tmpfs none /tmp",
                "mount --bind /etc /tmp",
                "mount -o remount,rw /usr",
                "umount /proc/sys",
                "umount -l /proc",
                "unshare -U true",
                "unshare -m true",
                "unshare -n true",
                "unshare -Ur true",
                "hostname other",
                "nsenter -t 1 -m true",
                "echo 1 > /proc/sys/kernel/panic",
                "echo 1 > /proc/sys/net/ipv4/ip_forward",
                "echo b > /proc/sysrq-trigger",
                "head -c 1 /proc/kcore | grep -q .",
                "grep -q . /proc/cmdline",
                "grep -q . /proc/kallsyms",
                "grep -q . /proc/interrupts",
                "grep -q . /proc/softirqs",
                "grep -q . /proc/zoneinfo",
                "grep -q . /proc/diskstats",
                "grep -q . /proc/crypto",
                "grep -q . /proc/iomem",
                "head -c 1 /proc/config.gz | grep -q .",
                "cat /proc/1/maps",
                "cat /proc/1/environ",
                "ls /proc/1/fd",
                "ls /proc/1/root/",
                "readlink /proc/1/exe",
                "head -c 1 /proc/1/mem",
                "mknod /tmp/sda b 8 0",
                "mknod /dev/mem c 1 1",
                "touch /usr/x",
                "touch /sys/x",
                "chmod 777 /sys/fs/cgroup/memory/memory.limit_in_bytes",
                "dd if=/dev/kmsg count=1",
                "chroot /proc/1/root true",
                "ip link add x type dummy",
            })
    void isRefused(String script) throws Exception {
        String asked = lab.exec(lab.sleeper(), "exec 3>&1 > /dev/null 2>&1; " + script + "; echo $? >&3");

        assertThat(asked).isNotEqualTo("0\n").matches("[0-9]+\n");
    }

    /** It holds the sandbox's logs and tells how the command ended. Its number on the host is given away here. */
    @Test
    void theMonitorIsOutOfReach() throws Exception {
        Launched launched = lab.launch("sh", "-c", "while :; do echo tick; sleep 0.05; done");
        String python = """
                import ctypes, os, resource, signal
                monitor = %d
                def ptrace():
                    c = ctypes.CDLL(None, use_errno=True)
                    if c.ptrace(0x4206, monitor, 0, 0) < 0: raise OSError(ctypes.get_errno(), "PTRACE_SEIZE")
                for attempt in [
                        lambda: os.kill(monitor, signal.SIGSTOP),
                        lambda: os.kill(monitor, signal.SIGKILL),
                        lambda: os.killpg(monitor, signal.SIGKILL),
                        lambda: os.pidfd_open(monitor),
                        lambda: os.setpriority(os.PRIO_PROCESS, monitor, 19),
                        lambda: os.sched_setaffinity(monitor, {0}),
                        lambda: resource.prlimit(monitor, resource.RLIMIT_FSIZE, (0, 0)),
                        lambda: open(f"/proc/{monitor}/stat"),
                        ptrace]:
                    try: print("passed", attempt())
                    except OSError as e: print(type(e).__name__)
                os.kill(-1, signal.SIGSTOP) # all there are, but for init and this one
                os.kill(-1, signal.SIGCONT)
                """.formatted(launched.monitor().pid());

        String answer = lab.exec(launched, "python3 -c '" + python.replace("'", "") + "'");

        assertThat(answer.lines()).hasSize(9).allMatch(line -> line.matches("ProcessLookupError|FileNotFoundError"));
        assertThat(lab.processes.alive(launched.monitor())).isTrue();
        assertThat(lab.processes.stopped(launched.monitor())).isFalse();
        long size = Files.size(lab.log);
        Patience.await().until(() -> Files.size(lab.log) > size);
    }

    @Test
    void theLauncherInMemoryIsTheHostsToExecuteAndNobodysToWrite() throws Exception {
        Stat program = Stat.of("/proc/" + lab.sleeper().monitor().pid() + "/exe");

        assertThat(program.uid()).isZero();
        assertThat(Integer.toOctalString(program.mode() & 07777)).isEqualTo("500");
    }

    /** By number, since programs hide what they call; those after the colon are arguments. */
    @ParameterizedTest
    @CsvSource({
        "keyctl, '250, 0, -3, 0', EPERM",
        "add_key, '248, 0, 0, 0, 0, 0', EPERM",
        "request_key, '249, 0, 0, 0, 0', EPERM",
        "bpf, '321, 0, 0, 0', EPERM",
        "perf_event_open, '298, 0, 0, -1, -1, 0', EPERM",
        "userfaultfd, '323, 0', EPERM",
        "io_uring_setup, '425, 1, 0', EPERM",
        "open_by_handle_at, '304, 0, 0, 0', EPERM",
        "kexec_load, '246, 0, 0, 0, 0', EPERM",
        "init_module, '175, 0, 0, 0', EPERM",
        "setns, '308, 0, 0', EPERM",
        "pivot_root, '155, 0, 0', EPERM",
        "fsopen, '430, 0, 0', EPERM",
        "open_tree, '428, 0, 0, 0', EPERM",
        "swapon, '167, 0, 0', EPERM",
        "reboot, '169, 0, 0, 0, 0', EPERM",
        "acct, '163, 0', EPERM",
        "quotactl, '179, 0, 0, 0, 0', EPERM",
        "settimeofday, '164, 0, 0', EPERM",
        "personality ADDR_NO_RANDOMIZE, '135, 0x0040000', EPERM",
        "clone3, '435, 0, 0', ENOSYS",
        "clone with CLONE_NEWUSER, '56, 0x10000011, 0, 0, 0, 0', EPERM",
        "a call that is not made yet, '999', ENOSYS",
        "an x32 call, '0x40000027', ENOSYS",
        "TIOCSTI, '16, 0, 0x5412, 0', EPERM",
        "TIOCSTI with a bit that the kernel ignores, '16, 0, 0x100005412, 0', EPERM",
        "TIOCLINUX, '16, 0, 0x541c, 0', EPERM",
        "TIOCSETD, '16, 0, 0x5423, 0', EPERM",
        "FS_IOC_SETFLAGS, '16, 0, 0x40086602, 0', ENOTSUP",
        "FS_IOC32_SETFLAGS, '16, 0, 0x40046602, 0', ENOTSUP",
        "FS_IOC_FSSETXATTR, '16, 0, 0x401c5820, 0', ENOTSUP",
        "AF_VSOCK, '41, 40, 1, 0', EPERM",
        "AF_PACKET, '41, 17, 3, 0', EPERM",
        "AF_ALG, '41, 38, 5, 0', EPERM",
        "NETLINK_AUDIT, '41, 16, 3, 9', EPERM",
        "MPTCP, '41, 2, 1, 262', EPROTONOSUPPORT",
        "MPTCP over IPv6, '41, 10, 1, 262', EPROTONOSUPPORT",
        "MPTCP with bits that the kernel ignores, '41, 0x100000002, 0x100000001, 0x100000106', EPROTONOSUPPORT",
        "UDP-Lite, '41, 2, 2, 136', EPROTONOSUPPORT",
        "UDP-Lite and SOCK_CLOEXEC, '41, 2, 0x80002, 136', EPROTONOSUPPORT",
        "L2TP, '41, 2, 2, 115', EPROTONOSUPPORT",
        "SMC, '41, 2, 1, 256', EPROTONOSUPPORT",
        "SCTP, '41, 2, 1, 132', EPROTONOSUPPORT",
        "SCTP by its type, '41, 2, 5, 0', EPROTONOSUPPORT",
        "DCCP by its type, '41, 10, 6, 0', EPROTONOSUPPORT",
        "a raw socket, '41, 2, 3, 255', EPERM",
        "a pair that makes a socket of MPTCP first, '53, 2, 1, 262, 0', EPERM",
        "a pair of AF_TIPC, '53, 30, 5, 0, 0', EPERM",
    })
    void aSystemCallIsRefusedByTheFilter(String name, String call, String errno) throws Exception {
        String python =
                "import ctypes, errno; c = ctypes.CDLL(None, use_errno=True); c.syscall.restype = ctypes.c_long;"
                        + " r = c.syscall(*[ctypes.c_long(a) for a in (" + call + ",)]);"
                        + " print('passed' if r >= 0 else errno.errorcode[ctypes.get_errno()])";

        assertThat(lab.exec(lab.sleeper(), "python3 -c \"" + python + "\""))
                .as(name)
                .isEqualTo(errno + "\n");
    }

    @Test
    void socketsOfTheInternetsOwnProtocolsAreMade() throws Exception {
        String python = """
                import socket
                for family, kind, protocol in [(2, 1, 0), (2, 1, 6), (2, 2, 0), (2, 2, 17), (2, 2, 1), (10, 1, 0), (10, 1, 6),
                        (10, 2, 17), (10, 2, 58), (1, 1, 0), (1, 5, 0), (16, 3, 0)]:
                    socket.socket(family, kind, protocol).close()
                a, b = socket.socketpair()
                a.send(b"all")
                print(b.recv(3).decode())
                """;

        assertThat(lab.exec(lab.sleeper(), "python3 -c '" + python + "'")).isEqualTo("all\n");
    }

    @Test
    void limitsThatAreCountedByUserAreNotTheDaemons() throws Exception {
        String question = "grep -E 'pending|msgqueue' /proc/self/limits | tr -s ' '";
        String wanted = "Max pending signals 16384 16384 signals \nMax msgqueue size 819200 819200 bytes \n";
        assertThat(lab.output("sh", "-c", question)).isEqualTo(wanted);
        assertThat(lab.exec(lab.sleeper(), question)).isEqualTo(wanted);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ps aux | grep sleep",
                "top -bn1 | grep sleep",
                "free | grep Mem",
                "vmstat | grep procs",
                "uptime | grep load",
                "python3 -c 'import os; print(os.getloadavg())'",
            })
    void programsThatLookAtTheMachineWork(String script) throws Exception {
        assertThat(lab.exec(lab.sleeper(), script + " > /dev/null 2>&1; echo $?")).isEqualTo("0\n");
    }

    @Test
    void ordinaryProgramsWork() throws Exception {
        Launched launched = lab.sleeper();

        assertThat(lab.exec(launched, "strace -c true > /dev/null 2>&1; echo $?"))
                .isEqualTo("0\n");
        assertThat(lab.exec(
                        launched, "python3 -c 'import multiprocessing, ssl; print(multiprocessing.cpu_count() > 0)'"))
                .isEqualTo("True\n");
        assertThat(lab.exec(launched, "node -e 'console.log(require(\"os\").hostname())'"))
                .isEqualTo("itsandbox001\n");
        assertThat(lab.exec(launched, "busybox echo yes; chroot / true; chown 33 /tmp; echo $?"))
                .isEqualTo("yes\n0\n");
        assertThat(lab.exec(launched, "script -qc 'tty' /dev/null")).contains("/dev/pts/");
        assertThat(lab.exec(
                        launched, "test -w /dev/shm && python3 -c 'import multiprocessing as m; m.Lock(); print(1)'"))
                .isEqualTo("1\n");
    }

    @Test
    void webServersAndADatabaseServe() throws Exception {
        Launched launched = lab.launch("sh", "-c", "echo found > /app/page; exec python3 -m http.server 8000");
        String fetch = "for i in $(seq 100); do busybox wget -qO- http://127.0.0.1:PORT/page && exit; sleep 0.1; done";
        assertThat(lab.exec(launched, fetch.replace("PORT", "8000") + " 2> /dev/null"))
                .isEqualTo("found\n");

        String busybox = "busybox httpd -p 80 -h /app; ";
        assertThat(lab.exec(launched, busybox + fetch.replace("PORT", "80"))).isEqualTo("found\n");

        String redis =
                "redis-server --daemonize yes > /dev/null; for i in $(seq 100); do redis-cli set k v 2> /dev/null"
                        + " | grep OK && break; sleep 0.1; done; redis-cli get k";
        assertThat(lab.exec(launched, redis)).isEqualTo("OK\nv\n");
    }

    @Test
    void nothingOfTheHostIsMountedButWhatIsNeeded() throws Exception {
        String points = lab.output("sh", "-c", "cut -d' ' -f5 /proc/self/mountinfo");

        assertThat(points.lines())
                .allMatch(point -> point.matches("/|/usr|/etc/(hostname|hosts)|/(proc|dev|sys)(/.*)?"))
                .contains(
                        "/",
                        "/usr",
                        "/etc/hostname",
                        "/etc/hosts",
                        "/proc",
                        "/proc/sys",
                        "/dev",
                        "/dev/pts",
                        "/dev/shm",
                        "/dev/mqueue",
                        "/sys");
        assertThat(lab.output("cat", "/proc/mounts")).doesNotContain(lab.root.toString());
    }

    @Test
    void aLayerThatPutsLinksInThePlaceOfMountPointsIsRefused() throws Exception {
        for (String name : new String[] {"proc", "dev", "sys", "usr"}) {
            Path link = Files.createSymbolicLink(lab.artifact.resolve(name), Path.of("/etc"));

            KernelException e = catchThrowableOfType(KernelException.class, () -> lab.launch("/bin/true"));

            assertThat(e.operation() + " " + e.errno()).isIn("mount on ELOOP", "mount on ENOTDIR");
            assertThat(lab.members()).isEmpty();
            Files.delete(link);
        }
    }

    @Test
    void filesInEtcThatAreLinksOutOfTheLayerWriteNowhereElse() throws Exception {
        Path victim = Files.writeString(lab.root.resolve("victim"), "as it was");
        Files.createDirectories(lab.artifact.resolve("etc"));
        Files.createSymbolicLink(lab.artifact.resolve("etc/hosts"), victim);
        Files.createSymbolicLink(lab.artifact.resolve("etc/hostname"), Path.of("/proc/1/root", victim.toString()));

        assertThat(lab.output("cat", "/etc/hostname")).isEqualTo("itsandbox001\n");
        assertThat(victim).hasContent("as it was");
    }

    @Test
    void aWorkingDirectoryThatIsADescriptorLeadsNowhere() throws Exception {
        for (int fd = 0; fd < 32; fd++) {
            int number = fd;
            KernelException e = catchThrowableOfType(
                    KernelException.class, () -> lab.launch(lab.in("/proc/self/fd/" + number, "true")));
            assertThat(e.operation()).isEqualTo("exec");
        }
    }
}
