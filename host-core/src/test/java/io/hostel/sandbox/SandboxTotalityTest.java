package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.DeadLetter;
import akka.actor.UnhandledMessage;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.hostel.api.SandboxView.State;
import io.hostel.sandbox.SandboxSupervisor.Command;
import io.hostel.sandbox.SandboxSupervisor.Exec;
import io.hostel.sandbox.SandboxSupervisor.Reap;
import io.hostel.sandbox.SandboxSupervisor.Restart;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SandboxTotalityTest {
    private static final String ID = "a7h3k9m2p4qx";
    private static final Prober.Answer ILL = Prober.Answer.ill("refused");

    private static final int MESSAGES = 27;

    @TempDir
    Path directory;

    /** How a supervisor is brought into each of its states. */
    enum Road {
        PENDING(scene -> scene.expect(State.PENDING)),
        APPLYING(scene -> scene.executor.awaitJob()),
        LAUNCHING(scene -> {
            run(scene);
            scene.executor.hold();
            scene.kernel.processes().exit(ID, 1);
            scene.executor.crank(); // clears, and finds the record
            scene.executor.awaitJob();
        }),
        PROBING(scene -> {
            scene.prober.answerFirst(ILL);
            scene.executor.letLoose();
            scene.await(State.STARTING);
        }),
        RUNNING(Road::run),
        UNHEALTHY(scene -> {
            run(scene);
            for (int i = 0; i < 3; i++) {
                scene.prober.answer(ILL);
            }
            scene.expect(State.UNHEALTHY);
        }),
        STOPPING(scene -> {
            scene.kernel.processes().heedTerm(false);
            run(scene);
            scene.supervisor.tell(new Reap());
            scene.expect(State.STOPPING);
        }),
        KILLING(scene -> {
            scene.kernel.processes().heedTerm(false);
            scene.kernel.processes().unkillable(true);
            run(scene);
            scene.supervisor.tell(new Restart());
            scene.expect(State.STOPPING);
            scene.exec();
            scene.pass(Duration.ofSeconds(10));
            scene.exec();
        }),
        EXITING(scene -> {
            scene.kernel.processes().monitorsWait(true);
            run(scene);
            scene.kernel.processes().exit(ID, 1);
            scene.expect(State.STARTING);
        }),
        CLEARING(scene -> {
            scene.kernel.processes().monitorsWait(true);
            run(scene);
            scene.kernel.processes().exit(ID, 1);
            scene.expect(State.STARTING);
            scene.exec();
            scene.pass(SandboxLife.RECORD_WAIT); // its monitor is woken
            scene.exec();
            scene.executor.hold();
            scene.pass(SandboxLife.RECORD_WAIT);
            scene.executor.awaitJob();
        }),
        BACKOFF(scene -> {
            scene.executor.letLoose();
            for (int i = 0; i < 4; i++) {
                scene.running();
                scene.kernel.processes().exit(ID, 1);
            }
            scene.await(State.BACKOFF);
        }),
        NOT_STANDING(scene -> {
            scene.kernel.effects().refuse("attach");
            scene.executor.letLoose();
            scene.await(State.BACKOFF);
        }),
        ADOPTING(scene -> {
            run(scene);
            scene.executor.hold();
            scene.kernel.effects().die();
            scene.succeed();
            scene.executor.awaitJob();
        }),
        REAPING(scene -> {
            run(scene);
            scene.kernel.effects().refuse("remove layer");
            scene.supervisor.tell(new Reap());
            scene.expect(State.STOPPING);
            scene.exec();
        });

        private final Walk walk;

        Road(Walk walk) {
            this.walk = walk;
        }

        interface Walk {
            void go(Scene scene) throws Exception;
        }

        private static void run(Scene scene) {
            scene.executor.letLoose();
            scene.running();
            scene.awaitRecorded();
        }
    }

    @ParameterizedTest
    @EnumSource
    void every_state_hears_every_message(Road road) throws Exception {
        for (int i = 0; i < MESSAGES; i++) {
            Path stage = directory.resolve(road + "-" + i);
            int permits = road == Road.PENDING ? 0 : 8;
            try (Scene scene = new Scene(stage, Plans.web(stage), List.of(), false, permits)) {
                road.walk.go(scene);
                TestProbe<UnhandledMessage> unhandled = scene.kit.createUnhandledMessageProbe();
                TestProbe<SandboxSupervisor.ExecReply> reply = scene.kit.createTestProbe();
                Command message = messages(reply.ref()).get(i);
                scene.supervisor.tell(message);
                scene.supervisor.tell(new SandboxNews.PauseOver());
                awaitHeard(scene);
                unhandled.expectNoMessage(Duration.ZERO);
            }
        }
    }

    @Test
    void the_messages_sent_are_all_that_there_are() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory), List.of(), false)) {
            TestProbe<SandboxSupervisor.ExecReply> reply = scene.kit.createTestProbe();
            List<Class<?>> sent = new ArrayList<>();
            messages(reply.ref()).forEach(m -> sent.add(m.getClass()));
            assertThat(sent)
                    .hasSize(MESSAGES)
                    .containsExactlyInAnyOrderElementsOf(leaves(Command.class).toList());
        }
    }

    /** What was sent before is heard when this is; a supervisor that has stopped leaves it to the dead letters. */
    private static void awaitHeard(Scene scene) {
        TestProbe<DeadLetter> undelivered = scene.kit.createDeadLetterProbe();
        scene.supervisor.tell(new SandboxNews.Signalled(new Outcome.Trouble<>("", "the last word")));
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> scene.log.contains("the last word") || stopped(undelivered));
    }

    private static boolean stopped(TestProbe<DeadLetter> undelivered) {
        try {
            return undelivered.receiveMessage(Duration.ofMillis(2)).message() instanceof SandboxNews.Signalled;
        } catch (AssertionError nothing) {
            return false;
        }
    }

    private static List<Command> messages(ActorRef<SandboxSupervisor.ExecReply> replyTo) {
        return List.of(
                new Reap(),
                new SandboxSupervisor.End(),
                new Restart(),
                new Exec(Scene.request(), replyTo),
                new SandboxSupervisor.Mend((plan, amiss) -> {}),
                new SandboxNews.Mended(new Outcome.Trouble<>("", "astray"), (plan, amiss) -> {}),
                new SandboxNews.Granted(0),
                new SandboxNews.Stood(new Outcome.Trouble<>("", "astray")),
                new SandboxNews.NoteDue(),
                new SandboxNews.LaunchMade(new Outcome.Trouble<>("", "astray")),
                new SandboxNews.Adopted(new Outcome.Trouble<>("", "astray")),
                new SandboxNews.Noted(new Outcome.Trouble<>("", "astray")),
                new SandboxNews.Signalled(new Outcome.Trouble<>("", "astray")),
                new SandboxNews.Cleared(1, new Outcome.Trouble<>("", "astray")),
                new SandboxNews.RemainsRead(new Outcome.Trouble<>("", "astray")),
                new SandboxNews.TakenBack(new Outcome.Trouble<>("", "astray")),
                new SandboxNews.InitExited(1),
                new SandboxNews.MonitorExited(1),
                new SandboxNews.MonitorStopped(1, StoppedMonitors.Found.CONTINUED),
                new SandboxNews.Probed(1, Prober.Answer.WELL),
                new SandboxNews.RanAWhile(),
                new SandboxNews.StartupOver(),
                new SandboxNews.LivedOn(),
                new SandboxNews.Looked(1, new Outcome.Done<>("")),
                new SandboxNews.PauseOver(),
                new SandboxNews.Overdue(
                        new JobsInTurn.Job("a job", java.util.concurrent.CompletableFuture.completedFuture(""))),
                new SandboxNews.ExecEnded(replyTo, new Outcome.Trouble<>("", "astray")));
    }

    private static Stream<Class<?>> leaves(Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(SandboxTotalityTest::leaves)
                : Stream.of(type);
    }
}
