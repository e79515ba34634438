package io.hostel.netlink.nft;

/** Which packets a table sees: include/uapi/linux/netfilter.h. */
public enum Family {
    INET(1),
    IP(2),
    ARP(3),
    NETDEV(5),
    BRIDGE(7),
    IP6(10);

    private final int number;

    Family(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** As nft(8) writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
