package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tenants who were promised more of the pool than it has. */
final class SharedDiskIT {
    private static final long MIB = 1 << 20;

    @RegisterExtension
    static final Host HOST = new Host("-Dhostel.layers.pool-size=512MiB", "-Dhostel.slots.warm=2");

    /** What they may take grows from look to look, and less each time: until all of them are refused more, for some looks. */
    private static void takeAllThereIs(List<Sandbox> greedy) {
        for (int round = 0, refused = 0; refused < 5; round++) {
            assertThat(round).isLessThan(100);
            boolean all = true;
            for (Sandbox each : greedy) {
                all &= each.exec("dd", "if=/dev/zero", "of=/app/f" + round, "bs=1M", "count=512")
                                .code()
                        != 0;
            }
            refused = all ? refused + 1 : 0;
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1200); // the next look at the pool
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long diskBytes(Sandbox of) {
        return of.view().path("usage").path("diskBytes").asLong();
    }

    private static JsonNode scarce() {
        return HOST.operator().get("/v1/doctor").is(200).path("scarce");
    }

    @Test
    void whatOneTenantWritesLeavesOthersTheirPartAndTheirDeploys() {
        Tenant alice = HOST.tenant("alice");
        App writers = alice.app("writers");
        writers.deploy(Release.of(
                        "web",
                        Program.idle().limits("disk", "1GiB", "memory", "64MiB", "cpus", 0.2)
                                .scale(4)))
                .live();
        Tenant bob = HOST.tenant("bob");
        App victim = bob.app("victim");
        victim.deploy(Release.of("web", Program.idle().limits("disk", "64MiB"))).live();
        List<Sandbox> greedy = writers.running(4);
        takeAllThereIs(greedy);

        victim.sandbox()
                .exec("dd", "if=/dev/urandom", "of=/app/own", "bs=1M", "count=24", "conv=fsync")
                .succeeded();
        App eight = bob.app("eight");
        eight.deploy(Release.of(
                        "web",
                        Program.idle().limits("disk", "64MiB", "memory", "32MiB", "cpus", 0.2)
                                .scale(8)))
                .live();
        for (Sandbox each : eight.running(8)) {
            each.exec("dd", "if=/dev/urandom", "of=/app/own", "bs=64k", "count=8", "conv=fsync")
                    .succeeded();
        }
        assertThat(diskBytes(victim.sandbox())).isBetween(24 * MIB, 26 * MIB);

        for (Sandbox each : greedy) {
            each.shell("rm -f /app/f*").succeeded();
        }
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(scarce()).isEmpty());
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> greedy.get(0)
                .exec("dd", "if=/dev/zero", "of=/app/again", "bs=1M", "count=40")
                .succeeded());
        for (Tenant each : List.of(alice, bob)) {
            each.delete();
        }
    }
}
