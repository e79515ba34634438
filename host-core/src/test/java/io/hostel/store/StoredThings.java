package io.hostel.store;

import io.hostel.api.ProcessSpec;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.ReleaseView;
import io.hostel.config.Quota;
import io.hostel.store.DesiredState.StoredApp;
import io.hostel.store.DesiredState.StoredRelease;
import io.hostel.store.DesiredState.StoredTenant;
import io.hostel.store.DesiredState.StoredToken;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Things worth storing. */
final class StoredThings {
    static final Instant NOW = Instant.parse("2026-11-24T00:30:00.123456789Z");

    private StoredThings() {}

    static StoredTenant tenant(String id, int number) {
        Quota quota = Quota.STANDARD.withCpus(4.5);
        return new StoredTenant(id, number, 1_000_000 + 65_536 * number, List.of(number, 200), quota, false);
    }

    static StoredToken token(String tenant, String id) {
        String hash = Tokens.hash(tenant + " " + id);
        return new StoredToken(id, tenant, "für CI", hash, NOW, Optional.of(NOW.plusSeconds(60)));
    }

    static StoredApp app(String tenant, String id, int latest) {
        return new StoredApp(
                tenant, id, latest - 1, latest, Map.of("web", 2, "worker", 0), Map.of("web", 20_000), false);
    }

    static StoredRelease release(String tenant, String app, int number) {
        return new StoredRelease(
                tenant, app, new ReleaseView(number, ReleaseView.Status.DEPLOYING, Optional.empty(), NOW, spec()));
    }

    /** All of an app that are kept. */
    static List<StoredRelease> releases(DesiredState state, String tenant, String app) {
        List<StoredRelease> all = new ArrayList<>();
        Optional<StoredRelease> next = state.releaseAfter(tenant, app, 0);
        while (next.isPresent()) {
            all.add(next.get());
            next = state.releaseAfter(tenant, app, next.get().release().release());
        }
        return all;
    }

    static ReleaseSpec spec() {
        ProcessSpec web = new ProcessSpec(
                List.of("python3", "-c", "print(\"ü\\n\")"),
                Optional.of(8080),
                Optional.of(2),
                1,
                ProcessSpec.Expose.PUBLIC,
                new ProcessSpec.Limits(128L << 20, 0.1, 64, 5L << 40, 1024),
                new ProcessSpec.Health(
                        Optional.of("/up?a=b"), Duration.ofMillis(1_500), Duration.ofNanos(1), Duration.ofHours(25)),
                ProcessSpec.RestartPolicy.ON_FAILURE,
                Duration.ofSeconds(10),
                ProcessSpec.Network.TENANT,
                ProcessSpec.Egress.NONE,
                "1000:1000");
        ProcessSpec worker = new ProcessSpec(
                List.of("./work", ""),
                Optional.empty(),
                Optional.of(1),
                1,
                ProcessSpec.Expose.NONE,
                ProcessSpec.Limits.DEFAULT,
                ProcessSpec.Health.DEFAULT,
                ProcessSpec.RestartPolicy.NEVER,
                Duration.ZERO,
                ProcessSpec.Network.NONE,
                ProcessSpec.Egress.WORLD,
                "0");
        return new ReleaseSpec(
                Optional.of("sha256:" + "ab".repeat(32)),
                "host",
                Map.of("GREETING", "hello \u0001 \"welt\"", "EMPTY", ""),
                Map.of("web", web, "worker", worker));
    }
}
