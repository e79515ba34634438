package io.hostel.fake;

import io.hostel.kernel.BridgeNames;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Links;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A veth goes with its namespace, as in the kernel. */
public final class FakeLinks implements Links {
    private final Effects effects;
    private final FakeNetns netns;
    private final Map<String, Long> veths = new LinkedHashMap<>();
    private final Map<Inet4Address, String> neighbours = new LinkedHashMap<>();
    private final Set<Inet4Address> quiet = new LinkedHashSet<>();
    private final Set<Inet4Address> endedConnections = new LinkedHashSet<>();

    FakeLinks(Effects effects, FakeNetns netns) {
        this.effects = effects;
        this.netns = netns;
    }

    @Override
    public synchronized void attach(Veth veth) throws KernelException {
        long inode = netns.inode(veth.netns());
        if (inode == 0) {
            throw FakeKernel.missing("attach", veth.name(), "its namespace is not pinned");
        }
        effects.make("attach " + veth.name(), () -> veths.put(veth.name(), inode));
    }

    @Override
    public synchronized void detach(Veth veth) throws KernelException {
        effects.make("detach " + veth.name(), () -> veths.remove(veth.name()));
    }

    @Override
    public void detach(List<Veth> many) throws KernelException {
        for (Veth veth : many) detach(veth);
    }

    @Override
    public synchronized void lease(Lease lease) throws KernelException {
        if (netns.inode(lease.netns()) == 0) {
            throw FakeKernel.missing("lease", lease.address().getHostAddress(), "its namespace is not pinned");
        }
        effects.make(
                "lease " + lease.address().getHostAddress(), () -> neighbours.put(lease.address(), lease.bridge()));
    }

    @Override
    public synchronized void quiet(Lease lease) {
        effects.reading("eth0");
        quiet.add(lease.address());
    }

    /** Addresses whose links were looked at for whether they ask for neighbours. */
    public synchronized Set<Inet4Address> quiet() {
        return Set.copyOf(quiet);
    }

    @Override
    public synchronized int rejoin(List<Veth> many, List<Lease> leases) throws KernelException {
        int refused = 0;
        for (Veth veth : many) {
            if (!living().contains(veth.name())) refused++;
        }
        for (Lease lease : leases) {
            effects.make(
                    "lead to " + lease.address().getHostAddress(),
                    () -> neighbours.put(lease.address(), lease.bridge()));
        }
        return refused;
    }

    @Override
    public synchronized void giveBack(List<Lease> leases) throws KernelException {
        for (Lease lease : leases) {
            effects.make("give back " + lease.address().getHostAddress(), () -> {
                neighbours.remove(lease.address());
                endedConnections.add(lease.address());
            });
        }
    }

    @Override
    public synchronized void endConnections(Set<Inet4Address> addresses) throws KernelException {
        for (Inet4Address address : addresses) {
            effects.make("end connections of " + address.getHostAddress(), () -> endedConnections.add(address));
        }
    }

    @Override
    public synchronized boolean present(String link) {
        effects.reading("link");
        return living().contains(link);
    }

    @Override
    public synchronized List<String> named(String prefix, String bridge) {
        effects.reading("links");
        return living().stream().filter(name -> name.startsWith(prefix)).toList();
    }

    @Override
    public synchronized List<Inet4Address> neighbours(String bridge) {
        effects.reading("neighbours");
        return neighbours.entrySet().stream()
                .filter(e -> BridgeNames.number(bridge, e.getValue()).isPresent())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** A route comes and goes with its neighbour. */
    @Override
    public synchronized List<Inet4Address> routes(String bridge) {
        return neighbours(bridge);
    }

    /** Addresses whose connections were ended, ever. */
    public synchronized Set<Inet4Address> endedConnections() {
        return Set.copyOf(endedConnections);
    }

    private List<String> living() {
        veths.values().removeIf(inode -> !netns.lives(inode));
        return List.copyOf(veths.keySet());
    }

    synchronized List<String> holdings() {
        List<String> all = new ArrayList<>();
        living().forEach(name -> all.add("link " + name));
        neighbours.keySet().forEach(address -> all.add("neighbour " + address.getHostAddress()));
        return all;
    }
}
