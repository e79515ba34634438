package io.hostel.netlink.nft;

import io.hostel.netlink.Attributes;
import io.hostel.netlink.Message;
import java.util.Locale;
import java.util.Optional;

/**
 * A chain that packets enter at a hook, as a dump shows it.
 *
 * @param family number, see {@link Family}
 * @param drops whether what no rule decides is dropped
 */
public record BaseChain(int family, String table, String name, int hook, String type, boolean drops) {
    static final int ACCEPT = 1;

    /** Where packets enter: enum nf_inet_hooks and include/uapi/linux/netfilter_bridge.h. */
    public enum Hook {
        PREROUTING,
        INPUT,
        FORWARD,
        OUTPUT,
        POSTROUTING
    }

    public enum Type {
        FILTER,
        NAT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A chain in a dump; empty where it has no hook. */
    public static Optional<BaseChain> of(Message message) {
        Attributes chain = message.attributes(Table.HEADER);
        return chain.nested(4)
                .be32(1)
                .map(hook -> new BaseChain(
                        message.body()[0] & 0xff,
                        chain.string(1).orElse(""),
                        chain.string(3).orElse(""),
                        hook,
                        chain.string(7).orElse(""),
                        chain.be32(5).orElse(ACCEPT) != ACCEPT));
    }
}
