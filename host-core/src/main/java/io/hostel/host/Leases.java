package io.hostel.host;

import io.hostel.config.Cidr;
import io.hostel.config.HostelConfig;
import io.hostel.config.NetworkConfig;
import io.hostel.config.PortRange;
import io.hostel.network.BlockPool;
import io.hostel.network.TenantNumbers;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.store.DesiredState;
import io.hostel.store.DesiredState.StoredApp;
import io.hostel.store.DesiredState.StoredTenant;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether what was leased under earlier settings, or another host's, is still within the settings: address blocks, uids and
 * published ports of the records, and the addresses of the sandboxes that stand. What is not would be leased to somebody else
 * too, or never be reached. Pure.
 */
final class Leases {
    private final HostelConfig config;

    Leases(HostelConfig config) {
        this.config = config;
    }

    /** @return a line for each setting that does not do, saying what to do */
    List<String> amiss(DesiredState state) {
        Found uids = new Found();
        Found blocks = new Found();
        Found ports = new Found();
        TenantNumbers numbers = new TenantNumbers(config.uidBase());
        BlockPool pool = pool();
        PortRange range = config.network().publishedPorts();
        for (StoredTenant tenant : state.tenants()) {
            if (tenant.uidBase() != numbers.uidBase(tenant.number()) || !numbers.retake(tenant.number())) {
                uids.add(
                        "tenant " + tenant.id() + " has the uids from " + tenant.uidBase() + " on",
                        tenant.uidBase() - (numbers.uidBase(tenant.number()) - config.uidBase()));
            }
            for (int block : tenant.blocks()) {
                if (!pool.retake(block)) {
                    blocks.add("tenant " + tenant.id() + " has its address block " + block, block);
                }
            }
            for (StoredApp app : state.apps(tenant.id())) {
                for (Map.Entry<String, Integer> port : app.ports().entrySet()) {
                    if (port.getValue() < range.first() || port.getValue() > range.last()) {
                        ports.add(
                                tenant.id() + "/" + app.app() + " has published " + port.getKey() + " on "
                                        + port.getValue(),
                                port.getValue());
                    }
                }
            }
        }
        List<String> lines = new ArrayList<>();
        uids.line("hostel.tenants.uid-base is " + config.uidBase())
                .map(line -> line + ": set it to " + uids.lowest)
                .ifPresent(lines::add);
        blocks.line("hostel.network.cidr " + config.network().cidr()
                        + " has no such block of hostel.network.tenant-prefix "
                        + config.network().tenantPrefix())
                .map(line -> line + ": set the two back to what they were, or the first to a wider network")
                .ifPresent(lines::add);
        ports.line("hostel.network.published-ports is " + range)
                .map(line -> line + ": set it to a range that holds "
                        + (ports.lowest == ports.highest ? ports.lowest : ports.lowest + " to " + ports.highest))
                .ifPresent(lines::add);
        return lines;
    }

    /**
     * @param standing what the ledger holds
     * @param tenants of the records
     * @return as {@link #amiss}
     */
    List<String> outside(List<LedgerEntry> standing, List<StoredTenant> tenants) {
        NetworkConfig network = config.network();
        Found outside = new Found();
        for (LedgerEntry entry : standing) {
            SandboxPlan plan = entry.plan();
            plan.lease()
                    .filter(lease -> !lease.gateway().equals(network.cidr().address(1))
                            || !within(lease.address(), plan, tenants))
                    .ifPresent(lease -> outside.add(
                            "sandbox " + plan.id() + " of " + plan.tenant() + "/" + plan.app()
                                    + " runs with the address "
                                    + lease.address().getHostAddress(),
                            0));
        }
        return outside
                .line("hostel.network.cidr is " + network.cidr() + " with hostel.network.tenant-prefix "
                        + network.tenantPrefix())
                .map(line -> line + ": set them back to what they were, or first take the sandboxes away by --reap")
                .stream()
                .toList();
    }

    /** What belongs to no tenant of the records, or to an earlier one of that name, is on its way out. */
    private boolean within(Inet4Address address, SandboxPlan plan, List<StoredTenant> tenants) {
        Cidr network = config.network().cidr();
        return network.contains(address)
                && tenants.stream()
                        .filter(t -> t.id().equals(plan.tenant()) && t.uidBase() == plan.layerOwner())
                        .allMatch(t -> t.blocks().contains(pool().indexOf(address)));
    }

    private BlockPool pool() {
        return new BlockPool(config.network().cidr(), config.network().tenantPrefix());
    }

    /** The first of its kind, how many more, and their numbers. */
    private static final class Found {
        private String first = "";
        private int more = -1;
        private int lowest = Integer.MAX_VALUE;
        private int highest;

        void add(String what, int number) {
            if (more++ < 0) {
                first = what;
            }
            lowest = Math.min(lowest, number);
            highest = Math.max(highest, number);
        }

        /** Empty where nothing was found. */
        Optional<String> line(String setting) {
            return more < 0
                    ? Optional.empty()
                    : Optional.of(setting + ", and " + first + (more == 0 ? "" : " (and " + more + " more like it)"));
        }
    }
}
