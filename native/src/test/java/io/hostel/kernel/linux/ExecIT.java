package io.hostel.kernel.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher.ExecPlan;
import io.hostel.kernel.Launcher.ExecResult;
import io.hostel.kernel.Launcher.Launched;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands in a sandbox that runs already. */
class ExecIT {
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
    void outputAndExitCodeComeBack() throws Exception {
        ExecResult result = run("cat; echo err >&2; exit 5", "given\n", 20_000, 1 << 16);

        assertThat(SandboxLab.text(result.stdout())).isEqualTo("given\n");
        assertThat(SandboxLab.text(result.stderr())).isEqualTo("err\n");
        assertThat(result.code()).isEqualTo(Optional.of(5));
        assertThat(result.truncated()).isFalse();
        assertThat(result.timedOut()).isFalse();
    }

    @Test
    void itsTimesCountFromWhenItWasExecuted() throws Exception {
        ExecResult idle = run("sleep 0.3", "", 20_000, 1 << 16);
        assertThat(idle.wall()).isBetween(Duration.ofMillis(300), Duration.ofSeconds(10));
        assertThat(idle.cpu()).isLessThan(idle.wall());

        ExecResult busy = run("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done", "", 60_000, 1 << 16);
        // Its end takes a little, and the two are not stopped at the same moment.
        assertThat(busy.cpu())
                .isBetween(Duration.ofMillis(20), busy.wall().plusMillis(20));
    }

    @Test
    void whereItShallBeMustBeThere() throws Exception {
        Launched launched = lab.sleeper();
        assertThat(SandboxLab.text(lab.exec(in(launched, "/tmp", "pwd")).stdout())).isEqualTo("/tmp\n");

        ExecResult nowhere = lab.exec(in(launched, "/no/such", "pwd"));
        assertThat(nowhere.code()).isEqualTo(Optional.of(127));
        assertThat(SandboxLab.text(nowhere.stderr())).contains("/no/such");
    }

    private ExecPlan in(Launched launched, String directory, String... command) {
        ExecPlan plan = lab.execPlan(launched, command);
        return new ExecPlan(
                plan.init(),
                plan.cgroup(),
                plan.command(),
                plan.environment(),
                directory,
                plan.user(),
                plan.files(),
                plan.stdin(),
                plan.timeout(),
                plan.outputBytes());
    }

    @Test
    void aSignalThatEndsItIsTold() throws Exception {
        ExecResult result = run("kill -15 $$", "", 20_000, 1 << 16);

        assertThat(result.signal()).isEqualTo(Optional.of(15));
        assertThat(result.code()).isEmpty();
    }

    @Test
    void outputOverTheBoundIsCutAndTheCommandGoesOn() throws Exception {
        ExecResult result = run("head -c 1000000 /dev/zero; exit 3", "", 20_000, 1000);

        assertThat(SandboxLab.text(result.stdout())).hasSize(1000);
        assertThat(result.truncated()).isTrue();
        assertThat(result.code()).isEqualTo(Optional.of(3));
    }

    @Test
    void atTheTimeoutItIsKilledWithItsGroupAndWhatItWroteIsKept() throws Exception {
        Launched launched = lab.sleeper();
        ExecResult result = run(launched, "echo begun; sleep 1000 & sleep 1000", "", 300, 1 << 16);

        assertThat(result.timedOut()).isTrue();
        assertThat(result.signal()).isEqualTo(Optional.of(9));
        assertThat(SandboxLab.text(result.stdout())).isEqualTo("begun\n");
        Patience.await().until(() -> lab.members().size() == 2);
    }

    @Test
    void processesLeftBehindHoldNothingUp() throws Exception {
        Launched launched = lab.sleeper();
        ExecResult result = run(launched, "setsid sleep 1000 & echo done", "", 20_000, 1 << 16);

        assertThat(SandboxLab.text(result.stdout())).isEqualTo("done\n");
        assertThat(result.timedOut()).isFalse();
    }

    @Test
    void whatCanNotBeExecutedIs127Or126() throws Exception {
        Launched launched = lab.sleeper();

        assertThat(lab.exec(lab.execPlan(launched, "no-such-program")).code()).isEqualTo(Optional.of(127));
        assertThat(lab.exec(lab.execPlan(launched, "/etc")).code()).isEqualTo(Optional.of(126));
        assertThat(SandboxLab.text(
                        lab.exec(lab.execPlan(launched, "no-such-program")).stderr()))
                .contains("no-such-program")
                .contains("ENOENT");
    }

    @Test
    void itIsInTheSameNamespacesAndControlGroupsAsTheCommand() throws Exception {
        Launched launched = lab.sleeper();
        String shown =
                lab.exec(launched, "cd /proc/self/ns; for n in cgroup ipc mnt net pid user uts; do readlink $n; done");

        assertThat(shown.lines())
                .containsExactlyInAnyOrderElementsOf(launched.namespaces().values());
        assertThat(lab.launcher.exec(lab.execPlan(launched, "sleep", "2"))).isNotNull();
        Patience.await().until(() -> lab.members().size() == 3);
        Patience.await().until(() -> lab.members().size() == 2);
    }

    @Test
    void itIsLimitedToTheSandboxsProcesses() throws Exception {
        assertThat(lab.exec(lab.sleeper(), "echo /proc/[0-9]*; cat /proc/1/comm; cat /proc/1/cmdline | tr -d '\\0'"))
                .matches("/proc/1 /proc/2 /proc/[0-9]+\nhostel-init\nhostel-init");
    }

    @Test
    void aSandboxWhoseInitIsGoneIsToldAtOnce() throws Exception {
        Launched launched = lab.sleeper();
        lab.processes.signal(launched.init(), 9);
        lab.exit();

        KernelException e =
                catchThrowableOfType(KernelException.class, () -> lab.launcher.exec(lab.execPlan(launched, "true")));
        assertThat(e.errno()).isEqualTo("ESRCH");
    }

    @Test
    void killingTheSandboxEndsWhatRunsInIt() throws Exception {
        Launched launched = lab.sleeper();
        var stage = lab.launcher.exec(lab.execPlan(launched, "sleep", "1000")).toCompletableFuture();
        Patience.await().until(() -> lab.members().size() == 3);

        lab.processes.signal(launched.init(), 9);

        assertThat(stage.join().signal()).isEqualTo(Optional.of(9));
    }

    @Test
    void theProcessThatAttendsIsOutsideAndEndsWithIt() throws Exception {
        Launched launched = lab.sleeper();
        // Both enter the monitors' group after they have answered.
        Patience.await().until(() -> lab.monitors().contains(launched.monitor().pid()));
        List<Integer> before = lab.monitors();
        var stage = lab.launcher.exec(lab.execPlan(launched, "sleep", "1000")).toCompletableFuture();
        Integer zygote = lab.launcher.zygote(lab.records()).orElseThrow().pid(); // may enter it at any time on v2
        List<Integer> attending = new ArrayList<>();
        Patience.await().untilAsserted(() -> {
            attending.clear();
            attending.addAll(lab.monitors());
            attending.removeAll(before);
            attending.remove(zygote);
            assertThat(attending).isNotEmpty();
            assertThat(lab.members()).hasSize(3);
        });

        lab.processes.signal(launched.init(), 9);
        stage.join();

        Patience.await().untilAsserted(() -> assertThat(lab.monitors()).doesNotContainAnyElementsOf(attending));
    }

    private ExecResult run(String script, String stdin, int milliseconds, int bytes) throws Exception {
        return run(lab.sleeper(), script, stdin, milliseconds, bytes);
    }

    private ExecResult run(Launched launched, String script, String stdin, int milliseconds, int bytes)
            throws Exception {
        ExecPlan plan = lab.execPlan(launched, "sh", "-c", script);
        return lab.exec(new ExecPlan(
                plan.init(),
                plan.cgroup(),
                plan.command(),
                plan.environment(),
                plan.directory(),
                plan.user(),
                plan.files(),
                stdin.getBytes(UTF_8),
                Duration.ofMillis(Patience.milliseconds(milliseconds)),
                bytes));
    }
}
