package io.hostel.host;

import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.PacketFilter;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.sandbox.SlotPlan;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Kernel objects that bear one host's names, each by kind and name: what there is, or what there should be.
 *
 * <p>Objects are told by their names alone, so whatever an earlier daemon left is found without any record.
 */
record Inventory(Set<Thing> things) {

    /**
     * @param kind {@code link}, {@code neighbour}, {@code route}, {@code element}, {@code backend}, {@code cgroup}, {@code pin} (a file),
     *     {@code netns} (what is mounted there) or {@code layer}
     */
    record Thing(String kind, String name) implements Comparable<Thing> {
        @Override
        public int compareTo(Thing other) {
            int byKind = kind.compareTo(other.kind);
            return byKind != 0 ? byKind : name.compareTo(other.name);
        }
    }

    /**
     * Where this host's things are.
     *
     * @param bridge name of the first of its bridges; all are looked at
     */
    record Places(String bridge, String linkPrefix, Path pins, Path layers) {}

    Inventory {
        things = Set.copyOf(things);
    }

    /** What the kernel holds. */
    static Inventory ofKernel(Kernel kernel, Places places) throws KernelException {
        Set<Thing> things = new HashSet<>();
        kernel.links().named(places.linkPrefix(), places.bridge()).forEach(name -> things.add(new Thing("link", name)));
        kernel.links().neighbours(places.bridge()).forEach(a -> things.add(new Thing("neighbour", a.getHostAddress())));
        kernel.links().routes(places.bridge()).forEach(a -> things.add(new Thing("route", a.getHostAddress())));
        PacketFilter.Contents filter = kernel.filter().contents();
        filter.addresses().keySet().forEach(a -> things.add(new Thing("element", a.getHostAddress())));
        filter.published()
                .values()
                .forEach(backends -> backends.forEach(
                        to -> things.add(new Thing("backend", to.address().getHostAddress()))));
        kernel.cgroups().groups().forEach(name -> things.add(new Thing("cgroup", name)));
        for (String name : kernel.netns().pins(places.pins())) {
            things.add(new Thing("pin", name));
            if (kernel.netns().inode(places.pins().resolve(name)) != 0) {
                things.add(new Thing("netns", name));
            }
        }
        kernel.layers().layers(places.layers()).forEach(name -> things.add(new Thing("layer", name)));
        return new Inventory(things);
    }

    /** What the plans say there should be. */
    static Inventory ofPlans(Collection<SandboxPlan> plans) {
        Set<Thing> things =
                new HashSet<>(ofSlots(plans.stream().map(SandboxPlan::slot).toList()).things);
        for (SandboxPlan plan : plans) {
            plan.lease().ifPresent(lease -> {
                things.add(new Thing("neighbour", lease.address().getHostAddress()));
                things.add(new Thing("route", lease.address().getHostAddress()));
            });
            plan.rules()
                    .ifPresent(rules ->
                            things.add(new Thing("element", rules.address().getHostAddress())));
        }
        return new Inventory(things);
    }

    /** What there may be, and need not: where published ports lead. */
    static Inventory ofBackends(Collection<SandboxPlan> plans) {
        Set<Thing> things = new HashSet<>();
        for (SandboxPlan plan : plans) {
            plan.address().ifPresent(address -> things.add(new Thing("backend", address.getHostAddress())));
        }
        return new Inventory(things);
    }

    /** What there may be of tenants. @param groups their control groups */
    static Inventory ofTenants(Collection<String> groups) {
        return new Inventory(
                groups.stream().map(group -> new Thing("cgroup", group)).collect(Collectors.toSet()));
    }

    /** What there should be of sandboxes that have no tenant yet. */
    static Inventory ofSlots(Collection<SlotPlan> slots) {
        Set<Thing> things = new HashSet<>();
        for (SlotPlan slot : slots) {
            slot.veth().ifPresent(veth -> things.add(new Thing("link", veth.name())));
            slot.cgroup().ifPresent(group -> things.add(new Thing("cgroup", group)));
            if (!slot.tenant().isEmpty()) {
                things.add(new Thing("cgroup", slot.tenant()));
            }
            things.add(new Thing("pin", String.valueOf(slot.pin().getFileName())));
            things.add(new Thing("netns", String.valueOf(slot.pin().getFileName())));
            things.add(new Thing("layer", slot.layer()));
        }
        return new Inventory(things);
    }

    Inventory with(Inventory other) {
        Set<Thing> both = new HashSet<>(things);
        both.addAll(other.things);
        return new Inventory(both);
    }

    /** What is here and not in the other, in order. */
    Set<Thing> without(Inventory other) {
        Set<Thing> rest = new TreeSet<>(things);
        rest.removeAll(other.things);
        return rest;
    }
}
