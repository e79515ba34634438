package io.hostel.kernel.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher.Exit;
import io.hostel.kernel.Launcher.Launched;
import io.hostel.kernel.Launcher.Parked;
import io.hostel.kernel.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A launch from its beginning to its end, on the real kernel. */
class LauncherIT {
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
    void aSandboxHasSevenNamespacesThatAreNotTheHosts() throws Exception {
        Launched launched = lab.sleeper();

        assertThat(launched.namespaces()).containsOnlyKeys("cgroup", "ipc", "mnt", "net", "pid", "user", "uts");
        for (Map.Entry<String, String> namespace : launched.namespaces().entrySet()) {
            Path own = Path.of("/proc/self/ns", namespace.getKey());
            assertThat(namespace.getValue())
                    .isNotEqualTo(Files.readSymbolicLink(own).toString());
        }
    }

    @Test
    void theCommandRunsWithWhatItWasGiven() throws Exception {
        assertThat(lab.output("sh", "-c", "id -u; id -g; hostname; pwd; echo $GREETING; ulimit -n; cat /etc/hostname"))
                .isEqualTo("0\n0\nitsandbox001\n/app\nhello\n512\nitsandbox001\n");
    }

    @Test
    void theCommandRunsAsTheUserThatItIsGivenAndOwnsItsOutput() throws Exception {
        assertThat(lab.output(lab.as(
                        "33:34", "sh", "-c", "id -u; id -g; echo out > /dev/stdout; grep CapEff /proc/self/status")))
                .isEqualTo("33\n34\nout\nCapEff:\t0000000000000000\n");
    }

    @Test
    void initIsProcessOneAndTheCommandIsInTheSandboxsControlGroups() throws Exception {
        Launched launched = lab.sleeper();

        String status = Files.readString(Path.of("/proc/" + launched.init().pid() + "/status"));
        assertThat(status).containsPattern("NSpid:\\s+" + launched.init().pid() + "\\s+1\n");
        Patience.await().until(() -> lab.monitors().contains(launched.monitor().pid()));
        assertThat(lab.members()).hasSize(2).contains(launched.init().pid());
    }

    @Test
    void whoAttendsToASandboxIsNeverTheKernelsVictim() throws Exception {
        Launched launched = lab.sleeper();
        ProcessIdentity zygote = lab.launcher.zygote(lab.records()).orElseThrow();
        // Without CAP_SYS_RESOURCE nobody's score can be lowered for good; then those who attend are behind the others only.
        int never = score(zygote.pid());
        int commands = Math.max(0, never) + 100;
        if (privileged()) assertThat(never).isEqualTo(-1000);
        else assertThat(never).isIn(0, score(ProcessHandle.current().pid()));
        assertThat(score(launched.monitor().pid())).isEqualTo(never);
        // Its monitor leaves the group once it has answered.
        Patience.await().until(() -> lab.monitors().contains(launched.monitor().pid()));
        assertThat(lab.members()).allSatisfy(pid -> assertThat(score(pid)).isEqualTo(commands));

        assertThat(lab.exec(launched, "cat /proc/self/oom_score_adj")).isEqualTo(commands + "\n");
        lab.launcher.exec(lab.execPlan(launched, "sleep", "1000"));
        Patience.await().until(() -> lab.members().size() == 3);
        Patience.await().until(() -> lab.monitors().size() >= 2);
        assertThat(lab.monitors()).allSatisfy(pid -> assertThat(score(pid)).isEqualTo(never));
        assertThat(lab.members()).allSatisfy(pid -> assertThat(score(pid)).isEqualTo(commands));
    }

    private static boolean privileged() throws IOException {
        String effective = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapEff:"))
                .findFirst()
                .orElseThrow();
        int sysResource = 24; // capability.h
        return (Long.parseUnsignedLong(effective.substring(7).strip(), 16) >> sysResource & 1) == 1;
    }

    private static int score(long pid) throws IOException {
        return Integer.parseInt(
                Files.readString(Path.of("/proc/" + pid + "/oom_score_adj")).strip());
    }

    @Test
    void aFileMadeInsideBelongsToTheRangeOutsideAndLowerOwnersAreShownMapped() throws Exception {
        Files.writeString(lab.artifact.resolve("app/given"), "x");

        assertThat(lab.output("sh", "-c", "touch made; stat -c %u made given /usr"))
                .isEqualTo("0\n0\n65534\n");
        assertThat(Files.getAttribute(lab.upper.resolve("app/made"), "unix:uid"))
                .isEqualTo(SandboxLab.UID_BASE);
    }

    @Test
    void anExitCodeIsRecordedAsTheCommandsOwn() throws Exception {
        lab.launch("sh", "-c", "exit 7");

        Exit exit = lab.exit();
        assertThat(exit.code()).isEqualTo(Optional.of(7));
        assertThat(exit.signal()).isEmpty();
        assertThat(exit.ofCommand()).isTrue();
    }

    @Test
    void itsTimeIsFromWhenItWasExecutedToItsEnd() throws Exception {
        lab.launch("sleep", "0.5");
        assertThat(lab.exit().wall().orElseThrow()).isBetween(Duration.ofMillis(500), Duration.ofSeconds(10));
        lab.launch("true");
        assertThat(lab.exit().wall().orElseThrow()).isBetween(Duration.ZERO, Duration.ofMillis(400));
    }

    /** The whole of it is over when those it left are: the record tells of the command. */
    @Test
    void whoIsLeftWhenTheCommandWasToldToStopHasTimeOfItsOwn() throws Exception {
        Launched launched = lab.launch(
                "sh", "-c", "sh -c 'trap \"sleep 0.5; echo saved; exit 0\" TERM; echo ready; while :; do sleep 0.05; done'; true");
        Patience.await().until(() -> Files.readString(lab.log).contains("ready"));

        lab.processes.signal(launched.init(), 15);

        Exit exit = lab.exit();
        assertThat(exit.signal()).isEqualTo(Optional.of(15));
        assertThat(exit.ofCommand()).isTrue();
        assertThat(Files.readString(lab.log)).contains(" stdout F saved\n");
    }

    @Test
    void aSignalThatEndsTheCommandIsRecorded() throws Exception {
        lab.launch("sh", "-c", "kill -9 $$");

        Exit exit = lab.exit();
        assertThat(exit.signal()).isEqualTo(Optional.of(9));
        assertThat(exit.code()).isEmpty();
        assertThat(exit.ofCommand()).isTrue();
    }

    @Test
    void killingInitFromOutsideTakesEverythingAndIsToldApart() throws Exception {
        Launched launched = lab.launch("sh", "-c", "setsid sleep 1000 & sleep 1000");
        Patience.await().until(() -> lab.members().size() == 4);

        lab.processes.signal(launched.init(), 9);

        Exit exit = lab.exit();
        assertThat(exit.signal()).isEqualTo(Optional.of(9));
        assertThat(exit.ofCommand()).isFalse();
        Patience.await().until(() -> lab.members().isEmpty());
    }

    @Test
    void whereAllWereKilledByTheirGroupTheNextLaunchLives() throws Exception {
        lab.launcher.ready(lab.ahead());
        Launched first = lab.sleeper();
        ProcessIdentity zygote = lab.launcher.zygote(lab.records()).orElseThrow();

        Patience.await().until(() -> lab.members().size() == 2); // the monitor has left for the monitors' group
        lab.killMembers();

        assertThat(lab.exit().signal()).isEqualTo(Optional.of(9));
        assertThat(lab.processes.alive(first.init())).isFalse();
        assertThat(lab.launcher.zygote(lab.records())).contains(zygote);
        Launched second = lab.sleeper();
        assertThat(lab.processes.alive(second.init())).isTrue();
        Patience.await().until(() -> lab.members().size() == 2);
    }

    @Test
    void alsoFromAGroupThatWasKilledOnceProcessesAreBornIntoOthers() throws Exception {
        Path v2 = Path.of(Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(" - cgroup2 "))
                .map(line -> line.split(" ")[4])
                .findFirst()
                .orElseThrow());
        String own = Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
                .filter(line -> line.startsWith("0::"))
                .map(line -> line.substring(3))
                .findFirst()
                .orElseThrow();
        Path killed = Files.createDirectory(
                v2.resolve("hostel-killed" + ProcessHandle.current().pid()));
        try {
            Files.writeString(killed.resolve("cgroup.kill"), "1");
            Files.writeString(
                    killed.resolve("cgroup.procs"),
                    Long.toString(ProcessHandle.current().pid()));
            lab.launcher.prepare(lab.pins);
            lab.launcher.ready(lab.ahead());
            Launched launched = lab.sleeper();
            assertThat(lab.exec(launched, "echo alive")).isEqualTo("alive\n");
            Patience.await().until(() -> lab.members().size() == 2);
        } finally {
            Files.writeString(
                    Path.of(v2 + own, "cgroup.procs"),
                    Long.toString(ProcessHandle.current().pid()));
            lab.killMembers();
            lab.launcher.unready(lab.records()); // on v1 it is the zygote's group, too
            Patience.await().until(() -> killed.toFile().delete());
        }
    }

    @Test
    void initPassesSignalsOn() throws Exception {
        Launched launched =
                lab.launch("sh", "-c", "trap 'echo told; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
        Patience.await().until(() -> Files.readString(lab.log).contains("ready"));

        lab.processes.signal(launched.init(), 15);

        assertThat(lab.exit().code()).isEqualTo(Optional.of(3));
        assertThat(Files.readString(lab.log)).contains(" stdout F told\n");
    }

    /** Whatever sender is made up: else what is left would count as running without its command. */
    @Test
    void aSignalFromInsideIsNoStop() throws Exception {
        Launched launched = lab.launch(
                "sh", "-c", "sh -c 'trap : TERM; echo ready; while :; do sleep 0.05; done' & trap 'echo told; exit 3' TERM; wait");
        Patience.await().until(() -> Files.readString(lab.log).contains("ready"));

        lab.exec(launched, "kill -TERM 1; python3 -c 'import ctypes; i = ctypes.create_string_buffer(128);"
                + " ctypes.memmove(i, bytes([15,0,0,0, 0,0,0,0, 255,255,255,255]), 12);"
                + " ctypes.CDLL(None).syscall(129, 1, 15, i)'");

        assertThat(lab.exit().code()).isEqualTo(Optional.of(3));
        Patience.await().until(() -> !lab.processes.alive(launched.init()));
    }

    @Test
    void initReapsWhomTheirParentsLeft() throws Exception {
        Launched launched = lab.launch("sh", "-c", "(true & true & true); exec sleep 1000");

        Patience.await().until(() -> lab.members().size() == 2);
        assertThat(lab.processes.alive(launched.init())).isTrue();
    }

    @Test
    void aCommandThatIsNotThereIsNamedAndNothingIsLeft() throws Exception {
        KernelException e =
                catchThrowableOfType(KernelException.class, () -> lab.launch("no-such-program", "--version"));

        assertThat(e.errno()).isEqualTo("ENOENT");
        assertThat(e.operation()).isEqualTo("exec");
        assertThat(e.target()).isEqualTo("no-such-program");
        assertThat(lab.launcher.launched(lab.root.resolve("records/0"))).isEmpty();
        assertThat(lab.members()).isEmpty();
    }

    @Test
    void aFileThatIsNoProgramIsRefusedWithItsPath() throws Exception {
        Path script = Files.writeString(lab.artifact.resolve("app/readme"), "not a program");
        KernelException refused = catchThrowableOfType(KernelException.class, () -> lab.launch("/app/readme"));
        assertThat(script.toFile().setExecutable(true, false)).isTrue();
        KernelException malformed = catchThrowableOfType(KernelException.class, () -> lab.launch("./readme"));

        assertThat(refused.errno() + " " + refused.target()).isEqualTo("EACCES /app/readme");
        assertThat(malformed.errno() + " " + malformed.target()).isEqualTo("ENOEXEC ./readme");
    }

    @Test
    void aWorkingDirectoryThatIsMissingIsTheCommandsFault() throws Exception {
        KernelException e = catchThrowableOfType(KernelException.class, () -> lab.launch(lab.in("/no/such", "true")));

        assertThat(e.operation()).isEqualTo("exec");
        assertThat(e.errno()).isEqualTo("ENOENT");
        assertThat(e.kernelWords()).contains("/no/such");
    }

    @Test
    void aStepThatFailsNamesWhatItFailedOn() throws Exception {
        Files.delete(lab.root.resolve("layer/work"));

        KernelException e = catchThrowableOfType(KernelException.class, () -> lab.launch("true"));
        assertThat(e.operation()).isEqualTo("mount overlay with");
        assertThat(e.errno()).isEqualTo("ENOENT");
        Files.createDirectories(lab.root.resolve("layer/work"));
    }

    @Test
    void aRestartFindsTheLayerAsTheLastLaunchLeftIt() throws Exception {
        lab.output("sh", "-c", "echo kept > /app/file");

        assertThat(lab.output("cat", "/app/file")).isEqualTo("kept\n");
    }

    @Test
    void logLinesCarryTimeStreamAndTagAndLongOnesComeInParts() throws Exception {
        lab.launch("sh", "-c", "echo out; echo err >&2; head -c 10000 /dev/zero | tr '\\0' x; printf last >&2");
        lab.exit();

        List<String> lines = Files.readAllLines(lab.log, UTF_8);
        String time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z";
        assertThat(lines).anyMatch(line -> line.matches(time + " stdout F out"));
        assertThat(lines).anyMatch(line -> line.matches(time + " stderr F err"));
        assertThat(lines).anyMatch(line -> line.matches(time + " stdout P x{8192}"));
        assertThat(lines).anyMatch(line -> line.matches(time + " stdout F x{1808}"));
        assertThat(lines).anyMatch(line -> line.matches(time + " stderr F last"));
    }

    @Test
    void twoLogFilesTogetherStayWithinTheirBound() throws Exception {
        lab.launch("sh", "-c", "yes 'a line of some length, over and over' | head -c 5000000; echo; echo end");
        lab.exit();

        Path older = lab.log.resolveSibling("web.log.1");
        assertThat(Files.size(lab.log) + Files.size(older)).isLessThanOrEqualTo(1 << 20);
        assertThat(Files.size(older)).isGreaterThan(400_000);
        assertThat(Files.readString(lab.log)).endsWith(" stdout F end\n");
    }

    @Test
    void whatALaunchRecordedIsReadAgain() throws Exception {
        Launched launched = lab.sleeper();

        assertThat(lab.launcher.launched(lab.root.resolve("records/0"))).contains(launched);
        assertThat(lab.processes.identify(launched.init().pid())).contains(launched.init());
        assertThat(lab.processes.identify(launched.monitor().pid())).contains(launched.monitor());
        assertThat(lab.launcher.exit(lab.root.resolve("records/0"))).isEmpty();
    }

    @Test
    void aParkedInitIsLaunchedAndTheZygoteMakesTheNext() throws Exception {
        lab.launcher.ready(lab.ahead());
        Parked parked = lab.launcher.parked(lab.ahead().first()).orElseThrow();
        ProcessIdentity zygote = lab.launcher.zygote(lab.records()).orElseThrow();

        Launched first = lab.sleeper();
        lab.processes.signal(first.init(), 9);
        lab.exit();
        Launched second = lab.sleeper();

        assertThat(new Parked(first.monitor(), first.init())).isEqualTo(parked);
        assertThat(second.namespaces().get("net")).isEqualTo(first.namespaces().get("net"));
        assertThat(second.init()).isNotEqualTo(first.init());
        assertThat(lab.launcher.zygote(lab.records())).contains(zygote);
    }

    @Test
    void whatWasReadiedGoesWithoutALaunch() throws Exception {
        lab.launcher.ready(lab.ahead());
        Parked parked = lab.launcher.parked(lab.ahead().first()).orElseThrow();
        ProcessIdentity zygote = lab.launcher.zygote(lab.records()).orElseThrow();

        lab.launcher.unready(lab.records());
        lab.launcher.unready(lab.records());

        for (ProcessIdentity each : List.of(zygote, parked.monitor(), parked.init())) {
            Patience.await().until(() -> !lab.processes.alive(each));
        }
        assertThat(lab.launcher.parked(lab.ahead().first())).isEmpty();
        assertThat(lab.members()).isEmpty();
    }

    @Test
    void aLaunchDoesWithoutWhatWasKilledMeanwhile() throws Exception {
        for (boolean zygoteToo : new boolean[] {false, true}) {
            lab.launcher.ready(lab.ahead());
            Parked parked = lab.launcher.parked(lab.ahead().first()).orElseThrow();
            lab.processes.signal(parked.init(), 9);
            Patience.await().until(() -> !lab.processes.alive(parked.monitor()));
            ProcessIdentity zygote = lab.launcher.zygote(lab.records()).orElseThrow();
            if (zygoteToo) {
                lab.processes.signal(zygote, 9);
                Patience.await().until(() -> !lab.processes.alive(zygote));
            }

            Launched launched = lab.sleeper();
            assertThat(lab.processes.alive(launched.init())).isTrue();
            lab.processes.signal(launched.init(), 9);
            lab.exit();
            lab.launcher.unready(lab.records());
        }
    }
}
