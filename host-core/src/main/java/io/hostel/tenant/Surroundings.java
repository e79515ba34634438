package io.hostel.tenant;

import io.hostel.config.HostelConfig;
import io.hostel.kernel.PacketFilter;
import io.hostel.network.BlockPool;
import io.hostel.network.PortPool;
import io.hostel.network.TenantNumbers;
import io.hostel.sandbox.Slots;
import io.hostel.sandbox.TenantGroups;
import io.hostel.store.StoredAuthenticator;
import java.net.Inet4Address;
import java.time.InstantSource;
import java.util.concurrent.Executor;

/**
 * What tenants' actors act upon: the same for all of them.
 *
 * @param tokens told of every token that comes or goes
 * @param slots where sandboxes come from
 * @param layers whether the disk has room for more of them
 * @param plans whether the daemon's memory has
 * @param groups hold tenants to their bounds
 * @param kernel where calls to the packet filter run
 * @param clock what people are shown
 * @param steady goes by what has passed, whatever the clock is set to
 * @param publicHost host name or address in the URLs of published ports
 */
public record Surroundings(
        HostelConfig config,
        Records records,
        EventLog events,
        StoredAuthenticator tokens,
        ArtifactClaims artifacts,
        Resolver resolver,
        Logs logs,
        Supervisors supervisors,
        Slots slots,
        LayerAdmission layers,
        PlanRoom plans,
        TenantGroups groups,
        PacketFilter filter,
        Executor kernel,
        BlockPool blocks,
        PortPool ports,
        TenantNumbers numbers,
        InstantSource clock,
        InstantSource steady,
        String publicHost) {

    Inet4Address gateway() {
        return config.network().cidr().address(1);
    }
}
