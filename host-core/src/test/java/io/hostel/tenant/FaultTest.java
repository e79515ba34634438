package io.hostel.tenant;

import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static io.hostel.tenant.Town.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.Refusal;
import io.hostel.api.ReleaseView;
import io.hostel.api.ReleaseView.Status;
import io.hostel.api.Settled;
import io.hostel.config.QuotaField;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultTest {
    private final Town town = new Town();

    @BeforeEach
    void aTenant() {
        town.tenant("acme");
    }

    @AfterEach
    void close() {
        town.close();
    }

    @Test
    void aDeployThatIsNotRecordedIsRefusedAndLeavesNothing() {
        town.state.failBefore("createRelease", 1);

        assertThat(refusal(town.operations.deploy("acme", "shop", Specs.web(1), WAIT)))
                .isInstanceOf(Refusal.Unavailable.class);

        assertThat(town.supervisors.journal()).isEmpty();
        assertThat(town.surroundings.ports().leased()).isZero();
        assertThat(get(town.operations.tenant("acme")).usage().of(QuotaField.SANDBOXES)).isZero();
        assertThat(town.apps("acme")).isEmpty();
        assertThat(get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT))
                        .view()
                        .release())
                .isEqualTo(1);
    }

    @Test
    void aDeployThatIsRecordedAlthoughTheStoreFailedIsCarriedOut() {
        town.state.failAfter("createRelease", 1);

        assertThat(get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT))
                        .view()
                        .status())
                .isEqualTo(Status.LIVE);
    }

    @Test
    void aDeployThatTheStoreRefusesIsRefusedWithoutAskingItWhatItHolds() {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        int asked = town.state.asked();
        town.state.refuse("createRelease", 1, new Refusal.OverQuota("scripted", List.of()));

        assertThat(refusal(town.operations.deploy("acme", "shop", Specs.web(2), WAIT)))
                .isInstanceOf(Refusal.OverQuota.class);

        assertThat(town.state.asked()).isEqualTo(asked);
        assertThat(get(town.operations.tenant("acme")).usage().of(QuotaField.SANDBOXES)).isEqualTo(1);
        assertThat(get(town.operations.deploy("acme", "shop", Specs.web(2), WAIT))
                        .view()
                        .release())
                .isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aReleaseGoesLiveAsSoonAsThatCanBeRecorded(int failures) {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        String old = town.supervisors.ids().get(0);
        town.state.failBefore("changeRelease", failures);
        CompletableFuture<Settled<ReleaseView>> second =
                town.operations.deploy("acme", "shop", Specs.web(1), WAIT).toCompletableFuture();
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2));
        assertThat(town.supervisors.ids()).contains(old);

        eventually(() -> {
            town.pass(Duration.ofSeconds(1));
            assertThat(second).isCompleted();
        });

        assertThat(get(second).view().status()).isEqualTo(Status.LIVE);
        assertThat(town.state.faultsOver()).isTrue();
    }

    @Test
    void aTenantThatIsNotRecordedIsRefusedAndItsNumberIsFree() {
        town.state.failBefore("createTenant", 1);

        assertThat(refusal(town.operations.createTenant("next", Optional.empty())))
                .isInstanceOf(Refusal.Unavailable.class);
        assertThat(refusal(town.operations.tenant("next"))).isInstanceOf(Refusal.NotFound.class);
        assertThat(town.surroundings.numbers().retake(2)).isTrue();
        town.tenant("next");
    }

    @Test
    void aTenantThatIsRecordedAlthoughTheStoreFailedIsThere() {
        town.state.failAfter("createTenant", 1);

        assertThat(get(town.operations.createTenant("next", Optional.empty())).token())
                .isNotEmpty();
        assertThat(get(town.operations.tenant("next")).uidBase()).isEqualTo(1_065_536);
    }

    @Test
    void aScaleThatIsNotRecordedChangesNothing() {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        town.state.failBefore("saveApp", 1);

        assertThat(refusal(town.operations.scale("acme", "shop", "web", 5, WAIT)))
                .isInstanceOf(Refusal.Unavailable.class);

        eventually(() -> assertThat(town.supervisors.ids()).hasSize(1));
        assertThat(get(town.operations.tenant("acme")).usage().of(QuotaField.SANDBOXES)).isEqualTo(1);
    }

    @Test
    void whatIsWantedMoreOfIsStartedWhileTheDiskIsWritingAndAnsweredAfterwards() {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        town.state.stall();
        CompletableFuture<?> scale =
                town.operations.scale("acme", "shop", "web", 3, WAIT).toCompletableFuture();
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(3));
        assertThat(scale).isNotCompleted();

        town.state.catchUp();
        get(scale);
        assertThat(town.supervisors.ids()).hasSize(3);
    }

    @Test
    void nothingIsTakenAwayBeforeTheDiskHasIt() {
        get(town.operations.deploy("acme", "shop", Specs.web(2), WAIT));
        town.state.stall();
        CompletableFuture<?> scale =
                town.operations.scale("acme", "shop", "web", 1, WAIT).toCompletableFuture();
        get(town.operations.app("acme", "shop"));
        assertThat(town.led(20_000)).hasSize(2);

        town.state.catchUp();
        get(scale);
        eventually(() -> assertThat(town.led(20_000)).hasSize(1));
    }

    @Test
    void aPortThatCouldNotBePublishedIsPublishedLater() {
        town.kernel.effects().refuse("publish");
        CompletableFuture<Settled<ReleaseView>> deploy =
                town.operations.deploy("acme", "shop", Specs.web(1), WAIT).toCompletableFuture();
        eventually(() -> assertThat(town.state.statuses("acme", "shop")).containsExactly(Status.LIVE));
        assertThat(deploy).isNotCompleted();

        town.kernel.effects().mend();
        eventually(() -> {
            town.pass(Duration.ofSeconds(1));
            assertThat(deploy).isCompleted();
        });

        assertThat(town.led(20_000)).hasSize(1);
    }

    @Test
    void whereATenantsBlockIsFullItGetsAnother() {
        try (Town narrow = new Town("10.77.0.0/24", 29)) {
            narrow.tenant("acme");
            get(narrow.operations.deploy("acme", "shop", Specs.web(6), WAIT));
            CompletableFuture<?> scale =
                    narrow.operations.scale("acme", "shop", "web", 9, WAIT).toCompletableFuture();

            get(scale);

            assertThat(narrow.state.tenants().get(0).blocks()).hasSize(2);
            assertThat(narrow.supervisors.plans().stream().map(p -> p.address()).distinct())
                    .hasSize(9);
        }
    }

    @Test
    void whereNoAddressIsLeftAReleaseFailsSayingSo() {
        try (Town tiny = new Town("10.77.0.0/28", 29)) {
            tiny.tenant("acme");
            CompletableFuture<Settled<ReleaseView>> deploy =
                    tiny.operations.deploy("acme", "shop", Specs.web(9), WAIT).toCompletableFuture();
            eventually(() -> assertThat(tiny.supervisors.ids()).hasSize(6));

            eventually(() -> {
                tiny.pass(Duration.ofSeconds(2));
                assertThat(deploy).isCompleted();
            });

            assertThat(get(deploy).view().status()).isEqualTo(Status.FAILED);
            assertThat(get(deploy).view().reason().orElseThrow()).contains("address blocks");
        }
    }
}
