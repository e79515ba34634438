package io.hostel.kernel.linux;

import io.hostel.kernel.BridgeNames;
import io.hostel.kernel.HostNetwork.Ears;
import io.hostel.kernel.HostNetwork.Plan;
import io.hostel.kernel.Listening;
import io.hostel.netlink.Message;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.nft.Table;
import io.hostel.netlink.route.Link;
import io.hostel.netlink.route.LinkMessages;
import io.hostel.sys.Errno;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens to what the kernel says of links and of nf_tables, on a thread each, and picks what concerns one host. */
final class HostWatch implements Listening {
    private static final Logger LOG = LoggerFactory.getLogger(HostWatch.class);
    /** How soon a thread notices that it is to end. */
    private static final Duration TURN = Duration.ofMillis(500);

    private final Plan plan;
    private final Ears ears;
    private final Table ip;
    private final NetlinkSocket route;
    private final NetlinkSocket netfilter;
    /** Of the thread that listens to links. */
    private final Set<String> others = new HashSet<>();

    private volatile boolean closed;

    private HostWatch(Plan plan, Ears ears, NetlinkSocket route, NetlinkSocket netfilter) {
        this.plan = plan;
        this.ears = ears;
        this.ip = FilterNames.ip(plan.bridge());
        this.route = route;
        this.netfilter = netfilter;
    }

    static HostWatch begin(Plan plan, Ears ears) throws NetlinkException {
        NetlinkSocket route = NetlinkSocket.route();
        NetlinkSocket netfilter = null;
        try {
            route.join(LinkMessages.RTNLGRP_LINK);
            netfilter = NetlinkSocket.netfilter();
            netfilter.join(Table.NFNLGRP_NFTABLES);
        } catch (NetlinkException e) {
            for (NetlinkSocket socket : netfilter == null ? List.of(route) : List.of(route, netfilter)) socket.close();
            throw e;
        }
        HostWatch watch = new HostWatch(plan, ears, route, netfilter);
        watch.listen("hostel-watch-links", route, watch::onLink);
        watch.listen("hostel-watch-filter", netfilter, watch::onFilter);
        return watch;
    }

    private void listen(String name, NetlinkSocket socket, Consumer<Message> news) {
        Thread thread = new Thread(() -> listen(socket, news), name);
        thread.setDaemon(true);
        thread.start();
    }

    private void listen(NetlinkSocket socket, Consumer<Message> news) {
        try (socket) {
            while (!closed) {
                try {
                    socket.next(TURN).ifPresent(news);
                } catch (NetlinkException e) {
                    if (!e.is(Errno.ENOBUFS)) throw e;
                    // Some were lost: it may have been anything.
                    ears.bridges();
                    ears.filter();
                }
            }
        } catch (NetlinkException e) {
            if (!closed) LOG.error("changes are not heard of any more, and only found by the regular look", e);
        }
    }

    private void onLink(Message message) {
        boolean gone = message.type() == LinkMessages.RTM_DELLINK;
        if (!gone && message.type() != LinkMessages.RTM_NEWLINK || LinkMessages.isOfBridge(message)) return;
        Link link = Link.of(message);
        if (BridgeNames.number(plan.bridge(), link.name()).isPresent()) {
            if (gone || (link.flags() & Link.UP) == 0) ears.bridges();
        } else if (OtherNetworks.isOther(plan, link)) {
            // The filter knows each of them, and one is told of at every change.
            if (gone) {
                others.remove(link.name());
            } else if (others.add(link.name())) {
                ears.bridges();
            }
        } else if (link.name().startsWith(plan.linkPrefix())) {
            // The ports of a bridge that is being deleted are told of before the bridge is.
            if (!gone && adrift(link)) ears.bridges();
            if (gone || adrift(link)) ears.link(link.name());
        }
    }

    /** One that is just being made has no bridge either, but is not up yet. */
    private static boolean adrift(Link link) {
        return link.master() == 0 && (link.flags() & Link.UP) != 0;
    }

    private void onFilter(Message message) {
        if (!NetlinkSocket.isOwn(message) && ip.isIn(message)) ears.filter();
    }

    @Override
    public void close() {
        closed = true;
    }
}
