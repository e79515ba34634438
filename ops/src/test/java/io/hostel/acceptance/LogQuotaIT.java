package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A tenant's logs, running and ended sandboxes', stay within its quota; another's are left alone. */
final class LogQuotaIT {
    private static final long QUOTA = 4 << 20;

    @RegisterExtension
    @org.junit.jupiter.api.Order(1)
    static final LogDisk DISK = new LogDisk();

    @RegisterExtension
    @org.junit.jupiter.api.Order(2)
    static final Host HOST =
            new Host("-Dhostel.log-dir=" + DISK.directory(), "-Dhostel.logs.max-per-sandbox=2MiB");

    private static long bytes(Path directory) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try {
                    bytes += Files.size(file);
                } catch (NoSuchFileException gone) {
                    continue; // rotated meanwhile
                }
            }
        }
        return bytes;
    }

    private static Path directory(String tenant) throws IOException {
        try (Stream<Path> found = Files.walk(DISK.directory())) {
            return found.filter(p -> p.endsWith(tenant)).findFirst().orElseThrow();
        }
    }

    @Test
    void theOldestEndedOnesGoAndNobodyElses() throws Exception {
        Tenant bob = HOST.tenant("bob");
        App quiet = bob.app("quiet");
        quiet.deploy(Release.of("web", Program.shell("seq 1 100000; exec sleep 100000"))).live();
        Tenant alice = HOST.tenant("alice", Map.of("logs", "4MiB"));
        App loud = alice.app("loud");
        for (int i = 0; i < 5; i++) {
            loud.deploy(Release.of("web", Program.shell("seq 1 40000; exec sleep 100000"))).live();
            Thread.sleep(500);
        }
        long bobs = bytes(directory("bob"));

        Awaitility.await("what is over the quota goes")
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(bytes(directory("alice"))).isBetween(1L, QUOTA));
        assertThat(bytes(directory("bob"))).isEqualTo(bobs);
        Awaitility.await("usage tells").atMost(Host.PATIENCE).untilAsserted(() -> assertThat(HOST.operator()
                        .get(alice.path())
                        .is(200)
                        .path("usage")
                        .path("logs")
                        .asLong())
                .isBetween(1L << 20, QUOTA));
        alice.delete();
        bob.delete();
    }
}
