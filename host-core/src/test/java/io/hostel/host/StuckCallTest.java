package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.hostel.api.DoctorView;
import io.hostel.api.SandboxView.State;
import io.hostel.fake.FakeKernel;
import io.hostel.fake.FakeProber;
import io.hostel.kernel.KernelException;
import io.hostel.resource.Ledger;
import io.hostel.sandbox.ColdSlots;
import io.hostel.sandbox.LaunchBudget;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.Plans;
import io.hostel.sandbox.Prober;
import io.hostel.sandbox.Proof;
import io.hostel.sandbox.Roll;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.sandbox.SandboxPorts;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.sandbox.SlotPlan;
import io.hostel.sandbox.StoppedMonitors;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel does not return from calls for some sandboxes; the threads, permits and doctor are as a host has them. */
class StuckCallTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int THREADS = 4;
    private static final int PERMITS = 4;

    private final ActorTestKit kit = ActorTestKit.create();
    private final FakeKernel kernel = new FakeKernel();
    private final FakeProber prober = new FakeProber();
    private final KernelCalls calls = new KernelCalls("calls", THREADS, 1000, 16, Duration.ofMillis(200));
    private final StoppedMonitors monitors = StoppedMonitors.open(kernel.processes());
    private final TestProbe<SandboxSupervisor.Event> parent = kit.createTestProbe();
    private final Set<String> running = ConcurrentHashMap.newKeySet();
    private final Set<String> hanging = ConcurrentHashMap.newKeySet();
    private final CountDownLatch kernelGoesOn = new CountDownLatch(1);
    private SandboxPorts ports;
    private HostDoctor doctor;

    @TempDir
    Path directory;

    @BeforeEach
    void aHost() throws Exception {
        Ledger<LedgerEntry> ledger = Ledger.open(directory.resolve("ledger"), LedgerEntry.class);
        Clock clock = Clock.systemUTC();
        prober.answerFirst(Prober.Answer.WELL);
        ports = new SandboxPorts(
                kernel,
                calls,
                ledger,
                new ColdSlots("hostel0"),
                Plans.groups(kernel.cgroups()),
                LaunchBudget.of(
                        kit.system(), new LaunchBudget.Limits(PERMITS, PERMITS, 1000), LaunchBudget.Gauges.NONE, clock),
                prober,
                monitors,
                clock,
                clock,
                () -> 0,
                (phase, took) -> {},
                (plan, text) -> {},
                new Roll(),
                Proof.After.STANDARD,
                this::hang);
        doctor = new HostDoctor(
                kernel,
                calls,
                ledger,
                Ledger.open(directory.resolve("slots"), SlotPlan.class),
                Plans.groups(kernel.cgroups()),
                Plans.layout(directory),
                List::of,
                clock,
                clock);
    }

    /** The name of a thread ends with the sandbox that it works for. */
    private void hang(String effect) {
        if (effect.equals("apply cgroup")
                && hanging.stream().anyMatch(Thread.currentThread().getName()::endsWith)) {
            try {
                kernelGoesOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @AfterEach
    void end() {
        kernelGoesOn.countDown();
        kit.shutdownTestKit();
        calls.shutdown();
        monitors.close();
    }

    private SandboxPlan start(int number) {
        SandboxPlan plan = Plans.web(directory, number);
        ActorRef<SandboxSupervisor.Command> started =
                kit.spawn(SandboxSupervisor.create(plan, Optional.empty(), ports, parent.ref()));
        assertThat(started).isNotNull();
        return plan;
    }

    private void awaitRunning(List<SandboxPlan> plans) {
        await().atMost(PATIENCE).until(() -> {
            heard();
            return plans.stream().map(SandboxPlan::id).allMatch(running::contains);
        });
    }

    private void heard() {
        try {
            while (true) {
                if (parent.receiveMessage(Duration.ofMillis(10)) instanceof SandboxSupervisor.Changed changed
                        && changed.status().state() == State.RUNNING) {
                    running.add(changed.sandbox());
                }
            }
        } catch (AssertionError nothing) {
            return;
        }
    }

    @Test
    void other_sandboxes_start_and_the_doctor_tells_which_calls_do_not_return() throws Exception {
        List<SandboxPlan> stuck = new ArrayList<>();
        for (int i = 1; i <= PERMITS; i++) {
            hanging.add(Plans.web(directory, i).id());
            stuck.add(start(i));
        }
        await().atMost(PATIENCE).until(() -> calls.overdueCount() == THREADS);

        awaitRunning(List.of(start(5), start(6)));

        DoctorView found = doctor.examine();
        assertThat(found.leaked()).isEmpty();
        assertThat(found.missing()).isEmpty();
        for (SandboxPlan plan : stuck) {
            assertThat(found.stuck()).anySatisfy(call -> {
                assertThat(call.kind()).isEqualTo("stuck-call");
                assertThat(call.name()).endsWith("putting it up, sandbox " + plan.id());
                assertThat(call.detail()).contains("StuckCallTest.hang").contains("StepRunner.apply");
            });
        }
        assertThat(running)
                .doesNotContainAnyElementsOf(stuck.stream().map(SandboxPlan::id).toList());

        kernelGoesOn.countDown();
        awaitRunning(stuck);
        await().atMost(PATIENCE).until(() -> doctor.examine().stuck().isEmpty());
        assertThat(doctor.examine().leaked()).isEmpty();
        assertThat(doctor.examine().missing()).isEmpty();
        assertThat(calls.getMaximumPoolSize()).isEqualTo(THREADS);
    }

    @Test
    void a_doctor_that_gets_stuck_itself_says_so_instead_of_waiting_for_ever() throws Exception {
        CountDownLatch dumped = new CountDownLatch(1);
        Thread holder = new Thread(() -> {
            synchronized (kernel.filter()) {
                awaitUninterruptibly(dumped);
            }
        });
        holder.start();
        await().atMost(PATIENCE).until(() -> holder.getState() == Thread.State.WAITING);
        try {
            assertThat(doctor.examine().stuck())
                    .extracting(DoctorView.Finding::name)
                    .contains("comparison")
                    .anyMatch(name -> name.startsWith("calls-"));
        } finally {
            dumped.countDown();
        }
        holder.join();
        await().atMost(PATIENCE).until(() -> doctor.examine().stuck().isEmpty());
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_comparison_that_fails_by_a_fault_of_the_hosts_own_says_what_it_was_about() {
        kernel.effects().die();
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> doctor.examine())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("compare kernel and records")
                .isNotInstanceOf(KernelException.class);
        kernel.effects().revive();
    }
}
