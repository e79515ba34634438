package io.hostel.kernel.linux;

import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.KernelException;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.nft.Batch;
import io.hostel.netlink.route.AddressMessages;
import io.hostel.netlink.route.Link;
import io.hostel.netlink.route.LinkMessages;
import io.hostel.sys.Errno;
import java.util.List;
import java.util.Optional;

/** The bridge, what the kernel must allow on it, and the filter's tables. */
public final class LinuxHostNetwork implements HostNetwork {
    private volatile Optional<Plan> inForce = Optional.empty();

    @Override
    public void ensure(Plan plan) throws KernelException {
        try (NetlinkSocket route = NetlinkSocket.route();
                NetlinkSocket netfilter = NetlinkSocket.netfilter()) {
            // The filter stands before anything can be forwarded.
            new FilterUpkeep(route, netfilter).ensure(plan);
            Link bridge = ensureBridge(route, plan);
            Forwarding.open(route, bridge);
            bridgeSysctls(plan.bridge());
            inForce = Optional.of(plan);
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    private static Link ensureBridge(NetlinkSocket route, Plan plan) throws NetlinkException, KernelException {
        String name = plan.bridge();
        if (LinuxLinks.link(route, name).isEmpty()) {
            route.tell(LinkMessages.createBridge(name, BridgeMac.of(name)), Errno.EEXIST);
        }
        Link bridge = LinuxLinks.link(route, name).orElseThrow(() -> gone(name));
        if (!BridgeMac.isOurs(bridge)) {
            throw new KernelException(Errno.EEXIST.name(), "make", "bridge " + name, Conflicts.takenBy(bridge));
        }
        // Before it comes up: a link that is up gives itself an IPv6 address.
        Sysctl.writeIfThere("net/ipv6/conf/" + name + "/disable_ipv6", "1");
        for (var message : route.dump(AddressMessages.all())) {
            AddressMessages.Given given = AddressMessages.of(message).orElse(null);
            if (given == null || given.link() != bridge.index()) continue;
            if (given.address().equals(plan.gateway()) && given.prefix() == plan.prefix()) continue;
            route.tell(AddressMessages.delete(bridge.index(), given.address(), given.prefix()));
        }
        route.tell(AddressMessages.add(bridge.index(), plan.gateway(), plan.prefix()));
        route.tell(LinkMessages.up(name));
        return bridge;
    }

    private static void bridgeSysctls(String bridge) throws KernelException {
        // 127.0.0.1:PORT is translated to a sandbox and leaves by the bridge; the filter's guard keeps others from
        // using it.
        Sysctl.write("net/ipv4/conf/" + bridge + "/route_localnet", "1");
        Sysctl.write("net/ipv4/conf/" + bridge + "/forwarding", "1");
        Sysctl.write("net/ipv4/conf/" + bridge + "/send_redirects", "0");
        Sysctl.write("net/ipv4/conf/" + bridge + "/accept_redirects", "0");
    }

    @Override
    public void remove(Plan plan) throws KernelException {
        try (NetlinkSocket route = NetlinkSocket.route();
                NetlinkSocket netfilter = NetlinkSocket.netfilter()) {
            Optional<Link> bridge = LinuxLinks.link(route, plan.bridge());
            if (bridge.isPresent() && BridgeMac.isOurs(bridge.get())) {
                Forwarding.close(route, bridge.get());
                route.tell(LinkMessages.delete(plan.bridge()), Errno.ENODEV);
            }
            // The filter goes last: until then nothing passes that it would not let pass.
            for (var table : List.of(FilterNames.ip(plan.bridge()), FilterNames.frames(plan.bridge()))) {
                if (netfilter.ask(table.look(), Errno.ENOENT).isPresent()) {
                    new Batch().add(table.delete()).commit(netfilter);
                }
            }
            inForce = Optional.empty();
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    @Override
    public List<String> conflicts(Plan plan) throws KernelException {
        try (NetlinkSocket route = NetlinkSocket.route()) {
            return Conflicts.of(plan, route);
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    @Override
    public Optional<String> forwardingBlockedBy() throws KernelException {
        try (NetlinkSocket netfilter = NetlinkSocket.netfilter()) {
            return OtherFirewall.blocking(netfilter, inForce.map(Plan::bridge).orElse("BRIDGE"));
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    private static KernelException gone(String bridge) {
        return new KernelException(Errno.ENODEV.name(), "make", "bridge " + bridge, "it vanished while being made");
    }
}
