/**
 * rtnetlink(7) messages: links and bridge ports, addresses, routes, neighbours and the bridge's forwarding entries. Nothing here
 * does I/O; a {@link io.hostel.netlink.NetlinkSocket} opened by {@code route()} carries them. Start with
 * {@link io.hostel.netlink.route.LinkMessages}. May be imported by {@code io.hostel.kernel.linux}.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.netlink.route;
