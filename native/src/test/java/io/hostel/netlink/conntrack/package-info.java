/** Messages byte by byte, as the kernel's headers lay them down. */
@org.jspecify.annotations.NullMarked
package io.hostel.netlink.conntrack;
