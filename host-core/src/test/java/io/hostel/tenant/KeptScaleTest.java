package io.hostel.tenant;

import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.get;
import static io.hostel.tenant.Town.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.ProcessSpec;
import io.hostel.api.QuotaChange;
import io.hostel.api.Refusal;
import io.hostel.api.ReleaseSpec;
import io.hostel.config.QuotaField;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many sandboxes a process has belongs to the app, where a release does not say. */
class KeptScaleTest {
    private final Town town = new Town();

    @BeforeEach
    void open() {
        town.tenant("acme");
    }

    @AfterEach
    void close() {
        town.close();
    }

    private static ProcessSpec process(Optional<Integer> scale, int initialScale) {
        ProcessSpec some = Specs.process(Optional.empty(), 1, ProcessSpec.Expose.TENANT, ProcessSpec.RestartPolicy.ALWAYS);
        return new ProcessSpec(
                some.command(),
                some.port(),
                scale,
                initialScale,
                some.expose(),
                some.limits(),
                some.health(),
                some.restart(),
                some.stopTimeout(),
                some.network(),
                some.egress(),
                some.user());
    }

    private void deploy(Map<String, ProcessSpec> processes) {
        get(town.operations.deploy("acme", "shop", Specs.release(processes), WAIT));
    }

    private void deploySilent() {
        deploy(Map.of("web", process(Optional.empty(), 1)));
    }

    private void scale(String process, int to) {
        get(town.operations.scale("acme", "shop", process, to, WAIT));
    }

    private int running(String process) {
        return Objects.requireNonNull(
                        get(town.operations.app("acme", "shop")).processes().get(process))
                .running();
    }

    @Test
    void itOutlastsDeploysRollbacksAndTheHost() throws Exception {
        deploySilent();
        assertThat(running("web")).isEqualTo(1);

        scale("web", 3);
        deploySilent();
        assertThat(running("web")).isEqualTo(3);

        scale("web", 2);
        get(town.operations.rollback("acme", "shop", 1, WAIT));
        assertThat(running("web")).isEqualTo(2);

        town.restart();
        deploySilent();
        assertThat(running("web")).isEqualTo(2);
    }

    @Test
    void whatAReleaseSaysCountsOverWhatTheAppHad() {
        deploySilent();
        scale("web", 3);
        deploy(Map.of("web", process(Optional.of(2), 1)));
        assertThat(running("web")).isEqualTo(2);

        deploySilent();
        assertThat(running("web")).isEqualTo(2);
    }

    @Test
    void aScaleOfNoneIsKeptToo() {
        deploySilent();
        scale("web", 0);
        deploySilent();
        assertThat(running("web")).isZero();
    }

    @Test
    void aProcessThatOneReleaseLacksHasItBackInTheNext() {
        deploy(Map.of("web", process(Optional.empty(), 1), "worker", process(Optional.empty(), 1)));
        scale("worker", 2);
        deploySilent();
        deploy(Map.of("web", process(Optional.empty(), 1), "worker", process(Optional.empty(), 1)));
        assertThat(running("worker")).isEqualTo(2);
    }

    @Test
    void aScaleThatIsOnItsWayToTheDiskIsNotPassedByADeploy() {
        deploySilent();
        town.state.stall();
        var scaled = town.operations.scale("acme", "shop", "web", 4, WAIT).toCompletableFuture();
        var deployed = town.operations
                .deploy("acme", "shop", Specs.release(Map.of("web", process(Optional.empty(), 1))), WAIT)
                .toCompletableFuture();
        for (int i = 0; i < 50; i++) {
            get(town.operations.app("acme", "shop")); // until it has been admitted
        }
        town.state.catchUp();

        get(scaled);
        assertThat(refusal(deployed)).isInstanceOf(Refusal.Conflict.class);
        assertThat(running("web")).isEqualTo(4);
    }

    @Test
    void theQuotaCountsWhatIsKept() {
        get(town.operations.changeQuota("acme", new QuotaChange(Map.of(QuotaField.SANDBOXES, 4L))));
        deploySilent();
        scale("web", 4);
        Map<String, ProcessSpec> more =
                Map.of("web", process(Optional.empty(), 1), "worker", process(Optional.empty(), 1));

        assertThat(refusal(town.operations.deploy("acme", "shop", Specs.release(more), WAIT)))
                .isInstanceOf(Refusal.OverQuota.class);
    }

    @Test
    void whatAProcfileHasForPeopleWaitsToBeAskedFor() {
        String digest = get(town.operations.putArtifact(
                        "acme",
                        ArtifactFormat.TAR,
                        new ByteArrayInputStream("worker: a\nconsole: b\nrake: c\ntask: d\nrelease: e"
                                .getBytes(StandardCharsets.UTF_8))))
                .digest();
        ReleaseSpec spec = new ReleaseSpec(Optional.of(digest), "host", Map.of(), Map.of());
        get(town.operations.deploy("acme", "shop", spec, WAIT));

        assertThat(get(town.operations.app("acme", "shop")).processes()).containsOnlyKeys("worker", "console", "rake", "task");
        assertThat(running("worker")).isEqualTo(1);
        for (String process : List.of("console", "rake", "task")) {
            assertThat(running(process)).as(process).isZero();
        }

        scale("console", 1);
        get(town.operations.deploy("acme", "shop", spec, WAIT));
        assertThat(running("console")).isEqualTo(1);
        assertThat(running("task")).isZero();
    }
}
