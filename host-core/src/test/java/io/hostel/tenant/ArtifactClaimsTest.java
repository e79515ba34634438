package io.hostel.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ArtifactFormat;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArtifactClaimsTest {
    private final FakeArtifacts artifacts = new FakeArtifacts();
    private final ArtifactClaims claims = new ArtifactClaims(artifacts, List.of(), Runnable::run);

    private String put(String tenant, String text) {
        return Town.get(claims.put(
                        tenant,
                        ArtifactFormat.TAR,
                        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                        1_000,
                        10))
                .digest();
    }

    @Test
    void whatLosesItsLastClaimWhileItIsHeldGoesWhenItIsHeldNoMore() {
        String gone = put("alice", "web: a");
        String shared = put("alice", "web: b");
        String back = put("alice", "web: c");
        put("bob", "web: b");
        ArtifactClaims.Hold first = claims.hold();
        ArtifactClaims.Hold second = claims.hold();
        claims.giveUp("alice", List.of(gone, shared, back));
        put("carol", "web: c");
        first.close();
        first.close();
        assertThat(artifacts.digests()).containsExactlyInAnyOrder(gone, shared, back);
        second.close();
        assertThat(artifacts.digests()).containsExactlyInAnyOrder(shared, back);
        claims.giveUp("bob", List.of(shared));
        assertThat(artifacts.digests()).containsExactly(back);
    }
}
