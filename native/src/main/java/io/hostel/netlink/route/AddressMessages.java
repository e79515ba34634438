package io.hostel.netlink.route;

import io.hostel.netlink.Attributes;
import io.hostel.netlink.Message;
import io.hostel.netlink.Payload;
import io.hostel.netlink.Request;
import java.net.Inet4Address;
import java.util.Optional;

/** Messages about IPv4 addresses of links: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR; include/uapi/linux/if_addr.h. */
public final class AddressMessages {
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;
    private static final int AF_INET = 2;
    private static final int HEADER = 8;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;

    private AddressMessages() {}

    /** @param prefix bits of the network that is on the link, 0..32 */
    public static Request add(int link, Inet4Address address, int prefix) {
        return new Request(
                RTM_NEWADDR,
                Request.CREATE | Request.REPLACE,
                body(link, address, prefix),
                "give " + address.getHostAddress() + "/" + prefix + " to link " + link);
    }

    /** EADDRNOTAVAIL where the link has no such address. */
    public static Request delete(int link, Inet4Address address, int prefix) {
        return new Request(
                RTM_DELADDR,
                0,
                body(link, address, prefix),
                "take " + address.getHostAddress() + "/" + prefix + " from link " + link);
    }

    /** For a dump of all IPv4 addresses. */
    public static Request all() {
        return new Request(RTM_GETADDR, 0, header(0, 0), "list the addresses");
    }

    /** An address in a dump. */
    public static Optional<Given> of(Message message) {
        Attributes attributes = message.attributes(HEADER);
        return attributes
                .bytes(IFA_LOCAL)
                .or(() -> attributes.bytes(IFA_ADDRESS))
                .filter(b -> b.length == 4)
                .map(b -> new Given(message.number(4), Ipv4.of(b), message.body()[1] & 0xff));
    }

    private static Payload body(int link, Inet4Address address, int prefix) {
        return header(link, prefix)
                .attribute(IFA_LOCAL, address.getAddress())
                .attribute(IFA_ADDRESS, address.getAddress());
    }

    /** struct ifaddrmsg. */
    private static Payload header(int link, int prefix) {
        return new Payload().u8(AF_INET).u8(prefix).u8(0).u8(0).u32(link);
    }

    /** @param link index of the link that has the address */
    public record Given(int link, Inet4Address address, int prefix) {}
}
