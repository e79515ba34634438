package io.hostel.kernel;

import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.List;

/** Sandboxes' links: a veth whose peer is eth0 in the namespace and whose host end is a port of the bridge. */
public interface Links {

    /** Makes the veth, attaches it with learning and flooding off and hairpin on, and enters its MAC in the FDB. */
    void attach(Veth veth) throws KernelException;

    /** Takes the veth away now, at the price of an RTNL round; a namespace that ends takes its veth by itself. */
    void detach(Veth veth) throws KernelException;

    /** Gives eth0 its address, default route and permanent neighbour, and the bridge the neighbour back. */
    void lease(Lease lease) throws KernelException;

    /** Takes the bridge's neighbour entry away and ends the address's connections; the namespace's side goes with it. */
    void giveBack(Lease lease) throws KernelException;

    /** Ends all connections to or from an address: deletes their conntrack entries. */
    void endConnections(Inet4Address address) throws KernelException;

    /** Names of the links that begin with a prefix. */
    List<String> named(String prefix) throws KernelException;

    /** Addresses that have a permanent neighbour on the bridge. */
    List<Inet4Address> neighbours(String bridge) throws KernelException;

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
