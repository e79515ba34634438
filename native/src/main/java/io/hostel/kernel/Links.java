package io.hostel.kernel;

import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Sandboxes' links: a veth whose peer is eth0 in the namespace and whose host end is a port of a bridge. */
public interface Links {

    /** Makes the veth, attaches it with learning and flooding off and hairpin on, and enters its MAC in the FDB. */
    void attach(Veth veth) throws KernelException;

    /** Takes the veth away now, at the price of an RTNL round; a namespace that ends takes its veth by itself. */
    void detach(Veth veth) throws KernelException;

    /** As {@link #detach(Veth)} for many, at the price of one or two. */
    void detach(List<Veth> veths) throws KernelException;

    /**
     * Gives eth0 its address, default route and permanent neighbour, and the host the neighbour back and a route to it by its
     * bridge.
     */
    void lease(Lease lease) throws KernelException;

    /**
     * Has the kernel ask nobody by eth0 where an address is, as {@link #attach} has it, where an earlier daemon has attached it
     * otherwise; one that has it already is only looked at.
     */
    void quiet(Lease lease) throws KernelException;

    /**
     * What of {@link #attach} and {@link #lease} went along when somebody took the bridges away, for many in a few datagrams,
     * now that the bridges have been made again: inside the namespaces nothing has changed. Waits for no port to forward. What
     * the kernel refuses, since its link has gone, is left out: it is to be mended by itself.
     *
     * @return how many requests were refused
     */
    int rejoin(List<Veth> veths, List<Lease> leases) throws KernelException;

    /** Takes the host's route and neighbour away and ends the address's connections; the namespace's side goes with it. */
    default void giveBack(Lease lease) throws KernelException {
        giveBack(List.of(lease));
    }

    /** As {@link #giveBack(Lease)} for many, which costs little more: connection tracking is walked through once. */
    void giveBack(List<Lease> leases) throws KernelException;

    /** Ends all connections to or from an address: deletes their conntrack entries. */
    default void endConnections(Inet4Address address) throws KernelException {
        endConnections(Set.of(address));
    }

    /** As {@link #endConnections(Inet4Address)} for many, in one walk through connection tracking. */
    void endConnections(Set<Inet4Address> addresses) throws KernelException;

    boolean present(String link) throws KernelException;

    /**
     * Names of the links that begin with a prefix, but for ports of somebody else's bridge: two hosts' prefixes may be alike.
     *
     * @param bridge the host's first
     */
    List<String> named(String prefix, String bridge) throws KernelException;

    /**
     * Addresses that have a permanent neighbour on any of a host's bridges.
     *
     * @param bridge name of the first, see {@link BridgeNames}
     */
    List<Inet4Address> neighbours(String bridge) throws KernelException;

    /** Addresses that have a route of their own by any of a host's bridges, as {@link #neighbours}. */
    List<Inet4Address> routes(String bridge) throws KernelException;

    /**
     * @param name of the host end, at most 15 characters
     * @param bridge where that end is attached
     * @param netns pin of the namespace where eth0 is
     * @param mac of eth0
     */
    record Veth(String name, String bridge, Path netns, MacAddress mac) {}

    /** @param gateway address of the bridge */
    record Lease(String bridge, Path netns, Inet4Address address, MacAddress mac, Inet4Address gateway) {}
}
