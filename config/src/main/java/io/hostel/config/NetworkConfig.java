package io.hostel.config;

import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;

/**
 * The sandboxes' network.
 *
 * @param bridge name of the bridge; links, nft tables and the cgroup are named after it; at most 10 characters
 * @param cidr all tenants' addresses; its first usable one is the bridge's
 * @param tenantPrefix size of the block that a tenant gets at a time
 * @param publishedPorts ports of the host that may be handed to published processes
 * @param publishInterface the link whose addresses published ports answer on; empty: all local addresses
 * @param egressDeny destinations that sandboxes never reach
 * @param egressPortsDeny ports of TCP and UDP that sandboxes never reach
 * @param dns resolvers that sandboxes use, exempt from {@code egressDeny} for port 53
 * @param connectionsPerSandbox open ones that a sandbox may have opened at a time, and as many to it from others
 * @param connectionsPerSource those to one sandbox from one address of the world, or from one other tenant; to all of
 *     a tenant's sandboxes twice as many
 * @param forwardsOthers whether the machine may forward between its other networks where the host has switched forwarding on
 */
public record NetworkConfig(
        String bridge,
        Cidr cidr,
        int tenantPrefix,
        PortRange publishedPorts,
        Optional<String> publishInterface,
        List<Cidr> egressDeny,
        List<PortRange> egressPortsDeny,
        List<Inet4Address> dns,
        int connectionsPerSandbox,
        int connectionsPerSource,
        boolean forwardsOthers) {
    public NetworkConfig {
        egressDeny = List.copyOf(egressDeny);
        egressPortsDeny = List.copyOf(egressPortsDeny);
        dns = List.copyOf(dns);
    }
}
