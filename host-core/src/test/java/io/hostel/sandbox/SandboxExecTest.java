package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.TestProbe;
import io.hostel.api.ExecRequest;
import io.hostel.api.Refusal;
import io.hostel.fake.FakeLauncher.RunningExec;
import io.hostel.kernel.CommandOutput;
import io.hostel.kernel.Launcher.ExecResult;
import io.hostel.sandbox.SandboxSupervisor.Exec;
import io.hostel.sandbox.SandboxSupervisor.ExecRefused;
import io.hostel.sandbox.SandboxSupervisor.ExecReply;
import io.hostel.sandbox.SandboxSupervisor.Executed;
import io.hostel.sandbox.SandboxSupervisor.Reap;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxExecTest {
    @TempDir
    Path directory;

    @Test
    void a_command_runs_beside_the_sandboxs_own_with_its_surroundings() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            SandboxStatus running = scene.running();
            TestProbe<ExecReply> reply = scene.kit.createTestProbe();
            scene.supervisor.tell(new Exec(
                    new ExecRequest(
                            List.of("env"),
                            new byte[] {1},
                            Map.of("GREETING", "hi"),
                            Optional.of("/srv"),
                            Optional.of("33"),
                            Duration.ofSeconds(5)),
                    reply.ref()));
            RunningExec exec = execs(scene, 1).get(0);
            assertThat(exec.plan().init())
                    .isEqualTo(running.launched().orElseThrow().init());
            assertThat(exec.plan().cgroup()).isEqualTo(scene.plan.cgroup());
            assertThat(exec.plan().user()).isEqualTo("33");
            assertThat(exec.plan().directory()).isEqualTo("/srv");
            assertThat(exec.plan().environment()).contains("GREETING=hi", "HOME=/app", "PORT=8080");
            exec.result().complete(result(Optional.empty(), Optional.of(9)));
            assertThat(reply.receiveMessage()).isInstanceOfSatisfying(Executed.class, executed -> {
                assertThat(executed.outcome().exitCode()).isEqualTo(137);
                assertThat(executed.outcome().signal()).contains("SIGKILL");
                assertThat(executed.outcome().oom()).isFalse();
                assertThat(executed.outcome().wallSeconds()).isEqualTo(1.5);
                assertThat(executed.outcome().cpuSeconds()).isEqualTo(0.25);
            });
        }
    }

    @Test
    void a_kill_for_memory_is_told_from_others_and_from_one_for_the_timeout() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            assertThat(oom(scene, 0, result(Optional.of(137), Optional.empty()), false)).isFalse();
            assertThat(oom(scene, 1, result(Optional.empty(), Optional.of(9)), true)).isTrue();
            assertThat(oom(scene, 2, result(Optional.of(137), Optional.empty()), true)).isTrue();
            assertThat(oom(scene, 3, result(Optional.of(1), Optional.empty()), true)).isFalse();
            ExecResult late = new ExecResult(
                    Optional.empty(),
                    Optional.of(9),
                    CommandOutput.of(new byte[0]),
                    CommandOutput.of(new byte[0]),
                    false,
                    true,
                    Duration.ofSeconds(1),
                    Duration.ZERO);
            assertThat(oom(scene, 4, late, true)).isFalse();
        }
    }

    private static boolean oom(Scene scene, int before, ExecResult result, boolean killed) {
        TestProbe<ExecReply> reply = scene.kit.createTestProbe();
        scene.supervisor.tell(new Exec(Scene.request(), reply.ref()));
        RunningExec exec = execs(scene, before + 1).get(before);
        if (killed) {
            scene.kernel.cgroups().oomKill(scene.plan.cgroup());
        }
        exec.result().complete(result);
        return reply.expectMessageClass(Executed.class).outcome().oom();
    }

    @Test
    void more_than_sixteen_at_a_time_are_refused_until_one_has_ended() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            TestProbe<ExecReply> others = scene.kit.createTestProbe();
            for (int i = 0; i < 16; i++) {
                TestProbe<ExecReply> each = scene.kit.createTestProbe();
                scene.supervisor.tell(new Exec(Scene.request(), each.ref()));
            }
            scene.supervisor.tell(new Exec(Scene.request(), others.ref()));
            assertThat(others.receiveMessage())
                    .isInstanceOfSatisfying(
                            ExecRefused.class,
                            refused -> assertThat(refused.refusal().detail()).startsWith("16 commands"));
            execs(scene, 16).get(0).result().complete(result(Optional.of(0), Optional.empty()));
            execs(scene, 16).get(1).result().complete(result(Optional.of(0), Optional.empty()));
            await().until(() -> {
                scene.supervisor.tell(new Exec(Scene.request(), others.ref()));
                return scene.kernel.launcher().execs().size() > 16;
            });
        }
    }

    @Test
    void an_init_that_dies_in_the_moment_of_entering_refuses_as_one_that_was_dead() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.executor.hold();
            TestProbe<ExecReply> reply = scene.kit.createTestProbe();
            scene.supervisor.tell(new Exec(Scene.request(), reply.ref()));
            scene.executor.awaitJob();
            scene.kernel.processes().killInit(scene.plan.id());
            scene.executor.letLoose();
            assertThat(reply.receiveMessage()).isEqualTo(new ExecRefused(Execs.NOT_RUNNING));
        }
    }

    @Test
    void who_waits_for_a_command_when_the_sandbox_goes_is_told() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            TestProbe<ExecReply> reply = scene.kit.createTestProbe();
            scene.supervisor.tell(new Exec(Scene.request(), reply.ref()));
            execs(scene, 1);
            scene.supervisor.tell(new Reap());
            scene.awaitReaped();
            assertThat(reply.receiveMessage())
                    .isInstanceOfSatisfying(
                            ExecRefused.class,
                            refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.Conflict.class));
        }
    }

    private static List<RunningExec> execs(Scene scene, int count) {
        await().until(() -> scene.kernel.launcher().execs().size() >= count);
        return scene.kernel.launcher().execs();
    }

    private static ExecResult result(Optional<Integer> code, Optional<Integer> signal) {
        return new ExecResult(
                code,
                signal,
                CommandOutput.of(new byte[0]),
                CommandOutput.of(new byte[0]),
                false,
                false,
                Duration.ofMillis(1500),
                Duration.ofMillis(250));
    }
}
