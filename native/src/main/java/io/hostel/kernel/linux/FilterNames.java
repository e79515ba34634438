package io.hostel.kernel.linux;

import io.hostel.netlink.nft.Family;
import io.hostel.netlink.nft.Table;

/** What is where in the filter's two tables, both named after the first bridge: one for IP, one for frames. */
final class FilterNames {
    /** Set: our bridges; a bridge is in it before it has a port. */
    static final String BRIDGES = "bridges";
    /** Map: published port to its number of sandboxes. */
    static final String COUNT = "count";
    /**
     * Map: number of sandboxes to the chain for it. Two maps, because the kernel goes through a whole map of verdicts whenever
     * one is added: nft_lookup_validate in net/netfilter/nft_lookup.c.
     */
    static final String SIZES = "sizes";
    /** Map: published port and index to sandbox and its port. */
    static final String BACKEND = "backend";
    /** Map: every admitted sandbox's address to its tenant. */
    static final String TENANT = "tenant";
    /** Map: addresses of sandboxes that other sandboxes may open connections to, to their tenant. */
    static final String REACH = "reach";
    /** Set: tenants that may open connections to tenants. */
    static final String TALK = "talk";
    /** Set: sandboxes that may open connections to the world. */
    static final String EGRESS = "egress";
    /** Set: every sandbox's address with itself, for those that call themselves by their published port. */
    static final String SELF = "self";
    /** Set: blocks of the world that are closed. */
    static final String DENY = "deny";
    /** Set: ports of the world that are closed. */
    static final String DENY_PORTS = "deny_ports";
    /** Set: resolvers, open on port 53 even in closed blocks. */
    static final String RESOLVERS = "resolvers";
    /** Set: addresses that published ports answer on, where they are bound to one link. */
    static final String PUBLIC = "public";
    /** Counts the open connections that a sandbox has opened, by its address; packets fill it. */
    static final String OPENED = "opened";
    /** Counts the open connections that others have opened to a sandbox. */
    static final String TAKEN = "taken";
    /** Counts the open connections from an address of the world to a sandbox. */
    static final String CALLERS = "callers";
    /** Counts the open connections of a tenant to a sandbox of another one. */
    static final String STRANGERS = "strangers";
    /** Counts the open connections from an address of the world to all sandboxes of a tenant. */
    static final String CALLERS_OF_ALL = "callers_of_all";
    /** Counts the open connections of a tenant to all sandboxes of another one. */
    static final String STRANGERS_OF_ALL = "strangers_of_all";
    /** Counts a tenant's open connections by its mark, and those to it by its mark and {@link ConnectionBounds#TAKEN_BY}. */
    static final String HELD = "held";
    /** Counts a tenant's open connections to one port of one address of the world. */
    static final String SERVICES = "services";
    /** Map: what {@link #HELD} counts by, to the chain with the bound on it; the fixed rule bounds those that are not in it. */
    static final String BOUNDS = "bounds";
    /** Idle times of connections to sandboxes that are not yet open. */
    static final String HANDSHAKE = "handshake";
    /** Idle times of questions to resolvers. */
    static final String QUESTION = "question";
    /** Set: bridges of other hosts on the same machine. */
    static final String HOSTS = "hosts";
    /** Set: every other bridge with itself; what br_netfilter shows of frames comes and leaves by one. */
    static final String PASSING = "passing";
    /** Set, of frames: link, MAC and address that belong together. */
    static final String SOURCE = "source";

    /**
     * The mark of a packet for sandbox 0 of a published port; those of the others follow. Far from the small numbers that
     * machines use for routing by mark.
     */
    static final int FIRST_INDEX = 0x48000000;

    private FilterNames() {}

    static Table ip(String bridge) {
        return new Table(Family.INET, bridge);
    }

    static Table frames(String bridge) {
        return new Table(Family.BRIDGE, bridge);
    }

    /** The chain that spreads connections over so many sandboxes. */
    static String balance(int backends) {
        return "b" + backends;
    }

    /** The chain with a bound on a tenant's connections. */
    static String bound(int connections) {
        return "c" + connections;
    }

    /** Whether a chain is made when it is first needed: {@link #balance} and {@link #bound}. */
    static boolean isOnDemand(String chain) {
        return chain.matches("[bc][0-9]+");
    }

    /** The inverse of {@link #balance} and {@link #bound}. */
    static int number(String chain) {
        return Integer.parseInt(chain.substring(1));
    }
}
