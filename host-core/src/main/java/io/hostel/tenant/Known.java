package io.hostel.tenant;

import io.hostel.config.QuotaField;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.store.DesiredState;
import io.hostel.store.DesiredState.StoredArtifact;
import io.hostel.store.DesiredState.StoredLink;
import io.hostel.store.DesiredState.StoredTenant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All that is known when the host starts: what is wanted, and what an earlier daemon left.
 *
 * @param strays sandboxes of tenants that are no more
 */
public record Known(List<KnownTenant> tenants, List<StoredLink> links, List<LedgerEntry> strays) {

    /** Published ports that are somebody's. */
    public Set<Integer> ports() {
        return tenants.stream()
                .flatMap(tenant -> tenant.apps().stream())
                .flatMap(app -> app.record().app().ports().values().stream())
                .collect(Collectors.toSet());
    }

    /** How many connections each tenant may have, by its number. */
    public Map<Integer, Integer> connections() {
        return tenants.stream()
                .map(KnownTenant::tenant)
                .collect(Collectors.toMap(
                        StoredTenant::number, t -> Math.toIntExact(t.quota().of(QuotaField.CONNECTIONS))));
    }

    /** Pairs of the numbers of tenants that both have said that they are linked. */
    public Set<Set<Integer>> linked() {
        Map<String, Integer> numbers = tenants.stream()
                .collect(Collectors.toMap(t -> t.tenant().id(), t -> t.tenant().number()));
        Set<StoredLink> said = Set.copyOf(links);
        return links.stream()
                .filter(link -> said.contains(new StoredLink(link.other(), link.tenant())))
                .filter(link -> numbers.containsKey(link.tenant()) && numbers.containsKey(link.other()))
                .map(link -> Set.of(number(numbers, link.tenant()), number(numbers, link.other())))
                .collect(Collectors.toSet());
    }

    private static int number(Map<String, Integer> numbers, String tenant) {
        return Objects.requireNonNull(numbers.get(tenant));
    }

    /** Reads the desired state; on the store's thread, or before there is one. */
    public static Known read(DesiredState state, List<LedgerEntry> ledger) {
        List<StoredTenant> stored = state.tenants();
        List<StoredArtifact> artifacts = state.artifacts();
        List<KnownTenant> tenants = new ArrayList<>();
        for (StoredTenant tenant : stored) {
            List<KnownApp> apps = state.apps(tenant.id()).stream()
                    .map(app -> KnownApp.read(state, app))
                    .toList();
            List<StoredArtifact> own = artifacts.stream()
                    .filter(a -> a.tenant().equals(tenant.id()))
                    .toList();
            tenants.add(new KnownTenant(
                    tenant,
                    apps,
                    own,
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
