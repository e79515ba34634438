package io.hostel.kernel;

import java.net.Inet4Address;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who may speak to whom, and where published ports lead: elements in the tables that {@link HostNetwork} made. Deny is the
 * default: no element, no traffic. Every call is one nftables transaction.
 */
public interface PacketFilter {

    /** Lets a sandbox's packets through as its rules say. */
    void admit(Rules rules) throws KernelException;

    void expel(Rules rules) throws KernelException;

    /**
     * From now on a published port leads to exactly these, in equal shares; none: it leads nowhere. Established connections
     * go on.
     *
     * @throws KernelException E2BIG where there are more than {@link #MAX_BACKENDS}
     */
    void publish(int port, List<Backend> backends) throws KernelException;

    /** Lets two tenants' sandboxes reach each other, both ways. */
    void link(int tenant, int other) throws KernelException;

    void unlink(int tenant, int other) throws KernelException;

    /**
     * A tenant's sandboxes may have opened so many connections together, and others as many to them; what is open stays open, and
     * after a change does not count.
     */
    void bound(int tenant, int connections) throws KernelException;

    /** What {@link #bound} has said is no longer so. */
    void unbound(int tenant) throws KernelException;

    Contents contents() throws KernelException;

    /**
     * Has every other published port lead nowhere, and unlinks every other pair of tenants: what an earlier daemon would have
     * taken back, had it lived.
     *
     * @param ports those that are somebody's
     * @param linked pairs of tenants' numbers that are linked
     * @param bounds of all tenants that there are, by number, as {@link #bound} sets them: in force at once, and the others' forgotten
     */
    void retain(Set<Integer> ports, Set<Set<Integer>> linked, Map<Integer, Integer> bounds) throws KernelException;

    /** These were admitted by an earlier daemon, and are from now on what {@link #mend} keeps. */
    void admitted(Collection<Rules> rules) throws KernelException;

    /**
     * Compares the elements with what was admitted, published and linked, and writes the difference. The tables stand.
     *
     * @return how many elements were missing or too many
     */
    int mend() throws KernelException;

    /** The most sandboxes that one port is balanced over. */
    int MAX_BACKENDS = 256;

    /**
     * @param link the veth's host end, the only one that may send from this MAC and address
     * @param tenant its number, 1..2^24: the mark
     * @param reachable whether the tenant's other sandboxes (and linked tenants') may open connections to it
     * @param egress whether it may open connections to the world
     */
    record Rules(String link, MacAddress mac, Inet4Address address, int tenant, boolean reachable, boolean egress) {}

    record Backend(Inet4Address address, int port) {}

    /**
     * @param addresses admitted ones, with their tenant
     * @param published by port
     */
    record Contents(Map<Inet4Address, Integer> addresses, Map<Integer, List<Backend>> published) {}
}
