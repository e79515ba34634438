package io.hostel.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.store.DesiredState.StoredTenant;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledHostTest {
    @TempDir
    Path dir;

    /** SQLite's library, which a killed process cannot take away. */
    @TempDir
    Path temporary;

    /** Starts a host, waits for a line of its, and ends it by SIGKILL. Returns the last line that it came to say. */
    private String killAfter(String work, String line) throws IOException, InterruptedException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process host = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        classPath,
                        KilledHost.class.getName(),
                        work,
                        dir.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String last = "";
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(host.getInputStream(), StandardCharsets.UTF_8))) {
            for (String next = said.readLine(); next != null; next = said.readLine()) {
                last = next;
                if (next.equals(line)) {
                    // By its handle: Process.destroyForcibly would close the stream with what was said meanwhile.
                    host.toHandle().destroyForcibly();
                }
            }
        } finally {
            host.destroyForcibly().waitFor();
        }
        return last;
    }

    @Test
    void everythingAcknowledgedIsThereAfterAKill() throws Exception {
        int acknowledged = Integer.parseInt(killAfter("record", "40"));

        try (SqliteDesiredState state = SqliteDesiredState.open(dir)) {
            List<String> tenants =
                    state.tenants().stream().map(StoredTenant::id).toList();
            assertThat(tenants)
                    .containsAll(IntStream.rangeClosed(1, acknowledged)
                            .mapToObj(number -> "t" + number)
                            .toList())
                    .hasSizeBetween(acknowledged, acknowledged + 1);
            assertThat(state.tokens()).hasSameSizeAs(tenants);
            assertThat(state.events(Optional.empty(), 0, 10_000)).hasSizeBetween(acknowledged, acknowledged + 1);
        }
    }

    @Test
    void nothingIsKeptOfAnArtifactThatWasHalfThereAtTheKill() throws Exception {
        assertThat(killAfter("put", "half")).isEqualTo("half");
        try (Stream<Path> names = Files.list(dir.resolve("artifacts"))) {
            assertThat(names).as("left by the killed host").hasSize(1);
        }

        DirectoryArtifacts artifacts = DirectoryArtifacts.open(dir);

        assertThat(artifacts.digests()).isEmpty();
        try (Stream<Path> names = Files.list(dir.resolve("artifacts"))) {
            assertThat(names).isEmpty();
        }
    }
}
