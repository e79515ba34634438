/**
 * jnetlink: netlink(7) in plain Java. Messages are built and read without I/O, and one class holds a socket.
 *
 * <p>Start with {@link io.hostel.netlink.Request}, which is a message to the kernel, and {@link io.hostel.netlink.NetlinkSocket},
 * which sends it and returns the answers. {@code .route} has the messages for links, addresses, routes and neighbours,
 * {@code .nft} those for nf_tables, {@code .conntrack} those for tracked connections. Depends on {@code io.hostel.sys} and on
 * nothing else of Hostel, so that it can be published by itself.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.netlink;
