package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.route.Link;
import io.hostel.netlink.route.LinkMessages;
import java.util.Optional;

/**
 * IPv4 forwarding of the whole machine, put back when the last host that changed it goes. What it was is remembered in the
 * bridge's alias: that is there from before the change, outlives the daemon and dies with the boot, as the setting itself does.
 */
final class Forwarding {
    private static final String SWITCH = "net/ipv4/ip_forward";
    private static final String REDIRECTS = "net/ipv4/conf/all/accept_redirects";
    private static final String MINE = "hostel";
    private static final String CHANGED = "hostel: ip_forward was 0, accept_redirects ";

    private Forwarding() {}

    /**
     * @param remembered what this returned before: the bridge may have been taken away since, and its alias with it
     * @return what to remember
     */
    static String open(NetlinkSocket route, Link bridge, String remembered) throws NetlinkException, KernelException {
        boolean closed = Sysctl.read(SWITCH).equals("0");
        if (closed) {
            // The kernel resets accept_redirects along with it: inet_forward_change in net/ipv4/devinet.c.
            String alias = CHANGED + Sysctl.read(REDIRECTS);
            route.tell(LinkMessages.alias(bridge.name(), alias));
            Sysctl.write(SWITCH, "1");
            return alias;
        }
        if (bridge.alias().startsWith(CHANGED)) return bridge.alias();
        String alias = remembered.startsWith(CHANGED) ? remembered : MINE;
        route.tell(LinkMessages.alias(bridge.name(), alias));
        return alias;
    }

    /**
     * Whether forwarding is on, or about to be, because of a host: the machine was no router.
     *
     * @param remembered see {@link #open}
     */
    static boolean isTheHosts(NetlinkSocket route, String remembered) throws NetlinkException, KernelException {
        if (Sysctl.read(SWITCH).equals("0") || remembered.startsWith(CHANGED)) return true;
        return route.dump(LinkMessages.all()).stream()
                .map(Link::of)
                .anyMatch(l -> BridgeMac.isOurs(l) && l.alias().startsWith(CHANGED));
    }

    static void close(NetlinkSocket route, Link bridge) throws NetlinkException, KernelException {
        if (!bridge.alias().startsWith(CHANGED)) return;
        Optional<Link> heir = route.dump(LinkMessages.all()).stream()
                .map(Link::of)
                .filter(l -> !l.name().equals(bridge.name()) && BridgeMac.isOurs(l))
                .filter(l -> l.alias().startsWith(MINE))
                .findFirst();
        if (heir.isPresent()) {
            // Another host still forwards: the duty is its now.
            route.tell(LinkMessages.alias(heir.get().name(), bridge.alias()));
        } else {
            Sysctl.write(SWITCH, "0");
            Sysctl.write(REDIRECTS, bridge.alias().substring(CHANGED.length()));
        }
        route.tell(LinkMessages.alias(bridge.name(), MINE));
    }
}
