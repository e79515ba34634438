package io.hostel.tenant;

import io.hostel.api.Refusal;
import io.hostel.config.LayersConfig;
import io.hostel.config.QuotaField;
import io.hostel.kernel.Layers;
import io.hostel.kernel.Layers.Promised;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Whether the disk has room for more sandboxes: for the floor of each one's writable layer, and where that is bounded for all that
 * limits promise. It goes by the last look at the disk, which has not seen what was admitted a moment ago: that is remembered.
 */
public final class LayerAdmission {
    /** Until a layer that was admitted has been made and looked at. */
    private static final Duration UNSEEN = Duration.ofSeconds(10);

    private final LayersConfig config;
    private final Layers layers;
    private final Path pool;
    private final InstantSource steady;
    private final Deque<Admitted> admitted = new ArrayDeque<>();

    private record Admitted(Instant at, long floorBytes, long promisedBytes) {}

    /**
     * @param pool where the layers are
     * @param steady goes by what has passed, whatever the clock is set to
     */
    public LayerAdmission(LayersConfig config, Layers layers, Path pool, InstantSource steady) {
        this.config = config;
        this.layers = layers;
        this.pool = pool;
        this.steady = steady;
    }

    /**
     * Admits what more is claimed, unless there is no room.
     *
     * @param before what an app holds
     * @param after what it is to hold
     * @return why not
     */
    synchronized Optional<Refusal> admit(Claim before, Claim after) {
        long sandboxes = after.of(QuotaField.SANDBOXES) - before.of(QuotaField.SANDBOXES);
        long bytes = Math.max(0, after.of(QuotaField.DISK) - before.of(QuotaField.DISK));
        long floors = Math.min(bytes, Math.max(0, sandboxes) * config.floorBytes());
        Promised now = layers.promised(pool);
        if (floors <= 0 || now.bytes() == 0) {
            return Optional.empty();
        }
        forgetSeen();
        long floorsUnseen = admitted.stream().mapToLong(Admitted::floorBytes).sum();
        long room = Math.max(0, now.newcomersBytes() - floorsUnseen);
        if (floors > room) {
            return Optional.of(new Refusal.DiskFull("The host's disk has no room for " + sandboxes
                    + " more: their writable layers need " + mib(floors) + " MiB at the least, and " + mib(room)
                    + " are left."));
        }
        if (config.overcommit().isPresent()) {
            double most = config.overcommit().getAsDouble() * now.bytes();
            double wanted = (double) now.promisedBytes()
                    + admitted.stream().mapToDouble(Admitted::promisedBytes).sum()
                    + bytes;
            if (wanted > most) {
                return Optional.of(new Refusal.DiskFull("The host's disk has no room for so much: "
                        + mib((long) wanted) + " MiB would be promised in all, and no more than " + mib((long) most)
                        + " are to be. Ask for less by limits.disk."));
            }
        }
        admitted.add(new Admitted(steady.instant(), floors, bytes));
        return Optional.empty();
    }

    /** How many files an owner's layers hold, as of the last look; 0 where they are not counted. */
    long files(int owner) {
        return layers.promised(pool).files().getOrDefault(owner, 0L);
    }

    /** The owner's layers together hold at most so many files. */
    void mostFiles(int owner, long files) {
        layers.mostFiles(pool, owner, Math.max(0, files));
    }

    private void forgetSeen() {
        Instant unseen = steady.instant().minus(UNSEEN);
        while (!admitted.isEmpty() && admitted.peek().at().isBefore(unseen)) {
            admitted.remove();
        }
    }

    private static long mib(long bytes) {
        return bytes >> 20;
    }
}
