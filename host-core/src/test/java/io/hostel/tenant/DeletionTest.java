package io.hostel.tenant;

import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static io.hostel.tenant.Town.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.Gone;
import io.hostel.api.Refusal;
import io.hostel.api.Settled;
import io.hostel.api.TenantCreated;
import io.hostel.config.QuotaField;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeletionTest {
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
    void aDeletedAppLeavesNothingBehind() {
        get(town.operations.deploy("acme", "shop", Specs.web(2), WAIT));

        Settled<Gone> gone = get(town.operations.deleteApp("acme", "shop", WAIT));

        assertThat(gone.settled()).isTrue();
        assertThat(town.supervisors.ids()).isEmpty();
        assertThat(town.published()).isEmpty();
        assertThat(town.surroundings.ports().leased()).isZero();
        assertThat(town.state.apps("acme")).isEmpty();
        assertThat(town.logs.forgotten).containsExactly("acme/shop");
        assertThat(get(town.operations.tenant("acme")).usage().of(QuotaField.SANDBOXES)).isZero();
        assertThat(refusal(town.operations.app("acme", "shop"))).isInstanceOf(Refusal.NotFound.class);
    }

    @Test
    void thePortLeadsNowhereBeforeTheSandboxesGo() {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        String only = town.supervisors.ids().get(0);

        get(town.operations.deleteApp("acme", "shop", WAIT));

        assertThat(town.supervisors.publishedWhen("reap " + only)).isEmpty();
    }

    @Test
    void anAppOnItsWayOutRefusesWhatIsNewAndAnotherOfThatNameFollowsWhenItIsGone() {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        town.supervisors.reap(plan -> false);
        CompletableFuture<Settled<Gone>> deletion =
                town.operations.deleteApp("acme", "shop", WAIT).toCompletableFuture();
        String old = town.supervisors.ids().get(0);
        eventually(() -> assertThat(town.supervisors.journal()).contains("reap " + old));

        assertThat(refusal(town.operations.deploy("acme", "shop", Specs.web(1), WAIT)))
                .isInstanceOf(Refusal.Conflict.class);
        assertThat(refusal(town.operations.restart("acme", "shop", WAIT))).isInstanceOf(Refusal.Conflict.class);
        town.supervisors.reaped(old);
        assertThat(get(deletion).settled()).isTrue();

        assertThat(get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT))
                        .view()
                        .release())
                .isEqualTo(1);
    }

    @Test
    void aDeployUnderWayGoesWithItsApp() {
        town.supervisors.run(plan -> false);
        CompletableFuture<?> deploy =
                town.operations.deploy("acme", "shop", Specs.web(1), WAIT).toCompletableFuture();
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(1));

        assertThat(get(town.operations.deleteApp("acme", "shop", WAIT)).settled())
                .isTrue();

        get(deploy);
        assertThat(town.supervisors.ids()).isEmpty();
    }

    @Test
    void aDeletedTenantLeavesNothingBehind() {
        town.tenant("next");
        String digest = get(town.operations.putArtifact(
                        "acme", ArtifactFormat.TAR, new ByteArrayInputStream(new byte[10])))
                .digest();
        get(town.operations.link("acme", "next", true));
        get(town.operations.deploy("acme", "shop", Specs.web(2), WAIT));
        get(town.operations.deploy("acme", "blog", Specs.web(1), WAIT));

        assertThat(get(town.operations.deleteTenant("acme", WAIT)).settled()).isTrue();

        assertThat(town.supervisors.ids()).isEmpty();
        assertThat(town.published()).isEmpty();
        assertThat(town.artifacts.layer(digest)).isEmpty();
        assertThat(town.state.tenants()).extracting(t -> t.id()).containsExactly("next");
        assertThat(town.state.links()).isEmpty();
        eventually(() -> assertThat(town.kernel.filter().linked()).isEmpty());
        assertThat(refusal(town.operations.tenant("acme"))).isInstanceOf(Refusal.NotFound.class);
        assertThat(town.eventKinds("acme")).endsWith("tenant.deleted");
    }

    @Test
    void anArtifactGoesOnlyWithTheLastTenantThatHasIt() {
        town.tenant("next");
        ByteArrayInputStream body = new ByteArrayInputStream(new byte[10]);
        String digest = get(town.operations.putArtifact("acme", ArtifactFormat.TAR, body))
                .digest();
        body.reset();
        get(town.operations.putArtifact("next", ArtifactFormat.TAR, body));

        get(town.operations.deleteTenant("acme", WAIT));
        assertThat(town.artifacts.layer(digest)).isPresent();
        get(town.operations.deleteTenant("next", WAIT));
        assertThat(town.artifacts.layer(digest)).isEmpty();
    }

    @Test
    void aTenantOnItsWayOutRefusesEverythingNew() {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        town.supervisors.reap(plan -> false);
        get(town.operations.deleteTenant("acme", Duration.ZERO));

        assertThat(refusal(town.operations.deploy("acme", "more", Specs.web(1), WAIT)))
                .isInstanceOf(Refusal.Conflict.class);
        assertThat(refusal(town.operations.scale("acme", "shop", "web", 1, WAIT)))
                .isInstanceOf(Refusal.Conflict.class);
        assertThat(refusal(town.operations.createToken("acme", "late", Optional.empty())))
                .isInstanceOf(Refusal.Conflict.class);
        assertThat(refusal(town.operations.createTenant("acme", Optional.empty())))
                .isInstanceOf(Refusal.Conflict.class);
    }

    @Test
    void anotherTenantOfTheSameNameHasAnotherTokenAndSeesNoneOfTheOldOnesEvents() {
        TenantCreated first = get(town.operations.createTenant("again", Optional.empty()));
        get(town.operations.deleteTenant("again", WAIT));
        eventually(() -> assertThat(get(town.surroundings.tokens().caller(first.token())))
                .isEmpty());

        TenantCreated second = get(town.operations.createTenant("again", Optional.empty()));

        assertThat(second.token()).isNotEqualTo(first.token());
        assertThat(get(town.surroundings.tokens().caller(second.token())))
                .hasValueSatisfying(caller -> assertThat(caller)
                        .isInstanceOfSatisfying(
                                io.hostel.api.Caller.Tenant.class,
                                tenant -> assertThat(tenant.id()).isEqualTo("again")));
        assertThat(get(town.operations.tokens("again"))).hasSize(1);
    }
}
