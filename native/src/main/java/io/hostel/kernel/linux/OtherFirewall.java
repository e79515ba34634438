package io.hostel.kernel.linux;

import io.hostel.netlink.Message;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.nft.BaseChain;
import io.hostel.netlink.nft.BaseChain.Hook;
import io.hostel.netlink.nft.Family;
import io.hostel.netlink.nft.Table;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A firewall of the machine's own whose policy drops what it does not know. A packet passes only where every chain accepts it, so
 * it beats our accept; it is never edited from here, only named.
 */
final class OtherFirewall {
    private OtherFirewall() {}

    static Optional<String> blocking(NetlinkSocket netfilter, String bridge) throws NetlinkException {
        for (Family family : List.of(Family.IP, Family.INET)) {
            List<Message> chains = netfilter.dump(Table.chains(family));
            Set<String> names = new HashSet<>();
            for (Message chain : chains) names.add(Table.nameOfChain(chain));
            for (Message message : chains) {
                Optional<BaseChain> chain = BaseChain.of(message)
                        .filter(c -> c.drops() && c.hook() == Hook.FORWARD.ordinal())
                        .filter(c -> c.type().equals("filter"));
                if (chain.isPresent()
                        && !speaksOf(netfilter, new Table(family, chain.get().table()), bridge)) {
                    return Optional.of(describe(family, chain.get(), names, bridge));
                }
            }
        }
        return Optional.empty();
    }

    /** A rule about our bridge is what mending it leaves behind. */
    private static boolean speaksOf(NetlinkSocket netfilter, Table table, String bridge) throws NetlinkException {
        for (Message rule : netfilter.dump(table.rules())) {
            if (new String(rule.body(), StandardCharsets.ISO_8859_1).contains(bridge + "\0")) return true;
        }
        return false;
    }

    private static String describe(Family family, BaseChain chain, Set<String> names, String bridge) {
        String who = "chain " + chain.name() + " of table " + family + " " + chain.table()
                + " drops what is forwarded unless a rule accepts it";
        return who + "; mend it by: " + mend(family, chain, names, bridge);
    }

    private static String mend(Family family, BaseChain chain, Set<String> names, String bridge) {
        if (names.contains("DOCKER-USER")) {
            return "iptables -I DOCKER-USER -i " + bridge + " -j ACCEPT && iptables -I DOCKER-USER -o " + bridge
                    + " -j ACCEPT";
        }
        if (names.contains("ufw-user-forward")) {
            return "ufw route allow in on " + bridge + " && ufw route allow out on " + bridge;
        }
        if (family == Family.IP
                && chain.table().equals("filter")
                && chain.name().equals("FORWARD")) {
            return "iptables -I FORWARD -i " + bridge + " -j ACCEPT && iptables -I FORWARD -o " + bridge + " -j ACCEPT";
        }
        String rule = "nft insert rule " + family + " " + chain.table() + " " + chain.name() + " ";
        return rule + "iifname " + bridge + " accept && " + rule + "oifname " + bridge + " accept";
    }
}
