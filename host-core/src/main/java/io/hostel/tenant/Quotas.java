package io.hostel.tenant;

import io.hostel.api.QuotaChange;
import io.hostel.config.Quota;

/** A quota with some of its fields changed. */
final class Quotas {

    private Quotas() {}

    static Quota changed(Quota quota, QuotaChange change) {
        return new Quota(
                change.memory().orElse(quota.memory()),
                change.cpus().orElse(quota.cpus()),
                change.pids().orElse(quota.pids()),
                change.disk().orElse(quota.disk()),
                change.sandboxes().orElse(quota.sandboxes()),
                change.publishedPorts().orElse(quota.publishedPorts()),
                change.artifacts().orElse(quota.artifacts()));
    }
}
