package io.hostel.tenant;

import io.hostel.api.ProcessSpec;
import io.hostel.api.Refusal;
import io.hostel.api.ReleaseSpec;
import io.hostel.sandbox.SandboxPlan;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The daemon's memory for the plans of sandboxes. Each is there as long as its sandbox stands, with the command and the environment
 * as its tenant wrote them, and the next daemon has to read all of them before it can do anything. So they are shared out among
 * tenants: one may hold so much, and no more than is left free for the others (dynamic thresholds; Choudhury and Hahne, IEEE/ACM
 * Transactions on Networking 6, 1998). Safe for any thread.
 */
public final class PlanRoom {
    /** A tenant's 200 sandboxes have 40 KiB each: some 20,000 letters of commands and variables. */
    static final long EACH_BYTES = 8 << 20;

    static final long ALL_BYTES = 32 << 20;

    /** Of a text beside its letters: object, array, its place in a list. */
    private static final long TEXT_BYTES = 64;

    private final long each;
    private final long all;
    private final Map<Integer, Long> held = new HashMap<>();
    private final Map<Integer, Runnable> waiting = new LinkedHashMap<>();
    private long taken;

    public PlanRoom() {
        this(EACH_BYTES, ALL_BYTES);
    }

    /** @param each bytes of one tenant's at most @param all bytes of all tenants' together */
    PlanRoom(long each, long all) {
        this.each = each;
        this.all = all;
    }

    /** Bytes of what a tenant writes for one sandbox. */
    static long weight(Map<String, String> env, List<String> command) {
        return weight(env.keySet()) + weight(env.values()) + weight(command);
    }

    static long weight(SandboxPlan plan) {
        return weight(plan.launch().environment()) + weight(plan.launch().command());
    }

    /** Why a release can never stand whole, whoever else is there; empty where it can. */
    static Optional<Refusal> refusal(ReleaseSpec spec, Map<String, Integer> scales) {
        long bytes = 0;
        for (Map.Entry<String, ProcessSpec> process : spec.processes().entrySet()) {
            bytes += scales.getOrDefault(process.getKey(), 0)
                    * weight(spec.env(), process.getValue().command());
        }
        return bytes <= EACH_BYTES / 2 // while it is rolled out, the one before has its own
                ? Optional.empty()
                : Optional.of(new Refusal.TooLarge("The commands and environments of all sandboxes of the release take "
                        + bytes + " bytes of the host's memory, at most " + EACH_BYTES / 2
                        + " go: make them smaller, or the scale."));
    }

    private static long weight(Collection<String> texts) {
        return texts.stream().mapToLong(text -> TEXT_BYTES + 2L * text.length()).sum();
    }

    /** @param wake told, on any thread, when it is worth trying again; where this is true, never */
    boolean enter(int tenant, long bytes, Runnable wake) {
        synchronized (this) {
            if (bytes <= Math.min(each, all - taken) - held.getOrDefault(tenant, 0L)) {
                add(tenant, bytes);
                return true;
            }
            waiting.put(tenant, wake);
            return false;
        }
    }

    /** Of a sandbox that is there already, whatever room there is. */
    synchronized void enterAnyway(int tenant, long bytes) {
        add(tenant, bytes);
    }

    private void add(int tenant, long bytes) {
        held.merge(tenant, bytes, Long::sum);
        taken += bytes;
    }

    void leave(int tenant, long bytes) {
        List<Runnable> told;
        synchronized (this) {
            taken -= bytes;
            held.computeIfPresent(tenant, (same, had) -> had > bytes ? had - bytes : null);
            told = new ArrayList<>(waiting.values());
            waiting.clear();
        }
        told.forEach(Runnable::run);
    }

    synchronized long taken() {
        return taken;
    }
}
