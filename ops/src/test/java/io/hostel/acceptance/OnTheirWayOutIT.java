package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a tenant may have counts what is on its way out: a quota of four sandboxes, and commands that ignore SIGTERM. */
final class OnTheirWayOutIT {
    @RegisterExtension
    static final Host HOST = new Host();

    private static Tenant ofFour(String name) {
        return HOST.tenant(name, Map.of("sandboxes", 4, "memory", "128MiB"));
    }

    private static Program stubborn(String script, String stopTimeout) {
        return Program.shell("trap '' TERM; " + script)
                .limits("memory", "32MiB")
                .with("stopTimeout", stopTimeout)
                .scale(3);
    }

    /** By the ledger: each is in it from before it is made until nothing of it is left. */
    private static int standingOf(Tenant tenant) throws IOException {
        int standing = 0;
        try (Stream<Path> entries = Files.list(HOST.runDir().resolve("ledger"))) {
            for (Path entry : entries.filter(e -> e.toString().endsWith(".json")).toList()) {
                try {
                    standing += Files.readString(entry).contains("\"" + tenant.id() + "\"") ? 1 : 0;
                } catch (NoSuchFileException gone) {
                    continue; // reaped meanwhile
                }
            }
        }
        return standing;
    }

    @Test
    void scalingDownAndUpAgainNeverLetsMoreStandThanTheQuotaSays() throws Exception {
        Tenant alice = ofFour("alice");
        App app = alice.app("stubborn");
        app.deploy(Release.of("web", stubborn("while :; do sleep 1; done", "20s"))).live();
        Api api = app.api();
        for (int i = 0; i < 8; i++) {
            for (int scale : List.of(0, 3)) {
                api.patch(app.path() + "/processes/web", Map.of("scale", scale)).succeeded();
                Thread.sleep(250);
                assertThat(standingOf(alice)).isBetween(1, 4);
            }
        }
        assertThat(app.process("web").path("pending").asInt()).isPositive();
        assertThat(app.process("web").path("reason").asText()).contains("on their way out");

        HOST.daemon().kill();
        HOST.startAgain();
        assertThat(standingOf(alice)).isBetween(1, 4);

        Awaitility.await("room comes").atMost(Host.PATIENCE).untilAsserted(() -> {
            assertThat(standingOf(alice)).isLessThanOrEqualTo(4);
            assertThat(app.process("web").path("running").asInt()).isEqualTo(3);
        });
        assertThat(app.process("web").path("pending").asInt()).isZero();
        alice.delete();
    }

    @Test
    void releasesThatNeverAnswerShareOneSurge() throws Exception {
        Tenant carol = ofFour("carol");
        App app = carol.app("silent");
        app.deploy(Release.of("web", stubborn("while :; do sleep 1; done", "5s"))).live();
        for (int i = 0; i < 4; i++) {
            app.deployLater(Release.of(
                    "web", stubborn("while :; do sleep 1; done", "5s").with("port", 8080)));
            Thread.sleep(500);
            assertThat(standingOf(carol)).isBetween(3, 4 + 3);
        }
        carol.delete();
    }
}
