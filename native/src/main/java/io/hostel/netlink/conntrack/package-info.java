/**
 * Tracked connections: finding those of an address and ending them; include/uapi/linux/netfilter/nfnetlink_conntrack.h. Nothing
 * here does I/O; a {@link io.hostel.netlink.NetlinkSocket} opened by {@code netfilter()} carries the messages. Start with
 * {@link io.hostel.netlink.conntrack.Connection}. May be imported by {@code io.hostel.kernel.linux}.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.netlink.conntrack;
