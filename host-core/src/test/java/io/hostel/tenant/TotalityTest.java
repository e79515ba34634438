package io.hostel.tenant;

import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.get;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.UnhandledMessage;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.eventstream.EventStream;
import java.time.Duration;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every actor reacts to every message that it permits, at any time, and none makes it fail. */
class TotalityTest {
    private final Town town = new Town();
    private final TestProbe<UnhandledMessage> unhandled = town.kit().createTestProbe(UnhandledMessage.class);

    @BeforeEach
    void anAppOfATenant() {
        town.kit().system().eventStream().tell(new EventStream.Subscribe<>(UnhandledMessage.class, unhandled.ref()));
        town.tenant("acme");
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
    }

    @AfterEach
    void close() {
        town.close();
    }

    static Stream<Class<?>> appMessages() {
        return Messages.kinds(AppMessage.class).stream().map(c -> c);
    }

    static Stream<Class<?>> tenantMessages() {
        return Messages.kinds(TenantMessage.class).stream().map(c -> c);
    }

    static Stream<Class<?>> directoryMessages() {
        return Messages.kinds(TenantDirectory.Message.class).stream().map(c -> c);
    }

    @ParameterizedTest
    @MethodSource("appMessages")
    void anAppThatServes(Class<? extends AppMessage> kind) {
        town.supervisors.reap(plan -> false); // else one that is deleted may be gone before it is asked
        reacts(town.appActor(0, 0), message(kind), AppMessage.Describe::new, ends(kind));
    }

    @ParameterizedTest
    @MethodSource("appMessages")
    void anAppThatIsBeingDeployed(Class<? extends AppMessage> kind) {
        town.supervisors.run(plan -> false);
        town.supervisors.reap(plan -> false);
        get(town.operations.deploy("acme", "shop", Specs.web(1), Duration.ZERO));
        reacts(town.appActor(0, 0), message(kind), AppMessage.Describe::new, ends(kind));
    }

    @ParameterizedTest
    @MethodSource("appMessages")
    void anAppThatIsBeingDeleted(Class<? extends AppMessage> kind) {
        town.supervisors.reap(plan -> false);
        get(town.operations.deleteApp("acme", "shop", Duration.ZERO));
        reacts(town.appActor(0, 0), message(kind), AppMessage.Describe::new, ends(kind));
    }

    @ParameterizedTest
    @MethodSource("tenantMessages")
    void aTenantThatServes(Class<? extends TenantMessage> kind) {
        town.supervisors.reap(plan -> false);
        reacts(town.tenantActor(0), message(kind), TenantMessage.Describe::new, ends(kind));
    }

    @ParameterizedTest
    @MethodSource("tenantMessages")
    void aTenantThatIsBeingDeleted(Class<? extends TenantMessage> kind) {
        town.supervisors.reap(plan -> false);
        get(town.operations.deleteTenant("acme", Duration.ZERO));
        reacts(town.tenantActor(0), message(kind), TenantMessage.Describe::new, ends(kind));
    }

    private static boolean ends(Class<?> kind) {
        return kind == AppMessage.Stop.class || kind == TenantMessage.Stop.class;
    }

    @ParameterizedTest
    @MethodSource("directoryMessages")
    void theDirectory(Class<? extends TenantDirectory.Message> kind) {
        reacts(town.directory(), message(kind), TenantDirectory.Tenants::new, false);
    }

    private <M> M message(Class<M> kind) {
        return new Messages(town.kit().system().ignoreRef()).of(kind);
    }

    /** @param question to which every actor that goes on has an answer, were it a refusal */
    private <M, T> void reacts(ActorRef<M> actor, M message, Function<ActorRef<Reply<T>>, M> question, boolean ends) {
        TestProbe<Reply<T>> asker = town.kit().createTestProbe();
        actor.tell(message);
        actor.tell(question.apply(asker.ref()));
        if (ends) {
            asker.expectTerminated(actor);
        } else {
            assertThat(asker.receiveMessage()).isNotNull();
        }
        unhandled.expectNoMessage(Duration.ZERO);
    }
}
