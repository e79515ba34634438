package io.hostel.tenant;

import io.hostel.sandbox.LedgerEntry;
import io.hostel.store.DesiredState;
import io.hostel.store.DesiredState.StoredArtifact;
import io.hostel.store.DesiredState.StoredLink;
import io.hostel.store.DesiredState.StoredTenant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All that is known when the host starts: what is wanted, and what an earlier daemon left.
 *
 * @param strays sandboxes of tenants that are no more
 */
public record Known(List<KnownTenant> tenants, List<StoredLink> links, List<LedgerEntry> strays) {

    /** Reads the desired state; on the store's thread, or before there is one. */
    public static Known read(DesiredState state, List<LedgerEntry> ledger) {
        List<StoredTenant> stored = state.tenants();
        List<StoredArtifact> artifacts = state.artifacts();
        List<KnownTenant> tenants = new ArrayList<>();
        for (StoredTenant tenant : stored) {
            List<KnownApp> apps = state.apps(tenant.id()).stream()
                    .map(app -> KnownApp.read(state, app))
                    .toList();
            Map<String, Long> bytes = artifacts.stream()
                    .filter(a -> a.tenant().equals(tenant.id()))
                    .collect(Collectors.toMap(StoredArtifact::digest, StoredArtifact::size));
            tenants.add(new KnownTenant(
                    tenant,
                    apps,
                    bytes,
                    ledger.stream()
                            .filter(e -> e.plan().tenant().equals(tenant.id()))
                            .toList()));
        }
        Set<String> names = stored.stream().map(StoredTenant::id).collect(Collectors.toSet());
        return new Known(
                tenants,
                state.links(),
                ledger.stream().filter(e -> !names.contains(e.plan().tenant())).toList());
    }
}
