package io.hostel.tenant;

import io.hostel.sandbox.LedgerEntry;
import io.hostel.store.DesiredState.StoredArtifact;
import io.hostel.store.DesiredState.StoredTenant;
import java.util.List;

/**
 * What is known of a tenant when its actor starts.
 *
 * @param left sandboxes that an earlier daemon left
 */
record KnownTenant(StoredTenant tenant, List<KnownApp> apps, List<StoredArtifact> artifacts, List<LedgerEntry> left) {
    KnownTenant {
        apps = List.copyOf(apps);
        artifacts = List.copyOf(artifacts);
        left = List.copyOf(left);
    }
}
