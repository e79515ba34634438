package io.hostel.kernel;

import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What stands on the host itself before the first sandbox: bridges, forwarding and the filter's tables.
 *
 * <p>A bridge takes 1,023 ports and slows down with several hundred, so a host has as many bridges as its sandboxes need. They
 * share one block of addresses; any address may be behind any bridge.
 */
public interface HostNetwork {

    /**
     * Makes or puts right the first bridge with its address, the sysctls that it needs and the filter's tables with empty
     * sets, and puts right the further bridges that stand; elements that are there already stay.
     *
     * @return what had to be made, for people; empty: all stood
     */
    List<String> ensure(Plan plan) throws KernelException;

    /**
     * Makes or puts right one bridge; traffic on the others goes on meanwhile, and no rule is loaded. {@link #ensure} comes
     * before.
     *
     * @param number of {@link BridgeNames}
     * @throws KernelException EEXIST where a link of its name is not ours
     */
    void addBridge(Plan plan, int number) throws KernelException;

    /** Numbers of the bridges that stand, ascending; 0 is the first. */
    List<Integer> bridges(Plan plan) throws KernelException;

    /** Takes all bridges and the tables away and puts {@code ip_forward} back if {@link #ensure} had changed it. */
    void remove(Plan plan) throws KernelException;

    /** What speaks against {@link #ensure}: bridge name or CIDR in use by others; a line each, saying what to do. */
    List<String> conflicts(Plan plan) throws KernelException;

    /**
     * Has somebody told of changes that the host itself has not made, from now on.
     *
     * @param ears called on threads of the watch: must not block
     * @return to be closed for silence
     */
    Listening watch(Plan plan, Ears ears) throws KernelException;

    /** Who hears of what may have been taken away. All of it may be rumour: look before you mend. */
    interface Ears {
        /** A bridge has gone, or gone down. */
        void bridges();

        /** A veth of the plan's link prefix has gone, or left its bridge; also where the host has reaped its sandbox. */
        void link(String name);

        /** Somebody else has changed the filter's tables. */
        void filter();
    }

    /**
     * From these ports the host probes sandboxes: such connections are not tracked, so that they go on where there is no room for
     * more; unless {@link Plan#firstPort} is among them. No address translation makes use of ports below 1024 for others.
     */
    int FIRST_PROBE_PORT = 600;

    int LAST_PROBE_PORT = 1023;

    /** Another firewall that will drop forwarded packets: what it is and the one line that mends it. */
    Optional<String> forwardingBlockedBy() throws KernelException;

    /** TCP ports of this network namespace on which somebody listens for IPv4, by whatever address. */
    Set<Integer> listening() throws KernelException;

    /** Where there is no room new connections fail, of everybody and to everybody; nf_conntrack-sysctl in the kernel's documents. */
    TrackedConnections connections() throws KernelException;

    /**
     * @param now connections that the kernel tracks in this network namespace
     * @param most how many it will track
     */
    record TrackedConnections(int now, int most) {}

    /**
     * @param deny blocks in CIDR form that sandboxes never reach
     * @param denyPorts ports of TCP and UDP that sandboxes never reach, each one such as {@code 25} or a range such as {@code 6000-6063}
     * @param resolvers reachable on port 53 all the same
     */
    record Egress(List<String> deny, List<String> denyPorts, List<Inet4Address> resolvers) {
        public Egress {
            deny = List.copyOf(deny);
            denyPorts = List.copyOf(denyPorts);
            resolvers = List.copyOf(resolvers);
        }
    }

    /**
     * Connections that are open or half open at a time.
     *
     * @param sandbox those that a sandbox may have opened, and as many to it from others
     * @param source those to one sandbox from one address of the world, or from all sandboxes of one tenant that is neither its own
     *     nor linked with it; and twice as many to all of a tenant's
     * @param tenant those that a tenant's sandboxes may have opened together, and as many to them, where {@link PacketFilter#bound} says
     *     nothing else
     * @param service those that a tenant's sandboxes may have opened to one port of one address of the world: each of them takes one
     *     of some 64,000 ports from which the machine can call that
     */
    record Bounds(int sandbox, int source, int tenant, int service) {}

    /**
     * @param bridge name of the first; the tables bear it too, and the further ones are named after it
     * @param gateway address of every bridge
     * @param prefix bits of the whole network, e.g. 16
     * @param linkPrefix what every host end of a sandbox's veth begins with, e.g. {@code hs-a7}
     * @param egress what of the world is open
     * @param bounds how many connections anybody may have
     * @param publishInterface link whose addresses published ports answer on; empty: all local ones
     * @param firstPort lowest published port
     * @param lastPort highest published port
     * @param apiPort where the host's own API listens, 0 for none known: by loopback it is reached without being tracked
     * @param forwardsOthers whether what the machine's other networks send each other is forwarded even where {@code ip_forward} is 1
     *     because of this host; where it was 1 before, that is the machine's own affair
     */
    record Plan(
            String bridge,
            Inet4Address gateway,
            int prefix,
            String linkPrefix,
            Egress egress,
            Bounds bounds,
            Optional<String> publishInterface,
            int firstPort,
            int lastPort,
            int apiPort,
            boolean forwardsOthers) {
        /** Name of a bridge, 0 being the first. */
        public String bridge(int number) {
            return BridgeNames.of(bridge, number);
        }
    }
}
