package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What tenants put into the host's database and memory has bounds, and the host begins again with all of it. */
final class StateIT {
    @RegisterExtension
    static final Host HOST = new Host("-Dhostel.slots.warm=0");

    private static final String LARGE = "x".repeat(30_000);

    /** Nearly as large as a release may be. */
    private static Release large(int number) {
        Program off =
                Program.of("/bin/echo", LARGE, LARGE, LARGE, LARGE).with("scale", 0);
        return Release.of("web", off)
                .with(
                        "env",
                        Map.of("NUMBER", Integer.toString(number), "A", LARGE, "B", LARGE, "C", LARGE, "D", LARGE));
    }

    @Test
    void largeReleasesAreForgottenAndTheHostBeginsAgainWithThoseThatAreKept() throws Exception {
        Tenant tenant = HOST.tenant("alice", Map.of("state", "20MiB"));
        App app = tenant.app("shop");
        long pid = HOST.daemon().pid();
        for (int number = 1; number <= 60; number++) {
            app.deploy(large(number)).live();
        }
        App second = tenant.app("second");
        int refused = 0;
        for (int number = 1; number <= 50 && refused == 0; number++) {
            Answer answer = second.api().post(second.path() + "/releases?wait=30s", large(number).spec());
            refused = answer.status() == 403 ? number : 0;
            if (refused > 0) {
                assertThat(answer.isProblem(403).path("detail").asText())
                        .contains("state: ")
                        .contains("20971520 allowed");
            }
        }
        assertThat(refused).as("the deploy that did not fit").isBetween(25, 45);
        assertThat(HOST.daemon().pid()).isEqualTo(pid);

        HOST.daemon().kill();
        HOST.startAgain();

        JsonNode releases = app.api().get(app.path() + "/releases").is(200).path("items");
        assertThat(releases).hasSize(51);
        assertThat(releases.get(50).path("spec").path("env").path("NUMBER").asText())
                .isEqualTo("60");
        app.api().get(app.path() + "/releases/9").isProblem(410);
        app.api().post(app.path() + "/rollback", Map.of("release", 9)).isProblem(410);
        app.api().get(app.path() + "/releases/61").isProblem(404);
        JsonNode usage = app.api().get(tenant.path()).is(200).path("usage");
        assertThat(usage.path("state").asLong()).isBetween(18_000_000L, 20_971_520L);
        assertThat(usage.path("apps").asInt()).isEqualTo(2);
        app.delete();
        second.delete();
        assertThat(app.api().get(tenant.path()).is(200).path("usage").path("state").asLong())
                .isLessThan(100_000);
    }

    @Test
    void aCallerLearnsWhoItIs() {
        Tenant tenant = HOST.tenant("bob");

        JsonNode who = tenant.api().get("/v1/whoami").is(200);

        assertThat(who.path("tenant").asText()).isEqualTo("bob");
        assertThat(who.path("operator").asBoolean(true)).isFalse();
        assertThat(who.path("label").asText()).isEqualTo("first");
    }
}
