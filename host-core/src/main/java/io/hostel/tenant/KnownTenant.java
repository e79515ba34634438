package io.hostel.tenant;

import io.hostel.sandbox.LedgerEntry;
import io.hostel.store.DesiredState.StoredTenant;
import java.util.List;
import java.util.Map;

/**
 * What is known of a tenant when its actor starts.
 *
 * @param artifacts bytes by digest
 * @param left sandboxes that an earlier daemon left
 */
record KnownTenant(StoredTenant tenant, List<KnownApp> apps, Map<String, Long> artifacts, List<LedgerEntry> left) {
    KnownTenant {
        apps = List.copyOf(apps);
        artifacts = Map.copyOf(artifacts);
        left = List.copyOf(left);
    }
}
