package io.hostel.kernel;

import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;

/** What stands on the host itself before the first sandbox: bridge, forwarding and the filter's tables. */
public interface HostNetwork {

    /**
     * Makes or puts right the bridge with its address, the sysctls that it needs and the filter's tables with empty sets;
     * elements that are there already stay.
     */
    void ensure(Plan plan) throws KernelException;

    /** Takes the bridge and the tables away and puts {@code ip_forward} back if {@link #ensure} had changed it. */
    void remove(Plan plan) throws KernelException;

    /** What speaks against {@link #ensure}: bridge name or CIDR in use by others; a line each, saying what to do. */
    List<String> conflicts(Plan plan) throws KernelException;

    /** Another firewall that will drop forwarded packets: what it is and the one line that mends it. */
    Optional<String> forwardingBlockedBy() throws KernelException;

    /**
     * @param bridge its name; the tables bear it too
     * @param gateway its address
     * @param prefix bits of the whole network, e.g. 16
     * @param linkPrefix what every host end of a sandbox's veth begins with, e.g. {@code hs-a7}
     * @param egressDeny blocks in CIDR form that sandboxes never reach
     * @param resolvers reachable on port 53 all the same
     * @param publishInterface link whose addresses published ports answer on; empty: all local ones
     * @param firstPort lowest published port
     * @param lastPort highest published port
     */
    record Plan(
            String bridge,
            Inet4Address gateway,
            int prefix,
            String linkPrefix,
            List<String> egressDeny,
            List<Inet4Address> resolvers,
            Optional<String> publishInterface,
            int firstPort,
            int lastPort) {
        public Plan {
            egressDeny = List.copyOf(egressDeny);
            resolvers = List.copyOf(resolvers);
        }
    }
}
