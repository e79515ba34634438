package io.hostel.kernel.linux;

import io.hostel.kernel.BridgeNames;
import io.hostel.netlink.Message;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.nft.BaseChain;
import io.hostel.netlink.nft.BaseChain.Hook;
import io.hostel.netlink.nft.Family;
import io.hostel.netlink.nft.Table;
import io.hostel.sys.SysException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A firewall of the machine's own whose policy drops what it does not know. A packet passes only where every chain accepts it, so
 * it beats our accept; it is never edited from here, only named.
 */
final class OtherFirewall {
    private OtherFirewall() {}

    /**
     * @param bridge name of the first; what mends it speaks of the further ones too
     * @param many whether there are further ones, so that a rule about the first alone is not enough
     */
    static Optional<String> blocking(NetlinkSocket netfilter, String bridge, boolean many)
            throws NetlinkException, SysException {
        List<String> spoken = many ? List.of(bridge + "\0", BridgeNames.further(bridge)) : List.of(bridge + "\0");
        for (Family family : List.of(Family.IP, Family.INET)) {
            List<Message> chains = netfilter.dump(Table.chains(family));
            Set<String> names = new HashSet<>();
            for (Message chain : chains) names.add(Table.nameOfChain(chain));
            for (Message message : chains) {
                Optional<BaseChain> chain = BaseChain.of(message)
                        .filter(c -> c.drops() && c.hook() == Hook.FORWARD.ordinal())
                        .filter(c -> c.type().equals("filter"));
                if (chain.isPresent()
                        && !speaksOf(netfilter, new Table(family, chain.get().table()), spoken)) {
                    return Optional.of(describe(family, chain.get(), names, bridge));
                }
            }
        }
        return LegacyFirewall.blocking(spoken)
                .map(chain ->
                        "chain FORWARD of iptables-legacy drops what is forwarded unless a rule accepts it; mend it by: "
                                + iptables("iptables-legacy", chain, bridge));
    }

    /** Rules about our bridges are what mending it leaves behind. */
    private static boolean speaksOf(NetlinkSocket netfilter, Table table, List<String> names) throws NetlinkException {
        Set<String> unspoken = new HashSet<>(names);
        for (Message rule : netfilter.dump(table.rules())) {
            String bytes = new String(rule.body(), StandardCharsets.ISO_8859_1);
            unspoken.removeIf(bytes::contains);
        }
        return unspoken.isEmpty();
    }

    private static String describe(Family family, BaseChain chain, Set<String> names, String bridge) {
        String who = "chain " + chain.name() + " of table " + family + " " + chain.table()
                + " drops what is forwarded unless a rule accepts it";
        return who + "; mend it by: " + mend(family, chain, names, bridge);
    }

    private static String mend(Family family, BaseChain chain, Set<String> names, String bridge) {
        if (names.contains("DOCKER-USER")) return iptables("iptables", "DOCKER-USER", bridge);
        String others = BridgeNames.further(bridge);
        if (names.contains("ufw-user-forward")) {
            return Stream.of(bridge, others + "+")
                    .flatMap(b -> Stream.of("ufw route allow in on " + b, "ufw route allow out on " + b))
                    .collect(Collectors.joining(" && "));
        }
        if (family == Family.IP
                && chain.table().equals("filter")
                && chain.name().equals("FORWARD")) {
            return iptables("iptables", "FORWARD", bridge);
        }
        String rule = "nft insert rule " + family + " " + chain.table() + " " + chain.name() + " ";
        return Stream.of(bridge, "'\"" + others + "*\"'")
                .flatMap(b -> Stream.of(rule + "iifname " + b + " accept", rule + "oifname " + b + " accept"))
                .collect(Collectors.joining(" && "));
    }

    /** A plus at a name's end stands for anything; iptables(8). */
    private static String iptables(String program, String chain, String bridge) {
        return Stream.of(bridge, BridgeNames.further(bridge) + "+")
                .flatMap(b -> Stream.of("-i " + b, "-o " + b))
                .map(link -> program + " -I " + chain + " " + link + " -j ACCEPT")
                .collect(Collectors.joining(" && "));
    }
}
