package io.hostel.kernel.linux;

import io.hostel.kernel.HostNetwork.Plan;
import io.hostel.netlink.Message;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.Request;
import io.hostel.netlink.nft.Batch;
import io.hostel.netlink.nft.Element;
import io.hostel.netlink.nft.Intervals;
import io.hostel.netlink.nft.Intervals.Interval;
import io.hostel.netlink.nft.Key;
import io.hostel.netlink.nft.Table;
import io.hostel.netlink.nft.Verdict;
import io.hostel.netlink.route.AddressMessages;
import io.hostel.netlink.route.Link;
import io.hostel.sys.Errno;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Keeps the filter's tables as the plan wants them. A table's comment holds a digest of all that it was made of; where that or
 * the number of rules differs, both tables are made anew in one transaction that brings the sandboxes' elements over, so that
 * there is no instant without a filter.
 */
final class FilterUpkeep {
    private static final List<String> SANDBOX_SETS = List.of(
            FilterNames.BACKEND,
            FilterNames.TENANT,
            FilterNames.REACH,
            FilterNames.TALK,
            FilterNames.EGRESS,
            FilterNames.SELF,
            FilterNames.BOUNDS);

    /** What the tables' comments begin with. */
    static final String COMMENT = "hostel ";

    private final NetlinkSocket route;
    private final NetlinkSocket netfilter;

    FilterUpkeep(NetlinkSocket route, NetlinkSocket netfilter) {
        this.route = route;
        this.netfilter = netfilter;
    }

    /**
     * @param bridges names of those that stand or are about to
     * @param router whether the machine may forward what its other networks send each other
     * @return whether the tables had to be made anew
     */
    boolean ensure(Plan plan, List<String> bridges, boolean router) throws NetlinkException {
        Table ip = FilterNames.ip(plan.bridge());
        Table frames = FilterNames.frames(plan.bridge());
        List<Request> contents = new ArrayList<>(FilterTables.contents(plan, router));
        contents.addAll(fixed(plan, ip));
        String comment = COMMENT + digest(contents);
        Map<String, List<Element>> links =
                new TreeMap<>(OtherNetworks.elements(plan, LinuxLinks.all(route).values()));
        links.put(FilterNames.BRIDGES, bridges(bridges));
        if (asWanted(ip, comment, contents) && asWanted(frames, comment, contents)) {
            keep(ip, links);
            return false;
        }

        Map<String, List<Element>> kept = new LinkedHashMap<>();
        for (String set : SANDBOX_SETS) kept.put(set, elements(ip, set));
        List<Element> counts = elements(ip, FilterNames.COUNT);
        List<Element> sources = elements(frames, FilterNames.SOURCE);

        Batch batch = new Batch();
        for (Table table : List.of(ip, frames)) {
            if (netfilter.ask(table.look(), Errno.ENOENT).isPresent()) batch.add(table.delete());
            batch.add(table.create(comment));
        }
        batch.add(contents);
        links.forEach((set, elements) -> batch.add(ip.add(set, elements)));
        for (int backends : balances(counts)) batch.add(FilterTables.balance(ip, backends));
        for (int connections : bounds(kept.getOrDefault(FilterNames.BOUNDS, List.of()))) batch.add(ConnectionBounds.chain(ip, connections));
        kept.forEach((set, elements) -> batch.add(ip.add(set, elements)));
        batch.add(ip.add(
                FilterNames.COUNT, counts.stream().map(PortElements::renewed).toList()));
        batch.add(frames.add(FilterNames.SOURCE, sources));
        batch.commit(netfilter);
        return true;
    }

    /** Elements of {@link FilterNames#BRIDGES}. */
    static List<Element> bridges(List<String> names) {
        return names.stream().map(name -> Element.of(Key.link(name))).toList();
    }

    /** These are in the sets, and no other. */
    private void keep(Table ip, Map<String, List<Element>> links) throws NetlinkException {
        Batch batch = new Batch();
        for (Map.Entry<String, List<Element>> set : links.entrySet()) {
            List<Element> gone = elements(ip, set.getKey()).stream()
                    .filter(there -> set.getValue().stream().noneMatch(w -> Arrays.equals(w.key(), there.key())))
                    .toList();
            batch.add(ip.add(set.getKey(), set.getValue())).add(ip.delete(set.getKey(), gone));
        }
        batch.commit(netfilter);
    }

    /** Elements that the plan itself gives. */
    private List<Request> fixed(Plan plan, Table ip) throws NetlinkException {
        List<Request> requests = new ArrayList<>();
        List<Interval> denied = plan.egress().deny().stream().map(Interval::parse).toList();
        requests.addAll(ip.add(FilterNames.DENY, Intervals.addresses(denied)));
        List<Interval> ports =
                plan.egress().denyPorts().stream().map(Interval::ports).toList();
        requests.addAll(ip.add(FilterNames.DENY_PORTS, Intervals.ports(ports)));
        requests.addAll(ip.add(
                FilterNames.RESOLVERS,
                plan.egress().resolvers().stream().map(r -> Element.of(r.getAddress())).toList()));
        if (plan.publishInterface().isEmpty()) return requests;
        Optional<Link> link = LinuxLinks.link(route, plan.publishInterface().get());
        List<Element> addresses = new ArrayList<>();
        for (Message message : link.isEmpty() ? List.<Message>of() : route.dump(AddressMessages.all())) {
            AddressMessages.of(message)
                    .filter(a -> a.link() == link.get().index())
                    .ifPresent(a -> addresses.add(Element.of(a.address().getAddress())));
        }
        requests.addAll(ip.add(FilterNames.PUBLIC, addresses));
        return requests;
    }

    private boolean asWanted(Table table, String comment, List<Request> contents) throws NetlinkException {
        Optional<Message> present = netfilter.ask(table.look(), Errno.ENOENT);
        if (present.flatMap(Table::comment).filter(comment::equals).isEmpty()) return false;
        long wanted = contents.stream().filter(table::isRule).count();
        long there = netfilter.dump(table.rules()).stream()
                .filter(r -> !FilterNames.isOnDemand(Table.chainOf(r)))
                .count();
        return wanted == there;
    }

    private List<Element> elements(Table table, String set) throws NetlinkException {
        List<Element> all = new ArrayList<>();
        try {
            for (Message message : netfilter.dump(table.elements(set))) all.addAll(Element.in(message));
        } catch (NetlinkException e) {
            // The table, or the set in it, is not there yet.
            if (!e.is(Errno.ENOENT)) throw e;
        }
        return all;
    }

    private static TreeSet<Integer> balances(List<Element> counts) {
        TreeSet<Integer> sizes = new TreeSet<>();
        for (Element count : counts) sizes.add(PortElements.size(count));
        sizes.remove(0);
        return sizes;
    }

    private static TreeSet<Integer> bounds(List<Element> bounds) {
        TreeSet<Integer> all = new TreeSet<>();
        for (Element bound : bounds) {
            bound.verdict().flatMap(Verdict::chain).map(FilterNames::number).ifPresent(all::add);
        }
        return all;
    }

    private static String digest(List<Request> requests) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Request request : requests) digest.update(request.toBytes(0));
            for (Request request : FilterTables.balance(FilterNames.ip("b"), 2)) digest.update(request.toBytes(0));
            for (Request request : ConnectionBounds.chain(FilterNames.ip("b"), 2)) digest.update(request.toBytes(0));
            digest.update("2".getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
