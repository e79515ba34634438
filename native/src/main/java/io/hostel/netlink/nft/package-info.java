/**
 * nf_tables messages: tables, chains, rules, sets and their elements, and batches that take effect as a whole or not at all;
 * include/uapi/linux/netfilter/nf_tables.h. Nothing here but {@link io.hostel.netlink.nft.Batch#commit} does I/O.
 *
 * <p>Start with {@link io.hostel.netlink.nft.Table}; {@link io.hostel.netlink.nft.Rule} reads like what nft(8) prints. May be
 * imported by {@code io.hostel.kernel.linux}.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.netlink.nft;
