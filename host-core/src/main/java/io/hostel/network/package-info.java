/** Pools of addresses and ports, and the host's own network. */
@org.jspecify.annotations.NullMarked
package io.hostel.network;
