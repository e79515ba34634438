package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Links;
import io.hostel.netlink.Answer;
import io.hostel.netlink.Message;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.Request;
import io.hostel.netlink.conntrack.Connection;
import io.hostel.netlink.route.AddressMessages;
import io.hostel.netlink.route.BridgePort;
import io.hostel.netlink.route.Link;
import io.hostel.netlink.route.LinkMessages;
import io.hostel.netlink.route.NeighbourMessages;
import io.hostel.netlink.route.NeighbourMessages.Neighbour;
import io.hostel.netlink.route.RouteMessages;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Veth pairs by rtnetlink(7). What is inside a namespace is done by a socket of that namespace. */
public final class LinuxLinks implements Links {
    private static final String INSIDE = "eth0";
    private static final int FEW_CONNECTIONS = 4096;
    private static final BridgePort PORT = new BridgePort(true, false, false, false);

    @Override
    public void attach(Veth veth) throws KernelException {
        try (NetlinkSocket outside = NetlinkSocket.route();
                Fd namespace = NamespaceSockets.open(veth.netns());
                NetlinkSocket inside = NamespaceSockets.route(veth.netns());
                ForwardingPort port = ForwardingPort.watch(veth.name())) {
            int bridge = bridge(outside, veth.bridge()).index();
            String target = veth.name() + " to bridge " + veth.bridge();
            byte[] mac = veth.mac().bytes();
            List<Answer> answers = outside.exchange(List.of(
                    LinkMessages.createVeth(veth.name(), bridge, INSIDE, mac, namespace.number())
                            .purpose("attach " + target),
                    LinkMessages.upAsPort(veth.name(), PORT),
                    LinkMessages.named(veth.name())));
            answers.get(0).expect(Errno.EEXIST);
            answers.get(1).expect();
            Link host = answers.get(2).unless().map(Link::of).orElseThrow();
            if (host.master() != bridge) outside.tell(LinkMessages.attach(veth.name(), bridge));
            outside.tell(NeighbourMessages.addForwarding(host.index(), mac).purpose("attach " + target));
            inside.tell(LinkMessages.up(INSIDE));
            port.await(host.index());
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    @Override
    public void detach(Veth veth) throws KernelException {
        try (NetlinkSocket outside = NetlinkSocket.route()) {
            outside.tell(LinkMessages.delete(veth.name()), Errno.ENODEV);
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    @Override
    public void lease(Lease lease) throws KernelException {
        try (NetlinkSocket outside = NetlinkSocket.route();
                NetlinkSocket inside = NamespaceSockets.route(lease.netns())) {
            Link bridge = bridge(outside, lease.bridge());
            byte[] bridgeMac = HexFormat.ofDelimiter(":").parseHex(bridge.mac());
            int eth0 = link(inside, INSIDE).map(Link::index).orElseThrow(() -> absent(INSIDE, lease.netns()));
            List<Request> requests = new ArrayList<>();
            for (Message given : inside.dump(AddressMessages.all())) {
                AddressMessages.of(given)
                        .filter(a -> a.link() == eth0 && !a.address().equals(lease.address()))
                        .ifPresent(a -> requests.add(AddressMessages.delete(eth0, a.address(), a.prefix())));
            }
            requests.add(LinkMessages.up(INSIDE));
            requests.add(AddressMessages.add(eth0, lease.address(), 32));
            requests.add(NeighbourMessages.addPermanent(eth0, lease.gateway(), bridgeMac));
            requests.add(RouteMessages.onLink(eth0, lease.gateway(), 32));
            requests.add(RouteMessages.byDefault(eth0, lease.gateway()));
            for (Answer answer : inside.exchange(requests)) answer.expect();
            outside.tell(NeighbourMessages.addPermanent(
                    bridge.index(), lease.address(), lease.mac().bytes()));
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    @Override
    public void giveBack(Lease lease) throws KernelException {
        try (NetlinkSocket outside = NetlinkSocket.route()) {
            Optional<Link> bridge = link(outside, lease.bridge());
            if (bridge.isPresent()) {
                outside.tell(NeighbourMessages.delete(bridge.get().index(), lease.address()), Errno.ENOENT);
            }
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
        endConnections(lease.address());
    }

    @Override
    public void endConnections(Inet4Address address) throws KernelException {
        try (NetlinkSocket socket = NetlinkSocket.netfilter()) {
            // Each dump walks the whole hash table, some 10 ms however full it is; so one dump where little would come.
            boolean few = Integer.parseInt(Sysctl.read("net/netfilter/nf_conntrack_count")) < FEW_CONNECTIONS;
            List<Request> lists = few ? List.of(Connection.all()) : Connection.of(address);
            for (Request list : lists) Connections.end(socket, list, c -> c.isOf(address));
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    @Override
    public List<String> named(String prefix) throws KernelException {
        try (NetlinkSocket outside = NetlinkSocket.route()) {
            return outside.dump(LinkMessages.all()).stream()
                    .map(Link::of)
                    .map(Link::name)
                    .filter(name -> name.startsWith(prefix))
                    .sorted()
                    .toList();
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    @Override
    public List<Inet4Address> neighbours(String bridge) throws KernelException {
        try (NetlinkSocket outside = NetlinkSocket.route()) {
            Optional<Link> link = link(outside, bridge);
            if (link.isEmpty()) return List.of();
            int index = link.get().index();
            return outside.dump(NeighbourMessages.of(index)).stream()
                    .flatMap(m -> NeighbourMessages.read(m).stream())
                    .filter(n -> n.link() == index && n.permanent())
                    .map(Neighbour::address)
                    .toList();
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    private static Link bridge(NetlinkSocket socket, String name) throws NetlinkException, KernelException {
        Optional<Link> bridge = link(socket, name);
        if (bridge.isPresent() && bridge.get().kind().equals("bridge")) return bridge.get();
        throw new KernelException(
                Errno.ENODEV.name(), "find", "bridge " + name, "it is gone: start the host again to have it made anew");
    }

    static Optional<Link> link(NetlinkSocket socket, String name) throws NetlinkException {
        return socket.ask(LinkMessages.named(name), Errno.ENODEV).map(Link::of);
    }

    private static KernelException absent(String link, Path netns) {
        return new KernelException(
                Errno.ENODEV.name(), "find", link + " in " + netns, "nothing is attached to the namespace");
    }
}
