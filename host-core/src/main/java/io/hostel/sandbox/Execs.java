package io.hostel.sandbox;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import io.hostel.api.ExecOutcome;
import io.hostel.api.ExecRequest;
import io.hostel.api.Output;
import io.hostel.api.Refusal;
import io.hostel.kernel.CommandOutput;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.ProcessIdentity;
import io.hostel.sandbox.SandboxSupervisor.Command;
import io.hostel.sandbox.SandboxSupervisor.ExecRefused;
import io.hostel.sandbox.SandboxSupervisor.ExecReply;
import io.hostel.sandbox.SandboxSupervisor.Executed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/** Commands run in a sandbox beside its own: a bounded number at a time, and every asker gets an answer. */
final class Execs {
    /** At a time, in one sandbox. */
    static final int MOST = 16;

    /** Of stdout and of stderr, each. */
    static final int OUTPUT_BYTES = 1 << 20;

    private static final int SIGKILL = 9;

    static final Refusal.Conflict NOT_RUNNING = new Refusal.Conflict(
            "sandbox-not-running", "the sandbox's PID 1 is not running: there is nothing to enter");

    private final ActorContext<Command> context;
    private final SandboxPlan plan;
    private final SandboxPorts ports;
    private final List<ActorRef<ExecReply>> open = new ArrayList<>();

    Execs(ActorContext<Command> context, SandboxPlan plan, SandboxPorts ports) {
        this.context = context;
        this.plan = plan;
        this.ports = ports;
    }

    void start(ExecRequest request, ActorRef<ExecReply> replyTo, ProcessIdentity init) {
        if (open.size() >= MOST) {
            replyTo.tell(new ExecRefused(new Refusal.Conflict(
                    "too-many-execs", MOST + " commands are being executed in this sandbox already; wait for one")));
            return;
        }
        open.add(replyTo);
        context.pipeToSelf(
                begun(request, init),
                (result, problem) -> new SandboxNews.ExecEnded(
                        replyTo, problem == null ? new Outcome.Done<>(result) : trouble(problem)));
    }

    void refuse(ActorRef<ExecReply> replyTo) {
        replyTo.tell(new ExecRefused(NOT_RUNNING));
    }

    void ended(SandboxNews.ExecEnded end) {
        if (open.remove(end.replyTo())) {
            end.replyTo().tell(end.outcome().fold(Executed::new, Execs::refused));
        } else if (end.outcome() instanceof Outcome.Done<ExecOutcome> done) {
            done.value().close();
        }
    }

    /** The sandbox goes: whoever still waits is told so. */
    void close() {
        open.forEach(this::refuse);
        open.clear();
    }

    private CompletionStage<ExecOutcome> begun(ExecRequest request, ProcessIdentity init) {
        Launcher.ExecPlan exec = new Launcher.ExecPlan(
                init,
                plan.cgroup(),
                request.command(),
                environment(request),
                request.workdir().orElse(plan.launch().directory()),
                request.user().orElse(plan.launch().user()),
                plan.launch().files(),
                request.stdin(),
                request.timeout(),
                OUTPUT_BYTES);
        try {
            return CompletableFuture.supplyAsync(() -> entered(exec), ports.kernelExecutor())
                    .thenCompose(stage -> stage);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<ExecOutcome> entered(Launcher.ExecPlan exec) {
        try {
            OptionalLong before = oomKills();
            return ports.kernel()
                    .launcher()
                    .exec(exec)
                    .thenCompose(result -> mayBeOom(result)
                            ? CompletableFuture.supplyAsync(
                                    () -> outcome(result, oomKillsSince(before)), ports.kernelExecutor())
                            : CompletableFuture.completedFuture(outcome(result, false)));
        } catch (KernelException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** SIGKILL that was not ours, or the word of a shell that a child of its had one. */
    private static boolean mayBeOom(Launcher.ExecResult result) {
        return !result.timedOut()
                && (result.signal().equals(Optional.of(SIGKILL)) || result.code().equals(Optional.of(128 + SIGKILL)));
    }

    /** Empty where the group can't be looked at now. */
    private OptionalLong oomKills() {
        try {
            return OptionalLong.of(ports.kernel().cgroups().usage(plan.cgroup()).oomKills());
        } catch (KernelException e) {
            return OptionalLong.empty();
        }
    }

    private boolean oomKillsSince(OptionalLong before) {
        OptionalLong now = oomKills();
        return before.isPresent() && now.isPresent() && now.getAsLong() > before.getAsLong();
    }

    /** The process's own variables, those of the request in place of theirs. */
    private List<String> environment(ExecRequest request) {
        Map<String, String> variables = new TreeMap<>();
        for (String variable : plan.launch().environment()) {
            int equals = variable.indexOf('=');
            variables.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        variables.putAll(request.env());
        return variables.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .toList();
    }

    private static ExecOutcome outcome(Launcher.ExecResult result, boolean oom) {
        int code = result.code().orElseGet(() -> 128 + result.signal().orElse(0));
        return new ExecOutcome(
                code,
                result.signal().map(SignalName::of),
                output(result.stdout()),
                output(result.stderr()),
                result.truncated(),
                result.timedOut(),
                oom,
                seconds(result.wall()),
                seconds(result.cpu()));
    }

    private static double seconds(Duration span) {
        return span.toNanos() / 1e9;
    }

    private static Output output(CommandOutput written) {
        return new Output() {
            @Override
            public long size() {
                return written.size();
            }

            @Override
            public int read(ByteBuffer into, long position) throws IOException {
                try {
                    return written.read(into, position);
                } catch (KernelException e) {
                    throw new IOException(e);
                }
            }

            @Override
            public void close() {
                written.close();
            }
        };
    }

    private static ExecReply refused(Outcome.Trouble<ExecOutcome> trouble) {
        return new ExecRefused(
                trouble.operation().equals("ESRCH") ? NOT_RUNNING : new Refusal.Unavailable(trouble.why()));
    }

    private static <T> Outcome<T> trouble(Throwable problem) {
        Throwable cause =
                problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        return cause instanceof KernelException e
                ? new Outcome.Trouble<>(e.errno(), TenantWords.of(e))
                : Outcome.trouble(cause);
    }
}
