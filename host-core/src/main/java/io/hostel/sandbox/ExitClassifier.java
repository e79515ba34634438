package io.hostel.sandbox;

import io.hostel.api.LastExit;
import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Launcher;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Makes of what is known about an end what people are told. Pure. */
final class ExitClassifier {

    private ExitClassifier() {}

    /**
     * @param exit the monitor's record; empty where it left none
     * @param before what the cgroup had used at the launch
     * @param after what it has used now
     * @param noticedAt stands in for the time in a missing record
     */
    record Ending(
            Optional<Launcher.Exit> exit,
            Cause cause,
            Cgroups.Usage before,
            Cgroups.Usage after,
            Instant startedAt,
            Instant noticedAt) {}

    static LastExit classify(Ending ending) {
        Instant at = ending.exit()
                .map(Launcher.Exit::at)
                .filter(t -> !t.isBefore(ending.startedAt()))
                .orElse(ending.noticedAt());
        Optional<Integer> signal = ending.exit().flatMap(Launcher.Exit::signal);
        return new LastExit(
                ending.exit().flatMap(Launcher.Exit::code),
                signal.map(SignalName::of),
                outOfMemory(ending),
                at,
                reason(ending),
                seconds(ending.exit().flatMap(Launcher.Exit::wall).orElse(Duration.between(ending.startedAt(), at))),
                Math.max(0, ending.after().cpuSeconds() - ending.before().cpuSeconds()),
                ending.after().peakMemoryBytes());
    }

    /** A command that never came to run: the launch failed, and left nothing behind. */
    static LastExit notLaunched(String reason, Instant at) {
        return new LastExit(Optional.empty(), Optional.empty(), false, at, Optional.of(reason), 0, 0, 0);
    }

    /**
     * The counter alone does not tell, for a child's end raises it too; nor does SIGKILL alone, for anybody may send it. Where
     * the kernel kills the whole group (memory.oom.group), init goes with the command, and at least the two are counted.
     */
    private static boolean outOfMemory(Ending ending) {
        long kills = ending.after().oomKills() - ending.before().oomKills();
        return !ending.cause().ours()
                && ending.exit()
                        .filter(e ->
                                e.signal().filter(s -> s == SignalName.KILL).isPresent())
                        .filter(e -> kills >= (e.ofCommand() ? 1 : 2))
                        .isPresent();
    }

    private static Optional<String> reason(Ending ending) {
        boolean initKilled = ending.exit().filter(e -> !e.ofCommand()).isPresent() && !outOfMemory(ending);
        return switch (ending.cause().kind()) {
            case STOPPED -> Optional.of("stopped by the host");
            case FAILED_HEALTH -> Optional.of("failed health: " + ending.cause().words());
            case LOST_MONITOR -> ending.exit().isPresent() ? Optional.empty() : Optional.of("lost its monitor");
            case OWN -> {
                if (ending.exit().isEmpty()) {
                    yield Optional.of("ended without a record of how");
                }
                yield initKilled ? Optional.of("its init was killed from outside") : Optional.empty();
            }
        };
    }

    private static double seconds(Duration duration) {
        return Math.max(0, duration.toNanos() / 1e9);
    }
}
