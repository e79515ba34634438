package io.hostel.tenant;

import io.hostel.api.LastExit;
import io.hostel.api.ProcessSpec;
import io.hostel.api.ProcessSpec.RestartPolicy;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.SandboxView.State;
import io.hostel.sandbox.Proof;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a release that is being deployed is live, has failed or needs time.
 *
 * <p>The new release's sandboxes are started beside the old one's; it is live when each of its processes has as many proven
 * sandboxes as it is to have at one moment. It has failed when its allowance is over, as soon as a process has ended for
 * good otherwise than well, or when one can't be executed or ends again and again.
 */
final class Rollout {

    /** What a start takes besides the tenant's own program. */
    private static final Duration MARGIN = Duration.ofSeconds(5);

    private static final Duration MARGIN_PER_SANDBOX = Duration.ofMillis(100);

    private Rollout() {}

    sealed interface Verdict {}

    record Ready() implements Verdict {}

    record Waiting() implements Verdict {}

    /** @param sandbox whose log may tell why */
    record Failed(String sandbox, String reason) implements Verdict {}

    /**
     * One of the release's sandboxes.
     *
     * @param launched whether something runs in it
     */
    record Member(
            String sandbox,
            String process,
            State state,
            Optional<LastExit> lastExit,
            boolean launched,
            Optional<String> failure,
            Optional<Proof> proof) {}

    static Duration allowance(ReleaseSpec spec, Map<String, Integer> scales) {
        Duration startup = spec.processes().values().stream()
                .map(p -> p.health().startup())
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
        int sandboxes = scales.values().stream().mapToInt(Integer::intValue).sum();
        return startup.plus(MARGIN).plus(MARGIN_PER_SANDBOX.multipliedBy(sandboxes));
    }

    static Verdict judge(ReleaseSpec spec, Map<String, Integer> scales, List<Member> members) {
        for (Member m : members) {
            ProcessSpec process = spec.processes().get(m.process());
            if (process != null && m.state() == State.ENDED && !endedWell(process, m)) {
                return new Failed(m.sandbox(), m.process() + " ended before it was ready: " + Ends.words(m.lastExit()));
            }
            Optional<String> hopeless = m.proof().flatMap(Proof::hopeless);
            if (hopeless.isPresent()) {
                String last = m.lastExit().flatMap(LastExit::reason).equals(hopeless) ? "" : "; " + Ends.words(m.lastExit());
                return new Failed(m.sandbox(), m.process() + " can't go on: " + hopeless.get() + last);
            }
        }
        boolean ready = scales.entrySet().stream()
                .allMatch(e -> members.stream()
                                .filter(m -> m.process().equals(e.getKey()))
                                .filter(m -> ready(spec, m))
                                .count()
                        >= e.getValue());
        return ready ? new Ready() : new Waiting();
    }

    /** Why a release is not ready at the end of its allowance. */
    static Failed late(ReleaseSpec spec, List<Member> members, Duration allowance, Optional<String> shortage) {
        Optional<Member> worst = members.stream()
                .filter(m -> !ready(spec, m))
                .max(java.util.Comparator.comparingInt(m -> m.lastExit().isPresent() ? 1 : 0));
        if (worst.isEmpty()) {
            return new Failed(
                    "", shortage.orElse("No sandbox could be started within " + allowance.toSeconds() + " s."));
        }
        Member m = worst.get();
        String what = m.lastExit().isPresent()
                ? Ends.words(m.lastExit())
                : m.failure().orElseGet(() -> unanswered(spec, m));
        return new Failed(m.sandbox(), m.process() + " was not ready within " + allowance.toSeconds() + " s: " + what);
    }

    private static String unanswered(ReleaseSpec spec, Member m) {
        ProcessSpec process = spec.processes().get(m.process());
        String port =
                process == null ? "" : process.port().map(p -> " on port " + p).orElse("");
        if (!m.launched()) {
            return "it has not been started yet";
        }
        return m.state() == State.RUNNING
                ? "it has answered" + port + ", and not a second time"
                : "it runs, but does not answer" + port;
    }

    private static boolean ready(ReleaseSpec spec, Member m) {
        ProcessSpec process = spec.processes().get(m.process());
        State state = m.state();
        return state == State.RUNNING && m.proof().map(Proof::given).orElse(false)
                || process != null && state == State.ENDED && endedWell(process, m);
    }

    /** A process that serves goes on serving; another one is done when it has ended with 0. */
    private static boolean endedWell(ProcessSpec process, Member m) {
        return process.restart() != RestartPolicy.ALWAYS
                && process.port().isEmpty()
                && m.lastExit().flatMap(LastExit::code).equals(Optional.of(0));
    }
}
