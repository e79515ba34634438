package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.hostel.api.ProcessSpec.RestartPolicy;
import io.hostel.api.SandboxView.State;
import io.hostel.sandbox.SandboxSupervisor.Command;
import io.hostel.sandbox.SandboxSupervisor.Exec;
import io.hostel.sandbox.SandboxSupervisor.ExecReply;
import io.hostel.sandbox.SandboxSupervisor.Executed;
import io.hostel.sandbox.SandboxSupervisor.Reap;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SandboxLifeIT {

    @Test
    void a_server_starts_survives_its_inits_death_and_the_daemons_and_leaves_nothing() throws Exception {
        try (RealMachine machine = new RealMachine()) {
            SandboxPlan plan =
                    machine.plan(RestartPolicy.ALWAYS, Optional.of(8080), "python3", "-m", "http.server", "8080");
            ActorRef<Command> first = machine.supervise(plan, Optional.empty());
            SandboxStatus running = machine.await(State.RUNNING);
            machine.kernel.processes().signal(running.launched().orElseThrow().init(), 9);
            SandboxStatus again = machine.await(State.RUNNING);
            assertThat(again.restarts()).isEqualTo(1);
            assertThat(again.lastExit()).hasValueSatisfying(exit -> {
                assertThat(exit.signal()).contains("SIGKILL");
                assertThat(exit.oom()).isFalse();
            });

            machine.kit.stop(first);
            ActorRef<Command> second = machine.supervise(
                    plan, Optional.of(machine.ledger.entries().entries().get(0)));
            assertThat(machine.await(State.RUNNING).launched()).isEqualTo(again.launched());

            // Until the new supervisor has looked at what it adopted, it lets nobody in.
            Patience.await().untilAsserted(() -> {
                TestProbe<ExecReply> reply = machine.kit.createTestProbe();
                second.tell(new Exec(Scene.request(), reply.ref()));
                assertThat(reply.receiveMessage(Patience.seconds(20)))
                        .isInstanceOfSatisfying(
                                Executed.class,
                                executed -> assertThat(executed.outcome().exitCode())
                                        .isZero());
            });

            second.tell(new Reap());
            machine.awaitReaped();
            Patience.await().untilAsserted(() -> assertThat(machine.holdings()).isEmpty());
        }
    }

    @Test
    void a_job_ends_with_its_exit_code_and_its_sandbox_goes() throws Exception {
        try (RealMachine machine = new RealMachine()) {
            machine.supervise(
                    machine.plan(RestartPolicy.NEVER, Optional.empty(), "sh", "-c", "exit 7"), Optional.empty());
            assertThat(machine.await(State.ENDED).lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.code()).contains(7));
            machine.awaitReaped();
            Patience.await().untilAsserted(() -> assertThat(machine.holdings()).isEmpty());
        }
    }

    @Test
    void a_command_that_eats_all_its_memory_is_said_to_have_done_so() throws Exception {
        try (RealMachine machine = new RealMachine()) {
            machine.supervise(
                    machine.plan(
                            RestartPolicy.NEVER,
                            Optional.empty(),
                            "python3",
                            "-c",
                            "x = b'x' * (512 << 20); print(len(x))"),
                    Optional.empty());
            assertThat(machine.await(State.ENDED).lastExit()).hasValueSatisfying(exit -> {
                assertThat(exit.oom()).isTrue();
                assertThat(exit.signal()).contains("SIGKILL");
            });
            machine.awaitReaped();
        }
    }

    @Test
    void a_program_that_is_not_there_failed_to_be_executed() throws Exception {
        try (RealMachine machine = new RealMachine()) {
            machine.supervise(machine.plan(RestartPolicy.NEVER, Optional.empty(), "no-such-program"), Optional.empty());
            assertThat(machine.await(State.ENDED).lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.reason())
                            .hasValueSatisfying(
                                    reason -> assertThat(reason).startsWith("failed to exec no-such-program")));
            machine.awaitReaped();
        }
    }
}
