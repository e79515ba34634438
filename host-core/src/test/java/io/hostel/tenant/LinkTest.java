package io.hostel.tenant;

import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static io.hostel.tenant.Town.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.LinkView;
import io.hostel.api.Refusal;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkTest {
    private final Town town = new Town();

    @BeforeEach
    void twoTenants() {
        town.tenant("acme");
        town.tenant("next");
    }

    @AfterEach
    void close() {
        town.close();
    }

    @Test
    void aLinkIsInForceOnceBothHaveSaidSo() {
        assertThat(get(town.operations.link("acme", "next", false))).isEqualTo(new LinkView("acme", "next", false));
        assertThat(town.kernel.filter().linked()).isEmpty();

        assertThat(get(town.operations.link("next", "acme", false))).isEqualTo(new LinkView("next", "acme", true));
        assertThat(town.kernel.filter().linked()).containsExactly(List.of(1, 2));
    }

    @Test
    void bothAreToldOnceOfALinkThatBeginsOrEnds() {
        get(town.operations.link("acme", "next", false));
        get(town.operations.link("next", "acme", false));
        get(town.operations.link("next", "acme", false));
        get(town.operations.unlink("acme", "next", false));
        get(town.operations.unlink("acme", "next", false));

        assertThat(town.eventKinds("acme")).containsExactly("tenant.created", "tenant.linked", "tenant.unlinked");
        assertThat(town.eventKinds("next")).containsExactly("tenant.created", "tenant.linked", "tenant.unlinked");
    }

    @Test
    void eitherSideEndsIt() {
        get(town.operations.link("acme", "next", true));
        assertThat(town.kernel.filter().linked()).hasSize(1);

        get(town.operations.unlink("next", "acme", false));

        assertThat(town.kernel.filter().linked()).isEmpty();
        assertThat(get(town.operations.link("next", "acme", false)).inForce()).isTrue();
    }

    @Test
    void aTenantDoesNotLearnFromALinkWhichOthersThereAre() {
        assertThat(get(town.operations.link("acme", "nobody", false))).isEqualTo(new LinkView("acme", "nobody", false));
        assertThat(get(town.operations.link("acme", "next", false)).inForce()).isFalse();
        assertThat(town.eventKinds("acme")).doesNotContain("tenant.linked");
        get(town.operations.unlink("acme", "nobody", false));
        get(town.operations.unlink("acme", "next", false));
        assertThat(town.eventKinds("acme")).doesNotContain("tenant.unlinked");
        assertThat(refusal(town.operations.link("acme", "nobody", true))).isInstanceOf(Refusal.NotFound.class);
        assertThat(refusal(town.operations.link("nobody", "acme", true))).isInstanceOf(Refusal.NotFound.class);
    }

    @Test
    void anEndThatTheFilterDidNotTakeIsTriedUntilItDoes() {
        get(town.operations.link("acme", "next", true));
        town.kernel.effects().refuse("unlink");

        assertThat(refusal(town.operations.unlink("acme", "next", true))).isInstanceOf(Refusal.Unavailable.class);
        assertThat(town.kernel.filter().linked()).hasSize(1);
        town.kernel.effects().mend();

        eventually(() -> {
            town.pass(Duration.ofSeconds(1));
            assertThat(town.kernel.filter().linked()).isEmpty();
        });
    }
}
