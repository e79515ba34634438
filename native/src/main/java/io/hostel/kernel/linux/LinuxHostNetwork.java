package io.hostel.kernel.linux;

import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Listening;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.nft.Batch;
import io.hostel.netlink.route.Link;
import io.hostel.sys.Errno;
import io.hostel.sys.KernelFile;
import io.hostel.sys.SysException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The bridges, what the kernel must allow on them, and the filter's tables. One change at a time: who keeps the filter's bridges to
 * those that stand must not meet one that is just being made.
 */
public final class LinuxHostNetwork implements HostNetwork {
    private final OneAtATime turn = new OneAtATime("the host's network");
    private volatile Optional<Plan> inForce = Optional.empty();
    /** What {@link Forwarding} has put down. Of who has the turn. */
    private String forwarding = "";

    @Override
    public List<String> ensure(Plan plan) throws KernelException {
        return turn.alone(() -> {
            List<String> made = new ArrayList<>();
            try (NetlinkSocket route = NetlinkSocket.route();
                    NetlinkSocket netfilter = NetlinkSocket.netfilter()) {
                Map<Integer, Link> standing = HostBridges.standing(route, plan);
                Set<Integer> numbers = new TreeSet<>(standing.keySet());
                numbers.add(0);
                List<String> names = numbers.stream().map(plan::bridge).toList();
                boolean router = plan.forwardsOthers() || !Forwarding.isTheHosts(route, forwarding);
                // The filter stands, and knows the bridges, before anything can be forwarded.
                boolean loaded = new FilterUpkeep(route, netfilter)
                        .ensure(plan, names, router);
                for (String name : names) OtherNetworks.announce(netfilter, plan, name);
                if (loaded) made.add("tables " + plan.bridge());
                for (int number : numbers) {
                    Link before = standing.get(number);
                    Link bridge = HostBridges.ensure(route, plan, number);
                    if (before == null || (before.flags() & Link.UP) == 0 || before.index() != bridge.index()) {
                        made.add("bridge " + plan.bridge(number));
                    }
                    if (number == 0) forwarding = Forwarding.open(route, bridge, forwarding);
                }
                inForce = Optional.of(plan);
                return made;
            } catch (NetlinkException e) {
                throw NetlinkRefused.by(e);
            }
        });
    }

    @Override
    public void addBridge(Plan plan, int number) throws KernelException {
        turn.alone(() -> {
            String name = plan.bridge(number);
            try (NetlinkSocket route = NetlinkSocket.route();
                    NetlinkSocket netfilter = NetlinkSocket.netfilter()) {
                HostBridges.requireOursOrNone(route, name);
                // What comes by a link that the filter does not know as a bridge of ours is nobody's business here, and
                // passes: so it knows the bridge before there is one.
                new Batch()
                        .add(FilterNames.ip(plan.bridge())
                                .add(FilterNames.BRIDGES, FilterUpkeep.bridges(List.of(name))))
                        .commit(netfilter);
                OtherNetworks.announce(netfilter, plan, name);
                HostBridges.ensure(route, plan, number);
            } catch (NetlinkException e) {
                throw NetlinkRefused.by(e);
            }
            return true;
        });
    }

    @Override
    public List<Integer> bridges(Plan plan) throws KernelException {
        try (NetlinkSocket route = NetlinkSocket.route()) {
            return List.copyOf(HostBridges.standing(route, plan).keySet());
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    @Override
    public Listening watch(Plan plan, Ears ears) throws KernelException {
        try {
            return HostWatch.begin(plan, ears);
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    @Override
    public void remove(Plan plan) throws KernelException {
        turn.alone(() -> {
            try (NetlinkSocket route = NetlinkSocket.route();
                    NetlinkSocket netfilter = NetlinkSocket.netfilter()) {
                HostBridges.remove(route, plan);
                forwarding = "";
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
            return true;
        });
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
    public Set<Integer> listening() throws KernelException {
        return TcpListeners.ports();
    }

    @Override
    public TrackedConnections connections() throws KernelException {
        try {
            return new TrackedConnections(tracking("count"), tracking("max"));
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    private static int tracking(String name) throws SysException {
        return Integer.parseInt(
                KernelFile.read("/proc/sys/net/netfilter/nf_conntrack_" + name).strip());
    }

    @Override
    public Optional<String> forwardingBlockedBy() throws KernelException {
        Optional<Plan> plan = inForce;
        try (NetlinkSocket netfilter = NetlinkSocket.netfilter()) {
            boolean many = plan.isPresent() && bridges(plan.get()).size() > 1;
            return OtherFirewall.blocking(netfilter, plan.map(Plan::bridge).orElse("BRIDGE"), many);
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }
}
