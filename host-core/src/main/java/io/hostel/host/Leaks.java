package io.hostel.host;

import io.hostel.api.DoctorView.Finding;
import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Links;
import io.hostel.kernel.MacAddress;
import io.hostel.sandbox.HostLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes away what bears the host's names and is in no record, when it is found for the second time in a row. Not thread-safe. */
final class Leaks {
    private static final Logger LOG = LoggerFactory.getLogger(Leaks.class);

    private final Kernel kernel;
    private final HostLayout layout;
    private final HostNetwork.Plan network;
    private static final Comparator<Finding> BACKWARDS =
            Comparator.comparing(Finding::name).reversed();

    private Set<Inventory.Thing> before = new HashSet<>();

    Leaks(Kernel kernel, HostLayout layout, HostNetwork.Plan network) {
        this.kernel = kernel;
        this.layout = layout;
        this.network = network;
    }

    /** @return what was taken away, for people */
    List<String> takeAway(List<Finding> leaked) {
        List<String> taken = new ArrayList<>();
        Set<Inventory.Thing> now = new HashSet<>();
        // From the end: what is in a control group before the group.
        for (Finding finding : leaked.stream().sorted(BACKWARDS).toList()) {
            Inventory.Thing thing = new Inventory.Thing(finding.kind(), finding.name());
            now.add(thing);
            if (before.contains(thing) && takeAway(thing)) {
                taken.add(thing.kind() + " " + thing.name());
            }
        }
        before = now;
        return taken;
    }

    private boolean takeAway(Inventory.Thing thing) {
        try {
            switch (thing.kind()) {
                case "link" ->
                    kernel.links()
                            .detach(new Links.Veth(thing.name(), layout.bridge(), layout.pins(), new MacAddress(0)));
                case "cgroup" -> {
                    kernel.cgroups().killForGood(thing.name());
                    kernel.cgroups().remove(thing.name());
                }
                case "pin", "netns" -> kernel.netns().remove(layout.pins().resolve(thing.name()));
                case "layer" -> kernel.layers().remove(layout.layerPool(), thing.name());
                case "neighbour", "route" -> giveBack((Inet4Address) InetAddress.getByName(thing.name()));
                case "element" -> kernel.filter().mend();
                default -> {
                    return false;
                }
            }
            return true;
        } catch (KernelException | UnknownHostException e) {
            LOG.warn("{} {} is nobody's, and cannot be taken away: {}", thing.kind(), thing.name(), e.getMessage());
            return false;
        }
    }

    /** On whichever bridge it is. */
    private void giveBack(Inet4Address address) throws KernelException {
        List<Links.Lease> leases = new ArrayList<>();
        for (int number : kernel.hostNetwork().bridges(network)) {
            leases.add(new Links.Lease(
                    network.bridge(number), layout.pins(), address, new MacAddress(0), network.gateway()));
        }
        kernel.links().giveBack(leases);
    }
}
