package io.hostel.tenant;

import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static io.hostel.tenant.Town.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.QuotaChange;
import io.hostel.api.Refusal;
import io.hostel.api.ReleaseView;
import io.hostel.api.Settled;
import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import io.hostel.kernel.Layers.Promised;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QuotaTest {
    private final Town town = new Town();

    @BeforeEach
    void aTenant() {
        town.tenant("acme");
    }

    @AfterEach
    void close() {
        town.close();
    }

    private Quota usage() {
        return get(town.operations.tenant("acme")).usage();
    }

    @Test
    void ofManyDeploysAtOnceExactlyAsManyAreAdmittedAsFit() {
        List<CompletableFuture<Settled<ReleaseView>>> deploys = IntStream.range(0, 20)
                .parallel()
                .mapToObj(i -> town.operations
                        .deploy("acme", "app" + i, Specs.job(3), WAIT)
                        .toCompletableFuture())
                .toList();

        long admitted = deploys.stream()
                .filter(d -> {
                    try {
                        return get(d).settled();
                    } catch (java.util.concurrent.CompletionException e) {
                        return false;
                    }
                })
                .count();

        assertThat(admitted).isEqualTo(3);
        assertThat(town.supervisors.ids()).hasSize(9);
        assertThat(usage().of(QuotaField.SANDBOXES)).isEqualTo(9);
        assertThat(usage().of(QuotaField.MEMORY)).isEqualTo(9 * Specs.MEMORY);
        assertThat(usage().cpus()).isEqualTo(0.9);
        assertThat(town.apps("acme")).hasSize(3);
    }

    @Test
    void aDeployThatDoesNotFitIsRefusedWholeWithTheNumbers() {
        Refusal refusal = refusal(town.operations.deploy("acme", "shop", Specs.web(11), WAIT));

        assertThat(refusal).isInstanceOf(Refusal.OverQuota.class);
        assertThat(refusal.detail())
                .contains("sandboxes: 11 wanted in all, 10 allowed")
                .contains("memory: ");
        assertThat(town.supervisors.journal()).isEmpty();
        assertThat(town.apps("acme")).isEmpty();
    }

    @Test
    void openFilesAreTheSumOfTheSandboxesLimits() {
        get(town.operations.changeQuota("acme", new QuotaChange(Map.of(QuotaField.FILES, 5 * 1024L))));
        get(town.operations.deploy("acme", "shop", Specs.web(3), WAIT));
        assertThat(usage().of(QuotaField.FILES)).isEqualTo(3 * 1024);

        assertThat(refusal(town.operations.deploy("acme", "other", Specs.job(3), WAIT)))
                .isInstanceOf(Refusal.OverQuota.class)
                .satisfies(refusal -> assertThat(refusal.detail()).contains("files: 6144 wanted in all, 5120 allowed"));
        get(town.operations.deploy("acme", "other", Specs.job(2), WAIT));
        assertThat(usage().of(QuotaField.FILES)).isEqualTo(5 * 1024);
    }

    @Test
    void aFullQuotaStillAllowsToReplaceARelease() {
        get(town.operations.deploy("acme", "shop", Specs.web(10), WAIT));

        assertThat(get(town.operations.deploy("acme", "shop", Specs.web(10), WAIT))
                        .view()
                        .status())
                .isEqualTo(ReleaseView.Status.LIVE);
        assertThat(usage().of(QuotaField.SANDBOXES)).isEqualTo(10);
    }

    @Test
    void aReleaseBeingDeployedCountsWithTheLargerOfOldAndNew() {
        get(town.operations.deploy("acme", "shop", Specs.web(2), WAIT));
        town.supervisors.run(plan -> false);
        get(town.operations.deploy("acme", "shop", Specs.web(7), Duration.ZERO));

        assertThat(usage().of(QuotaField.SANDBOXES)).isEqualTo(7);
        assertThat(refusal(town.operations.deploy("acme", "other", Specs.job(4), WAIT)))
                .isInstanceOf(Refusal.OverQuota.class);

        get(town.operations.deploy("acme", "shop", Specs.web(1), Duration.ZERO));
        assertThat(usage().of(QuotaField.SANDBOXES)).isEqualTo(2);
    }

    @Test
    void aFailedReleaseGivesBackWhatItClaimed() {
        town.supervisors.run(plan -> false);
        CompletableFuture<Settled<ReleaseView>> deploy =
                town.operations.deploy("acme", "shop", Specs.job(2), WAIT).toCompletableFuture();
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2));
        town.supervisors.end(town.supervisors.ids().get(0), 1);

        assertThat(get(deploy).view().status()).isEqualTo(ReleaseView.Status.FAILED);
        assertThat(usage().of(QuotaField.SANDBOXES)).isZero();
        assertThat(usage().cpus()).isZero();
    }

    @Test
    void scalingIsAdmittedOrRefusedAsAWhole() {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));

        assertThat(refusal(town.operations.scale("acme", "shop", "web", 11, WAIT)))
                .isInstanceOf(Refusal.OverQuota.class);
        assertThat(get(town.operations.scale("acme", "shop", "web", 10, WAIT))
                        .view()
                        .running())
                .isEqualTo(10);
        assertThat(usage().of(QuotaField.SANDBOXES)).isEqualTo(10);
    }

    @Test
    void aQuotaLoweredBelowWhatIsInUseStillAllowsToUseLess() {
        get(town.operations.deploy("acme", "shop", Specs.web(4), WAIT));
        get(town.operations.changeQuota("acme", sandboxes(2)));

        assertThat(get(town.operations.scale("acme", "shop", "web", 3, WAIT))
                        .view()
                        .scale())
                .isEqualTo(3);
        assertThat(refusal(town.operations.scale("acme", "shop", "web", 4, WAIT)))
                .isInstanceOf(Refusal.OverQuota.class);
    }

    private static QuotaChange sandboxes(int most) {
        return new QuotaChange(Map.of(QuotaField.SANDBOXES, (long) most));
    }

    @Test
    void publishedPortsAreCounted() {
        for (String app : List.of("one", "two", "three")) {
            get(town.operations.deploy("acme", app, Specs.web(1), WAIT));
        }

        assertThat(refusal(town.operations.deploy("acme", "four", Specs.web(1), WAIT))
                        .detail())
                .contains("publishedPorts: 4 wanted in all, 3 allowed");
    }

    @Test
    void artifactsCountOnceEachAndAreRefusedBeyondTheQuota() {
        get(town.operations.putArtifact("acme", ArtifactFormat.TAR, bytes('a', 600)));
        get(town.operations.putArtifact("acme", ArtifactFormat.TAR, bytes('a', 600)));

        Refusal refusal = refusal(town.operations.putArtifact("acme", ArtifactFormat.TAR, bytes('b', 401)));

        assertThat(refusal).isInstanceOf(Refusal.TooLarge.class);
        assertThat(refusal.detail()).contains("600 are in use");
        assertThat(town.artifacts.digests()).hasSize(1);
        assertThat(usage().of(QuotaField.ARTIFACTS)).isEqualTo(600);
    }

    @Test
    void anArtifactThatIsThereIsNotRecordedAgainAndStays() {
        String digest = get(town.operations.putArtifact("acme", ArtifactFormat.TAR, bytes('a', 600)))
                .digest();
        town.state.refuse("createArtifact", 1, new Refusal.Unavailable("scripted"));

        assertThat(get(town.operations.putArtifact("acme", ArtifactFormat.TAR, bytes('a', 600)))
                        .digest())
                .isEqualTo(digest);
        assertThat(town.artifacts.layer(digest)).isPresent();
    }

    @Test
    void ofTwoUploadsOfOneArtifactTheOneThatIsRecordedKeepsIt() {
        town.state.stall();
        var refused = town.operations.putArtifact("acme", ArtifactFormat.TAR, bytes('a', 600));
        var second = town.operations.putArtifact("acme", ArtifactFormat.TAR, bytes('a', 600));
        eventually(() -> assertThat(town.state.late()).isEqualTo(2));
        town.state.refuse("createArtifact", 1, new Refusal.Unavailable("scripted"));
        town.state.catchUp();

        assertThat(refusal(refused)).isInstanceOf(Refusal.Unavailable.class);
        assertThat(town.artifacts.layer(get(second).digest())).isPresent();
        town.restart();
        assertThat(get(town.operations.tenant("acme")).usage().of(QuotaField.ARTIFACTS)).isEqualTo(600);
    }

    @Test
    void anArtifactWhoseRecordIsRefusedGoes() {
        town.state.refuse("createArtifact", 1, new Refusal.Unavailable("scripted"));

        assertThat(refusal(town.operations.putArtifact("acme", ArtifactFormat.TAR, bytes('a', 600))))
                .isInstanceOf(Refusal.Unavailable.class);
        eventually(() -> assertThat(town.artifacts.digests()).isEmpty());
    }

    @Test
    void filesOfArtifactsAndLayersCountTogether() {
        town.kernel.layers().promised(new Promised(1L << 30, 0, 1L << 30, Map.of(1_000_000, 400L, 1_065_536, 5000L)));
        long most = Town.QUOTA.of(QuotaField.INODES);
        get(town.operations.putArtifact("acme", ArtifactFormat.TAR, lines('a', 100)));
        assertThat(usage().of(QuotaField.INODES)).isEqualTo(500);
        assertThat(town.kernel.layers().mostFiles()).containsEntry(1_000_000, most - 100);

        get(town.operations.changeQuota("acme", new QuotaChange(Map.of(QuotaField.INODES, 700L))));
        assertThat(town.kernel.layers().mostFiles()).containsEntry(1_000_000, 600L);
        assertThat(refusal(town.operations.putArtifact("acme", ArtifactFormat.TAR, lines('b', 201)))
                        .detail())
                .contains("201 files", "of the 700", "500 are in use");
        town.restart();
        assertThat(usage().of(QuotaField.INODES)).isEqualTo(500);
        assertThat(town.kernel.layers().mostFiles()).containsEntry(1_000_000, 600L);
    }

    private static ByteArrayInputStream lines(char letter, int count) {
        return new ByteArrayInputStream(
                (letter + "\n").repeat(count).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Test
    void aDeployThatTheDiskHasNoRoomForIsRefusedWhole() {
        town.kernel.layers().promised(new Promised(1L << 30, 0, 2L << 20, Map.of()));
        assertThat(refusal(town.operations.deploy("acme", "shop", Specs.job(3), WAIT)))
                .isInstanceOf(Refusal.DiskFull.class);
        assertThat(town.supervisors.journal()).isEmpty();
        assertThat(usage().of(QuotaField.SANDBOXES)).isZero();
        get(town.operations.deploy("acme", "shop", Specs.job(2), WAIT));
    }

    private static ByteArrayInputStream bytes(char letter, int count) {
        return new ByteArrayInputStream(
                String.valueOf(letter).repeat(count).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Test
    void aLimitAsLargeAsANumberCanBeIsRefusedLikeAnyOther() {
        Claim most = new Claim(Map.of(QuotaField.MEMORY, Long.MAX_VALUE, QuotaField.SANDBOXES, 1L));
        Claims claims = new Claims();
        claims.hold("other", new Demand(Map.of("web", most)), false);

        assertThat(claims.refusal(Town.QUOTA, "shop", new Demand(Map.of("web", most)), "/processes"))
                .isPresent();
    }
}
