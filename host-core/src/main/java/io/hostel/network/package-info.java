/**
 * Pools of what a host has only so much of: address blocks, addresses, published ports, tenants' numbers.
 *
 * <p>Start with {@link io.hostel.network.AddressPool}. Imported by tenant and host; imports the configuration and the
 * published language, nothing of the kernel. Every pool may be used by many threads: a call never waits for anything but
 * another's short call.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.network;
